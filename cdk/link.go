package cdk

import (
	"fmt"
	"slices"
	"strings"

	"bailey/source"
)

// A unit is one template on its way to cfn.Load, with what passes between it
// and the others of its group.
//
//	hole   a place whose value another template or a look-up has: the template
//	       gets a parameter there, and the value is given with it
//	probe  an expression whose value another template needs: the template gets
//	       a parameter of Systems Manager that states it, and Load evaluates it
type unit struct {
	stack  *Stack
	doc    source.Node
	holes  []hole
	probes []probe
	diags  source.Diags
	within map[string]*Stack // its nested stacks
}

// A hole is filled with values[key], or with value where key is empty.
type hole struct {
	param string
	key   string // of values; see the key functions
	name  string // for an import by an expression: the key of its name
	value source.Node
}

// A probe files the value of an expression under key.
type probe struct {
	key             string
	expr, condition source.Node
}

// Keys of the values that pass between templates.
func exportKey(name string) string           { return "export\x00" + name }
func outputKey(s *Stack, name string) string { return "output\x00" + s.ID + "\x00" + name }
func givenKey(s *Stack, name string) string  { return "given\x00" + s.ID + "\x00" + name }
func existsKey(s *Stack) string              { return "exists\x00" + s.ID }

// newUnit prepares a stack's template. exports says whether some stack of the
// group imports anything.
func newUnit(s *Stack, exports bool) *unit {
	u := &unit{stack: s, within: s.Nested}
	u.doc = u.sections(s.Template)
	for _, c := range s.children() {
		u.probeChild(c)
	}
	outputs, _ := s.Template.Get("Outputs")
	for _, e := range outputs.Entries {
		u.probeOutput(e, exports)
	}
	return u
}

// sections rewrites the template's sections and leaves out what says nothing
// about the application.
func (u *unit) sections(n source.Node) source.Node {
	out := source.Node{Kind: source.Map, At: n.At}
	for _, e := range n.Entries {
		switch e.Key {
		case "Transform":
			if onlyApplications(n) && e.Value.Text == "AWS::Serverless-2016-10-31" {
				continue
			}
		case "Resources":
			e.Value = u.resources(e.Value)
		case "Outputs", "Conditions":
			e.Value = u.rewrite(e.Value)
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// onlyApplications reports whether the SAM transform would change nothing but
// AWS::Serverless::Application, which stands for a stack that the assembly
// does not have: the CDK's rotation of secrets is made so. Like every type
// without a row it is noted.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
func onlyApplications(template source.Node) bool {
	resources, _ := template.Get("Resources")
	return !slices.ContainsFunc(resources.Entries, func(e source.Entry) bool {
		typ, _ := e.Value.Get("Type")
		return strings.HasPrefix(typ.Text, "AWS::Serverless::") && typ.Text != "AWS::Serverless::Application"
	})
}

// empty reports whether nothing is left to evaluate: stacks of nothing but
// nested ones are common, and the CDK deploys no stack without resources.
func (u *unit) empty() bool {
	resources, _ := u.doc.Get("Resources")
	return (resources.Kind == source.Map || resources.Kind == source.Null) && len(resources.Entries) == 0
}

// resources leaves out AWS::CDK::Metadata and the nested stacks that are read
// on their own.
func (u *unit) resources(n source.Node) source.Node {
	out := source.Node{Kind: n.Kind, Text: n.Text, Items: n.Items, At: n.At}
	for _, e := range n.Entries {
		typ, _ := e.Value.Get("Type")
		if typ.Text == "AWS::CDK::Metadata" || u.within[e.Key] != nil {
			continue
		}
		e.Value = u.resource(e.Value)
		out.Entries = append(out.Entries, e)
	}
	return out
}

func (u *unit) resource(n source.Node) source.Node {
	out := source.Node{Kind: n.Kind, Text: n.Text, Items: n.Items, At: n.At}
	for _, e := range n.Entries {
		switch e.Key {
		case "Properties":
			e.Value = u.rewrite(e.Value)
		case "DependsOn":
			if e.Value = u.dependsOn(e.Value); e.Value.Kind == source.List && len(e.Value.Items) == 0 {
				continue
			}
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// dependsOn leaves out nested stacks.
func (u *unit) dependsOn(n source.Node) source.Node {
	out := source.Node{Kind: source.List, At: n.At}
	for d := range n.Each() {
		if u.within[d.Text] == nil {
			out.Items = append(out.Items, d)
		}
	}
	return out
}

// rewrite puts holes where other templates, or look-ups, have the value.
func (u *unit) rewrite(n source.Node) source.Node {
	if n.Kind == source.Map && len(n.Entries) == 1 {
		if out, ok := u.intrinsic(n, n.Entries[0]); ok {
			return out
		}
	}
	switch n.Kind {
	case source.String:
		if m, ok := u.stack.unanswered(n.Text); ok {
			u.diags.Add(m.diag())
			return u.hole(n.At, hole{value: m.gap()})
		}
		return n
	case source.List:
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = u.rewrite(item)
		}
		n.Items = items
	case source.Map:
		entries := slices.Clone(n.Entries)
		for i := range entries {
			entries[i].Value = u.rewrite(entries[i].Value)
		}
		n.Entries = entries
	}
	return n
}

// intrinsic rewrites the functions that look into other stacks.
func (u *unit) intrinsic(n source.Node, e source.Entry) (source.Node, bool) {
	switch e.Key {
	case "Fn::ImportValue":
		if e.Value.Kind == source.String {
			return u.hole(n.At, hole{key: exportKey(e.Value.Text), value: importGap(e.Value.Text, n.At)}), true
		}
		name := fmt.Sprintf("name\x00%s\x00%d", u.stack.ID, len(u.probes))
		u.probes = append(u.probes, probe{key: name, expr: u.rewrite(e.Value)})
		return u.hole(n.At, hole{name: name, value: importGap("", n.At)}), true
	case "Fn::GetStackOutput":
		u.diags.Add(source.Diag{Code: "CDK_STACK_OUTPUT", At: e.KeyAt, Summary: "Fn::GetStackOutput is not read",
			Hint: "let the stacks refer to each other by exports, the CDK's default, and synthesise again"})
		return u.hole(n.At, hole{value: source.Node{Kind: source.Unknown, Text: "Fn::GetStackOutput is not read", At: n.At}}), true
	case "Fn::GetAtt":
		return u.getAtt(n, e.Value)
	case "Ref":
		if child := u.within[e.Value.Text]; child != nil {
			return u.hole(n.At, hole{value: source.Node{Kind: source.Unknown, Text: "AWS decides the ID of stack " + child.Name, At: n.At}}), true
		}
	}
	return n, false
}

func importGap(name string, at source.Span) source.Node {
	why := fmt.Sprintf("%q is exported by no stack of the assembly in this account and region", name)
	if name == "" {
		why = "the name of the imported value is not known"
	}
	return source.Node{Kind: source.Unknown, Text: why, At: at}
}

// getAtt rewrites the outputs of nested stacks.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
func (u *unit) getAtt(n, arg source.Node) (source.Node, bool) {
	name, attribute := nestedAttribute(arg)
	child := u.within[name]
	output, isOutput := strings.CutPrefix(attribute, "Outputs.")
	if child == nil || !isOutput {
		return n, false
	}
	open := source.Node{Kind: source.Unknown, Text: fmt.Sprintf("output %s of nested stack %s has no value", output, name), At: n.At}
	return u.hole(n.At, hole{key: outputKey(child, output), value: open}), true
}

// nestedAttribute takes the argument of Fn::GetAtt apart, in both its forms.
func nestedAttribute(arg source.Node) (name, attribute string) {
	if arg.Kind == source.List && len(arg.Items) == 2 {
		return arg.Items[0].Text, arg.Items[1].Text
	}
	name, attribute, _ = strings.Cut(arg.Text, ".")
	return name, attribute
}

// hole gives the reference that stands for a value from elsewhere.
func (u *unit) hole(at source.Span, h hole) source.Node {
	h.param = fmt.Sprintf("BaileyHole%d", len(u.holes))
	u.holes = append(u.holes, h)
	return source.Node{Kind: source.Map, At: at, Entries: []source.Entry{{Key: "Ref", Value: text(h.param)}}}
}

func text(s string) source.Node { return source.Node{Kind: source.String, Text: s} }

// probeChild asks for what a nested stack is given.
func (u *unit) probeChild(c *Stack) {
	for name, s := range u.within {
		if s != c {
			continue
		}
		r, _ := u.stack.Template.Path("Resources", name)
		condition, conditional := r.Get("Condition")
		if conditional {
			u.probes = append(u.probes, probe{key: existsKey(c), expr: text("true"), condition: condition})
		}
		given, _ := r.Path("Properties", "Parameters")
		for _, e := range given.Entries {
			u.probes = append(u.probes, probe{key: givenKey(c, e.Key), expr: u.rewrite(e.Value), condition: condition})
		}
	}
}

// probeOutput asks for an output that others may refer to.
func (u *unit) probeOutput(e source.Entry, exports bool) {
	value, ok := e.Value.Get("Value")
	if !ok {
		return
	}
	condition, _ := e.Value.Get("Condition")
	value = u.rewrite(value)
	if u.stack.inner {
		u.probes = append(u.probes, probe{outputKey(u.stack, e.Key), value, condition})
	}
	name, exported := e.Value.Path("Export", "Name")
	switch {
	case !exported || !exports:
	case name.Kind == source.String:
		u.probes = append(u.probes, probe{exportKey(name.Text), value, condition})
	default:
		key := "exported\x00" + u.stack.ID + "\x00" + e.Key
		u.probes = append(u.probes, probe{key + "\x00name", u.rewrite(name), condition}, probe{key, value, condition})
	}
}

// template gives the template with its holes, and with its probes if they are
// asked for.
func (u *unit) template(probes bool) source.Node {
	doc := u.doc
	for _, h := range u.holes {
		doc = with(doc, "Parameters", h.param, source.Node{Kind: source.Map, Entries: []source.Entry{{Key: "Type", Value: text("String")}}})
	}
	for i, p := range u.probes {
		if probes {
			doc = with(doc, "Resources", fmt.Sprint("BaileyProbe", i), p.resource(i))
		}
	}
	return doc
}

// with adds an entry at the end of a section.
func with(doc source.Node, section, key string, value source.Node) source.Node {
	doc.Entries = slices.Clone(doc.Entries)
	value.At = source.Span{File: doc.At.File}
	entry := source.Entry{Key: key, KeyAt: value.At, Value: value}
	for i, e := range doc.Entries {
		if e.Key == section {
			doc.Entries[i].Value.Entries = append(slices.Clip(e.Value.Entries), entry)
			return doc
		}
	}
	doc.Entries = append(doc.Entries, source.Entry{Key: section, Value: source.Node{Kind: source.Map, Entries: []source.Entry{entry}}})
	return doc
}

// resource states the probe's expression where Load evaluates it. A
// StringList takes text as well as lists.
func (p probe) resource(i int) source.Node {
	members := func(list ...source.Entry) source.Node { return source.Node{Kind: source.Map, Entries: list} }
	out := members(source.Entry{Key: "Type", Value: text("AWS::SSM::Parameter")},
		source.Entry{Key: "Properties", Value: members(source.Entry{Key: "Name", Value: text(fmt.Sprint("/bailey/probe/", i))},
			source.Entry{Key: "Type", Value: text("StringList")}, source.Entry{Key: "Value", Value: nowhere(p.expr)})})
	if p.condition.Kind != source.Null {
		out.Entries = append(out.Entries, source.Entry{Key: "Condition", Value: nowhere(p.condition)})
	}
	return out
}

// nowhere gives a copy of n without its places, which are another section's.
func nowhere(n source.Node) source.Node {
	out := source.Node{Kind: n.Kind, Text: n.Text}
	for _, item := range n.Items {
		out.Items = append(out.Items, nowhere(item))
	}
	for _, e := range n.Entries {
		out.Entries = append(out.Entries, source.Entry{Key: e.Key, Value: nowhere(e.Value)})
	}
	return out
}
