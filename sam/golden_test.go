package sam

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/cfn/document"
	"bailey/source"
)

var update = flag.Bool("update", false, "write the outcomes into testdata/*.txtar")

// A world is one template of a golden file.
type world struct {
	name string // file and template
	doc  source.Node
}

// worlds reads every template in testdata.
func worlds(t *testing.T) []world {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	var out []world
	for _, file := range files {
		for _, f := range readArchive(t, file).Files {
			if name, ok := strings.CutSuffix(f.Name, ".yaml"); ok {
				out = append(out, world{file + ":" + name, read(t, f.Name, string(f.Data))})
			}
		}
	}
	return out
}

func readArchive(t *testing.T, file string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// read reads a template, whose Transform may be left out.
func read(t testing.TB, name, text string) source.Node {
	t.Helper()
	doc, diags := document.Read(name, []byte(text))
	if diags.HasErrors() {
		t.Fatalf("%s: %v", name, diags)
	}
	return doc
}

func transform(doc source.Node) (source.Node, source.Diags) {
	return Transform(doc, Options{Region: "eu-west-1"})
}

// outcome is a template as the golden files have it: indented JSON, or one line
// a diagnostic.
func outcome(doc source.Node) string {
	got, diags := transform(doc)
	if diags.HasErrors() {
		var b strings.Builder
		for _, d := range diags.Sorted() {
			fmt.Fprintf(&b, "%d:%d %s %s\n", d.At.Line, d.At.Col, d.Code, d.Summary)
		}
		return b.String()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(got.Plain()); err != nil {
		return err.Error()
	}
	return b.String()
}

// Each golden file holds templates, name.yaml, and what becomes of each,
// name.out.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		a := readArchive(t, file)
		old, made := map[string]string{}, &txtar.Archive{Comment: a.Comment}
		for _, f := range a.Files {
			old[f.Name] = string(f.Data)
		}
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".yaml")
			if !ok {
				continue
			}
			got := outcome(read(t, f.Name, string(f.Data)))
			if want := old[name+".out"]; got != want && !*update {
				t.Errorf("%s: %s:\ngot  %s\nwant %s", file, name, got, want)
			}
			made.Files = append(made.Files, f, txtar.File{Name: name + ".out", Data: []byte(got)})
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(made), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Every golden template means here what it means to AWS's own translator.
func TestGoldenAgainstOracle(t *testing.T) {
	var questions []question
	all := worlds(t)
	for _, w := range all {
		questions = append(questions, ask(w.doc))
	}
	answers, ok := askOracle(t, questions)
	if !ok {
		return
	}
	equal := 0
	for i, w := range all {
		got, diags := transform(w.doc)
		if judge(t, w.name, got, diags, answers[i]) {
			equal++
		}
	}
	t.Logf("%d of %d templates equal", equal, len(all))
}
