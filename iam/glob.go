package iam

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A glob is a compiled pattern in which * stands for any characters, also
// none, and ? for exactly one. * crosses colons and slashes, as it does in a
// resource ARN:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
type glob struct {
	prefix string   // literal text before the first wildcard
	rest   []symbol // from the first wildcard on; nil: the pattern is literal
}

// A symbol is a rune or one of the two wildcards.
type symbol rune

const (
	anyRunes symbol = -1
	anyRune  symbol = -2
)

// addWild appends policy text, whose * and ? are wildcards.
func (g *glob) addWild(s string) {
	i := strings.IndexAny(s, "*?")
	if g.rest == nil && i < 0 {
		g.prefix += s
		return
	}
	if g.rest == nil {
		g.prefix += s[:i]
		s = s[i:]
	}
	for _, r := range s {
		g.rest = append(g.rest, wildcard(r))
	}
}

func wildcard(r rune) symbol {
	switch r {
	case '*':
		return anyRunes
	case '?':
		return anyRune
	}
	return symbol(r)
}

// addLiteral appends text whose * and ? mean themselves: a variable's value or
// an escape such as ${*}.
func (g *glob) addLiteral(s string) {
	if g.rest == nil {
		g.prefix += s
		return
	}
	for _, r := range s {
		g.rest = append(g.rest, symbol(r))
	}
}

func compileGlob(s string) glob {
	var g glob
	g.addWild(s)
	return g
}

// globOf compiles symbols.
func globOf(text []symbol) glob {
	n := slices.IndexFunc(text, func(s symbol) bool { return s < 0 })
	if n < 0 {
		n = len(text)
	}
	var g glob
	for _, s := range text[:n] {
		g.prefix += string(rune(s))
	}
	if n < len(text) {
		g.rest = slices.Clone(text[n:])
	}
	return g
}

// match reports whether g covers all of s. It takes time in the order of
// pattern times text at worst: after a mismatch only the last * is retried.
func (g glob) match(s string) bool {
	if g.rest == nil {
		return s == g.prefix
	}
	if !strings.HasPrefix(s, g.prefix) {
		return false
	}
	s = s[len(g.prefix):]
	pos, at := 0, 0      // in g.rest, in s
	star, retry := -1, 0 // the last * and where its text ends so far
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case pos < len(g.rest) && g.rest[pos] == anyRunes:
			star, retry = pos, at
			pos++
		case pos < len(g.rest) && (g.rest[pos] == anyRune || g.rest[pos] == symbol(r)):
			pos++
			at += size
		case star >= 0:
			_, skip := utf8.DecodeRuneInString(s[retry:])
			retry += skip
			pos, at = star+1, retry
		default:
			return false
		}
	}
	for pos < len(g.rest) && g.rest[pos] == anyRunes {
		pos++
	}
	return pos == len(g.rest)
}

// Like reports whether text is as pattern says, in which * stands for any text
// and ? for any one character: StringLike.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
func Like(pattern, text string) bool { return compileGlob(pattern).match(text) }
