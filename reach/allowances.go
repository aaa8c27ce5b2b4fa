package reach

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/source"
)

// vpcAccess is AWS's policy for functions in a VPC.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
const vpcAccess = "iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"

// allowances are the first changes for those blockers that no other way out goes
// around: what a role or a permission does not allow.
func (p *proposal) allowances() []change {
	var out []change
	for _, b := range p.r.Blockers {
		if b.Code != path.RoleCannotCreateENI && b.Code != path.InvokeDenied && b.Code != path.InterfaceQuota && b.Code != path.NoConcurrency {
			continue
		}
		if found := p.forBlocker(b); len(found) > 0 {
			out = append(out, found[0])
		}
	}
	return out
}

// startable proposes to let a role make network interfaces.
func (p *proposal) startable(b path.Reason) []change {
	arn := "arn:" + cloud.Partition(p.m.Region()) + ":" + vpcAccess
	return []change{{
		Fix: Fix{Summary: "attach AWSLambdaVPCAccessExecutionRole to " + b.Component, opens: 1,
			Patch: fmt.Sprintf("  # %s: ManagedPolicyArns: add %s\n", b.Component, arn)},
		apply: func(s *cloud.Spec) {
			editRole(s, b.Component, func(r *cloud.Role) { r.Managed = append(slices.Clip(r.Managed), arn) })
		},
	}}
}

func editRole(s *cloud.Spec, name string, edit func(*cloud.Role)) {
	for i := range s.Roles {
		if s.Roles[i].Name == name {
			edit(&s.Roles[i])
		}
	}
}

// invokable proposes to let a role invoke the function of the question.
func (p *proposal) invokable(b path.Reason) []change {
	f, ok := p.m.Function(p.r.Invokes)
	i := slices.IndexFunc(slices.Collect(p.m.Roles()), func(r cloud.Role) bool { return r.Name == b.Component })
	if !ok || i < 0 {
		return nil
	}
	name := p.fresh(logical("Invoke", f.Name))
	policy := cloud.Policy{Name: name, Doc: allowing("lambda:InvokeFunction", f.ARN.String())}
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("let %s invoke %s", b.Component, f.Name), opens: 1,
			Patch: yaml(name, "AWS::IAM::Policy", "PolicyName: "+name, "Roles: [!Ref "+b.Component+"]", "PolicyDocument:",
				`  Version: "2012-10-17"`, "  Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt "+f.Name+".Arn}]")},
		apply: func(s *cloud.Spec) {
			editRole(s, b.Component, func(r *cloud.Role) { r.Policies = append(slices.Clip(r.Policies), policy) })
		},
	}}
}

// allowing is a policy of one statement.
func allowing(action, resource string) source.Node {
	text := func(s string) source.Node { return source.Node{Kind: source.String, Text: s} }
	statement := source.Node{Kind: source.Map, Entries: []source.Entry{
		{Key: "Effect", Value: text("Allow")}, {Key: "Action", Value: text(action)}, {Key: "Resource", Value: text(resource)}}}
	return source.Node{Kind: source.Map, Entries: []source.Entry{{Key: "Version", Value: text("2012-10-17")}, {Key: "Statement", Value: statement}}}
}

// permitted proposes a Lambda permission for the service that asks, on the
// function or on the alias or version that it asks for: proof tells which.
func (p *proposal) permitted() []change {
	f, ok := p.m.Function(p.r.Invokes)
	service, source, acts := path.Acting(p.m, p.q.From)
	if !ok || !acts {
		return nil
	}
	var out []change
	for _, target := range p.m.TargetsOf(f) {
		name := p.fresh(logical(p.q.From, "Invokes", f.Name))
		permission := cloud.Permission{Meta: cloud.Meta{Name: name, Type: "AWS::Lambda::Permission"}, Function: cloud.Known(target),
			Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known(service), SourceARN: cloud.Known(source)}
		out = append(out, change{
			Fix: Fix{Summary: fmt.Sprintf("permit %s to invoke %s for %s", service, f.Name, p.q.From), opens: 1,
				Patch: yaml(name, "AWS::Lambda::Permission", "FunctionName: "+p.referTarget(f, target), "Action: lambda:InvokeFunction",
					"Principal: "+service, "SourceArn: "+p.sourceText(source))},
			apply: func(s *cloud.Spec) { s.Permissions = append(s.Permissions, permission) },
		})
	}
	return out
}

// referTarget names a function, or one of its aliases or versions, as a
// template does.
func (p *proposal) referTarget(f cloud.Function, target cloud.ARN) string {
	for a := range p.m.Aliases() {
		if arn, _ := a.Function.Get(); arn.Qualified(a.AliasName) == target {
			return "!Ref " + a.Name
		}
	}
	for v := range p.m.Versions() {
		if arn, _ := v.Function.Get(); arn.Qualified(v.Number) == target {
			return "!Ref " + v.Name
		}
	}
	return "!GetAtt " + f.Name + ".Arn"
}

// sourceText writes a source's ARN as a template does: an API's by its name.
func (p *proposal) sourceText(arn string) string {
	for a := range p.m.APIs() {
		if strings.Contains(arn, ":"+a.ID+"/") && logical(a.Name) == a.Name {
			return "!Sub arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + a.Name + "}/*"
		}
	}
	return arn
}

// unreserved proposes to give a function its concurrency back.
func (p *proposal) unreserved(b path.Reason) []change {
	return []change{{
		Fix:   Fix{Summary: "remove ReservedConcurrentExecutions of " + b.Component, opens: 1, Patch: fmt.Sprintf("  # %s: remove ReservedConcurrentExecutions\n", b.Component)},
		apply: func(s *cloud.Spec) { editFunction(s, b.Component, func(f *cloud.Function) { f.Reserved = nil }) },
	}}
}

// uncaptured proposes that an execute-api endpoint no longer answers for the
// names of public APIs.
func (p *proposal) uncaptured(b path.Reason) []change {
	return []change{{
		Fix: Fix{Summary: "turn private DNS of " + b.Component + " off (private APIs are then called by the endpoint's own names)", opens: 1,
			Patch: fmt.Sprintf("  # %s: PrivateDnsEnabled: false\n", b.Component)},
		apply: func(s *cloud.Spec) {
			for i := range s.Endpoints {
				if s.Endpoints[i].Name == b.Component {
					s.Endpoints[i].PrivateDNS = cloud.Known(false)
				}
			}
		},
	}}
}

// sharing proposes that the functions of a VPC that sit in the same subnets
// share one set of groups: those of the function in question.
func (p *proposal) sharing() []change {
	f, ok := p.m.Function(p.q.From)
	if p.r.Invokes != "" && !ok {
		f, ok = p.m.Function(p.r.Invokes)
	}
	if !ok || f.Network == nil {
		return nil
	}
	groups, known := f.Network.Groups.Get()
	subnets, open := f.Network.Subnets.Get()
	if !known || !open {
		return nil
	}
	var refs, others []string
	for _, g := range groups {
		refs = append(refs, p.referGroup(g))
	}
	for o := range p.m.Functions() {
		if o.Name != f.Name && o.Network != nil && slices.Equal(o.Network.Subnets.Or(nil), subnets) {
			others = append(others, o.Name)
		}
	}
	if len(others) == 0 {
		return nil
	}
	list := strings.Join(others, ", ")
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("let %s share the groups of %s", list, f.Name), opens: 10 * len(others),
			Patch: fmt.Sprintf("  # %s: VpcConfig.SecurityGroupIds: [%s]\n", list, strings.Join(refs, ", "))},
		apply: func(s *cloud.Spec) {
			for _, name := range others {
				editFunction(s, name, func(o *cloud.Function) {
					network := *o.Network
					network.Groups = cloud.Known(groups)
					o.Network = &network
				})
			}
		},
	}}
}
