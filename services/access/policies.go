package access

import (
	"slices"

	"bailey/cloud"
	"bailey/iam"
	"bailey/path"
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
	identity, boundary := path.RolePolicies(r)
	return rolePolicies{identity, boundary}
}

// compile reads a policy; one without a name of its own is called after its
// owner.
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
