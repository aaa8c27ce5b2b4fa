package path

import (
	"net/netip"
	"testing"

	"bailey/cloud"
)

func publicAccessMode(m string) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.PublicAccess = cloud.PublicAccess{Meta: meta("BPA", 40), Mode: cloud.Known(m)} }
}

// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func TestBlockPublicAccess(t *testing.T) {
	except := func(e cloud.PublicAccessExclusion) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			e.Meta = meta("Except", 41)
			s.PublicAccessExclusions = append(s.PublicAccessExclusions, e)
		}
	}
	public := func(s *cloud.Spec) {
		nat("subnet-public", true)(s)
		s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1")
		ingressOfBox(tcp(80, anywhere))(s)
	}
	for _, c := range []struct {
		what           string
		with           []func(*cloud.Spec)
		nat, out, into string // F by the NAT gateway, Box by its public IP, from the internet to Box
	}{
		{"off", []func(*cloud.Spec){publicAccessMode("off")}, "reachable", "reachable", "reachable"},
		{"both ways", []func(*cloud.Spec){publicAccessMode("block-bidirectional")}, "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)"},
		{"what comes in: NAT gateways may go out", []func(*cloud.Spec){publicAccessMode("block-ingress")}, "reachable", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)"},
		{"a VPC may be excepted", []func(*cloud.Spec){publicAccessMode("block-bidirectional"), except(cloud.PublicAccessExclusion{VPC: "vpc-a", Mode: "allow-bidirectional"})}, "reachable", "reachable", "reachable"},
		{"another VPC is no matter", []func(*cloud.Spec){publicAccessMode("block-ingress"), except(cloud.PublicAccessExclusion{VPC: "vpc-z", Mode: "allow-bidirectional"})}, "reachable", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)"},
		{"other exceptions are not modelled", []func(*cloud.Spec){publicAccessMode("block-bidirectional"), except(cloud.PublicAccessExclusion{Subnet: "subnet-public", Mode: "allow-egress"})},
			"unknown ?what the exclusion Except from Block Public Access lets through is not modelled", "unknown ?what the exclusion Except from Block Public Access lets through is not modelled", "unknown ?what the exclusion Except from Block Public Access lets through is not modelled"},
	} {
		m := change(t, append([]func(*cloud.Spec){public}, c.with...)...)
		for _, q := range []struct{ from, to, want string }{{"F", "internet", c.nat}, {"Box", "internet", c.out}, {"internet", "Box:80", c.into}} {
			if got := why(t, m, q.from, q.to); got != q.want {
				t.Errorf("%s: %s -> %s\n got %s\nwant %s", c.what, q.from, q.to, got, q.want)
			}
		}
	}
}
