package reach

import (
	"fmt"

	"bailey/cloud"
	"bailey/netset"
)

// FromOnPremises is everything of the model that can be reached from a stated
// network outside of AWS, one Arrival for each class that anything gets to, or
// may get to. A network that joins a transit gateway may come out of another
// VPC by a NAT gateway, and so get to public addresses too.
// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
func (n *Network) FromOnPremises(name string) []Arrival {
	o, ok := n.model.OnPremisesCalled(name)
	if !ok {
		return nil
	}
	var out []Arrival
	zones := n.zonesOf(o)
	for i := range n.spots {
		s := &n.spots[i]
		if s.nat64 || s.public == nil && len(s.private) == 0 {
			continue
		}
		for _, c := range s.private {
			out = n.arriving(out, o, zones, s, c, false)
		}
		if s.public != nil && !s.zone.v6 {
			out = n.arriving(out, o, zones, s, s.public, true)
		}
	}
	return out
}

// A portion is the part of a zone that belongs to a network outside of AWS.
type portion struct {
	zone  block
	addrs netset.Addrs
}

func (n *Network) zonesOf(o cloud.OnPremises) []portion {
	var own []netset.AddrRange
	for _, p := range o.CIDRs {
		own = append(own, netset.RangeOf(p.Masked()))
	}
	all := netset.AddrsOf(own...)
	var out []portion
	for i, zone := range n.atlas.zones {
		if addrs := n.zoneAddrs[i].Intersect(all); !addrs.IsEmpty() {
			out = append(out, portion{zone, addrs})
		}
	}
	return out
}

// arriving adds what gets from a network to a class at a spot.
func (n *Network) arriving(list []Arrival, o cloud.OnPremises, zones []portion, s *spot, c *Class, public bool) []Arrival {
	if c.own == blocked {
		return list
	}
	var open pieces
	hanging := map[int]pieces{}
	for _, from := range zones {
		if from.zone.v6 != s.zone.v6 {
			continue
		}
		r := n.proofs.fates[n.reaches(o, from.zone, s, c, public)]
		open.add(from.addrs, r.open)
		for _, d := range r.doubts {
			hanging[d.gap] = append(hanging[d.gap], netset.Piece{Addrs: from.addrs, Traffic: d.in})
		}
	}
	a := Arrival{c, public, open.set(), n.doubts(hanging)}
	if a.Open.IsEmpty() && len(a.Unknown) == 0 {
		return list
	}
	return append(list, a)
}

// reaches is what becomes of packets from a zone of a network to a class.
func (n *Network) reaches(o cloud.OnPremises, from block, s *spot, c *Class, public bool) fateID {
	way := n.comeOver(o, from, s.zone)
	switch {
	case way.to == stops:
		return n.letOut(way.fate, way.six, way.rules, s.beyond)
	case way.to == atInternet && public:
		return n.proofs.join(n.letOut(way.fate, way.six, way.rules, s.beyond), n.comesFrom(way, func(src peer) fateID { return n.comeIn(c, src, way.raised) }))
	case way.to != arrives || way.vpc != c.VPC || public:
		return blocked
	}
	f := n.proofs.join(n.letOut(way.fate, way.six, way.rules, s.beyond), n.ingress(way.src)[c.door])
	if !way.local {
		f = n.proofs.join(f, n.enter(c.place, way.src, way.by, way.raised))
	}
	return f
}

// comeOver is the way from a network outside of AWS, by a virtual private
// gateway into its VPC and no further, or by a transit gateway.
func (n *Network) comeOver(o cloud.OnPremises, from, to block) exit {
	src := sender{peer{zone: from, set: noGroups}, true}
	if g, ok := n.model.VPNGatewayOver(o); ok {
		src.over = string(g.ID)
		v, attached := n.model.VPC(g.VPC)
		if !attached || !holds(v, to) {
			return exit{}
		}
		x := exit{fate: passes, to: arrives, vpc: v.ID, src: src.peer, translated: true}
		if gap := g.EdgeGap(); gap != nil {
			x = x.through(n.proofs, n.hangs(*gap))
		}
		return x
	}
	a, ok := n.model.AttachmentOver(o)
	if !ok {
		return n.unknown(cloud.Gap{Because: fmt.Sprintf("nothing here describes %s, over which %s is said to be joined", o.Over, o.Name), At: o.At})
	}
	src.over = string(a.ID)
	next, f := n.switched(a, to)
	if next.ID == "" {
		return exit{fate: f}
	}
	return n.alight(next, cloud.Unknown[string]("it comes from outside", o.At), to, src).through(n.proofs, f)
}
