package event

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each line of AWS's table of comparisons, and what it does not fit.
func TestMatch(t *testing.T) {
	tests := []struct{ pattern, fits, not string }{
		{`{"a": ["x"]}`, `{"a": "x", "b": 1}`, `{"a": "X"} {"a": ["y"]} {"b": "x"} {"a": {"x": 1}} []`},
		{`{"a": ["x", "y"]}`, `{"a": "y"} {"a": ["z", "x"]} {"a": [["x"]]}`, `{"a": []}`},
		{`{"a": [300]}`, `{"a": 300}`, `{"a": 300.0} {"a": 3e2} {"a": "300"}`},
		{`{"a": [true, null]}`, `{"a": true} {"a": null}`, `{"a": "true"} {"a": false} {}`},
		{`{"a": [""]}`, `{"a": ""}`, `{"a": null} {}`},
		{`{"a": {"b": ["x"]}, "c": [1]}`, `{"a": {"b": "x"}, "c": 1}`, `{"a": {"b": "x"}} {"a": "x", "c": 1}`},
		{`{"a": [{"prefix": "us-"}]}`, `{"a": "us-east-1"} {"a": ["eu", "us-"]}`, `{"a": "US-east-1"} {"a": 1}`},
		{`{"a": [{"prefix": {"equals-ignore-case": "EventB"}}]}`, `{"a": "eVENTbridge"}`, `{"a": "even"}`},
		{`{"a": [{"suffix": ".png"}]}`, `{"a": "x.png"}`, `{"a": "x.PNG"}`},
		{`{"a": [{"suffix": {"equals-ignore-case": ".PNG"}}]}`, `{"a": "x.png"}`, `{"a": "x.jpg"}`},
		{`{"a": [{"equals-ignore-case": "Alice"}]}`, `{"a": "aLICE"}`, `{"a": "bob"} {"a": 1}`},
		{`{"a": [{"anything-but": "x"}]}`, `{"a": "y"} {"a": 1} {"a": ["x", "y"]}`, `{"a": "x"} {} {"a": {"b": 1}}`},
		{`{"a": [{"anything-but": [100, 200]}]}`, `{"a": 300}`, `{"a": 100}`},
		{`{"a": [{"anything-but": {"prefix": "init"}}]}`, `{"a": "run"}`, `{"a": "initial"}`},
		{`{"a": [{"anything-but": {"suffix": [".txt", ".rtf"]}}]}`, `{"a": "x.png"}`, `{"a": "x.rtf"}`},
		{`{"a": [{"anything-but": {"equals-ignore-case": ["x", "y"]}}]}`, `{"a": "z"}`, `{"a": "Y"}`},
		{`{"a": [{"anything-but": {"wildcard": "*/lib/*"}}]}`, `{"a": "/bin/x"}`, `{"a": "/usr/lib/x"}`},
		{`{"a": [{"numeric": ["=", 100]}]}`, `{"a": 100} {"a": 1e2}`, `{"a": 101} {"a": "100"}`},
		{`{"a": [{"numeric": [">", 10, "<=", 20]}]}`, `{"a": 10.1} {"a": 20}`, `{"a": 10} {"a": 20.5} {"a": 6e9}`},
		{`{"a": [{"exists": true}]}`, `{"a": null} {"a": [1]}`, `{} {"a": []} {"a": {"b": 1}}`},
		{`{"a": {"b": [{"exists": false}]}}`, `{} {"a": {"c": 1}} {"a": {"b": {"c": 1}}} {"a": 1}`, `{"a": {"b": null}} {"a": [{"c": 1}, {"b": 1}]}`},
		{`{"a": [{"exists": false}, "x"]}`, `{} {"a": "x"}`, `{"a": "y"}`},
		{`{"a": [{"cidr": "10.0.0.0/24"}, {"cidr": "2001:db8::/32"}]}`, `{"a": "10.0.0.255"} {"a": "2001:db8::1"}`, `{"a": "10.0.1.0"} {"a": "x"}`},
		{`{"a": [{"wildcard": "dir/*.png"}]}`, `{"a": "dir/x/y.png"} {"a": "dir/.png"}`, `{"a": "dir/x.jpg"} {"a": "xdir/y.png"}`},
		{`{"a": [{"wildcard": "a*a"}, {"wildcard": "x\\*y"}]}`, `{"a": "aa"} {"a": "x*y"}`, `{"a": "a"} {"a": "xzy"}`},
		{`{"a": [{"wildcard": "é*ü"}]}`, `{"a": "ééü"}`, `{"a": "eü"}`},
		{`{"a": ["x"], "$or": [{"b": [1]}, {"c": {"d": [2]}}]}`, `{"a": "x", "b": 1} {"a": "x", "c": {"d": 2}}`, `{"a": "x"} {"b": 1}`},
		{`{"a": {"$or": [{"b": [1]}, {"b": [{"exists": false}], "c": [2]}]}}`, `{"a": {"b": 1}} {"a": {"c": 2}}`, `{"a": {"b": 2, "c": 2}}`},
		{`{"$or": [1, 2]}`, `{"$or": 2}`, `{"$or": 3}`}, // a field of that name
		// One and the same element of an array has all fields.
		{`{"a": {"b": [1], "c": [4]}}`, `{"a": [{"b": 1, "c": 2}, {"b": 1, "c": 4}]}`, `{"a": [{"b": 1, "c": 2}, {"b": 3, "c": 4}]}`},
	}
	for _, tt := range tests {
		p, err := ParsePattern([]byte(tt.pattern))
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		for want, events := range map[bool]string{true: tt.fits, false: tt.not} {
			for d := json.NewDecoder(strings.NewReader(events)); d.More(); {
				var e json.RawMessage
				if err := d.Decode(&e); err != nil {
					t.Fatalf("%s: %v", events, err)
				}
				if got := p.Match(e); got != want {
					t.Errorf("%s matches %s: %v", tt.pattern, e, got)
				}
			}
		}
	}
	if (Pattern{}).Match([]byte(`{}`)) {
		t.Error("the zero Pattern matches")
	}
}

func TestPatternsRefused(t *testing.T) {
	for text, want := range map[string]string{
		``:                                         "not valid JSON",
		`{"a": ["x"]} {}`:                          "more follows",
		`[]`:                                       "not an object",
		`{}`:                                       "empty objects are not allowed",
		`{"a": {}}`:                                "empty objects are not allowed",
		`{"a": []}`:                                "empty arrays are not allowed",
		`{"a": "x"}`:                               `"a" must be an object or an array`,
		`{"a": [["x"]]}`:                           "must not hold arrays",
		`{"a": [{"like": "x"}]}`:                   "unrecognized match type like",
		`{"a": [{}]}`:                              "only one key",
		`{"a": [{"prefix": 1}]}`:                   "prefix match pattern must be a string",
		`{"a": [{"exists": "x"}]}`:                 "either true or false",
		`{"a": [{"cidr": "10.0.0.1"}]}`:            "malformed CIDR",
		`{"a": [{"wildcard": "a**"}]}`:             "consecutive wildcard characters at pos 1",
		`{"a": [{"wildcard": "a\\b"}]}`:            "invalid escape character at pos 1",
		`{"a": [{"numeric": [">", "1"]}]}`:         "must be a number",
		`{"a": [{"numeric": ["<", 1, ">", 0]}]}`:   "bottom must be less than top",
		`{"a": [{"numeric": [">", 1, "<", 0]}]}`:   "bottom must be less than top",
		`{"a": [{"numeric": ["~", 1]}]}`:           "unrecognized numeric range operator: ~",
		`{"a": [{"anything-but": ["x", 1]}]}`:      "all values are numbers or all are strings",
		`{"a": [{"anything-but": [true]}]}`:        "must be a string, a number",
		`{"a": [{"anything-but": []}]}`:            "must not be empty",
		`{"a": [{"anything-but": {"cidr": "x"}}]}`: "unsupported anything-but pattern: cidr",
	} {
		if _, err := ParsePattern([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// A place is where the flattened event has a value: its path, and which member
// of which array it came through.
type place struct {
	path   string
	value  any
	member map[string]int
}

func flatten(v any, path, id string, member map[string]int) []place {
	switch v := v.(type) {
	case map[string]any:
		var out []place
		for name, sub := range v {
			out = append(out, flatten(sub, path+"/"+name, id+"/"+name, member)...)
		}
		return out
	case []any:
		var out []place
		for i, sub := range v {
			with := map[string]int{id: i}
			for k, n := range member {
				with[k] = n
			}
			out = append(out, flatten(sub, path, fmt.Sprint(id, "#", i), with)...)
		}
		return out
	}
	return []place{{path, v, member}}
}

// chosen tries one place for each leaf of the pattern, such that no two stand
// for different members of one array: how Event Ruler's documentation defines
// a match.
func chosen(leaves map[string][]any, paths []string, places []place, taken map[string]int) bool {
	if len(paths) == 0 {
		return true
	}
	values := leaves[paths[0]]
	if slices.Contains(values, any("ABSENT")) && !slices.ContainsFunc(places, func(p place) bool { return p.path == paths[0] }) &&
		chosen(leaves, paths[1:], places, taken) {
		return true
	}
	for _, p := range places {
		with, fits := map[string]int{}, p.path == paths[0] && slices.Contains(values, p.value)
		for k, n := range taken {
			with[k] = n
		}
		for k, n := range p.member {
			if have, ok := with[k]; ok && have != n {
				fits = false
			}
			with[k] = n
		}
		if fits && chosen(leaves, paths[1:], places, with) {
			return true
		}
	}
	return false
}

// Match, which walks both trees, agrees with choosing among flattened fields.
func TestMatchIsAChoiceAmongFlattenedFields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := map[string][]any{}
		var pattern func(depth int, path string) map[string]any
		pattern = func(depth int, path string) map[string]any {
			out := map[string]any{}
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 2, rapid.ID).Draw(t, "names") {
				if depth > 0 && rapid.Bool().Draw(t, "deeper") {
					out[name] = pattern(depth-1, path+"/"+name)
					continue
				}
				for range rapid.IntRange(1, 2).Draw(t, "values") {
					v := rapid.SampledFrom([]string{"x", "y", "ABSENT"}).Draw(t, "value")
					leaves[path+"/"+name] = append(leaves[path+"/"+name], v)
					item := any(v)
					if v == "ABSENT" {
						item = map[string]any{"exists": false}
					}
					list, _ := out[name].([]any)
					out[name] = append(list, item)
				}
			}
			return out
		}
		var event func(depth int) any
		event = func(depth int) any {
			kind := rapid.SampledFrom([]string{"scalar", "object", "object", "array"}).Draw(t, "kind")
			switch {
			case depth == 0 || kind == "scalar":
				return rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "scalar")
			case kind == "array":
				out := []any{}
				for range rapid.IntRange(0, 3).Draw(t, "length") {
					out = append(out, event(depth-1))
				}
				return out
			}
			out := map[string]any{}
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "members") {
				out[name] = event(depth - 1)
			}
			return out
		}
		pat := pattern(2, "")
		ev := map[string]any{"a": event(4), "b": event(3)}
		patternText, _ := json.Marshal(pat)
		eventText, _ := json.Marshal(ev)
		p, err := ParsePattern(patternText)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for path := range leaves {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		if got, want := p.Match(eventText), chosen(leaves, paths, flatten(ev, "", "", nil), nil); got != want {
			t.Fatalf("%s matches %s: %v, want %v", patternText, eventText, got, want)
		}
	})
}

func FuzzPattern(f *testing.F) {
	f.Add([]byte(`{"a": [{"anything-but": {"prefix": ["x"]}}, {"numeric": [">", 0]}], "$or": [{"b": [1]}, {"c": ["x"]}]}`), []byte(`{"a": [1, {"b": []}]}`))
	f.Add([]byte(`{"a": [{"wildcard": "*\\**"}]}`), []byte(`{"a": "*"}`))
	f.Fuzz(func(t *testing.T, pattern, event []byte) {
		if p, err := ParsePattern(pattern); err == nil {
			p.Match(event)
		}
	})
}
