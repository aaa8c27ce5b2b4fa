package cfn

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

func instanceRows() []*row {
	privateIP := func(i cloud.Instance) netip.Addr { return i.PrivateIP }
	publicIP := func(i cloud.Instance) netip.Addr { return i.PublicIP }
	at := func(get func(cloud.Instance) netip.Addr, host func(netip.Addr, string) string) func(*loader, *resource) source.Node {
		return func(l *loader, r *resource) source.Node {
			if a := get(l.instance(r)); a.IsValid() {
				if host != nil {
					return l.text(host(a, l.spec.Region), r.At)
				}
				return l.text(a.String(), r.At)
			}
			return open("the address of "+r.Name+" depends on what the template leaves open, or it has none", r.At)
		}
	}
	return []*row{
		{Type: "AWS::EC2::Instance", read: readInstance, ref: idRef("i"),
			properties: "AdditionalInfo Affinity AvailabilityZone BlockDeviceMappings CpuOptions CreditSpecification DisableApiTermination " +
				"EbsOptimized ElasticGpuSpecifications ElasticInferenceAccelerators EnclaveOptions HibernationOptions HostId " +
				"HostResourceGroupArn IamInstanceProfile ImageId InstanceInitiatedShutdownBehavior InstanceType Ipv6AddressCount " +
				"Ipv6Addresses KernelId KeyName LaunchTemplate LicenseSpecifications MetadataOptions Monitoring NetworkInterfaces " +
				"PlacementGroupName PrivateDnsNameOptions PrivateIpAddress PropagateTagsToVolumeOnCreation RamdiskId SecurityGroupIds " +
				"SecurityGroups SourceDestCheck SsmAssociations SubnetId Tags Tenancy UserData Volumes",
			atts: attributes{"State": nil, "InstanceId": idRef("i"), "AvailabilityZone": property("AvailabilityZone"),
				"PrivateDnsName": at(privateIP, cloud.PrivateHost), "PublicDnsName": at(publicIP, cloud.PublicHost),
				"State.Code": nil, "State.Name": nil, "VpcId": nil,
				"PrivateIp": at(privateIP, nil), "PublicIp": at(publicIP, nil)}},
	}
}

var interfaceKeys = []string{"AssociateCarrierIpAddress", "AssociatePublicIpAddress", "DeleteOnTermination", "Description", "DeviceIndex",
	"EnaSrdSpecification", "GroupSet", "Ipv6AddressCount", "Ipv6Addresses", "NetworkInterfaceId", "PrivateIpAddress",
	"PrivateIpAddresses", "SecondaryPrivateIpAddressCount", "SubnetId"}

func readInstance(l *loader, r *resource) { l.spec.Instances = append(l.spec.Instances, l.instance(r)) }

// instance reads an EC2 instance: its subnet, groups and addresses stand in
// its own properties or in those of its first network interface.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-instance.html
func (l *loader) instance(r *resource) cloud.Instance {
	o := l.object(r)
	in := cloud.Instance{Meta: r.Meta, ID: l.id("i", r), SourceDestCheck: o.flag("SourceDestCheck", true).Or(true),
		Profile: o.text("IamInstanceProfile", cloud.Known(""))}
	where, groups := o, "SecurityGroupIds"
	if nics := o.children("NetworkInterfaces", interfaceKeys...); len(nics) > 0 {
		where, groups = nics[0], "GroupSet"
	}
	absent := cloud.Unknown[string]("AWS chooses the subnet of "+r.Name, r.At)
	if eni, own := where.get("NetworkInterfaceId"); own {
		if n := l.networkInterface(eni.Text); n != nil {
			in.Interface, in.Subnet, in.Groups, in.PrivateIP, in.PublicIP = n.ID, n.Subnet, n.Groups, n.PrivateIP, n.PublicIP
			return in
		}
		absent = cloud.Unknown[string]("nothing here describes the network interface of "+r.Name, where.at)
	}
	in.Subnet = id[cloud.SubnetID](where.text("SubnetId", absent))
	in.Groups = ids[cloud.SecurityGroupID](where.texts(groups))
	if n, named := o.get("SecurityGroups"); named && groups == "SecurityGroupIds" {
		in.Groups = cloud.Unknown[[]cloud.SecurityGroupID]("the groups of "+r.Name+" are given by name and not by ID", n.At)
	}
	in.Groups = l.groupsIfAddressed(in.ID, in.Groups)
	in.PrivateIP = l.instanceAddr(where, r, in)
	in.PublicIP = l.instancePublic(where, r, in)
	in.IPv6, in.WantsIPv6 = l.interfaceIPv6(where, in.Name)
	return in
}

// instanceAddr is the private address: the one stated, else the model's own.
func (l *loader) instanceAddr(where object, r *resource, in cloud.Instance) netip.Addr {
	if n, ok := where.get("PrivateIpAddress"); ok {
		addr := valueOf(where, "PrivateIpAddress", "an address", cloud.Known(netip.Addr{}), func(n source.Node) (netip.Addr, error) { return netip.ParseAddr(n.Text) })
		if n.Kind == source.Unknown {
			return netip.Addr{}
		}
		return addr.Or(netip.Addr{})
	}
	i, ok := l.subnet(in.Subnet.Or(""))
	if !ok {
		return netip.Addr{}
	}
	cidr, known := l.spec.Subnets[i].CIDR.Get()
	if !known || !cidr.Addr().Is4() {
		return netip.Addr{}
	}
	if addr := cloud.InstanceHost(cidr, l.rank(r)); cidr.Contains(addr) && cidr.Contains(addr.Next()) {
		return addr
	}
	return netip.Addr{} // a small subnet: the model finds it a free one
}

// rank counts the resources of r's type, in all stacks, whose names come
// before r's.
func (l *loader) rank(r *resource) int {
	if l.ranks[r.Type] == nil {
		var all []member
		for _, p := range l.byRow[r.row] {
			if p.l.exists(p.r) {
				all = append(all, p)
			}
		}
		slices.SortStableFunc(all, func(a, b member) int {
			return cmp.Or(cmp.Compare(a.r.logical, b.r.logical), cmp.Compare(a.l.stack, b.l.stack))
		})
		l.ranks[r.Type] = map[*resource]int{}
		for i, p := range all {
			l.ranks[r.Type][p.r] = i
		}
	}
	return l.ranks[r.Type][r]
}

// instancePublic is the public address: an Elastic IP's, or the one that the
// interface or the subnet asks for.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html
func (l *loader) instancePublic(where object, r *resource, in cloud.Instance) netip.Addr {
	for _, key := range slices.Sorted(maps.Keys(l.elastic)) {
		if e := l.elastic[key]; e.instance.Or("") == in.ID {
			return e.addr
		}
	}
	if _, open := l.addressGap(in.ID); open {
		return l.elasticAddr(r)
	}
	if where.flag("AssociatePublicIpAddress", l.autoPublic[in.Subnet.Or("")]).Or(false) {
		return l.elasticAddr(r)
	}
	return netip.Addr{}
}
