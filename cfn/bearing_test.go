package cfn

import (
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
