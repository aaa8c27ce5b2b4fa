package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What README.md shows of `bailey check` is what it prints: every line of the
// block, up to an ellipsis.
func TestReadmeShowsWhatCheckPrints(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "$ go run ./cmd/bailey check examples/rootski\n")
	block, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("README.md does not show check")
	}
	t.Chdir("../..")
	var out, errs bytes.Buffer
	if status := run(context.Background(), []string{"check", filepath.Join("examples", "rootski")}, &out, &errs); status != exitFine {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	for line := range strings.Lines(block) {
		want, _, _ := strings.Cut(strings.TrimRight(line, "\n"), " ...")
		if want != "..." && !strings.Contains(out.String(), want) {
			t.Errorf("README shows a line that check does not print:\n%s", want)
		}
	}
}
