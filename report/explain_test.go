package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every rule of paths and of changes is explained, and what explains it fits
// into a terminal, but for addresses.
func TestRulesAreExplained(t *testing.T) {
	all := Explanations()
	if len(all) != 2+len(diffRules) {
		t.Fatalf("%d explanations", len(all))
	}
	var b bytes.Buffer
	for _, e := range all {
		if e.Title == "" || e.Text == "" || e.Mend == "" || !strings.HasPrefix(e.Source, "https://docs.aws.amazon.com/") {
			t.Errorf("%+v", e)
		}
		Text{W: &b}.Explanation(e)
	}
	Text{W: &b}.Codes(all)
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width && !strings.Contains(line, "https://") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if len(rules) < 2 || rules[0].id != requiredPath || rules[1].id != expectedPath {
		t.Errorf("the rules of paths are not the first: %v", rules[:2])
	}
}
