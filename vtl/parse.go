package vtl

import (
	"fmt"
	"slices"
	"strings"
)

// A parser reads a template from its text. What is wrong it panics with, as an
// *Error, which Parse recovers.
type parser struct {
	text  string
	pos   int
	depth int
}

func (p *parser) fail(format string, args ...any) {
	at := p.place()
	panic(&Error{at.line, at.column, fmt.Sprintf(format, args...)})
}

func (p *parser) place() place {
	before := p.text[:p.pos]
	return place{strings.Count(before, "\n") + 1, p.pos - strings.LastIndexByte(before, '\n')}
}

func (p *parser) rest() string { return p.text[p.pos:] }

func (p *parser) has(prefix string) bool { return strings.HasPrefix(p.rest(), prefix) }

// take goes on behind a prefix, if it is there.
func (p *parser) take(prefix string) bool {
	if !p.has(prefix) {
		return false
	}
	p.pos += len(prefix)
	return true
}

func (p *parser) need(prefix string) {
	if !p.take(prefix) {
		p.fail("%q is missing", prefix)
	}
}

func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// nest counts a level, which whoever calls it leaves.
func (p *parser) nest() {
	if p.depth++; p.depth > maxDepth {
		p.fail("the template nests deeper than %d", maxDepth)
	}
}

// block reads up to the end of the text, or to a directive that ends it: else,
// elseif, end.
func (p *parser) block() (b block, end string) {
	p.nest()
	defer func() { p.depth-- }()
	var g gathering
	for p.pos < len(p.text) && end == "" {
		next := strings.IndexAny(p.rest(), `$#\`)
		if next < 0 {
			next = len(p.rest())
		}
		g.text.WriteString(p.rest()[:next])
		p.pos += next
		switch {
		case p.pos == len(p.text):
		case p.peek() == '\\':
			g.text.WriteString(p.backslashes())
		case p.startsReference(p.pos):
			g.add(p.reference())
		case p.take("$"):
			g.text.WriteByte('$')
		default:
			end = p.special(&g)
		}
	}
	g.flush()
	return g.nodes, end
}

// special reads what begins with #, and gives the directive that ends the block.
func (p *parser) special(g *gathering) (end string) {
	n, end, plain := p.hash()
	g.text.WriteString(plain)
	if _, sets := n.(assignment); sets {
		before := withoutIndent(g.text.String())
		g.text.Reset()
		g.text.WriteString(before)
	}
	if n != nil {
		g.add(n)
	}
	return end
}

// A gathering is a block while it is read: texts that touch become one.
type gathering struct {
	nodes block
	text  strings.Builder
}

func (g *gathering) add(n node) {
	g.flush()
	g.nodes = append(g.nodes, n)
}

func (g *gathering) flush() {
	if g.text.Len() > 0 {
		g.nodes = append(g.nodes, literal(g.text.String()))
		g.text.Reset()
	}
}

// withoutIndent is the text before a #set, which takes the blanks before it
// where there is nothing else between it and the directive or reference before.
func withoutIndent(text string) string {
	if strings.Trim(text, " \t") == "" {
		return ""
	}
	return text
}

// backslashes before a reference or directive come in pairs that stand for one;
// one that is left over takes its meaning from what follows. Elsewhere they are
// text.
// https://velocity.apache.org/engine/1.7/user-guide.html#Escaping_Valid_VTL_Directives
func (p *parser) backslashes() string {
	n := 0
	for p.peek() == '\\' {
		p.pos++
		n++
	}
	if !p.startsReference(p.pos) && !p.startsDirective() {
		return strings.Repeat(`\`, n)
	}
	out := strings.Repeat(`\`, n/2)
	if n%2 == 1 {
		out += p.text[p.pos : p.pos+1]
		p.pos++
	}
	return out
}

// startsReference reports whether a dollar sign at i begins a reference:
// $name, $!name, ${name}, $!{name}.
func (p *parser) startsReference(i int) bool {
	rest, ok := strings.CutPrefix(p.text[i:], "$")
	rest = strings.TrimPrefix(rest, "!")
	rest = strings.TrimPrefix(rest, "{")
	return ok && rest != "" && nameStart(rest[0])
}

func nameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func namePart(c byte) bool { return nameStart(c) || c == '-' || c >= '0' && c <= '9' }

// name reads a name, which may be empty.
func (p *parser) name() string {
	start := p.pos
	if p.pos < len(p.text) && nameStart(p.text[p.pos]) {
		for p.pos < len(p.text) && namePart(p.text[p.pos]) {
			p.pos++
		}
	}
	return p.text[start:p.pos]
}

var directives = []string{"set", "if", "elseif", "else", "end", "foreach", "break", "stop", "define", "macro", "parse", "include", "evaluate"}

// directive gives the directive behind a # and how long it is with the sign and
// braces; empty: there is none.
func (p *parser) directive() (name string, size int) {
	inner := &parser{text: p.text, pos: p.pos}
	if !inner.take("#") {
		return "", 0
	}
	braced := inner.take("{")
	start := inner.pos
	for nameStart(inner.peek()) {
		inner.pos++
	}
	name = p.text[start:inner.pos]
	if braced && !inner.take("}") || !slices.Contains(directives, name) {
		return "", 0
	}
	return name, inner.pos - p.pos
}

func (p *parser) startsDirective() bool {
	name, _ := p.directive()
	return name != ""
}

// hash reads what begins with #: a comment, text that is taken as it is, a
// directive; or it is text.
func (p *parser) hash() (n node, end, plain string) {
	switch {
	case p.take("##"):
		if i := strings.IndexByte(p.rest(), '\n'); i >= 0 {
			p.pos += i + 1
		} else {
			p.pos = len(p.text)
		}
		return nil, "", ""
	case p.take("#*"):
		p.upTo("*#")
		return nil, "", ""
	case p.take("#[["):
		return nil, "", p.upTo("]]#")
	}
	name, size := p.directive()
	if name == "" {
		p.pos++
		return nil, "", "#"
	}
	at := p.place()
	p.pos += size
	switch name {
	case "else", "end":
		p.lineEnd()
		return nil, name, ""
	case "elseif":
		return nil, name, ""
	}
	return p.statement(name, at), "", ""
}

// upTo gives the text before an ending and goes on behind it.
func (p *parser) upTo(ending string) string {
	before, _, ok := strings.Cut(p.rest(), ending)
	if !ok {
		p.fail("%q is missing", ending)
	}
	p.pos += len(before) + len(ending)
	return before
}

// lineEnd drops the rest of a line that has nothing more on it: a directive
// leaves no empty line behind.
func (p *parser) lineEnd() {
	rest := strings.TrimLeft(p.rest(), " \t")
	if line, ok := strings.CutPrefix(rest, "\r\n"); ok {
		p.pos = len(p.text) - len(line)
	} else if line, ok := strings.CutPrefix(rest, "\n"); ok {
		p.pos = len(p.text) - len(line)
	}
}

func (p *parser) blanks() {
	p.pos = len(p.text) - len(strings.TrimLeft(p.rest(), " \t\r\n"))
}

// statement reads a directive that does not end a block.
func (p *parser) statement(name string, at place) node {
	switch name {
	case "set":
		return p.set(at)
	case "if":
		return p.choice()
	case "foreach":
		return p.foreach(at)
	case "define":
		return p.define()
	case "break":
		p.lineEnd()
		return leave(breaking)
	case "stop":
		p.lineEnd()
		return leave(stopping)
	}
	p.fail("#%s is not supported", name)
	return nil
}

// open and close are the parentheses of a directive.
func (p *parser) open() {
	p.blanks()
	p.need("(")
	p.blanks()
}

func (p *parser) close() {
	p.blanks()
	p.need(")")
	p.lineEnd()
}

func (p *parser) set(at place) node {
	p.open()
	if !p.startsReference(p.pos) {
		p.fail("#set sets no reference")
	}
	r := p.reference()
	p.blanks()
	p.need("=")
	n := assignment{to: r, value: p.expression(), at: at}
	p.close()
	return n
}

// choice is #if with all that belongs to it.
func (p *parser) choice() node {
	var n choice
	for {
		p.open()
		b := branch{when: p.expression()}
		p.close()
		var end string
		b.then, end = p.block()
		n.branches = append(n.branches, b)
		switch end {
		case "elseif":
			continue
		case "else":
			n.otherwise, end = p.block()
		}
		if end != "end" {
			p.fail("#if without #end")
		}
		return n
	}
}

func (p *parser) foreach(at place) node {
	p.open()
	if !p.startsReference(p.pos) {
		p.fail("#foreach has no variable")
	}
	r := p.reference()
	p.blanks()
	if p.name() != "in" || len(r.steps) > 0 {
		p.fail("#foreach is written #foreach($item in $list)")
	}
	n := loop{item: r.name, over: p.expression(), at: at}
	p.close()
	n.body = p.body("foreach")
	return n
}

// define is #define($name), whose block is rendered each time that $name is
// written.
func (p *parser) define() node {
	p.open()
	if !p.startsReference(p.pos) {
		p.fail("#define has no name")
	}
	r := p.reference()
	p.close()
	return definition{r.name, p.body("define")}
}

func (p *parser) body(of string) block {
	b, end := p.block()
	if end != "end" {
		p.fail("#%s without #end", of)
	}
	return b
}
