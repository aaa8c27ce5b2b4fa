package gateway

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"bailey/cloud"
)

// event1 is the payload of format 1.0: what a REST API gives a function, and
// an HTTP API whose integration asks for it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.proxy-format
type event1 struct {
	Version      string              `json:"version,omitempty"` // HTTP APIs only
	Resource     string              `json:"resource"`
	Path         string              `json:"path"`
	Method       string              `json:"httpMethod"`
	Headers      map[string]string   `json:"headers"`
	MultiHeaders map[string][]string `json:"multiValueHeaders"`
	Query        map[string]string   `json:"queryStringParameters"`
	MultiQuery   map[string][]string `json:"multiValueQueryStringParameters"`
	Context      context1            `json:"requestContext"`
	PathParams   map[string]string   `json:"pathParameters"`
	Variables    map[string]string   `json:"stageVariables"`
	Body         *string             `json:"body"`
	Base64       bool                `json:"isBase64Encoded"`
}

type context1 struct {
	AccountID    string         `json:"accountId"`
	APIID        string         `json:"apiId"`
	Authorizer   map[string]any `json:"authorizer,omitempty"`
	DomainName   string         `json:"domainName"`
	DomainPrefix string         `json:"domainPrefix"`
	ExtendedID   string         `json:"extendedRequestId"`
	Method       string         `json:"httpMethod"`
	Identity     identity1      `json:"identity"`
	Path         string         `json:"path"`
	Protocol     string         `json:"protocol"`
	RequestID    string         `json:"requestId"`
	Time         string         `json:"requestTime"`
	TimeEpoch    int64          `json:"requestTimeEpoch"`
	ResourceID   *string        `json:"resourceId"`
	ResourcePath string         `json:"resourcePath"`
	Stage        string         `json:"stage"`
	DeploymentID string         `json:"deploymentId,omitempty"`
}

// identity1 has a null for what is not known.
type identity1 struct {
	AccessKey  *string `json:"accessKey"`
	AccountID  *string `json:"accountId"`
	APIKey     *string `json:"apiKey,omitempty"`
	APIKeyID   *string `json:"apiKeyId,omitempty"`
	Caller     *string `json:"caller"`
	Provider   *string `json:"cognitoAuthenticationProvider"`
	AuthType   *string `json:"cognitoAuthenticationType"`
	IdentityID *string `json:"cognitoIdentityId"`
	PoolID     *string `json:"cognitoIdentityPoolId"`
	OrgID      *string `json:"principalOrgId"`
	SourceIP   string  `json:"sourceIp"`
	User       *string `json:"user"`
	UserAgent  *string `json:"userAgent"`
	UserARN    *string `json:"userArn"`
	VPCID      *string `json:"vpcId,omitempty"` // of a private API's caller
	VPCEID     *string `json:"vpceId,omitempty"`
}

// orNull is nil for text that is not there.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (x *exchange) event1() event1 {
	e := event1{Resource: x.route.Path, Path: x.path, Method: x.method, Context: x.context1(), PathParams: x.params}
	if x.http() {
		e.Version, e.Resource = "1.0", x.route.key
		if x.route.Path != "$default" {
			e.Resource = x.route.Path
		}
	}
	if x.http() || x.domain != nil {
		e.Path = x.contextPath()
	}
	e.MultiHeaders = x.headers()
	e.Headers = last(e.MultiHeaders)
	if len(x.query) > 0 {
		e.MultiQuery, e.Query = x.query, last(x.query)
	}
	if len(x.stage.variables) > 0 {
		e.Variables = x.stage.variables
	}
	if len(x.body) > 0 {
		body, encoded := x.bodyText()
		e.Body, e.Base64 = &body, encoded
	}
	return e
}

// last takes of each name the last value.
func last(values map[string][]string) map[string]string {
	out := make(map[string]string, len(values))
	for name, v := range values {
		out[name] = v[len(v)-1]
	}
	return out
}

// headers are the request's, with those that API Gateway adds. An HTTP API
// writes names in lower case, a REST API as they came: here in the canonical
// spelling, since Go's server keeps no other.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
func (x *exchange) headers() map[string][]string {
	out := make(map[string][]string, len(x.r.Header)+5)
	name := func(s string) string { return s }
	if x.http() {
		name = lower
	}
	for k, v := range x.r.Header {
		if !dropped[k] && (k != "Authorization" || !x.signed(v)) && (k != methodOverride || x.http()) {
			out[name(k)] = v
		}
	}
	x.added(func(header, v string) { out[name(header)] = []string{v} })
	return out
}

// signed reports whether an Authorization header is a signature, which goes no
// further: in a REST API even where nobody asked for one.
func (x *exchange) signed(authorization []string) bool {
	return x.caller != nil || !x.http() && strings.HasPrefix(authorization[0], "AWS4-HMAC-SHA256")
}

// added are the headers that API Gateway writes itself.
func (x *exchange) added(put func(name, value string)) {
	put("Host", hostOf(x.r))
	put("X-Amzn-Trace-Id", x.trace())
	from := x.sourceIP()
	if before := x.r.Header.Values("X-Forwarded-For"); len(before) > 0 {
		from = strings.Join(before, ", ") + ", " + from
	}
	put("X-Forwarded-For", from)
	put("X-Forwarded-Port", "443")
	put("X-Forwarded-Proto", "https")
	if x.http() && x.r.ContentLength >= 0 {
		put("Content-Length", itoa(len(x.body)))
	}
}

// dropped are headers between two neighbours, which go no further.
var dropped = map[string]bool{"Connection": true, "Keep-Alive": true, "Proxy-Connection": true, "Te": true, "Trailer": true,
	"Transfer-Encoding": true, "Upgrade": true, "Expect": true, "Content-Length": true, "Proxy-Authenticate": true, "Proxy-Authorization": true}

func (x *exchange) context1() context1 {
	c := context1{AccountID: x.apis.model.Account(), APIID: x.api.ID, DomainName: hostOf(x.r), DomainPrefix: x.domainPrefix(),
		ExtendedID: x.extendedID, Method: x.method, Path: x.contextPath(), Protocol: "HTTP/1.1", RequestID: x.requestID,
		Time: x.time(), TimeEpoch: x.now.UnixMilli(), ResourcePath: x.route.Path, Stage: x.stage.StageName,
		Identity: x.identity1(), Authorizer: x.authorizer1()}
	if x.http() {
		return c
	}
	c.ResourceID = &x.route.resourceID
	c.DeploymentID = x.deploymentID()
	return c
}

func (x *exchange) identity1() identity1 {
	who := x.signer()
	return identity1{AccessKey: orNull(who.AccessKeyID), AccountID: orNull(who.Account), Caller: orNull(who.UserID), User: orNull(who.UserID),
		UserARN: orNull(who.PrincipalARN), SourceIP: x.sourceIP(), UserAgent: orNull(x.r.UserAgent()),
		APIKey: orNull(x.keyValue()), APIKeyID: orNull(x.keyID()), VPCID: orNull(x.origin.VPCID), VPCEID: orNull(x.origin.VPCEndpointID)}
}

// authorizer1 is what the authorizer gave; nil where there was none. An HTTP
// API writes claims and scopes even without any.
func (x *exchange) authorizer1() map[string]any {
	g := x.granted
	switch {
	case g.function:
		out := map[string]any{"integrationLatency": g.latency.Milliseconds()}
		if g.principal != "" {
			out["principalId"] = g.principal
		}
		for k, v := range g.context {
			out[k] = v
		}
		return out
	case g.claims != nil:
		out := map[string]any{"claims": g.claims}
		if x.http() {
			out["scopes"] = g.scopes
		}
		return out
	case x.http():
		return map[string]any{"claims": nil, "scopes": nil}
	}
	return nil
}

// event is the payload for a function.
func (x *exchange) event(i *cloud.Integration) ([]byte, error) {
	if x.http() && i.Payload == "2.0" {
		e := x.event2()
		x.mapEvent(i.Params, e.Headers, nil)
		return e.append2(make([]byte, 0, 2048+len(x.body)*5/4)), nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	e := x.event1()
	if x.http() {
		x.mapEvent(i.Params, e.Headers, e.MultiHeaders)
	} else {
		x.mapHeaders(&e, i.Params)
	}
	if err := enc.Encode(e); err != nil {
		return nil, refuse(internalError, "bailey", "writing the event: %v", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// mapHeaders: of the mappings of a REST API's Lambda proxy integration those of
// headers reach the function.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
func (x *exchange) mapHeaders(e *event1, params map[string]string) {
	for key, source := range params {
		name, ok := strings.CutPrefix(key, "integration.request.header.")
		if v := x.gatewayValue(source); ok && v != "" {
			e.Headers[name], e.MultiHeaders[name] = v, []string{v}
		}
	}
}

// authorizerEvent is the payload for an authorizer's function.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.payload-format
func (x *exchange) authorizerEvent(z *authorizer, values []string) []byte {
	var e any
	switch {
	case z.Kind == cloud.TokenAuthorizer:
		e = map[string]any{"type": "TOKEN", "methodArn": x.methodARN(), "authorizationToken": strings.Join(values, ",")}
	case x.http() && z.Payload == "2.0":
		own := x.event2()
		own.Body, own.Base64 = nil, nil
		e = struct {
			Version  string   `json:"version"`
			Type     string   `json:"type"`
			RouteARN string   `json:"routeArn"`
			Identity []string `json:"identitySource"`
			event2
		}{"2.0", "REQUEST", x.methodARN(), values, own}
	default:
		e = x.authorizerEvent1(values)
	}
	b, _ := json.Marshal(e) // of text and numbers only
	return b
}

// authorizerEvent1 has empty maps where the function's own event has null.
func (x *exchange) authorizerEvent1(values []string) map[string]any {
	own := x.event1()
	out := map[string]any{"type": "REQUEST", "methodArn": x.methodARN(), "resource": own.Resource, "path": own.Path, "httpMethod": own.Method,
		"headers": own.Headers, "multiValueHeaders": own.MultiHeaders, "queryStringParameters": orEmpty(own.Query),
		"multiValueQueryStringParameters": orEmpty(own.MultiQuery), "pathParameters": orEmpty(own.PathParams),
		"stageVariables": orEmpty(own.Variables), "requestContext": own.Context}
	if x.http() {
		joined := strings.Join(values, ",")
		out["version"], out["identitySource"], out["authorizationToken"] = "1.0", joined, joined
	}
	return out
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// accepted is the first media type of Accept: REST APIs look at no other.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
func (x *exchange) accepted() string {
	first, _, _ := strings.Cut(x.r.Header.Get("Accept"), ",")
	first, _, _ = strings.Cut(first, ";")
	return strings.ToLower(strings.TrimSpace(first))
}

// contentType is the media type of the body, without parameters.
func contentType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}
