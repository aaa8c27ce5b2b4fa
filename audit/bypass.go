package audit

import (
	"fmt"
	"strings"

	"bailey/cloud"
	"bailey/path"
)

// authorizerBypassed: a function that relies on an authorizer has another door
// without one. "Trust what the authorizer passed on" is safe only if nothing
// else can invoke the function.
var authorizerBypassed = Rule{
	Explanation: path.Explanation{
		Code: "AUTHORIZER_BYPASSED", Title: "a function behind an authorizer can be invoked around it",
		Text: "The function of a guarded route trusts what the authorizer passes on. Whoever can invoke it by another way, through an open route, a function URL without authorization or a permission for everybody, writes that part of the event as he likes.",
		Mend: "close the other way, or let the function verify the token itself", Source: apiGuide + "apigateway-use-lambda-authorizer.html"},
	Severity: Critical,
	find: func(m *cloud.Model, report func(Finding)) {
		for f := range m.Functions() {
			door, ok := guardedBy(m, f)
			if !ok {
				continue
			}
			for a := range m.APIs() {
				for _, r := range a.Routes {
					if leadsTo(m, r, f) && r.Auth.Open == nil && r.Auth.Kind == cloud.AuthNone && r.Method != "OPTIONS" && open(m, a, r) {
						report(Finding{Resource: f.Name, At: r.At, Severity: High, Message: fmt.Sprintf("%s is behind the authorizer of %s, and %s of %s invokes it without one", f.Name, door, routeName(r), a.Name)})
					}
				}
			}
			for u := range m.FunctionURLs() {
				if arn, _ := u.Function.Get(); sameFunction(m, arn, f) && u.Auth.Or("") == "NONE" {
					report(Finding{Resource: f.Name, At: u.At, Severity: High, Message: fmt.Sprintf("%s is behind the authorizer of %s, and its URL %s asks nothing", f.Name, door, u.Name)})
				}
			}
			for p := range m.Permissions() {
				if arn, _ := p.Function.Get(); sameFunction(m, arn, f) && p.Principal.Or("") == "*" && p.URLAuth.Or("") == "" && p.OrgID.Or("") == "" && p.SourceARN.Or("") == "" && p.SourceAccount.Or("") == "" {
					report(Finding{Resource: f.Name, At: p.At, Message: fmt.Sprintf("%s is behind the authorizer of %s, and %s lets everybody with an AWS account invoke it", f.Name, door, p.Name)})
				}
			}
		}
	},
}

// guardedBy names the guarded route that a function is behind.
func guardedBy(m *cloud.Model, f cloud.Function) (string, bool) {
	for a := range m.APIs() {
		for _, r := range a.Routes {
			if leadsTo(m, r, f) && r.Auth.Kind != cloud.AuthNone {
				return strings.TrimSpace(routeName(r) + " of " + a.Name), true
			}
		}
	}
	return "", false
}

// leadsTo reports whether a route's integration invokes f.
func leadsTo(m *cloud.Model, r cloud.APIRoute, f cloud.Function) bool {
	if r.Integration == nil {
		return false
	}
	arn, known := r.Integration.Function.Get()
	return known && sameFunction(m, arn, f)
}

func sameFunction(m *cloud.Model, arn cloud.ARN, f cloud.Function) bool {
	got, ok := m.FunctionAt(arn)
	return ok && got.ARN == f.ARN
}
