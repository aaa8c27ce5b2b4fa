package lambda

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bailey/cloud"
)

// plain is a Launcher whose environments are ordinary processes, each with its
// Runtime API on a port of its own. Code is run where it lies.
type plain struct{}

func (plain) Open(_ context.Context, _ string, f cloud.Function) (Place, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	return &plainPlace{l, f.Code.Dir}, err
}

type plainPlace struct {
	listener net.Listener
	dir      string
}

func (p *plainPlace) RuntimeAPI() net.Listener { return p.listener }
func (p *plainPlace) Close() error             { return nil }

func (p *plainPlace) Start(c Command) (Process, error) {
	cmd := exec.Command(filepath.Join(p.dir, "bootstrap"))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, c.Env, c.Output, c.Output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		if no, ok := errors.AsType[syscall.Errno](err); ok {
			err = &ExecError{bootstrap, no}
		}
		return nil, err
	}
	proc := &plainProcess{cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(proc.done)
		cmd.Wait()
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		proc.exit = Exit{Code: status.ExitStatus()}
		if status.Signaled() {
			proc.exit = Exit{Signal: status.Signal()}
		}
	}()
	return proc, nil
}

type plainProcess struct {
	cmd  *exec.Cmd
	done chan struct{}
	exit Exit
}

func (p *plainProcess) Freeze() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGSTOP) }
func (p *plainProcess) Thaw() error   { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGCONT) }
func (p *plainProcess) Kill() error   { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
func (p *plainProcess) Wait() Exit    { <-p.done; return p.exit }

func (p *plainProcess) MemoryPeak() uint64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, _, _ := strings.Cut(rest, "kB")
	n, _ := strconv.ParseUint(strings.TrimSpace(kb), 10, 64)
	return n << 10
}

// build compiles testdata/NAME into a folder as a function's code, once.
func build(tb testing.TB, name string) string {
	tb.Helper()
	builds.Lock()
	defer builds.Unlock()
	if dir, ok := builds.dirs[name]; ok {
		return dir
	}
	dir := filepath.Join(builds.root, name)
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "bootstrap"), ".")
	cmd.Dir, cmd.Env = filepath.Join("testdata", name), append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", name, err, out)
	}
	builds.dirs[name] = dir
	return dir
}

var builds = struct {
	sync.Mutex
	root string
	dirs map[string]string
}{dirs: map[string]string{}}

// newReal is a service whose functions are real processes.
func newReal(tb testing.TB, l Launcher, functions ...cloud.Function) (*Service, *memLogs) {
	tb.Helper()
	logs := &memLogs{}
	s := New(Config{Model: newModel(tb, functions...), Launcher: l, Logs: logs})
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s, logs
}

func invoke(tb testing.TB, s *Service, function, payload string) Response {
	tb.Helper()
	res, err := s.Invoke(context.Background(), Request{Function: function, Payload: []byte(payload), LogTail: true, RequestID: "req"})
	if err != nil {
		tb.Fatal(err)
	}
	return res
}

// withVariable sets an environment variable of a function.
func withVariable(name, value string) func(*cloud.Function) {
	return func(f *cloud.Function) { f.Env = []cloud.EnvVar{{Name: name, Value: cloud.Known(value)}} }
}

func TestProcess(t *testing.T) { processTests(t, plain{}) }

// processTests holds for every Launcher.
func processTests(t *testing.T, l Launcher) {
	dir := build(t, "runtime")
	short := func(f *cloud.Function) { f.Timeout = time.Second }
	tests := []struct {
		name, payload string
		change        func(*cloud.Function)
		want          string
		log           []string
	}{
		{"echo", `{"a":1}`, nil, `{"a":1}`, []string{"START RequestId: req", "Init Duration: "}},
		{"error", `"fail"`, nil, `{"errorMessage":"as asked","errorType":"errorString"}`, nil},
		{"panic", `"panic"`, nil, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited with error: exit status 2"}`,
			[]string{"panic: as asked", "main.handle(", "exit status 2\nRuntime.ExitError", "Status: error\tError Type: Runtime.ExitError"}},
		{"exit", `"exit"`, nil, `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited with error: exit status 1"}`, nil},
		{"timeout", `"hang"`, short, `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: req Error: Task timed out after 1.00 seconds"}`,
			[]string{"Duration: 1000.00 ms", "Status: timeout"}},
		{"init crash", "1", withVariable("INIT", "crash"), `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: req Error: Runtime exited with error: exit status 3"}`,
			[]string{"no, not today\nINIT_REPORT", "Phase: init\tStatus: error", "Phase: invoke\tStatus: error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := declare("f", dir)
			if tt.change != nil {
				tt.change(&f)
			}
			s, _ := newReal(t, l, f)
			res := invoke(t, s, "f", tt.payload)
			if string(res.Payload) != tt.want {
				t.Errorf("got %s\nwant %s", res.Payload, tt.want)
			}
			for _, part := range tt.log {
				if !strings.Contains(string(res.LogTail), part) {
					t.Errorf("the log lacks %q:\n%s", part, res.LogTail)
				}
			}
		})
	}
	t.Run("log", func(t *testing.T) { testProcessLog(t, l, dir) })
	t.Run("frozen", func(t *testing.T) { testFrozen(t, l, dir) })
	t.Run("large", func(t *testing.T) { testLarge(t, l, dir) })
}

// Everything that a function printed is in the log, in its order, when Invoke
// returns, whichever of the two outputs it went to.
func testProcessLog(t *testing.T, l Launcher, dir string) {
	s, logs := newReal(t, l, declare("f", dir))
	for round := range 5 {
		invoke(t, s, "f", `"print"`)
		var want []string
		for i := range 500 {
			want = append(want, fmt.Sprint("out ", i), fmt.Sprint("err ", i))
		}
		want = append(want, "the last one has no end", "END RequestId: req")
		all := strings.Join(logs.all(), "\n")
		if got := strings.Count(all, strings.Join(want, "\n")); got != round+1 {
			t.Fatalf("after %d invocations the log has the output %d times", round+1, got)
		}
	}
}

// While one function lets a hundred of its ticks pass, the other, at rest,
// gets none of its own: at most the few around its two invocations.
func testFrozen(t *testing.T, l Launcher, dir string) {
	tick := withVariable("INIT", "tick")
	s, _ := newReal(t, l, declare("rests", dir, tick), declare("runs", dir, tick))
	count := func() int {
		n, err := strconv.Atoi(string(invoke(t, s, "rests", `"ticks"`).Payload))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	for range 3 {
		invoke(t, s, "runs", `"pass"`)
	}
	if after := count(); after-before > 100 {
		t.Errorf("%d ticks passed in a frozen function while 300 did in another", after-before)
	}
}

func testLarge(t *testing.T, l Launcher, dir string) {
	s, _ := newReal(t, l, declare("f", dir))
	payload := `"` + strings.Repeat("x", requestLimit-2) + `"`
	if got := invoke(t, s, "f", payload); string(got.Payload) != payload {
		t.Errorf("of %d bytes %d came back", len(payload), len(got.Payload))
	}
}

// A program for no processor at all.
func TestProcessFormat(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("\x7fELF is all it has"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, _ := newReal(t, plain{}, declare("f", dir))
	want := `{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: req Error: fork/exec /var/task/bootstrap: exec format error"}`
	if res := invoke(t, s, "f", "1"); string(res.Payload) != want {
		t.Errorf("got %s", res.Payload)
	}
}

// A function on the unmodified aws-lambda-go.
func TestAWSLambdaGo(t *testing.T) {
	s, _ := newReal(t, plain{}, declare("f", build(t, "awslambdago")))
	ask := func(do string) (string, string) {
		res, err := s.Invoke(t.Context(), Request{Function: "f", Payload: []byte(`{"Do":"` + do + `"}`), LogTail: true,
			ClientContext: `{"client":{"app_title":"app"}}`, TraceID: "Root=1-0-1;Parent=2;Sampled=0", RequestID: "req"})
		if err != nil {
			t.Fatal(err)
		}
		return string(res.Payload), string(res.LogTail)
	}
	got, log := ask("context")
	for _, part := range []string{`"arn":"arn:aws:lambda:us-west-2:123456789012:function:f"`, `"name":"f"`, `"memory":128`, `"client":"app"`, `"deadline":true`, `"trace":"Root=1-0-1;Parent=2;Sampled=0"`, `[$LATEST]`} {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %s", got, part)
		}
	}
	if !strings.Contains(log, "\nin the handler of req\nEND RequestId: req\n") {
		t.Errorf("log:\n%s", log)
	}
	if got, _ := ask("fail"); got != `{"errorMessage":"as asked","errorType":"errorString"}` {
		t.Errorf("error: %s", got)
	}
	if got, _ := ask("stream"); got != "streamed" {
		t.Errorf("stream: %s", got)
	}
	if got, log := ask("panic"); !strings.HasPrefix(got, `{"errorMessage":"as asked","errorType":"string","stackTrace":[{"path":`) || !strings.Contains(log, "Runtime.ExitError") {
		t.Errorf("panic: %s\n%s", got, log)
	}
	if got, _ := ask("exit"); !strings.Contains(got, "exit status 7") {
		t.Errorf("exit: %s", got)
	}
}
