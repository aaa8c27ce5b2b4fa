package cfn

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

// readNATGateway. A public one, the default, needs an Elastic IP; a regional
// one a VPC and no subnet.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html
func readNATGateway(l *loader, r *resource) {
	o := l.object(r)
	mode, g, missing := o.knownOr("AvailabilityMode")
	switch {
	case missing:
		l.needed("AvailabilityMode", r.Name, g)
		l.leftOut(r, g.Because)
	case mode == "regional":
		l.readRegionalNAT(r, o)
	default:
		l.readZonalNAT(r, o)
	}
}

// leftOut leaves a NAT gateway out of the model, and open where routes to it
// lead.
func (l *loader) leftOut(r *resource, why string) {
	l.outside(r, why)
	l.openTarget[l.id("nat", r)] = why
}

func (l *loader) readZonalNAT(r *resource, o object) {
	subnet, g, missing := o.knownOr("SubnetId")
	if _, here := l.subnet(cloud.SubnetID(subnet)); missing || !here && subnet != "" {
		why := "the subnet of " + r.Name + " is not described here"
		if missing {
			l.needed("SubnetId", r.Name, g)
			why = g.Because
		}
		l.leftOut(r, why)
		return
	}
	n := cloud.NATGateway{Meta: r.Meta, ID: cloud.NATGatewayID(l.id("nat", r)), Subnet: cloud.SubnetID(subnet), Public: o.known("ConnectivityType") != "private"}
	if _, ok := o.get("SubnetId"); !ok {
		l.fail("CFN_MISSING_PROPERTY", r.At, "add it under Properties", "%s (%s) has no SubnetId, which is required", r.Name, r.Type)
		return
	}
	_, stated := o.get("AllocationId")
	switch {
	case !n.Public:
	case !stated:
		l.fail("CFN_MISSING_PROPERTY", r.At, "add the AllocationId of an AWS::EC2::EIP", "%s (%s) is public and has no AllocationId", r.Name, r.Type)
	default:
		n.PublicIP = l.firstAddress(r, o)
	}
	o.natAddresses(r, &n)
	l.spec.NATGateways = append(l.spec.NATGateways, n)
}

// natAddresses reads what addresses a zonal gateway has beside its first one. A
// public one has a private address for each of its Elastic IPs.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
func (o object) natAddresses(r *resource, n *cloud.NATGateway) {
	n.PrivateIP = o.privateIP("PrivateIpAddress", o.stated().text("PrivateIpAddress", cloud.Known("")).Or(""))
	for _, a := range o.texts("SecondaryPrivateIpAddresses").Or(nil) {
		if ip := o.privateIP("SecondaryPrivateIpAddresses", a); ip.IsValid() {
			n.MorePrivate = append(n.MorePrivate, ip)
		}
	}
	n.MoreCount = o.number("SecondaryPrivateIpAddressCount", 0, 1, 31).Or(0)
	for _, id := range o.texts("SecondaryAllocationIds").Or(nil) {
		n.MorePublic = append(n.MorePublic, o.l.allocated(r, id))
	}
	n.MoreCount = max(n.MoreCount, len(n.MorePublic))
}

// privateIP reads a private address; the zero one where none is stated.
func (o object) privateIP(key, text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	if v, stated := o.get(key); stated && text != "" && (err != nil || !a.Is4()) {
		o.bad(key, v, text+" is not an IPv4 address")
		return netip.Addr{}
	}
	return a
}

// allocated is the address of an Elastic IP; one is made up where nothing here
// describes it.
func (l *loader) allocated(r *resource, id string) netip.Addr {
	if e := l.elastic[id]; e.addr.IsValid() {
		return e.addr
	}
	return cloud.ElasticAddr(l.stack, r.logical+" "+id)
}

// firstAddress is that of the AllocationId, or one that AWS allocates.
func (l *loader) firstAddress(r *resource, o object) netip.Addr {
	if e := l.elastic[o.stated().text("AllocationId", cloud.Known("")).Or("")]; e.addr.IsValid() {
		return e.addr
	}
	return l.elasticAddr(r)
}

// readRegionalNAT reads one that serves its VPC: with the addresses stated for
// each zone, or those that AWS allocates. It is public always.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
func (l *loader) readRegionalNAT(r *resource, o object) {
	vpc, g, missing := o.knownOr("VpcId")
	here := slices.ContainsFunc(l.spec.VPCs, func(v cloud.VPC) bool { return string(v.ID) == vpc })
	switch {
	case missing:
		l.needed("VpcId", r.Name, g)
		l.leftOut(r, g.Because)
		return
	case vpc == "":
		l.fail("CFN_MISSING_PROPERTY", r.At, "add it under Properties", "%s (%s) is regional and has no VpcId, which is required", r.Name, r.Type)
		return
	case !here:
		l.leftOut(r, "the VPC of "+r.Name+" is not described here")
		return
	}
	if v, ok := o.get("ConnectivityType"); ok && v.Text == "private" {
		o.bad("ConnectivityType", v, "a regional NAT gateway is always public")
		return
	}
	n := cloud.NATGateway{Meta: r.Meta, ID: cloud.NATGatewayID(l.id("nat", r)), VPC: cloud.VPCID(vpc), Public: true}
	ips := []netip.Addr{}
	for _, zone := range o.children("AvailabilityZoneAddresses", "AllocationIds", "AvailabilityZone", "AvailabilityZoneId") {
		for _, id := range zone.texts("AllocationIds").Or(nil) {
			ips = append(ips, l.allocated(r, id))
		}
	}
	if len(ips) == 0 {
		ips = append(ips, l.firstAddress(r, o))
	}
	n.PublicIP, n.MorePublic = ips[0], ips[1:]
	l.spec.NATGateways = append(l.spec.NATGateways, n)
	l.spec.RouteTables = append(l.spec.RouteTables, n.OwnTable())
}

// regionalTable is the route table that AWS makes with a regional gateway; a
// zonal one has none.
func regionalTable(l *loader, r *resource) source.Node {
	if l.object(r).known("AvailabilityMode") != "regional" {
		return source.Node{Kind: source.Null, At: r.At}
	}
	return l.text(string(cloud.RegionalTableID(cloud.NATGatewayID(l.id("nat", r)))), r.At)
}
