package reach

import (
	"cmp"
	"encoding/binary"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A fate is what becomes of all traffic between two ends, or at one filter:
// open passes, each doubt passes if a fact that is not known lets it, the rest
// is blocked. open and the doubts' traffic have nothing in common; a packet may
// hang on several facts.
type fate struct {
	open, possible netset.Traffic
	doubts         []doubt // by gap
}

type doubt struct {
	gap int
	in  netset.Traffic
}

// A fateID is a fate by number: equal fates have equal numbers.
type fateID uint32

const (
	blocked fateID = iota
	passes
)

// proofs is everything that was proved once: fates and what follows from two of
// them, what a filter with certain rules does. Nothing in it speaks of a
// Model, so the Networks of one Model and the next share it.
type proofs struct {
	fates  []fate
	byKey  map[string]fateID
	joins  map[uint64]fateID
	raised map[fateID]fateID
	recent [1 << 12]joined

	gaps  []cloud.Gap
	gapOf map[cloud.Gap]int

	groupOf  map[cloud.SecurityGroupID]int
	sets     []groupSet
	setOf    map[string]int
	sides    map[string]*side
	aclFates map[aclKey]fateID

	work int // cells that were worked out and not found
}

type joined struct {
	key uint64
	id  fateID
}

func newProofs() *proofs {
	p := &proofs{byKey: map[string]fateID{}, joins: map[uint64]fateID{}, raised: map[fateID]fateID{}, gapOf: map[cloud.Gap]int{},
		groupOf: map[cloud.SecurityGroupID]int{}, setOf: map[string]int{}, sides: map[string]*side{}, aclFates: map[aclKey]fateID{}}
	p.pass(netset.Traffic{})
	p.pass(netset.AllTraffic())
	p.setID(nil)
	return p
}

// pass is the fate of being open for t and nothing else.
func (p *proofs) pass(t netset.Traffic) fateID { return p.intern(t, nil) }

// hangs is the fate of t hanging on facts that are not known.
func (p *proofs) hangs(t netset.Traffic, gaps ...cloud.Gap) fateID {
	var doubts []doubt
	for _, g := range gaps {
		doubts = append(doubts, doubt{p.gap(g), t})
	}
	return p.intern(netset.Traffic{}, doubts)
}

func (p *proofs) gap(g cloud.Gap) int {
	id, ok := p.gapOf[g]
	if !ok {
		id = len(p.gaps)
		p.gaps, p.gapOf[g] = append(p.gaps, g), id
	}
	return id
}

// intern gives the number of the fate that is open for open; of each doubt
// counts what is not open.
func (p *proofs) intern(open netset.Traffic, doubts []doubt) fateID {
	f := fate{open: open, possible: open}
	slices.SortStableFunc(doubts, func(a, b doubt) int { return cmp.Compare(a.gap, b.gap) })
	for _, d := range doubts {
		d.in = d.in.Minus(open)
		if d.in.IsEmpty() {
			continue
		}
		f.possible = f.possible.Union(d.in)
		if n := len(f.doubts); n > 0 && f.doubts[n-1].gap == d.gap {
			f.doubts[n-1].in = f.doubts[n-1].in.Union(d.in)
			continue
		}
		f.doubts = append(f.doubts, d)
	}
	key := f.open.AppendKey(nil)
	for _, d := range f.doubts {
		key = d.in.AppendKey(binary.BigEndian.AppendUint32(key, uint32(d.gap)))
	}
	id, ok := p.byKey[string(key)]
	if !ok {
		id = fateID(len(p.fates))
		p.fates, p.byKey[string(key)] = append(p.fates, f), id
	}
	return id
}

// join is the fate of traffic that must pass both.
func (p *proofs) join(a, b fateID) fateID {
	switch {
	case a == blocked || b == blocked:
		return blocked
	case a == passes || a == b:
		return b
	case b == passes:
		return a
	case a > b:
		a, b = b, a
	}
	key := uint64(a)<<32 | uint64(b)
	slot := &p.recent[(a*31+b)%fateID(len(p.recent))]
	if slot.key != key {
		*slot = joined{key, p.joinSlow(key, a, b)}
	}
	return slot.id
}

func (p *proofs) joinSlow(key uint64, a, b fateID) fateID {
	id, ok := p.joins[key]
	if !ok {
		id = p.conjunction(p.fates[a], p.fates[b])
		p.joins[key] = id
	}
	return id
}

// conjunction: a packet hangs on every fact that either of the two hangs on,
// provided that neither blocks it.
func (p *proofs) conjunction(x, y fate) fateID {
	var doubts []doubt
	for _, d := range x.doubts {
		doubts = append(doubts, doubt{d.gap, d.in.Intersect(y.possible)})
	}
	for _, d := range y.doubts {
		doubts = append(doubts, doubt{d.gap, d.in.Intersect(x.possible)})
	}
	return p.intern(x.open.Intersect(y.open), doubts)
}

// all joins any number of fates.
func (p *proofs) all(ids ...fateID) fateID {
	out := passes
	for _, id := range ids {
		out = p.join(out, id)
	}
	return out
}

// raise is the fate of traffic whose source ports below 1024 become 1024
// before it meets id: what a NAT gateway sends on.
func (p *proofs) raise(id fateID) fateID {
	if id == blocked || id == passes {
		return id
	}
	out, ok := p.raised[id]
	if !ok {
		f := p.fates[id]
		var doubts []doubt
		for _, d := range f.doubts {
			doubts = append(doubts, doubt{d.gap, d.in.RaiseSources(1024)})
		}
		out = p.intern(f.open.RaiseSources(1024), doubts)
		p.raised[id] = out
	}
	return out
}

func compareGaps(a, b cloud.Gap) int { return cmp.Compare(a.String(), b.String()) }
