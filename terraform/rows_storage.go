package terraform

// storageRows are queues, topics, buckets, tables, secrets, keys and what
// invokes by rules and schedules.
var storageRows = []row{
	{tf: "aws_sqs_queue", cfn: "AWS::SQS::Queue", properties: "QueueName=name FifoQueue VisibilityTimeout=visibility_timeout_seconds KmsMasterKeyId RedrivePolicy:json=redrive_policy DelaySeconds MessageRetentionPeriod=message_retention_seconds " +
		"ContentBasedDeduplication MaximumMessageSize=max_message_size ReceiveMessageWaitTimeSeconds=receive_wait_time_seconds SqsManagedSseEnabled KmsDataKeyReusePeriodSeconds DeduplicationScope FifoThroughputLimit RedriveAllowPolicy:json=redrive_allow_policy", make: queue,
		attributes: "id=Ref url=Ref arn=Arn name=QueueName"},
	{tf: "aws_sqs_queue_policy", cfn: "AWS::SQS::QueuePolicy", properties: "Queues[]=queue_url PolicyDocument:json=policy", attributes: "id"},
	{tf: "aws_sqs_queue_redrive_policy", make: replacing("aws_sqs_queue.queue_url", "RedrivePolicy", "redrive_policy"), attributes: "id"},
	{tf: "aws_sns_topic", cfn: "AWS::SNS::Topic", properties: "TopicName=name DisplayName FifoTopic KmsMasterKeyId ContentBasedDeduplication SignatureVersion TracingConfig ArchivePolicy:json=archive_policy", make: topic, attributes: "id=Ref arn=Ref name=TopicName"},
	{tf: "aws_sns_topic_policy", cfn: "AWS::SNS::TopicPolicy", properties: "Topics[]=arn PolicyDocument:json=policy", attributes: "id"},
	{tf: "aws_sns_topic_subscription", cfn: "AWS::SNS::Subscription", properties: "TopicArn Protocol Endpoint RawMessageDelivery FilterPolicy:json=filter_policy FilterPolicyScope RedrivePolicy:json=redrive_policy SubscriptionRoleArn", attributes: "id=Arn arn=Arn"},
	{tf: "aws_s3_bucket", cfn: "AWS::S3::Bucket", properties: "BucketName=bucket", make: bucket,
		attributes: "id=Ref bucket=Ref arn=Arn bucket_domain_name=DomainName bucket_regional_domain_name=RegionalDomainName"},
	{tf: "aws_s3_bucket_policy", cfn: "AWS::S3::BucketPolicy", properties: "Bucket PolicyDocument:json=policy", attributes: "id"},
	{tf: "aws_s3_bucket_public_access_block", make: publicAccess, attributes: "id"},
	{tf: "aws_s3_bucket_versioning", make: versioning, attributes: "id"},
	{tf: "aws_s3_bucket_notification", make: notification, attributes: "id"},
	{tf: "aws_dynamodb_table", cfn: "AWS::DynamoDB::Table", make: table, attributes: "id=Ref name=Ref arn=Arn stream_arn=StreamArn",
		properties: "TableName=name BillingMode AttributeDefinitions[]=attribute{AttributeName=name AttributeType=type} DeletionProtectionEnabled PointInTimeRecoverySpecification=point_in_time_recovery{PointInTimeRecoveryEnabled=enabled} TableClass"},
	{tf: "aws_dynamodb_resource_policy", quiet: true},
	{tf: "aws_dynamodb_table_replica", quiet: true},
	{tf: "aws_ssm_parameter", cfn: "AWS::SSM::Parameter", make: parameter, properties: "Name Value=value|insecure_value|'unstated' Tier Description", attributes: "id=Ref name=Ref arn=Sub:arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Ref} version"},
	{tf: "aws_secretsmanager_secret", cfn: "AWS::SecretsManager::Secret", properties: "Name Description KmsKeyId", make: secret, attributes: "id=Ref arn=Ref name"},
	{tf: "aws_secretsmanager_secret_version", make: replacing("aws_secretsmanager_secret.secret_id", "SecretString", "secret_string"), attributes: "id arn=Secret version_id secret_id"},
	{tf: "aws_secretsmanager_secret_policy", cfn: "AWS::SecretsManager::ResourcePolicy", properties: "SecretId=secret_arn ResourcePolicy:json=policy BlockPublicPolicy", attributes: "id"},
	{tf: "aws_secretsmanager_secret_rotation", cfn: "AWS::SecretsManager::RotationSchedule", properties: "SecretId RotationLambdaARN=rotation_lambda_arn RotationRules{AutomaticallyAfterDays ScheduleExpression}", attributes: "id"},
	{tf: "aws_kms_key", cfn: "AWS::KMS::Key", properties: "Description Enabled=is_enabled EnableKeyRotation KeyPolicy:json=policy KeySpec=customer_master_key_spec KeyUsage MultiRegion", attributes: "id=Ref key_id=Ref arn=Arn"},
	{tf: "aws_kms_replica_key", cfn: "AWS::KMS::ReplicaKey", properties: "Description Enabled KeyPolicy:json=policy PrimaryKeyArn", attributes: "id=Ref key_id=Ref arn=Arn"},
	{tf: "aws_kms_alias", cfn: "AWS::KMS::Alias", properties: "AliasName=name TargetKeyId", attributes: "id=Ref name=Ref arn=Sub:arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:${Ref} target_key_arn"},
	{tf: "aws_kms_key_policy", make: replacing("aws_kms_key.key_id", "KeyPolicy", "policy"), attributes: "id"},
	{tf: "aws_cloudwatch_event_bus", cfn: "AWS::Events::EventBus", properties: "Name EventSourceName Description KmsKeyIdentifier DeadLetterConfig{Arn}", attributes: "id=Ref name=Ref arn=Arn"},
	{tf: "aws_cloudwatch_event_rule", cfn: "AWS::Events::Rule", make: eventRule, properties: "Name EventBusName EventPattern:json=event_pattern ScheduleExpression RoleArn Description State", attributes: "id=Ref name=Ref arn=Arn"},
	{tf: "aws_cloudwatch_event_target", make: eventTarget, attributes: "id target_id"},
	{tf: "aws_cloudwatch_event_bus_policy", make: busPolicy, attributes: "id"},
	{tf: "aws_cloudwatch_event_permission", cfn: "AWS::Events::EventBusPolicy", properties: "StatementId Action|'events:PutEvents' Principal EventBusName", attributes: "id"},
	{tf: "aws_cloudwatch_log_group", cfn: "AWS::Logs::LogGroup", properties: "LogGroupName=name RetentionInDays KmsKeyId LogGroupClass", make: logGroup, attributes: "id=Ref name=Ref arn=Sub:arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Ref}"},
	{tf: "aws_cloudwatch_log_subscription_filter", cfn: "AWS::Logs::SubscriptionFilter", properties: "FilterName=name LogGroupName DestinationArn FilterPattern|'' RoleArn", attributes: "id"},
	{tf: "aws_scheduler_schedule_group", cfn: "AWS::Scheduler::ScheduleGroup", properties: "Name", attributes: "id=Ref name=Ref arn=Arn"},
	{tf: "aws_scheduler_schedule", cfn: "AWS::Scheduler::Schedule", attributes: "id=Ref name=Ref arn=Arn",
		properties: "Name GroupName ScheduleExpression ScheduleExpressionTimezone State StartDate EndDate KmsKeyArn Description FlexibleTimeWindow{Mode MaximumWindowInMinutes} " +
			"Target{Arn RoleArn Input DeadLetterConfig{Arn} RetryPolicy{MaximumEventAgeInSeconds MaximumRetryAttempts}}"},
	{tf: "aws_sfn_state_machine", cfn: "AWS::StepFunctions::StateMachine", properties: "StateMachineName=name RoleArn DefinitionString=definition StateMachineType=type", attributes: "id=Ref arn=Ref name=Name"},
	{tf: "aws_cognito_user_pool", cfn: "AWS::Cognito::UserPool", attributes: "id=Ref arn=Arn endpoint=ProviderName name",
		properties: "UserPoolName=name MfaConfiguration UsernameAttributes AliasAttributes AutoVerifiedAttributes DeletionProtection UsernameConfiguration{CaseSensitive} " +
			"AdminCreateUserConfig{AllowAdminCreateUserOnly} Policies=password_policy{PasswordPolicy='x'} " +
			"LambdaConfig{PreSignUp PostConfirmation PreAuthentication PostAuthentication CustomMessage DefineAuthChallenge CreateAuthChallenge VerifyAuthChallengeResponse PreTokenGeneration UserMigration} " +
			"Schema[]=schema{AttributeDataType Name Mutable Required DeveloperOnlyAttribute=developer_only_attribute}", make: userPool},
	{tf: "aws_cognito_user_pool_client", cfn: "AWS::Cognito::UserPoolClient", attributes: "id=Ref client_secret name",
		properties: "ClientName=name UserPoolId GenerateSecret ExplicitAuthFlows AllowedOAuthFlows=allowed_oauth_flows AllowedOAuthFlowsUserPoolClient=allowed_oauth_flows_user_pool_client " +
			"AccessTokenValidity IdTokenValidity RefreshTokenValidity TokenValidityUnits{AccessToken IdToken RefreshToken} EnableTokenRevocation ReadAttributes WriteAttributes AuthSessionValidity " +
			"AllowedOAuthScopes=allowed_oauth_scopes CallbackURLs=callback_urls LogoutURLs=logout_urls SupportedIdentityProviders PreventUserExistenceErrors"},
	{tf: "aws_cognito_user_pool_domain", cfn: "AWS::Cognito::UserPoolDomain", properties: "Domain UserPoolId", attributes: "id=Ref"},
	{tf: "aws_cognito_user_group", cfn: "AWS::Cognito::UserPoolGroup", properties: "GroupName=name UserPoolId RoleArn Precedence Description", attributes: "id name"},
	{tf: "aws_cognito_resource_server", cfn: "AWS::Cognito::UserPoolResourceServer", properties: "Identifier Name UserPoolId Scopes[]=scope{ScopeName ScopeDescription}", attributes: "id scope_identifiers.*"},
	{tf: "aws_cognito_user_in_group", cfn: "AWS::Cognito::UserPoolUserToGroupAttachment", properties: "GroupName UserPoolId Username", attributes: "id"},
	{tf: "aws_cognito_user", cfn: "AWS::Cognito::UserPoolUser", make: poolUser, properties: "UserPoolId Username DesiredDeliveryMediums ForceAliasCreation MessageAction", attributes: "id"},
}
