package iam

import (
	"slices"

	"bailey/source"
)

// An Effect is the outcome of a decision. Its zero value is Unknown.
type Effect uint8

const (
	Unknown      Effect = iota // a fact is missing; Decision.Missing and Open name it
	ImplicitDeny               // nothing allows it
	ExplicitDeny               // a Deny statement covers it
	Allow
)

// String gives the effect in AWS's own spelling.
func (e Effect) String() string {
	return [...]string{"unknown", "implicitDeny", "explicitDeny", "allow"}[e]
}

// A Layer is a kind of policy, in the order in which AWS's page lists them.
type Layer uint8

const (
	NoLayer Layer = iota
	RCP
	SCP
	Endpoint
	ResourceBased
	IdentityBased
	Boundary
	Session
)

// String names the layer as AWS's error messages do.
func (l Layer) String() string {
	return [...]string{"policy", "resource control policy", "service control policy", "VPC endpoint policy",
		"resource-based policy", "identity-based policy", "permissions boundary", "session policy"}[l]
}

// namesPrincipals reports whether statements of the layer have a Principal.
func (l Layer) namesPrincipals() bool { return l == RCP || l == Endpoint || l == ResourceBased }

// Policies are all the policies that apply to a request. Where it matters, nil
// means that there is no such policy and empty that there is one which says
// nothing.
type Policies struct {
	Identity []Policy // of the user and its groups, or of the role
	Boundary []Policy // nil: no permissions boundary is set
	Session  []Policy // nil: none was passed when the session was made
	Resource []Policy // the resource's own, a role's trust policy, a key policy; nil: none
	Endpoint []Policy // nil: the request does not come through a VPC endpoint
	// SCP has one list for each level from the root down to the principal's
	// account; each must allow. nil: none applies, as in the management account.
	SCP [][]Policy
	// RCP are all that apply to the resource. Allowing is not theirs:
	// RCPFullAWSAccess is attached to every level and cannot be taken off.
	RCP []Policy
}

// A StatementRef points at a statement that decided.
type StatementRef struct {
	Layer  Layer
	Policy string // its name, see Policy.Named
	Sid    string // may be empty
	Index  int    // from 0
	At     source.Span
}

// A Decision is the answer to one request. The zero Decision is Unknown.
type Decision struct {
	Effect     Effect
	Layer      Layer          // what blocked it; NoLayer unless it is a deny
	Statements []StatementRef // that deny; that allow; or, if unknown, that might do either
	Missing    []string       // condition keys that would have to be known
	Open       []string       // what the template leaves open

	principal, action, resource string
	grantee                     string // who a statement would have to name
}

// Decide says whether the request is allowed by the policies together.
func Decide(req Request, p Policies) Decision {
	e := newEvaluation(&req)
	v := e.collect(p)
	d := Decision{principal: req.Principal, action: req.Action, resource: req.Resource, grantee: e.who.principalArn()}
	switch layer := v.denied(yes); {
	case layer != NoLayer:
		d.Effect, d.Layer = ExplicitDeny, layer
		d.Statements = e.refs(func(f *finding) bool { return f.deny == yes })
		return d
	}
	allowed, layer := v.allowed(e)
	switch {
	case allowed == no:
		d.Effect, d.Layer = ImplicitDeny, layer
	case allowed == maybe || v.denied(maybe) != NoLayer:
		d.listUnknown(e, v, allowed)
	default:
		d.Effect = Allow
		d.Statements = e.refs(func(f *finding) bool { return f.allow == yes })
	}
	return d
}

// verdicts are the layers' own answers.
type verdicts struct {
	allow, deny [Session + 1]truth
	names       named // how the resource policy's Allow statements name the caller
	strict      bool  // the resource's own policy must allow
}

// collect asks every layer. What does not apply allows.
func (e *evaluation) collect(p Policies) *verdicts {
	v := &verdicts{strict: e.strict()}
	e.bounded = p.Boundary != nil
	ask := func(l Layer, policies []Policy, applies bool) {
		v.allow[l] = yes
		if applies {
			v.allow[l], v.deny[l] = e.run(l, policies)
		}
	}
	ask(RCP, p.RCP, !e.who.serviceLinked())
	v.allow[RCP] = yes
	v.allow[SCP] = yes
	if e.who.hasIdentity() && !e.who.serviceLinked() {
		for _, level := range p.SCP {
			allow, deny := e.run(SCP, level)
			v.allow[SCP], v.deny[SCP] = v.allow[SCP].and(allow), v.deny[SCP].or(deny)
		}
	}
	ask(Endpoint, p.Endpoint, p.Endpoint != nil)
	ask(ResourceBased, p.Resource, true)
	for i := range e.found {
		if f := &e.found[i]; f.layer == ResourceBased && f.allow != no {
			for k := range f.names {
				v.names[k] = v.names[k].or(f.names[k])
			}
		}
	}
	ask(IdentityBased, p.Identity, e.who.kind != rootUser)
	ask(Boundary, p.Boundary, p.Boundary != nil)
	ask(Session, p.Session, p.Session != nil)
	return v
}

// strict: key policies and role trust policies must allow even in their own
// account:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (e *evaluation) strict() bool {
	arn, ok := arnParts(e.req.Resource)
	if !ok {
		return false
	}
	switch e.service {
	case "kms":
		return arn[2] == "kms" && len(arn[5]) > 4 && arn[5][:4] == "key/"
	case "sts":
		return arn[2] == "iam" && len(arn[5]) > 5 && arn[5][:5] == "role/"
	}
	return false
}

// denied gives the first layer whose deny is at least that sure.
func (v *verdicts) denied(sure truth) Layer {
	for l := range v.deny {
		if v.deny[l] >= sure {
			return Layer(l)
		}
	}
	return NoLayer
}

// allowed combines the layers, and names the first that does not allow.
func (v *verdicts) allowed(e *evaluation) (truth, Layer) {
	t := yes
	for _, l := range [...]Layer{RCP, SCP, Endpoint} {
		if t = t.and(v.allow[l]); t == no {
			return no, l
		}
	}
	core, layer := v.core(e)
	return t.and(core), layer
}

// core combines the policies of principal and resource.
func (v *verdicts) core(e *evaluation) (truth, Layer) {
	limits := v.allow[Boundary].and(v.allow[Session])
	identity := v.allow[IdentityBased].and(limits)
	switch {
	case !e.who.hasIdentity():
		return v.names.any(), ResourceBased
	case e.who.account != e.account:
		if identity == no {
			return no, v.blocking(IdentityBased, Boundary, Session)
		}
		return identity.and(v.names.any()), ResourceBased
	}
	granted := v.names[direct].or(v.names[byRole].and(limits))
	if !v.strict {
		granted = granted.or(identity)
	}
	return granted.or(v.names[byAccount].and(identity)), v.blockingInAccount()
}

// blockingInAccount names the layer to blame in the principal's own account. A
// resource policy that grants to the role leaves only the limits to blame.
func (v *verdicts) blockingInAccount() Layer {
	switch {
	case v.strict && v.names.any() == no:
		return ResourceBased
	case v.names[byRole] == yes:
		return v.blocking(Boundary, Session)
	}
	return v.blocking(IdentityBased, Boundary, Session)
}

// blocking names the first of the layers that lacks an Allow.
func (v *verdicts) blocking(layers ...Layer) Layer {
	for _, l := range layers {
		if v.allow[l] == no {
			return l
		}
	}
	return NoLayer
}

// refs points at the findings that keep chooses.
func (e *evaluation) refs(keep func(*finding) bool) []StatementRef {
	refs := make([]StatementRef, 0, len(e.found))
	for i := range e.found {
		if f := &e.found[i]; keep(f) {
			refs = append(refs, StatementRef{f.layer, f.policy.name, f.stmt.sid, f.stmt.index, f.stmt.at})
		}
	}
	return refs
}

// listUnknown names what would have to be known: the facts that statements
// wait for which could still change the answer.
func (d *Decision) listUnknown(e *evaluation, v *verdicts, allowed truth) {
	matters := func(f *finding) bool {
		perLayer := f.layer == SCP || f.layer == ResourceBased || v.allow[f.layer] == maybe
		return f.deny == maybe || f.allow == maybe && allowed == maybe && perLayer
	}
	d.Statements = e.refs(matters)
	for i := range e.found {
		if f := &e.found[i]; matters(f) {
			d.Missing = append(d.Missing, f.missing...)
			d.Open = append(d.Open, f.open...)
		}
	}
	slices.Sort(d.Missing)
	slices.Sort(d.Open)
	d.Missing, d.Open = slices.Compact(d.Missing), slices.Compact(d.Open)
}
