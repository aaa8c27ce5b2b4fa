package gateway

import (
	"encoding/json"
	"testing"
)

// The members of an object are those that encoding/json finds.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"b":[{"c":"}"}],"d":"\"\\","é":null}`, ` { "a" : { } , "a" : true } `, `[]`, `{"a":1}x`, `{"\u0061":"\ud800"}`, `"x"`, `{"a":-1.5e3}`, "", "null"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var want map[string]json.RawMessage
		isObject := json.Unmarshal(payload, &want) == nil && want != nil
		got, ok := object(payload)
		if ok != isObject {
			t.Fatalf("%q: an object: %t, want %t", payload, ok, isObject)
		}
		names := map[string]bool{}
		for _, m := range got {
			names[m.name] = true
		}
		if len(names) != len(want) {
			t.Fatalf("%q: %d members, want %d", payload, len(names), len(want))
		}
		for name, raw := range want {
			if string(got.get(name)) != string(raw) {
				t.Errorf("%q: %s is %s, want %s", payload, name, got.get(name), raw)
			}
			var text string
			if raw[0] == '"' && json.Unmarshal(raw, &text) == nil && textOf(raw) != text {
				t.Errorf("%s is read as %q", raw, textOf(raw))
			}
		}
	})
}
