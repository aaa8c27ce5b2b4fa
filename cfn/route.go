package cfn

import (
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func routeRows() []*row {
	return []*row{
		{Type: "AWS::EC2::RouteTable", read: readRouteTable, ref: idRef("rtb"), properties: "Tags !VpcId",
			atts: attributes{"RouteTableId": idRef("rtb")}},
		{Type: "AWS::EC2::Route", read: readRoute, atts: attributes{"CidrBlock": property("DestinationCidrBlock")},
			properties: "CarrierGatewayId CoreNetworkArn DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId " +
				"EgressOnlyInternetGatewayId GatewayId InstanceId LocalGatewayId NatGatewayId NetworkInterfaceId !RouteTableId " +
				"TransitGatewayId VpcEndpointId VpcPeeringConnectionId"},
		{Type: "AWS::EC2::SubnetRouteTableAssociation", read: readRouteTableAssociation, ref: idRef("rtbassoc"),
			properties: "!RouteTableId !SubnetId", atts: attributes{"Id": idRef("rtbassoc")}},
	}
}

func readRouteTable(l *loader, r *resource) {
	t := cloud.RouteTable{Meta: r.Meta, ID: cloud.RouteTableID(l.id("rtb", r)), VPC: cloud.VPCID(l.object(r).known("VpcId"))}
	t.Main = t.ID == cloud.MainRouteTableID(t.VPC)
	l.spec.RouteTables = append(l.spec.RouteTables, t)
}

// readRoute adds a route to its table.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-route.html
func readRoute(l *loader, r *resource) {
	o := l.object(r)
	table, g, missing := o.knownOr("RouteTableId")
	dest, target := o.routeDest(r), o.routeTarget(r)
	if dest == nil || target == nil {
		return
	}
	if missing { // it may be any of them
		l.needed("RouteTableId", r.Name, g)
		for i := range l.spec.RouteTables {
			l.addRoute(i, cloud.Route{Meta: r.Meta, Dest: cloud.UnknownDest{Gap: g}, Target: cloud.ToUnknown{Gap: g}})
		}
		return
	}
	i, ok := l.routeTable(cloud.RouteTableID(table))
	if !ok {
		l.notDescribed(r, "route table", table)
		return
	}
	l.addRoute(i, cloud.Route{Meta: r.Meta, Dest: dest, Target: target})
}

func (l *loader) addRoute(table int, r cloud.Route) {
	routes := slices.Clip(l.spec.RouteTables[table].Routes)
	l.spec.RouteTables[table].Routes = append(routes, r)
}

// routeTable finds a route table of the Spec.
func (l *loader) routeTable(id cloud.RouteTableID) (int, bool) {
	return find(&l.index.tables, l.spec.RouteTables, string(id), func(t *cloud.RouteTable) string { return string(t.ID) })
}

// one gives the only one of keys that is stated; another number is an error.
func (o object) one(r *resource, what string, keys ...string) (string, source.Node, bool) {
	var found []string
	var value source.Node
	for _, k := range keys {
		if v, ok := o.get(k); ok {
			found, value = append(found, k), v
		}
	}
	if len(found) == 1 {
		return found[0], value, true
	}
	got := "none"
	if len(found) > 0 {
		got = strings.Join(found, " and ")
	}
	o.l.fail("CFN_MISSING_PROPERTY", o.at, "state one of "+strings.Join(keys, ", "), "%s needs exactly one %s and has %s", r.Name, what, got)
	return "", source.Node{}, false
}

func (o object) routeDest(r *resource) cloud.RouteDest {
	key, v, ok := o.one(r, "destination", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
	switch {
	case !ok:
		return nil
	case v.Kind == source.Unknown:
		return cloud.UnknownDest{Gap: gap(v)}
	case key == "DestinationPrefixListId":
		return cloud.PrefixListDest{ID: cloud.PrefixListID(v.Text)}
	}
	p, known := o.ofFamily(key, o.cidr(key, cloud.Known(netip.Prefix{}))).Get()
	if !known || !p.IsValid() {
		return nil
	}
	return cloud.PrefixDest{Prefix: p}
}

// routeTarget reads the next hop. Kinds that the model does not have are
// targets that are not known.
func (o object) routeTarget(r *resource) cloud.RouteTarget {
	key, v, ok := o.one(r, "target", "GatewayId", "NatGatewayId", "VpcPeeringConnectionId", "TransitGatewayId", "VpcEndpointId",
		"InstanceId", "NetworkInterfaceId", "EgressOnlyInternetGatewayId", "CarrierGatewayId", "LocalGatewayId", "CoreNetworkArn")
	if !ok {
		return nil
	}
	if v.Kind == source.Unknown {
		return cloud.ToUnknown{Gap: gap(v)}
	}
	if why, ok := o.l.openTarget[v.Text]; ok {
		return cloud.ToUnknown{Gap: cloud.Gap{Because: why, At: v.At}}
	}
	if to, ok := gatewayTarget(v.Text); ok && key == "GatewayId" {
		return to
	}
	switch {
	case key == "TransitGatewayId":
		return cloud.ToTransitGateway{ID: cloud.TransitGatewayID(v.Text)}
	case key == "EgressOnlyInternetGatewayId":
		return cloud.ToEgressOnlyGateway{ID: cloud.EgressOnlyGatewayID(v.Text)}
	case key == "NatGatewayId":
		return cloud.ToNATGateway{ID: cloud.NATGatewayID(v.Text)}
	case key == "VpcPeeringConnectionId":
		return cloud.ToPeering{ID: cloud.PeeringID(v.Text)}
	}
	if to, ok := interfaceTarget(key, v.Text); ok {
		return to
	}
	return unmodelledTarget(key, v)
}

// readRouteTableAssociation gives a subnet its table. One that may be there, or
// with a table that is open, leaves the subnet's table open.
func readRouteTableAssociation(l *loader, r *resource) {
	o := l.object(r)
	subnet, table := o.known("SubnetId"), cloud.RouteTableID(o.known("RouteTableId"))
	i, ok := l.subnet(cloud.SubnetID(subnet))
	if !ok {
		l.notDescribed(r, "subnet", subnet)
		return
	}
	if g, open := o.open("SubnetId", "RouteTableId"); open {
		table = l.openTable(g, l.spec.Subnets[i].VPC)
	}
	l.spec.Subnets[i].RouteTable = table
}

// subnet finds a subnet of the Spec.
func (l *loader) subnet(id cloud.SubnetID) (int, bool) {
	return find(&l.index.subnets, l.spec.Subnets, string(id), func(s *cloud.Subnet) string { return string(s.ID) })
}
