package fabric

import "encoding/binary"

// A rewrite changes the addresses and ports of every packet of one direction
// of a flow from one key to another. The sums are worked out once.
type rewrite struct {
	to     key
	same   bool
	header uint16 // what the change adds to a sum over the addresses
	body   uint16 // what it adds to a sum over addresses and ports
	ident  uint16 // what it adds to a sum over an ICMP message
}

func newRewrite(from, to key) rewrite {
	addrs := deltaAddr(from.src, to.src) + deltaAddr(from.dst, to.dst)
	ports := delta16(from.sport, to.sport) + delta16(from.dport, to.dport)
	return rewrite{to: to, same: from == to, header: fold(addrs), body: fold(addrs + ports), ident: fold(ports)}
}

// apply changes a whole packet or the first fragment of one.
func (r *rewrite) apply(p *packet) {
	if r.same {
		return
	}
	r.addresses(p.ip)
	r.transport(p.ip[p.l4:], p.partial())
}

// addresses changes the IP header alone: all there is to change in a later
// fragment. That of IPv6 has no checksum.
func (r *rewrite) addresses(ip []byte) {
	if r.to.src.is6() {
		r.to.src.put(ip[8:])
		r.to.dst.put(ip[24:])
		return
	}
	binary.BigEndian.PutUint32(ip[12:], uint32(r.to.src.lo))
	binary.BigEndian.PutUint32(ip[16:], uint32(r.to.dst.lo))
	addToChecksum(ip[10:], r.header)
}

// transport changes ports and checksum in a transport header, as much of it as
// b holds: an ICMP error quotes no more than 8 bytes of it for certain.
func (r *rewrite) transport(b []byte, partial bool) {
	switch r.to.proto {
	case protoTCP:
		r.ports(b)
		if len(b) >= 18 {
			r.sum(b[16:], partial)
		}
	case protoUDP:
		r.ports(b)
		if partial {
			addToSum(b[6:], r.header)
		} else if b[6]|b[7] != 0 { // 0: the sender computed none
			r.udpSum(b[6:])
		}
	case protoICMP:
		binary.BigEndian.PutUint16(b[4:], r.to.sport|r.to.dport)
		addToChecksum(b[2:], r.ident)
	case protoICMPv6: // its sum is over the addresses too
		binary.BigEndian.PutUint16(b[4:], r.to.sport|r.to.dport)
		r.sum(b[2:], partial)
	}
}

func (r *rewrite) ports(b []byte) {
	binary.BigEndian.PutUint16(b, r.to.sport)
	binary.BigEndian.PutUint16(b[2:], r.to.dport)
}

func (r *rewrite) sum(b []byte, partial bool) {
	if partial {
		addToSum(b, r.header)
		return
	}
	addToChecksum(b, r.body)
}

// udpSum adjusts a UDP checksum, which is sent as all ones where it is zero.
func (r *rewrite) udpSum(b []byte) {
	addToChecksum(b, r.body)
	if b[0]|b[1] == 0 {
		b[0], b[1] = 0xff, 0xff
	}
}
