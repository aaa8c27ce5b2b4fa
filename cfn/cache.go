package cfn

import (
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// cacheRows are ElastiCache, MemoryDB, OpenSearch, Redshift, Amazon MQ and MSK.
func cacheRows() []*row {
	return []*row{
		subnetGroupRow("AWS::ElastiCache::SubnetGroup", "CacheSubnetGroupName !Description !SubnetIds Tags", "CacheSubnetGroupName", attributes{}),
		{Type: "AWS::ElastiCache::CacheCluster", read: readStore, ref: databaseID("ClusterName"),
			properties: "AZMode AutoMinorVersionUpgrade !CacheNodeType CacheParameterGroupName CacheSecurityGroupNames CacheSubnetGroupName ClusterName !Engine " +
				"EngineVersion IpDiscovery LogDeliveryConfigurations NetworkType NotificationTopicArn !NumCacheNodes Port PreferredAvailabilityZone " +
				"PreferredAvailabilityZones PreferredMaintenanceWindow SnapshotArns SnapshotName SnapshotRetentionLimit SnapshotWindow Tags " +
				"TransitEncryptionEnabled VpcSecurityGroupIds",
			atts: attributes{"ConfigurationEndpoint.Address": storeHost(0), "ConfigurationEndpoint.Port": storePort, "RedisEndpoint.Address": storeHost(0), "RedisEndpoint.Port": storePort,
				"ConfigurationEndpoint": nil, "RedisEndpoint": nil}},
		{Type: "AWS::ElastiCache::ReplicationGroup", read: readStore, ref: databaseID("ReplicationGroupId"),
			properties: "AtRestEncryptionEnabled AuthToken AutoMinorVersionUpgrade AutomaticFailoverEnabled CacheNodeType CacheParameterGroupName " +
				"CacheSecurityGroupNames CacheSubnetGroupName ClusterMode DataTieringEnabled Engine EngineVersion GlobalReplicationGroupId IpDiscovery KmsKeyId " +
				"LogDeliveryConfigurations MultiAZEnabled NetworkType NodeGroupConfiguration NotificationTopicArn NumCacheClusters NumNodeGroups Port " +
				"PreferredCacheClusterAZs PreferredMaintenanceWindow PrimaryClusterId ReplicasPerNodeGroup !ReplicationGroupDescription ReplicationGroupId " +
				"SecurityGroupIds SnapshotArns SnapshotName SnapshotRetentionLimit SnapshotWindow SnapshottingClusterId Tags TransitEncryptionEnabled " +
				"TransitEncryptionMode UserGroupIds",
			atts: attributes{"PrimaryEndPoint.Address": storeHost(0), "PrimaryEndPoint.Port": storePort, "ReaderEndPoint.Address": storeHost(1), "ReaderEndPoint.Port": storePort,
				"ConfigurationEndPoint.Address": storeHost(2), "ConfigurationEndPoint.Port": storePort, "ReplicationGroupId": databaseID("ReplicationGroupId"),
				"ReadEndPoint.Addresses": nil, "ReadEndPoint.Addresses.List": nil, "ReadEndPoint.AddressesList": nil, "ReadEndPoint.Ports": nil, "ReadEndPoint.Ports.List": nil, "ReadEndPoint.PortsList": nil,
				"ConfigurationEndPoint": nil, "PrimaryEndPoint": nil, "ReadEndPoint": nil, "ReaderEndPoint": nil}},
		{Type: "AWS::ElastiCache::ServerlessCache", read: readStore, ref: databaseID("ServerlessCacheName"),
			properties: "CacheUsageLimits DailySnapshotTime Description Endpoint !Engine FinalSnapshotName KmsKeyId MajorEngineVersion ReaderEndpoint " +
				"SecurityGroupIds !ServerlessCacheName SnapshotArnsToRestore SnapshotRetentionLimit SubnetIds Tags UserGroupId",
			atts: attributes{"Endpoint.Address": storeHost(0), "Endpoint.Port": storePort, "ReaderEndpoint.Address": storeHost(0), "ReaderEndpoint.Port": lastPort,
				"ARN": nil, "CreateTime": nil, "FullEngineVersion": nil, "Status": nil}},
		subnetGroupRow("AWS::MemoryDB::SubnetGroup", "Description !SubnetGroupName !SubnetIds Tags", "SubnetGroupName", attributes{"ARN": nil, "SupportedNetworkTypes": nil}),
		{Type: "AWS::MemoryDB::Cluster", read: readStore, ref: databaseID("ClusterName"),
			properties: "!ACLName AutoMinorVersionUpgrade ClusterEndpoint !ClusterName DataTiering Description Engine EngineVersion FinalSnapshotName IpDiscovery " +
				"KmsKeyId MaintenanceWindow MultiRegionClusterName NetworkType !NodeType NumReplicasPerShard NumShards ParameterGroupName Port SecurityGroupIds " +
				"SnapshotArns SnapshotName SnapshotRetentionLimit SnapshotWindow SnsTopicArn SnsTopicStatus SubnetGroupName TLSEnabled Tags",
			atts: attributes{"ClusterEndpoint.Address": storeHost(0), "ClusterEndpoint.Port": storePort, "ARN": databaseARN("memorydb", "cluster/", "ClusterName"), "ParameterGroupStatus": nil, "Status": nil}},
		searchRow("AWS::OpenSearchService::Domain", "AIMLOptions AccessPolicies AdvancedOptions AdvancedSecurityOptions ClusterConfig CognitoOptions DeploymentStrategyOptions "+
			"DomainEndpointOptions DomainName EBSOptions EncryptionAtRestOptions EngineVersion IPAddressType IdentityCenterOptions LogPublishingOptions "+
			"NodeToNodeEncryptionOptions OffPeakWindowOptions SkipShardMigrationWait SnapshotOptions SoftwareUpdateOptions Tags VPCOptions"),
		searchRow("AWS::Elasticsearch::Domain", "AccessPolicies AdvancedOptions AdvancedSecurityOptions CognitoOptions DomainEndpointOptions DomainName EBSOptions "+
			"ElasticsearchClusterConfig ElasticsearchVersion EncryptionAtRestOptions LogPublishingOptions NodeToNodeEncryptionOptions SnapshotOptions Tags VPCOptions"),
		subnetGroupRow("AWS::Redshift::ClusterSubnetGroup", "!Description !SubnetIds Tags", "ClusterSubnetGroupName", attributes{"ClusterSubnetGroupName": databaseID("ClusterSubnetGroupName")}),
		{Type: "AWS::Redshift::Cluster", read: readStore, ref: databaseID("ClusterIdentifier"),
			properties: "AllowVersionUpgrade AquaConfigurationStatus AutomatedSnapshotRetentionPeriod AvailabilityZone AvailabilityZoneRelocation " +
				"AvailabilityZoneRelocationStatus Classic ClusterIdentifier ClusterParameterGroupName ClusterSecurityGroups ClusterSubnetGroupName !ClusterType " +
				"ClusterVersion !DBName DeferMaintenance DeferMaintenanceDuration DeferMaintenanceEndTime DeferMaintenanceStartTime DestinationRegion ElasticIp " +
				"Encrypted Endpoint EnhancedVpcRouting HsmClientCertificateIdentifier HsmConfigurationIdentifier IamRoles KmsKeyId LoggingProperties " +
				"MaintenanceTrackName ManageMasterPassword ManualSnapshotRetentionPeriod MasterPasswordSecretKmsKeyId MasterUserPassword !MasterUsername MultiAZ " +
				"NamespaceResourcePolicy !NodeType NumberOfNodes OwnerAccount Port PreferredMaintenanceWindow PubliclyAccessible ResourceAction RevisionTarget " +
				"RotateEncryptionKey SnapshotClusterIdentifier SnapshotCopyGrantName SnapshotCopyManual SnapshotCopyRetentionPeriod SnapshotIdentifier Tags " +
				"VpcSecurityGroupIds",
			atts: attributes{"Endpoint.Address": storeHost(0), "Endpoint.Port": storePort, "Id": databaseID("ClusterIdentifier"), "ClusterNamespaceArn": nil, "DeferMaintenanceIdentifier": nil, "MasterPasswordSecretArn": nil}},
		{Type: "AWS::AmazonMQ::Broker", read: readStore, ref: idRef("b"),
			properties: "AuthenticationStrategy AutoMinorVersionUpgrade !BrokerName Configuration DataReplicationMode DataReplicationPrimaryBrokerArn " +
				"!DeploymentMode EncryptionOptions !EngineType EngineVersion !HostInstanceType LdapServerMetadata Logs MaintenanceWindowStartTime " +
				"!PubliclyAccessible SecurityGroups StorageType SubnetIds Tags Users",
			atts: attributes{"AmqpEndpoints": brokerURLs(5671), "OpenWireEndpoints": brokerURLs(61617), "StompEndpoints": brokerURLs(61614), "MqttEndpoints": brokerURLs(8883), "WssEndpoints": brokerURLs(61619),
				"Arn": nil, "ConfigurationId": nil, "ConfigurationRevision": nil, "ConsoleURLs": nil, "EngineVersionCurrent": nil, "Id": idRef("b"), "IpAddresses": nil}},
		{Type: "AWS::MSK::Cluster", read: readStore, ref: databaseARN("kafka", "cluster/", "ClusterName"),
			properties: "!BrokerNodeGroupInfo ClientAuthentication !ClusterName ConfigurationInfo EncryptionInfo EnhancedMonitoring !KafkaVersion LoggingInfo " +
				"!NumberOfBrokerNodes OpenMonitoring Rebalancing StorageMode Tags ZookeeperAccess",
			atts: attributes{"Arn": databaseARN("kafka", "cluster/", "ClusterName"), "CurrentVersion": nil}},
	}
}

func searchRow(typ, properties string) *row {
	return &row{Type: typ, properties: properties, ref: databaseID("DomainName"), read: readSearchDomain,
		atts: attributes{"DomainEndpoint": storeHost(0), "Id": databaseID("DomainName"), "Arn": databaseARN("es", "domain/", "DomainName"), "DomainArn": databaseARN("es", "domain/", "DomainName"),
			"DomainEndpointV2": nil, "DomainEndpoints": nil, "AdvancedSecurityOptions.AnonymousAuthDisableDate": nil,
			"IdentityCenterOptions.IdentityCenterApplicationARN": nil, "IdentityCenterOptions.IdentityStoreId": nil, "ServiceSoftwareOptions": nil}}
}

// readSearchDomain. A domain without VPCOptions is on the internet.
// https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
func readSearchDomain(l *loader, r *resource) {
	if _, ok := l.object(r).child("VPCOptions", "SecurityGroupIds", "SubnetIds"); !ok {
		l.outside(r, "it is a domain outside any VPC")
		return
	}
	readStore(l, r)
}

// addCacheKinds adds what the types of this file have to storeKinds.
func addCacheKinds(to map[string]storeKind) {
	search := storeKind{id: "DomainName", within: "VPCOptions", subnets: "SubnetIds", groups: "SecurityGroupIds", ports: searchPorts, hosts: func(l *loader, r *resource, id string) []string {
		head := "search-"
		if v := l.prop(r, "VPCOptions"); v.Kind == source.Map {
			head = "vpc-"
		}
		return []string{head + id + "-" + l.madeUp(26, id) + "." + l.spec.Region + ".es." + cloud.DNSSuffix(l.spec.Region)}
	}}
	to["AWS::OpenSearchService::Domain"], to["AWS::Elasticsearch::Domain"] = search, search
	to["AWS::ElastiCache::CacheCluster"] = storeKind{id: "ClusterName", group: "CacheSubnetGroupName", groups: "VpcSecurityGroupIds", ports: statedPort(cachePort), hosts: func(l *loader, r *resource, id string) []string {
		if strings.EqualFold(l.prop(r, "Engine").Text, "memcached") {
			return []string{id + "." + l.cacheAt("cfg.")}
		}
		return []string{id + "." + l.cacheAt("0001.")}
	}}
	to["AWS::ElastiCache::ReplicationGroup"] = storeKind{id: "ReplicationGroupId", group: "CacheSubnetGroupName", groups: "SecurityGroupIds", ports: statedPort(cachePort), hosts: replicationHosts}
	to["AWS::ElastiCache::ServerlessCache"] = storeKind{id: "ServerlessCacheName", subnets: "SubnetIds", groups: "SecurityGroupIds", ports: serverlessPorts, hosts: func(l *loader, _ *resource, id string) []string {
		return []string{id + "-" + l.cacheAt("serverless.")}
	}}
	to["AWS::MemoryDB::Cluster"] = storeKind{id: "ClusterName", group: "SubnetGroupName", groups: "SecurityGroupIds", ports: statedPort(cachePort), hosts: func(l *loader, _ *resource, id string) []string {
		return []string{"clustercfg." + id + "." + l.madeUp(6, "memorydb") + ".memorydb." + l.spec.Region + "." + cloud.DNSSuffix(l.spec.Region)}
	}}
	to["AWS::Redshift::Cluster"] = storeKind{id: "ClusterIdentifier", group: "ClusterSubnetGroupName", groups: "VpcSecurityGroupIds", ports: statedPort(func(*loader, *resource) uint16 { return 5439 }), hosts: func(l *loader, _ *resource, id string) []string {
		return []string{id + "." + l.endpointAt("redshift")}
	}}
	to["AWS::AmazonMQ::Broker"] = storeKind{id: "BrokerName", subnets: "SubnetIds", groups: "SecurityGroups", ports: brokerPorts, hosts: brokerHosts}
	to["AWS::MSK::Cluster"] = storeKind{id: "ClusterName", within: "BrokerNodeGroupInfo", subnets: "ClientSubnets", groups: "SecurityGroups", ports: kafkaPorts, hosts: func(l *loader, _ *resource, id string) []string {
		at := "." + id + "." + l.madeUp(6, "kafka") + ".c2.kafka." + l.spec.Region + "." + cloud.DNSSuffix(l.spec.Region)
		return []string{"b-1" + at, "b-2" + at, "b-3" + at}
	}}
}

// searchPorts: a domain answers on 443, on 80 too unless it requires HTTPS.
// https://docs.aws.amazon.com/opensearch-service/latest/developerguide/infrastructure-security.html
func searchPorts(l *loader, r *resource) cloud.Value[[]uint16] {
	options, _ := l.object(r).get("DomainEndpointOptions")
	if enforced, _ := options.Get("EnforceHTTPS"); enforced.Text == "true" {
		return cloud.Known([]uint16{443})
	}
	return cloud.Known([]uint16{443, 80})
}

// cachePort is 6379, and 11211 for Memcached.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/accessing-elasticache.html
func cachePort(l *loader, r *resource) uint16 {
	if strings.EqualFold(l.prop(r, "Engine").Text, "memcached") {
		return 11211
	}
	return 6379
}

// statedPort is the property Port, or else the engine's own.
func statedPort(absent func(*loader, *resource) uint16) func(*loader, *resource) cloud.Value[[]uint16] {
	return func(l *loader, r *resource) cloud.Value[[]uint16] {
		return listed(portValue(l.object(r).number("Port", int(absent(l, r)), 1, 65535)))
	}
}

// serverlessPorts: readers of a serverless cache are at a port of their own.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/set-up.html
func serverlessPorts(l *loader, r *resource) cloud.Value[[]uint16] {
	if p := cachePort(l, r); p != 6379 {
		return cloud.Known([]uint16{p})
	}
	return cloud.Known([]uint16{6379, 6380})
}

func lastPort(l *loader, r *resource) source.Node {
	ports := l.storePorts(r).Or([]uint16{0})
	return source.Node{Kind: source.Number, Text: itoa(ports[len(ports)-1]), At: r.At}
}

// replicationHosts are the primary's, the readers' and the configuration
// endpoint's names, which differ with encryption in transit.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
func replicationHosts(l *loader, r *resource, id string) []string {
	if l.object(r).flag("TransitEncryptionEnabled", false).Or(false) {
		return []string{"master." + id + "." + l.cacheAt(""), "replica." + id + "." + l.cacheAt(""), "clustercfg." + id + "." + l.cacheAt("")}
	}
	return []string{id + "." + l.cacheAt("ng.0001."), id + "-ro." + l.cacheAt("ng.0001."), id + "." + l.cacheAt("clustercfg.")}
}

// cacheAt is the end of the names that ElastiCache gives, with its short form
// of the region: usw2.
func (l *loader) cacheAt(between string) string {
	parts := strings.Split(l.spec.Region, "-")
	short := parts[0]
	for _, way := range []string{"north", "south", "east", "west", "central"} {
		if len(parts) == 3 && strings.Contains(parts[1], way) {
			short += way[:1]
		}
	}
	return l.madeUp(6, "cache") + "." + between + short + parts[len(parts)-1] + ".cache." + cloud.DNSSuffix(l.spec.Region)
}

// brokerPorts are those of a broker's wire protocols, TLS only.
// https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/using-amazon-mq-securely.html
func brokerPorts(l *loader, r *resource) cloud.Value[[]uint16] {
	if strings.EqualFold(l.prop(r, "EngineType").Text, "RABBITMQ") {
		return cloud.Known([]uint16{5671, 443, 15671})
	}
	return cloud.Known([]uint16{61617, 5671, 61614, 8883, 61619, 8162})
}

func brokerHosts(l *loader, r *resource, _ string) []string {
	at := ".mq." + l.spec.Region + "." + cloud.DNSSuffix(l.spec.Region)
	if strings.EqualFold(l.prop(r, "EngineType").Text, "RABBITMQ") {
		return []string{l.id("b", r) + at}
	}
	return []string{l.id("b", r) + "-1" + at, l.id("b", r) + "-2" + at}
}

// brokerSchemes are the schemes of a broker's endpoints, by port.
var brokerSchemes = map[uint16]string{5671: "amqp+ssl", 61617: "ssl", 61614: "stomp+ssl", 8883: "mqtt+ssl", 61619: "wss"}

// brokerURLs are the endpoints of one protocol, an item a broker instance.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-amazonmq-broker.html
func brokerURLs(port uint16) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node {
		out := source.Node{Kind: source.List, At: r.At}
		scheme, hosts := brokerSchemes[port], brokerHosts(l, r, "")
		if strings.EqualFold(l.prop(r, "EngineType").Text, "RABBITMQ") {
			scheme = "amqps"
		} else if strings.EqualFold(l.prop(r, "DeploymentMode").Text, "SINGLE_INSTANCE") {
			hosts = hosts[:1]
		}
		for _, h := range hosts {
			out.Items = append(out.Items, l.text(scheme+"://"+h+":"+itoa(port), r.At))
		}
		return out
	}
}

// kafkaPorts are the ports that the cluster's authentication and encryption
// open to clients in the VPC.
// https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html
func kafkaPorts(l *loader, r *resource) cloud.Value[[]uint16] {
	o := l.object(r)
	on := func(o object, keys ...string) bool {
		n := o.n
		for _, k := range keys {
			n, _ = n.Get(k)
		}
		return n.Text == "true"
	}
	var ports []uint16
	auth, _ := o.get("ClientAuthentication")
	a := object{l: l, of: r.Name, n: auth, at: r.At}
	if on(a, "Sasl", "Iam", "Enabled") {
		ports = append(ports, 9098)
	}
	if on(a, "Sasl", "Scram", "Enabled") {
		ports = append(ports, 9096)
	}
	encryption, _ := o.get("EncryptionInfo")
	transit, _ := encryption.Get("EncryptionInTransit")
	broker, _ := transit.Get("ClientBroker")
	plain := len(ports) == 0 || on(a, "Unauthenticated", "Enabled") || on(a, "Tls", "Enabled")
	if plain && broker.Text != "PLAINTEXT" {
		ports = append(ports, 9094)
	}
	if plain && strings.Contains(broker.Text, "PLAINTEXT") {
		ports = append(ports, 9092)
	}
	return cloud.Known(ports)
}
