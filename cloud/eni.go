package cloud

import "net/netip"

// ENIKind says what owns a network interface; some owners change the rules.
type ENIKind uint8

// The owners of network interfaces.
const (
	FunctionENI     ENIKind = iota + 1 // Lambda's Hyperplane interface: outbound only, never a public IP
	EndpointENI                        // of an interface endpoint: answers, never dials
	NATENI                             // of a NAT gateway: no security group
	InstanceENI                        // an EC2 instance
	LightsailENI                       // a Lightsail instance
	StoreENI                           // a database, a cache, a mount target: see Store
	LoadBalancerENI                    // a load balancer: takes connections and opens others
)

// String names the owner's kind as a person would.
func (k ENIKind) String() string {
	switch k {
	case FunctionENI:
		return "function"
	case EndpointENI:
		return "endpoint"
	case NATENI:
		return "NAT gateway"
	case InstanceENI:
		return "instance"
	case LightsailENI:
		return "Lightsail instance"
	case StoreENI:
		return "store"
	case LoadBalancerENI:
		return "load balancer"
	}
	return "interface"
}

// An ENI is an elastic network interface: the place in a subnet from which
// something sends and receives. New derives them; no template states them.
//
// Functions with the same subnet and the same set of groups share one:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
type ENI struct {
	Meta              // named after its (first) owner
	ID        ENIID   //
	Kind      ENIKind //
	Owners    []string
	Endpoint  EndpointID // EndpointENI
	NAT       NATGatewayID
	VPC       VPCID
	Subnet    SubnetID
	Groups    []SecurityGroupID
	PrivateIP netip.Addr   // zero where the subnet's CIDR is not known
	PublicIP  netip.Addr   // zero: none
	More      []netip.Addr // NATENI: further private addresses
	IPv6      netip.Addr   // zero: none; routed on the internet as it is
	OpenIPv6  *Gap         // why it is not known whether there is one
	OnlyIPv6  bool         // it never has an IPv4 address
	// DenyIGW is denyAllIgwTraffic: no internet gateway leads to its IPv6 address.
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
	DenyIGW bool
	// Answers is where it takes connections; nil: wherever its groups allow.
	Answers []Opening
	Open    []Gap // what the template leaves open about this interface
	// Exhausted: its subnet has no free IPv4 address, so AWS does not make it.
	// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
	Exhausted bool
	// Down is why nothing sends or answers there, though the interface and its
	// address are there: it is stopped. Empty: it is up.
	Down string
	// Forwards: its source/destination check is off, so it may send and take
	// what is not its own. NATs: somebody stated that it translates that.
	// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
	Forwards, NATs bool
}

// OpenGroups is what is missing where it is not known which groups the
// interface has.
func (e ENI) OpenGroups() (Gap, bool) {
	if len(e.Groups) > 0 || len(e.Open) == 0 || e.Kind == NATENI {
		return Gap{}, false
	}
	return e.Open[0], true
}
