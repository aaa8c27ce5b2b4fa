package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bailey/cloud"
	"bailey/source"
)

// schemas compiles the models of one API: JSON schemas of draft 4 that may
// refer to one another.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
type schemas struct {
	base     string
	compiler *jsonschema.Compiler
	failed   map[string]error
}

func newSchemas(a *api) *schemas {
	s := &schemas{base: "https://apigateway.amazonaws.com/restapis/" + a.ID + "/models/", compiler: jsonschema.NewCompiler(), failed: map[string]error{}}
	s.compiler.DefaultDraft(jsonschema.Draft4)
	s.compiler.UseLoader(closed{})
	for _, m := range a.Models {
		if err := s.compiler.AddResource(s.base+m.ModelName, s.document(m.Schema, m.Schema)); err != nil {
			s.failed[m.ModelName] = err
		}
	}
	return s
}

// closed loads nothing: a schema refers to models of its API only.
type closed struct{}

// Load refuses.
func (closed) Load(url string) (any, error) { return nil, fmt.Errorf("%s is no model of the API", url) }

// of compiles the body models of a route, by content type; nil takes anything.
func (s *schemas) of(r cloud.APIRoute) (map[string]*jsonschema.Schema, error) {
	out := map[string]*jsonschema.Schema{}
	for content, name := range r.BodyModels {
		if name == "Empty" && s.failed[name] == nil { // AWS's own: anything goes
			if _, err := s.compiler.Compile(s.base + name); err != nil {
				out[strings.ToLower(content)] = nil
				continue
			}
		}
		if err := s.failed[name]; err != nil {
			return nil, err
		}
		schema, err := s.compiler.Compile(s.base + name)
		if err != nil {
			return nil, err
		}
		out[strings.ToLower(content)] = schema
	}
	return out, nil
}

// document turns a schema into what the compiler reads. References of OpenAPI
// lead to models.
func (s *schemas) document(n, root source.Node) any {
	switch n.Kind {
	case source.Map:
		out := map[string]any{}
		for _, e := range n.Entries {
			v := s.document(e.Value, root)
			if ref, ok := v.(string); ok && e.Key == "$ref" {
				v = s.reference(ref, root)
			}
			out[e.Key] = v
		}
		return out
	case source.List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = s.document(item, root)
		}
		return out
	case source.Number:
		return json.Number(n.Text)
	case source.Bool:
		return n.Text == "true"
	case source.Null:
		return nil
	}
	if v, err := jsonschema.UnmarshalJSON(strings.NewReader(n.Text)); err == nil && n.At == root.At {
		return v // a whole schema that is written as text
	}
	return n.Text
}

func (s *schemas) reference(ref string, root source.Node) string {
	if name, ok := strings.CutPrefix(ref, "#/components/schemas/"); ok {
		return s.base + name
	}
	if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok {
		if _, own := root.Path("definitions", name); !own {
			return s.base + name
		}
	}
	if _, name, ok := strings.Cut(ref, "/models/"); ok {
		return s.base + name
	}
	return ref
}

// validate holds the request against the route's request validator: required
// parameters first, then the body against the model of its content type.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
func (x *exchange) validate() error {
	if x.route.ValidateParams {
		var missing []string
		for name, required := range x.route.Params {
			if v, _ := x.requestParameter(name); required && strings.TrimSpace(v) == "" {
				missing = append(missing, name[strings.LastIndex(name, ".")+1:])
			}
		}
		if len(missing) > 0 {
			message := "Missing required request parameters: [" + joinedSorted(missing) + "]"
			return refuse(badParameters, "validation", "%s", message).saying("%s", message)
		}
	}
	if !x.route.ValidateBody {
		return nil
	}
	schema, listed := x.route.bodies[x.modelType()]
	if !listed {
		schema = x.route.bodies["$default"] // of every other type
	}
	if schema == nil {
		return nil
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(x.body))
	if err == nil {
		err = schema.Validate(body)
	}
	if err == nil {
		return nil
	}
	r := refuse(badBody, "validation", "the body is not of the route's model")
	r.validation = strings.Join(strings.Fields(err.Error()), " ")
	return r
}

// modelType is the content type by which the model is chosen; JSON where the
// request states none.
func (x *exchange) modelType() string {
	if t := contentType(x.r.Header); t != "" {
		return t
	}
	return "application/json"
}

func joinedSorted(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ", ")
}
