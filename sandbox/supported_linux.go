package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Supported says in one line why networks cannot be enforced on this machine
// and what to do about it, or nil. It tries: it makes namespaces and lets them
// go.
func Supported() error {
	if err := tunUsable("/dev/net/tun"); err != nil {
		return err
	}
	return namespacesUsable()
}

// tunUsable reports whether network devices can be made through file.
func tunUsable(file string) error {
	fd, err := unix.Open(file, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		return unix.Close(fd)
	}
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("sandbox: %s may not be opened by this user: run as root, or allow it once with: sudo chmod 0666 %s", file, file)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("sandbox: there is no %s: load it with: sudo modprobe tun; in a container, start it with: --device %s", file, file)
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fmt.Errorf("sandbox: the kernel has no TUN devices (%s: %w): sudo modprobe tun", file, err)
	}
	return fmt.Errorf("sandbox: %s: %w", file, err)
}

// namespacesUsable makes namespaces of each kind; an ordinary user's network
// namespace can only be made together with a user namespace.
func namespacesUsable() error {
	if os.Geteuid() == 0 {
		ns, err := NewNamespace()
		if err != nil {
			return because(err)
		}
		ns.Close()
	}
	if err := probe(); err != nil {
		return because(err)
	}
	return nil
}

// probe has a process make an empty sandbox, then ends it.
func probe() error {
	c, err := newControl()
	if err != nil {
		return err
	}
	defer c.close()
	flags, in := uint64(isolated), ids{1000, 1000}
	if os.Geteuid() != 0 {
		flags |= unix.CLONE_NEWNET
	}
	s := newScript()
	s.awaitMaps(c.theirs.Fd())
	s.become(in.uid, in.gid, false)
	s.mount("tmpfs", "/", "tmpfs", 0, "")
	s.mount("proc", "/dev", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	s.drop(c.theirs.Fd())
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := fork(&cloneArgs{flags: flags}, s, c.theirs.Fd())
	if err != nil {
		return err
	}
	defer end(pid)
	if err := mapIDs(pid, in, ids{os.Geteuid(), os.Getegid()}, false); err != nil {
		return err
	}
	return c.follow(s)
}

// restrictions are the settings by which machines forbid namespaces; some of
// them not to root.
var restrictions = []struct {
	file, forbids, advice string
	rootToo               bool
}{
	{"/proc/sys/kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1", false},
	{"/proc/sys/user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=10000", true},
	{"/proc/sys/user/max_net_namespaces", "0", "sudo sysctl user.max_net_namespaces=10000", true},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0", false},
}

// because names the setting behind a refusal, where one of the known is it.
func because(err error) error {
	var no syscall.Errno
	if errors.As(err, &no) && no == unix.ENOSYS {
		return fmt.Errorf("sandbox: the kernel is older than 5.12: %w", err)
	}
	realRoot := os.Geteuid() == 0 && os.Getenv(entered) == ""
	for _, r := range restrictions {
		v, _ := os.ReadFile(r.file)
		if strings.TrimSpace(string(v)) == r.forbids && (r.rootToo || !realRoot) {
			return fmt.Errorf("sandbox: this machine forbids namespaces (%w): run: %s", err, r.advice)
		}
	}
	if realRoot {
		return fmt.Errorf("sandbox: root may not make namespaces here (%w): in a container, start it with: --privileged", err)
	}
	return fmt.Errorf("sandbox: namespaces are refused (%w): run as root", err)
}
