package report

import (
	"bailey/audit"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// A Check is everything that `bailey check` has to say about one input.
type Check struct {
	Input string // as it was named
	// Environment is the account and region, where the input has several.
	Environment string
	Proofs      []reach.Proof
	Audit       []audit.Finding
	Remedy      *reach.Remedy // what opens all paths at once, at least cost; nil: nothing more than the single fixes
	Prices      string        // whose prices the costs are
	Notes       source.Diags  // what the readers noticed and could use all the same
	// Baseline holds the findings that were accepted before; they are suppressed.
	Baseline Baseline
	// Ignore are the suppressions of the template and the project, and Today, as
	// 2006-01-02, the day by which they end.
	Ignore []source.Suppression
	Today  string
}

// title names what was checked.
func (c Check) title() string {
	if c.Environment == "" {
		return c.Input
	}
	return c.Input + " in " + c.Environment
}

// Severity orders findings.
type Severity = audit.Severity

// The severities, from the least.
const (
	Low      = audit.Low
	Medium   = audit.Medium
	High     = audit.High
	Critical = audit.Critical
)

// ParseSeverity reads what String gives.
func ParseSeverity(s string) (Severity, bool) {
	for v := Low; v <= Critical; v++ {
		if v.String() == s {
			return v, true
		}
	}
	return 0, false
}

// Unknown reports whether an answer lacks a fact.
func (c Check) Unknown() bool {
	for _, p := range c.Proofs {
		if unanswered(p) {
			return true
		}
	}
	return false
}

func (c Check) summary() summaryJSON {
	s := summaryJSON{Paths: len(c.Proofs), Remedy: remedyOf(c.Remedy), Prices: c.Prices}
	for _, f := range c.Findings() {
		if f.Suppressed {
			s.Suppressed++
		} else {
			s.Findings++
		}
	}
	for _, p := range c.Proofs {
		switch p.Verdict {
		case path.Reachable:
			s.Reachable++
		case path.Blocked:
			s.Blocked++
		case path.Partial:
			s.Partial++
		case path.Unknown, path.Undecided:
			s.Unknown++
		}
	}
	return s
}
