package cfn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBearingsAreOfTypes: a bearing of a type without a row would say nothing.
func TestBearingsAreOfTypes(t *testing.T) {
	rows := map[string]*row{}
	for _, w := range table() {
		rows[w.Type] = w
	}
	for typ := range bearings {
		if rows[typ] == nil {
			t.Errorf("%s has a bearing and no row", typ)
		}
	}
	for key, types := range belongs {
		for typ := range strings.FieldsSeq(types) {
			if rows[typ] == nil {
				t.Errorf("%s may be the ID of %s, which has no row", key, typ)
			}
		}
	}
}

// TestEveryTypeHasAnExample: what no template of testdata shows, the tests of
// open facts and conditions pass over.
func TestEveryTypeHasAnExample(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all strings.Builder
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	types := map[string]bool{}
	for word := range strings.FieldsFuncSeq(all.String(), func(r rune) bool { return strings.ContainsRune(" \n\"',{}[]", r) }) {
		types[strings.TrimSuffix(word, ":")] = true
	}
	for _, w := range table() {
		if w.bearing() != none && !types[w.Type] {
			t.Errorf("no template of testdata has a %s", w.Type)
		}
	}
}
