package cfn

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// planRows are what stands around APIs of both kinds.
func planRows() []*row {
	made := func(l *loader, r *resource) source.Node { return l.text(l.apiPart(r, 10), r.At) }
	domain := attributes{"DistributionDomainName": nil, "DistributionHostedZoneId": nil, "RegionalDomainName": nil, "RegionalHostedZoneId": nil, "DomainNameArn": nil}
	return []*row{
		{Type: "AWS::ApiGateway::ApiKey", read: readAPIKey, ref: made, atts: attributes{"APIKeyId": made},
			properties: "CustomerId Description Enabled GenerateDistinctId Name StageKeys Tags Value"},
		{Type: "AWS::ApiGateway::UsagePlan", read: readUsagePlan, ref: made, atts: attributes{"Id": made},
			properties: "ApiStages Description Quota Tags Throttle UsagePlanName"},
		{Type: "AWS::ApiGateway::UsagePlanKey", read: readUsagePlanKey, ref: made, atts: attributes{"Id": made}, properties: "!KeyId !KeyType !UsagePlanId"},
		{Type: "AWS::ApiGateway::VpcLink", read: readRestLink, ref: made, atts: attributes{"VpcLinkId": made}, properties: "Description !Name Tags !TargetArns"},
		{Type: "AWS::ApiGatewayV2::VpcLink", read: readHTTPLink, ref: made, atts: attributes{"VpcLinkId": made}, properties: "!Name SecurityGroupIds !SubnetIds Tags"},
		{Type: "AWS::ApiGateway::DomainName", read: readDomainName, ref: property("DomainName"), atts: domain,
			properties: "CertificateArn DomainName EndpointAccessMode EndpointConfiguration MutualTlsAuthentication OwnershipVerificationCertificateArn " +
				"RegionalCertificateArn RoutingMode SecurityPolicy Tags"},
		{Type: "AWS::ApiGatewayV2::DomainName", read: readDomainName, ref: property("DomainName"), atts: domain,
			properties: "!DomainName DomainNameConfigurations MutualTlsAuthentication RoutingMode Tags"},
		{Type: "AWS::ApiGateway::BasePathMapping", read: readBasePath, properties: "BasePath !DomainName RestApiId Stage"},
		{Type: "AWS::ApiGatewayV2::ApiMapping", read: readAPIMapping, ref: made, atts: attributes{"ApiMappingId": made},
			properties: "!ApiId ApiMappingKey !DomainName !Stage"},
	}
}

// readAPIKey. AWS makes the value up where none is stated.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-apikey.html
func readAPIKey(l *loader, r *resource) {
	o := l.object(r)
	o.checkKeyValue()
	value := o.text("Value", cloud.Known(cloud.MadeID(cloud.Alnum, 40, l.stack, r.logical, "value")))
	l.spec.APIKeys = append(l.spec.APIKeys, cloud.APIKey{Meta: r.Meta, ID: l.apiPart(r, 10), KeyName: l.nameOf(r, "Name", 128), Value: value,
		Enabled: o.flag("Enabled", false).Or(false)})
}

// readUsagePlan. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-usageplan.html
func readUsagePlan(l *loader, r *resource) {
	o := l.object(r)
	p := cloud.UsagePlan{Meta: r.Meta, ID: l.apiPart(r, 10), PlanName: l.nameOf(r, "UsagePlanName", 128)}
	if c, ok := o.child("Throttle", "BurstLimit", "RateLimit"); ok {
		p.Throttle = c.throttle("RateLimit", "BurstLimit")
	}
	if c, ok := o.child("Quota", "Limit", "Offset", "Period"); ok {
		p.Quota = &cloud.Quota{Limit: c.number("Limit", 0, 0, 1<<31-1).Or(0), Offset: c.number("Offset", 0, 0, 31).Or(0), Period: c.text("Period", cloud.Known("")).Or("")}
		if n, ok := c.get("Period"); ok && n.Kind != source.Unknown && !slices.Contains([]string{"DAY", "WEEK", "MONTH"}, n.Text) {
			c.bad("Period", n, fmt.Sprintf("%q is none of DAY, WEEK, MONTH", n.Text))
		}
	}
	for _, c := range o.children("ApiStages", "ApiId", "Stage", "Throttle") {
		s := cloud.PlanStage{API: c.text("ApiId", cloud.Known("")).Or(""), Stage: c.text("Stage", cloud.Known("")).Or("")}
		if n, ok := c.get("Throttle"); ok {
			s.Routes = map[string]cloud.Throttle{}
			for _, e := range n.Entries {
				t := object{l: l, of: c.of + ".Throttle", n: e.Value, at: e.Value.At}
				path, method, _ := cutLast(e.Key, "/")
				s.Routes[method+" "+path] = *t.throttle("RateLimit", "BurstLimit")
			}
		}
		p.Stages = append(p.Stages, s)
	}
	l.spec.UsagePlans = append(l.spec.UsagePlans, p)
}

// cutLast cuts s around the last separator: a plan's key is /path/METHOD.
func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

func readUsagePlanKey(l *loader, r *resource) {
	o := l.object(r)
	id := o.text("UsagePlanId", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.UsagePlans, func(p cloud.UsagePlan) bool { return p.ID == id })
	if i < 0 {
		l.apis.strayPlan = true
		l.notDescribed(r, "usage plan", id)
		return
	}
	p := &l.spec.UsagePlans[i]
	p.Keys = append(slices.Clip(p.Keys), o.known("KeyId"))
}

func readRestLink(l *loader, r *resource) {
	o := l.object(r)
	l.spec.VPCLinks = append(l.spec.VPCLinks, cloud.VPCLink{Meta: r.Meta, ID: l.apiPart(r, 10), Kind: cloud.RESTAPI, Targets: o.texts("TargetArns").Or(nil)})
}

func readHTTPLink(l *loader, r *resource) {
	o := l.object(r)
	l.spec.VPCLinks = append(l.spec.VPCLinks, cloud.VPCLink{Meta: r.Meta, ID: l.apiPart(r, 10), Kind: cloud.HTTPAPI,
		Subnets: ids[cloud.SubnetID](o.texts("SubnetIds")), Groups: ids[cloud.SecurityGroupID](o.texts("SecurityGroupIds"))})
}

func readDomainName(l *loader, r *resource) {
	o := l.object(r)
	d := cloud.DomainName{Meta: r.Meta, Host: o.text("DomainName", cloud.Known("")).Or("")}
	if c, ok := o.child("MutualTlsAuthentication", "TruststoreUri", "TruststoreVersion"); ok {
		d.MutualTLS = c.text("TruststoreUri", cloud.Known("")).Or("")
	}
	if c, ok := o.child("EndpointConfiguration", "IpAddressType", "Types"); ok {
		d.Private = slices.Contains(c.texts("Types").Or(nil), "PRIVATE")
	}
	l.spec.DomainNames = append(l.spec.DomainNames, d)
}

// domain finds the domain name that a mapping is for.
func (l *loader) domain(o object, r *resource) *cloud.DomainName {
	host := o.text("DomainName", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.DomainNames, func(d cloud.DomainName) bool { return d.Host == host })
	if i < 0 {
		l.notDescribed(r, "domain name", host)
		return nil
	}
	return &l.spec.DomainNames[i]
}

func readBasePath(l *loader, r *resource) {
	o := l.object(r)
	if d := l.domain(o, r); d != nil {
		d.Mappings = append(slices.Clip(d.Mappings), cloud.DomainMapping{Path: o.text("BasePath", cloud.Known("")).Or(""),
			API: o.text("RestApiId", cloud.Known("")).Or(""), Stage: o.text("Stage", cloud.Known("")).Or("")})
	}
}

func readAPIMapping(l *loader, r *resource) {
	o := l.object(r)
	if d := l.domain(o, r); d != nil {
		d.Mappings = append(slices.Clip(d.Mappings), cloud.DomainMapping{Path: o.text("ApiMappingKey", cloud.Known("")).Or(""),
			API: o.text("ApiId", cloud.Known("")).Or(""), Stage: o.text("Stage", cloud.Known("")).Or("")})
	}
}
