package access

import (
	"fmt"
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
	resources map[string][]iam.Policy           // of keys and event buses, by ARN
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
	p := &policies{model: m, roles: map[string]rolePolicies{}, endpoints: map[cloud.EndpointID][]iam.Policy{}, resources: map[string][]iam.Policy{}}
	for r := range m.Roles() {
		p.roles[r.ARN.String()] = compileRole(r)
	}
	for e := range m.Endpoints() {
		if e.Policy != nil {
			p.endpoints[e.ID] = []iam.Policy{compile(*e.Policy, string(e.ID))}
		}
	}
	for k := range m.Keys() {
		p.resources[k.ARN.String()] = []iam.Policy{ownPolicy(k)}
	}
	for b := range m.EventBuses() {
		if b.Policy != nil {
			p.resources[b.ARN.String()] = []iam.Policy{compile(*b.Policy, b.BusName)}
		}
	}
	a.compiled.Store(p)
	return p
}

// ownPolicy is a key's policy: where none is stated, the one by which the
// account's identity policies decide.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func ownPolicy(k cloud.Key) iam.Policy {
	if k.Policy != nil {
		return compile(*k.Policy, k.KeyID)
	}
	p, diags := iam.ParseJSON("the default key policy", fmt.Appendf(nil,
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:root"}, "Action": "kms:*", "Resource": "*"}]}`, k.ARN.Account))
	if err := diags.Err(); err != nil {
		panic("access: " + err.Error())
	}
	return p.Named(k.KeyID)
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
