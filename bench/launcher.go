//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/lambda"
	"bailey/path"
	"bailey/sandbox"
)

// A launcher makes execution environments of what world makes them of: a
// network namespace on the fabric and a sandbox in it.
type launcher struct {
	host   *sandbox.Host
	fabric *fabric.Fabric
}

// Open makes a place outside any VPC.
func (l launcher) Open(_ context.Context, id string, f cloud.Function) (lambda.Place, error) {
	p := &place{launcher: l, function: f}
	err := p.open(id)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

type place struct {
	launcher
	function cloud.Function
	ns       *sandbox.Namespace
	tap      *fabric.Tap
	listener net.Listener
}

func (p *place) open(id string) (err error) {
	if p.ns, err = sandbox.NewNamespace(); err != nil {
		return err
	}
	p.tap, err = p.fabric.Attach(p.ns, fabric.TapConfig{
		Label: id, From: path.FromLambda{}, Addr: netip.AddrFrom4([4]byte{198, 51, 100, 1}), Inner: fabric.LambdaInner,
	})
	if err != nil {
		return err
	}
	p.listener, err = p.ns.Listen("tcp4", lambda.RuntimeAPIAddress)
	return err
}

// RuntimeAPI listens on the environment's loopback.
func (p *place) RuntimeAPI() net.Listener { return p.listener }

// authorities is as long as one certificate.
var authorities = bytes.Repeat([]byte{'\n'}, 700)

// Start runs the function with all that an environment has: its code, /tmp,
// resolver, authorities and limits.
func (p *place) Start(c lambda.Command) (lambda.Process, error) {
	proc, err := p.host.Start(p.ns, sandbox.Config{
		Argv: c.Argv, Dir: c.Dir, Env: c.Env, Stdout: c.Output, Stderr: c.Output,
		Hostname: "169-254-76-2", User: "sbx_user1051", UID: 993, GID: 990,
		Mounts:   []sandbox.Mount{sandbox.Tmpfs("/tmp", 512), sandbox.ReadOnly(p.function.Code.Dir, lambda.TaskRoot)},
		Files:    map[string][]byte{"/etc/resolv.conf": []byte("nameserver 169.254.169.253\n"), "/etc/hosts": []byte("127.0.0.1 localhost\n")},
		CABundle: authorities, MemoryMB: p.function.MemoryMB, MaxPIDs: 1024, MaxFiles: 1024,
	})
	if err != nil {
		return nil, err
	}
	return process{proc}, nil
}

// Close removes the place.
func (p *place) Close() error {
	var errs []error
	if p.tap != nil {
		errs = append(errs, p.tap.Close())
	}
	if p.ns != nil {
		errs = append(errs, p.ns.Close())
	}
	return errors.Join(errs...)
}

// A process is a sandbox's as lambda sees one.
type process struct{ *sandbox.Process }

// Wait tells how the function ended.
func (p process) Wait() lambda.Exit {
	s := p.Process.Wait()
	return lambda.Exit{Code: s.ExitCode, Signal: s.Signal, OutOfMemory: s.OOMKilled}
}

// openFunction prepares the machine for a function that answers each event
// with the event. The result makes a Service that has no environment yet.
func (b *bench) openFunction() (func() *lambda.Service, error) {
	program, err := b.function()
	if err != nil {
		return nil, err
	}
	m, diags := cloud.New(cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "bench", Functions: []cloud.Function{{
		Meta:         cloud.Meta{Name: "Echo", Type: "AWS::Lambda::Function"},
		ARN:          cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:echo"},
		FunctionName: "echo", Runtime: "provided.al2023", Handler: "bootstrap", MemoryMB: 128, Timeout: 10 * time.Second,
		Code: cloud.Code{Dir: filepath.Dir(program)},
	}}})
	if err := diags.Err(); err != nil {
		return nil, err
	}
	host, err := sandbox.New()
	if err != nil {
		return nil, err
	}
	b.closing(host.Close)
	f := fabric.New(fabric.Config{Decider: decider{m}})
	b.closing(f.Close)
	return func() *lambda.Service {
		return lambda.New(lambda.Config{Model: m, Launcher: launcher{host, f}})
	}, nil
}

// event is what functions are invoked with.
var event = []byte(`{"key":"value"}`)

// invoke invokes the function once and looks at its answer.
func invoke(s *lambda.Service) error {
	r, err := s.Invoke(context.Background(), lambda.Request{Function: "echo", Payload: event})
	if err == nil && !bytes.Equal(r.Payload, event) {
		err = errors.New("the function answers " + string(r.Payload))
	}
	return err
}
