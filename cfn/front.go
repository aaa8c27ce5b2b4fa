package cfn

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func frontRows() []*row {
	made := func(prefix string) func(*loader, *resource) source.Node { return idRef(prefix) }
	dist := func(l *loader, r *resource) source.Node { return l.text(l.distributionID(r), r.At) }
	graph := func(made func(l *loader, id string) string) func(*loader, *resource) source.Node {
		return func(l *loader, r *resource) source.Node { return l.text(made(l, l.apiPart(r, 26)), r.At) }
	}
	arn := graph(func(l *loader, id string) string { return l.arn("appsync", "apis/"+id).String() })
	host := func(l *loader, id string) string {
		return id + ".appsync-api." + l.spec.Region + "." + l.urlSuffix()
	}
	return []*row{
		{Type: "AWS::EC2::FlowLog", read: readFlowLog, ref: made("fl"), atts: attributes{"Id": made("fl")},
			properties: "DeliverCrossAccountRole DeliverLogsPermissionArn DestinationOptions LogDestination LogDestinationType LogFormat LogGroupName " +
				"MaxAggregationInterval !ResourceId !ResourceType Tags TrafficType"},
		{Type: "AWS::CloudFront::Distribution", read: readDistribution, ref: dist, properties: "!DistributionConfig Tags",
			atts: attributes{"Id": dist, "DomainName": func(l *loader, r *resource) source.Node { return l.text(l.distributionHost(r), r.At) }}},
		{Type: "AWS::CloudFront::OriginAccessControl", ref: dist, atts: attributes{"Id": dist}, properties: "!OriginAccessControlConfig"},
		{Type: "AWS::CloudFront::VpcOrigin", ref: dist, properties: "Tags !VpcOriginEndpointConfig",
			atts: attributes{"Id": dist, "Arn": nil, "AccountId": nil, "Status": nil, "CreatedTime": nil, "LastModifiedTime": nil}},
		{Type: "AWS::AppSync::GraphQLApi", read: readGraphQLAPI, ref: arn,
			properties: "AdditionalAuthenticationProviders ApiType !AuthenticationType EnhancedMetricsConfig EnvironmentVariables IntrospectionConfig " +
				"LambdaAuthorizerConfig LogConfig MergedApiExecutionRoleArn !Name OpenIDConnectConfig OwnerContact QueryDepthLimit ResolverCountLimit " +
				"Tags UserPoolConfig Visibility XrayEnabled",
			atts: attributes{"ApiId": graph(func(_ *loader, id string) string { return id }), "Arn": arn, "GraphQLEndpointArn": nil, "RealtimeDns": nil, "RealtimeUrl": nil,
				"GraphQLDns": graph(host), "GraphQLUrl": graph(func(l *loader, id string) string { return "https://" + host(l, id) + "/graphql" })}},
		{Type: "AWS::AppSync::DataSource", read: readDataSource, ref: nil,
			properties: "!ApiId Description DynamoDBConfig ElasticsearchConfig EventBridgeConfig HttpConfig LambdaConfig MetricsConfig !Name " +
				"OpenSearchServiceConfig RelationalDatabaseConfig ServiceRoleArn !Type",
			atts: attributes{"DataSourceArn": nil, "Name": property("Name")}},
		{Type: "AWS::AppSync::GraphQLSchema", properties: "!ApiId Definition DefinitionS3Location", atts: attributes{"Id": nil}},
		{Type: "AWS::AppSync::ApiKey", properties: "!ApiId ApiKeyId Description Expires", atts: attributes{"ApiKeyId": nil, "ApiKey": nil, "Arn": nil}},
		{Type: "AWS::AppSync::Resolver", atts: attributes{"ResolverArn": nil, "FieldName": property("FieldName"), "TypeName": property("TypeName")},
			properties: "!ApiId CachingConfig Code CodeS3Location DataSourceName !FieldName Kind MaxBatchSize MetricsConfig PipelineConfig " +
				"RequestMappingTemplate RequestMappingTemplateS3Location ResponseMappingTemplate ResponseMappingTemplateS3Location Runtime SyncConfig !TypeName"},
		{Type: "AWS::AppSync::FunctionConfiguration", atts: attributes{"FunctionArn": nil, "FunctionId": nil, "Name": property("Name"), "DataSourceName": property("DataSourceName")},
			properties: "!ApiId Code CodeS3Location !DataSourceName Description FunctionVersion MaxBatchSize !Name RequestMappingTemplate " +
				"RequestMappingTemplateS3Location ResponseMappingTemplate ResponseMappingTemplateS3Location Runtime SyncConfig"},
	}
}

// readFlowLog. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-flowlog.html
func readFlowLog(l *loader, r *resource) {
	o := l.object(r)
	l.spec.FlowLogs = append(l.spec.FlowLogs, cloud.FlowLog{Meta: r.Meta, Of: o.text("ResourceId", cloud.Known("")),
		Traffic:     o.text("TrafficType", cloud.Known("ALL")).Or("ALL"),
		Destination: o.text("LogDestinationType", cloud.Known("cloud-watch-logs")).Or("cloud-watch-logs")})
}

func (l *loader) distributionID(r *resource) string {
	return "E" + strings.ToUpper(cloud.MadeID(cloud.LowerAlnum, 13, l.stack, r.logical))
}

func (l *loader) distributionHost(r *resource) string {
	return "d" + cloud.MadeID(cloud.LowerAlnum, 13, l.stack, r.logical, "host") + ".cloudfront.net"
}

// readDistribution reads where a distribution fetches from; how it caches is
// left as it is.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudfront-distribution.html
func readDistribution(l *loader, r *resource) {
	n, _ := l.object(r).get("DistributionConfig")
	c := object{l: l, of: r.Name + ".DistributionConfig", n: n, at: n.At}
	d := cloud.Distribution{Meta: r.Meta, ID: l.distributionID(r), Domain: l.distributionHost(r), Aliases: c.texts("Aliases").Or(nil),
		Enabled: c.flag("Enabled", true), WebACL: c.text("WebACLId", cloud.Known(""))}
	origins, _ := c.get("Origins")
	for item := range origins.Each() {
		if item.Kind == source.Map {
			d.Origins = append(d.Origins, origin(object{l: l, of: r.Name + ".Origins", n: item, at: item.At}))
		}
	}
	l.spec.Distributions = append(l.spec.Distributions, d)
}

func origin(o object) cloud.Origin {
	out := cloud.Origin{ID: o.text("Id", cloud.Known("")).Or(""), Domain: o.text("DomainName", cloud.Known("")), Path: o.text("OriginPath", cloud.Known("")).Or(""),
		Access: o.text("OriginAccessControlId", cloud.Known("")).Or("")}
	if n, ok := o.n.Path("VpcOriginConfig", "VpcOriginId"); ok {
		out.VPCOrigin = cmp.Or(n.Text, "open")
	}
	headers, _ := o.get("OriginCustomHeaders")
	for item := range headers.Each() {
		h := object{l: o.l, of: o.of, n: item, at: item.At}
		if item.Kind != source.Map {
			continue
		}
		if out.Headers == nil {
			out.Headers = map[string]cloud.Value[string]{}
		}
		out.Headers[h.text("HeaderName", cloud.Known("")).Or("")] = h.text("HeaderValue", cloud.Known(""))
	}
	return out
}

// readGraphQLAPI.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-appsync-graphqlapi.html
func readGraphQLAPI(l *loader, r *resource) {
	o := l.object(r)
	id := l.apiPart(r, 26)
	g := cloud.GraphQLAPI{Meta: r.Meta, ID: id, ARN: l.arn("appsync", "apis/"+id), APIName: o.known("Name"), Private: o.text("Visibility", cloud.Known("GLOBAL")).Or("") == "PRIVATE"}
	more, _ := o.get("AdditionalAuthenticationProviders")
	for _, n := range append([]source.Node{o.n}, more.Items...) {
		c := object{l: l, of: o.of, n: n, at: n.At}
		g.Auth = append(g.Auth, c.text("AuthenticationType", cloud.Known("")).Or(""))
		if z, ok := c.child("LambdaAuthorizerConfig", "AuthorizerResultTtlInSeconds", "AuthorizerUri", "IdentityValidationExpression"); ok {
			g.Authorizer = append(g.Authorizer, z.arnOf("AuthorizerUri"))
		}
	}
	l.spec.GraphQLAPIs = append(l.spec.GraphQLAPIs, g)
}

// readDataSource adds the function of a data source to its API.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-appsync-datasource.html
func readDataSource(l *loader, r *resource) {
	o := l.object(r)
	id := o.text("ApiId", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.GraphQLAPIs, func(g cloud.GraphQLAPI) bool { return g.ID == id })
	if i < 0 {
		l.notDescribed(r, "GraphQL API", id)
		return
	}
	if c, ok := o.child("LambdaConfig", "LambdaFunctionArn"); ok {
		g := &l.spec.GraphQLAPIs[i]
		g.Functions = append(slices.Clip(g.Functions), c.arnOf("LambdaFunctionArn"))
	}
}
