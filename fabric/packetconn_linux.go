package fabric

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withPacketInfo asks for the destination address of every datagram.
func withPacketInfo(_, _ string, c syscall.RawConn) error {
	var set error
	err := c.Control(func(fd uintptr) {
		if domain, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN); err == nil && domain == unix.AF_INET6 {
			set = errors.Join(unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1),
				// An answer may come from an address that is local by a route alone.
				unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1))
			return
		}
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	})
	if err != nil {
		return err
	}
	return set
}

// packetInfo finds struct in_pktinfo in control messages: interface index,
// local address, destination address; or struct in6_pktinfo: the destination
// address first.
func packetInfo(control []byte) (netip.Addr, bool) {
	for len(control) >= unix.SizeofCmsghdr {
		length, level, kind := cmsg(control)
		if length < unix.SizeofCmsghdr || length > len(control) {
			break
		}
		body := control[unix.CmsgLen(0):length]
		if level == unix.IPPROTO_IP && kind == unix.IP_PKTINFO && len(body) >= unix.SizeofInet4Pktinfo {
			return netip.AddrFrom4([4]byte(body[8:12])), true
		}
		if level == unix.IPPROTO_IPV6 && kind == unix.IPV6_PKTINFO && len(body) >= unix.SizeofInet6Pktinfo {
			return netip.AddrFrom16([16]byte(body[:16])).Unmap(), true
		}
		control = control[min(unix.CmsgSpace(length-unix.CmsgLen(0)), len(control)):]
	}
	return netip.Addr{}, false
}

func cmsg(b []byte) (length int, level, kind int32) {
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	return int(h.Len), h.Level, h.Type
}

// packetInfoFrom builds the control message that sets the source address.
func packetInfoFrom(src netip.Addr, v6 bool) []byte {
	if v6 {
		b := make([]byte, unix.CmsgSpace(unix.SizeofInet6Pktinfo))
		h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
		h.Level, h.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
		h.SetLen(unix.CmsgLen(unix.SizeofInet6Pktinfo))
		a := src.As16()
		copy(b[unix.CmsgLen(0):], a[:])
		return b
	}
	b := make([]byte, unix.CmsgSpace(unix.SizeofInet4Pktinfo))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
	h.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
	a := src.Unmap().As4()
	binary.BigEndian.PutUint32(b[unix.CmsgLen(0)+4:], binary.BigEndian.Uint32(a[:]))
	return b
}
