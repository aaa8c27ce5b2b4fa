package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/gateway"
	"bailey/lambda"
	"bailey/services/wire"
)

// idle is a function that answers at once, and a log that keeps nothing.
type idle struct{}

func (idle) Invoke(context.Context, lambda.Request) (lambda.Response, error) {
	return lambda.Response{Status: 200, Payload: []byte(`{"statusCode":200,"body":"fine"}`)}, nil
}
func (idle) Permitted(cloud.ARN, string) (bool, string) { return true, "" }
func (idle) RoleMay(string, cloud.ARN) (bool, string)   { return true, "" }
func (idle) Put(string, string, time.Time, string)      {}

// thrown is a writer that keeps nothing but headers.
type thrown struct{ h http.Header }

func (w thrown) Header() http.Header           { return w.h }
func (thrown) Write(b []byte) (int, error)     { return len(b), nil }
func (thrown) WriteHeader(int)                 {}
func (thrown) SetReadDeadline(time.Time) error { return nil }

// BenchmarkJWT is one request through a JWT authorizer, a throttle and the
// access log, up to an integration that does nothing.
func BenchmarkJWT(b *testing.B) {
	a := httpAPI(route("GET /pets/{id}", guarded(cloud.AuthJWT, "j")))
	a.Authorizers = []cloud.Authorizer{{ID: "j", Kind: cloud.JWTAuthorizer, Issuer: cloud.Known(issuer), Audience: cloud.Known([]string{"app"})}}
	a.Stages[0].Default = &cloud.Throttle{Rate: 1e9, Burst: 1e9}
	a.Stages[0].AccessLog = &cloud.AccessLog{Destination: logGroup, Format: `$context.identity.sourceIp [$context.requestTime] "$context.httpMethod $context.routeKey" $context.status $context.responseLength $context.requestId`}
	g, err := gateway.New(gateway.Config{Model: model(b, a), Invoke: idle{}, Permissions: idle{}, Logs: idle{}, Fetch: newProvider(), Account: cloud.Throttle{Rate: 1e9, Burst: 1e9}})
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/pets/7", nil)
	r.Host = host
	r.Header.Set("User-Agent", "Go-http-client/1.1")
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("Authorization", "Bearer "+sign(good(claims{"iat": time.Now().Unix(), "exp": time.Now().Unix() + 3600})))
	r = r.WithContext(wire.WithOrigin(r.Context(), wire.Origin{Host: true}))
	b.ReportAllocs()
	for b.Loop() {
		g.ServeHTTP(thrown{http.Header{}}, r)
	}
}
