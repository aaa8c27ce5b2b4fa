package reach

import (
	"fmt"
	"net/netip"
	"testing"

	"bailey/cloud"
)

// office joins a network to the yard's first VPC by a virtual private gateway.
func office(s *cloud.Spec) {
	s.VPNGateways = []cloud.VPNGateway{{Meta: meta("gate"), ID: "vgw", VPC: "vpc-a", Propagates: []cloud.RouteTableID{"rtb-private"}}}
	s.OnPremises = []cloud.OnPremises{{Meta: meta("office"), CIDRs: []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")}, Over: "gate"}}
	s.SecurityGroups[1].Ingress = []cloud.Rule{tcp(8080, block4("192.168.4.0/24"))}
	s.SecurityGroups[2].Ingress = s.SecurityGroups[1].Ingress
}

// officeHub joins both VPCs and the network to a transit gateway in its place.
func officeHub(s *cloud.Spec) {
	office(s)
	s.Peerings, s.VPNGateways, s.OnPremises[0].Over = nil, nil, "hub"
	s.TransitGateways = []cloud.TransitGateway{{Meta: meta("hub"), ID: "tgw", Associate: true, Propagate: true}}
	for _, v := range []struct {
		vpc cloud.VPCID
		sub cloud.SubnetID
	}{{"vpc-a", "subnet-private"}, {"vpc-far", "subnet-far"}} {
		s.TransitGatewayAttachments = append(s.TransitGatewayAttachments, cloud.TransitGatewayAttachment{Meta: meta(string(v.vpc)), ID: cloud.TransitGatewayAttachmentID("tgw-attach-" + v.vpc),
			Gateway: "tgw", Kind: cloud.TransitVPC, VPC: v.vpc, Subnets: cloud.Known([]cloud.SubnetID{v.sub})})
	}
	for i := range s.Subnets {
		s.Subnets[i].AZ = cloud.Known("us-west-2a")
	}
	s.RouteTables[1].Routes = []cloud.Route{to("192.168.0.0/16", cloud.ToTransitGateway{ID: "tgw"})}
	s.RouteTables[2].Routes = []cloud.Route{to("0.0.0.0/0", cloud.ToTransitGateway{ID: "tgw"})}
	s.SecurityGroups[3].Ingress = s.SecurityGroups[1].Ingress
}

// Each case is one fact about who dials in from outside of AWS.
func TestWhatComesFromOnPremises(t *testing.T) {
	for _, c := range []struct {
		fact string
		with []func(*cloud.Spec)
		want string
	}{
		// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
		{"groups see its addresses, and a route leads back", []func(*cloud.Spec){office}, "[App: 192.168.4.0-192.168.4.255: tcp 8080]"},
		{"without one nothing gets in", []func(*cloud.Spec){office, func(s *cloud.Spec) { s.VPNGateways[0].Propagates = nil }}, "[]"},
		{"no group has it as a member", []func(*cloud.Spec){office, func(s *cloud.Spec) { s.SecurityGroups[1].Ingress = []cloud.Rule{tcp(8080, in("sg-app"))} }}, "[]"},
		{"a gateway that is not attached leads nowhere", []func(*cloud.Spec){office, func(s *cloud.Spec) { s.VPNGateways[0].VPC = "" }}, "[]"},
		{"over what nothing describes is not known", []func(*cloud.Spec){office, func(s *cloud.Spec) { s.OnPremises[0].Over = "elsewhere" }},
			"[App ?nothing here describes elsewhere, over which office is said to be joined " +
				"Box ?nothing here describes elsewhere, over which office is said to be joined Box ?nothing here describes elsewhere, over which office is said to be joined public Db ?nothing here describes elsewhere, over which office is said to be joined]"},
		// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
		{"by a transit gateway it gets to every VPC with a route back", []func(*cloud.Spec){officeHub}, "[App: 192.168.4.0-192.168.4.255: tcp 8080 Db: 192.168.4.0-192.168.4.255: tcp 8080]"},
		{"and not to those without", []func(*cloud.Spec){officeHub, func(s *cloud.Spec) { s.RouteTables[2].Routes = nil }}, "[App: 192.168.4.0-192.168.4.255: tcp 8080]"},
		{"an attachment that was rejected carries nothing", []func(*cloud.Spec){officeHub, func(s *cloud.Spec) { s.TransitGatewayAttachments[1].State = "rejected" }}, "[App: 192.168.4.0-192.168.4.255: tcp 8080]"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			var got []string
			for _, a := range Compile(built(t, yard(c.with...))).FromOnPremises("office") {
				text := fmt.Sprintf("%s: %v", a.To.Owners[0], a.Open)
				if len(a.Unknown) > 0 {
					text = a.To.Owners[0] + " ?" + a.Unknown[0].Gap.Because
				}
				if a.Public {
					text += " public"
				}
				got = append(got, text)
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("got %v\nwant %s", got, c.want)
			}
		})
	}
}
