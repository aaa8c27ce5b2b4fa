package sam

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bailey/cfn/document"
	"bailey/source"
)

// Every policy template, with all its parameters, is what AWS writes.
func TestPolicyTemplatesAgainstOracle(t *testing.T) {
	var b strings.Builder
	b.WriteString("Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a\n      Runtime: b\n      InlineCode: x\n      Policies:\n")
	for _, name := range sortedKeys(policyTemplates) {
		parameters := map[string]bool{}
		for _, m := range templateParameter.FindAllStringSubmatch(policyTemplates[name], -1) {
			parameters[m[2]] = true
		}
		fmt.Fprintf(&b, "        - %s: {", name)
		for _, p := range sortedKeys(parameters) {
			fmt.Fprintf(&b, "%s: !Ref My%s, ", p, p)
		}
		b.WriteString("}\n")
	}
	doc := read(t, "policies.yaml", b.String())
	got, diags := transform(doc)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if n := len(get(got, "Resources", "FRole", "Properties", "Policies").Items); n != len(policyTemplates) {
		t.Errorf("%d policies of %d templates", n, len(policyTemplates))
	}
	if answers, ok := askOracle(t, []question{ask(doc)}); ok {
		judge(t, "policies", got, diags, answers[0])
	}
}

// mistakes are templates with one mistake each, that is refused at a line.
var mistakes = []struct{ name, resource, want string }{
	{"no code", "Type: AWS::Serverless::Function\n    Properties: {Handler: a, Runtime: b}", "2 SAM_INVALID"},
	{"not packaged", "Type: AWS::Serverless::Function\n    Properties:\n      Handler: a\n      Runtime: b\n      CodeUri: ./src", "7 SAM_NOT_PACKAGED"},
	{"no handler", "Type: AWS::Serverless::Function\n    Properties: {InlineCode: x, Runtime: b}", "2 SAM_INVALID"},
	{"unknown property", "Type: AWS::Serverless::Function\n    Properties:\n      Handlr: a", "5 SAM_UNKNOWN_PROPERTY"},
	{"wrong kind", "Type: AWS::Serverless::SimpleTable\n    Properties:\n      Tags: [a]", "5 SAM_INVALID"},
	{"missing property", "Type: AWS::Serverless::Api\n    Properties: {Name: a}", "2 SAM_INVALID"},
	{"unknown type", "Type: AWS::Serverless::Funktion", "3 SAM_UNKNOWN_TYPE"},
	{"logical ID", "Type: AWS::Serverless::SimpleTable\n  B-C: {Type: AWS::Serverless::SimpleTable}", "4 SAM_INVALID"},
	{"properties", "Type: AWS::Serverless::SimpleTable\n    Properties: x", "4 SAM_INVALID"},
	{"key type", "Type: AWS::Serverless::SimpleTable\n    Properties: {PrimaryKey: {Name: a, Type: Text}}", "4 SAM_INVALID"},
	{"architecture", "Type: AWS::Serverless::LayerVersion\n    Properties: {ContentUri: s3://b/k, CompatibleArchitectures: [mips]}", "4 SAM_INVALID"},
	{"retention", "Type: AWS::Serverless::LayerVersion\n    Properties: {ContentUri: s3://b/k, RetentionPolicy: maybe}", "4 SAM_INVALID"},
	{"two definitions", "Type: AWS::Serverless::StateMachine\n    Properties: {Definition: {a: b}, DefinitionUri: s3://b/k}", "2 SAM_INVALID"},
	{"no definition", "Type: AWS::Serverless::StateMachine", "2 SAM_INVALID"},
	{"role and policies", "Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: s3://b/k, Role: r, Policies: [AWSLambdaRole]}", "4 SAM_INVALID"},
	{"machine event", "Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: s3://b/k, Role: r, Events: {E: {Type: SQS}}}", "4 SAM_UNKNOWN_EVENT"},
	{"duplicate ID", "Type: AWS::Serverless::Function\n    Properties: {Handler: a, Runtime: b, InlineCode: x}\n  ARole: {Type: AWS::SNS::Topic}", "5 SAM_DUPLICATE_ID"},
	{"HTTP authorizer", "Type: AWS::Serverless::HttpApi\n    Properties: {Auth: {Authorizers: {J: {JwtConfiguration: {a: b}}}}}", "4 SAM_INVALID"},
	{"REST authorizer", "Type: AWS::Serverless::Api\n    Properties: {StageName: a, Auth: {Authorizers: {J: {FunctionArn: f, FunctionPayloadType: REQUEST}}}}", "4 SAM_INVALID"},
	{"usage plan", "Type: AWS::Serverless::Api\n    Properties: {StageName: a, Auth: {UsagePlan: {CreateUsagePlan: x}}}", "4 SAM_INVALID"},
	{"cors without body", "Type: AWS::Serverless::Api\n    Properties: {StageName: a, DefinitionUri: s3://b/k, Cors: x}", "4 SAM_INVALID"},
	{"domain", "Type: AWS::Serverless::HttpApi\n    Properties: {Domain: {DomainName: d, CertificateArn: c, EndpointConfiguration: EDGE}}", "4 SAM_INVALID"},
	{"base path", "Type: AWS::Serverless::HttpApi\n    Properties: {Domain: {DomainName: d, CertificateArn: c, BasePath: 'a b'}}", "4 SAM_INVALID"},
}

func TestMistakes(t *testing.T) {
	var questions []question
	for _, m := range mistakes {
		doc := read(t, "t.yaml", "Resources:\n  A:\n    "+m.resource+"\n")
		questions = append(questions, ask(doc))
		_, diags := transform(doc)
		var got []string
		for _, d := range diags.Sorted() {
			got = append(got, fmt.Sprintf("%d %s", d.At.Line, d.Code))
		}
		if !slices.Contains(got, m.want) {
			t.Errorf("%s: got %v, want %s\n%v", m.name, got, m.want, diags)
		}
	}
	answers, _ := askOracle(t, questions)
	for i, a := range answers {
		if name := mistakes[i].name; len(a.Errors) == 0 && name != "unknown type" && name != "logical ID" {
			t.Errorf("%s: the oracle takes it: %s", name, text(a.Template))
		}
	}
}

// Each mistake is said, not only the first.
func TestAllMistakesAreListed(t *testing.T) {
	_, diags := transform(read(t, "t.yaml", "Resources:\n  A: {Type: AWS::Serverless::Api}\n  B: {Type: AWS::Serverless::Function}\n  C: {Type: AWS::Serverless::SimpleTable, Properties: {X: 1}}\n"))
	var at []int
	for _, d := range diags.Sorted() {
		at = append(at, d.At.Line)
	}
	if at = slices.Compact(at); !slices.Equal(at, []int{2, 3, 4}) {
		t.Errorf("mistakes at lines %v, want 2, 3, 4:\n%v", at, diags)
	}
}

const placed = `Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a
      Runtime: b
      CodeUri: s3://b/k
      VpcConfig: {SubnetIds: [s]}
      AutoPublishAlias: live
      Policies:
        - SQSPollerPolicy: {QueueName: q}
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Tick:
          Type: Schedule
          Properties: {Schedule: rate(1 minute)}
        Get:
          Type: Api
          Properties: {Path: /a, Method: get}
    Connectors:
      Keep:
        Properties:
          Destination: {Id: Box}
          Permissions: [Write]
  Box: {Type: AWS::S3::Bucket}
  Graph:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      SchemaInline: s
      Auth: {Type: API_KEY}
      DataSources:
        Lambda:
          Ask: {FunctionArn: f}
      Functions:
        one: {DataSource: Ask, InlineCode: c, Runtime: {Name: n, Version: v}}
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: x
      Auth: {AuthType: CUSTOM, AuthArn: a}
      Routes:
        $connect: {FunctionArn: f}
  Nested:
    Type: AWS::Serverless::Application
    Properties: {Location: https://example.com/a}
  Pool:
    Type: AWS::Serverless::CapacityProvider
    Properties:
      VpcConfig: {SubnetIds: [s]}
`

// What is generated stands where a person would edit its cause.
func TestPositions(t *testing.T) {
	got, diags := transform(read(t, "t.yaml", placed))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, w := range []struct {
		line int
		path []string
	}{
		{3, []string{"F"}}, {6, []string{"F", "Properties", "Handler"}}, {8, []string{"F", "Properties", "Code"}},
		{9, []string{"F", "Properties", "VpcConfig"}}, {3, []string{"FRole"}}, {12, []string{"FRole", "Properties", "Policies", "0"}},
		{9, []string{"FRole", "Properties", "ManagedPolicyArns", "1"}}, {10, []string{"FAliaslive"}}, {13, []string{"FUrl"}},
		{15, []string{"FTick"}}, {15, []string{"FTickPermission"}}, {17, []string{"FTick", "Properties", "ScheduleExpression"}},
		{18, []string{"FGetPermissionProd"}}, {18, []string{"ServerlessRestApi"}},
		{18, []string{"ServerlessRestApi", "Properties", "Body", "paths", "/a", "get"}},
		{22, []string{"FKeepPolicy"}}, {25, []string{"FKeepPolicy", "Properties", "PolicyDocument", "Statement", "0"}},
		{30, []string{"GraphSchema"}}, {34, []string{"GraphAskLambdaDataSource"}}, {34, []string{"GraphAskLambdaDataSourceRole"}}, {34, []string{"GraphAskLambdaDataSourceToLambdaConnectorPolicy"}},
		{36, []string{"Graphone"}}, {43, []string{"ChatConnectRoute"}}, {43, []string{"ChatConnectPermission"}}, {41, []string{"ChatConnectAuthorizer"}},
		{46, []string{"Nested", "Properties", "TemplateURL"}}, {50, []string{"Pool", "Properties", "VpcConfig"}}, {47, []string{"PoolOperatorRole"}},
	} {
		n, ok := walk(get(got, "Resources"), w.path)
		if !ok || n.At.Line != w.line {
			t.Errorf("%s stands at line %d (%v), want %d", strings.Join(w.path, "/"), n.At.Line, ok, w.line)
		}
	}
}

func walk(n source.Node, path []string) (source.Node, bool) {
	for _, key := range path {
		var i int
		if _, err := fmt.Sscanf(key, "%d", &i); err == nil && i < len(n.Items) {
			n = n.Items[i]
			continue
		}
		var ok bool
		if n, ok = n.Get(key); !ok {
			return n, false
		}
	}
	return n, true
}

// Nothing of the outcome stands nowhere.
func TestEverythingHasAPlace(t *testing.T) {
	for _, w := range worlds(t) {
		got, diags := transform(w.doc)
		if !diags.HasErrors() {
			placeless(t, w.name, got)
		}
	}
}

func placeless(t *testing.T, path string, n source.Node) {
	if n.At.Line == 0 {
		t.Errorf("%s has no place", path)
	}
	for _, item := range n.Items {
		placeless(t, path+"[]", item)
	}
	for _, e := range n.Entries {
		if e.KeyAt.Line == 0 {
			t.Errorf("%s: the key %s has no place", path, e.Key)
		}
		placeless(t, path+"/"+e.Key, e.Value)
	}
}

// The transform leaves its input as it is, and gives the same outcome again.
func TestPure(t *testing.T) {
	for _, w := range worlds(t) {
		before := fmt.Sprint(w.doc)
		first := outcome(w.doc)
		if fmt.Sprint(w.doc) != before {
			t.Errorf("%s: the template was changed", w.name)
		}
		if outcome(w.doc) != first {
			t.Errorf("%s: two outcomes", w.name)
		}
	}
}

// The partition follows from the region, and parameters from the options.
func TestOptions(t *testing.T) {
	doc := read(t, "t.yaml", "Parameters: {A: {Type: String, Default: x}}\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a, Runtime: b, InlineCode: x, AutoPublishAlias: !Ref A}}\n")
	got, diags := Transform(doc, Options{Region: "cn-north-1", Parameters: map[string]source.Node{"A": {Kind: source.String, Text: "given"}}})
	arn, _ := walk(got, []string{"Resources", "FRole", "Properties", "ManagedPolicyArns", "0"})
	if want := "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"; arn.Text != want || diags.HasErrors() {
		t.Errorf("got %q, want %q (%v)", arn.Text, want, diags)
	}
	if _, ok := got.Path("Resources", "FAliasgiven"); !ok {
		t.Error("the parameter's value is not used")
	}
}

func TestUses(t *testing.T) {
	for text, want := range map[string]bool{"Transform: AWS::Serverless-2016-10-31": true, "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]": true, "Transform: AWS::Include": false, "Resources: {}": false} {
		if got := Uses(read(t, "t.yaml", text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Whatever a document holds, the transform ends, with an outcome or with errors.
func FuzzTransform(f *testing.F) {
	for _, m := range mistakes {
		f.Add("Resources:\n  A:\n    " + m.resource + "\n")
	}
	for _, e := range eventChoices {
		f.Add("Resources:\n  F0:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: a, Runtime: b, InlineCode: c, Events: {E: " + strings.TrimPrefix(e, bad) + "}}\n")
	}
	f.Add(placed)
	f.Fuzz(func(t *testing.T, text string) {
		doc, diags := document.Read("f.yaml", []byte(text))
		if diags.HasErrors() {
			return
		}
		if got, diags := transform(doc); !diags.HasErrors() && get(got, "Resources").Kind != source.Map {
			t.Errorf("no outcome and no error")
		}
	})
}
