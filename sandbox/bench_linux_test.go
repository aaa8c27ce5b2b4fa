package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Both start the same static Go program and wait for its first byte; the
// floor by fork and exec into new namespaces of every kind, with nothing
// mounted, limited or dropped. What counts is the ratio, in one run:
//
//	go test -run - -bench 'Floor|ColdStart' -count 5 ./sandbox
func BenchmarkFloor(b *testing.B) {
	program := answer(b)
	const all = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
		syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS | syscall.CLONE_NEWNET
	for b.Loop() {
		cmd := exec.Command(program)
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  all,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getgid(), Size: 1}},
		}
		in, out := hold(cmd.StdinPipe())(b), hold(cmd.StdoutPipe())(b)
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		firstByte(b, out)
		b.StopTimer()
		in.Close()
		cmd.Wait()
		b.StartTimer()
	}
}

func BenchmarkColdStart(b *testing.B) {
	program := answer(b)
	h := newHost(b)
	for b.Loop() {
		ns := hold(NewNamespace())(b)
		benchStart(b, h, ns, program)
	}
}

// BenchmarkColdStartWarmNetwork has the network namespace made beforehand, as
// a pool would.
func BenchmarkColdStartWarmNetwork(b *testing.B) {
	program := answer(b)
	h := newHost(b)
	for b.Loop() {
		b.StopTimer()
		ns := hold(NewNamespace())(b)
		b.StartTimer()
		benchStart(b, h, ns, program)
	}
}

func BenchmarkNewNamespace(b *testing.B) {
	for b.Loop() {
		hold(NewNamespace())(b).Close()
	}
}

func BenchmarkFreezeThaw(b *testing.B) {
	h, ns := newHost(b), newNamespace(b)
	p := hold(h.Start(ns, Config{Argv: []string{"sleep", "1000"}}))(b)
	for b.Loop() {
		if p.Freeze() != nil || p.Thaw() != nil {
			b.Fatal("freeze or thaw failed")
		}
	}
}

func benchStart(b *testing.B, h *Host, ns *Namespace, program string) {
	inR, inW := pipe(b)
	outR, outW := pipe(b)
	p := hold(h.Start(ns, Config{
		Argv: []string{"/var/task/answer"}, Stdin: inR, Stdout: outW, MemoryMB: 128, MaxPIDs: 1024,
		Mounts: []Mount{ReadOnly(filepath.Dir(program), "/var/task"), Tmpfs("/tmp", 512)},
	}))(b)
	firstByte(b, outR)
	b.StopTimer()
	for _, f := range []*os.File{inR, inW, outR, outW} {
		f.Close()
	}
	ns.Close()
	p.Wait()
	b.StartTimer()
}

// answer builds testdata/answer without C, as functions for AWS are built.
func answer(tb testing.TB) string {
	program := filepath.Join(tb.TempDir(), "answer")
	cmd := exec.Command("go", "build", "-o", program, "./testdata/answer")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

func firstByte(tb testing.TB, r interface{ Read([]byte) (int, error) }) {
	if _, err := r.Read(make([]byte, 1)); err != nil {
		tb.Fatal(err)
	}
}

func pipe(tb testing.TB) (r, w *os.File) {
	r, w, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	return r, w
}
