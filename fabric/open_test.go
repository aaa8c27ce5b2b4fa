package fabric

import (
	"fmt"
	"net/netip"
	"testing"

	"bailey/path"
)

// Two network flows of one tap that look alike to a server get two ports.
func TestIdentityPortCollision(t *testing.T) {
	first, second := toService("10.0.7.7", "ssm", "vpce-1"), toService("10.0.8.8", "kms", "vpce-2")
	to := netip.MustParseAddr("10.9.9.9")
	first.delivery.Dst, second.delivery.Dst = to, to
	n := newMemory(t, Config{Decider: decide(first, second)})
	s, a := n.server(), n.own("a", "10.0.0.2", "eni-a")
	a.send(tcp("10.0.0.2:4000", "10.0.7.7:443", tcpSYN, ""))
	a.send(tcp("10.0.0.2:4000", "10.0.8.8:443", tcpSYN, ""))
	expect(t, "the server", s.got(t), "6 100.64.0.2:4000 > 10.9.9.9:443", "6 100.64.0.2:4001 > 10.9.9.9:443")
	for port, service := range map[uint16]string{4000: "ssm", 4001: "kms"} {
		o, ok := n.OriginOf(6, netip.AddrPortFrom(netip.MustParseAddr("100.64.0.2"), port), netip.MustParseAddrPort("10.9.9.9:443"))
		if !ok || o.Delivery.Service != service {
			t.Errorf("port %d comes from %+v, want %s", port, o, service)
		}
	}
	s.send(tcp("10.9.9.9:443", "100.64.0.2:4001", tcpSYN|tcpACK, ""))
	expect(t, "a", a.got(t), "6 10.0.8.8:443 > 10.0.0.2:4000")
}

// A server that goes on after its client has gone is reset, always.
func TestServerOfNobodyIsReset(t *testing.T) {
	n := newMemory(t, Config{Decider: decide()})
	s := n.server()
	s.send(tcp("10.9.9.9:443", "100.64.0.77:4000", tcpACK, "keepalive"))
	expect(t, "the server", s.got(t), "6 100.64.0.77:4000 > 10.9.9.9:443")
	s.send(udp("10.9.9.9:443", "100.64.0.77:4000", "x"))
	expect(t, "the server", s.got(t))
}

func TestLambdaTranslatesNoOtherProtocol(t *testing.T) {
	n := newMemory(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	f, b := n.shared("f", "10.0.0.9", "169.254.76.2", "eni-f"), n.own("b", "10.0.1.2", "eni-b")
	f.send(sealed(50, netip.MustParseAddr("169.254.76.2"), netip.MustParseAddr("10.0.1.2"), make([]byte, 8)))
	expect(t, "b", b.got(t))
	if r := n.record(); r.Reasons[0].Code != path.NATProtocol {
		t.Errorf("record %+v", r)
	}
}

func TestNATGatewayRunsOutOfPorts(t *testing.T) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.NATPort, nat.delivery.Through = true, "NAT"
	n, a, b := pair(t, Config{Decider: decide(nat)})
	b.device.silent = true
	k := key{src: a.addr.v4, dst: addrOf(netip.MustParseAddr("10.0.1.2")), dport: 80, proto: protoTCP}
	n.mu.Lock()
	for range natGatewayLimit {
		n.leases.takeAny("nat NAT", k, natGatewayLimit)
	}
	n.mu.Unlock()
	a.send(syn())
	if r := n.record(); r.Reasons[0].Code != PortsExhausted || r.Reasons[0].Component != "NAT" {
		t.Errorf("record %+v", r)
	}
}

// The port that a NAT gateway draws decides too: replies to it must get through
// the network ACLs on the way.
func TestTheDrawnPortDecides(t *testing.T) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.NATPort, nat.delivery.Through = true, "NAT"
	d := decide(nat)
	d.shut = func(port uint16) bool { return port >= 1024 }
	n, a, b := pair(t, Config{Decider: d})
	b.device.silent = true
	a.send(syn())
	if r := n.record(); r.Action != Reject || r.Reasons[0].Code != path.SubnetACL {
		t.Errorf("record %+v", r)
	}
}

// Whoever dials into a conversation with its exact ports is not let in as
// someone else: the packet is lost, and the first conversation goes on.
func TestKeysAreNotTakenOver(t *testing.T) {
	d := decide(toENI("10.0.1.2", "eni-b"), rule{dst: "10.0.1.3", delivery: path.Delivery{To: path.ToENI, ENI: "eni-b", Dst: netip.MustParseAddr("10.0.1.2")}})
	n, a, b := pair(t, Config{Decider: d})
	a.send(syn())
	b.got(t)
	a.send(tcp("10.0.0.2:4000", "10.0.1.3:80", tcpSYN, ""))
	expect(t, "b", b.got(t))
	if n.Stats().Flows != 1 || len(n.leases.held) != 0 {
		t.Errorf("%+v, %d leases", n.Stats(), len(n.leases.held))
	}
	b.send(tcp("10.0.1.2:80", "10.0.0.2:4000", tcpSYN|tcpACK, ""))
	expect(t, "a", a.got(t), "6 "+ba)
}

func TestLeasesAreGivenBack(t *testing.T) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.NATPort, nat.delivery.Through = true, "NAT"
	n := newMemory(t, Config{Decider: decide(nat)})
	f, b := n.shared("f", "10.0.0.9", "169.254.76.2", "eni-f"), n.own("b", "10.0.1.2", "eni-b")
	for i := range 20 {
		f.send(tcp(fmt.Sprint("169.254.76.2:", 4000+i), "10.0.1.2:80", tcpSYN, ""))
		f.send(tcp(fmt.Sprint("169.254.76.2:", 4000+i), "10.0.3.3:80", tcpSYN, "")) // blocked
	}
	if got := len(n.leases.held); got != 20*2+20 {
		t.Errorf("%d leases, want two for each that passes and one for each that does not", got)
	}
	b.got(t)
	f.Close()
	if got := len(n.leases.held) + len(n.leases.count); got != 0 {
		t.Errorf("%d leases are left", got)
	}
}

// A checksum of zero means "none" in UDP, and is sent as all ones.
func TestUDPChecksumIsNeverZero(t *testing.T) {
	var p packet
	ones := 0
	for port := range 1 << 16 {
		frame := udp("10.0.0.2:4000", "10.0.1.2:53", "query")
		p.parse(frame)
		to := p.key
		to.sport = uint16(port)
		r := newRewrite(p.key, to)
		r.apply(&p)
		if err := check(frame); err != nil {
			t.Fatalf("port %d: %v", port, err)
		}
		switch sum := uint16(frame[virtioLen+26])<<8 | uint16(frame[virtioLen+27]); sum {
		case 0:
			t.Fatalf("port %d: no checksum", port)
		case 0xffff:
			ones++
		}
	}
	if ones == 0 {
		t.Error("no port led to the checksum in question")
	}
}

func TestIdentitiesAreUsedAgainLast(t *testing.T) {
	i := newIdentities(netip.MustParsePrefix("100.64.0.0/29"))
	var got []uint32
	first, _ := i.take()
	i.give(first)
	for a, ok := i.take(); ok; a, ok = i.take() {
		got = append(got, a-i.base)
	}
	if fmt.Sprint(got) != "[3 4 5 6 2]" {
		t.Errorf("identities %v", got)
	}
}
