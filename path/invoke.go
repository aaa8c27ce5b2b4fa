package path

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// Invoking is a way of its own. It needs the Lambda API within reach of
// whoever calls, and the permission; the invocation itself then arrives over
// Lambda's own event path, whatever VPC the function is in.
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
//
//	function, instance -- network --> lambda.REGION:443 --+
//	role, account ----------------------------------------+-- IAM --> function
//	service, for a rule, bucket, topic ... ---------------+
//	API -- integration, SourceArn ------------------------+
//	internet --> function URL, API -----------------------+

// An asked function is what an invocation is of: by any of its ARNs, or by the
// one that the question names.
type asked struct {
	f       cloud.Function
	targets []cloud.ARN
}

// invoked reads a destination that is a function, a version or an alias.
func invoked(m *cloud.Model, to string) (asked, bool) {
	if f, ok := functionNamed(m, to); ok {
		return asked{f, m.TargetsOf(f)}, true
	}
	one := func(of cloud.Value[cloud.ARN], qualifier string) (asked, bool) {
		arn, _ := of.Get()
		f, ok := m.FunctionAt(arn)
		return asked{f, []cloud.ARN{f.ARN.Qualified(qualifier)}}, ok
	}
	for a := range m.Aliases() {
		if arn, _ := a.Function.Get(); to == a.Name || to == arn.Qualified(a.AliasName).String() {
			return one(a.Function, a.AliasName)
		}
	}
	for v := range m.Versions() {
		if arn, _ := v.Function.Get(); to == v.Name || to == arn.Qualified(v.Number).String() {
			return one(v.Function, v.Number)
		}
	}
	return asked{}, false
}

// whyInvoke answers whether From may and can invoke a function.
func (q Question) whyInvoke(m *cloud.Model, a asked) (Report, error) {
	r := Report{From: q.From, To: q.To, Invokes: a.f.Name, Protocol: q.Protocol, Port: 443}
	walks, err := q.invocations(m, a, &r)
	if err != nil {
		return Report{}, err
	}
	reasons, gaps := starting(m, a.f)
	if a.f.Reserved != nil && *a.f.Reserved == 0 {
		reasons = append(reasons, Reason{NoConcurrency, a.f.Name, a.f.Name + " has a reserved concurrency of 0, so each invocation is throttled", Forward, a.f.At})
	}
	hinder(walks, reasons, gaps)
	r.sum(m, walks)
	r.doubted(m, q, false, a.f.Name)
	return r, nil
}

// invocations are the ways in which From can ask for the function.
func (q Question) invocations(m *cloud.Model, a asked, r *Report) ([]part, error) {
	if q.From == "internet" {
		return q.fromPublic(m, a)
	}
	if api, ok := apiNamed(m, q.From); ok {
		return integrated(m, api, a), nil
	}
	c, ok := callerOf(m, q.From)
	if !ok {
		return nil, unknownName(m, q.From)
	}
	if !c.dials {
		return []part{c.ask(m, a, part{res: Result{Verdict: Reachable}, Part: Part{Verdict: Reachable}})}, nil
	}
	svc, _ := cloud.ServiceByName("lambda")
	to := target{label: q.To, host: svc.HostIn(m.Region()), port: 443}
	r.Host = to.host
	from, gaps, err := q.origins(m)
	r.Missing = gaps
	var out []part
	for _, o := range from {
		for _, p := range q.walkFrom(nil, m, o, to, to.port) {
			out = append(out, c.ask(m, a, p))
		}
	}
	if f, ok := functionNamed(m, q.From); ok {
		reasons, gaps := starting(m, f)
		hinder(out, reasons, gaps)
	}
	return out, err
}

// ask adds to a walk what IAM says of the call that it carries. Of several
// names of the function the one that is allowed counts.
func (c caller) ask(m *cloud.Model, a asked, p part) part {
	if len(c.gaps) > 0 {
		return p.lack(c.gaps)
	}
	keys, endpoint := keysOf(m), []iam.Policy(nil)
	if c.dials {
		keys, endpoint = through(m, keys, p.res.Delivery)
	}
	for k, v := range c.keys {
		keys = keys.With(k, v)
	}
	var best iam.Decision
	var by cloud.ARN
	for i, t := range a.targets {
		d := c.decide(m, "lambda:InvokeFunction", t, keys, endpoint)
		if i == 0 || d.Effect == iam.Allow && best.Effect != iam.Allow || d.Effect == iam.Unknown && best.Effect != iam.Allow {
			best, by = d, t
		}
	}
	if g := m.DoubtOfTarget(by); g != nil && best.Effect == iam.Allow {
		p = p.lack([]cloud.Gap{*g})
	}
	return p.decided(best, c.refusal(m, a, best), a.f.At)
}

// decide asks IAM. A service that is named without a resource stands for any
// resource of the account that some permission admits.
func (c caller) decide(m *cloud.Model, action string, t cloud.ARN, keys iam.Context, endpoint []iam.Policy) iam.Decision {
	p := iam.Policies{Identity: c.identity, Boundary: c.boundary, Resource: permissionsOn(m, t), Endpoint: endpoint}
	req := iam.Request{Principal: c.principal, Action: action, Resource: t.String(), Account: t.Account, Context: keys}
	if !c.bare {
		return iam.Decide(req, p)
	}
	var d iam.Decision
	for i, arn := range append(sourcesOf(m, c.principal, t), "") {
		req.Context = keys.With("aws:SourceAccount", m.Account())
		if arn != "" {
			req.Context = req.Context.With("aws:SourceArn", arn)
		}
		if found := iam.Decide(req, p); i == 0 || found.Effect == iam.Allow {
			d = found
		}
	}
	return d
}

// sourcesOf are the resources that permissions for a service speak of: the
// pattern stands for something that it matches.
func sourcesOf(m *cloud.Model, service string, t cloud.ARN) []string {
	var out []string
	for _, p := range m.PermissionsOf(t) {
		if s, _ := p.SourceARN.Get(); s != "" && p.Principal.Or("") == service {
			out = append(out, strings.NewReplacer("*", "x", "?", "x").Replace(s))
		}
	}
	return out
}

// refusal is the blocker that a denial makes: the caller's own policies, or
// the function's permissions where the caller is a service, which has none.
func (c caller) refusal(m *cloud.Model, a asked, d iam.Decision) Reason {
	if c.principal == "" {
		return Reason{InvokeDenied, c.at.Name, c.at.Name + " has no role, so its calls carry no credentials", Forward, c.at.At}
	}
	if d.Layer == iam.ResourceBased && d.Effect == iam.ImplicitDeny {
		return missingPermission(m, a, c.principal, c.keys["aws:SourceArn"])
	}
	detail := d.Explain()
	if d.Needed() != "" {
		detail += ". " + d.Needed()
	}
	at := c.at
	if at.Name == "" {
		at = a.f.Meta
	}
	return Reason{InvokeDenied, at.Name, detail, Forward, deniedAt(d, at.At)}
}

// missingPermission says that nothing lets a service invoke, and what it is
// let do instead.
func missingPermission(m *cloud.Model, a asked, principal, acting string) Reason {
	who := principal
	if acting != "" {
		who += " for " + acting
	}
	r := Reason{PermissionMissing, a.f.Name, fmt.Sprintf("no Lambda permission lets %s invoke %s", who, a.f.Name), Forward, a.f.At}
	for p := range m.Permissions() {
		arn, _ := p.Function.Get()
		if own, _ := arn.Unqualified(); own == a.f.ARN && p.Principal.Or("") == principal {
			r.Detail += fmt.Sprintf("; %s is for %s from %s", p.Name, arn, p.SourceARN.Or("?"))
			r.Component, r.At = p.Name, p.At
			break
		}
	}
	return r
}

// decided joins a decision to a walk.
func (p part) decided(d iam.Decision, refused Reason, at source.Span) part {
	hop := Hop{"IAM", "iam", "ingress", "allow", d.Explain()}
	switch d.Effect {
	case iam.Allow:
		p.res.Hops = append(slices.Clone(p.res.Hops), hop)
		return p
	case iam.Unknown:
		return p.lack(gapsOf(d, at))
	}
	p.Verdict = Blocked
	p.res.Blockers = append(slices.Clone(p.res.Blockers), refused)
	p.res.Hops = append(slices.Clone(p.res.Hops), Hop{refused.Component, "iam", "ingress", "deny", refused.Detail})
	return p
}

// lack notes facts without which a walk is not decided.
func (p part) lack(gaps []cloud.Gap) part {
	if p.Verdict == Reachable {
		p.Verdict = Unknown
	}
	p.res.Missing = append(slices.Clone(p.res.Missing), gaps...)
	p.res.Hops = append(slices.Clone(p.res.Hops), Hop{"IAM", "iam", "ingress", "unknown", gaps[0].Because})
	return p
}
