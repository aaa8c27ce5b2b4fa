package lambda

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// contextThatEnds has ended: who waits on it does not wait.
func contextThatEnds() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx, cancel
}

func TestTail(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(func(rt *fakeRuntime, e event) string {
			for i := range 2000 {
				rt.print(fmt.Sprintf("line %04d\n", i))
			}
			return "1"
		})), declare("f", dir))
		for range 2 {
			tail := string(b.call(t, "f", "{}").LogTail)
			if len(tail) != tailSize || !strings.Contains(tail, "line 1999\nEND RequestId: req\nREPORT RequestId: req\t") || !strings.HasSuffix(tail, "\t\n") {
				t.Errorf("%d bytes of tail: %.60s ... %s", len(tail), tail, tail[len(tail)-200:])
			}
		}
		if n := len(b.logs.all()); n != 1+2*2003 {
			t.Errorf("%d lines in the log", n)
		}
		res, err := b.Invoke(t.Context(), Request{Function: "f"})
		if err != nil || res.LogTail != nil {
			t.Errorf("a tail that nobody asked for: %.60s, %v", res.LogTail, err)
		}
	})
}

// Each line keeps the time at which it came, and the log is whole when Invoke
// returns.
func TestTimestamps(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		b := newBench(t, only(serve(func(rt *fakeRuntime, e event) string {
			for range 3 {
				rt.sleep(100 * time.Millisecond)
				rt.print("tick\n")
			}
			return "1"
		})), declare("f", dir))
		b.call(t, "f", "{}")
		var got []string
		for _, stream := range b.logs.streams {
			for _, l := range stream {
				word, _, _ := strings.Cut(l.text, " ")
				got = append(got, fmt.Sprint(word, " ", l.t.Sub(began)))
			}
		}
		want := []string{"INIT_START 0s", "START 0s", "tick 100ms", "tick 200ms", "tick 300ms", "END 300ms", "REPORT 300ms"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Lines reach the sink while the function still runs.
func TestLive(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(func(rt *fakeRuntime, e event) string {
			rt.print("working\n")
			rt.sleep(time.Second)
			return "1"
		})), declare("f", dir))
		half := make(chan []string, 1)
		time.AfterFunc(500*time.Millisecond, func() { half <- b.logs.all() })
		b.call(t, "f", "{}")
		if seen := <-half; len(seen) != 3 || seen[2] != "working" {
			t.Errorf("after half a second the log is %q", seen)
		}
	})
}

// A sink that blocks holds up Invoke, never the function.
func TestSinkBlocks(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		finished := make(chan time.Time, 1)
		began := time.Now()
		b := newBench(t, only(serve(func(rt *fakeRuntime, e event) string {
			for range 10_000 {
				rt.print(strings.Repeat("x", 100) + "\n")
			}
			finished <- time.Now()
			return "1"
		})), declare("f", dir))
		b.logs.block = make(chan struct{})
		time.AfterFunc(time.Second, func() { close(b.logs.block) })
		b.call(t, "f", "{}")
		if at := <-finished; at != began || time.Since(began) != time.Second {
			t.Errorf("the function ended after %v, Invoke after %v", at.Sub(began), time.Since(began))
		}
	})
}

func TestAnnotate(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		var b *bench
		b = newBench(t, only(func(rt *fakeRuntime) Exit {
			b.Annotate(rt.place.id, "in init")
			return serve(func(rt *fakeRuntime, e event) string {
				rt.print("dialling\n")
				b.Annotate(rt.place.id, "connect 52.94.0.1:443 dropped: no route")
				return "1"
			})(rt)
		}), declare("f", dir))
		b.Annotate("nobody", "lost")
		first, second := b.call(t, "f", "{}"), b.call(t, "f", "{}")
		if want := []string{"in init", "connect 52.94.0.1:443 dropped: no route"}; !slices.Equal(first.Notes, want) {
			t.Errorf("notes %q, want %q", first.Notes, want)
		}
		if want := []string{"connect 52.94.0.1:443 dropped: no route"}; !slices.Equal(second.Notes, want) {
			t.Errorf("second: notes %q, want %q", second.Notes, want)
		}
		want := "dialling\n[bailey] connect 52.94.0.1:443 dropped: no route\nEND RequestId: req\nREPORT"
		if log := strings.Join(b.logs.all(), "\n"); strings.Count(log, want) != 2 || !strings.Contains(log, "[bailey] in init\nSTART") {
			t.Errorf("log:\n%s", log)
		}
	})
}

func TestLines(t *testing.T) {
	long := strings.Repeat("y", eventSize+10)
	tests := []struct {
		name   string
		writes []string
		want   []string
	}{
		{"lines", []string{"a\nb\n"}, []string{"a", "b"}},
		{"in pieces", []string{"a", "b", "\nc"}, []string{"ab", "c"}},
		{"empty lines", []string{"\n\n"}, []string{"", ""}},
		{"no end", []string{long}, []string{long[:eventSize], long[eventSize:]}},
		{"nothing", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			o, err := newOutput(func(s string) { got = append(got, s) })
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range tt.writes {
				if _, err := o.writer().Write([]byte(w)); err != nil {
					t.Fatal(err)
				}
			}
			o.sync()
			o.close()
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %.100q, want %.100q", got, tt.want)
			}
		})
	}
}
