package sam

import (
	"regexp"
	"strings"

	"bailey/source"
)

// apiFunctionEvent has a REST API invoke the function.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
func (t *transformer) apiFunctionEvent(l *lambda, e event) {
	api, suffix, ok := t.restAPIOf(e)
	if !ok {
		return
	}
	p, path, method := place(e.at), e.prop("Path").Text, strings.ToLower(e.prop("Method").Text)
	resource := "${__ApiId__}/${__Stage__}/" + arnMethod(method) + arnPath(path, restPlaceholder)
	t.permission(l, e, suffixed(e.id+"Permission", suffix), "apigateway.amazonaws.com", kv{"SourceArn",
		p.sub(t.arn("execute-api", resource), kv{"__ApiId__", e.prop("RestApiId")}, kv{"__Stage__", p.str("*")})})
	props := t.props(api)
	if props == nil {
		return
	}
	if truthy(get(*props, managedBody)) || truthy(get(*props, "MergeDefinitions")) {
		t.restIntegration(l, e, api, method)
	}
	t.overrideAuth(e, api, method, suffix)
}

// overrideAuth writes the event's Auth into a definition that the user wrote, if
// the event asks for it.
func (t *transformer) overrideAuth(e event, api, method, stage string) {
	auth := e.prop("Auth")
	body := child(t.props(api), "DefinitionBody")
	if body == nil || !truthy(*body) || !truthy(get(auth, "OverrideApiAuth")) {
		return
	}
	if !truthy(get(auth, "Authorizer")) && !truthy(get(auth, "ApiKeyRequired")) && !truthy(get(auth, "ResourcePolicy")) {
		t.errorf(auth.At, e.said, "OverrideApiAuth needs an Authorizer, ApiKeyRequired or a ResourcePolicy")
		return
	}
	if body := t.editable(restAPI, e, api); body != nil {
		t.methodAuth(e, api, method, place(e.at).str(stage), body)
	}
}

// restAPIOf finds the API of an event: its logical ID, and its stage as the
// permission's logical ID has it.
func (t *transformer) restAPIOf(e event) (id, suffix string, ok bool) {
	ref := apiRef(e.prop("RestApiId"))
	props := t.props(ref.Text)
	if ref.Kind != source.String || t.entry(ref.Text) == nil {
		t.errorf(e.at, e.said, "RestApiId must name an API of this template")
		return "", "", false
	}
	var stage source.Node
	if props != nil {
		stage = get(*props, "StageName")
	}
	switch {
	case isText(stage, ""):
		t.errorf(stage.At, ref.Text, "StageName is empty")
	case stage.Kind == source.String:
		return ref.Text, stage.Text, true
	}
	return ref.Text, "Stage", true
}

// restIntegration writes the function's integration into a managed definition,
// or merges it into one that the user wrote.
func (t *transformer) restIntegration(l *lambda, e event, api, method string) {
	if !has(*t.props(api), "DefinitionBody") {
		return
	}
	if t.kindOf(api) == restAPI.kind && truthy(get(*t.props(api), "MergeDefinitions")) {
		scratch := emptySwagger(e.at)
		t.writeIntegration(l, e, api, method, &scratch)
		t.mergeMethod(e, api, method, scratch)
	} else if body := t.editable(restAPI, e, api); body != nil {
		t.writeIntegration(l, e, api, method, body)
	}
}

func (t *transformer) writeIntegration(l *lambda, e event, api, method string, body *source.Node) {
	path := e.prop("Path").Text
	if integrated(body, path, method) {
		t.errorf(e.at, e.said, "the method %s of %s has a function already", method, path)
		return
	}
	auth, apiAuth := e.prop("Auth"), get(*t.props(api), "Auth")
	if truthy(apiAuth) && apiAuth.Kind != source.Map {
		t.errorf(apiAuth.At, api, "Auth is a map")
		return
	}
	t.integrate(body, e, path, method, l.condition(), func(m, i *source.Node) {
		p := place(e.at)
		*i = p.obj(kv{"type", p.str("aws_proxy")}, kv{"httpMethod", p.str("POST")})
		operation := "2015-03-31/functions/{}/invocations"
		if isText(e.prop("ResponseTransferMode"), "RESPONSE_STREAM") {
			operation = "2021-11-15/functions/{}/response-streaming-invocations"
			set(i, "responseTransferMode", p.str("STREAM"))
		}
		uri := l.lambdaURI(p, t.partition, operation)
		if c := l.condition(); c.Kind != source.Null {
			uri = p.when(c, uri, source.Node{})
		}
		set(i, "uri", uri)
		if credentials := t.integrationCredentials(p, auth, apiAuth); credentials.Kind != source.Null {
			set(i, "credentials", credentials)
		}
	})
	if truthy(auth) {
		stage := get(*t.props(api), "StageName").Text
		if stage == "" {
			stage = "Stage"
		}
		t.methodAuth(e, api, method, place(e.at).str(stage), body)
	}
	t.methodSettings(e, api, method, body)
}

// integrationCredentials are the credentials by which API Gateway invokes a
// function for a caller whom IAM authorizes: the caller's, or a role's.
func (t *transformer) integrationCredentials(p place, auth, apiAuth source.Node) source.Node {
	if !isText(get(auth, "Authorizer"), "AWS_IAM") && (truthy(auth) || !isText(get(apiAuth, "DefaultAuthorizer"), "AWS_IAM")) {
		return source.Node{}
	}
	role := func(n source.Node) source.Node {
		if v, ok := n.Get("InvokeRole"); ok && !truthy(v) {
			return p.str("NONE")
		}
		return get(n, "InvokeRole")
	}
	invoke := role(auth)
	if invoke.Kind == source.Null {
		invoke = role(apiAuth)
	}
	switch {
	case isText(invoke, "NONE"):
		return source.Node{}
	case invoke.Kind == source.Null, isText(invoke, "CALLER_CREDENTIALS"):
		return p.str("arn:" + t.partition + ":iam::*:user/*")
	}
	return invoke
}

// methodSettings writes the event's timeout, model and parameters.
func (t *transformer) methodSettings(e event, api, method string, body *source.Node) {
	path := e.prop("Path").Text
	if timeout := e.prop("TimeoutInMillis"); truthy(timeout) {
		for _, m := range methods(body, path, method) {
			set(child(m, integrationKey), "timeoutInMillis", timeout)
		}
	}
	if model := e.prop("RequestModel"); truthy(model) {
		t.requestModel(e, api, method, model, body)
	}
	for _, parameter := range e.prop("RequestParameters").Items {
		t.requestParameter(e, method, parameter, body)
	}
}

// requestModel has the body of requests hold a model of the API.
func (t *transformer) requestModel(e event, api, method string, model source.Node, body *source.Node) {
	name := get(model, "Model")
	if !truthy(name) {
		return
	}
	if name.Kind != source.String || !truthy(get(*t.props(api), "Models", name.Text)) {
		t.errorf(name.At, e.said, "the Model of RequestModel is not one of the Models of %s", api)
		return
	}
	p, lower := place(name.At), strings.ToLower(name.Text)
	validateBody, validateParams := get(model, "ValidateBody"), get(model, "ValidateParameters")
	for _, m := range methods(body, e.prop("Path").Text, method) {
		if truthy(get(*body, "swagger")) {
			list := ensure(m, "parameters", p.list())
			list.Items = append(list.Items, p.obj(kv{"in", p.str("body")}, kv{"name", p.str(lower)},
				kv{"schema", p.obj(kv{"$ref", p.str("#/definitions/" + lower)})}, kv{"required", get(model, "Required")}))
		} else {
			schema := p.obj(kv{"schema", p.obj(kv{"$ref", p.str("#/components/schemas/" + lower)})})
			set(m, "requestBody", p.obj(kv{"content", p.obj(kv{"application/json", schema})}, kv{"required", get(model, "Required")}))
		}
	}
	for _, v := range []source.Node{validateBody, validateParams} {
		if v.Kind != source.Null && v.Kind != source.Bool {
			t.errorf(v.At, e.said, "ValidateBody and ValidateParameters are true or false")
			return
		}
	}
	if validateBody.Kind != source.Null || validateParams.Kind != source.Null {
		t.requestValidator(e, method, truthy(validateBody), truthy(validateParams), body)
	}
}

func (t *transformer) requestValidator(e event, method string, validateBody, validateParams bool, body *source.Node) {
	p := place(e.prop("RequestModel").At)
	name := map[[2]bool]string{{true, true}: "body-and-params", {true, false}: "body-only", {false, true}: "params-only", {false, false}: "no-validation"}[[2]bool{validateBody, validateParams}]
	all := ensure(body, "x-amazon-apigateway-request-validators", p.obj())
	ensure(all, name, p.obj(kv{"validateRequestBody", p.bool(validateBody)}, kv{"validateRequestParameters", p.bool(validateParams)}))
	for _, m := range methods(body, e.prop("Path").Text, method) {
		set(m, "x-amazon-apigateway-request-validator", p.str(name))
	}
}

var requestParameter = regexp.MustCompile(`^method\.request\.(querystring|path|header)\.(.*)$`)

// requestParameter writes one of RequestParameters: its name, or a map of its
// name to whether it is Required and Caching.
func (t *transformer) requestParameter(e event, method string, parameter source.Node, body *source.Node) {
	p, name, settings := place(parameter.At), parameter.Text, source.Node{}
	if parameter.Kind == source.Map && len(parameter.Entries) > 0 {
		name, settings = parameter.Entries[0].Key, parameter.Entries[0].Value
	}
	m := requestParameter.FindStringSubmatch(name)
	known := func(n source.Node) bool {
		return len(n.Entries) == btoi(has(n, "Required"))+btoi(has(n, "Caching"))
	}
	if m == nil || parameter.Kind == source.Map && settings.Kind != source.Map || !known(settings) {
		t.errorf(parameter.At, e.said, "a request parameter is method.request.querystring.NAME, path or header, alone or with Required and Caching")
		return
	}
	in := strings.Replace(m[1], "querystring", "query", 1)
	required := get(settings, "Required")
	if required.Kind == source.Null {
		required = p.bool(false)
	}
	for _, def := range methods(body, e.prop("Path").Text, method) {
		list := ensure(def, "parameters", p.list())
		list.Items = append(list.Items, p.obj(kv{"in", p.str(in)}, kv{"name", p.str(m[2])}, kv{"required", required}, kv{"type", p.str("string")}))
		if truthy(get(settings, "Caching")) {
			keys := ensure(child(def, integrationKey), "cacheKeyParameters", p.list())
			keys.Items = append(keys.Items, p.str(name))
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// methodAuth writes the Auth of an event into its method.
func (t *transformer) methodAuth(e event, api, method string, stage source.Node, body *source.Node) {
	auth, path := e.prop("Auth"), e.prop("Path").Text
	apiAuth := t.resolve(get(*t.props(api), "Auth"))
	authorizer := get(auth, "Authorizer")
	if truthy(authorizer) {
		t.authorizerRules(e, authorizer, apiAuth)
	}
	if scopes := get(auth, "AuthorizationScopes"); truthy(scopes) && (scopes.Kind != source.List || !truthy(authorizer)) {
		t.errorf(scopes.At, e.said, "AuthorizationScopes is a list, beside an Authorizer")
	}
	required, isSet := auth.Get("ApiKeyRequired")
	if isSet && required.Kind != source.Null && !truthy(required) && !truthy(get(apiAuth, "ApiKeyRequired")) {
		t.errorf(required.At, e.said, "ApiKeyRequired is false, and %s does not ask for a key", api)
	}
	p := place(auth.At)
	for _, m := range methods(body, path, method) {
		if truthy(authorizer) {
			addSecurity(m, place(authorizer.At), authorizer.Text, t.scopes(auth, get(apiAuth, "Authorizers", authorizer.Text), authorizer))
			if firstSecurity(m, "AWS_IAM") {
				iamScheme(p, body)
			}
		}
		if isSet && required.Kind != source.Null {
			name := "api_key_false"
			if truthy(required) {
				name = "api_key"
				keyScheme(p, body)
			}
			addSecurity(m, place(required.At), name, source.Node{})
		}
	}
	if policy := get(auth, "ResourcePolicy"); truthy(policy) {
		t.resourcePolicy(e.said, policy, path, stage, body)
		t.customStatements(get(policy, "CustomStatements"), body)
	}
}

// scopes are the scopes that a method asks for: its own, or its authorizer's.
func (t *transformer) scopes(auth, authorizer, name source.Node) source.Node {
	if isText(name, "NONE") || authorizer.Kind == source.Null {
		return source.Node{}
	}
	if own := get(auth, "AuthorizationScopes"); own.Kind != source.Null {
		return own
	}
	return get(authorizer, "AuthorizationScopes")
}

func (t *transformer) authorizerRules(e event, authorizer, apiAuth source.Node) {
	all := get(apiAuth, "Authorizers")
	switch {
	case truthy(all) && all.Kind != source.Map:
		t.errorf(all.At, e.said, "Authorizers is a map")
	case isText(authorizer, "AWS_IAM"):
	case isText(authorizer, "NONE"):
		if !truthy(get(apiAuth, "DefaultAuthorizer")) {
			t.errorf(authorizer.At, e.said, "Authorizer NONE needs a DefaultAuthorizer at the API")
		}
	case authorizer.Kind != source.String || !truthy(get(all, authorizer.Text)):
		t.errorf(authorizer.At, e.said, "the API has no Authorizer %s", authorizer.Text)
	}
}
