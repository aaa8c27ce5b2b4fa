package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// A Namespace is a network namespace of the kernel without a name in the file
// system: it lives as long as this descriptor, a program or a socket in it.
type Namespace struct {
	file *os.File
}

// NewNamespace makes a network namespace with loopback up and nothing else.
// Programs in it may listen on any port, also below 1024, as root may on a
// machine of its own.
func NewNamespace() (*Namespace, error) {
	var made *os.File
	err := onSpentThread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("unshare: %w", err)
		}
		if err := errors.Join(loopbackUp(), anyPort()); err != nil {
			return err
		}
		made, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sandbox: new network namespace: %w", err)
	}
	return &Namespace{made}, nil
}

// Close lets go of the namespace. Programs and sockets in it keep it alive.
func (n *Namespace) Close() error { return n.file.Close() }

// Do runs f in the namespace and waits for it. Sockets, netlink handles and TUN
// devices that f makes belong to the namespace and work anywhere afterwards.
// f is on a goroutine and a thread of its own; goroutines that it starts, and
// with them names that it looks up, are outside.
func (n *Namespace) Do(f func() error) error {
	return onSpentThread(func() error {
		if err := n.enter(); err != nil {
			return err
		}
		return f()
	})
}

// enter takes this thread into the namespace, for good. It goes through
// SyscallConn so that a Close at the same moment cannot make the descriptor
// mean another file.
func (n *Namespace) enter() error {
	err := os.ErrClosed
	if conn, e := n.file.SyscallConn(); e == nil {
		conn.Control(func(fd uintptr) { err = unix.Setns(int(fd), unix.CLONE_NEWNET) })
	}
	if err != nil {
		return fmt.Errorf("sandbox: enter network namespace: %w", err)
	}
	return nil
}

// Listen is net.Listen inside the namespace. addr is an address literal.
func (n *Namespace) Listen(network, addr string) (l net.Listener, err error) {
	return l, n.open(network, addr, func() (err error) {
		var lc net.ListenConfig
		lc.SetMultipathTCP(false) // nobody in there speaks it, and it costs a cold start
		l, err = lc.Listen(context.Background(), network, addr)
		return err
	})
}

// ListenPacket is net.ListenPacket inside the namespace. addr is a literal.
func (n *Namespace) ListenPacket(network, addr string) (c net.PacketConn, err error) {
	return c, n.open(network, addr, func() (err error) {
		c, err = net.ListenPacket(network, addr)
		return err
	})
}

// Dial is net.Dial from inside the namespace. addr is an address literal.
func (n *Namespace) Dial(ctx context.Context, network, addr string) (c net.Conn, err error) {
	return c, n.open(network, addr, func() (err error) {
		var d net.Dialer
		c, err = d.DialContext(ctx, network, addr)
		return err
	})
}

// open runs f inside, for literals only: a name is looked up by other
// goroutines of package net, which are not in the namespace.
func (n *Namespace) open(network, addr string, f func() error) error {
	if err := literal(network, addr); err != nil {
		return err
	}
	return n.Do(f)
}

func literal(network, addr string) error {
	if strings.HasPrefix(network, "unix") {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("sandbox: address %q: %w", addr, err)
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" {
		return fmt.Errorf("sandbox: address %q: a name cannot be used in a network namespace, only an address", addr)
	}
	return nil
}

var errNoReturn = errors.New("sandbox: the function ended its goroutine")

// onSpentThread runs f on a thread that ends with it, and waits.
func onSpentThread(f func() error) error {
	result := make(chan error, 1)
	spendThread(func() {
		err := errNoReturn // should f call runtime.Goexit
		defer func() { result <- err }()
		err = f()
	})
	return <-result
}

// spendThread starts f on a thread that ends when f does. A rootless Bailey has
// no right to the host's network namespace, so that a thread that has left it
// could never come back.
func spendThread(f func()) {
	started := make(chan struct{})
	go func() {
		runtime.LockOSThread() // and never unlock: so the runtime ends the thread
		if unix.Gettid() == unix.Getpid() {
			// The main thread cannot end. While this goroutine holds it, the
			// next one is on another.
			spendThread(f)
			runtime.UnlockOSThread()
			close(started)
			return
		}
		close(started)
		f()
	}()
	<-started
}

func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("loopback up: %w", err)
	}
	return nil
}

func anyPort() error {
	return os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0)
}
