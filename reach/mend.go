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
	s.visit(0, found{})
	if s.visits > maxVisits {
		return Remedy{}, false
	}
	best, nat, ok := s.proved(slices.Concat(s.best[0], s.best[1]))
	if !ok {
		return Remedy{}, false
	}
	if other, _, found := s.proved(s.best[1-nat]); found {
		best.Other = &other
	}
	return best, true
}

// A mending goes through the choices of one fix for each path.
type mending struct {
	m      *cloud.Model
	watch  *watch
	pool   []change   // every step of every option, each once
	open   [][]option // the fixes of each path, but for those that have the same
	asked  []choice
	paths  int
	left   []string
	best   [2][]found // without and with a NAT gateway, the cheapest first
	visits int
}

// option is a fix, its steps as places in the pool.
type option struct {
	dials string
	steps []int
}

// choice is a path that has to be open in the end.
type choice struct {
	q     path.Question
	group int
}

// found is a set of steps that has an option for each path.
type found struct {
	steps []int
	usd   float64
	opens float64
	nat   int // 1 if a NAT gateway is among them
}

// add takes a path in.
func (s *mending) add(p Proof) {
	s.paths++
	var options []option
	for _, f := range p.Fixes {
		if f.Proved && f.harm() == 0 && len(options) < maxOptions {
			options = append(options, option{f.Dials, s.places(f.steps)})
		}
	}
	if len(options) == 0 {
		s.left = append(s.left, p.From+" -> "+p.To)
		return
	}
	same := func(o []option) bool {
		return slices.EqualFunc(o, options, func(a, b option) bool { return a.dials == b.dials && slices.Equal(a.steps, b.steps) })
	}
	group := slices.IndexFunc(s.open, same)
	if group < 0 {
		group = len(s.open)
		s.open = append(s.open, options)
	}
	s.asked = append(s.asked, choice{p.asked, group})
}

// places puts steps into the pool, unless they are there.
func (s *mending) places(steps []change) []int {
	var out []int
	for _, c := range steps {
		i := slices.IndexFunc(s.pool, c.same)
		if i < 0 {
			i = len(s.pool)
			s.pool = append(s.pool, c)
		}
		out = append(out, i)
	}
	return out
}

// same reports whether two changes write the same.
func (c change) same(o change) bool {
	return c.summary == o.summary && c.edits.In(patch.YAML) == o.edits.In(patch.YAML)
}

// visit chooses a fix for the paths from i on, and leaves off where that already
// costs more than the sets that were found.
func (s *mending) visit(i int, f found) {
	if s.visits++; s.visits > maxVisits {
		return
	}
	hopeless := func(nat int) bool {
		list := s.best[nat]
		return len(list) == candidates && costlier(f, list[candidates-1]) > 0
	}
	if hopeless(1) && (f.nat == 1 || hopeless(0)) { // a NAT gateway that is chosen stays
		return
	}
	if i == len(s.open) {
		list := append(s.best[f.nat], f)
		slices.SortStableFunc(list, costlier)
		s.best[f.nat] = list[:min(len(list), candidates)]
		return
	}
	for _, o := range s.open[i] {
		s.visit(i+1, s.with(f, o))
	}
}

// with is a set with the steps of one more option.
func (s *mending) with(f found, o option) found {
	f.steps = slices.Clone(f.steps)
	for _, step := range o.steps {
		if slices.Contains(f.steps, step) {
			continue
		}
		c := s.pool[step]
		f.steps, f.usd, f.opens = append(f.steps, step), f.usd+c.usd, f.opens+c.opens
		if strings.HasPrefix(c.summary, "add a NAT gateway") {
			f.nat = 1
		}
	}
	return f
}

// costlier orders sets: by price, then by how much they open, then by steps.
func costlier(a, b found) int {
	return cmp.Or(cmp.Compare(a.usd, b.usd), cmp.Compare(a.opens, b.opens), cmp.Compare(len(a.steps), len(b.steps)))
}

func remedyOf(steps []change) Remedy {
	f := fixOf(steps)
	r := Remedy{Summary: f.Summary, USDPerYear: f.USDPerYear, Patch: f.Patch, Edits: f.Edits}
	for _, c := range steps {
		r.USDInAllZones += c.usd * float64(max(c.zones, 1))
	}
	return r
}

// proved is the cheapest of the sets that opens everything, when all of it is
// done, and closes and exposes nothing.
func (s *mending) proved(all []found) (Remedy, int, bool) {
	slices.SortStableFunc(all, costlier)
	for _, f := range all {
		var steps []change
		for _, i := range f.steps {
			steps = append(steps, s.pool[i])
		}
		next, diags := s.m.With(applying(steps))
		if diags.HasErrors() || !s.opensAll(next, f.steps) {
			continue
		}
		if closed, exposed := s.watch.compare(next, path.Question{}); len(closed)+len(exposed) == 0 {
			r := remedyOf(steps)
			r.Paths, r.Left = len(s.asked), s.left
			return r, f.nat, true
		}
	}
	return Remedy{}, 0, false
}

// opensAll asks every path again, by the name that its steps dial.
func (s *mending) opensAll(next *cloud.Model, steps []int) bool {
	for _, c := range s.asked {
		q := c.q
		for _, o := range s.open[c.group] {
			if o.dials != "" && !slices.ContainsFunc(o.steps, func(i int) bool { return !slices.Contains(steps, i) }) {
				q.To = o.dials
			}
		}
		if r, err := path.Why(next, q); err != nil || r.Verdict != path.Reachable {
			return false
		}
	}
	return true
}
