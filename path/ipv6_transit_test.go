package path

import (
	"net/netip"
	"testing"

	"bailey/cloud"
)

const awayIPv6 = "2600:1f00:0:201::9"

// boxForwards lets Box have everything, whoever it is for.
func boxForwards(s *cloud.Spec) {
	s.SecurityGroups[1].Ingress = rules(everything(anywhere), everything(anywhere6))
}

// transit6 is transit with IPv6 on both sides: routes in the subnets, and
// propagation where the attachments support it.
func transit6(s *cloud.Spec) {
	dual(s)
	transit(s)
	s.VPCs[1].IPv6 = known(cidr("2600:1f00:0:200::/56"))
	s.Subnets[2].IPv6 = cloud.Known(cidr("2600:1f00:0:201::/64"))
	s.Instances[1].IPv6 = netip.MustParseAddr(awayIPv6)
	s.SecurityGroups[2].Ingress = rules(tcp(5432, anywhere6))
	s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("2600:1f00:0:100::/56", cloud.ToTransitGateway{ID: "tgw-a"}))
	privateRoute("2600:1f00:0:200::/56", cloud.ToTransitGateway{ID: "tgw-a"})(s)
	s.TransitGatewayAttachments[0].IPv6, s.TransitGatewayAttachments[1].IPv6 = true, true
}

func TestIPv6AcrossTransitGatewaysAndVPN(t *testing.T) {
	const to = "[" + awayIPv6 + "]:5432"
	office6 := func(s *cloud.Spec) {
		s.OnPremises = append(s.OnPremises, cloud.OnPremises{Meta: meta("Office", 18), CIDRs: []netip.Prefix{cidr("fd00:77::/48")}, Over: "Hub"})
		privateRoute("fd00:77::/48", cloud.ToTransitGateway{ID: "tgw-a"})(s)
	}
	gate := func(s *cloud.Spec) {
		s.VPNGateways = append(s.VPNGateways, cloud.VPNGateway{Meta: meta("Gate", 17), ID: "vgw-a", VPC: "vpc-a"})
		s.OnPremises = append(s.OnPremises, cloud.OnPremises{Meta: meta("Office", 18), CIDRs: []netip.Prefix{cidr("192.168.0.0/16"), cidr("fd00:77::/48")}, Over: "Gate"})
		privateRoute("fd00::/8", cloud.ToVPNGateway{ID: "vgw-a"})(s)
		s.RouteTables[0].Routes = append(s.RouteTables[0].Routes, route("fd00::/8", cloud.ToVPNGateway{ID: "vgw-a"}))
		s.SecurityGroups[1].Ingress = rules(tcp(80, anywhere6))
	}
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachmentRequestOptions.html
		{"IPv6 crosses a transit gateway", edits(transit6), "F", to, "reachable"},
		{"without IPv6 support no IPv6 route is propagated", edits(transit6, attached(1, func(a *cloud.TransitGatewayAttachment) { a.IPv6 = false })), "F", to,
			"blocked TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT(Hub default route table)"},
		{"nor for the reply", edits(transit6, attached(0, func(a *cloud.TransitGatewayAttachment) { a.IPv6 = false })), "F", to,
			"blocked <TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT(Hub default route table)"},
		{"the setting filters nothing: a static route will do", edits(transit6, attached(1, func(a *cloud.TransitGatewayAttachment) { a.IPv6 = false }),
			hubTable("six", 0, nil, hubRoute("::/0", "Away"))), "F", to, "reachable"},
		{"IPv6 blocks that are open leave IPv6 open", edits(transit6, func(s *cloud.Spec) { s.VPCs[1].IPv6 = cloud.Unknown[[]netip.Prefix]("IPAM allocates it", at(3)) }), "F", to,
			"unknown ?IPAM allocates it"},
		{"and IPv4 alone", edits(transit6, farGroup(tcp(5432, anywhere)), func(s *cloud.Spec) { s.VPCs[1].IPv6 = cloud.Unknown[[]netip.Prefix]("IPAM allocates it", at(3)) }),
			"F", "10.1.1.9:5432", "reachable"},
		{"the way back needs a route for IPv6", edits(transit6, without(2, "2600:1f00:0:100::/56")), "F", to, "blocked <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"what leaves by another VPC as it is, AWS does not say", edits(transit6, privateRoute("::/0", cloud.ToTransitGateway{ID: "tgw-a"}), hubTable("out", 0, nil, hubRoute("::/0", "Away")), func(s *cloud.Spec) {
			s.EgressOnlyGateways = append(s.EgressOnlyGateways, cloud.EgressOnlyGateway{Meta: meta("FarEIGW", 16), ID: "eigw-b", VPC: "vpc-b"})
			s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("::/0", cloud.ToEgressOnlyGateway{ID: "eigw-b"}))
		}), "F", "2001:2::7", "unknown ?whether egress-only internet gateway eigw-b forwards IPv6 that comes by a transit gateway is not on AWS's pages"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
		{"a reply that goes another way than the flow came may arrive", edits(transit6, egressOnly, without(1, "2600:1f00:0:200::/56"), func(s *cloud.Spec) {
			s.InternetGateways = append(s.InternetGateways, cloud.InternetGateway{Meta: meta("FarIGW", 1), ID: "igw-b", VPC: "vpc-b"})
		}), "F", to, "unknown ?whether a reply arrives that rtb-far sends to transit gateway Hub, though the flow came over the internet, is not on AWS's pages"},
		{"the other way round too", edits(transit6, without(2, "2600:1f00:0:100::/56"), func(s *cloud.Spec) {
			s.InternetGateways = append(s.InternetGateways, cloud.InternetGateway{Meta: meta("FarIGW", 1), ID: "igw-b", VPC: "vpc-b"})
			s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("::/0", cloud.ToInternetGateway{ID: "igw-b"}))
		}), "F", to, "unknown ?whether a reply arrives that rtb-far sends to the internet, though the flow did not come from there, is not on AWS's pages"},
		// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-attachments.html
		{"a network outside of AWS is reached over IPv6 too", edits(transit6, office6), "F", "Office:22", "reachable"},
		{"and reaches", edits(transit6, office6, func(s *cloud.Spec) {
			s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("fd00:77::/48", cloud.ToTransitGateway{ID: "tgw-a"}))
		}), "Office", to, "reachable"},
		{"with a route back", edits(transit6, office6), "Office", to, "blocked <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		// https://docs.aws.amazon.com/directconnect/latest/UserGuide/WorkingWithVirtualInterfaces.html
		{"by a virtual private gateway it is reached where somebody states so", edits(dual, gate), "F", "[fd00:77::9]:22", "reachable"},
		{"and no further than that", edits(dual, gate), "F", "[fd00:78::9]:22", "blocked UNKNOWN_DESTINATION(Gate)"},
		{"and dials in", edits(dual, gate), "Office", "[" + boxIPv6 + "]:80", "reachable"},
		{"a network of both families is dialled over the one that works", edits(dual, gate), "F", "Office:22", "reachable"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}
