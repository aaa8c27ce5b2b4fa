package terraform

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// A resource is a resource or data block in one module instance.
type resource struct {
	b         *block
	state     state
	instances []*instance
	keys      cty.Value // how the instances are known: see spread
	value     cty.Value // all of them, as expressions see them; NilVal until asked for, as most never are
}

// An instance is one resource as it will be: what a plan has a line for.
type instance struct {
	b       *block
	addr    string
	at      source.Span
	body    body
	s       *scope
	doubt   *gap // why it is open whether it is there
	row     *row // nil: a type without one
	logical string
	region  cty.Value
	found   map[string]cty.Value // of a data source, what is known
	key     cty.Value            // in for_each; NilVal: none
	id      string               // the physical ID where it is known; else made up
	of      *instance            // the VPC whose default this is
	main    bool                 // a route table that is its VPC's main one
	waits   []string             // of a deployment in a plan: the addresses that it waits for
}

// A field is an argument that is stated.
type field struct {
	value cty.Value
	at    source.Span
}

// A body is a block, evaluated.
type body struct {
	at     source.Span
	attrs  map[string]field
	blocks map[string][]body
}

// An element is one of what count or for_each makes.
type element struct {
	key   string // as it is written: [0], ["a"], or nothing
	value cty.Value
	it    iteration
	doubt *gap
}

// spread gives the elements of a block with count or for_each, and how they are
// known together: "", "list", "map", or "open" where the keys are not known.
func (s *scope) spread(b *block, it iteration) ([]element, string) {
	switch {
	case b.count != nil:
		return s.counted(s.eval(b.count, it), span(b.count.Range()))
	case b.forEach != nil:
		return s.forEach(s.eval(b.forEach, it), span(b.forEach.Range()))
	}
	return []element{{it: it}}, ""
}

// counted is count: a number of elements. Where the number is open it is open
// whether the first is there, and nothing is said of others.
func (s *scope) counted(v cty.Value, at source.Span) ([]element, string) {
	bare, _ := v.Unmark()
	if bare.IsKnown() && !bare.IsNull() {
		n, ok := wholeNumber(bare)
		if !ok || n < 0 {
			s.fail("TF_BAD_COUNT", at, "", "count is not a whole number")
			return nil, "list"
		}
		if n > maxMade {
			s.tooLarge(at, "count is %d; there are at most %d resources", n, maxMade)
			return nil, "list"
		}
		var out []element
		for i := range n {
			out = append(out, element{key: "[" + strconv.Itoa(i) + "]", it: iteration{count: cty.NumberIntVal(int64(i))}})
		}
		return out, "list"
	}
	if bare.IsKnown() {
		s.fail("TF_BAD_COUNT", at, "", "count is null")
		return nil, "list"
	}
	g := gapOf(v, at)
	return []element{{key: "[0]", it: iteration{count: cty.NumberIntVal(0)}, doubt: &g}}, "list"
}

// forEach is for_each: a map, or a set of text. Where the keys are open there
// is one element of which nothing is known.
func (s *scope) forEach(v cty.Value, at source.Span) ([]element, string) {
	bare, _ := v.Unmark()
	if !bare.IsKnown() {
		g := gapOf(v, at)
		each := cty.ObjectVal(map[string]cty.Value{"key": g.unknown(), "value": g.unknown()})
		return []element{{key: `["?"]`, it: iteration{each: each}, doubt: &g}}, "open"
	}
	if bare.IsNull() || !bare.CanIterateElements() {
		s.fail("TF_BAD_FOR_EACH", at, "give a map, or a set of text", "for_each is not a map or a set")
		return nil, "map"
	}
	var out []element
	for k, item := range bare.Elements() {
		if bare.Type().IsSetType() || bare.Type().IsTupleType() || bare.Type().IsListType() {
			k = item
		}
		k, _ = k.Unmark()
		if !isText(k) {
			s.fail("TF_BAD_FOR_EACH", at, "give a map, or a set of text", "for_each has a key that is not text")
			return nil, "map"
		}
		out = append(out, element{key: fmt.Sprintf("[%q]", s.shown(k.AsString())), value: k,
			it: iteration{each: cty.ObjectVal(map[string]cty.Value{"key": k, "value": item})}})
	}
	return out, "map"
}

func wholeNumber(v cty.Value) (int, bool) {
	text, ok := scalarText(v)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// resource gives a block's instances, made when they are first asked for.
func (s *scope) resource(key string) *resource {
	r := s.resources[key]
	if r == nil {
		r = &resource{b: s.m.resources[key]}
		s.resources[key] = r
	}
	if r.state == untouched {
		r.state = underWay
		s.instantiate(r)
		r.state = done
	}
	return r
}

// instantiate evaluates the block once for each instance.
func (s *scope) instantiate(r *resource) {
	elements, keyed := s.spread(r.b, iteration{})
	r.keys = cty.StringVal(keyed)
	for _, el := range elements {
		if s.made++; s.made > maxMade {
			s.tooLarge(r.b.at, "there are more than %d resources", maxMade)
		}
		if s.stopped {
			return
		}
		i := &instance{b: r.b, addr: s.address + r.b.key() + el.key, at: r.b.at, s: s, doubt: el.doubt, row: s.rowFor(r.b), key: el.value}
		if i.doubt == nil {
			i.doubt = s.doubt
		}
		i.body = s.body(r.b.body, el.it, true)
		i.body.at = i.at
		i.region = s.regionOf(i)
		r.instances = append(r.instances, i)
		s.instances = append(s.instances, i)
		if r.b.data {
			i.found = s.known(i)
		}
	}
}

// valueOf gives what expressions see of a resource: an object, or a list or a
// map of them.
func (s *scope) valueOf(r *resource) cty.Value {
	if r.value != cty.NilVal {
		return r.value
	}
	switch r.keys.AsString() {
	case "list":
		var all []cty.Value
		for _, i := range r.instances {
			all = append(all, s.object(i))
		}
		r.value = cty.TupleVal(all)
	case "map":
		all := map[string]cty.Value{}
		for _, i := range r.instances {
			all[i.eachKey()] = s.object(i)
		}
		r.value = cty.ObjectVal(all)
	case "open":
		r.value = r.instances[0].doubt.unknown()
	default:
		if len(r.instances) == 0 {
			return gap{inError, r.b.at}.unknown()
		}
		r.value = s.object(r.instances[0])
	}
	return r.value
}

// children are the instances of one module call.
type children struct {
	state  state
	scopes []*scope
	keyed  string
	keys   []string
	gap    *gap
}

// modules gives the instances of a module call.
func (s *scope) modules(name string) *children {
	c := s.children[name]
	if c == nil {
		c = &children{}
		s.children[name] = c
	}
	if c.state != untouched {
		return c
	}
	c.state = underWay
	defer func() { c.state = done }()
	call := s.m.calls[name]
	m, why := s.moduleOf(call)
	if m == nil {
		c.gap = why
		return c
	}
	elements, keyed := s.spread(call, iteration{})
	c.keyed = keyed
	for _, el := range elements {
		if s.stopped {
			break
		}
		child := s.newScope(m, s, call, el.it, s.address+"module."+name+el.key+".")
		if el.doubt != nil {
			child.doubt = el.doubt
		}
		c.scopes = append(c.scopes, child)
		key := ""
		if el.value != cty.NilVal {
			key = el.value.AsString()
		}
		c.keys = append(c.keys, key)
		if el.doubt != nil && keyed == "open" {
			c.gap = el.doubt
		}
	}
	return c
}

// called gives what expressions see of a module: the outputs that they ask for.
func (s *scope) called(name string, asked []string, traversals []hcl.Traversal) cty.Value {
	if _, ok := s.m.calls[name]; !ok {
		at := span(traversals[0].SourceRange())
		return s.fail("TF_UNKNOWN_REFERENCE", at, s.didYouMean(name, keys(s.m.calls), "declare it in a module block"), "there is no module %q", name).unknown()
	}
	c := s.modules(name)
	switch {
	case c.state == underWay:
		return s.fail("TF_CYCLE", s.m.calls[name].at, "", "module %s depends on itself", name).unknown()
	case c.gap != nil:
		return c.gap.unknown()
	}
	var list []cty.Value
	all := map[string]cty.Value{}
	for i, child := range c.scopes {
		v := child.result(asked)
		list = append(list, v)
		all[c.keys[i]] = v
	}
	switch {
	case c.keyed == "list":
		return cty.TupleVal(list)
	case c.keyed == "map":
		return cty.ObjectVal(all)
	case len(list) == 0:
		return cty.EmptyObjectVal
	}
	return list[0]
}

// result gives the outputs that are asked for; "" asks for all.
func (s *scope) result(asked []string) cty.Value {
	out := map[string]cty.Value{}
	for _, name := range asked {
		if name == "" {
			for _, name := range keys(s.m.outputs) {
				out[name] = s.output(name)
			}
		} else if _, ok := s.m.outputs[name]; ok {
			out[name] = s.output(name)
		}
	}
	return cty.ObjectVal(out)
}
