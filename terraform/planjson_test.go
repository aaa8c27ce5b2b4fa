package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// slowly is what decoded gives, by way of encoding/json.
func slowly(x any) cty.Value {
	switch x := x.(type) {
	case bool:
		return cty.BoolVal(x)
	case json.Number:
		return number(x.String())
	case string:
		return cty.StringVal(x)
	case []any:
		var out []cty.Value
		for _, item := range x {
			out = append(out, slowly(item))
		}
		return cty.TupleVal(out)
	case map[string]any:
		out := map[string]cty.Value{}
		for name, item := range x {
			out[name] = slowly(item)
		}
		return cty.ObjectVal(out)
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// Whatever encoding/json takes for well formed is read as it reads it, whole,
// by members and by elements.
func FuzzChecked(f *testing.F) {
	for _, text := range []string{`null`, ` {"a" : [1, 2.50, -3e2, {"b":{}}] , "c":[], "":"" } `, `"a\"\\\u00e9\ud83d\ude00\n"`, `[[],[[]],"]",{"}":"{"}]`, `{"a":true,"a":false}`,
		`"\ud83d"`, "\"\xff\xff\"", "{\"\xff\":1}", `1e999999`, `123456789012345678901234567890`, `-0`, "\t[ true\n,false\r]", `{"\u0061":1}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) || tooDeep(text) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var x any
		if d.Decode(&x) != nil {
			return // encoding/json has bounds of its own
		}
		want := slowly(x)
		if got := decoded(text); !got.RawEquals(want) {
			t.Fatalf("%q is %#v, want %#v", text, got, want)
		}
		switch x := x.(type) {
		case map[string]any:
			last := map[string]cty.Value{}
			for name, raw := range members(text) {
				last[name] = decoded(raw)
			}
			if got := cty.ObjectVal(last); !got.RawEquals(want) {
				t.Fatalf("the members of %q are %#v, want %#v", text, got, want)
			}
		case []any:
			if got := items(text); len(got) != len(x) {
				t.Fatalf("the elements of %q are %q", text, got)
			}
		default:
			if got := items(text); got != nil || member(text, "a") != nil {
				t.Fatalf("%q has elements or members: %q", text, got)
			}
		}
	})
}

// What of a plan nobody asks for is passed over and not kept: reading all of it
// takes fewer allocations than it has values.
func TestPlanIsReadWhereItIsAskedFor(t *testing.T) {
	var resources, changes []string
	for i := range 200 {
		address := fmt.Sprintf("aws_eip.e%d", i)
		inner := `{"a":[1,2,3,{"b":"c","d":null}],"e":{"f":[true,false,"x"]}}`
		resources = append(resources, fmt.Sprintf(`{"address":%q,"mode":"managed","type":"aws_eip","name":"e%d","values":{"domain":"vpc","tags":null},"sensitive_values":%s}`, address, i, inner))
		changes = append(changes, fmt.Sprintf(`{"address":%q,"change":{"before":null,"after":%s,"after_unknown":{"id":true},"after_sensitive":%s}}`, address, inner, inner))
	}
	text := []byte(`{"format_version":"1.2","terraform_version":"1","planned_values":{"root_module":{"resources":[` + strings.Join(resources, ",") + `]}},"resource_changes":[` + strings.Join(changes, ",") + `]}`)
	values := 200 * (3*12 + 8)
	if n := testing.AllocsPerRun(5, func() { ReadPlan("plan.json", text, nil) }); int(n) > values/3 {
		t.Errorf("there are %v allocations for %d values", n, values)
	}
}
