package snapshot

import (
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// readRouteTables reads each table with the state of its routes as it was seen.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func (r *reader) readRouteTables() {
	for _, it := range r.list("RouteTables") {
		t := cloud.RouteTable{Meta: r.meta("RouteTables", it), ID: cloud.RouteTableID(it.text("RouteTableId")), VPC: r.vpc(it.text("VpcId"), it.at())}
		if nat, ok := r.regional[string(t.ID)]; ok {
			t.ID = cloud.RegionalTableID(nat)
		}
		for _, a := range it.items("Associations") {
			r.associate(&t, a)
		}
		if t.Main && t.Name == string(t.ID) {
			t.Name = r.vpcName(t.VPC) + " main route table"
		}
		for _, route := range it.items("Routes") {
			if made, ok := r.route(t, route); ok {
				t.Routes = append(t.Routes, made)
			}
		}
		if g, open := r.blocksOpen(t.VPC); open { // its local routes may cover anything
			t.Routes = append(t.Routes, cloud.Route{Meta: t.Meta, Dest: cloud.UnknownDest{Gap: g}, Target: cloud.ToUnknown{Gap: g}})
		}
		r.spec.RouteTables = append(r.spec.RouteTables, t)
	}
	if !r.described("RouteTables") {
		r.openTables()
	}
}

// blocksOpen says why the blocks of a VPC are not known.
func (r *reader) blocksOpen(vpc cloud.VPCID) (cloud.Gap, bool) {
	for _, v := range r.spec.VPCs {
		if v.ID == vpc {
			return v.CIDRs.Gap()
		}
	}
	return cloud.Gap{}, false
}

// associate gives a subnet or a gateway its table.
func (r *reader) associate(t *cloud.RouteTable, a item) {
	if s := a.child("AssociationState").text("State"); s != "" && s != "associated" {
		return
	}
	t.Main = t.Main || a.flag("Main", false)
	subnet, gateway := cloud.SubnetID(a.text("SubnetId")), a.text("GatewayId")
	for i := range r.spec.Subnets {
		if r.spec.Subnets[i].ID == subnet && subnet != "" {
			r.spec.Subnets[i].RouteTable = t.ID
		}
	}
	for i := range r.spec.InternetGateways {
		if string(r.spec.InternetGateways[i].ID) == gateway {
			r.spec.InternetGateways[i].Edge = t.Name
		}
	}
	for i := range r.spec.VPNGateways {
		if string(r.spec.VPNGateways[i].ID) == gateway {
			r.spec.VPNGateways[i].Edge = t.Name
		}
	}
}

// openTables leaves open where subnets send what they send: nobody lists the
// tables, or not all of them.
func (r *reader) openTables() {
	g := r.gap("RouteTables")
	known := map[cloud.RouteTableID]bool{}
	for _, t := range r.spec.RouteTables {
		known[t.ID] = true
	}
	open := map[cloud.VPCID]cloud.RouteTableID{}
	for i, s := range r.spec.Subnets {
		if s.RouteTable != "" && known[s.RouteTable] {
			continue
		}
		if open[s.VPC] == "" {
			m := cloud.Meta{Name: "the route table of " + string(s.VPC) + ", which is open", Type: "AWS::EC2::RouteTable", At: g.At}
			open[s.VPC] = cloud.RouteTableID(cloud.PhysicalID("rtb", "open", string(s.VPC)))
			r.spec.RouteTables = append(r.spec.RouteTables, cloud.RouteTable{Meta: m, ID: open[s.VPC], VPC: s.VPC, Routes: []cloud.Route{{Meta: m, Dest: cloud.UnknownDest{Gap: g}, Target: cloud.ToUnknown{Gap: g}}}})
		}
		r.spec.Subnets[i].RouteTable = open[s.VPC]
	}
}

// route reads one route. Those of the VPC's own blocks are always there, and
// those of a described gateway endpoint come with it.
func (r *reader) route(t cloud.RouteTable, it item) (cloud.Route, bool) {
	out := cloud.Route{Meta: cloud.Meta{Name: routeName(it), Type: "AWS::EC2::Route", At: it.at()}, Propagated: it.text("Origin") == "EnableVgwRoutePropagation"}
	gateway := it.text("GatewayId")
	if gateway == "local" {
		return out, false
	}
	switch cidr, v6, list := it.cidr("DestinationCidrBlock"), it.cidr("DestinationIpv6CidrBlock"), it.text("DestinationPrefixListId"); {
	case cidr.IsValid():
		out.Dest = cloud.PrefixDest{Prefix: cidr}
	case v6.IsValid():
		out.Dest = cloud.PrefixDest{Prefix: v6}
	case list != "":
		out.Dest = cloud.PrefixListDest{ID: r.prefixList(list, it.at())}
	default:
		return out, false
	}
	active := it.text("State") != "blackhole"
	if active && slices.ContainsFunc(r.spec.Endpoints, func(e cloud.Endpoint) bool {
		return string(e.ID) == gateway && e.Kind == cloud.GatewayEndpoint && slices.Contains(e.RouteTables, t.ID)
	}) {
		return out, false
	}
	id, target, ok := r.target(t, it)
	if _, lightsail := r.peers[id]; !ok || lightsail {
		return out, false
	}
	out.Target = target
	if state, gone := r.gone[id]; gone {
		out.Target = cloud.ToBlackhole{Was: id + ", which is " + state}
	}
	if !active {
		out.Target = cloud.ToBlackhole{Was: id}
	}
	return out, true
}

func routeName(it item) string {
	for _, key := range []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} {
		if v, ok := it.get(key); ok {
			return "route to " + v.Text
		}
	}
	return "route"
}

// targets are the fields of a route that name its next hop, in the order in
// which they decide: a route to an instance names its interface as well.
var targets = []string{"NetworkInterfaceId", "InstanceId", "NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "GatewayId",
	"CarrierGatewayId", "LocalGatewayId", "CoreNetworkArn", "OdbNetworkArn"}

// target reads a route's next hop, with its ID.
func (r *reader) target(t cloud.RouteTable, it item) (string, cloud.RouteTarget, bool) {
	for _, key := range targets {
		id := it.text(key)
		if id == "" {
			continue
		}
		if g, open := r.openTargets[id]; open {
			return id, cloud.ToUnknown{Gap: g}, true
		}
		switch key {
		case "NetworkInterfaceId":
			if _, ok := r.interfaces[id]; !ok {
				return id, cloud.ToUnknown{Gap: r.missing("NetworkInterfaces", id, it.at())}, true
			}
			return id, cloud.ToInterface{ID: cloud.ENIID(id)}, true
		case "InstanceId":
			return id, cloud.ToInterface{Instance: id}, true
		case "NatGatewayId":
			return id, r.ifDescribed("NatGateways", id, it, cloud.ToNATGateway{ID: cloud.NATGatewayID(id)}), true
		case "TransitGatewayId":
			return id, cloud.ToTransitGateway{ID: cloud.TransitGatewayID(id)}, true
		case "VpcPeeringConnectionId":
			return id, r.ifDescribed("VpcPeeringConnections", id, it, cloud.ToPeering{ID: cloud.PeeringID(id)}), true
		case "EgressOnlyInternetGatewayId":
			r.inferred("EgressOnlyInternetGateways", id, t.VPC, it)
			return id, cloud.ToEgressOnlyGateway{ID: cloud.EgressOnlyGatewayID(id)}, true
		case "GatewayId":
			return id, r.gateway(t, id, it), true
		}
		return id, cloud.ToUnknown{Gap: cloud.Gap{Because: "where " + id + " sends packets is not modelled", At: it.at()}}, true
	}
	return "", nil, false
}

// ifDescribed is a target, unless nothing describes it.
func (r *reader) ifDescribed(key, id string, it item, target cloud.RouteTarget) cloud.RouteTarget {
	if _, gone := r.gone[id]; !gone && !slices.ContainsFunc(r.list(key), func(o item) bool { return kindOf[key].identity(o) == id }) {
		return cloud.ToUnknown{Gap: r.missing(key, id, it.at())}
	}
	return target
}

// gateway reads the field in which several kinds of gateway stand.
func (r *reader) gateway(t cloud.RouteTable, id string, it item) cloud.RouteTarget {
	switch {
	case strings.HasPrefix(id, "igw-"):
		r.inferred("InternetGateways", id, t.VPC, it)
		return cloud.ToInternetGateway{ID: cloud.InternetGatewayID(id)}
	case strings.HasPrefix(id, "vgw-"):
		r.inferred("VpnGateways", id, t.VPC, it)
		return cloud.ToVPNGateway{ID: cloud.VPNGatewayID(id)}
	case strings.HasPrefix(id, "vpce-"):
		return r.ifDescribed("VpcEndpoints", id, it, cloud.ToEndpoint{ID: cloud.EndpointID(id)})
	}
	return cloud.ToUnknown{Gap: cloud.Gap{Because: "where " + id + " sends packets is not modelled", At: it.at()}}
}

// inferred adds a gateway that nothing lists and an active route leads to: such
// a route is there only while the gateway is attached to the table's VPC.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
func (r *reader) inferred(key, id string, vpc cloud.VPCID, it item) {
	if r.described(key) || it.text("State") == "blackhole" {
		return
	}
	m := cloud.Meta{Name: id, Type: kindOf[key].typ, At: it.at()}
	switch key {
	case "InternetGateways":
		if !slices.ContainsFunc(r.spec.InternetGateways, func(g cloud.InternetGateway) bool { return string(g.ID) == id }) {
			r.spec.InternetGateways = append(r.spec.InternetGateways, cloud.InternetGateway{Meta: m, ID: cloud.InternetGatewayID(id), VPC: vpc})
		}
	case "EgressOnlyInternetGateways":
		if !slices.ContainsFunc(r.spec.EgressOnlyGateways, func(g cloud.EgressOnlyGateway) bool { return string(g.ID) == id }) {
			r.spec.EgressOnlyGateways = append(r.spec.EgressOnlyGateways, cloud.EgressOnlyGateway{Meta: m, ID: cloud.EgressOnlyGatewayID(id), VPC: vpc})
		}
	case "VpnGateways":
		if !slices.ContainsFunc(r.spec.VPNGateways, func(g cloud.VPNGateway) bool { return string(g.ID) == id }) {
			r.spec.VPNGateways = append(r.spec.VPNGateways, cloud.VPNGateway{Meta: m, ID: cloud.VPNGatewayID(id), VPC: vpc})
		}
	}
}

// readPrefixLists reads what describe-prefix-lists prints, with the addresses of
// AWS's own lists, and describe-managed-prefix-lists, whose entries are a list
// of their own.
func (r *reader) readPrefixLists() {
	for _, it := range r.list("PrefixLists") {
		id, name := cloud.PrefixListID(it.text("PrefixListId")), it.text("PrefixListName")
		m := r.meta("PrefixLists", it)
		if !strings.HasPrefix(m.Name, "pl-") || name != "" {
			m.Name = name
		}
		pl := cloud.PrefixList{Meta: m, ID: id}
		entries, stated := r.entries(it, string(id))
		switch own, aws := cloud.NamedPrefixList(id, name, r.spec.Region, it.at()); {
		case aws: // its addresses are those that the model gives AWS's services
			pl = own
		case stated:
			pl.Prefixes = entries
		default:
			g := r.gapOf("Entries", string(id))
			pl.Open = &g
		}
		r.spec.PrefixLists = slices.DeleteFunc(r.spec.PrefixLists, func(p cloud.PrefixList) bool { return p.ID == id })
		r.spec.PrefixLists = append(r.spec.PrefixLists, pl)
	}
}

func (r *reader) entries(it item, id string) ([]netip.Prefix, bool) {
	var out []netip.Prefix
	for _, text := range it.list("Cidrs") {
		if p, err := netip.ParsePrefix(text.Text); err == nil {
			out = append(out, p.Masked())
		} else {
			it.bad("Cidrs", text, "a CIDR")
		}
	}
	for _, e := range r.list("Entries") {
		if p := e.cidr("Cidr"); e.owner == id && p.IsValid() {
			out = append(out, p)
		}
	}
	return out, it.has("Cidrs") || r.describedOf("Entries", id)
}

// prefixList gives a list's ID, and where nothing describes the list makes one
// of which nothing is known.
func (r *reader) prefixList(id string, at source.Span) cloud.PrefixListID {
	pl := cloud.PrefixListID(id)
	if slices.ContainsFunc(r.spec.PrefixLists, func(p cloud.PrefixList) bool { return p.ID == pl }) {
		return pl
	}
	g := r.missing("PrefixLists", id, at)
	r.spec.PrefixLists = append(r.spec.PrefixLists, cloud.PrefixList{Meta: cloud.Meta{Name: id, Type: "AWS::EC2::PrefixList", At: at}, ID: pl, Open: &g})
	return pl
}
