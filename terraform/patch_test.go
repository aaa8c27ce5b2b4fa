package terraform_test

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
	"bailey/reach/patch"
	"bailey/terraform"
)

// isolated is a function that reaches nothing of what it is there for.
const isolated = `
resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private" {
  for_each          = { a = 1, b = 2 }
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, each.value)
  availability_zone = "us-west-2${each.key}"
}

resource "aws_security_group" "function" {
  vpc_id = aws_vpc.main.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "database" {
  vpc_id = aws_vpc.main.id
}

resource "aws_iam_role" "function" {
  assume_role_policy  = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]
}

resource "aws_iam_role_policy" "function" {
  role   = aws_iam_role.function.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ["dynamodb:GetItem", "ssm:GetParameter"], Resource = "*" }] })
}

resource "aws_db_subnet_group" "database" {
  subnet_ids = [for s in aws_subnet.private : s.id]
}

resource "aws_db_instance" "database" {
  identifier             = "database"
  engine                 = "postgres"
  instance_class         = "db.t3.micro"
  db_subnet_group_name   = aws_db_subnet_group.database.name
  vpc_security_group_ids = [aws_security_group.database.id]
}

resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = aws_iam_role.function.arn
  runtime       = "python3.12"
  handler       = "api.handler"
  filename      = "api.zip"
  vpc_config {
    subnet_ids         = [for s in aws_subnet.private : s.id]
    security_group_ids = [aws_security_group.function.id]
  }
}
`

func modelOf(t *testing.T, f terraform.Folder) *cloud.Model {
	t.Helper()
	spec, diags := f.Evaluated(t)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	m, diags := cloud.New(spec)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return m
}

// A fix that is written in HCL opens the path when it is pasted where it says:
// in the configuration, or in the module that its resources are of.
func TestFixesOpenThePathWhenTheyArePasted(t *testing.T) {
	for name, f := range map[string]terraform.Folder{
		"":            {"main.tf": isolated},
		"module.app.": {"main.tf": "module \"app\" {\n  source = \"./app\"\n}\n", "app/main.tf": isolated},
	} {
		file := "main.tf"
		if name != "" {
			file = "app/main.tf"
		}
		for to, summary := range map[string]string{
			"aws:dynamodb":                         "add a gateway endpoint for dynamodb",
			"aws:ssm":                              "add an interface endpoint for ssm",
			name + "aws_db_instance.database:5432": "allow tcp 5432",
		} {
			t.Run(name+to, func(t *testing.T) {
				question := path.Question{From: name + "aws_lambda_function.api", To: to}
				p, err := reach.Answer(modelOf(t, f), question, nil)
				if err != nil || p.Verdict != path.Blocked {
					t.Fatal(p.Verdict, err)
				}
				text := fixOf(t, p, summary)
				after := modelOf(t, terraform.Folder{"main.tf": f["main.tf"], file: f[file] + text})
				if r, err := path.Why(after, question); err != nil || r.Verdict != path.Reachable {
					t.Errorf("%v %v %v after\n%s", r.Verdict, r.Blockers, err, text)
				}
			})
		}
	}
}

// fixOf gives the fix that a proof has, in HCL.
func fixOf(t *testing.T, p reach.Proof, summary string) string {
	t.Helper()
	var has []string
	for _, fix := range p.Fixes {
		if strings.HasPrefix(fix.Summary, summary) {
			text := fix.In(patch.Terraform).Patch
			if strings.Contains(text, "rtb-") || strings.Contains(text, "module.") != strings.HasPrefix(text, "# within module.app:\n") {
				t.Errorf("it refers to what it cannot:\n%s", text)
			}
			return text
		}
		has = append(has, fix.Summary)
	}
	t.Fatal(fmt.Errorf("no fix begins with %q: %q", summary, has))
	return ""
}
