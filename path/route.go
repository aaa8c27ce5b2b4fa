package path

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// lookup finds the route for dst: longest prefix; of two equal ones a static
// route comes before one through a prefix list; the VPC's own CIDRs are always
// there. found is false where no route covers dst; local is true where the
// VPC's own does. open is a route whose destination is not known.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func lookup(m *cloud.Model, vpc cloud.VPC, t cloud.RouteTable, dst netip.Addr) (best cloud.Route, local, found bool, open *cloud.Gap) {
	bits := -1
	cidrs, _ := vpc.CIDRs.Get()
	for _, c := range cidrs {
		if c.Contains(dst) && c.Bits() > bits {
			bits, local, found = c.Bits(), true, true
		}
	}
	for _, r := range t.Routes {
		switch d := r.Dest.(type) {
		case cloud.PrefixDest:
			// A static route wins over a prefix list's of the same length.
			_, listed := best.Dest.(cloud.PrefixListDest)
			if d.Contains(dst) && (d.Bits() > bits || d.Bits() == bits && listed) {
				best, bits, local, found = r, d.Bits(), false, true
			}
		case cloud.PrefixListDest:
			pl, _ := m.PrefixList(d.ID)
			for _, p := range pl.Prefixes {
				if p.Contains(dst) && p.Bits() > bits {
					best, bits, local, found = r, p.Bits(), false, true
				}
			}
		case cloud.UnknownDest:
			open = &d.Gap
		}
	}
	return best, local, found, open
}

// route sends the packet on from its subnet.
func (w *walk) route(vpc cloud.VPC, sub cloud.Subnet, e cloud.ENI, src party) {
	dst := w.flow.Dst.Addr()
	table, _ := w.m.RouteTableOf(sub)
	r, local, found, open := lookup(w.m, vpc, table, dst)
	if open != nil {
		w.missing(table.Name, "route-table", "egress", *open)
	}
	switch {
	case local:
		w.hop(table.Name, "route-table", "egress", "forward", "the VPC's local route covers %s", dst)
		w.arrive(vpc, src, nil)
	case !found:
		w.noRoute(vpc, table, dst, src, Reason{NoRoute, table.Name,
			fmt.Sprintf("no route of %s covers %s", table.Name, dst), Forward, table.At})
	default:
		w.hop(table.Name, "route-table", "egress", "forward", "%s goes to %s", describeDest(r), describeTarget(w.m, r.Target))
		w.follow(vpc, sub, table, r, e, src)
	}
}

// follow takes the packet to a route's target.
func (w *walk) follow(vpc cloud.VPC, sub cloud.Subnet, table cloud.RouteTable, r cloud.Route, e cloud.ENI, src party) {
	switch t := r.Target.(type) {
	case cloud.ToInternetGateway:
		w.internetGateway(vpc, t.ID, r, e, src)
	case cloud.ToNATGateway:
		w.natGateway(vpc, sub, t.ID, r, src)
	case cloud.ToPeering:
		w.peering(vpc, t.ID, r, src)
	case cloud.ToEndpoint:
		w.gatewayEndpoint(t.ID, src)
	case cloud.ToBlackhole:
		w.noRoute(vpc, table, w.flow.Dst.Addr(), src, Reason{BadStateRoute, table.Name,
			fmt.Sprintf("the route to %s is a blackhole: %s is gone", describeDest(r), t.Was), Forward, r.At})
	case cloud.ToUnknown:
		w.missing(table.Name, "route-table", "egress", t.Gap)
	}
}

// noRoute notes that nothing leads to dst, unless a fact that is not stated
// may lead there, and goes on at the destination as if something did.
func (w *walk) noRoute(vpc cloud.VPC, table cloud.RouteTable, dst netip.Addr, src party, why Reason) {
	if gap, open := w.lightsailGap(vpc, dst); open {
		w.missing(table.Name, "route-table", "egress", gap)
		return
	}
	w.block("route-table", "egress", why)
	if other, ok := w.m.VPCOfAddr(dst, vpc.ID); ok {
		if _, peered := w.peeringBetween(vpc.ID, other.ID); peered {
			w.arrive(other, src, nil)
		}
	} else if e, ok := w.m.ENIByPublicIP(dst); ok {
		w.fromGateway(e, party{addr: cloud.ElasticAddr(w.m.Stack(), "source")})
	}
}

// lightsailGap tells whether the answer for dst hangs on what nobody stated
// about Lightsail's network and its peering with the default VPC.
func (w *walk) lightsailGap(vpc cloud.VPC, dst netip.Addr) (cloud.Gap, bool) {
	net := w.m.Lightsail()
	if !vpc.Default || isPublic(dst) || !w.usesLightsail() {
		return cloud.Gap{}, false
	}
	if gap, open := net.CIDR.Gap(); open {
		return gap, true
	}
	cidr, _ := net.CIDR.Get()
	gap, open := net.Peered.Gap()
	return gap, open && cidr.IsValid() && cidr.Contains(dst)
}

// usesLightsail reports whether the model has anything in Lightsail's network;
// otherwise what nobody stated about it matters to nobody.
func (w *walk) usesLightsail() bool {
	for range w.m.LightsailInstances() {
		return true
	}
	return false
}

// internetGateway leaves the VPC: the interface needs a public IP, which a
// function's never has.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (w *walk) internetGateway(vpc cloud.VPC, id cloud.InternetGatewayID, r cloud.Route, e cloud.ENI, src party) {
	dst := w.flow.Dst.Addr()
	if !w.igwAccepts(vpc, id, r, src) {
		return
	}
	if !e.PublicIP.IsValid() {
		w.block("internet-gateway", "egress", noPublicIP(e, id, w.whereOf(e)))
		w.public(party{addr: cloud.ElasticAddr(w.m.Stack(), e.Name)})
		return
	}
	igw, _ := w.m.InternetGateway(id)
	w.hop(igw.Name, "internet-gateway", "egress", "forward", "%s leaves as %s for %s", e.PrivateIP, e.PublicIP, dst)
	w.res.Delivery.Through = igw.Name
	w.public(party{addr: e.PublicIP})
}

// noPublicIP is the reason for which a function in a public subnet has no
// internet: "Connecting a function to a public subnet doesn't give it internet
// access or a public IP address".
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
func noPublicIP(e cloud.ENI, igw cloud.InternetGatewayID, at source.Span) Reason {
	detail := fmt.Sprintf("the default route leads to internet gateway %s, but %s's interface %s (%s) has no public IP", igw, e.Name, e.ID, e.PrivateIP)
	if e.Kind == cloud.FunctionENI {
		detail += ": a function in a VPC never gets one, not even in a public subnet"
	}
	return Reason{IGWNoPublicIP, e.Name, detail, Forward, at}
}

// igwAccepts notes what an internet gateway refuses whoever sends it: being
// detached, and destinations that the internet does not route.
func (w *walk) igwAccepts(vpc cloud.VPC, id cloud.InternetGatewayID, r cloud.Route, src party) bool {
	dst := w.flow.Dst.Addr()
	table := cloud.RouteTable{Meta: r.Meta}
	igw, ok := w.m.InternetGateway(id)
	if !ok || igw.VPC != vpc.ID {
		w.block("internet-gateway", "egress", Reason{BadState, r.Name, fmt.Sprintf("internet gateway %s is not attached to %s", id, vpc.Name), Forward, r.At})
	}
	switch {
	case dst.IsPrivate():
		w.noRoute(vpc, table, dst, src, Reason{IGWPrivateDest, r.Name,
			fmt.Sprintf("the only route for the private address %s leads to an internet gateway, which drops private destinations", dst), Forward, r.At})
		return false
	case sharedRange.Contains(dst):
		w.block("internet-gateway", "egress", Reason{IGWSharedDest, r.Name,
			fmt.Sprintf("an internet gateway drops destinations of 100.64.0.0/10 such as %s", dst), Forward, r.At})
		return false
	case !isPublic(dst):
		w.block("internet-gateway", "egress", Reason{UnknownDestination, r.Name, fmt.Sprintf("%s is no address that a gateway forwards to", dst), Forward, r.At})
		return false
	}
	return true
}

// peering crosses a VPC peering connection: active, only to an address of the
// far VPC itself, never through it.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
func (w *walk) peering(vpc cloud.VPC, id cloud.PeeringID, r cloud.Route, src party) {
	dst := w.flow.Dst.Addr()
	p, ok := w.m.Peering(id)
	far, between := p.Other(vpc.ID)
	if !ok || !between {
		w.block("peering", "egress", Reason{BadStateRoute, string(id), fmt.Sprintf("peering %s does not exist or is not of %s", id, vpc.Name), Forward, r.At})
		return
	}
	if !p.Active {
		w.block("peering", "egress", Reason{BadState, p.Name, fmt.Sprintf("peering %s is not active: it has not been accepted", p.Name), Forward, p.At})
	}
	other, _ := w.m.VPC(far)
	if !other.Contains(dst) {
		w.block("peering", "egress", Reason{PeeringAddress, p.Name,
			fmt.Sprintf("%s is not an address of %s: a peering leads to the far VPC itself and no further", dst, other.Name), Forward, r.At})
		return
	}
	w.hop(p.Name, "peering", "egress", "forward", "across to %s", other.Name)
	w.arrive(other, src, nil)
}

// peeringBetween finds the peering of two VPCs; there is at most one.
func (w *walk) peeringBetween(a, b cloud.VPCID) (cloud.Peering, bool) {
	for p := range w.m.Peerings() {
		if o, ok := p.Other(a); ok && o == b {
			return p, true
		}
	}
	return cloud.Peering{}, false
}

// gatewayEndpoint hands the packet to S3 or DynamoDB; such an endpoint takes
// TCP and ICMP only and keeps the private source address.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (w *walk) gatewayEndpoint(id cloud.EndpointID, src party) {
	e, ok := w.m.Endpoint(id)
	if !ok {
		w.missing(string(id), "gateway-endpoint", "egress", cloud.Gap{Because: fmt.Sprintf("nothing here describes endpoint %s", id)})
		return
	}
	if p := w.flow.Proto; p != netset.TCP && p != netset.ICMP {
		w.block("gateway-endpoint", "egress", Reason{GatewayEndpointProto, e.Name, fmt.Sprintf("%s takes TCP and ICMP echo, not %s", e.Name, p), Forward, e.At})
	}
	w.hop(e.Name, "gateway-endpoint", "egress", "allow", "%s through its gateway endpoint", e.Service)
	w.endpointPolicy(e)
	w.res.Delivery = Delivery{To: ToService, Service: e.Service, Endpoint: e.ID, Src: src.addr, Dst: w.flow.Dst.Addr()}
}

// describeDest names a route's destination as a template would.
func describeDest(r cloud.Route) string {
	switch d := r.Dest.(type) {
	case cloud.PrefixDest:
		return d.String()
	case cloud.PrefixListDest:
		return "prefix list " + string(d.ID)
	}
	return "an unknown destination"
}

// describeTarget names a route's target.
func describeTarget(m *cloud.Model, t cloud.RouteTarget) string {
	switch t := t.(type) {
	case cloud.ToInternetGateway:
		return "internet gateway " + string(t.ID)
	case cloud.ToNATGateway:
		return "NAT gateway " + string(t.ID)
	case cloud.ToPeering:
		p, _ := m.Peering(t.ID)
		return "peering " + p.Name
	case cloud.ToEndpoint:
		e, _ := m.Endpoint(t.ID)
		return "gateway endpoint " + e.Name
	case cloud.ToBlackhole:
		return "a blackhole"
	}
	return "an unknown target"
}
