package snapshot

import (
	"net/netip"
	"slices"

	"bailey/cloud"
)

// readTransit reads transit gateways as they are: what is associated and
// propagated is stated by each attachment and table, so the gateways' own
// defaults have nothing to add.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func (r *reader) readTransit() {
	for _, it := range r.shared("TransitGateways") {
		m, id, state := r.meta("TransitGateways", it), it.text("TransitGatewayId"), it.text("State")
		if isIn(state, "deleted", "deleting") {
			r.gone[id] = state
			r.notInUse(m, state)
			continue
		}
		r.spec.TransitGateways = append(r.spec.TransitGateways, cloud.TransitGateway{Meta: m, ID: cloud.TransitGatewayID(id),
			GroupReferences: it.child("Options").text("SecurityGroupReferencingSupport") == "enable"})
	}
	r.readAttachments()
	for _, it := range r.shared("TransitGatewayRouteTables") {
		if isIn(it.text("State"), "deleted", "deleting") {
			continue
		}
		id := it.text("TransitGatewayRouteTableId")
		t := cloud.TransitGatewayRouteTable{Meta: r.meta("TransitGatewayRouteTables", it), ID: cloud.TransitGatewayRouteTableID(id), Gateway: cloud.TransitGatewayID(it.text("TransitGatewayId"))}
		t.Routes = r.transitRoutes(t)
		r.spec.TransitGatewayRouteTables = append(r.spec.TransitGatewayRouteTables, t)
	}
}

// readAttachments joins what the list of all attachments says, which has the
// route table, and the list of those of VPCs, which has the subnets.
func (r *reader) readAttachments() {
	details := map[string]item{}
	for _, it := range r.shared("TransitGatewayVpcAttachments") {
		details[it.text("TransitGatewayAttachmentId")] = it
	}
	for _, it := range r.shared("TransitGatewayAttachments") {
		id := it.text("TransitGatewayAttachmentId")
		state := it.text("State")
		if isIn(state, "deleted", "deleting") {
			continue
		}
		a := cloud.TransitGatewayAttachment{State: stateOf(state), Meta: r.meta("TransitGatewayAttachments", it), ID: cloud.TransitGatewayAttachmentID(id), Gateway: cloud.TransitGatewayID(it.text("TransitGatewayId"))}
		if as := it.child("Association"); as.text("State") == "associated" {
			a.Table = cloud.TransitGatewayRouteTableID(as.text("TransitGatewayRouteTableId"))
		}
		switch it.text("ResourceType") {
		case "vpc":
			a.Kind, a.VPC = cloud.TransitVPC, cloud.VPCID(it.text("ResourceId"))
			if !r.vpcs[string(a.VPC)] {
				r.join(string(a.VPC))
			}
			r.attached(&a, details[id])
		case "vpn", "direct-connect-gateway", "vpn-concentrator":
			a.Kind = cloud.TransitOnPremises
		default:
			a.Kind = cloud.TransitElsewhere
		}
		r.spec.TransitGatewayAttachments = append(r.spec.TransitGatewayAttachments, a)
	}
}

// attached reads what only the list of VPC attachments has.
func (r *reader) attached(a *cloud.TransitGatewayAttachment, it item) {
	if it.n.Kind == 0 {
		g := r.missing("TransitGatewayVpcAttachments", string(a.ID), a.At)
		a.Subnets = cloud.Unknown[[]cloud.SubnetID](g.Because, g.At)
		return
	}
	o := it.child("Options")
	a.Subnets = cloud.Known(textsAs[cloud.SubnetID](it, "SubnetIds"))
	a.IPv6 = o.text("Ipv6Support") == "enable"
	a.ApplianceMode = o.text("ApplianceModeSupport") == "enable"
	a.GroupReferences = o.text("SecurityGroupReferencingSupport") != "disable"
}

// transitRoutes are the routes of a table, propagated ones among them.
func (r *reader) transitRoutes(t cloud.TransitGatewayRouteTable) []cloud.TransitGatewayRoute {
	from := r.env
	for _, e := range r.others {
		if !from.said["Routes"][string(t.ID)] && e.said["Routes"][string(t.ID)] {
			from = e
		}
	}
	if _, more := from.more["Routes"]; more || !from.said["Routes"][string(t.ID)] {
		g := r.gapOf("Routes", string(t.ID))
		return []cloud.TransitGatewayRoute{{Meta: t.Meta, Dest: cloud.Unknown[netip.Prefix](g.Because, g.At)}}
	}
	var out []cloud.TransitGatewayRoute
	for _, it := range from.lists["Routes"] {
		it.r = r
		if it.owner != string(t.ID) || isIn(it.text("State"), "deleted", "deleting", "pending") {
			continue
		}
		route := cloud.TransitGatewayRoute{Meta: cloud.Meta{Name: t.Name + " " + routeName(it), Type: "AWS::EC2::TransitGatewayRoute", At: it.at()}, Dest: cloud.Known(it.cidr("DestinationCidrBlock")),
			Blackhole: it.text("State") == "blackhole", Propagated: it.text("Type") == "propagated"}
		if list := it.text("PrefixListId"); list != "" {
			route.Dest = cloud.Unknown[netip.Prefix]("routes of transit gateways to prefix lists ("+list+") are not modelled", it.at())
		}
		for _, a := range it.items("TransitGatewayAttachments") {
			route.Attachment = cloud.TransitGatewayAttachmentID(a.text("TransitGatewayAttachmentId"))
		}
		out = append(out, route)
	}
	return out
}

// readVPN reads virtual private gateways and the connections behind them. What
// they have learnt stands in the route tables, as propagated routes.
func (r *reader) readVPN() {
	for _, it := range r.list("VpnGateways") {
		if isIn(it.text("State"), "deleted", "deleting") {
			r.gone[it.text("VpnGatewayId")] = it.text("State")
			continue
		}
		r.spec.VPNGateways = append(r.spec.VPNGateways, cloud.VPNGateway{Meta: r.meta("VpnGateways", it), ID: cloud.VPNGatewayID(it.text("VpnGatewayId")), VPC: r.attachedTo(it, "VpcAttachments")})
	}
	for _, it := range r.list("VpnConnections") {
		if isIn(it.text("State"), "deleted", "deleting") {
			continue
		}
		c := cloud.VPNConnection{Meta: r.meta("VpnConnections", it), ID: cloud.VPNConnectionID(it.text("VpnConnectionId")), Gateway: cloud.VPNGatewayID(it.text("VpnGatewayId")),
			StaticOnly: it.child("Options").flag("StaticRoutesOnly", false)}
		for _, route := range it.items("Routes") {
			if p := route.cidr("DestinationCidrBlock"); p.IsValid() && route.text("State") == "available" {
				c.Routes = append(c.Routes, p)
			}
		}
		if tgw := it.text("TransitGatewayId"); tgw != "" && !r.hasAttachment(string(c.ID)) {
			c.Transit = cloud.TransitGatewayID(tgw)
		}
		r.spec.VPNConnections = append(r.spec.VPNConnections, c)
	}
}

// hasAttachment reports whether an attachment of something is listed.
func (r *reader) hasAttachment(resource string) bool {
	return slices.ContainsFunc(r.list("TransitGatewayAttachments"), func(it item) bool { return it.text("ResourceId") == resource })
}
