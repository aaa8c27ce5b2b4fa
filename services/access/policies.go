package access

import (
	"slices"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// policies are a model's, compiled once.
type policies struct {
	model     *cloud.Model
	roles     map[string]rolePolicies
	endpoints map[cloud.EndpointID][]iam.Policy // nil entries: full access
}

type rolePolicies struct {
	identity []iam.Policy
	boundary []iam.Policy // nil: none
}

// current gives the present model's policies; the next model is compiled when
// the first call after it comes.
func (a *Access) current() *policies {
	m := a.cfg.Model()
	if p := a.compiled.Load(); p != nil && p.model == m {
		return p
	}
	p := &policies{model: m, roles: map[string]rolePolicies{}, endpoints: map[cloud.EndpointID][]iam.Policy{}}
	for r := range m.Roles() {
		p.roles[r.ARN.String()] = compileRole(r)
	}
	for e := range m.Endpoints() {
		if e.Policy != nil {
			p.endpoints[e.ID] = []iam.Policy{compile(*e.Policy, string(e.ID))}
		}
	}
	a.compiled.Store(p)
	return p
}

func compileRole(r cloud.Role) rolePolicies {
	out := rolePolicies{identity: []iam.Policy{}}
	for _, p := range r.Policies {
		out.identity = append(out.identity, compile(p, r.RoleName))
	}
	for _, arn := range r.Managed {
		out.identity = append(out.identity, managed(arn, r.At))
	}
	for _, gap := range r.Open {
		out.identity = append(out.identity, unknown(r.RoleName, gap.Because, gap.At))
	}
	if r.Boundary != nil {
		out.boundary = []iam.Policy{boundary(*r.Boundary, r)}
	}
	return out
}

// compile reads a policy; an inline one is called after its owner: PingRole/Read.
// Mistakes in it are the front end's to report; what they leave open is refused.
func compile(p cloud.Policy, owner string) iam.Policy {
	name := p.Name
	if _, err := cloud.ParseARN(name); err != nil {
		name = owner
		if p.Name != "" {
			name += "/" + p.Name
		}
	}
	out, _ := iam.Parse(p.Doc)
	return out.Named(name)
}

// boundary is a policy of the template, or one of AWS's by its ARN alone.
func boundary(p cloud.Policy, r cloud.Role) iam.Policy {
	if known, ok := iam.Managed(p.Name); ok && p.Doc.Kind != source.Map {
		return known
	}
	return compile(p, r.RoleName)
}

// managed gives one of AWS's own policies. One that is not known here might
// allow or deny anything.
func managed(arn string, at source.Span) iam.Policy {
	if p, ok := iam.Managed(arn); ok {
		return p
	}
	return unknown(arn, "what the managed policy "+arn+" says", at)
}

func unknown(name, because string, at source.Span) iam.Policy {
	p, _ := iam.Parse(source.Node{Kind: source.Unknown, Text: because, At: at})
	return p.Named(name)
}

// of gives the policies that apply to a caller's request.
func (p *policies) of(s session, known bool) (identity, bound []iam.Policy) {
	if !known {
		return nil, nil
	}
	role, ok := p.roles[s.role]
	if !ok {
		return []iam.Policy{unknown(s.role, "what the role "+s.role+" may: it is not in the template", source.Span{})}, nil
	}
	return slices.Clip(role.identity), role.boundary
}
