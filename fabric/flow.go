package fabric

import (
	"sync/atomic"
	"time"

	"bailey/netset"
	"bailey/path"
)

// state says what happens to a flow's packets. The zero state drops them.
type state = uint32

const (
	dropping state = iota
	passing
	lapsed // idled out of a NAT gateway: the sender that goes on is reset
)

// A flow is one conversation and what was decided about it.
type flow struct {
	tap     *Tap         // where it starts
	label   string       // of the tap, or of the way in
	from    path.From    // who asked,
	asked   netset.Flow  // and for what, as the network sees it
	network key          // the same
	barred  *path.Reason // forbidden whatever the model says

	forward, reverse half // reverse is of use only where there is a far side
	state            atomic.Uint32
	fins             atomic.Uint32 // which sides have sent FIN: sideForward, sideReverse
	over             atomic.Bool   // closed by both sides or reset; a SYN starts anew

	// Guarded by Fabric.mu.
	delivery path.Delivery
	result   path.Result // why, of a dropped flow
	leased   []lease
	start    time.Time
	active   time.Time // the last sweep that found new packets
	swept    uint64    // the packets it found
	logged   bool      // its record has been written
	cut      bool      // passed once, until Recheck
	removed  bool
}

const (
	sideForward = 1
	sideReverse = 2
	bothSides   = sideForward | sideReverse
)

// A half is one direction of a flow: what the reader of one tap does with its
// packets. Only that reader writes the counts.
type half struct {
	flow    *flow
	side    uint32
	key     key  // as read
	to      *Tap // nil where nothing is delivered
	rewrite rewrite
	packets atomic.Uint64
	bytes   atomic.Uint64
}

// count adds a frame. A plain add would do but for those who look on.
func (h *half) count(p *packet) {
	packets, bytes := p.segments()
	h.packets.Store(h.packets.Load() + packets)
	h.bytes.Store(h.bytes.Load() + bytes)
}

// restarts reports whether p opens a new conversation on the ports of one that
// is over.
func (h *half) restarts(p *packet) bool {
	return p.key.proto == protoTCP && p.flags&(tcpSYN|tcpACK) == tcpSYN &&
		(h.flow.over.Load() || h.flow.state.Load() == lapsed)
}

// ends notes what p says about the end of the conversation and reports whether
// this is it: a reset, or what follows after both sides have sent FIN.
func (h *half) ends(p *packet) bool {
	fl := h.flow
	if p.key.proto != protoTCP || fl.over.Load() {
		return false
	}
	if p.flags&tcpFIN != 0 {
		fl.fins.Or(h.side)
		return false
	}
	return p.flags&tcpRST != 0 || fl.fins.Load() == bothSides
}
