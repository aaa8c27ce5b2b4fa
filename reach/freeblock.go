package reach

import (
	"net/netip"
	"slices"

	"bailey/cloud"
)

// freeBlock finds a block of the VPC, of the size of its smallest subnet, that
// no subnet uses.
func (p *proposal) freeBlock(vpc cloud.VPCID) (netip.Prefix, bool) {
	v, _ := p.m.VPC(vpc)
	cidrs, _ := v.CIDRs.Get()
	var used []netip.Prefix
	bits := 0
	for s := range p.m.Subnets() {
		if c, ok := s.CIDR.Get(); ok && s.VPC == vpc {
			used = append(used, c)
			bits = max(bits, c.Bits())
		}
	}
	for _, c := range cidrs {
		for b := netip.PrefixFrom(c.Masked().Addr(), bits); bits > 0 && c.Contains(b.Addr()); b = after(b) {
			if !slices.ContainsFunc(used, b.Overlaps) {
				return b, true
			}
		}
	}
	return netip.Prefix{}, false
}

// after is the block of the same size that follows b.
func after(b netip.Prefix) netip.Prefix {
	a := b.Addr().As4()
	n := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	n += 1 << (32 - b.Bits())
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), b.Bits())
}
