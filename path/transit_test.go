package path

import (
	"net/netip"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

// transit adds vpc-b 10.1.0.0/16 with instance Far, and a transit gateway that
// both VPCs are attached to, with everything that a path needs.
func transit(s *cloud.Spec) {
	s.VPCs = append(s.VPCs, vpc("vpc-b", "10.1.0.0/16"))
	s.RouteTables = append(s.RouteTables, table("rtb-far", "vpc-b", route("10.0.0.0/16", cloud.ToTransitGateway{ID: "tgw-a"})))
	s.Subnets = append(s.Subnets, subnet("subnet-far", "vpc-b", "10.1.1.0/24", "rtb-far"))
	s.SecurityGroups = append(s.SecurityGroups, group("sg-far", "vpc-b", rules(tcp(5432, from("10.0.0.0/8"))), rules(everything(anywhere))))
	s.Instances = append(s.Instances, instance("Far", "10.1.1.9", sgs("sg-far"), "subnet-far"))
	privateRoute("10.1.0.0/16", cloud.ToTransitGateway{ID: "tgw-a"})(s)
	s.TransitGateways = append(s.TransitGateways, cloud.TransitGateway{Meta: meta("Hub", 12), ID: "tgw-a", Associate: true, Propagate: true})
	s.TransitGatewayAttachments = append(s.TransitGatewayAttachments, attachment("Near", "vpc-a", "subnet-private"), attachment("Away", "vpc-b", "subnet-far"))
}

func attachment(name string, to cloud.VPCID, subnets ...cloud.SubnetID) cloud.TransitGatewayAttachment {
	return cloud.TransitGatewayAttachment{Meta: meta(name, 13), ID: cloud.TransitGatewayAttachmentID("tgw-attach-" + name), Gateway: "tgw-a",
		Kind: cloud.TransitVPC, VPC: to, Subnets: known(subnets...), GroupReferences: true}
}

// onHub edits the transit gateway, attached one of its attachments.
func onHub(edit func(*cloud.TransitGateway)) func(*cloud.Spec) {
	return func(s *cloud.Spec) { edit(&s.TransitGateways[0]) }
}

func attached(i int, edit func(*cloud.TransitGatewayAttachment)) func(*cloud.Spec) {
	return func(s *cloud.Spec) { edit(&s.TransitGatewayAttachments[i]) }
}

// hubTable adds a route table of the transit gateway, with the attachment that
// is associated with it.
func hubTable(name string, of int, propagated []int, routes ...cloud.TransitGatewayRoute) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		t := cloud.TransitGatewayRouteTable{Meta: meta(name, 14), ID: cloud.TransitGatewayRouteTableID("tgw-rtb-" + name), Gateway: "tgw-a", Routes: routes}
		for _, p := range propagated {
			t.Propagations = append(t.Propagations, s.TransitGatewayAttachments[p].ID)
		}
		s.TransitGatewayRouteTables = append(s.TransitGatewayRouteTables, t)
		s.TransitGatewayAttachments[of].Table = t.ID
	}
}

func hubRoute(dest, to string) cloud.TransitGatewayRoute {
	r := cloud.TransitGatewayRoute{Meta: meta("hub route "+dest, 15), Dest: cloud.Known(cidr(dest)), Attachment: cloud.TransitGatewayAttachmentID("tgw-attach-" + to)}
	r.Blackhole = to == ""
	return r
}

func zone(of cloud.SubnetID, az string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for i, sub := range s.Subnets {
			if sub.ID == of {
				s.Subnets[i].AZ = cloud.Known(az)
			}
		}
	}
}

// farSubnet adds a subnet to vpc-b.
func farSubnet(id cloud.SubnetID, block, az string, table cloud.RouteTableID) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		sub := subnet(id, "vpc-b", block, table)
		sub.AZ = cloud.Known(az)
		s.Subnets = append(s.Subnets, sub)
	}
}

// farGroup gives Far's group other ingress rules.
func farGroup(r ...cloud.Rule) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = r }
}

// egressVPC makes vpc-b the VPC by which vpc-a leaves for the internet.
func egressVPC(s *cloud.Spec) {
	transit(s)
	s.InternetGateways = append(s.InternetGateways, cloud.InternetGateway{Meta: meta("FarIGW", 1), ID: "igw-b", VPC: "vpc-b"})
	s.RouteTables = append(s.RouteTables, table("rtb-far-public", "vpc-b", route("0.0.0.0/0", cloud.ToInternetGateway{ID: "igw-b"}), route("10.0.0.0/16", cloud.ToTransitGateway{ID: "tgw-a"})))
	s.Subnets = append(s.Subnets, subnet("subnet-far-public", "vpc-b", "10.1.2.0/24", "rtb-far-public"))
	s.NATGateways = append(s.NATGateways, cloud.NATGateway{Meta: meta("FarNAT", 11), ID: "nat-b", Subnet: "subnet-far-public", Public: true, PublicIP: netip.MustParseAddr("198.19.8.8")})
	s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("0.0.0.0/0", cloud.ToNATGateway{ID: "nat-b"}))
	privateRoute("0.0.0.0/0", cloud.ToTransitGateway{ID: "tgw-a"})(s)
	s.TransitGateways[0].Associate, s.TransitGateways[0].Propagate = false, false
	hubTable("out", 0, nil, hubRoute("0.0.0.0/0", "Away"))(s)
	hubTable("in", 1, []int{0})(s)
}

func farDefault(to cloud.RouteTarget) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.RouteTables[2].Routes[1].Target = to }
}

func without(table int, dest string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		var kept []cloud.Route
		for _, r := range s.RouteTables[table].Routes {
			if r.Dest != (cloud.PrefixDest{Prefix: cidr(dest)}) {
				kept = append(kept, r)
			}
		}
		s.RouteTables[table].Routes = kept
	}
}

func TestWhatATransitGatewayDoes(t *testing.T) {
	edits := func(e ...func(*cloud.Spec)) []func(*cloud.Spec) { return e }
	closed := func(g *cloud.TransitGateway) { g.Associate, g.Propagate = false, false }
	for _, c := range []struct {
		fact string
		with []func(*cloud.Spec)
		to   string
		want string
	}{
		// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
		{"with its defaults a transit gateway joins all that is attached", edits(transit), "Far:5432", "reachable"},
		{"the source's subnet needs a route to it", edits(transit, without(1, "10.1.0.0/16")), "Far:5432", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"the destination's subnet needs one back", edits(transit, without(2, "10.0.0.0/16")), "Far:5432", "blocked <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"a VPC that is not attached gets nothing through", edits(transit, func(s *cloud.Spec) { s.TransitGatewayAttachments = s.TransitGatewayAttachments[1:] }),
			"Far:5432", "blocked BAD_STATE_ATTACHMENT(Hub)"},
		{"a transit gateway that nothing describes is unknown", edits(transit, func(s *cloud.Spec) { s.TransitGateways, s.TransitGatewayAttachments = nil, nil }),
			"Far:5432", "unknown ?nothing here describes transit gateway tgw-a"},

		// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
		{"an attachment needs a subnet in the zone of the source", edits(transit, zone("subnet-private", "us-west-2b"), attached(0, func(a *cloud.TransitGatewayAttachment) { a.Subnets = known[cloud.SubnetID]("subnet-public") })),
			"Far:5432", "blocked TGW_ROUTE_AZ_RESTRICTION(Near)"},
		{"any subnet of the zone will do", edits(transit, attached(0, func(a *cloud.TransitGatewayAttachment) { a.Subnets = known[cloud.SubnetID]("subnet-public") })), "Far:5432", "reachable"},
		{"and one in the zone of the one who answers", edits(transit, farSubnet("subnet-other", "10.1.9.0/24", "us-west-2b", ""), attached(1, func(a *cloud.TransitGatewayAttachment) { a.Subnets = known[cloud.SubnetID]("subnet-other") })),
			"Far:5432", "blocked <TGW_ROUTE_AZ_RESTRICTION(Away)"},
		{"zones that are left open leave the answer open", edits(transit, func(s *cloud.Spec) {
			s.Subnets[1].AZ = cloud.Unknown[string]("AWS chooses", at(2))
		}, attached(0, func(a *cloud.TransitGatewayAttachment) { a.Subnets = known[cloud.SubnetID]("subnet-public") })),
			"Far:5432", "unknown ?whether Near has a subnet in the Availability Zone of subnet-private is not known"},
		{"but an attachment in the source's own subnet is in its zone", edits(transit, func(s *cloud.Spec) { s.Subnets[1].AZ = cloud.Unknown[string]("AWS chooses", at(2)) }), "Far:5432", "reachable"},
		{"subnets that are left open leave the answer open", edits(transit, attached(0, func(a *cloud.TransitGatewayAttachment) {
			a.Subnets = cloud.Unknown[[]cloud.SubnetID]("parameter Subnets has no value", at(13))
		})), "Far:5432", "unknown ?parameter Subnets has no value"},
		{"of two VPCs that overlap it is not known whose block is propagated", edits(transit, func(s *cloud.Spec) {
			s.VPCs = append(s.VPCs, vpc("vpc-c", "10.1.0.0/16"))
			s.Subnets = append(s.Subnets, subnet("subnet-c", "vpc-c", "10.1.1.0/24", ""))
			s.TransitGatewayAttachments = append(s.TransitGatewayAttachments, attachment("Twin", "vpc-c", "subnet-c"))
		}), "Far:5432", "unknown ?which of the overlapping VPCs was attached first, and so has 10.1.0.0/16 propagated into Hub default route table"},

		// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html
		{"without an association nothing is sent on", edits(transit, onHub(func(g *cloud.TransitGateway) { g.Associate = false })),
			"Far:5432", "blocked TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION(Near) <TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION(Away)"},
		{"an association is not a propagation", edits(transit, onHub(func(g *cloud.TransitGateway) { g.Propagate = false })),
			"Far:5432", "blocked TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT(Hub default route table) <TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT(Hub default route table)"},
		{"a static route will do too", edits(transit, onHub(closed), hubTable("there", 0, nil, hubRoute("10.1.1.0/24", "Away")), hubTable("back", 1, []int{0})), "Far:5432", "reachable"},
		{"the reply is looked up in the table of the other attachment", edits(transit, onHub(closed), hubTable("there", 0, []int{1}), hubTable("back", 1, nil)),
			"Far:5432", "blocked <TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT(back)"},
		{"a blackhole drops", edits(transit, onHub(closed), hubTable("there", 0, []int{1}, hubRoute("10.1.1.0/24", "")), hubTable("back", 1, []int{0})),
			"Far:5432", "blocked TGW_RTB_BAD_STATE_ROUTE(there)"},
		{"the longest prefix wins", edits(transit, onHub(closed), hubTable("there", 0, []int{1}, hubRoute("10.0.0.0/8", "")), hubTable("back", 1, []int{0})), "Far:5432", "reachable"},
		{"of two as long the static one does", edits(transit, onHub(closed), hubTable("there", 0, []int{1}, hubRoute("10.1.0.0/16", "")), hubTable("back", 1, []int{0})),
			"Far:5432", "blocked TGW_RTB_BAD_STATE_ROUTE(there)"},
		{"what is behind another transit gateway is not known", edits(transit, onHub(closed), func(s *cloud.Spec) {
			s.TransitGatewayAttachments = append(s.TransitGatewayAttachments, cloud.TransitGatewayAttachment{Meta: meta("Abroad", 16), ID: "tgw-attach-Abroad", Gateway: "tgw-a", Kind: cloud.TransitElsewhere})
		}, hubTable("there", 0, nil, hubRoute("10.1.0.0/16", "Abroad"))), "Far:5432", "unknown ?what is behind Abroad, another transit gateway, is not known"},

		// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
		{"the network ACL of the attachment's subnet filters too", edits(transit, attached(0, func(a *cloud.TransitGatewayAttachment) { a.Subnets = known[cloud.SubnetID]("subnet-public") }), acl("subnet-public", nil, nil)),
			"Far:5432", "blocked SUBNET_ACL_RESTRICTION(acl-subnet-public) <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"what a transit gateway brings to its own subnet no ACL filters", edits(transit, acl("subnet-private", []cloud.ACLEntry{entry(1, true, netset.Port(5432), "10.0.0.0/16")}, []cloud.ACLEntry{entry(1, true, netset.AllPorts, "10.1.0.0/16")})),
			"Far:5432", "reachable"},
		{"what leaves that subnet for it the ACL does, out and in", edits(transit, acl("subnet-private", nil, []cloud.ACLEntry{entry(1, true, netset.AllPorts, "10.1.0.0/16")})),
			"Far:5432", "blocked SUBNET_ACL_RESTRICTION(acl-subnet-private)"},

		// https://aws.amazon.com/blogs/networking-and-content-delivery/introducing-security-group-referencing-for-aws-transit-gateway/
		{"a rule that names a group of another VPC needs support", edits(transit, farGroup(tcp(5432, inGroup("sg-f")))), "Far:5432", "blocked SG_REFERENCING_SUPPORT(sg-far)"},
		{"of the gateway and of both attachments", edits(transit, farGroup(tcp(5432, inGroup("sg-f"))), onHub(func(g *cloud.TransitGateway) { g.GroupReferences = true })), "Far:5432", "reachable"},
		{"one attachment without it is enough to lose it", edits(transit, farGroup(tcp(5432, inGroup("sg-f"))), onHub(func(g *cloud.TransitGateway) { g.GroupReferences = true }),
			attached(0, func(a *cloud.TransitGatewayAttachment) { a.GroupReferences = false })), "Far:5432", "blocked SG_REFERENCING_SUPPORT(sg-far)"},
		{"outbound rules have no such support", edits(transit, egressOfF(tcp(5432, inGroup("sg-far"))), onHub(func(g *cloud.TransitGateway) { g.GroupReferences = true })),
			"Far:5432", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},

		// https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html
		{"one VPC may be the way out for all", edits(egressVPC), "internet", "reachable"},
		{"if its NAT gateway's subnet leads back", edits(egressVPC, func(s *cloud.Spec) { s.RouteTables[3].Routes = s.RouteTables[3].Routes[:1] }), "internet",
			"blocked <NO_ROUTE_TO_DESTINATION(rtb-far-public)"},
		{"and the transit gateway does", edits(egressVPC, func(s *cloud.Spec) { s.TransitGatewayRouteTables[1].Propagations = nil }), "internet",
			"blocked <TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT(in)"},
		{"an internet gateway alone will not do", edits(egressVPC, farDefault(cloud.ToInternetGateway{ID: "igw-b"})), "internet", "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(Away)"},
		{"nor a gateway endpoint of that VPC", edits(egressVPC, farDefault(cloud.ToEndpoint{ID: "vpce-x"})), "internet", "blocked VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION(Away)"},
		{"nor its peering", edits(egressVPC, farDefault(cloud.ToPeering{ID: "pcx-x"})), "internet", "blocked PCX_REQUIRES_ADDRESS_IN_VPC_CIDR(Away)"},
		{"nor its virtual private gateway", edits(egressVPC, farDefault(cloud.ToVPNGateway{ID: "vgw-x"})), "internet", "blocked VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS(Away)"},
		{"a route back to the transit gateway goes in a circle", edits(egressVPC, farDefault(cloud.ToTransitGateway{ID: "tgw-a"}), func(s *cloud.Spec) {
			s.TransitGatewayRouteTables[1].Routes = []cloud.TransitGatewayRoute{hubRoute("0.0.0.0/0", "Away")}
		}), "internet", "blocked ROUTING_LOOP(198.18.113.97)"},
		{"without a route there it ends there", edits(egressVPC, without(2, "0.0.0.0/0")), "internet", "blocked NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"a private NAT gateway may send on to a transit gateway", edits(transit, without(1, "10.1.0.0/16"), nat("subnet-public", false), func(s *cloud.Spec) {
			s.RouteTables[0].Routes = append(s.RouteTables[0].Routes, route("10.1.0.0/16", cloud.ToTransitGateway{ID: "tgw-a"}))
		}), "Far:5432", "reachable"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), "F", c.to); got != c.want {
				t.Errorf("F -> %s\n got %s\nwant %s", c.to, got, c.want)
			}
		})
	}
}

// The zone decides by which subnet a packet comes out of a transit gateway:
// where that is not known, and it matters, nor is the answer.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func TestTheZoneDecidesWhereATransitGatewayComesOut(t *testing.T) {
	two := func(s *cloud.Spec) {
		transit(s)
		farSubnet("subnet-b", "10.1.9.0/24", "us-west-2b", "rtb-far")(s)
		s.TransitGatewayAttachments[1].Subnets = known[cloud.SubnetID]("subnet-far", "subnet-b")
	}
	shut := func(s *cloud.Spec) {
		s.NetworkACLs = append(s.NetworkACLs, cloud.NetworkACL{Meta: meta("acl-b", 10), ID: "acl-b", VPC: "vpc-b", Ingress: []cloud.ACLEntry{entry(1, true, netset.AllPorts, "0.0.0.0/0")}})
		for i, sub := range s.Subnets {
			if sub.ID == "subnet-b" {
				s.Subnets[i].ACL = "acl-b"
			}
		}
	}
	appliance := attached(1, func(a *cloud.TransitGatewayAttachment) { a.ApplianceMode = true })
	unlike := "unknown ?by which of the subnets of Away the packet comes, which treat it unlike, depends on the Availability Zone"
	for _, c := range []struct {
		what string
		with []func(*cloud.Spec)
		want string
	}{
		{"the zone of the sender", []func(*cloud.Spec){two, shut}, "reachable"},
		{"another zone than that of the sender", []func(*cloud.Spec){two, shut, zone("subnet-far", "us-west-2c"), zone("subnet-b", "us-west-2a")}, "blocked SUBNET_ACL_RESTRICTION(acl-b)"},
		{"appliance mode takes either", []func(*cloud.Spec){two, shut, appliance}, unlike},
		{"which does not matter if they are alike", []func(*cloud.Spec){two, appliance}, "reachable"},
	} {
		if got := why(t, change(t, c.with...), "F", "Far:5432"); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// vpn adds a virtual private gateway to vpc-a and a network behind it.
func vpn(s *cloud.Spec) {
	s.VPNGateways = append(s.VPNGateways, cloud.VPNGateway{Meta: meta("Gate", 17), ID: "vgw-a", VPC: "vpc-a", Propagates: []cloud.RouteTableID{"rtb-public", "rtb-private"}})
	s.OnPremises = append(s.OnPremises, cloud.OnPremises{Meta: meta("Office", 18), CIDRs: []netip.Prefix{cidr("192.168.0.0/16")}, Over: "Gate"})
}

func TestNetworksOutsideOfAWS(t *testing.T) {
	edits := func(e ...func(*cloud.Spec)) []func(*cloud.Spec) { return e }
	unpropagated := func(s *cloud.Spec) { s.VPNGateways[0].Propagates = nil }
	unstated := func(s *cloud.Spec) { s.OnPremises = nil }
	connection := func(routes ...string) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			c := cloud.VPNConnection{Meta: meta("Tunnel", 19), ID: "vpn-a", Gateway: "vgw-a", StaticOnly: true}
			for _, r := range routes {
				c.Routes = append(c.Routes, cidr(r))
			}
			s.VPNConnections = append(s.VPNConnections, c)
		}
	}
	overHub := func(s *cloud.Spec) {
		transit(s)
		s.OnPremises = append(s.OnPremises, cloud.OnPremises{Meta: meta("Office", 18), CIDRs: []netip.Prefix{cidr("10.9.0.0/16")}, Over: "Hub"})
	}
	back := func(s *cloud.Spec) {
		s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("10.9.0.0/16", cloud.ToTransitGateway{ID: "tgw-a"}))
	}
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
		{"a virtual private gateway propagates what is behind it", edits(vpn), "F", "Office:80", "reachable"},
		{"without propagation a route is needed", edits(vpn, unpropagated), "F", "Office:80", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"which may be a static one", edits(vpn, unpropagated, privateRoute("192.168.0.0/16", cloud.ToVPNGateway{ID: "vgw-a"})), "F", "Office:80", "reachable"},
		{"it must be attached", edits(vpn, func(s *cloud.Spec) { s.VPNGateways[0].VPC = "" }), "F", "Office:80", "blocked BAD_STATE(Gate)"},
		{"static routes of a VPN connection are what is behind it", edits(vpn, unstated, connection("172.20.0.0/16")), "F", "172.20.1.1:80", "reachable"},
		{"and nothing else", edits(vpn, unstated, connection("172.20.0.0/16"), privateRoute("172.16.0.0/12", cloud.ToVPNGateway{ID: "vgw-a"})), "F", "172.21.1.1:80", "blocked UNKNOWN_DESTINATION(Gate)"},
		{"what BGP tells is in no template", edits(vpn, unstated), "F", "192.168.1.1:80", "unknown ?what networks are behind Gate is not stated (facts.on-premises in bailey.yaml)"},
		{"a machine there may dial into the VPC", edits(vpn, ingressOfBox(tcp(80, from("192.168.0.0/16")))), "Office", "Box:80", "reachable"},
		{"if the groups admit its addresses", edits(vpn), "Office", "Box:80", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		{"and a route leads back", edits(vpn, unpropagated, ingressOfBox(tcp(80, anywhere))), "Office", "Box:80", "blocked <NO_ROUTE_TO_DESTINATION(rtb-public)"},

		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
		{"it leads to the VPC itself and no further", edits(vpn, peer(true, true, true)), "Office", "Far:5432", "blocked VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(Gate)"},
		{"not to the internet either", edits(vpn, nat("subnet-public", true)), "Office", "internet", "blocked VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(Gate)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
		// https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
		{"a static route comes before a propagated one", edits(vpn, privateRoute("192.168.0.0/16", cloud.ToBlackhole{Was: "eni-old"})), "F", "Office:80", "blocked BAD_STATE_ROUTE(rtb-private)"},
		{"a route through a prefix list does too", edits(vpn, func(s *cloud.Spec) {
			s.PrefixLists = append(s.PrefixLists, cloud.PrefixList{Meta: meta("List", 20), ID: "pl-list", Prefixes: []netip.Prefix{cidr("192.168.0.0/16")}})
			s.RouteTables[1].Routes = append(s.RouteTables[1].Routes, cloud.Route{Meta: meta("listed", 21), Dest: cloud.PrefixListDest{ID: "pl-list"}, Target: cloud.ToBlackhole{Was: "eni-old"}})
		}), "F", "Office:80", "blocked BAD_STATE_ROUTE(rtb-private)"},
		{"a longer propagated one comes before both", edits(vpn, privateRoute("192.0.0.0/8", cloud.ToBlackhole{Was: "eni-old"})), "F", "Office:80", "reachable"},
		{"the VPC's own come before propagated ones, however long", edits(vpn, func(s *cloud.Spec) { s.OnPremises[0].CIDRs = []netip.Prefix{cidr("10.0.1.0/24")} }), "F", "Box:80", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
		{"a network may be joined by a transit gateway", edits(overHub, privateRoute("10.9.0.0/16", cloud.ToTransitGateway{ID: "tgw-a"})), "F", "Office:80", "reachable"},
		{"and dial into every VPC attached", edits(overHub, back), "Office", "Far:5432", "reachable"},
		{"where a route leads back", edits(overHub), "Office", "Far:5432", "blocked <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"it is not in anybody's group", edits(overHub, back, farGroup(tcp(5432, inGroup("sg-far")))), "Office", "Far:5432", "blocked ENI_SG_RULES_MISMATCH(sg-far)"},
		{"over what nothing describes is not known", edits(vpn, func(s *cloud.Spec) { s.OnPremises[0].Over = "Nobody" }), "Office", "Box:80", "unknown ?nothing here describes Nobody, over which Office is said to be joined"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}
