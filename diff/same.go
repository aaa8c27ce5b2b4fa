package diff

import (
	"fmt"
	"strings"

	"bailey/cloud"
	"bailey/reach"
)

// aligned gives old with the names that now has for the same resources. They
// are the same by what AWS itself tells resources apart by, an ID or a physical
// name: a snapshot, a template and a Terraform plan each call them otherwise.
// IDs that are made up, for what is not deployed yet, are never equal under two
// names, so nothing is guessed.
func aligned(old, now Side) Side {
	b, a := now.Model.Declared(), renaming{owners: map[string]string{}}
	m, diags := old.Model.With(func(s *cloud.Spec) {
		a.networks(s, &b)
		a.owning(s, &b)
		a.others(s, &b)
		for i, p := range s.Placements {
			if name, ok := a.owners[p.Owner]; ok {
				s.Placements[i].Owner = name
			}
		}
	})
	if !a.any || diags.HasErrors() {
		return old
	}
	return Side{Model: m, Expected: a.expected(old.Expected)}
}

// A renaming is what aligned has come to.
type renaming struct {
	any    bool
	owners map[string]string // those that have interfaces, or are asked about
}

// networks renames what networks are made of.
func (a *renaming) networks(s, now *cloud.Spec) {
	rename(a, s.VPCs, now.VPCs, func(v *cloud.VPC) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.Subnets, now.Subnets, func(v *cloud.Subnet) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.RouteTables, now.RouteTables, func(v *cloud.RouteTable) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.SecurityGroups, now.SecurityGroups, func(v *cloud.SecurityGroup) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.NetworkACLs, now.NetworkACLs, func(v *cloud.NetworkACL) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.InternetGateways, now.InternetGateways, func(v *cloud.InternetGateway) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.EgressOnlyGateways, now.EgressOnlyGateways, func(v *cloud.EgressOnlyGateway) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.Peerings, now.Peerings, func(v *cloud.Peering) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.PrefixLists, now.PrefixLists, func(v *cloud.PrefixList) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.TransitGateways, now.TransitGateways, func(v *cloud.TransitGateway) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.TransitGatewayAttachments, now.TransitGatewayAttachments, func(v *cloud.TransitGatewayAttachment) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.TransitGatewayRouteTables, now.TransitGatewayRouteTables, func(v *cloud.TransitGatewayRouteTable) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.VPNGateways, now.VPNGateways, func(v *cloud.VPNGateway) (*cloud.Meta, string) { return &v.Meta, string(v.ID) })
	rename(a, s.HostedZones, now.HostedZones, func(v *cloud.HostedZone) (*cloud.Meta, string) { return &v.Meta, v.ID })
}

// owning renames what has interfaces.
func (a *renaming) owning(s, now *cloud.Spec) {
	was := func(from, to string) { a.owners[from] = to }
	rename(a, s.NATGateways, now.NATGateways, func(v *cloud.NATGateway) (*cloud.Meta, string) { return &v.Meta, string(v.ID) }, was)
	rename(a, s.Endpoints, now.Endpoints, func(v *cloud.Endpoint) (*cloud.Meta, string) { return &v.Meta, string(v.ID) }, was)
	rename(a, s.Instances, now.Instances, func(v *cloud.Instance) (*cloud.Meta, string) { return &v.Meta, v.ID }, was)
	rename(a, s.NetworkInterfaces, now.NetworkInterfaces, func(v *cloud.NetworkInterface) (*cloud.Meta, string) { return &v.Meta, string(v.ID) }, was)
	rename(a, s.Functions, now.Functions, func(v *cloud.Function) (*cloud.Meta, string) { return &v.Meta, v.FunctionName }, was)
	rename(a, s.Stores, now.Stores, func(v *cloud.Store) (*cloud.Meta, string) { return &v.Meta, v.ID }, was)
	rename(a, s.LoadBalancers, now.LoadBalancers, func(v *cloud.LoadBalancer) (*cloud.Meta, string) { return &v.Meta, v.ARN }, was)
}

// others renames what is reached by names, and what may do something.
func (a *renaming) others(s, now *cloud.Spec) {
	rename(a, s.Roles, now.Roles, func(v *cloud.Role) (*cloud.Meta, string) { return &v.Meta, v.RoleName })
	rename(a, s.Parameters, now.Parameters, func(v *cloud.Parameter) (*cloud.Meta, string) { return &v.Meta, v.ParamName })
	rename(a, s.APIs, now.APIs, func(v *cloud.API) (*cloud.Meta, string) { return &v.Meta, v.ID })
	rename(a, s.UserPools, now.UserPools, func(v *cloud.UserPool) (*cloud.Meta, string) { return &v.Meta, v.ID })
	rename(a, s.Secrets, now.Secrets, func(v *cloud.Secret) (*cloud.Meta, string) { return &v.Meta, v.SecretName })
	rename(a, s.Keys, now.Keys, func(v *cloud.Key) (*cloud.Meta, string) { return &v.Meta, v.KeyID })
	rename(a, s.Queues, now.Queues, func(v *cloud.Queue) (*cloud.Meta, string) { return &v.Meta, v.QueueName })
	rename(a, s.Topics, now.Topics, func(v *cloud.Topic) (*cloud.Meta, string) { return &v.Meta, v.TopicName })
	rename(a, s.Buckets, now.Buckets, func(v *cloud.Bucket) (*cloud.Meta, string) { return &v.Meta, v.BucketName })
	rename(a, s.Tables, now.Tables, func(v *cloud.Table) (*cloud.Meta, string) { return &v.Meta, v.TableName })
	rename(a, s.LogGroups, now.LogGroups, func(v *cloud.LogGroup) (*cloud.Meta, string) { return &v.Meta, v.GroupName })
	rename(a, s.Schedules, now.Schedules, func(v *cloud.Schedule) (*cloud.Meta, string) { return &v.Meta, v.ARN.Resource })
	rename(a, s.EventRules, now.EventRules, func(v *cloud.EventRule) (*cloud.Meta, string) { return &v.Meta, v.RuleName })
}

// rename gives each of old the name of the one of now that has its ID. A name
// that then is another one's gets its ID behind it.
func rename[T any](a *renaming, old, now []T, of func(*T) (*cloud.Meta, string), told ...func(from, to string)) {
	names, taken := map[string]string{}, map[string]bool{}
	for i := range now {
		if meta, id := of(&now[i]); id != "" {
			names[id] = meta.Name
		}
	}
	for i := range old {
		if _, id := of(&old[i]); names[id] != "" {
			taken[names[id]] = true
		}
	}
	for i := range old {
		meta, id := of(&old[i])
		name := names[id]
		if name == "" && taken[meta.Name] {
			name = fmt.Sprintf("%s (%s)", meta.Name, id)
		}
		if name == "" || name == meta.Name {
			continue
		}
		for _, tell := range told {
			tell(meta.Name, name)
		}
		meta.Name, a.any = name, true
	}
}

// expected are the expectations by the new names.
func (a *renaming) expected(list []reach.Expectation) []reach.Expectation {
	out := make([]reach.Expectation, len(list))
	for i, e := range list {
		if name, ok := a.owners[e.From]; ok {
			e.From = name
		}
		for from, to := range a.owners {
			if rest, ok := strings.CutPrefix(e.To, from); ok && (rest == "" || rest[0] == ':') {
				e.To = to + rest
				break
			}
		}
		out[i] = e
	}
	return out
}
