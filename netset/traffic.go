package netset

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// A Traffic is an exact set of (protocol, destination port, source port).
// Protocols without ports hold or lack the one pair (0, 0). It is canonical:
// Traffics that hold the same are equal structures. The zero Traffic is empty.
type Traffic struct {
	tcp, udp pairs
	others   [4]uint64 // a bit for each protocol without ports
}

// pairs is a set of (destination port, source port): for each destination port
// the set of source ports.
type pairs = []cell[port, Ports]

var ofPorts = algebra[Ports]{
	equal: func(a, b Ports) bool { return slices.Equal(a, b) },
	empty: func(p Ports) bool { return len(p) == 0 },
}

// AllTraffic is everything.
func AllTraffic() Traffic { return Match(AnyProtocol, AllPorts, AllPorts) }

// Match is what a rule for a protocol, destination ports and source ports
// covers. Ports count for tcp and udp only.
func Match(p Protocol, dst, src PortRange) Traffic {
	var t Traffic
	var ports pairs
	if dst.Lo <= dst.Hi && src.Lo <= src.Hi {
		ports = pairs{{port(dst.Lo), port(dst.Hi), Ports{src}}}
	}
	switch p {
	case AnyProtocol:
		t = Traffic{ports, ports, [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}}
		t.others[0] &^= 1<<TCP | 1<<UDP
	case TCP:
		t.tcp = ports
	case UDP:
		t.udp = ports
	default:
		t.others[p/64] = 1 << (p % 64)
	}
	return t
}

// Contains reports whether t holds a packet of protocol p to port dst from
// port src.
func (t Traffic) Contains(p Protocol, dst, src uint16) bool {
	switch p {
	case TCP:
		return valueAt(t.tcp, port(dst)).Contains(src)
	case UDP:
		return valueAt(t.udp, port(dst)).Contains(src)
	}
	return p >= 0 && p < 256 && t.others[p/64]>>(p%64)&1 == 1
}

// IsEmpty reports whether t holds nothing.
func (t Traffic) IsEmpty() bool { return len(t.tcp) == 0 && len(t.udp) == 0 && t.others == [4]uint64{} }

// Equal reports whether both hold the same.
func (t Traffic) Equal(u Traffic) bool {
	return t.others == u.others && sameCells(ofPorts, t.tcp, u.tcp) && sameCells(ofPorts, t.udp, u.udp)
}

// Union is what is in t or u.
func (t Traffic) Union(u Traffic) Traffic {
	return t.combine(u, Ports.Union, func(a, b uint64) uint64 { return a | b })
}

// Intersect is what is in both t and u.
func (t Traffic) Intersect(u Traffic) Traffic {
	return t.combine(u, Ports.Intersect, func(a, b uint64) uint64 { return a & b })
}

// Minus is what is in t and not in u.
func (t Traffic) Minus(u Traffic) Traffic {
	return t.combine(u, Ports.Minus, func(a, b uint64) uint64 { return a &^ b })
}

func (t Traffic) combine(u Traffic, ports func(a, b Ports) Ports, bits func(a, b uint64) uint64) Traffic {
	out := Traffic{tcp: combine(ofPorts, t.tcp, u.tcp, ports), udp: combine(ofPorts, t.udp, u.udp, ports)}
	for i := range out.others {
		out.others[i] = bits(t.others[i], u.others[i])
	}
	return out
}

// RaiseSources is what is in t once every source port below least is raised to
// least, as a NAT gateway does: its own ports are 1024 to 65535.
func (t Traffic) RaiseSources(least uint16) Traffic {
	raise := func(list pairs) pairs {
		return combine(ofPorts, list, nil, func(src, _ Ports) Ports {
			below := PortsOf(PortRange{0, least - 1})
			if src.Contains(least) {
				return src.Union(below)
			}
			return src.Minus(below)
		})
	}
	return Traffic{raise(t.tcp), raise(t.udp), t.others}
}

// BeforeNAT64 is what is in t once NAT64 has made IPv4 of it: TCP and UDP stay
// what they are, ICMPv6 becomes ICMP, and nothing else gets through.
func (t Traffic) BeforeNAT64() Traffic {
	out := Traffic{tcp: t.tcp, udp: t.udp}
	if t.Contains(ICMP, 0, 0) {
		out.others[ICMPv6/64] = 1 << (ICMPv6 % 64)
	}
	return out
}

// Sample is a packet of t, the most ordinary one: tcp before udp before icmp,
// port 443, from an ephemeral port.
func (t Traffic) Sample() (p Protocol, dst, src uint16, ok bool) {
	for _, ports := range []struct {
		p    Protocol
		list pairs
	}{{TCP, t.tcp}, {UDP, t.udp}} {
		if len(ports.list) == 0 {
			continue
		}
		dst = uint16(ports.list[0].Lo)
		if len(valueAt(ports.list, 443)) > 0 {
			dst = 443
		}
		return ports.p, dst, valueAt(ports.list, port(dst)).sample(), true
	}
	if t.Contains(ICMP, 0, 0) {
		return ICMP, 0, 0, true
	}
	for p := range Protocol(256) {
		if !p.HasPorts() && t.Contains(p, 0, 0) {
			return p, 0, 0, true
		}
	}
	return 0, 0, 0, false
}

// sample is an ephemeral port where there is one, else the lowest.
func (s Ports) sample() uint16 {
	if s.Contains(40000) {
		return 40000
	}
	return s[len(s)-1].Lo
}

// AppendKey appends bytes that are the same exactly for equal Traffics.
func (t Traffic) AppendKey(key []byte) []byte {
	for _, list := range []pairs{t.tcp, t.udp} {
		key = binary.BigEndian.AppendUint16(key, uint16(len(list)))
		for _, c := range list {
			key = binary.BigEndian.AppendUint16(key, uint16(c.Lo))
			key = binary.BigEndian.AppendUint16(key, uint16(c.Hi))
			key = binary.BigEndian.AppendUint16(key, uint16(len(c.V)))
			for _, r := range c.V {
				key = binary.BigEndian.AppendUint16(key, r.Lo)
				key = binary.BigEndian.AppendUint16(key, r.Hi)
			}
		}
	}
	for _, bits := range t.others {
		key = binary.BigEndian.AppendUint64(key, bits)
	}
	return key
}

// Edges are the destination and source ports at which t changes: the first and
// last of every range, and their neighbours outside. They are the ports that a
// test of t must try.
func (t Traffic) Edges(p Protocol) (dst, src []uint16) {
	list := t.tcp
	if p == UDP {
		list = t.udp
	}
	add := func(to []uint16, lo, hi uint16) []uint16 { return append(to, lo, hi, lo-1, hi+1) }
	if !p.HasPorts() {
		return []uint16{0}, []uint16{0}
	}
	for _, c := range list {
		dst = add(dst, uint16(c.Lo), uint16(c.Hi))
		for _, r := range c.V {
			src = add(src, r.Lo, r.Hi)
		}
	}
	slices.Sort(dst)
	slices.Sort(src)
	return slices.Compact(dst), slices.Compact(src)
}

// String gives "tcp 80,443; udp 53 from 1024-65535; icmp; 248 more", or "none".
func (t Traffic) String() string {
	var parts []string
	if t.Equal(AllTraffic()) {
		return "everything"
	}
	for _, ports := range []struct {
		p    Protocol
		list pairs
	}{{TCP, t.tcp}, {UDP, t.udp}} {
		for _, c := range ports.list {
			parts = append(parts, fmt.Sprintf("%s %s%s", ports.p, PortRange{uint16(c.Lo), uint16(c.Hi)}, fromPorts(c.V)))
		}
	}
	more := 0
	for p := range Protocol(256) {
		switch {
		case p.HasPorts() || !t.Contains(p, 0, 0):
		case p == ICMP || len(parts) == 0:
			parts = append(parts, p.String())
		default:
			more++
		}
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("%d more protocols", more))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "; ")
}

func fromPorts(p Ports) string {
	if slices.Equal(p, Ports{AllPorts}) {
		return ""
	}
	return " from " + p.String()
}
