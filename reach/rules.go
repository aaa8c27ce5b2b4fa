package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// groupRule proposes the narrowest rule that admits the flow in the group that
// refused it: by group within a VPC, by address otherwise.
func (p *proposal) groupRule(b path.Reason) []change {
	g, ok := p.refusing(b)
	if !ok {
		return nil
	}
	egress := p.sendsFrom(g.ID)
	if g.Firewall {
		return []change{p.firewallPort(g)}
	}
	peers, text := p.peersFor(g, egress)
	var add []cloud.Rule
	for _, peer := range peers {
		r := cloud.Rule{Meta: cloud.Meta{Name: "proposed rule"}, Proto: p.r.Protocol, Ports: netset.AllPorts, Peer: peer}
		if p.r.Protocol.HasPorts() {
			r.Ports = netset.Port(p.r.Port)
		}
		add = append(add, r)
	}
	way, typ := "into", "AWS::EC2::SecurityGroupIngress"
	if egress {
		way, typ = "out of", "AWS::EC2::SecurityGroupEgress"
	}
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("allow %s %d %s %s", p.r.Protocol, p.r.Port, way, g.Name), opens: 1,
			Patch: yaml(logical(g.Name, "Allow", p.q.From), typ, "GroupId: "+p.referGroup(g.ID), "IpProtocol: "+p.r.Protocol.String(),
				fmt.Sprintf("FromPort: %d", p.r.Port), fmt.Sprintf("ToPort: %d", p.r.Port), text)},
		apply: func(s *cloud.Spec) { addRules(s, g, add, egress) },
	}}
}

// refusing finds the group that a blocker names: the first, where it names
// several.
func (p *proposal) refusing(b path.Reason) (cloud.SecurityGroup, bool) {
	for g := range p.m.SecurityGroups() {
		if b.Component == g.Name || len(b.Component) > len(g.Name) && b.Component[:len(g.Name)+1] == g.Name+"," {
			return g, true
		}
	}
	return cloud.SecurityGroup{}, false
}

// sendsFrom reports whether the group guards the source's interfaces.
func (p *proposal) sendsFrom(id cloud.SecurityGroupID) bool {
	for _, e := range p.m.ENIsOf(p.q.From) {
		if slices.Contains(e.Groups, id) {
			return true
		}
	}
	return false
}

// peersFor names the far side as narrowly as a rule can: by its group within a
// VPC, by its address or its subnets otherwise.
func (p *proposal) peersFor(g cloud.SecurityGroup, egress bool) ([]cloud.Peer, string) {
	key, far := "SourceSecurityGroupId", p.r.Witness.Src.Addr()
	if egress {
		key, far = "DestinationSecurityGroupId", p.r.Witness.Dst.Addr()
	}
	if e, ok := p.m.ENIAt(g.VPC, far); ok && len(e.Groups) > 0 {
		return []cloud.Peer{cloud.PeerGroup{ID: e.Groups[0]}}, key + ": " + p.referGroup(e.Groups[0])
	}
	var peers []cloud.Peer
	var text []string
	for _, block := range p.farBlocks(egress) {
		peers = append(peers, cloud.PeerCIDR{Prefix: block})
		text = append(text, "CidrIp: "+block.String())
	}
	return peers, strings.Join(text, " # and ")
}

// farBlocks are the addresses of the far side: one destination, every subnet
// of a source, or everything where the far side is public and changes.
func (p *proposal) farBlocks(egress bool) []netip.Prefix {
	if egress {
		far := p.r.Witness.Dst.Addr()
		if _, ok := p.service(); ok || p.q.To == "internet" {
			return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
		}
		return []netip.Prefix{netip.PrefixFrom(far, far.BitLen())}
	}
	var out []netip.Prefix
	for _, e := range p.m.ENIsOf(p.q.From) {
		sub, _ := p.m.Subnet(e.Subnet)
		if c, ok := sub.CIDR.Get(); ok {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return []netip.Prefix{netip.PrefixFrom(p.r.Witness.Src.Addr(), 32)}
	}
	return out
}

// addRules puts rules into a group that is declared, or declares the group
// that AWS made where it was not.
func addRules(s *cloud.Spec, g cloud.SecurityGroup, add []cloud.Rule, egress bool) {
	i := slices.IndexFunc(s.SecurityGroups, func(o cloud.SecurityGroup) bool { return o.ID == g.ID })
	if i < 0 {
		i = len(s.SecurityGroups)
		s.SecurityGroups = append(s.SecurityGroups, g)
	}
	if egress {
		s.SecurityGroups[i].Egress = slices.Concat(s.SecurityGroups[i].Egress, add)
	} else {
		s.SecurityGroups[i].Ingress = slices.Concat(s.SecurityGroups[i].Ingress, add)
	}
}

// firewallPort proposes an opening in a Lightsail instance's firewall.
func (p *proposal) firewallPort(g cloud.SecurityGroup) change {
	blocks := p.farBlocks(false)
	var names []string
	for _, b := range blocks {
		names = append(names, b.String())
	}
	from := strings.Join(names, ", ")
	port := cloud.FirewallPort{Proto: p.r.Protocol, Ports: netset.Port(p.r.Port), CIDRs: blocks}
	return change{
		Fix: Fix{Summary: fmt.Sprintf("open %s %d in %s for %s", p.r.Protocol, p.r.Port, g.Name, from), opens: 1,
			Patch: fmt.Sprintf("          - {Protocol: %s, FromPort: %d, ToPort: %d, Cidrs: [%s]}\n", p.r.Protocol, p.r.Port, p.r.Port, from)},
		apply: func(s *cloud.Spec) {
			for i, in := range s.LightsailInstances {
				if cloud.FirewallID(in) == g.ID {
					s.LightsailInstances[i].Firewall = append(slices.Clone(in.Openings()), port)
				}
			}
		},
	}
}

// aclEntry proposes an entry before all others that lets the packet through:
// the port on the way there, every ephemeral port for a reply.
func (p *proposal) aclEntry(b path.Reason) []change {
	var acl cloud.NetworkACL
	for a := range p.m.NetworkACLs() {
		if a.Name == b.Component {
			acl = a
		}
	}
	if acl.ID == "" {
		return nil
	}
	ports := netset.Port(p.r.Port)
	if b.Direction == path.Return {
		ports = netset.PortRange{Lo: 1024, Hi: 65535}
	}
	entry := cloud.ACLEntry{Meta: cloud.Meta{Name: "proposed entry"}, Number: 1, Allow: true, Proto: p.r.Protocol, Ports: ports,
		CIDR: cloud.Known(netip.MustParsePrefix("0.0.0.0/0"))}
	proto := fmt.Sprint(int(p.r.Protocol))
	patch := yaml(logical(acl.Name, "Allow"), "AWS::EC2::NetworkAclEntry", "NetworkAclId: "+refer(acl.Name, string(acl.ID), logical(acl.Name) == acl.Name),
		"RuleNumber: 1", "Protocol: "+proto, "RuleAction: allow", "CidrBlock: 0.0.0.0/0", fmt.Sprintf("PortRange: {From: %d, To: %d}", ports.Lo, ports.Hi), "Egress: true or false as needed")
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("let %s %s through %s", p.r.Protocol, ports, acl.Name), opens: 10, Patch: patch},
		apply: func(s *cloud.Spec) {
			for i, a := range s.NetworkACLs {
				if a.ID == acl.ID {
					s.NetworkACLs[i].Ingress = append([]cloud.ACLEntry{entry}, a.Ingress...)
					s.NetworkACLs[i].Egress = append([]cloud.ACLEntry{entry}, a.Egress...)
				}
			}
		},
	}}
}

// peeringRoute proposes the route that is missing where a peering is there.
func (p *proposal) peeringRoute(b path.Reason) []change {
	table, dest, ok := p.missingRoute(b)
	if !ok {
		return nil
	}
	for peering := range p.m.Peerings() {
		far, mine := peering.Other(table.VPC)
		v, _ := p.m.VPC(far)
		if !mine || !v.Contains(dest) {
			continue
		}
		cidrs, _ := v.CIDRs.Get()
		r := cloud.Route{Meta: cloud.Meta{Name: "proposed route"}, Dest: cloud.PrefixDest{Prefix: cidrs[0]}, Target: cloud.ToPeering{ID: peering.ID}}
		return []change{{
			Fix: Fix{Summary: fmt.Sprintf("add a route to %s through %s in %s", cidrs[0], peering.Name, table.Name), opens: 5,
				Patch: yaml(logical(table.Name, "Route"), "AWS::EC2::Route", "RouteTableId: "+refer(table.Name, string(table.ID), logical(table.Name) == table.Name),
					"DestinationCidrBlock: "+cidrs[0].String(), "VpcPeeringConnectionId: "+refer(peering.Name, string(peering.ID), logical(peering.Name) == peering.Name))},
			apply: func(s *cloud.Spec) { addRoute(s, table, r) },
		}}
	}
	return nil
}

// missingRoute finds the table and the destination that a blocker is about.
func (p *proposal) missingRoute(b path.Reason) (cloud.RouteTable, netip.Addr, bool) {
	dest := p.r.Witness.Dst.Addr()
	if b.Direction == path.Return {
		dest = p.r.Witness.Src.Addr()
	}
	for t := range p.m.RouteTables() {
		if t.Name == b.Component {
			return t, dest, true
		}
	}
	for _, e := range p.m.ENIsOf(p.q.From) {
		if sub, ok := p.m.Subnet(e.Subnet); ok {
			t, ok := p.m.RouteTableOf(sub)
			return t, dest, ok
		}
	}
	return cloud.RouteTable{}, dest, false
}

func addRoute(s *cloud.Spec, t cloud.RouteTable, r cloud.Route) {
	i := slices.IndexFunc(s.RouteTables, func(o cloud.RouteTable) bool { return o.ID == t.ID })
	if i < 0 {
		i = len(s.RouteTables)
		s.RouteTables = append(s.RouteTables, t)
	}
	s.RouteTables[i].Routes = append(slices.Clone(s.RouteTables[i].Routes), r)
}

// dns proposes to turn on what keeps an endpoint's private name from answering.
func (p *proposal) dns(path.Reason) []change {
	svc, ok := p.service()
	if !ok {
		return nil
	}
	var endpoint cloud.Endpoint
	for e := range p.m.Endpoints() {
		if e.Service == svc.Name && e.Kind == cloud.InterfaceEndpoint {
			endpoint = e
		}
	}
	vpc, ok := p.m.VPC(endpoint.VPC)
	if !ok {
		return nil
	}
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("turn on private DNS of %s and both DNS attributes of %s", endpoint.Name, vpc.Name), opens: 1,
			Patch: fmt.Sprintf("  # %s: PrivateDnsEnabled: true\n  # %s: EnableDnsSupport: true, EnableDnsHostnames: true\n", endpoint.Name, vpc.Name)},
		apply: func(s *cloud.Spec) {
			for i := range s.Endpoints {
				if s.Endpoints[i].ID == endpoint.ID {
					s.Endpoints[i].PrivateDNS = cloud.Known(true)
				}
			}
			for i := range s.VPCs {
				if s.VPCs[i].ID == vpc.ID {
					s.VPCs[i].DNSSupport, s.VPCs[i].DNSHostnames = cloud.Known(true), cloud.Known(true)
				}
			}
		},
	}}
}
