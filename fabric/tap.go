package fabric

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"bailey/path"
)

// A TapConfig says who sends through a tap.
type TapConfig struct {
	// Label names the workload in records: function and environment.
	Label string
	// From is where its flows start: the interface, or path.FromLambda.
	From path.From
	// Addr is the IPv4 address that the network knows: the interface's private
	// address, or for path.FromLambda one of Lambda's public ones. IPv6 is the
	// interface's IPv6 address. One of them at least is there.
	Addr, IPv6 netip.Addr
	// Inner and InnerIPv6 are the addresses that the workload has where those
	// are others: LambdaInner and LambdaInnerIPv6 for an execution environment.
	// Each flow then gets a port of its own on Addr or IPv6, which taps of the
	// same From share.
	Inner, InnerIPv6 netip.Addr
}

// LambdaInner is the address of every Lambda execution environment's eth0, and
// LambdaInnerIPv6 the second one of those that may use IPv6: a unique local
// address (RFC 4193), so that a program finds IPv6 worth trying.
var (
	LambdaInner     = netip.AddrFrom4([4]byte{169, 254, 76, 2})
	LambdaInnerIPv6 = netip.MustParseAddr("fdba:76::2")
)

// A device gives frames and takes frames.
type device interface {
	// read calls f for every frame until the device is closed. The frame is
	// f's until it returns.
	read(f func(frame []byte)) error
	// write may be called at any time, by several goroutines, and after close.
	write(frame []byte) error
	// close makes read return. It may be called twice.
	close() error
}

// A Tap is a device in a workload's namespace and the flows that use it.
type Tap struct {
	fabric   *Fabric
	config   TapConfig
	services bool // the tap of the services namespace
	device   device
	table    table
	addr     both   // as the network sees it
	inner    both   // as the workload sees it
	identity uint32 // as a server in the services namespace sees it: see identities
	fault    atomic.Pointer[fault]
	names    names
	done     chan struct{} // the reader has ended

	// Of the reader alone.
	fragments fragments
	answer    [virtioLen + 128]byte

	// Guarded by Fabric.mu.
	removed bool
	opened  map[*flow]struct{} // flows that start here
	reached map[*flow]struct{} // flows that were delivered here
}

// Label is the workload's name as Attach was given it.
func (t *Tap) Label() string { return t.config.Label }

// Attach makes the device eth0 in ns, with the workload's addresses as a /32
// and a /128 and default routes, so that every packet comes to the fabric.
// There is no ARP, no neighbour discovery and no gateway address.
func (f *Fabric) Attach(ns Namespace, c TapConfig) (*Tap, error) {
	if !c.Inner.IsValid() {
		c.Inner = c.Addr
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	d, err := f.NewDevice(ns, c.Inner)
	if err != nil {
		return nil, fmt.Errorf("fabric: attach %s: %w", c.Label, err)
	}
	return f.AttachDevice(d, c)
}

// check refuses a tap without an address or a place to start from.
func (c TapConfig) check() error {
	sound := func(a netip.Addr, v6 bool) bool { return !a.IsValid() || a.Is6() == v6 && !a.Is4In6() }
	if c.From != nil && (c.Addr.IsValid() || c.IPv6.IsValid()) && sound(c.Addr, false) && sound(c.Inner, false) &&
		sound(c.IPv6, true) && sound(c.InnerIPv6, true) && c.Addr.IsValid() == c.Inner.IsValid() {
		return nil
	}
	return fmt.Errorf("fabric: attach %s: an IPv4 or IPv6 address and a place to start from are needed, got %v, %v at %T", c.Label, c.Addr, c.IPv6, c.From)
}

// A Device is an eth0 that nobody's flows use yet: made ahead, because to make
// one takes the kernel longer than to say whose it is.
type Device struct {
	device device
	inner  netip.Addr
	ns     Namespace
}

// NewDevice makes eth0 in ns with an inner IPv4 address, or none, and IPv6 off
// until AttachDevice. AttachDevice or Close it.
func (f *Fabric) NewDevice(ns Namespace, inner netip.Addr) (*Device, error) {
	d, err := openDevice(ns, inner, f.config.MTU)
	if err != nil {
		return nil, err
	}
	return &Device{d, inner, ns}, nil
}

// Close removes a device that was not attached.
func (d *Device) Close() error { return d.device.close() }

// AttachDevice says who sends through a device; its inner address counts. An
// error has removed the device.
func (f *Fabric) AttachDevice(d *Device, c TapConfig) (*Tap, error) {
	c.Inner = d.inner
	if !c.Addr.IsValid() {
		c.Inner = netip.Addr{} // an address that leads nowhere
	}
	if !c.InnerIPv6.IsValid() {
		c.InnerIPv6 = c.IPv6
	}
	err := c.check()
	if err == nil && c.IPv6.IsValid() {
		err = addIPv6(d.ns, c.InnerIPv6)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return f.attach(d.device, &Tap{config: c})
}

// AttachServices makes the device of the namespace in which AWS endpoints, the
// resolver and the simulated internet are served: there every address is
// local, so that a listener on 0.0.0.0 accepts connections to any. One fabric
// has one.
func (f *Fabric) AttachServices(ns Namespace) (*Tap, error) {
	own := f.config.Identities.Masked().Addr().Next()
	d, err := openDevice(ns, own, f.config.MTU)
	if err != nil {
		return nil, fmt.Errorf("fabric: attach services: %w", err)
	}
	if err := anyAddressLocal(ns, f.config.Identities); err != nil {
		return nil, errors.Join(fmt.Errorf("fabric: attach services: %w", err), d.close())
	}
	if err := anyIPv6Local(ns, IdentitiesIPv6); err != nil {
		return nil, errors.Join(fmt.Errorf("fabric: attach services: %w", err), d.close())
	}
	t := &Tap{config: TapConfig{Label: "services", Addr: own, Inner: own}, services: true}
	return f.attach(d, t)
}

// attach registers t with its device and starts its reader.
func (f *Fabric) attach(d device, t *Tap) (*Tap, error) {
	t.fabric, t.device, t.done = f, d, make(chan struct{})
	c := t.config
	t.addr, t.inner = both{addrOf(c.Addr), addrOf(c.IPv6)}, both{addrOf(c.Inner), addrOf(c.InnerIPv6)}
	t.opened, t.reached = map[*flow]struct{}{}, map[*flow]struct{}{}
	if err := f.register(t); err != nil {
		return nil, errors.Join(fmt.Errorf("fabric: attach %s: %w", t.Label(), err), d.close())
	}
	f.running.Go(func() {
		defer close(t.done)
		t.device.read(t.forward)
	})
	return t, nil
}

func (f *Fabric) register(t *Tap) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errors.New("the fabric is closed")
	}
	if t.services {
		if f.services != nil {
			return errors.New("there is a services namespace already")
		}
		f.services = t
	} else {
		identity, ok := f.identities.take()
		if !ok {
			return fmt.Errorf("no identity is left in %v", f.config.Identities)
		}
		t.identity = identity
	}
	f.taps[t] = struct{}{}
	return nil
}

// Close removes the device and ends the tap's flows. It waits until the tap's
// reader has ended.
func (t *Tap) Close() error {
	err := t.device.close()
	<-t.done
	f := t.fabric
	f.mu.Lock()
	defer f.mu.Unlock()
	if t.removed {
		return nil
	}
	t.removed = true
	for _, flows := range []map[*flow]struct{}{t.opened, t.reached} {
		for fl := range flows {
			f.end(fl)
			f.remove(fl)
		}
	}
	f.unregister(t)
	return err
}

func (f *Fabric) unregister(t *Tap) {
	delete(f.taps, t)
	for eni, bound := range f.bound {
		if bound == t {
			delete(f.bound, eni)
		}
	}
	if t.services {
		f.services = nil
		return
	}
	f.identities.give(t.identity)
}

// names are the host names by which a workload came to know addresses.
type names struct {
	mu    sync.Mutex
	hosts map[netip.Addr]string
}

const maxNames = 4096 // more than a workload asks for; the cap of its memory

// Note remembers that t was told host for addr, so that records about addr can
// say what the workload meant. The latest answer counts.
func (f *Fabric) Note(t *Tap, addr netip.Addr, host string) {
	t.names.mu.Lock()
	defer t.names.mu.Unlock()
	if t.names.hosts == nil || len(t.names.hosts) >= maxNames {
		t.names.hosts = map[netip.Addr]string{}
	}
	t.names.hosts[addr] = host
}

func (n *names) host(a netip.Addr) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hosts[a]
}
