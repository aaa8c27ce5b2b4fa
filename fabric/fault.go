package fabric

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A Fault is what is wrong with a workload's network. It holds for what the
// workload sends and for what is sent to it, each way.
type Fault struct {
	Drop  float64       // the share of packets that is lost; 1 cuts the workload off
	Delay time.Duration // added to each packet
}

// fault is a Fault and the packets that it holds back.
type fault struct {
	Fault
	line delayLine
}

// SetFault replaces the fault of t. The zero Fault mends it; packets that are
// held back still arrive.
func (f *Fabric) SetFault(t *Tap, to Fault) {
	if to == (Fault{}) {
		t.fault.Store(nil)
		return
	}
	t.fault.Store(&fault{Fault: to})
}

// deliverFaulty is deliver where one of the two taps has a fault.
func (t *Tap) deliverFaulty(to *Tap, frame []byte) {
	var delay time.Duration
	var line *delayLine
	for _, ft := range []*fault{t.fault.Load(), to.fault.Load()} {
		if ft == nil {
			continue
		}
		if ft.Drop > 0 && rand.Float64() < ft.Drop {
			t.fabric.counters.faulted.Add(1)
			return
		}
		delay, line = delay+ft.Delay, &ft.line
	}
	if delay == 0 || line == nil {
		to.device.write(frame)
		return
	}
	if !line.hold(t.fabric, held{to, slices.Clone(frame), time.Now().Add(delay)}) {
		t.fabric.counters.faulted.Add(1)
	}
}

// A delayLine holds packets back and lets them go in the order in which they
// came. It has a goroutine only while it holds some.
type delayLine struct {
	mu      sync.Mutex
	waiting []held
}

type held struct {
	to    *Tap
	frame []byte
	due   time.Time
}

const maxHeld = 4096 // as many as a long line; more are lost, as on one

// hold reports false where the line is full.
func (l *delayLine) hold(f *Fabric, h held) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= maxHeld {
		return false
	}
	l.waiting = append(l.waiting, h)
	if len(l.waiting) == 1 {
		f.running.Go(func() { l.release(f.closing) })
	}
	return true
}

// release lets packets go when they are due, until none is left.
func (l *delayLine) release(closing <-chan struct{}) {
	for h, ok := l.first(); ok; h, ok = l.following() {
		select {
		case <-time.After(time.Until(h.due)):
			h.to.device.write(h.frame)
		case <-closing:
			return
		}
	}
}

func (l *delayLine) first() (held, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting[0], true
}

func (l *delayLine) following() (held, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = l.waiting[1:]
	if len(l.waiting) == 0 {
		l.waiting = nil
		return held{}, false
	}
	return l.waiting[0], true
}
