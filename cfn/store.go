package cfn

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// A storeKind says how one resource type is a cloud.Store: by which properties
// it names itself, its subnets and its groups, and what AWS makes of them.
type storeKind struct {
	id      string // the property with its identifier
	group   string // the property that names a subnet group
	subnets string // or the one that lists subnets
	groups  string // the property that lists security groups
	within  string // the property that holds those two, where they are not on top
	ports   func(*loader, *resource) cloud.Value[[]uint16]
	hosts   func(l *loader, r *resource, id string) []string
}

// storeKinds are the types that become Stores.
func storeKinds() map[string]storeKind {
	onePort := func(port func(*loader, *resource) cloud.Value[uint16]) func(*loader, *resource) cloud.Value[[]uint16] {
		return func(l *loader, r *resource) cloud.Value[[]uint16] { return listed(port(l, r)) }
	}
	rds, proxy := onePort((*loader).rdsPort), onePort((*loader).proxyPort)
	cluster := func(service string) storeKind {
		return storeKind{id: "DBClusterIdentifier", group: "DBSubnetGroupName", groups: "VpcSecurityGroupIds", ports: rds, hosts: func(l *loader, _ *resource, id string) []string {
			return []string{id + ".cluster-" + l.endpointAt(service), id + ".cluster-ro-" + l.endpointAt(service)}
		}}
	}
	instance := func(service, groups string) storeKind {
		return storeKind{id: "DBInstanceIdentifier", group: "DBSubnetGroupName", groups: groups, ports: rds, hosts: func(l *loader, _ *resource, id string) []string {
			return []string{id + "." + l.endpointAt(service)}
		}}
	}
	behindProxy := func(id, between string) storeKind {
		return storeKind{id: id, subnets: "VpcSubnetIds", groups: "VpcSecurityGroupIds", ports: proxy, hosts: func(l *loader, _ *resource, id string) []string {
			return []string{id + between + "proxy-" + l.endpointAt("rds")}
		}}
	}
	out := map[string]storeKind{
		"AWS::RDS::DBCluster": cluster("rds"), "AWS::DocDB::DBCluster": cluster("docdb"), "AWS::Neptune::DBCluster": cluster("neptune"),
		"AWS::RDS::DBInstance": instance("rds", "VPCSecurityGroups"), "AWS::DocDB::DBInstance": instance("docdb", ""), "AWS::Neptune::DBInstance": instance("neptune", ""),
		"AWS::RDS::DBProxy": behindProxy("DBProxyName", "."), "AWS::RDS::DBProxyEndpoint": behindProxy("DBProxyEndpointName", ".endpoint."),
	}
	addCacheKinds(out)
	return out
}

func listed[T any](v cloud.Value[T]) cloud.Value[[]T] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[[]T](g.Because, g.At)
	}
	got, _ := v.Get()
	return cloud.Known([]T{got})
}

// endpointAt is the end of the names that a database service gives in the
// account and region: 12 characters that AWS chooses, then the service.
func (l *loader) endpointAt(service string) string {
	return l.madeUp(12, service) + "." + l.spec.Region + "." + service + "." + cloud.DNSSuffix(l.spec.Region)
}

// madeUp is text that AWS would choose for the account in the region.
func (l *loader) madeUp(n int, what string) string {
	id := strings.TrimPrefix(cloud.PhysicalID("host", l.spec.Account+"/"+l.spec.Region, what), "host-0")
	return (id + id)[:n]
}

// storeHosts are the names of a Store; open where its identifier is.
func (l *loader) storeHosts(r *resource) ([]string, source.Node) {
	kind := l.storeKinds[r.Type]
	id := databaseID(kind.id)(l, r)
	if id.Kind == source.Unknown {
		return nil, id
	}
	return kind.hosts(l, r, id.Text), source.Node{}
}

func (l *loader) storePorts(r *resource) cloud.Value[[]uint16] {
	return l.storeKinds[r.Type].ports(l, r)
}

// readStore files a Store.
func readStore(l *loader, r *resource) { l.spec.Stores = append(l.spec.Stores, l.store(r)) }

// store reads what all Stores have in common. An instance of a cluster has the
// cluster's subnets and groups.
func (l *loader) store(r *resource) cloud.Store {
	kind, o := l.storeKinds[r.Type], l.object(r)
	where := o
	if kind.within != "" {
		n, _ := o.get(kind.within)
		where = object{l: l, of: r.Name + "." + kind.within, n: n, at: r.At}
	}
	s := cloud.Store{Meta: r.Meta, Ports: l.storePorts(r), Groups: l.storeGroups(where, kind), Subnets: l.storeSubnets(where, r, kind)}
	s.Hosts, _ = l.storeHosts(r)
	if id := databaseID(kind.id)(l, r); id.Kind != source.Unknown {
		s.ID = id.Text
	}
	if strings.Contains(r.Type, "::DB") && !strings.Contains(r.Type, "Proxy") {
		s.Engine = l.rdsEngine(r).Or("")
	}
	s.Addresses = o.storeFamilies(r)
	if cluster, ok := l.clusterOf(r); ok {
		whole := cluster.l.store(cluster.r)
		s.Of, s.Groups, s.Subnets, s.Addresses = whole.ID, whole.Groups, whole.Subnets, whole.Addresses
	}
	l.place(o, r, &s)
	s.Public = l.storePublic(o, r, s)
	return s
}

func (l *loader) storeGroups(o object, kind storeKind) cloud.Value[[]cloud.SecurityGroupID] {
	if kind.groups == "" {
		return cloud.Known[[]cloud.SecurityGroupID](nil)
	}
	return ids[cloud.SecurityGroupID](o.texts(kind.groups))
}

// storeSubnets are those listed, those of the subnet group, or, where neither
// is stated, the default VPC's.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
func (l *loader) storeSubnets(o object, r *resource, kind storeKind) cloud.Value[[]cloud.SubnetID] {
	if kind.subnets != "" {
		if _, ok := o.get(kind.subnets); ok {
			return ids[cloud.SubnetID](o.texts(kind.subnets))
		}
		return l.defaultSubnets(r)
	}
	if _, ok := o.get(kind.group); kind.group == "" || !ok {
		return l.defaultSubnets(r)
	}
	name := o.text(kind.group, cloud.Known(""))
	if g, missing := name.Gap(); missing {
		return cloud.Unknown[[]cloud.SubnetID](g.Because, g.At)
	}
	service := strings.Split(r.Type, "::")[1]
	if group, ok := l.subnetGroups[service+"/"+strings.ToLower(name.Or(""))]; ok {
		return group
	}
	return cloud.Unknown[[]cloud.SubnetID](fmt.Sprintf("subnet group %s of %s is not in the template", name.Or(""), r.Name), o.at)
}

// defaultSubnets are the subnets of the default VPC.
func (l *loader) defaultSubnets(r *resource) cloud.Value[[]cloud.SubnetID] {
	vpc := l.defaultVPC()
	var out []cloud.SubnetID
	for _, s := range l.spec.Subnets {
		if s.VPC == vpc && vpc != "" {
			out = append(out, s.ID)
		}
	}
	if len(out) == 0 {
		return cloud.Unknown[[]cloud.SubnetID](r.Name+" states no subnets, so it is in the default VPC, which is not described (facts.default-vpc in bailey.yaml)", r.At)
	}
	return cloud.Known(out)
}

// zoneKeys are the types that have one place, with the property that says which.
var zoneKeys = map[string]string{"AWS::RDS::DBInstance": "AvailabilityZone", "AWS::DocDB::DBInstance": "AvailabilityZone", "AWS::Neptune::DBInstance": "AvailabilityZone",
	"AWS::Redshift::Cluster": "AvailabilityZone", "AWS::ElastiCache::CacheCluster": "PreferredAvailabilityZone", "AWS::ElastiCache::ReplicationGroup": ""}

// place narrows the subnets to the Availability Zone that is stated. One
// database of several zones is in one of them; which, AWS chooses.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func (l *loader) place(o object, r *resource, s *cloud.Store) {
	subnets, known := s.Subnets.Get()
	key, one := zoneKeys[r.Type]
	if !known || !one || o.flag("MultiAZ", false).Or(false) || o.flag("MultiAZEnabled", false).Or(false) {
		return
	}
	if az, stated := o.text(key, cloud.Unknown[string]("", o.at)).Get(); stated {
		subnets = slices.DeleteFunc(slices.Clone(subnets), func(id cloud.SubnetID) bool {
			i, ok := l.subnet(id)
			return ok && l.spec.Subnets[i].AZ.Or(az) != az
		})
		s.Subnets = cloud.Known(subnets)
	}
	s.OneOf = len(subnets) > 1
}

// storePublic is PubliclyAccessible. An RDS instance that does not state it is
// public if its VPC has an internet gateway; the others are private.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func (l *loader) storePublic(o object, r *resource, s cloud.Store) cloud.Value[bool] {
	if _, stated := o.get("PubliclyAccessible"); stated {
		return o.flag("PubliclyAccessible", false)
	}
	subnets, _ := s.Subnets.Get()
	if r.Type != "AWS::RDS::DBInstance" || len(subnets) == 0 {
		return cloud.Known(false)
	}
	i, ok := l.subnet(subnets[0])
	return cloud.Known(ok && slices.ContainsFunc(l.spec.InternetGateways, func(g cloud.InternetGateway) bool { return g.VPC == l.spec.Subnets[i].VPC }))
}

// subnetGroupRow is a row for a named list of subnets.
func subnetGroupRow(typ, properties, name string, atts attributes) *row {
	ref := databaseID(name)
	return &row{Type: typ, properties: properties, ref: ref, atts: atts, read: func(l *loader, r *resource) {
		l.subnetGroups[strings.Split(typ, "::")[1]+"/"+ref(l, r).Text] = ids[cloud.SubnetID](l.object(r).texts("SubnetIds"))
	}}
}
