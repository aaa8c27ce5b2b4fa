package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// A planReader makes the instances of a plan.
type planReader struct {
	*Plan
	e       *evaluator
	written map[string]*instance // of the configuration, by address
	unknown map[string]json.RawMessage
	made    map[string]*instance
	order   []*planned
	known   map[string]promise         // what texts of the plan are attributes of resources
	chains  map[string][]*configModule // see configOf
	spreads map[string][]*instance     // see spread
	assumed int                        // references to one of several, or to all of them
}

// A planned instance with what the plan says of it.
type planned struct {
	i      *instance
	module string // "" or module.x[0]
	state  stateResource
}

// modules adds the resources of a module and those within it.
func (r *planReader) modules(m stateModule) {
	for _, s := range m.Resources {
		if s.Mode == "data" {
			continue
		}
		r.add(s, m.Address)
	}
	for _, child := range m.Children {
		r.modules(child)
	}
}

func (r *planReader) add(s stateResource, module string) {
	at := source.Span{File: r.file}
	i := r.written[s.Address]
	if i == nil {
		b := &block{typ: s.Type, name: s.Name, at: at}
		i = &instance{b: b, addr: s.Address, at: at, region: cty.NilVal, row: r.e.rowFor(b), body: body{at: at, attrs: map[string]field{}}}
	}
	i.doubt = nil // the plan says that it is there
	r.made[s.Address] = i
	r.order = append(r.order, &planned{i, module, s})
	r.e.instances = append(r.e.instances, i)
}

// fill puts in what the plan knows of each instance: first what each is called,
// so that others' texts are known for references.
func (r *planReader) fill() {
	r.known = map[string]promise{}
	for _, p := range r.order {
		if p.i.row != nil {
			r.called(p)
		}
	}
	for _, p := range r.order {
		if strings.HasSuffix(p.state.Type, "_deployment") && r.written[p.i.addr] == nil {
			p.i.waits = r.waits(p)
		}
		r.one(p)
	}
}

// called files what an instance is called.
func (r *planReader) called(p *planned) {
	for name, v := range members(p.state.Values) {
		how, decided := p.i.row.atts[name]
		if !decided || settable[name] {
			continue
		}
		text, ok := scalarText(decoded(v))
		if ok && len(text) > 8 {
			r.known[text] = promise{of: p.i, attr: name}
		}
		if ok && name == "id" && how == "Ref" && strings.Contains(text, "-0") {
			p.i.id = text
		}
	}
}

// one overlays what the configuration says of an instance with what the plan
// knows: the plan's values count, and what it leaves for later is what the
// configuration's expression gives, or what the plan tells of its references.
func (r *planReader) one(p *planned) {
	if p.i.row == nil || p.i.row.quiet {
		return
	}
	written := r.written[p.i.addr] != nil
	for name, text := range members(p.state.Values) {
		if string(text) == "null" || p.i.row.atts[name] != "" && !settable[name] {
			continue
		}
		if has, stated := p.i.body.attrs[name]; stated && written {
			if _, token := firstToken(has.value); token {
				continue // the same, and known by what it refers to
			}
		}
		if _, blocks := p.i.body.blocks[name]; blocks && written {
			continue
		}
		v := r.value(text, p.i)
		if written || !isEmpty(v) {
			p.i.body.attrs[name] = field{v, p.i.at}
		}
	}
	expressions := r.block(p).Expressions
	for name, u := range members(r.unknown[p.i.addr]) {
		r.later(p, name, u, member(expressions, name))
	}
}

// settable are attributes that a configuration may state.
var settable = map[string]bool{"name": true, "identifier": true, "bucket": true, "function_name": true, "cluster_identifier": true, "port": true,
	"private_ip": true, "vpc_id": true, "availability_zone": true, "cidr_block": true, "replication_group_id": true, "cluster_id": true, "target_id": true, "value": true, "policy": true, "secret_string": true}

// value reads what the plan says of an instance, with tokens in the place of
// what it knows as attributes of its other resources.
func (r *planReader) value(text json.RawMessage, of *instance) cty.Value {
	c := checked{text: text}
	if len(r.known) > 0 {
		c.put = func(s string) string {
			if p, ok := r.known[s]; ok && p.of != of {
				return r.e.token(p)
			}
			return s
		}
	}
	return c.value()
}

// later says what stands for an argument that is known after apply.
func (r *planReader) later(p *planned, name string, u, expression json.RawMessage) {
	if _, stated := p.i.body.attrs[name]; stated && r.written[p.i.addr] != nil {
		return
	}
	if _, stated := p.i.body.blocks[name]; stated && r.written[p.i.addr] != nil {
		return
	}
	if expression == nil {
		return // the provider's own: what is not stated is not there
	}
	at := p.i.at
	now := cty.NullVal(cty.DynamicPseudoType)
	if f, ok := p.i.body.attrs[name]; ok {
		now = f.value
	}
	if v, ok := r.merged(p, name, now, u, expression); ok {
		p.i.body.attrs[name] = field{v, at}
	}
}

// merged puts what stands for later into a value: u is true where it is not
// known.
func (r *planReader) merged(p *planned, name string, now cty.Value, u, expression json.RawMessage) (cty.Value, bool) {
	if isTrue(u) {
		return r.resolved(p, name, referencesOf(expression), now), true
	}
	if parts := items(u); len(parts) > 0 {
		return r.mergedList(p, name, now, parts, expression), true
	}
	var out map[string]cty.Value
	for key, part := range members(u) {
		if out == nil {
			out = map[string]cty.Value{}
			if now.Type().IsObjectType() && !now.IsNull() {
				maps.Copy(out, now.AsValueMap())
			}
		}
		was, ok := out[key]
		if !ok {
			was = cty.NullVal(cty.DynamicPseudoType)
		}
		x := member(expression, key)
		if x == nil {
			x = expression
		}
		if v, ok := r.merged(p, key, was, part, x); ok {
			out[key] = v
		}
	}
	if out == nil {
		return now, false
	}
	return cty.ObjectVal(out), true
}

// mergedList does so for a list: of blocks, or of values of which some are not
// known yet. As many references as there are such values stand for them.
func (r *planReader) mergedList(p *planned, name string, now cty.Value, parts []json.RawMessage, expression json.RawMessage) cty.Value {
	var list []cty.Value
	if now.Type().IsTupleType() && !now.IsNull() {
		list = now.AsValueSlice()
	}
	blocks := items(expression)
	open := 0
	for _, part := range parts {
		if isTrue(part) {
			open++
		}
	}
	var all []cty.Value
	if open > 0 {
		all = r.targets(p, name, referencesOf(expression))
	}
	next := 0
	for k, part := range parts {
		for len(list) <= k {
			list = append(list, cty.NullVal(cty.DynamicPseudoType))
		}
		switch {
		case isTrue(part) && len(all) == open:
			list[k] = all[next]
			next++
		case isTrue(part):
			list[k] = r.gap(p, name, referencesOf(expression)).unknown()
		default:
			x := expression
			if k < len(blocks) {
				x = blocks[k]
			} else if len(blocks) == 1 {
				x = blocks[0]
			}
			if v, ok := r.merged(p, name, list[k], part, x); ok {
				list[k] = v
			}
		}
	}
	return cty.TupleVal(list)
}

// resolved is what stands for an argument that is not known at all.
func (r *planReader) resolved(p *planned, name string, refs []string, now cty.Value) cty.Value {
	targets := r.targets(p, name, refs)
	switch {
	case plural(name) && len(targets) > 0:
		return cty.TupleVal(targets)
	case len(targets) == 1:
		return targets[0]
	}
	return r.gap(p, name, refs).unknown()
}

func (r *planReader) gap(p *planned, name string, refs []string) gap {
	of := "something that the plan does not tell"
	if len(refs) > 0 {
		of = strings.Join(refs[:min(3, len(refs))], ", ")
	}
	return gap{fmt.Sprintf("%s of %s is known after apply: it is made of %s", name, p.i.addr, of), p.i.at}
}

// plural reports whether an argument is a list of IDs.
func plural(name string) bool {
	return slices.Contains([]string{"subnet_ids", "security_group_ids", "vpc_security_group_ids", "route_table_ids", "security_groups", "subnets", "prefix_list_ids", "vpc_subnet_ids"}, name)
}
