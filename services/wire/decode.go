package wire

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A decoder fills a Go value from a tree of map[string]any, []any, string,
// json.Number, bool and nil. It differs from encoding/json as AWS's servers do:
// names match letter for letter, and a wrong type is worded as theirs.
type decoder struct {
	text bool // awsQuery: every scalar is a string, every list a map of numbers
}

var (
	timeType   = reflect.TypeFor[Time]()
	rawMessage = reflect.TypeFor[json.RawMessage]()
)

func (d decoder) value(dst reflect.Value, src any) *Error {
	if src == nil {
		return nil
	}
	switch {
	case dst.Type() == timeType:
		return d.time(dst, src)
	case dst.Type() == rawMessage:
		raw, err := json.Marshal(src)
		dst.SetBytes(raw)
		return mismatch(err != nil, src, "document")
	}
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		return d.value(dst.Elem(), src)
	case reflect.Struct:
		return d.structure(dst, src)
	case reflect.Map:
		return d.mapping(dst, src)
	case reflect.Slice:
		if dst.Type().Elem().Kind() == reflect.Uint8 {
			return d.blob(dst, src)
		}
		return d.list(dst, src)
	case reflect.Interface:
		dst.Set(reflect.ValueOf(src))
		return nil
	}
	return d.scalar(dst, src)
}

func (d decoder) structure(dst reflect.Value, src any) *Error {
	members, ok := src.(map[string]any)
	if !ok {
		return mismatch(true, src, "structure")
	}
	for i := range dst.NumField() {
		field := dst.Type().Field(i)
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			if err := d.structure(dst.Field(i), src); err != nil { // its members are dst's
				return err
			}
			continue
		}
		if !field.IsExported() {
			continue
		}
		if err := d.value(dst.Field(i), members[memberName(field)]); err != nil {
			return err
		}
	}
	return nil
}

func memberName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

func (d decoder) mapping(dst reflect.Value, src any) *Error {
	entries, ok := src.(map[string]any)
	if !ok {
		return mismatch(true, src, "map")
	}
	if d.text {
		entries = queryEntries(entries)
	}
	out := reflect.MakeMapWithSize(dst.Type(), len(entries))
	for key, entry := range entries {
		value := reflect.New(dst.Type().Elem()).Elem()
		if err := d.value(value, entry); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(key).Convert(dst.Type().Key()), value)
	}
	dst.Set(out)
	return nil
}

func (d decoder) list(dst reflect.Value, src any) *Error {
	items, ok := src.([]any)
	if d.text {
		items, ok = queryItems(src)
	}
	if !ok {
		return mismatch(true, src, "list")
	}
	out := reflect.MakeSlice(dst.Type(), len(items), len(items))
	for i, item := range items {
		if err := d.value(out.Index(i), item); err != nil {
			return err
		}
	}
	dst.Set(out)
	return nil
}

func (d decoder) blob(dst reflect.Value, src any) *Error {
	text, ok := src.(string)
	if !ok {
		return mismatch(true, src, "blob")
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return common(serialization, "a blob is not base64: %v", err)
	}
	dst.SetBytes(b)
	return nil
}

func (d decoder) time(dst reflect.Value, src any) *Error {
	t := dst.Addr().Interface().(*Time)
	switch v := src.(type) {
	case json.Number:
		seconds, err := v.Float64()
		return mismatch(err != nil || t.setSeconds(seconds) != nil, src, "Timestamp")
	case string:
		return mismatch(t.setText(v) != nil, src, "Timestamp")
	}
	return mismatch(true, src, "Timestamp")
}

// scalar sets a string, boolean or number, the last two also from text where
// the protocol has nothing else.
func (d decoder) scalar(dst reflect.Value, src any) *Error {
	text, isText := src.(string)
	if n, ok := src.(json.Number); ok {
		text = n.String()
	}
	number := isText == d.text && text != ""
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(text)
		return mismatch(!isText, src, "String")
	case reflect.Bool:
		b, ok := src.(bool)
		if d.text {
			b, ok = text == "true", text == "true" || text == "false"
		}
		dst.SetBool(b)
		return mismatch(!ok, src, "Boolean")
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, dst.Type().Bits())
		dst.SetInt(n)
		return mismatch(!number || err != nil, src, "Integer")
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		dst.SetFloat(f)
		return mismatch(!number || err != nil, src, "Double")
	}
	panic("wire: no AWS shape decodes into " + dst.Type().String())
}

// mismatch words a value of the wrong type as AWS's JSON servers do:
// "NUMBER_VALUE can not be converted to a String".
func mismatch(wrong bool, src any, want string) *Error {
	if !wrong {
		return nil
	}
	switch v := src.(type) {
	case map[string]any:
		return common(serialization, "Start of structure or map found where not expected: a %s is", want)
	case []any:
		return common(serialization, "Start of list found where not expected: a %s is", want)
	case string:
		return common(serialization, "STRING_VALUE can not be converted to %s", article(want))
	case json.Number:
		return common(serialization, "NUMBER_VALUE can not be converted to %s", article(want))
	case bool:
		return common(serialization, "%s_VALUE can not be converted to %s", strings.ToUpper(strconv.FormatBool(v)), article(want))
	}
	return common(serialization, "a value can not be converted to %s", article(want))
}

func article(noun string) string {
	if strings.ContainsRune("AEIOU", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// queryItems gives the list in {"member": {"1": a, "2": b}}, or the flattened
// {"1": a, "2": b}, in the numbers' order. An empty list is "".
func queryItems(src any) ([]any, bool) {
	tree, ok := src.(map[string]any)
	if !ok {
		return nil, src == ""
	}
	if inner, has := tree["member"].(map[string]any); has {
		tree = inner
	}
	type item struct {
		at    int
		value any
	}
	var items []item
	for key, value := range tree {
		at, err := strconv.Atoi(key)
		if err != nil {
			return nil, false
		}
		items = append(items, item{at, value})
	}
	slices.SortFunc(items, func(a, b item) int { return a.at - b.at })
	out := make([]any, len(items))
	for i := range items {
		out[i] = items[i].value
	}
	return out, true
}

// queryEntries gives the map in {"entry": {"1": {"key": k, "value": v}}}.
func queryEntries(tree map[string]any) map[string]any {
	entries, _ := queryItems(tree["entry"])
	out := make(map[string]any, len(entries))
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		if key, ok := entry["key"].(string); ok {
			out[key] = entry["value"]
		}
	}
	return out
}
