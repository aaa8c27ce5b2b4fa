package terraform

// databaseRows are what AWS runs in subnets and names itself.
var databaseRows = []row{
	{tf: "aws_db_subnet_group", cfn: "AWS::RDS::DBSubnetGroup", properties: "DBSubnetGroupName=name DBSubnetGroupDescription=description|'Managed by Terraform' SubnetIds", attributes: "id=Ref name=Ref arn vpc_id"},
	{tf: "aws_db_instance", cfn: "AWS::RDS::DBInstance",
		properties: "DBInstanceIdentifier=identifier Engine EngineVersion DBInstanceClass=instance_class AllocatedStorage DBSubnetGroupName VPCSecurityGroups=vpc_security_group_ids " +
			"Port PubliclyAccessible|'false' MultiAZ=multi_az AvailabilityZone DBName=db_name|name MasterUsername=username EnableIAMDatabaseAuthentication=iam_database_authentication_enabled " +
			"StorageEncrypted DeletionProtection KmsKeyId ManageMasterUserPassword MasterUserPassword=password NetworkType StorageType Iops StorageThroughput MaxAllocatedStorage",
		attributes: "id=Ref identifier=Ref arn=DBInstanceArn address=Endpoint.Address endpoint=Sub:${Endpoint.Address}:${Endpoint.Port} port=Endpoint.Port resource_id=DbiResourceId master_user_secret.secret_arn=MasterUserSecret.SecretArn"},
	{tf: "aws_rds_cluster", cfn: "AWS::RDS::DBCluster",
		properties: "DBClusterIdentifier=cluster_identifier Engine|'aurora' EngineVersion EngineMode DBSubnetGroupName VpcSecurityGroupIds Port DatabaseName MasterUsername " +
			"EnableIAMDatabaseAuthentication=iam_database_authentication_enabled EnableHttpEndpoint StorageEncrypted DeletionProtection KmsKeyId ManageMasterUserPassword " +
			"MasterUserPassword=master_password DBClusterInstanceClass=db_cluster_instance_class NetworkType StorageType AllocatedStorage Iops AvailabilityZones",
		attributes: "id=Ref cluster_identifier=Ref arn=DBClusterArn endpoint=Endpoint.Address reader_endpoint=ReadEndpoint.Address port=Endpoint.Port cluster_resource_id=DBClusterResourceId master_user_secret.secret_arn=MasterUserSecret.SecretArn"},
	{tf: "aws_rds_cluster_instance", cfn: "AWS::RDS::DBInstance", attributes: "id=Ref identifier=Ref arn=DBInstanceArn endpoint=Endpoint.Address port=Endpoint.Port",
		properties: "DBInstanceIdentifier=identifier DBClusterIdentifier=cluster_identifier Engine|'aurora' DBInstanceClass=instance_class PubliclyAccessible|'false' AvailabilityZone DBSubnetGroupName"},
	{tf: "aws_db_proxy", cfn: "AWS::RDS::DBProxy", attributes: "id=Ref name=Ref arn=DBProxyArn endpoint=Endpoint",
		properties: "DBProxyName=name EngineFamily RoleArn VpcSubnetIds VpcSecurityGroupIds RequireTLS=require_tls Auth[]=auth{AuthScheme IAMAuth=iam_auth SecretArn}"},
	{tf: "aws_db_proxy_endpoint", cfn: "AWS::RDS::DBProxyEndpoint", properties: "DBProxyEndpointName=db_proxy_endpoint_name DBProxyName=db_proxy_name VpcSubnetIds VpcSecurityGroupIds TargetRole",
		attributes: "id=Ref arn=DBProxyEndpointArn endpoint=Endpoint"},
	{tf: "aws_db_proxy_default_target_group", quiet: true},
	{tf: "aws_db_proxy_target", cfn: "AWS::RDS::DBProxyTargetGroup", attributes: "id",
		properties: "DBProxyName=db_proxy_name TargetGroupName|'default' DBInstanceIdentifiers[]=db_instance_identifier DBClusterIdentifiers[]=db_cluster_identifier"},
	{tf: "aws_docdb_subnet_group", cfn: "AWS::DocDB::DBSubnetGroup", properties: "DBSubnetGroupName=name DBSubnetGroupDescription=description|'Managed by Terraform' SubnetIds", attributes: "id=Ref name=Ref"},
	{tf: "aws_docdb_cluster", cfn: "AWS::DocDB::DBCluster", properties: "DBClusterIdentifier=cluster_identifier DBSubnetGroupName VpcSecurityGroupIds Port EngineVersion MasterUsername MasterUserPassword=master_password ManageMasterUserPassword StorageEncrypted KmsKeyId DeletionProtection",
		attributes: "id=Ref cluster_identifier=Ref endpoint=Endpoint reader_endpoint=ReadEndpoint port=Port"},
	{tf: "aws_docdb_cluster_instance", cfn: "AWS::DocDB::DBInstance", properties: "DBInstanceIdentifier=identifier DBClusterIdentifier=cluster_identifier DBInstanceClass=instance_class AvailabilityZone", attributes: "id=Ref endpoint=Endpoint port=Port"},
	{tf: "aws_neptune_subnet_group", cfn: "AWS::Neptune::DBSubnetGroup", properties: "DBSubnetGroupName=name DBSubnetGroupDescription=description|'Managed by Terraform' SubnetIds", attributes: "id=Ref name=Ref"},
	{tf: "aws_neptune_cluster", cfn: "AWS::Neptune::DBCluster", properties: "DBClusterIdentifier=cluster_identifier DBSubnetGroupName=neptune_subnet_group_name VpcSecurityGroupIds DBPort=port EngineVersion IamAuthEnabled=iam_database_authentication_enabled StorageEncrypted KmsKeyId=kms_key_arn DeletionProtection",
		attributes: "id=Ref cluster_identifier=Ref endpoint=Endpoint reader_endpoint=ReadEndpoint port=Port"},
	{tf: "aws_neptune_cluster_instance", cfn: "AWS::Neptune::DBInstance", properties: "DBInstanceIdentifier=identifier DBClusterIdentifier=cluster_identifier DBInstanceClass=instance_class DBSubnetGroupName=neptune_subnet_group_name AvailabilityZone PubliclyAccessible", attributes: "id=Ref endpoint=Endpoint port=Port"},
	{tf: "aws_elasticache_subnet_group", cfn: "AWS::ElastiCache::SubnetGroup", properties: "CacheSubnetGroupName=name Description|'Managed by Terraform' SubnetIds", attributes: "id=Ref name=Ref"},
	{tf: "aws_elasticache_cluster", cfn: "AWS::ElastiCache::CacheCluster", attributes: "id=Ref cluster_id=Ref cluster_address=ConfigurationEndpoint.Address configuration_endpoint=Sub:${ConfigurationEndpoint.Address}:${ConfigurationEndpoint.Port} " +
		"cache_nodes.address=RedisEndpoint.Address cache_nodes.port=RedisEndpoint.Port port",
		properties: "ClusterName=cluster_id Engine|'redis' EngineVersion CacheNodeType=node_type|'cache.t3.micro' NumCacheNodes|'1' CacheSubnetGroupName=subnet_group_name VpcSecurityGroupIds=security_group_ids Port PreferredAvailabilityZone=availability_zone TransitEncryptionEnabled"},
	{tf: "aws_elasticache_replication_group", cfn: "AWS::ElastiCache::ReplicationGroup",
		attributes: "id=Ref replication_group_id=Ref primary_endpoint_address=PrimaryEndPoint.Address reader_endpoint_address=ReaderEndPoint.Address configuration_endpoint_address=ConfigurationEndPoint.Address arn port",
		properties: "ReplicationGroupId ReplicationGroupDescription=description|replication_group_description|'none' Engine|'redis' EngineVersion CacheNodeType=node_type CacheSubnetGroupName=subnet_group_name SecurityGroupIds Port " +
			"NumCacheClusters=num_cache_clusters|number_cache_clusters NumNodeGroups ReplicasPerNodeGroup AutomaticFailoverEnabled MultiAZEnabled=multi_az_enabled TransitEncryptionEnabled AtRestEncryptionEnabled AuthToken KmsKeyId NetworkType IpDiscovery ClusterMode TransitEncryptionMode"},
	{tf: "aws_elasticache_serverless_cache", cfn: "AWS::ElastiCache::ServerlessCache", properties: "ServerlessCacheName=name Engine SubnetIds SecurityGroupIds MajorEngineVersion Description",
		attributes: "id=Ref arn=ARN endpoint.address=Endpoint.Address endpoint.port=Endpoint.Port reader_endpoint.address=ReaderEndpoint.Address"},
	{tf: "aws_memorydb_subnet_group", cfn: "AWS::MemoryDB::SubnetGroup", properties: "SubnetGroupName=name SubnetIds Description", attributes: "id=Ref name=Ref arn=ARN"},
	{tf: "aws_memorydb_cluster", cfn: "AWS::MemoryDB::Cluster", properties: "ClusterName=name ACLName=acl_name NodeType SubnetGroupName SecurityGroupIds Port TLSEnabled=tls_enabled EngineVersion Engine",
		attributes: "id=Ref arn=ARN cluster_endpoint.address=ClusterEndpoint.Address cluster_endpoint.port=ClusterEndpoint.Port"},
	{tf: "aws_redshift_subnet_group", cfn: "AWS::Redshift::ClusterSubnetGroup", properties: "Description|'Managed by Terraform' SubnetIds", attributes: "id=Ref name=Ref"},
	{tf: "aws_redshift_cluster", cfn: "AWS::Redshift::Cluster", attributes: "id=Ref dns_name=Endpoint.Address port=Endpoint.Port endpoint=Sub:${Endpoint.Address}:${Endpoint.Port}",
		properties: "ClusterIdentifier ClusterType|'single-node' DBName=database_name|'dev' MasterUsername|'awsuser' NodeType ClusterSubnetGroupName VpcSecurityGroupIds Port PubliclyAccessible|'false' AvailabilityZone NumberOfNodes MultiAZ=multi_az Encrypted KmsKeyId EnhancedVpcRouting MasterUserPassword=master_password ManageMasterPassword"},
	{tf: "aws_opensearch_domain", cfn: "AWS::OpenSearchService::Domain", properties: "DomainEndpointOptions{EnforceHTTPS=enforce_https TLSSecurityPolicy=tls_security_policy CustomEndpointEnabled CustomEndpoint CustomEndpointCertificateArn} DomainName EngineVersion VPCOptions=vpc_options{SubnetIds SecurityGroupIds} AccessPolicies:json=access_policies", attributes: "id=Arn arn=Arn endpoint=DomainEndpoint domain_id=Id"},
	{tf: "aws_elasticsearch_domain", cfn: "AWS::Elasticsearch::Domain", properties: "DomainEndpointOptions{EnforceHTTPS=enforce_https TLSSecurityPolicy=tls_security_policy} DomainName ElasticsearchVersion VPCOptions=vpc_options{SubnetIds SecurityGroupIds} AccessPolicies:json=access_policies", attributes: "id=Arn arn=Arn endpoint=DomainEndpoint"},
	{tf: "aws_mq_broker", cfn: "AWS::AmazonMQ::Broker", attributes: "id=Ref arn=Arn",
		properties: "BrokerName EngineType EngineVersion HostInstanceType DeploymentMode|'SINGLE_INSTANCE' PubliclyAccessible|'false' SubnetIds SecurityGroups"},
	{tf: "aws_msk_cluster", cfn: "AWS::MSK::Cluster", make: kafka, attributes: "id=Arn arn=Arn bootstrap_brokers bootstrap_brokers_tls bootstrap_brokers_sasl_iam",
		properties: "ClusterName KafkaVersion NumberOfBrokerNodes BrokerNodeGroupInfo{ClientSubnets SecurityGroups InstanceType}"},
	{tf: "aws_efs_file_system", cfn: "AWS::EFS::FileSystem", properties: "Encrypted KmsKeyId PerformanceMode ThroughputMode", attributes: "id=Ref arn=Arn dns_name=Sub:${Ref}.efs.${AWS::Region}.${AWS::URLSuffix}"},
	{tf: "aws_efs_mount_target", cfn: "AWS::EFS::MountTarget", properties: "FileSystemId SubnetId SecurityGroups|'' IpAddress IpAddressType Ipv6Address", make: mountTarget, attributes: "id=Id ip_address=IpAddress"},
	{tf: "aws_efs_access_point", cfn: "AWS::EFS::AccessPoint", properties: "FileSystemId", attributes: "id=Ref arn=Arn"},
}
