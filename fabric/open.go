package fabric

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"bailey/path"
)

// open decides about a packet that belongs to no flow. It returns the entry
// for it, or nil where the packet is not even worth one.
func (t *Tap) open(p *packet) *half {
	c := &t.fabric.counters
	switch {
	case p.key.dst.multicast():
		c.multicast.Add(1)
		return nil
	case !p.opens():
		c.stray.Add(1)
		t.refuse(p, t.services)
		return nil
	}
	fl := &flow{tap: t}
	fl.forward = half{flow: fl, side: sideForward, key: p.key}
	if !t.fabric.decide(fl) {
		t.refuse(p, false)
		return nil
	}
	return &fl.forward
}

// opens reports whether p can be the first packet of a flow.
func (p *packet) opens() bool {
	switch p.key.proto {
	case protoTCP:
		return p.flags&(tcpSYN|tcpACK|tcpRST|tcpFIN) == tcpSYN
	case protoICMP:
		return p.ip[p.l4] == icmpEcho
	case protoICMPv6:
		return p.ip[p.l4] == icmpv6Echo
	}
	return true
}

// decide asks about fl and enters it into the tables. It asks again where the
// model changed meanwhile, so that no flow outlives a Recheck on the answer of
// the model before. It reports false where fl is not remembered.
func (f *Fabric) decide(fl *flow) bool {
	if !f.prepare(fl) {
		return false
	}
	for {
		generation := f.generation.Load()
		result := f.ask(fl)
		f.mu.Lock()
		if generation != f.generation.Load() {
			f.mu.Unlock()
			continue
		}
		arrival, ok := f.install(fl, result)
		f.mu.Unlock()
		if arrival != nil && f.config.Arrive != nil {
			f.config.Arrive(*arrival)
		}
		return ok
	}
}

// ask gets the Decider's answer, unless the answer is no whatever it says.
func (f *Fabric) ask(fl *flow) path.Result {
	if fl.barred != nil {
		return path.Result{Verdict: path.Blocked, Flow: fl.asked, Blockers: []path.Reason{*fl.barred}}
	}
	return f.config.Decider.Decide(fl.from, fl.asked)
}

// prepare works out how the network sees fl, and what bars it whatever the
// model says. It reports false where fl is not worth remembering.
func (f *Fabric) prepare(fl *flow) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, k := fl.tap, fl.forward.key
	fl.label, fl.from, fl.network, fl.asked = t.Label(), t.config.From, k, k.flow()
	fl.start = f.config.Now()
	fl.active = fl.start
	switch {
	case t.removed || f.closed:
		return false
	case !f.room():
		f.noRoom(fl)
		return false
	case t.services:
		return f.prepareWay(fl)
	case k.src != t.inner.like(k.dst):
		fl.bar(AddressMismatch, t.Label(), "%s sends from %s, which is not its address", t.Label(), k.src.netip())
	case t.inner.like(k.dst) != t.addr.like(k.dst):
		f.prepareShared(fl)
	}
	return true
}

// prepareShared gives fl a port on an address that several taps share.
func (f *Fabric) prepareShared(fl *flow) {
	fl.network.src = fl.tap.addr.like(fl.network.dst)
	fl.asked = fl.network.flow()
	if !translatable(fl.network.proto) {
		fl.bar(path.NATProtocol, fl.label, "Lambda translates TCP, UDP and ICMP, not IP protocol %d", fl.network.proto)
		return
	}
	f.lease(fl, owner(fl.from), false)
}

// prepareWay gives fl the addresses of the way in that its destination is.
func (f *Fabric) prepareWay(fl *flow) bool {
	w, ok := f.ways[fl.network.dst]
	if !ok {
		f.counters.stray.Add(1)
		return false
	}
	fl.label, fl.from = w.label, w.from
	fl.network.src, fl.network.dst = addrOf(w.src), addrOf(w.dst)
	f.lease(fl, owner(w.from), true)
	return true
}

// lease gives fl a source port that its owner does not use towards the same
// destination, its own one if keep says so and it is free.
func (f *Fabric) lease(fl *flow, owner string, keep bool) {
	le, ok := lease{}, false
	if keep {
		le, ok = f.leases.take(owner, fl.network)
	}
	if !ok {
		le, ok = f.leases.takeAny(owner, fl.network, portCount)
	}
	if !ok {
		fl.bar(PortsExhausted, fl.label, "no port is left on %s towards %s", fl.network.src.netip(), fl.asked.Dst)
		return
	}
	fl.leased = append(fl.leased, le)
	fl.network, fl.asked = le.key, le.key.flow()
}

func translatable(proto uint8) bool {
	return proto == protoTCP || proto == protoUDP || proto == protoICMP || proto == protoICMPv6
}

// install enters fl into the flow tables as result has it. It returns the
// origin to announce where fl goes to the services namespace.
func (f *Fabric) install(fl *flow, result path.Result) (*Origin, bool) {
	if fl.tap.removed {
		f.release(fl)
		return nil, false
	}
	fl.result = result
	var far key
	var to *Tap
	if result.Verdict == path.Reachable {
		far, to = f.farSide(fl)
	}
	if to == nil {
		return nil, f.enterTables(fl, nil)
	}
	fl.delivery = result.Delivery
	fl.state.Store(passing)
	fl.forward.to, fl.forward.rewrite = to, newRewrite(fl.forward.key, far)
	fl.reverse = half{flow: fl, side: sideReverse, key: far.reversed(), to: fl.tap}
	fl.reverse.rewrite = newRewrite(fl.reverse.key, fl.forward.key.reversed())
	if !f.enterTables(fl, to) || !to.services {
		return nil, !fl.removed
	}
	origin := fl.origin()
	return &origin, true
}

// farSide works out where fl comes out and how it looks there. A nil tap means
// that it does not: fl.result then says why.
func (f *Fabric) farSide(fl *flow) (key, *Tap) {
	d := fl.result.Delivery
	to := f.target(fl, d)
	if to == nil {
		return key{}, nil
	}
	if d.Dst.IsValid() && addrOf(d.Dst).is6() != fl.network.dst.is6() {
		fl.block(NAT64NotCarried, d.Through, "%s leads through %s, which makes IPv4 of it; no packet is translated here", fl.asked.Dst, d.Through)
		return key{}, nil
	}
	far := fl.network
	far.src, far.dst = or(d.Src, far.src), or(d.Dst, far.dst)
	if d.NATPort && translatable(far.proto) {
		le, ok := f.leases.takeAny("nat "+d.Through, far, natGatewayLimit)
		if !ok {
			fl.block(PortsExhausted, d.Through, "%s has no port left towards %s", d.Through, fl.asked.Dst)
			return key{}, nil
		}
		fl.leased, far = append(fl.leased, le), le.key
		if again := f.config.Decider.DecideVia(fl.from, fl.asked, far.sport); again.Verdict != path.Reachable {
			fl.result = again // a network ACL that lets replies to some ports through, and not to this one
			return key{}, nil
		}
	}
	if to.services {
		return f.identified(fl, far, to)
	}
	if inner := to.inner.like(far.dst); inner != to.addr.like(far.dst) {
		far.dst = inner
	}
	return far, to
}

// target is the tap behind a delivery, or nil, which fl.result then explains.
func (f *Fabric) target(fl *flow, d path.Delivery) *Tap {
	to := f.services
	switch d.To {
	case path.ToENI:
		to = f.bound[d.ENI]
	case path.ToNowhere:
		to = nil
	}
	if to == nil || to.services && fl.tap.services {
		fl.block(NoWorkload, cmp.Or(string(d.ENI), d.Service, "internet"),
			"the network lets it through, but nothing runs behind %s", fl.asked.Dst.Addr())
		return nil
	}
	return to
}

// identified puts the tap's identity in place of the source, with the same
// port unless another flow of the tap has it towards the same destination.
func (f *Fabric) identified(fl *flow, far key, to *Tap) (key, *Tap) {
	far.src = identityLike(fl.tap.identity, far.dst)
	for range portCount {
		if to.table.get(far.reversed()) == nil {
			return far, to
		}
		far.sport = firstPort + (far.sport-firstPort+1)%portCount
	}
	fl.block(PortsExhausted, fl.label, "%s has every port in use towards %s", fl.label, fl.asked.Dst)
	return key{}, nil
}

// bar forbids fl whatever the model says.
func (fl *flow) bar(code path.Code, component, format string, args ...any) {
	fl.barred = &path.Reason{Code: code, Component: component, Detail: fmt.Sprintf(format, args...)}
}

// block turns the answer about fl into a no.
func (fl *flow) block(code path.Code, component, format string, args ...any) {
	reason := path.Reason{Code: code, Component: component, Detail: fmt.Sprintf(format, args...)}
	fl.result.Verdict = path.Blocked
	fl.result.Blockers = append(slices.Clone(fl.result.Blockers), reason)
}

func or(a netip.Addr, fallback addr) addr {
	if a.IsValid() {
		return addrOf(a)
	}
	return fallback
}

// enterTables makes fl findable, from its far side first: the answer may come
// before the question's write has returned. It reports false where another
// flow holds one of the keys.
func (f *Fabric) enterTables(fl *flow, to *Tap) bool {
	if to != nil && !to.table.put(fl.reverse.key, &fl.reverse) {
		f.release(fl)
		return false
	}
	if !fl.tap.table.put(fl.forward.key, &fl.forward) {
		if to != nil {
			to.table.remove(fl.reverse.key, &fl.reverse)
		}
		f.release(fl)
		return false
	}
	f.flows++
	fl.tap.opened[fl] = struct{}{}
	if to == nil {
		f.log(fl)
		return true
	}
	to.reached[fl] = struct{}{}
	return true
}
