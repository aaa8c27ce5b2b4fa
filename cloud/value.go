package cloud

import (
	"bailey/source"
)

// A Gap is a fact that the input leaves open: why, and where it would have to
// be stated. An answer that depends on a Gap is unknown and names it.
type Gap struct {
	Because string // one clause: "parameter VpcId has no value"
	At      source.Span
}

// String gives the reason with its place.
func (g Gap) String() string {
	if at := g.At.String(); at != "" {
		return g.Because + " (" + at + ")"
	}
	return g.Because
}

// A Value is a T that the template states, or the Gap that stands in its
// place. The zero Value is a known zero T.
type Value[T any] struct {
	v   T
	gap *Gap
}

// Known is the value v.
func Known[T any](v T) Value[T] { return Value[T]{v: v} }

// Unknown is a value that the input leaves open.
func Unknown[T any](because string, at source.Span) Value[T] {
	return Value[T]{gap: &Gap{because, at}}
}

// Get returns the value and true, or the zero T and false.
func (v Value[T]) Get() (T, bool) { return v.v, v.gap == nil }

// Or returns the value, or fallback where it is not known.
func (v Value[T]) Or(fallback T) T {
	if v.gap != nil {
		return fallback
	}
	return v.v
}

// Gap returns what is missing, and whether something is.
func (v Value[T]) Gap() (Gap, bool) {
	if v.gap == nil {
		return Gap{}, false
	}
	return *v.gap, true
}
