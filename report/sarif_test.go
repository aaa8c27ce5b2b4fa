package report

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

func readSARIF(t *testing.T, checks ...Check) sarifLog {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, SARIF, checks...)), &log); err != nil {
		t.Fatal(err)
	}
	return log
}

// The standard's own schema takes every log that is written, also one full of
// hostile names, and would not take a wrong one.
func TestSARIFMeetsItsSchema(t *testing.T) {
	schema := sarifSchemaOracle(t)
	for name, checks := range map[string][]Check{
		"none": {}, "empty": {{Input: "."}}, "sample": {sample()}, "two": {sample(), {Input: "/abs/other", Proofs: []reach.Proof{blocked()}}},
		"hostile": hostileChecks(),
	} {
		if err := validate(t, schema, render(t, SARIF, checks...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := render(t, SARIF, sample())
	for _, wrong := range []struct{ old, new string }{
		{`"2.1.0",`, `"2.0.0",`}, {`"kind": "fail"`, `"kind": "failed"`}, {`"executionSuccessful"`, `"successful"`},
		{`"startLine": 77`, `"startLine": 0`}, {`"importance": "essential"`, `"importance": "high"`}, {`"status": "accepted"`, `"state": "accepted"`},
	} {
		bad := strings.Replace(good, wrong.old, wrong.new, 1)
		if bad == good {
			t.Errorf("%s is not in the log", wrong.old)
		} else if validate(t, schema, bad) == nil {
			t.Errorf("the schema takes %s", wrong.new)
		}
	}
}

func validate(t *testing.T, schema *jsonschema.Schema, log string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

// sarifSchemaOracle reads the schema from the package of npm that ships it, in
// $BAILEY_ORACLES or, installed once, in the user's cache.
func sarifSchemaOracle(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const pkg, file = "@microsoft/jest-sarif@1.0.0-beta.0", "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
	dir := os.Getenv("BAILEY_ORACLES")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("skipped: no cache folder to install %s into: %v", pkg, err)
		}
		dir = filepath.Join(cache, "bailey-oracles")
	}
	if _, err := os.Stat(filepath.Join(dir, file)); errors.Is(err, os.ErrNotExist) {
		dir = filepath.Join(dir, "sarif") // a folder of its own: others may install at the same time
	}
	if _, err := os.Stat(filepath.Join(dir, file)); errors.Is(err, os.ErrNotExist) {
		out, err := exec.Command("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir, pkg).CombinedOutput()
		if err != nil {
			t.Skipf("skipped: npm cannot install %s: %v: %.200s", pkg, err, out)
		}
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What the standard asks for beyond its schema, and what code scanning refuses.
func TestSARIFHoldsTogether(t *testing.T) {
	for _, run := range readSARIF(t, append(hostileChecks(), sample())...).Runs {
		for _, r := range run.Results {
			if r.RuleIndex < 0 || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("rule %d is not %s", r.RuleIndex, r.RuleID)
			}
			if (r.Kind == "fail") == (r.Level == "none") {
				t.Errorf("kind %s with level %s", r.Kind, r.Level)
			}
			if r.Suppressions == nil {
				t.Error("suppressions must be on all results or on none")
			}
			if len(r.Locations) != 1 {
				t.Errorf("%d locations", len(r.Locations))
			}
			for i, l := range r.Related {
				checkPlace(t, l)
				if l.ID == nil || *l.ID != i {
					t.Errorf("related location %d has id %v", i, l.ID)
				}
			}
			checkPlace(t, r.Locations[0])
			checkFlow(t, r)
		}
	}
}

func checkFlow(t *testing.T, r sarifResult) {
	t.Helper()
	for _, f := range r.CodeFlows {
		for i, s := range f.ThreadFlows[0].Locations {
			checkPlace(t, s.Location)
			if s.ExecutionOrder != i+1 || s.Location.Message.Text == "" {
				t.Errorf("step %d: %+v", i, s)
			}
		}
	}
}

func checkPlace(t *testing.T, l sarifLocation) {
	t.Helper()
	if l.Physical == nil {
		t.Errorf("a location without a file: %+v", l)
		return
	}
	a := l.Physical.Artifact
	u, err := url.Parse(a.URI)
	if err != nil || u.IsAbs() == (a.URIBaseID == srcRoot) || u.Host != "" || u.RawQuery != "" || u.Fragment != "" {
		t.Errorf("uri %q below %q: %v", a.URI, a.URIBaseID, err)
	}
}

// The path is the code flow: every hop, in order, the one that blocks with its
// reason and its line.
func TestSARIFCodeFlowIsThePath(t *testing.T) {
	r := readSARIF(t, sample()).Runs[0].Results[0]
	steps := r.CodeFlows[0].ThreadFlows[0].Locations
	var got []string
	for _, s := range steps {
		got = append(got, s.Location.Logical[0].Name+" "+s.Importance)
	}
	if want := "FunctionSG important, PrivateRouteTable essential"; strings.Join(got, ", ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	last := steps[1]
	if last.Location.Physical.Region.StartLine != 41 || last.Properties.ReasonCode != "NO_ROUTE_TO_DESTINATION" {
		t.Errorf("the blocking hop: %+v", last)
	}
	if got := strings.Join(r.Properties.ReasonCodes, " "); got != "NO_ROUTE_TO_DESTINATION SUBNET_ACL_RESTRICTION" {
		t.Errorf("reason codes: %s", got)
	}
}

func TestSARIFKinds(t *testing.T) {
	results := readSARIF(t, sample()).Runs[0].Results
	for i, want := range []struct{ kind, level, severity, suppressed string }{
		{"fail", "error", "8.0", ""},
		{"fail", "error", "9.5", ""},
		{"fail", "error", "8.0", ""},
		{"fail", "error", "8.0", "replaced in the next release"},
		{"fail", "error", "8.0", ""},
		{"open", "none", "", ""},
	} {
		r := results[i]
		if r.Kind != want.kind || r.Level != want.level || r.Properties.SecuritySeverity != want.severity {
			t.Errorf("result %d: %s %s %s", i, r.Kind, r.Level, r.Properties.SecuritySeverity)
		}
		if (want.suppressed == "") != (len(r.Suppressions) == 0) || want.suppressed != "" && r.Suppressions[0].Justification != want.suppressed {
			t.Errorf("result %d: suppressions %+v", i, r.Suppressions)
		}
	}
	if len(results) != 6 {
		t.Errorf("%d results, want 6", len(results))
	}
}

// A resolver that refuses has the place of its VPC's setting.
func TestSARIFPlacesTheResolver(t *testing.T) {
	p := proof(path.Blocked, path.Undecided)
	p.Hops = []path.Hop{{Component: "Vpc resolver", Kind: "dns", Direction: "egress", Verdict: "deny", Detail: "no address"}}
	p.Blockers = []path.Reason{{Code: path.DNSSupportOff, Component: "Vpc", Detail: "off", At: spot("t.yaml", 6, 1)}}
	step := readSARIF(t, Check{Input: "t.yaml", Proofs: []reach.Proof{p}}).Runs[0].Results[0].CodeFlows[0].ThreadFlows[0].Locations[0]
	if step.Location.Physical.Region == nil || step.Location.Physical.Region.StartLine != 6 || step.Properties == nil {
		t.Errorf("%+v", step)
	}
}

// Inserting lines above changes places and nothing by which a finding is known.
func TestSARIFFingerprintsStayWhenLinesMove(t *testing.T) {
	moved := sample()
	for i := range moved.Proofs {
		moved.Proofs[i].At.Line += 100
		for j := range moved.Proofs[i].Blockers {
			moved.Proofs[i].Blockers[j].At.Line += 100
		}
	}
	before, after := readSARIF(t, sample()).Runs[0].Results, readSARIF(t, moved).Runs[0].Results
	seen := map[string]bool{}
	for i, r := range before {
		for key, print := range r.Fingerprints {
			if after[i].Fingerprints[key] != print || seen[print] {
				t.Errorf("%s of result %d: %s, then %s", key, i, print, after[i].Fingerprints[key])
			}
			seen[print] = true
		}
	}
	if before[0].Locations[0].Physical.Region.StartLine == after[0].Locations[0].Physical.Region.StartLine {
		t.Error("nothing moved")
	}
}

func TestURI(t *testing.T) {
	for file, want := range map[string]sarifArtifact{
		"template.yaml":          {"template.yaml", srcRoot},
		"./a/../t.yaml":          {"t.yaml", srcRoot},
		"my app/t#1?.yaml":       {"my%20app/t%231%3F.yaml", srcRoot},
		"c:t.yaml":               {"./c:t.yaml", srcRoot},
		"100%.yaml":              {"100%25.yaml", srcRoot},
		"/abs/t.yaml":            {"file:///abs/t.yaml", ""},
		"../t.yaml":              {"../t.yaml", srcRoot},
		"a\nb\xff.yaml":          {"a%0Ab%FF.yaml", srcRoot},
		"//host/share.yaml":      {"file:///host/share.yaml", ""},
		"dir/\u00e9t\u00e9.yaml": {"dir/%C3%A9t%C3%A9.yaml", srcRoot},
	} {
		if got := uri(file); got != want {
			t.Errorf("%q: got %+v, want %+v", file, got, want)
		}
	}
}

func TestAutomationID(t *testing.T) {
	for input, want := range map[string]string{".": "bailey/", "app": "bailey/app/", "./app/": "bailey/app/", "a/t.yaml": "bailey/a/t.yaml/", "": "bailey/"} {
		if got := automationID(input); got != want {
			t.Errorf("%q: got %q, want %q", input, got, want)
		}
	}
}

func TestSARIFText(t *testing.T) {
	for in, want := range map[string]string{
		"plain":         "plain",
		"arn:${Stage}":  "arn:${{Stage}}",
		"[::1]:443":     "[::1]:443",
		"[see](http:x)": `\[see\](http:x)`,
	} {
		if got := sarifText(in).Text; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSARIFLevels(t *testing.T) {
	for s, want := range map[Severity]string{Low: "note 2.0", Medium: "warning 5.5", High: "error 8.0", Critical: "error 9.5"} {
		if got := level(s) + " " + securitySeverity(s); got != want {
			t.Errorf("%s: got %s, want %s", s, got, want)
		}
	}
}

// A finding about a resource rather than a path is a result too.
func TestSARIFWithoutAPath(t *testing.T) {
	r := Check{Input: "t.yaml"}.result(Finding{Rule: "none-of-ours", Severity: Low, Resource: "Api", Message: "m", At: source.Span{File: "t.yaml", Line: 2}})
	if r.RuleIndex != -1 || r.Level != "note" || r.Locations[0].Physical.Region.StartLine != 2 || r.Fingerprints["baileyPath/v1"] != fingerprint("", "none-of-ours", "Api", "m") {
		t.Errorf("%+v", r)
	}
}
