package gateway

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/vtl"
)

// Parameter mapping: what an integration changes of a request on its way, and
// of an answer on its way back.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html

// A draft is a request to the backend while it is made.
type draft struct {
	url    *url.URL
	query  url.Values
	header http.Header
}

// mapHTTP applies an HTTP API's append:, overwrite: and remove: keys, in the
// order of their names.
func (x *exchange) mapHTTP(d *draft, params map[string]string) {
	for _, key := range sortedKeys(params) {
		op, dest, ok := strings.Cut(key, ":")
		value := x.selected(params[key], nil)
		switch kind, name, _ := strings.Cut(dest, "."); {
		case !ok:
		case kind == "path" && op == "overwrite":
			d.url.Path, d.url.RawPath = "/"+strings.TrimPrefix(value, "/"), ""
		case kind == "querystring":
			change(d.query, op, name, value)
		case kind == "header" && !reserved(name) && validHeader(name, value):
			change(d.header, op, http.CanonicalHeaderKey(name), value)
		}
	}
}

// mapsMore reports whether mappings concern more than headers: what they do to
// a function's event no page of AWS's says.
func mapsMore(params map[string]string) bool {
	for key := range params {
		if _, dest, _ := strings.Cut(key, ":"); !strings.HasPrefix(dest, "header.") {
			return true
		}
	}
	return false
}

// mapEvent applies an HTTP API's mappings of headers to a function's event.
func (x *exchange) mapEvent(params, headers map[string]string, multi map[string][]string) {
	for _, key := range sortedKeys(params) {
		op, dest, _ := strings.Cut(key, ":")
		name, ok := strings.CutPrefix(dest, "header.")
		value := x.selected(params[key], nil)
		if !ok || reserved(name) || !validHeader(name, value) {
			continue
		}
		name = strings.ToLower(name)
		was, there := headers[name]
		switch {
		case op == "remove":
			delete(headers, name)
			delete(multi, name)
			continue
		case op == "append" && there && multi == nil: // format 2.0 joins several values
			value = was + "," + value
		}
		headers[name] = value
		if multi != nil && op == "append" {
			multi[name] = append(slices.Clip(multi[name]), value)
		} else if multi != nil {
			multi[name] = []string{value}
		}
	}
}

// mapResponses applies what an HTTP API changes of answers with that status.
func (x *exchange) mapResponses(a *answer, i *cloud.Integration) {
	for _, r := range i.Responses {
		if x.http() && r.Status == x.integration.status {
			x.mapAnswer(a, r.Params)
		}
	}
}

// mapAnswer applies an HTTP API's response parameters for the backend's status.
func (x *exchange) mapAnswer(a *answer, params map[string]string) {
	before := &answer{status: a.status, header: a.header.Clone(), body: a.body}
	for _, key := range sortedKeys(params) {
		op, dest, _ := strings.Cut(key, ":")
		value := x.selected(params[key], before)
		if dest == "statuscode" {
			if n, err := strconv.Atoi(value); err == nil && n >= 200 && n <= 599 {
				a.status = n
			}
			continue
		}
		if name, ok := strings.CutPrefix(dest, "header."); ok && !reserved(name) && validHeader(name, value) {
			change(a.header, op, http.CanonicalHeaderKey(name), value)
		}
	}
}

func change(values map[string][]string, op, name, value string) {
	switch op {
	case "append":
		values[name] = append(slices.Clip(values[name]), value)
	case "overwrite":
		values[name] = []string{value}
	case "remove":
		delete(values, name)
	}
}

// reserved are the headers that no mapping changes.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html#http-api-mapping-reserved-headers
func reserved(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"access-control-", "apigw-", "x-amz-", "x-amzn-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "authorization", "connection", "content-encoding", "content-length", "content-location", "forwarded", "keep-alive", "origin",
		"proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding", "upgrade", "x-forwarded-for", "x-forwarded-host",
		"x-forwarded-proto", "via":
		return true
	}
	return false
}

// selected evaluates a selection expression: $request.header.name, or text
// with ${...} in it. answer is nil on the way to the backend.
func (x *exchange) selected(expression string, a *answer) string {
	value := func(name string) (string, bool) { return x.selection(name, a) }
	if strings.HasPrefix(expression, "$") && !strings.HasPrefix(expression, "${") {
		v, _ := value(expression[1:])
		return v
	}
	return expand(expression, value)
}

func (x *exchange) selection(name string, a *answer) (string, bool) {
	switch {
	case name == "request.path":
		return x.path, true
	case name == "request.body":
		return string(x.body), true
	case strings.HasPrefix(name, "request."):
		return x.requestParameter("method." + name)
	case a != nil && name == "response.body":
		return string(a.body), true
	case a != nil && strings.HasPrefix(name, "response.body."):
		return selectJSON(a.body, name[len("response.body."):]), true
	case a != nil && strings.HasPrefix(name, "response.header."):
		return strings.Join(a.header.Values(name[len("response.header."):]), ","), true
	case strings.HasPrefix(name, "context."):
		return x.variable(name[len("context."):])
	case strings.HasPrefix(name, "stageVariables."):
		return x.stage.variables[name[len("stageVariables."):]], true
	}
	return "", false
}

// bodyValue is $request.body.PATH.
func (x *exchange) bodyValue(path string) string { return selectJSON(x.body, path) }

// mappedBody is how much of a body a selection sees.
const mappedBody = 100 << 10

// selectJSON selects by a JSONPath that has no $ before it: a.b[0].c. What is
// not there, or cannot be selected, is empty.
func selectJSON(body []byte, path string) string {
	if len(body) > mappedBody {
		return ""
	}
	p, err := parsePath("$." + path)
	if err != nil {
		return ""
	}
	v, err := vtl.ParseJSON(body)
	if err != nil {
		return ""
	}
	found, err := p.of(v)
	if text, isText := found.(string); isText || found == nil || err != nil {
		return text
	}
	text, _ := vtl.JSON(found) // what was read can be written
	return text
}

// mapREST applies a REST API's integration.request.PLACE.NAME keys, whose
// values are 'static', method.request.PLACE.NAME, context.NAME or
// stageVariables.NAME; it gives the values for the address.
func (x *exchange) mapREST(d *draft, params map[string]string) map[string]string {
	path := map[string]string{}
	for _, key := range sortedKeys(params) {
		at, name, _ := strings.Cut(strings.TrimPrefix(key, "integration.request."), ".")
		value := x.gatewayValue(params[key])
		if value == "" { // what is not there is not sent
			continue
		}
		switch at {
		case "path":
			path[name] = value
		case "querystring":
			d.query[name] = []string{value}
		case "header":
			if validHeader(name, value) {
				d.header[http.CanonicalHeaderKey(name)] = []string{value}
			}
		}
	}
	return path
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
