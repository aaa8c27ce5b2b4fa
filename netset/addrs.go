package netset

import (
	"net/netip"
	"slices"
	"strings"
)

// An AddrRange is addresses of one family that follow each other. It can only
// be made of a prefix or of two addresses of one family, so none mixes them;
// the zero AddrRange holds nothing.
type AddrRange struct{ lo, hi netip.Addr }

// AllIPv4 and AllIPv6 are every address of a family.
var (
	AllIPv4 = RangeOf(netip.MustParsePrefix("0.0.0.0/0"))
	AllIPv6 = RangeOf(netip.MustParsePrefix("::/0"))
)

// RangeOf is the range of a prefix; of the zero Prefix, the zero AddrRange.
func RangeOf(p netip.Prefix) AddrRange {
	if !p.IsValid() {
		return AddrRange{}
	}
	lo := p.Masked().Addr()
	raw := lo.AsSlice()
	for i := range raw {
		raw[i] |= 0xff >> max(0, min(8, p.Bits()-8*i))
	}
	hi, _ := netip.AddrFromSlice(raw)
	return AddrRange{lo, hi}
}

// Host is the range of one address; of the zero Addr, the zero AddrRange.
func Host(a netip.Addr) AddrRange { return AddrRange{a, a} }

// Between is lo to hi, both included; false where they are not of one family,
// or hi comes before lo.
func Between(lo, hi netip.Addr) (AddrRange, bool) {
	if !lo.IsValid() || lo.BitLen() != hi.BitLen() || hi.Less(lo) {
		return AddrRange{}, false
	}
	return AddrRange{lo, hi}, true
}

// Lo is the first address.
func (r AddrRange) Lo() netip.Addr { return r.lo }

// Hi is the last address.
func (r AddrRange) Hi() netip.Addr { return r.hi }

// IsEmpty reports whether r holds nothing.
func (r AddrRange) IsEmpty() bool { return !r.lo.IsValid() }

// Contains reports whether a is in r.
func (r AddrRange) Contains(a netip.Addr) bool {
	return r.lo.BitLen() == a.BitLen() && !a.Less(r.lo) && !r.hi.Less(a)
}

// Prefix is the block that r is; false where it is none.
func (r AddrRange) Prefix() (netip.Prefix, bool) {
	for bits := range r.lo.BitLen() + 1 {
		if p := netip.PrefixFrom(r.lo, bits); RangeOf(p) == r {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// String gives "10.0.0.1" or "10.0.0.0-10.0.0.255".
func (r AddrRange) String() string {
	if r.lo == r.hi {
		return r.lo.String()
	}
	return r.lo.String() + "-" + r.hi.String()
}

// Addrs is an exact set of addresses: sorted ranges that neither overlap nor
// touch, those of IPv4 before those of IPv6. The zero Addrs is empty. Equal
// sets are equal slices.
type Addrs []AddrRange

// Everywhere is every address of both families.
func Everywhere() Addrs { return Addrs{AllIPv4, AllIPv6} }

// AddrsOf builds the canonical set of the given ranges.
func AddrsOf(ranges ...AddrRange) Addrs {
	rs := slices.DeleteFunc(slices.Clone(ranges), AddrRange.IsEmpty)
	slices.SortFunc(rs, func(a, b AddrRange) int { return a.lo.Compare(b.lo) })
	var out Addrs
	for _, r := range rs {
		if n := len(out); n > 0 && (!out[n-1].hi.Less(r.lo) || out[n-1].hi.Next() == r.lo) {
			if out[n-1].hi.Less(r.hi) {
				out[n-1].hi = r.hi
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// Prefixes is the set of everything that ps cover.
func Prefixes(ps ...netip.Prefix) Addrs {
	rs := make([]AddrRange, len(ps))
	for i, p := range ps {
		rs[i] = RangeOf(p)
	}
	return AddrsOf(rs...)
}

// Contains reports whether address a is in the set.
func (s Addrs) Contains(a netip.Addr) bool {
	i, ok := slices.BinarySearchFunc(s, a, func(r AddrRange, a netip.Addr) int { return r.lo.Compare(a) })
	return ok || i > 0 && s[i-1].Contains(a)
}

// IsEmpty reports whether no address is in the set.
func (s Addrs) IsEmpty() bool { return len(s) == 0 }

// Equal reports whether both hold the same addresses.
func (s Addrs) Equal(t Addrs) bool { return slices.Equal(s, t) }

// Union is every address in s or t.
func (s Addrs) Union(t Addrs) Addrs { return AddrsOf(slices.Concat(s, t)...) }

// Intersect is every address in both s and t.
func (s Addrs) Intersect(t Addrs) Addrs {
	var out Addrs
	for i, j := 0, 0; i < len(s) && j < len(t); {
		lo, hi := s[i].lo, s[i].hi
		if lo.Less(t[j].lo) {
			lo = t[j].lo
		}
		if t[j].hi.Less(hi) {
			hi = t[j].hi
		}
		if r, ok := Between(lo, hi); ok {
			out = append(out, r)
		}
		if s[i].hi.Less(t[j].hi) {
			i++
		} else {
			j++
		}
	}
	return out
}

// Minus is every address of s that is not in t.
func (s Addrs) Minus(t Addrs) Addrs { return s.Intersect(t.complement()) }

// complement is the gaps between the ranges, family by family.
func (s Addrs) complement() Addrs {
	var out Addrs
	for _, all := range Everywhere() {
		next := all.lo
		for _, r := range s {
			if r.lo.BitLen() != next.BitLen() {
				continue
			}
			if before, ok := Between(next, r.lo.Prev()); ok {
				out = append(out, before)
			}
			next = r.hi.Next()
		}
		if rest, ok := Between(next, all.hi); ok {
			out = append(out, rest)
		}
	}
	return out
}

// String gives "10.0.0.0-10.0.0.255,10.2.0.1", or "none".
func (s Addrs) String() string {
	if len(s) == 0 {
		return "none"
	}
	parts := make([]string, len(s))
	for i, r := range s {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}
