package reach

import (
	"bailey/cloud"
)

// rows is what a Network has worked out, a row at a time: all answers of one
// source's rules, place or peer.
type rows struct {
	egress  map[egressKey][]fateID // by column: what a side lets out
	ingress map[peer][]fateID      // by door: what a peer gets in
	roads   map[int][]road         // by place: the ways from a place
	exits   map[exitKey]exit
	entries map[entryKey]fateID
	fronts  map[frontKey][]exit    // by front zone
	inward  map[inwardKey][]fateID // by front target
}

type (
	egressKey struct {
		side *side
		vpc  cloud.VPCID
	}
	exitKey struct {
		from, pub, to block
		subnet        cloud.SubnetID
	}
	entryKey struct {
		place placeKey
		zone  block
		vpc   cloud.VPCID
		by    int
		over  string
	}
	frontKey struct {
		place int
		pub   block
	}
	inwardKey struct {
		src    peer
		raised bool
	}
)

// A road is the way from one place to another, both ways, but for groups.
type road struct {
	fate  fateID
	stops bool // nobody knows whether it leads there
	// src is who it comes from at the far end; unset for the interface itself.
	src        peer
	translated bool
	six        bool // from IPv6 to IPv4
	door       int
	rules      []egressKey
}

func newRows() rows {
	return rows{map[egressKey][]fateID{}, map[peer][]fateID{}, map[int][]road{}, map[exitKey]exit{}, map[entryKey]fateID{},
		map[frontKey][]exit{}, map[inwardKey][]fateID{}}
}

// egress is what the rules of a side in a VPC let out, by column.
func (n *Network) egress(s *side, vpc cloud.VPCID) []fateID {
	key := egressKey{s, vpc}
	row, ok := n.rows.egress[key]
	if !ok {
		row = make([]fateID, len(n.columns))
		for i, p := range n.columns {
			row[i] = n.proofs.gate(s, p.zone, n.setSeen(vpc, p), n.openSeen(vpc, p))
		}
		n.rows.egress[key] = row
	}
	return row
}

// ingress is what a peer gets in, by door.
func (n *Network) ingress(src peer) []fateID {
	row, ok := n.rows.ingress[src]
	if !ok {
		row = make([]fateID, len(n.doors))
		for i, d := range n.doors {
			row[i] = n.opens(d, src)
		}
		n.rows.ingress[src] = row
	}
	return row
}

// opens is what a door takes from a peer. Where the groups are not known they
// are among the gaps of the door itself.
func (n *Network) opens(d door, src peer) fateID {
	if d.own == blocked || d.in == nil {
		return d.own
	}
	return n.proofs.join(d.own, n.proofs.gate(d.in, src.zone, n.setAt(d.vpc, src), n.openSeen(d.vpc, src)))
}

// exit is leave, once.
func (n *Network) exit(from int, pub, to block) exit {
	p := n.places[from]
	key := exitKey{p.zone, pub, to, p.subnet}
	x, ok := n.rows.exits[key]
	if !ok {
		x = n.leave(p, pub, to)
		n.rows.exits[key] = x
	}
	return x
}

// enter is entry, once, with source ports as a NAT gateway may have made them.
func (n *Network) enter(at int, src peer, by int, raised bool) fateID {
	p := n.places[at]
	key := entryKey{p.placeKey, src.zone, src.vpc, by, src.over}
	f, ok := n.rows.entries[key]
	if !ok {
		f = n.entry(p, src, by)
		n.rows.entries[key] = f
	}
	if raised {
		return n.proofs.raise(f)
	}
	return f
}

// roads are the ways from a place to private addresses, by place.
func (n *Network) roads(from int) []road {
	row, ok := n.rows.roads[from]
	if !ok {
		row = make([]road, len(n.places))
		for to := range n.places {
			row[to] = n.road(from, to)
		}
		n.rows.roads[from] = row
	}
	return row
}

func (n *Network) road(from, to int) road {
	a, b := n.places[from], n.places[to]
	if b.zone == noBlock {
		return road{}
	}
	if b.zone.v6 && !a.zone.v6 {
		return road{}
	}
	x := n.exit(from, noBlock, n.dialled(a, b.zone))
	switch {
	case x.to == stops:
		return road{fate: x.fate, stops: true, six: x.six, door: x.door, rules: x.rules}
	case x.to != arrives || x.vpc != b.vpc.ID:
		return road{}
	case x.local:
		return road{fate: x.fate, src: x.src, translated: x.translated, six: x.six, door: x.door, rules: x.rules}
	}
	src := x.src
	if !x.translated {
		src = peer{vpc: a.vpc.ID, zone: a.zone}
	}
	return road{n.proofs.join(x.fate, n.past64(x.six, n.enter(to, src, x.by, x.raised))), false, src, x.translated, x.six, x.door, x.rules}
}

// fronts are the ways from a place to public addresses, by front zone.
func (n *Network) fronts(from int, pub block) []exit {
	key := frontKey{from, pub}
	row, ok := n.rows.fronts[key]
	if !ok {
		row = make([]exit, len(n.frontZones))
		for i, z := range n.frontZones {
			row[i] = n.exit(from, pub, z)
		}
		n.rows.fronts[key] = row
	}
	return row
}

// inward is what a stranger gets in from the internet's side, by front target.
func (n *Network) inward(src peer, raised bool) []fateID {
	key := inwardKey{src, raised}
	row, ok := n.rows.inward[key]
	if !ok {
		row = make([]fateID, len(n.front))
		for i, t := range n.front {
			if t.class.IPv6 == src.zone.v6 {
				row[i] = n.comeIn(t.class, src, raised)
			}
		}
		n.rows.inward[key] = row
	}
	return row
}

// comeIn takes a stranger to the public address of a class. Where its subnet is
// not known, nothing is.
func (n *Network) comeIn(c *Class, src peer, raised bool) fateID {
	switch {
	case c.VPC == "":
		return n.doors[c.door].own
	case c.IPv6 && c.denyIGW:
		return blocked // denyAllIgwTraffic
	}
	return n.proofs.join(n.enter(c.place, src, 0, raised), n.ingress(src)[c.door])
}
