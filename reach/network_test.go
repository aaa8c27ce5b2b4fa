package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

// A thousand functions with the same groups and subnets cost as one.
func TestClassesNotInterfacesCount(t *testing.T) {
	count := func(n int) (classes, work int) {
		net := Compile(built(t, yard(func(s *cloud.Spec) {
			for i := range n {
				s.Functions = append(s.Functions, aFunction(fmt.Sprint("G", i), "subnet-private", "sg-f"))
				s.Instances = append(s.Instances, anInstance(fmt.Sprint("Twin", i), fmt.Sprintf("10.0.2.%d", 20+i), "subnet-private", "sg-app"))
			}
		})))
		for range net.Pairs() {
		}
		return len(net.classes), net.Work()
	}
	few, fewWork := count(2)
	many, manyWork := count(200)
	if few != many || fewWork != manyWork {
		t.Errorf("with 2: %d classes, %d questions; with 200: %d, %d", few, fewWork, many, manyWork)
	}
}

// An address that a rule names is told apart from its neighbours.
func TestARuleForOneAddressMakesAClassOfItsOwn(t *testing.T) {
	n := Compile(built(t, yard(func(s *cloud.Spec) {
		s.Instances = append(s.Instances, anInstance("Twin", "10.0.2.9", "subnet-private", "sg-app"))
		s.SecurityGroups[2].Ingress = append(s.SecurityGroups[2].Ingress, tcp(22, block4("10.0.2.9/32")))
	})))
	if got := between(t, n, "App", "Box"); got != "tcp 443" {
		t.Errorf("App: %s", got)
	}
	if got := between(t, n, "Twin", "Box"); got != "tcp 22; tcp 443" {
		t.Errorf("Twin: %s", got)
	}
}

func TestFromHoldsAddressesExactly(t *testing.T) {
	n := Compile(built(t, yard()))
	o := n.From(classNamed(t, n, "App"))
	packet := func(far string, port uint16) netset.Packet {
		return netset.Packet{Far: netip.MustParseAddr(far), Proto: netset.TCP, Dst: port, Src: 40000}
	}
	for p, want := range map[netset.Packet]bool{
		packet("10.1.1.8", 5432): true, packet("10.1.1.9", 5432): false, packet("10.1.1.8", 5433): false,
		packet("10.0.1.8", 443): true, packet("10.0.1.8", 80): false, packet("198.19.0.7", 443): false, packet("169.254.169.253", 53): true,
	} {
		if o.Open.Contains(p) != want {
			t.Errorf("%v: %v", p, !want)
		}
	}
	if s, ok := o.Open.Sample(); !ok || !o.Open.Contains(s) {
		t.Errorf("sample %v of %v", s, o.Open)
	}
}

func TestTheInternetsSide(t *testing.T) {
	gap := cloud.Gap{Because: "nobody said"}
	n := Compile(built(t, yard(withNAT("subnet-public"), func(s *cloud.Spec) {
		s.SecurityGroups[2].Ingress = append(s.SecurityGroups[2].Ingress, tcp(22, block4("203.0.113.0/24")), tcp(25, cloud.PeerUnknown{Gap: gap}))
	})))
	arrivals := n.FromInternet()
	if len(arrivals) != 1 || arrivals[0].To != classNamed(t, n, "Box") {
		t.Fatalf("%v", arrivals)
	}
	at := func(s netset.Set, a string) string {
		return s.At(netip.MustParseAddr(a)).String()
	}
	a := arrivals[0]
	for host, want := range map[string]string{"9.9.9.9": "tcp 443", "203.0.113.255": "tcp 22; tcp 443", "203.0.114.0": "tcp 443", "10.9.9.9": "none", "127.0.0.1": "none"} {
		if got := at(a.Open, host); got != want {
			t.Errorf("from %s: %s, want %s", host, got, want)
		}
	}
	if len(a.Unknown) != 1 || a.Unknown[0].Gap != gap || at(a.Unknown[0].Packets, "9.9.9.9") != "tcp 25" {
		t.Errorf("unknown: %v", a.Unknown)
	}
	open, unknown := n.ToInternet(classNamed(t, n, "App"))
	if at(open, "9.9.9.9") != "tcp all; udp all; icmp" || at(open, "198.19.0.7") != "none" || at(open, "10.9.9.9") != "none" || len(unknown) != 0 {
		t.Errorf("App to the internet: %v %v", open, unknown)
	}
}

func TestToIsEverythingThatReaches(t *testing.T) {
	n := Compile(built(t, yard(withNAT("subnet-public"))))
	var got []string
	for _, e := range n.To(classNamed(t, n, "Box")) {
		got = append(got, fmt.Sprintf("%s %t %s", e.From, e.Public, e.Open()))
	}
	slices.Sort(got)
	want := []string{"function F in subnet-private false tcp 80; tcp 443", "function F in subnet-private true tcp 443",
		"instance App in subnet-private false tcp 443", "instance App in subnet-private true tcp 443", "instance Box in subnet-public true tcp 443"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestWitnessIsAnOrdinaryPacket(t *testing.T) {
	n := Compile(built(t, yard()))
	for e := range n.Pairs() {
		if e.From == classNamed(t, n, "App") && e.To == classNamed(t, n, "Db") {
			if got := e.Witness().String(); got != "tcp 10.0.2.8:40000 -> 10.1.1.8:5432" {
				t.Errorf("got %s", got)
			}
			return
		}
	}
	t.Error("no pair")
}

// An interface for which its subnet has no address left is a fact not known,
// not one that reaches things.
func TestNoAddressIsUnknown(t *testing.T) {
	n := Compile(built(t, yard(func(s *cloud.Spec) {
		s.Subnets = append(s.Subnets, cloud.Subnet{Meta: meta("subnet-v6"), ID: "subnet-v6", VPC: "vpc-a", CIDR: cloud.Known(netip.MustParsePrefix("2001:db8::/64"))})
		s.Functions = append(s.Functions, aFunction("Six", "subnet-v6", "sg-f"))
	})))
	if got := between(t, n, "Six", "App"); got != "none ?Six has no IPv4 address in subnet-v6: everything" {
		t.Errorf("got %s", got)
	}
}

// A change of one group's rule asks that group again, and nobody else; a change
// of a route asks the ways again, and no group.
func TestNextAsksOnlyWhatChanged(t *testing.T) {
	s := fleet(400, 10, 40)
	cost := func(change func(*cloud.Spec)) int {
		n := Compile(built(t, s))
		allPairs(n)
		before := n.Work()
		next := n.Next(built(t, changed(s, change)))
		allPairs(next)
		return next.Work() - before
	}
	whole := Compile(built(t, s))
	allPairs(whole)
	if w := cost(func(*cloud.Spec) {}); w != 0 {
		t.Errorf("no change: %d questions", w)
	}
	if w := cost(func(s *cloud.Spec) {
		s.SecurityGroups[8].Ingress = append(s.SecurityGroups[8].Ingress, tcp(7, in("sg-all")))
	}); w == 0 || w > whole.Work()/20 {
		t.Errorf("a rule: %d questions of %d", w, whole.Work())
	}
	if w := cost(func(s *cloud.Spec) { s.Instances = append(s.Instances, fleetInstance(400, 10, 40)) }); w > whole.Work()/20 {
		t.Errorf("an interface: %d questions of %d", w, whole.Work())
	}
	if w := cost(func(s *cloud.Spec) { s.RouteTables[0].Routes = nil }); w == 0 || w > whole.Work()/4 {
		t.Errorf("a route: %d questions of %d", w, whole.Work())
	}
}

// changed is s after change, which gets slices of its own.
func changed(s cloud.Spec, change func(*cloud.Spec)) cloud.Spec {
	s.SecurityGroups, s.Instances = slices.Clone(s.SecurityGroups), slices.Clone(s.Instances)
	s.RouteTables = slices.Clone(s.RouteTables)
	for i, g := range s.SecurityGroups {
		s.SecurityGroups[i].Ingress = slices.Clip(g.Ingress)
	}
	change(&s)
	return s
}
