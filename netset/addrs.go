package netset

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// An IPv4 is an IPv4 address as a number, so that a set can neither hold nor
// be asked for an address of another family.
type IPv4 uint32

// IPv4Of gives the number of an IPv4 address; false for any other.
func IPv4Of(a netip.Addr) (IPv4, bool) {
	if !a.Is4() {
		return 0, false
	}
	b := a.As4()
	return IPv4(binary.BigEndian.Uint32(b[:])), true
}

// Addr is the address as netip has it.
func (a IPv4) Addr() netip.Addr {
	return netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)})
}

// String gives the dotted form.
func (a IPv4) String() string { return a.Addr().String() }

// An AddrRange is Lo to Hi, both included.
type AddrRange struct{ Lo, Hi IPv4 }

// AllAddrs is every IPv4 address.
var AllAddrs = AddrRange{0, 1<<32 - 1}

// RangeOf is the range of an IPv4 prefix; false for any other.
func RangeOf(p netip.Prefix) (AddrRange, bool) {
	lo, ok := IPv4Of(p.Masked().Addr())
	if !ok {
		return AddrRange{}, false
	}
	return AddrRange{lo, lo | IPv4(uint64(1)<<(32-p.Bits())-1)}, true
}

// Contains reports whether a is in r.
func (r AddrRange) Contains(a IPv4) bool { return r.Lo <= a && a <= r.Hi }

// String gives "10.0.0.1" or "10.0.0.0-10.0.0.255".
func (r AddrRange) String() string {
	if r.Lo == r.Hi {
		return r.Lo.String()
	}
	return fmt.Sprintf("%s-%s", r.Lo, r.Hi)
}

// Addrs is an exact set of IPv4 addresses: sorted ranges that neither overlap
// nor touch. The zero Addrs is empty. Equal sets are equal slices.
type Addrs []AddrRange

// AddrsOf builds the canonical set of the given ranges; a range with Lo > Hi
// holds nothing.
func AddrsOf(ranges ...AddrRange) Addrs {
	rs := slices.DeleteFunc(slices.Clone(ranges), func(r AddrRange) bool { return r.Lo > r.Hi })
	slices.SortFunc(rs, func(a, b AddrRange) int { return cmp.Compare(a.Lo, b.Lo) })
	var out Addrs
	for _, r := range rs {
		if n := len(out); n > 0 && uint64(r.Lo) <= uint64(out[n-1].Hi)+1 {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// Prefixes is the set of everything that the IPv4 ones among ps cover.
func Prefixes(ps ...netip.Prefix) Addrs {
	var rs []AddrRange
	for _, p := range ps {
		if r, ok := RangeOf(p); ok {
			rs = append(rs, r)
		}
	}
	return AddrsOf(rs...)
}

// Contains reports whether address a is in the set.
func (s Addrs) Contains(a IPv4) bool {
	i, ok := slices.BinarySearchFunc(s, a, func(r AddrRange, a IPv4) int { return cmp.Compare(r.Lo, a) })
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
		if r := (AddrRange{max(s[i].Lo, t[j].Lo), min(s[i].Hi, t[j].Hi)}); r.Lo <= r.Hi {
			out = append(out, r)
		}
		if s[i].Hi < t[j].Hi {
			i++
		} else {
			j++
		}
	}
	return out
}

// Minus is every address of s that is not in t.
func (s Addrs) Minus(t Addrs) Addrs { return s.Intersect(t.complement()) }

func (s Addrs) complement() Addrs {
	var out Addrs
	next := uint64(0)
	for _, r := range s {
		if uint64(r.Lo) > next {
			out = append(out, AddrRange{IPv4(next), r.Lo - 1})
		}
		next = uint64(r.Hi) + 1
	}
	if next <= uint64(AllAddrs.Hi) {
		out = append(out, AddrRange{IPv4(next), AllAddrs.Hi})
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
