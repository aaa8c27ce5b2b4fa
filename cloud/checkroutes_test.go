package cloud

import (
	"net/netip"
	"strings"
	"testing"

	"bailey/source"
)

// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func TestRoutesThatAWSRefuses(t *testing.T) {
	nat, igw := ToNATGateway{"nat-a"}, ToInternetGateway{"igw-a"}
	for _, c := range []struct {
		what   string
		routes []Route
		want   string
	}{
		{"two to one block", []Route{to("0.0.0.0/0", nat), to("0.0.0.0/0", igw)}, "MODEL_DUPLICATE_ROUTE"},
		{"one static, one propagated", []Route{to("192.168.0.0/16", nat), {Dest: to("192.168.0.0/16", nat).Dest, Target: ToVPNGateway{"vgw-a"}, Propagated: true}}, ""},
		{"two lists", []Route{{Dest: PrefixListDest{"pl-a"}, Target: nat}, {Dest: PrefixListDest{"pl-a"}, Target: igw}}, "MODEL_DUPLICATE_ROUTE"},
		{"IPv4 and IPv6", []Route{to("0.0.0.0/0", nat), to("::/0", nat)}, ""},
		{"what AWS keeps", []Route{to("169.254.168.0/24", nat)}, "MODEL_ROUTE_REFUSED"},
		{"what AWS keeps of IPv6", []Route{to("fd00:ec2::254/128", nat)}, "MODEL_ROUTE_REFUSED"},
		{"more than what AWS keeps", []Route{to("169.254.0.0/16", nat)}, ""},
		{"a whole subnet by a middlebox", []Route{to("10.0.1.0/24", nat)}, ""},
		{"part of a subnet", []Route{to("10.0.1.0/25", nat)}, "MODEL_ROUTE_REFUSED"},
		{"a whole subnet by an internet gateway", []Route{to("10.0.1.0/24", igw)}, "MODEL_ROUTE_REFUSED"},
		{"a whole subnet by a transit gateway", []Route{to("10.0.1.0/24", ToTransitGateway{"tgw-a"})}, "MODEL_ROUTE_REFUSED"},
		{"the local route with another target", []Route{to("10.0.0.0/16", nat)}, ""},
		{"less than local", []Route{to("10.0.0.0/8", igw)}, ""},
		{"a target that is left open", []Route{to("10.0.1.0/25", ToUnknown{})}, ""},
	} {
		s := Spec{Stack: "t", Region: "us-west-2",
			VPCs:        []VPC{{ID: "vpc-a", CIDRs: Known(prefixes(netip.MustParsePrefix("10.0.0.0/16")))}},
			Subnets:     []Subnet{{ID: "subnet-a", VPC: "vpc-a", CIDR: Known(netip.MustParsePrefix("10.0.1.0/24"))}},
			RouteTables: []RouteTable{{ID: "rtb-a", VPC: "vpc-a", Routes: c.routes}}}
		_, diags := New(s)
		if c.want == "" && len(diags) > 0 || c.want != "" && (!diags.HasErrors() || !strings.Contains(diags.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.what, diags, c.want)
		}
	}
}

func to(dest string, target RouteTarget) Route {
	return Route{Meta: Meta{Name: "route " + dest, At: source.Span{File: "t.yaml", Line: 1}}, Dest: PrefixDest{netip.MustParsePrefix(dest)}, Target: target}
}

// Which lists AWS keeps, and what is known of them.
// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
func TestPrefixListsThatAWSKeeps(t *testing.T) {
	for _, c := range []struct {
		name         string
		ok           bool
		known        int
		mayBePrivate bool
	}{
		{"com.amazonaws.us-west-2.s3", true, 1, false},
		{"com.amazonaws.us-west-2.dynamodb", true, 1, false},
		{"com.amazonaws.global.cloudfront.origin-facing", true, 0, false},
		{"com.amazonaws.us-west-2.vpc-lattice", true, 0, true},
		{"com.amazonaws.eu-west-1.s3", false, 0, false},
		{"offices", false, 0, false},
	} {
		pl, ok := NamedPrefixList("pl-1", c.name, "us-west-2", source.Span{})
		if ok != c.ok || len(pl.Prefixes) != c.known || pl.May(false) != c.mayBePrivate || ok && pl.May(true) != (c.known == 0) {
			t.Errorf("%s: %v %+v", c.name, ok, pl)
		}
	}
}
