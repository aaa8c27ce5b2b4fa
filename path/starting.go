package path

import (
	"fmt"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// toStart are the actions that Lambda needs of a function's role before the
// function in a VPC becomes active, each with the ARNs that it is asked for.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
func toStart(m *cloud.Model, f cloud.Function) []iam.Request {
	ec2 := func(resource string) string {
		return cloud.ARN{Partition: f.ARN.Partition, Service: "ec2", Region: m.Region(), Account: m.Account(), Resource: resource}.String()
	}
	made := []string{ec2("network-interface/eni-0123456789abcdef0")}
	for _, e := range m.ENIsOf(f.Name) {
		made = append(made, ec2("subnet/"+string(e.Subnet)))
		for _, g := range e.Groups {
			made = append(made, ec2("security-group/"+string(g)))
		}
	}
	var out []iam.Request
	for _, resource := range made {
		out = append(out, iam.Request{Action: "ec2:CreateNetworkInterface", Resource: resource})
	}
	return append(out, iam.Request{Action: "ec2:DescribeNetworkInterfaces", Resource: "*"},
		iam.Request{Action: "ec2:DeleteNetworkInterface", Resource: made[0]})
}

// startOf is the key under which a model keeps what starting says of a function.
type startOf string

// starting says why a function in a VPC never becomes active.
func starting(m *cloud.Model, f cloud.Function) ([]Reason, []cloud.Gap) {
	if f.Network == nil || f.Capacity.Or("?") != "" {
		return nil, nil
	}
	type start struct {
		reasons []Reason
		gaps    []cloud.Gap
	}
	s := cloud.Once(m, startOf(f.Name), func() start {
		reasons, gaps := mayStart(m, f)
		return start{append(reasons, crowded(m, f)...), gaps}
	})
	return s.reasons, s.gaps
}

// crowded says that the functions of a VPC need more interfaces than the
// account may have there. Which of them come too late nothing decides; the
// deployment fails for all.
func crowded(m *cloud.Model, f cloud.Function) []Reason {
	for _, e := range m.ENIsOf(f.Name) {
		if n, quota := m.FunctionInterfaces(e.VPC), m.InterfaceQuota(); n > quota {
			v, _ := m.VPC(e.VPC)
			return []Reason{{InterfaceQuota, v.Name, fmt.Sprintf("functions in %s need %d network interfaces, one for each pair of subnet and set of groups, and the quota is %d: the deployment fails", v.Name, n, quota), Forward, f.Network.At}}
		}
	}
	return nil
}

// mayStart asks whether its role may make the interfaces that a function needs.
// A role that nothing here describes is there already, and others use it, so it
// is taken to be able to.
// Lambda makes these calls itself, so they carry no lambda:SourceFunctionArn: a
// role may deny them to its code.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
func mayStart(m *cloud.Model, f cloud.Function) ([]Reason, []cloud.Gap) {
	arn, _ := f.Role.Get()
	role, described := m.Role(arn)
	if !described {
		return nil, nil
	}
	keys := keysOf(m).WithUnknown("ec2:*")
	for _, req := range toStart(m, f) {
		req.Principal, req.Account = role.ARN.String(), m.Account()
		req.Context = keys.With("aws:PrincipalArn", role.ARN.String())
		// A policy that cannot be read might deny; a deployment that it breaks
		// says so at once, so it is not feared here.
		if iam.Decide(req, iam.Policies{Identity: knownPolicies(role), Boundary: boundaryOf(role)}).Effect == iam.Allow {
			continue
		}
		var p iam.Policies
		p.Identity, p.Boundary = RolePolicies(role)
		d := iam.Decide(req, p)
		if d.Effect == iam.Unknown {
			return nil, gapsOf(d, role.At)
		}
		return []Reason{{RoleCannotCreateENI, role.Name, f.Name + " never starts: " + d.Explain(), Forward, blamed(d, role)}}, nil
	}
	return nil, nil
}

// blamed is what a person edits: the statement that denies, the boundary that
// allows too little, or else the role.
func blamed(d iam.Decision, role cloud.Role) source.Span {
	if d.Layer == iam.Boundary && role.Boundary != nil && !role.Boundary.At.IsZero() {
		return deniedAt(d, role.Boundary.At)
	}
	return deniedAt(d, role.At)
}

// deniedAt is the statement that denies, or else the given place.
func deniedAt(d iam.Decision, at source.Span) source.Span {
	if d.Effect == iam.ExplicitDeny && len(d.Statements) > 0 && !d.Statements[0].At.IsZero() {
		return d.Statements[0].At
	}
	return at
}

// hinder gives every walk the reasons why its source is not there to dial.
func hinder(walks []part, reasons []Reason, gaps []cloud.Gap) {
	for i := range walks {
		p := &walks[i]
		var hops []Hop
		for _, r := range reasons {
			hops = append(hops, Hop{r.Component, "role", "egress", "deny", r.Detail})
			p.Verdict = Blocked
		}
		if len(gaps) > 0 && p.Verdict == Reachable {
			p.Verdict = Unknown
		}
		p.res.Blockers = append(append([]Reason(nil), reasons...), p.res.Blockers...)
		p.res.Missing = append(append([]cloud.Gap(nil), gaps...), p.res.Missing...)
		p.before = append(hops, p.before...)
	}
}
