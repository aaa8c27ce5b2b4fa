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

	"bailey/postgres"
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

// psql is a shell's line that runs a statement, its second argument, at the
// address that is its first: the client of the server's own version, which a
// sandbox sees too.
func psql() string {
	all, err := postgres.Find(context.Background())
	if err != nil {
		return "exit 127"
	}
	return filepath.Join(all[0].Bin, "psql") + ` -XqAt -c "$1" "$0"`
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
			e.Setenv("PSQL", psql())
			e.Setenv("DSN", strings.Replace(psql(), `-c "$1" "$0"`, `-c "$0" "postgresql://app:s3cret@$DB_HOST:$DB_PORT/words"`, 1))
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"} {
				e.Setenv(name, goEnv(t, name))
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "enforce":
				return sandbox.Supported() == nil, nil
			case "postgres":
				_, err := postgres.Find(context.Background())
				return err == nil, nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
	})
}
