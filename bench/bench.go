//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/project"
)

// A bench is what the rows share: programs that are built once, and what the
// row under way has opened.
type bench struct {
	sizes
	dir      string // of this run, removed at its end
	root     string // of the module
	function func() (string, error)
	server   func() (string, error)
	gateway  func() (string, error)
	bailey   func() (string, error)
	rootski  func() (string, error)
	minute   func() (minute, error)
	closers  []func() error
}

func newBench(s sizes) (*bench, error) {
	root, err := output("go", "list", "-m", "-f", "{{.Dir}}", "bailey")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bailey-bench-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // programs in a sandbox look in
		return nil, err
	}
	b := &bench{sizes: s, dir: dir, root: root}
	b.function = b.built("function/bootstrap", "bailey/bench/testdata/function")
	b.server = b.built("httpserver", "bailey/bench/testdata/httpserver")
	b.gateway = b.built("gatewayserver", "bailey/bench/testdata/gatewayserver")
	b.bailey = b.built("bailey", "bailey/cmd/bailey")
	b.rootski = sync.OnceValues(b.copyRootski)
	b.minute = sync.OnceValues(b.sustain)
	return b, nil
}

// closing has f done when the row is; the last one first.
func (b *bench) closing(f func() error) { b.closers = append(b.closers, f) }

func (b *bench) close() error {
	var errs []error
	for i := len(b.closers) - 1; i >= 0; i-- {
		errs = append(errs, b.closers[i]())
	}
	b.closers = nil
	return errors.Join(errs...)
}

// built builds a package without C, when it is first asked for, and gives the
// program's path.
func (b *bench) built(name, pkg string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		out := filepath.Join(b.dir, name)
		cmd := exec.Command("go", "build", "-o", out, pkg)
		cmd.Dir = b.root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
		}
		return out, nil
	})
}

// output is what a command prints, without the space around it.
func output(name string, args ...string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", cmd, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(bytes.TrimSpace(out)), nil
}

// copyRootski copies the example, of which the proof of concept is measured, so that its state is this run's. The copy is
// outside the module and becomes one of its own.
func (b *bench) copyRootski() (string, error) {
	dir := filepath.Join(b.dir, "rootski")
	if err := os.CopyFS(dir, stateless{os.DirFS(filepath.Dir(b.example()))}); err != nil {
		return "", err
	}
	states := filepath.Join(dir, filepath.Base(b.example()))
	return states, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module rootski\n\ngo 1.26\n"), 0o644)
}

// stateless is a folder without what bailey up keeps in it: state, and sockets,
// which nobody copies.
type stateless struct{ fs.FS }

// ReadDir leaves .bailey out.
func (s stateless) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return e.Name() == ".bailey" }), err
}

func (b *bench) example() string { return filepath.Join(b.root, "examples/rootski/states") }

// model reads the example as bailey check does.
func (b *bench) model() (*cloud.Model, error) {
	proj, diags := project.Load(b.example(), os.ReadFile)
	if diags.HasErrors() {
		return nil, diags
	}
	file := filepath.Join(b.example(), proj.Template)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var spec cloud.Spec
	diags = proj.Apply(&spec)
	spec, found := cfn.Load(cfn.Input{File: file, Data: data, Parameters: proj.Parameters, Spec: spec})
	m, more := cloud.New(spec)
	if diags = append(append(diags, found...), more...); diags.HasErrors() {
		return nil, diags
	}
	return m, nil
}
