package conform

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
)

// strangerIPv6 is a host on the internet that no rule names.
var strangerIPv6 = netip.MustParseAddr("2001:db8::10")

// withIPv6 makes a Spec of IPv4 dual-stack, in part or throughout.
func withIPv6(t *rapid.T, s cloud.Spec, open bool) cloud.Spec {
	b := &builder{t: t, spec: s, open: open, line: 1000, easy: !chance(t, 50, "IPv6 filters")}
	b.blocksIPv6()
	b.subnetsIPv6()
	b.interfacesIPv6()
	b.gatewaysIPv6()
	b.joinedIPv6()
	b.routesIPv6()
	b.filtersIPv6()
	return b.spec
}

func (b *builder) blocksIPv6() {
	n := 0
	b.spec.VPCs = each(b.spec.VPCs, func(v *cloud.VPC) {
		n++
		if !mostly(b.t, 85, "IPv6 block") {
			return
		}
		v.IPv6 = cloud.Known([]netip.Prefix{cidr(fmt.Sprintf("2600:1f00:0:%d00::/56", n))})
		if chance(b.t, 15, "second IPv6 block") {
			v.IPv6 = cloud.Known(append(v.IPv6.Or(nil), cidr(fmt.Sprintf("2600:1f00:1:%d00::/56", n))))
		}
	})
}

func slash64(p netip.Prefix, n int) netip.Prefix {
	a := p.Addr().As16()
	a[7] += byte(n)
	return netip.PrefixFrom(netip.AddrFrom16(a), 64)
}

// subnetsIPv6 gives subnets blocks. Those that have nothing of AWS's in them
// may lose their IPv4 one.
func (b *builder) subnetsIPv6() {
	n := 0
	needIPv4 := map[cloud.SubnetID]bool{}
	for _, g := range b.spec.NATGateways {
		needIPv4[g.Subnet] = true
	}
	for _, e := range b.spec.Endpoints {
		for _, id := range e.Subnets.Or(nil) {
			needIPv4[id] = true
		}
	}
	for _, s := range b.spec.Stores {
		for _, id := range s.Subnets.Or(nil) {
			needIPv4[id] = true
		}
	}
	for _, lb := range b.spec.LoadBalancers {
		for _, id := range lb.Subnets.Or(nil) {
			needIPv4[id] = true
		}
	}
	b.spec.Subnets = each(b.spec.Subnets, func(s *cloud.Subnet) {
		n++
		blocks := b.vpc(s.VPC).IPv6.Or(nil)
		if len(blocks) == 0 || !mostly(b.t, 80, "IPv6 subnet") {
			return
		}
		s.IPv6 = cloud.Known(slash64(pick(b.t, "block", blocks...), n))
		s.AssignIPv6, s.DNS64 = cloud.Known(mostly(b.t, 60, "assigned")), cloud.Known(chance(b.t, 40, "DNS64"))
		switch {
		case b.leftOpen("assigned"):
			s.AssignIPv6 = unknown[bool]()
		case b.leftOpen("IPv6 block"):
			s.IPv6 = unknown[netip.Prefix]()
		case !needIPv4[s.ID] && !b.vpc(s.VPC).Default && chance(b.t, 25, "IPv6 only"):
			s.CIDR = cloud.Known(netip.Prefix{})
		}
	})
}

func (b *builder) interfacesIPv6() {
	n := 0
	b.spec.Instances = each(b.spec.Instances, func(in *cloud.Instance) {
		n++
		sub := b.subnet(in.Subnet.Or(""))
		if sub.IPv6Only() {
			in.PrivateIP, in.PublicIP = netip.Addr{}, netip.Addr{}
		}
		if p, ok := sub.IPv6.Get(); ok && p.IsValid() && chance(b.t, 40, "stated IPv6") {
			a := p.Addr().As16()
			a[15] = byte(8 + n)
			in.IPv6 = netip.AddrFrom16(a)
		}
		in.WantsIPv6 = chance(b.t, 40, "asks for IPv6")
	})
	b.spec.Functions = each(b.spec.Functions, func(f *cloud.Function) {
		if f.Network == nil {
			return
		}
		network := *f.Network
		network.IPv6 = cloud.Known(mostly(b.t, 85, "may use IPv6"))
		if b.leftOpen("may use IPv6") {
			network.IPv6 = unknown[bool]()
		}
		f.Network = &network
	})
	b.spec.Stores = each(b.spec.Stores, func(s *cloud.Store) {
		s.Addresses = pick(b.t, "families of a store", cloud.IPv4Only, cloud.DualStack, cloud.DualStack, cloud.IPv6Only)
		if s.PrivateIP.IsValid() {
			s.Addresses = cloud.DualStack
		}
	})
	b.spec.LoadBalancers = each(b.spec.LoadBalancers, func(lb *cloud.LoadBalancer) {
		if chance(b.t, 60, "dual-stack load balancer") {
			lb.Addresses, lb.NoPublic4 = cloud.DualStack, chance(b.t, 30, "without public IPv4")
		}
	})
	b.spec.Endpoints = each(b.spec.Endpoints, func(e *cloud.Endpoint) {
		if e.Kind == cloud.InterfaceEndpoint && chance(b.t, 60, "dual-stack endpoint") {
			e.Addresses, e.Records = cloud.DualStack, cloud.Known(pick(b.t, "records", "dualstack", "", "ipv4", "ipv6", "service-defined"))
		}
	})
}

func (b *builder) subnet(id cloud.SubnetID) cloud.Subnet {
	for _, s := range b.spec.Subnets {
		if s.ID == id {
			return s
		}
	}
	return cloud.Subnet{}
}

func (b *builder) gatewaysIPv6() {
	for _, v := range b.spec.VPCs {
		if mostly(b.t, 60, "egress-only gateway") {
			b.spec.EgressOnlyGateways = append(b.spec.EgressOnlyGateways, cloud.EgressOnlyGateway{Meta: b.meta("%s-eigw", v.Name), ID: cloud.EgressOnlyGatewayID("eigw-" + v.Name), VPC: v.ID})
		}
	}
}

// routesIPv6 adds routes for IPv6 to the tables, no two for one block.
func (b *builder) routesIPv6() {
	b.spec.RouteTables = each(b.spec.RouteTables, func(t *cloud.RouteTable) {
		v, seen := b.vpc(t.VPC), map[string]bool{}
		routes := slices.DeleteFunc(slices.Clone(t.Routes), func(r cloud.Route) bool {
			d, ok := r.Dest.(cloud.PrefixDest)
			return ok && d.Addr().Is6()
		})
		add := func(dest netip.Prefix, to cloud.RouteTarget) {
			if !seen[dest.String()] && (dest.Bits() == 0 || !overlapsAny(v.IPv6.Or(nil), dest)) {
				seen[dest.String()] = true
				routes = append(routes, cloud.Route{Meta: b.meta("%s-six", t.Name), Dest: cloud.PrefixDest{Prefix: dest}, Target: to})
			}
		}
		if mostly(b.t, 75, "IPv6 default route") {
			add(cidr("::/0"), b.targetIPv6(v))
		}
		for _, n := range b.spec.NATGateways {
			if nameOf(n.ID) == v.Name && mostly(b.t, 60, "NAT64") {
				add(pick(b.t, "of NAT64", cloud.NAT64, cloud.NAT64, cidr("64:ff9b::a00:0/104")), cloud.ToNATGateway{ID: n.ID})
			}
		}
		for _, p := range b.peeringsOf(v.ID) {
			far, _ := p.Other(v.ID)
			if blocks := b.vpc(far).IPv6.Or(nil); len(blocks) > 0 && mostly(b.t, 60, "IPv6 peering route") {
				add(blocks[0], cloud.ToPeering{ID: p.ID})
			}
		}
		b.acrossIPv6(v, add)
		for range roll(b.t, 3, "IPv6 routes") {
			add(pick(b.t, "destination", cidr("2001:2::/48"), cidr("2600:1f00::/24"), cidr("2600:1fc0::/32"), cidr("8000::/1"), cloud.NAT64), b.targetIPv6(v))
		}
		t.Routes = routes
	})
}

// acrossIPv6 leads to the IPv6 blocks of other VPCs and of the network outside of
// AWS by what joins them.
func (b *builder) acrossIPv6(v cloud.VPC, add func(netip.Prefix, cloud.RouteTarget)) {
	for _, g := range b.spec.TransitGateways {
		for _, far := range b.spec.VPCs {
			if blocks := far.IPv6.Or(nil); far.ID != v.ID && len(blocks) > 0 && mostly(b.t, 60, "IPv6 transit route") {
				add(blocks[0], cloud.ToTransitGateway{ID: g.ID})
			}
		}
		if chance(b.t, 60, "IPv6 route outside by it") {
			add(officeIPv6, cloud.ToTransitGateway{ID: g.ID})
		}
	}
	for _, g := range b.spec.VPNGateways {
		if g.VPC == v.ID && mostly(b.t, 60, "IPv6 route outside") {
			add(officeIPv6, cloud.ToVPNGateway{ID: g.ID})
		}
	}
}

var officeIPv6 = cidr("fd00:77::/48")

// joinedIPv6 lets attachments propagate IPv6, and the network outside of AWS
// have some.
func (b *builder) joinedIPv6() {
	b.spec.TransitGatewayAttachments = each(b.spec.TransitGatewayAttachments, func(a *cloud.TransitGatewayAttachment) { a.IPv6 = mostly(b.t, 70, "IPv6 support") })
	b.spec.OnPremises = each(b.spec.OnPremises, func(o *cloud.OnPremises) {
		if mostly(b.t, 60, "IPv6 outside") {
			o.CIDRs = append(slices.Clone(o.CIDRs), officeIPv6)
		}
	})
	b.spec.TransitGatewayRouteTables = each(b.spec.TransitGatewayRouteTables, func(t *cloud.TransitGatewayRouteTable) {
		var to []cloud.TransitGatewayAttachmentID
		for _, a := range b.spec.TransitGatewayAttachments {
			if a.Gateway == t.Gateway {
				to = append(to, a.ID)
			}
		}
		if len(to) > 0 && chance(b.t, 50, "IPv6 default route of a transit gateway") {
			t.Routes = append(slices.Clone(t.Routes), cloud.TransitGatewayRoute{Meta: b.meta("%s-six", t.Name), Dest: cloud.Known(cidr("::/0")), Attachment: pick(b.t, "to", to...)})
		}
	})
}

func (b *builder) targetIPv6(v cloud.VPC) cloud.RouteTarget {
	to := []cloud.RouteTarget{b.target(v)}
	for _, g := range b.spec.EgressOnlyGateways {
		if g.VPC == v.ID || chance(b.t, 5, "another VPC's gateway") {
			to = append(to, cloud.ToEgressOnlyGateway{ID: g.ID}, cloud.ToEgressOnlyGateway{ID: g.ID})
		}
	}
	for _, g := range b.spec.InternetGateways {
		if g.VPC == v.ID {
			to = append(to, cloud.ToInternetGateway{ID: g.ID})
		}
	}
	for _, g := range b.spec.TransitGateways {
		to = append(to, cloud.ToTransitGateway{ID: g.ID})
	}
	for _, in := range b.spec.Instances {
		if in.PrivateIP.IsValid() && !in.SourceDestCheck && b.subnet(in.Subnet.Or("")).VPC == v.ID {
			to = append(to, cloud.ToInterface{Instance: in.ID})
		}
	}
	return pick(b.t, "IPv6 target", to...)
}

// filtersIPv6 adds rules and entries for IPv6 to those there are.
func (b *builder) filtersIPv6() {
	b.spec.SecurityGroups = each(b.spec.SecurityGroups, func(g *cloud.SecurityGroup) {
		g.Ingress = slices.Concat(g.Ingress, b.rulesIPv6(*g))
		g.Egress = slices.Concat(g.Egress, b.rulesIPv6(*g))
	})
	b.spec.NetworkACLs = each(b.spec.NetworkACLs, func(a *cloud.NetworkACL) {
		a.Ingress, a.Egress = b.entriesIPv6(*a, a.Ingress), b.entriesIPv6(*a, a.Egress)
	})
}

func (b *builder) rulesIPv6(g cloud.SecurityGroup) []cloud.Rule {
	var out []cloud.Rule
	if b.easy || mostly(b.t, 50, "admits all IPv6") {
		out = append(out, cloud.Rule{Meta: b.meta("%s-all6", g.Name), Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerCIDR{Prefix: cidr("::/0")}})
	}
	for range roll(b.t, 3, "IPv6 rules") {
		r := cloud.Rule{Meta: b.meta("%s-six", g.Name), Peer: cloud.PeerCIDR{Prefix: b.range6(g.VPC)}}
		r.Proto, r.Ports = b.trafficIPv6()
		out = append(out, r)
	}
	return out
}

func (b *builder) trafficIPv6() (netset.Protocol, netset.PortRange) {
	if chance(b.t, 25, "ICMPv6") {
		return netset.ICMPv6, pick(b.t, "ICMPv6 type", netset.AllPorts, netset.PortRange{Lo: 128, Hi: 0}, netset.PortRange{Lo: 129, Hi: 65535}, netset.PortRange{Lo: 128, Hi: 65535})
	}
	return b.traffic()
}

// range6 is a block that some packet of the model may have an address in.
func (b *builder) range6(v cloud.VPCID) netip.Prefix {
	from := []netip.Prefix{cidr("::/0"), cidr("::/0"), cidr("2600:1f00::/24"), cidr("2001:2::/48"), cidr("64:ff9b::/96"), cidr("64:ff9b::a00:100/120"), cidr("2000::/3")}
	for _, s := range b.spec.Subnets {
		if p := s.IPv6.Or(netip.Prefix{}); s.VPC == v && p.IsValid() {
			a := p.Addr().As16()
			a[15] = 9
			from = append(from, p, netip.PrefixFrom(netip.AddrFrom16(a), 128), netip.PrefixFrom(netip.AddrFrom16(a), 127).Masked())
		}
	}
	for _, x := range b.spec.VPCs {
		from = append(from, x.IPv6.Or(nil)...)
	}
	return pick(b.t, "IPv6 block", from...)
}

// entriesIPv6 adds entries with numbers that IPv4's do not have.
func (b *builder) entriesIPv6(a cloud.NetworkACL, list []cloud.ACLEntry) []cloud.ACLEntry {
	out := slices.Clone(list)
	add := func(number int, allow bool, block netip.Prefix) {
		e := cloud.ACLEntry{Meta: b.meta("%s-six%d", a.Name, number), Number: number, Allow: allow, Proto: netset.AnyProtocol, Ports: netset.AllPorts, CIDR: cloud.Known(block)}
		if number != 2000 {
			e.Proto, e.Ports = b.trafficIPv6()
		}
		out = append(out, e)
	}
	if mostly(b.t, 65, "all IPv6") {
		add(2000, true, cidr("::/0"))
	}
	for i := range roll(b.t, 3, "IPv6 entries") {
		add(401+10*i, mostly(b.t, 60, "allow"), b.range6(a.VPC))
	}
	return out
}

// overIPv6 ends the label of a sender that another one shares its interface
// with.
const overIPv6 = " over IPv6"

// workload is who the sender is, over whichever family it sends.
func (s sender) workload() string { return strings.TrimSuffix(s.label, overIPv6) }

// withoutNAT64 is a Spec in which no NAT gateway gets IPv6: fabric carries no
// packet from one family to the other.
func withoutNAT64(s cloud.Spec) cloud.Spec {
	s.RouteTables = each(s.RouteTables, func(t *cloud.RouteTable) {
		t.Routes = slices.DeleteFunc(slices.Clone(t.Routes), func(r cloud.Route) bool {
			d, ok := r.Dest.(cloud.PrefixDest)
			_, nat := r.Target.(cloud.ToNATGateway)
			return nat && ok && d.Addr().Is6()
		})
	})
	return s
}

// sendersIPv6 are the interfaces with IPv6 addresses, and hosts without a VPC.
func sendersIPv6(m *cloud.Model) []sender {
	var out []sender
	for e := range m.ENIs() {
		if !e.IPv6.IsValid() || e.Kind != cloud.FunctionENI && e.Kind != cloud.InstanceENI {
			continue
		}
		for _, owner := range e.Owners {
			out = append(out, sender{owner + " in " + string(e.Subnet) + overIPv6, fromENI(e.ID), e.IPv6, e.VPC, e.Kind})
		}
	}
	if len(out) > 0 {
		out = append(out, sender{"internet" + overIPv6, fromInternet, strangerIPv6, "", 0})
	}
	return out
}

func likelyIPv6(m *cloud.Model, s sender) []netip.Addr {
	out := publicIPv6(m, s)
	for e := range m.ENIs() {
		if e.IPv6.IsValid() && e.IPv6 != s.addr && (e.Kind == cloud.InstanceENI || e.Kind == cloud.EndpointENI) {
			out = append(out, e.IPv6)
		}
	}
	return append(out, translatedOf(m, s)...)
}

// translatedOf are addresses of NAT64.
func translatedOf(m *cloud.Model, s sender) []netip.Addr {
	if s.from == fromInternet {
		return nil
	}
	var out []netip.Addr
	for e := range m.ENIs() {
		for _, a := range []netip.Addr{e.PrivateIP, e.PublicIP} {
			if a.IsValid() {
				out = append(out, cloud.Synthesized(a))
			}
		}
	}
	return append(out, cloud.Synthesized(netip.MustParseAddr("198.18.200.1")), cloud.Synthesized(netip.MustParseAddr("52.94.200.200")))
}

func publicIPv6(m *cloud.Model, s sender) []netip.Addr {
	if s.from == fromInternet {
		return nil
	}
	out := []netip.Addr{netip.MustParseAddr("2001:2::7")}
	for _, host := range []string{"sqs.us-west-2.amazonaws.com", "ssm.us-west-2.api.aws", "b.s3.dualstack.us-west-2.amazonaws.com"} {
		a, _ := m.PublicIPv6(host)
		out = append(out, a)
	}
	return out
}

func destinationsIPv6(m *cloud.Model, s sender) []netip.Addr {
	out := likelyIPv6(m, s)
	for e := range m.ENIs() {
		if e.IPv6.IsValid() && e.IPv6 != s.addr {
			out = append(out, e.IPv6)
		}
	}
	if s.from == fromInternet {
		return out
	}
	for sub := range m.Subnets() {
		if p := sub.IPv6.Or(netip.Prefix{}); p.IsValid() {
			a := p.Addr().As16()
			a[15] = 77
			out = append(out, netip.AddrFrom16(a))
		}
	}
	for _, a := range []string{"fd00:ec2::253", "fd12::1", "fd00:77::9", "2001:db8::9", "64:ff9b::c0a8:4d07"} {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}
