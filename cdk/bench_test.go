package cdk

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cloud"
)

// BenchmarkSpec reads assemblies of one template with many resources: time and
// memory grow with their number.
func BenchmarkSpec(b *testing.B) {
	for _, n := range []int{1000, 5000, 20000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var t strings.Builder
			t.WriteString("{\n \"Resources\": {\n")
			for i := range n {
				fmt.Fprintf(&t, "  \"P%d\": %s,\n", i, store(fmt.Sprint("/p/", i), `{"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "x"]]}`))
			}
			t.WriteString("  \"M\": {\"Type\": \"AWS::CDK::Metadata\"}\n }\n}")
			f := files("manifest.json", manifestOf(stackOf("A")), "A.json", t.String())
			b.ReportAllocs()
			for b.Loop() {
				a, diags := Load(f, Options{})
				spec, more := a.Spec(a.Groups(Environment{})[0], cloud.Spec{}, nil)
				if diags.HasErrors() || more.HasErrors() || len(spec.Parameters) != n {
					b.Fatal(diags, more)
				}
			}
		})
	}
}
