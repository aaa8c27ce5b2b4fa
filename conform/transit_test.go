package conform

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/source"
)

// connected is a Spec with transit gateways and virtual private gateways
// between its VPCs, and networks outside of AWS behind them.
func connected(t *rapid.T, s cloud.Spec, open bool) cloud.Spec {
	b := &builder{t: t, spec: s, line: 5000, open: open}
	b.spec.Subnets = slices.Clone(s.Subnets)
	b.spec.RouteTables = slices.Clone(s.RouteTables)
	b.zones()
	for i := range 1 + roll(t, 2, "transit gateways") {
		b.transitGateway(i)
	}
	b.vpnGateways()
	b.office()
	return b.spec
}

// zones puts some subnets into another Availability Zone.
func (b *builder) zones() {
	for i := range b.spec.Subnets {
		if chance(b.t, 30, "another zone") {
			b.spec.Subnets[i].AZ = cloud.Known("us-west-2b")
		}
		if b.open && chance(b.t, 5, "open zone") {
			b.spec.Subnets[i].AZ = cloud.Unknown[string]("the zone is left open", source.Span{Line: b.line})
		}
	}
}

func (b *builder) transitGateway(i int) {
	g := cloud.TransitGateway{Meta: b.meta("tgw%d", i), ID: cloud.TransitGatewayID(fmt.Sprintf("tgw-%d", i)),
		Associate: mostly(b.t, 80, "associates"), Propagate: mostly(b.t, 80, "propagates"), GroupReferences: mostly(b.t, 50, "references")}
	b.spec.TransitGateways = append(b.spec.TransitGateways, g)
	for _, v := range b.spec.VPCs {
		if subnets := b.subnetsOf(v.ID); len(subnets) > 0 && mostly(b.t, 85, "attached") {
			b.attach(g, v, subnets)
		}
	}
	if chance(b.t, 10, "peering of transit gateways") {
		b.spec.TransitGatewayAttachments = append(b.spec.TransitGatewayAttachments, cloud.TransitGatewayAttachment{Meta: b.meta("%s-abroad", g.Name),
			ID: cloud.TransitGatewayAttachmentID("tgw-attach-abroad-" + g.Name), Gateway: g.ID, Kind: cloud.TransitElsewhere})
	}
	if chance(b.t, 40, "tables of its own") {
		for i := range 1 + roll(b.t, 2, "tables") {
			b.transitTable(g, i)
		}
	}
	b.routesTo(g)
}

func (b *builder) attach(g cloud.TransitGateway, v cloud.VPC, subnets []cloud.SubnetID) {
	a := cloud.TransitGatewayAttachment{Meta: b.meta("%s-%s", g.Name, v.Name), ID: cloud.TransitGatewayAttachmentID("tgw-attach-" + g.Name + v.Name),
		Gateway: g.ID, Kind: cloud.TransitVPC, VPC: v.ID, Subnets: cloud.Known(some(b.t, "attachment subnets", 1, 3, subnets)),
		ApplianceMode: chance(b.t, 15, "appliance mode"), GroupReferences: mostly(b.t, 80, "references")}
	if b.leftOpen("attachment subnets") {
		a.Subnets = cloud.Unknown[[]cloud.SubnetID]("an attachment's subnets are left open", a.At)
	}
	b.spec.TransitGatewayAttachments = append(b.spec.TransitGatewayAttachments, a)
}

// transitTable adds a route table with which some attachments are associated.
func (b *builder) transitTable(g cloud.TransitGateway, i int) {
	t := cloud.TransitGatewayRouteTable{Meta: b.meta("%s-table%d", g.Name, i), ID: cloud.TransitGatewayRouteTableID(fmt.Sprintf("tgw-rtb-%s-%d", g.Name, i)), Gateway: g.ID}
	var own []cloud.TransitGatewayAttachmentID
	for i, a := range b.spec.TransitGatewayAttachments {
		if a.Gateway != g.ID {
			continue
		}
		own = append(own, a.ID)
		if a.Table == "" && chance(b.t, 50, "associated") {
			b.spec.TransitGatewayAttachments[i].Table = t.ID
		}
	}
	if len(own) == 0 {
		return
	}
	t.Propagations = some(b.t, "propagations", 0, 4, own)
	for range roll(b.t, 4, "routes") {
		r := cloud.TransitGatewayRoute{Meta: b.meta("%s-route", t.Name), Dest: cloud.Known(b.far("10.0.0.0/8")), Blackhole: chance(b.t, 20, "blackhole")}
		if r.Attachment = pick(b.t, "attachment", own...); r.Blackhole {
			r.Attachment = ""
		}
		if b.leftOpen("destination") {
			r.Dest = cloud.Unknown[netip.Prefix]("a route's destination is left open", r.At)
		}
		if !slices.ContainsFunc(t.Routes, func(o cloud.TransitGatewayRoute) bool { return o.Dest == r.Dest }) {
			t.Routes = append(t.Routes, r)
		}
	}
	b.spec.TransitGatewayRouteTables = append(b.spec.TransitGatewayRouteTables, t)
}

// far is a block that somebody may want to go to.
func (b *builder) far(more ...string) netip.Prefix {
	from := []netip.Prefix{cidr("0.0.0.0/0"), cidr("0.0.0.0/0"), cidr("192.168.77.0/24")}
	for _, text := range more {
		from = append(from, cidr(text))
	}
	for _, v := range b.spec.VPCs {
		from = append(from, cidrsOf(v)...)
		from = append(from, cidrsOf(v)...)
	}
	for _, s := range b.spec.Subnets {
		if p := s.CIDR.Or(from[0]); p.IsValid() {
			from = append(from, p)
		}
	}
	return pick(b.t, "far block", from...)
}

func (b *builder) routesTo(g cloud.TransitGateway) {
	for i, t := range b.spec.RouteTables {
		for _, dest := range b.joined(t) {
			b.route4(i, dest, cloud.ToTransitGateway{ID: g.ID})
		}
	}
}

// joined are the blocks for which a table sends to a transit gateway.
func (b *builder) joined(t cloud.RouteTable) []netip.Prefix {
	var out []netip.Prefix
	for _, v := range b.spec.VPCs {
		if v.ID != t.VPC && mostly(b.t, 75, "routed there") {
			out = append(out, cidrsOf(v)...)
		}
	}
	if chance(b.t, 40, "more") {
		out = append(out, b.far())
	}
	return out
}

// route4 adds a route that AWS takes: the only one to its block, and none
// within the VPC's own.
func (b *builder) route4(table int, dest netip.Prefix, to cloud.RouteTarget) {
	t := &b.spec.RouteTables[table]
	if dest.Bits() > 0 && overlapsAny(cidrsOf(b.vpc(t.VPC)), dest) || b.vpc(t.VPC).Managed {
		return
	}
	if lightsail, ok := b.spec.Lightsail.CIDR.Get(); ok && lightsail == dest {
		return
	}
	if !slices.ContainsFunc(t.Routes, func(r cloud.Route) bool { return r.Dest == cloud.PrefixDest{Prefix: dest} }) {
		t.Routes = append(slices.Clone(t.Routes), cloud.Route{Meta: b.meta("%s-added", t.Name), Dest: cloud.PrefixDest{Prefix: dest}, Target: to})
	}
}

func (b *builder) vpnGateways() {
	for _, v := range b.spec.VPCs {
		if v.Managed || !chance(b.t, 40, "virtual private gateway") {
			continue
		}
		g := cloud.VPNGateway{Meta: b.meta("%s-vgw", v.Name), ID: cloud.VPNGatewayID("vgw-" + v.Name)}
		if mostly(b.t, 90, "attached") {
			g.VPC = v.ID
			g.Propagates = some(b.t, "propagates", 0, 3, b.tablesOf(v.ID, true))
		}
		b.spec.VPNGateways = append(b.spec.VPNGateways, g)
		if chance(b.t, 40, "VPN connection") {
			b.spec.VPNConnections = append(b.spec.VPNConnections, cloud.VPNConnection{Meta: b.meta("%s-vpn", v.Name), ID: cloud.VPNConnectionID("vpn-" + v.Name),
				Gateway: g.ID, StaticOnly: mostly(b.t, 70, "static"), Routes: []netip.Prefix{pick(b.t, "static route", cidr("192.168.77.0/24"), cidr("192.168.0.0/16"), cidrsOf(v)[0])}})
		}
		for i, t := range b.spec.RouteTables {
			if t.VPC == v.ID && chance(b.t, 40, "static route to it") {
				b.route4(i, pick(b.t, "to", cidr("192.168.77.0/24"), cidr("192.168.0.0/16"), cidr("0.0.0.0/0")), cloud.ToVPNGateway{ID: g.ID})
			}
		}
	}
}

// office states a network outside of AWS.
func (b *builder) office() {
	var over []string
	for _, g := range b.spec.VPNGateways {
		over = append(over, g.Name)
	}
	for _, g := range b.spec.TransitGateways {
		over = append(over, g.Name)
	}
	if len(over) > 0 && mostly(b.t, 70, "office") {
		b.spec.OnPremises = append(b.spec.OnPremises, cloud.OnPremises{Meta: b.meta("office"),
			CIDRs: []netip.Prefix{pick(b.t, "office block", cidr("192.168.77.0/24"), cidr("192.168.64.0/18"))}, Over: pick(b.t, "over", over...)})
	}
}

// Transit gateways, networks outside of AWS: flows that get through them, and
// flows that do not, are among those that the tests look at.
func TestFlowsCrossTransitGateways(t *testing.T) {
	tally := map[string]int{}
	checkSeeded(t, 2000, func(t *rapid.T) {
		m := build(t, connected(t, anySpec(t, chance(t, 30, "open")), chance(t, 30, "open")))
		from := slices.DeleteFunc(senders(m), func(s sender) bool { return s.from == fromInternet || s.from == fromLambda })
		if len(from) == 0 {
			return
		}
		r := anyProbe(t, m, pick(t, "from", from...), netset.TCP).trace(m)
		if slices.ContainsFunc(r.Hops, func(h path.Hop) bool { return h.Kind == "transit-gateway" }) {
			tally[r.Verdict.String()]++
		}
		if r.Verdict == path.Reachable && r.Delivery.To == path.ToOnPremises {
			tally["outside of AWS"]++
		}
	})
	t.Log(tally)
	for _, v := range []string{"reachable", "blocked", "unknown", "outside of AWS"} {
		if tally[v] == 0 {
			t.Errorf("no flow was %s", v)
		}
	}
}

// hopping is a Spec in which some models have transit gateways, networks outside
// of AWS, and instances that forward.
func hopping(t *rapid.T, s cloud.Spec) cloud.Spec {
	if chance(t, 50, "transit") {
		s = connected(t, s, false)
	}
	if chance(t, 65, "middleboxes") {
		s = boxed(t, s)
	}
	if chance(t, 50, "NAT instances that work") {
		s = translating(t, s)
	}
	return legal(s)
}

// translating makes a NAT instance in each VPC with an internet gateway: the
// other subnets leave by it, its own by the gateway, and nothing filters there.
func translating(t *rapid.T, s cloud.Spec) cloud.Spec {
	b := &builder{t: t, spec: s, line: 8000, eips: 100}
	b.spec.RouteTables = slices.Clone(s.RouteTables)
	b.spec.SecurityGroups = slices.Clone(s.SecurityGroups)
	b.spec.Instances = slices.Clone(s.Instances)
	all := []cloud.Rule{{Meta: b.meta("all"), Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerCIDR{Prefix: cidr("0.0.0.0/0")}}}
	for _, g := range s.InternetGateways {
		i := slices.IndexFunc(b.spec.Instances, func(in cloud.Instance) bool {
			return g.VPC != "" && b.subnet(in.Subnet.Or("")).VPC == g.VPC && in.PrivateIP.IsValid()
		})
		if i < 0 {
			continue
		}
		in := &b.spec.Instances[i]
		if in.SourceDestCheck = false; !in.PublicIP.IsValid() {
			in.PublicIP = b.publicIP()
		}
		b.spec.NATInstances = append(b.spec.NATInstances, cloud.NATInstance{Name: in.Name})
		for k, group := range b.spec.SecurityGroups {
			if group.VPC == g.VPC {
				b.spec.SecurityGroups[k].Ingress, b.spec.SecurityGroups[k].Egress = all, all
			}
		}
		b.spec.NetworkACLs = slices.DeleteFunc(slices.Clone(b.spec.NetworkACLs), func(a cloud.NetworkACL) bool { return a.VPC == g.VPC })
		table := func(kind string, to cloud.RouteTarget) cloud.RouteTableID {
			id := cloud.RouteTableID("rtb-" + kind + "-" + string(g.VPC))
			meta := b.meta("%s", id)
			b.spec.RouteTables = append(b.spec.RouteTables, cloud.RouteTable{Meta: meta, ID: id, VPC: g.VPC,
				Routes: []cloud.Route{{Meta: meta, Dest: cloud.PrefixDest{Prefix: cidr("0.0.0.0/0")}, Target: to}}})
			return id
		}
		home, out, away := in.Subnet.Or(""), table("out", cloud.ToInternetGateway{ID: g.ID}), table("box", cloud.ToInterface{Instance: in.ID})
		b.spec.Subnets = each(b.spec.Subnets, func(sub *cloud.Subnet) {
			if sub.VPC != g.VPC {
				return
			}
			if sub.ACL, sub.RouteTable = "", away; sub.ID == home {
				sub.RouteTable = out
			}
		})
	}
	return b.spec
}

// boxed is a Spec in which some instances are to forward for others, stated to
// be NAT instances or not.
func boxed(t *rapid.T, s cloud.Spec) cloud.Spec {
	b := &builder{t: t, spec: s, line: 7000}
	b.spec.RouteTables = slices.Clone(s.RouteTables)
	b.spec.Instances = slices.Clone(s.Instances)
	for i, in := range b.spec.Instances {
		sub := in.Subnet.Or("")
		at := slices.IndexFunc(s.Subnets, func(x cloud.Subnet) bool { return x.ID == sub })
		if at < 0 || !chance(t, 50, "a middlebox") {
			continue
		}
		b.spec.Instances[i].SourceDestCheck = chance(t, 15, "source/destination check")
		if mostly(t, 75, "a NAT instance") {
			b.spec.NATInstances = append(b.spec.NATInstances, cloud.NATInstance{Name: in.Name})
		}
		for j, table := range b.spec.RouteTables {
			if table.VPC == s.Subnets[at].VPC && chance(t, 40, "routed to it") {
				b.route4(j, b.far(), cloud.ToInterface{Instance: in.ID})
			}
		}
	}
	return b.spec
}
