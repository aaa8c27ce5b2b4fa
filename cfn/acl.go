package cfn

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

func aclRows() []*row {
	return []*row{
		{Type: "AWS::EC2::NetworkAcl", read: readACL, ref: idRef("acl"), properties: "Tags !VpcId", atts: attributes{"Id": idRef("acl")}},
		{Type: "AWS::EC2::NetworkAclEntry", read: readACLEntry, ref: idRef("aclentry"), atts: attributes{"Id": idRef("aclentry")},
			properties: "CidrBlock Egress Icmp Ipv6CidrBlock !NetworkAclId PortRange !Protocol !RuleAction !RuleNumber"},
		{Type: "AWS::EC2::SubnetNetworkAclAssociation", read: readACLAssociation, ref: idRef("aclassoc"),
			properties: "!NetworkAclId !SubnetId", atts: attributes{"AssociationId": idRef("aclassoc")}},
	}
}

// readACL reads a network ACL, which denies everything until entries are added.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func readACL(l *loader, r *resource) {
	l.spec.NetworkACLs = append(l.spec.NetworkACLs, cloud.NetworkACL{Meta: r.Meta, ID: cloud.NetworkACLID(l.id("acl", r)),
		VPC: cloud.VPCID(l.object(r).known("VpcId"))})
}

// readACLEntry adds an entry to its list. Numbers are unique in a direction.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkaclentry.html
func readACLEntry(l *loader, r *resource) {
	o := l.object(r)
	target := cloud.NetworkACLID(o.known("NetworkAclId"))
	i := slices.IndexFunc(l.spec.NetworkACLs, func(a cloud.NetworkACL) bool { return a.ID == target })
	if i < 0 {
		l.notDescribed(r, "network ACL", string(target))
		return
	}
	entry, ok := l.aclEntry(o, r)
	if !ok {
		return
	}
	list := &l.spec.NetworkACLs[i].Ingress
	if o.flag("Egress", false).Or(false) {
		list = &l.spec.NetworkACLs[i].Egress
	}
	for _, e := range *list {
		if e.Number == entry.Number {
			l.fail("CFN_BAD_VALUE", r.At, "give each entry of a direction a number of its own", "%s has number %d, as %s has", r.Name, e.Number, e.Name)
		}
	}
	*list = append(slices.Clip(*list), entry)
}

// aclEntry reads one entry. What the model must know of it and the template
// leaves open is an error.
func (l *loader) aclEntry(o object, r *resource) (cloud.ACLEntry, bool) {
	e := cloud.ACLEntry{Meta: r.Meta, Proto: netset.AnyProtocol, Ports: netset.AllPorts}
	proto := valueOf(o, "Protocol", "a protocol", cloud.Known(netset.AnyProtocol), func(n source.Node) (netset.Protocol, error) { return netset.ParseProtocol(n.Text) })
	number := o.number("RuleNumber", 0, 1, 32766)
	for _, part := range []struct {
		key string
		has cloud.Value[bool]
	}{{"Protocol", isKnown(proto)}, {"RuleNumber", isKnown(number)}, {"Egress", isKnown(o.flag("Egress", false))}} {
		if gap, missing := part.has.Gap(); missing {
			l.needed(part.key, r.Name, gap)
			return e, false
		}
	}
	e.Proto, e.Number = proto.Or(netset.AnyProtocol), number.Or(0)
	switch action := o.known("RuleAction"); action {
	case "allow", "deny":
		e.Allow = action == "allow"
	case "":
		return e, false
	default:
		n, _ := o.get("RuleAction")
		o.bad("RuleAction", n, fmt.Sprintf("%q is neither allow nor deny", action))
		return e, false
	}
	key, _, ok := o.one(r, "address range", "CidrBlock", "Ipv6CidrBlock")
	if !ok {
		return e, false
	}
	e.CIDR = o.cidr(key, cloud.Known(netip.Prefix{}))
	return e, l.aclPorts(o, &e)
}

// isKnown keeps only whether v is known, and what is missing.
func isKnown[T any](v cloud.Value[T]) cloud.Value[bool] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[bool](g.Because, g.At)
	}
	return cloud.Known(true)
}

// aclPorts reads the ports, or the ICMP type and code, of an entry.
func (l *loader) aclPorts(o object, e *cloud.ACLEntry) bool {
	key, from, to := "PortRange", "From", "To"
	if e.Proto == netset.ICMP || e.Proto == netset.ICMPv6 {
		key, from, to = "Icmp", "Type", "Code"
	}
	c, ok := o.child(key, from, to)
	if !ok {
		return true
	}
	if c.n.Kind == source.Unknown {
		l.needed(key, o.of, gap(c.n))
		return false
	}
	ports, missing := c.ports(from, to, e.Proto)
	for _, g := range missing {
		l.needed(key, o.of, g)
	}
	e.Ports = ports
	return len(missing) == 0
}

func readACLAssociation(l *loader, r *resource) {
	o := l.object(r)
	subnet, acl := cloud.SubnetID(o.known("SubnetId")), cloud.NetworkACLID(o.known("NetworkAclId"))
	if i, ok := l.subnet(subnet); ok {
		l.spec.Subnets[i].ACL = acl
		return
	}
	l.notDescribed(r, "subnet", string(subnet))
}
