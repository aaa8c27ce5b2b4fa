package path

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
)

// callerDenied notes an endpoint whose policy allows none of the calls that
// the source's role may make to the service: each is refused for certain. A
// call that it may allow, or allows under a condition, is for the call itself.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func callerDenied(m *cloud.Model, from string, id cloud.EndpointID) (Reason, bool) {
	e, ok := m.Endpoint(id)
	f, isFunction := m.Function(from)
	if !ok || !isFunction || e.Policy == nil || !allowsSomething(e.Policy.Doc) {
		return Reason{}, false
	}
	arn, _ := f.Role.Get()
	role, known := m.Role(arn)
	policy, diags := iam.Parse(e.Policy.Doc)
	svc, listed := cloud.ServiceByName(e.Service)
	if !known || !listed || diags.HasErrors() {
		return Reason{}, false
	}
	var denied []string
	for g := range roleGrants(role, svc.IAM) {
		if g.Open || g.NotResource || mayPass(role, g, policy) {
			return Reason{}, false
		}
		denied = append(denied, g.Action)
	}
	if len(denied) == 0 {
		return Reason{}, false
	}
	slices.Sort(denied)
	return Reason{EndpointPolicyDenies, e.Name, fmt.Sprintf("the policy of %s allows nothing of what %s may call through it: %s", e.Name, role.Name, strings.Join(slices.Compact(denied), ", ")), Forward, e.Policy.At}, true
}

// roleGrants are what a role's policies allow of a service.
func roleGrants(role cloud.Role, service string) func(yield func(iam.Grant) bool) {
	return func(yield func(iam.Grant) bool) {
		identity, _ := RolePolicies(role)
		for _, p := range identity {
			for g := range p.Grants() {
				if !g.Deny && (g.Service() == service || g.Service() == "*") && !yield(g) {
					return
				}
			}
		}
	}
}

// mayPass reports whether an endpoint's policy lets through some call of those
// that a role is granted: one call in the common part of the grant and of each
// Allow of the policy is decided.
func mayPass(role cloud.Role, g iam.Grant, policy iam.Policy) bool {
	everything, _ := iam.Managed("arn:aws:iam::aws:policy/AdministratorAccess")
	for h := range policy.Grants() {
		if h.Deny {
			continue
		}
		if h.Open || h.NotAction || h.NotResource || g.NotAction {
			return true
		}
		action, ok1 := common(strings.ToLower(g.Action), strings.ToLower(h.Action))
		resource, ok2 := common(anyIfNone(g.Resource), anyIfNone(h.Resource))
		if !ok1 || !ok2 {
			if overlap(strings.ToLower(g.Action), strings.ToLower(h.Action)) && overlap(anyIfNone(g.Resource), anyIfNone(h.Resource)) {
				return true // no single call stands for the common part
			}
			continue
		}
		d := iam.Decide(iam.Request{Principal: role.ARN.String(), Action: action, Resource: resource, Account: role.ARN.Account, Context: iam.Context{}.WithUnknown("*")},
			iam.Policies{Identity: []iam.Policy{everything}, Endpoint: []iam.Policy{policy}})
		if d.Effect == iam.Allow || d.Effect == iam.Unknown {
			return true
		}
	}
	return false
}

func anyIfNone(pattern string) string {
	if pattern == "" {
		return "*"
	}
	return pattern
}

// common is one text that both patterns match, made of the narrower one.
func common(a, b string) (string, bool) {
	fill := strings.NewReplacer("*", "x", "?", "x")
	for _, p := range [][2]string{{a, b}, {b, a}} {
		if text := fill.Replace(p[0]); overlap(text, p[1]) && overlap(text, p[0]) {
			return text, true
		}
	}
	return "", false
}

// overlap reports whether some text matches both patterns, in which * is any
// text and ? any character.
func overlap(a, b string) bool {
	// reach[j]: what is left of a and b[j:] have a text in common.
	reach := make([]bool, len(b)+1)
	reach[len(b)] = true
	for j := len(b) - 1; j >= 0; j-- {
		reach[j] = b[j] == '*' && reach[j+1]
	}
	for i := len(a) - 1; i >= 0; i-- {
		next := make([]bool, len(b)+1)
		next[len(b)] = a[i] == '*' && reach[len(b)]
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == '*' || b[j] == '*' {
				next[j] = a[i] == '*' && reach[j] || b[j] == '*' && next[j+1] || a[i] == '*' && next[j+1] || b[j] == '*' && reach[j]
				continue
			}
			next[j] = reach[j+1] && (a[i] == b[j] || a[i] == '?' || b[j] == '?')
		}
		reach = next
	}
	return reach[0]
}
