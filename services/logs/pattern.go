package logs

import (
	"strings"

	"bailey/services/wire"
)

// A pattern is a filter pattern for unstructured events: terms that must all be
// there, terms of which one must, terms that must not.
//
//	ERROR "out of memory" -retry
//	?ERROR ?WARN
//
// A term is found anywhere in the message, letter case counting. Patterns for
// JSON, for fields, and regular expressions are refused by name.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
type pattern struct{ all, any, none []string }

func parsePattern(text string) (p pattern, err error) {
	rest := strings.TrimSpace(text)
	if rest != "" && strings.ContainsRune("{[%", rune(rest[0])) {
		return p, wire.NotHere("the filter pattern " + text + ": only terms")
	}
	for rest != "" {
		list := &p.all
		switch rest[0] {
		case '?':
			list, rest = &p.any, rest[1:]
		case '-':
			list, rest = &p.none, rest[1:]
		}
		var term string
		if term, rest, err = cutTerm(rest); err != nil {
			return p, err
		}
		if strings.HasPrefix(term, "%") {
			return p, wire.NotHere("the filter pattern " + text + ": only terms")
		}
		*list = append(*list, term)
		rest = strings.TrimSpace(rest)
	}
	if len(p.any) > 0 && len(p.all)+len(p.none) > 0 {
		return p, wire.NotHere("the filter pattern " + text + ": ?terms beside others")
	}
	return p, nil
}

// cutTerm takes a word or a quoted phrase, in which a backslash escapes.
func cutTerm(text string) (term, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, " \t\n")
		if end < 0 {
			end = len(text)
		}
		if end == 0 {
			return "", "", wire.Errorf(codeInvalid, "Invalid filter pattern")
		}
		return text[:end], text[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:], nil
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", wire.Errorf(codeInvalid, "Invalid filter pattern")
}

func (p pattern) match(message string) bool {
	for _, term := range p.all {
		if !strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range p.none {
		if strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range p.any {
		if strings.Contains(message, term) {
			return true
		}
	}
	return len(p.any) == 0
}
