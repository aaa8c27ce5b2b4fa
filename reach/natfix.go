package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
)

// nat proposes a NAT gateway in a public subnet of the VPC and a private subnet
// for the functions that routes to it: in the public subnet itself a function
// would still have no way out. Three steps, since other functions may need the
// same gateway.
func (p *proposal) nat(f cloud.Function) [][]change {
	subnets, _ := f.Network.Subnets.Get()
	if len(subnets) == 0 || !p.toInternet() {
		return nil
	}
	first, ok := p.m.Subnet(subnets[0])
	public, found := p.publicSubnet(first.VPC)
	free, room := p.freeBlock(first.VPC)
	if !ok || !found || !room {
		return nil
	}
	nat, gateway := p.newNAT(public)
	nat.zones = len(subnets)
	sub, private := p.privateSubnet(first, public.VPC, free, gateway)
	return [][]change{{nat, private, p.moveTo(f, sub)}}
}

// toInternet reports whether a way to the internet could help: the destination
// has a public address, or none that is known yet.
func (p *proposal) toInternet() bool { return !p.r.Witness.Dst.Addr().IsPrivate() }

// newNAT is a public NAT gateway in a public subnet.
func (p *proposal) newNAT(public cloud.Subnet) (change, cloud.NATGateway) {
	own := proposed(p.fresh("NatGateway"), typeNAT)
	address := proposed(p.fresh(own.Name+"Address"), typeEIP)
	n := cloud.NATGateway{Meta: metaOf(own), ID: cloud.NATGatewayID(cloud.PhysicalID("nat", p.m.Stack(), own.Name)), Subnet: public.ID, Public: true,
		PublicIP: cloud.ElasticAddr(p.m.Stack(), own.Name)}
	return change{
		summary: "add a NAT gateway in " + public.Name, usd: yearly(p.m, cloud.PriceNATGateway, cloud.PricePublicIPv4), opens: internet,
		edits: patch.Patch{
			patch.Add{Resource: address, Properties: props("Domain", "vpc")},
			patch.Add{Resource: own, Properties: props("SubnetId", ref(p.subnet(public.ID)), "AllocationId", patch.Attr{Resource: address, Name: "AllocationId"})}},
		apply: func(s *cloud.Spec) { s.NATGateways = append(s.NATGateways, n) },
	}, n
}

// privateSubnet is a subnet like the first one whose default route is the NAT
// gateway's.
func (p *proposal) privateSubnet(first cloud.Subnet, vpc cloud.VPCID, free netip.Prefix, nat cloud.NATGateway) (cloud.Subnet, change) {
	own := proposed(p.fresh("PrivateSubnet"), typeSubnet)
	t, edits := p.natTable(first, vpc, nat)
	sub := cloud.Subnet{Meta: metaOf(own), ID: cloud.SubnetID(cloud.PhysicalID("subnet", p.m.Stack(), own.Name)), VPC: vpc, CIDR: cloud.Known(free), AZ: first.AZ, RouteTable: t.ID}
	with := props("VpcId", ref(p.vpc(vpc)), "CidrBlock", free.String())
	if zone, known := first.AZ.Get(); known && zone != "" {
		with = append(with, props("AvailabilityZone", zone)...)
	}
	all := append(patch.Patch{patch.Add{Resource: own, Properties: with}}, edits...)
	return sub, change{
		joined: true,
		edits:  append(all, associate(own, table(t))),
		apply: func(s *cloud.Spec) {
			s.RouteTables = append(s.RouteTables, t)
			s.Subnets = append(s.Subnets, sub)
		},
	}
}

func associate(sub, t patch.Resource) patch.Edit {
	return patch.Add{Resource: proposed(sub.Name+"Routes", "AWS::EC2::SubnetRouteTableAssociation"), Properties: props("SubnetId", ref(sub), "RouteTableId", ref(t))}
}

// natTable is a new route table: a default route to a NAT gateway, and the
// routes of the table that it stands in for.
func (p *proposal) natTable(like cloud.Subnet, vpc cloud.VPCID, nat cloud.NATGateway) (cloud.RouteTable, patch.Patch) {
	own := proposed(p.fresh("PrivateRouteTable"), typeTable)
	kept, edits := p.keptRoutes(like, own)
	t := cloud.RouteTable{Meta: metaOf(own), ID: cloud.RouteTableID(cloud.PhysicalID("rtb", p.m.Stack(), own.Name)), VPC: vpc,
		Routes: append(kept, cloud.Route{Meta: metaOf(proposed(own.Name+"Default", typeRoute)), Dest: cloud.PrefixDest{Prefix: anyIPv4}, Target: cloud.ToNATGateway{ID: nat.ID}})}
	return t, append(patch.Patch{
		patch.Add{Resource: own, Properties: props("VpcId", ref(p.vpc(vpc)))},
		patch.Add{Resource: proposed(own.Name+"Default", typeRoute), Properties: props("RouteTableId", ref(own), "DestinationCidrBlock", "0.0.0.0/0",
			"NatGatewayId", ref(resource(nat.Meta, string(nat.ID), typeNAT)))}}, edits...)
}

// moveTo moves the functions of the proposal into a subnet.
func (p *proposal) moveTo(f cloud.Function, sub cloud.Subnet) change {
	names := append([]string{f.Name}, p.also...)
	c := change{summary: fmt.Sprintf("move %s into a private subnet that routes to it", listed(names)), joined: true, apply: func(s *cloud.Spec) {
		for _, name := range names {
			editFunction(s, name, func(f *cloud.Function) {
				network := *f.Network
				network.Subnets = cloud.Known([]cloud.SubnetID{sub.ID})
				f.Network = &network
			})
		}
	}}
	for _, name := range names {
		c.edits = append(c.edits, patch.Set{Of: p.function(name), Property: "VpcConfig.SubnetIds", Value: patch.Refs(proposed(sub.Name, typeSubnet))})
	}
	return c
}

func (p *proposal) function(name string) patch.Resource {
	f, _ := p.m.Function(name)
	return resource(f.Meta, f.FunctionName, typeFunction)
}

// listed names a few, or says how many more there are.
func listed(names []string) string {
	if len(names) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), len(names)-3)
	}
	return strings.Join(names, ", ")
}

// keptRoutes are the routes of a subnet that its successor needs too, for the
// model and for the template: all but those to the internet.
func (p *proposal) keptRoutes(sub cloud.Subnet, own patch.Resource) (kept []cloud.Route, edits patch.Patch) {
	old, _ := p.m.RouteTableOf(sub)
	for _, r := range old.Routes {
		d, block := r.Dest.(cloud.PrefixDest)
		route := func(target string, to patch.Resource) {
			if block {
				edits = append(edits, patch.Add{Resource: proposed(logical(own.Name, to.Name, d.String(), "Route"), typeRoute),
					Properties: props("RouteTableId", ref(own), destinationKey(d.Prefix), d.String(), target, ref(to))})
			}
		}
		switch t := r.Target.(type) {
		case cloud.ToInternetGateway, cloud.ToNATGateway:
			continue
		case cloud.ToEgressOnlyGateway:
			g, _ := p.m.EgressOnlyGateway(t.ID)
			route("EgressOnlyInternetGatewayId", resource(g.Meta, string(t.ID), typeEgressOnly))
		case cloud.ToPeering:
			pcx, _ := p.m.Peering(t.ID)
			route("VpcPeeringConnectionId", resource(pcx.Meta, string(t.ID), typePeering))
		case cloud.ToTransitGateway:
			g, _ := p.m.TransitGateway(t.ID)
			route("TransitGatewayId", resource(g.Meta, string(t.ID), typeTransit))
		case cloud.ToEndpoint:
			e, _ := p.m.Endpoint(t.ID)
			edits = append(edits, patch.Append{Of: resource(e.Meta, string(e.ID), typeEndpoint), Property: "RouteTableIds", Items: patch.Refs(own), Have: len(e.RouteTables)})
		}
		kept = append(kept, r)
	}
	return kept, edits
}

// natRoute proposes that the tables of the source's subnets which lack it route
// to the public NAT gateway that the VPC has already.
func (p *proposal) natRoute() []change {
	if !p.toInternet() {
		return nil
	}
	var out []change
	for n := range p.m.NATGateways() {
		home := p.m.Place(n)
		if !n.Public || !p.isPublic(home) {
			continue
		}
		if c, lacks := p.routesTo(n, home.VPC); lacks {
			out = append(out, c)
		}
	}
	return out
}

// routesTo adds a default route to every table of the source's subnets that has
// none. A table that AWS made with its VPC is nobody's to write in: its subnets
// get one of their own.
func (p *proposal) routesTo(n cloud.NATGateway, vpc cloud.VPCID) (change, bool) {
	out := change{summary: "route to the NAT gateway " + n.Name + " in", opens: internet}
	var does []func(*cloud.Spec)
	for _, sub := range p.subnetsOf(vpc) {
		t, _ := p.m.RouteTableOf(sub)
		if hasDefault(t) || slices.Contains(strings.Fields(strings.ReplaceAll(out.summary, ",", "")), t.Name) {
			continue
		}
		edits, do := p.routeOrTable(t, sub, n)
		out.edits, does = append(out.edits, edits...), append(does, do)
		out.summary += " " + t.Name + ","
	}
	out.summary = strings.TrimSuffix(out.summary, ",")
	out.apply = func(s *cloud.Spec) {
		for _, do := range does {
			do(s)
		}
	}
	return out, len(does) > 0
}

func (p *proposal) routeOrTable(t cloud.RouteTable, sub cloud.Subnet, n cloud.NATGateway) (patch.Patch, func(*cloud.Spec)) {
	if table(t).Declared() {
		own := proposed(p.fresh(logical(t.Name, "Default")), typeRoute)
		r := cloud.Route{Meta: metaOf(own), Dest: cloud.PrefixDest{Prefix: anyIPv4}, Target: cloud.ToNATGateway{ID: n.ID}}
		return patch.Patch{patch.Add{Resource: own, Properties: props("RouteTableId", ref(table(t)), "DestinationCidrBlock", "0.0.0.0/0",
			"NatGatewayId", ref(resource(n.Meta, string(n.ID), typeNAT)))}}, func(s *cloud.Spec) { addRoute(s, t, r) }
	}
	own, edits := p.natTable(sub, sub.VPC, n)
	edits = append(edits, associate(p.subnet(sub.ID), table(own)))
	return edits, func(s *cloud.Spec) {
		s.RouteTables = append(s.RouteTables, own)
		for i := range s.Subnets {
			if s.Subnets[i].ID == sub.ID {
				s.Subnets[i].RouteTable = own.ID
			}
		}
	}
}

// subnetsOf are those of the source's interfaces that are in a VPC.
func (p *proposal) subnetsOf(vpc cloud.VPCID) []cloud.Subnet {
	var out []cloud.Subnet
	for _, e := range p.m.ENIsOf(p.q.From) {
		if sub, ok := p.m.Subnet(e.Subnet); ok && sub.VPC == vpc {
			out = append(out, sub)
		}
	}
	return out
}

func hasDefault(t cloud.RouteTable) bool {
	return slices.ContainsFunc(t.Routes, func(r cloud.Route) bool {
		d, ok := r.Dest.(cloud.PrefixDest)
		return ok && d.Prefix == anyIPv4
	})
}

// natMove proposes to put a NAT gateway that has no way out into a public subnet
// of its VPC. That replaces it, and while there are two, each needs an address.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html
func (p *proposal) natMove(b path.Reason) []change {
	for n := range p.m.NATGateways() {
		home, _ := p.m.Subnet(n.Subnet)
		public, found := p.publicSubnet(home.VPC)
		if n.Name != b.Component || n.Regional() || !found {
			continue
		}
		edits := append(patch.Patch{patch.Set{Of: resource(n.Meta, string(n.ID), typeNAT), Property: "SubnetId", Value: ref(p.subnet(public.ID))}}, p.newAddress(n)...)
		return []change{{
			summary: fmt.Sprintf("move the NAT gateway %s into %s", n.Name, public.Name), opens: internet,
			edits: append(edits, patch.Advice("the address that "+n.Name+" had is free then: remove it")),
			apply: func(s *cloud.Spec) { editNAT(s, n.ID, func(n *cloud.NATGateway) { n.Subnet = public.ID }) },
		}}
	}
	return nil
}

// natPublic proposes to make a private NAT gateway public.
func (p *proposal) natPublic(b path.Reason) []change {
	for n := range p.m.NATGateways() {
		if n.Name != b.Component {
			continue
		}
		return []change{{
			summary: "make the NAT gateway " + n.Name + " public", usd: yearly(p.m, cloud.PricePublicIPv4), opens: internet,
			edits: append(patch.Patch{patch.Set{Of: resource(n.Meta, string(n.ID), typeNAT), Property: "ConnectivityType", Value: text("public")}}, p.newAddress(n)...),
			apply: func(s *cloud.Spec) {
				editNAT(s, n.ID, func(n *cloud.NATGateway) {
					n.Public, n.PublicIP = true, cloud.ElasticAddr(p.m.Stack(), n.Name+"Address")
				})
			},
		}}
	}
	return nil
}

// newAddress gives a NAT gateway another Elastic IP.
func (p *proposal) newAddress(n cloud.NATGateway) patch.Patch {
	own := proposed(p.fresh(logical(n.Name, "NewAddress")), typeEIP)
	return patch.Patch{patch.Add{Resource: own, Properties: props("Domain", "vpc")},
		patch.Set{Of: resource(n.Meta, string(n.ID), typeNAT), Property: "AllocationId", Value: patch.Attr{Resource: own, Name: "AllocationId"}}}
}

func editNAT(s *cloud.Spec, id cloud.NATGatewayID, edit func(*cloud.NATGateway)) {
	for i := range s.NATGateways {
		if s.NATGateways[i].ID == id {
			edit(&s.NATGateways[i])
		}
	}
}

// publicSubnet finds a subnet of the VPC whose default route is an internet
// gateway.
func (p *proposal) publicSubnet(vpc cloud.VPCID) (cloud.Subnet, bool) {
	for s := range p.m.Subnets() {
		if s.VPC == vpc && p.isPublic(s) {
			return s, true
		}
	}
	return cloud.Subnet{}, false
}

func (p *proposal) isPublic(s cloud.Subnet) bool {
	t, _ := p.m.RouteTableOf(s)
	return slices.ContainsFunc(t.Routes, func(r cloud.Route) bool {
		d, ok := r.Dest.(cloud.PrefixDest)
		_, igw := r.Target.(cloud.ToInternetGateway)
		return ok && igw && d.Prefix == anyIPv4
	})
}

func editFunction(s *cloud.Spec, name string, edit func(*cloud.Function)) {
	for i := range s.Functions {
		if s.Functions[i].Name == name {
			edit(&s.Functions[i])
		}
	}
}
