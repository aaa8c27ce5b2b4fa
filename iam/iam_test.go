package iam

import (
	"strings"
	"testing"

	"bailey/source"
)

// The cast of the tests.
const (
	acct    = "123456789012"
	other   = "999999999999"
	role    = "arn:aws:iam::123456789012:role/PingRole"
	session = "arn:aws:sts::123456789012:assumed-role/PingRole/PingFunction"
	alice   = "arn:aws:iam::123456789012:user/dept/alice"
	root    = "arn:aws:iam::123456789012:root"
	param   = "arn:aws:ssm:us-west-2:123456789012:parameter/ping/url"
	queue   = "arn:aws:sqs:us-west-2:123456789012:jobs"
	theirs  = "arn:aws:sqs:us-west-2:999999999999:jobs"
	key     = "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

// doc parses the statements (JSON, without the list's brackets) of a policy.
func doc(t testing.TB, statements ...string) Policy {
	t.Helper()
	return mustParse(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)
}

func mustParse(t testing.TB, text string) Policy {
	t.Helper()
	p, ds := ParseJSON("policy.json", []byte(text))
	if err := ds.Err(); err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return p
}

// one is a policy list of one document.
func one(t testing.TB, statements ...string) []Policy {
	t.Helper()
	return []Policy{doc(t, statements...)}
}

// allow and deny write a statement about everything of a service, with what
// else it holds.
func allow(action string, more ...string) string { return stmt("Allow", action, more) }
func deny(action string, more ...string) string  { return stmt("Deny", action, more) }

func stmt(effect, action string, more []string) string {
	s := `{"Effect":"` + effect + `","Action":"` + action + `"`
	if !strings.Contains(strings.Join(more, ""), "Resource") {
		s += `,"Resource":"*"`
	}
	for _, m := range more {
		s += "," + m
	}
	return s + "}"
}

func to(principal string) string { return `"Principal":{"AWS":"` + principal + `"}` }
func when(condition string) string {
	return `"Condition":` + condition
}

func ask(principal, action, resource string) Request {
	return Request{Principal: principal, Action: action, Resource: resource}
}

func ctx(kv ...string) Context {
	c := Context{}
	for i := 0; i < len(kv); i += 2 {
		c = c.With(kv[i], kv[i+1])
	}
	return c
}

// open is a value that the template leaves open.
func open(because string) source.Node { return source.Node{Kind: source.Unknown, Text: because} }

func str(s string) source.Node { return source.Node{Kind: source.String, Text: s} }

func list(items ...source.Node) source.Node { return source.Node{Kind: source.List, Items: items} }

// obj makes a map node of keys (strings) and values (nodes or strings).
func obj(kv ...any) source.Node {
	n := source.Node{Kind: source.Map}
	for i := 0; i < len(kv); i += 2 {
		v, ok := kv[i+1].(source.Node)
		if !ok {
			v = str(kv[i+1].(string))
		}
		n.Entries = append(n.Entries, source.Entry{Key: kv[i].(string), Value: v})
	}
	return n
}
