package patch

import (
	"os/exec"
	"strings"
	"testing"
)

var (
	vpc      = Resource{Name: "aws_vpc.main", Type: "AWS::EC2::VPC"}
	subnet   = Resource{Name: "aws_subnet.a", Type: "AWS::EC2::Subnet"}
	group    = Resource{Name: "module.x.aws_security_group.f", Type: "AWS::EC2::SecurityGroup"}
	function = Resource{Name: "aws_lambda_function.api", Type: "AWS::Lambda::Function"}
	role     = Resource{Name: "aws_iam_role.api", Type: "AWS::IAM::Role"}
	address  = Resource{Name: "NatGatewayAddress", Type: "AWS::EC2::EIP"}
)

func m(pairs ...any) Map {
	var out Map
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Property{pairs[i].(string), pairs[i+1].(Value)})
	}
	return out
}

// everything holds each kind of edit and value, and the resources that are
// written otherwise than property by property.
var everything = Patch{
	Add{Resource: Resource{Name: "SsmInterfaceEndpointGroup", Type: "AWS::EC2::SecurityGroup"}, Properties: m("GroupDescription", Text("HTTPS to ssm"), "VpcId", Ref{vpc},
		"SecurityGroupIngress", List{m("IpProtocol", Text("tcp"), "FromPort", Number(443), "ToPort", Number(443), "SourceSecurityGroupId", Ref{group})})},
	Add{Resource: Resource{Name: "SsmInterfaceEndpoint", Type: "AWS::EC2::VPCEndpoint"}, Properties: m("VpcEndpointType", Text("Interface"), "VpcId", Ref{vpc},
		"ServiceName", Text("com.amazonaws.us-west-2.ssm"), "PrivateDnsEnabled", Bool(true), "SubnetIds", Refs(subnet), "SecurityGroupIds", Refs(Resource{Name: "SsmInterfaceEndpointGroup", Type: "AWS::EC2::SecurityGroup"}))},
	Add{Resource: address, Properties: m("Domain", Text("vpc"))},
	Add{Resource: Resource{Name: "NatGateway", Type: "AWS::EC2::NatGateway"}, Properties: m("SubnetId", Ref{subnet}, "AllocationId", Attr{address, "AllocationId"})},
	Add{Resource: Resource{Name: "Entry", Type: "AWS::EC2::NetworkAclEntry"}, Properties: m("NetworkAclId", Ref{Resource{Name: "default ACL", ID: "acl-1"}}, "RuleNumber", Number(1),
		"Protocol", Number(6), "RuleAction", Text("allow"), "CidrBlock", Text("0.0.0.0/0"), "Egress", Bool(true), "PortRange", m("From", Number(1024), "To", Number(65535)))},
	Add{Resource: Resource{Name: "Rule", Type: "AWS::EC2::SecurityGroupIngress"}, Properties: m("GroupId", Ref{group}, "IpProtocol", Text("tcp"), "FromPort", Number(80), "ToPort", Number(80), "CidrIp", Text("10.0.0.0/24"))},
	Add{Resource: Resource{Name: "Invoke", Type: "AWS::IAM::Policy"}, Properties: m("PolicyName", Text("Invoke"), "Roles", Refs(role), "PolicyDocument",
		m("Version", Text("2012-10-17"), "Statement", List{m("Effect", Text("Allow"), "Action", Text("lambda:InvokeFunction"), "Resource", Attr{function, "Arn"})}))},
	Add{Resource: Resource{Name: "Permit", Type: "AWS::Lambda::Permission"}, Properties: m("FunctionName", Attr{function, "Arn"}, "Action", Text("lambda:InvokeFunction"),
		"Principal", Text("apigateway.amazonaws.com"), "SourceArn", Sub{"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*", nil})},
	Set{Of: function, Property: "VpcConfig.SubnetIds", Value: Refs(subnet)},
	Append{Of: Resource{Name: "aws_vpc_endpoint.s3", Type: "AWS::EC2::VPCEndpoint"}, Property: "RouteTableIds", Items: List{Text("rtb-1")}, Have: 1},
	Remove{Of: function, Property: "VpcConfig"},
	Advice("and say so in code"),
}

// What is written for Terraform is HCL in the layout of `terraform fmt`, with
// the provider's own names.
func TestTerraform(t *testing.T) {
	text := everything.In(Terraform)
	for _, want := range []string{
		"resource \"aws_vpc_endpoint\" \"ssm_interface_endpoint\" {", "security_group_ids  = [aws_security_group.ssm_interface_endpoint_group.id]", "private_dns_enabled = true",
		"allocation_id = aws_eip.nat_gateway_address.id", "security_groups = [module.x.aws_security_group.f.id]", "network_acl_id = \"acl-1\"", "from_port      = 1024",
		"security_group_id = module.x.aws_security_group.f.id", "cidr_ipv4         = \"10.0.0.0/24\"", "role   = aws_iam_role.api.name", "policy = jsonencode({ Version = \"2012-10-17\"",
		"source_arn    = \"arn:${data.aws_partition.current.partition}:execute-api:", "# in aws_lambda_function.api: vpc_config.subnet_ids = [aws_subnet.a.id]",
		"# in aws_vpc_endpoint.s3: add to route_table_ids: \"rtb-1\"", "# in aws_lambda_function.api: remove vpc_config", "# and say so in code", "# what begins with module.x lies within that module",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		return // the words are held above; only the layout is not
	}
	cmd := exec.Command(terraform, "fmt", "-")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, text)
	}
	if string(out) != text {
		t.Errorf("terraform fmt writes it otherwise:\n%s\nthan\n%s", out, text)
	}
}

func TestYAMLQuotesWhatWouldBeReadOtherwise(t *testing.T) {
	for in, want := range map[string]string{
		"Interface": "Interface", "com.amazonaws.us-west-2.ssm": "com.amazonaws.us-west-2.ssm", "10.0.0.0/24": "10.0.0.0/24", "2012-10-17": `"2012-10-17"`,
		"true": `"true"`, "a: b": `"a: b"`, "*": `"*"`, "": `""`, "a, b": `"a, b"`, "arn:${AWS::Partition}:x:${Api}/*": "arn:${AWS::Partition}:x:${Api}/*",
		"lambda:InvokeFunction": "lambda:InvokeFunction", "443": `"443"`, "No": `"No"`, "x #y": `"x #y"`, "HTTPS to ssm": "HTTPS to ssm",
	} {
		if got := yamlText(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// Each type that a fix adds or edits has Terraform's name, and its arguments the
// provider's, whether they are set or are blocks.
func TestTerraformNames(t *testing.T) {
	of := func(typ string) Resource { return Resource{Name: "X", Type: typ} }
	for want, p := range map[string]Patch{
		"\"aws_internet_gateway_attachment\" \"x\" {\n  vpc_id              = aws_vpc.main.id\n  internet_gateway_id = \"igw-1\"": {Add{Resource: of("AWS::EC2::VPCGatewayAttachment"),
			Properties: m("VpcId", Ref{vpc}, "InternetGatewayId", Ref{Resource{Name: "other", ID: "igw-1"}})}},
		"\"aws_eip\" \"x\" {\n  domain   = \"vpc\"\n  instance = \"i-1\"": {Add{Resource: of("AWS::EC2::EIP"), Properties: m("Domain", Text("vpc"), "InstanceId", Text("i-1"))}},
		"  jwt_configuration {\n    issuer   = \"https://x\"\n    audience = [\"y\"]\n  }": {Add{Resource: of("AWS::ApiGatewayV2::Authorizer"),
			Properties: m("Name", Text("x"), "JwtConfiguration", m("Issuer", Text("https://x"), "Audience", List{Text("y")}))}},
		"environment.variables.ApiUrl = \"x\"":      {Set{Of: function, Property: "Environment.Variables.ApiUrl", Value: Text("x")}},
		"aws_vpc_endpoint.x: policy = \"{}\"":       {Set{Of: Resource{Name: "aws_vpc_endpoint.x", Type: "AWS::EC2::VPCEndpoint"}, Property: "PolicyDocument", Value: Text("{}")}},
		"remove reserved_concurrent_executions":     {Remove{Of: function, Property: "ReservedConcurrentExecutions"}},
		"# add what CloudFormation calls AWS::X::Y": {Add{Resource: of("AWS::X::Y"), Properties: m("A", Text("b"))}},
	} {
		if text := p.In(Terraform); !strings.Contains(text, want) {
			t.Errorf("%s\nis not in\n%s", want, text)
		}
	}
	for typ, want := range map[string]string{"VPC": "vpc", "Subnet": "subnet", "NatGateway": "nat_gateway", "InternetGateway": "internet_gateway", "RouteTable": "route_table",
		"EgressOnlyInternetGateway": "egress_only_internet_gateway", "Route": "route", "SubnetRouteTableAssociation": "route_table_association", "NetworkAcl": "network_acl",
		"VPCPeeringConnection": "vpc_peering_connection", "VPCEndpoint": "vpc_endpoint", "NetworkAclEntry": "network_acl_rule", "SecurityGroup": "security_group", "Instance": "instance",
		"SecurityGroupEgress": "vpc_security_group_egress_rule", "TransitGatewayVpcAttachment": "ec2_transit_gateway_vpc_attachment"} {
		if n, ok := tfType(of("AWS::EC2::"+typ), nil); !ok || n.Type != "aws_"+want {
			t.Errorf("%s is %s", typ, n.Type)
		}
	}
}

// What has no name in a template is written by its ID, in every format.
func TestWhatIsNotDeclaredIsKnownByItsID(t *testing.T) {
	fact := Resource{Name: "default-vpc", Type: "", ID: "vpc-1"}
	p := Patch{Add{Resource: Resource{Name: "T", Type: "AWS::EC2::RouteTable"}, Properties: m("VpcId", Ref{fact})}}
	for f, want := range map[Format]string{YAML: "VpcId: vpc-1\n", JSON: `"VpcId":"vpc-1"`, CDK: "vpcId: 'vpc-1'", Terraform: `vpc_id = "vpc-1"`} {
		if text := p.In(f); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// An edit that a format has no words for is said, never left out.
func TestNothingIsLeftOut(t *testing.T) {
	for _, f := range []Format{YAML, CDK, Terraform} {
		text := Patch{Append{Of: role, Property: "ManagedPolicyArns", Items: List{Text("arn:x")}, Have: -1}, Advice("more")}.In(f)
		if !strings.Contains(text, "arn:x") || !strings.Contains(text, "more") {
			t.Errorf("format %d: %s", f, text)
		}
	}
	if text := (Patch{Advice("more")}).In(JSON); text != "# more\n" {
		t.Errorf("got %q", text)
	}
	if text := (Patch{Add{Resource: Resource{Name: "X", Type: "AWS::New::Thing"}, Properties: m("A", Text("b"))}}).In(Terraform); !strings.Contains(text, "AWS::New::Thing") {
		t.Errorf("got %q", text)
	}
}

// What AWS makes with a VPC is an attribute of it in Terraform; elsewhere its ID
// has to be put in.
func TestWhatAWSMakesWithAVPC(t *testing.T) {
	table := Resource{Name: `module.a["x.y"].aws_vpc.main main route table`, Type: "AWS::EC2::RouteTable", ID: "rtb-1"}
	p := Patch{Add{Resource: Resource{Name: "Out", Type: "AWS::EC2::Route"}, Properties: m("RouteTableId", Ref{table})}, StandIn{table}}
	if text, want := p.In(Terraform), "# within module.a[\"x.y\"]:\nresource \"aws_route\" \"out\" {\n  route_table_id = aws_vpc.main.main_route_table_id\n}\n"; text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	for _, f := range []Format{YAML, JSON, CDK} {
		if text := p.In(f); !strings.Contains(text, "rtb-1 stands for "+table.Name) {
			t.Errorf("it is not said in\n%s", text)
		}
	}
}
