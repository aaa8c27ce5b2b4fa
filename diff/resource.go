package diff

import (
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// onlyIn are the resources of a model that the other does not have, by type and
// name. What AWS makes together with a VPC goes and comes with it.
func onlyIn(m, other *cloud.Model) []cloud.Meta {
	there := map[string]bool{}
	for _, r := range declared(other) {
		there[r.Type+" "+r.Name] = true
	}
	var out []cloud.Meta
	for _, r := range declared(m) {
		if !there[r.Type+" "+r.Name] {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b cloud.Meta) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b cloud.Meta) bool { return a.Name == b.Name && a.Type == b.Type })
}

// declared are the resources that somebody wrote down.
func declared(m *cloud.Model) []cloud.Meta {
	var out []cloud.Meta
	vpcs := map[source.Span]bool{}
	add := func(meta cloud.Meta, made bool) {
		if !made && !meta.At.IsZero() {
			out = append(out, meta)
		}
	}
	for v := range m.VPCs() {
		vpcs[v.At] = true
		add(v.Meta, v.Managed)
	}
	byAWS := func(vpc cloud.VPCID, at source.Span) bool { return vpc == cloud.LightsailVPC || vpcs[at] }
	for v := range m.Subnets() {
		add(v.Meta, byAWS(v.VPC, v.At))
	}
	for v := range m.RouteTables() {
		add(v.Meta, byAWS(v.VPC, v.At))
	}
	for v := range m.InternetGateways() {
		add(v.Meta, byAWS(v.VPC, v.At))
	}
	for v := range m.SecurityGroups() {
		add(v.Meta, byAWS(v.VPC, v.At))
	}
	for v := range m.NetworkACLs() {
		add(v.Meta, byAWS(v.VPC, v.At))
	}
	for v := range m.NATGateways() {
		add(v.Meta, false)
	}
	for v := range m.Peerings() {
		add(v.Meta, false)
	}
	for v := range m.Endpoints() {
		add(v.Meta, false)
	}
	for v := range m.Functions() {
		add(v.Meta, false)
	}
	for v := range m.Roles() {
		add(v.Meta, false)
	}
	for v := range m.Parameters() {
		add(v.Meta, false)
	}
	for v := range m.Instances() {
		add(v.Meta, false)
	}
	for v := range m.LightsailInstances() {
		add(v.Meta, false)
	}
	for v := range m.Unmodelled() {
		add(v, false)
	}
	return out
}
