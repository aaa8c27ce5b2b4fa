package cfn

import (
	"net/netip"
	"slices"
	"strconv"

	"bailey/cloud"
	"bailey/source"
)

func itoa(n uint16) string { return strconv.Itoa(int(n)) }

// efsRows are Amazon EFS. A file system is dialled by its name; its mount
// targets have the interfaces.
func efsRows() []*row {
	return []*row{
		{Type: "AWS::EFS::FileSystem", read: readFileSystem, ref: idRef("fs"),
			properties: "AvailabilityZoneName BackupPolicy BypassPolicyLockoutSafetyCheck Encrypted FileSystemPolicy FileSystemProtection FileSystemTags KmsKeyId " +
				"LifecyclePolicies PerformanceMode ProvisionedThroughputInMibps ReplicationConfiguration ThroughputMode",
			atts: attributes{"FileSystemId": idRef("fs"), "Arn": func(l *loader, r *resource) source.Node {
				return l.text(l.arn("elasticfilesystem", "file-system/"+l.id("fs", r)).String(), r.At)
			}}},
		{Type: "AWS::EFS::MountTarget", read: readMountTarget, ref: idRef("fsmt"),
			properties: "!FileSystemId IpAddress IpAddressType Ipv6Address !SecurityGroups !SubnetId",
			atts:       attributes{"Id": idRef("fsmt"), "IpAddress": property("IpAddress")}},
		{Type: "AWS::EFS::AccessPoint", read: readAccessPoint, ref: idRef("fsap"), properties: "AccessPointTags ClientToken !FileSystemId PosixUser RootDirectory",
			atts: attributes{"AccessPointId": idRef("fsap"), "Arn": accessPointARN}},
	}
}

func accessPointARN(l *loader, r *resource) source.Node {
	return l.text(l.arn("elasticfilesystem", "access-point/"+l.id("fsap", r)).String(), r.At)
}

// nfs is where mount targets listen.
// https://docs.aws.amazon.com/efs/latest/ug/network-access.html
const nfs = 2049

func readFileSystem(l *loader, r *resource) {
	id := l.id("fs", r)
	l.spec.Stores = append(l.spec.Stores, cloud.Store{Meta: r.Meta, ID: id, Engine: cloud.EFS, Bare: true, Ports: cloud.Known([]uint16{nfs}), Public: cloud.Known(false),
		Hosts: []string{id + ".efs." + l.spec.Region + "." + cloud.DNSSuffix(l.spec.Region)}})
}

// readMountTarget.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-efs-mounttarget.html
func readMountTarget(l *loader, r *resource) {
	o := l.object(r)
	s := cloud.Store{Meta: r.Meta, ID: l.id("fsmt", r), Engine: cloud.EFS, Of: o.text("FileSystemId", cloud.Known("")).Or(""), Public: cloud.Known(false),
		Ports: cloud.Known([]uint16{nfs}), Subnets: listed(id[cloud.SubnetID](o.text("SubnetId", cloud.Known("")))), Groups: ids[cloud.SecurityGroupID](o.texts("SecurityGroups"))}
	addr := valueOf(o, "IpAddress", "an address", cloud.Known(netip.Addr{}), func(n source.Node) (netip.Addr, error) { return netip.ParseAddr(n.Text) })
	s.PrivateIP, s.Addresses = addr.Or(netip.Addr{}), o.storeFamilies(r)
	l.spec.Stores = append(l.spec.Stores, s)
}

// readAccessPoint adds an access point to its file system.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-efs-accesspoint.html
func readAccessPoint(l *loader, r *resource) {
	of := l.object(r).text("FileSystemId", cloud.Known("")).Or("")
	for i, s := range l.spec.Stores {
		if s.ID == of && of != "" {
			l.spec.Stores[i].AccessPoints = append(slices.Clip(s.AccessPoints), accessPointARN(l, r).Text)
		}
	}
}
