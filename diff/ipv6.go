package diff

import (
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
)

// The addresses of a class are of one family: a resource with both has units
// for each.

// inside is the address of an interface within its VPC, of the unit's family.
func (u unit) inside(e cloud.ENI) netip.Addr {
	if u.class != nil && u.class.IPv6 {
		return e.IPv6
	}
	return e.PrivateIP
}

// public is the address of an interface on the internet, of the unit's family.
func (u unit) public(e cloud.ENI) netip.Addr {
	if u.class != nil && u.class.IPv6 {
		return e.IPv6
	}
	return e.PublicIP
}

// dialled is the address that from dials for an address: over NAT64 the one
// that stands for it.
func dialled(from unit, a netip.Addr) netip.Addr {
	if a.Is4() && from.class != nil && from.class.IPv6 {
		return cloud.Synthesized(a)
	}
	return a
}

// resolver is the resolver that the members of a unit's class ask.
func (u unit) resolver() netip.Addr {
	if u.class != nil && u.class.IPv6 {
		return cloud.ResolverIPv6
	}
	return linkLocalResolver
}

// others are the addresses beyond of the families of hosts, without hosts.
func others(beyond, hosts netset.Addrs) netset.Addrs {
	var out netset.Addrs
	for _, family := range netset.Everywhere() {
		all := netset.AddrsOf(family)
		if !hosts.Intersect(all).IsEmpty() {
			out = out.Union(beyond.Intersect(all).Minus(hosts))
		}
	}
	return out
}

// sixth is the IPv6 side of what is listed, or that it has none.
func sixth[T any](what string, v cloud.Value[T], none func(T) bool) string {
	if got, known := v.Get(); known && none(got) {
		return "no " + what
	}
	return what + " " + text(v)
}

func noBlocks(p []netip.Prefix) bool { return len(p) == 0 }
func noBlock(p netip.Prefix) bool    { return !p.IsValid() }
func off(b bool) bool                { return !b }

func (l *lister) egressOnlyGateways() {
	for g := range l.m.EgressOnlyGateways() {
		l.add(g.Meta, "egress-only internet gateway", "of "+nameOr(l.vpc(g.VPC), "no VPC"))
	}
}

// withIPv6 says which IPv6 address an instance has, or asks for.
func withIPv6(in cloud.Instance) string {
	switch {
	case in.IPv6.IsValid():
		return "with " + in.IPv6.String()
	case in.WantsIPv6:
		return "asking for an IPv6 address"
	}
	return "not asking for IPv6"
}
