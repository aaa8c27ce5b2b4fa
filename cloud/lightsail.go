package cloud

import (
	"bailey/netset"
	"bailey/source"
)

// addLightsail turns Lightsail's own network into an ordinary one: a VPC with
// one public subnet and an internet gateway, each instance an interface whose
// firewall is a security group without any restriction on the way out. The
// peering with the default VPC, where it is known to be there, gets the routes
// that PeerVpc makes on both sides.
//
// https://docs.aws.amazon.com/lightsail/latest/userguide/lightsail-how-to-set-up-vpc-peering-with-aws-resources.html
func (s *Spec) addLightsail() {
	at := s.Lightsail.At
	cidr, known := s.Lightsail.CIDR.Get()
	if !known || !cidr.IsValid() {
		return
	}
	igw := InternetGatewayID("igw-lightsail")
	s.VPCs = append(s.VPCs, VPC{
		Meta: Meta{"lightsail", "AWS::EC2::VPC", at}, ID: LightsailVPC, Managed: true,
		CIDRs: Known(prefixes(cidr)), DNSSupport: Known(true), DNSHostnames: Known(true),
	})
	s.Subnets = append(s.Subnets, Subnet{
		Meta: Meta{"lightsail subnet", "AWS::EC2::Subnet", at}, ID: "subnet-lightsail", VPC: LightsailVPC,
		CIDR: Known(cidr), AZ: Unknown[string]("a Lightsail subnet spans the region here", at),
	})
	s.InternetGateways = append(s.InternetGateways, InternetGateway{
		Meta: Meta{"lightsail internet gateway", "AWS::EC2::InternetGateway", at}, ID: igw, VPC: LightsailVPC,
	})
	s.RouteTables = append(s.RouteTables, RouteTable{
		Meta: Meta{"lightsail main route table", "AWS::EC2::RouteTable", at}, ID: MainRouteTableID(LightsailVPC),
		VPC: LightsailVPC, Main: true,
		Routes: []Route{{Meta: Meta{"default route", "AWS::EC2::Route", at}, Dest: PrefixDest{anyIPv4}, Target: ToInternetGateway{igw}}},
	})
	for _, inst := range s.LightsailInstances {
		s.SecurityGroups = append(s.SecurityGroups, firewall(inst))
	}
	s.peerLightsail()
}

// peerLightsail adds the peering and its routes if it is known to be there.
func (s *Spec) peerLightsail() {
	peered, _ := s.Lightsail.Peered.Get()
	cidr, _ := s.Lightsail.CIDR.Get()
	if !peered {
		return
	}
	for _, v := range s.VPCs {
		own, known := v.CIDRs.Get()
		if !v.Default || !known {
			continue
		}
		at := s.Lightsail.At
		p := Peering{Meta: Meta{v.Name + " to lightsail", "AWS::EC2::VPCPeeringConnection", at},
			ID: PeeringID(PhysicalID("pcx", string(v.ID), "lightsail")), A: v.ID, B: LightsailVPC,
			Active: true, ADNS: s.Lightsail.DNS, BDNS: s.Lightsail.DNS}
		s.Peerings = append(s.Peerings, p)
		m := Meta{"route to " + p.Name, "AWS::EC2::Route", at}
		s.addRoute(s.mainTable(v.ID), Route{Meta: m, Dest: PrefixDest{cidr}, Target: ToPeering{p.ID}})
		for _, c := range own {
			s.addRoute(MainRouteTableID(LightsailVPC), Route{Meta: m, Dest: PrefixDest{c}, Target: ToPeering{p.ID}})
		}
	}
}

// mainTable is the VPC's main route table, as declared or as AWS makes it.
func (s *Spec) mainTable(vpc VPCID) RouteTableID {
	for _, t := range s.RouteTables {
		if t.VPC == vpc && t.Main {
			return t.ID
		}
	}
	return MainRouteTableID(vpc)
}

// addRoute adds r to the table with the given ID.
func (s *Spec) addRoute(id RouteTableID, r Route) {
	for i, t := range s.RouteTables {
		if t.ID == id {
			s.RouteTables[i].Routes = append(t.Routes[:len(t.Routes):len(t.Routes)], r)
		}
	}
}

// FirewallID is the security group that stands for an instance's firewall.
func FirewallID(inst LightsailInstance) SecurityGroupID {
	return SecurityGroupID(PhysicalID("sg", "lightsail", inst.Name))
}

// Openings are the ports that the instance's firewall admits. Where a template
// states none, Lightsail opens 22 and 80.
// https://docs.aws.amazon.com/lightsail/latest/userguide/understanding-firewall-and-port-mappings-in-amazon-lightsail.html
func (in LightsailInstance) Openings() []FirewallPort {
	if in.Firewall != nil {
		return in.Firewall
	}
	return []FirewallPort{
		{Proto: netset.TCP, Ports: netset.Port(22), At: in.At}, {Proto: netset.TCP, Ports: netset.Port(80), At: in.At},
	}
}

// firewall is the instance's firewall as a security group.
func firewall(inst LightsailInstance) SecurityGroup {
	g := SecurityGroup{Meta: Meta{inst.Name + " firewall", "AWS::Lightsail::Instance", inst.At},
		ID: FirewallID(inst), VPC: LightsailVPC, Firewall: true, Egress: AllowAllEgress(source.Span{})}
	for _, p := range inst.Openings() {
		m := Meta{g.Name, g.Type, p.At}
		if p.Open != nil {
			g.Ingress = append(g.Ingress, Rule{m, p.Proto, p.Ports, PeerUnknown{*p.Open}})
			continue
		}
		if len(p.CIDRs) == 0 {
			g.Ingress = append(g.Ingress, Rule{m, p.Proto, p.Ports, PeerCIDR{anyIPv4}})
		}
		for _, c := range p.CIDRs {
			g.Ingress = append(g.Ingress, Rule{m, p.Proto, p.Ports, PeerCIDR{c}})
		}
	}
	return g
}
