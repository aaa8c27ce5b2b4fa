package path_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/project"
	"bailey/reach"
)

var update = flag.Bool("update", false, "write the answers into testdata/failures")

// TestFailures goes through what really went wrong with functions in VPCs. Each
// file of testdata/failures is one world:
//
//	the failure, and where it was reported
//	failing.yaml   a template that has it
//	bailey.yaml    facts that no template states, and what must stay open,
//	               where there are any
//	ask            FROM TO, a line each
//	why            the verdict, then each blocker with its line
//	fix            the cheapest proved fix, or none
//	fixed.yaml     the template mended: every question is reachable
func TestFailures(t *testing.T) {
	files, err := filepath.Glob("testdata/failures/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no failures: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			failure{t, a}.check(file)
		})
	}
}

// A failure is one world of testdata/failures.
type failure struct {
	*testing.T
	*txtar.Archive
}

func (f failure) check(file string) {
	p := f.project()
	broken, mended := f.model(p, "failing.yaml"), f.model(p, "fixed.yaml")
	expected := f.expectations(p)
	var why, fix strings.Builder
	for line := range strings.Lines(string(f.section("ask").Data)) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		q := path.Question{From: from, To: to}
		p := f.answer(broken, q, expected)
		if p.Verdict != path.Blocked && p.Verdict != path.Partial {
			f.Errorf("%s -> %s is %v in the failing template", from, to, p.Verdict)
		}
		describe(&why, p)
		fmt.Fprintf(&fix, "%s\n", cheapest(p))
		if p := f.answer(mended, q, expected); p.Verdict != path.Reachable {
			f.Errorf("%s -> %s is %v in the mended template: %v %v", from, to, p.Verdict, p.Blockers, p.Missing)
		}
	}
	f.golden("why", why.String())
	f.golden("fix", fix.String())
	if *update {
		if err := os.WriteFile(file, txtar.Format(f.Archive), 0o666); err != nil {
			f.Fatal(err)
		}
	}
}

func (f failure) section(name string) *txtar.File {
	f.Helper()
	for i := range f.Files {
		if f.Files[i].Name == name {
			return &f.Files[i]
		}
	}
	f.Fatalf("there is no section %s", name)
	return nil
}

func (f failure) golden(name, got string) {
	f.Helper()
	want := f.section(name)
	switch {
	case *update:
		want.Data = []byte(got)
	case string(want.Data) != got:
		f.Errorf("%s\n got:\n%s\nwant:\n%s", name, got, want.Data)
	}
}

// project reads bailey.yaml, or gives the defaults where there is none.
func (f failure) project() project.Project {
	f.Helper()
	text := []byte("region: us-west-2\n")
	for _, file := range f.Files {
		if file.Name == project.FileName {
			text = file.Data
		}
	}
	p, diags := project.Parse(project.FileName, text)
	if len(diags) > 0 {
		f.Fatalf("%v", diags.Error())
	}
	return p
}

// model reads a template with the project's facts, as the command does.
func (f failure) model(p project.Project, template string) *cloud.Model {
	f.Helper()
	spec := cloud.Spec{}
	diags := p.Apply(&spec)
	spec, found := cfn.Load(cfn.Input{File: template, Data: f.section(template).Data, Parameters: p.Parameters, Spec: spec})
	diags = append(diags, found...)
	if len(diags) > 0 {
		f.Fatalf("%s:\n%v", template, diags.Error())
	}
	m, diags := cloud.New(spec)
	if len(diags) > 0 {
		f.Fatalf("%s:\n%v", template, diags.Error())
	}
	return m
}

// expectations are the paths that a fix must not close.
func (f failure) expectations(p project.Project) []reach.Expectation {
	var out []reach.Expectation
	for _, e := range p.Expect {
		v, ok := path.ParseVerdict(e.Verdict)
		if !ok {
			f.Fatalf("%v: no verdict %q", e.At, e.Verdict)
		}
		out = append(out, reach.Expectation{Question: path.Question{From: e.From, To: e.To}, Verdict: v, Because: e.Because, At: e.At})
	}
	return out
}

// answer asks, and holds a path that is expected against its verdict.
func (f failure) answer(m *cloud.Model, q path.Question, expected []reach.Expectation) reach.Proof {
	f.Helper()
	for _, e := range expected {
		if r, err := path.Why(m, e.Question); err != nil || r.Verdict != e.Verdict {
			f.Errorf("%s -> %s is %v, not %v: %v %v", e.From, e.To, r.Verdict, e.Verdict, r.Blockers, err)
		}
	}
	p, err := reach.Answer(m, q, expected)
	if err != nil {
		f.Fatalf("%s -> %s: %v", q.From, q.To, err)
	}
	return p
}

// describe gives the verdict, then a line for each blocker: code, object,
// place, and the direction where it is the reply's.
func describe(b *strings.Builder, p reach.Proof) {
	fmt.Fprintf(b, "%s -> %s: %v\n", p.From, p.To, p.Verdict)
	for _, r := range p.Blockers {
		way := ""
		if r.Direction == path.Return {
			way = " on the way back"
		}
		fmt.Fprintf(b, "  %s %s %s:%d%s\n", r.Code, r.Component, r.At.File, r.At.Line, way)
	}
	for _, g := range p.Missing {
		fmt.Fprintf(b, "  missing: %v\n", g)
	}
}

// cheapest is the first fix, which has been proved.
func cheapest(p reach.Proof) string {
	for _, f := range p.Fixes {
		if f.Proved {
			return fmt.Sprintf("$%.2f a year: %s", f.USDPerYear, f.Summary)
		}
	}
	return "none"
}

// notYet are the rows of the list of 28 failures that no world above shows,
// and what each lacks. A row that a world shows may not be here.
var notYet = []struct {
	row  int
	need string
}{
	{18, "nothing that a template states: each deletion of a function in a VPC waits for its interfaces"},
	{23, "API Gateway: cached authorizer policies"},
	{24, "API Gateway: identity sources"},
	{25, "API Gateway: authorizers on preflight requests, gateway responses"},
	{27, "API Gateway deployments"},
	{28, "how many connections are open at once, which only running it tells: 65,000 for an interface, 55,000 to one destination for a NAT gateway's address"},
}

// Each of the 28 failures is either a world or on the list of what is missing.
func TestEveryFailureIsAccountedFor(t *testing.T) {
	const rows = 28
	shown := make([]int, rows+1)
	files, err := filepath.Glob("testdata/failures/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		number, _, _ := strings.Cut(filepath.Base(file), "-")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > rows {
			t.Fatalf("%s does not begin with a row", file)
		}
		shown[n]++
	}
	for _, missing := range notYet {
		if shown[missing.row] > 0 {
			t.Errorf("row %d has a world, and is said to lack %s", missing.row, missing.need)
		}
		shown[missing.row]++
	}
	for n, times := range shown[1:] {
		if times == 0 {
			t.Errorf("row %d has no world, and nothing says what it lacks", n+1)
		}
	}
}
