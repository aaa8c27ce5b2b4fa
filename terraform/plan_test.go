package terraform

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

// readPlan evaluates a plan, with the configuration beside it where there is one.
func readPlan(t *testing.T, config *Configuration, document string) (cloud.Spec, source.Diags) {
	t.Helper()
	if !IsPlan([]byte(document)) {
		t.Fatal("it is not known as a plan")
	}
	p, diags := ReadPlan("plan.json", []byte(document), config)
	if diags.HasErrors() {
		return cloud.Spec{}, diags
	}
	spec, found := p.Spec(cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "test"})
	return spec, append(diags, found...)
}

// In modules, what is known after apply is followed through variables, outputs
// and the state before the plan.
const modulesPlan = `{"format_version":"1.2","terraform_version":"1.11.4",
"planned_values":{"root_module":{"resources":[
 {"address":"aws_vpc.v","mode":"managed","type":"aws_vpc","name":"v","values":{"cidr_block":"10.0.0.0/16"}}],
 "child_modules":[{"address":"module.net[\"a\"]","resources":[
  {"address":"module.net[\"a\"].aws_subnet.s[0]","mode":"managed","type":"aws_subnet","name":"s","index":0,"values":{"cidr_block":"10.0.0.0/24","availability_zone":"us-west-2a"}},
  {"address":"module.net[\"a\"].aws_subnet.s[1]","mode":"managed","type":"aws_subnet","name":"s","index":1,"values":{"cidr_block":"10.0.1.0/24","availability_zone":"us-west-2b"}},
  {"address":"module.net[\"a\"].aws_security_group.g","mode":"managed","type":"aws_security_group","name":"g","values":{"name":"g"}}]},
 {"address":"module.app","resources":[
  {"address":"module.app.aws_iam_role.r","mode":"managed","type":"aws_iam_role","name":"r","values":{"name":"r","assume_role_policy":"{}"}},
  {"address":"module.app.aws_lambda_function.f","mode":"managed","type":"aws_lambda_function","name":"f","values":{"function_name":"f","runtime":"nodejs22.x","handler":"i.h","filename":"f.zip","vpc_config":[{}]}}]}]}},
"prior_state":{"values":{"root_module":{"resources":[
 {"address":"data.aws_security_group.shared","mode":"data","type":"aws_security_group","name":"shared","values":{"id":"sg-0123456789abcdef0"}}]}}},
"resource_changes":[
 {"address":"aws_vpc.v","change":{"after_unknown":{"id":true}}},
 {"address":"module.net[\"a\"].aws_subnet.s[0]","change":{"after_unknown":{"id":true,"vpc_id":true}}},
 {"address":"module.net[\"a\"].aws_subnet.s[1]","change":{"after_unknown":{"id":true,"vpc_id":true}}},
 {"address":"module.net[\"a\"].aws_security_group.g","change":{"after_unknown":{"id":true,"vpc_id":true,"ingress":true,"egress":true}}},
 {"address":"module.app.aws_iam_role.r","change":{"after_unknown":{"id":true,"arn":true}}},
 {"address":"module.app.aws_lambda_function.f","change":{"after_unknown":{"arn":true,"role":true,"vpc_config":[{"subnet_ids":true,"security_group_ids":true}]}}}],
"configuration":{"root_module":{"resources":[{"address":"aws_vpc.v","expressions":{}}],"module_calls":{
 "net":{"expressions":{"vpc":{"references":["aws_vpc.v.id","aws_vpc.v"]}},"module":{
  "outputs":{"subnets":{"expression":{"references":["aws_subnet.s"]}},"group":{"expression":{"references":["aws_security_group.g.id","aws_security_group.g"]}}},
  "resources":[{"address":"aws_subnet.s","expressions":{"vpc_id":{"references":["var.vpc"]}}},{"address":"aws_security_group.g","expressions":{"vpc_id":{"references":["var.vpc"]}}}]}},
 "app":{"expressions":{"subnets":{"references":["module.net[\"a\"].subnets","module.net[\"a\"]","module.net"]},"groups":{"references":["module.net[\"a\"].group","module.net[\"a\"]","module.net","data.aws_security_group.shared.id","data.aws_security_group.shared"]}},"module":{
  "resources":[{"address":"aws_iam_role.r","expressions":{}},{"address":"aws_lambda_function.f","expressions":{"role":{"references":["aws_iam_role.r.arn","aws_iam_role.r"]},
   "vpc_config":[{"subnet_ids":{"references":["var.subnets"]},"security_group_ids":{"references":["var.groups"]}}]}}]}}}}}}`

func TestPlanIsFollowedThroughModules(t *testing.T) {
	spec, diags := readPlan(t, nil, modulesPlan)
	if diags.HasErrors() || strings.Contains(diags.Error(), "OPEN") {
		t.Fatal(diags)
	}
	f := spec.Functions[0]
	subnets, groups := f.Network.Subnets.Or(nil), f.Network.Groups.Or(nil)
	if len(subnets) != 2 || subnets[0] != spec.Subnets[0].ID || spec.Subnets[1].VPC != spec.VPCs[0].ID {
		t.Errorf("the function is in %v, and there are %+v", subnets, spec.Subnets)
	}
	if len(groups) != 2 || groups[0] != spec.SecurityGroups[0].ID || groups[1] != "sg-0123456789abcdef0" {
		t.Errorf("the function has %v", groups)
	}
	if g := spec.SecurityGroups[0]; g.Name != `module.net["a"].aws_security_group.g` || len(g.Egress) != 0 {
		t.Errorf("a group without egress lets out %+v", g)
	}
	if !strings.Contains(diags.Error(), "TF_PLAN_ASSUMED") {
		t.Errorf("it does not say that it takes a list as it stands: %v", diags)
	}
}

// A state, a plan within another document, and formats of another day.
func TestPlanDocuments(t *testing.T) {
	const resources = `{"root_module":{"resources":[{"address":"aws_vpc.v","mode":"managed","type":"aws_vpc","name":"v","values":{"id":"vpc-0a1b2c3d4e5f60718","cidr_block":"10.0.0.0/16"}}]}}`
	for document, want := range map[string]string{
		`{"format_version":"0.1","terraform_version":"0.12.1","planned_values":` + resources + `}`:              "vpc-0a1b2c3d4e5f60718",
		`{"format_version":"1.0","terraform_version":"1.5.7","values":` + resources + `}`:                       "vpc-0a1b2c3d4e5f60718",
		`{"cost":1,"plan":{"format_version":"1.2","terraform_version":"1","planned_values":` + resources + `}}`: "vpc-0a1b2c3d4e5f60718",
		`{"format_version":"2.0","terraform_version":"9","planned_values":` + resources + `}`:                   "TF_BAD_PLAN",
		`{"format_version":"1.2","terraform_version":"1.11.4"}`:                                                 "no planned_values",
		`{"format_version":"1.2","terraform_version":"1.11.4","planned_values":[]}`:                             "cannot be read",
		`{"format_version":"1.2","terraform_version":"1.11.4",` + strings.Repeat(`"x":[`, 500):                  "TF_TOO_LARGE",
	} {
		spec, diags := readPlan(t, nil, document)
		if len(spec.VPCs) == 1 {
			diags = append(diags, source.Diag{Summary: string(spec.VPCs[0].ID)})
		}
		if !strings.Contains(diags.Error(), want) {
			t.Errorf("%.120s gives %v, want %s", document, diags, want)
		}
	}
}

// What is not a plan is not taken for one.
func TestIsPlan(t *testing.T) {
	for _, document := range []string{"", "{}", `{"Resources":{}}`, `{"format_version":"1.2"}`, "format_version: 1\nterraform_version: 2"} {
		if IsPlan([]byte(document)) {
			t.Errorf("%q is taken for a plan", document)
		}
	}
}

// The configuration beside a plan evaluates what the plan leaves for later; one
// that cannot be evaluated is left aside, and that is said.
func TestPlanBesideItsConfiguration(t *testing.T) {
	const plan = `{"format_version":"1.2","terraform_version":"1.11.4","variables":{"name":{"value":"prod"}},
"planned_values":{"root_module":{"resources":[
 {"address":"aws_vpc.v","mode":"managed","type":"aws_vpc","name":"v","values":{"cidr_block":"10.0.0.0/16"}},
 {"address":"aws_ssm_parameter.p","mode":"managed","type":"aws_ssm_parameter","name":"p","values":{"name":"/prod","type":"String"}}]}},
"resource_changes":[{"address":"aws_vpc.v","change":{"after_unknown":{"id":true}}},{"address":"aws_ssm_parameter.p","change":{"after_unknown":{"value":true}}}],
"configuration":{"root_module":{"resources":[{"address":"aws_ssm_parameter.p","expressions":{"value":{"references":["aws_vpc.v.id","aws_vpc.v"]}}}]}}}`
	const text = `
variable "name" {}
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_ssm_parameter" "p" {
  name = "/${var.name}"
  type = "String"
  value = "vpc=${aws_vpc.v.id}"
}
`
	for added, want := range map[string]string{
		"": "vpc=vpc-", "locals { broken = nothing }\noutput \"o\" { value = local.broken.at.all }\n": "TF_CONFIGURATION_NOT_USED",
	} {
		c, diags := Read(".", folder{"main.tf": text + added}.files(), nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		spec, diags := readPlan(t, c, plan)
		if got := fmt.Sprint(spec.Parameters[0].Value.Or(""), diags); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
		at := spec.VPCs[0].At
		if beside := added == ""; (at.File == "main.tf" && at.Line == 3) != beside {
			t.Errorf("the VPC is at %v", at)
		}
	}
}

// Gaps name what is missing, and not what stands beside it.
func TestGapsNameWhatIsAskedFor(t *testing.T) {
	spec, diags := read(t, `
data "aws_instance" "other" {}
resource "aws_ssm_parameter" "p" {
  name = "/x"
  type = "String"
  value = join(",", [for x in data.aws_instance.other.private_ips : x if x != data.aws_instance.other.arn])
}
data "aws_ec2_managed_prefix_list" "s3" { name = "com.amazonaws.us-west-2.s3" }
resource "aws_ssm_parameter" "q" {
  name = "/y"
  type = "String"
  value = join(",", data.aws_ec2_managed_prefix_list.s3.entries[*].cidr)
}`)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if g, open := spec.Parameters[0].Value.Gap(); !open || !strings.Contains(g.Because, "attribute private_ips of data.aws_instance.other") {
		t.Errorf("%+v", spec.Parameters[0].Value)
	}
	if text := spec.Parameters[1].Value.Or(""); !strings.Contains(text, "/") {
		t.Errorf("the prefixes of S3 are %q", text)
	}
}

// Comments accept what is found about a resource or about all of a module.
func TestSuppressions(t *testing.T) {
	c, diags := Read(".", folder{"main.tf": `# bailey:ignore A of all of the module
module "m" { source = "./m" }
resource "aws_eip" "e" { # bailey:ignore B of each expires=2030-01-01
  count = 2
}
`, "m/main.tf": "resource \"aws_eip\" \"e\" {\n}\n\n\n# bailey:ignore C of nothing\n"}.files(), nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	c.Spec(cloud.Spec{Region: "us-west-2"})
	list, diags := c.Suppressions()
	var got []string
	for _, s := range list {
		got = append(got, s.ID+" "+s.Resource+" "+s.Expires)
	}
	slices.Sort(got)
	if want := []string{"A module.m.aws_eip.e ", "B aws_eip.e[0] 2030-01-01", "B aws_eip.e[1] 2030-01-01"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(diags) != 1 || diags[0].At.Line != 5 || diags[0].Code != source.CodeSuppression {
		t.Errorf("%v", diags)
	}
}
