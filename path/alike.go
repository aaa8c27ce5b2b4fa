package path

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// Interfaces of one owner mostly differ in nothing but their address and their
// subnet's name. Of walks between such as nothing in the model tells apart one
// is taken, and the others have its result.

// A standing is all that a walk asks of an interface. Those of two interfaces
// are equal only if every walk treats them alike, but for whether both ends are
// in one subnet.
type standing struct {
	name, az string
	kind     cloud.ENIKind
	vpc      cloud.VPCID
	table    cloud.RouteTableID
	acl      cloud.NetworkACLID
	endpoint cloud.EndpointID
	groups   string
	cell     int // between which of the prefixes' ends its address is
}

// A stretch is what decides a walk, but for its words.
type stretch struct {
	from, to   *standing
	addr       netip.Addr // where to is nil
	sameSubnet bool
	proto      netset.Protocol
	src, dst   uint16 // ports
	nat        uint16
}

// findings are what a question has found out already.
type findings struct {
	walks   map[stretch]taken
	answers map[cloud.VPCID]Answer // to the name that was asked for, before DNS64
}

type taken struct {
	res    Result
	viaNAT bool
}

// again is the result of a walk that was taken between others alike, for flow.
// Its Delivery has the other walk's addresses.
func (t taken) again(flow netset.Flow) taken {
	t.res.Flow, t.res.Hops = flow, nil
	t.res.Blockers, t.res.Missing = slices.Clip(t.res.Blockers), slices.Clip(t.res.Missing)
	return t
}

// walk takes a walk, or the result of one that the question has taken between
// others alike.
func (o origin) walk(m *cloud.Model, flow netset.Flow, nat uint16, mute bool) taken {
	s, alike := stretch{}, false
	if o.found != nil {
		s, alike = stretchOf(m, o.from, flow, nat)
	}
	if alike {
		if t, ok := o.found.walks[s]; ok {
			return t.again(flow)
		}
	}
	w := &walk{m: m, mute: mute, natPort: nat, flow: flow}
	t := taken{w.from(o.from), w.viaNAT}
	if alike {
		o.found.walks[s] = t
	}
	return t
}

// resolve asks for the question's name, but for what one in the same VPC was
// told already, unless the answer hangs on the zone of who asks.
func (o origin) resolve(m *cloud.Model, host string) Answer {
	if _, err := netip.ParseAddr(host); err == nil || o.found == nil {
		return ResolveFor(m, Asker{o.vpc, o.subnet, o.az}, host)
	}
	if a, ok := o.found.answers[o.vpc]; ok {
		return withDNS64(m, o.subnet, a)
	}
	a, zonal := answerFor(m, Asker{o.vpc, o.subnet, o.az}, host)
	if !zonal {
		o.found.answers[o.vpc] = a
	}
	return withDNS64(m, o.subnet, a)
}

// stretchOf says what decides a walk from an interface; false where it starts
// elsewhere or nothing is like it.
func stretchOf(m *cloud.Model, from From, flow netset.Flow, nat uint16) (stretch, bool) {
	src, ok := from.(FromENI)
	dst := flow.Dst.Addr()
	if !ok || !dst.Is4() {
		return stretch{}, false
	}
	e, _ := m.ENI(src.ID)
	s := stretch{from: standingOf(m, e), addr: dst, proto: flow.Proto, src: flow.Src.Port(), dst: flow.Dst.Port(), nat: nat}
	if to, ok := m.ENIAt(e.VPC, dst); ok {
		if s.to = standingOf(m, to); s.to != nil {
			s.addr = netip.Addr{}
		}
	}
	sub, _ := m.Subnet(e.Subnet)
	s.sameSubnet = sub.CIDRLike(dst).Contains(dst)
	return s, s.from != nil
}

// standOf is the key under which a model keeps an interface's standing.
type standOf cloud.ENIID

// standingOf gives equal standings by one pointer; nil where nothing is alike.
func standingOf(m *cloud.Model, e cloud.ENI) *standing {
	return cloud.Once(m, standOf(e.ID), func() *standing {
		sub, _ := m.Subnet(e.Subnet)
		if !ordinary(e) || !simple(m) || natsIn(m, e.Subnet) {
			return nil
		}
		s := stand(m, e, sub)
		return cloud.Once(m, s, func() *standing { return &s })
	})
}

func stand(m *cloud.Model, e cloud.ENI, sub cloud.Subnet) standing {
	table, _ := m.RouteTableOf(sub)
	acl, _ := m.ACLOf(sub)
	s := standing{name: e.Name, kind: e.Kind, vpc: e.VPC, table: table.ID, acl: acl.ID, endpoint: e.Endpoint, cell: cellOf(m, e.PrivateIP)}
	for range m.NATGateways() { // one may be of a zone
		s.az = sub.AZ.Or(string(sub.ID))
	}
	for _, g := range e.Groups {
		s.groups += string(g) + " "
	}
	return s
}

// ordinary reports an interface of which everything is known, with one address
// of its own.
func ordinary(e cloud.ENI) bool {
	return e.PrivateIP.Is4() && !e.PublicIP.IsValid() && !e.IPv6.IsValid() && e.OpenIPv6 == nil &&
		len(e.Open) == 0 && len(e.Groups) > 0 && e.Answers == nil && !e.Exhausted && !e.Forwards && !e.NATs
}

type simpleModel struct{}

// simple reports a model without what looks at more of a sender than its
// standing: transit gateways at its zone, middleboxes at its subnet.
func simple(m *cloud.Model) bool {
	return cloud.Once(m, simpleModel{}, func() bool {
		for range m.TransitGateways() {
			return false
		}
		for range m.OnPremises() {
			return false
		}
		for t := range m.RouteTables() {
			for _, r := range t.Routes {
				switch r.Target.(type) {
				case cloud.ToInterface, cloud.ToVPNGateway, cloud.ToTransitGateway:
					return false
				}
			}
		}
		return true
	})
}

// natsIn reports a subnet with a NAT gateway: whoever is in it with one does
// not pass its network ACL.
func natsIn(m *cloud.Model, id cloud.SubnetID) bool {
	for n := range m.NATGateways() {
		if n.Subnet == id {
			return true
		}
	}
	return false
}

type endsOfPrefixes struct{}

// cellOf numbers the ranges into which the model's prefixes cut IPv4, those of
// subnets excepted: two addresses in one range are in the same prefixes.
func cellOf(m *cloud.Model, addr netip.Addr) int {
	ends := cloud.Once(m, endsOfPrefixes{}, func() []netip.Addr {
		var out []netip.Addr
		for _, p := range prefixesOf(m) {
			if p.Addr().Is4() {
				out = append(out, p.Masked().Addr(), behind(p))
			}
		}
		slices.SortFunc(out, netip.Addr.Compare)
		return slices.Compact(out)
	})
	i, found := slices.BinarySearchFunc(ends, addr, netip.Addr.Compare)
	if found {
		i++
	}
	return i
}

// prefixesOf are the prefixes in which a walk may look for an interface's
// address.
func prefixesOf(m *cloud.Model) []netip.Prefix {
	var out []netip.Prefix
	for v := range m.VPCs() {
		out = append(out, v.CIDRs.Or(nil)...)
	}
	for l := range m.PrefixLists() {
		out = append(out, l.Prefixes...)
	}
	for t := range m.RouteTables() {
		for _, r := range t.Routes {
			if d, ok := r.Dest.(cloud.PrefixDest); ok {
				out = append(out, d.Prefix)
			}
		}
	}
	for g := range m.SecurityGroups() {
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			if p, ok := r.Peer.(cloud.PeerCIDR); ok {
				out = append(out, p.Prefix)
			}
		}
	}
	for a := range m.NetworkACLs() {
		for _, e := range slices.Concat(a.Ingress, a.Egress) {
			if p, known := e.CIDR.Get(); known {
				out = append(out, p)
			}
		}
	}
	return out
}

// behind is the first address after an IPv4 prefix; the zero Addr after all.
func behind(p netip.Prefix) netip.Addr {
	last := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(last).Next()
}
