package reach

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A Network is a Model compiled for questions about all flows at once. What is
// asked is worked out when it is asked and kept, so a Network is not safe for
// use by several goroutines at a time.
type Network struct {
	model  *cloud.Model
	proofs *proofs
	atlas  *atlas

	classes []*Class
	classOf [2]map[cloud.ENIID]*Class // over IPv4, over IPv6
	lambda  *Class
	sidesOf map[string][2]*side

	places  []place
	placeID map[placeKey]int
	doors   []door
	doorID  map[door]int
	near    map[[2]cloud.VPCID]bool
	named   map[[2]cloud.VPCID]bool // whose groups inbound rules may name, across a transit gateway
	stops   []stop
	stopOf  map[string]int
	turns   int // transit gateways on the way that is being worked out
	nobody  map[nobodyKey]fateID
	nats    map[cloud.NATGatewayID]cloud.ENI
	igws    map[cloud.VPCID]cloud.InternetGatewayID

	spots   []spot
	single  map[block]int // the spots that are one address with a zone of its own
	columns []peer
	column  map[peer]int
	inside  []target // spots of private addresses that take something
	front   []target // spots of public addresses that take something
	// frontZones are the zones of front, zoneAddrs the addresses of each zone.
	frontZones []block
	zoneAddrs  []netset.Addrs

	rows rows

	nat64Used bool // some route leads IPv6 to a NAT gateway
}

// A place is where an interface stands, as routes and network ACLs see it: the
// subnet, and the zone of its address.
type place struct {
	placeKey
	vpc   cloud.VPC
	sub   cloud.Subnet
	table cloud.RouteTable
	acl   acl
}

type placeKey struct {
	subnet cloud.SubnetID
	zone   block
}

// A door is what a flow must pass at the interface that it is for, once it is
// in the subnet.
type door struct {
	vpc cloud.VPCID
	in  *side  // nil: which groups there are is not known
	own fateID // with what is not known of the interface
}

// Compile makes a Network of a Model. It costs time and memory for every
// interface once, and for every class; nothing else does for interfaces.
func Compile(m *cloud.Model) *Network { return compile(m, newProofs()) }

func compile(m *cloud.Model, p *proofs) *Network {
	n := &Network{model: m, proofs: p, classOf: [2]map[cloud.ENIID]*Class{{}, {}}, placeID: map[placeKey]int{}, doorID: map[door]int{}, column: map[peer]int{}, stopOf: map[string]int{}, sidesOf: map[string][2]*side{}, rows: newRows()}
	n.peerings()
	n.survey()
	n.classify()
	n.findNobody()
	n.findSpots()
	return n
}

// Work counts what was worked out so far: questions to the rules of a group or
// a network ACL, and ways from a place, that had no answer yet. Networks that
// follow each other by Next count on.
func (n *Network) Work() int { return n.proofs.work }

// Classes are all classes, in an order that depends on physical IDs and
// addresses only.
func (n *Network) Classes() []*Class { return slices.Clone(n.classes) }

// ClassOf finds the class of an interface over IPv4.
func (n *Network) ClassOf(id cloud.ENIID) (*Class, bool) { c, ok := n.classOf[0][id]; return c, ok }

// ClassOfIPv6 finds the class of an interface over IPv6, if it has any.
func (n *Network) ClassOfIPv6(id cloud.ENIID) (*Class, bool) { c, ok := n.classOf[1][id]; return c, ok }

// Lambda is the class of the functions that are in no VPC; nil without any.
func (n *Network) Lambda() *Class { return n.lambda }

// peerings notes which VPCs see each other's groups: those with an active
// peering within one region. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
func (n *Network) peerings() {
	n.near = map[[2]cloud.VPCID]bool{}
	for v := range n.model.VPCs() {
		n.near[[2]cloud.VPCID{v.ID, v.ID}] = true
	}
	for p := range n.model.Peerings() {
		if p.Active && !n.model.InterRegion(p) {
			n.near[[2]cloud.VPCID{p.A, p.B}], n.near[[2]cloud.VPCID{p.B, p.A}] = true, true
		}
	}
	n.named = map[[2]cloud.VPCID]bool{}
	for a := range n.model.TransitGatewayAttachments() {
		for b := range n.model.TransitGatewayAttachments() {
			if a.Gateway == b.Gateway && n.carriesGroups(a, b) {
				n.named[[2]cloud.VPCID{a.VPC, b.VPC}] = true
			}
		}
	}
}

func (n *Network) isNear(a, b cloud.VPCID) bool { return n.near[[2]cloud.VPCID{a, b}] }

// survey makes the atlas. Addresses that are not simply one interface's get a
// zone each: those of interfaces in several VPCs, and those that are private
// here and public there.
func (n *Network) survey() {
	marks := append(mentioned(n.model), hostBlock(lambdaAddr(n.model)))
	seen := map[netip.Addr]bool{}
	n.nats, n.igws = map[cloud.NATGatewayID]cloud.ENI{}, map[cloud.VPCID]cloud.InternetGatewayID{}
	for e := range n.model.ENIs() {
		if e.Kind == cloud.NATENI {
			n.nats[e.NAT] = e
		}
		for _, a := range append([]netip.Addr{e.PrivateIP, e.PublicIP, e.IPv6}, e.More...) {
			if a.IsValid() && (seen[a] || a == e.PrivateIP && hostBlock(a).isPublic()) {
				marks = append(marks, hostBlock(a))
			}
			seen[a] = true
		}
	}
	for g := range n.model.InternetGateways() {
		if _, ok := n.igws[g.VPC]; !ok && g.VPC != "" {
			n.igws[g.VPC] = g.ID
		}
	}
	n.atlas = newAtlas(n.withNAT64(marks))
}

func (n *Network) placeOf(subnet cloud.SubnetID, zone block) int {
	key := placeKey{subnet, zone}
	id, ok := n.placeID[key]
	if !ok {
		id = len(n.places)
		p := place{placeKey: key}
		p.sub, _ = n.model.Subnet(subnet)
		p.vpc, _ = n.model.VPC(p.sub.VPC)
		p.table, _ = n.model.RouteTableOf(p.sub)
		p.acl = n.aclOf(p.sub)
		n.places, n.placeID[key] = append(n.places, p), id
	}
	return id
}

func (n *Network) aclOf(s cloud.Subnet) acl {
	a, ok := n.model.ACLOf(s)
	if !ok {
		return acl{}
	}
	return newACL(a)
}

func (n *Network) doorOf(c *Class) int {
	d := door{c.VPC, c.in, c.own}
	if len(c.open) > 0 {
		d.in, d.own = nil, n.proofs.join(c.own, n.proofs.hangs(netset.AllTraffic(), c.open...))
	}
	id, ok := n.doorID[d]
	if !ok {
		id = len(n.doors)
		n.doors, n.doorID[d] = append(n.doors, d), id
	}
	return id
}

// A nobodyKey asks for the addresses of a family of a VPC that nothing has.
type nobodyKey struct {
	vpc cloud.VPCID
	v6  bool
}

// findNobody works out what becomes of packets to an address of a VPC that
// nothing has: they are lost, unless it may be the address of an interface
// whose own is not known.
func (n *Network) findNobody() {
	n.nobody = map[nobodyKey]fateID{}
	for e := range n.model.ENIs() {
		four, six := nobodyKey{e.VPC, false}, nobodyKey{e.VPC, true}
		if _, found := n.nobody[four]; !found && !e.PrivateIP.IsValid() && !e.Exhausted && len(e.Open) > 0 {
			n.nobody[four] = n.proofs.hangs(netset.AllTraffic(), e.Open[0])
		}
		if _, found := n.nobody[six]; !found && e.OpenIPv6 != nil {
			n.nobody[six] = n.proofs.hangs(netset.AllTraffic(), *e.OpenIPv6)
		}
	}
}

// Model is the Model that the Network is of.
func (n *Network) Model() *cloud.Model { return n.model }
