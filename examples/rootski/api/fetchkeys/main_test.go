package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

type store struct{ value string }

func (s *store) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	if in.Overwrite == nil || !*in.Overwrite {
		return nil, fmt.Errorf("ParameterAlreadyExists")
	}
	s.value = *in.Value
	return &ssm.PutParameterOutput{Version: 2}, nil
}

// What is a set of keys is saved as it came; anything else leaves what is there.
func TestRun(t *testing.T) {
	log.SetOutput(io.Discard)
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":"one","e":"AQAB","n":%q}]}`, base64.RawURLEncoding.EncodeToString(k.N.Bytes()))
	tests := []struct {
		name   string
		status int
		body   string
		saved  bool
	}{
		{"keys", 200, good, true},
		{"an error page with keys", 503, good, false},
		{"a page that is no JSON", 200, "<html>", false},
		{"no keys", 200, `{"keys":[]}`, false},
		{"too long for a parameter", 200, good + strings.Repeat(" ", largest), false},
	}
	for _, test := range tests {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.status)
			io.WriteString(w, test.body)
		}))
		s := &store{value: "yesterday's"}
		r, err := fetcher{web: web.Client(), url: web.URL, parameters: s, name: "/keys"}.run(t.Context())
		web.Close()
		if (err == nil) != test.saved || test.saved && (s.value != test.body || r.Keys[0] != "one" || r.Version != 2) || !test.saved && s.value != "yesterday's" {
			t.Errorf("%s: %+v, %v, the parameter is %.40q", test.name, r, err, s.value)
		}
	}
}

// A run that is overtaken, by a rotation and by another run, ends with what the
// pool publishes last.
func TestOvertakenRun(t *testing.T) {
	log.SetOutput(io.Discard)
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	fetched := 0
	published := func() string {
		return fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":"%d","e":"AQAB","n":%q}]}`, min(fetched, 3), base64.RawURLEncoding.EncodeToString(k.N.Bytes()))
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetched++
		io.WriteString(w, published())
	}))
	defer web.Close()
	s := &store{}
	r, err := fetcher{web: web.Client(), url: web.URL, parameters: s, name: "/keys"}.run(t.Context())
	if err != nil || r.Keys[0] != "3" || s.value != published() {
		t.Errorf("%+v, %v, the parameter is %s", r, err, s.value)
	}
}
