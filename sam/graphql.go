package sam

import (
	"slices"
	"strconv"

	"bailey/source"
)

// A graph is a GraphQL API while its resources are made.
type graph struct {
	samResource
	made      []*resource
	sources   map[string]source.Node // data source -> its name
	functions map[string]source.Node // function -> its ID
	none      *resource              // the data source that is none
}

func (g *graph) add(rs ...*resource) { g.made = append(g.made, rs...) }

// make adds a resource with the API's attributes that belongs to the API.
func (g *graph) make(at source.Span, id, kind string, props ...kv) *resource {
	r := newResource(at, g.id+id, kind, g.attrs, props...)
	r.depends = g.depends
	g.add(r)
	return r
}

// apiID is how a resource says which API it belongs to.
func (g *graph) apiID() kv { return kv{"ApiId", place(g.at).getAtt(g.id, "ApiId")} }

// The nested properties of a GraphQL API, but those of its authorizers, data
// sources, functions and resolvers.
var (
	graphLogging = newSchema("CloudWatchLogsRoleArn,ExcludeVerboseContent,FieldLogLevel:any")
	graphKey     = newSchema("ApiKeyId,Description,ExpiresOn:any")
	graphDomain  = newSchema("CertificateArn,DomainName:!any Description:any")
	graphCache   = newSchema("ApiCachingBehavior,Ttl,Type:!any AtRestEncryptionEnabled,TransitEncryptionEnabled:any")
)

// graphQL makes the resources of an AWS::Serverless::GraphQLApi.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
func (t *transformer) graphQL(s samResource) []*resource {
	g := &graph{samResource: s, sources: map[string]source.Node{}, functions: map[string]source.Node{}}
	p := place(s.at)
	name := s.prop("Name")
	if !truthy(name) {
		name = p.str(s.id)
	}
	api := g.make(s.at, "", cfnGraphQL, kv{"Name", name}, kv{"Tags", p.list(p.tagList(joined(s.prop("Tags"), p.createdBy("graphqlapi")))...)})
	api.copyTruthy(s.props, "Visibility", "OwnerContact", "IntrospectionConfig", "QueryDepthLimit", "ResolverCountLimit")
	api.copy(s.props, "XrayEnabled")
	t.graphSchema(g)
	t.graphAuth(g, api)
	t.graphLogging(g, api)
	t.graphParts(g)
	t.graphSources(g)
	t.graphFunctions(g)
	t.graphResolvers(g)
	if g.none != nil {
		g.add(g.none)
	}
	return g.made
}

// graphSchema makes the schema, which is inline or a file.
func (t *transformer) graphSchema(g *graph) {
	inline, uri := g.prop("SchemaInline"), g.prop("SchemaUri")
	if truthy(inline) == truthy(uri) {
		t.errorf(g.at, g.id, "a GraphQL API has either a SchemaInline or a SchemaUri")
	}
	at := inline.At
	if !truthy(inline) {
		at = uri.At
	}
	g.make(at, "Schema", "AWS::AppSync::GraphQLSchema", g.apiID(), kv{"Definition", inline}, kv{"DefinitionS3Location", uri})
}

// graphLogging turns logging on, unless Logging is false, with a role if none
// is named.
func (t *transformer) graphLogging(g *graph, api *resource) {
	given := g.prop("Logging")
	if given.Kind == source.Bool && !truthy(given) {
		return
	}
	if given.Kind == source.Map && !t.shape(g.id, given, graphLogging, "Logging") {
		return
	}
	p, level, role := place(g.at), get(given, "FieldLogLevel"), get(given, "CloudWatchLogsRoleArn")
	if given.Kind != source.Null {
		p = place(given.At)
	}
	if !truthy(level) {
		level = p.str("ALL")
	}
	if !truthy(role) {
		made := g.make(source.Span(p), "CloudWatchRole", "AWS::IAM::Role", kv{"AssumeRolePolicyDocument", p.assume("appsync.amazonaws.com")},
			kv{"ManagedPolicyArns", p.list(p.sub("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs"))})
		role = made.arn()
	}
	config := p.obj(kv{"FieldLogLevel", level}, kv{"CloudWatchLogsRoleArn", role})
	if v := get(given, "ExcludeVerboseContent"); truthy(v) {
		set(&config, "ExcludeVerboseContent", v)
	}
	api.set("LogConfig", config)
}

// graphParts makes the API's keys, cache and domain name.
func (t *transformer) graphParts(g *graph) {
	for _, e := range g.prop("ApiKeys").Entries {
		if t.shape(g.id, e.Value, graphKey, "ApiKeys."+e.Key) {
			r := g.make(e.KeyAt, e.Key, "AWS::AppSync::ApiKey", g.apiID(), kv{"Expires", get(e.Value, "ExpiresOn")})
			r.copy(e.Value, "ApiKeyId", "Description")
		}
	}
	if cache := g.prop("Cache"); cache.Kind != source.Null && t.shape(g.id, cache, graphCache, "Cache") {
		r := g.make(cache.At, "ApiCache", "AWS::AppSync::ApiCache", g.apiID())
		r.copy(cache, "ApiCachingBehavior", "Ttl", "Type", "AtRestEncryptionEnabled", "TransitEncryptionEnabled")
	}
	if domain := g.prop("DomainName"); domain.Kind != source.Null && t.shape(g.id, domain, graphDomain, "DomainName") {
		r := g.make(domain.At, "DomainName", "AWS::AppSync::DomainName")
		r.copy(domain, "CertificateArn", "DomainName", "Description")
		g.make(domain.At, "DomainNameApiAssociation", "AWS::AppSync::DomainNameApiAssociation", g.apiID(), kv{"DomainName", r.ref()})
	}
}

// connect makes what a connector between two ends would.
func (t *transformer) graphConnector(g *graph, at source.Span, id string, from, to source.Node, permissions ...string) {
	p := place(at)
	c := samResource{id: id, kind: connectorKind, at: at,
		props: p.obj(kv{"Source", from}, kv{"Destination", to}, kv{"Permissions", p.strs(permissions...)})}
	g.add(t.connector(c)...)
}

// graphAuthTypes are the ways to authorize, with the property that each needs
// and what AppSync calls it.
var graphAuthTypes = map[string]struct {
	property, config string
	schema           schema
}{
	"AWS_IAM":                   {},
	"API_KEY":                   {},
	"AWS_LAMBDA":                {"LambdaAuthorizer", "LambdaAuthorizerConfig", newSchema("AuthorizerUri:!any AuthorizerResultTtlInSeconds,IdentityValidationExpression:any")},
	"OPENID_CONNECT":            {"OpenIDConnect", "OpenIDConnectConfig", newSchema("AuthTTL,ClientId,IatTTL,Issuer:any")},
	"AMAZON_COGNITO_USER_POOLS": {"UserPool", "UserPoolConfig", newSchema("UserPoolId:!any AppIdClientRegex,AwsRegion,DefaultAction:any")},
}

var graphAuthorizer = newSchema("Type:!str LambdaAuthorizer,OpenIDConnect,UserPool:=map")

// graphAuth writes the API's first and additional ways to authorize, and lets
// it invoke the functions that do.
func (t *transformer) graphAuth(g *graph, api *resource) {
	auth := g.prop("Auth")
	additional := get(auth, "Additional")
	first := clone(auth)
	del(&first, "Additional")
	if additional.Kind != source.Null && additional.Kind != source.List {
		t.errorf(additional.At, g.id, "Additional is a list")
	}
	var authorizers []source.Node
	write := func(n source.Node, more bool, to *source.Node) {
		name, config, ok := t.graphAuthConfig(g, n, more)
		if !ok {
			return
		}
		set(to, "AuthenticationType", get(n, "Type"))
		if name != "" {
			set(to, name, config)
		}
		if uri := get(config, "AuthorizerUri"); name == "LambdaAuthorizerConfig" {
			authorizers = append(authorizers, uri)
		}
	}
	write(first, false, &api.props)
	list := place(additional.At).list()
	for _, n := range additional.Items {
		out := place(n.At).obj()
		write(n, true, &out)
		list.Items = append(list.Items, out)
	}
	if len(list.Items) > 0 {
		api.set("AdditionalAuthenticationProviders", list)
	}
	for i, arn := range authorizers {
		p := place(arn.At)
		from := p.obj(kv{"Type", p.str(cfnGraphQL)}, kv{"Arn", p.ref(g.id)}, kv{"ResourceId", p.getAtt(g.id, "ApiId")})
		t.graphConnector(g, arn.At, g.id+"ToLambdaAuthConnector"+strconv.Itoa(i+1), from, p.obj(kv{"Type", p.str(cfnFunction)}, kv{"Arn", arn}), "Write")
	}
}

// graphAuthConfig reads one way to authorize. An additional one has no
// DefaultAction.
func (t *transformer) graphAuthConfig(g *graph, n source.Node, additional bool) (name string, config source.Node, ok bool) {
	if !t.shape(g.id, n, graphAuthorizer, "Auth") {
		return "", config, false
	}
	kind := get(n, "Type")
	known, ok := graphAuthTypes[kind.Text]
	if !ok {
		t.errorf(kind.At, g.id, "the Type of Auth is one of %v", sortedKeys(graphAuthTypes))
		return "", config, false
	}
	if len(provided(n, nil).Entries) > 2 {
		t.errorf(n.At, g.id, "an entry of Auth has one configuration")
	}
	if known.property == "" {
		return "", config, true
	}
	if config = get(n, known.property); config.Kind == source.Null {
		t.errorf(n.At, g.id, "Auth of type %s has a %s", kind.Text, known.property)
		return "", config, false
	}
	if !t.shape(g.id, config, known.schema, known.property) {
		return "", config, false
	}
	config = provided(config, nil)
	if additional && known.property == "UserPool" {
		config.Entries = slices.DeleteFunc(config.Entries, func(e source.Entry) bool { return e.Key == "DefaultAction" })
	}
	return known.config, config, true
}
