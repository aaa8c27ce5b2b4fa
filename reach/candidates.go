package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
)

// refer writes a reference to a resource as a template does: !Ref for one of
// the template's own, the ID for one that is only stated as a fact.
func refer(name, id string, own bool) string {
	if own {
		return "!Ref " + name
	}
	return id
}

func (p *proposal) referGroup(id cloud.SecurityGroupID) string {
	g, _ := p.m.SecurityGroup(id)
	return refer(g.Name, string(id), logical(g.Name) == g.Name)
}

func (p *proposal) referSubnet(id cloud.SubnetID) string {
	s, _ := p.m.Subnet(id)
	return refer(s.Name, string(id), logical(s.Name) == s.Name)
}

func (p *proposal) referVPC(id cloud.VPCID) string {
	v, _ := p.m.VPC(id)
	return refer(v.Name, string(id), logical(v.Name) == v.Name)
}

// fresh is a name that no resource of the model has yet.
func (p *proposal) fresh(name string) string {
	taken := map[string]bool{}
	for v := range p.m.Subnets() {
		taken[v.Name] = true
	}
	for v := range p.m.RouteTables() {
		taken[v.Name] = true
	}
	for v := range p.m.SecurityGroups() {
		taken[v.Name] = true
	}
	for _, n := range p.m.Names() {
		taken[n] = true
	}
	for i, base := 2, name; taken[name]; i++ {
		name = fmt.Sprint(base, i)
	}
	return name
}

// service is the AWS service that the question is about, if it is one.
func (p *proposal) service() (cloud.Service, bool) {
	return cloud.ServiceOfHost(p.r.Host, p.m.Region())
}

// endpoint proposes a VPC endpoint for the service: a gateway endpoint where
// there is one, which costs nothing, and an interface endpoint in one subnet.
func (p *proposal) endpoint(f cloud.Function) []change {
	svc, ok := p.service()
	subnets, known := f.Network.Subnets.Get()
	if !ok || !known || len(subnets) == 0 || !p.exists(svc) {
		return nil
	}
	sub, ok := p.m.Subnet(subnets[0])
	if !ok {
		return nil
	}
	var out []change
	if svc.Gateway {
		out = append(out, p.gatewayEndpoint(svc, subnets, sub.VPC))
	}
	if svc.Interface && !p.hasEndpoint(svc, sub.VPC) {
		out = append(out, p.interfaceEndpoint(f, svc, sub, len(subnets)))
	}
	return out
}

// exists reports whether the endpoint service existed on the model's day.
func (p *proposal) exists(svc cloud.Service) bool {
	day := p.m.Catalogue()
	return day == "" || svc.Since == "" || svc.Since <= day
}

func (p *proposal) hasEndpoint(svc cloud.Service, vpc cloud.VPCID) bool {
	for e := range p.m.Endpoints() {
		if e.VPC == vpc && e.Service == svc.Name && e.Kind == cloud.InterfaceEndpoint {
			return true
		}
	}
	return false
}

func (p *proposal) gatewayEndpoint(svc cloud.Service, subnets []cloud.SubnetID, vpc cloud.VPCID) change {
	var tables []cloud.RouteTableID
	var refs []string
	for _, id := range subnets {
		sub, _ := p.m.Subnet(id)
		t, _ := p.m.RouteTableOf(sub)
		if !slices.Contains(tables, t.ID) {
			tables = append(tables, t.ID)
			refs = append(refs, refer(t.Name, string(t.ID), logical(t.Name) == t.Name))
		}
	}
	name := p.fresh(logical(svc.Name, "GatewayEndpoint"))
	e := cloud.Endpoint{Meta: cloud.Meta{Name: name, Type: "AWS::EC2::VPCEndpoint"}, ID: cloud.EndpointID(cloud.PhysicalID("vpce", p.m.Stack(), name)),
		VPC: vpc, Kind: cloud.GatewayEndpoint, Service: svc.Name, RouteTables: tables}
	return change{
		Fix: Fix{Summary: "add a gateway endpoint for " + svc.Name, opens: 1,
			Patch: yaml(name, "AWS::EC2::VPCEndpoint", "VpcEndpointType: Gateway", "VpcId: "+p.referVPC(vpc),
				"ServiceName: "+svc.EndpointService(p.m.Region()), "RouteTableIds: ["+strings.Join(refs, ", ")+"]")},
		apply: func(s *cloud.Spec) { s.Endpoints = append(s.Endpoints, e) },
	}
}

// interfaceEndpoint proposes one in the function's first subnet: the cheapest
// that works, since every subnet of the VPC reaches it.
func (p *proposal) interfaceEndpoint(f cloud.Function, svc cloud.Service, sub cloud.Subnet, zones int) change {
	name, sgName := p.fresh(logical(svc.Name, "InterfaceEndpoint")), p.fresh(logical(svc.Name, "InterfaceEndpointGroup"))
	sgID := cloud.SecurityGroupID(cloud.PhysicalID("sg", p.m.Stack(), sgName))
	groups, _ := f.Network.Groups.Get()
	sg := cloud.SecurityGroup{Meta: cloud.Meta{Name: sgName}, ID: sgID, VPC: sub.VPC, Egress: cloud.AllowAllEgress(f.At)}
	var from []string
	for _, g := range groups {
		sg.Ingress = append(sg.Ingress, cloud.Rule{Meta: cloud.Meta{Name: sgName}, Proto: netset.TCP, Ports: netset.Port(443), Peer: cloud.PeerGroup{ID: g}})
		from = append(from, fmt.Sprintf("  - {IpProtocol: tcp, FromPort: 443, ToPort: 443, SourceSecurityGroupId: %s}", p.referGroup(g)))
	}
	e := cloud.Endpoint{Meta: cloud.Meta{Name: name, Type: "AWS::EC2::VPCEndpoint"}, ID: cloud.EndpointID(cloud.PhysicalID("vpce", p.m.Stack(), name)),
		VPC: sub.VPC, Kind: cloud.InterfaceEndpoint, Service: svc.Name, Subnets: cloud.Known([]cloud.SubnetID{sub.ID}),
		Groups: cloud.Known([]cloud.SecurityGroupID{sgID}), PrivateDNS: cloud.Known(true)}
	summary := fmt.Sprintf("add an interface endpoint for %s in %s", svc.Name, sub.Name)
	if zones > 1 {
		summary += fmt.Sprintf(" (one zone; in all %d: $%.2f)", zones, usd(interfaceEndpointAZ)*float64(zones))
	}
	patch := yaml(sgName, "AWS::EC2::SecurityGroup", append([]string{"GroupDescription: HTTPS to " + svc.Name, "VpcId: " + p.referVPC(sub.VPC), "SecurityGroupIngress:"}, from...)...) +
		yaml(name, "AWS::EC2::VPCEndpoint", "VpcEndpointType: Interface", "VpcId: "+p.referVPC(sub.VPC), "ServiceName: "+svc.EndpointService(p.m.Region()),
			"PrivateDnsEnabled: true", "SubnetIds: ["+p.referSubnet(sub.ID)+"]", "SecurityGroupIds: [!Ref "+sgName+"]")
	return change{
		Fix: Fix{Summary: summary, USDPerYear: usd(interfaceEndpointAZ), opens: 1, Patch: patch},
		apply: func(s *cloud.Spec) {
			s.SecurityGroups = append(s.SecurityGroups, sg)
			s.Endpoints = append(s.Endpoints, e)
			for i, v := range s.VPCs {
				if v.ID == sub.VPC {
					s.VPCs[i].DNSSupport, s.VPCs[i].DNSHostnames = cloud.Known(true), cloud.Known(true)
				}
			}
		},
	}
}

// nat proposes a NAT gateway in a public subnet of the VPC and a private
// subnet for the function that routes to it: a function in the public subnet
// itself would still have no way out.
func (p *proposal) nat(f cloud.Function) []change {
	subnets, _ := f.Network.Subnets.Get()
	if len(subnets) == 0 {
		return nil
	}
	first, ok := p.m.Subnet(subnets[0])
	public, found := p.publicSubnet(first.VPC)
	free, room := p.freeBlock(first.VPC)
	if !ok || !found || !room {
		return nil
	}
	n := p.natParts(f, first, public, free)
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("add a NAT gateway in %s and move %s into a private subnet that routes to it", public.Name, f.Name),
			USDPerYear: usd(natGatewayHour + publicIPv4Hour), opens: 100, Patch: n.patch},
		apply: n.apply,
	}}
}

// publicSubnet finds a subnet of the VPC whose default route is an internet
// gateway.
func (p *proposal) publicSubnet(vpc cloud.VPCID) (cloud.Subnet, bool) {
	for s := range p.m.Subnets() {
		if s.VPC != vpc {
			continue
		}
		t, _ := p.m.RouteTableOf(s)
		for _, r := range t.Routes {
			if d, ok := r.Dest.(cloud.PrefixDest); ok && d.Bits() == 0 {
				if _, igw := r.Target.(cloud.ToInternetGateway); igw {
					return s, true
				}
			}
		}
	}
	return cloud.Subnet{}, false
}

// freeBlock finds a block of the VPC, of the size of its smallest subnet, that
// no subnet uses.
func (p *proposal) freeBlock(vpc cloud.VPCID) (netip.Prefix, bool) {
	v, _ := p.m.VPC(vpc)
	cidrs, _ := v.CIDRs.Get()
	var used []netip.Prefix
	bits := 0
	for s := range p.m.Subnets() {
		if c, ok := s.CIDR.Get(); ok && s.VPC == vpc {
			used = append(used, c)
			bits = max(bits, c.Bits())
		}
	}
	for _, c := range cidrs {
		for b := netip.PrefixFrom(c.Masked().Addr(), bits); bits > 0 && c.Contains(b.Addr()); b = after(b) {
			if !slices.ContainsFunc(used, b.Overlaps) {
				return b, true
			}
		}
	}
	return netip.Prefix{}, false
}

// after is the block of the same size that follows b.
func after(b netip.Prefix) netip.Prefix {
	a := b.Addr().As4()
	n := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	n += 1 << (32 - b.Bits())
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), b.Bits())
}

type natParts struct {
	apply func(*cloud.Spec)
	patch string
}

func (p *proposal) natParts(f cloud.Function, first, public cloud.Subnet, free netip.Prefix) natParts {
	natName, subnetName, tableName := p.fresh("NatGateway"), p.fresh("PrivateSubnet"), p.fresh("PrivateRouteTable")
	nat := cloud.NATGateway{Meta: cloud.Meta{Name: natName}, ID: "nat-proposed", Subnet: public.ID, Public: true,
		PublicIP: cloud.ElasticAddr(p.m.Stack(), natName)}
	kept, keptPatch := p.keptRoutes(first, tableName)
	table := cloud.RouteTable{Meta: cloud.Meta{Name: tableName}, ID: "rtb-proposed", VPC: public.VPC,
		Routes: append(kept, cloud.Route{Meta: cloud.Meta{Name: tableName + " default route"},
			Dest: cloud.PrefixDest{Prefix: netip.MustParsePrefix("0.0.0.0/0")}, Target: cloud.ToNATGateway{ID: nat.ID}})}
	sub := cloud.Subnet{Meta: cloud.Meta{Name: subnetName}, ID: "subnet-proposed", VPC: public.VPC, CIDR: cloud.Known(free),
		AZ: first.AZ, RouteTable: table.ID}
	vpc := "VpcId: " + p.referVPC(public.VPC)
	patch := yaml(natName+"Address", "AWS::EC2::EIP", "Domain: vpc") +
		yaml(natName, "AWS::EC2::NatGateway", "SubnetId: "+p.referSubnet(public.ID), "AllocationId: !GetAtt "+natName+"Address.AllocationId") +
		yaml(subnetName, "AWS::EC2::Subnet", vpc, "CidrBlock: "+free.String()) +
		yaml(tableName, "AWS::EC2::RouteTable", vpc) +
		yaml(tableName+"Default", "AWS::EC2::Route", "RouteTableId: !Ref "+tableName, "DestinationCidrBlock: 0.0.0.0/0", "NatGatewayId: !Ref "+natName) +
		keptPatch +
		yaml(subnetName+"Routes", "AWS::EC2::SubnetRouteTableAssociation", "SubnetId: !Ref "+subnetName, "RouteTableId: !Ref "+tableName) +
		fmt.Sprintf("  # %s: VpcConfig.SubnetIds: [!Ref %s]\n", f.Name, subnetName)
	return natParts{patch: patch, apply: func(s *cloud.Spec) {
		s.NATGateways = append(s.NATGateways, nat)
		s.RouteTables = append(s.RouteTables, table)
		s.Subnets = append(s.Subnets, sub)
		editFunction(s, f.Name, func(f *cloud.Function) {
			network := *f.Network
			network.Subnets = cloud.Known([]cloud.SubnetID{sub.ID})
			f.Network = &network
		})
	}}
}

// keptRoutes are the routes of a subnet that its successor needs too, for the
// model and for the template: all but those to an internet gateway.
func (p *proposal) keptRoutes(sub cloud.Subnet, table string) (kept []cloud.Route, patch string) {
	old, _ := p.m.RouteTableOf(sub)
	for _, r := range old.Routes {
		switch t := r.Target.(type) {
		case cloud.ToInternetGateway, cloud.ToNATGateway:
			continue
		case cloud.ToPeering:
			if d, ok := r.Dest.(cloud.PrefixDest); ok {
				pcx, _ := p.m.Peering(t.ID)
				patch += yaml(logical(table, pcx.Name, "Route"), "AWS::EC2::Route", "RouteTableId: !Ref "+table, "DestinationCidrBlock: "+d.String(),
					"VpcPeeringConnectionId: "+refer(pcx.Name, string(t.ID), logical(pcx.Name) == pcx.Name))
			}
		case cloud.ToTransitGateway:
			if d, ok := r.Dest.(cloud.PrefixDest); ok {
				g, _ := p.m.TransitGateway(t.ID)
				patch += yaml(logical(table, g.Name, d.String(), "Route"), "AWS::EC2::Route", "RouteTableId: !Ref "+table, "DestinationCidrBlock: "+d.String(),
					"TransitGatewayId: "+refer(g.Name, string(t.ID), logical(g.Name) == g.Name && g.Name != ""))
			}
		case cloud.ToEndpoint:
			e, _ := p.m.Endpoint(t.ID)
			patch += fmt.Sprintf("  # %s: RouteTableIds: add !Ref %s\n", e.Name, table)
		}
		kept = append(kept, r)
	}
	return kept, patch
}

func editFunction(s *cloud.Spec, name string, edit func(*cloud.Function)) {
	for i := range s.Functions {
		if s.Functions[i].Name == name {
			edit(&s.Functions[i])
		}
	}
}

// outOfVPC proposes to take the function out of its VPC, which costs nothing
// and loses whatever is private.
func (p *proposal) outOfVPC(f cloud.Function) []change {
	return []change{{
		Fix:   Fix{Summary: fmt.Sprintf("take %s out of the VPC", f.Name), opens: 1000, Patch: fmt.Sprintf("  # %s: remove VpcConfig\n", f.Name)},
		apply: func(s *cloud.Spec) { editFunction(s, f.Name, func(f *cloud.Function) { f.Network = nil }) },
	}}
}
