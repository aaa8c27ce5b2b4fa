package sandbox

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a directory of files, by path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func content(t *testing.T, parts ...string) string {
	t.Helper()
	return strings.TrimSpace(string(hold(os.ReadFile(filepath.Join(parts...)))(t)))
}

func TestFindHierarchies(t *testing.T) {
	const v2Mount = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
	for _, tt := range []struct {
		name, mountinfo, self string
		v2                    hierarchy
		v1                    map[string]hierarchy
	}{
		{"version 2, in a session", v2Mount, "0::/user.slice/user-1000.slice/session-2.scope\n",
			hierarchy{"/sys/fs/cgroup", "/user.slice/user-1000.slice/session-2.scope"}, nil},
		{"version 1, two controllers together",
			"40 30 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 30 0:34 / /sys/fs/cgroup/pids rw shared:3 - cgroup cgroup rw,pids,misc\n",
			"5:memory:/a/b\n4:misc,pids:/\n0::/\n",
			hierarchy{}, map[string]hierarchy{"memory": {"/sys/fs/cgroup/memory", "/a/b"}, "pids": {"/sys/fs/cgroup/pids", "/"}}},
		{"in a container, the mount is not the whole",
			"40 30 0:33 /docker/77 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n", "5:memory:/docker/77/x\n",
			hierarchy{}, map[string]hierarchy{"memory": {"/sys/fs/cgroup/memory", "/x"}}},
		{"none", "22 1 0:20 / /proc rw - proc proc rw\n", "", hierarchy{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, map[string]string{"mountinfo": tt.mountinfo, "cgroup": tt.self})
			got := findHierarchies(filepath.Join(dir, "mountinfo"), filepath.Join(dir, "cgroup"))
			if got.v2 != tt.v2 || !maps.Equal(got.v1, tt.v1) {
				t.Errorf("got %+v\nwant %+v %+v", got, tt.v2, tt.v1)
			}
		})
	}
}

func TestLineage(t *testing.T) {
	got := hierarchy{"/sys/fs/cgroup", "/user.slice/a.scope"}.lineage()
	want := "[/sys/fs/cgroup /sys/fs/cgroup/user.slice /sys/fs/cgroup/user.slice/a.scope]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if got := (hierarchy{}).lineage(); got != nil {
		t.Errorf("not mounted: %v", got)
	}
}

// The control files of version 2, on plain files: which are written and read.
func TestVersion2Files(t *testing.T) {
	dir := folder(t, map[string]string{
		"memory.max": "max", "memory.swap.max": "max", "pids.max": "max", "memory.peak": "12345\n",
		"memory.events": "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n",
		"cgroup.procs":  "17\n4\n",
	})
	g := &cgroup{parent: &cgroupParent{limits: Limits{PIDs: true}}, v2: dir}
	if err := g.limit(128, 1024); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"memory.max": "134217728", "pids.max": "1024"} {
		if got := content(t, dir, file); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
	if got := content(t, dir, "memory.swap.max"); !strings.HasPrefix(got, "0") {
		t.Errorf("memory.swap.max is %q, want 0", got)
	}
	if g.peak() != 12345 || g.oomKills() != 1 || fmt.Sprint(g.procs()) != "[17 4]" {
		t.Errorf("peak %d, oom kills %d, processes %v", g.peak(), g.oomKills(), g.procs())
	}
}

func TestVersion2Refusals(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no memory controller": {map[string]string{"cgroup.controllers": "cpu pids", "cgroup.procs": ""}, "has no memory controller"},
		"nothing handed down":  {map[string]string{"cgroup.controllers": "memory", "cgroup.procs": ""}, "subtree_control: no such file"},
		"not ours":             {map[string]string{"cgroup.controllers": "memory"}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, tt.files)
			p := makeParent(hierarchies{v2: hierarchy{mount: dir}})
			if p.limits.Memory || p.limits.Via != "none" || !strings.Contains(p.limits.Why, tt.want) {
				t.Errorf("got %+v, want %q", p.limits, tt.want)
			}
			if left := hold(filepath.Glob(filepath.Join(dir, groupPrefix+"*")))(t); len(left) > 0 {
				t.Errorf("left %v", left)
			}
			if g, err := p.add(64, 8); g != nil || err != nil {
				t.Errorf("add: %v, %v", g, err)
			}
		})
	}
}

// A real version 2 group, with whatever controllers it has: the program is in
// it from the start.
func TestForkIntoVersion2(t *testing.T) {
	w := newWorld(t)
	found := findHierarchies("/proc/self/mountinfo", "/proc/self/cgroup").v2
	if found.mount == "" {
		t.Skip("no cgroup v2 file system is mounted")
	}
	dir := filepath.Join(found.mount, fmt.Sprintf("%s%d", groupPrefix, os.Getpid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Skip(err)
	}
	own := w.h.cgroup
	w.h.cgroup = &cgroupParent{v2: dir}
	t.Cleanup(func() { own.close() })
	got, state := w.run(Config{}, "cat; grep ^0:: /proc/self/cgroup")
	if want := "0::/" + filepath.Base(dir) + "/1"; got != want || state.ExitCode != 0 {
		t.Errorf("got %q, %v; want %q", got, state, want)
	}
	p := w.start(Config{}, "sleep", "1000")
	if got, want := fmt.Sprint(p.cgroup.procs()), fmt.Sprint([]int{p.PID()}); got != want {
		t.Errorf("processes %s, want %s", got, want)
	}
}

// Sweep removes the groups of the dead, with what runs in them, and leaves
// those of the living.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	if !w.h.Limits().Memory {
		t.Skip(w.h.Limits())
	}
	above := filepath.Dir(w.h.cgroup.dirs()[0])
	left := filepath.Join(above, fmt.Sprintf("%s%d", groupPrefix, deadPID(t)))
	if err := os.MkdirAll(filepath.Join(left, "1"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(left, "1", "cgroup.procs"), fmt.Sprint(cmd.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	swept := make(chan error)
	go func() { swept <- sweepIn(above) }()
	cmd.Wait() // killed, or the test hangs
	if err := <-swept; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Errorf("%s is still there", left)
	}
	if _, err := os.Stat(w.h.cgroup.dirs()[0]); err != nil {
		t.Errorf("the living one's: %v", err)
	}
}

// deadPID is the id of a process that has ended.
func deadPID(t *testing.T) int {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}
