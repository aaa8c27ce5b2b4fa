package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// comparison gives the reader of what an object in a leaf may be called.
func comparison(name string) func(any) (matcher, error) {
	switch name {
	case "prefix":
		return textMatcher("prefix", strings.HasPrefix)
	case "suffix":
		return textMatcher("suffix", strings.HasSuffix)
	case "equals-ignore-case":
		return equalsIgnoreCase
	case "wildcard":
		return parseWildcard
	case "exists":
		return parseExists
	case "numeric":
		return parseNumeric
	case "cidr":
		return parseCIDR
	case "anything-but":
		return parseAnythingBut
	}
	return nil
}

// parseMatcher reads one member of a leaf.
func parseMatcher(item any) (matcher, error) {
	object, ok := item.(map[string]any)
	if !ok {
		if _, isList := item.([]any); isList {
			return nil, errors.New("an array must not hold arrays")
		}
		return exact{item}, nil
	}
	return parseComparison(object)
}

func parseComparison(object map[string]any) (matcher, error) {
	if len(object) != 1 {
		return nil, errors.New("only one key is allowed in a match expression")
	}
	for name, operand := range object {
		parse := comparison(name)
		if parse == nil {
			return nil, fmt.Errorf("unrecognized match type %s", name)
		}
		return parse(operand)
	}
	return nil, nil // not reached: there is one
}

// exact is a value as it stands: "For numbers, EventBridge uses string
// representation. For example, 300, 300.0, and 3.0e2 are not considered equal."
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
type exact struct{ value any }

func (e exact) fits(v any) bool { return e.value == v }

// A text matcher compares strings, and fits nothing else.
type text func(string) bool

func (t text) fits(v any) bool {
	s, ok := v.(string)
	return ok && t(s)
}

// textMatcher takes a string, or {"equals-ignore-case": string}.
func textMatcher(name string, has func(s, part string) bool) func(any) (matcher, error) {
	return func(operand any) (matcher, error) {
		if object, ok := operand.(map[string]any); ok && len(object) == 1 {
			part, ok := object["equals-ignore-case"].(string)
			if ok && part != "" {
				part = strings.ToLower(part)
				return text(func(s string) bool { return has(strings.ToLower(s), part) }), nil
			}
		}
		part, ok := operand.(string)
		if !ok {
			return nil, fmt.Errorf("%s match pattern must be a string", name)
		}
		return text(func(s string) bool { return has(s, part) }), nil
	}
}

func equalsIgnoreCase(operand any) (matcher, error) {
	want, ok := operand.(string)
	if !ok {
		return nil, errors.New("equals-ignore-case match pattern must be a string")
	}
	return text(func(s string) bool { return strings.EqualFold(s, want) }), nil
}

// parseWildcard: * is any characters, \* and \\ are themselves.
func parseWildcard(operand any) (matcher, error) {
	pattern, ok := operand.(string)
	if !ok {
		return nil, errors.New("wildcard match pattern must be a string")
	}
	parts := []string{""}
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*' && i+1 < len(pattern) && pattern[i+1] == '*':
			return nil, fmt.Errorf("consecutive wildcard characters at pos %d", i)
		case c == '*':
			parts = append(parts, "")
			continue
		case c == '\\' && (i+1 == len(pattern) || pattern[i+1] != '*' && pattern[i+1] != '\\'):
			return nil, fmt.Errorf("invalid escape character at pos %d", i)
		case c == '\\':
			i++
		}
		parts[len(parts)-1] += pattern[i : i+1]
	}
	return text(func(s string) bool { return glob(parts, s) }), nil
}

// glob finds the parts in s, in their order: the first at the start, the last
// at the end.
func glob(parts []string, s string) bool {
	if len(parts) == 1 {
		return s == parts[0]
	}
	rest, ok := strings.CutPrefix(s, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}

type present struct{}

func (present) fits(any) bool { return true }

func parseExists(operand any) (matcher, error) {
	switch operand {
	case true:
		return present{}, nil
	case false:
		return absent{}, nil
	}
	return nil, errors.New("exists match pattern must be either true or false")
}

// numeric is a range of JSON numbers.
type numeric struct {
	least, most         float64
	openLeast, openMost bool
}

// maxNumber bounds what numeric compares.
const maxNumber = 5e9

func (n numeric) fits(v any) bool {
	number, ok := v.(json.Number)
	if !ok {
		return false
	}
	f, err := number.Float64()
	return err == nil && math.Abs(f) <= maxNumber &&
		(f > n.least || f == n.least && !n.openLeast) && (f < n.most || f == n.most && !n.openMost)
}

// parseNumeric reads ["=", 5], [">", 0], or [">=", 0, "<", 5].
func parseNumeric(operand any) (matcher, error) {
	list, ok := operand.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return nil, errors.New("numeric match pattern must be an array of one or two comparisons")
	}
	n := numeric{least: -maxNumber, most: maxNumber}
	seen := ""
	for i := 0; i < len(list); i += 2 {
		operator, _ := list[i].(string)
		number, isNumber := list[i+1].(json.Number)
		f, err := number.Float64()
		if !isNumber || err != nil || math.Abs(f) > maxNumber {
			return nil, fmt.Errorf("value of %s must be a number between -5.0e9 and +5.0e9, inclusive", operator)
		}
		switch operator {
		case "=":
			n.least, n.most = f, f
		case ">", ">=":
			n.least, n.openLeast = f, operator == ">"
		case "<", "<=":
			n.most, n.openMost = f, operator == "<"
		default:
			return nil, fmt.Errorf("unrecognized numeric range operator: %s", operator)
		}
		seen += operator[:1]
	}
	if len(seen) == 2 && seen != "><" || len(seen) == 2 && n.least >= n.most {
		return nil, errors.New("bottom must be less than top")
	}
	return n, nil
}

func parseCIDR(operand any) (matcher, error) {
	s, _ := operand.(string)
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, fmt.Errorf("malformed CIDR: %v", operand)
	}
	return text(func(s string) bool {
		a, err := netip.ParseAddr(s)
		return err == nil && prefix.Masked().Contains(a)
	}), nil
}

// butNot fits whatever none of the matchers fits.
type butNot []matcher

func (b butNot) fits(v any) bool {
	return !slices.ContainsFunc(b, func(m matcher) bool { return m.fits(v) })
}

// parseAnythingBut takes a value, several of one type, or one of four
// comparisons with a string or several.
func parseAnythingBut(operand any) (matcher, error) {
	if object, ok := operand.(map[string]any); ok {
		return parseButComparison(object)
	}
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	var out butNot
	for _, item := range list {
		switch item.(type) {
		case string, json.Number:
		default:
			return nil, errors.New("value of anything-but must be a string, a number, or an array of one of them")
		}
		if fmt.Sprintf("%T", item) != fmt.Sprintf("%T", list[0]) {
			return nil, errors.New("inside anything-but list, either all values are numbers or all are strings")
		}
		out = append(out, exact{item})
	}
	if len(out) == 0 {
		return nil, errors.New("anything-but list must not be empty")
	}
	return out, nil
}

func parseButComparison(object map[string]any) (matcher, error) {
	if len(object) != 1 {
		return nil, errors.New("only one key is allowed in a match expression")
	}
	var out butNot
	for name, operand := range object {
		if !slices.Contains([]string{"prefix", "suffix", "equals-ignore-case", "wildcard"}, name) {
			return nil, fmt.Errorf("unsupported anything-but pattern: %s", name)
		}
		list, ok := operand.([]any)
		if !ok {
			list = []any{operand}
		}
		for _, item := range list {
			m, err := comparison(name)(item)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("anything-but list must not be empty")
	}
	return out, nil
}
