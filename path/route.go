package path

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// A found route is the outcome of a look-up: a route, or the VPC's own (local).
// open are routes whose destination is not known and that might come first.
type found struct {
	route cloud.Route
	local bool
	ok    bool
	open  []cloud.Gap
}

// leads reports whether it goes on from there: not into a blackhole, nor to
// what is open.
func (f found) leads() bool {
	switch f.route.Target.(type) {
	case cloud.ToBlackhole, cloud.ToUnknown:
		return false
	}
	return f.ok
}

// lookup finds the route for dst: longest prefix; of two equal ones a static
// route comes before one through a prefix list; the VPC's own CIDRs are always
// there.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func lookup(m *cloud.Model, vpc cloud.VPC, t cloud.RouteTable, dst netip.Addr) found {
	f, bits := found{}, -1
	for _, c := range vpc.BlocksLike(dst) {
		if c.Contains(dst) && c.Bits() > bits {
			f.local, f.ok, bits = true, true, c.Bits()
		}
	}
	for _, r := range t.Routes {
		length, matches := covers(m, r, dst)
		if r.Propagated && f.local {
			continue
		}
		if matches && (length > bits || length == bits && !f.local && precedence(r) < precedence(f.route)) {
			f.route, f.local, f.ok, bits = r, false, true, length
		}
	}
	for _, r := range t.Routes {
		if gap, open := openDest(m, r, dst); open && !(f.local && neverBeforeLocal(r.Target)) {
			f.open = append(f.open, gap)
		}
	}
	return f
}

// openDest reports a route of which nobody knows whether it covers dst.
func openDest(m *cloud.Model, r cloud.Route, dst netip.Addr) (cloud.Gap, bool) {
	switch d := r.Dest.(type) {
	case cloud.UnknownDest:
		return d.Gap, true
	case cloud.PrefixListDest:
		pl, ok := m.PrefixList(d.ID)
		if !ok {
			return cloud.Gap{Because: fmt.Sprintf("nothing here describes prefix list %s", d.ID), At: r.At}, true
		}
		if pl.May(isPublic(dst)) {
			return *pl.Open, true
		}
	}
	return cloud.Gap{}, false
}

// precedence orders routes to the same block: static ones, those through
// prefix lists, those that a virtual private gateway propagates. The VPC's own
// come before propagated ones however specific.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
// https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
func precedence(r cloud.Route) int {
	_, listed := r.Dest.(cloud.PrefixListDest)
	switch {
	case r.Propagated:
		return 2
	case listed:
		return 1
	}
	return 0
}

// covers reports whether a route's destination covers dst, and with how long a
// prefix.
func covers(m *cloud.Model, r cloud.Route, dst netip.Addr) (bits int, ok bool) {
	switch d := r.Dest.(type) {
	case cloud.PrefixDest:
		return d.Bits(), d.Contains(dst)
	case cloud.PrefixListDest:
		pl, _ := m.PrefixList(d.ID)
		for _, p := range pl.Prefixes {
			if p.Contains(dst) && (!ok || p.Bits() > bits) {
				bits, ok = p.Bits(), true
			}
		}
	}
	return bits, ok
}

// neverBeforeLocal reports whether a route to this target cannot be more
// specific than the local one: those may only lead to a NAT gateway, an
// interface or a Gateway Load Balancer endpoint.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func neverBeforeLocal(t cloud.RouteTarget) bool {
	switch t.(type) {
	case cloud.ToInternetGateway, cloud.ToEgressOnlyGateway, cloud.ToPeering, cloud.ToEndpoint, cloud.ToTransitGateway, cloud.ToVPNGateway:
		return true
	}
	return false
}

// openRoutes notes the routes that might come first; it reports whether there
// are any, so that nothing is known about where the packet goes.
func (w *walk) openRoutes(t cloud.RouteTable, dir string, f found) bool {
	for _, gap := range f.open {
		w.missing(t.Name, "route-table", dir, gap)
	}
	return len(f.open) > 0
}

// route sends the packet on from its subnet.
func (w *walk) route(vpc cloud.VPC, sub cloud.Subnet, e cloud.ENI, src party) {
	dst := w.flow.Dst.Addr()
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, dst)
	switch {
	case w.openRoutes(table, "egress", f):
	case f.local:
		w.hop(table.Name, "route-table", "egress", "forward", "the VPC's local route covers %s", dst)
		w.arrive(vpc, src, nil)
	case !f.ok:
		w.noRoute(vpc, table, dst, src, Reason{NoRoute, table.Name,
			fmt.Sprintf("no route of %s covers %s", table.Name, dst), Forward, table.At})
	default:
		w.hop(table.Name, "route-table", "egress", "forward", "%s goes to %s", destText{f.route}, targetText{w.m, f.route.Target})
		w.follow(vpc, sub, table, f.route, e, src)
	}
}

// follow takes the packet to a route's target.
func (w *walk) follow(vpc cloud.VPC, sub cloud.Subnet, table cloud.RouteTable, r cloud.Route, e cloud.ENI, src party) {
	switch t := r.Target.(type) {
	case cloud.ToInternetGateway:
		w.internetGateway(vpc, t.ID, r, e, src)
	case cloud.ToEgressOnlyGateway:
		w.egressOnlyGateway(vpc, t.ID, r, src)
	case cloud.ToNATGateway:
		w.natGateway(vpc, sub, t.ID, r, src)
	case cloud.ToPeering:
		w.peering(vpc, t.ID, r, src)
	case cloud.ToEndpoint:
		w.gatewayEndpoint(t.ID, src)
	case cloud.ToTransitGateway:
		w.toTransit(vpc, sub, t.ID, src)
	case cloud.ToVPNGateway:
		w.toVPN(vpc, t.ID, r, src)
	case cloud.ToInterface:
		w.middlebox(vpc, sub, t, r, src)
	case cloud.ToBlackhole:
		w.noRoute(vpc, table, w.flow.Dst.Addr(), src, Reason{BadStateRoute, table.Name,
			fmt.Sprintf("the route to %s is a blackhole: %s is gone", destText{r}, t.Was), Forward, r.At})
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
		if _, peered := w.peeringBetween(vpc.ID, other.ID); peered || w.shareTransit(vpc.ID, other.ID) {
			w.arrive(other, src, nil)
		}
	} else if e, ok := w.m.ENIByPublicIP(dst); ok {
		from := stranger(src.addr)
		if dst.Is4() {
			from = stranger(cloud.ElasticAddr(w.m.Stack(), "source"))
		}
		w.fromGateway(e, from)
	}
}

// lightsailGap tells whether the answer for dst hangs on what nobody stated
// about Lightsail's network and its peering with the default VPC.
func (w *walk) lightsailGap(vpc cloud.VPC, dst netip.Addr) (cloud.Gap, bool) {
	net := w.m.Lightsail()
	if dst.Is6() || isPublic(dst) || !w.usesLightsail() || !vpc.Default && !vpc.Managed {
		return cloud.Gap{}, false
	}
	if gap, open := net.CIDR.Gap(); open {
		return gap, true
	}
	gap, open := net.Peered.Gap()
	far, known := w.m.VPCOfAddr(dst, vpc.ID)
	return gap, open && known && (far.Managed || vpc.Managed && far.Default)
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
	w.publicAccess(vpc, egress, false)
	if dst.Is6() {
		w.leaveIPv6(id, src)
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
	} else if gap := igw.EdgeGap(); gap != nil {
		w.missing(igw.Name, "internet-gateway", "egress", *gap)
	}
	switch {
	case dst.Is6():
		return w.routedIPv6("internet-gateway", r)
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
		w.block("peering", "egress", Reason{BadState, p.Name, notActive(p), Forward, p.At})
	}
	other, _ := w.m.VPC(far)
	if !other.Contains(dst) {
		w.block("peering", "egress", Reason{PeeringAddress, p.Name,
			fmt.Sprintf("%s is not an address of %s: a peering leads to the far VPC itself and no further", dst, other.Name), Forward, r.At})
		return
	}
	w.across = p.ID
	w.hop(p.Name, "peering", "egress", "forward", "across to %s", other.Name)
	w.arrive(other, src, nil)
}

// notActive says in which state a peering is that carries nothing.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle
func notActive(p cloud.Peering) string {
	if p.Pending() {
		return fmt.Sprintf("peering %s is not active: it has not been accepted", p.Name)
	}
	return fmt.Sprintf("peering %s is not active: it is %s", p.Name, p.Standing())
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

// shareTransit reports whether two VPCs are attached to one transit gateway.
func (w *walk) shareTransit(a, b cloud.VPCID) bool {
	for g := range w.m.TransitGateways() {
		_, one := w.m.AttachmentTo(g.ID, a)
		_, other := w.m.AttachmentTo(g.ID, b)
		if one && other {
			return true
		}
	}
	return false
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
	w.inState(e.Meta, e.State, "gateway-endpoint", "egress", BadState, Forward)
	if p := w.flow.Proto; p != netset.TCP && p != netset.ICMP {
		w.block("gateway-endpoint", "egress", Reason{GatewayEndpointProto, e.Name, fmt.Sprintf("%s takes TCP and ICMP echo, not %s", e.Name, p), Forward, e.At})
	}
	w.hop(e.Name, "gateway-endpoint", "egress", "allow", "%s through its gateway endpoint", e.Service)
	w.endpointPolicy(e)
	w.res.Delivery = Delivery{To: ToService, Service: e.Service, Endpoint: e.ID, Src: src.addr, Dst: w.flow.Dst.Addr()}
}

// destText is a route's destination as a template would write it.
type destText struct{ r cloud.Route }

func (d destText) String() string {
	switch d := d.r.Dest.(type) {
	case cloud.PrefixDest:
		return d.Prefix.String()
	case cloud.PrefixListDest:
		return "prefix list " + string(d.ID)
	}
	return "an unknown destination"
}

// targetText names a route's target.
type targetText struct {
	m *cloud.Model
	t cloud.RouteTarget
}

func (t targetText) String() string {
	m := t.m
	switch t := t.t.(type) {
	case cloud.ToInternetGateway:
		return "internet gateway " + string(t.ID)
	case cloud.ToEgressOnlyGateway:
		return "egress-only internet gateway " + string(t.ID)
	case cloud.ToNATGateway:
		return "NAT gateway " + string(t.ID)
	case cloud.ToPeering:
		p, _ := m.Peering(t.ID)
		return "peering " + p.Name
	case cloud.ToEndpoint:
		e, _ := m.Endpoint(t.ID)
		return "gateway endpoint " + e.Name
	case cloud.ToTransitGateway:
		g, ok := m.TransitGateway(t.ID)
		if !ok {
			return "transit gateway " + string(t.ID)
		}
		return "transit gateway " + g.Name
	case cloud.ToVPNGateway:
		g, ok := m.VPNGateway(t.ID)
		if !ok {
			return "virtual private gateway " + string(t.ID)
		}
		return "virtual private gateway " + g.Name
	case cloud.ToInterface:
		if e, ok := m.RouterOf(t); ok {
			return "network interface " + e.Name
		}
		return "network interface " + string(t.ID) + t.Instance
	case cloud.ToBlackhole:
		return "a blackhole"
	}
	return "an unknown target"
}
