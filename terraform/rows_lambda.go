package terraform

// identityRows are IAM's types.
var identityRows = []row{
	{tf: "aws_iam_role", cfn: "AWS::IAM::Role", attributes: "id=Ref name=Ref arn=Arn unique_id", make: role,
		properties: "RoleName=name Path AssumeRolePolicyDocument:json=assume_role_policy ManagedPolicyArns PermissionsBoundary MaxSessionDuration"},
	{tf: "aws_iam_role_policy", cfn: "AWS::IAM::RolePolicy", properties: "RoleName=role PolicyName=name|'policy' PolicyDocument:json=policy", attributes: "id name"},
	{tf: "aws_iam_role_policy_attachment", make: appending("aws_iam_role.role", "ManagedPolicyArns", "policy_arn"), attributes: "id"},
	{tf: "aws_iam_role_policies_exclusive", quiet: true},
	{tf: "aws_iam_role_policy_attachments_exclusive", quiet: true},
	{tf: "aws_iam_policy_attachment", make: policyAttachment, attributes: "id"},
	{tf: "aws_iam_policy", cfn: "AWS::IAM::ManagedPolicy", properties: "ManagedPolicyName=name Path PolicyDocument:json=policy", attributes: "id=Ref arn=Ref policy_id name"},
	{tf: "aws_iam_instance_profile", cfn: "AWS::IAM::InstanceProfile", properties: "InstanceProfileName=name Path Roles[]=role", attributes: "id=Ref name=Ref arn=Arn"},
	{tf: "aws_iam_user", cfn: "AWS::IAM::User", properties: "UserName=name Path PermissionsBoundary", attributes: "id=Ref name=Ref arn=Arn"},
	{tf: "aws_iam_user_policy", cfn: "AWS::IAM::UserPolicy", properties: "UserName=user PolicyName=name|'policy' PolicyDocument:json=policy", attributes: "id"},
	{tf: "aws_iam_user_policy_attachment", make: appending("aws_iam_user.user", "ManagedPolicyArns", "policy_arn"), attributes: "id"},
	{tf: "aws_iam_group", cfn: "AWS::IAM::Group", properties: "GroupName=name Path", attributes: "id=Ref name=Ref arn=Arn"},
	{tf: "aws_iam_group_policy", cfn: "AWS::IAM::GroupPolicy", properties: "GroupName=group PolicyName=name|'policy' PolicyDocument:json=policy", attributes: "id"},
	{tf: "aws_iam_group_policy_attachment", make: appending("aws_iam_group.group", "ManagedPolicyArns", "policy_arn"), attributes: "id"},
	{tf: "aws_iam_user_group_membership", make: appending("aws_iam_user.user", "Groups", "groups"), attributes: "id"},
	{tf: "aws_iam_group_membership", cfn: "AWS::IAM::UserToGroupAddition", properties: "GroupName=group Users", attributes: "id"},
	{tf: "aws_iam_access_key", cfn: "AWS::IAM::AccessKey", properties: "UserName=user Status", attributes: "id secret"},
	{tf: "aws_iam_service_linked_role", cfn: "AWS::IAM::ServiceLinkedRole", properties: "AWSServiceName=aws_service_name CustomSuffix", attributes: "arn name"},
}

// lambdaRows are Lambda's types.
var lambdaRows = []row{
	{tf: "aws_lambda_function", cfn: "AWS::Lambda::Function", make: lambdaFunction,
		attributes: "id=Ref function_name=Ref arn=Arn invoke_arn=Sub:arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Arn}/invocations version qualified_arn qualified_invoke_arn",
		properties: "FunctionName Role Runtime Handler Timeout MemorySize Architectures Layers KmsKeyArn PackageType CodeSigningConfigArn Description " +
			"VpcConfig{SubnetIds SecurityGroupIds Ipv6AllowedForDualStack} Environment{Variables} DeadLetterConfig{TargetArn} EphemeralStorage{Size} TracingConfig{Mode} " +
			"ImageConfig{Command EntryPoint WorkingDirectory} FileSystemConfigs[]=file_system_config{Arn LocalMountPath} " +
			"LoggingConfig{LogFormat LogGroup ApplicationLogLevel SystemLogLevel} SnapStart{ApplyOn} " +
			"CapacityProviderConfig{LambdaManagedInstancesCapacityProviderConfig{CapacityProviderArn PerExecutionEnvironmentMaxConcurrency " +
			"ExecutionEnvironmentMemoryGiBPerVCpu=execution_environment_memory_gib_per_vcpu}}"},
	{tf: "aws_lambda_capacity_provider", cfn: "AWS::Lambda::CapacityProvider", attributes: "name=Ref arn=Arn",
		properties: "CapacityProviderName=name VpcConfig{SubnetIds SecurityGroupIds} PermissionsConfig{CapacityProviderOperatorRoleArn} KmsKeyArn " +
			"InstanceRequirements{AllowedInstanceTypes Architectures ExcludedInstanceTypes} " +
			"CapacityProviderScalingConfig{MaxVCpuCount=max_vcpu_count ScalingMode ScalingPolicies[]{PredefinedMetricType TargetValue}}"},
	{tf: "aws_lambda_permission", cfn: "AWS::Lambda::Permission", make: permission, attributes: "id",
		properties: "Action Principal SourceArn SourceAccount FunctionUrlAuthType PrincipalOrgID=principal_org_id EventSourceToken InvokedViaFunctionUrl"},
	{tf: "aws_lambda_alias", cfn: "AWS::Lambda::Alias", properties: "Name FunctionName FunctionVersion", make: alias,
		attributes: "id=Ref arn=Ref invoke_arn=Sub:arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Ref}/invocations"},
	{tf: "aws_lambda_function_url", cfn: "AWS::Lambda::Url", attributes: "id function_url=FunctionUrl function_arn=FunctionArn url_id",
		properties: "TargetFunctionArn=function_name AuthType=authorization_type Qualifier InvokeMode Cors{AllowCredentials AllowHeaders AllowMethods AllowOrigins ExposeHeaders MaxAge}"},
	{tf: "aws_lambda_event_source_mapping", cfn: "AWS::Lambda::EventSourceMapping", make: eventSource, attributes: "id=Ref uuid=Ref arn=EventSourceMappingArn",
		properties: "EventSourceArn FunctionName BatchSize Enabled StartingPosition MaximumBatchingWindowInSeconds FunctionResponseTypes BisectBatchOnFunctionError " +
			"MaximumRetryAttempts MaximumRecordAgeInSeconds ParallelizationFactor TumblingWindowInSeconds Topics Queues " +
			"FilterCriteria{Filters[]=filter{Pattern}} ScalingConfig{MaximumConcurrency} DestinationConfig{OnFailure{Destination=destination_arn}} " +
			"SourceAccessConfigurations[]=source_access_configuration{Type URI} KmsKeyArn MetricsConfig{Metrics} StartingPositionTimestamp " +
			"ProvisionedPollerConfig{MaximumPollers MinimumPollers} " +
			"AmazonManagedKafkaEventSourceConfig{ConsumerGroupId} SelfManagedKafkaEventSourceConfig{ConsumerGroupId}"},
	{tf: "aws_lambda_function_event_invoke_config", cfn: "AWS::Lambda::EventInvokeConfig", attributes: "id",
		properties: "FunctionName Qualifier|'$LATEST' MaximumEventAgeInSeconds MaximumRetryAttempts DestinationConfig{OnFailure{Destination} OnSuccess{Destination}}"},
	{tf: "aws_lambda_provisioned_concurrency_config", make: provisioned, attributes: "id"},
	{tf: "aws_lambda_function_recursion_config", make: replacing("aws_lambda_function.function_name", "RecursiveLoop", "recursive_loop"), attributes: "id"},
	{tf: "aws_lambda_runtime_management_config", quiet: true},
	{tf: "aws_lambda_layer_version", cfn: "AWS::Lambda::LayerVersion", make: layer, attributes: "id=Ref arn=Ref layer_arn version",
		properties: "LayerName CompatibleRuntimes CompatibleArchitectures LicenseInfo Description"},
	{tf: "aws_lambda_layer_version_permission", cfn: "AWS::Lambda::LayerVersionPermission", properties: "Action LayerVersionArn=layer_name Principal OrganizationId", attributes: "id"},
	{tf: "aws_lambda_code_signing_config", cfn: "AWS::Lambda::CodeSigningConfig", attributes: "id=Ref arn=Ref config_id",
		properties: "AllowedPublishers{SigningProfileVersionArns} CodeSigningPolicies=policies{UntrustedArtifactOnDeployment} Description"},
}

// quietTypes change no answer: nothing reaches anything through them.
const quietTypes = `
	null_resource terraform_data local_file local_sensitive_file random_id random_string random_password random_pet random_integer random_uuid random_shuffle
	time_sleep time_static time_rotating time_offset archive_file tls_private_key tls_self_signed_cert tls_cert_request tls_locally_signed_cert
	aws_cloudwatch_metric_alarm aws_cloudwatch_composite_alarm aws_cloudwatch_dashboard aws_cloudwatch_log_metric_filter aws_cloudwatch_query_definition
	aws_ec2_tag aws_ecs_tag aws_key_pair aws_db_parameter_group aws_rds_cluster_parameter_group aws_db_option_group aws_elasticache_parameter_group
	aws_s3_object aws_s3_bucket_object aws_s3_bucket_acl aws_s3_bucket_ownership_controls aws_s3_bucket_lifecycle_configuration aws_s3_bucket_cors_configuration
	aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_logging aws_s3_bucket_metric aws_resourcegroups_group aws_xray_group aws_xray_sampling_rule
	aws_dynamodb_table_item aws_acm_certificate_validation aws_ssm_document aws_appautoscaling_target aws_appautoscaling_policy aws_signer_signing_profile
	aws_iam_account_alias aws_iam_account_password_policy aws_budgets_budget
	aws_codedeploy_app aws_codedeploy_deployment_group aws_codedeploy_deployment_config aws_dynamodb_contributor_insights aws_db_snapshot aws_ebs_volume aws_volume_attachment`
