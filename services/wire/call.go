package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
)

// A Call is one request for one operation, verified. Handlers read it only.
type Call struct {
	Service   *Service
	Operation *Operation
	Identity  Identity // zero for an Unsigned operation called without a signature
	Origin    Origin
	Endpoint  Endpoint // what the host name said; zero on the host's own port
	Region    string
	RequestID string
	TLS       bool

	Method string
	Header http.Header
	Labels map[string]string // RestJSON: the URI's, unescaped
	Query  url.Values        // the URI's query
	Body   []byte            // decoded of its Content-Encoding

	input     any // tree of the body: see decode
	authorize Authorize
}

// Action is the IAM action of the operation: ssm:GetParameter.
func (c *Call) Action() string { return c.Service.action(c.Operation) }

// Authorize asks for a further permission, of an operation that needs more
// than its own: tagging while creating, say.
func (c *Call) Authorize(ctx context.Context, action string, resources ...string) error {
	return c.authorize(ctx, c, action, resources)
}

// Decode reads the input into dst, a pointer to a struct. A member's name is
// the field's, or that of its `json` tag, letter for letter; members that dst
// lacks are left out. JSON of the wrong type is a SerializationException.
// Of a RestJSON call it reads the body alone: Labels, Query and Header have
// the rest.
func (c *Call) Decode(dst any) error {
	if c.Service.Protocol == RestJSON && c.input == nil {
		tree, err := jsonTree(c.Body)
		if err != nil {
			return err
		}
		c.input = tree
	}
	d := decoder{text: c.Service.Protocol == AwsQuery}
	if err := d.value(reflect.ValueOf(dst).Elem(), c.input); err != nil {
		return err
	}
	return nil
}

// jsonTree parses a body that must be one JSON object. Empty stands for {}.
func jsonTree(body []byte) (any, *Error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, common(serialization, "the body is not a JSON object: %v", err)
	}
	if d.More() {
		return nil, common(serialization, "the body has more after its JSON object")
	}
	return tree, nil
}
