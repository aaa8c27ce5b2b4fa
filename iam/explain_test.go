package iam

import "testing"

// TestExplain: the wording is AWS's, letter for letter.
func TestExplain(t *testing.T) {
	const get = "ssm:GetParameter"
	user := "User: " + session + " is not authorized to perform: ssm:GetParameter on resource: " + param
	full := one(t, allow("*"))
	everyone := one(t, allow("*", `"Principal":"*"`))
	none := []Policy{}
	managedDeny := []Policy{doc(t, `{"Sid":"NoSecrets","Effect":"Deny","Action":"ssm:*","Resource":"*"}`).Named("arn:aws:iam::123456789012:policy/Guard")}
	for _, tt := range []struct {
		name    string
		req     Request
		p       Policies
		explain string
		needed  string
	}{
		{"identity", ask(session, get, param), Policies{},
			user + " because no identity-based policy allows the ssm:GetParameter action",
			`Missing statement: {"Effect":"Allow","Action":"ssm:GetParameter","Resource":"` + param + `"}`},
		{"endpoint", ask(session, get, param), Policies{Identity: full, Endpoint: none},
			user + " because no VPC endpoint policy allows the ssm:GetParameter action",
			`Missing statement: {"Effect":"Allow","Principal":"*","Action":"ssm:GetParameter","Resource":"` + param + `"} in the VPC endpoint policy`},
		{"boundary", ask(session, get, param), Policies{Identity: full, Boundary: none},
			user + " because no permissions boundary allows the ssm:GetParameter action",
			`Missing statement: {"Effect":"Allow","Action":"ssm:GetParameter","Resource":"` + param + `"} in the permissions boundary`},
		{"session", ask(session, get, param), Policies{Identity: full, Session: none},
			user + " because no session policy allows the ssm:GetParameter action", ""},
		{"SCP", ask(session, get, param), Policies{Identity: full, SCP: [][]Policy{none}},
			user + " because no service control policy allows the ssm:GetParameter action", ""},
		{"key policy", ask(session, "kms:Decrypt", key), Policies{Identity: full},
			"User: " + session + " is not authorized to perform: kms:Decrypt on resource: " + key + " because no resource-based policy allows the kms:Decrypt action", ""},
		{"trust policy", ask("lambda.amazonaws.com", "sts:AssumeRole", role), Policies{},
			"User: lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + role + " because no role trust policy allows the sts:AssumeRole action",
			`Missing statement: {"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"} in the role trust policy`},
		{"web identity", ask("cognito-identity.amazonaws.com", "sts:AssumeRoleWithWebIdentity", role), Policies{},
			"User: cognito-identity.amazonaws.com is not authorized to perform: sts:AssumeRoleWithWebIdentity on resource: " + role + " because no role trust policy allows the sts:AssumeRoleWithWebIdentity action",
			`Missing statement: {"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"} in the role trust policy`},
		{"anonymous", ask("", "sqs:SendMessage", queue), Policies{},
			"User: anonymous is not authorized to perform: sqs:SendMessage on resource: " + queue + " because no resource-based policy allows the sqs:SendMessage action",
			`Missing statement: {"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"` + queue + `"} in the resource-based policy`},
		{"no resource", ask(alice, "ec2:DescribeSubnets", ""), Policies{},
			"User: " + alice + " is not authorized to perform: ec2:DescribeSubnets because no identity-based policy allows the ec2:DescribeSubnets action", ""},

		{"explicit, identity", ask(session, get, param), Policies{Identity: one(t, deny("ssm:*"))},
			user + " with an explicit deny in an identity-based policy", "Denied by statement 1 of identity-based policy (policy.json:1:38)"},
		{"explicit, by ARN", ask(session, get, param), Policies{Identity: append(managedDeny, full...)},
			user + " with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/Guard",
			`Denied by statement "NoSecrets" of identity-based policy arn:aws:iam::123456789012:policy/Guard (policy.json:1:38)`},
		{"explicit, SCP", ask(session, get, param), Policies{SCP: [][]Policy{one(t, deny("*"))}},
			user + " with an explicit deny in a service control policy", ""},
		{"explicit, RCP", ask(session, get, param), Policies{RCP: one(t, deny("*", `"Principal":"*"`))},
			user + " with an explicit deny in a resource control policy", ""},
		{"explicit, endpoint", ask(session, get, param), Policies{Endpoint: one(t, deny("*", `"Principal":"*"`))},
			user + " with an explicit deny in a VPC endpoint policy", ""},
		{"explicit, trust", ask(session, "sts:AssumeRole", role), Policies{Resource: one(t, deny("*", `"Principal":"*"`))},
			"User: " + session + " is not authorized to perform: sts:AssumeRole on resource: " + role + " with an explicit deny in the role trust policy", ""},

		{"allowed", ask(session, get, param), Policies{Identity: full, Endpoint: everyone},
			"User: " + session + " is authorized to perform: ssm:GetParameter on resource: " + param + " because of statement 1 of VPC endpoint policy (policy.json:1:38); statement 1 of identity-based policy (policy.json:1:38)", "none"},
		{"allowed to root", ask(root, get, param), Policies{},
			"User: " + root + " is authorized to perform: ssm:GetParameter on resource: " + param, "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Decide(tt.req, tt.p)
			if got := d.Explain(); got != tt.explain {
				t.Errorf("explain\n got %s\nwant %s", got, tt.explain)
			}
			if got := d.Needed(); tt.needed == "none" && got != "" || tt.needed != "" && tt.needed != "none" && got != tt.needed {
				t.Errorf("needed\n got %s\nwant %s", got, tt.needed)
			}
		})
	}
}

func TestExplainUnknown(t *testing.T) {
	p := one(t, allow("*", when(`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`)))
	req := ask(session, "ssm:GetParameter", param)
	req.Context = Context{}.WithUnknown("aws:SourceVpc")
	want := "Whether User: " + session + " is authorized to perform: ssm:GetParameter on resource: " + param + " is not known: it depends on aws:SourceVpc"
	if got := Decide(req, Policies{Identity: p}).Explain(); got != want {
		t.Errorf("got %s", got)
	}
	hole, _ := Parse(open("parameter Stage"))
	want = "Whether User: " + session + " is authorized to perform: ssm:GetParameter on resource: " + param + " is not known: it depends on aws:SourceVpc; the template leaves open parameter Stage"
	d := Decide(req, Policies{Identity: append(p, hole)})
	if got := d.Explain(); got != want {
		t.Errorf("got %s", got)
	}
	if got := d.Needed(); got != "" {
		t.Errorf("needed: %s", got)
	}
	if got := (Decision{}).Explain(); got != "Whether User: anonymous is authorized to perform:  is not known" {
		t.Errorf("zero: %s", got)
	}
}

func TestNames(t *testing.T) {
	if got := Allow.String() + ExplicitDeny.String() + ImplicitDeny.String() + Unknown.String(); got != "allowexplicitDenyimplicitDenyunknown" {
		t.Error(got)
	}
	if got := NoLayer.String(); got != "policy" {
		t.Error(got)
	}
}
