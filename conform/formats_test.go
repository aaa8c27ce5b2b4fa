package conform

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bailey/cdk"
	"bailey/cdk/cdktest"
	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/reach"
	"bailey/sam"
	"bailey/snapshot"
	"bailey/source"
	"bailey/terraform"
)

// formats are the ways in which testdata/formats states one small architecture.
// The first is what the others are held against.
var formats = []struct {
	name string
	read func(*testing.T) cloud.Spec
}{
	{"CloudFormation YAML", func(t *testing.T) cloud.Spec { return template(t, "template.yaml") }},
	{"CloudFormation JSON", func(t *testing.T) cloud.Spec { return template(t, "template.json") }},
	{"SAM", func(t *testing.T) cloud.Spec { return template(t, "sam.yaml") }},
	{"CDK", assembly},
	{"Terraform", configuration},
	{"Terraform plan beside its configuration", func(t *testing.T) cloud.Spec { return plan(t, readConfiguration(t)) }},
	{"snapshot", seen},
}

// The same architecture gives the same model in every format, but for names and
// places, and so the same answers.
func TestFormatsGiveEqualModels(t *testing.T) {
	first := formats[0].read(t)
	want, proved := described(listed(t, first)), answers(t, first)
	if len(want) < 12 || len(proved) != 2 {
		t.Fatalf("%d resources and %d needs are too few:\n%s", len(want), len(proved), strings.Join(want, "\n"))
	}
	for _, f := range formats[1:] {
		t.Run(f.name, func(t *testing.T) {
			spec := f.read(t)
			got := described(listed(t, spec))
			for _, line := range got {
				if !slices.Contains(want, line) {
					t.Errorf("only here: %s", line)
				}
			}
			for _, line := range want {
				if !slices.Contains(got, line) {
					t.Errorf("only in %s: %s", formats[0].name, line)
				}
			}
			if a := answers(t, spec); len(got) != len(want) || !slices.Equal(a, proved) {
				t.Errorf("%d resources, want %d; answers %v, want %v", len(got), len(want), a, proved)
			}
		})
	}
}

// A plan by itself gives the same too, but for a text that is made of what AWS
// decides: it tells what the text refers to, and not how.
func TestPlanByItselfLeavesTextsOpen(t *testing.T) {
	p, diags := terraform.ReadPlan("plan.json", []byte(file(t, "plan.json")), nil)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	spec, diags := p.Spec(base())
	if len(diags) != 2 || diags.HasErrors() || !strings.Contains(diags[0].Summary, "environment of aws_lambda_function.reader is open") || diags[1].Code != "TF_PLAN_ASSUMED" {
		t.Errorf("the plan gives %v", diags)
	}
	spec = packaged(t, spec, nil)
	first := template(t, "template.yaml")
	first.Functions[0].Env = nil
	if got, want := described(spec), described(first); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The comparison sees what a person would: one property that differs, wherever
// it is, and nothing where only names differ.
func TestComparisonSeesDifferences(t *testing.T) {
	whole := described(template(t, "template.yaml"))
	for change, equal := range map[string]bool{
		"Reader=Leser":        true,
		"ReaderGroup=Lesende": true,
		"SubnetB=Hinten":      true,
		"FromPort: 5432, ToPort: 5432=FromPort: 5433, ToPort: 5433": false,
		"SubnetId: !Ref SubnetB}=SubnetId: !Ref SubnetA}":           false,
		"MemorySize: 256=MemorySize: 512":                           false,
		"ssm:GetParameter=ssm:GetParameters":                        false,
		"[!Ref EndpointGroup]=[!Ref StoreGroup]":                    false,
	} {
		old, next, _ := strings.Cut(change, "=")
		text := file(t, "template.yaml")
		if !strings.Contains(text, old) {
			t.Errorf("%q is not in the template", old)
		}
		if got := described(evaluated(t, "template.yaml", strings.ReplaceAll(text, old, next))); slices.Equal(got, whole) != equal {
			t.Errorf("%s: equal is %v, want %v", change, !equal, equal)
		}
	}
}

const formatsDir = "testdata/formats"

func file(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(formatsDir + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// base says where all of them go.
func base() cloud.Spec {
	return cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "formats"}
}

func template(t *testing.T, name string) cloud.Spec { return evaluated(t, name, file(t, name)) }

// evaluated reads a CloudFormation or SAM template.
func evaluated(t *testing.T, name, text string) cloud.Spec {
	t.Helper()
	root, diags := document.Read(name, []byte(text))
	if sam.Uses(root) {
		made, found := sam.Transform(root, sam.Options{Region: base().Region, Unpackaged: true})
		root, diags = made, append(diags, found...)
	}
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	spec, diags := cfn.Load(cfn.Input{File: name, Root: root, Spec: base()})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return spec
}

// assembly synthesises the CDK app and reads the assembly.
func assembly(t *testing.T) cloud.Spec {
	t.Cleanup(cdktest.Remove)
	a, diags := cdk.Load(os.DirFS(cdktest.Synth(t, formatsDir, "cdk")), cdk.Options{Name: "cdk.out"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	groups := a.Groups(cdk.Environment{})
	if len(groups) != 1 {
		t.Fatalf("%d environments, want one", len(groups))
	}
	spec, diags := a.Spec(groups[0], base(), nil)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return spec
}

// readConfiguration reads the Terraform configuration.
func readConfiguration(t *testing.T) *terraform.Configuration {
	c, diags := terraform.Read(formatsDir+"/terraform", terraform.Files{Open: os.ReadFile, List: list}, nil)
	if len(diags) > 0 || c.Region() != base().Region {
		t.Fatal(c.Region(), diags)
	}
	return c
}

func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, err
}

func configuration(t *testing.T) cloud.Spec {
	spec, diags := readConfiguration(t).Spec(base())
	return packaged(t, spec, diags)
}

// plan reads plan.json: what `terraform show -json` of Terraform 1.11 says of the
// configuration, written after the documentation of the format, since making one
// needs the provider.
// https://developer.hashicorp.com/terraform/internals/json-format
func plan(t *testing.T, config *terraform.Configuration) cloud.Spec {
	p, diags := terraform.ReadPlan("plan.json", []byte(file(t, "plan.json")), config)
	if len(diags) > 0 || p.Region() != base().Region {
		t.Fatal(p.Region(), diags)
	}
	spec, diags := p.Spec(base())
	return packaged(t, spec, diags)
}

// packaged puts the code that the templates have within in the place of the
// package that Terraform needs.
func packaged(t *testing.T, spec cloud.Spec, diags source.Diags) cloud.Spec {
	t.Helper()
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	first := template(t, "template.yaml")
	for i := range spec.Functions {
		if spec.Functions[i].Code.Dir != "reader.zip" {
			t.Errorf("the package is %+v", spec.Functions[i].Code)
		}
		spec.Functions[i].Code = first.Functions[i].Code
	}
	return spec
}

// seen reads the snapshot of an account that the template was deployed to.
func seen(t *testing.T) cloud.Spec {
	t.Helper()
	names, err := filepath.Glob(formatsDir + "/snapshot/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var files []snapshot.File
	for _, name := range names {
		files = append(files, snapshot.File{Name: name, Path: filepath.Base(name), Data: []byte(file(t, "snapshot/"+filepath.Base(name)))})
	}
	return environmentIn(t, "snapshot", files)
}

// environmentIn reads a snapshot of one environment.
func environmentIn(t *testing.T, folder string, files []snapshot.File) cloud.Spec {
	t.Helper()
	s, diags := snapshot.Read(folder, files)
	if len(diags) > 0 || len(s.Environments()) != 1 {
		t.Fatal(diags, s.Environments())
	}
	spec, diags := s.Spec(s.Environments()[0], base())
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return spec
}

// listed is a Spec as the calls of AWS would list it: with what AWS makes beside
// a VPC, which only a snapshot states; without where each interface is, what code
// a function has and what nobody tells, which only one of the two kinds of format
// states; and
// without the rules for IPv6 that AWS adds with a VPC's first block of it.
func listed(t *testing.T, spec cloud.Spec) cloud.Spec {
	t.Helper()
	m, diags := cloud.New(spec)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	spec = spec.Clone()
	spec.SecurityGroups, spec.NetworkACLs, spec.RouteTables = slices.Collect(m.SecurityGroups()), slices.Collect(m.NetworkACLs()), slices.Collect(m.RouteTables())
	spec.Placements, spec.PrefixLists, spec.Undescribed = nil, nil, nil
	for i := range spec.Functions {
		spec.Functions[i].Code = cloud.Code{}
	}
	rules := func(list []cloud.Rule) (out []cloud.Rule) {
		for _, r := range list {
			if c, ok := r.Peer.(cloud.PeerCIDR); !ok || c.Addr().Is4() {
				r.Type = "" // a default group's rules are part of it
				out = append(out, r)
			}
		}
		return out
	}
	entries := func(list []cloud.ACLEntry) (out []cloud.ACLEntry) {
		for _, e := range list {
			if e.CIDR.Or(netip.Prefix{}).Addr().Is4() {
				e.Type = ""
				out = append(out, e)
			}
		}
		return out
	}
	for i, g := range spec.SecurityGroups {
		spec.SecurityGroups[i].Ingress, spec.SecurityGroups[i].Egress = rules(g.Ingress), rules(g.Egress)
	}
	for i, a := range spec.NetworkACLs {
		spec.NetworkACLs[i].Ingress, spec.NetworkACLs[i].Egress = entries(a.Ingress), entries(a.Egress)
	}
	return spec
}

// answers are what the model needs, each with its verdict.
func answers(t *testing.T, spec cloud.Spec) []string {
	t.Helper()
	m, diags := cloud.New(spec)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	proofs, diags := reach.Prove(m, nil)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	var out []string
	for _, p := range proofs {
		to := strings.Replace(p.To, "aws_instance.store", "Store", 1)
		out = append(out, to+" "+p.Verdict.String())
	}
	slices.Sort(out)
	return out
}
