package source

import (
	"cmp"
	"fmt"
)

// A Span is a place in a file that a person can edit. Lines and columns count
// from 1; the zero Span is "no place known" and a Line of 0 is "the file as a
// whole". Spans are comparable and may be map keys.
type Span struct {
	File string `json:"file"` // as the user wrote it on the command line, or relative to it
	Line int    `json:"line"`
	Col  int    `json:"col"`
	// Construct is what in the app the place comes from, where the file was
	// synthesised by one.
	Construct Construct `json:"construct,omitzero"`
}

// IsZero reports whether no place is known.
func (s Span) IsZero() bool { return s == Span{} }

// String gives file:line:col, the form that editors and terminals turn into a
// link, and leaves out what is not known. It does not tell the construct.
func (s Span) String() string {
	switch {
	case s.File == "" && s.Line == 0:
		return ""
	case s.Line == 0:
		return s.File
	case s.Col == 0:
		return fmt.Sprintf("%s:%d", s.File, s.Line)
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Line, s.Col)
}

// Editable is the place that a person edits to change what stands at s: the line
// of the app that makes the construct where that is known, else s itself.
func (s Span) Editable() Span {
	if code := s.Construct.Code(); code.File != "" {
		code.Construct = s.Construct
		return code
	}
	return s
}

// Compare orders spans by file, line and column.
func (s Span) Compare(t Span) int {
	return cmp.Or(cmp.Compare(s.File, t.File), cmp.Compare(s.Line, t.Line), cmp.Compare(s.Col, t.Col))
}
