package cloud

// A Service is one AWS service as a VPC sees it: the host names its clients
// dial and the endpoints that can stand in for them.
//
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
type Service struct {
	Name      string // the short name of its endpoint service: ssm, ecr.api
	Host      string // the label before .{region}.amazonaws.com that clients dial
	IAM       string // the prefix of its IAM actions
	Interface bool   // an interface endpoint exists
	Gateway   bool   // a gateway endpoint exists
	Since     string // the day from which the interface endpoint has existed, where that matters
	Wildcard  bool   // private DNS also covers every name below the host
	Global    bool   // one host name for the whole partition
	IPv6      bool   // the ordinary host has AAAA records too
	// Quiet: its clients are other programs than a function's own calls.
	Quiet bool
	// Also are further labels before .{region}.amazonaws.com that private DNS
	// covers; *.x for every name below x.
	Also []string
	// Aliases are labels before .amazonaws.com at which the service answers
	// too, and which private DNS does not cover.
	Aliases []string
	// Actions are how the IAM actions begin for which clients dial this
	// endpoint, where others with the same prefix go elsewhere.
	Actions []string
	// Ports on which its endpoint answers; 443 where none are listed.
	Ports []uint16
}

// services is the catalogue, by name. Since is given only where an answer for
// a date in the past may depend on it. Timestream has an endpoint for each of
// its cells, which private DNS covers by the cell's name alone; its clients ask
// the name without a cell first, which has no endpoint.
// https://docs.aws.amazon.com/timestream/latest/developerguide/VPCEndpoints.vpc-endpoint-create.html
var services = []Service{
	{Name: "access-analyzer", Host: "access-analyzer", IAM: "access-analyzer", Interface: true},
	{Name: "acm-pca", Host: "acm-pca", IAM: "acm-pca", Interface: true},
	{Name: "amp", Host: "aps", IAM: "aps", Interface: true},
	{Name: "amp-workspaces", Host: "aps-workspaces", IAM: "aps", Interface: true, Actions: []string{"RemoteWrite", "QueryMetrics", "GetLabels", "GetSeries", "GetMetricMetadata"}},
	{Name: "aoss", Host: "aoss", IAM: "aoss", Interface: true, Since: "2022-11-29"},
	{Name: "apigateway", Host: "apigateway", IAM: "apigateway", Interface: true},
	{Name: "appconfig", Host: "appconfig", IAM: "appconfig", Interface: true},
	{Name: "appconfigdata", Host: "appconfigdata", IAM: "appconfig", Interface: true, Actions: []string{"GetLatestConfiguration", "StartConfigurationSession"}},
	{Name: "application-autoscaling", Host: "application-autoscaling", IAM: "application-autoscaling", Interface: true},
	{Name: "appsync", Host: "appsync", IAM: "appsync", Interface: true},
	{Name: "athena", Host: "athena", IAM: "athena", Interface: true},
	{Name: "autoscaling", Host: "autoscaling", IAM: "autoscaling", Interface: true},
	{Name: "backup", Host: "backup", IAM: "backup", Interface: true},
	{Name: "batch", Host: "batch", IAM: "batch", Interface: true},
	{Name: "bedrock", Host: "bedrock", IAM: "bedrock", Interface: true, Since: "2023-09-28"},
	{Name: "bedrock-agent", Host: "bedrock-agent", IAM: "bedrock", Interface: true, Since: "2024-01-01", Actions: []string{"CreateAgent", "UpdateAgent", "GetAgent", "ListAgents", "PrepareAgent"}},
	{Name: "bedrock-agent-runtime", Host: "bedrock-agent-runtime", IAM: "bedrock", Interface: true, Since: "2024-01-01", Actions: []string{"InvokeAgent", "Retrieve", "InvokeFlow"}},
	{Name: "bedrock-runtime", Host: "bedrock-runtime", IAM: "bedrock", Interface: true, Since: "2023-09-28", Actions: []string{"InvokeModel", "Converse", "ApplyGuardrail"}},
	{Name: "budgets", Host: "budgets", IAM: "budgets", Global: true},
	{Name: "cassandra", Host: "cassandra", IAM: "cassandra", Interface: true},
	{Name: "ce", Host: "ce.us-east-1", IAM: "ce", Global: true},
	{Name: "cloudformation", Host: "cloudformation", IAM: "cloudformation", Interface: true},
	{Name: "cloudfront", Host: "cloudfront", IAM: "cloudfront", Global: true},
	{Name: "cloudtrail", Host: "cloudtrail", IAM: "cloudtrail", Interface: true},
	{Name: "codeartifact.api", Host: "codeartifact", IAM: "codeartifact", Interface: true},
	{Name: "codebuild", Host: "codebuild", IAM: "codebuild", Interface: true},
	{Name: "codecommit", Host: "codecommit", IAM: "codecommit", Interface: true},
	{Name: "codedeploy", Host: "codedeploy", IAM: "codedeploy", Interface: true},
	{Name: "codepipeline", Host: "codepipeline", IAM: "codepipeline", Interface: true},
	{Name: "cognito-identity", Host: "cognito-identity", IAM: "cognito-identity", Interface: true, Since: "2025-10-01"},
	{Name: "cognito-idp", Host: "cognito-idp", IAM: "cognito-idp", Interface: true, Since: "2025-11-01"},
	{Name: "comprehend", Host: "comprehend", IAM: "comprehend", Interface: true},
	{Name: "config", Host: "config", IAM: "config", Interface: true},
	{Name: "datasync", Host: "datasync", IAM: "datasync", Interface: true},
	{Name: "dms", Host: "dms", IAM: "dms", Interface: true},
	{Name: "ds", Host: "ds", IAM: "ds", Interface: true},
	{Name: "dynamodb", Host: "dynamodb", IAM: "dynamodb", Interface: true, Gateway: true, Since: "2024-03-19"},
	{Name: "dynamodb-streams", Host: "streams.dynamodb", IAM: "dynamodb", Interface: true, Since: "2025-01-01", Actions: []string{"GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"}},
	{Name: "ebs", Host: "ebs", IAM: "ebs", Interface: true},
	{Name: "ec2", Host: "ec2", IAM: "ec2", Interface: true},
	{Name: "ec2messages", Host: "ec2messages", IAM: "ec2messages", Interface: true},
	{Name: "ecr.api", Host: "api.ecr", IAM: "ecr", Interface: true},
	{Name: "ecr.dkr", Host: "dkr.ecr", IAM: "ecr", Interface: true, Wildcard: true, Quiet: true},
	{Name: "ecs", Host: "ecs", IAM: "ecs", Interface: true},
	{Name: "ecs-agent", Host: "ecs-a", IAM: "ecs", Interface: true, Quiet: true},
	{Name: "ecs-telemetry", Host: "ecs-t", IAM: "ecs", Interface: true, Quiet: true},
	{Name: "eks", Host: "eks", IAM: "eks", Interface: true},
	{Name: "eks-auth", Host: "eks-auth", IAM: "eks-auth", Interface: true},
	{Name: "elasticache", Host: "elasticache", IAM: "elasticache", Interface: true},
	{Name: "elasticbeanstalk", Host: "elasticbeanstalk", IAM: "elasticbeanstalk", Interface: true},
	{Name: "elasticfilesystem", Host: "elasticfilesystem", IAM: "elasticfilesystem", Interface: true},
	{Name: "elasticloadbalancing", Host: "elasticloadbalancing", IAM: "elasticloadbalancing", Interface: true},
	{Name: "elasticmapreduce", Host: "elasticmapreduce", IAM: "elasticmapreduce", Interface: true},
	{Name: "email", Host: "email", IAM: "ses", Interface: true},
	{Name: "email-smtp", Host: "email-smtp", IAM: "ses", Interface: true, Quiet: true, Ports: []uint16{25, 465, 587, 2465, 2587}},
	{Name: "emr-containers", Host: "emr-containers", IAM: "emr-containers", Interface: true},
	{Name: "emr-serverless", Host: "emr-serverless", IAM: "emr-serverless", Interface: true},
	{Name: "events", Host: "events", IAM: "events", Interface: true},
	{Name: "evidently", Host: "evidently", IAM: "evidently", Interface: true},
	{Name: "execute-api", Host: "execute-api", IAM: "execute-api", Interface: true, Wildcard: true},
	{Name: "fis", Host: "fis", IAM: "fis", Interface: true},
	{Name: "forecast", Host: "forecast", IAM: "forecast", Interface: true},
	{Name: "fsx", Host: "fsx", IAM: "fsx", Interface: true},
	{Name: "geo.maps", Host: "maps.geo", IAM: "geo", Interface: true, Actions: []string{"GetMap"}},
	{Name: "glue", Host: "glue", IAM: "glue", Interface: true},
	{Name: "grafana", Host: "grafana", IAM: "grafana", Interface: true},
	{Name: "healthlake", Host: "healthlake", IAM: "healthlake", Interface: true},
	{Name: "iam", Host: "iam", IAM: "iam", Global: true},
	{Name: "imagebuilder", Host: "imagebuilder", IAM: "imagebuilder", Interface: true},
	{Name: "inspector2", Host: "inspector2", IAM: "inspector2", Interface: true},
	{Name: "iot.data", Host: "data.iot", IAM: "iot", Interface: true, Actions: []string{"Publish", "GetThingShadow", "UpdateThingShadow", "DeleteThingShadow"}},
	{Name: "iotsitewise.api", Host: "api.iotsitewise", IAM: "iotsitewise", Interface: true},
	{Name: "kafka", Host: "kafka", IAM: "kafka", Interface: true},
	{Name: "kendra", Host: "kendra", IAM: "kendra", Interface: true},
	{Name: "kinesis-firehose", Host: "firehose", IAM: "firehose", Interface: true},
	{Name: "kinesis-streams", Host: "kinesis", IAM: "kinesis", Interface: true, Also: []string{"*.control-kinesis", "*.data-kinesis"}},
	{Name: "kinesisanalytics", Host: "kinesisanalytics", IAM: "kinesisanalytics", Interface: true},
	{Name: "kms", Host: "kms", IAM: "kms", Interface: true},
	{Name: "lakeformation", Host: "lakeformation", IAM: "lakeformation", Interface: true},
	{Name: "lambda", Host: "lambda", IAM: "lambda", Interface: true, Since: "2020-10-20"},
	{Name: "license-manager", Host: "license-manager", IAM: "license-manager", Interface: true},
	{Name: "logs", Host: "logs", IAM: "logs", Interface: true},
	{Name: "macie2", Host: "macie2", IAM: "macie2", Interface: true},
	{Name: "memory-db", Host: "memory-db", IAM: "memorydb", Interface: true},
	{Name: "monitoring", Host: "monitoring", IAM: "cloudwatch", Interface: true},
	{Name: "mq", Host: "mq", IAM: "mq", Interface: true},
	{Name: "organizations", Host: "organizations", IAM: "organizations", Global: true},
	{Name: "personalize", Host: "personalize", IAM: "personalize", Interface: true},
	{Name: "personalize-runtime", Host: "personalize-runtime", IAM: "personalize", Interface: true, Actions: []string{"GetRecommendations", "GetPersonalizedRanking"}},
	{Name: "pipes", Host: "pipes", IAM: "pipes", Interface: true},
	{Name: "polly", Host: "polly", IAM: "polly", Interface: true},
	{Name: "rds", Host: "rds", IAM: "rds", Interface: true},
	{Name: "rds-data", Host: "rds-data", IAM: "rds-data", Interface: true},
	{Name: "redshift", Host: "redshift", IAM: "redshift", Interface: true},
	{Name: "redshift-data", Host: "redshift-data", IAM: "redshift-data", Interface: true},
	{Name: "rekognition", Host: "rekognition", IAM: "rekognition", Interface: true},
	{Name: "resource-groups", Host: "resource-groups", IAM: "resource-groups", Interface: true},
	{Name: "rolesanywhere", Host: "rolesanywhere", IAM: "rolesanywhere", Interface: true},
	{Name: "route53", Host: "route53", IAM: "route53", Global: true},
	{Name: "rum", Host: "rum", IAM: "rum", Interface: true},
	{Name: "s3", Host: "s3", IAM: "s3", Interface: true, Gateway: true, Since: "2021-02-02", Wildcard: true, Also: []string{"*.s3-accesspoint", "*.s3-control"}, Aliases: []string{"s3"}},
	{Name: "sagemaker.api", Host: "api.sagemaker", IAM: "sagemaker", Interface: true},
	{Name: "sagemaker.runtime", Host: "runtime.sagemaker", IAM: "sagemaker", Interface: true, Actions: []string{"InvokeEndpoint"}},
	{Name: "scheduler", Host: "scheduler", IAM: "scheduler", Interface: true},
	{Name: "secretsmanager", Host: "secretsmanager", IAM: "secretsmanager", Interface: true},
	{Name: "securityhub", Host: "securityhub", IAM: "securityhub", Interface: true},
	{Name: "servicecatalog", Host: "servicecatalog", IAM: "servicecatalog", Interface: true},
	{Name: "servicediscovery", Host: "servicediscovery", IAM: "servicediscovery", Interface: true},
	{Name: "sms-voice", Host: "sms-voice", IAM: "sms-voice", Interface: true},
	{Name: "sns", Host: "sns", IAM: "sns", Interface: true, IPv6: true},
	{Name: "sqs", Host: "sqs", IAM: "sqs", Interface: true, IPv6: true, Aliases: []string{"{region}.queue", "queue"}},
	{Name: "ssm", Host: "ssm", IAM: "ssm", Interface: true},
	{Name: "ssm-contacts", Host: "ssm-contacts", IAM: "ssm-contacts", Interface: true},
	{Name: "ssm-incidents", Host: "ssm-incidents", IAM: "ssm-incidents", Interface: true},
	{Name: "ssmmessages", Host: "ssmmessages", IAM: "ssmmessages", Interface: true, Quiet: true},
	{Name: "states", Host: "states", IAM: "states", Interface: true},
	{Name: "sts", Host: "sts", IAM: "sts", Interface: true, Aliases: []string{"sts"}},
	{Name: "support", Host: "support", IAM: "support", Global: true},
	{Name: "swf", Host: "swf", IAM: "swf", Interface: true},
	{Name: "sync-states", Host: "sync-states", IAM: "states", Interface: true, Actions: []string{"StartSyncExecution"}},
	{Name: "synthetics", Host: "synthetics", IAM: "synthetics", Interface: true},
	{Name: "textract", Host: "textract", IAM: "textract", Interface: true},
	{Name: "timestream.ingest", Host: "ingest.timestream", IAM: "timestream", Actions: []string{"WriteRecords", "CreateTable", "CreateDatabase", "UpdateTable", "DeleteTable", "ListTables", "DescribeTable", "DescribeEndpoints"}},
	{Name: "timestream.ingest-cell1", Host: "ingest-cell1.timestream", IAM: "timestream", Interface: true, Quiet: true},
	{Name: "timestream.ingest-cell2", Host: "ingest-cell2.timestream", IAM: "timestream", Interface: true, Quiet: true},
	{Name: "timestream.query", Host: "query.timestream", IAM: "timestream", Actions: []string{"Select", "SelectValues", "DescribeEndpoints", "CancelQuery"}},
	{Name: "timestream.query-cell1", Host: "query-cell1.timestream", IAM: "timestream", Interface: true, Quiet: true},
	{Name: "timestream.query-cell2", Host: "query-cell2.timestream", IAM: "timestream", Interface: true, Quiet: true},
	{Name: "transcribe", Host: "transcribe", IAM: "transcribe", Interface: true},
	{Name: "transcribestreaming", Host: "transcribestreaming", IAM: "transcribe", Interface: true, Actions: []string{"StartStreamTranscription"}},
	{Name: "transfer", Host: "transfer", IAM: "transfer", Interface: true},
	{Name: "translate", Host: "translate", IAM: "translate", Interface: true},
	{Name: "verifiedpermissions", Host: "verifiedpermissions", IAM: "verifiedpermissions", Interface: true},
	{Name: "waf", Host: "waf", IAM: "waf", Global: true},
	{Name: "workspaces", Host: "workspaces", IAM: "workspaces", Interface: true},
	{Name: "xray", Host: "xray", IAM: "xray", Interface: true},
}
