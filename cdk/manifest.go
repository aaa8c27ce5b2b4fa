package cdk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"bailey/cfn/document"
	"bailey/source"
)

// newestSchema is the newest major version of the manifest's schema whose
// meaning is known here.
// https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/cloud-assembly-schema/schema/version.json
const newestSchema = 55

// A manifest is one manifest.json taken apart.
type manifest struct {
	dir       string // within fsys
	version   string
	artifacts []artifact
	missing   []Missing
	at        source.Span
}

// An artifact is one entry of a manifest.
type artifact struct {
	id, kind   string
	properties source.Node
	n          source.Node
	at         source.Span
}

func (r *reader) fail(code string, at source.Span, hint, format string, args ...any) {
	r.diags.Add(source.Diag{Code: code, At: at, Summary: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *reader) warn(code string, at source.Span, hint, format string, args ...any) {
	r.diags.Add(source.Diag{Code: code, Severity: source.Warning, At: at, Summary: fmt.Sprintf(format, args...), Hint: hint})
}

// read reads a file of the assembly, but not more of it than a document may
// have. at is what asks for the file.
func (r *reader) read(name string, at source.Span) ([]byte, bool) {
	f, err := r.fsys.Open(name)
	if err == nil {
		defer f.Close()
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(f, document.MaxBytes+1)); err == nil {
			return data, true
		}
	}
	why := err
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		why = p.Err
	}
	r.fail("CDK_NO_FILE", at, "synthesise the app again: `npx cdk synth`", "%s cannot be read: %v", r.place(name), why)
	return nil, false
}

// document reads a file of the assembly that holds a JSON object.
func (r *reader) document(name string, at source.Span) (source.Node, []byte, bool) {
	data, ok := r.read(name, at)
	if !ok {
		return source.Node{}, nil, false
	}
	n, diags := document.Read(r.place(name), data)
	r.diags = append(r.diags, diags...)
	if diags.HasErrors() {
		return source.Node{}, nil, false
	}
	if n.Kind != source.Map {
		r.fail("CDK_WRONG_TYPE", n.At, "synthesise the app again: `npx cdk synth`", "%s holds a %s, not a map", r.place(name), n.Kind)
		return source.Node{}, nil, false
	}
	return n, data, true
}

// manifest reads the manifest of the assembly in dir, once.
func (r *reader) manifest(dir string) manifest {
	name := path.Join(dir, "manifest.json")
	m := manifest{dir: dir, at: source.Span{File: r.place(name)}}
	if r.seen[dir] {
		r.fail("CDK_ASSEMBLY_CYCLE", m.at, "", "the assembly in %s is nested in itself, or twice", r.place(dir))
		return m
	}
	r.seen[dir] = true
	n, _, ok := r.document(name, m.at)
	if !ok {
		return m
	}
	r.version(&m, n)
	artifacts, _ := r.mapOf(n, "artifacts", "the manifest")
	for _, e := range artifacts.Entries {
		if e.Value.Kind != source.Map {
			r.wrong(e.Value, "artifact "+e.Key, "a map")
			continue
		}
		kind, ok := r.text(e.Value, "type", e.KeyAt, "artifact "+e.Key)
		if !ok {
			continue
		}
		properties, _ := r.mapOf(e.Value, "properties", "artifact "+e.Key)
		m.artifacts = append(m.artifacts, artifact{id: e.Key, kind: kind.Text, properties: properties, n: e.Value, at: e.KeyAt})
	}
	m.missing = r.missing(n)
	return m
}

var schemaVersion = regexp.MustCompile(`^(\d{1,6})\.\d+\.\d+`)

// version checks the schema's version. A newer one may say more than is read
// here; what a known artifact means has never changed with it.
func (r *reader) version(m *manifest, n source.Node) {
	v, ok := r.text(n, "version", m.at, "the manifest")
	if !ok {
		return
	}
	parts := schemaVersion.FindStringSubmatch(v.Text)
	if parts == nil {
		r.fail("CDK_VERSION", v.At, "is this the manifest of a cloud assembly?", "%q is no version of a cloud assembly's schema", v.Text)
		return
	}
	m.version = v.Text
	if major, _ := strconv.Atoi(parts[1]); major > newestSchema {
		r.warn("CDK_VERSION", v.At, "what a newer schema added is not in the answers", "the assembly's schema is version %s; versions to %d are known", v.Text, newestSchema)
	}
}

func (r *reader) wrong(n source.Node, what, want string) {
	r.fail("CDK_WRONG_TYPE", n.At, "", "%s must be %s, not a %s", what, want, n.Kind)
}

// text gives a member that must be text.
func (r *reader) text(n source.Node, key string, at source.Span, what string) (source.Node, bool) {
	v, ok := n.Get(key)
	switch {
	case !ok:
		r.fail("CDK_MISSING_KEY", at, "", "%s has no %s", what, key)
	case v.Kind != source.String:
		r.wrong(v, key+" of "+what, "text")
	}
	return v, ok && v.Kind == source.String
}

// mapOf gives a member that must be a map where it is there.
func (r *reader) mapOf(n source.Node, key, what string) (source.Node, bool) {
	v, ok := n.Get(key)
	if ok && v.Kind != source.Map {
		r.wrong(v, key+" of "+what, "a map")
		return source.Node{}, false
	}
	return v, ok
}

// listOf gives the items of a member that must be a list where it is there.
func (r *reader) listOf(n source.Node, key, what string) []source.Node {
	v, ok := n.Get(key)
	if ok && v.Kind != source.List {
		r.wrong(v, key+" of "+what, "a list")
	}
	return v.Items
}

var environmentForm = regexp.MustCompile(`^aws://([^/]+)/([^/]+)$`)

// environment reads aws://account/region.
func (r *reader) environment(art artifact) Environment {
	n, ok := art.n.Get("environment")
	if !ok {
		return Environment{}
	}
	parts := environmentForm.FindStringSubmatch(n.Text)
	if parts == nil {
		r.fail("CDK_ENVIRONMENT", n.At, "", "%q is no environment such as aws://123456789012/eu-west-1", n.Text)
		return Environment{}
	}
	e := Environment{Account: parts[1], Region: parts[2]}
	if e.Account == "unknown-account" {
		e.Account = ""
	}
	if e.Region == "unknown-region" {
		e.Region = ""
	}
	return e
}

// dependencies reads the artifacts that this one needs, by their full IDs.
func (r *reader) dependencies(m manifest, art artifact) []dependency {
	var out []dependency
	for _, d := range r.listOf(art.n, "dependencies", "artifact "+art.id) {
		if d.Kind != source.String {
			r.wrong(d, "a dependency of "+art.id, "text")
			continue
		}
		known := false
		for _, other := range m.artifacts {
			known = known || other.id == d.Text
		}
		if !known {
			r.fail("CDK_UNKNOWN_ARTIFACT", d.At, "synthesise the app again: `npx cdk synth`", "artifact %s depends on %q, which the manifest does not have", art.id, d.Text)
			continue
		}
		out = append(out, dependency{fullID(m.dir, d.Text), d.At})
	}
	return out
}

// fullID tells the artifacts of different assemblies apart.
func fullID(dir, id string) string { return strings.TrimPrefix(path.Join(dir, id), "./") }
