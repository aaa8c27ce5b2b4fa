package report

import (
	"fmt"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/path"
)

// An Outcome is one row of the table that `bailey up --once` prints: one call
// that a function made.
type Outcome struct {
	Call       string
	Expected   path.Verdict
	Ran        bool // the function came to this call
	OK         bool // the call succeeded
	AsExpected bool
	Detail     string // what the function says of it
	Took       time.Duration
	Dropped    string        // what was dropped: connect 198.19.1.2:80
	Reasons    []path.Reason // why, as path says
	Missing    []cloud.Gap   // or which fact was missing
}

// observed is the outcome in the words of a verdict.
func (o Outcome) observed() string {
	switch {
	case o.OK:
		return path.Reachable.String()
	case o.Dropped != "":
		return path.Blocked.String()
	case o.Ran:
		return "failed"
	}
	return "not run"
}

// Outcomes writes the table of one step.
func (t Text) Outcomes(title string, rows []Outcome) {
	fmt.Fprintf(t.W, "%s\n\n", t.bold(title))
	width := len("call")
	for _, o := range rows {
		width = max(width, len(o.Call))
	}
	fmt.Fprintln(t.W, t.dim(fmt.Sprintf("    %-*s  %-9s  %-9s  %7s", width, "call", "expected", "observed", "time")))
	for _, o := range rows {
		mark, color := t.paint("32", "✓"), "32"
		if !o.AsExpected {
			mark, color = t.paint("31", "✗"), "31"
		}
		fmt.Fprintf(t.W, "  %s %-*s  %-9s  %s  %7s  %s\n", mark, width, o.Call, o.Expected,
			t.paint(color, fmt.Sprintf("%-9s", o.observed())), took(o.Took), o.Detail)
		t.dropped(o)
	}
	fmt.Fprintln(t.W)
}

// dropped writes why the network dropped a call.
func (t Text) dropped(o Outcome) {
	if o.Dropped == "" {
		return
	}
	fmt.Fprintf(t.W, "      %s\n", t.paint("33", o.Dropped+" dropped"))
	for _, r := range o.Reasons {
		fmt.Fprintf(t.W, "      %s %s\n%s", r.Code, t.dim(at(r.At)), wrap(r.Detail, 6, 100))
	}
	for _, g := range o.Missing {
		fmt.Fprintf(t.W, "      not known: %s %s\n", g.Because, t.dim(at(g.At)))
	}
}

// wrap breaks a sentence into indented lines of at most width.
func wrap(s string, indent, width int) string {
	var b strings.Builder
	line := strings.Repeat(" ", indent)
	empty := line
	for word := range strings.FieldsSeq(s) {
		if len(line)+1+len(word) > width && line != empty {
			b.WriteString(line + "\n")
			line = empty
		}
		if line != empty {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}

func took(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
