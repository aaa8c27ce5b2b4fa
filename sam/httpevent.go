package sam

import (
	"slices"
	"strings"

	"bailey/source"
)

// httpAPIFunctionEvent has an HTTP API invoke the function.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html
func (t *transformer) httpAPIFunctionEvent(l *lambda, e event) {
	id := apiRef(e.prop("ApiId"))
	if id.Kind != source.String || t.entry(id.Text) == nil || e.prop("Path").Kind != source.String || e.prop("Method").Kind != source.String {
		t.errorf(e.at, e.said, "ApiId must name an API of this template, and Path and Method are texts")
		return
	}
	method := strings.ToLower(e.prop("Method").Text)
	var body *source.Node
	if given := child(t.props(id.Text), "DefinitionBody"); given != nil && truthy(*given) {
		if body = t.editable(httpAPI, e, id.Text); body == nil {
			return
		}
	}
	t.httpPermission(l, e, method, body)
	if body == nil {
		return
	}
	t.httpIntegration(l, e, id.Text, method, body)
}

// httpPermission lets the API invoke the function, but where the permission for
// $default does already.
func (t *transformer) httpPermission(l *lambda, e event, method string, body *source.Node) {
	p, path := place(e.at), e.prop("Path").Text
	if path == defaultPath {
		path = ""
	} else if body != nil && t.ownsDefault(l, body) {
		return
	}
	resource := "${__ApiId__}/${__Stage__}/" + arnMethod(method) + arnPath(path, httpPlaceholder)
	if path == "/"+defaultPath && method == "any" {
		resource = "${__ApiId__}/${__Stage__}" + path
	}
	t.permission(l, e, e.id+"Permission", "apigateway.amazonaws.com", kv{"SourceArn",
		p.sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"+resource, kv{"__ApiId__", e.prop("ApiId")}, kv{"__Stage__", p.str("*")})})
}

// ownsDefault reports whether $default invokes this function, or alias.
func (t *transformer) ownsDefault(l *lambda, body *source.Node) bool {
	if l.alias != nil || !integrated(body, defaultPath, anyMethod) {
		return false
	}
	owns := func(m *source.Node) bool {
		uri := child(child(m, integrationKey), "uri")
		return uri != nil && uri.Kind == source.Map && !slices.ContainsFunc(alternatives(uri), func(n *source.Node) bool {
			return !strings.Contains(get(*n, "Fn::Sub").Text, "${"+l.id+".Arn}")
		})
	}
	return !slices.ContainsFunc(methods(body, defaultPath, anyMethod), func(m *source.Node) bool { return !owns(m) })
}

func (t *transformer) httpIntegration(l *lambda, e event, api, method string, body *source.Node) {
	p, path := place(e.at), e.prop("Path").Text
	taken := integrated(body, path, method)
	if taken && truthy(get(*t.props(api), managedBody)) {
		t.errorf(e.at, e.said, "the method %s of %s has a function already", method, path)
		return
	}
	if !taken {
		t.integrate(body, e, path, method, l.condition(), func(m, i *source.Node) {
			uri := l.lambdaURI(p, "${AWS::Partition}", "2015-03-31/functions/{}/invocations")
			if c := l.condition(); c.Kind != source.Null {
				uri = p.when(c, uri, source.Node{})
			}
			*i = p.obj(kv{"type", p.str("aws_proxy")}, kv{"httpMethod", p.str("POST")}, kv{"payloadFormatVersion", p.str("2.0")}, kv{"uri", uri})
			if path == defaultPath && methodName(method) == anyMethod {
				set(m, "isDefaultRoute", p.bool(true))
			}
		})
	}
	if auth := e.prop("Auth"); truthy(auth) {
		t.httpMethodAuth(e, api, method, auth, body)
	}
	for _, m := range methods(body, path, method) {
		if v := e.prop("TimeoutInMillis"); truthy(v) {
			set(child(m, integrationKey), "timeoutInMillis", v)
		}
		if v := e.prop("PayloadFormatVersion"); truthy(v) {
			set(child(m, integrationKey), "payloadFormatVersion", v)
		}
		for _, name := range pathParameter.FindAllStringSubmatch(path, -1) {
			pathParameterOf(p, m, name[1])
		}
	}
}

// pathParameterOf declares a parameter of the path.
func pathParameterOf(p place, m *source.Node, name string) {
	list := ensure(m, "parameters", p.list())
	for i := range list.Items {
		if isText(get(list.Items[i], "name"), name) {
			set(&list.Items[i], "in", p.str("path"))
			set(&list.Items[i], "required", p.bool(true))
			return
		}
	}
	list.Items = append(list.Items, p.obj(kv{"name", p.str(name)}, kv{"in", p.str("path")}, kv{"required", p.bool(true)}))
}

// httpMethodAuth writes the Auth of an event into its method.
func (t *transformer) httpMethodAuth(e event, api, method string, auth source.Node, body *source.Node) {
	apiAuth, given := t.props(api).Get("Auth")
	if given && apiAuth.Kind != source.Map {
		t.errorf(apiAuth.At, api, "Auth is a map")
		return
	}
	authorizer := get(auth, "Authorizer")
	if !truthy(authorizer) {
		authorizer = get(apiAuth, "DefaultAuthorizer")
	}
	iam := isTrue(get(apiAuth, "EnableIamAuthorizer"))
	switch {
	case !truthy(authorizer):
		t.errorf(auth.At, e.said, "Auth needs an Authorizer, here or as DefaultAuthorizer of the API")
		return
	case isText(authorizer, "NONE"):
		if !truthy(get(apiAuth, "DefaultAuthorizer")) {
			t.errorf(authorizer.At, e.said, "Authorizer NONE needs a DefaultAuthorizer at the API")
		}
	case isText(authorizer, "AWS_IAM") && iam:
	case authorizer.Kind != source.String || !truthy(get(apiAuth, "Authorizers", authorizer.Text)):
		t.errorf(authorizer.At, e.said, "the API has no Authorizer %s", authorizer.Text)
	}
	scopes := get(auth, "AuthorizationScopes")
	if truthy(scopes) && scopes.Kind != source.List {
		t.errorf(scopes.At, e.said, "AuthorizationScopes is a list")
	}
	if !truthy(scopes) {
		scopes = get(apiAuth, "Authorizers", authorizer.Text, "AuthorizationScopes")
	}
	if !truthy(scopes) || oneOf(authorizer, "NONE", "AWS_IAM") {
		scopes = source.Node{}
	}
	for _, m := range methods(body, e.prop("Path").Text, method) {
		addSecurity(m, place(authorizer.At), authorizer.Text, scopes)
	}
}
