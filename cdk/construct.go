package cdk

import (
	"path"
	"slices"
	"strings"

	"bailey/source"
)

// constructs finds the construct of every logical ID of the stack. CDK states
// it in the metadata of the manifest; in the template too where the app was
// synthesised by the CLI; and in tree.json, which older and newer versions
// write alike and which therefore only fills gaps.
// https://docs.aws.amazon.com/cdk/v2/guide/constructs.html
func (r *reader) constructs(s *Stack, m manifest, metadata source.Node) {
	s.Constructs = map[string]Construct{}
	s.nested, s.templates = map[string]map[string]Construct{}, map[string]string{}
	scopes := nestedScopes(metadata)
	for _, e := range metadata.Entries {
		c := Construct{Path: strings.TrimPrefix(e.Key, "/")}
		var logical string
		for item := range e.Value.Each() {
			kind, _ := item.Get("type")
			data, _ := item.Get("data")
			trace, _ := item.Get("trace")
			switch kind.Text {
			case "aws:cdk:logicalId":
				logical = data.Text
				c.Trace = slices.Concat(c.Trace, frames(trace))
			case "aws:cdk:templateFile":
				s.templates[c.Path] = data.Text
			case "aws:cdk:creationStack":
				c.Trace = slices.Concat(frames(data), c.Trace)
			}
		}
		if logical == "" {
			continue
		}
		s.file(scopes, logical, c)
	}
	r.fromTree(s, m)
	resources, _ := s.Template.Get("Resources")
	for _, e := range resources.Entries {
		if p, ok := e.Value.Path("Metadata", "aws:cdk:path"); ok && s.Constructs[e.Key].Path == "" {
			s.Constructs[e.Key] = Construct{Path: p.Text}
		}
	}
}

// file files a construct under its logical ID, which only within one template
// means one thing: constructs below the scope of a nested stack are that
// stack's.
func (s *Stack) file(scopes []string, logical string, c Construct) {
	into := s.Constructs
	for _, scope := range scopes {
		if !strings.HasPrefix(c.Path, scope+"/") {
			continue
		}
		if s.nested[scope] == nil {
			s.nested[scope] = map[string]Construct{}
		}
		into = s.nested[scope]
		break
	}
	if old, ok := into[logical]; !ok || old.Path == c.Path && len(old.Trace) == 0 {
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
func (s *Stack) nestedConstructs(child *Stack) map[string]Construct {
	child.nested, child.templates = s.nested, s.templates
	if c := s.nested[child.Path]; c != nil {
		return c
	}
	return map[string]Construct{}
}

// frames are the lines of a stack trace that lead to a place in a file.
func frames(trace source.Node) []string {
	var out []string
	for _, line := range trace.Items {
		text := strings.TrimPrefix(strings.TrimSpace(line.Text), "at ")
		if line.Kind == source.String && strings.Contains(text, "/") && !strings.Contains(text, "...") && !strings.Contains(text, "node:internal") {
			out = append(out, text)
		}
	}
	return out
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
			if strings.HasPrefix(where, s.Path+"/") && s.Constructs[logical].Path == "" && !s.claimed(where) {
				s.Constructs[logical] = Construct{Path: where}
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
