package sam

import (
	"strings"

	"bailey/source"
)

// expand copies n with YAML's short forms of intrinsic functions (!Ref X,
// !GetAtt A.B) written out as CloudFormation's long ones ({"Ref": "X"}).
func expand(n source.Node) source.Node {
	tag := n.Tag
	n.Tag = ""
	items, entries := n.Items, n.Entries
	if items != nil {
		n.Items = make([]source.Node, len(items))
		for i, item := range items {
			n.Items[i] = expand(item)
		}
	}
	if entries != nil {
		n.Entries = make([]source.Entry, len(entries))
		for i, e := range entries {
			e.Value = expand(e.Value)
			n.Entries[i] = e
		}
	}
	if tag == "" {
		return n
	}
	return longForm(tag, n)
}

func longForm(tag string, n source.Node) source.Node {
	p := place(n.At)
	name := strings.TrimPrefix(tag, "!")
	switch {
	case name == "Ref" || name == "Condition":
		return p.obj(kv{name, n})
	case name == "GetAtt" && n.Kind == source.String:
		id, attribute, found := strings.Cut(n.Text, ".")
		if !found {
			return source.Node{Kind: source.Map, At: n.At, Entries: []source.Entry{{Key: "Fn::GetAtt", KeyAt: n.At, Value: n}}}
		}
		n = p.strs(id, attribute)
	}
	return source.Node{Kind: source.Map, At: n.At, Entries: []source.Entry{{Key: "Fn::" + name, KeyAt: n.At, Value: n}}}
}

// intrinsic gives the name and argument of the intrinsic function that n is: a
// map of one key that is Ref, Condition or starts with Fn::.
func intrinsic(n source.Node) (name string, arg source.Node, ok bool) {
	if n.Kind != source.Map || len(n.Entries) != 1 {
		return "", source.Node{}, false
	}
	e := n.Entries[0]
	if e.Key == "Ref" || e.Key == "Condition" || strings.HasPrefix(e.Key, "Fn::") {
		return e.Key, e.Value, true
	}
	return "", source.Node{}, false
}

func isIntrinsic(n source.Node) bool {
	_, _, ok := intrinsic(n)
	return ok
}

func isNoValue(n source.Node) bool {
	name, arg, ok := intrinsic(n)
	return ok && name == "Ref" && isText(arg, "AWS::NoValue")
}

// isIf reports whether n is an Fn::If, well formed or not.
func isIf(n source.Node) bool {
	name, _, ok := intrinsic(n)
	return ok && name == "Fn::If"
}

// branches gives the condition and the two values of an Fn::If.
func branches(n source.Node) (condition, then, otherwise source.Node, ok bool) {
	name, arg, isFn := intrinsic(n)
	if !isFn || name != "Fn::If" || arg.Kind != source.List || len(arg.Items) != 3 {
		return source.Node{}, source.Node{}, source.Node{}, false
	}
	return arg.Items[0], arg.Items[1], arg.Items[2], true
}

// referred gives the logical ID that a Ref or Fn::GetAtt names.
func referred(n source.Node) (string, bool) {
	name, arg, ok := intrinsic(n)
	switch {
	case !ok:
	case name == "Ref" && arg.Kind == source.String:
		return arg.Text, true
	case name == "Fn::GetAtt" && arg.Kind == source.List && len(arg.Items) == 2 && arg.Items[0].Kind == source.String:
		return arg.Items[0].Text, true
	case name == "Fn::GetAtt" && arg.Kind == source.String && strings.Count(arg.Text, ".") == 1:
		id, _, _ := strings.Cut(arg.Text, ".")
		return id, true
	}
	return "", false
}
