package reach

import (
	"net/netip"
	"testing"

	"bailey/cloud"
	"bailey/netset"
)

// dualYard makes the yard dual-stack: its instances have IPv6 addresses and its
// function may use them; groups let out everything.
func dualYard(s *cloud.Spec) {
	blocks := map[cloud.VPCID]string{}
	for i, v := range s.VPCs {
		block := netip.PrefixFrom(netip.AddrFrom16([16]byte{0x26, 0, 0x1f, 0, 0, 0, byte(i + 1)}), 56)
		s.VPCs[i].IPv6, blocks[v.ID] = cloud.Known([]netip.Prefix{block}), block.String()
	}
	for i, sub := range s.Subnets {
		a := netip.MustParsePrefix(blocks[sub.VPC]).Addr().As16()
		a[7] = byte(i)
		s.Subnets[i].IPv6, s.Subnets[i].AssignIPv6 = cloud.Known(netip.PrefixFrom(netip.AddrFrom16(a), 64)), cloud.Known(true)
	}
	for i, f := range s.Functions {
		network := *f.Network
		network.IPv6 = cloud.Known(true)
		s.Functions[i].Network = &network
	}
	all := tcp(0, cloud.PeerCIDR{Prefix: netip.MustParsePrefix("::/0")})
	all.Proto, all.Ports = netset.AnyProtocol, netset.AllPorts
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].Egress = append(s.SecurityGroups[i].Egress, all)
	}
}

func sixOf(t *testing.T, n *Network, name string) *Class {
	t.Helper()
	c, ok := n.ClassOfIPv6(n.model.ENIsOf(name)[0].ID)
	if !ok {
		t.Fatalf("%s has no class over IPv6", name)
	}
	return c
}

// The sets of a class are of its own family, but for what NAT64 leads to.
func TestFamiliesAreApart(t *testing.T) {
	n := Compile(built(t, yard(dualYard)))
	for _, c := range n.Classes() {
		for _, p := range n.From(c).Open.Pieces() {
			for _, r := range p.Addrs {
				if r.Lo().Is6() != c.IPv6 || r.Hi().Is6() != c.IPv6 {
					t.Errorf("%s reaches %v", c, r)
				}
			}
		}
	}
	for e := range n.Pairs() {
		if e.From.IPv6 != e.To.IPv6 {
			t.Errorf("%s to %s", e.From, e.To)
		}
	}
}

// An egress-only gateway opens all of the internet to a class, and the class to
// nobody there.
func TestEgressOnlyGatewayIsOneWay(t *testing.T) {
	out := func(s *cloud.Spec) {
		for _, v := range s.VPCs {
			s.EgressOnlyGateways = append(s.EgressOnlyGateways, cloud.EgressOnlyGateway{Meta: meta("eigw " + string(v.ID)), ID: cloud.EgressOnlyGatewayID("eigw-" + v.ID), VPC: v.ID})
		}
		for i, table := range s.RouteTables {
			r := cloud.Route{Meta: meta("six"), Dest: cloud.PrefixDest{Prefix: anyIPv6}, Target: cloud.ToEgressOnlyGateway{ID: cloud.EgressOnlyGatewayID("eigw-" + table.VPC)}}
			s.RouteTables[i].Routes = append(table.Routes[:len(table.Routes):len(table.Routes)], r)
		}
	}
	n := Compile(built(t, yard(dualYard, out)))
	open, _ := n.ToInternet(sixOf(t, n, "F"))
	for host, want := range map[string]string{"2001:db8::1": "everything", "3fff:ffff::1": "everything", "4000::1": "none", "fd00::1": "none", "64:ff9b::1": "none"} {
		if got := open.At(netip.MustParseAddr(host)).String(); got != want {
			t.Errorf("to %s: %s, want %s", host, got, want)
		}
	}
	for _, a := range n.FromInternet() {
		if a.To.IPv6 {
			t.Errorf("%s is reached from %v", a.To, a.Open)
		}
	}
}
