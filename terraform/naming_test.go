package terraform

import (
	"strings"
	"testing"
)

func TestNaming(t *testing.T) {
	for _, c := range []struct{ cfn, stated, path, typ, argument string }{
		{"AWS::EC2::Route", "", "EgressOnlyInternetGatewayId", "aws_route", "egress_only_gateway_id"},
		{"AWS::EC2::SecurityGroup", "", "GroupDescription", "aws_security_group", "description"},
		{"AWS::EC2::SecurityGroupIngress", "", "CidrIp", "aws_vpc_security_group_ingress_rule", "cidr_ipv4"},
		{"AWS::EC2::SubnetRouteTableAssociation", "", "RouteTableId", "aws_route_table_association", "route_table_id"},
		{"AWS::EC2::NetworkAclEntry", "", "RuleAction", "aws_network_acl_rule", "rule_action"},
		{"AWS::EC2::EIP", "", "Domain", "aws_eip", "domain"},
		{"AWS::EC2::EIP", "", "InstanceId", "aws_eip", "instance"},
		{"AWS::EC2::VPCGatewayAttachment", "VpcId InternetGatewayId", "VpcId", "aws_internet_gateway_attachment", "vpc_id"},
		{"AWS::EC2::VPCGatewayAttachment", "VpcId VpnGatewayId", "VpnGatewayId", "aws_vpn_gateway_attachment", "vpn_gateway_id"},
		{"AWS::EC2::RouteTable", "VpcId", "VpcId", "aws_route_table", "vpc_id"},
		{"AWS::Lambda::Function", "", "VpcConfig.SubnetIds", "aws_lambda_function", "vpc_config.subnet_ids"},
		{"AWS::Lambda::Function", "", "Environment.Variables.ApiUrl", "aws_lambda_function", "environment.variables.ApiUrl"},
		{"AWS::Lambda::Function", "", "Nothing.OfThis", "aws_lambda_function", "nothing.of_this"},
	} {
		n, ok := Name(c.cfn, strings.Fields(c.stated)...)
		if got := n.Argument(c.path); !ok || n.Type != c.typ || got != c.argument {
			t.Errorf("%s %s is %s %s, want %s %s", c.cfn, c.path, n.Type, got, c.typ, c.argument)
		}
	}
	if n, ok := Name("AWS::Nothing::AtAll"); ok || n.Argument("VpcId") != "vpc_id" || n.Block("VpcId") {
		t.Errorf("%+v", n)
	}
	if n, _ := Name("AWS::Lambda::Function"); !n.Block("VpcConfig") || n.Block("Layers") {
		t.Error("blocks and arguments are not told apart")
	}
}
