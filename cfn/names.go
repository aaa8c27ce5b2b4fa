package cfn

import (
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// recordProperties are those of a record set, alone or in a group.
const recordProperties = "AliasTarget CidrRoutingConfig Comment Failover GeoLocation GeoProximityLocation HealthCheckId HostedZoneId HostedZoneName " +
	"MultiValueAnswer !Name Region ResourceRecords SetIdentifier TTL !Type Weight"

// nameRows are Route 53, its resolver, and the DHCP options that say who
// resolves names.
func nameRows() []*row {
	return []*row{
		{Type: "AWS::Route53::HostedZone", read: readHostedZone, ref: zoneID, properties: "HostedZoneConfig HostedZoneFeatures HostedZoneTags Name QueryLoggingConfig VPCs",
			atts: attributes{"Id": zoneID, "NameServers": nil}},
		{Type: "AWS::Route53::RecordSet", read: readRecordSet, properties: recordProperties,
			ref: func(l *loader, r *resource) source.Node { return l.prop(r, "Name") }, atts: attributes{"Id": nil}},
		{Type: "AWS::Route53::RecordSetGroup", read: readRecordSetGroup, properties: "Comment HostedZoneId HostedZoneName RecordSets", atts: attributes{"Id": nil}},
		{Type: "AWS::Route53Resolver::ResolverEndpoint", ref: idRef("rslvr-out"),
			properties: "!Direction Dns64Enabled !IpAddresses Ipv6InternetAccessEnabled Name OutpostArn PreferredInstanceType Protocols ResolverEndpointType " +
				"RniEnhancedMetricsEnabled !SecurityGroupIds Tags TargetNameServerMetricsEnabled",
			atts: attributes{"ResolverEndpointId": idRef("rslvr-out"), "Arn": nil, "Direction": property("Direction"), "HostVPCId": nil, "IpAddressCount": nil, "Name": property("Name")}},
		{Type: "AWS::Route53Resolver::ResolverRule", read: readResolverRule, ref: idRef("rslvr-rr"), properties: "DelegationRecord DomainName Name ResolverEndpointId !RuleType Tags TargetIps",
			atts: attributes{"ResolverRuleId": idRef("rslvr-rr"), "Arn": nil, "DomainName": property("DomainName"), "Name": property("Name"), "ResolverEndpointId": property("ResolverEndpointId"), "TargetIps": property("TargetIps")}},
		{Type: "AWS::Route53Resolver::ResolverRuleAssociation", read: readRuleAssociation, ref: idRef("rslvr-rrassoc"), properties: "Name !ResolverRuleId !VPCId",
			atts: attributes{"ResolverRuleAssociationId": idRef("rslvr-rrassoc"), "Name": property("Name"), "ResolverRuleId": property("ResolverRuleId"), "VPCId": property("VPCId")}},
		{Type: "AWS::EC2::DHCPOptions", read: readDHCPOptions, ref: idRef("dopt"),
			properties: "DomainName DomainNameServers Ipv6AddressPreferredLeaseTime NetbiosNameServers NetbiosNodeType NtpServers Tags",
			atts:       attributes{"DhcpOptionsId": idRef("dopt")}},
		{Type: "AWS::EC2::VPCDHCPOptionsAssociation", read: readDHCPAssociation, properties: "!DhcpOptionsId !VpcId", atts: attributes{"Id": nil}},
	}
}

// zoneID is made like AWS's: Z and what is a name's own.
func zoneID(l *loader, r *resource) source.Node {
	return l.text("Z"+strings.ToUpper(strings.TrimPrefix(l.id("z", r), "z-")), r.At)
}

// readHostedZone. A zone with VPCs is private.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-hostedzone.html
func readHostedZone(l *loader, r *resource) {
	o := l.object(r)
	z := cloud.HostedZone{Meta: r.Meta, ID: zoneID(l, r).Text, Domain: cloud.CanonicalHost(o.known("Name"))}
	if _, z.Private = o.get("VPCs"); z.Private {
		for _, v := range o.children("VPCs", "VPCId", "VPCRegion") {
			z.VPCs = append(z.VPCs, cloud.VPCID(v.known("VPCId")))
		}
	}
	l.spec.HostedZones = append(l.spec.HostedZones, z)
}

func readRecordSet(l *loader, r *resource) { l.addRecord(l.object(r), r, object{}) }

func readRecordSetGroup(l *loader, r *resource) {
	group := l.object(r)
	for _, o := range group.stated().children("RecordSets", strings.Fields(strings.ReplaceAll(recordProperties, "!", ""))...) {
		o.doubt = group.doubt
		l.addRecord(o, r, group)
	}
}

// addRecord adds a record set to its zone; of a group the group may name it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-recordset.html
func (l *loader) addRecord(o object, r *resource, group object) {
	i := l.zoneOf(o)
	if i < 0 && group.l != nil {
		i = l.zoneOf(group)
	}
	if g, open := o.stated().open("HostedZoneId", "HostedZoneName"); open && i < 0 {
		for i := range l.spec.HostedZones { // it may be in any of them
			l.spec.HostedZones[i].Open = append(slices.Clip(l.spec.HostedZones[i].Open), g)
		}
		return
	}
	if i < 0 {
		l.notDescribed(r, "hosted zone", "of "+o.of)
		return
	}
	z := &l.spec.HostedZones[i]
	name := o.stated().text("Name", cloud.Known(""))
	if g, missing := name.Gap(); missing {
		z.Open = append(slices.Clip(z.Open), g)
		return
	}
	rec := cloud.Record{Meta: r.Meta, Host: cloud.CanonicalHost(name.Or("")), Kind: o.known("Type"), Values: o.texts("ResourceRecords")}
	if o.doubt != nil {
		rec.Values = cloud.Unknown[[]string](o.doubt.Text, o.doubt.At)
	} else if alias, ok := o.child("AliasTarget", "DNSName", "EvaluateTargetHealth", "HostedZoneId"); ok {
		rec.Alias, rec.Values = true, listed(alias.text("DNSName", cloud.Known("")))
	}
	z.Records = append(slices.Clip(z.Records), rec)
}

// zoneOf finds the zone that a record set names; -1 where nothing here is it.
func (l *loader) zoneOf(o object) int {
	o = o.stated()
	id, name := o.text("HostedZoneId", cloud.Known("")).Or(""), cloud.CanonicalHost(o.text("HostedZoneName", cloud.Known("")).Or(""))
	return slices.IndexFunc(l.spec.HostedZones, func(z cloud.HostedZone) bool { return id != "" && z.ID == id || name != "" && z.Domain == name })
}

// readResolverRule. A rule of type SYSTEM leaves a domain to AWS.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53resolver-resolverrule.html
func readResolverRule(l *loader, r *resource) {
	o := l.object(r)
	domain := o.text("DomainName", cloud.Known(""))
	if text, known := domain.Get(); known {
		domain = cloud.Known(cloud.CanonicalHost(text))
	}
	l.spec.ResolverRules = append(l.spec.ResolverRules, cloud.ResolverRule{Meta: r.Meta, ID: l.id("rslvr-rr", r), Domain: domain, Forward: o.known("RuleType") != "SYSTEM"})
}

// readRuleAssociation. A rule that is shared by another account is not here: it
// may be for any domain.
func readRuleAssociation(l *loader, r *resource) {
	o := l.object(r)
	id, vpc := o.text("ResolverRuleId", cloud.Known("")).Or(""), cloud.VPCID(o.known("VPCId"))
	i := slices.IndexFunc(l.spec.ResolverRules, func(rule cloud.ResolverRule) bool { return rule.ID == id })
	if i < 0 {
		i = len(l.spec.ResolverRules)
		l.spec.ResolverRules = append(l.spec.ResolverRules, cloud.ResolverRule{Meta: r.Meta, ID: l.id("rslvr-rr", r), Forward: true,
			Domain: cloud.Unknown[string]("the resolver rule of "+r.Name+" is not in the template", r.At)})
	}
	l.spec.ResolverRules[i].VPCs = append(slices.Clip(l.spec.ResolverRules[i].VPCs), vpc)
}

// readDHCPOptions. Without DomainNameServers nobody is named, which leaves a
// VPC's own resolver unused; such a set is taken to leave names as they are.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-dhcpoptions.html
func readDHCPOptions(l *loader, r *resource) {
	l.spec.DHCPOptions = append(l.spec.DHCPOptions, cloud.DHCPOptions{Meta: r.Meta, ID: l.id("dopt", r), Servers: l.object(r).texts("DomainNameServers")})
}

func readDHCPAssociation(l *loader, r *resource) {
	o := l.object(r)
	id, vpc := o.known("DhcpOptionsId"), cloud.VPCID(o.known("VpcId"))
	if id == "default" {
		return
	}
	i := slices.IndexFunc(l.spec.DHCPOptions, func(d cloud.DHCPOptions) bool { return d.ID == id })
	if i < 0 {
		i = len(l.spec.DHCPOptions)
		l.spec.DHCPOptions = append(l.spec.DHCPOptions, cloud.DHCPOptions{Meta: r.Meta, ID: id, Servers: cloud.Unknown[[]string]("DHCP options "+id+" are not in the template", r.At)})
	}
	l.spec.DHCPOptions[i].VPCs = append(slices.Clip(l.spec.DHCPOptions[i].VPCs), vpc)
}
