package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach/patch"
)

// aclEntry proposes an entry before all others that lets the packet through:
// the port on the way there, every ephemeral port for a reply. It is for the one
// direction in which the packet crosses.
func (p *proposal) aclEntry(b path.Reason) []change {
	i := slices.IndexFunc(slices.Collect(p.m.NetworkACLs()), func(a cloud.NetworkACL) bool { return a.Name == b.Component })
	if i < 0 {
		return nil
	}
	acl := slices.Collect(p.m.NetworkACLs())[i]
	ports := netset.Port(p.r.Port)
	if b.Direction == path.Return {
		ports = netset.PortRange{Lo: 1024, Hi: 65535}
	}
	var out []change
	for _, egress := range []bool{true, false} {
		if c, room := p.aclEntryFor(acl, ports, egress); room {
			out = append(out, c)
		}
	}
	return out
}

func (p *proposal) aclEntryFor(acl cloud.NetworkACL, ports netset.PortRange, egress bool) (change, bool) {
	way, entries := "into", acl.Ingress
	if egress {
		way, entries = "out of", acl.Egress
	}
	number, room := firstFree(entries)
	all := anyLike(p.r.Witness.Dst.Addr())
	entry := cloud.ACLEntry{Meta: cloud.Meta{Name: "proposed entry"}, Number: number, Allow: true, Proto: p.r.Protocol, Ports: ports, CIDR: cloud.Known(all)}
	with := props("NetworkAclId", ref(resource(acl.Meta, string(acl.ID), typeACL)), "RuleNumber", patch.Number(number), "Protocol", patch.Number(p.r.Protocol),
		"RuleAction", "allow", blockKey(all), all.String(), "Egress", patch.Bool(egress))
	if p.r.Protocol.HasPorts() {
		with = append(with, props("PortRange", props("From", patch.Number(ports.Lo), "To", patch.Number(ports.Hi)))...)
	}
	return change{
		summary: fmt.Sprintf("let %s %s %s the subnets of %s", p.r.Protocol, ports, way, acl.Name), opens: addresses(all) * float64(int(ports.Hi)-int(ports.Lo)+1),
		edits: patch.Patch{patch.Add{Resource: proposed(p.fresh(logical(acl.Name, "Allow", way)), "AWS::EC2::NetworkAclEntry"), Properties: with}},
		apply: func(s *cloud.Spec) {
			for i, a := range s.NetworkACLs {
				switch {
				case a.ID != acl.ID:
				case egress:
					s.NetworkACLs[i].Egress = append([]cloud.ACLEntry{entry}, a.Egress...)
				default:
					s.NetworkACLs[i].Ingress = append([]cloud.ACLEntry{entry}, a.Ingress...)
				}
			}
		},
	}, room
}

// firstFree is the lowest number that no entry has, before all that deny: the
// first that matches decides. There may be none.
func firstFree(entries []cloud.ACLEntry) (int, bool) {
	n := 1
	for slices.ContainsFunc(entries, func(e cloud.ACLEntry) bool { return e.Number == n }) {
		n++
	}
	return n, !slices.ContainsFunc(entries, func(e cloud.ACLEntry) bool { return !e.Allow && e.Number < n })
}

// peeringRoute proposes the route that is missing where a peering is there.
func (p *proposal) peeringRoute(b path.Reason) []change {
	t, dest, ok := p.missingRoute(b)
	if !ok {
		return nil
	}
	for peering := range p.m.Peerings() {
		far, mine := peering.Other(t.VPC)
		v, _ := p.m.VPC(far)
		if cidrs := v.BlocksLike(dest); mine && v.Contains(dest) {
			return []change{p.routeTo(t, cidrs[0], peering.Name, "VpcPeeringConnectionId", resource(peering.Meta, string(peering.ID), typePeering), cloud.ToPeering{ID: peering.ID})}
		}
	}
	return nil
}

// routeTo proposes a route in a table.
func (p *proposal) routeTo(t cloud.RouteTable, dest netip.Prefix, through, property string, to patch.Resource, target cloud.RouteTarget) change {
	r := cloud.Route{Meta: cloud.Meta{Name: "proposed route"}, Dest: cloud.PrefixDest{Prefix: dest}, Target: target}
	return change{
		summary: fmt.Sprintf("add a route to %s through %s in %s", dest, through, t.Name), opens: addresses(dest) * anyPort,
		edits: append(patch.Patch{patch.Add{Resource: proposed(p.fresh(logical(t.Name, through, "Route")), typeRoute),
			Properties: props("RouteTableId", ref(table(t)), destinationKey(dest), dest.String(), property, ref(to))}}, standIns(table(t))...),
		apply: func(s *cloud.Spec) { addRoute(s, t, r) },
	}
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

// attachment proposes to attach an internet gateway that nothing is attached to.
func (p *proposal) attachment(b path.Reason) []change {
	vpc := p.sourceVPC()
	if _, has := p.m.GatewayOf(vpc); has || vpc == "" {
		return nil
	}
	var out []change
	for g := range p.m.InternetGateways() {
		if g.VPC != "" {
			continue
		}
		of := resource(g.Meta, string(g.ID), "AWS::EC2::InternetGateway")
		out = append(out, change{
			summary: fmt.Sprintf("attach %s to %s", g.Name, p.vpc(vpc).Name), opens: internet,
			edits: patch.Patch{patch.Add{Resource: proposed(p.fresh(logical(g.Name, "Attachment")), "AWS::EC2::VPCGatewayAttachment"),
				Properties: props("VpcId", ref(p.vpc(vpc)), "InternetGatewayId", ref(of))}},
			apply: func(s *cloud.Spec) {
				for i := range s.InternetGateways {
					if s.InternetGateways[i].ID == g.ID {
						s.InternetGateways[i].VPC = vpc
					}
				}
			},
		})
	}
	return out
}

func (p *proposal) sourceVPC() cloud.VPCID {
	for _, e := range p.m.ENIsOf(p.q.From) {
		return e.VPC
	}
	return ""
}

// publicAddress proposes an Elastic IP for an instance in a public subnet; a
// function's interface cannot have one.
func (p *proposal) publicAddress(b path.Reason) []change {
	for in := range p.m.Instances() {
		if in.Name != b.Component || in.PublicIP.IsValid() {
			continue
		}
		own := proposed(p.fresh(logical(in.Name, "Address")), typeEIP)
		of := resource(in.Meta, in.ID, "AWS::EC2::Instance")
		return []change{{
			summary: "give " + in.Name + " a public address", usd: yearly(p.m, cloud.PricePublicIPv4), opens: internet,
			edits: patch.Patch{patch.Add{Resource: own, Properties: props("Domain", "vpc", "InstanceId", ref(of))}},
			apply: func(s *cloud.Spec) {
				for i := range s.Instances {
					if s.Instances[i].Name == in.Name {
						s.Instances[i].PublicIP = cloud.ElasticAddr(p.m.Stack(), own.Name)
					}
				}
			},
		}}
	}
	return nil
}
