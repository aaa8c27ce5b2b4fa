package cfn_test

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cfn/document"
	"bailey/cloud"
)

// FuzzLoad: whatever the text, Load returns; what it accepts, the model takes
// without a panic; every diagnostic has a place in the file and a code.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{"{}", "Resources: {A: {Type: AWS::EC2::VPC, Properties: !Ref A}}",
		"Resources:\n  A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Cidr [::/0, 256, 128]}}\n",
		"Resources:\n  A: {Type: AWS::IAM::Role, Properties: {Policies: [!Ref AWS::NoValue, 1]}}\n"} {
		f.Add(s)
	}
	for _, s := range []string{
		"Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::L: [N, [a, b], {'P${N}': {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: {'Fn::ToJsonString': {a: [!Ref N]}}}}}]\n",
		"Transform: [AWS::LanguageExtensions, {Name: AWS::Include, Parameters: {Location: snippet.yaml}}]\nResources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Sub 'self.yaml'}}\n",
		"Rules: {R: {RuleCondition: !Equals [a, a], Assertions: [{Assert: {'Fn::EachMemberIn': [{'Fn::RefAll': String}, [a]]}}]}}\nParameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, a]}\nResources:\n  A: {Type: AWS::EC2::Subnet, Condition: C, Properties: {VpcId: !Ref P, CidrBlock: '{{resolve:ssm:/a:1}}'}}\n",
		"Resources:\n  N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {In: !GetAtt M.Outputs.Out}}}\n  M: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {In: !ImportValue x}}}\nOutputs: {O: {Value: !GetAtt N.Outputs.Out, Export: {Name: x}}}\n",
		"Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: h, Runtime: nodejs22.x}}\n",
	} {
		f.Add(s)
	}
	for _, w := range corpusSeeds() {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		files := folder{"main.stack": text, "self.yaml": text, "snippet.yaml": "Resources: {S: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: v}}}\n",
			"child.yaml": "Parameters: {In: {Type: String}}\nResources: {P: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: !Ref In}}}\nOutputs: {Out: {Value: !GetAtt P.Value}}\n"}
		spec, diags := group(files, "main.stack")
		for _, d := range diags {
			if _, ok := files[d.At.File]; d.Code == "" || d.Summary == "" || !ok {
				t.Errorf("a diagnostic without code, words or place: %+v", d)
			}
		}
		if !diags.HasErrors() {
			cloud.New(spec)
		}
	})
}

// FuzzRead: reading ends, and what is read is within its bounds.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "a: &a [*a]", "{\"a\": [1, {}]}", "\ufeffa: b", "a: {b: [c, !Ref d]}", "<<: {a: 1}\nb: 2", "? [a]\n: b", "- !!binary x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		node, diags := document.Read("f", data)
		if len(diags) == 0 && node.At.Line == 0 {
			t.Errorf("a value without a place: %+v", node)
		}
	})
}

// BenchmarkLoad evaluates a template of a thousand resources.
func BenchmarkLoad(b *testing.B) {
	text := manyResources(1000)
	if _, diags := load(text); diags.HasErrors() {
		b.Fatal(diags.Error())
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		load(text)
	}
}

// manyResources is a VPC with subnets, tables, groups, functions and roles
// that refer to each other, n resources in all.
func manyResources(n int) string {
	var b strings.Builder
	b.WriteString("Resources:\n  Main: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n")
	for i := range (n - 1) / 6 {
		fmt.Fprintf(&b, `  Subnet%[1]d:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Main, CidrBlock: !Sub "10.0.%[2]d.%[3]d/28", AvailabilityZone: !Select [0, !GetAZs ""]}
  Table%[1]d:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Main}
  Association%[1]d:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Subnet%[1]d, RouteTableId: !Ref Table%[1]d}
  Group%[1]d:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: group
      VpcId: !Ref Main
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !GetAtt Main.CidrBlock}]
  Role%[1]d:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Function%[1]d:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: b, S3Key: k}
      Runtime: provided.al2023
      Handler: bootstrap
      Role: !GetAtt Role%[1]d.Arn
      VpcConfig: {SubnetIds: [!Ref Subnet%[1]d], SecurityGroupIds: [!Ref Group%[1]d]}
      Environment: {Variables: {NAME: !Sub "${AWS::StackName}-${Group%[1]d.GroupId}"}}
`, i, i/16, i%16*16)
	}
	return b.String()
}
