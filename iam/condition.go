package iam

import (
	"strings"

	"bailey/source"
)

// A quantifier is the set operator in front of a condition operator:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
type quantifier uint8

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

// A condition is one key under one operator with its values.
type condition struct {
	*operator
	over     quantifier
	ifExists bool
	key      contextKey
	values   []conditionValue
}

// A conditionValue is a policy's value; ready if it needs no request.
type conditionValue struct {
	text
	ready matcher
}

// match reports whether the condition holds for the request.
func (c *condition) match(e *evaluation) truth {
	got, found := e.lookup(c.key)
	switch {
	case c.null:
		return c.matchNull(found, e)
	case found == maybe:
		return maybe
	case found == no:
		return truthOf(c.holdsWithoutKey())
	}
	switch c.over {
	case forAllValues:
		t := yes
		for _, g := range got {
			t = t.and(c.matchValue(g, e))
		}
		return t
	case forAnyValue:
		t := no
		for _, g := range got {
			t = t.or(c.matchValue(g, e))
		}
		return t
	}
	// Without a set operator AWS compares one value only.
	return truthOf(len(got) == 1).and(c.matchValue(got[0], e))
}

// holdsWithoutKey: what a condition says when the request lacks its key.
// ForAnyValue asks for a value, and there is none, whatever the suffix.
func (c *condition) holdsWithoutKey() bool {
	switch c.over {
	case forAllValues:
		return true
	case forAnyValue:
		return false
	}
	return c.ifExists || c.negated
}

// matchNull: "true" asks for the key to be absent, "false" to be there.
func (c *condition) matchNull(found truth, e *evaluation) truth {
	t := no
	for i := range c.values {
		switch m := c.values[i].matcher(c.operator, e); {
		case m.open:
			t = t.or(maybe)
		case m.valid && m.match("true") == equal:
			t = t.or(found.not())
		case m.valid:
			t = t.or(found)
		}
	}
	return t
}

// matchValue holds one value of the request against all of the policy: one
// must match or, for a negated operator, none.
func (c *condition) matchValue(got string, e *evaluation) truth {
	t := no
	for i := range c.values {
		m := c.values[i].matcher(c.operator, e)
		switch {
		case m.open:
			t = t.or(maybe)
			continue
		case !m.valid && c.negated:
			return no
		case !m.valid:
			continue
		}
		switch m.match(got) {
		case equal:
			return negate(yes, c.negated)
		case unreadable:
			return no
		}
	}
	return negate(t, c.negated)
}

// A prepared is a value ready to compare: open if it is not known, invalid if
// it holds a variable without a value or is none the operator takes.
type prepared struct {
	match       matcher
	open, valid bool
}

func (v *conditionValue) matcher(op *operator, e *evaluation) prepared {
	if v.ready != nil {
		return prepared{match: v.ready, valid: true}
	}
	m, ok := v.compile(op, e)
	return prepared{match: m, open: ok == maybe, valid: ok == yes}
}

func (v *conditionValue) compile(op *operator, e *evaluation) (matcher, truth) {
	var (
		pattern glob
		plain   string
		known   truth
	)
	if op.wild {
		pattern, known = v.glob(e)
	} else {
		plain, known = v.plain(e)
	}
	if known != yes {
		return nil, known
	}
	m, ok := op.compile(pattern, plain)
	return m, truthOf(ok)
}

// parseConditions reads a Condition element: operator -> key -> values.
func (p *parser) parseConditions(n source.Node, s *statement) {
	if n.Kind == source.Unknown {
		s.open = append(s.open, orUnstated(n.Text))
		return
	}
	if n.Kind != source.Map {
		p.malformed(n.At, "Condition must be a map of operators, not a %s", n.Kind)
		return
	}
	for _, op := range n.Entries {
		c, ok := parseOperator(op.Key)
		if !ok {
			p.unknownOperator(op)
			continue
		}
		p.parseKeys(op.Value, c, s)
	}
}

func (p *parser) unknownOperator(op source.Entry) {
	p.diags.Add(source.Diag{Code: "IAM_UNKNOWN_OPERATOR", At: op.KeyAt,
		Summary: quote(op.Key) + " is not a condition operator",
		Hint:    "operators are StringEquals, StringLike, NumericLessThan, DateGreaterThan, Bool, IpAddress, ArnLike, Null and their kin, with IfExists behind or ForAllValues: or ForAnyValue: in front"})
}

func (p *parser) parseKeys(n source.Node, c condition, s *statement) {
	if n.Kind == source.Unknown {
		s.open = append(s.open, orUnstated(n.Text))
		return
	}
	if n.Kind != source.Map {
		p.malformed(n.At, "operator %s must hold a map of condition keys, not a %s", c.name, n.Kind)
		return
	}
	for _, key := range n.Entries {
		c.key = newContextKey(key.Key)
		c.values = nil
		for v := range key.Value.Each() {
			c.values = p.appendValue(c.values, v, c.operator)
		}
		if len(c.values) == 0 {
			p.malformed(key.KeyAt, "condition key %s has no values", key.Key)
		}
		s.conditions = append(s.conditions, c)
	}
}

func (p *parser) appendValue(values []conditionValue, n source.Node, op *operator) []conditionValue {
	if !n.IsScalar() && n.Kind != source.Unknown {
		p.malformed(n.At, "a condition value must be text, not a %s", n.Kind)
		return values
	}
	v := conditionValue{text: newText(n, p.variables)}
	if v.parts == nil && v.open == "" {
		m, ok := v.compile(op, nil)
		if ok != yes {
			p.malformed(n.At, "%s is not a value that %s can compare", quote(n.Text), op.name)
			return values
		}
		v.ready = m
	}
	return append(values, v)
}

// parseOperator takes ForAnyValue:StringLikeIfExists apart.
func parseOperator(s string) (condition, bool) {
	var c condition
	name := fold(s)
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		name, c.over = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		name, c.over = rest, forAnyValue
	}
	name, c.ifExists = strings.CutSuffix(name, "ifexists")
	op, ok := operators[name]
	c.operator = op
	return c, ok && !(op.null && (c.ifExists || c.over != single))
}
