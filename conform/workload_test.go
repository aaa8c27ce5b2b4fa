package conform

import (
	"fmt"
	"net/netip"
	"slices"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// endpoints adds interface endpoints, one a service and VPC, and gateway
// endpoints.
func (b *builder) endpoints() {
	for _, v := range b.spec.VPCs {
		for _, svc := range some(b.t, "interface endpoints", 0, 2, []string{"ssm", "sqs", "s3"}) {
			e := cloud.Endpoint{Meta: b.meta("%s-%s", v.Name, svc), ID: cloud.EndpointID("vpce-" + v.Name + "-" + svc), VPC: v.ID,
				Kind: cloud.InterfaceEndpoint, Service: svc, PrivateDNS: cloud.Known(mostly(b.t, 70, "private DNS")),
				Subnets: cloud.Known(some(b.t, "endpoint subnets", 1, 2, b.subnetsOf(v.ID))), Groups: b.groupsOf(v.ID, 0)}
			e.Policy = b.policy(e.Name)
			b.spec.Endpoints = append(b.spec.Endpoints, e)
		}
		for _, svc := range some(b.t, "gateway endpoints", 0, 2, []string{"s3", "dynamodb"}) {
			e := cloud.Endpoint{Meta: b.meta("%s-gateway-%s", v.Name, svc), ID: cloud.EndpointID("vpce-" + v.Name + "-gateway-" + svc),
				VPC: v.ID, Kind: cloud.GatewayEndpoint, Service: svc, RouteTables: some(b.t, "endpoint tables", 0, 2, b.tablesOf(v.ID, true))}
			e.Policy = b.policy(e.Name)
			b.spec.Endpoints = append(b.spec.Endpoints, e)
		}
	}
}

// policy is full access, or now and then one that allows nothing.
func (b *builder) policy(name string) *cloud.Policy {
	if !chance(b.t, 8, "policy that denies") {
		return nil
	}
	return &cloud.Policy{Name: name, At: b.meta("").At}
}

// groupsOf picks up to two groups of a VPC.
func (b *builder) groupsOf(v cloud.VPCID, least int) cloud.Value[[]cloud.SecurityGroupID] {
	if b.leftOpen("groups") {
		return cloud.Unknown[[]cloud.SecurityGroupID]("an interface's groups are left open", source.Span{Line: b.line})
	}
	var ids []cloud.SecurityGroupID
	for _, g := range b.spec.SecurityGroups {
		if g.VPC == v {
			ids = append(ids, g.ID)
		}
	}
	return cloud.Known(some(b.t, "groups", least, 2, ids))
}

func (b *builder) workloads() {
	for _, v := range b.spec.VPCs {
		for i := range roll(b.t, 3, "instances") {
			b.instance(v, i)
		}
	}
	for i := range roll(b.t, 4, "functions") {
		b.function(i)
	}
	if b.spec.Lightsail.At != (source.Span{}) {
		for i := range roll(b.t, 3, "Lightsail instances") {
			b.lightsailInstance(i)
		}
	}
}

// instance is an EC2 instance with an address that is stated or given.
func (b *builder) instance(v cloud.VPC, n int) {
	sub := pick(b.t, "instance subnet", b.subnetsOf(v.ID)...)
	in := cloud.Instance{Meta: b.meta("%s-box%d", v.Name, n), ID: fmt.Sprintf("i-%s-%d", v.Name, n), Subnet: cloud.Known(sub),
		Groups: b.groupsOf(v.ID, 0), SourceDestCheck: true}
	if mostly(b.t, 60, "stated address") {
		in.PrivateIP = cloud.InstanceHost(b.cidrOf(sub), n)
	}
	if chance(b.t, 50, "public IP") {
		in.PublicIP = b.publicIP()
	}
	b.spec.Instances = append(b.spec.Instances, in)
}

// function is in one VPC or in none.
func (b *builder) function(n int) {
	f := cloud.Function{Meta: b.meta("fn%d", n), FunctionName: fmt.Sprintf("fn%d", n)}
	if mostly(b.t, 85, "in a VPC") {
		v := pick(b.t, "function VPC", b.spec.VPCs...)
		f.Network = &cloud.Attachment{Subnets: cloud.Known(some(b.t, "function subnets", 1, 2, b.subnetsOf(v.ID))),
			Groups: b.groupsOf(v.ID, 1), At: b.meta("").At}
	}
	b.spec.Functions = append(b.spec.Functions, f)
}

func (b *builder) lightsailInstance(n int) {
	in := cloud.LightsailInstance{Meta: b.meta("light%d", n), InstanceName: fmt.Sprintf("light%d", n), AZ: "us-west-2a"}
	if net, known := b.spec.Lightsail.CIDR.Get(); known {
		in.PrivateIP = cloud.LightsailHost(net, n)
	}
	if chance(b.t, 50, "static IP") {
		in.PublicIP = b.publicIP()
		in.StaticIP = b.meta("light%d-ip", n)
	}
	if chance(b.t, 60, "firewall") {
		in.Firewall = []cloud.FirewallPort{}
		for range roll(b.t, 3, "openings") {
			in.Firewall = append(in.Firewall, b.opening())
		}
	}
	b.spec.LightsailInstances = append(b.spec.LightsailInstances, in)
}

func (b *builder) opening() cloud.FirewallPort {
	p := cloud.FirewallPort{At: b.meta("").At}
	p.Proto, p.Ports = b.traffic()
	if chance(b.t, 40, "by CIDR") {
		p.CIDRs = []netip.Prefix{cidr("172.31.0.0/16")}
	}
	return p
}

// A sender is a place from which flows start.
type sender struct {
	label string
	from  pathFrom
	addr  netip.Addr // as the network knows it
	vpc   cloud.VPCID
	kind  cloud.ENIKind // zero: outside every VPC
}

// senders are all workloads of a model that can send, one for each of their
// interfaces, and a host on the internet.
func senders(m *cloud.Model) []sender {
	out := sendersIPv6(m)
	for e := range m.ENIs() {
		if !e.PrivateIP.IsValid() || !slices.Contains([]cloud.ENIKind{cloud.FunctionENI, cloud.InstanceENI, cloud.LightsailENI, cloud.StoreENI, cloud.LoadBalancerENI}, e.Kind) {
			continue
		}
		for _, owner := range e.Owners {
			out = append(out, sender{owner + " in " + string(e.Subnet), fromENI(e.ID), e.PrivateIP, e.VPC, e.Kind})
		}
	}
	for f := range m.Functions() {
		if f.Network == nil {
			out = append(out, sender{f.Name, fromLambda, cloud.ElasticAddr(m.Stack(), "lambda"), "", cloud.FunctionENI})
		}
	}
	for e := range m.ENIs() {
		if e.PrivateIP.IsValid() {
			return append(out, sender{"internet", fromInternet, stranger, "", 0})
		}
	}
	return out
}

// stranger is a host on the internet that no rule names.
var stranger = netip.MustParseAddr("203.0.113.10")

// withStores adds databases and the like, most with a public address and ports
// of their own. No packet goes through them: nothing of fabric's stands there.
func withStores(t *rapid.T, s cloud.Spec) cloud.Spec {
	b := &builder{t: t, spec: s, eips: 100}
	for _, v := range b.spec.VPCs {
		for i := range roll(t, 3, "stores") {
			b.store(v, i)
		}
		if chance(t, 30, "load balancer") {
			b.balancer(v)
		}
	}
	return b.spec
}

// balancer is a load balancer with up to two listeners.
func (b *builder) balancer(v cloud.VPC) {
	lb := cloud.LoadBalancer{Meta: b.meta("%s-lb", v.Name), ARN: "arn:" + v.Name, Kind: pick(b.t, "kind", "application", "network", "classic"), Internal: cloud.Known(mostly(b.t, 60, "internal")),
		Subnets: cloud.Known(some(b.t, "balancer subnets", 1, 2, b.subnetsOf(v.ID))), Groups: b.groupsOf(v.ID, 0), Ungrouped: chance(b.t, 20, "without groups")}
	for _, p := range some(b.t, "listeners", 0, 2, ports) {
		lb.Listeners = append(lb.Listeners, cloud.Listener{Meta: b.meta("listener"), Opening: cloud.Opening{Proto: pick(b.t, "protocol", netset.TCP, netset.UDP), Port: p}})
	}
	b.spec.LoadBalancers = append(slices.Clip(b.spec.LoadBalancers), lb)
}

func (b *builder) store(v cloud.VPC, n int) {
	s := cloud.Store{Meta: b.meta("%s-store%d", v.Name, n), ID: fmt.Sprintf("store-%s-%d", v.Name, n), OneOf: chance(b.t, 50, "one of them"),
		Subnets: cloud.Known(some(b.t, "store subnets", 1, 2, b.subnetsOf(v.ID))), Groups: b.groupsOf(v.ID, 0),
		Ports: cloud.Known(some(b.t, "store ports", 1, 2, ports)), Public: cloud.Known(chance(b.t, 40, "publicly accessible"))}
	b.spec.Stores = append(slices.Clip(b.spec.Stores), s)
}
