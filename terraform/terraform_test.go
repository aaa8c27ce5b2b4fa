package terraform

import (
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

// folder is files by their names.
type folder map[string]string

func (f folder) files() Files {
	return Files{Open: func(name string) ([]byte, error) {
		if text, ok := f[name]; ok {
			return []byte(text), nil
		}
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}, List: func(dir string) ([]string, error) {
		var out []string
		for name := range f {
			if path.Dir(name) == path.Clean(dir) {
				out = append(out, path.Base(name))
			}
		}
		if out == nil {
			return nil, fs.ErrNotExist
		}
		return out, nil
	}}
}

// read evaluates a configuration of one file.
func read(t *testing.T, text string, parameters ...string) (cloud.Spec, source.Diags) {
	t.Helper()
	return folder{"main.tf": text}.read(t, parameters...)
}

func (f folder) read(t *testing.T, parameters ...string) (cloud.Spec, source.Diags) {
	t.Helper()
	given := map[string]source.Node{}
	for _, p := range parameters {
		name, value, _ := strings.Cut(p, "=")
		given[name] = source.Node{Kind: source.String, Text: value}
	}
	c, diags := Read(".", f.files(), given)
	if diags.HasErrors() {
		return cloud.Spec{}, diags
	}
	spec := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "test"}
	spec.AddDefaultVPC("vpc-default", "default-vpc", nil, source.Span{})
	return c.Spec(spec)
}

// must fails where something is wrong.
func must(t *testing.T, text string, parameters ...string) cloud.Spec {
	t.Helper()
	spec, diags := read(t, text, parameters...)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return spec
}

const vpc = `resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
`

func group(t *testing.T, spec cloud.Spec, name string) cloud.SecurityGroup {
	t.Helper()
	i := slices.IndexFunc(spec.SecurityGroups, func(g cloud.SecurityGroup) bool { return g.Name == name })
	if i < 0 {
		t.Fatalf("there is no group %s in %+v", name, spec.SecurityGroups)
	}
	return spec.SecurityGroups[i]
}

// A group without egress lets nothing out; each range of a rule is one.
func TestSecurityGroups(t *testing.T) {
	spec := must(t, vpc+`
resource "aws_security_group" "bare" { vpc_id = aws_vpc.v.id }
resource "aws_security_group" "full" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port = 443
    to_port = 443
    protocol = "tcp"
    cidr_blocks = ["10.1.0.0/16", "10.2.0.0/16"]
    security_groups = [aws_security_group.bare.id]
    self = true
  }
  egress = [{ from_port = 0, to_port = 0, protocol = "all", cidr_blocks = ["0.0.0.0/0"], ipv6_cidr_blocks = null, prefix_list_ids = [], security_groups = [], self = false, description = "" }]
}
resource "aws_security_group_rule" "more" {
  security_group_id = aws_security_group.full.id
  type = "ingress"
  protocol = "udp"
  from_port = 53
  to_port = 53
  cidr_blocks = ["10.3.0.0/16", "10.4.0.0/16"]
}
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.bare.id
  ip_protocol = "tcp"
  from_port = 443
  to_port = 443
  referenced_security_group_id = aws_security_group.full.id
}`)
	bare, full := group(t, spec, "aws_security_group.bare"), group(t, spec, "aws_security_group.full")
	if len(bare.Ingress) != 0 || len(bare.Egress) != 1 || bare.Egress[0].Peer != (cloud.PeerGroup{ID: full.ID}) {
		t.Errorf("bare: %+v", bare)
	}
	var peers []string
	for _, r := range full.Ingress {
		peers = append(peers, fmt.Sprintf("%v %v", r.Ports.Lo, r.Peer))
	}
	want := []string{"443 10.1.0.0/16", "443 10.2.0.0/16", fmt.Sprintf("443 {%s}", bare.ID), fmt.Sprintf("443 {%s}", full.ID), "53 10.3.0.0/16", "53 10.4.0.0/16"}
	if r := full.Ingress[0]; r.Name != "aws_security_group.full.ingress[0]" || r.At.Line != 6 {
		t.Errorf("the rule is %s at %v", r.Name, r.At)
	}
	if !slices.Equal(peers, want) || len(full.Egress) != 1 {
		t.Errorf("full: %v, want %v; out %+v", peers, want, full.Egress)
	}
}

// What takes over what AWS makes with a VPC empties it, and others refer to it.
func TestDefaultsAreTakenOver(t *testing.T) {
	spec := must(t, vpc+`
resource "aws_default_security_group" "d" { vpc_id = aws_vpc.v.id }
resource "aws_default_network_acl" "d" { default_network_acl_id = aws_vpc.v.default_network_acl_id }
resource "aws_internet_gateway" "g" { vpc_id = aws_vpc.v.id }
resource "aws_default_route_table" "d" {
  default_route_table_id = aws_vpc.v.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.g.id
  }
}
resource "aws_security_group_rule" "in" {
  security_group_id = aws_vpc.v.default_security_group_id
  type = "ingress"
  protocol = "tcp"
  from_port = 22
  to_port = 22
  cidr_blocks = ["10.0.0.0/8"]
}`)
	id := spec.VPCs[len(spec.VPCs)-1].ID
	g := group(t, spec, "aws_default_security_group.d")
	if g.ID != cloud.DefaultGroupID(id) || len(g.Ingress) != 1 || len(g.Egress) != 0 {
		t.Errorf("the default group: %+v", g)
	}
	m, diags := cloud.New(spec)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	acls, tables := 0, 0
	for a := range m.NetworkACLs() {
		if a.VPC == id {
			acls++
			if !a.Default || len(a.Ingress)+len(a.Egress) != 0 {
				t.Errorf("the default network ACL: %+v", a)
			}
		}
	}
	for r := range m.RouteTables() {
		if r.VPC == id {
			tables++
			if !r.Main || len(r.Routes) != 1 {
				t.Errorf("the main route table: %+v", r)
			}
		}
	}
	if acls != 1 || tables != 1 {
		t.Errorf("%d network ACLs and %d route tables", acls, tables)
	}
}

// What is not known is unknown and says why; nothing made of it is known.
func TestGapsSayWhy(t *testing.T) {
	spec, diags := read(t, `
variable "cidr" { type = string }
variable "wanted" { type = bool }
data "aws_vpc" "other" { tags = { Name = "other" } }
resource "aws_vpc" "v" { cidr_block = var.cidr }
resource "aws_subnet" "s" {
  count = var.wanted ? 1 : 0
  vpc_id = aws_vpc.v.id
  cidr_block = cidrsubnet(var.cidr, 8, 1)
}
resource "aws_ssm_parameter" "p" {
  name = "/x"
  type = "String"
  value = "in ${data.aws_vpc.other.cidr_block}"
}
resource "aws_ssm_parameter" "q" {
  name = "/y"
  type = "String"
  value = substr(aws_vpc.v.id, 0, 5)
}`)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if _, known := spec.VPCs[len(spec.VPCs)-1].CIDRs.Get(); known {
		t.Error("the range of a variable without a value is known")
	}
	for i, want := range []string{"data.aws_vpc.other", "aws_vpc.v.id"} {
		if g, open := spec.Parameters[i].Value.Gap(); !open || !strings.Contains(g.Because, want) || g.At.Line == 0 {
			t.Errorf("parameter %d: %+v, want a gap that names %s", i, spec.Parameters[i].Value, want)
		}
	}
	if !strings.Contains(diags.Error(), "whether aws_subnet.s[0] exists is open") {
		t.Errorf("nothing says that the subnet is open: %v", diags)
	}
}

// Mistakes have a place and a code.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`resource "aws_vpc" "v" { cidr_block = `:                                          "main.tf:1:39: error: Missing expression",
		`resource "aws_vpc" "v" { cidr_block = var.nothing }`:                             "TF_UNKNOWN_REFERENCE",
		`resource "aws_vpc" "v" { cidr_block = local.nothing }`:                           "TF_UNKNOWN_REFERENCE",
		`resource "aws_vpc" "v" { cidr_block = aws_vpc.w.cidr_block }`:                    "aws_vpc.w is not declared",
		`resource "aws_vpc" "v" { cidr_block = aws_vpc.v.cidr_block }`:                    "TF_CYCLE",
		"locals {\n  a = local.b\n  b = local.a\n}\noutput \"o\" {\n  value = local.a\n}": "TF_CYCLE",
		`resource "aws_vpc" "v" { cidr_block = cidrsubnet("10.0.0.0/16", 20, 0) }`:        "insufficient address space",
		`resource "aws_vpc" "v" { cidr_block = upper(1, 2) }`:                             "TF_BAD_EXPRESSION",
		`variable "v" { type = number }` + "\n" + `output "o" { value = var.v }`:          "TF_WRONG_TYPE",
		"resource \"aws_vpc\" \"v\" {\n  cidr_block = \"10.0.0.0/8\"\n}":                  "main.tf:2:",
		`resource "aws_vpc" "v" { count = "many" }`:                                       "TF_BAD_COUNT",
		`resource "aws_vpc" "v" { for_each = [1, 2] }`:                                    "TF_BAD_FOR_EACH",
		`module "m" { source = "./gone" }`:                                                "gone",
	} {
		_, diags := read(t, text, "v=text")
		if !strings.Contains(diags.Error(), want) {
			t.Errorf("%s\ngives %v\nwant %s", text, diags, want)
		}
	}
}

// Modules have variables, outputs and instances of their own, and what is
// installed is found; what is not is said.
func TestModules(t *testing.T) {
	f := folder{
		"main.tf": `
module "net" {
  source   = "./net"
  for_each = { a = "10.1.0.0/16", b = "10.2.0.0/16" }
  cidr     = each.value
}
module "installed" { source = "example/net/aws" }
module "gone" { source = "example/gone/aws" }
resource "aws_subnet" "s" {
  for_each   = module.net
  vpc_id     = each.value.vpc.id
  cidr_block = cidrsubnet(each.value.vpc.cidr_block, 8, 1)
}`,
		"net/main.tf":                       "variable \"cidr\" { default = \"10.9.0.0/16\" }\nresource \"aws_vpc\" \"v\" { cidr_block = var.cidr }\noutput \"vpc\" { value = aws_vpc.v }\n",
		".terraform/modules/modules.json":   `{"Modules":[{"Key":"","Dir":"."},{"Key":"installed","Source":"x","Dir":".terraform/modules/installed"}]}`,
		".terraform/modules/installed/x.tf": "resource \"aws_vpc\" \"v\" { cidr_block = \"10.3.0.0/16\" }\n",
	}
	spec, diags := f.read(t)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var got []string
	for _, v := range spec.VPCs {
		if !v.Default {
			got = append(got, v.Name)
		}
	}
	for _, s := range spec.Subnets {
		v := slices.IndexFunc(spec.VPCs, func(v cloud.VPC) bool { return v.ID == s.VPC })
		got = append(got, s.Name+" in "+spec.VPCs[v].Name+" "+s.CIDR.Or(netip.Prefix{}).String())
	}
	slices.Sort(got)
	want := []string{`aws_subnet.s["a"] in module.net["a"].aws_vpc.v 10.1.1.0/24`, `aws_subnet.s["b"] in module.net["b"].aws_vpc.v 10.2.1.0/24`,
		"module.installed.aws_vpc.v", `module.net["a"].aws_vpc.v`, `module.net["b"].aws_vpc.v`}
	if !slices.Equal(got, want) || !strings.Contains(diags.Error(), "TF_MODULE_NOT_HERE") {
		t.Errorf("got %q\nwant %q\n%v", got, want, diags)
	}
}

// A file in JSON says what one in HCL says.
func TestJSON(t *testing.T) {
	f := folder{"main.tf.json": `{"variable": {"cidr": {"default": "10.0.0.0/16"}},
 "resource": {"aws_vpc": {"v": {"cidr_block": "${var.cidr}"}},
  "aws_security_group": {"g": {"vpc_id": "${aws_vpc.v.id}",
   "egress": [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["${aws_vpc.v.cidr_block}"]}],
   "dynamic": {"ingress": {"for_each": [80, 443], "content": {"protocol": "tcp", "from_port": "${ingress.value}", "to_port": "${ingress.value}", "cidr_blocks": ["0.0.0.0/0"]}}}}}}}`}
	spec, diags := f.read(t)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	g := group(t, spec, "aws_security_group.g")
	if len(g.Ingress) != 2 || g.Ingress[1].Ports.Lo != 443 || len(g.Egress) != 1 || g.Egress[0].Peer != (cloud.PeerCIDR{Prefix: netip.MustParsePrefix("10.0.0.0/16")}) {
		t.Errorf("%+v", g)
	}
}

// A type without a row is named once, and what is made of it is unknown.
func TestUnmodelledTypes(t *testing.T) {
	spec, diags := read(t, `
resource "aws_gamelift_fleet" "f" { count = 2 }
resource "null_resource" "n" {}
resource "aws_ssm_parameter" "p" {
  name = "/x"
  type = "String"
  value = aws_gamelift_fleet.f[0].arn
}`)
	if diags.HasErrors() || strings.Count(diags.Error(), "TF_UNMODELLED_TYPE") != 1 || len(spec.Unmodelled) != 2 {
		t.Errorf("%v %+v", diags, spec.Unmodelled)
	}
	if g, open := spec.Parameters[0].Value.Gap(); !open || !strings.Contains(g.Because, "aws_gamelift_fleet is not modelled") {
		t.Errorf("%+v", spec.Parameters[0].Value)
	}
}
