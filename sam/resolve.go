package sam

import (
	"iter"
	"regexp"

	"bailey/source"
)

// parameters are the values that the template's parameters have, among them
// the pseudo parameters that are known before deployment.
type parameters map[string]source.Node

// subVariable is a variable of an Fn::Sub that may name a parameter.
var subVariable = regexp.MustCompile(`\$\{([A-Za-z0-9.]+|AWS::[A-Z][A-Za-z]*)\}`)

// resolve copies n with the parameters' values in place of references to them,
// and refuses an Fn::Sub of a parameter that is a list.
func (t *transformer) resolve(n source.Node) source.Node {
	for name, arg := range substitutions(n) {
		if v := t.params[name]; v.Kind == source.List || v.Kind == source.Map {
			t.diags.Errorf("SAM_INVALID", arg.At, "%s is a %s: Fn::Sub takes texts", name, v.Kind)
		}
	}
	return t.params.resolve(n)
}

// substitutions are the variables of every Fn::Sub inside n, with its argument.
func substitutions(n source.Node) iter.Seq2[string, source.Node] {
	return func(yield func(string, source.Node) bool) { walkSubstitutions(n, yield) }
}

func walkSubstitutions(n source.Node, yield func(string, source.Node) bool) bool {
	if name, arg, ok := intrinsic(n); ok && name == "Fn::Sub" {
		text := arg
		if arg.Kind == source.List && len(arg.Items) > 0 {
			text = arg.Items[0]
		}
		for _, m := range subVariable.FindAllStringSubmatch(text.Text, -1) {
			if !yield(m[1], arg) {
				return false
			}
		}
	}
	for _, item := range n.Items {
		if !walkSubstitutions(item, yield) {
			return false
		}
	}
	for _, e := range n.Entries {
		if !walkSubstitutions(e.Value, yield) {
			return false
		}
	}
	return true
}

// resolve copies n with each reference to a parameter (Ref, or a variable in
// Fn::Sub) replaced by the parameter's value. SAM does so only where it must
// decide something on the value; elsewhere references stay for CloudFormation.
func (ps parameters) resolve(n source.Node) source.Node {
	return ps.walk(n, 0)
}

// maxSubstitution bounds values that stand inside values: parameters cannot
// refer to one another, so one level is all there is.
const maxSubstitution = 2

func (ps parameters) walk(n source.Node, level int) source.Node {
	if name, arg, ok := intrinsic(n); ok && arg.Kind == source.String && name == "Ref" {
		if v, known := ps[arg.Text]; known && level < maxSubstitution {
			v = clone(v)
			v.At = n.At
			return ps.walk(v, level+1)
		}
		return n
	} else if ok && name == "Fn::Sub" {
		return ps.sub(n, arg, level)
	}
	return ps.walkInside(n, level)
}

func (ps parameters) walkInside(n source.Node, level int) source.Node {
	switch n.Kind {
	case source.List:
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = ps.walk(item, level)
		}
		n.Items = items
	case source.Map:
		entries := make([]source.Entry, len(n.Entries))
		for i, e := range n.Entries {
			e.Value = ps.walk(e.Value, level)
			entries[i] = e
		}
		n.Entries = entries
	}
	return n
}

// sub replaces the parameters in an Fn::Sub's text, and resolves its variables.
func (ps parameters) sub(n, arg source.Node, level int) source.Node {
	p := place(n.At)
	switch {
	case arg.Kind == source.String:
		arg.Text = ps.text(arg.Text)
	case arg.Kind == source.List && len(arg.Items) > 0 && arg.Items[0].Kind == source.String:
		arg = ps.walkInside(arg, level)
		arg.Items[0].Text = ps.text(arg.Items[0].Text)
	default:
		return ps.walkInside(n, level)
	}
	return p.obj(kv{"Fn::Sub", arg})
}

func (ps parameters) text(s string) string {
	return subVariable.ReplaceAllStringFunc(s, func(variable string) string {
		if v, ok := ps[variable[2:len(variable)-1]]; ok && v.Kind == source.String {
			return v.Text
		}
		return variable
	})
}

// findInMap replaces each Fn::FindInMap whose three keys are texts by what the
// template's Mappings say.
func findInMap(mappings, n source.Node) source.Node {
	if name, arg, ok := intrinsic(n); ok && name == "Fn::FindInMap" && arg.Kind == source.List && len(arg.Items) == 3 {
		at := mappings
		for _, key := range arg.Items {
			v, found := at.Get(key.Text)
			if key.Kind != source.String || !found {
				return n
			}
			at = v
		}
		at.At = n.At
		return at
	}
	return n
}
