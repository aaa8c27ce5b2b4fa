package path_test

import (
	"os"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/project"
)

// example is the model of examples/rootski.
func example(b *testing.B) *cloud.Model {
	read := func(name string) []byte {
		data, err := os.ReadFile("../examples/rootski/" + name)
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	p, diags := project.Parse("bailey.yaml", read("bailey.yaml"))
	spec := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "rootski"}
	p.Apply(&spec)
	spec, more := cfn.Load(cfn.Input{File: "template.yaml", Data: read("template.yaml"), Parameters: p.Parameters, Spec: spec})
	m, last := cloud.New(spec)
	if diags.HasErrors() || more.HasErrors() || last.HasErrors() {
		b.Fatal(diags, more, last)
	}
	return m
}

// One question about a function in four subnets.
func BenchmarkWhy(b *testing.B) {
	m := example(b)
	for name, to := range map[string]string{
		"Reachable": "Web:80", "ByName": "aws:ssm", "ByAddress": "198.51.100.7:443", "Blocked": "Web:81", "Internet": "internet",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := path.Why(m, path.Question{From: "PingFunction", To: to}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
