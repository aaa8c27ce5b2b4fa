package reach

import (
	"slices"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
	"bailey/source"
)

// An Expectation is a verdict that the team has stated for a question.
type Expectation struct {
	path.Question
	Verdict path.Verdict
	Because string
	At      source.Span
}

// A Proof is the answer for one path that someone needs or has stated.
type Proof struct {
	path.Report
	Fixes    []Fix
	Via      []Chain      // where packets are blocked: ways around by invoking functions
	Because  string       // why the path is looked at
	Expected path.Verdict // Undecided where nobody stated one: then it should be reachable
	At       source.Span  // the expectation, the statement or the variable
	// Like is the path whose fixes these are too: that of another function in the
	// same subnets and groups, which the same things block.
	Like  string
	asked path.Question
}

// Holds reports whether the verdict is the one that was stated, or, for a path
// that was only inferred, whether it is open.
func (p Proof) Holds() bool {
	if p.Expected == path.Undecided {
		return p.Verdict == path.Reachable
	}
	return p.Verdict == p.Expected
}

// Prove answers every expectation, then every need that no expectation speaks
// of. Fixes are worked out where the verdict is not reachable; the paths that
// are expected to be reachable, and the needs, are those a fix must not close.
// An expectation that cannot be asked is a diagnostic.
func Prove(m *cloud.Model, expected []Expectation) ([]Proof, source.Diags) {
	var diags source.Diags
	var out []Proof
	for _, e := range expected {
		r, err := path.Why(m, e.Question)
		if err != nil {
			diags.Add(source.Diag{Code: "PROJECT_EXPECTATION", At: e.At, Summary: err.Error()})
			continue
		}
		out = append(out, Proof{Report: r, Via: via(m, e.Question, r), Because: e.Because, Expected: e.Verdict, At: e.At, asked: e.Question})
	}
	for _, n := range Needs(m) {
		r, err := path.Why(m, n.Question)
		if err != nil || spokenOf(out, r) {
			continue
		}
		out = append(out, Proof{Report: r, Because: n.Because, At: n.At, asked: n.Question})
	}
	share(m, out, newWatch(m, toKeep(m, expected)))
	return out, diags
}

// Written gives the proofs with the patches of their fixes in a format.
func Written(proofs []Proof, format patch.Format) []Proof {
	out := slices.Clone(proofs)
	for i := range out {
		out[i].Fixes = slices.Clone(out[i].Fixes)
		for k := range out[i].Fixes {
			out[i].Fixes[k] = out[i].Fixes[k].In(format)
		}
	}
	return out
}

// spokenOf reports whether a proof for the same source and destination is
// already there, in whatever words it was asked.
func spokenOf(proofs []Proof, r path.Report) bool {
	return slices.ContainsFunc(proofs, func(p Proof) bool {
		return p.From == r.From && p.Port == r.Port && p.Protocol == r.Protocol &&
			p.Witness.Dst == r.Witness.Dst && p.Host == r.Host && p.Invokes == r.Invokes
	})
}

// Answer answers one question with its fixes; expected says which other paths a
// fix must not close.
func Answer(m *cloud.Model, q path.Question, expected []Expectation) (Proof, error) {
	r, err := path.Why(m, q)
	if err != nil {
		return Proof{}, err
	}
	return Proof{Report: r, Fixes: Fixes(m, q, r, toKeep(m, expected)), Via: via(m, q, r), asked: q}, nil
}

// toKeep are the paths that a fix must leave open.
func toKeep(m *cloud.Model, expected []Expectation) []Need {
	keep := Needs(m)
	for _, e := range expected {
		if e.Verdict == path.Reachable || e.Verdict == path.Blocked {
			keep = append(keep, Need{Question: e.Question, shut: e.Verdict == path.Blocked})
		}
	}
	return keep
}
