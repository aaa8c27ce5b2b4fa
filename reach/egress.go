package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/reach/patch"
)

var anyIPv4, anyIPv6 = netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")

// anyLike is every address of the family of a.
func anyLike(a netip.Addr) netip.Prefix {
	if a.Is6() {
		return anyIPv6
	}
	return anyIPv4
}

// cidrKey, destinationKey and blockKey are the properties in which a template
// states the block of a rule, a route and a network ACL's entry.
func cidrKey(p netip.Prefix) string { return likeOf(p, "CidrIp", "CidrIpv6") }
func destinationKey(p netip.Prefix) string {
	return likeOf(p, "DestinationCidrBlock", "DestinationIpv6CidrBlock")
}
func blockKey(p netip.Prefix) string { return likeOf(p, "CidrBlock", "Ipv6CidrBlock") }

func likeOf(p netip.Prefix, v4, v6 string) string {
	if p.Addr().Is6() {
		return v6
	}
	return v4
}

// egressOnly proposes a way out over IPv6 for functions whose subnets are all
// dual-stack: an egress-only internet gateway, which costs nothing, with what
// leads there. It helps where the destination has IPv6 addresses, which the
// proof shows; steps that are not needed it leaves out.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
func (p *proposal) egressOnly(f cloud.Function) [][]change {
	var tables []cloud.RouteTable
	var vpc cloud.VPCID
	for _, id := range f.Network.Subnets.Or(nil) {
		sub, _ := p.m.Subnet(id)
		if !sub.IPv6.Or(netip.Prefix{}).IsValid() || sub.IPv6Only() {
			return nil
		}
		vpc = sub.VPC
		t, _ := p.m.RouteTableOf(sub)
		if !leadsOut(t) && !slices.ContainsFunc(tables, func(o cloud.RouteTable) bool { return o.ID == t.ID }) {
			tables = append(tables, t)
		}
	}
	if vpc == "" {
		return nil
	}
	steps, gateway, own := p.egressOnlyGateway(vpc)
	for _, t := range tables {
		c := p.routeTo(t, anyIPv6, gateway.Name, "EgressOnlyInternetGatewayId", own, cloud.ToEgressOnlyGateway{ID: gateway.ID})
		c.joined = len(steps) > 0
		steps = append(steps, c)
	}
	return [][]change{slices.Concat(steps, p.allowIPv6(f), p.ruleIPv6(f))}
}

// leadsOut reports whether a table has a default route for IPv6.
func leadsOut(t cloud.RouteTable) bool {
	return slices.ContainsFunc(t.Routes, func(r cloud.Route) bool {
		d, ok := r.Dest.(cloud.PrefixDest)
		return ok && d.Prefix == anyIPv6
	})
}

// egressOnlyGateway finds the VPC's egress-only gateway, or adds one.
func (p *proposal) egressOnlyGateway(vpc cloud.VPCID) ([]change, cloud.EgressOnlyGateway, patch.Resource) {
	for g := range p.m.EgressOnlyGateways() {
		if g.VPC == vpc {
			return nil, g, resource(g.Meta, string(g.ID), typeEgressOnly)
		}
	}
	own := proposed(p.fresh("EgressOnlyGateway"), typeEgressOnly)
	g := cloud.EgressOnlyGateway{Meta: metaOf(own), ID: cloud.EgressOnlyGatewayID(cloud.PhysicalID("eigw", p.m.Stack(), own.Name)), VPC: vpc}
	return []change{{
		summary: "add an egress-only internet gateway",
		edits:   patch.Patch{patch.Add{Resource: own, Properties: props("VpcId", ref(p.vpc(vpc)))}},
		apply:   func(s *cloud.Spec) { s.EgressOnlyGateways = append(s.EgressOnlyGateways, g) },
	}}, g, own
}

// allowIPv6 lets the functions of the proposal use IPv6.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6
func (p *proposal) allowIPv6(f cloud.Function) []change {
	names := append([]string{f.Name}, p.also...)
	c := change{summary: fmt.Sprintf("let %s use IPv6", listed(names)), apply: func(s *cloud.Spec) {
		for _, name := range names {
			editFunction(s, name, func(f *cloud.Function) {
				network := *f.Network
				network.IPv6 = cloud.Known(true)
				f.Network = &network
			})
		}
	}}
	for _, name := range names {
		c.edits = append(c.edits, patch.Set{Of: p.function(name), Property: "VpcConfig.Ipv6AllowedForDualStack", Value: patch.Bool(true)})
	}
	return []change{c}
}

// ruleIPv6 lets what is asked for out of the function's first group over IPv6.
func (p *proposal) ruleIPv6(f cloud.Function) []change {
	for _, id := range f.Network.Groups.Or(nil) {
		g, ok := p.m.SecurityGroup(id)
		if !ok {
			continue
		}
		r := cloud.Rule{Meta: cloud.Meta{Name: "proposed rule"}, Proto: p.r.Protocol, Ports: netset.AllPorts, Peer: cloud.PeerCIDR{Prefix: anyIPv6}}
		if p.r.Protocol.HasPorts() {
			r.Ports = netset.Port(p.r.Port)
		}
		far := farSide{r.Peer, patch.Property{Name: cidrKey(anyIPv6), Value: text(anyIPv6.String())}, addresses(anyIPv6)}
		return []change{{
			summary: fmt.Sprintf("allow %s to ::/0 out of %s", logicalPort(p.r), g.Name), opens: far.size,
			edits: patch.Patch{p.ruleResource(g, true, far, 0)},
			apply: func(s *cloud.Spec) { addRules(s, g, []cloud.Rule{r}, true) },
		}}
	}
	return nil
}
