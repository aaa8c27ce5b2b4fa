package cfn_test

import (
	"testing"

	"bailey/cfn"
	"bailey/cfn/document"
)

// A template that was read already gives what its text gives.
func TestRootStandsForData(t *testing.T) {
	text := []byte("Resources:\n  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n")
	root, diags := document.Read("t.yaml", text)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	a, _ := cfn.Load(cfn.Input{File: "t.yaml", Data: text})
	b, diags := cfn.Load(cfn.Input{File: "t.yaml", Root: root})
	if diags.HasErrors() || len(b.VPCs) != 1 || a.VPCs[0].ID != b.VPCs[0].ID || a.VPCs[0].At != b.VPCs[0].At {
		t.Errorf("%v: %+v, from text %+v", diags, b.VPCs, a.VPCs)
	}
}
