package lambda

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// one serves a single event by hand and then hangs.
func one(handle func(*fakeRuntime, event)) program {
	return func(rt *fakeRuntime) Exit {
		handle(rt, rt.next())
		for {
			rt.next()
		}
	}
}

func TestNextHeaders(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		got := make(chan http.Header, 1)
		b := newBench(t, only(one(func(rt *fakeRuntime, e event) {
			got <- e.header
			rt.respond(e, "1")
		})), declare("f", dir))
		deadline := time.Now().Add(3 * time.Second).UnixMilli()
		b.call(t, "f", "{}")
		h := <-got
		for name, want := range map[string]string{
			"Content-Type": "application/json", "Content-Length": "2",
			"Lambda-Runtime-Aws-Request-Id":       "req",
			"Lambda-Runtime-Deadline-Ms":          strconv.FormatInt(deadline, 10),
			"Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-west-2:123456789012:function:f",
			"Lambda-Runtime-Client-Context":       "",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, h.Get(name), want)
			}
		}
		var root, id, parent string
		trace := strings.NewReplacer("-", " ", ";", " ", "=", " ").Replace(h.Get("Lambda-Runtime-Trace-Id"))
		if _, err := fmt.Sscanf(trace, "Root 1 %s %s Parent %s Sampled 0", &root, &id, &parent); err != nil || len(root) != 8 || len(id) != 24 || len(parent) != 16 {
			t.Errorf("trace id %q: %v", h.Get("Lambda-Runtime-Trace-Id"), err)
		}
	})
}

// What the Runtime API says to a runtime that does something wrong, and what
// the caller of the function then gets.
func TestRuntimeMistakes(t *testing.T) {
	dir := codeDir(t)
	const invalidID = `{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}`
	transition := func(from, to string) string {
		return `{"errorMessage":"State transition from ` + from + ` to ` + to + ` failed for runtime. Error: State transition is not allowed","errorType":"InvalidStateTransition"}`
	}
	tooLarge := strings.Repeat("x", responseLimit+1)
	tests := []struct {
		name   string
		act    func(*fakeRuntime, event) (int, string)
		status int
		body   string
		want   string // of Invoke
	}{
		{"wrong id", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.call("POST", "/invocation/other/response", "1")
			rt.respond(e, "2")
			return status, text
		}, 400, invalidID, "2"},
		{"wrong id of an error", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.call("POST", "/invocation/other/error", "{}")
			rt.respond(e, "2")
			return status, text
		}, 400, invalidID, "2"},
		{"two responses", func(rt *fakeRuntime, e event) (int, string) {
			rt.respond(e, "1")
			return rt.respond(e, "2")
		}, 403, transition("RuntimeResponseSentState", "InvocationResponse"), "1"},
		{"an error after the response", func(rt *fakeRuntime, e event) (int, string) {
			rt.respond(e, "1")
			status, text, _ := rt.call("POST", "/invocation/"+e.id+"/error", "{}")
			return status, text
		}, 403, transition("RuntimeResponseSentState", "InvocationErrorResponse"), "1"},
		{"an init error too late", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.call("POST", "/init/error", "{}")
			rt.respond(e, "1")
			return status, text
		}, 403, transition("Running", "InitError"), "1"},
		{"asks twice", func(rt *fakeRuntime, e event) (int, string) {
			again := rt.next()
			rt.respond(again, "1")
			return 0, again.payload
		}, 0, "{}", "1"},
		{"accepted", func(rt *fakeRuntime, e event) (int, string) { return rt.respond(e, `{"a":[1, 2]}`) }, 202, `{"status":"OK"}`, `{"a":[1, 2]}`},
		{"not even JSON", func(rt *fakeRuntime, e event) (int, string) { return rt.respond(e, "plain") }, 202, `{"status":"OK"}`, "plain"},
		{"empty", func(rt *fakeRuntime, e event) (int, string) { return rt.respond(e, "") }, 202, `{"status":"OK"}`, ""},
		{"as large as can be", func(rt *fakeRuntime, e event) (int, string) { return rt.respond(e, tooLarge[1:]) }, 202, `{"status":"OK"}`, tooLarge[1:]},
		{"too large", func(rt *fakeRuntime, e event) (int, string) { return rt.respond(e, tooLarge) }, 413,
			`{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}`,
			`{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`},
		{"too large, in pieces", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.send("POST", "/invocation/"+e.id+"/response", io.MultiReader(strings.NewReader(tooLarge)))
			return status, text
		}, 413, `{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}`,
			`{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`},
		{"streaming", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.send("POST", "/invocation/"+e.id+"/response", io.MultiReader(strings.NewReader("a"), strings.NewReader("b")), "Lambda-Runtime-Function-Response-Mode", "streaming")
			return status, text
		}, 202, `{"status":"OK"}`, "ab"},
		{"unknown mode", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.call("POST", "/invocation/"+e.id+"/response", "1", "Lambda-Runtime-Function-Response-Mode", "telepathy")
			return status, text
		}, 400, `{"errorMessage":"Invalid function response mode","errorType":"InvalidFunctionResponseMode"}`, `{"errorType":"Runtime.InvalidResponseModeHeader"}`},
		{"an error with its cause for X-Ray", func(rt *fakeRuntime, e event) (int, string) {
			status, text, _ := rt.call("POST", "/invocation/"+e.id+"/error", `{"errorMessage":"m","errorType":"t","errorCause":{"x":1}}`, "Content-Type", "application/vnd.aws.lambda.error.cause+json")
			return status, text
		}, 202, `{"status":"OK"}`, `{"errorMessage":"m","errorType":"t"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var status int
				var body string
				b := newBench(t, only(one(func(rt *fakeRuntime, e event) { status, body = tt.act(rt, e) })), declare("f", dir))
				res := b.call(t, "f", "{}")
				if status != tt.status || strings.TrimSpace(body) != tt.body {
					t.Errorf("the runtime gets %d %s\nwant %d %s", status, body, tt.status, tt.body)
				}
				if got := string(res.Payload); got != tt.want {
					t.Errorf("the caller gets %d bytes %.200s\nwant %d bytes %.200s", len(got), got, len(tt.want), tt.want)
				}
			})
		})
	}
}

// A streaming runtime whose handler fails in the middle says so in trailers.
func TestStreamedError(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(one(func(rt *fakeRuntime, e event) {
			req, _ := http.NewRequestWithContext(rt.proc.ctx, "POST", "http://"+RuntimeAPIAddress+"/2018-06-01/runtime/invocation/"+e.id+"/response", io.MultiReader(strings.NewReader("half of")))
			req.Header.Set("Lambda-Runtime-Function-Response-Mode", "streaming")
			req.Trailer = http.Header{
				"Lambda-Runtime-Function-Error-Type": {"Runtime.Broken"},
				"Lambda-Runtime-Function-Error-Body": {base64.StdEncoding.EncodeToString([]byte(`{"errorType":"Broken"}`))},
			}
			rt.do(req)
		})), declare("f", dir))
		res := b.call(t, "f", "{}")
		if string(res.Payload) != `{"errorType":"Broken"}` || res.FunctionError != "Unhandled" {
			t.Errorf("got %s, %q", res.Payload, res.FunctionError)
		}
	})
}

// A response cut short is not a response.
func TestTruncatedResponse(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(one(func(rt *fakeRuntime, e event) {
			c, err := rt.place.listener.dial()
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(c, "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this", e.id)
			c.Close()
			rt.sleep(time.Millisecond)
		})), declare("f", dir))
		if res := b.call(t, "f", "{}"); string(res.Payload) != `{"errorType":"Runtime.TruncatedResponse"}` || res.FunctionError == "" {
			t.Errorf("got %s", res.Payload)
		}
	})
}

// A slow reader gets the whole event, in its own time.
func TestSlowReader(t *testing.T) {
	dir := codeDir(t)
	payload := `"` + strings.Repeat("x", 1<<20) + `"`
	synctest.Test(t, func(t *testing.T) {
		got := 0
		b := newBench(t, only(func(rt *fakeRuntime) Exit {
			c, err := rt.place.listener.dial()
			if err != nil {
				panic(err)
			}
			defer c.Close()
			io.WriteString(c, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			buf := make([]byte, 64<<10)
			for n := 1; n > 0; got += n {
				n, _ = c.Read(buf)
				rt.sleep(10 * time.Millisecond)
			}
			rt.respond(event{id: "req"}, "1")
			rt.next()
			return Exit{}
		}), declare("f", dir))
		if res := b.call(t, "f", payload); string(res.Payload) != "1" || got < len(payload) || res.Timing.Duration < 100*time.Millisecond {
			t.Errorf("got %s after %d bytes in %v", res.Payload, got, res.Timing.Duration)
		}
	})
}

func TestOtherPaths(t *testing.T) {
	api := runtimeAPI(newSession)
	for req, want := range map[string]int{
		"GET /":                   404,
		"GET /2018-06-01/runtime": 404,
		"GET /2019-01-01/runtime/invocation/next":         404,
		"POST /2018-06-01/runtime/invocation/next":        405,
		"GET /2018-06-01/runtime/invocation/x/response":   405,
		"POST /2018-06-01/runtime/invocation/x/response":  400,
		"POST /2018-06-01/runtime/invocation//response":   307,
		"POST /2018-06-01/runtime/invocation/x/something": 404,
		"POST /2020-01-01/extension/register":             404,
	} {
		method, path, _ := strings.Cut(req, " ")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != want && !(want == 307 && w.Code == 301) {
			t.Errorf("%s: %d, want %d", req, w.Code, want)
		}
		if strings.Contains(path, "extension") && !strings.Contains(w.Body.String(), "bailey does not run Lambda extensions yet") {
			t.Errorf("%s: %s", req, w.Body)
		}
	}
}

func TestErrorTypes(t *testing.T) {
	for claimed, want := range map[string]string{
		"Runtime.NoSuchHandler": "Runtime.NoSuchHandler", "Function.Broken": "Function.Broken",
		"Function.": "Function.Unknown", "errorString": "Runtime.Unknown", "": "Runtime.Unknown",
	} {
		if got := validErrorType(claimed); got != want {
			t.Errorf("%q becomes %q, want %q", claimed, got, want)
		}
	}
}

// FuzzRuntimeAPI sends a session in any state a request of any kind: it must
// answer, and never hand out an answer that nobody claimed.
func FuzzRuntimeAPI(f *testing.F) {
	f.Add(uint8(0), "GET", "/2018-06-01/runtime/invocation/next", "", "", "")
	f.Add(uint8(1), "POST", "/2018-06-01/runtime/invocation/req/response", "{}", "Lambda-Runtime-Function-Response-Mode", "streaming")
	f.Add(uint8(1), "POST", "/2018-06-01/runtime/invocation/req/error", `{"errorMessage":1}`, "Content-Type", "application/vnd.aws.lambda.error.cause+json")
	f.Add(uint8(2), "POST", "/2018-06-01/runtime/invocation/req/response", "x", "", "")
	f.Add(uint8(0), "POST", "/2018-06-01/runtime/init/error", "x", "Lambda-Runtime-Function-Error-Type", "Function.X")
	f.Add(uint8(3), "DELETE", "/2018-06-01/../%2e%2e//runtime/invocation/%00/response", "x", "Content-Length", "-1")
	f.Fuzz(func(t *testing.T, start uint8, method, path, body, header, value string) {
		s := newSession()
		inv := &invocation{id: "req", arn: "arn", trace: "trace", payload: []byte("{}"), answered: make(chan struct{})}
		if start%4 > 0 {
			s.deliver(inv)
		}
		if start%4 > 1 {
			s.begin(stateResponding)
			s.finish(answer{payload: []byte("first")})
		}
		req, err := http.NewRequest(method, "http://x"+path, bytes.NewReader([]byte(body)))
		if err != nil {
			return
		}
		if header != "" {
			req.Header[header] = []string{value}
		}
		ctx, cancel := contextThatEnds()
		defer cancel()
		w := httptest.NewRecorder()
		runtimeAPI(func() *session { return s }).ServeHTTP(w, req.WithContext(ctx))
		if w.Code < 200 || w.Code > 499 {
			t.Errorf("%s %s: %d", method, path, w.Code)
		}
		if w.Code == http.StatusAccepted && s.state != stateResponseSent && s.state != stateInitError {
			t.Errorf("accepted, but the state is %s", s.state)
		}
		if start%4 > 1 && string(inv.answer.payload) != "first" {
			t.Errorf("the answer changed to %q", inv.answer.payload)
		}
	})
}
