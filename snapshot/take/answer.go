package take

import (
	"encoding/json"
	"fmt"
	"strings"
)

// fromJSON reads a page of JSON, and what to ask for the next with.
func (c call) fromJSON(data []byte, lower bool) (document, [][2]string, error) {
	doc := document{}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	var next [][2]string
	for pair := range strings.FieldsSeq(c.token) {
		from, to, _ := strings.Cut(pair, "=")
		if lower {
			from = strings.ToLower(from[:1]) + from[1:]
		}
		if v := text(doc[from], ""); v != "" {
			next = append(next, [2]string{to, v})
		}
		delete(doc, from)
	}
	if c.shape != "" {
		doc = chosen(doc, parseShape(c.shape, lower))
	}
	return doc, next, nil
}

// chosen gives the fields of JSON that are kept, under the names that the CLI
// prints.
func chosen(doc map[string]any, fields []field) document {
	out := document{}
	for _, f := range fields {
		switch v := doc[f.element].(type) {
		case nil:
		case map[string]any:
			out[f.name] = v
			if f.kind == '{' {
				out[f.name] = map[string]any(chosen(v, f.inner))
			}
		case []any:
			list := []any{}
			for _, item := range v {
				if m, ok := item.(map[string]any); ok && len(f.inner) > 0 {
					item = map[string]any(chosen(m, f.inner))
				}
				list = append(list, item)
			}
			out[f.name] = list
		default:
			out[f.name] = v
		}
	}
	return out
}

// fromXML reads a page of XML, and what to ask for the next with.
func (c call) fromXML(data []byte, lower bool) (document, [][2]string, error) {
	root, err := parseXML(data)
	if err != nil {
		return nil, nil, err
	}
	var next [][2]string
	for pair := range strings.FieldsSeq(c.token) {
		from, to, _ := strings.Cut(pair, "=")
		if lower {
			from = strings.ToLower(from[:1]) + from[1:]
		}
		if e := root.find(from); e != nil && strings.TrimSpace(e.text) != "" {
			next = append(next, [2]string{to, strings.TrimSpace(e.text)})
		}
	}
	body := root
	if result := root.child(operation(c.command) + "Result"); result != nil { // query wraps its answer
		body = result
	}
	doc, err := kept(body, parseShape(c.shape, lower))
	return doc, next, err
}
