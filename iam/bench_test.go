package iam

import "testing"

// BenchmarkDecide is the shape of a function's call through an endpoint.
func BenchmarkDecide(b *testing.B) {
	basic, _ := Managed("arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")
	p := Policies{
		Identity: []Policy{basic, doc(b, allow("ssm:GetParameter*", `"Resource":"arn:aws:ssm:us-west-2:123456789012:parameter/ping/*"`))},
		Endpoint: one(b, allow("ssm:*", `"Principal":"*"`, when(`{"StringEquals":{"aws:PrincipalAccount":"123456789012"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`))),
	}
	req := ask(session, "ssm:GetParameter", param)
	req.Context = ctx("aws:SourceVpc", "vpc-1", "aws:SourceVpce", "vpce-1", "aws:VpcSourceIp", "172.31.0.9")
	for b.Loop() {
		if Decide(req, p).Effect != Allow {
			b.Fatal("not allowed")
		}
	}
}

// BenchmarkDecideReadOnlyAccess has 2,677 action patterns to choose from.
func BenchmarkDecideReadOnlyAccess(b *testing.B) {
	broad, _ := Managed("arn:aws:iam::aws:policy/ReadOnlyAccess")
	p := Policies{Identity: []Policy{broad}}
	req := ask(session, "ssm:GetParameter", param)
	for b.Loop() {
		if Decide(req, p).Effect != Allow {
			b.Fatal("not allowed")
		}
	}
}

// BenchmarkDecideConditions has a resource policy with variables, sets,
// addresses and dates.
func BenchmarkDecideConditions(b *testing.B) {
	p := Policies{
		Identity: one(b, allow("s3:*", `"Resource":"arn:aws:s3:::bucket/${aws:username}/*"`)),
		Resource: one(b, deny("s3:*", `"Principal":"*"`, when(`{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]},"Bool":{"aws:ViaAWSService":"false"}}`)),
			deny("s3:*", `"Principal":"*"`, when(`{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"},"ForAnyValue:StringLike":{"aws:CalledVia":["*"]}}`))),
	}
	req := ask(alice, "s3:GetObject", "arn:aws:s3:::bucket/alice/a")
	req.Context = ctx("aws:SourceIp", "10.1.2.3", "aws:ViaAWSService", "false", "aws:CurrentTime", "2026-01-01T00:00:00Z")
	for b.Loop() {
		if Decide(req, p).Effect != Allow {
			b.Fatal("not allowed")
		}
	}
}
