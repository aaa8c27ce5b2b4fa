package diff

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// A packet is a witness without the addresses that each model makes up: host is
// the one on the internet, where there is one.
type packet struct {
	proto    netset.Protocol
	dst, src uint16
	host     netip.Addr
}

// A part is packets that can be told in one line: the same traffic with each of
// the hosts.
type part struct {
	traffic netset.Traffic
	hosts   netset.Addrs
}

// witness tells the changes of one pair of parties.
type witness[T packets[T]] struct {
	c        *comparison
	from, to Party
	old, now []line[T]
	pick     func(T) (T, packet) // one packet, also as a set
}

// changes are those of the pair, each part of one with a witness of its own.
func (w witness[T]) changes(split func(T) []part) []Change {
	var out []Change
	for _, b := range bundles(w.old, w.now) {
		for _, p := range split(b.in) {
			c := Change{Was: b.was, Now: b.now, From: w.from, To: w.to, Traffic: p.traffic, Hosts: p.hosts}
			if p.hosts != nil {
				c.To, c.Except = w.c.serviceOf(w.to, p.hosts), others(w.c.beyond, p.hosts)
			}
			if !b.all {
				c.Within = subnetsOf(b.lines)
			}
			w.look(&c, b, p)
			c.Because = w.c.because(c)
			out = append(out, c)
		}
	}
	return out
}

func subnetsOf[T packets[T]](lines []line[T]) []string {
	var out []string
	for _, l := range lines {
		u := l.from
		if u.class == nil {
			u = l.to
		}
		if u.key != "" && !slices.Contains(out, u.key) {
			out = append(out, u.key)
		}
	}
	slices.Sort(out)
	return out
}

// look walks the witness in both models, along lines that show its fate.
func (w witness[T]) look(c *Change, b bundle[T], p part) {
	one, pk := w.pickFrom(b.in, p)
	key := b.lines[0].key
	c.Old = w.see(w.c.old, w.old, key, one, pk, b.was)
	c.New = w.see(w.c.now, w.now, key, one, pk, b.now)
}

// pickFrom picks a packet of a part.
func (w witness[T]) pickFrom(in T, p part) (T, packet) {
	if s, ok := any(in).(netset.Set); ok && p.hosts != nil {
		in = any(s.Within(p.hosts).Intersect(netset.Product(p.hosts, p.traffic))).(T)
	}
	return w.pick(in)
}

func (w witness[T]) see(n *network, lines []line[T], key string, one T, p packet, v path.Verdict) Look {
	l, ok := shows(lines, key, one, v)
	if !ok {
		return Look{Absent: w.absent(n)}
	}
	look := Look{From: path.FromInternet{}}
	src, dst := p.host, p.host
	if w.from.Kind != Internet {
		look.From, src = n.start(l.from, w.from.Names[0])
		if l.from.open != nil {
			look.Result = path.Result{Verdict: path.Unknown, Missing: []cloud.Gap{*l.from.open}}
			return look
		}
		if e, ok := n.eni(l.from, w.from.Names[0]); ok && e.OpenIPv6 != nil && l.from.class.IPv6 {
			look.Result = path.Result{Verdict: v, Missing: []cloud.Gap{*e.OpenIPv6}}
			return look
		}
	}
	switch w.to.Kind {
	case Internet:
	case Resolver:
		dst = l.from.resolver()
	default:
		if l.to.open != nil {
			look.Result = path.Result{Verdict: v, Missing: []cloud.Gap{*l.to.open}}
			return look
		}
		e, _ := n.eni(l.to, w.other())
		dst = dialled(l.from, l.to.inside(e))
		if w.to.Public {
			dst = dialled(l.from, l.to.public(e))
		}
		if !dst.IsValid() {
			look.Result = path.Result{Verdict: v, Missing: e.Open}
			return look
		}
	}
	look.Result = path.Trace(n.m, look.From, netset.Flow{Proto: p.proto, Src: netip.AddrPortFrom(src, p.src), Dst: netip.AddrPortFrom(dst, p.dst)})
	if gaps := append(l.from.doubts(), l.to.doubts()...); v == path.Unknown && look.Verdict == path.Reachable && len(gaps) > 0 {
		look.Verdict, look.Missing = v, gaps
	}
	if look.Verdict != v {
		look.Elsewhere, look.Result = true, path.Result{Verdict: v, Flow: look.Flow}
	}
	return look
}

// doubts are the facts by which a unit may not be there.
func (u unit) doubts() []cloud.Gap {
	if u.class == nil {
		return nil
	}
	return slices.Clone(u.class.Doubts())
}

// other is a resource of To that is not the one of From which dials.
func (w witness[T]) other() string {
	for _, name := range w.to.Names {
		if w.from.Kind != w.to.Kind || name != w.from.Names[0] {
			return name
		}
	}
	return w.to.Names[0]
}

// absent names the party of which a model has no interface that is meant.
func (w witness[T]) absent(n *network) string {
	if w.from.Kind != Internet && len(n.units[resource{w.from.Kind, w.from.Names[0]}]) == 0 {
		return w.from.Names[0]
	}
	if w.to.Public && len(n.units[resource{w.to.Kind, w.to.Names[0]}]) > 0 {
		return "a public address of " + w.to.Names[0]
	}
	return w.to.Names[0]
}

// start is where a walk from a unit begins, and the address that it dials from.
func (n *network) start(u unit, name string) (path.From, netip.Addr) {
	if e, ok := n.eni(u, name); ok {
		return path.FromENI{ID: e.ID}, u.inside(e)
	}
	return path.FromLambda{}, lambdaAddr(n.m)
}

// pickTraffic picks the most ordinary packet of t.
func pickTraffic(t netset.Traffic) (netset.Traffic, packet) {
	proto, dst, src, _ := t.Sample()
	return exactly(proto, dst, src), packet{proto: proto, dst: dst, src: src}
}

func exactly(p netset.Protocol, dst, src uint16) netset.Traffic {
	return netset.Match(p, netset.Port(dst), netset.Port(src))
}

// pickHost picks a packet of a host, the one given if it is among them.
func (c *comparison) pickHost(first netip.Addr) func(netset.Set) (netset.Set, packet) {
	return func(s netset.Set) (netset.Set, packet) {
		far := first
		if s.At(far).IsEmpty() {
			p, _ := s.Sample()
			far = p.Far
		}
		t, p := pickTraffic(s.At(far))
		p.host = far
		return netset.Product(netset.AddrsOf(netset.Host(far)), t), p
	}
}

// parts divides a set by what passes: each part the same traffic with all of
// its hosts.
func (c *comparison) parts(s netset.Set) []part {
	var out []part
	index := map[string]int{}
	for _, p := range s.Pieces() {
		key := string(p.Traffic.AppendKey(nil))
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, part{traffic: p.Traffic})
		}
		out[i].hosts = out[i].hosts.Union(p.Addrs)
	}
	return out
}

// serviceOf is the AWS service that hosts on the internet are, where they are
// all of one that AWS keeps a prefix list of; else to.
func (c *comparison) serviceOf(to Party, hosts netset.Addrs) Party {
	if to.Kind != Internet {
		return to
	}
	for _, svc := range []string{"dynamodb", "s3"} {
		list, ok := cloud.ManagedPrefixList(svc, c.now.m.Region())
		if ok && hosts.Minus(netset.Prefixes(list.Prefixes...)).IsEmpty() {
			return Party{Kind: Service, Names: []string{"aws:" + svc}}
		}
	}
	return to
}
