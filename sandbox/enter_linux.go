package sandbox

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// entered marks the environment of the process that Enter starts.
const entered = "BAILEY_USER_NAMESPACE"

// Enter makes an ordinary user root, in a user namespace of its own and with
// the host's network. It runs this very binary again in there, with the same
// arguments, streams and signals, and exits as that does: so it returns only
// in a process that is root, real or in such a namespace, or with an error.
// Call it before anything else that has an effect.
func Enter() error {
	if os.Geteuid() == 0 {
		return nil
	}
	if os.Getenv(entered) != "" {
		return fmt.Errorf("sandbox: user %d is still not root in a user namespace", os.Geteuid())
	}
	// The death signal is tied to the thread that forks.
	runtime.LockOSThread()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, forwarded...)
	child, err := enter()
	if err != nil {
		return because(fmt.Errorf("new user namespace: %w", err))
	}
	go forward(signals, child)
	state, err := child.Wait()
	if err != nil {
		return fmt.Errorf("sandbox: wait: %w", err)
	}
	os.Exit(exitCode(state.Sys().(syscall.WaitStatus)))
	return nil
}

func enter() (*os.Process, error) {
	return os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{
		Env:   append(os.Environ(), entered+"=1"),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Sys: &syscall.SysProcAttr{
			// A mount namespace, because a user namespace has rights only over
			// mounts of its own.
			Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
			Pdeathsig:   syscall.SIGKILL,
		},
	})
}

// exitCode is what a shell would say: a signal is 128 and its number.
func exitCode(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// forwarded are the signals that someone may send to Bailey. Those of job
// control keep their meaning: they stop and continue both processes.
var forwarded = []os.Signal{
	syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
}

func forward(signals <-chan os.Signal, child *os.Process) {
	for s := range signals {
		if !fromTerminal(s) {
			child.Signal(s)
		}
	}
}

// fromTerminal reports whether the child has had s already: what is typed at a
// terminal goes to every process in its foreground, and two interrupts mean
// more than one.
func fromTerminal(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	foreground, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && foreground == unix.Getpgrp()
}
