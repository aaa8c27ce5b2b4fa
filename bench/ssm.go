//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bailey/services/wire"
)

// ssmConnections is how many callers openSSMRate has.
const ssmConnections = 8

// openSSM measures one caller's calls, one after another.
func openSSM(b *bench) (pair, error) {
	return b.openServers(func(c *caller) func() (float64, error) {
		return func() (float64, error) { return p50(b.requests, timed(c.call)) }
	})
}

// openSSMRate measures several callers at once.
func openSSMRate(b *bench) (pair, error) {
	return b.openServers(func(c *caller) func() (float64, error) {
		return func() (float64, error) { return c.rate(b.requesting) }
	})
}

// openServers holds a world, which verifies the signature, evaluates IAM and
// reads its store, against a server that answers with the same bytes. Callers
// sign for both, so that the client's work is the same.
func (b *bench) openServers(how func(*caller) func() (float64, error)) (pair, error) {
	m, err := b.model()
	if err != nil {
		return pair{}, err
	}
	name := ""
	for p := range m.Parameters() {
		name = p.ParamName
	}
	if err := b.buildWorld(); err != nil {
		return pair{}, err
	}
	w, err := b.startWorld()
	if err != nil {
		return pair{}, err
	}
	b.closing(w.close)
	ours := newCaller(w.address, m.Region(), name)
	answer, err := ours.ask()
	if err != nil {
		return pair{}, err
	}
	_, address, err := b.startServer(answer)
	if err != nil {
		return pair{}, err
	}
	return pair{ours: how(ours), peer: how(newCaller(address, m.Region(), name))}, nil
}

// A caller asks for one parameter, over and over.
type caller struct {
	client      *http.Client
	url, region string
	body        []byte
}

func newCaller(address, region, name string) *caller {
	return &caller{
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ssmConnections}, Timeout: time.Minute},
		url:    "http://" + address + "/", region: region, body: fmt.Appendf(nil, "{\"Name\":%q}", name),
	}
}

// ask gives the answer's body.
func (c *caller) ask() ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameter")
	wire.Sign(r, c.body, "test", wire.Credential{SecretAccessKey: "test"}, c.region, "ssm", time.Now())
	res, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GetParameter: %s: %s", res.Status, answer)
	}
	return answer, err
}

func (c *caller) call() error {
	_, err := c.ask()
	return err
}

// rate is how many requests a second ssmConnections callers get answered.
func (c *caller) rate(d time.Duration) (float64, error) {
	var done atomic.Uint64
	var callers sync.WaitGroup
	errs := make([]error, ssmConnections)
	began := time.Now()
	for i := range errs {
		callers.Go(func() {
			for errs[i] == nil && time.Since(began) < d {
				errs[i] = c.call()
				done.Add(1)
			}
		})
	}
	callers.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), errors.Join(errs...)
}
