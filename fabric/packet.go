package fabric

import (
	"encoding/binary"
	"net/netip"

	"bailey/netset"
)

// A frame is what a device reads and writes: the virtio-net header and an IP
// packet. Layout of the header (virtio 1.2, section 5.1.6, little endian):
//
//	0 flags  1 GSO type  2 header length  4 GSO size  6 checksum start  8 checksum offset
const (
	virtioLen = 10
	maxFrame  = virtioLen + 65535

	virtioNeedsChecksum = 1 // flag: the checksum field holds only the pseudo-header's sum
)

const (
	protoICMP   = uint8(netset.ICMP)
	protoTCP    = uint8(netset.TCP)
	protoUDP    = uint8(netset.UDP)
	protoICMPv6 = uint8(netset.ICMPv6)

	tcpFIN = 0x01
	tcpSYN = 0x02
	tcpRST = 0x04
	tcpACK = 0x10
)

const (
	icmpEchoReply   = 0
	icmpUnreachable = 3
	icmpEcho        = 8
	icmpExceeded    = 11
	icmpParameter   = 12
)

// A key is what tells flows apart on one tap. An echo request has its
// identifier as source port and an echo reply as destination port, so that
// reversing a key gives the key of the answer for ICMP too.
type key struct {
	src, dst     addr
	sport, dport uint16
	proto        uint8
}

func (k key) reversed() key { return key{k.dst, k.src, k.dport, k.sport, k.proto} }

// flow gives k as path and records speak of it. Identifiers are no ports.
func (k key) flow() netset.Flow {
	f := netset.Flow{
		Proto: netset.Protocol(k.proto),
		Src:   netip.AddrPortFrom(k.src.netip(), 0),
		Dst:   netip.AddrPortFrom(k.dst.netip(), 0),
	}
	if f.Proto.HasPorts() {
		f.Src = netip.AddrPortFrom(f.Src.Addr(), k.sport)
		f.Dst = netip.AddrPortFrom(f.Dst.Addr(), k.dport)
	}
	return f
}

// kind is what forward has to know about a packet beyond its key.
type kind uint8

const (
	malformed kind = iota
	notIP
	whole         // key is complete
	laterFragment // no ports: belongs to the fragment that came first
	icmpError     // speaks of another packet, which it quotes
	icmpOther     // neither echo nor error: not carried
)

// A packet is a parsed frame. The slices alias the frame.
type packet struct {
	frame []byte // with the virtio-net header
	ip    []byte // from the IP header on
	l4    int    // offset of the transport header in ip
	key   key
	flags uint8  // of TCP
	more  bool   // a first fragment: others follow
	datum uint32 // of a fragment: the datagram that it is of
}

// parse reads the headers of frame into p. It trusts nothing: offsets are good
// for all that rewrite touches, or the answer is malformed.
func (p *packet) parse(frame []byte) kind {
	if len(frame) < virtioLen+1 {
		return malformed
	}
	ip := frame[virtioLen:]
	switch ip[0] >> 4 {
	case 4:
	case 6:
		return p.parseIPv6(frame, ip)
	default:
		return notIP
	}
	if len(ip) < 20 {
		return malformed
	}
	p.frame, p.ip, p.l4 = frame, ip, int(ip[0]&15)*4
	if p.l4 < 20 || int(binary.BigEndian.Uint16(ip[2:])) != len(ip) || p.l4 > len(ip) {
		return malformed
	}
	p.key = key{src: addr4(binary.BigEndian.Uint32(ip[12:])), dst: addr4(binary.BigEndian.Uint32(ip[16:])), proto: ip[9]}
	fragment := binary.BigEndian.Uint16(ip[6:])
	p.datum = uint32(binary.BigEndian.Uint16(ip[4:]))
	if fragment&0x1fff != 0 {
		return laterFragment
	}
	p.more = fragment&0x2000 != 0
	return p.transport(ip[p.l4:])
}

// transport reads ports or identifiers.
func (p *packet) transport(b []byte) kind {
	switch p.key.proto {
	case protoTCP:
		if len(b) < 20 || b[12]>>4 < 5 || int(b[12]>>4)*4 > len(b) {
			return malformed
		}
		p.flags = b[13]
	case protoUDP:
		if len(b) < 8 {
			return malformed
		}
	case protoICMP:
		if p.key.src.is6() {
			return malformed
		}
		return p.icmp(b)
	case protoICMPv6:
		return p.icmpv6(b)
	default:
		return whole
	}
	p.key.sport, p.key.dport = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	return whole
}

func (p *packet) icmp(b []byte) kind {
	if len(b) < 8 {
		return malformed
	}
	switch b[0] {
	case icmpEcho:
		p.key.sport = binary.BigEndian.Uint16(b[4:])
		return whole
	case icmpEchoReply:
		p.key.dport = binary.BigEndian.Uint16(b[4:])
		return whole
	case icmpUnreachable, icmpExceeded, icmpParameter:
		return icmpError
	}
	return icmpOther
}

// partial reports whether the kernel left the transport checksum for later.
func (p *packet) partial() bool { return p.frame[0]&virtioNeedsChecksum != 0 }

// segments is how many packets a frame would be on a wire, and the bytes of
// all their IP packets together.
func (p *packet) segments() (packets, bytes uint64) {
	size := uint64(binary.LittleEndian.Uint16(p.frame[4:]))
	headers := uint64(binary.LittleEndian.Uint16(p.frame[2:]))
	total := uint64(len(p.ip))
	if p.frame[1] == 0 || size == 0 || headers >= total {
		return 1, total
	}
	n := (total - headers + size - 1) / size
	return n, total + (n-1)*headers
}
