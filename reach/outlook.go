package reach

import (
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// An Outlook is everything that the members of a class reach. In its sets the
// far end of a packet is the address that a member dials.
type Outlook struct {
	Of      *Class
	Open    netset.Set          // gets there, and its replies back
	Unknown []Doubt[netset.Set] // may get there, by what it hangs on
	Edges   []Edge              // the classes that Open and Unknown lead to
	// What of Open leads to no interface of the model:
	Resolver  netset.Set                      // the VPC's own DNS resolver
	Endpoints map[cloud.EndpointID]netset.Set // an AWS service through a gateway endpoint
	Internet  netset.Set                      // hosts and AWS services at public addresses
	// OnPremises are hosts in the networks that are stated outside of AWS.
	OnPremises netset.Set
}

// From is everything that x reaches. A class that never dials reaches nothing.
func (n *Network) From(x *Class) Outlook {
	o := Outlook{Of: x, Endpoints: map[cloud.EndpointID]netset.Set{}}
	if !x.Dials() {
		return o
	}
	var open, resolver, internet, outside pieces
	hanging := map[int]pieces{}
	services := map[cloud.EndpointID]pieces{}
	for i := range n.spots {
		s := &n.spots[i]
		if s.zone.v6 != x.IPv6 {
			continue
		}
		f, x := n.meet(x, s)
		r := n.proofs.fates[f]
		open.add(s.addrs, r.open)
		for _, d := range r.doubts {
			hanging[d.gap] = append(hanging[d.gap], netset.Piece{Addrs: s.addrs, Traffic: d.in})
		}
		switch x.to {
		case atResolver:
			resolver.add(s.addrs, r.open)
		case atOnPremises:
			outside.add(s.addrs, r.open)
		case atInternet:
			if s.public == nil {
				internet.add(s.addrs, r.open)
			}
		case atEndpoint:
			services[x.endpoint] = append(services[x.endpoint], netset.Piece{Addrs: s.addrs, Traffic: r.open})
		}
	}
	o.Open, o.Resolver, o.Internet, o.OnPremises = open.set(), resolver.set(), internet.set(), outside.set()
	o.Unknown = n.doubts(hanging)
	for id, p := range services {
		if s := p.set(); !s.IsEmpty() {
			o.Endpoints[id] = s
		}
	}
	n.edges(x, n.inside, n.front, func(e Edge) bool { o.Edges = append(o.Edges, e); return true })
	return o
}

// ToInternet is what x reaches beyond the internet gateways: public addresses
// that no interface of the model has, AWS's public endpoints among them.
func (n *Network) ToInternet(x *Class) (open netset.Set, unknown []Doubt[netset.Set]) {
	o := n.From(x)
	var elsewhere []netset.AddrRange
	for i, z := range n.atlas.zones {
		if !n.abroad(z) {
			elsewhere = append(elsewhere, n.zoneAddrs[i]...)
		}
	}
	for _, c := range n.classes {
		elsewhere = append(elsewhere, c.pubAt...)
		if !c.IPv6 {
			elsewhere = append(elsewhere, imagesOf(c.pubAt)...)
		}
	}
	public := netset.Everywhere().Minus(netset.AddrsOf(elsewhere...))
	for _, d := range o.Unknown {
		if in := d.Packets.Within(public); !in.IsEmpty() {
			unknown = append(unknown, Doubt[netset.Set]{Gap: d.Gap, Packets: in})
		}
	}
	return o.Internet, unknown
}

// Abroad is what x reaches that no interface of the model has: hosts and AWS
// services at public addresses, by whatever way, and at 169.254.169.253 or
// fd00:ec2::253 the resolver. It costs nothing for interfaces, unlike From.
func (n *Network) Abroad(x *Class) (open netset.Set, unknown []Doubt[netset.Set]) {
	var out pieces
	hanging := map[int]pieces{}
	for i := range n.spots {
		s := &n.spots[i]
		resolver := slices.Contains(resolvers, s.zone)
		if s.public != nil || s.zone.v6 != x.IPv6 || !resolver && !n.abroad(s.zone) {
			continue
		}
		f, way := n.meet(x, s)
		r := n.proofs.fates[f]
		if way.to == atInternet || way.to == atEndpoint || resolver {
			out.add(s.addrs, r.open)
		}
		for _, d := range r.doubts {
			hanging[d.gap] = append(hanging[d.gap], netset.Piece{Addrs: s.addrs, Traffic: d.in})
		}
	}
	return out.set(), n.doubts(hanging)
}

// An Arrival is what hosts on the internet can send to the public addresses of
// a class, or hosts in a network outside of AWS to its private ones. In its sets
// the far end of a packet is the sender.
type Arrival struct {
	To      *Class
	Public  bool // to the public addresses of To
	Open    netset.Set
	Unknown []Doubt[netset.Set]
}

// FromInternet is everything that can be reached from the internet, one
// Arrival for each class that anything gets to, or may get to.
func (n *Network) FromInternet() []Arrival {
	var out []Arrival
	for i, t := range n.front {
		if t.v6 != t.class.IPv6 {
			continue
		}
		var open pieces
		hanging := map[int]pieces{}
		for z, zone := range n.atlas.zones {
			if !zone.isPublic() || zone.v6 != t.v6 {
				continue
			}
			r := n.proofs.fates[n.inward(n.stranger(zone), false)[i]]
			open.add(n.zoneAddrs[z], r.open)
			for _, d := range r.doubts {
				hanging[d.gap] = append(hanging[d.gap], netset.Piece{Addrs: n.zoneAddrs[z], Traffic: d.in})
			}
		}
		a := Arrival{t.class, true, open.set(), n.doubts(hanging)}
		if !a.Open.IsEmpty() || len(a.Unknown) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// doubts makes sets, in the order of what they hang on.
func (n *Network) doubts(hanging map[int]pieces) []Doubt[netset.Set] {
	var out []Doubt[netset.Set]
	for gap, p := range hanging {
		if s := p.set(); !s.IsEmpty() {
			out = append(out, Doubt[netset.Set]{Gap: n.proofs.gaps[gap], Packets: s})
		}
	}
	slices.SortFunc(out, func(a, b Doubt[netset.Set]) int { return compareGaps(a.Gap, b.Gap) })
	return out
}

// pieces are what a set is made of: spots, which have no address in common.
type pieces []netset.Piece

func (p *pieces) add(a netset.Addrs, t netset.Traffic) {
	if !t.IsEmpty() {
		*p = append(*p, netset.Piece{Addrs: a, Traffic: t})
	}
}

func (p pieces) set() netset.Set { return netset.Collect(p...) }

// meet is what becomes of packets from x to a spot, and the way that they took.
func (n *Network) meet(x *Class, s *spot) (fateID, exit) {
	p := n.proofs
	if len(x.open) > 0 {
		return p.hangs(netset.AllTraffic(), x.open...), exit{}
	}
	way, f := n.lambdaExit(x, s.zone), passes
	if !x.outside {
		way = n.exit(x.place, x.public, s.zone)
	}
	if !x.outside && !way.free {
		f = n.egress(x.out, x.VPC)[s.column]
	}
	if way.door > 0 {
		f = p.join(f, n.ingress(peer{vpc: x.VPC, zone: x.zone, set: x.set})[way.door-1])
	}
	f = p.join(x.there, p.join(n.letOut(f, way.six, way.rules, s.beyond), way.fate))
	switch {
	case f == blocked:
	case way.to == arrives:
		f = p.join(f, n.receive(x, way, s))
	case way.to == atInternet && s.public == nil && s.zone.v6 && !s.nat64:
		if v, ok := n.holder(s.zone, ""); ok { // nobody's, in a VPC of the model
			f = p.join(f, n.nobody[nobodyKey{v.ID, true}])
		}
	case way.to == atInternet && s.public != nil:
		f = p.join(f, n.past64(way.six, n.comesFrom(way, func(src peer) fateID { return n.comeIn(s.public, src, way.raised) })))
	}
	return f, way
}

// lambdaExit is the way out of Lambda's own network, which has a resolver and
// the internet.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (n *Network) lambdaExit(x *Class, to block) exit {
	switch {
	case to == resolvers[0]:
		return exit{fate: passes, to: atResolver}
	case to.isPublic():
		return exit{fate: passes, to: atInternet, src: n.stranger(x.public), translated: true}
	}
	return exit{}
}

// receive is what becomes of packets that have come to a VPC, for a private
// address of it.
func (n *Network) receive(x *Class, way exit, s *spot) fateID {
	for _, c := range s.private {
		if c.VPC != way.vpc {
			continue
		}
		src := way.src
		if !way.translated {
			src = peer{vpc: x.VPC, zone: x.zone, set: x.set}
		}
		f := n.ingress(src)[c.door]
		if !way.local {
			f = n.proofs.join(f, n.enter(c.place, src, way.by, way.raised))
		}
		return n.past64(way.six, f)
	}
	nobody := n.nobody[nobodyKey{way.vpc, s.zone.v6 && !way.six}]
	return n.proofs.join(n.past64(way.six, nobody), n.proofs.all(way.unasked...))
}
