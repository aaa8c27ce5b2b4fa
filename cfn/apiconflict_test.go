package cfn_test

import (
	"fmt"
	"strings"
	"testing"

	"bailey/source"
)

// aRESTTree is a REST API with one resource {a}; PART, METHOD and WHEN are of
// what is added to it.
const aRESTTree = `Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {Dev: !Equals [!Ref Stage, dev], Prod: !Not [!Condition Dev]}
Resources:
  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  X: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: !GetAtt A.RootResourceId, PathPart: '{a}'}}
  Y: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: PARENT, PathPart: 'PART'} WHEN}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !Ref X, HttpMethod: GET, AuthorizationType: NONE, Integration: {Type: MOCK}}}
  N: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !Ref X, HttpMethod: METHOD, AuthorizationType: NONE, Integration: {Type: MOCK}} WHEN}
`

// aRoutedAPI has the route GET /a; KEY is another's and OF what settings are
// for.
const aRoutedAPI = `Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {Dev: !Equals [!Ref Stage, dev], Prod: !Not [!Condition Dev]}
Resources:
  A: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP MORE}}
  R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref A, RouteKey: GET /a}}
  Q: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref A, RouteKey: KEY} WHEN}
  S: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref A, StageName: s, RouteSettings: {OF: {ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1}}}}
`

// What one part of an API has is refused to a second, with the place of the
// first; parts of which only one is there do not meet.
func TestPartsOfAnAPIThatMeet(t *testing.T) {
	rest := func(change ...string) string {
		return strings.NewReplacer(append(change, "PARENT", "!GetAtt A.RootResourceId", "PART", "x", "METHOD", "POST", " WHEN", "")...).Replace(aRESTTree)
	}
	http := func(change ...string) string {
		return strings.NewReplacer(append(change, "KEY", "POST /a", "OF", "GET /a", " WHEN", "", " MORE", "")...).Replace(aRoutedAPI)
	}
	for _, c := range []struct{ name, template, want string }{
		{"a tree", rest(), ""},
		{"one name twice", rest("PART", "{a}"), `PathPart of Y: its parent has a part "{a}" already (X at template.yaml:5:118)`},
		{"two parameters", rest("PART", "{b}"), "PathPart of Y: its parent has the path parameter {a} already, and only one is allowed (X at template.yaml:5:118)"},
		{"a greedy one beside", rest("PART", "{b+}"), "PathPart of Y: its parent has the path parameter {a} already, and only one is allowed (X at template.yaml:5:118)"},
		{"a parameter of another parent", rest("PARENT", "!Ref X", "PART", "{b}"), ""},
		{"one method twice", rest("METHOD", "GET"), "HttpMethod of N: the resource has a method GET already (M at template.yaml:7:102)"},
		{"ANY beside GET", rest("METHOD", "ANY"), ""},
		{"a method that is not there", rest("METHOD", "GET", "PART", "{b}", " WHEN", ", Condition: Prod"), ""},
		{"a method that is there", rest("METHOD", "GET", " WHEN", ", Condition: Dev"), "HttpMethod of N: the resource has a method GET already (M at template.yaml:7:102)"},
		{"routes", http(), ""},
		{"one key twice", http("KEY", "GET /a"), `RouteKey of Q: the API has a route with the key "GET /a" already (R at template.yaml:5:77)`},
		{"a route that is not there", http("KEY", "GET /a", " WHEN", ", Condition: Prod"), ""},
		{"settings of no route", http("OF", "PUT /a"), `RouteSettings of S: A has no route with the key "PUT /a"`},
		{"settings of a method of ANY", http("KEY", "ANY /b", "OF", "GET /b"), `RouteSettings of S: A has no route with the key "GET /b"`},
		{"settings of $default", http("KEY", "$default", "OF", "$default"), ""},
		{"settings of a route that is not there", http("OF", "POST /a", " WHEN", ", Condition: Prod"), `RouteSettings of S: A has no route with the key "POST /a"`},
		{"settings of an API that is elsewhere", http("OF", "PUT /a", " MORE", ", BodyS3Location: {Bucket: b, Key: k}"), ""},
	} {
		_, diags := load(c.template)
		var got []string
		for _, d := range diags {
			if d.Severity == source.Error {
				got = append(got, d.Summary)
			}
		}
		if all := strings.Join(got, "; "); all != c.want {
			t.Errorf("%s: got %q, want %q", c.name, all, c.want)
		}
	}
}

// A part of which it is open whether it is there takes nothing from another,
// and is a route that settings may be for.
func TestPartsThatMayNotBeThere(t *testing.T) {
	open := func(template string, change ...string) string {
		template = strings.NewReplacer(append(change, " WHEN", ", Condition: Dev", " MORE", "")...).Replace(template)
		return strings.ReplaceAll(template, "Type: String, Default: dev", "Type: String")
	}
	for _, template := range []string{
		open(aRESTTree, "PARENT", "!GetAtt A.RootResourceId", "PART", "{b}", "METHOD", "GET"),
		open(aRoutedAPI, "KEY", "GET /a", "OF", "GET /a"),
		open(aRoutedAPI, "KEY", "GET /b", "OF", "GET /b"),
	} {
		if _, diags := load(template); diags.HasErrors() {
			t.Error(diags)
		}
	}
}

// What is refused of a route is refused of one in an OpenAPI document, at its
// place there.
func TestMistakesInDocuments(t *testing.T) {
	body := func(change ...string) string {
		r := strings.NewReplacer(append(change, "PATH", "/a/{b+}", "VERB", "get", " PAYLOAD", ", payloadFormatVersion: '2.0'")...)
		return strings.ReplaceAll(r.Replace(`Resources:
  A:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Body:
        openapi: 3.0.1
        info: {title: a, version: '1'}
        paths:
          PATH:
            summary: what it is
            VERB: {x-amazon-apigateway-integration: {type: AWS_PROXY, uri: URI PAYLOAD}}
`), "URI", uri)
	}
	for _, c := range []struct{ name, template, want string }{
		{"a document", body(), ""},
		{"greedy within", body("PATH", "/{b+}/c"), "template.yaml:9 CFN_BAD_VALUE"},
		{"no method", body("VERB", "fetch"), "template.yaml:11 CFN_NO_EFFECT"},
		{"any method", body("VERB", "x-amazon-apigateway-any-method"), ""},
		{"no payload format", body(" PAYLOAD", ""), "template.yaml:11 CFN_MISSING_PROPERTY"},
		{"no such payload format", body(" PAYLOAD", ", payloadFormatVersion: '3.0'"), "template.yaml:11 CFN_BAD_VALUE"},
	} {
		_, diags := load(c.template)
		var got []string
		for _, d := range diags {
			if d.Severity != source.Note {
				got = append(got, fmt.Sprintf("%s:%d %s", d.At.File, d.At.Line, d.Code))
			}
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: got %q, want %q: %v", c.name, all, c.want, diags)
		}
	}
}
