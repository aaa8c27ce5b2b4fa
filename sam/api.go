package sam

import (
	"slices"

	"bailey/source"
)

// A gateway is an API while its resources are made.
type gateway struct {
	samResource
	rest  *resource
	stage *resource
	body  *source.Node // the definition, inside rest's properties when done
	auth  source.Node  // Auth, with parameters resolved
	made  []*resource
}

func (g *gateway) add(rs ...*resource) { g.made = append(g.made, rs...) }

// api makes the resources of an AWS::Serverless::Api, HttpApi or WebSocketApi.
func (t *transformer) api(s samResource) []*resource {
	if s.kind == webSocketAPI {
		return t.webSocketAPI(s)
	}
	g := &gateway{samResource: s}
	if body := s.prop("DefinitionBody"); truthy(body) {
		g.body = &body
	}
	if uri := s.prop("DefinitionUri"); truthy(uri) && g.body != nil {
		t.errorf(uri.At, s.id, "DefinitionUri and DefinitionBody exclude each other")
	}
	if merge := s.prop("MergeDefinitions"); truthy(merge) && truthy(s.prop("DefinitionUri")) {
		t.errorf(merge.At, s.id, "MergeDefinitions needs a DefinitionBody")
	}
	if s.kind == restAPI.kind {
		t.restAPI(g)
	} else {
		t.httpAPI(g)
	}
	return g.made
}

// inline demands a definition in the template, for what is to be written into
// it.
func (t *transformer) inline(g *gateway, api apiKind, property string) bool {
	v := g.prop(property)
	if !truthy(v) {
		return false
	}
	return t.demand(g, api, v.At, property)
}

// demand refuses a property where there is no definition to write it into.
func (t *transformer) demand(g *gateway, api apiKind, at source.Span, property string) bool {
	if g.body == nil || !validDefinition(api, *g.body) {
		t.errorf(at, g.id, "%s needs a DefinitionBody with paths, and swagger or openapi 3", property)
		return false
	}
	return t.pathItems(g.id, *g.body)
}

// restAPI makes a REST API with its stage and deployment.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
func (t *transformer) restAPI(g *gateway) {
	g.auth = t.resolve(g.prop("Auth"))
	g.rest = newResource(g.at, g.id, "AWS::ApiGateway::RestApi", g.attrs)
	g.rest.depends = g.depends
	g.rest.set("BinaryMediaTypes", t.resolve(g.prop("BinaryMediaTypes")))
	g.rest.copy(g.props, "MinimumCompressionSize")
	g.rest.copyTruthy(g.props, "FailOnWarnings", "Name", "Description", "Mode", "ApiKeySourceType", "Policy", "SecurityPolicy", "EndpointAccessMode")
	t.restEndpoint(g)
	t.restDefinition(g)
	g.add(g.rest)
	t.restStage(g)
	t.authorizerPermissions(g)
	t.restDomain(g)
	t.usagePlan(g)
	propagateTags(g.made, g.prop("Tags"), truthy(g.prop("PropagateTags")))
}

func (t *transformer) restEndpoint(g *gateway) {
	v := g.prop("EndpointConfiguration")
	p := place(v.At)
	if !truthy(v) {
		if t.partition == "aws" {
			return
		}
		p = place(g.at)
		v = p.str("REGIONAL")
	}
	kind := v
	config := p.obj()
	if v.Kind == source.Map && truthy(get(v, "Type")) {
		kind = get(v, "Type")
		vpce := get(v, "VPCEndpointIds")
		if has(v, "VPCEndpointIds") && has(v, "VpcEndpointIds") {
			t.errorf(v.At, g.id, "VPCEndpointIds and VpcEndpointIds are two names of one thing")
		} else if !truthy(vpce) {
			vpce = get(v, "VpcEndpointIds")
		}
		config = p.obj(kv{"VpcEndpointIds", vpce}, kv{"IpAddressType", get(v, "IpAddressType")})
	}
	set(&config, "Types", p.list(kind))
	g.rest.set("EndpointConfiguration", config)
	g.rest.set("Parameters", p.obj(kv{"endpointConfigurationTypes", kind}))
}

// restDefinition writes everything into the definition that belongs there.
func (t *transformer) restDefinition(g *gateway) {
	if v := g.prop("OpenApiVersion"); truthy(v) && !supportedVersion.MatchString(v.Text) {
		t.errorf(v.At, g.id, "OpenApiVersion is of the form 3.0.0")
	}
	t.restCors(g)
	t.restAuth(g)
	t.gatewayResponses(g)
	if media := get(g.rest.props, "BinaryMediaTypes"); truthy(media) && g.body != nil {
		set(g.body, "x-amazon-apigateway-binary-media-types", unescapeSlashes(media))
	}
	t.models(g)
	if disabled := g.prop("DisableExecuteApiEndpoint"); disabled.Kind != source.Null {
		t.disableEndpoint(g, restAPI, disabled)
	}
	if uri := g.prop("DefinitionUri"); truthy(uri) {
		g.rest.set("BodyS3Location", t.s3Location(g.id, "DefinitionUri", uri, "Bucket", "Key", "Version"))
	} else if g.body != nil {
		t.openAPI3Form(g)
		g.rest.set("Body", *g.body)
	}
}

// disableEndpoint writes that the API has no execute-api endpoint.
func (t *transformer) disableEndpoint(g *gateway, api apiKind, disabled source.Node) {
	if !t.demand(g, api, disabled.At, "DisableExecuteApiEndpoint") {
		return
	}
	p := place(disabled.At)
	write := func(n *source.Node) {
		config := ensure(n, endpointKey, p.obj())
		if config.Kind != source.Map {
			t.errorf(config.At, g.id, "%s is a map", endpointKey)
			return
		}
		set(config, "disableExecuteApiEndpoint", disabled)
	}
	if !isOpenAPI3(get(*g.body, "openapi")) {
		write(g.body)
		return
	}
	servers := ensure(g.body, "servers", p.list(p.obj()))
	for i := range servers.Items {
		write(&servers.Items[i])
	}
}

// restStage makes the deployment and the stage. The deployment's logical ID
// changes with the definition, so that a change is deployed.
func (t *transformer) restStage(g *gateway) {
	p, name := place(g.at), g.prop("StageName")
	content := p.list(get(g.rest.props, "Body"), get(g.rest.props, "BodyS3Location"), g.prop("OpenApiVersion"), t.resolve(g.prop("Domain")))
	deployment := newResource(g.at, g.id+"Deployment", "AWS::ApiGateway::Deployment", g.passed(), kv{"RestApiId", p.ref(g.id)})
	if has(g.rest.props, "Body") || has(g.rest.props, "BodyS3Location") {
		deployment.id = hashed(deployment.id, content)
		deployment.set("Description", p.str("RestApi deployment id: "+digest(content, 40)))
	}
	if !truthy(g.prop("OpenApiVersion")) {
		deployment.set("StageName", p.str("Stage"))
	}
	id := g.id + "Stage"
	if isAlphanumeric(name.Text) && name.Kind == source.String {
		id = g.id + name.Text + "Stage"
	} else if name.Kind == source.String {
		id = hashed(id, name)
	}
	g.stage = newResource(g.at, id, "AWS::ApiGateway::Stage", g.passed(), kv{"RestApiId", p.ref(g.id)}, kv{"DeploymentId", p.ref(deployment.id)})
	g.stage.copy(g.props, "StageName", "CacheClusterEnabled", "CacheClusterSize", "Variables", "MethodSettings", "AccessLogSetting", "CanarySetting", "TracingEnabled")
	if tags := g.prop("Tags"); tags.Kind != source.Null {
		g.stage.set("Tags", p.list(p.tagList(tags)...))
	}
	g.add(deployment, g.stage)
}

// gatewayResponses writes what API Gateway itself answers.
func (t *transformer) gatewayResponses(g *gateway) {
	if !t.inline(g, restAPI, "GatewayResponses") {
		return
	}
	for _, e := range g.prop("GatewayResponses").Entries {
		p := place(e.KeyAt)
		for _, key := range e.Value.Entries {
			if !slices.Contains([]string{"ResponseParameters", "ResponseTemplates", "StatusCode"}, key.Key) {
				t.errorf(key.KeyAt, g.id, "a gateway response has ResponseParameters, ResponseTemplates and StatusCode")
			}
		}
		if e.Value.Kind != source.Map {
			t.errorf(e.KeyAt, g.id, "a gateway response is a map")
		}
		out := p.obj(kv{"responseParameters", t.responseParameters(g, p, get(e.Value, "ResponseParameters"))}, kv{"responseTemplates", p.obj()})
		if templates := get(e.Value, "ResponseTemplates"); truthy(templates) {
			set(&out, "responseTemplates", templates)
		}
		if code := get(e.Value, "StatusCode"); truthy(code) {
			code.Kind = source.String
			set(&out, "statusCode", code)
			if !statusCode.MatchString(code.Text) {
				t.errorf(code.At, g.id, "StatusCode is a number")
			}
		}
		set(ensure(g.body, "x-amazon-apigateway-gateway-responses", p.obj()), e.Key, out)
	}
}

func (t *transformer) responseParameters(g *gateway, p place, given source.Node) source.Node {
	if truthy(given) && given.Kind != source.Map {
		t.errorf(given.At, g.id, "ResponseParameters is a map")
	}
	out := p.obj()
	prefixes := map[string]string{"Headers": "header.", "Paths": "path.", "QueryStrings": "querystring."}
	for _, e := range given.Entries {
		prefix, ok := prefixes[e.Key]
		if !ok || e.Value.Kind != source.Map {
			t.errorf(e.KeyAt, g.id, "ResponseParameters has the maps Headers, Paths and QueryStrings")
		}
		for _, parameter := range e.Value.Entries {
			set(&out, "gatewayresponse."+prefix+parameter.Key, parameter.Value)
		}
	}
	return out
}

// models writes the API's models into its definition.
func (t *transformer) models(g *gateway) {
	if !t.inline(g, restAPI, "Models") {
		return
	}
	for _, e := range g.prop("Models").Entries {
		if e.Value.Kind != source.Map || !truthy(get(e.Value, "type")) {
			t.errorf(e.KeyAt, g.id, "a model is a JSON schema with a type")
		}
		set(ensure(g.body, "definitions", place(e.KeyAt).obj()), lower(e.Key), e.Value)
	}
	t.openAPI3Form(g)
}

// openAPI3Form moves what Swagger 2 has elsewhere to where OpenAPI 3 has it.
func (t *transformer) openAPI3Form(g *gateway) {
	version := g.prop("OpenApiVersion")
	if version.Kind == source.Null {
		version = get(*g.body, "openapi")
	}
	if has(*g.body, "swagger") || !isOpenAPI3(version) {
		return
	}
	for _, move := range [][2]string{{"securityDefinitions", "securitySchemes"}, {"definitions", "schemas"}} {
		if v := get(*g.body, move[0]); truthy(v) {
			del(g.body, move[0])
			components := ensure(g.body, "components", place(g.at).obj())
			set(components, move[1], v)
		}
	}
	if all := get(*g.body, "paths"); truthy(all) && all.Kind != source.Map || !t.pathItems(g.id, *g.body) {
		t.errorf(g.body.At, g.id, "the paths of the definition are a map of maps")
		return
	}
	for _, path := range paths(g.body) {
		options := child(child(child(g.body, "paths"), path), "options")
		if options == nil || !truthy(*options) {
			continue
		}
		del(options, "produces")
		del(options, "consumes")
		headers := t.optionsItem(g.id, path, options)
		if headers == nil {
			continue
		}
		for i := range headers.Entries {
			e := &headers.Entries[i]
			e.Value = place(e.KeyAt).obj(kv{"schema", e.Value})
		}
	}
}
