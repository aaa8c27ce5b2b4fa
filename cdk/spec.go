package cdk

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// Spec reads the stacks of one group together and adds what they declare to
// base: exports of one are what others import, nested stacks get their
// parameters and give their outputs, code is where its asset is. given are
// values of templates' parameters, by Name or Stack:Name as `cdk deploy
// --parameters` takes them.
//
// A resource is called by its logical ID, or by Stack.LogicalID where several
// stacks of the group have that ID. The Spec is of use only if no diagnostic
// is an error.
func (a Assembly) Spec(g Group, base cloud.Spec, given map[string]source.Node) (cloud.Spec, source.Diags) {
	j := &joiner{env: g.Environment.or(Environment{"123456789012", "us-east-1"}), dir: a.dir, base: base, values: map[string]source.Node{}}
	j.base.Account, j.base.Region = j.env.Account, j.env.Region
	j.given(g.Stacks, given)
	j.gather(g.Stacks)
	if j.diags.HasErrors() {
		return base, j.diags.Sorted()
	}
	j.settle()
	spec := j.load(false)
	if len(g.Stacks) > 0 {
		spec.Stack = cmp.Or(base.Stack, g.Stacks[0].Name)
	}
	j.locateCode(&spec, Assembly{Stacks: g.Stacks}.everyStack())
	j.qualify(&spec)
	return spec, j.diags.Sorted()
}

// A joiner is the state of one Spec.
type joiner struct {
	env        Environment
	dir        string
	base       cloud.Spec
	units      []*unit
	parameters map[*Stack]map[string]source.Node
	values     map[string]source.Node // what passes between the units
	used       map[string]source.Node // what was taken from values while a unit was filled
	diags      source.Diags
}

// given sorts the values of parameters by stack.
func (j *joiner) given(stacks []*Stack, given map[string]source.Node) {
	j.parameters = map[*Stack]map[string]source.Node{}
	for _, s := range stacks {
		j.parameters[s] = map[string]source.Node{}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		stack, name, qualified := strings.Cut(key, ":")
		if !qualified {
			stack, name = "", key
		}
		taken := false
		for _, s := range stacks {
			_, declared := s.Template.Path("Parameters", name)
			if declared && (!qualified || stack == s.Name) {
				j.parameters[s][name] = given[key]
				taken = true
			}
		}
		if !taken {
			j.diags.Add(source.Diag{Code: "CDK_UNKNOWN_PARAMETER", At: given[key].At, Summary: "no stack of the assembly has a parameter " + key,
				Hint: "write Name, or Stack:Name for the parameter of one stack"})
		}
	}
}

// gather makes the units, in the order in which they are loaded.
func (j *joiner) gather(stacks []*Stack) {
	exporters, importing := map[string]*Stack{}, false
	for _, s := range stacks {
		outputs, _ := s.Template.Get("Outputs")
		for _, e := range outputs.Entries {
			if n, ok := e.Value.Path("Export", "Name"); ok && n.Kind == source.String {
				j.export(exporters, s, n)
			}
		}
	}
	before := func(s *Stack) []*Stack {
		var out []*Stack
		imports(s.Template, func(name string) {
			if other := exporters[name]; other != nil && other != s && slices.Contains(stacks, other) {
				out = append(out, other)
			}
		})
		return out
	}
	order, circle := sorted(stacks, before)
	if circle != nil {
		j.diags.Add(source.Diag{Code: "CDK_STACK_CYCLE", At: circle[0].at, Summary: "these stacks import from each other in a circle: " + names(circle),
			Hint: "pass one of the values in another way"})
		return
	}
	for _, s := range order {
		importing = importing || importsAnything(s)
	}
	for _, s := range order {
		j.expand(s, importing)
	}
}

// export files who exports a name, which only one stack of an account and
// region may. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
func (j *joiner) export(exporters map[string]*Stack, s *Stack, name source.Node) {
	if other := exporters[name.Text]; other != nil {
		j.diags.Add(source.Diag{Code: "CDK_DUPLICATE_EXPORT", At: name.At, Hint: "an export's name is unique in an account and region",
			Summary: fmt.Sprintf("stack %s exports %q, as stack %s does", s.Name, name.Text, other.Name)})
		return
	}
	exporters[name.Text] = s
}

// importsAnything reports whether a stack, or one nested in it, imports.
func importsAnything(s *Stack) bool {
	found := hasKey(s.Template, "Fn::ImportValue")
	for _, c := range s.Nested {
		found = found || importsAnything(c)
	}
	return found
}

func hasKey(n source.Node, key string) bool {
	if _, ok := n.Get(key); ok {
		return true
	}
	return slices.ContainsFunc(n.Items, func(i source.Node) bool { return hasKey(i, key) }) ||
		slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return hasKey(e.Value, key) })
}

// expand adds a stack and those nested in it: those that are given nothing of
// its resources before it, for it may add rules to what they declare, the
// others after it, for they may be in what it declares.
func (j *joiner) expand(s *Stack, exports bool) {
	children := s.children()
	needs := func(c *Stack) []*Stack {
		var out []*Stack
		for name, n := range s.Nested {
			if n != c {
				continue
			}
			r, _ := s.Template.Path("Resources", name)
			p, _ := r.Path("Properties", "Parameters")
			out = s.referred(p, out)
		}
		return out
	}
	order, _ := sorted(append(children[:len(children):len(children)], s), func(c *Stack) []*Stack {
		if c != s {
			return needs(c)
		}
		return slices.DeleteFunc(slices.Clone(children), func(c *Stack) bool { return slices.Contains(needs(c), s) })
	})
	for _, c := range order {
		if c == s {
			j.distinct(s)
			u := newUnit(s, exports)
			j.diags = append(j.diags, u.diags...)
			j.units = append(j.units, u)
			continue
		}
		j.expand(c, exports)
	}
}

// distinct reports a template that two stacks share: positions in it would
// not say whose they are.
func (j *joiner) distinct(s *Stack) {
	for _, u := range j.units {
		if u.stack.File == s.File {
			j.diags.Add(source.Diag{Code: "CDK_SAME_TEMPLATE", At: s.at, Hint: "synthesise the app again with a newer aws-cdk-lib",
				Summary: fmt.Sprintf("stacks %s and %s have the same template file %s", u.stack.Name, s.Name, s.File)})
		}
	}
}

// referred adds the nested stacks whose outputs n refers to, and s itself if n
// refers to a resource of its own.
func (s *Stack) referred(n source.Node, out []*Stack) []*Stack {
	for _, item := range n.Items {
		out = s.referred(item, out)
	}
	for _, e := range n.Entries {
		name := e.Value.Text
		if e.Key == "Fn::GetAtt" {
			name, _ = nestedAttribute(e.Value)
		}
		_, own := s.Template.Path("Resources", name)
		switch c := s.Nested[name]; {
		case e.Key != "Fn::GetAtt" && e.Key != "Ref":
			out = s.referred(e.Value, out)
		case c != nil:
			out = append(out, c)
		case own:
			out = append(out, s)
		}
	}
	return out
}

// settle loads the units until no value that passes between them changes.
// Values pass along the references between resources, which form no circle,
// so each round settles at least one more template.
func (j *joiner) settle() {
	passing := false
	for _, u := range j.units {
		passing = passing || len(u.probes) > 0
	}
	for range len(j.units) + 1 {
		if !passing {
			return
		}
		j.used = map[string]source.Node{}
		j.load(true)
		passing = false
		for key, was := range j.used {
			now := j.values[key]
			passing = passing || was.Kind != now.Kind || was.Text != now.Text
		}
	}
}

// load evaluates every unit. With probes it only files their values; without,
// the Spec and the diagnostics count.
func (j *joiner) load(probes bool) cloud.Spec {
	spec := j.base
	for _, u := range j.units {
		if j.absent(u, probes) || u.empty() && len(u.probes) == 0 {
			continue
		}
		in := cfn.Input{File: u.stack.File, Root: u.template(probes || u.empty()), Parameters: j.fill(u), Spec: spec}
		in.Spec.Stack = u.stack.Name
		next, diags := cfn.Load(in)
		j.file(u, &next)
		if !probes {
			j.diags = append(j.diags, diags...)
		}
		spec = next
	}
	return spec
}

// absent reports whether a nested stack's condition leaves it out.
func (j *joiner) absent(u *unit, probes bool) bool {
	v, ok := j.take(existsKey(u.stack))
	return !probes && u.stack.optional && (!ok || v.Kind == source.Unknown)
}

// take gives a value and remembers that it was asked for.
func (j *joiner) take(key string) (source.Node, bool) {
	v, ok := j.values[key]
	if j.used != nil {
		j.used[key] = v
	}
	return v, ok
}

// fill gives the values of a template's parameters: the assembly's own, those
// given, those of the parent, and those of the holes.
func (j *joiner) fill(u *unit) map[string]source.Node {
	out := maps.Clone(u.stack.Parameters)
	maps.Copy(out, j.parameters[u.stack])
	declared, _ := u.stack.Template.Get("Parameters")
	for _, e := range declared.Entries {
		if v, ok := j.take(givenKey(u.stack, e.Key)); ok && u.stack.inner {
			out[e.Key] = v
		}
	}
	for _, h := range u.holes {
		out[h.param] = j.filling(h)
	}
	return out
}

// filling gives the value of a hole, or the Unknown that says what is missing.
func (j *joiner) filling(h hole) source.Node {
	key := h.key
	if h.name != "" {
		name, ok := j.take(h.name)
		if !ok || name.Kind == source.Unknown {
			return h.value
		}
		key, h.value = exportKey(name.Text), importGap(name.Text, h.value.At)
	}
	if key == "" {
		return h.value
	}
	if v, ok := j.take(key); ok {
		return v
	}
	return h.value
}

// file takes the probes' values out of a Spec.
func (j *joiner) file(u *unit, spec *cloud.Spec) {
	spec.Parameters = slices.DeleteFunc(spec.Parameters, func(p cloud.Parameter) bool {
		var i int
		if _, err := fmt.Sscanf(p.Name, "BaileyProbe%d", &i); err != nil || p.At.File != u.stack.File || i >= len(u.probes) {
			return false
		}
		v := source.Node{Kind: source.String, At: p.At}
		if g, missing := p.Value.Gap(); missing {
			v.Kind, v.Text, v.At = source.Unknown, g.Because, g.At
		} else {
			v.Text = p.Value.Or("")
		}
		j.values[u.probes[i].key] = v
		return true
	})
	for _, p := range u.probes {
		if name, ok := j.values[p.key+"\x00name"]; ok && name.Kind == source.String {
			j.values[exportKey(name.Text)] = j.values[p.key]
		}
	}
}
