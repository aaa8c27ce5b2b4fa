package path

import (
	"fmt"
	"slices"
	"strings"

	"bailey/source"
)

// An Explanation says what a code means, without any network.
type Explanation struct {
	Code   Code
	Title  string // one line
	Text   string // what AWS does, and why that stops the flow
	Mend   string // what to change
	Source string // AWS's page
}

const (
	vpcGuide    = "https://docs.aws.amazon.com/vpc/latest/userguide/"
	lambdaGuide = "https://docs.aws.amazon.com/lambda/latest/dg/"
	apiGuide    = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
)

// explanations are all codes, in the order in which a flow may meet them.
var explanations = []Explanation{
	{DNSSupportOff, "the VPC's resolver is off", "With enableDnsSupport off, the VPC's resolver answers no query, so no name resolves, not even an endpoint's private one.",
		"set EnableDnsSupport of the VPC to true", vpcGuide + "AmazonDNS-concepts.html"},
	{PrivateDNSOff, "an endpoint is there, but its private DNS is off", "An interface endpoint answers for the service's ordinary host name only with private DNS on. Without it the name still resolves to public addresses, and the endpoint is never used.",
		"set PrivateDnsEnabled of the endpoint to true", "https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html"},
	{DNSHostnamesOff, "an endpoint is there, but the VPC has DNS host names off", "Private DNS of interface endpoints needs both enableDnsSupport and enableDnsHostnames; the second is off by default in a VPC of one's own.",
		"set EnableDnsHostnames of the VPC to true", "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"},
	{NoSuchName, "a zone covers the name and has no record of it", "The most specific zone that covers a name answers alone. A private zone without the record hides the public name of the same domain; a private host name exists for its own VPC only.",
		"add the record to the zone, or dial another name", "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html"},
	{DNSLoop, "names lead back to themselves", "A CNAME or an alias leads, over others, back to its own name, so no address is ever found.", "point one of them to an address", "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html"},
	{ZoneNotAssociated, "the private zone does not answer in this VPC", "A private hosted zone answers only in the VPCs that it is associated with; a peering does not extend it. Elsewhere its names do not exist.",
		"associate the zone with the VPC", "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-associate-vpcs.html"},
	{DNSServerLost, "the name server that DHCP options name cannot be reached", "DHCP options replace AWS's resolver for every machine and function of the VPC. A server of one's own is dialled like anything else, on udp 53, through groups, network ACLs and routes.",
		"open the way to the server, or name AmazonProvidedDNS", vpcGuide + "VPC_DHCP_Options.html"},
	{PeeringDNSOff, "a peer's host name means its public address here", "The public host name of a machine means its private address in its own VPC only, and in a peer VPC if the peering's DNS resolution option is on for it, and both VPCs have both DNS attributes.",
		"turn on DNS resolution from the remote VPC on the peering", "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html"},
	{NoMountTarget, "the file system has no mount target there", "The name of a file system means its mount target in the Availability Zone of who asks, in the VPC of the mount targets. Functions need one in every zone that they have a subnet in.",
		"add a mount target in that zone", "https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html"},
	{SGHasNoRules, "a security group has no rule in this direction", "Security groups hold allow rules only, so a direction without rules refuses everything.",
		"add a rule", vpcGuide + "security-group-rules.html"},
	{SGRulesMismatch, "no rule of the security groups admits the flow", "The rules of all groups of an interface are summed; none of them covers this protocol, port and peer. A rule that names a group means the private addresses of the interfaces in it.",
		"add the rule that the detail names", vpcGuide + "security-group-rules.html"},
	{SubnetACL, "a network ACL denies the packet", "Entries are tried in the order of their numbers and the first that matches decides; what nothing matches is denied. Network ACLs remember nothing: the reply needs an entry of its own, to the ephemeral port, which for Lambda and NAT gateways is any of 1024-65535.",
		"add or reorder the entry; for a reply allow 1024-65535", vpcGuide + "vpc-network-acls.html"},
	{NoRoute, "no route covers the destination", "The subnet's route table, its own or the VPC's main one, has no route for the address. Routes do not remember either: between two VPCs each side needs its own.",
		"add the route, or an endpoint for an AWS service", vpcGuide + "VPC_Route_Tables.html"},
	{BadStateRoute, "the route's target is gone", "A route whose target was deleted stays as a blackhole: it still matches, and drops.",
		"point the route to something that is there", vpcGuide + "VPC_Route_Tables.html"},
	{BadState, "something in the path is not in a state to forward or to answer", "An internet gateway forwards only while it is attached to the VPC, a peering only after it was accepted and until it is deleted, an endpoint or a NAT gateway only while it is available; an instance that is stopped keeps its address, and nothing answers there.",
		"attach the gateway, accept the peering, or make anew what was rejected, expired or deleted, or start the instance", vpcGuide + "VPC_Internet_Gateway.html"},
	{UnknownDestination, "nothing has that address", "No network interface of the VPC has the address.", "check the address", vpcGuide + "how-it-works.html"},
	{IGWNoPublicIP, "an internet gateway forwards only for interfaces with a public IP", "An internet gateway translates an interface's private address to its public one. Interfaces of Lambda functions never get a public one: connecting a function to a public subnet gives it no internet access, and its connections are dropped in silence until they time out.",
		"add a VPC endpoint for an AWS service; for the internet, put the function into a private subnet behind a NAT gateway", "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html"},
	{IGWPrivateDest, "an internet gateway drops private destinations", "RFC 1918 addresses are not routed on the internet. A default route to an internet gateway does not lead to another VPC.",
		"add a route to a peering or a transit gateway", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{IGWSharedDest, "an internet gateway drops shared-space destinations", "100.64.0.0/10 (RFC 6598) is not routed on the internet.", "add a more specific route", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{IGWPrivateIngress, "from the internet only public addresses can be reached", "The interface has no public IP, so nothing on the internet can address it.", "nothing, if it is meant to be private", vpcGuide + "VPC_Internet_Gateway.html"},
	{NATProtocol, "a NAT gateway carries TCP, UDP and ICMP only", "Other protocols are dropped there.", "use another way out", vpcGuide + "vpc-nat-gateway.html"},
	{NATInPrivateSubnet, "the NAT gateway has no way to the internet itself", "A public NAT gateway must sit in a subnet whose default route is an internet gateway. Here its own subnet has no such route.",
		"move the NAT gateway into a public subnet", vpcGuide + "nat-gateway-troubleshooting.html"},
	{PrivateNATToIGW, "a private NAT gateway cannot use an internet gateway", "Without an Elastic IP its packets keep a private source address, which the internet gateway drops.", "make it a public NAT gateway with an Elastic IP", vpcGuide + "vpc-nat-gateway.html"},
	{NATNoInbound, "a NAT gateway takes no connection from outside", "It translates only what was opened through it.", "address the machine itself", vpcGuide + "vpc-nat-gateway.html"},
	{PeeringAddress, "a peering leads to the far VPC itself and no further", "Peering is not transitive, and the far side's internet gateway, NAT gateway, VPN and gateway endpoints cannot be used through it.",
		"give this VPC a way of its own", "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"},
	{BadStateAttachment, "the VPC is not attached to the transit gateway", "A route to a transit gateway works only in a VPC that is attached to it, and whose attachment is available: one that waits for its acceptance or was rejected carries nothing.", "attach the VPC, or accept the attachment", "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html"},
	{TransitZone, "the transit gateway has no subnet in this Availability Zone", "An attachment serves the Availability Zones in which it has a subnet. From any other zone of the VPC the transit gateway cannot be reached, and replies from there are lost too.",
		"add a subnet of that zone to the attachment", "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html"},
	{TransitNoAssociation, "the attachment is associated with no route table", "What comes from an attachment is sent on by the one route table that the attachment is associated with. Without one everything is dropped; propagation is another thing and does not help.",
		"associate the attachment with a route table", "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html"},
	{TransitNoRoute, "no route of the transit gateway leads there", "The route table that the attachment is associated with needs a route to the destination: a static one, or one propagated from the attachment of the destination. The reply needs one in the table of the other attachment.",
		"propagate the far attachment into the table, or add a static route", "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html"},
	{TransitBlackhole, "the transit gateway drops what is for there", "A blackhole route drops what it covers, where no longer prefix covers it too.", "remove the blackhole route, or add a more specific one", "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html"},
	{SGReferencing, "the transit gateway does not carry references to security groups", "A rule that names a group of another VPC counts across a transit gateway only if security group referencing support is on for the gateway, where it is off by default, and for both attachments; and for inbound rules only.",
		"turn on SecurityGroupReferencingSupport, or name the addresses in the rule", "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html"},
	{VGWEgress, "a virtual private gateway takes packets from the VPC itself only", "What came into the VPC from elsewhere, through a transit gateway or a peering, is not sent on.", "attach the VPN to the transit gateway", "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"},
	{VGWIngress, "a virtual private gateway leads to the VPC itself and no further", "From an on-premises network the VPC's own addresses can be reached, and nothing through the VPC: no peered VPC, no internet, no gateway endpoint.", "use a transit gateway, or an interface endpoint", "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html"},
	{GatewayEndpointSource, "a gateway endpoint serves its own VPC only", "What comes into the VPC by a transit gateway, a peering or a VPN cannot leave it by a gateway endpoint.", "use an interface endpoint, or a gateway endpoint in the sender's VPC", "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"},
	{SubnetExhausted, "the subnet has no free address", "AWS keeps five addresses of every subnet, and each network interface takes one: for a function one for each subnet and set of groups, for an endpoint one a subnet. Where none is left the interface is not made, and functions fail when they are invoked.",
		"use a larger subnet, or another one", vpcGuide + "subnet-sizing.html"},
	{IGWPrivateSource, "nothing on the internet sends from a private address", "Internet gateways reject what comes in with a source address of RFC 1918.", "ask from a public address", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{IGWSharedSource, "nothing on the internet sends from shared address space", "Internet gateways reject what comes in with a source address of 100.64.0.0/10 (RFC 6598).", "ask from a public address", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{ENISourceDestCheck, "the instance's source/destination check is on", "An instance gets and sends only what is its own, unless the source/destination check of its network interface is off: so a NAT instance or another middlebox gets nothing to forward.",
		"set SourceDestCheck to false", vpcGuide + "work-with-nat-instances.html"},
	{PublicAccessBlocked, "VPC Block Public Access is on", "Block Public Access keeps all VPCs of the account and region from their internet gateways, whatever routes and groups say: both ways, or but for what NAT gateways and egress-only internet gateways send out.",
		"add a VPCBlockPublicAccessExclusion for the VPC, or change the mode", vpcGuide + "security-vpc-bpa.html"},
	{RoutingLoop, "the routes send the packet round in a circle", "Each route table on the way sends the packet on to the next, and none delivers it.", "mend the route that leads back", vpcGuide + "VPC_Route_Tables.html"},
	{GatewayEndpointProto, "a gateway endpoint takes TCP and ICMP echo only", "Other protocols are dropped there.", "use TCP", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{EndpointPort, "an AWS service's endpoint answers on tcp 443", "Interface endpoints forward HTTPS to the service.", "dial 443", "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"},
	{NoListener, "nothing takes connections on that port", "A database, a cache or a mount target takes connections on its own port only. Where a template states none, it is the engine's: 5432 for PostgreSQL, 3306 for MySQL.", "dial its port", "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"},
	{EndpointPolicyDeniesAll, "the endpoint's policy allows nothing", "Every call through the endpoint is refused, whatever IAM says.", "allow what is needed in the endpoint's policy", "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"},
	{ListenersMismatch, "the load balancer has no listener on that port", "A load balancer takes connections on the ports of its listeners only.", "add a listener, or dial the port of one", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{ClassicListenersMismatch, "the Classic Load Balancer has no listener on that port", "A load balancer takes connections on the ports of its listeners only.", "add a listener, or dial the port of one", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{ListenerWithoutTargets, "the listener leads to no target", "The target groups of the listener have no targets, so every request is answered with an error.", "register targets", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{NotInBalancersZones, "the target is in a zone that the load balancer is not in", "A load balancer sends only to targets in Availability Zones that are enabled for it.", "give the load balancer a subnet in that zone", "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	{ServiceNotInZone, "the endpoint's service is not in this Availability Zone", "An interface endpoint has interfaces only in the zones in which its service is offered: for a service of a customer's own those in which its load balancers have subnets, for one of AWS's those that AWS lists. AWS refuses a subnet in another zone.",
		"give the endpoint subnets in the service's zones only, or the load balancer one in that zone", "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"},
	{EndpointPolicyDenies, "the endpoint's policy allows none of the caller's calls", "A call through an endpoint must be allowed by the endpoint's policy as well as by the caller's role. Here no call that the role may make to the service is.", "allow in the endpoint's policy what the role needs", "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"},
	{LambdaNoInbound, "nothing connects to a function's interface", "Lambda's network interfaces carry the connections that functions open, never connections to them. A function is reached by invoking it.", "invoke the function", "https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html"},
	{NotInVPC, "the function is in no VPC", "Functions outside a VPC dial from Lambda's own network, which has the internet and nothing private of anyone's.", "give the function a VpcConfig", "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"},
	{NoIPv6, "the interface has no IPv6 address", "IPv6 needs an IPv6 block on VPC and subnet. An instance has an address if it or its subnet asks for one (AssignIpv6AddressOnCreation); a function if its VpcConfig says Ipv6AllowedForDualStack and all its subnets are dual-stack. A function outside a VPC opens no IPv6 connections.",
		"give the subnets IPv6 blocks and ask for addresses, or use IPv4", "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6"},
	{NoIPv4, "the interface has no IPv4 address", "Interfaces in an IPv6-only subnet, and those of an endpoint of type ipv6, have no IPv4 address.",
		"use IPv6; for names that have IPv4 addresses only, turn on DNS64 in the subnet and route 64:ff9b::/96 to a NAT gateway", vpcGuide + "nat-gateway-nat64-dns64.html"},
	{EgressOnlyNoInbound, "an egress-only internet gateway lets nothing in but replies", "It is stateful: it forwards what was opened from inside and the replies to it. An IPv6 address is reached from the internet only through an internet gateway, to which the subnet's IPv6 route must lead too.",
		"nothing, if it is meant to be private; else attach an internet gateway and route ::/0 to it", vpcGuide + "egress-only-internet-gateway.html"},
	{NATNoIPv6, "a NAT gateway does not forward IPv6", "A NAT gateway translates to IPv4. Of IPv6 it takes what is sent to 64:ff9b::/96 (NAT64), and gives it the IPv4 address that such an address holds.",
		"route ::/0 to an egress-only internet gateway, which costs nothing", vpcGuide + "nat-gateway-nat64-dns64.html"},
	{NAT64Target, "64:ff9b::/96 leads to no NAT gateway", "DNS64 gives a name without IPv6 addresses one in 64:ff9b::/96. Only a NAT gateway translates those; any other gateway drops them.",
		"route 64:ff9b::/96 to a NAT gateway, or turn DNS64 off in a subnet that has IPv4", vpcGuide + "nat-gateway-nat64-dns64.html"},
}

// Explanations gives all codes with what they mean.
func Explanations() []Explanation { return slices.Concat(explanations, invocationExplanations) }

// Explain finds what a code means; case does not matter.
func Explain(code string) (Explanation, error) { return ExplainIn(Explanations(), code) }

// ExplainIn finds a code in a longer list: fabric has codes of its own.
func ExplainIn(list []Explanation, code string) (Explanation, error) {
	var names []string
	for _, e := range list {
		if strings.EqualFold(string(e.Code), code) {
			return e, nil
		}
		names = append(names, string(e.Code))
	}
	return Explanation{}, &QuestionError{fmt.Sprintf("there is no reason code or rule %q", code), source.DidYouMean(code, names, "bailey explain lists them")}
}
