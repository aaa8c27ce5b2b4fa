package conform

import (
	"fmt"
	"net/netip"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// ports are those that flows ask for.
var ports = []uint16{443, 80, 53, 5432, 22}

// securityGroups come one to three a VPC, then their rules, which may name any
// of them.
func (b *builder) securityGroups() {
	for _, v := range b.spec.VPCs {
		for i := range 1 + roll(b.t, 3, "groups") {
			b.spec.SecurityGroups = append(b.spec.SecurityGroups, cloud.SecurityGroup{Meta: b.meta("%s-sg%d", v.Name, i),
				ID: cloud.SecurityGroupID(fmt.Sprintf("sg-%s-%d", v.Name, i)), VPC: v.ID})
		}
	}
	for i, g := range b.spec.SecurityGroups {
		b.spec.SecurityGroups[i].Ingress = b.rules(g)
		b.spec.SecurityGroups[i].Egress = b.rules(g)
		if b.easy || mostly(b.t, 60, "all egress") {
			b.spec.SecurityGroups[i].Egress = cloud.AllowAllEgress(b.meta("").At)
		}
	}
}

func (b *builder) rules(g cloud.SecurityGroup) []cloud.Rule {
	var out []cloud.Rule
	if b.easy || mostly(b.t, 40, "admits all") {
		out = append(out, cloud.Rule{Meta: b.meta("%s-all", g.Name), Proto: netset.AnyProtocol, Ports: netset.AllPorts,
			Peer: cloud.PeerCIDR{Prefix: cidr("0.0.0.0/0")}})
	}
	for range roll(b.t, 4, "rules") {
		out = append(out, b.rule(g))
	}
	return out
}

func (b *builder) rule(g cloud.SecurityGroup) cloud.Rule {
	r := cloud.Rule{Meta: b.meta("%s-rule", g.Name), Peer: b.peer(g)}
	r.Proto, r.Ports = b.traffic()
	return r
}

// traffic is a protocol with its ports, for ICMP with type and code.
func (b *builder) traffic() (netset.Protocol, netset.PortRange) {
	p := pick(b.t, "protocol", netset.AnyProtocol, netset.TCP, netset.TCP, netset.TCP, netset.UDP, netset.ICMP)
	switch p {
	case netset.AnyProtocol:
		return p, netset.AllPorts
	case netset.ICMP:
		return p, pick(b.t, "ICMP type", netset.AllPorts, netset.PortRange{Lo: 8, Hi: 0}, netset.PortRange{Lo: 0, Hi: 0}, netset.PortRange{Lo: 3, Hi: 65535})
	}
	return p, pick(b.t, "ports", netset.AllPorts, netset.Port(443), netset.Port(80), netset.PortRange{Lo: 1, Hi: 1023},
		netset.PortRange{Lo: 53, Hi: 5432}, netset.PortRange{Lo: 1024, Hi: 65535}, netset.Port(pick(b.t, "port", ports...)))
}

func (b *builder) peer(g cloud.SecurityGroup) cloud.Peer {
	if b.leftOpen("peer") {
		return cloud.PeerUnknown{Gap: b.gap("a rule's peer")}
	}
	var groups []cloud.SecurityGroupID
	for _, o := range b.spec.SecurityGroups {
		if o.VPC == g.VPC || b.peered(o.VPC, g.VPC) {
			groups = append(groups, o.ID)
		}
	}
	switch kind := roll(b.t, 10, "peer kind"); {
	case kind < 5:
		return cloud.PeerCIDR{Prefix: b.range4(g.VPC)}
	case kind < 9 || len(b.spec.PrefixLists) == 0:
		return cloud.PeerGroup{ID: pick(b.t, "peer group", append([]cloud.SecurityGroupID{g.ID, cloud.DefaultGroupID(g.VPC)}, groups...)...)}
	}
	return cloud.PeerPrefixList{ID: pick(b.t, "peer list", append(b.listIDs(), "pl-s3")...)}
}

func (b *builder) listIDs() []cloud.PrefixListID {
	var out []cloud.PrefixListID
	for _, pl := range b.spec.PrefixLists {
		out = append(out, pl.ID)
	}
	return out
}

func (b *builder) peered(x, y cloud.VPCID) bool {
	for _, p := range b.peeringsOf(x) {
		if far, _ := p.Other(x); far == y {
			return true
		}
	}
	return false
}

// range4 is a block that some packet of the model may have an address in.
func (b *builder) range4(v cloud.VPCID) netip.Prefix {
	from := []netip.Prefix{cidr("0.0.0.0/0"), cidr("0.0.0.0/0"), cidr("10.0.0.0/8"), cidr("198.18.0.0/15"), cidr("52.0.0.0/8"),
		cidr("203.0.113.0/24"), cidr("172.16.0.0/12"), cidr("::/0")}
	for _, s := range b.spec.Subnets {
		if s.VPC == v {
			from = append(from, s.CIDR.Or(from[0]))
		}
	}
	for _, x := range b.spec.VPCs {
		from = append(from, cidrsOf(x)...)
	}
	return pick(b.t, "block", from...)
}

// networkACLs come none to two a VPC; some subnets get one, some VPCs a
// default one that is stated.
func (b *builder) networkACLs() {
	for _, v := range b.spec.VPCs {
		var ids []cloud.NetworkACLID
		for i := range roll(b.t, 3, "ACLs") {
			if b.easy {
				break
			}
			a := b.networkACL(v, cloud.NetworkACLID(fmt.Sprintf("acl-%s-%d", v.Name, i)))
			ids = append(ids, a.ID)
		}
		if chance(b.t, 10, "stated default ACL") {
			b.networkACL(v, cloud.DefaultACLID(v.ID))
		}
		for i, s := range b.spec.Subnets {
			if s.VPC == v.ID && len(ids) > 0 && chance(b.t, 50, "own ACL") {
				b.spec.Subnets[i].ACL = pick(b.t, "ACL", ids...)
			}
		}
	}
}

func (b *builder) networkACL(v cloud.VPC, id cloud.NetworkACLID) cloud.NetworkACL {
	a := cloud.NetworkACL{Meta: b.meta("%s", id), ID: id, VPC: v.ID, Default: id == cloud.DefaultACLID(v.ID)}
	a.Ingress, a.Egress = b.entries(a), b.entries(a)
	b.spec.NetworkACLs = append(b.spec.NetworkACLs, a)
	return a
}

// entries are in no order; their numbers decide.
func (b *builder) entries(a cloud.NetworkACL) []cloud.ACLEntry {
	var out []cloud.ACLEntry
	if mostly(b.t, 60, "last entry allows all") {
		out = append(out, cloud.ACLEntry{Meta: b.meta("%s-all", a.Name), Number: 1000, Allow: true, Proto: netset.AnyProtocol,
			Ports: netset.AllPorts, CIDR: cloud.Known(cidr("0.0.0.0/0"))})
	}
	numbers := rapid.SliceOfNDistinct(rapid.IntRange(1, 400), 0, 3, rapid.ID[int]).Draw(b.t, "numbers")
	for _, n := range numbers {
		e := cloud.ACLEntry{Meta: b.meta("%s-%d", a.Name, n), Number: n, Allow: mostly(b.t, 65, "allow"), CIDR: cloud.Known(b.range4(a.VPC))}
		e.Proto, e.Ports = b.traffic()
		if netset.AllPorts == e.Ports && chance(b.t, 50, "ephemeral") {
			e.Proto, e.Ports = netset.TCP, pick(b.t, "ephemeral", netset.PortRange{Lo: 1024, Hi: 65535}, netset.PortRange{Lo: 32768, Hi: 61000}, netset.PortRange{Lo: 49152, Hi: 65535})
		}
		if b.leftOpen("entry") {
			e.CIDR = cloud.Unknown[netip.Prefix]("an entry's block is left open", source.Span{})
		}
		out = append(out, e)
	}
	return out
}
