package synth

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// app makes the folder of an app whose command is a shell script.
func app(t *testing.T, script string, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	more = append(more, "cdk.json", `{"app": "sh app.sh"}`, "app.sh", script)
	for i := 0; i < len(more); i += 2 {
		name := filepath.Join(dir, more[i])
		if _, err := os.Stat(name); err == nil {
			continue // given by the caller
		}
		if err := os.WriteFile(name, []byte(more[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const writes = "mkdir -p \"$CDK_OUTDIR\"; echo '{}' > \"$CDK_OUTDIR/manifest.json\"\n"

// fifo makes a named pipe whose reader sees the end when the last process that
// has it open for writing is gone.
func fifo(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "alive")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A process that the app leaves behind ends with Run.
func TestNothingIsLeftRunning(t *testing.T) {
	dir := app(t, "sleep 100000 > alive &\n"+writes)
	alive := make(chan error)
	name := fifo(t, dir)
	go func() {
		f, err := os.Open(name)
		if err == nil {
			_, err = io.Copy(io.Discard, f)
		}
		alive <- err
	}()
	if _, err := Run(t.Context(), Config{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if err := <-alive; err != nil {
		t.Error(err)
	}
}

// What is interrupted ends at once, with everything that it started.
func TestInterrupted(t *testing.T) {
	dir := app(t, "(sleep 100000 > alive)\n")
	name := fifo(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := Run(ctx, Config{Dir: dir})
		done <- err
	}()
	f, err := os.Open(name) // waits until the app has it open too
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := io.Copy(io.Discard, f); err != nil {
		t.Error(err)
	}
}

// A context that is too long for a variable goes through a file, which is gone
// afterwards.
func TestLongContext(t *testing.T) {
	long := strings.Repeat("x", 2*longest)
	dir := app(t, writes+`echo "$CONTEXT_OVERFLOW_LOCATION_ENV" > where; cat "$CONTEXT_OVERFLOW_LOCATION_ENV" > seen; echo "$CDK_CONTEXT_JSON" >> seen`,
		"cdk.context.json", `{"zones": "`+long+`"}`)
	if _, err := Run(t.Context(), Config{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	seen, _ := os.ReadFile(filepath.Join(dir, "seen"))
	if !strings.Contains(string(seen), `"zones":"`+long) || !strings.HasSuffix(string(seen), "{}\n") {
		t.Errorf("the app saw %.200s", seen)
	}
	where, _ := os.ReadFile(filepath.Join(dir, "where"))
	if _, err := os.Stat(strings.TrimSpace(string(where))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", where, err)
	}
}

// An assembly of a run before is not taken for that of a run that wrote none.
func TestOldAssemblyIsNotRead(t *testing.T) {
	dir := app(t, writes)
	if _, err := Run(t.Context(), Config{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "app.sh"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "wrote no cloud assembly") {
		t.Errorf("got %v", err)
	}
}

func TestBadSettings(t *testing.T) {
	for want, text := range map[string]string{
		"holds a list, not a map":             `- a`,
		"app of cdk.json must be text, not a": `{"app": {"a": 1}}`,
		"nothing says how this CDK app is":    `{"app": " "}`,
		"not valid JSON":                      `{"app": "x"`,
	} {
		_, err := Run(t.Context(), Config{Dir: app(t, "", "cdk.json", text)})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "cdk.json") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Run(t.Context(), Config{Dir: app(t, writes, "cdk.context.json", "[")}); err == nil || !strings.Contains(err.Error(), "cdk.context.json") {
		t.Errorf("a broken cdk.context.json: %v", err)
	}
}

// What an app that fails has printed is shown, but not without end.
func TestOutputOfAFailure(t *testing.T) {
	dir := app(t, "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; echo the cause >&2; exit 1\n")
	_, err := Run(t.Context(), Config{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "    the cause") || len(err.Error()) > 3*shown {
		t.Errorf("got %.300v", err)
	}
}
