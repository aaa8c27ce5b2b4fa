package fabric

import (
	"encoding/binary"
)

// Types of ICMPv6: https://www.rfc-editor.org/rfc/rfc4443
const (
	icmpv6Unreachable = 1
	icmpv6TooBig      = 2
	icmpv6Exceeded    = 3
	icmpv6Parameter   = 4
	icmpv6Echo        = 128
	icmpv6EchoReply   = 129

	codeProhibitedIPv6 = 1 // communication administratively prohibited
)

// Extension headers: https://www.rfc-editor.org/rfc/rfc8200#section-4
const (
	hopByHop    = 0
	routing     = 43
	fragmentExt = 44
	destOptions = 60

	headerIPv6    = 40
	maxExtensions = 8
)

// parseIPv6 reads the headers of an IPv6 packet.
func (p *packet) parseIPv6(frame, ip []byte) kind {
	if len(ip) < headerIPv6 || int(binary.BigEndian.Uint16(ip[4:]))+headerIPv6 != len(ip) {
		return malformed
	}
	p.frame, p.ip, p.l4 = frame, ip, headerIPv6
	p.key = key{src: addr6(ip[8:]), dst: addr6(ip[24:]), proto: ip[6]}
	if !p.key.src.is6() || !p.key.dst.is6() {
		return malformed // IPv4 addresses are not sent over IPv6 (RFC 4038, section 4.2)
	}
	for range maxExtensions {
		switch p.key.proto {
		case hopByHop, routing, destOptions:
			if !p.skip(8) {
				return malformed
			}
		case fragmentExt:
			if later, ok := p.fragment(); !ok {
				return malformed
			} else if later {
				return laterFragment
			}
		default:
			return p.transport(ip[p.l4:])
		}
	}
	return malformed
}

// skip passes an extension header whose length counts in 8 bytes beyond least.
func (p *packet) skip(least int) bool {
	b := p.ip[p.l4:]
	if len(b) < least || len(b) < least+int(b[1])*8 {
		return false
	}
	p.key.proto, p.l4 = b[0], p.l4+least+int(b[1])*8
	return true
}

// fragment reads a fragment header; later reports one that is not the first.
func (p *packet) fragment() (later, ok bool) {
	b := p.ip[p.l4:]
	if len(b) < 8 {
		return false, false
	}
	p.key.proto, p.l4, p.datum = b[0], p.l4+8, binary.BigEndian.Uint32(b[4:])
	offset := binary.BigEndian.Uint16(b[2:])
	p.more = offset&1 != 0
	return offset&^7 != 0, true
}

func (p *packet) icmpv6(b []byte) kind {
	if len(b) < 8 || !p.key.src.is6() {
		return malformed
	}
	switch b[0] {
	case icmpv6Echo:
		p.key.sport = binary.BigEndian.Uint16(b[4:])
		return whole
	case icmpv6EchoReply:
		p.key.dport = binary.BigEndian.Uint16(b[4:])
		return whole
	case icmpv6Unreachable, icmpv6TooBig, icmpv6Exceeded, icmpv6Parameter:
		return icmpError
	}
	return icmpOther
}

// quotedIPv6 parses the packet inside an ICMPv6 error, one without extension
// headers.
func quotedIPv6(b []byte) (inner packet, ok bool) {
	if len(b) < headerIPv6+quoted || b[0]>>4 != 6 {
		return inner, false
	}
	inner.ip, inner.l4 = b, headerIPv6
	inner.key = key{src: addr6(b[8:]), dst: addr6(b[24:]), proto: b[6]}
	t := b[headerIPv6:]
	switch inner.key.proto {
	case protoTCP, protoUDP:
		inner.key.sport, inner.key.dport = binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:])
	case protoICMPv6:
		return inner, inner.icmpv6(t) == whole
	}
	return inner, true
}

// sealICMP computes the checksum of an ICMP message between the ends of k: that
// of ICMPv6 covers the addresses.
func sealICMP(b []byte, k key) {
	b[2], b[3] = 0, 0
	var sum uint32
	if k.src.is6() {
		sum = pseudoSum(k.src, k.dst, protoICMPv6, len(b))
	}
	binary.BigEndian.PutUint16(b[2:], checksum(b, sum))
}

// headerIPv6 starts an answer to p with a payload of n zero bytes, in the
// reader's own buffer.
func (t *Tap) headerIPv6(p *packet, proto uint8, n int) []byte {
	frame := t.answer[:virtioLen+headerIPv6+n]
	clear(frame)
	ip := frame[virtioLen:]
	ip[0], ip[6], ip[7] = 6<<4, proto, 64
	binary.BigEndian.PutUint16(ip[4:], uint16(n))
	p.key.dst.put(ip[8:])
	p.key.src.put(ip[24:])
	return frame
}
