package gateway_test

import (
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/sam"
)

// fromSAM reads a SAM template as the command does.
func fromSAM(t *testing.T, text string) *cloud.Model {
	t.Helper()
	n, diags := document.Read("template.yaml", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	n, diags = sam.Transform(n, sam.Options{Region: region})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	spec, diags := cfn.Load(cfn.Input{File: "template.yaml", Root: n, Spec: cloud.Spec{Region: region, Account: account}})
	m, more := cloud.New(spec)
	if all := append(diags, more...); all.HasErrors() {
		t.Fatal(all)
	}
	return m
}

const template = `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: s3://bucket/key}
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["https://www.example.com"], AllowMethods: [GET], AllowHeaders: [authorization]}
      DefaultRouteSettings: {ThrottlingBurstLimit: 3, ThrottlingRateLimit: 1}
      Auth:
        Authorizers:
          Idp:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: "` + issuer + `", audience: [app]}
          Own:
            FunctionArn: !GetAtt Simple.Arn
            FunctionInvokeRole: arn:aws:iam::123456789012:role/may
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            Identity: {Headers: [Authorization], ReauthorizeEvery: 60}
  Classic:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth:
        DefaultAuthorizer: Token
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Token: {FunctionArn: !GetAtt Auth.Arn, Identity: {ValidationExpression: "tok.*", ReauthorizeEvery: 0}}
      Cors: "'*'"
      GatewayResponses:
        DEFAULT_4XX: {ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}}
  App:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: app
      Events:
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: "/open/{id}", Method: get}}
        Guarded: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /guarded, Method: get, Auth: {Authorizer: Idp, AuthorizationScopes: [read]}}}
        Simple: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /simple, Method: any, Auth: {Authorizer: Own}}}
        Rest: {Type: Api, Properties: {RestApiId: !Ref Classic, Path: "/rest/{proxy+}", Method: any}}
        Key: {Type: Api, Properties: {RestApiId: !Ref Classic, Path: /key, Method: get, Auth: {Authorizer: NONE, ApiKeyRequired: true}}}
  Auth: {Type: AWS::Serverless::Function, Properties: {FunctionName: auth}}
  Simple: {Type: AWS::Serverless::Function, Properties: {FunctionName: simple}}
`

// What SAM makes of a template answers as the template says.
func TestASAMTemplate(t *testing.T) {
	m := fromSAM(t, template)
	s := standing(t, m).on("app", says(fine)).on("auth", says(policy("Allow", "*"))).on("simple", says(map[string]bool{"isAuthorized": true}))
	s.config.Fetch = newProvider()
	s.restart()
	if refused := s.gateway.Refused(); len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
	names := map[string]string{}
	for a := range m.APIs() {
		names[a.Name] = a.ID + ".execute-api.us-east-1.amazonaws.com"
	}
	web := func(more ...string) headers { return with2(names["Web"], more...) }
	classic := func(more ...string) headers { return with2(names["Classic"], more...) }

	s.gets("GET /open/7", web(), "200 fine")
	if got := at(s.event(), "version"); got != "2.0" {
		t.Errorf("payload format %v", got)
	}
	if want := "/$default/GET/open/{id}"; !strings.HasSuffix(s.sources[len(s.sources)-1], want) {
		t.Errorf("source ARN %s", s.sources)
	}
	s.gets("GET /guarded", web(), `401 {"message":"Unauthorized"}`)
	s.gets("GET /guarded", web("Authorization", sign(good())), `403 {"message":"Forbidden"}`)
	s.gets("GET /guarded", web("Authorization", "Bearer "+sign(good(claims{"scope": "read"}))), "200 fine")
	s.gets("PUT /simple", web(), `401 {"message":"Unauthorized"}`)
	s.gets("PUT /simple", web("Authorization", "x"), "200 fine")
	s.gets("OPTIONS /guarded", web("Origin", "https://www.example.com", "Access-Control-Request-Method", "GET"), "204 ")
	if n := s.allowed(5, "GET /open/7", web()); n != 2 {
		t.Errorf("%d more of a burst of 3", n)
	}

	res := s.gets("GET /prod/rest/a/b", classic(), restUnauthorized)
	if res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error(res.Header)
	}
	s.gets("GET /prod/rest/a/b", classic("Authorization", "other"), restUnauthorized)
	s.gets("GET /prod/rest/a/b", classic("Authorization", "token"), "200 fine")
	if got := at(s.event(), "pathParameters.proxy"); got != "a/b" {
		t.Errorf("proxy %v", got)
	}
	s.gets("GET /prod/key", classic(), noKey)
	res = s.call("OPTIONS /prod/key", classic("Origin", "https://x", "Access-Control-Request-Method", "GET"))
	if res.StatusCode != 200 || res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("preflight: %d %v", res.StatusCode, res.Header)
	}
	if res := s.call("OPTIONS /prod/rest/a", classic()); res.StatusCode != 200 { // SAM's own OPTIONS, before the ANY that is guarded
		t.Errorf("OPTIONS beside ANY: %d", res.StatusCode)
	}
}

func with2(host string, more ...string) headers {
	h := headers{"Host": host}
	for i := 0; i < len(more); i += 2 {
		h[more[i]] = more[i+1]
	}
	return h
}
