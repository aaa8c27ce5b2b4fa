package reach

import (
	"net/netip"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
)

// hub is the yard with a transit gateway in place of the peering, by which App
// reaches Db, and with the edits that keep it from doing so.
func hub(edits ...func(*cloud.Spec)) cloud.Spec {
	return yard(append([]func(*cloud.Spec){func(s *cloud.Spec) {
		s.Peerings = nil
		through := cloud.ToTransitGateway{ID: "tgw-a"}
		s.RouteTables[1].Routes = []cloud.Route{to("10.1.0.0/16", through)}
		s.RouteTables[2].Routes = []cloud.Route{to("10.0.0.0/16", through)}
		for i := range s.Subnets {
			s.Subnets[i].AZ = cloud.Known("us-west-2a")
		}
		s.SecurityGroups[3].Ingress = []cloud.Rule{tcp(5432, block4("10.0.0.0/16"))}
		s.TransitGateways = []cloud.TransitGateway{{Meta: meta("Hub"), ID: "tgw-a", Associate: true, Propagate: true}}
		s.TransitGatewayAttachments = []cloud.TransitGatewayAttachment{
			{Meta: meta("Near"), ID: "tgw-attach-a", Gateway: "tgw-a", Kind: cloud.TransitVPC, VPC: "vpc-a", Subnets: cloud.Known([]cloud.SubnetID{"subnet-private"}), GroupReferences: true},
			{Meta: meta("Away"), ID: "tgw-attach-b", Gateway: "tgw-a", Kind: cloud.TransitVPC, VPC: "vpc-far", Subnets: cloud.Known([]cloud.SubnetID{"subnet-far"}), GroupReferences: true}}
	}}, edits...)...)
}

func TestFixesOfTransitGateways(t *testing.T) {
	for _, c := range []struct {
		what string
		edit func(*cloud.Spec)
		want string // a line of the fixes
	}{
		{"a route there", func(s *cloud.Spec) { s.RouteTables[1].Routes = nil }, "$0.00 add a route to 10.1.0.0/16 through Hub in rtb-private []"},
		{"a route back", func(s *cloud.Spec) { s.RouteTables[2].Routes = nil }, "$0.00 add a route to 10.0.0.0/16 through Hub in rtb-far []"},
		{"both routes", func(s *cloud.Spec) { s.RouteTables[1].Routes, s.RouteTables[2].Routes = nil, nil },
			"$0.00 add a route to 10.1.0.0/16 through Hub in rtb-private, and add a route to 10.0.0.0/16 through Hub in rtb-far []"},
		{"association", func(s *cloud.Spec) { s.TransitGateways[0].Associate = false },
			"$0.00 set DefaultRouteTableAssociation: enable, DefaultRouteTablePropagation: enable of Hub []"},
		{"a zone", func(s *cloud.Spec) {
			s.Subnets[0].AZ = cloud.Known("us-west-2b")
			s.TransitGatewayAttachments[0].Subnets = cloud.Known([]cloud.SubnetID{"subnet-public"})
		}, "$0.00 add subnet-private to the subnets of Near []"},
		{"references to groups", func(s *cloud.Spec) { s.SecurityGroups[3].Ingress = []cloud.Rule{tcp(5432, in("sg-app"))} },
			"$0.00 set SecurityGroupReferencingSupport: enable of Hub []"},
	} {
		m := model(t, hub(c.edit))
		if got := fixes(t, m, path.Question{From: "App", To: "Db:5432"}); !strings.Contains("\n"+got+"\n", "\n"+c.want+"\n") {
			t.Errorf("%s: got\n%s\nwant among them %s", c.what, got, c.want)
		}
	}
}

func TestTheCheckOfAMiddleboxCanBeSwitchedOff(t *testing.T) {
	m := model(t, yard(func(s *cloud.Spec) {
		nat := anInstance("Nat", "10.0.1.60", "subnet-public", "sg-box")
		nat.PublicIP, nat.SourceDestCheck = netip.MustParseAddr("198.19.2.2"), true
		s.Instances = append(s.Instances, nat)
		s.NATInstances = []cloud.NATInstance{{Name: "Nat"}}
		s.RouteTables[1].Routes = append(s.RouteTables[1].Routes, to("0.0.0.0/0", cloud.ToInterface{Instance: "i-Nat"}))
	}))
	if got := fixes(t, m, path.Question{From: "App", To: "internet"}); !strings.Contains(got, "$0.00 switch the source/destination check of Nat off []") {
		t.Errorf("got %s", got)
	}
}
