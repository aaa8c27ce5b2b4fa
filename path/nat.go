package path

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// natGateway goes through a NAT gateway: into its subnet, out again with its
// address and a port from 1024 to 65535, and on by its subnet's own route. No
// security group applies there; its subnet's network ACL does, twice each way.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
func (w *walk) natGateway(vpc cloud.VPC, from cloud.Subnet, id cloud.NATGatewayID, r cloud.Route, src party) {
	nat, ok := w.m.NATGateway(id)
	if !ok {
		w.missing(string(id), "nat-gateway", "egress", cloud.Gap{Because: fmt.Sprintf("nothing here describes NAT gateway %s", id), At: r.At})
		return
	}
	w.inState(nat.Meta, nat.State, "nat-gateway", "egress", BadState, Forward)
	if w.flow.Dst.Addr().Is6() && !w.nat64(nat, r) {
		return
	}
	if p := w.flow.Proto; p != netset.TCP && p != netset.UDP && p != pingLike(w.flow.Dst.Addr()) {
		w.block("nat-gateway", "egress", Reason{NATProtocol, nat.Name, fmt.Sprintf("a NAT gateway carries TCP, UDP and ICMP, not %s", p), Forward, nat.At})
	}
	sub := w.m.Place(nat)
	before := w.flow
	w.later(func() { w.replyHome(vpc, sub, src, before) })
	foreign := !vpc.Contains(src.addr)
	if sub.ID != from.ID {
		w.acl(sub, ingress, Forward)
	}
	if sub.ID != from.ID || foreign {
		w.later(func() { w.acl(sub, egress, Return) })
	}
	w.translate(vpc, sub, nat)
}

// translate sends a packet on from a NAT gateway under an address and a port of
// the gateway's.
func (w *walk) translate(vpc cloud.VPC, sub cloud.Subnet, nat cloud.NATGateway) {
	eni := w.m.ENIsOf(nat.Name)[0]
	inside := w.flow
	port := max(w.flow.Src.Port(), 1024)
	if w.natPort != 0 {
		port = w.natPort
	}
	w.viaNAT = true
	own := natAddresses(nat, eni)
	w.flow.Src = netip.AddrPortFrom(own[0].private, port)
	if v4, ok := cloud.Translated(w.flow.Dst.Addr()); ok {
		w.flow.Dst = withAddr(w.flow.Dst, v4)
		if w.flow.Proto == netset.ICMPv6 {
			w.flow.Proto = netset.ICMP
		}
	}
	w.later(func() { w.flow = inside })
	w.res.Delivery.NATPort, w.res.Delivery.Through = true, nat.Name
	w.acl(sub, egress, Forward)
	outside := w.flow
	home := new(bool)
	w.later(func() {
		w.flow = outside
		if !*home {
			w.acl(sub, ingress, Return)
		}
	})
	leave := func(w *walk, as natAddress, home *bool) {
		w.flow.Src = netip.AddrPortFrom(as.private, port)
		w.leaveNAT(vpc, sub, nat, party{addr: as.private, eni: &eni, home: home}, as.public)
	}
	if w.alike(own, leave) {
		leave(w, own[0], home)
	} else {
		w.missing(nat.Name, "nat-gateway", "egress", cloud.Gap{At: nat.At,
			Because: fmt.Sprintf("which of its %d addresses %s gives a connection AWS does not tell, and they are treated unlike", len(own), nat.Name)})
	}
	w.flow = inside
}

// A natAddress is what a NAT gateway may make the source of what it sends on:
// its private address within the VPC and beyond transit gateways, its public
// one on the internet.
type natAddress struct{ private, public netip.Addr }

// natAddresses are all of them. A regional gateway has no private ones.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
func natAddresses(nat cloud.NATGateway, eni cloud.ENI) []natAddress {
	first := natAddress{eni.PrivateIP, nat.PublicIP}
	if nat.Regional() {
		first.private = nat.PublicIP
	}
	out := []natAddress{first}
	for _, a := range eni.More {
		out = append(out, natAddress{a, first.public})
	}
	for _, a := range nat.MorePublic {
		out = append(out, natAddress{first.private, a})
	}
	return out
}

// alike reports whether it makes no difference which address is used.
func (w *walk) alike(own []natAddress, leave func(*walk, natAddress, *bool)) bool {
	if len(own) == 1 {
		return true
	}
	var first Result
	for i, as := range own {
		dry := &walk{m: w.m, flow: w.flow, mute: true, natPort: w.natPort, viaNAT: true, turns: w.turns}
		leave(dry, as, new(bool))
		for _, check := range slices.Backward(dry.back) {
			check()
		}
		if r := dry.result(); i == 0 {
			first = r
		} else if r.Verdict != first.Verdict || r.Verdict == Unknown && !slices.Equal(r.Missing, first.Missing) {
			return false
		}
	}
	return true
}

// leaveNAT sends the translated packet on from the NAT gateway's subnet.
func (w *walk) leaveNAT(vpc cloud.VPC, sub cloud.Subnet, nat cloud.NATGateway, out party, public netip.Addr) {
	dst := w.flow.Dst.Addr()
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, dst)
	if w.openRoutes(table, "egress", f) {
		return
	}
	if t, ok := f.route.Target.(cloud.ToInternetGateway); ok && !f.local {
		w.natToInternet(vpc, nat, t.ID, f.route, out, public)
		return
	}
	if nat.Regional() && f.leads() {
		w.missing(nat.Name, "nat-gateway", "egress", cloud.Gap{At: f.route.At,
			Because: fmt.Sprintf("under which address regional NAT gateway %s dials what is not on the internet is not on AWS's pages", nat.Name)})
		return
	}
	if f.local {
		w.hop(nat.Name, "nat-gateway", "egress", "forward", "leaves as %s", out.addr)
		w.arrive(vpc, out, nil)
		return
	}
	switch t := f.route.Target.(type) {
	case cloud.ToTransitGateway:
		w.hop(nat.Name, "nat-gateway", "egress", "forward", "leaves as %s", out.addr)
		w.toTransit(vpc, sub, t.ID, out)
		return
	case cloud.ToVPNGateway:
		w.hop(nat.Name, "nat-gateway", "egress", "forward", "leaves as %s", out.addr)
		w.toVPN(vpc, t.ID, f.route, out)
		return
	case cloud.ToPeering, cloud.ToEndpoint:
		w.missing(nat.Name, "nat-gateway", "egress", cloud.Gap{At: f.route.At,
			Because: fmt.Sprintf("whether a NAT gateway sends on to %s is not on AWS's pages: route the private subnet there itself", targetText{w.m, t})})
		return
	case cloud.ToInterface:
		w.middlebox(vpc, sub, t, f.route, out)
		return
	case cloud.ToUnknown:
		w.missing(table.Name, "route-table", "egress", t.Gap)
		return
	}
	detail := fmt.Sprintf("NAT gateway %s sits in %s, whose table %s has no route to an internet gateway for %s", nat.Name, sub.Name, table.Name, dst)
	if nat.Regional() {
		detail = fmt.Sprintf("%s has no route to an internet gateway for %s", table.Name, dst)
	}
	if f.ok {
		detail += fmt.Sprintf(" (%s goes to %s)", destText{f.route}, targetText{w.m, f.route.Target})
	}
	w.block("nat-gateway", "egress", Reason{NATInPrivateSubnet, nat.Name, detail, Forward, nat.At})
	w.public(party{addr: public})
}

func (w *walk) natToInternet(vpc cloud.VPC, nat cloud.NATGateway, igw cloud.InternetGatewayID, r cloud.Route, out party, public netip.Addr) {
	if !w.igwAccepts(vpc, igw, r, out) {
		return
	}
	w.publicAccess(vpc, egress, true)
	if !nat.Public {
		w.block("nat-gateway", "egress", Reason{PrivateNATToIGW, nat.Name,
			fmt.Sprintf("%s is a private NAT gateway: the internet gateway drops what it sends", nat.Name), Forward, nat.At})
	}
	w.hop(nat.Name, "nat-gateway", "egress", "forward", "leaves as %s", public)
	w.public(party{addr: public})
}
