package vtl

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A value is nil, a bool, an int64, a float64, a string, a Big, a *List, a
// *Map, or an Object.

// An Object is what the host provides, such as $input.
type Object interface {
	// Get gives a property; nil where there is none.
	Get(name string) any
	// Call calls a method. One that is not there is an error that names it.
	Call(method string, args []any) (any, error)
	// Weight is how many steps a call takes at most.
	Weight() int
}

// A Big is a whole number beyond 64 bits, in its digits. It can be written, and
// not be reckoned with.
type Big string

// A List is a list that templates may change.
type List struct {
	Items []any
	// json: it came out of JSON, and is written as JSON.
	json bool
}

// JSONList makes a list that is written as JSON.
func JSONList(items ...any) *List { return &List{Items: items, json: true} }

// A Map keeps its keys in the order in which they came. Templates may change it.
// The zero Map is empty.
type Map struct {
	keys   []string
	values map[string]any
}

// Get gives the value of a key, nil where there is none.
func (m *Map) Get(key string) any { return m.values[key] }

// Has reports whether there is a key.
func (m *Map) Has(key string) bool {
	_, ok := m.values[key]
	return ok
}

// Put sets a value.
func (m *Map) Put(key string, v any) {
	if m.values == nil {
		m.values = map[string]any{}
	}
	if !m.Has(key) {
		m.keys = append(m.keys, key)
	}
	m.values[key] = v
}

// Remove takes a key out.
func (m *Map) Remove(key string) {
	if m.Has(key) {
		delete(m.values, key)
		m.keys = slices.DeleteFunc(slices.Clone(m.keys), func(k string) bool { return k == key })
	}
}

// Keys are the keys in their order.
func (m *Map) Keys() []string { return m.keys }

// Text is a value as Java writes it: {a=1, b=2} for a map, and nothing for what
// is not there. A list out of JSON is JSON: so $input.path('$') is written
// {a=1, b=[{"c":5}]}, as AWS does.
func Text(v any) string {
	var w textWriter
	w.write(v, 0)
	return w.String()
}

// A textWriter stops where a value is too deep or too long, as one that holds
// itself is.
type textWriter struct {
	strings.Builder
	full bool
}

func (w *textWriter) write(v any, depth int) {
	if w.full || depth > maxDepth || w.Len() > maxText {
		w.full = true
		return
	}
	switch v := v.(type) {
	case nil:
		if depth > 0 {
			w.WriteString("null")
		}
	case string:
		w.WriteString(v)
	case Big:
		w.WriteString(string(v))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int64:
		w.WriteString(strconv.FormatInt(v, 10))
	case float64:
		w.WriteString(javaDouble(v))
	case *List:
		w.list(v, depth)
	case *Map:
		w.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				w.WriteString(", ")
			}
			w.WriteString(k)
			w.WriteByte('=')
			w.write(v.values[k], depth+1)
		}
		w.WriteByte('}')
	default:
		fmt.Fprint(w, v)
	}
}

func (w *textWriter) list(l *List, depth int) {
	if l.json {
		b, err := appendJSON(nil, l, depth)
		w.full = err != nil
		w.Write(b)
		return
	}
	w.WriteByte('[')
	for i, item := range l.Items {
		if i > 0 {
			w.WriteString(", ")
		}
		w.write(item, depth+1)
	}
	w.WriteByte(']')
}

// javaDouble is Double.toString: at least one digit behind the point, and an
// exponent from 10^7 on and below 10^-3.
// https://docs.oracle.com/javase/8/docs/api/java/lang/Double.html#toString-double-
func javaDouble(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+") + "inity"
	}
	size := math.Abs(f)
	if size != 0 && (size < 1e-3 || size >= 1e7) {
		digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', -1, 64), "E")
		if !strings.Contains(digits, ".") {
			digits += ".0"
		}
		n, _ := strconv.Atoi(exponent)
		return digits + "E" + strconv.Itoa(n)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// truth: what is not there is false, a bool is itself, everything else true.
// https://velocity.apache.org/engine/1.7/user-guide.html#Conditionals
func truth(v any) bool {
	b, isBool := v.(bool)
	return v != nil && (!isBool || b)
}

// equal compares numbers as numbers, and different kinds as text. What is not
// there equals the empty text: so AWS answers.
func equal(a, b any) bool {
	if x, y, ok := floats(a, b); ok {
		if i, j, whole := ints(a, b); whole {
			return i == j
		}
		return x == y
	}
	if a == nil || b == nil {
		return (a == nil || a == "") && (b == nil || b == "")
	}
	if sameKind(a, b) {
		switch x := a.(type) {
		case *List:
			return slices.EqualFunc(x.Items, b.(*List).Items, func(i, j any) bool { return Text(i) == Text(j) })
		case *Map:
			return Text(a) == Text(b)
		}
		return a == b
	}
	return Text(a) == Text(b)
}

func sameKind(a, b any) bool { return fmt.Sprintf("%T", a) == fmt.Sprintf("%T", b) }

// floats gives both as floating point, if both are numbers.
func floats(a, b any) (x, y float64, ok bool) {
	x, first := float(a)
	y, second := float(b)
	return x, y, first && second
}

func float(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

func ints(a, b any) (x, y int64, ok bool) {
	x, first := a.(int64)
	y, second := b.(int64)
	return x, y, first && second
}

// arithmetic is nil where it has no value, as a division by zero. + puts text
// together.
func arithmetic(op string, a, b any) any {
	if i, j, ok := ints(a, b); ok {
		return whole(op, i, j)
	}
	x, y, ok := floats(a, b)
	switch {
	case !ok && op == "+" && (a != nil || b != nil):
		return Text(a) + Text(b)
	case !ok:
		return nil
	}
	switch op {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		if y != 0 {
			return x / y
		}
	case "%":
		if y != 0 {
			return math.Mod(x, y)
		}
	}
	return nil
}

func whole(op string, i, j int64) any {
	switch {
	case op == "+":
		return i + j
	case op == "-":
		return i - j
	case op == "*":
		return i * j
	case j == 0:
		return nil
	case op == "/":
		return i / j
	}
	return i % j
}

// compared is the outcome of <, >, <=, >=, which only numbers have, and text.
func compared(op string, a, b any) bool {
	var c int
	if x, y, ok := floats(a, b); ok {
		switch {
		case x < y:
			c = -1
		case x > y:
			c = 1
		}
	} else {
		s, first := a.(string)
		t, second := b.(string)
		if !first || !second {
			return false
		}
		c = strings.Compare(s, t)
	}
	switch op {
	case "<":
		return c < 0
	case ">":
		return c > 0
	case "<=":
		return c <= 0
	}
	return c >= 0
}
