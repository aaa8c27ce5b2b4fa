package snapshot

import (
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
)

// downStates are those in which a database or a cache does not answer.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
var downStates = []string{"stopped", "stopping", "starting", "creating", "deleting", "failed", "inaccessible-encryption-credentials", "incompatible-network", "create-failed"}

func storeDown(state string) string {
	if slices.Contains(downStates, state) {
		return "is " + state
	}
	return ""
}

// engines are the services whose databases RDS's own calls list as well.
var engines = map[string]string{"docdb": "AWS::DocDB", "neptune": "AWS::Neptune"}

func databaseType(kind, engine string) string {
	if service := engines[engine]; service != "" {
		return service + "::" + kind
	}
	return "AWS::RDS::" + kind
}

// readDatabases reads what RDS runs: clusters, instances, proxies.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
func (r *reader) readDatabases() {
	for _, it := range r.list("DBClusters") {
		r.spec.Stores = append(r.spec.Stores, r.cluster(it))
	}
	for _, it := range r.list("DBInstances") {
		r.spec.Stores = append(r.spec.Stores, r.database(it))
	}
	for _, it := range r.list("DBProxies") {
		r.spec.Stores = append(r.spec.Stores, r.proxy(it))
	}
}

func (r *reader) cluster(it item) cloud.Store {
	s := cloud.Store{Meta: r.meta("DBClusters", it), ID: strings.ToLower(it.text("DBClusterIdentifier")), Engine: it.text("Engine"), Bare: it.text("EngineMode") != "serverless",
		Ports: ports(it, "Port"), Groups: cloud.Known(each[cloud.SecurityGroupID](it, "VpcSecurityGroups", "VpcSecurityGroupId")), Public: cloud.Known(false), Down: storeDown(it.text("Status"))}
	s.Type = databaseType("DBCluster", s.Engine)
	for _, key := range []string{"Endpoint", "ReaderEndpoint"} {
		if host := it.text(key); host != "" {
			s.Hosts = append(s.Hosts, host)
		}
	}
	s.Subnets = cloud.Known[[]cloud.SubnetID](nil)
	if !s.Bare {
		s.Subnets = r.subnetGroup("DBSubnetGroups", it.text("DBSubnetGroup"), "SubnetIdentifier", it)
	}
	return s
}

func ports(it item, key string) cloud.Value[[]uint16] {
	if p := it.number(key, 0, 1, 65535); p > 0 {
		return cloud.Known([]uint16{uint16(p)})
	}
	return cloud.Unknown[[]uint16]("no port is listed", it.at())
}

// subnetGroup gives the subnets of a group that is listed by itself.
func (r *reader) subnetGroup(key, name, field string, it item) cloud.Value[[]cloud.SubnetID] {
	for _, g := range r.list(key) {
		if strings.EqualFold(kindOf[key].identity(g), name) {
			return cloud.Known(each[cloud.SubnetID](g, "Subnets", field))
		}
	}
	g := r.missing(key, "subnet group "+name, it.at())
	return cloud.Unknown[[]cloud.SubnetID](g.Because, g.At)
}

// database reads one instance. It is in the zone that is listed, and where it
// has a standby in that one's zone too.
func (r *reader) database(it item) cloud.Store {
	group, endpoint := it.child("DBSubnetGroup"), it.child("Endpoint")
	s := cloud.Store{Meta: r.meta("DBInstances", it), ID: strings.ToLower(it.text("DBInstanceIdentifier")), Engine: it.text("Engine"), Ports: ports(endpoint, "Port"),
		Groups: cloud.Known(each[cloud.SecurityGroupID](it, "VpcSecurityGroups", "VpcSecurityGroupId")), Public: cloud.Known(it.flag("PubliclyAccessible", false)),
		Of: strings.ToLower(it.text("DBClusterIdentifier")), Down: storeDown(it.text("DBInstanceStatus"))}
	s.Type = databaseType("DBInstance", s.Engine)
	if it.text("NetworkType") == "DUAL" {
		s.Addresses = cloud.DualStack
	}
	if host := endpoint.text("Address"); host != "" {
		s.Hosts = []string{host}
	}
	zones := []string{it.text("AvailabilityZone"), it.text("SecondaryAvailabilityZone")}
	var subnets []cloud.SubnetID
	for _, sub := range group.items("Subnets") {
		if az := sub.child("SubnetAvailabilityZone").text("Name"); slices.Contains(zones, az) || zones[0] == "" || az == "" {
			subnets = append(subnets, cloud.SubnetID(sub.text("SubnetIdentifier")))
		}
	}
	s.Subnets, s.OneOf = cloud.Known(subnets), len(subnets) > 1 && zones[1] == ""
	s.Login = &cloud.Login{User: cloud.Known(it.text("MasterUsername")), Database: cloud.Known(it.text("DBName")), Password: cloud.Unknown[string]("no call tells the password of "+s.Name, it.at())}
	r.onlyOne(s.Name, subnets, s.Groups.Or(nil), func(d string) bool { return d == "RDSNetworkInterface" })
	return s
}

// proxyPorts are those on which a proxy answers, by its engine family.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-setup.html
var proxyPorts = map[string]uint16{"MYSQL": 3306, "POSTGRESQL": 5432, "SQLSERVER": 1433}

func (r *reader) proxy(it item) cloud.Store {
	name := it.text("DBProxyName")
	s := cloud.Store{Meta: r.meta("DBProxies", it), ID: strings.ToLower(name), Hosts: []string{it.text("Endpoint")}, Subnets: cloud.Known(textsAs[cloud.SubnetID](it, "VpcSubnetIds")),
		Groups: cloud.Known(textsAs[cloud.SecurityGroupID](it, "VpcSecurityGroupIds")), Public: cloud.Known(false), Down: storeDown(it.text("Status")),
		Ports: cloud.Unknown[[]uint16]("the engine family of "+name+" is not known here", it.at())}
	if p, ok := proxyPorts[it.text("EngineFamily")]; ok {
		s.Ports = cloud.Known([]uint16{p})
	}
	for _, t := range r.list("Targets") {
		if t.owner == name {
			s.Targets = append(s.Targets, strings.ToLower(t.text("RdsResourceId")))
		}
	}
	return s
}

// readCaches reads ElastiCache: each node of a cluster is an interface of its
// own, and a replication group has the names that lead to its clusters.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html
func (r *reader) readCaches() {
	for _, it := range r.list("ReplicationGroups") {
		s := cloud.Store{Meta: r.meta("ReplicationGroups", it), ID: it.text("ReplicationGroupId"), Bare: true, Public: cloud.Known(false), Subnets: cloud.Known[[]cloud.SubnetID](nil), Ports: ports(it, "Port"),
			Down: storeDown(it.text("Status"))}
		ends := []item{it.child("ConfigurationEndpoint")}
		for _, g := range it.items("NodeGroups") {
			ends = append(ends, g.child("PrimaryEndpoint"), g.child("ReaderEndpoint"))
		}
		for _, e := range ends {
			if host := e.text("Address"); host != "" {
				s.Hosts, s.Ports = append(s.Hosts, host), ports(e, "Port")
			}
		}
		if !slices.ContainsFunc(r.list("CacheClusters"), func(c item) bool { return c.text("ReplicationGroupId") == s.ID }) {
			g := r.missing("CacheClusters", "the clusters of "+s.Name, it.at())
			s.Bare, s.Subnets = false, cloud.Unknown[[]cloud.SubnetID](g.Because, g.At)
		}
		r.spec.Stores = append(r.spec.Stores, s)
	}
	for _, it := range r.list("CacheClusters") {
		r.spec.Stores = append(r.spec.Stores, r.cacheCluster(it))
	}
}

func (r *reader) cacheCluster(it item) cloud.Store {
	s := cloud.Store{Meta: r.meta("CacheClusters", it), ID: it.text("CacheClusterId"), Engine: it.text("Engine"), Of: it.text("ReplicationGroupId"), Public: cloud.Known(false),
		Groups: cloud.Known(each[cloud.SecurityGroupID](it, "SecurityGroups", "SecurityGroupId")), Down: storeDown(it.text("CacheClusterStatus")),
		Ports: cloud.Unknown[[]uint16]("no node of "+it.text("CacheClusterId")+" is listed (--show-cache-node-info)", it.at())}
	if conf := it.child("ConfigurationEndpoint"); conf.has("Address") {
		s.Hosts, s.Ports = append(s.Hosts, conf.text("Address")), ports(conf, "Port")
	}
	zones := []string{it.text("PreferredAvailabilityZone")}
	for _, n := range it.items("CacheNodes") {
		if e := n.child("Endpoint"); e.has("Address") {
			s.Hosts, s.Ports = append(s.Hosts, e.text("Address")), ports(e, "Port")
		}
		zones = append(zones, n.text("CustomerAvailabilityZone"))
	}
	s.Subnets = r.subnetGroup("CacheSubnetGroups", it.text("CacheSubnetGroupName"), "SubnetIdentifier", it)
	if subnets, known := s.Subnets.Get(); known {
		s.Subnets = cloud.Known(r.inZones(subnets, zones))
	}
	s.OneOf = len(s.Subnets.Or(nil)) > 1 && zones[0] != "Multiple"
	r.placements(s.Name, r.byDescription(func(d string) bool { return d == "ElastiCache "+s.ID || strings.HasPrefix(d, "ElastiCache "+s.ID+"-") }))
	return s
}

// inZones are the subnets in one of the zones; all where none is in one.
func (r *reader) inZones(subnets []cloud.SubnetID, zones []string) []cloud.SubnetID {
	var out []cloud.SubnetID
	for _, s := range r.spec.Subnets {
		if slices.Contains(subnets, s.ID) && slices.Contains(zones, s.AZ.Or("")) {
			out = append(out, s.ID)
		}
	}
	if len(out) == 0 {
		return subnets
	}
	return out
}

// nfs is where mount targets listen.
// https://docs.aws.amazon.com/efs/latest/ug/network-access.html
const nfs = 2049

// readFileSystems. What groups a mount target has, its interface tells.
// https://docs.aws.amazon.com/efs/latest/ug/API_MountTargetDescription.html
func (r *reader) readFileSystems() {
	port := cloud.Known([]uint16{nfs})
	for _, it := range r.list("FileSystems") {
		id := it.text("FileSystemId")
		s := cloud.Store{Meta: r.meta("FileSystems", it), ID: id, Engine: cloud.EFS, Bare: true, Ports: port, Public: cloud.Known(false), Subnets: cloud.Known[[]cloud.SubnetID](nil),
			Hosts: []string{id + ".efs." + r.spec.Region + "." + cloud.DNSSuffix(r.spec.Region)}}
		for _, a := range r.list("AccessPoints") {
			if a.text("FileSystemId") == id {
				s.AccessPoints = append(s.AccessPoints, a.text("AccessPointArn"))
			}
		}
		r.spec.Stores = append(r.spec.Stores, s)
	}
	for _, it := range r.list("MountTargets") {
		state, eni := it.text("LifeCycleState"), it.text("NetworkInterfaceId")
		r.claimed[eni] = true
		if isIn(state, "deleting", "deleted") {
			continue
		}
		s := cloud.Store{Meta: r.meta("MountTargets", it), ID: it.text("MountTargetId"), Engine: cloud.EFS, Of: it.text("FileSystemId"), Ports: port, Public: cloud.Known(false),
			Subnets: cloud.Known([]cloud.SubnetID{cloud.SubnetID(it.text("SubnetId"))}), PrivateIP: it.addr("IpAddress"), Down: storeDown(state)}
		g := r.missing("NetworkInterfaces", eni, it.at())
		s.Groups = cloud.Unknown[[]cloud.SecurityGroupID](g.Because, g.At)
		if n, ok := r.interfaces[eni]; ok {
			s.Groups = cloud.Known(each[cloud.SecurityGroupID](n, "Groups", "GroupId"))
			r.placements(s.Name, []string{eni})
		}
		r.spec.Stores = append(r.spec.Stores, s)
	}
}

// readLightsail reads Lightsail's instances and whether its network is peered
// with the default VPC. Its CIDR is the far side's of that peering.
// https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_Instance.html
func (r *reader) readLightsail() {
	for _, it := range r.list("instances") {
		in := cloud.LightsailInstance{Meta: r.meta("instances", it), InstanceName: it.text("name"), AZ: it.child("location").text("availabilityZone"), PrivateIP: it.addr("privateIpAddress"),
			PublicIP: it.addr("publicIpAddress"), Firewall: []cloud.FirewallPort{}}
		for _, p := range it.child("networking").items("ports") {
			in.Firewall = append(in.Firewall, r.firewall(p)...)
		}
		for _, ip := range r.list("staticIps") {
			if ip.text("attachedTo") == in.InstanceName {
				in.StaticIP = r.meta("staticIps", ip)
			}
		}
		r.spec.LightsailInstances = append(r.spec.LightsailInstances, in)
	}
	for _, it := range r.list("isPeered") {
		r.spec.Lightsail.Peered = cloud.Known(it.flag("isPeered", false))
		if r.spec.Lightsail.At.IsZero() {
			r.spec.Lightsail.At = it.at()
		}
	}
}

func (r *reader) firewall(p item) []cloud.FirewallPort {
	out := cloud.FirewallPort{At: p.at()}
	protocol := p.text("protocol")
	if protocol == "all" {
		protocol = "-1"
	}
	out.Proto, out.Ports = r.traffic(p, protocol, "fromPort", "toPort")
	for _, key := range []string{"cidrs", "ipv6Cidrs"} {
		for _, n := range p.list(key) {
			if c := p.with(n); n.IsScalar() {
				out.CIDRs = append(out.CIDRs, c.prefixOf(key))
			}
		}
	}
	if p.text("accessDirection") == "outbound" || len(out.CIDRs) == 0 && len(p.list("cidrListAliases")) > 0 {
		return nil
	}
	return []cloud.FirewallPort{out}
}

// withLightsail reads the peering with Lightsail's network, which another
// account owns: it tells the network's CIDR.
func (r *reader) withLightsail(it, a, b item, status string) bool {
	peered := slices.ContainsFunc(r.list("isPeered"), func(p item) bool { return p.flag("isPeered", false) })
	if !peered || status != "active" {
		return false
	}
	for _, side := range []item{a, b} {
		if r.vpcs[side.text("VpcId")] || side.text("OwnerId") == r.spec.Account {
			continue
		}
		other := a
		if side.text("VpcId") == a.text("VpcId") {
			other = b
		}
		i := slices.IndexFunc(r.spec.VPCs, func(v cloud.VPC) bool { return string(v.ID) == other.text("VpcId") })
		cidr := side.cidr("CidrBlock")
		if i < 0 || !r.spec.VPCs[i].Default || !lightsailRange.Overlaps(cidr) {
			continue
		}
		r.spec.Lightsail.At = it.at()
		r.spec.Lightsail.CIDR, r.spec.Lightsail.DNS = cloud.Known(cidr), side.child("PeeringOptions").flag("AllowDnsResolutionFromRemoteVpc", false)
		r.peers[it.text("VpcPeeringConnectionId")] = ""
		return true
	}
	return false
}

// lightsailRange is where Lightsail's network is.
// https://docs.aws.amazon.com/lightsail/latest/userguide/lightsail-how-to-set-up-vpc-peering-with-aws-resources.html
var lightsailRange = netip.MustParsePrefix("172.26.0.0/16")
