package terraform

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// nothing is for what others read.
func nothing(*translator, *instance) {}

// own gives what the table says of an instance's own arguments, with room for
// two more.
func (t *translator) own(i *instance) []source.Entry { return t.stated(i.row.parsed, i.body, 2) }

// vpcID is the physical ID of a VPC.
func (t *translator) vpcID(vpc *instance) cloud.VPCID {
	if vpc.id != "" {
		return cloud.VPCID(vpc.id)
	}
	return cloud.VPCID(cloud.PhysicalID("vpc", t.stack, vpc.logical))
}

// adopt gives the resources that take over what AWS makes with a VPC the IDs of
// what they take over.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_security_group
func (t *translator) adopt() {
	for _, i := range t.instances {
		if i.b.data {
			continue
		}
		switch i.b.typ {
		case "aws_default_security_group":
			t.adoptOf(i, "vpc_id", "sg", func(v cloud.VPCID) string { return string(cloud.DefaultGroupID(v)) })
		case "aws_default_network_acl":
			t.adoptOf(i, "default_network_acl_id", "acl", func(v cloud.VPCID) string { return string(cloud.DefaultACLID(v)) })
		case "aws_default_route_table":
			t.adoptOf(i, "default_route_table_id", "rtb", func(v cloud.VPCID) string { return string(cloud.MainRouteTableID(v)) })
		}
	}
}

func (t *translator) adoptOf(i *instance, argument, kind string, id func(cloud.VPCID) string) {
	f, _ := i.body.get(argument)
	if f.value == cty.NilVal {
		return
	}
	vpc, ok := t.instanceOf(f.value)
	if !ok {
		return
	}
	t.adopted[kind+"/"+vpc.addr] = i
	i.of = vpc
	if i.id == "" {
		i.id = id(t.vpcID(vpc))
	}
}

// special gives the attributes that are not their own resource's.
func (t *translator) special(i *instance, attr string, at source.Span) (source.Node, bool) {
	switch i.b.typ + "." + attr {
	case "aws_vpc.default_security_group_id":
		if g := t.adopted["sg/"+i.addr]; g != nil {
			return ref(g, at), true
		}
		return getAtt(i, "DefaultSecurityGroup", at), true
	case "aws_vpc.default_network_acl_id":
		if a := t.adopted["acl/"+i.addr]; a != nil {
			return ref(a, at), true
		}
		return getAtt(i, "DefaultNetworkAcl", at), true
	case "aws_vpc.main_route_table_id", "aws_vpc.default_route_table_id":
		if r := t.adopted["rtb/"+i.addr]; r != nil {
			return ref(r, at), true
		}
		return t.mainTable(i, at), true
	case "aws_default_network_acl.vpc_id", "aws_default_route_table.vpc_id":
		if i.of != nil {
			return ref(i.of, at), true
		}
	case "aws_ec2_transit_gateway.association_default_route_table_id", "aws_ec2_transit_gateway.propagation_default_route_table_id":
		return t.transitTable(i, at), true
	case "aws_vpc_peering_connection_accepter.id", "aws_vpc_peering_connection_options.id":
		if f, ok := i.body.get("vpc_peering_connection_id"); ok {
			return t.node(f.value, at), true
		}
	}
	if n, ok := t.lambdaAttribute(i, attr, at); ok {
		return n, true
	}
	return t.defaults(i, attr, at)
}

// defaults gives the attributes of the default VPC, which the facts describe.
func (t *translator) defaults(i *instance, attr string, at source.Span) (source.Node, bool) {
	if i.b.typ != "aws_default_vpc" && i.b.typ != "aws_default_subnet" {
		return source.Node{}, false
	}
	v, ok := t.defaultVPC()
	if !ok {
		return gap{"the default VPC is stated nowhere (facts.default-vpc in bailey.yaml)", i.at}.node(), true
	}
	if i.b.typ == "aws_default_subnet" {
		return t.defaultSubnet(i, v, attr, at), true
	}
	switch attr {
	case "id":
		return text(string(v.ID), at), true
	case "default_security_group_id":
		return text(string(cloud.DefaultGroupID(v.ID)), at), true
	case "default_network_acl_id":
		return text(string(cloud.DefaultACLID(v.ID)), at), true
	case "main_route_table_id", "default_route_table_id":
		return text(string(cloud.MainRouteTableID(v.ID)), at), true
	case "cidr_block":
		if blocks := v.CIDRs.Or(nil); len(blocks) > 0 {
			return text(blocks[0].String(), at), true
		}
	}
	return gap{"AWS decides attribute " + attr + " of " + i.addr, i.at}.node(), true
}

func (e *evaluator) defaultVPC() (cloud.VPC, bool) {
	for _, v := range e.spec.VPCs {
		if v.Default {
			return v, true
		}
	}
	return cloud.VPC{}, false
}

func (t *translator) defaultSubnet(i *instance, v cloud.VPC, attr string, at source.Span) source.Node {
	az, _ := i.body.text("availability_zone")
	for _, s := range t.spec.Subnets {
		if s.VPC != v.ID || s.AZ.Or("") != az {
			continue
		}
		switch attr {
		case "id":
			return text(string(s.ID), at)
		case "vpc_id":
			return text(string(v.ID), at)
		}
	}
	return gap{"the default subnet of " + az + " is stated nowhere (facts.default-vpc in bailey.yaml)", i.at}.node()
}

// mainTable gives the main route table of a VPC, which is written where
// somebody refers to it.
func (t *translator) mainTable(vpc *instance, at source.Span) source.Node {
	id := vpc.logical + "pmain"
	t.emit(vpc, "main", "AWS::EC2::RouteTable", []source.Entry{entry("VpcId", ref(vpc, vpc.at))})
	t.known[id] = cfn.Identity{Name: vpc.addr + " main route table", ID: string(cloud.MainRouteTableID(t.vpcID(vpc)))}
	return object(at, entry("Ref", text(id, at)))
}

// internetGateway is attached to the VPC that it names.
func internetGateway(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, nil)
	if f, ok := i.body.get("vpc_id"); ok {
		t.emit(i, "attachment", "AWS::EC2::VPCGatewayAttachment", []source.Entry{entry("InternetGatewayId", ref(i, i.at)), entry("VpcId", t.node(f.value, f.at))})
	}
}

func vpnGateway(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	if f, ok := i.body.get("vpc_id"); ok {
		t.emit(i, "attachment", "AWS::EC2::VPCGatewayAttachment", []source.Entry{entry("VpnGatewayId", ref(i, i.at)), entry("VpcId", t.node(f.value, f.at))})
	}
}

// elasticIP may name the interface that it is for.
func elasticIP(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	if f, ok := i.body.get("network_interface"); ok {
		t.emit(i, "association", "AWS::EC2::EIPAssociation", []source.Entry{entry("AllocationId", getAtt(i, "AllocationId", i.at)), entry("NetworkInterfaceId", t.node(f.value, f.at))})
	}
}

// routeTable has its routes within; those that other resources add come beside.
func routeTable(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	t.routesWithin(i)
}

// defaultRouteTable takes over a VPC's main route table: it has the routes that
// are stated here and no others.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_route_table
func defaultRouteTable(t *translator, i *instance) {
	if i.of == nil {
		t.notHere(i, "default_route_table_id")
		return
	}
	t.emit(i, "", i.row.cfn, []source.Entry{entry("VpcId", ref(i.of, i.at))})
	t.routesWithin(i)
}

// notHere says of a resource that takes something over that this is not here.
func (t *translator) notHere(i *instance, argument string) {
	t.warn("TF_TARGET_UNKNOWN", i.at, "declare the VPC in the configuration", "%s takes over what %s names, which nothing here describes: it has no effect on the answers", i.addr, argument)
	t.absent = append(t.absent, cloud.Meta{Name: i.addr, Type: i.b.typ, At: i.at})
}

// inlineRoute is a route within its table.
var inlineRoute = (&parser{text: "DestinationCidrBlock=cidr_block DestinationIpv6CidrBlock=ipv6_cidr_block DestinationPrefixListId " + routeTargets}).properties()

func (t *translator) routesWithin(i *instance) {
	for k, b := range i.body.children("route") {
		if to, _ := b.text("gateway_id"); to == "local" {
			continue // it is there anyway
		}
		properties := append(t.properties(inlineRoute, b), entry("RouteTableId", ref(i, b.at)))
		t.emitAt(i, b.at, "route"+strconv.Itoa(k), "AWS::EC2::Route", properties)
	}
	if f, ok := i.body.get("propagating_vgws"); ok {
		gateways := t.node(f.value, f.at)
		for k, g := range slices.Collect(gateways.Each()) {
			t.emit(i, "propagation"+strconv.Itoa(k), "AWS::EC2::VPNGatewayRoutePropagation", []source.Entry{entry("RouteTableIds", list(i.at, ref(i, i.at))), entry("VpnGatewayId", g)})
		}
	}
}

// tableAssociation is with a subnet or a gateway.
func tableAssociation(t *translator, i *instance) {
	table := t.one(i, "RouteTableId", "route_table_id")
	if f, ok := i.body.get("gateway_id"); ok {
		t.emit(i, "", "AWS::EC2::GatewayRouteTableAssociation", append(table, entry("GatewayId", t.node(f.value, f.at))))
		return
	}
	t.emit(i, "", "AWS::EC2::SubnetRouteTableAssociation", append(table, t.one(i, "SubnetId", "subnet_id")...))
}

// one gives a property from an argument.
func (t *translator) one(i *instance, property, argument string) []source.Entry {
	f, ok := i.body.get(argument)
	if !ok {
		return nil
	}
	return []source.Entry{entry(property, t.node(f.value, f.at))}
}

// mainAssociation makes a table its VPC's main one.
func mainAssociation(t *translator, i *instance) {
	f, ok := i.body.get("route_table_id")
	if !ok {
		return
	}
	if table, ok := t.instanceOf(f.value); ok {
		table.main = true
		t.mains = append(t.mains, table)
		return
	}
	t.notHere(i, "route_table_id")
}

// networkACL has its entries within, and the subnets that it is for.
func networkACL(t *translator, i *instance) {
	properties := t.own(i)
	if i.b.typ == "aws_default_network_acl" {
		if i.of == nil {
			t.notHere(i, "default_network_acl_id")
			return
		}
		properties = []source.Entry{entry("VpcId", ref(i.of, i.at))}
	}
	t.emit(i, "", i.row.cfn, properties)
	for _, direction := range []string{"ingress", "egress"} {
		for k, b := range i.body.children(direction) {
			t.emitAt(i, b.at, direction+strconv.Itoa(k), "AWS::EC2::NetworkAclEntry", t.aclEntry(b, ref(i, b.at), "rule_no", "action", text(strconv.FormatBool(direction == "egress"), b.at)))
		}
	}
	if f, ok := i.body.get("subnet_ids"); ok {
		subnets := t.node(f.value, f.at)
		for k, s := range slices.Collect(subnets.Each()) {
			t.emit(i, "subnet"+strconv.Itoa(k), "AWS::EC2::SubnetNetworkAclAssociation", []source.Entry{entry("NetworkAclId", ref(i, i.at)), entry("SubnetId", s)})
		}
	}
}

func networkACLRule(t *translator, i *instance) {
	acl, egress := source.Node{At: i.at}, text("false", i.at)
	if f, ok := i.body.get("network_acl_id"); ok {
		acl = t.node(f.value, f.at)
	}
	if f, ok := i.body.get("egress"); ok {
		egress = t.node(f.value, f.at)
	}
	t.emit(i, "", "AWS::EC2::NetworkAclEntry", t.aclEntry(i.body, acl, "rule_number", "rule_action", egress))
}

// aclEntry is an entry, within its network ACL or by itself.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl_rule
func (t *translator) aclEntry(b body, acl source.Node, number, action string, egress source.Node) []source.Entry {
	out := []source.Entry{entry("NetworkAclId", acl), entry("Egress", egress)}
	add := func(property, argument string) {
		if f, ok := b.get(argument); ok {
			out = append(out, entry(property, t.node(f.value, f.at)))
		}
	}
	add("RuleNumber", number)
	add("RuleAction", action)
	add("CidrBlock", "cidr_block")
	add("Ipv6CidrBlock", "ipv6_cidr_block")
	protocol, known := b.text("protocol")
	if protocol == "all" {
		protocol = "-1"
	}
	if f, _ := b.get("protocol"); known {
		out = append(out, entry("Protocol", text(protocol, f.at)))
	} else {
		add("Protocol", "protocol")
	}
	from, to, key, first, last := "from_port", "to_port", "PortRange", "From", "To"
	if protocol == "icmp" || protocol == "1" || protocol == "icmpv6" || protocol == "58" {
		from, to, key, first, last = "icmp_type", "icmp_code", "Icmp", "Type", "Code"
	}
	var ports []source.Entry
	for _, p := range [][2]string{{first, from}, {last, to}} {
		if f, ok := b.get(p[1]); ok {
			ports = append(ports, entry(p[0], t.node(f.value, f.at)))
		}
	}
	if len(ports) > 0 && protocol != "-1" {
		out = append(out, entry(key, object(b.at, ports...)))
	}
	return out
}

// endpoint is a gateway endpoint unless it says otherwise. The provider reads
// subnets and addresses from blocks too.
func endpoint(t *translator, i *instance) {
	properties := t.own(i)
	if _, stated := i.body.get("subnet_ids"); !stated && !slices.ContainsFunc(properties, func(e source.Entry) bool { return e.Key == "RouteTableIds" }) {
		properties = append(properties, entry("SubnetIds", list(i.at)))
	}
	for _, b := range i.body.children("dns_options") {
		if b.flag("private_dns_only_for_inbound_resolver_endpoint", false) {
			properties = append(properties, entry("DnsOptions", object(b.at, entry("PrivateDnsOnlyForInboundResolverEndpoint", text("OnlyInboundResolver", b.at)))))
		}
	}
	t.emit(i, "", i.row.cfn, properties)
}

// networkInterface has its first address as the one that AWS calls primary.
func networkInterface(t *translator, i *instance) {
	properties := t.own(i)
	if f, ok := i.body.get("private_ips"); ok {
		if addrs := t.node(f.value, f.at); addrs.Kind == source.List && len(addrs.Items) > 0 {
			properties = append(properties, entry("PrivateIpAddress", addrs.Items[0]))
		}
	}
	properties = append(properties, t.ipv6Addresses(i.body)...)
	t.emit(i, "", i.row.cfn, properties)
	for k, b := range i.body.children("attachment") {
		var at []source.Entry
		for _, p := range [][2]string{{"InstanceId", "instance"}, {"DeviceIndex", "device_index"}} {
			if f, ok := b.get(p[1]); ok {
				at = append(at, entry(p[0], t.node(f.value, f.at)))
			}
		}
		t.emit(i, "attachment"+strconv.Itoa(k), "AWS::EC2::NetworkInterfaceAttachment", append(at, entry("NetworkInterfaceId", ref(i, i.at))))
	}
}

// nic is the first interface of an instance, stated in the instance itself.
var nic = (&parser{text: "SubnetId GroupSet=vpc_security_group_ids|security_groups PrivateIpAddress=private_ip AssociatePublicIpAddress DeviceIndex='0'"}).properties()

// attached is an interface that an instance takes.
var attached = (&parser{text: "NetworkInterfaceId DeviceIndex"}).properties()

// ec2Instance states its interface's subnet, groups and addresses itself, or
// takes interfaces that are resources of their own.
func ec2Instance(t *translator, i *instance) {
	properties := t.own(i)
	var nics []source.Node
	for _, name := range []string{"network_interface", "primary_network_interface"} {
		for _, b := range i.body.children(name) {
			nics = append(nics, object(b.at, t.properties(attached, b)...))
		}
	}
	_, asked := i.body.get("associate_public_ip_address")
	switch {
	case len(nics) > 0:
		properties = append(properties, entry("NetworkInterfaces", list(i.at, nics...)))
	case asked:
		first := append(t.properties(nic, i.body), t.ipv6Addresses(i.body)...)
		properties = append(properties, entry("NetworkInterfaces", list(i.at, object(i.at, first...))))
	default:
		for _, p := range [][2]string{{"SubnetId", "subnet_id"}, {"SecurityGroupIds", "vpc_security_group_ids"}, {"PrivateIpAddress", "private_ip"}} {
			properties = append(properties, t.one(i, p[0], p[1])...)
		}
		properties = append(properties, t.ipv6Addresses(i.body)...)
	}
	t.emit(i, "", i.row.cfn, properties)
}

// flowLog watches a VPC, a subnet or an interface.
func flowLog(t *translator, i *instance) {
	properties := t.own(i)
	for _, p := range [][2]string{{"vpc_id", "VPC"}, {"subnet_id", "Subnet"}, {"eni_id", "NetworkInterface"}, {"transit_gateway_id", "TransitGateway"}} {
		if f, ok := i.body.get(p[0]); ok {
			properties = append(properties, entry("ResourceId", t.node(f.value, f.at)), entry("ResourceType", text(p[1], f.at)))
		}
	}
	t.emit(i, "", i.row.cfn, properties)
}

// peering within an account is accepted where it says so, or where an accepter
// stands beside it; see finish.
func peering(t *translator, i *instance) { t.emit(i, "", i.row.cfn, t.own(i)) }

// lightsailPorts are the firewall of a Lightsail instance.
func lightsailPorts(t *translator, i *instance) {
	var ports []source.Node
	for _, b := range i.body.children("port_info") {
		ports = append(ports, object(b.at, t.properties(lightsailPort, b)...))
	}
	f, ok := i.body.get("instance_name")
	if !ok {
		return
	}
	t.patch(i, "aws_lightsail_instance", f, "Networking", func(source.Node) source.Node { return object(i.at, entry("Ports", list(i.at, ports...))) })
}

var lightsailPort = (&parser{text: "FromPort ToPort Protocol Cidrs Ipv6Cidrs"}).properties()

// finish says in the Spec what CloudFormation has no words for.
func (t *translator) finish(spec *cloud.Spec) {
	t.mainTables(spec)
	t.peerings(spec)
	t.attachments(spec)
	t.deployments(spec)
}

// mainTables says which route tables are their VPCs' main ones.
func (t *translator) mainTables(spec *cloud.Spec) {
	named := map[string]bool{}
	for _, i := range t.mains {
		named[t.shown(i.addr)] = true
	}
	main := map[cloud.VPCID]int{}
	for k, table := range spec.RouteTables {
		if named[table.Name] {
			main[table.VPC] = k
		}
	}
	for k := range spec.RouteTables {
		if m, ok := main[spec.RouteTables[k].VPC]; ok {
			spec.RouteTables[k].Main = k == m
		}
	}
}

// peerings says which peerings are accepted and resolve private names.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_peering_connection
func (t *translator) peerings(spec *cloud.Spec) {
	about := map[string][]*instance{} // by the peering's address
	for _, i := range t.instances {
		if name := t.peeringOf(i); name != "" && !i.b.data {
			about[name] = append(about[name], i)
		}
	}
	for k := range spec.Peerings {
		p := &spec.Peerings[k]
		for _, i := range about[p.Name] {
			if i.b.typ == "aws_vpc_peering_connection" {
				p.Active = i.body.flag("auto_accept", false) || accepted(about[p.Name])
			}
			for _, side := range i.body.children("requester") {
				p.ADNS = p.ADNS || side.flag("allow_remote_vpc_dns_resolution", false)
			}
			for _, side := range i.body.children("accepter") {
				p.BDNS = p.BDNS || side.flag("allow_remote_vpc_dns_resolution", false)
			}
		}
	}
}

// peeringOf is the address of the peering that a resource is about.
func (t *translator) peeringOf(i *instance) string {
	switch i.b.typ {
	case "aws_vpc_peering_connection":
		return t.shown(i.addr)
	case "aws_vpc_peering_connection_accepter", "aws_vpc_peering_connection_options":
		if f, ok := i.body.get("vpc_peering_connection_id"); ok {
			if p, ok := t.instanceOf(f.value); ok {
				if p.b.typ == "aws_vpc_peering_connection_accepter" && p != i {
					return t.peeringOf(p)
				}
				return t.shown(p.addr)
			}
		}
	}
	return ""
}

func accepted(about []*instance) bool {
	return slices.ContainsFunc(about, func(i *instance) bool {
		return i.b.typ == "aws_vpc_peering_connection_accepter" && i.body.flag("auto_accept", false)
	})
}

// told is a name for a part of an instance, from a word and numbers.
func told(word string, numbers ...int) string {
	for _, n := range numbers {
		word += fmt.Sprintf("n%d", n)
	}
	return word
}
