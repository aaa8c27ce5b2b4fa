// Command testreport reads the output of go test -json: it prints the output of
// what failed, each skipped test with its reason, and one line of counts. It
// exits with 1 if anything failed or was skipped, since where the tests run in
// earnest nothing may be skipped.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

type tally struct {
	passed, failed, skipped int
	output                  map[string][]string // by package and test
}

func main() {
	t := tally{output: map[string][]string{}}
	if err := t.read(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 || t.skipped > 0 {
		os.Exit(1)
	}
}

func (t *tally) read(r io.Reader, w io.Writer) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			t.count(e, w)
		} else if strings.TrimSpace(line) != "" {
			fmt.Fprint(w, line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// count takes one event; a package counts as a test only where it fails
// without one, as when it does not build.
func (t *tally) count(e event, w io.Writer) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		t.output[key] = append(t.output[key], e.Output)
		return
	case "pass":
		if e.Test != "" {
			t.passed++
		} else {
			fmt.Fprintf(w, "ok   %s %.1fs\n", e.Package, e.Elapsed)
		}
	case "skip":
		if e.Test != "" {
			t.skipped++
			fmt.Fprintf(w, "SKIP %s\n%s", key, t.reason(key))
		}
	case "fail":
		if e.Test != "" || !t.failedBelow(e.Package) {
			t.failed++
		}
		fmt.Fprintf(w, "FAIL %s\n%s", key, strings.Join(t.output[key], ""))
	default:
		return
	}
	if e.Test != "" && e.Action != "fail" {
		delete(t.output, key)
	}
	if e.Action == "fail" {
		t.output[key] = []string{"failed"}
	}
}

// failedBelow reports whether a test of the package has failed already.
func (t *tally) failedBelow(pkg string) bool {
	for key, out := range t.output {
		if strings.HasPrefix(key, pkg+" T") && slices.Equal(out, []string{"failed"}) {
			return true
		}
	}
	return false
}

// reason is the line in which a test says why it was skipped.
func (t *tally) reason(key string) string {
	var b strings.Builder
	for _, line := range t.output[key] {
		if !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(strings.TrimSpace(line), "--- ") {
			b.WriteString("     " + line)
		}
	}
	return b.String()
}
