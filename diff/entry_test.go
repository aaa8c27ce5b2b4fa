package diff

import (
	"fmt"
	"slices"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

var fARN = cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:F"}

// api is an HTTP API of one route to F, which asks auth of its callers.
func api(auth cloud.RouteAuth, changes ...func(*cloud.API)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Functions[0].ARN = fARN
		a := cloud.API{Meta: named("Api", 60), ID: cloud.PhysicalID("api", s.Stack, "Api"), Kind: cloud.HTTPAPI, Endpoint: cloud.RegionalEndpoint, DefaultHost: cloud.Known(true),
			Authorizers: []cloud.Authorizer{{Meta: named("Tokens", 61), ID: "auth1", Kind: cloud.JWTAuthorizer}},
			Stages:      []cloud.Stage{{Meta: named("Stage", 62), StageName: "$default"}},
			Routes:      []cloud.APIRoute{{Meta: named("Route", 63), Method: "GET", Path: "/ping", Auth: auth}}}
		for _, c := range changes {
			c(&a)
		}
		s.APIs = []cloud.API{a}
	}
}

// url gives F a URL, and permissions with it.
func url(auth cloud.Value[string], permissions ...cloud.Permission) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Functions[0].ARN = fARN
		s.FunctionURLs = []cloud.FunctionURL{{Meta: named("Url", 70), Function: cloud.Known(fARN), Host: "x.lambda-url.us-west-2.on.aws", Auth: auth}}
		s.Permissions = permissions
	}
}

// lets are permissions to invoke F.
func permits(permissions ...cloud.Permission) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Functions[0].ARN = fARN
		s.Permissions = permissions
	}
}

func permission(principal, source string, limits ...func(*cloud.Permission)) cloud.Permission {
	p := cloud.Permission{Meta: named("P", 80), Function: cloud.Known(fARN), Action: cloud.Known("lambda:InvokeFunction"),
		Principal: cloud.Known(principal), SourceARN: cloud.Known(source)}
	for _, l := range limits {
		l(&p)
	}
	return p
}

func called(name string) func(*cloud.Permission) {
	return func(p *cloud.Permission) { p.Name = name }
}

// undescribed leaves open which resources of a type there are.
func undescribed(typ string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Undescribed = map[string]cloud.Gap{typ: {Because: "no file has them", At: source.Span{File: "snap"}}}
	}
}

func routesOpen(a *cloud.API) {
	a.Routes, a.Open = nil, []cloud.Gap{{Because: "no file has its routes", At: source.Span{File: "snap"}}}
}

// unknownPolicy stands for a policy of F's of which nothing is known.
var unknownPolicy = permission("", "", called("the policy of F"), func(p *cloud.Permission) {
	p.Action, p.Principal = cloud.Unknown[string]("no file has it", source.Span{File: "snap"}), cloud.Unknown[string]("no file has it", source.Span{File: "snap"})
})

// forURL are the two permissions that a public URL needs.
func forURL() []cloud.Permission {
	return []cloud.Permission{
		permission("*", "", func(p *cloud.Permission) {
			p.Action, p.URLAuth = cloud.Known("lambda:InvokeFunctionUrl"), cloud.Known("NONE")
		}),
		permission("*", "", func(p *cloud.Permission) { p.ViaURL = cloud.Known(true) }),
	}
}

// Whom the ways into an application let in, and who they were before.
func TestWaysInThatOpenOrClose(t *testing.T) {
	none, tokens := cloud.RouteAuth{Kind: cloud.AuthNone}, cloud.RouteAuth{Kind: cloud.AuthJWT, Authorizer: "auth1"}
	open := cloud.RouteAuth{Kind: cloud.AuthJWT, Open: &cloud.Gap{Because: "parameter Auth has no value", At: source.Span{File: "t.yaml", Line: 64}}}
	key := func(a *cloud.API) { a.Kind, a.Routes[0].KeyRequired = cloud.RESTAPI, cloud.Known(true) }
	private := func(a *cloud.API) { a.Kind, a.Endpoint = cloud.RESTAPI, cloud.PrivateEndpoint }
	more := func(a *cloud.API) {
		r := a.Routes[0]
		r.Method = "POST"
		a.Routes = append(a.Routes, r)
	}
	api1 := cloud.PhysicalID("api", "t", "Api")
	for _, c := range []struct {
		name     string
		old, now []func(*cloud.Spec)
		want     string
	}{
		{"the same", []func(*cloud.Spec){api(tokens)}, []func(*cloud.Spec){api(tokens)}, ""},
		{"a route loses its authorizer", []func(*cloud.Spec){api(tokens)}, []func(*cloud.Spec){api(none)},
			"opens Api [GET /ping]: anybody, was who has a token that Tokens accepts"},
		{"a route gets one", []func(*cloud.Spec){api(none)}, []func(*cloud.Spec){api(tokens)},
			"closes Api [GET /ping]: who has a token that Tokens accepts, was anybody"},
		{"two routes alike are one entry", []func(*cloud.Spec){api(tokens, more)}, []func(*cloud.Spec){api(none, more)},
			"opens Api [GET /ping POST /ping]: anybody, was who has a token that Tokens accepts"},
		{"another guard", []func(*cloud.Spec){api(tokens)}, []func(*cloud.Spec){api(cloud.RouteAuth{Kind: cloud.AuthIAM})},
			"changes Api [GET /ping]: who signs with IAM and may, was who has a token that Tokens accepts"},
		{"a new route", []func(*cloud.Spec){api(none)}, []func(*cloud.Spec){api(none, more)}, "opens Api [POST /ping]: anybody, was nobody"},
		{"a route is gone", []func(*cloud.Spec){api(none, more)}, []func(*cloud.Spec){api(none)}, "closes Api [POST /ping]: nobody, was anybody"},
		{"an API key", []func(*cloud.Spec){api(none)}, []func(*cloud.Spec){api(none, key)}, "closes Api [GET /ping]: who has an API key, was anybody"},
		{"a private API", []func(*cloud.Spec){api(none, private)}, []func(*cloud.Spec){api(none)}, "opens Api [GET /ping]: anybody, was who comes by a VPC endpoint"},
		{"an open fact", []func(*cloud.Spec){api(tokens)}, []func(*cloud.Spec){api(open)}, "unknown Api [GET /ping]: nobody knows whom, was who has a token that Tokens accepts"},
		{"a URL for anybody", nil, []func(*cloud.Spec){url(cloud.Known("NONE"), forURL()...)}, "opens F [its URL]: anybody, was nobody"},
		{"a URL without its permissions", nil, []func(*cloud.Spec){url(cloud.Known("NONE"))}, ""},
		{"a URL that asked for a signature", []func(*cloud.Spec){url(cloud.Known("AWS_IAM"), forURL()...)}, []func(*cloud.Spec){url(cloud.Known("NONE"), forURL()...)},
			"opens F [its URL]: anybody, was who signs with IAM and may"},
		{"anybody may invoke", []func(*cloud.Spec){permits()}, []func(*cloud.Spec){permits(permission("*", ""))}, "opens F [anybody]: anybody, was nobody"},
		{"a service for a resource of the model's", []func(*cloud.Spec){api(none)}, []func(*cloud.Spec){api(none), permits(permission("apigateway.amazonaws.com", "arn:aws:execute-api:us-west-2:123456789012:"+api1+"/*/GET/ping"))},
			"opens F [apigateway.amazonaws.com for execute-api Api/*/GET/ping]: apigateway.amazonaws.com for execute-api Api/*/GET/ping, was nobody"},
		{"a service in anybody's name", nil, []func(*cloud.Spec){permits(permission("s3.amazonaws.com", ""))},
			"opens F [s3.amazonaws.com in anybody's name]: s3.amazonaws.com in anybody's name, was nobody"},
		{"an API that nobody described", []func(*cloud.Spec){undescribed("AWS::ApiGatewayV2::Api")}, []func(*cloud.Spec){api(none)}, "unknown Api [GET /ping]: anybody, was nobody knows whom"},
		{"APIs of the other kind that nobody described", []func(*cloud.Spec){undescribed("AWS::ApiGateway::RestApi")}, []func(*cloud.Spec){api(none)}, "opens Api [GET /ping]: anybody, was nobody"},
		{"an API whose routes nobody described", []func(*cloud.Spec){api(none, routesOpen)}, []func(*cloud.Spec){api(none)}, "unknown Api [GET /ping]: anybody, was nobody knows whom"},
		{"a route of an API that nobody describes any more", []func(*cloud.Spec){api(none)}, []func(*cloud.Spec){undescribed("AWS::ApiGatewayV2::Api")}, "unknown Api [GET /ping]: nobody knows whom, was anybody"},
		{"a URL that nobody described", []func(*cloud.Spec){undescribed("AWS::Lambda::Url")}, []func(*cloud.Spec){url(cloud.Known("NONE"), forURL()...)}, "unknown F [its URL]: anybody, was nobody knows whom"},
		{"a policy that nobody described", []func(*cloud.Spec){permits(unknownPolicy)}, []func(*cloud.Spec){permits(permission("*", ""))}, "unknown F [anybody]: anybody, was nobody knows whom"},
		{"a function that is described, of others that are not", []func(*cloud.Spec){undescribed("AWS::Lambda::Function")}, []func(*cloud.Spec){permits(permission("*", ""))}, "opens F [anybody]: anybody, was nobody"},
		{"what a permission is called", []func(*cloud.Spec){permits(permission("*", ""))}, []func(*cloud.Spec){permits(permission("*", "", called("Q")))}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, e := range Between(Side{Model: world(c.old...)}, Side{Model: world(c.now...)}).Entries {
				got += fmt.Sprintf("%s %s %v: %s, was %s", effect(e), e.Of, e.Names, e.Now.Text, e.Was.Text)
				if gap, _ := e.Missing(); e.At.IsZero() || e.Unclear() && gap == nil {
					t.Errorf("%+v", e)
				}
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func effect(e Entry) string {
	switch {
	case e.Opens():
		return "opens"
	case e.Unclear():
		return "unknown"
	case e.Closes():
		return "closes"
	}
	return "changes"
}

// Who is let in from another account is told apart from the account's own.
func TestAnotherAccountIsWide(t *testing.T) {
	for principal, want := range map[string]Who{"123456789012": Guarded, "210987654321": Wide, "arn:aws:iam::210987654321:root": Wide,
		"arn:aws:iam::123456789012:role/R": Guarded, "*": Anybody, "sns.amazonaws.com": Wide} {
		if got := lets(world(), permission(principal, "")); got.Who != want {
			t.Errorf("%s: %v, want %v", principal, got.Who, want)
		}
	}
	org := func(p *cloud.Permission) { p.OrgID = cloud.Known("o-1") }
	if got := lets(world(), permission("*", "", org)); got.Who != Wide || got.Text != "anybody of organization o-1" {
		t.Errorf("an organization: %+v", got)
	}
}

// What opens comes before what closes.
func TestEntriesInOrder(t *testing.T) {
	report := Between(Side{Model: world(permits(permission("sns.amazonaws.com", "")))}, Side{Model: world(permits(permission("*", "")))})
	if got := report.Entries; len(got) != 2 || !got[0].Opens() || !got[1].Closes() || !slices.Equal(got[1].Names, []string{"sns.amazonaws.com in anybody's name"}) {
		t.Errorf("%+v", got)
	}
}

// What one side has of a type that nobody lists on the other may be on both.
func TestWhatNobodyListsMayBeThere(t *testing.T) {
	none := cloud.RouteAuth{Kind: cloud.AuthNone}
	report := Between(Side{Model: world(undescribed("T"))}, Side{Model: world(api(none))})
	if len(report.Added) == 0 || len(report.Unlisted) != 1 || report.Unlisted[0].Because != "no file has them" {
		t.Errorf("added %+v, unlisted %+v", report.Added, report.Unlisted)
	}
	if report := Between(Side{Model: world()}, Side{Model: world(api(none))}); len(report.Added) == 0 || len(report.Unlisted) != 0 {
		t.Errorf("added %+v, unlisted %+v", report.Added, report.Unlisted)
	}
}
