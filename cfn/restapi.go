package cfn

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func restRows() []*row {
	made := func(l *loader, r *resource) source.Node { return l.text(l.apiPart(r, 6), r.At) }
	api := func(l *loader, r *resource) source.Node { return l.text(l.apiPart(r, 10), r.At) }
	return []*row{
		{Type: "AWS::ApiGateway::RestApi", read: readRestAPI, ref: api,
			properties: "ApiKeySourceType BinaryMediaTypes Body BodyS3Location CloneFrom Description DisableExecuteApiEndpoint EndpointAccessMode " +
				"EndpointConfiguration FailOnWarnings MinimumCompressionSize Mode Name Parameters Policy SecurityPolicy Tags",
			atts: attributes{"RestApiId": api, "RootResourceId": func(l *loader, r *resource) source.Node { return l.text(l.rootResource(r), r.At) }}},
		{Type: "AWS::ApiGateway::Resource", read: readRestResource, ref: made, atts: attributes{"ResourceId": made}, properties: "!ParentId !PathPart !RestApiId"},
		{Type: "AWS::ApiGateway::RequestValidator", read: readValidator, ref: made, atts: attributes{"RequestValidatorId": made},
			properties: "Name !RestApiId ValidateRequestBody ValidateRequestParameters"},
		{Type: "AWS::ApiGateway::Model", read: readAPIModel, ref: nameRef("Name", 64), properties: "ContentType Description Name !RestApiId Schema"},
		{Type: "AWS::ApiGateway::Authorizer", read: readRestAuthorizer, ref: made, atts: attributes{"AuthorizerId": made},
			properties: "AuthType AuthorizerCredentials AuthorizerResultTtlInSeconds AuthorizerUri IdentitySource IdentityValidationExpression !Name " +
				"ProviderARNs !RestApiId !Type"},
		{Type: "AWS::ApiGateway::Method", read: readMethod,
			properties: "ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId !HttpMethod Integration MethodResponses OperationName " +
				"RequestModels RequestParameters RequestValidatorId !ResourceId !RestApiId"},
		{Type: "AWS::ApiGateway::GatewayResponse", read: readGatewayResponse, ref: made, atts: attributes{"Id": made},
			properties: "ResponseParameters ResponseTemplates !ResponseType !RestApiId StatusCode"},
		{Type: "AWS::ApiGateway::Deployment", read: readDeployment, ref: made, atts: attributes{"DeploymentId": made},
			properties: "DeploymentCanarySettings Description !RestApiId StageDescription StageName"},
		{Type: "AWS::ApiGateway::Stage", read: readRestStage, ref: property("StageName"),
			properties: "AccessLogSetting CacheClusterEnabled CacheClusterSize CanarySetting ClientCertificateId DeploymentId Description " +
				"DocumentationVersion MethodSettings !RestApiId StageName Tags TracingEnabled Variables"},
		{Type: "AWS::ApiGateway::Account", ref: made, atts: attributes{"Id": made}, properties: "CloudWatchRoleArn"},
		{Type: "AWS::ApiGateway::ClientCertificate", ref: made, atts: attributes{"ClientCertificateId": made}, properties: "Description Tags"},
		{Type: "AWS::ApiGateway::DocumentationPart", ref: made, atts: attributes{"DocumentationPartId": made}, properties: "!Location !Properties !RestApiId"},
		{Type: "AWS::ApiGateway::DocumentationVersion", properties: "Description !DocumentationVersion !RestApiId"},
	}
}

// apiPart makes up the ID of an API or of a part of one.
func (l *loader) apiPart(r *resource, n int) string {
	return cloud.MadeID(cloud.LowerAlnum, n, l.stack, r.logical)
}

func (l *loader) rootResource(r *resource) string {
	return cloud.MadeID(cloud.LowerAlnum, 10, l.stack, r.logical, "root")
}

// apiParts are what the parts of APIs say about others, by ID.
type apiParts struct {
	resources    map[string]apiResource
	validators   map[string][2]bool // body, parameters
	integrations map[string]cloud.Integration
	taken        map[slot]taker
	strayRoute   bool // it is open which API a route is of
	strayPlan    bool // a usage plan is not described here
}

func newAPIParts() apiParts {
	return apiParts{resources: map[string]apiResource{}, validators: map[string][2]bool{}, integrations: map[string]cloud.Integration{}, taken: map[slot]taker{}}
}

// An apiResource is a part of the path of a REST API.
type apiResource struct{ parent, part string }

// api finds the API that a resource is a part of.
func (l *loader) api(o object, r *resource, key string) *cloud.API {
	id := o.text(key, cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.APIs, func(a cloud.API) bool { return a.ID == id })
	if i < 0 {
		l.notDescribed(r, "API", id)
		return nil
	}
	return &l.spec.APIs[i]
}

// readRestAPI. An API without an endpoint configuration is optimised for edge
// locations; the API key is read from the header X-API-Key.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html
func readRestAPI(l *loader, r *resource) {
	o := l.object(r)
	a := cloud.API{Meta: r.Meta, ID: l.apiPart(r, 10), Kind: cloud.RESTAPI, Endpoint: cloud.EdgeEndpoint,
		APIName: o.text("Name", cloud.Known(r.Name)).Or(r.Name), DefaultHost: negated(o.flag("DisableExecuteApiEndpoint", false)),
		BinaryTypes: o.texts("BinaryMediaTypes").Or(nil), KeySource: o.text("ApiKeySourceType", cloud.Known("HEADER")).Or("HEADER"),
		MinCompression: o.number("MinimumCompressionSize", -1, -1, 10485760).Or(-1)}
	l.restEndpoint(o, &a)
	if doc, ok := o.get("Policy"); ok {
		a.Policy = l.policy(o, r.Name, "Policy", doc)
	}
	l.apis.resources[l.rootResource(r)] = apiResource{}
	if o.present("BodyS3Location", "CloneFrom") {
		a.Open = append(a.Open, cloud.Gap{Because: "the definition of " + r.Name + " is not in the template", At: r.At})
	}
	if body := o.document("Body"); body.Kind == source.Map {
		l.openAPI(r, &a, body)
	} else if body.Kind == source.Unknown {
		a.Open = append(a.Open, gap(body))
	}
	l.spec.APIs = append(l.spec.APIs, a)
}

func negated(v cloud.Value[bool]) cloud.Value[bool] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[bool](g.Because, g.At)
	}
	return cloud.Known(!v.Or(false))
}

func (l *loader) restEndpoint(o object, a *cloud.API) {
	c, ok := o.child("EndpointConfiguration", "IpAddressType", "Types", "VpcEndpointIds")
	if !ok {
		return
	}
	types := c.texts("Types")
	if g, missing := types.Gap(); missing {
		a.Open = append(a.Open, g)
	}
	for _, t := range types.Or(nil) {
		kind, ok := map[string]cloud.EndpointType{"REGIONAL": cloud.RegionalEndpoint, "EDGE": cloud.EdgeEndpoint, "PRIVATE": cloud.PrivateEndpoint}[t]
		if n, _ := c.get("Types"); !ok {
			c.bad("Types", n, fmt.Sprintf("%q is none of REGIONAL, EDGE, PRIVATE", t))
		}
		a.Endpoint = kind
	}
	a.VPCEndpoints = ids[cloud.EndpointID](c.texts("VpcEndpointIds")).Or(nil)
}

func readRestResource(l *loader, r *resource) {
	o := l.object(r)
	o.checkPathPart()
	res := apiResource{o.known("ParentId"), o.known("PathPart")}
	o.checkSiblings(r, res.parent)
	l.apis.resources[l.apiPart(r, 6)] = res
}

// pathOf is the path of a REST resource, from its parents.
func (l *loader) pathOf(id string) (string, bool) {
	var parts []string
	for range 64 {
		res, ok := l.apis.resources[id]
		switch {
		case !ok:
			return "", false
		case res.parent == "":
			slices.Reverse(parts)
			return "/" + strings.Join(parts, "/"), true
		}
		parts, id = append(parts, res.part), res.parent
	}
	return "", false
}

func readValidator(l *loader, r *resource) {
	o := l.object(r)
	l.apis.validators[l.apiPart(r, 6)] = [2]bool{o.flag("ValidateRequestBody", false).Or(false), o.flag("ValidateRequestParameters", false).Or(false)}
}

func readAPIModel(l *loader, r *resource) {
	o := l.object(r)
	if a := l.api(o, r, "RestApiId"); a != nil {
		a.Models = append(slices.Clip(a.Models), cloud.APIModel{Meta: r.Meta, ModelName: l.nameOf(r, "Name", 64),
			ContentType: o.text("ContentType", cloud.Known("application/json")).Or("application/json"), Schema: o.document("Schema")})
	}
}

// readRestAuthorizer. An answer is kept for five minutes unless told otherwise.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-authorizer.html
func readRestAuthorizer(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "RestApiId")
	if a == nil {
		return
	}
	kinds := map[string]cloud.AuthorizerKind{"TOKEN": cloud.TokenAuthorizer, "REQUEST": cloud.RequestAuthorizer, "COGNITO_USER_POOLS": cloud.CognitoAuthorizer}
	kind, ok := kinds[o.known("Type")]
	n, stated := o.get("Type")
	switch {
	case n.Text == "JWT": // of a method that has it nothing is known: routeAuth
		l.warn("CFN_UNMODELLED_KIND", n.At, "an HTTP API's JWT authorizer is, and a Lambda authorizer", noRestJWT)
		return
	case stated && !ok:
		o.bad("Type", n, "it is none of TOKEN, REQUEST, COGNITO_USER_POOLS")
	}
	z := cloud.Authorizer{Meta: r.Meta, ID: l.apiPart(r, 6), AuthorizerName: o.known("Name"), Kind: kind, Function: o.invocation("AuthorizerUri"),
		Credentials: o.text("AuthorizerCredentials", cloud.Known("")).Or(""), Identity: sources(o.text("IdentitySource", cloud.Known("")).Or("")),
		Validation: o.text("IdentityValidationExpression", cloud.Known("")).Or(""), TTL: o.seconds("AuthorizerResultTtlInSeconds", 300, 0, 3600)}
	if n, ok := o.get("ProviderARNs"); ok {
		for item := range n.Each() {
			z.Pools = append(z.Pools, arnValue(item))
		}
	}
	o.checkIdentity(z)
	a.Authorizers = append(slices.Clip(a.Authorizers), z)
}

func arnValue(n source.Node) cloud.Value[cloud.ARN] {
	if n.Kind == source.Unknown {
		return cloud.Unknown[cloud.ARN](n.Text, n.At)
	}
	arn, err := cloud.ParseARN(n.Text)
	if err != nil {
		return cloud.Unknown[cloud.ARN](err.Error(), n.At)
	}
	return cloud.Known(arn)
}

// sources takes the comma-separated identity sources apart.
func sources(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// readMethod. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-method.html
func readMethod(l *loader, r *resource) {
	o := l.object(r)
	a := l.api(o, r, "RestApiId")
	if a == nil {
		return
	}
	id := o.text("ResourceId", cloud.Known("")).Or("")
	o.checkOneMethod(r, id)
	path, ok := l.pathOf(id)
	if !ok {
		n, _ := o.get("ResourceId")
		a.Open = append(a.Open, cloud.Gap{Because: "the path of " + r.Name + " is not known", At: n.At})
		return
	}
	if n, _ := o.get("ResourceId"); greedyWithin(path) {
		o.bad("ResourceId", n, path+" has something behind its greedy path variable, which is the last part of a path")
	}
	route := cloud.APIRoute{Meta: r.Meta, Method: strings.ToUpper(o.known("HttpMethod")), Path: path, KeyRequired: o.flag("ApiKeyRequired", false),
		Auth: o.routeAuth(restAuth), Params: o.requirements("RequestParameters"), BodyModels: o.stringMap("RequestModels")}
	if v, ok := l.apis.validators[o.text("RequestValidatorId", cloud.Known("")).Or("")]; ok {
		route.ValidateBody, route.ValidateParams = v[0], v[1]
	}
	if c, ok := o.child("Integration", restIntegrationKeys...); ok {
		route.Integration = l.restIntegration(c, r.Meta)
	}
	for _, c := range o.children("MethodResponses", "ResponseModels", "ResponseParameters", "StatusCode") {
		route.Responses = append(route.Responses, cloud.MethodResponse{Status: c.text("StatusCode", cloud.Known("")).Or(""),
			Params: c.requirements("ResponseParameters"), Models: c.stringMap("ResponseModels")})
	}
	a.Routes = append(slices.Clip(a.Routes), route)
}

var restAuth = map[string]cloud.AuthKind{"NONE": cloud.AuthNone, "AWS_IAM": cloud.AuthIAM, "CUSTOM": cloud.AuthCustom, "COGNITO_USER_POOLS": cloud.AuthCognito}
var httpAuth = map[string]cloud.AuthKind{"NONE": cloud.AuthNone, "AWS_IAM": cloud.AuthIAM, "CUSTOM": cloud.AuthCustom, "JWT": cloud.AuthJWT}

// noRestJWT is what is said of a kind of authorizer that is younger than this.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html
const noRestJWT = "the JWT authorizers of REST APIs are not modelled"

// routeAuth reads what a method or route asks of its caller.
func (o object) routeAuth(kinds map[string]cloud.AuthKind) cloud.RouteAuth {
	out := cloud.RouteAuth{Kind: cloud.AuthNone, At: o.at, Scopes: o.texts("AuthorizationScopes").Or(nil)}
	v := o.text("AuthorizationType", cloud.Known("NONE"))
	if g, missing := v.Gap(); missing {
		out.Open = &g
		return out
	}
	n, stated := o.get("AuthorizationType")
	kind, ok := kinds[v.Or("")]
	if stated {
		out.At = n.At
	}
	if !ok && v.Or("") == "JWT" {
		out.Open = &cloud.Gap{Because: noRestJWT, At: n.At}
		return out
	}
	if !ok {
		o.bad("AuthorizationType", n, fmt.Sprintf("%q is no authorization type", v.Or("")))
	}
	o.checkAuthorizer(kind, n)
	out.Kind = kind
	id := o.text("AuthorizerId", cloud.Known(""))
	if g, missing := id.Gap(); missing {
		out.Open = &g
	}
	out.Authorizer = id.Or("")
	return out
}

// stringMap reads a map of text. What is open is left out.
func (o object) stringMap(key string) map[string]string {
	n, ok := o.get(key)
	if !ok || n.Kind == source.Unknown {
		return nil
	}
	if n.Kind != source.Map {
		o.wrong(key, n, "a map")
		return nil
	}
	out := map[string]string{}
	for _, e := range n.Entries {
		if e.Value.IsScalar() {
			out[e.Key] = e.Value.Text
		}
	}
	return out
}

// requirements reads a map of names to whether they are required.
func (o object) requirements(key string) map[string]bool {
	var out map[string]bool
	for name, text := range o.stringMap(key) {
		if out == nil {
			out = map[string]bool{}
		}
		out[name] = strings.EqualFold(text, "true")
	}
	return out
}

func readGatewayResponse(l *loader, r *resource) {
	o := l.object(r)
	o.checkResponseType()
	if a := l.api(o, r, "RestApiId"); a != nil {
		a.Responses = append(slices.Clip(a.Responses), cloud.GatewayResponse{Meta: r.Meta, Kind: o.known("ResponseType"),
			Status: o.text("StatusCode", cloud.Known("")).Or(""), Params: o.stringMap("ResponseParameters"), Templates: o.stringMap("ResponseTemplates")})
	}
}
