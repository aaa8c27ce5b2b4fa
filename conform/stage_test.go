package conform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/netset"
	"bailey/path"
)

// patience is what no passing test ever waits for in full.
const patience = 10 * time.Second

// A stage is a model that runs: every sender has a namespace, and what path
// says of the model is what fabric asks.
type stage struct {
	natPorts sync.Map // netset.Flow -> uint16
	m        *cloud.Model
	fabric   *fabric.Fabric
	seen     *arrivals
	cast     map[string]*actor // by label
	placeOf  map[cloud.ENIID]string
	known    map[string]fabric.Record // records looked at, by label and flow
	nonce    int

	mu   sync.Mutex
	logs []fabric.Record
	done []func()
}

// An actor is a sender with the namespace that it sends from.
type actor struct {
	sender
	place *place
	tap   *fabric.Tap
}

// Decide is path.Trace and nothing else.
func (s *stage) Decide(from path.From, flow netset.Flow) path.Result {
	return path.Trace(s.m, from, flow)
}

// DecideVia is the same once a NAT gateway has drawn its port, which is kept.
func (s *stage) DecideVia(from path.From, flow netset.Flow, natPort uint16) path.Result {
	s.natPorts.Store(flow, natPort)
	return path.DecideVia(s.m, from, flow, natPort)
}

// truth is what path says of a flow as the network carried it.
func (s *stage) truth(from path.From, flow netset.Flow) path.Result {
	if port, drawn := s.natPorts.Load(flow); drawn {
		return path.DecideVia(s.m, from, flow, port.(uint16))
	}
	return path.Trace(s.m, from, flow)
}

func newStage(t *rapid.T, y *yard, m *cloud.Model, c fabric.Config) *stage {
	s := &stage{m: m, seen: y.seen, cast: map[string]*actor{}, placeOf: map[cloud.ENIID]string{}, known: map[string]fabric.Record{}}
	c.Decider, c.Log = s, s.log
	s.fabric = fabric.New(c)
	s.done = append(s.done, func() { s.fabric.Close() })
	y.seen.reset(s.fabric.OriginOf)
	services := newPlace(t, servicesPlace, y.seen)
	s.done = append(s.done, services.Close)
	if _, err := s.fabric.AttachServices(services); err != nil {
		s.Close()
		t.Fatalf("%v", err)
	}
	for i, who := range senders(m) {
		if err := s.enter(t, y, i, who, services); err != nil {
			s.Close()
			t.Fatalf("%v", err)
		}
	}
	return s
}

func (s *stage) log(r fabric.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, r)
}

// enter gives a sender its namespace; the one on the internet is played from
// the services namespace.
func (s *stage) enter(t fataler, y *yard, n int, who sender, services *place) error {
	if who.from == fromInternet {
		s.cast[who.label] = &actor{who, services, nil}
		return nil
	}
	if six, ok := s.cast[who.label+overIPv6]; ok {
		s.cast[who.label] = &actor{who, six.place, six.tap}
		return nil
	}
	a := &actor{sender: who, place: y.place(t, n)}
	c := s.tapOf(who)
	var err error
	if a.tap, err = s.fabric.Attach(a.place, c); err != nil {
		return err
	}
	if e, ok := who.from.(path.FromENI); ok && who.kind != cloud.FunctionENI {
		s.fabric.Bind(e.ID, a.tap)
		s.placeOf[e.ID] = a.place.name
	}
	s.cast[who.label] = a
	return nil
}

// tapOf says who sends, over whichever families the interface has.
func (s *stage) tapOf(who sender) fabric.TapConfig {
	c := fabric.TapConfig{Label: who.workload(), From: who.from, Addr: who.addr}
	if id, ok := who.from.(path.FromENI); ok {
		e, _ := s.m.ENI(id.ID)
		c.Addr, c.IPv6 = e.PrivateIP, e.IPv6
	}
	if who.kind != cloud.FunctionENI {
		return c
	}
	if c.Inner = fabric.LambdaInner; c.IPv6.IsValid() {
		c.InnerIPv6 = fabric.LambdaInnerIPv6
	}
	return c
}

// Close takes everything down; all records are in logs then. The kernel takes
// its time for each device, so they go at once.
func (s *stage) Close() {
	var taps sync.WaitGroup
	for label, a := range s.cast {
		if _, twin := s.cast[label+overIPv6]; a.tap != nil && !twin {
			taps.Go(func() { a.tap.Close() })
		}
	}
	taps.Wait()
	done := s.done
	s.done = nil
	for _, f := range done {
		f()
	}
}

// An outcome is what became of one probe.
type outcome struct {
	nonce  string
	err    error
	answer arrival       // what came back to the sender
	record fabric.Record // what the fabric says of it
}

// try sends one flow for real and returns what became of it.
func (s *stage) try(p probe, wait time.Duration) (outcome, error) {
	s.nonce++
	o := outcome{nonce: fmt.Sprint("nonce", s.nonce)}
	to, leave, err := s.towards(p)
	if err != nil {
		return o, err
	}
	defer leave()
	c, err := s.dial(p, to, wait)
	if err == nil {
		defer c.Close()
		o.answer, err = exchange(c, o.nonce, wait)
	}
	o.err = err
	o.record, err = s.newRecord(p)
	return o, err
}

// towards is the address that the sender dials for p.
func (s *stage) towards(p probe) (netip.AddrPort, func(), error) {
	if p.from != fromInternet {
		return p.flow.Dst, func() {}, nil
	}
	in, err := s.fabric.Enter(p.workload(), p.from, p.flow.Src.Addr(), p.flow.Dst.Addr())
	return netip.AddrPortFrom(in, p.flow.Dst.Port()), func() { s.fabric.Leave(in) }, err
}

func (s *stage) dial(p probe, to netip.AddrPort, wait time.Duration) (net.Conn, error) {
	var c net.Conn
	a := s.cast[p.label]
	from := net.TCPAddr{Port: int(p.flow.Src.Port())}
	d := net.Dialer{Timeout: wait, LocalAddr: &from}
	network := "tcp"
	if p.flow.Proto == netset.UDP {
		network, d.LocalAddr = "udp", &net.UDPAddr{Port: from.Port}
	}
	err := a.place.Do(func() (err error) {
		c, err = d.DialContext(context.Background(), network, to.String())
		return err
	})
	return c, err
}

// exchange sends the nonce and reads the answer.
func exchange(c net.Conn, nonce string, wait time.Duration) (v arrival, err error) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0) // a port is free again at once
	}
	c.SetDeadline(time.Now().Add(wait))
	if _, err := c.Write([]byte(nonce)); err != nil {
		return v, err
	}
	buf := make([]byte, 1024)
	n, err := c.Read(buf)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(buf[:n], &v)
}

// newRecord is the record of the one flow that p has opened.
func (s *stage) newRecord(p probe) (fabric.Record, error) {
	var found []fabric.Record
	for _, r := range s.fabric.Flows() {
		key := r.Label + " " + r.Flow.String()
		if _, old := s.known[key]; !old {
			s.known[key] = r
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return fabric.Record{}, fmt.Errorf("%v left %d new records: %v", p, len(found), found)
	}
	return found[0], nil
}

// timedOut reports whether nothing came back at all.
func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
