package fabric

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// whoami answers every connection with where it came from.
func (n *testNet) whoami(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		o, ok := n.OriginOf(netset.TCP, addrPort(c.RemoteAddr()), addrPort(c.LocalAddr()))
		if !ok {
			fmt.Fprint(c, "unknown")
		} else {
			fmt.Fprintf(c, "%s %s %s %s %s", o.Tap.Label(), o.Flow.Src.Addr(), o.Flow.Dst, o.Delivery.Service, o.Delivery.Endpoint)
		}
		c.Close()
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return a.AddrPort()
	case *net.UDPAddr:
		return a.AddrPort()
	}
	return netip.AddrPort{}
}

func say(t testing.TB, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOrigin(t *testing.T) {
	var mu sync.Mutex
	var arrived []Origin
	n := newNet(t, Config{
		Decider: decide(
			toService("10.0.7.7", "ssm", "vpce-1"),
			toService("10.0.8.8", "ssm", "vpce-2"),
			toService("100.64.3.3", "kms", "vpce-3"), // a VPC may use the range of identities
			rule{dst: "198.51.100.0/24", delivery: path.Delivery{To: path.ToInternet, Src: netip.MustParseAddr("203.0.113.9"), NATPort: true, Through: "NAT"}},
		),
		Arrive: func(o Origin) { mu.Lock(); defer mu.Unlock(); arrived = append(arrived, o) },
	})
	ns, _ := n.services()
	f, _ := n.environment("f", "10.0.0.9", "eni-f")
	g, _ := n.environment("g", "10.0.0.9", "eni-f")
	i, _ := n.instance("10.0.0.4", "eni-i")
	go n.whoami(ns.listen(t, ":443"))
	for _, tt := range []struct {
		from *testNS
		addr string
		want string
	}{
		{f, "10.0.7.7:443", "f 10.0.0.9 10.0.7.7:443 ssm vpce-1"},
		{g, "10.0.7.7:443", "g 10.0.0.9 10.0.7.7:443 ssm vpce-1"},
		{g, "10.0.8.8:443", "g 10.0.0.9 10.0.8.8:443 ssm vpce-2"},
		{i, "10.0.8.8:443", "instance 10.0.0.4 10.0.0.4 10.0.8.8:443 ssm vpce-2"},
		{i, "198.51.100.1:443", "instance 10.0.0.4 10.0.0.4 198.51.100.1:443  "},
		{f, "100.64.3.3:443", "f 10.0.0.9 100.64.3.3:443 kms vpce-3"},
	} {
		if got := say(t, tt.from.mustDial(t, "tcp4", tt.addr)); got != tt.want {
			t.Errorf("%s: the server says %q, want %q", tt.addr, got, tt.want)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(arrived) != 6 {
		t.Errorf("%d flows were announced, want 6", len(arrived))
	}
}

// A server that has to stand in for a workload is bound to its interface.
func TestServicesBoundToInterface(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-db"))})
	ns, tap := n.services()
	n.Bind("eni-db", tap)
	f, _ := n.environment("f", "10.0.0.9", "eni-f")
	go n.whoami(ns.listen(t, ":5432"))
	if got := say(t, f.mustDial(t, "tcp4", "10.0.1.2:5432")); got != "f 10.0.0.9 10.0.1.2:5432  " {
		t.Errorf("the server says %q", got)
	}
}

func TestOriginOfStrangers(t *testing.T) {
	n := newNet(t, Config{Decider: decide()})
	at := netip.MustParseAddrPort("100.64.0.9:5")
	for _, tt := range []struct {
		name          string
		proto         netset.Protocol
		remote, local netip.AddrPort
	}{
		{"no services namespace", netset.TCP, at, at},
		{"IPv6", netset.TCP, netip.MustParseAddrPort("[::1]:5"), at},
		{"nothing", netset.AnyProtocol, netip.AddrPort{}, netip.AddrPort{}},
	} {
		if o, ok := n.OriginOf(tt.proto, tt.remote, tt.local); ok {
			t.Errorf("%s: %+v", tt.name, o)
		}
	}
	n.services()
	if o, ok := n.OriginOf(netset.TCP, at, at); ok {
		t.Errorf("never connected: %+v", o)
	}
}

// Three environments share an interface's address, and 200 connections at once
// each get their own answer.
func TestManyConnectionsFromOneInterface(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"), toService("10.0.7.7", "ssm", "vpce-1"))})
	ns, _ := n.services()
	b, _ := n.instance("10.0.1.2", "eni-b")
	go echo(b.listen(t, ":80"))
	go echo(ns.listen(t, ":80"))
	var envs []*testNS
	for _, label := range []string{"f#1", "f#2", "g#1"} {
		ns, _ := n.environment(label, "10.0.0.9", "eni-f")
		envs = append(envs, ns)
	}
	errs := make(chan error, 200)
	open := make(chan struct{}) // all connections are open at once
	var opened sync.WaitGroup
	opened.Add(200)
	for i := range 200 {
		go func() {
			dst := []string{"10.0.1.2:80", "10.0.7.7:80"}[i%2]
			c, err := envs[i%3].dial("tcp4", dst, patience)
			opened.Done()
			<-open
			if err == nil {
				err = ask(c, fmt.Sprintf("question %d", i))
				c.Close()
			}
			errs <- err
		}()
	}
	opened.Wait()
	distinct := map[netset.Flow]bool{}
	for _, r := range n.Flows() {
		if distinct[r.Flow] {
			t.Errorf("two flows are %v", r.Flow)
		}
		distinct[r.Flow] = true
	}
	close(open)
	for range 200 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if len(distinct) != 200 {
		t.Errorf("%d flows", len(distinct))
	}
}

func ask(c net.Conn, q string) error {
	c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, q); err != nil {
		return err
	}
	b := make([]byte, len(q))
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	if string(b) != q {
		return fmt.Errorf("asked %q, got %q", q, b)
	}
	return nil
}

// The resolver answers from the address that was asked, for any address.
func TestPacketConnAnswersFromTheAddressAsked(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toService("10.0.0.2", "", ""), toService("169.254.169.253", "", ""))})
	ns, _ := n.services()
	f, tap := n.environment("f", "10.0.0.9", "eni-f")
	server, err := ListenPacket(ns, 53)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if server.Port() != 53 {
		t.Errorf("port %d", server.Port())
	}
	go func() {
		b := make([]byte, 512)
		for {
			k, remote, local, err := server.ReadPacket(b)
			if err != nil {
				return
			}
			answer := "unknown"
			if o, ok := n.OriginOf(netset.UDP, remote, local); ok && o.Tap == tap {
				answer = fmt.Sprintf("%s: %s to you, %s", local, o.Flow.Dst, b[:k])
			}
			server.WritePacket([]byte(answer), remote, local)
		}
	}()
	for _, addr := range []string{"10.0.0.2:53", "169.254.169.253:53"} {
		c := f.mustDial(t, "udp4", addr) // connected: takes answers from addr alone
		fmt.Fprint(c, "who?")
		b := make([]byte, 512)
		k, err := c.Read(b)
		if want := addr + ": " + addr + " to you, who?"; err != nil || string(b[:k]) != want {
			t.Errorf("%s: %q, %v", addr, b[:k], err)
		}
	}
}

// A host on the internet that Bailey plays dials an instance's public address.
func TestEnter(t *testing.T) {
	public, private := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("10.0.0.4")
	in := rule{dst: public.String(), port: 80, delivery: path.Delivery{To: path.ToENI, ENI: "eni-i", Dst: private}}
	n := newNet(t, Config{Decider: decide(in), FailFast: true})
	ns, _ := n.services()
	i, _ := n.instance(private.String(), "eni-i")
	l := i.listen(t, ":80")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, addrPort(c.RemoteAddr()).Addr(), " at ", c.LocalAddr())
			c.Close()
		}
	}()
	client := netip.MustParseAddr("203.0.113.5")
	entrance, err := n.Enter("internet", path.FromInternet{}, client, public)
	if err != nil {
		t.Fatal(err)
	}
	if got := say(t, ns.mustDial(t, "tcp4", entrance.String()+":80")); got != "203.0.113.5 at 10.0.0.4:80" {
		t.Errorf("the instance says %q", got)
	}
	if _, err := ns.dial("tcp4", entrance.String()+":81", patience); err == nil {
		t.Error("a port that is not open to the internet answered")
	}
	n.Leave(entrance)
	if _, err := ns.dial("tcp4", entrance.String()+":80", patience); err == nil {
		t.Error("the entrance is still there")
	}
}

func TestEnterNeedsServices(t *testing.T) {
	n := newNet(t, Config{Decider: decide()})
	a := netip.MustParseAddr("10.0.0.1")
	if _, err := n.Enter("x", path.FromInternet{}, a, a); err == nil {
		t.Error("entered without a services namespace")
	}
	if _, err := n.Enter("x", path.FromInternet{}, netip.IPv6Loopback(), a); err == nil {
		t.Error("entered from an IPv6 address")
	}
	n.Leave(netip.Addr{})
}

func TestAttachRefuses(t *testing.T) {
	n := newNet(t, Config{Decider: decide(), Identities: netip.MustParsePrefix("100.64.0.0/29")})
	a := netip.MustParseAddr("10.0.0.1")
	for name, c := range map[string]TapConfig{
		"no address": {From: path.FromLambda{}},
		"IPv6":       {From: path.FromLambda{}, Addr: netip.IPv6Loopback()},
		"no source":  {Addr: a},
	} {
		if _, err := n.Attach(newNS(t), c); err == nil {
			t.Errorf("%s: attached", name)
		}
	}
	n.services()
	if _, err := n.AttachServices(newNS(t)); err == nil {
		t.Error("a second services namespace")
	}
	if _, err := n.Attach(failing{}, TapConfig{From: path.FromLambda{}, Addr: a}); !errors.Is(err, errGone) {
		t.Errorf("a namespace that is gone: %v", err)
	}
	for i := range 5 { // 8 addresses less network, own and broadcast
		if _, err := n.Attach(newNS(t), TapConfig{From: path.FromLambda{}, Addr: a}); err != nil {
			t.Fatalf("tap %d: %v", i, err)
		}
	}
	if _, err := n.Attach(newNS(t), TapConfig{From: path.FromLambda{}, Addr: a}); err == nil {
		t.Error("more taps than identities")
	}
	n.Close()
	if _, err := n.Attach(newNS(t), TapConfig{From: path.FromLambda{}, Addr: a}); err == nil {
		t.Error("attached to a closed fabric")
	}
}

var errGone = errors.New("gone")

type failing struct{}

func (failing) Do(func() error) error { return errGone }

// Attach and Close leave no device behind, and the namespace can be used again.
func TestDeviceGoesWithTheTap(t *testing.T) {
	n := newNet(t, Config{Decider: decide()})
	ns := newNS(t)
	for range 3 {
		tap, err := n.Attach(ns, TapConfig{Label: "x", From: path.FromENI{ID: cloud.ENIID("eni-x")}, Addr: netip.MustParseAddr("10.0.0.1")})
		if err != nil {
			t.Fatal(err)
		}
		if err := tap.Close(); err != nil {
			t.Fatal(err)
		}
		if err := ns.Do(func() error { _, err := net.InterfaceByName(deviceName); return err }); err == nil {
			t.Error("the device is still there")
		}
	}
}

// IPv6 is refused by the kernel, at once, as in a subnet without it.
func TestNoIPv6(t *testing.T) {
	n := newNet(t, Config{Decider: decide()})
	ns, _ := n.instance("10.0.0.1", "eni-x")
	if _, err := ns.dial("tcp6", "[2001:db8::1]:443", patience); !errors.Is(err, unix.ENETUNREACH) && !errors.Is(err, unix.EADDRNOTAVAIL) && !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Errorf("dialling IPv6: %v", err)
	}
}

func TestDelayBetweenDevices(t *testing.T) {
	n := newNet(t, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	a, tap := n.instance("10.0.0.2", "eni-a")
	b, _ := n.instance("10.0.1.2", "eni-b")
	go echo(b.listen(t, ":80"))
	n.SetFault(tap, Fault{Delay: time.Millisecond})
	c := a.mustDial(t, "tcp4", "10.0.1.2:80")
	for i := range 20 {
		if err := ask(c, fmt.Sprint("question ", i)); err != nil {
			t.Fatal(err)
		}
	}
}
