package event

import (
	"fmt"
	"maps"
	"slices"
)

// A Pattern says which events a rule is for. The zero Pattern is for none.
type Pattern struct{ root *branch }

// A branch is an object of a pattern: all of its fields must fit, and of each
// $or one alternative.
type branch struct {
	fields []field
	or     [][]*branch
}

type field struct {
	name string
	path string // from the root, for what must not exist
	sub  *branch
	any  []matcher // a leaf: one of them must fit
}

// A matcher is one value or one comparison of a leaf.
type matcher interface{ fits(value any) bool }

// absent is {"exists": false}: no event field has the path.
type absent struct{}

func (absent) fits(any) bool { return false }

// ParsePattern reads a pattern.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func ParsePattern(text []byte) (Pattern, error) {
	v, err := read(text)
	if err != nil {
		return Pattern{}, fmt.Errorf("event pattern is not valid JSON: %w", err)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return Pattern{}, fmt.Errorf("filter is not an object")
	}
	root, err := parseBranch(object, "")
	return Pattern{root}, err
}

func parseBranch(object map[string]any, path string) (*branch, error) {
	if len(object) == 0 {
		return nil, fmt.Errorf("empty objects are not allowed")
	}
	b := &branch{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		value := object[name]
		if list, isList := value.([]any); name == "$or" && isList && isAlternatives(list) {
			alternatives, err := parseOr(list, path)
			if err != nil {
				return nil, err
			}
			b.or = append(b.or, alternatives)
			continue
		}
		f, err := parseField(name, path+"\x00"+name, value)
		if err != nil {
			return nil, err
		}
		b.fields = append(b.fields, f)
	}
	return b, nil
}

// isAlternatives tells $or from a field of that name: two objects or more, none
// of which is a comparison.
func isAlternatives(list []any) bool {
	if len(list) < 2 {
		return false
	}
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return false
		}
		for name := range object {
			if comparison(name) != nil {
				return false
			}
		}
	}
	return true
}

func parseOr(list []any, path string) ([]*branch, error) {
	var out []*branch
	for _, item := range list {
		b, err := parseBranch(item.(map[string]any), path)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func parseField(name, path string, value any) (field, error) {
	f := field{name: name, path: path}
	switch v := value.(type) {
	case map[string]any:
		sub, err := parseBranch(v, path)
		f.sub = sub
		return f, err
	case []any:
		if len(v) == 0 {
			return f, fmt.Errorf("empty arrays are not allowed")
		}
		for _, item := range v {
			m, err := parseMatcher(item)
			if err != nil {
				return f, fmt.Errorf("%s: %w", name, err)
			}
			f.any = append(f.any, m)
		}
		return f, nil
	}
	return f, fmt.Errorf("%q must be an object or an array", name)
}

// Match reports whether the event fits. An event that is not a JSON object fits
// nothing.
//
// Where an event has an array of objects, one and the same of them must have
// all that the pattern asks of its fields.
func (p Pattern) Match(event []byte) bool {
	v, err := read(event)
	object, ok := v.(map[string]any)
	if err != nil || !ok || p.root == nil {
		return false
	}
	leaves := map[string]bool{}
	notePaths(object, "", leaves)
	return p.root.fits(object, leaves)
}

// notePaths notes where the event has a scalar value; the members of an array
// share their array's path.
func notePaths(value any, path string, leaves map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			notePaths(member, path+"\x00"+name, leaves)
		}
	case []any:
		for _, item := range v {
			notePaths(item, path, leaves)
		}
	default:
		leaves[path] = true
	}
}

// fits: value is an object, an array of which one member fits, or anything else
// in which no field is found.
func (b *branch) fits(value any, leaves map[string]bool) bool {
	if list, ok := value.([]any); ok && len(list) > 0 {
		return slices.ContainsFunc(list, func(item any) bool { return b.fits(item, leaves) })
	}
	object, _ := value.(map[string]any)
	for _, f := range b.fields {
		member, ok := object[f.name]
		if !ok {
			member = missing{} // null is a value
		}
		if !f.fits(member, leaves) {
			return false
		}
	}
	for _, alternatives := range b.or {
		if !slices.ContainsFunc(alternatives, func(a *branch) bool { return a.fits(value, leaves) }) {
			return false
		}
	}
	return true
}

func (f field) fits(value any, leaves map[string]bool) bool {
	if f.sub != nil {
		return f.sub.fits(value, leaves)
	}
	return slices.ContainsFunc(f.any, func(m matcher) bool {
		if _, is := m.(absent); is {
			return !leaves[f.path]
		}
		return leaves[f.path] && someScalar(value, m)
	})
}

// someScalar tries the members of an array one by one.
func someScalar(value any, m matcher) bool {
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return someScalar(item, m) })
	case map[string]any, missing:
		return false
	}
	return m.fits(value)
}

// missing stands for the value of a field that an object does not have.
type missing struct{}
