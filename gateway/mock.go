package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"bailey/cloud"
)

// A mockTemplate is what a MOCK integration's request template says: the
// status by which a response is chosen.
type mockTemplate struct{ status map[string]string } // by content type

// compileMock reads the request templates {"statusCode": 200}, and checks that
// the response templates are plain text with variables: the template language
// itself is not here.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
func compileMock(i *cloud.Integration) (*mockTemplate, error) {
	t := &mockTemplate{map[string]string{}}
	for content, text := range i.Templates {
		var in struct {
			Status json.Number `json:"statusCode"`
		}
		if err := json.Unmarshal([]byte(loose(text)), &in); err != nil {
			return nil, fmt.Errorf("it does more than state a statusCode: %s", strings.TrimSpace(text))
		}
		t.status[content] = in.Status.String()
	}
	for _, r := range i.Responses {
		for _, text := range r.Templates {
			if directive.MatchString(text) || call.MatchString(text) {
				return nil, fmt.Errorf("it uses the template language: %s", strings.TrimSpace(text))
			}
		}
	}
	return t, nil
}

var (
	directive = regexp.MustCompile(`#(set|if|elseif|else|end|foreach|macro|parse|include|stop|break|define|evaluate|\*|#|\[\[)`)
	call      = regexp.MustCompile(`\$!?\{?(input|util|foreach|velocityCount)\b`)
	bareKey   = regexp.MustCompile(`([{,]\s*)'?([A-Za-z_][A-Za-z0-9_]*)'?(\s*:)`)
)

// loose turns {statusCode: 200}, which API Gateway reads too, into JSON.
func loose(text string) string { return bareKey.ReplaceAllString(text, `$1"$2"$3`) }

// mock answers without anything behind it.
func (x *exchange) mock(i *cloud.Integration) (*answer, error) {
	status, err := x.mockStatus(i)
	if err != nil {
		return nil, err
	}
	for _, selected := range []bool{true, false} {
		for _, r := range i.Responses {
			if selected == (r.Selection != "") && (!selected || matchesWhole(r.Selection, status)) {
				return x.respond(r)
			}
		}
	}
	return nil, x.misconfigured("No match for output mapping and no default output mapping configured. Endpoint Response Status Code: " + status)
}

// mockStatus is the status that the request template states. A body of a type
// that has no template passes as it is, unless the integration forbids it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
func (x *exchange) mockStatus(i *cloud.Integration) (string, error) {
	content := contentType(x.r.Header)
	if content == "" {
		content = "application/json"
	}
	if status, ok := x.route.template.status[content]; ok {
		return status, nil
	}
	if i.Passthrough == "NEVER" || i.Passthrough == "WHEN_NO_TEMPLATES" && len(i.Templates) > 0 {
		return "", refuse(unsupportedMedia, "integration", "the integration takes no %s", content)
	}
	var in struct {
		Status json.Number `json:"statusCode"`
	}
	if json.Unmarshal([]byte(loose(string(x.body))), &in) != nil || in.Status == "" {
		return "", refuse(internalError, "integration", "Execution failed due to configuration error: Unable to transform request")
	}
	return in.Status.String(), nil
}

func matchesWhole(pattern, text string) bool {
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	return err == nil && re.MatchString(text)
}

// respond gives an integration response that needs nothing of the backend's.
func (x *exchange) respond(r cloud.IntegrationResponse) (*answer, error) {
	status, err := strconv.Atoi(r.Status)
	if err != nil || status < 200 || status > 599 {
		return nil, x.misconfigured("Output mapping refers to an invalid method response: " + r.Status)
	}
	a := &answer{status: status, header: http.Header{"Content-Type": {"application/json"}}}
	x.integration = outcome{done: true, executed: true, status: r.Status}
	for dest, source := range r.Params {
		name, ok := strings.CutPrefix(dest, "method.response.header.")
		if v := x.gatewayValue(source); ok && validHeader(name, v) {
			a.header[http.CanonicalHeaderKey(name)] = []string{v}
		}
	}
	content, text, ok := x.gatewayTemplate(r.Templates)
	if ok {
		a.body = []byte(expand(text, x.gatewayVariable))
		if _, stated := r.Params["method.response.header.Content-Type"]; !stated {
			a.header["Content-Type"] = []string{content}
		}
	}
	return a, nil
}
