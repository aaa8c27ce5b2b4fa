package audit

import (
	"fmt"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/path"
)

// cachedPolicy: the answer of an authorizer is kept for a caller, not for a
// path. A policy that names the first path refuses the second.
var cachedPolicy = Rule{
	Explanation: path.Explanation{
		Code: "AUTHORIZER_CACHED_POLICY", Title: "one cached answer decides several routes",
		Text: "API Gateway keeps the policy that an authorizer gives under the caller's identity, for every route of the stage. A function that allows event.methodArn, the path that was asked for first, refuses the same caller the next path with 403 until the answer expires; one that allows too much lets the caller in elsewhere. What the function answers is not on paper: a run decides.",
		Mend: "answer with a policy for every route that the caller may call, add the path to the identity sources, or set the TTL to 0", Source: "https://repost.aws/knowledge-center/api-gateway-lambda-authorization-errors"},
	Severity: Medium,
	find: func(m *cloud.Model, report func(Finding)) {
		for a := range m.APIs() {
			for _, z := range a.Authorizers {
				if routes := guardedRoutes(a, z); len(routes) > 1 && z.TTL > 0 && givesPolicy(z) && !byPath(z) {
					report(Finding{Resource: z.Name, At: z.At, Message: fmt.Sprintf("the answer of authorizer %s is kept for %s and decides %d routes of %s: a policy for the first alone refuses the others",
						z.AuthorizerName, plainly(z.TTL), len(routes), a.Name)})
				}
			}
		}
	},
}

// givesPolicy: a simple answer of an HTTP API's authorizer names no route.
func givesPolicy(z cloud.Authorizer) bool {
	return (z.Kind == cloud.TokenAuthorizer || z.Kind == cloud.RequestAuthorizer) && !z.Simple
}

// byPath reports whether the answer is kept for each path by itself.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func byPath(z cloud.Authorizer) bool {
	for _, source := range z.Identity {
		if strings.HasSuffix(source, "context.routeKey") || strings.HasSuffix(source, "context.path") || strings.HasSuffix(source, "context.resourcePath") {
			return true
		}
	}
	return false
}

// plainly writes a whole number of minutes or seconds.
func plainly(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}

// guardedRoutes are the routes that an authorizer guards.
func guardedRoutes(a cloud.API, z cloud.Authorizer) []cloud.APIRoute {
	var out []cloud.APIRoute
	for _, r := range a.Routes {
		if r.Auth.Authorizer == z.ID {
			out = append(out, r)
		}
	}
	return out
}
