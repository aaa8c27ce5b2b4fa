package fabric

import (
	"slices"
	"testing"
)

func TestICMPErrorIsTranslated(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, b := n.shared("f", "10.0.0.9", "169.254.76.2", "eni-f"), n.own("b", "10.0.1.2", "eni-b")
	for _, sent := range [][]byte{
		udp("169.254.76.2:4000", "10.0.1.2:53", "query"),
		tcp("169.254.76.2:4000", "10.0.1.2:80", tcpSYN, ""),
		ping("169.254.76.2", "10.0.1.2", icmpEcho, 77),
	} {
		want := slices.Clone(sent)
		a.send(sent)
		arrived := b.device.frames()[0]
		b.got(t)
		b.send(unreachable(arrived))
		back := a.device.frames()[0]
		expect(t, "a", a.got(t), "1 10.0.1.2:0 > 169.254.76.2:0")
		quote := back[virtioLen+28:]
		if original := want[virtioLen : virtioLen+len(quote)]; !slices.Equal(quote, original) {
			t.Errorf("\nquoted   % x\noriginal % x", quote, original)
		}
	}
}

func TestICMPErrorAboutAnotherFlowIsDropped(t *testing.T) {
	_, a, b := pair(t, Config{})
	a.send(udp("10.0.0.2:4000", "10.0.1.2:53", "query"))
	b.got(t)
	b.send(unreachable(udp("10.0.0.2:4001", "10.0.1.2:53", "query")))
	expect(t, "a", a.got(t))
}

func TestPing(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	e1, e2 := n.shared("f1", "10.0.0.9", "169.254.76.2", "eni-f"), n.shared("f2", "10.0.0.9", "169.254.76.2", "eni-f")
	b := n.own("b", "10.0.1.2", "eni-b")
	e1.send(ping("169.254.76.2", "10.0.1.2", icmpEcho, 5))
	e2.send(ping("169.254.76.2", "10.0.1.2", icmpEcho, 5))
	for i, frame := range b.device.frames() {
		id := uint16(frame[virtioLen+24])<<8 | uint16(frame[virtioLen+25])
		b.send(ping("10.0.1.2", "10.0.0.9", icmpEchoReply, id))
		want := []string{"1 10.0.1.2:0 > 169.254.76.2:5"}
		expect(t, "the one who asked", []memoryTap{e1, e2}[i].got(t), want...)
		expect(t, "the other", []memoryTap{e2, e1}[i].got(t))
	}
}
