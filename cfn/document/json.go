package document

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"bailey/source"
)

// readJSON reads one JSON value and nothing after it. It has a scanner of its
// own: encoding/json's tokens cost five times as much as all else that is done
// with a large template.
// https://www.rfc-editor.org/rfc/rfc8259
func readJSON(file string, data []byte) (source.Node, source.Diags) {
	j := &jsonReader{file: file, text: string(data), cursor: cursor{0, 1, 1}}
	out := j.value(0)
	if j.skip(); !j.stopped && j.pos < len(j.text) {
		j.fail(j.pos, "there is more text after the end of the document")
	}
	if j.diags.HasErrors() {
		return source.Node{}, j.diags
	}
	return out, j.diags
}

// A jsonReader is a place in a text. Strings without escapes are parts of the
// text and not copied.
type jsonReader struct {
	file    string
	text    string
	pos     int
	stopped bool // by an error, after which nothing is read
	cursor  cursor
	diags   source.Diags
	// What is read of the maps and lists around the place, each of which is copied
	// when it is whole: nothing is left to grow into.
	entries []source.Entry
	items   []source.Node
}

// A cursor is a byte offset with its line and column. It moves forwards, so
// that one line of many megabytes costs no more than many lines.
type cursor struct{ offset, line, col int }

// span gives the place of a byte offset.
func (j *jsonReader) span(offset int) source.Span {
	offset = min(max(offset, 0), len(j.text))
	if offset < j.cursor.offset {
		j.cursor = cursor{0, 1, 1}
	}
	passed := j.text[j.cursor.offset:offset]
	if i := strings.LastIndexByte(passed, '\n'); i >= 0 {
		j.cursor.line, j.cursor.col = j.cursor.line+strings.Count(passed, "\n"), 1
		passed = passed[i+1:]
	}
	j.cursor.col += utf8.RuneCountInString(passed)
	j.cursor.offset = offset
	return source.Span{File: j.file, Line: j.cursor.line, Col: j.cursor.col}
}

// fail ends the reading with an error at an offset.
func (j *jsonReader) fail(at int, message string) source.Node {
	if at >= len(j.text) {
		at, message = len(j.text), "the text ends before the last bracket is closed"
	}
	return j.stop(source.Diag{Code: "DOC_SYNTAX", At: j.span(at), Summary: "not valid JSON: " + message,
		Hint: "check the commas, brackets and quotes around this place"})
}

func (j *jsonReader) stop(d source.Diag) source.Node {
	if !j.stopped {
		j.diags.Add(d)
	}
	j.stopped = true
	return source.Node{}
}

// unexpected fails at what stands where something else must.
func (j *jsonReader) unexpected(want string) source.Node {
	if j.pos >= len(j.text) {
		return j.fail(j.pos, "")
	}
	r, _ := utf8.DecodeRuneInString(j.text[j.pos:])
	return j.fail(j.pos, fmt.Sprintf("%q stands where there must be %s", r, want))
}

func (j *jsonReader) skip() {
	for j.pos < len(j.text) {
		switch j.text[j.pos] {
		case ' ', '\t', '\r', '\n':
			j.pos++
		default:
			return
		}
	}
}

// take passes over a character if it comes next.
func (j *jsonReader) take(c byte) bool {
	j.skip()
	if j.pos >= len(j.text) || j.text[j.pos] != c {
		return false
	}
	j.pos++
	return true
}

// value reads the next value.
func (j *jsonReader) value(depth int) source.Node {
	if j.skip(); j.pos >= len(j.text) {
		return j.fail(j.pos, "")
	}
	at := j.span(j.pos)
	if depth > MaxDepth {
		return j.stop(tooDeep(at))
	}
	switch c := j.text[j.pos]; {
	case c == '{':
		return j.object(at, depth)
	case c == '[':
		return j.array(at, depth)
	case c == '"':
		return source.Node{Kind: source.String, Text: j.str(), At: at}
	case c == '-' || '0' <= c && c <= '9':
		return j.number(at)
	}
	return j.word(at)
}

var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func (j *jsonReader) number(at source.Span) source.Node {
	begin := j.pos
	for j.pos < len(j.text) && strings.IndexByte("+-.0123456789eE", j.text[j.pos]) >= 0 {
		j.pos++
	}
	text := j.text[begin:j.pos]
	if !plainNumber(text) && !numberForm.MatchString(text) {
		return j.fail(begin, fmt.Sprintf("%q is no number", text))
	}
	return source.Node{Kind: source.Number, Text: text, At: at}
}

// plainNumber is the numbers of most templates: a few digits, no leading zero.
func plainNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == "" && (text[0] != '0' || len(text) == 1)
}

func (j *jsonReader) word(at source.Span) source.Node {
	for word, kind := range words {
		if strings.HasPrefix(j.text[j.pos:], word) {
			j.pos += len(word)
			n := source.Node{Kind: kind, At: at}
			if kind == source.Bool {
				n.Text = word
			}
			return n
		}
	}
	return j.unexpected("a value")
}

var words = map[string]source.Kind{"true": source.Bool, "false": source.Bool, "null": source.Null}

// str reads a string, whose opening quote comes next.
func (j *jsonReader) str() string {
	begin, escaped := j.pos, false
	for i := begin + 1; i < len(j.text); i++ {
		switch c := j.text[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			j.fail(i, "a string does not end on its line")
			return ""
		case c == '"':
			j.pos = i + 1
			if !escaped {
				return j.text[begin+1 : i]
			}
			var out string
			if json.Unmarshal([]byte(j.text[begin:j.pos]), &out) != nil {
				j.fail(begin, "a string has an escape that there is not")
			}
			return out
		}
	}
	j.fail(len(j.text), "")
	return ""
}

func (j *jsonReader) object(at source.Span, depth int) (out source.Node) {
	out = source.Node{Kind: source.Map, At: at}
	keys := keySet{}
	j.pos++
	if j.take('}') {
		return out
	}
	base := len(j.entries)
	defer func() {
		out.Entries = append(make([]source.Entry, 0, len(j.entries)-base), j.entries[base:]...)
		clear(j.entries[base:])
		j.entries = j.entries[:base]
	}()
	for !j.stopped {
		if j.skip(); j.pos >= len(j.text) || j.text[j.pos] != '"' {
			return j.unexpected("a key in double quotes")
		}
		keyAt := j.span(j.pos)
		key := j.str()
		if !j.stopped && !j.take(':') {
			return j.unexpected("a colon")
		}
		value := j.value(depth + 1)
		if before, dup := keys.add(j.entries[base:], key, keyAt); dup {
			j.diags.Add(duplicateKey(key, keyAt, before))
		} else {
			j.entries = append(j.entries, source.Entry{Key: key, KeyAt: keyAt, Value: value})
		}
		if j.stopped || j.take('}') {
			break
		}
		if !j.more('}') {
			break
		}
	}
	return out
}

// more passes over the comma before the next element. The bracket must not
// follow it.
func (j *jsonReader) more(bracket byte) bool {
	if !j.take(',') {
		j.unexpected("a comma or " + string(bracket))
		return false
	}
	comma := j.pos - 1
	if j.skip(); j.pos < len(j.text) && j.text[j.pos] == bracket {
		j.fail(comma, "a comma stands after the last element")
		return false
	}
	return true
}

func (j *jsonReader) array(at source.Span, depth int) source.Node {
	out := source.Node{Kind: source.List, At: at}
	j.pos++
	if j.take(']') {
		return out
	}
	base := len(j.items)
	for more := true; more; more = !j.stopped && !j.take(']') && j.more(']') {
		v := j.value(depth + 1)
		j.items = append(j.items, v)
	}
	out.Items = append(make([]source.Node, 0, len(j.items)-base), j.items[base:]...)
	clear(j.items[base:])
	j.items = j.items[:base]
	return out
}

// A keySet finds keys that a map has twice: among a few by looking at them.
type keySet map[string]source.Span

func (s *keySet) add(entries []source.Entry, key string, at source.Span) (before source.Span, dup bool) {
	const few = 8
	if len(entries) < few {
		for _, e := range entries {
			if e.Key == key {
				return e.KeyAt, true
			}
		}
		return source.Span{}, false
	}
	if len(*s) == 0 {
		*s = make(keySet, 2*few)
		for _, e := range entries {
			(*s)[e.Key] = e.KeyAt
		}
	}
	if before, dup = (*s)[key]; !dup {
		(*s)[key] = at
	}
	return before, dup
}
