package sam

import (
	"slices"
	"strings"

	"bailey/source"
)

// pullProperties are what every event source that Lambda polls may have, and
// pullSources what each has besides.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
const pullProperties = `StartingPosition,StartingPositionTimestamp,KmsKeyArn:any Enabled,BisectBatchOnFunctionError:bool
	BatchSize,MaximumBatchingWindowInSeconds,MaximumRetryAttempts,MaximumRecordAgeInSeconds,ParallelizationFactor,TumblingWindowInSeconds:int
	Topics,Queues,SourceAccessConfigurations,FunctionResponseTypes,KafkaBootstrapServers:list SecretsManagerKmsKeyId,ConsumerGroupId:str
	DestinationConfig,FilterCriteria,ScalingConfig,ProvisionedPollerConfig,SchemaRegistryConfig,MetricsConfig,LoggingConfig:map`

var pullSources = map[string]string{
	"Kinesis": "Stream,StartingPosition:!any", "DynamoDB": "Stream,StartingPosition:!any", "MSK": "Stream,StartingPosition:!any",
	"SQS": "Queue:!any", "MQ": "Broker:!any DynamicPolicyName:=bool", "SelfManagedKafka": "",
	"DocumentDB": "Cluster,DatabaseName:!any CollectionName,FullDocument:any",
}

// copiedToMapping are the properties that an event source mapping has as they are.
var copiedToMapping = strings.Fields(`StartingPosition StartingPositionTimestamp BatchSize Enabled MaximumBatchingWindowInSeconds
	MaximumRetryAttempts BisectBatchOnFunctionError MaximumRecordAgeInSeconds ParallelizationFactor Topics Queues
	SourceAccessConfigurations TumblingWindowInSeconds FunctionResponseTypes FilterCriteria KmsKeyArn ScalingConfig
	ProvisionedPollerConfig MetricsConfig LoggingConfig`)

// sourceARN is the property that names what is polled.
var sourceARN = map[string]string{"Kinesis": "Stream", "DynamoDB": "Stream", "MSK": "Stream", "SQS": "Queue", "MQ": "Broker", "DocumentDB": "Cluster"}

// pullPolicy is the managed policy that polling needs.
var pullPolicy = map[string]string{"Kinesis": "AWSLambdaKinesisExecutionRole", "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
	"SQS": "AWSLambdaSQSQueueExecutionRole", "MSK": "AWSLambdaMSKExecutionRole"}

// pullEvent makes the event source mapping of a source that Lambda polls, and
// gives the function's role what polling needs.
func (t *transformer) pullEvent(l *lambda, e event) {
	r := newResource(e.at, e.id, "AWS::Lambda::EventSourceMapping", l.passed(), kv{"FunctionName", l.name()})
	r.copy(e.props, copiedToMapping...)
	if key := sourceARN[e.kind]; key != "" {
		r.set("EventSourceArn", e.prop(key))
	}
	t.pullRules(e)
	t.kafkaConfig(e, r)
	if e.kind == "DocumentDB" {
		config := newResource(e.at, "", "", nil, kv{"DatabaseName", e.prop("DatabaseName")})
		config.copyTruthy(e.props, "CollectionName", "FullDocument")
		r.set("DocumentDBEventSourceConfig", config.props)
	}
	l.add(r)
	arn := ""
	if name := pullPolicy[e.kind]; name != "" {
		arn = t.managed("service-role/" + name)
	}
	l.grant(arn, t.pullPolicies(e)...)
	t.failureDestination(l, e, r)
}

func (t *transformer) pullRules(e event) {
	if f := e.prop("FilterCriteria"); truthy(f) && !isIntrinsic(f) && (len(f.Entries) != 1 || f.Entries[0].Key != "Filters") {
		t.errorf(f.At, e.said, "FilterCriteria has Filters and nothing else")
	}
	if g := e.prop("ConsumerGroupId"); truthy(g) && e.kind != "MSK" && e.kind != "SelfManagedKafka" {
		t.errorf(g.At, e.said, "an event of type %s has no ConsumerGroupId", e.kind)
	}
}

// kafkaConfig sets what only mappings of Kafka have.
func (t *transformer) kafkaConfig(e event, r *resource) {
	p := place(e.at)
	if servers := e.prop("KafkaBootstrapServers"); truthy(servers) {
		r.set("SelfManagedEventSource", p.obj(kv{"Endpoints", p.obj(kv{"KafkaBootstrapServers", servers})}))
	}
	config := newResource(e.at, "", "", nil)
	config.copyTruthy(e.props, "ConsumerGroupId", "SchemaRegistryConfig")
	if len(config.props.Entries) == 0 {
		return
	}
	switch e.kind {
	case "MSK":
		r.set("AmazonManagedKafkaEventSourceConfig", config.props)
	case "SelfManagedKafka":
		r.set("SelfManagedKafkaEventSourceConfig", config.props)
	}
}

// failureDestination lets the role send to where records go that failed.
func (t *transformer) failureDestination(l *lambda, e event, r *resource) {
	config := e.prop("DestinationConfig")
	if !truthy(config) {
		return
	}
	config = clone(config)
	failure := child(&config, "OnFailure")
	if failure == nil || failure.Kind != source.Map {
		t.errorf(config.At, e.said, "DestinationConfig has a map OnFailure")
		return
	}
	kind := get(*failure, "Type")
	del(failure, "Type")
	r.set("DestinationConfig", config)
	switch arn := get(*failure, "Destination"); {
	case !truthy(kind) || isText(kind, "Kafka"):
	case oneOf(kind, "SQS", "SNS", "S3"):
		l.grant("", destinationPolicy(place(kind.At).obj(kv{"Type", kind}), e.id, arn))
	default:
		t.errorf(kind.At, e.said, "the Type of OnFailure is SQS, SNS, S3 or Kafka")
	}
}

// pullPolicies are the inline policies that polling a source needs.
func (t *transformer) pullPolicies(e event) []source.Node {
	p := place(e.at)
	switch e.kind {
	case "MQ":
		name := "SamAutoGeneratedAMQPolicy"
		if truthy(e.prop("DynamicPolicyName")) {
			name = e.id + "AMQPolicy"
		}
		statements := []source.Node{p.secret(t.credentials(e, "BASIC_AUTH", "VIRTUAL_HOST")), p.allow(p.strs("mq:DescribeBroker"), e.prop("Broker"))}
		return []source.Node{p.inline(name, append(statements, t.secretKey(e, p.str("kms:Decrypt"))...)...)}
	case "DocumentDB":
		return []source.Node{t.documentDBPolicy(e)}
	case "MSK":
		statements := t.registry(e)
		for _, c := range e.prop("SourceAccessConfigurations").Items {
			if isText(get(c, "Type"), "CLIENT_CERTIFICATE_TLS_AUTH") && truthy(get(c, "URI")) {
				statements = append(statements, p.secret(get(c, "URI")))
			}
		}
		if len(statements) > 0 {
			return []source.Node{p.inline("MSKExecutionRolePolicy", statements...)}
		}
	case "SelfManagedKafka":
		return []source.Node{t.kafkaPolicy(e)}
	}
	return nil
}

func (p place) secret(uri source.Node) source.Node {
	return p.allow(p.strs("secretsmanager:GetSecretValue"), uri)
}

// vpcAccess is what a poller in a VPC may do.
func (p place) vpcAccess() source.Node {
	return p.allow(p.strs("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface",
		"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"), p.str("*"))
}

// secretKey lets the role decrypt the secret with the key the event names.
func (t *transformer) secretKey(e event, action source.Node) []source.Node {
	key := e.prop("SecretsManagerKmsKeyId")
	if !truthy(key) {
		return nil
	}
	if key.Kind != source.String {
		t.errorf(key.At, e.said, "SecretsManagerKmsKeyId is a text")
	}
	p := place(key.At)
	return []source.Node{p.allow(action, p.sub("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/"+key.Text))}
}

func (t *transformer) documentDBPolicy(e event) source.Node {
	p := place(e.at)
	arn := func(s string) source.Node {
		return p.sub("arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:" + s)
	}
	statements := []source.Node{p.secret(t.credentials(e, "BASIC_AUTH")),
		p.allow(p.strs("rds:DescribeDBClusterParameters"), arn("cluster-pg:*")), p.allow(p.strs("rds:DescribeDBSubnetGroups"), arn("subgrp:*")),
		p.allow(p.strs("rds:DescribeDBClusters"), e.prop("Cluster")), p.vpcAccess()}
	return p.inline("SamAutoGeneratedDocumentDBPolicy", append(statements, t.secretKey(e, p.strs("kms:Decrypt"))...)...)
}

// credentials is the URI of the one configuration of the first kind; the others
// are allowed beside it.
func (t *transformer) credentials(e event, kinds ...string) source.Node {
	var uri source.Node
	for _, c := range e.prop("SourceAccessConfigurations").Items {
		kind := get(c, "Type")
		if !oneOf(kind, kinds...) {
			t.errorf(c.At, e.said, "the Type of a SourceAccessConfiguration is one of %s", strings.Join(kinds, ", "))
		}
		if isText(kind, kinds[0]) && truthy(uri) {
			t.errorf(c.At, e.said, "SourceAccessConfigurations has one %s", kinds[0])
		} else if isText(kind, kinds[0]) {
			uri = get(c, "URI")
		}
	}
	if !truthy(uri) {
		t.errorf(e.at, e.said, "SourceAccessConfigurations has a %s with a URI", kinds[0])
	}
	return uri
}

// kafkaPolicy is what polling a self-managed Kafka cluster needs.
func (t *transformer) kafkaPolicy(e event) source.Node {
	p := place(e.at)
	if !truthy(e.prop("KafkaBootstrapServers")) || e.prop("Topics").Kind == source.List && len(e.prop("Topics").Items) != 1 || !truthy(e.prop("Topics")) || !truthy(e.prop("SourceAccessConfigurations")) {
		t.errorf(e.at, e.said, "SelfManagedKafka has KafkaBootstrapServers, one of Topics, and SourceAccessConfigurations")
	}
	if all := e.prop("SourceAccessConfigurations"); all.Kind != source.List {
		t.errorf(all.At, e.said, "SourceAccessConfigurations is a list")
	}
	var login source.Node
	kinds := map[string]bool{}
	for _, c := range e.prop("SourceAccessConfigurations").Items {
		kind, uri := get(c, "Type").Text, get(c, "URI")
		isLogin := slices.Contains([]string{"SASL_SCRAM_256_AUTH", "SASL_SCRAM_512_AUTH", "BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"}, kind)
		switch {
		case !isLogin && kind != "VPC_SUBNET" && kind != "VPC_SECURITY_GROUP" && kind != "SERVER_ROOT_CA_CERTIFICATE":
			t.errorf(c.At, e.said, "a SourceAccessConfiguration of Kafka has no Type %s", kind)
		case uri.Kind != source.String && !isIntrinsic(uri) || !truthy(uri):
			t.errorf(c.At, e.said, "a SourceAccessConfiguration has a URI")
		case isLogin && truthy(login):
			t.errorf(c.At, e.said, "SourceAccessConfigurations has two ways to log in")
		case isLogin:
			login = uri
		}
		kinds[kind] = true
	}
	if kinds["VPC_SUBNET"] != kinds["VPC_SECURITY_GROUP"] {
		t.errorf(e.at, e.said, "VPC_SUBNET and VPC_SECURITY_GROUP go together")
	}
	return p.obj(kv{"PolicyName", p.str("SelfManagedKafkaExecutionRolePolicy")},
		kv{"PolicyDocument", p.document(t.kafkaStatements(e, login, kinds)...)})
}

// kafkaStatements are the statements of a poller's policy. The certificate of
// the server adds the login's statement once more, as AWS writes it.
func (t *transformer) kafkaStatements(e event, login source.Node, kinds map[string]bool) []source.Node {
	p := place(e.at)
	var out []source.Node
	if truthy(login) {
		out = append(out, p.secret(login))
	}
	if kinds["SERVER_ROOT_CA_CERTIFICATE"] {
		out = append(out, p.obj(kv{"Action", p.strs("secretsmanager:GetSecretValue")}, kv{"Effect", p.str("Allow")}, kv{"Resource", login}))
	}
	if kinds["VPC_SUBNET"] {
		out = append(out, p.vpcAccess())
	}
	out = append(out, t.secretKey(e, p.strs("kms:Decrypt"))...)
	return append(out, t.registry(e)...)
}

// registry is what reading a schema registry needs.
func (t *transformer) registry(e event) []source.Node {
	config := e.prop("SchemaRegistryConfig")
	if !truthy(config) {
		return nil
	}
	p := place(config.At)
	uri, access := get(config, "SchemaRegistryURI"), get(config, "AccessConfigs")
	if !has(config, "SchemaRegistryURI") || !oneOf(get(config, "EventRecordFormat"), "JSON", "SOURCE") || get(config, "SchemaValidationConfigs").Kind != source.List {
		t.errorf(config.At, e.said, "SchemaRegistryConfig has a SchemaRegistryURI, an EventRecordFormat (JSON or SOURCE) and a list SchemaValidationConfigs")
	}
	var out []source.Node
	for _, c := range access.Items {
		if !has(c, "Type") || !has(c, "URI") {
			t.errorf(c.At, e.said, "each of AccessConfigs has a Type and a URI")
		}
		out = append(out, p.secret(get(c, "URI")))
	}
	arn := uri
	if uri.Kind == source.Map {
		arn = get(t.resolve(uri), "Fn::Sub")
	}
	parts := strings.Split(arn.Text, ":")
	if !strings.HasPrefix(arn.Text, "arn") || len(parts) < 6 || !strings.HasPrefix(parts[5], "registry/") {
		return out
	}
	schemas := p.sub("arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:schema/" + strings.TrimPrefix(parts[5], "registry/") + "/*")
	return append(out, p.allow(p.strs("glue:GetRegistry"), uri), p.allow(p.strs("glue:GetSchemaVersion"), p.list(schemas)))
}
