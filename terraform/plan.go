package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/cloud"
	"bailey/source"
)

// maxPlan bounds a plan's text.
const maxPlan = 1 << 30

// A planDocument is the part of `terraform show -json` that is read.
// https://developer.hashicorp.com/terraform/internals/json-format
type planDocument struct {
	FormatVersion string `json:"format_version"`
	Variables     map[string]struct{ Value json.RawMessage }
	Planned       *stateValues                   `json:"planned_values"`
	Values        *stateValues                   `json:"values"` // of a state
	Prior         *struct{ Values *stateValues } `json:"prior_state"`
	Wrapped       json.RawMessage                `json:"plan"` // where a tool puts the plan beside what it says of it
	Changes       []resourceChange               `json:"resource_changes"`
	Configuration *struct {
		Providers map[string]struct {
			Name, Alias string
			Expressions map[string]json.RawMessage
		} `json:"provider_config"`
		Root configModule `json:"root_module"`
	}
}

type stateValues struct {
	Root stateModule `json:"root_module"`
}

type stateModule struct {
	Address   string
	Resources []stateResource
	Children  []stateModule `json:"child_modules"`
}

type stateResource struct {
	Address, Mode, Type, Name string
	Index                     json.RawMessage
	Values                    json.RawMessage
}

type resourceChange struct {
	Address string
	Change  struct {
		Unknown json.RawMessage `json:"after_unknown"`
	}
}

// A Plan is what Terraform means to do, read and not yet evaluated.
type Plan struct {
	file   string
	doc    planDocument
	config *Configuration
}

// IsPlan reports whether a document in JSON is a plan, or a state, of
// `terraform show -json`, by its beginning.
func IsPlan(data []byte) bool {
	head := data[:min(len(data), 4096)]
	return bytes.Contains(head, []byte(`"format_version"`)) && bytes.Contains(head, []byte(`"terraform_version"`)) ||
		bytes.Contains(head, []byte(`"planned_values"`)) && bytes.Contains(head, []byte(`"root_module"`))
}

// ReadPlan reads a plan. config is the configuration that it was made of, where
// that is here: it tells what the plan leaves for later, and the places.
func ReadPlan(file string, data []byte, config *Configuration) (*Plan, source.Diags) {
	p := &Plan{file: file, config: config}
	var diags source.Diags
	if len(data) > maxPlan || tooDeep(data) {
		diags.Errorf("TF_TOO_LARGE", inFile(file), "the plan is larger than %d MB, or nested deeper than %d", maxPlan>>20, maxDepth)
		return p, diags
	}
	if err := json.Unmarshal(data, &p.doc); err != nil {
		diags.Add(source.Diag{Code: "TF_BAD_PLAN", At: inFile(file), Summary: "the plan cannot be read: " + err.Error(), Hint: "write it with `terraform show -json`"})
		return p, diags
	}
	if p.doc.Planned == nil && len(p.doc.Wrapped) > 0 {
		wrapped := p.doc.Wrapped
		p.doc = planDocument{}
		if err := json.Unmarshal(wrapped, &p.doc); err != nil {
			diags.Errorf("TF_BAD_PLAN", inFile(file), "the plan within %q cannot be read: %v", "plan", err)
		}
	}
	major, _, _ := strings.Cut(p.doc.FormatVersion, ".")
	if major != "0" && major != "1" && major != "" {
		diags.Errorf("TF_BAD_PLAN", inFile(file), "the plan's format is %s; those that are read are 0.1 to 1.x", p.doc.FormatVersion)
	}
	if p.doc.Planned == nil {
		p.doc.Planned = p.doc.Values
	}
	if p.doc.Planned == nil {
		diags.Add(source.Diag{Code: "TF_BAD_PLAN", At: inFile(file), Summary: "the plan has no planned_values", Hint: "write it with `terraform show -json`"})
	}
	if config != nil {
		for name, v := range p.doc.Variables {
			if _, over := config.e.parameters[name]; !over {
				config.e.given[name] = stated{decoded(v.Value), inFile(file)}
			}
		}
	}
	return p, diags
}

// decoded reads JSON as a value.
func decoded(data json.RawMessage) cty.Value {
	var x any
	if len(data) == 0 {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if d.Decode(&x) != nil {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return valueOfJSON(x)
}

func valueOfJSON(x any) cty.Value {
	switch x := x.(type) {
	case bool:
		return cty.BoolVal(x)
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return cty.NumberIntVal(n)
		}
		if v, err := cty.ParseNumberVal(x.String()); err == nil {
			return v
		}
		return cty.StringVal(x.String())
	case string:
		return cty.StringVal(x)
	case []any:
		items := make([]cty.Value, len(x))
		for i, item := range x {
			items[i] = valueOfJSON(item)
		}
		return cty.TupleVal(items)
	case map[string]any:
		out := make(map[string]cty.Value, len(x))
		for k, item := range x {
			out[k] = valueOfJSON(item)
		}
		return cty.ObjectVal(out)
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// Region is the region that the plan's provider is configured for, empty where
// the plan does not say.
func (p *Plan) Region() string {
	if p.doc.Configuration == nil {
		return ""
	}
	for _, c := range p.doc.Configuration.Providers {
		if c.Name == "aws" && c.Alias == "" {
			if text, ok := p.constant(c.Expressions["region"]); ok {
				return text
			}
		}
	}
	return ""
}

// constant gives an expression that is a constant, or a variable of the root.
func (p *Plan) constant(expression json.RawMessage) (string, bool) {
	var x struct {
		Constant   json.RawMessage `json:"constant_value"`
		References []string
	}
	if len(expression) == 0 || json.Unmarshal(expression, &x) != nil {
		return "", false
	}
	if text, ok := scalarText(decoded(x.Constant)); ok {
		return text, true
	}
	for _, r := range x.References {
		if name, ok := strings.CutPrefix(r, "var."); ok {
			return scalarText(decoded(p.doc.Variables[name].Value))
		}
	}
	return "", false
}

// Spec adds what will be there once the plan is applied to spec, which says the
// region, account and stack and holds the facts.
func (p *Plan) Spec(spec cloud.Spec) (cloud.Spec, source.Diags) {
	e := newEvaluator("", Files{})
	written := map[string]*instance{}
	prior := p.prior()
	if p.config != nil {
		c := p.config.e
		c.spec, c.prior = spec, prior
		c.evaluate(p.config.root)
		if c.diags.HasErrors() {
			e.warn("TF_CONFIGURATION_NOT_USED", inFile(p.file), "mend it, or move the plan elsewhere", "the configuration beside the plan cannot be evaluated, so the plan alone counts: %s", c.diags.Sorted()[0].Summary)
		} else {
			e = c
		}
	}
	for _, i := range e.instances {
		written[e.shown(i.addr)] = i
	}
	e.spec, e.prior = spec, prior
	r := &planReader{Plan: p, e: e, written: written, unknown: map[string]json.RawMessage{}, made: map[string]*instance{}, chains: map[string][]*configModule{}}
	for _, c := range p.doc.Changes {
		r.unknown[c.Address] = c.Change.Unknown
	}
	e.instances = nil
	r.modules(p.doc.Planned.Root)
	r.fill()
	if r.assumed > 0 {
		e.diags.Add(source.Diag{Code: "TF_PLAN_ASSUMED", Severity: source.Note, At: inFile(p.file), Summary: fmt.Sprintf("a plan does not say how an expression uses what it refers to: %d references are taken as they stand", r.assumed),
			Hint: "put the plan into the configuration's folder, and they are evaluated"})
	}
	if e.diags.HasErrors() {
		return spec, e.diags.Sorted()
	}
	return e.translate()
}

// prior gives what Terraform has looked up, by the addresses of data sources.
func (p *Plan) prior() map[string]map[string]cty.Value {
	out := map[string]map[string]cty.Value{}
	var add func(m stateModule)
	add = func(m stateModule) {
		for _, s := range m.Resources {
			if s.Mode == "data" {
				if v := decoded(s.Values); v.Type().IsObjectType() && !v.IsNull() {
					out[s.Address] = v.AsValueMap()
				}
			}
		}
		for _, child := range m.Children {
			add(child)
		}
	}
	if p.doc.Prior != nil && p.doc.Prior.Values != nil {
		add(p.doc.Prior.Values.Root)
	}
	return out
}

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
		i = &instance{b: b, addr: s.Address, at: at, region: cty.NilVal, row: r.e.rowFor(b), body: body{at: at, attrs: map[string]field{}, blocks: map[string][]body{}}}
	}
	i.doubt = nil // the plan says that it is there
	r.made[s.Address] = i
	r.order = append(r.order, &planned{i, module, s})
	r.e.instances = append(r.e.instances, i)
}

// fill puts in what the plan knows of each instance: first what each is called,
// so that others' texts are known for references.
func (r *planReader) fill() {
	values := make([]map[string]cty.Value, len(r.order))
	r.known = map[string]promise{}
	for k, p := range r.order {
		if p.i.row == nil || p.i.row.quiet {
			continue
		}
		if v := decoded(p.state.Values); v.CanIterateElements() {
			values[k] = v.AsValueMap()
		}
		for name := range p.i.row.atts {
			if settable[name] {
				continue
			}
			if text, ok := scalarText(values[k][name]); ok && len(text) > 8 {
				r.known[text] = promise{of: p.i, attr: name}
			}
		}
		if id, ok := scalarText(values[k]["id"]); ok && p.i.row.atts["id"] == "Ref" && strings.Contains(id, "-0") {
			p.i.id = id
		}
	}
	for k, p := range r.order {
		if strings.HasSuffix(p.state.Type, "_deployment") && r.written[p.i.addr] == nil {
			p.i.waits = r.waits(p)
		}
		if values[k] != nil || len(r.unknown[p.i.addr]) > 0 {
			r.one(p, values[k])
		}
	}
}

// one overlays what the configuration says of an instance with what the plan
// knows: the plan's values count, and what it leaves for later is what the
// configuration's expression gives, or what the plan tells of its references.
func (r *planReader) one(p *planned, values map[string]cty.Value) {
	if p.i.row == nil || p.i.row.quiet {
		return
	}
	for _, name := range keys(values) {
		v := values[name]
		if v.IsNull() || p.i.row.atts[name] != "" && !settable[name] {
			continue
		}
		if has, stated := p.i.body.attrs[name]; stated && r.written[p.i.addr] != nil {
			if _, token := firstToken(has.value); token {
				continue // the same, and known by what it refers to
			}
		}
		if _, blocks := p.i.body.blocks[name]; blocks && r.written[p.i.addr] != nil {
			continue
		}
		p.i.body.attrs[name] = field{r.references(v, p.i), p.i.at}
	}
	later := decoded(r.unknown[p.i.addr])
	if !later.CanIterateElements() || !later.Type().IsObjectType() {
		return
	}
	expressions := r.block(p).Expressions
	for name, u := range later.AsValueMap() {
		r.later(p, name, u, expressions[name])
	}
}

// settable are attributes that a configuration may state.
var settable = map[string]bool{"name": true, "identifier": true, "bucket": true, "function_name": true, "cluster_identifier": true, "port": true,
	"private_ip": true, "vpc_id": true, "availability_zone": true, "cidr_block": true, "replication_group_id": true, "cluster_id": true, "target_id": true, "value": true, "policy": true, "secret_string": true}

// references puts tokens in the place of what the plan knows as attributes of
// its resources.
func (r *planReader) references(v cty.Value, of *instance) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !isText(v) {
			return v, nil
		}
		if p, ok := r.known[v.AsString()]; ok && p.of != of {
			return cty.StringVal(r.e.token(p)), nil
		}
		return v, nil
	})
	if err != nil {
		return v
	}
	return out
}

// later says what stands for an argument that is known after apply.
func (r *planReader) later(p *planned, name string, u cty.Value, expression any) {
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
func (r *planReader) merged(p *planned, name string, now, u cty.Value, expression any) (cty.Value, bool) {
	switch {
	case u.Type() == cty.Bool && u.True():
		return r.resolved(p, name, referencesOf(expression), now), true
	case u.Type().IsTupleType() && u.LengthInt() > 0:
		return r.mergedList(p, name, now, u, expression), true
	case u.Type().IsObjectType() && u.LengthInt() > 0:
		out := map[string]cty.Value{}
		if now.Type().IsObjectType() && !now.IsNull() {
			out = now.AsValueMap()
		}
		if out == nil {
			out = map[string]cty.Value{}
		}
		inner, _ := expression.(map[string]any)
		for key, part := range u.AsValueMap() {
			was, ok := out[key]
			if !ok {
				was = cty.NullVal(cty.DynamicPseudoType)
			}
			x, has := inner[key]
			if !has {
				x = expression
			}
			if v, ok := r.merged(p, key, was, part, x); ok {
				out[key] = v
			}
		}
		return cty.ObjectVal(out), true
	}
	return now, false
}

// mergedList does so for a list: of blocks, or of values of which some are not
// known yet. As many references as there are such values stand for them.
func (r *planReader) mergedList(p *planned, name string, now, u cty.Value, expression any) cty.Value {
	var items []cty.Value
	if now.Type().IsTupleType() && !now.IsNull() {
		items = now.AsValueSlice()
	}
	blocks, _ := expression.([]any)
	all := r.targets(p, name, referencesOf(expression))
	open := 0
	for _, part := range u.AsValueSlice() {
		if part.Type() == cty.Bool && part.True() {
			open++
		}
	}
	next := 0
	for k, part := range u.AsValueSlice() {
		for len(items) <= k {
			items = append(items, cty.NullVal(cty.DynamicPseudoType))
		}
		switch {
		case part.Type() == cty.Bool && part.True() && len(all) == open:
			items[k] = all[next]
			next++
		case part.Type() == cty.Bool && part.True():
			items[k] = r.gap(p, name, referencesOf(expression)).unknown()
		default:
			x := expression
			if k < len(blocks) {
				x = blocks[k]
			} else if len(blocks) == 1 {
				x = blocks[0]
			}
			if v, ok := r.merged(p, name, items[k], part, x); ok {
				items[k] = v
			}
		}
	}
	return cty.TupleVal(items)
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
