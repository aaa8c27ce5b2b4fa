package vtl

import "fmt"

func (s *state) fail(format string, args ...any) {
	panic(&Error{max(s.at.line, 1), max(s.at.column, 1), fmt.Sprintf(format, args...)})
}

// expr is an expression.
type expr interface{ eval(s *state) any }

type literal string

func (l literal) render(s *state) { s.write(string(l)) }

type leave leaving

func (l leave) render(s *state) { s.stop = leaving(l) }

// A branch is rendered when its expression is true.
type branch struct {
	when expr
	then block
}

type choice struct {
	branches  []branch
	otherwise block
}

func (c choice) render(s *state) {
	for _, b := range c.branches {
		if truth(b.when.eval(s)) {
			s.block(b.then)
			return
		}
	}
	s.block(c.otherwise)
}

type loop struct {
	item string
	over expr
	body block
	at   place
}

// render goes over a list, or the values of a map. The variable is afterwards
// what it was before.
func (l loop) render(s *state) {
	s.at = l.at
	var items []any
	switch over := l.over.eval(s).(type) {
	case *List:
		items = over.Items
	case *Map:
		for _, k := range over.keys {
			items = append(items, over.values[k])
		}
	}
	if len(items) > maxTurns {
		s.at = l.at
		s.fail("#foreach goes over %d items; API Gateway goes over %d", len(items), maxTurns)
	}
	before, was := s.vars[l.item]
	outer, outerWas := s.vars["foreach"]
	for i, item := range items {
		s.turn(l, i, len(items), item, outer)
		if s.stop != going {
			break
		}
	}
	if s.stop == breaking {
		s.stop = going
	}
	restore(s.vars, l.item, before, was)
	restore(s.vars, "foreach", outer, outerWas)
}

// turn renders the body for one item, with what $foreach says of it.
func (s *state) turn(l loop, i, n int, item, outer any) {
	f := &Map{}
	f.Put("index", int64(i))
	f.Put("count", int64(i+1))
	f.Put("hasNext", i+1 < n)
	f.Put("first", i == 0)
	f.Put("last", i+1 == n)
	f.Put("parent", outer)
	s.vars["foreach"], s.vars[l.item] = f, item
	s.vars["velocityCount"], s.vars["velocityHasNext"] = int64(i+1), i+1 < n
	s.block(l.body)
}

func restore(vars Variables, name string, v any, was bool) {
	if was {
		vars[name] = v
		return
	}
	delete(vars, name)
}

// A definition names a block.
type definition struct {
	name string
	body block
}

func (d definition) render(s *state) { s.vars[d.name] = d.body }

type assignment struct {
	to    reference
	value expr
	at    place
}

func (a assignment) render(s *state) {
	s.at = a.at
	v := a.value.eval(s)
	last := len(a.to.steps) - 1
	if last < 0 {
		s.vars[a.to.name] = v
		return
	}
	owner := reference{a.to.name, a.to.steps[:last], a.to.at}.eval(s)
	to := a.to.steps[last]
	switch {
	case to.call:
		s.fail("#set cannot set what a method answers")
	case to.index != nil:
		s.setAt(owner, to.index.eval(s), v)
	default:
		s.setAt(owner, to.name, v)
	}
}

// setAt sets a member. Of what is not there nothing is set.
func (s *state) setAt(owner, key, v any) {
	switch o := owner.(type) {
	case *Map:
		o.Put(Text(key), v)
	case *List:
		i, ok := key.(int64)
		if !ok || i < 0 || i >= int64(len(o.Items)) {
			s.fail("the list has no item %s", Text(key))
		}
		o.Items[i] = v
	}
}

// A reference is $name and the steps behind it.
type reference struct {
	name  string
	steps []step
	at    place
}

// A step is .name, .name(args) or [index].
type step struct {
	name  string
	call  bool
	args  []expr
	index expr
}

// render writes the value. Of what is not there API Gateway writes nothing,
// where Velocity itself would write the reference.
func (r reference) render(s *state) {
	v := r.eval(s)
	if s.stop == stopping {
		return
	}
	s.at = r.at
	s.write(s.text(v))
}

// text is Text, within bounds.
func (s *state) text(v any) string {
	var w textWriter
	if w.write(v, 0); w.full || w.Len() > maxText {
		s.fail("a value is too deep or too long to be written")
	}
	s.weigh(w.String())
	return w.String()
}

func (r reference) eval(s *state) any {
	s.step()
	s.at = r.at
	v := s.vars[r.name]
	if b, defined := v.(block); defined {
		v = s.rendered(b)
	}
	for _, st := range r.steps {
		if v == nil {
			return nil
		}
		v = st.of(s, v)
		s.at = r.at
	}
	return v
}

// rendered is what a block writes.
func (s *state) rendered(b block) string {
	inner := &state{vars: s.vars, steps: s.steps, depth: s.depth, at: s.at, stop: s.stop}
	inner.block(b)
	s.steps = inner.steps
	s.weigh(inner.out.String())
	if inner.stop == stopping {
		s.stop = stopping
	}
	return inner.out.String()
}

func (st step) of(s *state, v any) any {
	switch {
	case st.index != nil:
		return member(v, st.index.eval(s))
	case !st.call:
		return property(v, st.name)
	}
	args := make([]any, len(st.args))
	for i, a := range st.args {
		args[i] = a.eval(s)
	}
	s.weigh(v)
	s.weigh(args...)
	out, err := callMethod(v, st.name, args)
	if err != nil {
		s.fail("%s", err)
	}
	s.weigh(out)
	if text, ok := out.(string); ok && len(text) > maxText {
		s.fail("a text is longer than %d bytes", maxText)
	}
	return out
}

// member is what stands at an index or key.
func member(v, key any) any {
	l, isList := v.(*List)
	if !isList {
		return property(v, Text(key))
	}
	i, ok := key.(int64)
	if i < 0 {
		i += int64(len(l.Items))
	}
	if !ok || i < 0 || i >= int64(len(l.Items)) {
		return nil
	}
	return l.Items[i]
}

type constant struct{ value any }

func (c constant) eval(*state) any { return c.value }

type interpolation struct{ body block }

func (i interpolation) eval(s *state) any { return s.rendered(i.body) }

type negation struct{ of expr }

func (n negation) eval(s *state) any { return !truth(n.of.eval(s)) }

type listing struct{ items []expr }

func (l listing) eval(s *state) any {
	out := &List{}
	for _, item := range l.items {
		out.Items = append(out.Items, item.eval(s))
	}
	return out
}

type mapping struct{ keys, values []expr }

func (m mapping) eval(s *state) any {
	out := &Map{}
	for i := range m.keys {
		out.Put(s.text(m.keys[i].eval(s)), m.values[i].eval(s))
	}
	return out
}

// A span is [from..to], both included, downwards too.
type span struct{ from, to expr }

func (r span) eval(s *state) any {
	i, j, ok := ints(r.from.eval(s), r.to.eval(s))
	if !ok {
		return nil
	}
	if d := j - i; d > maxTurns || d < -maxTurns {
		s.fail("the range has more than %d numbers", maxTurns)
	}
	out := &List{Items: []any{i}}
	for i != j {
		if i < j {
			i++
		} else {
			i--
		}
		out.Items = append(out.Items, i)
	}
	return out
}

type operation struct {
	sign        string
	left, right expr
}

func (o operation) eval(s *state) any {
	left := o.left.eval(s)
	switch o.sign {
	case "||":
		return truth(left) || truth(o.right.eval(s))
	case "&&":
		return truth(left) && truth(o.right.eval(s))
	}
	right := o.right.eval(s)
	s.weigh(left, right)
	switch o.sign {
	case "==":
		return equal(left, right)
	case "!=":
		return !equal(left, right)
	case "<", ">", "<=", ">=":
		return compared(o.sign, left, right)
	}
	out := arithmetic(o.sign, left, right)
	if text, ok := out.(string); ok && len(text) > maxText {
		s.fail("a text is longer than %d bytes", maxText)
	}
	return out
}
