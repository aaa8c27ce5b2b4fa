package snapshot

import (
	"strings"

	"bailey/source"
)

// A kind is one list that the AWS CLI prints: the key on top, and how its items
// are told apart.
type kind struct {
	key  string // Vpcs
	id   string // the field that identifies an item; several, joined, where one does not
	typ  string // CloudFormation's name of what an item is
	call string // the arguments of aws that print the list
	// name is the field with the item's own name, where that is not a tag.
	name string
	// owner marks what has network interfaces: their names are unique together.
	owner bool
	// of says whose the items are where they do not say it themselves: the file's
	// name has to.
	of string
	// single marks an answer that is one value and no list.
	single bool
	// printed is the key on top, where the CLI prints the same one for several
	// kinds. A list of it is the kind after whose own key its file is named, else
	// that whose items have the field mark.
	printed, mark string
	// tagged marks what is known by its tags before its own name.
	tagged bool
}

// kinds is the table. What stands here and has no reader (the addresses, which
// interfaces have as well) changes no answer.
// https://docs.aws.amazon.com/cli/latest/reference/
var kinds = []kind{
	{key: "Snapshot", call: "sts get-caller-identity", single: true}, // what bailey snapshot says of it
	{key: "Vpcs", id: "VpcId", typ: "AWS::EC2::VPC", call: "ec2 describe-vpcs"},
	{key: "EnableDnsSupport", typ: "AWS::EC2::VPC", call: "ec2 describe-vpc-attribute --attribute enableDnsSupport --vpc-id VPC", single: true},
	{key: "EnableDnsHostnames", typ: "AWS::EC2::VPC", call: "ec2 describe-vpc-attribute --attribute enableDnsHostnames --vpc-id VPC", single: true},
	{key: "Subnets", id: "SubnetId", typ: "AWS::EC2::Subnet", call: "ec2 describe-subnets"},
	{key: "RouteTables", id: "RouteTableId", typ: "AWS::EC2::RouteTable", call: "ec2 describe-route-tables"},
	{key: "NetworkAcls", id: "NetworkAclId", typ: "AWS::EC2::NetworkAcl", call: "ec2 describe-network-acls"},
	{key: "SecurityGroups", id: "GroupId", typ: "AWS::EC2::SecurityGroup", call: "ec2 describe-security-groups", name: "GroupName", tagged: true},
	{key: "SecurityGroupRules", id: "SecurityGroupRuleId", typ: "AWS::EC2::SecurityGroupIngress", call: "ec2 describe-security-group-rules"},
	{key: "InternetGateways", id: "InternetGatewayId", typ: "AWS::EC2::InternetGateway", call: "ec2 describe-internet-gateways"},
	{key: "EgressOnlyInternetGateways", id: "EgressOnlyInternetGatewayId", typ: "AWS::EC2::EgressOnlyInternetGateway", call: "ec2 describe-egress-only-internet-gateways"},
	{key: "NatGateways", id: "NatGatewayId", typ: "AWS::EC2::NatGateway", call: "ec2 describe-nat-gateways", owner: true},
	{key: "VpcPeeringConnections", id: "VpcPeeringConnectionId", typ: "AWS::EC2::VPCPeeringConnection", call: "ec2 describe-vpc-peering-connections"},
	{key: "VpcEndpoints", id: "VpcEndpointId", typ: "AWS::EC2::VPCEndpoint", call: "ec2 describe-vpc-endpoints", owner: true},
	{key: "ServiceConfigurations", id: "ServiceName", typ: "AWS::EC2::VPCEndpointService", call: "ec2 describe-vpc-endpoint-service-configurations"},
	{key: "PrefixLists", id: "PrefixListId", typ: "AWS::EC2::PrefixList", call: "ec2 describe-managed-prefix-lists", name: "PrefixListName"},
	{key: "Entries", id: "Cidr", typ: "AWS::EC2::PrefixList", call: "ec2 get-managed-prefix-list-entries", of: "prefix list"},
	{key: "DhcpOptions", id: "DhcpOptionsId", typ: "AWS::EC2::DHCPOptions", call: "ec2 describe-dhcp-options"},
	{key: "NetworkInterfaces", id: "NetworkInterfaceId", typ: "AWS::EC2::NetworkInterface", call: "ec2 describe-network-interfaces", owner: true},
	{key: "Reservations", id: "ReservationId", typ: "AWS::EC2::Instance", call: "ec2 describe-instances"},
	{key: "Addresses", id: "PublicIp", typ: "AWS::EC2::EIP", call: "ec2 describe-addresses"},
	{key: "TransitGateways", id: "TransitGatewayId", typ: "AWS::EC2::TransitGateway", call: "ec2 describe-transit-gateways"},
	{key: "TransitGatewayAttachments", id: "TransitGatewayAttachmentId", typ: "AWS::EC2::TransitGatewayAttachment", call: "ec2 describe-transit-gateway-attachments"},
	{key: "TransitGatewayVpcAttachments", id: "TransitGatewayAttachmentId", typ: "AWS::EC2::TransitGatewayAttachment", call: "ec2 describe-transit-gateway-vpc-attachments"},
	{key: "TransitGatewayRouteTables", id: "TransitGatewayRouteTableId", typ: "AWS::EC2::TransitGatewayRouteTable", call: "ec2 describe-transit-gateway-route-tables"},
	{key: "Routes", id: "DestinationCidrBlock PrefixListId", typ: "AWS::EC2::TransitGatewayRoute", call: "ec2 search-transit-gateway-routes", of: "transit gateway route table"},
	{key: "VpnGateways", id: "VpnGatewayId", typ: "AWS::EC2::VPNGateway", call: "ec2 describe-vpn-gateways"},
	{key: "VpnConnections", id: "VpnConnectionId", typ: "AWS::EC2::VPNConnection", call: "ec2 describe-vpn-connections"},
	{key: "VpcBlockPublicAccessOptions", typ: "AWS::EC2::VPCBlockPublicAccessOptions", call: "ec2 describe-vpc-block-public-access-options", single: true},
	{key: "VpcBlockPublicAccessExclusions", id: "ExclusionId", typ: "AWS::EC2::VPCBlockPublicAccessExclusion", call: "ec2 describe-vpc-block-public-access-exclusions"},

	{key: "LoadBalancers", id: "LoadBalancerArn", typ: "AWS::ElasticLoadBalancingV2::LoadBalancer", call: "elbv2 describe-load-balancers", name: "LoadBalancerName", owner: true},
	{key: "Listeners", id: "ListenerArn", typ: "AWS::ElasticLoadBalancingV2::Listener", call: "elbv2 describe-listeners"},
	{key: "Rules", id: "RuleArn Arn", typ: "AWS::ElasticLoadBalancingV2::ListenerRule", call: "elbv2 describe-rules"},
	{key: "TargetGroups", id: "TargetGroupArn", typ: "AWS::ElasticLoadBalancingV2::TargetGroup", call: "elbv2 describe-target-groups", name: "TargetGroupName"},
	{key: "TargetHealthDescriptions", id: "Target", typ: "AWS::ElasticLoadBalancingV2::TargetGroup", call: "elbv2 describe-target-health", of: "target group"},
	{key: "LoadBalancerDescriptions", id: "LoadBalancerName", typ: "AWS::ElasticLoadBalancing::LoadBalancer", call: "elb describe-load-balancers", name: "LoadBalancerName", owner: true},

	{key: "DBInstances", id: "DBInstanceIdentifier", typ: "AWS::RDS::DBInstance", call: "rds describe-db-instances", name: "DBInstanceIdentifier", owner: true},
	{key: "DBClusters", id: "DBClusterIdentifier", typ: "AWS::RDS::DBCluster", call: "rds describe-db-clusters", name: "DBClusterIdentifier", owner: true},
	{key: "DBSubnetGroups", id: "DBSubnetGroupName", typ: "AWS::RDS::DBSubnetGroup", call: "rds describe-db-subnet-groups", name: "DBSubnetGroupName"},
	{key: "DBProxies", id: "DBProxyName", typ: "AWS::RDS::DBProxy", call: "rds describe-db-proxies", name: "DBProxyName", owner: true},
	{key: "Targets", id: "Id RdsResourceId", typ: "AWS::RDS::DBProxyTargetGroup", call: "rds describe-db-proxy-targets", of: "proxy or rule"},
	{key: "CacheClusters", id: "CacheClusterId", typ: "AWS::ElastiCache::CacheCluster", call: "elasticache describe-cache-clusters --show-cache-node-info", name: "CacheClusterId", owner: true},
	{key: "ReplicationGroups", id: "ReplicationGroupId", typ: "AWS::ElastiCache::ReplicationGroup", call: "elasticache describe-replication-groups", name: "ReplicationGroupId", owner: true},
	{key: "CacheSubnetGroups", id: "CacheSubnetGroupName", typ: "AWS::ElastiCache::SubnetGroup", call: "elasticache describe-cache-subnet-groups", name: "CacheSubnetGroupName"},
	{key: "FileSystems", id: "FileSystemId", typ: "AWS::EFS::FileSystem", call: "efs describe-file-systems", owner: true},
	{key: "MountTargets", id: "MountTargetId", typ: "AWS::EFS::MountTarget", call: "efs describe-mount-targets", owner: true},
	{key: "AccessPoints", id: "AccessPointArn", typ: "AWS::EFS::AccessPoint", call: "efs describe-access-points"},

	{key: "Functions", id: "FunctionArn", typ: "AWS::Lambda::Function", call: "lambda list-functions", name: "FunctionName", owner: true},
	{key: "Policy", typ: "AWS::Lambda::Permission", call: "lambda get-policy", of: "function", single: true},
	{key: "ReservedConcurrentExecutions", typ: "AWS::Lambda::Function", call: "lambda get-function-concurrency", of: "function", single: true},
	{key: "EventSourceMappings", id: "UUID", typ: "AWS::Lambda::EventSourceMapping", call: "lambda list-event-source-mappings", owner: true},
	{key: "FunctionUrlConfigs", id: "FunctionArn", typ: "AWS::Lambda::Url", call: "lambda list-function-url-configs"},
	{key: "FunctionEventInvokeConfigs", id: "FunctionArn", typ: "AWS::Lambda::EventInvokeConfig", call: "lambda list-function-event-invoke-configs"},
	{key: "Aliases", id: "AliasArn", typ: "AWS::Lambda::Alias", call: "lambda list-aliases"},
	{key: "Versions", id: "FunctionArn", typ: "AWS::Lambda::Version", call: "lambda list-versions-by-function"},

	{key: "RestApis", id: "id", typ: "AWS::ApiGateway::RestApi", call: "apigateway get-rest-apis", name: "name", printed: "items", mark: "apiKeySource", tagged: true},
	{key: "RestResources", id: "id", typ: "AWS::ApiGateway::Resource", call: "apigateway get-resources --embed methods --rest-api-id API", of: "API", printed: "items", mark: "path"},
	{key: "RestAuthorizers", id: "id", typ: "AWS::ApiGateway::Authorizer", call: "apigateway get-authorizers --rest-api-id API", of: "API", printed: "items", mark: "type"},
	{key: "RestStages", id: "stageName", typ: "AWS::ApiGateway::Stage", call: "apigateway get-stages --rest-api-id API", of: "API", printed: "item", mark: "stageName"},
	{key: "HttpApis", id: "ApiId", typ: "AWS::ApiGatewayV2::Api", call: "apigatewayv2 get-apis", name: "Name", printed: "Items", mark: "ProtocolType", tagged: true},
	{key: "HttpRoutes", id: "RouteId", typ: "AWS::ApiGatewayV2::Route", call: "apigatewayv2 get-routes --api-id API", of: "API", printed: "Items", mark: "RouteKey"},
	{key: "HttpIntegrations", id: "IntegrationId", typ: "AWS::ApiGatewayV2::Integration", call: "apigatewayv2 get-integrations --api-id API", of: "API", printed: "Items", mark: "IntegrationType"},
	{key: "HttpAuthorizers", id: "AuthorizerId", typ: "AWS::ApiGatewayV2::Authorizer", call: "apigatewayv2 get-authorizers --api-id API", of: "API", printed: "Items", mark: "AuthorizerType"},
	{key: "HttpStages", id: "StageName", typ: "AWS::ApiGatewayV2::Stage", call: "apigatewayv2 get-stages --api-id API", of: "API", printed: "Items", mark: "StageName"},

	{key: "Schedules", id: "Arn", typ: "AWS::Scheduler::Schedule", call: "scheduler list-schedules", name: "Name"},
	{key: "ScheduleExpression", typ: "AWS::Scheduler::Schedule", call: "scheduler get-schedule --name NAME --group-name GROUP", of: "schedule", single: true},
	{key: "UserPools", id: "Id", typ: "AWS::Cognito::UserPool", call: "cognito-idp list-user-pools --max-results 60", name: "Name"},
	{key: "UserPool", typ: "AWS::Cognito::UserPool", call: "cognito-idp describe-user-pool", of: "user pool", single: true},
	{key: "UserPoolClients", id: "ClientId", typ: "AWS::Cognito::UserPoolClient", call: "cognito-idp list-user-pool-clients", name: "ClientName"},

	{key: "RoleDetailList", id: "Arn", typ: "AWS::IAM::Role", call: "iam get-account-authorization-details", name: "RoleName"},
	{key: "UserDetailList", id: "Arn", typ: "AWS::IAM::User", call: "iam get-account-authorization-details", name: "UserName"},
	{key: "GroupDetailList", id: "Arn", typ: "AWS::IAM::Group", call: "iam get-account-authorization-details", name: "GroupName"},
	{key: "Policies", id: "Arn", typ: "AWS::IAM::ManagedPolicy", call: "iam get-account-authorization-details", name: "PolicyName"},

	{key: "HostedZones", id: "Id", typ: "AWS::Route53::HostedZone", call: "route53 list-hosted-zones", name: "Name"},
	{key: "HostedZone", typ: "AWS::Route53::HostedZone", call: "route53 get-hosted-zone", of: "hosted zone", single: true},
	{key: "ResourceRecordSets", id: "Name Type SetIdentifier", typ: "AWS::Route53::RecordSet", call: "route53 list-resource-record-sets", of: "hosted zone"},
	{key: "ResolverRules", id: "Id", typ: "AWS::Route53Resolver::ResolverRule", call: "route53resolver list-resolver-rules", name: "Name"},
	{key: "ResolverRuleAssociations", id: "Id", typ: "AWS::Route53Resolver::ResolverRuleAssociation", call: "route53resolver list-resolver-rule-associations"},

	{key: "instances", id: "name", typ: "AWS::Lightsail::Instance", call: "lightsail get-instances", name: "name", owner: true},
	{key: "staticIps", id: "name", typ: "AWS::Lightsail::StaticIp", call: "lightsail get-static-ips", name: "name"},
	{key: "isPeered", typ: "AWS::Lightsail::Instance", call: "lightsail is-vpc-peered", single: true},

	{key: "Parameters", id: "Name", typ: "AWS::SSM::Parameter", call: "ssm describe-parameters", name: "Name"},
	{key: "SecretList", id: "ARN", typ: "AWS::SecretsManager::Secret", call: "secretsmanager list-secrets", name: "Name"},
	{key: "QueueUrls", id: "", typ: "AWS::SQS::Queue", call: "sqs list-queues"},
	{key: "Topics", id: "TopicArn", typ: "AWS::SNS::Topic", call: "sns list-topics"},
	{key: "Subscriptions", id: "SubscriptionArn Endpoint TopicArn", typ: "AWS::SNS::Subscription", call: "sns list-subscriptions"},
	{key: "Attributes", typ: "AWS::SQS::Queue", call: "sqs get-queue-attributes --attribute-names All", of: "queue or topic", single: true},
	{key: "Buckets", id: "Name", typ: "AWS::S3::Bucket", call: "s3api list-buckets", name: "Name"},
	{key: "BucketPolicy", typ: "AWS::S3::BucketPolicy", call: "s3api get-bucket-policy", of: "bucket", single: true, printed: "Policy"},
	{key: "PublicAccessBlockConfiguration", typ: "AWS::S3::Bucket", call: "s3api get-public-access-block", of: "bucket", single: true},
	{key: "LambdaFunctionConfigurations", id: "Id", typ: "AWS::S3::Bucket", call: "s3api get-bucket-notification-configuration", of: "bucket"},
	{key: "QueueConfigurations", id: "Id", typ: "AWS::S3::Bucket", call: "s3api get-bucket-notification-configuration", of: "bucket"},
	{key: "TopicConfigurations", id: "Id", typ: "AWS::S3::Bucket", call: "s3api get-bucket-notification-configuration", of: "bucket"},
	{key: "Keys", id: "KeyId", typ: "AWS::KMS::Key", call: "kms list-keys"},
	{key: "KeyMetadata", typ: "AWS::KMS::Key", call: "kms describe-key", of: "key", single: true},
	{key: "KeyPolicy", typ: "AWS::KMS::Key", call: "kms get-key-policy --policy-name default", of: "key", single: true, printed: "Policy"},
	{key: "KeyAliases", id: "AliasArn", typ: "AWS::KMS::Alias", call: "kms list-aliases", printed: "Aliases", mark: "TargetKeyId"},
	{key: "TableNames", typ: "AWS::DynamoDB::Table", call: "dynamodb list-tables"},
	{key: "Table", typ: "AWS::DynamoDB::Table", call: "dynamodb describe-table", of: "table", single: true},
	{key: "logGroups", id: "logGroupName", typ: "AWS::Logs::LogGroup", call: "logs describe-log-groups", name: "logGroupName"},
	{key: "subscriptionFilters", id: "filterName logGroupName", typ: "AWS::Logs::SubscriptionFilter", call: "logs describe-subscription-filters --log-group-name GROUP", of: "log group"},
	{key: "EventBuses", id: "Arn", typ: "AWS::Events::EventBus", call: "events list-event-buses", name: "Name"},
}

// kindOf finds a kind by its key.
var kindOf = func() map[string]kind {
	out := map[string]kind{}
	for _, k := range kinds {
		out[k.key] = k
	}
	return out
}()

// kindOn finds the kind of a list: where its key is printed for several by the name
// of its file or what its items have, else by the key.
func kindOn(entry source.Entry, file string) (kind, bool) {
	if k, ok := kindOf[file]; ok && k.printed == entry.Key && k.printed != "" {
		return k, true
	}
	for _, k := range kinds {
		if k.printed != entry.Key || k.printed == "" || len(entry.Value.Items) == 0 {
			continue
		}
		if _, has := entry.Value.Items[0].Get(k.mark); has {
			return k, true
		}
	}
	k, ok := kindOf[entry.Key]
	return k, ok
}

// identity is what tells an item from the others of its kind; empty where it
// does not say.
func (k kind) identity(it item) string {
	var parts []string
	for key := range strings.FieldsSeq(k.id) {
		if v, ok := it.get(key); ok {
			parts = append(parts, flat(v))
		}
	}
	return strings.Join(parts, " ")
}
