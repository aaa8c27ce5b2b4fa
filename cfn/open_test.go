package cfn_test

import (
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
	"bailey/source"
)

// openWorld is a function in a private subnet that reaches the internet through
// a NAT gateway in a public one; the maps in it are for what a case changes.
const openWorld = `Parameters:
  Switch: {Type: String}
  Id: {Type: String}
  Vpc: {Type: "AWS::EC2::VPC::Id"}
Conditions:
  Maybe: !Equals [!Ref Switch, "on"]
Resources:
  Main: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Igw: {Type: "AWS::EC2::InternetGateway"}
  Attach: {Type: "AWS::EC2::VPCGatewayAttachment", ATTACH Properties: {VpcId: !Ref Main, InternetGatewayId: !Ref Igw}}
  Public: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Main, CidrBlock: 10.0.0.0/24}}
  PublicTable: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Main}}
  PublicRoute: {Type: "AWS::EC2::Route", DependsOn: Attach, Properties: {RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw}}
  PublicTableOfSubnet: {Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: {SubnetId: !Ref Public, RouteTableId: !Ref PublicTable}}
  Address: {Type: "AWS::EC2::EIP", Properties: {Domain: vpc}}
  Nat: {Type: "AWS::EC2::NatGateway", NAT Properties: {SubnetId: NATSUBNET, AllocationId: !GetAtt Address.AllocationId}}
  Private: {Type: "AWS::EC2::Subnet", Properties: {VpcId: VPC, CidrBlock: 10.0.1.0/24}}
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: VPC}}
  Route: {Type: "AWS::EC2::Route", ROUTE Properties: {RouteTableId: TABLE, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
  TableOfSubnet: {Type: "AWS::EC2::SubnetRouteTableAssociation", ASSOCIATION Properties: {SubnetId: !Ref Private, RouteTableId: !Ref Table}}
  Acl: {Type: "AWS::EC2::NetworkAcl", Properties: {VpcId: VPC}}
  In: {Type: "AWS::EC2::NetworkAclEntry", ENTRY Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0}}
  Out: {Type: "AWS::EC2::NetworkAclEntry", Properties: {NetworkAclId: !Ref Acl, RuleNumber: OUTNUMBER, Protocol: -1, RuleAction: allow, Egress: true, CidrBlock: 0.0.0.0/0}}
  AclOfSubnet: {Type: "AWS::EC2::SubnetNetworkAclAssociation", Properties: {SubnetId: !Ref Private, NetworkAclId: !Ref Acl}}
  Group: {Type: "AWS::EC2::SecurityGroup", Properties: {VpcId: VPC, GroupDescription: g, SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 1, ToPort: 2, CidrIp: 10.0.0.0/8}]}}
  Rule: {Type: "AWS::EC2::SecurityGroupEgress", RULE Properties: {GroupId: GROUP, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}}
  Role: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}, ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]}}
  Fn: {Type: "AWS::Lambda::Function", FUNCTION Properties: {Code: {ZipFile: x}, Role: !GetAtt Role.Arn, VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group]}}}
  Loose: {Type: "AWS::Lambda::Function", FUNCTION Properties: {Code: {ZipFile: x}, Role: !GetAtt Role.Arn}}
`

// opened writes the world with some of its words replaced.
func opened(replace ...string) string {
	text := strings.NewReplacer(append(replace, "ATTACH", "", "NATSUBNET", "!Ref Public", "NAT ", "", "ROUTE", "", "ASSOCIATION", "", "ENTRY", "", "OUTNUMBER", "100",
		"RULE", "", "FUNCTION", "", " VPC,", " !Ref Main,", " VPC}", " !Ref Main}", "TABLE,", "!Ref Table,", "GROUP,", "!Ref Group,")...).Replace(openWorld)
	return text
}

// TestOpenIsUnknown leaves one thing open at a time: nothing of that is an
// error, and an answer that turns on it is unknown and names it.
func TestOpenIsUnknown(t *testing.T) {
	const maybe = "Condition: Maybe,"
	for _, c := range []struct {
		name    string
		replace []string
		from    string
		verdict path.Verdict
		missing string
	}{
		{"nothing", nil, "Fn", path.Reachable, ""},
		{"an attachment that may be there", []string{"ATTACH", maybe}, "Fn", path.Unknown, "whether Attach exists is open: parameter Switch has no value"},
		{"a NAT gateway", []string{"NAT ", maybe}, "Fn", path.Unknown, "whether Nat exists"},
		{"a NAT gateway's subnet", []string{"NATSUBNET", "!Ref Id"}, "Fn", path.Unknown, "parameter Id has no value"},
		{"a route", []string{"ROUTE", maybe}, "Fn", path.Unknown, "whether Route exists"},
		{"a route's table", []string{"TABLE,", "!Ref Id,"}, "Fn", path.Unknown, "parameter Id has no value"},
		{"one route or another", []string{"ROUTE", maybe, "  TableOfSubnet", "  Other: {Type: \"AWS::EC2::Route\", Condition: Maybe, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw}}\n  TableOfSubnet"}, "Fn", path.Unknown, "whether Route exists"},
		{"a table's subnet", []string{"ASSOCIATION", maybe}, "Fn", path.Unknown, "whether TableOfSubnet exists"},
		{"an entry", []string{"ENTRY", maybe}, "Fn", path.Unknown, "whether In exists"},
		{"an entry's number", []string{"OUTNUMBER", "!Ref Id"}, "Fn", path.Unknown, "parameter Id has no value"},
		{"a rule", []string{"RULE", maybe}, "Fn", path.Unknown, "whether Rule exists"},
		{"a rule's group", []string{"GROUP,", "!Ref Id,"}, "Fn", path.Unknown, "parameter Id has no value"},
		{"a function", []string{"FUNCTION", maybe}, "Fn", path.Unknown, "whether Fn exists"},
		{"a function outside of VPCs", []string{"FUNCTION", maybe}, "Loose", path.Unknown, "whether Loose exists"},
		{"the VPC", []string{" VPC,", " !Ref Vpc,", " VPC}", " !Ref Vpc}"}, "Fn", path.Unknown, "parameter Vpc has no value"},
		{"what does not matter", []string{"RULE", maybe}, "Loose", path.Reachable, ""},
	} {
		spec, diags := load(opened(c.replace...))
		m, more := cloud.New(spec)
		if diags = append(diags, more...); diags.HasErrors() {
			t.Errorf("%s: %v", c.name, errorsOf(diags))
			t.Log(diags.Error())
			continue
		}
		for _, to := range []string{"example.com:443", "aws:ssm"} {
			r, err := path.Why(m, path.Question{From: c.from, To: to})
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			var missing []string
			for _, g := range r.Missing {
				missing = append(missing, g.Because)
			}
			if all := strings.Join(missing, "; "); r.Verdict != c.verdict || !strings.Contains(all, c.missing) {
				t.Errorf("%s: %s to %s is %s with %q, want %s with %q; %v", c.name, c.from, to, r.Verdict, all, c.verdict, c.missing, r.Blockers)
			}
		}
	}
}

// TestOpenIsSaidOnce: one warning names everything that a condition decides.
func TestOpenIsSaidOnce(t *testing.T) {
	_, diags := load(opened("RULE", "Condition: Maybe,", "ROUTE", "Condition: Maybe,"))
	var got []string
	for _, d := range diags {
		if d.Severity == source.Warning {
			got = append(got, d.Summary)
		}
	}
	if len(got) != 1 || got[0] != "whether Route, Rule exist is open: parameter Switch has no value" {
		t.Errorf("got %q", got)
	}
}

// TestOpenAddress: whether an instance has a public address decides who reaches
// it; a firewall that is open admits nobody for certain.
func TestOpenAddress(t *testing.T) {
	const world = "Parameters: {Id: {Type: String}}\nConditions: {Maybe: !Equals [!Ref Id, x]}\nResources:\n" +
		"  Ip: {Type: 'AWS::EC2::EIP', Properties: {Domain: vpc}}\n  Box: {Type: 'AWS::EC2::Instance', Properties: {ImageId: ami-1, SubnetId: subnet-1, SecurityGroupIds: [sg-1]}}\n" +
		"  Light: {Type: 'AWS::Lightsail::Instance', Properties: {InstanceName: l, BlueprintId: b, BundleId: c, Networking: {Ports: [{Protocol: tcp, FromPort: !Ref Id, ToPort: 80}]}}}\n"
	for _, c := range []struct{ association, want string }{
		{"", "[sg-1]"},
		{"  A: {Type: 'AWS::EC2::EIPAssociation', Properties: {InstanceId: !Ref Box, AllocationId: !GetAtt Ip.AllocationId}}\n", "[sg-1]"},
		{"  A: {Type: 'AWS::EC2::EIPAssociation', Condition: Maybe, Properties: {InstanceId: !Ref Box, AllocationId: !GetAtt Ip.AllocationId}}\n", "?whether A exists is open"},
		{"  A: {Type: 'AWS::EC2::EIPAssociation', Properties: {InstanceId: !Ref Id, AllocationId: !GetAtt Ip.AllocationId}}\n", "?parameter Id has no value"},
	} {
		spec, diags := load(world + c.association)
		wantErrors(t, c.want, diags)
		if got := show(spec.Instances[0].Groups); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.association, got, c.want)
		}
		if port := spec.LightsailInstances[0].Firewall[0]; port.Open == nil {
			t.Errorf("the port is %+v", port)
		}
	}
}
