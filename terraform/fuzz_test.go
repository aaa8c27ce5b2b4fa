package terraform

import (
	"os"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

// Whatever is in a file: no panic, and every error has a place and a code.
func FuzzConfiguration(f *testing.F) {
	for _, text := range []string{
		vpc, `resource "aws_security_group" "g" { ingress { cidr_blocks = [var.x] } }`, `locals { a = "${local.a}" }`,
		`module "m" { source = "./" }`, `resource "aws_vpc" "v" { for_each = toset(["a", "b"]) }`, `data "aws_iam_policy_document" "d" { statement { actions = ["*"] } }`,
		`resource "aws_subnet" "s" { dynamic "x" { for_each = [1] content { y = x.value } } }`, `output "o" { value = format("%999999999s", "a") }`,
		`variable "v" { type = object({ a = optional(string, "b") }) }`, `resource "aws_lambda_permission" "p" { function_name = aws_lambda_permission.p }`,
	} {
		f.Add(text, false)
	}
	f.Add(`{"resource": {"aws_vpc": {"v": {"cidr_block": "${1 + 1}"}}}}`, true)
	f.Fuzz(func(t *testing.T, text string, json bool) {
		name := "main.tf"
		if json {
			name += ".json"
		}
		if strings.Count(text, "for") > 4 { // loops within loops take a second or two until they are refused
			return
		}
		spec, diags := folder{name: text}.read(t)
		if !diags.HasErrors() {
			_, diags = cloud.New(spec)
		}
		for _, d := range diags {
			if d.Code == "" || d.Summary == "" {
				t.Errorf("%q: %+v", text, d)
			}
		}
	})
}

// Whatever is in a plan.
func FuzzPlan(f *testing.F) {
	data, err := os.ReadFile("../conform/testdata/formats/plan.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"address":"aws_vpc.v","mode":"managed","type":"aws_vpc","name":"v","values":{"cidr_block":["x"]}}]}}}`))
	f.Add([]byte(`{"planned_values":{"root_module":{}},"resource_changes":[{"address":"a","change":{"after_unknown":true}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, diags := ReadPlan("plan.json", data, nil)
		if diags.HasErrors() {
			return
		}
		p.Region()
		if spec, diags := p.Spec(cloud.Spec{Region: "us-west-2"}); !diags.HasErrors() {
			cloud.New(spec)
		}
	})
}

// What grows without bound is refused, and soon.
func TestBounds(t *testing.T) {
	double := "locals {\n  a0 = \"xxxxxxxx\"\n"
	lists := "locals {\n  a0 = [1, 1]\n"
	for i := range 60 {
		n, m := string(rune('a'+(i+1)/10))+string(rune('0'+(i+1)%10)), string(rune('a'+i/10))+string(rune('0'+i%10))
		double += "  " + n + " = \"${local." + m + "}${local." + m + "}\"\n"
		lists += "  " + n + " = [local." + m + ", local." + m + "]\n"
	}
	end := "}\noutput \"o\" {\n  value = local.g0\n}\n"
	for name, text := range map[string]string{
		"texts":    double + end,
		"lists":    lists + end,
		"brackets": "output \"o\" {\n  value = " + strings.Repeat("[", 100_000) + "\n}\n",
		"signs":    "output \"o\" {\n  value = " + strings.Repeat("!", 1_000_000) + "true\n}\n",
		"modules":  "module \"m\" {\n  source = \"./\"\n}\n",
		"width":    "output \"o\" {\n  value = format(\"%999999999s\", \"a\")\n}\n",
		"products": "output \"o\" {\n  value = setproduct(range(1000), range(1000), range(1000))\n}\n",
		"loops":    "output \"o\" {\n  value = [for a in range(1000) : [for b in range(1000) : sum([for c in range(1000) : c])]]\n}\n",
		"blocks":   "resource \"aws_vpc\" \"v\" {\n" + strings.Repeat("dynamic \"x\" {\nfor_each = range(1000)\ncontent {\n", 3) + strings.Repeat("}\n}\n", 3) + "}\n",
		"count":    "resource \"aws_vpc\" \"v\" {\n  count = 100000000\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if _, diags := read(t, text); !diags.HasErrors() {
				t.Error("it is not refused")
			}
			t.Log(time.Since(start))
		})
	}
}

// A folder that is within itself, as a link makes it, ends soon: after as many
// levels as modules are nested, and not after two to the power of them.
func TestFolderWithinItself(t *testing.T) {
	opened := 0
	files := Files{
		List: func(string) ([]string, error) { return []string{"main.tf"}, nil },
		Open: func(string) ([]byte, error) {
			opened++
			return []byte("module \"a\" {\n  source = \"./again\"\n}\nmodule \"b\" {\n  source = \"./again\"\n}\n"), nil
		},
	}
	c, diags := Read(".", files, nil)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	_, diags = c.Spec(cloud.Spec{Region: "us-west-2"})
	if len(diags) != 1 || diags[0].Code != "TF_TOO_LARGE" || diags[0].At.IsZero() || opened > 2*maxNested || c.e.scopes > 2*maxNested {
		t.Errorf("%d files and %d module instances, %v", opened, c.e.scopes, diags)
	}
}

// A resource that nobody refers to has no value that expressions could see:
// most have none, and it is the larger part of what one takes.
func TestWhatNobodyAsksForIsNotMade(t *testing.T) {
	c, diags := Read(".", folder{"main.tf": "resource \"aws_eip\" \"e\" {\n  count = 2000\n}\nresource \"aws_eip\" \"f\" {\n}\noutput \"o\" {\n  value = aws_eip.f.id\n}\n"}.files(), nil)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if _, diags = c.Spec(cloud.Spec{Region: "us-west-2"}); len(diags) > 0 || len(c.e.instances) != 2001 {
		t.Fatal(len(c.e.instances), diags)
	}
	if len(c.e.promises) > 20 {
		t.Errorf("there are %d promises", len(c.e.promises))
	}
}
