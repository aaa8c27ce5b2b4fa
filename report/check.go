package report

import (
	"fmt"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// A Check is everything that `bailey check` has to say about one input.
type Check struct {
	Input  string // as it was named
	Proofs []reach.Proof
	Notes  source.Diags // what the readers noticed and could use all the same
}

// Severity orders findings.
type Severity uint8

// The severities, from the least.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

// String gives low, medium, high or critical.
func (s Severity) String() string {
	return [...]string{"none", "low", "medium", "high", "critical"}[s]
}

// ParseSeverity reads what String gives.
func ParseSeverity(s string) (Severity, bool) {
	for v := Low; v <= Critical; v++ {
		if v.String() == s {
			return v, true
		}
	}
	return 0, false
}

// A Finding is a path that is not as it should be.
type Finding struct {
	Rule     string
	Severity Severity
	Resource string
	Message  string
	At       source.Span
}

// Findings are the paths that do not hold: a path stated in expect that turned
// out otherwise, or one that the template needs and does not have. What is
// unknown is no finding; it has an exit status of its own.
func (c Check) Findings() []Finding {
	var out []Finding
	for _, p := range c.Proofs {
		if p.Holds() || p.Verdict == path.Unknown {
			continue
		}
		f := Finding{"required-path", High, p.From, fmt.Sprintf("%s does not reach %s: %s", p.From, p.To, p.Verdict), p.At}
		if p.Expected != path.Undecided {
			f.Rule, f.Message = "expected-path", fmt.Sprintf("%s -> %s is %s, expected %s", p.From, p.To, p.Verdict, p.Expected)
		}
		if p.Verdict == path.Reachable {
			f.Severity = Critical // something is open that was meant to be shut
		}
		out = append(out, f)
	}
	return out
}

// Unknown reports whether an answer lacks a fact.
func (c Check) Unknown() bool {
	for _, p := range c.Proofs {
		if p.Verdict == path.Unknown && !p.Holds() {
			return true
		}
	}
	return false
}

func (c Check) summary() summaryJSON {
	s := summaryJSON{Paths: len(c.Proofs), Findings: len(c.Findings())}
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
