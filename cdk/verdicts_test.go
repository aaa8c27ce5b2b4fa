package cdk

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bailey/cdk/cdktest"
	"bailey/cdk/synth"
	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
)

// theAPI is the only API of a model.
func theAPI(t *testing.T, m *cloud.Model) cloud.API {
	t.Helper()
	var found []cloud.API
	for a := range m.APIs() {
		found = append(found, a)
	}
	if len(found) != 1 {
		t.Fatalf("%d APIs, want one", len(found))
	}
	return found[0]
}

// A private API is open through one execute-api endpoint only, by which a
// function in the VPC calls it without a way to the internet.
func TestPrivateAPIAndItsCaller(t *testing.T) {
	t.Parallel()
	m, _ := modelOf(t, loaded(t, "privateapi"))
	client := named(t, m, "Client")
	for to, want := range map[string]string{"aws:execute-api": "reachable", "internet": "blocked NO_ROUTE_TO_DESTINATION"} {
		if got := why(t, m, client.Name, to); got != want {
			t.Errorf("%s: %s, want %s", to, got, want)
		}
	}
	api := theAPI(t, m)
	if api.Endpoint != cloud.PrivateEndpoint || len(api.VPCEndpoints) != 1 || api.Policy == nil || api.At.Construct.String() != "PrivateApi/Api/Resource privateapi.js:21" {
		t.Errorf("%v API through %v, policy %v, construct %s", api.Endpoint, api.VPCEndpoints, api.Policy, api.At.Construct)
	}
	for _, r := range api.Routes {
		if fn, _ := r.Integration.Function.Get(); fn != named(t, m, "Hello").ARN {
			t.Errorf("%s %s goes to %v", r.Method, r.Path, r.Integration.Function)
		}
	}
}

// Each route of an HTTP API asks of its caller what the app says, and goes to
// the function that the app says, whose code is there.
func TestRoutesOfAnHTTPAPI(t *testing.T) {
	t.Parallel()
	m, _ := modelOf(t, loaded(t, "httpapi"))
	api, hello, authorize := theAPI(t, m), named(t, m, "Hello"), named(t, m, "Authorize")
	kinds := map[string]string{"": ""}
	for _, a := range api.Authorizers {
		kinds[a.ID] = " by " + a.Kind.String()
		if f, _ := a.Function.Get(); a.Kind == cloud.RequestAuthorizer && f != authorize.ARN {
			t.Errorf("the authorizer asks %v", a.Function)
		}
		if issuer, _ := a.Issuer.Get(); a.Kind == cloud.JWTAuthorizer && !strings.HasPrefix(issuer, "https://") {
			t.Errorf("%s trusts %v", a.Name, a.Issuer)
		}
	}
	got := map[string]string{}
	for _, r := range api.Routes {
		got[r.Path] = r.Auth.Kind.String() + kinds[r.Auth.Authorizer]
		if fn, _ := r.Integration.Function.Get(); fn != hello.ARN || !strings.Contains(hello.Code.Inline, "handler") {
			t.Errorf("%s goes to %v", r.Path, r.Integration.Function)
		}
	}
	want := map[string]string{"/jwt": "JWT by JWT", "/pool": "JWT by JWT", "/function": "CUSTOM by REQUEST", "/iam": "AWS_IAM", "/open": "NONE"}
	if !maps.Equal(got, want) || api.CORS == nil {
		t.Errorf("got  %v\nwant %v, CORS %v", got, want, api.CORS)
	}
}

// A function reads its database's secret through the NAT gateway, and the
// address of the proxy that it is given is open as long as nobody knows it, not
// empty.
func TestFunctionWithADatabaseProxy(t *testing.T) {
	t.Parallel()
	m, _ := modelOf(t, loaded(t, "database"))
	f := named(t, m, "Query")
	if got := why(t, m, f.Name, "aws:secretsmanager"); got != "reachable" {
		t.Errorf("secretsmanager: %s", got)
	}
	for _, v := range f.Env {
		if host, known := v.Value.Get(); v.Name == "DATABASE_HOST" && known && !strings.Contains(host, ".rds.") {
			t.Errorf("DATABASE_HOST is %q", host)
		}
	}
}

// The subnets of a VPC that a look-up told are not described anywhere: that is
// said of each, with the construct that needs them.
func TestLookedUpVPCIsNotGuessed(t *testing.T) {
	t.Parallel()
	a := loaded(t, "known")
	m, _ := modelOf(t, a)
	f := named(t, m, "Worker")
	if len(a.Missing) != 0 {
		t.Errorf("missing: %v", a.Missing)
	}
	p, err := reach.Answer(m, question(f.Name, "internet"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, g := range p.Missing {
		missing = append(missing, g.Because+" "+g.At.Construct.String())
	}
	want := "nothing here describes subnet subnet-0a Known/Worker/Resource known.ts:20 | nothing here describes subnet subnet-0b Known/Worker/Resource known.ts:20"
	if got := strings.Join(missing, " | "); p.Verdict.String() != "unknown" || got != want {
		t.Errorf("%s: %s\nwant %s", p.Verdict, got, want)
	}
}

// A pipeline's stages are models of their own, each with its account, region and
// answers, and with the code that all of them share.
func TestStagesOfAPipeline(t *testing.T) {
	t.Parallel()
	a := loaded(t, "pipeline")
	want := map[Environment]string{
		{"222233334444", "eu-west-1"}:    "blocked NO_ROUTE_TO_DESTINATION Staging/Service/Worker/Resource pipeline.ts:15",
		{"333344445555", "eu-central-1"}: "reachable Production/Service/Worker/Resource pipeline.ts:15",
	}
	for _, g := range a.Groups(Environment{}) {
		spec, diags := a.Spec(g, cloud.Spec{}, nil)
		m, more := cloud.New(spec)
		if err := append(diags, more...).Err(); err != nil {
			t.Fatal(err)
		}
		if want[g.Environment] == "" { // the tools, and what they need in other regions
			if g.Environment.Account != "111122223333" {
				t.Errorf("there is an environment %v", g.Environment)
			}
			continue
		}
		f := named(t, m, "Worker")
		if got := why(t, m, "Worker", "internet") + " " + f.At.Construct.String(); got != want[g.Environment] {
			t.Errorf("%v: %s, want %s", g.Environment, got, want[g.Environment])
		}
		if !strings.HasPrefix(f.Code.Dir, "cdk.out/asset.") || string(f.ARN.Account) != g.Environment.Account {
			t.Errorf("%v: %s, code %+v", g.Environment, f.ARN, f.Code)
		}
		delete(want, g.Environment)
	}
	if len(want) > 0 {
		t.Errorf("no environments %v", want)
	}
}

// question asks as bailey why does.
func question(from, to string) path.Question { return path.Question{From: from, To: to} }

// shop copies an app in TypeScript as a user has it, with its packages.
func shop(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	if err := os.CopyFS(dir, os.DirFS("testdata/apps/shop")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(cdktest.Modules(t), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// An app in TypeScript is run by its own command, with the packages, the context
// and the environment that the CLI would give to it; what it needs is proved to
// the line of the app.
func TestAppIsSynthesisedAndProved(t *testing.T) {
	t.Parallel()
	dir := shop(t)
	folder, err := synth.Run(t.Context(), synth.Config{Dir: dir, Account: "111122223333", Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	a, diags := Load(os.DirFS(folder), Options{Name: "cdk.out", Base: dir})
	if len(diags) != 0 || len(a.Missing) != 0 || a.Stacks[0].Name != "Shop-test" {
		t.Fatalf("stack %s, missing %v, diagnostics %v", a.Stacks[0].Name, a.Missing, diags)
	}
	if got := a.Stacks[0].Annotations.Error(); !strings.Contains(got, "three zones cost three endpoints") || !strings.Contains(got, "construct Shop-test lib/shop.ts:17") {
		t.Errorf("annotations: %s", got)
	}
	m, _ := modelOf(t, a)
	proofs, diags := reach.Prove(m, nil)
	if diags.HasErrors() || len(proofs) != 2 {
		t.Fatalf("%d proofs, %v", len(proofs), diags)
	}
	for _, p := range proofs {
		got := p.To + " " + p.Verdict.String() + " " + p.At.Construct.String()
		for _, b := range p.Blockers[:min(1, len(p.Blockers))] {
			got += "; " + string(b.Code) + " " + b.At.Construct.String()
		}
		want := map[string]string{
			"aws:ssm":            "aws:ssm reachable Shop-test/Prices/ServiceRole/DefaultPolicy/Resource lib/shop.ts:28",
			"aws:secretsmanager": "aws:secretsmanager blocked Shop-test/Keys/ServiceRole/DefaultPolicy/Resource lib/shop.ts:28; NO_ROUTE_TO_DESTINATION Shop-test/Vpc/appSubnet1/RouteTable lib/shop.ts:9",
		}[p.To]
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
