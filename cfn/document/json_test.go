package document

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzJSON holds the scanner against encoding/json: both take the same texts
// and find the same values in them.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"a": [1, -0.5e+3, true, null, "\u00e9\ud83d\ude00\n"]}`, `{"a": 01}`, `{"a": 1.}`, `{"a": "\x"}`, `{"a" "b"}`,
		`{"a": [1,]}`, `{"a": tru}`, `{a: 1}`, `{"a": "` + "\n" + `"}`, `{"\ud800": 1}`, `{"a": 1}}`, `{"a": --1}`, `{"a": 1e}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data := []byte(text)
		if _, bad := notText("f", data, MaxBytes); bad || len(text) == 0 || text[0] != '{' {
			return
		}
		node, diags := readJSON("f", data)
		for _, d := range diags {
			if d.Code == "DOC_DUPLICATE_KEY" || d.Code == "DOC_TOO_DEEP" {
				return // encoding/json lets the last one win, and goes deeper
			}
		}
		var want map[string]any
		dec := json.Valid(data)
		if dec != !diags.HasErrors() {
			t.Fatalf("%q: encoding/json takes it: %v; here: %v", text, dec, diags)
		}
		if !dec {
			return
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := node.Plain(); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	})
}
