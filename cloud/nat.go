package cloud

import (
	"net/netip"
	"slices"
)

// A NATGateway translates what goes out through it. It stands in one subnet,
// public or private, or is regional: it serves its whole VPC, stands in no
// subnet, has a route table of its own, and is always public.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
type NATGateway struct {
	Meta
	ID        NATGatewayID
	Subnet    SubnetID // empty: it is regional
	VPC       VPCID    // of a regional one; of another the subnet's
	Public    bool
	PublicIP  netip.Addr // of its Elastic IP; a private one has none
	PrivateIP netip.Addr // zero: the model gives it one; a regional one has none
	// Further addresses: which of its addresses a connection gets nobody tells.
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
	MorePublic  []netip.Addr
	MorePrivate []netip.Addr
	MoreCount   int   // private ones that are asked for by number
	State       State // what is not Available carries nothing
}

// Regional reports whether the gateway serves its VPC from no subnet.
func (g NATGateway) Regional() bool { return g.Subnet == "" }

// PublicIPs are all its public addresses, the first one first.
func (g NATGateway) PublicIPs() []netip.Addr {
	if !g.PublicIP.IsValid() {
		return nil
	}
	return append([]netip.Addr{g.PublicIP}, g.MorePublic...)
}

// RegionalTableID is the route table that AWS makes with a regional NAT
// gateway.
func RegionalTableID(id NATGatewayID) RouteTableID {
	return RouteTableID(PhysicalID("rtb", string(id), "regional"))
}

// Place is where a NAT gateway stands, as routes and network ACLs see it: of a
// regional one a place with its own table, which no network ACL guards.
func (m *Model) Place(g NATGateway) Subnet {
	if g.Regional() {
		return Subnet{Meta: g.Meta, VPC: g.VPC, RouteTable: RegionalTableID(g.ID)}
	}
	return m.subnets[g.Subnet]
}

// completeNAT adds the route tables of regional NAT gateways, with the route to
// the VPC's internet gateway that AWS puts there.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
func (s *Spec) completeNAT() {
	all := PrefixDest{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
	for _, g := range s.NATGateways {
		if !g.Regional() {
			continue
		}
		id := RegionalTableID(g.ID)
		if !slices.ContainsFunc(s.RouteTables, func(t RouteTable) bool { return t.ID == id }) {
			s.RouteTables = append(s.RouteTables, g.OwnTable())
		}
		i := slices.IndexFunc(s.RouteTables, func(t RouteTable) bool { return t.ID == id })
		igw, attached := find(s.InternetGateways, func(v InternetGateway) bool { return v.VPC == g.VPC })
		if attached && !slices.ContainsFunc(s.RouteTables[i].Routes, func(r Route) bool { return r.Dest == all }) {
			s.addRoute(id, Route{Meta: g.Meta, Dest: all, Target: ToInternetGateway{igw.ID}})
		}
	}
}

// OwnTable is the route table of a regional NAT gateway, without routes.
func (g NATGateway) OwnTable() RouteTable {
	meta := Meta{Name: g.Name + " route table", Type: "AWS::EC2::RouteTable", At: g.At}
	return RouteTable{Meta: meta, ID: RegionalTableID(g.ID), VPC: g.VPC}
}

// addNATENI adds the interface of a NAT gateway with all its addresses. That of
// a regional one has public addresses only.
func (m *Model) addNATENI(g NATGateway) {
	e := ENI{Meta: g.Meta, Kind: NATENI, NAT: g.ID, Subnet: g.Subnet, VPC: g.VPC, PublicIP: g.PublicIP, PrivateIP: g.PrivateIP}
	m.addENI(e)
	id := m.owned[g.Name][len(m.owned[g.Name])-1]
	e, _ = m.ENI(id)
	more := slices.Clone(g.MorePrivate)
	for _, a := range more {
		m.byAddr[vpcAddr{e.VPC, a}] = id
	}
	for sub := m.subnets[g.Subnet]; len(more) < g.MoreCount; {
		a := m.freeAddr(sub)
		if !a.IsValid() {
			break
		}
		m.byAddr[vpcAddr{e.VPC, a}] = id
		more = append(more, a)
	}
	for _, a := range g.MorePublic {
		m.public[a] = id
	}
	m.enis[m.eniByID[id]].More = more
}
