package cfn

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func interfaceRows() []*row {
	return []*row{{Type: "AWS::EC2::NetworkInterface", read: readNetworkInterface, ref: idRef("eni"),
		properties: "ConnectionTrackingSpecification Description EnablePrimaryIpv6 GroupSet InterfaceType Ipv4PrefixCount Ipv4Prefixes " +
			"Ipv6AddressCount Ipv6Addresses Ipv6PrefixCount Ipv6Prefixes PrivateIpAddress PrivateIpAddresses PublicIpDnsHostnameTypeSpecification " +
			"SecondaryPrivateIpAddressCount SourceDestCheck !SubnetId Tags",
		atts: attributes{"Id": idRef("eni"), "PrimaryIpv6Address": nil, "SecondaryPrivateIpAddresses": nil, "PublicIpDnsNameOptions": nil, "VpcId": nil,
			"PublicIpDnsNameOptions.DnsHostnameType": nil, "PublicIpDnsNameOptions.PublicDualStackDnsName": nil,
			"PublicIpDnsNameOptions.PublicIpv4DnsName": nil, "PublicIpDnsNameOptions.PublicIpv6DnsName": nil,
			"PrimaryPrivateIpAddress": func(l *loader, r *resource) source.Node {
				if v := l.prop(r, "PrivateIpAddress"); v.IsScalar() {
					return v
				}
				return open("AWS chooses the address of "+r.Name, r.At)
			}}}}
}

// interfaceAttachmentRows come after instances and interfaces.
func interfaceAttachmentRows() []*row {
	return []*row{
		{Type: "AWS::EC2::NetworkInterfaceAttachment", read: readInterfaceAttachment, ref: idRef("eni-attach"), atts: attributes{"AttachmentId": idRef("eni-attach")},
			properties: "DeleteOnTermination !DeviceIndex EnaQueueCount EnaSrdSpecification !InstanceId !NetworkInterfaceId"},
		{Type: "AWS::EC2::GatewayRouteTableAssociation", read: readEdge, ref: idRef("rtbassoc"), properties: "!GatewayId !RouteTableId", atts: attributes{"AssociationId": nil}},
	}
}

// readNetworkInterface. Its source/destination check is on by default.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkinterface.html
func readNetworkInterface(l *loader, r *resource) {
	o := l.object(r)
	n := cloud.NetworkInterface{Meta: r.Meta, ID: cloud.ENIID(l.id("eni", r)), SourceDestCheck: o.flag("SourceDestCheck", true).Or(true),
		Subnet: id[cloud.SubnetID](o.text("SubnetId", cloud.Known(""))), Groups: ids[cloud.SecurityGroupID](o.texts("GroupSet"))}
	if _, stated := o.get("PrivateIpAddress"); stated {
		n.PrivateIP = valueOf(o, "PrivateIpAddress", "an address", cloud.Known(netip.Addr{}), func(n source.Node) (netip.Addr, error) { return netip.ParseAddr(n.Text) }).Or(netip.Addr{})
	}
	n.IPv6, n.WantsIPv6 = l.interfaceIPv6(o, r.Name)
	n.Groups = l.groupsIfAddressed(string(n.ID), n.Groups)
	l.spec.NetworkInterfaces = append(l.spec.NetworkInterfaces, n)
	if _, open := l.addressGap(string(n.ID)); open {
		l.spec.NetworkInterfaces[len(l.spec.NetworkInterfaces)-1].PublicIP = l.elasticAddr(r)
	}
	l.elasticOf(&l.spec.NetworkInterfaces[len(l.spec.NetworkInterfaces)-1])
}

// elasticOf gives an interface the Elastic IP that is associated with it.
func (l *loader) elasticOf(n *cloud.NetworkInterface) {
	for _, e := range l.elastic {
		if e.eni == string(n.ID) {
			n.PublicIP = e.addr
		}
	}
}

// networkInterface finds an interface of the Spec.
func (l *loader) networkInterface(id string) *cloud.NetworkInterface {
	i := slices.IndexFunc(l.spec.NetworkInterfaces, func(n cloud.NetworkInterface) bool { return string(n.ID) == id })
	if i < 0 {
		return nil
	}
	return &l.spec.NetworkInterfaces[i]
}

func readInterfaceAttachment(l *loader, r *resource) {
	o := l.object(r)
	if _, g, open := o.knownOr("NetworkInterfaceId"); open { // it may be any of them
		l.needed("NetworkInterfaceId", r.Name, g)
		for i := range l.spec.NetworkInterfaces {
			l.spec.NetworkInterfaces[i].Groups = cloud.Unknown[[]cloud.SecurityGroupID](g.Because, g.At)
		}
		return
	}
	eni := o.known("NetworkInterfaceId")
	n := l.networkInterface(eni)
	if n == nil {
		l.notDescribed(r, "network interface", eni)
		return
	}
	n.Instance = o.known("InstanceId")
	if g, open := o.open("InstanceId"); open { // whose it is
		n.Groups = cloud.Unknown[[]cloud.SecurityGroupID](g.Because, g.At)
	}
}

// readEdge associates a route table with a gateway: what comes in by it goes
// where that table says, which is not modelled.
// https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
func readEdge(l *loader, r *resource) {
	o := l.object(r)
	if l.openGateway(r, o, "GatewayId") {
		return
	}
	gateway := o.known("GatewayId")
	for i, g := range l.spec.InternetGateways {
		if string(g.ID) == gateway {
			l.spec.InternetGateways[i].Edge, l.spec.InternetGateways[i].Open = r.Name, cmp.Or(g.Open, o.doubtGap())
			return
		}
	}
	if g := l.vpnGateway(gateway); g != nil {
		g.Edge, g.Open = r.Name, cmp.Or(g.Open, o.doubtGap())
		return
	}
	l.notDescribed(r, "gateway", gateway)
}

// unmodelledTargets are kinds of next hop that the model does not have, as
// people know them.
var unmodelledTargets = map[string]string{
	"VpcEndpointId":    "a Gateway Load Balancer endpoint or a Network Firewall endpoint",
	"CarrierGatewayId": "a carrier gateway",
	"LocalGatewayId":   "a local gateway of an Outpost",
	"CoreNetworkArn":   "a Cloud WAN core network",
	"OdbNetworkArn":    "an Oracle Database@AWS network",
}

// interfaceTarget reads a route to an instance or a network interface.
func interfaceTarget(key, id string) (cloud.RouteTarget, bool) {
	switch key {
	case "InstanceId":
		return cloud.ToInterface{Instance: id}, true
	case "NetworkInterfaceId":
		return cloud.ToInterface{ID: cloud.ENIID(id)}, true
	}
	return nil, false
}

// unmodelledTarget says what a route leads to that is not modelled.
func unmodelledTarget(key string, v source.Node) cloud.RouteTarget {
	kind := unmodelledTargets[key]
	if kind == "" {
		kind = strings.TrimSuffix(key, "Id")
	}
	return cloud.ToUnknown{Gap: cloud.Gap{Because: "where " + kind + " (" + v.Text + ") sends packets is not modelled", At: v.At}}
}
