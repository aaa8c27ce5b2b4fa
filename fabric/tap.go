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
	// Addr is the address that the network knows: the interface's private
	// address, or for path.FromLambda one of Lambda's public ones.
	Addr netip.Addr
	// Inner is the address that the workload has where that is another:
	// LambdaInner for an execution environment. Each flow then gets a port of
	// its own on Addr, which taps of the same From share.
	Inner netip.Addr
}

// LambdaInner is the address of every Lambda execution environment's eth0.
var LambdaInner = netip.AddrFrom4([4]byte{169, 254, 76, 2})

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
	addr     uint32 // as the network sees it
	inner    uint32 // as the workload sees it
	identity uint32 // as a server in the services namespace sees it
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

// Attach makes the device eth0 in ns, with the workload's address as a /32 and
// a default route, so that every packet comes to the fabric. There is no ARP
// and no gateway address.
func (f *Fabric) Attach(ns Namespace, c TapConfig) (*Tap, error) {
	if !c.Inner.IsValid() {
		c.Inner = c.Addr
	}
	if !c.Addr.Is4() || !c.Inner.Is4() || c.From == nil {
		return nil, fmt.Errorf("fabric: attach %s: an IPv4 address and a place to start from are needed, got %v at %T", c.Label, c.Addr, c.From)
	}
	d, err := f.NewDevice(ns, c.Inner)
	if err != nil {
		return nil, fmt.Errorf("fabric: attach %s: %w", c.Label, err)
	}
	return f.AttachDevice(d, c)
}

// A Device is an eth0 that nobody's flows use yet: made ahead, because to make
// one takes the kernel longer than to say whose it is.
type Device struct {
	device device
	inner  netip.Addr
}

// NewDevice makes eth0 in ns with an inner address. AttachDevice or Close it.
func (f *Fabric) NewDevice(ns Namespace, inner netip.Addr) (*Device, error) {
	d, err := openDevice(ns, inner, f.config.MTU)
	if err != nil {
		return nil, err
	}
	return &Device{d, inner}, nil
}

// Close removes a device that was not attached.
func (d *Device) Close() error { return d.device.close() }

// AttachDevice says who sends through a device; its inner address counts. An
// error has removed the device.
func (f *Fabric) AttachDevice(d *Device, c TapConfig) (*Tap, error) {
	c.Inner = d.inner
	if !c.Addr.Is4() || c.From == nil {
		return nil, errors.Join(fmt.Errorf("fabric: attach %s: an IPv4 address and a place to start from are needed, got %v at %T", c.Label, c.Addr, c.From), d.Close())
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
	t := &Tap{config: TapConfig{Label: "services", Addr: own, Inner: own}, services: true}
	return f.attach(d, t)
}

// attach registers t with its device and starts its reader.
func (f *Fabric) attach(d device, t *Tap) (*Tap, error) {
	t.fabric, t.device, t.done = f, d, make(chan struct{})
	t.addr, t.inner = num4(t.config.Addr), num4(t.config.Inner)
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
