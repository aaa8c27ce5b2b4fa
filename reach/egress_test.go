package reach_test

import (
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
	"bailey/reach/patch"
)

// dualStack is a function in a dual-stack private subnet without any way out.
const dualStack = `Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Six: {Type: "AWS::EC2::VPCCidrBlock", Properties: {VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true}}
  Private:
    Type: AWS::EC2::Subnet
    DependsOn: Six
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, Ipv6CidrBlock: !Select [0, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 1, 64]]}
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  Association: {Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: {SubnetId: !Ref Private, RouteTableId: !Ref Table}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: g, VpcId: !Ref Vpc, SecurityGroupEgress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/r
      Runtime: provided.al2023
      Handler: bootstrap
      Code: ./f
      VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group]}
`

func dualStackModel(t *testing.T, template string) *cloud.Model {
	t.Helper()
	spec, diags := cfn.Load(cfn.Input{File: "t.yaml", Data: []byte(template), Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t",
		InternetHosts: []string{"both.example.com", "four.example.com"}, IPv6Hosts: []string{"both.example.com"}}})
	m, wrong := cloud.New(spec)
	if all := append(diags, wrong...); all.HasErrors() {
		t.Fatalf("%v\n%s", all, template)
	}
	return m
}

// An egress-only gateway costs nothing, and is offered first where the
// destination has IPv6; TestPatchesOpenThePathWhenTheyAreWritten writes it.
func TestEgressOnlyGatewayIsTheCheapestWayOutOverIPv6(t *testing.T) {
	for _, to := range []string{"both.example.com", "aws:sqs", "ssm.us-west-2.api.aws", "2001:2::7"} {
		q := path.Question{From: "F", To: to}
		p, err := reach.Answer(dualStackModel(t, dualStack), q, nil)
		if err != nil || p.Verdict != path.Blocked {
			t.Fatalf("%s: %v %v", to, p.Verdict, err)
		}
		const want = "add an egress-only internet gateway and add a route to ::/0 through EgressOnlyGateway in Table, and let F use IPv6, and allow tcp 443 to ::/0 out of Group"
		if len(p.Fixes) == 0 || p.Fixes[0].Summary != want || p.Fixes[0].USDPerYear != 0 || !p.Fixes[0].Proved {
			for _, f := range p.Fixes {
				t.Errorf("%s: $%v %s", to, f.USDPerYear, f.Summary)
			}
			continue
		}
		for format, part := range map[patch.Format]string{patch.YAML: `DestinationIpv6CidrBlock: "::/0"`, patch.CDK: "ec2.CfnEgressOnlyInternetGateway(", patch.Terraform: "= aws_egress_only_internet_gateway.egress_only_gateway.id"} {
			if text := p.Fixes[0].In(format).Patch; !strings.Contains(text, part) {
				t.Errorf("%s: %s is not in\n%s", to, part, text)
			}
		}
	}
}

// Where the destination has IPv4 alone, no way out over IPv6 is offered.
func TestEgressOnlyGatewayIsNotOfferedForIPv4(t *testing.T) {
	for _, to := range []string{"internet", "four.example.com", "aws:ssm"} {
		p, err := reach.Answer(dualStackModel(t, dualStack), path.Question{From: "F", To: to}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.Fixes {
			if strings.Contains(f.Summary, "egress-only") {
				t.Errorf("%s: %s", to, f.Summary)
			}
		}
	}
}
