package cdk

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bailey/cdk/cdktest"
	"bailey/path"
	"bailey/reach"
	"bailey/reach/patch"
)

// A fix that is written for an app, in TypeScript, is run with it by the real
// aws-cdk-lib: the path is open in what comes out.
func TestPatchesOfAppsOpenThePath(t *testing.T) {
	t.Parallel()
	m, _ := modelOf(t, loaded(t, "isolated"))
	f := named(t, m, "Reader")
	for _, c := range []struct{ to, summary string }{
		{"aws:secretsmanager", "add an interface endpoint for secretsmanager"},
		{"aws:dynamodb", "add a gateway endpoint for dynamodb"},
		{"aws:secretsmanager", "take "},
	} {
		p, err := reach.Answer(m, question(f.Name, c.to), nil)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, fix := range p.Fixes {
			if !strings.HasPrefix(fix.Summary, c.summary) {
				continue
			}
			found = true
			after, _ := modelOf(t, patched(t, "isolated", fix.In(patch.CDK).Patch))
			r, err := path.Why(after, question(f.Name, c.to))
			if err != nil || r.Verdict != path.Reachable {
				t.Errorf("%s: %v %v %v\n%s", fix.Summary, r.Verdict, r.Blockers, err, fix.In(patch.CDK).Patch)
			}
		}
		if !found {
			t.Errorf("no fix begins with %q: %+v", c.summary, p.Fixes)
		}
	}
}

// patched synthesises an app together with a fix.
func patched(t *testing.T, app, fix string) Assembly {
	t.Helper()
	dir := t.TempDir()
	code, err := os.ReadFile(filepath.Join(apps, app+".js"))
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(code), "app.synth();", "require('./fix').fix(app);\napp.synth();", 1)
	for name, text := range map[string]string{"app.js": with, "fix.ts": fix} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	modules := cdktest.Modules(t)
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(modules, ".bin", "tsx"), "app.js")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CDK_OUTDIR="+filepath.Join(dir, "cdk.out"), "CDK_CONTEXT_JSON=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, fix)
	}
	a, diags := Load(os.DirFS(filepath.Join(dir, "cdk.out")), Options{Name: "cdk.out"})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return a
}
