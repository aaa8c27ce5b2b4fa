package cloud

import (
	"iter"
	"slices"
)

// A Doubt is a resource of which it is open whether it is there, or what it
// belongs to, where its parts of the model cannot say so themselves. They are
// read as if it were there; an answer that turns on it is unknown.
type Doubt struct {
	Meta     // the resource's
	Gap  Gap // what is open
	// Of names the other resources of which an answer may turn on it: those
	// that it refers to. Empty: answers about itself only.
	Of []string
	// Adds: it can only let more through, so what passes without it stands.
	Adds bool
	// Network tells what packets meet from what invocations and requests meet.
	Network bool
	// Aside: no verdict turns on it, only what becomes of a request that is let
	// in.
	Aside bool
}

// About reports whether an answer about any of the names may turn on it.
func (d Doubt) About(names []string) bool {
	return slices.Contains(names, d.Name) || slices.ContainsFunc(d.Of, func(of string) bool { return slices.Contains(names, of) })
}

// DoubtOfTarget says why the version or alias of a function's ARN may not be
// there; nil where it is.
func (m *Model) DoubtOfTarget(arn ARN) *Gap {
	for _, a := range m.spec.Aliases {
		if of, _ := a.Function.Get(); of.Qualified(a.AliasName) == arn {
			return m.DoubtOf(a.Name)
		}
	}
	for _, v := range m.spec.Versions {
		if of, _ := v.Function.Get(); of.Qualified(v.Number) == arn {
			return m.DoubtOf(v.Name)
		}
	}
	return nil
}

// Doubts are the resources that may not be there, in the order of their names.
func (m *Model) Doubts() iter.Seq[Doubt] { return slices.Values(m.spec.Doubts) }

// DoubtOf says why a resource may not be there; nil where it is.
func (m *Model) DoubtOf(name string) *Gap {
	for _, d := range m.spec.Doubts {
		if d.Name == name && !d.Aside {
			return &d.Gap
		}
	}
	return nil
}
