package lambda

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lingering is a function that answers, and works on for a while before its
// runtime asks for the next event, as extensions and streaming runtimes do.
func lingering(d time.Duration) map[string]program {
	return only(func(rt *fakeRuntime) Exit {
		for {
			e := rt.next()
			rt.respond(e, e.payload)
			rt.sleep(d)
			rt.print("afterwards\n")
		}
	})
}

// The caller has the answer when the runtime posts it; the invocation's report,
// its duration and the environment come when the runtime asks for the next.
func TestAnsweredBeforeTheEnd(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, lingering(time.Second), declare("f", dir))
		began := time.Now()
		res, err := b.Invoke(t.Context(), Request{Function: "f", Payload: []byte("1")})
		if err != nil || string(res.Payload) != "1" || time.Since(began) != 0 || res.Timing.Duration != 0 {
			t.Errorf("after %v: %+v, %v", time.Since(began), res, err)
		}
		synctest.Wait()
		if log := strings.Join(b.logs.all(), "\n"); strings.Contains(log, "END") {
			t.Errorf("the invocation has ended already:\n%s", log)
		}
		time.Sleep(time.Second + flushAfter)
		synctest.Wait()
		if log := strings.Join(b.logs.all(), "\n"); !strings.Contains(log, "afterwards\nEND") || !strings.Contains(log, "\tDuration: 1000.00 ms\t") {
			t.Errorf("a second later:\n%s", log)
		}
		began = time.Now()
		whole := b.call(t, "f", "2")
		if time.Since(began) != time.Second || !strings.Contains(string(whole.LogTail), "afterwards\nEND") || whole.Environment != res.Environment {
			t.Errorf("who wants the log's end has waited %v for %q", time.Since(began), whole.LogTail)
		}
	})
}

// A caller who follows at once gets the environment that answered, if it is
// free in a moment, and is not throttled by it.
func TestOnTheHeel(t *testing.T) {
	dir := codeDir(t)
	tests := []struct {
		lingers      time.Duration
		reserved     int
		environments int
		refused      int
	}{
		{0, 1, 1, 0},
		{heel / 2, 5, 1, 0},
		{heel / 2, 1, 1, 0},
		{time.Second, 5, 3, 0},
		{time.Second, 1, 1, 2},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v, at most %d", tt.lingers, tt.reserved), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, lingering(tt.lingers), declare("f", dir, reservedAt(tt.reserved)))
				var environments []string
				var refused []error
				for range 3 {
					res, err := b.Invoke(t.Context(), Request{Function: "f"})
					if err != nil {
						refused = append(refused, err)
					} else if !slices.Contains(environments, res.Environment) {
						environments = append(environments, res.Environment)
					}
				}
				if len(environments) != tt.environments || len(refused) != tt.refused {
					t.Errorf("%d environments, refused %v; want %d and %d times", len(environments), refused, tt.environments, tt.refused)
				}
				for _, reason := range throttled(refused) {
					if reason != ReasonReserved {
						t.Errorf("refused with %q", reason)
					}
				}
			})
		})
	}
}

// Several callers who follow at once take turns: none of them makes an
// environment more than there were callers.
func TestManyOnTheHeel(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, lingering(heel/4), declare("f", dir))
		all := map[string]int{}
		for range 10 {
			ran, errs := b.together(4)
			if errs != nil {
				t.Fatal(errs)
			}
			for e := range ran {
				all[e]++
			}
		}
		if len(all) != 4 {
			t.Errorf("4 callers at a time have used %d environments", len(all))
		}
	})
}

// What goes wrong after the answer is in the log, and costs the environment,
// not the caller.
func TestFaultAfterTheAnswer(t *testing.T) {
	dir := codeDir(t)
	for name, tt := range map[string]struct {
		then func(*fakeRuntime) Exit
		want string
	}{
		"ends":  {func(*fakeRuntime) Exit { return Exit{Code: 3} }, "Status: error\tError Type: Runtime.ExitError"},
		"hangs": {(*fakeRuntime).hang, "Status: timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, only(func(rt *fakeRuntime) Exit {
					rt.respond(rt.next(), `"fine"`)
					return tt.then(rt)
				}), declare("f", dir))
				res, err := b.Invoke(t.Context(), Request{Function: "f"})
				if err != nil || string(res.Payload) != `"fine"` || res.FunctionError != "" {
					t.Errorf("got %s, %v", res.Payload, err)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if log := strings.Join(b.logs.all(), "\n"); !strings.Contains(log, tt.want) || b.launcher.live() != 0 {
					t.Errorf("%d environments live; the log:\n%s", b.launcher.live(), log)
				}
			})
		})
	}
}
