package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bailey/cdk/synth"
	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/path"
	"bailey/project"
	"bailey/reach"
	"bailey/reach/patch"
	"bailey/source"
	"bailey/terraform"
)

// An input is what PATH leads to: a project, its template, and their model.
type input struct {
	dir     string // the project's folder
	project project.Project
	model   *cloud.Model
	notes   source.Diags // warnings and notes of the readers
	// shared is set where the project is also that of another version of the
	// template: parameters that this one does not declare are the other's.
	shared bool
	// environment is the account and region, where PATH has several.
	environment string
	beside      []*cloud.Model // of the other environments
	ignore      []source.Suppression
	format      patch.Format // in which fixes are written
}

// A reading is how PATH is read.
type reading struct {
	ctx         context.Context
	environment string    // --environment: which one of several; empty: all
	progress    io.Writer // told what takes long
	given       parameterFlags
}

// load reads PATH: a folder with a bailey.yaml, a bailey.yaml, a template, a
// CDK cloud assembly, the folder of a CDK app or of a Terraform configuration,
// a Terraform plan, or a snapshot. It gives one input for each account and region.
func (r reading) load(name string) ([]input, error) {
	in := input{}
	values, err := r.given.read()
	if err != nil {
		return nil, err
	}
	if filepath.Base(name) == synth.FileName {
		name = filepath.Dir(name)
	}
	var diags source.Diags
	template := ""
	if strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tf.json") {
		name = filepath.Dir(name)
	}
	bare := (isTerraform(name) || isSnapshot(name)) && !exists(filepath.Join(name, project.FileName))
	if base := filepath.Base(name); isDir(name) && !isAssembly(name) && !bare || base == project.FileName {
		if err := refuseFolder(name); err != nil {
			return nil, err
		}
		if isApp(name) && !exists(filepath.Join(name, project.FileName)) {
			in.project, diags = project.Parse(filepath.Join(name, project.FileName), nil)
		} else {
			in.project, diags = project.Load(name, os.ReadFile)
		}
		in.dir = filepath.Dir(in.project.File)
		if in.project.Template == "" && !isApp(in.dir) && !isTerraform(in.dir) && !diags.HasErrors() {
			diags.Add(source.Diag{Code: "PROJECT_NO_TEMPLATE", At: source.Span{File: in.project.File}, Summary: "the project names no template", Hint: "add template: template.yaml"})
		}
		template = filepath.Join(in.dir, in.project.Template)
	} else {
		in.project, diags = project.Parse(filepath.Join(filepath.Dir(name), project.FileName), nil)
		in.dir, template = filepath.Dir(name), name
		if bare {
			in.dir = name
		}
		if file := filepath.Join(filepath.Dir(name), project.FileName); exists(file) {
			diags.Add(source.Diag{Severity: source.Note, Code: "PROJECT_NOT_READ", At: source.Span{File: file}, Summary: "not read: " + name + " was asked for by itself",
				Hint: "give the folder, and its facts, parameters and expectations count"})
		}
	}
	if diags.HasErrors() {
		return nil, diags
	}
	if in.project.Parameters == nil {
		in.project.Parameters = map[string]source.Node{}
	}
	maps.Copy(in.project.Parameters, values)
	if abs, err := filepath.Abs(in.dir); err == nil && in.project.At.Stack.IsZero() {
		in.project.Stack = project.StackName(abs) // also where dir is "."
	}
	return r.read(in, template, diags)
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// refuseFolder names what a folder is that is not read yet.
func refuseFolder(name string) error {
	if !isDir(name) || exists(filepath.Join(name, project.FileName)) || isApp(name) {
		return nil
	}
	d := source.Diag{Code: "INPUT_NOT_READ", At: source.Span{File: name}, Hint: whatIsRead}
	switch {
	case len(glob(name, "*.json")) > 0:
		d.Summary = "this folder has no " + project.FileName + ", and none of its JSON files is what `aws ... describe-*` prints"
	default:
		d.Summary = "this folder has no " + project.FileName
	}
	if found := templatesIn(name); len(found) > 0 {
		d.Summary, d.Hint = "this folder has no "+project.FileName, "give the template itself: "+strings.Join(found, ", ")
	}
	return source.Diags{d}
}

// whatIsRead says what PATH may be.
const whatIsRead = "give a CloudFormation or SAM template, a CDK app's folder or its cdk.out, a Terraform configuration's folder or a plan in JSON, a folder of what `aws ... describe-*` printed, or a folder with a " + project.FileName

// templatesIn are the files of a folder that are called as templates are.
func templatesIn(dir string) (out []string) {
	for _, pattern := range []string{"template.y*ml", "template.json", "*.template.y*ml", "*.template.json", "*.template"} {
		out = append(out, glob(dir, pattern)...)
	}
	return out
}

// namesIn are the names in a folder.
func namesIn(dir string) (out []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

func glob(dir, pattern string) []string {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil
	}
	return found
}

// read makes the models of what the template's path leads to and the project's
// facts.
func (r reading) read(in input, template string, diags source.Diags) ([]input, error) {
	switch {
	case isAssembly(template):
		return r.assembly(in, template, diags)
	case isApp(template):
		return r.app(in, template, diags)
	case isTerraform(template):
		if err := in.readConfiguration(template, diags); err != nil {
			return nil, err
		}
		return r.chosen([]input{in})
	case isSnapshot(template):
		return r.snapshot(in, template, diags)
	}
	if err := in.readTemplate(template, diags); err != nil {
		return nil, err
	}
	return r.chosen([]input{in})
}

// readTemplate makes the model of one template and the project's facts.
func (in *input) readTemplate(template string, diags source.Diags) error {
	data, err := readFile(template)
	if err != nil {
		d := source.Diag{Code: "INPUT_UNREADABLE", At: source.Span{File: template}, Summary: "cannot read the template: " + cause(err), Hint: source.DidYouMean(filepath.Base(template), namesIn(filepath.Dir(template)), whatIsRead)}
		if !in.project.At.Template.IsZero() {
			d.At, d.Summary = in.project.At.Template, "cannot read the template "+template+": "+cause(err)
		}
		diags.Add(d)
		return diags
	}
	data = document.UTF8(data)
	if terraform.IsPlan(data) {
		return in.readPlan(template, data, diags)
	}
	spec := cloud.Spec{}
	diags = append(diags, in.project.Apply(&spec)...)
	root, found := document.Read(template, data)
	if diags = append(diags, found...); diags.HasErrors() {
		return diags
	}
	if in.shared {
		maps.DeleteFunc(in.project.Parameters, func(name string, _ source.Node) bool { _, ok := root.Path("Parameters", name); return !ok })
	}
	found = in.suppressions(template, data, root)
	if diags = append(diags, found...); diags.HasErrors() {
		return diags
	}
	in.format = formatOf(data)
	spec, found = cfn.Load(cfn.Input{File: template, Root: root, Parameters: in.project.Parameters, Spec: spec, Open: openFile})
	return in.finish(spec, append(diags, found...))
}

// formatOf is the format of a template, in which its fixes are written.
func formatOf(data []byte) patch.Format {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return patch.JSON
	}
	return patch.YAML
}

// suppressions collects what the project and a template accept.
func (in *input) suppressions(template string, data []byte, root source.Node) source.Diags {
	found, diags := cfn.Suppressions(template, data, root)
	in.ignore = append(slices.Clip(in.ignore), found...)
	return diags
}

// finish makes the model, unless something is wrong with what was read.
func (in *input) finish(spec cloud.Spec, diags source.Diags) error {
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
		if in.elsewhere(e.From, e.To) {
			continue
		}
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
