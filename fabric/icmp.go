package fabric

import "encoding/binary"

// forwardError carries an ICMP error to whoever sent the packet it quotes, if
// that packet belongs to a flow that passes, with outer and inner addresses as
// that sender knows them (RFC 5508, section 4).
func (t *Tap) forwardError(p *packet) {
	h, inner := t.quotedFlow(p)
	if h == nil {
		t.fabric.counters.stray.Add(1)
		return
	}
	h.count(p)
	// The quoted packet went the other way: undo what was done to it then.
	undo := newRewrite(inner.key, h.rewrite.to.reversed())
	undo.addresses(inner.ip)
	undo.transport(inner.ip[inner.l4:], false)
	outer := newRewrite(p.key, key{src: h.rewrite.to.src, dst: h.rewrite.to.dst, proto: p.key.proto})
	outer.addresses(p.ip)
	sealICMP(p.ip[p.l4:], outer.to)
	t.deliver(h.to, p.frame)
}

// quotedFlow finds the entry for the direction in which the error goes, and
// the packet that it quotes.
func (t *Tap) quotedFlow(p *packet) (*half, packet) {
	inner, ok := p.quoted()
	if !ok {
		return nil, inner
	}
	h := t.table.get(inner.key.reversed())
	if h == nil || h.to == nil || h.flow.state.Load() != passing {
		return nil, inner
	}
	return h, inner
}

// quoted parses the packet inside an ICMP error: its headers, of which 8 bytes
// of transport are certain, and a length that speaks of more than is there.
func (p *packet) quoted() (inner packet, ok bool) {
	b := p.ip[p.l4+8:]
	if p.key.proto == protoICMPv6 {
		return quotedIPv6(b)
	}
	if len(b) < 28 || b[0]>>4 != 4 {
		return inner, false
	}
	inner.ip, inner.l4 = b, int(b[0]&15)*4
	if inner.l4 < 20 || len(b) < inner.l4+quoted || binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
		return inner, false
	}
	inner.key = key{src: addr4(binary.BigEndian.Uint32(b[12:])), dst: addr4(binary.BigEndian.Uint32(b[16:])), proto: b[9]}
	t := b[inner.l4:]
	switch inner.key.proto {
	case protoTCP, protoUDP:
		inner.key.sport, inner.key.dport = binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:])
	case protoICMP:
		ok = inner.icmp(t) == whole
		return inner, ok
	}
	return inner, true
}
