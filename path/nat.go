package path

import (
	"fmt"
	"net/netip"

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
	sub, _ := w.m.Subnet(nat.Subnet)
	before := w.flow
	w.later(func() { w.replyHome(vpc, sub, src, before) })
	foreign := !vpc.Contains(src.addr)
	if sub.ID != from.ID {
		w.acl(sub, ingress, Forward)
	}
	if sub.ID != from.ID || foreign {
		w.later(func() { w.acl(sub, egress, Return) })
	}
	eni := w.m.ENIsOf(nat.Name)[0]
	inside := w.flow
	port := max(w.flow.Src.Port(), 1024)
	if w.natPort != 0 {
		port = w.natPort
	}
	w.viaNAT = true
	w.flow.Src = netip.AddrPortFrom(eni.PrivateIP, port)
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
	out := party{addr: eni.PrivateIP, eni: &eni, home: new(bool)}
	w.later(func() {
		w.flow = outside
		if !*out.home {
			w.acl(sub, ingress, Return)
		}
	})
	w.leaveNAT(vpc, sub, nat, out)
	w.flow = inside
}

// leaveNAT sends the translated packet on from the NAT gateway's subnet.
func (w *walk) leaveNAT(vpc cloud.VPC, sub cloud.Subnet, nat cloud.NATGateway, out party) {
	dst := w.flow.Dst.Addr()
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, dst)
	if w.openRoutes(table, "egress", f) {
		return
	}
	if f.local {
		w.hop(nat.Name, "nat-gateway", "egress", "forward", "leaves as %s", out.addr)
		w.arrive(vpc, out, nil)
		return
	}
	switch t := f.route.Target.(type) {
	case cloud.ToInternetGateway:
		w.natToInternet(vpc, nat, t.ID, f.route, out)
		return
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
	if f.ok {
		detail += fmt.Sprintf(" (%s goes to %s)", destText{f.route}, targetText{w.m, f.route.Target})
	}
	w.block("nat-gateway", "egress", Reason{NATInPrivateSubnet, nat.Name, detail, Forward, nat.At})
	w.public(party{addr: nat.PublicIP})
}

func (w *walk) natToInternet(vpc cloud.VPC, nat cloud.NATGateway, igw cloud.InternetGatewayID, r cloud.Route, out party) {
	if !w.igwAccepts(vpc, igw, r, out) {
		return
	}
	w.publicAccess(vpc, egress, true)
	if !nat.Public {
		w.block("nat-gateway", "egress", Reason{PrivateNATToIGW, nat.Name,
			fmt.Sprintf("%s is a private NAT gateway: the internet gateway drops what it sends", nat.Name), Forward, nat.At})
	}
	w.hop(nat.Name, "nat-gateway", "egress", "forward", "leaves as %s", nat.PublicIP)
	w.public(party{addr: nat.PublicIP})
}
