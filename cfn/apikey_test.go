package cfn_test

import (
	"fmt"
	"strings"
	"testing"
)

// A method that needs a key is told where no key can open it, and not where the
// plan may be one that is not described.
func TestAKeyThatNobodyHas(t *testing.T) {
	const template = `Parameters: {Plan: {Type: String}, Which: {Type: String}}
Resources:
  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a MORE}}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, ApiKeyRequired: NEED, AuthorizationType: NONE, Integration: {Type: MOCK}}}
  D: {Type: AWS::ApiGateway::Deployment, DependsOn: M, Properties: {RestApiId: !Ref A, StageName: s}}
  K: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true}}
  P: {Type: AWS::ApiGateway::UsagePlan, DependsOn: D, Properties: {ApiStages: [{ApiId: OF, Stage: IN}]}}
`
	const key = "  U: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref K, KeyType: API_KEY, UsagePlanId: PLAN}}\n"
	with := func(more string, change ...string) string {
		return strings.NewReplacer(append(change, "NEED", "true", "OF", "!Ref A", "IN", "s", "PLAN", "!Ref P", " MORE", "")...).Replace(template + more)
	}
	for _, c := range []struct {
		name, template string
		told           bool
	}{
		{"a plan with a key", with(key), false},
		{"a plan without a key", with(""), true},
		{"a plan of another stage", with(key, "IN", "other"), true},
		{"a plan of another API", with(key, "OF", "abcdefghij"), true},
		{"no key needed", with("", "NEED", "false"), false},
		{"a plan of an API that is open", with(key, "OF", "!Ref Which"), false},
		{"a plan of a stage that is open", with(key, "IN", "!Ref Which"), false},
		{"a key of a plan that is elsewhere", with(key, "PLAN", "abcdef"), false},
		{"a key of a plan that is open", with(key, "PLAN", "!Ref Plan"), false},
		{"an API that is elsewhere", with("", " MORE", ", BodyS3Location: {Bucket: b, Key: k}"), false},
	} {
		_, diags := load(c.template)
		if all := fmt.Sprint(diags); strings.Contains(all, "CFN_NO_USAGE_PLAN") != c.told || diags.HasErrors() {
			t.Errorf("%s: told is not %v: %v", c.name, c.told, diags)
		}
	}
}
