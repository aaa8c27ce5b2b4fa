package lambda

import (
	"fmt"
	"os"
	"testing"

	"bailey/sandbox"
)

// unsandboxed is why there are no sandboxes on this machine, if there are none.
var unsandboxed error

func TestMain(m *testing.M) {
	unsandboxed = sandbox.Enter()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	root, err := os.MkdirTemp("", "lambda-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(root)
	if err := os.Chmod(root, 0o755); err != nil { // programs run as somebody else
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	builds.root = root
	return m.Run()
}
