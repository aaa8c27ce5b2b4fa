package conform

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
)

// routerRules are a VPC's network ACLs and its internet gateway's address
// translation. Neither remembers a packet: there is no "ct" here.
func (w *kernelWorld) routerRules(r *router) string {
	return w.routerTable(r, ip4, w.gatewayRules(r)) + w.routerTable(r, ip6, w.gatewayRulesIPv6(r))
}

// A family is IPv4 or IPv6 as nft calls it. IPv6 finds neighbours by ICMPv6,
// which is no matter of a VPC's rules.
type family struct {
	name, neighbours string
}

var (
	ip4 = family{"ip", ""}
	ip6 = family{"ip6", "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert } accept\n"}
)

func (f family) of(a netip.Addr) bool { return a.IsValid() && a.Is6() == (f == ip6) }

func (w *kernelWorld) routerTable(r *router, f family, gateway string) string {
	var chains, forward strings.Builder
	forward.WriteString(r.portRules())
	for _, s := range r.order {
		dev, acl := r.subnets[s.ID], w.aclOf(s)
		fmt.Fprintf(&chains, "chain %s_out {\n%s}\nchain %s_in {\n%s}\n", dev, entries(f, acl.Egress, "daddr"), dev, entries(f, acl.Ingress, "saddr"))
		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
		fmt.Fprintf(&forward, "iifname %q oifname %q accept\niifname %q jump %s_out\noifname %q jump %s_in\n", dev, dev, dev, dev, dev, dev)
	}
	return fmt.Sprintf("table %s vpc {\n%schain forward { type filter hook forward priority raw;\n%s}\n"+
		"chain input { type filter hook input priority filter; policy drop;\n%s}\n%s}\n", f.name, chains.String(), forward.String(), f.neighbours, gateway)
}

// gatewayRules are the internet gateway: it changes the private address of an
// interface into its public one and back, and takes nothing else.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (w *kernelWorld) gatewayRules(r *router) string {
	var in, out []string
	public := w.publicOf(r)
	for _, private := range slices.SortedFunc(maps.Keys(public), netip.Addr.Compare) {
		in = append(in, fmt.Sprint(public[private], " : ", private))
		out = append(out, fmt.Sprint(private, " : ", public[private]))
	}
	translate := func(addr string, pairs []string) string {
		if len(pairs) == 0 {
			return "drop"
		}
		m := strings.Join(pairs, ", ")
		return fmt.Sprintf("%s set %s map { %s } accept\n", addr, addr, m)
	}
	return fmt.Sprintf(`chain translate_in { %s
drop
}
chain translate_out { %s
drop
}
chain gateway_in { type filter hook prerouting priority raw; iifname "igw" jump translate_in; }
chain gateway_out { type filter hook postrouting priority srcnat; oifname "igw" jump translate_out; }
`, translate("ip daddr", in), translate("ip saddr", out))
}

// gatewayRulesIPv6 are the gateways for IPv6, which translate nothing. What
// goes out by the egress-only one was not begun by anybody outside, and what
// comes in there was not either; endpoints' interfaces have denyAllIgwTraffic.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (w *kernelWorld) gatewayRulesIPv6(r *router) string {
	var closed strings.Builder
	for e := range w.m.ENIs() {
		if e.VPC == r.vpc.ID && e.DenyIGW && e.IPv6.IsValid() {
			fmt.Fprintf(&closed, "iifname { \"igw\", \"eigw\" } ip6 daddr %s drop\n", e.IPv6)
		}
	}
	return fmt.Sprintf(`chain stateful { type filter hook forward priority filter;
%siifname "eigw" ct direction original drop
oifname "eigw" ct direction reply drop
}
`, closed.String())
}

// aclOf is the network ACL of a subnet: its own, or its VPC's default.
func (w *kernelWorld) aclOf(s cloud.Subnet) cloud.NetworkACL {
	for a := range w.m.NetworkACLs() {
		if s.ACL == a.ID || s.ACL == "" && a.Default && a.VPC == s.VPC {
			return a
		}
	}
	panic("no network ACL of " + s.Name)
}

// entries are one direction of a network ACL: the lowest number that matches
// decides, and the last line is a deny.
// https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
func entries(f family, list []cloud.ACLEntry, addr string) string {
	var b strings.Builder
	byNumber := func(a, b cloud.ACLEntry) int { return a.Number - b.Number }
	for _, e := range slices.SortedFunc(slices.Values(list), byNumber) {
		ports, ok := traffic(e.Proto, e.Ports)
		block := e.CIDR.Or(netip.Prefix{})
		if !ok || !f.of(block.Addr()) {
			continue
		}
		verdict := map[bool]string{true: "return", false: "drop"}[e.Allow]
		fmt.Fprintf(&b, "%s %s %s\n", oneOf(f, addr, block), ports, verdict)
	}
	return b.String() + "drop\n"
}

// traffic matches a protocol and its destination ports. Rules about anything
// but TCP and UDP concern no probe.
func traffic(p netset.Protocol, ports netset.PortRange) (match string, ok bool) {
	switch {
	case p == netset.AnyProtocol:
		return "", true
	case p != netset.TCP && p != netset.UDP:
		return "", false
	}
	return fmt.Sprintf("%v dport %d-%d", p, ports.Lo, ports.Hi), true
}

// oneOf matches an address in one of some blocks that do not overlap.
func oneOf(f family, addr string, blocks ...netip.Prefix) string {
	var s []string
	for _, p := range blocks {
		if p.Bits() == 0 {
			return ""
		}
		s = append(s, p.Masked().String())
	}
	return f.name + " " + addr + " { " + strings.Join(s, ", ") + " }"
}

// groupRules are an interface's security groups: what one rule of any of them
// allows may pass, and so may every answer.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
//
// Lambda's interfaces take no connection, and those of endpoints only such to
// port 443.
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
func (w *kernelWorld) groupRules(e cloud.ENI) string {
	return w.groupTable(e, ip4) + w.groupTable(e, ip6)
}

func (w *kernelWorld) groupTable(e cloud.ENI, f family) string {
	var in, out strings.Builder
	in.WriteString(f.neighbours)
	out.WriteString(f.neighbours)
	switch e.Kind {
	case cloud.FunctionENI:
		in.WriteString("drop\n")
	case cloud.EndpointENI:
		in.WriteString("meta l4proto != tcp drop\ntcp dport != 443 drop\n")
	}
	for _, id := range e.Groups {
		g, ok := w.m.SecurityGroup(id)
		if !ok {
			panic("no security group " + id)
		}
		in.WriteString(w.allows(f, e, g.Ingress, "saddr"))
		out.WriteString(w.allows(f, e, g.Egress, "daddr"))
	}
	const chain = "chain %s { type filter hook %s priority filter; policy drop; ct state established,related accept\n%s}\n"
	return "table " + f.name + " groups {\n" + fmt.Sprintf(chain, "ingress", "input", in.String()) + fmt.Sprintf(chain, "egress", "output", out.String()) + "}\n"
}

func (w *kernelWorld) allows(f family, e cloud.ENI, rules []cloud.Rule, addr string) string {
	var b strings.Builder
	for _, r := range rules {
		ports, ok := traffic(r.Proto, r.Ports)
		if blocks := w.peers(f, e, r.Peer, addr == "saddr"); ok && len(blocks) > 0 {
			fmt.Fprintf(&b, "%s %s accept\n", oneOf(f, addr, blocks...), ports)
		}
	}
	return b.String()
}

// peers are a rule's other side: a block, the private addresses of a group's
// interfaces, or the entries of a prefix list.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
func (w *kernelWorld) peers(f family, of cloud.ENI, p cloud.Peer, inbound bool) []netip.Prefix {
	switch p := p.(type) {
	case cloud.PeerCIDR:
		if !f.of(p.Addr()) {
			return nil
		}
		return []netip.Prefix{p.Prefix}
	case cloud.PeerGroup:
		var out []netip.Prefix
		for e := range w.m.ENIs() {
			own := e.PrivateIP
			if f == ip6 {
				own = e.IPv6
			}
			if a := netip.PrefixFrom(own, own.BitLen()); own.IsValid() && w.sees(of, e, inbound) && slices.Contains(e.Groups, p.ID) && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
		return out
	case cloud.PeerPrefixList:
		return slices.DeleteFunc(slices.Clone(w.list(p.ID)), func(b netip.Prefix) bool { return !f.of(b.Addr()) })
	}
	panic("an open rule")
}

// natRules are a NAT gateway: it has no security group, translates what it is
// routed, from a port of 1024 to 65535, and takes no connection.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
const natRules = `table ip nat {
chain input { type filter hook input priority filter; policy drop; }
chain forward { type filter hook forward priority filter; ct state invalid drop; }
chain translate { type nat hook postrouting priority srcnat; meta l4proto { tcp, udp } masquerade to :1024-65535 fully-random; }
}
`

// gatewayEndpointRules: gateway endpoints take TCP.
// https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
const gatewayEndpointRules = `table ip endpoint {
chain input { type filter hook input priority filter; policy drop; meta l4proto tcp accept; }
}
`
