package lambda

import (
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

func TestCheck(t *testing.T) {
	variable := func(name, value string) func(*cloud.Function) {
		return func(f *cloud.Function) { f.Env = []cloud.EnvVar{{Name: name, Value: cloud.Known(value)}} }
	}
	tests := []struct {
		name    string
		change  func(*cloud.Function)
		code    string
		summary string
	}{
		{"fine", func(*cloud.Function) {}, "", ""},
		{"al2", func(f *cloud.Function) { f.Runtime = "provided.al2" }, "", ""},
		{"python", func(f *cloud.Function) { f.Runtime = "python3.12" }, "LAMBDA_NOT_RUN_HERE", "bailey does not run python3.12 functions yet: f"},
		{"go1.x", func(f *cloud.Function) { f.Runtime = "go1.x" }, "LAMBDA_NOT_RUN_HERE", "bailey does not run go1.x functions yet: f"},
		{"image", func(f *cloud.Function) { f.Runtime, f.Code = "", cloud.Code{Image: "r:1"} }, "LAMBDA_NOT_RUN_HERE", "bailey does not run functions from container images yet: f"},
		{"code in S3", func(f *cloud.Function) { f.Code = cloud.Code{S3Bucket: "b", S3Key: "k.zip"} }, "LAMBDA_NOT_RUN_HERE", "bailey does not fetch code from S3: that of f is s3://b/k.zip"},
		{"no code", func(f *cloud.Function) { f.Code = cloud.Code{} }, "LAMBDA_NOT_RUN_HERE", "f has no code in a local folder"},
		{"variable", variable("TABLE", "t"), "", ""},
		{"reserved", variable("AWS_REGION", "mars"), "LAMBDA_RESERVED_VARIABLE", "f sets AWS_REGION, which Lambda reserves and sets itself"},
		{"may be overridden", variable("PATH", "/bin"), "", ""},
		{"name", variable("1A", ""), "LAMBDA_VARIABLE_NAME", `f: "1A" cannot be the name of an environment variable`},
		{"large", variable("A_", strings.Repeat("x", 4095)), "LAMBDA_ENVIRONMENT_TOO_LARGE", "f: the environment variables have 4097 bytes, Lambda allows 4096"},
		{"open", func(f *cloud.Function) {
			f.Env = []cloud.EnvVar{{Name: "HOST", Value: cloud.Unknown[string]("parameter Host has no value", source.Span{})}}
		}, "LAMBDA_UNKNOWN_VARIABLE", "f: the value of HOST is not known: parameter Host has no value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diags := Check(declare("f", "code", tt.change))
			switch {
			case tt.code == "" && len(diags) != 0:
				t.Errorf("got %v", diags)
			case tt.code != "" && (len(diags) != 1 || diags[0].Code != tt.code || diags[0].Summary != tt.summary):
				t.Errorf("got %v, want %s: %s", diags, tt.code, tt.summary)
			}
		})
	}
}
