package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Process is a program in a sandbox, the first process of its own process
// namespace: when it ends, the kernel ends all that it started.
type Process struct {
	host   *Host
	ns     *Namespace
	config Config
	pid    int
	cgroup *cgroup
	copies sync.WaitGroup // of standard output and error

	mu     sync.Mutex
	reaped bool // pid may by now be another process
	killed bool
	state  State
	done   chan struct{}
}

// Start runs a program in a sandbox of its own, with ns as its network, and
// returns once the program itself runs. An error wraps the errno where the
// kernel gave one: syscall.ENOENT for a program that is not there.
func (h *Host) Start(ns *Namespace, c Config) (*Process, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	l, err := newLayout(h, c)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %s: %w", c.Argv[0], err)
	}
	defer l.close()
	p := &Process{host: h, ns: ns, config: c, done: make(chan struct{})}
	if err := p.start(l); err != nil {
		return nil, fmt.Errorf("sandbox: %s: %w", c.Argv[0], err)
	}
	return p, nil
}

// Exec runs another program beside p: same network, mounts, files and user,
// but processes, /tmp and limits of its own. p may be frozen or have ended.
// With Env nil it has p's.
func (p *Process) Exec(argv, env []string, stdin *os.File, stdout, stderr io.Writer) (*Process, error) {
	c := p.config
	c.Argv, c.Stdin, c.Stdout, c.Stderr = argv, stdin, stdout, stderr
	if env != nil {
		c.Env = env
	}
	return p.host.Start(p.ns, c)
}

// start forks, and waits until the new process has become the program.
func (p *Process) start(l *layout) error {
	c, err := newControl()
	if err != nil {
		return err
	}
	defer c.close()
	if p.cgroup, err = p.host.cgroup.add(p.config.MemoryMB, p.config.MaxPIDs); err != nil {
		return err
	}
	std, err := p.openStdio()
	var s *script
	if err == nil {
		s = p.script(l, std, c)
		err = p.spawn(s, c)
	}
	std.close()
	if err != nil {
		p.copies.Wait()
		return errors.Join(err, p.cgroup.remove())
	}
	err = mapIDs(p.pid, ids{p.config.UID, p.config.GID}, p.host.ids, p.host.groups)
	if err == nil {
		err = c.follow(s)
	}
	if err != nil {
		p.Kill()
		p.Wait()
	}
	return err
}

// script is all that the new process does.
func (p *Process) script(l *layout, std stdio, ctl *control) *script {
	c, fd := p.config, ctl.theirs.Fd()
	s := newScript()
	s.awaitMaps(fd)
	s.become(c.UID, c.GID, p.host.groups)
	s.hostname(c.Hostname)
	l.script(s)
	s.limit(unix.RLIMIT_CORE, 0)
	s.limit(unix.RLIMIT_NOFILE, c.MaxFiles)
	if c.MaxPIDs > 0 && !p.host.Limits().PIDs {
		s.limit(unix.RLIMIT_NPROC, c.MaxPIDs)
	}
	s.drop(fd)
	s.stdio(std.fds())
	s.defaults()
	s.exec(c.Dir, c.Argv, c.Env)
	return s
}

// spawn starts the thread that forks the program and is its parent until it
// ends: were the thread to end, so would the program.
func (p *Process) spawn(s *script, c *control) error {
	forked := make(chan error)
	spendThread(func() {
		err := p.fork(s, c)
		forked <- err
		if err == nil {
			p.reap()
		}
	})
	return <-forked
}

// fork forks in the namespace and in the cgroup.
func (p *Process) fork(s *script, c *control) error {
	if err := p.ns.enter(); err != nil {
		return err
	}
	attr := &cloneArgs{flags: isolated}
	leave, err := p.cgroup.enter(attr)
	if err != nil {
		return err
	}
	p.pid, err = fork(attr, s, c.theirs.Fd())
	left := leave()
	if err != nil {
		return errors.Join(err, left)
	}
	if left == nil && !p.host.track(p) {
		left = os.ErrClosed
	}
	if left != nil {
		end(p.pid)
	}
	return left
}

// reap waits for the program's end and notes how it came.
func (p *Process) reap() {
	// First wait without reaping: until then the process id is the program's,
	// and a signal sent to it cannot hit another.
	for unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	p.mu.Lock()
	var status unix.WaitStatus
	var usage unix.Rusage
	for {
		if _, err := unix.Wait4(p.pid, &status, 0, &usage); err != unix.EINTR {
			break
		}
	}
	p.reaped = true
	p.state = p.ended(status, usage)
	p.mu.Unlock()
	p.copies.Wait()
	p.cgroup.remove() // what cannot be removed now, Close reports
	p.host.untrack(p)
	close(p.done)
}

func (p *Process) ended(status unix.WaitStatus, usage unix.Rusage) State {
	s := State{
		ExitCode: status.ExitStatus(),
		CPU:      time.Duration(usage.Utime.Nano() + usage.Stime.Nano()),
	}
	if status.Signaled() {
		s.Signal = status.Signal()
	}
	s.OOMKilled = s.Signal == unix.SIGKILL && !p.killed && p.cgroup.oomKills() > 0
	if s.MemoryPeak = p.cgroup.peak(); s.MemoryPeak == 0 {
		s.MemoryPeak = uint64(usage.Maxrss) << 10
	}
	return s
}

// PID is the program's process id as Bailey sees it.
func (p *Process) PID() int { return p.pid }

// Done is closed when the program has ended and its output has been written.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the program's end, and for the last of its output.
func (p *Process) Wait() State {
	<-p.done
	return p.state
}

// Kill ends the program and all it started, frozen or not. It does not wait.
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return os.ErrProcessDone
	}
	p.killed = true
	return unix.Kill(p.pid, unix.SIGKILL)
}

// Freeze stops the program and all it started; where no cgroup is to be had,
// all but those that left its process group. Time goes on for them as on AWS:
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
func (p *Process) Freeze() error { return p.signalAll(unix.SIGSTOP) }

// Thaw ends a Freeze.
func (p *Process) Thaw() error { return p.signalAll(unix.SIGCONT) }

func (p *Process) signalAll(s unix.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return os.ErrProcessDone
	}
	err := unix.Kill(-p.pid, s)
	for _, pid := range p.cgroup.procs() {
		if pid != p.pid {
			unix.Kill(pid, s) // one that has just ended needs no signal
		}
	}
	return err
}

// Signal sends s to the program alone. Process 1 of a namespace only gets the
// signals that it handles, SIGKILL and SIGSTOP.
func (p *Process) Signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return os.ErrProcessDone
	}
	return unix.Kill(p.pid, s)
}

// MemoryPeak is the most memory, in bytes, that the sandbox has held so far;
// without a cgroup, that the program itself has.
func (p *Process) MemoryPeak() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return p.state.MemoryPeak
	}
	if peak := p.cgroup.peak(); peak > 0 {
		return peak
	}
	return residentPeak(p.pid)
}

// track notes a running program for Close, unless that has begun.
func (h *Host) track(p *Process) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.running[p] = struct{}{}
	}
	return !h.closed
}

func (h *Host) untrack(p *Process) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.running, p)
}
