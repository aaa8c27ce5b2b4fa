package cdk

import (
	"bailey/cloud"
)

// qualify renames what several stacks of the group call by the same logical
// ID, so that every name of the Model means one resource.
func (j *joiner) qualify(spec *cloud.Spec) {
	stacks := map[string]string{} // the stack's name by its template
	count := map[string]int{}     // of the logical IDs
	for _, u := range j.units {
		stacks[u.stack.File] = u.stack.Name
		resources, _ := u.doc.Get("Resources")
		for _, e := range resources.Entries {
			count[e.Key]++
		}
	}
	metas(spec, func(m *cloud.Meta) {
		if stack := stacks[m.At.File]; stack != "" && count[m.Name] > 1 {
			m.Name = stack + "." + m.Name
		}
	})
}

// metas yields the name of everything in a Spec, also of the routes, rules and
// entries that are resources of their own.
func metas(s *cloud.Spec, yield func(*cloud.Meta)) {
	each(s.VPCs, func(v *cloud.VPC) { yield(&v.Meta) })
	each(s.Subnets, func(v *cloud.Subnet) { yield(&v.Meta) })
	each(s.RouteTables, func(v *cloud.RouteTable) {
		yield(&v.Meta)
		each(v.Routes, func(r *cloud.Route) { yield(&r.Meta) })
	})
	each(s.InternetGateways, func(v *cloud.InternetGateway) { yield(&v.Meta) })
	each(s.NATGateways, func(v *cloud.NATGateway) { yield(&v.Meta) })
	each(s.Peerings, func(v *cloud.Peering) { yield(&v.Meta) })
	each(s.PrefixLists, func(v *cloud.PrefixList) { yield(&v.Meta) })
	each(s.SecurityGroups, func(v *cloud.SecurityGroup) {
		yield(&v.Meta)
		each(v.Ingress, func(r *cloud.Rule) { yield(&r.Meta) })
		each(v.Egress, func(r *cloud.Rule) { yield(&r.Meta) })
	})
	each(s.NetworkACLs, func(v *cloud.NetworkACL) {
		yield(&v.Meta)
		each(v.Ingress, func(e *cloud.ACLEntry) { yield(&e.Meta) })
		each(v.Egress, func(e *cloud.ACLEntry) { yield(&e.Meta) })
	})
	each(s.Endpoints, func(v *cloud.Endpoint) { yield(&v.Meta) })
	each(s.Functions, func(v *cloud.Function) { yield(&v.Meta) })
	each(s.Roles, func(v *cloud.Role) { yield(&v.Meta) })
	each(s.Parameters, func(v *cloud.Parameter) { yield(&v.Meta) })
	each(s.Instances, func(v *cloud.Instance) { yield(&v.Meta) })
	each(s.LightsailInstances, func(v *cloud.LightsailInstance) { yield(&v.Meta) })
	each(s.Unmodelled, func(m *cloud.Meta) { yield(m) })
}

func each[T any](list []T, do func(*T)) {
	for i := range list {
		do(&list[i])
	}
}
