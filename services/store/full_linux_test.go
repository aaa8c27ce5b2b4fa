package store

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// On a full disk a write is refused in plain words, and everything that was
// acknowledged stays.
func TestDiskFull(t *testing.T) {
	attr := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	probe := exec.Command("/bin/true")
	probe.SysProcAttr = attr
	if err := probe.Run(); err != nil {
		t.Skip("no user namespaces on this machine, so no small disk to fill: ", err)
	}
	cmd, out := role(t, "fill", t.TempDir(), attr)
	out.Scan()
	first := out.Text()
	out.Scan()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(first, "the disk is full: ") || out.Text() != "all there" {
		t.Errorf("%s\n%s", first, out.Text())
	}
}

// fillDisk mounts a disk of 1 MiB over dir, in a mount namespace of its own,
// and writes until it is refused.
func fillDisk(dir string) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		panic(err)
	}
	s := must(Open(dir))
	b := must(In[entry](s, "entries"))
	n := 0
	for ; ; n++ {
		if err := b.Put(key(n), entry{n, strings.Repeat("x", 20000)}); err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
			break
		}
	}
	s.Close()
	b = must(In[entry](must(Open(dir)), "entries"))
	for i := range n {
		if v, ok, err := b.Get(key(i)); !ok || v.N != i {
			fmt.Println("write", i, "is gone:", err)
			return
		}
	}
	fmt.Println("all there")
}
