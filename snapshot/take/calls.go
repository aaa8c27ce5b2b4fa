package take

// protocol is how a service is spoken to.
type protocol uint8

const (
	ec2Query protocol = iota + 1 // a form; XML, whose names begin in lower case
	query                        // a form; XML
	jsonRPC                      // JSON with the operation in a header
	restJSON                     // GET; JSON
	restXML                      // GET; XML
)

// A service is one of AWS's, as it is reached.
type service struct {
	name     string // of the CLI, and in the host name
	signed   string // in the signature, where that is another
	protocol protocol
	version  string // of the API; of jsonRPC the prefix of the header
	json     string // 1.0 or 1.1
	global   bool   // one for the partition
	lower    bool   // the names in its answers begin in lower case, which the CLI prints in upper case
}

// services are those that are asked.
// https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
var services = map[string]service{
	"ec2":             {name: "ec2", protocol: ec2Query, version: "2016-11-15", lower: true},
	"elbv2":           {name: "elasticloadbalancing", protocol: query, version: "2015-12-01"},
	"elb":             {name: "elasticloadbalancing", protocol: query, version: "2012-06-01"},
	"rds":             {name: "rds", protocol: query, version: "2014-10-31"},
	"elasticache":     {name: "elasticache", protocol: query, version: "2015-02-02"},
	"iam":             {name: "iam", protocol: query, version: "2010-05-08", global: true},
	"sns":             {name: "sns", protocol: query, version: "2010-03-31"},
	"sts":             {name: "sts", protocol: query, version: "2011-06-15"},
	"lambda":          {name: "lambda", protocol: restJSON},
	"apigateway":      {name: "apigateway", protocol: restJSON},
	"apigatewayv2":    {name: "apigateway", protocol: restJSON, lower: true},
	"efs":             {name: "elasticfilesystem", protocol: restJSON},
	"route53":         {name: "route53", protocol: restXML, global: true},
	"route53resolver": {name: "route53resolver", protocol: jsonRPC, version: "Route53Resolver", json: "1.1"},
	"lightsail":       {name: "lightsail", protocol: jsonRPC, version: "Lightsail_20161128", json: "1.1"},
	"ssm":             {name: "ssm", protocol: jsonRPC, version: "AmazonSSM", json: "1.1"},
	"secretsmanager":  {name: "secretsmanager", protocol: jsonRPC, version: "secretsmanager", json: "1.1"},
	"events":          {name: "events", protocol: jsonRPC, version: "AWSEvents", json: "1.1"},
	"scheduler":       {name: "scheduler", protocol: restJSON},
	"cognito-idp":     {name: "cognito-idp", protocol: jsonRPC, version: "AWSCognitoIdentityProviderService", json: "1.1"},
	"kms":             {name: "kms", protocol: jsonRPC, version: "TrentService", json: "1.1"},
	"dynamodb":        {name: "dynamodb", protocol: jsonRPC, version: "DynamoDB_20120810", json: "1.0"},
	"logs":            {name: "logs", protocol: jsonRPC, version: "Logs_20140328", json: "1.1"},
	"s3api":           {name: "s3", protocol: restXML},
	"sqs":             {name: "sqs", protocol: jsonRPC, version: "AmazonSQS", json: "1.0"},
}

// A call is one that reads. {} in its input stands for the item that it is asked
// for, {.Field} for a field of it.
type call struct {
	service string
	command string // of the CLI: describe-vpcs
	key     string // the list that its answer is kept under, and its file named after
	input   string // name=value, separated by spaces; {.Region} of a call that is made once is the region
	path    string // restJSON and restXML
	page    string // the input that says how much a page holds, and how much: MaxResults=1000
	token   string // the names of the next page's token in the answer and in the input: NextToken=NextToken; empty: there is one page
	top     string // the key of the list in the answer, where that is not key
	shape   string // the fields that are kept: see field; empty: JSON is kept as it is
	each    string // the key of the list for each of whose items it is asked
	of      string // the field of the item that the file is named after
	only    string // field=value: only for such items; field!: only for those that have it
	absent  string // the error that says that there is nothing, and what is written then: Code=JSON
}

const (
	tags     = " Tags=tagSet[Key Value]"
	groups   = "Groups=groupSet[GroupId GroupName]"
	filter   = " Filter{Key=S3Key{FilterRules=FilterRule*[Name Value]}}"
	next     = "NextToken=NextToken"
	noPolicy = `ResourceNotFoundException={"Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"}`
	eni      = "NetworkInterfaceId SubnetId VpcId AvailabilityZone Description InterfaceType OwnerId PrivateIpAddress RequesterManaged:b SourceDestCheck:b Status " + groups +
		" Association{PublicIp AllocationId} Attachment{InstanceId InstanceOwnerId DeviceIndex:i NetworkCardIndex:i Status} Ipv6Addresses=ipv6AddressesSet[Ipv6Address]" +
		" PrivateIpAddresses=privateIpAddressesSet[Primary:b PrivateIpAddress Association{PublicIp}] TagSet[Key Value]"
	rule = "IpProtocol FromPort:i ToPort:i UserIdGroupPairs=groups[GroupId UserId VpcId VpcPeeringConnectionId PeeringStatus] IpRanges[CidrIp] Ipv6Ranges[CidrIpv6] PrefixListIds[PrefixListId]"
	peer = "{VpcId OwnerId Region CidrBlock PeeringOptions{AllowDnsResolutionFromRemoteVpc:b}}"
)

// calls is the plan, in order: what is asked for each item of a list comes after
// the list.
var calls = []call{
	{service: "ec2", command: "describe-vpcs", key: "Vpcs", page: "MaxResults=1000", token: next,
		shape: "Vpcs=vpcSet[VpcId OwnerId CidrBlock DhcpOptionsId IsDefault:b State CidrBlockAssociationSet[CidrBlock CidrBlockState{State}] Ipv6CidrBlockAssociationSet[Ipv6CidrBlock Ipv6CidrBlockState{State}]" + tags + "]"},
	{service: "ec2", command: "describe-vpc-attribute", key: "EnableDnsSupport", input: "Attribute=enableDnsSupport VpcId={.VpcId}", each: "Vpcs", of: "VpcId", shape: "VpcId EnableDnsSupport{Value:b}"},
	{service: "ec2", command: "describe-vpc-attribute", key: "EnableDnsHostnames", input: "Attribute=enableDnsHostnames VpcId={.VpcId}", each: "Vpcs", of: "VpcId", shape: "VpcId EnableDnsHostnames{Value:b}"},
	{service: "ec2", command: "describe-vpc-block-public-access-options", key: "VpcBlockPublicAccessOptions", shape: "VpcBlockPublicAccessOptions{AwsAccountId AwsRegion State InternetGatewayBlockMode}"},
	{service: "ec2", command: "describe-vpc-block-public-access-exclusions", key: "VpcBlockPublicAccessExclusions", page: "MaxResults=1000", token: next,
		shape: "VpcBlockPublicAccessExclusions=vpcBlockPublicAccessExclusionSet[ExclusionId InternetGatewayExclusionMode ResourceArn State" + tags + "]"},
	{service: "ec2", command: "describe-subnets", key: "Subnets", page: "MaxResults=1000", token: next,
		shape: "Subnets=subnetSet[SubnetId VpcId OwnerId CidrBlock AvailabilityZone AvailabilityZoneId AvailableIpAddressCount:i MapPublicIpOnLaunch:b AssignIpv6AddressOnCreation:b EnableDns64:b Ipv6Native:b State " +
			"Ipv6CidrBlockAssociationSet[Ipv6CidrBlock Ipv6CidrBlockState{State}]" + tags + "]"},
	{service: "ec2", command: "describe-route-tables", key: "RouteTables", page: "MaxResults=100", token: next,
		shape: "RouteTables=routeTableSet[RouteTableId VpcId OwnerId Associations=associationSet[Main:b SubnetId GatewayId AssociationState{State}] PropagatingVgws=propagatingVgwSet[GatewayId] " +
			"Routes=routeSet[DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId GatewayId InstanceId NatGatewayId TransitGatewayId LocalGatewayId CarrierGatewayId NetworkInterfaceId " +
			"VpcPeeringConnectionId EgressOnlyInternetGatewayId CoreNetworkArn OdbNetworkArn Origin State]" + tags + "]"},
	{service: "ec2", command: "describe-network-acls", key: "NetworkAcls", page: "MaxResults=1000", token: next,
		shape: "NetworkAcls=networkAclSet[NetworkAclId VpcId OwnerId IsDefault=default:b Associations=associationSet[SubnetId] " +
			"Entries=entrySet[RuleNumber:i RuleAction Protocol Egress:b CidrBlock Ipv6CidrBlock PortRange{From:i To:i} IcmpTypeCode{Type:i Code:i}]" + tags + "]"},
	{service: "ec2", command: "describe-security-groups", key: "SecurityGroups", page: "MaxResults=1000", token: next,
		shape: "SecurityGroups=securityGroupInfo[GroupId GroupName Description=groupDescription VpcId OwnerId IpPermissions[" + rule + "] IpPermissionsEgress[" + rule + "]" + tags + "]"},
	{service: "ec2", command: "describe-internet-gateways", key: "InternetGateways", page: "MaxResults=1000", token: next,
		shape: "InternetGateways=internetGatewaySet[InternetGatewayId OwnerId Attachments=attachmentSet[VpcId State]" + tags + "]"},
	{service: "ec2", command: "describe-egress-only-internet-gateways", key: "EgressOnlyInternetGateways", page: "MaxResults=255", token: next,
		shape: "EgressOnlyInternetGateways=egressOnlyInternetGatewaySet[EgressOnlyInternetGatewayId Attachments=attachmentSet[VpcId State]" + tags + "]"},
	{service: "ec2", command: "describe-nat-gateways", key: "NatGateways", page: "MaxResults=1000", token: next,
		shape: "NatGateways=natGatewaySet[NatGatewayId VpcId SubnetId State FailureCode ConnectivityType AvailabilityMode RouteTableId " +
			"NatGatewayAddresses=natGatewayAddressSet[AllocationId NetworkInterfaceId PrivateIp PublicIp IsPrimary:b Status]" + tags + "]"},
	{service: "ec2", command: "describe-vpc-peering-connections", key: "VpcPeeringConnections", page: "MaxResults=1000", token: next,
		shape: "VpcPeeringConnections=vpcPeeringConnectionSet[VpcPeeringConnectionId RequesterVpcInfo" + peer + " AccepterVpcInfo" + peer + " Status{Code Message}" + tags + "]"},
	{service: "ec2", command: "describe-vpc-endpoints", key: "VpcEndpoints", page: "MaxResults=1000", token: next,
		shape: "VpcEndpoints=vpcEndpointSet[VpcEndpointId VpcEndpointType VpcId OwnerId ServiceName State PolicyDocument RouteTableIds=routeTableIdSet[] SubnetIds=subnetIdSet[] " + groups +
			" IpAddressType DnsOptions{DnsRecordIpType PrivateDnsOnlyForInboundResolverEndpoint:b} PrivateDnsEnabled:b RequesterManaged:b NetworkInterfaceIds=networkInterfaceIdSet[] DnsEntries=dnsEntrySet[DnsName HostedZoneId]" + tags + "]"},
	{service: "ec2", command: "describe-vpc-endpoint-service-configurations", key: "ServiceConfigurations", page: "MaxResults=1000", token: next,
		shape: "ServiceConfigurations=serviceConfigurationSet[ServiceId ServiceName ServiceState NetworkLoadBalancerArns=networkLoadBalancerArnSet[] GatewayLoadBalancerArns=gatewayLoadBalancerArnSet[]" + tags + "]"},
	{service: "ec2", command: "describe-managed-prefix-lists", key: "PrefixLists", page: "MaxResults=100", token: next,
		shape: "PrefixLists=prefixListSet[PrefixListId PrefixListName OwnerId AddressFamily State" + tags + "]"},
	{service: "ec2", command: "get-managed-prefix-list-entries", key: "Entries", input: "PrefixListId={.PrefixListId}", page: "MaxResults=100", token: next, each: "PrefixLists", of: "PrefixListId",
		shape: "Entries=entrySet[Cidr Description]"},
	{service: "ec2", command: "describe-dhcp-options", key: "DhcpOptions", page: "MaxResults=1000", token: next,
		shape: "DhcpOptions=dhcpOptionsSet[DhcpOptionsId OwnerId DhcpConfigurations=dhcpConfigurationSet[Key Values=valueSet[Value]]" + tags + "]"},
	{service: "ec2", command: "describe-network-interfaces", key: "NetworkInterfaces", page: "MaxResults=1000", token: next, shape: "NetworkInterfaces=networkInterfaceSet[" + eni + "]"},
	{service: "ec2", command: "describe-instances", key: "Reservations", page: "MaxResults=1000", token: next,
		shape: "Reservations=reservationSet[ReservationId OwnerId Instances=instancesSet[InstanceId State=instanceState{Name Code:i} Placement{AvailabilityZone} SubnetId VpcId PrivateIpAddress PublicIpAddress=ipAddress " +
			"SourceDestCheck:b SecurityGroups=groupSet[GroupId GroupName] IamInstanceProfile{Arn Id} NetworkInterfaces=networkInterfaceSet[" +
			"NetworkInterfaceId SubnetId VpcId Description PrivateIpAddress SourceDestCheck:b Status " + groups + " Association{PublicIp} Attachment{DeviceIndex:i NetworkCardIndex:i Status} Ipv6Addresses=ipv6AddressesSet[Ipv6Address] " +
			"PrivateIpAddresses=privateIpAddressesSet[Primary:b PrivateIpAddress Association{PublicIp}]]" + tags + "]]"},
	{service: "ec2", command: "describe-addresses", key: "Addresses", shape: "Addresses=addressesSet[PublicIp AllocationId AssociationId InstanceId NetworkInterfaceId PrivateIpAddress" + tags + "]"},
	{service: "ec2", command: "describe-transit-gateways", key: "TransitGateways", page: "MaxResults=1000", token: next,
		shape: "TransitGateways=transitGatewaySet[TransitGatewayId OwnerId State Options{SecurityGroupReferencingSupport DefaultRouteTableAssociation DefaultRouteTablePropagation AssociationDefaultRouteTableId}" + tags + "]"},
	{service: "ec2", command: "describe-transit-gateway-attachments", key: "TransitGatewayAttachments", page: "MaxResults=1000", token: next,
		shape: "TransitGatewayAttachments[TransitGatewayAttachmentId TransitGatewayId ResourceOwnerId ResourceType ResourceId State Association{TransitGatewayRouteTableId State}" + tags + "]"},
	{service: "ec2", command: "describe-transit-gateway-vpc-attachments", key: "TransitGatewayVpcAttachments", page: "MaxResults=1000", token: next,
		shape: "TransitGatewayVpcAttachments[TransitGatewayAttachmentId TransitGatewayId VpcId State SubnetIds[] Options{DnsSupport SecurityGroupReferencingSupport Ipv6Support ApplianceModeSupport}" + tags + "]"},
	{service: "ec2", command: "describe-transit-gateway-route-tables", key: "TransitGatewayRouteTables", page: "MaxResults=1000", token: next,
		shape: "TransitGatewayRouteTables[TransitGatewayRouteTableId TransitGatewayId State DefaultAssociationRouteTable:b DefaultPropagationRouteTable:b" + tags + "]"},
	{service: "ec2", command: "search-transit-gateway-routes", key: "Routes", input: "TransitGatewayRouteTableId={.TransitGatewayRouteTableId} Filter.1.Name=state Filter.1.Value.1=active Filter.1.Value.2=blackhole", page: "MaxResults=1000",
		each: "TransitGatewayRouteTables", of: "TransitGatewayRouteTableId",
		shape: "Routes=routeSet[DestinationCidrBlock PrefixListId State Type TransitGatewayAttachments[TransitGatewayAttachmentId ResourceId ResourceType]] AdditionalRoutesAvailable:b"},
	{service: "ec2", command: "describe-vpn-gateways", key: "VpnGateways", shape: "VpnGateways=vpnGatewaySet[VpnGatewayId State VpcAttachments=attachments[VpcId State]" + tags + "]"},
	{service: "ec2", command: "describe-vpn-connections", key: "VpnConnections",
		shape: "VpnConnections=vpnConnectionSet[VpnConnectionId VpnGatewayId TransitGatewayId State Options{StaticRoutesOnly:b} Routes[DestinationCidrBlock State]" + tags + "]"},

	{service: "elbv2", command: "describe-load-balancers", key: "LoadBalancers", page: "PageSize=400", token: "NextMarker=Marker",
		shape: "LoadBalancers[LoadBalancerArn LoadBalancerName DNSName Scheme VpcId Type IpAddressType State{Code} AvailabilityZones[ZoneName SubnetId] SecurityGroups[]]"},
	{service: "elbv2", command: "describe-listeners", key: "Listeners", input: "LoadBalancerArn={.LoadBalancerArn}", page: "PageSize=400", token: "NextMarker=Marker", each: "LoadBalancers", of: "LoadBalancerName",
		shape: "Listeners[ListenerArn LoadBalancerArn Port:i Protocol DefaultActions[Type TargetGroupArn ForwardConfig{TargetGroups[TargetGroupArn Weight:i]}]]"},
	{service: "elbv2", command: "describe-rules", key: "Rules", input: "ListenerArn={.ListenerArn}", page: "PageSize=400", token: "NextMarker=Marker", each: "Listeners", of: "ListenerArn",
		shape: "Rules[RuleArn Priority IsDefault:b Actions[Type TargetGroupArn ForwardConfig{TargetGroups[TargetGroupArn Weight:i]}]]"},
	{service: "elbv2", command: "describe-target-groups", key: "TargetGroups", page: "PageSize=400", token: "NextMarker=Marker",
		shape: "TargetGroups[TargetGroupArn TargetGroupName Protocol Port:i VpcId TargetType LoadBalancerArns[]]"},
	{service: "elbv2", command: "describe-target-health", key: "TargetHealthDescriptions", input: "TargetGroupArn={.TargetGroupArn}", each: "TargetGroups", of: "TargetGroupArn",
		shape: "TargetHealthDescriptions[Target{Id Port:i AvailabilityZone} TargetHealth{State}]"},
	{service: "elb", command: "describe-load-balancers", key: "LoadBalancerDescriptions", page: "PageSize=400", token: "NextMarker=Marker",
		shape: "LoadBalancerDescriptions[LoadBalancerName DNSName Scheme VPCId Subnets[] SecurityGroups[] Instances[InstanceId] ListenerDescriptions[Listener{Protocol LoadBalancerPort:i InstanceProtocol InstancePort:i}]]"},

	{service: "rds", command: "describe-db-instances", key: "DBInstances", page: "MaxRecords=100", token: "Marker=Marker",
		shape: "DBInstances[DBInstanceIdentifier DBInstanceArn DBInstanceStatus Engine MasterUsername DBName Endpoint{Address Port:i} AvailabilityZone SecondaryAvailabilityZone NetworkType MultiAZ:b PubliclyAccessible:b DBClusterIdentifier " +
			"VpcSecurityGroups[VpcSecurityGroupId Status] DBSubnetGroup{DBSubnetGroupName VpcId Subnets[SubnetIdentifier SubnetAvailabilityZone{Name}]}]"},
	{service: "rds", command: "describe-db-clusters", key: "DBClusters", page: "MaxRecords=100", token: "Marker=Marker",
		shape: "DBClusters[DBClusterIdentifier DBClusterArn Status Engine EngineMode Endpoint ReaderEndpoint Port:i MultiAZ:b DBSubnetGroup VpcSecurityGroups[VpcSecurityGroupId Status] DBClusterMembers[DBInstanceIdentifier]]"},
	{service: "rds", command: "describe-db-subnet-groups", key: "DBSubnetGroups", page: "MaxRecords=100", token: "Marker=Marker", shape: "DBSubnetGroups[DBSubnetGroupName VpcId Subnets[SubnetIdentifier SubnetAvailabilityZone{Name}]]"},
	{service: "rds", command: "describe-db-proxies", key: "DBProxies", page: "MaxRecords=100", token: "Marker=Marker", shape: "DBProxies[DBProxyName DBProxyArn Status EngineFamily VpcId VpcSecurityGroupIds[] VpcSubnetIds[] Endpoint RoleArn]"},
	{service: "rds", command: "describe-db-proxy-targets", key: "Targets", input: "DBProxyName={.DBProxyName}", page: "MaxRecords=100", token: "Marker=Marker", each: "DBProxies", of: "DBProxyName", shape: "Targets[TargetArn Endpoint RdsResourceId Port:i Type Role]"},
	{service: "elasticache", command: "describe-replication-groups", key: "ReplicationGroups", page: "MaxRecords=100", token: "Marker=Marker",
		shape: "ReplicationGroups[ReplicationGroupId Status MemberClusters[] ConfigurationEndpoint{Address Port:i} NodeGroups[PrimaryEndpoint{Address Port:i} ReaderEndpoint{Address Port:i}]]"},
	{service: "elasticache", command: "describe-cache-clusters", key: "CacheClusters", input: "ShowCacheNodeInfo=true", page: "MaxRecords=100", token: "Marker=Marker",
		shape: "CacheClusters[CacheClusterId Engine CacheClusterStatus CacheSubnetGroupName ReplicationGroupId PreferredAvailabilityZone ConfigurationEndpoint{Address Port:i} SecurityGroups[SecurityGroupId Status] " +
			"CacheNodes[CacheNodeId Endpoint{Address Port:i} CustomerAvailabilityZone]]"},
	{service: "elasticache", command: "describe-cache-subnet-groups", key: "CacheSubnetGroups", page: "MaxRecords=100", token: "Marker=Marker", shape: "CacheSubnetGroups[CacheSubnetGroupName VpcId Subnets[SubnetIdentifier SubnetAvailabilityZone{Name}]]"},
	{service: "efs", command: "describe-file-systems", key: "FileSystems", path: "/2015-02-01/file-systems", page: "MaxItems=100", token: "NextMarker=Marker"},
	{service: "efs", command: "describe-mount-targets", key: "MountTargets", path: "/2015-02-01/mount-targets", input: "FileSystemId={.FileSystemId}", page: "MaxItems=100", token: "NextMarker=Marker", each: "FileSystems", of: "FileSystemId"},
	{service: "efs", command: "describe-access-points", key: "AccessPoints", path: "/2015-02-01/access-points", page: "MaxResults=100", token: next},

	{service: "lambda", command: "list-functions", key: "Functions", path: "/2015-03-31/functions", page: "MaxItems=50", token: "NextMarker=Marker"},
	{service: "lambda", command: "get-policy", key: "Policy", path: "/2015-03-31/functions/{.FunctionName}/policy", each: "Functions", of: "FunctionName", absent: noPolicy},
	{service: "lambda", command: "get-function-concurrency", key: "ReservedConcurrentExecutions", path: "/2019-09-30/functions/{.FunctionName}/concurrency", each: "Functions", of: "FunctionName"},
	{service: "lambda", command: "list-aliases", key: "Aliases", path: "/2015-03-31/functions/{.FunctionName}/aliases", token: "NextMarker=Marker", each: "Functions", of: "FunctionName"},
	{service: "lambda", command: "get-policy", key: "Policy", path: "/2015-03-31/functions/{.AliasArn}/policy", each: "Aliases", of: "AliasArn", absent: noPolicy},
	{service: "lambda", command: "list-function-url-configs", key: "FunctionUrlConfigs", path: "/2021-10-31/functions/{.FunctionName}/urls", token: "NextMarker=Marker", each: "Functions", of: "FunctionName"},
	{service: "lambda", command: "list-function-event-invoke-configs", key: "FunctionEventInvokeConfigs", path: "/2019-09-25/functions/{.FunctionName}/event-invoke-config/list", token: "NextMarker=Marker", each: "Functions", of: "FunctionName"},
	{service: "lambda", command: "list-event-source-mappings", key: "EventSourceMappings", path: "/2015-03-31/event-source-mappings", page: "MaxItems=100", token: "NextMarker=Marker"},

	{service: "apigateway", command: "get-rest-apis", key: "RestApis", top: "items", path: "/restapis", page: "limit=500", token: "position=position",
		shape: "items=item[id name apiKeySource binaryMediaTypes[] minimumCompressionSize:i endpointConfiguration{types[] vpcEndpointIds[]} policy disableExecuteApiEndpoint:b tags:m]"},
	{service: "apigateway", command: "get-resources", key: "RestResources", top: "items", path: "/restapis/{.id}/resources", input: "embed=methods", page: "limit=500", token: "position=position", each: "RestApis", of: "id",
		shape: "items=item[id parentId pathPart path resourceMethods:m]"},
	{service: "apigateway", command: "get-authorizers", key: "RestAuthorizers", top: "items", path: "/restapis/{.id}/authorizers", page: "limit=500", token: "position=position", each: "RestApis", of: "id",
		shape: "items=item[id name type providerARNs[] authorizerUri authorizerCredentials identitySource identityValidationExpression authorizerResultTtlInSeconds:i]"},
	{service: "apigateway", command: "get-stages", key: "RestStages", top: "item", path: "/restapis/{.id}/stages", each: "RestApis", of: "id",
		shape: "item[deploymentId clientCertificateId stageName cacheClusterEnabled:b cacheClusterSize methodSettings:m variables:m accessLogSettings{format destinationArn} tracingEnabled:b webAclArn]"},
	{service: "apigatewayv2", command: "get-apis", key: "HttpApis", top: "Items", path: "/v2/apis", token: "NextToken=nextToken",
		shape: "Items[ApiId ApiEndpoint Name ProtocolType DisableExecuteApiEndpoint:b Tags:m CorsConfiguration{AllowCredentials:b AllowHeaders[] AllowMethods[] AllowOrigins[] ExposeHeaders[] MaxAge:i}]"},
	{service: "apigatewayv2", command: "get-routes", key: "HttpRoutes", top: "Items", path: "/v2/apis/{.ApiId}/routes", token: "NextToken=nextToken", each: "HttpApis", of: "ApiId",
		shape: "Items[RouteId RouteKey ApiGatewayManaged:b AuthorizationType AuthorizerId AuthorizationScopes[] Target]"},
	{service: "apigatewayv2", command: "get-integrations", key: "HttpIntegrations", top: "Items", path: "/v2/apis/{.ApiId}/integrations", token: "NextToken=nextToken", each: "HttpApis", of: "ApiId",
		shape: "Items[IntegrationId IntegrationType IntegrationSubtype IntegrationMethod IntegrationUri PayloadFormatVersion TimeoutInMillis:i ConnectionId ConnectionType CredentialsArn RequestParameters:m ResponseParameters:m]"},
	{service: "apigatewayv2", command: "get-authorizers", key: "HttpAuthorizers", top: "Items", path: "/v2/apis/{.ApiId}/authorizers", token: "NextToken=nextToken", each: "HttpApis", of: "ApiId",
		shape: "Items[AuthorizerId AuthorizerType Name AuthorizerUri AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds:i EnableSimpleResponses:b IdentitySource[] JwtConfiguration{Audience[] Issuer}]"},
	{service: "apigatewayv2", command: "get-stages", key: "HttpStages", top: "Items", path: "/v2/apis/{.ApiId}/stages", token: "NextToken=nextToken", each: "HttpApis", of: "ApiId",
		shape: "Items[StageName AutoDeploy:b DeploymentId StageVariables:m AccessLogSettings{DestinationArn Format} DefaultRouteSettings{ThrottlingBurstLimit:i ThrottlingRateLimit:n}]"},

	{service: "iam", command: "get-account-authorization-details", key: "RoleDetailList", input: "Filter.member.1=Role Filter.member.2=User Filter.member.3=Group Filter.member.4=LocalManagedPolicy", page: "MaxItems=1000", token: "Marker=Marker",
		shape: "RoleDetailList[RoleName Arn Path AssumeRolePolicyDocument:d RolePolicyList[PolicyName PolicyDocument:d] AttachedManagedPolicies[PolicyName PolicyArn] PermissionsBoundary{PermissionsBoundaryArn} InstanceProfileList[InstanceProfileName Arn]] " +
			"UserDetailList[UserName Arn Path UserPolicyList[PolicyName PolicyDocument:d] GroupList[] AttachedManagedPolicies[PolicyName PolicyArn] PermissionsBoundary{PermissionsBoundaryArn}] " +
			"GroupDetailList[GroupName Arn GroupPolicyList[PolicyName PolicyDocument:d] AttachedManagedPolicies[PolicyName PolicyArn]] " +
			"Policies[PolicyName Arn PolicyVersionList[VersionId IsDefaultVersion:b Document:d]]"},

	{service: "route53", command: "list-hosted-zones", key: "HostedZones", path: "/2013-04-01/hostedzone", token: "NextMarker=marker", shape: "HostedZones[Id Name Config{PrivateZone:b}]"},
	{service: "route53", command: "get-hosted-zone", key: "HostedZone", path: "/2013-04-01{.Id}", each: "HostedZones", of: "Id", only: "Config.PrivateZone=true", shape: "HostedZone{Id Name Config{PrivateZone:b}} VPCs[VPCRegion VPCId]"},
	{service: "route53", command: "list-resource-record-sets", key: "ResourceRecordSets", path: "/2013-04-01{.Id}/rrset", token: "NextRecordName=name NextRecordType=type NextRecordIdentifier=identifier", each: "HostedZones", of: "Id",
		shape: "ResourceRecordSets[Name Type SetIdentifier ResourceRecords[Value] AliasTarget{HostedZoneId DNSName}]"},
	{service: "route53resolver", command: "list-resolver-rules", key: "ResolverRules", page: "MaxResults=100", token: next},
	{service: "route53resolver", command: "list-resolver-rule-associations", key: "ResolverRuleAssociations", page: "MaxResults=100", token: next},

	{service: "lightsail", command: "get-instances", key: "instances", token: "nextPageToken=pageToken"},
	{service: "lightsail", command: "get-static-ips", key: "staticIps", token: "nextPageToken=pageToken"},
	{service: "lightsail", command: "is-vpc-peered", key: "isPeered"},

	{service: "ssm", command: "describe-parameters", key: "Parameters", page: "MaxResults=50", token: next},
	{service: "secretsmanager", command: "list-secrets", key: "SecretList", page: "MaxResults=100", token: next},
	{service: "events", command: "list-event-buses", key: "EventBuses", token: next},
	{service: "events", command: "list-rules", key: "Rules", input: "EventBusName={.Name}", token: next, each: "EventBuses", of: "Name"},
	{service: "events", command: "list-targets-by-rule", key: "Targets", input: "Rule={.Name} EventBusName={.EventBusName}", token: next, each: "Rules", of: "Arn", only: "State!"},
	{service: "scheduler", command: "list-schedules", key: "Schedules", path: "/schedules", page: "MaxResults=100", token: next},
	{service: "scheduler", command: "get-schedule", key: "ScheduleExpression", path: "/schedules/{.Name}", input: "groupName={.GroupName}", each: "Schedules", of: "Arn"},
	{service: "cognito-idp", command: "list-user-pools", key: "UserPools", page: "MaxResults=60", token: next},
	{service: "cognito-idp", command: "describe-user-pool", key: "UserPool", input: "UserPoolId={.Id}", each: "UserPools", of: "Id",
		shape: "UserPool{Id Name Arn MfaConfiguration AutoVerifiedAttributes[] AliasAttributes[] UsernameAttributes[] Domain UserPoolTags:m AdminCreateUserConfig{AllowAdminCreateUserOnly:b} UsernameConfiguration{CaseSensitive:b} " +
			"Policies{PasswordPolicy{MinimumLength:i RequireUppercase:b RequireLowercase:b RequireNumbers:b RequireSymbols:b TemporaryPasswordValidityDays:i}} SchemaAttributes[Name AttributeDataType Mutable:b Required:b] " +
			"LambdaConfig{PreSignUp CustomMessage PostConfirmation PreAuthentication PostAuthentication DefineAuthChallenge CreateAuthChallenge VerifyAuthChallengeResponse PreTokenGeneration UserMigration " +
			"PreTokenGenerationConfig{LambdaVersion LambdaArn} CustomSMSSender{LambdaVersion LambdaArn} CustomEmailSender{LambdaVersion LambdaArn}}}"},
	{service: "cognito-idp", command: "list-user-pool-clients", key: "UserPoolClients", input: "UserPoolId={.Id}", page: "MaxResults=60", token: next, each: "UserPools", of: "Id"},
	{service: "kms", command: "list-keys", key: "Keys", token: "NextMarker=Marker"},
	{service: "kms", command: "describe-key", key: "KeyMetadata", input: "KeyId={.KeyId}", each: "Keys", of: "KeyId", shape: "KeyMetadata{KeyId Arn Enabled:b KeyState KeyUsage KeySpec KeyManager}"},
	{service: "kms", command: "get-key-policy", key: "KeyPolicy", top: "Policy", input: "KeyId={.KeyId} PolicyName=default", each: "Keys", of: "KeyId"},
	{service: "kms", command: "list-aliases", key: "KeyAliases", top: "Aliases", token: "NextMarker=Marker", shape: "Aliases[AliasName AliasArn TargetKeyId]"},
	{service: "dynamodb", command: "list-tables", key: "TableNames", token: "LastEvaluatedTableName=ExclusiveStartTableName"},
	{service: "dynamodb", command: "describe-table", key: "Table", input: "TableName={}", each: "TableNames", of: "table",
		shape: "Table{TableName TableArn TableStatus AttributeDefinitions[AttributeName AttributeType] KeySchema[AttributeName KeyType] StreamSpecification{StreamEnabled:b StreamViewType}}"},
	{service: "logs", command: "describe-log-groups", key: "logGroups", token: "nextToken=nextToken"},
	{service: "logs", command: "describe-subscription-filters", key: "subscriptionFilters", input: "logGroupName={.logGroupName}", token: "nextToken=nextToken", each: "logGroups", of: "logGroupName"},
	{service: "s3api", command: "list-buckets", key: "Buckets", input: "bucket-region={.Region}", page: "max-buckets=1000", token: "ContinuationToken=continuation-token", shape: "Buckets[Name]"},
	{service: "s3api", command: "get-bucket-notification-configuration", key: "LambdaFunctionConfigurations", path: "/{.Name}?notification", each: "Buckets", of: "Name",
		shape: "LambdaFunctionConfigurations=CloudFunctionConfiguration*[Id LambdaFunctionArn=CloudFunction Events=Event*[]" + filter + "] QueueConfigurations=QueueConfiguration*[Id QueueArn=Queue Events=Event*[]" + filter + "] " +
			"TopicConfigurations=TopicConfiguration*[Id TopicArn=Topic Events=Event*[]" + filter + "]"},
	{service: "s3api", command: "get-public-access-block", key: "PublicAccessBlockConfiguration", path: "/{.Name}?publicAccessBlock", each: "Buckets", of: "Name", absent: `NoSuchPublicAccessBlockConfiguration={"PublicAccessBlockConfiguration": {}}`,
		shape: "PublicAccessBlockConfiguration{BlockPublicAcls:b IgnorePublicAcls:b BlockPublicPolicy:b RestrictPublicBuckets:b}"},
	{service: "sns", command: "list-topics", key: "Topics", token: next, shape: "Topics[TopicArn]"},
	{service: "sns", command: "list-subscriptions", key: "Subscriptions", token: next, shape: "Subscriptions[SubscriptionArn Owner Protocol Endpoint TopicArn]"},
	{service: "sns", command: "get-topic-attributes", key: "Attributes", input: "TopicArn={.TopicArn}", each: "Topics", of: "TopicArn", shape: "Attributes:m"},
	{service: "sqs", command: "list-queues", key: "QueueUrls", page: "MaxResults=1000", token: next},
	{service: "sqs", command: "get-queue-attributes", key: "Attributes", input: "QueueUrl={} AttributeNames=[All]", each: "QueueUrls", of: "queue"},
}
