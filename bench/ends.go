//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"bailey/sandbox"
)

// The two ends of a network are processes of their own, as workloads are: this
// program once more, in the role that its environment names. Both networks
// have the same ends, written with package net.
//
//	this process ── order ──▶ client ══ the network under test ══▶ server
//	             ◀─ figure ──

const roleVariable = "BAILEY_BENCH_ROLE"

// act plays a role until standard input ends, and gives the exit status.
func act(role string) int {
	err := fmt.Errorf("there is no role %q", role)
	switch role {
	case "client":
		err = actClient(os.Stdin, os.Stdout)
	case "server":
		err = actServer(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", role+":", err)
		return 1
	}
	return 0
}

// What a connection is for is its first byte.
const (
	forStream = 's' // take all, then say one byte
	forEcho   = 'e' // give back each byte
	forOnce   = 'o' // give back one byte and close
)

// actServer serves port 80.
func actServer(in io.Reader, out io.Writer) error {
	l, err := net.Listen("tcp4", ":80")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveEnd(c)
		}
	}()
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, l.Close())
}

func serveEnd(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 1)
	if _, err := io.ReadFull(c, buf); err != nil {
		return
	}
	switch buf[0] {
	case forStream:
		io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{c}, make([]byte, streamChunk))
		c.Write(buf)
	case forOnce:
		c.Write(buf)
	case forEcho:
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			c.Write(buf)
		}
	}
}

const streamChunk = 256 << 10

// An order is what the client is to do with the server at Addr.
type order struct {
	Kind byte
	Addr string
	For  time.Duration // a stream, connections
	N    int           // round trips
}

// A figure is what came of it.
type figure struct {
	Value float64
	Error string
}

// actClient carries out orders as they come.
func actClient(in io.Reader, out io.Writer) error {
	orders, figures := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		f := figure{}
		v, err := o.do()
		if f.Value = v; err != nil {
			f.Error = err.Error()
		}
		if err := figures.Encode(f); err != nil {
			return err
		}
	}
}

func (o order) do() (float64, error) {
	switch o.Kind {
	case forStream:
		return o.stream()
	case forEcho:
		return o.echo()
	}
	return o.connect()
}

// dial opens a connection for o's purpose. Nothing measured here waits longer.
func (o order) dial() (net.Conn, error) {
	c, err := net.DialTimeout("tcp4", o.Addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(o.For + time.Minute))
	if _, err := c.Write([]byte{o.Kind}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// stream sends for a while and waits until all has arrived: bits a second.
func (o order) stream() (float64, error) {
	c, err := o.dial()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	chunk, sent, began := make([]byte, streamChunk), 0, time.Now()
	for time.Since(began) < o.For {
		n, err := c.Write(chunk)
		if sent += n; err != nil {
			return 0, err
		}
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(c, chunk[:1]); err != nil {
		return 0, err
	}
	return float64(sent) * 8 / time.Since(began).Seconds(), nil
}

// echo sends one byte and waits for it, N times: the median in seconds.
func (o order) echo() (float64, error) {
	c, err := o.dial()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	buf := make([]byte, 1)
	return p50(o.N, timed(func() error {
		if _, err := c.Write(buf); err != nil {
			return err
		}
		_, err := c.Read(buf)
		return err
	}))
}

// connectors are how many connections are opened at once.
const connectors = 4

// connect opens connections that carry one byte each way, one after another
// from several goroutines: connections a second.
func (o order) connect() (float64, error) {
	var done atomic.Uint64
	var callers sync.WaitGroup
	errs := make([]error, connectors)
	began := time.Now()
	for i := range errs {
		callers.Go(func() {
			for errs[i] == nil && time.Since(began) < o.For {
				errs[i] = o.once()
				done.Add(1)
			}
		})
	}
	callers.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), errors.Join(errs...)
}

// once is one connection, which the server closes first, so that none of the
// client's ports has to rest.
func (o order) once() error {
	c, err := o.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, 2)
	if n, err := io.ReadFull(c, buf); n != 1 {
		return fmt.Errorf("%d bytes came back: %w", n, err)
	}
	return nil
}

// An end is a process in one of the roles.
type end struct {
	orders  *json.Encoder
	figures *json.Decoder
}

// startEnd starts a role in ns. It ends with the row.
func (b *bench) startEnd(ns *sandbox.Namespace, role string) (*end, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := ns.Do(cmd.Start); err != nil {
		return nil, fmt.Errorf("%s: %w", role, err)
	}
	b.closing(func() error { return errors.Join(in.Close(), cmd.Wait()) })
	lines := bufio.NewReader(out)
	if role == "server" {
		if _, err := lines.ReadString('\n'); err != nil {
			return nil, fmt.Errorf("%s: it did not start: %w", role, err)
		}
	}
	return &end{json.NewEncoder(in), json.NewDecoder(lines)}, nil
}

// order has a client carry out o.
func (e *end) order(o order) func() (float64, error) {
	return func() (float64, error) {
		if err := e.orders.Encode(o); err != nil {
			return 0, err
		}
		var f figure
		if err := e.figures.Decode(&f); err != nil {
			return 0, err
		}
		if f.Error != "" {
			return 0, errors.New(f.Error)
		}
		return f.Value, nil
	}
}
