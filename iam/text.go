package iam

import (
	"strings"

	"bailey/source"
)

// A text is a string of a policy, compiled: literal parts, wildcards where the
// element knows them, and policy variables, which need a request. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type text struct {
	raw   string
	parts []part // nil unless the text holds variables or escapes
	open  string // why the template leaves the value open; "" if it does not
}

// A part of a text is literal policy text, an escape, or a variable.
type part struct {
	lit      string     // policy text, or an escape's character
	escaped  bool       // lit's wildcards mean themselves
	key      contextKey // the variable's; empty for a literal
	fallback string
	hasElse  bool // ${key, 'fallback'}
}

// newText compiles n. Variables count only with Version 2012-10-17; before,
// ${aws:username} is those characters.
func newText(n source.Node, variables bool) text {
	if n.Kind == source.Unknown {
		return text{raw: "?", open: orUnstated(n.Text)}
	}
	t := text{raw: n.Text}
	if variables && strings.Contains(n.Text, "${") {
		t.parts = splitVariables(n.Text)
	}
	return t
}

func orUnstated(because string) string {
	if because == "" {
		return "a value that the template leaves open"
	}
	return because
}

func splitVariables(s string) []part {
	var parts []part
	for s != "" {
		start := strings.Index(s, "${")
		if start < 0 {
			return append(parts, part{lit: s})
		}
		length := strings.Index(s[start:], "}")
		if length < 0 {
			return append(parts, part{lit: s})
		}
		end := start + length
		if start > 0 {
			parts = append(parts, part{lit: s[:start]})
		}
		parts = append(parts, newVariable(s[start+2:end]))
		s = s[end+1:]
	}
	return parts
}

// newVariable reads what stands between ${ and }.
func newVariable(s string) part {
	if s == "*" || s == "?" || s == "$" {
		return part{lit: s, escaped: true}
	}
	key, rest, hasElse := strings.Cut(s, ",")
	return part{
		key:      newContextKey(strings.TrimSpace(key)),
		fallback: strings.Trim(strings.TrimSpace(rest), "'"),
		hasElse:  hasElse,
	}
}

func (p *part) variable() bool { return p.lit == "" }

// glob gives the text as a pattern for this request. The truth is no if a
// variable has no value, maybe if its value is not known.
func (t *text) glob(e *evaluation) (glob, truth) {
	var g glob
	if t.parts == nil {
		g.addWild(t.raw)
		return g, t.known(e)
	}
	for i := range t.parts {
		p := &t.parts[i]
		if !p.variable() && !p.escaped {
			g.addWild(p.lit)
			continue
		}
		s, ok := p.value(e)
		if ok != yes {
			return glob{}, ok
		}
		g.addLiteral(s)
	}
	return g, yes
}

// plain gives the text for an operator that knows no wildcards.
func (t *text) plain(e *evaluation) (string, truth) {
	if t.parts == nil {
		return t.raw, t.known(e)
	}
	var b strings.Builder
	for i := range t.parts {
		s, ok := t.parts[i].value(e)
		if ok != yes {
			return "", ok
		}
		b.WriteString(s)
	}
	return b.String(), yes
}

// known is maybe for a value that the template leaves open, and notes it.
func (t *text) known(e *evaluation) truth {
	if t.open == "" {
		return yes
	}
	e.leftOpen(t.open)
	return maybe
}

// value gives the part's text. A variable needs a key with exactly one value.
func (p *part) value(e *evaluation) (string, truth) {
	if !p.variable() {
		return p.lit, yes
	}
	got, found := e.lookup(p.key)
	switch {
	case found == maybe:
		return "", maybe
	case found == yes && len(got) == 1:
		return got[0], yes
	case p.hasElse:
		return p.fallback, yes
	}
	return "", no
}

// A pattern is a text in an element that knows wildcards; if it holds no
// variable its glob is compiled once.
type pattern struct {
	text
	ready *glob
}

func newPattern(n source.Node, variables bool) pattern {
	p := pattern{text: newText(n, variables)}
	if p.parts == nil && p.open == "" {
		g := compileGlob(p.raw)
		p.ready = &g
	}
	return p
}

// match is false in ok if a variable has no value.
func (p *pattern) match(s string, e *evaluation) (t truth, ok bool) {
	if p.ready != nil {
		return truthOf(p.ready.match(s)), true
	}
	g, found := p.glob(e)
	if found != yes {
		return found, found == maybe
	}
	return truthOf(g.match(s)), true
}

// matchAny reports whether one of the patterns covers s, and whether a
// variable without a value made one of them void.
func matchAny(patterns []pattern, s string, e *evaluation) (t truth, void bool) {
	for i := range patterns {
		m, ok := patterns[i].match(s, e)
		if t = t.or(m); t == yes {
			return yes, void
		}
		void = void || !ok
	}
	return t, void
}
