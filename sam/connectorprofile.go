package sam

// A connectorHolder is what a connector attaches its permissions to.
type connectorHolder int

const (
	sourceRole        connectorHolder = iota // a managed policy of the source's role
	destinationRole                          // ... of the destination's role
	queuePolicyHolder                        // the destination queue's policy
	topicPolicyHolder                        // the destination topic's policy
	functionPolicy                           // a permission of the destination function
)

// A connectorDependent is what must be made after a connector's policy.
type connectorDependent int

const (
	nothingWaits connectorDependent = iota
	sourceWaits
	mappingWaits // the event source mapping from source to destination
)

// A grant is one statement: space-separated actions on space-separated ARNs. In
// an ARN, %Source.Arn and the like stand for attributes of either end.
type grant struct{ actions, resources string }

// An access is what one of a connector's Permissions, Read or Write, grants.
type access struct {
	name   string
	grants []grant
}

// A profile is what a connector from one type to another may grant.
type profile struct {
	holder    connectorHolder
	accesses  []access
	together  [][]string // the only combinations of Permissions, sorted; nil for any
	dependent connectorDependent
	principal string // of queue, topic and function policies
	from      string // their source's ARN
	account   bool   // the permission names the source's account too
}

// The types that connectors know.
const (
	cfnFunction   = "AWS::Lambda::Function"
	cfnTable      = "AWS::DynamoDB::Table"
	cfnBucket     = "AWS::S3::Bucket"
	cfnQueue      = "AWS::SQS::Queue"
	cfnTopic      = "AWS::SNS::Topic"
	cfnMachine    = "AWS::StepFunctions::StateMachine"
	cfnBus        = "AWS::Events::EventBus"
	cfnRule       = "AWS::Events::Rule"
	cfnRestAPI    = "AWS::ApiGateway::RestApi"
	cfnHTTPAPI    = "AWS::ApiGatewayV2::Api"
	cfnGraphQL    = "AWS::AppSync::GraphQLApi"
	cfnDataSource = "AWS::AppSync::DataSource"
	cfnPlaceIndex = "AWS::Location::PlaceIndex"
)

const (
	destinationARN  = "%Destination.Arn"
	originARN       = "%Source.Arn"
	tableARNs       = destinationARN + " " + destinationARN + "/index/*"
	bucketARNs      = destinationARN + " " + destinationARN + "/*"
	executionARNs   = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:%Destination.Name:*"
	executionEvents = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
	apiCallers      = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:%Source.ResourceId/%Source.Qualifier"
	graphQLCallers  = "arn:${AWS::Partition}:appsync:${AWS::Region}:${AWS::AccountId}:apis/%Source.ResourceId"
)

// reads and writes are accesses of one statement.
func reads(actions, resources string) access  { return access{"Read", []grant{{actions, resources}}} }
func writes(actions, resources string) access { return access{"Write", []grant{{actions, resources}}} }

var (
	tableAccess = []access{
		reads("dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:PartiQLSelect", tableARNs),
		writes("dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:PartiQLDelete dynamodb:PartiQLInsert dynamodb:PartiQLUpdate", tableARNs)}
	bucketAccess = []access{
		reads("s3:GetObject s3:GetObjectAcl s3:GetObjectLegalHold s3:GetObjectRetention s3:GetObjectTorrent s3:GetObjectVersion s3:GetObjectVersionAcl "+
			"s3:GetObjectVersionForReplication s3:GetObjectVersionTorrent s3:ListBucket s3:ListBucketMultipartUploads s3:ListBucketVersions s3:ListMultipartUploadParts", bucketARNs),
		writes("s3:AbortMultipartUpload s3:DeleteObject s3:DeleteObjectVersion s3:PutObject s3:PutObjectLegalHold s3:PutObjectRetention s3:RestoreObject", bucketARNs)}
	invoke  = writes("lambda:InvokeAsync lambda:InvokeFunction", destinationARN)
	publish = writes("sns:Publish", destinationARN)
	put     = writes("events:PutEvents", destinationARN)
)

// byRole is a profile whose policy the source's role gets.
func byRole(accesses ...access) profile { return profile{holder: sourceRole, accesses: accesses} }

// byResource is a profile whose policy the destination gets.
func byResource(holder connectorHolder, action, service, from string) profile {
	return profile{holder: holder, accesses: []access{writes(action, destinationARN)}, principal: service + ".amazonaws.com", from: from}
}

func mayInvoke(service, from string) profile {
	return byResource(functionPolicy, "lambda:InvokeFunction", service, from)
}

// A link is the types of a connector's two ends.
type link struct{ source, destination string }

// connectorProfiles are the pairs of types that a connector can join.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html
func connectorProfiles() map[link]profile {
	fromBucket := mayInvoke("s3", originARN)
	fromBucket.account = true
	return map[link]profile{
		{cfnFunction, cfnFunction}:   byRole(invoke),
		{cfnFunction, cfnTable}:      byRole(tableAccess...),
		{cfnFunction, cfnBucket}:     byRole(bucketAccess...),
		{cfnFunction, cfnTopic}:      byRole(publish),
		{cfnFunction, cfnBus}:        byRole(put),
		{cfnFunction, cfnMachine}:    byRole(machineAccess()...),
		{cfnFunction, cfnQueue}:      byRole(reads("sqs:ReceiveMessage sqs:GetQueueAttributes", destinationARN), writes("sqs:DeleteMessage sqs:SendMessage sqs:ChangeMessageVisibility sqs:PurgeQueue", destinationARN)),
		{cfnFunction, cfnPlaceIndex}: byRole(reads("geo:DescribePlaceIndex geo:GetPlace geo:SearchPlaceIndexForPosition geo:SearchPlaceIndexForSuggestions geo:SearchPlaceIndexForText", destinationARN)),

		{cfnMachine, cfnFunction}: byRole(invoke),
		{cfnMachine, cfnTable}:    byRole(tableAccess...),
		{cfnMachine, cfnBucket}:   byRole(bucketAccess...),
		{cfnMachine, cfnTopic}:    byRole(publish),
		{cfnMachine, cfnBus}:      byRole(put),
		{cfnMachine, cfnQueue}:    byRole(writes("sqs:SendMessage", destinationARN)),
		{cfnMachine, cfnMachine}:  machineToMachine(),

		{cfnDataSource, cfnTable}:    byRole(tableAccess...),
		{cfnDataSource, cfnBus}:      byRole(put),
		{cfnDataSource, cfnFunction}: byRole(writes("lambda:InvokeAsync lambda:InvokeFunction", destinationARN+" "+destinationARN+":*")),

		{cfnRule, cfnBus}:      byRole(put),
		{cfnRule, cfnMachine}:  byRole(writes("states:StartExecution", destinationARN)),
		{cfnRule, cfnTopic}:    byResource(topicPolicyHolder, "sns:Publish", "events", originARN),
		{cfnRule, cfnQueue}:    byResource(queuePolicyHolder, "sqs:SendMessage", "events", originARN),
		{cfnRule, cfnFunction}: mayInvoke("events", originARN),

		{cfnTopic, cfnQueue}:    byResource(queuePolicyHolder, "sqs:SendMessage", "sns", originARN),
		{cfnTopic, cfnFunction}: mayInvoke("sns", originARN),

		{cfnRestAPI, cfnFunction}: mayInvoke("apigateway", apiCallers),
		{cfnHTTPAPI, cfnFunction}: mayInvoke("apigateway", apiCallers),
		{cfnGraphQL, cfnFunction}: mayInvoke("appsync", graphQLCallers),
		{cfnBucket, cfnFunction}:  fromBucket,

		{cfnTable, cfnFunction}: {holder: destinationRole, dependent: mappingWaits,
			accesses: []access{reads("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams", originARN+"/stream/*")}},
		{cfnQueue, cfnFunction}: {holder: destinationRole, dependent: mappingWaits, together: [][]string{{"Read", "Write"}},
			accesses: []access{writes("sqs:DeleteMessage", originARN), reads("sqs:ReceiveMessage sqs:GetQueueAttributes", originARN)}},
	}
}

func machineAccess() []access {
	return []access{
		{"Write", []grant{{"states:StartExecution states:StartSyncExecution", destinationARN}, {"states:StopExecution", executionARNs}}},
		{"Read", []grant{{"states:DescribeStateMachine states:ListExecutions", destinationARN},
			{"states:DescribeExecution states:DescribeStateMachineForExecution states:GetExecutionHistory", executionARNs}}},
	}
}

// machineToMachine needs a managed rule besides, by which one execution waits
// for another. https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html
func machineToMachine() profile {
	return profile{holder: sourceRole, dependent: sourceWaits, together: [][]string{{"Read"}, {"Read", "Write"}}, accesses: []access{
		{"Read", []grant{{"states:DescribeExecution", executionARNs}, {"events:DescribeRule", executionEvents}}},
		{"Write", []grant{{"states:StartExecution", destinationARN}, {"states:StopExecution", executionARNs}, {"events:PutTargets events:PutRule", executionEvents}}},
	}}
}
