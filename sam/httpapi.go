package sam

import (
	"slices"
	"strings"

	"bailey/source"
)

// httpAPI makes an HTTP API with its stage.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
func (t *transformer) httpAPI(g *gateway) {
	p := place(g.at)
	g.auth = g.prop("Auth")
	g.rest = newResource(g.at, g.id, "AWS::ApiGatewayV2::Api", g.attrs)
	g.rest.depends = g.depends
	g.rest.copyTruthy(g.props, "FailOnWarnings")
	t.httpCors(g)
	t.httpAuth(g)
	tags := t.httpTags(g)
	if disabled := g.prop("DisableExecuteApiEndpoint"); disabled.Kind != source.Null {
		t.disableEndpoint(g, httpAPI, disabled)
	}
	t.httpInfo(g)
	switch uri := g.prop("DefinitionUri"); {
	case truthy(uri):
		g.rest.set("BodyS3Location", t.s3Location(g.id, "DefinitionUri", uri, "Bucket", "Key", "Version"))
	case g.body != nil:
		if truthy(g.prop("FailOnWarnings")) {
			renameDefaultPath(g.body)
		}
		g.rest.set("Body", *g.body)
	default:
		t.errorf(g.at, g.id, "an HTTP API has a DefinitionUri or DefinitionBody, or an event of type HttpApi")
	}
	g.add(g.rest)
	t.v2Domain(g, "httpapi")
	t.httpAuthorizerPermissions(g)
	g.add(t.httpStage(g, p, tags))
	propagateTags(g.made, tags, g.prop("DefinitionBody").Kind != source.Null)
}

// renameDefaultPath gives $default a slash, without which the import warns.
func renameDefaultPath(body *source.Node) {
	for i := range child(body, "paths").Entries {
		if e := &child(body, "paths").Entries[i]; e.Key == defaultPath {
			e.Key = "/" + defaultPath
		}
	}
}

func (t *transformer) httpStage(g *gateway, p place, tags source.Node) *resource {
	name := g.prop("StageName")
	if !truthy(name) {
		name = p.str(defaultPath)
	}
	id := g.id + "Stage"
	switch {
	case name.Kind != source.String:
	case isAlphanumeric(name.Text):
		id = g.id + name.Text + "Stage"
	case name.Text == defaultPath:
		id = g.id + "ApiGatewayDefaultStage"
	default:
		id = hashed(id, name)
	}
	stage := newResource(g.at, id, "AWS::ApiGatewayV2::Stage", g.passed(), kv{"ApiId", p.ref(g.id)}, kv{"StageName", name}, kv{"AutoDeploy", p.bool(true)}, kv{"Tags", tags})
	stage.copy(g.props, "StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings")
	return stage
}

// httpTags writes the tags into the definition and returns them, SAM's own among
// them.
func (t *transformer) httpTags(g *gateway) source.Node {
	tags := g.prop("Tags")
	p := place(g.at)
	if g.body == nil || !validDefinition(httpAPI, *g.body) {
		t.inline(g, httpAPI, "Tags")
		return tags
	}
	all := p.obj()
	for _, e := range tags.Entries {
		set(&all, e.Key, e.Value)
	}
	set(&all, "httpapi:createdBy", p.str("SAM"))
	list := ensure(g.body, "tags", p.list())
	if list.Kind != source.List {
		t.errorf(list.At, g.id, "the tags of a definition are a list")
		return all
	}
	for _, e := range all.Entries {
		i := slices.IndexFunc(list.Items, func(n source.Node) bool { return isText(get(n, "name"), e.Key) })
		if i < 0 {
			list.Items = append(list.Items, p.obj(kv{"name", p.str(e.Key)}))
			i = len(list.Items) - 1
		}
		set(&list.Items[i], "x-amazon-apigateway-tag-value", e.Value)
	}
	return all
}

// httpInfo writes the API's name and description into its definition.
func (t *transformer) httpInfo(g *gateway) {
	for _, v := range [][2]string{{"Name", "title"}, {"Description", "description"}} {
		given := g.prop(v[0])
		if !truthy(given) {
			continue
		}
		if g.body == nil {
			t.errorf(given.At, g.id, "%s needs a DefinitionBody", v[0])
			continue
		}
		info := ensure(g.body, "info", place(given.At).obj())
		old := get(*info, v[1])
		if id, ok := referred(old); v[0] == "Name" && (!ok || id != "AWS::StackName") || v[0] != "Name" && truthy(old) {
			t.errorf(given.At, g.id, "%s is in the definition already", v[0])
			continue
		}
		set(info, v[1], given)
	}
}

// httpCors writes the API's CORS configuration into its definition.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapicorsconfiguration.html
func (t *transformer) httpCors(g *gateway) {
	if !t.inline(g, httpAPI, "CorsConfiguration") {
		return
	}
	given := t.resolve(g.prop("CorsConfiguration"))
	p := place(given.At)
	cors := ensure(g.body, "x-amazon-apigateway-cors", p.obj())
	switch {
	case given.Kind == source.Bool:
		set(cors, "allowOrigins", p.strs("*"))
	case isIntrinsic(given):
		for _, e := range camelCors(given).Entries {
			set(cors, e.Key, e.Value)
		}
	case given.Kind == source.Map:
		t.corsMap(g, cors, given)
	default:
		t.errorf(given.At, g.id, "CorsConfiguration is true or a map")
	}
}

var corsKeys = []string{"AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders", "MaxAge", "AllowCredentials"}

func camel(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (t *transformer) corsMap(g *gateway, cors *source.Node, given source.Node) {
	for _, e := range given.Entries {
		wanted := truthy(e.Value)
		switch {
		case !slices.Contains(corsKeys, e.Key):
			t.errorf(e.KeyAt, g.id, "CorsConfiguration has no %s", e.Key)
			continue
		case e.Key == "MaxAge":
			wanted = e.Value.Kind != source.Null
		case e.Key == "AllowCredentials":
			wanted = isTrue(e.Value)
		}
		if wanted {
			set(cors, camel(e.Key), e.Value)
		}
	}
	origins := get(given, "AllowOrigins")
	if isTrue(get(given, "AllowCredentials")) && len(origins.Items) == 1 && isText(origins.Items[0], "*") {
		t.errorf(given.At, g.id, "AllowCredentials cannot go with AllowOrigins of *")
	}
	if isIntrinsic(origins) { // then SAM writes nothing but the function itself
		*cors = camelCors(origins)
	}
}

// camelCors writes the names of CORS settings as API Gateway's extension has
// them, wherever they stand in an intrinsic function.
func camelCors(n source.Node) source.Node {
	n = clone(n)
	rename := func(s string) string {
		for _, key := range corsKeys {
			s = strings.ReplaceAll(s, key, camel(key))
		}
		return s
	}
	if n.Kind == source.String {
		n.Text = rename(n.Text)
	}
	for i := range n.Items {
		n.Items[i] = camelCors(n.Items[i])
	}
	for i := range n.Entries {
		n.Entries[i].Key = rename(n.Entries[i].Key)
		n.Entries[i].Value = camelCors(n.Entries[i].Value)
	}
	return n
}

// httpAuth writes the API's authorizers.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html
func (t *transformer) httpAuth(g *gateway) {
	if !t.inline(g, httpAPI, "Auth") {
		return
	}
	for _, e := range g.auth.Entries {
		if !slices.Contains([]string{"Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"}, e.Key) {
			t.errorf(e.KeyAt, g.id, "Auth has no %s", e.Key)
		}
	}
	all, preferred := get(g.auth, "Authorizers"), get(g.auth, "DefaultAuthorizer")
	if truthy(all) && all.Kind != source.Map {
		t.errorf(all.At, g.id, "Authorizers is a map")
		return
	}
	schemes := place(g.auth.At).obj()
	for _, e := range get(*g.body, "components", "securitySchemes").Entries {
		set(&schemes, e.Key, e.Value)
	}
	if iam := get(g.auth, "EnableIamAuthorizer"); isTrue(iam) {
		set(&schemes, "AWS_IAM", place(iam.At).scheme("Authorization", "awsSigv4"))
	}
	for _, e := range all.Entries {
		set(&schemes, e.Key, t.httpAuthorizer(g, e))
	}
	if truthy(schemes) {
		set(ensure(g.body, "components", place(g.auth.At).obj()), "securitySchemes", schemes)
	}
	if !truthy(preferred) || isNoValue(preferred) {
		return
	}
	if iam := isTrue(get(g.auth, "EnableIamAuthorizer")); preferred.Kind != source.String || !has(all, preferred.Text) && !(iam && preferred.Text == "AWS_IAM") {
		t.errorf(preferred.At, g.id, "DefaultAuthorizer is not one of Authorizers")
		return
	}
	if !t.methodItems(g.id, g.body) || !t.noPlainAny(g) {
		return
	}
	for _, path := range paths(g.body) {
		eachMethod(g.body, path, func(method string, m *source.Node) {
			if method != "options" && !truthy(get(*m, "security")) {
				del(m, "security")
				addSecurity(m, place(preferred.At), preferred.Text, get(all, preferred.Text, "AuthorizationScopes"))
			}
		})
	}
}

// noPlainAny refuses a method any, which HTTP APIs know only by the name of
// API Gateway's extension.
func (t *transformer) noPlainAny(g *gateway) bool {
	ok := true
	for _, path := range paths(g.body) {
		for _, item := range items(g.body, path) {
			for _, e := range item.Entries {
				if strings.EqualFold(e.Key, "any") {
					t.errorf(e.KeyAt, g.id, "the method %s of the path %s is written %s", e.Key, path, anyMethod)
					ok = false
				}
			}
		}
	}
	return ok
}

// httpAuthorizer is the security scheme of one authorizer: a JWT, or a function.
func (t *transformer) httpAuthorizer(g *gateway, e source.Entry) source.Node {
	p, a := place(e.KeyAt), e.Value
	forJWT, forLambda := []string{"AuthorizationScopes", "IdentitySource"}, []string{"FunctionArn", "FunctionInvokeRole", "Identity", "AuthorizerPayloadFormatVersion", "EnableSimpleResponses", "EnableFunctionDefaultPermissions"}
	jwt := get(a, "JwtConfiguration")
	foreign, needed := forJWT, []string{"FunctionArn", "AuthorizerPayloadFormatVersion"}
	if truthy(jwt) {
		foreign, needed = forLambda, []string{"IdentitySource"}
	}
	if a.Kind != source.Map || has(a, "OpenIdConnectUrl") || truthy(jwt) && jwt.Kind != source.Map {
		t.errorf(e.KeyAt, g.id, "the authorizer %s is a map, its JwtConfiguration too, and it has no OpenIdConnectUrl", e.Key)
	}
	for _, key := range foreign {
		if v := get(a, key); v.Kind != source.Null {
			t.errorf(v.At, g.id, "the authorizer %s is of a kind that has no %s", e.Key, key)
		}
	}
	for _, key := range needed {
		if !truthy(get(a, key)) {
			t.errorf(e.KeyAt, g.id, "the authorizer %s has no %s", e.Key, key)
		}
	}
	if scopes := get(a, "AuthorizationScopes"); scopes.Kind != source.Null && scopes.Kind != source.List {
		t.errorf(scopes.At, g.id, "AuthorizationScopes is a list")
	}
	if v := get(a, "EnableFunctionDefaultPermissions"); v.Kind != source.Null && v.Kind != source.Bool {
		t.errorf(v.At, g.id, "EnableFunctionDefaultPermissions is true or false")
	}
	if !truthy(jwt) {
		return t.httpLambdaAuthorizer(g, p, a)
	}
	config := place(jwt.At).obj()
	for _, k := range jwt.Entries {
		set(&config, lower(k.Key), k.Value)
	}
	return p.obj(kv{"type", p.str("oauth2")}, kv{authorizerKey, p.obj(kv{"jwtConfiguration", config}, kv{"identitySource", get(a, "IdentitySource")}, kv{"type", p.str("jwt")})})
}

func (t *transformer) httpLambdaAuthorizer(g *gateway, p place, a source.Node) source.Node {
	config := p.obj(kv{"type", p.str("request")}, kv{"authorizerUri", p.sub("arn:"+t.partition+":apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations",
		kv{"__FunctionArn__", get(a, "FunctionArn")})}, kv{"authorizerPayloadFormatVersion", get(a, "AuthorizerPayloadFormatVersion")})
	if role := get(a, "FunctionInvokeRole"); truthy(role) && !isText(role, "NONE") {
		set(&config, "authorizerCredentials", role)
	}
	if v := get(a, "EnableSimpleResponses"); truthy(v) {
		set(&config, "enableSimpleResponses", v)
	}
	if identity := get(a, "Identity"); truthy(identity) {
		if identity.Kind != source.Map {
			t.errorf(identity.At, g.id, "Identity is a map")
		}
		if ttl := get(identity, "ReauthorizeEvery"); ttl.Kind != source.Null {
			set(&config, "authorizerResultTtlInSeconds", ttl)
		}
		for _, key := range []string{"Headers", "QueryStrings", "StageVariables", "Context"} {
			if v := get(identity, key); truthy(v) && (v.Kind != source.List || !isKind("text", v)) {
				t.errorf(v.At, g.id, "%s is a list of texts", key)
			}
		}
		set(&config, "identitySource", p.strs(identitySources(identity, "$request.header.", "$request.querystring.", "$stageVariables.", "$context.")...))
	}
	return p.obj(kv{"type", p.str("apiKey")}, kv{"name", p.str("Unused")}, kv{"in", p.str("header")}, kv{authorizerKey, config})
}

// httpAuthorizerPermissions lets the API invoke the functions of the authorizers
// that ask for it.
func (t *transformer) httpAuthorizerPermissions(g *gateway) {
	for _, e := range get(g.auth, "Authorizers").Entries {
		if arn := get(e.Value, "FunctionArn"); truthy(arn) && truthy(get(e.Value, "EnableFunctionDefaultPermissions")) {
			g.add(t.authorizerPermission(g, e, "${AWS::Partition}", arn))
		}
	}
}
