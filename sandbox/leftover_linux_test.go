package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// seen is what a Bailey has made, to be looked for after its end.
type seen struct {
	Bailey     int
	PIDs       []int
	Namespaces []string // net:[4026532000]
	Groups     []string
}

// look notes a program's processes and namespaces.
func (s *seen) look(p *Process) error {
	s.PIDs = append(append(s.PIDs, p.PID()), p.cgroup.procs()...)
	for _, kind := range []string{"net", "mnt", "pid", "ipc", "uts", "user"} {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", p.PID(), kind))
		if err != nil {
			return err
		}
		s.Namespaces = append(s.Namespaces, link)
	}
	return nil
}

// threePrograms starts one that runs, one with children, and one that is
// frozen, and notes them.
func threePrograms(h *Host, ns *Namespace) (*seen, []*Process, error) {
	s := &seen{Bailey: os.Getpid(), Groups: h.cgroup.dirs()}
	var all []*Process
	for i, script := range []string{"echo; sleep 1000", "setsid sleep 1000 & sleep 1000 & echo; wait", "echo; sleep 1000"} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, nil, err
		}
		p, err := h.Start(ns, Config{Argv: []string{"sh", "-c", script}, Stdout: w, MemoryMB: 64, Mounts: []Mount{Tmpfs("/tmp", 1)}})
		if err != nil {
			return nil, nil, err
		}
		r.Read(make([]byte, 1))
		r.Close()
		w.Close()
		if i == 2 {
			if err := p.Freeze(); err != nil {
				return nil, nil, err
			}
		}
		if err := s.look(p); err != nil {
			return nil, nil, err
		}
		all = append(all, p)
	}
	return s, all, nil
}

// playBailey is a Bailey with three programs, which it describes in a line of
// JSON, and which then waits to be killed.
func playBailey() {
	h, err := New()
	if err != nil {
		panic(err)
	}
	ns, err := NewNamespace()
	if err != nil {
		panic(err)
	}
	s, _, err := threePrograms(h, ns)
	if err != nil {
		panic(err)
	}
	json.NewEncoder(os.Stdout).Encode(s)
	select {}
}

// check finds whatever is left of it.
func (s *seen) check(t *testing.T) {
	t.Helper()
	links := hold(filepath.Glob("/proc/[0-9]*/ns/*"))(t)
	links = append(links, hold(filepath.Glob("/proc/[0-9]*/fd/*"))(t)...)
	for _, link := range links {
		// An orphan that its new parent has not yet buried still has links.
		var pid int
		fmt.Sscanf(link, "/proc/%d/", &pid)
		if target, err := os.Readlink(link); err == nil && slices.Contains(s.Namespaces, target) && processState(pid) != "Z" {
			t.Errorf("%s still holds %s", link, target)
		}
	}
	for _, pid := range s.PIDs {
		if state := processState(pid); state != "" && state != "Z" {
			t.Errorf("process %d is still there: %s", pid, state)
		}
	}
	for _, dir := range s.Groups {
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("cgroup %s is still there", dir)
		}
	}
}

func processState(pid int) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if _, rest, ok := strings.Cut(string(b), ") "); ok {
		return rest[:1]
	}
	return ""
}

func TestNothingIsLeft(t *testing.T) {
	w := newWorld(t)
	mounts := string(hold(os.ReadFile("/proc/self/mountinfo"))(t))
	s, all, err := threePrograms(w.h, w.ns)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		p.Kill()
		p.Wait()
	}
	w.ns.Close()
	if err := w.h.Close(); err != nil {
		t.Error(err)
	}
	s.check(t)
	if now := string(hold(os.ReadFile("/proc/self/mountinfo"))(t)); now != mounts {
		t.Errorf("mounts were\n%s\nand are\n%s", mounts, now)
	}
}

func TestNothingIsLeftByKill9(t *testing.T) {
	newHost(t)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), role+"=bailey")
	cmd.Stderr = os.Stderr
	out := hold(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var s seen
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&s); err != nil {
		t.Fatal(err)
	}
	var handles []int
	for _, pid := range s.PIDs {
		handles = append(handles, hold(unix.PidfdOpen(pid, 0))(t))
	}
	cmd.Process.Kill()
	cmd.Wait()
	for _, fd := range handles {
		gone(t, fd)
	}
	if err := Sweep(); err != nil {
		t.Error(err)
	}
	s.check(t)
}

// gone waits for the end of a process that need not be a child.
func gone(t *testing.T, pidfd int) {
	t.Helper()
	defer unix.Close(pidfd)
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, -1)
		if err == nil {
			return
		}
		if err != unix.EINTR {
			t.Fatal(err)
		}
	}
}
