// Package cdktest synthesises CDK apps for tests, with the real aws-cdk-lib.
//
// It is test support and no part of bailey. The rule it obeys: the packages
// come from npm, at the versions pinned here, and stay outside of the tree. A
// test skips only where there is no node, or where npm cannot install them.
//
// Neighbours: cdk and conform test with it; package cdk/synth is what a user
// runs an app with.
package cdktest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// pinned is the aws-cdk-lib that the apps are synthesised with, and what runs
// those in TypeScript.
var pinned = []string{"aws-cdk-lib@2.276.0", "constructs@10.8.1", "tsx@4.23.15"}

// Modules gives the node_modules with the pinned packages.
func Modules(t *testing.T) string {
	t.Helper()
	dir, skip := modules()
	if skip != "" {
		t.Skipf("skipped: %.300s", skip)
	}
	return dir
}

// modules gives $BAILEY_ORACLES/node_modules or, installed once, that of a
// folder of its own in the user's cache, since others may install beside it.
var modules = sync.OnceValues(func() (dir, skip string) {
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
	if dir := filepath.Join(root, "node_modules"); complete(dir) {
		return dir, ""
	}
	if err := install(filepath.Join(root, "cdk")); err != nil {
		return "", err.Error()
	}
	return filepath.Join(root, "cdk", "node_modules"), ""
})

// install installs the packages below dir; of several test programs one does it
// and the others wait.
func install(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil || complete(filepath.Join(dir, "node_modules")) {
		return err
	}
	args := append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir}, pinned...)
	if out, err := exec.Command("npm", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("npm cannot install aws-cdk-lib: %w: %s", err, out)
	}
	return nil
}

// complete reports whether all pinned packages are there.
func complete(modules string) bool {
	for _, p := range pinned {
		name, _, _ := strings.Cut(p, "@")
		if _, err := os.Stat(filepath.Join(modules, name, "package.json")); err != nil {
			return false
		}
	}
	return true
}

// Synth runs the app dir/app.js or dir/app.ts and gives the folder that it
// makes: one for all tests of the program, who must not write into it.
func Synth(t *testing.T, dir, app string) string {
	t.Helper()
	modules := Modules(t)
	once, _ := made.LoadOrStore(filepath.Join(dir, app), sync.OnceValues(func() (string, error) { return run(modules, dir, app) }))
	out, err := once.(func() (string, error))()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// made holds, by app, what gives its folder.
var made sync.Map

// run synthesises an app into a folder of its own.
func run(modules, dir, app string) (string, error) {
	out, err := os.MkdirTemp("", "bailey-cdk-")
	if err != nil {
		return "", err
	}
	folders.Lock()
	folders.list = append(folders.list, out)
	folders.Unlock()
	cmd := exec.Command("node", app+".js")
	if _, err := os.Stat(filepath.Join(dir, app+".ts")); err == nil {
		cmd = exec.Command(filepath.Join(modules, ".bin", "tsx"), app+".ts")
	}
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "CDK_OUTDIR="+out, "CDK_CONTEXT_JSON=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", app, err, text)
	}
	return out, nil
}

// folders are those that Remove removes.
var folders struct {
	sync.Mutex
	list []string
}

// Remove removes what Synth made. It is for the end of TestMain.
func Remove() {
	folders.Lock()
	defer folders.Unlock()
	for _, f := range folders.list {
		os.RemoveAll(f)
	}
}
