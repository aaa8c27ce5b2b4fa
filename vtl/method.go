package vtl

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// property is .name: a map's value, an object's property, or what the method
// of that name or getName answers.
func property(v any, name string) any {
	switch o := v.(type) {
	case *Map:
		return o.Get(name)
	case *List:
		if name == "empty" {
			return len(o.Items) == 0
		}
	case string:
		if name == "empty" {
			return o == ""
		}
	case Object:
		return o.Get(name)
	}
	return nil
}

// A method does its work on a value of its own kind.
type method[T any] func(v T, args []any) (any, error)

// callMethod calls a method of Java's classes. One that they have and Bailey
// does not is an error, and not nothing, as one that they do not have is too.
func callMethod(v any, name string, args []any) (any, error) {
	if o, ok := v.(Object); ok {
		return o.Call(name, args)
	}
	switch name {
	case "toString":
		return Text(v), nil
	case "equals":
		if len(args) == 1 {
			return sameKind(v, args[0]) && equal(v, args[0]), nil
		}
	}
	switch x := v.(type) {
	case string:
		return called(stringMethods, "text", x, name, args)
	case *List:
		return called(listMethods, "a list", x, name, args)
	case *Map:
		return called(mapMethods, "a map", x, name, args)
	case int64, float64:
		return called(numberMethods, "a number", v, name, args)
	}
	return nil, noMethod(Text(v), name, len(args))
}

func noMethod(of, name string, n int) error {
	return fmt.Errorf("the method %s of %s with %d arguments is not supported", name, of, n)
}

// A row is a method and how many arguments it takes.
type row[T any] struct {
	least, most int
	do          method[T]
}

func called[T any](table map[string]row[T], of string, v T, name string, args []any) (any, error) {
	m, ok := table[name]
	if !ok || len(args) < m.least || len(args) > m.most {
		return nil, noMethod(of, name, len(args))
	}
	return m.do(v, args)
}

// on adapts a function of two texts.
func on[R any](f func(s, t string) R) row[string] {
	return row[string]{1, 1, func(s string, args []any) (any, error) { return f(s, Text(args[0])), nil }}
}

// plain adapts a function of one text.
func plain[R any](f func(string) R) row[string] {
	return row[string]{0, 0, func(s string, _ []any) (any, error) { return f(s), nil }}
}

var stringMethods = map[string]row[string]{
	"length":           plain(func(s string) int64 { return int64(len([]rune(s))) }),
	"isEmpty":          plain(func(s string) bool { return s == "" }),
	"trim":             plain(strings.TrimSpace),
	"toLowerCase":      plain(strings.ToLower),
	"toUpperCase":      plain(strings.ToUpper),
	"contains":         on(strings.Contains),
	"startsWith":       on(strings.HasPrefix),
	"endsWith":         on(strings.HasSuffix),
	"equalsIgnoreCase": on(strings.EqualFold),
	"concat":           on(func(s, t string) string { return s + t }),
	"compareTo":        on(func(s, t string) int64 { return int64(strings.Compare(s, t)) }),
	"indexOf":          on(func(s, t string) int64 { return runesBefore(s, strings.Index(s, t)) }),
	"lastIndexOf":      on(func(s, t string) int64 { return runesBefore(s, strings.LastIndex(s, t)) }),
	"charAt":           {1, 1, func(s string, args []any) (any, error) { return cut(s, args[0], 1) }},
	"substring":        {1, 2, substring},
	"matches":          {1, 1, matches},
	"split":            {1, 1, split},
	"replace":          {2, 2, replace},
	"replaceAll":       {2, 2, func(s string, args []any) (any, error) { return replaced(s, args, -1) }},
	"replaceFirst":     {2, 2, func(s string, args []any) (any, error) { return replaced(s, args, 1) }},
}

// runesBefore turns an index in bytes into one in characters.
func runesBefore(s string, i int) int64 {
	if i < 0 {
		return -1
	}
	return int64(len([]rune(s[:i])))
}

// cut takes n characters from an index on.
func cut(s string, from any, n int64) (any, error) {
	i, ok := from.(int64)
	runes := []rune(s)
	if !ok || i < 0 || n < 0 || i+n > int64(len(runes)) {
		return nil, fmt.Errorf("the text has no characters at %s", Text(from))
	}
	return string(runes[i : i+n]), nil
}

func substring(s string, args []any) (any, error) {
	end := any(int64(len([]rune(s))))
	if len(args) == 2 {
		end = args[1]
	}
	from, to, ok := ints(args[0], end)
	if !ok {
		return nil, fmt.Errorf("substring takes numbers, not %s", Text(args[0]))
	}
	return cut(s, from, to-from)
}

// pattern reads a regular expression of Java's. Those that look around have no
// counterpart here, and are told.
func pattern(text any) (*regexp.Regexp, error) {
	re, err := regexp.Compile(Text(text))
	if err != nil {
		return nil, fmt.Errorf("the regular expression is not supported: %w", err)
	}
	return re, nil
}

func matches(s string, args []any) (any, error) {
	re, err := pattern("^(?:" + Text(args[0]) + ")$")
	if err != nil {
		return nil, err
	}
	return re.MatchString(s), nil
}

// split leaves out what is empty at the end, as Java does.
func split(s string, args []any) (any, error) {
	re, err := pattern(args[0])
	if err != nil {
		return nil, err
	}
	parts := re.Split(s, -1)
	for len(parts) > 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	if len(parts) > maxItems {
		return nil, errDeep
	}
	out := &List{}
	for _, part := range parts {
		out.Items = append(out.Items, part)
	}
	return out, nil
}

func replace(s string, args []any) (any, error) {
	old, with := Text(args[0]), Text(args[1])
	if n := strings.Count(s, old); len(s)+n*len(with) > maxText {
		return nil, errDeep
	}
	return strings.ReplaceAll(s, old, with), nil
}

// replaced is replaceAll and replaceFirst, in whose replacement $1 is a group
// and a backslash takes a character's meaning.
func replaced(s string, args []any, most int) (any, error) {
	re, err := pattern(args[0])
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	done := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, most) {
		out.WriteString(s[done:m[0]])
		if err := substitute(&out, Text(args[1]), s, m); err != nil {
			return nil, err
		}
		if done = m[1]; out.Len() > maxText {
			return nil, errDeep
		}
	}
	return out.String() + s[done:], nil
}

func substitute(out *strings.Builder, with, s string, m []int) error {
	for i := 0; i < len(with); i++ {
		switch {
		case with[i] == '\\' && i+1 < len(with):
			i++
			out.WriteByte(with[i])
		case with[i] == '$' && i+1 < len(with) && with[i+1] >= '0' && with[i+1] <= '9':
			i++
			group := int(with[i] - '0')
			if 2*group >= len(m) {
				return fmt.Errorf("the regular expression has no group %d", group)
			}
			if m[2*group] >= 0 {
				out.WriteString(s[m[2*group]:m[2*group+1]])
			}
		default:
			out.WriteByte(with[i])
		}
	}
	return nil
}

// numberMethods: a whole number is an Integer, whose parseInt templates call on
// any number that is at hand.
var numberMethods = map[string]row[any]{
	"intValue":    {0, 0, toInt},
	"longValue":   {0, 0, toInt},
	"doubleValue": {0, 0, func(v any, _ []any) (any, error) { f, _ := float(v); return f, nil }},
	"parseInt":    {1, 1, parseInt},
	"parseLong":   {1, 1, parseInt},
	"parseDouble": {1, 1, parseDouble},
	"valueOf":     {1, 1, parseInt},
	"compareTo":   {1, 1, compareTo},
}

func toInt(v any, _ []any) (any, error) {
	f, _ := float(v)
	if i, whole := v.(int64); whole {
		return i, nil
	}
	return int64(f), nil
}

func parseInt(_ any, args []any) (any, error) {
	return strconv.ParseInt(Text(args[0]), 10, 64)
}

func parseDouble(_ any, args []any) (any, error) { return strconv.ParseFloat(Text(args[0]), 64) }

func compareTo(v any, args []any) (any, error) {
	switch {
	case compared("<", v, args[0]):
		return int64(-1), nil
	case compared(">", v, args[0]):
		return int64(1), nil
	}
	return int64(0), nil
}
