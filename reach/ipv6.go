package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// What IPv6 adds: a class for each family of an interface, gateways that
// translate nothing, and NAT64, which lets an IPv6 address stand for an IPv4 one.

var families = [2]bool{false, true} // IPv6?

// has reports whether an interface has addresses of a family, or may have.
func (n *Network) has(e cloud.ENI, v6 bool) bool {
	if v6 {
		return e.IPv6.IsValid() || e.OpenIPv6 != nil
	}
	sub, known := n.model.Subnet(e.Subnet)
	return e.PrivateIP.IsValid() || !known || !sub.IPv6Only() && !e.OnlyIPv6
}

// addrsOf are the addresses of an interface within its VPC and on the internet:
// over IPv6 one and the same.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func addrsOf(e cloud.ENI, v6 bool) (inside, outside netip.Addr) {
	if v6 {
		return e.IPv6, e.IPv6
	}
	return e.PrivateIP, e.PublicIP
}

// echoType is the ICMP type of an echo request or its reply.
// https://www.rfc-editor.org/rfc/rfc4443#section-4.1
func echoType(p netset.Protocol, reply bool) uint16 {
	switch {
	case p == netset.ICMPv6 && reply:
		return 129
	case p == netset.ICMPv6:
		return 128
	case reply:
		return 0
	}
	return 8
}

// otherWayHome is what is not known of replies over IPv6 that go back to another
// VPC by what joins the two, though the flow came over the internet.
func (n *Network) otherWayHome(at place, to block) (cloud.Gap, bool) {
	far, ok := n.holder(to, at.vpc.ID)
	r := n.next(at.vpc, at.table, to)
	if !to.v6 || !ok || len(r.open) > 0 {
		return cloud.Gap{}, false
	}
	by := ""
	switch t := r.target.(type) {
	case cloud.ToPeering:
		p, _ := n.model.Peering(t.ID)
		if other, between := p.Other(at.vpc.ID); p.Active && between && other == far.ID {
			by = "peering " + p.Name
		}
	case cloud.ToTransitGateway:
		g, _ := n.model.TransitGateway(t.ID)
		_, here := n.model.AttachmentTo(t.ID, at.vpc.ID)
		if _, there := n.model.AttachmentTo(t.ID, far.ID); here && there {
			by = "transit gateway " + g.Name
		}
	}
	return cloud.Gap{At: at.table.At, Because: fmt.Sprintf("whether a reply arrives that %s sends to %s, though the flow came over the internet, is not on AWS's pages", at.table.Name, by)}, by != ""
}

// egressOnlyGateway leaves a VPC for a public zone of IPv6; the gateway lets
// the replies in.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
func (n *Network) egressOnlyGateway(v cloud.VPC, id cloud.EgressOnlyGatewayID, own, to block) exit {
	g, ok := n.model.EgressOnlyGateway(id)
	if !ok || g.VPC != v.ID || !to.v6 || !to.isPublic() {
		return exit{}
	}
	return exit{fate: n.publicAccess(v.ID, true), to: atInternet, src: n.stranger(own), translated: true}
}

var translatable, _ = blockOf(cloud.NAT64)

// image is the zone of NAT64 that stands for a zone of IPv4.
func (b block) image() block {
	return block{translatable.hi, b.hi >> 32, b.bits + 96, true}
}

// original is the zone of IPv4 that a zone of NAT64 stands for.
func (b block) original() block { return block{b.lo << 32, 0, b.bits - 96, false} }

// abroad reports whether the addresses of a zone are public ones, or stand for
// such.
func (n *Network) abroad(z block) bool {
	return z.isPublic() || n.nat64Used && translatable.contains(z) && z.original().isPublic()
}

// translates reports whether any route leads IPv6 to a NAT gateway.
func (n *Network) translates() bool {
	for t := range n.model.RouteTables() {
		for _, r := range t.Routes {
			_, nat := r.Target.(cloud.ToNATGateway)
			if d, ok := r.Dest.(cloud.PrefixDest); nat && (!ok || d.Addr().Is6()) {
				return true
			}
		}
	}
	return false
}

// withNAT64 adds the images of all zones where there may be NAT64.
func (n *Network) withNAT64(marks []block) []block {
	n.nat64Used = n.translates()
	if !n.nat64Used {
		return marks
	}
	out := marks[:len(marks):len(marks)]
	for _, b := range marks {
		if !b.v6 {
			out = append(out, b.image())
		}
	}
	return out
}

// addNAT64Spots makes the image of every spot of IPv4, in place of those of
// NAT64 that nobody has.
func (n *Network) addNAT64Spots() {
	if !n.nat64Used {
		return
	}
	var out []spot
	for _, s := range n.spots {
		switch {
		case translatable.contains(s.zone):
			continue
		case !s.zone.v6:
			out = append(out, spot{zone: s.zone.image(), addrs: imagesOf(s.addrs), private: s.private, public: s.public, nat64: true})
		}
		out = append(out, s)
	}
	n.spots = out
	for i, s := range out {
		if _, ok := n.single[s.zone]; ok && !s.nat64 {
			n.single[s.zone] = i
		}
	}
}

func imagesOf(a netset.Addrs) netset.Addrs {
	out := make(netset.Addrs, len(a))
	for i, r := range a {
		out[i], _ = netset.Between(cloud.Synthesized(r.Lo()), cloud.Synthesized(r.Hi()))
	}
	return out
}

// dialled is the zone that somebody in a place dials for a private address.
func (n *Network) dialled(from place, to block) block {
	if from.zone.v6 && !to.v6 {
		return to.image()
	}
	return to
}

// nat64 is what a NAT gateway takes of IPv6 that it translates to IPv4. What
// becomes of ICMPv6 hangs on a gap.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
func (n *Network) nat64(nat cloud.NATGateway) fateID {
	gap := doubt{n.proofs.gap(cloud.Gap{Because: "whether NAT64 translates ICMPv6 is not on AWS's pages", At: nat.At}), carried(netset.ICMPv6)}
	return n.proofs.intern(carried(netset.TCP, netset.UDP), []doubt{gap})
}

// past64 is the way in terms of what was sent.
func (x exit) past64(n *Network) exit {
	x.fate = n.past64(x.six, x.fate)
	x.unasked = slices.Clone(x.unasked)
	for i, f := range x.unasked {
		x.unasked[i] = n.past64(x.six, f)
	}
	return x
}

// past64 is what a filter behind NAT64 does, in terms of what was sent.
func (n *Network) past64(six bool, id fateID) fateID {
	if !six {
		return id
	}
	p := n.proofs
	f := p.fates[id]
	var doubts []doubt
	for _, d := range f.doubts {
		doubts = append(doubts, doubt{d.gap, d.in.BeforeNAT64()})
	}
	return p.intern(f.open.BeforeNAT64(), doubts)
}
