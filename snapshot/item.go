package snapshot

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

// An item is one map of a file. Its methods give the zero value for what is
// absent or null, and report what is of the wrong type.
type item struct {
	r  *reader
	n  source.Node
	of string // the file's name, as positions show it
	// owner is what the file's name says that the item belongs to.
	owner string
}

func (i item) at() source.Span { return i.n.At }

// get gives a field that is there and not null.
func (i item) get(key string) (source.Node, bool) {
	v, ok := i.n.Get(key)
	return v, ok && v.Kind != source.Null
}

func (i item) has(key string) bool { _, ok := i.get(key); return ok }

// wrong reports a field that is not what the call prints there.
func (i item) wrong(key string, v source.Node, want string) {
	i.r.diags.Errorf("SNAPSHOT_WRONG_TYPE", v.At, "%s must be %s, not a %s: this is not what the AWS CLI prints", key, want, v.Kind)
}

func (i item) bad(key string, v source.Node, want string) {
	i.r.diags.Errorf("SNAPSHOT_BAD_VALUE", v.At, "%s: %q is not %s", key, v.Text, want)
}

// text gives a field that is text, a number or a boolean.
func (i item) text(key string) string {
	v, ok := i.get(key)
	if ok && !v.IsScalar() {
		i.wrong(key, v, "text")
	}
	return v.Text
}

// flag gives a boolean; absent where it is not there.
func (i item) flag(key string, absent bool) bool {
	v, ok := i.get(key)
	if !ok {
		return absent
	}
	b, is := v.Bool()
	if !is {
		i.wrong(key, v, "true or false")
		return absent
	}
	return b
}

// number gives an integer from lo to hi; absent where it is not there.
func (i item) number(key string, absent, lo, hi int) int {
	v, ok := i.get(key)
	if !ok {
		return absent
	}
	n, err := strconv.Atoi(v.Text)
	if !v.IsScalar() || err != nil || n < lo || n > hi {
		i.bad(key, v, fmt.Sprintf("a number from %d to %d", lo, hi))
		return absent
	}
	return n
}

// seconds gives a number of seconds; 0 where it is not there.
func (i item) seconds(key string) time.Duration {
	return time.Duration(i.number(key, 0, 0, 1<<31)) * time.Second
}

// list gives a list of anything.
func (i item) list(key string) []source.Node {
	v, ok := i.get(key)
	if ok && v.Kind != source.List {
		i.wrong(key, v, "a list")
	}
	return v.Items
}

// items gives a list of maps.
func (i item) items(key string) []item {
	var out []item
	for _, v := range i.list(key) {
		if v.Kind != source.Map {
			i.wrong(key, v, "a list of maps")
			continue
		}
		out = append(out, i.with(v))
	}
	return out
}

// with is a part of the item.
func (i item) with(n source.Node) item { i.n = n; return i }

// child gives a map; an empty item where there is none.
func (i item) child(key string) item {
	v, ok := i.get(key)
	if ok && v.Kind != source.Map {
		i.wrong(key, v, "a map")
		v = source.Node{At: v.At}
	}
	if !ok {
		v.At = i.at()
	}
	return i.with(v)
}

// texts gives a list of text.
func (i item) texts(key string) []string { return textsAs[string](i, key) }

// textsAs gives a list of text as IDs.
func textsAs[T ~string](i item, key string) []T {
	var out []T
	for _, v := range i.list(key) {
		if !v.IsScalar() {
			i.wrong(key, v, "a list of text")
			continue
		}
		out = append(out, T(v.Text))
	}
	return out
}

// each gives one field of every map of a list, as IDs.
func each[T ~string](i item, key, field string) []T {
	var out []T
	for _, c := range i.items(key) {
		if v := c.text(field); v != "" {
			out = append(out, T(v))
		}
	}
	return out
}

// cidr gives a range of addresses; the zero Prefix where there is none.
func (i item) cidr(key string) netip.Prefix {
	if i.text(key) == "" {
		return netip.Prefix{}
	}
	v, _ := i.get(key)
	return i.with(v).prefixOf(key)
}

// prefixOf reads the item itself as a range of addresses.
func (i item) prefixOf(key string) netip.Prefix {
	p, err := netip.ParsePrefix(i.n.Text)
	if err != nil || p.Addr().Is4In6() {
		i.bad(key, i.n, "a CIDR such as 10.0.0.0/16")
		return netip.Prefix{}
	}
	return p.Masked()
}

// addr gives an address; the zero Addr where there is none.
func (i item) addr(key string) netip.Addr {
	text := i.text(key)
	if text == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Is4In6() || a.Zone() != "" {
		v, _ := i.get(key)
		i.bad(key, v, "an address")
		return netip.Addr{}
	}
	return a
}

// arn gives an ARN; the zero ARN where there is none.
func (i item) arn(key string) cloud.ARN {
	text := i.text(key)
	if text == "" {
		return cloud.ARN{}
	}
	a, err := cloud.ParseARN(text)
	if err != nil {
		v, _ := i.get(key)
		i.bad(key, v, "an ARN")
	}
	return a
}

// document gives a field that is a JSON document, or text that holds one, which
// API Gateway escapes a second time; the zero Node where there is none.
func (i item) document(key string) source.Node {
	v, ok := i.get(key)
	if !ok || v.Kind == source.Map {
		return v
	}
	if v.Kind != source.String {
		i.wrong(key, v, "a policy document")
		return source.Node{}
	}
	var escaped string
	if err := json.Unmarshal([]byte(`"`+v.Text+`"`), &escaped); err != nil || !strings.HasPrefix(v.Text, `{\`) {
		escaped = v.Text
	}
	doc, diags := document.ReadJSON(i.of, []byte(escaped), maxPolicy)
	if diags.HasErrors() || doc.Kind != source.Map {
		i.bad(key, shortened(v), "a JSON document")
		return source.Node{}
	}
	return placed(doc, v.At)
}

// maxPolicy bounds a document in a text; AWS's own bounds are far lower.
const maxPolicy = 1 << 20

func shortened(n source.Node) source.Node {
	if len(n.Text) > 60 {
		n.Text = strings.ToValidUTF8(n.Text[:60], "") + "..."
	}
	return n
}

// policy gives a policy in a document; nil where there is none.
func (i item) policy(name, key string) *cloud.Policy {
	doc := i.document(key)
	if doc.Kind != source.Map {
		return nil
	}
	return &cloud.Policy{Name: name, Doc: doc, At: doc.At}
}

// placed gives every part of a document that was text the place of the text.
func placed(n source.Node, at source.Span) source.Node {
	out := source.Node{Kind: n.Kind, Text: n.Text, At: at}
	for _, item := range n.Items {
		out.Items = append(out.Items, placed(item, at))
	}
	for _, e := range n.Entries {
		out.Entries = append(out.Entries, source.Entry{Key: e.Key, KeyAt: at, Value: placed(e.Value, at)})
	}
	return out
}

// flat is a value as one text, the same for equal values.
func flat(n source.Node) string {
	var b strings.Builder
	flatten(&b, n)
	return b.String()
}

func flatten(b *strings.Builder, n source.Node) {
	switch n.Kind {
	case source.List:
		b.WriteByte('[')
		for _, v := range n.Items {
			flatten(b, v)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case source.Map:
		b.WriteByte('{')
		for _, e := range n.Entries {
			b.WriteString(e.Key + ":")
			flatten(b, e.Value)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	default:
		b.WriteString(n.Text)
	}
}

// same reports whether two values are equal, wherever they stand.
func same(a, b source.Node) bool {
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Entries) != len(b.Entries) {
		return false
	}
	for i := range a.Items {
		if !same(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for i := range a.Entries {
		if a.Entries[i].Key != b.Entries[i].Key || !same(a.Entries[i].Value, b.Entries[i].Value) {
			return false
		}
	}
	return true
}
