package fabric

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// A PacketConn is a UDP socket in the services namespace that knows for each
// datagram the address that it was sent to, and answers from that address: a
// socket on any address alone would answer from the namespace's own, and the
// caller would not take that for the answer.
type PacketConn struct {
	conn *net.UDPConn
	port uint16
	v6   bool // of both families, IPv4 as IPv4-mapped addresses
}

// ListenPacket opens port on every address of ns; 0 chooses a port.
func ListenPacket(ns Namespace, port uint16) (*PacketConn, error) {
	var c net.PacketConn
	err := ns.Do(func() (err error) {
		lc := net.ListenConfig{Control: withPacketInfo}
		network, address := "udp4", "0.0.0.0:"
		if hasIPv6() {
			network, address = "udp", "[::]:"
		}
		c, err = lc.ListenPacket(context.Background(), network, address+strconv.Itoa(int(port)))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("fabric: services: udp port %d: %w", port, err)
	}
	conn := c.(*net.UDPConn)
	own := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return &PacketConn{conn, own.Port(), own.Addr().Is6()}, nil
}

// Close closes the socket; a ReadPacket under way returns net.ErrClosed.
func (c *PacketConn) Close() error { return c.conn.Close() }

// Port is the port that is open.
func (c *PacketConn) Port() uint16 { return c.port }

// ReadPacket reads one datagram into b: who sent it, and to which address.
// With both OriginOf knows where it comes from.
func (c *PacketConn) ReadPacket(b []byte) (n int, remote, local netip.AddrPort, err error) {
	var control [64]byte
	n, nc, _, remote, err := c.conn.ReadMsgUDPAddrPort(b, control[:])
	if err != nil {
		return 0, remote, local, err
	}
	dst, ok := packetInfo(control[:nc])
	if !ok {
		return 0, remote, local, fmt.Errorf("fabric: datagram from %s: no destination address", remote)
	}
	return n, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()), netip.AddrPortFrom(dst, c.port), nil
}

// WritePacket sends b to remote, from local.
func (c *PacketConn) WritePacket(b []byte, remote, local netip.AddrPort) error {
	if c.v6 {
		remote = netip.AddrPortFrom(netip.AddrFrom16(remote.Addr().As16()), remote.Port())
	}
	_, _, err := c.conn.WriteMsgUDPAddrPort(b, packetInfoFrom(local.Addr(), c.v6), remote)
	return err
}
