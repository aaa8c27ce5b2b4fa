package cdk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// pinned is the aws-cdk-lib that the apps are synthesised with.
var pinned = []string{"aws-cdk-lib@2.276.0", "constructs@10.8.1"}

// nodeModules gives a folder with aws-cdk-lib: $BAILEY_ORACLES/node_modules or,
// installed once, a folder of its own in the user's cache, since others may
// install beside it at the same time.
var nodeModules = sync.OnceValues(func() (dir, skip string) {
	if _, err := exec.LookPath("node"); err != nil {
		return "", "node is not installed"
	}
	root := os.Getenv("BAILEY_ORACLES")
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", "no cache folder to install aws-cdk-lib into: " + err.Error()
		}
		root = filepath.Join(cache, "bailey-oracles")
	}
	for _, dir := range []string{root, filepath.Join(root, "cdk")} {
		if _, err := os.Stat(filepath.Join(dir, "node_modules", "aws-cdk-lib", "package.json")); err == nil {
			return filepath.Join(dir, "node_modules"), ""
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err.Error()
		}
	}
	dir = filepath.Join(root, "cdk")
	args := append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir}, pinned...)
	if out, err := exec.Command("npm", args...).CombinedOutput(); err != nil {
		return "", "npm cannot install aws-cdk-lib: " + err.Error() + ": " + string(out)
	}
	return filepath.Join(dir, "node_modules"), ""
})

// synth runs one of the apps in testdata/apps and gives the folder it makes.
func synth(t *testing.T, app string) string {
	t.Helper()
	modules, skip := nodeModules()
	if skip != "" {
		t.Skipf("skipped: %.300s", skip)
	}
	once, _ := synthesised.LoadOrStore(app, sync.OnceValues(func() (string, error) { return runApp(modules, app) }))
	out, err := once.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// synthesised holds, by app, what gives its folder: one run of an app serves
// all tests.
var (
	synthesised sync.Map
	outputs     string
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bailey-cdk-")
	if err != nil {
		panic(err)
	}
	outputs = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// runApp synthesises one app into a folder of its own.
func runApp(modules, app string) (string, error) {
	out := filepath.Join(outputs, app)
	cmd := exec.Command("node", app+".js")
	cmd.Dir = filepath.Join("testdata", "apps")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "CDK_OUTDIR="+out, "CDK_CONTEXT_JSON=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("node %s.js: %w\n%s", app, err, text)
	}
	return out, nil
}
