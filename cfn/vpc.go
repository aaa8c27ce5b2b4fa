package cfn

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

func vpcRows() []*row {
	return []*row{
		{Type: "AWS::EC2::VPC", read: readVPC, ref: idRef("vpc"),
			properties: "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Ipv4IpamPoolId Ipv4NetmaskLength Tags",
			atts: attributes{"VpcId": idRef("vpc"), "CidrBlock": property("CidrBlock"), "CidrBlockAssociations": nil, "Ipv6CidrBlocks": vpcIPv6Blocks,
				"DefaultNetworkAcl": func(l *loader, r *resource) source.Node { return l.text(string(cloud.DefaultACLID(l.vpcID(r))), r.At) },
				"DefaultSecurityGroup": func(l *loader, r *resource) source.Node {
					return l.text(string(cloud.DefaultGroupID(l.vpcID(r))), r.At)
				}}},
		{Type: "AWS::EC2::VPCCidrBlock", read: readVPCCidrBlock, atts: attributes{"Id": nil, "IpSource": nil, "Ipv6AddressAttribute": nil},
			properties: "AmazonProvidedIpv6CidrBlock CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength Ipv6CidrBlock " +
				"Ipv6CidrBlockNetworkBorderGroup Ipv6IpamPoolId Ipv6NetmaskLength Ipv6Pool !VpcId"},
		{Type: "AWS::EC2::Subnet", read: readSubnet, ref: idRef("subnet"),
			properties: "AssignIpv6AddressOnCreation AvailabilityZone AvailabilityZoneId CidrBlock EnableDns64 EnableLniAtDeviceIndex " +
				"Ipv4IpamPoolId Ipv4NetmaskLength Ipv6CidrBlock Ipv6CidrBlocks Ipv6IpamPoolId Ipv6Native Ipv6NetmaskLength MapPublicIpOnLaunch " +
				"OutpostArn PrivateDnsNameOptionsOnLaunch Tags !VpcId",
			atts: attributes{"SubnetId": idRef("subnet"), "AvailabilityZone": property("AvailabilityZone"), "AvailabilityZoneId": property("AvailabilityZoneId"),
				"CidrBlock": property("CidrBlock"), "VpcId": property("VpcId"), "NetworkAclAssociationId": nil, "BlockPublicAccessStates": nil, "Ipv6CidrBlocks": subnetIPv6Blocks, "OutpostArn": property("OutpostArn")}},
		{Type: "AWS::EC2::InternetGateway", read: readInternetGateway, ref: idRef("igw"), properties: "Tags",
			atts: attributes{"InternetGatewayId": idRef("igw")}},
		{Type: "AWS::EC2::NatGateway", read: readNATGateway, ref: idRef("nat"),
			properties: "AllocationId AvailabilityMode AvailabilityZoneAddresses ConnectivityType MaxDrainDurationSeconds PrivateIpAddress " +
				"SecondaryAllocationIds SecondaryPrivateIpAddressCount SecondaryPrivateIpAddresses SubnetId Tags VpcId",
			atts: attributes{"NatGatewayId": idRef("nat"), "EniId": nil, "RouteTableId": regionalTable, "AutoProvisionZones": nil, "AutoScalingIps": nil}},
		{Type: "AWS::EC2::VPCPeeringConnection", read: readPeering, ref: idRef("pcx"),
			properties: "AssumeRoleRegion PeerOwnerId PeerRegion PeerRoleArn !PeerVpcId Tags !VpcId",
			atts:       attributes{"Id": idRef("pcx")}},
		{Type: "AWS::EC2::PrefixList", read: readPrefixList, ref: idRef("pl"),
			properties: "!AddressFamily Entries MaxEntries !PrefixListName Tags",
			atts: attributes{"PrefixListId": idRef("pl"), "OwnerId": nil, "Version": nil,
				"Arn": func(l *loader, r *resource) source.Node {
					return l.text(l.arn("ec2", "prefix-list/"+l.id("pl", r)).String(), r.At)
				}}},
	}
}

// attachmentRows come after the gateways that they attach.
func attachmentRows() []*row {
	return []*row{{Type: "AWS::EC2::VPCGatewayAttachment", read: readGatewayAttachment, properties: "InternetGatewayId !VpcId VpnGatewayId",
		atts: attributes{"AttachmentType": nil}}}
}

func (l *loader) vpcID(r *resource) cloud.VPCID { return cloud.VPCID(l.id("vpc", r)) }

// readVPC. EnableDnsSupport is on by default, EnableDnsHostnames off.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpc.html
func readVPC(l *loader, r *resource) {
	o := l.object(r)
	absent := cloud.Unknown[netip.Prefix]("the CIDR of "+r.Name+" is allocated by IPAM", r.At)
	if _, ipam := o.get("Ipv4IpamPoolId"); !ipam {
		if _, ok := o.get("CidrBlock"); !ok {
			l.fail("CFN_MISSING_PROPERTY", r.At, "add it under Properties", "%s (%s) has no CidrBlock, which is required", r.Name, r.Type)
		}
	}
	cidr := o.cidr("CidrBlock", absent)
	l.checkSize(o, cidr)
	v := cloud.VPC{Meta: r.Meta, ID: l.vpcID(r), DNSSupport: o.flag("EnableDnsSupport", true), DNSHostnames: o.flag("EnableDnsHostnames", false)}
	if g, missing := cidr.Gap(); missing {
		v.CIDRs = cloud.Unknown[[]netip.Prefix](g.Because, g.At)
	} else {
		v.CIDRs = cloud.Known([]netip.Prefix{cidr.Or(netip.Prefix{})})
	}
	l.spec.VPCs = append(l.spec.VPCs, v)
}

// checkSize reports an IPv4 block that is neither of /16 to /28.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
func (l *loader) checkSize(o object, cidr cloud.Value[netip.Prefix]) {
	p, known := cidr.Get()
	n, stated := o.get("CidrBlock")
	switch {
	case !known || !stated:
	case !p.Addr().Is4():
		o.bad("CidrBlock", n, p.String()+" is not an IPv4 block")
	case p.Bits() < 16 || p.Bits() > 28:
		o.bad("CidrBlock", n, fmt.Sprintf("%s is not between /16 and /28", p))
	}
}

// readVPCCidrBlock adds a secondary block to its VPC.
func readVPCCidrBlock(l *loader, r *resource) {
	o := l.object(r)
	vpc := cloud.VPCID(o.known("VpcId"))
	i := slices.IndexFunc(l.spec.VPCs, func(v cloud.VPC) bool { return v.ID == vpc })
	if i < 0 {
		l.notDescribed(r, "VPC", string(vpc))
		return
	}
	if _, ok := o.get("CidrBlock"); !ok && l.addVPCBlock(i, o, r) {
		return
	}
	if o.doubt != nil {
		l.spec.VPCs[i].CIDRs = cloud.Unknown[[]netip.Prefix](o.doubt.Text, o.doubt.At)
		return
	}
	cidr := o.ofFamily("CidrBlock", o.cidr("CidrBlock", cloud.Unknown[netip.Prefix]("the CIDR of "+r.Name+" is allocated by AWS", r.At)))
	list, known := l.spec.VPCs[i].CIDRs.Get()
	p, given := cidr.Get()
	switch {
	case !given:
		l.outside(r, "AWS allocates its block")
	case known:
		l.spec.VPCs[i].CIDRs = cloud.Known(append(slices.Clone(list), p))
	}
}

// readSubnet.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnet.html
func readSubnet(l *loader, r *resource) {
	o := l.object(r)
	cidr := o.cidr("CidrBlock", cloud.Unknown[netip.Prefix]("subnet "+r.Name+" states no CidrBlock", r.At))
	l.checkSize(o, cidr)
	s := cloud.Subnet{Meta: r.Meta, ID: cloud.SubnetID(l.id("subnet", r)), VPC: cloud.VPCID(o.known("VpcId")), CIDR: cidr,
		AZ: o.text("AvailabilityZone", cloud.Unknown[string]("AWS chooses the Availability Zone of "+r.Name, r.At))}
	l.readSubnetIPv6(o, r, &s)
	l.autoPublic[s.ID] = o.flag("MapPublicIpOnLaunch", false).Or(false)
	if n, ok := o.get("CidrBlock"); ok {
		l.subnetAt[s.ID] = n.At
	}
	l.spec.Subnets = append(l.spec.Subnets, s)
}

func readInternetGateway(l *loader, r *resource) {
	l.spec.InternetGateways = append(l.spec.InternetGateways, cloud.InternetGateway{Meta: r.Meta, ID: cloud.InternetGatewayID(l.id("igw", r))})
}

// readGatewayAttachment attaches an internet gateway or a virtual private
// gateway to its VPC.
func readGatewayAttachment(l *loader, r *resource) {
	o := l.object(r)
	if o.doubt != nil { // no route to it leads anywhere for certain
		for _, key := range []string{"InternetGatewayId", "VpnGatewayId"} {
			if id := o.known(key); id != "" {
				l.openTarget[id] = o.doubt.Text
			}
		}
	}
	if l.openGateway(r, o, "InternetGatewayId", "VpnGatewayId") {
		for i, g := range l.spec.InternetGateways {
			l.spec.InternetGateways[i].VPC = cmp.Or(g.VPC, cloud.VPCID(o.known("VpcId")))
		}
		return
	}
	gateway, vpc := cloud.InternetGatewayID(o.known("InternetGatewayId")), cloud.VPCID(o.known("VpcId"))
	if _, vpn := o.get("VpnGatewayId"); vpn {
		l.attachVPN(r, o, vpc)
	}
	i := slices.IndexFunc(l.spec.InternetGateways, func(g cloud.InternetGateway) bool { return g.ID == gateway })
	if i < 0 {
		l.notDescribed(r, "internet gateway", string(gateway))
		return
	}
	l.spec.InternetGateways[i].VPC, l.spec.InternetGateways[i].Open = vpc, o.doubtGap()
}

// readPeering. CloudFormation accepts a peering within the account itself.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcpeeringconnection.html
func readPeering(l *loader, r *resource) {
	o := l.object(r)
	owner, region := o.known("PeerOwnerId"), o.known("PeerRegion")
	p := cloud.Peering{Meta: r.Meta, ID: cloud.PeeringID(l.id("pcx", r)), A: cloud.VPCID(o.known("VpcId")), B: cloud.VPCID(o.known("PeerVpcId")), Active: true}
	here := func(vpc cloud.VPCID) bool {
		return slices.ContainsFunc(l.spec.VPCs, func(v cloud.VPC) bool { return v.ID == vpc })
	}
	if owner != "" && owner != l.spec.Account || region != "" && region != l.spec.Region || !here(p.A) || !here(p.B) {
		l.outside(r, "its other VPC is not described here")
		l.openTarget[string(p.ID)] = "the other VPC of " + r.Name + " is not described here"
		return
	}
	l.spec.Peerings = append(l.spec.Peerings, p)
}

// readPrefixList reads a customer-managed prefix list.
func readPrefixList(l *loader, r *resource) {
	p := cloud.PrefixList{Meta: r.Meta, ID: cloud.PrefixListID(l.id("pl", r))}
	o := l.object(r)
	entries := o.children("Entries", "Cidr", "Description")
	if most := o.number("MaxEntries", 0, 1, 1000).Or(0); most > 0 && len(entries) > most {
		n, _ := o.get("MaxEntries")
		o.bad("MaxEntries", n, fmt.Sprintf("the list has %d entries, more than %d", len(entries), most))
	}
	if n, _ := o.get("Entries"); n.Kind == source.Unknown {
		g := gap(n)
		p.Open = &g
	}
	for _, e := range entries {
		cidr := e.cidr("Cidr", cloud.Known(netip.Prefix{}))
		if g, missing := cidr.Gap(); missing {
			l.needed("Cidr", e.of, g)
			p.Open = &g
			continue
		}
		p.Prefixes = append(p.Prefixes, cidr.Or(netip.Prefix{}))
	}
	l.spec.PrefixLists = append(l.spec.PrefixLists, p)
}
