package report

import (
	"strings"
	"testing"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

func ignoring(s ...source.Suppression) Check {
	p := blocked()
	p.Blockers[0].Component = "PrivateRouteTable"
	return Check{Input: "t.yaml", Proofs: []reach.Proof{p}, Ignore: s, Today: "2026-11-21"}
}

// What a suppression is for: a rule or a code, and the resource, the path or
// what blocks it.
func TestWhatASuppressionIsFor(t *testing.T) {
	for _, c := range []struct {
		id, resource, expires string
		suppressed            bool
	}{
		{"required-path", "F", "", true},
		{"NO_ROUTE_TO_DESTINATION", "F", "", true},
		{"NO_ROUTE_TO_DESTINATION", "PrivateRouteTable", "", true},
		{"required-path", "F -> aws:ssm", "", true},
		{"*", "F", "", true},
		{"required-path", "G", "", false},
		{"required-path", "F -> aws:sqs", "", false},
		{"expected-path", "F", "", false},
		{"SUBNET_ACL_RESTRICTION", "F", "", false},
		{"required-path", "", "", false},
		{"required-path", "F", "2026-11-21", true},
		{"required-path", "F", "2026-11-20", false},
	} {
		f := ignoring(source.Suppression{ID: c.id, Resource: c.resource, Reason: "because", Expires: c.expires}).Findings()
		if len(f) != 1 || f[0].Suppressed != c.suppressed {
			t.Errorf("%+v: %+v", c, f)
		}
		if c.suppressed && f[0].Justification != "because" || (f[0].Ended != "") != (c.expires == "2026-11-20") {
			t.Errorf("%+v: %q, %q", c, f[0].Justification, f[0].Ended)
		}
	}
}

// A suppressed finding is in every format, with its reason, and fails nothing.
func TestASuppressedFindingIsNeverDropped(t *testing.T) {
	c := ignoring(source.Suppression{ID: "required-path", Resource: "F", Reason: "it moves in May", At: source.Span{File: "t.yaml", Line: 4, Col: 3}})
	if c.Fails(Low) {
		t.Error("it fails the run")
	}
	var text strings.Builder
	Text{W: &text}.Check(c)
	for name, out := range map[string]string{"text": text.String(), "json": rendered(t, func(b *strings.Builder) error { return CheckJSON(b, c) }),
		"sarif": render(t, SARIF, c), "junit": render(t, JUnit, c), "markdown": render(t, Markdown, c), "github": render(t, GitHub, c)} {
		if !strings.Contains(out, "it moves in May") {
			t.Errorf("%s does not say why:\n%s", name, out)
		}
	}
	log := render(t, SARIF, c)
	if !strings.Contains(log, `"kind": "inSource"`) || validate(t, sarifSchemaOracle(t), log) != nil {
		t.Errorf("SARIF: %v\n%s", validate(t, sarifSchemaOracle(t), log), log)
	}
}

func rendered(t *testing.T, write func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every finding has a severity, and says why it has it.
func TestSeveritiesSayWhy(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range []reach.Proof{blocked(), proof(path.Partial, path.Undecided), proof(path.Blocked, path.Reachable), proof(path.Reachable, path.Blocked)} {
		f := Check{Proofs: []reach.Proof{p}}.Findings()
		if len(f) != 1 || f[0].Severity < Low || f[0].Because == "" || seen[f[0].Because] {
			t.Errorf("%+v", f)
			continue
		}
		seen[f[0].Because] = true
	}
}

// The cheapest set of changes is told in text and JSON, with what else there is.
func TestRemedyIsTold(t *testing.T) {
	c := Check{Input: "t.yaml", Proofs: []reach.Proof{blocked(), blocked()}, Prices: "prices of us-east-1",
		Remedy: &reach.Remedy{Summary: "add a, and add b", USDPerYear: 262.8, USDInAllZones: 525.6, Paths: 3, Left: []string{"F -> x"}, Other: &reach.Remedy{Summary: "add a NAT gateway in p", USDPerYear: 438, USDInAllZones: 876}}}
	c.Proofs[1].Like = "F -> aws:ssm"
	var text strings.Builder
	Text{W: &text}.Check(c)
	for _, want := range []string{"$262.80/year mends 3 of 4, proved together (in every zone: $525.60)\n  - add a\n  - add b\n", "with a NAT gateway: $438.00/year (in every zone: $876.00)", "no fix for F -> x", "prices of us-east-1", "fix       as for F -> aws:ssm"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	out := rendered(t, func(b *strings.Builder) error { return CheckJSON(b, c) })
	for _, want := range []string{`"usd_per_year": 262.8`, `"usd_per_year_all_zones": 525.6`, `"other": {`, `"prices": "prices of us-east-1"`} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// Nothing but a name makes a line longer than a terminal is wide.
func TestTextFitsATerminal(t *testing.T) {
	p := blocked()
	p.Blockers[0].Detail = strings.Repeat("the default route leads to an internet gateway ", 5)
	p.Fixes = []reach.Fix{{Summary: strings.Repeat("add a NAT gateway in PublicSubnet ", 5), USDPerYear: 438, Proved: true, Breaks: []string{"F -> Web:80"}}}
	var text strings.Builder
	Text{W: &text}.Check(Check{Proofs: []reach.Proof{p}})
	for line := range strings.Lines(text.String()) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 && !strings.Contains(line, "witness") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
