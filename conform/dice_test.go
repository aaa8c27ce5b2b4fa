package conform

import (
	"pgregory.net/rapid"
)

// The dice. Each shrinks towards its first choice, so the plainest comes first.

// roll is one of 0 to n-1. rapid's own integers are small ones most times,
// which is right for sizes and wrong for choices.
func roll(t *rapid.T, n int, what string) int { return dice(n).Draw(t, what) }

func dice(n int) *rapid.Generator[int] {
	bits := rapid.Bool()
	return rapid.Custom(func(t *rapid.T) int {
		v := 0
		for range 10 {
			v <<= 1
			if bits.Draw(t, "bit") {
				v++
			}
		}
		return v * n >> 10
	})
}

// chance is true in about percent of all draws, and shrinks to false.
func chance(t *rapid.T, percent int, what string) bool {
	return roll(t, 100, what) >= 100-percent
}

// mostly is true but for about 100-percent of all draws, and shrinks to true.
func mostly(t *rapid.T, percent int, what string) bool { return !chance(t, 100-percent, what) }

func pick[T any](t *rapid.T, what string, from ...T) T {
	return from[roll(t, len(from), what)]
}

// some picks between least and most of from, in from's order.
func some[T any](t *rapid.T, what string, least, most int, from []T) []T {
	most = min(most, len(from))
	n := least + roll(t, most-least+1, what)
	left := make([]int, len(from))
	for i := range left {
		left[i] = i
	}
	keep := make([]bool, len(from))
	for range n {
		i := roll(t, len(left), what)
		keep[left[i]] = true
		left = append(left[:i], left[i+1:]...)
	}
	out := []T{}
	for i, v := range from {
		if keep[i] {
			out = append(out, v)
		}
	}
	return out
}

// shuffled is from in another order.
func shuffled[T any](t *rapid.T, from []T) []T {
	if len(from) < 2 {
		return from
	}
	return rapid.Permutation(from).Draw(t, "order")
}
