package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The hooks that package syscall brackets its own fork with. The runtime keeps
// them for programs that must do more between fork and exec than
// syscall.SysProcAttr can say: https://go.dev/issue/67401. To exec Bailey
// itself as an intermediate stage would need none of this, but starts a Go
// runtime twice for each cold start.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()

// cloneArgs is struct clone_args of clone3(2).
type cloneArgs struct {
	flags, pidFD, childTID, parentTID, exitSignal, stack, stackSize, tls, setTID, setTIDSize, cgroup uint64
}

// fork makes a process that runs the script, and returns its id. It is the
// child of this thread, and gets its death signal when this thread ends.
func fork(attr *cloneArgs, s *script, control uintptr) (int, error) {
	attr.exitSignal = uint64(unix.SIGCHLD)
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	pid, errno := forkAndRun(attr, s.calls, s.fail, control)
	runtime.KeepAlive(s)
	if errno != 0 {
		return 0, fmt.Errorf("new namespaces: %w", errno)
	}
	return int(pid), nil
}

// forkAndRun forks, and in the child makes the calls. Nothing in the child may
// allocate, grow the stack or be preempted, so it calls assembly and runtime
// hooks only: built with -race and -cover at once, the counters call the race
// detector too, and a child may hang there. The memory is the child's own copy.
//
//go:noinline
//go:norace
//go:nocheckptr
func forkAndRun(attr *cloneArgs, calls []call, fail *failure, control uintptr) (pid uintptr, errno syscall.Errno) {
	var c *call
	var last syscall.Errno
	beforeFork()
	pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE3, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr), 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		afterFork()
		return pid, errno
	}
	for i := range calls {
		c = &calls[i]
		if c.kind == unmasked {
			afterForkInChild()
		}
		_, _, errno = syscall.RawSyscall6(c.trap, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], c.args[5])
		if errno == 0 || c.kind == optional {
			continue
		}
		fail.index = uint32(i)
		// Of several files tried, the one that is there tells more.
		if last == 0 || last == syscall.ENOENT {
			last = errno
		}
		if c.kind != candidate {
			break
		}
	}
	if last != 0 {
		fail.errno = uint32(last)
		syscall.RawSyscall6(unix.SYS_WRITE, control, uintptr(unsafe.Pointer(fail)), unsafe.Sizeof(*fail), 0, 0, 0)
	}
	for {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, 127, 0, 0, 0, 0, 0)
	}
}

// ids are a user and a group.
type ids struct{ uid, gid int }

// mapIDs has out, ids of Bailey's user namespace, appear as in in the
// process's. groups says whether setgroups may be called in there.
func mapIDs(pid int, in, out ids, groups bool) error {
	setgroups := "deny"
	if groups {
		setgroups = "allow"
	}
	for _, f := range []struct{ name, value string }{
		{"setgroups", setgroups},
		{"uid_map", fmt.Sprintf("%d %d 1", in.uid, out.uid)},
		{"gid_map", fmt.Sprintf("%d %d 1", in.gid, out.gid)},
	} {
		if err := write(fmt.Sprintf("/proc/%d/%s", pid, f.name), f.value); err != nil {
			return fmt.Errorf("map ids: %w", err)
		}
	}
	return nil
}

// A control is the socket between the supervisor and a script. It carries one
// byte there once the ids are mapped, one byte back when all rights are gone,
// and a failure if there is one. exec closes it.
type control struct {
	ours   *os.File
	theirs *os.File
}

func newControl() (*control, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	// Ours must not block a thread; the runtime polls it.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, errors.Join(err, unix.Close(fds[0]), unix.Close(fds[1]))
	}
	return &control{os.NewFile(uintptr(fds[0]), "control"), os.NewFile(uintptr(fds[1]), "control")}, nil
}

func (c *control) close() {
	c.ours.Close()
	c.theirs.Close()
}

// follow lets the script go on, its ids being mapped, until its end.
func (c *control) follow(s *script) error {
	c.theirs.Close()
	_, sent := c.ours.Write([]byte{0})
	reply, err := io.ReadAll(c.ours)
	switch size := int(unsafe.Sizeof(failure{})); {
	case len(reply) >= size:
		return s.err(*(*failure)(unsafe.Pointer(&reply[len(reply)-size])))
	case len(reply) == 0:
		return errors.Join(errors.New("the process ended before it became the program"), sent, err)
	}
	return nil
}
