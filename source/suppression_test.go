package source

import (
	"fmt"
	"testing"
)

func TestInlineSuppressions(t *testing.T) {
	for text, want := range map[string]string{
		"  Function: # bailey:ignore required-path it moves out next week": "1:13 required-path|it moves out next week|",
		"\n# bailey:ignore * all of it, expires=2027-01-31":                "2:1 *|all of it,|2027-01-31",
		"a: b # bailey:ignore: CODE expires=2027-01-31 because":            "1:6 CODE|because|2027-01-31",
		"# bailey:ignore":                       "1:1 ||",
		"# bailey:ignore CODE expires=":         "1:1 CODE||nothing",
		"a: \"x#bailey:ignore CODE why\"":       "",
		"# bailey:ignored CODE why":             "",
		"a: b # see bailey:ignore in the guide": "",
	} {
		got := ""
		for _, s := range Inline("t.yaml", []byte(text)) {
			got += fmt.Sprintf("%d:%d %s|%s|%s", s.At.Line, s.At.Col, s.ID, s.Reason, s.Expires)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestASuppressionNeedsAReason(t *testing.T) {
	for _, c := range []struct {
		s  Suppression
		ok bool
	}{
		{Suppression{ID: "X", Reason: "r"}, true},
		{Suppression{ID: "X", Reason: "r", Expires: "2027-01-31"}, true},
		{Suppression{ID: "X", Reason: " "}, false},
		{Suppression{Reason: "r"}, false},
		{Suppression{ID: "X", Reason: "r", Expires: "31.1.2027"}, false},
	} {
		if _, ok := c.s.Check(); ok != c.ok {
			t.Errorf("%+v: %v", c.s, ok)
		}
	}
}

func TestASuppressionHoldsOnItsLastDay(t *testing.T) {
	s := Suppression{Expires: "2027-01-31"}
	if s.Over("2027-01-31") || !s.Over("2027-02-01") || (Suppression{}).Over("2999-01-01") {
		t.Error("the last day is wrong")
	}
}
