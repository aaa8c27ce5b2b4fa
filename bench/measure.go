//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"bailey/sandbox"
)

// sizes are how much is done to get one figure.
type sizes struct {
	rounds      int
	stream      time.Duration // of one TCP stream
	roundTrips  int
	connecting  time.Duration
	coldStarts  int
	invocations int
	rested      int           // invocations with a rest before each
	rest        time.Duration // longer than lambda waits before it freezes
	questions   int
	shrink      int           // by which fleets are divided
	resources   int           // of a large template
	loads       int           // of it
	planModules int           // of a Terraform plan: a tenth of a MB each
	modules     int           // of a Terraform configuration
	processes   int           // runs of a command
	worlds      int           // starts of bailey up
	settle      time.Duration // after which a process counts as idle
	requests    int           // one after another
	requesting  time.Duration // over several connections
	sustained   time.Duration // of load without a pause
}

// full are the sizes of the command; tests use smaller ones.
var full = sizes{
	rounds: 7, stream: time.Second, roundTrips: 5000, connecting: time.Second, coldStarts: 20, invocations: 2000,
	rested: 200, rest: 20 * time.Millisecond,
	questions: 20000, shrink: 1, resources: 5000, loads: 5, planModules: 73, modules: 50, processes: 15, worlds: 3, settle: 500 * time.Millisecond, requests: 2000, requesting: time.Second,
	sustained: time.Minute,
}

// measureAll measures the rows one after another. A row that cannot be
// measured is noted and the next one goes on; the error is of what all need.
func measureAll(ctx context.Context, chosen []row, s sizes, progress io.Writer) (*report, error) {
	if err := sandbox.Supported(); err != nil {
		return nil, err
	}
	if err := sandbox.Enter(); err != nil {
		return nil, err
	}
	b, err := newBench(s)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.dir)
	rep := &report{Machine: machine(), Rounds: s.rounds}
	for _, r := range chosen {
		if lack := r.lacks(); lack != "" {
			rep.LeftOut = append(rep.LeftOut, absence{r.name, lack})
			continue
		}
		fmt.Fprintf(progress, "%s: %s | %s\n", r.name, r.measure, r.peer)
		f, err := b.measure(ctx, r)
		switch {
		case ctx.Err() != nil:
			return rep, ctx.Err()
		case err != nil:
			fmt.Fprintf(progress, "%s: %v\n", r.name, err)
			rep.Failed = append(rep.Failed, absence{r.name, err.Error()})
		default:
			rep.Rows = append(rep.Rows, f)
		}
	}
	return rep, nil
}

// measure opens a row and takes its rounds, the two sides in turns. One round
// comes first that counts for nothing: it warms caches and clocks. A row that is
// measured once has neither.
func (b *bench) measure(ctx context.Context, r row) (_ figures, err error) {
	defer func() { err = errors.Join(err, b.close()) }()
	p, err := r.open(b)
	if err != nil {
		return figures{}, err
	}
	f := figures{Name: r.name, Measure: r.measure, PeerName: r.peer, Unit: r.unit, target: r.target}
	rounds, warming := b.rounds, 1
	if r.once {
		rounds, warming = 1, 0
	}
	for i := range rounds + warming {
		if err := ctx.Err(); err != nil {
			return figures{}, err
		}
		ours, err := p.ours()
		if err != nil {
			return figures{}, fmt.Errorf("ours: %w", err)
		}
		peer, err := p.peer()
		if err != nil {
			return figures{}, fmt.Errorf("%s: %w", r.peer, err)
		}
		if i >= warming {
			f.Ours, f.Peer = append(f.Ours, ours), append(f.Peer, peer)
		}
	}
	f.sum()
	return f, nil
}

// p50 times f n times and gives the median, in seconds.
func p50(n int, f func() (time.Duration, error)) (float64, error) {
	all := make([]float64, 0, n)
	for range n {
		d, err := f()
		if err != nil {
			return 0, err
		}
		all = append(all, d.Seconds())
	}
	return median(all), nil
}

// timed is how long f takes.
func timed(f func() error) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		began := time.Now()
		err := f()
		return time.Since(began), err
	}
}

// median of all, which is not empty; of an even number the mean of the two in
// the middle.
func median(all []float64) float64 {
	s := slices.Sorted(slices.Values(all))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
