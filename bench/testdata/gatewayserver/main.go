// Command gatewayserver is an HTTP API with a JWT authorizer, a throttle and an
// access log, in front of an integration that does nothing. It prints its
// address and a token that passes, and serves until its standard input ends.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bailey/cloud"
	"bailey/gateway"
	"bailey/lambda"
	"bailey/services/logs"
	"bailey/services/wire"
)

const (
	api    = "bench12345"
	issuer = "https://issuer.example.com"
)

func main() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(err)
	m, diags := cloud.New(spec())
	check(diags.Err())
	dir, err := os.MkdirTemp("", "gatewayserver-")
	check(err)
	defer os.RemoveAll(dir)
	kept, err := logs.New(logs.Config{Model: func() *cloud.Model { return m }, Dir: dir})
	check(err)
	g, err := gateway.New(gateway.Config{Model: m, Invoke: nothing{}, Permissions: nothing{}, Logs: kept, Fetch: provider{&key.PublicKey},
		Account: cloud.Throttle{Rate: 1e9, Burst: 1e9}})
	check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	srv := wire.NewServer(g, func(net.Conn) wire.Origin { return wire.Origin{Host: true, SourceIP: netip.MustParseAddr("127.0.0.1")} })
	go srv.Serve(l)
	fmt.Println(l.Addr(), api+".execute-api.localhost", token(key))
	io.Copy(io.Discard, os.Stdin)
	check(srv.Close())
	check(kept.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func spec() cloud.Spec {
	group := cloud.ARN{Partition: "aws", Service: "logs", Region: "us-east-1", Account: "123456789012", Resource: "log-group:/bench"}
	f := cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-east-1", Account: "123456789012", Resource: "function:f"}
	return cloud.Spec{Region: "us-east-1", Account: "123456789012", Stack: "bench", APIs: []cloud.API{{
		Meta: cloud.Meta{Name: "Api"}, ID: api, Kind: cloud.HTTPAPI, Endpoint: cloud.RegionalEndpoint, DefaultHost: cloud.Known(true),
		Routes: []cloud.APIRoute{{Method: "GET", Path: "/pets/{id}", Auth: cloud.RouteAuth{Kind: cloud.AuthJWT, Authorizer: "jwt"},
			Integration: &cloud.Integration{Kind: cloud.LambdaProxy, Function: cloud.Known(f), Payload: "2.0", Timeout: 30 * time.Second}}},
		Authorizers: []cloud.Authorizer{{ID: "jwt", Kind: cloud.JWTAuthorizer, Issuer: cloud.Known(issuer), Audience: cloud.Known([]string{"app"})}},
		Stages: []cloud.Stage{{StageName: "$default", Default: &cloud.Throttle{Rate: 1e9, Burst: 1e9},
			AccessLog: &cloud.AccessLog{Destination: cloud.Known(group), Format: `$context.identity.sourceIp - - [$context.requestTime] "$context.httpMethod $context.routeKey $context.protocol" $context.status $context.responseLength $context.requestId`}}},
	}}}
}

// nothing is a function that answers at once and may always be invoked.
type nothing struct{}

var answer = lambda.Response{Status: 200, Payload: []byte(`{"statusCode":200,"body":"fine"}`)}

func (nothing) Invoke(context.Context, lambda.Request) (lambda.Response, error) { return answer, nil }
func (nothing) Permitted(cloud.ARN, string) (bool, string)                      { return true, "" }
func (nothing) RoleMay(string, cloud.ARN) (bool, string)                        { return true, "" }

// provider is the issuer of the tokens.
type provider struct{ key *rsa.PublicKey }

func (p provider) RoundTrip(*http.Request) (*http.Response, error) {
	b, err := json.Marshal(map[string]any{"jwks_uri": issuer + "/keys", "keys": []any{map[string]string{"kty": "RSA", "kid": "k",
		"n": base64.RawURLEncoding.EncodeToString(p.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(p.key.E)).Bytes())}}})
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(b))}, err
}

func token(key *rsa.PrivateKey) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": issuer, "aud": "app", "sub": "somebody", "exp": time.Now().Add(24 * time.Hour).Unix()})
	t.Header["kid"] = "k"
	text, err := t.SignedString(key)
	check(err)
	return text
}
