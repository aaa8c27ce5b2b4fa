package conform

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

type pathFrom = path.From

var (
	fromInternet pathFrom = path.FromInternet{}
	fromLambda   pathFrom = path.FromLambda{}
)

func fromENI(id cloud.ENIID) pathFrom { return path.FromENI{ID: id} }

// anyFlow is a probe from any sender of m, of any protocol; a model without
// senders says nothing.
func anyFlow(t *rapid.T, m *cloud.Model) probe {
	from := senders(m)
	if len(from) == 0 {
		t.Skip("nothing sends")
	}
	return anyProbe(t, m, pick(t, "from", from...), anything...)
}

// Whatever is asked, the answer is a verdict and says why.
func TestEveryAnswerIsAVerdictWithItsReasons(t *testing.T) {
	tally := map[path.Verdict]int{}
	check(t, 3000, func(t *rapid.T) {
		m := anyModel(t, true)
		p := anyFlow(t, m)
		r := p.trace(m)
		tally[r.Verdict]++
		if problem := unexplained(r.Verdict, r.Blockers, r.Missing); problem != "" {
			t.Fatalf("%v: %s: %+v", p, problem, r)
		}
		if r.Verdict == path.Reachable && r.Delivery.To == path.ToNowhere {
			t.Fatalf("%v: reachable, but delivered nowhere", p)
		}
	})
	t.Log(tally)
	for _, v := range []path.Verdict{path.Reachable, path.Blocked, path.Unknown} {
		if tally[v] == 0 {
			t.Errorf("no flow of all models was %v", v)
		}
	}
}

// unexplained says what an answer lacks.
func unexplained(v path.Verdict, blockers []path.Reason, missing []cloud.Gap) string {
	for _, b := range blockers {
		if b.Code == "" || b.Component == "" || b.Detail == "" {
			return fmt.Sprintf("reason %+v is not complete", b)
		}
	}
	for _, g := range missing {
		if g.Because == "" {
			return "something is missing, but not said what"
		}
	}
	switch {
	case v == path.Undecided:
		return "no verdict"
	case v == path.Reachable && len(blockers)+len(missing) > 0:
		return "reachable in spite of reasons"
	case v == path.Blocked && len(blockers) == 0:
		return "blocked without a reason"
	case v == path.Unknown && len(missing) == 0:
		return "unknown without a missing fact"
	}
	return ""
}

// The order of declarations means nothing.
func TestOrderOfDeclarationsMeansNothing(t *testing.T) { orderMeansNothing(t, reordered) }

// An interface has a set of groups: their order means nothing either.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
func TestOrderOfGroupsMeansNothing(t *testing.T) { orderMeansNothing(t, regrouped) }

func orderMeansNothing(t *testing.T, reorder func(*rapid.T, cloud.Spec) cloud.Spec) {
	check(t, 2000, func(t *rapid.T) {
		s := anySpec(t, true)
		m := build(t, s)
		p := anyFlow(t, m)
		want, got := p.trace(m), p.trace(build(t, reorder(t, s)))
		if got.Verdict != want.Verdict || got.Delivery != want.Delivery && got.Verdict == path.Reachable {
			t.Fatalf("%v: %v to %+v\nreordered %v to %+v", p, want.Verdict, want.Delivery, got.Verdict, got.Delivery)
		}
		if !sameSet(got.Blockers, want.Blockers) || !sameSet(got.Missing, want.Missing) {
			t.Fatalf("%v:\n          %v %v\nreordered %v %v", p, want.Blockers, want.Missing, got.Blockers, got.Missing)
		}
	})
}

func sameSet[T comparable](a, b []T) bool {
	within := func(a, b []T) bool {
		return !slices.ContainsFunc(a, func(v T) bool { return !slices.Contains(b, v) })
	}
	return within(a, b) && within(b, a)
}

// Names mean nothing, not even by their order.
func TestNamesMeanNothing(t *testing.T) {
	check(t, 2000, func(t *rapid.T) {
		s := anySpec(t, true)
		m, other := build(t, s), build(t, renamed(t, s))
		p := anyFlow(t, m)
		q, ok := translated(p, m, other)
		if !ok {
			return
		}
		if want, got := p.trace(m), q.trace(other); got.Verdict != want.Verdict {
			t.Fatalf("%v: %v %v %v\n%v renamed: %v %v %v", p, want.Verdict, want.Blockers, want.Missing, q, got.Verdict, got.Blockers, got.Missing)
		}
	})
}

// No allow rule stops anything.
func TestAnAllowRuleStopsNothing(t *testing.T) {
	check(t, 3000, func(t *rapid.T) {
		s := anySpec(t, true)
		m := build(t, s)
		p := anyFlow(t, m)
		if p.trace(m).Verdict != path.Reachable {
			return
		}
		if got := p.trace(build(t, withAllowRule(t, s))); got.Verdict != path.Reachable {
			t.Fatalf("%v was reachable, and is %v with a rule more: %v %v", p, got.Verdict, got.Blockers, got.Missing)
		}
	})
}

// Without any rule nothing gets through that did not before.
func TestRemovingRulesOpensNothing(t *testing.T) {
	check(t, 2000, func(t *rapid.T) {
		s := anySpec(t, true)
		m := build(t, s)
		p := anyFlow(t, m)
		before, after := p.trace(m), p.trace(build(t, withoutRules(s)))
		if before.Verdict != path.Reachable && after.Verdict == path.Reachable {
			t.Fatalf("%v was %v, and is reachable without rules: %v %v", p, before.Verdict, before.Blockers, before.Missing)
		}
	})
}

// An answer that is not unknown stands whatever the fact is that was left open.
func TestAnAnswerStandsWhateverIsOpen(t *testing.T) {
	for _, h := range hiding {
		t.Run(h.fact, func(t *testing.T) {
			mattered := 0
			check(t, 3000, func(t *rapid.T) {
				whole := anySpec(t, false)
				part := whole
				h.from(t, &part)
				m, open := build(t, whole), build(t, part)
				if !sameAddresses(m, open) {
					return // an address that one model gives away, the other may not
				}
				p := anyFlow(t, m)
				want, got := p.trace(m), p.trace(open)
				if got.Verdict == path.Unknown {
					mattered++
				}
				if got.Verdict != path.Unknown && got.Verdict != want.Verdict {
					t.Fatalf("%v is %v without %s, and %v with it\nwithout: %v, missing %v\nwith: %v", p, got.Verdict, h.fact, want.Verdict, got.Blockers, got.Missing, want.Blockers)
				}
			})
			if mattered == 0 {
				t.Error("what was hidden never mattered")
			}
		})
	}
}

// Stating whether Lightsail is peered answers what was unknown for want of it.
func TestThePeeringFactSettlesWhatHungOnIt(t *testing.T) {
	settled := 0
	check(t, 3000, func(t *rapid.T) {
		s := anySpec(t, false)
		if s.Lightsail.At.IsZero() {
			return
		}
		s.Lightsail.Peered = unknown[bool]()
		m := build(t, s)
		p := anyFlow(t, m)
		gap, _ := s.Lightsail.Peered.Gap()
		if !slices.Contains(p.trace(m).Missing, gap) {
			return
		}
		settled++
		s.Lightsail.Peered = cloud.Known(chance(t, 50, "peered"))
		if got := p.trace(build(t, s)); slices.Contains(got.Missing, gap) {
			t.Fatalf("%v still hangs on it: %v", p, got.Missing)
		}
	})
	if settled == 0 {
		t.Error("no answer hung on the peering")
	}
}

// RFC 1918 and RFC 6598: nobody on the internet can send to a private address.
func TestPrivateAddressesAreNotOnTheInternet(t *testing.T) {
	check(t, 1000, func(t *rapid.T) {
		m := anyModel(t, true)
		dst := netip.MustParseAddr(pick(t, "address", "10.0.1.77", "192.168.77.7", "172.16.0.9", "100.64.9.9", "169.254.169.253"))
		p := probe{sender{label: "internet", from: fromInternet, addr: stranger}, netset.Flow{Proto: netset.TCP,
			Src: netip.AddrPortFrom(stranger, 40000), Dst: netip.AddrPortFrom(dst, 443)}}
		if r := p.trace(m); r.Verdict != path.Blocked {
			t.Fatalf("%v: %v to %+v", p, r.Verdict, r.Delivery)
		}
	})
}

// No two interfaces of a VPC have one address, whether stated or given.
func TestAddressesAreUnique(t *testing.T) {
	check(t, 2000, func(t *rapid.T) {
		s := anySpec(t, true)
		if chance(t, 30, "the last address is stated") {
			change(t, &s.Instances, func(in *cloud.Instance) {
				b := builder{spec: s}
				if block := b.cidrOf(in.Subnet.Or("")); block.IsValid() {
					a := block.Addr().As4()
					a[3] = 254
					in.PrivateIP = netip.AddrFrom4(a)
				}
			})
		}
		taken := map[string]string{}
		for e := range build(t, s).ENIs() {
			for _, a := range []netip.Addr{e.PrivateIP, e.IPv6} {
				key := fmt.Sprint(e.VPC, " ", a)
				if other, ok := taken[key]; ok && a.IsValid() {
					t.Fatalf("%s and %s both have %s", other, e.Name, key)
				}
				taken[key] = e.Name
			}
		}
	})
}
