// Package accesstest puts services behind a real listener with signatures and
// IAM enforced, so that their tests call them as an application would.
//
//	Model(Role("app", Allow("ssm:GetParameter", "*")))  -> World -> URL, Caller
//
// It is for _test.go files only. It is not package world: there is no network
// here, and where a connection comes from is what the test says. Neighbours:
// services/access, services/wire and services/wire/wiretest.
package accesstest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"bailey/cloud"
	"bailey/iam"
	"bailey/services/access"
	"bailey/services/wire"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

// Where every test's world stands.
const (
	Region  = "us-west-2"
	Account = "123456789012"
)

// Model makes a model of what the changes add.
func Model(t testing.TB, changes ...func(*cloud.Spec)) *cloud.Model {
	t.Helper()
	spec := cloud.Spec{Region: Region, Account: Account, Stack: "test"}
	for _, change := range changes {
		change(&spec)
	}
	m, diags := cloud.New(spec)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

// Role adds a role with one inline policy of these statements, called Inline.
func Role(name string, statements ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Roles = append(s.Roles, cloud.Role{
			Meta: cloud.Meta{Name: name, Type: "AWS::IAM::Role"}, RoleName: name,
			ARN:      cloud.ARN{Partition: "aws", Service: "iam", Account: Account, Resource: "role/" + name},
			Policies: []cloud.Policy{Policy("Inline", statements...)},
		})
	}
}

// Policy is a policy document of statements in JSON.
func Policy(name string, statements ...string) cloud.Policy {
	list := source.Node{Kind: source.List}
	for _, s := range statements {
		list.Items = append(list.Items, Node(s))
	}
	return cloud.Policy{Name: name, Doc: source.Node{Kind: source.Map, Entries: []source.Entry{
		{Key: "Version", Value: source.Node{Kind: source.String, Text: "2012-10-17"}}, {Key: "Statement", Value: list},
	}}}
}

// Allow is the statement that allows action on resource.
func Allow(action, resource string) string { return statement("Allow", action, resource) }

// Deny is the statement that denies action on resource.
func Deny(action, resource string) string { return statement("Deny", action, resource) }

func statement(effect, action, resource string) string {
	b, err := json.Marshal(map[string]string{"Effect": effect, "Action": action, "Resource": resource})
	if err != nil {
		panic(err) // strings are always JSON
	}
	return string(b)
}

// Node reads JSON.
func Node(text string) source.Node {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return node(v)
}

func node(v any) source.Node {
	switch v := v.(type) {
	case map[string]any:
		out := source.Node{Kind: source.Map}
		for key, value := range v {
			out.Entries = append(out.Entries, source.Entry{Key: key, Value: node(value)})
		}
		return out
	case []any:
		out := source.Node{Kind: source.List}
		for _, item := range v {
			out.Items = append(out.Items, node(item))
		}
		return out
	case string:
		return source.Node{Kind: source.String, Text: v}
	case float64:
		return source.Node{Kind: source.Number, Text: strconv.FormatFloat(v, 'g', -1, 64)}
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return source.Node{Kind: source.Bool, Text: string(b)}
}

// A World serves some services of a model.
type World struct {
	Access *access.Access
	URL    string // of the host's own port

	t       testing.TB
	handler http.Handler

	mu      sync.Mutex
	model   *cloud.Model
	denials []access.Denial
}

// Serve starts a World. It ends with the test.
func Serve(t testing.TB, model *cloud.Model, services ...*wire.Service) *World {
	t.Helper()
	return ServeWith(t, model, nil, services...)
}

// ServeWith starts a World whose resources have policies of their own.
func ServeWith(t testing.TB, model *cloud.Model, policies func(arn string) []iam.Policy, services ...*wire.Service) *World {
	t.Helper()
	w := &World{t: t, model: model}
	w.Access = access.New(access.Config{Model: w.Model, Policies: policies, Denied: w.denied})
	var err error
	w.handler, err = wire.New(wire.Config{
		Services: services, Region: Region,
		Verifier: &wire.Verifier{Secret: w.Access.Secret}, Authorize: w.Access.Authorize,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.URL = w.From(wire.Origin{Host: true})
	return w
}

// From gives a URL whose connections come from origin.
func (w *World) From(origin wire.Origin) string {
	srv := httptest.NewUnstartedServer(nil)
	srv.Config = wire.NewServer(w.handler, func(net.Conn) wire.Origin { return origin })
	srv.Start()
	w.t.Cleanup(srv.Close)
	return srv.URL
}

// Model gives the present model.
func (w *World) Model() *cloud.Model {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.model
}

// Apply makes another model the present one.
func (w *World) Apply(m *cloud.Model) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.model = m
}

func (w *World) denied(d access.Denial) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.denials = append(w.denials, d)
}

// Denials are the refusals until now.
func (w *World) Denials() []access.Denial {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.denials)
}

// Host is the host's caller.
func Host() wiretest.Caller {
	return wiretest.Caller{Key: access.HostKey, Secret: access.HostSecret, Region: Region}
}

// Function is a function's session of the role of that name.
func (w *World) Function(role string) wiretest.Caller {
	w.t.Helper()
	key, cred, err := w.Access.Issue("arn:aws:iam::"+Account+":role/"+role, "session",
		"arn:aws:lambda:"+Region+":"+Account+":function:"+role)
	if err != nil {
		w.t.Fatal(err)
	}
	return wiretest.Caller{Key: key, Secret: cred.SecretAccessKey, Token: cred.SessionToken, Region: Region}
}
