package terraform

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// A token stands in a text for what is known later: a number between two
// characters that Unicode leaves for private use, which no function but those
// that look into the text minds.
var tokenForm = regexp.MustCompile("\uE07F([0-9]+)\uE07E")

// A promise is what a token stands for: an attribute of a resource, or a gap
// within a text that is known otherwise.
type promise struct {
	of   *instance
	attr string
	gap  gap
}

// says names the promise for a person.
func (p promise) says() string {
	if p.of != nil {
		return p.of.addr + "." + p.attr
	}
	return p.gap.because
}

// A gap says why something is not known and where it would be stated. It is the
// mark of every unknown value.
type gap struct {
	because string
	at      source.Span
}

// unknown is a value of which nothing is known.
func (g gap) unknown() cty.Value { return cty.DynamicVal.Mark(g) }

// node is the gap in a document.
func (g gap) node() source.Node {
	return source.Node{Kind: source.Unknown, Text: g.because, At: g.at}
}

// token gives the text that stands for a promise.
func (e *evaluator) token(p promise) string {
	n, ok := e.numbers[p]
	if !ok {
		n = len(e.promises)
		e.promises = append(e.promises, p)
		e.numbers[p] = n
	}
	return "\uE07F" + strconv.Itoa(n) + "\uE07E"
}

// promised gives what a token stands for; text of the user's own that looks
// like one is none.
func (e *evaluator) promised(token string) (promise, bool) {
	m := tokenForm.FindStringSubmatch(token)
	if m == nil {
		return promise{}, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n >= len(e.promises) {
		return promise{}, false
	}
	return e.promises[n], true
}

// shown gives a text with its tokens as a person would write them.
func (e *evaluator) shown(text string) string {
	return tokenForm.ReplaceAllStringFunc(text, func(t string) string {
		if p, ok := e.promised(t); ok {
			return "${" + p.says() + "}"
		}
		return t
	})
}

// hasToken reports whether a text has a token in it.
func hasToken(text string) bool { return strings.Contains(text, "\uE07F") }

// firstToken gives the first token within a value.
func firstToken(v cty.Value) (string, bool) {
	found := ""
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if found != "" {
			return false, nil
		}
		v, _ = v.Unmark()
		if v.IsKnown() && !v.IsNull() && v.Type() == cty.String && hasToken(v.AsString()) {
			found = tokenForm.FindString(v.AsString())
		}
		return found == "", nil
	})
	return found, found != ""
}

// later is the gap of what would have to look into a token.
func (e *evaluator) later(token string, at source.Span) gap {
	what := "an attribute"
	if p, ok := e.promised(token); ok {
		what = p.says()
	}
	return gap{fmt.Sprintf("it is computed from %s, which AWS decides", what), at}
}

// gapOf gives the gap that a value is marked with: of several the first by
// place.
func gapOf(v cty.Value, at source.Span) gap {
	_, marks := v.UnmarkDeep()
	out, found := gap{"it is known after apply", at}, false
	for m := range marks {
		g, ok := m.(gap)
		if ok && (!found || g.at.Compare(out.at) < 0 || g.at == out.at && g.because < out.because) {
			out, found = g, true
		}
	}
	return out
}
