// Package report prints what was found: as text for a person, as JSON for a
// program. It decides nothing and works nothing out; the same Proof gives the
// same bytes. The JSON shapes are a contract: fields may be added, never
// renamed.
package report
