package reach

import (
	"fmt"

	"bailey/cloud"
	"bailey/netset"
)

// natGateway goes through a NAT gateway: past the network ACL of its subnet
// both ways on both of its sides, and on by that subnet's routes under the
// gateway's own address and ports. src may be of another VPC, from which a
// transit gateway brings it.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
func (n *Network) natGateway(from place, id cloud.NATGatewayID, r cloud.Route, to block, src peer) exit {
	nat, ok := n.model.NATGateway(id)
	if !ok {
		return n.unknown(cloud.Gap{Because: fmt.Sprintf("nothing here describes NAT gateway %s", id), At: r.At})
	}
	p, far := n.proofs, to
	f := p.pass(carried(netset.TCP, netset.UDP, netset.ICMP))
	if to.v6 {
		if !translatable.contains(to) {
			return exit{}
		}
		far, f = to.original(), n.nat64(nat)
	}
	if f = p.join(f, n.standing(nat.Meta, nat.State)); f == blocked {
		return exit{}
	}
	sub, _ := n.model.Subnet(nat.Subnet)
	a := n.aclOf(sub)
	table, _ := n.model.RouteTableOf(sub)
	foreign := !n.localTo(from.vpc, table, src.zone)
	if sub.ID != from.sub.ID {
		f = p.join(f, p.enters(a, from.zone, false))
	}
	if sub.ID != from.sub.ID || !holds(from.vpc, src.zone) {
		f = p.join(f, p.leaves(a, from.zone, true))
	}
	out := n.leaveNAT(from.vpc, sub, nat, far)
	out.six = to.v6
	if reply := p.raise(p.enters(a, far, true)); out.home {
		out.unasked = append(out.unasked, reply)
	} else {
		out = out.through(p, reply)
	}
	out = out.through(p, p.leaves(a, far, false)).past64(n)
	if out.home = foreign; foreign {
		f = p.join(f, n.homeward(from.vpc, sub, table, src, to))
	}
	out.translated, out.raised = true, true
	return out.through(p, f)
}

// leaveNAT sends on what a NAT gateway has translated.
func (n *Network) leaveNAT(v cloud.VPC, sub cloud.Subnet, nat cloud.NATGateway, to block) exit {
	table, _ := n.model.RouteTableOf(sub)
	r := n.next(v, table, to)
	switch {
	case len(r.open) > 0:
		return n.unknown(r.open...)
	case r.local:
		own := n.nats[nat.ID]
		return exit{fate: passes, to: arrives, vpc: v.ID, src: peer{vpc: own.VPC, zone: n.atlas.zone(own.PrivateIP), set: noGroups}}
	}
	switch t := r.target.(type) {
	case cloud.ToInternetGateway:
		out := n.internetGateway(v, t.ID, to, true)
		if out.to == atInternet && !nat.Public {
			return exit{}
		}
		out.src = n.stranger(n.atlas.zone(nat.PublicIP))
		return out
	case cloud.ToTransitGateway:
		own := n.nats[nat.ID]
		src := sender{peer{vpc: own.VPC, zone: n.atlas.zone(own.PrivateIP)}, true}
		return n.crossTransit(place{placeKey{sub.ID, src.zone}, v, sub, table, n.aclOf(sub)}, t.ID, to, src)
	case cloud.ToVPNGateway:
		return n.vpnGateway(v, t.ID, r.at, to)
	case cloud.ToInterface:
		own := n.nats[nat.ID]
		src := sender{peer{vpc: own.VPC, zone: n.atlas.zone(own.PrivateIP)}, true}
		return n.middlebox(place{placeKey{sub.ID, src.zone}, v, sub, table, n.aclOf(sub)}, t, r.at, to, src)
	case cloud.ToPeering:
		p, _ := n.model.Peering(t.ID)
		return n.undocumented("peering "+p.Name, r.at)
	case cloud.ToEndpoint:
		e, _ := n.model.Endpoint(t.ID)
		return n.undocumented("gateway endpoint "+e.Name, r.at)
	case cloud.ToUnknown:
		return n.unknown(t.Gap)
	}
	return exit{}
}

func (n *Network) undocumented(target string, r cloud.Route) exit {
	return n.unknown(cloud.Gap{At: r.At, Because: fmt.Sprintf("whether a NAT gateway sends on to %s is not on AWS's pages: route the private subnet there itself", target)})
}
