package diff

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/reach"
)

// A comparison is of two networks.
type comparison struct {
	old, now *network
	groups   []*group
	partOf   [2]map[*reach.Class][]*group
	beyond   netset.Addrs // the internet, less the public addresses of either model
	edits    []edit
	inBoth   map[cloud.SecurityGroupID]bool // by the IDs of either: the group is in both, by its name
}

func newComparison(a, b *cloud.Model) *comparison {
	c := &comparison{old: newNetwork(a), now: newNetwork(b), edits: editsOf(a, b), inBoth: groupsOfBoth(a, b)}
	c.groups = groups(c.old, c.now)
	own := ownAddrs(a).Union(ownAddrs(b))
	c.beyond = internet.Minus(own)
	for i, n := range c.both() {
		c.partOf[i] = map[*reach.Class][]*group{}
		for _, g := range c.groups {
			for _, u := range g.units[i] {
				if u.class != nil {
					c.partOf[i][u.class] = append(c.partOf[i][u.class], g)
				}
			}
		}
		n.explore(c.beyond)
	}
	return c
}

func groupsOfBoth(a, b *cloud.Model) map[cloud.SecurityGroupID]bool {
	byName := map[string][]cloud.SecurityGroupID{}
	for _, m := range []*cloud.Model{a, b} {
		for g := range m.SecurityGroups() {
			byName[g.Name] = append(byName[g.Name], g.ID)
		}
	}
	out := map[cloud.SecurityGroupID]bool{}
	for _, ids := range byName {
		for _, id := range ids {
			out[id] = len(ids) == 2
		}
	}
	return out
}

func (c *comparison) both() [2]*network { return [2]*network{c.old, c.now} }

// internet is the addresses that are routed there: not those of RFC 1918 and
// RFC 6598, nor link-local, loopback and multicast ones; of IPv6 global unicast.
// https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
var internet = netset.AddrsOf(netset.AllIPv4).Minus(prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
	"100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/4", "0.0.0.0/32", "255.255.255.255/32")).Union(prefixes("2000::/3"))

func prefixes(texts ...string) netset.Addrs {
	var out []netip.Prefix
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return netset.Prefixes(out...)
}

// ownAddrs are the public addresses that a model gives to its interfaces and to
// Lambda's own network.
func ownAddrs(m *cloud.Model) netset.Addrs {
	var out []netip.Prefix
	for e := range m.ENIs() {
		for _, a := range []netip.Addr{e.PublicIP, e.IPv6} {
			if a.IsValid() {
				out = append(out, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	lambda := lambdaAddr(m)
	return netset.Prefixes(append(out, netip.PrefixFrom(lambda, lambda.BitLen()))...)
}

// lambdaAddr stands for the addresses of Lambda's own network, as in path.
func lambdaAddr(m *cloud.Model) netip.Addr { return cloud.ElasticAddr(m.Stack(), "lambda") }

// outlook is what a class reaches beyond the interfaces of the model.
type outlook struct {
	internet state[netset.Set]
	resolver state[netset.Traffic]
}

// explore asks a network for everything once.
func (n *network) explore(beyond netset.Addrs) {
	for e := range n.Pairs() {
		n.edges[edgeKey{e.From, e.To, e.Public}] = e
	}
	for _, c := range n.Classes() {
		if c.Dials() {
			n.outlook[c] = n.outlookOf(c, beyond)
		}
	}
	for _, a := range n.FromInternet() {
		n.arrival[a.To] = a
	}
}

var linkLocalResolver = netip.MustParseAddr("169.254.169.253")

func (n *network) outlookOf(c *reach.Class, beyond netset.Addrs) outlook {
	open, doubts := n.Abroad(c)
	resolver := unit{class: c}.resolver()
	out := outlook{internet: state[netset.Set]{open: open.Within(beyond)}, resolver: state[netset.Traffic]{open: open.At(resolver)}}
	for _, d := range doubts {
		out.internet.unknown = out.internet.unknown.Union(d.Packets.Within(beyond))
		out.resolver.unknown = out.resolver.unknown.Union(d.Packets.At(resolver))
	}
	out.internet.unknown = out.internet.unknown.Minus(out.internet.open)
	out.resolver.unknown = out.resolver.unknown.Minus(out.resolver.open)
	return out
}

// between is what one unit sends to another.
func (n *network) between(x, y unit, public bool) state[netset.Traffic] {
	switch {
	case y.open != nil:
		return state[netset.Traffic]{unknown: y.takes}
	case x.open != nil:
		return state[netset.Traffic]{unknown: netset.AllTraffic()}
	}
	e, ok := n.edges[edgeKey{x.class, y.class, public}]
	if !ok {
		return state[netset.Traffic]{}
	}
	s := state[netset.Traffic]{open: e.Open()}
	for _, d := range e.Unknown() {
		s.unknown = s.unknown.Union(d.Packets)
	}
	s.unknown = s.unknown.Minus(s.open)
	return s
}

// changes are all that there are, told and in their order.
func (c *comparison) changes() []Change {
	var out []Change
	for _, p := range c.pairs() {
		out = append(out, c.pairChanges(p)...)
	}
	for _, g := range c.groups {
		out = append(out, c.toInternet(g)...)
		out = append(out, c.toResolver(g)...)
		out = append(out, c.fromInternet(g)...)
	}
	return inOrder(merged(out))
}

// A pair is two parties of which the first may dial the second.
type pair struct {
	from, to *group
	public   bool
}

// pairs are those between which anything gets or may get through in either
// model. Between all others everything is blocked in both.
func (c *comparison) pairs() []pair {
	seen := map[pair]bool{}
	var out []pair
	for i, n := range c.both() {
		for k := range n.edges {
			for _, from := range c.partOf[i][k.from] {
				for _, to := range c.partOf[i][k.to] {
					p := pair{from, to, k.public}
					if !seen[p] && (from != to || len(from.Names) > 1) {
						seen[p] = true
						out = append(out, p)
					}
				}
			}
		}
	}
	index := map[*group]int{}
	for i, g := range c.groups {
		index[g] = i
	}
	slices.SortFunc(out, func(a, b pair) int {
		if d := index[a.from] - index[b.from]; d != 0 {
			return d
		}
		if d := index[a.to] - index[b.to]; d != 0 {
			return d
		}
		return boolInt(a.public) - boolInt(b.public)
	})
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lines are the ways of a pair in one of the models.
func (c *comparison) lines(p pair, side int) []line[netset.Traffic] {
	n := c.both()[side]
	var out []line[netset.Traffic]
	for _, x := range p.from.units[side] {
		for _, y := range p.to.units[side] {
			if y.class == nil && y.takes.IsEmpty() || p.public && !n.hasPublic(y, p.to.Names[0]) {
				continue
			}
			out = append(out, line[netset.Traffic]{x.key + " > " + y.key, x, y, n.between(x, y, p.public)})
		}
	}
	return out
}

func (c *comparison) pairChanges(p pair) []Change {
	to := p.to.Party
	to.Public = p.public
	w := witness[netset.Traffic]{c: c, from: p.from.Party, to: to, old: c.lines(p, 0), now: c.lines(p, 1)}
	w.pick = func(t netset.Traffic) (netset.Traffic, packet) { return pickTraffic(t) }
	return w.changes(func(t netset.Traffic) []part { return []part{{traffic: t}} })
}

// listens reports a database or the like of which it is not known in one of the
// models where it is: what it would send by itself is nobody's question.
func (g *group) listens() bool {
	open := func(u unit) bool { return u.open != nil }
	return (g.Kind == Store || g.Kind == Balancer) && (slices.ContainsFunc(g.units[0], open) || slices.ContainsFunc(g.units[1], open))
}

// toInternet compares what a party reaches of hosts that no model has.
func (c *comparison) toInternet(g *group) []Change {
	if g.listens() {
		return nil
	}
	w := witness[netset.Set]{c: c, from: g.Party, to: Party{Kind: Internet, Names: []string{"internet"}}}
	w.old, w.now = c.outside(g, 0), c.outside(g, 1)
	w.pick = c.pickHost(cloud.PublicAddr("example.com", c.now.m.Region()))
	return w.changes(c.parts)
}

func (c *comparison) outside(g *group, side int) []line[netset.Set] {
	var out []line[netset.Set]
	for _, u := range g.units[side] {
		s := state[netset.Set]{unknown: netset.Product(c.beyond, netset.AllTraffic())}
		if u.open == nil {
			s = c.both()[side].outlook[u.class].internet
		}
		out = append(out, line[netset.Set]{u.key, u, unit{}, s})
	}
	return out
}

func (c *comparison) toResolver(g *group) []Change {
	if g.listens() {
		return nil
	}
	w := witness[netset.Traffic]{c: c, from: g.Party, to: Party{Kind: Resolver, Names: []string{"the VPC's DNS resolver"}}}
	for side, to := range [2]*[]line[netset.Traffic]{&w.old, &w.now} {
		for _, u := range g.units[side] {
			s := state[netset.Traffic]{unknown: netset.AllTraffic()}
			if u.open == nil {
				s = c.both()[side].outlook[u.class].resolver
			}
			*to = append(*to, line[netset.Traffic]{u.key, u, unit{}, s})
		}
	}
	if len(w.old) == 0 || len(w.now) == 0 {
		return nil // what is new has its resolver, which says nothing
	}
	w.pick = func(t netset.Traffic) (netset.Traffic, packet) { return pickTraffic(t) }
	return w.changes(func(t netset.Traffic) []part { return []part{{traffic: t}} })
}

// fromInternet compares what hosts that no model has can send to a party.
func (c *comparison) fromInternet(g *group) []Change {
	to := g.Party
	to.Public = true
	w := witness[netset.Set]{c: c, from: Party{Kind: Internet, Names: []string{"internet"}}, to: to}
	w.old, w.now = c.arriving(g, 0), c.arriving(g, 1)
	w.pick = c.pickHost(strangerAddr)
	return w.changes(c.parts)
}

// strangerAddr stands for any host on the internet, as in path.
// https://www.rfc-editor.org/rfc/rfc5737
var strangerAddr = netip.MustParseAddr("203.0.113.10")

func (c *comparison) arriving(g *group, side int) []line[netset.Set] {
	n := c.both()[side]
	var out []line[netset.Set]
	for _, u := range g.units[side] {
		if !n.hasPublic(u, g.Names[0]) {
			continue
		}
		a := n.arrival[u.class]
		s := state[netset.Set]{open: a.Open.Within(c.beyond)}
		for _, d := range a.Unknown {
			s.unknown = s.unknown.Union(d.Packets.Within(c.beyond))
		}
		s.unknown = s.unknown.Minus(s.open)
		out = append(out, line[netset.Set]{u.key, unit{}, u, s})
	}
	return out
}
