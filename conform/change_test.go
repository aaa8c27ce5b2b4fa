package conform

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// The changes that laws make to a Spec. Each builds new slices.

// reordered is s with every list in another order: what is declared, and the
// sets within it. What AWS orders by itself, the blocks of a VPC, stays; the
// groups of interfaces have a law of their own.
func reordered(t *rapid.T, s cloud.Spec) cloud.Spec {
	s.VPCs, s.Peerings, s.Roles = shuffled(t, s.VPCs), shuffled(t, s.Peerings), shuffled(t, s.Roles)
	s.Subnets, s.InternetGateways = shuffled(t, s.Subnets), shuffled(t, s.InternetGateways)
	s.NATGateways, s.EgressOnlyGateways = shuffled(t, s.NATGateways), shuffled(t, s.EgressOnlyGateways)
	s.PrefixLists = each(shuffled(t, s.PrefixLists), func(p *cloud.PrefixList) { p.Prefixes = shuffled(t, p.Prefixes) })
	s.RouteTables = each(shuffled(t, s.RouteTables), func(r *cloud.RouteTable) { r.Routes = shuffled(t, r.Routes) })
	s.SecurityGroups = each(shuffled(t, s.SecurityGroups), func(g *cloud.SecurityGroup) {
		g.Ingress, g.Egress = shuffled(t, g.Ingress), shuffled(t, g.Egress)
	})
	s.NetworkACLs = each(shuffled(t, s.NetworkACLs), func(a *cloud.NetworkACL) {
		a.Ingress, a.Egress = shuffled(t, a.Ingress), shuffled(t, a.Egress)
	})
	s.Endpoints = each(shuffled(t, s.Endpoints), func(e *cloud.Endpoint) {
		e.Subnets, e.RouteTables = shuffledValue(t, e.Subnets), shuffled(t, e.RouteTables)
	})
	s.Functions = each(shuffled(t, s.Functions), func(f *cloud.Function) {
		if f.Network != nil {
			n := *f.Network
			n.Subnets = shuffledValue(t, n.Subnets)
			f.Network = &n
		}
	})
	s.Instances = shuffled(t, s.Instances)
	s.LightsailInstances = each(shuffled(t, s.LightsailInstances), func(in *cloud.LightsailInstance) {
		if len(in.Firewall) > 0 {
			in.Firewall = shuffled(t, in.Firewall)
		}
	})
	return s
}

// regrouped is s with the groups of every interface in another order.
func regrouped(t *rapid.T, s cloud.Spec) cloud.Spec {
	s.Endpoints = each(s.Endpoints, func(e *cloud.Endpoint) { e.Groups = shuffledValue(t, e.Groups) })
	s.Instances = each(s.Instances, func(in *cloud.Instance) { in.Groups = shuffledValue(t, in.Groups) })
	s.Functions = each(s.Functions, func(f *cloud.Function) {
		if f.Network != nil {
			n := *f.Network
			n.Groups = shuffledValue(t, n.Groups)
			f.Network = &n
		}
	})
	return s
}

// each changes a copy of list.
func each[T any](list []T, change func(*T)) []T {
	out := slices.Clone(list)
	for i := range out {
		change(&out[i])
	}
	return out
}

func shuffledValue[T any](t *rapid.T, v cloud.Value[[]T]) cloud.Value[[]T] {
	list, known := v.Get()
	if !known {
		return v
	}
	return cloud.Known(shuffled(t, list))
}

// renamed is s with another name for everything that has one, so that the
// order of names changes too, and another stack.
func renamed(t *rapid.T, s cloud.Spec) cloud.Spec {
	s.Stack = "other"
	name := newNames(t)
	s.VPCs = each(s.VPCs, func(v *cloud.VPC) { name(&v.Meta) })
	s.Subnets = each(s.Subnets, func(v *cloud.Subnet) { name(&v.Meta) })
	s.RouteTables = each(s.RouteTables, func(v *cloud.RouteTable) {
		name(&v.Meta)
		v.Routes = each(v.Routes, func(r *cloud.Route) { name(&r.Meta) })
	})
	s.InternetGateways = each(s.InternetGateways, func(v *cloud.InternetGateway) { name(&v.Meta) })
	s.EgressOnlyGateways = each(s.EgressOnlyGateways, func(v *cloud.EgressOnlyGateway) { name(&v.Meta) })
	s.NATGateways = each(s.NATGateways, func(v *cloud.NATGateway) { name(&v.Meta) })
	s.Peerings = each(s.Peerings, func(v *cloud.Peering) { name(&v.Meta) })
	s.PrefixLists = each(s.PrefixLists, func(v *cloud.PrefixList) { name(&v.Meta) })
	s.SecurityGroups = each(s.SecurityGroups, func(v *cloud.SecurityGroup) { name(&v.Meta) })
	s.NetworkACLs = each(s.NetworkACLs, func(v *cloud.NetworkACL) { name(&v.Meta) })
	s.Endpoints = each(s.Endpoints, func(v *cloud.Endpoint) { name(&v.Meta) })
	s.Functions = each(s.Functions, func(v *cloud.Function) { name(&v.Meta) })
	s.Instances = each(s.Instances, func(v *cloud.Instance) { name(&v.Meta) })
	s.LightsailInstances = each(s.LightsailInstances, func(v *cloud.LightsailInstance) { name(&v.Meta) })
	return s
}

// newNames gives names in a random order. The line, which no two objects have
// in common, remembers who is who.
func newNames(t *rapid.T) func(*cloud.Meta) {
	seed := rapid.Uint32().Draw(t, "names")
	return func(m *cloud.Meta) {
		m.Name = fmt.Sprintf("n%08x-%d", (uint32(m.At.Line)+seed)*2654435761, m.At.Line)
	}
}

// likeness pairs the interfaces of two models by what they belong to: the
// owner's line, its subnet, its kind.
func likeness(m *cloud.Model) map[string]cloud.ENI {
	out := map[string]cloud.ENI{}
	for e := range m.ENIs() {
		for _, owner := range e.Owners {
			out[fmt.Sprint(lineOf(m, owner), e.Subnet, e.Kind)] = e
		}
	}
	return out
}

// lineOf is where the owner of an interface is declared.
func lineOf(m *cloud.Model, owner string) int {
	for _, meta := range m.Find(owner) {
		return meta.At.Line
	}
	return 0
}

// translated is p as it has to be asked of another model of the same things,
// in which they may have other addresses; false where the address of p is one
// of several VPCs, none of them its own.
func translated(p probe, from, to *cloud.Model) (probe, bool) {
	was, is, dst := likeness(from), likeness(to), p.flow.Dst.Addr()
	p.sender = p.sender.in(was, is)
	p.flow.Src = netip.AddrPortFrom(p.addr, p.flow.Src.Port())
	home, ok := holder(from, p.vpc, dst)
	for key, e := range was {
		if e.AddrLike(dst) == dst && e.VPC == home {
			p.flow.Dst = netip.AddrPortFrom(is[key].AddrLike(dst), p.flow.Dst.Port())
		}
	}
	return p, ok && !cloud.NAT64.Contains(dst)
}

// holder is the VPC that an address means to a sender in own: own itself, or
// the only other one that has it.
func holder(m *cloud.Model, own cloud.VPCID, a netip.Addr) (cloud.VPCID, bool) {
	var found []cloud.VPCID
	for v := range m.VPCs() {
		if v.Contains(a) && v.ID == own {
			return own, true
		}
		if v.Contains(a) {
			found = append(found, v.ID)
		}
	}
	if len(found) == 0 {
		return "", true
	}
	return found[0], len(found) == 1
}

func (s sender) in(was, is map[string]cloud.ENI) sender {
	id, ok := s.from.(path.FromENI)
	for key, e := range was {
		if ok && e.ID == id.ID {
			s.from, s.addr = fromENI(is[key].ID), is[key].AddrLike(s.addr)
			return s
		}
	}
	return s
}

// withAllowRule adds a rule that admits anything to one group, or an entry
// that allows anything to one network ACL.
func withAllowRule(t *rapid.T, s cloud.Spec) cloud.Spec {
	b := &builder{t: t, spec: s}
	if len(s.NetworkACLs) > 0 && chance(t, 40, "into an ACL") {
		which, egress := roll(t, len(s.NetworkACLs), "ACL"), chance(t, 50, "egress")
		e := cloud.ACLEntry{Meta: cloud.Meta{Name: "added"}, Allow: true, CIDR: cloud.Known(b.range4(s.NetworkACLs[which].VPC))}
		e.Proto, e.Ports = b.traffic()
		e.Number = 500 + roll(t, 2, "number")*-500 // before all others, or after most
		s.NetworkACLs = slices.Clone(s.NetworkACLs)
		add(&s.NetworkACLs[which].Ingress, &s.NetworkACLs[which].Egress, egress, e)
		return s
	}
	which, egress := roll(t, len(s.SecurityGroups), "group"), chance(t, 50, "egress")
	r := b.rule(s.SecurityGroups[which])
	s.SecurityGroups = slices.Clone(s.SecurityGroups)
	add(&s.SecurityGroups[which].Ingress, &s.SecurityGroups[which].Egress, egress, r)
	return s
}

func add[T any](in, out *[]T, egress bool, v T) {
	if egress {
		in = out
	}
	*in = append(slices.Clone(*in), v)
}

// withoutRules empties every group, firewall and network ACL. Default groups
// and ACLs that are not stated are so now, empty.
func withoutRules(s cloud.Spec) cloud.Spec {
	s.SecurityGroups = each(s.SecurityGroups, func(g *cloud.SecurityGroup) { g.Ingress, g.Egress = nil, nil })
	s.NetworkACLs = each(s.NetworkACLs, func(a *cloud.NetworkACL) { a.Ingress, a.Egress = nil, nil })
	s.LightsailInstances = each(s.LightsailInstances, func(in *cloud.LightsailInstance) { in.Firewall = []cloud.FirewallPort{} })
	for _, v := range s.VPCs {
		s.SecurityGroups = append(s.SecurityGroups, cloud.SecurityGroup{Meta: cloud.Meta{Name: v.Name + "-default"}, ID: cloud.DefaultGroupID(v.ID), VPC: v.ID})
	}
	return s
}

// hiding leaves one fact open that a Spec states.
var hiding = []struct {
	fact string
	from func(*rapid.T, *cloud.Spec)
}{
	{"a rule's peer", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) {
			change(t, either(t, &g.Egress, &g.Ingress), func(r *cloud.Rule) { r.Peer = cloud.PeerUnknown{Gap: hidden} })
		})
	}},
	{"an entry's block", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.NetworkACLs, func(a *cloud.NetworkACL) {
			change(t, either(t, &a.Egress, &a.Ingress), func(e *cloud.ACLEntry) { e.CIDR = unknown[netip.Prefix]() })
		})
	}},
	{"a route's target", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.RouteTables, func(r *cloud.RouteTable) {
			change(t, &r.Routes, func(r *cloud.Route) { r.Target = cloud.ToUnknown{Gap: hidden} })
		})
	}},
	{"a route's destination", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.RouteTables, func(r *cloud.RouteTable) {
			change(t, &r.Routes, func(r *cloud.Route) { r.Dest = cloud.UnknownDest{Gap: hidden} })
		})
	}},
	{"an instance's groups", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Instances, func(in *cloud.Instance) { in.Groups = unknown[[]cloud.SecurityGroupID]() })
	}},
	{"an endpoint's groups", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Endpoints, func(e *cloud.Endpoint) { e.Groups = unknown[[]cloud.SecurityGroupID]() })
	}},
	{"whether there is a resolver", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.VPCs, func(v *cloud.VPC) { v.DNSSupport = unknown[bool]() })
	}},
	{"whether functions may use IPv6", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Functions, func(f *cloud.Function) {
			if f.Network != nil {
				n := *f.Network
				n.IPv6 = unknown[bool]()
				f.Network = &n
			}
		})
	}},
	{"whether Lightsail is peered", func(t *rapid.T, s *cloud.Spec) { s.Lightsail.Peered = unknown[bool]() }},
}

func unknown[T any]() cloud.Value[T] { return cloud.Unknown[T](hidden.Because, hidden.At) }

func either[T any](t *rapid.T, a, b *[]T) *[]T {
	if chance(t, 50, "the other") {
		return b
	}
	return a
}

var hidden = cloud.Gap{Because: "it was hidden"}

// change changes one element, if there is one, in a copy of the list.
func change[T any](t *rapid.T, list *[]T, f func(*T)) {
	if len(*list) == 0 {
		return
	}
	*list = slices.Clone(*list)
	f(&(*list)[roll(t, len(*list), "which")])
}

// sameAddresses reports whether two models have the same interfaces.
func sameAddresses(a, b *cloud.Model) bool {
	key := func(m *cloud.Model) []string {
		var out []string
		for e := range m.ENIs() {
			out = append(out, fmt.Sprint(e.ID, e.PrivateIP, e.PublicIP, e.IPv6))
		}
		slices.SortFunc(out, cmp.Compare[string])
		return out
	}
	return slices.Equal(key(a), key(b))
}

var anything = []netset.Protocol{netset.TCP, netset.TCP, netset.TCP, netset.UDP, netset.ICMP, netset.ICMPv6, 50}
