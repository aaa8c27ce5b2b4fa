package cfn

import (
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

// A definition is the OpenAPI document of one API: Swagger 2.0 or OpenAPI 3,
// with API Gateway's extensions.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
type definition struct {
	l   *loader
	r   *resource
	api *cloud.API
	doc source.Node
	// validators are those that the document declares, by name.
	validators map[string][2]bool
	schemes    []source.Entry
}

// openAPI adds what the document declares to the API.
func (l *loader) openAPI(r *resource, a *cloud.API, doc source.Node) {
	d := &definition{l: l, r: r, api: a, doc: doc, validators: map[string][2]bool{}}
	if title, ok := doc.Path("info", "title"); ok && !l.object(r).present("Name") {
		a.APIName = title.Text
	}
	d.settings()
	schemes, ok := doc.Path("components", "securitySchemes")
	if !ok {
		schemes, _ = doc.Get("securityDefinitions")
	}
	d.schemes = schemes.Entries
	for _, e := range d.schemes {
		d.authorizer(e)
	}
	schemas, ok := doc.Path("components", "schemas")
	if !ok {
		schemas, _ = doc.Get("definitions")
	}
	for _, e := range schemas.Entries {
		a.Models = append(a.Models, cloud.APIModel{Meta: d.at(e.KeyAt), ModelName: e.Key, ContentType: "application/json", Schema: e.Value})
	}
	if n, ok := doc.Get("security"); ok && a.Kind == cloud.RESTAPI {
		l.warn("CFN_NO_EFFECT", n.At, "state it at each operation; one that states none is open", "API Gateway does not look at the security of a whole document in a REST API (%s)", r.Name)
	}
	paths, _ := doc.Get("paths")
	for _, path := range paths.Entries {
		d.checkPath(path)
		for _, op := range path.Value.Entries {
			d.operation(path, op)
		}
	}
}

// at is the API's Meta at a place in its document.
func (d *definition) at(place source.Span) cloud.Meta {
	m := d.r.Meta
	m.At = place
	return m
}

func (d *definition) object(n source.Node) object {
	return object{l: d.l, of: d.r.Name + ".Body", n: n, at: n.At}
}

const extension = "x-amazon-apigateway-"

// settings reads the extensions that concern the whole API.
func (d *definition) settings() {
	o := d.object(d.doc)
	if d.api.Kind == cloud.HTTPAPI {
		if n, ok := o.get(extension + "cors"); ok && d.api.CORS == nil {
			c := d.object(n)
			d.api.CORS = &cloud.CORS{Origins: c.texts("allowOrigins").Or(nil), Methods: c.texts("allowMethods").Or(nil), Headers: c.texts("allowHeaders").Or(nil),
				Expose: c.texts("exposeHeaders").Or(nil), Credentials: c.flag("allowCredentials", false).Or(false), MaxAge: c.number("maxAge", -1, -1, 86400).Or(-1), At: n.At}
		}
		return
	}
	if n, ok := o.get(extension + "policy"); ok && d.api.Policy == nil {
		d.api.Policy = d.l.policy(o, d.r.Name, extension+"policy", n)
	}
	if types := o.texts(extension + "binary-media-types").Or(nil); len(types) > 0 {
		d.api.BinaryTypes = types
	}
	d.api.KeySource = o.text(extension+"api-key-source", cloud.Known(d.api.KeySource)).Or(d.api.KeySource)
	d.api.MinCompression = o.number(extension+"minimum-compression-size", d.api.MinCompression, -1, 10485760).Or(d.api.MinCompression)
	validators, _ := o.get(extension + "request-validators")
	for _, e := range validators.Entries {
		v := d.object(e.Value)
		d.validators[e.Key] = [2]bool{v.flag("validateRequestBody", false).Or(false), v.flag("validateRequestParameters", false).Or(false)}
	}
	responses, _ := o.get(extension + "gateway-responses")
	for _, e := range responses.Entries {
		g := d.object(e.Value)
		d.api.Responses = append(d.api.Responses, cloud.GatewayResponse{Meta: d.at(e.KeyAt), Kind: e.Key, Status: g.text("statusCode", cloud.Known("")).Or(""),
			Params: g.stringMap("responseParameters"), Templates: g.stringMap("responseTemplates")})
	}
}

// authorizerID is the ID of an authorizer that a document declares.
func (d *definition) authorizerID(name string) string {
	return cloud.MadeID(cloud.LowerAlnum, 6, d.l.stack, d.r.logical, "authorizer", name)
}

// authorizer reads a security scheme that has an authorizer.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
func (d *definition) authorizer(e source.Entry) {
	n, ok := e.Value.Get(extension + "authorizer")
	if !ok {
		return
	}
	o := d.object(n)
	absent := 300
	if d.api.Kind == cloud.HTTPAPI {
		absent = 0
	}
	z := cloud.Authorizer{Meta: d.at(e.KeyAt), ID: d.authorizerID(e.Key), AuthorizerName: e.Key, Credentials: o.text("authorizerCredentials", cloud.Known("")).Or(""),
		Validation: o.text("identityValidationExpression", cloud.Known("")).Or(""), TTL: o.seconds("authorizerResultTtlInSeconds", absent, 0, 3600),
		Payload: o.text("authorizerPayloadFormatVersion", cloud.Known("")).Or(""), Simple: o.flag("enableSimpleResponses", false).Or(false), Identity: identity(o)}
	switch strings.ToLower(o.text("type", cloud.Known("")).Or("")) {
	case "token":
		z.Kind, z.Function = cloud.TokenAuthorizer, o.invocation("authorizerUri")
		if name, ok := e.Value.Get("name"); ok && len(z.Identity) == 0 {
			z.Identity = []string{"method.request.header." + name.Text}
		}
	case "request":
		z.Kind, z.Function = cloud.RequestAuthorizer, o.invocation("authorizerUri")
	case "cognito_user_pools":
		z.Kind, z.Identity = cloud.CognitoAuthorizer, []string{"method.request.header.Authorization"}
		if name, ok := e.Value.Get("name"); ok {
			z.Identity = []string{"method.request.header." + name.Text}
		}
		pools, _ := o.get("providerARNs")
		for item := range pools.Each() {
			z.Pools = append(z.Pools, arnValue(item))
		}
	case "jwt":
		z.Kind = cloud.JWTAuthorizer
		if c, ok := o.get("jwtConfiguration"); ok {
			z.Issuer, z.Audience = d.object(c).text("issuer", cloud.Known("")), d.object(c).texts("audience")
		}
	default:
		o.bad(extension+"authorizer", n, "its type is none of token, request, cognito_user_pools, jwt")
	}
	d.api.Authorizers = append(d.api.Authorizers, z)
}

// identity reads the identity sources, which are text for a REST API and for
// an HTTP API text or a list.
func identity(o object) []string {
	if n, ok := o.get("identitySource"); ok && n.Kind == source.List {
		return o.texts("identitySource").Or(nil)
	}
	return sources(o.text("identitySource", cloud.Known("")).Or(""))
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", extension + "any-method"}

func (d *definition) operation(path, op source.Entry) {
	method := strings.ToLower(op.Key)
	if !slices.Contains(methods, method) {
		return
	}
	route := cloud.APIRoute{Meta: d.at(op.KeyAt), Method: strings.ToUpper(method), Path: path.Key, Auth: d.security(op)}
	if method == extension+"any-method" {
		route.Method = "ANY"
	}
	if strings.Trim(path.Key, "/") == "$default" {
		route.Path = "$default"
	}
	route.KeyRequired = cloud.Known(d.api.Kind == cloud.RESTAPI && d.needsKey(op)) // an HTTP API has no keys
	o := d.object(op.Value)
	d.validation(o, &route)
	if n, ok := d.integration(o); ok {
		route.Integration = d.behind(n)
	}
	responses, _ := o.get("responses")
	for _, e := range responses.Entries {
		route.Responses = append(route.Responses, d.methodResponse(e))
	}
	d.api.Routes = append(d.api.Routes, route)
}

func (d *definition) methodResponse(e source.Entry) cloud.MethodResponse {
	out := cloud.MethodResponse{Status: e.Key}
	headers, _ := e.Value.Get("headers")
	for _, h := range headers.Entries {
		if out.Params == nil {
			out.Params = map[string]bool{}
		}
		out.Params["method.response.header."+h.Key] = false
	}
	return out
}

// requirementsOf are the security requirements of an operation, else, in an
// HTTP API, of the document. A REST API does not look at those of the document.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
func (d *definition) requirementsOf(op source.Entry) []source.Entry {
	n, ok := op.Value.Get("security")
	if !ok && d.api.Kind == cloud.HTTPAPI {
		n, _ = d.doc.Get("security")
	}
	var out []source.Entry
	for _, item := range n.Items {
		out = append(out, item.Entries...)
	}
	return out
}

func (d *definition) scheme(name string) source.Node {
	i := slices.IndexFunc(d.schemes, func(e source.Entry) bool { return e.Key == name })
	if i < 0 {
		return source.Node{}
	}
	return d.schemes[i].Value
}

// security reads what an operation asks of its caller: the scheme that it
// names, or x-amazon-apigateway-auth.
func (d *definition) security(op source.Entry) cloud.RouteAuth {
	out := cloud.RouteAuth{Kind: cloud.AuthNone, At: op.KeyAt}
	if auth, ok := op.Value.Path(extension+"auth", "type"); ok && strings.EqualFold(auth.Text, "AWS_IAM") {
		return cloud.RouteAuth{Kind: cloud.AuthIAM, At: auth.At}
	}
	for _, e := range d.requirementsOf(op) {
		scheme := d.scheme(e.Key)
		kind, _ := scheme.Get(extension + "authtype")
		if strings.EqualFold(kind.Text, "awsSigv4") {
			out.Kind, out.At = cloud.AuthIAM, e.KeyAt
			continue
		}
		for _, z := range d.api.Authorizers {
			if z.AuthorizerName != e.Key {
				continue
			}
			out.Kind, out.Authorizer, out.At = authOf(z.Kind), z.ID, e.KeyAt
			for _, scope := range e.Value.Items {
				out.Scopes = append(out.Scopes, scope.Text)
			}
		}
	}
	return out
}

func authOf(kind cloud.AuthorizerKind) cloud.AuthKind {
	switch kind {
	case cloud.CognitoAuthorizer:
		return cloud.AuthCognito
	case cloud.JWTAuthorizer:
		return cloud.AuthJWT
	}
	return cloud.AuthCustom
}

// needsKey: a scheme of type apiKey that has no authorizer asks for an API key.
func (d *definition) needsKey(op source.Entry) bool {
	for _, e := range d.requirementsOf(op) {
		s := d.scheme(e.Key)
		kind, _ := s.Get("type")
		name, _ := s.Get("name")
		_, guarded := s.Get(extension + "authorizer")
		_, typed := s.Get(extension + "authtype")
		if kind.Text == "apiKey" && !guarded && !typed && strings.EqualFold(name.Text, "x-api-key") {
			return true
		}
	}
	return false
}

// validation reads what the gateway itself checks of a request.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
func (d *definition) validation(o object, route *cloud.APIRoute) {
	name := d.object(d.doc).text(extension+"request-validator", cloud.Known("")).Or("")
	v := d.validators[o.text(extension+"request-validator", cloud.Known(name)).Or(name)]
	route.ValidateBody, route.ValidateParams = v[0], v[1]
	params, _ := o.get("parameters")
	for _, p := range params.Items {
		d.parameter(d.object(d.followed(p)), route)
	}
	if body, ok := o.get("requestBody"); ok {
		content, _ := d.followed(body).Get("content")
		for _, e := range content.Entries {
			schema, _ := e.Value.Get("schema")
			d.bodyModel(route, e.Key, schema)
		}
	}
}

var places = map[string]string{"query": "querystring", "header": "header", "path": "path"}

func (d *definition) parameter(p object, route *cloud.APIRoute) {
	in := p.text("in", cloud.Known("")).Or("")
	if in == "body" {
		schema, _ := p.get("schema")
		d.bodyModel(route, "application/json", schema)
		return
	}
	if place, ok := places[in]; ok {
		if route.Params == nil {
			route.Params = map[string]bool{}
		}
		route.Params["method.request."+place+"."+p.text("name", cloud.Known("")).Or("")] = p.flag("required", false).Or(false)
	}
}

// bodyModel names the model of a body; a schema that stands in place becomes a
// model of its own.
func (d *definition) bodyModel(route *cloud.APIRoute, content string, schema source.Node) {
	if schema.Kind != source.Map {
		return
	}
	if route.BodyModels == nil {
		route.BodyModels = map[string]string{}
	}
	if ref, ok := schema.Get("$ref"); ok {
		route.BodyModels[content] = ref.Text[strings.LastIndex(ref.Text, "/")+1:]
		return
	}
	name := "MODEL" + cloud.MadeID(cloud.LowerAlnum, 6, d.api.ID, route.Method, route.Path)
	route.BodyModels[content] = name
	d.api.Models = append(d.api.Models, cloud.APIModel{Meta: d.at(schema.At), ModelName: name, ContentType: content, Schema: schema})
}

// followed is what a $ref within the document leads to.
func (d *definition) followed(n source.Node) source.Node {
	for range 8 {
		ref, ok := n.Get("$ref")
		rest, local := strings.CutPrefix(ref.Text, "#/")
		if !ok || !local {
			return n
		}
		if n, ok = d.doc.Path(strings.Split(rest, "/")...); !ok {
			return source.Node{}
		}
	}
	return n
}

func (d *definition) integration(o object) (source.Node, bool) {
	n, ok := o.get(extension + "integration")
	if !ok {
		return source.Node{}, false
	}
	return d.followed(n), true
}

// behind reads an integration.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
func (d *definition) behind(n source.Node) *cloud.Integration {
	o := d.object(n)
	limit := 29000
	if d.api.Kind == cloud.HTTPAPI {
		limit = 30000
	}
	i := &cloud.Integration{Meta: d.at(n.At), Method: o.text("httpMethod", cloud.Known("")).Or(""), Payload: o.text("payloadFormatVersion", cloud.Known("1.0")).Or("1.0"),
		Credentials: o.text("credentials", cloud.Known("")).Or(""), VPCLink: o.text("connectionId", cloud.Known("")).Or(""),
		Timeout: time.Duration(o.number("timeoutInMillis", limit, 50, 900000).Or(limit)) * time.Millisecond, Params: o.stringMap("requestParameters"),
		Templates: o.stringMap("requestTemplates"), Binary: o.text("contentHandling", cloud.Known("")).Or(""),
		Passthrough: strings.ToUpper(o.text("passthroughBehavior", cloud.Known("WHEN_NO_MATCH")).Or("WHEN_NO_MATCH")),
		CacheKeys:   o.texts("cacheKeyParameters").Or(nil), CacheNamespace: o.text("cacheNamespace", cloud.Known("")).Or("")}
	responses, _ := o.get("responses")
	for _, e := range responses.Entries {
		c := d.object(e.Value)
		selection := e.Key
		if selection == "default" {
			selection = ""
		}
		i.Responses = append(i.Responses, cloud.IntegrationResponse{Status: c.text("statusCode", cloud.Known("")).Or(""), Selection: selection,
			Params: c.stringMap("responseParameters"), Templates: c.stringMap("responseTemplates"), Binary: c.text("contentHandling", cloud.Known("")).Or("")})
	}
	kind := strings.ToUpper(o.text("type", cloud.Known("")).Or(""))
	if subtype := o.text("integrationSubtype", cloud.Known("")).Or(""); subtype != "" {
		i.Kind, i.Service = cloud.ServiceCall, subtype
		return i
	}
	if d.api.Kind == cloud.HTTPAPI && kind == "AWS_PROXY" {
		i.Kind, i.Function = cloud.LambdaProxy, o.functionTarget("uri")
		o.checkPayload("payloadFormatVersion")
		return i
	}
	d.l.standsBehind(o, i, kind, "uri")
	return i
}
