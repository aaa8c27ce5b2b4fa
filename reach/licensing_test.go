package reach_test

import (
	"os"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
)

// licensing is a VPC that one function outside it enters by invoking another.
func licensing(t *testing.T) *cloud.Model {
	t.Helper()
	text, err := os.ReadFile("testdata/licensing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, diags := cfn.Load(cfn.Input{File: "licensing.yaml", Data: text, Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app"}})
	m, wrong := cloud.New(spec)
	if diags = append(diags, wrong...); len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	return m
}

func verdict(t *testing.T, m *cloud.Model, from, to string) string {
	t.Helper()
	r, err := path.Why(m, path.Question{From: from, To: to})
	if err != nil {
		t.Fatalf("%s -> %s: %v", from, to, err)
	}
	out := r.Verdict.String()
	for _, b := range r.Blockers {
		out += " " + string(b.Code)
	}
	return out
}

// The divide, and what crosses it.
func TestCrossingTheDivideByInvoking(t *testing.T) {
	m := licensing(t)
	for _, c := range []struct{ from, to, want string }{
		{"Subscriptions", "Server:8080", "blocked SOURCE_NOT_IN_VPC"},
		{"Subscriptions", "Licenses", "reachable"},
		{"Licenses", "Server:8080", "reachable"},
		{"Licenses", "Server:22", "blocked ENI_SG_RULES_MISMATCH"},
		{"Licenses", "aws:lambda", "blocked NO_ROUTE_TO_DESTINATION"},
		{"Licenses", "Subscriptions", "blocked NO_ROUTE_TO_DESTINATION LAMBDA_INVOKE_DENIED"},
		{"internet", "Server:8080", "blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"},
		{"internet", "Licenses", "blocked FUNCTION_NOT_EXPOSED"},
		{"internet", "Subscriptions", "reachable"},
		{"PayApi", "Subscriptions", "reachable"},
	} {
		if got := verdict(t, m, c.from, c.to); got != c.want {
			t.Errorf("%s -> %s is %s, not %s", c.from, c.to, got, c.want)
		}
	}
}

// With an endpoint for lambda the function inside reaches the Lambda API: it is
// offered, and proved, before what would cut it off from the server.
func TestTheLambdaAPIFromInside(t *testing.T) {
	keep := []reach.Expectation{{Question: path.Question{From: "Licenses", To: "Server:8080"}, Verdict: path.Reachable}}
	p, err := reach.Answer(licensing(t), path.Question{From: "Licenses", To: "aws:lambda"}, keep)
	if err != nil || len(p.Fixes) == 0 || !strings.Contains(p.Fixes[0].Summary, "interface endpoint for lambda") || !p.Fixes[0].Proved {
		t.Errorf("got %+v, %v", p.Fixes, err)
	}
}

func ways(t *testing.T, m *cloud.Model) string {
	t.Helper()
	chains, err := reach.WaysIn(m, "Server:8080")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range chains {
		lines = append(lines, c.String())
	}
	return strings.Join(lines, "\n")
}

// Whoever may invoke the function inside has a way in, so the permissions on it
// are part of the perimeter; and so are those on whoever may invoke it.
func TestWhoeverMayInvokeHasAWayIn(t *testing.T) {
	m := licensing(t)
	want := strings.TrimSpace(`
Subscriptions -> Licenses -> Server:8080
SupportRole -> Licenses -> Server:8080
internet -> Subscriptions -> Licenses -> Server:8080
PayApi -> Subscriptions -> Licenses -> Server:8080`)
	if got := ways(t, m); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	chains, _ := reach.WaysIn(m, "Server:8080")
	if because := chains[0].Steps[0].Because; !strings.Contains(because, "SubscriptionsRole") || !strings.Contains(because, "(licensing.yaml:") {
		t.Errorf("the first step is allowed by %q", because)
	}
	shut, diags := m.With(func(s *cloud.Spec) {
		for i := range s.Roles {
			s.Roles[i].Policies = nil
		}
	})
	if got := ways(t, shut); diags.HasErrors() || got != "" {
		t.Errorf("nobody may invoke it, yet: %s %v", got, diags)
	}
	opened, _ := shut.With(func(s *cloud.Spec) {
		f := s.Functions[0]
		for _, g := range s.Functions {
			if g.Name == "Licenses" {
				f = g
			}
		}
		s.Permissions = append(s.Permissions, cloud.Permission{Meta: cloud.Meta{Name: "ForPartner"}, Function: cloud.Known(f.ARN),
			Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known("111122223333")})
	})
	if got := ways(t, opened); got != "111122223333 -> Licenses -> Server:8080" {
		t.Errorf("the partner's account may invoke it: %q", got)
	}
}

func TestWaysIntoTheVPC(t *testing.T) {
	m := licensing(t)
	for v := range m.VPCs() {
		var first []string
		for _, c := range reach.WaysInto(m, v.ID) {
			first = append(first, c.Begins())
		}
		if got := strings.Join(first, " "); got != "Subscriptions SupportRole internet PayApi" {
			t.Errorf("into %s: %s", v.Name, got)
		}
	}
}

// A blocked path says which way around there is.
func TestABlockedPathNamesItsWayAround(t *testing.T) {
	for from, want := range map[string]string{
		"internet":      "internet -> Subscriptions -> Licenses -> Server:8080",
		"Subscriptions": "Subscriptions -> Licenses -> Server:8080",
	} {
		p, err := reach.Answer(licensing(t), path.Question{From: from, To: "Server:8080"}, nil)
		if err != nil || len(p.Via) != 1 || p.Via[0].String() != want {
			t.Errorf("%s: got %v, %v, want %s", from, p.Via, err, want)
		}
	}
}

// What the template is made for is needed, and inferred: the route, the call.
func TestInvocationsAreNeeded(t *testing.T) {
	var got []string
	for _, n := range reach.Needs(licensing(t)) {
		got = append(got, n.From+" -> "+n.To+": "+n.Because)
	}
	want := []string{
		"Subscriptions -> Licenses: role SubscriptionsRole may call lambda:InvokeFunction",
		"PayApi -> Subscriptions: POST /payments of PayApi is integrated with it",
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(got, "\n"), w) {
			t.Errorf("%s is not needed; these are:\n%s", w, strings.Join(got, "\n"))
		}
	}
	for _, n := range got {
		if strings.HasPrefix(n, "Subscriptions -> aws:lambda") {
			t.Errorf("%s is one need too many", n)
		}
	}
}
