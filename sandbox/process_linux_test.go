package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestState(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name, script, want string
	}{
		{"success", "exit 0", "exit status 0"},
		{"failure", "exit 3", "exit status 3"},
		// What the first process leaves running ends with it.
		{"children left", "sleep 1000 & exit 4", "exit status 4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, state := w.run(Config{}, tt.script)
			if state.String() != tt.want || state.OOMKilled {
				t.Errorf("got %+v, want %s", state, tt.want)
			}
			if state.MemoryPeak == 0 {
				t.Error("no memory peak")
			}
		})
	}
}

func TestKill(t *testing.T) {
	w := newWorld(t)
	for _, frozen := range []bool{false, true} {
		t.Run(fmt.Sprintf("frozen %v", frozen), func(t *testing.T) {
			p := w.start(Config{MemoryMB: 64}, "sleep", "1000")
			if frozen {
				if err := p.Freeze(); err != nil {
					t.Fatal(err)
				}
			}
			if p.MemoryPeak() == 0 {
				t.Error("no memory peak while it runs")
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
			got := p.Wait()
			if got.Signal != syscall.SIGKILL || got.ExitCode != -1 || got.OOMKilled {
				t.Errorf("got %+v, want SIGKILL", got)
			}
			for name, f := range map[string]func() error{"kill": p.Kill, "freeze": p.Freeze, "thaw": p.Thaw} {
				if err := f(); !errors.Is(err, os.ErrProcessDone) {
					t.Errorf("%s afterwards: %v", name, err)
				}
			}
		})
	}
}

// A frozen sandbox does nothing, its children neither, and goes on where it
// was.
func TestFreeze(t *testing.T) {
	w := newWorld(t)
	script := "sleep 1000 & while read line; do echo got $line; done"
	if w.h.Limits().Memory {
		// One that has left the process group is found through the cgroup.
		script = "setsid sleep 1000 & " + script
	}
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := w.start(Config{Stdin: inR, Stdout: outW}, "sh", "-c", script)
	echo := func() string {
		fmt.Fprintln(inW, "x")
		b := make([]byte, 6)
		io.ReadFull(outR, b)
		return string(b)
	}
	if got := echo(); got != "got x\n" {
		t.Fatalf("before: %q", got)
	}
	all := append(p.cgroup.procs(), p.PID())
	if err := p.Freeze(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range all {
		await(t, pid, "T")
	}
	if err := p.Thaw(); err != nil {
		t.Fatal(err)
	}
	if got := echo(); got != "got x\n" {
		t.Errorf("after: %q", got)
	}
	p.Kill()
	p.Wait()
}

// await spins until the process is in this state of proc(5), or gone for "".
func await(t *testing.T, pid int, state string) {
	t.Helper()
	for {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil && state == "" {
			return
		}
		if err != nil {
			t.Fatalf("process %d: %v", pid, err)
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if strings.HasPrefix(rest, state) && state != "" {
			return
		}
		runtime.Gosched()
	}
}

func TestMemoryLimit(t *testing.T) {
	w := newWorld(t)
	limits := w.h.Limits()
	if !limits.Memory {
		if limits.Why == "" || !strings.Contains(limits.String(), "not enforced: ") {
			t.Errorf("no reason why memory is not limited: %+v", limits)
		}
		return
	}
	// tail keeps a line until it ends, and this one does not.
	state := w.start(Config{MemoryMB: 32}, "tail", "/dev/zero").Wait()
	if !state.OOMKilled || state.Signal != syscall.SIGKILL {
		t.Errorf("got %+v, want out of memory", state)
	}
	if peak := state.MemoryPeak >> 20; peak < 16 || peak > 32 {
		t.Errorf("memory peak %d MB, want the limit's 32", peak)
	}
}

// A fork bomb stops at the limit, by cgroup or, without one, by resource limit.
func TestProcessLimit(t *testing.T) {
	for _, cgroups := range []bool{true, false} {
		t.Run(fmt.Sprintf("cgroups %v", cgroups), func(t *testing.T) {
			w := newWorld(t)
			if !cgroups {
				own := w.h.cgroup
				w.h.cgroup = &cgroupParent{}
				t.Cleanup(func() { own.close() })
			}
			const many = `i=0; while [ $i -lt 40 ]; do sleep 1000 & i=$((i+1)); echo $i; done`
			got, state := w.run(Config{MaxPIDs: 12}, many)
			if n := strings.Count(got, "\n"); state.ExitCode == 0 || n > 13 {
				t.Errorf("%d processes came to be, %v:\n%s", n, state, got)
			}
			if _, state := w.run(Config{MaxPIDs: 60}, many); state.ExitCode != 0 {
				t.Errorf("40 processes were too many for a limit of 60: %v", state)
			}
		})
	}
}

func TestExec(t *testing.T) {
	w := newWorld(t)
	const where = "readlink /proc/self/ns/net; readlink /proc/self/ns/pid; cat /etc/resolv.conf /var/task/code"
	c := Config{
		Mounts: []Mount{ReadOnly(private(t), "/var/task")},
		Files:  map[string][]byte{"/etc/resolv.conf": []byte("nameserver 10.0.0.2\n")},
	}
	first, _ := w.run(c, where)
	p := w.start(c, "sleep", "1000")
	p.Freeze()
	var out bytes.Buffer
	other := hold(p.Exec([]string{"sh", "-c", where}, nil, nil, &out, &out))(t)
	if state := other.Wait(); state.ExitCode != 0 {
		t.Errorf("%v: %s", state, &out)
	}
	a, b := strings.Split(first, "\n"), strings.Split(out.String(), "\n")
	if a[0] != b[0] || a[1] == b[1] || a[2] != b[2] || a[3] != b[3] {
		t.Errorf("beside %q\nruns   %q", a, b)
	}
}

// A writer that fails neither blocks the program nor fails it.
type full struct{ _ []int } // not comparable, too

func (full) Write([]byte) (int, error) { return 0, unix.ENOSPC }

func TestOutput(t *testing.T) {
	w := newWorld(t)
	p := w.start(Config{Stdout: full{}, Stderr: full{}}, "head", "-c", "1000000", "/dev/zero")
	if state := p.Wait(); state.ExitCode != 0 {
		t.Errorf("with a writer that fails: %v", state)
	}
	p = w.start(Config{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}, "true")
	if state := p.Wait(); state.ExitCode != 0 {
		t.Errorf("with our own streams: %v", state)
	}
	select {
	case <-p.Done():
	default:
		t.Error("not done after Wait")
	}
}

func TestClosedHost(t *testing.T) {
	w := newWorld(t)
	p := w.start(Config{}, "sleep", "1000")
	if err := w.h.Close(); err != nil {
		t.Fatal(err)
	}
	if state := p.Wait(); state.Signal != syscall.SIGKILL {
		t.Errorf("Close left it: %v", state)
	}
	if _, err := w.h.Start(w.ns, Config{Argv: []string{"true"}}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Start afterwards: %v", err)
	}
}

func TestSignal(t *testing.T) {
	w := newWorld(t)
	outR, outW := pipe(t)
	p := w.start(Config{Stdout: outW}, "sh", "-c", "trap 'exit 5' TERM; echo; while :; do sleep 0.01; done")
	firstByte(t, outR)
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if state := p.Wait(); state.ExitCode != 5 {
		t.Errorf("got %v, want exit status 5", state)
	}
}
