package reach

import (
	"iter"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A Doubt is packets whose fate hangs on a fact that nobody stated, and on no
// blocker. A packet that hangs on several facts is in a Doubt for each.
type Doubt[T netset.Set | netset.Traffic] struct {
	Gap     cloud.Gap
	Packets T
}

// An Edge is what the members of one class can send to those of another, the
// same for any two of them.
type Edge struct {
	From, To *Class
	Public   bool // to the public addresses of To, through internet gateways

	n    *Network
	fate fateID
}

// Open is what gets there, and the replies back.
func (e Edge) Open() netset.Traffic { return e.n.proofs.fates[e.fate].open }

// Unknown is what may get there.
func (e Edge) Unknown() []Doubt[netset.Traffic] {
	var out []Doubt[netset.Traffic]
	for _, d := range e.n.proofs.fates[e.fate].doubts {
		out = append(out, Doubt[netset.Traffic]{e.n.proofs.gaps[d.gap], d.in})
	}
	slices.SortFunc(out, func(a, b Doubt[netset.Traffic]) int { return compareGaps(a.Gap, b.Gap) })
	return out
}

// Witness is a flow of the Edge, an open one if there is one: path.Trace gives
// it the verdict reachable, else unknown.
func (e Edge) Witness() netset.Flow {
	f := e.n.proofs.fates[e.fate]
	t := f.open
	if t.IsEmpty() {
		t = f.possible
	}
	p, dst, src, _ := t.Sample()
	to := e.To.privAt
	if e.Public {
		to = e.To.pubAt
	}
	addr := receiver(to, e.From == e.To && !e.Public)
	if e.From.IPv6 && !e.To.IPv6 {
		addr = cloud.Synthesized(addr)
	}
	return netset.Flow{Proto: p, Src: netip.AddrPortFrom(e.n.senderOf(e.From), src), Dst: netip.AddrPortFrom(addr, dst)}
}

// senderOf is the first address of a class, zero where none is known.
func (n *Network) senderOf(c *Class) netip.Addr {
	switch {
	case c.outside:
		return lambdaAddr(n.model)
	case len(c.privAt) == 0:
		return netip.Addr{}
	}
	return c.privAt[0].Lo()
}

// receiver is the first address, or the second where the first one sends.
func receiver(of netset.Addrs, second bool) netip.Addr {
	switch {
	case !second || !several(of):
		return of[0].Lo()
	case of[0].Lo() != of[0].Hi():
		return of[0].Lo().Next()
	}
	return of[1].Lo()
}

func several(a netset.Addrs) bool { return len(a) > 1 || len(a) == 1 && a[0].Lo() != a[0].Hi() }

// Pairs are all pairs of classes between which anything gets or may get
// through; whatever is not among them is blocked. A class is paired with
// itself where it has several members, or public addresses that it dials.
func (n *Network) Pairs() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for _, x := range n.classes {
			if x.Dials() && !n.edges(x, n.inside, n.front, yield) {
				return
			}
		}
	}
}

// To is everything of the model that reaches or may reach x; FromInternet says
// who else does.
func (n *Network) To(x *Class) []Edge {
	var inside, front []target
	for _, t := range n.inside {
		if t.class == x {
			inside = append(inside, t)
		}
	}
	var out []Edge
	keep := func(e Edge) bool {
		if e.To == x {
			out = append(out, e)
		}
		return true
	}
	if !x.pubAt.IsEmpty() {
		front = n.front
	}
	for _, c := range n.classes {
		if c.Dials() {
			n.edges(c, inside, front, keep)
		}
	}
	return out
}

// edges yields the Edges from x to targets; front is all or none. It reports
// whether yield wants more.
func (n *Network) edges(x *Class, inside, front []target, yield func(Edge) bool) bool {
	if len(x.open) > 0 {
		return n.hanging(x, inside, front, yield)
	}
	if x.outside {
		return n.frontEdges(x, nil, nil, front, yield)
	}
	p := n.proofs
	out, own, ways := n.egress(x.out, x.VPC), n.ingress(peer{vpc: x.VPC, zone: x.zone, set: x.set}), n.roads(x.place)
	for _, t := range inside {
		r := &ways[t.place]
		if t.v6 != x.IPv6 || r.fate == blocked || out[t.column] == blocked {
			continue
		}
		f := p.join(x.there, p.join(r.fate, out[t.column]))
		if r.door > 0 {
			f = p.join(f, own[r.door-1])
		}
		f = n.letOut(f, r.six, r.rules, t.beyond)
		switch {
		case r.stops:
		case r.translated:
			f = p.join(f, n.past64(r.six, n.ingress(r.src)[t.door]))
		default:
			f = p.join(f, own[t.door])
		}
		if f == blocked || x == t.class && !several(x.privAt) {
			continue
		}
		if !yield(Edge{x, t.class, false, n, f}) {
			return false
		}
	}
	if len(front) == 0 {
		return true
	}
	return n.frontEdges(x, out, n.fronts(x.place, x.public), front, yield)
}

// letOut joins what the rules of middleboxes let out, behind NAT64 or not.
func (n *Network) letOut(f fateID, six bool, rules []egressKey, column int) fateID {
	for _, r := range rules {
		f = n.proofs.join(f, n.past64(six, n.egress(r.side, r.vpc)[column]))
	}
	return f
}

// hanging yields the Edges of a class of which something is not known.
func (n *Network) hanging(x *Class, inside, front []target, yield func(Edge) bool) bool {
	f := n.proofs.hangs(netset.AllTraffic(), x.open...)
	for _, t := range inside {
		if t.v6 == x.IPv6 && !yield(Edge{x, t.class, false, n, f}) {
			return false
		}
	}
	for _, t := range front {
		if t.v6 == x.IPv6 && !(t.v6 && t.class.IPv6) && !yield(Edge{x, t.class, true, n, f}) {
			return false
		}
	}
	return true
}

// frontEdges yields the Edges to public addresses; without rules and ways of
// its own, x is Lambda's network, which has the internet.
func (n *Network) frontEdges(x *Class, out []fateID, ways []exit, front []target, yield func(Edge) bool) bool {
	p := n.proofs
	for i, t := range front {
		if t.v6 != x.IPv6 {
			continue
		}
		way, f := n.lambdaExit(x, t.class.public), passes
		if !x.outside {
			way, f = ways[t.zone], out[t.column]
		}
		if way.door > 0 {
			f = p.join(f, n.ingress(peer{vpc: x.VPC, zone: x.zone, set: x.set})[way.door-1])
		}
		f = n.letOut(f, way.six, way.rules, t.beyond)
		if f = p.join(x.there, p.join(f, way.fate)); f == blocked {
			continue
		}
		switch way.to {
		case stops:
			if t.class.IPv6 {
				continue // the Edge to the same address within
			}
		case atInternet:
			f = p.join(f, n.past64(way.six, n.comesFrom(way, func(src peer) fateID { return n.inward(src, way.raised)[i] })))
		default:
			continue
		}
		if f != blocked && !yield(Edge{x, t.class, true, n, f}) {
			return false
		}
	}
	return true
}
