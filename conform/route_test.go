package conform

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
)

// routeTables gives each VPC tables, with or without a main one of its own;
// New adds the main one that is not stated.
func (b *builder) routeTables() {
	for _, v := range b.spec.VPCs {
		n := roll(b.t, 3, "route tables")
		for i := range n {
			b.spec.RouteTables = append(b.spec.RouteTables, cloud.RouteTable{Meta: b.meta("%s-table%d", v.Name, i),
				ID: cloud.RouteTableID(fmt.Sprintf("rtb-%s-%d", v.Name, i)), VPC: v.ID})
		}
		if !v.Default && mostly(b.t, 60, "stated main table") {
			b.spec.RouteTables = append(b.spec.RouteTables, cloud.RouteTable{Meta: b.meta("%s-main", v.Name),
				ID: cloud.RouteTableID("rtb-" + v.Name + "-main"), VPC: v.ID, Main: true})
		}
	}
}

// natGateways puts one into some VPCs, where it may do any good or not.
func (b *builder) natGateways() {
	for _, v := range b.spec.VPCs {
		if !chance(b.t, 50, "NAT gateway") {
			continue
		}
		n := cloud.NATGateway{Meta: b.meta("%s-nat", v.Name), ID: cloud.NATGatewayID("nat-" + v.Name),
			Subnet: pick(b.t, "NAT subnet", b.subnetsOf(v.ID)...), Public: mostly(b.t, 80, "public NAT")}
		if n.Public {
			n.PublicIP = b.publicIP()
		}
		b.spec.NATGateways = append(b.spec.NATGateways, n)
	}
}

// routes fills the tables.
func (b *builder) routes() {
	for i, t := range b.spec.RouteTables {
		v := b.vpc(t.VPC)
		routes := t.Routes
		seen := map[string]bool{}
		for _, r := range routes {
			seen[fmt.Sprint(r.Dest)] = true
		}
		for i := range roll(b.t, 6, "routes") {
			r := b.route(t, v)
			if i == 0 && mostly(b.t, 60, "default route") {
				r = cloud.Route{Meta: b.meta("%s-default", t.Name), Dest: cloud.PrefixDest{Prefix: cidr("0.0.0.0/0")}, Target: b.target(v)}
			}
			if key := fmt.Sprint(r.Dest); r.Dest != nil && !seen[key] {
				seen[key] = true
				routes = append(routes, r)
			}
		}
		b.spec.RouteTables[i].Routes = routes
	}
}

func (b *builder) vpc(id cloud.VPCID) cloud.VPC {
	for _, v := range b.spec.VPCs {
		if v.ID == id {
			return v
		}
	}
	return cloud.VPC{}
}

// route makes up one route; the zero one where AWS would not take it.
func (b *builder) route(t cloud.RouteTable, v cloud.VPC) cloud.Route {
	if peerings := b.peeringsOf(v.ID); len(peerings) > 0 && mostly(b.t, 40, "route to a peering") {
		p := pick(b.t, "peering", peerings...)
		far, _ := p.Other(v.ID)
		block := cidrsOf(b.vpc(far))[0]
		if subs := b.subnetsOf(far); len(subs) > 0 && chance(b.t, 30, "a subnet of it") {
			block = b.cidrOf(pick(b.t, "far subnet", subs...))
		}
		return cloud.Route{Meta: b.meta("%s-peer", t.Name), Dest: cloud.PrefixDest{Prefix: block}, Target: cloud.ToPeering{ID: p.ID}}
	}
	r := cloud.Route{Meta: b.meta("%s-route", t.Name), Dest: b.destination(v), Target: b.target(v)}
	if p, ok := r.Dest.(cloud.PrefixDest); ok && overlapsAny(cidrsOf(v), p.Prefix) && p.Bits() > 0 {
		return cloud.Route{} // no route may be within the VPC's own blocks
	}
	return r
}

func overlapsAny(blocks []netip.Prefix, p netip.Prefix) bool {
	for _, b := range blocks {
		if b.Overlaps(p) {
			return true
		}
	}
	return false
}

func (b *builder) cidrOf(id cloud.SubnetID) netip.Prefix {
	for _, s := range b.spec.Subnets {
		if s.ID == id {
			return s.CIDR.Or(netip.Prefix{})
		}
	}
	return netip.Prefix{}
}

func (b *builder) peeringsOf(v cloud.VPCID) []cloud.Peering {
	var out []cloud.Peering
	for _, p := range b.spec.Peerings {
		if _, ok := p.Other(v); ok {
			out = append(out, p)
		}
	}
	return out
}

func (b *builder) destination(v cloud.VPC) cloud.RouteDest {
	if b.leftOpen("destination") {
		return cloud.UnknownDest{Gap: b.gap("a route's destination")}
	}
	if lists := b.spec.PrefixLists; len(lists) > 0 && chance(b.t, 15, "prefix list") {
		pl := pick(b.t, "prefix list", lists...)
		for _, p := range pl.Prefixes {
			if overlapsAny(cidrsOf(v), p) {
				return nil
			}
		}
		return cloud.PrefixListDest{ID: pl.ID}
	}
	return cloud.PrefixDest{Prefix: pick(b.t, "destination", cidr("0.0.0.0/0"), cidr("0.0.0.0/0"), cidr("0.0.0.0/0"),
		cidr("198.18.0.0/15"), cidr("198.18.0.0/16"), cidr("198.19.0.0/16"), cidr("52.94.0.0/16"), cidr("52.92.128.0/17"),
		cidr("52.92.128.0/18"), cidr("128.0.0.0/1"), cidr("172.26.0.0/16"), cidr("172.31.0.0/16"), cidr("::/0"))}
}

// target is any next hop, of this VPC most times.
func (b *builder) target(v cloud.VPC) cloud.RouteTarget {
	if b.leftOpen("target") {
		return cloud.ToUnknown{Gap: b.gap("a route's target")}
	}
	var to []cloud.RouteTarget
	for _, g := range b.spec.InternetGateways {
		if g.VPC == v.ID {
			to = append(to, cloud.ToInternetGateway{ID: g.ID}, cloud.ToInternetGateway{ID: g.ID})
		}
	}
	for _, n := range b.spec.NATGateways {
		if nameOf(n.ID) == v.Name {
			to = append(to, cloud.ToNATGateway{ID: n.ID}, cloud.ToNATGateway{ID: n.ID})
		}
	}
	to = append(to, cloud.ToBlackhole{Was: "nat-gone"})
	for _, g := range b.spec.InternetGateways {
		if g.VPC == "" {
			to = append(to, cloud.ToInternetGateway{ID: g.ID})
		}
	}
	for _, p := range b.peeringsOf(v.ID) {
		to = append(to, cloud.ToPeering{ID: p.ID})
	}
	return pick(b.t, "target", to...)
}
