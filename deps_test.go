package bailey

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers is the order of the project's packages: each may import those that
// stand before it, and nothing else of ours. Packages on one line do not know
// one another. The comment says what the line is.
var layers = []string{
	"source",                       // files, positions, diagnostics
	"netset schedule event vtl",    // exact sets of packets; when something fires; what an event is; a template language
	"cloud",                        // the model
	"cfn/document iam",             // text with positions; the policy language
	"sam",                          // a SAM template -> a CloudFormation template
	"project cfn",                  // text and facts -> cloud.Spec
	"cdk terraform snapshot",       // several templates and their assets, HCL and plans, what an account was seen to have -> cloud.Spec
	"cdk/synth snapshot/take",      // a CDK app -> a cloud assembly; an account -> a snapshot
	"path",                         // one flow: what the network does
	"reach/patch",                  // a change, written in the template's own format
	"audit reach",                  // rules over a model; needs, fixes, prices
	"diff",                         // what a change opens and closes
	"report",                       // what was found, for people and programs
	"fabric sandbox services/wire", // packets; namespaces; AWS's protocols
	"services/store",               // state on disk
	"services/deploy",              // a template's records in it
	"postgres",                     // a database of the host's in a sandbox
	"lambda services/access",       // execution environments; who may call what
	"delivery",                     // what is due, and targets
	"services/ssm services/events services/scheduler services/secretsmanager services/sts services/logs services/lambda services/cognito", // AWS's endpoints
	"gateway",    // REST and HTTP APIs
	"world",      // the wiring
	"cmd/bailey", // flags and output
}

// pure packages compute: no I/O, no clock, no logging.
var pure = strings.Fields("source netset schedule event vtl cloud cfn/document iam sam cfn cdk terraform snapshot path audit reach reach/patch diff report")

// impure are the packages of the standard library that a pure one has no use
// for.
var impure = strings.Fields("os os/exec net net/http log log/slog syscall math/rand math/rand/v2 crypto/rand")

// test-only packages, which nothing imports: conform, bench, examples and the
// test support beside services and cdk.
func exempt(pkg string) bool {
	for _, p := range []string{"conform", "bench", "examples/", "cdk/cdktest", "services/wire/wiretest", "services/access/accesstest", "internal/"} {
		if strings.HasPrefix(pkg, p) {
			return true
		}
	}
	return pkg == ""
}

func TestImportsFollowTheLayers(t *testing.T) {
	rank := map[string]int{}
	for i, line := range layers {
		for pkg := range strings.FieldsSeq(line) {
			rank[pkg] = i
		}
	}
	for pkg, imports := range importsOf(t) {
		own, ok := rank[pkg]
		if !ok {
			if !exempt(pkg) {
				t.Errorf("package %s has no place in layers", pkg)
			}
			continue
		}
		for _, imp := range imports {
			name, ours := strings.CutPrefix(imp, "bailey/")
			if r, ok := rank[name]; ours && (!ok || r >= own) {
				t.Errorf("%s imports %s, which does not stand before it", pkg, name)
			}
			if slices.Contains(pure, pkg) && slices.Contains(impure, imp) {
				t.Errorf("%s is pure and imports %s", pkg, imp)
			}
		}
	}
}

// importsOf asks the go command for the imports of every package, without those
// of tests.
func importsOf(t *testing.T) map[string][]string {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name, _ := strings.CutPrefix(fields[0], "bailey")
		imports[strings.TrimPrefix(name, "/")] = fields[1:]
	}
	return imports
}
