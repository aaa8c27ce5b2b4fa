package fabric

import (
	"sync"
	"sync/atomic"

	"bailey/cloud"
)

// A Fabric carries packets between its taps. Make one with New.
type Fabric struct {
	config     Config
	journal    *journal
	generation atomic.Uint64 // of the model: counts calls of Recheck
	counters   counters
	running    sync.WaitGroup // readers, the sweeper, delay lines
	closing    chan struct{}

	mu         sync.Mutex // guards all below and the slow-path fields of flows and taps
	closed     bool
	taps       map[*Tap]struct{}
	services   *Tap
	bound      map[cloud.ENIID]*Tap
	leases     leases
	identities identities
	ways       map[addr]way
	flows      int
	full       bool // no room could be made since the last sweep
	unable     bool // and a flow was turned away with a record
}

// New starts a fabric without taps. Close it.
func New(c Config) *Fabric {
	f := prepared(c)
	f.running.Go(f.sweepOften)
	return f
}

// prepared is a fabric that forgets nothing by itself.
func prepared(c Config) *Fabric {
	c = c.orDefaults()
	f := &Fabric{
		config:     c,
		journal:    newJournal(),
		closing:    make(chan struct{}),
		taps:       map[*Tap]struct{}{},
		bound:      map[cloud.ENIID]*Tap{},
		leases:     newLeases(),
		identities: newIdentities(c.Identities),
		ways:       map[addr]way{},
	}
	if c.Log != nil {
		f.journal.subscribe(c.Log)
	}
	return f
}

// Close removes all taps, ends all flows, and waits until every subscriber has
// got the last record and no goroutine of the fabric is left. A subscriber must
// not call it, and one that never returns keeps it waiting.
func (f *Fabric) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	f.closed = true
	taps := f.taps
	f.taps = map[*Tap]struct{}{}
	f.mu.Unlock()
	close(f.closing)
	var closing sync.WaitGroup // the kernel takes 20 ms to remove a device, but many at once
	for t := range taps {
		closing.Go(func() { t.Close() })
	}
	closing.Wait()
	f.running.Wait()
	f.journal.close()
	return nil
}

// Bind delivers what arrives at an interface to t: the namespace of the
// instance behind it, or the services tap where a server stands in for it. A
// nil t takes the binding back. Flows that are open stay as they are.
func (f *Fabric) Bind(eni cloud.ENIID, t *Tap) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t == nil {
		delete(f.bound, eni)
		return
	}
	f.bound[eni] = t
}

// counters count what leaves no record.
type counters struct {
	malformed, notIP, stray, fragment, multicast, unwritten, faulted atomic.Uint64
}

// Stats are counts since New, and Flows of now.
type Stats struct {
	Flows     int    // open or still remembered
	Malformed uint64 // headers that contradict themselves
	NotIP     uint64
	Stray     uint64 // TCP without a handshake before it, ICMP errors about nothing known
	Fragment  uint64 // fragments that precede their first
	Multicast uint64 // multicast and broadcast, which a VPC does not carry
	Unwritten uint64 // a device that did not take a packet
	Faulted   uint64 // lost because SetFault asked for it
	Unlogged  uint64 // records lost because subscribers were too slow
}

// Stats gives the counts of now.
func (f *Fabric) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &f.counters
	return Stats{
		Flows: f.flows, Malformed: c.malformed.Load(), NotIP: c.notIP.Load(), Stray: c.stray.Load(),
		Fragment: c.fragment.Load(), Multicast: c.multicast.Load(), Unwritten: c.unwritten.Load(),
		Faulted: c.faulted.Load(), Unlogged: f.journal.skipped(),
	}
}
