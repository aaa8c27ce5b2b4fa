package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/reach"
)

// A unit is one interface of each resource of a party, in one model. The zero
// unit is the internet, or whatever else is no interface.
type unit struct {
	key   string // the subnet's name; empty for Lambda's own network
	class *reach.Class
	// open is set, and class nil, where it is not known which interfaces there
	// are. Packets that such a one might take are in takes.
	open  *cloud.Gap
	takes netset.Traffic
}

// A group is a Party with its interfaces in both models.
type group struct {
	Party
	units [2][]unit
}

// resource is what is matched between the models.
type resource struct {
	kind Kind
	name string
}

// A network is one of the two models, compiled.
type network struct {
	*reach.Network
	m       *cloud.Model
	classID map[*reach.Class]int
	units   map[resource][]unit
	edges   map[edgeKey]reach.Edge
	outlook map[*reach.Class]outlook
	arrival map[*reach.Class]reach.Arrival
}

type edgeKey struct {
	from, to *reach.Class
	public   bool
}

func newNetwork(m *cloud.Model) *network {
	n := &network{Network: reach.Compile(m), m: m, classID: map[*reach.Class]int{}, units: map[resource][]unit{},
		edges: map[edgeKey]reach.Edge{}, outlook: map[*reach.Class]outlook{}, arrival: map[*reach.Class]reach.Arrival{}}
	for i, c := range n.Classes() {
		n.classID[c] = i
		n.place(c)
	}
	n.placeOpen()
	return n
}

// placeOpen gives units to those of which it is not known where they are.
func (n *network) placeOpen() {
	add := func(kind Kind, name string, subnets cloud.Value[[]cloud.SubnetID], takes netset.Traffic) {
		r := resource{kind, name}
		if gap, open := subnets.Gap(); open && len(n.units[r]) == 0 {
			n.units[r] = []unit{{key: "?", open: &gap, takes: takes}}
		}
	}
	for f := range n.m.Functions() {
		if f.Network != nil {
			add(Function, f.Name, f.Network.Subnets, netset.Traffic{})
		}
	}
	for s := range n.m.Stores() {
		ports, known := s.Ports.Get()
		if !known || len(ports) == 0 {
			ports = []uint16{0}
		}
		add(Store, s.Name, s.Subnets, onPorts(ports))
	}
	for b := range n.m.LoadBalancers() {
		var ports []uint16
		for _, l := range b.Listeners {
			ports = append(ports, l.Port)
		}
		add(Balancer, b.Name, b.Subnets, onPorts(ports))
	}
}

// onPorts is TCP to ports, of which 0 stands for all.
func onPorts(ports []uint16) (t netset.Traffic) {
	for _, p := range ports {
		r := netset.Port(p)
		if p == 0 {
			r = netset.AllPorts
		}
		t = t.Union(netset.Match(netset.TCP, r, netset.AllPorts))
	}
	return t
}

const overIPv6 = " over IPv6"

// place gives the resources of a class their units.
func (n *network) place(c *reach.Class) {
	subnet := string(c.Subnet)
	if s, ok := n.m.Subnet(c.Subnet); ok {
		subnet = s.Name
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(c.Owners))) {
		r := resource{kindOf(c.Kind), name}
		if c.IPv6 && !strings.HasSuffix(subnet, overIPv6) {
			subnet += overIPv6
		}
		key := subnet
		for i := 2; slices.ContainsFunc(n.units[r], func(u unit) bool { return u.key == key }); i++ {
			key = fmt.Sprintf("%s (%d)", subnet, i)
		}
		n.units[r] = append(n.units[r], unit{key: key, class: c})
	}
}

// signature is the same for two resources that the network cannot tell apart.
func (n *network) signature(r resource) string {
	var b strings.Builder
	for _, u := range n.units[r] {
		id := -1
		if u.class != nil {
			id = n.classID[u.class]
		}
		fmt.Fprintf(&b, "%d %q;", id, u.key)
	}
	return b.String()
}

// groups puts the resources of both models into parties, in the order of their
// first names.
func groups(old, now *network) []*group {
	bySignature := map[string]*group{}
	var out []*group
	for _, r := range resources(old, now) {
		sign := fmt.Sprintf("%s|%s|%s", r.kind, old.signature(r), now.signature(r))
		g, ok := bySignature[sign]
		if !ok {
			g = &group{Party: Party{Kind: r.kind, Service: serviceOf(r, old.m, now.m)}, units: [2][]unit{old.units[r], now.units[r]}}
			bySignature[sign] = g
			out = append(out, g)
		}
		g.Names = append(g.Names, r.name)
	}
	return out
}

func resources(networks ...*network) []resource {
	var out []resource
	for _, n := range networks {
		for r := range n.units {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b resource) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.kind, b.kind)) })
	return slices.Compact(out)
}

func serviceOf(r resource, models ...*cloud.Model) string {
	if r.kind != Endpoint {
		return ""
	}
	for _, m := range models {
		for e := range m.Endpoints() {
			if e.Name == r.name {
				return e.Service
			}
		}
	}
	return ""
}

// eni is the interface of a unit that belongs to the resource of that name.
func (n *network) eni(u unit, name string) (cloud.ENI, bool) {
	if u.class == nil {
		return cloud.ENI{}, false
	}
	for _, id := range u.class.Members {
		if e, ok := n.m.ENI(id); ok && slices.Contains(e.Owners, name) {
			return e, true
		}
	}
	return cloud.ENI{}, false
}

// hasPublic reports whether a unit's interfaces have public addresses.
func (n *network) hasPublic(u unit, name string) bool {
	e, ok := n.eni(u, name)
	return ok && u.public(e).IsValid()
}
