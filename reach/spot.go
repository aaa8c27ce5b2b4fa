package reach

import (
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A peer is the far end of a flow as the rules of a group see it. The zero VPC
// is a stranger: somebody by address alone, on the internet or, where over is
// set, in a network outside of AWS.
type peer struct {
	vpc  cloud.VPCID
	zone block
	set  int
	open int    // 1 + what is missing where its groups are not known; 0: they are
	over string // the virtual private gateway or attachment by which it comes
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
	beyond  int  // the column behind NAT64; else the same one
	nat64   bool // stands for the IPv4 addresses of private and public
}

// A target is a spot as the pairs need it.
type target struct {
	class                       *Class
	column, beyond, door, place int
	zone                        int  // front: of frontZones
	v6                          bool // it is dialled over IPv6
}

// findSpots divides all addresses into spots.
func (n *Network) findSpots() {
	n.single = map[block]int{}
	var used []netset.AddrRange
	for _, c := range n.classes {
		used = append(used, c.privAt...)
		used = append(used, c.pubAt...)
		n.spotsOf(c)
	}
	free := netset.Everywhere().Minus(netset.AddrsOf(used...))
	n.zoneAddrs = n.atlas.addrs()
	for i, addrs := range n.zoneAddrs {
		if addrs = addrs.Intersect(free); !addrs.IsEmpty() {
			n.spots = append(n.spots, spot{zone: n.atlas.zones[i], addrs: addrs})
		}
	}
	n.addNAT64Spots()
	n.findTargets()
}

// spotsOf makes the spots of a class: one for its private addresses and one for
// its public ones, which over IPv6 are the same.
func (n *Network) spotsOf(c *Class) {
	inside := -1
	if len(c.privAt) > 0 && c.VPC != "" {
		inside = n.spotAt(c.zone, c.privAt)
		s := &n.spots[inside]
		s.private = append(s.private, c)
	}
	switch {
	case len(c.pubAt) == 0:
	case c.IPv6 && inside >= 0:
		n.spots[inside].public = c
	default:
		n.spots[n.spotAt(c.public, c.pubAt)].public = c
	}
}

// spotAt is a new spot, or the one of a zone that is one address.
func (n *Network) spotAt(zone block, addrs netset.Addrs) int {
	i, ok := n.single[zone]
	if !ok {
		i = len(n.spots)
		n.spots = append(n.spots, spot{zone: zone, addrs: addrs})
		if zone.isHost() {
			n.single[zone] = i
		}
	}
	return i
}

// findTargets gives each spot its column and lists those that pairs are about.
func (n *Network) findTargets() {
	for i := range n.spots {
		s := &n.spots[i]
		p := peer{zone: s.zone}
		if s.nat64 {
			s.column, p.zone = n.columnOf(p), s.zone.original()
		}
		switch {
		case len(s.private) == 1:
			p.vpc, p.set, p.open = s.private[0].VPC, s.private[0].set, s.private[0].openGroups
		case len(s.private) > 1:
			p.set = -1 - i // whose groups count depends on who asks
		}
		s.beyond = n.columnOf(p)
		if !s.nat64 {
			s.column = s.beyond
		}
		for _, c := range s.private {
			if c.own != blocked {
				n.inside = append(n.inside, target{c, s.column, s.beyond, c.door, c.place, 0, s.zone.v6})
			}
		}
		if s.public != nil && s.public.own != blocked {
			n.front = append(n.front, target{s.public, s.column, s.beyond, s.public.door, s.public.place, n.frontZone(s.zone), s.zone.v6})
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
// interface with that address is. Over IPv6 it is in none: who comes over the
// internet is outside, whatever the address.
func (n *Network) stranger(zone block) peer {
	if zone.v6 {
		return peer{zone: zone}
	}
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

// openSeen is what is missing where the groups of a peer that a VPC sees are
// not known, as peer.open.
func (n *Network) openSeen(from cloud.VPCID, p peer) int {
	if p.set < 0 {
		for _, c := range n.spots[-1-p.set].private {
			if c.openGroups > 0 && n.isNear(from, c.VPC) {
				return c.openGroups
			}
		}
		return 0
	}
	if p.open > 0 && p.vpc != "" && n.isNear(from, p.vpc) {
		return p.open
	}
	return 0
}
