package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const jsonType = "application/x-amz-json-1.1"

func ssmRequest(target, operation, body string) *http.Request {
	return request("POST", target, body, "X-Amz-Target", operation, "Content-Type", jsonType)
}

func TestRouteTo(t *testing.T) {
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	const identity = "Action=GetCallerIdentity&Version=2011-06-15"
	const get = `{"Name": "/app/url"}`
	tests := []struct {
		name   string
		r      *http.Request
		status int
		want   string // within the body
	}{
		{"host", signed(ssmRequest("https://ssm.us-west-2.amazonaws.com/", "AmazonSSM.GetParameter", get), get, "ssm"), 200, "/app/url"},
		{"endpoint's own name", signed(ssmRequest("https://vpce-0a1b-2c3d.ssm.us-west-2.vpce.amazonaws.com/", "AmazonSSM.GetParameter", get), get, "ssm"), 200, "/app/url"},
		{"global host", signed(request("POST", "https://sts.amazonaws.com/", identity, form...), identity, "sts"), 200, "<GetCallerIdentityResult>"},
		{"GET form", signed(request("GET", "https://sts.amazonaws.com/?"+identity, ""), "", "sts"), 200, "<GetCallerIdentityResult>"},
		{"scope", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", get), get, "ssm"), 200, "/app/url"},
		{"target, unsigned", ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", get), 400, "MissingAuthenticationTokenException"},
		{"form, unsigned", request("POST", "http://localhost:4566/", identity, form...), 403, "<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>"},
		{"trailing slash", signed(request("GET", "http://localhost:4566/2015-03-31/functions/", ""), "", "lambda"), 200, `"name":""`},
		{"nothing", request("GET", "http://localhost:4566/health", ""), 403, "bailey cannot tell which AWS service GET /health on host localhost:4566 is for"},
		{"host of another service", ssmRequest("https://dynamodb.us-west-2.amazonaws.com/", "DynamoDB_20120810.GetItem", "{}"), 400, "bailey does not have dynamodb:GetItem yet"},
		{"target of another service", ssmRequest("http://localhost:4566/", "DynamoDB_20120810.GetItem", "{}"), 400, "bailey does not have DynamoDB_20120810.GetItem yet"},
		{"scope of another service", signed(ssmRequest("https://ssm.us-west-2.amazonaws.com/", "AmazonSSM.GetParameter", get), get, "kms"), 400, "Credential should be scoped to correct service: 'ssm'."},
		{"scope of another region", signed(ssmRequest("https://ssm.eu-west-1.amazonaws.com/", "AmazonSSM.GetParameter", get), get, "ssm"), 400, "Credential should be scoped to a valid region, not 'us-west-2'."},
		{"no target", signed(request("POST", "https://ssm.us-west-2.amazonaws.com/", "{}"), "{}", "ssm"), 400, "names no operation: it has no X-Amz-Target"},
		{"another service's target", signed(ssmRequest("https://ssm.us-west-2.amazonaws.com/", "Other.Get", "{}"), "{}", "ssm"), 400, "bailey does not have ssm:Other.Get yet"},
		{"no action", signed(request("POST", "https://sts.amazonaws.com/", "", form...), "", "sts"), 400, "<Code>MissingAction</Code>"},
		{"another version", signed(request("POST", "https://sts.amazonaws.com/", "Action=GetCallerIdentity&Version=1", form...), "Action=GetCallerIdentity&Version=1", "sts"), 400, "sts:GetCallerIdentity of version 1 yet"},
		{"table without handler", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.PutParameter", "{}"), "{}", "ssm"), 400, "bailey does not have ssm:PutParameter yet"},
		{"not JSON", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", "{"), "{", "ssm"), 400, "SerializationException"},
		{"a list", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", "[]"), "[]", "ssm"), 400, "SerializationException"},
		{"two objects", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", "{}{}"), "{}{}", "ssm"), 400, "SerializationException"},
		{"empty body", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", ""), "", "ssm"), 400, "ValidationException"},
		{"other case", signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", `{"name": "/app/url"}`), `{"name": "/app/url"}`, "ssm"), 400, "ValidationException"},
	}
	rt := newRouter(t, testConfig())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := serve(rt, tt.r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s\nwant %d ...%s...", w.Code, w.Body, tt.status, tt.want)
			}
			if id := w.Header().Get("x-amzn-RequestId"); id != "11111111-2222-4333-8444-555555555555" {
				t.Errorf("x-amzn-RequestId = %q", id)
			}
		})
	}
}

func TestErrorBodies(t *testing.T) {
	rt := newRouter(t, testConfig())
	tests := []struct {
		name string
		r    *http.Request
		body string
		head map[string]string
	}{
		{"awsJson", signed(ssmRequest("http://localhost/", "AmazonSSM.GetParameter", `{"Name":"x"}`), `{"Name":"x"}`, "ssm"),
			`{"__type":"ParameterNotFound","message":"Parameter x not found."}`,
			map[string]string{"Content-Type": jsonType, "x-amzn-ErrorType": "ParameterNotFound"}},
		{"awsQuery", request("POST", "https://sts.amazonaws.com/", "Action=GetCallerIdentity", "Content-Type", "application/x-www-form-urlencoded"),
			`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>` +
				`<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message></Error>` +
				`<RequestId>11111111-2222-4333-8444-555555555555</RequestId></ErrorResponse>`,
			map[string]string{"Content-Type": "text/xml"}},
		{"restJson, Message", signed(request("POST", "http://localhost/2015-03-31/functions/none/invocations", "{}"), "{}", "lambda"),
			`{"Message":"Function not found: none","Type":"User"}`,
			map[string]string{"Content-Type": "application/json", "x-amzn-ErrorType": "ResourceNotFoundException"}},
		{"restJson, message, members, headers", signed(request("POST", "http://localhost/2015-03-31/functions/busy/invocations", "{}"), "{}", "lambda"),
			`{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}`,
			map[string]string{"Retry-After": "2"}},
	}
	for _, tt := range tests {
		w := serve(rt, tt.r)
		if got := w.Body.String(); got != tt.body {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.body)
		}
		for name, want := range tt.head {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", tt.name, name, got, want)
			}
		}
	}
}

// What a handler and the Authorize hook are told.
func TestCall(t *testing.T) {
	var got *Call
	var action string
	cfg := testConfig()
	cfg.Authorize = func(_ context.Context, c *Call, a string, resources []string) error {
		got, action = c, a+" "+strings.Join(resources, " ")
		return nil
	}
	origin := Origin{VPCSourceIP: sourceIP, VPCID: "vpc-1", VPCEndpointID: "vpce-2", FunctionARN: "arn:f"}
	r := signed(request("POST", "https://lambda.us-west-2.amazonaws.com/2015-03-31/functions/a%2Fb/invocations?Qualifier=1", "{}"), "{}", "lambda")
	w := serve(newRouter(t, cfg), r.WithContext(WithOrigin(r.Context(), origin)))
	if w.Code != 200 {
		t.Fatal(w.Body)
	}
	if action != "lambda:InvokeFunction " {
		t.Errorf("authorized %q", action)
	}
	if got.Origin != origin || got.Region != "us-west-2" || !got.TLS || got.Labels["FunctionName"] != "a/b" ||
		got.Query.Get("Qualifier") != "1" || got.Identity.AccessKeyID != exampleKey || got.Endpoint.Service != "lambda" {
		t.Errorf("call = %+v", got)
	}
	if _, ok := OriginFrom(context.Background()); ok {
		t.Error("a bare context has an Origin")
	}
}

// A refused call must not reach its handler.
// A call for another region is refused by name, except to a service that is in
// all of them; without a region of its own, a Router answers for any.
func TestRegion(t *testing.T) {
	ask := func(cfg Config, service, target, body string) string {
		headers := []string{"X-Amz-Target", target}
		if target == "" {
			headers = []string{"Content-Type", "application/x-www-form-urlencoded"}
		}
		r := request("POST", "http://localhost:4566/", body, headers...)
		Sign(r, []byte(body), exampleKey, exampleCred, "eu-west-1", service, time.Now())
		return serve(newRouter(t, cfg), r).Body.String()
	}
	const get = `{"Name": "/app/url"}`
	here := testConfig()
	here.Services[1].AnyRegion = true
	if got := ask(here, "ssm", "AmazonSSM.GetParameter", get); !strings.Contains(got, "bailey's world stands in us-west-2: set AWS_REGION to it") {
		t.Errorf("ssm from another region: %s", got)
	}
	if got := ask(here, "sts", "", "Action=GetCallerIdentity&Version=2011-06-15"); !strings.Contains(got, "user/example") {
		t.Errorf("sts from another region: %s", got)
	}
	anywhere := testConfig()
	anywhere.Region = ""
	if got := ask(anywhere, "ssm", "AmazonSSM.GetParameter", get); !strings.Contains(got, `"Version":3`) {
		t.Errorf("ssm anywhere: %s", got)
	}
}

func TestAuthorizeBeforeHandle(t *testing.T) {
	for _, refusal := range []error{AccessDenied("no"), errors.New("the store is gone")} {
		cfg := testConfig()
		handled := false
		cfg.Services = []*Service{{Name: "ssm", Protocol: AwsJSON11, TargetPrefix: "AmazonSSM", Operations: []Operation{{
			Name: "Get", Handle: func(context.Context, *Call) (any, error) { handled = true; return nil, nil },
		}}}}
		cfg.Authorize = func(context.Context, *Call, string, []string) error { return refusal }
		w := serve(newRouter(t, cfg), signed(ssmRequest("http://localhost/", "AmazonSSM.Get", "{}"), "{}", "ssm"))
		if handled || w.Code < 400 {
			t.Errorf("refused with %v: handled %v, status %d", refusal, handled, w.Code)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	handle := func(context.Context, *Call) (any, error) { return nil, nil }
	rest := func(ops ...Operation) func(*Config) {
		return func(c *Config) { c.Services = []*Service{{Name: "x", Protocol: RestJSON, Operations: ops}} }
	}
	tests := []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Verifier = nil }, "no Verifier"},
		{func(c *Config) { c.Authorize = nil }, "no Authorize"},
		{func(c *Config) { c.Services = append(c.Services, ssmService()) }, "service ssm 2014-11-06 is there twice"},
		{func(c *Config) { c.Services = []*Service{{Name: "x"}} }, "service x has no protocol"},
		{func(c *Config) { c.Services = []*Service{{Protocol: AwsQuery}} }, "without a name"},
		{func(c *Config) { c.Services = []*Service{{Name: "x", Protocol: AwsJSON10}} }, "without a TargetPrefix"},
		{rest(Operation{Name: "A", Handle: handle}), "x:A has no method and URI"},
		{rest(Operation{Name: "A", Method: "GET", URI: "/a/{B}"}, Operation{Name: "C", Method: "GET", URI: "/a/{D}"}), "x:A and x:C both answer GET /a/{}"},
	}
	for _, tt := range tests {
		cfg := testConfig()
		tt.change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New = %v, want %s", err, tt.want)
		}
	}
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

func TestBodies(t *testing.T) {
	cfg := testConfig()
	cfg.MaxBody = 4096
	rt := newRouter(t, cfg)
	get := `{"Name": "/app/url"}`
	tests := []struct {
		name, encoding, body string
		chunked              bool
		status               int
		want                 string
	}{
		{"gzip", "gzip", gzipped(get), false, 200, "/app/url"},
		{"chunked", "", get, true, 200, "/app/url"},
		{"not gzip", "gzip", get, false, 400, "is not gzip, as Content-Encoding says"},
		{"cut gzip", "gzip", gzipped(get)[:20], false, 400, "is not gzip"},
		{"bomb", "gzip", gzipped(strings.Repeat(" ", 1<<20)), false, 413, "Request must be smaller than 4096 bytes"},
		{"brotli", "br", get, false, 415, "bailey does not have Content-Encoding: br"},
		{"long", "", strings.Repeat(" ", 5000), false, 413, "smaller than 4096"},
		{"long, chunked", "", strings.Repeat(" ", 5000), true, 413, "smaller than 4096"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", tt.body)
			if tt.encoding != "" {
				r.Header.Set("Content-Encoding", tt.encoding)
			}
			if tt.chunked {
				r.ContentLength = -1
			}
			w := serve(rt, signed(r, tt.body, "ssm"))
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%d %s, want %d ...%s...", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

// dial speaks HTTP by hand to a server of ours.
func dial(t *testing.T, cfg Config, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := NewServer(newRouter(t, cfg), func(net.Conn) Origin { return Origin{Host: true} })
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(c)
	return string(answer)
}

func TestOnTheWire(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: ssm.us-west-2.amazonaws.com\r\nX-Amz-Target: AmazonSSM.GetParameter\r\n"
	tests := []struct{ name, text, want, without string }{
		{"a body that is too long is never asked for", head + "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
			"413 Request Entity Too Large", "100 Continue"},
		{"a body is asked for", head + "Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
			"100 Continue", "413"},
		{"a body that ends early", head + "Content-Length: 20\r\n\r\n{}", "IncompleteBody", "200 OK"},
		{"broken chunks", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "IncompleteBody", "200 OK"},
		{"huge headers", head + "X: " + strings.Repeat("x", 2*MaxHeaderBytes) + "\r\n\r\n", "431 Request Header Fields Too Large", "200 OK"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := dial(t, testConfig(), tt.text)
			if !strings.Contains(got, tt.want) || strings.Contains(got, tt.without) {
				t.Errorf("%s\nwant %s, not %s", got, tt.want, tt.without)
			}
		})
	}
}

func TestNewServerOrigin(t *testing.T) {
	cfg := testConfig()
	var got Origin
	cfg.Authorize = func(_ context.Context, c *Call, _ string, _ []string) error { got = c.Origin; return nil }
	r := signed(ssmRequest("http://ssm.us-west-2.amazonaws.com/", "AmazonSSM.GetParameter", "{}"), "{}", "ssm")
	r.Header.Set("Connection", "close")
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\n", r.Host)
	_ = r.Header.Write(&b)
	b.WriteString("\r\n{}")
	answer := dial(t, cfg, b.String())
	if !got.Host {
		t.Errorf("origin = %+v\n%s", got, answer)
	}
}

func TestResultThatCannotBeRendered(t *testing.T) {
	cfg := testConfig()
	cfg.Services = []*Service{{Name: "ssm", Protocol: AwsJSON11, TargetPrefix: "AmazonSSM", Operations: []Operation{
		{Name: "Get", NoPermission: true, Handle: func(context.Context, *Call) (any, error) { return make(chan int), nil }},
		{Name: "None", NoPermission: true, Handle: func(context.Context, *Call) (any, error) { return nil, nil }},
	}}}
	rt := newRouter(t, cfg)
	w := serve(rt, signed(ssmRequest("http://localhost/", "AmazonSSM.Get", ""), "", "ssm"))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "InternalFailure") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = serve(rt, signed(ssmRequest("http://localhost/", "AmazonSSM.None", ""), "", "ssm")); w.Body.String() != "{}" {
		t.Errorf("no output is %q, want {}", w.Body)
	}
}

func TestRequestID(t *testing.T) {
	a, b := NewRequestID(), NewRequestID()
	if len(a) != 36 || a[14] != '4' || !strings.ContainsRune("89ab", rune(a[19])) || a == b {
		t.Errorf("request ids %s, %s are no random UUIDs", a, b)
	}
}

func BenchmarkRouter(b *testing.B) {
	rt := newRouter(b, testConfig())
	body := `{"Name": "/app/url"}`
	r := signed(ssmRequest("http://localhost:4566/", "AmazonSSM.GetParameter", body), body, "ssm")
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		if w := serve(rt, r); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
