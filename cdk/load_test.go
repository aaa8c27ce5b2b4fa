package cdk

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

// files makes an assembly of pairs of name and text.
func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

// manifestOf makes a manifest of artifacts.
func manifestOf(artifacts ...string) string {
	return "{\"version\": \"48.0.0\", \"artifacts\": {\n" + strings.Join(artifacts, ",\n") + "\n}}"
}

// stackOf makes the artifact of a stack whose template is NAME.json.
func stackOf(name string, after ...string) string {
	deps := `["` + strings.Join(after, `","`) + `"]`
	if len(after) == 0 {
		deps = "[]"
	}
	return `"` + name + `": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1", "dependencies": ` + deps +
		`, "properties": {"templateFile": "` + name + `.json"}}`
}

const topic = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`

func TestBadAssemblies(t *testing.T) {
	long := strings.Repeat("x", document.MaxBytes+1)
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string // begins one of the diagnostics
	}{
		{"no manifest", files(), "out/manifest.json: error: out/manifest.json cannot be read: file does not exist [CDK_NO_FILE]"},
		{"empty", files("manifest.json", ""), "out/manifest.json: error: the file is empty [DOC_EMPTY]"},
		{"list", files("manifest.json", "- a"), "out/manifest.json:1:1: error: out/manifest.json holds a list, not a map [CDK_WRONG_TYPE]"},
		{"huge", files("manifest.json", long), "out/manifest.json: error: the file has more than 16 MB"},
		{"binary", files("manifest.json", "{\x00}"), "out/manifest.json:1:2: error: control character 0x00"},
		{"no version", files("manifest.json", "{}"), "out/manifest.json: error: the manifest has no version [CDK_MISSING_KEY]"},
		{"bad version", files("manifest.json", `{"version": "new"}`), `out/manifest.json:1:13: error: "new" is no version`},
		{"newer", files("manifest.json", `{"version": "900.0.0"}`), "out/manifest.json:1:13: warning: the assembly's schema is version 900.0.0; versions to 55 are known [CDK_VERSION]"},
		{"no stacks", files("manifest.json", manifestOf()), "out/manifest.json: error: the assembly has no stacks [CDK_NO_STACKS]"},
		{"artifacts", files("manifest.json", `{"version": "1.0.0", "artifacts": []}`), "out/manifest.json:1:35: error: artifacts of the manifest must be a map, not a list"},
		{"artifact", files("manifest.json", manifestOf(`"A": 1`)), "out/manifest.json:2:6: error: artifact A must be a map, not a number"},
		{"type", files("manifest.json", manifestOf(`"A": {}`)), "out/manifest.json:2:1: error: artifact A has no type"},
		{"unknown type", files("manifest.json", manifestOf(`"A": {"type": "aws:rocket"}`)), `out/manifest.json:2:1: warning: artifact A has the type "aws:rocket", which is not read`},
		{"no template file", files("manifest.json", manifestOf(`"A": {"type": "aws:cloudformation:stack"}`)), "out/manifest.json:2:1: error: stack A has no templateFile"},
		{"no template", files("manifest.json", manifestOf(stackOf("A"))), "out/manifest.json:2:141: error: out/A.json cannot be read: file does not exist [CDK_NO_FILE]"},
		{"template escapes", files("manifest.json", manifestOf(stackOf("../A"))), `out/manifest.json:2:144: error: the path "../../etc" leads out`},
		{"truncated template", files("manifest.json", manifestOf(stackOf("A")), "A.json", topic[:30]), "out/A.json:1:31: error: not valid JSON"},
		{"YAML template", files("manifest.json", manifestOf(stackOf("A")), "A.json", "Resources: {}"), "out/A.json: error: the template of stack A is not JSON"},
		{"unknown dependency", files("manifest.json", manifestOf(stackOf("A", "B")), "A.json", topic), `out/manifest.json:2:107: error: artifact A depends on "B", which the manifest does not have`},
		{"cycle", files("manifest.json", manifestOf(stackOf("A", "B"), stackOf("B", "A")), "A.json", topic, "B.json", topic),
			"out/manifest.json:2:1: error: these stacks depend on each other in a circle: A -> B -> A [CDK_STACK_CYCLE]"},
		{"environment", files("manifest.json", strings.Replace(manifestOf(stackOf("A")), "aws://", "", 1), "A.json", topic), `out/manifest.json:2:58: error: "111122223333/eu-west-1" is no environment`},
		{"assembly in itself", files("manifest.json", manifestOf(`"N": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}`)),
			"out/manifest.json: error: the assembly in out is nested in itself, or twice [CDK_ASSEMBLY_CYCLE]"},
		{"assembly escapes", files("manifest.json", manifestOf(`"N": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "/etc"}}`)),
			`out/manifest.json:2:69: error: the path "/etc" leads out of the assembly [CDK_PATH_ESCAPES]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "template escapes" {
				m := tt.files["manifest.json"]
				m.Data = []byte(strings.Replace(string(m.Data), "../A.json", "../../etc", 1))
			}
			_, diags := Load(tt.files, Options{Name: "out"})
			for _, d := range diags {
				if strings.HasPrefix(d.String(), tt.want) {
					return
				}
			}
			t.Errorf("got\n%s\nwant %s", diags.Error(), tt.want)
		})
	}
}

// A nested stack's file that leads back to its parent ends as an error.
func TestNestedStackInItself(t *testing.T) {
	self := `{"Resources": {"Again": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "A.json"}}}}`
	_, diags := Load(files("manifest.json", manifestOf(stackOf("A")), "A.json", self), Options{})
	if got := codes(diags); !reflect.DeepEqual(got, []string{"CDK_STACK_CYCLE"}) {
		t.Errorf("got %v: %v", got, diags)
	}
}

// specs reads an assembly made of files, which must load.
func specs(t *testing.T, given map[string]source.Node, f fstest.MapFS) (cloud.Spec, source.Diags) {
	t.Helper()
	a, diags := Load(f, Options{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return a.Spec(a.Groups(Environment{})[0], cloud.Spec{}, given)
}

// parameterNamed gives the value of a parameter of Systems Manager.
func parameterNamed(s cloud.Spec, name string) string {
	for _, p := range s.Parameters {
		if p.ParamName == name {
			if gap, missing := p.Value.Gap(); missing {
				return "unknown: " + gap.Because
			}
			return p.Value.Or("")
		}
	}
	return "absent"
}

func text(s string) source.Node { return source.Node{Kind: source.String, Text: s} }

func store(name, value string) string {
	return `{"Type": "AWS::SSM::Parameter", "Properties": {"Name": "` + name + `", "Type": "String", "Value": ` + value + `}}`
}

func TestExports(t *testing.T) {
	from := `{"Parameters": {"On": {"Type": "String", "Default": "no"}}, "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
"Resources": {"P": ` + store("/from", `"1"`) + `},
"Outputs": {
 "Literal": {"Value": "plain", "Export": {"Name": "literal"}},
 "Made": {"Value": {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, {"Fn::GetAtt": ["P", "Value"]}]]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-made"}}},
 "Open": {"Value": {"Fn::GetAtt": ["P", "Value"]}, "Condition": "IsOn", "Export": {"Name": "open"}}}}`
	to := `{"Parameters": {"From": {"Type": "String", "Default": "A"}}, "Resources": {
"X": ` + store("/literal", `{"Fn::ImportValue": "literal"}`) + `,
"Y": ` + store("/made", `{"Fn::ImportValue": {"Fn::Sub": "${From}-made"}}`) + `,
"Z": ` + store("/open", `{"Fn::ImportValue": "open"}`) + `}}`
	f := files("manifest.json", manifestOf(stackOf("B"), stackOf("A")), "A.json", from, "B.json", to)
	spec, diags := specs(t, nil, f)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"/literal": "plain", "/made": "A-1", "/open": `unknown: "open" is exported by no stack that is read here: it is another stack's`}
	for name, want := range want {
		if got := parameterNamed(spec, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if len(spec.Parameters) != 4 {
		t.Errorf("%d parameters, want 4", len(spec.Parameters))
	}
	spec, _ = specs(t, map[string]source.Node{"A:On": text("yes")}, f)
	if got := parameterNamed(spec, "/open"); got != "1" {
		t.Errorf("with the condition true: %s", got)
	}
}

// Values go down into nested stacks and come up again, several levels deep.
func TestNestedValues(t *testing.T) {
	root := `{"Resources": {
"In": ` + store("/in", `"seed"`) + `,
"Mid": {"Type": "AWS::CloudFormation::Stack", "DependsOn": "In", "Metadata": {"aws:asset:path": "Mid.json"}, "Properties": {"Parameters": {"Seed": {"Fn::GetAtt": ["In", "Value"]}}}},
"Out": {"Type": "AWS::SSM::Parameter", "DependsOn": ["Mid"], "Properties": {"Name": "/out", "Type": "String", "Value": {"Fn::GetAtt": ["Mid", "Outputs.Result"]}}},
"Id": ` + store("/id", `{"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Mid"}]}]}`) + `}}`
	mid := `{"Parameters": {"Seed": {"Type": "String"}}, "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Resources": {
"Deep": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "Deep.json"}, "Properties": {"Parameters": {"List": {"Fn::Split": ["-", {"Fn::Sub": "${Seed}-x"}]}}}},
"Gone": {"Type": "AWS::CloudFormation::Stack", "Condition": "Never", "Metadata": {"aws:asset:path": "Gone.json"}}},
"Outputs": {"Result": {"Value": {"Fn::Join": ["", ["<", {"Fn::GetAtt": "Deep.Outputs.Joined"}, ">"]]}}}}`
	deep := `{"Parameters": {"List": {"Type": "CommaDelimitedList"}}, "Resources": {"In": ` + store("/deep", `"1"`) + `}, "Outputs": {"Joined": {"Value": {"Fn::Join": ["+", {"Ref": "List"}]}}}}`
	spec, diags := specs(t, nil, files("manifest.json", manifestOf(stackOf("A")), "A.json", root, "Mid.json", mid, "Deep.json", deep,
		"Gone.json", `{"Resources": {"P": `+store("/gone", `"1"`)+`}}`))
	if len(diags) != 0 {
		t.Errorf("diagnostics: %v", diags)
	}
	for name, want := range map[string]string{"/out": "<seed+x>", "/gone": "absent", "/deep": "1",
		"/id": "A-Mid"} {
		if got := parameterNamed(spec, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	var names []string
	for _, p := range spec.Parameters {
		names = append(names, p.Name)
	}
	if !strings.Contains(strings.Join(names, " "), "A-Mid-Deep.In") {
		t.Errorf("names %v: In of the nested stack is not told from In of the parent", names)
	}
}

func TestSpecRefusals(t *testing.T) {
	exports := func(name string) string {
		return `{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"O": {"Value": "1", "Export": {"Name": "` + name + `"}}}}`
	}
	circular := func(give, take string) string {
		return `{"Resources": {"P": ` + store("/"+give, `{"Fn::ImportValue": "`+take+`"}`) + `}, "Outputs": {"O": {"Value": "1", "Export": {"Name": "` + give + `"}}}}`
	}
	two := manifestOf(stackOf("A"), stackOf("B"))
	tests := []struct {
		name  string
		files fstest.MapFS
		given string
		want  string
	}{
		{"twice exported", files("manifest.json", two, "A.json", exports("x"), "B.json", exports("x")), "", `stack B exports "x", as stack A does`},
		{"circle of imports", files("manifest.json", two, "A.json", circular("a", "b"), "B.json", circular("b", "a")), "", "these resources depend on each other in a circle: A.P (A.json:1:16) -> B.P (B.json:1:16) -> A.P"},
		{"unknown parameter", files("manifest.json", two, "A.json", topic, "B.json", topic), "A:Nothing", "no stack of the assembly has a parameter A:Nothing"},
		{"no such output", files("manifest.json", two, "A.json", `{"Resources": {"P": `+store("/p", `{"Fn::GetStackOutput": {"StackName": "B", "OutputName": "O"}}`)+`}}`, "B.json", topic), "", "stack B has no output O"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			given := map[string]source.Node{}
			if tt.given != "" {
				given[tt.given] = text("1")
			}
			_, diags := specs(t, given, tt.files)
			if !diags.HasErrors() || !strings.Contains(diags.Error(), tt.want) {
				t.Errorf("got %v, want %s", diags, tt.want)
			}
		})
	}
}

// An asset may lie outside of the assembly; that is said, and nothing read.
func TestAssetOutside(t *testing.T) {
	m := manifestOf(`"A.assets": {"type": "cdk:asset-manifest", "properties": {"file": "A.assets.json"}}`, stackOf("A", "A.assets"))
	for _, where := range []string{"../../secret", "/etc", `..\\up`, "C:/code", "a/../../b"} {
		assets := `{"version": "48.0.0", "files": {"x": {"source": {"path": "` + where + `", "packaging": "zip"}, "destinations": {"d": {"bucketName": "b", "objectKey": "k"}}}}}`
		a, diags := Load(files("manifest.json", m, "A.assets.json", assets, "A.json", topic), Options{})
		if diags.HasErrors() || len(diags) != 1 || diags[0].Code != "CDK_PATH_ESCAPES" || diags[0].At.Line != 1 {
			t.Errorf("%s: %v", where, diags)
		}
		if got, ok := a.Stacks[0].AssetOf("b", "k", Environment{}); !ok || got.Path != "" {
			t.Errorf("%s: %+v", where, got)
		}
	}
}

// What is wrong with tree.json costs construct paths only.
func TestBrokenTreeIsAWarning(t *testing.T) {
	m := manifestOf(`"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}`, stackOf("A"))
	_, diags := Load(files("manifest.json", m, "tree.json", "{", "A.json", topic), Options{})
	if diags.HasErrors() || len(diags) != 1 || diags[0].Severity != source.Warning {
		t.Errorf("got %v", diags)
	}
	tree := `{"tree": {"children": {"A": {"children": {"T": {"path": "A/T", "attributes": {"aws:cdk:cloudformation:logicalId": "Topic"}}}}}}}`
	a, diags := Load(files("manifest.json", m, "tree.json", tree, "A.json", topic), Options{})
	if len(diags) != 0 || a.Stacks[0].Constructs["Topic"].Path() != "A/T" {
		t.Errorf("%v, constructs %v", diags, a.Stacks[0].Constructs)
	}
}

// What stands after a value from another stack keeps its place.
func TestDiagnosticsPointIntoTheTemplate(t *testing.T) {
	b := "{\"Resources\": {\n\"P\": " + store("/p", "{\n\"Fn::ImportValue\": \"x\"\n}") + ",\n\"Q\": {\"Type\": \"AWS::SSM::Parameter\", \"Properties\": {\n \"Type\": \"String\", \"Value\": {\"Ref\": \"Nothing\"}}}}}"
	_, diags := specs(t, nil, files("manifest.json", manifestOf(stackOf("A"), stackOf("B")), "B.json", b,
		"A.json", `{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"O": {"Value": "1", "Export": {"Name": "x"}}}}`))
	want := source.Span{File: "B.json", Line: 6, Col: 29}
	for _, d := range diags {
		if d.Severity == source.Error && d.At != want {
			t.Errorf("%v, want it at %v", d, want)
		}
	}
	if !diags.HasErrors() {
		t.Error("the reference to nothing is not reported")
	}
}

// What the app itself says of its constructs is told with the construct and the
// line that says it; an error stops as it stops cdk deploy.
func TestAnnotations(t *testing.T) {
	stack := strings.Replace(stackOf("A"), `"properties"`, `"metadata": {"/A/T": [
{"type": "aws:cdk:info", "data": "nothing"},
{"type": "aws:cdk:error", "data": "no\n good", "trace": ["add (/app/node_modules/aws-cdk-lib/a.js:1:2)", "new Topics (/app/lib/topics.ts:9:3)"]},
{"type": "aws:cdk:warning", "data": "careful"}]}, "properties"`, 1)
	a, diags := Load(files("manifest.json", manifestOf(stack), "A.json", topic), Options{Name: "out", Base: "/app"})
	if len(diags) != 0 {
		t.Fatal(diags)
	}
	want := "out/manifest.json:4:35: error: the app says of A/T: no good [CDK_ANNOTATION]\n    construct A/T lib/topics.ts:9\n    mend the app: cdk deploy refuses it as well\n" +
		"out/manifest.json:5:37: warning: the app says of A/T: careful [CDK_ANNOTATION]\n    construct A/T"
	if got := a.Stacks[0].Annotations.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The line of the app is found in the forms in which runtimes write a trace;
// the files of libraries and of jsii are nobody's to edit.
func TestLineOfTheApp(t *testing.T) {
	r := &reader{base: "/home/me/app"}
	for line, want := range map[string]string{
		"new App (/home/me/app/lib/app.js:8:13)":                                    "lib/app.js:8",
		"at file:///home/me/app/app.mjs:3:1":                                        "app.mjs:3",
		"<anonymous> (/home/me/app/with space/a.ts:10:1)":                           "with space/a.ts:10",
		"Object.<anonymous> (/elsewhere/a.js:1:1)":                                  "/elsewhere/a.js:1",
		"new Vpc2 (/home/me/app/node_modules/aws-cdk-lib/aws-ec2/lib/vpc.js:1:9)":   "",
		"Kernel.create (/tmp/jsii-kernel-a1/node_modules/aws-cdk-lib/core.js:1:9)":  "",
		"KernelHost.run (/home/me/.cache/aws/jsii/runtime/bin/jsii-runtime.js:9:1)": "",
		"...new Function2 in aws-cdk-lib...":                                        "",
		"node:internal/main/run_main_module:28:49":                                  "",
		"Array.map (<anonymous>)":                                                   "",
		"new App (/home/me/app/lib/app.js)":                                         "",
	} {
		trace := source.Node{Kind: source.List, Items: []source.Node{text(line)}}
		if got := r.code([]source.Node{trace}); got.String() != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
