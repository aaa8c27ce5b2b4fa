package cloud

import (
	"maps"
	"net/netip"
	"slices"
)

// A Spec is what front ends and facts declare, before New checks it, fills in
// what AWS always adds and puts it into one order. Resources are values: build
// new slices rather than writing into those of another Spec.
type Spec struct {
	Region, Account, Stack string

	VPCs               []VPC
	Subnets            []Subnet
	RouteTables        []RouteTable
	InternetGateways   []InternetGateway
	EgressOnlyGateways []EgressOnlyGateway
	NATGateways        []NATGateway
	Peerings           []Peering
	PrefixLists        []PrefixList
	SecurityGroups     []SecurityGroup
	NetworkACLs        []NetworkACL
	Endpoints          []Endpoint
	Stores             []Store
	LoadBalancers      []LoadBalancer
	TargetGroups       []TargetGroup
	HostedZones        []HostedZone
	DHCPOptions        []DHCPOptions
	ResolverRules      []ResolverRule

	TransitGateways           []TransitGateway
	TransitGatewayAttachments []TransitGatewayAttachment
	TransitGatewayRouteTables []TransitGatewayRouteTable
	VPNGateways               []VPNGateway
	VPNConnections            []VPNConnection
	OnPremises                []OnPremises
	NATInstances              []NATInstance
	PublicAccess              PublicAccess
	PublicAccessExclusions    []PublicAccessExclusion

	Functions          []Function
	Roles              []Role
	Parameters         []Parameter
	Instances          []Instance
	NetworkInterfaces  []NetworkInterface
	Placements         []Placement
	LightsailInstances []LightsailInstance
	Lightsail          LightsailNetwork

	APIs          []API
	Deployments   []Deployment
	APIKeys       []APIKey
	UsagePlans    []UsagePlan
	VPCLinks      []VPCLink
	DomainNames   []DomainName
	UserPools     []UserPool
	Secrets       []Secret
	Keys          []Key
	Queues        []Queue
	Topics        []Topic
	Buckets       []Bucket
	Tables        []Table
	EventBuses    []EventBus
	EventRules    []EventRule
	Schedules     []Schedule
	LogGroups     []LogGroup
	StateMachines []StateMachine
	FlowLogs      []FlowLog
	Distributions []Distribution
	GraphQLAPIs   []GraphQLAPI
	Users         []User
	WebACLs       []WebACL

	Permissions         []Permission
	Versions            []Version
	Aliases             []Alias
	EventSourceMappings []EventSourceMapping
	EventInvokeConfigs  []EventInvokeConfig
	FunctionURLs        []FunctionURL
	CodeSigningConfigs  []CodeSigningConfig
	Layers              []LayerVersion
	LayerPermissions    []LayerPermission
	CapacityProviders   []CapacityProvider
	InstanceProfiles    []InstanceProfile

	// ServiceZones are the Availability Zones in which endpoint services are
	// offered, by Endpoint.Service; one that is not listed may be in any.
	ServiceZones map[string][]string

	Quotas Quotas
	Prices Prices
	// Catalogue is the day, as 2006-01-02, whose AWS is meant: endpoint
	// services that came later do not exist. Empty is today's.
	Catalogue string
	// InternetHosts are the host names that exist on the simulated internet.
	InternetHosts []string
	// IPv6Hosts are those of them that have IPv6 addresses too.
	IPv6Hosts []string
	// OpenNames is why there may be private zones and resolver rules of which
	// nothing is known; nil: there are none but those listed.
	OpenNames *Gap
	// Undescribed are, by CloudFormation's type, the resources of which nobody
	// tells which there are, and why.
	Undescribed map[string]Gap
	// Unmodelled are resources whose type the model does not have.
	Unmodelled []Meta
	// Doubts are resources that may not be there.
	Doubts []Doubt
}

// Clone gives a copy whose lists may be appended to and replaced in part.
func (s Spec) Clone() Spec { return s.clone() }

// clone copies the slices, so that appending to or replacing an element of the
// copy leaves s as it was.
func (s Spec) clone() Spec {
	s.VPCs = slices.Clone(s.VPCs)
	s.Subnets = slices.Clone(s.Subnets)
	s.RouteTables = slices.Clone(s.RouteTables)
	s.InternetGateways = slices.Clone(s.InternetGateways)
	s.EgressOnlyGateways = slices.Clone(s.EgressOnlyGateways)
	s.NATGateways = slices.Clone(s.NATGateways)
	s.Peerings = slices.Clone(s.Peerings)
	s.PrefixLists = slices.Clone(s.PrefixLists)
	s.SecurityGroups = slices.Clone(s.SecurityGroups)
	s.NetworkACLs = slices.Clone(s.NetworkACLs)
	s.Endpoints = slices.Clone(s.Endpoints)
	s.Stores = slices.Clone(s.Stores)
	s.LoadBalancers = slices.Clone(s.LoadBalancers)
	s.TargetGroups = slices.Clone(s.TargetGroups)
	s.HostedZones = slices.Clone(s.HostedZones)
	s.DHCPOptions = slices.Clone(s.DHCPOptions)
	s.ResolverRules = slices.Clone(s.ResolverRules)
	s.TransitGateways = slices.Clone(s.TransitGateways)
	s.TransitGatewayAttachments = slices.Clone(s.TransitGatewayAttachments)
	s.TransitGatewayRouteTables = slices.Clone(s.TransitGatewayRouteTables)
	s.VPNGateways = slices.Clone(s.VPNGateways)
	s.VPNConnections = slices.Clone(s.VPNConnections)
	s.OnPremises = slices.Clone(s.OnPremises)
	s.NATInstances = slices.Clone(s.NATInstances)
	s.PublicAccessExclusions = slices.Clone(s.PublicAccessExclusions)
	s.Functions = slices.Clone(s.Functions)
	s.Roles = slices.Clone(s.Roles)
	s.Parameters = slices.Clone(s.Parameters)
	s.Instances = slices.Clone(s.Instances)
	s.NetworkInterfaces = slices.Clone(s.NetworkInterfaces)
	s.Placements = slices.Clone(s.Placements)
	s.LightsailInstances = slices.Clone(s.LightsailInstances)
	s.APIs = slices.Clone(s.APIs)
	s.Deployments = slices.Clone(s.Deployments)
	s.APIKeys = slices.Clone(s.APIKeys)
	s.UsagePlans = slices.Clone(s.UsagePlans)
	s.VPCLinks = slices.Clone(s.VPCLinks)
	s.DomainNames = slices.Clone(s.DomainNames)
	s.UserPools = slices.Clone(s.UserPools)
	s.Secrets = slices.Clone(s.Secrets)
	s.Keys = slices.Clone(s.Keys)
	s.Queues = slices.Clone(s.Queues)
	s.Topics = slices.Clone(s.Topics)
	s.Buckets = slices.Clone(s.Buckets)
	s.Tables = slices.Clone(s.Tables)
	s.EventBuses = slices.Clone(s.EventBuses)
	s.EventRules = slices.Clone(s.EventRules)
	s.Schedules = slices.Clone(s.Schedules)
	s.LogGroups = slices.Clone(s.LogGroups)
	s.StateMachines = slices.Clone(s.StateMachines)
	s.WebACLs = slices.Clone(s.WebACLs)
	s.FlowLogs = slices.Clone(s.FlowLogs)
	s.Distributions = slices.Clone(s.Distributions)
	s.GraphQLAPIs = slices.Clone(s.GraphQLAPIs)
	s.Users = slices.Clone(s.Users)
	s.Permissions = slices.Clone(s.Permissions)
	s.Versions = slices.Clone(s.Versions)
	s.Aliases = slices.Clone(s.Aliases)
	s.EventSourceMappings = slices.Clone(s.EventSourceMappings)
	s.EventInvokeConfigs = slices.Clone(s.EventInvokeConfigs)
	s.FunctionURLs = slices.Clone(s.FunctionURLs)
	s.CodeSigningConfigs = slices.Clone(s.CodeSigningConfigs)
	s.Layers = slices.Clone(s.Layers)
	s.LayerPermissions = slices.Clone(s.LayerPermissions)
	s.CapacityProviders = slices.Clone(s.CapacityProviders)
	s.InstanceProfiles = slices.Clone(s.InstanceProfiles)
	s.Prices = maps.Clone(s.Prices)
	s.Undescribed = maps.Clone(s.Undescribed)
	s.InternetHosts = slices.Clone(s.InternetHosts)
	s.IPv6Hosts = slices.Clone(s.IPv6Hosts)
	s.Unmodelled = slices.Clone(s.Unmodelled)
	s.Doubts = slices.Clone(s.Doubts)
	return s
}

// IDs of what AWS makes together with a VPC, derived from the VPC's own ID so
// that a front end can refer to them before the Model exists.

// DefaultGroupID is the VPC's default security group where none is declared.
func DefaultGroupID(vpc VPCID) SecurityGroupID {
	return SecurityGroupID(PhysicalID("sg", string(vpc), "default"))
}

// DefaultACLID is the VPC's default network ACL.
func DefaultACLID(vpc VPCID) NetworkACLID {
	return NetworkACLID(PhysicalID("acl", string(vpc), "default"))
}

// MainRouteTableID is the VPC's main route table.
func MainRouteTableID(vpc VPCID) RouteTableID {
	return RouteTableID(PhysicalID("rtb", string(vpc), "main"))
}

// LightsailVPC is the ID that stands for the network Lightsail keeps for the
// account; AWS shows it to nobody.
const LightsailVPC VPCID = "vpc-lightsail"

// LightsailHost is the private address of the n-th Lightsail instance, counted
// from 0 in the order of their names.
func LightsailHost(cidr netip.Prefix, n int) netip.Addr {
	return addAddr(cidr.Masked().Addr(), uint32(16+n))
}

// InstanceHost is the private address of the n-th EC2 instance of a template
// where it states none, counted from 0 in the order of their names.
func InstanceHost(subnet netip.Prefix, n int) netip.Addr {
	return addAddr(subnet.Masked().Addr(), uint32(8+n))
}

func prefixes(p ...netip.Prefix) []netip.Prefix { return p }
