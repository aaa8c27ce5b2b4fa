package take

import (
	"cmp"
	"fmt"
	"strings"
)

// text gives a field of an item, or the item itself, as text.
func text(item any, field string) string {
	if m, ok := item.(document); ok {
		item = map[string]any(m)
	}
	if m, ok := item.(map[string]any); ok && field != "" {
		name, rest, _ := strings.Cut(field, ".")
		return text(m[name], rest)
	}
	if item == nil {
		return ""
	}
	return fmt.Sprint(item)
}

// topmost is the key of the list in an answer.
func (c call) topmost() string { return cmp.Or(c.top, c.key) }

// owner is what an item's file is named after.
func (c call) owner(item any) string { return strings.TrimPrefix(text(item, c.of), "/hostedzone/") }

func (c call) wants(item any) bool {
	if field, has := strings.CutSuffix(c.only, "!"); has {
		return text(item, field) != ""
	}
	field, value, ok := strings.Cut(c.only, "=")
	return !ok || text(item, field) == value
}

// inputs are a call's inputs for an item.
func (c call) inputs(item any) [][2]string {
	var out [][2]string
	for pair := range strings.FieldsSeq(c.input + " " + c.page) {
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, [2]string{name, filled(value, item)})
	}
	return out
}

// filled puts an item, or a field of it, into text.
func filled(pattern string, item any) string {
	before, rest, ok := strings.Cut(pattern, "{")
	if !ok {
		return pattern
	}
	field, after, _ := strings.Cut(rest, "}")
	return before + text(item, strings.TrimPrefix(field, ".")) + after
}

// operation is the API's name of a command: describe-db-instances is
// DescribeDBInstances.
func operation(command string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(command, "-") {
		if word == "db" {
			b.WriteString("DB")
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
