package audit

import (
	"fmt"
	"slices"
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
				if z.TTL <= 0 || !givesPolicy(z) || keyed(z, "context.path") {
					continue
				}
				if decided := sharing(z, guardedRoutes(a, z)); decided != "" {
					report(Finding{Resource: z.Name, At: z.At, Message: fmt.Sprintf("the answer of authorizer %s is kept for %s and decides %s of %s: a policy for the first alone refuses the others",
						z.AuthorizerName, plainly(z.TTL), decided, a.Name)})
				}
			}
		}
	},
}

// givesPolicy: a simple answer of an HTTP API's authorizer names no route.
func givesPolicy(z cloud.Authorizer) bool {
	return (z.Kind == cloud.TokenAuthorizer || z.Kind == cloud.RequestAuthorizer) && !z.Simple
}

// keyed reports whether one of these is among what an answer is kept by.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.caching
func keyed(z cloud.Authorizer, variables ...string) bool {
	return slices.ContainsFunc(z.Identity, func(source string) bool {
		return slices.Contains(variables, strings.TrimPrefix(source, "$"))
	})
}

// sharing says what one kept answer decides that an authorizer's event tells
// apart: several routes, or the many paths and methods of one.
func sharing(z cloud.Authorizer, routes []cloud.APIRoute) string {
	if len(routes) > 1 && !keyed(z, "context.routeKey", "context.resourcePath") {
		return fmt.Sprintf("%d routes", len(routes))
	}
	for _, r := range routes {
		if strings.Contains(r.Path, "{") || r.Method == "ANY" && r.Path != "$default" {
			return "every path and method of " + routeName(r)
		}
	}
	return ""
}

// plainly writes a whole number of minutes or seconds.
func plainly(d time.Duration) string {
	n, unit := int(d/time.Second), "second"
	if d%time.Minute == 0 {
		n, unit = int(d/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
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
