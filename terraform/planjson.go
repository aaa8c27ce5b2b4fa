package terraform

import (
	"encoding/json"
	"iter"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
)

// A checked reads JSON that encoding/json has found well formed, so that it has
// no mistakes to report, and reads no part of it that nobody asks for: most of
// a plan is never looked at.
type checked struct {
	text []byte
	pos  int
	put  func(string) string // in the place of a text; nil: it stays
}

// decoded reads JSON as a value.
func decoded(data json.RawMessage) cty.Value {
	if len(data) == 0 {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	c := checked{text: data}
	return c.value()
}

// members yields the members of an object as they stand; nothing where the JSON
// is none.
func members(data json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		c := checked{text: data}
		if c.next() != '{' {
			return
		}
		for c.more('}') {
			name := c.string()
			if !yield(name, c.raw()) {
				return
			}
		}
	}
}

// member gives one member of an object, nil where there is none.
func member(data json.RawMessage, name string) json.RawMessage {
	for has, value := range members(data) {
		if has == name {
			return value
		}
	}
	return nil
}

// items are the elements of an array as they stand; nil where the JSON is none.
func items(data json.RawMessage) []json.RawMessage {
	c := checked{text: data}
	if c.next() != '[' {
		return nil
	}
	var out []json.RawMessage
	for c.more(']') {
		out = append(out, c.raw())
	}
	return out
}

// isTrue reports whether the JSON is true.
func isTrue(data json.RawMessage) bool { return string(data) == "true" }

// next passes over space and gives the byte after it, 0 at the end.
func (c *checked) next() byte {
	for ; c.pos < len(c.text); c.pos++ {
		switch b := c.text[c.pos]; b {
		case ' ', '\t', '\n', '\r':
		default:
			return b
		}
	}
	return 0
}

// more goes to the next element of an object or an array: at first past the
// bracket that opens it, then past a comma. It is false past the last.
func (c *checked) more(closing byte) bool {
	switch c.next() {
	case '{', '[', ',':
		c.pos++
	}
	if b := c.next(); b != closing && b != 0 {
		return true
	}
	c.pos++
	return false
}

// raw passes over a value, and the colon before it, and gives it as it stands.
func (c *checked) raw() json.RawMessage {
	if c.next() == ':' {
		c.pos++
		c.next()
	}
	start, depth := c.pos, 0
	for c.pos < len(c.text) {
		switch c.text[c.pos] {
		case '"':
			c.skipString()
			if depth == 0 {
				return c.text[start:c.pos]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return c.text[start:c.pos]
			}
			if depth--; depth == 0 {
				c.pos++
				return c.text[start:c.pos]
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return c.text[start:c.pos]
			}
		}
		c.pos++
	}
	return c.text[start:]
}

// skipString passes over a text, and reports whether something in it is escaped.
func (c *checked) skipString() (escaped bool) {
	for c.pos++; c.pos < len(c.text); c.pos++ {
		switch c.text[c.pos] {
		case '\\':
			escaped = true
			c.pos++
		case '"':
			c.pos++
			return escaped
		}
	}
	return escaped
}

// string reads a text.
func (c *checked) string() string {
	start := c.pos
	escaped := c.skipString()
	if plain := c.text[start+1 : c.pos-1]; !escaped && utf8.Valid(plain) {
		return string(plain)
	}
	var out string
	_ = json.Unmarshal(c.text[start:c.pos], &out) // well formed, as all of it is
	return out
}

func (c *checked) value() cty.Value {
	if c.next() == ':' {
		c.pos++
	}
	switch c.next() {
	case '{':
		out := map[string]cty.Value{}
		for c.more('}') {
			name := c.string()
			out[name] = c.value()
		}
		return cty.ObjectVal(out)
	case '[':
		var out []cty.Value
		for c.more(']') {
			out = append(out, c.value())
		}
		return cty.TupleVal(out)
	case '"':
		text := c.string()
		if c.put != nil {
			text = c.put(text)
		}
		return cty.StringVal(text)
	}
	switch word := string(c.raw()); word {
	case "true", "false":
		return cty.BoolVal(word == "true")
	case "null", "":
		return cty.NullVal(cty.DynamicPseudoType)
	default:
		return number(word)
	}
}

// number reads a number; one that is out of every range stays text.
func number(word string) cty.Value {
	n := json.Number(word)
	if whole, err := n.Int64(); err == nil {
		return cty.NumberIntVal(whole)
	}
	if v, err := cty.ParseNumberVal(word); err == nil {
		return v
	}
	return cty.StringVal(word)
}
