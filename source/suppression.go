package source

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A Suppression says that a finding is accepted, and why. Findings that have one
// are reported all the same and do not count.
type Suppression struct {
	ID       string // the rule or the reason code; * for all of the resource's
	Resource string // what the finding is about
	Reason   string
	Expires  string // the last day on which it holds, as 2006-01-02; empty: no end
	At       Span
}

// Over reports whether the suppression has come to its end on a day.
func (s Suppression) Over(today string) bool { return s.Expires != "" && s.Expires < today }

// CodeSuppression is the code of whatever is wrong with a suppression.
const CodeSuppression = "SUPPRESSION_INVALID"

// Check says what keeps s from being one: a reason is always needed.
func (s Suppression) Check() (Diag, bool) {
	d := Diag{Code: CodeSuppression, At: s.At}
	switch _, err := time.Parse(time.DateOnly, s.Expires); {
	case s.ID == "":
		d.Summary, d.Hint = "it is not said which finding is ignored", "name the rule or the reason code: bailey explain lists them"
	case strings.TrimSpace(s.Reason) == "":
		d.Summary, d.Hint = fmt.Sprintf("%s is ignored without a reason", s.ID), "say why it is accepted"
	case s.Expires != "" && err != nil:
		d.Summary, d.Hint = fmt.Sprintf("%q is not a day", s.Expires), "write it as 2027-01-31"
	default:
		return Diag{}, true
	}
	return d, false
}

// comment is an inline suppression: # bailey:ignore CODE reason..., with
// expires=2027-01-31 anywhere in the reason.
var (
	comment = regexp.MustCompile(`(?:^|[ \t])#[ \t]*bailey:ignore\b[ \t:]*(.*)$`)
	expiry  = regexp.MustCompile(`(?:^|\s)expires=(\S*)`)
)

// Inline reads the suppressions in a text's comments. Resource is left empty:
// whoever knows what stands on a line fills it in.
func Inline(file string, text []byte) []Suppression {
	var out []Suppression
	line := 0
	for l := range strings.Lines(string(text)) {
		line++
		if !strings.Contains(l, "bailey:ignore") {
			continue
		}
		m := comment.FindStringSubmatchIndex(strings.TrimRight(l, "\r\n"))
		if m == nil {
			continue
		}
		s := Suppression{At: Span{File: file, Line: line, Col: m[0] + 1 + strings.IndexByte(l[m[0]:], '#')}}
		rest := strings.TrimRight(l[m[2]:m[3]], " \t")
		if e := expiry.FindStringSubmatch(rest); e != nil {
			s.Expires = e[1]
			if s.Expires == "" {
				s.Expires = "nothing"
			}
			rest = strings.Replace(rest, e[0], "", 1)
		}
		s.ID, s.Reason, _ = strings.Cut(strings.TrimSpace(rest), " ")
		s.Reason = strings.TrimSpace(s.Reason)
		out = append(out, s)
	}
	return out
}
