package terraform

import (
	"bailey/cfn"
	"bailey/source"
)

// securityGroup has its rules within. The provider takes away the rule by which
// AWS lets everything out of a new group: what is not stated is not there.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
func securityGroup(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	known := t.known[i.logical]
	t.known[i.logical] = cfn.Identity{Name: known.Name, ID: known.ID, NoEgress: true}
	for k, b := range i.body.children("ingress") {
		t.rules(i, b, "ingress", ref(i, b.at), k)
	}
	for k, b := range i.body.children("egress") {
		t.rules(i, b, "egress", ref(i, b.at), k)
	}
}

// groupRule is a rule by itself, which may name several ranges.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule
func groupRule(t *translator, i *instance) {
	f, ok := i.body.get("security_group_id")
	if !ok {
		return
	}
	direction, known := i.body.text("type")
	if !known {
		direction = "ingress"
	}
	t.rules(i, i.body, direction, t.node(f.value, f.at), -1)
}

// peers are the arguments that name the other side of a rule, with
// CloudFormation's properties for what comes in and what goes out.
var peers = [][3]string{
	{"cidr_blocks", "CidrIp", "CidrIp"}, {"ipv6_cidr_blocks", "CidrIpv6", "CidrIpv6"},
	{"prefix_list_ids", "SourcePrefixListId", "DestinationPrefixListId"},
	{"security_groups", "SourceSecurityGroupId", "DestinationSecurityGroupId"},
	{"source_security_group_id", "SourceSecurityGroupId", "DestinationSecurityGroupId"},
}

// rules writes a rule of each range, list and group that a block names. n is
// the block's place within its group, -1 of a rule by itself.
func (t *translator) rules(i *instance, b body, direction string, group source.Node, n int) {
	typ, side := "AWS::EC2::SecurityGroupIngress", 1
	if direction == "egress" {
		typ, side = "AWS::EC2::SecurityGroupEgress", 2
	}
	base := append(make([]source.Entry, 0, 5), entry("GroupId", group))
	for _, p := range [][2]string{{"FromPort", "from_port"}, {"ToPort", "to_port"}} {
		if f, ok := b.get(p[1]); ok {
			base = append(base, entry(p[0], t.node(f.value, f.at)))
		}
	}
	protocol := text("-1", b.at)
	if f, ok := b.get("protocol"); ok {
		if protocol = t.node(f.value, f.at); protocol.Text == "all" {
			protocol.Text = "-1"
		}
	}
	base = append(base, entry("IpProtocol", protocol))
	var sides []source.Entry
	for _, p := range peers {
		if f, ok := b.get(p[0]); ok {
			all := t.node(f.value, f.at)
			for peer := range all.Each() {
				sides = append(sides, entry(p[side], peer))
			}
		}
		if _, open := b.attrs[""]; open {
			break // nothing is known of the block: one rule says so
		}
	}
	if b.flag("self", false) {
		sides = append(sides, entry(peers[3][side], group))
	}
	at := b.at
	if n < 0 || at.IsZero() {
		at = i.at
	}
	for k, s := range sides {
		part := ""
		if n >= 0 {
			part = told(direction, n, k)
		} else if k > 0 {
			part = told("peer", k)
		}
		t.emitAt(i, at, part, typ, append(append(make([]source.Entry, 0, len(base)+1), base...), s))
	}
}
