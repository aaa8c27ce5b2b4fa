package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/source"
)

// A parameterFlags is what the command line says of the template's parameters.
type parameterFlags struct{ values, files []string }

// add gives a command the flags.
func (p *parameterFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&p.values, "parameter", nil, "`Key=Value` of a parameter of the template, before what bailey.yaml and files say; may be repeated")
	cmd.Flags().StringArrayVar(&p.files, "parameter-file", nil, "`FILE` of parameters in a form that AWS takes, before what bailey.yaml says; may be repeated")
}

// read gives the values, each file's before those of the files before it, the
// flags' own before all.
func (p parameterFlags) read() (map[string]source.Node, error) {
	out := map[string]source.Node{}
	for _, name := range p.files {
		data, err := readFile(name)
		if err != nil {
			return nil, source.Diags{{Code: "INPUT_UNREADABLE", At: source.Span{File: name}, Summary: "cannot read the parameters: " + cause(err)}}
		}
		values, diags := cfn.ParameterFile(name, data)
		if diags.HasErrors() {
			return nil, diags
		}
		maps.Copy(out, values)
	}
	for _, v := range p.values {
		key, value, ok := strings.Cut(v, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--parameter %s: write Key=Value", v)
		}
		out[key] = source.Node{Kind: source.String, Text: value, At: source.Span{File: "--parameter " + key}}
	}
	return out, nil
}

// openFile reads a file that a template names. What is no file, such as a
// device, is refused.
func openFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", name)
	}
	return readFile(name)
}

// readFile reads a file of the user's. Of a larger one than a document may be
// only so much is read as tells.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, document.MaxBytes+1))
}
