package reach

import (
	"fmt"
	"strings"

	"bailey/cloud"
	"bailey/path"
)

// share works out the fixes of proofs: once for all functions that the network
// does not tell apart, and for which the same things block the same path.
func share(m *cloud.Model, proofs []Proof, w *watch) {
	groups := map[string][]int{}
	var order []string
	for i, p := range proofs {
		if p.Verdict != path.Blocked && p.Verdict != path.Partial {
			continue
		}
		key := alike(m, p, i)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	for _, key := range order {
		members := groups[key]
		first := proofs[members[0]]
		var also []string
		for _, i := range members[1:] {
			also = append(also, proofs[i].asked.From)
			proofs[i].Like = first.From + " -> " + first.To
		}
		fixes := newProposal(m, first.asked, first.Report, w, also...).fixes()
		for _, i := range members {
			proofs[i].Fixes = fixes
		}
	}
}

// alike is equal for proofs that the same changes mend: what a function is
// called does not matter, only where it sits and what stops it. What is no
// function is like nothing else.
func alike(m *cloud.Model, p Proof, i int) string {
	f, ok := m.Function(p.asked.From)
	if !ok || f.Network == nil {
		return fmt.Sprint(i)
	}
	subnets, known := f.Network.Subnets.Get()
	groups, all := f.Network.Groups.Get()
	if !known || !all {
		return fmt.Sprint(i)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q %d %d %v %v", subnets, groups, p.asked.To, p.asked.Protocol, p.asked.SrcPort, p.Verdict, p.Expected == path.Blocked)
	for _, r := range p.Blockers {
		component := r.Component
		for _, e := range m.ENIsOf(f.Name) {
			if component == f.Name || component == e.Name { // a shared interface is called after the first that has it
				component = "\x00"
			}
		}
		fmt.Fprintf(&b, " %q %q %v", r.Code, component, r.Direction)
	}
	return b.String()
}
