package cfn_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// folder opens files by name.
type folder map[string]string

func (f folder) open(name string) ([]byte, error) {
	if text, ok := f[name]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

// group reads the files whose names end in .stack as stacks, in the order
// given, the others where those name them.
func group(f folder, names ...string) (cloud.Spec, source.Diags) {
	g := cfn.Group{Open: f.open, Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012"}}
	for _, n := range names {
		g.Stacks = append(g.Stacks, cfn.Stack{Name: strings.TrimSuffix(n, ".stack"), File: n, Data: []byte(f[n])})
	}
	return cfn.LoadGroup(g)
}

// stored gives the value of each parameter of Systems Manager, by name.
func stored(s cloud.Spec) map[string]string {
	out := map[string]string{}
	for _, p := range s.Parameters {
		out[p.ParamName] = show(p.Value)
	}
	return out
}

// put is a resource whose value shows what an expression gives.
func put(name, expression string) string {
	return fmt.Sprintf("  P%s: {Type: 'AWS::SSM::Parameter', Properties: {Name: /%s, Type: String, Value: %s}}\n", name, name, expression)
}

// wantErrors holds the errors against parts of their messages.
func wantErrors(t *testing.T, name string, diags source.Diags, want ...string) {
	t.Helper()
	var errs []string
	for _, d := range diags {
		if d.Severity == source.Error {
			errs = append(errs, d.String())
		}
	}
	if len(errs) != len(want) {
		t.Errorf("%s: got %d errors %q, want %q", name, len(errs), errs, want)
		return
	}
	for i, w := range want {
		if !strings.Contains(errs[i], w) {
			t.Errorf("%s: got %s, want %s", name, errs[i], w)
		}
	}
}

func TestStacksGiveEachOtherValues(t *testing.T) {
	spec, diags := group(folder{
		"net.stack": "Conditions: {No: !Equals [a, b]}\nResources:\n  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n" +
			"Outputs:\n  Cidr: {Value: !GetAtt Vpc.CidrBlock, Export: {Name: !Sub '${AWS::StackName}-cidr'}}\n" +
			"  Gone: {Value: x, Condition: No, Export: {Name: gone}}\n  Plain: {Value: !Ref AWS::StackName}\n",
		"app.stack": "Parameters: {Net: {Type: String, Default: net}}\nResources:\n" + put("import", "{'Fn::ImportValue': !Sub '${Net}-cidr'}") +
			put("gone", "!ImportValue gone") + put("output", "{'Fn::GetStackOutput': {StackName: net, OutputName: Plain}}") +
			put("elsewhere", "{'Fn::GetStackOutput': {StackName: net, OutputName: Plain, Region: eu-west-1}}") +
			put("nobody", "{'Fn::GetStackOutput': {StackName: other, OutputName: Plain}}"),
	}, "app.stack", "net.stack")
	wantErrors(t, "values", diags)
	got := stored(spec)
	for name, want := range map[string]string{"/import": "10.0.0.0/16", "/output": "net", "/gone": `"gone" is exported by no stack`,
		"/elsewhere": "is another region's or account's", "/nobody": "stack other is not among those that are read here"} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
	if spec.Stack != "app" {
		t.Errorf("the stack is %s", spec.Stack)
	}
}

// Parameters go down and outputs come up, through templates that lie beside the
// one that names them; one template may be nested twice.
func TestNestedTemplates(t *testing.T) {
	child := "Parameters:\n  List: {Type: CommaDelimitedList}\n  Of: {Type: String, Default: none}\nResources:\n  P: {Type: 'AWS::SSM::Parameter', Properties: {Name: !Sub '/${Of}', Type: String, Value: !Select [1, !Ref List]}}\n" +
		"Outputs: {Second: {Value: !GetAtt P.Value}, Name: {Value: !Ref AWS::StackName}}\n"
	spec, diags := group(folder{
		"root/main.stack": "Resources:\n  Seed: {Type: 'AWS::SSM::Parameter', Properties: {Name: /seed, Type: String, Value: 's'}}\n" +
			"  One: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ./part/child.yaml, Parameters: {Of: one, List: !Sub 'a,${Seed.Value}'}}}\n" +
			"  Two: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: part/child.yaml, Parameters: {Of: two, List: ['x', !GetAtt One.Outputs.Second]}}}\n" +
			"  Far: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://s3.amazonaws.com/b/t.yaml'}}\n" +
			put("both", "!Sub '${One.Outputs.Second}+${Two.Outputs.Second}'") + put("far", "!GetAtt Far.Outputs.X") + put("name", "!GetAtt Two.Outputs.Name"),
		"root/part/child.yaml": child,
	}, "root/main.stack")
	wantErrors(t, "nested", diags)
	got := stored(spec)
	for name, want := range map[string]string{"/one": "s", "/two": "s", "/both": "s+s", "/name": "root/main-Two",
		"/far": "?the template of nested stack Far is not here, so its output X is not known"} {
		if !strings.HasPrefix(got[name], want) {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
	var names []string
	for _, p := range spec.Parameters {
		names = append(names, p.Name)
	}
	if all := strings.Join(names, " "); !strings.Contains(all, "root/main-One.P ") || !strings.Contains(all, "Pboth") {
		t.Errorf("names %s: resources of one logical ID are not told apart", all)
	}
}

func TestWhatIsWrongAcrossStacks(t *testing.T) {
	nest := func(name, url, parameters string) string {
		return fmt.Sprintf("  %s: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %s, Parameters: {%s}}}\n", name, url, parameters)
	}
	needs := "Parameters: {In: {Type: String}}\nResources:\n" + put("c", "!Ref In") + "Outputs: {Out: {Value: !GetAtt Pc.Value}}\n"
	for _, c := range []struct {
		name  string
		files folder
		want  []string
	}{
		{"imports in a circle", folder{
			"a.stack": "Resources:\n" + put("a", "!ImportValue b") + "Outputs: {O: {Value: !GetAtt Pa.Value, Export: {Name: a}}}\n",
			"b.stack": "Resources:\n" + put("b", "!ImportValue a") + "Outputs: {O: {Value: x, Export: {Name: b}}}\n"},
			[]string{"circle: a.Pa (a.stack:2:3) -> b.Pb (b.stack:2:3) -> a.Pa (a.stack:2:3)"}},
		{"its own export", folder{"a.stack": "Resources:\n" + put("a", "!ImportValue a") + "Outputs: {O: {Value: x, Export: {Name: a}}}\n"}, []string{"a.stack:2:3: error: these resources depend on each other in a circle: Pa -> Pa"}},
		{"nested stacks in a circle", folder{"a.stack": "Resources:\n" + nest("One", "c.yaml", "In: !GetAtt Two.Outputs.Out") + nest("Two", "c.yaml", "In: !GetAtt One.Outputs.Out"), "c.yaml": needs},
			[]string{"circle: One -> Two -> One"}},
		{"nested in itself", folder{"a.stack": "Resources:\n" + nest("One", "b.yaml", ""), "b.yaml": "Resources:\n" + nest("Two", "b.yaml", "")},
			[]string{"b.yaml:2:71: error: nested stack Two is nested in itself: b.yaml -> b.yaml"}},
		{"no such file", folder{"a.stack": "Resources:\n" + nest("One", "b.yaml", "")}, []string{"a.stack:2:71: error: the template of nested stack One cannot be read"}},
		{"no such output", folder{"a.stack": "Resources:\n" + nest("One", "c.yaml", "In: x") + put("p", "!GetAtt One.Outputs.Outt"), "c.yaml": needs}, []string{"a.stack:3:81: error: nested stack One (c.yaml) has no output Outt"}},
		{"no such parameter", folder{"a.stack": "Resources:\n" + nest("One", "c.yaml", "In: x, Inn: y"), "c.yaml": needs}, []string{"a.stack:2:99: error: c.yaml has no parameter Inn"}},
		{"no value", folder{"a.stack": "Resources:\n" + nest("One", "c.yaml", ""), "c.yaml": needs}, []string{"a.stack:2:3: error: parameter In of nested stack One (c.yaml) has no value"}},
		{"not a template", folder{"a.stack": "Resources:\n" + nest("One", "c.yaml", ""), "c.yaml": "a: ["}, []string{"c.yaml:2:1: error"}},
		{"an output that is a list", folder{"a.stack": "Resources:\n" + put("a", "b") + "Outputs: {O: {Value: !GetAZs ''}}"}, []string{"a.stack:3:22: error: the value of output O is a list"}},
	} {
		var names []string
		for _, n := range []string{"a.stack", "b.stack"} {
			if c.files[n] != "" {
				names = append(names, n)
			}
		}
		_, diags := group(c.files, names...)
		wantErrors(t, c.name, diags, c.want...)
	}
}

// Each template nests the next twice: the number of stacks is bounded.
func TestNestedStacksThatDouble(t *testing.T) {
	f := folder{}
	for i := range 30 {
		f[fmt.Sprintf("%d.yaml", i)] = fmt.Sprintf("Resources:\n  A: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %[1]d.yaml}}\n  B: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %[1]d.yaml}}\n", i+1)
	}
	f["30.yaml"] = "Resources:\n" + put("x", "y")
	_, diags := group(f, "0.yaml")
	if !strings.Contains(diags.Error(), "there are more than 2000 stacks [CFN_TOO_LONG]") {
		t.Errorf("got %.500s", diags.Error())
	}
}

// A nested SAM template is transformed like any other, and a condition of the
// parent's decides about all that is in a nested stack.
func TestNestedStacksOfOtherKinds(t *testing.T) {
	spec, diags := group(folder{
		"a.stack": "Conditions: {No: !Equals [a, b]}\nResources:\n  Sam: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: sam.yaml}}\n" +
			"  Gone: {Type: 'AWS::CloudFormation::Stack', Condition: No, Properties: {TemplateURL: nowhere.yaml}}\n" + put("fn", "!GetAtt Sam.Outputs.Arn"),
		"sam.yaml": "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: nodejs22.x}}\nResources:\n  F: {Type: 'AWS::Serverless::Function', Properties: {Handler: index.handler, InlineCode: x}}\nOutputs: {Arn: {Value: !GetAtt F.Arn}}\n",
	}, "a.stack")
	wantErrors(t, "kinds", diags)
	if len(spec.Functions) != 1 || spec.Functions[0].Runtime != "nodejs22.x" || stored(spec)["/fn"] != spec.Functions[0].ARN.String() {
		t.Errorf("functions %+v, output %s", spec.Functions, stored(spec)["/fn"])
	}
}
