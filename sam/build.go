package sam

import (
	"slices"
	"strconv"

	"bailey/source"
)

// A place makes Nodes that stand at one place of the SAM template. What makes
// one is kept out of line: a Node is large, and the copies at a thousand places
// are 1.5 MB of the program.
type place source.Span

// kv is one entry of a map being made. A null value leaves the entry out.
type kv struct {
	key   string
	value source.Node
}

//go:noinline
func (p place) str(s string) source.Node {
	return source.Node{Kind: source.String, Text: s, At: source.Span(p)}
}

//go:noinline
func (p place) num(n int) source.Node {
	return source.Node{Kind: source.Number, Text: strconv.Itoa(n), At: source.Span(p)}
}

//go:noinline
func (p place) bool(b bool) source.Node {
	return source.Node{Kind: source.Bool, Text: strconv.FormatBool(b), At: source.Span(p)}
}

//go:noinline
func (p place) list(items ...source.Node) source.Node {
	return source.Node{Kind: source.List, Items: items, At: source.Span(p)}
}

func (p place) strs(texts ...string) source.Node {
	out := p.list()
	for _, s := range texts {
		out.Items = append(out.Items, p.str(s))
	}
	return out
}

func (p place) obj(entries ...kv) source.Node {
	out := source.Node{Kind: source.Map, At: source.Span(p)}
	for _, e := range entries {
		if e.value.Kind != source.Null {
			out.Entries = append(out.Entries, entryAt(p, e.key, e.value))
		}
	}
	return out
}

// entryAt is an entry whose key stands where its value does.
func entryAt(p place, key string, v source.Node) source.Entry {
	at := v.At
	if at.IsZero() {
		at = source.Span(p)
	}
	return source.Entry{Key: key, KeyAt: at, Value: v}
}

//go:noinline
func (p place) ref(id string) source.Node { return p.obj(kv{"Ref", p.str(id)}) }

func (p place) getAtt(id, attribute string) source.Node {
	return p.obj(kv{"Fn::GetAtt", p.strs(id, attribute)})
}

// sub is Fn::Sub, in its long form if there are variables. A variable that is
// null stays: CloudFormation refuses it.
func (p place) sub(text string, vars ...kv) source.Node {
	if len(vars) == 0 {
		return p.obj(kv{"Fn::Sub", p.str(text)})
	}
	values := p.obj()
	for _, v := range vars {
		if v.value.At.IsZero() {
			v.value.At = source.Span(p)
		}
		values.Entries = append(values.Entries, entryAt(p, v.key, v.value))
	}
	return p.obj(kv{"Fn::Sub", p.list(p.str(text), values)})
}

func (p place) noValue() source.Node { return p.ref("AWS::NoValue") }

// when is Fn::If on a condition's name; a null otherwise is AWS::NoValue.
func (p place) when(condition, then, otherwise source.Node) source.Node {
	if otherwise.Kind == source.Null {
		otherwise = p.noValue()
	}
	return p.obj(kv{"Fn::If", p.list(condition, then, otherwise)})
}

// allow is an IAM statement that allows.
func (p place) allow(action, resource source.Node) source.Node {
	return p.obj(kv{"Action", action}, kv{"Effect", p.str("Allow")}, kv{"Resource", resource})
}

// inline is an inline policy of a role.
func (p place) inline(name string, statements ...source.Node) source.Node {
	return p.obj(kv{"PolicyName", p.str(name)}, kv{"PolicyDocument", p.obj(kv{"Statement", p.list(statements...)})})
}

// assume is the trust policy that lets one service take a role.
func (p place) assume(service string) source.Node {
	return p.document(p.obj(kv{"Action", p.strs("sts:AssumeRole")}, kv{"Effect", p.str("Allow")},
		kv{"Principal", p.obj(kv{"Service", p.strs(service)})}))
}

// document is an IAM policy document.
func (p place) document(statements ...source.Node) source.Node {
	return p.obj(kv{"Version", p.str("2012-10-17")}, kv{"Statement", p.list(statements...)})
}

// tagList turns a map of tags into the list that most types take.
func (p place) tagList(tags source.Node) []source.Node {
	var out []source.Node
	for _, e := range tags.Entries {
		v := e.Value
		if v.Kind == source.Null {
			v = place(e.KeyAt).str("")
		}
		out = append(out, place(e.KeyAt).obj(kv{"Key", place(e.KeyAt).str(e.Key)}, kv{"Value", v}))
	}
	return out
}

// child points at the value of key inside n, or is nil. The pointer is good
// until n gets another key.
func child(n *source.Node, key string) *source.Node {
	if n == nil {
		return nil
	}
	for i := range n.Entries {
		if n.Entries[i].Key == key {
			return &n.Entries[i].Value
		}
	}
	return nil
}

// get is the value of key, or null.
//
//go:noinline
func get(n source.Node, keys ...string) source.Node {
	v, _ := n.Path(keys...)
	return v
}

// set gives key a value, in its old position if n has it.
func set(n *source.Node, key string, v source.Node) {
	if old := child(n, key); old != nil {
		*old = v
		return
	}
	n.Kind = source.Map
	n.Entries = append(n.Entries, entryAt(place(n.At), key, v))
}

// ensure points at the value of key, which becomes v if n does not have it.
func ensure(n *source.Node, key string, v source.Node) *source.Node {
	if child(n, key) == nil {
		set(n, key, v)
	}
	return child(n, key)
}

func del(n *source.Node, key string) {
	n.Entries = slices.DeleteFunc(n.Entries, func(e source.Entry) bool { return e.Key == key })
}

func has(n source.Node, key string) bool {
	_, ok := n.Get(key)
	return ok
}

// truthy is what SAM takes for set: not null, false, zero, or empty.
func truthy(n source.Node) bool {
	switch n.Kind {
	case source.Null:
		return false
	case source.Bool:
		v, _ := n.Bool()
		return v
	case source.Number:
		f, err := strconv.ParseFloat(n.Text, 64)
		return err != nil || f != 0
	case source.String:
		return n.Text != ""
	case source.List:
		return len(n.Items) > 0
	case source.Map:
		return len(n.Entries) > 0
	}
	return true
}

// clone copies n so that neither copy can change the other.
func clone(n source.Node) source.Node {
	if n.Items != nil {
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = clone(item)
		}
		n.Items = items
	}
	if n.Entries != nil {
		entries := make([]source.Entry, len(n.Entries))
		for i, e := range n.Entries {
			e.Value = clone(e.Value)
			entries[i] = e
		}
		n.Entries = entries
	}
	return n
}

// equal compares values, not positions; the order of a map's keys is nothing.
func equal(a, b source.Node) bool {
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Entries) != len(b.Entries) {
		return false
	}
	for i := range a.Items {
		if !equal(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for _, e := range a.Entries {
		if v, ok := b.Get(e.Key); !ok || !equal(e.Value, v) {
			return false
		}
	}
	return true
}

func contains(list []source.Node, n source.Node) bool {
	return slices.ContainsFunc(list, func(m source.Node) bool { return equal(m, n) })
}

// isText reports whether n is the string s.
func isText(n source.Node, s string) bool { return n.Kind == source.String && n.Text == s }

// isTrue reports whether n is the boolean true, not a text that says so.
func isTrue(n source.Node) bool { return n.Kind == source.Bool && truthy(n) }

// oneOf reports whether n is one of the strings.
func oneOf(n source.Node, texts ...string) bool {
	return n.Kind == source.String && slices.Contains(texts, n.Text)
}
