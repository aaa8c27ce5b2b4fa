package sam

import (
	"regexp"
	"slices"
	"strings"

	"bailey/source"
)

// A customDomain is the Domain of an API, with what its kinds differ in.
type customDomain struct {
	config   source.Node
	id       string // logical ID of the domain name
	name     source.Node
	endpoint string
	http     bool
}

// domainOf reads the Domain of an API; ok is false if it has none.
func (t *transformer) domainOf(g *gateway, http bool) (d customDomain, ok bool) {
	config := t.resolve(g.prop("Domain"))
	if config.Kind == source.Null {
		return d, false
	}
	name, certificate := get(config, "DomainName"), get(config, "CertificateArn")
	if config.Kind != source.Map || name.Kind == source.Null || certificate.Kind == source.Null {
		t.errorf(config.At, g.id, "Domain is a map with a DomainName and a CertificateArn")
		return d, false
	}
	d = customDomain{config: config, name: name, endpoint: "REGIONAL", http: http}
	if e := get(config, "EndpointConfiguration"); e.Kind != source.Null {
		d.endpoint = e.Text
		if !oneOf(e, "REGIONAL") && (http || !oneOf(e, "EDGE", "PRIVATE")) {
			t.errorf(e.At, g.id, "the domain's EndpointConfiguration is REGIONAL, or for a REST API EDGE or PRIVATE")
		}
	}
	prefix := "ApiGatewayDomainName"
	if http || d.endpoint == "PRIVATE" {
		prefix += "V2"
	}
	d.id = hashed(prefix, name)
	return d, true
}

// restDomain makes the custom domain of a REST API.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-domainconfiguration.html
func (t *transformer) restDomain(g *gateway) {
	d, ok := t.domainOf(g, false)
	if !ok {
		return
	}
	p := place(d.config.At)
	private := d.endpoint == "PRIVATE"
	kind, certificate := "AWS::ApiGateway::DomainName", "CertificateArn"
	if private {
		kind += "V2"
	} else if d.endpoint == "REGIONAL" {
		certificate = "RegionalCertificateArn"
	}
	endpoint := p.obj(kv{"Types", p.list(p.str(d.endpoint))})
	if v := get(d.config, "IpAddressType"); truthy(v) {
		set(&endpoint, "IpAddressType", v)
	}
	r := newResource(d.config.At, d.id, kind, g.passed(), kv{"DomainName", d.name}, kv{certificate, get(d.config, "CertificateArn")}, kv{"EndpointConfiguration", endpoint})
	r.copyTruthy(d.config, "SecurityPolicy", "EndpointAccessMode")
	if private {
		r.copyTruthy(d.config, "Policy")
	} else {
		if policy := get(d.config, "Policy"); truthy(policy) {
			t.errorf(policy.At, g.id, "only a PRIVATE domain has a Policy")
		}
		r.copyTruthy(d.config, "OwnershipVerificationCertificateArn")
		r.set("MutualTlsAuthentication", t.mutualTLS(g, d))
	}
	g.add(r)
	t.basePaths(g, d, private)
	t.recordSets(g, d)
	if access := get(d.config, "AccessAssociation"); private && access.Kind != source.Null {
		if access.Kind != source.Map {
			t.errorf(access.At, g.id, "AccessAssociation is a map")
		}
		vpce := get(access, "VpcEndpointId")
		g.add(newResource(access.At, hashed("DomainNameAccessAssociation", p.list(vpce, p.str(d.id))), "AWS::ApiGateway::DomainNameAccessAssociation", g.passed(),
			kv{"DomainNameArn", p.ref(d.id)}, kv{"AccessAssociationSourceType", p.str("VPCE")}, kv{"AccessAssociationSource", vpce}))
	}
}

// mutualTLS reads MutualTlsAuthentication.
func (t *transformer) mutualTLS(g *gateway, d customDomain) source.Node {
	given := get(d.config, "MutualTlsAuthentication")
	if !truthy(given) {
		return source.Node{}
	}
	r := newResource(given.At, "", "", nil)
	r.copyTruthy(given, "TruststoreUri", "TruststoreVersion")
	for _, e := range given.Entries {
		if e.Key != "TruststoreUri" && e.Key != "TruststoreVersion" {
			t.errorf(e.KeyAt, g.id, "MutualTlsAuthentication has TruststoreUri and TruststoreVersion")
		}
	}
	if given.Kind != source.Map {
		t.errorf(given.At, g.id, "MutualTlsAuthentication is a map")
	}
	return r.props
}

// basePathList are the base paths of a domain; ok is false for none.
func (t *transformer) basePathList(g *gateway, d customDomain) ([]source.Node, bool) {
	given := get(d.config, "BasePath")
	if !truthy(given) || given.Kind != source.String && given.Kind != source.List {
		return nil, false
	}
	out := slices.Collect(given.Each())
	for _, n := range out {
		if n.Kind != source.String {
			t.errorf(n.At, g.id, "a base path is a text")
		}
	}
	return out, true
}

// basePaths maps the domain's base paths to the stage of a REST API.
func (t *transformer) basePaths(g *gateway, d customDomain, private bool) {
	p, kind, domain := place(d.config.At), "AWS::ApiGateway::BasePathMapping", "DomainName"
	if private {
		kind, domain = kind+"V2", "DomainNameArn"
	}
	add := func(id string, at source.Span, path source.Node) {
		g.add(newResource(at, id, kind, g.passed(), kv{domain, p.ref(d.id)}, kv{"RestApiId", p.ref(g.id)}, kv{"Stage", p.ref(g.id + ".Stage")}, kv{"BasePath", path}))
	}
	list, ok := t.basePathList(g, d)
	if !ok {
		add(g.id+"BasePathMapping", d.config.At, source.Node{})
	}
	normalize, set := d.config.Get("NormalizeBasePath")
	for _, path := range list {
		plain := strings.Map(func(r rune) rune {
			if isAlphanumeric(string(r)) {
				return r
			}
			return -1
		}, path.Text)
		if !set || truthy(normalize) {
			path.Text = plain
		}
		add(g.id+plain+"BasePathMapping", path.At, path)
	}
}

// recordSets makes the Route 53 records of the domain, in a group for each
// hosted zone.
func (t *transformer) recordSets(g *gateway, d customDomain) {
	zone := get(d.config, "Route53")
	if zone.Kind == source.Null {
		return
	}
	p := place(zone.At)
	hosted := get(zone, "HostedZoneId")
	if hosted.Kind == source.Null {
		hosted = get(zone, "HostedZoneName")
	}
	if zone.Kind != source.Map || hosted.Kind == source.Null {
		t.errorf(zone.At, g.id, "Route53 is a map with a HostedZoneId or HostedZoneName")
		return
	}
	id := hashed("RecordSetGroup", hosted)
	group := t.recordGroups[id]
	if separate := get(zone, "SeparateRecordSetGroup"); truthy(separate) && !d.http {
		if separate.Kind != source.Bool {
			t.errorf(separate.At, g.id, "SeparateRecordSetGroup is true or false")
		}
		id = hashed("RecordSetGroup", p.list(hosted, d.name))
		group = nil
	}
	if group == nil {
		group = newResource(zone.At, id, "AWS::Route53::RecordSetGroup", g.passed(), kv{"RecordSets", p.list()})
		group.copy(zone, "HostedZoneId")
		if !d.http || !has(zone, "HostedZoneId") {
			group.copy(zone, "HostedZoneName")
		}
		t.recordGroups[id] = group
	}
	records := child(&group.props, "RecordSets")
	for _, kind := range []string{"A", "AAAA"} {
		if kind == "A" || isTrue(get(zone, "IpV6")) {
			records.Items = append(slices.Clone(records.Items), p.obj(kv{"Name", d.name}, kv{"Type", p.str(kind)}, kv{"AliasTarget", d.alias(zone)},
				kv{"Region", get(zone, "Region")}, kv{"SetIdentifier", get(zone, "SetIdentifier")}))
		}
	}
	g.add(group)
}

// alias is where a domain's record points to.
func (d customDomain) alias(zone source.Node) source.Node {
	p := place(zone.At)
	health := kv{"EvaluateTargetHealth", get(zone, "EvaluateTargetHealth")}
	switch d.endpoint {
	case "REGIONAL":
		return p.obj(health, kv{"HostedZoneId", p.getAtt(d.id, "RegionalHostedZoneId")}, kv{"DNSName", p.getAtt(d.id, "RegionalDomainName")})
	case "EDGE":
		name := get(zone, "DistributionDomainName")
		if name.Kind == source.Null {
			name = p.getAtt(d.id, "DistributionDomainName")
		}
		return p.obj(health, kv{"HostedZoneId", p.str("Z2FDTNDATAQYW2")}, kv{"DNSName", name}) // CloudFront's own zone
	}
	return p.obj(health, kv{"HostedZoneId", get(zone, "VpcEndpointHostedZoneId")}, kv{"DNSName", get(zone, "VpcEndpointDomainName")})
}

var illegalBasePath = regexp.MustCompile(`[^0-9a-zA-Z/_-]`)

// v2Domain makes the custom domain of an HTTP or WebSocket API.
func (t *transformer) v2Domain(g *gateway, service string) {
	d, ok := t.domainOf(g, true)
	if !ok {
		return
	}
	p := place(d.config.At)
	config := newResource(d.config.At, "", "", nil, kv{"CertificateArn", get(d.config, "CertificateArn")}, kv{"EndpointType", p.str(d.endpoint)})
	config.copyTruthy(d.config, "OwnershipVerificationCertificateArn", "SecurityPolicy")
	r := newResource(d.config.At, d.id, "AWS::ApiGatewayV2::DomainName", g.passed(), kv{"DomainName", d.name}, kv{"DomainNameConfigurations", p.list(config.props)},
		kv{"Tags", p.createdBy(service)}, kv{"MutualTlsAuthentication", t.mutualTLS(g, d)})
	g.add(r)
	list, ok := t.basePathList(g, d)
	if !ok {
		list = []source.Node{{At: d.config.At}}
	}
	for _, path := range list {
		if illegalBasePath.MatchString(path.Text) {
			t.errorf(path.At, g.id, "a base path has letters, digits, /, - and _")
		}
		key := source.Node{}
		if path.Kind == source.String {
			key = place(path.At).str(strings.Trim(path.Text, "/"))
		}
		id := g.id + strings.NewReplacer("-", "", "_", "", "/", "").Replace(path.Text) + "ApiMapping"
		g.add(newResource(path.At, id, "AWS::ApiGatewayV2::ApiMapping", g.passed(), kv{"DomainName", p.ref(d.id)}, kv{"ApiId", p.ref(g.id)},
			kv{"Stage", p.ref(g.id + ".Stage")}, kv{"ApiMappingKey", key}))
	}
	t.recordSets(g, d)
}
