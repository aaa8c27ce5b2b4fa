package cdk

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bailey/source"
)

// constructs finds the construct of every logical ID of the stack. CDK states
// it in the metadata of the manifest; in the template too where the app was
// synthesised by the CLI; and in tree.json, which older and newer versions
// write alike and which therefore only fills gaps.
// https://docs.aws.amazon.com/cdk/v2/guide/constructs.html
func (r *reader) constructs(s *Stack, m manifest, metadata source.Node) {
	s.Constructs = map[string]source.Construct{}
	s.nested, s.templates = map[string]map[string]source.Construct{}, map[string]string{}
	scopes, lines := nestedScopes(metadata), r.lines(metadata)
	for _, e := range metadata.Entries {
		where := strings.TrimPrefix(e.Key, "/")
		for item := range e.Value.Each() {
			kind, _ := item.Get("type")
			data, _ := item.Get("data")
			switch kind.Text {
			case "aws:cdk:logicalId":
				s.file(scopes, data.Text, source.MakeConstruct(where, s.line(lines, where)))
			case "aws:cdk:templateFile":
				s.templates[where] = data.Text
			}
		}
	}
	r.fromTree(s, m)
	resources, _ := s.Template.Get("Resources")
	for _, e := range resources.Entries {
		if p, ok := e.Value.Path("Metadata", "aws:cdk:path"); ok && s.Constructs[e.Key].Path() == "" {
			s.Constructs[e.Key] = source.MakeConstruct(p.Text, source.Span{})
		}
	}
	s.mark()
}

// mark puts its construct into every place of the template.
func (s *Stack) mark() {
	for _, section := range s.Template.Entries {
		for i, e := range section.Value.Entries {
			if c, ok := s.Constructs[e.Key]; ok {
				markEntry(&section.Value.Entries[i], c)
			}
		}
	}
}

func markEntry(e *source.Entry, c source.Construct) {
	e.KeyAt.Construct = c
	markNode(&e.Value, c)
}

func markNode(n *source.Node, c source.Construct) {
	n.At.Construct = c
	for i := range n.Items {
		markNode(&n.Items[i], c)
	}
	for i := range n.Entries {
		markEntry(&n.Entries[i], c)
	}
}

// file files a construct under its logical ID, which only within one template
// means one thing: constructs below the scope of a nested stack are that
// stack's.
func (s *Stack) file(scopes []string, logical string, c source.Construct) {
	into := s.Constructs
	for _, scope := range scopes {
		if !strings.HasPrefix(c.Path(), scope+"/") {
			continue
		}
		if s.nested[scope] == nil {
			s.nested[scope] = map[string]source.Construct{}
		}
		into = s.nested[scope]
		break
	}
	if _, ok := into[logical]; !ok && logical != "" {
		into[logical] = c
	}
}

// nestedScopes are the paths of the nested stacks, the deepest first.
func nestedScopes(metadata source.Node) []string {
	var out []string
	for _, e := range metadata.Entries {
		if p := nestedPath(strings.TrimPrefix(e.Key, "/")); p != "" {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// nestedPath gives the path of the nested stack whose resource is at p:
// Root/Network for Root/Network.NestedStack/Network.NestedStackResource.
func nestedPath(p string) string {
	base, ok := strings.CutSuffix(path.Base(p), ".NestedStackResource")
	if !ok {
		return ""
	}
	scope, ok := strings.CutSuffix(path.Dir(p), base+".NestedStack")
	if !ok {
		return ""
	}
	return scope + base
}

// nestedConstructs gives the constructs of a nested stack.
func (s *Stack) nestedConstructs(child *Stack) map[string]source.Construct {
	child.nested, child.templates = s.nested, s.templates
	if c := s.nested[child.Path]; c != nil {
		return c
	}
	return map[string]source.Construct{}
}

// frame is one line of a stack trace with a place in a file, in the forms of
// Node.js: "new App (/app/lib/app.js:8:13)", "at file:///app/app.mjs:3:1".
var frame = regexp.MustCompile(`(?:^|[ (])(?:file://)?(/[^()]*):(\d{1,7}):\d+\)?$`)

// libraries are folders whose files no app wrote: packages, and what jsii runs
// the CDK from for apps in Python, Go, Java and C#.
var libraries = regexp.MustCompile(`/node_modules/|/\.?jsii-|/aws/jsii/|/@jsii/`)

// lines are the lines of the app that make constructs, by path.
func (r *reader) lines(metadata source.Node) map[string]source.Span {
	out := map[string]source.Span{}
	for _, e := range metadata.Entries {
		var traces []source.Node
		for item := range e.Value.Each() {
			kind, _ := item.Get("type")
			switch data, _ := item.Get("data"); kind.Text {
			case "aws:cdk:creationStack":
				traces = append([]source.Node{data}, traces...)
			case "aws:cdk:logicalId":
				trace, _ := item.Get("trace")
				traces = append(traces, trace)
			}
		}
		if at := r.code(traces); at.Line > 0 {
			out[strings.TrimPrefix(e.Key, "/")] = at
		}
	}
	return out
}

// line is that of the construct or, since the CDK does not state those of all
// that a construct makes itself, of the nearest one around it in the stack.
func (s *Stack) line(lines map[string]source.Span, where string) source.Span {
	for at := where; strings.HasPrefix(at, s.Path+"/"); at = path.Dir(at) {
		for _, inner := range []string{"", "/Resource", "/Default"} {
			if l, ok := lines[at+inner]; ok {
				return l
			}
		}
	}
	return source.Span{}
}

// code finds the line of the app that a trace leads to: the innermost that is
// not a library's. Assemblies have traces in creationStack, older ones in the
// trace of logicalId; many have none.
func (r *reader) code(traces []source.Node) source.Span {
	for _, trace := range traces {
		for _, line := range trace.Items {
			parts := frame.FindStringSubmatch(strings.TrimSpace(line.Text))
			if line.Kind != source.String || parts == nil || libraries.MatchString(parts[1]) {
				continue
			}
			n, _ := strconv.Atoi(parts[2])
			return source.Span{File: relative(r.base, parts[1]), Line: n}
		}
	}
	return source.Span{}
}

// relative names a file as seen from base, where it lies below it.
func relative(base, file string) string {
	if base == "" {
		return file
	}
	return strings.TrimPrefix(file, strings.TrimSuffix(base, "/")+"/")
}

// fromTree fills gaps from tree.json. What is wrong with that file costs only
// construct paths, so it is a warning.
func (r *reader) fromTree(s *Stack, m manifest) {
	for _, art := range m.artifacts {
		ref, ok := art.properties.Get("file")
		if art.kind != "cdk:tree" || !ok {
			continue
		}
		tree, ok := r.tree(m, ref)
		if !ok {
			return
		}
		logicalIDs(tree, func(logical, where string) {
			if strings.HasPrefix(where, s.Path+"/") && s.Constructs[logical].Path() == "" && !s.claimed(where) {
				s.Constructs[logical] = source.MakeConstruct(where, source.Span{})
			}
		})
	}
}

// claimed reports whether a path lies in a nested stack.
func (s *Stack) claimed(where string) bool {
	for scope := range s.nested {
		if strings.HasPrefix(where, scope+"/") {
			return true
		}
	}
	return false
}

// tree reads the construct tree, once for each manifest.
func (r *reader) tree(m manifest, ref source.Node) (source.Node, bool) {
	name, ok := within(m.dir, ref.Text)
	if !ok {
		r.warn("CDK_PATH_ESCAPES", ref.At, "construct paths may be missing", "the path %q leads out of the assembly", ref.Text)
		return source.Node{}, false
	}
	if n, ok := r.trees[name]; ok {
		return n, n.Kind == source.Map
	}
	before := len(r.diags)
	n, _, _ := r.document(name, ref.At)
	for i := before; i < len(r.diags); i++ {
		r.diags[i].Severity, r.diags[i].Hint = source.Warning, "construct paths may be missing"
	}
	if r.trees == nil {
		r.trees = map[string]source.Node{}
	}
	r.trees[name], _ = n.Get("tree")
	return r.trees[name], r.trees[name].Kind == source.Map
}

// logicalIDs yields each logical ID of the tree with its construct's path.
func logicalIDs(n source.Node, yield func(logical, where string)) {
	where, _ := n.Get("path")
	if id, ok := n.Path("attributes", "aws:cdk:cloudformation:logicalId"); ok {
		yield(id.Text, where.Text)
	}
	children, _ := n.Get("children")
	for _, e := range children.Entries {
		logicalIDs(e.Value, yield)
	}
}
