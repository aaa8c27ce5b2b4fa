package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/project"
	"bailey/reach"
	"bailey/source"
)

// An input is what PATH leads to: a project, its template, and their model.
type input struct {
	dir     string // the project's folder
	project project.Project
	model   *cloud.Model
	notes   source.Diags // warnings and notes of the readers
}

// load reads PATH: a folder with a bailey.yaml, a bailey.yaml, or a template.
func load(name string) (input, error) {
	in := input{}
	var diags source.Diags
	template := ""
	if base := filepath.Base(name); isDir(name) || base == project.FileName {
		if err := refuseFolder(name); err != nil {
			return in, err
		}
		in.project, diags = project.Load(name, os.ReadFile)
		in.dir = filepath.Dir(in.project.File)
		if in.project.Template == "" && !diags.HasErrors() {
			diags.Add(source.Diag{Code: "PROJECT_NO_TEMPLATE", At: source.Span{File: in.project.File}, Summary: "the project names no template", Hint: "add template: template.yaml"})
		}
		template = filepath.Join(in.dir, in.project.Template)
	} else {
		in.project, diags = project.Parse(filepath.Join(filepath.Dir(name), project.FileName), nil)
		in.dir, template = filepath.Dir(name), name
	}
	if diags.HasErrors() {
		return in, diags
	}
	if abs, err := filepath.Abs(in.dir); err == nil && in.project.At.Stack.IsZero() {
		in.project.Stack = project.StackName(abs) // also where dir is "."
	}
	return in, in.read(template, diags)
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// refuseFolder names what a folder is that is not read yet.
func refuseFolder(name string) error {
	if !isDir(name) || exists(filepath.Join(name, project.FileName)) {
		return nil
	}
	d := source.Diag{Code: "INPUT_NOT_READ", At: source.Span{File: name}, Hint: "give a CloudFormation template, or a folder with a " + project.FileName}
	switch {
	case exists(filepath.Join(name, "manifest.json")):
		d.Summary = "this is a CDK cloud assembly, which bailey does not read yet"
		d.Hint = "give one of its *.template.json files"
	case len(glob(name, "*.tf")) > 0 || len(glob(name, "*.tf.json")) > 0:
		d.Summary = "this is a Terraform configuration, which bailey does not read yet"
	case len(glob(name, "*.json")) > 0:
		d.Summary = "this folder has no " + project.FileName + "; snapshots of `aws ... describe-*` are not read yet"
	default:
		d.Summary = "this folder has no " + project.FileName
	}
	return source.Diags{d}
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

func glob(dir, pattern string) []string {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil
	}
	return found
}

// read makes the model of the template and the project's facts.
func (in *input) read(template string, diags source.Diags) error {
	data, err := os.ReadFile(template)
	if err != nil {
		d := source.Diag{Code: "INPUT_UNREADABLE", At: source.Span{File: template}, Summary: "cannot read the template: " + cause(err)}
		if !in.project.At.Template.IsZero() {
			d.At, d.Summary = in.project.At.Template, "cannot read the template "+template+": "+cause(err)
		}
		diags.Add(d)
		return diags
	}
	if strings.HasSuffix(template, ".tf") {
		return source.Diags{{Code: "INPUT_NOT_READ", At: source.Span{File: template}, Summary: "bailey does not read Terraform yet", Hint: "give a CloudFormation template"}}
	}
	spec := cloud.Spec{}
	diags = append(diags, in.project.Apply(&spec)...)
	spec, found := cfn.Load(cfn.Input{File: template, Data: data, Parameters: in.project.Parameters, Spec: spec})
	diags = append(diags, found...)
	if diags.HasErrors() {
		return diags
	}
	m, found := cloud.New(spec)
	diags = append(diags, found...)
	if diags.HasErrors() {
		return diags
	}
	in.model, in.notes = m, diags
	return nil
}

// cause is the system's own words about a file, without its name.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// expectations are the project's, as questions.
func (in input) expectations() ([]reach.Expectation, source.Diags) {
	var out []reach.Expectation
	var diags source.Diags
	for _, e := range in.project.Expect {
		v, ok := path.ParseVerdict(e.Verdict)
		proto, err := protocol(e.Protocol)
		if !ok || err != nil {
			diags.Errorf("PROJECT_BAD_VALUE", e.At, "expect: verdict %q or protocol %q is none that there is", e.Verdict, e.Protocol)
			continue
		}
		out = append(out, reach.Expectation{Question: path.Question{From: e.From, To: e.To, Protocol: proto}, Verdict: v, Because: e.Because, At: e.At})
	}
	return out, diags
}
