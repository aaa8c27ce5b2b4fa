package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
)

// What differs for IPv6: an address of one's own is a public one, so gateways
// translate nothing; a NAT gateway takes only what it can translate to IPv4.

var globalIPv6 = netip.MustParsePrefix("2000::/3")

// stranger is somebody on the internet's side, known by address alone.
func stranger(addr netip.Addr) party { return party{addr: addr, outside: addr.Is6()} }

// speaks reports whether the interface has an address of the family of dst,
// without which nothing is sent there.
func (w *walk) speaks(e cloud.ENI, sub cloud.Subnet, dst netip.Addr) bool {
	switch own := e.AddrLike(dst); {
	case own.IsValid():
		return true
	case dst.Is4() && (e.VPC == "" || !sub.IPv6Only() && !e.OnlyIPv6):
		return true // its subnet is full, or is not known
	case dst.Is4():
		w.block("eni", "egress", Reason{NoIPv4, e.Name, fmt.Sprintf("%s has no IPv4 address in %s, so nothing can be sent to %s", e.Name, sub.Name, dst), Forward, w.whereOf(e)})
	case e.OpenIPv6 != nil:
		w.missing(e.Name, "eni", "egress", *e.OpenIPv6)
	default:
		w.block("eni", "egress", Reason{NoIPv6, e.Name, fmt.Sprintf("%s has no IPv6 address%s, so nothing can be sent to %s", e.Name, whyNoIPv6(e, sub), dst), Forward, w.whereOf(e)})
	}
	return false
}

// whyNoIPv6 says which of the conditions is not met.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6
func whyNoIPv6(e cloud.ENI, sub cloud.Subnet) string {
	switch {
	case !sub.IPv6.Or(netip.Prefix{}).IsValid():
		return fmt.Sprintf(" (subnet %s has no IPv6 block)", sub.Name)
	case e.Kind == cloud.FunctionENI:
		return " (a function has one if Ipv6AllowedForDualStack is set and all its subnets are dual-stack)"
	case e.Kind == cloud.InstanceENI:
		return " (neither it nor its subnet asks for one)"
	}
	return ""
}

// openIPv6 reports an interface of the VPC of which it is not known whether it
// has an IPv6 address: it may be the one that was asked for.
func openIPv6(m *cloud.Model, vpc cloud.VPC) (cloud.Gap, bool) {
	for e := range m.ENIs() {
		if e.VPC == vpc.ID && e.OpenIPv6 != nil {
			return *e.OpenIPv6, true
		}
	}
	return cloud.Gap{}, false
}

// leaveIPv6 goes out through an internet gateway under the interface's own
// address, which the internet routes.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (w *walk) leaveIPv6(id cloud.InternetGatewayID, src party) {
	igw, _ := w.m.InternetGateway(id)
	w.hop(igw.Name, "internet-gateway", "egress", "forward", "%s leaves as it is for %s", src.addr, w.flow.Dst.Addr())
	w.res.Delivery.Through = igw.Name
	w.public(stranger(src.addr))
}

// egressOnlyGateway goes out, with the replies let in again: the gateway is
// stateful.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
func (w *walk) egressOnlyGateway(vpc cloud.VPC, id cloud.EgressOnlyGatewayID, r cloud.Route, src party) {
	dst := w.flow.Dst.Addr()
	g, ok := w.m.EgressOnlyGateway(id)
	if !ok || g.VPC != vpc.ID {
		w.block("egress-only-gateway", "egress", Reason{BadState, r.Name, fmt.Sprintf("egress-only internet gateway %s is not %s's", id, vpc.Name), Forward, r.At})
	}
	if dst.Is4() {
		w.block("egress-only-gateway", "egress", Reason{UnknownDestination, r.Name, fmt.Sprintf("%s is an IPv4 address: an egress-only internet gateway forwards IPv6 only", dst), Forward, r.At})
		return
	}
	if !w.routedIPv6("egress-only-gateway", r) {
		return
	}
	w.publicAccess(vpc, egress, true)
	w.hop(g.Name, "egress-only-gateway", "egress", "forward", "%s leaves as it is for %s; only replies come back in", src.addr, dst)
	w.res.Delivery.Through = g.Name
	w.public(stranger(src.addr))
}

// routedIPv6 notes IPv6 destinations that the internet does not route.
func (w *walk) routedIPv6(kind string, r cloud.Route) bool {
	dst := w.flow.Dst.Addr()
	switch {
	case cloud.NAT64.Contains(dst):
		w.block(kind, "egress", Reason{NAT64Target, r.Name, fmt.Sprintf("%s stands for an IPv4 address and leads to %s: only a NAT gateway translates it", dst, targetText{w.m, r.Target}), Forward, r.At})
		return false
	case !isPublic(dst):
		w.block(kind, "egress", Reason{UnknownDestination, r.Name, fmt.Sprintf("%s is no address that a gateway forwards to", dst), Forward, r.At})
		return false
	}
	return true
}

// onlyEgressOnly notes that a VPC's only gateway for IPv6 lets nothing in.
func (w *walk) onlyEgressOnly(vpc cloud.VPC, e cloud.ENI) bool {
	if w.flow.Dst.Addr().Is4() {
		return false
	}
	for g := range w.m.EgressOnlyGateways() {
		if g.VPC == vpc.ID {
			w.block("egress-only-gateway", "ingress", Reason{EgressOnlyNoInbound, g.Name,
				fmt.Sprintf("%s has the address %s, but %s lets in nothing but replies", e.Name, w.flow.Dst.Addr(), g.Name), Forward, g.At})
			return true
		}
	}
	return false
}

// closedToInternet notes an interface of an endpoint, a database or an internal
// load balancer: its IPv6 address is one that the internet routes, but
// denyAllIgwTraffic is set on it.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
func (w *walk) closedToInternet(e cloud.ENI) bool {
	if !e.DenyIGW || w.flow.Dst.Addr().Is4() {
		return false
	}
	w.block("internet-gateway", "ingress", Reason{IGWPrivateIngress, e.Name,
		fmt.Sprintf("%s is %s's, which takes nothing from internet gateways over IPv6 (denyAllIgwTraffic)", w.flow.Dst.Addr(), e.Name), Forward, e.At})
	return true
}

// otherWayHome notes a reply over IPv6 to another VPC of the model that goes by a
// peering or a transit gateway, though the flow came over the internet. Nothing
// was translated that the internet gateway would have to translate back, so it
// may well arrive.
func (w *walk) otherWayHome(sub cloud.Subnet, src party) bool {
	far, ok := w.m.VPCOfAddr(src.addr, sub.VPC)
	if !src.addr.Is6() || !ok {
		return false
	}
	vpc, _ := w.m.VPC(sub.VPC)
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, src.addr)
	leads := false
	switch t := f.route.Target.(type) {
	case cloud.ToPeering:
		p, _ := w.m.Peering(t.ID)
		other, between := p.Other(vpc.ID)
		leads = p.Active && between && other == far.ID
	case cloud.ToTransitGateway:
		_, here := w.m.AttachmentTo(t.ID, vpc.ID)
		_, there := w.m.AttachmentTo(t.ID, far.ID)
		leads = here && there
	}
	if leads && len(f.open) == 0 {
		w.missing(table.Name, "route-table", "return egress", cloud.Gap{At: table.At,
			Because: fmt.Sprintf("whether a reply arrives that %s sends to %s, though the flow came over the internet, is not on AWS's pages", table.Name, targetText{w.m, f.route.Target})})
		return true
	}
	return false
}

// outsideHome notes the reverse: a reply over IPv6 that goes to the internet,
// though the flow came from another VPC by what joins the two. The internet leads
// it to the sender's VPC, if that has an internet gateway.
func (w *walk) outsideHome(vpc cloud.VPC, sub cloud.Subnet, src party) bool {
	if !src.addr.Is6() || src.eni == nil {
		return false
	}
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, src.addr)
	t, public := f.route.Target.(cloud.ToInternetGateway)
	igw, _ := w.m.InternetGateway(t.ID)
	_, home := w.m.GatewayOf(src.eni.VPC)
	if !public || f.local || len(f.open) > 0 || igw.VPC != vpc.ID || !home {
		return false
	}
	w.missing(table.Name, "route-table", "return egress", cloud.Gap{At: table.At,
		Because: fmt.Sprintf("whether a reply arrives that %s sends to the internet, though the flow did not come from there, is not on AWS's pages", table.Name)})
	return true
}

// ofNobody notes an IPv6 address of a VPC of the model that nothing there has:
// the internet leads to that VPC and no further.
func (w *walk) ofNobody(dst netip.Addr) bool {
	v, ok := w.m.VPCOfAddr(dst, "")
	if dst.Is4() || !ok {
		return false
	}
	if gap, open := openIPv6(w.m, v); open {
		w.missing(v.Name, "vpc", "ingress", gap)
		return true
	}
	w.block("vpc", "ingress", Reason{UnknownDestination, v.Name, fmt.Sprintf("nothing in %s has the address %s", v.Name, dst), Forward, v.At})
	return true
}

// nat64 reports whether a NAT gateway takes the IPv6 packet: one for an address
// that stands for an IPv4 one.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
func (w *walk) nat64(nat cloud.NATGateway, r cloud.Route) bool {
	dst := w.flow.Dst.Addr()
	switch _, ok := cloud.Translated(dst); {
	case !ok:
		w.block("nat-gateway", "egress", Reason{NATNoIPv6, nat.Name, fmt.Sprintf("%s is sent to NAT gateway %s, which takes IPv6 for %s only", dst, nat.Name, cloud.NAT64), Forward, r.At})
		return false
	case w.flow.Proto == netset.ICMPv6:
		w.missing(nat.Name, "nat-gateway", "egress", cloud.Gap{Because: "whether NAT64 translates ICMPv6 is not on AWS's pages", At: nat.At})
	}
	return true
}

// pingLike is the protocol of a ping over the family of an address.
func pingLike(a netip.Addr) netset.Protocol {
	if a.Is6() {
		return netset.ICMPv6
	}
	return netset.ICMP
}

// publicAnswer is what a public resolver says.
func publicAnswer(m *cloud.Model, host string) Answer {
	a := Answer{Addrs: []netip.Addr{cloud.PublicAddr(host, m.Region())}, Public: true}
	addr, has := m.PublicIPv6(host)
	switch {
	case has:
		a.Addrs = append(a.Addrs, addr)
	case !m.StatesAddresses(host):
		a.Maybe = []netip.Addr{addr}
		a.MaybeIf = cloud.Gap{Because: fmt.Sprintf("whether %s has IPv6 addresses is not stated (internet: {%s: {url: ..., ipv6: true}} in bailey.yaml)", host, host)}
	}
	return a
}

// endpointAnswer gives the addresses of an endpoint's interfaces, of the
// families that its DNS records are for.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func endpointAnswer(m *cloud.Model, e cloud.Endpoint, host string) Answer {
	a := Answer{Endpoint: e.ID, Service: e.Service}
	families, certain := e.RecordsOf(isOwnName(e, host))
	for _, eni := range m.ENIsOf(e.Name) {
		if eni.Endpoint != e.ID {
			continue
		}
		if eni.PrivateIP.IsValid() && families.IPv4() {
			a.Addrs = append(a.Addrs, eni.PrivateIP)
		}
		switch {
		case !eni.IPv6.IsValid():
		case families.IPv6():
			a.Addrs = append(a.Addrs, eni.IPv6)
		case !certain:
			a.Maybe = append(a.Maybe, eni.IPv6)
			a.MaybeIf = cloud.Gap{Because: "the DNS records of dual-stack endpoint " + e.Name + " are not stated (DnsOptions.DnsRecordIpType)", At: e.At}
		}
	}
	return a
}

// withDNS64 adds what the resolver synthesizes for a subnet with DNS64: of a
// name without IPv6 addresses, one in 64:ff9b::/96 for each IPv4 one.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
func withDNS64(m *cloud.Model, subnet cloud.SubnetID, a Answer) Answer {
	sub, ok := m.Subnet(subnet)
	if !ok || len(a.Addrs) == 0 || a.Addrs[len(a.Addrs)-1].Is6() {
		return a
	}
	gap, open := sub.DNS64.Gap()
	if !open && !sub.DNS64.Or(false) {
		return a
	}
	made := make([]netip.Addr, len(a.Addrs))
	for i, v4 := range a.Addrs {
		made[i] = cloud.Synthesized(v4)
	}
	switch {
	case open && len(a.Maybe) == 0:
		a.Maybe, a.MaybeIf = made, gap
	case sub.DNS64.Or(false):
		a.Addrs = slices.Concat(a.Addrs, made)
	}
	return a
}

// only keeps the addresses of the family that a record of that kind gives.
func (a Answer) only(kind string) Answer {
	if kind == "CNAME" {
		return a
	}
	other := func(addr netip.Addr) bool { return addr.Is6() != (kind == "AAAA") }
	a.Addrs, a.Maybe = slices.DeleteFunc(slices.Clone(a.Addrs), other), slices.DeleteFunc(slices.Clone(a.Maybe), other)
	return a
}

// isOwnName reports whether host is of the form of an endpoint's own names.
func isOwnName(e cloud.Endpoint, host string) bool {
	return strings.HasPrefix(host, string(e.ID)+".") || strings.HasPrefix(host, string(e.ID)+"-")
}

// ResolveIn answers a host name as Resolve does, for somebody in a subnet.
func ResolveIn(m *cloud.Model, subnet cloud.SubnetID, host string) Answer {
	sub, _ := m.Subnet(subnet)
	return ResolveFor(m, Asker{sub.VPC, subnet, sub.AZ.Or("")}, host)
}
