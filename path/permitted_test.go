package path

import (
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/iam"
)

// A permission is for one name of the function, and for one source.
func TestServiceMayInvoke(t *testing.T) {
	f := functionARN("F")
	m := change(t, outside("F"), permission("events.amazonaws.com", f, "arn:aws:events:us-west-2:123456789012:rule/daily*"),
		permission("events.amazonaws.com", f.Qualified("live"), ""))
	for _, tt := range []struct {
		resource, target string
		want             iam.Effect
	}{
		{"events:rule/daily", "", iam.Allow},
		{"events:rule/daily", "live", iam.Allow},
		{"events:rule/hourly", "", iam.ImplicitDeny},
		{"events:rule/hourly", "live", iam.Allow},
		{"events:rule/daily", "7", iam.ImplicitDeny},
		{"sns:topic", "", iam.ImplicitDeny},
	} {
		target := f
		if tt.target != "" {
			target = f.Qualified(tt.target)
		}
		if d, ok := ServiceMayInvoke(m, arnOf(tt.resource), target); !ok || d.Effect != tt.want {
			t.Errorf("%s invokes %s: %v %s", tt.resource, target, d.Effect, d.Explain())
		}
	}
	if _, ok := ServiceMayInvoke(m, arnOf("dynamodb:table/t"), f); ok {
		t.Error("a table invokes by permission")
	}
}

func permission(principal string, target cloud.ARN, source string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Permissions = append(s.Permissions, cloud.Permission{Meta: meta("Permit", 22), Function: cloud.Known(target),
			Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known(principal), SourceARN: cloud.Known(source)})
	}
}

// Scheduler assumes a role that trusts it, and the role must be let invoke.
func TestMayAssumeAndInvoke(t *testing.T) {
	group := arnOf("scheduler:schedule-group/default")
	role := func(name, trust, policy string) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			s.Roles = append(s.Roles, cloud.Role{Meta: meta(name, 9), RoleName: name, ARN: arnOf("iam:role/" + name),
				Trust: policyDoc(t, trust).Doc, Policies: []cloud.Policy{policyDoc(t, policy)}})
		}
	}
	const lambda = "{Effect: Allow, Action: lambda:InvokeFunction, Resource: 'arn:aws:lambda:us-west-2:123456789012:function:F'}"
	const trusts = "{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: scheduler.amazonaws.com}"
	m := change(t, outside("F"),
		role("Good", trusts+"}", lambda),
		role("Group", trusts+", Condition: {StringEquals: {'aws:SourceArn': 'arn:aws:scheduler:us-west-2:123456789012:schedule-group/default'}}}", lambda),
		role("Elsewhere", trusts+", Condition: {StringEquals: {'aws:SourceAccount': '210987654321'}}}", lambda),
		role("Lambda", "{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}", lambda),
		role("Weak", trusts+"}", "{Effect: Allow, Action: s3:GetObject, Resource: '*'}"))
	for name, want := range map[string]string{
		"Good": "allow allow", "Group": "allow allow", "Elsewhere": "implicitDeny allow", "Lambda": "implicitDeny allow",
		"Weak": "allow implicitDeny", "Unknown": "unknown unknown",
	} {
		arn := arnOf("iam:role/" + name).String()
		assume, invoke := MayAssume(m, "scheduler.amazonaws.com", group, arn), RoleMayInvoke(m, arn, functionARN("F"))
		if got := effect(assume) + " " + effect(invoke); got != want {
			t.Errorf("%s: %s, want %s: %s; %s", name, got, want, assume.Explain(), invoke.Explain())
		}
	}
	if d := MayAssume(m, "scheduler.amazonaws.com", group, arnOf("iam:role/Lambda").String()); !strings.Contains(d.Explain(), "no role trust policy allows") {
		t.Error(d.Explain())
	}
}

func effect(d iam.Decision) string {
	return map[iam.Effect]string{iam.Allow: "allow", iam.ImplicitDeny: "implicitDeny", iam.ExplicitDeny: "deny", iam.Unknown: "unknown"}[d.Effect]
}
