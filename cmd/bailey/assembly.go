package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bailey/cdk"
	"bailey/cdk/synth"
	"bailey/cloud"
	"bailey/project"
	"bailey/reach/patch"
	"bailey/source"
)

// isAssembly reports whether a folder is what `cdk synth` writes.
func isAssembly(name string) bool { return isDir(name) && exists(filepath.Join(name, "manifest.json")) }

// isApp reports whether a folder is that of a CDK app.
func isApp(name string) bool { return isDir(name) && exists(filepath.Join(name, synth.FileName)) }

// flag gives a command the flags of what it reads.
func (r *reading) flag(cmd *cobra.Command) {
	r.given.add(cmd)
	cmd.Flags().StringVar(&r.environment, "environment", "", "ACCOUNT/REGION, or one of both: which of a CDK app's or a snapshot's environments")
}

// app synthesises a CDK app and reads what it wrote.
func (r reading) app(in input, dir string, diags source.Diags) ([]input, error) {
	c := synth.Config{Dir: dir, Progress: func(command string) { fmt.Fprintf(r.progress, "synthesising %s: %s\n", dir, command) }}
	if !in.project.At.Account.IsZero() {
		c.Account = in.project.Account
	}
	if !in.project.At.Region.IsZero() {
		c.Region = in.project.Region
	}
	folder, done := strings.CutPrefix(os.Getenv(synthesised), dir+"\n")
	if !done {
		var err error
		if folder, err = synth.Run(r.ctx, c); err != nil {
			return nil, err
		}
		if err := os.Setenv(synthesised, dir+"\n"+folder); err != nil {
			return nil, err
		}
	}
	return r.assembly(in, folder, diags)
}

// synthesised is the variable that says which app has been synthesised, and
// into which folder: sandbox.Enter runs bailey again, but the app need not be.
const synthesised = "BAILEY_SYNTHESISED"

// assembly makes the models of a CDK cloud assembly, one for each account and
// region that its stacks go to.
func (r reading) assembly(in input, folder string, diags source.Diags) ([]input, error) {
	o, err := placesOf(in.dir, folder)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	assembly, found := cdk.Load(root.FS(), o)
	if diags = append(diags, found...); diags.HasErrors() {
		return nil, diags
	}
	groups := assembly.Groups(cdk.Environment{Account: in.project.Account, Region: in.project.Region})
	var out []input
	for _, g := range groups {
		one := in
		one.project = factsFor(in.project, g.Environment, len(groups) > 1)
		one.environment = g.Environment.Account + "/" + g.Environment.Region
		spec := cloud.Spec{}
		notes := append(slices.Clone(diags), one.project.Apply(&spec)...)
		one.format, one.ignore = patch.CDK, nil
		for _, s := range g.Stacks {
			notes = append(notes, s.Annotations...)
			notes = append(notes, one.suppressions(s.File, nil, s.Template)...)
		}
		if in.project.At.Stack.IsZero() {
			spec.Stack = "" // its stacks have names of their own
		}
		spec, found = assembly.Spec(g, spec, in.project.Parameters)
		if err := one.finish(spec, append(notes, found...)); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return r.chosen(out)
}

// placesOf says how the places of an assembly are called: as seen from here,
// and its code as seen from the project's folder.
func placesOf(project, folder string) (cdk.Options, error) {
	here, err := os.Getwd()
	if err != nil {
		return cdk.Options{}, err
	}
	o := cdk.Options{Name: folder, Base: here}
	if o.Dir, err = filepath.Rel(project, folder); err != nil {
		o.Dir, err = filepath.Abs(folder)
	}
	return o, err
}

// factsFor is the project in one environment. Where there are several, what it
// states of the default VPC and Lightsail holds for its own region only.
func factsFor(p project.Project, e cdk.Environment, several bool) project.Project {
	if several && e.Region != p.Region {
		p.Facts.DefaultVPC, p.Facts.Lightsail, p.Facts.Peerings = nil, nil, nil
	}
	p.Account, p.Region = e.Account, e.Region
	return p
}

// chosen takes from the environments those that --environment asks for.
func (r reading) chosen(inputs []input) ([]input, error) {
	var names []string
	for i, in := range inputs {
		names = append(names, in.environment)
		for k, other := range inputs {
			if i != k {
				inputs[i].beside = append(inputs[i].beside, other.model)
			}
		}
	}
	if r.environment != "" {
		asked := strings.TrimPrefix(r.environment, "aws://")
		inputs = slices.DeleteFunc(inputs, func(in input) bool {
			account, region, _ := strings.Cut(in.environment, "/")
			return asked != in.environment && asked != account && asked != region
		})
	}
	switch {
	case len(inputs) == 0 && names[0] == "":
		return nil, fmt.Errorf("--environment is for CDK apps and snapshots: a template has no environment of its own; region: and account: of %s say where it goes", project.FileName)
	case len(inputs) == 0:
		return nil, fmt.Errorf("--environment %s: there is no such environment here; there are: %s", r.environment, strings.Join(names, ", "))
	case len(names) == 1:
		inputs[0].environment = "" // there is nothing to tell apart
	}
	return inputs, nil
}

// one reads PATH where only one environment will do: the only one, or the only
// one that has all of the names.
func (r reading) one(name string, names ...string) (input, error) {
	inputs, err := r.load(name)
	if err != nil {
		return input{}, err
	}
	return only(name, inputs, names...)
}

// only is the input of PATH that has all of the names, if there is but one.
func only(name string, inputs []input, names ...string) (input, error) {
	var fit []input
	for _, in := range inputs {
		if len(inputs) == 1 || len(names) > 0 && !in.elsewhere(names...) {
			fit = append(fit, in)
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	if len(fit) == 0 {
		fit = inputs
	}
	var there []string
	for _, in := range fit {
		there = append(there, in.environment)
	}
	return input{}, source.Diags{{Code: "CDK_ENVIRONMENTS", At: source.Span{File: name}, Summary: "there are several accounts and regions: " + strings.Join(there, ", "),
		Hint: "choose one: --environment " + there[0]}}
}

// elsewhere reports whether one of the names is of no resource here, but of one
// in another environment.
func (in input) elsewhere(names ...string) bool {
	has := func(m *cloud.Model, name string) bool {
		resource, _, _ := strings.Cut(name, ":")
		return len(m.Find(name)) > 0 || len(m.Find(resource)) > 0
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return !has(in.model, name) && slices.ContainsFunc(in.beside, func(m *cloud.Model) bool { return has(m, name) })
	})
}

// called gives the logical ID of a resource that bailey.yaml names.
func (in input) called(name string) (string, bool) {
	found := in.model.Find(name)
	if len(found) != 1 {
		return name, len(found) > 0
	}
	return found[0].Name, true
}
