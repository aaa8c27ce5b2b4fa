package reach

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
	"bailey/source"
)

// vpcAccess is AWS's policy for functions in a VPC.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
const vpcAccess = "iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"

// startable proposes to let a role make network interfaces.
func (p *proposal) startable(b path.Reason) []change {
	arn := "arn:" + cloud.Partition(p.m.Region()) + ":" + vpcAccess
	return []change{{
		summary: "attach AWSLambdaVPCAccessExecutionRole to " + b.Component, opens: onePort,
		edits: patch.Patch{patch.Append{Of: p.role(b.Component), Property: "ManagedPolicyArns", Items: patch.List{text(arn)}, Have: -1}},
		apply: func(s *cloud.Spec) {
			editRole(s, b.Component, func(r *cloud.Role) { r.Managed = append(slices.Clip(r.Managed), arn) })
		},
	}}
}

func (p *proposal) role(name string) patch.Resource {
	for r := range p.m.Roles() {
		if r.Name == name {
			return resource(r.Meta, r.RoleName, typeRole)
		}
	}
	return patch.Resource{Name: name}
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
	statement := props("Effect", "Allow", "Action", "lambda:InvokeFunction", "Resource", patch.Attr{Resource: p.function(f.Name), Name: "Arn"})
	return []change{{
		summary: fmt.Sprintf("let %s invoke %s", b.Component, f.Name), opens: onePort,
		edits: patch.Patch{patch.Add{Resource: proposed(name, "AWS::IAM::Policy"), Properties: props("PolicyName", name, "Roles", patch.Refs(p.role(b.Component)),
			"PolicyDocument", props("Version", "2012-10-17", "Statement", patch.List{statement}))}},
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
			summary: fmt.Sprintf("permit %s to invoke %s for %s", service, f.Name, p.q.From), opens: onePort,
			edits: patch.Patch{patch.Add{Resource: proposed(name, "AWS::Lambda::Permission"), Properties: props("FunctionName", p.target(f, target), "Action", "lambda:InvokeFunction",
				"Principal", service, "SourceArn", p.sourceText(source))}},
			apply: func(s *cloud.Spec) { s.Permissions = append(s.Permissions, permission) },
		})
	}
	return out
}

// target names a function, or one of its aliases or versions, as a template
// does.
func (p *proposal) target(f cloud.Function, target cloud.ARN) patch.Value {
	for a := range p.m.Aliases() {
		if arn, _ := a.Function.Get(); arn.Qualified(a.AliasName) == target {
			return ref(resource(a.Meta, target.String(), "AWS::Lambda::Alias"))
		}
	}
	for v := range p.m.Versions() {
		if arn, _ := v.Function.Get(); arn.Qualified(v.Number) == target {
			return ref(resource(v.Meta, target.String(), "AWS::Lambda::Version"))
		}
	}
	return patch.Attr{Resource: p.function(f.Name), Name: "Arn"}
}

// sourceText writes a source's ARN as a template does: an API's by its name.
func (p *proposal) sourceText(arn string) patch.Value {
	for a := range p.m.APIs() {
		if own := resource(a.Meta, a.ID, "AWS::ApiGateway::RestApi"); strings.Contains(arn, ":"+a.ID+"/") && own.Declared() {
			return patch.Sub{Text: "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + own.Name + "}/*", In: []patch.Resource{own}}
		}
	}
	return text(arn)
}

// unreserved proposes to give a function its concurrency back.
func (p *proposal) unreserved(b path.Reason) []change {
	return []change{{
		summary: "remove ReservedConcurrentExecutions of " + b.Component, opens: onePort,
		edits: patch.Patch{patch.Remove{Of: p.function(b.Component), Property: "ReservedConcurrentExecutions"}},
		apply: func(s *cloud.Spec) { editFunction(s, b.Component, func(f *cloud.Function) { f.Reserved = nil }) },
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
	var others []string
	var edits patch.Patch
	for o := range p.m.Functions() {
		if o.Name != f.Name && o.Network != nil && slices.Equal(o.Network.Subnets.Or(nil), subnets) {
			others = append(others, o.Name)
			edits = append(edits, patch.Set{Of: p.function(o.Name), Property: "VpcConfig.SecurityGroupIds", Value: p.groups(groups)})
		}
	}
	if len(others) == 0 {
		return nil
	}
	return []change{{
		summary: fmt.Sprintf("let %s share the groups of %s", listed(others), f.Name), opens: float64(len(others)) * anyPort, edits: edits,
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
