package report

import (
	"strings"
	"testing"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// What was written is accepted on reading; nothing else is, and nothing is lost.
func TestBaselineThereAndBack(t *testing.T) {
	c := sample()
	b, err := ReadBaseline("b.json", []byte(render(t, WriteBaseline, c)))
	if err != nil {
		t.Fatal(err)
	}
	before := len(c.Findings())
	c.Baseline = b
	found := c.Findings()
	if len(found) != before || before != 5 {
		t.Fatalf("%d findings became %d", before, len(found))
	}
	for _, f := range found {
		if !f.Suppressed || f.Justification == "" {
			t.Errorf("not suppressed, or without a word: %+v", f)
		}
	}
	if found[3].Justification != "replaced in the next release" {
		t.Errorf("the justification was lost: %q", found[3].Justification)
	}
	if c.Fails(Low) {
		t.Error("suppressed findings fail the run")
	}
	if s := c.summary(); s.Findings != 0 || s.Suppressed != 5 {
		t.Errorf("summary: %+v", s)
	}
	if !c.Unknown() {
		t.Error("a baseline cannot know what is not known")
	}
	c.Proofs = append(c.Proofs, proof(path.Blocked, path.Reachable))
	if !c.Fails(Low) || c.summary().Findings != 1 {
		t.Error("a new finding is accepted")
	}
}

func TestFails(t *testing.T) {
	high := Check{Proofs: []reach.Proof{blocked()}}
	for least, want := range map[Severity]bool{Low: true, High: true, Critical: false} {
		if high.Fails(least) != want {
			t.Errorf("a high finding at --fail-on %s: %v", least, !want)
		}
	}
}

// What was accepted is accepted as it was: a path that was meant to be shut and
// is open now is not what anybody agreed to.
func TestBaselineDoesNotAcceptWhatGotWorse(t *testing.T) {
	c := Check{Proofs: []reach.Proof{proof(path.Partial, path.Blocked)}}
	c.Baseline = accepting(c, "", c.Proofs...)
	if c.Fails(Low) || c.Findings()[0].Justification != unexplained {
		t.Errorf("%+v", c.Findings())
	}
	c.Proofs[0].Verdict = path.Reachable
	if !c.Fails(Critical) {
		t.Error("critical now, and still accepted")
	}
}

func TestFingerprints(t *testing.T) {
	of := func(change func(*reach.Proof)) string {
		p := blocked()
		change(&p)
		f, _ := Check{}.judge(p)
		return f.Fingerprint()
	}
	plain := of(func(*reach.Proof) {})
	for name, same := range map[string]func(*reach.Proof){
		"moved lines":      func(p *reach.Proof) { p.At = spot("t.yaml", 900, 4); p.Blockers[0].At.Line = 7 },
		"another file":     func(p *reach.Proof) { p.At.File = "elsewhere.yaml" },
		"another blocker":  func(p *reach.Proof) { p.Blockers[0].Code = path.SubnetACL },
		"another address":  func(p *reach.Proof) { p.Witness.Src = p.Witness.Dst },
		"another wording":  func(p *reach.Proof) { p.Because = "else" },
		"partial, no more": func(p *reach.Proof) { p.Verdict = path.Partial },
	} {
		if of(same) != plain {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	for name, other := range map[string]func(*reach.Proof){
		"source":      func(p *reach.Proof) { p.From = "G" },
		"destination": func(p *reach.Proof) { p.To = "aws:sqs" },
		"port":        func(p *reach.Proof) { p.Port = 80 },
		"protocol":    func(p *reach.Proof) { p.Protocol = 17 },
		"rule":        func(p *reach.Proof) { p.Expected = path.Reachable },
		"boundaries":  func(p *reach.Proof) { p.From, p.To = `F" "aws:`, "ssm" },
	} {
		if of(other) == plain {
			t.Errorf("another %s: the same fingerprint", name)
		}
	}
}

func TestReadBaselineRefuses(t *testing.T) {
	const entry = `{"fingerprint": "ab", "severity": "high"}`
	for name, c := range map[string]struct {
		data, want string
	}{
		"empty":          {"", "b.json: error: not a baseline: EOF [BASELINE_INVALID]"},
		"not json":       {"{\n\n!", "b.json:3: error: not a baseline"},
		"wrong type":     {"{\"version\": 1,\n\"findings\": 7}", "b.json:2: error: not a baseline"},
		"unknown key":    {`{"version": 1, "expires": "never"}`, `unknown field "expires"`},
		"later version":  {`{"version": 2}`, "a baseline of version 2 cannot be read: this is version 1 [BASELINE_VERSION]"},
		"no version":     {`{"findings": []}`, "BASELINE_VERSION"},
		"no fingerprint": {`{"version": 1, "findings": [` + entry + `, {"severity": "high"}]}`, "finding 2 needs a fingerprint"},
		"no severity":    {`{"version": 1, "findings": [{"fingerprint": "ab", "severity": "none"}]}`, "finding 1 needs"},
		"two in one":     {`{"version": 1} {"version": 1}`, "something follows"},
	} {
		_, err := ReadBaseline("b.json", []byte(c.data))
		if _, ok := err.(source.Diags); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if b, err := ReadBaseline("b.json", []byte(`{"version": 1, "findings": [`+entry+`]}`)); err != nil || len(b.entries) != 1 {
		t.Errorf("a good one: %v %v", b, err)
	}
}

func FuzzReadBaseline(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"version": 1, "findings": [{"fingerprint": "ab", "severity": "high"}]}`, "{\n\"version\": \"1\"}", "[1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ReadBaseline("b.json", data)
		if err != nil && err.Error() == "" {
			t.Error("an error without a word")
		}
		c := Check{Proofs: []reach.Proof{blocked()}, Baseline: b}
		if len(c.Findings()) != 1 {
			t.Error("a baseline dropped a finding")
		}
	})
}
