package snapshot

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// readGroups reads security groups with their rules. Where only the rules are
// listed, the groups are those that they name.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html
func (r *reader) readGroups() {
	for _, it := range r.list("SecurityGroups") {
		g := cloud.SecurityGroup{Meta: r.meta("SecurityGroups", it), ID: cloud.SecurityGroupID(it.text("GroupId")), VPC: r.vpc(it.text("VpcId"), it.at()), Default: it.text("GroupName") == "default"}
		if g.VPC == "" {
			continue // of EC2-Classic, which is gone
		}
		if g.Default && g.Name == "default" {
			g.Name = r.vpcName(g.VPC) + " default security group"
		}
		for _, p := range it.items("IpPermissions") {
			g.Ingress = append(g.Ingress, r.permissions(g, p, "AWS::EC2::SecurityGroupIngress")...)
		}
		for _, p := range it.items("IpPermissionsEgress") {
			g.Egress = append(g.Egress, r.permissions(g, p, "AWS::EC2::SecurityGroupEgress")...)
		}
		r.spec.SecurityGroups = append(r.spec.SecurityGroups, g)
	}
	if !r.described("SecurityGroups") {
		r.groupsOfRules()
	}
}

func (r *reader) vpcName(id cloud.VPCID) string {
	for _, v := range r.spec.VPCs {
		if v.ID == id {
			return v.Name
		}
	}
	return string(id)
}

// permissions reads the rules that share a protocol and a range of ports.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func (r *reader) permissions(g cloud.SecurityGroup, p item, typ string) []cloud.Rule {
	var out []cloud.Rule
	proto, ports := r.traffic(p, p.text("IpProtocol"), "FromPort", "ToPort")
	add := func(it item, peer cloud.Peer) {
		out = append(out, cloud.Rule{Meta: cloud.Meta{Name: g.Name, Type: typ, At: it.at()}, Proto: proto, Ports: ports, Peer: peer})
	}
	for _, c := range p.items("IpRanges") {
		add(c, cloud.PeerCIDR{Prefix: c.cidr("CidrIp")})
	}
	for _, c := range p.items("Ipv6Ranges") {
		add(c, cloud.PeerCIDR{Prefix: c.cidr("CidrIpv6")})
	}
	for _, c := range p.items("PrefixListIds") {
		add(c, cloud.PeerPrefixList{ID: r.prefixList(c.text("PrefixListId"), c.at())})
	}
	for _, c := range p.items("UserIdGroupPairs") {
		if s := c.text("PeeringStatus"); s == "" || s == "active" {
			add(c, cloud.PeerGroup{ID: cloud.SecurityGroupID(c.text("GroupId"))})
		}
	}
	return slices.DeleteFunc(out, func(rule cloud.Rule) bool {
		c, is := rule.Peer.(cloud.PeerCIDR)
		return is && !c.IsValid()
	})
}

// traffic reads a protocol and its ports, of ICMP type and code; -1, as what is
// absent, is all.
func (r *reader) traffic(it item, protocol, from, to string) (netset.Protocol, netset.PortRange) {
	proto, err := netset.ParseProtocol(protocol)
	if err != nil {
		r.diags.Errorf("SNAPSHOT_BAD_VALUE", it.at(), "%v", err)
		return netset.AnyProtocol, netset.AllPorts
	}
	lo, hi := it.number(from, -1, -1, 65535), it.number(to, -1, -1, 65535)
	icmp := proto == netset.ICMP || proto == netset.ICMPv6
	switch {
	case lo < 0 || !icmp && !proto.HasPorts():
		return proto, netset.AllPorts
	case hi < 0:
		hi = 65535
	case !icmp && lo > hi:
		r.diags.Errorf("SNAPSHOT_BAD_VALUE", it.at(), "the range %d to %d is empty", lo, hi)
	}
	return proto, netset.PortRange{Lo: uint16(lo), Hi: uint16(hi)}
}

// groupsOfRules makes groups of describe-security-group-rules, where the groups
// themselves are not listed. Interfaces name their groups; of one without any
// listed rule nothing is known.
func (r *reader) groupsOfRules() {
	at := map[cloud.SecurityGroupID]int{}
	for i, g := range r.spec.SecurityGroups {
		at[g.ID] = i
	}
	rules := r.described("SecurityGroupRules")
	group := func(id cloud.SecurityGroupID, vpc cloud.VPCID, where source.Span) *cloud.SecurityGroup {
		i, ok := at[id]
		if !ok {
			i = len(r.spec.SecurityGroups)
			at[id] = i
			g := cloud.SecurityGroup{Meta: cloud.Meta{Name: string(id), Type: "AWS::EC2::SecurityGroup", At: where}, ID: id, VPC: vpc}
			if !rules {
				gap := r.missing("SecurityGroups", string(id), where)
				g.Ingress = []cloud.Rule{{Meta: g.Meta, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerUnknown{Gap: gap}}}
				g.Egress = g.Ingress
			}
			r.spec.SecurityGroups = append(r.spec.SecurityGroups, g)
		}
		return &r.spec.SecurityGroups[i]
	}
	for _, it := range r.list("NetworkInterfaces") {
		for _, id := range each[cloud.SecurityGroupID](it, "Groups", "GroupId") {
			group(id, r.vpc(it.text("VpcId"), it.at()), it.at())
		}
	}
	for _, it := range r.list("Functions") {
		vpc := it.child("VpcConfig")
		for _, id := range textsAs[cloud.SecurityGroupID](vpc, "SecurityGroupIds") {
			group(id, r.vpc(vpc.text("VpcId"), it.at()), it.at())
		}
	}
	if !rules {
		return
	}
	for _, it := range r.list("SecurityGroupRules") {
		id := cloud.SecurityGroupID(it.text("GroupId"))
		g := group(id, "", it.at())
		rule, ok := r.rule(g.Name, it)
		switch {
		case !ok:
		case it.flag("IsEgress", false):
			g.Egress = append(g.Egress, rule)
		default:
			g.Ingress = append(g.Ingress, rule)
		}
	}
}

// rule reads one of describe-security-group-rules.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
func (r *reader) rule(group string, it item) (cloud.Rule, bool) {
	out := cloud.Rule{Meta: cloud.Meta{Name: group, Type: "AWS::EC2::SecurityGroupIngress", At: it.at()}}
	if it.flag("IsEgress", false) {
		out.Type = "AWS::EC2::SecurityGroupEgress"
	}
	out.Proto, out.Ports = r.traffic(it, it.text("IpProtocol"), "FromPort", "ToPort")
	switch v4, v6, list, ref := it.cidr("CidrIpv4"), it.cidr("CidrIpv6"), it.text("PrefixListId"), it.child("ReferencedGroupInfo").text("GroupId"); {
	case v4.IsValid():
		out.Peer = cloud.PeerCIDR{Prefix: v4}
	case v6.IsValid():
		out.Peer = cloud.PeerCIDR{Prefix: v6}
	case list != "":
		out.Peer = cloud.PeerPrefixList{ID: r.prefixList(list, it.at())}
	case ref != "":
		out.Peer = cloud.PeerGroup{ID: cloud.SecurityGroupID(ref)}
	default:
		return out, false
	}
	return out, true
}

// lastEntry is the number of the entry that denies what no other matches; it is
// in every network ACL and in no model.
const lastEntry = 32767

// readACLs reads network ACLs. A subnet of the default one names none.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAcl.html
func (r *reader) readACLs() {
	for _, it := range r.list("NetworkAcls") {
		a := cloud.NetworkACL{Meta: r.meta("NetworkAcls", it), ID: cloud.NetworkACLID(it.text("NetworkAclId")), VPC: r.vpc(it.text("VpcId"), it.at()), Default: it.flag("IsDefault", false)}
		if a.Default && a.Name == string(a.ID) {
			a.Name = r.vpcName(a.VPC) + " default network ACL"
		}
		for _, e := range it.items("Entries") {
			entry, ok := r.entry(a, e)
			switch {
			case !ok:
			case e.flag("Egress", false):
				a.Egress = append(a.Egress, entry)
			default:
				a.Ingress = append(a.Ingress, entry)
			}
		}
		for _, as := range it.items("Associations") {
			r.setACL(cloud.SubnetID(as.text("SubnetId")), a)
		}
		r.spec.NetworkACLs = append(r.spec.NetworkACLs, a)
	}
	if !r.described("NetworkAcls") {
		r.openACLs()
	}
}

func (r *reader) setACL(subnet cloud.SubnetID, a cloud.NetworkACL) {
	for i, s := range r.spec.Subnets {
		if s.ID == subnet && !a.Default {
			r.spec.Subnets[i].ACL = a.ID
		}
	}
}

func (r *reader) entry(a cloud.NetworkACL, it item) (cloud.ACLEntry, bool) {
	e := cloud.ACLEntry{Meta: cloud.Meta{Name: a.Name, Type: "AWS::EC2::NetworkAclEntry", At: it.at()}, Number: it.number("RuleNumber", lastEntry, 0, 1<<20), Allow: it.text("RuleAction") == "allow"}
	if e.Number >= lastEntry {
		return e, false
	}
	ports, from, to := it.child("PortRange"), "From", "To"
	if it.has("IcmpTypeCode") {
		ports, from, to = it.child("IcmpTypeCode"), "Type", "Code"
	}
	e.Proto, e.Ports = r.traffic(ports, it.text("Protocol"), from, to)
	cidr := it.cidr("CidrBlock")
	if !cidr.IsValid() {
		cidr = it.cidr("Ipv6CidrBlock")
	}
	e.CIDR = cloud.Known(cidr)
	return e, cidr.IsValid()
}

// openACLs leaves open what every subnet's network ACL does.
func (r *reader) openACLs() {
	g := r.gap("NetworkAcls")
	r.spec.NetworkACLs = slices.DeleteFunc(r.spec.NetworkACLs, func(a cloud.NetworkACL) bool { return r.vpcs[string(a.VPC)] })
	for i := range r.spec.Subnets {
		r.spec.Subnets[i].ACL = ""
	}
	for _, v := range r.spec.VPCs {
		if !r.vpcs[string(v.ID)] {
			continue
		}
		m := cloud.Meta{Name: "the network ACLs of " + v.Name, Type: "AWS::EC2::NetworkAcl", At: g.At}
		may := cloud.ACLEntry{Meta: m, Allow: true, Proto: netset.AnyProtocol, Ports: netset.AllPorts, CIDR: cloud.Unknown[netip.Prefix](g.Because, g.At)}
		deny := may
		deny.Allow = false
		entries := []cloud.ACLEntry{may, deny}
		r.spec.NetworkACLs = append(r.spec.NetworkACLs, cloud.NetworkACL{Meta: m, ID: cloud.DefaultACLID(v.ID), VPC: v.ID, Default: true, Ingress: entries, Egress: entries})
	}
}
