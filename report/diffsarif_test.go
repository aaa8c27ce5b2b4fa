package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"bailey/diff"
	"bailey/path"
	"bailey/source"
)

// everyChange is a diff with one thing of every sort.
func everyChange() Diff {
	lost := opening()
	lost.From, lost.Now = diff.Party{Kind: diff.Function, Names: []string{"F"}}, path.Unknown
	guarded := unguarded()
	guarded.Was, guarded.Now = guarded.Now, guarded.Was
	return Diff{Old: "old.yaml", New: "new.yaml", Report: diff.Report{
		Changes: []diff.Change{opening(), closing(), lost}, Entries: []diff.Entry{unguarded(), guarded},
		Paths: []diff.PathChange{
			{Question: path.Question{From: "F", To: "Db:1"}, Was: path.Report{Verdict: path.Reachable}, Now: path.Report{Verdict: path.Blocked, Blockers: opening().Old.Blockers}, At: source.Span{File: "new.yaml", Line: 3}},
			{Question: path.Question{From: "F", To: "Db:2"}, Was: path.Report{Verdict: path.Blocked}, Now: path.Report{Verdict: path.Reachable}},
		},
		Rights: []diff.Right{{What: diff.RightsGained, Role: "R", Detail: "R may call ssm:*", At: source.Span{File: "new.yaml", Line: 5}}, {What: diff.RightsLost, Detail: "less"}}}}
}

// What opens, breaks or is no longer known is a result; what opens has the way
// of a packet as its code flow.
func TestDiffSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := DiffSARIF(&b, everyChange()); err != nil {
		t.Fatal(err)
	}
	if err := validate(t, sarifSchemaOracle(t), b.String()); err != nil {
		t.Error(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range log.Runs[0].Results {
		if log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s has rule %d", r.RuleID, r.RuleIndex)
		}
		got = append(got, r.RuleID+" "+r.Kind+" "+r.Level)
	}
	want := "opened-path fail error, opened-path open none, opened-entry fail error, broken-path fail error, changed-rights fail note"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	opens := log.Runs[0].Results[0]
	if len(opens.CodeFlows) != 1 || opens.CodeFlows[0].ThreadFlows[0].Locations[0].Location.Logical[0].Name != "Group" {
		t.Errorf("code flows %+v", opens.CodeFlows)
	}
	if at := opens.Locations[0].Physical; at.Artifact.URI != "new.yaml" || at.Region.StartLine != 7 {
		t.Errorf("it opens at %+v", at)
	}
}

func TestDiffJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := DiffJUnit(&b, everyChange()); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if want := (junitCounts{Tests: 8, Failures: 4, Errors: 1}); suites.junitCounts != want {
		t.Errorf("counts %+v, want %+v", suites.junitCounts, want)
	}
}

// The mark of the heading says what the exit status does.
func TestTheHeadingSaysWhatHappened(t *testing.T) {
	rights := diff.Report{Rights: []diff.Right{{What: diff.RightsGained, Role: "R", Detail: "R may call ssm:*"}}}
	unknown := diff.Report{Paths: []diff.PathChange{{Was: path.Report{Verdict: path.Reachable}, Now: path.Report{Verdict: path.Unknown}}}}
	for _, c := range []struct {
		name   string
		report diff.Report
		failOn Severity
		want   string
	}{
		{"nothing", diff.Report{}, Low, "✅ Bailey: nothing opens, closes or becomes unknown"},
		{"something closes", diff.Report{Changes: []diff.Change{closing()}}, Low, "✅ Bailey: nothing opens, something closes"},
		{"a role may do more", rights, Low, "⚠️ Bailey: `R` may do more"},
		{"it may, and nobody minds", rights, High, "✅ Bailey: `R` may do more, which --fail-on does not count"},
		{"a route without its authorizer", diff.Report{Entries: []diff.Entry{unguarded()}}, Low, "❌ Bailey: opens `GET / of Api`: lets in anybody, was who Auth lets in"},
		{"a path is no longer known", unknown, Low, "❓ Bailey: something is no longer known"},
		{"the worst, not the first", diff.Report{Rights: rights.Rights, Entries: []diff.Entry{unguarded()}}, Low, "❌ Bailey: opens `GET / of Api`"},
	} {
		var b bytes.Buffer
		if err := DiffMarkdown(&b, Diff{FailOn: c.failOn, Report: c.report}); err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(b.String(), "\n"); !strings.HasPrefix(first, "### "+c.want) {
			t.Errorf("%s: %s", c.name, first)
		}
	}
}
