package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/snapshot"
	"bailey/source"
)

// deepest is how many folders a snapshot's files are below its own:
// aws_configs/ACCOUNT/REGION.
const deepest = 3

// snapshotFiles are the JSON files of a folder and of those below it, as far
// down as a snapshot goes.
func snapshotFiles(dir string) []string {
	var out []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir
		case e.IsDir() && name != "." && (strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || strings.Count(name, "/") >= deepest):
			return fs.SkipDir
		case !e.IsDir() && strings.HasSuffix(name, ".json") && !strings.HasPrefix(e.Name(), "."):
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return out
}

// isSnapshot reports whether a folder holds what the AWS CLI printed: a file is
// named after a list, or begins with one.
func isSnapshot(dir string) bool {
	if !isDir(dir) || isAssembly(dir) || isApp(dir) {
		return false
	}
	files := snapshotFiles(dir)
	return snapshot.Is(files) || slices.ContainsFunc(files, func(name string) bool {
		head, err := readHead(filepath.Join(dir, filepath.FromSlash(name)))
		return err == nil && snapshot.IsOne(head)
	})
}

// readHead reads how a file begins.
func readHead(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

// snapshot makes the models of a snapshot, one for each account and region that
// it describes.
func (r reading) snapshot(in input, dir string, diags source.Diags) ([]input, error) {
	var files []snapshot.File
	for _, name := range snapshotFiles(dir) {
		shown := path.Join(filepath.ToSlash(dir), name)
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			diags.Add(source.Diag{Code: "INPUT_UNREADABLE", At: source.Span{File: shown}, Summary: "cannot read the file: " + cause(err)})
			continue
		}
		files = append(files, snapshot.File{Name: shown, Path: name, Data: data})
	}
	s, found := snapshot.Read(filepath.ToSlash(dir), files)
	if diags = append(diags, found...); diags.HasErrors() {
		return nil, diags
	}
	var out []input
	for _, e := range s.Environments() {
		one := in
		one.environment = e.Account + "/" + e.Region
		if e.Region != "" {
			one.project.Region = e.Region
		}
		if e.Account != "" {
			one.project.Account = e.Account
		}
		spec := cloud.Spec{}
		notes := append(slices.Clone(diags), one.project.Apply(&spec)...)
		spec, found := s.Spec(e, spec)
		if err := one.finish(spec, append(notes, found...)); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return r.chosen(out)
}
