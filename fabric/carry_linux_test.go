package fabric

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"bailey/path"
)

// bulk sends 32 MB through a connection and compares hashes at both ends.
func bulk(t *testing.T, from, to *testNS, addr string) {
	t.Helper()
	l := to.listen(t, ":5432")
	got := make(chan [32]byte, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		h := sha256.New()
		io.Copy(h, c)
		got <- [32]byte(h.Sum(nil))
	}()
	c := from.mustDial(t, "tcp4", addr)
	want := sha256.New()
	source := rand.NewChaCha8([32]byte{1})
	if _, err := io.CopyN(io.MultiWriter(c, want), source, 32<<20); err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).CloseWrite()
	select {
	case g := <-got:
		if g != [32]byte(want.Sum(nil)) {
			t.Error("what arrived is not what was sent")
		}
	case <-time.After(patience):
		t.Fatal("the end did not arrive")
	}
}

func TestBulkBetweenInstances(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, _ := n.instance("10.0.0.2", "eni-a")
	b, _ := n.instance("10.0.1.2", "eni-b")
	bulk(t, a, b, "10.0.1.2:5432")
	for _, r := range n.Flows() {
		if r.Sent.Bytes < 32<<20 || r.Sent.Packets < 32<<20/9001 {
			t.Errorf("counted %+v of 32 MB in packets of at most 9001 bytes", r.Sent)
		}
	}
}

func TestBulkThroughNAT(t *testing.T) {
	d := toENI("10.9.9.9", "eni-b")
	d.delivery.Src, d.delivery.Dst = netip.MustParseAddr("10.8.8.8"), netip.MustParseAddr("10.0.1.2")
	d.delivery.NATPort, d.delivery.Through = true, "NAT"
	n := newNet(t, Config{Decider: decide(d)})
	a, _ := n.environment("f", "10.0.0.2", "eni-f")
	b, _ := n.instance("10.0.1.2", "eni-b")
	bulk(t, a, b, "10.9.9.9:5432")
}

func TestServerSeesTranslatedSource(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, _ := n.environment("f", "10.0.0.2", "eni-f")
	b, _ := n.instance("10.0.1.2", "eni-b")
	l := b.listen(t, ":80")
	remote := make(chan netip.AddrPort, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		remote <- c.RemoteAddr().(*net.TCPAddr).AddrPort()
		c.Close()
	}()
	a.mustDial(t, "tcp4", "10.0.1.2:80")
	got := <-remote
	if got.Addr() != netip.MustParseAddr("10.0.0.2") || got.Port() < firstPort {
		t.Errorf("the server sees %v, not the interface's address with a port of 1024-65535", got)
	}
	if flows := n.Flows(); len(flows) != 1 || flows[0].Flow.Src != got {
		t.Errorf("the record says %v, the server %v", flows, got)
	}
}

func TestUDP(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, _ := n.environment("f", "10.0.0.2", "eni-f")
	b, _ := n.instance("10.0.1.2", "eni-b")
	var server net.PacketConn
	if err := b.Do(func() (err error) { server, err = net.ListenPacket("udp4", ":53"); return }); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		buf := make([]byte, 65535)
		for {
			k, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			server.WriteTo(buf[:k], from)
		}
	}()
	c := a.mustDial(t, "udp4", "10.0.1.2:53")
	for _, size := range []int{0, 1, 512, 8973, 8974, 30000, 65507} { // from 8974 on: fragments
		sent := bytes.Repeat([]byte{byte(size), 7}, size/2+1)[:size]
		if _, err := c.Write(sent); err != nil {
			t.Fatal(size, err)
		}
		got := make([]byte, 65535)
		k, err := c.Read(got)
		if err != nil || !bytes.Equal(got[:k], sent) {
			t.Errorf("%d bytes: %d came back, %v", size, k, err)
		}
	}
}

func TestClosing(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, _ := n.instance("10.0.0.2", "eni-a")
	b, _ := n.instance("10.0.1.2", "eni-b")
	go echo(b.listen(t, ":80"))
	c := a.mustDial(t, "tcp4", "10.0.1.2:80")
	n.noRecord()
	c.Write([]byte("abc"))
	io.ReadFull(c, make([]byte, 3))
	c.Close()
	r := n.record()
	if r.Action != Accept || r.Label != "instance 10.0.0.2" || r.Sent.Packets < 4 || r.Received.Packets < 3 {
		t.Errorf("record %+v", r)
	}
	if r.Interface != "eni-a" || r.Reply() == "" {
		t.Errorf("record %v, reply %v", r, r.Reply())
	}
}

func TestResetCloses(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, _ := n.instance("10.0.0.2", "eni-a")
	n.instance("10.0.1.2", "eni-b")
	if _, err := a.dial("tcp4", "10.0.1.2:80", patience); err == nil {
		t.Fatal("connected to a closed port")
	}
	if r := n.record(); r.Action != Accept || r.Received.Packets != 1 {
		t.Errorf("record %+v", r)
	}
}

func TestNoWorkloadBehindENI(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b")), FailFast: true})
	a, _ := n.instance("10.0.0.2", "eni-a")
	if _, err := a.dial("tcp4", "10.0.1.2:80", patience); err == nil {
		t.Fatal("connected to nothing")
	}
	r := n.record()
	if len(r.Reasons) != 1 || r.Reasons[0].Code != NoWorkload || r.Action != Reject {
		t.Errorf("record %+v", r)
	}
}

// A flow of which a named fact is missing must not pass either.
func TestOnlyReachablePasses(t *testing.T) {
	for v := path.Undecided; v <= path.Unknown; v++ {
		if v == path.Reachable {
			continue
		}
		t.Run(v.String(), func(t *testing.T) {
			d := verdict{v, path.Delivery{To: path.ToENI, ENI: "eni-b"}}
			n := newNet(t, Config{Decider: d, FailFast: true})
			a, _ := n.instance("10.0.0.2", "eni-a")
			b, _ := n.instance("10.0.1.2", "eni-b")
			go echo(b.listen(t, ":80"))
			if _, err := a.dial("tcp4", "10.0.1.2:80", patience); err == nil {
				t.Error("connected")
			}
		})
	}
}
