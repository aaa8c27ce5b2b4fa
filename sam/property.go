package sam

import (
	"slices"
	"strings"

	"bailey/source"
)

// The SAM types that are transformed, besides the two kinds of API.
const (
	function     = "AWS::Serverless::Function"
	stateMachine = "AWS::Serverless::StateMachine"
	simpleTable  = "AWS::Serverless::SimpleTable"
	layerVersion = "AWS::Serverless::LayerVersion"

	connectorKind    = "AWS::Serverless::Connector"
	application      = "AWS::Serverless::Application"
	graphQLAPI       = "AWS::Serverless::GraphQLApi"
	webSocketAPI     = "AWS::Serverless::WebSocketApi"
	capacityProvider = "AWS::Serverless::CapacityProvider"
)

// A schema names a type's properties with what each may be: any, str, bool,
// int, map, list, names (a list of texts or maps), text (one text or more),
// texts (a map of texts), maps (a map of maps), policies; several joined by |.
// Where a map is no choice an intrinsic function still is, unless = forbids it.
// ! requires the property.
type schema map[string]string

func newSchema(rows ...string) schema {
	out := schema{}
	for _, field := range strings.Fields(strings.Join(rows, " ")) {
		names, kind, _ := strings.Cut(field, ":")
		for name := range strings.SplitSeq(names, ",") {
			out[name] = kind
		}
	}
	return out
}

// schemas are the properties of each SAM type.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
var schemas = map[string]schema{
	function: newSchema(
		"Handler,Runtime,CodeUri,ImageUri,PackageType,InlineCode,Description,MemorySize,Timeout,VpcConfig,RolePath,KmsKeyArn:any",
		"ReservedConcurrentExecutions,EphemeralStorage,VersionDescription,ProvisionedConcurrencyConfig,FileSystemConfigs,ImageConfig:any",
		"CodeSigningConfigArn,Architectures,RuntimeManagementConfig,LoggingConfig,RecursiveLoop,SourceKMSKeyArn,PublishToLatestPublished,TenancyConfig:any",
		"FunctionName,Tracing:str|map Role,PermissionsBoundary,AutoPublishAlias,AutoPublishCodeSha256:str VersionDeletionPolicy:retention",
		"DeadLetterQueue,AssumeRolePolicyDocument,Tags,DeploymentPreference,EventInvokeConfig,SnapStart,FunctionUrlConfig,CapacityProviderConfig,FunctionScalingConfig,DurableConfig:map",
		"Policies:policies Environment,Events:maps PropagateTags:bool Layers:names AutoPublishAliasAllProperties:=bool"),
	stateMachine: newSchema(
		"RolePath,AutoPublishAlias,DeploymentPreference:any Definition,Logging,DefinitionSubstitutions,Tags,Tracing:map DefinitionUri:str|map",
		"Role,Name,Type,PermissionsBoundary:str Events:maps PropagateTags:bool Policies:str|names UseAliasAsEventTarget:=bool"),
	restAPI.kind: newSchema(
		"Name,DefinitionUri,EndpointConfiguration,Cors,Policy:str|map StageName:!str|map Tags,DefinitionBody,Variables,Auth,GatewayResponses:map",
		"AccessLogSetting,CanarySetting,Models,Domain:map __MANAGE_SWAGGER,PropagateTags,CacheClusterEnabled,TracingEnabled,FailOnWarnings,DisableExecuteApiEndpoint:bool",
		"MergeDefinitions,AlwaysDeploy:=bool CacheClusterSize,OpenApiVersion,Description,Mode,ApiKeySourceType,SecurityPolicy,EndpointAccessMode:str",
		"MethodSettings,BinaryMediaTypes:list MinimumCompressionSize:int"),
	httpAPI.kind: newSchema(
		"Name:any StageName,DefinitionUri:str|map Tags,DefinitionBody,StageVariables,AccessLogSettings,DefaultRouteSettings,Auth,RouteSettings,Domain:map",
		"__MANAGE_SWAGGER,PropagateTags,FailOnWarnings,DisableExecuteApiEndpoint:bool CorsConfiguration:bool|map Description:str"),
	simpleTable: newSchema("PointInTimeRecoverySpecification:any PrimaryKey:texts ProvisionedThroughput:ints TableName:str|map Tags,SSESpecification:map"),
	layerVersion: newSchema("LayerName:str|map ContentUri:!str|map Description,LicenseInfo,RetentionPolicy:str PublishLambdaVersion:bool",
		"CompatibleArchitectures,CompatibleRuntimes:names"),
	application:      newSchema("Location:!str|map TemplateUrl:str Parameters,Tags:map NotificationARNs:names TimeoutInMinutes:int"),
	capacityProvider: newSchema("VpcConfig:!map CapacityProviderName,OperatorRole,KmsKeyArn:str|map Tags,InstanceRequirements,ScalingConfig:map PropagateTags:=bool"),
	webSocketAPI: newSchema("ApiKeySelectionExpression,Description,IpAddressType,Name:str RouteSelectionExpression:!str StageName:str|map Routes:!map",
		"AccessLogSettings,Auth,DefaultRouteSettings,Domain,RouteSettings,StageVariables,Tags:map",
		"DisableExecuteApiEndpoint,DisableSchemaValidation,FailOnWarnings,PropagateTags:bool"),
	graphQLAPI: newSchema("Name,Visibility,OwnerContact,IntrospectionConfig,QueryDepthLimit,ResolverCountLimit:any XrayEnabled:=bool SchemaInline,SchemaUri:=str",
		"Auth:!=map Tags,DataSources,Functions,Resolvers,ApiKeys,DomainName,Cache:=map Logging:=bool|map"),
	connectorKind: newSchema("Source:!map Destination:!map|objects Permissions:!strs"),
}

// conforms holds the logical ID and the properties of s against its schema.
func (t *transformer) conforms(s samResource) bool {
	if !isLogicalID(s.id) {
		t.errorf(s.at, s.id, "a logical ID has only letters and digits")
		return false
	}
	return t.fits(s.id, s.at, s.props, schemas[s.kind], s.kind)
}

// fits holds properties against a schema; what is wrong is said of id.
func (t *transformer) fits(id string, at source.Span, props source.Node, want schema, kind string) bool {
	before := t.mistakes()
	for _, e := range props.Entries {
		rule, ok := want[e.Key]
		if !ok {
			t.unknownProperty(e, id, kind)
			continue
		}
		if e.Value.Kind != source.Null && !allowed(strings.TrimPrefix(rule, "!"), e.Value) {
			t.errorf(e.Value.At, id, "%s cannot be a %s like this; it is %s", e.Key, e.Value.Kind, wording(rule))
		}
	}
	for _, name := range sortedKeys(want) {
		if strings.HasPrefix(want[name], "!") && get(props, name).Kind == source.Null {
			t.errorf(at, id, "the property %s is missing", name)
		}
	}
	return t.mistakes() == before
}

// mistakes counts the errors found so far.
func (t *transformer) mistakes() int {
	n := 0
	for _, d := range t.diags {
		if d.Severity == source.Error {
			n++
		}
	}
	return n
}

// unknownProperty refuses a property that a type does not have. AWS drops one of
// a GraphQL API without a word.
func (t *transformer) unknownProperty(e source.Entry, id, kind string) {
	d := source.Diag{Code: "SAM_UNKNOWN_PROPERTY", At: e.KeyAt, Summary: id + ": " + kind + " has no property " + e.Key}
	if kind == graphQLAPI {
		d.Severity, d.Hint = source.Warning, "AWS ignores it"
	}
	t.diags.Add(d)
}

func wording(rule string) string {
	return strings.NewReplacer("!", "", "=", "", "|", " or ", "str", "a text", "maps", "a map of maps", "map", "a map", "names", "a list of texts", "strs", "a list of texts", "objects", "a list of maps", "list", "a list", "number", "a number", "int", "a whole number", "bool", "true or false").Replace(rule)
}

// allowed reports whether a value is one of the kinds of a rule.
func allowed(rule string, v source.Node) bool {
	rule, literal := strings.CutPrefix(rule, "=")
	if !literal && rule != "any" && v.Kind == source.Map && len(v.Entries) == 1 {
		return true // may be an intrinsic function
	}
	return slices.ContainsFunc(strings.Split(rule, "|"), func(kind string) bool { return isKind(kind, v) })
}

func isKind(kind string, v source.Node) bool {
	every := func(kinds ...string) bool {
		ok := func(n source.Node) bool {
			return slices.ContainsFunc(kinds, func(k string) bool { return isKind(k, n) })
		}
		return !slices.ContainsFunc(v.Items, func(n source.Node) bool { return !ok(n) }) &&
			!slices.ContainsFunc(v.Entries, func(e source.Entry) bool { return !ok(e.Value) })
	}
	switch kind {
	case "any":
		return true
	case "str":
		return v.Kind == source.String
	case "bool":
		return v.Kind == source.Bool
	case "int":
		_, ok := v.Int()
		return ok && v.Kind == source.Number || v.Kind == source.Bool
	case "map":
		return v.Kind == source.Map
	case "list":
		return v.Kind == source.List
	case "names":
		return v.Kind == source.List && every("str", "map")
	case "number":
		return v.Kind == source.Number
	case "strs":
		return v.Kind == source.List && every("str")
	case "objects":
		return v.Kind == source.List && every("map")
	case "text":
		return v.Kind == source.String || v.Kind == source.List && every("str")
	case "texts":
		return v.Kind == source.Map && every("str")
	case "maps":
		return v.Kind == source.Map && every("map")
	case "ints":
		return v.Kind == source.Map && every("int", "map")
	case "policies":
		return isKind("str", v) || isKind("map", v) || isKind("names", v)
	case "retention":
		return oneOf(v, "Delete", "Retain")
	}
	return false
}
