package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"bailey/cloud"
	"bailey/sandbox"
)

// An ExecRequest asks to run a command where a function or an instance is. It
// is sent over the exec socket as one message, together with the descriptors
// of standard input, output and error.
type ExecRequest struct {
	Name string   `json:"name"`
	Argv []string `json:"argv"`
	Env  []string `json:"env,omitempty"` // of the terminal: TERM
}

// An ExecReply ends it.
type ExecReply struct {
	Code  int    `json:"code"`
	Error string `json:"error,omitempty"`
}

// ExecSocket is the path of the exec socket that goes with a control socket.
func ExecSocket(control string) string { return strings.TrimSuffix(control, ".sock") + "-exec.sock" }

// serveExec opens the exec socket.
func (w *World) serveExec() error {
	file := ExecSocket(w.SocketPath())
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return err
	}
	l, err := net.Listen("unix", file)
	if err != nil {
		return fmt.Errorf("exec socket: %w", err)
	}
	w.closing(func() error { return ignoreClosed(l.Close()) })
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	w.serve("exec socket", func() error {
		for {
			c, err := l.Accept()
			if err != nil {
				return ignoreClosed(err)
			}
			w.tasks.Go(func() { w.execFor(c.(*net.UnixConn)) })
		}
	})
	return nil
}

// execFor runs one request; the command ends when its asker hangs up.
func (w *World) execFor(c *net.UnixConn) {
	defer c.Close()
	req, stdio, err := receiveExec(c)
	reply := ExecReply{Code: 126}
	if err == nil {
		reply.Code, err = w.exec(c, req, stdio)
	}
	for _, f := range stdio {
		f.Close()
	}
	if err != nil {
		reply.Error = err.Error()
	}
	_ = json.NewEncoder(c).Encode(reply) // the asker may have gone
}

// receiveExec reads the request and takes the three descriptors.
func receiveExec(c *net.UnixConn) (ExecRequest, []*os.File, error) {
	var req ExecRequest
	buf, oob := make([]byte, 64<<10), make([]byte, syscall.CmsgSpace(3*4))
	n, oobn, _, _, err := c.ReadMsgUnix(buf, oob)
	if err != nil {
		return req, nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(messages) != 1 {
		return req, nil, errors.New("the request came without descriptors")
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		return req, nil, err
	}
	var files []*os.File
	for i, fd := range fds {
		syscall.CloseOnExec(fd)
		files = append(files, os.NewFile(uintptr(fd), fmt.Sprintf("exec stdio %d", i)))
	}
	if len(files) != 3 {
		return req, files, errors.New("the request needs three descriptors")
	}
	return req, files, json.Unmarshal(buf[:n], &req)
}

// exec runs the command in a place of its own like one of the function's, or
// beside the instance's program, and gives its exit code.
func (w *World) exec(c *net.UnixConn, req ExecRequest, stdio []*os.File) (int, error) {
	if len(req.Argv) == 0 {
		return 126, errors.New("no command was given")
	}
	ns, config, done, err := w.execPlace(req.Name)
	if err != nil {
		return 126, err
	}
	defer done()
	config.Argv, config.Env = req.Argv, append(config.Env, req.Env...)
	config.Stdin, config.Stdout, config.Stderr = stdio[0], stdio[1], stdio[2]
	p, err := w.host.Start(ns, config)
	if err != nil {
		return 127, err
	}
	w.tasks.Go(func() {
		c.Read(make([]byte, 1)) // returns when the asker hangs up, or we do
		p.Kill()
	})
	stop := make(chan struct{})
	defer close(stop)
	w.tasks.Go(func() {
		select {
		case <-w.ctx.Done():
			p.Kill()
		case <-stop:
		}
	})
	state := p.Wait()
	c.CloseRead()
	if state.Signal != 0 {
		return 128 + int(state.Signal), nil
	}
	return state.ExitCode, nil
}

// execPlace is where a command for name runs.
func (w *World) execPlace(name string) (*sandbox.Namespace, sandbox.Config, func(), error) {
	w.mu.Lock()
	in, isWorkload := w.workloads[name]
	w.mu.Unlock()
	f, isFunction := w.Model().Function(name)
	switch {
	case isFunction:
		pl, err := w.openPlace("exec", f, 0)
		if err != nil {
			return nil, sandbox.Config{}, nil, err
		}
		return pl.ns, w.execConfig(f), func() { pl.Close() }, nil
	case isWorkload && !in.connect:
		return in.ns, in.config, func() {}, nil
	}
	return nil, sandbox.Config{}, nil, fmt.Errorf("there is no function and no running workload called %q", name)
}

// execConfig is an execution environment's machine without its runtime, with
// the function's own variables and credentials.
func (w *World) execConfig(f cloud.Function) sandbox.Config {
	c := w.functionSandbox(f)
	c.Dir = "/tmp"
	c.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "AWS_REGION=" + w.Model().Region(), "AWS_DEFAULT_REGION=" + w.Model().Region()}
	for _, v := range f.Env {
		if text, ok := v.Value.Get(); ok {
			c.Env = append(c.Env, v.Name+"="+text)
		}
	}
	if cred, err := w.credentials(w.ctx, f); err == nil {
		c.Env = append(c.Env, "AWS_ACCESS_KEY_ID="+cred.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+cred.SecretAccessKey, "AWS_SESSION_TOKEN="+cred.SessionToken)
	}
	return c
}
