package terraform

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// A configModule is a module as the plan tells its configuration: of each
// expression only what it refers to.
type configModule struct {
	Resources []configResource       `json:"resources"`
	Calls     map[string]*configCall `json:"module_calls"`
	Outputs   map[string]struct {
		Expression json.RawMessage `json:"expression"`
	} `json:"outputs"`

	byKey map[string]int // of Resources; nil until asked
}

// A configCall is a call of a module.
type configCall struct {
	Expressions json.RawMessage `json:"expressions"`
	Module      configModule    `json:"module"`
}

// A configResource is a block of a module.
type configResource struct {
	Address     string          `json:"address"`
	Expressions json.RawMessage `json:"expressions"`
	DependsOn   []string        `json:"depends_on"`
}

// configOf finds the module at an address such as module.a["x"].module.b, with
// the modules that it is in, outermost first.
func (r *planReader) configOf(address string) []*configModule {
	chain, ok := r.chains[address]
	if !ok {
		chain = r.chainTo(address)
		r.chains[address] = chain
	}
	return chain
}

func (r *planReader) chainTo(address string) []*configModule {
	if r.doc.Configuration == nil {
		return nil
	}
	chain := []*configModule{&r.doc.Configuration.Root}
	for _, name := range callNames(address) {
		call := chain[len(chain)-1].Calls[name]
		if call == nil {
			return nil
		}
		chain = append(chain, &call.Module)
	}
	return chain
}

// callNames are the names of the calls in a module's address.
func callNames(address string) []string {
	var out []string
	for _, step := range steps(address) {
		if step != "module" && !strings.HasPrefix(step, "[") {
			out = append(out, step)
		}
	}
	return out
}

// steps takes an address apart at its dots and brackets.
func steps(address string) []string {
	var out []string
	start, quoted := 0, false
	cut := func(i int) {
		if i > start {
			out = append(out, address[start:i])
		}
	}
	for i := range len(address) {
		switch c := address[i]; {
		case c == '"' && (i == 0 || address[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case c == '.':
			cut(i)
			start = i + 1
		case c == '[':
			cut(i)
			start = i
		}
	}
	cut(len(address))
	return out
}

// block gives what the configuration says of a planned instance.
func (r *planReader) block(p *planned) configResource {
	chain := r.configOf(p.module)
	if len(chain) == 0 {
		return configResource{}
	}
	return chain[len(chain)-1].resource(p.state.Type + "." + p.state.Name)
}

// resource finds a block by its type and name.
func (m *configModule) resource(key string) configResource {
	if m.byKey == nil {
		m.byKey = map[string]int{}
		for k, x := range m.Resources {
			m.byKey[x.Address] = k
		}
	}
	k, ok := m.byKey[key]
	if !ok {
		return configResource{}
	}
	return m.Resources[k]
}

// waits are the addresses of the resources in the same module that a planned
// instance waits for, and what these wait for.
func (r *planReader) waits(p *planned) []string {
	byKey := map[string][]*planned{}
	for _, o := range r.order {
		if o.module == p.module {
			byKey[o.state.Type+"."+o.state.Name] = append(byKey[o.state.Type+"."+o.state.Name], o)
		}
	}
	var out []string
	seen := map[string]bool{}
	for todo := []*planned{p}; len(todo) > 0; todo = todo[1:] {
		x := r.block(todo[0])
		for _, ref := range append(referencesOf(x.Expressions), x.DependsOn...) {
			parts := steps(ref)
			if len(parts) < 2 || seen[parts[0]+"."+parts[1]] {
				continue
			}
			seen[parts[0]+"."+parts[1]] = true
			for _, o := range byKey[parts[0]+"."+parts[1]] {
				out, todo = append(out, o.i.addr), append(todo, o)
			}
		}
	}
	return out
}

// referencesOf are what an expression, or the blocks of it, refer to; of a
// resource and its attribute only the attribute.
func referencesOf(x json.RawMessage) []string {
	var out []string
	if list := items(member(x, "references")); list != nil {
		for _, r := range list {
			if v := decoded(r); isText(v) {
				out = append(out, v.AsString())
			}
		}
		return specific(out)
	}
	inner := items(x)
	for _, part := range members(x) {
		inner = append(inner, part)
	}
	for _, part := range inner {
		out = append(out, referencesOf(part)...)
	}
	return out
}

func specific(refs []string) []string {
	var out []string
	for i, r := range refs {
		longer := slices.ContainsFunc(refs[:i], func(o string) bool { return strings.HasPrefix(o, r+".") || strings.HasPrefix(o, r+"[") })
		if !longer && !strings.HasPrefix(r, "each.") && !strings.HasPrefix(r, "count.") && !strings.HasPrefix(r, "path.") {
			out = append(out, r)
		}
	}
	return out
}

// maxHops bounds how far references are followed through modules.
const maxHops = 40

// targets are the attributes that references lead to, through variables and
// outputs; nothing where one of them is not known to be an ID as it stands. A
// plan does not tell how an expression uses what it refers to, so only
// arguments that are IDs or names, of which nothing can be made, are followed.
func (r *planReader) targets(p *planned, name string, refs []string) []cty.Value {
	if !isReference(name) {
		return nil
	}
	var out []cty.Value
	for _, ref := range refs {
		found, ok := r.follow(p.module, ref, p, name, 0)
		if !ok {
			return nil
		}
		out = append(out, found...)
	}
	return out
}

// isReference reports whether an argument is an ID or a name of something else,
// and never a text that is made of one.
func isReference(name string) bool {
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids") || plural(name) ||
		slices.Contains([]string{"role", "function_name", "bucket", "rule", "topic_arn", "role_arn", "target_arn", "event_source_arn", "load_balancer_arn", "target_group_arn",
			"iam_instance_profile", "db_subnet_group_name", "subnet_group_name", "cluster_identifier", "db_proxy_name", "queue_url", "policy_arn", "secret_arn", "log_group_name",
			"stage_name", "instance", "network_interface", "subnet_group_name", "user", "group", "listener_arn", "function_version", "key_id", "kms_key_arn"}, name)
}

// follow gives what one reference leads to, from a module at an address.
func (r *planReader) follow(module, ref string, p *planned, name string, hops int) ([]cty.Value, bool) {
	parts := steps(ref)
	if len(parts) < 2 || hops > maxHops {
		return nil, false
	}
	chain := r.configOf(module)
	if len(chain) == 0 {
		return nil, false
	}
	own := chain[len(chain)-1]
	switch parts[0] {
	case "var":
		outer, call := outerModule(module)
		if call == "" || len(chain) < 2 {
			return nil, false
		}
		return r.followAll(outer, referencesOf(member(chain[len(chain)-2].Calls[call].Expressions, parts[1])), p, name, hops)
	case "module":
		inner, rest := prefixed(module, "module."+parts[1]), parts[2:]
		if len(rest) > 0 && strings.HasPrefix(rest[0], "[") {
			inner, rest = inner+rest[0], rest[1:]
		}
		call := own.Calls[parts[1]]
		if call == nil || len(rest) == 0 {
			return nil, false
		}
		return r.followAll(inner, referencesOf(call.Module.Outputs[rest[0]].Expression), p, name, hops)
	case "data":
		return r.looked(module, parts)
	case "local", "self", "each", "count":
		return nil, false
	}
	return r.resources(module, parts, p, name)
}

func (r *planReader) followAll(module string, refs []string, p *planned, name string, hops int) ([]cty.Value, bool) {
	if len(refs) == 0 {
		return nil, false
	}
	var out []cty.Value
	for _, ref := range refs {
		found, ok := r.follow(module, ref, p, name, hops+1)
		if !ok {
			return nil, false
		}
		out = append(out, found...)
	}
	return out, true
}

// looked gives an attribute of a data source that Terraform has looked up: the
// state before the plan has it.
func (r *planReader) looked(module string, parts []string) ([]cty.Value, bool) {
	if len(parts) < 4 {
		return nil, false
	}
	address, rest := prefixed(module, strings.Join(parts[:3], ".")), parts[3:]
	if strings.HasPrefix(rest[0], "[") {
		address, rest = address+rest[0], rest[1:]
	}
	if len(rest) != 1 {
		return nil, false
	}
	v, ok := r.e.prior[address][rest[0]]
	switch {
	case !ok || v.IsNull():
		return nil, false
	case isText(v):
		return []cty.Value{v}, true
	case v.Type().IsTupleType():
		return v.AsValueSlice(), v.LengthInt() > 0
	}
	return nil, false
}

// outerModule splits the last call off a module's address.
func outerModule(address string) (outer, call string) {
	all := steps(address)
	for len(all) > 0 && strings.HasPrefix(all[len(all)-1], "[") {
		all = all[:len(all)-1]
	}
	if len(all) < 2 {
		return "", ""
	}
	call = all[len(all)-1]
	var b strings.Builder
	for i, s := range all[:len(all)-2] {
		if i > 0 && !strings.HasPrefix(s, "[") {
			b.WriteByte('.')
		}
		b.WriteString(s)
	}
	return b.String(), call
}

func prefixed(module, address string) string {
	if module == "" {
		return address
	}
	return module + "." + address
}

// resources gives the attribute of the instances that a reference names: one of
// them, the one with the referrer's own key, or all.
func (r *planReader) resources(module string, parts []string, p *planned, name string) ([]cty.Value, bool) {
	address, rest := prefixed(module, parts[0]+"."+parts[1]), parts[2:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "[") {
		address, rest = address+rest[0], rest[1:]
	}
	if i := r.made[address]; i != nil {
		return r.attribute(rest, name, i)
	}
	if own := strings.LastIndexByte(p.i.addr, '['); own >= 0 && !plural(name) {
		if i := r.made[address+p.i.addr[own:]]; i != nil {
			r.assumed++
			return r.attribute(rest, name, i)
		}
	}
	if !plural(name) {
		return nil, false
	}
	r.assumed++
	var out []cty.Value
	for _, i := range r.spread(address) {
		found, ok := r.attribute(rest, name, i)
		if !ok {
			return nil, false
		}
		out = append(out, found...)
	}
	return out, len(out) > 0
}

// spread are the instances of a resource with count or for_each, in the plan's
// order.
func (r *planReader) spread(address string) []*instance {
	if r.spreads == nil {
		r.spreads = map[string][]*instance{}
		for _, o := range r.order {
			if k := strings.LastIndexByte(o.i.addr, '['); k >= 0 {
				r.spreads[o.i.addr[:k]] = append(r.spreads[o.i.addr[:k]], o.i)
			}
		}
	}
	return r.spreads[address]
}

// attribute gives that of an instance; a reference to the whole of it means its
// ID where an ID is asked for.
func (r *planReader) attribute(rest []string, name string, i *instance) ([]cty.Value, bool) {
	attr := "id"
	switch {
	case len(rest) > 0:
		attr = rest[0]
	case !strings.HasSuffix(name, "_id") && !strings.HasSuffix(name, "_ids") && !plural(name):
		return nil, false
	}
	if i.row == nil {
		return nil, false
	}
	if _, ok := i.row.atts[attr]; !ok {
		return nil, false
	}
	return []cty.Value{cty.StringVal(r.e.token(promise{of: i, attr: attr}))}, true
}
