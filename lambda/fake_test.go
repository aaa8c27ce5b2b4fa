package lambda

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bailey/cloud"
)

// A program is a runtime written as a Go function: it talks HTTP to the
// Runtime API over connections in memory, so that it can live in a synctest
// bubble, where every duration is exact.
type program func(*fakeRuntime) Exit

// fakeLauncher starts programs, by the name of the function.
type fakeLauncher struct {
	programs map[string]program
	opened   error // what Open fails with
	started  error // what Start fails with
	peak     uint64

	mu     sync.Mutex
	places []*fakePlace
}

func (l *fakeLauncher) Open(_ context.Context, id string, f cloud.Function) (Place, error) {
	if l.opened != nil {
		return nil, l.opened
	}
	p := &fakePlace{l: l, id: id, function: f.FunctionName, listener: &memListener{conns: make(chan net.Conn), closed: make(chan struct{})}}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.places = append(l.places, p)
	return p, nil
}

// live is the number of places that are not closed.
func (l *fakeLauncher) live() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.places {
		if !p.closed {
			n++
		}
	}
	return n
}

type fakePlace struct {
	l            *fakeLauncher
	id, function string
	listener     *memListener
	commands     []Command
	proc         *fakeProcess
	closed       bool
}

func (p *fakePlace) RuntimeAPI() net.Listener { return p.listener }

func (p *fakePlace) Close() error {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	p.closed = true
	return nil
}

func (p *fakePlace) Start(c Command) (Process, error) {
	if p.l.started != nil {
		return nil, p.l.started
	}
	p.commands = append(p.commands, c)
	ctx, kill := context.WithCancel(context.Background())
	proc := &fakeProcess{ctx: ctx, kill: kill, peak: p.l.peak, done: make(chan struct{})}
	p.proc = proc
	rt := &fakeRuntime{proc: proc, place: p, env: c.Env, out: c.Output}
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return p.listener.dial() }}
	rt.client = &http.Client{Transport: transport}
	go func() {
		defer close(proc.done)
		defer transport.CloseIdleConnections()
		defer func() {
			if v := recover(); v == errKilled {
				proc.exit = Exit{Signal: syscall.SIGKILL}
			} else if v != nil {
				panic(v)
			}
		}()
		proc.exit = p.l.programs[p.function](rt)
	}()
	return proc, nil
}

type fakeProcess struct {
	ctx  context.Context
	kill context.CancelFunc
	peak uint64
	done chan struct{}
	exit Exit

	mu              sync.Mutex
	frozen          bool
	freezes, thawed int
	noThaw          bool
}

func (p *fakeProcess) Kill() error        { p.kill(); return nil }
func (p *fakeProcess) Wait() Exit         { <-p.done; return p.exit }
func (p *fakeProcess) MemoryPeak() uint64 { return p.peak }

func (p *fakeProcess) Freeze() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = true
	p.freezes++
	return nil
}

func (p *fakeProcess) Thaw() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.noThaw {
		return errors.New("no thaw")
	}
	p.frozen = false
	p.thawed++
	return nil
}

// memListener is a listener whose connections are net.Pipes.
type memListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *memListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9001} }

func (l *memListener) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

var errKilled = errors.New("killed")

// fakeRuntime is what a program has to work with. Its calls end the program
// when the process is killed.
type fakeRuntime struct {
	proc   *fakeProcess
	place  *fakePlace
	client *http.Client
	env    []string
	out    io.Writer
}

type event struct {
	id, payload string
	header      http.Header
}

func (rt *fakeRuntime) print(s string) { io.WriteString(rt.out, s) }

func (rt *fakeRuntime) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-rt.proc.ctx.Done():
		panic(errKilled)
	}
}

// hang waits to be killed.
func (rt *fakeRuntime) hang() Exit { rt.sleep(1000 * time.Hour); return Exit{} }

// call is one request to the Runtime API.
func (rt *fakeRuntime) call(method, path, body string, header ...string) (int, string, http.Header) {
	return rt.send(method, path, strings.NewReader(body), header...)
}

func (rt *fakeRuntime) send(method, path string, body io.Reader, header ...string) (int, string, http.Header) {
	req, err := http.NewRequestWithContext(rt.proc.ctx, method, "http://"+RuntimeAPIAddress+"/2018-06-01/runtime"+path, body)
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return rt.do(req)
}

func (rt *fakeRuntime) do(req *http.Request) (int, string, http.Header) {
	resp, err := rt.client.Do(req)
	if err != nil {
		panic(errKilled)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(errKilled)
	}
	return resp.StatusCode, string(text), resp.Header
}

func (rt *fakeRuntime) next() event {
	_, payload, h := rt.call("GET", "/invocation/next", "")
	return event{h.Get("Lambda-Runtime-Aws-Request-Id"), payload, h}
}

func (rt *fakeRuntime) respond(e event, body string) (int, string) {
	status, text, _ := rt.call("POST", "/invocation/"+e.id+"/response", body)
	return status, text
}

// serve is a program that answers every event with what handle returns.
func serve(handle func(*fakeRuntime, event) string) program {
	return func(rt *fakeRuntime) Exit {
		for {
			e := rt.next()
			rt.respond(e, handle(rt, e))
		}
	}
}

// echo answers with the event itself.
func echo(_ *fakeRuntime, e event) string { return e.payload }

// memOutlet takes output without a pipe.
type memOutlet struct{ output }

func newMemOutlet(add func(string)) (outlet, error) { return &memOutlet{output{add: add}}, nil }

func (o *memOutlet) writer() io.Writer { return o }
func (o *memOutlet) close()            {}

func (o *memOutlet) sync() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.endLine()
}

func (o *memOutlet) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.split(bytes.Clone(p))
	return len(p), nil
}

// memLogs keeps the log, by stream, in order.
type memLogs struct {
	mu      sync.Mutex
	streams map[string][]line
	groups  map[string]bool
	block   chan struct{} // not nil: PutAll waits for it
}

func (l *memLogs) PutAll(group, stream string, lines iter.Seq2[time.Time, string]) {
	if l.block != nil {
		<-l.block
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.streams == nil {
		l.streams, l.groups = map[string][]line{}, map[string]bool{}
	}
	l.groups[group] = true
	for t, text := range lines {
		l.streams[stream] = append(l.streams[stream], line{t, text})
	}
}

// all is every line, stream by stream.
func (l *memLogs) all() (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stream := range slices.Sorted(maps.Keys(l.streams)) {
		for _, e := range l.streams[stream] {
			out = append(out, e.text)
		}
	}
	return out
}

// codeDir is a folder with an executable bootstrap in it.
func codeDir(t testing.TB) string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// declare is a function with the least that one needs.
func declare(name, dir string, change ...func(*cloud.Function)) cloud.Function {
	f := cloud.Function{
		Meta:         cloud.Meta{Name: name, Type: "AWS::Lambda::Function"},
		ARN:          cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:" + name},
		FunctionName: name, Runtime: "provided.al2023", Handler: "bootstrap",
		Code: cloud.Code{Dir: dir}, Timeout: 3 * time.Second, MemoryMB: 128,
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func reservedAt(n int) func(*cloud.Function) { return func(f *cloud.Function) { f.Reserved = &n } }

func newModel(t testing.TB, functions ...cloud.Function) *cloud.Model {
	t.Helper()
	m, diags := cloud.New(cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "test", Functions: functions})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

// A bench is a service with programs for functions.
type bench struct {
	*Service
	launcher *fakeLauncher
	logs     *memLogs
}

// newBench makes one. Where ids matter, they are id-1, id-2 and so on.
func newBench(t testing.TB, programs map[string]program, functions ...cloud.Function) *bench {
	return newBenchWith(t, Config{}, programs, functions...)
}

func newBenchWith(t testing.TB, c Config, programs map[string]program, functions ...cloud.Function) *bench {
	t.Helper()
	b := &bench{launcher: &fakeLauncher{programs: programs, peak: 30 << 20}, logs: &memLogs{}}
	c.Model, c.Launcher, c.Logs = newModel(t, functions...), b.launcher, b.logs
	b.Service = New(c)
	b.newOutlet = newMemOutlet
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if n := b.launcher.live(); n != 0 {
			t.Errorf("%d environments left", n)
		}
	})
	return b
}

// call invokes and expects the API not to refuse.
func (b *bench) call(t testing.TB, function, payload string) Response {
	t.Helper()
	res, err := b.Invoke(context.Background(), Request{Function: function, Payload: []byte(payload), RequestID: "req", LogTail: true})
	if err != nil {
		t.Fatalf("invoke %s: %v", function, err)
	}
	return res
}

// only gives the one program for function f.
func only(p program) map[string]program { return map[string]program{"f": p} }
