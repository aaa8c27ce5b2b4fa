package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"bailey/cloud"
)

// read takes what a function returned for the answer that it describes.
func (x *exchange) read(i *cloud.Integration, payload []byte) (*answer, error) {
	if x.http() && i.Payload == "2.0" {
		return x.read2(payload)
	}
	return x.read1(payload)
}

// malformed is a function's answer that is none: 502 of a REST API, 500 of an
// HTTP API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
func (x *exchange) malformed(why string) error {
	x.integration.message = "The response from the Lambda function doesn't match the format that API Gateway expects. Lambda body contains the wrong type for field \"" + why + "\""
	return refuse(badGateway, "integration", "Execution failed due to configuration error: Malformed Lambda proxy response: %s", why)
}

// read1 is format 1.0: an object with statusCode, headers, multiValueHeaders,
// body and isBase64Encoded. To a REST API each may be missing, and nothing else
// may be there: what AWS answers, not what its page says.
func (x *exchange) read1(payload []byte) (*answer, error) {
	fields, ok := object(payload)
	if !ok {
		return nil, x.malformed("it is not an object")
	}
	if !x.http() {
		if why := unread(fields); why != "" {
			return nil, x.malformed(why)
		}
		if fields.get("statusCode") == nil {
			fields = append(fields, member{"statusCode", json.RawMessage("200")})
		}
	}
	a, err := x.readCommon(fields)
	if err != nil {
		return nil, err
	}
	var multi map[string][]any
	if raw := fields.get("multiValueHeaders"); raw != nil && json.Unmarshal(raw, &multi) != nil {
		return nil, x.malformed("multiValueHeaders")
	}
	for name, values := range multi {
		texts := make([]string, 0, len(values))
		for _, v := range values {
			texts = append(texts, jsonText(v))
		}
		x.setHeader(a, name, texts)
	}
	x.typed(a, "application/json")
	return a, nil
}

// unread names what a REST API does not read: a member that the format does not
// have, or a header that is neither text nor a boolean.
func unread(fields members) string {
	for _, f := range fields {
		switch f.name {
		case "statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded":
		default:
			return f.name
		}
	}
	var headers map[string]any
	if raw := fields.get("headers"); raw != nil && json.Unmarshal(raw, &headers) != nil {
		return "headers"
	}
	for _, v := range headers {
		if _, number := v.(float64); number {
			return "headers"
		}
	}
	return ""
}

// read2 is format 2.0, in which a value without statusCode is the body.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.v2
func (x *exchange) read2(payload []byte) (*answer, error) {
	fields, ok := object(payload)
	if !ok || fields.get("statusCode") == nil {
		return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: inferred(payload)}, nil
	}
	a, err := x.readCommon(fields)
	if err != nil {
		return nil, err
	}
	var cookies []string
	if raw := fields.get("cookies"); raw != nil && json.Unmarshal(raw, &cookies) != nil {
		return nil, x.malformed("cookies")
	}
	for _, c := range cookies {
		if validHeader("Set-Cookie", c) {
			a.header["Set-Cookie"] = append(a.header["Set-Cookie"], c)
		}
	}
	x.typed(a, "text/plain;charset=UTF-8")
	return a, nil
}

// inferred is a bare value as a body: a string is its own text.
func inferred(payload []byte) []byte {
	var text string
	if trimmed := bytes.TrimSpace(payload); len(trimmed) > 0 && trimmed[0] == '"' && json.Unmarshal(trimmed, &text) == nil {
		return []byte(text)
	}
	return payload
}

// readCommon reads what both formats have.
func (x *exchange) readCommon(fields members) (*answer, error) {
	a := &answer{header: http.Header{}}
	status, ok := statusOf(fields.get("statusCode"))
	if !ok {
		return nil, x.malformed("statusCode")
	}
	a.status = status
	var headers map[string]any
	if raw := fields.get("headers"); raw != nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if d.Decode(&headers) != nil {
			return nil, x.malformed("headers")
		}
	}
	for name, v := range headers {
		switch v.(type) {
		case map[string]any, []any:
			return nil, x.malformed("headers")
		case nil:
			continue
		}
		x.setHeader(a, name, []string{jsonText(v)})
	}
	return a, x.readBodyOf(a, fields)
}

// readBodyOf reads body and isBase64Encoded.
func (x *exchange) readBodyOf(a *answer, fields members) error {
	raw := fields.get("body")
	if raw != nil && raw[0] != '"' && string(raw) != "null" {
		return x.malformed("body")
	}
	var encoded bool
	if raw := fields.get("isBase64Encoded"); raw != nil && json.Unmarshal(raw, &encoded) != nil {
		return x.malformed("isBase64Encoded")
	}
	if raw == nil || raw[0] != '"' {
		return nil
	}
	a.body = []byte(textOf(raw))
	if !encoded || !x.decodes() {
		return nil
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(a.body)))
	if err != nil {
		return refuse(apiConfiguration, "integration", "Execution failed due to configuration error: Unable to base64 decode the body.")
	}
	a.body = plain
	return nil
}

// statusOf reads a status: a number from 100 to 599, or its digits.
func statusOf(raw json.RawMessage) (int, bool) {
	text := strings.Trim(string(raw), `"`)
	if whole, ok := strings.CutSuffix(text, ".0"); ok {
		text = whole
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 200 && n <= 599
}

// remapped are headers that a REST API sends under another name, because they
// are its own to write.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
var remapped = map[string]bool{"Authorization": true, "Connection": true, "Content-Length": true, "Content-Md5": true, "Date": true,
	"Host": true, "Max-Forwards": true, "Server": true, "User-Agent": true, "Www-Authenticate": true, "X-Forwarded-For": true}

// setHeader adds a header of the integration's to the answer. One that cannot
// be sent, or is the connection's own, is left out.
func (x *exchange) setHeader(a *answer, name string, values []string) {
	canonical := http.CanonicalHeaderKey(name)
	if canonical == "Transfer-Encoding" || canonical == "Trailer" || canonical == "Upgrade" || canonical == "Te" || canonical == "Expect" || canonical == "Proxy-Authenticate" {
		return
	}
	switch {
	case x.http() && remapped[canonical] && canonical != "Www-Authenticate":
		return
	case !x.http() && (remapped[canonical] || canonical == "X-Amzn-Requestid"): // the request's ID is there once
		canonical = "X-Amzn-Remapped-" + canonical
	case !x.http() && canonical == "X-Amz-Apigw-Id":
		return
	}
	kept := values[:0:0]
	for _, v := range values {
		if validHeader(canonical, v) {
			kept = append(kept, v)
		}
	}
	if len(kept) > 0 {
		a.header[canonical] = kept
	}
}

// typed adds the content type that an answer without one gets: in a REST API
// every one, whatever its status.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
func (x *exchange) typed(a *answer, otherwise string) {
	if a.header.Get("Content-Type") == "" && (a.status != http.StatusNoContent || !x.http()) {
		a.header["Content-Type"] = []string{otherwise}
	}
}
