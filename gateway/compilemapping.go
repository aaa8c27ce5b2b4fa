package gateway

import (
	"fmt"
	"regexp"

	"bailey/cloud"
	"bailey/vtl"
)

// A mappings is what a REST API's integration that is no proxy makes of
// requests and of answers.
type mappings struct {
	request   map[string]*vtl.Template // by content type
	responses []mappedResponse
}

type mappedResponse struct {
	cloud.IntegrationResponse
	selection *regexp.Regexp           // nil: the default
	templates map[string]*vtl.Template // by content type
}

// compileMappings parses the templates and selection patterns.
func compileMappings(i *cloud.Integration) (*mappings, error) {
	m := &mappings{}
	var err error
	if m.request, err = parseTemplates(i.Templates); err != nil {
		return nil, fmt.Errorf("the request template %w", err)
	}
	for _, r := range i.Responses {
		out := mappedResponse{IntegrationResponse: r}
		if r.Selection != "" {
			// AWS's patterns are Java's and match the whole text.
			if out.selection, err = regexp.Compile(`^(?:` + r.Selection + `)$`); err != nil {
				return nil, fmt.Errorf("the selection pattern of %s: %w", r.Status, err)
			}
		}
		if out.templates, err = parseTemplates(r.Templates); err != nil {
			return nil, fmt.Errorf("the response template of %s %w", r.Status, err)
		}
		m.responses = append(m.responses, out)
	}
	return m, nil
}

func parseTemplates(texts map[string]string) (map[string]*vtl.Template, error) {
	out := make(map[string]*vtl.Template, len(texts))
	for _, content := range sortedKeys(texts) {
		t, err := vtl.Parse(texts[content])
		if err != nil {
			return nil, fmt.Errorf("for %s: %w", content, err)
		}
		out[content] = t
	}
	return out, nil
}

// choose finds the response whose pattern matches: the error's message of a
// function, else the status. The one without a pattern is for all others.
// https://docs.aws.amazon.com/apigateway/latest/api/API_IntegrationResponse.html
func (m *mappings) choose(by string) (mappedResponse, bool) {
	for _, selected := range []bool{true, false} {
		for _, r := range m.responses {
			if selected == (r.selection != nil) && (!selected || r.selection.MatchString(by)) {
				return r, true
			}
		}
	}
	return mappedResponse{}, false
}

// template chooses by the first media type of Accept, else JSON's, else any.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
func (r mappedResponse) template(accepted string) (content string, t *vtl.Template) {
	for _, content := range append([]string{accepted, "application/json"}, sortedKeys(r.templates)...) {
		if t := r.templates[content]; t != nil {
			return content, t
		}
	}
	return "", nil
}
