package cloud

import (
	"net/netip"

	"bailey/netset"
	"bailey/source"
)

// A DefaultSubnet is one subnet of a default VPC. Without a CIDR it is the
// next free /20 of the VPC.
type DefaultSubnet struct {
	ID   SubnetID
	AZ   string
	CIDR netip.Prefix
	At   source.Span
}

// AddDefaultVPC adds the region's default VPC as AWS makes it: 172.31.0.0/16,
// a public /20 in each Availability Zone, one internet gateway, a main route
// table whose default route leads there, both DNS attributes on.
//
// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
func (s *Spec) AddDefaultVPC(id VPCID, name string, subnets []DefaultSubnet, at source.Span) {
	cidr := netip.MustParsePrefix("172.31.0.0/16")
	s.VPCs = append(s.VPCs, VPC{
		Meta: Meta{name, "AWS::EC2::VPC", at}, ID: id, CIDRs: Known([]netip.Prefix{cidr}),
		DNSSupport: Known(true), DNSHostnames: Known(true), Default: true,
	})
	igw := InternetGatewayID(PhysicalID("igw", string(id), "default"))
	s.InternetGateways = append(s.InternetGateways, InternetGateway{
		Meta: Meta{name + " internet gateway", "AWS::EC2::InternetGateway", at}, ID: igw, VPC: id,
	})
	s.RouteTables = append(s.RouteTables, RouteTable{
		Meta: Meta{name + " main route table", "AWS::EC2::RouteTable", at}, ID: MainRouteTableID(id), VPC: id, Main: true,
		Routes: []Route{{
			Meta: Meta{"default route", "AWS::EC2::Route", at},
			Dest: PrefixDest{anyIPv4}, Target: ToInternetGateway{igw},
		}},
	})
	for i, sub := range subnets {
		if !sub.CIDR.IsValid() {
			sub.CIDR = netip.PrefixFrom(addAddr(cidr.Addr(), uint32(i)<<12), 20)
		}
		s.Subnets = append(s.Subnets, Subnet{
			Meta: Meta{string(sub.ID), "AWS::EC2::Subnet", sub.At}, ID: sub.ID, VPC: id,
			CIDR: Known(sub.CIDR), AZ: Known(sub.AZ),
		})
	}
}

var (
	anyIPv4 = netip.MustParsePrefix("0.0.0.0/0")
	anyIPv6 = netip.MustParsePrefix("::/0")
)

// AllowAllEgress is the rule that AWS gives every new security group.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
func AllowAllEgress(at source.Span) []Rule {
	m := Meta{"allow all egress", "AWS::EC2::SecurityGroupEgress", at}
	return []Rule{
		{Meta: m, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: PeerCIDR{anyIPv4}},
		{Meta: m, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: PeerCIDR{anyIPv6}},
	}
}

// completeVPCs adds what AWS makes together with every VPC and the Spec does
// not state: default group, default ACL, main route table.
func (s *Spec) completeVPCs() {
	groups, acls, mains := map[VPCID]bool{}, map[VPCID]bool{}, map[VPCID]bool{}
	for _, g := range s.SecurityGroups {
		groups[g.VPC] = groups[g.VPC] || g.Default
	}
	for _, a := range s.NetworkACLs {
		acls[a.VPC] = acls[a.VPC] || a.Default
	}
	for _, t := range s.RouteTables {
		mains[t.VPC] = mains[t.VPC] || t.Main
	}
	for _, v := range s.VPCs {
		if !groups[v.ID] {
			s.SecurityGroups = append(s.SecurityGroups, defaultGroup(v))
		}
		if !acls[v.ID] {
			s.NetworkACLs = append(s.NetworkACLs, defaultACL(v))
		}
		if !mains[v.ID] {
			s.RouteTables = append(s.RouteTables, RouteTable{
				Meta: Meta{v.Name + " main route table", "AWS::EC2::RouteTable", v.At}, ID: MainRouteTableID(v.ID), VPC: v.ID, Main: true,
			})
		}
	}
}

// defaultGroup admits everything from itself and lets everything out.
func defaultGroup(v VPC) SecurityGroup {
	id := DefaultGroupID(v.ID)
	m := Meta{v.Name + " default security group", "AWS::EC2::SecurityGroup", v.At}
	return SecurityGroup{Meta: m, ID: id, VPC: v.ID, Default: true, Egress: AllowAllEgress(v.At), Ingress: []Rule{
		{Meta: m, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: PeerGroup{id}},
	}}
}

// defaultACL lets everything through.
func defaultACL(v VPC) NetworkACL {
	m := Meta{v.Name + " default network ACL", "AWS::EC2::NetworkAcl", v.At}
	all := []ACLEntry{{Meta: m, Number: 100, Allow: true, Proto: netset.AnyProtocol, Ports: netset.AllPorts, CIDR: Known(anyIPv4)},
		{Meta: m, Number: 101, Allow: true, Proto: netset.AnyProtocol, Ports: netset.AllPorts, CIDR: Known(anyIPv6)}}
	return NetworkACL{Meta: m, ID: DefaultACLID(v.ID), VPC: v.ID, Default: true, Ingress: all, Egress: all}
}
