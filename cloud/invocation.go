package cloud

import (
	"iter"
	"slices"
	"strings"
	"time"

	"bailey/source"
)

// A Permission is one statement of a function's resource policy, or of that of
// one of its versions or aliases: each of these has a policy of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
type Permission struct {
	Meta
	Function         Value[ARN] // with the qualifier whose policy it joins
	Action           Value[string]
	Principal        Value[string] // events.amazonaws.com, an account, an ARN, *
	SourceARN        Value[string] // a pattern; empty: any
	SourceAccount    Value[string]
	OrgID            Value[string]
	EventSourceToken Value[string]
	URLAuth          Value[string] // FunctionUrlAuthType: NONE, AWS_IAM; empty: any
	ViaURL           Value[bool]   // InvokedViaFunctionUrl: true is the only limit
}

// A Version is a snapshot of a function. AWS counts them; here the n-th of a
// template is the n-th.
type Version struct {
	Meta
	Function    Value[ARN]
	Number      string
	Provisioned int // concurrency; 0: none
}

// An Alias points at a version of a function, or at two by weight.
// https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
type Alias struct {
	Meta
	Function    Value[ARN]
	AliasName   string
	Version     Value[string]
	Weights     []VersionWeight
	Provisioned int
}

// A VersionWeight is the share, from 0 to 1, of an alias's invocations that go
// to another version.
type VersionWeight struct {
	Version Value[string]
	Weight  Value[float64]
	At      source.Span
}

// An EventSourceMapping makes Lambda poll a source and invoke a function with
// what it finds. The poller dials, not the function: queues, streams and tables
// from Lambda's own network; Kafka, MQ and DocumentDB that sit in a VPC from
// interfaces there.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
type EventSourceMapping struct {
	Meta
	ID        string
	Function  Value[ARN]
	Source    Value[ARN]      // the zero ARN: a self-managed source
	Bootstrap Value[[]string] // self-managed Kafka: host:port
	Access    []SourceAccess
	Enabled   Value[bool]
	// Pollers is true in provisioned mode, in which pollers reach Lambda and
	// STS without the VPC.
	// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-cluster-network.html
	Pollers bool

	Topics, Queues []string
	Batch          int           // 0: the source's default
	Window         time.Duration // MaximumBatchingWindowInSeconds
	Start          string        // TRIM_HORIZON, LATEST, AT_TIMESTAMP
	Retries        int           // -1: until the record expires
	MaxAge         time.Duration // -1: for ever
	Parallel       int
	Concurrency    int // ScalingConfig.MaximumConcurrency; 0: none
	Bisect         bool
	Tumbling       time.Duration
	Partial        bool            // ReportBatchItemFailures
	Filters        []Value[string] // patterns
	OnFailure      Value[ARN]
}

// A SourceAccess is one way in to an event source: VPC_SUBNET,
// VPC_SECURITY_GROUP, BASIC_AUTH, VIRTUAL_HOST, ...
type SourceAccess struct {
	Kind string
	URI  Value[string] // subnet:subnet-..., security_group:sg-..., a secret's ARN
	At   source.Span
}

// Network is where the pollers of a self-managed source sit; nil where they
// dial from Lambda's own network, or where the source itself decides.
func (e EventSourceMapping) Network() *Attachment {
	a := Attachment{At: e.At}
	var subnets []SubnetID
	var groups []SecurityGroupID
	for _, s := range e.Access {
		if s.Kind != "VPC_SUBNET" && s.Kind != "VPC_SECURITY_GROUP" {
			continue
		}
		uri, known := s.URI.Get()
		if !known {
			gap, _ := s.URI.Gap()
			a.Subnets, a.Groups = Unknown[[]SubnetID](gap.Because, gap.At), Unknown[[]SecurityGroupID](gap.Because, gap.At)
			return &a
		}
		id := uri[strings.LastIndexByte(uri, ':')+1:]
		if s.Kind == "VPC_SUBNET" {
			subnets = append(subnets, SubnetID(id))
		} else {
			groups = append(groups, SecurityGroupID(id))
		}
	}
	if len(subnets) == 0 {
		return nil
	}
	a.Subnets, a.Groups = Known(subnets), Known(groups)
	return &a
}

// addPollerENIs gives the pollers of a self-managed source in a VPC their
// interfaces; those that functions have there with the same groups are used.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-cluster-network.html
func (m *Model) addPollerENIs(e EventSourceMapping) {
	m.addFunctionENIs(Function{Meta: e.Meta, Network: e.Network()})
}

// Secrets are the secrets that the poller reads to get in.
func (e EventSourceMapping) Secrets() []SourceAccess {
	var out []SourceAccess
	for _, s := range e.Access {
		if strings.HasSuffix(s.Kind, "_AUTH") || s.Kind == "SERVER_ROOT_CA_CERTIFICATE" {
			out = append(out, s)
		}
	}
	return out
}

// An EventInvokeConfig says what becomes of asynchronous invocations.
type EventInvokeConfig struct {
	Meta
	Function  Value[ARN]
	Qualifier string        // $LATEST, a version or an alias
	MaxAge    time.Duration // 6 hours where none is stated
	Retries   int           // 2 where none is stated
	OnSuccess Value[ARN]
	OnFailure Value[ARN]
}

// A FunctionURL is a function's own HTTPS address.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
type FunctionURL struct {
	Meta
	Function Value[ARN] // with the alias, if it is an alias's
	Host     string
	Auth     Value[string] // NONE, AWS_IAM
	Stream   bool          // InvokeMode RESPONSE_STREAM
	CORS     *CORS
}

// A CodeSigningConfig says whose signature a function's code must carry.
type CodeSigningConfig struct {
	Meta
	ARN      ARN
	Profiles Value[[]string] // ARNs of signing profile versions
	Enforce  Value[bool]     // refuse what is not signed; else warn
}

// A LayerVersion is code that functions share. CloudFormation makes a new one
// at each change; here it is version 1.
type LayerVersion struct {
	Meta
	ARN           ARN
	LayerName     string
	Code          Code
	Runtimes      []string
	Architectures []string
}

// A LayerPermission lets others use a layer version.
type LayerPermission struct {
	Meta
	Layer     Value[string] // ARN of the layer version
	Action    Value[string]
	Principal Value[string] // an account, or *
	OrgID     Value[string]
}

// A CapacityProvider is EC2 capacity in a VPC that Lambda manages and runs
// functions on. Their connections come from its subnets and groups.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html
type CapacityProvider struct {
	Meta
	ARN          ARN
	ProviderName string
	Network      Attachment
	OperatorRole Value[string]
	MaxVCPU      int // 0: AWS's own limit
}

// An InstanceProfile hands a role to the EC2 instances that name it.
type InstanceProfile struct {
	Meta
	ARN         ARN
	ProfileName string
	Role        Value[string] // the role's name; a profile holds one
}

// A FileSystemMount is an EFS access point that a function mounts.
type FileSystemMount struct {
	AccessPoint Value[string] // ARN
	Path        string        // /mnt/...
	At          source.Span
}

// FunctionARN reads what AWS takes for a function wherever it asks for one: a
// name, name:qualifier, 123456789012:function:name or an ARN. home lends the
// partition, region and account.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
func FunctionARN(text string, home ARN) ARN {
	if arn, err := ParseARN(text); err == nil {
		return arn
	}
	account := home.Account
	if i := strings.Index(text, ":function:"); i >= 0 {
		if parts := strings.Split(text[:i], ":"); len(parts[len(parts)-1]) == 12 {
			account = parts[len(parts)-1]
		}
		text = text[i+len(":function:"):]
	}
	text = strings.TrimPrefix(text, "function:")
	return ARN{home.Partition, "lambda", home.Region, account, "function:" + text}
}

// InvokedBy takes the ARN of the function out of the address by which API Gateway
// invokes it: arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
func InvokedBy(address string) (arn string, ok bool) {
	_, rest, ok := strings.Cut(address, ":lambda:path/2015-03-31/functions/")
	if !ok {
		return "", false
	}
	for _, end := range []string{"/invocations", "/response-streaming-invocations"} {
		if arn, ok := strings.CutSuffix(rest, end); ok {
			return arn, true
		}
	}
	return "", false
}

// Unqualified takes a version or alias off a function's ARN.
func (a ARN) Unqualified() (function ARN, qualifier string) {
	parts := strings.SplitN(a.Resource, ":", 3)
	if a.Service != "lambda" || len(parts) != 3 || parts[0] != "function" {
		return a, ""
	}
	a.Resource = parts[0] + ":" + parts[1]
	return a, parts[2]
}

// Qualified puts a version or alias onto a function's ARN; none leaves it.
func (a ARN) Qualified(qualifier string) ARN {
	if qualifier != "" {
		a.Resource += ":" + qualifier
	}
	return a
}

// FunctionAt finds the function that an ARN means, whatever its qualifier.
func (m *Model) FunctionAt(arn ARN) (Function, bool) {
	arn, _ = arn.Unqualified()
	for _, f := range m.spec.Functions {
		if f.ARN == arn {
			return f, true
		}
	}
	return Function{}, false
}

// TargetsOf are the ARNs by which a function can be invoked: itself, then its
// aliases and versions in the order of their names.
func (m *Model) TargetsOf(f Function) []ARN {
	out := []ARN{f.ARN}
	add := func(of Value[ARN], qualifier string) {
		arn, known := of.Get()
		if own, _ := arn.Unqualified(); known && own == f.ARN {
			out = append(out, f.ARN.Qualified(qualifier))
		}
	}
	for _, a := range m.spec.Aliases {
		add(a.Function, a.AliasName)
	}
	for _, v := range m.spec.Versions {
		add(v.Function, v.Number)
	}
	return out
}

// PermissionsOf are the statements of the resource policy of exactly that
// function, version or alias, and those of which the function is left open.
func (m *Model) PermissionsOf(target ARN) []Permission {
	return slices.DeleteFunc(slices.Clone(m.spec.Permissions), func(p Permission) bool {
		arn, known := p.Function.Get()
		return known && arn != target
	})
}

// The sequences of what invoking is made of, each in the order of names.

// Permissions are all statements of functions' resource policies.
func (m *Model) Permissions() iter.Seq[Permission] { return slices.Values(m.spec.Permissions) }

// Versions are all published versions.
func (m *Model) Versions() iter.Seq[Version] { return slices.Values(m.spec.Versions) }

// Aliases are all aliases.
func (m *Model) Aliases() iter.Seq[Alias] { return slices.Values(m.spec.Aliases) }

// EventSourceMappings are all event source mappings.
func (m *Model) EventSourceMappings() iter.Seq[EventSourceMapping] {
	return slices.Values(m.spec.EventSourceMappings)
}

// EventInvokeConfigs are all settings of asynchronous invocation.
func (m *Model) EventInvokeConfigs() iter.Seq[EventInvokeConfig] {
	return slices.Values(m.spec.EventInvokeConfigs)
}

// FunctionURLs are all function URLs.
func (m *Model) FunctionURLs() iter.Seq[FunctionURL] { return slices.Values(m.spec.FunctionURLs) }

// CodeSigningConfigs are all code signing configurations.
func (m *Model) CodeSigningConfigs() iter.Seq[CodeSigningConfig] {
	return slices.Values(m.spec.CodeSigningConfigs)
}

// Layers are all layer versions.
func (m *Model) Layers() iter.Seq[LayerVersion] { return slices.Values(m.spec.Layers) }

// LayerPermissions are all permissions on layer versions.
func (m *Model) LayerPermissions() iter.Seq[LayerPermission] {
	return slices.Values(m.spec.LayerPermissions)
}

// CapacityProviders are all capacity providers.
func (m *Model) CapacityProviders() iter.Seq[CapacityProvider] {
	return slices.Values(m.spec.CapacityProviders)
}

// InstanceProfiles are all instance profiles.
func (m *Model) InstanceProfiles() iter.Seq[InstanceProfile] {
	return slices.Values(m.spec.InstanceProfiles)
}
