package gateway

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bailey/cloud"
)

// The layouts of times in events and logs: common log format.
const clfTime = "02/Jan/2006:15:04:05 -0700"

// variable is the value of $context.NAME, and whether there is such a one. A
// variable without a value is "".
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
func (x *exchange) variable(name string) (string, bool) {
	if f, ok := variables[name]; ok {
		return f(x), true
	}
	if rest, ok := strings.CutPrefix(name, "authorizer.claims."); ok {
		return x.granted.claim(rest), true
	}
	if rest, ok := strings.CutPrefix(name, "authorizer."); ok {
		return x.granted.property(rest), true
	}
	return "", false
}

var variables = map[string]func(*exchange) string{
	"accountId":         func(x *exchange) string { return x.apis.model.Account() },
	"apiId":             func(x *exchange) string { return x.apiID() },
	"stage":             func(x *exchange) string { return x.stageName() },
	"deploymentId":      func(x *exchange) string { return x.deploymentID() },
	"domainName":        func(x *exchange) string { return hostOf(x.r) },
	"domainPrefix":      func(x *exchange) string { return x.domainPrefix() },
	"requestId":         func(x *exchange) string { return x.requestID },
	"extendedRequestId": func(x *exchange) string { return x.extendedID },
	"httpMethod":        func(x *exchange) string { return x.method },
	"path":              func(x *exchange) string { return x.contextPath() },
	"protocol":          func(x *exchange) string { return "HTTP/1.1" },
	"requestTime":       func(x *exchange) string { return x.time() },
	"requestTimeEpoch":  func(x *exchange) string { return strconv.FormatInt(x.now.UnixMilli(), 10) },
	"resourceId":        func(x *exchange) string { return x.ofRoute(func(r *route) string { return r.resourceID }) },
	"resourcePath":      func(x *exchange) string { return x.ofRoute(func(r *route) string { return r.Path }) },
	"routeKey":          func(x *exchange) string { return x.ofRoute(func(r *route) string { return r.key }) },
	"xrayTraceId":       func(x *exchange) string { return x.trace() },

	"customDomain.basePathMatched": func(x *exchange) string { return x.basePath() },

	"identity.sourceIp":  func(x *exchange) string { return x.sourceIP() },
	"identity.userAgent": func(x *exchange) string { return x.r.UserAgent() },
	"identity.accountId": func(x *exchange) string { return x.signer().Account },
	"identity.caller":    func(x *exchange) string { return x.signer().UserID },
	"identity.user":      func(x *exchange) string { return x.signer().UserID },
	"identity.userArn":   func(x *exchange) string { return x.signer().PrincipalARN },
	"identity.accessKey": func(x *exchange) string { return x.signer().AccessKeyID },
	"identity.apiKey":    func(x *exchange) string { return x.keyValue() },
	"identity.apiKeyId":  func(x *exchange) string { return x.keyID() },
	"identity.vpcId":     func(x *exchange) string { return x.origin.VPCID },
	"identity.vpceId":    func(x *exchange) string { return x.origin.VPCEndpointID },

	"error.message":               func(x *exchange) string { return x.errorMessage() },
	"error.messageString":         func(x *exchange) string { return x.errorString() },
	"error.responseType":          func(x *exchange) string { return x.responseType() },
	"error.validationErrorString": func(x *exchange) string { return x.why("validation") },

	"authorizer.error":              func(x *exchange) string { return x.granted.err },
	"authorizer.latency":            func(x *exchange) string { return x.granted.millis() },
	"authorizer.integrationLatency": func(x *exchange) string { return x.granted.millis() },
	"authorizer.integrationStatus":  func(x *exchange) string { return x.granted.service },
	"authorizer.status":             func(x *exchange) string { return x.granted.status },
	"authorizer.requestId":          func(x *exchange) string { return x.granted.request },
	"authorizer.principalId":        func(x *exchange) string { return x.granted.principal },
	"authorizer.claims":             func(x *exchange) string { return "" },
	"authenticate.error":            func(x *exchange) string { return x.why("signature") },
	"authenticate.status":           func(x *exchange) string { return x.layerStatus("signature", x.caller != nil) },
	"authorize.error":               func(x *exchange) string { return x.why("policy") },
	"authorize.status":              func(x *exchange) string { return x.layerStatus("policy", x.integration.executed) },

	"integration.error":             func(x *exchange) string { return x.integration.message },
	"integrationErrorMessage":       func(x *exchange) string { return x.integration.message },
	"integration.latency":           func(x *exchange) string { return x.integration.millis() },
	"integrationLatency":            func(x *exchange) string { return x.integration.millis() },
	"integration.status":            func(x *exchange) string { return x.integration.status },
	"integration.integrationStatus": func(x *exchange) string { return x.integration.service },
	"integrationStatus":             func(x *exchange) string { return x.integration.service },
	"integration.requestId":         func(x *exchange) string { return x.integration.request },
	"awsEndpointRequestId":          func(x *exchange) string { return x.integration.request },

	"status":          func(x *exchange) string { return strconv.Itoa(x.status) },
	"responseLength":  func(x *exchange) string { return strconv.Itoa(x.length) },
	"responseLatency": func(x *exchange) string { return strconv.FormatInt(x.took.Milliseconds(), 10) },
	"dataProcessed":   func(x *exchange) string { return strconv.Itoa(len(x.body) + x.length) },
}

// time is when the request came.
func (x *exchange) time() string {
	if x.moment == "" {
		x.moment = x.now.UTC().Format(clfTime)
	}
	return x.moment
}

func (x *exchange) apiID() string {
	if x.api == nil {
		return ""
	}
	return x.api.ID
}

func (x *exchange) stageName() string {
	if x.stage == nil {
		return ""
	}
	return x.stage.StageName
}

// deploymentID is that of a REST API's stage.
func (x *exchange) deploymentID() string {
	if x.stage == nil || x.http() {
		return ""
	}
	return cloud.MadeID(cloud.LowerAlnum, 6, x.api.ID, x.stage.Deployment)
}

func (x *exchange) ofRoute(f func(*route) string) string {
	if x.route == nil {
		return ""
	}
	return f(x.route)
}

func (x *exchange) domainPrefix() string {
	prefix, _, _ := strings.Cut(hostOf(x.r), ".")
	return prefix
}

// basePath is the mapping that matched; AWS calls the empty one (none).
func (x *exchange) basePath() string {
	switch {
	case x.domain == nil:
		return ""
	case x.mapping == "":
		return "(none)"
	}
	return x.mapping
}

// contextPath is the request's path: with the stage, or, by a domain name,
// with its mapping.
func (x *exchange) contextPath() string {
	if x.domain != nil || x.stage == nil {
		return x.full
	}
	return stagePath(x.stage.StageName, cmp.Or(x.sent, x.path))
}

// sourceIP is the address that the connection came from, as the resource
// policies see it. On the host's port that is the host's.
func (x *exchange) sourceIP() string {
	switch {
	case x.origin.VPCSourceIP.IsValid():
		return x.origin.VPCSourceIP.String()
	case x.origin.SourceIP.IsValid():
		return x.origin.SourceIP.String()
	}
	return ""
}

func (x *exchange) keyValue() string {
	if x.key == nil {
		return ""
	}
	return x.key.value
}

func (x *exchange) keyID() string {
	if x.key == nil {
		return ""
	}
	return x.key.ID
}

// errorMessage is what the client was told, and for an HTTP API, whose clients
// are told little, too.
func (x *exchange) errorMessage() string {
	if x.refusal == nil {
		return ""
	}
	m, _ := x.refusal.said(x.http())
	return m
}

func (x *exchange) errorString() string {
	if x.refusal == nil {
		return ""
	}
	m, ok := x.refusal.said(x.http())
	if !ok {
		return "null"
	}
	return quote(m)
}

func (x *exchange) responseType() string {
	if x.refusal == nil {
		return ""
	}
	return x.refusal.kind.name
}

// why is the reason for a refusal of that layer.
func (x *exchange) why(layer string) string {
	switch {
	case x.refusal == nil || x.refusal.layer != layer:
		return ""
	case x.refusal.validation != "":
		return x.refusal.validation
	}
	return x.refusal.why
}

func (x *exchange) layerStatus(layer string, passed bool) string {
	switch {
	case x.refusal != nil && x.refusal.layer == layer:
		return strconv.Itoa(x.refusal.kind.status)
	case passed:
		return strconv.Itoa(http.StatusOK)
	}
	return ""
}

func (o outcome) millis() string {
	if !o.done {
		return ""
	}
	return strconv.FormatInt(o.latency.Milliseconds(), 10)
}

// since is how long ago t was, on the gateway's own clock.
func (g *Gateway) since(t time.Time) time.Duration { return g.config.Now().Sub(t) }

// quote is text as a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
