package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"bailey/diff"
	"bailey/project"
	"bailey/report"
	"bailey/source"
)

// diffFormats are the formats of diff.
var diffFormats = []string{"text", "json", "sarif", "junit", "markdown", "github"}

func diffCommand() *cobra.Command {
	var formats []string
	var failOn string
	var r reading
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "What a change opens, closes or makes unknown, each with a packet and the reason",
		Long: `What a change opens, closes or makes unknown, each with a packet and the reason.

OLD and NEW are whatever check reads, in any two formats. Resources are matched
by name. A bailey.yaml beside a template, or in a folder above it, states the
facts, parameters and expectations for it; a template without one takes those of
the other, so that an old version can come from anywhere:

  bailey diff <(git show main:template.yaml) template.yaml

First comes what opens to the internet, then what else opens, what closes and
what is no longer known; then whom APIs, function URLs and permissions let in,
paths that break or mend, rights, and the price.

The exit status is 0 if nothing opens, 1 if something opens or breaks that is at
or above --fail-on, 2 if the input cannot be used, and 3 if nothing does but
something is no longer known. How bad it is:
  critical  what the whole internet can reach or call; what is open and must not be
  high      what some of the internet can reach; a needed path that breaks
  medium    any other opening of the network; a function that another account, or
            a service in anybody's name, may invoke
  low       a role that may do more, or keeps rights that it has no use for; a
            route or a permission with a guard, or with another one
What closes, and is not needed, never counts.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := outputs(formats, diffFormats...)
			if err != nil {
				return err
			}
			least, ok := report.ParseSeverity(failOn)
			if !ok {
				return fmt.Errorf("--fail-on %s: it is one of low, medium, high, critical", failOn)
			}
			r.ctx, r.progress = cmd.Context(), cmd.ErrOrStderr()
			return r.compare(args[0], args[1], outs, least, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringArrayVarP(&formats, "output", "o", nil, strings.Join(diffFormats, ", ")+"; with =FILE to write there; may be repeated")
	cmd.Flags().StringVar(&failOn, "fail-on", "low", "the least severity of an opening that makes the exit status 1")
	r.flag(cmd)
	return cmd
}

// compare reads both sides, compares them and prints the difference.
func (r reading) compare(old, now string, outs []output, least report.Severity, stdout io.Writer) error {
	a, b, err := r.loadBoth(old, now)
	if err != nil {
		return err
	}
	was, err := a.side()
	if err != nil {
		return err
	}
	is, err := b.side()
	if err != nil {
		return err
	}
	d := report.Diff{Old: old, New: now, FailOn: least, Report: diff.Between(was, is)}
	err = write(outs, stdout, func(format string, w io.Writer, color bool) error {
		switch format {
		case "json":
			return report.DiffJSON(w, d)
		case "sarif":
			return report.DiffSARIF(w, d)
		case "junit":
			return report.DiffJUnit(w, d)
		case "markdown":
			return report.DiffMarkdown(w, d)
		case "github":
			return report.DiffGitHub(w, d)
		}
		report.Text{W: w, Color: color}.Diff(d)
		return nil
	})
	switch {
	case err != nil:
		return err
	case d.Worst() >= least:
		return exit(exitFindings)
	case d.Unknown():
		return exit(exitUnknown)
	}
	return nil
}

func (in input) side() (diff.Side, error) {
	expected, diags := in.expectations()
	if diags.HasErrors() {
		return diff.Side{}, diags
	}
	return diff.Side{Model: in.model, Expected: expected}, nil
}

// loadBoth reads two inputs. One that no bailey.yaml speaks of is read with the
// other's.
func (r reading) loadBoth(old, now string) (a, b input, err error) {
	oldProject, newProject := projectOf(old), projectOf(now)
	if oldProject == "" {
		oldProject = newProject
	}
	if newProject == "" {
		newProject = oldProject
	}
	if a, err = r.loadWithin(old, oldProject); err != nil {
		return a, b, err
	}
	b, err = r.loadWithin(now, newProject)
	return a, b, err
}

// projectOf finds the bailey.yaml that speaks of an input: its own, or the
// nearest in a folder above. A repository's root is the end of the search.
func projectOf(name string) string {
	if filepath.Base(name) == project.FileName {
		return name
	}
	dir, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	if isDir(name) && exists(filepath.Join(name, project.FileName)) {
		return name
	}
	for dir != filepath.Dir(dir) {
		if exists(filepath.Join(dir, ".git")) {
			return ""
		}
		dir = filepath.Dir(dir)
		if file := filepath.Join(dir, project.FileName); exists(file) {
			return shorter(file)
		}
	}
	return ""
}

// shorter is a file's name as seen from the current folder, where that is no
// detour.
func shorter(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(here, file); err == nil && len(rel) < len(file) {
		return rel
	}
	return file
}

// loadWithin reads an input as part of a project. Its parameters are those of all
// versions of the template.
func (r reading) loadWithin(name, projectFile string) (input, error) {
	if projectFile == "" || projectFile == name || isDir(name) && !isAssembly(name) {
		return r.one(name)
	}
	p, diags := project.Load(projectFile, os.ReadFile)
	if diags.HasErrors() {
		return input{}, diags
	}
	in := input{project: p, dir: filepath.Dir(projectFile)}
	if abs, err := filepath.Abs(in.dir); err == nil && p.At.Stack.IsZero() {
		in.project.Stack = project.StackName(abs)
	}
	values, err := r.given.read()
	if err != nil {
		return input{}, err
	}
	in.project.Parameters = map[string]source.Node{}
	maps.Copy(in.project.Parameters, p.Parameters)
	maps.Copy(in.project.Parameters, values)
	in.shared = true
	inputs, err := r.read(in, name, diags)
	if err != nil {
		return input{}, err
	}
	return only(name, inputs)
}
