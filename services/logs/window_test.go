package logs_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bailey/services/logs"
)

// The window is bounded, and says so by having only the latest.
func TestWindow(t *testing.T) {
	for name, cfg := range map[string]logs.Config{"events": {MaxEvents: 3}, "bytes": {MaxBytes: 18}} {
		l := start(t, cfg)
		for i := range 10 {
			l.Put(group, streamA, at, fmt.Sprintf("line %d", i))
		}
		if got := read(l); !slices.Equal(got, []string{"line 7", "line 8", "line 9"}) {
			t.Errorf("bounded by %s: %q", name, got)
		}
	}
}

// read gives what is there now.
func read(l *logs.Logs, groups ...string) (lines []string) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for e := range l.Subscribe(ctx, time.Time{}, groups...) {
		lines = append(lines, e.Message)
	}
	return lines
}

func TestSubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t, logs.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		now := time.Now()
		l.Put(group, streamA, now.Add(-time.Hour), "long ago")
		l.Put(group, streamA, now, "one")
		var got []string
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range l.Subscribe(ctx, now.Add(-time.Minute), group) {
				got = append(got, e.Message)
			}
		}()
		synctest.Wait()
		l.Put("/other", "s", now, "not asked for")
		l.Put(group, streamB, now, "two")
		synctest.Wait()
		l.Put(group, streamA, now, "three")
		synctest.Wait()
		cancel()
		<-done
		if !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("got %q", got)
		}
	})
}

// What was logged is there after a restart, whatever the last write was cut to.
func TestRestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd[name]")
	long := "/" + strings.Repeat("long", 100)
	l := start(t, logs.Config{Dir: dir})
	l.Put(group, streamA, at, "one <&> \u2028 line")
	l.Put(group, streamB, at, "two")
	l.Put(long, streamA, at, "deep")
	l.Put("..", streamA, at, "dots")
	path := filepath.Join(dir, "%2Faws%2Flambda%2Fping.log")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(file, `{"t":177288480`...), 0o600); err != nil {
		t.Fatal(err)
	}
	l = start(t, logs.Config{Dir: dir})
	l.Put(group, streamA, at, "three")
	l = start(t, logs.Config{Dir: dir})
	if got := read(l, group); !slices.Equal(got, []string{"one <&> \u2028 line", "two", "three"}) {
		t.Errorf("after restarts: %q", got)
	}
	if got := read(l, long, ".."); len(got) != 2 {
		t.Errorf("odd names: %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := logs.New(logs.Config{Dir: file}); err == nil {
		t.Error("opened a folder that is a file")
	}
}

func BenchmarkPut(b *testing.B) {
	l := start(b, logs.Config{Dir: b.TempDir()})
	line := strings.Repeat("x", 120)
	for b.Loop() {
		l.Put(group, streamA, at, line)
	}
}
