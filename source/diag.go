package source

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says what a Diag means for the run. The zero Severity is Error, so
// that one forgotten is never taken lightly.
type Severity uint8

const (
	Error   Severity = iota // the input cannot be used
	Warning                 // usable, but likely not what was meant
	Note                    // worth knowing; changes nothing
)

// String gives error, warning or note.
func (s Severity) String() string {
	return [...]string{"error", "warning", "note"}[s]
}

// A Diag is one thing wrong with the user's input. It is for mistakes that a
// user can mend; a failure of our own is an error value.
type Diag struct {
	Code     string // stable, upper case with underscores: CFN_UNKNOWN_REFERENCE
	Severity Severity
	At       Span
	Summary  string // one line: what is wrong
	Hint     string // one line: what to do about it; may be empty
}

// String renders the diagnostic for a terminal, the construct and the hint each
// on a line of its own.
func (d Diag) String() string {
	var b strings.Builder
	if at := d.At.String(); at != "" {
		b.WriteString(at + ": ")
	}
	fmt.Fprintf(&b, "%s: %s [%s]", d.Severity, d.Summary, d.Code)
	if c := d.At.Construct.String(); c != "" {
		b.WriteString("\n    construct " + c)
	}
	if d.Hint != "" {
		b.WriteString("\n    " + d.Hint)
	}
	return b.String()
}

// Diags collects everything wrong with one input. The zero Diags is empty and
// ready to use.
type Diags []Diag

// Errorf adds an error without a hint.
func (ds *Diags) Errorf(code string, at Span, format string, args ...any) {
	*ds = append(*ds, Diag{Code: code, At: at, Summary: fmt.Sprintf(format, args...)})
}

// Add adds d.
func (ds *Diags) Add(d Diag) { *ds = append(*ds, d) }

// HasErrors reports whether any of them makes the input unusable.
func (ds Diags) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diag) bool { return d.Severity == Error })
}

// Sorted returns the diagnostics ordered by place, then code, without repeats.
func (ds Diags) Sorted() Diags {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, func(a, b Diag) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Code+a.Summary, b.Code+b.Summary)
	})
	return slices.Compact(out)
}

// Error makes Diags usable as an error: all of them, one after the other.
func (ds Diags) Error() string {
	lines := make([]string, len(ds))
	for i, d := range ds.Sorted() {
		lines[i] = d.String()
	}
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}

// Err returns the diagnostics as an error if one of them is an error, else nil.
func (ds Diags) Err() error {
	if ds.HasErrors() {
		return ds
	}
	return nil
}
