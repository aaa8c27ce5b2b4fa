package cfn

import (
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// balancerRows are Elastic Load Balancing. Listeners and rules come after the
// load balancers and target groups that they join.
func balancerRows() []*row {
	return []*row{
		{Type: "AWS::ElasticLoadBalancingV2::TargetGroup", read: readTargetGroup, ref: targetGroupARN,
			properties: "HealthCheckEnabled HealthCheckIntervalSeconds HealthCheckPath HealthCheckPort HealthCheckProtocol HealthCheckTimeoutSeconds " +
				"HealthyThresholdCount IpAddressType Matcher Name Port Protocol ProtocolVersion Tags TargetControlPort TargetGroupAttributes TargetType Targets " +
				"UnhealthyThresholdCount VpcId",
			atts: attributes{"TargetGroupArn": targetGroupARN, "TargetGroupName": nameRef("Name", 32), "TargetGroupFullName": fullName("targetgroup", targetGroupARN), "LoadBalancerArns": nil}},
		{Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", read: readLoadBalancer, ref: balancerARN,
			properties: "EnableCapacityReservationProvisionStabilize EnablePrefixForIpv6SourceNat EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic IpAddressType " +
				"Ipv4IpamPoolId LoadBalancerAttributes MinimumLoadBalancerCapacity Name Scheme SecurityGroups SubnetMappings Subnets Tags Type",
			atts: attributes{"LoadBalancerArn": balancerARN, "DNSName": balancerHost, "LoadBalancerName": nameRef("Name", 32), "LoadBalancerFullName": fullName("loadbalancer", balancerARN),
				"CanonicalHostedZoneID": madeUpZone, "SecurityGroups": property("SecurityGroups")}},
		{Type: "AWS::ElasticLoadBalancingV2::Listener", read: readListener, ref: listenerARN,
			properties: "AlpnPolicy Certificates !DefaultActions ListenerAttributes !LoadBalancerArn MutualAuthentication Port Protocol SslPolicy",
			atts:       attributes{"ListenerArn": listenerARN}},
		{Type: "AWS::ElasticLoadBalancingV2::ListenerRule", read: readListenerRule, ref: listenerARN, properties: "!Actions !Conditions ListenerArn !Priority Transforms",
			atts: attributes{"RuleArn": listenerARN, "IsDefault": nil}},
		{Type: "AWS::ElasticLoadBalancing::LoadBalancer", read: readClassic, ref: nameRef("LoadBalancerName", 32),
			properties: "AccessLoggingPolicy AppCookieStickinessPolicy AvailabilityZones ConnectionDrainingPolicy ConnectionSettings CrossZone HealthCheck Instances " +
				"LBCookieStickinessPolicy !Listeners LoadBalancerName Policies Scheme SecurityGroups SourceSecurityGroup Subnets Tags",
			atts: attributes{"DNSName": balancerHost, "CanonicalHostedZoneName": balancerHost, "CanonicalHostedZoneNameID": madeUpZone, "Id": nameRef("LoadBalancerName", 32),
				"SourceSecurityGroup": nil, "SourceSecurityGroup.GroupName": nil, "SourceSecurityGroup.OwnerAlias": nil}},
	}
}

// balancerKind is application, network, gateway or classic.
func (l *loader) balancerKind(r *resource) string {
	if r.Type == "AWS::ElasticLoadBalancing::LoadBalancer" {
		return "classic"
	}
	if kind := l.prop(r, "Type"); kind.IsScalar() && kind.Text != "" {
		return strings.ToLower(kind.Text)
	}
	return "application"
}

func (l *loader) balancerName(r *resource) source.Node {
	if l.balancerKind(r) == "classic" {
		return l.nameNode(r, "LoadBalancerName", 32)
	}
	return l.nameNode(r, "Name", 32)
}

// balancerPath is what the ARNs of a load balancer and its listeners share.
func (l *loader) balancerPath(r *resource) (string, source.Node) {
	name := l.balancerName(r)
	if name.Kind == source.Unknown {
		return "", name
	}
	short := map[string]string{"application": "app", "network": "net", "gateway": "gwy"}[l.balancerKind(r)]
	return short + "/" + name.Text + "/" + l.madeUp(16, r.Name), source.Node{}
}

func balancerARN(l *loader, r *resource) source.Node {
	path, missing := l.balancerPath(r)
	if missing.Kind == source.Unknown {
		return missing
	}
	return l.text(l.arn("elasticloadbalancing", "loadbalancer/"+path).String(), r.At)
}

func targetGroupARN(l *loader, r *resource) source.Node {
	return l.named(r, "Name", 32, func(name string) string {
		return l.arn("elasticloadbalancing", "targetgroup/"+name+"/"+l.madeUp(16, r.Name)).String()
	})
}

// listenerARN is a listener's or a rule's; nothing reads its parts.
func listenerARN(l *loader, r *resource) source.Node {
	return l.text(l.arn("elasticloadbalancing", "listener/"+l.madeUp(16, r.Name)).String(), r.At)
}

// fullName is the end of an ARN, as CloudWatch's dimensions want it.
func fullName(kind string, arn func(*loader, *resource) source.Node) func(*loader, *resource) source.Node {
	return func(l *loader, r *resource) source.Node {
		n := arn(l, r)
		if _, path, ok := strings.Cut(n.Text, ":"+kind+"/"); ok && n.Kind != source.Unknown {
			if kind == "targetgroup" {
				path = kind + "/" + path
			}
			n.Text = path
		}
		return n
	}
}

func madeUpZone(l *loader, r *resource) source.Node {
	return l.text("Z"+strings.ToUpper(l.madeUp(13, "elb")), r.At)
}

// balancerHost is the name: an internal one's begins with internal-, but for a
// Network Load Balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
func balancerHost(l *loader, r *resource) source.Node {
	name := l.balancerName(r)
	if name.Kind == source.Unknown {
		return name
	}
	host := strings.ToLower(name.Text) + "-" + l.madeUp(16, r.Name) + "."
	if l.balancerKind(r) == "network" {
		return l.text(host+"elb."+l.spec.Region+"."+cloud.DNSSuffix(l.spec.Region), r.At)
	}
	if l.prop(r, "Scheme").Text == "internal" {
		host = "internal-" + host
	}
	return l.text(host+l.spec.Region+".elb."+cloud.DNSSuffix(l.spec.Region), r.At)
}

// readLoadBalancer. The scheme is internet-facing where none is stated.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html
func readLoadBalancer(l *loader, r *resource) {
	b, ok := l.balancer(r)
	if !ok {
		return
	}
	o := l.object(r)
	if _, mapped := o.get("SubnetMappings"); mapped {
		var subnets []cloud.SubnetID
		for _, m := range o.children("SubnetMappings", "AllocationId", "IPv6Address", "PrivateIPv4Address", "SourceNatIpv6Prefix", "SubnetId") {
			subnets = append(subnets, cloud.SubnetID(m.known("SubnetId")))
		}
		b.Subnets = cloud.Known(subnets)
	}
	_, grouped := o.get("SecurityGroups")
	b.Ungrouped = b.Kind == "network" && !grouped
	l.spec.LoadBalancers = append(l.spec.LoadBalancers, b)
}

// balancer reads what all kinds have in common.
func (l *loader) balancer(r *resource) (cloud.LoadBalancer, bool) {
	o := l.object(r)
	b := cloud.LoadBalancer{Meta: r.Meta, Kind: l.balancerKind(r), Host: balancerHost(l, r).Text,
		Subnets: ids[cloud.SubnetID](o.texts("Subnets")), Groups: ids[cloud.SecurityGroupID](o.texts("SecurityGroups"))}
	if b.Kind == "gateway" {
		l.outside(r, "it is a Gateway Load Balancer")
		return b, false
	}
	b.ARN = balancerARN(l, r).Text
	if b.Kind != "classic" {
		o.balancerFamilies(&b)
	}
	scheme := o.text("Scheme", cloud.Known("internet-facing"))
	b.Internal = cloud.Known(scheme.Or("") == "internal")
	if g, missing := scheme.Gap(); missing {
		b.Internal = cloud.Unknown[bool](g.Because, g.At)
	}
	return b, true
}

var listenerProtocols = map[string]netset.Protocol{"": netset.TCP, "HTTP": netset.TCP, "HTTPS": netset.TCP, "TCP": netset.TCP, "TLS": netset.TCP, "SSL": netset.TCP, "UDP": netset.UDP,
	"TCP_UDP": netset.TCP, "QUIC": netset.UDP, "TCP_QUIC": netset.TCP}

// readListener adds a listener to its load balancer.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-listener.html
func readListener(l *loader, r *resource) {
	o := l.object(r)
	arn := o.known("LoadBalancerArn")
	i := slices.IndexFunc(l.spec.LoadBalancers, func(b cloud.LoadBalancer) bool { return b.ARN == arn })
	if i < 0 {
		if b, ok := l.calledBy("AWS::ElasticLoadBalancingV2::LoadBalancer", arn); !ok || b.l.balancerKind(b.r) != "gateway" {
			l.notDescribed(r, "load balancer", arn)
		}
		return
	}
	b := &l.spec.LoadBalancers[i]
	port := o.number("Port", 0, 1, 65535)
	listener := cloud.Listener{Meta: r.Meta, Opening: cloud.Opening{Proto: listenerProtocols[o.known("Protocol")], Port: uint16(port.Or(0))}}
	if g, missing := port.Gap(); missing {
		listener.Open = append(listener.Open, g)
	}
	l.actions(o, "DefaultActions", &listener)
	b.Listeners = append(slices.Clip(b.Listeners), listener)
	if o.known("Protocol") == "TCP_UDP" {
		listener.Proto = netset.UDP
		b.Listeners = append(b.Listeners, listener)
	}
}

// readListenerRule adds the targets of a rule to its listener: which rule is
// taken, the request decides.
func readListenerRule(l *loader, r *resource) {
	o := l.object(r)
	owner, ok := l.calledBy("AWS::ElasticLoadBalancingV2::Listener", o.known("ListenerArn"))
	if !ok {
		l.notDescribed(r, "listener", o.known("ListenerArn"))
		return
	}
	for i := range l.spec.LoadBalancers {
		for j := range l.spec.LoadBalancers[i].Listeners {
			if listener := &l.spec.LoadBalancers[i].Listeners[j]; listener.Name == owner.r.Name {
				l.actions(o, "Actions", listener)
			}
		}
	}
}

var actionKeys = []string{"AuthenticateCognitoConfig", "AuthenticateOidcConfig", "FixedResponseConfig", "ForwardConfig", "JwtValidationConfig", "Order", "RedirectConfig", "TargetGroupArn", "Type"}

// actions adds the target groups to which actions forward.
func (l *loader) actions(o object, key string, to *cloud.Listener) {
	add := func(o object) {
		arn := o.text("TargetGroupArn", cloud.Known(""))
		if g, missing := arn.Gap(); missing {
			to.Open = append(to.Open, g)
		}
		if text := arn.Or(""); text != "" && !slices.Contains(to.Groups, text) {
			to.Groups = append(slices.Clip(to.Groups), text)
		}
	}
	for _, action := range o.children(key, actionKeys...) {
		kind := action.text("Type", cloud.Known("")).Or("")
		to.Itself = to.Itself || kind == "redirect" || kind == "fixed-response"
		add(action)
		if forward, ok := action.child("ForwardConfig", "TargetGroupStickinessConfig", "TargetGroups"); ok {
			for _, g := range forward.children("TargetGroups", "TargetGroupArn", "Weight") {
				add(g)
			}
		}
	}
}

// registrars are the types that register targets by themselves.
var registrars = []string{"AWS::ECS::Service", "AWS::ECS::TaskSet", "AWS::AutoScaling::AutoScalingGroup", "AWS::EKS::Cluster", "AWS::CodeDeploy::DeploymentGroup"}

// readTargetGroup. Targets keep the client's address where the type is
// instance, or the protocol UDP, behind a Network Load Balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
func readTargetGroup(l *loader, r *resource) {
	o := l.object(r)
	protocol, kind := o.text("Protocol", cloud.Known("")).Or(""), o.text("TargetType", cloud.Known("instance")).Or("instance")
	g := cloud.TargetGroup{Meta: r.Meta, ARN: targetGroupARN(l, r).Text, Kind: kind, Proto: listenerProtocols[protocol], IPv6: o.known("IpAddressType") == "ipv6"}
	network := slices.Contains([]string{"TCP", "TLS", "UDP", "TCP_UDP"}, protocol)
	g.KeepsClient = network && (kind == "instance" || strings.Contains(protocol, "UDP"))
	for _, a := range o.children("TargetGroupAttributes", "Key", "Value") {
		if a.text("Key", cloud.Known("")).Or("") == "preserve_client_ip.enabled" {
			g.KeepsClient = network && a.text("Value", cloud.Known("")).Or("") == "true"
		}
	}
	port := o.number("Port", 0, 1, 65535)
	if gap, missing := port.Gap(); missing {
		g.Open = append(g.Open, gap)
	}
	for _, t := range o.children("Targets", "AvailabilityZone", "Id", "Port", "QuicServerId") {
		id := t.text("Id", cloud.Known(""))
		if gap, missing := id.Gap(); missing {
			g.Open = append(g.Open, gap)
			continue
		}
		g.Targets = append(g.Targets, cloud.Target{ID: id.Or(""), Port: uint16(t.number("Port", port.Or(0), 1, 65535).Or(port.Or(0)))})
	}
	for _, stack := range l.stacks {
		for _, other := range stack.resources {
			if len(g.Targets) == 0 && slices.Contains(registrars, other.Type) && stack.exists(other) {
				g.Open = append(g.Open, cloud.Gap{Because: "what " + other.Name + " registers in " + r.Name + " is not modelled", At: other.At})
			}
		}
	}
	l.spec.TargetGroups = append(l.spec.TargetGroups, g)
}

var classicListenerKeys = []string{"InstancePort", "InstanceProtocol", "LoadBalancerPort", "PolicyNames", "Protocol", "SSLCertificateId"}

// readClassic reads a Classic Load Balancer: each listener with the instances
// as a target group of its own.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancing-loadbalancer.html
func readClassic(l *loader, r *resource) {
	b, _ := l.balancer(r)
	b.ARN = l.arn("elasticloadbalancing", "loadbalancer/"+l.balancerName(r).Text).String()
	o := l.object(r)
	if _, ok := o.get("Subnets"); !ok {
		b.Subnets = l.defaultSubnets(r)
	}
	instances := o.texts("Instances")
	for _, c := range o.children("Listeners", classicListenerKeys...) {
		port, to := c.number("LoadBalancerPort", 0, 1, 65535), c.number("InstancePort", 0, 1, 65535)
		g := cloud.TargetGroup{Meta: r.Meta, ARN: b.ARN + "/" + itoa(uint16(port.Or(0))), Kind: "instance", Proto: netset.TCP}
		if gap, missing := instances.Gap(); missing {
			g.Open = append(g.Open, gap)
		}
		for _, id := range instances.Or(nil) {
			g.Targets = append(g.Targets, cloud.Target{ID: id, Port: uint16(to.Or(0))})
		}
		l.spec.TargetGroups = append(l.spec.TargetGroups, g)
		b.Listeners = append(b.Listeners, cloud.Listener{Meta: r.Meta, Opening: cloud.Opening{Proto: netset.TCP, Port: uint16(port.Or(0))}, Groups: []string{g.ARN}})
	}
	l.spec.LoadBalancers = append(l.spec.LoadBalancers, b)
}
