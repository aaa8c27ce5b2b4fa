package snapshot

import (
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
)

// listenerProtocols are what listeners and target groups are written with.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
var listenerProtocols = map[string]netset.Protocol{"": netset.TCP, "HTTP": netset.TCP, "HTTPS": netset.TCP, "TCP": netset.TCP, "TLS": netset.TCP, "SSL": netset.TCP, "UDP": netset.UDP,
	"TCP_UDP": netset.TCP, "QUIC": netset.UDP, "TCP_QUIC": netset.TCP}

// readBalancers reads load balancers with their listeners and targets.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
func (r *reader) readBalancers() {
	for _, it := range r.list("TargetGroups") {
		r.spec.TargetGroups = append(r.spec.TargetGroups, r.targetGroup(it))
	}
	for _, it := range r.list("LoadBalancers") {
		m, kind := r.meta("LoadBalancers", it), it.text("Type")
		if kind == "gateway" {
			r.note(m, "it is a Gateway Load Balancer")
			continue
		}
		b := cloud.LoadBalancer{Meta: m, ARN: it.text("LoadBalancerArn"), Kind: kind, Internal: cloud.Known(it.text("Scheme") == "internal"), Host: it.text("DNSName"),
			Subnets: cloud.Known(each[cloud.SubnetID](it, "AvailabilityZones", "SubnetId")), Groups: cloud.Known(textsAs[cloud.SecurityGroupID](it, "SecurityGroups"))}
		families := it.text("IpAddressType")
		b.NoPublic4 = families == "dualstack-without-public-ipv4"
		if b.NoPublic4 || families == "dualstack" {
			b.Addresses = cloud.DualStack
		}
		b.Ungrouped = kind == "network" && len(b.Groups.Or(nil)) == 0
		if state := it.child("State").text("Code"); isIn(state, "provisioning", "failed") {
			r.notInUse(m, state)
			continue
		}
		r.listeners(&b)
		r.balancerPlacements(b.Name, b.ARN)
		r.spec.LoadBalancers = append(r.spec.LoadBalancers, b)
	}
	for _, it := range r.list("LoadBalancerDescriptions") {
		r.classic(it)
	}
}

// balancerPlacements finds a load balancer's interfaces: their description ends
// as its ARN does.
func (r *reader) balancerPlacements(name, arn string) {
	_, path, _ := strings.Cut(arn, ":loadbalancer/")
	r.placements(name, r.byDescription(func(d string) bool {
		m := balancerInterface.FindStringSubmatch(d)
		return m != nil && m[1] == path && path != ""
	}))
}

func (r *reader) listeners(b *cloud.LoadBalancer) {
	for _, it := range r.list("Listeners") {
		if it.text("LoadBalancerArn") != b.ARN {
			continue
		}
		l := cloud.Listener{Meta: r.meta("Listeners", it), Opening: cloud.Opening{Proto: listenerProtocols[it.text("Protocol")], Port: uint16(it.number("Port", 0, 1, 65535))}}
		l.Name = b.Name
		r.actions(it.items("DefaultActions"), &l)
		r.listenerRules(it.text("ListenerArn"), b.Kind, &l)
		b.Listeners = append(b.Listeners, l)
		if it.text("Protocol") == "TCP_UDP" {
			l.Proto = netset.UDP
			b.Listeners = append(b.Listeners, l)
		}
	}
	if !r.described("Listeners") {
		g := r.gap("Listeners")
		b.Internal = cloud.Unknown[bool]("on which ports "+b.Name+" listens: "+g.Because, g.At)
	}
}

// listenerRules adds the targets of a listener's rules. A rule's ARN goes on
// from its listener's.
func (r *reader) listenerRules(arn, kind string, l *cloud.Listener) {
	within := strings.Replace(arn, ":listener/", ":listener-rule/", 1) + "/"
	for _, it := range r.list("Rules") {
		if strings.HasPrefix(it.text("RuleArn"), within) {
			r.actions(it.items("Actions"), l)
		}
	}
	if kind == "application" && !r.described("Rules") {
		l.Open = append(l.Open, r.gap("Rules"))
	}
}

// actions adds the target groups to which actions forward.
func (r *reader) actions(actions []item, to *cloud.Listener) {
	add := func(arn string) {
		if arn != "" && !slices.Contains(to.Groups, arn) {
			to.Groups = append(to.Groups, arn)
		}
	}
	for _, a := range actions {
		to.Itself = to.Itself || isIn(a.text("Type"), "redirect", "fixed-response")
		add(a.text("TargetGroupArn"))
		for _, g := range a.child("ForwardConfig").items("TargetGroups") {
			add(g.text("TargetGroupArn"))
		}
	}
}

// targetGroup reads a group with its targets, which are a list of their own.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
func (r *reader) targetGroup(it item) cloud.TargetGroup {
	arn, protocol, kind := it.text("TargetGroupArn"), it.text("Protocol"), it.text("TargetType")
	g := cloud.TargetGroup{Meta: r.meta("TargetGroups", it), ARN: arn, Kind: kind, Proto: listenerProtocols[protocol]}
	network := isIn(protocol, "TCP", "TLS", "UDP", "TCP_UDP")
	g.KeepsClient = network && (kind == "instance" || strings.Contains(protocol, "UDP"))
	_, path, _ := strings.Cut(arn, ":targetgroup/")
	described := false
	for _, owner := range []string{arn, path, it.text("TargetGroupName")} {
		described = described || r.describedOf("TargetHealthDescriptions", owner)
	}
	for _, t := range r.list("TargetHealthDescriptions") {
		if t.owner != "" && isIn(t.owner, arn, path, it.text("TargetGroupName")) {
			target := t.child("Target")
			g.Targets = append(g.Targets, cloud.Target{ID: target.text("Id"), Port: uint16(target.number("Port", it.number("Port", 0, 0, 65535), 0, 65535))})
		}
	}
	if !described {
		g.Open = append(g.Open, r.gapOf("TargetHealthDescriptions", path))
	}
	return g
}

// classic reads a Classic Load Balancer: each listener with the instances as a
// target group of its own.
// https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html
func (r *reader) classic(it item) {
	m, name := r.meta("LoadBalancerDescriptions", it), it.text("LoadBalancerName")
	b := cloud.LoadBalancer{Meta: m, Kind: "classic", Internal: cloud.Known(it.text("Scheme") == "internal"), Host: it.text("DNSName"),
		ARN:     cloud.ARN{Partition: cloud.Partition(r.spec.Region), Service: "elasticloadbalancing", Region: r.spec.Region, Account: r.spec.Account, Resource: "loadbalancer/" + name}.String(),
		Subnets: cloud.Known(textsAs[cloud.SubnetID](it, "Subnets")), Groups: cloud.Known(textsAs[cloud.SecurityGroupID](it, "SecurityGroups"))}
	for _, d := range it.items("ListenerDescriptions") {
		c := d.child("Listener")
		port := uint16(c.number("LoadBalancerPort", 0, 0, 65535))
		g := cloud.TargetGroup{Meta: m, ARN: b.ARN + "/" + c.text("LoadBalancerPort"), Kind: "instance", Proto: netset.TCP}
		for _, in := range it.items("Instances") {
			g.Targets = append(g.Targets, cloud.Target{ID: in.text("InstanceId"), Port: uint16(c.number("InstancePort", 0, 0, 65535))})
		}
		r.spec.TargetGroups = append(r.spec.TargetGroups, g)
		b.Listeners = append(b.Listeners, cloud.Listener{Meta: m, Opening: cloud.Opening{Proto: netset.TCP, Port: port}, Groups: []string{g.ARN}})
	}
	r.placements(b.Name, r.byDescription(func(d string) bool { return d == "ELB "+name }))
	r.spec.LoadBalancers = append(r.spec.LoadBalancers, b)
}
