package sam

import (
	"regexp"
	"slices"
	"strings"

	"bailey/source"
)

// Extensions of OpenAPI that API Gateway reads.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
const (
	integrationKey = "x-amazon-apigateway-integration"
	authorizerKey  = "x-amazon-apigateway-authorizer"
	authTypeKey    = "x-amazon-apigateway-authtype"
	policyKey      = "x-amazon-apigateway-policy"
	endpointKey    = "x-amazon-apigateway-endpoint-configuration"
)

// alternatives points at n itself, or at the values of its Fn::If but for
// AWS::NoValue.
func alternatives(n *source.Node) []*source.Node {
	if n == nil {
		return nil
	}
	arg := child(n, "Fn::If")
	if arg == nil || n.Kind != source.Map {
		return []*source.Node{n}
	}
	var out []*source.Node
	for i := 1; i < len(arg.Items); i++ {
		if !isNoValue(arg.Items[i]) {
			out = append(out, &arg.Items[i])
		}
	}
	return out
}

// items points at the path items of a path.
func items(body *source.Node, path string) []*source.Node {
	return alternatives(child(child(body, "paths"), path))
}

// methods points at the definitions of one method of a path that have an
// integration.
func methods(body *source.Node, path, method string) []*source.Node {
	var out []*source.Node
	for _, item := range items(body, path) {
		for _, m := range alternatives(child(item, methodName(method))) {
			if truthy(get(*m, integrationKey)) {
				out = append(out, m)
			}
		}
	}
	return out
}

// eachMethod calls do for every method of a path that has an integration.
func eachMethod(body *source.Node, path string, do func(method string, m *source.Node)) {
	for _, item := range items(body, path) {
		for i := range item.Entries {
			e := &item.Entries[i]
			if slices.Contains(notMethods, e.Key) {
				continue
			}
			for _, m := range alternatives(&e.Value) {
				if truthy(get(*m, integrationKey)) {
					do(methodName(e.Key), m)
				}
			}
		}
	}
}

// paths are the paths of a definition, in order.
func paths(body *source.Node) []string {
	var out []string
	for _, e := range get(*body, "paths").Entries {
		out = append(out, e.Key)
	}
	return out
}

// integrated reports whether a method of a path has an integration already.
func integrated(body *source.Node, path, method string) bool {
	all := items(body, path)
	return len(all) > 0 && !slices.ContainsFunc(all, func(item *source.Node) bool {
		m := child(item, methodName(method))
		return m == nil || !slices.ContainsFunc(alternatives(m), func(n *source.Node) bool { return truthy(get(*n, integrationKey)) })
	})
}

// integrate gives a method of a path its integration, under a condition if there
// is one.
func (t *transformer) integrate(body *source.Node, e event, path, method string, condition source.Node, fill func(m, integration *source.Node)) {
	p := place(e.at)
	method = methodName(method)
	ensure(ensure(body, "paths", p.obj()), path, p.obj())
	for _, item := range items(body, path) {
		if item.Kind != source.Map {
			t.errorf(item.At, e.said, "the path %s of the API's definition is no map", path)
			return
		}
		m := ensure(item, method, p.obj())
		if m.Kind != source.Map {
			*m = p.obj()
		}
		integration := p.obj()
		fill(m, &integration)
		set(m, integrationKey, integration)
		ensure(m, "responses", p.obj())
		if condition.Kind != source.Null {
			*m = p.when(condition, *m, source.Node{})
		}
	}
}

// security adds a requirement to a method.
func addSecurity(m *source.Node, p place, name string, scopes source.Node) {
	if scopes.Kind == source.Null {
		scopes = p.list()
	}
	list := ensure(m, "security", p.list())
	list.Items = append(slices.Clone(list.Items), p.obj(kv{name, scopes}))
}

// firstSecurity reports whether a method's first requirement is of that name.
func firstSecurity(m *source.Node, name string) bool {
	list := get(*m, "security").Items
	return len(list) > 0 && has(list[0], name)
}

var (
	restPlaceholder = regexp.MustCompile(`\{[a-zA-Z0-9._-]+\+?\}`)
	httpPlaceholder = regexp.MustCompile(`\{([a-zA-Z0-9._-]+|proxy\+)\}`)
	pathParameter   = regexp.MustCompile(`\{(.*?)\}`)
)

// arnPath is a path as an execute-api ARN has it: parameters are stars, and
// there is no slash at the end.
func arnPath(path string, placeholder *regexp.Regexp) string {
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return placeholder.ReplaceAllLiteralString(path, "*")
}

// arnMethod is a method as an execute-api ARN has it.
func arnMethod(method string) string {
	if methodName(method) == anyMethod {
		return "*"
	}
	return strings.ToUpper(method)
}

// lambdaURI is the URI by which API Gateway invokes a function.
func (l *lambda) lambdaURI(p place, partition, operation string) source.Node {
	variable := "${" + l.id + ".Arn}"
	if l.alias != nil {
		variable = "${" + l.alias.id + "}"
	}
	return p.sub("arn:" + partition + ":apigateway:${AWS::Region}:lambda:path/" + strings.Replace(operation, "{}", variable, 1))
}

// editable finds the definition of an API that an event writes into, or nil.
func (t *transformer) editable(api apiKind, e event, id string) *source.Node {
	body := child(t.props(id), "DefinitionBody")
	if body == nil || !truthy(*body) {
		return nil
	}
	if !validDefinition(api, *body) {
		t.errorf(body.At, id, "the DefinitionBody has no paths, or neither swagger nor openapi 3")
		return nil
	}
	if !t.pathItems(id, *body) {
		return nil
	}
	if _, ours := schemas[t.kindOf(id)]; !ours { // SAM changes no resource that is not its own
		kept := clone(*body)
		body = &kept
	}
	return body
}
