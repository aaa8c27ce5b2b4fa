package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// way is the side of a filter: what enters, or what leaves.
type way bool

const (
	ingress way = false
	egress  way = true
)

func (d way) String() string {
	if d == egress {
		return "egress"
	}
	return "ingress"
}

// groups asks the security groups of e about a new flow with other: the rules
// of all of them are summed, replies need no rule.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
func (w *walk) groups(e cloud.ENI, dir way, other party) {
	if len(e.Groups) == 0 {
		w.hop(e.Name, "security-group", dir.String(), "skip", "%s has no security group: nothing filters here", e.Name)
		return
	}
	var names []string
	var open []cloud.Gap
	rules, first := 0, source.Span{}
	for _, id := range e.Groups {
		g, _ := w.m.SecurityGroup(id)
		names = append(names, g.Name)
		if first.IsZero() {
			first = g.At
		}
		for _, r := range rulesOf(g, dir) {
			rules++
			match, gap := w.ruleMatches(r, e, dir, other)
			if match {
				if !w.mute {
					w.hop(g.Name, "security-group", dir.String(), "allow", "%s", ruleText{w.m, r, dir})
				}
				return
			}
			if gap != nil {
				open = append(open, *gap)
			}
		}
	}
	w.refusedByGroups(e, dir, other, strings.Join(names, ", "), rules, first, open)
}

func rulesOf(g cloud.SecurityGroup, dir way) []cloud.Rule {
	if dir == egress {
		return g.Egress
	}
	return g.Ingress
}

// refusedByGroups notes that no rule matched, or that one might.
func (w *walk) refusedByGroups(e cloud.ENI, dir way, other party, names string, rules int, at source.Span, open []cloud.Gap) {
	if len(open) > 0 {
		for _, gap := range open {
			w.missing(names, "security-group", dir.String(), gap)
		}
		return
	}
	what := fmt.Sprintf("%s to %s", w.service(), other.addr)
	if dir == ingress {
		what = fmt.Sprintf("%s from %s", w.service(), w.describeParty(other))
	}
	r := Reason{SGRulesMismatch, names, fmt.Sprintf("no %s rule of %s admits %s", dir, names, what), Forward, at}
	if rules == 0 {
		r.Code, r.Detail = SGHasNoRules, fmt.Sprintf("%s has no %s rule at all, so %s is refused", names, dir, what)
	}
	if p, far := w.otherRegion(e, other); far {
		r.Detail += fmt.Sprintf(" (%s leads to another region, across which rules cannot name groups)", p.Name)
	}
	if g, lost := w.lostReference(e, dir, other); lost {
		r.Code, r.Detail = SGReferencing, fmt.Sprintf("a rule of %s names group %s, but the transit gateway between does not support references to groups, so %s is refused", names, g, what)
	}
	w.block("security-group", dir.String(), r)
}

func (w *walk) describeParty(p party) string {
	if p.eni != nil {
		return fmt.Sprintf("%s (%s)", p.eni.Name, p.addr)
	}
	return p.addr.String()
}

// service is the flow's protocol and port as a person says it: tcp 443.
func (w *walk) service() string {
	if w.flow.Proto.HasPorts() {
		return fmt.Sprintf("%s %d", w.flow.Proto, w.flow.Dst.Port())
	}
	return w.flow.Proto.String()
}

// ruleMatches reports whether a group's rule admits the flow; gap is set where
// that hangs on something the template leaves open.
func (w *walk) ruleMatches(r cloud.Rule, e cloud.ENI, dir way, other party) (match bool, gap *cloud.Gap) {
	if !r.Proto.Contains(w.flow.Proto) || !portsMatch(r.Proto, r.Ports, w.flow.Proto, w.flow.Dst.Port(), Forward) {
		if open, ok := r.Peer.(cloud.PeerUnknown); ok && r.Proto == netset.AnyProtocol {
			return false, &open.Gap
		}
		return false, nil
	}
	switch p := r.Peer.(type) {
	case cloud.PeerCIDR:
		return p.Contains(other.addr), nil
	case cloud.PeerPrefixList:
		return w.inPrefixList(p.ID, other.addr)
	case cloud.PeerGroup:
		if w.inGroup(p.ID, e, dir, other) {
			return true, nil
		}
		return false, w.openGroups(e, other)
	case cloud.PeerUnknown:
		return false, &p.Gap
	}
	return false, nil
}

// portsMatch compares a rule's ports with a packet's destination port. For
// ICMP the flow is an echo request, type 8, and its reply, type 0, both code 0;
// for ICMPv6 the types are 128 and 129.
func portsMatch(rule netset.Protocol, ports netset.PortRange, p netset.Protocol, port uint16, dir Direction) bool {
	echo := uint16(8)
	switch {
	case p == netset.ICMPv6 && dir == Return:
		echo = 129
	case p == netset.ICMPv6:
		echo = 128
	case dir == Return:
		echo = 0
	}
	switch {
	case rule == netset.AnyProtocol || ports == netset.AllPorts:
		return true
	case p == netset.ICMP || p == netset.ICMPv6:
		return ports.Lo == echo && (ports.Hi == 0 || ports.Hi == 65535)
	case p.HasPorts():
		return ports.Contains(port)
	}
	return true
}

func (w *walk) inPrefixList(id cloud.PrefixListID, addr netip.Addr) (bool, *cloud.Gap) {
	pl, ok := w.m.PrefixList(id)
	if !ok {
		return false, &cloud.Gap{Because: fmt.Sprintf("nothing here describes prefix list %s", id)}
	}
	for _, p := range pl.Prefixes {
		if p.Contains(addr) {
			return true, nil
		}
	}
	if pl.May(isPublic(addr)) {
		return false, pl.Open
	}
	return false, nil
}

// inGroup reports whether a rule that names a group means other: the group's
// interfaces by their private addresses, in the same VPC or one that is peered
// with it.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
func (w *walk) inGroup(id cloud.SecurityGroupID, e cloud.ENI, dir way, other party) bool {
	if other.lost || other.outside {
		return false
	}
	if o := other.eni; o != nil {
		return o.AddrLike(other.addr) == other.addr && slices.Contains(o.Groups, id) && (o.VPC == e.VPC || w.peered(o.VPC, e.VPC) || other.kept && dir == ingress)
	}
	member := func(vpc cloud.VPCID) bool {
		o, ok := w.m.ENIAt(vpc, other.addr)
		return ok && slices.Contains(o.Groups, id)
	}
	if member(e.VPC) {
		return true
	}
	for p := range w.m.Peerings() {
		if far, ok := p.Other(e.VPC); ok && w.sharesGroups(p) && member(far) {
			return true
		}
	}
	return false
}

// lostReference finds a rule that would admit the flow if the transit gateway
// that it crossed supported references to groups.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (w *walk) lostReference(e cloud.ENI, dir way, other party) (group string, lost bool) {
	if !other.lost || other.eni == nil || dir == egress {
		return "", false
	}
	other.lost, other.kept = false, true
	for _, id := range e.Groups {
		g, _ := w.m.SecurityGroup(id)
		for _, r := range rulesOf(g, dir) {
			if p, ok := r.Peer.(cloud.PeerGroup); ok {
				if match, _ := w.ruleMatches(r, e, dir, other); match {
					named, _ := w.m.SecurityGroup(p.ID)
					return named.Name, true
				}
			}
		}
	}
	return "", false
}

// otherRegion finds the peering to another region that joins the VPCs of the two
// ends.
func (w *walk) otherRegion(e cloud.ENI, other party) (cloud.Peering, bool) {
	for p := range w.m.Peerings() {
		if far, ok := p.Other(e.VPC); ok && p.Active && w.m.InterRegion(p) && other.eni != nil && other.eni.VPC == far {
			return p, true
		}
	}
	return cloud.Peering{}, false
}

// openGroups is what is missing where the groups of the other side are not
// known: any may be among them.
func (w *walk) openGroups(e cloud.ENI, other party) *cloud.Gap {
	if other.outside || other.lost || other.eni != nil {
		return nil
	}
	for v := range w.m.VPCs() {
		o, ok := w.m.ENIAt(v.ID, other.addr)
		gap, open := o.OpenGroups()
		if ok && open && (v.ID == e.VPC || w.peered(v.ID, e.VPC)) {
			return &gap
		}
	}
	return nil
}

// peered reports whether rules of one of two VPCs may name groups of the other:
// an active peering of one region joins them. There may be others that were
// rejected or deleted.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
func (w *walk) peered(a, b cloud.VPCID) bool {
	for p := range w.m.Peerings() {
		if far, ok := p.Other(a); ok && far == b && w.sharesGroups(p) {
			return true
		}
	}
	return false
}

func (w *walk) sharesGroups(p cloud.Peering) bool { return p.Active && !w.m.InterRegion(p) }

// ruleText says what a rule allows, as a person would.
type ruleText struct {
	m   *cloud.Model
	r   cloud.Rule
	dir way
}

func (t ruleText) String() string {
	m, r, dir := t.m, t.r, t.dir
	to := "to"
	if dir == ingress {
		to = "from"
	}
	peer := "?"
	switch p := r.Peer.(type) {
	case cloud.PeerCIDR:
		peer = p.String()
	case cloud.PeerGroup:
		g, ok := m.SecurityGroup(p.ID)
		if peer = g.Name; !ok {
			peer = string(p.ID)
		}
	case cloud.PeerPrefixList:
		peer = string(p.ID)
	}
	if r.Proto == netset.AnyProtocol {
		return fmt.Sprintf("allows everything %s %s", to, peer)
	}
	return fmt.Sprintf("allows %s %s %s %s", r.Proto, r.Ports, to, peer)
}

// acl asks a subnet's network ACL about the packet of the given direction: the
// entries in the order of their numbers, the first match decides, nothing
// matched is a deny. It remembers nothing, so the reply needs its own entry on
// the port from which the flow came.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (w *walk) acl(sub cloud.Subnet, side way, dir Direction) {
	acl, ok := w.m.ACLOf(sub)
	if !ok {
		return
	}
	packet := w.flow
	if dir == Return {
		packet = packet.Reply()
	}
	entries, far := acl.Ingress, packet.Src.Addr()
	if side == egress {
		entries, far = acl.Egress, packet.Dst.Addr()
	}
	var open []cloud.ACLEntry // that may match before the one that does
	decides := cloud.ACLEntry{Meta: acl.Meta, Number: -1}
	for _, e := range entries {
		if !e.Proto.Contains(packet.Proto) || !portsMatch(e.Proto, e.Ports, packet.Proto, packet.Dst.Port(), dir) {
			continue
		}
		cidr, known := e.CIDR.Get()
		if !known {
			open = append(open, e)
		} else if cidr.Contains(far) {
			decides = e
			break
		}
	}
	matters := false
	for _, e := range open {
		if gap, _ := e.CIDR.Gap(); e.Allow != decides.Allow {
			matters = true
			w.missing(acl.Name, "network-acl", hopWay(side, dir), gap)
		}
	}
	if !matters {
		w.aclDecided(acl, decides, side, dir, packet, far)
	}
}

func (w *walk) aclDecided(acl cloud.NetworkACL, e cloud.ACLEntry, side way, dir Direction, packet netset.Flow, far netip.Addr) {
	if e.Allow && w.mute {
		return
	}
	what := packetText{side, packet}
	switch {
	case e.Allow:
		w.hop(acl.Name, "network-acl", hopWay(side, dir), "allow", "entry %d allows %s", e.Number, what)
	case e.Number < 0:
		w.block("network-acl", hopWay(side, dir), Reason{SubnetACL, acl.Name,
			fmt.Sprintf("no entry of %s allows %s (%s): %s", acl.Name, what, far, statelessNote(dir)), dir, acl.At})
	default:
		w.block("network-acl", hopWay(side, dir), Reason{SubnetACL, acl.Name,
			fmt.Sprintf("entry %d of %s denies %s (%s)", e.Number, acl.Name, what, far), dir, e.At})
	}
}

// packetText says which packet a network ACL looked at.
type packetText struct {
	side   way
	packet netset.Flow
}

func (t packetText) String() string {
	if t.packet.Proto.HasPorts() {
		return fmt.Sprintf("%s %s to port %d", t.side, t.packet.Proto, t.packet.Dst.Port())
	}
	return fmt.Sprintf("%s %s", t.side, t.packet.Proto)
}

func statelessNote(dir Direction) string {
	if dir == Return {
		return "the reply needs an entry of its own on the ephemeral port, 1024-65535 for Lambda and NAT"
	}
	return "what is not allowed is denied"
}

func hopWay(side way, dir Direction) string {
	if dir == Return {
		return "return " + side.String()
	}
	return side.String()
}
