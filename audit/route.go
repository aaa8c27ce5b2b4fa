package audit

import (
	"fmt"

	"bailey/cloud"
	"bailey/path"
)

// routeWithoutAuthorizer: a route that anybody may call. A preflight request
// carries no credentials, so OPTIONS is left out; so is a private API with a
// policy, and what the policy of a REST API does not let everybody do.
var routeWithoutAuthorizer = Rule{
	Explanation: path.Explanation{
		Code: "API_ROUTE_WITHOUT_AUTHORIZER", Title: "anybody may call a route",
		Text: "A route whose authorization is NONE runs its integration for every request. One open route among guarded ones is easily missed, above all where it is a greedy {proxy+} or $default that takes what no other route does. An API key is not an authorizer: it says which client, not who.",
		Mend: "give the route an authorizer, AWS_IAM, or a JWT or Cognito check; if it is meant to be open, suppress this with the reason", Source: apiGuide + "apigateway-control-access-to-api.html"},
	Severity: High,
	find: func(m *cloud.Model, report func(Finding)) {
		for a := range m.APIs() {
			for _, r := range a.Routes {
				if r.Auth.Open != nil || r.Auth.Kind != cloud.AuthNone || r.Method == "OPTIONS" || !open(m, a, r) {
					continue
				}
				f := Finding{Resource: a.Name, At: r.At, Message: fmt.Sprintf("%s asks nothing of its caller%s", routeName(r), others(a, r))}
				if !runs(r) {
					f.Severity = Low
				}
				report(f)
			}
		}
	},
}

// open reports whether nothing stands before a route that has no authorizer.
func open(m *cloud.Model, a cloud.API, r cloud.APIRoute) bool {
	return a.Policy == nil || a.Endpoint != cloud.PrivateEndpoint && path.AnybodyMay(m, a, r)
}

// routeName is a route as its author wrote it.
func routeName(r cloud.APIRoute) string {
	if r.Path == "$default" {
		return "$default"
	}
	return r.Method + " " + r.Path
}

// runs reports whether a route runs anything of the account's.
func runs(r cloud.APIRoute) bool { return r.Integration != nil && r.Integration.Kind != cloud.Mock }

// others says that the API guards its other routes: then this one was
// forgotten.
func others(a cloud.API, open cloud.APIRoute) string {
	guarded := 0
	for _, r := range a.Routes {
		if r.Auth.Kind != cloud.AuthNone {
			guarded++
		}
	}
	if guarded == 0 {
		return ""
	}
	if open.Path == "$default" || open.Path == "/{proxy+}" {
		return fmt.Sprintf(", and takes every path that the guarded routes of %s do not (%d)", a.Name, guarded)
	}
	return fmt.Sprintf(", as other routes of %s do (%d)", a.Name, guarded)
}
