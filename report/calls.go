package report

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// A Call is one row of the table of calls that somebody outside makes.
type Call struct {
	Call               string
	Expected, Observed string
	Ran                bool // false: Detail says what it needs and is not there
	AsExpected         bool
	Detail             string
	Took               time.Duration
}

// Calls writes the table of the calls of one step.
func (t Text) Calls(title string, rows []Call) {
	fmt.Fprintf(t.W, "%s\n\n", t.bold(title))
	width := len("call")
	for _, c := range rows {
		width = max(width, utf8.RuneCountInString(c.Call))
	}
	fmt.Fprintln(t.W, t.dim(fmt.Sprintf("    %-*s  %-8s  %-8s  %7s", width, "call", "expected", "observed", "time")))
	for _, c := range rows {
		mark, color, observed := "✓", "32", c.Observed
		switch {
		case !c.Ran:
			mark, color, observed = "-", "33", "not run"
		case !c.AsExpected:
			mark, color = "✗", "31"
		}
		fmt.Fprintf(t.W, "  %s %-*s  %-8s  %s  %7s  %s\n", t.paint(color, mark), width, c.Call, c.Expected, t.paint(color, fmt.Sprintf("%-8s", observed)), took(c.Took), c.Detail)
	}
	fmt.Fprintln(t.W)
}
