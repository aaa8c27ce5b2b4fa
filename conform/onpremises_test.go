package conform

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
)

// What a network outside of AWS reaches, reach says of all packets at once and
// path of each.
func TestReachIsPathFromOutsideOfAWS(t *testing.T) {
	tally, tally6 := map[path.Verdict]int{}, map[path.Verdict]int{}
	checkSeeded(t, 3000, func(t *rapid.T) {
		m := reachModel(t)
		o, ok := m.OnPremisesCalled("office")
		if !ok || hasOpenBlock(m) {
			return
		}
		n := reach.Compile(m)
		arrivals := n.FromOnPremises(o.Name)
		for e := range m.ENIs() {
			ep, _ := m.Endpoint(e.Endpoint)
			none := e.Answers != nil && len(e.Answers) == 0
			if none || e.Kind == cloud.FunctionENI || e.Kind == cloud.NATENI || e.Exhausted || ep.Policy != nil || !ep.State.Available() {
				continue // some of these take nothing, however it comes
			}
			for _, to := range []end{{e.PrivateIP, false, n.ClassOf}, {e.IPv6, false, n.ClassOfIPv6}, {e.PublicIP, true, n.ClassOf}} {
				if !to.addr.IsValid() || e.VPC == "" || severals(m, to.addr) {
					continue
				}
				c, _ := to.class(e.ID)
				var a reach.Arrival
				if i := slices.IndexFunc(arrivals, func(a reach.Arrival) bool { return a.To == c && a.Public == to.public }); i >= 0 {
					a = arrivals[i]
				}
				hosts, dst, src := boundaries(setsOf(a.Open, a.Unknown)...)
				hosts = slices.DeleteFunc(like(to.addr, append(hosts, o.Hosts()...)), func(h netip.Addr) bool {
					return !slices.ContainsFunc(o.CIDRs, func(p netip.Prefix) bool { return p.Contains(h) })
				})
				for range 6 * min(1, len(hosts)) {
					p := anyPacket(t, hosts, dst, src)
					fl := netset.Flow{Proto: p.Proto, Src: netip.AddrPortFrom(p.Far, p.Src), Dst: netip.AddrPortFrom(to.addr, p.Dst)}
					got := path.Decide(m, path.FromOnPremises{Name: o.Name}, fl)
					agree(t, got, fmt.Sprint(e.Name, " ", fl), a.Open, a.Unknown, p)
					tally[got.Verdict]++
					if to.addr.Is6() {
						tally6[got.Verdict]++
					}
				}
			}
		}
	})
	t.Log(tally, "over IPv6", tally6)
	for _, v := range []path.Verdict{path.Reachable, path.Blocked, path.Unknown} {
		if tally[v] == 0 || tally6[v] == 0 {
			t.Errorf("no packet of all models was %v", v)
		}
	}
}

// An end is an address of an interface, and the class that has it.
type end struct {
	addr   netip.Addr
	public bool
	class  func(cloud.ENIID) (*reach.Class, bool)
}

// severals reports whether an address may be of several VPCs, or is several
// interfaces'.
func severals(m *cloud.Model, a netip.Addr) bool {
	vpcs, enis := 0, 0
	for v := range m.VPCs() {
		if v.Contains(a) {
			vpcs++
		}
	}
	for e := range m.ENIs() {
		if e.PrivateIP == a || e.PublicIP == a {
			enis++
		}
	}
	return vpcs > 1 || enis > 1
}
