package netset

import "cmp"

// A coordinate is one dimension along which a set is cut: a port or, as
// netip.Addr, an address, of which those of IPv4 come before those of IPv6.
// Next and Prev are asked only where there is one.
type coordinate[K any] interface {
	comparable
	Compare(K) int
	Next() K
	Prev() K
}

// A port as a coordinate.
type port uint16

// Compare, Next and Prev make a port a coordinate.
func (p port) Compare(q port) int { return cmp.Compare(p, q) }
func (p port) Next() port         { return p + 1 }
func (p port) Prev() port         { return p - 1 }

// A cell says that the keys Lo to Hi all have the value V. A list of cells is
// a function from keys to values, and canonical: sorted, disjoint, no value is
// the empty one, and two cells that touch differ in value. So lists are equal
// exactly if the functions are. No cell of addresses holds both families.
type cell[K coordinate[K], V any] struct {
	Lo, Hi K
	V      V
}

// algebra is what a list of cells must know of its values. The zero V is the
// empty value.
type algebra[V any] struct {
	equal func(a, b V) bool
	empty func(V) bool
}

// combine applies op at every key; op of two empty values must be empty. It
// sweeps over both lists at once, a stretch at a time: one on which neither
// changes its value.
func combine[K coordinate[K], V any](g algebra[V], a, b []cell[K, V], op func(x, y V) V) []cell[K, V] {
	var out []cell[K, V]
	var x, y sweep[K, V]
	x.start(a)
	y.start(b)
	for x.more || y.more {
		lo, hi := nextStretch(&x, &y)
		out = push(g, out, lo, hi, op(x.take(lo, hi), y.take(lo, hi)))
	}
	return out
}

// A sweep is one list under a combine: head is what is left of its first cell,
// rest the cells after that one.
type sweep[K coordinate[K], V any] struct {
	head cell[K, V]
	rest []cell[K, V]
	more bool // there is a head
}

func (s *sweep[K, V]) start(list []cell[K, V]) {
	if s.more = len(list) > 0; s.more {
		s.head, s.rest = list[0], list[1:]
	}
}

// nextStretch is the first stretch that lies in a cell of a or b and over which
// both are constant.
func nextStretch[K coordinate[K], V any](a, b *sweep[K, V]) (lo, hi K) {
	if !a.more || b.more && b.head.Lo.Compare(a.head.Lo) < 0 {
		a, b = b, a
	}
	lo, hi = a.head.Lo, a.head.Hi
	switch {
	case !b.more:
	case b.head.Lo != lo && b.head.Lo.Compare(hi) <= 0:
		hi = b.head.Lo.Prev()
	case b.head.Lo == lo && b.head.Hi.Compare(hi) < 0:
		hi = b.head.Hi
	}
	return lo, hi
}

// take gives the value on a stretch and leaves what comes after it.
func (s *sweep[K, V]) take(lo, hi K) (v V) {
	if !s.more || s.head.Lo != lo {
		return v
	}
	v = s.head.V
	if s.head.Hi == hi {
		s.start(s.rest)
	} else {
		s.head.Lo = hi.Next()
	}
	return v
}

// push appends a stretch and keeps the list canonical.
func push[K coordinate[K], V any](g algebra[V], out []cell[K, V], lo, hi K, v V) []cell[K, V] {
	if g.empty(v) {
		return out
	}
	if n := len(out); n > 0 && out[n-1].Hi.Next() == lo && g.equal(out[n-1].V, v) {
		out[n-1].Hi = hi
		return out
	}
	return append(out, cell[K, V]{lo, hi, v})
}

// valueAt is the value of key k.
func valueAt[K coordinate[K], V any](list []cell[K, V], k K) (v V) {
	lo, hi := 0, len(list)
	for lo < hi {
		mid := (lo + hi) / 2
		if list[mid].Hi.Compare(k) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(list) && list[lo].Lo.Compare(k) <= 0 {
		return list[lo].V
	}
	return v
}

// sameCells reports whether two lists are the same function.
func sameCells[K coordinate[K], V any](g algebra[V], a, b []cell[K, V]) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Lo != b[i].Lo || a[i].Hi != b[i].Hi || !g.equal(a[i].V, b[i].V) {
			return false
		}
	}
	return true
}
