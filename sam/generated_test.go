package sam

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"bailey/source"
)

// A slot is one property with the values it may have; most templates leave it
// out.
type slot struct {
	name   string
	values []string
}

// bad marks a value that is refused, which few templates have.
const bad = "!!"

// functionSlots, apiSlots and httpSlots are what generated resources are made of.
var functionSlots = []slot{
	{"Description", []string{"d", "!Ref Text", "!Sub 'x ${Text} ${AWS::Region}'"}},
	{"MemorySize", []string{"128", "!Ref Number"}},
	{"VpcConfig", []string{"{SubnetIds: [s], SecurityGroupIds: []}", "!If [C, {SubnetIds: [s]}, !Ref 'AWS::NoValue']", "{}"}},
	{"Environment", []string{"{Variables: {A: '1', B: !Ref Text}}", "!Ref E"}},
	{"Tracing", []string{"Active", "PassThrough", "Disabled", "!Ref Mode"}},
	{"Layers", []string{"[!Ref Layer]", "['arn:l']", "[]"}},
	{"Tags", []string{"{a: b}", "{a: b, c: !Ref Text, d: ''}", bad + "{'lambda:createdBy': me}"}},
	{"PropagateTags", []string{"true", "false"}},
	{"AutoPublishAlias", []string{"live", "!Ref Alias", "live", "my-alias", bad + "'123'", bad + "!GetAtt A.B"}},
	{"AutoPublishAliasAllProperties", []string{"true", "false"}},
	{"VersionDescription", []string{"v"}},
	{"VersionDeletionPolicy", []string{"Delete", "Retain", bad + "Snapshot"}},
	{"ProvisionedConcurrencyConfig", []string{"{ProvisionedConcurrentExecutions: 1}"}},
	{"DeadLetterQueue", []string{"{Type: SQS, TargetArn: 'arn:q'}", "{Type: SNS, TargetArn: !Ref Topic}", bad + "{Type: SQS}", bad + "{Type: S3, TargetArn: x}"}},
	{"SnapStart", []string{"{ApplyOn: PublishedVersions}", "{ApplyOn: None}"}},
	{"FunctionUrlConfig", []string{"{AuthType: NONE}", "{AuthType: AWS_IAM, Cors: {AllowOrigins: ['*']}}", bad + "{AuthType: OPEN}", bad + "{AuthType: NONE, Cors: {AllowOrigins: x}}"}},
	{"Role", []string{"'arn:r'", "!GetAtt R.Arn", "!If [C, 'arn:r', !Ref 'AWS::NoValue']", "!If [C, !Ref 'AWS::NoValue', 'arn:r']"}},
	{"Policies", []string{"AWSLambdaExecute", "[AWSLambdaExecute, 'arn:p', !Ref P]", "{Statement: []}", "[{SQSPollerPolicy: {QueueName: q}}]",
		"[VPCAccessPolicy: {}, Statement: {Effect: Allow, Action: '*', Resource: '*'}]", "[!If [C, {SNSCrudPolicy: {TopicName: t}}, !Ref 'AWS::NoValue']]",
		bad + "[{SQSPollerPolicy: {}}]", bad + "[{Nope: {}}]", bad + "[!If [C, AWSLambdaExecute, {Statement: []}]]", "[!If [C, !Ref P, AmazonS3FullAccess]]"}},
	{"EventInvokeConfig", []string{"{MaximumRetryAttempts: 0}", "{DestinationConfig: {OnSuccess: {Type: SQS}}}", "{DestinationConfig: {OnFailure: {Type: SNS, Destination: 'arn:t'}}}",
		bad + "{DestinationConfig: {OnFailure: {Type: Lambda}}}", "{MaximumEventAgeInSeconds: !Ref Number, DestinationConfig: {OnSuccess: {Type: SNS, Destination: !If [C, !Ref 'AWS::NoValue', 'arn:t']}}}"}},
	{"DeploymentPreference", []string{"{Type: AllAtOnce}", "{Type: Mine, Role: 'arn:r'}", "{Enabled: false}", "{Type: Linear10PercentEvery1Minute, Alarms: [a, b], Hooks: {PreTraffic: !Ref F0}}", "{Type: !Ref Shift, PassthroughCondition: true}", bad + "{Alarms: []}"}},
	{"RolePath", []string{"/a/"}}, {"PermissionsBoundary", []string{"'arn:b'"}},
	{"TenancyConfig", []string{bad + "{TenantIsolationMode: PER_TENANT}"}},
	{"NoSuch", []string{bad + "1"}},
}

var eventChoices = []string{
	"{Type: Api, Properties: {Path: /a, Method: get}}", "{Type: Api, Properties: {Path: '/b/{id}', Method: ANY}}",
	"{Type: Api, Properties: {Path: '/a', Method: post, RestApiId: !Ref Api0}}", "{Type: Api, Properties: {Path: /c, Method: get, RestApiId: !Ref Api0, Auth: {Authorizer: Pool}}}",
	bad + "{Type: Api, Properties: {Path: /d, Method: get, RestApiId: !Ref Api0, Auth: {Authorizer: NONE}}}", "{Type: Api, Properties: {Path: /e, Method: get, RestApiId: !Ref Api0, Auth: {ApiKeyRequired: true}}}",
	"{Type: Api, Properties: {Path: /f, Method: get, Auth: {Authorizer: AWS_IAM, InvokeRole: CALLER_CREDENTIALS}}}", "{Type: Api, Properties: {Path: /g, Method: get, RestApiId: !Ref Api0, Auth: {ResourcePolicy: {IpRangeWhitelist: ['1.1.1.1']}}}}",
	"{Type: HttpApi}", "{Type: HttpApi, Properties: {Path: '/h/{x}/{y}', Method: get}}", "{Type: HttpApi, Properties: {Path: /i, Method: any, ApiId: !Ref Http0}}",
	"{Type: HttpApi, Properties: {Path: /j, Method: post, ApiId: !Ref Http0, Auth: {Authorizer: Jwt}}}", "{Type: HttpApi, Properties: {Path: /k, Method: post, ApiId: !Ref Http0, TimeoutInMillis: 5}}",
	"{Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:ObjectCreated:*'}}", "{Type: S3, Properties: {Bucket: !Ref Bucket, Events: [a, b], Filter: {S3Key: {Rules: []}}}}",
	"{Type: SNS, Properties: {Topic: !Ref Topic}}", "{Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}", "{Type: SQS, Properties: {Queue: 'arn:q', BatchSize: 5}}",
	"{Type: Kinesis, Properties: {Stream: 'arn:s', StartingPosition: LATEST}}", "{Type: DynamoDB, Properties: {Stream: 'arn:s', StartingPosition: LATEST, DestinationConfig: {OnFailure: {Type: SNS, Destination: 'arn:t'}}}}",
	"{Type: Schedule, Properties: {Schedule: rate(1 minute)}}", "{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}", "{Type: EventBridgeRule, Properties: {Pattern: {a: [b]}}}",
	"{Type: CloudWatchLogs, Properties: {LogGroupName: g, FilterPattern: x}}", "{Type: IoTRule, Properties: {Sql: s}}", "{Type: AlexaSkill}",
	"{Type: Cognito, Properties: {UserPool: !Ref Users, Trigger: PreSignUp}}", "{Type: MSK, Properties: {Stream: 'arn:s', StartingPosition: LATEST, Topics: [t]}}",
	"{Type: MQ, Properties: {Broker: 'arn:b', Queues: [q], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: 'arn:x'}]}}", bad + "{Type: MQ, Properties: {Broker: 'arn:b'}}",
	"{Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: [h], Topics: [t], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: 'arn:x'}]}}",
	bad + "{Type: SQS, Properties: {Queue: 'arn:q', BatchSize: many}}", bad + "{Type: S3, Properties: {Bucket: b, Events: x}}", bad + "{Type: Nope}",
}

var apiSlots = []slot{
	{"Name", []string{"n"}}, {"Cors", []string{"\"'*'\"", "{AllowOrigin: \"'x'\", AllowMethods: \"'GET'\"}", bad + "{AllowCredentials: true}", bad + "{Nope: 1}", "!Ref Text"}},
	{"OpenApiVersion", []string{"'3.0.1'", "'2.0'", "3.0.1", bad + "'4'"}}, {"EndpointConfiguration", []string{"REGIONAL", "{Type: PRIVATE, VPCEndpointIds: [v]}"}},
	{"BinaryMediaTypes", []string{"[a~1b]"}}, {"TracingEnabled", []string{"true"}}, {"Tags", []string{"{a: b}"}}, {"PropagateTags", []string{"true"}},
	{"Models", []string{"{User: {type: object}}", bad + "{User: {}}"}}, {"GatewayResponses", []string{"{X: {StatusCode: 404}}", bad + "{X: {Nope: 1}}"}},
	{"DisableExecuteApiEndpoint", []string{"true"}}, {"Variables", []string{"{a: b}"}},
	{"Auth", []string{"{Authorizers: {Pool: {UserPoolArn: 'arn:u'}}}", "{DefaultAuthorizer: Pool, Authorizers: {Pool: {UserPoolArn: 'arn:u'}}}", "{DefaultAuthorizer: AWS_IAM, Authorizers: {Pool: {FunctionArn: 'arn:f'}}}",
		"{ApiKeyRequired: true, Authorizers: {Pool: {FunctionArn: 'arn:f', FunctionPayloadType: REQUEST, Identity: {Headers: [a]}}}, AddApiKeyRequiredToCorsPreflight: false}", bad + "{DefaultAuthorizer: Nope}",
		"{Authorizers: {Pool: {UserPoolArn: [a, b]}}, UsagePlan: {CreateUsagePlan: PER_API}}", "{Authorizers: {Pool: {UserPoolArn: 'arn:u', AuthorizationScopes: [s]}}, UsagePlan: {CreateUsagePlan: SHARED}, ResourcePolicy: {SourceVpcWhitelist: [vpce-1]}}"}},
	{"Domain", []string{"{DomainName: d, CertificateArn: c}", "{DomainName: d, CertificateArn: c, BasePath: [a], Route53: {HostedZoneId: z}}", bad + "{DomainName: d}"}},
}

var httpSlots = []slot{
	{"StageName", []string{"s", "a-b", "!Ref Text"}}, {"Tags", []string{"{a: b}"}}, {"CorsConfiguration", []string{"true", "{AllowOrigins: [a], MaxAge: 1}", bad + "{Nope: 1}"}},
	{"Auth", []string{"{Authorizers: {Jwt: {JwtConfiguration: {issuer: i, audience: [a]}, IdentitySource: x}}}", "{DefaultAuthorizer: Jwt, Authorizers: {Jwt: {JwtConfiguration: {issuer: i}, IdentitySource: x, AuthorizationScopes: [s]}}}",
		"{Authorizers: {Jwt: {FunctionArn: 'arn:f', AuthorizerPayloadFormatVersion: '1.0'}}}", bad + "{Authorizers: {Jwt: {FunctionArn: 'arn:f'}}}", bad + "{EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}"}},
	{"FailOnWarnings", []string{"true"}}, {"DisableExecuteApiEndpoint", []string{"true"}}, {"Name", []string{"n"}}, {"Description", []string{"d"}},
	{"Domain", []string{"{DomainName: d, CertificateArn: c}", "{DomainName: d, CertificateArn: c, BasePath: /a, Route53: {HostedZoneName: z}}"}},
}

var globalChoices = []string{"", "", "Globals: {Function: {Timeout: 5, Tags: {g: h}, Environment: {Variables: {A: g}}}}\n", "Globals: {Api: {Cors: \"'*'\", Auth: {ApiKeyRequired: true}}, HttpApi: {CorsConfiguration: true}}\n",
	"Globals: {Function: {AutoPublishAlias: live, Tracing: Active, PropagateTags: true, Tags: {p: q}}}\n", bad + "Globals: {Function: {NoSuch: 1}}\n"}

// templates around the generated resources.
const fixedParts = `Parameters: {Text: {Type: String, Default: text}, Number: {Type: Number, Default: 256}, Mode: {Type: String, Default: Disabled}, Alias: {Type: String, Default: prod}, Shift: {Type: String, Default: AllAtOnce}}
Conditions: {C: !Equals [a, a], D: !Equals [a, b]}
`
const fixedResources = `  Bucket: {Type: AWS::S3::Bucket, DependsOn: Topic}
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref F0.Alias}}
  Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: u}}
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: s3://b/k, PublishLambdaVersion: true}}
`

// A generator writes random templates. One that is careful makes no mistakes
// but those that lie in a combination.
type generator struct {
	*rand.Rand
	strings.Builder
	careful bool
}

// pick takes one of list; a careful generator finds nothing in one that is all
// bad.
func (g *generator) pick(list []string) string {
	if g.careful {
		list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return strings.HasPrefix(s, bad) })
	}
	if len(list) == 0 {
		return ""
	}
	return strings.TrimPrefix(list[g.IntN(len(list))], bad)
}

// slots writes some of the properties, and of those that need another the other.
func (g *generator) slots(all []slot, percent int, always string) {
	for _, s := range all {
		if s.name != always && g.IntN(100) >= percent {
			continue
		}
		if v := g.pick(s.values); v != "" {
			fmt.Fprintf(g, "      %s: %s\n", s.name, v)
		}
	}
}

func (g *generator) function(i int, events []string) {
	fmt.Fprintf(g, "  F%d:\n    Type: AWS::Serverless::Function\n", i)
	g.WriteString(g.pick([]string{"", "", "", "    Condition: C\n", "    DeletionPolicy: Retain\n    DependsOn: Topic\n", "    Condition: D\n    UpdateReplacePolicy: Snapshot\n"}))
	g.WriteString("    Properties:\n      Handler: h\n      Runtime: r\n      CodeUri: s3://b/k\n")
	always := ""
	if g.IntN(2) == 0 {
		always = "AutoPublishAlias"
	}
	g.slots(slices.DeleteFunc(slices.Clone(functionSlots), func(s slot) bool {
		return always == "" && g.careful && slices.Contains([]string{"VersionDeletionPolicy", "ProvisionedConcurrencyConfig", "DeploymentPreference"}, s.name)
	}), 20, always)
	if len(events) > 0 {
		g.WriteString("      Events:\n")
	}
	for j, e := range events {
		fmt.Fprintf(g, "        E%d: %s\n", j, e)
	}
}

// generate makes a random template.
func generate(r *rand.Rand) string {
	g := &generator{Rand: r, careful: r.IntN(4) > 0}
	g.WriteString(fixedParts + g.pick(globalChoices) + "Resources:\n" + fixedResources)
	var events []string
	for _, i := range r.Perm(len(eventChoices)) {
		if s, isBad := strings.CutPrefix(eventChoices[i], bad); !isBad || !g.careful {
			events = append(events, s)
		}
	}
	for i := range 1 + r.IntN(3) {
		n := r.IntN(5)
		g.function(i, events[:n])
		events = events[n:]
	}
	g.WriteString("  Api0:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: " + g.pick([]string{"prod", "v-1", "!Ref Text"}) + "\n")
	g.slots(apiSlots, 15, "Auth")
	g.WriteString("  Http0:\n    Type: AWS::Serverless::HttpApi\n    Properties:\n      AccessLogSettings: {DestinationArn: x}\n")
	g.slots(httpSlots, 20, "Auth")
	g.rest()
	return g.String()
}

// Generated templates mean here what they mean to AWS's own translator.
func TestGeneratedAgainstOracle(t *testing.T) {
	const count = 200
	r := rand.New(rand.NewPCG(1, 2))
	texts, docs := make([]string, count), make([]source.Node, count)
	questions := make([]question, count)
	for i := range count {
		texts[i] = generate(r)
		docs[i] = read(t, "generated.yaml", texts[i])
		questions[i] = ask(docs[i])
	}
	answers, ok := askOracle(t, questions)
	if !ok {
		return
	}
	equal, refused, shown := 0, 0, 0
	for i, doc := range docs {
		got, diags := transform(doc)
		if diags.HasErrors() && len(answers[i].Errors) > 0 {
			refused++
		}
		if judge(t, fmt.Sprintf("template %d", i), got, diags, answers[i]) {
			equal++
		} else if shown++; shown < 3 {
			t.Log(texts[i])
		}
	}
	t.Logf("%d of %d equal, %d of them refused by both", equal, count, refused)
}
