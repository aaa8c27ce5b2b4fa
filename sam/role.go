package sam

import (
	"slices"

	"bailey/source"
)

// functionRole makes the function's role, unless it names one of its own. One
// under Fn::If whose other branch is AWS::NoValue has the generated role there.
func (t *transformer) functionRole(l *lambda, invokePolicies []source.Node) {
	p := place(l.at)
	managed := []source.Node{p.str(t.managed("service-role/AWSLambdaBasicExecutionRole"))}
	if durable := l.prop("DurableConfig"); truthy(durable) {
		managed[0] = place(durable.At).str(t.managed("service-role/AWSLambdaBasicDurableExecutionRolePolicy"))
	}
	if t.traced(l.samResource) {
		managed = append(managed, place(l.prop("Tracing").At).str(t.managed(t.xrayPolicy())))
	}
	if vpc := l.prop("VpcConfig"); truthy(vpc) {
		managed = append(managed, place(vpc.At).str(t.managed("service-role/AWSLambdaVPCAccessExecutionRole")))
	}
	var inline []source.Node
	if dlq := l.prop("DeadLetterQueue"); truthy(dlq) {
		inline = append(inline, deadLetterPolicy(dlq))
	}
	assume := l.prop("AssumeRolePolicyDocument")
	if assume.Kind == source.Null {
		assume = p.assume("lambda.amazonaws.com")
	}
	l.role = t.role(l.samResource, assume, managed, append(inline, invokePolicies...), t.createdBySAM("lambda:createdBy", l.samResource))
	t.useRole(l)
}

func deadLetterPolicy(dlq source.Node) source.Node {
	p := place(dlq.At)
	action := "sqs:SendMessage"
	if isText(get(dlq, "Type"), "SNS") {
		action = "sns:Publish"
	}
	return p.obj(kv{"PolicyName", p.str("DeadLetterQueuePolicy")}, kv{"PolicyDocument", p.document(p.allow(p.str(action), get(dlq, "TargetArn")))})
}

// xrayPolicy is the managed policy that lets a role send traces.
func (t *transformer) xrayPolicy() string {
	if t.partition == "aws" {
		return "AWSXrayWriteOnlyAccess"
	}
	return "AWSXRayDaemonWriteAccess"
}

// useRole gives the function its role.
func (t *transformer) useRole(l *lambda) {
	own := get(l.fn.props, "Role")
	if own.Kind == source.Null {
		l.fn.set("Role", l.role.arn())
		l.add(l.role)
		return
	}
	if !isIf(own) {
		return
	}
	condition, then, otherwise, ok := branches(t.resolve(own))
	p := place(own.At)
	switch {
	case !ok:
		t.errorf(own.At, l.id, "the Fn::If of Role takes three arguments")
		return
	case isNoValue(then) && isNoValue(otherwise):
		l.fn.set("Role", l.role.arn())
	case isNoValue(then):
		l.fn.set("Role", p.when(condition, l.role.arn(), otherwise))
		l.role.attrs = l.role.attrs.with("Condition", condition)
	case isNoValue(otherwise):
		l.fn.set("Role", p.when(condition, then, l.role.arn()))
		l.role.attrs = l.role.attrs.with("Condition", p.str("NOT"+condition.Text))
		t.setCondition("NOT"+condition.Text, p.obj(kv{"Fn::Not", p.list(p.obj(kv{"Condition", condition}))}))
	default:
		return
	}
	l.add(l.role)
}

// role makes the role of a function or state machine from its Policies.
func (t *transformer) role(s samResource, assume source.Node, managed, inline []source.Node, tags source.Node) *resource {
	p := place(s.at)
	r := newResource(s.at, s.id+"Role", "AWS::IAM::Role", s.passed(), kv{"AssumeRolePolicyDocument", assume})
	for i, entry := range t.policyEntries(s) {
		if document, ok := t.inlinePolicy(r.id, i, entry); ok {
			inline = append(inline, document)
		} else if arn := t.managedPolicy(s, entry); !contains(managed, arn) {
			managed = append(managed, arn)
		}
	}
	r.set("ManagedPolicyArns", p.list(managed...))
	if len(inline) > 0 {
		r.set("Policies", p.list(inline...))
	}
	r.set("Path", s.prop("RolePath"))
	r.set("PermissionsBoundary", s.prop("PermissionsBoundary"))
	r.set("Tags", tags)
	return r
}

// grant adds a managed policy and inline policies that an event source needs,
// those that the role does not have yet.
func (l *lambda) grant(arn string, inline ...source.Node) {
	p := place(l.at)
	if arn != "" {
		list := ensure(&l.role.props, "ManagedPolicyArns", p.list())
		if !contains(list.Items, p.str(arn)) {
			list.Items = append(slices.Clone(list.Items), p.str(arn))
		}
	}
	for _, policy := range inline {
		list := ensure(&l.role.props, "Policies", p.list())
		same := func(n source.Node) bool { return equal(get(n, "PolicyDocument"), get(policy, "PolicyDocument")) }
		if !slices.ContainsFunc(list.Items, same) {
			list.Items = append(slices.Clone(list.Items), policy)
		}
	}
}
