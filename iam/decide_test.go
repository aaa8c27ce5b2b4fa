package iam

import (
	"testing"
)

// TestDecide walks the order of evaluation, one row a rule of AWS's page.
func TestDecide(t *testing.T) {
	send := "sqs:SendMessage"
	nothing := one(t, allow("s3:GetObject"))
	nobody := one(t, allow("s3:GetObject", `"Principal":"*"`))
	full := one(t, allow("*"))
	fullTo := func(p string) []Policy { return one(t, allow("*", to(p))) }
	everyone := one(t, allow("*", `"Principal":"*"`))
	none := []Policy{}
	for _, tt := range []struct {
		name  string
		req   Request
		p     Policies
		want  Effect
		layer Layer
	}{
		{"nothing allows", ask(session, send, queue), Policies{}, ImplicitDeny, IdentityBased},
		{"identity allows", ask(session, send, queue), Policies{Identity: full}, Allow, 0},
		{"identity denies", ask(session, send, queue), Policies{Identity: one(t, allow("*"), deny("sqs:*"))}, ExplicitDeny, IdentityBased},
		{"boundary lacks it", ask(session, send, queue), Policies{Identity: full, Boundary: nothing}, ImplicitDeny, Boundary},
		{"boundary is empty", ask(session, send, queue), Policies{Identity: full, Boundary: none}, ImplicitDeny, Boundary},
		{"boundary alone grants nothing", ask(session, send, queue), Policies{Boundary: full}, ImplicitDeny, IdentityBased},
		{"session lacks it", ask(session, send, queue), Policies{Identity: full, Session: nothing}, ImplicitDeny, Session},
		{"session denies", ask(session, send, queue), Policies{Identity: full, Session: one(t, deny("*"))}, ExplicitDeny, Session},

		{"resource names session", ask(session, send, queue), Policies{Resource: fullTo(session)}, Allow, 0},
		{"resource names session past boundary", ask(session, send, queue), Policies{Resource: fullTo(session), Boundary: nothing}, Allow, 0},
		{"resource names session past session policy", ask(session, send, queue), Policies{Resource: fullTo(session), Session: nothing}, Allow, 0},
		{"resource names role", ask(session, send, queue), Policies{Resource: fullTo(role)}, Allow, 0},
		{"resource names role, boundary lacks it", ask(session, send, queue), Policies{Resource: fullTo(role), Boundary: nothing}, ImplicitDeny, Boundary},
		{"resource names role, session lacks it", ask(session, send, queue), Policies{Resource: fullTo(role), Session: nothing}, ImplicitDeny, Session},
		{"resource names user past boundary", ask(alice, send, queue), Policies{Resource: fullTo(alice), Boundary: nothing}, Allow, 0},
		{"resource delegates to account", ask(session, send, queue), Policies{Resource: fullTo(root)}, ImplicitDeny, IdentityBased},
		{"resource delegates to account number", ask(session, send, queue), Policies{Resource: fullTo(acct), Identity: full}, Allow, 0},
		{"resource names everyone", ask(session, send, queue), Policies{Resource: everyone}, Allow, 0},
		{"resource names everyone past boundary", ask(session, send, queue), Policies{Resource: everyone, Boundary: nothing}, Allow, 0},
		{"resource names another role", ask(session, send, queue), Policies{Resource: fullTo(role + "2")}, ImplicitDeny, IdentityBased},
		{"resource denies", ask(session, send, queue), Policies{Identity: full, Resource: one(t, deny("*", to(role)))}, ExplicitDeny, ResourceBased},
		{"resource without Principal names nobody", ask(session, send, queue), Policies{Resource: full}, ImplicitDeny, IdentityBased},

		{"other account, identity only", ask(session, send, theirs), Policies{Identity: full}, ImplicitDeny, ResourceBased},
		{"other account, resource only", ask(session, send, theirs), Policies{Resource: fullTo(role)}, ImplicitDeny, IdentityBased},
		{"other account, both", ask(session, send, theirs), Policies{Identity: full, Resource: fullTo(role)}, Allow, 0},
		{"other account, delegated", ask(session, send, theirs), Policies{Identity: full, Resource: fullTo(acct)}, Allow, 0},
		{"other account, boundary lacks it", ask(session, send, theirs), Policies{Identity: full, Boundary: nothing, Resource: fullTo(role)}, ImplicitDeny, Boundary},
		{"other account, stated", Request{Principal: session, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Account: other}, Policies{Identity: full}, ImplicitDeny, ResourceBased},
		{"own account where the ARN has none", ask(session, "s3:GetObject", "arn:aws:s3:::b/k"), Policies{Identity: full}, Allow, 0},

		{"SCP level lacks it", ask(session, send, queue), Policies{Identity: full, SCP: [][]Policy{full, nothing}}, ImplicitDeny, SCP},
		{"SCP level is empty", ask(session, send, queue), Policies{Identity: full, SCP: [][]Policy{full, none}}, ImplicitDeny, SCP},
		{"SCPs allow", ask(session, send, queue), Policies{Identity: full, SCP: [][]Policy{full, full}}, Allow, 0},
		{"SCP denies", ask(session, send, queue), Policies{Identity: full, SCP: [][]Policy{full, one(t, allow("*"), deny("sqs:*"))}}, ExplicitDeny, SCP},
		{"SCP limits a grant by the resource", ask(session, send, queue), Policies{Resource: fullTo(session), SCP: [][]Policy{nothing}}, ImplicitDeny, SCP},
		{"SCP spares service-linked roles", ask("arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForECS/x", send, queue), Policies{Identity: full, SCP: [][]Policy{nothing}}, Allow, 0},
		{"SCP spares services", ask("events.amazonaws.com", send, queue), Policies{Resource: one(t, allow("*", `"Principal":{"Service":"events.amazonaws.com"}`)), SCP: [][]Policy{nothing}}, Allow, 0},
		{"RCP denies", ask(session, send, queue), Policies{Identity: full, RCP: one(t, deny("*", `"Principal":"*"`))}, ExplicitDeny, RCP},
		{"RCP need not allow", ask(session, send, queue), Policies{Identity: full, RCP: none}, Allow, 0},

		{"endpoint lacks it", ask(session, send, queue), Policies{Identity: full, Endpoint: nobody}, ImplicitDeny, Endpoint},
		{"endpoint is empty", ask(session, send, queue), Policies{Identity: full, Endpoint: none}, ImplicitDeny, Endpoint},
		{"endpoint allows", ask(session, send, queue), Policies{Identity: full, Endpoint: everyone}, Allow, 0},
		{"endpoint alone grants nothing", ask(session, send, queue), Policies{Endpoint: everyone}, ImplicitDeny, IdentityBased},
		{"endpoint denies", ask(session, send, queue), Policies{Identity: full, Endpoint: one(t, deny("*", `"Principal":"*"`))}, ExplicitDeny, Endpoint},

		{"root user", ask(root, send, queue), Policies{}, Allow, 0},
		{"root user under SCP", ask(root, send, queue), Policies{SCP: [][]Policy{nothing}}, ImplicitDeny, SCP},
		{"root user denied by resource", ask(root, send, queue), Policies{Resource: one(t, deny("*", to(root)))}, ExplicitDeny, ResourceBased},
		{"root user in other account", ask(root, send, theirs), Policies{}, ImplicitDeny, ResourceBased},
		{"service without permission", ask("events.amazonaws.com", send, queue), Policies{}, ImplicitDeny, ResourceBased},
		{"service named as AWS", ask("events.amazonaws.com", send, queue), Policies{Resource: fullTo(role)}, ImplicitDeny, ResourceBased},
		{"anonymous", ask("", send, queue), Policies{Resource: everyone}, Allow, 0},
		{"anonymous not named", ask("", send, queue), Policies{Resource: fullTo(root)}, ImplicitDeny, ResourceBased},
		{"federated user", ask("arn:aws:sts::123456789012:federated-user/bob", send, queue), Policies{Resource: fullTo("arn:aws:sts::123456789012:federated-user/bob"), Session: nothing}, Allow, 0},

		{"key policy missing", ask(session, "kms:Decrypt", key), Policies{Identity: full}, ImplicitDeny, ResourceBased},
		{"key policy delegates", ask(session, "kms:Decrypt", key), Policies{Identity: full, Resource: fullTo(root)}, Allow, 0},
		{"key policy delegates, identity lacks it", ask(session, "kms:Decrypt", key), Policies{Resource: fullTo(root)}, ImplicitDeny, IdentityBased},
		{"key policy names role", ask(session, "kms:Decrypt", key), Policies{Resource: fullTo(role)}, Allow, 0},
		{"kms action on no key", ask(session, "kms:ListKeys", "*"), Policies{Identity: full}, Allow, 0},
		{"trust policy missing", ask(session, "sts:AssumeRole", role), Policies{Identity: full}, ImplicitDeny, ResourceBased},
		{"trust policy without Resource", ask("lambda.amazonaws.com", "sts:AssumeRole", role), Policies{Resource: one(t, `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}`)}, Allow, 0},
		{"identity policy without Resource", ask(session, send, queue), Policies{Identity: one(t, `{"Effect":"Allow","Action":"*"}`)}, ImplicitDeny, IdentityBased},
		{"web identity", ask("cognito-identity.amazonaws.com", "sts:AssumeRoleWithWebIdentity", role), Policies{Resource: one(t, `{"Effect":"Allow","Action":"sts:*","Principal":{"Federated":"cognito-identity.amazonaws.com"}}`)}, Allow, 0},
		{"saml provider", ask("arn:aws:iam::123456789012:saml-provider/x", "sts:AssumeRoleWithSAML", role), Policies{Resource: one(t, `{"Effect":"Allow","Action":"sts:*","Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/x"}}`)}, Allow, 0},
		{"open id provider", ask("accounts.google.com", "sts:AssumeRoleWithWebIdentity", role), Policies{}, ImplicitDeny, ResourceBased},

		{"NotPrincipal spares the role", ask(session, send, queue), Policies{Identity: full, Resource: one(t, deny("*", `"NotPrincipal":{"AWS":"`+role+`"}`))}, Allow, 0},
		{"NotPrincipal denies others", ask(alice, send, queue), Policies{Identity: full, Resource: one(t, deny("*", `"NotPrincipal":{"AWS":"`+role+`"}`))}, ExplicitDeny, ResourceBased},
		{"NotPrincipal denies the bounded", ask(session, send, queue), Policies{Identity: full, Boundary: full, Resource: one(t, deny("*", `"NotPrincipal":{"AWS":"`+role+`"}`))}, ExplicitDeny, ResourceBased},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Decide(tt.req, tt.p)
			if got.Effect != tt.want || got.Layer != tt.layer {
				t.Errorf("got %v by %v, want %v by %v: %s", got.Effect, got.Layer, tt.want, tt.layer, got.Explain())
			}
			if tt.want == ExplicitDeny && len(got.Statements) == 0 {
				t.Error("a denying statement is not named")
			}
		})
	}
}

func TestRoleWithPath(t *testing.T) {
	path := "arn:aws:iam::123456789012:role/teams/PingRole"
	p := Policies{Resource: one(t, allow("*", to(path)))}
	req := ask(session, "sqs:SendMessage", queue)
	if got := Decide(req, p).Effect; got != ImplicitDeny {
		t.Errorf("without aws:PrincipalArn: %v", got)
	}
	req.Context = ctx("aws:PrincipalArn", path)
	if got := Decide(req, p).Effect; got != Allow {
		t.Errorf("with aws:PrincipalArn: %v", got)
	}
}

// TestElements: Action, Resource and their opposites.
func TestElements(t *testing.T) {
	for _, tt := range []struct {
		name, statement string
		want            Effect
	}{
		{"action in other case", allow("SSM:getparameter"), Allow},
		{"action by wildcard", allow("ssm:Get*"), Allow},
		{"action by question mark", allow("ssm:GetParamete?"), Allow},
		{"action of any service", allow("*:*"), Allow},
		{"action too short", allow("ssm:Get"), ImplicitDeny},
		{"resource exact", allow("*", `"Resource":"`+param+`"`), Allow},
		{"resource in other case", allow("*", `"Resource":"arn:aws:ssm:us-west-2:123456789012:parameter/Ping/url"`), ImplicitDeny},
		{"wildcard over slashes", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/*"`), Allow},
		{"wildcard over colons", allow("*", `"Resource":"arn:aws:ssm:*"`), Allow},
		{"NotResource spares", allow("*", `"NotResource":["arn:aws:s3:::*","`+param+`"]`), ImplicitDeny},
		{"NotResource covers", allow("*", `"NotResource":"arn:aws:s3:::*"`), Allow},
		{"NotAction spares", `{"Effect":"Allow","NotAction":["iam:*","ssm:Get*"],"Resource":"*"}`, ImplicitDeny},
		{"NotAction covers", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, Allow},
		{"variable", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/team}/*"`), Allow},
		{"variable before the fifth colon", allow("*", `"Resource":"arn:aws:ssm:*:${aws:PrincipalAccount}:parameter/*"`), ImplicitDeny},
		{"variable without value", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/nothing}*"`), ImplicitDeny},
		{"variable's default", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/nothing, 'ping'}/*"`), Allow},
		{"variable's value is literal", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/star}"`), ImplicitDeny},
		{"variable with several values", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/${aws:TagKeys}/*"`), ImplicitDeny},
		{"escape", allow("*", `"Resource":"arn:aws:ssm:*:*:parameter/${*}"`), ImplicitDeny},
		{"no end of variable", allow("*", `"Resource":["${aws:","*}${"]`), ImplicitDeny},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := ask(session, "ssm:GetParameter", param)
			req.Context = ctx("aws:PrincipalTag/team", "ping", "aws:PrincipalTag/star", "*").With("aws:TagKeys", "ping", "pong")
			if got := Decide(req, Policies{Identity: one(t, tt.statement)}); got.Effect != tt.want {
				t.Errorf("got %v, want %v", got.Effect, tt.want)
			}
		})
	}
}

// TestOldVersion: before 2012-10-17 there are no variables.
func TestOldVersion(t *testing.T) {
	p := mustParse(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}}`)
	if got := Decide(ask(alice, "s3:ListBucket", "arn:aws:s3:::alice"), Policies{Identity: []Policy{p}}).Effect; got != ImplicitDeny {
		t.Errorf("variable was replaced: %v", got)
	}
	if got := Decide(ask(alice, "s3:ListBucket", "arn:aws:s3:::${aws:username}"), Policies{Identity: []Policy{p}}).Effect; got != Allow {
		t.Errorf("text was not taken literally: %v", got)
	}
}

// TestDerivedKeys: what Decide knows of a request by itself.
func TestDerivedKeys(t *testing.T) {
	for _, tt := range []struct {
		principal, key, value string
		want                  truth
	}{
		{session, "aws:PrincipalArn", role, yes},
		{alice, "aws:PrincipalArn", alice, yes},
		{session, "aws:PrincipalAccount", acct, yes},
		{session, "aws:PrincipalType", "AssumedRole", yes},
		{role, "aws:PrincipalType", "AssumedRole", yes},
		{alice, "aws:PrincipalType", "User", yes},
		{root, "aws:PrincipalType", "Account", yes},
		{"", "aws:PrincipalType", "Anonymous", yes},
		{"events.amazonaws.com", "aws:PrincipalType", "", no},
		{alice, "aws:username", "alice", yes},
		{session, "aws:username", "", no},
		{alice, "aws:userid", "", maybe},
		{"", "aws:userid", "", no},
		{"events.amazonaws.com", "aws:PrincipalIsAWSService", "true", yes},
		{"events.amazonaws.com", "aws:PrincipalServiceName", "events.amazonaws.com", yes},
		{"events.amazonaws.com", "aws:PrincipalArn", "", no},
		{session, "aws:PrincipalIsAWSService", "false", yes},
		{"", "aws:PrincipalIsAWSService", "", no},
		{session, "aws:ResourceAccount", other, yes},
		{session, "aws:SourceVpc", "", no},
		{session, "s3:prefix", "", no},
	} {
		req := ask(tt.principal, "sqs:SendMessage", theirs)
		e := newEvaluation(&req)
		got, found := e.lookup(newContextKey(tt.key))
		if found != tt.want || found == yes && got[0] != tt.value {
			t.Errorf("%s of %q = %v, %v; want %q, %v", tt.key, tt.principal, got, found, tt.value, tt.want)
		}
	}
}
