package conform

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bailey/cloud"
	"bailey/sandbox"
)

// A kernelWorld is a model that the Linux kernel itself plays: every interface
// a namespace with a veth pair, every VPC a namespace that routes.
//
//	ENI namespace          VPC namespace                     the internet
//	eth0 ───────────────── bridge "s0" (a subnet)            any address is
//	nft: the groups,       nft: network ACLs, stateless      local, and servers
//	stateful               one routing table a subnet  igw ─ listen
//	                       "x0" ── peering ── other VPC      nft (VPC side):
//	NAT gateway's: the     "ep" ── gateway endpoints         1:1 NAT, stateless
//	same, it masquerades   "t0" ── a transit gateway's namespace ── other VPCs
//	                       "o0" ── a network outside of AWS, also from there
//
// It is built from AWS's pages, as each part says, and shares no line with path.
type kernelWorld struct {
	m        *cloud.Model
	seen     *arrivals
	internet *host
	routers  map[cloud.VPCID]*router
	hosts    map[cloud.ENIID]*host
	links    int
	done     []func()
	err      error // the first thing that went wrong
}

// A host is a namespace with servers on every port.
type host struct {
	*place
	ns *os.File
}

// A router is the namespace of a VPC.
type router struct {
	*sandbox.Namespace
	ns       *os.File
	vpc      cloud.VPC
	subnets  map[cloud.SubnetID]string // the bridge of each
	order    []cloud.Subnet
	igw      hop // towards the internet; zero: no gateway
	eigw     hop // the same, by the egress-only one
	peers    map[cloud.PeeringID]hop
	endpoint hop // gateway endpoints; zero: the VPC has none
	ports    []port
	vpn      map[cloud.VPNGatewayID]hop
}

// A hop is where a route leads; the zero one is a black hole.
type hop struct {
	dev       string
	via, via6 netip.Addr
}

const (
	internetPlace = "the internet"
	endpointPlace = "gateway endpoints of "
)

// newKernelWorld builds m's world. Where the kernel refuses something it is
// the world that is wrong, and so an error.
func newKernelWorld(m *cloud.Model, t fataler) *kernelWorld {
	w := &kernelWorld{m: m, seen: &arrivals{}, routers: map[cloud.VPCID]*router{}, hosts: map[cloud.ENIID]*host{}}
	w.seen.reset(nil)
	w.internet = w.newHost(t, internetPlace, true)
	for v := range m.VPCs() {
		w.addRouter(v)
	}
	for e := range m.ENIs() {
		w.addENI(t, e)
	}
	w.addInternet()
	for p := range m.Peerings() {
		w.addPeering(p)
	}
	for e := range m.Endpoints() {
		w.addGatewayEndpoint(t, e)
	}
	for g := range m.TransitGateways() {
		w.addHub(t, g)
	}
	for g := range m.VPNGateways() {
		w.addVPN(t, g)
	}
	for _, r := range w.routers {
		w.route(r)
		w.load(r.Namespace, w.routerRules(r))
	}
	if w.err != nil {
		w.Close()
		t.Fatalf("the kernel's world cannot be built: %v", w.err)
	}
	return w
}

// Close lets go of every namespace; the kernel takes them down.
func (w *kernelWorld) Close() {
	for _, f := range slices.Backward(w.done) {
		f()
	}
	w.done = nil
}

// try keeps the first error and reports whether there is none.
func (w *kernelWorld) try(what string, err error) bool {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%s: %w", what, err)
	}
	return w.err == nil
}

// within runs f in a namespace unless something went wrong before.
func (w *kernelWorld) within(ns *sandbox.Namespace, what string, f func() error) {
	if w.err == nil {
		w.try(what, ns.Do(f))
	}
}

// newHost starts the servers of a place, which may also forward.
func (w *kernelWorld) newHost(t fataler, name string, forward bool) *host {
	h := &host{place: newPlace(t, name, w.seen)}
	w.done = append(w.done, h.Close)
	h.ns = w.prepare(h.Namespace, forward)
	return h
}

// prepare makes a namespace take and send what Linux by default finds strange:
// no reverse path check, as VPCs have none, and no redirects.
func (w *kernelWorld) prepare(ns *sandbox.Namespace, forward bool) (file *os.File) {
	w.within(ns, "sysctl", func() (err error) {
		yes := map[bool]string{true: "1", false: "0"}[forward]
		for _, s := range [][2]string{{"conf/all/forwarding", yes}, {"conf/default/forwarding", yes}, {"conf/default/accept_dad", "0"}, {"conf/default/accept_ra", "0"},
			{"conf/all/accept_redirects", "0"}, {"conf/default/accept_redirects", "0"}} {
			err = errors.Join(err, os.WriteFile("/proc/sys/net/ipv6/"+s[0], []byte(s[1]), 0))
		}
		for _, s := range [][2]string{{"conf/all/rp_filter", "0"}, {"conf/default/rp_filter", "0"}, {"conf/all/send_redirects", "0"}, {"conf/default/send_redirects", "0"},
			{"conf/all/accept_redirects", "0"}, {"conf/default/accept_redirects", "0"}, {"ip_forward", yes}} {
			err = errors.Join(err, os.WriteFile("/proc/sys/net/ipv4/"+s[0], []byte(s[1]), 0))
		}
		// Where br_netfilter is loaded, frames within a subnet would meet the
		// router's rules.
		if f := "/proc/sys/net/bridge/bridge-nf-call-iptables"; exists(f) {
			err = errors.Join(err, os.WriteFile(f, []byte("0"), 0))
		}
		if err == nil {
			file, err = os.Open("/proc/thread-self/ns/net")
		}
		return err
	})
	if file != nil {
		w.done = append(w.done, func() { file.Close() })
	}
	return file
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

// addRouter makes a VPC's namespace with a bridge for each subnet: within a
// subnet packets go straight from one to another.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
func (w *kernelWorld) addRouter(v cloud.VPC) {
	ns, err := sandbox.NewNamespace()
	if !w.try("router of "+v.Name, err) {
		return
	}
	w.done = append(w.done, func() { ns.Close() })
	r := &router{Namespace: ns, vpc: v, subnets: map[cloud.SubnetID]string{}, peers: map[cloud.PeeringID]hop{}, vpn: map[cloud.VPNGatewayID]hop{}}
	r.ns = w.prepare(ns, true)
	w.routers[v.ID] = r
	for s := range w.m.Subnets() {
		if s.VPC == v.ID {
			r.subnets[s.ID] = fmt.Sprint("s", len(r.order))
			r.order = append(r.order, s)
		}
	}
	w.within(ns, "subnets of "+v.Name, func() error {
		for _, s := range r.order {
			bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: r.subnets[s.ID]}}
			if err := errors.Join(netlink.LinkAdd(bridge), up(bridge.Name, netip.PrefixFrom(gateway(s), 32)), up(bridge.Name, netip.PrefixFrom(gatewayIPv6(s), 128))); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		return nil
	})
}

// gateway is the VPC router's address in a subnet: its base plus one.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func gateway(s cloud.Subnet) netip.Addr { return s.CIDR.Or(netip.Prefix{}).Masked().Addr().Next() }

func gatewayIPv6(s cloud.Subnet) netip.Addr { return s.IPv6.Or(netip.Prefix{}).Masked().Addr().Next() }

// addENI makes an interface's namespace and plugs it into its subnet.
func (w *kernelWorld) addENI(t fataler, e cloud.ENI) {
	sub, ok := w.m.Subnet(e.Subnet)
	if !ok || w.err != nil {
		w.try("interface of "+e.Name, errors.Join(w.err, errors.New("no such subnet")))
		return
	}
	box := e.Forwards && e.NATs
	h := w.newHost(t, string(e.ID), e.Kind == cloud.NATENI || box)
	w.hosts[e.ID] = h
	r, port := w.routers[e.VPC], fmt.Sprint("p", len(w.hosts))
	w.pair(r.Namespace, port, netip.Prefix{}, h.Namespace, h.ns, "eth0", netip.PrefixFrom(e.PrivateIP, sub.CIDR.Or(netip.Prefix{}).Bits()))
	w.within(r.Namespace, "port of "+e.Name, func() error {
		l, err := netlink.LinkByName(port)
		if err != nil {
			return err
		}
		bridge, err := netlink.LinkByName(r.subnets[e.Subnet])
		if err != nil {
			return err
		}
		return netlink.LinkSetMaster(l, bridge)
	})
	w.within(h.Namespace, "default route of "+e.Name, func() error {
		var errs []error
		if e.PrivateIP.IsValid() {
			errs = append(errs, addRoute(0, anyIPv4, hop{dev: "eth0", via: gateway(sub)}))
		}
		if e.IPv6.IsValid() {
			errs = append(errs, up("eth0", netip.PrefixFrom(e.IPv6, 64)), addRoute(0, anyIPv6, hop{dev: "eth0", via6: gatewayIPv6(sub)}))
		}
		return errors.Join(errs...)
	})
	rules := natRules
	if e.Kind != cloud.NATENI {
		rules = w.groupRules(e)
	}
	if box {
		rules += w.boxRules(e)
	}
	w.load(h.Namespace, rules)
}

// pair joins two namespaces with a veth pair.
func (w *kernelWorld) pair(a *sandbox.Namespace, an string, aa netip.Prefix, b *sandbox.Namespace, bfile *os.File, bn string, ba netip.Prefix) {
	w.within(a, "veth "+an, func() error {
		veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: an}, PeerName: bn, PeerNamespace: netlink.NsFd(int(bfile.Fd()))}
		return errors.Join(netlink.LinkAdd(veth), up(an, aa))
	})
	w.within(b, "veth "+bn, func() error { return up(bn, ba) })
}

// transfer joins two namespaces with addresses that no model has.
// https://www.rfc-editor.org/rfc/rfc5737 https://www.rfc-editor.org/rfc/rfc9637
func (w *kernelWorld) transfer(a *sandbox.Namespace, an string, b *sandbox.Namespace, bfile *os.File, bn string) (atA, atB hop) {
	base := netip.AddrFrom4([4]byte{192, 0, 2, byte(2 * w.links)})
	w.links++
	w.pair(a, an, netip.PrefixFrom(base, 31), b, bfile, bn, netip.PrefixFrom(base.Next(), 31))
	six := netip.AddrFrom16([16]byte{0x3f, 0xff, 15: byte(2 * (w.links - 1))})
	w.within(a, "IPv6 of "+an, func() error { return up(an, netip.PrefixFrom(six, 127)) })
	w.within(b, "IPv6 of "+bn, func() error { return up(bn, netip.PrefixFrom(six.Next(), 127)) })
	return hop{an, base.Next(), six.Next()}, hop{bn, base, six}
}

// up gives a device an address, if one is meant, and switches it on.
func up(dev string, addr netip.Prefix) error {
	l, err := netlink.LinkByName(dev)
	if err == nil && addr.IsValid() {
		a := &netlink.Addr{IPNet: ipNet(addr)}
		if addr.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD
		}
		err = netlink.AddrAdd(l, a)
	}
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(l)
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// load gives a namespace its rules, through the nft command.
func (w *kernelWorld) load(ns *sandbox.Namespace, rules string) {
	w.within(ns, "nft", func() error {
		c := exec.Command("nft", "-f", "-")
		c.Stdin = bytes.NewReader([]byte(rules))
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s\n%s", err, out, rules)
		}
		return nil
	})
}
