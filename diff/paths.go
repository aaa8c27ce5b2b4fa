package diff

import (
	"slices"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// A PathChange is a path that somebody needs or has stated, with another
// verdict than before.
type PathChange struct {
	path.Question
	// Was and Now are the answers; the verdict is Undecided where the question
	// cannot be asked of a model, or is not asked there.
	Was, Now path.Report
	Because  string       // why the path is looked at
	Expected path.Verdict // Undecided where nobody stated one: then it should be reachable
	At       source.Span
}

// Holds reports whether the new verdict is as it should be.
func (p PathChange) Holds() bool { return holds(p.Expected, p.Now.Verdict) }

// Broke reports whether a path is for certain not as it should be that was
// before, or that is new.
func (p PathChange) Broke() bool {
	return !p.Holds() && p.Now.Verdict != path.Unknown && p.Now.Verdict != path.Undecided &&
		(holds(p.Expected, p.Was.Verdict) || p.Was.Verdict == path.Undecided)
}

func holds(expected, got path.Verdict) bool {
	if expected == path.Undecided {
		return got == path.Reachable
	}
	return got == expected
}

// paths asks both models every question that either of them needs answered.
func paths(old, now Side) []PathChange {
	var out []PathChange
	add := func(p PathChange) {
		if !slices.ContainsFunc(out, func(o PathChange) bool { return o.Question == p.Question }) {
			out = append(out, p)
		}
	}
	for _, side := range []Side{now, old} {
		for _, e := range side.Expected {
			add(PathChange{Question: e.Question, Because: e.Because, Expected: e.Verdict, At: e.At})
		}
	}
	before, after := reach.Needs(old.Model), reach.Needs(now.Model)
	for _, n := range append(slices.Clip(after), before...) {
		add(PathChange{Question: n.Question, Because: n.Because, At: n.At})
	}
	asked := func(p PathChange, needs []reach.Need) bool {
		return p.Expected != path.Undecided || slices.ContainsFunc(needs, func(n reach.Need) bool { return n.Question == p.Question })
	}
	kept := out[:0]
	for _, p := range out {
		if asked(p, before) {
			p.Was = answer(old.Model, p.Question)
		}
		if asked(p, after) {
			p.Now = answer(now.Model, p.Question)
		}
		if p.tells() && !spokenOf(kept, p) {
			kept = append(kept, p)
		}
	}
	return slices.Clip(kept)
}

// tells reports whether the change is worth telling: not that something new is
// as it should be, nor that something is needed no longer.
func (p PathChange) tells() bool {
	switch {
	case p.Was.Verdict == p.Now.Verdict || p.Now.Verdict == path.Undecided:
		return false
	case p.Was.Verdict == path.Undecided:
		return !p.Holds()
	}
	return true
}

// spokenOf reports whether the same path is already there, in whatever words it
// was asked.
func spokenOf(list []PathChange, p PathChange) bool {
	return slices.ContainsFunc(list, func(o PathChange) bool {
		return o.Now.From == p.Now.From && o.Now.Port == p.Now.Port && o.Now.Protocol == p.Now.Protocol &&
			o.Now.Witness.Dst == p.Now.Witness.Dst && o.Now.Host == p.Now.Host
	})
}

func answer(m *cloud.Model, q path.Question) path.Report {
	r, err := path.Why(m, q)
	if err != nil {
		return path.Report{}
	}
	return r
}
