//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclparse"

	"bailey/cloud"
	"bailey/source"
	"bailey/terraform"
)

// A planResource is one resource as `terraform show -json` writes it, with its
// block of the configuration.
type planResource struct {
	typ, name   string
	values      map[string]any
	unknown     map[string]any
	expressions map[string]any
}

// planModule are the resources of one module: a network of four subnets, and
// functions with a role, a policy and a security group each.
func planModule(v, functions int) []planResource {
	refers := func(to string) any { return map[string]any{"references": []string{to + ".id", to}} }
	constant := func(v any) any { return map[string]any{"constant_value": v} }
	later := func(names ...string) map[string]any {
		out := map[string]any{"id": true, "arn": true, "tags_all": map[string]any{}}
		for _, n := range names {
			out[n] = true
		}
		return out
	}
	cidr := fmt.Sprintf("10.%d.0.0/16", v%250)
	out := []planResource{
		{"aws_vpc", "main", map[string]any{"cidr_block": cidr, "enable_dns_hostnames": true, "enable_dns_support": true, "instance_tenancy": "default", "tags": map[string]any{"Name": fmt.Sprint("network-", v)}},
			later("default_security_group_id", "main_route_table_id"), map[string]any{"cidr_block": constant(cidr), "enable_dns_hostnames": constant(true)}},
		{"aws_internet_gateway", "main", map[string]any{"tags": nil}, later("vpc_id"), map[string]any{"vpc_id": refers("aws_vpc.main")}},
	}
	for s := range 4 {
		name, block := fmt.Sprint("s", s), fmt.Sprintf("10.%d.%d.0/18", v%250, s*64)
		out = append(out,
			planResource{"aws_subnet", name, map[string]any{"cidr_block": block, "availability_zone": "us-west-2" + string(rune('a'+s%2)), "map_public_ip_on_launch": s < 2, "tags": nil},
				later("vpc_id"), map[string]any{"vpc_id": refers("aws_vpc.main"), "cidr_block": constant(block)}},
			planResource{"aws_route_table", name, map[string]any{"tags": nil, "timeouts": nil}, later("vpc_id"), map[string]any{"vpc_id": refers("aws_vpc.main")}},
			planResource{"aws_route_table_association", name, map[string]any{"gateway_id": nil, "timeouts": nil}, later("subnet_id", "route_table_id"),
				map[string]any{"subnet_id": refers("aws_subnet." + name), "route_table_id": refers("aws_route_table." + name)}})
	}
	for f := range functions {
		out = append(out, planFunction(f, refers, constant, later)...)
	}
	return out
}

func planFunction(f int, refers func(string) any, constant func(any) any, later func(...string) map[string]any) []planResource {
	name := fmt.Sprint("worker", f)
	assume := `{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}],"Version":"2012-10-17"}`
	policy := `{"Statement":[{"Action":["ssm:GetParameter","ssm:GetParameters"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`
	return []planResource{
		{"aws_iam_role", name, map[string]any{"name": name, "assume_role_policy": assume, "path": "/", "max_session_duration": 3600, "force_detach_policies": false, "description": nil, "tags": nil},
			later("create_date", "unique_id", "managed_policy_arns"), map[string]any{"assume_role_policy": map[string]any{}}},
		{"aws_iam_role_policy", name, map[string]any{"name": name, "policy": policy}, later("role"), map[string]any{"role": refers("aws_iam_role." + name), "policy": map[string]any{}}},
		{"aws_security_group", name, map[string]any{"name": name, "description": "Managed by Terraform", "revoke_rules_on_delete": false, "tags": nil, "timeouts": nil,
			"egress": []any{map[string]any{"cidr_blocks": []string{"0.0.0.0/0"}, "description": "", "from_port": 0, "to_port": 0, "protocol": "-1", "self": false, "ipv6_cidr_blocks": []string{}, "prefix_list_ids": []string{}, "security_groups": []string{}}}},
			later("vpc_id", "ingress", "owner_id"), map[string]any{"vpc_id": refers("aws_vpc.main"), "egress": []any{map[string]any{}}}},
		{"aws_lambda_function", name, map[string]any{"function_name": name, "handler": "index.handler", "runtime": "nodejs22.x", "filename": "worker.zip", "memory_size": 256, "timeout": 10,
			"package_type": "Zip", "publish": false, "reserved_concurrent_executions": -1, "skip_destroy": false, "layers": nil, "kms_key_arn": nil, "description": nil, "tags": nil,
			"dead_letter_config": []any{}, "image_config": []any{}, "file_system_config": []any{}, "snap_start": []any{},
			"environment": []any{map[string]any{"variables": map[string]any{"STAGE": "prod", "NAME": name}}},
			"vpc_config":  []any{map[string]any{"ipv6_allowed_for_dual_stack": false}}},
			map[string]any{"id": true, "arn": true, "role": true, "invoke_arn": true, "qualified_arn": true, "version": true, "last_modified": true, "source_code_size": true, "architectures": true,
				"vpc_config": []any{map[string]any{"subnet_ids": true, "security_group_ids": true, "vpc_id": true}}, "environment": []any{map[string]any{"variables": map[string]any{}}}},
			map[string]any{"role": map[string]any{"references": []string{"aws_iam_role." + name + ".arn", "aws_iam_role." + name}}, "function_name": constant(name), "runtime": constant("nodejs22.x"),
				"vpc_config": []any{map[string]any{"subnet_ids": map[string]any{"references": []string{"aws_subnet.s2.id", "aws_subnet.s2", "aws_subnet.s3.id", "aws_subnet.s3"}}, "security_group_ids": refers("aws_security_group." + name)}}}},
	}
}

// terraformPlan writes a plan of some modules as `terraform show -json` does.
func terraformPlan(modules int) []byte {
	var children, changes []any
	calls := map[string]any{}
	for v := range modules {
		name := fmt.Sprint("network", v)
		address := "module." + name
		var planned, config []any
		for _, r := range planModule(v, 40) {
			own := r.typ + "." + r.name
			after := maps.Clone(r.values)
			provider := "registry.terraform.io/hashicorp/aws"
			planned = append(planned, map[string]any{"address": address + "." + own, "mode": "managed", "type": r.typ, "name": r.name, "provider_name": provider, "schema_version": 0,
				"values": r.values, "sensitive_values": map[string]any{"tags_all": map[string]any{}}})
			changes = append(changes, map[string]any{"address": address + "." + own, "module_address": address, "mode": "managed", "type": r.typ, "name": r.name, "provider_name": provider,
				"change": map[string]any{"actions": []string{"create"}, "before": nil, "after": after, "after_unknown": r.unknown, "before_sensitive": false, "after_sensitive": map[string]any{"tags_all": map[string]any{}}}})
			config = append(config, map[string]any{"address": own, "mode": "managed", "type": r.typ, "name": r.name, "provider_config_key": "aws", "schema_version": 0, "expressions": r.expressions})
		}
		children = append(children, map[string]any{"address": address, "resources": planned})
		calls[name] = map[string]any{"source": "./network", "module": map[string]any{"resources": config}}
	}
	text, err := json.Marshal(map[string]any{"format_version": "1.2", "terraform_version": "1.11.4",
		"planned_values": map[string]any{"root_module": map[string]any{"child_modules": children}}, "resource_changes": changes,
		"configuration": map[string]any{"provider_config": map[string]any{"aws": map[string]any{"name": "aws", "expressions": map[string]any{"region": map[string]any{"constant_value": "us-west-2"}}}},
			"root_module": map[string]any{"module_calls": calls}}})
	if err != nil {
		panic(err) // unreachable: text, numbers and maps
	}
	return text
}

// readPlan is what bailey does with a plan before any question.
func readPlan(text []byte) (time.Duration, error) {
	began := time.Now()
	p, diags := terraform.ReadPlan("plan.json", text, nil)
	if diags.HasErrors() {
		return 0, diags
	}
	return took(began, p.Spec)
}

// took makes the model of what was read.
func took(began time.Time, read func(cloud.Spec) (cloud.Spec, source.Diags)) (time.Duration, error) {
	spec, diags := read(cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "bench"})
	if diags.HasErrors() {
		return 0, diags
	}
	m, diags := cloud.New(spec)
	if m == nil {
		return 0, diags
	}
	return time.Since(began), nil
}

// openPlan holds the model of a large plan against reading the same JSON and
// doing nothing with it.
func openPlan(b *bench) (pair, error) {
	text := terraformPlan(b.planModules)
	return pair{ours: loading(readPlan, text, b.loads, 1), peer: func() (float64, error) {
		return p50(b.loads, func() (time.Duration, error) {
			began := time.Now()
			var doc any
			err := json.Unmarshal(text, &doc)
			return time.Since(began), err
		})
	}}, nil
}

// openPlanGrowth holds the time of a module in a plan of many against that in a
// plan of few: 1 is linear growth.
func openPlanGrowth(b *bench) (pair, error) {
	few := max(1, b.planModules/10)
	return pair{ours: loading(readPlan, terraformPlan(10*few), b.loads, 10), peer: loading(readPlan, terraformPlan(few), 4*b.loads, 1)}, nil
}

// A folder is the files of a configuration by their names.
type folder map[string][]byte

func (f folder) files() terraform.Files {
	return terraform.Files{
		Open: func(name string) ([]byte, error) {
			if text, ok := f[name]; ok {
				return text, nil
			}
			return nil, fmt.Errorf("open %s: %w", name, os.ErrNotExist)
		},
		List: func(dir string) ([]string, error) {
			var out []string
			for name := range f {
				if path.Dir(name) == path.Clean(dir) {
					out = append(out, path.Base(name))
				}
			}
			if len(out) == 0 {
				return nil, errors.New("there is no " + dir)
			}
			return out, nil
		},
	}
}

// configuration is a root that calls n modules, each a folder of its own with a
// network, functions and what computes their names and blocks.
func configuration(n int) folder {
	root := "provider \"aws\" {\n  region = \"us-west-2\"\n}\n"
	out := folder{}
	for v := range n {
		root += fmt.Sprintf("module \"m%d\" {\n  source = \"./m%d\"\n  number = %d\n}\n", v, v, v)
		out[fmt.Sprintf("m%d/main.tf", v)] = []byte(moduleText)
	}
	out["main.tf"] = []byte(root)
	return out
}

const moduleText = `variable "number" {
  type = number
}
locals {
  name  = "network-${var.number}"
  block = cidrsubnet("10.0.0.0/8", 8, var.number % 256)
  zones = ["us-west-2a", "us-west-2b"]
  ports = { http = 80, https = 443, postgres = 5432 }
}
resource "aws_vpc" "main" {
  cidr_block           = local.block
  enable_dns_hostnames = true
  tags                 = merge({ Name = local.name }, { for k, v in local.ports : k => tostring(v) })
}
resource "aws_subnet" "private" {
  count             = length(local.zones)
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(local.block, 8, count.index)
  availability_zone = local.zones[count.index]
}
resource "aws_route_table" "private" {
  for_each = toset(local.zones)
  vpc_id   = aws_vpc.main.id
}
resource "aws_route_table_association" "private" {
  count          = length(local.zones)
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[local.zones[count.index]].id
}
resource "aws_security_group" "function" {
  count  = 20
  name   = format("%s-%03d", local.name, count.index)
  vpc_id = aws_vpc.main.id
  dynamic "egress" {
    for_each = local.ports
    content {
      protocol    = "tcp"
      from_port   = egress.value
      to_port     = egress.value
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
resource "aws_iam_role" "function" {
  name               = local.name
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}
resource "aws_lambda_function" "function" {
  count         = 20
  function_name = format("%s-%03d", local.name, count.index)
  role          = aws_iam_role.function.arn
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  filename      = "function.zip"
  vpc_config {
    subnet_ids         = aws_subnet.private[*].id
    security_group_ids = [aws_security_group.function[count.index].id]
  }
}
`

func configurations(f folder, n int, per float64) func() (float64, error) {
	return func() (float64, error) {
		s, err := p50(n, func() (time.Duration, error) {
			began := time.Now()
			c, diags := terraform.Read(".", f.files(), nil)
			if diags.HasErrors() {
				return 0, diags
			}
			return took(began, c.Spec)
		})
		return s / per, err
	}
}

// openConfiguration holds the model of a folder of modules against parsing its
// files. Terraform itself needs the provider for as much as a look at them.
func openConfiguration(b *bench) (pair, error) {
	f := configuration(b.modules)
	return pair{ours: configurations(f, b.loads, 1), peer: func() (float64, error) {
		return p50(b.loads, func() (time.Duration, error) {
			began := time.Now()
			for _, name := range slices.Sorted(maps.Keys(f)) {
				if _, diags := hclparse.NewParser().ParseHCL(f[name], name); diags.HasErrors() {
					return 0, diags
				}
			}
			return time.Since(began), nil
		})
	}}, nil
}

// openConfigurationGrowth holds the time of a module among many against that
// among few.
func openConfigurationGrowth(b *bench) (pair, error) {
	few := max(1, b.modules/5)
	return pair{ours: configurations(configuration(20*few), b.loads, 20), peer: configurations(configuration(few), 4*b.loads, 1)}, nil
}
