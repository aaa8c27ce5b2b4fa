package cfn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

func httpRows() []*row {
	made := func(l *loader, r *resource) source.Node { return l.text(l.apiPart(r, 7), r.At) }
	api := func(l *loader, r *resource) source.Node { return l.text(l.apiPart(r, 10), r.At) }
	return []*row{
		{Type: "AWS::ApiGatewayV2::Api", read: readHTTPAPI, ref: api,
			properties: "ApiKeySelectionExpression BasePath Body BodyS3Location CorsConfiguration CredentialsArn Description DisableExecuteApiEndpoint " +
				"DisableSchemaValidation FailOnWarnings IpAddressType Name ProtocolType RouteKey RouteSelectionExpression Tags Target Version",
			atts: attributes{"ApiId": api, "ApiEndpoint": func(l *loader, r *resource) source.Node {
				return l.text("https://"+l.apiPart(r, 10)+".execute-api."+l.spec.Region+"."+l.urlSuffix(), r.At)
			}}},
		{Type: "AWS::ApiGatewayV2::Integration", read: readHTTPIntegration, ref: made, atts: attributes{"IntegrationId": made},
			properties: "!ApiId ConnectionId ConnectionType ContentHandlingStrategy CredentialsArn Description IntegrationMethod IntegrationSubtype " +
				"!IntegrationType IntegrationUri PassthroughBehavior PayloadFormatVersion RequestParameters RequestTemplates ResponseParameters " +
				"TemplateSelectionExpression TimeoutInMillis TlsConfig"},
		{Type: "AWS::ApiGatewayV2::Authorizer", read: readHTTPAuthorizer, ref: made, atts: attributes{"AuthorizerId": made},
			properties: "!ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds !AuthorizerType AuthorizerUri " +
				"EnableSimpleResponses IdentitySource IdentityValidationExpression JwtConfiguration !Name"},
		{Type: "AWS::ApiGatewayV2::Route", read: readHTTPRoute, ref: made, atts: attributes{"RouteId": made},
			properties: "!ApiId ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId ModelSelectionExpression OperationName RequestModels " +
				"RequestParameters !RouteKey RouteResponseSelectionExpression Target"},
		{Type: "AWS::ApiGatewayV2::Deployment", read: readHTTPDeployment, ref: made, atts: attributes{"DeploymentId": made}, properties: "!ApiId Description StageName"},
		{Type: "AWS::ApiGatewayV2::Stage", read: readHTTPStage, ref: property("StageName"), atts: attributes{"Id": made},
			properties: "AccessLogSettings AccessPolicyId !ApiId AutoDeploy ClientCertificateId DefaultRouteSettings DeploymentId Description RouteSettings " +
				"!StageName StageVariables Tags"},
	}
}

// readHTTPAPI. Target makes a route, an integration and a stage at once.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-api.html
func readHTTPAPI(l *loader, r *resource) {
	o := l.object(r)
	if o.text("ProtocolType", cloud.Known("HTTP")).Or("") == "WEBSOCKET" {
		l.outside(r, "it is a WebSocket API")
		return
	}
	a := cloud.API{Meta: r.Meta, ID: l.apiPart(r, 10), Kind: cloud.HTTPAPI, Endpoint: cloud.RegionalEndpoint, MinCompression: -1,
		APIName: o.text("Name", cloud.Known(r.Name)).Or(r.Name), DefaultHost: negated(o.flag("DisableExecuteApiEndpoint", false)), CORS: cors(o)}
	if o.present("BodyS3Location") {
		a.Open = append(a.Open, cloud.Gap{Because: "the definition of " + r.Name + " is not in the template", At: r.At})
	}
	if body := o.document("Body"); body.Kind == source.Map {
		l.openAPI(r, &a, body)
	} else if body.Kind == source.Unknown {
		a.Open = append(a.Open, gap(body))
	}
	if o.present("Target") {
		l.quickCreate(o, r, &a)
	}
	l.spec.APIs = append(l.spec.APIs, a)
}

// quickCreate is what Target makes: a catch-all route to a function or an
// address, and the stage $default with automatic deployment.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html
func (l *loader) quickCreate(o object, r *resource, a *cloud.API) {
	target := o.text("Target", cloud.Known(""))
	i := &cloud.Integration{Meta: r.Meta, Timeout: 30 * time.Second, Credentials: o.text("CredentialsArn", cloud.Known("")).Or("")}
	if strings.HasPrefix(target.Or(""), "arn:") {
		i.Kind, i.Function, i.Payload, i.Method = cloud.LambdaProxy, o.arnOf("Target"), "2.0", "POST"
	} else {
		i.Kind, i.URL, i.Payload, i.Method = cloud.HTTPProxy, target, "1.0", "ANY"
	}
	route := cloud.APIRoute{Meta: r.Meta, Auth: cloud.RouteAuth{Kind: cloud.AuthNone, At: r.At}, Integration: i, Implied: true}
	route.Method, route.Path = routeKey(o.text("RouteKey", cloud.Known("$default")).Or("$default"))
	a.Routes = append(a.Routes, route)
	a.Stages = append(a.Stages, cloud.Stage{Meta: r.Meta, StageName: "$default", AutoDeploy: true})
}

// routeKey takes "GET /path" apart; $default has no method of its own.
func routeKey(key string) (method, path string) {
	method, path, ok := strings.Cut(key, " ")
	if !ok {
		return "ANY", key
	}
	return method, strings.TrimSpace(path)
}

// cors reads the answer to preflight requests.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
func cors(o object) *cloud.CORS {
	c, ok := o.child("CorsConfiguration", "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")
	if !ok {
		return nil
	}
	out := &cloud.CORS{Origins: c.texts("AllowOrigins").Or(nil), Methods: c.texts("AllowMethods").Or(nil), Headers: c.texts("AllowHeaders").Or(nil),
		Expose: c.texts("ExposeHeaders").Or(nil), Credentials: c.flag("AllowCredentials", false).Or(false), MaxAge: c.number("MaxAge", -1, -1, 86400).Or(-1), At: c.at}
	c.checkCORS(out)
	return out
}

// readHTTPIntegration. Without PayloadFormatVersion a function integration
// needs one to be stated; AWS's property page asks for it, with 1.0 for all
// other integrations.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-integration.html
func readHTTPIntegration(l *loader, r *resource) {
	o := l.object(r)
	i := cloud.Integration{Meta: r.Meta, Method: o.text("IntegrationMethod", cloud.Known("")).Or(""), Credentials: o.text("CredentialsArn", cloud.Known("")).Or(""),
		Payload: o.text("PayloadFormatVersion", cloud.Known("1.0")).Or("1.0"), VPCLink: o.text("ConnectionId", cloud.Known("")).Or(""), Params: o.stringMap("RequestParameters"),
		Timeout: time.Duration(o.number("TimeoutInMillis", 30000, 50, 30000).Or(30000)) * time.Millisecond}
	uri := o.text("IntegrationUri", cloud.Known(""))
	switch kind := o.text("IntegrationType", cloud.Known("")).Or(""); {
	case kind == "AWS_PROXY" && o.present("IntegrationSubtype"):
		i.Kind, i.Service = cloud.ServiceCall, o.text("IntegrationSubtype", cloud.Known("")).Or("")
	case kind == "AWS_PROXY":
		i.Kind, i.Function = cloud.LambdaProxy, o.functionTarget("IntegrationUri")
		if slices.ContainsFunc(l.spec.APIs, func(a cloud.API) bool { return a.ID == o.text("ApiId", cloud.Known("")).Or("") }) { // and no WebSocket API
			o.checkPayload("PayloadFormatVersion")
		}
	case kind == "HTTP_PROXY":
		i.Kind, i.URL = cloud.HTTPProxy, uri
	default:
		n, _ := o.get("IntegrationType")
		o.bad("IntegrationType", n, fmt.Sprintf("%q is neither AWS_PROXY nor HTTP_PROXY, which are what an HTTP API has", kind))
	}
	i.Responses = o.httpResponses()
	l.apis.integrations[l.apiPart(r, 7)] = i
}

// functionTarget reads a function's ARN, or the address that invokes it.
func (o object) functionTarget(key string) cloud.Value[cloud.ARN] {
	return valueOf(o, key, "a function's ARN", cloud.Known(cloud.ARN{}), func(n source.Node) (cloud.ARN, error) {
		if arn, ok := cloud.InvokedBy(n.Text); ok {
			return cloud.ParseARN(arn)
		}
		return cloud.ParseARN(n.Text)
	})
}

// httpResponses reads ResponseParameters: for each status what changes.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
func (o object) httpResponses() []cloud.IntegrationResponse {
	n, ok := o.get("ResponseParameters")
	if !ok {
		return nil
	}
	var out []cloud.IntegrationResponse
	for _, e := range n.Entries {
		r := cloud.IntegrationResponse{Status: e.Key, Params: map[string]string{}}
		list, _ := e.Value.Get("ResponseParameters")
		for _, p := range list.Items {
			dest, _ := p.Get("Destination")
			from, _ := p.Get("Source")
			r.Params[dest.Text] = from.Text
		}
		out = append(out, r)
	}
	return out
}

// readHTTPAuthorizer. A REQUEST authorizer keeps its answer only if a lifetime
// is stated.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func readHTTPAuthorizer(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "ApiId")
	if a == nil {
		return
	}
	z := cloud.Authorizer{Meta: r.Meta, ID: l.apiPart(r, 7), AuthorizerName: o.known("Name"), Identity: o.texts("IdentitySource").Or(nil),
		Credentials: o.text("AuthorizerCredentialsArn", cloud.Known("")).Or(""), Payload: o.text("AuthorizerPayloadFormatVersion", cloud.Known("")).Or(""),
		Simple: o.flag("EnableSimpleResponses", false).Or(false), TTL: o.seconds("AuthorizerResultTtlInSeconds", 0, 0, 3600)}
	switch o.known("AuthorizerType") {
	case "JWT":
		z.Kind = cloud.JWTAuthorizer
		if c, ok := o.child("JwtConfiguration", "Audience", "Issuer"); ok {
			z.Issuer, z.Audience = c.text("Issuer", cloud.Known("")), c.texts("Audience")
		}
	case "REQUEST":
		z.Kind, z.Function = cloud.RequestAuthorizer, o.functionTarget("AuthorizerUri")
		o.checkAuthorizerPayload(z)
	default:
		n, _ := o.get("AuthorizerType")
		o.bad("AuthorizerType", n, "it is neither JWT nor REQUEST")
	}
	o.checkIdentity(z)
	a.Authorizers = append(slices.Clip(a.Authorizers), z)
}

// readHTTPRoute. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-route.html
func readHTTPRoute(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "ApiId")
	if a == nil {
		n, _ := o.get("ApiId")
		l.apis.strayRoute = l.apis.strayRoute || n.Kind == source.Unknown
		return
	}
	route := cloud.APIRoute{Meta: r.Meta, Auth: o.routeAuth(httpAuth)}
	key := o.known("RouteKey")
	route.Method, route.Path = routeKey(key)
	o.checkRouteKey(key)
	o.checkOneRoute(r, a.ID)
	o.checkTarget()
	if id, ok := strings.CutPrefix(o.text("Target", cloud.Known("")).Or(""), "integrations/"); ok {
		if i, ok := l.apis.integrations[id]; ok {
			route.Integration = &i
		} else {
			l.notDescribed(r, "integration", id)
		}
	}
	a.Routes = append(slices.Clip(a.Routes), route)
}

func readHTTPDeployment(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "ApiId")
	if a == nil {
		return
	}
	l.spec.Deployments = append(l.spec.Deployments, cloud.Deployment{Meta: r.Meta, API: a.ID, DependsOn: r.waitsFor()})
}

// readHTTPStage. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html
func readHTTPStage(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "ApiId")
	if a == nil {
		return
	}
	id := o.text("DeploymentId", cloud.Known("")).Or("")
	s := cloud.Stage{Meta: r.Meta, StageName: o.known("StageName"), Variables: o.values("StageVariables"), AutoDeploy: o.flag("AutoDeploy", false).Or(false),
		Deployment: cmp.Or(l.partCalled("AWS::ApiGatewayV2::Deployment", id), id), AccessLog: o.accessLog("AccessLogSettings"), Routes: map[string]cloud.StageRule{}}
	if c, ok := o.child("DefaultRouteSettings", routeSettingKeys...); ok && c.present("ThrottlingRateLimit", "ThrottlingBurstLimit") {
		s.Default = c.throttle("ThrottlingRateLimit", "ThrottlingBurstLimit")
	}
	o.checkRouteSettings(r, a)
	if n, ok := o.get("RouteSettings"); ok {
		for _, e := range n.Entries {
			c := object{l: l, of: o.of + ".RouteSettings", n: e.Value, at: e.Value.At}
			rule := cloud.StageRule{Metrics: c.flag("DetailedMetricsEnabled", false).Or(false)}
			if c.present("ThrottlingRateLimit", "ThrottlingBurstLimit") {
				rule.Throttle = c.throttle("ThrottlingRateLimit", "ThrottlingBurstLimit")
			}
			s.Routes[e.Key] = rule
		}
	}
	a.Stages = append(slices.Clip(a.Stages), s)
}

var routeSettingKeys = []string{"DataTraceEnabled", "DetailedMetricsEnabled", "LoggingLevel", "ThrottlingBurstLimit", "ThrottlingRateLimit"}
