package world

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// buildGo builds the Go package in dir for Linux as the program file out, and
// says so through progress. Where neither the module's files nor the toolchain
// have changed since the last build it does nothing.
func buildGo(ctx context.Context, dir, out string, progress func(string, ...any)) error {
	stamp, err := fingerprint(dir)
	if err != nil {
		return err
	}
	if built, err := os.ReadFile(out + ".stamp"); err == nil && string(built) == stamp {
		if _, err := os.Stat(out); err == nil {
			return nil
		}
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("building %s: no go command was found in PATH", dir)
	}
	progress("building %s", dir)
	abs, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, goTool, "build", "-trimpath", "-ldflags=-s -w", "-o", abs+".new", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH, "GOFLAGS="+os.Getenv("GOFLAGS")+" -buildvcs=false")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", dir, err, strings.TrimSpace(string(text)))
	}
	if err := os.Rename(abs+".new", abs); err != nil {
		return err
	}
	return writeFile(out+".stamp", []byte(stamp), 0o644)
}

// fingerprint sums up names, sizes and times of all Go files and module files
// of the module that dir belongs to.
func fingerprint(dir string) (string, error) {
	root, err := moduleRoot(dir)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(h, runtime.Version(), runtime.GOARCH, abs)
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() || !isSource(d.Name()) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(h, p, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") || name == "go.mod" || name == "go.sum"
}

// moduleRoot is the nearest folder at or above dir with a go.mod; dir itself
// has to exist.
func moduleRoot(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		return "", fmt.Errorf("%s is no folder with a Go program", dir)
	}
	for at := abs; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s belongs to no Go module: no go.mod there or above", dir)
		}
	}
}
