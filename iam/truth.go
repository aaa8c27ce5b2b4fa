package iam

// truth is Kleene's three-valued logic: what follows from the facts known.
// The order no < maybe < yes makes "and" the minimum and "or" the maximum.
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

func (t truth) and(u truth) truth { return min(t, u) }
func (t truth) or(u truth) truth  { return max(t, u) }
func (t truth) not() truth        { return yes - t }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}
