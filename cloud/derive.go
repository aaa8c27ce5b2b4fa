package cloud

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/netset"
)

// deriveENIs gives every owner of network interfaces its interfaces and
// addresses: those that state an address first, then endpoints, NAT gateways,
// functions and stores, from the top of each subnet downwards.
func (m *Model) deriveENIs() {
	m.eniByID, m.byAddr = map[ENIID]int{}, map[vpcAddr]ENIID{}
	m.public, m.owned, m.shared = map[netip.Addr]ENIID{}, map[string][]ENIID{}, map[string]int{}
	m.indexPlacements()
	for _, in := range m.spec.LightsailInstances {
		m.addENI(lightsailENI(in))
	}
	for _, stated := range []bool{true, false} {
		for _, in := range m.spec.Instances {
			if in.PrivateIP.IsValid() == stated && in.Interface == "" {
				m.addENI(m.instanceENI(in))
			}
		}
		if stated {
			m.addNetworkInterfaces()
		}
	}
	for _, s := range m.spec.Stores {
		if s.PrivateIP.IsValid() {
			m.addStoreENIs(s)
		}
	}
	for _, n := range m.spec.NATGateways {
		if n.PrivateIP.IsValid() {
			m.addNATENI(n)
		}
	}
	for _, e := range m.spec.Endpoints {
		m.addEndpointENIs(e)
	}
	for _, n := range m.spec.NATGateways {
		if !n.PrivateIP.IsValid() {
			m.addNATENI(n)
		}
	}
	for _, f := range m.spec.Functions {
		m.addFunctionENIs(f)
	}
	for _, e := range m.spec.EventSourceMappings {
		m.addPollerENIs(e)
	}
	for _, s := range m.spec.Stores {
		if !s.PrivateIP.IsValid() {
			m.addStoreENIs(s)
		}
	}
	for _, b := range m.spec.LoadBalancers {
		m.addBalancerENIs(b)
	}
	m.hyperplane = map[VPCID]int{}
	for _, e := range m.enis {
		if e.Kind == FunctionENI {
			m.hyperplane[e.VPC]++
		}
	}
}

func lightsailENI(in LightsailInstance) ENI {
	e := ENI{Meta: in.Meta, Kind: LightsailENI, Subnet: "subnet-lightsail",
		Groups: []SecurityGroupID{FirewallID(in)}, PrivateIP: in.PrivateIP, PublicIP: in.PublicIP}
	if !in.PrivateIP.IsValid() {
		e.Open = []Gap{{"the CIDR of Lightsail's network is not stated (facts.lightsail.cidr)", in.At}}
	}
	return e
}

func (m *Model) instanceENI(in Instance) ENI {
	e := ENI{Meta: in.Meta, Kind: InstanceENI, PrivateIP: in.PrivateIP, PublicIP: in.PublicIP, IPv6: in.IPv6,
		Forwards: !in.SourceDestCheck, NATs: m.stated(in.Name, in.ID), Down: in.Down}
	var gap Gap
	var open bool
	e.Subnet, _ = in.Subnet.Get()
	if gap, open = in.Subnet.Gap(); open {
		e.Open = append(e.Open, gap)
	}
	e.Groups, _ = in.Groups.Get()
	if gap, open = in.Groups.Gap(); open {
		e.Open = append(e.Open, gap)
	}
	if sub, ok := m.subnets[e.Subnet]; ok && len(e.Groups) == 0 && !open {
		e.Groups = m.defaultGroups[sub.VPC]
	}
	m.instanceIPv6(&e, in)
	return e
}

// addEndpointENIs gives an interface endpoint one interface a subnet. Without
// groups it has its VPC's default one.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (m *Model) addEndpointENIs(e Endpoint) {
	if e.Kind != InterfaceEndpoint {
		return
	}
	groups, known := e.Groups.Get()
	var open []Gap
	if gap, ok := e.Groups.Gap(); ok {
		open = append(open, gap)
	}
	if known && len(groups) == 0 {
		groups = m.defaultGroups[e.VPC]
	}
	var answers []Opening
	svc, _ := ServiceByName(e.Service)
	for _, p := range svc.Ports {
		answers = append(answers, Opening{netset.TCP, p})
	}
	for _, arn := range e.Balancers {
		b, _ := m.balancer(func(b LoadBalancer) bool { return b.ARN == arn })
		for _, l := range b.Listeners {
			answers = append(answers, l.Opening)
		}
	}
	if e.Customers() && len(answers) == 0 {
		open = append(open, Gap{"on which ports " + e.Service + " answers is not described", e.At})
	}
	subnets, _ := e.Subnets.Get()
	for _, sub := range slices.Sorted(slices.Values(subnets)) {
		eni := ENI{Meta: e.Meta, Kind: EndpointENI, Endpoint: e.ID, Subnet: sub, Groups: groups, Open: open, Answers: answers, DenyIGW: true}
		m.giveFamilies(&eni, e.Addresses)
		m.addENI(eni)
	}
}

// addFunctionENIs gives a function one interface for each of its subnets; an
// interface of another function in the same subnet with the same groups is
// shared. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (m *Model) addFunctionENIs(f Function) {
	if f.Network == nil {
		return
	}
	subnets, _ := f.Network.Subnets.Get()
	groups, _ := f.Network.Groups.Get()
	var open []Gap
	if gap, ok := f.Network.Groups.Gap(); ok {
		open = append(open, gap)
	}
	for _, sub := range subnets {
		e := ENI{Meta: f.Meta, Kind: FunctionENI, Subnet: sub, Groups: groups, Open: open}
		m.functionIPv6(&e, f)
		if i, ok := m.sharedENI(e); ok && len(open) == 0 {
			m.enis[i].Owners = append(m.enis[i].Owners, f.Name)
			m.owned[f.Name] = append(m.owned[f.Name], m.enis[i].ID)
			continue
		}
		m.addENI(e)
	}
}

// sharedENI finds the interface that e would be a second of.
func (m *Model) sharedENI(e ENI) (int, bool) {
	i, ok := m.shared[sharing(e)]
	return i, ok
}

// sharing is what functions share an interface by: the subnet and the groups,
// in whatever order. One that may use IPv6 and one that may not are two: AWS
// says nothing of sharing those.
func sharing(e ENI) string {
	return fmt.Sprint(e.Subnet, slices.Sorted(slices.Values(e.Groups)), e.IPv6.IsValid(), e.OpenIPv6 == nil)
}

// addENI completes e from its subnet, gives it an address and files it.
func (m *Model) addENI(e ENI) {
	m.place(&e)
	if e.ID == "" {
		e.ID = ENIID(PhysicalID("eni", m.spec.Stack, fmt.Sprint(e.Kind, "/", e.Name, "/", e.Subnet)))
	}
	e.Owners = []string{e.Name}
	e.Groups = m.inOrderOfNames(e.Groups)
	sub, ok := m.subnets[e.Subnet]
	switch {
	case ok:
		e.VPC = sub.VPC
		if !e.PrivateIP.IsValid() && !e.OnlyIPv6 {
			e.PrivateIP = m.freeAddr(sub)
			cidr, known := sub.CIDR.Get()
			if e.Exhausted = known && cidr.Addr().Is4() && !e.PrivateIP.IsValid(); e.Exhausted {
				e.IPv6, e.OpenIPv6 = netip.Addr{}, nil // it does not come about
			}
		}
		if gap, open := sub.CIDR.Gap(); open {
			e.Open = append(e.Open, gap)
		}
	case e.Kind == NATENI && e.Subnet == "": // of a regional one
	case len(e.Open) == 0:
		e.Open = append(e.Open, Gap{fmt.Sprintf("nothing here describes subnet %s", e.Subnet), e.At})
	}
	if !ok && !e.IPv6.IsValid() && len(e.Open) > 0 && e.Kind != LightsailENI {
		e.OpenIPv6 = &e.Open[0]
	}
	for _, g := range e.Groups {
		if _, ok := m.groups[g]; !ok {
			e.Open = append(e.Open[:len(e.Open):len(e.Open)], Gap{fmt.Sprintf("nothing here describes security group %s", g), e.At})
		}
	}
	if e.Kind == FunctionENI && len(e.Open) == 0 {
		m.shared[sharing(e)] = len(m.enis)
	}
	m.eniByID[e.ID] = len(m.enis)
	m.enis = append(m.enis, e)
	m.owned[e.Name] = append(m.owned[e.Name], e.ID)
	for _, a := range []netip.Addr{e.PrivateIP, e.IPv6} {
		if a.IsValid() && e.VPC != "" {
			m.byAddr[vpcAddr{e.VPC, a}] = e.ID
		}
	}
	for _, a := range []netip.Addr{e.PublicIP, e.IPv6} {
		if a.IsValid() {
			m.public[a] = e.ID
		}
	}
}

// inOrderOfNames sorts groups, so that the order of attachment, which AWS does
// not heed, shows nowhere.
func (m *Model) inOrderOfNames(groups []SecurityGroupID) []SecurityGroupID {
	out := slices.Clone(groups)
	slices.SortFunc(out, func(a, b SecurityGroupID) int {
		return cmp.Or(cmp.Compare(m.groups[a].Name, m.groups[b].Name), cmp.Compare(a, b))
	})
	return out
}

// freeAddr is the highest free address of a subnet; AWS keeps the first four
// and the last. The zero Addr means that the subnet is full or its CIDR open.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func (m *Model) freeAddr(s Subnet) netip.Addr {
	cidr, known := s.CIDR.Get()
	if !known || !cidr.Addr().Is4() {
		return netip.Addr{}
	}
	base := cidr.Masked().Addr()
	for host := uint32(1)<<(32-cidr.Bits()) - 2; host >= 4; host-- {
		a := addAddr(base, host)
		if _, taken := m.byAddr[vpcAddr{s.VPC, a}]; !taken && !m.kept[vpcAddr{s.VPC, a}] {
			return a
		}
	}
	return netip.Addr{}
}

// Find resolves what a person calls a resource: the name its author gave it,
// a physical ID or name, an ARN, or "Stack/Name". It returns the Meta of every
// resource that fits, so that more than one is an ambiguity to report.
func (m *Model) Find(called string) []Meta {
	var out []Meta
	fits := func(meta Meta, ids ...string) {
		if called == meta.Name || meta.At.Construct.Called(called) || slices.Contains(ids, called) || strings.EqualFold(called, meta.Name) {
			out = append(out, meta)
		}
	}
	for _, f := range m.spec.Functions {
		fits(f.Meta, f.FunctionName, f.ARN.String())
	}
	for _, in := range m.spec.Instances {
		fits(in.Meta, in.ID)
	}
	for _, n := range m.spec.NetworkInterfaces {
		fits(n.Meta, string(n.ID))
	}
	for _, in := range m.spec.LightsailInstances {
		fits(in.Meta, in.InstanceName)
	}
	for _, e := range m.spec.Endpoints {
		fits(e.Meta, string(e.ID))
	}
	for _, n := range m.spec.NATGateways {
		fits(n.Meta, string(n.ID))
	}
	for _, e := range m.spec.EventSourceMappings {
		if e.Network() != nil {
			fits(e.Meta, e.ID)
		}
	}
	for _, s := range m.spec.Stores {
		fits(s.Meta, s.ID)
	}
	for _, b := range m.spec.LoadBalancers {
		fits(b.Meta, b.ARN)
	}
	for _, o := range m.spec.OnPremises {
		fits(o.Meta)
	}
	return out
}

// Names are the names under which Find knows something, sorted: for a
// did-you-mean.
func (m *Model) Names() []string {
	var out []string
	for _, f := range m.spec.Functions {
		out = append(out, f.Name)
	}
	for _, in := range m.spec.Instances {
		out = append(out, in.Name)
	}
	for _, in := range m.spec.LightsailInstances {
		out = append(out, in.Name)
	}
	for _, e := range m.spec.Endpoints {
		out = append(out, e.Name)
	}
	for _, n := range m.spec.NATGateways {
		out = append(out, n.Name)
	}
	for _, s := range m.spec.Stores {
		out = append(out, s.Name)
	}
	for _, b := range m.spec.LoadBalancers {
		out = append(out, b.Name)
	}
	for _, o := range m.spec.OnPremises {
		out = append(out, o.Name)
	}
	slices.Sort(out)
	return out
}
