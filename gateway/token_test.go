package gateway_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bailey/cloud"
)

const (
	issuer = "https://idp.example.com/tenant"
	pool   = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool12345"
)

var rsaKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var out [2]*rsa.PrivateKey
	for i := range out {
		out[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return out
})

// An identity provider: discovery and keys, and how often they were fetched.
type provider struct {
	mu      sync.Mutex
	keys    map[string]*rsa.PrivateKey
	fetched int
	broken  bool
	large   bool
}

func newProvider() *provider {
	return &provider{keys: map[string]*rsa.PrivateKey{"k1": rsaKeys()[0]}}
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched++
	if p.broken {
		return nil, errors.New("no route to host")
	}
	var body any = map[string]any{"issuer": issuer, "jwks_uri": "https://idp.example.com/keys"}
	switch r.URL.Path {
	case "/tenant/.well-known/openid-configuration":
	case "/keys", "/us-east-1_Pool12345/.well-known/jwks.json":
		body = map[string]any{"keys": p.published()}
	default:
		return &http.Response{StatusCode: 404, Status: "404 Not Found", Body: http.NoBody}, nil
	}
	b, _ := json.Marshal(body)
	if p.large {
		b = append(b, strings.Repeat(" ", 150_001)...)
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(b)))}, nil
}

func (p *provider) published() []any {
	out := []any{map[string]string{"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"}}
	for id, k := range p.keys {
		out = append(out, map[string]string{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
			"n": base64.RawURLEncoding.EncodeToString(k.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.E)).Bytes())})
	}
	return out
}

type claims = jwt.MapClaims

// good are claims that pass.
func good(change ...claims) claims {
	c := claims{"iss": issuer, "aud": "app", "sub": "u1", "iat": noon.Unix() - 10, "exp": noon.Unix() + 3600}
	for _, more := range change {
		for k, v := range more {
			if v == nil {
				delete(c, k)
				continue
			}
			c[k] = v
		}
	}
	return c
}

func sign(c claims, change ...func(*jwt.Token)) string {
	return signedBy("k1", rsaKeys()[0], c, change...)
}

func signedBy(kid string, key crypto.PrivateKey, c claims, change ...func(*jwt.Token)) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	t.Header["kid"] = kid
	for _, f := range change {
		f(t)
	}
	s, err := t.SignedString(key)
	if err != nil {
		panic(err)
	}
	return s
}

// guardedByJWT is an HTTP API with a JWT authorizer.
func guardedByJWT(t *testing.T) (*stand, *provider) {
	a := httpAPI(route("GET /", guarded(cloud.AuthJWT, "j")), route("GET /scoped", guarded(cloud.AuthJWT, "j", "read", "admin")))
	a.Authorizers = []cloud.Authorizer{{Meta: cloud.Meta{Name: "Jwt"}, ID: "j", Kind: cloud.JWTAuthorizer, Identity: []string{"$request.header.Authorization"},
		Issuer: cloud.Known(issuer), Audience: cloud.Known([]string{"app", "other"})}}
	s := stood(t, a).on("f", says(fine))
	p := newProvider()
	s.config.Fetch = p
	s.restart()
	return s, p
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func TestJWTAuthorizer(t *testing.T) {
	none := func(c claims) string {
		t := jwt.NewWithClaims(jwt.SigningMethodNone, c)
		t.Header["kid"] = "k1"
		s, _ := t.SignedString(jwt.UnsafeAllowNoneSignatureType)
		return s
	}
	symmetric := func(c claims) string { // the public key taken for a secret
		t := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
		t.Header["kid"] = "k1"
		s, _ := t.SignedString(rsaKeys()[0].N.Bytes())
		return s
	}
	elliptical := func(c claims) string {
		k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		t := jwt.NewWithClaims(jwt.SigningMethodES256, c)
		t.Header["kid"] = "ec"
		s, _ := t.SignedString(k)
		return s
	}
	tests := []struct{ name, token, wrong string }{
		{"good", sign(good()), ""},
		{"several audiences", sign(good(claims{"aud": []string{"x", "other"}})), ""},
		{"client_id for aud", sign(good(claims{"aud": nil, "client_id": "app"})), ""},
		{"wrong audience", sign(good(claims{"aud": "someone"})), "the token does not have a valid audience"},
		{"aud before client_id", sign(good(claims{"aud": "someone", "client_id": "app"})), "the token does not have a valid audience"},
		{"no audience", sign(good(claims{"aud": nil})), "the token does not have a valid audience"},
		{"audience of a wrong type", sign(good(claims{"aud": claims{"app": true}})), "the token does not have a valid audience"},
		{"wrong issuer", sign(good(claims{"iss": "https://evil.example.com"})), "the token does not have a valid issuer"},
		{"issuer with a slash more", sign(good(claims{"iss": issuer + "/"})), "the token does not have a valid issuer"},
		{"expired", sign(good(claims{"exp": noon.Unix()})), "the token has expired"},
		{"no expiration", sign(good(claims{"exp": nil})), "the token has no expiration"},
		{"expiration as text", sign(good(claims{"exp": "never"})), "the token has an invalid expiration"},
		{"not yet", sign(good(claims{"nbf": noon.Unix() + 1})), "the token is not valid yet"},
		{"from the future", sign(good(claims{"iat": noon.Unix() + 60})), "the token was issued in the future"},
		{"alg none", none(good()), "signing method is not supported"},
		{"HMAC with the public key", symmetric(good()), "signing method is not supported"},
		{"ES256, which AWS does not take", elliptical(good()), "signing method is not supported"},
		{"signed by another", signedBy("k1", rsaKeys()[1], good()), "the token has an invalid signature"},
		{"unknown key", signedBy("k9", rsaKeys()[1], good()), "the token's key ID is not among the issuer's keys"},
		{"no key ID", sign(good(), func(t *jwt.Token) { delete(t.Header, "kid") }), "the token has no key ID"},
		{"key ID of a wrong type", sign(good(), func(t *jwt.Token) { t.Header["kid"] = 7 }), "the token has no key ID"},
		{"critical header", sign(good(), func(t *jwt.Token) { t.Header["crit"] = []string{"x"} }), "the token has critical headers that are not known"},
		{"garbage", "abc", "the token is malformed"},
		{"three dots", "...", "the token is malformed"},
		{"cut", sign(good())[:100], "the token is malformed"},
	}
	s, _ := guardedByJWT(t)
	for _, test := range tests {
		for _, form := range []string{test.token, "Bearer " + test.token, "bearer " + test.token} {
			if test.wrong == "" {
				s.gets("GET /", headers{"Authorization": form}, "200 fine")
				continue
			}
			res := s.gets("GET /", headers{"Authorization": form}, `401 {"message":"Unauthorized"}`)
			want := fmt.Sprintf(`Bearer scope="" error="invalid_token" error_description=%q`, test.wrong)
			if got := res.Header.Get("Www-Authenticate"); got != want {
				t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
			}
		}
	}
	if res := s.gets("GET /", nil, `401 {"message":"Unauthorized"}`); res.Header.Get("Www-Authenticate") != "Bearer" {
		t.Error(res.Header)
	}
}

func TestJWTScopesAndClaims(t *testing.T) {
	s, _ := guardedByJWT(t)
	for _, test := range []struct {
		claims claims
		want   string
	}{
		{claims{"scope": "write read"}, "200 fine"},
		{claims{"scp": []string{"admin"}}, "200 fine"},
		{claims{"scope": "reader"}, `403 {"message":"Forbidden"}`},
		{claims{"scope": 7}, `403 {"message":"Forbidden"}`},
		{nil, `403 {"message":"Forbidden"}`},
	} {
		s.gets("GET /scoped", headers{"Authorization": sign(good(test.claims))}, test.want)
	}
	s.gets("GET /scoped", headers{"Authorization": sign(good(claims{"scope": "read", "groups": []any{"a", 7}, "n": 1.5, "b": true, "m": claims{"k": "v"}}))}, "200 fine")
	same(t, at(s.event(), "requestContext.authorizer"), fmt.Sprintf(`{"jwt": {"claims": {"iss": %q, "aud": "app", "sub": "u1", "iat": "1773316790", "exp": "1773320400",
		"scope": "read", "groups": "[a 7]", "n": "1.5", "b": "true", "m": "{\"k\":\"v\"}"}, "scopes": ["read"]}}`, issuer))
	s.gets("GET /", headers{"Authorization": sign(good(claims{"scope": "read"}))}, "200 fine")
	if v, there := at(s.event(), "requestContext.authorizer.jwt").(map[string]any)["scopes"]; v != nil || !there {
		t.Errorf("scopes %v", v)
	}
}

// Keys are kept two hours. A key that is not known is looked for at once, but
// hostile tokens cannot make the gateway ask all the time.
func TestKeysAreKept(t *testing.T) {
	s, p := guardedByJWT(t)
	long := good(claims{"exp": noon.Unix() + 1e6})
	old, next := headers{"Authorization": sign(long)}, headers{"Authorization": signedBy("k2", rsaKeys()[1], long)}
	const refused = `401 {"message":"Unauthorized"}`
	fetches := func(want int) {
		t.Helper()
		if p.fetched != want {
			t.Errorf("fetched %d times, want %d", p.fetched, want)
		}
	}
	s.gets("GET /", old, "200 fine")
	fetches(2) // discovery and keys
	s.gets("GET /", old, "200 fine")
	fetches(2)
	s.gets("GET /", next, refused)
	fetches(4)                  // it may be new
	p.keys["k2"] = rsaKeys()[1] // rotation: new tokens are good at once
	s.gets("GET /", next, "200 fine")
	s.gets("GET /", old, "200 fine")
	fetches(6)
	for range 20 { // but not for whatever IDs are made up
		s.gets("GET /", headers{"Authorization": signedBy("evil", rsaKeys()[1], long)}, refused)
	}
	fetches(12)
	s.pass(5 * time.Second)
	s.gets("GET /", headers{"Authorization": signedBy("evil", rsaKeys()[1], long)}, refused)
	fetches(14)
	delete(p.keys, "k1") // withdrawn: old tokens are good until the keys are asked for again
	s.pass(time.Hour)
	s.gets("GET /", old, "200 fine")
	s.pass(time.Hour)
	s.gets("GET /", old, refused)
	s.gets("GET /", next, "200 fine")
	fetches(16)
	p.broken = true
	s.pass(2 * time.Hour)
	res := s.gets("GET /", next, refused)
	if got := res.Header.Get("Www-Authenticate"); !strings.Contains(got, "OIDC discovery endpoint communication error") {
		t.Error(got)
	}
	p.broken = false
	s.gets("GET /", next, refused) // not again at once
	s.pass(5 * time.Second)
	s.gets("GET /", next, "200 fine")
}

func TestAKeptTokenExpires(t *testing.T) {
	s, _ := guardedByJWT(t)
	h := headers{"Authorization": sign(good(claims{"exp": noon.Unix() + 60}))}
	s.gets("GET /", h, "200 fine")
	s.pass(59 * time.Second)
	s.gets("GET /", h, "200 fine")
	s.pass(time.Second)
	s.gets("GET /", h, `401 {"message":"Unauthorized"}`)
}

func TestKeysThatAreTooMany(t *testing.T) {
	s, p := guardedByJWT(t)
	p.large = true
	s.gets("GET /", headers{"Authorization": sign(good())}, `401 {"message":"Unauthorized"}`)
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
func TestCognitoAuthorizer(t *testing.T) {
	a := restAPI(route("GET /", guarded(cloud.AuthCognito, "c")), route("GET /scoped", guarded(cloud.AuthCognito, "c", "api/read")))
	a.Authorizers = []cloud.Authorizer{{ID: "c", Kind: cloud.CognitoAuthorizer, Identity: []string{"method.request.header.Authorization"},
		Pools: []cloud.Value[cloud.ARN]{cloud.Known(cloud.ARN{Partition: "aws", Service: "cognito-idp", Region: region, Account: account, Resource: "userpool/us-east-1_Pool12345"})}}}
	s := stood(t, a).on("f", says(fine))
	s.config.Fetch = newProvider()
	s.restart()
	id := good(claims{"iss": pool, "token_use": "id", "cognito:groups": []string{"a", "b"}})
	access := good(claims{"iss": pool, "token_use": "access", "aud": nil, "client_id": "app", "scope": "api/read openid"})
	tests := []struct {
		name, path string
		claims     claims
		want       string
	}{
		{"ID token", "/prod", id, "200 fine"},
		{"access token without scopes on the method", "/prod", access, restUnauthorized},
		{"access token with the scope", "/prod/scoped", access, "200 fine"},
		{"access token without the scope", "/prod/scoped", good(access, claims{"scope": "openid"}), restUnauthorized},
		{"ID token where scopes are asked for", "/prod/scoped", id, restUnauthorized},
		{"ID token that claims a scope", "/prod/scoped", good(id, claims{"scope": "api/read"}), restUnauthorized},
		{"another pool", "/prod", good(id, claims{"iss": pool + "x"}), restUnauthorized},
		{"expired", "/prod", good(id, claims{"exp": noon.Unix() - 1}), `401 {"message":"The incoming token has expired"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s.t = t
			s.gets("GET "+test.path, headers{"Authorization": sign(test.claims)}, test.want)
		})
	}
	s.gets("GET /prod", nil, restUnauthorized)
	s.gets("GET /prod", headers{"Authorization": signedBy("k1", rsaKeys()[1], id)}, restUnauthorized)
	s.gets("GET /prod", headers{"Authorization": "Bearer " + sign(id)}, "200 fine")
	same(t, at(s.event(), "requestContext.authorizer"), `{"claims": {"iss": "`+pool+`", "aud": "app", "sub": "u1", "token_use": "id", "cognito:groups": "a,b",
		"iat": "Thu Mar 12 11:59:50 UTC 2026", "exp": "Thu Mar 12 13:00:00 UTC 2026"}}`)
}

// Whatever a token is, the verifier answers, and never lets it through.
func FuzzTokens(f *testing.F) {
	f.Add(sign(good()))
	f.Add("Bearer ..")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":{"a":[]}}`)) + "." + strings.Repeat("e30", 10) + ".AA")
	a := httpAPI(route("GET /", guarded(cloud.AuthJWT, "j")))
	a.Authorizers = []cloud.Authorizer{{ID: "j", Kind: cloud.JWTAuthorizer, Issuer: cloud.Known(issuer), Audience: cloud.Known([]string{"app"})}}
	m := model(f, a)
	valid := sign(good())
	f.Fuzz(func(t *testing.T, token string) {
		s := standing(t, m).on("f", says(fine))
		s.config.Fetch = newProvider()
		s.restart()
		res := s.call("GET /", headers{"Authorization": token})
		if res.StatusCode == 200 && !strings.Contains(token, valid[:strings.LastIndex(valid, ".")]) {
			t.Errorf("a token that nobody signed passed: %q", token)
		}
		if res.StatusCode >= 500 {
			t.Errorf("%d for %q", res.StatusCode, token)
		}
	})
}
