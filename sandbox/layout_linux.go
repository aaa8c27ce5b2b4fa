package sandbox

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// shared are the host's folders in which programs and libraries live, and the
// two places of /etc without which they do not find each other. Each is shown
// read-only where the host has it; a symbolic link stays one.
var shared = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32",
	"/etc/alternatives", "/etc/ld.so.cache",
}

// devices are all the devices that a sandbox has.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// A layout is the file system of a sandbox in the making. The supervisor makes
// the root and opens everything that is to be mounted in it, with its own
// rights: a function's code often lies under a home directory that only its
// owner may enter. The script then only attaches.
type layout struct {
	host   *Host
	root   *os.File // a tmpfs mounted nowhere yet
	in     *os.Root // the same, to write into
	mounts []placed // in order
}

// placed is a mount to be attached at target; without file, a fresh tmpfs.
type placed struct {
	target  string
	file    *os.File
	folder  bool
	options string // of a tmpfs
}

// newLayout makes the file system of a checked Config. The caller closes it.
func newLayout(h *Host, c Config) (l *layout, err error) {
	l = &layout{host: h}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	if l.root, err = newRoot(); err != nil {
		return l, fmt.Errorf("root: %w", err)
	}
	if l.in, err = os.OpenRoot(fmt.Sprintf("/proc/self/fd/%d", l.root.Fd())); err != nil {
		return l, fmt.Errorf("root: %w", err)
	}
	for _, part := range []func(Config) error{l.folders, l.files, l.hostFolders, l.deviceFiles, l.configured} {
		if err = part(c); err != nil {
			return l, err
		}
	}
	return l, setAttr(l.root, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

func (l *layout) close() {
	if l.in != nil {
		l.in.Close()
	}
	l.root.Close()
	for _, m := range l.mounts {
		m.file.Close() // a nil File says so and no more
	}
}

// folders makes those that every sandbox has. /tmp is writable only if it is
// one of the mounts.
func (l *layout) folders(Config) error {
	for _, dir := range []string{"proc", "dev", "etc", "tmp"} {
		if err := l.in.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// files writes /etc: the plain files that every program expects, then the
// Config's.
func (l *layout) files(c Config) error {
	all := map[string][]byte{
		"/etc/passwd":        fmt.Appendf(nil, "root:x:0:0:root:/:/sbin/nologin\n%s:x:%d:%d::/tmp:/sbin/nologin\n", c.User, c.UID, c.GID),
		"/etc/group":         fmt.Appendf(nil, "root:x:0:\n%s:x:%d:\n", c.User, c.GID),
		"/etc/hosts":         []byte("127.0.0.1 localhost\n::1 localhost\n"),
		"/etc/hostname":      []byte(c.Hostname + "\n"),
		"/etc/nsswitch.conf": []byte("passwd: files\ngroup: files\nhosts: files dns\n"),
		"/etc/resolv.conf":   nil,
	}
	if len(c.CABundle) > 0 {
		for _, p := range CAPaths {
			all[p] = c.CABundle
		}
	}
	maps.Copy(all, c.Files)
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if err := l.file(p, all[p]); err != nil {
			return fmt.Errorf("file %s: %w", p, err)
		}
	}
	return nil
}

// file writes one. Nothing of ours may fork meanwhile: that process would have
// the file open too, and a mount with a file open for writing cannot be made
// read-only.
func (l *layout) file(p string, content []byte) error {
	p = inside(p)
	if err := l.in.MkdirAll(path.Dir(p), 0o755); err != nil {
		return err
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return l.in.WriteFile(p, content, 0o644)
}

// inside is an absolute path as one relative to the root.
func inside(p string) string { return strings.TrimPrefix(path.Clean(p), "/") }

func (l *layout) hostFolders(Config) error {
	for _, p := range shared {
		info, err := os.Lstat(p)
		if err != nil {
			continue // this host has none
		}
		if info.Mode()&os.ModeSymlink != 0 {
			err = l.link(p)
		} else {
			err = l.share(p, info.IsDir(), attrsSafe|unix.MOUNT_ATTR_RDONLY)
		}
		if err != nil {
			return fmt.Errorf("mount %s: %w", p, err)
		}
	}
	return nil
}

// link makes the host's symbolic link anew.
func (l *layout) link(p string) error {
	target, err := os.Readlink(p)
	if err != nil {
		return err
	}
	return l.in.Symlink(target, inside(p))
}

// share shows the host's own folder or file under its own name.
func (l *layout) share(p string, folder bool, attrs uint64) error {
	f, err := detach(p, attrs)
	if err != nil {
		return err
	}
	return l.place(placed{target: p, file: f, folder: folder})
}

func (l *layout) deviceFiles(Config) error {
	for _, p := range devices {
		if err := l.share(p, false, unix.MOUNT_ATTR_NOSUID); err != nil {
			return fmt.Errorf("mount %s: %w", p, err)
		}
	}
	for i, name := range []string{"dev/stdin", "dev/stdout", "dev/stderr"} {
		if err := l.in.Symlink("/proc/self/fd/"+strconv.Itoa(i), name); err != nil {
			return err
		}
	}
	return l.in.Symlink("/proc/self/fd", "dev/fd")
}

// configured opens the mounts that were asked for.
func (l *layout) configured(c Config) error {
	for _, m := range c.Mounts {
		m.Target = path.Clean(m.Target)
		if err := l.mount(m); err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
	}
	return nil
}

func (l *layout) mount(m Mount) error {
	if m.Source == "" {
		options := "mode=1777"
		if m.SizeMB > 0 {
			options += fmt.Sprintf(",size=%dm", m.SizeMB)
		}
		return l.place(placed{target: m.Target, folder: true, options: options})
	}
	info, err := os.Stat(m.Source)
	if err != nil {
		return err
	}
	f, err := l.host.detachOwned(m, info)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Source, err)
	}
	return l.place(placed{target: m.Target, file: f, folder: info.IsDir()})
}

// place notes a mount and makes the folder or file that it is to cover, unless
// that lies in another mount: there the script can try.
func (l *layout) place(m placed) error {
	_, covered := l.covering(m.target)
	l.mounts = append(l.mounts, m)
	if covered {
		return nil
	}
	p := inside(m.target)
	if m.folder {
		return l.in.MkdirAll(p, 0o755)
	}
	if _, err := l.in.Lstat(p); err == nil {
		return nil
	}
	return l.file(m.target, nil)
}

// covering is the innermost earlier mount that target lies in, if any does.
func (l *layout) covering(target string) (base string, ok bool) {
	for _, m := range l.mounts {
		if (under(target, m.target) || target == m.target) && len(m.target) >= len(base) {
			base, ok = m.target, true
		}
	}
	return base, ok
}

// script mounts everything and leaves the host's file system behind.
func (l *layout) script(s *script) {
	s.enterRoot(l.root.Fd())
	all := l.mounts
	for i, m := range all {
		earlier := layout{mounts: all[:i]}
		if base, covered := earlier.covering(m.target); covered {
			s.cover(base, m)
		}
		if m.file != nil {
			s.attach(m.file.Fd(), m.target)
		} else {
			s.mount("tmpfs", m.target, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, m.options)
		}
	}
	s.proc()
	s.leaveHost()
}

// cover makes what m is to be mounted on, where there is nothing yet.
func (s *script) cover(base string, m placed) {
	if m.folder {
		s.mkdirs(base, m.target)
		return
	}
	s.mkdirs(base, path.Dir(m.target))
	s.try(unix.SYS_MKNODAT, here, s.string(m.target), syscall.S_IFREG|0o644, 0)
}
