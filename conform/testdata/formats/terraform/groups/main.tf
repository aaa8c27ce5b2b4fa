variable "vpc" {
  type = object({ id = string, cidr_block = string })
}

resource "aws_security_group" "reader" {
  description = "the reader"
  vpc_id      = var.vpc.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "store" {
  description = "the store"
  vpc_id      = var.vpc.id
}

resource "aws_security_group_rule" "from_reader" {
  type                     = "ingress"
  security_group_id        = aws_security_group.store.id
  source_security_group_id = aws_security_group.reader.id
  protocol                 = "tcp"
  from_port                = 5432
  to_port                  = 5432
}

resource "aws_vpc_security_group_egress_rule" "store" {
  security_group_id = aws_security_group.store.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_security_group" "endpoint" {
  description = "the endpoint"
  vpc_id      = var.vpc.id

  dynamic "ingress" {
    for_each = toset([443])
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = [var.vpc.cidr_block]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

output "reader" {
  value = aws_security_group.reader.id
}

output "store" {
  value = aws_security_group.store.id
}

output "endpoint" {
  value = aws_security_group.endpoint.id
}
