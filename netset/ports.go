package netset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A PortRange is Lo to Hi, both included.
type PortRange struct{ Lo, Hi uint16 }

// AllPorts is every port.
var AllPorts = PortRange{0, 65535}

// Port is the range of one port.
func Port(p uint16) PortRange { return PortRange{p, p} }

// Contains reports whether p is in r.
func (r PortRange) Contains(p uint16) bool { return r.Lo <= p && p <= r.Hi }

// String gives "443", "1024-65535" or "all".
func (r PortRange) String() string {
	switch {
	case r == AllPorts:
		return "all"
	case r.Lo == r.Hi:
		return fmt.Sprint(r.Lo)
	}
	return fmt.Sprintf("%d-%d", r.Lo, r.Hi)
}

// Ports is an exact set of ports: sorted ranges that neither overlap nor
// touch. The zero Ports is empty. Equal sets are equal slices.
type Ports []PortRange

// PortsOf builds the canonical set of the given ranges; a range with Lo > Hi
// holds nothing.
func PortsOf(ranges ...PortRange) Ports {
	rs := slices.DeleteFunc(slices.Clone(ranges), func(r PortRange) bool { return r.Lo > r.Hi })
	slices.SortFunc(rs, func(a, b PortRange) int { return cmp.Compare(a.Lo, b.Lo) })
	var out Ports
	for _, r := range rs {
		if n := len(out); n > 0 && int(r.Lo) <= int(out[n-1].Hi)+1 {
			out[n-1].Hi = max(out[n-1].Hi, r.Hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

// Contains reports whether port p is in the set.
func (s Ports) Contains(p uint16) bool {
	return slices.ContainsFunc(s, func(r PortRange) bool { return r.Contains(p) })
}

// Union is every port in s or t.
func (s Ports) Union(t Ports) Ports { return PortsOf(slices.Concat(s, t)...) }

// Intersect is every port in both s and t.
func (s Ports) Intersect(t Ports) Ports {
	var out []PortRange
	for _, a := range s {
		for _, b := range t {
			out = append(out, PortRange{max(a.Lo, b.Lo), min(a.Hi, b.Hi)})
		}
	}
	return PortsOf(out...)
}

// Minus is every port of s that is not in t.
func (s Ports) Minus(t Ports) Ports {
	out := slices.Clone(s)
	for _, cut := range t {
		var next []PortRange
		for _, r := range out {
			next = append(next, r.minus(cut)...)
		}
		out = PortsOf(next...)
	}
	return out
}

func (r PortRange) minus(cut PortRange) (left []PortRange) {
	if cut.Hi < r.Lo || r.Hi < cut.Lo {
		return []PortRange{r}
	}
	if r.Lo < cut.Lo {
		left = append(left, PortRange{r.Lo, cut.Lo - 1})
	}
	if cut.Hi < r.Hi {
		left = append(left, PortRange{cut.Hi + 1, r.Hi})
	}
	return left
}

// String gives "22,80,1024-65535", or "none".
func (s Ports) String() string {
	if len(s) == 0 {
		return "none"
	}
	parts := make([]string, len(s))
	for i, r := range s {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}
