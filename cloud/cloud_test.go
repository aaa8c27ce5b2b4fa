package cloud

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/source"
)

func named(name string) Meta {
	return Meta{Name: name, At: source.Span{File: "t.yaml", Line: 3}}
}

// defaults is a default VPC with two subnets and a function in both.
func defaults(edits ...func(*Spec)) Spec {
	s := Spec{Region: "us-west-2", Account: "123456789012", Stack: "t"}
	s.AddDefaultVPC("vpc-d", "default-vpc", []DefaultSubnet{{ID: "subnet-a", AZ: "us-west-2a"}, {ID: "subnet-b", AZ: "us-west-2b"}}, source.Span{})
	s.Functions = []Function{inSubnets("F", "subnet-a", "subnet-b")}
	for _, e := range edits {
		e(&s)
	}
	return s
}

func inSubnets(name string, subnets ...SubnetID) Function {
	return Function{Meta: named(name), FunctionName: name, Network: &Attachment{
		Subnets: Known(subnets), Groups: Known([]SecurityGroupID{DefaultGroupID("vpc-d")})}}
}

func build(t *testing.T, s Spec) *Model {
	t.Helper()
	m, diags := New(s)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return m
}

// dump is everything about a model that a packet could meet.
func dump(m *Model) string {
	var b strings.Builder
	for v := range m.VPCs() {
		fmt.Fprintln(&b, v)
	}
	for s := range m.Subnets() {
		rt, _ := m.RouteTableOf(s)
		acl, _ := m.ACLOf(s)
		fmt.Fprintln(&b, s, rt, acl)
	}
	for e := range m.ENIs() {
		fmt.Fprintln(&b, e)
	}
	return b.String()
}

// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
func TestDefaultVPCIsAsAWSMakesIt(t *testing.T) {
	m := build(t, defaults())
	v, _ := m.VPC("vpc-d")
	if cidrs, _ := v.CIDRs.Get(); !slices.Equal(cidrs, []netip.Prefix{netip.MustParsePrefix("172.31.0.0/16")}) || !v.DNSHostnames.Or(false) || !v.DNSSupport.Or(false) {
		t.Errorf("got %+v", v)
	}
	var blocks []string
	for s := range m.Subnets() {
		c, _ := s.CIDR.Get()
		blocks = append(blocks, c.String())
		rt, ok := m.RouteTableOf(s)
		if _, igw := rt.Routes[0].Target.(ToInternetGateway); !ok || !rt.Main || !igw {
			t.Errorf("%s: table %+v", s.ID, rt)
		}
	}
	if got := strings.Join(blocks, " "); got != "172.31.0.0/20 172.31.16.0/20" {
		t.Errorf("subnets %s", got)
	}
	if r, _ := v.Resolver(); r.String() != "172.31.0.2" {
		t.Errorf("resolver %s", r)
	}
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html: functions
// with the same subnet and groups share an interface.
func TestFunctionsShareInterfaces(t *testing.T) {
	m := build(t, defaults(func(s *Spec) {
		s.Functions = append(s.Functions, inSubnets("G", "subnet-a"))
		other := inSubnets("H", "subnet-a")
		other.Network.Groups = Known([]SecurityGroupID{"sg-h"})
		s.Functions = append(s.Functions, other)
		s.SecurityGroups = append(s.SecurityGroups, SecurityGroup{Meta: named("HGroup"), ID: "sg-h", VPC: "vpc-d"})
	}))
	f, g, h := m.ENIsOf("F"), m.ENIsOf("G"), m.ENIsOf("H")
	if len(f) != 2 || len(g) != 1 || len(h) != 1 {
		t.Fatalf("F has %d interfaces, G %d, H %d", len(f), len(g), len(h))
	}
	if f[0].ID != g[0].ID || !slices.Equal(f[0].Owners, []string{"F", "G"}) {
		t.Errorf("F and G do not share: %+v and %+v", f[0], g[0])
	}
	if h[0].ID == g[0].ID || h[0].PrivateIP == g[0].PrivateIP {
		t.Errorf("H has other groups and shares all the same: %+v", h[0])
	}
}

// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: a /28 has
// eleven usable addresses.
func TestASubnetRunsOutOfAddresses(t *testing.T) {
	s := defaults(func(s *Spec) {
		s.Subnets[0].CIDR = Known(netip.MustParsePrefix("172.31.0.0/28"))
		s.Functions = nil
		for i := range 12 {
			s.Instances = append(s.Instances, Instance{Meta: named(fmt.Sprintf("I%02d", i)), ID: fmt.Sprint("i-", i), Subnet: Known[SubnetID]("subnet-a"), Groups: Known[[]SecurityGroupID](nil)})
		}
	})
	var given []string
	for e := range build(t, s).ENIs() {
		if e.PrivateIP.IsValid() {
			given = append(given, e.PrivateIP.String())
		}
	}
	if len(given) != 11 || slices.Contains(given, "172.31.0.3") || slices.Contains(given, "172.31.0.15") {
		t.Errorf("%d addresses: %v", len(given), given)
	}
}

func TestOrderOfDeclarationsChangesNothing(t *testing.T) {
	s := defaults(func(s *Spec) {
		s.Functions = append(s.Functions, inSubnets("A", "subnet-b"), inSubnets("Z", "subnet-a"))
	})
	want := dump(build(t, s))
	slices.Reverse(s.Functions)
	slices.Reverse(s.Subnets)
	if got := dump(build(t, s)); got != want {
		t.Errorf("reversed:\n%s\nwant\n%s", got, want)
	}
}

func TestWithLeavesTheModelAlone(t *testing.T) {
	m := build(t, defaults())
	before := dump(m)
	next, _ := m.With(func(s *Spec) {
		s.Functions[0].Network = nil
		s.RouteTables[0].Routes = nil
		s.Subnets = s.Subnets[:1]
	})
	if dump(m) != before {
		t.Error("the model changed")
	}
	if len(next.ENIsOf("F")) != 0 {
		t.Error("the next model is not changed")
	}
}

func TestWhatNobodyDescribes(t *testing.T) {
	_, diags := New(defaults(func(s *Spec) { s.Subnets[0].VPC = "vpc-gone" }))
	if len(diags) != 1 || diags[0].Code != "MODEL_DANGLING_REFERENCE" || !strings.Contains(diags[0].Summary, "vpc-gone") {
		t.Errorf("got %v", diags)
	}
	m := build(t, defaults(func(s *Spec) { s.Functions[0] = inSubnets("F", "subnet-elsewhere") }))
	if open := m.ENIsOf("F")[0].Open; len(open) != 1 || !strings.Contains(open[0].Because, "subnet-elsewhere") {
		t.Errorf("a subnet of the account that is not described: %v", open)
	}
}

func TestLightsailIsAVPCLikeAnyOther(t *testing.T) {
	s := defaults(func(s *Spec) {
		s.Lightsail = LightsailNetwork{CIDR: Known(netip.MustParsePrefix("172.26.0.0/16")), Peered: Known(true)}
		s.LightsailInstances = []LightsailInstance{{Meta: named("Web"), PrivateIP: netip.MustParseAddr("172.26.0.16")}}
	})
	m := build(t, s)
	e, ok := m.ENIAt(LightsailVPC, netip.MustParseAddr("172.26.0.16"))
	if !ok || e.Name != "Web" || e.Kind != LightsailENI {
		t.Fatalf("got %+v", e)
	}
	g, _ := m.SecurityGroup(e.Groups[0])
	if len(g.Ingress) != 2 || g.Ingress[0].Ports.Lo != 22 || g.Ingress[1].Ports.Lo != 80 {
		t.Errorf("without stated ports Lightsail opens 22 and 80, got %+v", g.Ingress)
	}
	peers := slices.Collect(m.Peerings())
	if len(peers) != 1 || !peers[0].Active {
		t.Errorf("peerings %+v", peers)
	}
	s.Lightsail.Peered = Unknown[bool]("nobody said", source.Span{})
	if peers := slices.Collect(build(t, s).Peerings()); len(peers) != 0 {
		t.Errorf("a peering that nobody stated: %+v", peers)
	}
}

func TestARNRoundTrip(t *testing.T) {
	for _, text := range []string{"arn:aws:iam::123456789012:role/R", "arn:aws:ssm:us-west-2:1:parameter/a/b", "arn:aws:s3:::b/k:ey"} {
		if a, err := ParseARN(text); err != nil || a.String() != text {
			t.Errorf("%s: %v %v", text, a, err)
		}
	}
	for _, text := range []string{"", "arn", "arn:aws:s3", "role/R", "arn::s3:::b", "arn:aws:s3:::"} {
		if a, err := ParseARN(text); err == nil {
			t.Errorf("%q read as %+v", text, a)
		}
	}
}

func TestPublicAddressesAreNobodysAndStable(t *testing.T) {
	for host, in := range map[string]string{
		"ssm.us-west-2.amazonaws.com": "52.94.0.0/16", "b.s3.us-west-2.amazonaws.com": "52.92.128.0/17",
		"dynamodb.us-west-2.amazonaws.com": "52.119.224.0/20", "api.example.com": "198.18.0.0/16",
	} {
		a := PublicAddr(host, "us-west-2")
		if !netip.MustParsePrefix(in).Contains(a) || a != PublicAddr(host, "us-west-2") {
			t.Errorf("%s is %s, want one in %s", host, a, in)
		}
	}
	seen := map[netip.Addr]string{}
	for _, s := range Services() {
		h := s.HostIn("us-west-2")
		if other, twice := seen[PublicAddr(h, "us-west-2")]; twice {
			t.Errorf("%s and %s have one address", h, other)
		}
		seen[PublicAddr(h, "us-west-2")] = h
	}
}

func TestValueKnowsWhatItIsNot(t *testing.T) {
	v := Unknown[string]("parameter P has no value", source.Span{File: "t.yaml", Line: 4})
	if got, ok := v.Get(); ok || got != "" {
		t.Errorf("an unknown value gave %q", got)
	}
	if g, open := v.Gap(); !open || g.String() != "parameter P has no value (t.yaml:4)" {
		t.Errorf("gap %v", g)
	}
	if Known("x").Or("y") != "x" || v.Or("y") != "y" {
		t.Error("Or is wrong")
	}
}
