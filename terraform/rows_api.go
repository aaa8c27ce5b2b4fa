package terraform

const (
	restAPI = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
)

// apiRows are API Gateway's types, REST and HTTP.
var apiRows = []row{
	{tf: "aws_api_gateway_rest_api", cfn: "AWS::ApiGateway::RestApi", attributes: "id=Ref root_resource_id=RootResourceId execution_arn=Sub:" + restAPI + "${Ref} arn=Sub:arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Ref}",
		properties: "Name Description Body:json=body Policy:json=policy EndpointConfiguration{Types VpcEndpointIds IpAddressType} BinaryMediaTypes ApiKeySourceType=api_key_source MinimumCompressionSize DisableExecuteApiEndpoint Parameters Mode=put_rest_api_mode FailOnWarnings"},
	{tf: "aws_api_gateway_rest_api_policy", make: replacing("aws_api_gateway_rest_api.rest_api_id", "Policy", "policy"), attributes: "id"},
	{tf: "aws_api_gateway_resource", cfn: "AWS::ApiGateway::Resource", properties: "RestApiId ParentId PathPart", attributes: "id=Ref path"},
	{tf: "aws_api_gateway_method", cfn: "AWS::ApiGateway::Method", make: method, attributes: "id",
		properties: "RestApiId ResourceId HttpMethod AuthorizationType=authorization AuthorizerId ApiKeyRequired AuthorizationScopes RequestValidatorId RequestModels RequestParameters OperationName"},
	{tf: "aws_api_gateway_integration", make: nothing, attributes: "id"},
	{tf: "aws_api_gateway_integration_response", make: nothing, attributes: "id"},
	{tf: "aws_api_gateway_method_response", make: nothing, attributes: "id"},
	{tf: "aws_api_gateway_deployment", cfn: "AWS::ApiGateway::Deployment", properties: "RestApiId StageName Description", attributes: "id=Ref invoke_url=Sub:https://${.rest_api_id}.execute-api.${AWS::Region}.${AWS::URLSuffix}/ execution_arn=Sub:" + restAPI + "${.rest_api_id}/"},
	{tf: "aws_api_gateway_stage", cfn: "AWS::ApiGateway::Stage", properties: "RestApiId DeploymentId StageName Variables AccessLogSetting=access_log_settings{DestinationArn Format} TracingEnabled=xray_tracing_enabled ClientCertificateId CacheClusterEnabled CacheClusterSize DocumentationVersion Description CanarySetting=canary_settings{PercentTraffic StageVariableOverrides UseStageCache DeploymentId}",
		attributes: "id invoke_url=Sub:https://${.rest_api_id}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${.stage_name} execution_arn=Sub:" + restAPI + "${.rest_api_id}/${.stage_name} arn=Sub:arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${.rest_api_id}/stages/${.stage_name}"},
	{tf: "aws_api_gateway_method_settings", make: methodSettings, attributes: "id"},
	{tf: "aws_api_gateway_authorizer", cfn: "AWS::ApiGateway::Authorizer", attributes: "id=Ref",
		properties: "Name RestApiId Type|'TOKEN' AuthorizerUri IdentitySource|'method.request.header.Authorization' ProviderARNs=provider_arns AuthorizerCredentials AuthorizerResultTtlInSeconds IdentityValidationExpression"},
	{tf: "aws_api_gateway_request_validator", cfn: "AWS::ApiGateway::RequestValidator", properties: "Name RestApiId ValidateRequestBody ValidateRequestParameters", attributes: "id=Ref"},
	{tf: "aws_api_gateway_model", cfn: "AWS::ApiGateway::Model", properties: "Name RestApiId ContentType Schema:json=schema Description", attributes: "id name=Ref"},
	{tf: "aws_api_gateway_gateway_response", cfn: "AWS::ApiGateway::GatewayResponse", properties: "RestApiId ResponseType StatusCode ResponseParameters ResponseTemplates", attributes: "id"},
	{tf: "aws_api_gateway_api_key", cfn: "AWS::ApiGateway::ApiKey", properties: "Name Enabled|'true' Value Description", attributes: "id=Ref value"},
	{tf: "aws_api_gateway_usage_plan", cfn: "AWS::ApiGateway::UsagePlan", attributes: "id=Ref",
		properties: "UsagePlanName=name Description ApiStages[]=api_stages{ApiId Stage} Quota=quota_settings{Limit Offset Period} Throttle=throttle_settings{BurstLimit RateLimit}"},
	{tf: "aws_api_gateway_usage_plan_key", cfn: "AWS::ApiGateway::UsagePlanKey", properties: "KeyId KeyType UsagePlanId", attributes: "id"},
	{tf: "aws_api_gateway_domain_name", cfn: "AWS::ApiGateway::DomainName", attributes: "id=Ref regional_domain_name=RegionalDomainName regional_zone_id=RegionalHostedZoneId cloudfront_domain_name=DistributionDomainName cloudfront_zone_id=DistributionHostedZoneId",
		properties: "DomainName CertificateArn RegionalCertificateArn EndpointConfiguration{Types IpAddressType} SecurityPolicy MutualTlsAuthentication{TruststoreUri TruststoreVersion}"},
	{tf: "aws_api_gateway_base_path_mapping", cfn: "AWS::ApiGateway::BasePathMapping", properties: "BasePath DomainName RestApiId=api_id Stage=stage_name", attributes: "id"},
	{tf: "aws_api_gateway_vpc_link", cfn: "AWS::ApiGateway::VpcLink", properties: "Name TargetArns Description", attributes: "id=Ref"},
	{tf: "aws_api_gateway_account", cfn: "AWS::ApiGateway::Account", properties: "CloudWatchRoleArn=cloudwatch_role_arn", attributes: "id"},
	{tf: "aws_api_gateway_client_certificate", cfn: "AWS::ApiGateway::ClientCertificate", properties: "Description", attributes: "id=Ref"},
	{tf: "aws_apigatewayv2_api", cfn: "AWS::ApiGatewayV2::Api", attributes: "id=Ref api_endpoint=ApiEndpoint execution_arn=Sub:" + restAPI + "${Ref} arn=Sub:arn:${AWS::Partition}:apigateway:${AWS::Region}::/apis/${Ref}",
		properties: "Name ProtocolType RouteKey Target Body:json=body Description DisableExecuteApiEndpoint RouteSelectionExpression ApiKeySelectionExpression CredentialsArn FailOnWarnings IpAddressType CorsConfiguration{AllowCredentials AllowHeaders AllowMethods AllowOrigins ExposeHeaders MaxAge}"},
	{tf: "aws_apigatewayv2_integration", cfn: "AWS::ApiGatewayV2::Integration", make: httpIntegration, attributes: "id=Ref",
		properties: "ApiId IntegrationType IntegrationUri IntegrationMethod PayloadFormatVersion|'1.0' ConnectionType ConnectionId IntegrationSubtype CredentialsArn RequestParameters TimeoutInMillis=timeout_milliseconds TlsConfig{ServerNameToVerify} " +
			"PassthroughBehavior RequestTemplates TemplateSelectionExpression ContentHandlingStrategy Description"},
	{tf: "aws_apigatewayv2_route", cfn: "AWS::ApiGatewayV2::Route", make: httpRoute, properties: "ApiId RouteKey Target AuthorizationType AuthorizerId ApiKeyRequired AuthorizationScopes OperationName ModelSelectionExpression RequestModels RouteResponseSelectionExpression", attributes: "id=Ref"},
	{tf: "aws_apigatewayv2_authorizer", cfn: "AWS::ApiGatewayV2::Authorizer", attributes: "id=Ref",
		properties: "ApiId Name AuthorizerType AuthorizerUri IdentitySource=identity_sources AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds EnableSimpleResponses JwtConfiguration{Audience Issuer} AuthorizerCredentialsArn"},
	{tf: "aws_apigatewayv2_deployment", cfn: "AWS::ApiGatewayV2::Deployment", properties: "ApiId Description", attributes: "id=Ref"},
	{tf: "aws_apigatewayv2_stage", cfn: "AWS::ApiGatewayV2::Stage", make: httpStage, attributes: "id=Ref invoke_url=Sub:https://${.api_id}.execute-api.${AWS::Region}.${AWS::URLSuffix}/ execution_arn=Sub:" + restAPI + "${.api_id}/${.name}",
		properties: "ApiId StageName=name ClientCertificateId Description AutoDeploy DeploymentId StageVariables AccessLogSettings{DestinationArn Format} DefaultRouteSettings{ThrottlingBurstLimit ThrottlingRateLimit DetailedMetricsEnabled LoggingLevel DataTraceEnabled}"},
	{tf: "aws_apigatewayv2_vpc_link", cfn: "AWS::ApiGatewayV2::VpcLink", properties: "Name SecurityGroupIds SubnetIds", attributes: "id=Ref"},
	{tf: "aws_apigatewayv2_domain_name", cfn: "AWS::ApiGatewayV2::DomainName", attributes: "id=Ref domain_name_configuration.target_domain_name=RegionalDomainName domain_name_configuration.hosted_zone_id=RegionalHostedZoneId",
		properties: "DomainName DomainNameConfigurations[]=domain_name_configuration{CertificateArn EndpointType SecurityPolicy} MutualTlsAuthentication{TruststoreUri TruststoreVersion}"},
	{tf: "aws_apigatewayv2_api_mapping", cfn: "AWS::ApiGatewayV2::ApiMapping", properties: "ApiId ApiMappingKey DomainName Stage", attributes: "id"},
}
