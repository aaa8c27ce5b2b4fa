package terraform

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cloud"
)

const overridden = `
variable "block" {
  type    = string
  default = "10.0.0.0/16"
}
locals {
  name  = "plain"
  other = "kept"
}
provider "aws" {
  region = "us-west-2"
}
resource "aws_vpc" "v" {
  cidr_block = var.block
  tags       = { Name = "${local.name}-${local.other}" }
}
resource "aws_security_group" "g" {
  name   = "g"
  vpc_id = aws_vpc.v.id
  ingress {
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["10.0.0.0/8"]
  }
  ingress {
    protocol    = "tcp"
    from_port   = 81
    to_port     = 81
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_ssm_parameter" "p" {
  name  = "/p"
  type  = "String"
  value = "plain"
}
module "m" {
  source = "./a"
  value  = "plain"
}
`

// Override files are merged in the order of their names: arguments by
// themselves, nested blocks by their type, local values by name.
func TestOverrideFiles(t *testing.T) {
	module := "variable \"value\" {}\nresource \"aws_ssm_parameter\" \"inner\" {\n  name = \"/%s\"\n  type = \"String\"\n  value = var.value\n}\n"
	files := folder{"main.tf": overridden, "a/main.tf": fmt.Sprintf(module, "a"), "b/main.tf": fmt.Sprintf(module, "b")}
	for name, c := range map[string]struct {
		files folder
		want  string
	}{
		"none":                   {folder{}, "10.0.0.0/16 plain-kept in 2 out 1 /p=plain /a=plain us-west-2"},
		"an argument":            {folder{"override.tf": "resource \"aws_ssm_parameter\" \"p\" {\n  value = \"over\"\n}\n"}, "/p=over"},
		"the last counts":        {folder{"a_override.tf": "resource \"aws_ssm_parameter\" \"p\" {\n  value = \"a\"\n}\n", "b_override.tf": "resource \"aws_ssm_parameter\" \"p\" {\n  value = \"b\"\n}\n"}, "/p=b"},
		"blocks of a type":       {folder{"override.tf": "resource \"aws_security_group\" \"g\" {\n  ingress {\n    protocol = \"tcp\"\n    from_port = 1\n    to_port = 1\n    cidr_blocks = [\"10.0.0.0/8\"]\n  }\n}\n"}, "in 1 out 1"},
		"blocks by a dynamic":    {folder{"override.tf": "resource \"aws_security_group\" \"g\" {\n  dynamic \"egress\" {\n    for_each = []\n    content {}\n  }\n}\n"}, "in 2 out 0"},
		"blocks by an argument":  {folder{"override.tf": "resource \"aws_security_group\" \"g\" {\n  ingress = []\n}\n"}, "in 0 out 1"},
		"a variable":             {folder{"override.tf": "variable \"block\" {\n  default = \"10.9.0.0/16\"\n}\n"}, "10.9.0.0/16"},
		"a variable, in JSON":    {folder{"x_override.tf.json": `{"variable": {"block": {"default": "10.8.0.0/16"}}}`}, "10.8.0.0/16"},
		"a local value, in JSON": {folder{"override.tf.json": `{"locals": {"name": "over"}}`}, "10.0.0.0/16 over-kept"},
		"a module":               {folder{"override.tf": "module \"m\" {\n  source = \"./b\"\n}\n"}, "/b=plain"},
		"a module's argument":    {folder{"override.tf": "module \"m\" {\n  value = \"over\"\n}\n"}, "/a=over"},
		"within a module":        {folder{"a/override.tf": "resource \"aws_ssm_parameter\" \"inner\" {\n  value = \"deep\"\n}\n"}, "/a=deep"},
		"how many":               {folder{"override.tf": "resource \"aws_ssm_parameter\" \"p\" {\n  count = 0\n}\n"}, "out 1 /a=plain"},
		"a provider":             {folder{"override.tf": "provider \"aws\" {\n  region = \"eu-west-1\"\n}\n"}, "eu-west-1"},
		"nothing":                {folder{"override.tf": "resource \"aws_ssm_parameter\" \"q\" {\n  value = \"over\"\n}\n"}, "override.tf:1:1 TF_OVERRIDES_NOTHING aws_ssm_parameter.q"},
		"no local value":         {folder{"override.tf": "locals {\n  no = 1\n}\n"}, "override.tf:2:3 TF_OVERRIDES_NOTHING local.no"},
		"no module":              {folder{"override.tf": "module \"no\" {}\n"}, "override.tf:1:1 TF_OVERRIDES_NOTHING module.no"},
		"another's provider":     {folder{"override.tf": "provider \"random\" {}\nprovider \"aws\" {\n  alias = \"no\"\n}\n"}, "override.tf:2:1 TF_OVERRIDES_NOTHING provider.aws"},
		"depends_on":             {folder{"override.tf": "resource \"aws_vpc\" \"v\" {\n  depends_on = [aws_ssm_parameter.p]\n}\n"}, "override.tf:2:3 TF_OVERRIDES_DEPENDS_ON"},
		"a block in JSON":        {folder{"override.tf.json": "{\"resource\": {\"aws_vpc\": {\n\"v\": {\"cidr_block\": \"10.1.0.0/16\"}}}}"}, "override.tf.json:2:6 TF_NOT_READ"},
	} {
		t.Run(name, func(t *testing.T) {
			all := folder{}
			for _, f := range []folder{files, c.files} {
				for name, text := range f {
					all[name] = text
				}
			}
			if got := said(t, all); !strings.Contains(got, c.want) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// said is what is made of the configuration, or what is wrong with it.
func said(t *testing.T, files folder) string {
	t.Helper()
	c, diags := Read(".", files.files(), nil)
	if !diags.HasErrors() {
		var spec cloud.Spec
		if spec, diags = c.Spec(cloud.Spec{Region: c.Region(), Account: "123456789012"}); !diags.HasErrors() {
			var b strings.Builder
			g := spec.SecurityGroups[0]
			tags, _ := c.e.instances[0].body.get("tags")
			fmt.Fprintf(&b, "%v %s in %d out %d", spec.VPCs[0].CIDRs.Or(nil)[0], tags.value.GetAttr("Name").AsString(), len(g.Ingress), len(g.Egress))
			for _, p := range spec.Parameters {
				fmt.Fprintf(&b, " %s=%s", p.ParamName, p.Value.Or("?"))
			}
			return b.String() + " " + c.Region()
		}
	}
	d := diags[0]
	return fmt.Sprintf("%v %s %s", d.At, d.Code, d.Summary)
}

// A function of a provider's is refused by its name and place, within a module
// and in JSON too; what try passes over is not.
func TestFunctionsOfProviders(t *testing.T) {
	for text, want := range map[string]string{
		"output \"o\" {\n  value = provider::aws::arn_parse(\"arn:aws:iam::1:role/x\").account\n}\n":                                                 "main.tf:2:11 TF_PROVIDER_FUNCTION provider::aws::arn_parse is a function of a provider's",
		"resource \"aws_eip\" \"e\" {}\nlocals {\n  x = provider::aws::trim_iam_role_path(aws_eip.e.arn)\n}\noutput \"o\" {\n  value = local.x\n}\n": "main.tf:3:7 TF_PROVIDER_FUNCTION",
		"output \"o\" {\n  value = no_such(1)\n}\n":                                  "TF_BAD_EXPRESSION",
		"output \"o\" {\n  value = try(provider::aws::arn_parse(\"x\"), \"y\")\n}\n": "",
	} {
		c, diags := Read(".", folder{"main.tf": text}.files(), nil)
		if !diags.HasErrors() {
			_, diags = c.Spec(cloud.Spec{Region: "us-west-2"})
		}
		got := ""
		if len(diags) > 0 {
			got = fmt.Sprintf("%v %s %s", diags[0].At, diags[0].Code, diags[0].Summary)
		}
		if !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s\ngives %q, want %q", text, got, want)
		}
	}
}
