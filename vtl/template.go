package vtl

import "strings"

// A Template is a parsed template. It is safe for concurrent use.
type Template struct{ body block }

// Parse reads a template; its error is an *Error.
func Parse(text string) (t *Template, err error) {
	p := &parser{text: text}
	defer func() {
		if e, ok := recover().(*Error); ok {
			t, err = nil, e
		} else if e != nil {
			panic(e)
		}
	}()
	if len(text) > maxTemplate {
		p.fail("the template has %d bytes; API Gateway takes %d", len(text), maxTemplate)
	}
	body, end := p.block()
	if end != "" {
		p.fail("#%s without a beginning", end)
	}
	return &Template{body}, nil
}

// Variables are what a template sees, by name without the dollar sign.
type Variables map[string]any

// Render writes the template. It changes what it sets in vars, and in the maps
// and lists that are there. Its error is an *Error.
func (t *Template) Render(vars Variables) (text string, err error) {
	s := &state{vars: vars}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			text, err = "", e
		default:
			panic(e)
		}
	}()
	s.block(t.body)
	return s.out.String(), nil
}

// A block is what stands between two directives.
type block []node

// A node is a part of a template that writes something, or does something.
type node interface{ render(s *state) }

// A state is one rendering under way.
type state struct {
	vars  Variables
	out   strings.Builder
	steps int
	depth int
	at    place // of the node under way
	stop  leaving
}

// leaving says why the rest of a block is not rendered.
type leaving uint8

const (
	going    leaving = iota
	breaking         // out of the innermost loop
	stopping         // out of the template
)

// A place is where something stands in its template, from 1.
type place struct{ line, column int }

func (s *state) block(b block) {
	s.enter()
	for _, n := range b {
		if s.stop != going {
			break
		}
		n.render(s)
	}
	s.depth--
}

// enter counts a level, which whoever calls it leaves, and a step.
func (s *state) enter() {
	s.step()
	if s.depth++; s.depth > maxDepth {
		s.fail("the template nests deeper than %d", maxDepth)
	}
}

func (s *state) step() {
	if s.steps++; s.steps > maxSteps {
		s.fail("the template takes more than %d steps", maxSteps)
	}
}

// weigh counts what it costs to look at values, so that a small template
// cannot turn long texts and lists over and over.
func (s *state) weigh(values ...any) {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			s.steps += len(v) / 100
		case *List:
			s.steps += len(v.Items) / 10
		case *Map:
			s.steps += len(v.keys) / 10
		case Object:
			s.steps += v.Weight()
		}
	}
	s.step()
}

func (s *state) write(text string) {
	s.weigh(text)
	if s.out.Len()+len(text) > maxText {
		s.fail("the template writes more than %d bytes", maxText)
	}
	s.out.WriteString(text)
}
