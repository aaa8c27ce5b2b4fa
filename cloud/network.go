package cloud

import (
	"net/netip"
	"strings"

	"bailey/netset"
	"bailey/source"
)

// A VPC. Lightsail's own network is one too, with Managed set: people own its
// instances, Amazon its routes.
type VPC struct {
	Meta
	ID           VPCID
	CIDRs        Value[[]netip.Prefix] // the first is the primary one
	IPv6         Value[[]netip.Prefix] // the IPv6 blocks; none unless associated
	DNSSupport   Value[bool]           // enableDnsSupport
	DNSHostnames Value[bool]           // enableDnsHostnames
	Default      bool                  // the account's default VPC
	Managed      bool                  // Lightsail's
	Region       string                // empty: the model's; names of AWS's services are always those of the model's
}

// A Subnet. RouteTable and ACL are empty where the subnet falls back to its
// VPC's main table and default ACL.
type Subnet struct {
	Meta
	ID         SubnetID
	VPC        VPCID
	CIDR       Value[netip.Prefix] // the zero Prefix: an IPv6-only subnet
	IPv6       Value[netip.Prefix] // the zero Prefix: none
	DNS64      Value[bool]         // EnableDns64
	AssignIPv6 Value[bool]         // AssignIpv6AddressOnCreation
	AZ         Value[string]
	RouteTable RouteTableID
	ACL        NetworkACLID
}

// A RouteTable with the routes that were added to it. The local routes of its
// VPC are always there and are not listed.
type RouteTable struct {
	Meta
	ID     RouteTableID
	VPC    VPCID
	Main   bool
	Routes []Route
}

// A Route sends what Dest covers to Target.
type Route struct {
	Meta
	Dest       RouteDest
	Target     RouteTarget
	Propagated bool // learned by a virtual private gateway: everything else comes first
}

// RouteDest is where a route leads: PrefixDest, PrefixListDest or UnknownDest.
type RouteDest interface{ isRouteDest() }

type (
	// PrefixDest is a CIDR, IPv4 or IPv6.
	PrefixDest struct{ netip.Prefix }
	// PrefixListDest is every entry of a prefix list.
	PrefixListDest struct{ ID PrefixListID }
	// UnknownDest is a destination that the template leaves open.
	UnknownDest struct{ Gap }
)

func (PrefixDest) isRouteDest()     {}
func (PrefixListDest) isRouteDest() {}
func (UnknownDest) isRouteDest()    {}

// RouteTarget is a route's next hop; one of the types below.
type RouteTarget interface{ isRouteTarget() }

type (
	// ToInternetGateway sends to an internet gateway.
	ToInternetGateway struct{ ID InternetGatewayID }
	// ToEgressOnlyGateway sends to an egress-only internet gateway.
	ToEgressOnlyGateway struct{ ID EgressOnlyGatewayID }
	// ToNATGateway sends to a NAT gateway.
	ToNATGateway struct{ ID NATGatewayID }
	// ToPeering sends across a VPC peering connection.
	ToPeering struct{ ID PeeringID }
	// ToEndpoint sends to a gateway endpoint.
	ToEndpoint struct{ ID EndpointID }
	// ToTransitGateway sends to a transit gateway.
	ToTransitGateway struct{ ID TransitGatewayID }
	// ToVPNGateway sends to a virtual private gateway.
	ToVPNGateway struct{ ID VPNGatewayID }
	// ToBlackhole drops: the target was deleted.
	ToBlackhole struct{ Was string }
	// ToUnknown is a target that is left open, or of a kind that the model
	// does not have; an answer that depends on it is unknown.
	ToUnknown struct{ Gap }
)

func (ToInternetGateway) isRouteTarget()   {}
func (ToEgressOnlyGateway) isRouteTarget() {}
func (ToNATGateway) isRouteTarget()        {}
func (ToPeering) isRouteTarget()           {}
func (ToEndpoint) isRouteTarget()          {}
func (ToTransitGateway) isRouteTarget()    {}
func (ToVPNGateway) isRouteTarget()        {}
func (ToBlackhole) isRouteTarget()         {}
func (ToUnknown) isRouteTarget()           {}

// An InternetGateway, attached to VPC where that is not empty.
type InternetGateway struct {
	Meta
	ID  InternetGatewayID
	VPC VPCID
	// Edge says which route table is associated with the gateway and sends what
	// comes in elsewhere; empty: none is.
	// https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
	Edge string
	Open *Gap // why nobody knows whether it is attached, or what is associated with it
}

// An EgressOnlyGateway lets IPv6 out of VPC and nothing in but replies.
// https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
type EgressOnlyGateway struct {
	Meta
	ID  EgressOnlyGatewayID
	VPC VPCID
}

// A Peering connection between two VPCs: A asked for it, B is to accept it.
type Peering struct {
	Meta
	ID     PeeringID
	A, B   VPCID
	Active bool  // accepted and there: it carries traffic
	State  State // of one that is not Active, where it is not pending-acceptance
	// ADNS and BDNS: the side lets the other resolve its private host names
	// to private addresses (AllowDnsResolutionFromRemoteVpc).
	ADNS, BDNS bool
}

// Other gives the far side of the peering as seen from one of its VPCs.
func (p Peering) Other(vpc VPCID) (VPCID, bool) {
	switch vpc {
	case p.A:
		return p.B, true
	case p.B:
		return p.A, true
	}
	return "", false
}

// A PrefixList is a named set of CIDRs, the customer's or AWS's.
type PrefixList struct {
	Meta
	ID       PrefixListID
	Prefixes []netip.Prefix
	// Open says why there may be more entries than Prefixes; nil: there are not.
	Open *Gap
	// Public: whatever is in it is routed on the internet.
	Public bool
}

// May reports whether an address that is in none of the known prefixes may be
// in the list all the same.
func (p PrefixList) May(public bool) bool { return p.Open != nil && (public || !p.Public) }

// A SecurityGroup is a list of allow rules per direction. Firewall marks the
// firewall of a Lightsail instance, which works like a group of one.
type SecurityGroup struct {
	Meta
	ID       SecurityGroupID
	VPC      VPCID
	Ingress  []Rule
	Egress   []Rule
	Firewall bool
	Default  bool // its VPC's own; New adds one where none is
}

// A Rule allows Proto on Ports to or from Peer. For ICMP, Ports holds the type
// (Lo) and code (Hi), AllPorts for all of them.
type Rule struct {
	Meta
	Proto netset.Protocol
	Ports netset.PortRange
	Peer  Peer
}

// Peer is a rule's other side: PeerCIDR, PeerGroup, PeerPrefixList, PeerUnknown.
type Peer interface{ isPeer() }

type (
	// PeerCIDR is a range of addresses.
	PeerCIDR struct{ netip.Prefix }
	// PeerGroup is the private addresses of the interfaces in a group.
	PeerGroup struct{ ID SecurityGroupID }
	// PeerPrefixList is every entry of a prefix list.
	PeerPrefixList struct{ ID PrefixListID }
	// PeerUnknown is a rule of which some part is left open.
	PeerUnknown struct{ Gap }
)

func (PeerCIDR) isPeer()       {}
func (PeerGroup) isPeer()      {}
func (PeerPrefixList) isPeer() {}
func (PeerUnknown) isPeer()    {}

// A NetworkACL filters what enters and leaves a subnet, statelessly, first
// match in the order of Number. Entries are kept sorted by New.
type NetworkACL struct {
	Meta
	ID      NetworkACLID
	VPC     VPCID
	Default bool
	Ingress []ACLEntry
	Egress  []ACLEntry
}

// An ACLEntry. CIDR unknown makes every packet that reaches the entry unknown.
type ACLEntry struct {
	Meta
	Number int
	Allow  bool
	Proto  netset.Protocol
	Ports  netset.PortRange
	CIDR   Value[netip.Prefix]
}

// EndpointKind tells interface endpoints from gateway endpoints.
type EndpointKind uint8

// The kinds of VPC endpoint that the model has.
const (
	InterfaceEndpoint EndpointKind = iota + 1
	GatewayEndpoint
)

// String gives the kind as AWS writes it: Interface, Gateway.
func (k EndpointKind) String() string {
	switch k {
	case InterfaceEndpoint:
		return "Interface"
	case GatewayEndpoint:
		return "Gateway"
	}
	return "unknown"
}

// An Endpoint is a VPC endpoint for one AWS service.
type Endpoint struct {
	Meta
	ID          EndpointID
	VPC         VPCID
	Kind        EndpointKind
	Service     string                   // the short name: ssm, s3, ecr.api
	Subnets     Value[[]SubnetID]        // interface
	Groups      Value[[]SecurityGroupID] // interface; the VPC's default group if none was given
	PrivateDNS  Value[bool]              // interface
	Addresses   Families                 // interface: IpAddressType; zero: IPv4 only
	Records     Value[string]            // interface: DnsRecordIpType; empty: not stated
	RouteTables []RouteTableID           // gateway
	Policy      *Policy                  // nil: full access
	State       State                    // what is not Available carries nothing
	// Balancers are, for a service of a customer's own, the ARNs of the load
	// balancers that it leads to; of one that is not described there is none.
	Balancers []string
}

// Customers reports whether the endpoint is for a customer's service and not
// one of AWS's.
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
func (e Endpoint) Customers() bool { return strings.HasPrefix(e.Service, "com.amazonaws.vpce.") }

// A Policy is a policy document as written; package iam gives it its meaning.
type Policy struct {
	Name string // PolicyName, or the ARN of a managed policy
	Doc  source.Node
	At   source.Span
}
