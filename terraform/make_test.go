package terraform

import (
	"fmt"
	"slices"
	"testing"

	"bailey/cloud"
)

// What CloudFormation writes otherwise: each configuration with what the Spec
// says of it.
func TestWhatCloudFormationWritesOtherwise(t *testing.T) {
	for _, c := range []struct {
		name, text string
		says       func(cloud.Spec) any
		want       string
	}{
		{"a function on a capacity provider is in the provider's network", `
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  vpc_id = aws_vpc.v.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_security_group" "g" { vpc_id = aws_vpc.v.id }
resource "aws_iam_role" "r" { assume_role_policy = "{}" }
resource "aws_lambda_capacity_provider" "p" {
  name = "capacity"
  vpc_config {
    subnet_ids         = [aws_subnet.s.id]
    security_group_ids = [aws_security_group.g.id]
  }
  permissions_config { capacity_provider_operator_role_arn = aws_iam_role.r.arn }
  instance_requirements { architectures = ["x86_64"] }
  capacity_provider_scaling_config {
    max_vcpu_count = 12
    scaling_mode = "Manual"
    scaling_policies = [{ predefined_metric_type = "LambdaCapacityProviderAverageCPUUtilization", target_value = 50 }]
  }
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role = aws_iam_role.r.arn
  runtime = "python3.13"
  handler = "a.b"
  filename = "f.zip"
  capacity_provider_config {
    lambda_managed_instances_capacity_provider_config {
      capacity_provider_arn = aws_lambda_capacity_provider.p.arn
      execution_environment_memory_gib_per_vcpu = 2
      per_execution_environment_max_concurrency = 10
    }
  }
}`, func(s cloud.Spec) any {
			p, f := s.CapacityProviders[0], s.Functions[0]
			return []any{p.ARN, p.MaxVCPU, f.Capacity.Or("") == p.ARN.String(), f.Network.Subnets.Or(nil)[0] == s.Subnets[0].ID, f.Network.Groups.Or(nil)[0] == s.SecurityGroups[0].ID}
		}, "[arn:aws:lambda:us-west-2:123456789012:capacity-provider:capacity 12 true true true]"},
		{"a block of Amazon's, and subnets computed from it", `
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
}
resource "aws_subnet" "s" {
  vpc_id = aws_vpc.v.id
  cidr_block = "10.0.0.0/24"
  ipv6_cidr_block = cidrsubnet(aws_vpc.v.ipv6_cidr_block, 8, 3)
}`, func(s cloud.Spec) any {
			block := s.VPCs[0].IPv6.Or(nil)[0]
			subnet := s.Subnets[0].IPv6
			p, _ := subnet.Get()
			return []any{block.Bits(), block.Contains(p.Addr()), p.Bits(), p.Addr().As16()[7]}
		}, "[56 true 64 3]"},
		{"a block that is associated", `
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_vpc_ipv6_cidr_block_association" "b" {
  vpc_id = aws_vpc.v.id
  ipv6_pool = "ipv6pool-1"
  ipv6_cidr_block = "2001:db8::/56"
}`, func(s cloud.Spec) any { return s.VPCs[0].IPv6.Or(nil) }, "[2001:db8::/56]"},
		{"an interface's addresses", isolatedVPC + `
resource "aws_network_interface" "n" {
  subnet_id = aws_subnet.s.id
  private_ips = ["10.0.0.9"]
  ipv6_addresses = ["2001:db8::9"]
}`, func(s cloud.Spec) any { return []any{s.NetworkInterfaces[0].PrivateIP, s.NetworkInterfaces[0].IPv6} }, "[10.0.0.9 2001:db8::9]"},
		{"an attachment stays out of the default route table", isolatedVPC + `
resource "aws_ec2_transit_gateway" "g" {}
resource "aws_ec2_transit_gateway_vpc_attachment" "a" {
  transit_gateway_id = aws_ec2_transit_gateway.g.id
  vpc_id = aws_vpc.v.id
  subnet_ids = [aws_subnet.s.id]
  appliance_mode_support = "enable"
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
}`, func(s cloud.Spec) any {
			a := s.TransitGatewayAttachments[0]
			return []any{a.ApplianceMode, a.NotAssociated, a.NotPropagated}
		}, "[true true true]"},
		{"a route in the default route table of a transit gateway", isolatedVPC + `
resource "aws_ec2_transit_gateway" "g" {}
resource "aws_ec2_transit_gateway_route" "r" {
  destination_cidr_block = "10.9.0.0/16"
  blackhole = true
  transit_gateway_route_table_id = aws_ec2_transit_gateway.g.association_default_route_table_id
}`, func(s cloud.Spec) any {
			table := s.TransitGatewayRouteTables[0]
			return []any{table.ID == cloud.DefaultTransitTableID(s.TransitGateways[0].ID), len(table.Routes), table.Routes[0].Blackhole}
		}, "[true 1 true]"},
		{"methods with what is beside them", restMethod + `
resource "aws_api_gateway_integration_response" "ok" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_resource.r.id
  http_method = "GET"
  status_code = "200"
  response_templates = { "application/json" = "{}" }
}
resource "aws_api_gateway_method_response" "ok" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_resource.r.id
  http_method = "GET"
  status_code = "200"
  response_models = { "application/json" = "Empty" }
}`, func(s cloud.Spec) any {
			r := s.APIs[0].Routes[0]
			return []any{r.Method, r.Integration.Kind, r.Integration.Responses[0].Templates, r.Responses[0].Models}
		}, "[GET MOCK map[application/json:{}] map[application/json:Empty]]"},
		{"a deployment waits for what triggers it", restMethod + `
resource "aws_api_gateway_deployment" "d" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  triggers = { again = local.again }
}
locals { again = sha1(jsonencode([aws_api_gateway_integration.i.id])) }
`, func(s cloud.Spec) any {
			slices.Sort(s.Deployments[0].DependsOn)
			return s.Deployments[0].DependsOn
		}, "[aws_api_gateway_integration.i aws_api_gateway_method.m aws_api_gateway_resource.r aws_api_gateway_rest_api.a]"},
		{"what an HTTP API changes, and limits by route", `
resource "aws_apigatewayv2_api" "a" {
  name = "a"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_integration" "i" {
  api_id = aws_apigatewayv2_api.a.id
  integration_type = "AWS_PROXY" # the provider's payload format is 1.0 where none is stated
  integration_uri = "arn:aws:lambda:us-west-2:123456789012:function:f"
  response_parameters {
    status_code = 200
    mappings = { "append:header.x" = "y" }
  }
}
resource "aws_apigatewayv2_route" "r" {
  api_id = aws_apigatewayv2_api.a.id
  route_key = "GET /"
  target = "integrations/${aws_apigatewayv2_integration.i.id}"
}
resource "aws_apigatewayv2_stage" "s" {
  api_id = aws_apigatewayv2_api.a.id
  name = "$default"
  auto_deploy = true
  route_settings {
    route_key = "GET /"
    throttling_rate_limit = 3
    throttling_burst_limit = 4
  }
}`, func(s cloud.Spec) any {
			return []any{s.APIs[0].Routes[0].Integration.Responses[0].Params, len(s.APIs[0].Stages[0].Routes), s.APIs[0].Routes[0].Integration.Payload}
		}, "[map[append:header.x:y] 1 1.0]"},
		{"concurrency that is provisioned", publishedFunction + `
resource "aws_lambda_alias" "live" {
  name = "live"
  function_name = aws_lambda_function.f.function_name
  function_version = aws_lambda_function.f.version
}
resource "aws_lambda_provisioned_concurrency_config" "a" {
  function_name = aws_lambda_function.f.function_name
  qualifier = aws_lambda_alias.live.name
  provisioned_concurrent_executions = 3
}
resource "aws_lambda_provisioned_concurrency_config" "v" {
  function_name = aws_lambda_function.f.function_name
  qualifier = aws_lambda_function.f.version
  provisioned_concurrent_executions = 2
}`, func(s cloud.Spec) any {
			return []any{s.Aliases[0].Provisioned, s.Versions[0].Provisioned}
		}, "[3 2]"},
		{"brokers outside", publishedFunction + `
resource "aws_lambda_event_source_mapping" "k" {
  function_name = aws_lambda_function.f.arn
  topics = ["t"]
  starting_position = "LATEST"
  self_managed_event_source { endpoints = { KAFKA_BOOTSTRAP_SERVERS = "a:9092, b:9092" } }
}`, func(s cloud.Spec) any { return s.EventSourceMappings[0].Bootstrap.Or(nil) }, "[a:9092 b:9092]"},
		{"a web ACL", `
resource "aws_wafv2_web_acl" "w" {
  name = "w"
  scope = "REGIONAL"
  default_action {
    allow {}
  }
  rule {
    name = "r"
    priority = 1
    statement {
      geo_match_statement { country_codes = ["US"] }
    }
  }
  visibility_config { metric_name = "m" }
}`, func(s cloud.Spec) any {
			codes, _ := s.WebACLs[0].Rules.Items[0].Path("Statement", "GeoMatchStatement", "CountryCodes")
			return []any{s.WebACLs[0].Allow, codes.Items[0].Text}
		}, "[true US]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec, diags := read(t, c.text)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			spec = withoutDefault(spec)
			if got := fmt.Sprint(c.says(spec)); got != c.want {
				t.Errorf("got %s, want %s; %v", got, c.want, diags)
			}
		})
	}
}

// withoutDefault takes the default VPC out of a Spec, so that what is declared
// comes first.
func withoutDefault(s cloud.Spec) cloud.Spec {
	s.VPCs = slices.DeleteFunc(s.VPCs, func(v cloud.VPC) bool { return v.Default })
	s.Subnets = slices.DeleteFunc(s.Subnets, func(n cloud.Subnet) bool { return n.VPC == "vpc-default" })
	return s
}

const isolatedVPC = `
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  vpc_id = aws_vpc.v.id
  cidr_block = "10.0.0.0/24"
  ipv6_cidr_block = "2001:db8::/64"
  availability_zone = "us-west-2a"
}`

const restMethod = `
resource "aws_api_gateway_rest_api" "a" { name = "a" }
resource "aws_api_gateway_resource" "r" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  parent_id = aws_api_gateway_rest_api.a.root_resource_id
  path_part = "x"
}
resource "aws_api_gateway_method" "m" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_resource.r.id
  http_method = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "i" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  resource_id = aws_api_gateway_resource.r.id
  http_method = aws_api_gateway_method.m.http_method
  type = "MOCK"
}`

const publishedFunction = `
resource "aws_iam_role" "r" { assume_role_policy = "{}" }
resource "aws_lambda_function" "f" {
  function_name = "f"
  role = aws_iam_role.r.arn
  handler = "a.b"
  runtime = "python3.12"
  filename = "f.zip"
  publish = true
}`
