package iam

import (
	"slices"
	"testing"

	"bailey/source"
)

// TestUnknown: what is not known is said, and only where it matters.
func TestUnknown(t *testing.T) {
	vpc := when(`{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`)
	tagged := when(`{"StringEquals":{"aws:RequestTag/env":"prod"}}`)
	full := one(t, allow("*"))
	for _, tt := range []struct {
		name    string
		p       Policies
		want    Effect
		missing []string
	}{
		{"allow waits for a key", Policies{Identity: one(t, allow("*", vpc))}, Unknown, []string{"aws:SourceVpc"}},
		{"key by prefix", Policies{Identity: one(t, allow("*", tagged))}, Unknown, []string{"aws:RequestTag/env"}},
		{"another statement allows", Policies{Identity: one(t, allow("*", vpc), allow("*"))}, Allow, nil},
		{"deny waits for a key", Policies{Identity: one(t, allow("*"), deny("*", vpc))}, Unknown, []string{"aws:SourceVpc"}},
		{"another statement denies", Policies{Identity: one(t, deny("*"), deny("*", vpc))}, ExplicitDeny, nil},
		{"nothing would allow anyway", Policies{Identity: one(t, deny("*", vpc))}, ImplicitDeny, nil},
		{"action does not fit", Policies{Identity: one(t, allow("s3:*", vpc))}, ImplicitDeny, nil},
		{"boundary waits", Policies{Identity: full, Boundary: one(t, allow("*", vpc))}, Unknown, []string{"aws:SourceVpc"}},
		{"endpoint waits", Policies{Identity: full, Endpoint: one(t, allow("*", `"Principal":"*"`, vpc))}, Unknown, []string{"aws:SourceVpc"}},
		{"endpoint waits, identity lacks it", Policies{Endpoint: one(t, allow("*", `"Principal":"*"`, vpc))}, ImplicitDeny, nil},
		{"SCP waits", Policies{Identity: full, SCP: [][]Policy{full, one(t, allow("*", vpc))}}, Unknown, []string{"aws:SourceVpc"}},
		{"both wait", Policies{Identity: one(t, allow("*", vpc), allow("*", tagged))}, Unknown, []string{"aws:RequestTag/env", "aws:SourceVpc"}},
		{"IfExists waits too", Policies{Identity: one(t, allow("*", when(`{"BoolIfExists":{"aws:SourceVpc":"true"}}`)))}, Unknown, []string{"aws:SourceVpc"}},
		{"Null waits", Policies{Identity: one(t, allow("*", when(`{"Null":{"aws:SourceVpc":"true"}}`)))}, Unknown, []string{"aws:SourceVpc"}},
		{"Null either way", Policies{Identity: one(t, allow("*", when(`{"Null":{"aws:two":["true","false"]}}`)))}, Allow, nil},
		{"variable waits", Policies{Identity: one(t, allow("*", `"Resource":"arn:aws:sqs:*:*:${aws:SourceVpc}"`))}, Unknown, []string{"aws:SourceVpc"}},
		{"variable in a value waits", Policies{Identity: one(t, allow("*", when(`{"StringLike":{"aws:two":"${aws:SourceVpc}"}}`)))}, Unknown, []string{"aws:SourceVpc"}},
		{"negated variable waits", Policies{Identity: one(t, allow("*", when(`{"StringNotEquals":{"aws:two":"${aws:SourceVpc}"}}`)))}, Unknown, []string{"aws:SourceVpc"}},
		{"resource policy waits", Policies{Resource: one(t, allow("*", to(role), vpc))}, Unknown, []string{"aws:SourceVpc"}},
		{"resource policy waits, identity allows", Policies{Identity: full, Resource: one(t, allow("*", to(role), vpc))}, Allow, nil},
		{"user id", Policies{Identity: one(t, allow("*", when(`{"StringLike":{"aws:userid":"AROA*"}}`)))}, Unknown, []string{"aws:userid"}},
		{"canonical user", Policies{Resource: one(t, allow("*", `"Principal":{"CanonicalUser":"79a5"}`))}, Unknown, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := ask(session, "sqs:SendMessage", queue)
			req.Context = ctx("aws:two", "a").WithUnknown("aws:SourceVpc", "aws:RequestTag/*")
			got := Decide(req, tt.p)
			if got.Effect != tt.want || !slices.Equal(got.Missing, tt.missing) {
				t.Errorf("got %v %v, want %v %v", got.Effect, got.Missing, tt.want, tt.missing)
			}
			if got.Effect == Unknown && len(got.Missing)+len(got.Open) == 0 || got.Effect == Unknown && len(got.Statements) == 0 {
				t.Errorf("unknown without a reason: %+v", got)
			}
		})
	}
}

// TestSomeSession: a role's ARN stands for a session whose name is not known.
func TestSomeSession(t *testing.T) {
	req := ask(role, "sqs:SendMessage", queue)
	for _, tt := range []struct {
		principal string
		want      Effect
	}{
		{role, Allow},
		{session, Unknown},
		{"arn:aws:sts::123456789012:assumed-role/Other/x", ImplicitDeny},
		{"arn:aws:sts::123456789012:federated-user/PingRole", ImplicitDeny},
		{alice, ImplicitDeny},
	} {
		if got := Decide(req, Policies{Resource: one(t, allow("*", to(tt.principal)))}).Effect; got != tt.want {
			t.Errorf("resource policy names %s: got %v, want %v", tt.principal, got, tt.want)
		}
	}
}

// TestOpenValues: a part that the template leaves open makes its statement
// unknown as far as its other parts let it.
func TestOpenValues(t *testing.T) {
	hole := open("parameter Stage has no value")
	statement := func(kv ...any) source.Node {
		return obj("Version", "2012-10-17", "Statement", list(obj(kv...)))
	}
	for _, tt := range []struct {
		name string
		doc  source.Node
		want Effect
	}{
		{"document", hole, Unknown},
		{"statement list", obj("Statement", hole), Unknown},
		{"statement", obj("Statement", list(hole)), Unknown},
		{"version", obj("Version", hole, "Statement", obj("Effect", "Allow", "Action", "*", "Resource", "*")), Allow},
		{"effect", statement("Effect", hole, "Action", "*", "Resource", "*"), Unknown},
		{"effect of another action", statement("Effect", hole, "Action", "s3:*", "Resource", "*"), ImplicitDeny},
		{"action", statement("Effect", "Allow", "Action", hole, "Resource", "*"), Unknown},
		{"action beside one that fits", statement("Effect", "Allow", "Action", list(hole, str("sqs:*")), "Resource", "*"), Allow},
		{"not action", statement("Effect", "Allow", "NotAction", hole, "Resource", "*"), Unknown},
		{"resource", statement("Effect", "Allow", "Action", "*", "Resource", hole), Unknown},
		{"resource beside one that fits", statement("Effect", "Allow", "Action", "*", "Resource", list(hole, str("*"))), Allow},
		{"resource, other action", statement("Effect", "Allow", "Action", "s3:*", "Resource", hole), ImplicitDeny},
		{"condition", statement("Effect", "Allow", "Action", "*", "Resource", "*", "Condition", hole), Unknown},
		{"condition's keys", statement("Effect", "Allow", "Action", "*", "Resource", "*", "Condition", obj("Bool", hole)), Unknown},
		{"condition's value", statement("Effect", "Allow", "Action", "*", "Resource", "*", "Condition", obj("StringEquals", obj("aws:k", hole))), Unknown},
		{"condition's value beside one that fits", statement("Effect", "Allow", "Action", "*", "Resource", "*", "Condition", obj("StringEquals", obj("aws:k", list(hole, str("a"))))), Allow},
		{"negated value beside one that fits", statement("Effect", "Allow", "Action", "*", "Resource", "*", "Condition", obj("StringNotLike", obj("aws:k", list(hole, str("a"))))), ImplicitDeny},
		{"null", statement("Effect", "Allow", "Action", "*", "Resource", "*", "Condition", obj("Null", obj("aws:k", hole))), Unknown},
		{"unstated reason", statement("Effect", "Allow", "Action", "*", "Resource", open("")), Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, ds := Parse(tt.doc)
			if err := ds.Err(); err != nil {
				t.Fatal(err)
			}
			req := ask(session, "sqs:SendMessage", queue)
			req.Context = ctx("aws:k", "a")
			got := Decide(req, Policies{Identity: []Policy{p}})
			if got.Effect != tt.want || (len(got.Open) > 0) != (tt.want == Unknown) {
				t.Errorf("got %v %q, want %v", got.Effect, got.Open, tt.want)
			}
		})
	}
}

// TestOpenPrincipal: the same for the policies of resources.
func TestOpenPrincipal(t *testing.T) {
	hole := open("ImportValue")
	for _, tt := range []struct {
		name, element string
		value         source.Node
		effect        string
		want          Effect
	}{
		{"allow", "Principal", hole, "Allow", Unknown},
		{"allow one of", "Principal", obj("AWS", list(hole, str(session))), "Allow", Allow},
		{"deny", "Principal", obj("AWS", hole), "Deny", Unknown},
		{"deny all but", "NotPrincipal", obj("AWS", hole), "Deny", Unknown},
	} {
		p, ds := Parse(obj("Statement", obj("Effect", tt.effect, tt.element, tt.value, "Action", "*", "Resource", "*")))
		if err := ds.Err(); err != nil {
			t.Fatal(err)
		}
		policies := Policies{Resource: []Policy{p}}
		if tt.effect == "Deny" {
			policies.Identity = one(t, allow("*"))
		}
		if got := Decide(ask(session, "sqs:SendMessage", queue), policies); got.Effect != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got.Effect, tt.want)
		}
	}
}

// TestZero: what is forgotten is never allowed.
func TestZero(t *testing.T) {
	if e := (Decision{}).Effect; e != Unknown {
		t.Errorf("zero Decision: %v", e)
	}
	if e := Decide(Request{}, Policies{}).Effect; e != ImplicitDeny {
		t.Errorf("zero Request: %v", e)
	}
	if e := Decide(ask(alice, "s3:GetObject", "*"), Policies{Identity: []Policy{{}}}).Effect; e != ImplicitDeny {
		t.Errorf("zero Policy: %v", e)
	}
}
