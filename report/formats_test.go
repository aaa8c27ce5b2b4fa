package report

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bailey/audit"
	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

var update = flag.Bool("update", false, "write what the formats give into testdata")

// formats are all that go to a program or a page, with the golden file of each.
var formats = []struct {
	golden string
	write  func(io.Writer, ...Check) error
}{
	{"check.sarif", SARIF},
	{"check.junit.xml", JUnit},
	{"check.md", Markdown},
	{"check.github.txt", GitHub},
	{"check.baseline.json", WriteBaseline},
	{"check.json", func(w io.Writer, c ...Check) error { return CheckJSON(w, c[0]) }},
	{"check.txt", func(w io.Writer, c ...Check) error { Text{W: w}.Check(c[0]); return nil }},
}

func spot(file string, line, col int) source.Span {
	return source.Span{File: file, Line: line, Col: col}
}

func needed(p reach.Proof, because string, at source.Span) reach.Proof {
	p.Because, p.At = because, at
	return p
}

// sample has one path of every sort.
func sample() Check {
	noRoute := needed(blocked(), "role PingRole may call ssm:GetParameter", spot("app/template.yaml", 77, 11))
	noRoute.Hops = append(noRoute.Hops, path.Hop{Component: "PrivateRouteTable", Kind: "route-table", Direction: "egress", Verdict: "deny", Detail: "no route"})
	noRoute.Blockers = append(noRoute.Blockers, path.Reason{Code: path.SubnetACL, Component: "Acl", Detail: "the reply is denied", Direction: path.Return, At: spot("app/template.yaml", 90, 5)})
	noRoute.Fixes = append(noRoute.Fixes, reach.Fix{Summary: "take F out of the VPC", Proved: true, Breaks: []string{"F -> Db:5432"}})

	open := proof(path.Reachable, path.Blocked)
	open.From, open.To, open.Host, open.Port, open.At = "internet", "Db:5432", "", 5432, spot("app/bailey.yaml", 9, 5)
	open.Hops = []path.Hop{{Component: "DbGroup", Kind: "security-group", Direction: "ingress", Verdict: "allow", Detail: "allows everything"}}

	some := needed(proof(path.Partial, path.Undecided), "variable DB_HOST", source.Span{})
	some.To, some.Port = "Db", 5432
	some.Blockers = []path.Reason{{Code: path.NoRoute, Component: "B", Detail: "no route", At: spot("app/template.yaml", 12, 0)}}
	some.Parts = []path.Part{{Subnet: "SubnetB", Dst: netip.MustParseAddr("10.0.9.9"), Ports: netset.PortRange{Lo: 1024, Hi: 65535}, Verdict: path.Blocked}}

	open2 := proof(path.Unknown, path.Undecided)
	open2.To = "aws:sqs"
	open2.Missing = []cloud.Gap{{Because: "parameter Vpc has no value", At: spot("app/template.yaml", 3, 3)}}

	holds := proof(path.Reachable, path.Reachable)
	holds.To, holds.At = "aws:sts", spot("app/bailey.yaml", 7, 5)

	old := proof(path.Blocked, path.Reachable)
	old.To, old.At = "Legacy:22", spot("app/bailey.yaml", 8, 5)

	c := Check{Input: "app", Proofs: []reach.Proof{noRoute, open, some, open2, holds, old},
		Audit: []audit.Finding{{Rule: "API_ROUTE_WITHOUT_AUTHORIZER", Severity: High, Resource: "Api", Message: "GET /open asks nothing of its caller", At: spot("app/template.yaml", 40, 3)}},
		Notes: source.Diags{{Code: "CFN_IGNORED", Severity: source.Note, At: spot("app/template.yaml", 5, 3), Summary: "Metadata is not read", Hint: "nothing depends on it"},
			{Code: "CFN_DEFAULT", Severity: source.Warning, Summary: "a default was taken"}}}
	c.Baseline = accepting(c, "replaced in the next release", old)
	return c
}

// accepting is a baseline of some paths of a check.
func accepting(c Check, why string, proofs ...reach.Proof) Baseline {
	var b Baseline
	for _, p := range proofs {
		f, _ := c.judge(p)
		b.entries = append(b.entries, baselineEntry{Fingerprint: f.Fingerprint(), Severity: f.Severity.String(), Justification: why})
	}
	return b
}

func render(t *testing.T, write func(io.Writer, ...Check) error, checks ...Check) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, checks...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormatsAreAsOnFile(t *testing.T) {
	for _, f := range formats {
		got := render(t, f.write, sample())
		if again := render(t, f.write, sample()); got != again {
			t.Errorf("%s: two runs give different bytes", f.golden)
		}
		file := filepath.Join("testdata", f.golden)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not as on file:\n%s", f.golden, got)
		}
	}
}

// A reader that goes away is an error, not a silence.
func TestFormatsReportWhatCannotBeWritten(t *testing.T) {
	for _, f := range formats[:6] {
		r, w := io.Pipe()
		r.Close()
		if err := f.write(w, sample()); err == nil {
			t.Errorf("%s: no error", f.golden)
		}
	}
}

func TestFormatsWithNothingToSay(t *testing.T) {
	for _, f := range formats {
		_ = render(t, f.write, hostileCheck("")) // names may be empty too
		if got := render(t, f.write, Check{Input: "."}); strings.Contains(got, "null") {
			t.Errorf("%s: %s", f.golden, got)
		}
	}
}

func TestJUnitReadBack(t *testing.T) {
	var got junitSuites
	if err := xml.Unmarshal([]byte(render(t, JUnit, sample(), Check{Input: "other", Proofs: []reach.Proof{blocked()}})), &got); err != nil {
		t.Fatal(err)
	}
	if want := (junitCounts{Tests: 8, Failures: 5, Errors: 1, Skipped: 1}); got.junitCounts != want {
		t.Errorf("counts are %+v, want %+v", got.junitCounts, want)
	}
	if len(got.Suites) != 2 || len(got.Suites[0].Cases) != 7 {
		t.Fatalf("suites: %+v", got.Suites)
	}
	first := got.Suites[0].Cases[0]
	if first.Name != "F -> aws:ssm (tcp 443)" || first.File != "app/template.yaml" || first.Line != 77 || first.Failure == nil ||
		!strings.Contains(first.Failure.Text, "NO_ROUTE_TO_DESTINATION (template.yaml:41): no route") {
		t.Errorf("first case: %+v", first)
	}
	for i, what := range []string{"failure", "failure", "failure", "error", "", "skipped", "failure"} {
		c := got.Suites[0].Cases[i]
		for name, r := range map[string]*junitResult{"failure": c.Failure, "error": c.Error, "skipped": c.Skipped} {
			if (r != nil) != (name == what) {
				t.Errorf("case %d (%s): %s is %v", i, c.Name, name, r)
			}
		}
	}
}

func TestGitHubCommands(t *testing.T) {
	got := strings.Split(strings.TrimSpace(render(t, GitHub, sample())), "\n")
	for i, want := range []string{
		"::error file=app/template.yaml,line=77,col=11,title=bailey%3A high required-path::F does not reach aws:ssm: blocked%0ANO_ROUTE_TO_DESTINATION (template.yaml:41): no route%0A",
		"::error file=app/bailey.yaml,line=9,col=5,title=bailey%3A critical expected-path::internet -> Db:5432 is reachable, expected blocked%0Athrough DbGroup",
		"::error file=app/template.yaml,line=12,title=bailey%3A high required-path::F does not reach Db: partial%0A",
		"::notice file=app/bailey.yaml,line=8,col=5,title=bailey%3A suppressed expected-path::",
		"::error file=app/template.yaml,line=40,col=3,title=bailey%3A high API_ROUTE_WITHOUT_AUTHORIZER::GET /open asks nothing of its caller",
		"::warning file=app/template.yaml,line=3,col=3,title=bailey%3A unknown required-path::whether F reaches aws:sqs is not known%0Anot known (app/template.yaml:3): parameter Vpc has no value",
		"::warning title=bailey%3A CFN_DEFAULT::a default was taken",
		"::notice file=app/template.yaml,line=5,col=3,title=bailey%3A CFN_IGNORED::Metadata is not read%0Anothing depends on it",
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Fatalf("line %d\n got %s\nwant %s", i, got[min(i, len(got)-1)], want)
		}
	}
	if len(got) != 8 {
		t.Errorf("%d commands, want 8", len(got))
	}
}
