package path

import (
	"testing"

	"bailey/cloud"
)

// What AWS runs in subnets has IPv6 addresses where its owner asks for them.
func TestDualStackDatabasesAndLoadBalancers(t *testing.T) {
	families := func(f cloud.Families) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			for i := range s.Stores {
				s.Stores[i].Addresses = f
			}
			for i := range s.LoadBalancers {
				s.LoadBalancers[i].Addresses = f
			}
		}
	}
	only6 := func(port uint16) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			for i := range s.SecurityGroups {
				s.SecurityGroups[i].Ingress = rules(tcp(port, anywhere6))
				s.SecurityGroups[i].Egress = rules(everything(anywhere), everything(anywhere6))
			}
		}
	}
	noPublic4 := func(s *cloud.Spec) { s.LoadBalancers[0].NoPublic4 = true }
	toBox6 := func(s *cloud.Spec) {
		s.TargetGroups[0].IPv6 = true
		s.SecurityGroups[1].Ingress = rules(tcp(80, anywhere6))
	}
	const storeIPv6 = "[2600:1f00:0:102:ffff:ffff:ffff:fffd]"
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
		{"a dual-stack database is reached over either family", edits(dual, database(false, "subnet-private"), families(cloud.DualStack), only6(5432)), "F", "DB", "reachable"},
		{"one of IPv4 alone is not", edits(dual, database(false, "subnet-private"), only6(5432)), "F", "DB", "blocked ENI_SG_RULES_MISMATCH(sg-db)"},
		{"one of IPv6 alone over that alone", edits(dual, database(false, "subnet-private"), families(cloud.IPv6Only), only6(5432)), "F", "DB", "reachable"},
		{"its subnets need IPv6 blocks", edits(database(false, "subnet-private"), families(cloud.DualStack), only6(5432)), "F", "DB", "blocked ENI_SG_RULES_MISMATCH(sg-db)"},
		{"no internet gateway leads to its IPv6 address", edits(dual, publicIPv6Route, database(false, "subnet-private"), families(cloud.DualStack), only6(5432), privateRoute("::/0", cloud.ToInternetGateway{ID: "igw-a"})),
			"internet", storeIPv6 + ":5432", "blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(DB)"},
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#ip-address-type
		{"an internet-facing dual-stack load balancer is reached over IPv6", edits(dual, publicIPv6Route, balancer(false, "Box:80"), families(cloud.DualStack), noPublic4, only6(80), toBox6), "2001:db8::7", "LB", "reachable"},
		{"an internal one is from within", edits(dual, balancer(true, "Box:80"), families(cloud.DualStack), only6(80), toBox6), "F", "LB", "reachable"},
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-ip-address-type
		{"targets of an IPv6 target group are dialled over IPv6", edits(dual, balancer(true, "Box:80"), families(cloud.DualStack), only6(80), func(s *cloud.Spec) {
			s.TargetGroups[0].IPv6, s.SecurityGroups[1].Ingress = true, rules(tcp(80, anywhere))
		}), "F", "LB", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}
