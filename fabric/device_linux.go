package fabric

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A tun is a TUN device with virtio-net headers, checksums and segmentation
// left to whoever reads it.
//
// Reading goes through Go's poller, one goroutine a device: measured against
// one thread a device with blocking reads, and against epoll loops of its own
// on one and two threads, throughput and round trip were the same within the
// machine's noise, and thousands of idle devices cost neither threads nor
// buffers.
type tun struct {
	file *os.File

	gate   sync.RWMutex // held for reading by writers: fd is not closed under them
	closed bool
	fd     int
}

// buffers are shared by all devices and held only while one is drained.
var buffers = sync.Pool{New: func() any { return new([maxFrame]byte) }}

func (d *tun) read(f func(frame []byte)) error {
	conn, err := d.file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Read(func(fd uintptr) bool {
		failed = drain(int(fd), f)
		return failed != nil
	})
	return errors.Join(failed, err)
}

// drain hands f every frame that waits at fd. It returns nil when none is left.
func drain(fd int, f func(frame []byte)) error {
	buffer := buffers.Get().(*[maxFrame]byte)
	defer buffers.Put(buffer)
	for {
		n, err := unix.Read(fd, buffer[:])
		switch err {
		case nil:
			f(buffer[:n])
		case unix.EINTR:
		case unix.EAGAIN:
			return nil
		default:
			return err
		}
	}
}

var errClosed = errors.New("device is closed")

func (d *tun) write(frame []byte) error {
	d.gate.RLock()
	defer d.gate.RUnlock()
	if d.closed {
		return errClosed
	}
	_, err := unix.Write(d.fd, frame)
	return err
}

func (d *tun) close() error {
	d.gate.Lock()
	closed := d.closed
	d.closed = true
	d.gate.Unlock()
	if closed {
		return nil
	}
	return d.file.Close()
}

const (
	deviceName = "eth0"

	// Of linux/if_tun.h, since 6.2: UDP segmentation.
	tunUSO4 = 0x20
	tunUSO6 = 0x40
)

// openDevice makes eth0 in ns with addr and a default route.
func openDevice(ns Namespace, addr netip.Addr, mtu int) (device, error) {
	var d *tun
	err := ns.Do(func() (err error) {
		if d, err = newTUN(); err != nil {
			return err
		}
		if err := configure(addr, mtu); err != nil {
			return errors.Join(err, d.close())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func newTUN() (*tun, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	if err := setUpTUN(fd); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &tun{file: os.NewFile(uintptr(fd), "/dev/net/tun"), fd: fd}, nil
}

func setUpTUN(fd int) error {
	request, err := unix.NewIfreq(deviceName)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return fmt.Errorf("make device %s: %w", deviceName, err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TUNSETVNETHDRSZ, virtioLen); err != nil {
		return fmt.Errorf("%s: set header size: %w", deviceName, err)
	}
	const offload = unix.TUN_F_CSUM | unix.TUN_F_TSO4 | unix.TUN_F_TSO6
	if unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, offload|tunUSO4|tunUSO6) == nil {
		return nil
	}
	if err := unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, offload); err != nil {
		return fmt.Errorf("%s: set offload: %w", deviceName, err)
	}
	return nil
}

type step struct {
	name string
	do   func() error
}

// configure brings the device of the current namespace up, with an IPv4 address
// where there is one.
func configure(addr netip.Addr, mtu int) error {
	link, err := netlink.LinkByName(deviceName)
	if err != nil {
		return fmt.Errorf("%s: %w", deviceName, err)
	}
	if err := noIPv6(); err != nil {
		return err
	}
	steps := []step{
		{"set MTU", func() error { return netlink.LinkSetMTU(link, mtu) }},
		{"bring up", func() error { return netlink.LinkSetUp(link) }},
	}
	if addr.IsValid() {
		host := &net.IPNet{IP: addr.AsSlice(), Mask: net.CIDRMask(32, 32)}
		everywhere := &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}
		steps = append(steps, step{"set address", func() error { return netlink.AddrAdd(link, &netlink.Addr{IPNet: host}) }},
			step{"set route", func() error {
				return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: everywhere})
			}})
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %s: %w", deviceName, step.name, err)
		}
	}
	return nil
}

// noIPv6 keeps the kernel from giving the device an address of its own and
// asking for routers. A kernel without IPv6 needs no telling.
func noIPv6() error {
	err := os.WriteFile("/proc/sys/net/ipv6/conf/"+deviceName+"/disable_ipv6", []byte("1"), 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
