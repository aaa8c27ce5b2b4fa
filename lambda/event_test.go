package lambda

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bailey/cloud"
)

// A record notes when an event's attempts ran, and how it was given up.
type record struct {
	mu        sync.Mutex
	attempts  []string // time since the test began, and the request id
	discarded []Discarded
}

func (r *record) attempt(began time.Time, e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = append(r.attempts, fmt.Sprint(time.Since(began), " ", e.id))
}

func (r *record) discard(d Discarded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.discarded = append(r.discarded, d)
}

// seen is what was noted so far.
func (r *record) seen() (attempts []string, discarded []Discarded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.attempts), slices.Clone(r.discarded)
}

func fail(rt *fakeRuntime, e event) {
	rt.call("POST", "/invocation/"+e.id+"/error", `{"errorMessage":"no"}`)
}

func TestEvents(t *testing.T) {
	dir := codeDir(t)
	tests := []struct {
		name     string
		failures int
		change   func(*cloud.Function)
		attempts []string
		gaveUp   string
	}{
		{"at once", 0, nil, []string{"0s req"}, ""},
		{"after one error", 1, nil, []string{"0s req", "1m0s req"}, ""},
		{"after two errors", 2, nil, []string{"0s req", "1m0s req", "3m0s req"}, ""},
		{"never", 3, nil, []string{"0s req", "1m0s req", "3m0s req"}, "RetriesExhausted"},
		{"turned off", 0, reservedAt(0), nil, "ZeroReservedConcurrency"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var r record
				failures := tt.failures
				p := func(rt *fakeRuntime) Exit {
					for {
						e := rt.next()
						r.attempt(began, e)
						if failures--; failures >= 0 {
							fail(rt, e)
						} else {
							rt.respond(e, "1")
						}
					}
				}
				f := declare("f", dir)
				if tt.change != nil {
					tt.change(&f)
				}
				b := newBenchWith(t, Config{Discarded: r.discard}, only(p), f)
				res, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event, Payload: []byte("[1]"), RequestID: "req"})
				if err != nil || res.Status != 202 || res.Payload != nil {
					t.Fatalf("got %+v, %v", res, err)
				}
				time.Sleep(10 * time.Minute)
				attempts, discarded := r.seen()
				if !slices.Equal(attempts, tt.attempts) {
					t.Errorf("attempts %q, want %q", attempts, tt.attempts)
				}
				switch {
				case tt.gaveUp == "" && len(discarded) != 0:
					t.Errorf("discarded: %+v", discarded)
				case tt.gaveUp != "" && (len(discarded) != 1 || discarded[0].Condition != tt.gaveUp || string(discarded[0].Payload) != "[1]" || discarded[0].Attempts != len(tt.attempts)):
					t.Errorf("discarded: %+v, want %s", discarded, tt.gaveUp)
				}
			})
		})
	}
}

// While a function is throttled its events wait, longer and longer, up to six
// hours.
func TestThrottledEvents(t *testing.T) {
	dir := codeDir(t)
	hog := serve(func(rt *fakeRuntime, e event) string {
		if e.payload == `"hog"` {
			rt.sleep(14 * time.Minute)
		}
		return "1"
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var r record
		b := newBenchWith(t, Config{Discarded: r.discard, Concurrency: 1}, map[string]program{
			"hog": hog, "f": serve(func(_ *fakeRuntime, e event) string { r.attempt(began, e); return "1" }),
		}, declare("f", dir), declare("hog", dir, func(f *cloud.Function) { f.Timeout = 15 * time.Minute }))
		go b.Invoke(t.Context(), Request{Function: "hog", Payload: []byte(`"hog"`)})
		synctest.Wait()
		if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event, RequestID: "req"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		// 1+2+4+...+256 s, then every 300 s: the first after 14 minutes.
		if attempts, _ := r.seen(); !slices.Equal(attempts, []string{"18m31s req"}) {
			t.Errorf("attempts %q", attempts)
		}
	})
}

func TestEventAge(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		var r record
		b := newBenchWith(t, Config{Discarded: r.discard, Concurrency: 1}, only(serve(echo)), declare("f", dir), declare("g", dir, reservedAt(1)))
		if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(maxEventAge - time.Minute)
		if _, discarded := r.seen(); len(discarded) != 0 {
			t.Errorf("discarded early: %+v", discarded)
		}
		time.Sleep(10 * time.Minute)
		if _, discarded := r.seen(); len(discarded) != 1 || discarded[0].Condition != "EventAgeExceeded" || discarded[0].Attempts != 0 {
			t.Errorf("discarded: %+v", discarded)
		}
	})
}

func TestEventOfRemovedFunction(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		var r record
		b := newBenchWith(t, Config{Discarded: r.discard}, only(func(rt *fakeRuntime) Exit { fail(rt, rt.next()); return rt.hang() }), declare("f", dir))
		if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		b.Apply(newModel(t))
		time.Sleep(time.Minute)
		if _, discarded := r.seen(); len(discarded) != 1 || discarded[0].Condition != "FunctionNotFound" {
			t.Errorf("discarded: %+v", discarded)
		}
	})
}

// Events of a function run beside each other up to a limit, the rest in turn.
func TestEventsInTurn(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var r record
		b := newBenchWith(t, Config{EventConcurrency: 2}, only(serve(func(rt *fakeRuntime, e event) string {
			rt.sleep(time.Second)
			r.attempt(began, event{id: ""})
			return "1"
		})), declare("f", dir))
		for range 5 {
			if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		attempts, _ := r.seen()
		if want := []string{"1s ", "1s ", "2s ", "2s ", "3s "}; !slices.Equal(attempts, want) {
			t.Errorf("ended at %q, want %q", attempts, want)
		}
	})
}

// Close drops what waits and what runs.
func TestCloseWithEvents(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBenchWith(t, Config{EventConcurrency: 1}, only(serve(slow)), declare("f", dir))
		for range 3 {
			if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: Event}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(1500 * time.Millisecond)
		began := time.Now()
		if err := b.Close(); err != nil || time.Since(began) != 0 {
			t.Errorf("close: %v after %v", err, time.Since(began))
		}
	})
}

// The client context is for synchronous invocations only.
func TestClientContext(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var got []string
		b := newBench(t, only(serve(func(_ *fakeRuntime, e event) string {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, e.header.Get("Lambda-Runtime-Client-Context")+e.header.Get("Lambda-Runtime-Cognito-Identity"))
			return "1"
		})), declare("f", dir))
		for _, typ := range []InvocationType{RequestResponse, Event} {
			if _, err := b.Invoke(t.Context(), Request{Function: "f", Type: typ, ClientContext: `{"a":1}`, CognitoIdentity: `{"b":2}`}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		mu.Lock()
		defer mu.Unlock()
		if want := []string{`{"a":1}{"b":2}`, ""}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
