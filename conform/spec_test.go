package conform

import (
	"fmt"
	"net/netip"
	"strings"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/source"
)

// A builder makes up one Spec. What it has made so far is in spec.
type builder struct {
	t    *rapid.T
	spec cloud.Spec
	line int
	eips uint32
	open bool // facts may be left open
	easy bool // few filters: most that is routed gets through
}

// anySpec is a random Spec that cloud.New takes, dual-stack now and then. With
// open, some facts in it are not known.
func anySpec(t *rapid.T, open bool) cloud.Spec {
	s := plainSpec(t, open)
	if chance(t, 40, "IPv6") {
		return withIPv6(t, s, open)
	}
	return s
}

// plainSpec is one that has IPv4 alone.
func plainSpec(t *rapid.T, open bool) cloud.Spec {
	b := newBuilder(t, open)
	b.vpcs(1 + roll(t, 3, "VPCs"))
	b.lightsail()
	b.peerings()
	b.fill()
	return b.spec
}

// oneVPC is a random Spec with a single VPC of which everything is known.
func oneVPC(t *rapid.T) cloud.Spec {
	b := newBuilder(t, false)
	b.vpcs(1)
	b.fill()
	return b.spec
}

func newBuilder(t *rapid.T, open bool) *builder {
	return &builder{t: t, open: open, easy: !chance(t, 60, "filters"),
		spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t"}}
}

// fill puts everything into the VPCs.
func (b *builder) fill() {
	b.gateways()
	b.prefixLists()
	b.routeTables()
	b.subnets()
	b.natGateways()
	b.securityGroups()
	b.networkACLs()
	b.routes()
	b.endpoints()
	b.workloads()
}

// build is cloud.New for a Spec that is meant to be well-formed.
func build(t rapidTB, s cloud.Spec) *cloud.Model {
	t.Helper()
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		t.Fatalf("the model is not well-formed: %v", diags)
	}
	return m
}

type rapidTB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// anyModel is the Model of a random Spec.
func anyModel(t *rapid.T, open bool) *cloud.Model { return build(t, anySpec(t, open)) }

// meta gives every object a line of its own, so that no two reasons are alike
// by accident.
func (b *builder) meta(format string, args ...any) cloud.Meta {
	b.line++
	return cloud.Meta{Name: fmt.Sprintf(format, args...), At: source.Span{File: "t.yaml", Line: b.line}}
}

func (b *builder) gap(what string) cloud.Gap {
	return cloud.Gap{Because: what + " is left open", At: source.Span{File: "t.yaml", Line: b.line}}
}

// leftOpen decides whether a fact is not known.
func (b *builder) leftOpen(what string) bool { return b.open && chance(b.t, 3, what+" open") }

// publicIP is an Elastic IP that nothing else has.
func (b *builder) publicIP() netip.Addr {
	b.eips++
	return netip.AddrFrom4([4]byte{198, 19, 7, byte(b.eips)})
}

func cidr(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// blocks may be the same for two VPCs, which then cannot be peered; one is in
// the shared space of RFC 6598.
var blocks = []netip.Prefix{
	cidr("10.0.0.0/16"), cidr("10.1.0.0/16"), cidr("172.20.0.0/16"), cidr("192.168.0.0/20"), cidr("100.64.0.0/16"),
}

var secondBlock = cidr("10.200.0.0/16")

func (b *builder) vpcs(n int) {
	for i := range n {
		cidrs := []netip.Prefix{pick(b.t, "CIDR", blocks...)}
		if n == 1 && chance(b.t, 20, "second CIDR") {
			cidrs = append(cidrs, secondBlock)
		}
		support := cloud.Known(mostly(b.t, 85, "DNS support"))
		if b.leftOpen("DNS support") {
			support = cloud.Unknown[bool]("DNS support is left open", source.Span{})
		}
		b.spec.VPCs = append(b.spec.VPCs, cloud.VPC{Meta: b.meta("vpc%d", i), ID: cloud.VPCID(fmt.Sprintf("vpc-%d", i)),
			CIDRs: cloud.Known(cidrs), DNSSupport: support, DNSHostnames: cloud.Known(mostly(b.t, 80, "DNS host names"))})
	}
}

// lightsail adds the default VPC and, most times with it, Lightsail's network.
func (b *builder) lightsail() {
	if !chance(b.t, 35, "default VPC") {
		return
	}
	b.spec.AddDefaultVPC("vpc-default", "default-vpc", []cloud.DefaultSubnet{{ID: "subnet-default-a", AZ: "us-west-2a"}, {ID: "subnet-default-b", AZ: "us-west-2b"}}, b.meta("").At)
	net := cloud.LightsailNetwork{At: b.meta("").At, CIDR: cloud.Known(cidr("172.26.0.0/16")), DNS: true}
	net.Peered = cloud.Known(mostly(b.t, 70, "peered with Lightsail"))
	if b.open && chance(b.t, 30, "Lightsail peering open") {
		net.Peered = cloud.Unknown[bool]("whether Lightsail is peered is left open", net.At)
	}
	b.spec.Lightsail = net
}

func (b *builder) overlap(x, y cloud.VPC) bool {
	for _, p := range cidrsOf(x) {
		for _, q := range cidrsOf(y) {
			if p.Overlaps(q) {
				return true
			}
		}
	}
	return false
}

func cidrsOf(v cloud.VPC) []netip.Prefix { c, _ := v.CIDRs.Get(); return c }

// peerings joins VPCs that do not overlap, at most once a pair.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
func (b *builder) peerings() {
	for i, x := range b.spec.VPCs {
		for _, y := range b.spec.VPCs[:i] {
			if b.overlap(x, y) || !mostly(b.t, 70, "peered") {
				continue
			}
			b.spec.Peerings = append(b.spec.Peerings, cloud.Peering{Meta: b.meta("%s-to-%s", x.Name, y.Name),
				ID: cloud.PeeringID("pcx-" + string(x.ID[4:]) + string(y.ID[4:])), A: x.ID, B: y.ID, Active: mostly(b.t, 80, "accepted")})
		}
	}
}

// gateways gives most VPCs an internet gateway, and leaves one unattached.
func (b *builder) gateways() {
	for _, v := range b.own() {
		if mostly(b.t, 70, "internet gateway") {
			b.spec.InternetGateways = append(b.spec.InternetGateways, cloud.InternetGateway{Meta: b.meta("%s-igw", v.Name),
				ID: cloud.InternetGatewayID("igw-" + v.Name), VPC: v.ID})
		}
	}
	if chance(b.t, 20, "detached gateway") {
		b.spec.InternetGateways = append(b.spec.InternetGateways, cloud.InternetGateway{Meta: b.meta("loose-igw"), ID: "igw-loose"})
	}
}

// own are the VPCs but for the default one, which AWS made.
func (b *builder) own() []cloud.VPC {
	var out []cloud.VPC
	for _, v := range b.spec.VPCs {
		if !v.Default {
			out = append(out, v)
		}
	}
	return out
}

// prefixLists have no entry in common, nor one of AWS's own lists: two lists
// that clash in a table are decided at random.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (b *builder) prefixLists() {
	lists := [][]netip.Prefix{
		{cidr("10.1.0.0/16"), cidr("198.18.0.0/15")},
		{cidr("172.20.0.0/17"), cidr("10.0.0.0/24"), cidr("52.94.0.0/16")},
	}
	for i, p := range lists[:roll(b.t, 3, "prefix lists")] {
		b.spec.PrefixLists = append(b.spec.PrefixLists, cloud.PrefixList{Meta: b.meta("list%d", i),
			ID: cloud.PrefixListID(fmt.Sprintf("pl-%d", i)), Prefixes: p})
	}
}

// subnets are /24 blocks of their VPC, with a table and an ACL of their own or
// the VPC's.
func (b *builder) subnets() {
	for _, v := range b.own() {
		cidrs := cidrsOf(v)
		for i := range 1 + roll(b.t, 3, "subnets") {
			block := slash24(cidrs[i%len(cidrs)], i+1)
			sub := cloud.Subnet{Meta: b.meta("%s-subnet%d", v.Name, i), ID: cloud.SubnetID(fmt.Sprintf("subnet-%s-%d", v.Name, i)),
				VPC: v.ID, CIDR: cloud.Known(block), AZ: cloud.Known("us-west-2a")}
			if tables := b.tablesOf(v.ID, false); len(tables) > 0 && mostly(b.t, 75, "own route table") {
				sub.RouteTable = pick(b.t, "route table", tables...)
			}
			b.spec.Subnets = append(b.spec.Subnets, sub)
		}
	}
}

func slash24(p netip.Prefix, n int) netip.Prefix {
	a := p.Masked().Addr().As4()
	a[2] += byte(n)
	return netip.PrefixFrom(netip.AddrFrom4(a), 24)
}

func (b *builder) subnetsOf(v cloud.VPCID) []cloud.SubnetID {
	var out []cloud.SubnetID
	for _, s := range b.spec.Subnets {
		if s.VPC == v {
			out = append(out, s.ID)
		}
	}
	return out
}

// tablesOf are the VPC's route tables, with or without the main one.
func (b *builder) tablesOf(v cloud.VPCID, main bool) []cloud.RouteTableID {
	var out []cloud.RouteTableID
	for _, t := range b.spec.RouteTables {
		if t.VPC == v && (main || !t.Main) {
			out = append(out, t.ID)
		}
	}
	return out
}

// nameOf is an ID without its kind.
func nameOf[T ~string](id T) string {
	_, name, _ := strings.Cut(string(id), "-")
	return name
}
