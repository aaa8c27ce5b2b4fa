package path

import (
	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// RolePolicies are what a role's identity policies and its boundary say, the
// boundary nil where the role has none. An inline policy is called after its
// role: PingRole/Read. A policy that is not known, and each part of the role
// that the template leaves open, is a policy that may allow or deny anything.
func RolePolicies(r cloud.Role) (identity, boundary []iam.Policy) {
	identity = knownPolicies(r)
	for _, arn := range r.Managed {
		if _, ok := iam.Managed(arn); !ok {
			identity = append(identity, openPolicy(arn, "what the managed policy "+arn+" says", r.At))
		}
	}
	for _, gap := range r.Open {
		identity = append(identity, openPolicy(r.RoleName, gap.Because, gap.At))
	}
	return identity, boundaryOf(r)
}

// knownPolicies are those of a role's identity policies that can be read.
func knownPolicies(r cloud.Role) []iam.Policy {
	out := []iam.Policy{}
	for _, p := range r.Policies {
		out = append(out, parsed(p, r.RoleName))
	}
	for _, arn := range r.Managed {
		if p, ok := iam.Managed(arn); ok {
			out = append(out, p)
		}
	}
	return out
}

// boundaryOf is a policy of the template, or one of AWS's by its ARN alone.
func boundaryOf(r cloud.Role) []iam.Policy {
	if r.Boundary == nil {
		return nil
	}
	if known, ok := iam.Managed(r.Boundary.Name); ok && r.Boundary.Doc.Kind != source.Map {
		return []iam.Policy{known}
	}
	return []iam.Policy{parsed(*r.Boundary, r.RoleName)}
}

// parsed reads a policy. Mistakes in it are the front end's to report.
func parsed(p cloud.Policy, owner string) iam.Policy {
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

// openPolicy stands for one of which nothing is known.
func openPolicy(name, because string, at source.Span) iam.Policy {
	p, _ := iam.Parse(source.Node{Kind: source.Unknown, Text: because, At: at})
	return p.Named(name)
}

// unstated are condition keys whose values no template states: tags, which the
// model does not have, the organization that the account may be in, the time,
// and what the client says of itself.
var unstated = []string{
	"aws:PrincipalTag/*", "aws:ResourceTag/*", "lambda:ResourceTag/*", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID",
	"aws:ResourceOrgPaths", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:CurrentTime", "aws:EpochTime",
	"aws:TokenIssueTime", "aws:UserAgent", "aws:Referer", "aws:userid", "aws:SourceIdentity",
}

// keysOf are the condition keys that every request in the model's region has.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func keysOf(m *cloud.Model) iam.Context {
	return iam.NewContext(map[string][]string{
		"aws:SecureTransport": {"true"}, "aws:RequestedRegion": {m.Region()}, "aws:ViaAWSService": {"false"},
	}).WithUnknown(unstated...)
}

// through adds what a request has for where the network let it out: behind an
// endpoint its VPC and private address, else some public address.
func through(m *cloud.Model, keys iam.Context, d Delivery) (iam.Context, []iam.Policy) {
	e, ok := m.Endpoint(d.Endpoint)
	if !ok {
		return keys.WithUnknown("aws:SourceIp"), nil
	}
	keys = keys.With("aws:SourceVpce", string(e.ID)).With("aws:SourceVpc", string(e.VPC)).With("aws:VpcSourceIp", d.Src.String())
	if e.Policy == nil {
		return keys, nil
	}
	return keys, []iam.Policy{parsed(*e.Policy, e.Name)}
}

// gapsOf turns an undecided decision into the facts that it lacks.
func gapsOf(d iam.Decision, at source.Span) []cloud.Gap {
	var out []cloud.Gap
	for _, key := range d.Missing {
		out = append(out, cloud.Gap{Because: "a policy depends on " + key + ", which nothing here states", At: at})
	}
	for _, open := range d.Open {
		out = append(out, cloud.Gap{Because: open, At: at})
	}
	if len(out) == 0 {
		out = append(out, cloud.Gap{Because: d.Explain(), At: at})
	}
	return out
}
