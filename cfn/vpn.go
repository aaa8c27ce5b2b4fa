package cfn

import (
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
)

func vpnRows() []*row {
	return []*row{
		{Type: "AWS::EC2::VPNGateway", read: readVPNGateway, ref: idRef("vgw"), properties: "AmazonSideAsn Tags !Type", atts: attributes{"VPNGatewayId": idRef("vgw")}},
		{Type: "AWS::EC2::CustomerGateway", ref: idRef("cgw"), properties: "BgpAsn BgpAsnExtended CertificateArn DeviceName IpAddress Tags !Type",
			atts: attributes{"CustomerGatewayId": idRef("cgw")}},
		{Type: "AWS::EC2::VPNConnection", read: readVPNConnection, ref: idRef("vpn"), atts: attributes{"VpnConnectionId": idRef("vpn")},
			properties: "!CustomerGatewayId EnableAcceleration LocalIpv4NetworkCidr LocalIpv6NetworkCidr OutsideIpAddressType PreSharedKeyStorage " +
				"RemoteIpv4NetworkCidr RemoteIpv6NetworkCidr StaticRoutesOnly Tags TransitGatewayId TransportTransitGatewayAttachmentId " +
				"TunnelBandwidth TunnelInsideIpVersion !Type VpnConcentratorId VpnGatewayId VpnTunnelOptionsSpecifications"},
		{Type: "AWS::EC2::VPNConnectionRoute", read: readVPNConnectionRoute, properties: "!DestinationCidrBlock !VpnConnectionId"},
		{Type: "AWS::EC2::VPNGatewayRoutePropagation", read: readVPNPropagation, properties: "!RouteTableIds !VpnGatewayId", atts: attributes{"Id": nil}},
	}
}

func readVPNGateway(l *loader, r *resource) {
	l.spec.VPNGateways = append(l.spec.VPNGateways, cloud.VPNGateway{Meta: r.Meta, ID: cloud.VPNGatewayID(l.id("vgw", r))})
}

// vpnGateway finds a virtual private gateway of the Spec.
func (l *loader) vpnGateway(id string) *cloud.VPNGateway {
	i := slices.IndexFunc(l.spec.VPNGateways, func(g cloud.VPNGateway) bool { return string(g.ID) == id })
	if i < 0 {
		return nil
	}
	return &l.spec.VPNGateways[i]
}

// readVPNConnection. By default it learns its routes by BGP.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpnconnection.html
func readVPNConnection(l *loader, r *resource) {
	o := l.object(r)
	l.spec.VPNConnections = append(l.spec.VPNConnections, cloud.VPNConnection{Meta: r.Meta, ID: cloud.VPNConnectionID(l.id("vpn", r)),
		Gateway: cloud.VPNGatewayID(o.known("VpnGatewayId")), Transit: cloud.TransitGatewayID(o.known("TransitGatewayId")),
		StaticOnly: o.flag("StaticRoutesOnly", false).Or(false)})
}

func readVPNConnectionRoute(l *loader, r *resource) {
	o := l.object(r)
	id := o.known("VpnConnectionId")
	i := slices.IndexFunc(l.spec.VPNConnections, func(c cloud.VPNConnection) bool { return string(c.ID) == id })
	if i < 0 {
		l.notDescribed(r, "VPN connection", id)
		return
	}
	dest := o.cidr("DestinationCidrBlock", cloud.Known(netip.Prefix{}))
	if g, missing := dest.Gap(); missing {
		l.needed("DestinationCidrBlock", r.Name, g)
		return
	}
	l.spec.VPNConnections[i].Routes = append(slices.Clone(l.spec.VPNConnections[i].Routes), dest.Or(netip.Prefix{}))
}

// readVPNPropagation lets a virtual private gateway put its routes into tables.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpngatewayroutepropagation.html
func readVPNPropagation(l *loader, r *resource) {
	o := l.object(r)
	if gap, open := o.open("VpnGatewayId"); open {
		l.doubtfulRoutes(r, ids[cloud.RouteTableID](o.stated().texts("RouteTableIds")), gap)
		return
	}
	id := o.known("VpnGatewayId")
	g := l.vpnGateway(id)
	if g == nil {
		l.notDescribed(r, "virtual private gateway", id)
		return
	}
	tables := o.texts("RouteTableIds")
	if gap, missing := tables.Gap(); missing {
		l.needed("RouteTableIds", r.Name, gap)
		l.doubtfulRoutes(r, ids[cloud.RouteTableID](tables), gap)
	}
	g.Propagates = append(slices.Clone(g.Propagates), ids[cloud.RouteTableID](tables).Or(nil)...)
}

// doubtfulRoutes puts routes of which nothing is known into tables; where those
// are open, into all.
func (l *loader) doubtfulRoutes(r *resource, tables cloud.Value[[]cloud.RouteTableID], g cloud.Gap) {
	l.doubtful = append(l.doubtful, func() {
		_, open := tables.Gap()
		for i, t := range l.spec.RouteTables {
			if open || slices.Contains(tables.Or(nil), t.ID) {
				l.addRoute(i, openRoute(r.Meta, g))
			}
		}
	})
}

// attachVPN attaches a virtual private gateway to its VPC.
func (l *loader) attachVPN(r *resource, o object, vpc cloud.VPCID) {
	id := o.known("VpnGatewayId")
	g := l.vpnGateway(id)
	if g == nil {
		l.notDescribed(r, "virtual private gateway", id)
		return
	}
	g.VPC, g.Open = vpc, o.doubtGap()
}

// gatewayTarget reads a GatewayId, which is an internet gateway's or a virtual
// private gateway's.
func gatewayTarget(id string) (cloud.RouteTarget, bool) {
	switch {
	case strings.HasPrefix(id, "igw-"):
		return cloud.ToInternetGateway{ID: cloud.InternetGatewayID(id)}, true
	case strings.HasPrefix(id, "vgw-"):
		return cloud.ToVPNGateway{ID: cloud.VPNGatewayID(id)}, true
	}
	return nil, false
}
