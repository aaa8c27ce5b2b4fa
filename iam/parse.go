package iam

import (
	"slices"
	"strconv"
	"strings"

	"bailey/source"
)

// A Policy is a policy document, read and compiled. Policies are immutable
// values; the zero Policy has no statements and grants nothing.
type Policy struct {
	name       string
	at         source.Span
	statements []statement
}

// A statement is one compiled Statement element.
type statement struct {
	sid        string
	index      int
	at         source.Span
	deny       bool
	openEffect string // why Effect is left open

	actions    actionSet
	notAction  bool
	resources  []pattern // nil: the statement has no Resource element
	notRes     bool
	principals *principalSet // nil: no Principal element
	notPrinc   bool
	conditions []condition
	open       []string // why parts of Condition are left open
	wholly     string   // why the whole statement is left open
}

// Name is what the policy was called with Named; it may be empty.
func (p Policy) Name() string { return p.name }

// Named returns the policy under a name by which decisions speak of it: a
// policy's ARN, or "PingRole/ReadParameters".
func (p Policy) Named(name string) Policy {
	p.name = name
	return p
}

// At is where the document stands.
func (p Policy) At() source.Span { return p.at }

// Len is the number of statements.
func (p Policy) Len() int { return len(p.statements) }

// Parse reads a policy document by the grammar of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// A part of Kind Unknown is no mistake: the statement that holds it is decided
// as far as its other parts allow. What only some kinds of policy need
// (Principal, Resource) is CheckAs's to say. The Policy is usable even with
// Diags: a statement with an error in it is left out if it would allow, and
// counts as not known if it would deny.
func Parse(doc source.Node) (Policy, source.Diags) {
	p := parser{}
	policy := Policy{at: doc.At}
	if doc.Kind == source.Unknown {
		policy.statements = []statement{{at: doc.At, wholly: orUnstated(doc.Text)}}
		return policy, nil
	}
	if doc.Kind != source.Map {
		p.malformed(doc.At, "a policy document must be a map with Version and Statement, not a %s", doc.Kind)
		return policy, p.diags
	}
	p.parseVersion(doc)
	p.checkElements(doc, "policy document", "Version", "Id", "Statement")
	body, ok := doc.Get("Statement")
	if !ok {
		p.malformed(doc.At, "the policy document has no Statement")
		return policy, p.diags
	}
	for n := range body.Each() {
		s, ok := p.parseStatement(n, len(policy.statements))
		if ok {
			policy.statements = append(policy.statements, s)
		}
	}
	return policy, p.diags
}

// A parser collects what is wrong while it compiles one document.
type parser struct {
	diags     source.Diags
	variables bool // the document's Version knows policy variables
}

func (p *parser) malformed(at source.Span, format string, args ...any) {
	p.diags.Errorf("IAM_MALFORMED_POLICY", at, format, args...)
}

func quote(s string) string { return strconv.Quote(s) }

// parseVersion: a document without Version is one of 2008-10-17.
func (p *parser) parseVersion(doc source.Node) {
	version, ok := doc.Get("Version")
	switch {
	case !ok || version.Text == "2008-10-17":
	case version.Text == "2012-10-17" || version.Kind == source.Unknown:
		p.variables = true
	default:
		p.diags.Add(source.Diag{Code: "IAM_UNKNOWN_VERSION", At: version.At,
			Summary: "policy version " + quote(version.Text) + " does not exist",
			Hint:    "Version is the language's, not yours: 2012-10-17 or 2008-10-17"})
	}
}

// checkElements reports the entries of n that are none of the known elements,
// and those that stand twice.
func (p *parser) checkElements(n source.Node, what string, known ...string) {
	seen := map[string]bool{}
	for _, e := range n.Entries {
		if seen[e.Key] {
			p.malformed(e.KeyAt, "%s has %s twice", what, e.Key)
		}
		seen[e.Key] = true
		if !slices.Contains(known, e.Key) {
			p.diags.Add(source.Diag{Code: "IAM_UNKNOWN_ELEMENT", At: e.KeyAt,
				Summary: quote(e.Key) + " is not an element of a " + what,
				Hint:    "its elements are " + strings.Join(known, ", ")})
		}
	}
}

// parseStatement reports false for a statement that must be left out.
func (p *parser) parseStatement(n source.Node, index int) (statement, bool) {
	s := statement{index: index, at: n.At}
	if n.Kind == source.Unknown {
		s.wholly = orUnstated(n.Text)
		return s, true
	}
	if n.Kind != source.Map {
		p.malformed(n.At, "a statement must be a map, not a %s", n.Kind)
		return s, false
	}
	if sid, ok := n.Get("Sid"); ok {
		s.sid = sid.Text
	}
	before := len(p.diags)
	p.checkElements(n, "statement", "Sid", "Effect", "Principal", "NotPrincipal",
		"Action", "NotAction", "Resource", "NotResource", "Condition")
	p.parseEffect(n, &s)
	p.parseAction(n, &s)
	p.parseResource(n, &s)
	p.parsePrincipal(n, &s)
	if c, ok := n.Get("Condition"); ok {
		p.parseConditions(c, &s)
	}
	if !p.diags[before:].HasErrors() {
		return s, true
	}
	return statement{sid: s.sid, index: index, at: s.at, deny: true, wholly: "what a malformed statement means"}, s.deny
}

func (p *parser) parseEffect(n source.Node, s *statement) {
	effect, ok := n.Get("Effect")
	switch {
	case !ok:
		p.malformed(n.At, "the statement has no Effect")
	case effect.Kind == source.Unknown:
		s.openEffect = orUnstated(effect.Text)
	case effect.Text == "Deny":
		s.deny = true
	case effect.Text != "Allow":
		p.malformed(effect.At, "Effect is %s; it must be Allow or Deny", quote(effect.Text))
	}
}

// either gets one of two elements that exclude each other.
func (p *parser) either(n source.Node, is, isNot string) (value source.Node, negated, ok bool) {
	value, ok = n.Get(is)
	other, negated := n.Get(isNot)
	if ok && negated {
		p.malformed(other.At, "the statement has both %s and %s", is, isNot)
	}
	if negated {
		return other, true, true
	}
	return value, false, ok
}

func (p *parser) parseAction(n source.Node, s *statement) {
	value, negated, ok := p.either(n, "Action", "NotAction")
	if !ok {
		p.malformed(n.At, "the statement has neither Action nor NotAction")
		return
	}
	s.notAction = negated
	for item := range p.texts(value, "an action") {
		s.actions.add(item, &p.diags)
	}
}

func (p *parser) parseResource(n source.Node, s *statement) {
	value, negated, ok := p.either(n, "Resource", "NotResource")
	if !ok {
		return
	}
	s.notRes, s.resources = negated, []pattern{}
	for item := range p.texts(value, "a resource") {
		if item.Kind != source.Unknown && item.Text != "*" && !strings.HasPrefix(item.Text, "arn:") && !strings.HasPrefix(item.Text, "*") {
			p.diags.Add(source.Diag{Code: "IAM_RESOURCE_NOT_ARN", Severity: source.Warning, At: item.At,
				Summary: "resource " + quote(item.Text) + " is not an ARN and matches nothing",
				Hint:    `write an ARN, as in "arn:aws:s3:::bucket/*", or "*"`})
		}
		s.resources = append(s.resources, p.resourcePattern(item))
	}
}

// resourcePattern compiles an ARN pattern. Variables work only behind the fifth
// colon; AWS takes them literally before it, so that nothing matches:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (p *parser) resourcePattern(n source.Node) pattern {
	compiled := newPattern(n, p.variables)
	colons := 0
	for _, part := range compiled.parts {
		if colons < 5 && (part.variable() || part.escaped) {
			p.diags.Add(source.Diag{Code: "IAM_VARIABLE_IN_ARN", Severity: source.Warning, At: n.At,
				Summary: "resource " + quote(n.Text) + " has a policy variable before the fifth colon and matches nothing",
				Hint:    "only the part behind the account may hold variables; write * for region or account"})
			return newPattern(n, false)
		}
		colons += strings.Count(part.lit, ":")
	}
	return compiled
}

// texts yields the items of a scalar or list of scalars; anything else is
// reported and left out.
func (p *parser) texts(n source.Node, what string) func(func(source.Node) bool) {
	return func(yield func(source.Node) bool) {
		if n.Kind == source.List && len(n.Items) == 0 {
			p.malformed(n.At, "the list is empty: it must hold %s", what)
		}
		for item := range n.Each() {
			if item.Kind != source.String && item.Kind != source.Number && item.Kind != source.Unknown {
				p.malformed(item.At, "%s must be text, not a %s", what, item.Kind)
				continue
			}
			if !yield(item) {
				return
			}
		}
	}
}

func (p *parser) parsePrincipal(n source.Node, s *statement) {
	value, negated, ok := p.either(n, "Principal", "NotPrincipal")
	if !ok {
		return
	}
	s.notPrinc, s.principals = negated, &principalSet{}
	if negated && !s.deny && s.openEffect == "" {
		p.malformed(value.At, "NotPrincipal with Allow is refused: it would allow everyone else, also anonymous callers")
	}
	switch {
	case value.Kind == source.Unknown:
		s.principals.open = append(s.principals.open, orUnstated(value.Text))
	case value.Text == "*":
		s.principals.everyone = true
	case value.Kind == source.Map:
		for _, e := range value.Entries {
			p.parsePrincipals(e, s.principals)
		}
	default:
		p.diags.Add(source.Diag{Code: "IAM_MALFORMED_PRINCIPAL", At: value.At,
			Summary: "a principal must be \"*\" or a map of AWS, Service, Federated or CanonicalUser",
			Hint:    `write {"AWS": "arn:aws:iam::123456789012:role/name"}`})
	}
}

func (p *parser) parsePrincipals(e source.Entry, set *principalSet) {
	if !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, e.Key) {
		p.diags.Errorf("IAM_MALFORMED_PRINCIPAL", e.KeyAt, "%s is not a kind of principal: AWS, Service, Federated or CanonicalUser", quote(e.Key))
		return
	}
	for item := range p.texts(e.Value, "a principal") {
		switch {
		case item.Kind == source.Unknown:
			set.open = append(set.open, orUnstated(item.Text))
		case e.Key == "AWS" && item.Text == "*":
			set.everyone = true
		case strings.ContainsAny(item.Text, "*?"):
			p.diags.Add(source.Diag{Code: "IAM_MALFORMED_PRINCIPAL", At: item.At,
				Summary: "principal " + quote(item.Text) + " has a wildcard, which AWS does not expand there",
				Hint:    `name "*" and add a Condition on aws:PrincipalArn with ArnLike`})
		default:
			set.entries = append(set.entries, principalEntry{e.Key, item.Text})
		}
	}
}

// CheckAs reports what the document lacks or has too much to serve as a policy
// of that layer: identity policies, boundaries, session policies and SCPs have
// no Principal; the policies of resources and endpoints need one.
func (p Policy) CheckAs(layer Layer) source.Diags {
	var ds source.Diags
	for i := range p.statements {
		s := &p.statements[i]
		if s.wholly != "" {
			continue
		}
		if layer.namesPrincipals() && s.principals == nil {
			ds.Errorf("IAM_MALFORMED_POLICY", s.at, "a statement of a %s needs a Principal", layer)
		}
		if !layer.namesPrincipals() && s.principals != nil {
			ds.Errorf("IAM_MALFORMED_POLICY", s.at, "a statement of a %s cannot have a Principal", layer)
		}
		if layer != ResourceBased && s.resources == nil {
			ds.Errorf("IAM_MALFORMED_POLICY", s.at, "the statement has neither Resource nor NotResource")
		}
	}
	return ds
}
