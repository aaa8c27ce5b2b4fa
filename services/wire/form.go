package wire

import (
	"net/url"
	"strings"
)

// maxFormDepth bounds a name such as Tags.member.1.Key; no AWS model is deeper
// than ten.
const maxFormDepth = 32

// parseForm reads an awsQuery request: its body, and for GET its query.
func parseForm(query string, body []byte) (url.Values, *Error) {
	form, err := url.ParseQuery(query)
	if err == nil && len(body) > 0 {
		var posted url.Values
		posted, err = url.ParseQuery(string(body))
		for name, values := range posted {
			form[name] = append(values, form[name]...)
		}
	}
	if err != nil {
		return nil, common(serialization, "the request is not a form: %v", err)
	}
	return form, nil
}

// formTree turns Tags.member.1.Key=k into {"Tags": {"member": {"1": {"Key": "k"}}}}.
func formTree(form url.Values) (map[string]any, *Error) {
	root := map[string]any{}
	for name, values := range form {
		parts := strings.Split(name, ".")
		if len(parts) > maxFormDepth {
			return nil, common(serialization, "the parameter %.80s... is nested too deeply", name)
		}
		node := root
		for _, part := range parts[:len(parts)-1] {
			child, ok := node[part].(map[string]any)
			if !ok {
				if _, taken := node[part]; taken {
					return nil, common(serialization, "the parameter %s is both a value and a structure", name)
				}
				child = map[string]any{}
				node[part] = child
			}
			node = child
		}
		last := parts[len(parts)-1]
		if _, taken := node[last]; taken {
			return nil, common(serialization, "the parameter %s is both a value and a structure", name)
		}
		node[last] = values[0]
	}
	return root, nil
}
