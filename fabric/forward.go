package fabric

// forward is the way of every packet that a workload sends. For a flow that is
// known it takes no lock of the fabric and allocates nothing.
func (t *Tap) forward(frame []byte) {
	var p packet
	switch p.parse(frame) {
	case whole:
		t.forwardWhole(&p)
	case laterFragment:
		t.forwardFragment(&p)
	case icmpError:
		t.forwardError(&p)
	case notIP:
		t.fabric.counters.notIP.Add(1)
	case icmpOther:
		t.fabric.counters.stray.Add(1)
	default:
		t.fabric.counters.malformed.Add(1)
	}
}

func (t *Tap) forwardWhole(p *packet) {
	h := t.table.get(p.key)
	if h != nil && h.restarts(p) {
		t.fabric.forget(h.flow)
		h = nil
	}
	if h == nil {
		if h = t.open(p); h == nil {
			return
		}
	}
	t.carry(h, p)
}

// carry does with p what was decided about its flow.
func (t *Tap) carry(h *half, p *packet) {
	h.count(p)
	if state := h.flow.state.Load(); state != passing {
		t.refuse(p, state == lapsed)
		return
	}
	ends := h.ends(p)
	if p.more {
		t.fragments.note(p, h)
	}
	h.rewrite.apply(p)
	t.deliver(h.to, p.frame)
	if ends {
		t.fabric.over(h.flow)
	}
}

// deliver hands a frame to the far tap, unless a fault stands between.
func (t *Tap) deliver(to *Tap, frame []byte) {
	if t.fault.Load() != nil || to.fault.Load() != nil {
		t.deliverFaulty(to, frame)
		return
	}
	if to.device.write(frame) != nil {
		t.fabric.counters.unwritten.Add(1)
	}
}
