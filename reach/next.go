package reach

import (
	"maps"
	"net/netip"
	"reflect"
	"slices"

	"bailey/cloud"
)

// Next is the Network of the Model after a change. It takes over what it finds
// unchanged: rows of pairs for groups whose rules are the same and, where no
// route, network ACL, gateway or peering changed, for places; so what a change
// does not touch is not worked out again.
func (n *Network) Next(m *cloud.Model) *Network {
	next := compile(m, n.proofs)
	next.takeOver(n)
	return next
}

// takeOver copies from the Network before what is still true: the rows of the
// same rules, cell by cell for what both have, and, where the ways from place
// to place are the same, those.
func (n *Network) takeOver(old *Network) {
	if maps.Equal(n.near, old.near) && maps.Equal(n.named, old.named) {
		n.takeOverRules(old)
	}
	if !sameNetwork(n, old) {
		return
	}
	maps.Copy(n.rows.exits, old.rows.exits)
	maps.Copy(n.rows.entries, old.rows.entries)
}

func (n *Network) takeOverRules(old *Network) {
	for _, c := range n.classes {
		key := egressKey{c.out, c.VPC}
		if row, ok := old.rows.egress[key]; ok && n.rows.egress[key] == nil {
			n.rows.egress[key] = carry(row, n.columns, old.column, func(p peer) fateID { return n.proofs.gate(c.out, p.zone, n.setSeen(c.VPC, p), n.openSeen(c.VPC, p)) })
		}
		n.takeOverPeer(old, peer{vpc: c.VPC, zone: c.zone, set: c.set})
	}
	for _, z := range n.atlas.zones {
		n.takeOverPeer(old, peer{zone: z})
	}
}

func (n *Network) takeOverPeer(old *Network, src peer) {
	if row, ok := old.rows.ingress[src]; ok && n.rows.ingress[src] == nil {
		n.rows.ingress[src] = carry(row, n.doors, old.doorID, func(d door) fateID { return n.opens(d, src) })
	}
}

// carry makes a row over keys from one over others.
func carry[K comparable](row []fateID, keys []K, was map[K]int, work func(K) fateID) []fateID {
	out := make([]fateID, len(keys))
	for i, k := range keys {
		if at, ok := was[k]; ok && !passing(k) {
			out[i] = row[at]
			continue
		}
		out[i] = work(k)
	}
	return out
}

// passing reports whether a key means something in its own Network only.
func passing[K comparable](k K) bool {
	p, ok := any(k).(peer)
	return ok && p.set < 0
}

// sameNetwork reports whether everything that decides the ways from place to
// place is the same in two Networks.
func sameNetwork(a, b *Network) bool {
	parts := func(n *Network) []any {
		m := n.model
		return []any{slices.Collect(m.VPCs()), slices.Collect(m.Subnets()), slices.Collect(m.RouteTables()), slices.Collect(m.NetworkACLs()),
			slices.Collect(m.InternetGateways()), slices.Collect(m.EgressOnlyGateways()), slices.Collect(m.NATGateways()), slices.Collect(m.Peerings()),
			slices.Collect(m.TransitGateways()), slices.Collect(m.TransitGatewayAttachments()), slices.Collect(m.TransitGatewayRouteTables()),
			slices.Collect(m.VPNGateways()), slices.Collect(m.OnPremises()), n.stopOf, slices.Collect(m.Endpoints()), n.lists(), m.Lightsail(), usesLightsail(m), n.natZones(), n.publicAccesses()}
	}
	return !a.shares() && !b.shares() && !a.boxes() && !b.boxes() && reflect.DeepEqual(parts(a), parts(b))
}

// shares reports whether an address is several interfaces'.
func (n *Network) shares() bool {
	for _, i := range n.single {
		if s := n.spots[i]; len(s.private) > 1 || len(s.private) == 1 && !s.zone.v6 && s.zone.isPublic() {
			return true
		}
	}
	return false
}

// boxes reports whether a route leads to a middlebox, whose groups count on
// the way.
func (n *Network) boxes() bool {
	for t := range n.model.RouteTables() {
		for _, r := range t.Routes {
			if _, ok := r.Target.(cloud.ToInterface); ok {
				return true
			}
		}
	}
	return false
}

// lists are the prefix lists that routes name.
func (n *Network) lists() []cloud.PrefixList {
	var out []cloud.PrefixList
	for t := range n.model.RouteTables() {
		for _, r := range t.Routes {
			if d, ok := r.Dest.(cloud.PrefixListDest); ok {
				pl, _ := n.model.PrefixList(d.ID)
				out = append(out, pl)
			}
		}
	}
	return out
}

// publicAccesses is what Block Public Access does to each VPC.
func (n *Network) publicAccesses() []fateID {
	var out []fateID
	for v := range n.model.VPCs() {
		out = append(out, n.publicAccess(v.ID, false), n.publicAccess(v.ID, true))
	}
	return out
}

// natZones is where NAT gateways stand: other rules may divide the zones anew.
func (n *Network) natZones() []any {
	var out []any
	for g := range n.model.NATGateways() {
		own := n.nats[g.ID]
		for _, a := range slices.Concat([]netip.Addr{own.PrivateIP, g.PublicIP}, own.More, g.MorePublic) {
			out = append(out, n.atlas.zone(a))
		}
	}
	return out
}
