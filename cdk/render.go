package cdk

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"bailey/source"
)

// render writes a Node as JSON in which every value stands at the line and
// column where its Span says, as far as there is room: what has no place
// (the zero Span) goes where the writing has come to. Reading the text again
// gives the same Node with the same places.
func render(n source.Node) []byte {
	p := &placer{line: 1, col: 1}
	p.value(n)
	return p.buf.Bytes()
}

// A placer writes and knows where it is. Line and column count from 1.
type placer struct {
	buf       bytes.Buffer
	line, col int
}

// to moves forward to a place; backward it cannot.
func (p *placer) to(at source.Span) {
	for p.line < at.Line {
		p.buf.WriteByte('\n')
		p.line, p.col = p.line+1, 1
	}
	for p.line == at.Line && p.col < at.Col {
		p.buf.WriteByte(' ')
		p.col++
	}
}

func (p *placer) write(s string) {
	p.buf.WriteString(s)
	p.col += utf8.RuneCountInString(s)
}

func (p *placer) value(n source.Node) {
	p.to(n.At)
	switch n.Kind {
	case source.Map:
		p.write("{")
		for i, e := range n.Entries {
			p.comma(i)
			p.to(e.KeyAt)
			p.write(quoted(e.Key))
			p.write(":")
			p.value(e.Value)
		}
		p.write("}")
	case source.List:
		p.write("[")
		for i, item := range n.Items {
			p.comma(i)
			p.value(item)
		}
		p.write("]")
	case source.String:
		p.write(quoted(n.Text))
	case source.Number, source.Bool:
		p.write(n.Text)
	default:
		p.write("null")
	}
}

func (p *placer) comma(i int) {
	if i > 0 {
		p.write(",")
	}
}

// quoted is a JSON string, without the escapes that only HTML needs.
func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // unreachable: any string can be encoded
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
