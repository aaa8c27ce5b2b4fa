package world

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/source"
)

const (
	publicAPI  = "public1234"
	privateAPI = "private567"
)

// withAPIs adds a public HTTP API whose $default route is the example's
// function, and a private REST API behind an endpoint in its VPC.
func withAPIs(s *cloud.Spec) {
	f := cloud.Known(s.Functions[0].ARN)
	s.APIs = []cloud.API{
		{Meta: cloud.Meta{Name: "Public"}, ID: publicAPI, Kind: cloud.HTTPAPI, Endpoint: cloud.RegionalEndpoint, DefaultHost: cloud.Known(true),
			Stages: []cloud.Stage{{StageName: "$default"}},
			Routes: []cloud.APIRoute{
				{Method: "ANY", Path: "$default", Auth: cloud.RouteAuth{Kind: cloud.AuthNone}, Integration: lambdaProxy(f)},
				{Method: "GET", Path: "/forbidden", Auth: cloud.RouteAuth{Kind: cloud.AuthNone}, Integration: lambdaProxy(f)},
				{Method: "GET", Path: "/elsewhere", Auth: cloud.RouteAuth{Kind: cloud.AuthNone}, Integration: &cloud.Integration{Kind: cloud.HTTPProxy,
					URL: cloud.Known("https://api.example.com/x"), Method: "GET", Timeout: 5 * time.Second}},
			}},
		{Meta: cloud.Meta{Name: "Private"}, ID: privateAPI, Kind: cloud.RESTAPI, Endpoint: cloud.PrivateEndpoint, DefaultHost: cloud.Known(true), MinCompression: -1,
			Stages: []cloud.Stage{{StageName: "prod"}}, Policy: &cloud.Policy{Doc: allowEverybody},
			Routes: []cloud.APIRoute{{Method: "GET", Path: "/who", Auth: cloud.RouteAuth{Kind: cloud.AuthNone}, Integration: &cloud.Integration{Kind: cloud.Mock,
				Templates: map[string]string{"application/json": `{"statusCode": 200}`},
				Responses: []cloud.IntegrationResponse{{Status: "200", Templates: map[string]string{"application/json": "$context.identity.sourceIp"}}}}}}},
	}
	s.Permissions = append(s.Permissions, cloud.Permission{Meta: cloud.Meta{Name: "Invoke"}, Function: f, Action: cloud.Known("lambda:InvokeFunction"),
		Principal: cloud.Known("apigateway.amazonaws.com"), SourceARN: cloud.Known("arn:aws:execute-api:us-west-2:" + s.Account + ":" + publicAPI + "/$default/$default")})
	e := s.Endpoints[0]
	e.Name, e.ID, e.Service = "ExecuteApiEndpoint", "vpce-0123456789abcdef0", "execute-api"
	s.Endpoints = append(s.Endpoints, e)
}

func lambdaProxy(f cloud.Value[cloud.ARN]) *cloud.Integration {
	return &cloud.Integration{Kind: cloud.LambdaProxy, Function: f, Payload: "2.0", Timeout: 30 * time.Second}
}

var allowEverybody = func() source.Node {
	text := func(v string) source.Node { return source.Node{Kind: source.String, Text: v} }
	return source.Node{Kind: source.Map, Entries: []source.Entry{{Key: "Version", Value: text("2012-10-17")},
		{Key: "Statement", Value: source.Node{Kind: source.Map, Entries: []source.Entry{{Key: "Effect", Value: text("Allow")}, {Key: "Principal", Value: text("*")},
			{Key: "Action", Value: text("execute-api:Invoke")}, {Key: "Resource", Value: text("execute-api:/*")}}}}}}
}()

// A client of the host calls a function in its sandbox through the API, by
// either form of address; what has no permission is not invoked.
func TestAnAPIOnTheHostsPort(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states", withAPIs)
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "far "+r.URL.Path) }))
	defer far.Close()
	w.config.Internet["api.example.com"] = far.URL
	status := w.Status()
	if len(status.APIs) != 2 || status.APIs[1].URL != "https://public1234.execute-api.us-west-2.amazonaws.com/" || status.APIs[0].Local != "" {
		t.Fatalf("%+v", status.APIs)
	}
	get := func(host, path string) (int, string) {
		r, _ := http.NewRequest("GET", "http://"+w.Address()+path, nil)
		if host != "" {
			r.Host = host
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	local := strings.TrimSuffix(strings.TrimPrefix(status.APIs[1].Local, "http://"), "/")
	code, body := get(local, "/anything")
	var report map[string]any
	if json.Unmarshal([]byte(body), &report) != nil || code != 200 || report["ssm"] == nil {
		t.Errorf("the function answers %d %s", code, body)
	}
	if code, body := get("", "/restapis/"+publicAPI+"/$default/_user_request_/forbidden"); code != 500 || body != `{"message":"Internal Server Error"}` {
		t.Errorf("without a permission: %d %s", code, body)
	}
	if code, _ := get("", "/restapis/"+privateAPI+"/prod/_user_request_/who"); code != 403 {
		t.Errorf("a private API from the host: %d", code)
	}
	func() { // inside the world it is HTTPS only
		defer func() {
			if got := recover(); got != http.ErrAbortHandler {
				t.Errorf("without TLS the API answers: %v", got)
			}
		}()
		r := httptest.NewRequest("GET", "/anything", nil)
		r.Host = publicAPI + ".execute-api.us-west-2.amazonaws.com"
		w.answerPlain(httptest.NewRecorder(), r)
	}()
	if code, body := get(local, "/elsewhere"); code != 200 || body != "far /x" {
		t.Errorf("an HTTP integration: %d %s", code, body)
	}
}

// The gateway finds a user pool's keys where an authorizer looks for them.
func TestAnAPIFindsTheKeysOfAUserPool(t *testing.T) {
	t.Parallel()
	const pool = "us-west-2_Pool12345"
	w := start(t, "../examples/rootski/states", func(s *cloud.Spec) {
		s.UserPools = []cloud.UserPool{{Meta: cloud.Meta{Name: "Pool"}, ID: pool, PoolName: "pool",
			ARN: cloud.ARN{Partition: "aws", Service: "cognito-idp", Region: "us-west-2", Account: s.Account, Resource: "userpool/" + pool}}}
	})
	issuer := "https://cognito-idp.us-west-2.amazonaws.com/" + pool
	for _, document := range []string{"openid-configuration", "jwks.json"} {
		r, _ := http.NewRequest("GET", issuer+"/.well-known/"+document, nil)
		resp, err := gatewayExit{w}.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		var told struct {
			Keys []any  `json:"keys"`
			URI  string `json:"jwks_uri"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&told); err != nil || resp.StatusCode != 200 || len(told.Keys) == 0 && told.URI != issuer+"/.well-known/jwks.json" {
			t.Errorf("%s: %d %+v %v", document, resp.StatusCode, told, err)
		}
	}
}

// Inside the VPC private DNS of the execute-api endpoint captures every API's
// name: the private API answers and knows its caller, the public one refuses.
func TestAPIsThroughTheirEndpoint(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states", withAPIs)
	f, _ := w.Model().Function("PingFunction")
	pl, err := w.openPlace("test", f, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pl.Close()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.authority.pem)
	endpoint := w.Model().ENIsOf("ExecuteApiEndpoint")[0].PrivateIP
	get := func(id, path string) (int, string) {
		c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return pl.ns.Dial(ctx, network, netip.AddrPortFrom(endpoint, 443).String())
			}}}
		defer c.CloseIdleConnections()
		resp, err := c.Get("https://" + id + ".execute-api.us-west-2.amazonaws.com" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	if code, body := get(privateAPI, "/prod/who"); code != 200 || body != w.Model().ENIsOf("PingFunction")[0].PrivateIP.String() {
		t.Errorf("the private API: %d %s", code, body)
	}
	if code, body := get(publicAPI, "/anything"); code != 403 || body != `{"message":"Forbidden"}` {
		t.Errorf("a public API through the endpoint: %d %s", code, body)
	}
}
