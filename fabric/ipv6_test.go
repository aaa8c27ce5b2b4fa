package fabric

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"bailey/cloud"
	"bailey/path"
)

// Addresses of these tests: instance A and B, and a function's interface.
const (
	sixA, sixB, sixF = "2600:1f00::a", "2600:1f00:0:1::b", "2600:1f00::f"
	sixInner         = "fdba:76::2"
)

// dual is a tap with addresses of both families; inner ones are shared ones.
func (n *memoryNet) dual(label, v6, inner, eni string) memoryTap {
	n.t.Helper()
	tap := n.add(&Tap{config: TapConfig{Label: label, From: path.FromENI{ID: cloud.ENIID(eni)},
		Addr: netip.MustParseAddr("10.0.0.9"), Inner: LambdaInner, IPv6: netip.MustParseAddr(v6), InnerIPv6: netip.MustParseAddr(inner)}})
	n.Bind(cloud.ENIID(eni), tap.Tap)
	return tap
}

func toSix(dst, eni string) rule { return toENI(dst+"/128", eni) }

func ping6(src, dst string, kind byte, id uint16) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kind, 0, 0, 0}, id)
	return sealed(protoICMPv6, netip.MustParseAddr(src), netip.MustParseAddr(dst), append(b, 0, 1))
}

func TestIPv6PassesUnchanged(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toSix(sixB, "eni-b"))})
	a, b := n.dual("a", sixA, sixA, "eni-a"), n.dual("b", sixB, sixB, "eni-b")
	a.send(tcp("["+sixA+"]:4000", "["+sixB+"]:80", tcpSYN, ""))
	expect(t, "b", b.got(t), "6 2600:1f00::a:4000 > 2600:1f00:0:1::b:80")
	b.send(tcp("["+sixB+"]:80", "["+sixA+"]:4000", tcpSYN|tcpACK, ""))
	expect(t, "a", a.got(t), "6 2600:1f00:0:1::b:80 > 2600:1f00::a:4000")
	r := n.Flows()[0]
	if r.Flow.Dst.Addr() != netip.MustParseAddr(sixB) || r.Received.Packets != 1 {
		t.Errorf("record %+v", r)
	}
}

// Environments share their interface's IPv6 address as they share its IPv4 one.
func TestEnvironmentsShareAnIPv6Address(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toSix(sixB, "eni-b"))})
	f, g, b := n.dual("f", sixF, sixInner, "eni-f"), n.dual("g", sixF, sixInner, "eni-f"), n.dual("b", sixB, sixB, "eni-b")
	for _, who := range []memoryTap{f, g} {
		who.send(udp("["+sixInner+"]:4000", "["+sixB+"]:53", "q"))
		frame := b.device.frames()[0]
		b.got(t)
		if src := netip.AddrFrom16([16]byte(frame[virtioLen+8 : virtioLen+24])); src != netip.MustParseAddr(sixF) {
			t.Errorf("comes from %v", src)
		}
		port := binary.BigEndian.Uint16(frame[virtioLen+40:])
		b.send(udp("["+sixB+"]:53", netip.AddrPortFrom(netip.MustParseAddr(sixF), port).String(), "r"))
		expect(t, who.Label(), who.got(t), "17 2600:1f00:0:1::b:53 > fdba:76::2:4000")
	}
}

// The services namespace knows a caller by the same number in either family.
func TestIdentityOverIPv6(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(rule{dst: "2001:2::/48", delivery: path.Delivery{To: path.ToInternet}})})
	s, a := n.server(), n.dual("a", sixA, sixA, "eni-a")
	a.send(tcp("["+sixA+"]:4000", "[2001:2::7]:443", tcpSYN, ""))
	frame := s.device.frames()[0]
	s.got(t)
	remote := netip.AddrPortFrom(netip.AddrFrom16([16]byte(frame[virtioLen+8:virtioLen+24])), 4000)
	if !IdentitiesIPv6.Contains(remote.Addr()) {
		t.Errorf("comes from %v", remote)
	}
	o, ok := n.OriginOf(6, remote, netip.MustParseAddrPort("[2001:2::7]:443"))
	if !ok || o.Tap != a.Tap || o.Flow.Src.Addr() != netip.MustParseAddr(sixA) {
		t.Errorf("origin %+v %v", o, ok)
	}
}

// What would be translated from one family to the other is refused by name.
func TestNAT64IsRefusedByName(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(rule{dst: "64:ff9b::/96", delivery: path.Delivery{To: path.ToInternet, Src: netip.MustParseAddr("198.19.7.7"),
		Dst: netip.MustParseAddr("198.18.4.4"), NATPort: true, Through: "NAT"}})})
	s, a := n.server(), n.dual("a", sixA, sixA, "eni-a")
	a.send(tcp("["+sixA+"]:4000", "[64:ff9b::c612:404]:443", tcpSYN, ""))
	expect(t, "services", s.got(t))
	if r := n.record(); r.Action != Reject || r.Reasons[0].Code != NAT64NotCarried || r.Reasons[0].Component != "NAT" {
		t.Errorf("record %+v", r)
	}
}

func TestPingAndErrorsOverIPv6(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toSix(sixB, "eni-b"))})
	f, b := n.dual("f", sixF, sixInner, "eni-f"), n.dual("b", sixB, sixB, "eni-b")
	for _, sent := range [][]byte{ping6(sixInner, sixB, icmpv6Echo, 77), udp("["+sixInner+"]:4000", "["+sixB+"]:53", "query")} {
		want := slices.Clone(sent)
		f.send(sent)
		arrived := b.device.frames()[0]
		b.got(t)
		quote := arrived[virtioLen : virtioLen+48]
		answer := append([]byte{icmpv6Unreachable, 4, 0, 0, 0, 0, 0, 0}, quote...)
		b.send(sealed(protoICMPv6, netip.MustParseAddr(sixB), netip.MustParseAddr(sixF), answer))
		back := f.device.frames()[0]
		expect(t, "f", f.got(t), "58 2600:1f00:0:1::b:0 > fdba:76::2:0")
		if got := back[virtioLen+48:]; !slices.Equal(got, want[virtioLen:virtioLen+len(got)]) {
			t.Errorf("\nquoted   % x\noriginal % x", got, want[virtioLen:])
		}
	}
}

func TestFailFastOverIPv6(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(), FailFast: true})
	a := n.dual("a", sixA, sixA, "eni-a")
	a.send(tcp("["+sixA+"]:4000", "["+sixB+"]:80", tcpSYN, ""))
	expect(t, "a", a.got(t), "6 2600:1f00:0:1::b:80 > 2600:1f00::a:4000")
	a.send(udp("["+sixA+"]:4000", "["+sixB+"]:53", "q"))
	a.send(ping6(sixA, sixB, icmpv6Echo, 7))
	for _, frame := range a.device.take() {
		if err := check(frame); err != nil || frame[virtioLen+40] != icmpv6Unreachable || frame[virtioLen+41] != codeProhibitedIPv6 {
			t.Errorf("% x: %v", frame, err)
		}
	}
	a.send(udp("["+sixA+"]:4000", "[ff02::fb]:5353", "q"))
	if s := n.Stats(); s.Multicast != 1 {
		t.Errorf("stats %+v", s)
	}
}

// A datagram in fragments arrives as such.
func TestFragmentsOverIPv6(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toSix(sixB, "eni-b"))})
	f, b := n.dual("f", sixF, sixInner, "eni-f"), n.dual("b", sixB, sixB, "eni-b")
	fragment := func(offset uint16, more uint16, payload []byte) []byte {
		head := []byte{protoUDP, 0}
		head = binary.BigEndian.AppendUint16(head, offset|more)
		head = binary.BigEndian.AppendUint32(head, 99)
		return sealed(fragmentExt, netip.MustParseAddr(sixInner), netip.MustParseAddr(sixB), append(head, payload...))
	}
	datagram := udp("["+sixInner+"]:4000", "["+sixB+"]:53", "0123456789abcdef")[virtioLen+40:]
	f.send(fragment(16, 0, datagram[16:])) // before its first: nobody knows whose it is
	f.send(fragment(0, 1, slices.Clone(datagram[:16])))
	f.send(fragment(16, 0, slices.Clone(datagram[16:])))
	frames := b.device.take()
	if len(frames) != 2 || n.Stats().Fragment != 1 {
		t.Fatalf("%d frames, stats %+v", len(frames), n.Stats())
	}
	whole := append(slices.Clone(frames[0][virtioLen+48:]), frames[1][virtioLen+48:]...)
	if err := check(sealedRaw(protoUDP, frames[0][virtioLen+8:virtioLen+40], whole)); err != nil {
		t.Error(err)
	}
}

// sealedRaw is an IPv6 frame of which the transport is as given.
func sealedRaw(proto uint8, addrs, transport []byte) []byte {
	frame := make([]byte, virtioLen+40)
	ip := frame[virtioLen:]
	ip[0], ip[6] = 0x60, proto
	binary.BigEndian.PutUint16(ip[4:], uint16(len(transport)))
	copy(ip[8:], addrs)
	return append(frame, transport...)
}

// Headers that contradict themselves are counted and go nowhere.
func TestMalformedIPv6(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toSix(sixB, "eni-b"))})
	a := n.dual("a", sixA, sixA, "eni-a")
	good := func() []byte { return tcp("["+sixA+"]:4000", "["+sixB+"]:80", tcpSYN, "") }
	long, mapped, endless, cut := good(), good(), good(), good()
	long[virtioLen+5]++
	copy(mapped[virtioLen+24:], netip.MustParseAddr("::ffff:10.0.0.1").AsSlice())
	endless[virtioLen+6], endless[virtioLen+41] = destOptions, 200
	cut[virtioLen+6] = fragmentExt
	cut = cut[:virtioLen+44]
	binary.BigEndian.PutUint16(cut[virtioLen+4:], 4)
	for _, frame := range [][]byte{good()[:virtioLen+20], long, mapped, endless, cut} {
		a.send(frame)
	}
	if s := n.Stats(); s.Malformed != 5 || s.Flows != 0 {
		t.Errorf("stats %+v", s)
	}
	options := sealed(destOptions, netip.MustParseAddr(sixA), netip.MustParseAddr(sixB), append([]byte{protoTCP, 0, 1, 4, 0, 0, 0, 0}, good()[virtioLen+40:]...))
	a.send(options)
	if s := n.Stats(); s.Flows != 1 {
		t.Errorf("behind options: %+v", s)
	}
}
