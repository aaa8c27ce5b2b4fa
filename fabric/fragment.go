package fabric

// fragments remembers to which flow the datagrams belong whose first fragment
// came by lately. Later fragments carry no ports: those whose first is not
// remembered are dropped.
type fragments struct {
	recent [32]fragment
	next   int
}

type fragment struct {
	src, dst addr
	id       uint32
	proto    uint8
	half     *half
}

func fragmentOf(p *packet, h *half) fragment {
	return fragment{p.key.src, p.key.dst, p.datum, p.key.proto, h}
}

// note remembers a first fragment, before it is rewritten.
func (fs *fragments) note(p *packet, h *half) {
	fs.recent[fs.next] = fragmentOf(p, h)
	fs.next = (fs.next + 1) % len(fs.recent)
}

// find returns what note was given for p's datagram, the latest first.
func (fs *fragments) find(p *packet) *half {
	for i := range fs.recent {
		fr := &fs.recent[(fs.next+len(fs.recent)-1-i)%len(fs.recent)]
		if fr.half != nil && *fr == fragmentOf(p, fr.half) {
			return fr.half
		}
	}
	return nil
}

// forwardFragment carries a fragment that is not the first one.
func (t *Tap) forwardFragment(p *packet) {
	h := t.fragments.find(p)
	if h == nil || h.flow.state.Load() != passing {
		t.fabric.counters.fragment.Add(1)
		return
	}
	h.count(p)
	if !h.rewrite.same {
		h.rewrite.addresses(p.ip)
	}
	t.deliver(h.to, p.frame)
}
