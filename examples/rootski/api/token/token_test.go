package token

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Pool00001"
	client = "1example23456789"
)

var now = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// key makes one key for all tests, and another.
var key = sync.OnceValues(func() (*rsa.PrivateKey, *rsa.PrivateKey) {
	a, err := rsa.GenerateKey(rand.Reader, 2048)
	b, err2 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err, err2); err != nil {
		panic(err)
	}
	return a, b
})

// idToken are the claims of a good ID token, with changes; nil takes one away.
func idToken(changes jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{"iss": issuer, "aud": client, "token_use": "id", "sub": "7f1e", "cognito:username": "ada", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix()}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// accessToken are those of a good access token.
func accessToken(changes jwt.MapClaims) jwt.MapClaims {
	c := idToken(jwt.MapClaims{"aud": nil, "cognito:username": nil, "token_use": "access", "client_id": client, "username": "ada"})
	maps.Copy(c, changes)
	return c
}

func sign(t testing.TB, method jwt.SigningMethod, kid string, key any, c jwt.MapClaims) string {
	t.Helper()
	unsigned := jwt.NewWithClaims(method, c)
	if kid != "" {
		unsigned.Header["kid"] = kid
	}
	raw, err := unsigned.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestVerify(t *testing.T) {
	good, other := key()
	keys := Keys{"one": &good.PublicKey}
	rs256 := func(c jwt.MapClaims) string { return sign(t, jwt.SigningMethodRS256, "one", good, c) }
	valid := rs256(idToken(nil))
	parts := strings.Split(valid, ".")
	public, err := json.Marshal(good.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, raw string
		want      string // who it is; empty: refused
	}{
		{"an ID token", valid, "ada"},
		{"an access token", rs256(accessToken(nil)), "ada"},
		{"an hour's clock and a bit", rs256(idToken(jwt.MapClaims{"exp": now.Add(-leeway + time.Second).Unix()})), "ada"},
		{"several audiences, one of them ours", rs256(idToken(jwt.MapClaims{"aud": []string{"x", client}})), "ada"},

		{"expired", rs256(idToken(jwt.MapClaims{"exp": now.Add(-time.Hour).Unix()})), ""},
		{"without an end", rs256(idToken(jwt.MapClaims{"exp": nil})), ""},
		{"not yet valid", rs256(idToken(jwt.MapClaims{"nbf": now.Add(time.Hour).Unix()})), ""},
		{"another pool's", rs256(idToken(jwt.MapClaims{"iss": issuer + "x"})), ""},
		{"an ID token for another client", rs256(idToken(jwt.MapClaims{"aud": "other"})), ""},
		{"an ID token with a client_id and no audience", rs256(idToken(jwt.MapClaims{"aud": nil, "client_id": client})), ""},
		{"an access token for another client", rs256(accessToken(jwt.MapClaims{"client_id": "other"})), ""},
		{"an access token with an audience only", rs256(accessToken(jwt.MapClaims{"client_id": nil, "aud": client})), ""},
		{"of no known use", rs256(idToken(jwt.MapClaims{"token_use": "refresh"})), ""},
		{"without a subject", rs256(idToken(jwt.MapClaims{"sub": nil})), ""},
		{"claims of wrong types", rs256(idToken(jwt.MapClaims{"exp": "soon", "aud": 7})), ""},

		{"alg none", sign(t, jwt.SigningMethodNone, "one", jwt.UnsafeAllowNoneSignatureType, idToken(nil)), ""},
		{"the public key as HMAC secret", sign(t, jwt.SigningMethodHS256, "one", public, idToken(nil)), ""},
		{"another algorithm of the same key", sign(t, jwt.SigningMethodPS256, "one", good, idToken(nil)), ""},
		{"signed by somebody else", sign(t, jwt.SigningMethodRS256, "one", other, idToken(nil)), ""},
		{"an unknown key", sign(t, jwt.SigningMethodRS256, "two", good, idToken(nil)), ""},
		{"no key named", sign(t, jwt.SigningMethodRS256, "", good, idToken(nil)), ""},
		{"other claims under a good signature", parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"root"}`)) + "." + parts[2], ""},
		{"no signature", parts[0] + "." + parts[1] + ".", ""},
		{"two parts", parts[0] + "." + parts[1], ""},
		{"nothing", "", ""},
		{"huge", valid + strings.Repeat("A", maxLen), ""},
	}
	v := Verifier{Issuer: issuer, Client: client, Now: func() time.Time { return now }}
	for _, test := range tests {
		id, err := v.Verify(test.raw, keys)
		if id.Name != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %+v, %v; want %q", test.name, id, err, test.want)
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v is not ErrInvalid", test.name, err)
		}
	}
	if _, err := v.Verify(sign(t, jwt.SigningMethodRS256, "two", good, idToken(nil)), keys); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("an unknown key: %v", err)
	}
	if _, err := (Verifier{Issuer: issuer, Now: v.Now}).Verify(rs256(accessToken(jwt.MapClaims{"client_id": ""})), keys); err == nil {
		t.Error("a verifier without a client takes everybody's tokens")
	}
}

// jwk is a public key as the pool publishes it.
func jwk(kid string, k *rsa.PublicKey) string {
	enc := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"alg":"RS256","e":%q,"kid":%q,"kty":"RSA","n":%q,"use":"sig"}`, enc(big.NewInt(int64(k.E)).Bytes()), kid, enc(k.N.Bytes()))
}

func TestParseKeys(t *testing.T) {
	good, other := key()
	set := `{"keys":[` + jwk("one", &good.PublicKey) + `,` + jwk("two", &other.PublicKey) + `,{"kty":"EC","kid":"ec","crv":"P-256"},{"kty":"RSA","kid":"enc","use":"enc","n":"AQ","e":"AQAB"}]}`
	keys, err := ParseKeys([]byte(set))
	if err != nil || len(keys) != 2 || !keys["one"].Equal(crypto.PublicKey(&good.PublicKey)) || !keys["two"].Equal(&other.PublicKey) {
		t.Errorf("got %v, %v", keys, err)
	}
	if keys, err := ParseKeys([]byte(`{"keys":[]}`)); err != nil || len(keys) != 0 {
		t.Errorf("an empty set: %v, %v", keys, err)
	}
	for name, text := range map[string]string{
		"no JSON":         `<html>`,
		"a short key":     `{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}`,
		"no base64":       `{"keys":[{"kty":"RSA","kid":"a","n":"!!","e":"AQAB"}]}`,
		"a huge exponent": strings.Replace(`{"keys":[`+jwk("a", &good.PublicKey)+`]}`, `"e":"AQAB"`, `"e":"`+strings.Repeat("_", 40)+`"`, 1),
	} {
		if keys, err := ParseKeys([]byte(text)); err == nil {
			t.Errorf("%s: %v", name, keys)
		}
	}
}

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{"Bearer abc": "abc", "bearer  abc ": "abc", "Bearer": "", "Bearer ": "", "": "", "Basic abc": "", "abc": ""} {
		if raw, ok := Bearer(header); raw != want && ok || ok != (want != "") {
			t.Errorf("%q: %q, %v", header, raw, ok)
		}
	}
}

// No token, however hostile, is taken or makes the verifier panic.
func FuzzVerify(f *testing.F) {
	good, _ := key()
	valid := sign(f, jwt.SigningMethodRS256, "one", good, idToken(jwt.MapClaims{"iss": "another"}))
	for _, seed := range []string{valid, "a.b.c", "..", strings.Repeat(".", 100), "eyJhbGciOiJub25lIn0.e30.", `eyJhbGciOlsxXX0.e30.x`} {
		f.Add(seed)
	}
	v := Verifier{Issuer: issuer, Client: client, Now: func() time.Time { return now }}
	f.Fuzz(func(t *testing.T, raw string) {
		if id, err := v.Verify(raw, Keys{"one": &good.PublicKey}); err == nil {
			t.Errorf("%q is taken for %+v", raw, id)
		}
		Bearer(raw)
	})
}
