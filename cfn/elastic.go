package cfn

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

func elasticRows() []*row {
	return []*row{
		{Type: "AWS::EC2::EIP", read: readElasticIP,
			ref:        func(l *loader, r *resource) source.Node { return l.text(l.elasticIP(r).addr.String(), r.At) },
			properties: "Address Domain InstanceId IpamPoolId NetworkBorderGroup PublicIpv4Pool Tags TransferAddress",
			atts: attributes{"AllocationId": idRef("eipalloc"),
				"PublicIp": func(l *loader, r *resource) source.Node { return l.text(l.elasticIP(r).addr.String(), r.At) }}},
		{Type: "AWS::EC2::EIPAssociation", read: readElasticAssociation, atts: attributes{"Id": nil},
			properties: "AllocationId EIP InstanceId NetworkInterfaceId PrivateIpAddress"},
	}
}

// An elastic is an Elastic IP address: its public address and what has it.
type elastic struct {
	addr     netip.Addr
	instance cloud.Value[string] // empty: none
	eni      string              // the network interface that has it; empty: none
}

func (l *loader) elasticIP(r *resource) elastic {
	return elastic{addr: l.elasticAddr(r)}
}

// elasticAddr is the public address that AWS would give a resource.
func (l *loader) elasticAddr(r *resource) netip.Addr { return cloud.ElasticAddr(l.stack, r.logical) }

func readElasticIP(l *loader, r *resource) {
	e, o := l.elasticIP(r), l.object(r)
	e.instance = o.text("InstanceId", cloud.Known(""))
	if g, open := e.instance.Gap(); open {
		l.openAddress[o.stated().text("InstanceId", cloud.Known("")).Or("")] = g
	}
	l.elastic[l.id("eipalloc", r)] = e
}

// readElasticAssociation gives an instance its Elastic IP. The instance finds
// it there when its own row is read.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-eipassociation.html
func readElasticAssociation(l *loader, r *resource) {
	o := l.object(r)
	instance, allocation, address := o.known("InstanceId"), o.known("AllocationId"), o.known("EIP")
	eni := o.known("NetworkInterfaceId")
	if g, open := o.open("InstanceId", "NetworkInterfaceId", "AllocationId", "EIP"); open {
		l.openAddress[instance+eni] = g
		return
	}
	is := func(id, prefix string) func(member) bool {
		return func(p member) bool { return p.l.id(prefix, p.r) == id }
	}
	if !slices.ContainsFunc(l.byRow[l.byType["AWS::EC2::Instance"]], is(instance, "i")) &&
		!slices.ContainsFunc(l.byRow[l.byType["AWS::EC2::NetworkInterface"]], is(eni, "eni")) {
		l.notDescribed(r, "instance or network interface", instance+eni)
		return
	}
	addr := l.elastic[allocation].addr
	if address != "" {
		addr, _ = netip.ParseAddr(address)
	}
	if !addr.IsValid() {
		l.notDescribed(r, "Elastic IP", allocation+address)
		return
	}
	l.elastic[l.id("eipassoc", r)] = elastic{addr: addr, instance: cloud.Known(instance), eni: eni}
}

// groupsIfAddressed gives the groups of an instance or an interface; they are
// open where it is open whether it has an Elastic IP, since the model has no
// public address that may be there.
func (l *loader) groupsIfAddressed(id string, groups cloud.Value[[]cloud.SecurityGroupID]) cloud.Value[[]cloud.SecurityGroupID] {
	if g, open := l.addressGap(id); open {
		return cloud.Unknown[[]cloud.SecurityGroupID](g.Because, g.At)
	}
	return groups
}

// addressGap is why it is open whether an instance or an interface has an
// Elastic IP. It is then given one, so that it can be asked for.
func (l *loader) addressGap(id string) (cloud.Gap, bool) {
	g, open := l.openAddress[id]
	if !open { // an address of what is open may be any's
		g, open = l.openAddress[""]
	}
	return g, open
}
