package cfn_test

import (
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

const (
	samOnly   = "Transform: AWS::Serverless-2016-10-31\n"
	loopsThen = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"
	samFn     = "{Type: 'AWS::Serverless::Function', Properties: {Handler: a.b, Runtime: nodejs20.x, InlineCode: x}}"
)

// functionNames are the names of a Spec's functions.
func functionNames(s cloud.Spec) string {
	var out []string
	for _, f := range s.Functions {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

// TestLoopsBeforeSAM: a loop makes SAM resources, whose paths SAM reads as text.
func TestLoopsBeforeSAM(t *testing.T) {
	for _, path := range []string{"'/${Name}'", "!Sub '/${Name}'", "{'Fn::Sub': '/${Name}'}"} {
		spec, diags := load(loopsThen + "Resources:\n  Fn::ForEach::Fns:\n  - Name\n  - [Alpha, Beta]\n  - '${Name}Fn': {Type: 'AWS::Serverless::Function', Properties: {Handler: a.b, Runtime: nodejs20.x, InlineCode: x,\n" +
			"      Events: {Api: {Type: HttpApi, Properties: {Method: get, Path: " + path + "}}}}}\n")
		wantErrors(t, path, diags)
		var routes []string
		for _, a := range spec.APIs {
			for _, r := range a.Routes {
				routes = append(routes, r.Path)
			}
		}
		if got := functionNames(spec) + " at " + strings.Join(routes, " "); got != "AlphaFn BetaFn at /Alpha /Beta" {
			t.Errorf("%s: got %s", path, got)
		}
	}
	_, diags := load("Transform: [AWS::Serverless-2016-10-31, AWS::LanguageExtensions]\nResources:\n  Fn: " + samFn + "\n")
	wantErrors(t, "order", diags, "1:41: error: the loops have to be written out before SAM's transform")
}

// TestApplications: a local application is a nested stack, as SAM makes it; one
// of the repository's is not here, and what it gives is unknown.
func TestApplications(t *testing.T) {
	child := samOnly + "Parameters: {Name: {Type: String}}\nResources:\n  Inner: " + samFn + "\nOutputs: {Arn: {Value: !GetAtt Inner.Arn}, Got: {Value: !Ref Name}}\n"
	local := "  Child: {Type: 'AWS::Serverless::Application', Properties: {Location: ./child/child.yaml, Parameters: {Name: given}}}\n"
	repository := "  Child: {Type: 'AWS::Serverless::Application', Properties: {Location: {ApplicationId: 'arn:aws:serverlessrepo:us-east-1:123456789012:applications/x', SemanticVersion: 1.0.0}}}\n"
	uses := "  Fn: " + samFn + "\n" + put("a", "!GetAtt Child.Outputs.Got")
	for _, c := range []struct{ name, resources, functions, value, warning string }{
		{"local, beside others", local + uses, "Fn Inner", "given", ""},
		{"local, alone", local + put("a", "!GetAtt Child.Outputs.Got"), "Inner", "given", ""},
		{"of the repository", repository + uses, "Fn", "?the template of nested stack Child is not here, so its output Got is not known", "SAM_NESTED_APPLICATION"},
		{"of the repository, alone", repository + put("a", "!GetAtt Child.Outputs.Got"), "", "?AWS::Serverless::Application is not modelled", ""},
		{"far away", strings.Replace(local, "./child/child.yaml", "https://bucket.s3.amazonaws.com/t.yaml", 1) + uses, "Fn", "?the template of nested stack Child is not here", "CFN_REMOTE_STACK"},
	} {
		spec, diags := group(folder{"a.stack": samOnly + "Resources:\n" + c.resources, "child/child.yaml": child}, "a.stack")
		wantErrors(t, c.name, diags)
		warnings := ""
		for _, d := range diags {
			if d.Severity == source.Warning {
				warnings += d.Code
			}
		}
		if got := functionNames(spec); got != c.functions || !strings.HasPrefix(stored(spec)["/a"], c.value) || warnings != c.warning {
			t.Errorf("%s: functions %q, value %q, warnings %q", c.name, got, stored(spec)["/a"], warnings)
		}
	}
}
