package fabric

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"bailey/path"
)

// The benchmarks compare the fabric with what the kernel does in its place: two
// namespaces joined by veth pairs to a router that runs nftables. Both ends
// are processes of their own, and the two networks take turns in one run,
// because the same figure moves by half from minute to minute.

const peerVariable = "BAILEY_FABRIC_BENCH_PEER"

func TestMain(m *testing.M) {
	if role := os.Getenv(peerVariable); role != "" {
		if err := peer(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const serverAddr = "10.0.1.2:5000"

// peer is what the processes at both ends do.
func peer(role string) error {
	switch role {
	case "serve":
		return peerServe()
	case "bulk":
		return peerBulk(400 * time.Millisecond)
	case "round trips":
		return peerRoundTrips(4000)
	case "connections":
		return peerConnections(1500)
	}
	return errors.New("no such peer: " + role)
}

// peerServe swallows what a connection sends, or gives it back, as its first
// byte says.
func peerServe() error {
	l, err := net.Listen("tcp4", ":5000")
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, 256<<10)
			c.Read(buf[:1])
			if buf[0] == 'b' {
				io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{c}, buf)
				c.Write(buf[:1])
				return
			}
			for n, err := c.Read(buf); err == nil; n, err = c.Read(buf) {
				c.Write(buf[:n])
			}
		}()
	}
}

func peerDial(kind string) (net.Conn, error) {
	c, err := net.Dial("tcp4", serverAddr)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(c, kind)
	return c, err
}

func peerBulk(d time.Duration) error {
	c, err := peerDial("b")
	if err != nil {
		return err
	}
	buf := make([]byte, 256<<10)
	start, n := time.Now(), 0
	for time.Since(start) < d {
		k, err := c.Write(buf)
		if err != nil {
			return err
		}
		n += k
	}
	c.(*net.TCPConn).CloseWrite()
	c.Read(buf[:1])
	fmt.Println(float64(n) * 8 / 1e9 / time.Since(start).Seconds())
	return nil
}

func peerRoundTrips(n int) error {
	c, err := peerDial("e")
	if err != nil {
		return err
	}
	var b [1]byte
	times := make([]float64, n)
	for i := range times {
		start := time.Now()
		c.Write(b[:])
		if _, err := c.Read(b[:]); err != nil {
			return err
		}
		times[i] = float64(time.Since(start).Nanoseconds()) / 1e3
	}
	fmt.Println(median(times))
	return nil
}

func peerConnections(n int) error {
	start := time.Now()
	for range n {
		c, err := peerDial("e")
		if err != nil {
			return err
		}
		if _, err := io.ReadFull(c, make([]byte, 0)); err != nil {
			return err
		}
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	fmt.Println(float64(n) / time.Since(start).Seconds())
	return nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// startPeer starts a process in ns and returns what it prints first.
func startPeer(b *testing.B, ns *testNS, role string) (*exec.Cmd, string) {
	b.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), peerVariable+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := ns.Do(cmd.Start); err != nil {
		b.Fatal(err)
	}
	line := make([]byte, 64)
	n, _ := out.Read(line)
	return cmd, strings.TrimSpace(string(line[:n]))
}

func measure(b *testing.B, ns *testNS, role string) float64 {
	b.Helper()
	cmd, line := startPeer(b, ns, role)
	if err := cmd.Wait(); err != nil {
		b.Fatal(role, err)
	}
	var v float64
	if _, err := fmt.Sscan(line, &v); err != nil {
		b.Fatal(role, line, err)
	}
	return v
}

func serve(b *testing.B, ns *testNS) {
	b.Helper()
	cmd, line := startPeer(b, ns, "serve")
	if line != "ready" {
		b.Fatalf("the server says %q", line)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

// vethNet joins two namespaces by a router whose rules let the one connection
// pass that is measured.
func vethNet(b *testing.B) (client, server *testNS) {
	b.Helper()
	if _, err := exec.LookPath("nft"); err != nil {
		b.Skip("no nft here to compare with")
	}
	client, server = newNS(b), newNS(b)
	router := newNS(b)
	err := router.Do(func() error {
		return errors.Join(
			joinRouter(0, client), joinRouter(1, server),
			os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0),
			filterRouter(),
		)
	})
	if err != nil {
		b.Fatal(err)
	}
	return client, server
}

func joinRouter(i int, ns *testNS) error {
	name := fmt.Sprint("v", i)
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MTU = name, 9001
	veth := &netlink.Veth{LinkAttrs: attrs, PeerName: deviceName, PeerNamespace: netlink.NsFd(int(ns.file.Fd()))}
	if err := netlink.LinkAdd(veth); err != nil {
		return err
	}
	if err := up(name, fmt.Sprintf("10.0.%d.1/24", i)); err != nil {
		return err
	}
	return ns.Do(func() error {
		if err := up(deviceName, fmt.Sprintf("10.0.%d.2/24", i)); err != nil {
			return err
		}
		return netlink.RouteAdd(&netlink.Route{Gw: net.IPv4(10, 0, byte(i), 1), Dst: ipNet(netip.MustParsePrefix("0.0.0.0/0"))})
	})
}

func up(name, addr string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	a, err := netlink.ParseAddr(addr)
	if err != nil {
		return err
	}
	return errors.Join(netlink.LinkSetMTU(link, 9001), netlink.AddrAdd(link, a), netlink.LinkSetUp(link))
}

func filterRouter() error {
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(`
table ip filter {
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state established,related accept
		ip saddr 10.0.0.2 ip daddr 10.0.1.2 tcp dport 5000 accept
	}
}
`)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

// BenchmarkAgainstVeth reports Gbit/s of one stream, the median round trip of
// one byte in µs, and connections a second, of the fabric, of veth + nftables,
// and the fabric's share of the latter (a round trip: how many times as long).
func BenchmarkAgainstVeth(b *testing.B) {
	vethClient, vethServer := vethNet(b)
	n := newNet(b, Config{Decider: decide(toENI("10.0.1.2", "eni-b"))})
	client, _ := n.instance("10.0.0.2", "eni-a")
	server, _ := n.instance("10.0.1.2", "eni-b")
	serve(b, vethServer)
	serve(b, server)
	for _, m := range []struct{ role, unit string }{
		{"bulk", "Gbit/s"}, {"round trips", "µs"}, {"connections", "conn/s"},
	} {
		b.Run(strings.ReplaceAll(m.role, " ", "-"), func(b *testing.B) {
			var veth, ours, ratio []float64
			for b.Loop() {
				v, o := measure(b, vethClient, m.role), measure(b, client, m.role)
				veth, ours, ratio = append(veth, v), append(ours, o), append(ratio, o/v)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(veth), "veth-"+m.unit)
			b.ReportMetric(median(ours), "fabric-"+m.unit)
			b.ReportMetric(median(ratio), "fabric/veth")
		})
	}
}

func BenchmarkAttach(b *testing.B) {
	n := newNet(b, Config{Decider: decide()})
	ns := newNS(b)
	for b.Loop() {
		tap, err := n.Attach(ns, TapConfig{From: path.FromLambda{}, Addr: LambdaInner})
		if err != nil {
			b.Fatal(err)
		}
		tap.Close()
	}
}

func BenchmarkRewrite(b *testing.B) {
	var p packet
	p.parse(leave(tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, strings.Repeat("x", 60000))))
	r := newRewrite(p.key, key{src: addr4(1), dst: addr4(2), sport: 3, dport: 4, proto: protoTCP})
	for b.Loop() {
		r.apply(&p)
	}
}
