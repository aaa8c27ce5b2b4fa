package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// The world of the facts: VPC 10.0.0.0/16 with a public and a private subnet,
// function F and instance App in the private one, instance Box with a public
// address in the public one, VPC far 10.1.0.0/16 with Db across a peering.

func block16(s string) cloud.Value[[]netip.Prefix] {
	return cloud.Known([]netip.Prefix{netip.MustParsePrefix(s)})
}

func aVPC(id cloud.VPCID, cidr string) cloud.VPC {
	return cloud.VPC{Meta: meta(string(id)), ID: id, CIDRs: block16(cidr), DNSSupport: cloud.Known(true), DNSHostnames: cloud.Known(true)}
}

func aSubnet(id cloud.SubnetID, in cloud.VPCID, cidr string, table cloud.RouteTableID) cloud.Subnet {
	return cloud.Subnet{Meta: meta(string(id)), ID: id, VPC: in, CIDR: cloud.Known(netip.MustParsePrefix(cidr)), RouteTable: table}
}

func aTable(id cloud.RouteTableID, in cloud.VPCID, routes ...cloud.Route) cloud.RouteTable {
	return cloud.RouteTable{Meta: meta(string(id)), ID: id, VPC: in, Routes: routes}
}

func to(cidr string, target cloud.RouteTarget) cloud.Route {
	return cloud.Route{Meta: meta("route"), Dest: cloud.PrefixDest{Prefix: netip.MustParsePrefix(cidr)}, Target: target}
}

func aGroup(id cloud.SecurityGroupID, in cloud.VPCID, ingress ...cloud.Rule) cloud.SecurityGroup {
	return cloud.SecurityGroup{Meta: meta(string(id)), ID: id, VPC: in, Ingress: ingress, Egress: cloud.AllowAllEgress(source.Span{})}
}

func tcp(port uint16, from cloud.Peer) cloud.Rule {
	return cloud.Rule{Meta: meta("rule"), Proto: netset.TCP, Ports: netset.Port(port), Peer: from}
}

func in(id cloud.SecurityGroupID) cloud.Peer { return cloud.PeerGroup{ID: id} }

func block4(cidr string) cloud.Peer { return cloud.PeerCIDR{Prefix: netip.MustParsePrefix(cidr)} }

func anInstance(name, ip string, sub cloud.SubnetID, groups ...cloud.SecurityGroupID) cloud.Instance {
	return cloud.Instance{Meta: meta(name), ID: "i-" + name, Subnet: cloud.Known(sub), Groups: cloud.Known(groups), PrivateIP: netip.MustParseAddr(ip)}
}

func aFunction(name string, sub cloud.SubnetID, groups ...cloud.SecurityGroupID) cloud.Function {
	return cloud.Function{Meta: meta(name), FunctionName: name, Network: &cloud.Attachment{
		Subnets: cloud.Known([]cloud.SubnetID{sub}), Groups: cloud.Known(groups)}}
}

func allow(n int, ports netset.PortRange) cloud.ACLEntry {
	return cloud.ACLEntry{Meta: meta("entry"), Number: n, Allow: true, Proto: netset.TCP, Ports: ports, CIDR: cloud.Known(netip.MustParsePrefix("0.0.0.0/0"))}
}

func yard(edits ...func(*cloud.Spec)) cloud.Spec {
	s := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t",
		VPCs:             []cloud.VPC{aVPC("vpc-a", "10.0.0.0/16"), aVPC("vpc-far", "10.1.0.0/16")},
		InternetGateways: []cloud.InternetGateway{{Meta: meta("igw"), ID: "igw-a", VPC: "vpc-a"}},
		Peerings:         []cloud.Peering{{Meta: meta("peering"), ID: "pcx", A: "vpc-a", B: "vpc-far", Active: true}},
		RouteTables: []cloud.RouteTable{
			aTable("rtb-public", "vpc-a", to("0.0.0.0/0", cloud.ToInternetGateway{ID: "igw-a"})),
			aTable("rtb-private", "vpc-a", to("10.1.0.0/16", cloud.ToPeering{ID: "pcx"})),
			aTable("rtb-far", "vpc-far", to("10.0.2.0/24", cloud.ToPeering{ID: "pcx"})),
		},
		Subnets: []cloud.Subnet{
			aSubnet("subnet-public", "vpc-a", "10.0.1.0/24", "rtb-public"), aSubnet("subnet-private", "vpc-a", "10.0.2.0/24", "rtb-private"),
			aSubnet("subnet-far", "vpc-far", "10.1.1.0/24", "rtb-far"),
		},
		SecurityGroups: []cloud.SecurityGroup{aGroup("sg-f", "vpc-a"), aGroup("sg-app", "vpc-a", tcp(8080, in("sg-f"))),
			aGroup("sg-box", "vpc-a", tcp(80, in("sg-f")), tcp(443, block4("0.0.0.0/0"))), aGroup("sg-db", "vpc-far", tcp(5432, in("sg-app")))},
		Functions: []cloud.Function{aFunction("F", "subnet-private", "sg-f")},
		Instances: []cloud.Instance{anInstance("App", "10.0.2.8", "subnet-private", "sg-app"), anInstance("Box", "10.0.1.8", "subnet-public", "sg-box"),
			anInstance("Db", "10.1.1.8", "subnet-far", "sg-db")},
	}
	s.Instances[1].PublicIP = netip.MustParseAddr("198.19.0.7")
	for _, e := range edits {
		e(&s)
	}
	return s
}

// noIGWRoute leaves no subnet with a route to the internet gateway.
func noIGWRoute(s *cloud.Spec) { s.RouteTables[0].Routes = nil }

// withNAT adds a NAT gateway, a regional one where it is in no subnet, and the
// private default route to it.
func withNAT(in cloud.SubnetID) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.NATGateways = []cloud.NATGateway{{Meta: meta("nat"), ID: "nat", Subnet: in, VPC: "vpc-a", Public: true, PublicIP: netip.MustParseAddr("198.19.0.9")}}
		s.RouteTables[1].Routes = append(s.RouteTables[1].Routes, to("0.0.0.0/0", cloud.ToNATGateway{ID: "nat"}))
	}
}

// withACL puts a network ACL on a subnet.
func withACL(on int, ingress, egress []cloud.ACLEntry) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.NetworkACLs = append(s.NetworkACLs, cloud.NetworkACL{Meta: meta("acl"), ID: "acl", VPC: "vpc-a", Ingress: ingress, Egress: egress})
		s.Subnets[on].ACL = "acl"
	}
}

func withEndpoint(kind cloud.EndpointKind) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Endpoints = append(s.Endpoints, cloud.Endpoint{Meta: meta("s3"), ID: "vpce-s3", VPC: "vpc-a", Kind: kind, Service: "s3",
			Subnets: cloud.Known([]cloud.SubnetID{"subnet-private"}), Groups: cloud.Known([]cloud.SecurityGroupID{"sg-all"}), RouteTables: []cloud.RouteTableID{"rtb-private"}})
		s.SecurityGroups = append(s.SecurityGroups, aGroup("sg-all", "vpc-a", cloud.Rule{Meta: meta("all"), Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: block4("0.0.0.0/0")}))
	}
}

func classNamed(t testing.TB, n *Network, name string) *Class {
	t.Helper()
	for _, c := range n.Classes() {
		if slices.Contains(c.Owners, name) {
			return c
		}
	}
	t.Fatalf("nothing is called %s", name)
	return nil
}

// said is what an Edge says, in one line.
func said(open fmt.Stringer, unknown []Doubt[netset.Traffic]) string {
	out := open.String()
	for _, d := range unknown {
		out += fmt.Sprintf(" ?%s: %s", d.Gap.Because, d.Packets)
	}
	return out
}

// between is what passes from one to another, by private then public addresses.
func between(t testing.TB, n *Network, from, to string) string {
	var out []string
	for e := range n.Pairs() {
		if e.From != classNamed(t, n, from) || e.To != classNamed(t, n, to) {
			continue
		}
		text := said(e.Open(), e.Unknown())
		if e.Public {
			text = "public " + text
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// outside is what passes to something that is no interface.
func outside(t testing.TB, n *Network, from, to string) string {
	o := n.From(classNamed(t, n, from))
	at := func(s netset.Set, a string) string {
		ip := netip.MustParseAddr(a)
		var unknown []Doubt[netset.Traffic]
		for _, d := range o.Unknown {
			if in := d.Packets.At(ip); !in.IsEmpty() {
				unknown = append(unknown, Doubt[netset.Traffic]{d.Gap, in})
			}
		}
		return said(s.At(ip), unknown)
	}
	switch to {
	case "internet":
		return at(o.Internet, "203.0.113.10")
	case "resolver":
		return at(o.Resolver, "169.254.169.253")
	case "s3":
		return at(o.Endpoints["vpce-s3"], "52.92.130.1")
	}
	return at(o.Open, to)
}

// Each case is one fact of AWS's documentation, over everything that passes.
func TestWhatPasses(t *testing.T) {
	high, linux := netset.PortRange{Lo: 1024, Hi: 65535}, netset.PortRange{Lo: 32768, Hi: 61000}
	gap := cloud.Gap{Because: "nobody said"}
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
		{"a rule that names a group admits its members and nobody else", nil, "F", "App", "tcp 8080"},
		{"in the same subnet groups filter all the same", nil, "App", "App", "none"},
		{"the rules of all groups are summed", []func(*cloud.Spec){func(s *cloud.Spec) {
			s.Instances[0].Groups = cloud.Known([]cloud.SecurityGroupID{"sg-app", "sg-box"})
		}}, "F", "App", "tcp 80; tcp 443; tcp 8080"},
		{"a rule whose peer is open leaves its port unknown", []func(*cloud.Spec){func(s *cloud.Spec) {
			s.SecurityGroups[1].Ingress = append(s.SecurityGroups[1].Ingress, tcp(9090, cloud.PeerUnknown{Gap: gap}))
		}}, "F", "App", "tcp 8080 ?nobody said: tcp 9090"},
		{"what egress refuses does not hang on ingress", []func(*cloud.Spec){func(s *cloud.Spec) {
			s.SecurityGroups[1].Ingress = []cloud.Rule{tcp(9090, cloud.PeerUnknown{Gap: gap})}
			s.SecurityGroups[0].Egress = []cloud.Rule{tcp(80, block4("0.0.0.0/0"))}
		}}, "F", "App", "none"},
		{"an interface whose groups are open takes it is not known what", []func(*cloud.Spec){func(s *cloud.Spec) {
			s.Instances[0].Groups = cloud.Unknown[[]cloud.SecurityGroupID]("nobody said", source.Span{})
		}}, "F", "App", "none ?nobody said: everything"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
		{"a network ACL filters replies by the port they go to", []func(*cloud.Spec){withACL(0, []cloud.ACLEntry{allow(1, netset.Port(80))}, []cloud.ACLEntry{allow(1, linux)})},
			"F", "Box", "tcp 80 from 32768-61000"},
		{"a network ACL that allows nothing out loses all replies", []func(*cloud.Spec){withACL(0, []cloud.ACLEntry{allow(1, netset.AllPorts)}, nil)}, "F", "Box", "none"},
		{"the first entry that matches decides", []func(*cloud.Spec){withACL(0, []cloud.ACLEntry{allow(2, netset.AllPorts),
			{Meta: meta("deny"), Number: 1, Proto: netset.TCP, Ports: netset.Port(80), CIDR: cloud.Known(netip.MustParsePrefix("10.0.2.0/24"))}}, []cloud.ACLEntry{allow(1, high)})},
			"F", "Box", "tcp 443 from 1024-65535"},
		{"no network ACL applies within a subnet", []func(*cloud.Spec){withACL(1, nil, nil)}, "F", "App", "tcp 8080"},
		// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
		{"nothing connects to a function", nil, "App", "F", "none"},
		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
		{"a peering with routes on both sides, a group across it", nil, "App", "Db", "tcp 5432"},
		{"the reply needs a route of its own", []func(*cloud.Spec){func(s *cloud.Spec) { s.RouteTables[2].Routes = nil }}, "App", "Db", "none"},
		{"a peering that was not accepted carries nothing", []func(*cloud.Spec){func(s *cloud.Spec) { s.Peerings[0].Active = false }}, "App", "Db", "none"},
		{"a peering to another region carries no references to groups", []func(*cloud.Spec){func(s *cloud.Spec) { s.VPCs[1].Region = "eu-west-1" }}, "App", "Db", "none"},
		{"and carries what rules admit by address", []func(*cloud.Spec){func(s *cloud.Spec) {
			s.VPCs[1].Region, s.SecurityGroups[3].Ingress = "eu-west-1", []cloud.Rule{tcp(5432, block4("10.0.0.0/16"))}
		}}, "App", "Db", "tcp 5432"},
		{"a route back that is open makes it unknown", []func(*cloud.Spec){func(s *cloud.Spec) { s.RouteTables[2].Routes[0].Target = cloud.ToUnknown{Gap: gap} }},
			"App", "Db", "none ?nobody said: tcp 5432"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
		{"an instance with a public address has the internet", nil, "Box", "internet", "everything"},
		{"a private subnet has none", nil, "App", "internet", "none"},
		{"a function in a public subnet has none", []func(*cloud.Spec){func(s *cloud.Spec) { s.Functions[0] = aFunction("F", "subnet-public", "sg-f") }}, "F", "internet", "none"},
		{"an internet gateway drops private destinations", nil, "Box", "192.168.1.1", "none"},
		{"and shared ones", nil, "Box", "100.64.0.1", "none"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
		{"a NAT gateway carries TCP, UDP and ICMP", []func(*cloud.Spec){withNAT("subnet-public")}, "App", "internet", "tcp all; udp all; icmp"},
		{"a NAT gateway in a private subnet leads nowhere", []func(*cloud.Spec){withNAT("subnet-private")}, "App", "internet", "none"},
		{"through a NAT gateway a public address sees its address, not the group", []func(*cloud.Spec){withNAT("subnet-public")}, "F", "Box", "tcp 80; tcp 443, public tcp 443"},
		{"a NAT gateway's own ports begin at 1024, so its subnet's ACL need not allow less", []func(*cloud.Spec){withNAT("subnet-public"),
			withACL(0, []cloud.ACLEntry{allow(1, high), allow(2, netset.Port(443))}, []cloud.ACLEntry{allow(1, netset.AllPorts)})}, "App", "internet", "tcp 443; tcp 1024-65535"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
		{"a regional NAT gateway needs no public subnet", []func(*cloud.Spec){withNAT(""), noIGWRoute}, "App", "internet", "tcp all; udp all; icmp"},
		{"it dials under any of its addresses", []func(*cloud.Spec){withNAT(""), func(s *cloud.Spec) {
			s.NATGateways[0].MorePublic = []netip.Addr{netip.MustParseAddr("198.19.0.10")}
			s.SecurityGroups[2].Ingress = []cloud.Rule{tcp(80, block4("198.19.0.9/32")), tcp(81, block4("198.19.0.8/29"))}
		}}, "App", "Box", "public tcp 81 ?which of its 2 addresses nat gives a connection AWS does not tell, and they are treated unlike: tcp 80"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
		{"the private addresses of one count where it sends within the VPC", []func(*cloud.Spec){withNAT("subnet-public"), func(s *cloud.Spec) {
			s.RouteTables[1].Routes = append(s.RouteTables[1].Routes, to("10.0.1.0/24", cloud.ToNATGateway{ID: "nat"}))
			s.NATGateways[0].PrivateIP, s.NATGateways[0].MorePrivate = netip.MustParseAddr("10.0.1.77"), []netip.Addr{netip.MustParseAddr("10.0.1.79")}
			s.SecurityGroups[2].Ingress = []cloud.Rule{tcp(80, block4("10.0.1.76/30"))}
		}}, "App", "Box", "tcp 80"},
		// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
		{"a gateway endpoint takes TCP and ICMP", []func(*cloud.Spec){withEndpoint(cloud.GatewayEndpoint)}, "App", "s3", "tcp all; icmp"},
		{"an endpoint whose policy allows nothing passes nothing", []func(*cloud.Spec){withEndpoint(cloud.GatewayEndpoint), func(s *cloud.Spec) { s.Endpoints[0].Policy = &cloud.Policy{} }},
			"App", "s3", "none"},
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
		{"an endpoint that waits for its acceptance passes nothing", []func(*cloud.Spec){withEndpoint(cloud.InterfaceEndpoint), func(s *cloud.Spec) { s.Endpoints[0].State = "pendingAcceptance" }}, "F", "s3", "none"},
		{"nor does a gateway endpoint that is gone", []func(*cloud.Spec){withEndpoint(cloud.GatewayEndpoint), func(s *cloud.Spec) { s.Endpoints[0].State = "deleted" }}, "App", "s3", "none"},
		{"nor a NAT gateway that failed", []func(*cloud.Spec){withNAT("subnet-public"), func(s *cloud.Spec) { s.NATGateways[0].State = "failed" }}, "App", "internet", "none"},
		// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
		{"an interface endpoint takes HTTPS", []func(*cloud.Spec){withEndpoint(cloud.InterfaceEndpoint)}, "F", "s3", "tcp 443"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
		{"no group and no ACL stands before the resolver", []func(*cloud.Spec){withACL(1, nil, nil), func(s *cloud.Spec) { s.SecurityGroups[0].Egress = nil }}, "F", "resolver", "everything"},
		{"without DNS support there is none", []func(*cloud.Spec){func(s *cloud.Spec) { s.VPCs[0].DNSSupport = cloud.Known(false) }}, "F", "resolver", "none"},
		// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
		{"a function outside a VPC has the internet", []func(*cloud.Spec){func(s *cloud.Spec) { s.Functions[0].Network = nil }}, "F", "internet", "everything"},
		{"and public addresses of the model", []func(*cloud.Spec){func(s *cloud.Spec) { s.Functions[0].Network = nil }}, "F", "Box", "public tcp 443"},
		{"and nothing private", []func(*cloud.Spec){func(s *cloud.Spec) { s.Functions[0].Network = nil }}, "F", "App", "none"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			n := Compile(built(t, yard(c.with...)))
			ask := outside
			if slices.ContainsFunc(n.Classes(), func(k *Class) bool { return slices.Contains(k.Owners, c.to) }) {
				ask = between
			}
			if got := ask(t, n, c.from, c.to); got != c.want {
				t.Errorf("%s -> %s: %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}
