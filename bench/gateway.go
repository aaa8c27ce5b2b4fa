//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// openGateway holds an HTTP API, which matches, verifies a token, throttles,
// makes the function's event, reads its answer and writes the access log,
// against a server that answers every request with the same bytes. The function
// itself does nothing. Callers send the token to both.
func openGateway(b *bench) (pair, error) {
	program, err := b.gateway()
	if err != nil {
		return pair{}, err
	}
	cmd := exec.Command(program)
	in, err := cmd.StdinPipe()
	if err != nil {
		return pair{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return pair{}, err
	}
	if err := cmd.Start(); err != nil {
		return pair{}, err
	}
	b.closing(func() error { return errors.Join(in.Close(), cmd.Wait()) })
	ours := &visitor{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ssmConnections}, Timeout: time.Minute}}
	if _, err := fmt.Fscan(out, &ours.address, &ours.host, &ours.token); err != nil {
		return pair{}, fmt.Errorf("%s: %w", program, err)
	}
	answer, err := ours.get()
	if err != nil {
		return pair{}, err
	}
	_, address, err := b.startServer(answer)
	if err != nil {
		return pair{}, err
	}
	bare := &visitor{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ssmConnections}, Timeout: time.Minute}, address: address, host: ours.host, token: ours.token}
	return pair{ours: func() (float64, error) { return ours.rate(b.requesting) }, peer: func() (float64, error) { return bare.rate(b.requesting) }}, nil
}

// A visitor asks an API for the same thing over and over.
type visitor struct {
	client               *http.Client
	address, host, token string
}

func (v *visitor) get() ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+v.address+"/pets/7", nil)
	if err != nil {
		return nil, err
	}
	r.Host = v.host
	r.Header.Set("Authorization", "Bearer "+v.token)
	res, err := v.client.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET /pets/7: %s: %s", res.Status, body)
	}
	return body, err
}

// rate is how many requests a second ssmConnections visitors get answered.
func (v *visitor) rate(d time.Duration) (float64, error) {
	var done atomic.Uint64
	var visitors sync.WaitGroup
	errs := make([]error, ssmConnections)
	began := time.Now()
	for i := range errs {
		visitors.Go(func() {
			for errs[i] == nil && time.Since(began) < d {
				_, errs[i] = v.get()
				done.Add(1)
			}
		})
	}
	visitors.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), errors.Join(errs...)
}
