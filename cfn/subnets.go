package cfn

import (
	"cmp"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

// A subnetBlock is a subnet's block of one family.
type subnetBlock struct {
	cloud.Subnet
	block netip.Prefix
	at    source.Span
}

// checkSubnets reports subnets outside their VPC and subnets that overlap, in
// each family.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func (l *loader) checkSubnets() {
	vpcs := map[cloud.VPCID]cloud.VPC{}
	for _, v := range l.spec.VPCs {
		vpcs[v.ID] = v
	}
	for _, like := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		var known []subnetBlock
		for _, s := range l.spec.Subnets {
			p := s.CIDRLike(like)
			if !p.IsValid() {
				continue
			}
			b := subnetBlock{s, p, s.At}
			if like.Is4() {
				b.at = cmp.Or(l.subnetAt[s.ID], s.At)
			}
			known = append(known, b)
			l.checkWithin(b, vpcs[s.VPC], vpcs[s.VPC].BlocksLike(like))
		}
		l.checkOverlap(known)
	}
}

func (l *loader) checkWithin(b subnetBlock, v cloud.VPC, blocks []netip.Prefix) {
	if len(blocks) > 0 && !slices.ContainsFunc(blocks, func(o netip.Prefix) bool { return o.Bits() <= b.block.Bits() && o.Contains(b.block.Addr()) }) {
		l.fail("CFN_BAD_VALUE", b.at, "choose a range within the VPC's", "subnet %s has %s, outside %s of VPC %s", b.Name, b.block, blocks[0], v.Name)
	}
}

// checkOverlap. Blocks are nested or apart: in the order of their first
// addresses, one that overlaps an earlier one lies within the widest one before
// it.
func (l *loader) checkOverlap(known []subnetBlock) {
	slices.SortStableFunc(known, func(a, b subnetBlock) int {
		return cmp.Or(cmp.Compare(a.VPC, b.VPC), a.block.Addr().Compare(b.block.Addr()), cmp.Compare(a.block.Bits(), b.block.Bits()))
	})
	for i := 1; i < len(known); i++ {
		a, b := known[i-1], known[i]
		if a.VPC == b.VPC && a.block.Overlaps(b.block) {
			l.fail("CFN_OVERLAP", b.at, "give each subnet a range of its own", "subnet %s (%s) overlaps subnet %s (%s)", b.Name, b.block, a.Name, a.block)
			known[i] = a
		}
	}
}
