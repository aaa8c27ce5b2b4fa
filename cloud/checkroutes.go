package cloud

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/source"
)

// Addresses that AWS keeps for its own services: no route to them is taken.
// https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html
var reserved = []netip.Prefix{netip.MustParsePrefix("169.254.168.0/22"), netip.MustParsePrefix("fd00:ec2::/32")}

// checkRoutes finds routes that AWS refuses to make: two to the same block,
// those to addresses that AWS keeps, and those within the VPC's own blocks,
// but for routes to a whole subnet by way of a middlebox.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (m *Model) checkRoutes(declared []RouteTable) (diags source.Diags) {
	for _, t := range declared {
		seen := map[RouteDest]Route{}
		for _, r := range t.Routes {
			if r.Propagated {
				continue
			}
			if _, open := r.Dest.(UnknownDest); open {
				continue
			}
			if first, twice := seen[r.Dest]; twice {
				diags.Add(source.Diag{Code: "MODEL_DUPLICATE_ROUTE", At: r.At,
					Summary: fmt.Sprintf("%s and %s are routes of %s to the same destination, which AWS refuses", first.Label(), r.Label(), t.Label()),
					Hint:    "a route table has one route to a destination: remove one of them"})
				continue
			}
			seen[r.Dest] = r
			if why := m.refuses(t, r); why != "" {
				diags.Add(source.Diag{Code: "MODEL_ROUTE_REFUSED", At: r.At, Summary: fmt.Sprintf("AWS refuses %s of %s: %s", r.Label(), t.Label(), why),
					Hint: "choose another destination, or another target"})
			}
		}
	}
	return diags
}

// refuses says why AWS does not take a route; empty if it does, or if what
// decides is not known.
func (m *Model) refuses(t RouteTable, r Route) string {
	d, ok := r.Dest.(PrefixDest)
	if !ok {
		return ""
	}
	for _, p := range reserved {
		if p.Contains(d.Addr()) && p.Bits() <= d.Bits() {
			return fmt.Sprintf("%s is within %s, which it keeps for its services", d.Prefix, p)
		}
	}
	blocks := m.vpcs[t.VPC].BlocksLike(d.Addr())
	if !slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Contains(d.Addr()) && p.Bits() <= d.Bits() }) {
		return ""
	}
	switch r.Target.(type) {
	case ToInternetGateway, ToEgressOnlyGateway, ToPeering, ToEndpoint, ToTransitGateway, ToVPNGateway:
		return fmt.Sprintf("%s is within the VPC's own blocks, where routes lead to a NAT gateway, a network interface or a Gateway Load Balancer endpoint only", d.Prefix)
	case ToUnknown, ToBlackhole:
		return ""
	}
	if slices.Contains(blocks, d.Prefix) {
		return "" // the local route with another target
	}
	for _, s := range m.spec.Subnets {
		block := s.CIDR
		if d.Addr().Is6() {
			block = s.IPv6
		}
		if cidr, stated := block.Get(); s.VPC == t.VPC && (!stated || cidr == d.Prefix) {
			return ""
		}
	}
	return fmt.Sprintf("%s is within the VPC's own blocks and is not the whole block of a subnet", d.Prefix)
}
