package path

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// What a transit gateway does, in the order in which a packet meets it:
//
//	subnet -> its zone's attachment subnet -> the attachment's route table
//	                                              |
//	       another attachment: its subnet in that zone -> that subnet's routes
//
// and all of it again for the reply, from the other side.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html

// toTransit goes from a subnet across a transit gateway.
func (w *walk) toTransit(vpc cloud.VPC, sub cloud.Subnet, id cloud.TransitGatewayID, src party) {
	if w.looped() {
		return
	}
	own, ok := w.board(id, vpc, sub, Forward, w.flow)
	if !ok {
		return
	}
	known := len(w.res.Missing)
	next, ok := w.switchTo(own, w.flow.Dst.Addr(), Forward)
	if !ok && len(w.res.Missing) == known {
		next, ok = w.meant(id)
	}
	if ok {
		src.kept = w.keepsGroups(own, next)
		src.lost = src.lost || !src.kept
		w.alight(next, sub.AZ, src)
	}
}

// meant is the attachment of the VPC that has the destination's address: where
// a packet would go if the transit gateway sent it on.
func (w *walk) meant(id cloud.TransitGatewayID) (cloud.TransitGatewayAttachment, bool) {
	for a := range w.m.TransitGatewayAttachments() {
		v, ok := w.m.VPC(a.VPC)
		if ok && a.Gateway == id && v.Contains(w.flow.Dst.Addr()) {
			return a, true
		}
	}
	return cloud.TransitGatewayAttachment{}, false
}

// looped notes a packet that routes send round in a circle.
func (w *walk) looped() bool {
	if w.turns++; w.turns <= 8 {
		return false
	}
	dst := w.flow.Dst.Addr()
	w.block("route-table", "egress", Reason{Code: RoutingLoop, Component: dst.String(), Detail: fmt.Sprintf("the routes send packets to %s round in a circle", dst)})
	return true
}

// board takes a packet from a subnet into the transit gateway: by the subnet
// that the attachment has in the same Availability Zone, and past that subnet's
// network ACL.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
func (w *walk) board(id cloud.TransitGatewayID, vpc cloud.VPC, sub cloud.Subnet, dir Direction, flow netset.Flow) (cloud.TransitGatewayAttachment, bool) {
	way := hopWay(egress, dir)
	g, ok := w.m.TransitGateway(id)
	if !ok {
		w.missing(string(id), "transit-gateway", way, cloud.Gap{Because: fmt.Sprintf("nothing here describes transit gateway %s", id)})
		return cloud.TransitGatewayAttachment{}, false
	}
	own, ok := w.m.AttachmentTo(id, vpc.ID)
	if !ok {
		w.block("transit-gateway", way, Reason{BadStateAttachment, g.Name, fmt.Sprintf("%s is not attached to transit gateway %s", vpc.Name, g.Name), dir, g.At})
		return own, false
	}
	w.inState(own.Meta, own.State, "transit-gateway", way, BadStateAttachment, dir)
	if gap, open := own.Subnets.Gap(); open {
		w.missing(own.Name, "transit-gateway", way, gap)
		return own, false
	}
	in, found := w.boarding(own, sub)
	switch {
	case found:
		w.during(flow, func() { w.acl(in, ingress, dir) })
		w.hop(own.Name, "transit-gateway", way, "forward", "into %s through %s", g.Name, in.Name)
	case zonesKnown(w.m, own, sub):
		w.block("transit-gateway", way, Reason{TransitZone, own.Name,
			fmt.Sprintf("%s has no subnet in %s, where %s is: from there %s cannot be reached", own.Name, sub.AZ.Or(""), sub.Name, g.Name), dir, own.At})
	default:
		w.missing(own.Name, "transit-gateway", way, zoneGap(own, sub))
		return own, false
	}
	return own, true
}

// boarding is the subnet by which packets from sub enter an attachment.
func (w *walk) boarding(a cloud.TransitGatewayAttachment, sub cloud.Subnet) (cloud.Subnet, bool) {
	if slices.Contains(a.Subnets.Or(nil), sub.ID) {
		return sub, true
	}
	subnets, exact := w.m.ZoneSubnets(a, sub.AZ)
	if !exact {
		return cloud.Subnet{}, false
	}
	return subnets[0], true
}

// zonesKnown reports whether the zones of a subnet and of an attachment's are
// all known.
func zonesKnown(m *cloud.Model, a cloud.TransitGatewayAttachment, sub cloud.Subnet) bool {
	_, known := sub.AZ.Get()
	for _, id := range a.Subnets.Or(nil) {
		s, ok := m.Subnet(id)
		if _, stated := s.AZ.Get(); !ok || !stated {
			return false
		}
	}
	return known
}

func zoneGap(a cloud.TransitGatewayAttachment, sub cloud.Subnet) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("whether %s has a subnet in the Availability Zone of %s is not known", a.Name, sub.Name), At: a.At}
}

// switchTo looks a packet that comes from an attachment up in the route table
// that the attachment is associated with: the longest prefix, of two as long
// the static one.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func (w *walk) switchTo(from cloud.TransitGatewayAttachment, dst netip.Addr, dir Direction) (next cloud.TransitGatewayAttachment, ok bool) {
	way := hopWay(egress, dir)
	table, ok := w.m.TransitGatewayRouteTable(from.Table)
	if !ok {
		w.block("transit-gateway", way, Reason{TransitNoAssociation, from.Name,
			fmt.Sprintf("%s is associated with no route table of its transit gateway, so nothing that comes from it is sent on", from.Name), dir, from.At})
		return next, false
	}
	r, found, open := lookupTransit(table, dst)
	for _, gap := range open {
		w.missing(table.Name, "transit-gateway", way, gap)
	}
	if len(open) > 0 {
		return next, false
	}
	switch {
	case !found:
		w.block("transit-gateway", way, Reason{TransitNoRoute, table.Name, fmt.Sprintf("no route of %s covers %s", table.Name, dst), dir, table.At})
		return next, false
	case r.Blackhole:
		w.block("transit-gateway", way, Reason{TransitBlackhole, table.Name, fmt.Sprintf("%s drops what is for %s: the route to %s is a blackhole", table.Name, dst, r.Dest.Or(netip.Prefix{})), dir, r.At})
		return next, false
	}
	next, ok = w.m.TransitGatewayAttachment(r.Attachment)
	if !ok || next.Gateway != from.Gateway {
		w.missing(table.Name, "transit-gateway", way, cloud.Gap{Because: fmt.Sprintf("nothing here describes attachment %s", r.Attachment), At: r.At})
		return next, false
	}
	w.inState(next.Meta, next.State, "transit-gateway", way, BadStateAttachment, dir)
	w.hop(table.Name, "transit-gateway", way, "forward", "%s goes to %s", r.Dest.Or(netip.Prefix{}), next.Name)
	return next, true
}

// lookupTransit finds the route for dst; open is what may come first, and why it
// is not known where the route found leads.
func lookupTransit(t cloud.TransitGatewayRouteTable, dst netip.Addr) (best cloud.TransitGatewayRoute, found bool, open []cloud.Gap) {
	for _, r := range t.Routes {
		p, known := r.Dest.Get()
		if gap, missing := r.OpenFor(dst.Is6()); missing && !slices.Contains(open, gap) {
			open = append(open, gap)
		}
		if !known || !p.Contains(dst) {
			continue
		}
		had := best.Dest.Or(netip.Prefix{}).Bits()
		if !found || p.Bits() > had || p.Bits() == had && best.Propagated && !r.Propagated {
			best, found = r, true
		}
	}
	if found && best.Which != nil {
		open = append(open, *best.Which)
	}
	return best, found, open
}

// keepsGroups reports whether rules beyond the transit gateway may refer to the
// sender's groups: the gateway and both attachments must support it.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (w *walk) keepsGroups(a, b cloud.TransitGatewayAttachment) bool {
	g, _ := w.m.TransitGateway(a.Gateway)
	return g.GroupReferences && a.GroupReferences && b.GroupReferences
}

// alight brings a packet from the transit gateway to what is attached there.
// It stays in the zone that it comes from where the attachment has a subnet in
// it, unless appliance mode chooses.
func (w *walk) alight(to cloud.TransitGatewayAttachment, zone cloud.Value[string], src party) {
	switch to.Kind {
	case cloud.TransitOnPremises:
		flow := w.flow
		flow.Src = withAddr(flow.Src, src.addr)
		w.later(func() { w.switchHome(to, cloud.Unknown[string]("it comes from outside", to.At), src, flow) })
		w.leaveAWS(string(to.ID), to.Meta, src)
		return
	case cloud.TransitElsewhere:
		w.missing(to.Name, "transit-gateway", "egress", elsewhereGap(to))
		return
	}
	vpc, _ := w.m.VPC(to.VPC)
	subnets, ok := w.alighting(to, zone, "egress")
	if !ok {
		return
	}
	dst := w.flow.Dst.Addr()
	table, same := oneTable(w.m, subnets)
	for _, s := range subnets {
		t, _ := w.m.RouteTableOf(s)
		if f := lookup(w.m, vpc, t, dst); !f.local || len(f.open) > 0 {
			if !same {
				w.missing(to.Name, "transit-gateway", "ingress", unlikeSubnets(to))
				return
			}
			w.onward(vpc, subnets[0], table, f, src, to)
			return
		}
	}
	w.arriveFromTransit(vpc, subnets, src, to)
}

func elsewhereGap(to cloud.TransitGatewayAttachment) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("what is behind %s, another transit gateway, is not known", to.Name), At: to.At}
}

func unlikeSubnets(to cloud.TransitGatewayAttachment) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("by which of the subnets of %s the packet comes, which treat it unlike, depends on the Availability Zone", to.Name), At: to.At}
}

// alighting are the subnets by one of which a packet leaves an attachment.
func (w *walk) alighting(to cloud.TransitGatewayAttachment, zone cloud.Value[string], way string) ([]cloud.Subnet, bool) {
	if gap, open := to.Subnets.Gap(); open {
		w.missing(to.Name, "transit-gateway", way, gap)
		return nil, false
	}
	if to.ApplianceMode {
		zone = cloud.Unknown[string]("appliance mode chooses the zone", to.At)
	}
	subnets, _ := w.m.ZoneSubnets(to, zone)
	if len(subnets) == 0 {
		w.missing(to.Name, "transit-gateway", way, cloud.Gap{Because: fmt.Sprintf("nothing here describes the subnets of %s", to.Name), At: to.At})
	}
	return subnets, len(subnets) > 0
}

// oneTable is the route table of subnets that all have the same.
func oneTable(m *cloud.Model, subnets []cloud.Subnet) (cloud.RouteTable, bool) {
	first, _ := m.RouteTableOf(subnets[0])
	return first, !slices.ContainsFunc(subnets, func(s cloud.Subnet) bool {
		t, _ := m.RouteTableOf(s)
		return t.ID != first.ID
	})
}

// arriveFromTransit brings a packet to an address of the VPC. The network ACL
// of the attachment's subnet filters what leaves it for another subnet; within
// that subnet none does.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
func (w *walk) arriveFromTransit(vpc cloud.VPC, from []cloud.Subnet, src party, by cloud.TransitGatewayAttachment) {
	e, ok := w.receiver(vpc)
	if !ok {
		return
	}
	sub, _ := w.m.Subnet(e.Subnet)
	flow := w.flow
	flow.Src = withAddr(flow.Src, src.addr)
	w.later(func() { w.replyHome(vpc, sub, src, flow) })
	w.later(func() { w.during(flow, func() { w.acl(sub, egress, Return) }) })
	w.fromAttachment(by, from, sub, Forward, flow, true)
	w.enter(e, src, &sub)
}

// fromAttachment asks the network ACLs between an attachment's subnet and
// another one; inner tells whether that of the other subnet is asked here too.
// Where it depends on the zone which subnet it is, and they differ, the answer
// is not known.
func (w *walk) fromAttachment(by cloud.TransitGatewayAttachment, from []cloud.Subnet, to cloud.Subnet, dir Direction, flow netset.Flow, inner bool) {
	ask := func(w *walk, s cloud.Subnet) {
		if s.ID == to.ID {
			return
		}
		w.during(flow, func() {
			w.acl(s, egress, dir)
			if inner {
				w.acl(to, ingress, dir)
			}
		})
	}
	if alike(w.m, from, to) {
		ask(w, from[0])
		return
	}
	passed, refused := 0, 0
	for _, s := range from {
		dry := &walk{m: w.m, mute: true}
		ask(dry, s)
		switch {
		case len(dry.res.Blockers) > 0:
			refused++
		case len(dry.res.Missing) == 0:
			passed++
		}
	}
	if passed == len(from) || refused == len(from) {
		ask(w, from[0])
		return
	}
	w.missing(by.Name, "network-acl", hopWay(egress, dir), unlikeSubnets(by))
}

// alike reports whether subnets have the same network ACL and are all, or none
// of them, the one they lead to.
func alike(m *cloud.Model, from []cloud.Subnet, to cloud.Subnet) bool {
	first, _ := m.ACLOf(from[0])
	return !slices.ContainsFunc(from[1:], func(s cloud.Subnet) bool {
		acl, _ := m.ACLOf(s)
		return acl.ID != first.ID || (s.ID == to.ID) != (from[0].ID == to.ID)
	})
}

// onward sends a packet on that came by a transit gateway and is not for the
// VPC: a VPC that all others leave by. Only what does not need the sender to
// be of the VPC takes it.
// https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html
func (w *walk) onward(vpc cloud.VPC, sub cloud.Subnet, table cloud.RouteTable, f found, src party, by cloud.TransitGatewayAttachment) {
	r := f.route
	if at, ok := w.standsIn(r.Target); !ok || at != sub.ID {
		w.acl(sub, egress, Forward)
	}
	if w.openRoutes(table, "egress", f) {
		return
	}
	if f.ok {
		w.hop(table.Name, "route-table", "egress", "forward", "%s goes to %s", destText{r}, targetText{w.m, r.Target})
	}
	if to, public := r.Target, publicGateway(r.Target); public && w.flow.Dst.Addr().Is6() {
		w.missing(by.Name, "route-table", "egress", cloud.Gap{At: r.At,
			Because: fmt.Sprintf("whether %s forwards IPv6 that comes by a transit gateway is not on AWS's pages", targetText{w.m, to})})
		return
	}
	switch t := r.Target.(type) {
	case cloud.ToNATGateway:
		w.natGateway(vpc, sub, t.ID, r, src)
	case cloud.ToTransitGateway:
		w.toTransit(vpc, sub, t.ID, src)
	case cloud.ToInterface:
		w.middlebox(vpc, sub, t, r, src)
	case cloud.ToUnknown:
		w.missing(table.Name, "route-table", "egress", t.Gap)
	case cloud.ToInternetGateway:
		w.block("internet-gateway", "egress", Reason{IGWNoPublicIP, by.Name,
			fmt.Sprintf("an internet gateway forwards only for interfaces of %s with a public IP, and %s is not of it: a NAT gateway has to stand between", vpc.Name, src.addr), Forward, r.At})
	case cloud.ToPeering:
		w.block("peering", "egress", Reason{PeeringAddress, by.Name, fmt.Sprintf("%s is not an address of %s: a peering takes packets from the VPC itself only", src.addr, vpc.Name), Forward, r.At})
	case cloud.ToVPNGateway:
		w.block("vpn-gateway", "egress", Reason{VGWEgress, by.Name, fmt.Sprintf("%s is not an address of %s: a virtual private gateway takes packets from the VPC itself only", src.addr, vpc.Name), Forward, r.At})
	case cloud.ToEndpoint:
		w.block("gateway-endpoint", "egress", Reason{GatewayEndpointSource, by.Name, fmt.Sprintf("%s is not an address of %s: a gateway endpoint serves the VPC itself only", src.addr, vpc.Name), Forward, r.At})
	default:
		w.block("route-table", "egress", Reason{NoRoute, table.Name, fmt.Sprintf("no route of %s, by which %s leaves %s, covers %s", table.Name, by.Name, sub.Name, w.flow.Dst.Addr()), Forward, table.At})
	}
}

// publicGateway reports whether a target leads to the internet as addresses are.
func publicGateway(t cloud.RouteTarget) bool {
	switch t.(type) {
	case cloud.ToInternetGateway, cloud.ToEgressOnlyGateway:
		return true
	}
	return false
}

// standsIn is the subnet of a NAT gateway or an interface.
func (w *walk) standsIn(t cloud.RouteTarget) (cloud.SubnetID, bool) {
	switch t := t.(type) {
	case cloud.ToNATGateway:
		nat, ok := w.m.NATGateway(t.ID)
		return nat.Subnet, ok
	case cloud.ToInterface:
		e, ok := w.m.RouterOf(t)
		return e.Subnet, ok
	}
	return "", false
}
