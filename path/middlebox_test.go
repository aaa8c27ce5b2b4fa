package path

import (
	"net/netip"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

// natInstance adds an instance Nat in the public subnet with a public address,
// to which the private subnet's default route leads, and says that it is a NAT
// instance.
func natInstance(s *cloud.Spec) {
	nat := instance("Nat", "10.0.1.60", sgs("sg-nat"), "subnet-public")
	nat.PublicIP = netip.MustParseAddr("198.19.2.2")
	s.Instances = append(s.Instances, nat)
	s.SecurityGroups = append(s.SecurityGroups, group("sg-nat", "vpc-a", rules(tcp(443, inGroup("sg-f"))), rules(everything(anywhere))))
	s.NATInstances = append(s.NATInstances, cloud.NATInstance{Name: "Nat", At: at(30)})
	privateRoute("0.0.0.0/0", cloud.ToInterface{Instance: "i-Nat"})(s)
}

func onNat(edit func(*cloud.Instance)) func(*cloud.Spec) {
	return func(s *cloud.Spec) { edit(&s.Instances[1]) }
}

func TestInstancesThatForward(t *testing.T) {
	edits := func(e ...func(*cloud.Spec)) []func(*cloud.Spec) { return e }
	natGroup := func(in, out []cloud.Rule) func(*cloud.Spec) {
		return func(s *cloud.Spec) { s.SecurityGroups[2].Ingress, s.SecurityGroups[2].Egress = in, out }
	}
	eni := func(instance string) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			s.Instances, s.NATInstances = s.Instances[:1], nil
			s.NetworkInterfaces = append(s.NetworkInterfaces, cloud.NetworkInterface{Meta: meta("Card", 31), ID: "eni-card", Subnet: cloud.Known[cloud.SubnetID]("subnet-public"),
				Groups: cloud.Known(sgs("sg-nat")), PublicIP: netip.MustParseAddr("198.19.2.3"), Instance: instance})
			s.RouteTables[1].Routes[0].Target = cloud.ToInterface{ID: "eni-card"}
		}
	}
	stated := func(name string) func(*cloud.Spec) {
		return func(s *cloud.Spec) { s.NATInstances = append(s.NATInstances, cloud.NATInstance{Name: name}) }
	}
	for _, c := range []struct {
		fact string
		with []func(*cloud.Spec)
		to   string
		want string
	}{
		// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
		{"a NAT instance gives internet", edits(natInstance), "internet", "reachable"},
		{"the source/destination check must be off", edits(natInstance, onNat(func(in *cloud.Instance) { in.SourceDestCheck = true })), "internet", "blocked ENI_SOURCE_DEST_CHECK_RESTRICTION(Nat)"},
		{"its group filters what it is to forward", edits(natInstance), "198.18.4.4:80", "blocked ENI_SG_RULES_MISMATCH(sg-nat)"},
		{"and what it forwards", edits(natInstance, natGroup(rules(everything(anywhere)), rules(tcp(443, from("10.0.0.0/8"))))), "internet", "blocked ENI_SG_RULES_MISMATCH(sg-nat)"},
		{"it needs a public IP", edits(natInstance, onNat(func(in *cloud.Instance) { in.PublicIP = netip.Addr{} })), "internet", "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(Nat)"},
		{"and a way to the internet", edits(natInstance, func(s *cloud.Spec) { s.RouteTables[0].Routes = nil }), "internet", "blocked NO_ROUTE_TO_DESTINATION(rtb-public)"},
		{"its subnet's network ACL filters too", edits(natInstance, acl("subnet-public", nil, []cloud.ACLEntry{entry(1, true, netset.PortRange{Lo: 1024, Hi: 65535}, "0.0.0.0/0")})), "internet",
			"blocked SUBNET_ACL_RESTRICTION(acl-subnet-public) <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"whether it forwards at all is in no template", edits(natInstance, func(s *cloud.Spec) { s.NATInstances = nil }), "internet",
			"unknown ?whether Nat forwards, and as a NAT instance, is not stated (facts.nat-instances in bailey.yaml)"},
		{"what blocks before that is known all the same", edits(natInstance, natGroup(nil, nil), func(s *cloud.Spec) { s.NATInstances = nil }), "internet", "blocked SG_HAS_NO_RULES(sg-nat) ?whether Nat forwards, and as a NAT instance, is not stated (facts.nat-instances in bailey.yaml)"},
		{"two that lead to each other go in a circle", edits(natInstance, func(s *cloud.Spec) {
			s.RouteTables[0].Routes[0].Target = cloud.ToInterface{Instance: "i-Nat"}
			s.SecurityGroups[2].Ingress = rules(everything(anywhere))
		}), "internet", "blocked ROUTING_LOOP(198.18.113.97)"},
		{"an instance that nothing describes is not known", edits(privateRoute("0.0.0.0/0", cloud.ToInterface{Instance: "i-other"})), "internet",
			"unknown ?nothing in vpc-a is described that has the ID i-other"},

		// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
		{"a route may lead to a network interface", edits(natInstance, eni("i-Box"), stated("Box")), "internet", "reachable"},
		{"of which its own name may be stated", edits(natInstance, eni(""), stated("Card")), "internet", "reachable"},
		{"what is attached to it may be stated nowhere", edits(natInstance, eni("")), "internet",
			"unknown ?what network interface Card is attached to is not stated ?whether Card forwards, and as a NAT instance, is not stated (facts.nat-instances in bailey.yaml)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
		{"a reply that a route sends to a middlebox may be lost", edits(natInstance, func(s *cloud.Spec) {
			s.RouteTables[0].Routes = append(s.RouteTables[0].Routes, route("10.0.2.0/24", cloud.ToInterface{Instance: "i-Nat"}))
		}), "Box:80", "unknown ?rtb-public sends the reply to network interface Nat, which may forward it or not"},
		{"to a NAT gateway it is", edits(nat("subnet-public", true), func(s *cloud.Spec) {
			s.RouteTables[0].Routes = append(s.RouteTables[0].Routes, route("10.0.2.0/24", cloud.ToNATGateway{ID: "nat-a"}))
		}), "Box:80", "blocked <NO_ROUTE_TO_DESTINATION(rtb-public)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
		{"a route table of the internet gateway's own leaves open what comes in", edits(nat("subnet-public", true), func(s *cloud.Spec) {
			s.InternetGateways[0].Edge = "EdgeTable"
		}), "internet", "unknown ?where EdgeTable, a route table of IGW, sends what comes in is not modelled"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), "F", c.to); got != c.want {
				t.Errorf("F -> %s\n got %s\nwant %s", c.to, got, c.want)
			}
		})
	}
}

// What is stated of instances that nothing describes is a mistake.
func TestANATInstanceMustBeDescribed(t *testing.T) {
	s := base()
	s.NATInstances = []cloud.NATInstance{{Name: "Nta", At: at(30)}}
	if _, diags := cloud.New(s); !diags.HasErrors() {
		t.Error("nothing was reported")
	}
}
