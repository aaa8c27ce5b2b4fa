//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// proxied is an HTTP API before the smallest function.
const proxied = `Transform: AWS::Serverless-2016-10-31
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: function
      Events:
        Any: {Type: HttpApi, Properties: {Path: "/pets/{id}", Method: GET}}
`

// An apiWorld is a bailey up of the API; its visitor asks the function.
type apiWorld struct {
	*upWorld
	visitor *visitor
}

// openAPI starts the world, and its function's environments. It ends with the
// row.
func (b *bench) openAPI() (*apiWorld, error) {
	program, err := b.function()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "api-")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(filepath.Join(dir, "template.yaml"), []byte(proxied), 0o644),
		os.CopyFS(filepath.Join(dir, "function"), os.DirFS(filepath.Dir(program)))); err != nil {
		return nil, err
	}
	w, err := b.startUp(filepath.Join(dir, "template.yaml"))
	if err != nil {
		return nil, err
	}
	b.closing(w.close)
	if w.api == "" {
		return nil, errors.New("bailey up names no API")
	}
	out := &apiWorld{w, newVisitor(w.address)}
	out.visitor.host = w.api
	_, err = out.visitor.rate(b.requesting) // as many environments as there are visitors
	return out, err
}

func newVisitor(address string) *visitor {
	return &visitor{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ssmConnections}, Timeout: time.Minute}, address: address}
}

// openProxied holds a request through gateway and function, in its sandbox,
// against what it cannot do without: a round trip of HTTP and an invocation by
// long poll, one after the other.
func openProxied(b *bench) (pair, error) {
	w, err := b.openAPI()
	if err != nil {
		return pair{}, err
	}
	answer, err := w.visitor.get()
	if err != nil {
		return pair{}, err
	}
	_, address, err := b.startServer(answer)
	if err != nil {
		return pair{}, err
	}
	poll, err := b.openLongPoll()
	if err != nil {
		return pair{}, err
	}
	bare := newVisitor(address)
	get := func(v *visitor) func() error {
		return func() error { _, err := v.get(); return err }
	}
	both := func() error { return errors.Join(get(bare)(), poll()) }
	p50Of := func(call func() error) func() (float64, error) {
		return func() (float64, error) { return p50(b.invocations, timed(call)) }
	}
	return pair{ours: p50Of(get(w.visitor)), peer: p50Of(both)}, nil
}

// A minute is what sustained load came to.
type minute struct {
	p99         float64 // of ours, in seconds
	early, late float64 // resident bytes after a sixth of the time, and at its end
}

// sustain loads the API for the whole time. An error in any request is one of
// the measure.
func (b *bench) sustain() (minute, error) {
	w, err := b.openAPI()
	if err != nil {
		return minute{}, err
	}
	var m minute
	first, err := w.visitor.load(b.sustained / 6)
	if err == nil {
		m.early, err = b.resident(w.cmd.Process.Pid)
	}
	if err != nil {
		return m, err
	}
	rest, err := w.visitor.load(b.sustained - b.sustained/6)
	if err == nil {
		m.late, err = b.resident(w.cmd.Process.Pid)
	}
	m.p99 = p99(append(first, rest...))
	return m, err
}

// p99 is the time that one in a hundred exceeds; all is not empty.
func p99(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)*99/100]
}

// load has ssmConnections visitors ask without a pause, and gives how long each
// request took.
func (v *visitor) load(d time.Duration) ([]float64, error) {
	took := make([][]float64, ssmConnections)
	errs := make([]error, ssmConnections)
	var visitors sync.WaitGroup
	began := time.Now()
	for i := range took {
		visitors.Go(func() {
			for errs[i] == nil && (time.Since(began) < d || len(took[i]) == 0) {
				asked := time.Now()
				_, errs[i] = v.get()
				took[i] = append(took[i], time.Since(asked).Seconds())
			}
		})
	}
	visitors.Wait()
	return slices.Concat(took...), errors.Join(errs...)
}

// openSustained holds the slowest requests under load against those of a bare
// server.
func openSustained(b *bench) (pair, error) {
	_, address, err := b.startServer(bytes.Repeat([]byte{'x'}, 1000))
	if err != nil {
		return pair{}, err
	}
	bare := newVisitor(address)
	return pair{
		ours: func() (float64, error) { m, err := b.minute(); return m.p99, err },
		peer: func() (float64, error) {
			all, err := bare.load(b.sustained / 6)
			if err != nil {
				return 0, fmt.Errorf("the bare server: %w", err)
			}
			return p99(all), nil
		},
	}, nil
}

// openGrowing holds the memory at the end against that near the beginning.
func openGrowing(b *bench) (pair, error) {
	return pair{
		ours: func() (float64, error) { m, err := b.minute(); return m.late, err },
		peer: func() (float64, error) { m, err := b.minute(); return m.early, err },
	}, nil
}
