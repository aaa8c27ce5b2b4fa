package report

import (
	"fmt"
	"io"
	stdpath "path"
	"slices"
	"strings"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	srcRoot     = "%SRCROOT%"
)

// SARIF writes a SARIF 2.1.0 log with one run for each check. A finding is a
// result whose code flow is its path, hop by hop; a path that nobody can decide
// is a result of kind open. What holds is not in the log.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func SARIF(w io.Writer, checks ...Check) error {
	log := sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: list(checks, sarifOf)}
	if err := write(w, log); err != nil {
		return fmt.Errorf("sarif: %w", err)
	}
	return nil
}

func sarifOf(c Check) sarifRun {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{"Bailey", list(rules, sarifRuleOf)}},
		Automation:  sarifID{automationID(stdpath.Join(c.Input, c.Environment))},
		Invocations: []sarifInvocation{{true, list(c.Notes.Sorted(), notification)}},
		BaseIDs:     map[string]sarifBaseRoot{srcRoot: {sarifMessage{"The folder in which bailey was run."}}},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
	}
	for _, f := range c.Findings() {
		run.Results = append(run.Results, c.result(f))
	}
	for _, p := range c.Proofs {
		if unanswered(p) {
			run.Results = append(run.Results, c.open(p))
		}
	}
	return run
}

// automationID tells the runs of several inputs apart: code scanning keeps the
// alerts of each id by themselves. What follows the last slash would be the
// name of one single run.
func automationID(input string) string {
	if input = stdpath.Clean(input); input == "." {
		return "bailey/"
	}
	return "bailey/" + strings.Trim(printable(input), "/") + "/"
}

func sarifRuleOf(r rule) sarifRule {
	return sarifRule{
		ID: r.id, Name: r.name, Short: sarifText(r.short), Full: sarifText(r.full), HelpURI: r.page,
		Help: sarifHelp{r.full + " bailey explain CODE says what a reason code means.",
			r.full + "\n\n`bailey explain CODE` says what a reason code means, and `bailey why FROM TO` shows the whole path. [AWS's page](" + r.page + ")"},
		Configuration: sarifLevel{level(r.severity)},
		Properties:    sarifRuleValues{securitySeverity(r.severity), "very-high", []string{"security", "network", "aws"}},
	}
}

// level maps a severity to SARIF's.
func level(s Severity) string {
	switch {
	case s >= High:
		return "error"
	case s == Medium:
		return "warning"
	}
	return "note"
}

// securitySeverity maps a severity into the ranges by which GitHub names it:
// critical above 9.0, high from 7.0, medium from 4.0.
func securitySeverity(s Severity) string {
	return [...]string{"0.0", "2.0", "5.5", "8.0", "9.5"}[s]
}

func notification(d source.Diag) sarifNotification {
	text := d.Summary
	if d.Hint != "" {
		text += "\n" + d.Hint
	}
	if c := d.At.Construct.Path(); c != "" {
		text += "\nConstruct " + c
	}
	n := sarifNotification{Descriptor: sarifID{d.Code}, Level: d.Severity.String(), Message: sarifText(text)}
	if p := physical(d.At); p != nil {
		n.Locations = []sarifLocation{{Physical: p}}
	}
	return n
}

// result is a finding.
func (c Check) result(f Finding) sarifResult {
	out := sarifResult{RuleID: f.Rule, RuleIndex: ruleIndex(f.Rule), Kind: "fail", Level: level(f.Severity),
		Fingerprints: prints(f), Suppressions: []sarifSuppression{}}
	if f.Suppressed {
		out.Suppressions = append(out.Suppressions, sarifSuppression{f.kind(), "accepted", f.Justification, suppressedAt(f)})
	}
	if f.proof == nil {
		out.Message = sarifText(f.Message)
		out.Locations = []sarifLocation{{Physical: physical(c.place(reach.Proof{At: f.At}))}}
	} else {
		c.fill(&out, f.Message, *f.proof)
	}
	out.Properties.Severity, out.Properties.SecuritySeverity = f.Severity.String(), securitySeverity(f.Severity)
	return out
}

// suppressedAt is where a suppression stands in the template.
func suppressedAt(f Finding) *sarifLocation {
	if !f.inSource() {
		return nil
	}
	return &sarifLocation{Physical: physical(f.SuppressedAt)}
}

// open is a path that was looked at and could not be decided. The standard's
// level for it is none.
func (c Check) open(p reach.Proof) sarifResult {
	f := Finding{Rule: ruleOf(p), proof: &p, environment: c.Environment}
	out := sarifResult{RuleID: f.Rule, RuleIndex: ruleIndex(f.Rule), Kind: "open", Level: "none",
		Fingerprints: prints(f), Suppressions: []sarifSuppression{}}
	c.fill(&out, unknownMessage(p), p)
	return out
}

// prints are the fingerprints of a result. GitHub knows only the first: without
// it, it takes a hash of the line, and the several paths that one statement
// needs would be one alert.
func prints(f Finding) map[string]string {
	p := f.Fingerprint()
	return map[string]string{"primaryLocationLineHash": p[:16] + ":1", "baileyPath/v1": p}
}

// fill adds what a result says of its path.
func (c Check) fill(out *sarifResult, message string, p reach.Proof) {
	here := c.place(p)
	out.Message = sarifText(explanation(message, p))
	out.Locations = []sarifLocation{{Physical: physical(here), Logical: append([]sarifLogical{{p.From, "resource"}}, constructOf(here)...)}}
	out.Related = related(p)
	out.CodeFlows = codeFlow(p, here)
	out.Properties = sarifResultValues{Verdict: p.Verdict.String(), ReasonCodes: codes(p),
		Fixes: list(p.Fixes, toFixJSON)}
	if p.Expected != path.Undecided {
		out.Properties.Expected = p.Expected.String()
	}
}

// constructOf names the construct of a place as a logical location.
func constructOf(at source.Span) []sarifLogical {
	if at.Construct.Path() == "" {
		return nil
	}
	return []sarifLogical{{at.Construct.Path(), "construct"}}
}

// codes are the reason codes of a path, each once.
func codes(p reach.Proof) []string {
	out := []string{}
	for _, b := range p.Blockers {
		if !slices.Contains(out, string(b.Code)) {
			out = append(out, string(b.Code))
		}
	}
	return out
}

// related are the places that decide: what blocks, and what is not known. One
// without a place is in the message only, since code scanning refuses a whole
// log for one location without a file.
func related(p reach.Proof) []sarifLocation {
	var out []sarifLocation
	add := func(at source.Span, name, text string) {
		where, id, m := physical(at), len(out), sarifText(text)
		if where == nil {
			return
		}
		l := sarifLocation{ID: &id, Physical: where, Message: &m}
		if name != "" {
			l.Logical = []sarifLogical{{Name: name}}
		}
		l.Logical = append(l.Logical, constructOf(at)...)
		out = append(out, l)
	}
	for _, b := range p.Blockers {
		add(b.At, b.Component, b.String())
	}
	for _, g := range p.Missing {
		add(g.At, "", "not known: "+g.Because)
	}
	return out
}

// codeFlow is the path as one thread of execution: a step for each hop in the
// order in which the packet meets them. A hop that blocks has the place of its
// reason; one that has no place of its own gets that of the result, here,
// because code scanning wants a file for every step.
func codeFlow(p reach.Proof, here source.Span) []sarifCodeFlow {
	if len(p.Hops) == 0 {
		return nil
	}
	steps := make([]sarifStep, 0, len(p.Hops))
	for i, h := range p.Hops {
		m := sarifText(fmt.Sprintf("%s %s: %s (%s)", h.Direction, h.Component, h.Detail, h.Verdict))
		s := sarifStep{ExecutionOrder: i + 1, Importance: "important", Kinds: []string{h.Kind}}
		where := here
		if b, ok := blockerAt(p, h); ok {
			s.Importance, s.Properties = "essential", &sarifStepCode{string(b.Code)}
			if b.At.File != "" {
				where = b.At
			}
		}
		s.Location = sarifLocation{Physical: physical(where), Logical: []sarifLogical{{h.Component, h.Kind}}, Message: &m}
		steps = append(steps, s)
	}
	return []sarifCodeFlow{{[]sarifThreadFlow{{steps}}}}
}

// blockerAt finds the reason for which a hop says no; where several interfaces
// met the same blocker, one of them stands for all.
func blockerAt(p reach.Proof, h path.Hop) (path.Reason, bool) {
	if h.Verdict != "deny" {
		return path.Reason{}, false
	}
	same := func(b path.Reason) bool { return b.Component == h.Component && b.Detail == h.Detail }
	near := func(b path.Reason) bool {
		return b.Component == h.Component || h.Kind == "dns" && b.Component+" resolver" == h.Component
	}
	for _, match := range []func(path.Reason) bool{same, near} {
		if i := slices.IndexFunc(p.Blockers, match); i >= 0 {
			return p.Blockers[i], true
		}
	}
	return path.Reason{}, false
}
