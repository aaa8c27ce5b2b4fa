package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"bailey/cloud"
)

// A returned is what an integration that is no proxy gave back: by what the
// integration response is chosen, and what its template sees.
type returned struct {
	by     string // the status, or the message of a function's error
	header http.Header
	body   []byte
}

// custom is an integration of a REST API that is no proxy: MOCK, HTTP, or AWS
// with a function. Its templates make the request to the backend, and the
// answer to the client.
//
//	request ─ parameters, template ─▶ backend ─ choose ─ parameters, template ─▶ answer
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-data-transformations.html
func (x *exchange) custom(i *cloud.Integration) (*answer, error) {
	d := &draft{query: url.Values{}, header: http.Header{}}
	params := x.mapREST(d, i.Params)
	r := x.rendering()
	body, err := x.requestBody(r, i)
	if err != nil {
		return nil, err
	}
	overrideHeaders(d.header, r.overridden("requestOverride", "header"))
	for name, values := range r.overridden("requestOverride", "querystring") {
		d.query[name] = values
	}
	for name, values := range r.overridden("requestOverride", "path") {
		params[name] = strings.Join(values, ",")
	}
	back, err := x.ask(i, d, params, body)
	if err != nil {
		return nil, err
	}
	chosen, ok := x.route.mappings.choose(back.by)
	if !ok {
		return nil, x.misconfigured("No match for output mapping and no default output mapping configured. Endpoint Response Status Code: " + x.integration.status)
	}
	return x.mappedAnswer(r, chosen, back)
}

// requestBody renders the template of the request's content type, which is JSON
// where it states none. A body without a template passes as it is, unless the
// integration forbids that.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
func (x *exchange) requestBody(r *rendering, i *cloud.Integration) ([]byte, error) {
	content := x.modelType()
	t := x.route.mappings.request[content]
	if t == nil && (i.Passthrough == "NEVER" || i.Passthrough == "WHEN_NO_TEMPLATES" && len(i.Templates) > 0) {
		return nil, refuse(unsupportedMedia, "integration", "the integration takes no %s", content)
	}
	body, err := converted(x.body, x.binaryRequest(), i.Binary)
	switch {
	case err != nil || t == nil:
		return body, err
	case !utf8.Valid(body):
		return nil, x.misconfigured("Unable to transform request: its body is not text")
	}
	return r.render(t, body)
}

// converted turns bytes into base64 or back, where the content handling asks
// for it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
func converted(body []byte, binary bool, handling string) ([]byte, error) {
	switch {
	case binary && handling == "CONVERT_TO_TEXT":
		return base64.StdEncoding.AppendEncode(nil, body), nil
	case !binary && handling == "CONVERT_TO_BINARY":
		plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(body)))
		if err != nil {
			return nil, refuse(internalError, "integration", "Execution failed due to configuration error: Unable to base64 decode the body.")
		}
		return plain, nil
	}
	return body, nil
}

// ask puts the request to what stands behind the route.
func (x *exchange) ask(i *cloud.Integration, d *draft, params map[string]string, body []byte) (returned, error) {
	switch i.Kind {
	case cloud.Mock:
		return x.mock(body)
	case cloud.LambdaCustom:
		return x.askCustom(i, body)
	}
	return x.askHTTP(i, d, params, body)
}

// statusCode is where a mock's request states its status: API Gateway reads
// {statusCode: 200} too, which is no JSON.
var statusCode = regexp.MustCompile(`^\s*\{(?:.*,)?\s*(?:statusCode|'statusCode'|"statusCode")\s*:\s*(-?[0-9]+)\s*(?:,.*)?\}\s*$`)

// mock answers without anything behind it, with the status that its request
// states as a whole number.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
func (x *exchange) mock(body []byte) (returned, error) {
	var in struct {
		Status any `json:"statusCode"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	err := d.Decode(&in)
	number, whole := in.Status.(json.Number)
	if flat := strings.Join(strings.Fields(string(body)), " "); err != nil {
		if m := statusCode.FindStringSubmatch(flat); m != nil {
			number, whole = json.Number(m[1]), true
		}
	}
	if _, err := number.Int64(); !whole || err != nil {
		return returned{}, refuse(internalError, "integration", "Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template.")
	}
	x.integration = outcome{done: true, executed: true, status: number.String()}
	return returned{by: number.String()}, nil
}

// askCustom invokes a function with what the template made, and an empty object
// where that is nothing. Of an error the message chooses the response.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
func (x *exchange) askCustom(i *cloud.Integration, body []byte) (returned, error) {
	f, err := x.invocable(i)
	if err != nil {
		return returned{}, err
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	if !json.Valid(body) {
		return returned{}, refuse(badRequest, "integration", "what the function would get is no JSON: %.200s", body).
			saying("Could not parse request body into json")
	}
	res, err := x.run(i, f, body)
	if err != nil {
		return returned{}, err
	}
	out := returned{body: res.Payload, header: http.Header{"Content-Type": {"application/json"}}}
	x.integration.status = x.integration.service
	if res.FunctionError != "" {
		var failure struct {
			Message string `json:"errorMessage"`
		}
		_ = json.Unmarshal(res.Payload, &failure) // without a message the default is chosen
		out.by, x.integration.message = failure.Message, string(res.Payload)
	}
	return out, nil
}

// askHTTP sends the request that the mappings made: nothing of the client's but
// its content type goes by itself.
func (x *exchange) askHTTP(i *cloud.Integration, d *draft, params map[string]string, body []byte) (returned, error) {
	own := map[string]string{"Accept": "application/json", "User-Agent": "AmazonAPIGateway_" + x.api.ID, "X-Amzn-Trace-Id": x.trace()}
	if x.method != http.MethodGet && x.method != http.MethodHead && x.method != http.MethodOptions {
		own["Content-Type"] = x.r.Header.Get("Content-Type")
	}
	for name, v := range own {
		if d.header.Get(name) == "" && v != "" {
			d.header[name] = []string{v}
		}
	}
	ctx, stop := context.WithTimeout(x.r.Context(), i.Timeout)
	defer stop()
	req, err := x.outgoing(ctx, i, d, params, body)
	if err != nil {
		return returned{}, err
	}
	res, answered, err := x.fetch(i, req)
	if err != nil {
		return returned{}, err
	}
	return returned{by: strconv.Itoa(res.StatusCode), header: res.Header, body: answered}, nil
}

// mappedAnswer makes the answer of what came back. None of its headers goes to
// the client but by a mapping.
func (x *exchange) mappedAnswer(r *rendering, chosen mappedResponse, back returned) (*answer, error) {
	status, err := strconv.Atoi(chosen.Status)
	if err != nil || status < 200 || status > 599 {
		return nil, x.misconfigured("Output mapping refers to an invalid method response: " + chosen.Status)
	}
	a := &answer{status: status, header: http.Header{"Content-Type": {"application/json"}}}
	if a.body, err = x.responseBody(r, chosen, back, a); err != nil {
		return nil, err
	}
	for _, dest := range sortedKeys(chosen.Params) {
		name, ok := strings.CutPrefix(dest, "method.response.header.")
		if v := x.answerValue(chosen.Params[dest], back); ok && v != "" {
			x.setHeader(a, name, []string{v})
		}
	}
	overrideHeaders(a.header, r.overridden("responseOverride", "header"))
	if status, ok := r.overriddenStatus(); ok {
		a.status = status
	}
	return a, nil
}

// responseBody renders the response's template; without one the body passes.
func (x *exchange) responseBody(r *rendering, chosen mappedResponse, back returned, a *answer) ([]byte, error) {
	sent := contentType(back.header)
	binary, handling := x.api.binary.match(sent), chosen.Binary
	if handling == "" && binary != x.decodes() && len(x.api.binary) > 0 {
		handling = map[bool]string{true: "CONVERT_TO_TEXT", false: "CONVERT_TO_BINARY"}[binary]
	}
	body, err := converted(back.body, binary, handling)
	content, t := chosen.template(x.accepted())
	if err != nil || t == nil {
		if sent != "" {
			a.header["Content-Type"] = back.header["Content-Type"]
		}
		return body, err
	}
	a.header["Content-Type"] = []string{content}
	if !utf8.Valid(body) {
		return nil, x.misconfigured("Unable to transform response: its body is not text")
	}
	return r.render(t, body)
}

// answerValue is the value of a response parameter: 'static',
// integration.response.header.NAME, integration.response.body.PATH,
// context.NAME, stageVariables.NAME.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html
func (x *exchange) answerValue(source string, back returned) string {
	rest, ofAnswer := strings.CutPrefix(source, "integration.response.")
	if !ofAnswer {
		return x.gatewayValue(source)
	}
	switch place, name, _ := strings.Cut(rest, "."); place {
	case "header":
		return back.header.Get(name)
	case "multivalueheader":
		return strings.Join(back.header.Values(name), ",")
	case "body":
		if name == "" {
			return string(back.body)
		}
		return selectJSON(back.body, name)
	}
	return ""
}
