package reach

import (
	"slices"

	"bailey/cloud"
	"bailey/path"
)

// A proposal collects the candidates for one question.
type proposal struct {
	m     *cloud.Model
	q     path.Question
	r     path.Report
	watch *watch
	also  []string // other functions with the same question, network and blockers
}

func newProposal(m *cloud.Model, q path.Question, r path.Report, w *watch, also ...string) *proposal {
	return &proposal{m, q, r, w, also}
}

// rounds is how often a plan that does not open the path yet is carried on:
// each round may bring up what stood behind the last obstacle.
const rounds = 4

// plans are sets of steps that may open the path: each candidate, carried on
// with a change for each blocker that is left, and the blockers' own changes
// together.
func (p *proposal) plans() [][]change {
	var starts [][]change
	var first []change // of each blocker
	for _, b := range p.r.Blockers {
		found := p.forBlocker(b)
		for _, c := range found {
			starts = append(starts, []change{c})
		}
		if len(found) > 0 {
			first = append(first, found[0])
		}
	}
	if len(first) > 1 {
		starts = append(starts, first)
	}
	starts = append(starts, p.around()...)
	var out [][]change
	for _, s := range starts {
		if s = p.complete(s); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// complete carries a plan on until it opens the path; nil where it never does.
func (p *proposal) complete(steps []change) []change {
	if steps[len(steps)-1].instead != "" {
		return steps
	}
	for range rounds {
		next, diags := p.m.With(applying(steps))
		if diags.HasErrors() {
			return nil
		}
		q := p.questions(steps)[0]
		r, err := path.Why(next, q)
		switch {
		case err != nil || r.Verdict == path.Unknown:
			return nil
		case r.Verdict == path.Reachable:
			return steps
		}
		more := newProposal(next, q, r, nil).firsts(steps)
		if len(more) == 0 {
			return nil
		}
		steps = append(slices.Clone(steps), more...)
	}
	return nil
}

// firsts are the first candidates of each blocker, without those that are among
// the steps already.
func (p *proposal) firsts(steps []change) []change {
	var out []change
	left := slices.ContainsFunc(steps, func(c change) bool { return c.leaves })
	for _, b := range p.r.Blockers {
		if left && b.Code == path.NotInVPC {
			return nil
		}
		for _, c := range p.forBlocker(b) {
			same := func(o change) bool { return o.summary == c.summary }
			if !slices.ContainsFunc(steps, same) && !slices.ContainsFunc(out, same) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}
