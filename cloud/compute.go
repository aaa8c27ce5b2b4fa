package cloud

import (
	"net/netip"
	"time"

	"bailey/netset"
	"bailey/source"
)

// A Function is an AWS Lambda function.
type Function struct {
	Meta
	ARN          ARN
	FunctionName string // the physical name
	Role         Value[string]
	Runtime      string // provided.al2023; empty for an image
	Handler      string
	Arch         string // x86_64 or arm64
	Code         Code
	Timeout      time.Duration
	MemoryMB     int
	EphemeralMB  int
	Env          []EnvVar
	Network      *Attachment // nil: not in a VPC
	Reserved     *int        // ReservedConcurrentExecutions
	LogGroup     string
	LogFormat    string // Text, JSON

	Image       ImageConfig // of an image: what replaces its own settings
	Layers      Value[[]string]
	FileSystems []FileSystemMount
	DeadLetter  Value[ARN]    // a queue or topic; the zero ARN: none
	KMSKey      Value[string] // encrypts the environment; empty: AWS's own key
	CodeSigning Value[string] // ARN of a CodeSigningConfig; empty: none
	// Capacity is the ARN of the capacity provider that the function runs on,
	// whose network is then its own; empty: Lambda's own capacity.
	Capacity  Value[string]
	SnapStart bool   // published versions start from a snapshot
	Tracing   bool   // TracingConfig Active
	Recursion string // what Lambda does with a loop: Terminate, Allow
}

// ImageConfig replaces settings of a container image. Nil: the image's own.
type ImageConfig struct {
	Command    []string
	EntryPoint []string
	WorkingDir string
}

// Code says where a function's code is. Exactly one of the places is set.
type Code struct {
	Dir      string // a local folder or zip file, as `aws cloudformation package` takes them
	S3Bucket string
	S3Key    string
	Image    string
	BuiltIn  string // the local folder of the Docker build that makes Image, if it is known
	Inline   string
	At       source.Span
}

// An EnvVar is one environment variable of a function.
type EnvVar struct {
	Name  string
	Value Value[string]
	At    source.Span
}

// An Attachment is a function's VpcConfig.
type Attachment struct {
	Subnets Value[[]SubnetID]
	Groups  Value[[]SecurityGroupID]
	IPv6    Value[bool] // Ipv6AllowedForDualStack
	At      source.Span
}

// A Role is an IAM role with the policies that it carries.
type Role struct {
	Meta
	ARN      ARN
	RoleName string
	Trust    source.Node
	Policies []Policy // inline ones and those managed by the customer
	Managed  []string // ARNs of policies managed by AWS
	Boundary *Policy
	// Open lists parts of the role that the template leaves open.
	Open []Gap
}

// A Parameter is one of Systems Manager's Parameter Store.
type Parameter struct {
	Meta
	ParamName string // with its leading slash
	Kind      string // String, StringList, SecureString
	Value     Value[string]
}

// An Instance is an EC2 instance.
type Instance struct {
	Meta
	ID              string // i-...
	Subnet          Value[SubnetID]
	Groups          Value[[]SecurityGroupID]
	PrivateIP       netip.Addr // zero: the model gives it one
	PublicIP        netip.Addr // zero: none
	IPv6            netip.Addr // zero: none is stated
	WantsIPv6       bool       // asks for one of the subnet's
	SourceDestCheck bool
	Profile         Value[string] // name or ARN of its instance profile; empty: none
	Interface       ENIID         // a NetworkInterface in place of its own first one; empty: its own
	Down            string        // why it does not run: it is stopped; empty: it does
}

// A LightsailInstance sits in the network that Lightsail keeps for the account
// in the region.
type LightsailInstance struct {
	Meta
	InstanceName string
	AZ           string
	Firewall     []FirewallPort
	PrivateIP    netip.Addr // zero where Lightsail's CIDR is not known
	PublicIP     netip.Addr // the static IP where one is attached
	StaticIP     Meta       // the static IP's own resource; the zero Meta where there is none
}

// A FirewallPort is one opening in a Lightsail instance's firewall.
type FirewallPort struct {
	Proto netset.Protocol
	Ports netset.PortRange
	CIDRs []netip.Prefix // empty: open to the world
	Open  *Gap           // what is not known of it, for which the rest says nothing
	At    source.Span
}

// LightsailNetwork is what is known of the account's Lightsail VPC.
// API_PeerVpc: it can be peered with the region's default VPC and no other.
// https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_PeerVpc.html
type LightsailNetwork struct {
	At     source.Span
	CIDR   Value[netip.Prefix]
	Peered Value[bool] // with the default VPC
	DNS    bool        // the peering resolves private names
}
