package report

import (
	"fmt"
	"time"

	"bailey/path"
)

// An Outcome is one row of the table that `bailey up --once` prints.
type Outcome struct {
	Call, To   string
	Expected   path.Verdict
	Ran        bool // the function came to this call
	OK         bool // the call succeeded
	AsExpected bool
	Detail     string
	Took       time.Duration
	Drop       string // why the network dropped it
}

// Dim gives s in the colour of what matters less.
func (t Text) Dim(s string) string { return t.dim(s) }

// Outcome writes one row: the call, what was expected and observed, how long it
// took, what came back, and why the network dropped it.
func (t Text) Outcome(o Outcome) {
	observed, mark := path.Reachable, t.paint("32", "✓")
	if !o.OK {
		observed = path.Blocked
	}
	if !o.AsExpected {
		mark = t.paint("31", "✗")
	}
	seen := t.Verdict(observed)
	if !o.Ran {
		seen = t.paint("31", "not run")
	}
	fmt.Fprintf(t.W, "  %s %-24s expected %-9s  observed %s  %s\n", mark, o.Call, o.Expected, seen, t.dim(took(o.Took)))
	fmt.Fprintf(t.W, "      %s\n", o.Detail)
	if o.Drop != "" {
		fmt.Fprintf(t.W, "      %s\n", t.paint("33", o.Drop))
	}
}

func took(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
