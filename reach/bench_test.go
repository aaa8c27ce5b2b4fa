package reach

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// fleet is a VPC of interfaces in subnets, with a group for each tier: the tier
// admits itself, the one before it, and a port from the whole VPC or from one
// subnet. Interfaces are spread over groups and subnets, each with the group of
// its tier and one that all have.
func fleet(interfaces, subnets, groups int) cloud.Spec {
	s := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t"}
	s.VPCs = []cloud.VPC{{Meta: meta("vpc"), ID: "vpc", CIDRs: cloud.Known([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}),
		DNSSupport: cloud.Known(true), DNSHostnames: cloud.Known(true)}}
	s.InternetGateways = []cloud.InternetGateway{{Meta: meta("igw"), ID: "igw", VPC: "vpc"}}
	s.RouteTables = []cloud.RouteTable{{Meta: meta("main"), ID: "rtb", VPC: "vpc", Main: true, Routes: []cloud.Route{
		{Meta: meta("default"), Dest: cloud.PrefixDest{Prefix: netip.MustParsePrefix("0.0.0.0/0")}, Target: cloud.ToInternetGateway{ID: "igw"}}}}}
	for i := range subnets {
		id := cloud.SubnetID(fmt.Sprintf("subnet-%03d", i))
		s.Subnets = append(s.Subnets, cloud.Subnet{Meta: meta(string(id)), ID: id, VPC: "vpc", CIDR: cloud.Known(fleetBlock(i))})
	}
	s.NetworkACLs = []cloud.NetworkACL{fleetACL()}
	for i := 0; i < subnets; i += 2 {
		s.Subnets[i].ACL = "acl"
	}
	s.SecurityGroups = []cloud.SecurityGroup{{Meta: meta("all"), ID: "sg-all", VPC: "vpc", Egress: cloud.AllowAllEgress(source.Span{}),
		Ingress: []cloud.Rule{fleetRule(22, cloud.PeerCIDR{Prefix: fleetBlock(0)})}}}
	for i := range groups {
		s.SecurityGroups = append(s.SecurityGroups, fleetGroup(i, groups, subnets))
	}
	for i := range interfaces {
		s.Instances = append(s.Instances, fleetInstance(i, subnets, groups))
	}
	return s
}

// fleetBlock is the /16 of a subnet.
func fleetBlock(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)
}

func fleetRule(port uint16, from cloud.Peer) cloud.Rule {
	return cloud.Rule{Meta: meta("rule"), Proto: netset.TCP, Ports: netset.Port(port), Peer: from}
}

func fleetGroupID(i int) cloud.SecurityGroupID {
	return cloud.SecurityGroupID(fmt.Sprintf("sg-%03d", i))
}

func fleetGroup(i, groups, subnets int) cloud.SecurityGroup {
	return cloud.SecurityGroup{Meta: meta(string(fleetGroupID(i))), ID: fleetGroupID(i), VPC: "vpc", Ingress: []cloud.Rule{
		fleetRule(uint16(8000+i), cloud.PeerGroup{ID: fleetGroupID(i)}),
		fleetRule(443, cloud.PeerGroup{ID: fleetGroupID((i + groups - 1) % groups)}),
		fleetRule(uint16(9000+i%7), cloud.PeerCIDR{Prefix: netip.MustParsePrefix("10.0.0.0/8")}),
		fleetRule(5432, cloud.PeerCIDR{Prefix: fleetBlock(i % subnets)}),
	}}
}

func fleetACL() cloud.NetworkACL {
	entry := func(number int, allow bool, ports netset.PortRange) cloud.ACLEntry {
		return cloud.ACLEntry{Meta: meta("entry"), Number: number, Allow: allow, Proto: netset.TCP, Ports: ports, CIDR: cloud.Known(netip.MustParsePrefix("0.0.0.0/0"))}
	}
	in := []cloud.ACLEntry{entry(10, false, netset.Port(22)), entry(20, true, netset.AllPorts)}
	return cloud.NetworkACL{Meta: meta("acl"), ID: "acl", VPC: "vpc", Ingress: in, Egress: []cloud.ACLEntry{entry(10, true, netset.PortRange{Lo: 443, Hi: 65535})}}
}

func fleetInstance(i, subnets, groups int) cloud.Instance {
	sub := i % subnets
	group := (i/subnets + sub*7) % groups
	name := fmt.Sprintf("i-%06d", i)
	in := cloud.Instance{Meta: meta(name), ID: name, Subnet: cloud.Known(cloud.SubnetID(fmt.Sprintf("subnet-%03d", sub))),
		Groups: cloud.Known([]cloud.SecurityGroupID{"sg-all", fleetGroupID(group)})}
	host := 10 + i/subnets
	in.PrivateIP = netip.AddrFrom4([4]byte{10, byte(sub), byte(host / 250), byte(1 + host%250)})
	if sub == 1 {
		in.PublicIP = netip.AddrFrom4([4]byte{198, 19, byte(host >> 8), byte(host)})
	}
	return in
}

func built(t testing.TB, s cloud.Spec) *cloud.Model {
	t.Helper()
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return m
}

// allPairs looks at every pair and says how many there are.
func allPairs(n *Network) (pairs, open int) {
	for e := range n.Pairs() {
		pairs++
		if e.fate != blocked {
			open++
		}
	}
	return pairs, open
}

func benchmarkAllPairs(b *testing.B, interfaces, subnets, groups int) {
	m := built(b, fleet(interfaces, subnets, groups))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var n *Network
	var pairs int
	for b.Loop() {
		n = Compile(m)
		pairs, _ = allPairs(n)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(len(n.classes)), "classes")
	b.ReportMetric(float64(pairs), "pairs")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
	runtime.KeepAlive(n)
}

// The measures: 1,000 interfaces under 100 ms, 10,000 under 1 s, 100,000 in
// 2,000 classes under 10 s and 2 GB, compiling included.
func BenchmarkAllPairs1000(b *testing.B)   { benchmarkAllPairs(b, 1_000, 20, 200) }
func BenchmarkAllPairs10000(b *testing.B)  { benchmarkAllPairs(b, 10_000, 20, 200) }
func BenchmarkAllPairs100000(b *testing.B) { benchmarkAllPairs(b, 100_000, 20, 100) }

// One group of 200 gets a rule.
func BenchmarkNext10000(b *testing.B) {
	s := fleet(10_000, 20, 200)
	n := Compile(built(b, s))
	allPairs(n)
	port := uint16(0)
	for b.Loop() {
		b.StopTimer()
		port++
		s.SecurityGroups[7].Ingress = append(s.SecurityGroups[7].Ingress[:4:4], fleetRule(port, cloud.PeerGroup{ID: "sg-all"}))
		m := built(b, s)
		b.StartTimer()
		n = n.Next(m)
		allPairs(n)
	}
}

func BenchmarkFrom(b *testing.B) {
	n := Compile(built(b, fleet(10_000, 20, 200)))
	c := n.Classes()[77]
	for b.Loop() {
		n.From(c)
	}
}
