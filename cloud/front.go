package cloud

// A FlowLog records the traffic of a VPC, a subnet or an interface.
type FlowLog struct {
	Meta
	Of          Value[string] // the ID of what it watches
	Traffic     string        // ACCEPT, REJECT, ALL
	Destination string        // cloud-watch-logs, s3, kinesis-data-firehose
}

// A Distribution of CloudFront: a door to the internet in front of origins.
type Distribution struct {
	Meta
	ID      string
	Domain  string // d111111abcdef8.cloudfront.net
	Aliases []string
	Enabled Value[bool]
	Origins []Origin
	WebACL  Value[string] // ARN; empty: none
}

// An Origin is where a distribution fetches from.
type Origin struct {
	ID     string
	Domain Value[string]
	Path   string
	// Headers that CloudFront adds, by which an origin knows it.
	Headers map[string]Value[string]
	// VPCOrigin is the ID of a VPC origin; empty: the origin is public.
	VPCOrigin string
	// Access is the origin access control that signs requests; empty: none.
	Access string
}

// A GraphQLAPI of AppSync, with the functions behind it.
type GraphQLAPI struct {
	Meta
	ID         string
	ARN        ARN
	APIName    string
	Auth       []string     // every authentication type that it takes
	Authorizer []Value[ARN] // functions that authorize
	Private    bool
	Functions  []Value[ARN] // data sources
}

// A User of IAM with the policies that it carries, those of its groups
// included.
type User struct {
	Meta
	ARN      ARN
	UserName string
	Policies []Policy
	Managed  []string // ARNs of policies managed by AWS
	Boundary *Policy
	Open     []Gap
}
