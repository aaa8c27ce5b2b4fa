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

// A question about a function in many subnets takes few walks; its answer is
// that of all of them.
func TestWhyIsTheSumOfItsWalks(t *testing.T) {
	tally := map[path.Verdict]int{}
	check(t, 3000, func(t *rapid.T) {
		m := build(t, everywhere(anySpec(t, chance(t, 10, "open"))))
		f := m.ENIsOf("Everywhere")
		for _, to := range likely(m, sender{addr: f[0].PrivateIP, from: fromENI(f[0].ID), vpc: f[0].VPC}) {
			for range 2 {
				if dst := netip.AddrPortFrom(to, pick(t, "port", ports...)); to.Is4() && dst.Port() != 0 {
					tally[summed(t, m, f, dst)]++
				}
			}
		}
	})
	t.Log(tally)
	for _, v := range []path.Verdict{path.Reachable, path.Blocked, path.Partial} {
		if tally[v] == 0 {
			t.Errorf("no question was %v", v)
		}
	}
}

// summed compares one question with its walks.
func summed(t *rapid.T, m *cloud.Model, f []cloud.ENI, dst netip.AddrPort) path.Verdict {
	r, err := path.Why(m, path.Question{From: "Everywhere", To: dst.String(), SrcPort: 40000})
	if err != nil {
		t.Fatal(err)
	}
	want, reasons := allWalks(m, f, dst)
	if !want[r.Verdict] {
		t.Fatalf("to %v: Why says %v, its walks %v", dst, r.Verdict, want)
	}
	if got := changes(r.Blockers); r.Verdict == path.Blocked && !want[path.Partial] && !sameSet(got, reasons) {
		t.Fatalf("to %v: Why says %v, its walks %v", dst, got, reasons)
	}
	for _, p := range r.Parts {
		if got := walkOf(m, f, p, dst); got != p.Verdict {
			t.Fatalf("to %v: Why says %v %v, the walk %v", dst, p.Share(), p.Verdict, got)
		}
	}
	return r.Verdict
}

// everywhere adds a function in every subnet of a VPC, with the groups of that
// VPC's first function or all that it has.
func everywhere(s cloud.Spec) cloud.Spec {
	var subnets []cloud.SubnetID
	var groups []cloud.SecurityGroupID
	for _, sub := range s.Subnets {
		if sub.VPC == s.Subnets[0].VPC {
			subnets = append(subnets, sub.ID)
		}
	}
	for _, g := range s.SecurityGroups {
		if g.VPC == s.Subnets[0].VPC && len(groups) < 2 {
			groups = append(groups, g.ID)
		}
	}
	s.Functions = append(s.Functions, cloud.Function{Meta: cloud.Meta{Name: "Everywhere"}, FunctionName: "everywhere",
		Network: &cloud.Attachment{Subnets: cloud.Known(subnets), Groups: cloud.Known(groups)}})
	return s
}

// allWalks are the verdicts that a sum of the walks may have, and what blocks
// any: behind a NAT gateway the port that it draws decides too, so that some may
// fail.
func allWalks(m *cloud.Model, f []cloud.ENI, dst netip.AddrPort) (verdicts map[path.Verdict]bool, why []path.Reason) {
	count, nat := map[path.Verdict]int{}, false
	for _, e := range f {
		r := path.Decide(m, fromENI(e.ID), flowTo(e, dst))
		count[r.Verdict]++
		nat = nat || r.Delivery.NATPort
		why = append(why, changes(r.Blockers)...)
	}
	switch {
	case count[path.Unknown]+count[path.Undecided] > 0:
		return map[path.Verdict]bool{path.Unknown: true}, why
	case count[path.Blocked] == len(f):
		return map[path.Verdict]bool{path.Blocked: true, path.Partial: nat}, why
	case count[path.Blocked] > 0:
		return map[path.Verdict]bool{path.Partial: true}, why
	}
	return map[path.Verdict]bool{path.Reachable: true, path.Partial: nat}, why
}

// changes are reasons without what differs by the interface that met them.
func changes(all []path.Reason) []path.Reason {
	out := slices.Clone(all)
	for i := range out {
		out[i].Detail = ""
	}
	return out
}

// walkOf walks the part of a report again.
func walkOf(m *cloud.Model, f []cloud.ENI, p path.Part, dst netip.AddrPort) path.Verdict {
	for _, e := range f {
		if sub, _ := m.Subnet(e.Subnet); sub.Name == p.Subnet {
			return path.DecideVia(m, fromENI(e.ID), flowTo(e, dst), p.Ports.Lo).Verdict
		}
	}
	panic(fmt.Sprint("no interface is in ", p.Subnet))
}

func flowTo(e cloud.ENI, dst netip.AddrPort) netset.Flow {
	return netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(e.PrivateIP, 40000), Dst: dst}
}
