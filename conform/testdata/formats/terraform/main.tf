# A function in two isolated subnets, which reads a parameter through an
# endpoint and asks an instance.
variable "region" {
  type    = string
  default = "us-west-2"
}

provider "aws" {
  region = var.region
}

data "aws_partition" "current" {}

locals {
  zones = ["${var.region}a", "${var.region}b"]
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "isolated" {
  count             = length(local.zones)
  vpc_id            = aws_vpc.main.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_route_table" "isolated" {
  count  = length(local.zones)
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "isolated" {
  count          = length(local.zones)
  route_table_id = aws_route_table.isolated[count.index].id
  subnet_id      = aws_subnet.isolated[count.index].id
}

module "groups" {
  source = "./groups"
  vpc    = aws_vpc.main
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.ssm"
  vpc_id              = aws_vpc.main.id
  private_dns_enabled = true
  subnet_ids          = aws_subnet.isolated[*].id
  security_group_ids  = [module.groups.endpoint]
}

resource "aws_instance" "store" {
  ami                    = "ami-0abcdef1234567890"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.isolated[1].id
  vpc_security_group_ids = [module.groups.store]
}

resource "aws_iam_role" "reader" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "reader" {
  for_each   = toset(["AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole"])
  role       = aws_iam_role.reader.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/${each.key}"
}

data "aws_iam_policy_document" "reads" {
  statement {
    actions   = ["ssm:GetParameter"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "reads" {
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.reads.json
}

resource "aws_lambda_function" "reader" {
  function_name = "reader"
  filename      = "reader.zip"
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  role          = aws_iam_role.reader.arn
  timeout       = 10
  memory_size   = 256

  environment {
    variables = { STORE = "${aws_instance.store.private_ip}:5432" }
  }

  vpc_config {
    subnet_ids         = aws_subnet.isolated[*].id
    security_group_ids = [module.groups.reader]
  }
}
