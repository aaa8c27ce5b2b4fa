package cognito_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bailey/cloud"
	"bailey/services/wire"
)

const issuer = "https://cognito-idp.us-west-2.amazonaws.com/" + poolID

// get reads a document as a function inside the world does.
func (b *bench) get(url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.wire.ServeHTTP(w, httptest.NewRequest("GET", url, nil))
	return w
}

// published gives the public keys by kid, in the order of the JWKS.
func (b *bench) published() (kids []string, keys map[string]*rsa.PublicKey) {
	b.t.Helper()
	var set struct {
		Keys []struct{ Alg, E, Kid, Kty, N, Use string }
	}
	w := b.get(issuer + "/.well-known/jwks.json")
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || w.Code != 200 {
		b.t.Fatalf("%d %s", w.Code, w.Body)
	}
	keys = map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(k.N)
		if err != nil || k.Alg+k.Kty+k.Use+k.E != "RS256RSAsigAQAB" {
			b.t.Errorf("key %+v: %v", k, err)
		}
		kids = append(kids, k.Kid)
		keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	}
	return kids, keys
}

// verify checks a token as a careful backend does.
func (b *bench) verify(token any, opts ...jwt.ParserOption) (jwt.MapClaims, string, error) {
	b.t.Helper()
	_, keys := b.published()
	opts = append(opts, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(b.clock))
	claims, kid := jwt.MapClaims{}, ""
	_, err := jwt.ParseWithClaims(token.(string), claims, func(t *jwt.Token) (any, error) {
		kid, _ = t.Header["kid"].(string)
		if key, ok := keys[kid]; ok {
			return key, nil
		}
		return nil, fmt.Errorf("no key %s", kid)
	}, opts...)
	return claims, kid, err
}

func sortedKeys(m map[string]any) string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func precedence(n int) *int { return &n }

func TestTokens(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) {
		p.Schema = []cloud.PoolAttribute{{AttributeName: "tenant", Mutable: true}}
		p.Groups = []cloud.PoolGroup{{GroupName: "readers", Role: "arn:aws:iam::123456789012:role/r", Precedence: precedence(5)},
			{GroupName: "admins", Role: "arn:aws:iam::123456789012:role/a", Precedence: precedence(1)}, {GroupName: "all"}}
	}, onClient(func(c *cloud.PoolClient) { c.AccessToken, c.IDToken = 10*time.Minute, 20*time.Minute }))
	b.user("ada", "right-pass1", "email", "ada@example.com", "email_verified", "true", "custom:tenant", "7", "address", "1 Street")
	for _, g := range []string{"all", "readers", "admins"} {
		b.do("AdminAddUserToGroup", admin("ada", "GroupName", g))
	}
	out := b.signIn("ada", "right-pass1")
	id, idKid, err := b.verify(out["IdToken"], jwt.WithAudience(clientID))
	if err != nil {
		t.Fatal(err)
	}
	access, accessKid, err := b.verify(out["AccessToken"])
	if err != nil {
		t.Fatal(err)
	}
	kids, _ := b.published()
	same(t, "each kind has its key", []string{idKid, accessKid}, kids)
	same(t, "members of the ID token", sortedKeys(id), "address aud auth_time cognito:groups cognito:preferred_role cognito:roles cognito:username "+
		"custom:tenant email email_verified event_id exp iat iss jti origin_jti sub token_use")
	same(t, "members of the access token", sortedKeys(access), "auth_time client_id cognito:groups event_id exp iat iss jti origin_jti scope sub token_use username")
	now := float64(start.Unix())
	for name, want := range map[string]any{"aud": clientID, "token_use": "id", "cognito:username": "ada", "email_verified": true, "auth_time": now, "iat": now,
		"exp": now + 1200, "address": object{"formatted": "1 Street"}, "custom:tenant": "7", "cognito:groups": "[admins readers all]",
		"cognito:roles": "[arn:aws:iam::123456789012:role/a arn:aws:iam::123456789012:role/r]", "cognito:preferred_role": "arn:aws:iam::123456789012:role/a"} {
		same(t, name, id[name], want)
	}
	for name, want := range map[string]any{"client_id": clientID, "token_use": "access", "username": "ada", "exp": now + 600, "scope": "aws.cognito.signin.user.admin",
		"origin_jti": id["origin_jti"], "event_id": id["event_id"], "sub": id["sub"], "cognito:groups": "[admins readers all]"} {
		same(t, name, access[name], want)
	}
	if id["jti"] == access["jti"] {
		t.Error("both tokens have the same jti")
	}
	same(t, "validity", out["ExpiresIn"], 600)
}

// A client that may not read an attribute does not see it.
func TestReadAttributes(t *testing.T) {
	b := fresh(t, onClient(func(c *cloud.PoolClient) { c.ReadAttributes = []string{"name"} }))
	b.user("ada", "right-pass1", "email", "ada@example.com", "name", "Ada")
	out := b.signIn("ada", "right-pass1")
	id, _, err := b.verify(out["IdToken"])
	same(t, "claims", []any{id["name"], id["email"], err}, "[Ada <nil> <nil>]")
	same(t, "GetUser", len(b.do("GetUser", object{"AccessToken": out["AccessToken"]})["UserAttributes"].([]any)), 2)
}

func TestRefresh(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1")
	first := b.signIn("ada", "right-pass1")
	b.pass(2 * time.Hour)
	same(t, "expired", b.fail("GetUser", object{"AccessToken": first["AccessToken"]}), "NotAuthorizedException: Access Token has expired")
	again := b.do("InitiateAuth", refreshBy(first["RefreshToken"]))["AuthenticationResult"].(object)
	same(t, "no new refresh token", again["RefreshToken"], nil)
	before, _, _ := b.verify(first["AccessToken"], jwt.WithTimeFunc(func() time.Time { return start }))
	after, _, err := b.verify(again["AccessToken"])
	same(t, "the same sign-in", []any{after["origin_jti"], after["auth_time"], err}, []any{before["origin_jti"], before["auth_time"], nil})
	same(t, "issued now", after["iat"], float64(b.clock().Unix()))
	other := b.do("GetTokensFromRefreshToken", object{"ClientId": clientID, "RefreshToken": first["RefreshToken"]})["AuthenticationResult"].(object)
	b.do("GetUser", object{"AccessToken": other["AccessToken"]})
	for name, token := range map[string]string{"made up": "x.y", "cut": first["RefreshToken"].(string)[:60], "an ID token": first["IdToken"].(string)} {
		same(t, name, b.fail("InitiateAuth", refreshBy(token)), "NotAuthorizedException: Invalid Refresh Token")
	}
	b.pass(30 * 24 * time.Hour)
	same(t, "expired", b.fail("InitiateAuth", refreshBy(first["RefreshToken"])), "NotAuthorizedException: Refresh Token has expired")
}

// What ends a sign-in, and what of it then still works.
func TestRevocation(t *testing.T) {
	const revoked = "NotAuthorizedException: Refresh Token has been revoked"
	tests := []struct {
		name, access, refresh string
		end                   func(*bench, object)
	}{
		{"revoked by its refresh token", signedOut, revoked, func(b *bench, out object) {
			b.do("RevokeToken", object{"ClientId": clientID, "Token": out["RefreshToken"]})
		}},
		{"signed out everywhere", signedOut, revoked, func(b *bench, out object) { b.do("GlobalSignOut", object{"AccessToken": out["AccessToken"]}) }},
		{"signed out by an administrator", signedOut, revoked, func(b *bench, _ object) { b.do("AdminUserGlobalSignOut", admin("ada")) }},
		{"disabled", signedOut, "NotAuthorizedException: User is disabled.", func(b *bench, _ object) { b.do("AdminDisableUser", admin("ada")) }},
		{"deleted", noUser, noUser, func(b *bench, _ object) { b.do("AdminDeleteUser", admin("ada")) }},
		{"deleted and made again", noUser, noUser, func(b *bench, _ object) {
			b.do("AdminDeleteUser", admin("ada"))
			b.user("ada", "right-pass1")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := fresh(t)
			b.user("ada", "right-pass1")
			out, other := b.signIn("ada", "right-pass1"), b.signIn("ada", "right-pass1")
			tt.end(b, out)
			if got := b.fail("GetUser", object{"AccessToken": out["AccessToken"]}); got != tt.access {
				t.Errorf("access token: %s, want %s", got, tt.access)
			}
			same(t, "refresh token", b.fail("InitiateAuth", refreshBy(out["RefreshToken"])), tt.refresh)
			if _, _, err := b.verify(out["AccessToken"]); err != nil {
				t.Errorf("who verifies offline does not know: %v", err)
			}
			if strings.HasPrefix(tt.name, "revoked") {
				b.do("GetUser", object{"AccessToken": other["AccessToken"]})
			}
		})
	}
	b := fresh(t)
	same(t, "an access token", b.fail("RevokeToken", object{"ClientId": clientID, "Token": "a.b.c"}), "UnsupportedTokenTypeException: Only refresh tokens can be revoked.")
	b.do("RevokeToken", object{"ClientId": clientID, "Token": "unknown"})
}

// Without token revocation the tokens do not carry what tells them apart.
func TestClientWithoutRevocation(t *testing.T) {
	b := fresh(t, onClient(func(c *cloud.PoolClient) { c.Revocation = false }))
	b.user("ada", "right-pass1")
	out := b.signIn("ada", "right-pass1")
	access, _, err := b.verify(out["AccessToken"])
	same(t, "members", []any{sortedKeys(access), err}, "[auth_time client_id event_id exp iat iss jti scope sub token_use username <nil>]")
	same(t, "revoke", b.fail("RevokeToken", object{"ClientId": clientID, "Token": out["RefreshToken"]}),
		"UnsupportedOperationException: Token revocation is not enabled for client "+clientID)
	b.pass(time.Minute)
	b.do("AdminUserGlobalSignOut", admin("ada"))
	same(t, "signed out", b.fail("GetUser", object{"AccessToken": out["AccessToken"]}), signedOut)
}

// Tokens that somebody else made, or that are of another kind.
func TestHostileTokens(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1")
	out := b.signIn("ada", "right-pass1")
	good := out["AccessToken"].(string)
	part := strings.Split(good, ".")
	enc := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	kids, _ := b.published()
	for name, token := range map[string]string{
		"no token": "x", "alg none": enc(`{"alg":"none"}`) + "." + part[1] + ".", "an ID token": out["IdToken"].(string),
		"alg none with a signature": enc(`{"alg":"none","kid":"`+kids[1]+`"}`) + "." + part[1] + "." + part[2],
		"HS256":                     enc(`{"alg":"HS256","kid":"`+kids[1]+`"}`) + "." + part[1] + "." + part[2],
		"another kid":               enc(`{"alg":"RS256","kid":"x"}`) + "." + part[1] + "." + part[2],
		"other claims":              part[0] + "." + enc(`{"iss":"`+issuer+`","username":"bob","token_use":"access"}`) + "." + part[2],
		"another issuer":            part[0] + "." + enc(`{"iss":"https://example.com/`+poolID+`"}`) + "." + part[2],
		"wrong types":               part[0] + "." + enc(`{"iss":[1],"exp":"x"}`) + "." + part[2],
		"nested":                    part[0] + "." + enc(strings.Repeat("[", 5000)) + "." + part[2],
		"huge":                      strings.Repeat("a", 1<<20) + "." + part[1] + "." + part[2],
		"no signature":              part[0] + "." + part[1] + ".",
	} {
		same(t, name, b.fail("GetUser", object{"AccessToken": token}), "NotAuthorizedException: Invalid Access Token")
	}
	b.do("GetUser", object{"AccessToken": good})
}

// Rotation: new tokens have a new key, old ones verify until it is withdrawn.
func TestKeyRotation(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, users())
	b.user("ada", "right-pass1")
	old := b.signIn("ada", "right-pass1")
	before, _ := b.published()
	if err := b.pools.RotateKeys(poolID); err != nil {
		t.Fatal(err)
	}
	after, _ := b.published()
	same(t, "published", []any{len(before), len(after), slices.Contains(before, after[0]), after[2:]}, []any{2, 4, false, before})
	fresh := b.signIn("ada", "right-pass1")
	_, kid, err := b.verify(fresh["IdToken"])
	same(t, "signed with the new key", []any{kid, err}, []any{after[0], nil})
	if _, _, err := b.verify(old["IdToken"]); err != nil {
		t.Errorf("the old token does not verify: %v", err)
	}
	b.do("GetUser", object{"AccessToken": old["AccessToken"]})

	if err := b.pools.WithdrawKeys(poolID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.verify(old["IdToken"]); err == nil {
		t.Error("the old token verifies without its key")
	}
	same(t, "nor here", b.fail("GetUser", object{"AccessToken": old["AccessToken"]}), "NotAuthorizedException: Invalid Access Token")
	b.do("InitiateAuth", refreshBy(old["RefreshToken"]))
	b.store.Close()
	again := open(t, dir, users())
	kept, _ := again.published()
	same(t, "kept", kept, after[:2])
	if err := again.pools.RotateKeys("us-west-2_Nothing00"); err == nil {
		t.Error("a pool that is not there has keys")
	}
}

func TestDocuments(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) { p.Domain = "shop" })
	jwks := b.get(issuer + "/.well-known/jwks.json")
	same(t, "headers", jwks.Header(), "map[Access-Control-Allow-Origin:[*] Cache-Control:[public, max-age=86400, must-revalidate] Content-Type:[application/json]]")
	var found object
	if err := json.Unmarshal(b.get(issuer+"/.well-known/openid-configuration").Body.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"issuer": issuer, "jwks_uri": issuer + "/.well-known/jwks.json",
		"token_endpoint": "https://shop.auth.us-west-2.amazoncognito.com/oauth2/token"} {
		same(t, name, found[name], want)
	}
	onHost := httptest.NewRequest("GET", "http://localhost:4566/"+poolID+"/.well-known/jwks.json", nil)
	onHost = onHost.WithContext(wire.WithOrigin(onHost.Context(), wire.Origin{Host: true}))
	w := httptest.NewRecorder()
	b.wire.ServeHTTP(w, onHost)
	same(t, "on the host's port", w.Body, jwks.Body)
	private := b.get("https://vpce-0a1b-2c3d.cognito-idp.us-west-2.vpce.amazonaws.com/" + poolID + "/.well-known/jwks.json")
	same(t, "by an endpoint's own name", private.Code, 200)
	same(t, "another pool", b.get("https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Nothing00/.well-known/jwks.json").Code, 404)
	if got := b.get("https://ssm.us-west-2.amazonaws.com/" + poolID + "/.well-known/jwks.json"); strings.Contains(got.Body.String(), `"keys"`) {
		t.Error("another service's host has the keys")
	}
	post := httptest.NewRecorder()
	b.wire.ServeHTTP(post, httptest.NewRequest("POST", issuer+"/.well-known/jwks.json", nil))
	same(t, "POST", post.Code, 405)
}
