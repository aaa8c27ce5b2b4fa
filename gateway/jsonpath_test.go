package gateway

import (
	"strings"
	"testing"

	"bailey/vtl"
)

func TestJSONPath(t *testing.T) {
	v, err := vtl.ParseJSON([]byte(`{"a":{"b":[1,{"c":2},[3]],"x-y":4,"":5},"c":{"c":6}}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"$": `{"a":{"b":[1,{"c":2},[3]],"x-y":4,"":5},"c":{"c":6}}`, "$.a.b[0]": "1", "$.a['b'][1].c": "2", `$["a"]["x-y"]`: "4", "$.a.x-y": "4", "$.a.b[-1][0]": "3",
		"$.a.b[*]": `[1,{"c":2},[3]]`, "$..c": `[{"c":6},2,6]`, "$.a.b[0:2]": `[1,{"c":2}]`, "$.a.b[:1]": "[1]", "$.a.b[1:]": `[{"c":2},[3]]`, "$.a.b[0,2]": "[1,[3]]",
		"$['a','c'].c": "[6]", "$.z": "null", "$.z[*]": "[]", "$.a.b[9]": "null", "$.a.b.c": "null", "$.a.b[5:2]": "[]", "$..[0]": "[1,3]",
	} {
		p, err := parsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		found, err := p.of(v)
		got, jsonErr := vtl.JSON(found)
		if err != nil || jsonErr != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", path, got, err, want)
		}
	}
	for path, want := range map[string]string{
		"": "does not begin with $", "a": "does not begin with $", "$.": "a name is missing", "$..": "a name is missing", "$[": "not closed", "$['a": "quotation mark", "$['a'": "not closed",
		"$[a]": "no index", "$[1:2:3]": "no slice", "$.a[?(@.b)]": "not supported", "$.a.length()": "not supported", "$x": "unexpected",
	} {
		if _, err := parsePath(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", path, err, want)
		}
	}
}

func FuzzJSONPath(f *testing.F) {
	for _, seed := range []string{"$.a['b'][0,1][1:]..c[*].*", "$..", "$[", "$['", "$[-1:]"} {
		f.Add(seed, `{"a":{"b":[1,{"c":2}]}}`)
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		p, err := parsePath(path)
		if err != nil {
			return
		}
		if v, err := vtl.ParseJSON([]byte(body)); err == nil {
			p.of(v)
		}
	})
}
