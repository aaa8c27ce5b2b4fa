package gateway_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/lambda"
)

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.v2
func TestAnswersOfFormat2(t *testing.T) {
	const wrong = `500 {"message":"Internal Server Error"}`
	tests := []struct{ output, want, content string }{
		{`"Hello from Lambda!"`, "200 Hello from Lambda!", "application/json"},
		{`{ "message": "Hello" }`, `200 { "message": "Hello" }`, "application/json"},
		{`[1,2]`, "200 [1,2]", "application/json"},
		{`null`, "200 null", "application/json"},
		{`{"statusCode":201}`, "201 ", "text/plain;charset=UTF-8"},
		{`{"statusCode":"202","body":"x"}`, "202 x", "text/plain;charset=UTF-8"},
		{`{"statusCode":200,"headers":{"Content-Type":"text/html","X-N":7,"X-B":true},"body":"<p>"}`, "200 <p>", "text/html"},
		{`{"statusCode":200,"body":"aGk=","isBase64Encoded":true}`, "200 hi", "text/plain;charset=UTF-8"},
		{`{"statuscode":404}`, `200 {"statuscode":404}`, "application/json"},
		{`{"statusCode":200,"body":{"a":1}}`, wrong, "application/json"},
		{`{"statusCode":"abc"}`, wrong, "application/json"},
		{`{"statusCode":99}`, wrong, "application/json"},
		{`{"statusCode":200,"headers":[]}`, wrong, "application/json"},
		{`{"statusCode":200,"body":"%%","isBase64Encoded":true}`, wrong, "application/json"},
		{`{"statusCode":200,"isBase64Encoded":"yes"}`, wrong, "application/json"},
	}
	for _, test := range tests {
		s := stood(t, httpAPI(route("GET /"))).on("f", says(json.RawMessage(test.output)))
		res := s.gets("GET /", nil, test.want)
		if got := res.Header.Get("Content-Type"); got != test.content {
			t.Errorf("%s: content type %s, want %s", test.output, got, test.content)
		}
		if res.Header.Get("Apigw-Requestid") == "" {
			t.Errorf("%s: no apigw-requestid", test.output)
		}
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
func TestAnswersOfFormat1(t *testing.T) {
	const wrong = `502 {"message": "Internal server error"}`
	tests := []struct{ output, want string }{
		{`{"statusCode":200,"body":"x"}`, "200 x"},
		{`{"statusCode":204}`, "204 "},
		{`"Hello"`, wrong},
		{`null`, wrong},
		{`[]`, wrong},
		{`{"body":"x"}`, "200 x"}, // nothing is mandatory
		{`{}`, "200 "},
		{`{"statusCode":201,"statusDescription":"Created"}`, wrong}, // and nothing else may be there
		{`{"statusCode":200,"headers":{"X-N":7}}`, wrong},
		{`{"statusCode":200,"headers":{"X-B":true}}`, "200 "},
		{`{"statusCode":200,"body":7}`, wrong},
		{`{"statusCode":200,"multiValueHeaders":{"a":"b"}}`, wrong},
		{`{"StatusCode":200}`, wrong},
	}
	for _, test := range tests {
		s := stood(t, restAPI(route("GET /"))).on("f", says(json.RawMessage(test.output)))
		res := s.gets("GET /prod", nil, test.want)
		if id := res.Header.Values("x-amzn-RequestId"); len(id)+len(asSent(res.Header, "x-amzn-RequestId")) == 0 {
			t.Errorf("%s: no x-amzn-RequestId", test.output)
		}
		if test.want == wrong && asSent(res.Header, "x-amzn-ErrorType")[0] != "InternalServerErrorException" {
			t.Errorf("%s: error type %v", test.output, asSent(res.Header, "x-amzn-ErrorType"))
		}
	}
}

func TestHeadersOfAnswers(t *testing.T) {
	out := map[string]any{"statusCode": 200, "headers": map[string]string{"X-A": "1", "X-Both": "single", "Server": "mine", "Transfer-Encoding": "chunked", "X-Split": "a\r\nSet-Cookie: b", "Bad Name": "x"},
		"multiValueHeaders": map[string][]string{"Set-Cookie": {"a=1", "b=2"}, "X-Both": {"m1", "m2"}}}
	s := stood(t, restAPI(route("GET /"))).on("f", says(out))
	h := s.gets("GET /prod", nil, "200 ").Header
	for name, want := range map[string]string{"X-A": "1", "X-Both": "m1|m2", "Set-Cookie": "a=1|b=2", "X-Amzn-Remapped-Server": "mine", "Content-Type": "application/json",
		"Server": "", "Transfer-Encoding": "", "X-Split": "", "Bad Name": ""} {
		if got := strings.Join(h[name], "|"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	ids := map[string]any{"statusCode": 200, "headers": map[string]string{"x-amzn-RequestId": "mine", "x-amz-apigw-id": "mine"}}
	h = stood(t, restAPI(route("GET /"))).on("f", says(ids)).call("GET /prod", nil).Header
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Apigw-Id"} {
		var got []string
		for sent, values := range h {
			if strings.EqualFold(sent, name) {
				got = append(got, values...)
			}
		}
		if len(got) != 1 || got[0] == "mine" {
			t.Errorf("%s: %q, want the gateway's own alone", name, got)
		}
	}
	two := stood(t, httpAPI(route("GET /"))).on("f", says(map[string]any{"statusCode": 200, "cookies": []string{"a=1; Secure", "b=2"}}))
	if got := two.call("GET /", nil).Header["Set-Cookie"]; len(got) != 2 || got[0] != "a=1; Secure" {
		t.Errorf("cookies: %q", got)
	}
}

func TestWhatAFailedInvocationAnswers(t *testing.T) {
	errs := func(err error) func(map[string]any) (any, error) {
		return func(map[string]any) (any, error) { return nil, err }
	}
	tests := []struct {
		name       string
		f          func(map[string]any) (any, error)
		rest, http string
	}{
		{"exception", fails("boom"), `502 {"message": "Internal server error"}`, `500 {"message":"Internal Server Error"}`},
		{"throttled", errs(&lambda.Error{Status: 429, Type: "TooManyRequestsException"}), `500 {"message": "Internal server error"}`, `500 {"message":"Internal Server Error"}`},
		{"too large", errs(&lambda.Error{Status: 413}), `413 {"message":"Request Too Long"}`, `413 {"message":"Request Entity Too Large"}`},
		{"timeout", errs(context.DeadlineExceeded), `504 {"message": "Endpoint request timed out"}`, `503 {"message":"Service Unavailable"}`},
	}
	for _, test := range tests {
		stood(t, restAPI(route("GET /"))).on("f", test.f).gets("GET /prod", nil, test.rest)
		stood(t, httpAPI(route("GET /"))).on("f", test.f).gets("GET /", nil, test.http)
	}
}

// Without the function's permission a client learns only that something is
// wrong; the logs say what.
func TestThePermissionDecidesWhetherTheAPIMayInvoke(t *testing.T) {
	a := restAPI(route("GET /pets/{id}"))
	a.Stages[0].Routes = map[string]cloud.StageRule{"* /*": {Logging: "ERROR"}}
	s := stood(t, a).on("f", says(fine))
	s.denied["f"] = "no statement covers the source ARN"
	s.gets("GET /prod/pets/7", nil, `500 {"message": "Internal server error"}`)
	if len(s.invoked) != 0 {
		t.Error("the function ran")
	}
	if want := "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/pets/{id}"; s.sources[0] != want {
		t.Errorf("source ARN %s, want %s", s.sources[0], want)
	}
	if log := strings.Join(s.lines, "\n"); !strings.Contains(log, "API-Gateway-Execution-Logs_abcdef1234/prod: (") ||
		!strings.Contains(log, "Execution failed due to configuration error: Invalid permissions on Lambda function: no statement covers") {
		t.Errorf("log: %s", log)
	}
	two := httpAPI(route("$default"))
	two.Stages[0].AccessLog = &cloud.AccessLog{Format: "$context.status $context.integrationErrorMessage", Destination: logGroup}
	s = stood(t, two).on("f", says(fine))
	s.denied["f"] = "none"
	s.gets("GET /x", nil, `500 {"message":"Internal Server Error"}`)
	if s.sources[0] != "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/$default/$default" {
		t.Errorf("source ARN %s", s.sources[0])
	}
	if want := "/api: 500 The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."; s.lines[0] != want {
		t.Errorf("log %s", s.lines[0])
	}
}

func TestAnIntegrationWithARole(t *testing.T) {
	role := func(arn string) *stand {
		s := stood(t, restAPI(route("GET /", func(r *cloud.APIRoute) { r.Integration.Credentials = arn }))).on("f", says(fine))
		s.denied["f"] = "no permission, which does not matter"
		return s
	}
	role("arn:aws:iam::123456789012:role/may").gets("GET /prod", nil, "200 fine")
	role("arn:aws:iam::123456789012:role/other").gets("GET /prod", nil, `500 {"message": "Internal server error"}`)
}

var logGroup = cloud.Known(cloud.ARN{Partition: "aws", Service: "logs", Region: region, Account: account, Resource: "log-group:/api"})

func TestBinaryAnswersOfARESTAPI(t *testing.T) {
	out := map[string]any{"statusCode": 200, "body": "aGk=", "isBase64Encoded": true, "headers": map[string]string{"Content-Type": "image/png"}}
	tests := []struct{ types, accept, want string }{
		{"image/png", "image/png", "hi"},
		{"image/png", "image/webp,image/png", "aGk="},
		{"image/png", "", "aGk="},
		{"*/*", "", "hi"},
		{"*/*", "text/html, image/png", "hi"},
		{"", "image/png", "aGk="},
	}
	for _, test := range tests {
		a := restAPI(route("GET /"))
		if test.types != "" {
			a.BinaryTypes = []string{test.types}
		}
		h := headers{}
		if test.accept != "" {
			h["Accept"] = test.accept
		}
		stood(t, a).on("f", says(out)).gets("GET /prod", h, "200 "+test.want)
	}
}

func TestCompression(t *testing.T) {
	a := restAPI(route("POST /"))
	a.MinCompression = 10
	s := stood(t, a).on("f", says(map[string]any{"statusCode": 200, "body": strings.Repeat("long ", 100)}))
	res := s.call("POST /prod", headers{"Accept-Encoding": "br, gzip"}, "x")
	z, err := gzip.NewReader(res.Body)
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, %v", err, res.Header)
	}
	if plain, _ := io.ReadAll(z); len(plain) != 500 {
		t.Errorf("%d bytes", len(plain))
	}
	if res := s.call("POST /prod", headers{"Accept-Encoding": "identity"}, "x"); res.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for a client that does not take it")
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte("hello"))
	w.Close()
	s.call("POST /prod", headers{"Content-Encoding": "gzip"}, b.String())
	if got := s.event()["body"]; got != "hello" {
		t.Errorf("the function got %q", got)
	}
	s.gets("POST /prod", headers{"Content-Encoding": "gzip"}, `400 {"message":"Bad Request"}`, "no gzip")
	bomb := bytes.Buffer{}
	w = gzip.NewWriter(&bomb)
	w.Write(make([]byte, 11<<20))
	w.Close()
	s.gets("POST /prod", headers{"Content-Encoding": "gzip"}, `413 {"message":"Request Too Long"}`, bomb.String())
}

func TestSizeLimits(t *testing.T) {
	for _, test := range []struct {
		api        cloud.API
		path       string
		body, head string
	}{
		{restAPI(route("POST /")), "/prod", `413 {"message":"Request Too Long"}`, `431 {"message":"Request Header Fields Too Large"}`},
		{httpAPI(route("POST /")), "/", `413 {"message":"Request Entity Too Large"}`, `431 {"message":"Request Header Fields Too Large"}`},
	} {
		s := stood(t, test.api).on("f", says(fine))
		s.gets("POST "+test.path, nil, "200 fine", strings.Repeat("x", 10<<20))
		s.gets("POST "+test.path, nil, test.body, strings.Repeat("x", 10<<20+1))
		s.gets("POST "+test.path, headers{"X-A": strings.Repeat("a", 10000)}, "200 fine", "x")
		s.gets("POST "+test.path, headers{"X-A": strings.Repeat("a", 10240)}, test.head, "x")
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
func TestHowLongAnAddressMayBe(t *testing.T) {
	for _, test := range []struct {
		endpoint cloud.EndpointType
		limit    int
	}{{cloud.RegionalEndpoint, 10240}, {cloud.EdgeEndpoint, 8192}} {
		a := restAPI(route("GET /{p}"))
		a.Endpoint = test.endpoint
		s := stood(t, a).on("f", says(fine))
		whole := "GET /prod/" + strings.Repeat("a", test.limit-len("https://"+host+"/prod/"))
		s.gets(whole, nil, "200 fine")
		s.gets(whole+"a", nil, `414 {"message":"Request URI too long"}`)
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
func TestGatewayResponses(t *testing.T) {
	a := restAPI(route("GET /"))
	a.Responses = []cloud.GatewayResponse{
		{Kind: "DEFAULT_4XX", Params: map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'", "gatewayresponse.header.X-Asked": "method.request.header.X-Ask"}},
		{Kind: "MISSING_AUTHENTICATION_TOKEN", Status: "404", Params: map[string]string{"gatewayresponse.header.X-Path": "context.path"},
			Templates: map[string]string{"application/json": `{"type":"$context.error.responseType","said":$context.error.messageString,"at":"$stageVariables.name"}`}},
		{Kind: "DEFAULT_5XX", Status: "500"},
	}
	a.Stages[0].Variables = map[string]cloud.Value[string]{"name": cloud.Known("here")}
	a.Routes = append(a.Routes, route("GET /key", func(r *cloud.APIRoute) { r.KeyRequired = cloud.Known(true) }))
	s := stood(t, a).on("f", says("malformed"))
	res := s.gets("GET /prod/nowhere", nil, `404 {"type":"MISSING_AUTHENTICATION_TOKEN","said":"Missing Authentication Token","at":"here"}`)
	if got := res.Header.Get("X-Path"); got != "/prod/nowhere" {
		t.Errorf("X-Path %q", got)
	}
	res = s.gets("GET /prod/key", headers{"X-Ask": "you"}, `403 {"message":"Forbidden"}`)
	if res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("X-Asked") != "you" {
		t.Errorf("headers %v", res.Header)
	}
	s.gets("GET /prod", nil, `500 {"message": "Internal server error"}`)
}

func TestHead(t *testing.T) {
	s := stood(t, httpAPI(route("ANY /"))).on("f", says(fine))
	if res := s.call("HEAD /", nil); text(res) != "" || res.Header.Get("Content-Length") != "4" || res.StatusCode != http.StatusOK {
		t.Errorf("%v", res)
	}
}

// asSent are the values of a header whose name keeps the capitals that AWS
// gives it.
func asSent(h http.Header, name string) []string { return h[name] }
