package conform

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/diff"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
)

// anyEdit is s after one to three changes of the kinds that people make.
func anyEdit(t *rapid.T, s cloud.Spec) cloud.Spec {
	for range 1 + roll(t, 3, "edits") {
		pick(t, "edit", edits...)(t, &s)
	}
	return s
}

var edits = []func(*rapid.T, *cloud.Spec){
	func(t *rapid.T, s *cloud.Spec) { *s = withAllowRule(t, *s) },
	func(t *rapid.T, s *cloud.Spec) { pick(t, "hide", hiding...).from(t, s) },
	func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) { without(t, either(t, &g.Ingress, &g.Egress)) })
	},
	func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.RouteTables, func(r *cloud.RouteTable) { without(t, &r.Routes) })
	},
	func(t *rapid.T, s *cloud.Spec) { without(t, &s.Peerings) },
	func(t *rapid.T, s *cloud.Spec) { without(t, &s.Endpoints) },
	func(t *rapid.T, s *cloud.Spec) { without(t, &s.Functions) },
	func(t *rapid.T, s *cloud.Spec) { without(t, &s.Instances) },
	func(t *rapid.T, s *cloud.Spec) { without(t, &s.LightsailInstances) },
	func(t *rapid.T, s *cloud.Spec) { change(t, &s.Functions, func(f *cloud.Function) { f.Network = nil }) },
	func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Functions, func(f *cloud.Function) {
			if f.Network != nil {
				n := *f.Network
				subnets := n.Subnets.Or(nil)
				n.Subnets = cloud.Known(subnets[:min(1, len(subnets))])
				f.Network = &n
			}
		})
	},
}

func without[T any](t *rapid.T, list *[]T) {
	if len(*list) > 0 {
		i := roll(t, len(*list), "which")
		*list = slices.Delete(slices.Clone(*list), i, i+1)
	}
}

// twoModels are a random model and what a few edits make of it; false where
// the edits do not make a model.
func twoModels(t *rapid.T) (a, b *cloud.Model, ok bool) {
	s := reachSpec(t)
	a = build(t, s)
	b, diags := cloud.New(anyEdit(t, s))
	return a, b, !diags.HasErrors()
}

// Whatever a diff says, path says of its witness in both models.
func TestDiffIsPathOnEveryWitness(t *testing.T) {
	tally := map[string]int{}
	unblamed, changes := 0, 0
	checkSeeded(t, 1500, func(t *rapid.T) {
		a, b, ok := twoModels(t)
		if !ok {
			return
		}
		for _, c := range diff.Between(diff.Side{Model: a}, diff.Side{Model: b}).Changes {
			tally[fmt.Sprint(c.Was, " to ", c.Now)]++
			changes++
			if len(c.Because) == 0 {
				unblamed++
			}
			sees(t, a, c.Old, c.Was, c)
			sees(t, b, c.New, c.Now, c)
		}
	})
	t.Log(tally, unblamed, "of", changes, "without an edit to blame")
	for _, want := range []string{"blocked to reachable", "reachable to blocked", "blocked to unknown", "reachable to unknown"} {
		if tally[want] == 0 {
			t.Errorf("nothing went from %s", want)
		}
	}
	if unblamed*10 > changes {
		t.Errorf("%d of %d changes name no edit", unblamed, changes)
	}
}

// sees compares what a change says of one model with path. Of an interface
// whose address is not known no packet can be walked, and an address that two
// networks have may mean the other one.
func sees(t *rapid.T, m *cloud.Model, l diff.Look, want path.Verdict, c diff.Change) {
	t.Helper()
	if l.Absent != "" {
		if want != path.Blocked {
			t.Fatalf("%s is not there, and %v is %v", l.Absent, c.To, want)
		}
		return
	}
	if l.Elsewhere {
		dst := l.Flow.Dst.Addr()
		if _, image := cloud.Translated(dst); image {
			return // NAT64: the address is another one's, on the far side of the gateway
		}
		if !overlapping(m) && !onInternet(dst) {
			t.Fatalf("%v leads to nothing but %v in %v", l.Flow.Dst, c.To, l)
		}
		return
	}
	if l.From == nil || !l.Flow.Dst.IsValid() {
		return
	}
	if got := path.Decide(m, l.From, l.Flow); got.Verdict != want {
		t.Fatalf("%v to %v: %v is %v, for path %v\n%v %v\nin %v of %v", c.From, c.To, l.Flow, want, got.Verdict, got.Blockers, got.Missing, c.Traffic, c.Hosts)
	}
}

// A model does not differ from itself, whatever the order of its declarations.
func TestDiffOfAModelWithItselfIsEmpty(t *testing.T) {
	checkSeeded(t, 500, func(t *rapid.T) {
		s := reachSpec(t)
		a, b := build(t, s), build(t, reordered(t, s))
		if r := diff.Between(diff.Side{Model: a}, diff.Side{Model: a}); !r.IsEmpty() {
			t.Fatalf("differs from itself: %+v", r)
		}
		if r := diff.Between(diff.Side{Model: a}, diff.Side{Model: b}); sameAddresses(a, b) && !r.IsEmpty() {
			t.Fatalf("differs from itself in another order: %+v", r)
		}
	})
}

// What opens on the way there closes on the way back, packet by packet.
func TestDiffTurnedRoundIsItsMirror(t *testing.T) {
	checkSeeded(t, 700, func(t *rapid.T) {
		a, b, ok := twoModels(t)
		if !ok {
			return
		}
		there := shiftTexts(diff.Between(diff.Side{Model: a}, diff.Side{Model: b}), false)
		back := shiftTexts(diff.Between(diff.Side{Model: b}, diff.Side{Model: a}), true)
		compareKeys(t, back, there)
	})
}

// shiftTexts are the changes, name by name, as text; turned round if asked.
func shiftTexts(r diff.Report, round bool) map[string]bool {
	out := map[string]bool{}
	for _, c := range r.Changes {
		if round {
			c.Was, c.Now = c.Now, c.Was
		}
		for _, from := range c.From.Names {
			for _, to := range c.To.Names {
				if from != to {
					out[fmt.Sprint(c.Was, c.Now, from, to, c.To.Kind, c.To.Public, c.Traffic, c.Hosts, c.Within)] = true
				}
			}
		}
	}
	return out
}

// Whatever flow to something that takes connections has another fate in the new
// model is in a change: a diff leaves nothing out.
func TestDiffLeavesNothingOut(t *testing.T) {
	looked := 0
	checkSeeded(t, 1500, func(t *rapid.T) {
		a, b, ok := twoModels(t)
		if !ok || hasOpenBlock(a) || hasOpenBlock(b) || overlapping(a) {
			return
		}
		r := diff.Between(diff.Side{Model: a}, diff.Side{Model: b})
		all := slices.Collect(a.ENIs())
		for _, from := range all {
			for range 6 {
				looked += inDiff(t, r, a, b, from, pick(t, "to", all...))
			}
		}
	})
	t.Log(looked, "flows changed")
	if looked == 0 {
		t.Error("no flow changed")
	}
}

// inDiff looks for a packet from one interface to another in a diff, if its fate
// is another in the new model; it counts those. What a resource sends to itself, from
// one of its interfaces to another, is nobody's business.
func inDiff(t *rapid.T, r diff.Report, a, b *cloud.Model, from, to cloud.ENI) int {
	from2, ok1 := b.ENI(from.ID)
	to2, ok2 := b.ENI(to.ID)
	for _, e := range []cloud.ENI{from, from2, to, to2} {
		if !ok1 || !ok2 || !e.PrivateIP.IsValid() || from.Name == to.Name || !takes(a, to) || from.Kind == cloud.EndpointENI || from.Kind == cloud.NATENI {
			return 0
		}
	}
	p := anyPacket(t, hostOf(to.PrivateIP), ports, []uint16{600, 1024, 40000})
	was := path.Decide(a, fromENI(from.ID), flowOf(p, from, to)).Verdict
	now := path.Decide(b, fromENI(from2.ID), flowOf(p, from2, to2)).Verdict
	if was == now || !takes(b, to2) {
		return 0
	}
	if !slices.ContainsFunc(r.Changes, func(c diff.Change) bool {
		return c.Was == was && c.Now == now && !c.To.Public && named(c.From, from) && named(c.To, to) && c.Traffic.Contains(p.Proto, p.Dst, p.Src)
	}) {
		t.Fatalf("%s to %s, %v: %v, then %v, and no change says so:\n%s", from.Name, to.Name, p, was, now, changeTexts(r))
	}
	return 1
}

// takes reports whether an interface takes any connection at all, at an address
// that means it alone.
func takes(m *cloud.Model, e cloud.ENI) bool {
	ep, _ := m.Endpoint(e.Endpoint)
	if e.Answers != nil && len(e.Answers) == 0 { // a load balancer without listeners
		return false
	}
	return e.Kind != cloud.FunctionENI && e.Kind != cloud.NATENI && ep.Policy == nil && !onInternet(e.PrivateIP)
}

func hostOf(a netip.Addr) []netip.Addr { return []netip.Addr{a} }

func flowOf(p netset.Packet, from, to cloud.ENI) netset.Flow {
	return netset.Flow{Proto: p.Proto, Src: netip.AddrPortFrom(from.PrivateIP, p.Src), Dst: netip.AddrPortFrom(to.PrivateIP, p.Dst)}
}

func named(p diff.Party, e cloud.ENI) bool {
	return slices.ContainsFunc(e.Owners, func(o string) bool { return slices.Contains(p.Names, o) })
}

func changeTexts(r diff.Report) string {
	var out []string
	for _, c := range r.Changes {
		out = append(out, fmt.Sprint(c.From, " to ", c.To, " ", c.Was, " ", c.Now, ": ", c.Traffic, " ", c.Within))
	}
	return strings.Join(out, "\n")
}

// What a class reaches abroad is what it reaches of no interface.
func TestAbroadIsFromWithoutInterfaces(t *testing.T) {
	resolver := netset.AddrsOf(netset.Host(netip.MustParseAddr("169.254.169.253")), netset.Host(cloud.ResolverIPv6))
	checkSeeded(t, 500, func(t *rapid.T) {
		n := reach.Compile(reachModel(t))
		for _, c := range n.Classes() {
			if !c.Dials() {
				continue
			}
			o := n.From(c)
			want := o.Internet.Union(o.Resolver.Within(resolver))
			for _, s := range o.Endpoints {
				want = want.Union(s)
			}
			open, unknown := n.Abroad(c)
			if !open.Equal(want) {
				t.Fatalf("%v reaches abroad\n%v\nwant\n%v", c, open, want)
			}
			_, doubts := n.ToInternet(c)
			if got, want := allOf(unknown).Minus(netset.Product(resolver, netset.AllTraffic())), allOf(doubts); !got.Equal(want) {
				t.Fatalf("%v may reach abroad\n%v\nwant\n%v", c, got, want)
			}
		}
	})
}

func allOf(doubts []reach.Doubt[netset.Set]) netset.Set {
	var out netset.Set
	for _, d := range doubts {
		out = out.Union(d.Packets)
	}
	return out
}
