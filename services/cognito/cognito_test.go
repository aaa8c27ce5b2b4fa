package cognito_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/cognito"
	"bailey/services/store"
	"bailey/services/wire"
)

const (
	poolID   = "us-west-2_Pool00001"
	clientID = "webclient00000000000000000"
	poolARN  = "arn:aws:cognito-idp:us-west-2:123456789012:userpool/" + poolID
)

// users declares a pool of user names with one client that may do everything.
func users(changes ...func(*cloud.UserPool)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		p := cloud.UserPool{Meta: cloud.Meta{Name: "Users"}, ID: poolID, PoolName: "users", CaseSensitive: true, MFA: "OFF", AutoVerified: []string{"email"},
			ARN:      cloud.ARN{Partition: "aws", Service: "cognito-idp", Region: Region, Account: Account, Resource: "userpool/" + poolID},
			Password: cloud.PasswordPolicy{MinLength: 8, Lower: true, Numbers: true, TemporaryDays: 7},
			Clients: []cloud.PoolClient{{Meta: cloud.Meta{Name: "Web"}, ID: clientID, ClientName: "web", Revocation: true,
				Flows: []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"}}}}
		for _, change := range changes {
			change(&p)
		}
		s.UserPools = append(s.UserPools, p)
	}
}

// onClient changes the pool's client.
func onClient(change func(*cloud.PoolClient)) func(*cloud.UserPool) {
	return func(p *cloud.UserPool) { change(&p.Clients[0]) }
}

func byEmail(p *cloud.UserPool) { p.Username = []string{"email"} }

// A bench is a pool under test, with its clock and its post.
type bench struct {
	t     testing.TB
	pools *cognito.UserPools
	model *cloud.Model
	store *store.Store
	wire  http.Handler

	mu     sync.Mutex
	now    time.Time
	posted []cognito.Message
	runs   func(function string, event map[string]any) (any, error) // a trigger's function
}

var start = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

// open opens the pools in dir and deploys the changes.
func open(t testing.TB, dir string, changes ...func(*cloud.Spec)) *bench {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: s, model: Model(t, changes...), now: start}
	t.Cleanup(func() { s.Close() })
	b.pools, err = cognito.New(cognito.Config{Store: s, Model: func() *cloud.Model { return b.model }, Now: b.clock, Deliver: b.post, Invoke: b.invoke})
	if err != nil {
		t.Fatal(err)
	}
	router, err := wire.New(wire.Config{Services: []*wire.Service{b.pools.Service()}, Region: Region,
		Verifier:  &wire.Verifier{Secret: func(string, wire.Origin) (wire.Credential, bool) { return anybody, true }},
		Authorize: func(context.Context, *wire.Call, string, []string) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	b.wire = b.pools.Documents(router)
	return b
}

func fresh(t testing.TB, changes ...func(*cloud.UserPool)) *bench {
	t.Helper()
	return open(t, t.TempDir(), users(changes...))
}

var anybody = wire.Credential{SecretAccessKey: "s", Account: Account, PrincipalARN: "arn:aws:iam::123456789012:user/u"}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *bench) post(m cognito.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.posted = append(b.posted, m)
}

// lastPost is the code of the last message.
func (b *bench) lastPost() cognito.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.posted) == 0 {
		b.t.Fatal("nothing was sent")
	}
	return b.posted[len(b.posted)-1]
}

func (b *bench) invoke(_ context.Context, pool, function string, event []byte) ([]byte, string, error) {
	if pool != poolARN {
		return nil, "", fmt.Errorf("%s is no pool", pool)
	}
	var in map[string]any
	if err := json.Unmarshal(event, &in); err != nil {
		return nil, "", err
	}
	answer, err := b.runs(function, in)
	var failed *functionError
	switch {
	case errors.As(err, &failed):
		return nil, failed.text, nil
	case err != nil:
		return nil, "", err
	}
	in["response"] = answer
	out, err := json.Marshal(in)
	return out, "", err
}

type functionError struct{ text string }

func (f *functionError) Error() string { return f.text }

type object = map[string]any

// send calls an operation: those of administrators signed, the others not.
func (b *bench) send(operation string, in any) *httptest.ResponseRecorder {
	body, ok := in.([]byte)
	if !ok {
		var err error
		if body, err = json.Marshal(in); err != nil {
			b.t.Fatal(err)
		}
	}
	r := httptest.NewRequest("POST", "http://cognito-idp.us-west-2.amazonaws.com/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	if !unsigned[operation] {
		wire.Sign(r, body, "AKIA", anybody, Region, "cognito-idp", time.Now())
	}
	w := httptest.NewRecorder()
	b.wire.ServeHTTP(w, r)
	return w
}

var unsigned = map[string]bool{"SignUp": true, "ConfirmSignUp": true, "ResendConfirmationCode": true, "ForgotPassword": true,
	"ConfirmForgotPassword": true, "InitiateAuth": true, "RespondToAuthChallenge": true, "GetTokensFromRefreshToken": true, "RevokeToken": true,
	"GetUser": true, "DeleteUser": true, "UpdateUserAttributes": true, "GetUserAttributeVerificationCode": true, "VerifyUserAttribute": true,
	"ChangePassword": true, "GlobalSignOut": true}

// do calls an operation that must succeed.
func (b *bench) do(operation string, in any) object {
	b.t.Helper()
	w := b.send(operation, in)
	var out object
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
		b.t.Fatalf("%s: %d %s", operation, w.Code, w.Body)
	}
	return out
}

// fail calls an operation and gives "Code: message" of its refusal, or "".
func (b *bench) fail(operation string, in any) string {
	b.t.Helper()
	w := b.send(operation, in)
	var out struct {
		Type    string `json:"__type"`
		Message string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		b.t.Fatalf("%s: %d %s", operation, w.Code, w.Body)
	}
	if w.Code == 200 {
		return ""
	}
	return out.Type + ": " + out.Message
}

// admin is the input of an administrator's operation on a user.
func admin(name string, more ...any) object {
	in := object{"UserPoolId": poolID, "Username": name}
	for i := 0; i < len(more); i += 2 {
		in[more[i].(string)] = more[i+1]
	}
	return in
}

func attributes(pairs ...string) []object {
	out := []object{}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, object{"Name": pairs[i], "Value": pairs[i+1]})
	}
	return out
}

// user makes a confirmed user.
func (b *bench) user(name, password string, attrs ...string) {
	b.t.Helper()
	b.do("AdminCreateUser", admin(name, "MessageAction", "SUPPRESS", "UserAttributes", attributes(attrs...)))
	b.do("AdminSetUserPassword", admin(name, "Password", password, "Permanent", true))
}

// byPassword is the input of a sign-in with a password.
func byPassword(name, password string) object {
	return object{"ClientId": clientID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": object{"USERNAME": name, "PASSWORD": password}}
}

func refreshBy(token any) object {
	return object{"ClientId": clientID, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": object{"REFRESH_TOKEN": token}}
}

// signIn signs a user in and gives the tokens.
func (b *bench) signIn(name, password string) object {
	b.t.Helper()
	out := b.do("InitiateAuth", byPassword(name, password))
	tokens, ok := out["AuthenticationResult"].(object)
	if !ok {
		b.t.Fatalf("no tokens: %v", out)
	}
	return tokens
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
