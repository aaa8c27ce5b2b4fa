package cloud

import (
	"time"

	"bailey/source"
)

// APIKind tells the two kinds of API that API Gateway has for requests.
type APIKind uint8

// The kinds of API.
const (
	RESTAPI APIKind = iota + 1 // version 1: AWS::ApiGateway
	HTTPAPI                    // version 2: AWS::ApiGatewayV2
)

// String gives the kind as AWS writes it.
func (k APIKind) String() string {
	switch k {
	case RESTAPI:
		return "REST"
	case HTTPAPI:
		return "HTTP"
	}
	return "unknown"
}

// EndpointType says from where an API can be called.
type EndpointType uint8

// The endpoint types. An HTTP API is always regional.
const (
	RegionalEndpoint EndpointType = iota + 1
	EdgeEndpoint
	PrivateEndpoint // through interface endpoints for execute-api only
)

// String gives the type as AWS writes it: REGIONAL, EDGE, PRIVATE.
func (t EndpointType) String() string {
	switch t {
	case RegionalEndpoint:
		return "REGIONAL"
	case EdgeEndpoint:
		return "EDGE"
	case PrivateEndpoint:
		return "PRIVATE"
	}
	return "unknown"
}

// An API is one REST or HTTP API with its routes, authorizers and stages.
type API struct {
	Meta
	ID       string // 10 characters, the first label of its host name
	Kind     APIKind
	APIName  string
	Endpoint EndpointType
	// VPCEndpoints are the execute-api endpoints associated with a private
	// API: each gives it a host name of its own.
	VPCEndpoints []EndpointID
	// DefaultHost is false where disableExecuteApiEndpoint is set.
	DefaultHost Value[bool]
	Policy      *Policy // REST: the resource policy; nil: none

	Routes      []APIRoute
	Authorizers []Authorizer
	Models      []APIModel // REST
	Responses   []GatewayResponse
	Stages      []Stage
	CORS        *CORS // HTTP: answered by the gateway itself

	// BinaryTypes are the media types whose bodies are bytes. REST; an HTTP
	// API decides by the content type.
	BinaryTypes []string
	// KeySource says where a REST API finds the API key: HEADER or AUTHORIZER.
	KeySource string
	// MinCompression is the body size in bytes from which answers are
	// compressed; -1: never.
	MinCompression int
	// Open lists parts of the API that the template leaves open.
	Open []Gap
}

// An APIRoute is one method of a resource (REST) or one route key (HTTP).
type APIRoute struct {
	Meta
	// Method is GET, POST, ... or ANY.
	Method string
	// Path is /breakdowns/{id}, /{proxy+}, or $default (HTTP only).
	Path string
	// Auth is what is asked of the caller.
	Auth RouteAuth
	// KeyRequired: a request needs an API key of a usage plan (REST).
	KeyRequired Value[bool]
	Integration *Integration // nil: none, which AWS answers with 500
	// Params are required request parameters (REST), as
	// method.request.querystring.NAME; true where it must be there.
	Params map[string]bool
	// ValidateBody and ValidateParams come from the request validator (REST).
	ValidateBody, ValidateParams bool
	// BodyModels names the model of the body for each content type (REST).
	BodyModels map[string]string
	// Responses are the declared method responses (REST).
	Responses []MethodResponse
	// Implied marks a route that AWS or SAM made, such as CORS's OPTIONS.
	Implied bool
}

// AuthKind is what a route asks of its caller.
type AuthKind uint8

// The kinds of authorization, as AWS names them.
const (
	AuthNone    AuthKind = iota + 1 // NONE
	AuthIAM                         // AWS_IAM
	AuthCustom                      // CUSTOM: a Lambda authorizer
	AuthCognito                     // COGNITO_USER_POOLS (REST)
	AuthJWT                         // JWT (HTTP)
)

// String gives the kind as AWS writes it.
func (k AuthKind) String() string {
	switch k {
	case AuthNone:
		return "NONE"
	case AuthIAM:
		return "AWS_IAM"
	case AuthCustom:
		return "CUSTOM"
	case AuthCognito:
		return "COGNITO_USER_POOLS"
	case AuthJWT:
		return "JWT"
	}
	return "unknown"
}

// RouteAuth is a route's authorization.
type RouteAuth struct {
	Kind       AuthKind
	Authorizer string   // ID of the API's Authorizer; empty for NONE and AWS_IAM
	Scopes     []string // any one of them must be in the access token
	Open       *Gap     // what the template leaves open about it
	At         source.Span
}

// AuthorizerKind is how an authorizer decides.
type AuthorizerKind uint8

// The kinds of authorizer.
const (
	TokenAuthorizer   AuthorizerKind = iota + 1 // Lambda, one header (REST)
	RequestAuthorizer                           // Lambda, the request (REST and HTTP)
	CognitoAuthorizer                           // user pools (REST)
	JWTAuthorizer                               // any OIDC issuer (HTTP)
)

// String gives the kind as AWS writes it.
func (k AuthorizerKind) String() string {
	switch k {
	case TokenAuthorizer:
		return "TOKEN"
	case RequestAuthorizer:
		return "REQUEST"
	case CognitoAuthorizer:
		return "COGNITO_USER_POOLS"
	case JWTAuthorizer:
		return "JWT"
	}
	return "unknown"
}

// An Authorizer of an API.
type Authorizer struct {
	Meta
	ID             string
	AuthorizerName string
	Kind           AuthorizerKind
	Function       Value[ARN] // Lambda: the function, version or alias that is invoked
	Credentials    string     // ARN of the role that the gateway assumes; empty: the function's permission decides
	// Identity is where the caller's identity is read: expressions such as
	// method.request.header.Authorization or $request.header.Authorization.
	// An authorizer with none is asked for every request.
	Identity   []string
	Validation string        // TOKEN: a regular expression that the token must match
	TTL        time.Duration // how long an answer is kept; 0: not at all
	Payload    string        // HTTP: 1.0 or 2.0
	Simple     bool          // HTTP, 2.0: answers {isAuthorized}
	Pools      []Value[ARN]  // COGNITO_USER_POOLS
	Issuer     Value[string] // JWT
	Audience   Value[[]string]
}

// IntegrationKind is what stands behind a route.
type IntegrationKind uint8

// The kinds of integration.
const (
	LambdaProxy  IntegrationKind = iota + 1 // AWS_PROXY to a function
	LambdaCustom                            // AWS to a function, with mapping templates (REST)
	HTTPProxy                               // HTTP_PROXY
	HTTPCustom                              // HTTP, with mapping templates (REST)
	Mock                                    // MOCK (REST)
	ServiceCall                             // AWS to another service, or an HTTP API's first-class integration
)

// String gives the kind as AWS writes it.
func (k IntegrationKind) String() string {
	switch k {
	case LambdaProxy:
		return "AWS_PROXY"
	case LambdaCustom, ServiceCall:
		return "AWS"
	case HTTPProxy:
		return "HTTP_PROXY"
	case HTTPCustom:
		return "HTTP"
	case Mock:
		return "MOCK"
	}
	return "unknown"
}

// An Integration connects a route with what answers it.
type Integration struct {
	Meta
	Kind IntegrationKind
	// Function is Lambda's; a version or alias keeps its qualifier, and a
	// stage variable stands as it was written: ${stageVariables.alias}.
	Function    Value[ARN]
	URL         Value[string] // HTTP: the address, with {parameters} and ${stageVariables.x}
	Service     string        // ServiceCall: sqs:path/..., or SQS-SendMessage
	Method      string        // the method used towards the integration
	Payload     string        // HTTP APIs: 1.0 or 2.0
	Credentials string        // ARN of a role, or arn:aws:iam::*:user/* for the caller's own
	Timeout     time.Duration // 50 ms to 29 s (REST) or 30 s (HTTP)
	VPCLink     string        // ID of the VPC link; empty: over the internet
	// Params maps integration.request.* or HTTP APIs' overwrite:/append:/remove: keys.
	Params map[string]string
	// Templates are request templates by content type (REST).
	Templates   map[string]string
	Passthrough string // WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER (REST)
	Binary      string // CONVERT_TO_BINARY, CONVERT_TO_TEXT or empty (REST)
	Responses   []IntegrationResponse
	// CacheKeys are the request parameters by which a stage's cache tells
	// answers apart, in CacheNamespace; empty: the resource's own (REST).
	CacheKeys      []string
	CacheNamespace string
}

// An IntegrationResponse maps what the integration answers (REST; for an HTTP
// API's parameter mapping only Status and Params are set).
type IntegrationResponse struct {
	Status    string // the method response's status
	Selection string // a regular expression over the error or status; empty: the default
	Params    map[string]string
	Templates map[string]string
	Binary    string
}

// A MethodResponse is one status that a REST method declares.
type MethodResponse struct {
	Status string
	Params map[string]bool
	Models map[string]string
}

// An APIModel is a named JSON schema (draft 4) of a REST API.
type APIModel struct {
	Meta
	ModelName   string
	ContentType string
	Schema      source.Node
}

// A GatewayResponse replaces what the gateway itself answers (REST).
type GatewayResponse struct {
	Meta
	Kind      string // DEFAULT_4XX, UNAUTHORIZED, ...
	Status    string // empty: as it is
	Params    map[string]string
	Templates map[string]string
}

// CORS is an HTTP API's own answer to preflight requests.
type CORS struct {
	Origins, Methods, Headers, Expose []string
	Credentials                       bool
	MaxAge                            int // seconds; -1: none
	At                                source.Span
}

// A Throttle is a token bucket. Negative values: as the account's.
type Throttle struct {
	Rate  float64 // requests a second
	Burst int     // the size of the bucket
}

// A Stage is a named deployment of an API.
type Stage struct {
	Meta
	StageName string
	Variables map[string]Value[string]
	// Deployment is the logical name of what is deployed; with AutoDeploy
	// (HTTP) each change is at once.
	Deployment  string
	AutoDeploy  bool
	Default     *Throttle            // for every route; nil: the account's
	Routes      map[string]StageRule // by "METHOD /path" (REST: also "* /*") or route key
	AccessLog   *AccessLog
	WebACL      Value[string] // ARN; empty: none
	ClientCert  string        // ID of the certificate that backends see (REST)
	Tracing     bool
	CacheSizeGB string // REST cache cluster; empty: none
}

// A StageRule is what a stage sets for one route.
type StageRule struct {
	Throttle *Throttle
	Logging  string // OFF, ERROR, INFO
	DataLog  bool   // full request and response data
	Metrics  bool
	Caching  bool
	CacheTTL time.Duration
}

// An AccessLog says where a stage's access log goes and how a line looks.
type AccessLog struct {
	Destination Value[ARN] // a log group or a Firehose stream
	Format      string     // $context variables
	At          source.Span
}

// A Deployment is a snapshot of a REST API, or of an HTTP API without
// automatic deployment.
type Deployment struct {
	Meta
	API string // ID
	// DependsOn names the resources that must be there before it is taken.
	DependsOn []string
}

// An APIKey identifies a client to usage plans.
type APIKey struct {
	Meta
	ID      string
	KeyName string
	Value   Value[string] // made up where the template states none
	Enabled bool
}

// A UsagePlan throttles and limits the holders of its keys.
type UsagePlan struct {
	Meta
	ID       string
	PlanName string
	Throttle *Throttle
	Quota    *Quota
	Stages   []PlanStage
	Keys     []string // IDs of API keys
}

// A Quota is a number of requests per period, which starts Offset after the
// period's own beginning.
type Quota struct {
	Limit  int
	Offset int
	Period string // DAY, WEEK, MONTH
}

// A PlanStage is a stage that a usage plan covers.
type PlanStage struct {
	API, Stage string // ID and name
	Routes     map[string]Throttle
}

// A VPCLink lets an API reach load balancers in a VPC.
type VPCLink struct {
	Meta
	ID      string
	Kind    APIKind
	Targets []string // REST: ARNs of network load balancers
	Subnets Value[[]SubnetID]
	Groups  Value[[]SecurityGroupID]
}

// A DomainName is a custom name of an API.
type DomainName struct {
	Meta
	Host     string
	Mappings []DomainMapping
	// MutualTLS is the trust store's s3:// address; empty: none.
	MutualTLS string
	Private   bool
}

// A DomainMapping sends a path of a domain to a stage.
type DomainMapping struct {
	Path, API, Stage string
}
