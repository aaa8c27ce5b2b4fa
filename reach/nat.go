package reach

import (
	"fmt"
	"net/netip"
	"slices"

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
	sub := n.model.Place(nat)
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
	igw, outside := r.target.(cloud.ToInternetGateway)
	own := n.nats[nat.ID]
	src := sender{peer{vpc: own.VPC, zone: n.atlas.zone(own.PrivateIP)}, true}
	switch {
	case len(r.open) > 0:
		return n.unknown(r.open...)
	case outside && !r.local:
		return n.natToInternet(v, nat, igw.ID, to)
	case nat.Regional() && (r.local || leads(r.target)):
		return n.unknown(cloud.Gap{At: r.at.At, Because: fmt.Sprintf("under which address regional NAT gateway %s dials what is not on the internet is not on AWS's pages", nat.Name)})
	case !n.oneZone(own) && (r.local || carriesOn(r.target)):
		return n.unknown(whichAddress(nat, own))
	case r.local:
		src.set = noGroups
		return exit{fate: passes, to: arrives, vpc: v.ID, src: src.peer}
	}
	at := place{placeKey{sub.ID, src.zone}, v, sub, table, n.aclOf(sub)}
	switch t := r.target.(type) {
	case cloud.ToTransitGateway:
		return n.crossTransit(at, t.ID, to, src)
	case cloud.ToVPNGateway:
		return n.vpnGateway(v, t.ID, r.at, to)
	case cloud.ToInterface:
		return n.middlebox(at, t, r.at, to, src)
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

// carriesOn reports whether a NAT gateway is known to send on to a target within
// AWS, under its private address.
func carriesOn(t cloud.RouteTarget) bool {
	switch t.(type) {
	case cloud.ToTransitGateway, cloud.ToVPNGateway, cloud.ToInterface:
		return true
	}
	return false
}

// leads reports whether a target is known to be there.
func leads(t cloud.RouteTarget) bool {
	switch t.(type) {
	case nil, cloud.ToBlackhole, cloud.ToUnknown:
		return false
	}
	return true
}

// natToInternet leaves by an internet gateway, under any of the public
// addresses.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
func (n *Network) natToInternet(v cloud.VPC, nat cloud.NATGateway, id cloud.InternetGatewayID, to block) exit {
	out := n.internetGateway(v, id, to, true)
	if out.to == atInternet && !nat.Public {
		return exit{}
	}
	out.src = n.stranger(n.atlas.zone(nat.PublicIP))
	for _, a := range nat.MorePublic {
		if z := n.atlas.zone(a); z != out.src.zone {
			out.also = append(out.also, n.stranger(z))
		}
	}
	if len(out.also) > 0 {
		out.which = whichAddress(nat, n.nats[nat.ID])
	}
	return out
}

// oneZone reports whether nothing tells the private addresses of a NAT gateway
// apart. Where anything does, what it sends within AWS is left open, even if all
// would be treated alike in the end.
func (n *Network) oneZone(own cloud.ENI) bool {
	return !slices.ContainsFunc(own.More, func(a netip.Addr) bool { return n.atlas.zone(a) != n.atlas.zone(own.PrivateIP) })
}

func whichAddress(nat cloud.NATGateway, own cloud.ENI) cloud.Gap {
	return cloud.Gap{At: nat.At, Because: fmt.Sprintf("which of its %d addresses %s gives a connection AWS does not tell, and they are treated unlike",
		1+len(own.More)+len(nat.MorePublic), nat.Name)}
}

// comesFrom is what becomes of a way that has come to the internet's side: the
// same under whichever address it comes, or nobody knows.
func (n *Network) comesFrom(way exit, ask func(peer) fateID) fateID {
	first := ask(way.src)
	if len(way.also) == 0 {
		return first
	}
	fates := []fateID{first}
	same := true
	for _, src := range way.also {
		f := ask(src)
		same = same && f == first
		fates = append(fates, f)
	}
	if same {
		return first
	}
	return n.proofs.either(fates, way.which)
}

func (n *Network) undocumented(target string, r cloud.Route) exit {
	return n.unknown(cloud.Gap{At: r.At, Because: fmt.Sprintf("whether a NAT gateway sends on to %s is not on AWS's pages: route the private subnet there itself", target)})
}
