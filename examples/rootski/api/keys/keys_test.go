package keys

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/golang-jwt/jwt/v5"

	"example.com/rootski/api/token"
)

// store is Parameter Store with one parameter, which counts its calls.
type store struct {
	value *string
	err   error
	calls int
}

func (s *store) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	s.calls++
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: s.value}}, s.err
}

// set is a key set with one key.
func set(kid string, k *rsa.PrivateKey) *string {
	text := fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":%q,"e":"AQAB","n":%q}]}`, kid, base64.RawURLEncoding.EncodeToString(k.N.Bytes()))
	return &text
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// However many tokens come, the parameter is read once in MaxAge; after that a
// withdrawn key is gone and a new one is there.
func TestSourceAsksOnceInMaxAge(t *testing.T) {
	k := newKey(t)
	synctest.Test(t, func(t *testing.T) {
		from := &store{value: set("old", k)}
		s := &Source{Parameters: from, Name: "/keys", Now: time.Now}
		read := func() (ids []string) {
			keys, err := s.Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for id := range keys {
				ids = append(ids, id)
			}
			return ids
		}
		for range 100 {
			read()
		}
		from.value = set("new", k)
		if got := read(); from.calls != 1 || got[0] != "old" {
			t.Errorf("at once: %v after %d calls", got, from.calls)
		}
		time.Sleep(MaxAge)
		if got := read(); from.calls != 2 || len(got) != 1 || got[0] != "new" {
			t.Errorf("after %s: %v after %d calls", MaxAge, got, from.calls)
		}
		time.Sleep(MaxAge)
		from.err = errors.New("ThrottlingException")
		if keys, err := s.Keys(t.Context()); err == nil {
			t.Errorf("old keys are taken although nobody can tell that they are still good: %v", keys)
		}
	})
}

func TestVisitor(t *testing.T) {
	k := newKey(t)
	claims := jwt.MapClaims{"iss": "pool", "aud": "client", "token_use": "id", "sub": "1", "cognito:username": "ada", "exp": time.Now().Add(time.Hour).Unix()}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	unsigned.Header["kid"] = "one"
	good, err := unsigned.SignedString(k)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no route")
	tests := []struct {
		name    string
		headers map[string]string
		store   store
		want    string
		err     error
	}{
		{"no token", map[string]string{"accept": "*/*"}, store{err: broken}, "anonymous", nil},
		{"a good one", map[string]string{"authorization": "Bearer " + good}, store{value: set("one", k)}, "ada", nil},
		{"one of another key", map[string]string{"authorization": "Bearer " + good}, store{value: set("two", k)}, "", token.ErrInvalid},
		{"a damaged one", map[string]string{"authorization": "Bearer " + good[:len(good)-9]}, store{value: set("one", k)}, "", token.ErrInvalid},
		{"an empty header", map[string]string{"authorization": ""}, store{}, "", token.ErrInvalid},
		{"another scheme", map[string]string{"authorization": "Basic YTpi"}, store{}, "", token.ErrInvalid},
		{"two headers", map[string]string{"authorization": "Bearer " + good + ",Bearer " + good}, store{value: set("one", k)}, "", token.ErrInvalid},
		{"no keys to be had", map[string]string{"authorization": "Bearer " + good}, store{err: broken}, "", broken},
	}
	for _, test := range tests {
		d := Door{token.Verifier{Issuer: "pool", Client: "client", Now: time.Now}, &Source{Parameters: &test.store, Now: time.Now}}
		v, err := d.Visitor(t.Context(), test.headers)
		got := v.Name
		if !v.Known && err == nil {
			got = "anonymous"
		}
		if got != test.want || !errors.Is(err, test.err) || test.err == broken && errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %q, %v; want %q, %v", test.name, got, err, test.want, test.err)
		}
	}
}

func TestValueNamesTheParameter(t *testing.T) {
	if _, err := Value(t.Context(), &store{}, "/keys"); err == nil || !strings.Contains(err.Error(), "/keys") {
		t.Errorf("without a value: %v", err)
	}
}
