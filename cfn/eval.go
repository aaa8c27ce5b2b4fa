package cfn

import (
	"slices"
	"strings"

	"bailey/source"
)

// maxWritten bounds the text that intrinsics may make in one template: values
// that name each other can double with every line.
const maxWritten = 64 << 20

// noValue marks what Ref AWS::NoValue evaluates to until its container drops it.
const noValue = "AWS::NoValue"

// functions are the intrinsics that are evaluated, by their full names.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
var functions = []string{"Ref", "Condition", "Fn::Base64", "Fn::Cidr", "Fn::FindInMap", "Fn::GetAtt", "Fn::GetAZs", "Fn::If",
	"Fn::GetStackOutput", "Fn::ImportValue", "Fn::Join", "Fn::Length", "Fn::Select", "Fn::Split", "Fn::Sub", "Fn::ToJsonString", "Fn::Transform",
	"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}

// call takes an intrinsic apart: its full name and its argument. Both forms
// are one here: !Sub x and {Fn::Sub: x}.
func call(n source.Node) (name string, arg source.Node, ok bool) {
	if n.Tag != "" && n.Tag != noValue {
		name, arg = strings.TrimPrefix(n.Tag, "!"), n
		arg.Tag = ""
		if name != "Ref" && name != "Condition" {
			name = "Fn::" + name
		}
		return name, arg, true
	}
	if n.Kind != source.Map || len(n.Entries) != 1 {
		return "", source.Node{}, false
	}
	e := n.Entries[0]
	return e.Key, e.Value, e.Key == "Ref" || strings.HasPrefix(e.Key, "Fn::")
}

// eval replaces every intrinsic in n by its value.
func (l *loader) eval(n source.Node) source.Node {
	out, _ := l.evaluated(n)
	return out
}

// evaluated is eval that says whether something was replaced: what has no
// intrinsic in it is not copied.
func (l *loader) evaluated(n source.Node) (source.Node, bool) {
	if name, arg, ok := call(n); ok {
		out := l.apply(name, arg, n.At)
		if out.Kind != source.Unknown {
			out.At = n.At // what is said about the value points to its use
		}
		return out, true
	}
	switch n.Kind {
	case source.List:
		return l.evalList(n)
	case source.Map:
		return l.evalMap(n)
	}
	return n, false
}

func (l *loader) evalList(n source.Node) (source.Node, bool) {
	var out []source.Node // nil: all as they were
	for i, item := range n.Items {
		v, changed := l.evaluated(item)
		if changed && out == nil {
			out = append(make([]source.Node, 0, len(n.Items)), n.Items[:i]...)
		}
		if out != nil && v.Tag != noValue {
			out = append(out, v)
		}
	}
	if out == nil {
		return n, false
	}
	return source.Node{Kind: source.List, Items: out, At: n.At}, true
}

func (l *loader) evalMap(n source.Node) (source.Node, bool) {
	var out []source.Entry // nil: all as they were
	for i, e := range n.Entries {
		function := strings.HasPrefix(e.Key, "Fn::")
		if function {
			l.fail("CFN_BAD_FUNCTION", e.KeyAt, "move the other keys elsewhere", "%s must be the only key of its map", e.Key)
		}
		v, changed := source.Node{}, function
		if !function {
			v, changed = l.evaluated(e.Value)
		}
		if changed && out == nil {
			out = append(make([]source.Entry, 0, len(n.Entries)), n.Entries[:i]...)
		}
		if e.Value = v; out != nil && !function && v.Tag != noValue {
			out = append(out, e)
		}
	}
	if out == nil {
		return n, false
	}
	return source.Node{Kind: source.Map, Entries: out, At: n.At}, true
}

// apply evaluates one intrinsic.
func (l *loader) apply(name string, arg source.Node, at source.Span) source.Node {
	switch name {
	case "Ref":
		return l.applyRef(arg, at)
	case "Fn::GetAtt":
		return l.applyGetAtt(arg, at)
	case "Fn::Sub":
		return l.applySub(arg, at)
	case "Fn::Join":
		return l.applyJoin(arg, at)
	case "Fn::Split":
		return l.applySplit(arg, at)
	case "Fn::Select":
		return l.applySelect(arg, at)
	case "Fn::Cidr":
		return l.applyCidr(arg, at)
	case "Fn::GetAZs":
		return l.applyGetAZs(arg, at)
	case "Fn::FindInMap":
		return l.applyFindInMap(arg, at)
	case "Fn::If":
		return l.applyIf(arg, at)
	case "Fn::Base64":
		return l.applyBase64(arg, at)
	case "Fn::ImportValue":
		return l.applyImport(arg, at)
	case "Fn::GetStackOutput":
		return l.applyStackOutput(arg, at)
	case "Fn::Length", "Fn::ToJsonString":
		return l.applyExtension(name, arg, at)
	case "Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or":
		return l.fail("CFN_BAD_FUNCTION", at, "name a condition and use Fn::If", "%s stands only in conditions", name)
	}
	return l.refuse(name, at)
}

// refuse names a function that is not evaluated.
func (l *loader) refuse(name string, at source.Span) source.Node {
	switch {
	case slices.Contains(ruleFunctions, name):
		return l.fail("CFN_NESTING", at, "", "%s stands only in Rules", name)
	case strings.HasPrefix(name, "Fn::ForEach"):
		return l.fail("CFN_NESTING", at, loopUsage, "%s cannot stand here", name)
	}
	var bare []string // the common prefix would make every name look near
	for _, f := range functions {
		bare = append(bare, strings.TrimPrefix(f, "Fn::"))
	}
	hint := "the functions are " + strings.Join(functions, ", ")
	return l.fail("CFN_UNKNOWN_FUNCTION", at, source.DidYouMean(strings.TrimPrefix(name, "Fn::"), bare, hint), "there is no function %s", name)
}

// arguments gives the evaluated items of a function's list argument; its count
// must be one of counts.
func (l *loader) arguments(name string, arg source.Node, at source.Span, lo, hi int) ([]source.Node, bool) {
	if arg.Kind != source.List || len(arg.Items) < lo || len(arg.Items) > hi {
		l.fail("CFN_BAD_FUNCTION", at, usage[name], "%s has the wrong arguments", name)
		return nil, false
	}
	out := make([]source.Node, len(arg.Items))
	for i, item := range arg.Items {
		out[i] = l.eval(item)
	}
	return out, true
}

// usage says how the functions with list arguments are written.
var usage = map[string]string{
	"Fn::Join":      "write Fn::Join: [delimiter, [value, ...]]",
	"Fn::Split":     "write Fn::Split: [delimiter, text]",
	"Fn::Select":    "write Fn::Select: [index, list]",
	"Fn::Cidr":      "write Fn::Cidr: [ip block, count, host bits]",
	"Fn::FindInMap": "write Fn::FindInMap: [map, top-level key, second-level key]",
	"Fn::If":        "write Fn::If: [condition, value if true, value if false]",
	"Fn::Equals":    "write Fn::Equals: [value, value]",
	"Fn::And":       "write Fn::And: [condition, condition, ...], two to ten of them",
	"Fn::Or":        "write Fn::Or: [condition, condition, ...], two to ten of them",
	"Fn::Not":       "write Fn::Not: [condition]",
	"Fn::Sub":       "write Fn::Sub: text, or Fn::Sub: [text, {name: value}]",
	"Fn::Length":    "write Fn::Length: list",
	"Fn::Contains":  "write Fn::Contains: [list of values, value]",
	"Fn::RefAll":    "write Fn::RefAll: parameter type",
	"Fn::ValueOf":   "write Fn::ValueOf: [parameter, attribute]",

	"Fn::ToJsonString":     "write Fn::ToJsonString: map or list",
	"Fn::ValueOfAll":       "write Fn::ValueOfAll: [parameter type, attribute]",
	"Fn::EachMemberIn":     "write Fn::EachMemberIn: [values, values]",
	"Fn::EachMemberEquals": "write Fn::EachMemberEquals: [values, value]",
	"Fn::GetStackOutput":   "write Fn::GetStackOutput: {StackName: name, OutputName: name}, with Region and RoleArn if it is elsewhere",

	"Fn::GetAtt": "write Fn::GetAtt: [resource, attribute], or !GetAtt resource.attribute",
}

// text makes the result of a function, within the bound on all of them.
func (d *deployment) text(s string, at source.Span) source.Node {
	d.written += len(s)
	if d.written > maxWritten {
		return d.fail("CFN_TOO_LONG", at, "", "the functions of this template make more than %d MB of text", maxWritten>>20)
	}
	return source.Node{Kind: source.String, Text: s, At: at}
}

// scalar gives the text of a value that must be a scalar. Where it is not
// known, or not a scalar, stop is what the function evaluates to.
func (l *loader) scalar(function string, n source.Node) (text string, stop source.Node, ok bool) {
	switch {
	case n.IsScalar() && n.Tag == "":
		return n.Text, source.Node{}, true
	case n.Kind == source.Unknown:
		return "", n, false
	}
	kind := n.Kind.String()
	if n.Tag == noValue {
		kind = noValue
	}
	return "", l.fail("CFN_WRONG_TYPE", n.At, usage[function], "%s takes text here, not a %s", function, kind), false
}
