package conform

import (
	"fmt"
	"net/netip"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// A probe is one flow to try.
type probe struct {
	sender
	flow netset.Flow
}

func (p probe) String() string { return fmt.Sprintf("%s: %s", p.label, p.flow) }

// trace is path's answer about p.
func (p probe) trace(m *cloud.Model) path.Result { return path.Trace(m, p.from, p.flow) }

// anyProbe picks a flow from s, most times for something that listens.
func anyProbe(t *rapid.T, m *cloud.Model, s sender, protos ...netset.Protocol) probe {
	to := likely(m, s)
	if len(to) == 0 || chance(t, 35, "to anything") {
		to = destinations(m, s)
	}
	p, dst := pick(t, "protocol", protos...), pick(t, "to", to...)
	fl := netset.Flow{Proto: p, Src: netip.AddrPortFrom(s.addr, 0), Dst: netip.AddrPortFrom(dst, 0)}
	if p.HasPorts() {
		fl.Src = netip.AddrPortFrom(s.addr, uint16(6000+58*roll(t, 1<<10, "source port")))
		fl.Dst = netip.AddrPortFrom(dst, pick(t, "port", ports...))
		if mostly(t, 50, "https") {
			fl.Dst = netip.AddrPortFrom(dst, 443)
		}
	}
	return probe{s, fl}
}

// likely are the addresses at which something of the model takes connections
// from s: in its own VPC or a peered one, or in public.
func likely(m *cloud.Model, s sender) []netip.Addr {
	if s.addr.Is6() {
		return likelyIPv6(m, s)
	}
	near := map[cloud.VPCID]bool{s.vpc: s.vpc != ""}
	for p := range m.Peerings() {
		if far, ok := p.Other(s.vpc); ok {
			near[far] = true
		}
	}
	for a := range m.TransitGatewayAttachments() {
		for b := range m.TransitGatewayAttachments() {
			if a.VPC == s.vpc && s.vpc != "" && a.Gateway == b.Gateway && b.Kind == cloud.TransitVPC {
				near[b.VPC] = true
			}
		}
	}
	out := public(m, s)
	if s.from != fromInternet {
		for o := range m.OnPremises() {
			out = append(out, like(s.addr, o.Hosts())...)
		}
	}
	for e := range m.ENIs() {
		listens := e.Kind == cloud.InstanceENI || e.Kind == cloud.EndpointENI || e.Kind == cloud.LightsailENI
		if listens && near[e.VPC] && e.PrivateIP.IsValid() && e.PrivateIP != s.addr {
			out = append(out, e.PrivateIP)
		}
		if listens && e.PublicIP.IsValid() {
			out = append(out, e.PublicIP)
		}
	}
	return out
}

// public are addresses outside of the model. The sender on the internet asks
// for none: what is outside is no matter of the network's.
func public(m *cloud.Model, s sender) []netip.Addr {
	if s.from == fromInternet {
		return nil
	}
	var out []netip.Addr
	for _, host := range []string{"ssm.us-west-2.amazonaws.com", "s3.us-west-2.amazonaws.com", "example.com"} {
		out = append(out, cloud.PublicAddr(host, m.Region()))
	}
	return out
}

// destinations are all interesting addresses of a model for a sender: those
// of interfaces, of services, the resolver's, and some that nothing has.
func destinations(m *cloud.Model, s sender) []netip.Addr {
	if s.addr.Is6() {
		return destinationsIPv6(m, s)
	}
	out := public(m, s)
	for e := range m.ENIs() {
		if e.PrivateIP.IsValid() && e.PrivateIP != s.addr {
			out = append(out, e.PrivateIP)
		}
		if e.PublicIP.IsValid() {
			out = append(out, e.PublicIP)
		}
	}
	if s.from == fromInternet {
		return out
	}
	for _, a := range []string{"198.18.200.1", "52.119.224.9", "52.94.200.200", "192.168.77.7", "100.64.9.9", "100.64.200.9", "10.1.1.77", "172.26.0.99"} {
		out = append(out, netip.MustParseAddr(a))
	}
	return append(out, inVPC(m, s)...)
}

// inVPC are the addresses that the sender's own VPC keeps for itself, and one
// of each of its subnets that nothing has.
func inVPC(m *cloud.Model, s sender) []netip.Addr {
	v, ok := m.VPC(s.vpc)
	if !ok {
		return nil
	}
	resolver, _ := v.Resolver()
	out := []netip.Addr{resolver, netip.MustParseAddr("169.254.169.253")}
	for sub := range m.Subnets() {
		if p := sub.CIDR.Or(netip.Prefix{}); sub.VPC == s.vpc && p.IsValid() {
			a := p.Addr().As4()
			a[3] = 77
			out = append(out, netip.AddrFrom4(a))
		}
	}
	return out
}
