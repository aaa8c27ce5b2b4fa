package cfn_test

import (
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
)

// natWorld is a VPC without public subnets and a function in it, whose way out
// is a NAT gateway with the properties of a case.
const natWorld = `
Parameters: {Id: {Type: String}}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Igw: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Uses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}}
  One: {Type: AWS::EC2::EIP}
  Two: {Type: AWS::EC2::EIP}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {NAT}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !Ref Vpc}}
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.12, Handler: a.b, Role: "arn:aws:iam::123456789012:role/r", Code: {ZipFile: x}, VpcConfig: {SubnetIds: [!Ref Subnet], SecurityGroupIds: [!Ref Group]}}
`

// natOf loads natWorld; more are further resources.
func natOf(properties, more string) (cloud.Spec, []string) {
	spec, diags := load(strings.Replace(natWorld, "NAT}", properties+"}", 1) + more)
	var said []string
	for _, d := range diags {
		said = append(said, d.Summary)
	}
	return spec, said
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html
func TestNATGateways(t *testing.T) {
	for _, c := range []struct{ name, properties, verdict, missing string }{
		{"regional, with addresses that AWS allocates", "AvailabilityMode: regional, VpcId: !Ref Vpc", "reachable", ""},
		{"regional, with addresses for each zone", "AvailabilityMode: regional, VpcId: !Ref Vpc, AvailabilityZoneAddresses: [{AvailabilityZone: us-west-2a, AllocationIds: [!GetAtt One.AllocationId]}, " +
			"{AvailabilityZone: us-west-2b, AllocationIds: [!GetAtt Two.AllocationId]}]", "reachable", ""},
		{"regional, in a VPC of which nothing is known", "AvailabilityMode: regional, VpcId: vpc-0123", "unknown", "the VPC of Nat is not described here"},
		{"regional or not", "AvailabilityMode: !Ref Id, VpcId: !Ref Vpc", "unknown", "parameter Id"},
		{"zonal in a private subnet", "SubnetId: !Ref Subnet, AllocationId: !GetAtt One.AllocationId", "blocked", ""},
	} {
		spec, said := natOf(c.properties, "")
		m, diags := cloud.New(spec)
		if diags.HasErrors() {
			t.Errorf("%s: %v", c.name, diags)
			continue
		}
		r, err := path.Why(m, path.Question{From: "F", To: "internet"})
		if err != nil || r.Verdict.String() != c.verdict || c.missing != "" && (len(r.Missing) == 0 || !strings.Contains(r.Missing[0].Because, c.missing)) {
			t.Errorf("%s: %v %v %v %v, said %q", c.name, r.Verdict, r.Blockers, r.Missing, err, said)
		}
	}
}

func TestAddressesOfNATGateways(t *testing.T) {
	spec, said := natOf("SubnetId: !Ref Subnet, AllocationId: !GetAtt One.AllocationId, SecondaryAllocationIds: [!GetAtt Two.AllocationId], "+
		"PrivateIpAddress: 10.0.1.9, SecondaryPrivateIpAddresses: [10.0.1.10]", "")
	one, two := cloud.ElasticAddr("app", "One"), cloud.ElasticAddr("app", "Two")
	if n := spec.NATGateways[0]; n.PublicIP != one || len(n.MorePublic) != 1 || n.MorePublic[0] != two ||
		n.PrivateIP.String() != "10.0.1.9" || len(n.MorePrivate) != 1 || n.MorePrivate[0].String() != "10.0.1.10" {
		t.Errorf("%+v, said %q", n, said)
	}
	spec, said = natOf("SubnetId: !Ref Subnet, ConnectivityType: private, SecondaryPrivateIpAddressCount: 2", "")
	if n := spec.NATGateways[0]; n.Public || n.MoreCount != 2 {
		t.Errorf("%+v, said %q", n, said)
	}
}

// The route table that AWS makes with a regional gateway can be added to.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
func TestTheTableOfARegionalNATGateway(t *testing.T) {
	spec, said := natOf("AvailabilityMode: regional, VpcId: !Ref Vpc",
		"  Back: {Type: AWS::EC2::Route, Properties: {RouteTableId: !GetAtt Nat.RouteTableId, DestinationCidrBlock: 10.0.1.0/24, GatewayId: !Ref Igw}}\n")
	for _, table := range spec.RouteTables {
		if table.Name == "Nat route table" && len(table.Routes) == 1 && table.Routes[0].Name == "Back" {
			return
		}
	}
	t.Errorf("it has no route Back: %+v, said %q", spec.RouteTables, said)
}

func TestMistakesInNATGateways(t *testing.T) {
	for _, c := range []struct{ properties, want string }{
		{"AvailabilityMode: regional", "Nat (AWS::EC2::NatGateway) is regional and has no VpcId, which is required"},
		{"AvailabilityMode: regional, VpcId: !Ref Vpc, ConnectivityType: private", "ConnectivityType of Nat: a regional NAT gateway is always public"},
		{"SubnetId: !Ref Subnet", "Nat (AWS::EC2::NatGateway) is public and has no AllocationId"},
		{"AllocationId: !GetAtt One.AllocationId", "Nat (AWS::EC2::NatGateway) has no SubnetId, which is required"},
		{"SubnetId: !Ref Subnet, ConnectivityType: private, PrivateIpAddress: ten", "PrivateIpAddress of Nat: ten is not an IPv4 address"},
	} {
		if _, said := natOf(c.properties, ""); !strings.Contains(strings.Join(said, "\n"), c.want) {
			t.Errorf("%s: said %q, want %q", c.properties, said, c.want)
		}
	}
}
