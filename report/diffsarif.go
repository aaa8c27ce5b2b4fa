package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"bailey/diff"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// diffRules are what a change can break.
var diffRules = []rule{
	{"opened-path", "OpenedPath", Critical,
		"A change opens a path for packets",
		"Packets get through that did not before the change: from the internet, to it, or between two resources. The code flow is the way of one of them.",
		"https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html"},
	{"opened-entry", "OpenedEntry", Critical,
		"A change lets others in",
		"A route of an API, a function's URL or a function's permissions let in more callers than before, or others.",
		"https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"},
	{"broken-path", "BrokenPath", Critical,
		"A change breaks a path that is needed or expected",
		"A path was as the application needs it, or as bailey.yaml expects it, and after the change it is not.",
		"https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{"changed-rights", "ChangedRights", High,
		"A change gives a role rights, or leaves it without some that it needs",
		"A role may call more than before, keeps rights to make network interfaces that it has no use for any more, or lacks those that a function in a VPC needs.",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"},
}

// DiffSARIF writes a SARIF 2.1.0 log of what a change opens, breaks or leaves
// unknown. What closes is not in the log.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func DiffSARIF(w io.Writer, d Diff) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{"Bailey", list(diffRules, sarifRuleOf)}},
		Automation:  sarifID{automationID("diff/" + d.New)},
		Invocations: []sarifInvocation{{true, []sarifNotification{}}},
		BaseIDs:     map[string]sarifBaseRoot{srcRoot: {sarifMessage{"The folder in which bailey was run."}}},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
	}
	for _, f := range d.faults() {
		run.Results = append(run.Results, f.result())
	}
	if err := write(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}); err != nil {
		return fmt.Errorf("sarif: %w", err)
	}
	return nil
}

// A fault is one thing that a change does and somebody may not want: of
// severity 0, if it is that something is no longer known.
type fault struct {
	rule, name, text string
	severity         Severity
	proof            reach.Proof // the walk that shows it; of rights and entries none
	at               source.Span
	related          []diff.Edit
}

// faults are all of them, in the order of the text.
func (d Diff) faults() []fault {
	var out []fault
	for _, c := range d.Changes {
		if !c.Closes() {
			out = append(out, fault{"opened-path", endsText(c) + " " + trafficText(c), changeAnnotation(c), SeverityOf(c), walked(c.New.Result), placeOfChange(c, d.New), c.Because})
		}
	}
	for _, e := range d.Entries {
		if sev := SeverityOfEntry(e); sev > 0 || e.Unclear() {
			out = append(out, fault{rule: "opened-entry", name: entryName(e), text: entryName(e) + " " + kindOfEntry(e) + ": " + entryText(e), severity: sev, at: placeOr(e.At, d.New)})
		}
	}
	for _, p := range d.Paths {
		if p.Broke() || p.Now.Verdict == path.Unknown {
			out = append(out, fault{rule: "broken-path", name: p.From + " -> " + p.To, text: p.From + " -> " + p.To + " is " + pathVerdicts(p), severity: severityOfPath(p),
				proof: reach.Proof{Report: p.Now}, at: placeOr(p.At, d.New)})
		}
	}
	for _, r := range d.Rights {
		if sev := severityOfRight(r); sev > 0 {
			out = append(out, fault{rule: "changed-rights", name: r.Role, text: r.Detail, severity: sev, at: placeOr(r.At, d.New)})
		}
	}
	return out
}

// walked is a walk as a proof has it.
func walked(r path.Result) reach.Proof {
	return reach.Proof{Report: path.Report{Verdict: r.Verdict, Hops: r.Hops, Blockers: r.Blockers, Missing: r.Missing, Witness: r.Flow}}
}

func (f fault) result() sarifResult {
	first, _, _ := strings.Cut(f.text, "\n")
	id := fingerprint("", "diff", f.rule, f.name, first)
	out := sarifResult{RuleID: f.rule, RuleIndex: slices.IndexFunc(diffRules, func(r rule) bool { return r.id == f.rule }), Kind: "fail", Level: level(f.severity),
		Message: sarifText(explanation(f.text, f.proof)), Related: related(f.proof), CodeFlows: codeFlow(f.proof, f.at), Suppressions: []sarifSuppression{},
		Fingerprints: map[string]string{"primaryLocationLineHash": id[:16] + ":1", "baileyDiff/v1": id}}
	out.Locations = []sarifLocation{{Physical: physical(f.at), Logical: append([]sarifLogical{{f.name, "resource"}}, constructOf(f.at)...)}}
	for _, e := range f.related {
		if where := physical(e.At); where != nil {
			id, m := len(out.Related), sarifText(editText(e))
			out.Related = append(out.Related, sarifLocation{ID: &id, Physical: where, Message: &m, Logical: []sarifLogical{{Name: e.Name}}})
		}
	}
	out.Properties = sarifResultValues{ReasonCodes: codes(f.proof)}
	if f.proof.Verdict != path.Undecided {
		out.Properties.Verdict = f.proof.Verdict.String()
	}
	if f.severity == 0 {
		out.Kind, out.Level = "open", "none"
		return out
	}
	out.Properties.Severity, out.Properties.SecuritySeverity = f.severity.String(), securitySeverity(f.severity)
	return out
}

// DiffJUnit writes one test suite with a case for each thing that changed: a
// failure is what opens or breaks, an error what is no longer known, and what
// closes or mends has passed.
func DiffJUnit(w io.Writer, d Diff) error {
	s := junitSuite{Name: printable(d.Old + " to " + d.New)}
	for _, f := range d.faults() {
		s.fault(f)
	}
	for _, c := range d.Changes {
		if c.Closes() {
			s.passed("opened-path", endsText(c)+" "+trafficText(c)+" closes")
		}
	}
	for _, e := range d.Entries {
		if SeverityOfEntry(e) == 0 && !e.Unclear() {
			s.passed("opened-entry", entryName(e)+" closes: "+entryText(e))
		}
	}
	for _, p := range d.Paths {
		if p.Holds() {
			s.passed("broken-path", p.From+" -> "+p.To+" is "+pathVerdicts(p))
		}
	}
	return writeJUnit(w, s)
}

func (s *junitSuite) fault(f fault) {
	at := f.at.Editable()
	t := junitCase{Class: "bailey." + f.rule, Name: f.name, File: at.File, Line: at.Line}
	first, _, _ := strings.Cut(f.text, "\n")
	if f.severity > 0 {
		t.Failure = &junitResult{first, f.severity.String(), explanation(f.text, f.proof)}
		s.add(junitCounts{Tests: 1, Failures: 1})
	} else {
		t.Error = &junitResult{first, "unknown", explanation(f.text, f.proof)}
		s.add(junitCounts{Tests: 1, Errors: 1})
	}
	s.Cases = append(s.Cases, t)
}

func (s *junitSuite) passed(rule, name string) {
	s.add(junitCounts{Tests: 1})
	s.Cases = append(s.Cases, junitCase{Class: "bailey." + rule, Name: name})
}
