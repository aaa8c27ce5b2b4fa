package reach

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A block is a prefix. As a zone it stands for the addresses of which it is the
// longest prefix that the model speaks of: a route, a rule, an entry, a VPC.
// Everything that the network decides by address it decides by such prefixes,
// so the addresses of a zone are alike to all of it; and what was decided for a
// zone once stays true in every model, since only prefixes that contain the
// zone can have decided it.
type block struct {
	hi, lo uint64 // the first address, an IPv4 one in the upper half of hi
	bits   uint8
	v6     bool
}

// noBlock is in no block: the zone of an address that is not there.
var noBlock = block{bits: 255}

func blockOf(p netip.Prefix) (block, bool) {
	if !p.IsValid() {
		return noBlock, false
	}
	return makeBlock(p.Addr(), uint8(p.Bits())), true
}

func hostBlock(a netip.Addr) block {
	if !a.IsValid() {
		return noBlock
	}
	return makeBlock(a, uint8(a.BitLen()))
}

func makeBlock(a netip.Addr, bits uint8) block {
	b := block{bits: bits, v6: a.Is6()}
	if b.v6 {
		raw := a.As16()
		b.hi, b.lo = binary.BigEndian.Uint64(raw[:]), binary.BigEndian.Uint64(raw[8:])
	} else {
		raw := a.As4()
		b.hi = uint64(binary.BigEndian.Uint32(raw[:])) << 32
	}
	hi, lo := mask(bits)
	b.hi, b.lo = b.hi&hi, b.lo&lo
	return b
}

// mask has the given number of bits set, from the top.
func mask(bits uint8) (hi, lo uint64) {
	if bits <= 64 {
		return ^uint64(0) << (64 - bits), 0
	}
	return ^uint64(0), ^uint64(0) << (128 - bits)
}

// contains reports whether every address of zone z is in b.
func (b block) contains(z block) bool {
	hi, lo := mask(b.bits)
	return b.v6 == z.v6 && b.bits <= z.bits && z.bits <= 128 && z.hi&hi == b.hi && z.lo&lo == b.lo
}

// isHost reports whether b is one address.
func (b block) isHost() bool { return b.bits == 32 && !b.v6 || b.bits == 128 }

// first is the first address of b.
func (b block) first() netip.Addr {
	if !b.v6 {
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(b.hi>>32))))
	}
	return netip.AddrFrom16([16]byte(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, b.hi), b.lo)))
}

func (b block) addrs() netset.AddrRange {
	return netset.RangeOf(netip.PrefixFrom(b.first(), int(b.bits)))
}

// compare orders blocks: IPv4 before IPv6, one before those within it.
func (b block) compare(o block) int {
	if b.v6 != o.v6 {
		if o.v6 {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.hi, o.hi), cmp.Compare(b.lo, o.lo), cmp.Compare(b.bits, o.bits))
}

// covers reports whether a prefix contains zone z.
func covers(p netip.Prefix, z block) bool {
	b, ok := blockOf(p)
	return ok && b.contains(z)
}

// coversAny reports whether one of the prefixes of either family does.
func coversAny(z block, lists ...[]netip.Prefix) bool {
	for _, list := range lists {
		if slices.ContainsFunc(list, func(p netip.Prefix) bool { return covers(p, z) }) {
			return true
		}
	}
	return false
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
// routed nowhere; of IPv6 only global unicast is routed.
// https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
var (
	everywhere = blocks("0.0.0.0/0", "::/0")
	private    = blocks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
	unrouted   = blocks("100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/4", "0.0.0.0/32", "255.255.255.255/32")
	global     = blocks("2000::/3")
	resolvers  = []block{hostBlock(netip.MustParseAddr("169.254.169.253")), hostBlock(cloud.ResolverIPv6)} // every VPC's
)

func within(list []block, z block) bool {
	return slices.ContainsFunc(list, func(b block) bool { return b.contains(z) })
}

// isPublic reports whether a zone's addresses are routed on the internet.
func (b block) isPublic() bool {
	if b.v6 {
		return within(global, b)
	}
	return b.bits <= 32 && !within(private, b) && !within(unrouted, b)
}

// An atlas is all blocks of a model.
type atlas struct {
	zones   []block // sorted: a block before those within it
	index   map[block]int
	lengths [2][]uint8 // of the blocks of IPv4 and of IPv6, the longest first
}

func newAtlas(list []block) *atlas {
	slices.SortFunc(list, block.compare)
	a := &atlas{zones: slices.Compact(list), index: map[block]int{}}
	for i, b := range a.zones {
		a.index[b] = i
		of := &a.lengths[family(b.v6)]
		*of = append(*of, b.bits)
	}
	for i, of := range a.lengths {
		slices.SortFunc(of, func(x, y uint8) int { return cmp.Compare(y, x) })
		a.lengths[i] = slices.Compact(of)
	}
	return a
}

// family counts IPv4 as 0 and IPv6 as 1.
func family(v6 bool) int {
	if v6 {
		return 1
	}
	return 0
}

// zone is the zone of an address.
func (a *atlas) zone(ip netip.Addr) block {
	if !ip.IsValid() {
		return noBlock
	}
	host := hostBlock(ip)
	for _, bits := range a.lengths[family(host.v6)] {
		hi, lo := mask(bits)
		b := block{host.hi & hi, host.lo & lo, bits, host.v6}
		if _, ok := a.index[b]; ok {
			return b
		}
	}
	return everywhere[family(host.v6)]
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
	out := slices.Concat(everywhere, resolvers, private, unrouted, global, blocks(cloud.NAT64.String()))
	add := func(p netip.Prefix) {
		if b, ok := blockOf(p); ok && p.IsValid() {
			out = append(out, b)
		}
	}
	for v := range m.VPCs() {
		for _, c := range slices.Concat(v.CIDRs.Or(nil), v.IPv6.Or(nil)) {
			add(c)
		}
		if r, ok := v.Resolver(); ok {
			out = append(out, hostBlock(r))
		}
	}
	for s := range m.Subnets() {
		add(s.CIDR.Or(netip.Prefix{}))
		add(s.IPv6.Or(netip.Prefix{}))
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
