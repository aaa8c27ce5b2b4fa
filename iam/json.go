package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"unicode/utf8"

	"bailey/source"
)

// maxDepth is far more than any policy nests; it keeps hostile text from
// exhausting the stack.
const maxDepth = 64

// ParseJSON reads a policy document from JSON text. file is what positions
// name; it is not opened.
func ParseJSON(file string, data []byte) (Policy, source.Diags) {
	r := newReader(file, data)
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return r.refuse(syntaxOffset(err), err)
	}
	doc, err := r.value(0)
	if err != nil {
		return r.refuse(int(r.dec.InputOffset())-1, err)
	}
	return Parse(doc)
}

func (r *reader) refuse(offset int, err error) (Policy, source.Diags) {
	var ds source.Diags
	ds.Errorf("IAM_NOT_JSON", r.span(offset), "the policy is not valid JSON: %v", err)
	return Policy{at: source.Span{File: r.file}}, ds
}

// syntaxOffset gives the place of the offending character; the error counts
// what was read up to it.
func syntaxOffset(err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 {
		return int(syntax.Offset) - 1
	}
	return 0
}

// errTooDeep is all that can be wrong with text that is JSON.
var errTooDeep = fmt.Errorf("it nests deeper than %d levels", maxDepth)

// A reader makes Nodes of JSON tokens and keeps where each began.
type reader struct {
	file  string
	data  []byte
	dec   *json.Decoder
	lines []int // offsets at which lines begin
}

func newReader(file string, data []byte) *reader {
	r := &reader{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data)), lines: []int{0}}
	r.dec.UseNumber()
	for i, b := range data {
		if b == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	return r
}

// next gives a token and where it begins: the decoder tells only where the one
// before it ended, so blanks and separators in between are passed over.
func (r *reader) next() (json.Token, source.Span) {
	start := int(r.dec.InputOffset())
	for start < len(r.data) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[start]) >= 0 {
		start++
	}
	t, err := r.dec.Token()
	if err != nil {
		panic("iam: valid JSON has no next token: " + err.Error())
	}
	return t, r.span(start)
}

func (r *reader) value(depth int) (source.Node, error) {
	t, at := r.next()
	n := source.Node{At: at}
	switch t := t.(type) {
	case json.Delim:
		if depth == maxDepth {
			return n, errTooDeep
		}
		if t == '[' {
			return r.list(n, depth)
		}
		return r.object(n, depth)
	case string:
		n.Kind, n.Text = source.String, t
	case json.Number:
		n.Kind, n.Text = source.Number, t.String()
	case bool:
		n.Kind, n.Text = source.Bool, fmt.Sprint(t)
	}
	return n, nil
}

func (r *reader) list(n source.Node, depth int) (source.Node, error) {
	n.Kind = source.List
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.Items = append(n.Items, item)
	}
	r.next()
	return n, nil
}

func (r *reader) object(n source.Node, depth int) (source.Node, error) {
	n.Kind = source.Map
	for r.dec.More() {
		key, at := r.next()
		v, err := r.value(depth + 1)
		if err != nil {
			return n, err
		}
		n.Entries = append(n.Entries, source.Entry{Key: fmt.Sprint(key), KeyAt: at, Value: v})
	}
	r.next()
	return n, nil
}

// span gives the place of a byte offset; columns count characters.
func (r *reader) span(offset int) source.Span {
	offset = max(0, min(offset, len(r.data)))
	line := sort.SearchInts(r.lines, offset+1) - 1
	col := utf8.RuneCount(r.data[r.lines[line]:offset]) + 1
	return source.Span{File: r.file, Line: line + 1, Col: col}
}
