package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// eval evaluates an expression. One that fails because something in it is not
// known until apply is a gap; any other failure is the user's mistake.
func (s *scope) eval(x hcl.Expression, it iteration) cty.Value {
	if s.stopped {
		return gap{inError, span(x.Range())}.unknown()
	}
	x = s.native(x)
	traversals := x.Variables()
	ctx := &hcl.EvalContext{Functions: s.functions(), Variables: s.roots(traversals, it)}
	v, diags := s.value(x, ctx)
	at := span(x.Range())
	if !diags.HasErrors() {
		if !v.IsKnown() && !v.IsMarked() {
			if g, open := s.openWithin(ctx, traversals, at); open {
				v = v.Mark(g) // HCL forgets the marks of what it goes through
			}
		}
		return s.bounded(v, at)
	}
	d := diags.Errs()[0]
	text := d.Error()
	if hd, ok := d.(*hcl.Diagnostic); ok {
		text = sentence(hd)
		if hd.Subject != nil {
			at = span(*hd.Subject)
		}
		if f, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](hd); ok && strings.HasPrefix(f.CalledFunctionNamespace(), "provider::") {
			return s.fail("TF_PROVIDER_FUNCTION", at, "compute it with Terraform's own functions, or state the value",
				"%s%s is a function of a provider's, and no provider runs here", f.CalledFunctionNamespace(), f.CalledFunctionName()).unknown()
		}
	}
	if g, open := s.openWithin(ctx, traversals, at); open {
		return gap{"it cannot be computed before apply: " + s.shown(text) + " (" + g.because + ")", at}.unknown()
	}
	return s.fail("TF_BAD_EXPRESSION", at, "", "%s", text).unknown()
}

// openWithin gives the first gap or token in what an expression refers to.
func (s *scope) openWithin(ctx *hcl.EvalContext, traversals []hcl.Traversal, at source.Span) (gap, bool) {
	for _, t := range traversals {
		v, diags := t.TraverseAbs(ctx)
		if diags.HasErrors() {
			v = ctx.Variables[t.RootName()]
		}
		if v == cty.NilVal {
			continue
		}
		if token, ok := firstToken(v); ok {
			return s.later(token, at), true
		}
		if bare, marks := v.UnmarkDeep(); len(marks) > 0 || !bare.IsWhollyKnown() {
			return gapOf(v, at), true
		}
	}
	return gap{}, false
}

// roots gives the names that an expression refers to.
func (s *scope) roots(traversals []hcl.Traversal, it iteration) map[string]cty.Value {
	if len(traversals) == 0 {
		return nil
	}
	out := make(map[string]cty.Value, len(traversals))
	var g groups
	put := g.put
	data := map[string]map[string]cty.Value{}
	outputs := map[string][]string{} // asked of modules; "" is all
	for _, t := range traversals {
		root, at := t.RootName(), span(t.SourceRange())
		if v, ok := it.vars[root]; ok {
			out[root] = v
			continue
		}
		if v, ok := s.pseudo(root, it); ok {
			out[root] = v
			continue
		}
		name := ""
		if len(t) > 1 {
			name = attrName(t[1])
		}
		switch {
		case name == "":
		case root == "var":
			put(root, name, func() cty.Value { return s.variable(name, at) })
		case root == "local":
			put(root, name, func() cty.Value { return s.local(name, at) })
		case root == "module":
			outputs[name] = append(outputs[name], outputAsked(t))
		case root == "data" && len(t) > 2:
			if data[name] == nil {
				data[name] = map[string]cty.Value{}
			}
			if third := attrName(t[2]); third != "" {
				data[name][third] = s.reference("data."+name+"."+third, at)
			}
		case root != "data":
			put(root, name, func() cty.Value { return s.reference(root+"."+name, at) })
		}
	}
	for name, asked := range outputs {
		put("module", name, func() cty.Value { return s.called(name, asked, traversals) })
	}
	for typ, all := range data {
		put("data", typ, func() cty.Value { return cty.ObjectVal(all) })
	}
	if g.more == nil && g.first != (name{}) {
		out[g.first.root] = s.alone(g.first, g.value)
	}
	for root, all := range g.more {
		out[root] = cty.ObjectVal(all)
	}
	return out
}

// A name is what follows var, local, module or a resource's type, with that.
type name struct{ root, name string }

// groups are the values of names by their roots. Most expressions have one.
type groups struct {
	first name
	value cty.Value
	more  map[string]map[string]cty.Value // all of them, if there are several
}

// put adds a name; make is called the first time.
func (g *groups) put(root, of string, make func() cty.Value) {
	n := name{root, of}
	switch {
	case g.more != nil:
	case g.first == n:
		return
	case g.first == name{}:
		g.first, g.value = n, make()
		return
	default:
		g.more = map[string]map[string]cty.Value{g.first.root: {g.first.name: g.value}}
	}
	if g.more[root] == nil {
		g.more[root] = map[string]cty.Value{}
	}
	if _, ok := g.more[root][of]; !ok {
		g.more[root][of] = make()
	}
}

// alone gives the root of an expression that has one name: the same object for
// each instance of a resource.
func (s *scope) alone(n name, v cty.Value) cty.Value {
	if n.root == "module" || s.stopped {
		return cty.ObjectVal(map[string]cty.Value{n.name: v}) // it has the outputs that are asked for
	}
	out, ok := s.singles[n]
	if !ok {
		out = cty.ObjectVal(map[string]cty.Value{n.name: v})
		s.singles[n] = out
	}
	return out
}

// outputAsked is the output that a reference to a module asks for, "" if that
// cannot be told.
func outputAsked(t hcl.Traversal) string {
	for _, step := range t[2:] {
		if name := attrName(step); name != "" {
			return name
		}
		if _, ok := step.(hcl.TraverseIndex); !ok {
			break
		}
	}
	return ""
}

// pseudo gives what Terraform itself names.
// https://developer.hashicorp.com/terraform/language/expressions/references
func (s *scope) pseudo(root string, it iteration) (cty.Value, bool) {
	switch root {
	case "each":
		if it.each != cty.NilVal {
			return it.each, true
		}
		return gap{because: "each is not known here"}.unknown(), true
	case "count":
		if it.count != cty.NilVal {
			return cty.ObjectVal(map[string]cty.Value{"index": it.count}), true
		}
		return gap{because: "count is not known here"}.unknown(), true
	case "path":
		return cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(s.rel), "root": cty.StringVal("."), "cwd": cty.StringVal(".")}), true
	case "terraform":
		return cty.ObjectVal(map[string]cty.Value{"workspace": cty.StringVal("default"), "applying": cty.False}), true
	case "self", "ephemeral":
		return gap{because: root + " is known during apply"}.unknown(), true
	}
	return cty.NilVal, false
}

// reference gives all instances of a resource or data source.
func (s *scope) reference(key string, at source.Span) cty.Value {
	if _, ok := s.m.resources[key]; !ok {
		return s.fail("TF_UNKNOWN_REFERENCE", at, s.didYouMean(key, keys(s.m.resources), "declare it in this module"), "%s%s is not declared", s.address, key).unknown()
	}
	r := s.resource(key)
	if r.state == underWay {
		return s.fail("TF_CYCLE", r.b.at, "take the reference out of one of them", "%s%s depends on itself", s.address, key).unknown()
	}
	return s.valueOf(r)
}

// bounded refuses a value larger than a configuration has use for: names that
// are each made of another twice double with every line.
func (e *evaluator) bounded(v cty.Value, at source.Span) cty.Value {
	left, text := maxValues, maxText
	ok := fits(v, &left, &text)
	if e.work += maxValues - left; e.work > maxWork {
		return e.tooMuchWork(at).unknown()
	}
	if !ok {
		return e.fail("TF_TOO_LARGE", at, "", "the value is larger than %d values or %d MB of text", maxValues, maxText>>20).unknown()
	}
	return v
}

func fits(v cty.Value, left, text *int) bool {
	if *left--; *left < 0 {
		return false
	}
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
	case v.Type() == cty.String:
		*text -= len(v.AsString())
	case v.CanIterateElements():
		for _, item := range v.Elements() {
			if !fits(item, left, text) {
				return false
			}
		}
	}
	return *text >= 0
}

// sortedKeys are the keys of a map or an object.
func sortedKeys(v cty.Value) []string {
	var out []string
	for k := range v.Elements() {
		k, _ = k.Unmark()
		out = append(out, k.AsString())
	}
	slices.Sort(out)
	return out
}
