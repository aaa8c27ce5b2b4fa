package reach

import (
	"fmt"
	"net/url"
	"strings"

	"bailey/cloud"
	"bailey/reach/patch"
)

// authorizer proposes that API Gateway checks the tokens of a Cognito user pool
// where the function behind it fetches the pool's keys to do so itself. The
// function's path to Cognito stays as it is and is not needed any more.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
func (p *proposal) authorizer(f cloud.Function) [][]change {
	svc, ok := p.service()
	pool, known := p.poolOf(f)
	if !ok || svc.Name != "cognito-idp" || !known || len(p.also) > 0 {
		return nil
	}
	for api := range p.m.APIs() {
		routes := routesTo(api, f)
		if len(routes) == 0 {
			continue
		}
		return [][]change{{{
			summary: fmt.Sprintf("let %s check the tokens of %s before %s is invoked", api.Name, pool, f.Name),
			edits:   p.authorizing(api, routes, pool),
			instead: fmt.Sprintf("%s takes the claims from requestContext.authorizer and no longer fetches the keys", f.Name),
		}}}
	}
	return nil
}

// poolOf is the ID of the user pool whose keys the function is told to fetch.
func (p *proposal) poolOf(f cloud.Function) (string, bool) {
	for _, v := range f.Env {
		u, err := url.Parse(v.Value.Or(""))
		if err == nil && u.Hostname() == p.r.Host && strings.HasSuffix(u.Path, "/.well-known/jwks.json") {
			id, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
			return id, id != ""
		}
	}
	return "", false
}

// routesTo are the routes of an API that lead to a function and check nothing.
func routesTo(api cloud.API, f cloud.Function) []cloud.APIRoute {
	var out []cloud.APIRoute
	for _, r := range api.Routes {
		if r.Integration == nil || r.Auth.Kind != cloud.AuthNone || r.Implied {
			continue
		}
		if arn, _ := r.Integration.Function.Get(); arn.String() != "" {
			if base, _ := arn.Unqualified(); base == f.ARN {
				out = append(out, r)
			}
		}
	}
	return out
}

// authorizing writes the authorizer, and that the routes ask it.
func (p *proposal) authorizing(api cloud.API, routes []cloud.APIRoute, pool string) patch.Patch {
	region := p.m.Region()
	kind, routeType, property := "COGNITO_USER_POOLS", "AWS::ApiGateway::Method", "AuthorizationType"
	own := proposed(p.fresh(logical(api.Name, "Tokens")), "AWS::ApiGateway::Authorizer")
	arn := cloud.ARN{Partition: cloud.Partition(region), Service: "cognito-idp", Region: region, Account: p.m.Account(), Resource: "userpool/" + pool}
	with := props("Name", own.Name, "RestApiId", ref(resource(api.Meta, api.ID, "AWS::ApiGateway::RestApi")), "Type", kind,
		"ProviderARNs", patch.List{text(arn.String())}, "IdentitySource", "method.request.header.Authorization")
	var out patch.Patch
	if api.Kind == cloud.HTTPAPI {
		kind, routeType = "JWT", "AWS::ApiGatewayV2::Route"
		own.Type = "AWS::ApiGatewayV2::Authorizer"
		with = props("Name", own.Name, "ApiId", ref(resource(api.Meta, api.ID, "AWS::ApiGatewayV2::Api")), "AuthorizerType", kind,
			"IdentitySource", patch.List{text("$request.header.Authorization")},
			"JwtConfiguration", props("Issuer", "https://cognito-idp."+region+"."+cloud.DNSSuffix(region)+"/"+pool, "Audience", patch.List{text("APP-CLIENT-ID")}))
		out = append(out, patch.Advice("APP-CLIENT-ID stands for the ID of the pool's app client: put it there"))
	}
	out = append(patch.Patch{patch.Add{Resource: own, Properties: with}}, out...)
	for _, r := range routes {
		of := resource(r.Meta, r.Name, routeType)
		out = append(out, patch.Set{Of: of, Property: property, Value: text(kind)}, patch.Set{Of: of, Property: "AuthorizerId", Value: ref(own)})
	}
	return out
}
