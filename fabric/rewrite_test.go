package fabric

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// drawFrame is any well-formed frame of a protocol that is translated.
func drawFrame(t *rapid.T) []byte {
	six := rapid.Bool().Draw(t, "IPv6")
	ping, request, reply := protoICMP, byte(icmpEcho), byte(icmpEchoReply)
	if six {
		ping, request, reply = protoICMPv6, icmpv6Echo, icmpv6EchoReply
	}
	proto := rapid.SampledFrom([]uint8{protoTCP, protoUDP, ping, 50}).Draw(t, "protocol")
	payload := rapid.SliceOfN(rapid.Byte(), 20, 200).Draw(t, "transport")
	switch proto {
	case protoTCP:
		payload[12] = 5 << 4
	case ping:
		payload[0] = rapid.SampledFrom([]byte{request, reply}).Draw(t, "type")
	}
	frame := sealed(proto, drawAddr(t, six).netip(), drawAddr(t, six).netip(), payload)
	switch {
	case proto == protoUDP && !six && rapid.Bool().Draw(t, "without checksum"):
		frame[virtioLen+26], frame[virtioLen+27] = 0, 0
	case (proto == protoUDP || proto == protoTCP) && rapid.Bool().Draw(t, "left to the device"):
		leave(frame)
	}
	return frame
}

func drawAddr(t *rapid.T, six bool) addr {
	if six {
		return addr{0x2600<<48 | rapid.Uint64().Draw(t, "network")>>16, rapid.Uint64().Draw(t, "host")}
	}
	return addr4(rapid.Uint32().Draw(t, "address"))
}

func drawKey(t *rapid.T, like key) key {
	k := key{src: drawAddr(t, like.src.is6()), dst: drawAddr(t, like.src.is6()), proto: like.proto}
	switch like.proto {
	case protoTCP, protoUDP:
		k.sport, k.dport = rapid.Uint16().Draw(t, "new source port"), rapid.Uint16().Draw(t, "new destination port")
	case protoICMP, protoICMPv6:
		id := rapid.Uint16().Draw(t, "new identifier")
		if like.sport != 0 {
			k.sport = id
		} else {
			k.dport = id
		}
	}
	return k
}

// What the sums say after a rewrite is what they say when computed anew, and
// nothing but addresses, ports and sums has changed.
func TestRewriteAgainstRecompute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := drawFrame(t)
		var p packet
		if k := p.parse(frame); k != whole {
			t.Fatalf("parse: %v", k)
		}
		to := drawKey(t, p.key)
		want := slowRewrite(frame, to)
		r := newRewrite(p.key, to)
		r.apply(&p)
		if err := check(frame); err != nil {
			t.Error(err)
		}
		if !bytes.Equal(frame, want) {
			t.Errorf("\ngot  % x\nwant % x", frame, want)
		}
	})
}

// slowRewrite writes the new key into a copy and computes all sums anew.
func slowRewrite(frame []byte, to key) []byte {
	out := bytes.Clone(frame)
	ip := out[virtioLen:]
	l4 := ip[headerLen(ip):]
	none := ip[9] == protoUDP && !isIPv6(ip) && l4[6]|l4[7] == 0 && out[0] == 0
	src, dst := to.src.netip().AsSlice(), to.dst.netip().AsSlice()
	if isIPv6(ip) {
		copy(ip[8:], src)
		copy(ip[24:], dst)
	} else {
		copy(ip[12:], src)
		copy(ip[16:], dst)
	}
	switch protoOf(ip) {
	case protoTCP, protoUDP:
		binary.BigEndian.PutUint16(l4, to.sport)
		binary.BigEndian.PutUint16(l4[2:], to.dport)
	case protoICMP, protoICMPv6:
		binary.BigEndian.PutUint16(l4[4:], to.sport|to.dport)
	}
	seal(out)
	if out[0] != 0 {
		leave(out)
	}
	if none {
		l4[6], l4[7] = 0, 0
	}
	return out
}

// A rewrite and the one back leave every packet as it was.
func TestRewriteBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := drawFrame(t)
		before := bytes.Clone(frame)
		var p packet
		p.parse(frame)
		from, to := p.key, drawKey(t, p.key)
		there, back := newRewrite(from, to), newRewrite(to, from)
		there.apply(&p)
		back.apply(&p)
		if !bytes.Equal(frame, before) {
			t.Errorf("\ngot  % x\nwant % x", frame, before)
		}
	})
}

func TestChecksumAgainstSlowSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 3000).Draw(t, "bytes")
		if got, want := checksum(b, 0), ^uint16(sumOf(b)); got != want {
			t.Errorf("%#x, want %#x", got, want)
		}
	})
}

func FuzzForward(f *testing.F) {
	for _, frame := range [][]byte{
		tcp("10.0.0.2:1", "10.0.1.2:80", tcpSYN, ""), udp("10.0.0.2:1", "10.0.1.2:53", "q"),
		ping("10.0.0.2", "10.0.1.2", icmpEcho, 9), leave(tcp("10.0.0.2:1", "10.0.1.2:80", tcpSYN, "x")),
		unreachable(udp("10.0.1.2:53", "10.0.0.2:1", "a")), make([]byte, 12),
	} {
		f.Add(frame)
	}
	first, second := cut(udp("10.0.0.2:1", "10.0.1.2:53", "0123456789abcdef"), 7, 8)
	f.Add(first)
	f.Add(second)
	n := newMemory(f, Config{Decider: decide(toENI("10.0.1.2", "eni-b")), FailFast: true, MaxFlows: 64})
	a := n.shared("f", "10.0.0.9", "10.0.0.2", "eni-f")
	b := n.own("b", "10.0.1.2", "eni-b")
	a.send(udp("10.0.0.2:1", "10.0.1.2:53", "q"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		var p packet
		good := p.parse(bytes.Clone(frame)) == whole && !p.more && check(frame) == nil
		a.send(bytes.Clone(frame))
		b.send(bytes.Clone(frame))
		for _, out := range append(a.device.take(), b.device.take()...) {
			if err := check(out); good && err != nil {
				t.Errorf("%v\nin  % x\nout % x", err, frame, out)
			}
		}
	})
}
