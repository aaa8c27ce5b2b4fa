package cfn

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

func securityGroupRows() []*row {
	return []*row{
		{Type: "AWS::EC2::SecurityGroup", read: readSecurityGroup, ref: idRef("sg"),
			properties: "!GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId",
			atts: attributes{"GroupId": idRef("sg"), "Id": idRef("sg"),
				"VpcId": func(l *loader, r *resource) source.Node {
					if v := l.prop(r, "VpcId"); v.Kind != source.Null {
						return v
					}
					return l.text(string(l.defaultVPC()), r.At)
				}}},
		{Type: "AWS::EC2::SecurityGroupIngress", read: readSecurityGroupIngress, ref: idRef("sgr"), atts: attributes{"Id": idRef("sgr")},
			properties: "CidrIp CidrIpv6 Description FromPort GroupId GroupName !IpProtocol SourcePrefixListId SourceSecurityGroupId " +
				"SourceSecurityGroupName SourceSecurityGroupOwnerId ToPort"},
		{Type: "AWS::EC2::SecurityGroupEgress", read: readSecurityGroupEgress, ref: idRef("sgr"), atts: attributes{"Id": idRef("sgr")},
			properties: "CidrIp CidrIpv6 Description DestinationPrefixListId DestinationSecurityGroupId FromPort !GroupId !IpProtocol ToPort"},
	}
}

// A ruleShape says which properties name the other side of a rule.
type ruleShape struct {
	typ                 string
	group, list, byName string
	ownerOfGroup        string
}

var (
	ingressShape = ruleShape{"AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId", "SourcePrefixListId", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId"}
	egressShape  = ruleShape{"AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId", "DestinationPrefixListId", "", ""}
)

func (s ruleShape) keys() []string {
	keys := []string{"IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "Description", s.group, s.list, s.byName, s.ownerOfGroup}
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" })
}

// defaultVPC is the account's default VPC, empty where it is not stated.
func (l *loader) defaultVPC() cloud.VPCID {
	for _, v := range l.spec.VPCs {
		if v.Default {
			return v.ID
		}
	}
	return ""
}

// readSecurityGroup. Without a VpcId the group is in the default VPC. Egress
// rules stated here replace the rule that allows everything; an empty list
// states none.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
func readSecurityGroup(l *loader, r *resource) {
	o := l.object(r)
	g := cloud.SecurityGroup{Meta: r.Meta, ID: cloud.SecurityGroupID(l.id("sg", r)), VPC: cloud.VPCID(o.known("VpcId"))}
	if _, stated := o.get("VpcId"); !stated {
		if g.VPC = l.defaultVPC(); g.VPC == "" {
			l.fail("CFN_MISSING_PROPERTY", r.At, "add a VpcId, or state facts.default-vpc in bailey.yaml",
				"%s has no VpcId, so it is in the default VPC, which is not described", r.Name)
		}
	}
	g.Default = g.ID == cloud.DefaultGroupID(g.VPC)
	for _, rule := range o.children("SecurityGroupIngress", ingressShape.keys()...) {
		g.Ingress = append(g.Ingress, l.rules(rule, r, ingressShape)...)
	}
	if !l.in.Known[r.logical].NoEgress {
		g.Egress = cloud.AllowAllEgress(r.At)
	}
	if stated := o.children("SecurityGroupEgress", egressShape.keys()...); len(stated) > 0 {
		g.Egress = nil
		for _, rule := range stated {
			g.Egress = append(g.Egress, l.rules(rule, r, egressShape)...)
		}
	}
	l.spec.SecurityGroups = append(l.spec.SecurityGroups, g)
}

func readSecurityGroupIngress(l *loader, r *resource) {
	for _, i := range l.ruleTargets(r) {
		g := &l.spec.SecurityGroups[i.group]
		g.Ingress = append(slices.Clip(g.Ingress), l.rules(i.o, r, ingressShape)...)
	}
}

// readSecurityGroupEgress adds to the group's rules; the rule that allows
// everything stays if the group itself states no egress.
func readSecurityGroupEgress(l *loader, r *resource) {
	for _, i := range l.ruleTargets(r) {
		g := &l.spec.SecurityGroups[i.group]
		g.Egress = append(slices.Clip(g.Egress), l.rules(i.o, r, egressShape)...)
	}
}

// A ruleTarget is a group, by its place in the Spec, and the rule as it adds to
// it.
type ruleTarget struct {
	group int
	o     object
}

// ruleTargets finds the group that a rule of its own is for; where that is open
// it may be any. The default group of a VPC is made here with its rules, so
// that the rule adds to them.
func (l *loader) ruleTargets(r *resource) []ruleTarget {
	o := l.object(r)
	target, gap, missing := o.knownOr("GroupId")
	if missing {
		l.needed("GroupId", r.Name, gap)
		o.n = open(gap.Because, gap.At)
		var all []ruleTarget
		for i := range l.spec.SecurityGroups {
			all = append(all, ruleTarget{i, o})
		}
		return all
	}
	if o.doubt != nil {
		o.n = *o.doubt
	}
	id := cloud.SecurityGroupID(target)
	if i, ok := l.securityGroup(id); ok {
		return []ruleTarget{{i, o}}
	}
	for _, v := range l.spec.VPCs {
		if cloud.DefaultGroupID(v.ID) == id {
			l.spec.SecurityGroups = append(l.spec.SecurityGroups, defaultGroup(v))
			return []ruleTarget{{len(l.spec.SecurityGroups) - 1, o}}
		}
	}
	l.notDescribed(r, "security group", target)
	return nil
}

// securityGroup finds a security group of the Spec.
func (l *loader) securityGroup(id cloud.SecurityGroupID) (int, bool) {
	return find(&l.index.groups, l.spec.SecurityGroups, string(id), func(g *cloud.SecurityGroup) string { return string(g.ID) })
}

// defaultGroup is what AWS makes with a VPC: everything from the group itself
// in, everything out.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
func defaultGroup(v cloud.VPC) cloud.SecurityGroup {
	m := cloud.Meta{Name: v.Name + " default security group", Type: "AWS::EC2::SecurityGroup", At: v.At}
	gid := cloud.DefaultGroupID(v.ID)
	return cloud.SecurityGroup{Meta: m, ID: gid, VPC: v.ID, Default: true, Egress: cloud.AllowAllEgress(v.At), Ingress: []cloud.Rule{
		{Meta: m, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerGroup{ID: gid}}}}
}

// rules reads one rule, nothing where it is in error.
func (l *loader) rules(o object, r *resource, shape ruleShape) []cloud.Rule {
	m := cloud.Meta{Name: r.Name, Type: shape.typ, At: o.at}
	if o.n.Kind == source.Unknown {
		return []cloud.Rule{{Meta: m, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerUnknown{Gap: gap(o.n)}}}
	}
	rule := cloud.Rule{Meta: m}
	var missing []cloud.Gap
	rule.Proto, rule.Ports, missing = l.traffic(o)
	keys := []string{"CidrIp", "CidrIpv6", shape.group, shape.list}
	if shape.byName != "" {
		keys = append(keys, shape.byName)
	}
	key, v, ok := o.one(r, "peer in a rule", keys...)
	if !ok {
		return nil
	}
	if rule.Peer, ok = l.peer(o, key, v, shape); !ok {
		return nil
	}
	if len(missing) > 0 {
		rule.Peer = cloud.PeerUnknown{Gap: missing[0]}
	}
	return []cloud.Rule{rule}
}

// peer reads the other side of a rule.
func (l *loader) peer(o object, key string, v source.Node, shape ruleShape) (cloud.Peer, bool) {
	if v.Kind == source.Unknown {
		return cloud.PeerUnknown{Gap: gap(v)}, true
	}
	switch key {
	case shape.group:
		return cloud.PeerGroup{ID: cloud.SecurityGroupID(v.Text)}, true
	case shape.list:
		return cloud.PeerPrefixList{ID: cloud.PrefixListID(v.Text)}, true
	case shape.byName:
		return cloud.PeerUnknown{Gap: cloud.Gap{Because: "a rule names its source group by name (" + v.Text + ") and not by ID", At: v.At}}, true
	}
	p, known := o.cidr(key, cloud.Known(netip.Prefix{})).Get()
	if known && p.Addr().Is4() != (key == "CidrIp") {
		o.bad(key, v, fmt.Sprintf("%s is of the other address family", p))
		return nil, false
	}
	return cloud.PeerCIDR{Prefix: p}, known
}

// traffic reads protocol and ports. Protocols other than TCP, UDP and ICMP
// allow all their packets whatever ports are stated.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func (l *loader) traffic(o object) (netset.Protocol, netset.PortRange, []cloud.Gap) {
	proto := valueOf(o, "IpProtocol", "a protocol", cloud.Known(netset.AnyProtocol), func(n source.Node) (netset.Protocol, error) { return netset.ParseProtocol(n.Text) })
	if _, ok := o.get("IpProtocol"); !ok {
		l.fail("CFN_MISSING_PROPERTY", o.at, "add IpProtocol, -1 for all traffic", "a rule of %s has no IpProtocol", o.of)
	}
	ports, missing := o.ports("FromPort", "ToPort", proto.Or(netset.AnyProtocol))
	if g, ok := proto.Gap(); ok {
		return netset.AnyProtocol, netset.AllPorts, append(missing, g)
	}
	return proto.Or(netset.AnyProtocol), ports, missing
}

// ports reads a range of ports, or type and code of ICMP, where -1 is all.
func (o object) ports(from, to string, proto netset.Protocol) (netset.PortRange, []cloud.Gap) {
	lo, hi := o.number(from, -1, -1, 65535), o.number(to, -1, -1, 65535)
	var missing []cloud.Gap
	for _, v := range []cloud.Value[int]{lo, hi} {
		if g, ok := v.Gap(); ok {
			missing = append(missing, g)
		}
	}
	a, b := lo.Or(-1), hi.Or(-1)
	icmp := proto == netset.ICMP || proto == netset.ICMPv6
	switch {
	case len(missing) > 0, a < 0, !icmp && !proto.HasPorts():
		return netset.AllPorts, missing
	case b < 0:
		b = 65535 // every code of that type; of ports, every one from there
	}
	if n, ok := o.get(to); ok && !icmp && a > b {
		o.bad(to, n, fmt.Sprintf("the range %d to %d is empty", a, b))
	}
	return netset.PortRange{Lo: uint16(a), Hi: uint16(b)}, missing
}
