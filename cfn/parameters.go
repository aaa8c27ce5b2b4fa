package cfn

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bailey/source"
)

// parameterKeys are the keys of a parameter.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
var parameterKeys = []string{"AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description",
	"MaxLength", "MaxValue", "MinLength", "MinValue", "NoEcho", "Type"}

// readParameters gives every parameter its value: the one given, else its
// default, else Unknown.
func (l *loader) readParameters(section source.Node) {
	var names []string
	for _, e := range section.Entries {
		names = append(names, e.Key)
		l.params[e.Key] = l.parameter(e)
	}
	unknown := make([]string, 0)
	for name := range l.given {
		if _, ok := l.params[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		l.fail("CFN_UNKNOWN_PARAMETER", l.given[name].At, source.DidYouMean(name, names, "remove it, or declare it under Parameters"),
			"%s has no parameter %s", l.file, name)
	}
}

// parameter evaluates one entry of the Parameters section.
func (l *loader) parameter(e source.Entry) source.Node {
	p := param{l: l, name: e.Key, at: e.KeyAt, n: e.Value}
	if e.Value.Kind != source.Map {
		return l.fail("CFN_WRONG_TYPE", e.KeyAt, "a parameter has a Type", "parameter %s is a %s, not a map", e.Key, e.Value.Kind)
	}
	for _, k := range e.Value.Entries {
		if !slices.Contains(parameterKeys, k.Key) {
			l.fail("CFN_UNKNOWN_KEY", k.KeyAt, source.DidYouMean(k.Key, parameterKeys, ""), "parameter %s has an unknown key %q", e.Key, k.Key)
		}
	}
	typ, _ := e.Value.Get("Type")
	p.typ = typ.Text
	if !parameterType(p.typ) {
		return l.fail("CFN_BAD_TYPE", e.KeyAt, "use String, Number, CommaDelimitedList, List<Number>, an AWS-specific or an SSM type",
			"parameter %s has no usable Type", e.Key)
	}
	value, given := l.given[e.Key]
	if !given {
		value, given = e.Value.Get("Default")
	}
	switch {
	case !given:
		return open("parameter "+e.Key+" has no value", e.KeyAt)
	case value.Kind == source.Unknown:
		return value
	case !value.IsScalar():
		return l.fail("CFN_WRONG_TYPE", value.At, "write a list as text with commas", "the value of parameter %s is a %s", e.Key, value.Kind)
	case strings.HasPrefix(p.typ, "AWS::SSM::Parameter::Value<"):
		return open(fmt.Sprintf("parameter %s is the value of the SSM parameter %q in the account", e.Key, value.Text), e.KeyAt)
	}
	return p.check(value)
}

// parameterType reports whether CloudFormation has that parameter type.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
func parameterType(t string) bool {
	return slices.Contains([]string{"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"}, t) ||
		strings.HasPrefix(t, "AWS::") || strings.HasPrefix(t, "List<AWS::") && strings.HasSuffix(t, ">")
}

// A param is one parameter while its value is checked.
type param struct {
	l    *loader
	name string
	typ  string
	at   source.Span
	n    source.Node
}

// check holds a value against the parameter's constraints, each element of a
// list on its own, and gives it the shape that Ref returns.
func (p param) check(value source.Node) source.Node {
	if p.typ != "CommaDelimitedList" && !strings.HasPrefix(p.typ, "List<") {
		p.constrain(value)
		return source.Node{Kind: source.String, Text: value.Text, At: value.At}
	}
	out := source.Node{Kind: source.List, At: value.At}
	if value.Text == "" {
		return out
	}
	for _, text := range strings.Split(value.Text, ",") {
		item := source.Node{Kind: source.String, Text: strings.TrimSpace(text), At: value.At}
		p.constrain(item)
		out.Items = append(out.Items, item)
	}
	return out
}

// constrain reports every constraint that one value breaks.
func (p param) constrain(v source.Node) {
	bad := func(format string, args ...any) {
		hint := ""
		if d, ok := p.n.Get("ConstraintDescription"); ok {
			hint = d.Text
		}
		p.l.fail("CFN_PARAMETER_VALUE", v.At, hint, "parameter %s: %s", p.name, fmt.Sprintf(format, args...))
	}
	if allowed, ok := p.n.Get("AllowedValues"); ok && !slices.ContainsFunc(allowed.Items, func(a source.Node) bool { return a.Text == v.Text }) {
		var list []string
		for _, a := range allowed.Items {
			list = append(list, a.Text)
		}
		bad("%q is not one of %s", v.Text, strings.Join(list, ", "))
	}
	p.constrainPattern(v, bad)
	p.bound("MinLength", func(limit float64) bool { return float64(len(v.Text)) >= limit }, "%q is shorter than %v", v, bad)
	p.bound("MaxLength", func(limit float64) bool { return float64(len(v.Text)) <= limit }, "%q is longer than %v", v, bad)
	if p.typ != "Number" && p.typ != "List<Number>" {
		return
	}
	number, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		bad("%q is not a number", v.Text)
		return
	}
	p.bound("MinValue", func(limit float64) bool { return number >= limit }, "%s is less than %v", v, bad)
	p.bound("MaxValue", func(limit float64) bool { return number <= limit }, "%s is more than %v", v, bad)
}

// bound checks one numeric constraint where it is stated.
func (p param) bound(key string, ok func(float64) bool, format string, v source.Node, bad func(string, ...any)) {
	n, stated := p.n.Get(key)
	if !stated {
		return
	}
	limit, err := strconv.ParseFloat(n.Text, 64)
	switch {
	case err != nil:
		p.l.fail("CFN_WRONG_TYPE", n.At, "", "%s of parameter %s is not a number", key, p.name)
	case !ok(limit):
		bad(format, v.Text, n.Text)
	}
}

// constrainPattern checks AllowedPattern, which must match the whole value.
func (p param) constrainPattern(v source.Node, bad func(string, ...any)) {
	pattern, ok := p.n.Get("AllowedPattern")
	if !ok {
		return
	}
	re, err := regexp.Compile(`^(?:` + pattern.Text + `)$`)
	switch {
	case err != nil:
		p.l.warn("CFN_PATTERN", pattern.At, "CloudFormation takes Java's expressions, of which some have no counterpart here",
			"AllowedPattern of parameter %s is not checked: %v", p.name, err)
	case !re.MatchString(v.Text):
		bad("%q does not match %s", v.Text, pattern.Text)
	}
}
