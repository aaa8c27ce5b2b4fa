package lambda

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"bailey/cloud"
)

// each phase that can fail, with AWS's words for it. In the bubble of synctest
// time passes only where a program sleeps, so that all durations are exact.
func TestPhases(t *testing.T) {
	dir := codeDir(t)
	const start, end = "START RequestId: req Version: $LATEST", "END RequestId: req"
	boots := 0 // of the program of one case
	tests := []struct {
		name    string
		program program
		want    []string // the log, after INIT_START
		payload string
		failed  bool
	}{
		{"success", func(rt *fakeRuntime) Exit {
			rt.print("hello from init\n")
			rt.sleep(100 * time.Millisecond)
			return serve(func(rt *fakeRuntime, e event) string {
				rt.print("one\ntwo\nthree without an end")
				rt.sleep(2120 * time.Microsecond)
				return `{"ok":true}`
			})(rt)
		}, []string{
			"hello from init", start, "one", "two", "three without an end", end,
			"REPORT RequestId: req\tDuration: 2.12 ms\tBilled Duration: 103 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tInit Duration: 100.00 ms\t",
		}, `{"ok":true}`, false},

		{"the handler fails", func(rt *fakeRuntime) Exit {
			for {
				e := rt.next()
				rt.call("POST", "/invocation/"+e.id+"/error", `{"errorMessage":"boom","errorType":"errorString","stackTrace":[]}`, "Lambda-Runtime-Function-Error-Type", "errorString")
			}
		}, []string{start, end,
			"REPORT RequestId: req\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\t",
		}, `{"errorMessage":"boom","errorType":"errorString","stackTrace":[]}`, true},

		{"timeout", serve(func(rt *fakeRuntime, _ event) string {
			rt.print("waiting\n")
			rt.hang()
			return ""
		}), []string{start, "waiting", end,
			"REPORT RequestId: req\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: timeout",
		}, `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: req Error: Task timed out after 3.00 seconds"}`, true},

		{"exit status 1", func(rt *fakeRuntime) Exit {
			rt.next()
			rt.print("going down\n")
			return Exit{Code: 1}
		}, []string{start, "going down",
			"RequestId: req Error: Runtime exited with error: exit status 1\nRuntime.ExitError", end,
			"REPORT RequestId: req\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError",
		}, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited with error: exit status 1"}`, true},

		{"exit status 0", func(rt *fakeRuntime) Exit {
			rt.next()
			return Exit{}
		}, []string{start,
			"RequestId: req Error: Runtime exited without providing a reason\nRuntime.ExitError", end,
			"REPORT RequestId: req\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError",
		}, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited without providing a reason"}`, true},

		{"segmentation fault", func(rt *fakeRuntime) Exit {
			rt.next()
			return Exit{Signal: syscall.SIGSEGV}
		}, []string{start,
			"RequestId: req Error: Runtime exited with error: signal: segmentation fault\nRuntime.ExitError", end,
			"REPORT RequestId: req\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError",
		}, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited with error: signal: segmentation fault"}`, true},

		{"out of memory", func(rt *fakeRuntime) Exit {
			rt.next()
			rt.sleep(time.Second)
			rt.proc.peak = 128<<20 + 5
			return Exit{Signal: syscall.SIGKILL, OutOfMemory: true}
		}, []string{start,
			"RequestId: req Error: Runtime exited with error: signal: killed\nRuntime.ExitError", end,
			"REPORT RequestId: req\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\tStatus: error\tError Type: Runtime.OutOfMemory",
		}, `{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: req Error: Runtime exited with error: signal: killed"}`, true},

		{"crash in init, twice", func(rt *fakeRuntime) Exit {
			rt.print("cannot start\n")
			rt.sleep(10 * time.Millisecond)
			return Exit{Code: 2}
		}, []string{
			"cannot start", "INIT_REPORT Init Duration: 10.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError",
			"cannot start", "INIT_REPORT Init Duration: 10.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError",
			start, "RequestId: req Error: Runtime exited with error: exit status 2\nRuntime.ExitError", end,
			"REPORT RequestId: req\tDuration: 10.00 ms\tBilled Duration: 10 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError",
		}, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited with error: exit status 2"}`, true},

		{"crash in init, once", func(rt *fakeRuntime) Exit {
			if boots++; boots == 1 {
				return Exit{Code: 1}
			}
			rt.sleep(50 * time.Millisecond)
			return serve(echo)(rt)
		}, []string{
			"INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError", start, end,
			"REPORT RequestId: req\tDuration: 50.00 ms\tBilled Duration: 50 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\t",
		}, `{"in":1}`, false},

		{"init says why it cannot", func(rt *fakeRuntime) Exit {
			rt.call("POST", "/init/error", `{"errorMessage":"no table","errorType":"Function.NoTable"}`, "Lambda-Runtime-Function-Error-Type", "Function.NoTable")
			return Exit{Code: 1}
		}, []string{
			"INIT_REPORT Init Duration: 0.00 ms\tPhase: init\tStatus: error\tError Type: Function.NoTable",
			"INIT_REPORT Init Duration: 0.00 ms\tPhase: invoke\tStatus: error\tError Type: Function.NoTable", start, end,
			"REPORT RequestId: req\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Function.NoTable",
		}, `{"errorMessage":"no table","errorType":"Function.NoTable"}`, true},

		{"init too slow, and again", (*fakeRuntime).hang, []string{
			"INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout",
			"INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout", start, end,
			"REPORT RequestId: req\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: timeout",
		}, `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: req Error: Task timed out after 3.00 seconds"}`, true},

		{"exit after the response", func(rt *fakeRuntime) Exit {
			e := rt.next()
			rt.respond(e, `"done"`)
			return Exit{Code: 3}
		}, []string{start, end,
			"REPORT RequestId: req\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: error\tError Type: Runtime.ExitError",
		}, `"done"`, false},

		{"work after the response", func(rt *fakeRuntime) Exit {
			for {
				e := rt.next()
				rt.respond(e, `"done"`)
				rt.print("tidying up\n")
				rt.sleep(time.Second)
			}
		}, []string{start, "tidying up", end,
			"REPORT RequestId: req\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\t",
		}, `"done"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, only(tt.program), declare("f", dir))
				res := b.call(t, "f", `{"in":1}`)
				if got := string(res.Payload); got != tt.payload {
					t.Errorf("payload %s\n   want %s", got, tt.payload)
				}
				if got := res.FunctionError != ""; got != tt.failed || tt.failed && res.FunctionError != "Unhandled" {
					t.Errorf("function error %q, want one: %v", res.FunctionError, tt.failed)
				}
				log := b.logs.all()
				if !strings.HasPrefix(log[0], "INIT_START Runtime Version: provided:al2023.v1\tRuntime Version ARN: arn:aws:lambda:us-west-2::runtime:") {
					t.Errorf("the log begins with %q", log[0])
				}
				if !slices.Equal(log[1:], tt.want) {
					t.Errorf("log:\n%s\nwant:\n%s", strings.Join(log[1:], "\n"), strings.Join(tt.want, "\n"))
				}
				if got, want := string(res.LogTail), strings.Join(tt.want, "\n")+"\n"; got != want {
					t.Errorf("tail:\n%s\nwant:\n%s", got, want)
				}
			})
		})
	}
}

func TestEntrypoint(t *testing.T) {
	tests := []struct {
		name  string
		dir   string
		start error
		want  string
	}{
		{"no bootstrap", t.TempDir(), nil, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"},
		{"not executable", "testdata/notexecutable", nil, "fork/exec /var/task/bootstrap: permission denied"},
		{"other processor", codeDir(t), &ExecError{"/var/task/bootstrap", syscall.ENOEXEC}, "fork/exec /var/task/bootstrap: exec format error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil, declare("f", tt.dir))
			b.launcher.started = tt.start
			res := b.call(t, "f", "{}")
			want := `{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: req Error: ` + tt.want + `"}`
			if got := strings.ReplaceAll(string(res.Payload), `\u0026`, "&"); got != want {
				t.Errorf("payload %s\n   want %s", got, want)
			}
			log := strings.Join(b.logs.all(), "\n")
			for _, part := range []string{"Phase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint", "Phase: invoke\tStatus: error\tError Type: Runtime.InvalidEntrypoint", tt.want + "\nRuntime.InvalidEntrypoint"} {
				if !strings.Contains(log, part) {
					t.Errorf("the log lacks %q:\n%s", part, log)
				}
			}
		})
	}
}

// What Bailey itself cannot do is no error of the function's.
func TestPlaceFails(t *testing.T) {
	b := newBench(t, nil, declare("f", codeDir(t)))
	b.launcher.started = syscall.EAGAIN
	if _, err := b.Invoke(t.Context(), Request{Function: "f"}); err == nil || !strings.Contains(err.Error(), "ServiceException") {
		t.Errorf("a place that cannot start: %v", err)
	}
	b.launcher.opened = syscall.ENOSPC
	if _, err := b.Invoke(t.Context(), Request{Function: "f"}); err == nil || !strings.Contains(err.Error(), "execution environment of f: no space left on device") {
		t.Errorf("a place that cannot be opened: %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(echo)), declare("f", dir, func(f *cloud.Function) {
			f.Env = []cloud.EnvVar{{Name: "TABLE", Value: cloud.Known("orders")}, {Name: "LANG", Value: cloud.Known("C")}}
		}))
		b.call(t, "f", "{}")
		stream := logStream(time.Now(), b.launcher.places[0].id)
		want := []string{
			"AWS_ACCESS_KEY_ID=", "AWS_DEFAULT_REGION=us-west-2",
			"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_FUNCTION_NAME=f", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
			"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f", "AWS_LAMBDA_LOG_STREAM_NAME=" + stream,
			"AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001", "AWS_REGION=us-west-2", "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=",
			"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR", "AWS_XRAY_DAEMON_ADDRESS=169.254.79.129:2000",
			"LAMBDA_RUNTIME_DIR=/var/runtime", "LAMBDA_TASK_ROOT=/var/task", "LANG=C",
			"LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
			"PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin", "TABLE=orders", "TZ=:UTC", "_HANDLER=bootstrap",
		}
		got := b.launcher.places[0].commands[0]
		if !slices.Equal(got.Env, want) {
			t.Errorf("environment:\n%s\nwant:\n%s", strings.Join(got.Env, "\n"), strings.Join(want, "\n"))
		}
		if got.Argv[0] != "/var/task/bootstrap" || got.Dir != "/var/task" {
			t.Errorf("command %v in %s", got.Argv, got.Dir)
		}
		if !b.logs.groups["/aws/lambda/f"] || len(b.logs.streams[stream]) == 0 || !strings.HasPrefix(stream, "2000/01/01/[$LATEST]") || len(stream) != len("2000/01/01/[$LATEST]")+32 {
			t.Errorf("the log is not in %s: %v", stream, b.logs.streams)
		}
	})
}
