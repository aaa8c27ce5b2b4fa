package cloud

import (
	"iter"
	"slices"
	"strings"

	"bailey/netset"
)

// A LoadBalancer takes connections on its listeners in each of its subnets and
// opens others to targets. An internet-facing one's name means its public
// addresses, also within the VPC.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
type LoadBalancer struct {
	Meta
	ARN       string
	Kind      string // application, network, classic
	Internal  Value[bool]
	Host      string
	Subnets   Value[[]SubnetID]
	Groups    Value[[]SecurityGroupID] // the VPC's default group if none was given
	Ungrouped bool                     // a Network Load Balancer made without groups: nothing filters there
	Listeners []Listener
	// Addresses is IpAddressType: dualstack adds IPv6 addresses, which internet
	// gateways lead to for an internet-facing one only.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#ip-address-type
	Addresses Families
	NoPublic4 bool // dualstack-without-public-ipv4
}

// A Listener is one port of a load balancer, with what it leads to.
type Listener struct {
	Meta
	Opening
	Groups []string // ARNs of target groups
	// Itself: some action answers without a target, or sends elsewhere.
	Itself bool
	Open   []Gap
}

// A TargetGroup is where requests go.
type TargetGroup struct {
	Meta
	ARN     string
	Kind    string // instance, ip, lambda, alb
	Proto   netset.Protocol
	Targets []Target
	// KeepsClient: targets see the client's own address.
	KeepsClient bool
	IPv6        bool  // IpAddressType ipv6: targets are dialled over IPv6
	Open        []Gap // targets that something else registers
}

// A Target is an instance, an address or a function.
type Target struct {
	ID   string // i-..., an address, an ARN
	Port uint16
}

// LoadBalancers are all load balancers.
func (m *Model) LoadBalancers() iter.Seq[LoadBalancer] { return slices.Values(m.spec.LoadBalancers) }

// LoadBalancer finds a load balancer by the name its author gave it.
func (m *Model) LoadBalancer(name string) (LoadBalancer, bool) {
	return m.balancer(func(b LoadBalancer) bool { return b.Name == name })
}

// LoadBalancerOfHost finds a load balancer by its host name.
func (m *Model) LoadBalancerOfHost(host string) (LoadBalancer, bool) {
	return m.balancer(func(b LoadBalancer) bool { return strings.EqualFold(b.Host, host) })
}

func (m *Model) balancer(is func(LoadBalancer) bool) (LoadBalancer, bool) {
	if i := slices.IndexFunc(m.spec.LoadBalancers, is); i >= 0 {
		return m.spec.LoadBalancers[i], true
	}
	return LoadBalancer{}, false
}

// TargetGroup finds a target group by its ARN.
func (m *Model) TargetGroup(arn string) (TargetGroup, bool) {
	if i := slices.IndexFunc(m.spec.TargetGroups, func(g TargetGroup) bool { return g.ARN == arn }); i >= 0 {
		return m.spec.TargetGroups[i], true
	}
	return TargetGroup{}, false
}

// addBalancerENIs gives a load balancer an interface in each of its subnets.
func (m *Model) addBalancerENIs(b LoadBalancer) {
	subnets, _ := b.Subnets.Get()
	var groups []SecurityGroupID
	var open []Gap
	if !b.Ungrouped {
		groups, open = groupsOr(m, b.Groups, subnets)
	}
	if gap, ok := b.Internal.Gap(); ok {
		open = append(open, gap)
	}
	answers := []Opening{}
	for _, l := range b.Listeners {
		answers = append(answers, l.Opening)
		open = append(open, l.Open...)
	}
	for _, sub := range slices.Sorted(slices.Values(subnets)) {
		e := ENI{Meta: b.Meta, Kind: LoadBalancerENI, Subnet: sub, Groups: groups, Open: slices.Clone(open), Answers: answers}
		e.DenyIGW = b.Internal.Or(true)
		m.giveFamilies(&e, b.Addresses)
		if !b.Internal.Or(true) && !b.NoPublic4 {
			e.PublicIP = ElasticAddr(m.spec.Stack, b.Name+"/"+string(sub))
		}
		m.addENI(e)
	}
}
