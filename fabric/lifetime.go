package fabric

import (
	"time"

	"bailey/path"
)

// The end of flows. All but sweepOften, Recheck and the entries for readers is
// called with Fabric.mu held.

const sweepEvery = time.Second

// evictAfter is how long a flow without a handshake must be idle before it is
// given up for a new one in a full table.
const evictAfter = 10 * time.Second

func (f *Fabric) sweepOften() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-f.closing:
			return
		case <-tick.C:
			f.sweep()
		}
	}
}

// sweep forgets the flows that have been idle for too long. Readers take no
// note of the time: a flow was active at the sweep that finds more packets
// than the one before.
func (f *Fabric) sweep() {
	now := f.config.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full, f.unable = false, false
	for t := range f.taps {
		for fl := range t.opened {
			if fl.idle(now) >= f.limit(fl) {
				f.expire(fl, now)
			}
		}
	}
}

func (fl *flow) idle(now time.Time) time.Duration {
	if n := fl.forward.packets.Load() + fl.reverse.packets.Load(); n != fl.swept {
		fl.swept, fl.active = n, now
	}
	return now.Sub(fl.active)
}

func (f *Fabric) limit(fl *flow) time.Duration {
	idle := f.config.Idle
	switch {
	case fl.over.Load():
		return idle.Ended
	case fl.state.Load() == dropping:
		return idle.Dropped
	case fl.delivery.NATPort:
		return idle.NAT
	case fl.forward.key.proto == protoTCP:
		return idle.TCP
	}
	return idle.UDP
}

// expire forgets fl, but for TCP through a NAT gateway: that is remembered once
// more as long, for the gateway resets whoever goes on:
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html#nat-gateway-troubleshooting-timeout
func (f *Fabric) expire(fl *flow, now time.Time) {
	f.end(fl)
	if fl.delivery.NATPort && fl.forward.key.proto == protoTCP && fl.state.Load() == passing && !fl.over.Load() {
		fl.active = now
		fl.state.Store(lapsed)
		return
	}
	f.remove(fl)
}

// over ends a flow at its last packet; late ones still pass until the sweep.
func (f *Fabric) over(fl *flow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.over.Store(true)
	fl.active = f.config.Now()
	f.end(fl)
}

// forget makes room for a flow with the same key.
func (f *Fabric) forget(fl *flow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(fl)
	f.remove(fl)
}

// end writes fl's record, once. A dropped flow's was written at its start.
func (f *Fabric) end(fl *flow) {
	if !fl.logged {
		f.log(fl)
	}
}

// remove takes fl out of all tables. What was looked up before still comes to
// a flow that drops.
func (f *Fabric) remove(fl *flow) {
	if fl.removed {
		return
	}
	f.release(fl)
	fl.state.Store(dropping)
	fl.tap.table.remove(fl.forward.key, &fl.forward)
	delete(fl.tap.opened, fl)
	if to := fl.forward.to; to != nil {
		to.table.remove(fl.reverse.key, &fl.reverse)
		delete(to.reached, fl)
	}
	f.flows--
}

// release gives back the ports of a flow that is in no table.
func (f *Fabric) release(fl *flow) {
	fl.removed = true
	for _, le := range fl.leased {
		f.leases.give(le)
	}
	fl.leased = nil
}

// room reports whether one more flow can be remembered, and gives up what
// matters least where it could not.
func (f *Fabric) room() bool {
	if f.flows < f.config.MaxFlows {
		return true
	}
	if f.full {
		return false // nothing to give up a moment ago
	}
	now := f.config.Now()
	for t := range f.taps {
		for fl := range t.opened {
			if f.dispensable(fl, now) {
				f.end(fl)
				f.remove(fl)
			}
		}
	}
	f.full = f.flows >= f.config.MaxFlows
	return !f.full
}

func (f *Fabric) dispensable(fl *flow, now time.Time) bool {
	if fl.over.Load() || fl.state.Load() != passing {
		return true
	}
	return fl.forward.key.proto != protoTCP && fl.idle(now) >= evictAfter
}

// noRoom writes the record of the first flow that a full table turns away
// between two sweeps.
func (f *Fabric) noRoom(fl *flow) {
	if f.unable {
		return
	}
	f.unable = true
	fl.bar(TableFull, "fabric", "%d flows are open, more than the table holds", f.flows)
	fl.result = path.Result{Verdict: path.Blocked, Blockers: []path.Reason{*fl.barred}}
	f.log(fl)
}

// Recheck asks again about every flow: to be called when the Decider answers
// from a new model. Flows that may pass no longer, or that would go elsewhere,
// are cut, with a record; those that were dropped and may pass now are
// forgotten, so that the next packet opens them.
func (f *Fabric) Recheck() {
	f.generation.Add(1)
	for _, fl := range f.snapshot() {
		result := f.ask(fl)
		f.mu.Lock()
		if !fl.removed {
			f.revise(fl, result)
		}
		f.mu.Unlock()
	}
}

func (f *Fabric) snapshot() []*flow {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*flow, 0, f.flows)
	for t := range f.taps {
		for fl := range t.opened {
			all = append(all, fl)
		}
	}
	return all
}

func (f *Fabric) revise(fl *flow, result path.Result) {
	passes := fl.state.Load() != dropping
	may := result.Verdict == path.Reachable
	switch {
	case !passes && may:
		f.remove(fl)
	case !passes:
		fl.result = result
	case may && result.Delivery == fl.delivery:
	default:
		fl.result, fl.cut = result, true
		if may {
			fl.block(Moved, fl.label, "%s is now delivered to another place; a connection cannot move", fl.asked)
		}
		f.end(fl)
		f.remove(fl)
	}
}
