package reach

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
)

// transitRoute proposes the route that is missing where both VPCs are attached
// to one transit gateway.
func (p *proposal) transitRoute(b path.Reason) []change {
	table, dest, ok := p.missingRoute(b)
	far, found := p.m.VPCOfAddr(dest, table.VPC)
	if !ok || !found {
		return nil
	}
	var out []change
	for g := range p.m.TransitGateways() {
		_, near := p.m.AttachmentTo(g.ID, table.VPC)
		_, away := p.m.AttachmentTo(g.ID, far.ID)
		cidrs, _ := far.CIDRs.Get()
		if !near || !away || len(cidrs) == 0 {
			continue
		}
		out = append(out, p.routeTo(table, cidrs[0], g.Name, "TransitGatewayId", resource(g.Meta, string(g.ID), typeTransit), cloud.ToTransitGateway{ID: g.ID}))
	}
	return out
}

// transitSetting proposes what the transit gateway does by default, or may do,
// and does not here: to associate, to propagate, to carry references to groups.
func (p *proposal) transitSetting(b path.Reason) []change {
	names := []string{"DefaultRouteTableAssociation", "DefaultRouteTablePropagation"}
	set := func(g *cloud.TransitGateway) { g.Associate, g.Propagate = true, true }
	if b.Code == path.SGReferencing {
		names = []string{"SecurityGroupReferencingSupport"}
		set = func(g *cloud.TransitGateway) { g.GroupReferences = true }
	}
	var out []change
	for g := range p.m.TransitGateways() {
		var edits patch.Patch
		for _, name := range names {
			edits = append(edits, patch.Set{Of: resource(g.Meta, string(g.ID), typeTransit), Property: name, Value: text("enable")})
		}
		out = append(out, change{
			summary: fmt.Sprintf("set %s: enable of %s", strings.Join(names, ": enable, "), g.Name), opens: anyPort * anyPort, edits: edits,
			apply: func(s *cloud.Spec) {
				for i := range s.TransitGateways {
					if s.TransitGateways[i].ID == g.ID {
						set(&s.TransitGateways[i])
					}
				}
			},
		})
	}
	return out
}

// transitZone proposes to add the subnet of an end of the flow to the
// attachment that has none in its Availability Zone.
func (p *proposal) transitZone(b path.Reason) []change {
	end := p.r.Witness.Src.Addr()
	if b.Direction == path.Return {
		end = p.r.Witness.Dst.Addr()
	}
	var out []change
	for a := range p.m.TransitGatewayAttachments() {
		e, ok := p.m.ENIAt(a.VPC, end)
		sub, _ := p.m.Subnet(e.Subnet)
		if a.Name != b.Component || !ok {
			continue
		}
		out = append(out, change{
			summary: fmt.Sprintf("add %s to the subnets of %s", sub.Name, a.Name), opens: anyPort,
			edits: patch.Patch{patch.Append{Of: resource(a.Meta, string(a.ID), typeAttachment), Property: "SubnetIds", Items: patch.Refs(p.subnet(e.Subnet)), Have: len(a.Subnets.Or(nil))}},
			apply: func(s *cloud.Spec) {
				for i, o := range s.TransitGatewayAttachments {
					if o.ID == a.ID {
						s.TransitGatewayAttachments[i].Subnets = cloud.Known(append(slices.Clone(o.Subnets.Or(nil)), e.Subnet))
					}
				}
			},
		})
	}
	return out
}

// sourceDestCheck proposes to switch the check of a middlebox off.
func (p *proposal) sourceDestCheck(b path.Reason) []change {
	of := patch.Resource{Name: b.Component, Type: "AWS::EC2::Instance"}
	for in := range p.m.Instances() {
		if in.Name == b.Component {
			of = resource(in.Meta, in.ID, "AWS::EC2::Instance")
		}
	}
	return []change{{
		summary: "switch the source/destination check of " + b.Component + " off", opens: anyPort,
		edits: patch.Patch{patch.Set{Of: of, Property: "SourceDestCheck", Value: patch.Bool(false)}},
		apply: func(s *cloud.Spec) {
			for i := range s.Instances {
				s.Instances[i].SourceDestCheck = s.Instances[i].SourceDestCheck && s.Instances[i].Name != b.Component
			}
			for i := range s.NetworkInterfaces {
				s.NetworkInterfaces[i].SourceDestCheck = s.NetworkInterfaces[i].SourceDestCheck && s.NetworkInterfaces[i].Name != b.Component
			}
		},
	}}
}
