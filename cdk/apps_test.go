package cdk

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bailey/cdk/cdktest"
	"bailey/cloud"
	"bailey/path"
	"bailey/source"
)

const apps = "testdata/apps"

func TestMain(m *testing.M) {
	code := m.Run()
	cdktest.Remove()
	os.Exit(code)
}

// loaded synthesises an app and reads the assembly.
func loaded(t *testing.T, app string) Assembly {
	t.Helper()
	base, err := filepath.Abs(apps)
	if err != nil {
		t.Fatal(err)
	}
	a, diags := Load(os.DirFS(cdktest.Synth(t, apps, app)), Options{Name: "cdk.out", Base: base})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return a
}

// specOf reads the only group of an assembly.
func specOf(t *testing.T, a Assembly) (cloud.Spec, source.Diags) {
	t.Helper()
	groups := a.Groups(Environment{Account: "111122223333", Region: "us-west-2"})
	if len(groups) != 1 {
		t.Fatalf("%d groups, want one", len(groups))
	}
	return a.Spec(groups[0], cloud.Spec{}, nil)
}

// modelOf gives the Model of an app, which must be without errors.
func modelOf(t *testing.T, a Assembly) (*cloud.Model, source.Diags) {
	t.Helper()
	spec, diags := specOf(t, a)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	m, more := cloud.New(spec)
	if err := more.Err(); err != nil {
		t.Fatal(err)
	}
	return m, diags
}

// named finds the function whose logical ID begins with a construct's ID; CDK
// adds a hash to it.
func named(t *testing.T, m *cloud.Model, prefix string) cloud.Function {
	t.Helper()
	for f := range m.Functions() {
		if strings.HasPrefix(f.Name, prefix) {
			return f
		}
	}
	t.Fatalf("no function %s...", prefix)
	return cloud.Function{}
}

// why asks path and gives the verdict with the blockers' codes.
func why(t *testing.T, m *cloud.Model, from, to string) string {
	t.Helper()
	r, err := path.Why(m, path.Question{From: from, To: to})
	if err != nil {
		t.Fatal(err)
	}
	words := []string{r.Verdict.String()}
	for _, b := range r.Blockers {
		if !slices.Contains(words, string(b.Code)) { // one blocker a subnet
			words = append(words, string(b.Code))
		}
	}
	return strings.Join(words, " ")
}

func codes(diags source.Diags) []string {
	var out []string
	for _, d := range diags {
		out = append(out, d.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestFunctionBehindNATReachesTheInternet(t *testing.T) {
	t.Parallel()
	a := loaded(t, "nat")
	m, diags := modelOf(t, a)
	if len(diags) != 0 {
		t.Errorf("diagnostics: %v", diags)
	}
	f := named(t, m, "Caller")
	for _, to := range []string{"internet", "aws:ssm", "aws:s3"} {
		if got := why(t, m, f.Name, to); got != "reachable" {
			t.Errorf("%s: %s", to, got)
		}
	}
	r, _ := path.Why(m, path.Question{From: f.Name, To: "internet"})
	if !slices.ContainsFunc(r.Hops, func(h path.Hop) bool { return strings.Contains(h.Kind, "nat") }) {
		t.Errorf("no NAT gateway among the hops: %+v", r.Hops)
	}
	if !strings.HasPrefix(f.Code.Dir, "cdk.out/asset.") || f.Code.S3Bucket != "" {
		t.Errorf("code is at %+v", f.Code)
	}
	if got := f.At.Construct.String(); got != "Nat/Caller/Resource nat.js:9" {
		t.Errorf("construct %s", got)
	}
}

func TestIsolatedFunctionReachesItsEndpointsOnly(t *testing.T) {
	t.Parallel()
	m, _ := modelOf(t, loaded(t, "isolated"))
	f := named(t, m, "Reader")
	if m.Region() != "eu-west-1" || !strings.Contains(f.Code.Inline, "handler") {
		t.Errorf("region %s, code %+v", m.Region(), f.Code)
	}
	for to, want := range map[string]string{"aws:ssm": "reachable", "aws:s3": "reachable",
		"internet": "blocked NO_ROUTE_TO_DESTINATION", "aws:sqs": "blocked NO_ROUTE_TO_DESTINATION"} {
		if got := why(t, m, f.Name, to); got != want {
			t.Errorf("%s: %s, want %s", to, got, want)
		}
	}
}

func TestStacksReferToEachOther(t *testing.T) {
	t.Parallel()
	a := loaded(t, "cross")
	if a.Stacks[0].Name != "Network" || a.Stacks[1].Name != "Service" {
		t.Errorf("order %s, %s", a.Stacks[0].Name, a.Stacks[1].Name)
	}
	m, diags := modelOf(t, a)
	if len(diags) != 0 {
		t.Errorf("diagnostics: %v", diags)
	}
	f := named(t, m, "Worker")
	if got := why(t, m, f.Name, "internet"); got != "reachable" {
		t.Errorf("internet: %s", got)
	}
	var vpc cloud.VPC
	for v := range m.VPCs() {
		vpc = v
	}
	if got, known := f.Env[0].Value.Get(); !known || got != string(vpc.ID) {
		t.Errorf("VPC is %q, want %s", got, vpc.ID)
	}
	own, _ := f.Network.Groups.Get()
	for g := range m.SecurityGroups() {
		if strings.HasPrefix(g.Name, "Store") && (len(g.Ingress) != 1 || g.Ingress[0].Peer != cloud.Peer(cloud.PeerGroup{ID: own[0]})) {
			t.Errorf("the store lets in %+v, want %s", g.Ingress, own[0])
		}
	}
}

// Nested stacks: the network's outputs are the service's parameters, the
// service's group is let in by the parent's.
func TestNestedStacksPassValuesBothWays(t *testing.T) {
	t.Parallel()
	a := loaded(t, "nested")
	m, diags := modelOf(t, a)
	if len(diags) != 0 {
		t.Errorf("diagnostics: %v", diags)
	}
	f := named(t, m, "Worker")
	if got := why(t, m, f.Name, "internet"); got != "reachable" {
		t.Errorf("internet: %s", got)
	}
	if got := f.At.Construct.String(); got != "Root/Service/Worker/Resource nested.js:10" {
		t.Errorf("construct %s", got)
	}
	own, _ := f.Network.Groups.Get()
	for g := range m.SecurityGroups() {
		if strings.HasPrefix(g.Name, "Store") && (len(g.Ingress) != 1 || g.Ingress[0].Peer != cloud.Peer(cloud.PeerGroup{ID: own[0]})) {
			t.Errorf("the store lets in %+v, want %s", g.Ingress, own[0])
		}
	}
}

func TestStagesOfOneEnvironmentMakeOneModel(t *testing.T) {
	t.Parallel()
	a := loaded(t, "stages")
	groups := a.Groups(Environment{})
	if len(a.Stacks) != 3 || len(groups) != 2 || len(groups[0].Stacks) != 2 {
		t.Fatalf("%d stacks, %+v", len(a.Stacks), groups)
	}
	spec, diags := a.Spec(groups[0], cloud.Spec{}, nil)
	m, more := cloud.New(spec)
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	staging, production := named(t, m, "Staging-Service.Worker"), named(t, m, "Production-Service.Worker")
	if got := why(t, m, production.Name, "internet"); got != "reachable" {
		t.Errorf("production: %s", got)
	}
	if got := why(t, m, staging.Name, "internet"); !strings.HasPrefix(got, "blocked") {
		t.Errorf("staging: %s", got)
	}
	if staging.FunctionName == production.FunctionName || staging.Code.Dir != production.Code.Dir || !strings.HasPrefix(staging.Code.Dir, "cdk.out/asset.") {
		t.Errorf("functions %+v and %+v", staging, production)
	}
}

// What cfn has no row for comes out as a note by type, and nothing else does.
func TestTypesWithoutARowAreNoted(t *testing.T) {
	t.Parallel()
	for app, want := range map[string][]string{
		"database":   {"AWS::RDS::DBInstance", "AWS::RDS::DBProxy", "AWS::SecretsManager::Secret", "AWS::SecretsManager::RotationSchedule"},
		"privateapi": {"AWS::ApiGateway::RestApi", "AWS::Lambda::Permission"},
		"httpapi":    {"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Route", "AWS::Cognito::UserPool"},
		"custom":     {"Custom::Seed", "Custom::VpcRestrictDefaultSG"},
	} {
		t.Run(app, func(t *testing.T) {
			t.Parallel()
			a := loaded(t, app)
			spec, diags := specOf(t, a)
			if err := diags.Err(); err != nil {
				t.Fatal(err)
			}
			for _, typ := range want {
				listed := slices.ContainsFunc(spec.Unmodelled, func(m cloud.Meta) bool { return m.Type == typ })
				noted := slices.ContainsFunc(diags, func(d source.Diag) bool { return strings.HasPrefix(d.Summary, typ+" is not modelled") })
				if listed != noted || !declares(a, typ) {
					t.Errorf("%s: in Unmodelled %t, noted %t, in a template %t", typ, listed, noted, declares(a, typ))
				}
			}
			if strings.Contains(diags.Error(), "AWS::CDK::Metadata") {
				t.Error("CDKMetadata is not ignored")
			}
			if _, more := cloud.New(spec); more.HasErrors() {
				t.Error(more)
			}
		})
	}
}

// declares reports whether a template of the assembly has a resource of a type.
func declares(a Assembly, typ string) bool {
	for _, s := range a.everyStack() {
		resources, _ := s.Template.Get("Resources")
		for _, e := range resources.Entries {
			if n, _ := e.Value.Get("Type"); n.Text == typ {
				return true
			}
		}
	}
	return false
}

// A custom resource's attribute is open, and so is what is made of it.
func TestCustomResourceLeavesItsAttributesOpen(t *testing.T) {
	t.Parallel()
	m, _ := modelOf(t, loaded(t, "custom"))
	f := named(t, m, "Reader")
	gap, open := f.Env[0].Value.Gap()
	if !open || !strings.Contains(gap.Because, "Custom::Seed") {
		t.Errorf("SEED is %+v", f.Env[0].Value)
	}
}

// A look-up without an answer is named where its placeholder stood.
func TestLookUpWithoutAnAnswerIsNamed(t *testing.T) {
	t.Parallel()
	a := loaded(t, "lookup")
	if len(a.Missing) != 1 || a.Missing[0].Provider != "vpc-provider" {
		t.Fatalf("missing %+v", a.Missing)
	}
	spec, diags := specOf(t, a)
	if !strings.Contains(diags.Error(), "context look-up vpc-provider:account=111122223333") {
		t.Errorf("diagnostics: %v", diags)
	}
	if n := strings.Count(diags.Error(), "CDK_MISSING_CONTEXT"); n != 1 {
		t.Errorf("the look-up is said %d times, want once", n)
	}
	if len(spec.Functions) != 1 {
		t.Fatalf("%d functions", len(spec.Functions))
	}
	gap, open := spec.Functions[0].Network.Subnets.Gap()
	if !open || !strings.Contains(gap.Because, "vpc-provider") || !strings.HasSuffix(gap.At.File, "manifest.json") {
		t.Errorf("subnets: %v", gap)
	}
}

func TestAssetsOfEveryKind(t *testing.T) {
	t.Parallel()
	a := loaded(t, "image")
	spec, diags := specOf(t, a)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	m, _ := cloud.New(spec)
	if old := named(t, m, "Old"); !strings.HasPrefix(old.Code.Dir, "cdk.out/asset.") {
		t.Errorf("legacy asset: %+v", old.Code)
	}
	if z := named(t, m, "Zip"); !strings.HasPrefix(z.Code.Dir, "cdk.out/asset.") || !strings.HasSuffix(z.Code.Dir, ".zip") {
		t.Errorf("zip file: %+v", z.Code)
	}
	img := named(t, m, "Image")
	if !strings.Contains(img.Code.Image, ".dkr.ecr.us-west-2.") || !strings.HasPrefix(img.Code.BuiltIn, "cdk.out/asset.") || img.Code.Dir != "" {
		t.Errorf("image: %+v", img.Code)
	}
}

// damaged gives the assembly of an app with some files replaced.
func damaged(t *testing.T, dir string, change map[string]func(string) string) fs.FS {
	t.Helper()
	for name, f := range change {
		p := filepath.Join(dir, name)
		old, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(f(string(old))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return os.DirFS(dir)
}

// A real assembly cut off anywhere is an error with a place and never a panic.
func TestTruncatedAssembly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(cdktest.Synth(t, apps, "nat"))); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || !json.Valid(whole) {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
		fsys := damaged(t, dir, map[string]func(string) string{"manifest.json": func(string) string { return string(whole[:n]) }})
		_, diags := Load(fsys, Options{Name: "cdk.out"})
		if !diags.HasErrors() || diags[0].At.File != "cdk.out/manifest.json" {
			t.Errorf("cut at %d: %v", n, diags)
		}
	}
}
