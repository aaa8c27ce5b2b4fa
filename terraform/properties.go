package terraform

import (
	"strings"

	"bailey/cfn/document"
	"bailey/source"
)

// properties gives what the row's properties say of a block.
func (t *translator) properties(parsed []property, b body) []source.Entry {
	return t.stated(parsed, b, 0)
}

// stated is properties with room for more. A row has many more properties than
// anybody states, so they are put together in one place, which all share as a
// stack, and copied out.
func (t *translator) stated(parsed []property, b body, room int) []source.Entry {
	start := len(t.partial)
	for _, p := range parsed {
		if u, open := b.attrs[""]; open && p.name != "" {
			t.partial = append(t.partial, entry(p.name, t.node(u.value, u.at)))
			continue
		}
		t.property(p, b)
	}
	var out []source.Entry
	if n := len(t.partial) - start; n+room > 0 {
		out = append(make([]source.Entry, 0, n+room), t.partial[start:]...)
	}
	t.partial = t.partial[:start]
	return out
}

// property adds what a property is, nothing where it is not stated.
func (t *translator) property(p property, b body) {
	for _, from := range p.sources {
		if constant, ok := strings.CutPrefix(from, "'"); ok {
			t.partial = append(t.partial, entry(p.name, text(strings.TrimSuffix(constant, "'"), b.at)))
			return
		}
		if p.nested {
			if blocks := b.children(from); len(blocks) > 0 {
				inner := t.nested(p, blocks)
				t.partial = append(t.partial, inner...)
				return
			}
			continue
		}
		f, ok := b.get(from)
		if !ok {
			continue
		}
		n := t.node(f.value, f.at)
		switch {
		case p.json:
			n = t.fromJSON(f, n)
		case p.list && n.Kind != source.List && n.Kind != source.Unknown:
			n = list(f.at, n)
		}
		t.partial = append(t.partial, entry(p.name, n))
		return
	}
}

// nested gives a property that is made of blocks, of which there is one at
// least.
func (t *translator) nested(p property, blocks []body) []source.Entry {
	if !p.list {
		inner := t.properties(p.inner, blocks[0])
		if p.name == "" || len(inner) == 0 {
			return inner
		}
		return []source.Entry{entry(p.name, object(blocks[0].at, inner...))}
	}
	var items []source.Node
	for _, b := range blocks {
		if u, open := b.attrs[""]; open {
			items = append(items, t.node(u.value, u.at))
			continue
		}
		items = append(items, object(b.at, t.properties(p.inner, b)...))
	}
	return []source.Entry{entry(p.name, list(blocks[0].at, items...))}
}

// fromJSON reads the text of an argument that is JSON. Tokens in it are the
// references that they stand for.
func (t *translator) fromJSON(f field, n source.Node) source.Node {
	s, ok := scalarText(f.value)
	if !ok {
		return n
	}
	doc, diags := document.Read(f.at.File, []byte(s))
	if diags.HasErrors() || doc.Kind != source.Map && doc.Kind != source.List {
		return n // cfn says what it thinks of it
	}
	return t.placed(doc, f.at)
}

// placed gives a document with every place at, and its tokens resolved.
func (t *translator) placed(n source.Node, at source.Span) source.Node {
	switch n.Kind {
	case source.String:
		return t.textNode(n.Text, at)
	case source.List:
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = t.placed(item, at)
		}
		n.Items = items
	case source.Map:
		entries := make([]source.Entry, len(n.Entries))
		for i, e := range n.Entries {
			entries[i] = source.Entry{Key: t.shown(e.Key), KeyAt: at, Value: t.placed(e.Value, at)}
		}
		n.Entries = entries
	}
	n.At, n.Tag = at, ""
	return n
}
