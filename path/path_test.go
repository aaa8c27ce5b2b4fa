package path

import (
	"net/netip"
	"slices"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

func privateRoute(dest string, to cloud.RouteTarget) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.RouteTables[1].Routes = append(s.RouteTables[1].Routes, route(dest, to))
	}
}

// nat adds a NAT gateway in the given subnet and the private default route.
func nat(in cloud.SubnetID, public bool) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		n := cloud.NATGateway{Meta: meta("NAT", 11), ID: "nat-a", Subnet: in, Public: public}
		if public {
			n.PublicIP = netip.MustParseAddr("198.19.7.7")
		}
		s.NATGateways = append(s.NATGateways, n)
		privateRoute("0.0.0.0/0", cloud.ToNATGateway{ID: "nat-a"})(s)
	}
}

// acl puts a network ACL on one subnet.
func acl(on cloud.SubnetID, in, out []cloud.ACLEntry) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		id := cloud.NetworkACLID("acl-" + on)
		s.NetworkACLs = append(s.NetworkACLs, cloud.NetworkACL{Meta: meta(string(id), 10), ID: id, VPC: "vpc-a", Ingress: in, Egress: out})
		for i, sub := range s.Subnets {
			if sub.ID == on {
				s.Subnets[i].ACL = id
			}
		}
	}
}

// peer adds vpc-b 10.1.0.0/16 with instance Far, peered with vpc-a.
func peer(active bool, there, back bool) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.VPCs = append(s.VPCs, vpc("vpc-b", "10.1.0.0/16"))
		far := table("rtb-far", "vpc-b")
		if back {
			far.Routes = append(far.Routes, route("10.0.0.0/16", cloud.ToPeering{ID: "pcx-ab"}))
		}
		s.RouteTables = append(s.RouteTables, far)
		s.Subnets = append(s.Subnets, subnet("subnet-far", "vpc-b", "10.1.1.0/24", "rtb-far"))
		s.SecurityGroups = append(s.SecurityGroups, group("sg-far", "vpc-b", rules(tcp(5432, inGroup("sg-f"))), rules(everything(anywhere))))
		s.Instances = append(s.Instances, instance("Far", "10.1.1.9", sgs("sg-far"), "subnet-far"))
		s.Peerings = append(s.Peerings, cloud.Peering{Meta: meta("Peering", 12), ID: "pcx-ab", A: "vpc-a", B: "vpc-b", Active: active})
		if there {
			privateRoute("10.1.0.0/16", cloud.ToPeering{ID: "pcx-ab"})(s)
		}
	}
}

// endpoint adds an interface endpoint for ssm in the private subnet.
func endpoint(privateDNS bool, groups ...cloud.SecurityGroupID) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Endpoints = append(s.Endpoints, cloud.Endpoint{Meta: meta("Endpoint", 13), ID: "vpce-ssm", VPC: "vpc-a", Kind: cloud.InterfaceEndpoint,
			Service: "ssm", Subnets: known[cloud.SubnetID]("subnet-private"), Groups: cloud.Known(groups), PrivateDNS: cloud.Known(privateDNS)})
		s.SecurityGroups = append(s.SecurityGroups, group("sg-endpoint", "vpc-a", rules(tcp(443, inGroup("sg-f"))), nil))
	}
}

func s3Endpoint(s *cloud.Spec) {
	s.Endpoints = append(s.Endpoints, cloud.Endpoint{Meta: meta("S3", 14), ID: "vpce-s3", VPC: "vpc-a", Kind: cloud.GatewayEndpoint,
		Service: "s3", RouteTables: []cloud.RouteTableID{"rtb-private"}})
}

func moveF(to ...cloud.SubnetID) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.Functions[0] = function("F", sgs("sg-f"), to...) }
}

func egressOfF(r ...cloud.Rule) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.SecurityGroups[0].Egress = r }
}

func ingressOfBox(r ...cloud.Rule) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.SecurityGroups[1].Ingress = r }
}

func vpcDNS(support, hostnames bool) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.VPCs[0].DNSSupport, s.VPCs[0].DNSHostnames = cloud.Known(support), cloud.Known(hostnames)
	}
}

func edits(e ...func(*cloud.Spec)) []func(*cloud.Spec) { return e }

var (
	high  = netset.PortRange{Lo: 1024, Hi: 65535}
	linux = netset.PortRange{Lo: 32768, Hi: 61000}
	web   = netset.Port(80)
)

// Each case is one fact of AWS's documentation, named.
func TestWhatTheNetworkDoes(t *testing.T) {
	allow := func(n int, p netset.PortRange) cloud.ACLEntry { return entry(n, true, p, "0.0.0.0/0") }
	deny := func(n int, p netset.PortRange) cloud.ACLEntry { return entry(n, false, p, "0.0.0.0/0") }
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
		{"a rule that names a group admits its interfaces", nil, "F", "Box:80", "reachable"},
		{"what no rule admits is refused", nil, "F", "Box:81", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		{"a group without rules in a direction denies it", edits(egressOfF()), "F", "Box:80", "blocked SG_HAS_NO_RULES(sg-f)"},
		{"both ends' groups are named when both refuse", edits(egressOfF(tcp(443, anywhere)), ingressOfBox()), "F", "Box:80",
			"blocked ENI_SG_RULES_MISMATCH(sg-f) SG_HAS_NO_RULES(sg-box)"},
		{"groups are stateful: the reply needs no rule", edits(func(s *cloud.Spec) { s.SecurityGroups[1].Egress = nil }), "F", "Box:80", "reachable"},
		{"a rule by CIDR sees the private address", edits(ingressOfBox(tcp(80, from("10.0.2.0/24")))), "F", "Box:80", "reachable"},
		{"an egress rule may name the far group", edits(egressOfF(tcp(80, inGroup("sg-box")))), "F", "Box:80", "reachable"},
		{"the rules of all groups are summed", edits(func(s *cloud.Spec) {
			s.SecurityGroups = append(s.SecurityGroups, group("sg-more", "vpc-a", rules(tcp(81, anywhere)), nil))
			s.Instances[0] = instance("Box", "10.0.1.50", sgs("sg-box", "sg-more"), "subnet-public")
		}), "F", "Box:81", "reachable"},
		{"a rule that is left open makes the answer unknown", edits(ingressOfBox(tcp(80, cloud.PeerUnknown{Gap: cloud.Gap{Because: "parameter Office has no value"}}))),
			"F", "Box:80", "unknown ?parameter Office has no value"},
		{"an open rule does not matter where another admits", edits(ingressOfBox(tcp(80, cloud.PeerUnknown{}), tcp(80, anywhere))), "F", "Box:80", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
		{"an ACL decides by the lowest number that matches", edits(acl("subnet-public", []cloud.ACLEntry{allow(200, web), deny(100, web)}, []cloud.ACLEntry{allow(1, high)})),
			"F", "Box:80", "blocked SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"an ACL that matches nothing denies", edits(acl("subnet-public", nil, []cloud.ACLEntry{allow(1, high)})), "F", "Box:80",
			"blocked SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"an ACL is stateless: the reply needs its own entry", edits(acl("subnet-public", []cloud.ACLEntry{allow(1, web)}, nil)), "F", "Box:80",
			"blocked <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"the reply goes to 1024-65535 for Lambda: 32768-61000 is too narrow", edits(acl("subnet-public", []cloud.ACLEntry{allow(1, web)}, []cloud.ACLEntry{allow(1, linux)})),
			"F", "Box:80", "partial <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"1024-65535 is wide enough", edits(acl("subnet-public", []cloud.ACLEntry{allow(1, web)}, []cloud.ACLEntry{allow(1, high)})), "F", "Box:80", "reachable"},
		{"no ACL applies within a subnet", edits(moveF("subnet-public"), acl("subnet-public", nil, nil)), "F", "Box:80", "reachable"},
		{"the source's own subnet filters the way out and the reply", edits(acl("subnet-private", nil, nil)), "F", "Box:80",
			"blocked SUBNET_ACL_RESTRICTION(acl-subnet-private) <SUBNET_ACL_RESTRICTION(acl-subnet-private)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
		{"a subnet without a route has no internet", nil, "F", "internet", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"a function in a public subnet has no public IP", edits(moveF("subnet-public")), "F", "internet", "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(F)"},
		{"an instance with a public IP has the internet", edits(func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1") }),
			"Box", "internet", "reachable"},
		{"and can be reached from it where its group admits", edits(ingressOfBox(tcp(80, anywhere)), func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1") }),
			"internet", "Box:80", "reachable"},
		{"a private instance cannot be addressed from the internet", edits(ingressOfBox(tcp(80, anywhere))), "internet", "Box:80",
			"blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(Box)"},
		{"a public IP in a private subnet gets no reply out", edits(ingressOfBox(tcp(80, anywhere)), func(s *cloud.Spec) {
			s.Instances[0] = instance("Box", "10.0.2.50", sgs("sg-box"), "subnet-private")
			s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1")
		}), "internet", "Box:80", "blocked <NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"a gateway must be attached", edits(moveF("subnet-public"), func(s *cloud.Spec) { s.InternetGateways[0].VPC = "" }), "F", "internet",
			"blocked BAD_STATE(route 0.0.0.0/0) IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(F)"},
		{"an internet gateway drops private destinations", edits(moveF("subnet-public")), "F", "192.168.1.1:80",
			"blocked IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS(route 0.0.0.0/0)"},
		{"a subnet without a table of its own uses the main one", edits(moveF("subnet-public"), func(s *cloud.Spec) { s.Subnets[0].RouteTable = "" }),
			"F", "internet", "blocked NO_ROUTE_TO_DESTINATION(vpc-a main route table)"},
		{"the longest prefix wins", edits(nat("subnet-public", true), privateRoute("198.18.0.0/15", cloud.ToBlackhole{Was: "nat-old"})), "F", "internet",
			"blocked BAD_STATE_ROUTE(rtb-private)"},
		{"a target of a kind that is not modelled is unknown", edits(privateRoute("0.0.0.0/0", cloud.ToUnknown{Gap: cloud.Gap{Because: "transit gateways are not modelled"}})),
			"F", "internet", "unknown ?transit gateways are not modelled"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
		{"a NAT gateway in a public subnet gives internet", edits(nat("subnet-public", true)), "F", "internet", "reachable"},
		{"a NAT gateway in a private subnet gives none", edits(nat("subnet-private", true)), "F", "internet", "blocked NAT_GATEWAY_WITHOUT_INTERNET_ROUTE(NAT)"},
		{"a private NAT gateway gives none", edits(nat("subnet-public", false)), "F", "internet", "blocked PRIVATE_NAT_GATEWAY_TO_INTERNET(NAT)"},
		{"the NAT gateway's subnet filters too, and its replies come to 1024-65535",
			edits(nat("subnet-public", true), acl("subnet-public", []cloud.ACLEntry{allow(1, netset.Port(443)), allow(2, linux)}, []cloud.ACLEntry{allow(1, netset.Port(443)), allow(2, high)})),
			"F", "internet", "partial <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},

		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
		{"a peering needs routes on both sides", edits(peer(true, true, true)), "F", "Far:5432", "reachable"},
		{"without the route there is none", edits(peer(true, false, true)), "F", "Far:5432", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"without the route back the reply is lost", edits(peer(true, true, false)), "F", "Far:5432", "blocked <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"both missing routes are named", edits(peer(true, false, false)), "F", "Far:5432",
			"blocked NO_ROUTE_TO_DESTINATION(rtb-private) <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"a peering must have been accepted", edits(peer(false, true, true)), "F", "Far:5432", "blocked BAD_STATE(Peering) ENI_SG_RULES_MISMATCH(sg-far)"},
		{"a peering leads to the far VPC and no further", edits(peer(true, false, true), privateRoute("0.0.0.0/0", cloud.ToPeering{ID: "pcx-ab"})), "F", "internet",
			"blocked PCX_REQUIRES_ADDRESS_IN_VPC_CIDR(Peering)"},

		// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
		{"private DNS leads to the endpoint", edits(endpoint(true, "sg-endpoint")), "F", "aws:ssm", "reachable"},
		{"without private DNS the public address is dialled", edits(endpoint(false, "sg-endpoint")), "F", "aws:ssm",
			"blocked ENDPOINT_PRIVATE_DNS_DISABLED(Endpoint) NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"private DNS needs enableDnsHostnames", edits(endpoint(true, "sg-endpoint"), vpcDNS(true, false)), "F", "aws:ssm",
			"blocked DNS_HOSTNAMES_DISABLED(vpc-a) NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"without enableDnsSupport no name resolves", edits(endpoint(true, "sg-endpoint"), vpcDNS(false, true)), "F", "aws:ssm", "blocked DNS_SUPPORT_DISABLED(vpc-a)"},
		{"an endpoint without groups has the VPC's default one", edits(endpoint(true)), "F", "aws:ssm", "blocked ENI_SG_RULES_MISMATCH(vpc-a default security group)"},
		{"an endpoint answers on 443", edits(endpoint(true, "sg-endpoint"), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = rules(everything(anywhere)) }),
			"F", "aws:ssm:80", "blocked ENDPOINT_LISTENS_ON_443(Endpoint)"},
		{"an endpoint serves its own service only", edits(endpoint(true, "sg-endpoint")), "F", "aws:sqs", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},

		// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
		{"a gateway endpoint is a route in its tables", edits(s3Endpoint), "F", "aws:s3", "reachable"},
		{"and in no other", edits(s3Endpoint, moveF("subnet-public")), "F", "aws:s3", "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(F)"},
		{"the group must let the service's addresses out", edits(s3Endpoint, egressOfF(tcp(443, from("10.0.0.0/8")))), "F", "aws:s3", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},
		{"and may do so by prefix list", edits(s3Endpoint, egressOfF(tcp(443, cloud.PeerPrefixList{ID: "pl-s3"}))), "F", "aws:s3", "reachable"},

		// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
		{"nothing connects to a function's interface", nil, "Box", "10.0.2.254:80", "blocked LAMBDA_ENI_NO_INBOUND(F) SG_HAS_NO_RULES(sg-f)"},
		{"a function outside a VPC has the internet", edits(func(s *cloud.Spec) { s.Functions[0].Network = nil }), "F", "internet", "reachable"},
		{"and nothing private", edits(func(s *cloud.Spec) { s.Functions[0].Network = nil }), "F", "Box:80", "blocked SOURCE_NOT_IN_VPC(Lambda service network)"},
		{"subnets with unequal routes fail some of the time", edits(nat("subnet-public", true), moveF("subnet-private", "subnet-public")), "F", "internet",
			"partial IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(F)"},
		{"subnets that the template leaves open are unknown", edits(func(s *cloud.Spec) {
			s.Functions[0].Network.Subnets = cloud.Unknown[[]cloud.SubnetID]("parameter SubnetIds has no value", at(1))
		}), "F", "Box:80", "unknown ?parameter SubnetIds has no value"},
		{"nothing has that address", nil, "F", "10.0.1.51:80", "blocked UNKNOWN_DESTINATION(vpc-a)"},
		{"an address may ask too", nil, "10.0.1.50", "internet", "blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS(Box)"},
		{"a rule for one address admits that one from the internet", edits(ingressOfBox(tcp(80, from("198.51.100.7/32"))), func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1") }),
			"198.51.100.7", "198.19.1.1:80", "reachable"},
		{"no IPv6 address, no IPv6", nil, "F", "2600::1", "blocked IPV6_NOT_ASSIGNED(F)"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

// Groups and network ACLs cannot block the resolver.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func TestTheResolverIsAlwaysReachable(t *testing.T) {
	m := change(t, egressOfF(), acl("subnet-private", nil, nil))
	f := m.ENIsOf("F")[0]
	for _, addr := range []string{"10.0.0.2", "169.254.169.253"} {
		r := Trace(m, FromENI{f.ID}, netset.Flow{Proto: netset.UDP, Dst: netip.MustParseAddrPort(addr + ":53")})
		if r.Verdict != Reachable || r.Delivery.To != ToResolver {
			t.Errorf("%s: %v to %v, want reachable to the resolver", addr, r.Verdict, r.Delivery.To)
		}
	}
}

// What fabric carries out: who the far side sees, and where it comes out.
func TestDelivery(t *testing.T) {
	m := change(t, nat("subnet-public", true), endpoint(true, "sg-endpoint"))
	f, box := m.ENIsOf("F")[0], m.ENIsOf("Box")[0]
	ep := m.ENIsOf("Endpoint")[0]
	for _, c := range []struct {
		dst  string
		want Delivery
	}{
		{"10.0.1.50:80", Delivery{To: ToENI, ENI: box.ID, Src: f.PrivateIP, Dst: box.PrivateIP}},
		{ep.PrivateIP.String() + ":443", Delivery{To: ToService, Service: "ssm", Endpoint: "vpce-ssm", Src: f.PrivateIP, Dst: ep.PrivateIP}},
		{"198.18.4.4:443", Delivery{To: ToInternet, Src: netip.MustParseAddr("198.19.7.7"), Dst: netip.MustParseAddr("198.18.4.4"), NATPort: true, Through: "NAT"}},
	} {
		r := Trace(m, FromENI{f.ID}, netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(netip.Addr{}, 40000), Dst: netip.MustParseAddrPort(c.dst)})
		if r.Verdict != Reachable || r.Delivery != c.want {
			t.Errorf("%s: %v %+v %v\nwant %+v", c.dst, r.Verdict, r.Delivery, r.Blockers, c.want)
		}
	}
}

// Decide says what Trace says.
func TestDecideIsTraceWithoutHops(t *testing.T) {
	m := change(t, nat("subnet-public", true), endpoint(true, "sg-endpoint"), peer(true, true, false))
	for e := range m.ENIs() {
		for _, dst := range []string{"10.0.1.50:80", "10.1.1.9:5432", "198.18.4.4:443", "10.0.0.2:53", "10.0.2.254:443", "172.16.0.1:1"} {
			flow := netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(e.PrivateIP, 40000), Dst: netip.MustParseAddrPort(dst)}
			want, got := Trace(m, FromENI{e.ID}, flow), Decide(m, FromENI{e.ID}, flow)
			if got.Verdict != want.Verdict || got.Delivery != want.Delivery || !slices.Equal(got.Blockers, want.Blockers) || len(got.Hops) != 0 {
				t.Errorf("%s to %s: %+v\nwant %+v", e.Name, dst, got, want)
			}
		}
	}
}

func BenchmarkTrace(b *testing.B)  { benchmark(b, Trace) }
func BenchmarkDecide(b *testing.B) { benchmark(b, Decide) }

func benchmark(b *testing.B, f func(*cloud.Model, From, netset.Flow) Result) {
	m := change(b, nat("subnet-public", true))
	e := m.ENIsOf("F")[0]
	flow := netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(e.PrivateIP, 40000), Dst: netip.MustParseAddrPort("198.18.4.4:443")}
	for b.Loop() {
		if f(m, FromENI{e.ID}, flow).Verdict != Reachable {
			b.Fatal("not reachable")
		}
	}
}

func TestZeroVerdictNeverAllows(t *testing.T) {
	var v Verdict
	if v == Reachable || v.String() != "undecided" {
		t.Errorf("the zero verdict is %v", v)
	}
	if r := Trace(change(t), FromENI{"eni-nobody"}, netset.Flow{}); r.Verdict != Unknown {
		t.Errorf("an interface that does not exist: %v, want unknown", r.Verdict)
	}
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	m := change(t)
	for _, c := range []struct{ from, to, want string }{
		{"G", "Box:80", `nothing here is called "G"; there are: Box, F, internet`},
		{"F", "Bax:80", `nothing here is called "Bax"; did you mean Box?`},
		{"F", "Box", "Box is a machine: which port is meant?; write Box:80"},
		{"F", "Box:http", `"Box:http" does not end in a port; write NAME:PORT with a port from 0 to 65535`},
		{"F", "aws:smm", `there is no AWS service called "smm" here; did you mean ssm?`},
	} {
		if _, err := Why(m, Question{From: c.from, To: c.to}); err == nil || err.Error() != c.want {
			t.Errorf("%s -> %s: %v\nwant %s", c.from, c.to, err, c.want)
		}
	}
}

// Blockers that a question by name does not bring about.
func TestRareBlockers(t *testing.T) {
	denies := func(s *cloud.Spec) {
		s3Endpoint(s)
		s.Endpoints[0].Policy = &cloud.Policy{Name: "nothing", At: at(15)}
	}
	for _, c := range []struct {
		with  []func(*cloud.Spec)
		from  string
		proto netset.Protocol
		dst   string
		want  Code
	}{
		{edits(moveF("subnet-public")), "F", netset.TCP, "100.64.1.1:80", IGWSharedDest},
		{edits(nat("subnet-public", true)), "F", 50, "198.18.1.1:0", NATProtocol},
		{edits(s3Endpoint), "F", netset.UDP, "52.92.128.9:443", GatewayEndpointProto},
		{edits(denies), "F", netset.TCP, "52.92.128.9:443", EndpointPolicyDeniesAll},
		{edits(nat("subnet-public", true)), "Box", netset.TCP, "10.0.1.254:80", NATNoInbound},
	} {
		m := change(t, c.with...)
		r := Trace(m, FromENI{m.ENIsOf(c.from)[0].ID}, netset.Flow{Proto: c.proto, Dst: netip.MustParseAddrPort(c.dst)})
		if r.Verdict != Blocked || len(r.Blockers) == 0 || r.Blockers[0].Code != c.want {
			t.Errorf("%v to %s: %v %v, want %s", c.proto, c.dst, r.Verdict, r.Blockers, c.want)
		}
	}
}
