package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
func TestCORSOfAnHTTPAPI(t *testing.T) {
	a := httpAPI(route("GET /a"), route("ANY /any", guarded(cloud.AuthCustom, "z")), route("GET /guarded", guarded(cloud.AuthCustom, "z")))
	a.Authorizers = []cloud.Authorizer{{ID: "z", Kind: cloud.RequestAuthorizer, Function: arn("auth"), Payload: "2.0", Simple: true, Identity: []string{"$request.header.Authorization"}}}
	a.CORS = &cloud.CORS{Origins: []string{"https://www.example.com", "http://*"}, Methods: []string{"GET", "POST"}, Headers: []string{"authorization"}, Expose: []string{"x-api-id"}, Credentials: true, MaxAge: 300}
	out := map[string]any{"statusCode": 200, "headers": map[string]string{"Access-Control-Allow-Origin": "https://backend", "Access-Control-Max-Age": "1"}, "body": "fine"}
	s := stood(t, a).on("f", says(out)).on("auth", says(map[string]bool{"isAuthorized": true}))
	ask := func(origin string) headers {
		return headers{"Origin": origin, "Access-Control-Request-Method": "GET"}
	}
	check := func(res *http.Response, want map[string]string) {
		t.Helper()
		for name, v := range want {
			if got := res.Header.Get("Access-Control-" + name); got != v {
				t.Errorf("%s: %q, want %q", name, got, v)
			}
		}
	}
	all := map[string]string{"Allow-Origin": "https://www.example.com", "Allow-Methods": "GET,POST", "Allow-Headers": "authorization", "Max-Age": "300", "Allow-Credentials": "true"}
	check(s.gets("OPTIONS /a", ask("https://www.example.com"), "204 "), all)
	check(s.gets("OPTIONS /nowhere", ask("https://www.example.com"), "204 "), all)
	check(s.gets("OPTIONS /guarded", ask("https://www.example.com"), "204 "), all)
	check(s.gets("OPTIONS /a", ask("http://any.example"), "204 "), map[string]string{"Allow-Origin": "http://any.example"})
	check(s.gets("OPTIONS /a", ask("https://evil.example"), "204 "), map[string]string{"Allow-Origin": "", "Allow-Methods": "", "Allow-Credentials": ""})
	if len(s.invoked) != 0 {
		t.Errorf("a preflight request invoked %q", s.invoked)
	}
	// ANY catches OPTIONS, and its authorizer with it.
	s.gets("OPTIONS /any", ask("https://www.example.com"), `401 {"message":"Unauthorized"}`)
	s.gets("OPTIONS /a", headers{"Origin": "https://www.example.com"}, `404 {"message":"Not Found"}`) // no preflight request
	// The backend's own headers are ignored.
	check(s.gets("GET /a", headers{"Origin": "https://www.example.com"}, "200 fine"), map[string]string{"Allow-Origin": "https://www.example.com", "Expose-Headers": "x-api-id", "Max-Age": "", "Allow-Credentials": "true"})
	check(s.gets("GET /a", headers{"Origin": "https://evil.example"}, "200 fine"), map[string]string{"Allow-Origin": "", "Expose-Headers": ""})
	check(s.gets("GET /a", nil, "200 fine"), map[string]string{"Allow-Origin": ""})
}

// OPTIONS of a REST API is what the template says: with an authorizer it
// refuses the preflight request.
func TestOPTIONSOfARESTAPI(t *testing.T) {
	mock := func(r *cloud.APIRoute) {
		r.Integration = &cloud.Integration{Kind: cloud.Mock, Passthrough: "WHEN_NO_MATCH", Templates: map[string]string{"application/json": "{statusCode: 200}"},
			Responses: []cloud.IntegrationResponse{{Status: "200", Params: map[string]string{"method.response.header.Access-Control-Allow-Origin": "'*'", "method.response.header.Access-Control-Allow-Methods": "'GET,POST'"},
				Templates: map[string]string{"application/json": ""}}}}
	}
	a := restAPI(route("OPTIONS /open", mock), route("OPTIONS /guarded", mock, guarded(cloud.AuthCustom, "z")))
	a.Authorizers = byToken(0).Authorizers
	s := stood(t, a)
	h := headers{"Origin": "https://x.example", "Access-Control-Request-Method": "GET"}
	res := s.gets("OPTIONS /prod/open", h, "200 ")
	if res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Access-Control-Allow-Methods") != "GET,POST" {
		t.Error(res.Header)
	}
	s.gets("OPTIONS /prod/guarded", h, restUnauthorized)
}

func TestMockIntegrations(t *testing.T) {
	mocked := func(template string, responses ...cloud.IntegrationResponse) func(*cloud.APIRoute) {
		return func(r *cloud.APIRoute) {
			r.Integration = &cloud.Integration{Kind: cloud.Mock, Passthrough: "NEVER", Templates: map[string]string{"application/json": template}, Responses: responses}
		}
	}
	json := func(status, selection, body string) cloud.IntegrationResponse {
		return cloud.IntegrationResponse{Status: status, Selection: selection, Templates: map[string]string{"application/json": body}}
	}
	s := stood(t, restAPI(
		route("GET /chosen", mocked(`{"statusCode": 404}`, json("200", "", "default"), json("404", "4\\d\\d", `{"stage":"$context.stage","id":"$stageVariables.none"}`))),
		route("GET /default", mocked(`{"statusCode": 200}`, json("200", "", "default"))),
		route("GET /unmatched", mocked(`{"statusCode": 500}`, json("200", "2..", "fine"))),
	))
	s.gets("GET /prod/chosen", nil, `404 {"stage":"prod","id":""}`)
	s.gets("GET /prod/default", nil, "200 default")
	s.gets("GET /prod/unmatched", nil, `500 {"message": "Internal server error"}`)
	s.gets("GET /prod/default", headers{"Content-Type": "text/xml"}, `415 {"message": "Unsupported Media Type"}`)
}

// What is not there is named when the API is compiled, and by every answer.
func TestWhatIsNotHereIsRefusedByName(t *testing.T) {
	kinds := func(i cloud.Integration) func(*cloud.APIRoute) {
		return func(r *cloud.APIRoute) { r.Integration = &i }
	}
	s := stood(t, restAPI(
		route("GET /sqs", kinds(cloud.Integration{Kind: cloud.ServiceCall, Service: "sqs:path/123/q"})),
		route("GET /open", func(r *cloud.APIRoute) { r.Auth.Open = &cloud.Gap{Because: "parameter Auth has no value"} }),
		route("GET /lost", guarded(cloud.AuthCustom, "nobody")),
	))
	for path, want := range map[string]string{"sqs": "sqs:path/123/q", "open": "parameter Auth has no value", "lost": "authorizer"} {
		res := s.call("GET /prod/"+path, nil)
		if got := text(res); res.StatusCode != 500 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", path, res.StatusCode, got)
		}
	}
	if n := len(s.gateway.Refused()); n != 3 {
		t.Errorf("%d refused", n)
	}
}

// A backend that tells what it got.
func backend(t *testing.T) (*httptest.Server, *http.Request) {
	got := &http.Request{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*got = *r.Clone(context.Background())
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Back", "yes")
		w.Header().Set("Server", "backend")
		if r.URL.Query().Has("fail") {
			w.WriteHeader(500)
		}
		w.Write(append([]byte("got "), body...))
	}))
	t.Cleanup(srv.Close)
	return srv, got
}

func proxied(address string, change ...func(*cloud.Integration)) func(*cloud.APIRoute) {
	return func(r *cloud.APIRoute) {
		r.Integration = &cloud.Integration{Kind: cloud.HTTPProxy, URL: cloud.Known(address), Method: "ANY", Payload: "1.0", Timeout: 30 * time.Second}
		for _, c := range change {
			c(r.Integration)
		}
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
func TestHTTPIntegrationsOfAnHTTPAPI(t *testing.T) {
	srv, got := backend(t)
	a := httpAPI(
		route("GET /pets/{id}", proxied(srv.URL+"/animals/{id}")),
		route("ANY /all/{proxy+}", proxied(srv.URL+"/base/{proxy}?fixed=1")),
		route("$default", proxied(srv.URL+"/base")),
		route("POST /mapped", proxied(srv.URL, func(i *cloud.Integration) {
			i.Params = map[string]string{"overwrite:path": "/over/$request.path.x${request.querystring.q}", "append:header.X-Id": "$context.requestId", "remove:querystring.q": "''",
				"overwrite:header.X-Name": "$request.body.user.name", "append:querystring.stage": "$stageVariables.v", "overwrite:header.Authorization": "mine", "remove:header.X-Gone": "''"}
			i.Responses = []cloud.IntegrationResponse{{Status: "500", Params: map[string]string{"overwrite:statuscode": "403", "append:header.Error": "$stageVariables.v", "overwrite:header.X-Back": "${response.header.X-Back}!"}}}
		})),
	)
	a.Stages[0].Variables = map[string]cloud.Value[string]{"v": cloud.Known("one")}
	s := stood(t, a)
	s.config.Internet = http.DefaultTransport
	s.restart()
	res := s.gets("GET /pets/a%20b?x=1&x=2", headers{"X-H": "v"}, "200 got ")
	if got.URL.String() != "/animals/a%20b?x=1&x=2" || got.Header.Get("X-H") != "v" {
		t.Errorf("%s %v", got.URL, got.Header)
	}
	if res.Header.Get("X-Back") != "yes" || res.Header.Get("Server") != "" {
		t.Error(res.Header)
	}
	s.gets("PUT /all/a/b?c=d", nil, "200 got body", "body")
	if got.Method != "PUT" || got.URL.String() != "/base/a/b?c=d&fixed=1" {
		t.Errorf("%s %s", got.Method, got.URL)
	}
	s.gets("GET /some/where", nil, "200 got ")
	if got.URL.Path != "/base/some/where" {
		t.Error(got.URL)
	}
	res = s.gets("POST /mapped?q=7&fail", headers{"X-Gone": "x", "Authorization": "theirs", "Content-Type": "application/json"}, `403 got {"user":{"name":"Ann"}}`, `{"user":{"name":"Ann"}}`)
	if got.URL.Path != "/over/7" || got.URL.Query().Has("q") || got.URL.Query().Get("stage") != "one" {
		t.Error(got.URL)
	}
	for name, want := range map[string]string{"X-Name": "Ann", "X-Gone": "", "Authorization": "theirs"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
	if got.Header.Get("X-Id") == "" || res.Header.Get("Error") != "one" || res.Header.Get("X-Back") != "yes!" {
		t.Errorf("%v %v", got.Header, res.Header)
	}
}

func TestHTTPIntegrationsOfARESTAPI(t *testing.T) {
	srv, got := backend(t)
	s := stood(t, restAPI(route("ANY /p/{proxy+}", proxied(srv.URL+"/back/{proxy}", func(i *cloud.Integration) {
		i.Params = map[string]string{"integration.request.path.proxy": "method.request.path.proxy", "integration.request.header.X-Static": "'fixed'",
			"integration.request.querystring.who": "context.identity.sourceIp"}
	}))))
	s.gets("GET /prod/p/x", nil, `504 {"message": "Network error communicating with endpoint"}`)
	s.config.Internet = http.DefaultTransport
	s.restart()
	res := s.gets("GET /prod/p/a/b?q=1", nil, "200 got ")
	if got.URL.Path != "/back/a/b" || got.URL.Query().Get("who") != "192.0.2.1" || got.URL.Query().Get("q") != "1" || got.Header.Get("X-Static") != "fixed" {
		t.Errorf("%s %v", got.URL, got.Header)
	}
	if res.Header.Get("X-Amzn-Remapped-Server") != "backend" {
		t.Error(res.Header)
	}
}

func TestVPCLinks(t *testing.T) {
	srv, got := backend(t)
	listener := "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/lb/1/2"
	a := httpAPI(route("ANY /{proxy+}", proxied(listener, func(i *cloud.Integration) { i.VPCLink = "link1" })))
	s := stood(t, a, func(spec *cloud.Spec) { spec.VPCLinks = []cloud.VPCLink{{ID: "link1", Kind: cloud.HTTPAPI}} })
	if res := s.call("GET /a", nil); !strings.Contains(text(res), "bailey does not have VPC links") {
		t.Error(res)
	}
	s.config.Dial = func(ctx context.Context, link cloud.VPCLink, address string) (net.Conn, error) {
		if link.ID != "link1" || address != listener {
			return nil, errors.New("wrong link or address: " + address)
		}
		u, _ := url.Parse(srv.URL)
		return net.Dial("tcp", u.Host)
	}
	s.restart()
	s.gets("GET /a/b?c=d", nil, "200 got ")
	if got.URL.String() != "/a/b?c=d" {
		t.Error(got.URL)
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
func TestRequestValidation(t *testing.T) {
	const invalid = `400 {"message": "Invalid request body"}`
	a := restAPI(route("POST /v", func(r *cloud.APIRoute) {
		r.ValidateBody, r.ValidateParams = true, true
		r.Params = map[string]bool{"method.request.querystring.q1": true, "method.request.header.H1": true, "method.request.querystring.free": false}
		r.BodyModels = map[string]string{"application/json": "Pet"}
	}), route("POST /empty", func(r *cloud.APIRoute) {
		r.ValidateBody, r.BodyModels = true, map[string]string{"application/json": "Empty"}
	}), route("POST /default", func(r *cloud.APIRoute) {
		r.ValidateBody, r.BodyModels = true, map[string]string{"$default": "Pet", "text/free": "Empty"}
	}))
	a.Models = []cloud.APIModel{
		{ModelName: "Pet", Schema: jsonNode(t, `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["name","price"],
			"properties":{"name":{"type":"string"},"type":{"enum":["dog","cat"]},"price":{"$ref":"https://apigateway.amazonaws.com/restapis/abcdef1234/models/Price"},"tags":{"type":"array","items":{"$ref":"#/definitions/tag"}}},
			"definitions":{"tag":{"type":"string","maxLength":3}}}`)},
		{ModelName: "Price", Schema: jsonNode(t, `{"type":"number","minimum":25,"maximum":500,"exclusiveMaximum":true}`)},
	}
	s := stood(t, a).on("f", says(fine))
	tests := []struct{ path, h1, content, body, want string }{
		{"/v?q1=x", "v", "application/json", `{"name":"Molly","price":100}`, "200 fine"},
		{"/v?q1=x", "v", "", `{"name":"Molly","price":100}`, "200 fine"},
		{"/v?q1=x", "v", "application/json; charset=utf-8", `{"name":"Molly"}`, invalid},
		{"/v?q1=x", "v", "application/json", `{"name":"Molly","price":500}`, invalid}, // draft 4: exclusiveMaximum is a boolean
		{"/v?q1=x", "v", "application/json", `{"name":"Molly","price":100,"tags":["long"]}`, invalid},
		{"/v?q1=x", "v", "application/json", `{"name":"Molly","price":100,"type":"bird"}`, invalid},
		{"/v?q1=x", "v", "application/json", `not json`, invalid},
		{"/v?q1=x", "v", "application/json", ``, invalid},
		{"/v?q1=x", "v", "text/plain", `anything`, "200 fine"}, // no model for it
		{"/v", "v", "application/json", `{"name":"Molly","price":100}`, `400 {"message": "Missing required request parameters: [q1]"}`},
		{"/v?q1=", "", "application/json", `not json`, `400 {"message": "Missing required request parameters: [H1, q1]"}`},
		{"/empty", "", "application/json", `anything`, "200 fine"},
		{"/default", "", "text/plain", `{"name":"Molly","price":100}`, "200 fine"},
		{"/default", "", "text/plain", `{"name":"Molly"}`, invalid},
		{"/default", "", "text/free", `anything`, "200 fine"},
	}
	for _, test := range tests {
		h := headers{"Content-Type": test.content}
		if test.h1 != "" {
			h["H1"] = test.h1
		}
		s.gets("POST /prod"+test.path, h, test.want, test.body)
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
func TestAccessLogs(t *testing.T) {
	format := `{"id":"$context.requestId","ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent","when":"$context.requestTime","key":"$context.routeKey","status":$context.status,` +
		`"type":"$context.error.responseType","said":$context.error.messageString,"auth":"$context.authorizer.error","who":"$context.authorizer.principalId","ctx":"$context.authorizer.n","int":"$context.integrationStatus/$context.integration.status","len":"$context.responseLength","none":"$context.nothing"}`
	a := byToken(0)
	a.Stages[0].AccessLog = &cloud.AccessLog{Format: format, Destination: logGroup}
	s := stood(t, a).on("f", says(fine)).on("auth", says(with(policy("Allow", base+"prod/GET/a"), "context", map[string]any{"n": 7})))
	last := func() string {
		line, ok := strings.CutPrefix(s.lines[len(s.lines)-1], "/api: ")
		if !ok {
			t.Errorf("group: %s", s.lines)
		}
		_, rest, _ := strings.Cut(line, `"ip"`)
		return rest
	}
	tests := []struct{ call, token, agent, want string }{
		{"GET /prod/a", "token", `a"b\`, `:"192.0.2.1","agent":"a\"b\\","when":"12/Mar/2026:12:00:00 +0000","key":"GET /a","status":200,"type":"-","said":-,"auth":"-","who":"me","ctx":"7","int":"200/200","len":"4","none":"-"}`},
		{"GET /prod/b", "token", "x", `:"192.0.2.1","agent":"x","when":"12/Mar/2026:12:00:00 +0000","key":"GET /b","status":403,"type":"ACCESS_DENIED","said":"User is not authorized to access this resource","auth":"User is not authorized to access this resource","who":"me","ctx":"7","int":"-/-","len":"60","none":"-"}`},
		{"GET /prod/a", "", "x", `:"192.0.2.1","agent":"x","when":"12/Mar/2026:12:00:00 +0000","key":"GET /a","status":401,"type":"UNAUTHORIZED","said":"Unauthorized","auth":"Unauthorized","who":"-","ctx":"-","int":"-/-","len":"26","none":"-"}`},
		{"GET /prod/x", "", "x", `:"192.0.2.1","agent":"x","when":"12/Mar/2026:12:00:00 +0000","key":"-","status":403,"type":"MISSING_AUTHENTICATION_TOKEN","said":"Missing Authentication Token","auth":"-","who":"-","ctx":"-","int":"-/-","len":"42","none":"-"}`},
	}
	for _, test := range tests {
		h := headers{"User-Agent": test.agent}
		if test.token != "" {
			h["Authorization"] = test.token
		}
		s.call(test.call, h)
		if got := last(); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.call, got, test.want)
		}
	}
	a.Stages[0].AccessLog.Format = `$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength`
	s = stood(t, a).on("f", says(fine))
	s.call("GET /prod/open", nil)
	if want := `/api: 192.0.2.1 - - [12/Mar/2026:12:00:00 +0000]"GET /open HTTP/1.1" 200 4`; s.lines[0] != want {
		t.Errorf("common log format: %s", s.lines[0])
	}
}
