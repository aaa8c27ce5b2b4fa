package cdk

import (
	"testing"
	"testing/fstest"

	"bailey/cloud"
)

// FuzzLoad: whatever the files hold, Load and Spec end without a panic, and
// every diagnostic names a file.
func FuzzLoad(f *testing.F) {
	assets := `{"files": {"x": {"source": {"path": "a", "packaging": "zip"}, "destinations": {"d": {"bucketName": "b-${AWS::Region}", "objectKey": "k.zip"}}}}}`
	nested := `{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "B.json"}, "Properties": {"Parameters": {"P": {"Ref": "AWS::Region"}}}}},
"Outputs": {"O": {"Value": {"Fn::GetAtt": ["N", "Outputs.O"]}, "Export": {"Name": "x"}}}}`
	f.Add(manifestOf(stackOf("A"), stackOf("B", "A")), topic, topic, assets)
	f.Add(manifestOf(`"M": {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}}`, stackOf("A", "M")), nested, topic, assets)
	f.Add(manifestOf(`"T": {"type": "cdk:tree", "properties": {"file": "A.json"}}`, stackOf("B")), `{"tree": {"path": "", "children": {}}}`, `{"Resources": {"P": {"Type": "X", "Properties": {"a": {"Fn::ImportValue": {"Ref": "P"}}}}}}`, "{}")
	f.Add(`{"version": "1.0.0", "missing": [{"key": "k", "provider": "ami", "props": {"dummyValue": ["ami-1234"]}}], "artifacts": {`+stackOf("A")+`}}`, `{"Resources": {"I": {"Type": "AWS::EC2::Instance", "Properties": {"ImageId": "ami-1234"}}}}`, "", "")
	f.Fuzz(func(t *testing.T, manifest, a, b, assets string) {
		fsys := fstest.MapFS{}
		for name, text := range map[string]string{"manifest.json": manifest, "A.json": a, "B.json": b, "assets.json": assets} {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		assembly, diags := Load(fsys, Options{Name: "out"})
		for _, d := range diags {
			if d.At.File == "" {
				t.Errorf("%v has no place", d)
			}
		}
		if diags.HasErrors() {
			return
		}
		for _, g := range assembly.Groups(Environment{}) {
			if spec, diags := assembly.Spec(g, cloud.Spec{}, nil); !diags.HasErrors() {
				cloud.New(spec)
			}
		}
	})
}
