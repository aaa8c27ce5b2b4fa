package sam

import (
	"strings"

	"bailey/source"
)

// A socket is a WebSocket API while its resources are made.
type socket struct {
	samResource
	auth   source.Node
	routes source.Node
	stage  source.Node
	made   []*resource
}

func (w *socket) add(rs ...*resource) { w.made = append(w.made, rs...) }

// webSocketAPI makes a WebSocket API: its routes, integrations, permissions and
// stage. SAM gives none of them the resource's own attributes.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html
func (t *transformer) webSocketAPI(s samResource) []*resource {
	s.attrs = nil
	w := &socket{samResource: s, auth: t.resolve(s.prop("Auth")), routes: t.resolve(s.prop("Routes")), stage: s.prop("StageName")}
	p := place(s.at)
	if w.stage.Kind == source.Null {
		w.stage = p.str("default")
	}
	t.socketRules(w)
	tags := joined(s.prop("Tags"), p.createdBy("websocketapi"))
	api := newResource(s.at, s.id, cfnHTTPAPI, nil, kv{"Name", p.str(s.id)}, kv{"ProtocolType", p.str("WEBSOCKET")}, kv{"Tags", tags})
	api.depends = s.depends
	for _, key := range []string{"ApiKeySelectionExpression", "Description", "DisableExecuteApiEndpoint", "DisableSchemaValidation", "IpAddressType", "Name", "RouteSelectionExpression"} {
		if v := s.prop(key); v.Kind != source.Null {
			api.set(key, v)
		}
	}
	w.add(api)
	var routes []string
	for _, e := range w.routes.Entries {
		if id := t.route(w, e); id != "" {
			routes = append(routes, id)
		}
	}
	t.socketDomain(w)
	w.add(w.stageOf(routes))
	if strings.EqualFold(get(w.auth, "AuthType").Text, "CUSTOM") {
		w.authorizer()
	}
	if truthy(s.prop("Tags")) {
		propagateTags(w.made, tags, truthy(s.prop("PropagateTags")))
	}
	return w.made
}

func (t *transformer) socketRules(w *socket) {
	if len(w.routes.Entries) == 0 {
		t.errorf(w.at, w.id, "a WebSocket API has at least one route")
	}
	if isText(w.stage, defaultPath) {
		t.errorf(w.stage.At, w.id, "the stage of a WebSocket API cannot be $default")
	}
	if v := w.prop("IpAddressType"); v.Kind != source.Null && !isIntrinsic(v) && !oneOf(v, "ipv4", "dualstack") {
		t.errorf(v.At, w.id, "IpAddressType is ipv4 or dualstack")
	}
	if v := get(w.prop("Domain"), "MutualTlsAuthentication"); truthy(v) {
		t.errorf(v.At, w.id, "the domain of a WebSocket API has no MutualTlsAuthentication")
	}
	t.socketAuthRules(w)
}

func (t *transformer) socketAuthRules(w *socket) {
	if !truthy(w.auth) {
		return
	}
	kind := get(w.auth, "AuthType")
	switch {
	case !has(w.routes, "$connect"):
		t.errorf(w.auth.At, w.id, "Auth needs a route $connect")
	case kind.Kind != source.String || !oneOf(place(kind.At).str(strings.ToUpper(kind.Text)), "NONE", "AWS_IAM", "CUSTOM"):
		t.errorf(w.auth.At, w.id, "the AuthType of Auth is AWS_IAM, CUSTOM or NONE")
	case strings.EqualFold(kind.Text, "CUSTOM") && !truthy(get(w.auth, "AuthArn")):
		t.errorf(w.auth.At, w.id, "Auth of type CUSTOM has an AuthArn")
	case !strings.EqualFold(kind.Text, "CUSTOM") && len(w.auth.Entries) > 1:
		t.errorf(w.auth.At, w.id, "Auth of type %s has nothing else", kind.Text)
	}
}

// route makes one route with its integration and permission, and returns the
// route's logical ID.
func (t *transformer) route(w *socket, e source.Entry) string {
	name := strings.TrimPrefix(e.Key, "$")
	special := oneOf(place(e.KeyAt).str(e.Key), "$connect", "$disconnect", defaultPath)
	if !special && !isAlphanumeric(e.Key) {
		t.errorf(e.KeyAt, w.id, "the route key %s has other than letters and digits, and is not $connect, $disconnect or $default", e.Key)
		return ""
	}
	arn := get(e.Value, "FunctionArn")
	if e.Value.Kind != source.Map || !has(e.Value, "FunctionArn") {
		t.errorf(e.KeyAt, w.id, "a route has a FunctionArn")
		return ""
	}
	p, id := place(e.KeyAt), w.id+strings.ToUpper(name[:1])+strings.ToLower(name[1:])
	r := newResource(e.KeyAt, id+"Route", "AWS::ApiGatewayV2::Route", nil, kv{"ApiId", p.ref(w.id)}, kv{"RouteKey", p.str(e.Key)},
		kv{"Target", p.obj(kv{"Fn::Join", p.list(p.str("/"), p.list(p.str("integrations"), p.ref(id+"Integration")))})})
	for _, key := range []string{"ApiKeyRequired", "ModelSelectionExpression", "OperationName", "RequestModels", "RouteResponseSelectionExpression"} {
		if v := get(e.Value, key); v.Kind != source.Null {
			r.set(key, v)
		}
	}
	if v := get(e.Value, "RequestParameters"); truthy(v) {
		if r.set("RequestParameters", v); e.Key != "$connect" {
			t.errorf(v.At, w.id, "only the route $connect has RequestParameters")
		}
	}
	if e.Key == "$connect" {
		w.authorize(r)
	}
	uri := p.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${FunctionArn}/invocations", kv{"FunctionArn", arn})
	w.add(r, newResource(e.KeyAt, id+"Integration", "AWS::ApiGatewayV2::Integration", nil, kv{"ApiId", p.ref(w.id)}, kv{"IntegrationType", p.str("AWS_PROXY")},
		kv{"IntegrationUri", uri}, kv{"TimeoutInMillis", get(e.Value, "IntegrationTimeout")}), w.routePermission(p, id, e.Key, arn))
	return r.id
}

// routePermission lets the API invoke a route's function.
func (w *socket) routePermission(p place, id, route string, arn source.Node) *resource {
	api := "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + w.id + ".ApiId}/"
	from := p.sub(api+"${__StageName__}/"+route, kv{"__StageName__", w.stage})
	if w.stage.Kind == source.String {
		from = p.sub(api + w.stage.Text + "/" + route)
	}
	return newResource(source.Span(p), id+"Permission", "AWS::Lambda::Permission", nil, kv{"Action", p.str("lambda:InvokeFunction")},
		kv{"FunctionName", arn}, kv{"Principal", p.str("apigateway.amazonaws.com")}, kv{"SourceArn", from})
}

// authorize says on the route $connect who may connect.
func (w *socket) authorize(route *resource) {
	if !truthy(w.auth) {
		return
	}
	kind, p := get(w.auth, "AuthType"), place(w.auth.At)
	switch kind.Text {
	case "CUSTOM":
		route.set("AuthorizerId", p.ref(w.id+"ConnectAuthorizer"))
	case "AWS_IAM":
	default:
		kind = p.str("NONE")
	}
	route.set("AuthorizationType", kind)
}

// authorizer makes the function authorizer of $connect, and lets the API invoke
// it unless a role does.
func (w *socket) authorizer() {
	p, id, arn := place(w.auth.At), w.id+"ConnectAuthorizer", get(w.auth, "AuthArn")
	if get(w.auth, "AuthType").Text != "CUSTOM" {
		return
	}
	name := get(w.auth, "Name")
	if !truthy(name) {
		name = p.str(id)
	}
	w.add(newResource(w.auth.At, id, "AWS::ApiGatewayV2::Authorizer", nil, kv{"ApiId", p.ref(w.id)}, kv{"AuthorizerType", p.str("REQUEST")}, kv{"Name", name},
		kv{"AuthorizerCredentialsArn", get(w.auth, "InvokeRole")}, kv{"IdentitySource", get(w.auth, "IdentitySource")},
		kv{"AuthorizerUri", p.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${AuthArn}/invocations", kv{"AuthArn", arn})}))
	if truthy(get(w.auth, "InvokeRole")) {
		return
	}
	from := p.sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*", kv{"__ApiId__", p.ref(w.id)})
	w.add(newResource(w.auth.At, w.id+"AuthorizerPermission", "AWS::Lambda::Permission", nil, kv{"Action", p.str("lambda:InvokeFunction")},
		kv{"FunctionName", arn}, kv{"Principal", p.str("apigateway.amazonaws.com")}, kv{"SourceArn", from}))
}

// stageOf makes the stage. Settings of single routes need the routes first.
func (w *socket) stageOf(routes []string) *resource {
	p, id := place(w.at), w.id+"Stage"
	switch {
	case isText(w.stage, "default"):
		id = w.id + "DefaultStage"
	case w.stage.Kind == source.String:
		id = w.id + w.stage.Text + "Stage"
	}
	stage := newResource(w.at, id, "AWS::ApiGatewayV2::Stage", nil, kv{"ApiId", p.ref(w.id)}, kv{"StageName", w.stage}, kv{"AutoDeploy", p.bool(true)},
		kv{"Tags", p.createdBy("websocketapi")})
	stage.copy(w.props, "StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings")
	if truthy(w.prop("RouteSettings")) && len(routes) > 0 {
		stage.depends = p.strs(routes...)
	}
	return stage
}

// socketDomain makes the custom domain, in a record set group of its own.
func (t *transformer) socketDomain(w *socket) {
	g := &gateway{samResource: w.samResource}
	shared := t.recordGroups
	t.recordGroups = map[string]*resource{}
	t.v2Domain(g, "websocketapi")
	t.recordGroups = shared
	w.add(g.made...)
}
