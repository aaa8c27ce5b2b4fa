package cloud

import (
	"net/netip"
	"slices"
	"sync"
)

// The look-ups. Each returns false where the model has no such thing; what
// that means is for the caller to say.

// VPC finds a VPC.
func (m *Model) VPC(id VPCID) (VPC, bool) { v, ok := m.vpcs[id]; return v, ok }

// Subnet finds a subnet.
func (m *Model) Subnet(id SubnetID) (Subnet, bool) { v, ok := m.subnets[id]; return v, ok }

// InternetGateway finds an internet gateway.
func (m *Model) InternetGateway(id InternetGatewayID) (InternetGateway, bool) {
	v, ok := m.igws[id]
	return v, ok
}

// EgressOnlyGateway finds an egress-only internet gateway.
func (m *Model) EgressOnlyGateway(id EgressOnlyGatewayID) (EgressOnlyGateway, bool) {
	v, ok := m.eigws[id]
	return v, ok
}

// NATGateway finds a NAT gateway.
func (m *Model) NATGateway(id NATGatewayID) (NATGateway, bool) { v, ok := m.nats[id]; return v, ok }

// Peering finds a VPC peering connection.
func (m *Model) Peering(id PeeringID) (Peering, bool) { v, ok := m.peerings[id]; return v, ok }

// PrefixList finds a prefix list.
func (m *Model) PrefixList(id PrefixListID) (PrefixList, bool) { v, ok := m.lists[id]; return v, ok }

// SecurityGroup finds a security group.
func (m *Model) SecurityGroup(id SecurityGroupID) (SecurityGroup, bool) {
	v, ok := m.groups[id]
	return v, ok
}

// Endpoint finds a VPC endpoint.
func (m *Model) Endpoint(id EndpointID) (Endpoint, bool) { v, ok := m.endpoints[id]; return v, ok }

// Function finds a function by the name its author gave it.
func (m *Model) Function(name string) (Function, bool) { v, ok := m.functions[name]; return v, ok }

// FunctionByName finds a function by its physical name.
func (m *Model) FunctionByName(name string) (Function, bool) {
	for _, f := range m.spec.Functions {
		if f.FunctionName == name {
			return f, true
		}
	}
	return Function{}, false
}

// Role finds a role by its ARN.
func (m *Model) Role(arn string) (Role, bool) { v, ok := m.roles[arn]; return v, ok }

// RouteTableOf is the table that a subnet uses: its own, or its VPC's main one.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
func (m *Model) RouteTableOf(s Subnet) (RouteTable, bool) {
	id := s.RouteTable
	if id == "" {
		id = m.mains[s.VPC]
	}
	t, ok := m.tables[id]
	return t, ok
}

// ACLOf is the network ACL that guards a subnet: its own, or its VPC's default.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (m *Model) ACLOf(s Subnet) (NetworkACL, bool) {
	id := s.ACL
	if s.ID == "" {
		return NetworkACL{}, false // no subnet
	}
	if id == "" {
		id = m.ownACLs[s.VPC]
	}
	a, ok := m.acls[id]
	return a, ok
}

// GatewayOf is the internet gateway attached to a VPC.
func (m *Model) GatewayOf(vpc VPCID) (InternetGateway, bool) {
	for _, g := range m.spec.InternetGateways {
		if g.VPC == vpc && vpc != "" {
			return g, true
		}
	}
	return InternetGateway{}, false
}

// ENI finds a network interface.
func (m *Model) ENI(id ENIID) (ENI, bool) {
	i, ok := m.eniByID[id]
	if !ok {
		return ENI{}, false
	}
	return m.enis[i], true
}

// ENIsOf are the interfaces that the resource of that name owns or shares.
func (m *Model) ENIsOf(name string) []ENI {
	ids := m.owned[name]
	if len(ids) == 0 {
		return nil
	}
	out := make([]ENI, len(ids))
	for i, id := range ids {
		out[i], _ = m.ENI(id)
	}
	return out
}

// OnPremisesCalled finds a stated network by its name.
func (m *Model) OnPremisesCalled(name string) (OnPremises, bool) {
	return find(m.spec.OnPremises, func(o OnPremises) bool { return o.Name == name })
}

// ENIAt finds the interface with a private address in a VPC.
func (m *Model) ENIAt(vpc VPCID, addr netip.Addr) (ENI, bool) {
	return m.ENI(m.byAddr[vpcAddr{vpc, addr}])
}

// ENIByPublicIP finds the interface behind a public address.
func (m *Model) ENIByPublicIP(addr netip.Addr) (ENI, bool) { return m.ENI(m.public[addr]) }

// VPCOfAddr finds the VPC other than not that holds a private address.
func (m *Model) VPCOfAddr(addr netip.Addr, not VPCID) (VPC, bool) {
	for _, v := range m.spec.VPCs {
		if v.ID != not && v.Contains(addr) {
			return v, true
		}
	}
	return VPC{}, false
}

// Contains reports whether addr is within one of the VPC's blocks.
func (v VPC) Contains(addr netip.Addr) bool {
	for _, c := range v.BlocksLike(addr) {
		if c.Contains(addr) {
			return true
		}
	}
	return false
}

// Resolver is the address of the VPC's DNS resolver: its primary CIDR's base
// plus two. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
func (v VPC) Resolver() (netip.Addr, bool) {
	cidrs, known := v.CIDRs.Get()
	if !known || len(cidrs) == 0 || !cidrs[0].Addr().Is4() {
		return netip.Addr{}, false
	}
	return addAddr(cidrs[0].Masked().Addr(), 2), true
}

// ServiceAt finds the AWS service behind a public address.
func (m *Model) ServiceAt(addr netip.Addr) (string, bool) {
	switch {
	case addr.Is6():
		return m.serviceAtIPv6(addr)
	case s3Range.Contains(addr):
		return "s3", true
	case dynamoRange.Contains(addr):
		return "dynamodb", true
	case !awsRange.Contains(addr):
		return "", false
	}
	if name, ok := servicesByAddr(m.spec.Region)[addr]; ok {
		return name, true
	}
	return "aws", true
}

// servicesByAddr are the services of a region by their made-up addresses; of
// two at one address the first.
func servicesByAddr(region string) map[netip.Addr]string {
	if known, ok := addrsOfRegion.Load(region); ok {
		return known.(map[netip.Addr]string)
	}
	out := map[netip.Addr]string{}
	for _, s := range slices.Backward(services) {
		out[PublicAddr(s.HostIn(region), region)] = s.Name
	}
	known, _ := addrsOfRegion.LoadOrStore(region, out)
	return known.(map[netip.Addr]string)
}

// addrsOfRegion keeps what servicesByAddr works out, which the catalogue alone
// decides: every packet to a public address asks.
var addrsOfRegion sync.Map
