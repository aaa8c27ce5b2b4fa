package sandbox

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

const attrsSafe = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV

// detach opens source, with all that is mounted below it, as a mount with
// these attributes that hangs nowhere yet.
func detach(source string, attrs uint64) (*os.File, error) {
	fd, err := unix.OpenTree(unix.AT_FDCWD, source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), source)
	if err := setAttr(f, &unix.MountAttr{Attr_set: attrs}); err != nil {
		f.Close()
		return nil, fmt.Errorf("set attributes: %w", err)
	}
	return f, nil
}

func setAttr(f *os.File, attr *unix.MountAttr) error {
	return unix.MountSetattr(int(f.Fd()), "", unix.AT_RECURSIVE|unix.AT_EMPTY_PATH, attr)
}

// detachOwned is detach for a folder of the user's.
//
// Where the programs' user is not ours, files of the source's owner appear as
// the program's own: the code under a private home can be read, and what an
// instance writes into its folder belongs to the folder's owner. A file system
// that cannot do so will do for reading what all may read.
func (h *Host) detachOwned(m Mount, info os.FileInfo) (*os.File, error) {
	attrs := uint64(attrsSafe)
	if !m.Writable {
		attrs |= unix.MOUNT_ATTR_RDONLY
	}
	f, err := detach(m.Source, attrs)
	if err != nil || h.ids.uid == 0 || h.owns(info) {
		return f, err
	}
	if err := h.mapOwner(f, info); err != nil && m.Writable {
		f.Close()
		return nil, fmt.Errorf("this file system cannot show its files as the program's: %w", err)
	}
	return f, nil
}

// Give makes a folder or file of the host the programs' own: mounted Writable
// it needs no map of owners, which some file systems do not have.
func (h *Host) Give(file string) error { return os.Chown(file, h.ids.uid, h.ids.gid) }

func (h *Host) owns(info os.FileInfo) bool {
	stat := info.Sys().(*syscall.Stat_t)
	return ids{int(stat.Uid), int(stat.Gid)} == h.ids
}

// mapOwner makes the files of the source's owner appear as the programs'
// user's.
func (h *Host) mapOwner(f *os.File, info os.FileInfo) error {
	stat := info.Sys().(*syscall.Stat_t)
	ns, err := h.idmap(ids{int(stat.Uid), int(stat.Gid)})
	if err != nil {
		return err
	}
	return setAttr(f, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(ns.Fd())})
}

// idmap returns the user namespace that stands for "o appears as the programs'
// user", making it on first use.
func (h *Host) idmap(o ids) (*os.File, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, os.ErrClosed
	}
	if ns := h.idmaps[o]; ns != nil {
		return ns, nil
	}
	ns, err := h.newIDMap(o)
	if err != nil {
		return nil, fmt.Errorf("id map: %w", err)
	}
	h.idmaps[o] = ns
	return ns, nil
}

// newIDMap starts a process in a new user namespace, only to take a descriptor
// of that.
func (h *Host) newIDMap(o ids) (*os.File, error) {
	c, err := newControl()
	if err != nil {
		return nil, err
	}
	defer c.close()
	s := newScript()
	s.awaitMaps(c.theirs.Fd())
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := fork(&cloneArgs{flags: unix.CLONE_NEWUSER}, s, c.theirs.Fd())
	if err != nil {
		return nil, err
	}
	defer end(pid)
	if err := mapIDs(pid, o, h.ids, h.groups); err != nil {
		return nil, err
	}
	return os.Open(fmt.Sprintf("/proc/%d/ns/user", pid))
}

// end kills a child that was of use only for a moment.
func end(pid int) {
	unix.Kill(pid, unix.SIGKILL)
	for {
		if _, err := unix.Wait4(pid, nil, 0, nil); err != unix.EINTR {
			return
		}
	}
}

// newRoot makes a tmpfs that is mounted nowhere yet.
func newRoot() (*os.File, error) {
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fs)
	if err := unix.FsconfigSetString(fs, "mode", "0755"); err != nil {
		return nil, err
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, err
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "root"), nil
}
