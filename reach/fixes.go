package reach

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
)

// A Fix is one or more changes that open a path together, proved by walking it
// again. None of its steps can be left out: that was tried too.
type Fix struct {
	Summary    string
	USDPerYear float64
	Proved     bool
	Patch      string      // what to add or change, as CloudFormation in YAML; In writes it otherwise
	Edits      patch.Patch // the same, for any format
	Breaks     []string    // needed paths that the change would close, or leave shut for good
	Exposes    []string    // paths expected to be blocked that it would open
	Instead    string      // where the path stays as it is and is not needed any more: what code has to do
	Dials      string      // the host to dial from then on; empty: the same
	steps      []change
	opens      float64
}

// In writes the fix's patch in a format.
func (f Fix) In(format patch.Format) Fix {
	f.Patch = f.Edits.In(format)
	return f
}

// A change is one step: what it does to the model and to the template.
type change struct {
	summary string
	usd     float64 // a year
	zones   int     // in how many Availability Zones it would be, if it were in all; 0: that is no matter
	// opens is how much it lets through at most, as pairs of a far address and a
	// port: of two fixes that cost the same, the one that opens less comes first.
	opens float64
	edits patch.Patch
	apply func(*cloud.Spec)
	// dials changes the question where the remedy is to dial another name.
	dials string
	// instead marks a change that makes the path needless; see Fix.Instead.
	instead string
	// joined: it belongs to the step before it, is said with a mere "and", and
	// goes where that goes.
	joined bool
	// leaves: it takes a function out of its VPC, and no other step puts it back.
	leaves bool
}

// How much is open, in pairs of an address and a port.
const (
	onePort  = 1.0
	anyPort  = 1 << 16
	internet = 1 << 48 // every IPv4 address and port
	noVPC    = 1 << 49 // and nothing of the VPC that guards or logs
)

// Fixes gives the changes that would make q reachable: those first that close
// no needed path and expose nothing, of these the cheapest, then those that open
// least, then those of fewer steps. needs are the paths that must stay open.
func Fixes(m *cloud.Model, q path.Question, r path.Report, needs []Need) []Fix {
	return newProposal(m, q, r, newWatch(m, needs)).fixes()
}

func (p *proposal) fixes() []Fix {
	if p.r.Verdict != path.Blocked && p.r.Verdict != path.Partial || p.q.From == "internet" {
		return nil // nobody is advised to let the whole internet in
	}
	var out []Fix
	for _, steps := range p.plans() {
		fix, ok := p.prove(steps)
		if ok && !slices.ContainsFunc(out, fix.sameAs) {
			out = append(out, fix)
		}
	}
	slices.SortStableFunc(out, func(a, b Fix) int {
		return cmp.Or(cmp.Compare(a.harm(), b.harm()), cmp.Compare(a.USDPerYear, b.USDPerYear),
			cmp.Compare(a.opens, b.opens), cmp.Compare(len(a.steps), len(b.steps)))
	})
	return out
}

// sameAs reports whether both are made of the same steps, in whatever order.
func (f Fix) sameAs(o Fix) bool {
	return len(f.steps) == len(o.steps) && !slices.ContainsFunc(f.steps, func(c change) bool {
		return !slices.ContainsFunc(o.steps, func(d change) bool { return c.summary == d.summary })
	})
}

func (f Fix) harm() int { return len(f.Breaks) + len(f.Exposes) }

// prove takes away the steps that are not needed and says what the rest does to
// other paths. Without a proof there is no fix, but for one that does away with
// the path: then it is said that it is not proved.
func (p *proposal) prove(steps []change) (Fix, bool) {
	if last := steps[len(steps)-1]; last.instead != "" {
		f := fixOf(steps)
		f.Instead = last.instead
		return f, true
	}
	if _, ok := p.opened(steps); !ok {
		return Fix{}, false
	}
	for i := 0; i < len(steps); {
		end := i + 1
		for end < len(steps) && steps[end].joined {
			end++
		}
		if fewer := slices.Delete(slices.Clone(steps), i, end); len(fewer) > 0 {
			if _, still := p.opened(fewer); still {
				steps, i = fewer, 0
				continue
			}
		}
		i = end
	}
	f := fixOf(steps)
	f.Proved = true
	next, ok := p.opened(steps, p.also...)
	if !ok {
		return Fix{}, false
	}
	f.Breaks, f.Exposes = p.watch.compare(next, p.q, p.also...)
	return f, true
}

// opened applies steps to a copy of the model and asks again, for the others
// too that are named.
func (p *proposal) opened(steps []change, others ...string) (*cloud.Model, bool) {
	next, diags := p.m.With(applying(steps))
	if diags.HasErrors() {
		return nil, false
	}
	for _, q := range p.questions(steps, others...) {
		if r, err := path.Why(next, q); err != nil || r.Verdict != path.Reachable {
			return nil, false
		}
	}
	return next, true
}

func applying(steps []change) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for _, c := range steps {
			if c.apply != nil {
				c.apply(s)
			}
		}
	}
}

// questions are what must be answered after the steps.
func (p *proposal) questions(steps []change, others ...string) []path.Question {
	q := p.q
	for _, c := range steps {
		q.To = cmp.Or(c.dials, q.To)
	}
	out := []path.Question{q}
	for _, name := range others {
		q.From = name
		out = append(out, q)
	}
	return out
}

// fixOf makes one fix of several steps.
func fixOf(steps []change) Fix {
	f := Fix{Summary: summaryOf(steps), steps: steps}
	for _, c := range steps {
		f.USDPerYear += c.usd
		f.Dials = cmp.Or(c.dials, f.Dials)
		f.opens += c.opens
		f.Edits = append(f.Edits, c.edits...)
	}
	return f.In(patch.YAML)
}

func summaryOf(steps []change) string {
	var b strings.Builder
	for i, c := range steps {
		switch {
		case i == 0 || c.summary == "":
		case c.joined:
			b.WriteString(" and ")
		default:
			b.WriteString(", and ")
		}
		b.WriteString(c.summary)
	}
	return b.String()
}
