package cfn_test

import (
	"strings"
	"testing"

	"bailey/source"
)

const (
	anHTTPAPI = `Resources:
  A: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP CORS}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref A, IntegrationType: AWS_PROXY, IntegrationUri: 'arn:aws:lambda:us-west-2:123456789012:function:f' PAYLOAD}}
  R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref A ROUTE}}
  Z: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref A, Name: z, AuthorizerType: REQUEST, AuthorizerUri: URI, IdentitySource: [$request.header.A] FORMAT}}
`
	aRESTAPI = `Resources:
  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  X: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: !GetAtt A.RootResourceId, PathPart: 'PART'}}
  Y: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: !Ref X, PathPart: y}}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !Ref Y, HttpMethod: GET, AuthorizationType: AUTH, Integration: {Type: AWS_PROXY, Uri: URI HOW}}}
  D: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref A}}
  Z: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref A, Name: z, AuthorizerUri: URI IDENTITY}}
  S: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref A, DeploymentId: !Ref D, StageName: s, AccessLogSetting: {DestinationArn: 'arn:aws:logs:us-west-2:123456789012:log-group:x', Format: 'FORMAT'}}}
  G: {Type: AWS::ApiGateway::GatewayResponse, Properties: {RestApiId: !Ref A, ResponseType: RESPONSE}}
  K: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: KEY}}
`
	uri = "'arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:123456789012:function:f/invocations'"
)

// What AWS refuses of an API, or takes in vain, is told where it is written;
// the templates as they should be say nothing.
func TestMistakesInAPIs(t *testing.T) {
	http := func(change ...string) string {
		r := strings.NewReplacer(append(change, " PAYLOAD", ", PayloadFormatVersion: '2.0'", " ROUTE", ", RouteKey: 'GET /a', Target: !Sub 'integrations/${I}'", " CORS", "",
			" FORMAT", ", AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true")...)
		return strings.ReplaceAll(r.Replace(anHTTPAPI), "AuthorizerUri: URI", "AuthorizerUri: "+uri)
	}
	rest := func(change ...string) string {
		r := strings.NewReplacer(append(change, "PART", "x", "AUTH", "AWS_IAM", " HOW", ", IntegrationHttpMethod: POST", " IDENTITY", ", Type: TOKEN, IdentitySource: method.request.header.A",
			"FORMAT", "$context.extendedRequestId", "RESPONSE", "DEFAULT_4XX", "KEY", "abcdefghij0123456789")...)
		return strings.ReplaceAll(r.Replace(aRESTAPI), "URI", uri)
	}
	route := func(key string) string {
		return http(" ROUTE", ", RouteKey: '"+key+"', Target: !Sub 'integrations/${I}'")
	}
	for _, c := range []struct{ name, template, want string }{
		{"an HTTP API", http(), ""},
		{"a REST API", rest(), ""},
		{"$default", route("$default"), ""},
		{"a parameter", route("ANY /a/{b}/{c+}"), ""},
		{"no slash", route("GET a"), "CFN_BAD_VALUE"},
		{"no method", route("/a"), "CFN_BAD_VALUE"},
		{"no such method", route("FETCH /a"), "CFN_BAD_VALUE"},
		{"small letters", route("get /a"), "CFN_NO_EFFECT"},
		{"greedy within", route("GET /a/{b+}/c"), "CFN_BAD_VALUE"},
		{"a bare integration", http(" ROUTE", ", RouteKey: 'GET /a', Target: !Ref I"), "CFN_BAD_VALUE"},
		{"no authorizer", http(" ROUTE", ", RouteKey: 'GET /a', AuthorizationType: JWT"), "CFN_MISSING_PROPERTY"},
		{"no payload format", http(" PAYLOAD", ""), "CFN_MISSING_PROPERTY"},
		{"no such payload format", http(" PAYLOAD", ", PayloadFormatVersion: '3.0'"), "CFN_BAD_VALUE"},
		{"no payload format of an authorizer", http(" FORMAT", ""), "CFN_MISSING_PROPERTY"},
		{"a simple response of 1.0", http(" FORMAT", ", AuthorizerPayloadFormatVersion: '1.0', EnableSimpleResponses: true"), "CFN_BAD_VALUE"},
		{"a policy of 1.0", http(" FORMAT", ", AuthorizerPayloadFormatVersion: '1.0'"), ""},
		{"credentials for everybody", http(" CORS", ", CorsConfiguration: {AllowOrigins: ['*'], AllowCredentials: true}"), "CFN_NO_EFFECT"},
		{"credentials for a scheme", http(" CORS", ", CorsConfiguration: {AllowOrigins: ['https://*'], AllowCredentials: true}"), ""},
		{"two segments", rest("PART", "x/y"), "CFN_BAD_VALUE"},
		{"half a parameter", rest("PART", "x{y}"), "CFN_BAD_VALUE"},
		{"a parameter of a resource", rest("PART", "{y}"), ""},
		{"behind a greedy one", rest("PART", "{y+}"), "CFN_BAD_VALUE"},
		{"no REST authorizer", rest("AUTH", "CUSTOM"), "CFN_MISSING_PROPERTY"},
		{"a function by GET", rest(" HOW", ", IntegrationHttpMethod: GET"), "CFN_BAD_VALUE"},
		{"a function by nothing", rest(" HOW", ""), "CFN_BAD_VALUE"},
		{"two sources of a token", rest(" IDENTITY", ", Type: TOKEN, IdentitySource: 'method.request.header.A, method.request.header.B'"), "CFN_BAD_VALUE"},
		{"nothing to keep by", rest(" IDENTITY", ", Type: REQUEST"), "CFN_MISSING_PROPERTY"},
		{"nothing kept", rest(" IDENTITY", ", Type: REQUEST, AuthorizerResultTtlInSeconds: 0"), ""},
		{"a path as identity", rest(" IDENTITY", ", Type: REQUEST, IdentitySource: method.request.path.id"), "CFN_BAD_VALUE"},
		{"a log of nobody", rest("FORMAT", "$context.status"), "CFN_BAD_VALUE"},
		{"no such response", rest("RESPONSE", "NOT_FOUND"), "CFN_BAD_VALUE"},
		{"a short key", rest("KEY", "short"), "CFN_BAD_VALUE"},
	} {
		_, diags := load(c.template)
		var got []string
		for _, d := range diags {
			if d.Severity != source.Note {
				got = append(got, d.Code)
			}
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: got %q, want %q: %v", c.name, all, c.want, diags)
		}
	}
}

// A WebSocket API's integration needs no payload format, and its routes have
// keys of their own.
func TestAWebSocketAPIIsNoMistake(t *testing.T) {
	_, diags := load(`Resources:
  A: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref A, IntegrationType: AWS_PROXY, IntegrationUri: ` + uri + `}}
  R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref A, RouteKey: $connect, Target: !Sub 'integrations/${I}'}}
`)
	if errorsOf(diags) != "" {
		t.Error(diags)
	}
}
