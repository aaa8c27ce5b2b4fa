package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// A Class is interfaces that the network cannot tell apart: same subnet, same
// groups, same owner's kind, addresses of the same zone, a public address or
// none. What holds for one of its members to or from anything holds for all.
// An interface with addresses of both families is in a class for each.
// Functions outside any VPC are a class too, with Lambda's own network as its
// place.
type Class struct {
	Kind    cloud.ENIKind
	VPC     cloud.VPCID    // empty for Lambda's own network
	Subnet  cloud.SubnetID // empty for Lambda's own network
	Groups  []cloud.SecurityGroupID
	Members []cloud.ENIID // none for Lambda's own network
	IPv6    bool          // what the members do over IPv6, else over IPv4
	Owners  []string      // of the members, by name

	id      int
	open    []cloud.Gap
	zone    block // of the private addresses
	public  block // of the public ones; noBlock: none
	privAt  netset.Addrs
	pubAt   netset.Addrs
	place   int
	out, in *side
	set     int  // its groups, as a peer
	full    bool // the members are not made, for want of an address, or are down
	denyIGW bool // no internet gateway leads to them over IPv6
	// openGroups is 1 + what is missing where they are not known.
	openGroups int
	own        fateID
	there      fateID // of all packets that would pass if the members are there
	doubts     []cloud.Gap
	door       int
	outside    bool // Lambda's own network
}

// Dials reports whether the members open connections: an endpoint's interfaces
// and a NAT gateway's never do.
// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
// Nor do those for which their subnet has no address.
func (c *Class) Dials() bool {
	return c.Kind != cloud.EndpointENI && c.Kind != cloud.NATENI && !c.full
}

// String gives "function F and 12 more in subnet-a".
func (c *Class) String() string {
	name := c.Owners[0]
	if n := len(c.Owners) - 1; n > 0 {
		name = fmt.Sprintf("%s and %d more", name, n)
	}
	if c.outside {
		return fmt.Sprintf("function %s in no VPC", name)
	}
	if c.IPv6 {
		return fmt.Sprintf("%s %s in %s over IPv6", c.Kind, name, c.Subnet)
	}
	return fmt.Sprintf("%s %s in %s", c.Kind, name, c.Subnet)
}

// classKey is what makes two interfaces alike.
type classKey struct {
	kind         cloud.ENIKind
	vpc          cloud.VPCID
	subnet       cloud.SubnetID
	groups       string
	v6           bool
	zone, public block
	open, doubts string
	answers      string // where connections are taken; empty: anywhere
	endpoint     cloud.EndpointID
	full         bool
	denyIGW      bool
}

func (k classKey) compare(o classKey) int {
	return cmp.Or(cmp.Compare(k.vpc, o.vpc), cmp.Compare(k.subnet, o.subnet), cmp.Compare(k.kind, o.kind),
		cmp.Compare(k.groups, o.groups), cmp.Compare(family(k.v6), family(o.v6)), k.zone.compare(o.zone), k.public.compare(o.public),
		cmp.Compare(k.endpoint, o.endpoint), cmp.Compare(k.answers, o.answers), cmp.Compare(k.open, o.open), cmp.Compare(k.doubts, o.doubts),
		cmp.Compare(family(k.denyIGW), family(o.denyIGW)))
}

// classify puts every interface into its classes, the classes into an order
// that no name decides.
func (n *Network) classify() {
	byKey := map[classKey]*Class{}
	var keys []classKey
	for e := range n.model.ENIs() {
		for _, v6 := range families {
			if !n.has(e, v6) {
				continue
			}
			k := n.keyOf(e, v6)
			c, ok := byKey[k]
			if !ok {
				c = &Class{Kind: e.Kind, VPC: e.VPC, Subnet: e.Subnet, Groups: e.Groups, IPv6: v6, open: openOf(e, v6), zone: k.zone, public: k.public, full: absent(e), denyIGW: e.DenyIGW}
				byKey[k] = c
				keys = append(keys, k)
				n.describe(c, e, k.groups)
			}
			n.join(c, e)
		}
	}
	slices.SortFunc(keys, classKey.compare)
	for _, k := range keys {
		n.add(byKey[k])
	}
	n.addLambda()
}

// join makes an interface a member of a class.
func (n *Network) join(c *Class, e cloud.ENI) {
	inside, outside := addrsOf(e, c.IPv6)
	c.Members = append(c.Members, e.ID)
	c.Owners = append(c.Owners, e.Owners...)
	if at, ok := n.model.ENIAt(e.VPC, inside); ok && at.ID == e.ID {
		c.privAt = append(c.privAt, netset.Host(inside))
	}
	if at, ok := n.model.ENIByPublicIP(outside); ok && at.ID == e.ID {
		c.pubAt = append(c.pubAt, netset.Host(outside))
	}
	if g, ok := n.model.NATGateway(e.NAT); ok && !c.IPv6 {
		for _, a := range e.More {
			c.privAt = append(c.privAt, netset.Host(a))
		}
		for _, a := range g.MorePublic {
			c.pubAt = append(c.pubAt, netset.Host(a))
		}
	}
	n.classOf[family(c.IPv6)][e.ID] = c
}

func (n *Network) add(c *Class) {
	c.id = len(n.classes)
	c.privAt, c.pubAt = netset.AddrsOf(c.privAt...), netset.AddrsOf(c.pubAt...)
	slices.Sort(c.Members)
	slices.Sort(c.Owners)
	n.classes = append(n.classes, c)
}

// addLambda adds the class of functions outside any VPC, if there are any.
func (n *Network) addLambda() {
	c := &Class{Kind: cloud.FunctionENI, outside: true, there: passes, zone: noBlock, place: -1}
	c.public = n.atlas.zone(lambdaAddr(n.model))
	for f := range n.model.Functions() {
		if f.Network == nil {
			c.Owners = append(c.Owners, f.Name)
		}
	}
	if len(c.Owners) > 0 {
		n.add(c)
		n.lambda = c
	}
}

// lambdaAddr stands for the addresses of Lambda's own network.
func lambdaAddr(m *cloud.Model) netip.Addr { return cloud.ElasticAddr(m.Stack(), "lambda") }

// absent reports whether nothing sends or answers at an interface.
func absent(e cloud.ENI) bool { return e.Exhausted || e.Down != "" }

// openOf is what is not known of an interface, an address that there is none
// left for among it.
func openOf(e cloud.ENI, v6 bool) []cloud.Gap {
	if e.Exhausted {
		return nil
	}
	if v6 && !e.IPv6.IsValid() {
		return []cloud.Gap{*e.OpenIPv6}
	}
	open := gapsOf(e.Open)
	if len(open) == 0 && !v6 && !e.PrivateIP.Is4() && e.Kind != cloud.NATENI {
		open = append(open, cloud.Gap{Because: fmt.Sprintf("%s has no IPv4 address in %s", e.Name, e.Subnet), At: e.At})
	}
	return open
}

func (n *Network) keyOf(e cloud.ENI, v6 bool) classKey {
	inside, outside := addrsOf(e, v6)
	k := classKey{kind: e.Kind, vpc: e.VPC, subnet: e.Subnet, v6: v6, zone: n.atlas.zone(inside), public: n.atlas.zone(outside), endpoint: e.Endpoint, full: absent(e), denyIGW: e.DenyIGW}
	names := make([]string, len(e.Groups))
	for i, g := range e.Groups {
		names[i] = string(g)
	}
	slices.Sort(names)
	k.groups = strings.Join(names, " ")
	for _, g := range openOf(e, v6) {
		k.open += g.String() + "\n"
	}
	k.doubts = keyOfDoubts(n.doubtsAbout(e))
	if e.Answers != nil {
		k.answers = fmt.Sprint(e.Answers)
	}
	return k
}

// describe works out what a class does with what reaches it, and which rules
// it has.
func (n *Network) describe(c *Class, e cloud.ENI, groups string) {
	c.out, c.in = n.sides(groups, e)
	c.set = n.proofs.setID(e.Groups)
	if gap, open := e.OpenGroups(); open {
		c.openGroups = 1 + n.proofs.gap(gap)
	}
	c.doubts = n.doubtsAbout(e)
	c.there = n.doubted(c.doubts)
	c.own = n.proofs.join(c.there, n.taken(e))
	c.place = n.placeOf(e.Subnet, c.zone)
	c.door = n.doorOf(c)
}

// sides are the rules of an interface's groups, looked up by the groups' names.
func (n *Network) sides(groups string, e cloud.ENI) (out, in *side) {
	pair, ok := n.sidesOf[groups]
	if !ok {
		pair = [2]*side{n.proofs.sideOf(n.model, e.Groups, true), n.proofs.sideOf(n.model, e.Groups, false)}
		n.sidesOf[groups] = pair
	}
	return pair[0], pair[1]
}

// taken is what the owner of an interface takes from outside: a function and a
// NAT gateway nothing, an endpoint HTTPS if its policy allows anything at all, a
// database and the like what comes to its own ports.
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (n *Network) taken(e cloud.ENI) fateID {
	if absent(e) {
		return blocked
	}
	switch e.Kind {
	case cloud.FunctionENI, cloud.NATENI:
		return blocked
	case cloud.EndpointENI:
		ep, _ := n.model.Endpoint(e.Endpoint)
		if _, outside := n.model.Outside(e); outside || deniesAll(ep.Policy) {
			return blocked
		}
		return n.proofs.join(n.standing(ep.Meta, ep.State), n.answered(e, ep.Customers()))
	}
	return n.answered(e, true)
}

// answered is what is taken on the ports on which an interface answers.
func (n *Network) answered(e cloud.ENI, anything bool) fateID {
	switch {
	case e.Answers == nil && !anything:
		return n.proofs.pass(netset.Match(netset.TCP, netset.Port(443), netset.AllPorts))
	case e.Answers == nil:
		return passes
	}
	var on netset.Traffic
	for _, o := range e.Answers {
		on = on.Union(netset.Match(o.Proto, netset.Port(o.Port), netset.AllPorts))
	}
	return n.proofs.pass(on)
}

// deniesAll reports whether a policy allows nothing at all: no statement with
// Effect Allow, and no part left open that might be one.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func deniesAll(p *cloud.Policy) bool {
	if p == nil {
		return false
	}
	statements, ok := p.Doc.Get("Statement")
	if !ok {
		_, open := p.Doc.FirstUnknown()
		return !open
	}
	for s := range statements.Each() {
		effect, _ := s.Get("Effect")
		if s.Kind == source.Unknown || effect.Kind == source.Unknown || effect.Text == "Allow" {
			return false
		}
	}
	return true
}
