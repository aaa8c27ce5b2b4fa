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

// A template that needs nothing is not praised for it.
func TestNothingToProve(t *testing.T) {
	var b bytes.Buffer
	Text{W: &b}.Check(Check{})
	if got := b.String(); !strings.Contains(got, "no path is needed here") || strings.Contains(got, "as expected") {
		t.Errorf("%s", got)
	}
}

// Colours are for what stands out: nothing is painted without one.
func TestNoEmptyColours(t *testing.T) {
	var b bytes.Buffer
	Text{W: &b, Color: true}.Check(sample())
	if strings.Contains(b.String(), "\x1b[m") || !strings.Contains(b.String(), "\x1b[31m") {
		t.Errorf("%q", b.String())
	}
}
