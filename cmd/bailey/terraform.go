package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"bailey/cloud"
	"bailey/reach/patch"
	"bailey/source"
	"bailey/terraform"
)

// isTerraform reports whether a folder is a Terraform configuration.
func isTerraform(name string) bool {
	names, err := listFolder(name)
	return err == nil && isDir(name) && terraform.IsConfiguration(names)
}

// listFolder gives the names of a folder's files.
func listFolder(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// regularFile reads a file, and nothing that is not one.
func regularFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("it is not a file")}
	}
	return os.ReadFile(name)
}

// readConfiguration makes the model of a Terraform configuration. The region is
// bailey.yaml's, else the provider's.
func (in *input) readConfiguration(dir string, diags source.Diags) error {
	c, found := terraform.Read(filepath.ToSlash(dir), terraform.Files{Open: regularFile, List: listFolder}, in.project.Parameters)
	if in.shared {
		has := map[string]bool{}
		for _, name := range c.Variables() {
			has[name] = true
		}
		maps.DeleteFunc(in.project.Parameters, func(name string, _ source.Node) bool { return !has[name] })
	}
	if region := c.Region(); region != "" && in.project.At.Region.IsZero() {
		in.project.Region = region
	}
	spec := cloud.Spec{}
	diags = append(diags, in.project.Apply(&spec)...)
	if diags = append(diags, found...); diags.HasErrors() {
		return diags
	}
	in.format = patch.Terraform
	spec, found = c.Spec(spec)
	return in.accept(c, spec, append(diags, found...))
}

// accept takes what the configuration's comments accept, and makes the model.
func (in *input) accept(c *terraform.Configuration, spec cloud.Spec, diags source.Diags) error {
	if c != nil {
		ignore, found := c.Suppressions()
		in.ignore, diags = append(slices.Clip(in.ignore), ignore...), append(diags, found...)
	}
	return in.finish(spec, diags)
}

// readPlan makes the model of a Terraform plan. The configuration that it was
// made of tells more where it is in the same folder.
func (in *input) readPlan(file string, data []byte, diags source.Diags) error {
	var config *terraform.Configuration
	dir := filepath.Dir(file)
	if isTerraform(dir) {
		c, found := terraform.Read(filepath.ToSlash(dir), terraform.Files{Open: regularFile, List: listFolder}, in.project.Parameters)
		if !found.HasErrors() {
			config = c
		}
	}
	p, found := terraform.ReadPlan(file, data, config)
	if region := p.Region(); region != "" && in.project.At.Region.IsZero() {
		in.project.Region = region
	}
	spec := cloud.Spec{}
	diags = append(diags, in.project.Apply(&spec)...)
	if diags = append(diags, found...); diags.HasErrors() {
		return diags
	}
	in.format = patch.Terraform
	spec, found = p.Spec(spec)
	return in.accept(config, spec, append(diags, found...))
}
