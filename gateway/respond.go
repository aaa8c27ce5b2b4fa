package gateway

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// An answer is what goes to the client.
type answer struct {
	status int
	header http.Header // names as they are sent
	body   []byte
	own    bool // the gateway's, not the integration's
}

// refused turns a refusal into the answer that the API gives for it.
func (x *exchange) refused(err error) *answer {
	r := asRefusal(err)
	x.refusal = r
	message, ok := r.said(x.http())
	quoted := "null"
	if ok {
		quoted = quote(message)
	}
	a := &answer{own: true, header: http.Header{"Content-Type": {"application/json"}}}
	if x.http() {
		a.status = r.kind.httpStatus
		a.body = fmt.Appendf(nil, plainBody, quoted)
	} else {
		a.status = r.kind.status
		a.header["x-amzn-ErrorType"] = []string{r.kind.errorType}
		a.body = fmt.Appendf(nil, r.kind.body, quoted)
		x.customise(a, r)
	}
	for name, values := range r.header {
		a.header[name] = values
	}
	return a
}

// send writes the answer, with what every answer of the API carries.
func (x *exchange) send(a *answer) {
	h := x.w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if x.http() {
		h["Apigw-Requestid"] = []string{x.extendedID}
		x.addCORS(h, a)
	} else {
		h["x-amzn-RequestId"] = []string{x.requestID}
		h["x-amz-apigw-id"] = []string{x.extendedID}
		if !a.own {
			h["X-Amzn-Trace-Id"] = []string{x.trace()}
		}
		x.deflate(a, h)
	}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	}
	if _, typed := h["Content-Type"]; !typed {
		h["Content-Type"] = nil // or Go's server would guess one
	}
	x.status, x.length = a.status, len(a.body)
	x.w.WriteHeader(a.status)
	if x.r.Method != http.MethodHead && a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		_, _ = x.w.Write(a.body) // the client may have gone
	}
}

// customise applies the API's gateway response of that type, else its
// DEFAULT_4XX or DEFAULT_5XX. That of 413 cannot be customised.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
func (x *exchange) customise(a *answer, r *refusal) {
	if x.api == nil || r.kind.name == "" || r.kind == requestTooLarge {
		return
	}
	fallback := "DEFAULT_4XX"
	if a.status >= 500 {
		fallback = "DEFAULT_5XX"
	}
	g, ok := x.api.responses[r.kind.name]
	if !ok {
		g, ok = x.api.responses[fallback]
	}
	if !ok {
		return
	}
	if status, err := strconv.Atoi(g.Status); err == nil && status >= 100 && status <= 599 {
		a.status = status
	}
	for dest, source := range g.Params {
		if name, ok := strings.CutPrefix(dest, "gatewayresponse.header."); ok {
			if v := x.gatewayValue(source); v != "" && validHeader(name, v) {
				a.header[http.CanonicalHeaderKey(name)] = []string{v}
			}
		}
	}
	if content, template, ok := x.gatewayTemplate(g.Templates); ok {
		a.header["Content-Type"] = []string{content}
		a.body = []byte(expand(template, x.gatewayVariable))
	}
}

// gatewayTemplate chooses among templates: by the first type of Accept, else
// application/json.
func (x *exchange) gatewayTemplate(templates map[string]string) (content, template string, ok bool) {
	for _, content := range []string{x.accepted(), "application/json"} {
		if t, ok := templates[content]; ok {
			return content, t, true
		}
	}
	return "", "", false
}

// gatewayValue is the value of a gateway response's parameter: 'static',
// method.request.header.NAME, context.NAME or stageVariables.NAME.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.responseParameters.html
func (x *exchange) gatewayValue(source string) string {
	if text, ok := strings.CutPrefix(source, "'"); ok {
		return strings.TrimSuffix(text, "'")
	}
	v, _ := x.gatewayVariable(source)
	return v
}

// gatewayVariable gives what a template may name. A template of a gateway
// response has no language, only such names behind a dollar sign.
func (x *exchange) gatewayVariable(name string) (string, bool) {
	switch {
	case strings.HasPrefix(name, "context."):
		return x.variable(name[len("context."):])
	case strings.HasPrefix(name, "stageVariables."):
		if x.stage == nil {
			return "", true
		}
		return x.stage.variables[name[len("stageVariables."):]], true
	case strings.HasPrefix(name, "method.request."):
		return x.requestParameter(name)
	}
	return "", false
}

// expand replaces $name and ${name} by what value gives; what it does not know
// stays.
func expand(template string, value func(string) (string, bool)) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(template, '$')
		if i < 0 || i+1 == len(template) {
			return out.String() + template
		}
		out.WriteString(template[:i])
		name, size := variableName(template[i:])
		if v, ok := value(name); ok && name != "" {
			out.WriteString(v)
		} else {
			out.WriteString(template[i : i+size])
		}
		template = template[i+size:]
	}
}

// variableName reads the name behind a dollar sign, and how long it is with
// sign and braces. A dot at its end is text.
func variableName(s string) (name string, size int) {
	if strings.HasPrefix(s, "${") {
		if end := strings.IndexByte(s, '}'); end > 0 {
			return s[2:end], end + 1
		}
		return "", 1
	}
	n := 1
	for n < len(s) && (s[n] == '.' || s[n] == '_' || s[n] == '-' || s[n] == ':' || s[n] >= '0' && s[n] <= '9' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	trimmed := strings.TrimRight(s[1:n], ".-:")
	return trimmed, len(trimmed) + 1
}

// validHeader keeps an answer's header from ending early.
func validHeader(name, value string) bool {
	if name == "" || strings.ContainsAny(value, "\r\n\x00") {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0 {
			return false
		}
	}
	return true
}
