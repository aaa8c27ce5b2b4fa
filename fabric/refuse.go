package fabric

import "encoding/binary"

// refuse answers a packet that is not delivered. On AWS nobody answers, and so
// it is here, unless FailFast or reset says otherwise: then TCP gets a reset,
// all else an ICMP "communication administratively prohibited".
func (t *Tap) refuse(p *packet, reset bool) {
	tcp := p.key.proto == protoTCP
	switch {
	case !t.fabric.config.FailFast && !(reset && tcp):
		return
	case tcp && p.flags&tcpRST != 0, !p.opens() && (p.key.proto == protoICMP || p.key.proto == protoICMPv6):
		return // never answer an answer
	case tcp:
		t.device.write(t.resetFor(p))
	default:
		t.device.write(t.prohibited(p))
	}
}

// resetFor builds the reset that a host without a listener would send
// (RFC 9293, section 3.10.7.1).
func (t *Tap) resetFor(p *packet) []byte {
	in := p.ip[p.l4:]
	frame := t.header(p, protoTCP, 20)
	b := frame[len(frame)-20:]
	binary.BigEndian.PutUint16(b, p.key.dport)
	binary.BigEndian.PutUint16(b[2:], p.key.sport)
	b[12], b[13] = 5<<4, tcpRST
	if p.flags&tcpACK != 0 {
		copy(b[4:8], in[8:12])
	} else {
		length := uint32(len(in)) - uint32(in[12]>>4)*4 + uint32(p.flags&tcpSYN>>1) + uint32(p.flags&tcpFIN)
		binary.BigEndian.PutUint32(b[8:], binary.BigEndian.Uint32(in[4:])+length)
		b[13] |= tcpACK
	}
	sum := pseudoSum(p.key.dst, p.key.src, protoTCP, 20)
	binary.BigEndian.PutUint16(b[16:], checksum(b, sum))
	return frame
}

const (
	codeProhibited = 13 // RFC 1812, section 5.2.7.1
	quoted         = 8  // bytes of the transport header that an ICMP error repeats
	maxQuote       = 76 // of everything: what answer has room for
)

// prohibited builds the ICMP error that a filtering router would send.
func (t *Tap) prohibited(p *packet) []byte {
	quote := p.ip[:min(len(p.ip), p.l4+quoted, maxQuote)]
	proto, kind, code := protoICMP, byte(icmpUnreachable), byte(codeProhibited)
	if p.key.src.is6() {
		proto, kind, code = protoICMPv6, icmpv6Unreachable, codeProhibitedIPv6
	}
	frame := t.header(p, proto, 8+len(quote))
	b := frame[len(frame)-8-len(quote):]
	b[0], b[1] = kind, code
	copy(b[8:], quote)
	sealICMP(b, key{src: p.key.dst, dst: p.key.src, proto: proto})
	return frame
}

// header starts an answer to p with a payload of n zero bytes, in the reader's
// own buffer.
func (t *Tap) header(p *packet, proto uint8, n int) []byte {
	if p.key.src.is6() {
		return t.headerIPv6(p, proto, n)
	}
	frame := t.answer[:virtioLen+20+n]
	clear(frame)
	ip := frame[virtioLen:]
	ip[0], ip[8], ip[9] = 4<<4|5, 64, proto
	binary.BigEndian.PutUint16(ip[2:], uint16(20+n))
	binary.BigEndian.PutUint32(ip[12:], uint32(p.key.dst.lo))
	binary.BigEndian.PutUint32(ip[16:], uint32(p.key.src.lo))
	binary.BigEndian.PutUint16(ip[10:], checksum(ip[:20], 0))
	return frame
}
