package gateway_test

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"bailey/cloud"
)

// same compares an event with what AWS documents. Where the golden has
// "~text", the value is matched as a regular expression.
func same(t *testing.T, got any, golden string) {
	t.Helper()
	var want any
	if err := json.Unmarshal([]byte(golden), &want); err != nil {
		t.Fatal(err)
	}
	compare(t, "", got, want)
}

func compare(t *testing.T, at string, got, want any) {
	t.Helper()
	if pattern, ok := want.(string); ok && strings.HasPrefix(pattern, "~") {
		text, _ := got.(string)
		if !regexp.MustCompile("^" + pattern[1:] + "$").MatchString(text) {
			t.Errorf("%s: %v does not match %s", at, got, pattern[1:])
		}
		return
	}
	w, ok := want.(map[string]any)
	g, also := got.(map[string]any)
	if !ok || !also {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", at, got, want)
		}
		return
	}
	for k := range w {
		if _, there := g[k]; !there {
			t.Errorf("%s.%s is not there", at, k)
			continue
		}
		compare(t, at+"."+k, g[k], w[k])
	}
	for k := range g {
		if _, there := w[k]; !there {
			t.Errorf("%s.%s should not be there: %v", at, k, g[k])
		}
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.proxy-format
func TestPayloadFormat2(t *testing.T) {
	a := httpAPI(route("POST /pets/{id}"))
	a.Stages[0] = cloud.Stage{StageName: "test", Variables: map[string]cloud.Value[string]{"v1": cloud.Known("one")}}
	s := stood(t, a).on("f", says(fine))
	r := httptest.NewRequest("POST", "/test/pets/a%20b?p=1&p=2&q=%C3%A4&flag", strings.NewReader("Hello"))
	r.Host = host
	r.Header.Add("Header2", "value1")
	r.Header.Add("Header2", "value2")
	r.Header.Add("Cookie", "cookie1=a; cookie2=b")
	r.Header.Add("User-Agent", "agent")
	r.Header.Add("Content-Type", "text/plain")
	r.Header.Add("X-Forwarded-For", "203.0.113.9")
	r.Header.Add("Connection", "keep-alive")
	s.do(r)
	same(t, any(s.event()), `{
		"version": "2.0", "routeKey": "POST /pets/{id}", "rawPath": "/test/pets/a b", "rawQueryString": "p=1&p=2&q=%C3%A4&flag",
		"cookies": ["cookie1=a", "cookie2=b"],
		"headers": {"header2": "value1,value2", "user-agent": "agent", "content-type": "text/plain", "content-length": "5", "host": "`+host+`",
			"x-amzn-trace-id": "~Root=1-[0-9a-f]{8}-[0-9a-f]{24}", "x-forwarded-for": "203.0.113.9, 192.0.2.1", "x-forwarded-port": "443", "x-forwarded-proto": "https"},
		"queryStringParameters": {"p": "1,2", "q": "ä", "flag": ""},
		"requestContext": {"accountId": "123456789012", "apiId": "abcdef1234", "domainName": "`+host+`", "domainPrefix": "abcdef1234",
			"http": {"method": "POST", "path": "/test/pets/a b", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "agent"},
			"requestId": "~[A-Za-z0-9+/]{15}=", "routeKey": "POST /pets/{id}", "stage": "test",
			"time": "12/Mar/2026:12:00:00 +0000", "timeEpoch": 1773316800000},
		"pathParameters": {"id": "a b"}, "body": "Hello", "isBase64Encoded": false, "stageVariables": {"v1": "one"}}`)
}

// What a request does not have, format 2.0 leaves out.
func TestPayloadFormat2LeavesOutWhatIsNotThere(t *testing.T) {
	s := stood(t, httpAPI(route("$default"))).on("f", says(fine))
	s.call("GET /my/path", nil)
	same(t, any(s.event()), `{"version": "2.0", "routeKey": "$default", "rawPath": "/my/path", "rawQueryString": "",
		"headers": {"host": "`+host+`", "content-length": "0", "x-amzn-trace-id": "~.*", "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "443", "x-forwarded-proto": "https"},
		"requestContext": {"accountId": "123456789012", "apiId": "abcdef1234", "domainName": "`+host+`", "domainPrefix": "abcdef1234",
			"http": {"method": "GET", "path": "/my/path", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": ""},
			"requestId": "~.*", "routeKey": "$default", "stage": "$default", "time": "12/Mar/2026:12:00:00 +0000", "timeEpoch": 1773316800000},
		"isBase64Encoded": false}`)
}

const identity1 = `"accessKey": null, "accountId": null, "caller": null, "cognitoAuthenticationProvider": null, "cognitoAuthenticationType": null,
	"cognitoIdentityId": null, "cognitoIdentityPoolId": null, "principalOrgId": null, "sourceIp": "192.0.2.1", "user": null, "userArn": null`

// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
func TestPayloadFormat1OfARESTAPI(t *testing.T) {
	s := stood(t, restAPI(route("GET /pets/{proxy+}"))).on("f", says(fine))
	r := httptest.NewRequest("GET", "/prod/pets/a%2Fb/c?p=1&p=2", nil)
	r.Host = host
	r.Header.Add("Header2", "value1")
	r.Header.Add("Header2", "value2")
	r.Header.Add("User-Agent", "agent")
	s.do(r)
	same(t, any(s.event()), `{"resource": "/pets/{proxy+}", "path": "/pets/a%2Fb/c", "httpMethod": "GET",
		"headers": {"Header2": "value2", "User-Agent": "agent", "Host": "`+host+`", "X-Amzn-Trace-Id": "~.*", "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "https"},
		"multiValueHeaders": {"Header2": ["value1", "value2"], "User-Agent": ["agent"], "Host": ["`+host+`"],
			"X-Amzn-Trace-Id": ["`+at(s.event(), "headers.X-Amzn-Trace-Id").(string)+`"], "X-Forwarded-For": ["192.0.2.1"], "X-Forwarded-Port": ["443"], "X-Forwarded-Proto": ["https"]},
		"queryStringParameters": {"p": "2"}, "multiValueQueryStringParameters": {"p": ["1", "2"]},
		"requestContext": {"accountId": "123456789012", "apiId": "abcdef1234", "domainName": "`+host+`", "domainPrefix": "abcdef1234",
			"extendedRequestId": "~[A-Za-z0-9+/]{15}=", "httpMethod": "GET", "identity": {`+identity1+`, "userAgent": "agent"},
			"path": "/prod/pets/a%2Fb/c", "protocol": "HTTP/1.1", "requestId": "~[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
			"requestTime": "12/Mar/2026:12:00:00 +0000", "requestTimeEpoch": 1773316800000, "resourceId": "~[a-z0-9]{6}", "resourcePath": "/pets/{proxy+}",
			"stage": "prod", "deploymentId": "~[a-z0-9]{6}"},
		"pathParameters": {"proxy": "a%2Fb/c"}, "stageVariables": null, "body": null, "isBase64Encoded": false}`)
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
func TestASignatureGoesNoFurther(t *testing.T) {
	s := stood(t, restAPI(route("GET /"))).on("f", says(fine))
	for sent, want := range map[string]any{"AWS4-HMAC-SHA256 Credential=a": nil, "Bearer b": "Bearer b"} {
		s.gets("GET /prod", headers{"Authorization": sent}, "200 fine")
		if got := at(s.event(), "headers.Authorization"); got != want {
			t.Errorf("%s: the function got %v", sent, got)
		}
	}
}

// A semicolon splits the query of a REST API, and none that is encoded.
func TestAQueryWithSemicolons(t *testing.T) {
	s := stood(t, restAPI(route("GET /"))).on("f", says(fine))
	s.call("GET /prod?a=1;b=2&c=3%3B4", nil)
	same(t, s.event()["queryStringParameters"], `{"a": "1", "b": "2", "c": "3;4"}`)
	s = stood(t, httpAPI(route("GET /"))).on("f", says(fine))
	s.call("GET /?a=1;b=2", nil)
	same(t, s.event()["queryStringParameters"], `{"a": "1;b=2"}`)
}

func TestPayloadFormat1OfAnHTTPAPI(t *testing.T) {
	s := stood(t, httpAPI(route("GET /my/path", one))).on("f", says(fine))
	s.call("GET /my/path?a=b", nil)
	same(t, any(s.event()), `{"version": "1.0", "resource": "/my/path", "path": "/my/path", "httpMethod": "GET",
		"headers": {"host": "`+host+`", "content-length": "0", "x-amzn-trace-id": "~.*", "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "443", "x-forwarded-proto": "https"},
		"multiValueHeaders": {"host": ["`+host+`"], "content-length": ["0"], "x-amzn-trace-id": ["`+at(s.event(), "headers.x-amzn-trace-id").(string)+`"], "x-forwarded-for": ["192.0.2.1"], "x-forwarded-port": ["443"], "x-forwarded-proto": ["https"]},
		"queryStringParameters": {"a": "b"}, "multiValueQueryStringParameters": {"a": ["b"]},
		"requestContext": {"accountId": "123456789012", "apiId": "abcdef1234", "authorizer": {"claims": null, "scopes": null}, "domainName": "`+host+`", "domainPrefix": "abcdef1234",
			"extendedRequestId": "~.*", "httpMethod": "GET", "identity": {`+identity1+`, "userAgent": null}, "path": "/my/path", "protocol": "HTTP/1.1", "requestId": "~.*=",
			"requestTime": "12/Mar/2026:12:00:00 +0000", "requestTimeEpoch": 1773316800000, "resourceId": null, "resourcePath": "/my/path", "stage": "$default"},
		"pathParameters": null, "stageVariables": null, "body": null, "isBase64Encoded": false}`)
}

// An HTTP API decodes the path and cuts it at a question mark in it.
func TestAnHTTPAPIDecodesThePath(t *testing.T) {
	s := stood(t, httpAPI(route("$default"))).on("f", says(fine))
	s.call("GET /caf%C3%A9%3Fx/y", nil)
	if got := s.event()["rawPath"]; got != "/café" {
		t.Errorf("rawPath %v", got)
	}
}

func TestBinaryBodies(t *testing.T) {
	rest := restAPI(route("POST /"))
	rest.BinaryTypes = []string{"image/*"}
	tests := []struct {
		name, content, body, want string
		api                       cloud.API
		encoded                   bool
	}{
		{"HTTP, JSON", "application/json; charset=utf-8", "{}", "{}", httpAPI(route("POST /")), false},
		{"HTTP, image", "image/png", "\xff\xfe", "//4=", httpAPI(route("POST /")), true},
		{"HTTP, form", "application/x-www-form-urlencoded", "a=b", "YT1i", httpAPI(route("POST /")), true},
		{"HTTP, unnamed text", "", "abc", "abc", httpAPI(route("POST /")), false},
		{"HTTP, unnamed bytes", "", "\xff", "/w==", httpAPI(route("POST /")), true},
		{"REST, listed", "image/png", "\xff\xfe", "//4=", rest, true},
		{"REST, not listed", "application/octet-stream", "abc", "abc", rest, false},
	}
	for _, test := range tests {
		s := stood(t, test.api).on("f", says(fine))
		path := "POST /"
		if test.api.Kind == cloud.RESTAPI {
			path = "POST /prod"
		}
		h := headers{}
		if test.content != "" {
			h["Content-Type"] = test.content
		}
		s.call(path, h, test.body)
		if e := s.event(); e["body"] != test.want || e["isBase64Encoded"] != test.encoded {
			t.Errorf("%s: body %v, isBase64Encoded %v", test.name, e["body"], e["isBase64Encoded"])
		}
	}
}
