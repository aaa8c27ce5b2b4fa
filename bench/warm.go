//go:build linux

package main

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os/exec"
	"time"
)

// openWarm measures invocations that follow one another at once.
func openWarm(b *bench) (pair, error) { return b.openInvocations(b.invocations, 0) }

// openRested has each invocation find an environment that has rested for long
// enough to be frozen.
func openRested(b *bench) (pair, error) { return b.openInvocations(b.rested, b.rest) }

// openInvocations holds Invoke in a warm environment against the same program
// at a server that knows one event at a time and nothing of Lambda: no sandbox,
// no freezing, no log. Both rest between two of n calls.
func (b *bench) openInvocations(n int, rest time.Duration) (pair, error) {
	f, err := b.openFunction()
	if err != nil {
		return pair{}, err
	}
	poll, err := b.openLongPoll()
	if err != nil {
		return pair{}, err
	}
	rested := func(call func() error) func() (float64, error) {
		return func() (float64, error) {
			return p50(n, func() (time.Duration, error) {
				time.Sleep(rest)
				return timed(call)()
			})
		}
	}
	return pair{ours: rested(f.invoke), peer: rested(poll)}, nil
}

// openLongPoll starts the bare server and one worker. The result sends an
// event and waits for its answer.
func (b *bench) openLongPoll() (func() error, error) {
	program, err := b.function()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	events, answers := make(chan []byte), make(chan []byte)
	server := &http.Server{Handler: longPoll(events, answers)}
	go server.Serve(l)
	cmd := exec.Command(program)
	cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + l.Addr().String()}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	b.closing(func() error {
		err := errors.Join(cmd.Process.Kill(), server.Close())
		cmd.Wait() // it was killed
		return err
	})
	return func() error {
		events <- event
		if got := <-answers; string(got) != string(event) {
			return errors.New("the worker answers " + string(got))
		}
		return nil
	}, nil
}

func longPoll(events, answers chan []byte) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case e := <-events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "id")
			w.Write(e)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/id/response", func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			answers <- body
		}
	})
	return mux
}
