package report

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

func proof(v, expected path.Verdict) reach.Proof {
	return reach.Proof{Expected: expected, Report: path.Report{From: "F", To: "aws:ssm", Host: "ssm.us-west-2.amazonaws.com", Protocol: netset.TCP, Port: 443, Verdict: v,
		Witness: netset.Flow{Proto: netset.TCP, Src: netip.MustParseAddrPort("10.0.1.7:41952"), Dst: netip.MustParseAddrPort("52.94.0.1:443")}}}
}

func blocked() reach.Proof {
	p := proof(path.Blocked, path.Undecided)
	p.Blockers = []path.Reason{{Code: path.NoRoute, Component: "PrivateRouteTable", Detail: "no route", At: source.Span{File: "template.yaml", Line: 41}}}
	p.Hops = []path.Hop{{Component: "FunctionSG", Kind: "security-group", Direction: "egress", Verdict: "allow", Detail: "allows everything"}}
	p.Fixes = []reach.Fix{{Summary: "add an interface endpoint", USDPerYear: 87.6, Proved: true, Patch: "x"}}
	return p
}

// The shape is a contract with programs: this is it, to the field.
func TestWhyJSONIsTheContract(t *testing.T) {
	var b bytes.Buffer
	if err := WhyJSON(&b, blocked()); err != nil {
		t.Fatal(err)
	}
	want := `{"from":"F","to":"aws:ssm","host":"ssm.us-west-2.amazonaws.com","protocol":"tcp","port":443,"verdict":"blocked",
	 "blockers":[{"code":"NO_ROUTE_TO_DESTINATION","component":"PrivateRouteTable","detail":"no route","direction":"forward","source":{"file":"template.yaml","line":41}}],
	 "witness":{"src":"10.0.1.7:41952","dst":"52.94.0.1:443"},
	 "hops":[{"component":"FunctionSG","kind":"security-group","direction":"egress","verdict":"allow","detail":"allows everything"}],
	 "fixes":[{"summary":"add an interface endpoint","usd_per_year":87.6,"proved":true,"patch":"x"}],
	 "missing":[]}`
	if got := compact(t, b.Bytes()); got != compact(t, []byte(want)) {
		t.Errorf("got  %s\nwant %s", got, compact(t, []byte(want)))
	}
}

func compact(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return b.String()
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name              string
		verdict, expected path.Verdict
		rule              string
		severity          Severity
		unknown           bool
	}{
		{"needed and there", path.Reachable, path.Undecided, "", 0, false},
		{"needed and not there", path.Blocked, path.Undecided, "required-path", High, false},
		{"some of the time is not there", path.Partial, path.Undecided, "required-path", High, false},
		{"expected to be shut, and shut", path.Blocked, path.Blocked, "", 0, false},
		{"expected to be shut, and open", path.Reachable, path.Blocked, "expected-path", Critical, false},
		{"nobody knows", path.Unknown, path.Undecided, "", 0, true},
		{"expected to be unknown", path.Unknown, path.Unknown, "", 0, false},
	} {
		check := Check{Proofs: []reach.Proof{proof(c.verdict, c.expected)}}
		found := check.Findings()
		if c.rule == "" && len(found) != 0 || c.rule != "" && (len(found) != 1 || found[0].Rule != c.rule || found[0].Severity != c.severity) {
			t.Errorf("%s: %+v", c.name, found)
		}
		if check.Unknown() != c.unknown {
			t.Errorf("%s: unknown is %v", c.name, check.Unknown())
		}
	}
}

func TestTextNamesLineAndPrice(t *testing.T) {
	var b strings.Builder
	Text{W: &b}.Check(Check{Proofs: []reach.Proof{blocked()}})
	for _, want := range []string{"F -> aws:ssm", "blocked, ", "NO_ROUTE_TO_DESTINATION template.yaml:41", "$87.60/year  add an interface endpoint", "1 path: 0 reachable, 1 blocked", "high required-path"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("colours where none were asked for")
	}
}

func TestCalls(t *testing.T) {
	var b strings.Builder
	Text{W: &b}.Calls("from outside", []Call{
		{Call: "GET /слова", Expected: "200", Observed: "200", Ran: true, AsExpected: true, Took: 12 * time.Millisecond, Detail: "{}"},
		{Call: "rotate", Expected: "done", Observed: "failed", Ran: true, Detail: "there is no pool"},
		{Call: "POST", Expected: "201", Detail: "Web: no PostgreSQL"},
	})
	want := `from outside

    call        expected  observed     time
  ✓ GET /слова  200       200         12 ms  {}
  ✗ rotate      done      failed       0 ms  there is no pool
  - POST        201       not run      0 ms  Web: no PostgreSQL

`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestOutcomes(t *testing.T) {
	var b strings.Builder
	Text{W: &b}.Outcomes("invoke F", []Outcome{
		{Call: "read", Expected: path.Reachable, Ran: true, OK: true, AsExpected: true, Took: 12 * time.Millisecond, Detail: "value"},
		{Call: "dial", Expected: path.Blocked, Ran: true, AsExpected: true, Took: 3 * time.Second, Dropped: "connect 198.19.1.1:80", Reasons: blocked().Blockers},
		{Call: "never", Expected: path.Reachable, Detail: "not run"},
		{Call: "guess", Expected: path.Reachable, Ran: true, Dropped: "connect 10.1.1.1:80", Missing: []cloud.Gap{{Because: "nobody said"}}},
	})
	for _, want := range []string{"✓ read   reachable  reachable    12 ms  value", "✓ dial   blocked    blocked      3.0 s", "connect 198.19.1.1:80 dropped", "NO_ROUTE_TO_DESTINATION template.yaml:41",
		"✗ never  reachable  not run", "not known: nobody said"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
