package fabric

import (
	"fmt"
	"net"
	"net/netip"
	"testing"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// needIPv6 skips where the kernel has no IPv6.
func needIPv6(t *testing.T) {
	t.Helper()
	if !hasIPv6() {
		t.Skip("this kernel has no IPv6")
	}
}

// six attaches a workload with an IPv6 address alone, or an environment with
// one of both families.
func (n *testNet) six(label, addr, eni string) (*testNS, *Tap) {
	n.t.Helper()
	c := TapConfig{Label: label, From: path.FromENI{ID: cloud.ENIID(eni)}, IPv6: netip.MustParseAddr(addr)}
	if eni == "eni-f" {
		c.Addr, c.Inner, c.InnerIPv6 = netip.MustParseAddr("10.0.0.9"), LambdaInner, LambdaInnerIPv6
	}
	ns, tap := n.tap(c)
	n.Bind(cloud.ENIID(eni), tap)
	return ns, tap
}

func (n *testNS) listenOn(t testing.TB, network, addr string) net.Listener {
	t.Helper()
	var l net.Listener
	if err := n.Do(func() (err error) { l, err = net.Listen(network, addr); return }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// The kernel's own TCP between two namespaces that have nothing but IPv6.
func TestBytesBetweenInstancesOverIPv6(t *testing.T) {
	needIPv6(t)
	n := newNet(t, Config{Decider: decide(toSix(sixB, "eni-b"))})
	a, _ := n.six("a", sixA, "eni-a")
	b, _ := n.six("b", sixB, "eni-b")
	go echo(b.listenOn(t, "tcp6", ":80"))
	c := a.mustDial(t, "tcp6", "["+sixB+"]:80")
	sent := make([]byte, 4<<20)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	go c.Write(sent)
	got := make([]byte, len(sent))
	for read := 0; read < len(got); {
		k, err := c.Read(got[read:])
		if err != nil {
			t.Fatal(err)
		}
		read += k
	}
	if string(got) != string(sent) {
		t.Error("what came back is not what was sent")
	}
	if c.RemoteAddr().String() != "["+sixB+"]:80" || c.LocalAddr().(*net.TCPAddr).IP.String() != sixA {
		t.Errorf("%v to %v", c.LocalAddr(), c.RemoteAddr())
	}
}

// A server in the services namespace answers for any IPv6 address, and knows
// who asks.
func TestOriginOverIPv6(t *testing.T) {
	needIPv6(t)
	n := newNet(t, Config{Decider: decide(rule{dst: "2001:2::/48", delivery: path.Delivery{To: path.ToInternet, Through: "EIGW"}},
		rule{dst: "0.0.0.0/0", delivery: path.Delivery{To: path.ToInternet}})})
	ns, _ := n.services()
	f, _ := n.six("f", sixF, "eni-f")
	i, _ := n.six("i", sixA, "eni-i")
	go n.whoami(ns.listenOn(t, "tcp", ":443"))
	for _, tt := range []struct {
		from       *testNS
		addr, want string
	}{
		{f, "[2001:2::7]:443", "f 2600:1f00::f [2001:2::7]:443  "},
		{f, "198.18.4.4:443", "f 10.0.0.9 198.18.4.4:443  "},
		{i, "[2001:2::8]:443", "i 2600:1f00::a [2001:2::8]:443  "},
	} {
		if got := say(t, tt.from.mustDial(t, "tcp", tt.addr)); got != tt.want {
			t.Errorf("%s: the server says %q, want %q", tt.addr, got, tt.want)
		}
	}
}

// The resolver answers over either family from the address that was asked.
func TestPacketConnSpeaksBothFamilies(t *testing.T) {
	needIPv6(t)
	n := newNet(t, Config{Decider: decide(rule{dst: "fd00:ec2::253/128", delivery: path.Delivery{To: path.ToResolver}}, rule{dst: "10.0.0.2/32", delivery: path.Delivery{To: path.ToResolver}})})
	ns, _ := n.services()
	f, _ := n.six("f", sixF, "eni-f")
	server, err := ListenPacket(ns, 53)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			_, remote, local, err := server.ReadPacket(buf)
			if err != nil {
				return
			}
			o, ok := n.OriginOf(netset.UDP, remote, local)
			text := "unknown"
			if ok {
				text = fmt.Sprint(o.Tap.Label(), " asks ", local)
			}
			server.WritePacket([]byte(text), remote, local)
		}
	}()
	for _, addr := range []string{"[fd00:ec2::253]:53", "10.0.0.2:53"} {
		c := f.mustDial(t, "udp", addr)
		if _, err := c.Write([]byte("q")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 512)
		k, err := c.Read(buf)
		if want := "f asks " + addr; err != nil || string(buf[:k]) != want {
			t.Errorf("%s: %q %v, want %q", addr, buf[:k], err, want)
		}
	}
}

// Without an IPv6 address a program hears at once that there is none.
func TestIPv4OnlyWorkloadHasNoIPv6(t *testing.T) {
	needIPv6(t)
	n := newNet(t, Config{Decider: decide()})
	a, _ := n.instance("10.0.0.2", "eni-a")
	if c, err := a.dial("tcp6", "["+sixB+"]:80", patience); err == nil {
		c.Close()
		t.Error("connected")
	}
	if len(n.Flows()) != 0 {
		t.Errorf("flows %v", n.Flows())
	}
}
