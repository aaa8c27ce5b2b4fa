package cfn_test

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// valueOf evaluates one expression as the value of a parameter, with a few
// names to refer to.
func valueOf(expression string) (string, source.Diags) {
	spec, diags := load(`Parameters:
  Root: {Type: String, Default: example.com}
  List: {Type: CommaDelimitedList, Default: "a,b"}
  Open: {Type: String}
Mappings:
  Regions: {us-west-2: {Ami: ami-1}}
Resources:
  Main: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Job: {Type: "AWS::Glue::Job"}
  P: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: ` + expression + `}}
`)
	for _, p := range spec.Parameters {
		if p.Name == "P" {
			if g, missing := p.Value.Gap(); missing {
				return "?" + g.Because, diags
			}
			return p.Value.Or(""), diags
		}
	}
	return "nothing", diags
}

// errorsOf lists the errors as line:col CODE.
func errorsOf(diags source.Diags) string {
	var out []string
	for _, d := range diags {
		if d.Severity == source.Error {
			out = append(out, fmt.Sprintf("%d:%d %s", d.At.Line, d.At.Col, d.Code))
		}
	}
	return strings.Join(out, " ")
}

// The first of each function are the examples of its page in AWS's guide:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
func TestIntrinsics(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{`!Join [":", [a, b, c]]`, "a:b:c"},
		{`!Join ["", []]`, ""},
		{`!Join [",", !Ref List]`, "a,b"},
		{`!Join [",", [a, !Ref "AWS::NoValue", b]]`, "a,b"},
		{`!Select ["1", [apples, grapes, oranges, mangoes]]`, "grapes"},
		{`!Select [2, !Split ["|", "a|b|c"]]`, "c"},
		{`!Join ["/", !Split ["|", "a||c|"]]`, "a//c/"},
		{`!Join [" ", !Cidr [192.168.0.0/24, 6, 5]]`, "192.168.0.0/27 192.168.0.32/27 192.168.0.64/27 192.168.0.96/27 192.168.0.128/27 192.168.0.160/27"},
		{`!Join [" ", !Cidr [!GetAtt Main.CidrBlock, 2, 8]]`, "10.0.0.0/24 10.0.1.0/24"},
		{`!Join [" ", !Cidr ["2001:db8:1234:1a00::/56", 2, 64]]`, "2001:db8:1234:1a00::/64 2001:db8:1234:1a01::/64"},
		{`!Join [" ", !Cidr ["2001:db8::/56", 1]]`, "2001:db8::/64"},
		{`!Join [" ", !Cidr [10.0.0.77/24, 1, 8]]`, "10.0.0.0/24"},
		{`!Sub "www.${Root}"`, "www.example.com"},
		{`!Sub ["www.${Domain}", {Domain: !Ref Root}]`, "www.example.com"},
		{`!Sub ["${Root}", {Root: own}]`, "own"},
		{`!Sub "${AWS::Region} ${!Literal} ${ Root } ${"`, "us-west-2 ${Literal} example.com ${"},
		{`!Sub "${Main.CidrBlock}"`, "10.0.0.0/16"},
		{`!Base64 "AWS CloudFormation"`, "QVdTIENsb3VkRm9ybWF0aW9u"},
		{`!FindInMap [Regions, !Ref "AWS::Region", Ami]`, "ami-1"},
		{`!Join [",", !GetAZs us-east-1]`, "us-east-1a,us-east-1b,us-east-1c,us-east-1d,us-east-1e,us-east-1f"},
		{`!Join [",", !GetAZs ""]`, "us-west-2a,us-west-2b,us-west-2c,us-west-2d"},
		{`!Ref AWS::AccountId`, "123456789012"},
		{`!Ref Job`, "?AWS::Glue::Job is not modelled: what Ref gives for Job is not known"},
		{`!GetAtt Job.Arn`, "?AWS::Glue::Job is not modelled: attribute Arn of Job is not known"},
		{`!GetAtt [Main, VpcId]`, cloud.PhysicalID("vpc", "app", "Main")},
		{`!GetAtt Main.DefaultSecurityGroup`, string(cloud.DefaultGroupID(cloud.VPCID(cloud.PhysicalID("vpc", "app", "Main"))))},
		{`!ImportValue other`, `?"other" is exported by no stack that is read here: it is another stack's`},
		{`!Sub "a ${Open}"`, "?parameter Open has no value"},
		{`!Select [0, [known, !Ref Open]]`, "known"},
		{`!Base64 {Ref: Open}`, "?parameter Open has no value"},
		{`{"Fn::Join": ["-", ["a", {"Ref": "Root"}]]}`, "a-example.com"},
	} {
		got, diags := valueOf(c.expression)
		if got != c.want || diags.HasErrors() {
			t.Errorf("%s = %q, want %q; %v", c.expression, got, c.want, errorsOf(diags))
		}
	}
}

func TestIntrinsicMistakes(t *testing.T) {
	for _, c := range []struct{ expression, code string }{
		{`!Nope x`, "CFN_UNKNOWN_FUNCTION"},
		{`{"Fn::Nope": 1}`, "CFN_UNKNOWN_FUNCTION"},
		{`{"Fn::Join": ["", [a]], b: c}`, "CFN_WRONG_TYPE CFN_BAD_FUNCTION"},
		{`!Ref Rot`, "CFN_UNKNOWN_REFERENCE"},
		{`!Ref [Root]`, "CFN_BAD_FUNCTION"},
		{`!GetAtt Main`, "CFN_BAD_FUNCTION"},
		{`!GetAtt Main.Arn`, "CFN_UNKNOWN_ATTRIBUTE"},
		{`!GetAtt Nothing.Arn`, "CFN_UNKNOWN_REFERENCE"},
		{`!Sub ["${A}"]`, "CFN_BAD_FUNCTION"},
		{`!Sub "${List}"`, "CFN_WRONG_TYPE"},
		{`!Join [",", a]`, "CFN_WRONG_TYPE"},
		{`!Split ["", a]`, "CFN_BAD_FUNCTION"},
		{`!Select [-1, [a]]`, "CFN_BAD_FUNCTION"},
		{`!Select [x, [a]]`, "CFN_BAD_FUNCTION"},
		{`!Select [0, []]`, "CFN_BAD_FUNCTION"},
		{`!Select [0, !Cidr [10.0.0.0/24, 2, 8]]`, "CFN_BAD_FUNCTION"},
		{`!Select [0, !Cidr [10.0.0.0/24, 257, 2]]`, "CFN_BAD_FUNCTION"},
		{`!Select [0, !Cidr [10.0.0.0/24, 1]]`, "CFN_BAD_FUNCTION"},
		{`!Select [0, !Cidr [here, 1, 8]]`, "CFN_BAD_FUNCTION"},
		{`!FindInMap [Regions, eu-west-1, Ami]`, "CFN_UNKNOWN_REFERENCE"},
		{`!FindInMap [Regions, us-west-2, Ami, {DefaultValue: x}]`, "CFN_TRANSFORM"},
		{`!If [Nope, a, b]`, "CFN_UNKNOWN_REFERENCE"},
		{`!If [a]`, "CFN_BAD_FUNCTION"},
		{`!Equals [a, b]`, "CFN_BAD_FUNCTION"},
		{`!Length [a]`, "CFN_TRANSFORM"},
		{`!Transform {Name: "AWS::Include"}`, "CFN_BAD_FUNCTION"},
		{`!Transform {Name: "Mine"}`, "CFN_TRANSFORM"},
	} {
		_, diags := valueOf(c.expression)
		var codes []string
		for _, d := range diags {
			if d.Severity == source.Error {
				codes = append(codes, d.Code)
				if d.At.Line != 10 || d.At.Col < 67 {
					t.Errorf("%s: %s is at %s, not where the value stands", c.expression, d.Code, d.At)
				}
			}
		}
		if got := strings.Join(codes, " "); got != c.code {
			t.Errorf("%s: got %s, want %s", c.expression, got, c.code)
		}
	}
}

func TestTemplateMistakes(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"a list", "[]", "1:1 CFN_NOT_A_TEMPLATE"},
		{"no resources", "Parameters: {}", "1:1 CFN_NO_RESOURCES"},
		{"resources empty", "Resources: {}", "1:12 CFN_NO_RESOURCES"},
		{"resources a list", "Resources: []", "1:12 CFN_WRONG_TYPE"},
		{"a macro", "Transform: Mine\nResources: {A: {Type: 'AWS::Glue::Job'}}", "1:12 CFN_TRANSFORM"},
		{"a resource that is text", "Resources: {A: x}", "1:13 CFN_WRONG_TYPE"},
		{"no type", "Resources: {A: {Properties: {}}}", "1:13 CFN_BAD_TYPE"},
		{"a dash in a name", "Resources: {A-b: {Type: 'AWS::Glue::Job'}}", "1:13 CFN_BAD_NAME"},
		{"a slip in a key", "Resources: {A: {Type: 'AWS::Glue::Job', Propertys: {}}}", "1:41 CFN_UNKNOWN_KEY"},
		{"properties a list", "Resources: {A: {Type: 'AWS::EC2::VPC', Properties: []}}", "1:13 CFN_MISSING_PROPERTY 1:52 CFN_WRONG_TYPE"},
		{"itself", "Resources: {A: {Type: 'AWS::Glue::Job', Properties: {X: !Ref A}}}", "1:13 CFN_CYCLE"},
		{"no such condition", "Resources: {A: {Type: 'AWS::Glue::Job', Condition: C}}", "1:52 CFN_UNKNOWN_REFERENCE"},
		{"not a condition", "Conditions: {C: !Ref A}\nResources: {A: {Type: 'AWS::Glue::Job'}}", "1:17 CFN_BAD_FUNCTION"},
		{"parameter of no type", "Parameters: {P: {Default: a}}\nResources: {A: {Type: 'AWS::Glue::Job'}}", "1:14 CFN_BAD_TYPE"},
		{"what is not created", "Conditions: {C: !Equals [a, b]}\nResources:\n  A: {Type: 'AWS::Glue::Job', Condition: C}\n  B: {Type: 'AWS::Glue::Job', Properties: {X: !Ref A}}", "4:47 CFN_UNKNOWN_REFERENCE"},
		{"output of nothing", "Resources: {A: {Type: 'AWS::Glue::Job'}}\nOutputs: {O: {}, Q: {Value: !Ref B}}", "2:11 CFN_MISSING_PROPERTY 2:29 CFN_UNKNOWN_REFERENCE"},
		{"does not parse", "Resources: {", "2:1 DOC_SYNTAX"},
	} {
		_, diags := load(c.template)
		if got := errorsOf(diags); got != c.want && c.name != "does not parse" || got == "" {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestParameterValues(t *testing.T) {
	text := `Parameters:
  Size: {Type: Number, MinValue: 1, MaxValue: 9}
  Name: {Type: String, MinLength: 2, MaxLength: 4, AllowedPattern: "[a-z]*", ConstraintDescription: two to four letters}
  Stages: {Type: CommaDelimitedList, AllowedValues: [dev, prod]}
  Odd: {Type: String, AllowedPattern: "(?!x)y"}
Resources: {A: {Type: "AWS::Glue::Job"}}
`
	for _, c := range []struct{ name, value, want string }{
		{"Size", "3", ""}, {"Size", "0", "7:7 CFN_PARAMETER_VALUE"}, {"Size", "10", "7:7 CFN_PARAMETER_VALUE"}, {"Size", "x", "7:7 CFN_PARAMETER_VALUE"},
		{"Name", "abc", ""}, {"Name", "a", "7:7 CFN_PARAMETER_VALUE"}, {"Name", "abcde", "7:7 CFN_PARAMETER_VALUE"}, {"Name", "ab1", "7:7 CFN_PARAMETER_VALUE"},
		{"Stages", "dev, prod", ""}, {"Stages", "dev,test", "7:7 CFN_PARAMETER_VALUE"}, {"Odd", "y", ""}, {"Nome", "x", "7:7 CFN_UNKNOWN_PARAMETER"},
	} {
		at := source.Span{File: "bailey.yaml", Line: 7, Col: 7}
		_, diags := cfn.Load(cfn.Input{File: "t.yaml", Data: []byte(text),
			Parameters: map[string]source.Node{c.name: {Kind: source.String, Text: c.value, At: at}}})
		if got := errorsOf(diags); got != c.want {
			t.Errorf("%s=%s: got %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// TestOneNoteForEachUnmodelledType also shows that a slip of the finger in a
// known type is more than a note, and a related type is not.
func TestOneNoteForEachUnmodelledType(t *testing.T) {
	spec, diags := load("Resources:\n  A: {Type: 'AWS::Glue::Job'}\n  B: {Type: 'AWS::Glue::Job'}\n  C: {Type: 'AWS::EC2::Vpc'}\n  D: {Type: 'AWS::EC2::LaunchTemplate'}\n  E: {Type: 'Custom::Thing'}\n")
	var got []string
	for _, d := range diags {
		got = append(got, fmt.Sprintf("%d %s", d.At.Line, d.Severity))
	}
	if strings.Join(got, ", ") != "2 note, 4 warning, 5 note, 6 note" || len(spec.Unmodelled) != 5 {
		t.Errorf("got %s and %d resources", strings.Join(got, ", "), len(spec.Unmodelled))
	}
}

func TestTextThatDoublesIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("Resources:\n  P0: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: 0123456789}}\n")
	for i := range 60 {
		fmt.Fprintf(&b, "  P%d: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: !Sub '${P%d.Value}${P%d.Value}'}}\n", i+1, i, i)
	}
	_, diags := load(b.String())
	if len(diags) == 0 || diags[0].Code != "CFN_TOO_LONG" {
		t.Errorf("got %v", errorsOf(diags))
	}
}
