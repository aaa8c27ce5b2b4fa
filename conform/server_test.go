package conform

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"

	"bailey/fabric"
	"bailey/netset"
	"bailey/sandbox"
)

// An arrival is what a server saw of a flow: it answers every connection and
// every datagram with one.
type arrival struct {
	Place         string // the server's namespace
	Nonce         string
	Remote, Local netip.AddrPort
	Origin        fabric.Origin `json:"-"` // of the services namespace
	Known         bool          `json:"-"` // whether there was an origin
}

// arrivals is what all servers saw, by nonce, and how many connections they
// took.
type arrivals struct {
	mu       sync.Mutex
	seen     map[string]arrival
	accepted int
	originOf func(netset.Protocol, netip.AddrPort, netip.AddrPort) (fabric.Origin, bool)
}

func (a *arrivals) reset(originOf func(netset.Protocol, netip.AddrPort, netip.AddrPort) (fabric.Origin, bool)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen, a.accepted, a.originOf = map[string]arrival{}, 0, originOf
}

func (a *arrivals) accept() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accepted++
}

// note files what arrived and gives the answer to send back.
func (a *arrivals) note(p netset.Protocol, v arrival) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v.Place == servicesPlace {
		v.Origin, v.Known = a.originOf(p, v.Remote, v.Local)
	}
	a.seen[v.Nonce] = v
	answer, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return answer
}

// of is what arrived with a nonce, and how many connections were taken since
// the last call.
func (a *arrivals) of(nonce string) (v arrival, ok bool, accepted int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, ok = a.seen[nonce]
	accepted, a.accepted = a.accepted, 0
	return v, ok, accepted
}

const servicesPlace = "services"

// A place is a namespace with servers on every port of ports, TCP and UDP.
type place struct {
	*sandbox.Namespace
	name  string
	close []func() error
}

func (p *place) Close() {
	for _, c := range p.close {
		c()
	}
	p.Namespace.Close()
}

// newPlace starts the servers of a workload's namespace. They are there before
// its eth0 is, and outlive it.
func newPlace(t fataler, name string, seen *arrivals) *place {
	ns, err := sandbox.NewNamespace()
	if err != nil {
		t.Fatalf("%v", err)
	}
	p := &place{Namespace: ns, name: name}
	for _, port := range ports {
		l := p.listen(t, port)
		go p.serveTCP(l, seen)
		c, err := fabric.ListenPacket(ns, port)
		if err != nil {
			t.Fatalf("%v", err)
		}
		p.close = append(p.close, c.Close)
		go p.serveUDP(c, seen)
	}
	return p
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func (p *place) listen(t fataler, port uint16) net.Listener {
	l, err := p.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		t.Fatalf("%v", err)
	}
	p.close = append(p.close, l.Close)
	return l
}

func (p *place) serveTCP(l net.Listener, seen *arrivals) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		seen.accept()
		go func() {
			defer c.Close()
			buf := make([]byte, 64)
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			c.Write(seen.note(netset.TCP, arrival{Place: p.name, Nonce: string(buf[:n]),
				Remote: addrPort(c.RemoteAddr()), Local: addrPort(c.LocalAddr())}))
			c.Read(buf) // until the caller has had the answer
		}()
	}
}

func (p *place) serveUDP(c *fabric.PacketConn, seen *arrivals) {
	buf := make([]byte, 64)
	for {
		n, remote, local, err := c.ReadPacket(buf)
		if err != nil {
			return
		}
		c.WritePacket(seen.note(netset.UDP, arrival{Place: p.name, Nonce: string(buf[:n]), Remote: remote, Local: local}), remote, local)
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
	case *net.UDPAddr:
		return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
	}
	return netip.AddrPort{}
}

// A yard keeps places for one model after the other: a namespace costs far
// more than the device in it.
type yard struct {
	seen   *arrivals
	places []*place
}

func newYard(t *testing.T) *yard {
	t.Helper()
	if err := sandbox.Supported(); err != nil {
		t.Skip(err)
	}
	y := &yard{seen: &arrivals{}}
	y.seen.reset(nil)
	t.Cleanup(func() {
		for _, p := range y.places {
			p.Close()
		}
	})
	return y
}

// place is the n-th one, the same every time.
func (y *yard) place(t fataler, n int) *place {
	for len(y.places) <= n {
		y.places = append(y.places, newPlace(t, "place"+string(rune('A'+len(y.places))), y.seen))
	}
	return y.places[n]
}
