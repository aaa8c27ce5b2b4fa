//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// offlineModules is the folder with serverless-offline and osls, the Serverless
// Framework that needs no account: $BAILEY_ORACLES/node_modules, or that in the
// user's cache.
func offlineModules() string {
	root := os.Getenv("BAILEY_ORACLES")
	if root == "" {
		if cache, err := os.UserCacheDir(); err == nil {
			root = filepath.Join(cache, "bailey-oracles")
		}
	}
	return filepath.Join(root, "node_modules")
}

// offlineLacks says how to get it, if it is not there.
func offlineLacks() string {
	modules := offlineModules()
	for _, name := range []string{"serverless-offline", "osls"} {
		if _, err := os.Stat(filepath.Join(modules, name)); err != nil {
			return fmt.Sprintf("there is no %s: npm install --prefix %s serverless-offline@13.10 osls@4.3", name, filepath.Dir(modules))
		}
	}
	return ""
}

const offlineConfig = `service: bench
provider: {name: aws, runtime: nodejs20.x, region: us-west-2}
plugins: [serverless-offline]
functions:
  echo: {handler: handler.echo, events: [{httpApi: {path: "/pets/{id}", method: get}}]}
`

const offlineHandler = `exports.echo = async (event) => ({statusCode: 200, body: JSON.stringify(event)})
`

// openOffline holds requests through our gateway and function against the same
// API in serverless-offline, whose function is a Node.js one: it runs no other.
func openOffline(args ...string) func(*bench) (pair, error) {
	return func(b *bench) (pair, error) {
		w, err := b.openAPI()
		if err != nil {
			return pair{}, err
		}
		theirs, err := b.startOffline(args)
		if err != nil {
			return pair{}, err
		}
		return pair{ours: rateOf(b, w.visitor), peer: rateOf(b, theirs)}, nil
	}
}

// startOffline starts serverless-offline, and has it start its function.
func (b *bench) startOffline(args []string) (*visitor, error) {
	dir, err := os.MkdirTemp(b.dir, "offline-")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "serverless.yml"), []byte(offlineConfig), 0o644),
		os.WriteFile(filepath.Join(dir, "handler.js"), []byte(offlineHandler), 0o644),
		os.Symlink(offlineModules(), filepath.Join(dir, "node_modules"))); err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	args = append([]string{filepath.Join(offlineModules(), ".bin/osls"), "offline", "start", "--httpPort", ports[0], "--lambdaPort", ports[1]}, args...)
	cmd := exec.Command("node", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "SLS_TELEMETRY_DISABLED=1", "SLS_NOTIFICATIONS_MODE=off")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.closing(func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait() // it was killed
		return err
	})
	v := newVisitor("localhost:" + ports[0])
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if _, err = v.get(); err == nil {
			return v, nil
		}
		if time.Since(began) > time.Minute {
			return nil, fmt.Errorf("serverless-offline: %w", err)
		}
	}
}

// freePorts are ports that nobody listens on just now.
func freePorts(n int) ([]string, error) {
	var out []string
	for range n {
		l, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		out = append(out, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return out, nil
}
