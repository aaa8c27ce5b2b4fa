package netset

// A coordinate is one dimension along which a set is cut.
type coordinate interface{ ~uint16 | ~uint32 }

// A cell says that the keys Lo to Hi all have the value V. A list of cells is
// a function from keys to values, and canonical: sorted, disjoint, no value is
// the empty one, and two cells that touch differ in value. So lists are equal
// exactly if the functions are.
type cell[K coordinate, V any] struct {
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
func combine[K coordinate, V any](g algebra[V], a, b []cell[K, V], op func(x, y V) V) []cell[K, V] {
	var out []cell[K, V]
	at := uint64(0)
	for len(a) > 0 || len(b) > 0 {
		lo, hi := nextStretch(a, b, at)
		var x, y V
		x, a = take(a, lo, hi)
		y, b = take(b, lo, hi)
		out = push(g, out, K(lo), K(hi), op(x, y))
		at = hi + 1
	}
	return out
}

// nextStretch is the first stretch from at on that lies in a cell of a or b
// and over which both are constant.
func nextStretch[K coordinate, V any](a, b []cell[K, V], at uint64) (lo, hi uint64) {
	lo, hi = 1<<63, 1<<63
	for _, list := range [2][]cell[K, V]{a, b} {
		if len(list) > 0 {
			lo = min(lo, max(at, uint64(list[0].Lo)))
		}
	}
	for _, list := range [2][]cell[K, V]{a, b} {
		switch {
		case len(list) == 0:
		case uint64(list[0].Lo) <= lo:
			hi = min(hi, uint64(list[0].Hi))
		default:
			hi = min(hi, uint64(list[0].Lo)-1)
		}
	}
	return lo, hi
}

// take gives the value on a stretch, and the list without the cells that end
// with it.
func take[K coordinate, V any](list []cell[K, V], lo, hi uint64) (v V, rest []cell[K, V]) {
	if len(list) == 0 || uint64(list[0].Lo) > lo {
		return v, list
	}
	v = list[0].V
	if uint64(list[0].Hi) == hi {
		list = list[1:]
	}
	return v, list
}

// push appends a stretch and keeps the list canonical.
func push[K coordinate, V any](g algebra[V], out []cell[K, V], lo, hi K, v V) []cell[K, V] {
	if g.empty(v) {
		return out
	}
	if n := len(out); n > 0 && out[n-1].Hi+1 == lo && g.equal(out[n-1].V, v) {
		out[n-1].Hi = hi
		return out
	}
	return append(out, cell[K, V]{lo, hi, v})
}

// valueAt is the value of key k.
func valueAt[K coordinate, V any](list []cell[K, V], k K) (v V) {
	lo, hi := 0, len(list)
	for lo < hi {
		mid := (lo + hi) / 2
		if list[mid].Hi < k {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(list) && list[lo].Lo <= k {
		return list[lo].V
	}
	return v
}

// sameCells reports whether two lists are the same function.
func sameCells[K coordinate, V any](g algebra[V], a, b []cell[K, V]) bool {
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
