package reach_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/path"
	"bailey/project"
	"bailey/reach"
	"bailey/reach/patch"
	"bailey/source"
)

// A template is one with its project's facts, as the command reads it.
type template struct {
	name     string
	text     []byte
	project  project.Project
	question path.Question
}

// load makes the model of a root, which may have been patched.
func (w template) load(root source.Node) (*cloud.Model, error) {
	var spec cloud.Spec
	diags := w.project.Apply(&spec)
	spec, found := cfn.Load(cfn.Input{File: w.name, Root: root, Parameters: w.project.Parameters, Spec: spec})
	m, wrong := cloud.New(spec)
	if diags = append(append(diags, found...), wrong...); len(diags) > 0 {
		return nil, diags
	}
	return m, nil
}

func read(t *testing.T, name string, text []byte) source.Node {
	t.Helper()
	root, diags := document.Read(name, text)
	if len(diags) > 0 {
		t.Fatalf("%v\n%s", diags.Error(), text)
	}
	return root
}

// worlds are the failures that people have met and the example, each with what
// does not get through.
func worlds(t *testing.T) []template {
	t.Helper()
	files, err := filepath.Glob("../path/testdata/failures/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no worlds: %v", err)
	}
	var out []template
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		section := func(name, otherwise string) []byte {
			if i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name }); i >= 0 {
				return a.Files[i].Data
			}
			return []byte(otherwise)
		}
		p, diags := project.Parse(project.FileName, section(project.FileName, "region: us-west-2\n"))
		if len(diags) > 0 {
			t.Fatal(diags.Error())
		}
		for line := range strings.Lines(string(section("ask", ""))) {
			from, to, _ := strings.Cut(strings.TrimSpace(line), " ")
			out = append(out, template{filepath.Base(file), section("failing.yaml", ""), p, path.Question{From: from, To: to}})
		}
	}
	for _, to := range []string{"cognito-idp.us-west-2.amazonaws.com:443", "aws:s3", "aws:dynamodb", "StaticIp:80", "internet"} {
		folder := "../examples/rootski/states"
		p, diags := project.Load(folder, os.ReadFile)
		text, err := os.ReadFile(filepath.Join(folder, p.Template))
		if err != nil || len(diags) > 0 {
			t.Fatal(err, diags)
		}
		out = append(out, template{"rootski", text, p, path.Question{From: "PingFunction", To: to}})
	}
	p, diags := project.Parse(project.FileName, []byte("region: us-west-2\ninternet: {both.example.com: {url: \"http://127.0.0.1:1\", ipv6: true}}\n"))
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	for _, to := range []string{"both.example.com", "2001:2::7"} {
		out = append(out, template{"dual-stack", []byte(dualStack), p, path.Question{From: "F", To: to}})
	}
	return out
}

// A patch is not only proved on the model: written into the template, in YAML
// and in JSON, every one of them opens the path, and the template has no new
// diagnostic.
func TestPatchesOpenThePathWhenTheyAreWritten(t *testing.T) {
	written := 0
	for _, w := range worlds(t) {
		root := read(t, w.name, w.text)
		m, err := w.load(root)
		if err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		p, err := reach.Answer(m, w.question, nil)
		if err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		for _, f := range p.Fixes {
			if !f.Proved || !f.Edits.Writes() && f.Dials == "" {
				continue
			}
			written++
			w.check(t, f, "YAML", patchYAML(t, root, f.Patch))
			w.check(t, f, "JSON", read(t, "t.json", patchJSON(t, longForm(root), f.In(patch.JSON).Patch)))
		}
	}
	if written < 40 {
		t.Errorf("only %d patches were written", written)
	}
}

// check asks again with the patch in the template.
func (w template) check(t *testing.T, f reach.Fix, format string, root source.Node) {
	t.Helper()
	after, err := w.load(root)
	if err != nil {
		t.Errorf("%s: %s in %s: %v\n%s", w.name, f.Summary, format, err, f.Patch)
		return
	}
	q := w.question
	if f.Dials != "" {
		q.To = f.Dials
	}
	r, err := path.Why(after, q)
	if err != nil || r.Verdict != path.Reachable {
		t.Errorf("%s: %s in %s: %v %v %v\n%s", w.name, f.Summary, format, r.Verdict, r.Blockers, err, f.Patch)
	}
}

var comment = regexp.MustCompile(`^  # (\w+): (remove )?([\w.]+)(?:: (add )?(.*))?$`)

// patchYAML does what a person does with a patch: what is a resource goes below
// Resources, what a comment says is done to the resource that it names.
func patchYAML(t *testing.T, root source.Node, text string) source.Node {
	t.Helper()
	resources, _ := root.Get("Resources")
	if strings.Contains(text, "\n    Type:") {
		more, _ := read(t, "patch", []byte("Resources:\n"+text)).Get("Resources")
		resources.Entries = slices.Concat(resources.Entries, more.Entries)
	}
	for line := range strings.Lines(text) {
		c := comment.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if c == nil {
			continue
		}
		keys := append([]string{c[1], "Properties"}, strings.Split(c[3], ".")...)
		resources = edit(resources, keys, func(old source.Node, parent *source.Node, i int) {
			if c[2] != "" {
				parent.Entries = slices.Delete(parent.Entries, i, i+1)
				return
			}
			value, _ := read(t, "patch", []byte("x: "+c[5])).Get("x")
			if c[4] != "" {
				value = source.Node{Kind: source.List, Items: append(slices.Clone(old.Items), value)}
			}
			parent.Entries[i].Value = value
		})
	}
	return edit(root, []string{"Resources"}, func(_ source.Node, parent *source.Node, i int) { parent.Entries[i].Value = resources })
}

// edit copies n with a change at the place that keys lead to, made on the way.
func edit(n source.Node, keys []string, do func(old source.Node, parent *source.Node, i int)) source.Node {
	n.Kind, n.Entries = source.Map, slices.Clone(n.Entries)
	i := slices.IndexFunc(n.Entries, func(e source.Entry) bool { return e.Key == keys[0] })
	if i < 0 {
		i = len(n.Entries)
		n.Entries = append(n.Entries, source.Entry{Key: keys[0]})
	}
	if len(keys) == 1 {
		do(n.Entries[i].Value, &n, i)
		return n
	}
	n.Entries[i].Value = edit(n.Entries[i].Value, keys[1:], do)
	return n
}

// longForm is a template as JSON writes it: !Ref X is {"Ref": "X"}.
func longForm(n source.Node) any {
	var v any
	switch n.Kind {
	case source.Map:
		m := map[string]any{}
		for _, e := range n.Entries {
			m[e.Key] = longForm(e.Value)
		}
		v = m
	case source.List:
		l := []any{}
		for _, item := range n.Items {
			l = append(l, longForm(item))
		}
		v = l
	default:
		v = n.Plain()
	}
	switch tag := strings.TrimPrefix(n.Tag, "!"); tag {
	case "":
		return v
	case "Ref", "Condition":
		return map[string]any{tag: v}
	case "GetAtt":
		name, attr, _ := strings.Cut(n.Text, ".")
		return map[string]any{"Fn::GetAtt": []any{name, attr}}
	default:
		return map[string]any{"Fn::" + tag: v}
	}
}

// patchJSON applies a JSON Patch: add, remove. https://www.rfc-editor.org/rfc/rfc6902
func patchJSON(t *testing.T, doc any, text string) []byte {
	t.Helper()
	text, _, _ = strings.Cut(text, "\n#")
	var ops []struct {
		Op, Path string
		Value    any
	}
	if strings.HasPrefix(text, "[") {
		if err := json.Unmarshal([]byte(text), &ops); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
	for _, o := range ops {
		doc = apply(doc, strings.Split(o.Path, "/")[1:], o.Op, o.Value)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apply(at any, keys []string, op string, value any) any {
	key := strings.NewReplacer("~1", "/", "~0", "~").Replace(keys[0])
	switch at := at.(type) {
	case []any:
		if key == "-" {
			return append(at, value)
		}
		i, err := strconv.Atoi(key)
		if err != nil || i >= len(at) {
			panic(fmt.Sprintf("no item %s", key))
		}
		at[i] = apply(at[i], keys[1:], op, value)
		return at
	case map[string]any:
		switch {
		case len(keys) > 1 && at[key] == nil:
			panic(fmt.Sprintf("%s is not there", key))
		case len(keys) > 1:
			at[key] = apply(at[key], keys[1:], op, value)
		case op == "remove":
			delete(at, key)
		default:
			at[key] = value
		}
		return at
	}
	panic(fmt.Sprintf("nothing is below %s", key))
}
