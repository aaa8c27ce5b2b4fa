package sandbox

import (
	"fmt"
	"path"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A script is what a new process does on its way to becoming the program: a
// list of system calls with all their operands at hand, because a process just
// forked off a Go program may not allocate, lock or call much else.
type script struct {
	calls []call
	keep  []any // what the operands point to
	fail  *failure
}

// A call is one system call.
type call struct {
	trap uintptr
	args [6]uintptr
	kind kind
	what string // its object, for the error
}

type kind uint8

const (
	required  kind = iota // an error ends the script
	optional              // an error is of no importance
	candidate             // exec: an error means to try the next one
	unmasked              // required; before it, signals are let in again
)

// failure is what a script that ends in an error sends to the supervisor.
type failure struct {
	index, errno uint32
}

func newScript() *script { return &script{fail: new(failure)} }

// do adds a system call; an error of it is reported as "what: errno".
func (s *script) do(what string, trap uintptr, args ...uintptr) { s.add(required, what, trap, args) }

// try adds a system call that may fail.
func (s *script) try(trap uintptr, args ...uintptr) { s.add(optional, "", trap, args) }

func (s *script) add(k kind, what string, trap uintptr, args []uintptr) {
	c := call{trap: trap, kind: k, what: what}
	copy(c.args[:], args)
	s.calls = append(s.calls, c)
}

// err is the error of a failed script.
func (s *script) err(f failure) error {
	what := "unknown step"
	if int(f.index) < len(s.calls) {
		what = s.calls[f.index].what
	}
	return fmt.Errorf("%s: %w", what, syscall.Errno(f.errno))
}

// pointer is p as an operand; what it points to stays where it is.
func pointer[T any](s *script, p *T) uintptr {
	s.keep = append(s.keep, p)
	return uintptr(unsafe.Pointer(p))
}

func (s *script) string(v string) uintptr {
	b := append([]byte(v), 0)
	return pointer(s, &b[0])
}

// strings is a list of strings as exec takes it.
func (s *script) strings(list []string) uintptr {
	out := make([]uintptr, 0, len(list)+1)
	for _, v := range list {
		out = append(out, s.string(v))
	}
	out = append(out, 0)
	return pointer(s, &out[0])
}

const (
	here  = ^uintptr(99) // AT_FDCWD
	death = uintptr(unix.SIGKILL)
)

// awaitMaps waits until the supervisor has written the id maps, and leaves
// its session. If the supervisor hangs up instead, the next step fails.
func (s *script) awaitMaps(control uintptr) {
	s.do("death signal", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, death)
	s.do("control socket", unix.SYS_READ, control, pointer(s, new([1]byte)), 1)
	s.do("session", unix.SYS_SETSID)
}

// defaults gives signals back their default actions where Bailey was started
// with them ignored, as nohup and shells in the background do: exec resets
// handlers only.
func (s *script) defaults() {
	var sigaction [4]uint64 // struct sigaction of the kernel; zero is SIG_DFL
	for _, sig := range []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGPIPE, unix.SIGCHLD} {
		s.do("signal actions", unix.SYS_RT_SIGACTION, uintptr(sig), pointer(s, &sigaction), 0, 8)
	}
}

// become takes on the user and group. The kernel forgets the death signal when
// the user changes.
func (s *script) become(uid, gid int, groups bool) {
	u, g := uintptr(uid), uintptr(gid)
	if groups {
		s.do("give up groups", unix.SYS_SETGROUPS, 0, 0)
	}
	s.do("become group", unix.SYS_SETRESGID, g, g, g)
	s.do("become user", unix.SYS_SETRESUID, u, u, u)
	s.do("death signal", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, death)
}

func (s *script) hostname(name string) {
	s.do("host name", unix.SYS_SETHOSTNAME, s.string(name), uintptr(len(name)))
}

// enterRoot makes the mount root the root. The host's root stays mounted on
// top of it, out of reach of paths, because the kernel grants a new /proc only
// to who can still see a whole one.
func (s *script) enterRoot(root uintptr) {
	s.do("root", unix.SYS_MOVE_MOUNT, root, s.string(""), here, s.string("/"), unix.MOVE_MOUNT_F_EMPTY_PATH)
	s.do("root", unix.SYS_FCHDIR, root)
	s.do("root: pivot", unix.SYS_PIVOT_ROOT, s.string("."), s.string("."))
	s.do("root", unix.SYS_CHDIR, s.string("/"))
}

// attach puts the detached mount where it belongs.
func (s *script) attach(mount uintptr, target string) {
	s.do("mount "+target, unix.SYS_MOVE_MOUNT, mount, s.string(""), here, s.string(target), unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// mkdirs makes target and the folders above it that lie below base.
func (s *script) mkdirs(base, target string) {
	if target != base && target != "/" {
		s.mkdirs(base, path.Dir(target))
		s.try(unix.SYS_MKDIRAT, here, s.string(target), 0o755)
	}
}

func (s *script) mount(source, target, kind string, flags uintptr, options string) {
	s.do("mount "+target, unix.SYS_MOUNT, s.string(source), s.string(target), s.string(kind), flags, s.string(options))
}

// proc mounts /proc of this process namespace; its settings are read-only.
func (s *script) proc() {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	s.mount("proc", "/proc", "proc", flags, "")
	s.mount("/proc/sys", "/proc/sys", "", unix.MS_BIND, "")
	s.mount("", "/proc/sys", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|flags, "")
}

// leaveHost unmounts the host's root with all that is under it. As the last
// part of a path, "/" is what is mounted on top.
func (s *script) leaveHost() {
	s.do("leave the host's root", unix.SYS_UMOUNT2, s.string("/"), unix.MNT_DETACH)
	s.do("root", unix.SYS_CHDIR, s.string("/"))
}

func (s *script) limit(resource uintptr, value int) {
	both := &unix.Rlimit{Cur: uint64(value), Max: uint64(value)}
	s.do("resource limit", unix.SYS_PRLIMIT64, 0, resource, pointer(s, both), 0)
}

// drop gives up every capability for good and asks, last, for death when the
// supervising thread dies. The byte it sends fails if that has happened.
func (s *script) drop(control uintptr) {
	s.do("no new privileges", unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	for c := range uintptr(64) { // the kernel knows fewer than that
		s.try(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, c)
	}
	s.do("drop capabilities", unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL)
	header := &unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	s.do("drop capabilities", unix.SYS_CAPSET, pointer(s, header), pointer(s, new([2]unix.CapUserData)))
	s.do("death signal", unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, death)
	s.do("control socket", unix.SYS_SENDTO, control, pointer(s, new([1]byte)), 1, unix.MSG_NOSIGNAL, 0, 0)
}

// stdio makes these the standard streams; all are above 2. No other descriptor
// outlives exec.
func (s *script) stdio(fds [3]uintptr) {
	for i, fd := range fds {
		s.do("standard stream", unix.SYS_DUP3, fd, uintptr(i), 0)
	}
	s.do("close descriptors", unix.SYS_CLOSE_RANGE, 3, uintptr(^uint32(0)), unix.CLOSE_RANGE_CLOEXEC)
}

// exec becomes the program.
func (s *script) exec(dir string, argv, env []string) {
	s.add(unmasked, "working directory "+dir, unix.SYS_CHDIR, []uintptr{s.string(dir)})
	args, environ := s.strings(argv), s.strings(env)
	for _, file := range candidates(argv[0], env) {
		s.add(candidate, "exec "+argv[0], unix.SYS_EXECVE, []uintptr{s.string(file), args, environ})
	}
}

// candidates are the files that argv0 may mean, as a shell would look it up.
func candidates(argv0 string, env []string) []string {
	if strings.Contains(argv0, "/") {
		return []string{argv0}
	}
	search := "/usr/local/bin:/usr/bin:/bin"
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			search = v
		}
	}
	var out []string
	for dir := range strings.SplitSeq(search, ":") {
		out = append(out, path.Join("/", dir, argv0))
	}
	return out
}
