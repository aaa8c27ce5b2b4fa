//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// openCheck holds the whole command against the start of the same program.
func openCheck(b *bench) (pair, error) {
	bailey, err := b.bailey()
	if err != nil {
		return pair{}, err
	}
	run := func(args ...string) func() (float64, error) {
		return func() (float64, error) {
			return p50(b.processes, timed(func() error { return runs(exec.Command(bailey, args...)) }))
		}
	}
	return pair{ours: run("check", b.example()), peer: run("--help")}, nil
}

// runs reports a command that could not do its work: findings are work done.
func runs(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && (failed.ExitCode() == 1 || failed.ExitCode() == 3) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}

// apiHost is how up names an API on the host's port.
var apiHost = regexp.MustCompile(`[a-z0-9]+\.execute-api\.localhost:[0-9]+`)

// An upWorld is a `bailey up` of the example.
type upWorld struct {
	cmd     *exec.Cmd
	address string        // of the host's port
	api     string        // host name and port of its API; empty: it has none
	ready   time.Duration // from the start of the process
}

// startWorld returns once the example's world is ready. Its programs have to be
// built already: see buildWorld.
func (b *bench) startWorld() (*upWorld, error) {
	dir, err := b.rootski()
	if err != nil {
		return nil, err
	}
	return b.startUp(dir)
}

// startUp returns once what is in path is up.
func (b *bench) startUp(path string) (*upWorld, error) {
	bailey, err := b.bailey()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	w := &upWorld{cmd: exec.Command(bailey, "up", "--listen", "127.0.0.1:0", path)}
	w.cmd.Stderr = &stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for w.address == "" && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "up in ") {
			w.ready = time.Since(began)
		}
		if host := apiHost.FindString(lines.Text()); host != "" {
			w.api = host
		}
		if _, rest, ok := strings.Cut(lines.Text(), "--endpoint-url http://"); ok {
			w.address, _, _ = strings.Cut(rest, " ")
		}
	}
	if w.address == "" || w.ready == 0 {
		err := errors.Join(errors.New("bailey up did not get ready"), w.close())
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	go io.Copy(io.Discard, out)
	return w, nil
}

// close interrupts the world and waits for its end.
func (w *upWorld) close() error {
	if err := w.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return w.cmd.Wait()
}

// buildWorld starts a world once and stops it: from then on its programs are
// built.
func (b *bench) buildWorld() error {
	w, err := b.startWorld()
	if err != nil {
		return err
	}
	return w.close()
}

// startServer starts the bare server and gives its address.
func (b *bench) startServer(answer []byte) (*exec.Cmd, string, error) {
	program, err := b.server()
	if err != nil {
		return nil, "", err
	}
	cmd := exec.Command(program)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(answer), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	b.closing(func() error {
		err := cmd.Process.Signal(syscall.SIGKILL)
		cmd.Wait() // it was killed
		return err
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", program, err)
	}
	return cmd, strings.TrimSpace(address), nil
}

// get asks for / once, so that a server that counts as idle has worked.
func get(address string) error {
	r, err := http.Get("http://" + address + "/")
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return errors.Join(err, r.Body.Close())
}
