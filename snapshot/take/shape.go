package take

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A field is one field of an answer in XML, as the CLI prints it.
//
//	VpcId                 text
//	IsDefault:b  Port:i   true or false; a number
//	Document:d            a policy document, which IAM encodes as in an address
//	Variables:m  Rate:n   a map, as it is; of JSON a number with a fraction
//	State{Name}           a map of these fields
//	Tags=tagSet[Key]      a list of maps, in the element tagSet
//	SubnetIds[]           a list of text
//	Events=Event*[]       a list without an element of its own, as of S3's
//
// An element is called like the field, in EC2 with a first letter in lower case.
type field struct {
	name, element string
	kind          byte // 0, b, i, d, n, m, { or [
	inner         []field
	flat          bool
}

// parseShape reads the fields of a call.
func parseShape(text string, lower bool) []field {
	p := &shapeParser{text: text, lower: lower}
	out := p.fields(0)
	if p.pos < len(p.text) {
		panic("take: the shape cannot be read at " + p.text[p.pos:])
	}
	return out
}

type shapeParser struct {
	text  string
	pos   int
	lower bool
}

func (p *shapeParser) fields(until byte) []field {
	var out []field
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ' ':
			p.pos++
		case c == until:
			p.pos++
			return out
		default:
			out = append(out, p.field())
		}
	}
	return out
}

func (p *shapeParser) word() string {
	start := p.pos
	for p.pos < len(p.text) && strings.IndexByte(" =:[]{}*", p.text[p.pos]) < 0 {
		p.pos++
	}
	if p.pos == start {
		panic("take: the shape cannot be read at " + p.text[start:])
	}
	return p.text[start:p.pos]
}

func (p *shapeParser) take(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *shapeParser) field() field {
	f := field{name: p.word()}
	f.element = f.name
	if p.lower {
		f.element = strings.ToLower(f.name[:1]) + f.name[1:]
	}
	if p.take('=') {
		f.element = p.word()
	}
	switch {
	case p.take(':'):
		f.kind = p.word()[0]
	case p.take('{'):
		f.kind, f.inner = '{', p.fields('}')
	case p.take('*'):
		f.flat = true
		if !p.take('[') {
			panic("take: a flattened list has no fields")
		}
		f.kind, f.inner = '[', p.fields(']')
	case p.take('['):
		f.kind, f.inner = '[', p.fields(']')
	}
	return f
}

// An element is one of XML, with what is in it.
type element struct {
	name     string
	text     string
	children []*element
}

// maxDepth bounds how deep an answer may be nested.
const maxDepth = 64

// parseXML reads a whole answer.
func parseXML(data []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &element{}
	stack := []*element{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if len(root.children) != 1 || len(stack) != 1 {
				return nil, errors.New("the answer is no XML document")
			}
			return root.children[0], nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		top := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local}
			top.children = append(top.children, e)
			if stack = append(stack, e); len(stack) > maxDepth {
				return nil, errors.New("the answer is nested too deep")
			}
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
}

// child finds an element within; nil where there is none.
func (e *element) child(name string) *element {
	i := slices.IndexFunc(e.children, func(c *element) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return e.children[i]
}

// find is the first element with a name, however deep.
func (e *element) find(name string) *element {
	if e.name == name {
		return e
	}
	for _, c := range e.children {
		if found := c.find(name); found != nil {
			return found
		}
	}
	return nil
}

// A document is an answer as the CLI prints it.
type document map[string]any

// kept gives the fields of an element that are kept.
func kept(e *element, fields []field) (document, error) {
	out := document{}
	for _, f := range fields {
		c := e.child(f.element)
		if c != nil && f.flat {
			c = &element{children: slices.DeleteFunc(slices.Clone(e.children), func(o *element) bool { return o.name != f.element })}
		}
		if c == nil {
			if f.kind == '[' {
				out[f.name] = []any{}
			}
			continue
		}
		v, err := valueOf(c, f)
		if err != nil {
			return nil, err
		}
		out[f.name] = v
	}
	return out, nil
}

func valueOf(e *element, f field) (any, error) {
	text := e.text
	if f.kind != 0 {
		text = strings.TrimSpace(text)
	}
	switch f.kind {
	case 'b':
		return text == "true", nil
	case 'i':
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no number", f.name, text)
		}
		return n, nil
	case 'd':
		return policy(f.name, text)
	case 'm':
		out := map[string]any{}
		for _, entry := range e.children {
			if k, v := entry.child("key"), entry.child("value"); k != nil && v != nil {
				out[k.text] = v.text
			}
		}
		return out, nil
	case '{':
		return kept(e, f.inner)
	case '[':
		out := []any{}
		for _, item := range e.children {
			if len(f.inner) == 0 {
				out = append(out, item.text)
				continue
			}
			v, err := kept(item, f.inner)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	}
	return text, nil
}

// policy reads a policy document, which the CLI prints as what it is.
func policy(name, text string) (any, error) {
	plain, err := url.QueryUnescape(text)
	if strings.HasPrefix(text, "{") { // not encoded
		plain, err = text, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d := json.NewDecoder(strings.NewReader(plain))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("%s is no policy document: %w", name, err)
	}
	return doc, nil
}
