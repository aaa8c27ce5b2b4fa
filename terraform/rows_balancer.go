package terraform

// balancerRows are load balancers and names.
var balancerRows = append(balancers("aws_lb"), append(balancers("aws_alb"), []row{
	{tf: "aws_elb", cfn: "AWS::ElasticLoadBalancing::LoadBalancer", make: classicBalancer, attributes: "id=Ref name=Ref dns_name=DNSName arn",
		properties: "LoadBalancerName=name Subnets SecurityGroups Instances Listeners[]=listener{InstancePort InstanceProtocol LoadBalancerPort=lb_port Protocol=lb_protocol SSLCertificateId=ssl_certificate_id}"},
	{tf: "aws_route53_zone", cfn: "AWS::Route53::HostedZone", properties: "Name VPCs[]=vpc{VPCId=vpc_id VPCRegion=vpc_region|'here'}", make: zone, attributes: "id=Ref zone_id=Ref name_servers.*"},
	{tf: "aws_route53_zone_association", make: appendingVPC, attributes: "id"},
	{tf: "aws_route53_record", cfn: "AWS::Route53::RecordSet", attributes: "id fqdn=Sub:${.name} name",
		properties: "HostedZoneId=zone_id Name Type TTL=ttl ResourceRecords=records AliasTarget=alias{DNSName=name HostedZoneId=zone_id EvaluateTargetHealth} SetIdentifier"},
	{tf: "aws_route53_resolver_endpoint", cfn: "AWS::Route53Resolver::ResolverEndpoint", properties: "Direction Name SecurityGroupIds IpAddresses[]=ip_address{SubnetId Ip}", attributes: "id=Ref arn"},
	{tf: "aws_route53_resolver_rule", cfn: "AWS::Route53Resolver::ResolverRule", properties: "DomainName Name ResolverEndpointId RuleType TargetIps[]=target_ip{Ip Port}", attributes: "id=Ref arn"},
	{tf: "aws_route53_resolver_rule_association", cfn: "AWS::Route53Resolver::ResolverRuleAssociation", properties: "Name ResolverRuleId VPCId=vpc_id", attributes: "id=Ref"},
}...)...)

// balancers are the types of ELB v2, which have two prefixes.
func balancers(prefix string) []row {
	const actions = "{Type TargetGroupArn ForwardConfig=forward{TargetGroups[]=target_group{TargetGroupArn=arn Weight}} Order}"
	return []row{
		{tf: prefix, cfn: "AWS::ElasticLoadBalancingV2::LoadBalancer", make: balancer, attributes: "id=Ref arn=Ref dns_name=DNSName zone_id=CanonicalHostedZoneID arn_suffix=LoadBalancerFullName name=LoadBalancerName",
			properties: "Name Type=load_balancer_type Subnets SecurityGroups SubnetMappings[]=subnet_mapping{SubnetId AllocationId PrivateIPv4Address=private_ipv4_address} IpAddressType EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"},
		{tf: prefix + "_listener", cfn: "AWS::ElasticLoadBalancingV2::Listener", properties: "LoadBalancerArn Port Protocol SslPolicy DefaultActions[]=default_action" + actions, attributes: "id=Ref arn=Ref"},
		{tf: prefix + "_listener_rule", cfn: "AWS::ElasticLoadBalancingV2::ListenerRule", make: listenerRule, properties: "ListenerArn Priority|'1' Actions[]=action" + actions, attributes: "id=Ref arn=Ref"},
		{tf: prefix + "_target_group", cfn: "AWS::ElasticLoadBalancingV2::TargetGroup", make: targetGroup, attributes: "id=Ref arn=Ref name=TargetGroupName arn_suffix=TargetGroupFullName",
			properties: "Name Port Protocol VpcId TargetType IpAddressType ProtocolVersion HealthCheckEnabled='true'"},
		{tf: prefix + "_target_group_attachment", make: target, attributes: "id"},
		{tf: prefix + "_listener_certificate", quiet: true},
	}
}

// edgeRows are what stands before an application.
var edgeRows = []row{
	{tf: "aws_wafv2_web_acl", cfn: "AWS::WAFv2::WebACL", make: webACL, properties: "Name Description Scope", attributes: "id=Id arn=Arn capacity"},
	{tf: "aws_wafv2_ip_set", quiet: true},
	{tf: "aws_wafv2_regex_pattern_set", quiet: true},
	{tf: "aws_wafv2_rule_group", quiet: true},
	{tf: "aws_wafv2_web_acl_logging_configuration", quiet: true},
	{tf: "aws_wafv2_web_acl_association", cfn: "AWS::WAFv2::WebACLAssociation", properties: "ResourceArn WebACLArn=web_acl_arn", attributes: "id"},
	{tf: "aws_cloudfront_distribution", cfn: "AWS::CloudFront::Distribution", make: distribution, attributes: "id=Ref domain_name=DomainName arn hosted_zone_id",
		properties: "Enabled Aliases WebACLId=web_acl_id Origins[]=origin{Id=origin_id DomainName OriginPath OriginAccessControlId VpcOriginConfig{VpcOriginId} OriginCustomHeaders[]=custom_header{HeaderName=name HeaderValue=value}}"},
	{tf: "aws_cloudfront_origin_access_control", cfn: "AWS::CloudFront::OriginAccessControl", properties: "OriginAccessControlConfig=name", attributes: "id=Ref"},
	{tf: "aws_appsync_graphql_api", cfn: "AWS::AppSync::GraphQLApi", attributes: "id=ApiId arn=Arn",
		properties: "Name AuthenticationType Visibility LambdaAuthorizerConfig{AuthorizerUri} AdditionalAuthenticationProviders[]=additional_authentication_provider{AuthenticationType LambdaAuthorizerConfig{AuthorizerUri}}"},
	{tf: "aws_cloudfront_vpc_origin", cfn: "AWS::CloudFront::VpcOrigin", properties: "VpcOriginEndpointConfig{Arn Name HTTPPort=http_port HTTPSPort=https_port OriginProtocolPolicy}", attributes: "id=Ref arn"},
	{tf: "aws_appsync_api_key", cfn: "AWS::AppSync::ApiKey", properties: "ApiId Description", attributes: "id key"},
	{tf: "aws_appsync_resolver", cfn: "AWS::AppSync::Resolver", properties: "ApiId DataSourceName=data_source FieldName=field TypeName=type Kind", attributes: "id arn"},
	{tf: "aws_appsync_function", cfn: "AWS::AppSync::FunctionConfiguration", properties: "ApiId DataSourceName=data_source Name", attributes: "id arn function_id"},
	{tf: "aws_appsync_datasource", cfn: "AWS::AppSync::DataSource", properties: "ApiId Name Type ServiceRoleArn LambdaConfig{LambdaFunctionArn=function_arn}", attributes: "id name"},
}
