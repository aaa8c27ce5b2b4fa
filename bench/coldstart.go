//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// openColdStart holds Invoke without an environment against the cheapest way
// to the first byte of the same program in namespaces of its own: nothing
// mounted, limited, dropped or asked.
func openColdStart(b *bench) (pair, error) {
	f, err := b.openFunction()
	if err != nil {
		return pair{}, err
	}
	program, err := b.function()
	if err != nil {
		return pair{}, err
	}
	cold := func() (time.Duration, error) {
		if err := f.chill(); err != nil {
			return 0, err
		}
		return timed(f.invoke)()
	}
	return pair{
		ours: func() (float64, error) { return p50(b.coldStarts, cold) },
		peer: func() (float64, error) {
			return p50(b.coldStarts, func() (time.Duration, error) { return firstByte(program) })
		},
	}, nil
}

// firstByte is how long a program in new namespaces of every kind takes to say
// its first byte.
func firstByte(program string) (time.Duration, error) {
	cmd := exec.Command(program)
	cmd.Env = []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getgid(), Size: 1}},
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	took, err := timed(func() error {
		if err := cmd.Start(); err != nil {
			return err
		}
		_, err := out.Read(make([]byte, 1))
		return err
	})()
	return took, errors.Join(err, in.Close(), cmd.Wait())
}
