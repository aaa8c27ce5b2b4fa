package cdk

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"bailey/source"
)

// Options say how the assembly's folder is called.
type Options struct {
	// Name is the folder as positions name it: cdk.out. Empty: positions are
	// relative to the folder.
	Name string
	// Dir is the folder as cloud.Code names it. Empty: Name.
	Dir string
	// Base is the absolute folder to which the names of the app's own files are
	// relative. Empty: they are as the CDK wrote them, absolute.
	Base string
}

// An Assembly is a cloud assembly with those nested in it.
type Assembly struct {
	Version string   // of the manifest's schema
	Stacks  []*Stack // every stack after those that it depends on
	Missing []Missing
	dir     string // Options.Dir
}

// An Environment is where a stack goes. What is empty is left to whoever
// deploys: CDK writes unknown-account and unknown-region.
// https://docs.aws.amazon.com/cdk/v2/guide/environments.html
type Environment struct{ Account, Region string }

// A Stack is one CloudFormation stack of the assembly. Every place in Template
// says its construct.
type Stack struct {
	ID          string // the artifact's, with the folder of its assembly: assembly-Prod/ProdService1A2B
	Name        string // CloudFormation's name of the stack
	Path        string // the construct's path: Prod/Service
	Environment Environment
	File        string // the template, as positions name it
	Template    source.Node
	Parameters  map[string]source.Node // values that the assembly gives to the template's parameters
	Assets      []Asset
	Annotations source.Diags                // what the app itself says is wrong with it
	Constructs  map[string]source.Construct // by logical ID
	Nested      map[string]*Stack           // by the logical ID of their AWS::CloudFormation::Stack

	templates map[string]string                      // of nested stacks, by their paths: the file
	inner     bool                                   // nested in another stack
	optional  bool                                   // nested, with a condition
	nested    map[string]map[string]source.Construct // of nested stacks, by their paths
	dependsOn []dependency
	missing   []Missing
	at        source.Span // its artifact
}

// A dependency is the artifact that another one needs before it.
type dependency struct {
	id string
	at source.Span
}

// Load reads the assembly whose manifest.json stands at the root of fsys. It
// reads nothing but fsys; os.Root.FS keeps symbolic links within the folder.
// The Assembly is of use only if no diagnostic is an error.
func Load(fsys fs.FS, o Options) (Assembly, source.Diags) {
	r := &reader{fsys: fsys, name: o.Name, base: o.Base, seen: map[string]bool{}}
	a := Assembly{dir: cmp.Or(o.Dir, o.Name)}
	m := r.manifest(".")
	a.Version = m.version
	r.assembly(m, &a)
	a.Stacks = r.inOrder(a.Stacks)
	if len(a.Stacks) == 0 && !r.diags.HasErrors() {
		r.fail("CDK_NO_STACKS", m.at, "synthesise the app again: `npx cdk synth`", "the assembly has no stacks")
	}
	return a, r.diags.Sorted()
}

// A reader is the state of one Load.
type reader struct {
	fsys  fs.FS
	name  string
	base  string          // Options.Base
	seen  map[string]bool // folders of assemblies, and templates of nested stacks on the way down
	trees map[string]source.Node
	diags source.Diags
}

// assembly adds an assembly's stacks, and those of the assemblies in it.
func (r *reader) assembly(m manifest, a *Assembly) {
	a.Missing = append(a.Missing, m.missing...)
	for _, art := range m.artifacts {
		switch art.kind {
		case "aws:cloudformation:stack":
			if s := r.stack(m, art); s != nil {
				a.Stacks = append(a.Stacks, s)
			}
		case "cdk:cloud-assembly":
			r.nestedAssembly(m, art, a)
		case "none", "cdk:tree", "cdk:asset-manifest", "cdk:feature-flag-report":
		default:
			r.warn("CDK_UNKNOWN_ARTIFACT", art.at, "what it would deploy is not in the answers", "artifact %s has the type %q, which is not read", art.id, art.kind)
		}
	}
	slices.SortFunc(a.Missing, func(x, y Missing) int { return cmp.Compare(x.Key, y.Key) })
	a.Missing = slices.CompactFunc(a.Missing, func(x, y Missing) bool { return x.Key == y.Key })
}

// nestedAssembly reads the assembly of a stage.
// https://docs.aws.amazon.com/cdk/v2/guide/stages.html
func (r *reader) nestedAssembly(m manifest, art artifact, a *Assembly) {
	ref, ok := r.text(art.properties, "directoryName", art.at, "nested assembly "+art.id)
	if !ok {
		return
	}
	dir, ok := r.resolve(m.dir, ref)
	if !ok {
		return
	}
	r.assembly(r.manifest(dir), a)
}

// everyStack gives the stacks with those nested in them.
func (a Assembly) everyStack() []*Stack {
	var out []*Stack
	var add func(list []*Stack)
	add = func(list []*Stack) {
		for _, s := range list {
			out = append(out, s)
			add(s.children())
		}
	}
	add(a.Stacks)
	return out
}

// children gives the nested stacks in the order of the template.
func (s *Stack) children() []*Stack {
	var out []*Stack
	resources, _ := s.Template.Get("Resources")
	for _, e := range resources.Entries {
		if c, ok := s.Nested[e.Key]; ok {
			out = append(out, c)
		}
	}
	return out
}

// place is a path within fsys as positions name it.
func (r *reader) place(name string) string { return path.Join(r.name, name) }

// resolve gives a path that a file in dir names, as fs.FS takes it. What leads
// out of the assembly is an error.
func (r *reader) resolve(dir string, ref source.Node) (string, bool) {
	name, ok := within(dir, ref.Text)
	if !ok {
		r.fail("CDK_PATH_ESCAPES", ref.At, "synthesise the app again; the assembly has to hold all of its files", "the path %q leads out of the assembly", ref.Text)
	}
	return name, ok
}

// within joins a path to the folder dir, unless it leads out of the root.
func within(dir, name string) (string, bool) {
	joined := path.Join(dir, name)
	bad := name == "" || path.IsAbs(name) || strings.ContainsAny(name, "\\\x00") || len(name) > 1 && name[1] == ':' || !fs.ValidPath(joined)
	return joined, !bad
}
