package gateway

import (
	"strings"

	"bailey/cloud"
	"bailey/iam"
)

// checkPlace decides whether the API can be called at all, from there and by
// that name. REST answers are those of an address that nobody owns: it is not
// told whether there is such an API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
func (x *exchange) checkPlace() error {
	if x.api == nil {
		return refuse(forbidden, "routing", "no API has the name %s", hostOf(x.r))
	}
	through := x.origin.VPCEndpointID != ""
	e, declared := x.apis.model.Endpoint(cloud.EndpointID(x.origin.VPCEndpointID))
	private := x.api.Endpoint == cloud.PrivateEndpoint
	on, known := x.api.DefaultHost.Get()
	switch {
	case x.domain == nil && (!on || !known):
		return refuse(x.unavailable(), "endpoint", "%s has its execute-api name turned off: it answers under its own domain only", x.api.Name)
	case declared && e.Service != "execute-api":
		return refuse(forbidden, "endpoint", "%s is an endpoint for %s, and leads to no API", e.Name, e.Service)
	case private && !through:
		return refuse(forbidden, "endpoint", "%s is private: it is called through an interface endpoint for execute-api and in no other way", x.api.Name)
	case !private && through:
		return refuse(forbidden, "endpoint", "%s is not private, and through the endpoint %s only private APIs are reached", x.api.Name, x.origin.VPCEndpointID)
	case x.domain != nil && x.domain.MutualTLS != "":
		return notHere("bailey does not have mutual TLS, which the domain name " + x.domain.Host + " asks for")
	case x.stage == nil:
		return refuse(x.unavailable(), "routing", "%s has no stage for %s", x.api.Name, x.path)
	}
	return nil
}

// unavailable is the answer where there is no such stage or name.
func (x *exchange) unavailable() *kind {
	if x.http() {
		return notFound
	}
	return forbidden
}

// admit asks each layer in the order of AWS's documentation.
func (x *exchange) admit() error {
	if x.route == nil {
		return nil // an HTTP API's own answer to a preflight request
	}
	if x.route.refused != "" {
		return notHere(x.route.refused)
	}
	if err := x.authorize(); err != nil {
		return err
	}
	if err := x.checkPlan(); err != nil {
		return err
	}
	if err := x.throttle(); err != nil {
		return err
	}
	return x.validate()
}

// methodARN is what policies speak of: ARN/STAGE/METHOD/PATH, the path as it
// was asked for.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
func (x *exchange) methodARN() string {
	if x.http() && x.route.Path == "$default" {
		return x.api.arn + "/" + x.stage.StageName + "/$default"
	}
	return x.api.arn + "/" + x.stage.StageName + "/" + x.method + "/" + strings.TrimPrefix(x.path, "/")
}

// sourceARN is by what a function's permission knows the route: the method
// asked for and the route's own path, parameters as they are written.
// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
func (x *exchange) sourceARN() string {
	if x.route.Path == "$default" {
		return x.api.arn + "/" + x.stage.StageName + "/$default"
	}
	return x.api.arn + "/" + x.stage.StageName + "/" + x.method + x.route.Path
}

// authorize holds the API's resource policy and the route's authorizer
// together, by the tables of AWS's page.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
func (x *exchange) authorize() error {
	auth := x.route.Auth.Kind
	if (auth != cloud.AuthNone || x.policed()) && len(x.methodARN()) > maxARN {
		return refuse(uriTooLong, "policy", "the method's ARN has %d bytes; AWS evaluates %d", len(x.methodARN()), maxARN)
	}
	switch auth {
	case cloud.AuthNone:
		return x.byPolicyAlone()
	case cloud.AuthIAM:
		return x.byIAM()
	case cloud.AuthCustom:
		return x.byFunction()
	case cloud.AuthCognito:
		if err := x.byPool(); err != nil {
			return err
		}
		return x.byPolicyAlone()
	case cloud.AuthJWT:
		return x.byToken()
	}
	return refuse(internalError, "authorizer", "the route's authorization is not known")
}

// byPolicyAlone: where nothing else grants, the policy has to allow.
func (x *exchange) byPolicyAlone() error {
	if !x.policed() {
		return nil
	}
	return x.denied(x.askPolicy())
}

// policed reports whether a policy has to allow the request: the API has one,
// is private, or the endpoint has one.
func (x *exchange) policed() bool {
	return x.api.policy != nil || x.api.Endpoint == cloud.PrivateEndpoint || x.origin.VPCEndpointID != ""
}

// denied turns a decision of a policy into AWS's refusal.
func (x *exchange) denied(d iam.Decision) error {
	if d.Effect == iam.Allow {
		return nil
	}
	k, end := accessDenied, ""
	if d.Effect == iam.ExplicitDeny {
		k, end = explicitlyDenied, " with an explicit deny"
	}
	who := "anonymous"
	if x.caller != nil {
		who = x.caller.PrincipalARN
	}
	why := d.Explain()
	if len(d.Missing)+len(d.Open) > 0 {
		why += " (not known: " + strings.Join(append(d.Missing, d.Open...), ", ") + ")"
	}
	return refuse(k, "policy", "%s", why).
		saying("User: %s is not authorized to perform: execute-api:Invoke on resource: %s%s", who, masked(x.methodARN()), end)
}

// masked hides the account in an ARN but for its last four digits.
func masked(arn string) string {
	p := strings.SplitN(arn, ":", 6)
	if len(p) == 6 && len(p[4]) > 4 {
		p[4] = strings.Repeat("*", len(p[4])-4) + p[4][len(p[4])-4:]
	}
	return strings.Join(p, ":")
}
