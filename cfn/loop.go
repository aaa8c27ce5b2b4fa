package cfn

import (
	"regexp"
	"strings"

	"bailey/source"
)

// A variable is the identifier of a loop and the item that it stands for.
type variable struct {
	name  string
	value source.Node
}

var loopUsage = "write Fn::ForEach::Name: [Identifier, [value, ...], {Key${Identifier}: value}]"

var loopSections = map[string]bool{"Conditions": true, "Resources": true, "Outputs": true}

// loop is Fn::ForEach: the entries that it makes. A loop over what is open
// makes entries whose names are not known.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
func (x *expander) loop(e source.Entry, vars []variable, in string) []source.Entry {
	l := x.l
	if !l.language {
		l.fail("CFN_TRANSFORM", e.KeyAt, "add Transform: AWS::LanguageExtensions", "%s needs the transform AWS::LanguageExtensions", e.Key)
		return nil
	}
	args := e.Value.Items
	switch {
	case !loopSections[in]:
		l.fail("CFN_NESTING", e.KeyAt, "it stands in Conditions, Resources and Outputs", "%s cannot stand in %s", e.Key, in)
		return nil
	case len(args) != 3 || args[0].Kind != source.String || args[2].Kind != source.Map || !logicalID.MatchString(e.Key[len("Fn::ForEach::"):]):
		l.fail("CFN_BAD_FUNCTION", e.KeyAt, loopUsage, "%s has the wrong arguments", e.Key)
		return nil
	}
	if !x.first(e) {
		return nil
	}
	return x.rounds(args, vars, in, e)
}

// first checks that a loop's name is the template's only one, where the loop is
// met for the first time.
func (x *expander) first(e source.Entry) bool {
	if x.names == nil {
		x.names = map[string]source.Span{}
	}
	if at, again := x.names[e.Key]; again && at != e.KeyAt {
		x.l.fail("CFN_DUPLICATE_KEY", e.KeyAt, "give each loop a name of its own", "loop %s is already there, at %s", e.Key, at)
		return false
	}
	x.names[e.Key] = e.KeyAt
	return true
}

// rounds writes a loop out.
func (x *expander) rounds(args []source.Node, vars []variable, in string, e source.Entry) []source.Entry {
	list := x.l.eval(x.node(args[1], vars, in))
	if u, ok := list.FirstUnknown(); ok {
		x.l.openNames = &u
		if !failed(u.Text) {
			x.l.warn("CFN_OPEN_LOOP", args[1].At, "give what it loops over a value; until then what it makes is not in the answers", "%s loops over what is open: %s", e.Key, u.Text)
		}
		return nil
	}
	if list.Kind != source.List {
		x.l.fail("CFN_WRONG_TYPE", args[1].At, loopUsage, "%s loops over a list, not a %s", e.Key, list.Kind)
		return nil
	}
	var out []source.Entry
	for _, item := range list.Items {
		if !item.IsScalar() {
			x.l.fail("CFN_WRONG_TYPE", item.At, loopUsage, "%s loops over text, not a %s", e.Key, item.Kind)
			return out
		}
		inner := append(vars[:len(vars):len(vars)], variable{args[0].Text, item})
		if !x.spend(e.KeyAt) {
			return out
		}
		out = x.merged(out, x.mapNode(args[2], inner, in).Entries)
	}
	return out
}

// loopRef gives the value of a Ref to a loop's identifier.
func loopRef(n source.Node, vars []variable) (source.Node, bool) {
	name, arg, ok := call(n)
	if !ok || name != "Ref" || len(vars) == 0 {
		return source.Node{}, false
	}
	for i := len(vars) - 1; i >= 0; i-- {
		if vars[i].name == arg.Text {
			return source.Node{Kind: source.String, Text: vars[i].value.Text, At: n.At}, true
		}
	}
	return source.Node{}, false
}

var notAlphanumeric = regexp.MustCompile(`[^A-Za-z0-9]+`)

// substitute puts the items in for ${Identifier}, and for &{Identifier} their
// letters and digits.
func substitute(text string, vars []variable) string {
	if !strings.ContainsRune(text, '{') {
		return text
	}
	for _, v := range vars {
		text = strings.ReplaceAll(text, "${"+v.name+"}", v.value.Text)
		text = strings.ReplaceAll(text, "&{"+v.name+"}", notAlphanumeric.ReplaceAllString(v.value.Text, ""))
	}
	return text
}
