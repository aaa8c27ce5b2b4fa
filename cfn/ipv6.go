package cfn

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func ipv6Rows() []*row {
	return []*row{
		{Type: "AWS::EC2::SubnetCidrBlock", read: readSubnetCidrBlock, ref: idRef("subnet-cidr-assoc"),
			atts:       attributes{"Id": idRef("subnet-cidr-assoc"), "IpSource": nil, "Ipv6AddressAttribute": nil},
			properties: "Ipv6CidrBlock Ipv6IpamPoolId Ipv6NetmaskLength !SubnetId"},
		{Type: "AWS::EC2::EgressOnlyInternetGateway", read: readEgressOnlyGateway, ref: idRef("eigw"), properties: "Tags !VpcId",
			atts: attributes{"Id": idRef("eigw")}},
	}
}

// vpcIPv6 is the block that a VPCCidrBlock gives its VPC; zero where it gives an
// IPv4 one. An Amazon-provided block is a /56 of AWS's choice.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpccidrblock.html
func (l *loader) vpcIPv6(r *resource) cloud.Value[netip.Prefix] {
	o := l.object(r)
	amazon := o.flag("AmazonProvidedIpv6CidrBlock", false)
	if gap, open := amazon.Gap(); open {
		return cloud.Unknown[netip.Prefix](gap.Because, gap.At)
	}
	if amazon.Or(false) {
		return cloud.Known(cloud.AmazonBlock(l.spec.Stack, r.Name))
	}
	if _, ipam := o.get("Ipv6IpamPoolId"); ipam {
		return o.cidrIPv6("Ipv6CidrBlock", cloud.Unknown[netip.Prefix]("the IPv6 block of "+r.Name+" is allocated by IPAM", r.At))
	}
	return o.cidrIPv6("Ipv6CidrBlock", cloud.Known(netip.Prefix{}))
}

// addVPCBlock adds an IPv6 block to a VPC; it reports whether r gives one.
func (l *loader) addVPCBlock(i int, o object, r *resource) bool {
	block := l.vpcIPv6(r)
	v := &l.spec.VPCs[i]
	if o.doubt != nil && block.Or(netip.Prefix{}).IsValid() {
		v.IPv6 = cloud.Unknown[[]netip.Prefix](o.doubt.Text, o.doubt.At)
		return true
	}
	list, known := v.IPv6.Get()
	if gap, open := block.Gap(); open {
		v.IPv6 = cloud.Unknown[[]netip.Prefix](gap.Because, gap.At)
		return true
	}
	p := block.Or(netip.Prefix{})
	if known && p.IsValid() {
		v.IPv6 = cloud.Known(append(slices.Clone(list), p))
	}
	return p.IsValid()
}

// vpcIPv6Blocks is the attribute Ipv6CidrBlocks of a VPC: the blocks that the
// template's own associations give it.
func vpcIPv6Blocks(l *loader, r *resource) source.Node {
	out := source.Node{Kind: source.List, At: r.At}
	for _, a := range l.resources {
		if a.Type != "AWS::EC2::VPCCidrBlock" || l.prop(a, "VpcId").Text != string(l.vpcID(r)) {
			continue
		}
		if gap, open := l.doubt(a); open {
			return gap // which block is the first of them is open too
		}
		if l.exists(a) {
			out.Items = l.appendBlock(out.Items, a, l.vpcIPv6(a))
		}
	}
	return out
}

// subnetIPv6Blocks is the attribute Ipv6CidrBlocks of a subnet.
func subnetIPv6Blocks(l *loader, r *resource) source.Node {
	out := source.Node{Kind: source.List, At: r.At}
	out.Items = l.appendBlock(out.Items, r, l.subnetIPv6(r))
	for _, a := range l.resources {
		if a.Type != "AWS::EC2::SubnetCidrBlock" || l.prop(a, "SubnetId").Text != l.id("subnet", r) {
			continue
		}
		if gap, open := l.doubt(a); open {
			return gap
		}
		if l.exists(a) {
			out.Items = l.appendBlock(out.Items, a, l.associatedIPv6(a))
		}
	}
	return out
}

func (l *loader) appendBlock(items []source.Node, r *resource, block cloud.Value[netip.Prefix]) []source.Node {
	if gap, isOpen := block.Gap(); isOpen {
		return append(items, open(gap.Because, gap.At))
	}
	if p := block.Or(netip.Prefix{}); p.IsValid() {
		return append(items, l.text(p.String(), r.At))
	}
	return items
}

// subnetIPv6 is the block that a subnet states itself; zero where it states
// none.
func (l *loader) subnetIPv6(r *resource) cloud.Value[netip.Prefix] {
	o := l.object(r)
	if list := o.texts("Ipv6CidrBlocks"); len(list.Or(nil)) > 0 {
		p, err := parseCIDR(list.Or(nil)[0])
		if n, _ := o.get("Ipv6CidrBlocks"); err != nil || p.Addr().Is4() {
			o.bad("Ipv6CidrBlocks", n, fmt.Sprintf("%q is not an IPv6 block", list.Or(nil)[0]))
		}
		return cloud.Known(p)
	}
	if _, ipam := o.get("Ipv6IpamPoolId"); ipam {
		return o.cidrIPv6("Ipv6CidrBlock", cloud.Unknown[netip.Prefix]("the IPv6 block of "+r.Name+" is allocated by IPAM", r.At))
	}
	return o.cidrIPv6("Ipv6CidrBlock", cloud.Known(netip.Prefix{}))
}

// readSubnetIPv6 reads what a subnet says of IPv6. An IPv6-only subnet has no
// IPv4 block.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnet.html
func (l *loader) readSubnetIPv6(o object, r *resource, s *cloud.Subnet) {
	s.IPv6, s.DNS64, s.AssignIPv6 = l.subnetIPv6(r), o.flag("EnableDns64", false), o.flag("AssignIpv6AddressOnCreation", false)
	l.checkSizeIPv6(o, s.IPv6)
	native := o.flag("Ipv6Native", false)
	if gap, open := native.Gap(); open {
		l.needed("Ipv6Native", r.Name, gap)
	}
	if !native.Or(false) {
		return
	}
	if n, stated := o.get("CidrBlock"); stated {
		o.bad("CidrBlock", n, "an IPv6-only subnet (Ipv6Native) has no IPv4 block")
	}
	s.CIDR = cloud.Known(netip.Prefix{})
}

// checkSizeIPv6 reports a block that is not of /44 to /64 in steps of 4.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func (l *loader) checkSizeIPv6(o object, cidr cloud.Value[netip.Prefix]) {
	p, _ := cidr.Get()
	n, stated := o.get("Ipv6CidrBlock")
	if stated && p.IsValid() && (p.Bits() < 44 || p.Bits() > 64 || p.Bits()%4 != 0) {
		o.bad("Ipv6CidrBlock", n, fmt.Sprintf("%s is not between /44 and /64 in steps of 4", p))
	}
}

func (l *loader) associatedIPv6(r *resource) cloud.Value[netip.Prefix] {
	return l.object(r).cidrIPv6("Ipv6CidrBlock", cloud.Unknown[netip.Prefix]("the IPv6 block of "+r.Name+" is allocated by IPAM", r.At))
}

// readSubnetCidrBlock gives a subnet its IPv6 block.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnetcidrblock.html
func readSubnetCidrBlock(l *loader, r *resource) {
	o := l.object(r)
	id := cloud.SubnetID(o.known("SubnetId"))
	i, ok := l.subnet(id)
	if !ok {
		l.notDescribed(r, "subnet", string(id))
		return
	}
	block := l.associatedIPv6(r)
	l.checkSizeIPv6(o, block)
	l.spec.Subnets[i].IPv6 = block
}

// readEgressOnlyGateway.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-egressonlyinternetgateway.html
func readEgressOnlyGateway(l *loader, r *resource) {
	l.spec.EgressOnlyGateways = append(l.spec.EgressOnlyGateways, cloud.EgressOnlyGateway{Meta: r.Meta,
		ID: cloud.EgressOnlyGatewayID(l.id("eigw", r)), VPC: cloud.VPCID(l.object(r).known("VpcId"))})
}

// cidrIPv6 reads a range of IPv6 addresses.
func (o object) cidrIPv6(key string, absent cloud.Value[netip.Prefix]) cloud.Value[netip.Prefix] {
	return o.ofFamily(key, o.cidr(key, absent))
}

// ofFamily reports a range that is not of the family that its key is for: IPv6
// where the key says so, else IPv4.
func (o object) ofFamily(key string, v cloud.Value[netip.Prefix]) cloud.Value[netip.Prefix] {
	p, _ := v.Get()
	if n, stated := o.get(key); stated && p.IsValid() && p.Addr().Is6() != strings.Contains(strings.ToLower(key), "ipv6") {
		o.bad(key, n, fmt.Sprintf("%s is of the other address family", p))
		return cloud.Known(netip.Prefix{})
	}
	return v
}

// endpointFamilies reads which addresses an interface endpoint has.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
func (l *loader) endpointFamilies(o object, e *cloud.Endpoint) {
	switch kind := o.known("IpAddressType"); kind {
	case "dualstack":
		e.Addresses = cloud.DualStack
	case "ipv6":
		e.Addresses = cloud.IPv6Only
	case "", "ipv4", "not-specified":
	default:
		n, _ := o.get("IpAddressType")
		o.bad("IpAddressType", n, fmt.Sprintf("%q is none of ipv4, dualstack, ipv6", kind))
	}
}

// interfaceIPv6 reads the IPv6 address that an instance or a network interface
// states, or that it asks for one.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-instance.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkinterface.html
func (l *loader) interfaceIPv6(where object, name string) (stated netip.Addr, wants bool) {
	count := where.number("Ipv6AddressCount", 0, 0, 1000)
	if gap, open := count.Gap(); open {
		l.needed("Ipv6AddressCount", name, gap)
	}
	for _, c := range where.children("Ipv6Addresses", "Ipv6Address") {
		addr := valueOf(c, "Ipv6Address", "an address", cloud.Known(netip.Addr{}), func(n source.Node) (netip.Addr, error) { return netip.ParseAddr(n.Text) })
		if gap, open := addr.Gap(); open {
			l.needed("Ipv6Address", name, gap)
		}
		a := addr.Or(netip.Addr{})
		if n, ok := c.get("Ipv6Address"); ok && a.Is4() {
			c.bad("Ipv6Address", n, a.String()+" is not an IPv6 address")
			continue
		}
		if !stated.IsValid() {
			stated = a
		}
	}
	return stated, count.Or(0) > 0
}
