package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"bailey/audit"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// A Finding is a path that is not as it should be, or a rule that a resource
// breaks.
type Finding struct {
	Rule     string
	Severity Severity
	Resource string
	Message  string
	At       source.Span
	// Suppressed findings are reported as such and never fail a run.
	Suppressed    bool
	Justification string      // why it is suppressed
	SuppressedAt  source.Span // where that is said; the zero Span: in the baseline
	Ended         string      // the suppression that it had and whose day is over
	// Because says why the severity is what it is.
	Because string

	proof       *reach.Proof // the path; nil for what is about one resource
	environment string       // the check's
}

// Findings are the paths that do not hold: a path stated in expect that turned
// out otherwise, or one that the template needs and does not have; then what the
// rules of package audit found. What is unknown is no finding; it has an exit
// status of its own.
func (c Check) Findings() []Finding {
	var out []Finding
	for _, p := range c.Proofs {
		if f, ok := c.judge(p); ok {
			out = append(out, f)
		}
	}
	for _, a := range c.Audit {
		out = append(out, c.audited(a))
	}
	return out
}

// audited is a finding of a rule.
func (c Check) audited(a audit.Finding) Finding {
	f := Finding{Rule: string(a.Rule), Severity: a.Severity, Because: titleOf(string(a.Rule)), Resource: a.Resource, Message: a.Message, At: a.At, environment: c.Environment}
	c.suppress(&f)
	return f
}

// judge gives the finding that p is, if it is one.
func (c Check) judge(p reach.Proof) (Finding, bool) {
	if p.Holds() || p.Verdict == path.Unknown {
		return Finding{}, false
	}
	f := Finding{Rule: ruleOf(p), Severity: High, Because: "what the application needs never arrives", Resource: p.From, At: p.At, proof: &p, environment: c.Environment,
		Message: fmt.Sprintf("%s does not reach %s: %s", p.From, p.To, p.Verdict)}
	if p.Expected != path.Undecided {
		f.Message = fmt.Sprintf("%s -> %s is %s, expected %s", p.From, p.To, p.Verdict, p.Expected)
	}
	switch {
	case p.Verdict == path.Reachable:
		f.Severity, f.Because = Critical, "it is open, and somebody said that it must not be"
	case p.Verdict == path.Partial:
		f.Because = "it fails some of the time, which is found last"
	case p.Expected != path.Undecided:
		f.Because = "somebody said how it must be, and it is not"
	}
	c.suppress(&f)
	return f, true
}

// ruleOf names the rule that a path is held against.
func ruleOf(p reach.Proof) string {
	if p.Expected == path.Undecided {
		return requiredPath
	}
	return expectedPath
}

// unanswered reports whether p lacks a fact.
func unanswered(p reach.Proof) bool { return p.Verdict == path.Unknown && !p.Holds() }

// Fails reports whether the check has a finding of at least that severity that
// is not suppressed.
func (c Check) Fails(least Severity) bool {
	for _, f := range c.Findings() {
		if !f.Suppressed && f.Severity >= least {
			return true
		}
	}
	return false
}

// Fingerprint identifies a finding from one run to the next: 64 hexadecimal
// digits of its rule, its logical path and, where the input has several, its
// environment. Where it stands in a file, what blocks
// it and which addresses it has do not matter.
func (f Finding) Fingerprint() string {
	if p := f.proof; p != nil {
		return fingerprint(f.environment, f.Rule, p.From, p.To, logicalPort(*p))
	}
	return fingerprint(f.environment, f.Rule, f.Resource, f.Message)
}

// fingerprint is quoted before it is hashed, so that no two lists of names can
// run into one another.
func fingerprint(environment string, parts ...string) string {
	if environment != "" {
		parts = append(parts, environment)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:])
}

// subject names what a finding is about.
func (f Finding) subject() string {
	if f.proof != nil {
		return pathName(*f.proof)
	}
	return f.Resource
}

// logicalPort gives the protocol and, where it has ports, the port: tcp 443.
func logicalPort(p reach.Proof) string {
	if p.Port == 0 {
		return p.Protocol.String()
	}
	return fmt.Sprintf("%s %d", p.Protocol, p.Port)
}

// pathName names a path in one line, the port only where To does not say it.
func pathName(p reach.Proof) string {
	way := logicalPort(p)
	if strings.HasSuffix(p.To, fmt.Sprintf(":%d", p.Port)) {
		way = p.Protocol.String()
	}
	return fmt.Sprintf("%s -> %s (%s)", p.From, p.To, way)
}

// place is where a reader is sent: where the path is asked for, else the first
// thing that blocks it or is missing, else the input as a whole.
func (c Check) place(p reach.Proof) source.Span {
	if p.At.File != "" {
		return p.At
	}
	for _, b := range p.Blockers {
		if b.At.File != "" {
			return b.At
		}
	}
	for _, g := range p.Missing {
		if g.At.File != "" {
			return g.At
		}
	}
	return source.Span{File: cmp.Or(c.Input, ".")}
}

// reasons says line by line what decides a path: each blocker with its place,
// each missing fact, each part of a partial verdict; for an open path, what it
// goes through.
func reasons(p reach.Proof) []string {
	var out []string
	for _, b := range p.Blockers {
		out = append(out, fmt.Sprintf("%s%s%s: %s", b.Code, inBrackets(at(b.At)), wayBack(b), b.Detail))
	}
	for _, g := range p.Missing {
		out = append(out, fmt.Sprintf("not known%s: %s", inBrackets(at(g.At)), g.Because))
	}
	for _, s := range shares(p) {
		out = append(out, fmt.Sprintf("%s: %s%s", s.name, s.verdict, s.when))
	}
	if p.Verdict == path.Reachable && len(p.Hops) > 0 {
		out = append(out, "through "+through(p))
	}
	return out
}

// share is one part of a partial verdict.
type share struct {
	name    string
	verdict path.Verdict
	when    string // what else decides
}

// shares are the parts of a path, each once. One that gets through and does not
// depends on the port that a NAT gateway gives it.
func shares(p reach.Proof) []share {
	var out []share
	for _, q := range p.Parts {
		i := slices.IndexFunc(out, func(s share) bool { return s.name == q.Share() })
		switch {
		case i < 0:
			out = append(out, share{q.Share(), q.Verdict, ""})
		case out[i].verdict != q.Verdict:
			out[i].verdict, out[i].when = path.Partial, " (by the port that the NAT gateway gives it)"
		}
	}
	return out
}

func wayBack(r path.Reason) string {
	if r.Direction == path.Return {
		return ", on the way back"
	}
	return ""
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// cheapest says what the best fix costs and does; empty where there is none.
// Fixes come with those first that close nothing, then the cheapest.
func cheapest(p reach.Proof) string {
	if len(p.Fixes) == 0 {
		return ""
	}
	return fixText(p.Fixes[0])
}

func fixText(f reach.Fix) string {
	s := money(f.USDPerYear) + "/year: " + f.Summary
	return s + inBrackets(strings.Join(asides(f), ", "))
}

// explanation is everything that a finding says, one thing a line.
func explanation(message string, p reach.Proof) string {
	lines := append([]string{message}, reasons(p)...)
	if fix := cheapest(p); fix != "" {
		lines = append(lines, "Cheapest fix, "+fix)
	}
	return strings.Join(lines, "\n")
}

// unknownMessage says of a path that it could not be decided.
func unknownMessage(p reach.Proof) string {
	return fmt.Sprintf("whether %s reaches %s is not known", p.From, p.To)
}
