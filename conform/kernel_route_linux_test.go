package conform

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bailey/cloud"
)

var anyIPv4, anyIPv6 = cidr("0.0.0.0/0"), cidr("::/0")

// fromOutside is the routing table of what enters a VPC by a gateway or a
// peering: it leads to the VPC's own subnets and nowhere else, for there is no
// edge-to-edge routing.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
const fromOutside = 50

// route fills a VPC's routing tables: one a subnet, asked for what comes from
// it.
func (w *kernelWorld) route(r *router) {
	w.within(r.Namespace, "routes of "+r.vpc.Name, func() error {
		devs := []string{"igw", "eigw", "ep"}
		for _, h := range r.peers {
			devs = append(devs, h.dev)
		}
		for _, h := range r.vpn {
			devs = append(devs, h.dev)
		}
		for _, dev := range devs {
			if err := rule(dev, fromOutside); err != nil {
				return err
			}
		}
		if err := fill(fromOutside, r.local()); err != nil {
			return err
		}
		for i, s := range r.order {
			if err := rule(r.subnets[s.ID], 100+i); err != nil {
				return err
			}
			if err := fill(100+i, w.tableOf(r, s)); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			for _, p := range r.ports {
				if p.subnet.ID != s.ID {
					continue
				}
				if err := rule(p.dev, 100+i); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// local are a VPC's own blocks: each subnet, and nothing where no subnet is.
func (r *router) local() map[netip.Prefix]hop {
	out := map[netip.Prefix]hop{anyIPv4: {}, anyIPv6: {}}
	for _, c := range slices.Concat(cidrsOf(r.vpc), r.vpc.IPv6.Or(nil)) {
		out[c] = hop{}
	}
	for _, s := range r.order {
		for _, p := range []netip.Prefix{s.CIDR.Or(netip.Prefix{}), s.IPv6.Or(netip.Prefix{})} {
			if p.IsValid() {
				out[p] = hop{dev: r.subnets[s.ID]}
			}
		}
	}
	return out
}

// tableOf is a subnet's routes: the local ones, those of its route table or of
// the VPC's main one, and those that gateway endpoints add. Of two for the same
// block the static one counts, before one that names a prefix list, before one
// that a virtual private gateway propagates.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (w *kernelWorld) tableOf(r *router, s cloud.Subnet) map[netip.Prefix]hop {
	table := w.declared(s)
	static, listed, learned := map[netip.Prefix]hop{}, map[netip.Prefix]hop{}, map[netip.Prefix]hop{}
	for _, route := range table.Routes {
		switch d := route.Dest.(type) {
		case cloud.PrefixDest:
			if p := d.Prefix.Masked(); !route.Propagated {
				static[p] = w.next(r, s, route.Target)
			} else if !overlapsAny(slices.Concat(cidrsOf(r.vpc), r.vpc.IPv6.Or(nil)), p) {
				learned[p] = w.next(r, s, route.Target)
			}
		case cloud.PrefixListDest:
			for _, p := range w.list(d.ID) {
				listed[p] = w.next(r, s, route.Target)
			}
		}
	}
	for e := range w.m.Endpoints() {
		if e.Kind == cloud.GatewayEndpoint && slices.Contains(e.RouteTables, table.ID) {
			for _, p := range w.list(cloud.PrefixListID("pl-" + e.Service)) {
				listed[p] = r.endpoint
			}
		}
	}
	out := r.local()
	for _, more := range []map[netip.Prefix]hop{learned, listed, static} {
		for p, h := range more {
			out[p] = h
		}
	}
	return out
}

func (w *kernelWorld) declared(s cloud.Subnet) cloud.RouteTable {
	for t := range w.m.RouteTables() {
		if s.RouteTable == t.ID || s.RouteTable == "" && t.Main && t.VPC == s.VPC {
			return t
		}
	}
	panic("no route table of " + s.Name)
}

func (w *kernelWorld) list(id cloud.PrefixListID) []netip.Prefix {
	if pl, ok := w.m.PrefixList(id); ok {
		return pl.Prefixes
	}
	pl, _ := cloud.ManagedPrefixList(nameOf(id), w.m.Region())
	return pl.Prefixes
}

// next is where a route's target is. A gateway of another VPC or of none, a
// peering that nobody accepted and what was deleted are black holes.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
func (w *kernelWorld) next(r *router, from cloud.Subnet, target cloud.RouteTarget) hop {
	switch to := target.(type) {
	case cloud.ToTransitGateway:
		return r.portOf(from, to.ID)
	case cloud.ToVPNGateway:
		return r.vpn[to.ID]
	case cloud.ToInterface:
		if e, ok := w.m.RouterOf(to); ok && e.VPC == r.vpc.ID {
			return hop{dev: r.subnets[e.Subnet], via: e.PrivateIP, via6: e.IPv6}
		}
	case cloud.ToInternetGateway:
		for g := range w.m.InternetGateways() {
			if g.ID == to.ID && g.VPC == r.vpc.ID {
				return r.igw
			}
		}
	case cloud.ToEgressOnlyGateway:
		for g := range w.m.EgressOnlyGateways() {
			if g.ID == to.ID && g.VPC == r.vpc.ID {
				return r.eigw
			}
		}
	case cloud.ToNATGateway:
		for e := range w.m.ENIs() {
			if e.NAT == to.ID && e.VPC == r.vpc.ID {
				return hop{dev: r.subnets[e.Subnet], via: e.PrivateIP}
			}
		}
	case cloud.ToPeering:
		return r.peers[to.ID]
	}
	return hop{}
}

// addInternet joins every VPC that has an internet gateway to the internet,
// which knows the way to its public addresses. What is private is nowhere
// there, and every other address is somebody's.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (w *kernelWorld) addInternet() {
	routes := map[netip.Prefix]hop{}
	for _, p := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "::/3", "4000::/2", "8000::/1"} {
		routes[cidr(p)] = hop{}
	}
	for g := range w.m.InternetGateways() {
		if r := w.routers[g.VPC]; r != nil && w.err == nil {
			out, in := w.transfer(r.Namespace, "igw", w.internet.Namespace, w.internet.ns, fmt.Sprint("v", w.links))
			r.igw = out
			for _, p := range r.vpc.IPv6.Or(nil) {
				routes[p] = in
			}
			for _, public := range w.publicOf(r) {
				routes[netip.PrefixFrom(public, 32)] = in
			}
		}
	}
	w.addEgressOnly(routes)
	for e := range w.m.ENIs() {
		if p := e.PublicIP; p.IsValid() && routes[netip.PrefixFrom(p, 32)] == (hop{}) {
			routes[netip.PrefixFrom(p, 32)] = hop{}
		}
	}
	w.within(w.internet.Namespace, "the internet", func() error {
		for _, a := range []netip.Addr{stranger, strangerIPv6, cloud.ElasticAddr(w.m.Stack(), "lambda")} {
			if err := up("lo", netip.PrefixFrom(a, a.BitLen())); err != nil {
				return err
			}
		}
		if err := anyAddress(); err != nil {
			return err
		}
		return fill(unix.RT_TABLE_MAIN, routes)
	})
}

// addEgressOnly joins VPCs to the internet by their egress-only gateways. What
// is sent to their addresses comes in by the internet gateway, if there is one.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
func (w *kernelWorld) addEgressOnly(routes map[netip.Prefix]hop) {
	for g := range w.m.EgressOnlyGateways() {
		r := w.routers[g.VPC]
		if r == nil || w.err != nil {
			continue
		}
		out, in := w.transfer(r.Namespace, "eigw", w.internet.Namespace, w.internet.ns, fmt.Sprint("v", w.links))
		r.eigw = out
		for _, p := range r.vpc.IPv6.Or(nil) {
			if routes[p] == (hop{}) {
				routes[p] = in
			}
		}
	}
	for v := range w.m.VPCs() {
		for _, p := range v.IPv6.Or(nil) {
			if routes[p] == (hop{}) {
				routes[p] = hop{} // it has no gateway: the internet does not lead there
			}
		}
	}
}

// publicOf are the public addresses of a VPC's interfaces, by the private one.
func (w *kernelWorld) publicOf(r *router) map[netip.Addr]netip.Addr {
	out := map[netip.Addr]netip.Addr{}
	for e := range w.m.ENIs() {
		if e.VPC == r.vpc.ID && e.PublicIP.IsValid() {
			out[e.PrivateIP] = e.PublicIP
		}
	}
	return out
}

// addPeering joins two VPCs whose peering is active.
func (w *kernelWorld) addPeering(p cloud.Peering) {
	a, b := w.routers[p.A], w.routers[p.B]
	if !p.Active || a == nil || b == nil || w.err != nil {
		return
	}
	name := fmt.Sprint("x", w.links)
	a.peers[p.ID], b.peers[p.ID] = w.transfer(a.Namespace, name, b.Namespace, b.ns, name)
}

// addGatewayEndpoint makes the place where a VPC's gateway endpoints lead: it
// sees private source addresses.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (w *kernelWorld) addGatewayEndpoint(t fataler, e cloud.Endpoint) {
	r := w.routers[e.VPC]
	if e.Kind != cloud.GatewayEndpoint || w.err != nil || r.endpoint != (hop{}) {
		return
	}
	h := w.newHost(t, endpointPlace+string(e.VPC), false)
	var back hop
	r.endpoint, back = w.transfer(r.Namespace, "ep", h.Namespace, h.ns, "eth0")
	w.within(h.Namespace, "gateway endpoint", func() error {
		routes := map[netip.Prefix]hop{}
		for _, c := range cidrsOf(r.vpc) {
			routes[c] = back
		}
		if err := fill(unix.RT_TABLE_MAIN, routes); err != nil {
			return err
		}
		return anyAddress()
	})
	w.load(h.Namespace, gatewayEndpointRules)
}

// anyAddress makes every address local that no other route speaks of.
func anyAddress() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return errors.Join(
		netlink.RouteAdd(&netlink.Route{Dst: ipNet(anyIPv4), LinkIndex: lo.Attrs().Index, Type: unix.RTN_LOCAL, Scope: unix.RT_SCOPE_HOST, Table: unix.RT_TABLE_MAIN}),
		netlink.RouteAdd(&netlink.Route{Dst: ipNet(anyIPv6), LinkIndex: lo.Attrs().Index, Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_MAIN}))
}

// rule sends what enters by dev to a routing table.
func rule(dev string, table int) error {
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		r := netlink.NewRule()
		r.IifName, r.Table, r.Priority, r.Family = dev, table, table, family
		if err := netlink.RuleAdd(r); err != nil {
			return err
		}
	}
	return nil
}

func fill(table int, routes map[netip.Prefix]hop) error {
	for dest, to := range routes {
		if err := addRoute(table, dest, to); err != nil {
			return fmt.Errorf("route %v to %v: %w", dest, to, err)
		}
	}
	return nil
}

// addRoute adds a route; table 0 is the main one.
func addRoute(table int, dest netip.Prefix, to hop) error {
	r := &netlink.Route{Dst: ipNet(dest), Table: table}
	if to == (hop{}) {
		r.Type = unix.RTN_BLACKHOLE
		return netlink.RouteAdd(r)
	}
	l, err := netlink.LinkByName(to.dev)
	if err != nil {
		return err
	}
	r.LinkIndex, r.Scope = l.Attrs().Index, unix.RT_SCOPE_LINK
	via := to.via
	if dest.Addr().Is6() {
		via, r.Scope = to.via6, unix.RT_SCOPE_UNIVERSE
	}
	if via.IsValid() {
		r.Scope, r.Gw, r.Flags = unix.RT_SCOPE_UNIVERSE, via.AsSlice(), int(netlink.FLAG_ONLINK)
	}
	return netlink.RouteAdd(r)
}
