package iam

import "strings"

// An evaluation is one request being decided: the request made ready for
// comparing, and what was found lacking so far.
type evaluation struct {
	req     *Request
	who     caller
	account string // owns the resource
	service string // folded, before the colon of the action
	name    string // folded, behind it
	bounded bool   // the caller has a permissions boundary

	missing []string // condition keys met that are not known
	open    []string // values met that the template leaves open
	found   []finding
	buf     [8]finding
}

// A finding is a statement that covers the request, or may.
type finding struct {
	layer   Layer
	policy  *Policy
	stmt    *statement
	allow   truth
	deny    truth
	names   named
	missing []string
	open    []string
}

func newEvaluation(req *Request) *evaluation {
	e := &evaluation{req: req, who: newCaller(req.Principal, &req.Context)}
	service, name, _ := strings.Cut(req.Action, ":")
	e.service, e.name = fold(service), fold(name)
	e.account = req.Account
	if e.account == "" {
		arn, _ := arnParts(req.Resource)
		e.account = arn[4]
	}
	if e.account == "" {
		e.account = e.who.account
	}
	e.found = e.buf[:0]
	return e
}

func (e *evaluation) leftOpen(because string) { e.open = append(e.open, because) }

// lookup gives the values of a condition key, and whether the request has it.
// A key that is not known is noted.
func (e *evaluation) lookup(key contextKey) ([]string, truth) {
	c := &e.req.Context
	if v, ok := c.values[key.folded]; ok {
		return v, truthOf(len(v) > 0)
	}
	known := maybe
	if !c.unknown[key.folded] {
		var v string
		if v, known = e.derived(key.folded); known == yes {
			return []string{v}, yes
		}
	}
	if known == maybe || c.unknownByPrefix(key.folded) {
		e.missing = append(e.missing, key.written)
		return nil, maybe
	}
	return nil, no
}

// derived gives the keys that follow from the request itself.
func (e *evaluation) derived(key string) (string, truth) {
	if !strings.HasPrefix(key, "aws:") {
		return "", no
	}
	who := &e.who
	switch key {
	case "aws:principalarn":
		return who.principalArn(), truthOf(who.hasIdentity())
	case "aws:principalaccount":
		return who.account, truthOf(who.hasIdentity())
	case "aws:principaltype":
		return kindName(who.kind), truthOf(kindName(who.kind) != "")
	case "aws:username":
		return who.name, truthOf(who.kind == user)
	case "aws:userid":
		return "", maybe.and(truthOf(who.hasIdentity()))
	case "aws:principalisawsservice":
		if who.kind == servicePrincipal {
			return "true", yes
		}
		return "false", truthOf(who.kind != anonymous)
	case "aws:principalservicename":
		return who.arn, truthOf(who.kind == servicePrincipal)
	case "aws:resourceaccount":
		return e.account, truthOf(e.account != "")
	}
	return "", no
}

func kindName(k principalKind) string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// run finds the statements of one layer that cover the request, or may.
func (e *evaluation) run(layer Layer, policies []Policy) (allow, deny truth) {
	for i := range policies {
		p := &policies[i]
		for j := range p.statements {
			f := e.try(layer, &p.statements[j])
			if f.allow == no && f.deny == no {
				continue
			}
			f.policy = p
			allow, deny = allow.or(f.allow), deny.or(f.deny)
			e.found = append(e.found, f)
		}
	}
	return allow, deny
}

// try holds the request against one statement.
func (e *evaluation) try(layer Layer, s *statement) finding {
	e.missing, e.open = nil, nil
	f := finding{layer: layer, stmt: s}
	t := e.covers(layer, s, &f.names)
	if t == no {
		return f
	}
	if s.openEffect != "" {
		t = maybe
		e.leftOpen(s.openEffect)
	}
	if s.wholly != "" {
		e.leftOpen(s.wholly)
	}
	for i := range f.names {
		f.names[i] = f.names[i].and(t)
	}
	if either := s.openEffect != "" || (s.wholly != "" && !s.deny); either || s.deny {
		f.deny = t
		if either {
			f.allow = t
		}
	} else {
		f.allow = t
	}
	if t == maybe {
		f.missing, f.open = e.missing, e.open
	}
	return f
}

// covers is the conjunction of a statement's elements, cheapest first.
func (e *evaluation) covers(layer Layer, s *statement, names *named) truth {
	if s.wholly != "" {
		names[direct] = maybe
		return maybe
	}
	t := negate(s.actions.match(e), s.notAction)
	if t == no {
		return no
	}
	if t = t.and(e.coversResource(layer, s)); t == no {
		return no
	}
	if t = t.and(e.coversPrincipal(layer, s, names)); t == no {
		return no
	}
	for i := range s.conditions {
		if t = t.and(s.conditions[i].match(e)); t == no {
			return no
		}
	}
	if len(s.open) > 0 {
		e.open = append(e.open, s.open...)
		return maybe
	}
	return t
}

func negate(t truth, negated bool) truth {
	if negated {
		return t.not()
	}
	return t
}

// coversResource: only the policy of a resource may leave Resource out, as
// role trust policies do. NotResource with a variable that has no value covers
// nothing, as Resource does.
func (e *evaluation) coversResource(layer Layer, s *statement) truth {
	if s.resources == nil {
		return truthOf(layer == ResourceBased)
	}
	t, void := matchAny(s.resources, e.req.Resource, e)
	if s.notRes {
		return t.not().and(truthOf(!void))
	}
	return t
}

// coversPrincipal: a Deny with NotPrincipal denies every caller that has a
// permissions boundary, whomever it names:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) coversPrincipal(layer Layer, s *statement, names *named) truth {
	if s.principals == nil {
		names[direct] = yes
		return truthOf(!layer.namesPrincipals())
	}
	n := s.principals.match(e)
	if !s.notPrinc {
		*names = n
		return n.any()
	}
	names[direct] = n.any().not()
	if s.deny && e.bounded {
		return yes
	}
	return names[direct]
}
