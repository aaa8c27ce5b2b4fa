package sam

import "fmt"

// A generated is a SAM type besides functions and the two kinds of API, with
// what every resource of it needs and what it may have.
type generated struct {
	kind, needs string
	slots       []slot
}

// generatedRest are the other types that generated templates have.
var generatedRest = []generated{
	{"StateMachine", "DefinitionUri: s3://b/k", []slot{
		{"Name", []string{"m", "!Ref Text"}}, {"Type", []string{"EXPRESS"}}, {"Logging", []string{"{Level: ALL}"}}, {"Tracing", []string{"{Enabled: true}", "{Enabled: false}"}},
		{"Tags", []string{"{a: b}"}}, {"PropagateTags", []string{"true"}}, {"DefinitionSubstitutions", []string{"{a: !Ref Text}"}},
		{"Policies", []string{"[AWSLambdaExecute]", "[{SQSPollerPolicy: {QueueName: q}}, {Statement: []}]", "'arn:p'"}}, {"RolePath", []string{"/a/"}}, {"PermissionsBoundary", []string{"'arn:b'"}},
		{"AutoPublishAlias", []string{"live", bad + "a-b"}},
		{"Events", []string{"{A: {Type: Schedule, Properties: {Schedule: rate(1 day), State: DISABLED}}}", "{B: {Type: EventBridgeRule, Properties: {Pattern: {a: [b]}, DeadLetterConfig: {Type: SQS}}}}",
			"{C: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), OmitName: true}}}", "{D: {Type: Api, Properties: {Path: /machine, Method: post}}}",
			"{E: {Type: Schedule, Properties: {Schedule: rate(1 day), RoleArn: 'arn:r', Target: {Id: t}}}}", bad + "{F: {Type: SQS, Properties: {Queue: q}}}", bad + "{G: {Type: Schedule}}"}},
	}},
	{"SimpleTable", "", []slot{
		{"PrimaryKey", []string{"{Name: k, Type: Number}", bad + "{Name: k, Type: Text}"}}, {"ProvisionedThroughput", []string{"{ReadCapacityUnits: 1, WriteCapacityUnits: !Ref Number}"}},
		{"TableName", []string{"t", "!Ref Text"}}, {"Tags", []string{"{a: b}"}}, {"SSESpecification", []string{"{SSEEnabled: true}"}}, {"PointInTimeRecoverySpecification", []string{"{PointInTimeRecoveryEnabled: true}"}},
	}},
	{"LayerVersion", "ContentUri: s3://b/k", []slot{
		{"LayerName", []string{"l", "!Ref Text"}}, {"Description", []string{"!Sub 'd ${Text}'"}}, {"RetentionPolicy", []string{"Delete", "retain", bad + "Keep"}}, {"LicenseInfo", []string{"MIT"}},
		{"CompatibleRuntimes", []string{"[r, !Ref Text]"}}, {"CompatibleArchitectures", []string{"[arm64]", bad + "[mips]"}}, {"PublishLambdaVersion", []string{"false"}},
	}},
	{"CapacityProvider", "VpcConfig: {SubnetIds: [s]}", []slot{
		{"CapacityProviderName", []string{"c", "!Ref Text"}}, {"OperatorRole", []string{"'arn:r'", "!GetAtt R.Arn"}}, {"Tags", []string{"{a: b}", "{'lambda:createdBy': me}"}}, {"PropagateTags", []string{"true", "false"}},
		{"InstanceRequirements", []string{"{Architectures: [arm64], ExcludedTypes: [a]}", "{}", bad + "{AllowedTypes: [a], ExcludedTypes: [b]}"}},
		{"ScalingConfig", []string{"{MaxVCpuCount: 5}", "{AverageCPUUtilization: !Ref Number}", bad + "{MaxVCpuCount: many}"}}, {"KmsKeyArn", []string{"'arn:k'"}},
	}},
	{"Application", "Location: https://example.com/a.yaml", []slot{
		{"Parameters", []string{"{A: !Ref Text}"}}, {"Tags", []string{"{a: b}", bad + "{'lambda:createdBy': me}"}}, {"NotificationARNs", []string{"['arn:t', !Ref Topic]"}}, {"TimeoutInMinutes", []string{"5", "!Ref Number", bad + "soon"}},
	}},
	{"WebSocketApi", "RouteSelectionExpression: $request.body.action", []slot{
		{"Routes", []string{"{a: {FunctionArn: !GetAtt F0.Arn}}", "{$connect: {FunctionArn: f}, bEE: {FunctionArn: f, ApiKeyRequired: true}}", "{$default: {FunctionArn: f, IntegrationTimeout: 50}, $disconnect: {FunctionArn: f}, $connect: {FunctionArn: f, RequestParameters: {a: b}}}", bad + "{}", bad + "{a-b: {FunctionArn: f}}"}},
		{"StageName", []string{"s", "!Ref Text", bad + "$default"}}, {"Name", []string{"n"}}, {"Tags", []string{"{a: b}"}}, {"PropagateTags", []string{"true"}}, {"RouteSettings", []string{"{a: {ThrottlingBurstLimit: 1}}"}},
		{"Auth", []string{bad + "{AuthType: NONE}", bad + "{AuthType: CUSTOM}"}}, {"IpAddressType", []string{"ipv4", "!Ref Text", bad + "ipv5"}}, {"DisableExecuteApiEndpoint", []string{"true"}},
		{"Domain", []string{"{DomainName: w, CertificateArn: c}", "{DomainName: w, CertificateArn: c, BasePath: a/b, Route53: {HostedZoneId: z, Region: r, SetIdentifier: s}}"}},
	}},
	{"GraphQLApi", "SchemaInline: s", []slot{
		{"Auth", []string{"{Type: API_KEY}", "{Type: AWS_LAMBDA, LambdaAuthorizer: {AuthorizerUri: !GetAtt F0.Arn}, Additional: [{Type: AWS_IAM}]}", "{Type: AMAZON_COGNITO_USER_POOLS, UserPool: {UserPoolId: u, DefaultAction: ALLOW}}", bad + "{Type: OPENID_CONNECT}"}},
		{"Name", []string{"n", "!Ref Text"}}, {"Logging", []string{"true", "false", "{FieldLogLevel: NONE}", "{CloudWatchLogsRoleArn: 'arn:r'}"}}, {"XrayEnabled", []string{"true"}}, {"Tags", []string{"{a: b}"}},
		{"ApiKeys", []string{"{K: {ExpiresOn: 5}}", "{K: {}, L: {Description: d}}"}}, {"Cache", []string{"{ApiCachingBehavior: a, Ttl: 1, Type: SMALL}", bad + "{Ttl: 1}"}}, {"DomainName", []string{"{CertificateArn: c, DomainName: d}"}},
		{"DataSources", []string{"{DynamoDb: {T: {TableName: t}}}", "{Lambda: {L: {FunctionArn: !GetAtt F0.Arn, ServiceRoleArn: 'arn:r'}}}", bad + "{DynamoDb: {T: {}}}"}},
		{"Functions", []string{"{one: {DataSource: NONE, InlineCode: c, Runtime: {Name: n, Version: v}}}", "{one: {Id: !Ref Text}}", bad + "{one: {DataSource: nope, InlineCode: c, Runtime: {Name: n, Version: v}}}"}},
	}},
}

var connectorChoices = []string{"", "", "{Source: {Id: F0}, Destination: {Id: Bucket}, Permissions: [Read, Write]}", "{Source: {Id: F0}, Destination: [{Id: Topic}, {Type: AWS::SQS::Queue, Arn: 'arn:q'}], Permissions: [Write]}",
	"{Source: {Id: Topic}, Destination: {Id: F0}, Permissions: [Write]}", bad + "{Source: {Id: F0}, Destination: {Id: Layer}, Permissions: [Read]}"}

// rest writes some resources of the other types, and a connector.
func (g *generator) rest() {
	for _, other := range generatedRest {
		if g.IntN(3) > 0 {
			continue
		}
		always := map[string]string{"GraphQLApi": "Auth", "WebSocketApi": "Routes"}[other.kind]
		fmt.Fprintf(g, "  %s0:\n    Type: AWS::Serverless::%s\n", other.kind, other.kind)
		g.WriteString(g.pick([]string{"", "", "    Condition: C\n", "    DeletionPolicy: Retain\n    DependsOn: Topic\n    Metadata: {a: b}\n"}))
		g.WriteString("    Properties:\n")
		if other.needs != "" {
			g.WriteString("      " + other.needs + "\n")
		}
		g.slots(other.slots, 25, always)
	}
	if c := g.pick(connectorChoices); c != "" {
		fmt.Fprintf(g, "  Connector0: {Type: AWS::Serverless::Connector, Properties: %s}\n", c)
	}
}
