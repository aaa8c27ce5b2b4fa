package fabric

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bailey/cloud"
	"bailey/path"
)

// testNS is a network namespace of the kernel, held open by a descriptor.
type testNS struct{ file *os.File }

// needNamespaces skips the test where the machine has no namespaces or no TUN.
var needNamespaces = sync.OnceValue(func() error {
	ns, err := openNS()
	if err != nil {
		return err
	}
	defer ns.file.Close()
	d, err := openDevice(ns, LambdaInner, 1500)
	if err != nil {
		return err
	}
	return d.close()
})

func openNS() (*testNS, error) {
	var file *os.File
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("unshare: %w", err)
		}
		return errors.Join(loUp(), func() (err error) {
			file, err = os.Open("/proc/thread-self/ns/net")
			return err
		}())
	})
	return &testNS{file}, err
}

// onThread runs f on a thread that is thrown away afterwards.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

func loUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}

func (n *testNS) Do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return err
		}
		return f()
	})
}

func newNS(t testing.TB) *testNS {
	t.Helper()
	if err := needNamespaces(); err != nil {
		t.Skipf("no network namespaces or TUN devices here: %v", err)
	}
	ns, err := openNS()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.file.Close() })
	return ns
}

func (n *testNS) listen(t testing.TB, addr string) net.Listener {
	t.Helper()
	var l net.Listener
	if err := n.Do(func() (err error) { l, err = net.Listen("tcp4", addr); return }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// dial gives up after timeout; no test that passes waits that long.
func (n *testNS) dial(network, addr string, timeout time.Duration) (c net.Conn, err error) {
	doErr := n.Do(func() error {
		c, err = (&net.Dialer{Timeout: timeout}).DialContext(context.Background(), network, addr)
		return nil
	})
	return c, errors.Join(err, doErr)
}

func (n *testNS) mustDial(t testing.TB, network, addr string) net.Conn {
	t.Helper()
	c, err := n.dial(network, addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { c.Close() })
	return c
}

// echo answers every connection with what it sends.
func echo(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			buf := make([]byte, 64<<10)
			for {
				n, err := c.Read(buf)
				if n > 0 {
					c.Write(buf[:n])
				}
				if err != nil {
					return
				}
			}
		}()
	}
}

// instance attaches a workload with an address of its own.
func (n *testNet) instance(addr, eni string) (*testNS, *Tap) {
	n.t.Helper()
	ns, tap := n.tap(TapConfig{Label: "instance " + addr, From: path.FromENI{ID: cloud.ENIID(eni)}, Addr: netip.MustParseAddr(addr)})
	n.Bind(cloud.ENIID(eni), tap)
	return ns, tap
}

// environment attaches a workload that shares its address.
func (n *testNet) environment(label, addr, eni string) (*testNS, *Tap) {
	n.t.Helper()
	return n.tap(TapConfig{Label: label, From: path.FromENI{ID: cloud.ENIID(eni)}, Addr: netip.MustParseAddr(addr), Inner: LambdaInner})
}

func (n *testNet) tap(c TapConfig) (*testNS, *Tap) {
	n.t.Helper()
	ns := newNS(n.t)
	tap, err := n.Attach(ns, c)
	if err != nil {
		n.t.Fatal(err)
	}
	return ns, tap
}

func (n *testNet) services() (*testNS, *Tap) {
	n.t.Helper()
	ns := newNS(n.t)
	tap, err := n.AttachServices(ns)
	if err != nil {
		n.t.Fatal(err)
	}
	return ns, tap
}
