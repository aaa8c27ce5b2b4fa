package path

// A Code names why a flow does not pass. Those that AWS's Reachability
// Analyzer has are spelled as there, so that people can search for them:
// https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
type Code string

// Codes of Reachability Analyzer.
const (
	NoRoute              Code = "NO_ROUTE_TO_DESTINATION"
	BadStateRoute        Code = "BAD_STATE_ROUTE"
	BadState             Code = "BAD_STATE"
	UnknownDestination   Code = "UNKNOWN_DESTINATION"
	SGRulesMismatch      Code = "ENI_SG_RULES_MISMATCH"
	SGHasNoRules         Code = "SG_HAS_NO_RULES"
	SubnetACL            Code = "SUBNET_ACL_RESTRICTION"
	IGWNoPublicIP        Code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
	IGWPrivateDest       Code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
	IGWSharedDest        Code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
	IGWPrivateIngress    Code = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
	NATProtocol          Code = "PROTOCOL_RESTRICTION"
	PeeringAddress       Code = "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
	GatewayEndpointProto Code = "VPCE_GATEWAY_PROTOCOL_RESTRICTION"

	ListenersMismatch        Code = "ELBV2_LISTENERS_MISMATCH"
	ListenerWithoutTargets   Code = "ELBV2_LISTENER_HAS_NO_TG"
	ClassicListenersMismatch Code = "ELB_LISTENERS_MISMATCH"
	NotInBalancersZones      Code = "ELB_INSTALLED_AZ_RESTRICTION"
	ServiceNotInZone         Code = "VPCE_SERVICE_NOT_INSTALLED_IN_AZ"
)

// Codes of Reachability Analyzer about transit gateways, virtual private
// gateways, and what stands in the way of those that come through them.
const (
	BadStateAttachment    Code = "BAD_STATE_ATTACHMENT"
	TransitZone           Code = "TGW_ROUTE_AZ_RESTRICTION"
	TransitNoAssociation  Code = "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"
	TransitNoRoute        Code = "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
	TransitBlackhole      Code = "TGW_RTB_BAD_STATE_ROUTE"
	SGReferencing         Code = "SG_REFERENCING_SUPPORT"
	VGWEgress             Code = "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS"
	VGWIngress            Code = "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
	IGWPrivateSource      Code = "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS"
	IGWSharedSource       Code = "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS"
	PublicAccessBlocked   Code = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"
	ENISourceDestCheck    Code = "ENI_SOURCE_DEST_CHECK_RESTRICTION"
	GatewayEndpointSource Code = "VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION"
)

// Codes of ours, for what Reachability Analyzer does not cover.
const (
	NATInPrivateSubnet      Code = "NAT_GATEWAY_WITHOUT_INTERNET_ROUTE"
	PrivateNATToIGW         Code = "PRIVATE_NAT_GATEWAY_TO_INTERNET"
	LambdaNoInbound         Code = "LAMBDA_ENI_NO_INBOUND"
	EndpointPort            Code = "ENDPOINT_LISTENS_ON_443"
	DNSSupportOff           Code = "DNS_SUPPORT_DISABLED"
	DNSHostnamesOff         Code = "DNS_HOSTNAMES_DISABLED"
	PrivateDNSOff           Code = "ENDPOINT_PRIVATE_DNS_DISABLED"
	NotInVPC                Code = "SOURCE_NOT_IN_VPC"
	NoIPv6                  Code = "IPV6_NOT_ASSIGNED"
	NoIPv4                  Code = "IPV4_NOT_ASSIGNED"
	EgressOnlyNoInbound     Code = "EGRESS_ONLY_GATEWAY_NO_INBOUND"
	NATNoIPv6               Code = "NAT_GATEWAY_NO_IPV6"
	NAT64Target             Code = "NAT64_NEEDS_NAT_GATEWAY"
	NATNoInbound            Code = "NAT_GATEWAY_NO_INBOUND"
	EndpointPolicyDeniesAll Code = "ENDPOINT_POLICY_DENIES_ALL"
	SubnetExhausted         Code = "SUBNET_ADDRESS_EXHAUSTION"
	RoutingLoop             Code = "ROUTING_LOOP"

	RoleCannotCreateENI  Code = "LAMBDA_ROLE_CANNOT_CREATE_ENI"
	InterfaceQuota       Code = "LAMBDA_ENI_QUOTA"
	InvokeDenied         Code = "LAMBDA_INVOKE_DENIED"
	PermissionMissing    Code = "LAMBDA_PERMISSION_MISSING"
	NoConcurrency        Code = "LAMBDA_RESERVED_CONCURRENCY_ZERO"
	NotExposed           Code = "FUNCTION_NOT_EXPOSED"
	URLNeedsIAM          Code = "FUNCTION_URL_REQUIRES_IAM"
	URLPermissionMissing Code = "FUNCTION_URL_PERMISSION_MISSING"
	APIHostOff           Code = "API_DEFAULT_HOST_DISABLED"
	APIPrivate           Code = "API_PRIVATE"
	PublicAPIByEndpoint  Code = "PUBLIC_API_THROUGH_ENDPOINT"
	APIPolicyDenies      Code = "API_POLICY_DENIES"

	NoListener           Code = "NOTHING_LISTENS_ON_PORT"
	EndpointPolicyDenies Code = "ENDPOINT_POLICY_DENIES_CALLER"
	NoMountTarget        Code = "NO_MOUNT_TARGET_IN_AVAILABILITY_ZONE"
	NoSuchName           Code = "DNS_NO_SUCH_NAME"
	DNSLoop              Code = "DNS_NAMES_IN_A_CIRCLE"
	ZoneNotAssociated    Code = "PRIVATE_ZONE_NOT_ASSOCIATED"
	DNSServerLost        Code = "DNS_SERVER_UNREACHABLE"
	PeeringDNSOff        Code = "PEERING_DNS_RESOLUTION_DISABLED"
)
