package reach_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
)

func loaded(t *testing.T, text string) *cloud.Model {
	t.Helper()
	spec, diags := cfn.Load(cfn.Input{File: "t.yaml", Data: []byte(text), Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app"}})
	m, wrong := cloud.New(spec)
	if diags = append(diags, wrong...); len(diags) > 0 {
		t.Fatalf("%v\n%s", diags.Error(), text)
	}
	return m
}

// failing is the template of a world of path/testdata/failures.
func failing(t *testing.T, name string) string {
	t.Helper()
	a, err := txtar.ParseFile("../path/testdata/failures/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "failing.yaml" })
	return string(a.Files[i].Data)
}

// A permission or policy that is proposed opens the path when it is written into
// the template.
func TestAllowancesOpenThePathWhenTheyAreWritten(t *testing.T) {
	licensing, err := os.ReadFile("testdata/licensing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	withoutPolicy := strings.Replace(string(licensing), "- PolicyName: HandOutLicenses", "- PolicyName: ReadParameters", 1)
	withoutPolicy = strings.Replace(withoutPolicy, `Action: "lambda:InvokeFunction", Resource: !GetAtt Licenses.Arn`, `Action: "ssm:GetParameter", Resource: "*"`, 1)
	for _, c := range []struct{ name, text, from, to, patch string }{
		{"a permission for an API", failing(t, "26-no-permission"), "Api", "Function", "Type: AWS::Lambda::Permission"},
		{"on the alias that it invokes", failing(t, "26-permission-on-the-function-not-the-alias"), "Api", "Function", "FunctionName: !Ref Live"},
		{"a policy for a role", withoutPolicy, "Subscriptions", "Licenses", "Type: AWS::IAM::Policy"},
	} {
		q := path.Question{From: c.from, To: c.to}
		p, err := reach.Answer(loaded(t, c.text), q, nil)
		if err != nil || len(p.Fixes) == 0 || !strings.Contains(p.Fixes[0].Patch, c.patch) {
			t.Errorf("%s: got %v, %+v", c.name, err, p.Fixes)
			continue
		}
		after, err := path.Why(loaded(t, c.text+p.Fixes[0].Patch), q)
		if err != nil || after.Verdict != path.Reachable {
			t.Errorf("%s: %v %v after\n%s", c.name, after.Verdict, after.Blockers, p.Fixes[0].Patch)
		}
	}
}

// Where both the network and the role refuse, both changes are proposed together.
func TestAFixMayNeedNetworkAndPermission(t *testing.T) {
	p, err := reach.Answer(licensing(t), path.Question{From: "Licenses", To: "Subscriptions"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range p.Fixes {
		all = append(all, f.Summary)
	}
	if want := "add an interface endpoint for lambda in PrivateSubnet, and let LicensesRole invoke Subscriptions"; !slices.Contains(all, want) {
		t.Errorf("%s is not among\n%s", want, strings.Join(all, "\n"))
	}
}

// events is a template in which everything that invokes functions does so.
const events = `
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Runtime: provided.al2023, Handler: bootstrap, Code: {S3Bucket: b, S3Key: k}, Role: !GetAtt Role.Arn}
  Rule:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: F, Arn: !GetAtt Function.Arn}]}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: lambda, Endpoint: !GetAtt Function.Arn}]}
  Queue: {Type: AWS::SQS::Queue}
  FromQueue:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
  RuleInvokes:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Function, Action: "lambda:InvokeFunction", Principal: events.amazonaws.com, SourceArn: !GetAtt Rule.Arn}
`

// Whatever invokes a function needs its permission; a queue, which Lambda polls,
// asks nobody and dials from nowhere.
func TestWhatInvokesIsNeeded(t *testing.T) {
	m := loaded(t, events)
	proofs, diags := reach.Prove(m, nil)
	var got []string
	for _, p := range proofs {
		got = append(got, p.From+" -> "+p.To+" "+p.Verdict.String())
	}
	slices.Sort(got)
	if want := "Rule -> Function reachable, Topic -> Function blocked"; len(diags) > 0 || strings.Join(got, ", ") != want {
		t.Errorf("got %s, %v, want %s", strings.Join(got, ", "), diags, want)
	}
}

// kafka is a self-managed broker in a VPC whose pollers sit there too.
const kafka = `
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}
  PollerGroup:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: pollers, VpcId: !Ref Vpc}
  BrokerGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: brokers
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 9092, ToPort: 9092, SourceSecurityGroupId: !Ref PollerGroup}]
  Broker:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-0123456789abcdef0, SubnetId: !Ref Subnet, SecurityGroupIds: [!Ref BrokerGroup], PrivateIpAddress: 10.0.1.20}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Runtime: provided.al2023, Handler: bootstrap, Code: {S3Bucket: b, S3Key: k}, Role: "arn:aws:iam::123456789012:role/f"}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      Topics: [orders]
      SelfManagedEventSource: {Endpoints: {KafkaBootstrapServers: ["10.0.1.20:9092"]}}
      SourceAccessConfigurations:
        - {Type: VPC_SUBNET, URI: !Sub "subnet:${Subnet}"}
        - {Type: VPC_SECURITY_GROUP, URI: !Sub "security_group:${PollerGroup}"}
        - {Type: SASL_SCRAM_512_AUTH, URI: "arn:aws:secretsmanager:us-west-2:123456789012:secret:kafka-a1b2c3"}
`

// The pollers dial, with their own subnets and groups, and the function, outside
// the VPC, does not. In provisioned mode they need no way to AWS's services.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-cluster-network.html
func TestPollersDialForTheirFunctions(t *testing.T) {
	onDemand := "Mapping -> 10.0.1.20:9092 reachable, Mapping -> aws:lambda blocked, Mapping -> aws:secretsmanager blocked, Mapping -> aws:sts blocked"
	for mode, want := range map[string]string{"": onDemand, "      ProvisionedPollerConfig: {MinimumPollers: 1}\n": "Mapping -> 10.0.1.20:9092 reachable"} {
		proofs, _ := reach.Prove(loaded(t, kafka+mode), nil)
		var got []string
		for _, p := range proofs {
			got = append(got, p.From+" -> "+p.To+" "+p.Verdict.String())
			if p.To == "aws:sts" && (len(p.Fixes) == 0 || !strings.Contains(p.Fixes[0].Summary, "interface endpoint for sts")) {
				t.Errorf("the fix for %s is %+v", p.To, p.Fixes)
			}
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: got %s, want %s", mode, strings.Join(got, ", "), want)
		}
	}
}
