package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A landing is where a way out of a subnet ends.
type landing uint8

const (
	stops        landing = iota // blocked, or nobody knows where it leads
	arrives                     // at an address of a VPC
	atResolver                  // the VPC's own
	atEndpoint                  // a gateway endpoint's service
	atInternet                  // beyond the internet gateways, from where it may come back in
	atOnPremises                // a stated network outside of AWS
)

// An exit is the way from a place to a zone: what becomes of the traffic as far
// as the source's side decides, replies included, and where it ends.
type exit struct {
	fate     fateID
	to       landing
	vpc      cloud.VPCID      // arrives
	local    bool             // arrives within the subnet, where nothing but groups filters
	free     bool             // to the resolver, where groups do not filter either
	endpoint cloud.EndpointID // atEndpoint
	// src is who it comes from as the far side sees it; the interface itself
	// unless it was translated.
	src        peer
	also       []peer    // it may come from one of these instead,
	which      cloud.Gap // and nobody knows from which
	translated bool
	six        bool     // from IPv6 to IPv4
	raised     bool     // behind a NAT gateway: source ports are 1024 and up
	by         int      // arrives: the stop of a transit gateway that it comes from
	home       bool     // the replies' way up to the interface is looked at where they start
	unasked    []fateID // what they meet there if nobody is found to answer
	// door is that of the first middlebox, plus one, which the interface itself
	// must pass; rules are those by which middleboxes let it out again.
	door  int
	rules []egressKey
}

// through adds a filter that the way passes.
func (x exit) through(p *proofs, f fateID) exit { x.fate = p.join(x.fate, f); return x }

func (n *Network) unknown(gaps ...cloud.Gap) exit {
	return exit{fate: n.proofs.hangs(netset.AllTraffic(), gaps...)}
}

// leave finds the way from a place, with a public address in pub or none, to a
// zone.
func (n *Network) leave(from place, pub, to block) exit {
	n.proofs.work++
	p := n.proofs
	if own, ok := from.vpc.Resolver(); slices.Contains(resolvers, to) || ok && to == hostBlock(own) {
		x := n.resolver(from.vpc)
		x.free = true
		return x
	}
	if covers(from.sub.CIDR.Or(netip.Prefix{}), to) || covers(from.sub.IPv6.Or(netip.Prefix{}), to) {
		return exit{fate: passes, to: arrives, vpc: from.vpc.ID, local: true}
	}
	x := n.follow(from, pub, to)
	if reply := p.enters(from.acl, to, true); x.home {
		x.unasked = append(x.unasked, reply)
	} else {
		x = x.through(p, reply)
	}
	return x.through(p, p.leaves(from.acl, to, false))
}

// resolver is the way to the VPC's resolver, which no filter can block.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (n *Network) resolver(v cloud.VPC) exit {
	on, _ := v.DNSSupport.Get()
	if gap, open := v.DNSSupport.Gap(); open {
		return n.unknown(gap)
	}
	if !on {
		return exit{}
	}
	return exit{fate: passes, to: atResolver}
}

// A next is what a route table says of a zone.
type next struct {
	target cloud.RouteTarget // nil: none, or local
	at     cloud.Route
	local  bool
	open   []cloud.Gap // routes that may come first
}

// next looks a zone up: the longest prefix decides; of two as long, the VPC's
// own, then a static route, then one through a prefix list, then one that a
// virtual private gateway propagates. The VPC's own come before all of those.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (n *Network) next(v cloud.VPC, t cloud.RouteTable, z block) next {
	best, out := -1, next{}
	for _, list := range [][]netip.Prefix{v.CIDRs.Or(nil), v.IPv6.Or(nil)} {
		for _, c := range list {
			if covers(c, z) {
				best, out.local = max(best, 4*c.Bits()+3), true
			}
		}
	}
	for _, r := range t.Routes {
		if rank := n.rank(r, z); rank > best && !(r.Propagated && out.local) {
			best, out = rank, next{target: r.Target, at: r}
		}
	}
	for _, r := range t.Routes {
		if gap, ok := n.openDest(r, z); ok && (!out.local || beatsLocal(r.Target)) {
			out.open = append(out.open, gap)
		}
	}
	return out
}

// openDest is why nobody knows whether a route covers a zone.
func (n *Network) openDest(r cloud.Route, z block) (cloud.Gap, bool) {
	switch d := r.Dest.(type) {
	case cloud.UnknownDest:
		return d.Gap, true
	case cloud.PrefixListDest:
		pl, ok := n.model.PrefixList(d.ID)
		if !ok {
			return cloud.Gap{Because: fmt.Sprintf("nothing here describes prefix list %s", d.ID), At: r.At}, true
		}
		if pl.Open != nil && (!pl.Public || z.isPublic()) {
			return *pl.Open, true
		}
	}
	return cloud.Gap{}, false
}

// rank orders the routes that cover a zone; -1 where r does not.
func (n *Network) rank(r cloud.Route, z block) int {
	switch d := r.Dest.(type) {
	case cloud.PrefixDest:
		switch {
		case covers(d.Prefix, z) && r.Propagated:
			return 4 * d.Bits()
		case covers(d.Prefix, z):
			return 4*d.Bits() + 2
		}
	case cloud.PrefixListDest:
		best := -1
		pl, _ := n.model.PrefixList(d.ID)
		for _, p := range pl.Prefixes {
			if covers(p, z) {
				best = max(best, 4*p.Bits()+1)
			}
		}
		return best
	}
	return -1
}

// beatsLocal reports whether a route to the target may be more specific than
// the local one: AWS refuses those to gateways, peerings and gateway endpoints.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func beatsLocal(t cloud.RouteTarget) bool {
	switch t.(type) {
	case cloud.ToInternetGateway, cloud.ToEgressOnlyGateway, cloud.ToPeering, cloud.ToEndpoint, cloud.ToTransitGateway, cloud.ToVPNGateway:
		return false
	}
	return true
}

// follow sends on from a place's route table what is of the place.
func (n *Network) follow(from place, pub, to block) exit {
	return n.followFrom(from, pub, to, sender{peer: peer{vpc: from.vpc.ID, zone: from.zone}})
}

func (n *Network) followFrom(from place, pub, to block, src sender) exit {
	r := n.next(from.vpc, from.table, to)
	switch {
	case len(r.open) > 0:
		return n.unknown(r.open...)
	case r.local:
		return exit{fate: passes, to: arrives, vpc: from.vpc.ID}
	}
	switch t := r.target.(type) {
	case cloud.ToInternetGateway:
		out := n.internetGateway(from.vpc, t.ID, to, false)
		if out.to == atInternet && pub == noBlock {
			return exit{}
		}
		out.src, out.translated = n.stranger(pub), true
		return out
	case cloud.ToEgressOnlyGateway:
		return n.egressOnlyGateway(from.vpc, t.ID, pub, to)
	case cloud.ToNATGateway:
		return n.natGateway(from, t.ID, r.at, to, src.peer)
	case cloud.ToInterface:
		return n.middlebox(from, t, r.at, to, src)
	case cloud.ToTransitGateway:
		return n.crossTransit(from, t.ID, to, src)
	case cloud.ToVPNGateway:
		return n.vpnGateway(from.vpc, t.ID, r.at, to)
	case cloud.ToPeering:
		return n.across(from.vpc, t.ID, to)
	case cloud.ToEndpoint:
		return n.gatewayEndpoint(t.ID)
	case cloud.ToUnknown:
		return n.unknown(t.Gap)
	}
	return n.nowhere(from.vpc, to)
}

// nowhere is where no route leads, unless one may that nobody stated: between
// the default VPC and Lightsail's.
// https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_PeerVpc.html
func (n *Network) nowhere(v cloud.VPC, to block) exit {
	net := n.model.Lightsail()
	if to.v6 || to.isPublic() || !usesLightsail(n.model) || !v.Default && !v.Managed {
		return exit{}
	}
	if gap, open := net.CIDR.Gap(); open {
		return n.unknown(gap)
	}
	gap, open := net.Peered.Gap()
	far, ok := n.holder(to, v.ID)
	if open && ok && (far.Managed || v.Managed && far.Default) {
		return n.unknown(gap)
	}
	return exit{}
}

// holder is the first VPC other than not whose blocks hold a zone.
func (n *Network) holder(z block, not cloud.VPCID) (cloud.VPC, bool) {
	for v := range n.model.VPCs() {
		if v.ID != not && holds(v, z) {
			return v, true
		}
	}
	return cloud.VPC{}, false
}

func usesLightsail(m *cloud.Model) bool {
	for range m.LightsailInstances() {
		return true
	}
	return false
}

// internetGateway leaves a VPC for a public zone.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (n *Network) internetGateway(v cloud.VPC, id cloud.InternetGatewayID, to block, nat bool) exit {
	igw, ok := n.model.InternetGateway(id)
	switch {
	case !ok || igw.VPC != v.ID:
		return exit{}
	case within(private, to):
		return n.nowhere(v, to)
	case !to.isPublic():
		return exit{}
	}
	f := n.publicAccess(v.ID, nat)
	if igw.EdgeGap() != nil {
		f = n.proofs.join(f, n.hangs(*igw.EdgeGap()))
	}
	return exit{fate: f, to: atInternet}
}

// publicAccess is what VPC Block Public Access lets through between a VPC and
// its internet gateway: from a NAT gateway outwards, or anything else.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func (n *Network) publicAccess(v cloud.VPCID, nat bool) fateID {
	_, mode, gap := n.model.PublicAccessOf(v)
	switch {
	case gap != nil:
		return n.hangs(*gap)
	case mode == "" || mode == "block-ingress" && nat:
		return passes
	}
	return blocked
}

// across crosses a peering: to an address of the far VPC and no further.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
func (n *Network) across(v cloud.VPC, id cloud.PeeringID, to block) exit {
	p, _ := n.model.Peering(id)
	far, ok := p.Other(v.ID)
	other, _ := n.model.VPC(far)
	if !ok || !p.Active || !holds(other, to) {
		return exit{}
	}
	return exit{fate: passes, to: arrives, vpc: far, home: true}
}

// holds reports whether a zone is within a VPC's blocks.
func holds(v cloud.VPC, z block) bool { return coversAny(z, v.CIDRs.Or(nil), v.IPv6.Or(nil)) }

// gatewayEndpoint hands over to S3 or DynamoDB, TCP and ICMP only.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (n *Network) gatewayEndpoint(id cloud.EndpointID) exit {
	e, ok := n.model.Endpoint(id)
	if !ok {
		return n.unknown(cloud.Gap{Because: fmt.Sprintf("nothing here describes endpoint %s", id)})
	}
	if deniesAll(e.Policy) {
		return exit{}
	}
	return exit{fate: n.proofs.join(n.standing(e.Meta, e.State), n.proofs.pass(carried(netset.TCP, netset.ICMP))), to: atEndpoint, endpoint: id}
}

// standing is what becomes of traffic at a thing that AWS has in some state.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
func (n *Network) standing(of cloud.Meta, s cloud.State) fateID {
	switch {
	case s.Available():
		return passes
	case s.Partial():
		return n.hangs(cloud.Gap{Because: fmt.Sprintf("%s is there in part, and which part is not told", of.Name), At: of.At})
	}
	return blocked
}

// carried is all traffic of some protocols.
func carried(of ...netset.Protocol) netset.Traffic {
	var t netset.Traffic
	for _, p := range of {
		t = t.Union(netset.Match(p, netset.AllPorts, netset.AllPorts))
	}
	return t
}

// entry is the way into a place for flows that appear to come from src, with
// the replies' way back to it: past the network ACL, and by a route through
// what they came through. In the VPC itself the local route leads back.
func (n *Network) entry(at place, src peer, by int) fateID {
	p := n.proofs
	n.proofs.work++
	f := p.leaves(at.acl, src.zone, true)
	if by == 0 {
		f = p.join(f, p.enters(at.acl, src.zone, false))
	} else {
		f = p.join(f, n.offStop(n.stops[by-1], at.sub, func(a, b acl) fateID {
			return p.join(p.leaves(a, at.zone, false), p.enters(b, src.zone, false))
		}))
	}
	switch {
	case src.over != "":
		return p.join(f, n.homeward(at.vpc, at.sub, at.table, src, at.zone))
	case src.vpc == "":
		igw, ok := n.igws[at.vpc.ID]
		if !ok {
			return blocked
		}
		f = p.join(f, n.publicAccess(at.vpc.ID, false))
		if g, _ := n.model.InternetGateway(igw); g.EdgeGap() != nil {
			f = p.join(f, n.hangs(*g.EdgeGap()))
		}
		if gap, other := n.otherWayHome(at, src.zone); other {
			return p.join(f, n.hangs(gap))
		}
		return p.join(f, n.back(at, src.zone, func(t cloud.RouteTarget) bool { return t == cloud.ToInternetGateway{ID: igw} }))
	case n.localTo(at.vpc, at.table, src.zone):
		return f
	}
	return p.join(f, n.homeward(at.vpc, at.sub, at.table, src, at.zone))
}

// back is the reply's route: routes remember nothing, so it must lead to where
// the flow came from.
func (n *Network) back(at place, to block, wanted func(cloud.RouteTarget) bool) fateID {
	r := n.next(at.vpc, at.table, to)
	open, isOpen := r.target.(cloud.ToUnknown)
	box, isBox := r.target.(cloud.ToInterface)
	switch {
	case len(r.open) > 0:
		return n.proofs.hangs(netset.AllTraffic(), r.open...)
	case isBox:
		return n.boxed(at.table, box)
	case r.target != nil && wanted(r.target):
		return passes
	case isOpen:
		return n.proofs.hangs(netset.AllTraffic(), open.Gap)
	}
	return blocked
}
