package fabric

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"bailey/path"
)

// pair is an instance a, an instance b and a fabric that lets a dial b.
func pair(t testing.TB, c Config) (n *memoryNet, a, b memoryTap) {
	if c.Decider == nil {
		c.Decider = decide(toENI("10.0.1.2", "eni-b"))
	}
	n = newMemory(t, c)
	return n, n.own("a", "10.0.0.2", "eni-a"), n.own("b", "10.0.1.2", "eni-b")
}

const (
	ab = "10.0.0.2:4000 > 10.0.1.2:80"
	ba = "10.0.1.2:80 > 10.0.0.2:4000"
)

func syn() []byte { return tcp("10.0.0.2:4000", "10.0.1.2:80", tcpSYN, "") }

func expect(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s got %q, want %q", what, got, want)
	}
}

func TestReplyPassesWithoutAsking(t *testing.T) {
	d := decide(toENI("10.0.1.2", "eni-b"))
	_, a, b := pair(t, Config{Decider: d})
	a.send(syn())
	expect(t, "b", b.got(t), "6 "+ab)
	b.send(tcp("10.0.1.2:80", "10.0.0.2:4000", tcpSYN|tcpACK, ""))
	expect(t, "a", a.got(t), "6 "+ba)
	a.send(tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, "hello"))
	expect(t, "b", b.got(t), "6 "+ab)
	if asked := d.flows(); len(asked) != 1 {
		t.Errorf("asked %v", asked)
	}
}

// b may not dial a, though a dials b.
func TestNewFlowBackIsAskedAbout(t *testing.T) {
	_, a, b := pair(t, Config{})
	a.send(syn())
	b.send(tcp("10.0.1.2:81", "10.0.0.2:4000", tcpSYN, ""))
	expect(t, "a", a.got(t))
}

func TestDropsAreSilent(t *testing.T) {
	n, a, b := pair(t, Config{Decider: decide(refuse("10.0.1.2", path.SGRulesMismatch))})
	for range 4 {
		a.send(syn())
	}
	expect(t, "b", b.got(t))
	expect(t, "a", a.got(t))
	r := n.record()
	if r.Action != Reject || len(r.Reasons) != 1 || r.Reasons[0].Code != path.SGRulesMismatch {
		t.Errorf("record %+v", r)
	}
	n.pass(time.Minute)
	n.noRecord()
}

func TestRepeatsAreCounted(t *testing.T) {
	n, a, _ := pair(t, Config{Decider: decide()})
	for range 4 {
		a.send(syn())
	}
	flows := n.Flows()
	if len(flows) != 1 || flows[0].Sent != (Count{4, 160}) || flows[0].Open {
		t.Errorf("flows %+v", flows)
	}
}

func TestNotAFirstPacket(t *testing.T) {
	n, a, b := pair(t, Config{})
	for _, frame := range [][]byte{
		tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, ""),
		tcp("10.0.0.2:4000", "10.0.1.2:80", tcpSYN|tcpACK, ""),
		tcp("10.0.0.2:4000", "10.0.1.2:80", tcpSYN|tcpFIN, ""),
		ping("10.0.0.2", "10.0.1.2", icmpEchoReply, 3),
		ping("10.0.0.2", "10.0.1.2", 13, 3),
		unreachable(udp("10.0.1.2:5", "10.0.0.2:4000", "x")),
	} {
		a.send(frame)
	}
	expect(t, "b", b.got(t))
	if s := n.Stats(); s.Stray != 6 || s.Flows != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestMalformed(t *testing.T) {
	_, a, b := pair(t, Config{})
	long := syn()
	long[virtioLen+3] = 200
	options := syn()
	options[virtioLen] = 0x4f
	short := syn()
	short[virtioLen] = 0x41
	tcpOptions := syn()
	tcpOptions[virtioLen+32] = 0xf0
	n := a.fabric
	for _, frame := range [][]byte{nil, syn()[:8], syn()[:25], long, options, short, tcpOptions, syn()[:virtioLen+30]} {
		a.send(frame)
	}
	expect(t, "b", b.got(t))
	if s := n.Stats(); s.Malformed != 8 || s.Flows != 0 {
		t.Errorf("stats %+v", s)
	}
	a.send(append(make([]byte, virtioLen), 0x50, 0, 0, 0))
	if s := n.Stats(); s.NotIP != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestSpoofedSource(t *testing.T) {
	n, a, b := pair(t, Config{})
	a.send(tcp("10.0.0.3:4000", "10.0.1.2:80", tcpSYN, ""))
	expect(t, "b", b.got(t))
	if r := n.record(); len(r.Reasons) != 1 || r.Reasons[0].Code != AddressMismatch {
		t.Errorf("record %+v", r)
	}
	n.Recheck() // no model makes it right
	a.send(tcp("10.0.0.3:4000", "10.0.1.2:80", tcpSYN, ""))
	expect(t, "b", b.got(t))
}

func TestFragments(t *testing.T) {
	n, a, b := pair(t, Config{})
	first, second := cut(udp("10.0.0.2:4000", "10.0.1.2:53", "0123456789abcdef"), 7, 16)
	a.send(slices.Clone(second))
	if len(b.device.frames()) != 0 || n.Stats().Fragment != 1 {
		t.Errorf("a fragment that precedes its first: %d delivered, %+v", len(b.device.frames()), n.Stats())
	}
	a.send(slices.Clone(first))
	a.send(slices.Clone(second))
	if len(b.device.frames()) != 2 {
		t.Errorf("%d of 2 fragments delivered", len(b.device.frames()))
	}
	_, other := cut(udp("10.0.0.2:4000", "10.0.1.2:53", "0123456789abcdef"), 8, 16)
	a.send(other)
	if len(b.device.frames()) != 2 {
		t.Error("a fragment of a datagram whose first was never seen was delivered")
	}
}

func TestCutOff(t *testing.T) {
	n, a, b := pair(t, Config{})
	n.SetFault(b.Tap, Fault{Drop: 1})
	a.send(syn())
	expect(t, "b", b.got(t))
	n.SetFault(b.Tap, Fault{})
	a.send(syn())
	expect(t, "b", b.got(t), "6 "+ab)
	if s := n.Stats(); s.Faulted != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestForwardDoesNotAllocate(t *testing.T) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.Src = netip.MustParseAddr("10.5.5.5")
	_, a, b := pair(t, Config{Decider: decide(nat)})
	frame := tcp("10.0.0.2:4000", "10.0.1.2:80", tcpSYN, "")
	work := slices.Clone(frame)
	a.send(work)
	a.device.silent, b.device.silent = true, true
	if n := testing.AllocsPerRun(1000, func() {
		copy(work, frame)
		a.forward(work)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
	dropped := tcp("10.0.0.2:4000", "10.0.9.2:80", tcpSYN, "")
	a.forward(dropped)
	if n := testing.AllocsPerRun(1000, func() { a.forward(dropped) }); n != 0 {
		t.Errorf("%v allocations a dropped packet", n)
	}
}

func BenchmarkForward(b *testing.B) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.Src = netip.MustParseAddr("10.5.5.5")
	_, from, to := pair(b, Config{Decider: decide(nat)})
	frame := syn()
	work := slices.Clone(frame)
	from.send(work)
	to.device.silent = true
	b.ReportAllocs()
	for b.Loop() {
		copy(work, frame)
		from.forward(work)
	}
}
