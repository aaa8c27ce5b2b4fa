package diff

import (
	"iter"
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

// unlisted is why a model may have some of the resources that it does not state.
func unlisted(resources []cloud.Meta, m *cloud.Model) []cloud.Gap {
	var out []cloud.Gap
	for _, r := range resources {
		if g := m.Undescribed(r.Type); g != nil && !slices.Contains(out, *g) {
			out = append(out, *g)
		}
	}
	return out
}

// declared are the resources that somebody wrote down.
func declared(m *cloud.Model) []cloud.Meta {
	out := slices.Concat(ownNetwork(m), slices.Collect(m.Unmodelled()),
		metas(m.APIs(), func(v cloud.API) cloud.Meta { return v.Meta }),
		metas(m.Deployments(), func(v cloud.Deployment) cloud.Meta { return v.Meta }),
		metas(m.APIKeys(), func(v cloud.APIKey) cloud.Meta { return v.Meta }),
		metas(m.UsagePlans(), func(v cloud.UsagePlan) cloud.Meta { return v.Meta }),
		metas(m.VPCLinks(), func(v cloud.VPCLink) cloud.Meta { return v.Meta }),
		metas(m.DomainNames(), func(v cloud.DomainName) cloud.Meta { return v.Meta }),
		metas(m.UserPools(), func(v cloud.UserPool) cloud.Meta { return v.Meta }),
		metas(m.Secrets(), func(v cloud.Secret) cloud.Meta { return v.Meta }),
		metas(m.Keys(), func(v cloud.Key) cloud.Meta { return v.Meta }),
		metas(m.Queues(), func(v cloud.Queue) cloud.Meta { return v.Meta }),
		metas(m.Topics(), func(v cloud.Topic) cloud.Meta { return v.Meta }),
		metas(m.Buckets(), func(v cloud.Bucket) cloud.Meta { return v.Meta }),
		metas(m.Tables(), func(v cloud.Table) cloud.Meta { return v.Meta }),
		metas(m.EventBuses(), func(v cloud.EventBus) cloud.Meta { return v.Meta }),
		metas(m.EventRules(), func(v cloud.EventRule) cloud.Meta { return v.Meta }),
		metas(m.Schedules(), func(v cloud.Schedule) cloud.Meta { return v.Meta }),
		metas(m.LogGroups(), func(v cloud.LogGroup) cloud.Meta { return v.Meta }),
		metas(m.StateMachines(), func(v cloud.StateMachine) cloud.Meta { return v.Meta }),
		metas(m.WebACLs(), func(v cloud.WebACL) cloud.Meta { return v.Meta }),
		metas(m.FlowLogs(), func(v cloud.FlowLog) cloud.Meta { return v.Meta }),
		metas(m.Distributions(), func(v cloud.Distribution) cloud.Meta { return v.Meta }),
		metas(m.GraphQLAPIs(), func(v cloud.GraphQLAPI) cloud.Meta { return v.Meta }),
		metas(m.Users(), func(v cloud.User) cloud.Meta { return v.Meta }),
		metas(m.Permissions(), func(v cloud.Permission) cloud.Meta { return v.Meta }),
		metas(m.Versions(), func(v cloud.Version) cloud.Meta { return v.Meta }),
		metas(m.Aliases(), func(v cloud.Alias) cloud.Meta { return v.Meta }),
		metas(m.EventSourceMappings(), func(v cloud.EventSourceMapping) cloud.Meta { return v.Meta }),
		metas(m.EventInvokeConfigs(), func(v cloud.EventInvokeConfig) cloud.Meta { return v.Meta }),
		metas(m.FunctionURLs(), func(v cloud.FunctionURL) cloud.Meta { return v.Meta }),
		metas(m.CodeSigningConfigs(), func(v cloud.CodeSigningConfig) cloud.Meta { return v.Meta }),
		metas(m.Layers(), func(v cloud.LayerVersion) cloud.Meta { return v.Meta }),
		metas(m.LayerPermissions(), func(v cloud.LayerPermission) cloud.Meta { return v.Meta }),
		metas(m.CapacityProviders(), func(v cloud.CapacityProvider) cloud.Meta { return v.Meta }),
		metas(m.InstanceProfiles(), func(v cloud.InstanceProfile) cloud.Meta { return v.Meta }),
		metas(m.NATGateways(), func(v cloud.NATGateway) cloud.Meta { return v.Meta }),
		metas(m.Peerings(), func(v cloud.Peering) cloud.Meta { return v.Meta }),
		metas(m.Endpoints(), func(v cloud.Endpoint) cloud.Meta { return v.Meta }),
		metas(m.Functions(), func(v cloud.Function) cloud.Meta { return v.Meta }),
		metas(m.Roles(), func(v cloud.Role) cloud.Meta { return v.Meta }),
		metas(m.Parameters(), func(v cloud.Parameter) cloud.Meta { return v.Meta }),
		metas(m.Instances(), func(v cloud.Instance) cloud.Meta { return v.Meta }),
		metas(m.Stores(), func(v cloud.Store) cloud.Meta { return v.Meta }),
		metas(m.LoadBalancers(), func(v cloud.LoadBalancer) cloud.Meta { return v.Meta }),
		metas(m.HostedZones(), func(v cloud.HostedZone) cloud.Meta { return v.Meta }),
		metas(m.ResolverRules(), func(v cloud.ResolverRule) cloud.Meta { return v.Meta }),
		metas(m.LightsailInstances(), func(v cloud.LightsailInstance) cloud.Meta { return v.Meta }),
	)
	return slices.DeleteFunc(out, func(r cloud.Meta) bool { return r.At.IsZero() })
}

func metas[T any](list iter.Seq[T], meta func(T) cloud.Meta) []cloud.Meta {
	var out []cloud.Meta
	for v := range list {
		out = append(out, meta(v))
	}
	return out
}

// ownNetwork are the parts of networks that did not come with a VPC by
// themselves, as default groups do: those stand where the VPC does, or a
// snapshot lists them.
func ownNetwork(m *cloud.Model) []cloud.Meta {
	var out []cloud.Meta
	vpcs := map[source.Span]bool{}
	for v := range m.VPCs() {
		vpcs[v.At] = true
		if !v.Managed {
			out = append(out, v.Meta)
		}
	}
	add := func(meta cloud.Meta, vpc cloud.VPCID, withVPC bool) {
		if vpc != cloud.LightsailVPC && !vpcs[meta.At] && !withVPC {
			out = append(out, meta)
		}
	}
	for v := range m.Subnets() {
		add(v.Meta, v.VPC, false)
	}
	for v := range m.RouteTables() {
		add(v.Meta, v.VPC, v.Main)
	}
	for v := range m.InternetGateways() {
		add(v.Meta, v.VPC, false)
	}
	for v := range m.SecurityGroups() {
		add(v.Meta, v.VPC, v.Default)
	}
	for v := range m.NetworkACLs() {
		add(v.Meta, v.VPC, v.Default)
	}
	return out
}
