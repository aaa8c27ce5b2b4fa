package lambda

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bailey/cloud"
)

// together invokes f n times at once and returns the environments that ran
// them, and the errors.
func (b *bench) together(n int) (environments map[string]int, errs []error) {
	environments = map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			res, err := b.Invoke(context.Background(), Request{Function: "f"})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			environments[res.Environment]++
		})
	}
	wg.Wait()
	return environments, errs
}

func slow(rt *fakeRuntime, e event) string { rt.sleep(time.Second); return e.payload }

func TestWarmReuse(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(slow)), declare("f", dir))
		first, errs := b.together(3)
		if len(first) != 3 || errs != nil {
			t.Fatalf("3 at once ran in %d environments: %v", len(first), errs)
		}
		second, _ := b.together(2)
		for id := range second {
			if first[id] == 0 {
				t.Errorf("environment %s is new, though three were idle", id)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for _, p := range b.launcher.places {
			if !p.proc.frozen {
				t.Errorf("environment %s is idle and not frozen", p.id)
			}
		}
		last := b.call(t, "f", "1").Environment
		if again := b.call(t, "f", "1"); again.Environment != last || again.Timing.Init != 0 {
			t.Errorf("not the environment used last, or not warm: %+v", again)
		}
		for _, p := range b.launcher.places {
			if p.id == last && (p.proc.freezes != 1 || p.proc.thawed != 1) {
				t.Errorf("two invocations on end: frozen %d times, thawed %d times, want 1 and 1", p.proc.freezes, p.proc.thawed)
			}
		}
	})
}

func TestThawedWhileRunning(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(func(rt *fakeRuntime, _ event) string {
			rt.proc.mu.Lock()
			defer rt.proc.mu.Unlock()
			if rt.proc.frozen {
				return `"frozen"`
			}
			return `"runs"`
		})), declare("f", dir))
		for range 3 {
			time.Sleep(time.Second)
			if got := string(b.call(t, "f", "{}").Payload); got != `"runs"` {
				t.Errorf("the function is handed its event while it is %s", got)
			}
		}
	})
}

func TestIdleEnvironmentsEnd(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBenchWith(t, Config{IdleAfter: time.Minute}, only(serve(slow)), declare("f", dir))
		b.together(2)
		time.Sleep(50 * time.Second)
		b.call(t, "f", "{}")
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if n := b.launcher.live(); n != 1 {
			t.Errorf("%d environments live, want 1: the one that was used 30 s ago", n)
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if n := b.launcher.live(); n != 0 {
			t.Errorf("%d environments live after a minute of rest", n)
		}
		if res := b.call(t, "f", "7"); string(res.Payload) != "7" {
			t.Errorf("after that: %s", res.Payload)
		}
	})
}

// An environment that died at rest is not offered to anyone.
func TestDeadAtRest(t *testing.T) {
	dir := codeDir(t)
	for name, hurt := range map[string]func(*fakeProcess){
		"killed":         func(p *fakeProcess) { p.kill(); <-p.done },
		"does not thaw":  func(p *fakeProcess) { p.noThaw = true },
		"ended and gone": func(p *fakeProcess) { p.Kill(); p.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, only(serve(echo)), declare("f", dir))
				first := b.call(t, "f", "1")
				time.Sleep(time.Second)
				hurt(b.launcher.places[0].proc)
				synctest.Wait()
				second := b.call(t, "f", "2")
				if string(second.Payload) != "2" || second.Environment == first.Environment {
					t.Errorf("got %s from the same environment: %v", second.Payload, second.Environment == first.Environment)
				}
			})
		})
	}
}

func TestFaultEndsEnvironment(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(func(rt *fakeRuntime, e event) string {
			if e.payload == `"hang"` {
				rt.hang()
			}
			return e.payload
		})), declare("f", dir))
		first := b.call(t, "f", `"fine"`)
		if res := b.call(t, "f", `"hang"`); res.Environment != first.Environment || res.FunctionError == "" {
			t.Fatalf("want a timeout in the warm environment, got %+v", res)
		}
		if res := b.call(t, "f", `"fine"`); res.Environment == first.Environment || string(res.Payload) != `"fine"` {
			t.Errorf("after the timeout: %+v", res)
		}
	})
}

func throttled(errs []error) (reasons []string) {
	for _, err := range errs {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Status != 429 || e.Type != "TooManyRequestsException" || e.Message != "Rate Exceeded." {
			reasons = append(reasons, err.Error())
			continue
		}
		reasons = append(reasons, e.Reason)
	}
	return reasons
}

func TestConcurrencyLimits(t *testing.T) {
	dir := codeDir(t)
	tests := []struct {
		name      string
		account   int
		functions []cloud.Function
		ran       int
		reason    string
	}{
		{"none near", 0, []cloud.Function{declare("f", dir)}, 5, ""},
		{"reserved", 0, []cloud.Function{declare("f", dir, reservedAt(2))}, 2, ReasonReserved},
		{"turned off", 0, []cloud.Function{declare("f", dir, reservedAt(0))}, 0, ReasonReserved},
		{"account", 4, []cloud.Function{declare("f", dir)}, 4, ReasonAccount},
		{"what others leave", 4, []cloud.Function{declare("f", dir), declare("g", dir, reservedAt(3))}, 1, ReasonAccount},
		{"reserved is not the others'", 2, []cloud.Function{declare("f", dir, reservedAt(5))}, 5, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBenchWith(t, Config{Concurrency: tt.account}, only(serve(slow)), tt.functions...)
				for range 2 { // the second time warm
					ran, errs := b.together(5)
					if len(ran) != tt.ran {
						t.Errorf("%d ran, want %d", len(ran), tt.ran)
					}
					for _, reason := range throttled(errs) {
						if reason != tt.reason {
							t.Errorf("refused with %q, want %q", reason, tt.reason)
						}
					}
				}
			})
		})
	}
}

func TestApply(t *testing.T) {
	dir := codeDir(t)
	memory := func(f *cloud.Function) { f.MemoryMB = 256 }
	tests := []struct {
		name string
		next []cloud.Function
		warm bool // the idle environment is still there
		err  string
	}{
		{"nothing changed", []cloud.Function{declare("f", dir)}, true, ""},
		{"declared elsewhere", []cloud.Function{declare("f", dir, func(f *cloud.Function) { f.Name = "Moved" })}, true, ""},
		{"reserved concurrency", []cloud.Function{declare("f", dir, reservedAt(1))}, true, ""},
		{"more memory", []cloud.Function{declare("f", dir, memory)}, false, ""},
		{"a variable", []cloud.Function{declare("f", dir, func(f *cloud.Function) {
			f.Env = []cloud.EnvVar{{Name: "NEW", Value: cloud.Known("1")}}
		})}, false, ""},
		{"new code", []cloud.Function{declare("f", codeDir(t))}, false, ""},
		{"gone", nil, false, "ResourceNotFoundException: Function not found: arn:aws:lambda:us-west-2:123456789012:function:f"},
		{"no longer runs here", []cloud.Function{declare("f", dir, func(f *cloud.Function) { f.Runtime = "python3.12" })}, false, "bailey does not run python3.12 functions yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, only(serve(echo)), declare("f", dir))
				first := b.call(t, "f", "1")
				b.Apply(newModel(t, tt.next...))
				synctest.Wait()
				if got := b.launcher.live() == 1; got != tt.warm {
					t.Errorf("environment still there: %v, want %v", got, tt.warm)
				}
				res, err := b.Invoke(t.Context(), Request{Function: "f"})
				if tt.err == "" && (err != nil || res.Environment == first.Environment != tt.warm) {
					t.Errorf("next: %v in the same environment: %v", err, res.Environment == first.Environment)
				}
				if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
					t.Errorf("next: %v, want %s", err, tt.err)
				}
			})
		})
	}
}

// A change does not disturb an invocation under way; its environment ends
// after it.
func TestApplyWhileInvoking(t *testing.T) {
	dir := codeDir(t)
	for name, next := range map[string][]cloud.Function{
		"changed": {declare("f", dir, func(f *cloud.Function) { f.MemoryMB = 512 })}, "gone": nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, only(serve(slow)), declare("f", dir))
				time.AfterFunc(500*time.Millisecond, func() { b.Apply(newModel(t, next...)) })
				if res := b.call(t, "f", "5"); string(res.Payload) != "5" || !strings.Contains(string(res.LogTail), "Memory Size: 128 MB") {
					t.Errorf("the invocation under way: %s\n%s", res.Payload, res.LogTail)
				}
				synctest.Wait()
				if b.launcher.live() != 0 {
					t.Error("its environment is still there")
				}
			})
		})
	}
}

func TestCloseWhileInvoking(t *testing.T) {
	dir := codeDir(t)
	starting := func(rt *fakeRuntime) Exit { return rt.hang() }
	for name, p := range map[string]program{"in its function": serve(slow), "in init": starting} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, only(p), declare("f", dir))
				time.AfterFunc(500*time.Millisecond, func() { b.Close() })
				began := time.Now()
				_, err := b.Invoke(t.Context(), Request{Function: "f"})
				if e, ok := errors.AsType[*Error](err); !ok || e.Type != "ServiceException" || !strings.Contains(e.Message, "bailey stopped") {
					t.Errorf("got %v", err)
				}
				if d := time.Since(began); d != 500*time.Millisecond {
					t.Errorf("it took %v", d)
				}
				if _, err := b.Invoke(t.Context(), Request{Function: "f"}); err == nil {
					t.Error("a closed service invokes")
				}
				if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event}); err == nil {
					t.Error("a closed service takes events")
				}
			})
		})
	}
}

// A caller who hangs up does not stop the function.
func TestCallerGoes(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(slow)), declare("f", dir, reservedAt(1)))
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := b.Invoke(ctx, Request{Function: "f"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if _, err := b.Invoke(t.Context(), Request{Function: "f"}); err == nil {
			t.Error("the function does not count as running any more")
		}
		time.Sleep(time.Second)
		if log := strings.Join(b.logs.all(), "\n"); !strings.Contains(log, "Duration: 1000.00 ms") {
			t.Errorf("it did not run to its end:\n%s", log)
		}
		if res := b.call(t, "f", "1"); res.Timing.Init != 0 || res.Timing.Duration != time.Second {
			t.Errorf("its environment was lost: %+v", res.Timing)
		}
	})
}
