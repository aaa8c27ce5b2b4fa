package cfn

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

func transitRows() []*row {
	attachment := "Options !SubnetIds Tags !TransitGatewayId !VpcId"
	return []*row{
		{Type: "AWS::EC2::TransitGateway", read: readTransitGateway, ref: idRef("tgw"),
			properties: "AmazonSideAsn AssociationDefaultRouteTableId AutoAcceptSharedAttachments DefaultRouteTableAssociation " +
				"DefaultRouteTablePropagation Description DnsSupport EncryptionSupport MulticastSupport PropagationDefaultRouteTableId " +
				"SecurityGroupReferencingSupport Tags TransitGatewayCidrBlocks VpnEcmpSupport",
			atts: attributes{"Id": idRef("tgw"), "EncryptionSupportState": nil,
				"TransitGatewayArn": func(l *loader, r *resource) source.Node {
					return l.text(l.arn("ec2", "transit-gateway/"+l.id("tgw", r)).String(), r.At)
				}}},
		{Type: "AWS::EC2::TransitGatewayAttachment", read: readTransitAttachment, ref: idRef("tgw-attach"), properties: attachment,
			atts: attributes{"Id": idRef("tgw-attach")}},
		{Type: "AWS::EC2::TransitGatewayVpcAttachment", read: readTransitAttachment, ref: idRef("tgw-attach"),
			properties: attachment + " AddSubnetIds RemoveSubnetIds", atts: attributes{"Id": idRef("tgw-attach")}},
		{Type: "AWS::EC2::TransitGatewayPeeringAttachment", read: readTransitPeering, ref: idRef("tgw-attach"),
			properties: "Options !PeerAccountId !PeerRegion !PeerTransitGatewayId Tags !TransitGatewayId",
			atts:       attributes{"CreationTime": nil, "State": nil, "Status": nil, "TransitGatewayAttachmentId": idRef("tgw-attach")}},
		{Type: "AWS::EC2::TransitGatewayRouteTable", read: readTransitTable, ref: idRef("tgw-rtb"), properties: "Tags !TransitGatewayId",
			atts: attributes{"TransitGatewayRouteTableId": idRef("tgw-rtb")}},
		{Type: "AWS::EC2::TransitGatewayRouteTableAssociation", read: readTransitAssociation, ref: idRef("tgw-rtbassoc"),
			properties: "!TransitGatewayAttachmentId !TransitGatewayRouteTableId"},
		{Type: "AWS::EC2::TransitGatewayRouteTablePropagation", read: readTransitPropagation, ref: idRef("tgw-rtbprop"),
			properties: "!TransitGatewayAttachmentId !TransitGatewayRouteTableId"},
		{Type: "AWS::EC2::TransitGatewayRoute", read: readTransitRoute, ref: idRef("tgw-route"),
			properties: "Blackhole !DestinationCidrBlock TransitGatewayAttachmentId !TransitGatewayRouteTableId"},
	}
}

// enabled reads an option that is written enable or disable.
func (o object) enabled(key string, absent bool) bool {
	switch v := o.known(key); v {
	case "":
		return absent
	case "enable", "disable":
		return v == "enable"
	}
	n, _ := o.get(key)
	o.bad(key, n, n.Text+" is neither enable nor disable")
	return absent
}

// readTransitGateway. It associates and propagates by default; references to
// security groups it does not support by default.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-transitgateway.html
func readTransitGateway(l *loader, r *resource) {
	o := l.object(r)
	l.spec.TransitGateways = append(l.spec.TransitGateways, cloud.TransitGateway{Meta: r.Meta, ID: cloud.TransitGatewayID(l.id("tgw", r)),
		Associate: o.enabled("DefaultRouteTableAssociation", true), Propagate: o.enabled("DefaultRouteTablePropagation", true),
		GroupReferences: o.enabled("SecurityGroupReferencingSupport", false)})
}

// readTransitAttachment attaches a VPC. References to security groups are
// supported by default, appliance mode is off.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-transitgatewayattachment.html
func readTransitAttachment(l *loader, r *resource) {
	o := l.object(r)
	a := cloud.TransitGatewayAttachment{Meta: r.Meta, ID: cloud.TransitGatewayAttachmentID(l.id("tgw-attach", r)), Kind: cloud.TransitVPC,
		Gateway: cloud.TransitGatewayID(o.known("TransitGatewayId")), VPC: cloud.VPCID(o.known("VpcId")),
		Subnets: ids[cloud.SubnetID](o.texts("SubnetIds")), GroupReferences: true}
	if options, ok := o.child("Options", "ApplianceModeSupport", "DnsSupport", "Ipv6Support", "SecurityGroupReferencingSupport"); ok {
		a.IPv6 = options.enabled("Ipv6Support", false)
		a.ApplianceMode, a.GroupReferences = options.enabled("ApplianceModeSupport", false), options.enabled("SecurityGroupReferencingSupport", true)
	}
	l.spec.TransitGatewayAttachments = append(l.spec.TransitGatewayAttachments, a)
}

// readTransitPeering attaches another transit gateway, of which nothing is
// known here.
func readTransitPeering(l *loader, r *resource) {
	l.spec.TransitGatewayAttachments = append(l.spec.TransitGatewayAttachments, cloud.TransitGatewayAttachment{Meta: r.Meta,
		ID: cloud.TransitGatewayAttachmentID(l.id("tgw-attach", r)), Kind: cloud.TransitElsewhere, Gateway: cloud.TransitGatewayID(l.object(r).known("TransitGatewayId"))})
}

func readTransitTable(l *loader, r *resource) {
	l.spec.TransitGatewayRouteTables = append(l.spec.TransitGatewayRouteTables, cloud.TransitGatewayRouteTable{Meta: r.Meta,
		ID: cloud.TransitGatewayRouteTableID(l.id("tgw-rtb", r)), Gateway: cloud.TransitGatewayID(l.object(r).known("TransitGatewayId"))})
}

// readTransitAssociation associates an attachment with the table by which what
// comes from it is routed. One that may not be there leaves the attachment open.
func readTransitAssociation(l *loader, r *resource) {
	o := l.object(r)
	if _, g, open := o.knownOr("TransitGatewayAttachmentId"); open { // it may be any of them
		l.needed("TransitGatewayAttachmentId", r.Name, g)
		for i := range l.spec.TransitGatewayAttachments {
			l.spec.TransitGatewayAttachments[i].Subnets = cloud.Unknown[[]cloud.SubnetID](g.Because, g.At)
		}
		return
	}
	id, table := cloud.TransitGatewayAttachmentID(o.known("TransitGatewayAttachmentId")), o.known("TransitGatewayRouteTableId")
	i := slices.IndexFunc(l.spec.TransitGatewayAttachments, func(a cloud.TransitGatewayAttachment) bool { return a.ID == id })
	if i < 0 {
		l.notDescribed(r, "attachment", string(id))
		return
	}
	a := &l.spec.TransitGatewayAttachments[i]
	if g, open := o.open("TransitGatewayRouteTableId"); open { // no way by it is known
		a.Subnets = cloud.Unknown[[]cloud.SubnetID](g.Because, g.At)
		return
	}
	if a.Table != "" {
		l.fail("CFN_BAD_VALUE", r.At, "associate it once", "%s is associated with %s and with another route table", a.Name, table)
	}
	a.Table = cloud.TransitGatewayRouteTableID(table)
}

// transitTable finds the route table that a resource changes; nil where there
// is none. It may be any where it is open, and each may have any route then.
func (l *loader) transitTable(r *resource, o object) *cloud.TransitGatewayRouteTable {
	if _, g, open := o.knownOr("TransitGatewayRouteTableId"); open {
		l.needed("TransitGatewayRouteTableId", r.Name, g)
		for i := range l.spec.TransitGatewayRouteTables {
			anyTransitRoute(&l.spec.TransitGatewayRouteTables[i], r, g)
		}
		return nil
	}
	id := cloud.TransitGatewayRouteTableID(o.known("TransitGatewayRouteTableId"))
	i := slices.IndexFunc(l.spec.TransitGatewayRouteTables, func(t cloud.TransitGatewayRouteTable) bool { return t.ID == id })
	if i < 0 {
		l.notDescribed(r, "route table", string(id))
		return nil
	}
	return &l.spec.TransitGatewayRouteTables[i]
}

// anyTransitRoute adds a route of which nothing is known.
func anyTransitRoute(t *cloud.TransitGatewayRouteTable, r *resource, g cloud.Gap) {
	t.Routes = append(slices.Clone(t.Routes), cloud.TransitGatewayRoute{Meta: r.Meta, Dest: cloud.Unknown[netip.Prefix](g.Because, g.At)})
}

// readTransitPropagation lets an attachment put its routes into a table; where
// that is open, any route may be there.
func readTransitPropagation(l *loader, r *resource) {
	o := l.object(r)
	t := l.transitTable(r, o)
	if t == nil {
		return
	}
	if g, open := o.open("TransitGatewayAttachmentId"); open {
		anyTransitRoute(t, r, g)
	} else {
		t.Propagations = append(slices.Clone(t.Propagations), cloud.TransitGatewayAttachmentID(o.known("TransitGatewayAttachmentId")))
	}
}

// readTransitRoute adds a static route, to an attachment or to nowhere.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-transitgatewayroute.html
func readTransitRoute(l *loader, r *resource) {
	o := l.object(r)
	t := l.transitTable(r, o)
	if t == nil {
		return
	}
	route := cloud.TransitGatewayRoute{Meta: r.Meta, Dest: o.cidr("DestinationCidrBlock", cloud.Known(netip.Prefix{})),
		Attachment: cloud.TransitGatewayAttachmentID(o.known("TransitGatewayAttachmentId")), Blackhole: o.stated().flag("Blackhole", false).Or(false)}
	if (route.Attachment == "") != route.Blackhole {
		l.fail("CFN_MISSING_PROPERTY", r.At, "state one of TransitGatewayAttachmentId and Blackhole: true", "%s leads to an attachment, or is a blackhole", r.Name)
	}
	t.Routes = append(slices.Clone(t.Routes), route)
}
