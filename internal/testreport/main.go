// Command testreport reads the output of go test -json: it prints the output of
// what failed, each skipped test with its reason, and one line of counts. It
// exits with 1 if anything failed or was skipped, since where the tests run in
// earnest nothing may be skipped, or if a package that everything hangs on is
// covered less than its floor.
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

// floors are the least shares of statements, in percent, that tests must reach
// in the packages whose mistakes nobody else would notice.
var floors = map[string]float64{"bailey/iam": 95, "bailey/netset": 90, "bailey/path": 85}

// event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

type tally struct {
	passed, failed, skipped int
	output                  map[string][]string // by package and test
	short                   map[string]bool     // packages below their floor
}

func main() {
	t := tally{output: map[string][]string{}, short: map[string]bool{}}
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
		t.covered(e, w)
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
		if e.Test == "" {
			t.unfinished(e.Package, w)
		}
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

// unfinished prints what tests said that never ended, as when the package ran
// out of time.
func (t *tally) unfinished(pkg string, w io.Writer) {
	for key, out := range t.output {
		if strings.HasPrefix(key, pkg+" T") && !slices.Equal(out, []string{"failed"}) {
			fmt.Fprintf(w, "UNFINISHED %s\n%s", key, strings.Join(out, ""))
		}
	}
}

// covered holds a package's coverage against its floor.
func (t *tally) covered(e event, w io.Writer) {
	_, text, found := strings.Cut(e.Output, "coverage: ")
	floor, wanted := floors[e.Package]
	var percent float64
	if _, err := fmt.Sscanf(text, "%f%%", &percent); !found || !wanted || e.Test != "" || err != nil {
		return
	}
	if percent < floor && !t.short[e.Package] {
		t.short[e.Package] = true // go test says it twice
		t.failed++
		fmt.Fprintf(w, "FAIL %s is covered to %.1f %%, its floor is %.0f %%\n", e.Package, percent, floor)
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
