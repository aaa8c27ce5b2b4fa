package reach

import (
	"encoding/binary"
	"fmt"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A groupSet is a set of security groups by number, as bits.
type groupSet []uint64

func (s groupSet) has(g int) bool { return g/64 < len(s) && s[g/64]>>(g%64)&1 == 1 }

// noGroups is the number of the empty set.
const noGroups = 0

func (p *proofs) group(id cloud.SecurityGroupID) int {
	n, ok := p.groupOf[id]
	if !ok {
		n = len(p.groupOf)
		p.groupOf[id] = n
	}
	return n
}

// setID gives the number of a set of groups.
func (p *proofs) setID(groups []cloud.SecurityGroupID) int {
	var s groupSet
	for _, g := range groups {
		n := p.group(g)
		for n/64 >= len(s) {
			s = append(s, 0)
		}
		s[n/64] |= 1 << (n % 64)
	}
	var key []byte
	for _, w := range s {
		key = binary.BigEndian.AppendUint64(key, w)
	}
	id, ok := p.setOf[string(key)]
	if !ok {
		id = len(p.sets)
		p.sets, p.setOf[string(key)] = append(p.sets, s), id
	}
	return id
}

// A side is the rules of all groups of an interface in one direction, summed.
// open marks an interface without groups, which nothing filters.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
type side struct {
	open  bool
	rules []sideRule
	fates map[string]fateID // by the rules that speak of a peer
	mask  []byte
}

type sideRule struct {
	traffic netset.Traffic
	blocks  []block
	group   int // -1: by address
	gap     *cloud.Gap
	public  bool // the gap is about addresses of the internet only
}

// sideOf gives the side of a set of groups; equal rules are one side, whatever
// the groups are called.
func (p *proofs) sideOf(m *cloud.Model, groups []cloud.SecurityGroupID, egress bool) *side {
	s := &side{open: len(groups) == 0, fates: map[string]fateID{}}
	key := fmt.Appendf(nil, "%t", s.open)
	for _, id := range groups {
		g, _ := m.SecurityGroup(id)
		rules := g.Ingress
		if egress {
			rules = g.Egress
		}
		for _, r := range rules {
			rule := p.sideRule(m, r)
			s.rules = append(s.rules, rule)
			key = fmt.Appendf(rule.traffic.AppendKey(key), "%v%d", rule.blocks, rule.group)
			if rule.gap != nil {
				key = fmt.Appendf(key, "?%d%t", p.gap(*rule.gap), rule.public)
			}
		}
	}
	if known, ok := p.sides[string(key)]; ok {
		return known
	}
	p.sides[string(key)] = s
	return s
}

func (p *proofs) sideRule(m *cloud.Model, r cloud.Rule) sideRule {
	out := sideRule{traffic: spokenTraffic(r.Proto, r.Ports, false), group: -1}
	switch peer := r.Peer.(type) {
	case cloud.PeerCIDR:
		if b, ok := blockOf(peer.Prefix); ok {
			out.blocks = []block{b}
		}
	case cloud.PeerGroup:
		out.group = p.group(peer.ID)
	case cloud.PeerPrefixList:
		pl, ok := m.PrefixList(peer.ID)
		if !ok {
			out.gap = &cloud.Gap{Because: fmt.Sprintf("nothing here describes prefix list %s", peer.ID)}
		} else if pl.Open != nil {
			out.gap, out.public = pl.Open, pl.Public
		}
		for _, prefix := range pl.Prefixes {
			if b, ok := blockOf(prefix); ok {
				out.blocks = append(out.blocks, b)
			}
		}
	case cloud.PeerUnknown:
		out.gap = &peer.Gap
	}
	return out
}

// spokenTraffic is the flows that a rule or an entry speaks of. An entry speaks
// of the packet it sees, which on the way back goes to the flow's source port,
// or is an echo reply. For ICMP, ports are type and code.
func spokenTraffic(p netset.Protocol, ports netset.PortRange, reply bool) netset.Traffic {
	dst, src := ports, netset.AllPorts
	if reply {
		dst, src = src, dst
	}
	switch {
	case p.HasPorts():
		return netset.Match(p, dst, src)
	case (p == netset.ICMP || p == netset.ICMPv6) && ports != netset.AllPorts:
		echo := echoType(p, reply)
		if ports.Lo != echo || ports.Hi != 0 && ports.Hi != 65535 {
			return netset.Traffic{}
		}
	}
	return netset.Match(p, netset.AllPorts, netset.AllPorts)
}

// gate is what a side does with flows whose peer is in a zone and in some
// groups, or in nobody knows which: a rule is for the peer's address, or for a
// group the peer is in.
func (p *proofs) gate(s *side, zone block, set, open int) fateID {
	if s.open {
		return passes
	}
	p.work++
	groups := p.sets[set]
	mask := s.mask[:0]
	for i, r := range s.rules { // two bits a rule: it is meant, it may be
		if i%4 == 0 {
			mask = append(mask, 0)
		}
		if r.group >= 0 && groups.has(r.group) || r.group < 0 && within(r.blocks, zone) {
			mask[i/4] |= 1 << (2 * (i % 4))
		} else if r.gap != nil && (!r.public || zone.isPublic()) {
			mask[i/4] |= 2 << (2 * (i % 4))
		}
	}
	if open > 0 {
		mask = binary.BigEndian.AppendUint32(mask, uint32(open))
	}
	s.mask = mask
	id, ok := s.fates[string(mask)]
	if !ok {
		id = p.sumOf(s, mask, open)
		s.fates[string(mask)] = id
	}
	return id
}

// sumOf adds up the rules of a mask, and those that may be meant too.
func (p *proofs) sumOf(s *side, mask []byte, openGroups int) fateID {
	var open netset.Traffic
	var doubts []doubt
	for i, r := range s.rules {
		switch mask[i/4] >> (2 * (i % 4)) & 3 {
		case 1:
			open = open.Union(r.traffic)
		case 2:
			doubts = append(doubts, doubt{p.gap(*r.gap), r.traffic})
		case 0:
			if r.group >= 0 && openGroups > 0 {
				doubts = append(doubts, doubt{openGroups - 1, r.traffic})
			}
		}
	}
	return p.intern(open, doubts)
}

// An aclKey is one question to a network ACL: its entries of one direction, as
// text, about flows whose far end is in a zone.
type aclKey struct {
	entries string
	reply   bool
	zone    block
}

// An acl is the entries of a network ACL, ready to be asked. The zero acl is
// none, which lets everything pass.
type acl struct {
	in, out       []cloud.ACLEntry
	inKey, outKey string
}

func newACL(a cloud.NetworkACL) acl {
	return acl{a.Ingress, a.Egress, "i" + entriesText(a.Ingress), "e" + entriesText(a.Egress)}
}

// entriesText says all that the entries decide by, in their order.
func entriesText(entries []cloud.ACLEntry) string {
	var key []byte
	for _, e := range entries {
		key = fmt.Appendf(key, "%t%d %v", e.Allow, e.Proto, e.Ports)
		if gap, open := e.CIDR.Gap(); open {
			key = fmt.Appendf(key, "?%q%v;", gap.Because, gap.At)
			continue
		}
		cidr, _ := e.CIDR.Get()
		key = fmt.Appendf(key, "%v;", cidr)
	}
	return string(key)
}

// enters and leaves ask about packets that come into or go out of the subnet,
// the flow's own or its replies, with the other end in a zone.
func (p *proofs) enters(a acl, far block, reply bool) fateID { return p.ask(a.in, a.inKey, far, reply) }
func (p *proofs) leaves(a acl, far block, reply bool) fateID {
	return p.ask(a.out, a.outKey, far, reply)
}

func (p *proofs) ask(entries []cloud.ACLEntry, text string, far block, reply bool) fateID {
	if text == "" {
		return passes
	}
	key := aclKey{text, reply, far}
	id, ok := p.aclFates[key]
	if !ok {
		p.work++
		id = p.firstMatch(entries, far, reply)
		p.aclFates[key] = id
	}
	return id
}

// firstMatch lets each entry decide what those before it left: in the order of
// their numbers the first that matches decides, the rest is denied. An entry
// whose block is not known matters where it would decide otherwise.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (p *proofs) firstMatch(entries []cloud.ACLEntry, far block, reply bool) fateID {
	left := netset.AllTraffic()
	var open netset.Traffic
	var doubts, mayAllow, mayDeny []doubt
	for _, e := range entries {
		cidr, known := e.CIDR.Get()
		if known && !covers(cidr, far) {
			continue
		}
		match := left.Intersect(spokenTraffic(e.Proto, e.Ports, reply))
		gap, _ := e.CIDR.Gap()
		switch {
		case !known && e.Allow:
			mayAllow = append(mayAllow, doubt{p.gap(gap), match})
			continue
		case !known:
			mayDeny = append(mayDeny, doubt{p.gap(gap), match})
			continue
		case e.Allow:
			doubts = append(doubts, of(match, mayDeny)...)
			sure := match
			for _, d := range mayDeny {
				sure = sure.Minus(d.in)
			}
			open = open.Union(sure)
		default:
			doubts = append(doubts, of(match, mayAllow)...)
		}
		left = left.Minus(match)
	}
	return p.intern(open, append(doubts, of(left, mayAllow)...))
}

// of is what some doubts are about within t.
func of(t netset.Traffic, doubts []doubt) []doubt {
	var out []doubt
	for _, d := range doubts {
		out = append(out, doubt{d.gap, d.in.Intersect(t)})
	}
	return out
}

// gapsOf is a list of gaps without repetitions.
func gapsOf(list []cloud.Gap) []cloud.Gap {
	var out []cloud.Gap
	for _, g := range list {
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}
