package cfn

import (
	"slices"
	"strings"

	"bailey/source"
)

// A section says whose rules apply to an expression.
type section uint8

const (
	inResources section = iota
	inConditions
	inRules
)

// String gives the section's name.
func (s section) String() string { return [...]string{"Resources", "Conditions", "Rules"}[s] }

// ruleFunctions stand in the Rules section only.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
var ruleFunctions = []string{"Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"}

// assertRules evaluates the Rules section: what the template asserts about its
// parameters. A false assertion is an error; an open one says nothing.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
func (l *loader) assertRules() {
	was := l.within
	l.within = inRules
	defer func() { l.within = was }()
	for _, e := range l.section(l.doc, "Rules").Entries {
		l.rule(e)
	}
}

var ruleKeys = []string{"RuleCondition", "Assertions"}

func (l *loader) rule(e source.Entry) {
	for _, k := range e.Value.Entries {
		if !slices.Contains(ruleKeys, k.Key) {
			l.fail("CFN_UNKNOWN_KEY", k.KeyAt, source.DidYouMean(k.Key, ruleKeys, ""), "rule %s has an unknown key %q", e.Key, k.Key)
		}
	}
	assertions, _ := e.Value.Get("Assertions")
	if assertions.Kind != source.List || len(assertions.Items) == 0 {
		l.fail("CFN_WRONG_TYPE", e.KeyAt, "add Assertions: [{Assert: ..., AssertDescription: ...}]", "rule %s has no list of Assertions", e.Key)
		return
	}
	applies := truth(true, e.KeyAt)
	if c, ok := e.Value.Get("RuleCondition"); ok {
		applies = l.test(c)
	}
	for _, a := range assertions.Items {
		assert, ok := a.Get("Assert")
		if !ok {
			l.fail("CFN_MISSING_PROPERTY", a.At, "add Assert to it", "an assertion of rule %s has no Assert", e.Key)
			continue
		}
		held := l.test(assert)
		if applies.Kind == source.Bool && applies.Text == "true" && held.Kind == source.Bool && held.Text != "true" {
			why, _ := a.Get("AssertDescription")
			l.fail("CFN_RULE", assert.At, why.Text, "the parameters break rule %s: an assertion is false", e.Key)
		}
	}
}

// testRule evaluates a function of rules. Those that give lists stand only
// inside the others.
func (l *loader) testRule(name string, arg source.Node, at source.Span) source.Node {
	switch name {
	case "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn":
	default:
		return l.fail("CFN_NESTING", at, "put it into Fn::Contains, Fn::EachMemberEquals or Fn::EachMemberIn", "%s is a value, not a condition", name)
	}
	if arg.Kind != source.List || len(arg.Items) != 2 {
		return l.fail("CFN_BAD_FUNCTION", at, usage[name], "%s has the wrong arguments", name)
	}
	first, second := l.ruleValues(arg.Items[0]), l.ruleValues(arg.Items[1])
	for _, v := range []source.Node{first, second} {
		if u, open := v.FirstUnknown(); open {
			return u
		}
	}
	texts := func(n source.Node) (out []string) {
		for item := range n.Each() {
			out = append(out, item.Text)
		}
		return out
	}
	a, b := texts(first), texts(second)
	ok := true
	switch name {
	case "Fn::Contains": // some value is the text
		ok = len(b) == 1 && slices.Contains(a, b[0])
	case "Fn::EachMemberEquals":
		for _, v := range a {
			ok = ok && len(b) == 1 && v == b[0]
		}
	default:
		for _, v := range a {
			ok = ok && slices.Contains(b, v)
		}
	}
	return truth(ok, at)
}

// ruleValues evaluates a list of values in a rule. What an attribute of a
// resource in the account is, nothing here says.
func (l *loader) ruleValues(n source.Node) source.Node {
	name, arg, ok := call(n)
	switch {
	case !ok || !slices.Contains(ruleFunctions, name):
		return l.eval(n)
	case name == "Fn::RefAll":
		out := source.Node{Kind: source.List, At: n.At}
		for _, e := range l.section(l.doc, "Parameters").Entries {
			p := l.params[e.Key]
			if typ := strings.TrimSuffix(strings.TrimPrefix(p.typ, "List<"), ">"); typ != arg.Text {
				continue
			}
			v := l.parameter(p)
			out.Items = append(out.Items, slices.Collect(v.Each())...)
		}
		return out
	case name == "Fn::ValueOf" || name == "Fn::ValueOfAll":
		if len(arg.Items) != 2 {
			return l.fail("CFN_BAD_FUNCTION", n.At, usage[name], "%s has the wrong arguments", name)
		}
		return open("an attribute of what "+arg.Items[0].Text+" names is known in the account only", n.At)
	}
	return l.fail("CFN_NESTING", n.At, usage[name], "%s is a condition, not a value", name)
}
