package cfn

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cfn/document"
)

func TestSuppressionsOfATemplate(t *testing.T) {
	const text = `Resources:
  # bailey:ignore A right above
  # and explained further
  First: # bailey:ignore B behind the name
    Type: X
    Properties:
      P: 1 # bailey:ignore C within expires=2027-01-31
  Second:
    Type: X
    Metadata:
      bailey:
        ignore:
          - {id: D, reason: as metadata, expires: 2027-05-31}
    # bailey:ignore E at its end
Outputs:
  O: {Value: 1} # bailey:ignore F on no resource
`
	root, diags := document.Read("t.yaml", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	found, diags := Suppressions("t.yaml", []byte(text), root)
	var got []string
	for _, s := range found {
		got = append(got, fmt.Sprintf("%s %s %q %s %d", s.Resource, s.ID, s.Reason, s.Expires, s.At.Line))
	}
	want := `First A "right above"  2
First B "behind the name"  4
First C "within" 2027-01-31 7
Second D "as metadata" 2027-05-31 13`
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
	if len(diags) != 2 || diags[0].At.Line != 14 || diags[1].At.Line != 16 {
		t.Errorf("got %v", diags)
	}
}

func TestASuppressionWithoutAReasonIsAnErrorWithItsPlace(t *testing.T) {
	for text, line := range map[string]int{
		"Resources:\n  A: {Type: X} # bailey:ignore CODE":                                      2,
		"Resources:\n  A:\n    Type: X\n    Metadata: {bailey: {ignore: [{id: CODE}]}}":        4,
		"Resources:\n  A:\n    Type: X\n    Metadata: {bailey: {ignore: [{reason: because}]}}": 4,
	} {
		root, _ := document.Read("t.yaml", []byte(text))
		if _, diags := Suppressions("t.yaml", []byte(text), root); len(diags) != 1 || !diags.HasErrors() || diags[0].At.Line != line {
			t.Errorf("%q: %v", text, diags)
		}
	}
}
