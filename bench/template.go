//go:build linux

package main

import (
	"encoding/json"
	"fmt"
)

// A templateResource is one resource of a template as the CDK writes it.
type templateResource struct {
	Type       string
	Properties map[string]any
	DependsOn  []string       `json:",omitempty"`
	Metadata   map[string]any `json:",omitempty"`
}

func ref(name string) any { return map[string]any{"Ref": name} }

func attribute(name, of string) any { return map[string]any{"Fn::GetAtt": []string{name, of}} }

// cdkTemplate writes a template of about n resources as the CDK writes them:
// networks of four subnets, each with its table, a NAT gateway and functions
// with a role, a policy and a security group each.
func cdkTemplate(n int) []byte {
	t := map[string]templateResource{}
	add := func(id, typ, path string, properties map[string]any, after ...string) {
		t[id] = templateResource{typ, properties, after, map[string]any{"aws:cdk:path": "App/" + path}}
	}
	for v := 0; len(t) < n; v++ {
		cdkNetwork(v, add)
		for f := 0; f < 40 && len(t) < n; f++ {
			cdkFunction(v, f, add)
		}
	}
	text, err := json.MarshalIndent(map[string]any{"Resources": t}, "", " ")
	if err != nil {
		panic(err) // unreachable: text, numbers and maps
	}
	return text
}

func cdkNetwork(v int, add func(id, typ, path string, properties map[string]any, after ...string)) {
	vpc := fmt.Sprintf("Vpc%dA1B2C3D4", v)
	add(vpc, "AWS::EC2::VPC", "Vpc", map[string]any{"CidrBlock": fmt.Sprintf("10.%d.0.0/16", v%250), "EnableDnsHostnames": true, "EnableDnsSupport": true})
	igw := fmt.Sprintf("VpcIGW%d", v)
	add(igw, "AWS::EC2::InternetGateway", "Vpc/IGW", nil)
	add(igw+"Attachment", "AWS::EC2::VPCGatewayAttachment", "Vpc/VPCGW", map[string]any{"InternetGatewayId": ref(igw), "VpcId": ref(vpc)})
	nat := fmt.Sprintf("VpcNAT%d", v)
	for s := range 4 {
		subnet := fmt.Sprintf("%sSubnet%d", vpc, s)
		add(subnet, "AWS::EC2::Subnet", "Vpc/Subnet", map[string]any{"VpcId": ref(vpc), "CidrBlock": fmt.Sprintf("10.%d.%d.0/18", v%250, s*64),
			"AvailabilityZone": map[string]any{"Fn::Select": []any{s % 2, map[string]any{"Fn::GetAZs": ""}}}, "MapPublicIpOnLaunch": s < 2})
		add(subnet+"Table", "AWS::EC2::RouteTable", "Vpc/RouteTable", map[string]any{"VpcId": ref(vpc)})
		add(subnet+"TableAssociation", "AWS::EC2::SubnetRouteTableAssociation", "Vpc/RouteTableAssociation",
			map[string]any{"RouteTableId": ref(subnet + "Table"), "SubnetId": ref(subnet)})
		route := map[string]any{"DestinationCidrBlock": "0.0.0.0/0", "RouteTableId": ref(subnet + "Table"), "NatGatewayId": ref(nat)}
		if s < 2 {
			delete(route, "NatGatewayId")
			route["GatewayId"] = ref(igw)
		}
		add(subnet+"DefaultRoute", "AWS::EC2::Route", "Vpc/DefaultRoute", route, igw+"Attachment")
	}
	add(nat+"EIP", "AWS::EC2::EIP", "Vpc/EIP", map[string]any{"Domain": "vpc"})
	add(nat, "AWS::EC2::NatGateway", "Vpc/NATGateway", map[string]any{"AllocationId": attribute(nat+"EIP", "AllocationId"), "SubnetId": ref(vpc + "Subnet0")})
}

func cdkFunction(v, f int, add func(id, typ, path string, properties map[string]any, after ...string)) {
	vpc, id := fmt.Sprintf("Vpc%dA1B2C3D4", v), fmt.Sprintf("Worker%dx%d", v, f)
	service := map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Action": "sts:AssumeRole", "Effect": "Allow",
		"Principal": map[string]any{"Service": "lambda.amazonaws.com"}}}}
	arn := map[string]any{"Fn::Join": []any{"", []any{"arn:", ref("AWS::Partition"), ":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}}}
	add(id+"Role", "AWS::IAM::Role", id+"/ServiceRole", map[string]any{"AssumeRolePolicyDocument": service, "ManagedPolicyArns": []any{arn}})
	add(id+"Policy", "AWS::IAM::Policy", id+"/DefaultPolicy", map[string]any{"PolicyName": id + "Policy", "Roles": []any{ref(id + "Role")},
		"PolicyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Action": []string{"ssm:GetParameter", "ssm:GetParameters"},
			"Effect": "Allow", "Resource": map[string]any{"Fn::Join": []any{"", []any{"arn:", ref("AWS::Partition"), ":ssm:", ref("AWS::Region"), ":", ref("AWS::AccountId"), ":parameter/app/", id}}}}}}})
	add(id+"Group", "AWS::EC2::SecurityGroup", id+"/SecurityGroup", map[string]any{"GroupDescription": "Automatic security group", "VpcId": ref(vpc),
		"SecurityGroupEgress": []any{map[string]any{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}}})
	add(id+"Rule", "AWS::EC2::SecurityGroupIngress", id+"/from", map[string]any{"GroupId": attribute(id+"Group", "GroupId"), "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
		"SourceSecurityGroupId": attribute(id+"Group", "GroupId")})
	add(id, "AWS::Lambda::Function", id+"/Resource", map[string]any{"Runtime": "nodejs22.x", "Handler": "index.handler", "Role": attribute(id+"Role", "Arn"),
		"Code":        map[string]any{"S3Bucket": map[string]any{"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "0123456789abcdef.zip"},
		"Environment": map[string]any{"Variables": map[string]any{"STAGE": "prod", "GROUP": attribute(id+"Group", "GroupId")}},
		"VpcConfig":   map[string]any{"SubnetIds": []any{ref(vpc + "Subnet2"), ref(vpc + "Subnet3")}, "SecurityGroupIds": []any{attribute(id+"Group", "GroupId")}}},
		id+"Policy", id+"Role")
}
