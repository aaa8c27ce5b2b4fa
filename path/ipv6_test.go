package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

// The worlds of these tests are those of path_test.go made dual-stack: vpc-a
// has 2600:1f00:0:100::/56, the public subnet its :101::/64, the private one
// its :102::/64; F may use IPv6, Box has 2600:1f00:0:101::50.

const boxIPv6 = "2600:1f00:0:101::50"

var anywhere6 = from("::/0")

// dual makes the base world dual-stack, with IPv6 let through by every group
// that let IPv4 through.
func dual(s *cloud.Spec) {
	s.VPCs[0].IPv6 = known(cidr("2600:1f00:0:100::/56"))
	s.Subnets[0].IPv6 = cloud.Known(cidr("2600:1f00:0:101::/64"))
	s.Subnets[1].IPv6 = cloud.Known(cidr("2600:1f00:0:102::/64"))
	network := *s.Functions[0].Network
	network.IPv6 = cloud.Known(true)
	s.Functions[0].Network = &network
	s.SecurityGroups[0].Egress = rules(everything(anywhere), everything(anywhere6))
	s.SecurityGroups[1].Egress = s.SecurityGroups[0].Egress
	s.Instances[0].IPv6 = netip.MustParseAddr(boxIPv6)
	s.IPv6Hosts = []string{"both.example.com"}
	s.InternetHosts = []string{"both.example.com", "four.example.com"}
}

// egressOnly adds an egress-only internet gateway and the private route to it.
func egressOnly(s *cloud.Spec) {
	s.EgressOnlyGateways = append(s.EgressOnlyGateways, cloud.EgressOnlyGateway{Meta: meta("EIGW", 16), ID: "eigw-a", VPC: "vpc-a"})
	privateRoute("::/0", cloud.ToEgressOnlyGateway{ID: "eigw-a"})(s)
}

func publicIPv6Route(s *cloud.Spec) {
	s.RouteTables[0].Routes = append(s.RouteTables[0].Routes, route("::/0", cloud.ToInternetGateway{ID: "igw-a"}))
}

// ipv6Only takes the private subnet's IPv4 block away and puts Six there.
func ipv6Only(s *cloud.Spec) {
	s.Subnets[1].CIDR = cloud.Known(netip.Prefix{})
	s.Functions = nil
	six := instance("Six", "10.0.2.9", sgs("sg-f"), "subnet-private")
	six.PrivateIP = netip.Addr{}
	s.Instances = append(s.Instances, six)
}

// nat64 turns DNS64 on in the private subnet and routes its range.
func nat64(s *cloud.Spec) {
	s.Subnets[1].DNS64 = cloud.Known(true)
	nat("subnet-public", true)(s)
	privateRoute("64:ff9b::/96", cloud.ToNATGateway{ID: "nat-a"})(s)
}

func dualEndpoint(records string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		endpoint(true, "sg-endpoint")(s)
		s.Endpoints[0].Addresses, s.Endpoints[0].Records = cloud.DualStack, cloud.Known(records)
	}
}

func onlyIPv6Out(s *cloud.Spec) { s.SecurityGroups[0].Egress = rules(everything(anywhere6)) }

// Each case is one fact of IPv6, named, with its page.
func TestWhatTheNetworkDoesWithIPv6(t *testing.T) {
	all6 := func(n int, allow bool) cloud.ACLEntry {
		e := entry(n, allow, netset.AllPorts, "::/0")
		e.Proto = netset.AnyProtocol
		return e
	}
	all4 := func(n int) cloud.ACLEntry { return entry(n, true, netset.AllPorts, "0.0.0.0/0") }
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
		{"the local route covers the VPC's IPv6 block", edits(dual), "F", "[" + boxIPv6 + "]:80", "reachable"},
		{"0.0.0.0/0 does not cover IPv6", edits(dual, nat("subnet-public", true)), "F", "2001:2::7", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"::/0 does not cover IPv4", edits(dual, egressOnly), "F", "internet", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},

		// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6
		{"a function needs Ipv6AllowedForDualStack", edits(dual, egressOnly, func(s *cloud.Spec) { s.Functions[0].Network.IPv6 = cloud.Known(false) }),
			"F", "2001:2::7", "blocked IPV6_NOT_ASSIGNED(F)"},
		{"all of a function's subnets must be dual-stack", edits(dual, egressOnly, func(s *cloud.Spec) {
			s.Functions[0].Network.Subnets = known[cloud.SubnetID]("subnet-private", "subnet-public")
			s.Subnets[0].IPv6 = cloud.Known(netip.Prefix{})
		}), "F", "2001:2::7", "blocked IPV6_NOT_ASSIGNED(F)"},
		{"one that is not settles it, whatever is open of the others", edits(dual, egressOnly, func(s *cloud.Spec) {
			s.Functions[0].Network.Subnets = known[cloud.SubnetID]("subnet-private", "subnet-public")
			s.Subnets[0].IPv6, s.Subnets[1].IPv6 = cloud.Known(netip.Prefix{}), cloud.Unknown[netip.Prefix]("IPAM allocates it", at(3))
		}), "F", "2001:2::7", "blocked IPV6_NOT_ASSIGNED(F)"},
		{"Ipv6AllowedForDualStack that is left open is unknown", edits(dual, egressOnly, func(s *cloud.Spec) {
			s.Functions[0].Network.IPv6 = cloud.Unknown[bool]("parameter Six has no value", at(3))
		}), "F", "2001:2::7", "unknown ?parameter Six has no value"},
		{"and does not matter to IPv4", edits(dual, nat("subnet-public", true), func(s *cloud.Spec) {
			s.Functions[0].Network.IPv6 = cloud.Unknown[bool]("parameter Six has no value", at(3))
		}), "F", "both.example.com", "reachable"},
		{"nothing connects to a function over IPv6", edits(dual), "Box", "[2600:1f00:0:102:ffff:ffff:ffff:fffe]:80",
			"blocked LAMBDA_ENI_NO_INBOUND(F) SG_HAS_NO_RULES(sg-f)"},
		{"a function outside a VPC has no IPv6", edits(dual, func(s *cloud.Spec) { s.Functions[0].Network = nil }), "F", "2001:2::7",
			"blocked IPV6_NOT_ASSIGNED(Lambda service network)"},
		{"and takes IPv4 where there is both", edits(dual, func(s *cloud.Spec) { s.Functions[0].Network = nil }), "F", "both.example.com", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
		{"what an instance does with IPv6 nobody states", edits(dual, boxForwards, privateRoute("::/0", cloud.ToInterface{Instance: "i-Box"})), "F", "2001:2::7",
			"unknown ?whether Box forwards IPv6 is not stated"},
		{"its groups and its source/destination check refuse it first", edits(dual, privateRoute("::/0", cloud.ToInterface{Instance: "i-Box"}), func(s *cloud.Spec) { s.Instances[0].SourceDestCheck = true }), "F", "2001:2::7",
			"blocked ENI_SG_RULES_MISMATCH(sg-box) ENI_SOURCE_DEST_CHECK_RESTRICTION(Box)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
		{"blocking what comes in leaves egress-only gateways open", edits(dual, egressOnly, publicAccessMode("block-ingress")), "F", "2001:2::7", "reachable"},
		{"blocking both ways closes them", edits(dual, egressOnly, publicAccessMode("block-bidirectional")), "F", "2001:2::7", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)"},
		{"and either closes internet gateways", edits(dual, publicIPv6Route, publicAccessMode("block-ingress")), "Box", "2001:2::7", "blocked VPC_BLOCK_PUBLIC_ACCESS_ENABLED(BPA)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
		{"an egress-only gateway leads to the internet", edits(dual, egressOnly), "F", "2001:2::7", "reachable"},
		{"a host with both families is reached over the one that works", edits(dual, egressOnly), "F", "both.example.com", "reachable"},
		{"a host with IPv4 alone is not", edits(dual, egressOnly), "F", "four.example.com", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"whether a host has IPv6 must be stated where it matters", edits(dual, egressOnly), "F", "api.example.com",
			"unknown NO_ROUTE_TO_DESTINATION(rtb-private) ?whether api.example.com has IPv6 addresses is not stated (internet: {api.example.com: {url: ..., ipv6: true}} in bailey.yaml)"},
		{"and only there", edits(dual, egressOnly, nat("subnet-public", true)), "F", "api.example.com", "reachable"},
		{"an egress-only gateway lets nothing in", edits(dual, ingressOfBox(tcp(80, anywhere6)), egressOnly, func(s *cloud.Spec) { s.InternetGateways = nil; s.RouteTables[0].Routes = nil }),
			"internet", boxAsked, "blocked EGRESS_ONLY_GATEWAY_NO_INBOUND(EIGW) <NO_ROUTE_TO_DESTINATION(rtb-public)"},
		{"nor does one beside an internet gateway: the reply goes elsewhere", edits(dual, ingressOfBox(tcp(80, anywhere6)), egressOnly, func(s *cloud.Spec) {
			s.RouteTables[0].Routes = append(s.RouteTables[0].Routes, route("::/0", cloud.ToEgressOnlyGateway{ID: "eigw-a"}))
		}), "internet", boxAsked, "blocked <NO_ROUTE_TO_DESTINATION(rtb-public)"},
		{"the network ACL applies at it", edits(dual, egressOnly, acl("subnet-private", []cloud.ACLEntry{all6(1, true)}, nil)), "F", "2001:2::7",
			"blocked SUBNET_ACL_RESTRICTION(acl-subnet-private)"},
		{"the gateway must be the VPC's", edits(dual, egressOnly, func(s *cloud.Spec) { s.EgressOnlyGateways[0].VPC = "vpc-b" }), "F", "2001:2::7", "blocked BAD_STATE(route ::/0)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
		{"an internet gateway needs no public IPv4 for IPv6", edits(dual, publicIPv6Route, moveDual("subnet-public")), "F", "2001:2::7", "reachable"},
		{"an IPv6 address is reached from the internet as it is", edits(dual, publicIPv6Route, ingressOfBox(tcp(80, anywhere6))), "internet", boxAsked, "reachable"},
		{"by its name too", edits(dual, publicIPv6Route, ingressOfBox(tcp(80, anywhere6))), "internet", "Box:80", "reachable"},
		{"if its group admits IPv6", edits(dual, publicIPv6Route, ingressOfBox(tcp(80, anywhere))), "internet", boxAsked, "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		{"and a route leads back", edits(dual, ingressOfBox(tcp(80, anywhere6))), "internet", boxAsked, "blocked <NO_ROUTE_TO_DESTINATION(rtb-public)"},
		{"an address of another VPC that nothing has leads nowhere", edits(dual, egressOnly, func(s *cloud.Spec) {
			s.VPCs = append(s.VPCs, vpc("vpc-b", "10.1.0.0/16"))
			s.VPCs[1].IPv6 = known(cidr("2600:1f00:0:200::/56"))
		}), "F", "2600:1f00:0:201::9", "blocked UNKNOWN_DESTINATION(vpc-b)"},
		{"unique local addresses are routed nowhere", edits(dual, egressOnly), "F", "fd12::1", "blocked UNKNOWN_DESTINATION(route ::/0)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
		{"a rule for 0.0.0.0/0 is for IPv4 alone", edits(dual, egressOnly, egressOfF(everything(anywhere))), "F", "2001:2::7", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},
		{"a rule that names a group admits its IPv6 addresses", edits(dual, onlyIPv6Out), "F", "Box:80", "reachable"},
		{"a prefix list may hold IPv6", edits(dual, egressOnly, func(s *cloud.Spec) {
			s.PrefixLists = append(s.PrefixLists, cloud.PrefixList{Meta: meta("list", 1), ID: "pl-six", Prefixes: []netip.Prefix{cidr("2001:2::/48")}})
			s.SecurityGroups[0].Egress = rules(tcp(443, cloud.PeerPrefixList{ID: "pl-six"}))
		}), "F", "2001:2::7", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
		{"an ACL's IPv4 entries say nothing of IPv6", edits(dual, acl("subnet-public", []cloud.ACLEntry{all4(1)}, []cloud.ACLEntry{all4(1)})),
			"F", "[" + boxIPv6 + "]:80", "blocked SUBNET_ACL_RESTRICTION(acl-subnet-public) <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"the reply needs an IPv6 entry of its own", edits(dual, acl("subnet-public", []cloud.ACLEntry{all6(1, true)}, []cloud.ACLEntry{all4(1)})),
			"F", "[" + boxIPv6 + "]:80", "blocked <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},

		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
		{"a peering carries IPv6 where both sides route it", edits(dual, peer(true, true, true), farIPv6(true)), "F", "[2600:1f00:0:201::9]:5432", "reachable"},
		{"without the route back the reply is lost", edits(dual, peer(true, true, true), farIPv6(false)), "F", "[2600:1f00:0:201::9]:5432", "blocked <NO_ROUTE_TO_DESTINATION(rtb-far)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
		{"an IPv6-only subnet reaches an IPv4 host through DNS64 and NAT64", edits(dual, ipv6Only, nat64), "Six", "internet", "reachable"},
		{"and a service in the same VPC", edits(dual, ipv6Only, nat64, ingressOfBox(tcp(80, from("10.0.1.0/24")))), "Six", "[64:ff9b::10.0.1.50]:80", "reachable"},
		{"without DNS64 the name has no address of use", edits(dual, ipv6Only, nat("subnet-public", true)), "Six", "internet", "blocked IPV4_NOT_ASSIGNED(Six)"},
		{"64:ff9b::/96 needs its route", edits(dual, ipv6Only, nat64, noNAT64Route), "Six", "internet", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"and must not lead to another gateway", edits(dual, ipv6Only, nat64, noNAT64Route, egressOnly), "Six", "internet", "blocked NAT64_NEEDS_NAT_GATEWAY(route ::/0)"},
		{"a NAT gateway takes no other IPv6", edits(dual, nat("subnet-public", true), privateRoute("::/0", cloud.ToNATGateway{ID: "nat-a"})), "F", "2001:2::7", "blocked NAT_GATEWAY_NO_IPV6(NAT)"},
		{"DNS64 leaves names with IPv6 addresses alone", edits(dual, ipv6Only, nat64, noNAT64Route, egressOnly), "Six", "both.example.com", "reachable"},
		{"a dual-stack subnet falls back to IPv4 where NAT64 has no route", edits(dual, nat64, noNAT64Route), "F", "internet", "reachable"},
		{"the NAT gateway's subnet filters both sides of the translation",
			edits(dual, ipv6Only, nat64, acl("subnet-public", []cloud.ACLEntry{all4(1)}, []cloud.ACLEntry{all4(1), all6(2, true)})), "Six", "internet",
			"blocked SUBNET_ACL_RESTRICTION(acl-subnet-public)"},

		// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
		{"a dual-stack endpoint answers over IPv6", edits(dual, dualEndpoint("dualstack"), onlyIPv6Out), "F", "aws:ssm", "reachable"},
		{"with A records alone it does not", edits(dual, dualEndpoint("ipv4"), onlyIPv6Out), "F", "aws:ssm", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},
		{"service-defined records have no AAAA for the service's name", edits(dual, dualEndpoint("service-defined"), onlyIPv6Out), "F", "aws:ssm", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},
		{"but for the endpoint's own names", edits(dual, dualEndpoint("service-defined"), onlyIPv6Out), "F", "vpce-ssm-x.ssm.us-west-2.vpce.amazonaws.com", "reachable"},
		{"records that are not stated matter where IPv4 does not do", edits(dual, dualEndpoint(""), onlyIPv6Out), "F", "aws:ssm",
			"unknown ENI_SG_RULES_MISMATCH(sg-f) ?the DNS records of dual-stack endpoint Endpoint are not stated (DnsOptions.DnsRecordIpType)"},
		{"and takes nothing from the internet", edits(dual, publicIPv6Route, dualEndpoint("dualstack"), func(s *cloud.Spec) {
			s.Endpoints[0].Subnets = known[cloud.SubnetID]("subnet-public")
			s.SecurityGroups[2].Ingress = rules(everything(anywhere6))
		}), "internet", "[2600:1f00:0:101:ffff:ffff:ffff:fffe]:443", "blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(Endpoint)"},
		{"an IPv4 endpoint hides a service's public IPv6", edits(dual, egressOnly, endpoint(true, "sg-endpoint"), func(s *cloud.Spec) { s.Endpoints[0].Service = "sqs" }, onlyIPv6Out),
			"F", "aws:sqs", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},

		// https://docs.aws.amazon.com/general/latest/gr/rande.html
		{"an ordinary AWS name has IPv4 alone", edits(dual, egressOnly), "F", "aws:ssm", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"SQS's has both", edits(dual, egressOnly), "F", "aws:sqs", "reachable"},
		{"a dual-stack name has both", edits(dual, egressOnly), "F", "ssm.us-west-2.api.aws", "reachable"},
		{"S3's dual-stack names too", edits(dual, egressOnly), "F", "bucket.s3.dualstack.us-west-2.amazonaws.com", "reachable"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

const boxAsked = "[" + boxIPv6 + "]:80"

func noNAT64Route(s *cloud.Spec) {
	s.RouteTables[1].Routes = slices.DeleteFunc(slices.Clone(s.RouteTables[1].Routes), func(r cloud.Route) bool {
		return r.Dest == cloud.PrefixDest{Prefix: cloud.NAT64}
	})
}

// moveDual moves F, which keeps IPv6.
func moveDual(to ...cloud.SubnetID) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		moveF(to...)(s)
		s.Functions[0].Network.IPv6 = cloud.Known(true)
	}
}

// farIPv6 makes the peered VPC dual-stack, with a route there and perhaps back.
func farIPv6(back bool) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.VPCs[1].IPv6 = known(cidr("2600:1f00:0:200::/56"))
		s.Subnets[2].IPv6 = cloud.Known(cidr("2600:1f00:0:201::/64"))
		s.Instances[1].IPv6 = netip.MustParseAddr("2600:1f00:0:201::9")
		privateRoute("2600:1f00:0:200::/56", cloud.ToPeering{ID: "pcx-ab"})(s)
		if back {
			s.RouteTables[2].Routes = append(s.RouteTables[2].Routes, route("2600:1f00:0:100::/56", cloud.ToPeering{ID: "pcx-ab"}))
		}
	}
}

// The family that does not work is shown beside the one that does.
func TestBothFamiliesAreShown(t *testing.T) {
	r, err := Why(change(t, dual, egressOnly), Question{From: "F", To: "both.example.com"})
	if err != nil || r.Verdict != Reachable || len(r.Blockers) != 0 {
		t.Fatalf("%v %v %v", r.Verdict, r.Blockers, err)
	}
	if len(r.Families) != 2 || r.Families[0].Verdict != Blocked || r.Families[0].Blockers[0].Code != NoRoute || r.Families[1].Verdict != Reachable {
		t.Errorf("families: %+v", r.Families)
	}
	if !r.Witness.Dst.Addr().Is6() || !strings.Contains(r.Hops[0].Detail, " and 2001:2:") {
		t.Errorf("witness %v, first hop %q", r.Witness, r.Hops[0].Detail)
	}
}

// What fabric carries out over IPv6.
func TestDeliveryOverIPv6(t *testing.T) {
	m := change(t, dual, ipv6Only, nat64, egressOnly, dualEndpoint("dualstack"))
	six, box, ep := m.ENIsOf("Six")[0], m.ENIsOf("Box")[0], m.ENIsOf("Endpoint")[0]
	for _, c := range []struct {
		dst   string
		proto netset.Protocol
		want  Delivery
	}{
		{"[fd00:ec2::253]:53", netset.UDP, Delivery{To: ToResolver, Src: six.IPv6, Dst: cloud.ResolverIPv6}},
		{boxAsked, netset.TCP, Delivery{To: ToENI, ENI: box.ID, Src: six.IPv6, Dst: box.IPv6}},
		{netip.AddrPortFrom(ep.IPv6, 443).String(), netset.TCP, Delivery{To: ToService, Service: "ssm", Endpoint: "vpce-ssm", Src: six.IPv6, Dst: ep.IPv6}},
		{"[2001:2::7]:443", netset.TCP, Delivery{To: ToInternet, Src: six.IPv6, Dst: netip.MustParseAddr("2001:2::7"), Through: "EIGW"}},
		{"[2001:2::7]:0", netset.ICMPv6, Delivery{To: ToInternet, Src: six.IPv6, Dst: netip.MustParseAddr("2001:2::7"), Through: "EIGW"}},
		{"[64:ff9b::198.18.4.4]:443", netset.TCP, Delivery{To: ToInternet, Src: netip.MustParseAddr("198.19.7.7"), Dst: netip.MustParseAddr("198.18.4.4"), NATPort: true, Through: "NAT"}},
	} {
		r := Trace(m, FromENI{six.ID}, netset.Flow{Proto: c.proto, Src: netip.AddrPortFrom(netip.Addr{}, 40000), Dst: netip.MustParseAddrPort(c.dst)})
		if r.Verdict != Reachable || r.Delivery != c.want {
			t.Errorf("%s: %v %+v %v\nwant %+v", c.dst, r.Verdict, r.Delivery, r.Blockers, c.want)
		}
	}
}

// A rule for ICMPv6 echo is one for types 128 and 129.
// https://www.rfc-editor.org/rfc/rfc4443#section-4.1
func TestPingOverIPv6(t *testing.T) {
	echo := func(typ uint16) func(*cloud.Spec) {
		return ingressOfBox(cloud.Rule{Proto: netset.ICMPv6, Ports: netset.PortRange{Lo: typ, Hi: 65535}, Peer: anywhere6})
	}
	for typ, want := range map[uint16]Verdict{128: Reachable, 129: Blocked, 8: Blocked} {
		r, err := Why(change(t, dual, onlyIPv6Out, echo(typ)), Question{From: "F", To: "[" + boxIPv6 + "]:0", Protocol: netset.ICMP})
		if err != nil || r.Verdict != want {
			t.Errorf("type %d: %v %v %v, want %v", typ, r.Verdict, r.Blockers, err, want)
		}
	}
}

// Records of a zone give the family that they are for; of a name without IPv6
// DNS64 makes one.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
func TestZonesHaveBothFamilies(t *testing.T) {
	zone := hostedZone("corp.example", []cloud.VPCID{"vpc-a"}, record("both.corp.example", "A", "10.0.1.50"), record("both.corp.example", "AAAA", boxIPv6),
		record("four.corp.example", "A", "10.0.1.50"), record("six.corp.example", "AAAA", boxIPv6), record("alias.corp.example", "AAAA", "both.corp.example"), record("also.corp.example", "CNAME", "both.corp.example"))
	m := change(t, dual, zone)
	for host, want := range map[string]string{"both": "[10.0.1.50 " + boxIPv6 + "]", "four": "[10.0.1.50]", "six": "[" + boxIPv6 + "]",
		"alias": "[" + boxIPv6 + "]", "also": "[10.0.1.50 " + boxIPv6 + "]"} {
		if got := fmt.Sprint(ResolveIn(m, "subnet-private", host+".corp.example").Addrs); got != want {
			t.Errorf("%s is %s, want %s", host, got, want)
		}
	}
	if got := fmt.Sprint(ResolveIn(change(t, dual, zone, nat64), "subnet-private", "four.corp.example").Addrs); got != "[10.0.1.50 64:ff9b::a00:132]" {
		t.Errorf("with DNS64: %s", got)
	}
}
