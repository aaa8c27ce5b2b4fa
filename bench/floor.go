//go:build linux

package main

import (
	"net"
	"net/http"
)

// startFloor starts what a request to a function cannot do without, and nothing
// else: a bare HTTP server that hands each request to a bare process by long
// poll. There are as many processes as visitors.
func (b *bench) startFloor() (*visitor, error) {
	idle := make(chan func() error, ssmConnections)
	for range cap(idle) {
		poll, err := b.openLongPoll()
		if err != nil {
			return nil, err
		}
		idle <- poll
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		poll := <-idle
		err := poll()
		idle <- poll
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Write(event)
	})}
	go server.Serve(l)
	b.closing(server.Close)
	return newVisitor(l.Addr().String()), nil
}

// openProxiedRate holds requests through gateway and function against those
// over the floor.
func openProxiedRate(b *bench) (pair, error) {
	w, err := b.openAPI()
	if err != nil {
		return pair{}, err
	}
	floor, err := b.startFloor()
	return pair{ours: rateOf(b, w.visitor), peer: rateOf(b, floor)}, err
}

// openOfflineFloor holds the floor against serverless-offline: by how much
// anything that runs a function in a process of its own can be faster here.
func openOfflineFloor(b *bench) (pair, error) {
	floor, err := b.startFloor()
	if err != nil {
		return pair{}, err
	}
	theirs, err := b.startOffline(nil)
	return pair{ours: rateOf(b, floor), peer: rateOf(b, theirs)}, err
}

func rateOf(b *bench, v *visitor) func() (float64, error) {
	return func() (float64, error) { return v.rate(b.requesting) }
}
