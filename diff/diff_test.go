package diff

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// world is a VPC with two private subnets, a function in both, and a box in the
// first that takes tcp 5432 from the function.
func world(changes ...func(*cloud.Spec)) *cloud.Model {
	s := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t"}
	s.VPCs = []cloud.VPC{{Meta: named("Net", 1), ID: "vpc-a", CIDRs: cloud.Known([]netip.Prefix{prefix("10.0.0.0/16")}), DNSSupport: cloud.Known(true)}}
	s.Subnets = []cloud.Subnet{subnet("SubA", "subnet-a", "10.0.1.0/24"), subnet("SubB", "subnet-b", "10.0.2.0/24")}
	s.InternetGateways = []cloud.InternetGateway{{Meta: named("Gateway", 4), ID: "igw-a", VPC: "vpc-a"}}
	s.SecurityGroups = []cloud.SecurityGroup{
		{Meta: named("FunctionGroup", 5), ID: "sg-f", VPC: "vpc-a", Egress: cloud.AllowAllEgress(source.Span{})},
		{Meta: named("BoxGroup", 6), ID: "sg-b", VPC: "vpc-a", Ingress: []cloud.Rule{allow(7, 5432, cloud.PeerGroup{ID: "sg-f"})}},
	}
	s.Functions = []cloud.Function{function("F", "subnet-a", "subnet-b")}
	s.Instances = []cloud.Instance{{Meta: named("Box", 8), ID: "i-1", Subnet: cloud.Known(cloud.SubnetID("subnet-a")), Groups: cloud.Known([]cloud.SecurityGroupID{"sg-b"})}}
	for _, c := range changes {
		c(&s)
	}
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		panic(diags)
	}
	return m
}

func named(name string, line int) cloud.Meta {
	return cloud.Meta{Name: name, Type: "T", At: source.Span{File: "t.yaml", Line: line}}
}

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func subnet(name string, id cloud.SubnetID, cidr string) cloud.Subnet {
	return cloud.Subnet{Meta: named(name, 2), ID: id, VPC: "vpc-a", CIDR: cloud.Known(prefix(cidr))}
}

func function(name string, subnets ...cloud.SubnetID) cloud.Function {
	return cloud.Function{Meta: named(name, 9), FunctionName: name, Network: &cloud.Attachment{
		Subnets: cloud.Known(subnets), Groups: cloud.Known([]cloud.SecurityGroupID{"sg-f"}), At: source.Span{File: "t.yaml", Line: 10}}}
}

func allow(line int, port uint16, from cloud.Peer) cloud.Rule {
	return cloud.Rule{Meta: named("rule", line), Proto: netset.TCP, Ports: netset.Port(port), Peer: from}
}

// The changes that tests make.

func admit(port uint16, from cloud.Peer) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.SecurityGroups[1].Ingress = append(s.SecurityGroups[1].Ingress, allow(20, port, from))
	}
}

var (
	anywhere4 = cloud.PeerCIDR{Prefix: prefix("0.0.0.0/0")}
	office    = cloud.PeerCIDR{Prefix: prefix("203.0.113.0/24")}
)

func exposed(s *cloud.Spec) {
	s.Instances[0].PublicIP = netip.MustParseAddr("198.19.7.1")
	s.RouteTables = append(s.RouteTables, cloud.RouteTable{Meta: named("Main", 11), ID: "rtb-m", VPC: "vpc-a", Main: true, Routes: []cloud.Route{
		{Meta: named("Default", 12), Dest: cloud.PrefixDest{Prefix: prefix("0.0.0.0/0")}, Target: cloud.ToInternetGateway{ID: "igw-a"}}}})
}

func placed(subnets ...cloud.SubnetID) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.Functions[0] = function("F", subnets...) }
}

func outside(s *cloud.Spec) { s.Functions[0].Network = nil }

func guarded(s *cloud.Spec) { // SubB's network ACL lets nothing out
	s.NetworkACLs = append(s.NetworkACLs, cloud.NetworkACL{Meta: named("Shut", 13), ID: "acl-s", VPC: "vpc-a"})
	s.Subnets[1].ACL = "acl-s"
}

// told is a change in one line, with the edits that it blames.
func told(c Change) string {
	s := fmt.Sprintf("%s -> %s", strings.Join(c.From.Names, ","), strings.Join(c.To.Names, ","))
	if c.To.Public {
		s += " public"
	}
	s += fmt.Sprintf(" %s to %s: %s", c.Was, c.Now, c.Traffic)
	if c.Hosts != nil && !c.Except.IsEmpty() {
		s += " with " + c.Hosts.String()
	}
	if len(c.Within) > 0 {
		s += " within " + strings.Join(c.Within, ",")
	}
	var because []string
	for _, e := range c.Because {
		because = append(because, fmt.Sprintf("%s %s %s", e.Name, e.Verb, e.Detail))
	}
	return s + " because " + strings.Join(because, "; ")
}

func TestWhatAChangeOpensAndCloses(t *testing.T) {
	type changes = []func(*cloud.Spec)
	for _, c := range []struct {
		name     string
		old, now changes
		want     []string
	}{
		{"nothing", nil, nil, nil},
		{"a rule more", nil, changes{admit(22, cloud.PeerGroup{ID: "sg-f"})},
			[]string{"F -> Box blocked to reachable: tcp 22 because BoxGroup added tcp 22 from FunctionGroup"}},
		{"a rule less", changes{admit(22, cloud.PeerGroup{ID: "sg-f"})}, nil,
			[]string{"F -> Box reachable to blocked: tcp 22 because BoxGroup removed tcp 22 from FunctionGroup"}},
		{"a rule that another one covers", nil, changes{admit(5432, cloud.PeerGroup{ID: "sg-f"})}, nil},
		{"open to the world", changes{exposed}, changes{exposed, admit(5432, anywhere4)},
			[]string{"internet -> Box public blocked to reachable: tcp 5432 because BoxGroup added tcp 5432 from 0.0.0.0/0"}},
		{"from one office to the world", changes{exposed, admit(5432, office)}, changes{exposed, admit(5432, anywhere4)},
			[]string{"internet -> Box public blocked to reachable: tcp 5432 with "}},
		{"another subnet, as good", changes{placed("subnet-a")}, nil, nil},
		{"from one subnet to the other, as good", changes{placed("subnet-a")}, changes{placed("subnet-b")}, nil},
		{"a subnet too many", changes{guarded, placed("subnet-a")}, changes{guarded},
			[]string{"F -> Box reachable to blocked: tcp 5432 within SubB because F changed in SubA, SubB, was in SubA"}},
		{"one subnet is shut", nil, changes{guarded},
			[]string{"F -> Box reachable to blocked: tcp 5432 within SubB because SubB changed with Shut, was with Net default network ACL"}},
		{"out of the VPC", nil, changes{outside}, []string{
			"F -> internet blocked to reachable: everything because F changed in no VPC, was in Net",
			"F -> Box reachable to blocked: tcp 5432 because F changed in no VPC, was in Net"}},
		{"what it hangs on is not stated", nil, changes{admit(22, cloud.PeerUnknown{Gap: cloud.Gap{Because: "it depends"}})},
			[]string{"F -> Box blocked to unknown: tcp 22 because BoxGroup added tcp 22 from what is not known"}},
		{"where a function is, is not stated", nil, changes{func(s *cloud.Spec) {
			s.Functions[0].Network.Subnets = cloud.Unknown[[]cloud.SubnetID]("parameter Subnets has no value", source.Span{})
		}}, []string{
			"F -> Box blocked to unknown: ", "F -> Box reachable to unknown: tcp 5432", "F -> the VPC's DNS resolver reachable to unknown: everything", "F -> internet blocked to unknown: everything"}},
		{"another name and ID is another resource", nil, changes{func(s *cloud.Spec) { s.Instances[0].Name, s.Instances[0].ID = "Crate", "i-2" }}, []string{
			"F -> Crate blocked to reachable: tcp 5432 because Crate added in SubA", "F -> Box reachable to blocked: tcp 5432 because Box removed in SubA"}},
		{"no resolver", nil, changes{func(s *cloud.Spec) { s.VPCs[0].DNSSupport = cloud.Known(false) }}, []string{
			"F -> the VPC's DNS resolver reachable to blocked: everything because Net changed DNS support off, was DNS support on",
			"Box -> the VPC's DNS resolver reachable to blocked: everything because Net changed DNS support off, was DNS support on"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Between(Side{Model: world(c.old...)}, Side{Model: world(c.now...)}).Changes
			if len(got) != len(c.want) {
				t.Errorf("%d changes, want %d", len(got), len(c.want))
			}
			for i, change := range got {
				if i >= len(c.want) || !strings.HasPrefix(told(change), c.want[i]) {
					t.Errorf("got %s", told(change))
				}
			}
		})
	}
}

// The first line is what the world can reach, however much else there is.
func TestWhatOpensToTheWorldComesFirst(t *testing.T) {
	now := world(exposed, admit(5432, anywhere4), admit(22, cloud.PeerGroup{ID: "sg-f"}), guarded, func(s *cloud.Spec) { s.Functions = append(s.Functions, function("A", "subnet-a")) })
	r := Between(Side{Model: world(exposed)}, Side{Model: now})
	if len(r.Changes) < 4 || r.Changes[0].From.Kind != Internet || !r.Changes[0].Opens() {
		t.Fatalf("first of %d: %s", len(r.Changes), told(r.Changes[0]))
	}
	if !slices.IsSortedFunc(r.Changes, func(a, b Change) int { return a.rank() - b.rank() }) {
		t.Error("openings, closings and what is unknown are mixed")
	}
}

// A thousand functions alike are one change; so are a thousand that differ in
// their groups, where all of these say the same.
func TestLikeChangesAreOne(t *testing.T) {
	many := func(s *cloud.Spec, own bool) {
		s.Functions = nil
		for i := range 1000 {
			f := function(fmt.Sprintf("F%03d", i), "subnet-a", "subnet-b")
			if own && i < 100 {
				id := cloud.SecurityGroupID(fmt.Sprint("sg-", i))
				s.SecurityGroups = append(s.SecurityGroups, cloud.SecurityGroup{Meta: named(string(id), 30), ID: id, VPC: "vpc-a", Egress: cloud.AllowAllEgress(source.Span{})})
				f.Network.Groups = cloud.Known([]cloud.SecurityGroupID{"sg-f", id})
			}
			s.Functions = append(s.Functions, f)
		}
	}
	for _, own := range []bool{false, true} {
		old := world(func(s *cloud.Spec) { many(s, own) })
		now := world(func(s *cloud.Spec) { many(s, own) }, admit(22, cloud.PeerGroup{ID: "sg-f"}))
		got := Between(Side{Model: old}, Side{Model: now}).Changes
		if len(got) != 1 || len(got[0].From.Names) != 1000 {
			t.Errorf("groups of their own %v: %d changes, the first of %d functions", own, len(got), len(got[0].From.Names))
		}
	}
}

// A witness says why in the model in which it is blocked, and where.
func TestAWitnessHasItsReason(t *testing.T) {
	c := Between(Side{Model: world()}, Side{Model: world(admit(22, cloud.PeerGroup{ID: "sg-f"}))}).Changes[0]
	if len(c.Old.Blockers) != 1 || c.Old.Blockers[0].Code != path.SGRulesMismatch || c.Old.Blockers[0].At.Line != 6 {
		t.Errorf("before: %+v", c.Old.Blockers)
	}
	if c.New.Verdict != path.Reachable || c.New.Flow.Dst.Port() != 22 || c.Because[0].At.Line != 20 {
		t.Errorf("now: %v by %v, because %+v", c.New.Verdict, c.New.Flow, c.Because)
	}
	gone := Between(Side{Model: world()}, Side{Model: world(func(s *cloud.Spec) { s.Instances = nil })}).Changes[0]
	if gone.New.Absent != "Box" || gone.Old.Verdict != path.Reachable {
		t.Errorf("gone: %+v", gone)
	}
}

func TestPathsThatBreakAndMend(t *testing.T) {
	expect := func(to string, v path.Verdict) reach.Expectation {
		return reach.Expectation{Question: path.Question{From: "F", To: to}, Verdict: v}
	}
	side := func(m *cloud.Model, e ...reach.Expectation) Side { return Side{m, e} }
	all := []reach.Expectation{expect("Box:5432", path.Reachable), expect("Box:22", path.Blocked), expect("Gone:1", path.Blocked)}
	r := Between(side(world(), all...), side(world(admit(22, cloud.PeerGroup{ID: "sg-f"}), guarded), all...))
	var got []string
	for _, p := range r.Paths {
		got = append(got, fmt.Sprint(p.To, " ", p.Was.Verdict, " to ", p.Now.Verdict, " ", p.Broke()))
	}
	want := []string{"Box:5432 reachable to partial true", "Box:22 blocked to partial true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	back := Between(side(world(guarded), all...), side(world(), all...)).Paths
	if len(back) != 1 || back[0].Broke() || !back[0].Holds() {
		t.Errorf("back: %+v", back)
	}
}

func TestPrices(t *testing.T) {
	nat := func(s *cloud.Spec) {
		s.NATGateways = []cloud.NATGateway{{Meta: named("Nat", 40), ID: "nat-1", Subnet: "subnet-a", Public: true, PublicIP: netip.MustParseAddr("198.19.7.9")}}
	}
	endpoint := func(zones ...cloud.SubnetID) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			s.Endpoints = []cloud.Endpoint{{Meta: named("Ssm", 41), ID: "vpce-1", VPC: "vpc-a", Kind: cloud.InterfaceEndpoint, Service: "ssm", Subnets: cloud.Known(zones)}}
		}
	}
	for _, c := range []struct {
		name     string
		old, now []func(*cloud.Spec)
		want     float64
	}{
		{"nothing", nil, nil, 0},
		{"a NAT gateway and its address", nil, []func(*cloud.Spec){nat}, 438},
		{"an endpoint in two zones is gone", []func(*cloud.Spec){endpoint("subnet-a", "subnet-b")}, nil, -175.20},
		{"one zone less", []func(*cloud.Spec){endpoint("subnet-a", "subnet-b")}, []func(*cloud.Spec){endpoint("subnet-a")}, -87.60},
		{"a exposed address", nil, []func(*cloud.Spec){exposed}, 43.80},
	} {
		if got := Between(Side{Model: world(c.old...)}, Side{Model: world(c.now...)}).USDPerYear(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
