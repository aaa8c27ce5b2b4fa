package sam

import (
	"regexp"
	"slices"
	"strings"

	"bailey/source"
)

var (
	supportedVersion = regexp.MustCompile(`^[2-3](\.\d)(\.\d)?$`)
	statusCode       = regexp.MustCompile(`^[0-9]{1,3}$`)
)

func lower(s string) string { return strings.ToLower(s) }

// unescapeSlashes writes ~1 as the slash it stands for in media types.
func unescapeSlashes(n source.Node) source.Node {
	n = clone(n)
	if n.Kind == source.String {
		n.Text = strings.ReplaceAll(n.Text, "~1", "/")
	}
	for i := range n.Items {
		n.Items[i] = unescapeSlashes(n.Items[i])
	}
	for i := range n.Entries {
		n.Entries[i].Key = strings.ReplaceAll(n.Entries[i].Key, "~1", "/")
		n.Entries[i].Value = unescapeSlashes(n.Entries[i].Value)
	}
	return n
}

// restCors gives every path an OPTIONS method that answers preflight requests.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html
func (t *transformer) restCors(g *gateway) {
	if !t.inline(g, restAPI, "Cors") {
		return
	}
	cors := g.prop("Cors")
	p := place(cors.At)
	settings := cors
	if cors.Kind == source.String || isIntrinsic(cors) {
		settings = p.obj(kv{"AllowOrigin", cors})
	}
	for _, e := range settings.Entries {
		if !slices.Contains([]string{"AllowMethods", "AllowHeaders", "AllowOrigin", "MaxAge", "AllowCredentials"}, e.Key) {
			t.errorf(e.KeyAt, g.id, "Cors has no %s", e.Key)
		}
	}
	origin := p.str("'*'")
	if v, ok := settings.Get("AllowOrigin"); ok {
		origin = v
	}
	if isTrue(get(settings, "AllowCredentials")) && isText(origin, "'*'") {
		t.errorf(cors.At, g.id, "AllowCredentials cannot go with an AllowOrigin of '*'")
	}
	seen := map[string]bool{}
	for _, path := range paths(g.body) {
		same := strings.TrimRight(path, "/")
		if path == "/" {
			same = path
		}
		if !seen[same] {
			t.preflight(g, p, path, settings, origin)
		}
		seen[same] = true
	}
}

func (t *transformer) preflight(g *gateway, p place, path string, settings, origin source.Node) {
	if !truthy(origin) {
		t.errorf(source.Span(p), g.id, "Cors needs an AllowOrigin")
	}
	for _, item := range items(g.body, path) {
		if has(*item, "options") {
			continue
		}
		allowed := get(settings, "AllowMethods")
		if !truthy(allowed) {
			allowed = p.str("'" + allowedMethods(*item) + "'")
		}
		set(item, "options", p.optionsMethod(origin, get(settings, "AllowHeaders"), allowed, get(settings, "MaxAge"), isTrue(get(settings, "AllowCredentials"))))
	}
}

// allowedMethods are the methods that a path has, OPTIONS among them.
func allowedMethods(item source.Node) string {
	if has(item, anyMethod) {
		return "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	}
	names := []string{"OPTIONS"}
	for _, e := range item.Entries {
		names = append(names, strings.ToUpper(e.Key))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ",")
}

// optionsMethod is a method that answers with CORS headers by itself.
func (p place) optionsMethod(origin, headers, methods, age source.Node, credentials bool) source.Node {
	parameters, declared := p.obj(), p.obj()
	add := func(name, kind string, v source.Node, wanted bool) {
		if wanted {
			set(&parameters, "method.response.header."+name, v)
			set(&declared, name, p.obj(kv{"type", p.str(kind)}))
		}
	}
	add("Access-Control-Allow-Origin", "string", origin, true)
	add("Access-Control-Allow-Headers", "string", headers, truthy(headers))
	add("Access-Control-Allow-Methods", "string", methods, truthy(methods))
	add("Access-Control-Max-Age", "integer", age, age.Kind != source.Null)
	add("Access-Control-Allow-Credentials", "string", p.str("'true'"), credentials)
	response := p.obj(kv{"statusCode", p.str("200")}, kv{"responseParameters", parameters},
		kv{"responseTemplates", p.obj(kv{"application/json", p.str("{}\n")})})
	integration := p.obj(kv{"type", p.str("mock")}, kv{"requestTemplates", p.obj(kv{"application/json", p.str("{\n  \"statusCode\" : 200\n}\n")})},
		kv{"responses", p.obj(kv{"default", response})})
	ok := p.obj(kv{"description", p.str("Default response for CORS method")}, kv{"headers", declared})
	return p.obj(kv{"summary", p.str("CORS support")}, kv{"consumes", p.strs("application/json")}, kv{"produces", p.strs("application/json")},
		kv{integrationKey, integration}, kv{"responses", p.obj(kv{"200", ok})})
}

func iamScheme(p place, body *source.Node) {
	ensure(ensure(body, "securityDefinitions", p.obj()), "AWS_IAM", p.scheme("Authorization", "awsSigv4"))
}

func keyScheme(p place, body *source.Node) {
	ensure(ensure(body, "securityDefinitions", p.obj()), "api_key",
		p.obj(kv{"type", p.str("apiKey")}, kv{"name", p.str("x-api-key")}, kv{"in", p.str("header")}))
}

// scheme is a security scheme that reads a header.
func (p place) scheme(header, kind string) source.Node { return p.schemeOf(p.str(header), kind) }

func (p place) schemeOf(header source.Node, kind string) source.Node {
	return p.obj(kv{"type", p.str("apiKey")}, kv{"name", header}, kv{"in", p.str("header")}, kv{authTypeKey, p.str(kind)})
}

// restAuth writes the API's authorizers, keys and resource policy.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
func (t *transformer) restAuth(g *gateway) {
	if !t.inline(g, restAPI, "Auth") {
		return
	}
	if g.auth.Kind != source.Map {
		t.errorf(g.auth.At, g.id, "Auth is a map")
	}
	for _, e := range g.auth.Entries {
		if !slices.Contains(strings.Fields("Authorizers DefaultAuthorizer InvokeRole AddDefaultAuthorizerToCorsPreflight AddApiKeyRequiredToCorsPreflight ApiKeyRequired ResourcePolicy UsagePlan"), e.Key) {
			t.errorf(e.KeyAt, g.id, "Auth has no %s", e.Key)
		}
	}
	if schemes := get(*g.body, "securityDefinitions"); truthy(schemes) && schemes.Kind != source.Map {
		t.errorf(schemes.At, g.id, "securityDefinitions is a map")
		return
	}
	t.restAuthorizers(g)
	if required := get(g.auth, "ApiKeyRequired"); truthy(required) && t.methodItems(g.id, g.body) {
		keyScheme(place(required.At), g.body)
		for _, path := range paths(g.body) {
			eachMethod(g.body, path, func(method string, m *source.Node) { t.requireKey(g, method, m) })
		}
	}
	if policy := get(g.auth, "ResourcePolicy"); truthy(policy) {
		if policy.Kind != source.Map {
			t.errorf(policy.At, g.id, "ResourcePolicy is a map")
		}
		for _, path := range paths(g.body) {
			t.resourcePolicy(g.id, policy, path, g.prop("StageName"), g.body)
		}
		t.customStatements(get(policy, "CustomStatements"), g.body)
	}
	t.openAPI3Form(g)
}

func (t *transformer) restAuthorizers(g *gateway) {
	all, preferred := get(g.auth, "Authorizers"), get(g.auth, "DefaultAuthorizer")
	if all.Kind != source.Map && truthy(all) {
		t.errorf(all.At, g.id, "Authorizers is a map")
		return
	}
	iam := isText(preferred, "AWS_IAM")
	if iam {
		iamDefinition := place(preferred.At).scheme("Authorization", "awsSigv4")
		set(ensure(g.body, "securityDefinitions", place(preferred.At).obj()), "AWS_IAM", iamDefinition)
	}
	for _, e := range all.Entries {
		scheme := t.restAuthorizer(g, e)
		set(ensure(g.body, "securityDefinitions", place(e.KeyAt).obj()), e.Key, scheme)
	}
	switch {
	case !truthy(preferred) || !truthy(all) && !iam:
		return
	case preferred.Kind != source.String || !iam && !has(all, preferred.Text):
		t.errorf(preferred.At, g.id, "DefaultAuthorizer is not one of Authorizers")
		return
	}
	if !t.methodItems(g.id, g.body) {
		return
	}
	for _, path := range paths(g.body) {
		eachMethod(g.body, path, func(method string, m *source.Node) { t.defaultAuthorizer(g, method, m) })
	}
}

// defaultAuthorizer gives a method the default authorizer, unless it has one of
// its own or NONE.
func (t *transformer) defaultAuthorizer(g *gateway, method string, m *source.Node) {
	preflight, ok := g.auth.Get("AddDefaultAuthorizerToCorsPreflight")
	if method == "options" && ok && !truthy(preflight) {
		return
	}
	preferred, all := get(g.auth, "DefaultAuthorizer"), get(g.auth, "Authorizers")
	list := get(*m, "security")
	if !t.securityList(g, list) {
		return
	}
	var others, authorizers []source.Node
	none := -1
	for _, s := range list.Items {
		named := func(e source.Entry) bool { return e.Key == "AWS_IAM" || has(all, e.Key) }
		if slices.ContainsFunc(s.Entries, named) {
			authorizers = append(authorizers, s)
			continue
		}
		if has(s, "NONE") && none < 0 {
			none = len(others)
		}
		others = append(others, s)
	}
	p := place(preferred.At)
	switch {
	case none >= 0:
		others, authorizers = slices.Delete(others, none, none+1), nil
	case len(authorizers) == 0:
		scopes := get(all, preferred.Text, "AuthorizationScopes")
		if scopes.Kind == source.Null {
			scopes = p.list()
		}
		authorizers = []source.Node{p.obj(kv{preferred.Text, scopes})}
	}
	if security := append(others, authorizers...); len(security) > 0 {
		set(m, "security", p.list(security...))
		if firstSecurity(m, "AWS_IAM") {
			iamScheme(p, g.body)
		}
	}
}

func (t *transformer) securityList(g *gateway, list source.Node) bool {
	if list.Kind != source.List && list.Kind != source.Null || slices.ContainsFunc(list.Items, func(n source.Node) bool { return n.Kind != source.Map }) {
		t.errorf(list.At, g.id, "the security of a method is a list of maps")
		return false
	}
	return true
}

// requireKey has a method ask for an API key, unless it says not to.
func (t *transformer) requireKey(g *gateway, method string, m *source.Node) {
	list := get(*m, "security")
	if !t.securityList(g, list) {
		return
	}
	var others []source.Node
	refused := false
	for _, s := range list.Items {
		refused = refused || has(s, "api_key_false")
		if !has(s, "api_key") && !has(s, "api_key_false") {
			others = append(others, s)
		}
	}
	p := place(get(g.auth, "ApiKeyRequired").At)
	preflight, ok := g.auth.Get("AddApiKeyRequiredToCorsPreflight")
	if !refused && (method != "options" || !ok || truthy(preflight)) {
		others = append(others, p.obj(kv{"api_key", p.list()}))
	}
	if out := p.list(others...); !equal(out, list) && (len(others) > 0 || list.Kind != source.Null) {
		set(m, "security", out)
	}
}

// restAuthorizer is the security scheme of one authorizer: a Cognito user pool,
// or a function that reads a token or the request.
func (t *transformer) restAuthorizer(g *gateway, e source.Entry) source.Node {
	p, a := place(e.KeyAt), e.Value
	kind, identity := get(a, "FunctionPayloadType"), get(a, "Identity")
	request := isText(kind, "REQUEST")
	t.authorizerShape(g, e, request)
	header := headerOf(p, identity)
	if pool := get(a, "UserPoolArn"); truthy(pool) {
		arns := pool
		if pool.Kind != source.List {
			arns = p.list(pool)
		}
		config := p.obj(kv{"type", p.str("cognito_user_pools")}, kv{"providerARNs", arns})
		return p.authorizer(p.schemeOf(header, "cognito_user_pools"), config, identity, true)
	}
	if !truthy(get(a, "FunctionArn")) {
		t.diags.Add(source.Diag{Code: "SAM_AUTHORIZER", Severity: source.Warning, At: e.KeyAt, Summary: g.id + ": the authorizer " + e.Key + " has neither UserPoolArn nor FunctionArn",
			Hint: "give one of them; CloudFormation refuses the authorizer's URI as it is"})
	}
	config := p.obj(kv{"type", p.str("token")}, kv{"authorizerUri", p.sub("arn:"+t.partition+":apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations",
		kv{"__FunctionArn__", get(a, "FunctionArn")})}, kv{"authorizerResultTtlInSeconds", get(identity, "ReauthorizeEvery")})
	if role := get(a, "FunctionInvokeRole"); truthy(role) && !isText(role, "NONE") {
		set(&config, "authorizerCredentials", role)
	}
	if request {
		header = p.str("Unused")
		set(&config, "type", p.str("request"))
		if from := identitySources(identity, "method.request.header.", "method.request.querystring.", "stageVariables.", "context."); len(from) > 0 {
			set(&config, "identitySource", p.str(strings.Join(from, ", ")))
		}
	}
	return p.authorizer(p.schemeOf(header, "custom"), config, identity, !request)
}

func headerOf(p place, identity source.Node) source.Node {
	if h := get(identity, "Header"); truthy(h) {
		return h
	}
	return p.str("Authorization")
}

func (p place) authorizer(scheme, config, identity source.Node, validated bool) source.Node {
	if v := get(identity, "ValidationExpression"); validated && truthy(v) {
		set(&config, "identityValidationExpression", v)
	}
	set(&scheme, authorizerKey, config)
	return scheme
}

// identitySources are where an authorizer that reads the request looks.
func identitySources(identity source.Node, header, query, stage, context string) []string {
	var out []string
	for _, from := range [][2]string{{"Headers", header}, {"QueryStrings", query}, {"StageVariables", stage}, {"Context", context}} {
		for _, name := range get(identity, from[0]).Items {
			out = append(out, from[1]+name.Text)
		}
	}
	return out
}

func (t *transformer) authorizerShape(g *gateway, e source.Entry, request bool) {
	kind, identity := get(e.Value, "FunctionPayloadType"), get(e.Value, "Identity")
	if e.Value.Kind != source.Map || kind.Kind != source.Null && !oneOf(kind, "TOKEN", "REQUEST") || truthy(identity) && identity.Kind != source.Map {
		t.errorf(e.KeyAt, g.id, "the authorizer %s is a map; its FunctionPayloadType is TOKEN or REQUEST, its Identity a map", e.Key)
	}
	for _, key := range []string{"Headers", "QueryStrings", "StageVariables", "Context"} {
		if v := get(identity, key); request && truthy(v) && (v.Kind != source.List || !isKind("text", v)) {
			t.errorf(v.At, g.id, "%s is a list of texts", key)
		}
	}
	ttl, timed := get(identity, "ReauthorizeEvery").Int()
	if request && (!timed || ttl > 0) && len(identitySources(identity, "", "", "", "")) == 0 {
		t.errorf(e.KeyAt, g.id, "the authorizer %s needs an Identity: Headers, QueryStrings, StageVariables or Context", e.Key)
	}
	if v := get(e.Value, "AuthorizationScopes"); v.Kind != source.Null && v.Kind != source.List {
		t.errorf(v.At, g.id, "AuthorizationScopes is a list")
	}
	if v := get(e.Value, "DisableFunctionDefaultPermissions"); v.Kind != source.Null && v.Kind != source.Bool {
		t.errorf(v.At, g.id, "DisableFunctionDefaultPermissions is true or false")
	}
}

// authorizerPermissions lets the API invoke its authorizers' functions.
func (t *transformer) authorizerPermissions(g *gateway) {
	for _, e := range get(g.auth, "Authorizers").Entries {
		arn := get(e.Value, "FunctionArn")
		if !truthy(arn) || truthy(get(e.Value, "DisableFunctionDefaultPermissions")) {
			continue
		}
		g.add(t.authorizerPermission(g, e, t.partition, arn))
	}
}

func (t *transformer) authorizerPermission(g *gateway, e source.Entry, partition string, arn source.Node) *resource {
	p := place(e.KeyAt)
	from := p.sub("arn:"+partition+":execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*", kv{"__ApiId__", p.ref(g.id)})
	return newResource(e.KeyAt, g.id+e.Key+"AuthorizerPermission", "AWS::Lambda::Permission", g.passed(), kv{"Action", p.str("lambda:InvokeFunction")},
		kv{"FunctionName", arn}, kv{"Principal", p.str("apigateway.amazonaws.com")}, kv{"SourceArn", from})
}
