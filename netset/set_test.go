package netset

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The small world in which everything can be tried: a few addresses and ports
// at both ends of their ranges, where arithmetic goes wrong first.
var (
	fewAddrs = addrs("0.0.0.0 0.0.0.1 0.0.0.2 0.0.0.3 0.0.0.4 255.255.255.253 255.255.255.254 255.255.255.255 " +
		":: ::1 ::2 ::3 2600::ffff:ffff:ffff:ffff 2600:0:0:1:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
	fewPorts  = []uint16{0, 1, 2, 3, 4, 1023, 1024, 1025, 65534, 65535}
	fewProtos = []Protocol{TCP, UDP, ICMP, 0, 255, 50}
)

func addrs(texts string) (out []netip.Addr) {
	for s := range strings.FieldsSeq(texts) {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// everyPacket visits every packet of the small world.
func everyPacket(visit func(Packet)) {
	for _, a := range fewAddrs {
		everyTraffic(func(p Protocol, dst, src uint16) { visit(Packet{a, p, dst, src}) })
	}
}

func everyTraffic(visit func(p Protocol, dst, src uint16)) {
	for _, p := range fewProtos {
		if !p.HasPorts() {
			visit(p, 0, 0)
			continue
		}
		for _, dst := range fewPorts {
			for _, src := range fewPorts {
				visit(p, dst, src)
			}
		}
	}
}

// A slowRule is one product, and what a set is made of: the readable oracle
// asks each rule of it about each packet.
type slowRule struct {
	addrs    AddrRange
	proto    Protocol
	dst, src PortRange
}

func (r slowRule) holds(p Packet) bool {
	if !r.addrs.Contains(p.Far) || !r.proto.Contains(p.Proto) {
		return false
	}
	return !p.Proto.HasPorts() || r.dst.Contains(p.Dst) && r.src.Contains(p.Src)
}

func (r slowRule) set() Set { return Product(AddrsOf(r.addrs), Match(r.proto, r.dst, r.src)) }

func somePorts(t *rapid.T) PortRange {
	pick := rapid.SampledFrom(fewPorts)
	lo, hi := pick.Draw(t, "lo"), pick.Draw(t, "hi")
	return PortRange{min(lo, hi), max(lo, hi)}
}

// someAddrs is a range, empty where no two addresses make one.
func someAddrs(t *rapid.T) AddrRange {
	pick := rapid.SampledFrom(fewAddrs)
	r, _ := Between(pick.Draw(t, "lo"), pick.Draw(t, "hi"))
	return r
}

var anyRules = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) slowRule {
	var r slowRule
	r.addrs = someAddrs(t)
	r.proto = rapid.SampledFrom(append([]Protocol{AnyProtocol}, fewProtos...)).Draw(t, "protocol")
	r.dst, r.src = somePorts(t), somePorts(t)
	return r
}), 0, 5)

// made is a set with the rules that it is the sum of.
type made struct {
	rules []slowRule
	set   Set
}

func (m made) holds(p Packet) bool {
	return slices.ContainsFunc(m.rules, func(r slowRule) bool { return r.holds(p) })
}

func anySet(t *rapid.T, name string) made {
	m := made{rules: anyRules.Draw(t, name)}
	for _, r := range m.rules {
		m.set = m.set.Union(r.set())
	}
	return m
}

func TestSetsHoldWhatTheirRulesDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anySet(t, "a"), anySet(t, "b")
		same := func(name string, got Set, want func(Packet) bool) {
			everyPacket(func(p Packet) {
				if got.Contains(p) != want(p) {
					t.Fatalf("%s: %v is in it: %v\na %v\nb %v\ngot %v", name, p, got.Contains(p), a.rules, b.rules, got)
				}
			})
		}
		same("a", a.set, a.holds)
		same("union", a.set.Union(b.set), func(p Packet) bool { return a.holds(p) || b.holds(p) })
		same("intersection", a.set.Intersect(b.set), func(p Packet) bool { return a.holds(p) && b.holds(p) })
		same("difference", a.set.Minus(b.set), func(p Packet) bool { return a.holds(p) && !b.holds(p) })
	})
}

// Sets are canonical: what algebra says is equal, is equal as a structure.
func TestLawsHoldStructurally(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anySet(t, "a").set, anySet(t, "b").set, anySet(t, "c").set
		all := Product(Everywhere(), AllTraffic())
		for _, law := range []struct {
			name string
			l, r Set
		}{
			{"union commutes", a.Union(b), b.Union(a)},
			{"intersection commutes", a.Intersect(b), b.Intersect(a)},
			{"union associates", a.Union(b).Union(c), a.Union(b.Union(c))},
			{"intersection associates", a.Intersect(b).Intersect(c), a.Intersect(b.Intersect(c))},
			{"intersection distributes", a.Intersect(b.Union(c)), a.Intersect(b).Union(a.Intersect(c))},
			{"union distributes", a.Union(b.Intersect(c)), a.Union(b).Intersect(a.Union(c))},
			{"absorption", a.Union(a.Intersect(b)), a},
			{"idempotence", a.Union(a), a},
			{"difference is the rest", a.Minus(b).Union(a.Intersect(b)), a},
			{"De Morgan", all.Minus(a.Union(b)), all.Minus(a).Intersect(all.Minus(b))},
			{"complement twice", all.Minus(all.Minus(a)), a},
			{"nothing is left of itself", a.Minus(a), Set{}},
			{"pieces make the set", Collect(a.Pieces()...), a},
		} {
			if !law.l.Equal(law.r) || !reflect.DeepEqual(law.l, law.r) {
				t.Fatalf("%s:\n%v\n%v", law.name, law.l, law.r)
			}
		}
		if a.Equal(b) != reflect.DeepEqual(a, b) || a.Equal(b) != (a.Minus(b).IsEmpty() && b.Minus(a).IsEmpty()) {
			t.Fatalf("equal: %v\n%v\n%v", a.Equal(b), a, b)
		}
	})
}

func TestSampleIsIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySet(t, "set").set
		p, ok := s.Sample()
		if ok == s.IsEmpty() || ok && !s.Contains(p) {
			t.Fatalf("sample %v %v of\n%v", p, ok, s)
		}
	})
	if p, dst, src, _ := AllTraffic().Sample(); p != TCP || dst != 443 || src != 40000 {
		t.Errorf("of everything: %v %d %d", p, dst, src)
	}
}

func TestRaiseSourcesAsksForTheRaisedPort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anySet(t, "a").set.At(fewAddrs[0])
		got := a.RaiseSources(1024)
		everyTraffic(func(p Protocol, dst, src uint16) {
			raised := src
			if p.HasPorts() {
				raised = max(src, 1024)
			}
			if got.Contains(p, dst, src) != a.Contains(p, dst, raised) {
				t.Fatalf("%v %d from %d of %v: %v", p, dst, src, a, got)
			}
		})
	})
}

func TestBeforeNAT64AsksForTheTranslated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anySet(t, "a").set.At(fewAddrs[0])
		got := a.BeforeNAT64()
		everyTraffic(func(p Protocol, dst, src uint16) {
			if want := p.HasPorts() && a.Contains(p, dst, src); got.Contains(p, dst, src) != want {
				t.Fatalf("%v %d from %d of %v: %v", p, dst, src, a, got)
			}
		})
		if got.Contains(ICMPv6, 0, 0) != a.Contains(ICMP, 0, 0) {
			t.Fatalf("ICMPv6 of %v: %v", a, got)
		}
	})
}

func TestKeysTellTrafficsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anySet(t, "a").set.At(fewAddrs[1]), anySet(t, "b").set.At(fewAddrs[1])
		if same := string(a.AppendKey(nil)) == string(b.AppendKey(nil)); same != a.Equal(b) {
			t.Fatalf("keys equal: %v\n%v\n%v", same, a, b)
		}
	})
}

func TestAddrsAlgebraMatchesBruteForce(t *testing.T) {
	ranges := rapid.SliceOfN(rapid.Custom(someAddrs), 0, 5)
	rapid.Check(t, func(t *rapid.T) {
		a, b := AddrsOf(ranges.Draw(t, "a")...), AddrsOf(ranges.Draw(t, "b")...)
		for _, x := range fewAddrs {
			in, out := a.Contains(x), b.Contains(x)
			if a.Union(b).Contains(x) != (in || out) || a.Intersect(b).Contains(x) != (in && out) || a.Minus(b).Contains(x) != (in && !out) {
				t.Fatalf("%v of %v and %v", x, a, b)
			}
		}
		if !a.Minus(b).Union(a.Intersect(b)).Equal(a) || !a.Minus(a).IsEmpty() {
			t.Fatalf("%v and %v do not add up", a, b)
		}
	})
}

func TestAddrsAreCanonicalAtTheEdges(t *testing.T) {
	prefix := func(s ...string) Addrs {
		var ps []netip.Prefix
		for _, p := range s {
			ps = append(ps, netip.MustParsePrefix(p))
		}
		return Prefixes(ps...)
	}
	for _, c := range []struct {
		got  Addrs
		want string
	}{
		{prefix("10.0.0.0/25", "10.0.0.128/25"), "10.0.0.0-10.0.0.255"},
		{prefix("10.0.0.77/24"), "10.0.0.0-10.0.0.255"},
		{prefix("::/0", "0.0.0.0/0"), "0.0.0.0-255.255.255.255,::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{prefix("::/0").Minus(prefix("8000::/1", "::/128")), "::1-7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{prefix("2600::/64", "2600:0:0:1::/64"), "2600::-2600::1:ffff:ffff:ffff:ffff"},
		{prefix("2600::/12").Intersect(prefix("0.0.0.0/0")), "none"},
		{prefix("0.0.0.0/0"), "0.0.0.0-255.255.255.255"},
		{prefix("0.0.0.0/0").Minus(prefix("0.0.0.0/1")), "128.0.0.0-255.255.255.255"},
		{prefix("0.0.0.0/0").Minus(prefix("255.255.255.255/32", "0.0.0.0/32")), "0.0.0.1-255.255.255.254"},
		{prefix("10.0.0.0/30").Minus(prefix("10.0.0.1/32")), "10.0.0.0,10.0.0.2-10.0.0.3"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %v, want %s", c.got, c.want)
		}
	}
}

func TestTrafficReadsAsWords(t *testing.T) {
	high := PortRange{1024, 65535}
	for _, c := range []struct {
		t    Traffic
		want string
	}{
		{Traffic{}, "none"},
		{AllTraffic(), "everything"},
		{Match(TCP, PortRange{80, 81}, AllPorts), "tcp 80-81"},
		{Match(UDP, Port(53), high).Union(Match(ICMP, AllPorts, AllPorts)), "udp 53 from 1024-65535; icmp"},
		{Match(50, AllPorts, AllPorts), "50"},
		{AllTraffic().Minus(Match(TCP, AllPorts, AllPorts)), "udp all; icmp; 253 more protocols"},
		{Match(TCP, PortRange{5, 4}, AllPorts), "none"},
	} {
		if c.t.String() != c.want {
			t.Errorf("got %q, want %q", c.t, c.want)
		}
	}
}

func BenchmarkIntersect(b *testing.B) {
	var x, y Set
	block := func(i uint32, bits int) Addrs {
		return Prefixes(netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}), bits))
	}
	for i := range uint32(200) {
		x = x.Union(Product(block(i<<16, 16), Match(TCP, PortRange{uint16(i), uint16(i + 100)}, AllPorts)))
		y = y.Union(Product(block(i<<15, 21), Match(AnyProtocol, AllPorts, PortRange{1024, 65535})))
	}
	for b.Loop() {
		x.Intersect(y)
	}
}

// A range of two families cannot be made.
func TestNoRangeMixesFamilies(t *testing.T) {
	for _, lo := range fewAddrs {
		for _, hi := range fewAddrs {
			r, ok := Between(lo, hi)
			if ok != (lo.Is4() == hi.Is4() && !hi.Less(lo)) || ok == r.IsEmpty() {
				t.Errorf("%v to %v: %v %v", lo, hi, r, ok)
			}
			if ok && (r.Contains(netip.IPv4Unspecified()) && hi.Is6() || r.Contains(netip.IPv6Unspecified()) && hi.Is4()) {
				t.Errorf("%v holds both families", r)
			}
		}
	}
}
