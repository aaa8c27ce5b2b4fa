package reach

import (
	"fmt"
	"slices"

	"bailey/cloud"
	"bailey/path"
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
		r := cloud.Route{Meta: cloud.Meta{Name: "proposed route"}, Dest: cloud.PrefixDest{Prefix: cidrs[0]}, Target: cloud.ToTransitGateway{ID: g.ID}}
		out = append(out, change{
			Fix: Fix{Summary: fmt.Sprintf("add a route to %s through %s in %s", cidrs[0], g.Name, table.Name), opens: 5,
				Patch: yaml(logical(table.Name, "TransitRoute"), "AWS::EC2::Route", "RouteTableId: "+refer(table.Name, string(table.ID), logical(table.Name) == table.Name),
					"DestinationCidrBlock: "+cidrs[0].String(), "TransitGatewayId: "+refer(g.Name, string(g.ID), logical(g.Name) == g.Name))},
			apply: func(s *cloud.Spec) { addRoute(s, table, r) },
		})
	}
	return out
}

// transitSetting proposes what the transit gateway does by default, or may do,
// and does not here: to associate, to propagate, to carry references to groups.
func (p *proposal) transitSetting(b path.Reason) []change {
	setting := "DefaultRouteTableAssociation: enable, DefaultRouteTablePropagation: enable"
	set := func(g *cloud.TransitGateway) { g.Associate, g.Propagate = true, true }
	if b.Code == path.SGReferencing {
		setting = "SecurityGroupReferencingSupport: enable"
		set = func(g *cloud.TransitGateway) { g.GroupReferences = true }
	}
	var out []change
	for g := range p.m.TransitGateways() {
		out = append(out, change{
			Fix: Fix{Summary: fmt.Sprintf("set %s of %s", setting, g.Name), opens: 50, Patch: fmt.Sprintf("  # %s: %s\n", g.Name, setting)},
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
		if a.Name != b.Component || !ok {
			continue
		}
		out = append(out, change{
			Fix: Fix{Summary: fmt.Sprintf("add %s to the subnets of %s", p.referSubnet(e.Subnet), a.Name), opens: 5, Patch: fmt.Sprintf("  # %s: SubnetIds: add %s\n", a.Name, p.referSubnet(e.Subnet))},
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
	return []change{{
		Fix: Fix{Summary: "switch the source/destination check of " + b.Component + " off", opens: 2, Patch: "  # " + b.Component + ": SourceDestCheck: false\n"},
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
