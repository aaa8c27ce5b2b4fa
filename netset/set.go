package netset

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A Packet is what a Set holds: the far end's address, and the ports as the
// packet that opens the conversation has them. Whose set it is stands at the
// near end, so one address is enough.
type Packet struct {
	Far      netip.Addr
	Proto    Protocol
	Dst, Src uint16
}

// String gives "tcp 10.0.0.1 to 443 from 40000".
func (p Packet) String() string {
	return fmt.Sprintf("%s %s to %d from %d", p.Proto, p.Far, p.Dst, p.Src)
}

// A Set is an exact set of Packets: addresses x protocols x destination ports
// x source ports. It is canonical: Sets that hold the same packets are equal
// structures. The zero Set is empty.
type Set struct {
	cells []cell[netip.Addr, Traffic]
}

var ofTraffic = algebra[Traffic]{equal: Traffic.Equal, empty: Traffic.IsEmpty}

// Product is every packet of t with a far end in a.
func Product(a Addrs, t Traffic) Set { return Collect(Piece{a, t}) }

// A Piece is a product that a Set is made of.
type Piece struct {
	Addrs   Addrs
	Traffic Traffic
}

// Collect is the union of pieces of which no two have an address in common;
// it takes time for sorting only. Union is for those that have.
func Collect(pieces ...Piece) Set {
	var all []cell[netip.Addr, Traffic]
	for _, p := range pieces {
		for _, r := range p.Addrs {
			all = append(all, cell[netip.Addr, Traffic]{r.lo, r.hi, p.Traffic})
		}
	}
	slices.SortFunc(all, func(a, b cell[netip.Addr, Traffic]) int { return a.Lo.Compare(b.Lo) })
	var s Set
	for _, c := range all {
		s.cells = push(ofTraffic, s.cells, c.Lo, c.Hi, c.V)
	}
	return s
}

// Contains reports whether p is in s.
func (s Set) Contains(p Packet) bool { return s.At(p.Far).Contains(p.Proto, p.Dst, p.Src) }

// At is what s holds for one far end.
func (s Set) At(far netip.Addr) Traffic { return valueAt(s.cells, far) }

// IsEmpty reports whether s holds nothing.
func (s Set) IsEmpty() bool { return len(s.cells) == 0 }

// Equal reports whether both hold the same packets.
func (s Set) Equal(t Set) bool { return sameCells(ofTraffic, s.cells, t.cells) }

// Union is every packet in s or t.
func (s Set) Union(t Set) Set { return Set{combine(ofTraffic, s.cells, t.cells, Traffic.Union)} }

// Intersect is every packet in both s and t.
func (s Set) Intersect(t Set) Set {
	return Set{combine(ofTraffic, s.cells, t.cells, Traffic.Intersect)}
}

// Minus is every packet of s that is not in t.
func (s Set) Minus(t Set) Set { return Set{combine(ofTraffic, s.cells, t.cells, Traffic.Minus)} }

// Within is every packet of s with a far end in a.
func (s Set) Within(a Addrs) Set { return s.Intersect(Product(a, AllTraffic())) }

// Sample is a packet of s.
func (s Set) Sample() (Packet, bool) {
	for _, c := range s.cells {
		p, dst, src, ok := c.V.Sample()
		return Packet{c.Lo, p, dst, src}, ok
	}
	return Packet{}, false
}

// Pieces are the products that s consists of, one for each range of addresses
// that are alike, in their order.
func (s Set) Pieces() []Piece {
	out := make([]Piece, len(s.cells))
	for i, c := range s.cells {
		out[i] = Piece{Addrs{{c.Lo, c.Hi}}, c.V}
	}
	return out
}

// String lists the pieces, a line each, or gives "none".
func (s Set) String() string {
	if s.IsEmpty() {
		return "none"
	}
	var lines []string
	for _, p := range s.Pieces() {
		lines = append(lines, fmt.Sprintf("%s: %s", p.Addrs, p.Traffic))
	}
	return strings.Join(lines, "\n")
}
