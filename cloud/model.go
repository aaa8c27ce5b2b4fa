package cloud

import (
	"cmp"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"sync"

	"bailey/source"
)

// A Model is one resolved, immutable state of an account in a region. All its
// sequences come in one deterministic order, whatever the order of the
// template was.
type Model struct {
	spec Spec // complete and sorted
	base Spec // as declared: what With starts from

	vpcs     map[VPCID]VPC
	subnets  map[SubnetID]Subnet
	tables   map[RouteTableID]RouteTable
	mains    map[VPCID]RouteTableID
	acls     map[NetworkACLID]NetworkACL
	ownACLs  map[VPCID]NetworkACLID
	igws     map[InternetGatewayID]InternetGateway
	eigws    map[EgressOnlyGatewayID]EgressOnlyGateway
	nats     map[NATGatewayID]NATGateway
	peerings map[PeeringID]Peering
	lists    map[PrefixListID]PrefixList
	groups   map[SecurityGroupID]SecurityGroup
	// defaultGroups are the default group of each VPC, alone in its list.
	defaultGroups map[VPCID][]SecurityGroupID
	endpoints     map[EndpointID]Endpoint
	functions     map[string]Function
	roles         map[string]Role

	hyperplane map[VPCID]int // Lambda's interfaces in each VPC
	enis       []ENI
	eniByID    map[ENIID]int
	byAddr     map[vpcAddr]ENIID
	public     map[netip.Addr]ENIID
	owned      map[string][]ENIID
	places     map[placeKey]Placement
	kept       map[vpcAddr]bool // addresses that are some interface's already
	shared     map[string]int   // interfaces of functions, by what they are shared by

	storeHosts map[string][]int

	memo sync.Map // see Once
}

// Once gives what is worked out of m at most a few times and then kept with it.
// The key's type belongs to the caller, as in a context; made must be a
// function of m and the key alone, and what it gives is read-only.
func Once[K comparable, V any](m *Model, key K, made func() V) V {
	if v, ok := m.memo.Load(key); ok {
		return v.(V)
	}
	v, _ := m.memo.LoadOrStore(key, made())
	return v.(V)
}

type vpcAddr struct {
	vpc  VPCID
	addr netip.Addr
}

// New checks a Spec, adds what AWS always adds, gives every interface its
// address, and returns the Model. The diagnostics say which references lead
// nowhere; the Model is nil if one of them is an error.
func New(declared Spec) (*Model, source.Diags) {
	s := declared.clone()
	s.sort()
	s.completeVPCs()
	s.addLightsail()
	s.completeVPCs()
	s.addGatewayRoutes()
	s.completeNAT()
	s.completeOnPremises()
	s.sortTransit()
	s.completeTransit()
	s.propagateVPN()
	s.sort()
	m := &Model{spec: s, base: declared}
	m.index()
	diags := append(m.check(), m.checkRoutes(declared.RouteTables)...)
	if diags.HasErrors() {
		return nil, diags
	}
	m.deriveENIs()
	return m, diags
}

// Declared is a copy of the Spec that m was made of, without what New added.
func (m *Model) Declared() Spec { return m.base.clone() }

// With gives the next Model: the declared Spec after change. It is how a
// proposed fix or a control call at run time takes effect.
func (m *Model) With(change func(*Spec)) (*Model, source.Diags) {
	s := m.base.clone()
	change(&s)
	return New(s)
}

func byName[T any](list []T, meta func(T) Meta, id func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int {
		return cmp.Or(cmp.Compare(meta(a).Name, meta(b).Name), cmp.Compare(id(a), id(b)))
	})
}

// sort puts every list into the order of names, then IDs, and ACL entries into
// the order in which they are evaluated.
func (s *Spec) sort() {
	byName(s.VPCs, func(v VPC) Meta { return v.Meta }, func(v VPC) string { return string(v.ID) })
	byName(s.Subnets, func(v Subnet) Meta { return v.Meta }, func(v Subnet) string { return string(v.ID) })
	byName(s.RouteTables, func(v RouteTable) Meta { return v.Meta }, func(v RouteTable) string { return string(v.ID) })
	byName(s.InternetGateways, func(v InternetGateway) Meta { return v.Meta }, func(v InternetGateway) string { return string(v.ID) })
	byName(s.EgressOnlyGateways, func(v EgressOnlyGateway) Meta { return v.Meta }, func(v EgressOnlyGateway) string { return string(v.ID) })
	byName(s.NATGateways, func(v NATGateway) Meta { return v.Meta }, func(v NATGateway) string { return string(v.ID) })
	byName(s.Peerings, func(v Peering) Meta { return v.Meta }, func(v Peering) string { return string(v.ID) })
	byName(s.PrefixLists, func(v PrefixList) Meta { return v.Meta }, func(v PrefixList) string { return string(v.ID) })
	byName(s.SecurityGroups, func(v SecurityGroup) Meta { return v.Meta }, func(v SecurityGroup) string { return string(v.ID) })
	byName(s.NetworkACLs, func(v NetworkACL) Meta { return v.Meta }, func(v NetworkACL) string { return string(v.ID) })
	byName(s.Endpoints, func(v Endpoint) Meta { return v.Meta }, func(v Endpoint) string { return string(v.ID) })
	byName(s.Stores, func(v Store) Meta { return v.Meta }, func(v Store) string { return v.ID })
	byName(s.LoadBalancers, func(v LoadBalancer) Meta { return v.Meta }, func(v LoadBalancer) string { return v.ARN })
	byName(s.TargetGroups, func(v TargetGroup) Meta { return v.Meta }, func(v TargetGroup) string { return v.ARN })
	byName(s.HostedZones, func(v HostedZone) Meta { return v.Meta }, func(v HostedZone) string { return v.ID })
	byName(s.DHCPOptions, func(v DHCPOptions) Meta { return v.Meta }, func(v DHCPOptions) string { return v.ID })
	byName(s.ResolverRules, func(v ResolverRule) Meta { return v.Meta }, func(v ResolverRule) string { return v.ID })
	s.sortTransit()
	byName(s.VPNGateways, func(v VPNGateway) Meta { return v.Meta }, func(v VPNGateway) string { return string(v.ID) })
	byName(s.PublicAccessExclusions, func(v PublicAccessExclusion) Meta { return v.Meta }, func(v PublicAccessExclusion) string { return string(v.VPC) + string(v.Subnet) })
	byName(s.OnPremises, func(v OnPremises) Meta { return v.Meta }, func(v OnPremises) string { return v.Over })
	byName(s.Functions, func(v Function) Meta { return v.Meta }, func(v Function) string { return v.FunctionName })
	byName(s.Roles, func(v Role) Meta { return v.Meta }, func(v Role) string { return v.RoleName })
	byName(s.Parameters, func(v Parameter) Meta { return v.Meta }, func(v Parameter) string { return v.ParamName })
	byName(s.Instances, func(v Instance) Meta { return v.Meta }, func(v Instance) string { return v.ID })
	byName(s.NetworkInterfaces, func(v NetworkInterface) Meta { return v.Meta }, func(v NetworkInterface) string { return string(v.ID) })
	byName(s.LightsailInstances, func(v LightsailInstance) Meta { return v.Meta }, func(v LightsailInstance) string { return v.InstanceName })
	byName(s.APIs, func(v API) Meta { return v.Meta }, func(v API) string { return v.APIName })
	byName(s.Deployments, func(v Deployment) Meta { return v.Meta }, func(v Deployment) string { return v.API })
	byName(s.APIKeys, func(v APIKey) Meta { return v.Meta }, func(v APIKey) string { return v.ID })
	byName(s.UsagePlans, func(v UsagePlan) Meta { return v.Meta }, func(v UsagePlan) string { return v.ID })
	byName(s.VPCLinks, func(v VPCLink) Meta { return v.Meta }, func(v VPCLink) string { return v.ID })
	byName(s.DomainNames, func(v DomainName) Meta { return v.Meta }, func(v DomainName) string { return v.Host })
	byName(s.UserPools, func(v UserPool) Meta { return v.Meta }, func(v UserPool) string { return v.ID })
	byName(s.Secrets, func(v Secret) Meta { return v.Meta }, func(v Secret) string { return v.SecretName })
	byName(s.Keys, func(v Key) Meta { return v.Meta }, func(v Key) string { return v.KeyID })
	byName(s.Queues, func(v Queue) Meta { return v.Meta }, func(v Queue) string { return v.QueueName })
	byName(s.Topics, func(v Topic) Meta { return v.Meta }, func(v Topic) string { return v.TopicName })
	byName(s.Buckets, func(v Bucket) Meta { return v.Meta }, func(v Bucket) string { return v.BucketName })
	byName(s.Tables, func(v Table) Meta { return v.Meta }, func(v Table) string { return v.TableName })
	byName(s.EventBuses, func(v EventBus) Meta { return v.Meta }, func(v EventBus) string { return v.BusName })
	byName(s.EventRules, func(v EventRule) Meta { return v.Meta }, func(v EventRule) string { return v.RuleName })
	byName(s.Schedules, func(v Schedule) Meta { return v.Meta }, func(v Schedule) string { return v.ScheduleName })
	byName(s.LogGroups, func(v LogGroup) Meta { return v.Meta }, func(v LogGroup) string { return v.GroupName })
	byName(s.StateMachines, func(v StateMachine) Meta { return v.Meta }, func(v StateMachine) string { return v.ARN.String() })
	byName(s.WebACLs, func(v WebACL) Meta { return v.Meta }, func(v WebACL) string { return v.ARN.String() })
	byName(s.FlowLogs, func(v FlowLog) Meta { return v.Meta }, func(v FlowLog) string { return v.Of.Or("") })
	byName(s.Distributions, func(v Distribution) Meta { return v.Meta }, func(v Distribution) string { return v.ID })
	byName(s.GraphQLAPIs, func(v GraphQLAPI) Meta { return v.Meta }, func(v GraphQLAPI) string { return v.ID })
	byName(s.Users, func(v User) Meta { return v.Meta }, func(v User) string { return v.UserName })
	byName(s.Permissions, func(v Permission) Meta { return v.Meta }, func(Permission) string { return "" })
	byName(s.Versions, func(v Version) Meta { return v.Meta }, func(v Version) string { return v.Number })
	byName(s.Aliases, func(v Alias) Meta { return v.Meta }, func(v Alias) string { return v.AliasName })
	byName(s.EventSourceMappings, func(v EventSourceMapping) Meta { return v.Meta }, func(v EventSourceMapping) string { return v.ID })
	byName(s.EventInvokeConfigs, func(v EventInvokeConfig) Meta { return v.Meta }, func(v EventInvokeConfig) string { return v.Qualifier })
	byName(s.FunctionURLs, func(v FunctionURL) Meta { return v.Meta }, func(v FunctionURL) string { return v.Host })
	byName(s.CodeSigningConfigs, func(v CodeSigningConfig) Meta { return v.Meta }, func(v CodeSigningConfig) string { return v.ARN.String() })
	byName(s.Layers, func(v LayerVersion) Meta { return v.Meta }, func(v LayerVersion) string { return v.LayerName })
	byName(s.LayerPermissions, func(v LayerPermission) Meta { return v.Meta }, func(LayerPermission) string { return "" })
	byName(s.CapacityProviders, func(v CapacityProvider) Meta { return v.Meta }, func(v CapacityProvider) string { return v.ProviderName })
	byName(s.InstanceProfiles, func(v InstanceProfile) Meta { return v.Meta }, func(v InstanceProfile) string { return v.ProfileName })
	for i, acl := range s.NetworkACLs {
		s.NetworkACLs[i].Ingress = inOrder(acl.Ingress)
		s.NetworkACLs[i].Egress = inOrder(acl.Egress)
	}
}

func inOrder(entries []ACLEntry) []ACLEntry {
	out := slices.Clone(entries)
	slices.SortStableFunc(out, func(a, b ACLEntry) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// addGatewayRoutes adds the route that AWS puts into each associated table of
// a gateway endpoint, and the prefix list that it names.
// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func (s *Spec) addGatewayRoutes() {
	for _, svc := range []string{"dynamodb", "s3"} {
		if pl, ok := ManagedPrefixList(svc, s.Region); ok {
			s.PrefixLists = append(s.PrefixLists, pl)
		}
	}
	for _, e := range s.Endpoints {
		if e.Kind != GatewayEndpoint {
			continue
		}
		pl, ok := ManagedPrefixList(e.Service, s.Region)
		if !ok {
			continue
		}
		for _, t := range e.RouteTables {
			s.addRoute(t, Route{Meta: e.Meta, Dest: PrefixListDest{pl.ID}, Target: ToEndpoint{e.ID}})
		}
	}
}

func indexBy[K comparable, T any](list []T, key func(T) K) map[K]T {
	out := make(map[K]T, len(list))
	for _, v := range list {
		out[key(v)] = v
	}
	return out
}

func (m *Model) index() {
	s := m.spec
	m.vpcs = indexBy(s.VPCs, func(v VPC) VPCID { return v.ID })
	m.subnets = indexBy(s.Subnets, func(v Subnet) SubnetID { return v.ID })
	m.tables = indexBy(s.RouteTables, func(v RouteTable) RouteTableID { return v.ID })
	m.acls = indexBy(s.NetworkACLs, func(v NetworkACL) NetworkACLID { return v.ID })
	m.igws = indexBy(s.InternetGateways, func(v InternetGateway) InternetGatewayID { return v.ID })
	m.eigws = indexBy(s.EgressOnlyGateways, func(v EgressOnlyGateway) EgressOnlyGatewayID { return v.ID })
	m.nats = indexBy(s.NATGateways, func(v NATGateway) NATGatewayID { return v.ID })
	m.peerings = indexBy(s.Peerings, func(v Peering) PeeringID { return v.ID })
	m.lists = indexBy(s.PrefixLists, func(v PrefixList) PrefixListID { return v.ID })
	m.groups = indexBy(s.SecurityGroups, func(v SecurityGroup) SecurityGroupID { return v.ID })
	m.endpoints = indexBy(s.Endpoints, func(v Endpoint) EndpointID { return v.ID })
	m.functions = indexBy(s.Functions, func(v Function) string { return v.Name })
	m.roles = indexBy(s.Roles, func(v Role) string { return v.ARN.String() })
	m.indexStores()
	m.defaultGroups = map[VPCID][]SecurityGroupID{}
	for _, g := range s.SecurityGroups {
		if g.Default {
			m.defaultGroups[g.VPC] = []SecurityGroupID{g.ID}
		}
	}
	m.mains, m.ownACLs = map[VPCID]RouteTableID{}, map[VPCID]NetworkACLID{}
	for _, t := range s.RouteTables {
		if t.Main {
			m.mains[t.VPC] = t.ID
		}
	}
	for _, a := range s.NetworkACLs {
		if a.Default {
			m.ownACLs[a.VPC] = a.ID
		}
	}
}

// check finds references between declared parts that lead nowhere. A subnet or
// group that a function names and nobody describes is not among them: it may
// exist in the account, so it becomes a Gap of the interface.
func (m *Model) check() (diags source.Diags) {
	dangling := func(meta Meta, what, id string) {
		diags.Add(source.Diag{Code: "MODEL_DANGLING_REFERENCE", At: meta.At,
			Summary: fmt.Sprintf("%s refers to %s %q, which nothing here describes", meta.Label(), what, id),
			Hint:    "declare it in the template, or state it under facts: in bailey.yaml"})
	}
	for _, v := range m.spec.Subnets {
		if _, ok := m.vpcs[v.VPC]; !ok {
			dangling(v.Meta, "VPC", string(v.VPC))
		}
		if _, ok := m.tables[v.RouteTable]; v.RouteTable != "" && !ok {
			dangling(v.Meta, "route table", string(v.RouteTable))
		}
		if _, ok := m.acls[v.ACL]; v.ACL != "" && !ok {
			dangling(v.Meta, "network ACL", string(v.ACL))
		}
	}
	for _, v := range m.spec.NATGateways {
		if _, ok := m.vpcs[v.VPC]; v.Regional() && !ok {
			dangling(v.Meta, "VPC", string(v.VPC))
		}
		if _, ok := m.subnets[v.Subnet]; !v.Regional() && !ok {
			dangling(v.Meta, "subnet", string(v.Subnet))
		}
	}
	m.checkRouters(dangling)
	for _, v := range m.spec.Peerings {
		for _, id := range []VPCID{v.A, v.B} {
			if _, ok := m.vpcs[id]; !ok {
				dangling(v.Meta, "VPC", string(id))
			}
		}
	}
	return diags
}

// Region, Account and Stack say where the model stands.
func (m *Model) Region() string { return m.spec.Region }

// Account is the account's 12 digits.
func (m *Model) Account() string { return m.spec.Account }

// Stack is the name that physical names are derived from.
func (m *Model) Stack() string { return m.spec.Stack }

// Catalogue is the day whose AWS is meant, or empty for today's.
func (m *Model) Catalogue() string { return m.spec.Catalogue }

// Lightsail is what is known of Lightsail's own network.
func (m *Model) Lightsail() LightsailNetwork { return m.spec.Lightsail }

// The sequences, each in the order of names.

// VPCs are all VPCs, Lightsail's among them where it is known.
func (m *Model) VPCs() iter.Seq[VPC] { return slices.Values(m.spec.VPCs) }

// Subnets are all subnets.
func (m *Model) Subnets() iter.Seq[Subnet] { return slices.Values(m.spec.Subnets) }

// RouteTables are all route tables.
func (m *Model) RouteTables() iter.Seq[RouteTable] { return slices.Values(m.spec.RouteTables) }

// InternetGateways are all internet gateways.
func (m *Model) InternetGateways() iter.Seq[InternetGateway] {
	return slices.Values(m.spec.InternetGateways)
}

// EgressOnlyGateways are all egress-only internet gateways.
func (m *Model) EgressOnlyGateways() iter.Seq[EgressOnlyGateway] {
	return slices.Values(m.spec.EgressOnlyGateways)
}

// NATGateways are all NAT gateways.
func (m *Model) NATGateways() iter.Seq[NATGateway] { return slices.Values(m.spec.NATGateways) }

// Peerings are all VPC peering connections.
func (m *Model) Peerings() iter.Seq[Peering] { return slices.Values(m.spec.Peerings) }

// PrefixLists are all prefix lists, AWS's of gateway endpoints among them.
func (m *Model) PrefixLists() iter.Seq[PrefixList] { return slices.Values(m.spec.PrefixLists) }

// SecurityGroups are all security groups and Lightsail firewalls.
func (m *Model) SecurityGroups() iter.Seq[SecurityGroup] { return slices.Values(m.spec.SecurityGroups) }

// NetworkACLs are all network ACLs, their entries in the order of evaluation.
func (m *Model) NetworkACLs() iter.Seq[NetworkACL] { return slices.Values(m.spec.NetworkACLs) }

// Endpoints are all VPC endpoints.
func (m *Model) Endpoints() iter.Seq[Endpoint] { return slices.Values(m.spec.Endpoints) }

// Functions are all Lambda functions.
func (m *Model) Functions() iter.Seq[Function] { return slices.Values(m.spec.Functions) }

// Roles are all IAM roles.
func (m *Model) Roles() iter.Seq[Role] { return slices.Values(m.spec.Roles) }

// Parameters are all SSM parameters.
func (m *Model) Parameters() iter.Seq[Parameter] { return slices.Values(m.spec.Parameters) }

// Instances are all EC2 instances.
func (m *Model) Instances() iter.Seq[Instance] { return slices.Values(m.spec.Instances) }

// LightsailInstances are all Lightsail instances.
func (m *Model) LightsailInstances() iter.Seq[LightsailInstance] {
	return slices.Values(m.spec.LightsailInstances)
}

// InternetHosts are the names on the simulated internet.
func (m *Model) InternetHosts() iter.Seq[string] { return slices.Values(m.spec.InternetHosts) }

// Unmodelled are the resources whose type the model does not have.
func (m *Model) Unmodelled() iter.Seq[Meta] { return slices.Values(m.spec.Unmodelled) }

// ENIs are all network interfaces.
func (m *Model) ENIs() iter.Seq[ENI] { return slices.Values(m.enis) }
