package vtl

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

var errDeep = errors.New("the value is too deep or too long")

// ParseJSON reads JSON into values whose maps keep the order of their keys.
func ParseJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err == nil {
		return nil, errors.New("there is more behind the value")
	}
	return v, nil
}

func readJSON(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return number(t.String()), nil
	case json.Delim:
		if t == '[' {
			return readList(d, depth)
		}
		return readMap(d, depth)
	}
	return t, nil // nil, bool, string
}

func readList(d *json.Decoder, depth int) (any, error) {
	l := &List{json: true}
	for d.More() {
		v, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, v)
	}
	_, err := d.Token()
	return l, err
}

func readMap(d *json.Decoder, depth int) (any, error) {
	m := &Map{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		m.Put(key.(string), v)
	}
	_, err := d.Token()
	return m, err
}

// number reads a number as Java's parsers do: whole ones as such, whatever
// their size, others in floating point.
func number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	if !strings.ContainsAny(text, ".eE") {
		return Big(text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Big(text)
	}
	return f
}

// JSON writes a value as JSON, without blanks.
func JSON(v any) (string, error) {
	b, err := appendJSON(nil, v, 0)
	return string(b), err
}

func appendJSON(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth || len(b) > maxText {
		return b, errDeep
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return appendQuoted(b, v), nil
	case *List:
		return appendList(b, v, depth)
	case *Map:
		return appendMap(b, v, depth)
	case bool, int64, float64, Big:
		return append(b, Text(v)...), nil
	}
	return appendQuoted(b, Text(v)), nil
}

func appendQuoted(b []byte, s string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // text always is JSON
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

func appendList(b []byte, l *List, depth int) ([]byte, error) {
	b = append(b, '[')
	for i, item := range l.Items {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendJSON(b, item, depth+1); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, m *Map, depth int) ([]byte, error) {
	b = append(b, '{')
	for i, k := range m.keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, k), ':')
		var err error
		if b, err = appendJSON(b, m.values[k], depth+1); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}
