package vtl

import (
	"strconv"
	"strings"
)

// levels are the operators of two operands, those that bind least first, each
// with its spelling in letters.
var levels = [][]operator{
	{{"||", "or"}},
	{{"&&", "and"}},
	{{"==", "eq"}, {"!=", "ne"}},
	{{"<=", "le"}, {">=", "ge"}, {"<", "lt"}, {">", "gt"}},
	{{"+", ""}, {"-", ""}},
	{{"*", ""}, {"/", ""}, {"%", ""}},
}

type operator struct{ sign, word string }

func (p *parser) expression() expr { return p.binary(0) }

func (p *parser) binary(level int) expr {
	if level == len(levels) {
		return p.unary()
	}
	p.nest()
	defer func() { p.depth-- }()
	left := p.binary(level + 1)
	for {
		p.blanks()
		sign := p.operator(levels[level])
		if sign == "" {
			return left
		}
		left = operation{sign, left, p.binary(level + 1)}
	}
}

func (p *parser) operator(among []operator) string {
	for _, o := range among {
		if p.take(o.sign) {
			return o.sign
		}
		if rest := strings.TrimPrefix(p.rest(), o.word); o.word != "" && len(rest) < len(p.rest()) && (rest == "" || !namePart(rest[0])) {
			p.pos += len(o.word)
			return o.sign
		}
	}
	return ""
}

func (p *parser) unary() expr {
	p.nest()
	defer func() { p.depth-- }()
	p.blanks()
	if p.has("not") && (len(p.rest()) == 3 || !namePart(p.rest()[3])) {
		p.pos += 3
		return negation{p.unary()}
	}
	switch {
	case p.has("!="):
	case p.take("!"):
		return negation{p.unary()}
	case p.peek() == '-' && p.pos+1 < len(p.text) && (p.text[p.pos+1] == '$' || p.text[p.pos+1] == '('):
		p.pos++
		return operation{"-", constant{int64(0)}, p.unary()}
	}
	return p.primary()
}

func (p *parser) primary() expr {
	switch c := p.peek(); {
	case c == '(':
		p.pos++
		e := p.expression()
		p.blanks()
		p.need(")")
		return e
	case c == '\'':
		p.pos++
		return constant{strings.ReplaceAll(p.quoted('\''), "''", "'")}
	case c == '"':
		return p.interpolated()
	case c == '[':
		return p.list()
	case c == '{':
		return p.mapping()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case p.startsReference(p.pos):
		return p.reference()
	}
	switch word := p.name(); word {
	case "true", "false":
		return constant{word == "true"}
	case "null":
		return constant{nil}
	}
	p.fail("an expression is missing")
	return nil
}

// quoted reads up to a quotation mark; two of them stand for one.
func (p *parser) quoted(mark byte) string {
	start := p.pos
	for p.pos < len(p.text) {
		if p.text[p.pos] == mark {
			if p.pos+1 == len(p.text) || p.text[p.pos+1] != mark {
				p.pos++
				return p.text[start : p.pos-1]
			}
			p.pos++
		}
		p.pos++
	}
	p.fail("the text has no end")
	return ""
}

// interpolated is text in double quotes, a template of its own.
func (p *parser) interpolated() expr {
	at := p.pos + 1
	p.pos++
	text := strings.ReplaceAll(p.quoted('"'), `""`, `"`)
	inner := &parser{text: text, depth: p.depth}
	if !strings.ContainsAny(text, `$#\`) {
		return constant{text}
	}
	defer func() {
		if e, ok := recover().(*Error); ok {
			p.pos = at
			p.fail("in the text: %s", e.Problem)
		} else if e != nil {
			panic(e)
		}
	}()
	body, end := inner.block()
	if end != "" {
		inner.fail("#%s without a beginning", end)
	}
	return interpolation{body}
}

// list is [a, b] or the range [1..5].
func (p *parser) list() expr {
	p.need("[")
	p.blanks()
	if p.take("]") {
		return listing{}
	}
	first := p.expression()
	p.blanks()
	if p.take("..") {
		to := p.expression()
		p.blanks()
		p.need("]")
		return span{first, to}
	}
	return listing{append([]expr{first}, p.items("]", true)...)}
}

// items reads expressions with commas between them, up to an ending; more: one
// stands before them.
func (p *parser) items(ending string, more bool) []expr {
	var out []expr
	for p.blanks(); !p.take(ending); p.blanks() {
		if more {
			p.need(",")
		}
		out = append(out, p.expression())
		more = true
	}
	return out
}

// mapping is {"a": 1, "b": 2}.
func (p *parser) mapping() expr {
	p.need("{")
	var m mapping
	for p.blanks(); !p.take("}"); p.blanks() {
		if len(m.keys) > 0 {
			p.need(",")
		}
		m.keys = append(m.keys, p.expression())
		p.blanks()
		p.need(":")
		m.values = append(m.values, p.expression())
	}
	return m
}

// number reads 1, -1, 1.5, 1e3. The points of a range are none of it.
func (p *parser) number() expr {
	start := p.pos
	p.take("-")
	digits := func() {
		for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
			p.pos++
		}
	}
	digits()
	if p.peek() == '.' && !p.has("..") {
		p.pos++
		digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if !p.take("-") {
			p.take("+")
		}
		digits()
	}
	text := p.text[start:p.pos]
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return constant{i}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		p.fail("%q is no number", text)
	}
	return constant{f}
}

// reference reads $name.property.method(args)[index], in braces or without.
func (p *parser) reference() reference {
	p.nest()
	defer func() { p.depth-- }()
	r := reference{at: p.place()}
	p.need("$")
	p.take("!") // what is not there writes nothing anyway
	braced := p.take("{")
	r.name = p.name()
	for p.more(&r) {
	}
	if braced {
		p.need("}")
	}
	return r
}

// more reads one step of a reference. A point without a name behind it is text.
func (p *parser) more(r *reference) bool {
	if p.peek() == '[' {
		p.pos++
		s := step{index: p.expression()}
		p.blanks()
		p.need("]")
		r.steps = append(r.steps, s)
		return true
	}
	if p.peek() != '.' || p.pos+1 == len(p.text) || !nameStart(p.text[p.pos+1]) {
		return false
	}
	p.pos++
	s := step{name: p.name()}
	if p.take("(") {
		s.call = true
		s.args = p.items(")", false)
	}
	r.steps = append(r.steps, s)
	return true
}
