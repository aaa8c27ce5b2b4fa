package cfn

import (
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
)

// open gives what leaves a resource open that ties others together: whether it
// is there, or one of the IDs that it states.
func (o object) open(keys ...string) (cloud.Gap, bool) {
	if o.doubt != nil {
		return gap(*o.doubt), true
	}
	for _, key := range keys {
		if _, g, missing := o.knownOr(key); missing {
			return g, true
		}
	}
	return cloud.Gap{}, false
}

// doubtGap is why it is open whether the resource is there; nil where it is.
func (o object) doubtGap() *cloud.Gap {
	if o.doubt == nil {
		return nil
	}
	g := gap(*o.doubt)
	return &g
}

// openGateway: what changes a gateway that is open may change any.
func (l *loader) openGateway(r *resource, o object, keys ...string) bool {
	g, open := o.stated().open(keys...)
	if !open {
		return false
	}
	l.needed(keys[0], r.Name, g)
	for i := range l.spec.InternetGateways {
		l.spec.InternetGateways[i].Open = &g
	}
	for i := range l.spec.VPNGateways {
		l.spec.VPNGateways[i].Open = &g
	}
	return true
}

// openVPC gives the VPC that stands for one of which nothing is known, not even
// whether it is another of the VPCs: its range, resolver, main route table and
// default network ACL are open. One gap is one VPC.
func (l *loader) openVPC(g cloud.Gap, key, of string) cloud.VPCID {
	if id, ok := l.openVPCs[g]; ok {
		return id
	}
	name := "the VPC of " + of + ", which is open"
	id := cloud.VPCID(cloud.PhysicalID("vpc", "open", name+key))
	l.openVPCs[g] = id
	meta := cloud.Meta{Name: name, Type: "AWS::EC2::VPC", At: g.At}
	l.spec.VPCs = append(l.spec.VPCs, cloud.VPC{Meta: meta, ID: id, CIDRs: cloud.Unknown[[]netip.Prefix](g.Because, g.At),
		DNSSupport: cloud.Unknown[bool](g.Because, g.At), DNSHostnames: cloud.Unknown[bool](g.Because, g.At)})
	l.spec.RouteTables = append(l.spec.RouteTables, cloud.RouteTable{Meta: named(meta, "main route table", "AWS::EC2::RouteTable"),
		ID: cloud.MainRouteTableID(id), VPC: id, Main: true, Routes: []cloud.Route{openRoute(meta, g)}})
	acl := cloud.NetworkACL{Meta: named(meta, "default network ACL", "AWS::EC2::NetworkAcl"), ID: cloud.DefaultACLID(id), VPC: id, Default: true}
	acl.Ingress = openEntries(acl.Meta, g)
	acl.Egress = acl.Ingress
	l.spec.NetworkACLs = append(l.spec.NetworkACLs, acl)
	l.needed(key, of, g)
	return id
}

func named(m cloud.Meta, what, typ string) cloud.Meta {
	return cloud.Meta{Name: m.Name + ": " + what, Type: typ, At: m.At}
}

// openRoute is any route: where it leads and for what is not known.
func openRoute(m cloud.Meta, g cloud.Gap) cloud.Route {
	return cloud.Route{Meta: named(m, "route", "AWS::EC2::Route"), Dest: cloud.UnknownDest{Gap: g}, Target: cloud.ToUnknown{Gap: g}}
}

// openEntries are any entries of a network ACL, before all others: one may
// allow a packet, or deny it, or leave it to the rest.
func openEntries(m cloud.Meta, g cloud.Gap) []cloud.ACLEntry {
	e := cloud.ACLEntry{Meta: m, Allow: true, Proto: netset.AnyProtocol, Ports: netset.AllPorts, CIDR: cloud.Unknown[netip.Prefix](g.Because, g.At)}
	deny := e
	deny.Allow = false
	return []cloud.ACLEntry{e, deny}
}

// openTable gives the route table that stands for one of which nothing is
// known.
func (l *loader) openTable(g cloud.Gap, vpc cloud.VPCID) cloud.RouteTableID {
	id := cloud.RouteTableID(cloud.PhysicalID("rtb", "open", string(vpc)+g.Because))
	if _, ok := l.routeTable(id); !ok {
		m := cloud.Meta{Name: "a route table that is open", Type: "AWS::EC2::RouteTable", At: g.At}
		l.spec.RouteTables = append(l.spec.RouteTables, cloud.RouteTable{Meta: m, ID: id, VPC: vpc, Routes: []cloud.Route{openRoute(m, g)}})
	}
	return id
}

// openACL gives the network ACL that stands for one of which nothing is known.
func (l *loader) openACL(g cloud.Gap, vpc cloud.VPCID, r *resource) cloud.NetworkACLID {
	id := cloud.NetworkACLID(cloud.PhysicalID("acl", "open", string(vpc)+g.Because))
	if _, ok := l.networkACL(id); !ok {
		m := cloud.Meta{Name: "a network ACL that is open", Type: "AWS::EC2::NetworkAcl", At: r.At}
		entries := openEntries(m, g)
		l.spec.NetworkACLs = append(l.spec.NetworkACLs, cloud.NetworkACL{Meta: m, ID: id, VPC: vpc, Ingress: entries, Egress: entries})
	}
	return id
}

// openGatewayRoutes: a gateway endpoint whose tables are open, or that may not
// be there, may have a route in each table of its VPC.
func (l *loader) openGatewayRoutes(e cloud.Endpoint, g cloud.Gap) {
	for i, t := range l.spec.RouteTables {
		if t.VPC == e.VPC {
			l.addRoute(i, openRoute(e.Meta, g))
		}
	}
}

// openEndpoint: an endpoint for a service that is open may answer any name in
// its VPC.
func (l *loader) openEndpoint(vpc cloud.VPCID, g cloud.Gap) {
	for i := range l.spec.VPCs {
		if l.spec.VPCs[i].ID == vpc {
			l.spec.VPCs[i].DNSSupport = cloud.Unknown[bool](g.Because, g.At)
		}
	}
}
