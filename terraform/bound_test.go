package terraform

import (
	"strings"
	"testing"

	"bailey/cloud"
)

// What all expressions do together is bounded, wherever they are written and
// whatever takes the time; it is said once, with the place.
func TestWorkIsBounded(t *testing.T) {
	const big = "locals {\n  k = range(1000)\n  big = [for a in local.k : [for b in range(20) : \"${a}-${b}\"]]\n  text = join(\"\", [for a in local.k : \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"])\n}\n"
	for name, files := range map[string]folder{
		"elements":             {"main.tf": big + "output \"o\" {\n  value = sum([for a in local.k : sum([for b in local.k : a * b])])\n}\n"},
		"a function's list":    {"main.tf": big + "output \"o\" {\n  value = [for a in local.k : [for b in local.k : length(flatten(local.big)) if b < 10]]\n}\n"},
		"a text":               {"main.tf": big + "output \"o\" {\n  value = [for a in local.k : [for b in local.k : length(\"${local.text}x\")]]\n}\n"},
		"a template's loop":    {"main.tf": big + "output \"o\" {\n  value = \"%{ for a in local.k }%{ for b in local.k }${local.text}%{ endfor }%{ endfor }\"\n}\n"},
		"a comparison":         {"main.tf": big + "output \"o\" {\n  value = [for a in local.k : [for b in local.k : true if local.big == local.big]]\n}\n"},
		"branches":             {"main.tf": big + "output \"o\" {\n  value = length([for a in local.k : length([for b in local.k : 1 if length(b > 3 ? local.big : local.k) > 0])])\n}\n"},
		"a splat":              {"main.tf": big + "output \"o\" {\n  value = length([for a in local.k : length([for b in range(100) : length(local.big[*][0]) ])])\n}\n"},
		"many resources":       {"main.tf": big + "resource \"aws_eip\" \"e\" {\n  count = 5000\n  tags = { a = length(flatten(local.big)) }\n}\n"},
		"an error in each":     {"main.tf": big + "output \"o\" {\n  value = [for a in local.k : a.b]\n}\n"},
		"what try would hide":  {"main.tf": big + "output \"o\" {\n  value = [for a in local.k : try([for b in local.k : [for c in local.k : sum([b, c])]], 1)]\n}\n"},
		"a file of JSON":       {"main.tf.json": `{"locals": {"k": "${range(1000)}"}, "output": {"o": {"value": {"x": ["${[for a in local.k : sum([for b in local.k : a * b])]}"]}}}}`},
		"a block in JSON":      {"main.tf.json": `{"locals": {"k": "${range(1000)}"}, "resource": {"aws_eip": {"e": {"tags": {"x": "${sum([for a in local.k : sum([for b in local.k : a * b])])}"}}}}}`},
		"a template file":      {"main.tf": "output \"o\" {\n  value = templatefile(\"t\", { k = range(1000) })\n}\n", "t": "%{ for a in k }%{ for b in k }%{ for c in k }x%{ endfor }%{ endfor }%{ endfor }"},
		"a file of variables":  {"main.tf": "variable \"v\" {}\n", "terraform.tfvars": "v = [for a in [" + strings.Repeat("1,", 2000) + "] : [for b in [" + strings.Repeat("1,", 2000) + "] : b]]\n"},
		"a module's source":    {"main.tf": "module \"m\" {\n  source = [for a in [" + strings.Repeat("1,", 2000) + "] : [for b in [" + strings.Repeat("1,", 2000) + "] : b]]\n}\n"},
		"a variable's default": {"main.tf": "variable \"v\" {\n  default = [for a in [" + strings.Repeat("1,", 2000) + "] : [for b in [" + strings.Repeat("1,", 2000) + "] : b]]\n}\noutput \"o\" {\n  value = var.v\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c, diags := Read(".", files.files(), nil)
			if !diags.HasErrors() {
				c.e.work += maxWork / 10 * 9 // as much as others have done
				_, diags = c.Spec(cloud.Spec{Region: "us-west-2"})
			}
			found := 0
			for _, d := range diags {
				if d.Code == "TF_TOO_LARGE" {
					found++
					if d.At.Line == 0 || !strings.Contains(d.Summary, "million steps") {
						t.Errorf("%v", d)
					}
				}
			}
			if found != 1 {
				t.Errorf("it is said %d times: %.300s", found, diags.Error())
			}
			if c.e.work > 4*maxWork {
				t.Errorf("there were %d steps", c.e.work)
			}
		})
	}
}

// What a large configuration does is far from the bound, and the parts of
// expressions that are read and not evaluated are read as before.
func TestWorkOfALargeConfiguration(t *testing.T) {
	c, diags := Read(".", folder{"main.tf": `
variable "hosts" {
  type    = map(list(string))
  default = {}
}
variable "name" {
  type = object({ a = optional(list(string), ["x"]), b = string })
  default = { b = "y" }
}
locals {
  numbers = range(1000)
  hosts = { for n in local.numbers : "host-${n}" => { address = cidrhost("10.0.0.0/8", n), name = "host-${n}", zone = n % 3 } }
  named = [for n in local.numbers : lookup(local.hosts, "host-${n}", null).address]
  pairs = [for p in setproduct(range(100), range(100)) : p[0] + p[1] if p[0] != p[1]]
}
resource "aws_eip" "e" {
  count = 1000
  tags  = { name = local.hosts["host-${count.index}"].name, first = var.name.a[0] }
}
output "o" {
  value = [local.named, local.pairs]
}
`}.files(), nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if _, diags := c.Spec(cloud.Spec{Region: "us-west-2"}); diags.HasErrors() {
		t.Fatal(diags)
	}
	if c.e.work > maxWork/10 || c.e.work == 0 {
		t.Errorf("it takes %d of %d", c.e.work, maxWork)
	}
}

// Expressions in JSON are what those of HCL are: templates, in the names too,
// lists and objects; and what is wrong has a place within.
func TestExpressionsInJSON(t *testing.T) {
	const head = `{"locals": {"n": 2, "name": "b"}, "resource": {"aws_ssm_parameter": {"p": {"name": "/p", "type": "String",` + "\n"
	for text, want := range map[string]string{
		`"value": "${jsonencode(local.all)}"}}}, "locals": {"all": {"a": [1, true, null, "x${local.n}"], "${local.name}": {}}}}`: `{"a":[1,true,null,"x2"],"b":{}}`,
		`"value": "%{ for i in range(local.n) }${i};%{ endfor }"}}}}`:                                                            "0;1;",
		`"value": "${join(\",\", [for a in [1, 2] : a * local.n])}"}}}}`:                                                         "2,4",
		`"value": "${local.missing}"}}}}`:                                                                                        "main.tf.json:2:13",
		`"value": "${local."}}}}`:                                                                                                "main.tf.json:2:",
		`"value": {"a": "1", "a": "2"}}}}}`:                                                                                      "already",
	} {
		text = strings.Replace(text, `"locals": {"all"`, `"//": "", "locals": {"n": 2, "name": "b", "all"`, 1)
		document := head + text
		if strings.Contains(text, `"all"`) {
			document = `{"resource": {"aws_ssm_parameter": {"p": {"name": "/p", "type": "String",` + "\n" + text
		}
		c, diags := Read(".", folder{"main.tf.json": document}.files(), nil)
		got := diags.Error()
		if !diags.HasErrors() {
			spec, found := c.Spec(cloud.Spec{Region: "us-west-2"})
			got = found.Error()
			if !found.HasErrors() {
				got = spec.Parameters[0].Value.Or("?")
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s\nis %s\nwant %s", text, got, want)
		}
	}
}
