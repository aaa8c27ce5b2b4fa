package reach

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
)

// A Remedy is a set of changes that opens every path that is needed, or expected
// to be reachable, and is not: the cheapest set of those that the single paths'
// fixes can be put together to, proved together.
type Remedy struct {
	Summary    string
	USDPerYear float64
	// USDInAllZones is what it costs where everything that is charged by the zone
	// is made in each zone that the functions use, so that none fails with another.
	USDInAllZones float64
	Patch         string // as CloudFormation in YAML; In writes it otherwise
	Edits         patch.Patch
	Paths         int      // how many it opens
	Left          []string // paths that no fix opens, or none without closing another
	// Other is the cheapest set that goes about it in the other way: with a NAT
	// gateway where this one has none, and without where it has.
	Other *Remedy
	steps []change
}

// In writes the remedy's patch in a format.
func (r Remedy) In(format patch.Format) Remedy {
	r.Patch = r.Edits.In(format)
	if r.Other != nil {
		other := r.Other.In(format)
		r.Other = &other
	}
	return r
}

// The bounds of the search: beyond them there is no remedy rather than one that
// may not be the cheapest.
const (
	maxPaths   = 24
	maxOptions = 6
	maxVisits  = 200_000
	candidates = 6 // sets that are tried, the cheapest first
)

// Mend finds the cheapest set of changes that opens all paths of proofs, as
// Prove gave them, that ought to be open. There is none for a single path, whose
// fixes say it all, nor where there are too many paths to search.
func Mend(m *cloud.Model, proofs []Proof, expected []Expectation) (Remedy, bool) {
	s := mending{m: m, watch: newWatch(m, toKeep(m, expected))}
	for _, p := range proofs {
		if p.Verdict != path.Blocked && p.Verdict != path.Partial || p.Expected != path.Undecided && p.Expected != path.Reachable {
			continue
		}
		s.add(p)
	}
	if s.paths < 2 || len(s.open) == 0 || len(s.open) > maxPaths {
		return Remedy{}, false
	}
	s.visit(0, nil)
	if s.visits > maxVisits {
		return Remedy{}, false
	}
	best, ok := s.proved(s.best[:])
	if !ok {
		return Remedy{}, false
	}
	if other, found := s.proved([][]Remedy{s.best[1-kindOf(best)]}); found {
		best.Other = &other
	}
	return best, true
}

// A mending goes through the choices of one fix for each path.
type mending struct {
	m      *cloud.Model
	watch  *watch
	open   [][]Fix // the fixes of each path, but for those that have the same
	asked  []choice
	paths  int
	left   []string
	best   [2][]Remedy // without and with a NAT gateway, the cheapest first
	visits int
}

// choice is a path that has to be open in the end.
type choice struct {
	q     path.Question
	group int
}

// add takes a path in.
func (s *mending) add(p Proof) {
	s.paths++
	var options []Fix
	for _, f := range p.Fixes {
		if f.Proved && f.harm() == 0 && len(options) < maxOptions {
			options = append(options, f)
		}
	}
	if len(options) == 0 {
		s.left = append(s.left, p.From+" -> "+p.To)
		return
	}
	same := func(o []Fix) bool {
		return slices.EqualFunc(o, options, func(a, b Fix) bool { return a.Summary == b.Summary && a.Dials == b.Dials })
	}
	group := slices.IndexFunc(s.open, same)
	if group < 0 {
		group = len(s.open)
		s.open = append(s.open, options)
	}
	s.asked = append(s.asked, choice{p.asked, group})
}

// visit chooses a fix for the paths from i on, and leaves off where it already
// costs more than the sets that were found.
func (s *mending) visit(i int, steps []change) {
	if s.visits++; s.visits > maxVisits {
		return
	}
	r := remedyOf(steps)
	hopeless := func(kind int) bool {
		found := s.best[kind]
		return len(found) == candidates && costlier(r, found[candidates-1]) > 0
	}
	if hopeless(1) && (kindOf(r) == 1 || hopeless(0)) { // a NAT gateway that is chosen stays
		return
	}
	if i == len(s.open) {
		s.keep(r)
		return
	}
	for _, f := range s.open[i] {
		next := slices.Clone(steps)
		for _, c := range f.steps {
			if !slices.ContainsFunc(next, c.same) {
				next = append(next, c)
			}
		}
		s.visit(i+1, next)
	}
}

// same reports whether two changes write the same.
func (c change) same(o change) bool {
	return c.summary == o.summary && c.edits.In(patch.YAML) == o.edits.In(patch.YAML)
}

func (s *mending) keep(r Remedy) {
	list := &s.best[kindOf(r)]
	*list = append(*list, r)
	slices.SortStableFunc(*list, costlier)
	*list = (*list)[:min(len(*list), candidates)]
}

// costlier orders remedies: by price, then by how much they open, then by steps.
func costlier(a, b Remedy) int {
	return cmp.Or(cmp.Compare(a.USDPerYear, b.USDPerYear), cmp.Compare(openedBy(a.steps), openedBy(b.steps)), cmp.Compare(len(a.steps), len(b.steps)))
}

func openedBy(steps []change) float64 {
	sum := 0.0
	for _, c := range steps {
		sum += c.opens
	}
	return sum
}

// kindOf is 1 for a set with a new NAT gateway, else 0.
func kindOf(r Remedy) int {
	if slices.ContainsFunc(r.steps, func(c change) bool { return strings.HasPrefix(c.summary, "add a NAT gateway") }) {
		return 1
	}
	return 0
}

func remedyOf(steps []change) Remedy {
	f := fixOf(steps)
	r := Remedy{Summary: f.Summary, USDPerYear: f.USDPerYear, Patch: f.Patch, Edits: f.Edits, steps: steps}
	for _, c := range steps {
		r.USDInAllZones += c.usd * float64(max(c.zones, 1))
	}
	return r
}

// proved is the cheapest of the sets that opens everything, when all of it is
// done, and closes and exposes nothing.
func (s *mending) proved(lists [][]Remedy) (Remedy, bool) {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, costlier)
	for _, r := range all {
		next, diags := s.m.With(applying(r.steps))
		if diags.HasErrors() || !s.opensAll(next, r.steps) {
			continue
		}
		if closed, exposed := s.watch.compare(next, path.Question{}); len(closed)+len(exposed) == 0 {
			r.Paths, r.Left = len(s.asked), s.left
			return r, true
		}
	}
	return Remedy{}, false
}

// opensAll asks every path again, by the name that its steps dial.
func (s *mending) opensAll(next *cloud.Model, steps []change) bool {
	for _, c := range s.asked {
		q := c.q
		for _, f := range s.open[c.group] {
			dials := slices.ContainsFunc(f.steps, func(o change) bool { return o.dials != "" && slices.ContainsFunc(steps, o.same) })
			if dials && f.Dials != "" {
				q.To = f.Dials
			}
		}
		if r, err := path.Why(next, q); err != nil || r.Verdict != path.Reachable {
			return false
		}
	}
	return true
}
