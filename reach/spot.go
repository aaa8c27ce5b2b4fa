package reach

import (
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A peer is the far end of a flow as the rules of a group see it. The zero VPC
// is a stranger: somebody by address alone.
type peer struct {
	vpc  cloud.VPCID
	zone block
	set  int
}

// A spot is destination addresses that are alike: of a class, private or
// public ones, or of a zone nobody has. One address may be several classes',
// in different VPCs; it has a zone of its own then.
type spot struct {
	zone    block
	addrs   netset.Addrs
	private []*Class
	public  *Class
	column  int
}

// A target is a spot as the pairs need it.
type target struct {
	class               *Class
	column, door, place int
	zone                int // front: of frontZones
}

// findSpots divides all addresses into spots.
func (n *Network) findSpots() {
	n.single = map[block]int{}
	special := func(z block) *spot {
		i, ok := n.single[z]
		if !ok {
			i = len(n.spots)
			n.single[z] = i
			n.spots = append(n.spots, spot{zone: z, addrs: netset.AddrsOf(z.addrs())})
		}
		return &n.spots[i]
	}
	var used []netset.AddrRange
	for _, c := range n.classes {
		used = append(used, c.privAt...)
		used = append(used, c.pubAt...)
		if len(c.privAt) > 0 && c.VPC != "" {
			if c.zone.bits == 32 {
				s := special(c.zone)
				s.private = append(s.private, c)
			} else {
				n.spots = append(n.spots, spot{zone: c.zone, addrs: c.privAt, private: []*Class{c}})
			}
		}
		if len(c.pubAt) > 0 {
			if c.public.bits == 32 {
				special(c.public).public = c
			} else {
				n.spots = append(n.spots, spot{zone: c.public, addrs: c.pubAt, public: c})
			}
		}
	}
	free := netset.AddrsOf(netset.AllAddrs).Minus(netset.AddrsOf(used...))
	n.zoneAddrs = n.atlas.addrs()
	for i, addrs := range n.zoneAddrs {
		if addrs = addrs.Intersect(free); !addrs.IsEmpty() {
			n.spots = append(n.spots, spot{zone: n.atlas.zones[i], addrs: addrs})
		}
	}
	n.findTargets()
}

// findTargets gives each spot its column and lists those that pairs are about.
func (n *Network) findTargets() {
	for i := range n.spots {
		s := &n.spots[i]
		p := peer{zone: s.zone}
		if len(s.private) == 1 {
			p.vpc, p.set = s.private[0].VPC, s.private[0].set
		} else if len(s.private) > 1 {
			p.set = -1 - i // whose groups count depends on who asks
		}
		s.column = n.columnOf(p)
		for _, c := range s.private {
			if c.own != blocked {
				n.inside = append(n.inside, target{c, s.column, c.door, c.place, 0})
			}
		}
		if s.public != nil && s.public.own != blocked {
			n.front = append(n.front, target{s.public, s.column, s.public.door, s.public.place, n.frontZone(s.zone)})
		}
	}
}

func (n *Network) frontZone(z block) int {
	i := slices.Index(n.frontZones, z)
	if i < 0 {
		i = len(n.frontZones)
		n.frontZones = append(n.frontZones, z)
	}
	return i
}

func (n *Network) columnOf(p peer) int {
	id, ok := n.column[p]
	if !ok {
		id = len(n.columns)
		n.columns, n.column[p] = append(n.columns, p), id
	}
	return id
}

// stranger is somebody known by address alone, and so in a group if an
// interface with that address is.
func (n *Network) stranger(zone block) peer {
	if i, ok := n.single[zone]; ok && len(n.spots[i].private) > 0 {
		return peer{zone: zone, set: -1 - i}
	}
	return peer{zone: zone}
}

// setAt is which groups a peer that comes into a VPC is in, as inbound rules
// there see it: transit gateways may carry references to groups one way.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (n *Network) setAt(to cloud.VPCID, p peer) int {
	if p.set >= 0 && n.named[[2]cloud.VPCID{p.vpc, to}] {
		return p.set
	}
	return n.setSeen(to, p)
}

// setSeen is which groups a peer is in as seen from a VPC: those of its own,
// or of one with an active peering.
func (n *Network) setSeen(from cloud.VPCID, p peer) int {
	if p.set < 0 {
		var groups []cloud.SecurityGroupID
		for _, c := range n.spots[-1-p.set].private {
			if n.isNear(from, c.VPC) {
				groups = append(groups, c.Groups...)
			}
		}
		return n.proofs.setID(groups)
	}
	if p.vpc == from || p.vpc != "" && n.isNear(from, p.vpc) {
		return p.set
	}
	return noGroups
}
