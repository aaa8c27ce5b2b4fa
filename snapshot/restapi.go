package snapshot

import (
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

// readRestAPIs reads REST APIs: their methods as they are configured, which is
// what the next deployment makes of a stage. One that is in no stage answers
// nobody, and has no routes here.
// https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
func (r *reader) readRestAPIs() {
	for _, it := range r.list("RestApis") {
		id := it.text("id")
		a := cloud.API{Meta: r.meta("RestApis", it), ID: id, Kind: cloud.RESTAPI, APIName: it.text("name"), Endpoint: cloud.EdgeEndpoint, DefaultHost: defaultHost(it, "disableExecuteApiEndpoint"),
			Policy: it.policy(it.text("name"), "policy"), BinaryTypes: it.texts("binaryMediaTypes"), KeySource: it.text("apiKeySource"), MinCompression: it.number("minimumCompressionSize", -1, -1, 10485760)}
		c := it.child("endpointConfiguration")
		for _, t := range c.texts("types") {
			a.Endpoint = map[string]cloud.EndpointType{"REGIONAL": cloud.RegionalEndpoint, "EDGE": cloud.EdgeEndpoint, "PRIVATE": cloud.PrivateEndpoint}[t]
		}
		a.VPCEndpoints = textsAs[cloud.EndpointID](c, "vpcEndpointIds")
		for _, z := range r.partsOf("RestAuthorizers", id) {
			a.Authorizers = append(a.Authorizers, restAuthorizer(a, z))
		}
		for _, s := range r.partsOf("RestStages", id) {
			a.Stages = append(a.Stages, restStage(a, s))
		}
		if r.describedOf("RestStages", id) && len(a.Stages) == 0 {
			r.notInUse(a.Meta, "in no stage")
		} else {
			for _, res := range r.partsOf("RestResources", id) {
				a.Routes = append(a.Routes, r.methods(a, res)...)
			}
			r.openParts(&a, "RestResources", "RestAuthorizers")
		}
		r.spec.APIs = append(r.spec.APIs, a)
	}
}

// defaultHost is whether an API answers under the name that AWS gives it. Without
// it an API answers under its domain names, which are not read.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
func defaultHost(it item, disabled string) cloud.Value[bool] {
	if !it.flag(disabled, false) {
		return cloud.Known(true)
	}
	return cloud.Unknown[bool]("the API has no name of AWS's, and domain names of its own are not in a snapshot", it.at())
}

// partsOf are the items of a kind that an API has.
func (r *reader) partsOf(key, api string) []item {
	return slices.DeleteFunc(slices.Clone(r.list(key)), func(it item) bool { return it.owner != api })
}

// openParts notes that nobody has described an API's routes, or the authorizer
// that one of them has.
func (r *reader) openParts(a *cloud.API, routes, authorizers string) {
	if !r.describedOf(routes, a.ID) {
		a.Open = append(a.Open, r.gapOf(routes, a.ID))
	}
	missing := func(route cloud.APIRoute) bool {
		return route.Auth.Authorizer != "" && !slices.ContainsFunc(a.Authorizers, func(z cloud.Authorizer) bool { return z.ID == route.Auth.Authorizer })
	}
	if slices.ContainsFunc(a.Routes, missing) && !r.describedOf(authorizers, a.ID) {
		a.Open = append(a.Open, r.gapOf(authorizers, a.ID))
	}
}

// part names a part of an API.
func part(a cloud.API, name, typ string, it item) cloud.Meta {
	return cloud.Meta{Name: a.Name + " " + name, Type: typ, At: it.at()}
}

// methods are the routes of a resource. Without --embed methods a resource has
// the names of its methods alone.
// https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html
func (r *reader) methods(a cloud.API, res item) []cloud.APIRoute {
	all := res.child("resourceMethods")
	var out []cloud.APIRoute
	for _, e := range all.n.Entries {
		m, path := all.child(e.Key), res.text("path")
		m.n.At = e.KeyAt
		route := cloud.APIRoute{Meta: part(a, e.Key+" "+path, "AWS::ApiGateway::Method", m), Method: e.Key, Path: path, KeyRequired: cloud.Known(m.flag("apiKeyRequired", false)),
			Auth: routeAuth(m, "authorizationType", "authorizerId", "authorizationScopes"), BodyModels: m.stringMap("requestModels"), Params: m.flags("requestParameters")}
		if !m.has("authorizationType") {
			because := "what " + route.Name + " asks of its callers and what answers it is in no file (aws apigateway get-resources --embed methods)"
			route.Auth.Open, route.KeyRequired = &cloud.Gap{Because: because, At: m.at()}, cloud.Unknown[bool](because, m.at())
			route.Integration = &cloud.Integration{Meta: route.Meta, Kind: cloud.LambdaProxy, Function: cloud.Unknown[cloud.ARN](because, m.at())}
		}
		if m.has("methodIntegration") {
			route.Integration = restIntegration(route.Meta, m.child("methodIntegration"))
		}
		for _, c := range m.children("methodResponses") {
			route.Responses = append(route.Responses, cloud.MethodResponse{Status: c.text("statusCode"), Params: c.flags("responseParameters"), Models: c.stringMap("responseModels")})
		}
		out = append(out, route)
	}
	return out
}

// authKinds are what methods and routes ask of their callers. The JWT authorizers
// of REST APIs are not modelled.
var authKinds = map[string]cloud.AuthKind{"NONE": cloud.AuthNone, "AWS_IAM": cloud.AuthIAM, "CUSTOM": cloud.AuthCustom, "COGNITO_USER_POOLS": cloud.AuthCognito, "JWT": cloud.AuthJWT}

func routeAuth(it item, kind, authorizer, scopes string) cloud.RouteAuth {
	out := cloud.RouteAuth{Kind: authKinds[it.text(kind)], Authorizer: it.text(authorizer), Scopes: it.texts(scopes), At: it.at()}
	if out.Kind == 0 {
		out.Open = &cloud.Gap{Because: "the authorization type " + it.text(kind) + " is not known here", At: it.at()}
	}
	return out
}

// restIntegration reads what answers a method.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
func restIntegration(m cloud.Meta, c item) *cloud.Integration {
	m.At = c.at()
	i := &cloud.Integration{Meta: m, Method: c.text("httpMethod"), Credentials: c.text("credentials"), Timeout: time.Duration(c.number("timeoutInMillis", 29000, 50, 900000)) * time.Millisecond,
		VPCLink: c.text("connectionId"), Params: c.stringMap("requestParameters"), Templates: c.stringMap("requestTemplates"), Passthrough: c.text("passthroughBehavior"), Binary: c.text("contentHandling"),
		CacheKeys: c.texts("cacheKeyParameters"), CacheNamespace: c.text("cacheNamespace")}
	for _, s := range c.children("integrationResponses") {
		i.Responses = append(i.Responses, cloud.IntegrationResponse{Status: s.text("statusCode"), Selection: s.text("selectionPattern"), Params: s.stringMap("responseParameters"),
			Templates: s.stringMap("responseTemplates"), Binary: s.text("contentHandling")})
	}
	_, lambda := cloud.InvokedBy(c.text("uri"))
	switch kind := c.text("type"); {
	case kind == "MOCK":
		i.Kind = cloud.Mock
	case kind == "HTTP_PROXY":
		i.Kind, i.URL = cloud.HTTPProxy, cloud.Known(c.text("uri"))
	case kind == "HTTP":
		i.Kind, i.URL = cloud.HTTPCustom, cloud.Known(c.text("uri"))
	case lambda && kind == "AWS":
		i.Kind, i.Function = cloud.LambdaCustom, c.invoked("uri")
	case kind == "AWS_PROXY":
		i.Kind, i.Function = cloud.LambdaProxy, c.invoked("uri")
	default:
		i.Kind, i.Service = cloud.ServiceCall, c.text("uri")
	}
	return i
}

// invoked is the function that an address invokes, or that is named itself.
func (i item) invoked(key string) cloud.Value[cloud.ARN] {
	text := i.text(key)
	if arn, ok := cloud.InvokedBy(text); ok {
		text = arn
	}
	arn, err := cloud.ParseARN(text)
	if err != nil {
		return cloud.Unknown[cloud.ARN]("what "+text+" invokes is not known here", i.at())
	}
	return cloud.Known(arn)
}

// restAuthorizer reads an authorizer.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
func restAuthorizer(a cloud.API, it item) cloud.Authorizer {
	kinds := map[string]cloud.AuthorizerKind{"TOKEN": cloud.TokenAuthorizer, "REQUEST": cloud.RequestAuthorizer, "COGNITO_USER_POOLS": cloud.CognitoAuthorizer, "JWT": cloud.JWTAuthorizer}
	z := cloud.Authorizer{Meta: cloud.Meta{Name: it.text("name"), Type: "AWS::ApiGateway::Authorizer", At: it.at()}, ID: it.text("id"), AuthorizerName: it.text("name"), Kind: kinds[it.text("type")],
		Credentials: it.text("authorizerCredentials"), Validation: it.text("identityValidationExpression"), TTL: time.Duration(it.number("authorizerResultTtlInSeconds", 300, 0, 3600)) * time.Second}
	for source := range strings.SplitSeq(it.text("identitySource"), ",") {
		if source = strings.TrimSpace(source); source != "" {
			z.Identity = append(z.Identity, source)
		}
	}
	if it.has("authorizerUri") {
		z.Function = it.invoked("authorizerUri")
	}
	for _, text := range it.texts("providerARNs") {
		if arn, err := cloud.ParseARN(text); err == nil {
			z.Pools = append(z.Pools, cloud.Known(arn))
		}
	}
	return z
}

// restStage reads a stage.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html
func restStage(a cloud.API, it item) cloud.Stage {
	name := it.text("stageName")
	s := cloud.Stage{Meta: part(a, "stage "+name, "AWS::ApiGateway::Stage", it), StageName: name, Variables: it.values("variables"), Deployment: it.text("deploymentId"), WebACL: cloud.Known(it.text("webAclArn")),
		ClientCert: it.text("clientCertificateId"), Tracing: it.flag("tracingEnabled", false), AccessLog: accessLog(it, "accessLogSettings", "destinationArn", "format"), Routes: map[string]cloud.StageRule{}}
	if it.flag("cacheClusterEnabled", false) {
		s.CacheSizeGB = it.text("cacheClusterSize")
	}
	settings := it.child("methodSettings")
	for _, e := range settings.n.Entries {
		c := settings.child(e.Key)
		path, method := e.Key[:max(0, strings.LastIndexByte(e.Key, '/'))], e.Key[strings.LastIndexByte(e.Key, '/')+1:]
		s.Routes[method+" /"+strings.TrimLeft(strings.ReplaceAll(path, "~1", "/"), "/")] = cloud.StageRule{Logging: c.text("loggingLevel"), DataLog: c.flag("dataTraceEnabled", false),
			Metrics: c.flag("metricsEnabled", false), Caching: c.flag("cachingEnabled", false), CacheTTL: c.seconds("cacheTtlInSeconds"), Throttle: throttle(c, "throttlingRateLimit", "throttlingBurstLimit")}
	}
	return s
}

func accessLog(it item, key, destination, format string) *cloud.AccessLog {
	c := it.child(key)
	if !it.has(key) || c.text(destination) == "" {
		return nil
	}
	return &cloud.AccessLog{Destination: cloud.Known(c.arn(destination)), Format: c.text(format), At: c.at()}
}

// children gives the maps in a map, in the order in which they are printed.
func (i item) children(key string) []item {
	all := i.child(key)
	var out []item
	for _, e := range all.n.Entries {
		out = append(out, all.child(e.Key))
	}
	return out
}

// stringMap gives a map of text; nil where there is none.
func (i item) stringMap(key string) map[string]string {
	all := i.child(key)
	if all.n.Kind != source.Map {
		return nil
	}
	out := map[string]string{}
	for _, e := range all.n.Entries {
		out[e.Key] = all.text(e.Key)
	}
	return out
}

// flags gives a map of names to true or false; nil where there is none.
func (i item) flags(key string) map[string]bool {
	var out map[string]bool
	for name, text := range i.stringMap(key) {
		if out == nil {
			out = map[string]bool{}
		}
		out[name] = text == "true"
	}
	return out
}

// values gives a map of text as what is known.
func (i item) values(key string) map[string]cloud.Value[string] {
	var out map[string]cloud.Value[string]
	for name, text := range i.stringMap(key) {
		if out == nil {
			out = map[string]cloud.Value[string]{}
		}
		out[name] = cloud.Known(text)
	}
	return out
}
