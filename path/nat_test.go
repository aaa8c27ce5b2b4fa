package path

import (
	"net/netip"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

// regional adds a regional NAT gateway and the private default route.
func regional(more ...netip.Addr) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.NATGateways = append(s.NATGateways, cloud.NATGateway{Meta: meta("Regional", 11), ID: "nat-r", VPC: "vpc-a", Public: true,
			PublicIP: ip("198.19.7.7"), MorePublic: more})
		privateRoute("0.0.0.0/0", cloud.ToNATGateway{ID: "nat-r"})(s)
	}
}

// ownRoute adds a route to the table of the regional NAT gateway.
func ownRoute(dest string, to cloud.RouteTarget) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		t := s.NATGateways[0].OwnTable()
		t.Routes = append(t.Routes, route(dest, to))
		s.RouteTables = append(s.RouteTables, t)
	}
}

// open80 is Box with a public address, taking tcp 80 from the blocks.
func open80(blocks ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Instances[0].PublicIP = ip("198.19.1.1")
		s.SecurityGroups[1].Ingress = nil
		for _, b := range blocks {
			s.SecurityGroups[1].Ingress = append(s.SecurityGroups[1].Ingress, tcp(80, from(b)))
		}
	}
}

func withMore(public []netip.Addr, private ...netip.Addr) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.NATGateways[0].MorePublic, s.NATGateways[0].MorePrivate = public, private
	}
}

func TestKindsOfNATGateways(t *testing.T) {
	second := []netip.Addr{ip("198.19.9.9")}
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
		{"a regional NAT gateway needs no public subnet", edits(regional(), func(s *cloud.Spec) { s.RouteTables[0].Routes = nil }), "F", "internet", "reachable"},
		{"its own table leads to the VPC's internet gateway, if there is one", edits(regional(), func(s *cloud.Spec) { s.InternetGateways = nil; s.RouteTables[0].Routes = nil }),
			"F", "internet", "blocked NAT_GATEWAY_WITHOUT_INTERNET_ROUTE(Regional)"},
		{"no network ACL guards it but the sender's", edits(regional(), acl("subnet-public", nil, nil)), "F", "internet", "reachable"},
		{"a route of its own table comes before", edits(regional(), ownRoute("198.18.0.0/15", cloud.ToBlackhole{Was: "eni-gone"})), "F", "internet",
			"blocked NAT_GATEWAY_WITHOUT_INTERNET_ROUTE(Regional)"},
		{"what it is to others than the internet AWS does not say", edits(regional(), ownRoute("198.18.0.0/15", cloud.ToInterface{Instance: "i-Box"})), "F", "internet",
			"unknown ?under which address regional NAT gateway Regional dials what is not on the internet is not on AWS's pages"},
		{"it takes no connection", edits(regional()), "internet", "198.19.7.7:80", "blocked NAT_GATEWAY_NO_INBOUND(Regional)"},
		{"nor at its further addresses", edits(regional(second...)), "internet", "198.19.9.9:80", "blocked NAT_GATEWAY_NO_INBOUND(Regional)"},
		{"a rule for its address admits what it sends", edits(regional(), open80("198.19.7.7/32")), "F", "198.19.1.1:80", "reachable"},
		{"a rule for one of its addresses may not", edits(regional(second...), open80("198.19.7.7/32")), "F", "198.19.1.1:80",
			"unknown ?which of its 2 addresses Regional gives a connection AWS does not tell, and they are treated unlike"},
		{"rules for all of them do", edits(regional(second...), open80("198.19.7.7/32", "198.19.9.9/32")), "F", "198.19.1.1:80", "reachable"},
		{"and none for any does not", edits(regional(second...), open80("198.19.7.8/32")), "F", "198.19.1.1:80", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
		{"a secondary address is as good as the first", edits(nat("subnet-public", true), withMore(second)), "F", "internet", "reachable"},
		{"where a rule does not tell them apart", edits(nat("subnet-public", true), withMore(second), open80("198.19.7.7/32")), "F", "198.19.1.1:80",
			"unknown ?which of its 2 addresses NAT gives a connection AWS does not tell, and they are treated unlike"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
		{"a private NAT gateway's address is what rules see", edits(nat("subnet-public", false), within("10.0.1.0/24"), stated("10.0.1.77"), boxAdmits("10.0.1.77/32")),
			"F", "Box:80", "reachable"},
		{"any of its addresses", edits(nat("subnet-public", false), within("10.0.1.0/24"), stated("10.0.1.77", "10.0.1.78"), boxAdmits("10.0.1.77/32")),
			"F", "Box:80", "unknown ?which of its 2 addresses NAT gives a connection AWS does not tell, and they are treated unlike"},
		{"all of them", edits(nat("subnet-public", false), within("10.0.1.0/24"), stated("10.0.1.77", "10.0.1.78"), boxAdmits("10.0.1.76/30")), "F", "Box:80", "reachable"},
		{"and takes no connection at any", edits(nat("subnet-public", false), stated("10.0.1.77", "10.0.1.78")), "Box", "10.0.1.78:80", "blocked NAT_GATEWAY_NO_INBOUND(NAT)"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

// within leads a block of the VPC itself through the NAT gateway, as AWS allows
// for a whole subnet.
func within(dest string) func(*cloud.Spec) {
	return privateRoute(dest, cloud.ToNATGateway{ID: "nat-a"})
}

// stated gives the NAT gateway private addresses.
func stated(first string, more ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.NATGateways[0].PrivateIP = ip(first)
		for _, a := range more {
			s.NATGateways[0].MorePrivate = append(s.NATGateways[0].MorePrivate, ip(a))
		}
	}
}

func boxAdmits(block string) func(*cloud.Spec) { return ingressOfBox(tcp(80, from(block))) }

// An address that a NAT gateway has is given to nothing else.
func TestAddressesOfNATGatewaysAreTaken(t *testing.T) {
	m := change(t, nat("subnet-private", false), stated("10.0.2.254", "10.0.2.253"), func(s *cloud.Spec) { s.NATGateways[0].MoreCount = 3 })
	if e := m.ENIsOf("NAT")[0]; e.PrivateIP != ip("10.0.2.254") || len(e.More) != 3 {
		t.Errorf("the NAT gateway has %v and %v", e.PrivateIP, e.More)
	}
	if e := m.ENIsOf("F")[0]; e.PrivateIP != ip("10.0.2.250") {
		t.Errorf("the function has %v", e.PrivateIP)
	}
	r := Trace(m, FromENI{m.ENIsOf("F")[0].ID}, netset.Flow{Proto: netset.TCP, Dst: netip.MustParseAddrPort("10.0.2.251:80")})
	if r.Verdict != Blocked || r.Blockers[0].Code != NATNoInbound {
		t.Errorf("one of those by number: %v %v", r.Verdict, r.Blockers)
	}
}
