package world

import (
	"context"
	"net"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/postgres"
	"bailey/sandbox"
	"bailey/source"
)

// withPostgres starts the example with nothing but a PostgreSQL on its instance.
func withPostgres(t *testing.T, pg Postgres, find func(context.Context) ([]postgres.Installation, error)) (*World, error) {
	t.Helper()
	if err := sandbox.Supported(); err != nil {
		t.Skip(err)
	}
	if _, err := postgres.Find(t.Context()); err != nil && find == nil {
		t.Skip(err)
	}
	_, m := load(t, "../examples/rootski/states", secrets)
	w, err := Start(t.Context(), Config{Model: m, Dir: "../examples/rootski/states", State: t.TempDir(), Builds: builds(t), Listen: "127.0.0.1:0", Progress: t.Logf,
		FindPostgres: find, Workloads: map[string]Workload{"PingFunction": {Go: "../ping"}, "Web": {Postgres: &pg}}})
	if err == nil {
		t.Cleanup(func() {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return w, err
}

func secrets(s *cloud.Spec) {
	s.Parameters = append(s.Parameters, cloud.Parameter{Meta: cloud.Meta{Name: "DbPassword"}, ParamName: "/db", Kind: "String", Value: cloud.Known("p")})
	for name, value := range map[string]cloud.Value[string]{
		"Login": cloud.Known(`{"username":"u","password":"p"}`), "Plain": cloud.Known("p"), "Open": cloud.Unknown[string]("the value of Open is somebody's", source.Span{}),
		"Made": cloud.Unknown[string]("the value of Made is generated", source.Span{}),
	} {
		arn, _ := cloud.ParseARN("arn:aws:secretsmanager:us-west-2:123456789012:secret:" + strings.ToLower(name) + "-AbCdEf")
		secret := cloud.Secret{Meta: cloud.Meta{Name: name}, ARN: arn, SecretName: strings.ToLower(name), Value: value}
		if name == "Made" {
			secret.Generate = &cloud.SecretRecipe{Template: `{"username":"u"}`, Key: "password", Length: 32, Lower: true, Upper: true, Numbers: true}
		}
		s.Secrets = append(s.Secrets, secret)
	}
}

// What keeps a PostgreSQL from running is told in one line, and its port stays
// closed; what cannot be meant stops the world.
func TestPostgresThatIsNotRun(t *testing.T) {
	none := func(context.Context) ([]postgres.Installation, error) { return nil, postgres.ErrNotInstalled }
	some := func(context.Context) ([]postgres.Installation, error) {
		return []postgres.Installation{{Bin: "/nowhere/bin", Major: 17, Version: "17.2"}}, nil
	}
	tests := []struct {
		name        string
		load        Postgres
		find        func(context.Context) ([]postgres.Installation, error)
		state, fail string
	}{
		{name: "not installed", load: Postgres{Parameter: "/db"}, find: none, state: "PostgreSQL not run: no PostgreSQL is installed on this machine: apt install postgresql"},
		{name: "no such parameter", load: Postgres{Parameter: "/other"}, find: some, state: "PostgreSQL not run: there is no parameter /other, which is to hold its password: aws ssm put-parameter"},
		{name: "a secret without a value", load: Postgres{Secret: "Open"}, find: some, state: "PostgreSQL not run: secret Open, which is to hold its password: "},
		{name: "no such secret", load: Postgres{Secret: "Nobody"}, find: some, fail: "Web: secret Nobody: "},
		{name: "no such key", load: Postgres{Secret: "login", Key: "pass"}, find: some, fail: `Web: the secret login has no text at key "pass"`},
		{name: "no password", load: Postgres{}, find: some, fail: "Web: its PostgreSQL has no password"},
		{name: "no such programs", load: Postgres{Parameter: "/db"}, find: some, fail: "Web: postgres: initdb: sandbox: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, err := withPostgres(t, test.load, test.find)
			if test.fail != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.fail) {
					t.Fatalf("Start: %v, want %s", err, test.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.workloadState("Web"); !strings.HasPrefix(got, test.state) {
				t.Errorf("state: %s, want %s", got, test.state)
			}
			in := w.workloads["Web"]
			if c, err := in.ns.Dial(t.Context(), "tcp", net.JoinHostPort(in.eni.PrivateIP.String(), "5432")); err == nil {
				c.Close()
				t.Error("something listens")
			}
		})
	}
}

// Wherever the password is kept, the server runs on the instance's address, and
// is gone when the world is.
func TestPostgresOnAnInstance(t *testing.T) {
	for _, load := range []Postgres{{Parameter: "/db"}, {Secret: "Login", User: "u", Port: 5433}, {Secret: "plain"}, {Secret: "Made", User: "u"}} {
		w, err := withPostgres(t, load, nil)
		if err != nil {
			t.Fatal(err)
		}
		in := w.workloads["Web"]
		if got := w.workloadState("Web"); !strings.HasPrefix(got, "PostgreSQL ") || in.port != max(load.Port, 5432) {
			t.Errorf("%+v: %s, port %d", load, got, in.port)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if s := in.server.Wait(); s.ExitCode != 0 {
			t.Errorf("after Close the server ended with %s", s)
		}
	}
}
