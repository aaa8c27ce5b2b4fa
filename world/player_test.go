package world

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/postgres"
	"bailey/project"
	"bailey/source"
)

func TestAnswerHasWhatIsExpected(t *testing.T) {
	tests := []struct {
		got, want string
		has       bool
	}{
		{`{"a": 1, "b": {"c": [1, {"d": 2, "e": 3}]}}`, `{"b": {"c": [1, {"d": 2}]}}`, true},
		{`{"you": null}`, `{"you": null}`, true},
		{`{}`, `{"you": null}`, false},
		{`{"you": "ada"}`, `{"you": null}`, false},
		{`{"a": [1, 2]}`, `{"a": [1]}`, false},
		{`{"a": "1"}`, `{"a": 1}`, false},
		{`[]`, `{"a": 1}`, false},
		{`{"a": 1}`, `[]`, false},
		{`7`, `7`, true},
	}
	for _, test := range tests {
		var got, want any
		if json.Unmarshal([]byte(test.got), &got) != nil || json.Unmarshal([]byte(test.want), &want) != nil {
			t.Fatal(test)
		}
		if has(got, want) != test.has {
			t.Errorf("%s has %s: %v", test.got, test.want, !test.has)
		}
	}
}

// A call says what came of it, is made again while it has time, and is not made
// where what it needs does not run.
func TestPlayer(t *testing.T) {
	t.Parallel()
	none := func(context.Context) ([]postgres.Installation, error) { return nil, postgres.ErrNotInstalled }
	w, err := withPostgres(t, Postgres{Parameter: "/db"}, none)
	if err != nil {
		t.Fatal(err)
	}
	next, diags := w.Model().With(func(s *cloud.Spec) { withPool(s); withAPIs(s) })
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if err := w.Apply(next); err != nil {
		t.Fatal(err)
	}
	number := func(s string) source.Node { return source.Node{Kind: source.Number, Text: s} }
	get := func(status int, body source.Node) *project.HTTPCall {
		return &project.HTTPCall{API: "Public", Method: http.MethodGet, Path: "/forbidden", Status: status, Body: body}
	}
	p := w.Player()
	tests := []struct {
		call     project.Call
		observed string
		good     bool
		detail   string
	}{
		{project.Call{SignIn: &project.SignIn{Client: "Web", Username: "ada", Password: "right-pass1", As: "ada"}}, "done", true, "ada is made and signed in"},
		{project.Call{SignIn: &project.SignIn{Client: "Web", Username: "ada", Password: "right-pass1", As: "ada"}}, "done", true, "ada is signed in"},
		{project.Call{SignIn: &project.SignIn{Client: "Web", Username: "ada", Password: "wrong-pass1", As: "ada"}}, "failed", false, "NotAuthorizedException"},
		{project.Call{SignIn: &project.SignIn{Client: "Nobody"}}, "failed", false, "there is no user pool client Nobody"},
		{project.Call{RotateKeys: "Users"}, "done", true, "publishes 4 keys"},
		{project.Call{WithdrawKeys: "Users"}, "done", true, "publishes 2 keys"},
		{project.Call{RotateKeys: "Nobody"}, "failed", false, "there is no user pool Nobody"},
		{project.Call{Schedule: "Nobody"}, "failed", false, `called "Nobody"`},
		{project.Call{HTTP: get(500, source.Node{})}, "500", true, "Internal Server Error"},
		{project.Call{HTTP: get(200, source.Node{})}, "500", false, "Internal Server Error"},
		{project.Call{HTTP: get(500, number("1"))}, "500", false, "not as expected"},
		{project.Call{HTTP: &project.HTTPCall{API: "Nobody", Method: "GET", Path: "/"}}, "failed", false, "there is no API Nobody"},
		{project.Call{HTTP: get(200, source.Node{}), Needs: []string{"Web"}}, "", false, "Web: no PostgreSQL is installed"},
		{project.Call{HTTP: get(200, source.Node{}), Needs: []string{"Nobody"}}, "", false, "Nobody: nothing runs there"},
	}
	for _, test := range tests {
		o := p.Play(t.Context(), test.call)
		if o.Observed != test.observed || o.AsExpected != test.good || !strings.Contains(o.Detail, test.detail) || o.Ran != (test.observed != "") {
			t.Errorf("%+v: %+v; want %s, %v, %s", test.call, o, test.observed, test.good, test.detail)
		}
	}
}
