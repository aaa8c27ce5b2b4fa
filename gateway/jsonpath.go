package gateway

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bailey/vtl"
)

// A jsonPath is a compiled JSONPath expression, of which filters are not here.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html
type jsonPath struct {
	steps []pathStep
	many  bool // it may select more than one value, and then gives a list
}

// A pathStep is names or indices, or all members; deep: at any depth.
type pathStep struct {
	deep    bool
	all     bool
	names   []string
	indices []int
	slice   *[2]*int // from, to
}

// maxSelected bounds what ..* gives.
const maxSelected = 100_000

// parsePath reads $.a['b'][0][*]..c[1:3].
func parsePath(text string) (jsonPath, error) {
	var p jsonPath
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "$")
	if !ok {
		return p, fmt.Errorf("%q is no JSONPath: it does not begin with $", text)
	}
	for rest != "" {
		var s pathStep
		if s.deep = strings.HasPrefix(rest, ".."); s.deep {
			rest = rest[1:]
			if strings.HasPrefix(rest, ".[") {
				rest = rest[1:]
			}
		}
		var err error
		switch rest[0] {
		case '.':
			rest, err = s.member(rest[1:])
		case '[':
			rest, err = s.bracket(rest[1:])
		default:
			err = fmt.Errorf("there is something unexpected at %q", rest)
		}
		if err != nil {
			return p, fmt.Errorf("%q is no JSONPath: %w", text, err)
		}
		p.steps = append(p.steps, s)
		p.many = p.many || s.deep || s.all || s.slice != nil || len(s.names)+len(s.indices) > 1
	}
	return p, nil
}

// member reads a name or * behind a point.
func (s *pathStep) member(text string) (rest string, err error) {
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	switch {
	case name == "":
		return "", fmt.Errorf("a name is missing")
	case strings.HasSuffix(name, ")"):
		return "", fmt.Errorf("the function %s is not supported", name)
	}
	if s.all = name == "*"; !s.all {
		s.names = []string{name}
	}
	return text[end:], nil
}

// bracket reads ['a','b'], [0], [0,1], [1:3] or [*] behind its first bracket.
func (s *pathStep) bracket(text string) (rest string, err error) {
	if strings.HasPrefix(text, "?") || strings.HasPrefix(text, "(") {
		return "", fmt.Errorf("filters and scripts are not supported")
	}
	for {
		text = strings.TrimLeft(text, " ")
		if text == "" {
			return "", fmt.Errorf("a bracket is not closed")
		}
		if text[0] == '\'' || text[0] == '"' {
			name, after, ok := strings.Cut(text[1:], text[:1])
			if !ok {
				return "", fmt.Errorf("a quotation mark is missing")
			}
			s.names, text = append(s.names, name), after
		} else {
			end := strings.IndexAny(text, ",]")
			if end < 0 {
				return "", fmt.Errorf("a bracket is not closed")
			}
			if err := s.number(strings.TrimSpace(text[:end])); err != nil {
				return "", err
			}
			text = text[end:]
		}
		text = strings.TrimLeft(text, " ")
		if after, closed := strings.CutPrefix(text, "]"); closed {
			return after, nil
		}
		after, more := strings.CutPrefix(text, ",")
		if !more {
			return "", fmt.Errorf("a bracket is not closed")
		}
		text = after
	}
}

// number reads *, an index, or a slice.
func (s *pathStep) number(text string) error {
	if text == "*" {
		s.all = true
		return nil
	}
	parts := strings.Split(text, ":")
	if len(parts) > 2 {
		return fmt.Errorf("%q is no slice", text)
	}
	var bounds [2]*int
	for i, part := range parts {
		if n, err := strconv.Atoi(strings.TrimSpace(part)); err == nil {
			bounds[i] = &n
		} else if len(parts) == 1 || strings.TrimSpace(part) != "" {
			return fmt.Errorf("%q is no index", text)
		}
	}
	if len(parts) == 2 {
		s.slice = &bounds
		return nil
	}
	s.indices = append(s.indices, *bounds[0])
	return nil
}

// of selects from a value. What a definite path does not find is not there.
func (p jsonPath) of(v any) (any, error) {
	found := []any{v}
	for _, s := range p.steps {
		var next []any
		for _, v := range found {
			if next = s.add(next, v); len(next) > maxSelected {
				return nil, fmt.Errorf("the path selects more than %d values", maxSelected)
			}
		}
		found = next
	}
	switch {
	case p.many:
		return vtl.JSONList(found...), nil
	case len(found) == 0:
		return nil, nil
	}
	return found[0], nil
}

// add appends what the step selects in v, and, if it is deep, below v.
func (s pathStep) add(to []any, v any) []any {
	to = s.here(to, v)
	if !s.deep || len(to) > maxSelected {
		return to
	}
	switch v := v.(type) {
	case *vtl.Map:
		for _, k := range v.Keys() {
			to = s.add(to, v.Get(k))
		}
	case *vtl.List:
		for _, item := range v.Items {
			to = s.add(to, item)
		}
	}
	return to
}

func (s pathStep) here(to []any, v any) []any {
	switch v := v.(type) {
	case *vtl.Map:
		names := s.names
		if s.all {
			names = v.Keys()
		}
		for _, name := range names {
			if v.Has(name) {
				to = append(to, v.Get(name))
			}
		}
	case *vtl.List:
		switch {
		case s.all:
			return append(to, v.Items...)
		case s.slice != nil:
			return append(to, sliced(v.Items, s.slice[0], s.slice[1])...)
		}
		for _, i := range s.indices {
			if i < 0 {
				i += len(v.Items)
			}
			if i >= 0 && i < len(v.Items) {
				to = append(to, v.Items[i])
			}
		}
	}
	return to
}

// sliced is items[from:to], counted from the end where negative.
func sliced(items []any, from, to *int) []any {
	at := func(p *int, otherwise int) int {
		switch {
		case p == nil:
			return otherwise
		case *p < 0:
			return max(0, len(items)+*p)
		}
		return min(*p, len(items))
	}
	i, j := at(from, 0), at(to, len(items))
	return slices.Clone(items[min(i, j):j])
}
