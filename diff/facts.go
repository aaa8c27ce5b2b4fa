package diff

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// factsOf lists everything in a model that can change a packet's fate.
func factsOf(m *cloud.Model) []fact {
	l := &lister{m: m}
	l.networks()
	l.gateways()
	for g := range m.SecurityGroups() {
		l.rules(g, g.Ingress, false)
		l.rules(g, g.Egress, true)
	}
	for a := range m.NetworkACLs() {
		l.entries(a, a.Ingress, "in")
		l.entries(a, a.Egress, "out")
	}
	l.workloads()
	return l.facts
}

type lister struct {
	m     *cloud.Model
	facts []fact
}

func (l *lister) add(meta cloud.Meta, kind string, parts ...string) {
	l.facts = append(l.facts, fact{id: kind + " " + meta.Name, parts: parts, name: meta.Name, typ: meta.Type, at: meta.At})
}

// networks lists VPCs, subnets, route tables and prefix lists.
func (l *lister) networks() {
	for v := range l.m.VPCs() {
		l.add(v.Meta, "vpc", text(v.CIDRs), "DNS support "+text(v.DNSSupport), "DNS host names "+text(v.DNSHostnames), sixth("IPv6", v.IPv6, noBlocks))
	}
	for s := range l.m.Subnets() {
		table, _ := l.m.RouteTableOf(s)
		acl, _ := l.m.ACLOf(s)
		l.add(s.Meta, "subnet", text(s.CIDR)+" in "+l.vpc(s.VPC), "with "+table.Name, "with "+acl.Name,
			sixth("IPv6", s.IPv6, noBlock), sixth("IPv6 assigned", s.AssignIPv6, off), sixth("DNS64", s.DNS64, off))
	}
	for t := range l.m.RouteTables() {
		for _, r := range t.Routes {
			l.route(t, r)
		}
	}
}

// route lists a route, which is known by its table and destination. A route
// that covers neither address of a witness had no part in its fate.
func (l *lister) route(t cloud.RouteTable, r cloud.Route) {
	f := fact{name: t.Name, typ: "AWS::EC2::Route", at: r.At}
	dest, entries := "an unknown destination", ""
	switch d := r.Dest.(type) {
	case cloud.PrefixDest:
		dest, f.peers = d.String(), in(d.Prefix)
	case cloud.PrefixListDest:
		pl, _ := l.m.PrefixList(d.ID)
		dest, entries = "prefix list "+nameOr(pl.Name, string(d.ID)), fmt.Sprintf(" (%s)", names(pl.Prefixes, netip.Prefix.String))
	}
	f.id = "route " + t.Name + " " + dest
	f.parts = []string{dest + entries + " to " + l.target(r.Target)}
	l.facts = append(l.facts, f)
}

func (l *lister) target(t cloud.RouteTarget) string {
	switch t := t.(type) {
	case cloud.ToInternetGateway:
		g, _ := l.m.InternetGateway(t.ID)
		return nameOr(g.Name, "an internet gateway")
	case cloud.ToEgressOnlyGateway:
		g, _ := l.m.EgressOnlyGateway(t.ID)
		return nameOr(g.Name, "an egress-only internet gateway")
	case cloud.ToNATGateway:
		n, _ := l.m.NATGateway(t.ID)
		return nameOr(n.Name, "a NAT gateway")
	case cloud.ToPeering:
		p, _ := l.m.Peering(t.ID)
		return nameOr(p.Name, "a peering")
	case cloud.ToEndpoint:
		e, _ := l.m.Endpoint(t.ID)
		return nameOr(e.Name, "an endpoint")
	case cloud.ToBlackhole:
		return "a blackhole"
	}
	return "an unknown target"
}

// gateways lists what routes lead to.
func (l *lister) gateways() {
	for g := range l.m.InternetGateways() {
		l.add(g.Meta, "internet gateway", "attached to "+nameOr(l.vpc(g.VPC), "no VPC"))
	}
	l.egressOnlyGateways()
	for n := range l.m.NATGateways() {
		kind := "private"
		if n.Public {
			kind = "public"
		}
		where := "in " + l.subnet(n.Subnet)
		if n.Regional() {
			kind, where = "regional", "in "+l.vpc(n.VPC)
		}
		l.add(n.Meta, "NAT gateway", kind, where)
	}
	for p := range l.m.Peerings() {
		state := "not accepted"
		if p.Active {
			state = "active"
		}
		l.add(p.Meta, "peering", fmt.Sprintf("%s with %s, %s", l.vpc(p.A), l.vpc(p.B), state))
	}
	for e := range l.m.Endpoints() {
		l.add(e.Meta, "endpoint", l.endpoint(e)...)
	}
}

func (l *lister) endpoint(e cloud.Endpoint) []string {
	policy := "without a policy"
	if e.Policy != nil {
		policy = "with the policy " + digest(e.Policy.Doc)
	}
	if e.Kind == cloud.GatewayEndpoint {
		tables := names(e.RouteTables, func(id cloud.RouteTableID) string { return l.table(id) })
		return []string{"gateway endpoint for " + e.Service + " in " + l.vpc(e.VPC), "in " + tables, policy}
	}
	return []string{"interface endpoint for " + e.Service + " in " + l.vpc(e.VPC), "in " + l.subnets(e.Subnets),
		"groups " + l.groups(e.Groups), "private DNS " + text(e.PrivateDNS), policy}
}

// table names a route table.
func (l *lister) table(id cloud.RouteTableID) string {
	for t := range l.m.RouteTables() {
		if t.ID == id {
			return t.Name
		}
	}
	return string(id)
}

// digest tells two documents apart; where they stand does not matter.
func digest(n source.Node) string {
	h := fnv.New32a()
	var walk func(source.Node)
	walk = func(n source.Node) {
		fmt.Fprintf(h, "%d %q (", n.Kind, n.Text)
		for _, e := range n.Entries {
			fmt.Fprintf(h, "%q:", e.Key)
			walk(e.Value)
		}
		for _, e := range n.Items {
			walk(e)
		}
		fmt.Fprint(h, ")")
	}
	walk(n)
	return fmt.Sprintf("%08x", h.Sum32())
}

func (l *lister) rules(g cloud.SecurityGroup, rules []cloud.Rule, egress bool) {
	for _, r := range rules {
		t := netset.Match(r.Proto, portsOf(r.Proto, r.Ports), netset.AllPorts)
		f := fact{name: g.Name, typ: g.Type, at: r.At, sieve: sieve{traffic: &t, group: g.ID, egress: egress}}
		way, peer, entries := "from", "what is not known", ""
		if egress {
			way = "to"
		}
		switch p := r.Peer.(type) {
		case cloud.PeerCIDR:
			peer, f.peers = p.String(), in(p.Prefix)
		case cloud.PeerGroup:
			other, _ := l.m.SecurityGroup(p.ID)
			peer = nameOr(other.Name, string(p.ID))
		case cloud.PeerPrefixList:
			pl, _ := l.m.PrefixList(p.ID)
			peer, entries = "prefix list "+nameOr(pl.Name, string(p.ID)), fmt.Sprintf(" (%s)", names(pl.Prefixes, netip.Prefix.String))
		}
		says := fmt.Sprintf("%s %s %s", service(r.Proto, r.Ports), way, peer)
		f.id = "rule " + g.Name + " " + says
		f.parts = []string{says + entries}
		l.facts = append(l.facts, f)
	}
}

// portsOf are the ports of a rule: for ICMP and the rest they are none.
func portsOf(p netset.Protocol, ports netset.PortRange) netset.PortRange {
	if p.HasPorts() {
		return ports
	}
	return netset.AllPorts
}

func service(p netset.Protocol, ports netset.PortRange) string {
	switch {
	case p == netset.AnyProtocol:
		return "everything"
	case p.HasPorts():
		return p.String() + " " + ports.String()
	}
	return p.String()
}

// entries lists those of a network ACL, each known by its number. It filters
// replies too, so its ports say little of which flows it is about.
func (l *lister) entries(a cloud.NetworkACL, entries []cloud.ACLEntry, way string) {
	for _, e := range entries {
		verb := "denies"
		if e.Allow {
			verb = "allows"
		}
		f := fact{name: a.Name, typ: a.Type, at: e.At, id: fmt.Sprint("entry ", a.Name, " ", way, " ", e.Number)}
		f.parts = []string{fmt.Sprintf("entry %d %s %s %s %s", e.Number, verb, service(e.Proto, e.Ports), way, text(e.CIDR))}
		if cidr, ok := e.CIDR.Get(); ok {
			f.peers = in(cidr)
		}
		l.facts = append(l.facts, f)
	}
}

// workloads lists where functions and instances are.
func (l *lister) workloads() {
	for f := range l.m.Functions() {
		parts, at := []string{"in no VPC", "", "", ""}, f.At
		if f.Network != nil {
			parts, at = []string{"in " + l.vpcOf(f.Network.Subnets), "in " + l.subnets(f.Network.Subnets), "groups " + l.groups(f.Network.Groups)}, f.Network.At
			parts = append(parts, sixth("IPv6", f.Network.IPv6, off))
		}
		l.facts = append(l.facts, fact{id: "function " + f.Name, parts: parts, name: f.Name, typ: f.Type, at: at})
	}
	for i := range l.m.Instances() {
		sub := "an unknown subnet"
		if id, ok := i.Subnet.Get(); ok {
			sub = l.subnet(id)
		}
		l.add(i.Meta, "instance", "in "+sub, "groups "+l.groups(i.Groups), public(i.PublicIP), withIPv6(i))
	}
	for s := range l.m.Stores() {
		l.add(s.Meta, "store", "in "+l.subnets(s.Subnets), "groups "+l.groups(s.Groups), "ports "+text(s.Ports), "public "+text(s.Public))
	}
	for b := range l.m.LoadBalancers() {
		l.add(b.Meta, "load balancer", "in "+l.subnets(b.Subnets), "groups "+l.groups(b.Groups), "internal "+text(b.Internal), "listens on "+listens(b))
	}
	for i := range l.m.LightsailInstances() {
		l.add(i.Meta, "instance", public(i.PublicIP))
	}
	if gap, open := l.m.Lightsail().Peered.Gap(); open {
		l.facts = append(l.facts, fact{id: "lightsail peering", parts: []string{gap.Because}, name: "lightsail", typ: "facts.peerings", at: gap.At})
	}
}

func listens(b cloud.LoadBalancer) string {
	var on []string
	for _, l := range b.Listeners {
		on = append(on, fmt.Sprintf("%s %d", l.Proto, l.Port))
	}
	return strings.Join(on, ", ")
}

func public(a netip.Addr) string {
	if a.IsValid() {
		return "with a public address"
	}
	return "without a public address"
}

func (l *lister) vpc(id cloud.VPCID) string {
	v, _ := l.m.VPC(id)
	return nameOr(v.Name, string(id))
}

// vpcOf names the VPC that subnets are in.
func (l *lister) vpcOf(v cloud.Value[[]cloud.SubnetID]) string {
	ids, _ := v.Get()
	for _, id := range ids {
		if s, ok := l.m.Subnet(id); ok {
			return l.vpc(s.VPC)
		}
	}
	return "a VPC"
}

func (l *lister) subnet(id cloud.SubnetID) string {
	s, _ := l.m.Subnet(id)
	return nameOr(s.Name, string(id))
}

func (l *lister) subnets(v cloud.Value[[]cloud.SubnetID]) string {
	ids, known := v.Get()
	if !known {
		return "unknown subnets"
	}
	return names(ids, l.subnet)
}

func (l *lister) groups(v cloud.Value[[]cloud.SecurityGroupID]) string {
	ids, known := v.Get()
	if !known {
		return "unknown"
	}
	return names(ids, func(id cloud.SecurityGroupID) string {
		g, _ := l.m.SecurityGroup(id)
		return nameOr(g.Name, string(id))
	})
}

// names joins the names of what ids stand for, sorted.
func names[T any](ids []T, name func(T) string) string {
	if len(ids) == 0 {
		return "none"
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = name(id)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func nameOr(name, other string) string {
	if name != "" {
		return name
	}
	return other
}

// text gives a value, or unknown.
func text[T any](v cloud.Value[T]) string {
	if got, known := v.Get(); known {
		switch got := any(got).(type) {
		case bool:
			return map[bool]string{true: "on", false: "off"}[got]
		case []netip.Prefix:
			return names(got, netip.Prefix.String)
		}
		return fmt.Sprint(got)
	}
	return "unknown"
}

// in reports whether an address is in one of the prefixes.
func in(ps ...netip.Prefix) func(netip.Addr) bool {
	set := netset.Prefixes(ps...)
	return set.Contains
}
