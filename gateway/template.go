package gateway

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf16"

	"bailey/vtl"
)

// What mapping templates see.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html

// A rendering is what the templates of one exchange share: what a request
// template sets in $context, its response template sees.
type rendering struct {
	x       *exchange
	context *vtl.Map
}

func (x *exchange) rendering() *rendering { return &rendering{x, x.contextMap()} }

// render renders a template over a body.
func (r *rendering) render(t *vtl.Template, body []byte) ([]byte, error) {
	variables := &vtl.Map{}
	for _, name := range sortedKeys(r.x.stage.variables) {
		variables.Put(name, r.x.stage.variables[name])
	}
	out, err := t.Render(vtl.Variables{"input": &inputObject{x: r.x, body: string(body)}, "util": utilObject{}, "context": r.context, "stageVariables": variables})
	if err != nil {
		return nil, refuse(internalError, "integration", "Execution failed due to configuration error: Unable to transform: %v", err)
	}
	return []byte(out), nil
}

// templateNames are the variables of $context that templates have, but for what
// an authorizer gave. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
var templateNames = strings.Fields(`accountId apiId awsEndpointRequestId deploymentId domainName domainPrefix extendedRequestId httpMethod path protocol
	requestId requestTime requestTimeEpoch resourceId resourcePath stage xrayTraceId
	identity.accessKey identity.accountId identity.apiKey identity.apiKeyId identity.caller identity.sourceIp identity.user identity.userAgent identity.userArn identity.vpcId identity.vpceId`)

// contextMap is $context. What has no value is not in it.
func (x *exchange) contextMap() *vtl.Map {
	out, identity := &vtl.Map{}, &vtl.Map{}
	for _, name := range templateNames {
		v := variables[name](x)
		switch rest, ofIdentity := strings.CutPrefix(name, "identity."); {
		case v == "":
		case ofIdentity:
			identity.Put(rest, v)
		default:
			out.Put(name, v)
		}
	}
	out.Put("identity", identity)
	if given := x.authorizerMap(); len(given.Keys()) > 0 {
		out.Put("authorizer", given)
	}
	for _, name := range []string{"requestOverride", "responseOverride"} {
		override := &vtl.Map{}
		for _, part := range []string{"header", "path", "querystring"} {
			if name == "requestOverride" || part == "header" {
				override.Put(part, &vtl.Map{})
			}
		}
		out.Put(name, override)
	}
	return out
}

// authorizerMap has the authorizer's context as text, and the claims of a token.
func (x *exchange) authorizerMap() *vtl.Map {
	out := &vtl.Map{}
	if x.granted.principal != "" {
		out.Put("principalId", x.granted.principal)
	}
	for _, name := range sortedKeys(x.granted.context) {
		out.Put(name, jsonText(x.granted.context[name]))
	}
	if x.granted.claims != nil {
		claims := &vtl.Map{}
		for _, name := range sortedKeys(x.granted.claims) {
			claims.Put(name, x.granted.claims[name])
		}
		out.Put("claims", claims)
	}
	return out
}

// inputObject is $input.
type inputObject struct {
	x    *exchange
	body string

	read bool
	json any // of the body; nil where it is none
}

// Get gives $input.body: where there is none, an empty object.
func (o *inputObject) Get(name string) any {
	switch {
	case name != "body":
		return nil
	case o.body == "":
		return "{}"
	}
	return o.body
}

// Call is $input.params(), .path() and .json().
func (o *inputObject) Call(method string, args []any) (any, error) {
	switch {
	case method == "params" && len(args) == 0:
		return o.params(), nil
	case method == "params" && len(args) == 1:
		return o.param(vtl.Text(args[0])), nil
	case method == "path" && len(args) == 1:
		return o.path(vtl.Text(args[0]))
	case method == "json" && len(args) == 1:
		v, err := o.path(vtl.Text(args[0]))
		if v == nil {
			v = ""
		}
		if err != nil {
			return nil, err
		}
		return vtl.JSON(v)
	}
	return nil, fmt.Errorf("$input has no method %s with %d arguments", method, len(args))
}

// Weight of a call is that of looking through the body.
func (o *inputObject) Weight() int { return len(o.body) / 2000 }

// path selects by JSONPath. A body that is no JSON has nothing to select.
func (o *inputObject) path(text string) (any, error) {
	p, err := parsePath(text)
	if err != nil {
		return nil, err
	}
	if !o.read {
		o.read = true
		if v, err := vtl.ParseJSON([]byte(o.body)); err == nil {
			o.json = v
		}
	}
	if o.json == nil {
		return nil, nil
	}
	return p.of(o.json)
}

// params are all parameters of the request by their place.
func (o *inputObject) params() *vtl.Map {
	out := &vtl.Map{}
	for _, place := range []struct {
		name   string
		values map[string]string
	}{{"path", o.x.params}, {"querystring", last(o.x.query)}, {"header", last(o.x.headers())}} {
		m := &vtl.Map{}
		for _, name := range sortedKeys(place.values) {
			m.Put(name, place.values[name])
		}
		out.Put(place.name, m)
	}
	return out
}

// param looks for a parameter in the path, the query string and the headers, in
// this order. What is nowhere is empty.
func (o *inputObject) param(name string) string {
	for _, place := range []string{"path", "querystring", "header"} {
		if v, _ := o.x.requestParameter("method.request." + place + "." + name); v != "" {
			return v
		}
	}
	return ""
}

// utilObject is $util.
type utilObject struct{}

// Weight of a function is that of its argument, which is counted anyway.
func (utilObject) Weight() int { return 0 }

// Get gives nothing: $util has methods only.
func (utilObject) Get(string) any { return nil }

// Call calls one of $util's functions, which each take one argument.
func (utilObject) Call(method string, args []any) (any, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("$util.%s takes one argument", method)
	}
	text := vtl.Text(args[0])
	switch method {
	case "escapeJavaScript":
		return escapeJavaScript(text), nil
	case "parseJson":
		v, err := vtl.ParseJSON([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("$util.parseJson: %w", err)
		}
		return v, nil
	case "urlEncode":
		return url.QueryEscape(text), nil
	case "urlDecode":
		return url.QueryUnescape(text)
	case "base64Encode":
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	case "base64Decode":
		b, err := base64.StdEncoding.DecodeString(text)
		return string(b), err
	}
	return nil, fmt.Errorf("$util has no function %s", method)
}

// escapeJavaScript escapes as JavaScript's strings need it, single quotes and
// slashes too, and all that is not ASCII.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference
func escapeJavaScript(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune(`"'\/`, r):
			out.WriteByte('\\')
			out.WriteRune(r)
		case short[r] != "":
			out.WriteString(short[r])
		case r < ' ' || r > '~':
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&out, `\u%04X`, unit)
			}
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

var short = map[rune]string{'\b': `\b`, '\n': `\n`, '\t': `\t`, '\f': `\f`, '\r': `\r`}

// overridden gives what templates set in $context.requestOverride or
// responseOverride, name by name.
func (r *rendering) overridden(override, part string) map[string][]string {
	out := map[string][]string{}
	all, _ := r.context.Get(override).(*vtl.Map)
	if all == nil {
		return out
	}
	m, _ := all.Get(part).(*vtl.Map)
	if m == nil {
		return out
	}
	for _, name := range m.Keys() {
		if list, isList := m.Get(name).(*vtl.List); isList {
			for _, item := range list.Items {
				out[name] = append(out[name], vtl.Text(item))
			}
			continue
		}
		out[name] = []string{vtl.Text(m.Get(name))}
	}
	return out
}

// overriddenStatus is $context.responseOverride.status: a whole number from 100
// to 599, or none.
func (r *rendering) overriddenStatus() (int, bool) {
	all, _ := r.context.Get("responseOverride").(*vtl.Map)
	if all == nil {
		return 0, false
	}
	n, ok := all.Get("status").(int64)
	return int(n), ok && n >= 100 && n <= 599
}

// overrideHeaders sets the headers of an override.
func overrideHeaders(h http.Header, override map[string][]string) {
	for name, values := range override {
		for _, v := range values {
			if !validHeader(name, v) {
				values = nil
			}
		}
		if len(values) > 0 {
			h[http.CanonicalHeaderKey(name)] = values
		}
	}
}
