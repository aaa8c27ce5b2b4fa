package cfn

import (
	"strings"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

func endpointRows() []*row {
	return []*row{endpointServiceRow(), {Type: "AWS::EC2::VPCEndpointServicePermissions", properties: "AllowedPrincipals !ServiceId"}, {Type: "AWS::EC2::VPCEndpoint", read: readEndpoint, ref: idRef("vpce"),
		properties: "DnsOptions IpAddressType PolicyDocument PrivateDnsEnabled ResourceConfigurationArn RouteTableIds SecurityGroupIds " +
			"ServiceName ServiceNetworkArn ServiceRegion SubnetIds Tags VpcEndpointType !VpcId",
		atts: attributes{"Id": idRef("vpce"), "CreationTimestamp": nil, "DnsEntries": endpointNames, "NetworkInterfaceIds": nil}}}
}

// endpointServiceRow is a service of the customer's own: others' endpoints lead
// to its Network Load Balancers.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpointservice.html
func endpointServiceRow() *row {
	return &row{Type: "AWS::EC2::VPCEndpointService", ref: idRef("vpce-svc"), atts: attributes{"ServiceId": idRef("vpce-svc")},
		properties: "AcceptanceRequired ContributorInsightsEnabled GatewayLoadBalancerArns NetworkLoadBalancerArns PayerResponsibility SupportedIpAddressTypes SupportedRegions Tags",
		read: func(l *loader, r *resource) {
			name := "com.amazonaws.vpce." + l.spec.Region + "." + l.id("vpce-svc", r)
			l.endpointServices[name] = l.object(r).texts("NetworkLoadBalancerArns").Or(nil)
		}}
}

// readEndpoint. VpcEndpointType is Gateway and PrivateDnsEnabled is false
// where they are not stated; the EC2 API's own default for the latter differs.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
func readEndpoint(l *loader, r *resource) {
	o := l.object(r)
	e := cloud.Endpoint{Meta: r.Meta, ID: cloud.EndpointID(l.id("vpce", r)), VPC: cloud.VPCID(o.known("VpcId"))}
	switch kind := o.known("VpcEndpointType"); kind {
	case "", "Gateway":
		e.Kind = cloud.GatewayEndpoint
	case "Interface":
		e.Kind = cloud.InterfaceEndpoint
	default:
		l.outside(r, "it is an endpoint of type "+kind)
		return
	}
	name, g, missing := o.knownOr("ServiceName")
	if missing {
		l.needed("ServiceName", r.Name, g)
		l.openEndpoint(e.VPC, g)
		l.outside(r, g.Because)
		return
	}
	service, known := cloud.ServiceOfEndpoint(name, l.spec.Region)
	switch {
	case name == "":
		if _, stated := o.get("ServiceName"); !stated {
			l.fail("CFN_MISSING_PROPERTY", r.At, "add it under Properties", "%s (%s) has no ServiceName", r.Name, r.Type)
		}
		return
	case !known && strings.HasPrefix(name, "com.amazonaws.vpce.") && e.Kind == cloud.InterfaceEndpoint:
		e.Service, e.Balancers = name, l.endpointServices[name]
		l.interfaceEndpoint(o, &e, cloud.Service{Name: name, Interface: true})
		l.spec.Endpoints = append(l.spec.Endpoints, e)
		return
	case !known:
		l.unknownService(r, name)
		return
	}
	e.Service = service.Name
	if n, ok := o.get("PolicyDocument"); ok {
		e.Policy = l.policy(o, r.Name, "PolicyDocument", n)
	}
	if e.Kind == cloud.GatewayEndpoint {
		l.gatewayEndpoint(o, &e, service)
	} else {
		l.interfaceEndpoint(o, &e, service)
	}
	l.spec.Endpoints = append(l.spec.Endpoints, e)
}

// endpointNames are DnsEntries: the endpoint's own name behind the ID of the
// zone that has it, then its name in each Availability Zone, which only the
// account's own numbering of zones would tell.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
func endpointNames(l *loader, r *resource) source.Node {
	name := l.prop(r, "ServiceName")
	if name.Kind == source.Unknown {
		return name
	}
	service, ok := cloud.ServiceOfEndpoint(name.Text, l.spec.Region)
	if !ok {
		return open("the names of "+r.Name+" are those that its service has", r.At)
	}
	host := l.id("vpce", r) + "-" + l.madeUp(8, r.Name) + "." + service.Name + "." + l.spec.Region + ".vpce." + cloud.DNSSuffix(l.spec.Region)
	return source.Node{Kind: source.List, At: r.At, Items: []source.Node{l.text("Z"+strings.ToUpper(l.madeUp(13, "vpce"))+":"+host, r.At)}}
}

// unknownService files an endpoint for a service that is not in the catalogue.
func (l *loader) unknownService(r *resource, name string) {
	var names []string
	for _, s := range cloud.Services() {
		names = append(names, s.EndpointService(l.spec.Region))
	}
	l.outside(r, "its service "+name+" is not in the catalogue")
	if near := source.Closest(name, names); near != "" && source.Within(name, near, 3) {
		l.warn("CFN_UNKNOWN_SERVICE", r.At, "did you mean "+near+"?", "%s is no endpoint service that is known here", name)
	}
}

func (l *loader) gatewayEndpoint(o object, e *cloud.Endpoint, s cloud.Service) {
	if !s.Gateway {
		n, _ := o.get("ServiceName")
		l.fail("CFN_BAD_VALUE", n.At, "add VpcEndpointType: Interface", "%s is a gateway endpoint, which %s does not have", o.of, s.Name)
	}
	tables := o.texts("RouteTableIds")
	if g, missing := tables.Gap(); missing {
		l.needed("RouteTableIds", o.of, g)
		l.openGatewayRoutes(*e, g)
	}
	e.RouteTables = ids[cloud.RouteTableID](tables).Or(nil)
	if n, ok := o.get("IpAddressType"); ok && (n.Text == "dualstack" || n.Text == "ipv6") {
		l.diags.Add(source.Diag{Code: "CFN_UNMODELLED_KIND", Severity: source.Note, At: n.At,
			Summary: "the IPv6 side of gateway endpoint " + o.of + " is not modelled", Hint: "it is taken to carry IPv4 only"})
	}
}

func (l *loader) interfaceEndpoint(o object, e *cloud.Endpoint, s cloud.Service) {
	if !s.Interface {
		n, _ := o.get("ServiceName")
		l.fail("CFN_BAD_VALUE", n.At, "add VpcEndpointType: Gateway", "%s is an interface endpoint, which %s does not have", o.of, s.Name)
	}
	if _, ok := o.get("SubnetIds"); !ok {
		l.fail("CFN_MISSING_PROPERTY", o.at, "add the subnets that its interfaces are to be in", "%s is an interface endpoint without SubnetIds", o.of)
	}
	e.Subnets = ids[cloud.SubnetID](o.texts("SubnetIds"))
	e.Groups = ids[cloud.SecurityGroupID](o.texts("SecurityGroupIds"))
	e.PrivateDNS = o.flag("PrivateDnsEnabled", false)
	// S3's may serve on-premises networks alone, while the VPC itself keeps to
	// its gateway endpoint.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
	if dns, ok := o.child("DnsOptions", "DnsRecordIpType", "PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsPreference", "PrivateDnsSpecifiedDomains"); ok {
		if dns.text("PrivateDnsOnlyForInboundResolverEndpoint", cloud.Known("")).Or("") == "OnlyInboundResolver" {
			e.PrivateDNS = cloud.Known(false)
		}
		if e.Records = dns.text("DnsRecordIpType", cloud.Known("")); e.Records.Or("") == "not-specified" {
			e.Records = cloud.Known("")
		}
	}
	l.endpointFamilies(o, e)
}

// policy reads a policy document: a map, or JSON text that holds one.
func (l *loader) policy(o object, name, key string, n source.Node) *cloud.Policy {
	switch n.Kind {
	case source.String:
		doc, diags := document.Read(l.file, []byte(n.Text))
		if diags.HasErrors() || doc.Kind != source.Map {
			o.bad(key, n, "the text is not a policy document")
			return nil
		}
		return &cloud.Policy{Name: name, Doc: placed(doc, n.At), At: n.At}
	case source.Map, source.Unknown:
		return &cloud.Policy{Name: name, Doc: n, At: n.At}
	}
	o.wrong(key, n, "a policy document")
	return nil
}

// placed gives every part of a document that was text the place of the text.
func placed(n source.Node, at source.Span) source.Node {
	out := source.Node{Kind: n.Kind, Text: n.Text, At: at}
	for _, item := range n.Items {
		out.Items = append(out.Items, placed(item, at))
	}
	for _, e := range n.Entries {
		out.Entries = append(out.Entries, source.Entry{Key: e.Key, KeyAt: at, Value: placed(e.Value, at)})
	}
	return out
}
