package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"bailey/source"
)

// readJSON reads one JSON value and nothing after it.
func readJSON(file string, data []byte) (source.Node, source.Diags) {
	j := &jsonReader{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data)), cursor: cursor{0, 1, 1}}
	j.dec.UseNumber()
	out, err := j.value(0)
	if err == nil {
		if _, extra := j.dec.Token(); extra != io.EOF {
			err = errors.New("there is more text after the end of the document")
		}
	}
	var stop source.Diag
	switch {
	case err == nil:
	case errors.As(err, (*stopped)(&stop)):
		j.diags.Add(stop)
	default:
		j.diags.Add(source.Diag{Code: "DOC_SYNTAX", At: j.failedAt(err), Summary: "not valid JSON: " + jsonMessage(err),
			Hint: "check the commas, brackets and quotes around this place"})
	}
	if j.diags.HasErrors() {
		return source.Node{}, j.diags
	}
	return out, j.diags
}

// stopped carries a diagnostic that ends the reading.
type stopped source.Diag

func (s stopped) Error() string { return s.Summary }

// A jsonReader follows encoding/json's tokens and keeps their places.
type jsonReader struct {
	file   string
	data   []byte
	dec    *json.Decoder
	cursor cursor
	diags  source.Diags
}

// A cursor is a byte offset with its line and column. It moves forwards, so
// that one line of many megabytes costs no more than many lines.
type cursor struct{ offset, line, col int }

// span gives the place of a byte offset.
func (j *jsonReader) span(offset int) source.Span {
	offset = min(max(offset, 0), len(j.data))
	if offset < j.cursor.offset {
		j.cursor = cursor{0, 1, 1}
	}
	passed := j.data[j.cursor.offset:offset]
	if n := bytes.Count(passed, []byte("\n")); n > 0 {
		j.cursor.line, j.cursor.col = j.cursor.line+n, 1
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	j.cursor.col += utf8.RuneCount(passed)
	j.cursor.offset = offset
	return source.Span{File: j.file, Line: j.cursor.line, Col: j.cursor.col}
}

// next gives the place of the token that comes next.
func (j *jsonReader) next() source.Span {
	i := int(j.dec.InputOffset())
	for i < len(j.data) && bytes.IndexByte([]byte(" \t\r\n,:"), j.data[i]) >= 0 {
		i++
	}
	return j.span(i)
}

func (j *jsonReader) failedAt(err error) source.Span {
	var syn *json.SyntaxError
	switch {
	case errors.As(err, &syn):
		return j.span(int(syn.Offset) - 1)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return j.span(len(j.data))
	}
	return j.next()
}

func jsonMessage(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the text ends before the last bracket is closed"
	}
	return err.Error()
}

// value reads the next value.
func (j *jsonReader) value(depth int) (source.Node, error) {
	at := j.next()
	if depth > MaxDepth {
		return source.Node{}, stopped(tooDeep(at))
	}
	token, err := j.dec.Token()
	if err != nil {
		return source.Node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return j.object(at, depth)
		}
		return j.array(at, depth)
	case string:
		return source.Node{Kind: source.String, Text: t, At: at}, nil
	case json.Number:
		return source.Node{Kind: source.Number, Text: t.String(), At: at}, nil
	case bool:
		return source.Node{Kind: source.Bool, Text: fmt.Sprint(t), At: at}, nil
	}
	return source.Node{Kind: source.Null, At: at}, nil
}

func (j *jsonReader) object(at source.Span, depth int) (source.Node, error) {
	out := source.Node{Kind: source.Map, At: at}
	seen := map[string]source.Span{}
	for j.dec.More() {
		keyAt := j.next()
		token, err := j.dec.Token()
		if err != nil {
			return out, err
		}
		key, _ := token.(string) // encoding/json lets nothing else be a key
		value, err := j.value(depth + 1)
		if err != nil {
			return out, err
		}
		if before, dup := seen[key]; dup {
			j.diags.Add(duplicateKey(key, keyAt, before))
			continue
		}
		seen[key] = keyAt
		out.Entries = append(out.Entries, source.Entry{Key: key, KeyAt: keyAt, Value: value})
	}
	_, err := j.dec.Token()
	return out, err
}

func (j *jsonReader) array(at source.Span, depth int) (source.Node, error) {
	out := source.Node{Kind: source.List, At: at}
	for j.dec.More() {
		item, err := j.value(depth + 1)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, item)
	}
	_, err := j.dec.Token()
	return out, err
}
