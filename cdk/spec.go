package cdk

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// Spec reads the stacks of one group together and adds what they declare to
// base: code is where its asset is. given are values of templates' parameters,
// by Name or Stack:Name as `cdk deploy --parameters` takes them.
//
// A resource is called as cfn.LoadGroup says. The Spec is of use only if no
// diagnostic is an error.
func (a Assembly) Spec(g Group, base cloud.Spec, given map[string]source.Node) (cloud.Spec, source.Diags) {
	j := &joiner{env: g.Environment.or(Environment{"123456789012", "us-east-1"}), dir: a.dir}
	base.Account, base.Region = j.env.Account, j.env.Region
	j.given(g.Stacks, given)
	group := cfn.Group{Spec: base}
	for _, s := range g.Stacks {
		if !empty(s.Template) {
			group.Stacks = append(group.Stacks, j.stack(s))
		}
	}
	if j.diags.HasErrors() {
		return base, j.diags.Sorted()
	}
	spec, diags := cfn.LoadGroup(group)
	j.diags = append(j.diags, diags...)
	spec.Stack = cmp.Or(base.Stack, spec.Stack)
	j.locateCode(&spec, Assembly{Stacks: g.Stacks}.everyStack())
	return spec, j.diags.Sorted()
}

// A joiner is the state of one Spec.
type joiner struct {
	env        Environment
	dir        string
	parameters map[*Stack]map[string]source.Node
	diags      source.Diags
}

// empty reports whether a template has no resources: the CDK deploys no such
// stack.
func empty(template source.Node) bool {
	resources, _ := template.Get("Resources")
	return (resources.Kind == source.Map || resources.Kind == source.Null) && len(resources.Entries) == 0
}

// stack gives a stack as cfn takes it, those nested in it with it.
func (j *joiner) stack(s *Stack) cfn.Stack {
	out := cfn.Stack{Name: s.Name, File: s.File, Root: j.answered(s, s.Template), Parameters: maps.Clone(s.Parameters), Nested: map[string]cfn.Stack{}}
	maps.Copy(out.Parameters, j.parameters[s])
	for name, nested := range s.Nested {
		out.Nested[name] = j.stack(nested)
	}
	return out
}

// answered gives n with an Unknown for each placeholder of a look-up that has
// no answer.
func (j *joiner) answered(s *Stack, n source.Node) source.Node {
	if len(s.missing) == 0 {
		return n
	}
	switch n.Kind {
	case source.String:
		if m, ok := s.unanswered(n.Text); ok {
			j.diags.Add(m.diag())
			return m.gap()
		}
	case source.List:
		n.Items = slices.Clone(n.Items)
		for i, item := range n.Items {
			n.Items[i] = j.answered(s, item)
		}
	case source.Map:
		n.Entries = slices.Clone(n.Entries)
		for i, e := range n.Entries {
			n.Entries[i].Value = j.answered(s, e.Value)
		}
	}
	return n
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
