//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/netset"
	"bailey/path"
	"bailey/sandbox"
)

func openThroughput(b *bench) (pair, error) {
	return b.openNetworks(order{Kind: forStream, For: b.stream})
}

func openRoundTrip(b *bench) (pair, error) {
	return b.openNetworks(order{Kind: forEcho, N: b.roundTrips})
}

func openConnections(b *bench) (pair, error) {
	return b.openNetworks(order{Kind: forOnce, For: b.connecting})
}

// openNetworks opens both networks, each with a client and a server, and has
// the clients carry out o.
func (b *bench) openNetworks(o order) (pair, error) {
	ours, err := b.openFabric()
	if err != nil {
		return pair{}, err
	}
	peer, err := b.openRouter()
	if err != nil {
		return pair{}, err
	}
	o.Addr = ours.addr
	p := pair{ours: ours.client.order(o)}
	o.Addr = peer.addr
	p.peer = peer.client.order(o)
	return p, nil
}

// A network is a client, and the address at which it finds a server.
type network struct {
	client *end
	addr   string
}

// decider answers from a model, as world's does.
type decider struct{ model *cloud.Model }

// Decide is what the fabric asks for each new flow.
func (d decider) Decide(from path.From, flow netset.Flow) path.Result {
	return path.Decide(d.model, from, flow)
}

// DecideVia is for flows behind a NAT gateway.
func (d decider) DecideVia(from path.From, flow netset.Flow, natPort uint16) path.Result {
	return path.DecideVia(d.model, from, flow, natPort)
}

// openFabric makes the example's network and puts the ends where its function
// and its web server are: across a peering, with every rule of the template,
// and with Lambda's translation of addresses.
func (b *bench) openFabric() (network, error) {
	m, err := b.model()
	if err != nil {
		return network{}, err
	}
	from, to := m.ENIsOf("PingFunction"), m.ENIsOf("Web")
	if len(from) == 0 || len(to) == 0 {
		return network{}, errors.New("examples/rootski: PingFunction or Web has no interface")
	}
	f := fabric.New(fabric.Config{Decider: decider{m}})
	b.closing(f.Close)
	near, _, err := b.attach(f, fabric.TapConfig{Label: "client", From: path.FromENI{ID: from[0].ID}, Addr: from[0].PrivateIP, Inner: fabric.LambdaInner})
	if err != nil {
		return network{}, err
	}
	far, tap, err := b.attach(f, fabric.TapConfig{Label: "server", From: path.FromENI{ID: to[0].ID}, Addr: to[0].PrivateIP})
	if err != nil {
		return network{}, err
	}
	f.Bind(to[0].ID, tap)
	return b.openEnds(near, far, to[0].PrivateIP)
}

func (b *bench) attach(f *fabric.Fabric, c fabric.TapConfig) (*sandbox.Namespace, *fabric.Tap, error) {
	ns, err := b.newNamespace()
	if err != nil {
		return nil, nil, err
	}
	tap, err := f.Attach(ns, c)
	return ns, tap, err
}

// newNamespace makes a network namespace that goes with the row.
func (b *bench) newNamespace() (*sandbox.Namespace, error) {
	ns, err := sandbox.NewNamespace()
	if err == nil {
		b.closing(ns.Close)
	}
	return ns, err
}

// openEnds starts a server in far and a client in near.
func (b *bench) openEnds(near, far *sandbox.Namespace, addr netip.Addr) (network, error) {
	if _, err := b.startEnd(far, "server"); err != nil {
		return network{}, err
	}
	client, err := b.startEnd(near, "client")
	if err != nil {
		return network{}, err
	}
	return network{client, fmt.Sprintf("%s:80", addr)}, nil
}
