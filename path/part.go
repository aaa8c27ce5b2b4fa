package path

import (
	"slices"

	"bailey/cloud"
)

// part is one walk with what it stands for. Words take most of the time, so all
// but the first are walked without, and again with them if they are shown.
type part struct {
	Part
	res     Result   // its Hops are only those behind the walk, if from is set
	from    From     // where to begin to put the walk into words; nil: they are there
	natPort uint16   // the port that a NAT gateway gave it
	name    *meaning // what was asked for by name; nil: an address
	before  []Hop    // those in front of the walk
	aside   bool     // the other family works
}

// A meaning is what a host name means to an origin.
type meaning struct {
	origin origin
	host   string
	answer Answer
}

// hops put a part into words.
func (p part) hops(m *cloud.Model) []Hop {
	out := make([]Hop, 0, 16)
	out = append(out, p.before...)
	if p.name != nil {
		out = append(out, resolverHop(m, p.name.origin, p.name.host, p.name.answer))
	}
	if p.from != nil {
		w := &walk{m: m, flow: p.res.Flow, natPort: p.natPort}
		out = append(out, w.from(p.from).Hops...)
	}
	return append(out, p.res.Hops...)
}

// sum makes one verdict of all parts.
func (r *Report) sum(m *cloud.Model, all []part) {
	r.Families = families(all)
	aside := func(p part) bool { return p.aside }
	parts := all
	if slices.ContainsFunc(all, aside) {
		parts = slices.DeleteFunc(slices.Clone(all), aside)
	}
	r.weigh(parts)
	r.show(m, parts)
}

// weigh makes one verdict of parts, with everything that blocks or is missing.
func (r *Report) weigh(parts []part) {
	count := map[Verdict]int{}
	for _, p := range parts {
		count[p.Verdict]++
		for _, b := range p.res.Blockers {
			if !slices.ContainsFunc(r.Blockers, b.sameAs) {
				r.Blockers = append(r.Blockers, b)
			}
		}
		for _, g := range p.res.Missing {
			if !slices.Contains(r.Missing, g) {
				r.Missing = append(r.Missing, g)
			}
		}
	}
	switch {
	case len(parts) == 0 || count[Unknown] > 0 || count[Undecided] > 0:
		r.Verdict = Unknown
	case count[Blocked] == len(parts):
		r.Verdict = Blocked
	case count[Blocked] > 0:
		r.Verdict = Partial
	default:
		r.Verdict = Reachable
	}
}

// show picks the walk that shows the verdict best: one that fails, if any.
func (r *Report) show(m *cloud.Model, parts []part) {
	if len(parts) == 0 {
		return
	}
	best := &parts[0]
	for i := range parts {
		p := &parts[i]
		if best.Verdict == Reachable && p.Verdict != Reachable {
			best = p
		}
		if r.Verdict == Partial {
			r.Parts = append(r.Parts, p.Part)
		}
	}
	r.Witness, r.Hops = best.res.Flow, best.hops(m)
}
