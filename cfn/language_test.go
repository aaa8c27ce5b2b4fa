package cfn_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// extended evaluates a template with AWS::LanguageExtensions.
func extended(template string) (cloud.Spec, source.Diags) {
	return load("Transform: AWS::LanguageExtensions\n" + template)
}

// The first ones are the examples of the page:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
func TestLoops(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"resources", "Resources:\n  Fn::ForEach::Topics:\n  - Name\n  - [Success, Failure]\n  - 'P${Name}': {Type: 'AWS::SSM::Parameter', Properties: {Name: !Sub '/${Name}', Type: String, Value: !Ref Name}}\n",
			"/Failure=Failure /Success=Success"},
		{"over a parameter", "Parameters: {All: {Type: CommaDelimitedList, Default: 'a,b'}}\nResources:\n  Fn::ForEach::L: [N, !Ref All, {'P${N}': {Type: 'AWS::SSM::Parameter', Properties: {Name: '/${N}', Type: String, Value: '${N}!'}}}]\n",
			"/a=a! /b=b!"},
		{"over a mapping", "Mappings: {M: {us-west-2: {All: [x, y]}}}\nResources:\n  Fn::ForEach::L: [N, !FindInMap [M, !Ref AWS::Region, All], {'P${N}': {Type: 'AWS::SSM::Parameter', Properties: {Name: '/${N}', Type: String, Value: v}}}]\n",
			"/x=v /y=v"},
		{"nested", "Resources:\n  Fn::ForEach::A:\n  - A\n  - [a, b]\n  - Fn::ForEach::B:\n    - B\n    - ['1', '2']\n    - 'P${A}${B}': {Type: 'AWS::SSM::Parameter', Properties: {Name: '/${A}/${B}', Type: String, Value: !Join ['-', [!Ref A, !Ref B]]}}\n",
			"/a/1=a-1 /a/2=a-2 /b/1=b-1 /b/2=b-2"},
		{"letters and digits only", "Resources:\n  Fn::ForEach::L: [N, ['10.0.0.0/8'], {'P&{N}': {Type: 'AWS::SSM::Parameter', Properties: {Name: '/&{N}', Type: String, Value: !Ref N}}}]\n",
			"/100008=10.0.0.0/8"},
		{"in properties", "Resources:\n  P: {Type: 'AWS::SSM::Parameter', Properties: {Name: /p, Fn::ForEach::L: [K, [Type], {'${K}': String}], Value: v}}\n", "/p=v"},
		{"references to what a loop makes", "Resources:\n  Fn::ForEach::L: [N, [a, b], {'Q${N}': {Type: 'AWS::SSM::Parameter', Properties: {Name: '/${N}', Type: String, Value: '${N}'}}}]\n" + put("ref", "!GetAtt Qb.Value"),
			"/a=a /b=b /ref=b"},
		{"conditions", "Conditions:\n  Fn::ForEach::L: [N, [us-west-2, eu-west-1], {'In&{N}': !Equals [!Ref AWS::Region, !Ref N]}]\nResources:\n" + put("a", "!If [Inuswest2, here, there]"),
			"/a=here"},
	} {
		spec, diags := extended(c.template)
		wantErrors(t, c.name, diags)
		if got := sortedPairs(stored(spec)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func sortedPairs(m map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+m[k])
	}
	return strings.Join(out, " ")
}

func TestExtensionFunctions(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{"{'Fn::Length': [a, b, c]}", "3"},
		{"{'Fn::Length': !Ref List}", "2"},
		{"{'Fn::Length': !Split [',', 'a,b,c,d']}", "4"},
		{"{'Fn::ToJsonString': {b: [1, true, null, !Ref 'AWS::NoValue', 'x\"'], a: !Ref AWS::Region, c: {}}}", `{"b":[1,true,null,"x\""],"a":"us-west-2","c":{}}`},
		{"!FindInMap [M, nowhere, k, {DefaultValue: !Sub '${AWS::Region}'}]", "us-west-2"},
		{"!FindInMap [!Join ['', [M]], !Select [0, [r]], k, {DefaultValue: no}]", "v"},
		{"{'Fn::Length': !Ref Open}", "?parameter Open has no value"},
	} {
		spec, diags := extended("Parameters: {List: {Type: CommaDelimitedList, Default: 'x,y'}, Open: {Type: CommaDelimitedList}}\nMappings: {M: {r: {k: v}}}\nResources:\n" + put("v", c.expression))
		wantErrors(t, c.expression, diags)
		if got := stored(spec)["/v"]; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s is %s, want %s", c.expression, got, c.want)
		}
	}
}

func TestRelaxedAttributes(t *testing.T) {
	text := "Parameters: {Keep: {Type: String, Default: Retain}}\nResources:\n  P: {Type: 'AWS::SSM::Parameter', DeletionPolicy: !Ref Keep, Properties: {Type: String, Value: v}}\n"
	_, diags := extended(text)
	wantErrors(t, "with the transform", diags)
	_, diags = load(text)
	wantErrors(t, "without", diags, "Ref cannot stand in DeletionPolicy of P [CFN_NESTING]")
	_, diags = extended(strings.Replace(text, "Retain", "Retian", 1))
	wantErrors(t, "a slip", diags, `DeletionPolicy of P is "Retian" [CFN_BAD_VALUE]`)
}

func TestLoopMistakes(t *testing.T) {
	p := "{Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: v}}"
	for _, c := range []struct{ name, template, want string }{
		{"no list", "Resources:\n  Fn::ForEach::L: [N, x, {'P${N}': " + p + "}]\n  Q: " + p, "3:23: error: Fn::ForEach::L loops over a list, not a string [CFN_WRONG_TYPE]"},
		{"two arguments", "Resources:\n  Fn::ForEach::L: [N, [a]]\n  Q: " + p, "3:3: error: Fn::ForEach::L has the wrong arguments [CFN_BAD_FUNCTION]"},
		{"keys that are the same", "Resources:\n  Fn::ForEach::L: [N, [a, b], {'P': " + p + "}]\n", `3:32: error: key "P" is already there [CFN_DUPLICATE_KEY]`},
		{"a loop's name twice", "Resources:\n  Fn::ForEach::L: [N, [a], {'P${N}': " + p + "}]\nOutputs:\n  Fn::ForEach::L: [N, [a], {'O${N}': {Value: x}}]\n", "5:3: error: loop Fn::ForEach::L is already there, at template.yaml:3:3"},
		{"in Rules", "Rules:\n  Fn::ForEach::L: [N, [a], {'R${N}': {}}]\nResources:\n  Q: " + p, "3:3: error: Fn::ForEach::L cannot stand in Rules [CFN_NESTING]"},
		{"explosion", "Resources:\n  Fn::ForEach::A: [A, &l [" + strings.Repeat("x,", 300) + "y], {Fn::ForEach::B: [B, *l, {Fn::ForEach::C: [C, *l, {Fn::ForEach::D: [D, *l, {'P${A}${B}${C}${D}': 1}]}]}]}]\n", "CFN_TOO_LONG"},
	} {
		_, diags := extended(c.template)
		if got := diags.Error(); !diags.HasErrors() || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %.600s, want %s", c.name, got, c.want)
		}
	}
	_, diags := load("Resources:\n  Fn::ForEach::L: [N, [a], {'P${N}': " + p + "}]\n  Q: " + p)
	wantErrors(t, "without the transform", diags, "2:3: error: Fn::ForEach::L needs the transform AWS::LanguageExtensions [CFN_TRANSFORM]")
}

// What an open loop makes is not known, nor what a name means that it may have
// made; nothing of that is an error.
func TestOpenLoop(t *testing.T) {
	spec, diags := extended("Parameters: {All: {Type: CommaDelimitedList}}\nResources:\n  Fn::ForEach::L: [N, !Ref All, {'Q${N}': {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: v}}}]\n" + put("ref", "!GetAtt Qb.Value"))
	wantErrors(t, "open", diags)
	if got := stored(spec)["/ref"]; !strings.HasPrefix(got, "?parameter All has no value") {
		t.Errorf("got %s", got)
	}
}

func TestIncludes(t *testing.T) {
	files := folder{
		"main.stack": "Transform: {Name: AWS::Include, Parameters: {Location: top.yaml}}\nParameters: {Where: {Type: String, Default: part}}\n" +
			"Mappings: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: map.json}}}\nResources:\n" +
			"  Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Sub '${Where}/resources.yaml'}}\n" + put("m", "!FindInMap [M, a, b]") + put("t", "!GetAtt Top.Value") +
			"  Q: {Type: 'AWS::SSM::Parameter', Properties: {Name: /q, 'Fn::Transform': {Name: AWS::Include, Parameters: {Location: part/properties.yaml}}}}\n",
		"top.yaml":             "Resources:\n  Top: {Type: 'AWS::SSM::Parameter', Properties: {Name: /top, Type: String, Value: t}}\n",
		"map.json":             `{"M": {"a": {"b": "mapped"}}}`,
		"part/resources.yaml":  "R: {Type: 'AWS::SSM::Parameter', Properties: {Name: /r, Type: String, Value: !Ref Where}}\n",
		"part/properties.yaml": "Type: String\nValue: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: value.yaml}}}\n",
		"part/value.yaml":      "!Sub '${AWS::Region}!'\n",
	}
	spec, diags := group(files, "main.stack")
	wantErrors(t, "includes", diags)
	if got := sortedPairs(stored(spec)); got != "/m=mapped /q=us-west-2! /r=part /t=t /top=t" {
		t.Errorf("got %s", got)
	}
	files["part/value.yaml"] = "!Ref Nothing\n"
	_, diags = group(files, "main.stack")
	wantErrors(t, "place", diags, `part/value.yaml:1:1: error: nothing in the template is called "Nothing"`)
	files["part/value.yaml"] = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: properties.yaml}}\n"
	_, diags = group(files, "main.stack")
	wantErrors(t, "circle", diags, "part/properties.yaml includes itself [CFN_CYCLE]")
	delete(files, "part/value.yaml")
	_, diags = group(files, "main.stack")
	wantErrors(t, "missing", diags, "part/properties.yaml:2:68: error: the snippet part/value.yaml cannot be read")
	files["part/properties.yaml"] = "Type: String\nValue: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/k'}}}\n"
	spec, diags = group(files, "main.stack")
	wantErrors(t, "remote", diags)
	if got := stored(spec)["/q"]; !strings.HasPrefix(got, "?the snippet at s3://b/k is not here") {
		t.Errorf("remote: got %s", got)
	}
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
func TestRules(t *testing.T) {
	const rest = "Resources:\n  P: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: v}}\n"
	for _, c := range []struct{ name, rule, want string }{
		{"holds", "{Assertions: [{Assert: {'Fn::Contains': [[a1.medium], !Ref Size]}}]}", ""},
		{"false", "{Assertions: [{Assert: {'Fn::Contains': [[a1.large], !Ref Size]}, AssertDescription: too small}]}", "5:35: error: the parameters break rule R: an assertion is false [CFN_RULE]\n    too small"},
		{"does not apply", "{RuleCondition: !Equals [!Ref Env, prod], Assertions: [{Assert: {'Fn::Contains': [[a1.large], !Ref Size]}}]}", ""},
		{"applies", "{RuleCondition: !Equals [!Ref Env, test], Assertions: [{Assert: !Not [{'Fn::Contains': [[a1.medium], !Ref Size]}]}]}", "CFN_RULE"},
		{"each in", "{Assertions: [{Assert: {'Fn::EachMemberIn': [!Ref Zones, [a, b, c]]}}]}", ""},
		{"not each in", "{Assertions: [{Assert: {'Fn::EachMemberIn': [!Ref Zones, [a, c]]}}]}", "CFN_RULE"},
		{"each equals", "{Assertions: [{Assert: {'Fn::EachMemberEquals': [[x, x], x]}}]}", ""},
		{"not each equals", "{Assertions: [{Assert: {'Fn::EachMemberEquals': [!Ref Zones, a]}}]}", "CFN_RULE"},
		{"all of a type", "{Assertions: [{Assert: {'Fn::EachMemberIn': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, [vpc-1, vpc-2]]}}]}", ""},
		{"not all of a type", "{Assertions: [{Assert: {'Fn::EachMemberIn': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, [vpc-2]]}}]}", "CFN_RULE"},
		{"known in the account", "{Assertions: [{Assert: {'Fn::EachMemberEquals': [{'Fn::ValueOfAll': ['AWS::EC2::VPC::Id', Tags.Team]}, x]}}]}", ""},
		{"known in the account, one", "{Assertions: [{Assert: {'Fn::EachMemberEquals': [{'Fn::ValueOf': [Vpc, Tags.Team]}, x]}}]}", ""},
		{"no condition", "{Assertions: [{Assert: {'Fn::RefAll': 'AWS::EC2::VPC::Id'}}]}", "CFN_NESTING"},
		{"no assertion", "{Assertions: []}", "CFN_WRONG_TYPE"},
		{"no assert", "{Assertions: [{AssertDescription: x}]}", "CFN_MISSING_PROPERTY"},
		{"a slip", "{Assertion: [], Assertions: [{Assert: !Equals [a, a]}]}", "CFN_UNKNOWN_KEY"},
		{"a resource", "{Assertions: [{Assert: !Equals [!Ref P, a]}]}", "P is a resource: Rules cannot refer to it [CFN_NESTING]"},
	} {
		_, diags := load("Parameters:\n  Size: {Type: String, Default: a1.medium}\n  Zones: {Type: CommaDelimitedList, Default: 'a,b'}\n  Vpc: {Type: 'AWS::EC2::VPC::Id', Default: vpc-1}\n" +
			"Rules: {R: " + strings.ReplaceAll(c.rule, "!Ref Env", "test") + "}\n" + rest)
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		wantErrors(t, c.name, diags, want...)
	}
}

// What may stand in what: the pages of the functions, under "Supported
// functions".
func TestNesting(t *testing.T) {
	for _, c := range []struct{ name, expression, hint string }{
		{"delimiter", "!Join [!Ref A, [x]]", "write the value itself"},
		{"delimiter of Split", "!Select [0, !Split [!Ref A, x]]", "write the value itself"},
		{"template of Sub", "{'Fn::Sub': [!Ref A, {}]}", "write the value itself"},
		{"region", "!Select [0, {'Fn::GetAZs': {'Fn::GetAtt': [V, CidrBlock]}}]", "there may stand Ref"},
		{"map key", "!FindInMap [M, !Sub '${A}', k]", "there may stand FindInMap, Ref"},
		{"index", "!Select [{'Fn::Length': [a]}, [x, y]]", ""},
		{"import of a resource", "{'Fn::ImportValue': {'Fn::GetAtt': [V, CidrBlock]}}", "there may stand"},
		{"in a branch that is not taken", "!If [Yes, x, !Join [!Ref A, [y]]]", "write the value itself"},
		{"attribute's resource", "{'Fn::GetAtt': [!Ref A, CidrBlock]}", "add Transform: AWS::LanguageExtensions"},
	} {
		_, diags := load("Parameters: {A: {Type: String, Default: a}}\nMappings: {M: {a: {k: v}}}\nConditions: {Yes: !Equals [a, a]}\nResources:\n  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n" + put("x", c.expression))
		found := false
		for _, d := range diags {
			found = found || d.Code == "CFN_NESTING" && strings.Contains(d.Hint, c.hint) && d.At.Line == 6
		}
		if !found {
			t.Errorf("%s: got %s", c.name, diags.Error())
		}
	}
	_, diags := load("Conditions: {C: !Equals [!GetAtt V.CidrBlock, x]}\nResources:\n  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n")
	if !strings.Contains(diags.Error(), "Fn::GetAtt cannot stand in this argument of Fn::Equals [CFN_NESTING]") {
		t.Errorf("got %s", diags.Error())
	}
	_, diags = load("Parameters: {P: {Type: String, Default: !Ref AWS::Region}}\nResources:\n" + put("x", "y"))
	wantErrors(t, "in Parameters", diags, "1:41: error: Default of parameter P is a function: none can stand in Parameters [CFN_NESTING]")
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
func TestDynamicReferences(t *testing.T) {
	facts := cloud.Spec{Region: "us-west-2", Stack: "app", Parameters: []cloud.Parameter{{ParamName: "/net/vpc", Value: cloud.Known("vpc-1")}, {ParamName: "/net/subnets", Value: cloud.Known("subnet-1, subnet-2")}}}
	template := "Parameters:\n  Vpc: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>', Default: /net/vpc}\n" +
		"  Subnets: {Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>', Default: /net/subnets}\n" +
		"  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/service/ami}\nResources:\n" +
		"  Own: {Type: 'AWS::SSM::Parameter', Properties: {Name: /own, Type: StringList, Value: 'a,b'}}\n" +
		"  Secret: {Type: 'AWS::SecretsManager::Secret', Properties: {Name: db, GenerateSecretString: {SecretStringTemplate: '{\"username\": \"me\"}', GenerateStringKey: password}}}\n"
	for _, c := range []struct{ expression, want string }{
		{"'{{resolve:ssm:/net/vpc}}'", "vpc-1"},
		{"'{{resolve:ssm:/net/vpc:3}}'", "vpc-1"},
		{"!Sub 'x-{{resolve:ssm:/own}}-${AWS::Region}'", "x-a,b-us-west-2"},
		{"'{{resolve:ssm:/nowhere}}'", `?it is the value of "/nowhere" in Systems Manager's Parameter Store, which is stated nowhere (facts.ssm in bailey.yaml)`},
		{"'{{resolve:ssm-secure:/net/key:1}}'", `?it is the secure string`},
		{"'{{resolve:secretsmanager:db:SecretString:username}}'", "me"},
		{"!Sub '{{resolve:secretsmanager:${Secret}:SecretString:username::}}'", "me"},
		{"'{{resolve:secretsmanager:db:SecretString:password}}'", `?it is a part of the secret "db", whose value no template states`},
		{"'{{resolve:secretsmanager:other}}'", `?it is a part of the secret "other"`},
		{"!Ref Vpc", "vpc-1"},
		{"!Select [1, !Ref Subnets]", "subnet-2"},
		{"!Ref Image", `?parameter Image is the value of "/aws/service/ami"`},
	} {
		spec, diags := cfn.Load(cfn.Input{File: "template.yaml", Data: []byte(template + put("x", c.expression)), Spec: facts})
		wantErrors(t, c.expression, diags)
		if got := stored(spec)["/x"]; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s is %s, want %s", c.expression, got, c.want)
		}
	}
	for _, c := range []string{"'{{resolve:sms:/x}}'", "'{{resolve:ssm:/x:latest}}'", "'{{resolve:secretsmanager:x:SecretBinary}}'"} {
		_, diags := load(template + put("x", c))
		wantErrors(t, c, diags, "[CFN_BAD_DYNAMIC_REFERENCE]")
	}
}

func TestParameterTypes(t *testing.T) {
	for _, c := range []struct{ typ, value, want string }{
		{"AWS::EC2::VPC::Id", "vpc-1", ""}, {"AWS::EC2::VPC::Id", "subnet-1", "CFN_PARAMETER_VALUE"},
		{"List<AWS::EC2::SecurityGroup::Id>", "sg-1, sg-2", ""}, {"List<AWS::EC2::SecurityGroup::Id>", "sg-1,x", "CFN_PARAMETER_VALUE"},
		{"AWS::EC2::VPC::ID", "vpc-1", "CFN_BAD_TYPE"}, {"List<Numbers>", "1", "CFN_BAD_TYPE"}, {"List<Number>", "1,b", "CFN_PARAMETER_VALUE"},
		{"AWS::SSM::Parameter::Value<Number>", "x", "CFN_BAD_TYPE"}, {"AWS::SSM::Parameter::Name", "/a", ""},
	} {
		_, diags := load(fmt.Sprintf("Parameters: {P: {Type: '%s', Default: '%s'}}\nResources:\n%s", c.typ, c.value, put("x", "y")))
		var want []string
		if c.want != "" {
			want = []string{"[" + c.want + "]"}
		}
		wantErrors(t, c.typ+" "+c.value, diags, want...)
	}
	_, diags := load("Parameters: {P: {Type: String, NoEcho: true, Default: secret, AllowedValues: [a]}}\nResources:\n" + put("x", "y"))
	if strings.Contains(diags.Error(), "secret") || !diags.HasErrors() {
		t.Errorf("a NoEcho value is shown: %v", diags)
	}
}
