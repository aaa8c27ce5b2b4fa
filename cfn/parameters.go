package cfn

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bailey/source"
)

// parameterKeys are the keys of a parameter.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
var parameterKeys = []string{"AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description",
	"MaxLength", "MaxValue", "MinLength", "MinValue", "NoEcho", "Type"}

// A parameter is one entry of the Parameters section.
type parameter struct {
	name  string
	typ   string
	at    source.Span
	n     source.Node
	state evalState
	value source.Node
}

// readParameters files the Parameters section. What is given for no parameter
// is an error.
func (l *loader) readParameters(section source.Node) {
	var names []string
	for _, e := range section.Entries {
		names = append(names, e.Key)
		l.params[e.Key] = l.addParameter(e)
	}
	var given []source.Entry
	for name, v := range l.in.Parameters {
		given = append(given, source.Entry{Key: name, KeyAt: v.At})
	}
	if l.parent != nil {
		raw, _ := l.inParent.raw.Get("Parameters")
		given = append(given, raw.Entries...)
	}
	slices.SortFunc(given, func(a, b source.Entry) int { return strings.Compare(a.Key, b.Key) })
	for _, e := range given {
		if _, ok := l.params[e.Key]; !ok && !strings.HasPrefix(e.Key, "Fn::") {
			l.fail("CFN_UNKNOWN_PARAMETER", e.KeyAt, source.DidYouMean(e.Key, names, "remove it, or declare it under Parameters"),
				"%s has no parameter %s", l.file, e.Key)
		}
	}
	for _, name := range names { // so that the mistakes of unused ones are found too
		if l.parent == nil {
			l.parameter(l.params[name])
		}
	}
}

// addParameter checks the shape of one entry.
func (l *loader) addParameter(e source.Entry) *parameter {
	p := &parameter{name: e.Key, at: e.KeyAt, n: e.Value}
	bad := func(v source.Node) *parameter {
		p.state, p.value = done, v
		return p
	}
	if e.Value.Kind != source.Map {
		return bad(l.fail("CFN_WRONG_TYPE", e.KeyAt, "a parameter has a Type", "parameter %s is a %s, not a map", e.Key, e.Value.Kind))
	}
	for _, k := range e.Value.Entries {
		if !slices.Contains(parameterKeys, k.Key) {
			l.fail("CFN_UNKNOWN_KEY", k.KeyAt, source.DidYouMean(k.Key, parameterKeys, ""), "parameter %s has an unknown key %q", e.Key, k.Key)
		}
		if _, _, function := call(k.Value); function {
			return bad(l.fail("CFN_NESTING", k.Value.At, "write the value itself", "%s of parameter %s is a function: none can stand in Parameters", k.Key, e.Key))
		}
	}
	typ, _ := e.Value.Get("Type")
	if p.typ = typ.Text; !parameterType(p.typ) {
		return bad(l.fail("CFN_BAD_TYPE", e.KeyAt, source.DidYouMean(p.typ, slices.Concat(plainTypes, awsTypes), "use String, Number, CommaDelimitedList, List<Number>, an AWS-specific or an SSM type"),
			"parameter %s has no usable Type", e.Key))
	}
	return p
}

// given gives what a parameter is given from outside: by the caller, or by the
// stack that this one is nested in.
func (l *loader) given(p *parameter) (source.Node, bool) {
	if v, ok := l.in.Parameters[p.name]; ok {
		return v, true
	}
	if l.parent == nil {
		return source.Node{}, false
	}
	all := l.parent.prop(l.inParent, "Parameters")
	if all.Kind == source.Unknown {
		return all, true
	}
	v, ok := all.Get(p.name)
	if v.Kind == source.List { // as the service takes it, and the CDK writes it
		v = l.parent.joinedList(v)
	}
	return v, ok
}

func (l *loader) joinedList(list source.Node) source.Node {
	if u, ok := list.FirstUnknown(); ok {
		return u
	}
	var texts []string
	for _, item := range list.Items {
		texts = append(texts, item.Text)
	}
	return source.Node{Kind: source.String, Text: strings.Join(texts, ","), At: list.At}
}

// parameter gives a parameter's value: the one given, else its default, else
// Unknown.
func (l *loader) parameter(p *parameter) source.Node {
	switch p.state {
	case done:
		return p.value
	case underWay:
		return l.fail("CFN_CYCLE", p.at, "take the reference out of one of them", "the value of parameter %s of stack %s depends on itself", p.name, l.stack)
	}
	p.state = underWay
	p.value = l.parameterValue(p)
	p.state = done
	return p.value
}

func (l *loader) parameterValue(p *parameter) source.Node {
	value, given := l.given(p)
	if !given {
		value, given = p.n.Get("Default")
	}
	switch {
	case !given && l.parent != nil:
		return l.fail("CFN_PARAMETER_VALUE", l.inParent.At, "give it under Parameters of the nested stack", "parameter %s of nested stack %s (%s) has no value", p.name, l.inParent.logical, l.file)
	case !given:
		return open("parameter "+p.name+" has no value", p.at)
	case value.Kind == source.Unknown:
		return value
	case !value.IsScalar():
		return l.fail("CFN_WRONG_TYPE", value.At, "write a list as text with commas", "the value of parameter %s is a %s", p.name, value.Kind)
	}
	c := param{l: l, name: p.name, typ: p.typ, at: p.at, n: p.n}
	if inner, ok := strings.CutPrefix(p.typ, "AWS::SSM::Parameter::Value<"); ok {
		c.typ = strings.TrimSuffix(inner, ">")
		c.constrain(value) // the constraints are those of the name
		stored := l.stored(value.Text, value.At)
		if stored.Kind == source.Unknown {
			stored.Text = "parameter " + p.name + " is " + stored.Text
			return stored
		}
		return c.shape(stored)
	}
	return c.check(value)
}

// The types of parameters, and which AWS-specific ones a list may be of.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
var (
	plainTypes = []string{"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"}
	awsTypes   = []string{"AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id", "AWS::EC2::Instance::Id", "AWS::EC2::KeyPair::KeyName",
		"AWS::EC2::SecurityGroup::GroupName", "AWS::EC2::SecurityGroup::Id", "AWS::EC2::Subnet::Id", "AWS::EC2::Volume::Id", "AWS::EC2::VPC::Id",
		"AWS::Route53::HostedZone::Id", "AWS::SSM::Parameter::Name"}
)

// parameterType reports whether CloudFormation has that parameter type.
func parameterType(t string) bool {
	if inner, ok := strings.CutPrefix(t, "AWS::SSM::Parameter::Value<"); ok {
		inner, closed := strings.CutSuffix(inner, ">")
		return closed && inner != "Number" && parameterType(inner)
	}
	inner, list := strings.CutPrefix(t, "List<")
	return slices.Contains(plainTypes, t) || slices.Contains(awsTypes, t) || list && slices.Contains(awsTypes, strings.TrimSuffix(inner, ">"))
}

// idForms begin the values of AWS-specific types.
var idForms = map[string]string{"AWS::EC2::Image::Id": "ami-", "AWS::EC2::Instance::Id": "i-", "AWS::EC2::SecurityGroup::Id": "sg-",
	"AWS::EC2::Subnet::Id": "subnet-", "AWS::EC2::Volume::Id": "vol-", "AWS::EC2::VPC::Id": "vpc-"}

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
	out := p.shape(value)
	for item := range out.Each() {
		p.constrain(item)
		p.constrainID(item)
	}
	return out
}

// shape gives a value the shape that Ref returns.
func (p param) shape(value source.Node) source.Node {
	if p.typ != "CommaDelimitedList" && !strings.HasPrefix(p.typ, "List<") {
		return source.Node{Kind: source.String, Text: value.Text, At: value.At}
	}
	out := source.Node{Kind: source.List, At: value.At}
	if value.Text == "" {
		return out
	}
	for text := range strings.SplitSeq(value.Text, ",") {
		out.Items = append(out.Items, source.Node{Kind: source.String, Text: strings.TrimSpace(text), At: value.At})
	}
	return out
}

// shown is a value as a message may have it: that of a NoEcho parameter is a
// secret. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (p param) shown(text string) string {
	if n, ok := p.n.Get("NoEcho"); ok {
		if hidden, _ := n.Bool(); hidden {
			return "****"
		}
	}
	return strconv.Quote(text)
}

// constrainID reports a value that is no ID of its AWS-specific type.
func (p param) constrainID(v source.Node) {
	typ := strings.TrimSuffix(strings.TrimPrefix(p.typ, "List<"), ">")
	if form := idForms[typ]; !strings.HasPrefix(v.Text, form) && v.Text != "" {
		p.l.fail("CFN_PARAMETER_VALUE", v.At, "such an ID begins with "+form, "parameter %s: %s is no %s", p.name, p.shown(v.Text), typ)
	}
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
		bad("%s is not one of %s", p.shown(v.Text), strings.Join(list, ", "))
	}
	p.constrainPattern(v, bad)
	p.bound("MinLength", func(limit float64) bool { return float64(utf8.RuneCountInString(v.Text)) >= limit }, "%s is shorter than %v", v, bad)
	p.bound("MaxLength", func(limit float64) bool { return float64(utf8.RuneCountInString(v.Text)) <= limit }, "%s is longer than %v", v, bad)
	if p.typ != "Number" && p.typ != "List<Number>" {
		return
	}
	number, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		bad("%s is not a number", p.shown(v.Text))
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
		bad(format, p.shown(v.Text), n.Text)
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
		bad("%s does not match %s", p.shown(v.Text), pattern.Text)
	}
}
