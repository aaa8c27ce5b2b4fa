package cloud

import (
	"net/netip"
	"slices"

	"bailey/source"
)

// A NATInstance says of an instance or a network interface, by name or ID, that
// it translates the addresses of what it forwards. What software does is in no
// template.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
type NATInstance struct {
	Name string
	At   source.Span
}

// A NetworkInterface that is declared by itself, and the instance that it is
// attached to. It may be attached by what no template tells.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
type NetworkInterface struct {
	Meta
	ID              ENIID
	Subnet          Value[SubnetID]
	Groups          Value[[]SecurityGroupID]
	PrivateIP       netip.Addr // zero: the model gives it one
	PublicIP        netip.Addr // zero: none
	IPv6            netip.Addr // zero: none is stated
	WantsIPv6       bool       // asks for one of the subnet's
	SourceDestCheck bool
	Instance        string // i-...; empty: none that is known
	// For is what uses it that is no instance and not described itself, as AWS
	// tells it; empty: not known.
	For  string
	Down string // as an Instance's
}

// ToInterface sends to a network interface, or to that of an instance: a NAT
// instance or another middlebox. One of the two is set.
type ToInterface struct {
	ID       ENIID
	Instance string
}

func (ToInterface) isRouteTarget() {}

// RouterOf finds the interface that a route leads to.
func (m *Model) RouterOf(t ToInterface) (ENI, bool) {
	if t.ID != "" {
		return m.ENI(t.ID)
	}
	for _, in := range m.spec.Instances {
		if in.ID == t.Instance {
			return m.ENI(first(m.owned[in.Name]))
		}
	}
	return ENI{}, false
}

func first[T any](list []T) (v T) {
	if len(list) > 0 {
		v = list[0]
	}
	return v
}

// addNetworkInterfaces adds those that are declared by themselves; an instance
// owns what is attached to it.
func (m *Model) addNetworkInterfaces() {
	byID, byInterface := map[string]Instance{}, map[ENIID]Instance{}
	for _, in := range slices.Backward(m.spec.Instances) {
		byID[in.ID] = in
		if in.Interface != "" {
			byInterface[in.Interface] = in
		}
	}
	for _, n := range m.spec.NetworkInterfaces {
		e := m.instanceENI(Instance{Meta: n.Meta, ID: string(n.ID), Subnet: n.Subnet, Groups: n.Groups, PrivateIP: n.PrivateIP, PublicIP: n.PublicIP,
			IPv6: n.IPv6, WantsIPv6: n.WantsIPv6, SourceDestCheck: n.SourceDestCheck, Down: n.Down})
		e.ID = n.ID
		owner, attached := byInterface[n.ID]
		if !attached {
			owner, attached = byID[n.Instance]
		}
		if e.NATs = e.NATs || attached && m.stated(owner.Name, owner.ID); !attached && !e.NATs && n.For == "" && n.Down == "" {
			e.Open = append(e.Open, Gap{"what network interface " + n.Name + " is attached to is not stated", n.At})
		}
		m.addENI(e)
		if i := m.eniByID[n.ID]; attached {
			m.enis[i].Owners = append(m.enis[i].Owners, owner.Name)
			if own := m.owned[owner.Name]; owner.Interface == n.ID {
				m.owned[owner.Name] = append([]ENIID{n.ID}, own...)
			} else {
				m.owned[owner.Name] = append(own, n.ID)
			}
		}
	}
}

// stated reports whether one of the names is stated to translate.
func (m *Model) stated(names ...string) bool {
	return slices.ContainsFunc(m.spec.NATInstances, func(n NATInstance) bool { return n.Name != "" && slices.Contains(names, n.Name) })
}

// checkRouters finds statements about instances that nothing describes.
func (m *Model) checkRouters(dangling func(Meta, string, string)) {
	for _, n := range m.spec.NATInstances {
		instance := slices.ContainsFunc(m.spec.Instances, func(in Instance) bool { return n.Name == in.Name || n.Name == in.ID })
		if !instance && !slices.ContainsFunc(m.spec.NetworkInterfaces, func(i NetworkInterface) bool { return n.Name == i.Name || n.Name == string(i.ID) }) {
			dangling(Meta{Name: "facts.nat-instances", At: n.At}, "instance", n.Name)
		}
	}
}
