package sam

import (
	"regexp"
	"strings"

	"bailey/source"
)

// writeTemplate writes a policy template out as a policy document. A template is
// its statements, joined by ";": the service, its actions, ">" and the resources,
// then perhaps "?", a condition key and the resource it must equal. A resource is
// "*", "~x" (x of the service in the stack's account and region), ":::x" (x of
// the service in no account or region) or as it stands, with {Parameter} for a
// parameter's value. "=" before the actions writes one action as a text, "[" before
// the resources writes one resource as a list.
func writeTemplate(p place, template string, parameter func(string) source.Node) source.Node {
	statements := p.list()
	for statement := range strings.SplitSeq(template, ";") {
		statement, condition, conditional := strings.Cut(statement, "?")
		do, on, _ := strings.Cut(statement, ">")
		words := strings.Fields(do)
		out := p.allow(p.templateActions(words[0], words[1:]), p.templateResources(words[0], on, parameter))
		if conditional {
			words = strings.Fields(condition)
			service, resource, _ := strings.Cut(words[1], "~")
			set(&out, "Condition", p.obj(kv{"StringEquals", p.obj(kv{words[0], p.templateResource(service, "~"+resource, parameter)})}))
		}
		statements.Items = append(statements.Items, out)
	}
	return p.obj(kv{"Statement", statements})
}

func (p place) templateActions(service string, actions []string) source.Node {
	if actions[0] == "=" {
		return p.str(service + ":" + actions[1])
	}
	out := p.list()
	for _, action := range actions {
		out.Items = append(out.Items, p.str(service+":"+action))
	}
	return out
}

func (p place) templateResources(service, on string, parameter func(string) source.Node) source.Node {
	words := strings.Fields(on)
	if words[0] != "[" && len(words) == 1 {
		return p.templateResource(service, words[0], parameter)
	}
	out := p.list()
	for _, word := range words {
		if word != "[" {
			out.Items = append(out.Items, p.templateResource(service, word, parameter))
		}
	}
	return out
}

var templateParameter = regexp.MustCompile(`\{(?:(\w+)=)?(\w+)\}`)

// templateResource is one resource. A parameter is a variable of Fn::Sub, called
// as the parameter with its first letter in lower case, or as stated.
func (p place) templateResource(service, text string, parameter func(string) source.Node) source.Node {
	if text == "*" {
		return p.str("*")
	}
	var vars []kv
	text = templateParameter.ReplaceAllStringFunc(text, func(m string) string {
		parts := templateParameter.FindStringSubmatch(m)
		name := parts[1]
		if name == "" {
			name = strings.ToLower(parts[2][:1]) + parts[2][1:]
		}
		vars = append(vars, kv{name, parameter(parts[2])})
		return "${" + name + "}"
	})
	switch {
	case strings.HasPrefix(text, "~"):
		text = "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:" + text[1:]
	case strings.HasPrefix(text, ":::"):
		text = "arn:${AWS::Partition}:" + service + text
	}
	return p.sub(text, vars...)
}

// policyTemplates are the policy templates of SAM.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
var policyTemplates = map[string]string{
	"AMIDescribePolicy":                     `ec2 DescribeImages > *`,
	"AWSSecretsManagerGetSecretValuePolicy": `secretsmanager GetSecretValue > {SecretArn}`,
	"AWSSecretsManagerRotationPolicy": `secretsmanager DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage > ~secret:*
		? secretsmanager:resource/AllowRotationLambdaArn lambda~function:{FunctionName}; secretsmanager GetRandomPassword > *`,
	"AcmGetCertificatePolicy": `acm GetCertificate > {CertificateArn}`,
	"AthenaQueryPolicy": `athena ListWorkGroups GetExecutionEngine GetExecutionEngines GetNamespace GetCatalogs GetNamespaces GetTables GetTable > *;
		athena StartQueryExecution GetQueryResults DeleteNamedQuery GetNamedQuery ListQueryExecutions StopQueryExecution GetQueryResultsStream
		ListNamedQueries CreateNamedQuery GetQueryExecution BatchGetNamedQuery BatchGetQueryExecution GetWorkGroup > ~workgroup/{workgroupName=WorkGroupName}`,
	"CloudFormationDescribeStacksPolicy":   `cloudformation DescribeStacks > ~stack/*`,
	"CloudWatchDashboardPolicy":            `cloudwatch GetDashboard ListDashboards PutDashboard ListMetrics > *`,
	"CloudWatchDescribeAlarmHistoryPolicy": `cloudwatch DescribeAlarmHistory > *`,
	"CloudWatchPutMetricPolicy":            `cloudwatch PutMetricData > *`,
	"CodeCommitCrudPolicy": `codecommit GitPull GitPush CreateBranch DeleteBranch GetBranch ListBranches MergeBranchesByFastForward MergeBranchesBySquash
		MergeBranchesByThreeWay UpdateDefaultBranch BatchDescribeMergeConflicts CreateUnreferencedMergeCommit DescribeMergeConflicts GetMergeCommit
		GetMergeOptions BatchGetPullRequests CreatePullRequest DescribePullRequestEvents GetCommentsForPullRequest GetCommitsFromMergeBase
		GetMergeConflicts GetPullRequest ListPullRequests MergePullRequestByFastForward MergePullRequestBySquash MergePullRequestByThreeWay
		PostCommentForPullRequest UpdatePullRequestDescription UpdatePullRequestStatus UpdatePullRequestTitle DeleteFile GetBlob GetFile GetFolder
		PutFile DeleteCommentContent GetComment GetCommentsForComparedCommit PostCommentForComparedCommit PostCommentReply UpdateComment
		BatchGetCommits CreateCommit GetCommit GetCommitHistory GetDifferences GetObjectIdentifier GetReferences GetTree GetRepository
		UpdateRepositoryDescription ListTagsForResource TagResource UntagResource GetRepositoryTriggers PutRepositoryTriggers
		TestRepositoryTriggers GetBranch GetCommit UploadArchive GetUploadArchiveStatus CancelUploadArchive > ~{RepositoryName}`,
	"CodeCommitReadPolicy": `codecommit GitPull GetBranch ListBranches BatchDescribeMergeConflicts DescribeMergeConflicts GetMergeCommit GetMergeOptions
		BatchGetPullRequests DescribePullRequestEvents GetCommentsForPullRequest GetCommitsFromMergeBase GetMergeConflicts GetPullRequest
		ListPullRequests GetBlob GetFile GetFolder GetComment GetCommentsForComparedCommit BatchGetCommits GetCommit GetCommitHistory
		GetDifferences GetObjectIdentifier GetReferences GetTree GetRepository ListTagsForResource GetRepositoryTriggers TestRepositoryTriggers
		GetBranch GetCommit GetUploadArchiveStatus > ~{RepositoryName}`,
	"CodePipelineLambdaExecutionPolicy": `codepipeline PutJobSuccessResult PutJobFailureResult > *`,
	"CodePipelineReadOnlyPolicy":        `codepipeline ListPipelineExecutions > ~{pipelinename=PipelineName}`,
	"ComprehendBasicAccessPolicy": `comprehend BatchDetectKeyPhrases DetectDominantLanguage DetectEntities BatchDetectEntities DetectKeyPhrases
		DetectSentiment BatchDetectDominantLanguage BatchDetectSentiment > *`,
	"CostExplorerReadOnlyPolicy": `ce GetCostAndUsage GetDimensionValues GetReservationCoverage GetReservationPurchaseRecommendation GetReservationUtilization GetTags > *`,
	"DynamoDBBackupFullAccessPolicy": `dynamodb CreateBackup DescribeContinuousBackups > ~table/{TableName};
		dynamodb DeleteBackup DescribeBackup ListBackups > ~table/{TableName}/backup/*`,
	"DynamoDBCrudPolicy": `dynamodb GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem >
		~table/{TableName} ~table/{TableName}/index/*`,
	"DynamoDBReadPolicy":        `dynamodb GetItem Scan Query BatchGetItem DescribeTable > ~table/{TableName} ~table/{TableName}/index/*`,
	"DynamoDBReconfigurePolicy": `dynamodb UpdateTable > ~table/{TableName}`,
	"DynamoDBRestoreFromBackupPolicy": `dynamodb RestoreTableFromBackup > ~table/{TableName}/backup/*;
		dynamodb PutItem UpdateItem DeleteItem GetItem Query Scan BatchWriteItem > ~table/{TableName}`,
	"DynamoDBStreamReadPolicy": `dynamodb DescribeStream GetRecords GetShardIterator > ~table/{TableName}/stream/{StreamName};
		dynamodb ListStreams > ~table/{TableName}/stream/*`,
	"DynamoDBWritePolicy": `dynamodb PutItem UpdateItem BatchWriteItem > ~table/{TableName} ~table/{TableName}/index/*`,
	"EC2CopyImagePolicy":  `ec2 CopyImage > ~image/{ImageId}`,
	"EC2DescribePolicy":   `ec2 DescribeRegions DescribeInstances > *`,
	"EFSWriteAccessPolicy": `elasticfilesystem ClientMount ClientWrite > ~file-system/{FileSystem=FileSystem}
		? elasticfilesystem:AccessPointArn elasticfilesystem~access-point/{AccessPoint=AccessPoint}`,
	"EKSDescribePolicy":                              `eks DescribeCluster ListClusters > *`,
	"EcsRunTaskPolicy":                               `ecs RunTask > ~task-definition/{TaskDefinition}`,
	"ElasticMapReduceAddJobFlowStepsPolicy":          `elasticmapreduce = AddJobFlowSteps > ~cluster/{ClusterId}`,
	"ElasticMapReduceCancelStepsPolicy":              `elasticmapreduce = CancelSteps > ~cluster/{ClusterId}`,
	"ElasticMapReduceModifyInstanceFleetPolicy":      `elasticmapreduce ModifyInstanceFleet ListInstanceFleets > ~cluster/{ClusterId}`,
	"ElasticMapReduceModifyInstanceGroupsPolicy":     `elasticmapreduce ModifyInstanceGroups ListInstanceGroups > ~cluster/{ClusterId}`,
	"ElasticMapReduceSetTerminationProtectionPolicy": `elasticmapreduce = SetTerminationProtection > ~cluster/{ClusterId}`,
	"ElasticMapReduceTerminateJobFlowsPolicy":        `elasticmapreduce = TerminateJobFlows > ~cluster/{ClusterId}`,
	"ElasticsearchHttpPostPolicy":                    `es ESHttpPost ESHttpPut > ~domain/{DomainName}/*`,
	"EventBridgePutEventsPolicy":                     `events = PutEvents > ~event-bus/{EventBusName}`,
	"FilterLogEventsPolicy":                          `logs FilterLogEvents > ~log-group:{LogGroupName}:log-stream:*`,
	"FirehoseCrudPolicy": `firehose CreateDeliveryStream DeleteDeliveryStream DescribeDeliveryStream PutRecord PutRecordBatch UpdateDestination >
		~deliverystream/{DeliveryStreamName}`,
	"FirehoseWritePolicy": `firehose PutRecord PutRecordBatch > ~deliverystream/{DeliveryStreamName}`,
	"KMSDecryptPolicy":    `kms = Decrypt > ~key/{KeyId}`,
	"KMSEncryptPolicy":    `kms = Encrypt > ~key/{KeyId}`,
	"KMSEncryptPolicy_v2": `kms Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext > ~key/{KeyId}`,
	"KinesisCrudPolicy": `kinesis AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream DescribeStreamSummary
		GetShardIterator IncreaseStreamRetentionPeriod ListTagsForStream MergeShards PutRecord PutRecords SplitShard RemoveTagsFromStream > ~stream/{StreamName}`,
	"KinesisStreamReadPolicy": `kinesis ListStreams DescribeLimits > ~stream/*;
		kinesis DescribeStream DescribeStreamSummary GetRecords GetShardIterator > ~stream/{StreamName}`,
	"LambdaInvokePolicy":                   `lambda InvokeFunction > ~function:{FunctionName}*`,
	"MobileAnalyticsWriteOnlyAccessPolicy": `mobileanalytics PutEvents > *`,
	"OrganizationsListAccountsPolicy":      `organizations ListAccounts > *`,
	"PinpointEndpointAccessPolicy":         `mobiletargeting GetEndpoint UpdateEndpoint UpdateEndpointsBatch > ~apps/{PinpointApplicationId}/endpoints/*`,
	"PollyFullAccessPolicy": `polly GetLexicon DeleteLexicon > [ ~lexicon/{LexiconName};
		polly DescribeVoices ListLexicons PutLexicon SynthesizeSpeech > [ ~lexicon/*`,
	"RekognitionDetectOnlyPolicy":           `rekognition DetectFaces DetectLabels DetectModerationLabels DetectText > *`,
	"RekognitionFacesManagementPolicy":      `rekognition IndexFaces DeleteFaces SearchFaces SearchFacesByImage ListFaces > ~collection/{CollectionId}`,
	"RekognitionFacesPolicy":                `rekognition CompareFaces DetectFaces > *`,
	"RekognitionLabelsPolicy":               `rekognition DetectLabels DetectModerationLabels > *`,
	"RekognitionNoDataAccessPolicy":         `rekognition CompareFaces DetectFaces DetectLabels DetectModerationLabels > ~collection/{CollectionId}`,
	"RekognitionReadPolicy":                 `rekognition ListCollections ListFaces SearchFaces SearchFacesByImage > ~collection/{CollectionId}`,
	"RekognitionWriteOnlyAccessPolicy":      `rekognition CreateCollection IndexFaces > ~collection/{CollectionId}`,
	"Route53ChangeResourceRecordSetsPolicy": `route53 ChangeResourceRecordSets > :::hostedzone/{HostedZoneId=HostedZoneId}`,
	"S3CrudPolicy": `s3 GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl GetLifecycleConfiguration
		PutLifecycleConfiguration DeleteObject > :::{BucketName} :::{BucketName}/*`,
	"S3FullAccessPolicy": `s3 GetObject GetObjectAcl GetObjectVersion PutObject PutObjectAcl DeleteObject DeleteObjectTagging DeleteObjectVersionTagging
		GetObjectTagging GetObjectVersionTagging PutObjectTagging PutObjectVersionTagging > [ :::{BucketName}/*;
		s3 ListBucket GetBucketLocation GetLifecycleConfiguration PutLifecycleConfiguration > [ :::{BucketName}`,
	"S3ReadPolicy":  `s3 GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration > :::{BucketName} :::{BucketName}/*`,
	"S3WritePolicy": `s3 PutObject PutObjectAcl PutLifecycleConfiguration > :::{BucketName} :::{BucketName}/*`,
	"SESBulkTemplatedCrudPolicy": `ses GetIdentityVerificationAttributes SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail
		VerifyEmailIdentity > ~identity/{IdentityName}`,
	"SESBulkTemplatedCrudPolicy_v2": `ses SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail > ~identity/{IdentityName} ~template/{TemplateName};
		ses GetIdentityVerificationAttributes VerifyEmailIdentity > *`,
	"SESCrudPolicy":                         `ses GetIdentityVerificationAttributes SendEmail SendRawEmail VerifyEmailIdentity > ~identity/{IdentityName}`,
	"SESEmailTemplateCrudPolicy":            `ses CreateTemplate GetTemplate ListTemplates UpdateTemplate DeleteTemplate TestRenderTemplate > *`,
	"SESSendBouncePolicy":                   `ses SendBounce > ~identity/{IdentityName}`,
	"SNSCrudPolicy":                         `sns ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish > ~{TopicName}*`,
	"SNSPublishMessagePolicy":               `sns Publish > ~{TopicName}`,
	"SQSPollerPolicy":                       `sqs ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch GetQueueAttributes ReceiveMessage > ~{QueueName}`,
	"SQSSendMessagePolicy":                  `sqs SendMessage* > ~{QueueName}`,
	"SSMParameterReadPolicy":                `ssm DescribeParameters > *; ssm GetParameters GetParameter GetParametersByPath > ~parameter/{ParameterName}`,
	"SSMParameterWithSlashPrefixReadPolicy": `ssm DescribeParameters > *; ssm GetParameters GetParameter GetParametersByPath > ~parameter{ParameterName}`,
	"SageMakerCreateEndpointConfigPolicy":   `sagemaker CreateEndpointConfig > ~endpoint-config/{EndpointConfigName}`,
	"SageMakerCreateEndpointPolicy":         `sagemaker CreateEndpoint > ~endpoint/{EndpointName}`,
	"ServerlessRepoReadWriteAccessPolicy": `serverlessrepo CreateApplication CreateApplicationVersion UpdateApplication GetApplication ListApplications
		ListApplicationVersions ListApplicationDependencies > [ ~applications/*`,
	"StepFunctionsCallbackPolicy":     `states SendTaskFailure SendTaskHeartbeat SendTaskSuccess > ~stateMachine:{StateMachineName}`,
	"StepFunctionsExecutionPolicy":    `states StartExecution > ~stateMachine:{StateMachineName}`,
	"StepFunctionsExecutionPolicy_v2": `states StartExecution StartSyncExecution > ~stateMachine:{StateMachineName}`,
	"TextractDetectAnalyzePolicy":     `textract DetectDocumentText StartDocumentTextDetection StartDocumentAnalysis AnalyzeDocument > *`,
	"TextractGetResultPolicy":         `textract GetDocumentTextDetection GetDocumentAnalysis > *`,
	"TextractPolicy":                  `textract * > *`,
	"VPCAccessPolicy":                 `ec2 CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DetachNetworkInterface > *`,
}
