package reach

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach/patch"
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
	way := "into"
	if egress {
		way = "out of"
	}
	c := change{summary: fmt.Sprintf("allow %s %s %s", logicalPort(p.r), way, g.Name)}
	var add []cloud.Rule
	for _, far := range p.peersFor(g, egress) {
		r := cloud.Rule{Meta: cloud.Meta{Name: "proposed rule"}, Proto: p.r.Protocol, Ports: netset.AllPorts, Peer: far.peer}
		if p.r.Protocol.HasPorts() {
			r.Ports = netset.Port(p.r.Port)
		}
		c.edits = append(c.edits, p.ruleResource(g, egress, far, len(add)))
		c.opens += far.size
		add = append(add, r)
	}
	c.apply = func(s *cloud.Spec) { addRules(s, g, add, egress) }
	return []change{c}
}

// ruleResource writes a rule as a resource of its own, the n-th of the proposal.
func (p *proposal) ruleResource(g cloud.SecurityGroup, egress bool, far farSide, n int) patch.Edit {
	typ := "AWS::EC2::SecurityGroupIngress"
	if egress {
		typ = "AWS::EC2::SecurityGroupEgress"
	}
	name := logical(g.Name, "Allow", p.q.From)
	if n > 0 {
		name += fmt.Sprint(n + 1)
	}
	from, to := -1, -1 // every type of ICMP, and no ports otherwise
	if p.r.Protocol.HasPorts() {
		from, to = int(p.r.Port), int(p.r.Port)
	}
	return patch.Add{Resource: proposed(p.fresh(name), typ), Properties: append(props("GroupId", ref(resource(g.Meta, string(g.ID), typeGroup)),
		"IpProtocol", p.r.Protocol.String(), "FromPort", patch.Number(from), "ToPort", patch.Number(to)), far.property)}
}

// logicalPort is a protocol and, where it has ports, the port.
func logicalPort(r path.Report) string {
	if !r.Protocol.HasPorts() {
		return r.Protocol.String()
	}
	return fmt.Sprintf("%s %d", r.Protocol, r.Port)
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

// farSide is a rule's other side, in the model and in the template.
type farSide struct {
	peer     cloud.Peer
	property patch.Property
	size     float64 // addresses
}

// peersFor names the far side as narrowly as a rule can: by its group within a
// VPC, by its address or its subnets otherwise.
func (p *proposal) peersFor(g cloud.SecurityGroup, egress bool) []farSide {
	key, far := "SourceSecurityGroupId", p.r.Witness.Src.Addr()
	if egress {
		key, far = "DestinationSecurityGroupId", p.r.Witness.Dst.Addr()
	}
	if e, ok := p.m.ENIAt(g.VPC, far); ok && len(e.Groups) > 0 {
		return []farSide{{cloud.PeerGroup{ID: e.Groups[0]}, patch.Property{Name: key, Value: ref(p.group(e.Groups[0]))}, onePort}}
	}
	var out []farSide
	for _, block := range p.farBlocks(egress) {
		out = append(out, farSide{cloud.PeerCIDR{Prefix: block}, patch.Property{Name: cidrKey(block), Value: text(block.String())}, addresses(block)})
	}
	return out
}

// addresses is how many a block has: one of IPv6 no more than all of IPv4, for
// whoever may get there.
func addresses(b netip.Prefix) float64 {
	return math.Exp2(float64(min(32, b.Addr().BitLen()-b.Bits())))
}

// farBlocks are the addresses of the far side: one destination, every subnet
// of a source, or everything where the far side is public and changes.
func (p *proposal) farBlocks(egress bool) []netip.Prefix {
	if egress {
		far := p.r.Witness.Dst.Addr()
		if _, ok := p.service(); ok || p.q.To == "internet" {
			return []netip.Prefix{anyLike(far)}
		}
		return []netip.Prefix{netip.PrefixFrom(far, far.BitLen())}
	}
	var out []netip.Prefix
	for _, e := range p.m.ENIsOf(p.q.From) {
		sub, _ := p.m.Subnet(e.Subnet)
		if c := sub.CIDRLike(p.r.Witness.Src.Addr()); c.IsValid() {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return []netip.Prefix{netip.PrefixFrom(p.r.Witness.Src.Addr(), p.r.Witness.Src.Addr().BitLen())}
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
		summary: fmt.Sprintf("open %s %d in %s for %s", p.r.Protocol, p.r.Port, g.Name, from), opens: float64(len(blocks)),
		edits: p.openings(g, port),
		apply: func(s *cloud.Spec) {
			for i, in := range s.LightsailInstances {
				if cloud.FirewallID(in) == g.ID {
					s.LightsailInstances[i].Firewall = append(slices.Clone(in.Openings()), port)
				}
			}
		},
	}
}

// openings writes a firewall's new opening into its instance: one that states
// none has the openings that Lightsail gives it, which stay.
func (p *proposal) openings(g cloud.SecurityGroup, port cloud.FirewallPort) patch.Patch {
	for in := range p.m.LightsailInstances() {
		of := resource(in.Meta, in.InstanceName, "AWS::Lightsail::Instance")
		switch {
		case cloud.FirewallID(in) != g.ID:
		case in.Firewall != nil:
			return patch.Patch{patch.Append{Of: of, Property: "Networking.Ports", Items: patch.List{opening(port)}, Have: len(in.Firewall)}}
		default:
			var all patch.List
			for _, o := range append(in.Openings(), port) {
				all = append(all, opening(o))
			}
			return patch.Patch{patch.Set{Of: of, Property: "Networking", Value: props("Ports", all)}}
		}
	}
	return nil
}

func opening(port cloud.FirewallPort) patch.Map {
	out := props("Protocol", port.Proto.String(), "FromPort", patch.Number(port.Ports.Lo), "ToPort", patch.Number(port.Ports.Hi))
	var cidrs patch.List
	for _, c := range port.CIDRs {
		cidrs = append(cidrs, text(c.String()))
	}
	if len(cidrs) > 0 {
		out = append(out, props("Cidrs", cidrs)...)
	}
	return out
}
