package cfn

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// What API Gateway refuses when a stack is deployed, or takes and never does,
// is told where it is written: at run time it would only be a 404 or a 500.

var routeMethods = []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// checkRouteKey: $default, or a method and a path.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
func (o object) checkRouteKey(key string) {
	n, _ := o.get("RouteKey")
	method, path := routeKey(key)
	switch upper := strings.ToUpper(method); {
	case n.Kind != source.String || key == "$default":
	case !strings.Contains(key, " ") || !slices.Contains(routeMethods, upper) || !strings.HasPrefix(path, "/"):
		o.bad("RouteKey", n, fmt.Sprintf("%q is neither $default nor a method and a path, such as GET /items", key))
	case upper != method:
		o.l.warn("CFN_NO_EFFECT", n.At, "write "+upper, "no request has the method %s, which %s is for", method, o.of)
	case greedyWithin(path):
		o.bad("RouteKey", n, "a greedy path variable is the last part of its path")
	}
}

// greedyWithin reports whether something follows {name+}.
func greedyWithin(path string) bool { return strings.Contains(path, "+}/") }

// checkTarget: a route names its integration as integrations/ID.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-route.html
func (o object) checkTarget() {
	if n, ok := o.get("Target"); ok && n.Kind == source.String && !strings.HasPrefix(n.Text, "integrations/") {
		o.bad("Target", n, "an integration is named with integrations/ before its ID, as !Sub integrations/${Integration}")
	}
}

// checkAuthorizer: what is guarded by an authorizer names it.
func (o object) checkAuthorizer(kind cloud.AuthKind, n source.Node) {
	if kind > cloud.AuthIAM && !o.present("AuthorizerId") {
		o.l.fail("CFN_MISSING_PROPERTY", n.At, "add AuthorizerId", "%s has the authorization type %s and no authorizer", o.of, n.Text)
	}
}

// checkPayload: the payload format of a function integration has to be stated.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.proxy-format
func (o object) checkPayload(key string) {
	n, ok := o.get(key)
	switch {
	case !ok:
		o.l.fail("CFN_MISSING_PROPERTY", o.at, `add `+key+`: "2.0", or "1.0" for the event of a REST API`, "%s has no %s, which a function integration needs", o.of, key)
	case n.Kind != source.Unknown && n.Text != "1.0" && n.Text != "2.0":
		o.bad(key, n, fmt.Sprintf("%q is neither 1.0 nor 2.0", n.Text))
	}
}

// checkAuthorizerPayload: so has that of a function that authorizes; simple
// responses are of 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.payload-format
func (o object) checkAuthorizerPayload(z cloud.Authorizer) {
	n, ok := o.get("AuthorizerPayloadFormatVersion")
	switch {
	case !ok:
		o.l.fail("CFN_MISSING_PROPERTY", o.at, `add AuthorizerPayloadFormatVersion: "2.0", or "1.0" for the event of a REST API`, "%s has no AuthorizerPayloadFormatVersion, which a Lambda authorizer needs", o.of)
	case n.Kind != source.Unknown && n.Text != "1.0" && n.Text != "2.0":
		o.bad("AuthorizerPayloadFormatVersion", n, fmt.Sprintf("%q is neither 1.0 nor 2.0", n.Text))
	case n.Text == "1.0" && z.Simple:
		o.bad("AuthorizerPayloadFormatVersion", n, "simple responses (EnableSimpleResponses) need 2.0")
	}
}

// checkCORS: browsers take no answer that is for every origin when they send
// credentials. https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
func (o object) checkCORS(c *cloud.CORS) {
	if c.Credentials && slices.Contains(c.Origins, "*") {
		n, _ := o.get("AllowCredentials")
		o.l.warn("CFN_NO_EFFECT", n.At, "name the origins, or https://* for all of a scheme", "a browser that sends credentials refuses an answer for every origin (*)")
	}
}

// checkPathPart: a resource is one segment of the path, and a parameter all of
// it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
func (o object) checkPathPart() {
	n, _ := o.get("PathPart")
	inner, opened := strings.CutPrefix(n.Text, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if n.Kind == source.String && (strings.Contains(n.Text, "/") || opened != closed || strings.ContainsAny(inner, "{}")) {
		o.bad("PathPart", n, fmt.Sprintf("%q is not one segment of a path, static or {parameter}: each segment is a resource of its own", n.Text))
	}
}

// responseTypes are those of
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
var responseTypes = strings.Fields(`ACCESS_DENIED API_CONFIGURATION_ERROR AUTHORIZER_CONFIGURATION_ERROR AUTHORIZER_FAILURE BAD_REQUEST_BODY
	BAD_REQUEST_PARAMETERS DEFAULT_4XX DEFAULT_5XX EXPIRED_TOKEN INTEGRATION_FAILURE INTEGRATION_TIMEOUT INVALID_API_KEY INVALID_SIGNATURE
	MISSING_AUTHENTICATION_TOKEN QUOTA_EXCEEDED REQUEST_TOO_LARGE RESOURCE_NOT_FOUND THROTTLED UNAUTHORIZED UNSUPPORTED_MEDIA_TYPE WAF_FILTERED`)

func (o object) checkResponseType() {
	if n, ok := o.get("ResponseType"); ok && n.Kind == source.String && !slices.Contains(responseTypes, n.Text) {
		o.bad("ResponseType", n, fmt.Sprintf("%q is none of %s", n.Text, strings.Join(responseTypes, ", ")))
	}
}

// checkKeyValue: an API key has from 20 to 128 characters.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
func (o object) checkKeyValue() {
	if n, ok := o.get("Value"); ok && n.Kind != source.Unknown && (len(n.Text) < 20 || len(n.Text) > 128) {
		o.bad("Value", n, fmt.Sprintf("an API key has from 20 to 128 characters, and this has %d", len(n.Text)))
	}
}

// checkIdentity: an answer is kept by the identity sources, so there has to be
// one; path parameters cannot be any, and of a token there is one.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
// https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
func (o object) checkIdentity(z cloud.Authorizer) {
	n, stated := o.get("IdentitySource")
	switch {
	case n.Kind == source.Unknown && stated:
	case z.Kind == cloud.RequestAuthorizer && z.TTL > 0 && !stated:
		o.l.fail("CFN_MISSING_PROPERTY", o.at, "add IdentitySource, or AuthorizerResultTtlInSeconds: 0", "%s keeps answers for %d seconds and has no identity source to keep them by", o.of, int(z.TTL.Seconds()))
	case z.Kind == cloud.TokenAuthorizer && len(z.Identity) > 1:
		o.bad("IdentitySource", n, "a TOKEN authorizer has one header as its source; REQUEST takes several")
	}
	for _, from := range z.Identity {
		if strings.HasPrefix(from, "method.request.path.") || strings.HasPrefix(from, "$request.path.") {
			o.bad("IdentitySource", n, from+" is a path parameter, which cannot be an identity source")
		}
	}
}

// checkInvocation: functions are invoked by POST, whatever the route's method.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
func (o object) checkInvocation(i *cloud.Integration) {
	n, ok := o.get("IntegrationHttpMethod")
	if i.Kind != cloud.LambdaProxy && i.Kind != cloud.LambdaCustom || ok && (n.Kind == source.Unknown || n.Text == "POST") {
		return
	}
	at := o.at
	if ok {
		at = n.At
	}
	o.l.warn("CFN_BAD_VALUE", at, "write IntegrationHttpMethod: POST", "%s invokes a function, which takes POST and no other method: API Gateway answers 500", o.of)
}

// checkLogFormat: the access log of a REST API has to name the request.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats
func (o object) checkLogFormat(key string) {
	settings, _ := o.get(key)
	n, ok := settings.Get("Format")
	if ok && n.Kind == source.String && !strings.Contains(n.Text, "$context.requestId") && !strings.Contains(n.Text, "$context.extendedRequestId") {
		o.bad(key+".Format", n, "it must have $context.requestId or $context.extendedRequestId in it")
	}
}

// pathKeys are what a path item has beside methods.
// https://spec.openapis.org/oas/v3.0.3#path-item-object
var pathKeys = []string{"$ref", "summary", "description", "servers", "parameters"}

// checkPath: a path of a document is as one of a resource, and what is no
// method makes no route.
func (d *definition) checkPath(path source.Entry) {
	if greedyWithin(path.Key) {
		d.l.fail("CFN_BAD_VALUE", path.KeyAt, "end the path with the greedy variable, or take the + away", "the path %s of %s.Body has something behind its greedy path variable, which is the last part of a path", path.Key, d.r.Name)
	}
	for _, op := range path.Value.Entries {
		key := strings.ToLower(op.Key)
		if !slices.Contains(methods, key) && !slices.Contains(pathKeys, key) && !strings.HasPrefix(key, "x-") {
			d.l.warn("CFN_NO_EFFECT", op.KeyAt, source.DidYouMean(key, methods, "write get, post, ... or "+extension+"any-method"), "%q under %s of %s.Body is no method, and makes no route", op.Key, path.Key, d.r.Name)
		}
	}
}
