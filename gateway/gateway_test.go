package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/gateway"
	"bailey/lambda"
	"bailey/services/wire"
	"bailey/source"
)

const (
	region   = "us-east-1"
	account  = "123456789012"
	apiID    = "abcdef1234"
	host     = apiID + ".execute-api." + region + ".amazonaws.com"
	function = "arn:aws:lambda:us-east-1:123456789012:function:"
)

var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

// A stand is everything around the gateway under test.
type stand struct {
	t       *testing.T
	config  gateway.Config
	gateway *gateway.Gateway
	origin  wire.Origin

	mu        sync.Mutex
	now       time.Time
	functions map[string]func(event map[string]any) (any, error) // by name
	invoked   []string
	events    []map[string]any
	lines     []string // of logs, with their group
	refusals  []gateway.Refusal
	denied    map[string]string // function name -> why it may not be invoked
	sources   []string          // the source ARNs that permissions were asked for
}

// stood makes a gateway for one API and what else the spec has.
func stood(t *testing.T, a cloud.API, more ...func(*cloud.Spec)) *stand {
	t.Helper()
	return standing(t, model(t, a, more...))
}

func model(t testing.TB, a cloud.API, more ...func(*cloud.Spec)) *cloud.Model {
	t.Helper()
	if a.ID == "" {
		a.ID = apiID
	}
	if a.Name == "" {
		a.Name = "Api"
	}
	if a.Endpoint == 0 {
		a.Endpoint = cloud.RegionalEndpoint
	}
	if _, known := a.DefaultHost.Get(); known && !a.DefaultHost.Or(false) {
		a.DefaultHost = cloud.Known(true)
	}
	if a.MinCompression == 0 {
		a.MinCompression = -1
	}
	s := cloud.Spec{Region: region, Account: account, Stack: "test", APIs: []cloud.API{a}}
	for _, f := range more {
		f(&s)
	}
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return m
}

func standing(t *testing.T, m *cloud.Model) *stand {
	t.Helper()
	s := &stand{t: t, now: noon, functions: map[string]func(map[string]any) (any, error){}, denied: map[string]string{},
		origin: wire.Origin{SourceIP: netip.MustParseAddr("192.0.2.1")}}
	s.config = gateway.Config{Model: m, Invoke: s, Permissions: s, Logs: s, Now: s.clock,
		Refused: func(r gateway.Refusal) { s.mu.Lock(); defer s.mu.Unlock(); s.refusals = append(s.refusals, r) }}
	s.restart()
	return s
}

func (s *stand) restart() {
	g, err := gateway.New(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.gateway = g
}

func (s *stand) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stand) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Invoke runs a test's function.
func (s *stand) Invoke(ctx context.Context, r lambda.Request) (lambda.Response, error) {
	name := r.Function[strings.Index(r.Function, "function:")+len("function:"):]
	var event map[string]any
	if err := json.Unmarshal(r.Payload, &event); err != nil {
		return lambda.Response{}, err
	}
	s.mu.Lock()
	s.invoked = append(s.invoked, name)
	s.events = append(s.events, event)
	f := s.functions[name]
	s.mu.Unlock()
	if f == nil {
		return lambda.Response{}, &lambda.Error{Status: 404, Type: "ResourceNotFoundException", Message: "Function not found: " + name}
	}
	out, err := f(event)
	var failed functionFailed
	if errors.As(err, &failed) {
		b, _ := json.Marshal(map[string]string{"errorMessage": string(failed)})
		return lambda.Response{Status: 200, Payload: b, FunctionError: "Unhandled", RequestID: "lambda-id"}, nil
	}
	if err != nil {
		return lambda.Response{}, err
	}
	if raw, ok := out.(json.RawMessage); ok {
		return lambda.Response{Status: 200, Payload: raw, RequestID: "lambda-id"}, nil
	}
	b, err := json.Marshal(out)
	return lambda.Response{Status: 200, Payload: b, RequestID: "lambda-id"}, err
}

// functionFailed is an exception in a function.
type functionFailed string

func (f functionFailed) Error() string { return string(f) }

// Permitted is the functions' resource policies.
func (s *stand) Permitted(f cloud.ARN, source string) (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sources = append(s.sources, source)
	why, denied := s.denied[strings.TrimPrefix(f.Resource, "function:")]
	return !denied, why
}

// RoleMay lets the role called may invoke everything.
func (s *stand) RoleMay(role string, _ cloud.ARN) (bool, string) {
	return strings.HasSuffix(role, "role/may"), role + " may not"
}

// Put keeps a log line.
func (s *stand) Put(group, stream string, _ time.Time, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, group+": "+line)
}

// on gives a function its code.
func (s *stand) on(name string, f func(event map[string]any) (any, error)) *stand {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.functions[name] = f
	return s
}

// says makes a function that always returns v.
func says(v any) func(map[string]any) (any, error) {
	return func(map[string]any) (any, error) { return v, nil }
}

func fails(message string) func(map[string]any) (any, error) {
	return func(map[string]any) (any, error) { return nil, functionFailed(message) }
}

type headers map[string]string

// call sends "GET /path", with a body if there is one.
func (s *stand) call(what string, h headers, body ...string) *http.Response {
	s.t.Helper()
	method, target, _ := strings.Cut(what, " ")
	var in io.Reader
	if len(body) > 0 {
		in = strings.NewReader(body[0])
	}
	r := httptest.NewRequest(method, target, in)
	r.Host = host
	for k, v := range h {
		if k == "Host" {
			r.Host = v
			continue
		}
		r.Header.Add(k, v)
	}
	return s.do(r)
}

func (s *stand) do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.gateway.ServeHTTP(w, r.WithContext(wire.WithOrigin(r.Context(), s.origin)))
	return w.Result()
}

// gets calls and compares "STATUS BODY".
func (s *stand) gets(what string, h headers, want string, body ...string) *http.Response {
	s.t.Helper()
	res := s.call(what, h, body...)
	if got := fmt.Sprintf("%d %s", res.StatusCode, text(res)); got != want {
		s.t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
	return res
}

func text(res *http.Response) string {
	b, _ := io.ReadAll(res.Body)
	return string(b)
}

// event is the last event that a function got.
func (s *stand) event() map[string]any {
	s.t.Helper()
	if len(s.events) == 0 {
		s.t.Fatal("nothing was invoked")
	}
	return s.events[len(s.events)-1]
}

// at finds a value in JSON by its keys: "requestContext.http.path".
func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// The constructors.

func arn(name string) cloud.Value[cloud.ARN] {
	a, err := cloud.ParseARN(function + name)
	if err != nil {
		panic(err)
	}
	return cloud.Known(a)
}

// to is a Lambda proxy integration.
func to(name, payload string) *cloud.Integration {
	return &cloud.Integration{Kind: cloud.LambdaProxy, Function: arn(name), Payload: payload, Timeout: 29 * time.Second, Method: "POST"}
}

// route makes a route "GET /pets" to a function of the route's own key.
func route(key string, change ...func(*cloud.APIRoute)) cloud.APIRoute {
	method, path, ok := strings.Cut(key, " ")
	if !ok {
		method, path = "ANY", key
	}
	r := cloud.APIRoute{Method: method, Path: path, Auth: cloud.RouteAuth{Kind: cloud.AuthNone}, Integration: to("f", "2.0")}
	for _, c := range change {
		c(&r)
	}
	return r
}

// leads sends a route to a function.
func leads(name string) func(*cloud.APIRoute) {
	return func(r *cloud.APIRoute) { r.Integration = to(name, "2.0") }
}

// one is payload format 1.0.
func one(r *cloud.APIRoute) { r.Integration.Payload = "1.0" }

// guarded puts an authorizer before a route.
func guarded(kind cloud.AuthKind, id string, scopes ...string) func(*cloud.APIRoute) {
	return func(r *cloud.APIRoute) {
		r.Auth = cloud.RouteAuth{Kind: kind, Authorizer: id, Scopes: scopes}
	}
}

func httpAPI(routes ...cloud.APIRoute) cloud.API {
	return cloud.API{Kind: cloud.HTTPAPI, Routes: routes, Stages: []cloud.Stage{{StageName: "$default"}}}
}

func restAPI(routes ...cloud.APIRoute) cloud.API {
	return cloud.API{Kind: cloud.RESTAPI, Routes: routes, Stages: []cloud.Stage{{StageName: "prod"}}, KeySource: "HEADER"}
}

func jsonNode(t testing.TB, text string) source.Node {
	t.Helper()
	n, diags := document.Read("test.json", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return n
}

var fine = map[string]any{"statusCode": 200, "body": "fine"}
