package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"bailey/cloud"
)

// An HTTP API translates X-Forwarded-* into Forwarded; a REST API passes
// X-Forwarded-For on.
func TestWhomABackendServes(t *testing.T) {
	srv, got := backend(t)
	for _, test := range []struct {
		api  cloud.API
		sent headers
		want string
	}{
		{httpAPI(route("GET /", proxied(srv.URL))), nil, "for=192.0.2.1"},
		{httpAPI(route("GET /", proxied(srv.URL))), headers{"X-Forwarded-For": "198.51.100.7, 2001:db8::1", "X-Forwarded-Host": "example.com"}, `for=198.51.100.7, for="[2001:db8::1]", for=192.0.2.1`},
		{httpAPI(route("GET /", proxied(srv.URL))), headers{"Forwarded": "for=203.0.113.9"}, "for=203.0.113.9, for=192.0.2.1"},
		{restAPI(route("GET /", proxied(srv.URL))), headers{"X-Forwarded-For": "198.51.100.7"}, "198.51.100.7, 192.0.2.1"},
	} {
		s := stood(t, test.api)
		s.config.Internet = http.DefaultTransport
		s.restart()
		if test.api.Kind == cloud.RESTAPI {
			s.gets("GET /prod", test.sent, "200 got ")
			if h := got.Header; h.Get("X-Forwarded-For") != test.want || h.Get("Forwarded") != "" {
				t.Errorf("a REST API: %v", h)
			}
			continue
		}
		s.gets("GET /", test.sent, "200 got ")
		by := regexp.MustCompile(`by=[0-9.]+;`)
		value := got.Header.Get("Forwarded")
		if want := test.want + ";host=" + host + ";proto=https"; by.ReplaceAllString(value, "") != want || !by.MatchString(value) {
			t.Errorf("Forwarded: %q, want %q", value, want)
		}
		for name := range got.Header {
			if strings.HasPrefix(name, "X-Forwarded-") {
				t.Errorf("%s is not translated", name)
			}
		}
	}
}

// A REST API adds a content type to an answer that has none; an HTTP API passes
// on what there is, and guesses nothing.
func TestTheTypeOfABackendsAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		if r.URL.Path == "/none" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		io.WriteString(w, "<html>")
	}))
	t.Cleanup(srv.Close)
	for _, test := range []struct {
		api        cloud.API
		path, want string
	}{
		{restAPI(route("GET /{a}", proxied(srv.URL+"/x"))), "/prod/x", "application/json"},
		{restAPI(route("GET /{a}", proxied(srv.URL+"/none"))), "/prod/none", "application/json"},
		{httpAPI(route("GET /{a}", proxied(srv.URL+"/x"))), "/x", ""},
	} {
		s := stood(t, test.api)
		s.config.Internet = http.DefaultTransport
		s.restart()
		front := s.served()
		r, _ := http.NewRequest("GET", front.URL+test.path, nil)
		r.Host = host
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Content-Type"); got != test.want {
			t.Errorf("%s: %d of type %q, want %q", test.path, res.StatusCode, got, test.want)
		}
	}
}

// Parameter mappings of an HTTP API change a function's event and its answer as
// they do a backend's.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
func TestMappingsOfAFunctionIntegration(t *testing.T) {
	mapped := func(payload string) func(*cloud.APIRoute) {
		return func(r *cloud.APIRoute) {
			r.Integration = to("f", payload)
			r.Integration.Params = map[string]string{"append:header.X-Tag": "$context.stage", "overwrite:header.x-name": "$request.querystring.n", "remove:header.X-Gone": "''", "overwrite:header.Authorization": "mine"}
			r.Integration.Responses = []cloud.IntegrationResponse{{Status: "418", Params: map[string]string{"overwrite:statuscode": "403", "append:header.Why": "$request.querystring.n"}}}
		}
	}
	for payload, tag := range map[string]string{"1.0": "$default", "2.0": "theirs,$default"} {
		s := stood(t, httpAPI(route("GET /", mapped(payload)))).on("f", says(map[string]any{"statusCode": 418}))
		res := s.gets("GET /?n=Ann", headers{"X-Tag": "theirs", "X-Gone": "x", "Authorization": "theirs"}, "403 ")
		if res.Header.Get("Why") != "Ann" {
			t.Errorf("%s: %v", payload, res.Header)
		}
		e := s.event()
		for name, want := range map[string]any{"x-tag": tag, "x-name": "Ann", "x-gone": nil, "authorization": "theirs"} {
			if got := at(e, "headers."+name); got != want {
				t.Errorf("%s: %s is %v, want %v", payload, name, got, want)
			}
		}
		if payload == "1.0" {
			same(t, at(e, "multiValueHeaders.x-tag"), `["theirs", "$default"]`)
		}
	}
	s := stood(t, httpAPI(route("GET /", func(r *cloud.APIRoute) { r.Integration.Params = map[string]string{"overwrite:path": "/x"} }))).on("f", says(fine))
	if res := s.call("GET /", nil); res.StatusCode != 500 || !strings.Contains(text(res), "bailey does not have the mapping of path and query string for a function") {
		t.Errorf("a mapping that is not here: %d", res.StatusCode)
	}
}
