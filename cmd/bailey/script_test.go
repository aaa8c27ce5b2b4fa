package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bailey/sandbox"
)

// The scripts run bailey as a user would. One script is one world: what it
// proves, the commands, then the files.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"bailey": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// goEnv is a setting of the go command, which scripts that build programs need
// although they have a home of their own.
func goEnv(t *testing.T, name string) string {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("EXAMPLES", examples)
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"} {
				e.Setenv(name, goEnv(t, name))
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "enforce" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return sandbox.Supported() == nil, nil
		},
	})
}
