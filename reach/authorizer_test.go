package reach_test

import (
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
	"bailey/project"
	"bailey/reach"
)

// behind is the failure of a function that fetches a user pool's keys from
// inside a VPC, with an API in front of it.
const behind = `  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: pets, ProtocolType: HTTP}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Function.Arn, PayloadFormatVersion: "2.0"}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: GET /pets, Target: !Sub "integrations/${Integration}"}
`

const keys = `      Environment: {Variables: {JWKS: "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Ab1Cd2Ef3/.well-known/jwks.json"}}
      VpcConfig:
`

// Where an API stands before a function that checks tokens itself, the gateway
// can do so for nothing; that the code then has to change cannot be proved, and
// is said. Written into the template, every route asks the authorizer.
func TestTheGatewayMayCheckTokens(t *testing.T) {
	text := strings.Replace(failing(t, "22-cognito-keys"), "      VpcConfig:\n", keys, 1) + behind
	p, diags := project.Parse(project.FileName, []byte("region: us-west-2\nfacts: {catalogue: '2022-04-02'}"))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	w := template{name: "t.yaml", project: p}
	root := read(t, w.name, []byte(text))
	m, err := w.load(root)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := reach.Answer(m, path.Question{From: "Function", To: "cognito-idp.us-west-2.amazonaws.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range answer.Fixes {
		if f.Instead == "" {
			continue
		}
		if f.Proved || f.USDPerYear != 0 || !strings.Contains(f.Summary, "let Api check the tokens") {
			t.Errorf("got %+v", f)
		}
		after, err := w.load(patchYAML(t, root, f.Patch))
		if err != nil {
			t.Fatalf("%v\n%s", err, f.Patch)
		}
		for api := range after.APIs() {
			for _, r := range api.Routes {
				if r.Auth.Kind != cloud.AuthJWT || len(api.Authorizers) != 1 || api.Authorizers[0].Issuer.Or("") != "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Ab1Cd2Ef3" {
					t.Errorf("%s asks %v of %+v\n%s", r.Name, r.Auth.Kind, api.Authorizers, f.Patch)
				}
			}
		}
		return
	}
	t.Errorf("no authorizer is proposed: %+v", answer.Fixes)
}
