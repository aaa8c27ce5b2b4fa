package conform

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
)

// verdictOf is what reach says of one packet, with what it hangs on.
func verdictOf(open netset.Set, unknown []reach.Doubt[netset.Set], p netset.Packet) (path.Verdict, []cloud.Gap) {
	if open.Contains(p) {
		return path.Reachable, nil
	}
	var gaps []cloud.Gap
	for _, d := range unknown {
		if d.Packets.Contains(p) {
			gaps = append(gaps, d.Gap)
		}
	}
	if len(gaps) > 0 {
		return path.Unknown, gaps
	}
	return path.Blocked, nil
}

// boundaries are the addresses just inside and just outside of every range of
// a set, and ports likewise, tcp's and udp's.
func boundaries(sets ...netset.Set) (addrs []netip.Addr, dst, src []uint16) {
	for _, s := range sets {
		for _, p := range s.Pieces() {
			for _, r := range p.Addrs {
				addrs = append(addrs, r.Lo(), r.Hi(), r.Lo().Prev(), r.Hi().Next(), r.Lo().Next())
			}
			for _, proto := range []netset.Protocol{netset.TCP, netset.UDP} {
				d, s := p.Traffic.Edges(proto)
				dst, src = append(dst, d...), append(src, s...)
			}
		}
	}
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs), unique(append(dst, ports...)), unique(append(src, 600, 1023, 1024, 40000))
}

func unique(list []uint16) []uint16 {
	slices.Sort(list)
	return slices.Compact(list)
}

// like are those of addrs that are of a's family.
func like(a netip.Addr, addrs []netip.Addr) []netip.Addr {
	return slices.DeleteFunc(addrs, func(b netip.Addr) bool { return b.BitLen() != a.BitLen() })
}

func setsOf(open netset.Set, unknown []reach.Doubt[netset.Set]) []netset.Set {
	out := []netset.Set{open}
	for _, d := range unknown {
		out = append(out, d.Packets)
	}
	return out
}

// checkSeeded is check on the same models every time, unless somebody asks for
// a number of models or a seed: then on others.
func checkSeeded(t *testing.T, n int, prop func(*rapid.T)) {
	t.Helper()
	if os.Getenv("BAILEY_CONFORM_MODELS") == "" && !onCommandLine()["rapid.seed"] {
		if err := flag.Set("rapid.seed", "4"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { flag.Set("rapid.seed", flag.Lookup("rapid.seed").DefValue) })
	}
	check(t, n, prop)
}

// What reach says of all packets at once, path says of each: inside and just
// outside of every set, from every sender.
func TestReachIsPathOnEveryPacket(t *testing.T) {
	tally, tally6 := map[path.Verdict]int{}, map[path.Verdict]int{}
	checkSeeded(t, 3000, func(t *rapid.T) {
		m := reachModel(t)
		n := reach.Compile(m)
		from := slices.DeleteFunc(senders(m), func(s sender) bool { return s.from == fromInternet || s.from == fromLambda && s.addr.Is6() })
		if len(from) == 0 {
			return
		}
		s := pick(t, "from", from...)
		c := classOf(n, s)
		o := n.From(c)
		addrs, dst, src := boundaries(setsOf(o.Open, o.Unknown)...)
		addrs = like(s.addr, append(addrs, askedFor(m, s)...))
		for range 40 {
			p := anyPacket(t, addrs, dst, src)
			fl := netset.Flow{Proto: p.Proto, Src: netip.AddrPortFrom(s.addr, p.Src), Dst: netip.AddrPortFrom(p.Far, p.Dst)}
			got := path.Decide(m, s.from, fl)
			agree(t, got, fmt.Sprint(s.label, " ", fl), o.Open, o.Unknown, p)
			landsThere(t, n, o, p, got)
			tally[got.Verdict]++
			if s.addr.Is6() {
				tally6[got.Verdict]++
			}
		}
	})
	t.Log(tally, "over IPv6", tally6)
	for _, v := range []path.Verdict{path.Reachable, path.Blocked, path.Unknown} {
		if tally[v] == 0 || tally6[v] == 0 {
			t.Errorf("no packet of all models was %v", v)
		}
	}
}

// askedFor are the addresses that mean something in a model.
func askedFor(m *cloud.Model, s sender) []netip.Addr {
	if hasOpenBlock(m) {
		return likely(m, s)
	}
	return destinations(m, s)
}

// hasOpenBlock reports whether a subnet's block is not known.
func hasOpenBlock(m *cloud.Model) bool {
	for s := range m.Subnets() {
		if _, open := s.CIDR.Gap(); open {
			return true
		}
	}
	return false
}

func classOf(n *reach.Network, s sender) *reach.Class {
	if e, ok := s.from.(path.FromENI); ok && s.addr.Is6() {
		c, _ := n.ClassOfIPv6(e.ID)
		return c
	} else if ok {
		c, _ := n.ClassOf(e.ID)
		return c
	}
	return n.Lambda()
}

func anyPacket(t *rapid.T, addrs []netip.Addr, dst, src []uint16) netset.Packet {
	p := netset.Packet{Far: pick(t, "far", addrs...), Proto: pick(t, "protocol", anything...)}
	if p.Proto.HasPorts() {
		p.Dst, p.Src = pick(t, "port", dst...), pick(t, "source port", src...)
	}
	return p
}

func agree(t *rapid.T, got path.Result, what string, open netset.Set, unknown []reach.Doubt[netset.Set], p netset.Packet) {
	t.Helper()
	v, gaps := verdictOf(open, unknown, p)
	if v != got.Verdict {
		t.Fatalf("%s: reach says %v %v, path %v\nblockers %v\nmissing %v\nopen there: %v", what, v, gaps, got.Verdict, got.Blockers, got.Missing, open.At(p.Far))
	}
	if v == path.Unknown && !sameSet(gaps, got.Missing) {
		t.Fatalf("%s: hangs on %v, for path on %v", what, gaps, got.Missing)
	}
}

// landsThere compares where a packet that passes comes out.
func landsThere(t *rapid.T, n *reach.Network, o reach.Outlook, p netset.Packet, got path.Result) {
	if got.Verdict != path.Reachable {
		return
	}
	in := map[path.To]bool{path.ToResolver: o.Resolver.Contains(p), path.ToInternet: o.Internet.Contains(p), path.ToOnPremises: o.OnPremises.Contains(p)}
	in[path.ToService] = o.Internet.Contains(p) || o.Endpoints[got.Delivery.Endpoint].Contains(p)
	if got.Delivery.To == path.ToENI || got.Delivery.To == path.ToService && !in[path.ToService] {
		in[got.Delivery.To] = edgeHolds(n, o, p, got)
	}
	if !in[got.Delivery.To] {
		t.Fatalf("%v: path delivers to %+v, which is not where reach has it", p, got.Delivery)
	}
}

// edgeHolds reports whether an Edge leads to the interface that path delivers
// to, with the packet's traffic.
func edgeHolds(n *reach.Network, o reach.Outlook, p netset.Packet, got path.Result) bool {
	dst := got.Delivery.Dst
	alone := o.Of // an interface that dials itself has no Edge
	return slices.ContainsFunc(o.Edges, func(e reach.Edge) bool {
		has := slices.ContainsFunc(e.To.Members, func(id cloud.ENIID) bool {
			in, ok := n.Model().ENI(id)
			return ok && in.AddrLike(dst) == dst
		})
		return has && e.Open().Contains(p.Proto, p.Dst, p.Src)
	}) || len(alone.Members) == 1 && got.Delivery.ENI == alone.Members[0]
}

// The internet's side, likewise.
func TestReachIsPathFromTheInternet(t *testing.T) {
	tally := map[path.Verdict]int{}
	checkSeeded(t, 3000, func(t *rapid.T) {
		m := reachModel(t)
		n := reach.Compile(m)
		arrivals := n.FromInternet()
		for e := range m.ENIs() {
			public, stranger, class := e.PublicIP, stranger, n.ClassOf
			if chance(t, 40, "over IPv6") {
				public, stranger, class = e.IPv6, strangerIPv6, n.ClassOfIPv6
			}
			if !public.IsValid() {
				continue
			}
			c, _ := class(e.ID)
			var a reach.Arrival
			if i := slices.IndexFunc(arrivals, func(a reach.Arrival) bool { return a.To == c }); i >= 0 {
				a = arrivals[i]
			}
			addrs, dst, src := boundaries(setsOf(a.Open, a.Unknown)...)
			for _, s := range []string{"203.0.113.10", "198.18.0.9", "52.94.3.3", "9.9.9.9", "2001:db8::10", "2001:2::9", "2600:1fc0::3"} {
				addrs = append(addrs, netip.MustParseAddr(s))
			}
			addrs = slices.DeleteFunc(like(stranger, addrs), func(a netip.Addr) bool { return !onInternet(a) })
			for range 15 {
				p := anyPacket(t, addrs, dst, src)
				fl := netset.Flow{Proto: p.Proto, Src: netip.AddrPortFrom(p.Far, p.Src), Dst: netip.AddrPortFrom(public, p.Dst)}
				got := path.Decide(m, fromInternet, fl)
				agree(t, got, fmt.Sprint(e.Name, " ", fl), a.Open, a.Unknown, p)
				tally[got.Verdict]++
			}
		}
	})
	t.Log(tally)
	for _, v := range []path.Verdict{path.Reachable, path.Blocked, path.Unknown} {
		if tally[v] == 0 {
			t.Errorf("no packet of all models was %v", v)
		}
	}
}

// onInternet is the addresses from which the internet sends.
func onInternet(a netip.Addr) bool {
	shared := netip.MustParsePrefix("100.64.0.0/10")
	if a.Is6() {
		return netip.MustParsePrefix("2000::/3").Contains(a)
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}

// Every pair's witness is a packet that bears it out, and what no pair has
// does not get there.
func TestPairsHoldBothWays(t *testing.T) {
	pairs := 0
	checkSeeded(t, 1500, func(t *rapid.T) {
		m := reachModel(t)
		n := reach.Compile(m)
		type ends struct{ from, to *reach.Class }
		found := map[ends]bool{}
		for e := range n.Pairs() {
			pairs++
			found[ends{e.From, e.To}] = true
			w := e.Witness()
			if !w.Src.Addr().IsValid() || !w.Dst.Addr().IsValid() {
				continue
			}
			want := path.Unknown
			if !e.Open().IsEmpty() {
				want = path.Reachable
			}
			if got := path.Decide(m, startOfEdge(m, e), w); got.Verdict != want {
				t.Fatalf("%v to %v by %v: %v %v %v", e.From, e.To, w, got.Verdict, got.Blockers, got.Missing)
			}
		}
		for _, s := range senders(m) {
			if s.from == fromInternet || s.from == fromLambda && s.addr.Is6() || hasOpenBlock(m) {
				continue
			}
			p := anyProbe(t, m, s, anything...)
			r := p.trace(m)
			to, ok := n.ClassOf(r.Delivery.ENI)
			if r.Delivery.Dst.Is6() {
				to, ok = n.ClassOfIPv6(r.Delivery.ENI)
			}
			if from := classOf(n, s); r.Verdict == path.Reachable && ok && !found[ends{from, to}] && (from != to || len(to.Members) > 1) {
				t.Fatalf("%v gets through, but there is no pair of %v and %v", p, from, to)
			}
		}
	})
	t.Log(pairs, "pairs")
	if pairs == 0 {
		t.Error("no model had a pair")
	}
}

func startOfEdge(m *cloud.Model, e reach.Edge) path.From {
	if e.From.VPC == "" && len(e.From.Members) == 0 {
		return fromLambda
	}
	for _, id := range e.From.Members {
		if in, _ := m.ENI(id); in.AddrLike(e.Witness().Src.Addr()) == e.Witness().Src.Addr() {
			return fromENI(id)
		}
	}
	return fromENI(e.From.Members[0])
}

// What reaches a class is what it is reached by.
func TestToIsFromTurnedRound(t *testing.T) {
	checkSeeded(t, 300, func(t *rapid.T) {
		n := reach.Compile(reachModel(t))
		want, got := map[string]bool{}, map[string]bool{}
		for e := range n.Pairs() {
			want[edgeText(e)] = true
		}
		for _, c := range n.Classes() {
			for _, e := range n.To(c) {
				got[edgeText(e)] = true
			}
		}
		compareKeys(t, got, want)
	})
}

func edgeText(e reach.Edge) string {
	return fmt.Sprint(e.From, " to ", e.To, " ", e.From.Members, e.To.Members, e.Public, e.From.IPv6, e.To.IPv6, ": ", e.Open(), e.Unknown())
}

func compareKeys(t *rapid.T, got, want map[string]bool) {
	t.Helper()
	for k := range want {
		if !got[k] {
			t.Fatalf("missing: %s", k)
		}
	}
	for k := range got {
		if !want[k] {
			t.Fatalf("too much: %s", k)
		}
	}
}

// The order of declarations and names mean nothing.
func TestReachHeedsNeitherOrderNorNames(t *testing.T) {
	checkSeeded(t, 1000, func(t *rapid.T) {
		s := anySpec(t, true)
		m := build(t, s)
		other := build(t, reordered(t, s))
		if !sameAddresses(m, other) {
			return
		}
		compareKeys(t, pairTexts(reach.Compile(other)), pairTexts(reach.Compile(m)))
		if !overlapping(m) {
			compareKeys(t, pairShapes(build(t, renamed(t, s))), pairShapes(m))
		}
	})
}

// overlapping reports whether an address may be of two VPCs: who is meant by it
// depends on the addresses that names lead to.
func overlapping(m *cloud.Model) bool {
	b := builder{}
	for x := range m.VPCs() {
		for y := range m.VPCs() {
			if x.ID != y.ID && b.overlap(x, y) {
				return true
			}
		}
	}
	return false
}

func pairTexts(n *reach.Network) map[string]bool {
	out := map[string]bool{}
	for e := range n.Pairs() {
		out[edgeText(e)] = true
	}
	return out
}

// pairShapes are the pairs by where their ends are and who they belong to, with
// what passes; who hangs on what may be said with a name.
func pairShapes(m *cloud.Model) map[string]bool {
	n := reach.Compile(m)
	who := map[cloud.ENIID][]string{}
	for key, e := range likeness(m) {
		who[e.ID] = append(who[e.ID], key)
	}
	shape := func(c *reach.Class) string {
		var all []string
		for _, id := range c.Members {
			all = append(all, who[id]...)
		}
		slices.Sort(all)
		return fmt.Sprint(all)
	}
	out := map[string]bool{}
	for e := range n.Pairs() {
		out[fmt.Sprint(shape(e.From), shape(e.To), e.Public, e.From.IPv6, e.To.IPv6, e.Open(), len(e.Unknown()))] = true
	}
	return out
}

// A Network that follows another by Next answers as one compiled afresh.
func TestNextIsCompile(t *testing.T) {
	saved := 0
	checkSeeded(t, 500, func(t *rapid.T) {
		s := reachSpec(t)
		n := reach.Compile(build(t, s))
		pairTexts(n)
		for range 3 {
			if chance(t, 70, "a rule") {
				s = withAllowRule(t, s)
			} else {
				pick(t, "hide", hiding...).from(t, &s)
			}
			m := build(t, s)
			n = n.Next(m)
			before := n.Work()
			got := pairTexts(n)
			afresh := reach.Compile(m)
			start := afresh.Work()
			compareKeys(t, got, pairTexts(afresh))
			saved += afresh.Work() - start - (n.Work() - before)
			for _, c := range n.Classes() {
				twin, _ := afresh.ClassOf(firstOf(c))
				if c.IPv6 {
					twin, _ = afresh.ClassOfIPv6(firstOf(c))
				}
				if twin == nil {
					continue
				}
				if a, b := n.From(c), afresh.From(twin); !a.Open.Equal(b.Open) || len(a.Unknown) != len(b.Unknown) {
					t.Fatalf("%v reaches\n%v, compiled afresh\n%v", c, a.Open, b.Open)
				}
			}
		}
	})
	if saved <= 0 {
		t.Errorf("Next saved %d questions", saved)
	}
}

func firstOf(c *reach.Class) cloud.ENIID {
	if len(c.Members) == 0 {
		return ""
	}
	return c.Members[0]
}
