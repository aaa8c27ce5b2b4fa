package lambda

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"bailey/cloud"
	"bailey/sandbox"
)

// sandboxed is a Launcher with real sandboxes, in networks of nothing but
// loopback.
type sandboxed struct{ host *sandbox.Host }

func newSandboxed(tb testing.TB) sandboxed {
	tb.Helper()
	if unsandboxed != nil {
		tb.Skip(unsandboxed)
	}
	host, err := sandbox.New()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := host.Close(); err != nil {
			tb.Error(err)
		}
	})
	return sandboxed{host}
}

func (l sandboxed) Open(_ context.Context, _ string, f cloud.Function) (Place, error) {
	ns, err := sandbox.NewNamespace()
	if err != nil {
		return nil, err
	}
	api, err := ns.Listen("tcp", RuntimeAPIAddress)
	if err != nil {
		return nil, errors.Join(err, ns.Close())
	}
	return &sandboxPlace{l.host, ns, api, f}, nil
}

type sandboxPlace struct {
	host     *sandbox.Host
	ns       *sandbox.Namespace
	api      net.Listener
	function cloud.Function
}

func (p *sandboxPlace) RuntimeAPI() net.Listener { return p.api }
func (p *sandboxPlace) Close() error             { return p.ns.Close() }

func (p *sandboxPlace) Start(c Command) (Process, error) {
	proc, err := p.host.Start(p.ns, sandbox.Config{
		Argv: c.Argv, Dir: c.Dir, Env: c.Env, Stdout: c.Output, Stderr: c.Output,
		Mounts:   []sandbox.Mount{sandbox.ReadOnly(p.function.Code.Dir, TaskRoot), sandbox.Tmpfs("/tmp", p.function.EphemeralMB)},
		MemoryMB: p.function.MemoryMB,
	})
	if err != nil {
		if no, ok := errors.AsType[syscall.Errno](err); ok && strings.Contains(err.Error(), "exec") {
			err = &ExecError{c.Argv[0], no}
		}
		return nil, err
	}
	return sandboxProcess{proc}, nil
}

type sandboxProcess struct{ *sandbox.Process }

func (p sandboxProcess) Wait() Exit {
	s := p.Process.Wait()
	return Exit{Code: s.ExitCode, Signal: s.Signal, OutOfMemory: s.OOMKilled}
}

func TestSandbox(t *testing.T) { processTests(t, newSandboxed(t)) }

func TestSandboxFiles(t *testing.T) {
	s, _ := newReal(t, newSandboxed(t), declare("f", build(t, "runtime")))
	if got := string(invoke(t, s, "f", `"write"`).Payload); got != `"open /var/task/x: read-only file system <nil>"` {
		t.Errorf("writing to /var/task and /tmp: %s", got)
	}
	if got := string(invoke(t, s, "f", `"environ"`).Payload); !strings.Contains(got, `"AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001"`) {
		t.Errorf("environment: %s", got)
	}
}

func TestSandboxMemory(t *testing.T) {
	l := newSandboxed(t)
	if !l.host.Limits().Memory {
		t.Skip(l.host.Limits())
	}
	s, _ := newReal(t, l, declare("f", build(t, "runtime"), func(f *cloud.Function) { f.Timeout *= 10 }))
	res := invoke(t, s, "f", `"hoard"`)
	if got := string(res.Payload); got != `{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: req Error: Runtime exited with error: signal: killed"}` {
		t.Errorf("got %s", got)
	}
	if log := string(res.LogTail); !strings.Contains(log, "Max Memory Used: 128 MB\t") || !strings.Contains(log, "Error Type: Runtime.OutOfMemory") {
		t.Errorf("log:\n%s", log)
	}
}
