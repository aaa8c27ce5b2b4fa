package reach_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/path"
	"bailey/project"
	"bailey/reach"
)

// withPatch loads the example with a patch written into its template, as a
// person would.
func withPatch(t *testing.T, folder, patch string) *cloud.Model {
	t.Helper()
	p, diags := project.Load(folder, os.ReadFile)
	var spec cloud.Spec
	diags = append(diags, p.Apply(&spec)...)
	file := filepath.Join(folder, p.Template)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if name, moves := strings.CutPrefix(last(patch), "  # PingFunction: VpcConfig.SubnetIds: "); moves {
		text = []byte(strings.Replace(string(text), "        SubnetIds: !Ref SubnetIds\n", "        SubnetIds: "+name+"\n", 1))
	}
	text = []byte(strings.Replace(string(text), "\nOutputs:", "\n"+patch+"\nOutputs:", 1))
	spec, found := cfn.Load(cfn.Input{File: file, Data: text, Parameters: p.Parameters, Spec: spec})
	m, wrong := cloud.New(spec)
	if diags = append(append(diags, found...), wrong...); len(diags) > 0 {
		t.Fatalf("%v\n%s", diags, patch)
	}
	return m
}

// last is the last line of a patch.
func last(patch string) string {
	lines := strings.Split(strings.TrimRight(patch, "\n"), "\n")
	return lines[len(lines)-1]
}

// A patch is not only proved on the model: written into the template it opens
// the path, and the template has no new diagnostic.
func TestPatchesOpenThePathWhenTheyAreWritten(t *testing.T) {
	example, without := "../examples/rootski", "../examples/rootski/broken/no-endpoint"
	for _, c := range []struct{ folder, to, summary string }{
		{example, "cognito-idp.us-west-2.amazonaws.com:443", "interface endpoint"},
		{example, "aws:s3", "gateway endpoint"},
		{example, "aws:s3", "interface endpoint"},
		{without, "aws:ssm", "interface endpoint"},
		{example, "aws:dynamodb", "gateway endpoint"},
		{example, "StaticIp:80", "NAT gateway"},
		{example, "internet", "NAT gateway"},
	} {
		q := path.Question{From: "PingFunction", To: c.to}
		p, err := reach.Answer(withPatch(t, c.folder, ""), q, nil)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range p.Fixes {
			if !strings.Contains(f.Summary, c.summary) {
				continue
			}
			found = true
			after, err := path.Why(withPatch(t, c.folder, f.Patch), q)
			if err != nil || after.Verdict != path.Reachable {
				t.Errorf("%s to %s: %v %v after\n%s", c.summary, c.to, after.Verdict, after.Blockers, f.Patch)
			}
		}
		if !found {
			t.Errorf("no %s is offered for %s: %+v", c.summary, c.to, p.Fixes)
		}
	}
}
