package cfn

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// rdsRows are Amazon RDS, Aurora and those that are run like it. Clusters come
// before their instances, proxies before what they lead to.
func rdsRows() []*row {
	return []*row{
		subnetGroupRow("AWS::RDS::DBSubnetGroup", "!DBSubnetGroupDescription DBSubnetGroupName !SubnetIds Tags", "DBSubnetGroupName", attributes{}),
		{Type: "AWS::RDS::DBCluster", read: readDBCluster, ref: databaseID("DBClusterIdentifier"),
			properties: "AllocatedStorage AssociatedRoles AutoMinorVersionUpgrade AvailabilityZones BacktrackWindow BackupRetentionPeriod ClusterScalabilityType " +
				"CopyTagsToSnapshot DBClusterIdentifier DBClusterInstanceClass DBClusterParameterGroupName DBInstanceParameterGroupName DBSubnetGroupName DBSystemId " +
				"DatabaseInsightsMode DatabaseName DeleteAutomatedBackups DeletionProtection Domain DomainIAMRoleName EnableCloudwatchLogsExports " +
				"EnableGlobalWriteForwarding EnableHttpEndpoint EnableIAMDatabaseAuthentication EnableLocalWriteForwarding Engine EngineLifecycleSupport EngineMode " +
				"EngineVersion GlobalClusterIdentifier Iops KmsKeyId ManageMasterUserPassword MasterUserAuthenticationType MasterUserPassword MasterUserSecret " +
				"MasterUsername MonitoringInterval MonitoringRoleArn NetworkType PerformanceInsightsEnabled PerformanceInsightsKmsKeyId " +
				"PerformanceInsightsRetentionPeriod Port PreferredBackupWindow PreferredMaintenanceWindow PubliclyAccessible ReplicationSourceIdentifier " +
				"RestoreToTime RestoreType ScalingConfiguration ServerlessV2ScalingConfiguration SnapshotIdentifier SourceDBClusterIdentifier " +
				"SourceDbClusterResourceId SourceRegion StorageEncrypted StorageType Tags UseLatestRestorableTime VpcSecurityGroupIds",
			atts: attributes{"Endpoint": storeHost(0), "Endpoint.Address": storeHost(0), "ReadEndpoint": storeHost(1), "ReadEndpoint.Address": storeHost(1), "Endpoint.Port": storePort,
				"DBClusterArn":        databaseARN("rds", "cluster:", "DBClusterIdentifier"),
				"DBClusterResourceId": nil, "MasterUserSecret.SecretArn": nil, "StorageEncryptionType": nil, "StorageThroughput": nil}},
		{Type: "AWS::RDS::DBInstance", read: readDBInstance, ref: databaseID("DBInstanceIdentifier"),
			properties: "AdditionalStorageVolumes AllocatedStorage AllowMajorVersionUpgrade ApplyImmediately AssociatedRoles AutoMinorVersionUpgrade " +
				"AutomaticBackupReplicationKmsKeyId AutomaticBackupReplicationRegion AutomaticBackupReplicationRetentionPeriod AvailabilityZone " +
				"BackupRetentionPeriod BackupTarget CACertificateIdentifier CertificateRotationRestart CharacterSetName CopyTagsToSnapshot CustomIAMInstanceProfile " +
				"DBClusterIdentifier DBClusterSnapshotIdentifier DBInstanceClass DBInstanceIdentifier DBName DBParameterGroupName DBSecurityGroups " +
				"DBSnapshotIdentifier DBSubnetGroupName DBSystemId DatabaseInsightsMode DedicatedLogVolume DeleteAutomatedBackups DeletionProtection Domain " +
				"DomainAuthSecretArn DomainDnsIps DomainFqdn DomainIAMRoleName DomainOu EnableCloudwatchLogsExports EnableIAMDatabaseAuthentication " +
				"EnablePerformanceInsights Engine EngineLifecycleSupport EngineVersion Iops KmsKeyId LicenseModel ManageMasterUserPassword " +
				"MasterUserAuthenticationType MasterUserPassword MasterUserSecret MasterUsername MaxAllocatedStorage MonitoringInterval MonitoringRoleArn MultiAZ " +
				"NcharCharacterSetName NetworkType OptionGroupName PerformanceInsightsKMSKeyId PerformanceInsightsRetentionPeriod Port PreferredBackupWindow " +
				"PreferredMaintenanceWindow ProcessorFeatures PromotionTier PubliclyAccessible ReplicaMode RestoreTime SourceDBClusterIdentifier " +
				"SourceDBInstanceAutomatedBackupsArn SourceDBInstanceIdentifier SourceDbiResourceId SourceRegion StorageEncrypted StorageThroughput StorageType Tags " +
				"TdeCredentialArn TdeCredentialPassword Timezone UseDefaultProcessorFeatures UseLatestRestorableTime VPCSecurityGroups",
			atts: attributes{"Endpoint.Address": storeHost(0), "Endpoint.Port": storePort, "Endpoint.HostedZoneId": nil, "Endpoint": nil, "CertificateDetails": nil, "ListenerEndpoint": nil,
				"DBInstanceArn":                databaseARN("rds", "db:", "DBInstanceIdentifier"),
				"CertificateDetails.ValidTill": nil, "CertificateDetails.CAIdentifier": nil, "DBSystemId": nil, "DbiResourceId": nil, "MasterUserSecret.SecretArn": nil,
				"AutomaticRestartTime": nil, "DBInstanceStatus": nil, "InstanceCreateTime": nil, "IsStorageConfigUpgradeAvailable": nil, "LatestRestorableTime": nil,
				"ListenerEndpoint.Address": nil, "ListenerEndpoint.HostedZoneId": nil, "ListenerEndpoint.Port": nil, "PercentProgress": nil,
				"ReadReplicaDBClusterIdentifiers": nil, "ReadReplicaDBInstanceIdentifiers": nil, "ResumeFullAutomationModeTime": nil, "SecondaryAvailabilityZone": nil,
				"StatusInfos": nil}},
		{Type: "AWS::RDS::DBProxy", read: readStore, ref: databaseID("DBProxyName"),
			properties: "Auth !DBProxyName DebugLogging DefaultAuthScheme EndpointNetworkType !EngineFamily IdleClientTimeout RequireTLS !RoleArn Tags " +
				"TargetConnectionNetworkType VpcSecurityGroupIds !VpcSubnetIds",
			atts: attributes{"Endpoint": storeHost(0), "DBProxyArn": nil, "VpcId": nil}},
		{Type: "AWS::RDS::DBProxyEndpoint", read: readStore, ref: databaseID("DBProxyEndpointName"),
			properties: "!DBProxyEndpointName !DBProxyName EndpointNetworkType Tags TargetRole VpcSecurityGroupIds !VpcSubnetIds",
			atts:       attributes{"Endpoint": storeHost(0), "DBProxyEndpointArn": nil, "IsDefault": nil, "VpcId": nil}},
		{Type: "AWS::RDS::DBProxyTargetGroup", read: readProxyTargets,
			properties: "ConnectionPoolConfigurationInfo DBClusterIdentifiers DBInstanceIdentifiers !DBProxyName !TargetGroupName",
			atts:       attributes{"TargetGroupArn": nil}},
		subnetGroupRow("AWS::DocDB::DBSubnetGroup", "!DBSubnetGroupDescription DBSubnetGroupName !SubnetIds Tags", "DBSubnetGroupName", attributes{"Id": databaseID("DBSubnetGroupName")}),
		{Type: "AWS::DocDB::DBCluster", read: readDBCluster, ref: databaseID("DBClusterIdentifier"),
			properties: "AvailabilityZones BackupRetentionPeriod CopyTagsToSnapshot DBClusterIdentifier DBClusterParameterGroupName DBSubnetGroupName " +
				"DeletionProtection EnableCloudwatchLogsExports EngineVersion GlobalClusterIdentifier KmsKeyId ManageMasterUserPassword MasterUserPassword " +
				"MasterUserSecretKmsKeyId MasterUsername NetworkType Port PreferredBackupWindow PreferredMaintenanceWindow RestoreToTime RestoreType " +
				"RotateMasterUserPassword ServerlessV2ScalingConfiguration SnapshotIdentifier SourceDBClusterIdentifier StorageEncrypted StorageType Tags " +
				"UseLatestRestorableTime VpcSecurityGroupIds",
			atts: attributes{"Endpoint": storeHost(0), "ReadEndpoint": storeHost(1), "Port": storePort, "Id": databaseID("DBClusterIdentifier"), "ClusterResourceId": nil}},
		{Type: "AWS::DocDB::DBInstance", read: readStore, ref: databaseID("DBInstanceIdentifier"),
			properties: "AutoMinorVersionUpgrade AvailabilityZone CACertificateIdentifier CertificateRotationRestart !DBClusterIdentifier !DBInstanceClass " +
				"DBInstanceIdentifier EnablePerformanceInsights PreferredMaintenanceWindow Tags",
			atts: attributes{"Endpoint": storeHost(0), "Port": storePort, "Id": databaseID("DBInstanceIdentifier")}},
		subnetGroupRow("AWS::Neptune::DBSubnetGroup", "!DBSubnetGroupDescription DBSubnetGroupName !SubnetIds Tags", "DBSubnetGroupName", attributes{}),
		{Type: "AWS::Neptune::DBCluster", read: readDBCluster, ref: databaseID("DBClusterIdentifier"),
			properties: "AssociatedRoles AvailabilityZones BackupRetentionPeriod CopyTagsToSnapshot DBClusterIdentifier DBClusterParameterGroupName " +
				"DBInstanceParameterGroupName DBPort DBSubnetGroupName DeletionProtection EnableCloudwatchLogsExports EngineVersion IamAuthEnabled KmsKeyId " +
				"PreferredBackupWindow PreferredMaintenanceWindow RestoreToTime RestoreType ServerlessScalingConfiguration SnapshotIdentifier " +
				"SourceDBClusterIdentifier StorageEncrypted Tags UseLatestRestorableTime VpcSecurityGroupIds",
			atts: attributes{"Endpoint": storeHost(0), "ReadEndpoint": storeHost(1), "Port": storePort, "ClusterResourceId": nil}},
		{Type: "AWS::Neptune::DBInstance", read: readStore, ref: databaseID("DBInstanceIdentifier"),
			properties: "AllowMajorVersionUpgrade AutoMinorVersionUpgrade AvailabilityZone DBClusterIdentifier !DBInstanceClass DBInstanceIdentifier " +
				"DBParameterGroupName DBSnapshotIdentifier DBSubnetGroupName PreferredMaintenanceWindow PubliclyAccessible Tags",
			atts: attributes{"Endpoint": storeHost(0), "Port": storePort}},
	}
}

// readDBCluster. An Aurora cluster consists of its instances; a Multi-AZ DB
// cluster, which states an instance class, and Aurora Serverless v1 have
// interfaces of their own.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbcluster.html
func readDBCluster(l *loader, r *resource) {
	s := l.store(r)
	o := l.object(r)
	_, multiAZ := o.get("DBClusterInstanceClass")
	s.Bare = !multiAZ && o.text("EngineMode", cloud.Known("")).Or("") != "serverless"
	if s.Bare {
		s.Subnets = cloud.Known[[]cloud.SubnetID](nil)
	}
	l.spec.Stores = append(l.spec.Stores, s)
}

// readDBInstance. A database that is made of a snapshot, or is in a cluster, has
// the master user of that. The name of a PostgreSQL database is postgres where
// none is stated.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html
func readDBInstance(l *loader, r *resource) {
	s, o := l.store(r), l.object(r)
	because := "the template states no %s for " + r.Name
	password := fmt.Sprintf(because, "MasterUserPassword")
	if o.flag("ManageMasterUserPassword", false).Or(false) {
		password = "the password of " + r.Name + " is made up by AWS, in a secret of its own (ManageMasterUserPassword)"
	}
	s.Login = &cloud.Login{User: o.text("MasterUsername", cloud.Unknown[string](fmt.Sprintf(because, "MasterUsername"), r.At)),
		Password: o.text("MasterUserPassword", cloud.Unknown[string](password, r.At)), Database: o.text("DBName", cloud.Known("postgres"))}
	l.spec.Stores = append(l.spec.Stores, s)
}

// rdsEngine is the engine of a cluster or an instance: the one stated, that of
// its cluster, or of the only one that its type has.
func (l *loader) rdsEngine(r *resource) cloud.Value[string] {
	if service := strings.Split(r.Type, "::")[1]; service != "RDS" {
		return cloud.Known(strings.ToLower(service))
	}
	o := l.object(r)
	if cluster, ok := l.clusterOf(r); ok {
		return cluster.l.rdsEngine(cluster.r)
	}
	return o.text("Engine", cloud.Unknown[string]("the engine of "+r.Name+" is that of what it is made of", r.At))
}

// clusterOf finds the resource of the cluster that an instance is of.
func (l *loader) clusterOf(r *resource) (member, bool) {
	id := l.prop(r, "DBClusterIdentifier")
	if !strings.HasSuffix(r.Type, "::DBInstance") || !id.IsScalar() {
		return member{}, false
	}
	return l.calledBy(strings.TrimSuffix(r.Type, "Instance")+"Cluster", id.Text)
}

// calledBy finds the resource of a type, of any of the stacks, to which Ref
// gives a text.
func (l *loader) calledBy(typ, ref string) (member, bool) {
	for _, m := range l.byRow[l.byType[typ]] {
		if m.l.exists(m.r) && strings.EqualFold(m.r.row.ref(m.l, m.r).Text, ref) {
			return m, true
		}
	}
	return member{}, false
}

// enginePorts are the ports that engines take where a template states none.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
// https://docs.aws.amazon.com/documentdb/latest/developerguide/API_CreateDBCluster.html
// https://docs.aws.amazon.com/neptune/latest/apiref/API_CreateDBCluster.html
var enginePorts = map[string]uint16{
	"postgres": 5432, "mysql": 3306, "mariadb": 3306, "aurora": 3306, "aurora-mysql": 3306, "docdb": 27017, "neptune": 8182,
}

// rdsPort is the port of a cluster or an instance; an instance of a cluster has
// the cluster's.
func (l *loader) rdsPort(r *resource) cloud.Value[uint16] {
	if cluster, ok := l.clusterOf(r); ok {
		return cluster.l.rdsPort(cluster.r)
	}
	o, key := l.object(r), "Port"
	if strings.HasPrefix(r.Type, "AWS::Neptune::") {
		key = "DBPort"
	}
	if _, stated := o.get(key); stated {
		return portValue(o.number(key, 0, 1, 65535))
	}
	engine, known := l.rdsEngine(r).Get()
	if g, missing := l.rdsEngine(r).Gap(); missing || !known {
		return cloud.Unknown[uint16](g.Because, g.At)
	}
	return l.engineDefault(o, r, strings.ToLower(engine))
}

// engineDefault is an engine's own port. For Aurora PostgreSQL the pages differ:
// CloudFormation's says 3306 for a provisioned cluster, the RDS API's 5432.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbcluster.html
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
func (l *loader) engineDefault(o object, r *resource, engine string) cloud.Value[uint16] {
	for prefix, port := range map[string]uint16{"oracle-": 1521, "sqlserver-": 1433, "db2-": 50000, "custom-oracle-": 1521, "custom-sqlserver-": 1433} {
		if strings.HasPrefix(engine, prefix) {
			return cloud.Known(port)
		}
	}
	if engine == "aurora-postgresql" {
		if o.text("EngineMode", cloud.Known("")).Or("") == "serverless" {
			return cloud.Known[uint16](5432)
		}
		return cloud.Unknown[uint16]("AWS's pages differ on the port of an Aurora PostgreSQL cluster without Port, 3306 or 5432: state it in "+r.Name, r.At)
	}
	if port, ok := enginePorts[engine]; ok {
		return cloud.Known(port)
	}
	return cloud.Unknown[uint16](fmt.Sprintf("the port of engine %q of %s is not known here", engine, r.Name), r.At)
}

func portValue(v cloud.Value[int]) cloud.Value[uint16] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[uint16](g.Because, g.At)
	}
	return cloud.Known(uint16(v.Or(0)))
}

// proxyPorts are those of a proxy, by its engine family.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-setup.html
var proxyPorts = map[string]uint16{"MYSQL": 3306, "POSTGRESQL": 5432, "SQLSERVER": 1433}

// proxyPort is the port of a proxy, or of an endpoint of one.
func (l *loader) proxyPort(r *resource) cloud.Value[uint16] {
	proxy := member{l, r}
	if r.Type == "AWS::RDS::DBProxyEndpoint" {
		found, ok := l.calledBy("AWS::RDS::DBProxy", l.prop(r, "DBProxyName").Text)
		if !ok {
			return cloud.Unknown[uint16]("the proxy of "+r.Name+" is not in the template", r.At)
		}
		proxy = found
	}
	family, known := proxy.l.object(proxy.r).text("EngineFamily", cloud.Known("")).Get()
	if port, ok := proxyPorts[family]; ok && known {
		return cloud.Known(port)
	}
	return cloud.Unknown[uint16]("the engine family of "+proxy.r.Name+" is not known", proxy.r.At)
}

// readProxyTargets says to which databases a proxy, and its endpoints, lead.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbproxytargetgroup.html
func readProxyTargets(l *loader, r *resource) {
	o := l.object(r)
	proxy := o.known("DBProxyName")
	var targets []string
	for _, key := range []string{"DBClusterIdentifiers", "DBInstanceIdentifiers"} {
		ids := o.texts(key)
		if g, missing := ids.Gap(); missing {
			l.needed(key, r.Name, g)
		}
		for _, id := range ids.Or(nil) {
			targets = append(targets, strings.ToLower(id))
		}
	}
	for i, s := range l.spec.Stores {
		if s.ID == strings.ToLower(proxy) || s.Of == "" && l.endpointOf(s) == strings.ToLower(proxy) {
			l.spec.Stores[i].Targets = append(slices.Clip(s.Targets), targets...)
		}
	}
}

// endpointOf is the proxy that a proxy endpoint is of; empty for other Stores.
func (l *loader) endpointOf(s cloud.Store) string {
	if m, ok := l.calledBy("AWS::RDS::DBProxyEndpoint", s.ID); ok {
		return strings.ToLower(m.l.prop(m.r, "DBProxyName").Text)
	}
	return ""
}

// databaseID is the identifier stated in key, else a generated one; in lower
// case, as AWS keeps it.
func databaseID(key string) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node {
		v := l.nameNode(r, key, 63)
		v.Text = lowerUnlessOpen(v)
		return v
	}
}

func lowerUnlessOpen(n source.Node) string {
	if n.Kind == source.Unknown {
		return n.Text
	}
	return strings.ToLower(n.Text)
}

func databaseARN(service, kind, key string) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node {
		n := databaseID(key)(l, r)
		if n.Kind == source.Unknown {
			return n
		}
		return l.text(l.arn(service, kind+n.Text).String(), r.At)
	}
}

// storeHost is an attribute that gives a name of a Store.
func storeHost(n int) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node {
		hosts, missing := l.storeHosts(r)
		if missing.Kind == source.Unknown {
			return missing
		}
		return l.text(hosts[min(n, len(hosts)-1)], r.At)
	}
}

// storePort is an attribute that gives the port of a Store.
func storePort(l *loader, r *resource) source.Node {
	ports := l.storePorts(r)
	if g, missing := ports.Gap(); missing {
		return open(g.Because, cmp.Or(g.At, r.At))
	}
	return l.text(strconv.Itoa(int(ports.Or([]uint16{0})[0])), r.At)
}
