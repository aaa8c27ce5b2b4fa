package gateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

const base = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/"

// policy is an authorizer's answer.
func policy(effect, resource string) map[string]any {
	return map[string]any{"principalId": "me", "policyDocument": map[string]any{"Version": "2012-10-17",
		"Statement": []any{map[string]any{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}}}}
}

func with(out map[string]any, key string, v any) map[string]any {
	out[key] = v
	return out
}

// byToken is a REST API with a TOKEN authorizer on /a and /b.
func byToken(ttl time.Duration) cloud.API {
	a := restAPI(route("GET /a", guarded(cloud.AuthCustom, "z")), route("GET /b", guarded(cloud.AuthCustom, "z")), route("GET /open"))
	a.Authorizers = []cloud.Authorizer{{Meta: cloud.Meta{Name: "Auth"}, ID: "z", Kind: cloud.TokenAuthorizer, Function: arn("auth"), TTL: ttl,
		Identity: []string{"method.request.header.Authorization"}, Validation: "^tok.*"}}
	return a
}

const (
	restUnauthorized = `401 {"message":"Unauthorized"}`
	restDenied       = `403 {"Message":"User is not authorized to access this resource"}`
	restDeniedFully  = `403 {"Message":"User is not authorized to access this resource with an explicit deny"}`
	restBroken       = `500 {"message":null}`
)

func TestATokenAuthorizer(t *testing.T) {
	var answer func(map[string]any) (any, error)
	s := stood(t, byToken(0)).on("f", says(fine)).on("auth", func(e map[string]any) (any, error) { return answer(e) })
	tests := []struct {
		name, token string
		answer      func(map[string]any) (any, error)
		want        string
		runs        bool
	}{
		{"allowed", "token", says(policy("Allow", base+"prod/GET/a")), "200 fine", true},
		{"allowed by wildcard", "token", says(policy("Allow", "*")), "200 fine", true},
		{"denied", "token", says(policy("Deny", "*")), restDeniedFully, true},
		{"another path", "token", says(policy("Allow", base+"prod/GET/b")), restDenied, true},
		{"no token", "", says(policy("Allow", "*")), restUnauthorized, false},
		{"token of another form", "other", says(policy("Allow", "*")), restUnauthorized, false},
		{"the word Unauthorized", "token", fails("Unauthorized"), restUnauthorized, true},
		{"another exception", "token", fails("boom"), restBroken, true},
		{"no policy", "token", says(map[string]any{"principalId": "me"}), restBroken, true},
		{"no principal", "token", says(map[string]any{"policyDocument": policy("Allow", "*")["policyDocument"]}), restBroken, true},
		{"a word", "token", says("Allow"), restBroken, true},
		{"nothing", "token", says(nil), restBroken, true},
		{"policy without statements", "token", says(with(policy("Allow", "*"), "policyDocument", map[string]any{"Version": "2012-10-17", "Statement": []any{}})), restBroken, true},
		{"bad effect", "token", says(policy("allow", "*")), restBroken, true},
		{"context with a list", "token", says(with(policy("Allow", "*"), "context", map[string]any{"a": []int{1}})), restBroken, true},
		{"simple answers are no answers here", "token", says(map[string]any{"isAuthorized": true}), restBroken, true},
	}
	for _, test := range tests {
		answer, s.invoked, s.events = test.answer, nil, nil
		h := headers{}
		if test.token != "" {
			h["Authorization"] = test.token
		}
		s.gets("GET /prod/a", h, test.want)
		if ran := slices.Contains(s.invoked, "auth"); ran != test.runs {
			t.Errorf("%s: the authorizer ran: %t", test.name, ran)
		}
		if test.runs {
			same(t, any(s.events[0]), `{"type": "TOKEN", "methodArn": "`+base+`prod/GET/a", "authorizationToken": "token"}`)
		}
		if runs := slices.Contains(s.invoked, "f"); runs != (test.want == "200 fine") {
			t.Errorf("%s: the function ran: %t", test.name, runs)
		}
	}
	s.gets("GET /prod/open", nil, "200 fine")
}

// A policy is kept, not a verdict: one that names the first path fails the
// second.
// https://aws.amazon.com/premiumsupport/knowledge-center/api-gateway-lambda-authorization-errors/
func TestAKeptPolicyIsEvaluatedForEachMethod(t *testing.T) {
	s := stood(t, byToken(5*time.Minute)).on("f", says(fine)).on("auth", func(e map[string]any) (any, error) {
		return policy("Allow", e["methodArn"].(string)), nil
	})
	asked := func() int {
		return len(slices.DeleteFunc(slices.Clone(s.invoked), func(n string) bool { return n != "auth" }))
	}
	h := headers{"Authorization": "token1"}
	s.gets("GET /prod/a", h, "200 fine")
	s.gets("GET /prod/a", h, "200 fine")
	s.gets("GET /prod/b", h, restDenied)
	if asked() != 1 {
		t.Errorf("asked %d times", asked())
	}
	if why := s.refusals[0].Why; !strings.Contains(why, "does not allow "+base+"prod/GET/b (an answer kept from an earlier request)") {
		t.Error(why)
	}
	s.gets("GET /prod/b", headers{"Authorization": "token2"}, "200 fine")
	s.pass(5*time.Minute - time.Second)
	s.gets("GET /prod/b", h, restDenied)
	s.pass(time.Second)
	s.gets("GET /prod/b", h, "200 fine")
	if asked() != 3 {
		t.Errorf("asked %d times", asked())
	}
	s.gateway.Swap(s.config.Model)
	s.gets("GET /prod/a", h, restDenied) // a new deployment forgets nothing
}

func TestWhatIsNotKept(t *testing.T) {
	n := 0
	s := stood(t, byToken(5*time.Minute)).on("f", says(fine)).on("auth", func(map[string]any) (any, error) {
		n++
		switch n {
		case 1:
			return "malformed", nil
		case 2:
			return nil, functionFailed("Unauthorized")
		}
		return policy("Allow", "*"), nil
	})
	h := headers{"Authorization": "token"}
	s.gets("GET /prod/a", h, restBroken)
	s.gets("GET /prod/a", h, restUnauthorized)
	s.gets("GET /prod/a", h, "200 fine")
	s.gets("GET /prod/b", h, "200 fine")
	if n != 3 {
		t.Errorf("asked %d times", n)
	}
	never := stood(t, byToken(0)).on("f", says(fine)).on("auth", func(map[string]any) (any, error) { n++; return policy("Allow", "*"), nil })
	never.gets("GET /prod/a", h, "200 fine")
	never.gets("GET /prod/a", h, "200 fine")
	if n != 5 {
		t.Errorf("asked %d times in all with a time to live of 0", n)
	}
}

// The key of what is kept is all identity sources, and the stage.
func TestTheKeyOfAKeptAnswer(t *testing.T) {
	a := restAPI(route("GET /a", guarded(cloud.AuthCustom, "z")))
	a.Stages = append(a.Stages, cloud.Stage{StageName: "test"})
	a.Authorizers = []cloud.Authorizer{{ID: "z", Kind: cloud.RequestAuthorizer, Function: arn("auth"), TTL: time.Minute,
		Identity: []string{"method.request.header.H", "method.request.querystring.q", "context.httpMethod"}}}
	n := 0
	s := stood(t, a).on("f", says(fine)).on("auth", func(map[string]any) (any, error) { n++; return policy("Allow", "*"), nil })
	for i, call := range []struct {
		path, h string
		asked   int
	}{
		{"/prod/a?q=1", "x", 1}, {"/prod/a?q=1", "x", 1}, {"/prod/a?q=2", "x", 2}, {"/prod/a?q=1", "y", 3}, {"/test/a?q=1", "x", 4}, {"/prod/a?q=1&r=2", "x", 4},
	} {
		s.gets("GET "+call.path, headers{"H": call.h}, "200 fine")
		if n != call.asked {
			t.Errorf("call %d: asked %d times, want %d", i, n, call.asked)
		}
	}
	s.gets("GET /prod/a", headers{"H": "x"}, restUnauthorized)
	s.gets("GET /prod/a?q=", headers{"H": "x"}, restUnauthorized)
	if n != 4 {
		t.Error("the authorizer ran without its identity sources")
	}
}

func TestARequestAuthorizerOfARESTAPI(t *testing.T) {
	a := restAPI(route("GET /request/{p}", guarded(cloud.AuthCustom, "z")))
	a.Authorizers = []cloud.Authorizer{{ID: "z", Kind: cloud.RequestAuthorizer, Function: arn("auth")}}
	a.Stages[0].Variables = map[string]cloud.Value[string]{"v": cloud.Known("1")}
	s := stood(t, a).on("f", says(fine)).
		on("auth", says(with(policy("Allow", "*"), "context", map[string]any{"s": "text", "n": 1, "b": true})))
	s.gets("GET /prod/request/x?q=1", headers{"H": "v"}, "200 fine")
	e := s.events[0]
	for key, want := range map[string]any{"type": "REQUEST", "methodArn": base + "prod/GET/request/x", "resource": "/request/{p}", "path": "/request/x", "httpMethod": "GET"} {
		if e[key] != want {
			t.Errorf("%s: %v", key, e[key])
		}
	}
	for path, want := range map[string]any{"headers.H": "v", "queryStringParameters.q": "1", "pathParameters.p": "x", "stageVariables.v": "1",
		"requestContext.resourcePath": "/request/{p}", "requestContext.identity.sourceIp": "192.0.2.1"} {
		if got := at(e, path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	// The context of a REST API's authorizer becomes text.
	same(t, at(s.event(), "requestContext.authorizer"), `{"principalId": "me", "integrationLatency": 0, "s": "text", "n": "1", "b": "true"}`)
}

// httpAuthorized is an HTTP API with a REQUEST authorizer.
func httpAuthorized(change func(*cloud.Authorizer)) cloud.API {
	a := httpAPI(route("GET /a", guarded(cloud.AuthCustom, "z")), route("GET /b", guarded(cloud.AuthCustom, "z")))
	z := cloud.Authorizer{ID: "z", Kind: cloud.RequestAuthorizer, Function: arn("auth"), Payload: "2.0", Simple: true,
		Identity: []string{"$request.header.Authorization"}}
	if change != nil {
		change(&z)
	}
	a.Authorizers = []cloud.Authorizer{z}
	return a
}

func TestSimpleAnswers(t *testing.T) {
	const forbidden, broken = `403 {"message":"Forbidden"}`, `500 {"message":"Internal Server Error"}`
	tests := []struct{ output, want string }{
		{`{"isAuthorized": true}`, "200 fine"},
		{`{"isAuthorized": false}`, forbidden},
		{`{"isAuthorized": "false"}`, broken},
		{`{"isAuthorized": "true"}`, broken},
		{`{"isAuthorized": 1}`, broken},
		{`{"isAuthorized": null}`, broken},
		{`{"IsAuthorized": true}`, broken},
		{`{}`, broken},
		{`true`, broken},
		{`null`, broken},
		{`{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}`, broken},
	}
	for _, test := range tests {
		s := stood(t, httpAuthorized(nil)).on("f", says(fine)).on("auth", says(json.RawMessage(test.output)))
		s.gets("GET /a", headers{"Authorization": "t"}, test.want)
	}
	s := stood(t, httpAuthorized(nil)).on("f", says(fine)).on("auth", fails("Unauthorized"))
	s.gets("GET /a", headers{"Authorization": "t"}, broken)
	s.gets("GET /a", nil, `401 {"message":"Unauthorized"}`)
	if len(s.invoked) != 1 {
		t.Errorf("invoked %q", s.invoked)
	}
}

func TestTheEventsOfAnHTTPAPIsAuthorizer(t *testing.T) {
	s := stood(t, httpAuthorized(nil)).on("f", says(fine)).
		on("auth", says(map[string]any{"isAuthorized": true, "context": map[string]any{"n": 1, "l": []string{"a"}, "m": map[string]any{"k": nil}}}))
	s.gets("GET /a?x=y", headers{"Authorization": "secret"}, "200 fine")
	e := s.events[0]
	for path, want := range map[string]any{"version": "2.0", "type": "REQUEST", "routeArn": base + "$default/GET/a", "routeKey": "GET /a", "rawPath": "/a",
		"rawQueryString": "x=y", "headers.authorization": "secret", "requestContext.http.method": "GET", "body": nil} {
		if got := at(e, path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if got := fmt.Sprint(e["identitySource"]); got != "[secret]" {
		t.Errorf("identitySource %s", got)
	}
	same(t, at(s.event(), "requestContext.authorizer"), `{"lambda": {"n": 1, "l": ["a"], "m": {"k": null}}}`)

	s = stood(t, httpAuthorized(func(z *cloud.Authorizer) { z.Payload, z.Simple = "1.0", false })).on("f", says(fine)).on("auth", says(policy("Allow", base+"*/GET/a")))
	s.gets("GET /a", headers{"Authorization": "secret"}, "200 fine")
	e = s.events[0]
	for path, want := range map[string]any{"version": "1.0", "type": "REQUEST", "methodArn": base + "$default/GET/a", "identitySource": "secret",
		"authorizationToken": "secret", "path": "/a", "httpMethod": "GET", "headers.authorization": "secret"} {
		if got := at(e, path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	s.gets("GET /b", headers{"Authorization": "secret"}, `403 {"message":"Forbidden"}`)
}

// A simple answer that is kept holds for all routes, unless the route is one
// of the identity sources.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.caching
func TestKeptSimpleAnswers(t *testing.T) {
	for _, test := range []struct {
		identity []string
		asked    int
	}{
		{[]string{"$request.header.Authorization"}, 1},
		{[]string{"$request.header.Authorization", "$context.routeKey"}, 2},
		{nil, 3},
	} {
		s := stood(t, httpAuthorized(func(z *cloud.Authorizer) { z.TTL, z.Identity = time.Minute, test.identity })).
			on("f", says(fine)).on("auth", says(map[string]bool{"isAuthorized": true}))
		for _, path := range []string{"/a", "/b", "/a"} {
			s.gets("GET "+path, headers{"Authorization": "t"}, "200 fine")
		}
		if got := len(s.invoked) - 3; got != test.asked {
			t.Errorf("%q: asked %d times, want %d", test.identity, got, test.asked)
		}
	}
}

func TestAnAuthorizerNeedsAPermissionToo(t *testing.T) {
	s := stood(t, byToken(0)).on("f", says(fine)).on("auth", says(policy("Allow", "*")))
	s.denied["auth"] = "no statement"
	s.gets("GET /prod/a", headers{"Authorization": "token"}, restBroken)
	if s.sources[0] != base+"authorizers/z" || len(s.invoked) != 0 {
		t.Errorf("sources %q, invoked %q", s.sources, s.invoked)
	}
	if why := s.refusals[0].Why; !strings.Contains(why, "Invalid permissions on Lambda function") {
		t.Error(why)
	}
}
