package reach

import (
	"cmp"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A block is an IPv4 prefix. As a zone it stands for the addresses of which it
// is the longest prefix that the model speaks of: a route, a rule, an entry, a
// VPC. Everything that the network decides by address it decides by such
// prefixes, so the addresses of a zone are alike to all of it; and what was
// decided for a zone once stays true in every model, since only prefixes that
// contain the zone can have decided it.
type block struct {
	base netset.IPv4
	bits uint8
}

// noBlock is in no block: the zone of an address that is not there.
var noBlock = block{0, 33}

func blockOf(p netip.Prefix) (block, bool) {
	base, ok := netset.IPv4Of(p.Masked().Addr())
	return block{base, uint8(p.Bits())}, ok
}

func hostBlock(a netip.Addr) block {
	base, ok := netset.IPv4Of(a)
	if !ok {
		return noBlock
	}
	return block{base, 32}
}

// contains reports whether every address of zone z is in b.
func (b block) contains(z block) bool {
	return b.bits <= z.bits && z.bits <= 32 && z.base>>(32-b.bits) == b.base>>(32-b.bits)
}

func (b block) addrs() netset.AddrRange {
	return netset.AddrRange{Lo: b.base, Hi: b.base | netset.IPv4(uint64(1)<<(32-b.bits)-1)}
}

// covers reports whether a prefix of any family contains zone z.
func covers(p netip.Prefix, z block) bool {
	b, ok := blockOf(p)
	return ok && b.contains(z)
}

func blocks(texts ...string) []block {
	var out []block
	for _, s := range texts {
		b, _ := blockOf(netip.MustParsePrefix(s))
		out = append(out, b)
	}
	return out
}

// What an internet gateway tells apart: RFC 1918, RFC 6598, and what else is
// routed nowhere.
// https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
var (
	everywhere = block{0, 0}
	private    = blocks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
	unrouted   = blocks("100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/4", "0.0.0.0/32", "255.255.255.255/32")
	linkLocal  = hostBlock(netip.MustParseAddr("169.254.169.253")) // the VPC's resolver
)

func within(list []block, z block) bool {
	return slices.ContainsFunc(list, func(b block) bool { return b.contains(z) })
}

// isPublic reports whether a zone's addresses are routed on the internet.
func (b block) isPublic() bool { return b.bits <= 32 && !within(private, b) && !within(unrouted, b) }

// An atlas is all blocks of a model.
type atlas struct {
	zones   []block // sorted: a block before those within it
	index   map[block]int
	lengths []uint8 // of the blocks, the longest first
}

func newAtlas(list []block) *atlas {
	slices.SortFunc(list, func(a, b block) int { return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.bits, b.bits)) })
	a := &atlas{zones: slices.Compact(list), index: map[block]int{}}
	var has [33]bool
	for i, b := range a.zones {
		a.index[b], has[b.bits] = i, true
	}
	for bits := 32; bits >= 0; bits-- {
		if has[bits] {
			a.lengths = append(a.lengths, uint8(bits))
		}
	}
	return a
}

// zone is the zone of an address.
func (a *atlas) zone(ip netip.Addr) block {
	addr, ok := netset.IPv4Of(ip)
	if !ok {
		return noBlock
	}
	for _, bits := range a.lengths {
		b := block{addr &^ netset.IPv4(uint64(1)<<(32-bits)-1), bits}
		if _, ok := a.index[b]; ok {
			return b
		}
	}
	return everywhere
}

// addrs are the addresses of each zone: its block without those within it.
func (a *atlas) addrs() []netset.Addrs {
	holes := make([][]netset.AddrRange, len(a.zones))
	var open []int // the blocks around the present one
	for i, b := range a.zones {
		for len(open) > 0 && !a.zones[open[len(open)-1]].contains(b) {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			up := open[len(open)-1]
			holes[up] = append(holes[up], b.addrs())
		}
		open = append(open, i)
	}
	out := make([]netset.Addrs, len(a.zones))
	for i, b := range a.zones {
		out[i] = netset.AddrsOf(b.addrs()).Minus(netset.AddrsOf(holes[i]...))
	}
	return out
}

// mentioned are all blocks that a model speaks of, and those that the rules of
// the network themselves do.
func mentioned(m *cloud.Model) []block {
	out := slices.Concat([]block{everywhere, linkLocal}, private, unrouted)
	add := func(p netip.Prefix) {
		if b, ok := blockOf(p); ok && p.IsValid() {
			out = append(out, b)
		}
	}
	for v := range m.VPCs() {
		cidrs, _ := v.CIDRs.Get()
		for _, c := range cidrs {
			add(c)
		}
		if r, ok := v.Resolver(); ok {
			out = append(out, hostBlock(r))
		}
	}
	for s := range m.Subnets() {
		add(s.CIDR.Or(netip.Prefix{}))
	}
	mentionedByFilters(m, add)
	mentionedOutside(m, add)
	for t := range m.RouteTables() {
		for _, r := range t.Routes {
			switch d := r.Dest.(type) {
			case cloud.PrefixDest:
				add(d.Prefix)
			case cloud.PrefixListDest:
				addList(m, d.ID, add)
			}
		}
	}
	return out
}

func mentionedByFilters(m *cloud.Model, add func(netip.Prefix)) {
	for g := range m.SecurityGroups() {
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			switch p := r.Peer.(type) {
			case cloud.PeerCIDR:
				add(p.Prefix)
			case cloud.PeerPrefixList:
				addList(m, p.ID, add)
			}
		}
	}
	for a := range m.NetworkACLs() {
		for _, e := range slices.Concat(a.Ingress, a.Egress) {
			add(e.CIDR.Or(netip.Prefix{}))
		}
	}
}

func addList(m *cloud.Model, id cloud.PrefixListID, add func(netip.Prefix)) {
	pl, _ := m.PrefixList(id)
	for _, p := range pl.Prefixes {
		add(p)
	}
}

// mentionedOutside adds the blocks of transit gateways' routes and of what is
// stated to be outside of AWS.
func mentionedOutside(m *cloud.Model, add func(netip.Prefix)) {
	for t := range m.TransitGatewayRouteTables() {
		for _, r := range t.Routes {
			add(r.Dest.Or(netip.Prefix{}))
		}
	}
	for g := range m.VPNGateways() {
		for _, p := range m.OnPremisesBehind(string(g.ID)) {
			add(p)
		}
	}
	for a := range m.TransitGatewayAttachments() {
		for _, p := range m.OnPremisesBehind(string(a.ID)) {
			add(p)
		}
	}
}
