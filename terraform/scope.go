package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// A scope is one instance of a module: its names, each evaluated when it is
// first asked for.
type scope struct {
	*evaluator
	m         *module
	parent    *scope
	call      *block      // in parent; nil: the root
	it        iteration   // the call's
	address   string      // "", or module.x["a"].
	rel       string      // the folder, seen from the root's: path.module
	doubt     *gap        // why it is open whether the module is there
	providers [][2]string // what the module calls a provider, and what the root does

	args      map[string]*hcl.Attribute
	variables map[string]*memo
	locals    map[string]*memo
	outputs   map[string]*memo
	resources map[string]*resource
	children  map[string]*children
	singles   map[name]cty.Value // see alone
}

// A memo is a value that is evaluated once.
type memo struct {
	state state
	value cty.Value
}

type state uint8

const (
	untouched state = iota
	underWay
	done
)

// An iteration is what each, count and the iterators of dynamic blocks are.
type iteration struct {
	each, count cty.Value // cty.NilVal: none
	vars        map[string]cty.Value
}

func (it iteration) with(name string, v cty.Value) iteration {
	vars := map[string]cty.Value{name: v}
	for k, o := range it.vars {
		if k != name {
			vars[k] = o
		}
	}
	it.vars = vars
	return it
}

// newScope makes an instance of a module.
func (e *evaluator) newScope(m *module, parent *scope, call *block, it iteration, address string) *scope {
	s := &scope{evaluator: e, m: m, parent: parent, call: call, it: it, address: address, rel: ".",
		variables: map[string]*memo{}, locals: map[string]*memo{}, outputs: map[string]*memo{},
		resources: map[string]*resource{}, children: map[string]*children{}, singles: map[name]cty.Value{}}
	if e.scopes++; e.scopes > maxScopes {
		e.tooLarge(inFile(m.dir), "there are more than %d module instances", maxScopes)
	}
	if parent != nil {
		s.rel = path.Join(parent.rel, relative(parent.m.dir, m.dir))
		s.doubt = parent.doubt
		s.args, _ = call.body.JustAttributes()
		s.providers = parent.providersOf(call)
	}
	return s
}

// relative is a folder as seen from another.
func relative(from, to string) string {
	f, t := strings.Split(path.Clean(from), "/"), strings.Split(path.Clean(to), "/")
	if from == "." {
		f = nil
	}
	for len(f) > 0 && len(t) > 0 && f[0] == t[0] {
		f, t = f[1:], t[1:]
	}
	return strings.Repeat("../", len(f)) + strings.Join(t, "/")
}

// once gives a memo's value; make is called the first time.
func (s *scope) once(in map[string]*memo, name string, at source.Span, what string, make func() cty.Value) cty.Value {
	m := in[name]
	if m == nil {
		m = &memo{}
		in[name] = m
	}
	switch m.state {
	case underWay:
		return s.fail("TF_CYCLE", at, "take the reference out of one of them", "%s%s%s depends on itself", s.address, what, name).unknown()
	case untouched:
		m.state = underWay
		m.value = make()
		m.state = done
	}
	return m.value
}

// variable gives the value of an input variable.
func (s *scope) variable(name string, at source.Span) cty.Value {
	v, ok := s.m.variables[name]
	if !ok {
		return s.fail("TF_UNKNOWN_REFERENCE", at, s.didYouMean(name, keys(s.m.variables), "declare it in a variable block"), "there is no variable %q", name).unknown()
	}
	return s.once(s.variables, name, v.at, "var.", func() cty.Value {
		given, at, ok := s.argument(v)
		switch {
		case ok && given.IsNull() && !v.nullable && v.value != nil, !ok && v.value != nil:
			given, at = s.eval(v.value, iteration{}), span(v.value.Range())
		case !ok:
			return cty.UnknownVal(v.typ).Mark(gap{"variable " + s.address + name + " has no value", v.at})
		}
		return s.take(v, given, at)
	})
}

// argument gives what is given for a variable: by the call, or for the root by
// files and flags.
func (s *scope) argument(v *variable) (cty.Value, source.Span, bool) {
	if s.call != nil {
		a, ok := s.args[v.name]
		if !ok {
			return cty.NilVal, v.at, false
		}
		return s.parent.eval(a.Expr, s.it), span(a.Range), true
	}
	if n, ok := s.parameters[v.name]; ok {
		if n.Kind == source.Unknown {
			return gap{n.Text, n.At}.unknown(), n.At, true
		}
		return s.parsed(v, n.Text, n.At), n.At, true
	}
	g, ok := s.given[v.name]
	return g.value, g.at, ok
}

// local gives a local value.
func (s *scope) local(name string, at source.Span) cty.Value {
	x, ok := s.m.locals[name]
	if !ok {
		return s.fail("TF_UNKNOWN_REFERENCE", at, s.didYouMean(name, keys(s.m.locals), "declare it in a locals block"), "there is no local value %q", name).unknown()
	}
	return s.once(s.locals, name, span(x.Range()), "local.", func() cty.Value { return s.eval(x, iteration{}) })
}

// output gives one output of this module.
func (s *scope) output(name string) cty.Value {
	x := s.m.outputs[name]
	return s.once(s.outputs, name, span(x.Range()), "output.", func() cty.Value { return s.eval(x, iteration{}) })
}

// didYouMean is source.DidYouMean, but where so much is wrong already that
// looking for each would take long.
func (e *evaluator) didYouMean(name string, has []string, hint string) string {
	if len(e.diags) > 500 {
		return hint
	}
	return source.DidYouMean(name, has, hint)
}

func keys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
