package gateway

import (
	"regexp"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/iam"
)

// A grant is what an authorizer gave a request.
type grant struct {
	principal string
	context   map[string]any    // of a Lambda authorizer
	claims    map[string]string // of a token, as the integration sees them
	scopes    []string
	policy    *iam.Policy // a Lambda authorizer's; nil: its answer is simple
	allowed   bool        // a simple answer
	usageKey  string      // usageIdentifierKey

	function bool // a Lambda authorizer gave it
	asked    bool // just now, and not kept from before
	latency  time.Duration
	service  string // status that Lambda answered
	status   string // status of the authorization
	request  string // Lambda's request ID
	err      string // what the log says
}

func (g grant) millis() string {
	if !g.function {
		return ""
	}
	return outcome{done: true, latency: g.latency}.millis()
}

func (g grant) claim(name string) string { return g.claims[name] }

// property is a value of the authorizer's context, as text.
func (g grant) property(name string) string {
	if v, ok := g.context[name]; ok {
		return jsonText(v)
	}
	return ""
}

func (s *apis) authorizer(declared cloud.Authorizer) *authorizer {
	z := &authorizer{Authorizer: declared, audience: declared.Audience.Or(nil)}
	if declared.Validation != "" {
		// AWS matches the whole token. An expression that is none, here or in
		// Java, lets nothing through.
		re, err := regexp.Compile(`^(?:` + declared.Validation + `)$`)
		if err != nil {
			s.refuse(declared.At, "the identity validation expression of %s: %v", declared.Name, err)
		}
		z.expression = func(token string) bool { return err == nil && re.MatchString(token) }
	}
	if declared.Kind == cloud.TokenAuthorizer && len(declared.Identity) == 0 {
		z.Identity = []string{"method.request.header.Authorization"}
	}
	for _, pool := range declared.Pools {
		arn, known := pool.Get()
		if id, ok := strings.CutPrefix(arn.Resource, "userpool/"); known && ok {
			z.roots = append(z.roots, "https://cognito-idp."+arn.Region+"."+cloud.DNSSuffix(arn.Region)+"/"+id)
		}
	}
	return z
}

// identify reads the identity sources, in their order. Each that is declared
// has to be there and not be empty; else nothing runs.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources
func (x *exchange) identify(z *authorizer) ([]string, error) {
	values := make([]string, 0, len(z.Identity))
	for _, source := range z.Identity {
		v, known := x.source(source)
		if !known {
			return nil, refuse(authorizerConfiguration, "authorizer", "%s: there is no identity source %s", z.Name, source)
		}
		if v == "" {
			x.granted.err = "Unauthorized"
			return nil, refuse(unauthorized, "authorizer", "%s did not run: the identity source %s is missing or empty", z.Name, source)
		}
		values = append(values, v)
	}
	if z.expression != nil && len(values) > 0 && !z.expression(values[0]) {
		x.granted.err = "Unauthorized"
		return nil, refuse(unauthorized, "authorizer", "%s did not run: the token does not match its validation expression", z.Name)
	}
	return values, nil
}

// source is the value of an identity source, in the spelling of either kind of
// API.
func (x *exchange) source(expression string) (string, bool) {
	name := strings.TrimPrefix(expression, "$")
	switch {
	case strings.HasPrefix(name, "method.request."):
		return x.requestParameter(name)
	case strings.HasPrefix(name, "request."):
		return x.requestParameter("method." + name)
	case strings.HasPrefix(name, "context."):
		return x.variable(name[len("context."):])
	case strings.HasPrefix(name, "stageVariables."):
		return x.stage.variables[name[len("stageVariables."):]], true
	}
	return "", false
}

// requestParameter is method.request.PLACE.NAME. Several values of one name
// are joined by commas in an HTTP API; of a REST API the last one counts.
func (x *exchange) requestParameter(expression string) (string, bool) {
	at, name, _ := strings.Cut(strings.TrimPrefix(expression, "method.request."), ".")
	var values []string
	switch at {
	case "header", "multivalueheader":
		values = x.headerValues(name)
	case "querystring", "multivaluequerystring":
		values = x.query[name]
	case "path":
		if x.http() {
			return x.params[name], true
		}
		return decoded(x.params[name]), true
	case "body":
		return x.bodyValue(name), true
	default:
		return "", false
	}
	switch {
	case len(values) == 0:
		return "", true
	case x.http() || strings.HasPrefix(at, "multivalue"):
		return strings.Join(values, ","), true
	}
	return values[len(values)-1], true
}

// headerValues are a header's values. Go's server keeps Host apart.
func (x *exchange) headerValues(name string) []string {
	if strings.EqualFold(name, "host") {
		return []string{x.r.Host}
	}
	return x.r.Header.Values(name)
}
