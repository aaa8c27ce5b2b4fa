package cfn

import (
	"maps"
	"slices"
	"strconv"

	"bailey/source"
)

// A condition is one entry of the Conditions section.
type condition struct {
	name  string
	at    source.Span
	raw   source.Node
	state evalState
	value source.Node // Bool or Unknown
}

// evaluateConditions evaluates all, so that the mistakes of unused ones are
// found too.
func (l *loader) evaluateConditions() {
	for _, e := range l.section(l.doc, "Conditions").Entries {
		l.condition(e.Key, e.KeyAt)
	}
}

// condition gives the value of a named condition.
func (l *loader) condition(name string, at source.Span) source.Node {
	c, ok := l.conditions[name]
	if !ok {
		has := slices.Sorted(maps.Keys(l.conditions))
		return l.fail("CFN_UNKNOWN_REFERENCE", at, source.DidYouMean(name, has, "declare it under Conditions"), "there is no condition %q", name)
	}
	switch c.state {
	case underWay:
		return l.fail("CFN_CYCLE", at, "take the name out of one of them", "condition %s depends on itself", name)
	case untouched:
		defer l.from()()
		was := l.within
		c.state, l.within = underWay, inConditions
		c.value = l.test(c.raw)
		c.state, l.within = done, was
	}
	return c.value
}

// holds reports whether a condition lets something exist, and what leaves that
// open; it may exist then.
func (l *loader) holds(name source.Node, what string) (there bool, gap *source.Node) {
	if name.Kind != source.String {
		l.fail("CFN_WRONG_TYPE", name.At, "write Condition: name", "the Condition of %s is a %s", what, name.Kind)
		return true, nil
	}
	v := l.condition(name.Text, name.At)
	switch {
	case v.Kind == source.Unknown && failed(v.Text):
		return true, nil
	case v.Kind == source.Unknown:
		return true, &v
	}
	b, _ := v.Bool()
	return b, nil
}

func truth(b bool, at source.Span) source.Node {
	return source.Node{Kind: source.Bool, Text: strconv.FormatBool(b), At: at}
}

// test evaluates a condition to a Bool or an Unknown. An open part leaves the
// whole open only where it matters.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
func (l *loader) test(n source.Node) source.Node {
	name, arg, ok := call(n)
	if v, has := n.Get("Condition"); has && len(n.Entries) == 1 {
		name, arg, ok = "Condition", v, true
	}
	switch {
	case !ok:
	case name == "Condition":
		return l.condition(arg.Text, n.At)
	case name == "Fn::Equals":
		return l.testEquals(arg, n.At)
	case name == "Fn::Not":
		if v, ok := l.tests(name, arg, n.At, 1, 1); ok && v[0].Kind == source.Bool {
			return truth(v[0].Text != "true", n.At)
		} else if ok {
			return v[0]
		}
		return open(inError, n.At)
	case name == "Fn::And":
		return l.testAll(name, arg, n.At, "false")
	case name == "Fn::Or":
		return l.testAll(name, arg, n.At, "true")
	case l.within == inRules && slices.Contains(ruleFunctions, name):
		return l.testRule(name, arg, n.At)
	default:
		if !slices.Contains(functions, name) {
			return l.refuse(name, n.At)
		}
	}
	return l.fail("CFN_BAD_FUNCTION", n.At, "use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition", "this is not a condition")
}

// tests evaluates the conditions in a function's argument.
func (l *loader) tests(name string, arg source.Node, at source.Span, lo, hi int) ([]source.Node, bool) {
	if arg.Kind != source.List || len(arg.Items) < lo || len(arg.Items) > hi {
		l.fail("CFN_BAD_FUNCTION", at, usage[name], "%s has the wrong arguments", name)
		return nil, false
	}
	var out []source.Node
	for _, item := range arg.Items {
		out = append(out, l.test(item))
	}
	return out, true
}

// testAll is And and Or: one part that is decisive decides, whatever else is
// open.
func (l *loader) testAll(name string, arg source.Node, at source.Span, decisive string) source.Node {
	parts, ok := l.tests(name, arg, at, 2, 10)
	if !ok {
		return open(inError, at)
	}
	out := truth(decisive != "true", at)
	for _, p := range parts {
		switch {
		case p.Kind == source.Unknown:
			out = p
		case p.Text == decisive:
			return truth(decisive == "true", at)
		}
	}
	return out
}

func (l *loader) testEquals(arg source.Node, at source.Span) source.Node {
	args, ok := l.arguments("Fn::Equals", arg, at, 2, 2)
	if !ok {
		return open(inError, at)
	}
	for _, a := range args {
		if u, ok := a.FirstUnknown(); ok {
			return u
		}
	}
	return truth(same(args[0], args[1]), at)
}

// same reports whether two evaluated values are equal, wherever they stand.
func same(a, b source.Node) bool {
	if a.IsScalar() && b.IsScalar() {
		return a.Text == b.Text
	}
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Text == b.Text && slices.EqualFunc(a.Items, b.Items, same) &&
		slices.EqualFunc(a.Entries, b.Entries, func(x, y source.Entry) bool { return x.Key == y.Key && same(x.Value, y.Value) })
}

// applyIf is Fn::If. Only the branch that is taken is evaluated; an open
// condition leaves the value open unless both branches agree.
func (l *loader) applyIf(arg source.Node, at source.Span) source.Node {
	if arg.Kind != source.List || len(arg.Items) != 3 || arg.Items[0].Kind != source.String {
		return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::If"], "Fn::If has the wrong arguments")
	}
	c := l.condition(arg.Items[0].Text, arg.Items[0].At)
	switch {
	case c.Kind != source.Unknown && c.Text == "true":
		return l.eval(arg.Items[1])
	case c.Kind != source.Unknown:
		return l.eval(arg.Items[2])
	}
	if yes, no := l.eval(arg.Items[1]), l.eval(arg.Items[2]); same(yes, no) {
		return yes
	}
	return c
}
