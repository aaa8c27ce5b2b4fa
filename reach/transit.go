package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A stop is where packets come out of a transit gateway: by one of these
// subnets of an attachment.
type stop struct {
	by      cloud.TransitGatewayAttachment
	subnets []cloud.Subnet
}

// stopID numbers a stop; 0 is none.
func (n *Network) stopID(by cloud.TransitGatewayAttachment, subnets []cloud.Subnet) int {
	key := string(by.ID)
	for _, s := range subnets {
		key += " " + string(s.ID)
	}
	id, ok := n.stopOf[key]
	if !ok {
		n.stops = append(n.stops, stop{by, subnets})
		id = len(n.stops)
		n.stopOf[key] = id
	}
	return id
}

// A sender is who a packet comes from while it crosses VPCs that are not its
// own: the peer, and whether its groups are still known beyond.
type sender struct {
	peer
	translated bool // it is src of the exit, not the interface that asks
}

// mostTurns is how many transit gateways and middleboxes a packet passes before
// it is held to go in a circle.
const mostTurns = 8

// crossTransit goes from a place across a transit gateway: by the attachment's
// subnet in the place's zone, and on by the attachment's route table.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func (n *Network) crossTransit(at place, id cloud.TransitGatewayID, to block, src sender) exit {
	if n.turns++; n.turns > mostTurns {
		n.turns--
		return exit{}
	}
	defer func() { n.turns-- }()
	own, f := n.boards(id, at.vpc.ID, at.sub, func(a acl) fateID { return n.proofs.enters(a, src.zone, false) })
	if own.ID == "" || f == blocked {
		return exit{fate: f}
	}
	next, g := n.switched(own, to)
	if next.ID == "" {
		return exit{fate: n.proofs.join(f, g)}
	}
	if !n.carriesGroups(own, next) && !src.translated {
		src.set, src.translated = noGroups, true
	}
	return n.alight(next, at.sub.AZ, to, src).through(n.proofs, n.proofs.join(f, g))
}

// boards is what becomes of packets from a subnet at the entrance of a transit
// gateway; no attachment where they do not get in for certain.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (n *Network) boards(id cloud.TransitGatewayID, vpc cloud.VPCID, sub cloud.Subnet, ask func(acl) fateID) (cloud.TransitGatewayAttachment, fateID) {
	none := cloud.TransitGatewayAttachment{}
	if _, ok := n.model.TransitGateway(id); !ok {
		return none, n.hangs(cloud.Gap{Because: fmt.Sprintf("nothing here describes transit gateway %s", id)})
	}
	own, ok := n.model.AttachmentTo(id, vpc)
	if !ok {
		return none, blocked
	}
	state := n.standing(own.Meta, own.State)
	if state == blocked {
		return none, blocked
	}
	ids, known := own.Subnets.Get()
	if gap, open := own.Subnets.Gap(); open || !known {
		return none, n.hangs(gap)
	}
	if slices.Contains(ids, sub.ID) {
		return own, n.proofs.join(state, ask(n.aclOf(sub)))
	}
	zone, zoned := sub.AZ.Get()
	doubt := !zoned
	for _, id := range ids {
		s, ok := n.model.Subnet(id)
		az, stated := s.AZ.Get()
		if ok && stated && zoned && az == zone {
			return own, n.proofs.join(state, ask(n.aclOf(s)))
		}
		doubt = doubt || !ok || !stated
	}
	if doubt {
		return none, n.hangs(cloud.Gap{Because: fmt.Sprintf("whether %s has a subnet in the Availability Zone of %s is not known", own.Name, sub.Name), At: own.At})
	}
	return none, blocked
}

func (n *Network) hangs(gaps ...cloud.Gap) fateID {
	return n.proofs.hangs(netset.AllTraffic(), gaps...)
}

// switched looks a zone up in the route table that an attachment is associated
// with; no attachment where it does not lead to one for certain.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html
func (n *Network) switched(from cloud.TransitGatewayAttachment, to block) (cloud.TransitGatewayAttachment, fateID) {
	none := cloud.TransitGatewayAttachment{}
	table, ok := n.model.TransitGatewayRouteTable(from.Table)
	if !ok {
		return none, blocked
	}
	best, rank := cloud.TransitGatewayRoute{}, -1
	var open []cloud.Gap
	for _, r := range table.Routes {
		p, known := r.Dest.Get()
		if gap, missing := r.OpenFor(to.v6); missing {
			open = append(open, gap)
		}
		if !known || !covers(p, to) {
			continue
		}
		own := 2 * p.Bits()
		if !r.Propagated {
			own++
		}
		if own > rank {
			best, rank = r, own
		}
	}
	if rank >= 0 && best.Which != nil {
		open = append(open, *best.Which)
	}
	switch next, ok := n.model.TransitGatewayAttachment(best.Attachment); {
	case len(open) > 0:
		return none, n.hangs(gapsOf(open)...)
	case rank < 0 || best.Blackhole:
		return none, blocked
	case !ok || next.Gateway != from.Gateway:
		return none, n.hangs(cloud.Gap{Because: fmt.Sprintf("nothing here describes attachment %s", best.Attachment), At: best.At})
	default:
		state := n.standing(next.Meta, next.State)
		if state == blocked {
			next = none
		}
		return next, state
	}
}

// carriesGroups reports whether rules may name the groups of who comes across.
func (n *Network) carriesGroups(a, b cloud.TransitGatewayAttachment) bool {
	g, _ := n.model.TransitGateway(a.Gateway)
	return g.GroupReferences && a.GroupReferences && b.GroupReferences
}

// alight comes out of a transit gateway.
func (n *Network) alight(to cloud.TransitGatewayAttachment, zone cloud.Value[string], far block, src sender) exit {
	switch to.Kind {
	case cloud.TransitOnPremises:
		x := n.leaveAWS(string(to.ID), to.Meta, far)
		x.fate, x.home = n.proofs.join(x.fate, n.homeBy(to, cloud.Unknown[string]("", to.At), src.peer, far)), true
		return x
	case cloud.TransitElsewhere:
		return n.unknown(elsewhere(to))
	}
	subnets, gap, ok := n.exits(to, zone)
	if !ok {
		return n.unknown(gap)
	}
	v, _ := n.model.VPC(to.VPC)
	if n.allLocal(v, subnets, far) {
		x := exit{fate: passes, to: arrives, vpc: v.ID, by: n.stopID(to, subnets), home: true, translated: src.translated}
		if src.translated {
			x.src = src.peer
		}
		return x
	}
	first, _ := n.model.RouteTableOf(subnets[0])
	for _, s := range subnets {
		if t, _ := n.model.RouteTableOf(s); t.ID != first.ID {
			return n.unknown(unlike(to))
		}
	}
	return n.onward(place{placeKey{subnets[0].ID, src.zone}, v, subnets[0], first, n.aclOf(subnets[0])}, far, src)
}

func elsewhere(to cloud.TransitGatewayAttachment) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("what is behind %s, another transit gateway, is not known", to.Name), At: to.At}
}

func unlike(by cloud.TransitGatewayAttachment) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("by which of the subnets of %s the packet comes, which treat it unlike, depends on the Availability Zone", by.Name), At: by.At}
}

// exits are the subnets by one of which packets from a zone leave an attachment.
func (n *Network) exits(by cloud.TransitGatewayAttachment, zone cloud.Value[string]) ([]cloud.Subnet, cloud.Gap, bool) {
	if gap, open := by.Subnets.Gap(); open {
		return nil, gap, false
	}
	if by.ApplianceMode {
		zone = cloud.Unknown[string]("", by.At)
	}
	subnets, _ := n.model.ZoneSubnets(by, zone)
	return subnets, cloud.Gap{Because: fmt.Sprintf("nothing here describes the subnets of %s", by.Name), At: by.At}, len(subnets) > 0
}

// allLocal reports whether the VPC's own routes lead from all of some subnets
// to a zone.
func (n *Network) allLocal(v cloud.VPC, subnets []cloud.Subnet, to block) bool {
	for _, s := range subnets {
		t, _ := n.model.RouteTableOf(s)
		if r := n.next(v, t, to); !r.local || len(r.open) > 0 {
			return false
		}
	}
	return true
}

// onward sends on from a VPC what is not of it. Only a NAT gateway and another
// transit gateway take that.
// https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html
func (n *Network) onward(at place, to block, src sender) exit {
	r := n.next(at.vpc, at.table, to)
	if len(r.open) > 0 {
		return n.unknown(r.open...).through(n.proofs, n.proofs.leaves(at.acl, to, false))
	}
	if to.v6 {
		switch t := r.target.(type) {
		case cloud.ToInternetGateway:
			return n.undecidedIPv6("internet gateway "+string(t.ID), r.at).through(n.proofs, n.proofs.leaves(at.acl, to, false))
		case cloud.ToEgressOnlyGateway:
			return n.undecidedIPv6("egress-only internet gateway "+string(t.ID), r.at).through(n.proofs, n.proofs.leaves(at.acl, to, false))
		}
	}
	switch t := r.target.(type) {
	case cloud.ToNATGateway:
		nat, _ := n.model.NATGateway(t.ID)
		f := passes
		if nat.Subnet != at.sub.ID {
			f = n.proofs.leaves(at.acl, to, false)
		}
		return n.natGateway(at, t.ID, r.at, to, src.peer).through(n.proofs, f)
	case cloud.ToTransitGateway:
		return n.crossTransit(at, t.ID, to, src).through(n.proofs, n.proofs.leaves(at.acl, to, false))
	case cloud.ToInterface:
		e, _ := n.model.RouterOf(t)
		f := passes
		if e.Subnet != at.sub.ID {
			f = n.proofs.leaves(at.acl, to, false)
		}
		return n.middlebox(at, t, r.at, to, src).through(n.proofs, f)
	case cloud.ToUnknown:
		return n.unknown(t.Gap).through(n.proofs, n.proofs.leaves(at.acl, to, false))
	}
	return exit{}
}

func (n *Network) undecidedIPv6(target string, r cloud.Route) exit {
	return n.unknown(cloud.Gap{At: r.At, Because: fmt.Sprintf("whether %s forwards IPv6 that comes by a transit gateway is not on AWS's pages", target)})
}

// offStop is what the network ACLs between the subnets of a stop and another
// one do; the same subnet has none between. Where it depends on the zone and
// the subnets differ, nobody knows.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
func (n *Network) offStop(s stop, to cloud.Subnet, ask func(from, to acl) fateID) fateID {
	var fates []fateID
	same := true
	first, _ := n.model.ACLOf(s.subnets[0])
	for _, from := range s.subnets {
		f := passes
		if from.ID != to.ID {
			f = ask(n.aclOf(from), n.aclOf(to))
		}
		fates = append(fates, f)
		a, _ := n.model.ACLOf(from)
		same = same && a.ID == first.ID && (from.ID == to.ID) == (s.subnets[0].ID == to.ID)
	}
	if same {
		return fates[0]
	}
	return n.proofs.either(fates, unlike(s.by))
}

// either is the fate of traffic that meets one of several fates, nobody knows
// which: open where all are, blocked where all are, a doubt else.
func (p *proofs) either(fates []fateID, which cloud.Gap) fateID {
	open, possible := p.fates[fates[0]].open, netset.Traffic{}
	for _, id := range fates {
		open = open.Intersect(p.fates[id].open)
		possible = possible.Union(p.fates[id].possible)
	}
	return p.intern(open, []doubt{{p.gap(which), possible}})
}

// homeward is the way of replies from a subnet back to a peer in another VPC:
// the subnet's route, what it leads through, and the network ACL of the peer's
// own subnet. far is the zone that they come from, as the peer knows it.
func (n *Network) homeward(v cloud.VPC, sub cloud.Subnet, table cloud.RouteTable, src peer, far block) fateID {
	r := n.next(v, table, src.zone)
	filter := n.proofs.enters(n.aclOf(n.subnetOf(src)), far, true)
	if len(r.open) > 0 {
		return n.proofs.join(n.hangs(r.open...), filter)
	}
	switch t := r.target.(type) {
	case cloud.ToUnknown:
		return n.proofs.join(n.hangs(t.Gap), filter)
	case cloud.ToInterface:
		return n.proofs.join(n.boxed(table, t), filter)
	case cloud.ToInternetGateway:
		igw, _ := n.model.InternetGateway(t.ID)
		if _, home := n.igws[src.vpc]; src.zone.v6 && home && igw.VPC == v.ID {
			return n.proofs.join(n.hangs(cloud.Gap{At: table.At,
				Because: fmt.Sprintf("whether a reply arrives that %s sends to the internet, though the flow did not come from there, is not on AWS's pages", table.Name)}), filter)
		}
	case cloud.ToVPNGateway:
		if string(t.ID) == src.over {
			return filter
		}
	case cloud.ToPeering:
		p, _ := n.model.Peering(t.ID)
		if other, ok := p.Other(v.ID); ok && other == src.vpc && p.Active {
			return filter
		}
	case cloud.ToTransitGateway:
		own, f := n.boards(t.ID, v.ID, sub, func(a acl) fateID { return n.proofs.enters(a, far, true) })
		if own.ID == "" {
			return n.proofs.join(f, filter)
		}
		return n.proofs.join(f, n.homeBy(own, sub.AZ, src, far))
	}
	return blocked
}

// homeBy takes replies from an attachment back to a peer.
func (n *Network) homeBy(from cloud.TransitGatewayAttachment, zone cloud.Value[string], src peer, far block) fateID {
	home := n.subnetOf(src)
	next, f := n.switched(from, src.zone)
	filter := n.proofs.join(f, n.proofs.enters(n.aclOf(home), far, true))
	switch {
	case next.ID == "":
		return filter
	case next.Kind == cloud.TransitElsewhere:
		return n.proofs.join(n.hangs(elsewhere(next)), filter)
	case string(next.ID) == src.over:
		return filter
	case next.Kind != cloud.TransitVPC || next.VPC != src.vpc:
		return blocked
	}
	subnets, gap, ok := n.exits(next, zone)
	if !ok {
		return n.proofs.join(n.hangs(gap), filter)
	}
	v, _ := n.model.VPC(next.VPC)
	for _, s := range subnets {
		t, _ := n.model.RouteTableOf(s)
		if r := n.next(v, t, src.zone); !r.local || len(r.open) > 0 {
			return n.proofs.join(n.hangs(cloud.Gap{At: t.At,
				Because: fmt.Sprintf("%s, by which the reply enters %s, has a route of its own for %s", t.Name, v.Name, home.Name)}), filter)
		}
	}
	return n.proofs.join(f, n.offStop(stop{next, subnets}, home, func(a, b acl) fateID {
		return n.proofs.join(n.proofs.leaves(a, src.zone, true), n.proofs.enters(b, far, true))
	}))
}

// subnetOf is the subnet that a peer's zone is in: zones do not cross the
// blocks of subnets.
func (n *Network) subnetOf(p peer) cloud.Subnet {
	for s := range n.model.Subnets() {
		if s.VPC == p.vpc && (covers(s.CIDR.Or(netip.Prefix{}), p.zone) || covers(s.IPv6.Or(netip.Prefix{}), p.zone)) {
			return s
		}
	}
	return cloud.Subnet{}
}

// leaveAWS hands over to what is stated to be behind a virtual private gateway
// or an attachment.
func (n *Network) leaveAWS(over string, by cloud.Meta, to block) exit {
	behind := n.model.OnPremisesBehind(over)
	for _, p := range behind {
		if covers(p, to) {
			return exit{fate: passes, to: atOnPremises}
		}
	}
	if len(behind) == 0 {
		return n.unknown(cloud.Gap{At: by.At, Because: fmt.Sprintf("what networks are behind %s is not stated (facts.on-premises in bailey.yaml)", by.Name)})
	}
	return exit{}
}

// vpnGateway leaves a VPC by its virtual private gateway.
// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
func (n *Network) vpnGateway(v cloud.VPC, id cloud.VPNGatewayID, r cloud.Route, to block) exit {
	g, ok := n.model.VPNGateway(id)
	switch {
	case !ok:
		return n.unknown(cloud.Gap{Because: fmt.Sprintf("nothing here describes virtual private gateway %s", id), At: r.At})
	case g.VPC != v.ID:
		return exit{}
	}
	x := n.leaveAWS(string(id), g.Meta, to)
	if g.EdgeGap() != nil {
		x = x.through(n.proofs, n.hangs(*g.EdgeGap()))
	}
	return x
}
