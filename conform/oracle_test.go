package conform

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// An oracle answers for flows of one VPC, slowly and in so many words, from a
// Spec in which everything is known. It shares no code with path; the model
// tells it who has which address, and nothing else.
type oracle struct {
	spec cloud.Spec
	enis []cloud.ENI
}

// A packet is what a filter looks at. For ICMP, kind is the type: 8 asks, 0
// answers.
type packet struct {
	proto    netset.Protocol
	src, dst netip.Addr
	port     uint16 // destination
	kind     uint16
}

func (o oracle) eni(a netip.Addr) (cloud.ENI, bool) {
	for _, e := range o.enis {
		if e.PrivateIP == a {
			return e, true
		}
	}
	return cloud.ENI{}, false
}

func (o oracle) subnet(id cloud.SubnetID) cloud.Subnet {
	for _, s := range o.spec.Subnets {
		if s.ID == id {
			return s
		}
	}
	panic("no subnet " + id)
}

// covers reports whether a rule or entry speaks of a packet's protocol and
// ports. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
func covers(proto netset.Protocol, ports netset.PortRange, p packet) bool {
	if proto == -1 {
		return true
	}
	if proto != p.proto {
		return false
	}
	switch p.proto {
	case netset.TCP, netset.UDP:
		return ports.Lo <= p.port && p.port <= ports.Hi
	case netset.ICMP: // type and code; 0-65535 is every type, a code of 65535 every code
		return ports.Lo == 0 && ports.Hi == 65535 || ports.Lo == p.kind && (ports.Hi == 0 || ports.Hi == 65535)
	}
	return true
}

// group is a security group's rules in one direction. The default group, where
// it is not stated, admits its own members and lets everything out.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
func (o oracle) group(id cloud.SecurityGroupID, out bool) []cloud.Rule {
	for _, g := range o.spec.SecurityGroups {
		if g.ID == id && out {
			return g.Egress
		}
		if g.ID == id {
			return g.Ingress
		}
	}
	if out {
		return []cloud.Rule{{Proto: -1, Peer: cloud.PeerCIDR{Prefix: cidr("0.0.0.0/0")}}}
	}
	return []cloud.Rule{{Proto: -1, Peer: cloud.PeerGroup{ID: id}}}
}

// groups says how the groups of an interface refuse a packet; empty if they
// admit it. Groups allow only, all are summed, no rule is a deny.
func (o oracle) groups(e cloud.ENI, out bool, p packet) path.Code {
	other, n := p.src, 0
	if out {
		other = p.dst
	}
	for _, id := range e.Groups {
		for _, r := range o.group(id, out) {
			n++
			if covers(r.Proto, r.Ports, p) && o.means(r.Peer, other) {
				return ""
			}
		}
	}
	switch {
	case len(e.Groups) == 0: // NAT gateways have none
		return ""
	case n == 0:
		return path.SGHasNoRules
	}
	return path.SGRulesMismatch
}

// means reports whether a rule's peer is an address: a group is the private
// addresses of the interfaces that have it.
func (o oracle) means(peer cloud.Peer, a netip.Addr) bool {
	switch peer := peer.(type) {
	case cloud.PeerCIDR:
		return peer.Contains(a)
	case cloud.PeerGroup:
		e, ok := o.eni(a)
		return ok && slices.Contains(e.Groups, peer.ID)
	case cloud.PeerPrefixList:
		return slices.ContainsFunc(o.list(peer.ID), func(p netip.Prefix) bool { return p.Contains(a) })
	}
	panic("an open rule")
}

func (o oracle) list(id cloud.PrefixListID) []netip.Prefix {
	for _, pl := range o.spec.PrefixLists {
		if pl.ID == id {
			return pl.Prefixes
		}
	}
	pl, _ := cloud.ManagedPrefixList(nameOf(id), o.spec.Region)
	return pl.Prefixes
}

// aclAllows asks a subnet's network ACL: the entry with the lowest number that
// matches decides, and what none matches is denied. A VPC's default ACL, where
// it is not stated, allows everything.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
func (o oracle) aclAllows(s cloud.Subnet, out bool, p packet) bool {
	for _, a := range o.spec.NetworkACLs {
		if s.ACL != a.ID && (s.ACL != "" || !a.Default || a.VPC != s.VPC) {
			continue
		}
		if out {
			return firstMatch(a.Egress, p, p.dst)
		}
		return firstMatch(a.Ingress, p, p.src)
	}
	return true
}

func firstMatch(entries []cloud.ACLEntry, p packet, other netip.Addr) bool {
	for number := range 32767 {
		for _, e := range entries {
			if e.Number == number && covers(e.Proto, e.Ports, p) && e.CIDR.Or(netip.Prefix{}).Contains(other) {
				return e.Allow
			}
		}
	}
	return false
}

// within is the list of what stops a flow between two addresses of the VPC, as
// code and direction.
func (o oracle) within(from cloud.ENI, fl netset.Flow) []string {
	ask := packet{fl.Proto, fl.Src.Addr(), fl.Dst.Addr(), fl.Dst.Port(), 8}
	answer := packet{fl.Proto, fl.Dst.Addr(), fl.Src.Addr(), fl.Src.Port(), 0}
	var out []string
	stop := func(bad bool, code path.Code, d path.Direction) {
		if bad {
			out = append(out, fmt.Sprint(code, " ", d))
		}
	}
	group := o.groups(from, true, ask)
	stop(group != "", group, path.Forward)
	to, ok := o.eni(ask.dst)
	if !ok {
		return append(out, fmt.Sprint(path.UnknownDestination, " ", path.Forward))
	}
	near, far := o.subnet(from.Subnet), o.subnet(to.Subnet)
	if near.ID != far.ID { // within a subnet no ACL applies
		stop(!o.aclAllows(near, true, ask), path.SubnetACL, path.Forward)
		stop(!o.aclAllows(far, false, ask), path.SubnetACL, path.Forward)
		stop(!o.aclAllows(far, true, answer), path.SubnetACL, path.Return)
		stop(!o.aclAllows(near, false, answer), path.SubnetACL, path.Return)
	}
	group = o.groups(to, false, ask)
	stop(group != "", group, path.Forward)
	stop(to.Kind == cloud.FunctionENI, path.LambdaNoInbound, path.Forward)
	stop(to.Kind == cloud.NATENI, path.NATNoInbound, path.Forward)
	if to.Kind == cloud.EndpointENI {
		stop(fl.Proto != netset.TCP || ask.port != 443, path.EndpointPort, path.Forward)
		stop(o.closed(to.Endpoint), path.EndpointPolicyDeniesAll, path.Forward)
	}
	if to.Kind == cloud.StoreENI {
		stop(fl.Proto != netset.TCP || !slices.Contains(o.portsOf(to.Name), ask.port), path.NoListener, path.Forward)
	}
	for _, b := range o.spec.LoadBalancers {
		if b.Name == to.Name {
			code := path.ListenersMismatch
			if b.Kind == "classic" {
				code = path.ClassicListenersMismatch
			}
			listens := slices.ContainsFunc(b.Listeners, func(l cloud.Listener) bool { return l.Proto == fl.Proto && l.Port == ask.port })
			stop(!listens, code, path.Forward)
		}
	}
	return out
}

// portsOf are the ports of a database or the like.
func (o oracle) portsOf(name string) []uint16 {
	for _, s := range o.spec.Stores {
		if s.Name == name {
			return s.Ports.Or(nil)
		}
	}
	panic("no store " + name)
}

// closed reports whether an endpoint's policy allows nothing; the only policy
// that a random Spec states is one that does not.
func (o oracle) closed(id cloud.EndpointID) bool {
	return slices.ContainsFunc(o.spec.Endpoints, func(e cloud.Endpoint) bool { return e.ID == id && e.Policy != nil })
}

// resolver answers for the VPC's resolver, which groups and ACLs cannot block.
// https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
func (o oracle) resolver(dst netip.Addr) (blocked, is bool) {
	v := o.spec.VPCs[0]
	base := cidrsOf(v)[0].Masked().Addr().Next().Next()
	return !v.DNSSupport.Or(true), dst == base || dst == netip.MustParseAddr("169.254.169.253")
}

// From one interface of a VPC to another address of it, path and the oracle
// find the same obstacles.
func TestWithinOneVPCPathAgreesWithTheOracle(t *testing.T) {
	agrees(t, netset.TCP, netset.TCP, netset.UDP, 50)
}

// The answer to an ICMP echo request is another type than the request, and a
// network ACL remembers nothing: it needs an entry for type 0 too.
// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html
func TestEchoWithinOneVPCPathAgreesWithTheOracle(t *testing.T) { agrees(t, netset.ICMP) }

func agrees(t *testing.T, protos ...netset.Protocol) {
	tally := map[path.Verdict]int{}
	check(t, 5000, func(t *rapid.T) {
		s := withStores(t, oneVPC(t))
		m := build(t, s)
		o := oracle{s, slices.Collect(m.ENIs())}
		dials := func(e cloud.ENI) bool {
			return e.Kind == cloud.FunctionENI || e.Kind == cloud.InstanceENI || e.Kind == cloud.StoreENI || e.Kind == cloud.LoadBalancerENI
		}
		from := slices.DeleteFunc(slices.Clone(o.enis), func(e cloud.ENI) bool { return !dials(e) })
		if len(from) == 0 {
			return
		}
		e := pick(t, "from", from...)
		p := o.flow(t, m, e, protos)
		got := p.trace(m)
		tally[got.Verdict]++
		o.compare(t, p, e, got)
	})
	t.Log(tally)
}

// flow is a probe from e to an address of its VPC.
func (o oracle) flow(t *rapid.T, m *cloud.Model, e cloud.ENI, protos []netset.Protocol) probe {
	who := sender{e.Name, fromENI(e.ID), e.PrivateIP, e.VPC, e.Kind}
	to := inVPC(m, who)
	for _, other := range o.enis {
		if other.ID != e.ID {
			to = append(to, other.PrivateIP, other.PrivateIP)
		}
	}
	p := anyProbe(t, m, who, protos...)
	p.flow.Dst = netip.AddrPortFrom(pick(t, "to", to...), p.flow.Dst.Port())
	return p
}

func (o oracle) compare(t *rapid.T, p probe, from cloud.ENI, got path.Result) {
	if blocked, is := o.resolver(p.flow.Dst.Addr()); is {
		if (got.Verdict == path.Blocked) != blocked || !blocked && got.Delivery.To != path.ToResolver {
			t.Fatalf("%v: %v, DNS support off: %v", p, got.Verdict, blocked)
		}
		return
	}
	want := o.within(from, p.flow)
	var have []string
	for _, b := range got.Blockers {
		have = append(have, fmt.Sprint(b.Code, " ", b.Direction))
	}
	slices.Sort(want)
	slices.Sort(have)
	if slices.Contains(have, fmt.Sprint(path.UnknownDestination, " ", path.Forward)) {
		// Which ACLs would matter nobody can say.
		have = slices.DeleteFunc(have, func(s string) bool { return len(s) > 6 && s[:6] == "SUBNET" })
	}
	if !slices.Equal(have, want) || (got.Verdict == path.Reachable) != (len(want) == 0) {
		t.Fatalf("%v: %v\n  path %q\noracle %q\n%v", p, got.Verdict, have, want, got.Blockers)
	}
}

// next is the target of the longest prefix that covers dst, of two equal ones
// the static route's; nil if none does, local for the VPC's own.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (o oracle) next(s cloud.Subnet, dst netip.Addr) (target cloud.RouteTarget, local bool) {
	for bits := 32; bits >= 0; bits-- {
		for _, c := range cidrsOf(o.spec.VPCs[0]) {
			if c.Bits() == bits && c.Contains(dst) {
				return nil, true
			}
		}
		for _, listed := range []bool{false, true} {
			for _, r := range o.routes(s) {
				if p, ok := o.destination(r, bits, listed); ok && p.Contains(dst) {
					return r.Target, false
				}
			}
		}
	}
	return nil, false
}

// routes are those of the subnet's table, or of the VPC's main one, with the
// routes that gateway endpoints put there.
func (o oracle) routes(s cloud.Subnet) []cloud.Route {
	for _, t := range o.spec.RouteTables {
		if s.RouteTable != t.ID && (s.RouteTable != "" || !t.Main) {
			continue
		}
		routes := slices.Clone(t.Routes)
		for _, e := range o.spec.Endpoints {
			if e.Kind == cloud.GatewayEndpoint && slices.Contains(e.RouteTables, t.ID) {
				routes = append(routes, cloud.Route{Dest: cloud.PrefixListDest{ID: cloud.PrefixListID("pl-" + e.Service)}, Target: cloud.ToEndpoint{ID: e.ID}})
			}
		}
		return routes
	}
	return nil
}

func (o oracle) destination(r cloud.Route, bits int, listed bool) (netip.Prefix, bool) {
	switch d := r.Dest.(type) {
	case cloud.PrefixDest:
		return d.Prefix, !listed && d.Bits() == bits && d.Addr().Is4()
	case cloud.PrefixListDest:
		for _, p := range o.list(d.ID) { // entries of a list do not overlap
			if listed && p.Bits() == bits {
				return p, true
			}
		}
	}
	return netip.Prefix{}, false
}

// Out of the VPC, path takes the next hop that the oracle takes.
func TestNextHopAgreesWithTheOracle(t *testing.T) {
	tally := map[string]int{}
	check(t, 5000, func(t *rapid.T) {
		s := oneVPC(t)
		m := build(t, s)
		o := oracle{s, slices.Collect(m.ENIs())}
		p := anyFlow(t, m)
		from, ok := o.eni(p.addr)
		if _, is := o.resolver(p.flow.Dst.Addr()); !ok || is {
			return
		}
		sub := o.subnet(from.Subnet)
		target, local := o.next(sub, p.flow.Dst.Addr())
		if local {
			return
		}
		tally[fmt.Sprintf("%T", target)]++
		want, got := nameOfTarget(target), nextHop(p.trace(m))
		if got != want {
			t.Fatalf("%v: path goes to %s, the oracle to %s (%v)", p, got, want, target)
		}
	})
	t.Log(tally)
}

// nameOfTarget is a target as hops speak of it.
func nameOfTarget(to cloud.RouteTarget) string {
	switch to := to.(type) {
	case cloud.ToInternetGateway:
		return "internet gateway " + string(to.ID)
	case cloud.ToNATGateway:
		return "NAT gateway " + string(to.ID)
	case cloud.ToEndpoint:
		return "gateway endpoint " + nameOf(to.ID)
	case cloud.ToBlackhole:
		return "a blackhole"
	}
	return "nowhere"
}

// nextHop is where the first route table sent a flow.
func nextHop(r path.Result) string {
	for _, h := range r.Hops {
		if h.Kind == "route-table" {
			if _, to, ok := strings.Cut(h.Detail, " goes to "); ok {
				return to
			}
			return "nowhere"
		}
	}
	return "no table was asked"
}
