package source

import "strings"

// Closest gives the candidate that name was most likely meant to be: one that
// differs in case only, else the nearest within a third of its length in
// edits. It is empty where none is near.
func Closest(name string, candidates []string) string {
	best, bound := "", 1+len(name)/3
	if len(name) > 200 {
		return ""
	}
	for _, c := range candidates {
		if strings.EqualFold(c, name) {
			return c
		}
		if d := edits(name, c, bound); d < bound {
			best, bound = c, d
		}
	}
	return best
}

// DidYouMean is the hint for an unknown name: the closest candidate, or else
// otherwise.
func DidYouMean(name string, candidates []string, otherwise string) string {
	if c := Closest(name, candidates); c != "" {
		return "did you mean " + c + "?"
	}
	return otherwise
}

// edits counts insertions, deletions and substitutions from a to b, at most
// bound.
func edits(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for k := range len(b) {
			cost := diagonal
			if a[i] != b[k] {
				cost = 1 + min(diagonal, row[k], row[k+1])
			}
			diagonal, row[k+1] = row[k+1], cost
		}
	}
	return min(row[len(b)], bound)
}

// Within reports whether a and b are at most n edits apart.
func Within(a, b string, n int) bool { return edits(a, b, n+1) <= n }
