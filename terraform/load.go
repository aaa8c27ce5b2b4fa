package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"bailey/cloud"
	"bailey/source"
)

// An evaluator is the state of one configuration: what its modules share.
type evaluator struct {
	files      Files
	dir        string
	spec       cloud.Spec // the region, the account and the facts
	parameters map[string]source.Node
	given      map[string]stated // by files of variables
	diags      source.Diags
	modules    map[string]*module
	manifest   map[string]string // folders of installed modules, by their keys
	names      *names
	shared     map[string]function.Function
	promises   []promise
	numbers    map[promise]int
	instances  []*instance
	absent     []cloud.Meta // modules that are not here
	regions    map[string]cty.Value
	comments   []source.Suppression
	prior      map[string]map[string]cty.Value // by the address of a data source, what a plan has looked up
	archives   map[string]string               // what archive_file makes packages of, by their names

	stopped                       bool // there is too much of it
	read, scopes, made, templates int
	work                          int // see maxWork
	natives                       map[hcl.Range]hcl.Expression
}

// A Configuration is a folder of *.tf and *.tf.json, read and not yet evaluated.
type Configuration struct {
	e    *evaluator
	root *scope
}

// Read reads the configuration in a folder. parameters are the values of its
// variables, as text, before those that its own files state.
func Read(dir string, files Files, parameters map[string]source.Node) (*Configuration, source.Diags) {
	e := newEvaluator(dir, files)
	e.parameters = parameters
	m := e.module(dir)
	e.readVariables(dir)
	for _, name := range keys(parameters) {
		if _, ok := m.variables[name]; !ok && !e.diags.HasErrors() {
			e.warn("TF_UNKNOWN_VARIABLE", parameters[name].At, source.DidYouMean(name, keys(m.variables), ""), "the configuration has no variable %q", name)
		}
	}
	c := &Configuration{e: e, root: e.newScope(m, nil, nil, iteration{}, "")}
	return c, e.diags.Sorted()
}

func newEvaluator(dir string, files Files) *evaluator {
	return &evaluator{dir: dir, files: files, given: map[string]stated{}, modules: map[string]*module{}, names: newNames(),
		numbers: map[promise]int{}, regions: map[string]cty.Value{}, archives: map[string]string{}, natives: map[hcl.Range]hcl.Expression{}}
}

// Variables are the names of the root module's variables.
func (c *Configuration) Variables() []string { return keys(c.root.m.variables) }

// Region is the region that the AWS provider's configuration states, empty
// where it states none, or leaves it open.
func (c *Configuration) Region() string {
	text, _ := scalarText(c.root.providerRegion("aws"))
	if hasToken(text) {
		return ""
	}
	return text
}

// Spec evaluates the configuration and adds what it declares to spec, which
// says the region, account and stack and holds the facts. It is of use only if
// no diagnostic is an error.
func (c *Configuration) Spec(spec cloud.Spec) (cloud.Spec, source.Diags) {
	e := c.e
	e.spec = spec
	e.evaluate(c.root)
	if e.diags.HasErrors() {
		return spec, e.diags.Sorted()
	}
	return e.translate()
}

// evaluate makes every resource of a module and of those that it calls.
func (e *evaluator) evaluate(s *scope) {
	if e.stopped {
		return
	}
	for _, b := range s.m.order {
		s.resource(b.key())
	}
	for _, name := range keys(s.m.calls) {
		for _, child := range s.modules(name).scopes {
			e.evaluate(child)
		}
	}
	if s.parent == nil {
		for _, name := range keys(s.m.outputs) {
			s.output(name)
		}
	}
}

// moduleOf finds the folder of a module call: beside the caller's, or among
// those that `terraform init` has installed.
// https://developer.hashicorp.com/terraform/language/modules/sources
func (s *scope) moduleOf(call *block) (*module, *gap) {
	key := call.name
	depth := 0
	for p := s; p.call != nil; p = p.parent {
		key = p.call.name + "." + key
		depth++
	}
	dir, ok := "", false
	switch {
	case strings.HasPrefix(call.source, "./") || strings.HasPrefix(call.source, "../") || call.source == "." || call.source == "..":
		dir, ok = joined(s.m.dir, call.source), true
	default:
		dir, ok = s.installed(key)
	}
	if depth > maxNested {
		g := s.tooLarge(call.at, "modules are nested deeper than %d", maxNested)
		return nil, &g
	}
	if !ok {
		s.warn("TF_MODULE_NOT_HERE", call.at, "run `terraform init` in the folder, or `terraform get`", "module %s (%s) is not here: its resources are not in the answers", key, call.source)
		s.absent = append(s.absent, cloud.Meta{Name: s.address + "module." + call.name, Type: "module", At: call.at})
		return nil, &gap{"module " + key + " is not here (run terraform init)", call.at}
	}
	for p := s; p != nil; p = p.parent {
		if p.m.dir == dir {
			g := s.fail("TF_CYCLE", call.at, "", "module %s calls itself: %s", key, dir)
			return nil, &g
		}
	}
	return s.module(dir), nil
}

// installed gives the folder of a module that `terraform init` has installed.
func (e *evaluator) installed(key string) (string, bool) {
	if e.manifest == nil {
		e.manifest = map[string]string{}
		var doc struct{ Modules []struct{ Key, Dir string } }
		data, err := e.files.Open(joined(e.dir, ".terraform/modules/modules.json"))
		if err == nil && json.Unmarshal(data, &doc) == nil {
			for _, m := range doc.Modules {
				e.manifest[m.Key] = joined(e.dir, m.Dir)
			}
		}
	}
	dir, ok := e.manifest[key]
	return dir, ok
}

// providersOf says what the module called knows the caller's providers by.
// https://developer.hashicorp.com/terraform/language/meta-arguments/module-providers
func (s *scope) providersOf(call *block) [][2]string {
	if call.providers == nil {
		return nil
	}
	var out [][2]string
	pairs, _ := hcl.ExprMap(call.providers)
	for _, p := range pairs {
		inner, outer := s.providerName(p.Key), s.providerName(p.Value)
		if inner != "" && outer != "" {
			out = append(out, [2]string{inner, s.rootProvider(outer)})
		}
	}
	return out
}

// rootProvider is what the root module calls a provider.
func (s *scope) rootProvider(name string) string {
	if s.call == nil {
		return name
	}
	for _, p := range s.providers {
		if p[0] == name {
			return p[1]
		}
	}
	if local, _, aliased := strings.Cut(name, "."); !aliased {
		return s.parent.rootProvider(local)
	}
	return name
}

// providerName reads aws or aws.west.
func (e *evaluator) providerName(x hcl.Expression) string {
	t, diags := hcl.AbsTraversalForExpr(x)
	if diags.HasErrors() {
		if v := e.literal(x); isText(v) {
			return v.AsString()
		}
		return ""
	}
	name := t.RootName()
	for _, step := range t[1:] {
		name += "." + attrName(step)
	}
	return name
}

// regionOf is the region that an instance is made in: its own argument, which
// the provider has since version 6, or its provider's; NilVal: that of the rest.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support
func (s *scope) regionOf(i *instance) cty.Value {
	if !strings.HasPrefix(i.b.typ, "aws_") {
		return cty.NilVal
	}
	if f, ok := i.body.get("region"); ok && i.b.typ != "aws_region" {
		return f.value
	}
	name := "aws"
	if i.b.provider != nil {
		name = s.providerName(i.b.provider)
	}
	return s.providerRegion(s.rootProvider(name))
}

// providerRegion is the region that a configuration of the root's provider
// states, NilVal where it states none.
func (s *scope) providerRegion(name string) cty.Value {
	for s.parent != nil {
		s = s.parent
	}
	if v, ok := s.regions[name]; ok {
		return v
	}
	out := cty.NilVal
	for _, p := range s.m.providers {
		attrs, _, _ := p.body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "region"}}})
		full := p.typ
		if p.alias != "" {
			full += "." + p.alias
		}
		if a, ok := attrs.Attributes["region"]; ok && full == name {
			out = s.eval(a.Expr, iteration{})
		}
	}
	s.regions[name] = out
	return out
}

// elsewhere reports whether an instance is made in another region, and which.
func (e *evaluator) elsewhere(i *instance) (string, bool) {
	if i.region == cty.NilVal {
		return "", false
	}
	text, known := scalarText(i.region)
	return text, known && text != e.spec.Region && text != ""
}

// unmodelled files what has no row, with one note for each type.
func (e *evaluator) unmodelled(spec *cloud.Spec) {
	byType := map[string][]string{}
	at := map[string]source.Span{}
	for _, i := range e.instances {
		if i.b.data || i.row != nil || !strings.HasPrefix(i.b.typ, "aws_") && !strings.HasPrefix(i.b.typ, "awscc_") {
			continue
		}
		spec.Unmodelled = append(spec.Unmodelled, cloud.Meta{Name: i.addr, Type: i.b.typ, At: i.at})
		if byType[i.b.typ] == nil {
			at[i.b.typ] = i.at
		}
		byType[i.b.typ] = append(byType[i.b.typ], i.addr)
	}
	for _, typ := range slices.Sorted(maps.Keys(byType)) {
		e.diags.Add(source.Diag{Code: "TF_UNMODELLED_TYPE", Severity: source.Note, At: at[typ], Summary: fmt.Sprintf("%s is not modelled: %s", typ, short(byType[typ])),
			Hint: "answers about it, and those that depend on its attributes, are unknown"})
	}
	spec.Unmodelled = append(spec.Unmodelled, e.absent...)
}

// short lists names, of many the first.
func short(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
