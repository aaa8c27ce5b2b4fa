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
	a := cloud.NetworkACL{Meta: r.Meta, ID: cloud.NetworkACLID(l.id("acl", r)), VPC: cloud.VPCID(l.object(r).known("VpcId"))}
	a.Default = a.ID == cloud.DefaultACLID(a.VPC)
	l.spec.NetworkACLs = append(l.spec.NetworkACLs, a)
}

// readACLEntry adds an entry to its list. Numbers are unique in a direction.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkaclentry.html
func readACLEntry(l *loader, r *resource) {
	o := l.object(r)
	target, g, missing := o.knownOr("NetworkAclId")
	if missing { // it may be any of them
		l.needed("NetworkAclId", r.Name, g)
		for i := range l.spec.NetworkACLs {
			l.doubtfulEntry(i, r, g)
		}
		return
	}
	i, ok := l.networkACL(cloud.NetworkACLID(target))
	if !ok {
		l.notDescribed(r, "network ACL", target)
		return
	}
	entry, g, ok := l.aclEntry(o.stated(), r)
	switch {
	case g != (cloud.Gap{}):
		l.doubtfulEntry(i, r, g)
		return
	case !ok:
		return
	case o.doubt != nil:
		entry.CIDR = cloud.Unknown[netip.Prefix](o.doubt.Text, o.doubt.At)
	}
	list := &l.spec.NetworkACLs[i].Ingress
	if o.stated().flag("Egress", false).Or(false) {
		list = &l.spec.NetworkACLs[i].Egress
	}
	for _, e := range *list {
		if _, open := e.CIDR.Gap(); e.Number == entry.Number && o.doubt == nil && !open {
			l.fail("CFN_BAD_VALUE", r.At, "give each entry of a direction a number of its own", "%s has number %d, as %s has", r.Name, e.Number, e.Name)
		}
	}
	*list = append(slices.Clip(*list), entry)
}

// doubtfulEntry puts an entry of which too much is open before all others, in
// both directions.
func (l *loader) doubtfulEntry(acl int, r *resource, g cloud.Gap) {
	a := &l.spec.NetworkACLs[acl]
	all := openEntries(r.Meta, g)
	a.Ingress, a.Egress = append(slices.Clip(a.Ingress), all...), append(slices.Clip(a.Egress), all...)
}

// networkACL finds a network ACL of the Spec.
func (l *loader) networkACL(id cloud.NetworkACLID) (int, bool) {
	return find(&l.index.acls, l.spec.NetworkACLs, string(id), func(a *cloud.NetworkACL) string { return string(a.ID) })
}

// aclEntry reads one entry. The Gap is what the template leaves open of it and
// the model must know.
func (l *loader) aclEntry(o object, r *resource) (cloud.ACLEntry, cloud.Gap, bool) {
	e := cloud.ACLEntry{Meta: r.Meta, Proto: netset.AnyProtocol, Ports: netset.AllPorts}
	proto := valueOf(o, "Protocol", "a protocol", cloud.Known(netset.AnyProtocol), func(n source.Node) (netset.Protocol, error) { return netset.ParseProtocol(n.Text) })
	number := o.number("RuleNumber", 0, 1, 32766)
	for _, part := range []struct {
		key string
		has cloud.Value[bool]
	}{{"Protocol", isKnown(proto)}, {"RuleNumber", isKnown(number)}, {"Egress", isKnown(o.flag("Egress", false))}} {
		if gap, missing := part.has.Gap(); missing {
			l.needed(part.key, r.Name, gap)
			return e, gap, false
		}
	}
	e.Proto, e.Number = proto.Or(netset.AnyProtocol), number.Or(0)
	action, open, missing := o.knownOr("RuleAction")
	switch {
	case missing:
		l.needed("RuleAction", r.Name, open)
		return e, open, false
	case action == "allow", action == "deny":
		e.Allow = action == "allow"
	case action == "":
		return e, cloud.Gap{}, false
	default:
		n, _ := o.get("RuleAction")
		o.bad("RuleAction", n, fmt.Sprintf("%q is neither allow nor deny", action))
		return e, cloud.Gap{}, false
	}
	key, _, ok := o.one(r, "address range", "CidrBlock", "Ipv6CidrBlock")
	if !ok {
		return e, cloud.Gap{}, false
	}
	e.CIDR = o.ofFamily(key, o.cidr(key, cloud.Known(netip.Prefix{})))
	open, ok = l.aclPorts(o, &e)
	return e, open, ok
}

// isKnown keeps only whether v is known, and what is missing.
func isKnown[T any](v cloud.Value[T]) cloud.Value[bool] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[bool](g.Because, g.At)
	}
	return cloud.Known(true)
}

// aclPorts reads the ports, or the ICMP type and code, of an entry.
func (l *loader) aclPorts(o object, e *cloud.ACLEntry) (cloud.Gap, bool) {
	key, from, to := "PortRange", "From", "To"
	if e.Proto == netset.ICMP || e.Proto == netset.ICMPv6 {
		key, from, to = "Icmp", "Type", "Code"
	}
	c, ok := o.child(key, from, to)
	if !ok {
		return cloud.Gap{}, true
	}
	if c.n.Kind == source.Unknown {
		l.needed(key, o.of, gap(c.n))
		return gap(c.n), false
	}
	ports, missing := c.ports(from, to, e.Proto)
	e.Ports = ports
	if len(missing) > 0 {
		l.needed(key, o.of, missing[0])
		return missing[0], false
	}
	return cloud.Gap{}, true
}

// readACLAssociation gives a subnet its network ACL. One that may be there, or
// with a list that is open, leaves the subnet's open.
func readACLAssociation(l *loader, r *resource) {
	o := l.object(r)
	subnet, acl := o.known("SubnetId"), cloud.NetworkACLID(o.known("NetworkAclId"))
	i, ok := l.subnet(cloud.SubnetID(subnet))
	if !ok {
		l.notDescribed(r, "subnet", subnet)
		return
	}
	if g, open := o.open("SubnetId", "NetworkAclId"); open {
		acl = l.openACL(g, l.spec.Subnets[i].VPC, r)
	}
	l.spec.Subnets[i].ACL = acl
}
