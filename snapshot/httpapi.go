package snapshot

import (
	"fmt"
	"strings"
	"time"

	"bailey/cloud"
)

// readHTTPAPIs reads HTTP APIs. WebSocket APIs, which the same call lists, are
// not modelled.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
func (r *reader) readHTTPAPIs() {
	for _, it := range r.list("HttpApis") {
		if it.text("ProtocolType") == "WEBSOCKET" {
			r.note(r.meta("HttpApis", it), "it is a WebSocket API")
			continue
		}
		id := it.text("ApiId")
		a := cloud.API{Meta: r.meta("HttpApis", it), ID: id, Kind: cloud.HTTPAPI, APIName: it.text("Name"), Endpoint: cloud.RegionalEndpoint, DefaultHost: defaultHost(it, "DisableExecuteApiEndpoint"), MinCompression: -1}
		if c := it.child("CorsConfiguration"); it.has("CorsConfiguration") {
			a.CORS = corsOf(c)
		}
		for _, z := range r.partsOf("HttpAuthorizers", id) {
			a.Authorizers = append(a.Authorizers, httpAuthorizer(z))
		}
		for _, s := range r.partsOf("HttpStages", id) {
			a.Stages = append(a.Stages, httpStage(a, s))
		}
		if r.describedOf("HttpStages", id) && len(a.Stages) == 0 {
			r.notInUse(a.Meta, "in no stage")
		} else {
			for _, route := range r.partsOf("HttpRoutes", id) {
				a.Routes = append(a.Routes, r.httpRoute(a, route))
			}
			r.openParts(&a, "HttpRoutes", "HttpAuthorizers")
		}
		r.spec.APIs = append(r.spec.APIs, a)
	}
}

// corsOf reads the answers to preflight requests.
func corsOf(c item) *cloud.CORS {
	return &cloud.CORS{Origins: c.texts("AllowOrigins"), Methods: c.texts("AllowMethods"), Headers: c.texts("AllowHeaders"), Expose: c.texts("ExposeHeaders"),
		Credentials: c.flag("AllowCredentials", false), MaxAge: c.number("MaxAge", -1, -1, 86400), At: c.at()}
}

// httpRoute reads a route with its integration, which is another list's.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
func (r *reader) httpRoute(a cloud.API, it item) cloud.APIRoute {
	key := it.text("RouteKey")
	route := cloud.APIRoute{Meta: part(a, key, "AWS::ApiGatewayV2::Route", it), Method: "ANY", Path: key, Auth: routeAuth(it, "AuthorizationType", "AuthorizerId", "AuthorizationScopes"),
		KeyRequired: cloud.Known(false), Implied: it.flag("ApiGatewayManaged", false)}
	if method, path, ok := strings.Cut(key, " "); ok {
		route.Method, route.Path = method, strings.TrimSpace(path)
	}
	if !it.has("AuthorizationType") {
		route.Auth.Kind, route.Auth.Open = cloud.AuthNone, nil
	}
	id, ok := strings.CutPrefix(it.text("Target"), "integrations/")
	if !ok {
		return route
	}
	for _, i := range r.partsOf("HttpIntegrations", a.ID) {
		if i.text("IntegrationId") == id {
			route.Integration = httpIntegration(a, i)
			return route
		}
	}
	g := r.gapOf("HttpIntegrations", a.ID)
	if r.describedOf("HttpIntegrations", a.ID) {
		g = cloud.Gap{Because: it.text("Target") + " is not among the HttpIntegrations of " + a.Name + " that are listed", At: it.at()}
	}
	route.Integration = &cloud.Integration{Meta: route.Meta, Kind: cloud.LambdaProxy, Function: cloud.Unknown[cloud.ARN](g.Because, g.At)}
	return route
}

// httpIntegration reads what answers a route.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
func httpIntegration(a cloud.API, it item) *cloud.Integration {
	i := &cloud.Integration{Meta: part(a, "integration "+it.text("IntegrationId"), "AWS::ApiGatewayV2::Integration", it), Method: it.text("IntegrationMethod"), Credentials: it.text("CredentialsArn"),
		Payload: it.text("PayloadFormatVersion"), VPCLink: it.text("ConnectionId"), Params: it.stringMap("RequestParameters"), Timeout: time.Duration(it.number("TimeoutInMillis", 30000, 50, 30000)) * time.Millisecond}
	switch {
	case it.has("IntegrationSubtype"):
		i.Kind, i.Service = cloud.ServiceCall, it.text("IntegrationSubtype")
	case it.text("IntegrationType") == "AWS_PROXY":
		i.Kind, i.Function = cloud.LambdaProxy, it.invoked("IntegrationUri")
	default:
		i.Kind, i.URL = cloud.HTTPProxy, cloud.Known(it.text("IntegrationUri"))
	}
	responses := it.child("ResponseParameters")
	for _, e := range responses.n.Entries {
		i.Responses = append(i.Responses, cloud.IntegrationResponse{Status: e.Key, Params: responses.stringMap(e.Key)})
	}
	return i
}

// httpAuthorizer reads an authorizer. A REQUEST authorizer keeps its answer only
// if a lifetime is stated.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
func httpAuthorizer(it item) cloud.Authorizer {
	name := it.text("Name")
	z := cloud.Authorizer{Meta: cloud.Meta{Name: name, Type: "AWS::ApiGatewayV2::Authorizer", At: it.at()}, ID: it.text("AuthorizerId"), AuthorizerName: name, Kind: cloud.RequestAuthorizer,
		Identity: it.texts("IdentitySource"), Credentials: it.text("AuthorizerCredentialsArn"), Payload: it.text("AuthorizerPayloadFormatVersion"), Simple: it.flag("EnableSimpleResponses", false),
		TTL: time.Duration(it.number("AuthorizerResultTtlInSeconds", 0, 0, 3600)) * time.Second}
	if it.text("AuthorizerType") == "JWT" {
		c := it.child("JwtConfiguration")
		z.Kind, z.Issuer, z.Audience = cloud.JWTAuthorizer, cloud.Known(c.text("Issuer")), cloud.Known(c.texts("Audience"))
	} else {
		z.Function = it.invoked("AuthorizerUri")
	}
	return z
}

// httpStage reads a stage.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
func httpStage(a cloud.API, it item) cloud.Stage {
	name := it.text("StageName")
	s := cloud.Stage{Meta: part(a, "stage "+name, "AWS::ApiGatewayV2::Stage", it), StageName: name, Variables: it.values("StageVariables"), Deployment: it.text("DeploymentId"), AutoDeploy: it.flag("AutoDeploy", false),
		AccessLog: accessLog(it, "AccessLogSettings", "DestinationArn", "Format"), Default: throttle(it.child("DefaultRouteSettings"), "ThrottlingRateLimit", "ThrottlingBurstLimit"), Routes: map[string]cloud.StageRule{}}
	settings := it.child("RouteSettings")
	for _, e := range settings.n.Entries {
		c := settings.child(e.Key)
		s.Routes[e.Key] = cloud.StageRule{Metrics: c.flag("DetailedMetricsEnabled", false), Throttle: throttle(c, "ThrottlingRateLimit", "ThrottlingBurstLimit")}
	}
	return s
}

// throttle reads a token bucket; nil where there is none.
func throttle(c item, rate, burst string) *cloud.Throttle {
	if !c.has(rate) && !c.has(burst) {
		return nil
	}
	t := cloud.Throttle{Rate: -1, Burst: c.number(burst, -1, -1, 1<<31-1)}
	if v, ok := c.get(rate); ok {
		if _, err := fmt.Sscan(v.Text, &t.Rate); err != nil {
			c.bad(rate, v, "a number of requests a second")
		}
	}
	return &t
}
