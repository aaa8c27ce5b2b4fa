package path

import (
	"bailey/source"
)

// A Verdict answers "does it get through?". The zero Verdict decides nothing
// and is never an allow.
type Verdict uint8

// The verdicts, as they are printed.
const (
	Undecided Verdict = iota
	Reachable
	Blocked
	Partial // from some subnets or for some source ports only
	Unknown // a named fact is missing
)

// String gives the verdict as printed and as expected in bailey.yaml.
func (v Verdict) String() string {
	return [...]string{"undecided", "reachable", "blocked", "partial", "unknown"}[v]
}

// MarshalText makes JSON carry the word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// ParseVerdict reads what String gives, except for undecided.
func ParseVerdict(s string) (Verdict, bool) {
	for v := Reachable; v <= Unknown; v++ {
		if v.String() == s {
			return v, true
		}
	}
	return Undecided, false
}

// A Direction tells the way of a packet that a hop or a blocker is about.
type Direction uint8

// Forward is from the one who dials; Return is the answer.
const (
	Forward Direction = iota
	Return
)

// String gives forward or return.
func (d Direction) String() string { return [...]string{"forward", "return"}[d] }

// MarshalText makes JSON carry the word.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText gives.
func (d *Direction) UnmarshalText(text []byte) error {
	*d = Forward
	if string(text) == Return.String() {
		*d = Return
	}
	return nil
}

// A Reason says why a flow does not pass: the code, the object that stops it,
// and the place in the user's files that decides. Reasons are comparable; the
// same value comes out of path, reach and fabric.
type Reason struct {
	Code      Code        `json:"code"`
	Component string      `json:"component"` // the name of the object that stops the flow
	Detail    string      `json:"detail"`    // one sentence for a person
	Direction Direction   `json:"direction"`
	At        source.Span `json:"source"`
}

// String gives "CODE: detail".
func (r Reason) String() string { return string(r.Code) + ": " + r.Detail }

// sameAs reports whether two reasons ask for the same change: they may differ
// in the interface that met them first.
func (r Reason) sameAs(o Reason) bool {
	r.Detail, o.Detail = "", ""
	return r == o
}
