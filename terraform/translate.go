package terraform

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// A translator writes the template that cfn evaluates.
type translator struct {
	*evaluator
	entries    []source.Entry
	partial    []source.Entry // see stated
	at         map[string]int // in entries, by logical ID
	conditions []source.Entry
	doubts     map[gap]string // the conditions that stand for them
	known      map[string]cfn.Identity
	stack      string
	adopted    map[string]*instance // what a VPC was made with, by kind and VPC: see adopt
	byText     map[string]*instance // by type/name; nil until asked
	mains      []*instance
	changes    []change
	methods    map[string][]*instance // what is of a method, by type and method: see beside
}

// translate makes the template of all instances and has cfn evaluate it.
func (e *evaluator) translate() (cloud.Spec, source.Diags) {
	n := len(e.instances) + len(e.instances)/3 // some are made of several
	t := &translator{evaluator: e, at: make(map[string]int, n), known: make(map[string]cfn.Identity, n), entries: make([]source.Entry, 0, n),
		stack: e.stackName(), adopted: map[string]*instance{}, doubts: map[gap]string{}}
	t.name()
	t.adopt()
	for _, i := range e.instances {
		t.instance(i)
	}
	t.patches()
	if len(t.entries) == 0 {
		spec := e.spec.Clone()
		e.unmodelled(&spec)
		return spec, e.diags.Sorted()
	}
	spec, diags := cfn.LoadGroup(cfn.Group{Spec: e.spec, Stacks: []cfn.Stack{{Name: t.stack, File: e.dir, Root: t.template(), Known: t.known}}})
	e.diags = append(e.diags, diags...)
	e.unmodelled(&spec)
	t.finish(&spec)
	return spec, e.diags.Sorted()
}

// stackName is the stack as cfn calls it.
func (e *evaluator) stackName() string { return cmp.Or(e.spec.Stack, "stack") }

// template is what the entries make up.
func (t *translator) template() source.Node {
	at := inFile(t.dir)
	section := func(name string, entries []source.Entry) source.Entry {
		return source.Entry{Key: name, KeyAt: at, Value: source.Node{Kind: source.Map, Entries: entries, At: at}}
	}
	all := []source.Entry{section("Resources", t.entries)}
	if len(t.conditions) > 0 {
		all = append(all, section("Conditions", t.conditions))
	}
	return source.Node{Kind: source.Map, At: at, Entries: all}
}

// name gives each instance the logical ID by which cfn knows it: the letters
// and digits of its address, and where two have the same, a part of a hash.
func (t *translator) name() {
	taken := make(map[string]bool, len(t.instances))
	for _, i := range t.instances {
		var b strings.Builder
		for word := range strings.FieldsFuncSeq(t.shown(i.addr), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }) {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
		id := b.String()
		if taken[id] {
			h := fnv.New64a()
			h.Write([]byte(i.addr))
			id = fmt.Sprintf("%sx%x", id, h.Sum64())
		}
		taken[id] = true
		i.logical = id
	}
}

// instance writes one resource.
func (t *translator) instance(i *instance) {
	switch region, other := t.elsewhere(i); {
	case i.b.data || i.row == nil || i.row.quiet:
	case other:
		t.absent = append(t.absent, cloud.Meta{Name: i.addr, Type: i.b.typ, At: i.at})
		t.diags.Add(source.Diag{Code: "TF_OTHER_REGION", Severity: source.Note, At: i.at, Summary: i.addr + " is made in " + region + ", which is not the region that is looked at (" + t.spec.Region + ")"})
	case i.row.make != nil:
		i.row.make(t, i)
	default:
		t.emit(i, "", i.row.cfn, t.properties(i.row.parsed, i.body))
	}
}

// emit adds a resource. part is what of the instance it is: "" is the whole.
func (t *translator) emit(i *instance, part, typ string, properties []source.Entry) {
	t.emitAt(i, i.at, part, typ, properties)
}

// partForm is a part of an instance: which of several, and what more tells it
// apart.
var partForm = regexp.MustCompile(`^([a-z]+?)n?([0-9]+)(n[0-9]+)?$`)

// emitAt is emit for a part that has a place of its own.
func (t *translator) emitAt(i *instance, at source.Span, part, typ string, properties []source.Entry) {
	id := i.logical
	name := t.shown(i.addr)
	if part != "" {
		id += "p" + part
		name += "." + partForm.ReplaceAllString(part, "$1[$2]")
	}
	if _, again := t.at[id]; again {
		return
	}
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, id)
	entries := []source.Entry{entry("Type", text(typ, at)), entry("Properties", source.Node{Kind: source.Map, Entries: properties, At: at})}
	if i.doubt != nil {
		entries = append(entries, entry("Condition", text(t.condition(*i.doubt), i.doubt.at)))
	}
	t.at[id] = len(t.entries)
	t.known[clean] = cfn.Identity{Name: name}
	if part == "" {
		t.known[clean] = cfn.Identity{Name: name, ID: i.id}
	}
	t.entries = append(t.entries, source.Entry{Key: clean, KeyAt: at, Value: source.Node{Kind: source.Map, Entries: entries, At: at}})
}

// condition names the condition that stands for a gap.
func (t *translator) condition(g gap) string {
	if name, ok := t.doubts[g]; ok {
		return name
	}
	name := fmt.Sprintf("Open%d", len(t.conditions))
	equals := source.Node{Kind: source.List, At: g.at, Items: []source.Node{g.node(), text("true", g.at)}}
	t.conditions = append(t.conditions, source.Entry{Key: name, KeyAt: g.at, Value: source.Node{Kind: source.Map, At: g.at, Entries: []source.Entry{entry("Fn::Equals", equals)}}})
	t.doubts[g] = name
	return name
}

func entry(key string, v source.Node) source.Entry {
	return source.Entry{Key: key, KeyAt: v.At, Value: v}
}

func text(s string, at source.Span) source.Node {
	return source.Node{Kind: source.String, Text: s, At: at}
}

func list(at source.Span, items ...source.Node) source.Node {
	return source.Node{Kind: source.List, Items: items, At: at}
}

func object(at source.Span, entries ...source.Entry) source.Node {
	return source.Node{Kind: source.Map, Entries: entries, At: at}
}

// ref is what Ref gives for an instance.
func ref(i *instance, at source.Span) source.Node {
	return object(at, entry("Ref", text(i.logical, at)))
}

// getAtt is an attribute of CloudFormation's.
func getAtt(i *instance, attribute string, at source.Span) source.Node {
	return object(at, entry("Fn::GetAtt", list(at, text(i.logical, at), text(attribute, at))))
}

// node gives a value as a document.
func (t *translator) node(v cty.Value, at source.Span) source.Node {
	bare, _ := v.Unmark()
	s, scalar := scalarText(bare)
	switch {
	case !bare.IsKnown():
		return t.placedGap(gapOf(v, at), at)
	case bare.IsNull():
		return source.Node{At: at}
	case scalar && bare.Type() == cty.String:
		return t.textNode(s, at)
	case scalar && bare.Type() == cty.Bool:
		return source.Node{Kind: source.Bool, Text: s, At: at}
	case scalar:
		return source.Node{Kind: source.Number, Text: s, At: at}
	case bare.Type().IsMapType() || bare.Type().IsObjectType():
		out := object(at)
		for k, item := range bare.Elements() {
			k, _ = k.Unmark()
			if i, _ := item.Unmark(); !i.IsKnown() || !i.IsNull() {
				out.Entries = append(out.Entries, source.Entry{Key: t.shown(k.AsString()), KeyAt: at, Value: t.node(item, at)})
			}
		}
		return out
	}
	out := list(at)
	if bare.CanIterateElements() {
		for _, item := range bare.Elements() {
			out.Items = append(out.Items, t.node(item, at))
		}
	}
	return out
}

// placedGap is a gap with a place: the argument's where it has none.
func (t *translator) placedGap(g gap, at source.Span) source.Node {
	if g.at.IsZero() {
		g.at = at
	}
	return g.node()
}

// textNode gives a text, with its tokens as references.
func (t *translator) textNode(s string, at source.Span) source.Node {
	if !hasToken(s) {
		return text(s, at)
	}
	var parts []source.Node
	last := 0
	for _, m := range tokenForm.FindAllStringIndex(s, -1) {
		p, ok := t.promised(s[m[0]:m[1]])
		if !ok {
			continue
		}
		if m[0] > last {
			parts = append(parts, text(s[last:m[0]], at))
		}
		n := t.promisedNode(p, at)
		if n.Kind == source.Unknown {
			return n
		}
		parts = append(parts, n)
		last = m[1]
	}
	if last < len(s) {
		parts = append(parts, text(s[last:], at))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return object(at, entry("Fn::Join", list(at, text("", at), list(at, parts...))))
}

// promisedNode gives what stands for an attribute of a resource.
func (t *translator) promisedNode(p promise, at source.Span) source.Node {
	i := p.of
	if i == nil {
		return t.placedGap(p.gap, at)
	}
	if i.logical == "" {
		return gap{t.shown(i.addr) + " is not in the plan", i.at}.node()
	}
	if n, ok := t.special(i, p.attr, at); ok {
		return n
	}
	if region, other := t.elsewhere(i); other {
		return gap{i.addr + " is made in " + region + ", which is not looked at", i.at}.node()
	}
	how := i.row.atts[p.attr]
	switch pattern, sub := strings.CutPrefix(how, "Sub:"); {
	case how == "":
		return gap{"AWS decides attribute " + p.attr + " of " + t.shown(i.addr) + " when it is created", i.at}.node()
	case sub:
		return t.sub(i, pattern, at)
	case how == "Ref":
		return ref(i, at)
	}
	return getAtt(i, how, at)
}

// sub writes a pattern of ${Ref}, ${Attribute} and ${AWS::Region}.
func (t *translator) sub(i *instance, pattern string, at source.Span) source.Node {
	var parts []source.Node
	for pattern != "" {
		before, rest, ok := strings.Cut(pattern, "${")
		if before != "" {
			parts = append(parts, text(before, at))
		}
		if !ok {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		pattern = after
		switch {
		case name == "Ref":
			parts = append(parts, ref(i, at))
		case strings.HasPrefix(name, "AWS::"):
			parts = append(parts, object(at, entry("Ref", text(name, at))))
		case strings.HasPrefix(name, "."): // an argument
			f := i.body.attrs[name[1:]]
			parts = append(parts, t.node(f.value, f.at))
		default:
			parts = append(parts, getAtt(i, name, at))
		}
	}
	if k := slices.IndexFunc(parts, func(n source.Node) bool { return n.Kind == source.Unknown }); k >= 0 {
		return parts[k]
	}
	return object(at, entry("Fn::Join", list(at, text("", at), list(at, parts...))))
}

// instanceOf finds the instance that a value names: by a token, or by a name or
// an ID that is stated.
func (t *translator) instanceOf(v cty.Value) (*instance, bool) {
	s, ok := scalarText(v)
	if !ok || tokenForm.FindString(s) != s || s == "" {
		return nil, false
	}
	p, ok := t.promised(s)
	return p.of, ok && p.of != nil
}
