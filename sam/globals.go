package sam

import (
	"regexp"
	"slices"
	"strings"

	"bailey/source"
)

// globalProperties are the properties that the Globals section may set.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
var globalProperties = map[string][]string{
	"Function": strings.Fields(`Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags
		PropagateTags Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers DeploymentPreference RolePath
		PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument EventInvokeConfig
		FileSystemConfigs CodeSigningConfigArn Architectures SnapStart EphemeralStorage FunctionUrlConfig RuntimeManagementConfig
		LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig CapacityProviderConfig FunctionScalingConfig
		PublishToLatestPublished VersionDeletionPolicy`),
	"Api": strings.Fields(`Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables
		EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses AccessLogSetting
		CanarySetting TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode`),
	"HttpApi": strings.Fields(`Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain
		RouteSettings FailOnWarnings PropagateTags`),
	"SimpleTable": {"SSESpecification"}, "StateMachine": {"PropagateTags"}, "LayerVersion": {"PublishLambdaVersion"},
	"CapacityProvider": strings.Fields("VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags"),
	"WebSocketApi": strings.Fields(`AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings DisableExecuteApiEndpoint
		DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags RouteSelectionExpression RouteSettings StageVariables Tags`),
}

// mergeGlobals joins the Globals section with the properties of the resources
// of each type, and takes the section away.
func (t *transformer) mergeGlobals() {
	globals, ok := t.doc.Get("Globals")
	if ok {
		t.checkGlobals(globals)
		for i := range child(&t.doc, "Resources").Entries {
			t.mergeInto(globals, &child(&t.doc, "Resources").Entries[i])
		}
		del(&t.doc, "Globals")
	}
	for i := range child(&t.doc, "Resources").Entries {
		useOpenAPIVersion(&child(&t.doc, "Resources").Entries[i].Value)
	}
}

func (t *transformer) checkGlobals(globals source.Node) {
	if globals.Kind != source.Map {
		t.errorf(globals.At, "Globals", "the section is a map of resource kinds, not a %s", globals.Kind)
	}
	for _, e := range globals.Entries {
		known, ok := globalProperties[e.Key]
		if !ok || e.Value.Kind != source.Map {
			t.errorf(e.KeyAt, "Globals", "%s is not one of %s, with a map of properties", e.Key, strings.Join(sortedKeys(globalProperties), ", "))
			continue
		}
		for _, p := range e.Value.Entries {
			if !slices.Contains(known, p.Key) {
				t.errorf(p.KeyAt, "Globals", "%s of %s cannot be set for all resources", p.Key, e.Key)
			}
		}
	}
}

// mergeInto joins the globals of a resource's kind with its properties.
func (t *transformer) mergeInto(globals source.Node, e *source.Entry) {
	kind, isSAM := strings.CutPrefix(get(e.Value, "Type").Text, "AWS::Serverless::")
	shared, ok := globals.Get(kind)
	if !ok || !isSAM {
		return
	}
	shared = clone(shared)
	switch ignore := get(e.Value, "IgnoreGlobals"); {
	case isText(ignore, "*"):
		return
	case ignore.Kind == source.List:
		for _, key := range ignore.Items {
			if key.Kind != source.String || !has(shared, key.Text) {
				t.errorf(key.At, e.Key, "IgnoreGlobals names %q, which Globals does not set", key.Text)
			}
			del(&shared, key.Text)
		}
	case truthy(ignore):
		t.errorf(ignore.At, e.Key, "IgnoreGlobals is '*' or a list of properties")
	}
	own := get(e.Value, "Properties")
	if own.Kind != source.Map {
		own = source.Node{Kind: source.Map, At: e.KeyAt}
	}
	merged := merge(shared, own)
	merged.At = own.At
	set(&e.Value, "Properties", merged)
}

// merge joins two values: maps key by key, lists one after the other with the
// global items first, anything else is the resource's own.
func merge(global, own source.Node) source.Node {
	switch {
	case own.Kind == source.List && global.Kind == source.List:
		own.Items = append(slices.Clone(global.Items), own.Items...)
	case own.Kind == source.Map && global.Kind == source.Map && !isIntrinsic(own) && !isIntrinsic(global):
		out := global
		out.At = own.At
		out.Entries = slices.Clone(global.Entries)
		for _, e := range own.Entries {
			if g := child(&out, e.Key); g != nil {
				*g = merge(*g, e.Value)
			} else {
				out.Entries = append(out.Entries, e)
			}
		}
		return out
	}
	return own
}

var openAPI3 = regexp.MustCompile(`^3(\.\d)(\.\d)?$`)

func isOpenAPI3(version source.Node) bool {
	return version.IsScalar() && openAPI3.MatchString(version.Text)
}

// useOpenAPIVersion writes OpenApiVersion into a definition that SAM manages.
func useOpenAPIVersion(resource *source.Node) {
	if get(*resource, "Type").Text != restAPI.kind {
		return
	}
	props := child(resource, "Properties")
	version, ok := get(*resource, "Properties").Get("OpenApiVersion")
	if !ok || !has(*props, managedBody) || !isOpenAPI3(version) {
		return
	}
	version.Kind = source.String
	set(props, "OpenApiVersion", version)
	if body := child(props, "DefinitionBody"); body != nil {
		set(body, "openapi", version)
		del(body, "swagger")
	}
}
