package conform

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/sandbox"
)

// What the kernel cannot express, and the models here therefore do not have or
// the probes do not ask:
//
//   - the VPC's resolver and DNS as a whole: probes go to addresses;
//   - instance metadata and the rest of 169.254.0.0/16;
//   - endpoint policies: they are read by the service and not by the network;
//   - functions outside of a VPC and hosts on the internet that talk to one
//     another: both are on the same side;
//   - NAT64, and ICMP with its types: probes are TCP and UDP;
//   - quotas, ports that run out and idle time-outs;
//   - which port of 1024 to 65535 a NAT gateway takes: where its subnet's
//     network ACL treats those unlike, a packet passes by luck;
//   - facts that are left open, and what AWS's pages do not say (a NAT gateway
//     that sends on to a peering): a packet passes or does not, path may answer
//     unknown.
const probesPerModel = 25

// haste is how long a probe waits at first. What path says passes is asked
// again with patience before anybody complains.
const haste = 400 * time.Millisecond

// What path says is what the Linux kernel does with real packets, in a network
// that was built from AWS's pages by other means.
func TestTheKernelDoesWhatPathSays(t *testing.T) {
	needsKernel(t)
	tally, by := map[string]int{}, map[string]int{}
	check(t, 16, func(t *rapid.T) {
		s := forKernel(withoutNAT64(referring(hopping(t, anySpec(t, false)))))
		m := build(t, s)
		if len(senders(m)) == 0 {
			return
		}
		ask := kernelProbes(t, m)
		w := newKernelWorld(m, t)
		defer w.Close()
		for i, o := range w.send(ask, haste) {
			p, want := ask[i], ask[i].trace(m)
			if want.Verdict == path.Reachable && o.err != nil {
				o = w.send(ask[i:i+1], patience)[0]
			}
			if problem := w.disagrees(p, o, want); problem != "" {
				t.Fatalf("%v: %s", p, problem)
			}
			tally[fmt.Sprint(want.Verdict, " to ", to(want))]++
			if want.Verdict == path.Reachable {
				count(by, want)
			}
		}
	})
	t.Log(tally, by)
}

// needsKernel skips where the machine has no namespaces, nft or root.
func needsKernel(t *testing.T) {
	t.Helper()
	if err := sandbox.Supported(); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("nft"); err != nil || os.Geteuid() != 0 {
		t.Skip("the kernel as an oracle needs root and the command nft (Debian: nftables)")
	}
}

// forKernel is a Spec without what the kernel cannot express: endpoint
// policies. It also lacks routes to Lightsail's block, which are PeerVpc's to
// make: a table has one route to a block.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
func forKernel(s cloud.Spec) cloud.Spec {
	s.Endpoints = each(s.Endpoints, func(e *cloud.Endpoint) { e.Policy = nil })
	net, _ := s.Lightsail.CIDR.Get()
	s.RouteTables = each(s.RouteTables, func(t *cloud.RouteTable) {
		t.Routes = slices.DeleteFunc(slices.Clone(t.Routes), func(r cloud.Route) bool { return r.Dest == cloud.PrefixDest{Prefix: net} })
	})
	return s
}

// kernelProbes are flows that the kernel can try all at once, no two from one
// port. Half of them at most are such as path lets pass; of the others those
// come first that path has least against, where one mistake decides.
func kernelProbes(t *rapid.T, m *cloud.Model) []probe {
	var open, shut []probe
	blockers := map[probe]int{}
	taken := map[string]bool{}
	for _, p := range probes(t, m, 4*probesPerModel) {
		port := fmt.Sprint(p.vpc, p.flow.Src, p.flow.Proto)
		if taken[port] || !expressible(m, p) {
			continue
		}
		taken[port] = true
		if r := p.trace(m); r.Verdict == path.Reachable {
			open = append(open, p)
		} else {
			shut, blockers[p] = append(shut, p), len(r.Blockers)
		}
	}
	slices.SortStableFunc(shut, func(a, b probe) int { return blockers[a] - blockers[b] })
	open = open[:min(len(open), probesPerModel/2)]
	return append(open, shut[:min(len(shut), probesPerModel-len(open))]...)
}

// expressible reports whether the kernel's world has what p asks for.
func expressible(m *cloud.Model, p probe) bool {
	v, _ := m.VPC(p.vpc)
	resolver, _ := v.Resolver()
	dst := p.flow.Dst.Addr()
	outside := p.vpc == "" && !holds(m, dst)
	return dst != resolver && dst != cloud.ResolverIPv6 && !dst.IsLinkLocalUnicast() && !outside && (dst.IsPrivate() && !hops(m) || !luck(m, p.vpc))
}

// luck reports whether packets from a VPC meet a translator whose subnet's
// network ACL lets replies to some of its ports pass and others not.
func luck(m *cloud.Model, vpc cloud.VPCID) bool {
	for e := range m.ENIs() {
		sub, _ := m.Subnet(e.Subnet)
		if (e.Kind == cloud.NATENI || e.NATs) && (sub.VPC == vpc || hops(m)) && lucky(m, sub) {
			return true
		}
	}
	return false
}

// holds reports whether a public address is an interface's.
func holds(m *cloud.Model, a netip.Addr) bool { _, ok := m.ENIByPublicIP(a); return ok }

// send tries flows, all at once.
func (w *kernelWorld) send(ask []probe, wait time.Duration) []outcome {
	out := make([]outcome, len(ask))
	var all sync.WaitGroup
	for i, p := range ask {
		all.Go(func() { out[i] = w.sendOne(p, fmt.Sprint(p.label, p.flow), wait) })
	}
	all.Wait()
	return out
}

func (w *kernelWorld) sendOne(p probe, nonce string, wait time.Duration) (o outcome) {
	from := w.internet
	if e, ok := p.from.(path.FromENI); ok {
		from = w.hosts[e.ID]
	}
	d := net.Dialer{Timeout: wait, LocalAddr: net.TCPAddrFromAddrPort(p.flow.Src)}
	network := "tcp"
	if p.flow.Proto == netset.UDP {
		network, d.LocalAddr = "udp", net.UDPAddrFromAddrPort(p.flow.Src)
	}
	var c net.Conn
	o.err = from.Do(func() (err error) {
		c, err = d.DialContext(context.Background(), network, p.flow.Dst.String())
		return err
	})
	if o.err == nil {
		defer c.Close()
		o.answer, o.err = exchange(c, nonce, wait)
	}
	return o
}

// disagrees says how what happened is not what path said, if it is not.
func (w *kernelWorld) disagrees(p probe, o outcome, want path.Result) string {
	switch {
	case want.Verdict == path.Unknown && len(want.Missing) > 0: // AWS's pages do not say
		return ""
	case want.Verdict == path.Blocked && o.err == nil:
		return fmt.Sprintf("path says blocked %v\nbut it arrived: %+v", want.Blockers, o.answer)
	case want.Verdict == path.Blocked:
		return ""
	case o.err != nil:
		return fmt.Sprintf("path says it arrives as %+v\nbut %v", want.Delivery, o.err)
	}
	d, a := want.Delivery, o.answer
	if a.Place != w.placeOf(p, d) || a.Remote.Addr() != d.Src || a.Local.Addr() != d.Dst || !d.NATPort && a.Remote.Port() != p.flow.Src.Port() {
		return fmt.Sprintf("path says it arrives as %+v at %s\nbut it did at %+v", d, w.placeOf(p, d), a)
	}
	return ""
}

// placeOf is the name of the place where path says that a flow arrives.
func (w *kernelWorld) placeOf(p probe, d path.Delivery) string {
	switch d.To {
	case path.ToENI:
		return string(d.ENI)
	case path.ToOnPremises:
		return outsidePlace
	}
	e, ok := w.m.Endpoint(d.Endpoint)
	if ok && e.Kind == cloud.GatewayEndpoint {
		return endpointPlace + string(e.VPC)
	}
	if eni, at := w.m.ENIAt(e.VPC, d.Dst); ok && at {
		return string(eni.ID)
	}
	return internetPlace
}

// to is a Delivery's kind in a word.
func to(r path.Result) string {
	switch {
	case r.Verdict != path.Reachable:
		return "nowhere"
	case r.Delivery.Endpoint != "":
		return "an endpoint"
	case r.Delivery.Through != "":
		return "the outside by a gateway"
	case r.Delivery.To == path.ToENI:
		return "an interface"
	}
	return "the rest"
}
