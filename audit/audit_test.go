package audit_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/audit"
	"bailey/cfn"
	"bailey/cloud"
)

var update = flag.Bool("update", false, "write what the rules say into testdata")

// TestRules runs every rule's example: the template that breaks it says what
// is wrong and where, the one mended says nothing of that rule any more.
func TestRules(t *testing.T) {
	for _, e := range audit.Explanations() {
		t.Run(string(e.Code), func(t *testing.T) {
			file := filepath.Join("testdata", string(e.Code)+".txtar")
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatalf("each rule has its example: %v", err)
			}
			var got strings.Builder
			for _, f := range findings(t, section(t, a, "bad.yaml")) {
				if f.Rule == e.Code {
					fmt.Fprintf(&got, "%s %s %s: %s\n", f.At, f.Severity, f.Resource, f.Message)
				}
			}
			if *update {
				for i := range a.Files {
					if a.Files[i].Name == "want" {
						a.Files[i].Data = []byte(got.String())
					}
				}
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := section(t, a, "want"); got.String() != want || want == "" {
				t.Errorf("got\n%swant\n%s", got.String(), want)
			}
			for _, f := range findings(t, section(t, a, "good.yaml")) {
				if f.Rule == e.Code {
					t.Errorf("mended, and still: %s", f.Message)
				}
			}
		})
	}
}

func section(t *testing.T, a *txtar.Archive, name string) string {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	t.Fatalf("no section %s", name)
	return ""
}

func findings(t *testing.T, template string) []audit.Finding {
	t.Helper()
	spec, diags := cfn.Load(cfn.Input{File: "template.yaml", Data: []byte(template), Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app"}})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	m, diags := cloud.New(spec)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return audit.Check(m)
}

// Every rule says what it is about, how to mend it, and where AWS says so.
func TestEveryRuleIsExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range audit.Explanations() {
		if e.Title == "" || e.Text == "" || e.Mend == "" || !strings.HasPrefix(e.Source, "https://") || seen[string(e.Code)] {
			t.Errorf("%+v", e)
		}
		seen[string(e.Code)] = true
	}
}
