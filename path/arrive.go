package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// arrive brings the packet to a private address of a VPC. same is the subnet
// of both ends where they share one, in which neither routes nor network ACLs
// apply.
func (w *walk) arrive(vpc cloud.VPC, src party, same *cloud.Subnet) {
	e, ok := w.receiver(vpc)
	if !ok {
		return
	}
	if same == nil {
		sub, _ := w.m.Subnet(e.Subnet)
		flow := w.flow
		flow.Src = withAddr(flow.Src, src.addr)
		w.later(func() { w.replyHome(vpc, sub, src, flow) })
	}
	if e.Down != "" {
		w.block("eni", "ingress", down(e))
	}
	w.enter(e, src, same)
}

// down is the reason for which nothing answers at an interface that is there.
func down(e cloud.ENI) Reason {
	return Reason{BadState, e.Name, fmt.Sprintf("%s does not answer: it %s", e.Name, e.Down), Forward, e.At}
}

// absent reports whether an interface sends nothing at all, and why: its subnet
// has no address for it, or what owns it does not run.
func (w *walk) absent(e cloud.ENI) (kind string, why Reason, ok bool) {
	switch {
	case e.Exhausted:
		return "subnet", exhausted(w.m, e, w.whereOf(e)), true
	case e.Down != "":
		return "eni", down(e), true
	}
	return "", Reason{}, false
}

// receiver is the interface that has the destination's address in a VPC.
func (w *walk) receiver(vpc cloud.VPC) (cloud.ENI, bool) {
	dst := w.flow.Dst.Addr()
	e, ok := w.m.ENIAt(vpc.ID, dst)
	if ok {
		return e, true
	}
	if gap, open := w.openAddresses(vpc, dst); open {
		w.missing(vpc.Name, "vpc", "ingress", gap)
		return e, false
	}
	w.block("vpc", "ingress", Reason{UnknownDestination, vpc.Name,
		fmt.Sprintf("nothing in %s has the address %s", vpc.Name, dst), Forward, vpc.At})
	return e, false
}

// openAddresses reports an interface of the VPC whose address is not known: it
// may be the one that was asked for.
func (w *walk) openAddresses(vpc cloud.VPC, dst netip.Addr) (cloud.Gap, bool) {
	if dst.Is6() {
		return openIPv6(w.m, vpc)
	}
	for e := range w.m.ENIs() {
		if e.VPC == vpc.ID && !e.PrivateIP.IsValid() && !e.Exhausted && len(e.Open) > 0 {
			return e.Open[0], true
		}
	}
	return cloud.Gap{}, false
}

// replyHome checks that the reply finds its way: by the local route within a
// VPC, else by a route to something that leads back to the sender's. Which one
// is the same to it: routes remember nothing.
func (w *walk) replyHome(vpc cloud.VPC, sub cloud.Subnet, src party, flow netset.Flow) {
	if src.over == "" && (src.eni == nil || w.isLocal(vpc, sub, src)) {
		return
	}
	if w.outsideHome(vpc, sub, src) {
		return
	}
	target, ok := w.replyRoute(sub, src, func(t cloud.RouteTarget) bool { return w.leadsHome(vpc, t, src) }, w.wayHome(vpc, src))
	if t, transit := target.(cloud.ToTransitGateway); ok && transit {
		w.transitHome(vpc, sub, t.ID, src, flow)
	}
}

// isLocal reports whether the VPC's own routes lead from a subnet to a sender
// in the VPC, as they do but for a route to a whole subnet by a middlebox.
func (w *walk) isLocal(vpc cloud.VPC, sub cloud.Subnet, src party) bool {
	if !vpc.Contains(src.addr) {
		return false
	}
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, src.addr)
	return f.local && len(f.open) == 0
}

// leadsHome reports whether a target may lead a reply back to the sender.
func (w *walk) leadsHome(vpc cloud.VPC, t cloud.RouteTarget, src party) bool {
	switch t := t.(type) {
	case cloud.ToTransitGateway:
		return true
	case cloud.ToVPNGateway:
		return string(t.ID) == src.over
	case cloud.ToPeering:
		p, _ := w.m.Peering(t.ID)
		far, ok := p.Other(vpc.ID)
		return ok && src.eni != nil && far == src.eni.VPC && (p.Active || p.ID == w.across)
	}
	return false
}

// wayHome says what would lead a reply back.
func (w *walk) wayHome(vpc cloud.VPC, src party) string {
	if g, ok := w.m.VPNGateway(cloud.VPNGatewayID(src.over)); ok {
		return "virtual private gateway " + g.Name
	}
	if a, ok := w.m.TransitGatewayAttachment(cloud.TransitGatewayAttachmentID(src.over)); ok {
		g, _ := w.m.TransitGateway(a.Gateway)
		return "transit gateway " + g.Name
	}
	if src.eni.VPC == vpc.ID {
		return "the VPC's local route"
	}
	if _, peered := w.peeringBetween(vpc.ID, src.eni.VPC); !peered {
		return "a transit gateway that leads to " + string(src.eni.VPC)
	}
	return "the peering with " + string(src.eni.VPC)
}

// replyRoute checks that the destination's subnet sends the reply to the place
// it came from. Routes are stateless: the way back needs one of its own.
func (w *walk) replyRoute(sub cloud.Subnet, src party, wanted func(cloud.RouteTarget) bool, via string) (cloud.RouteTarget, bool) {
	vpc, _ := w.m.VPC(sub.VPC)
	table, _ := w.m.RouteTableOf(sub)
	f := lookup(w.m, vpc, table, src.addr)
	if w.openRoutes(table, "return egress", f) {
		return nil, false
	}
	target := f.route.Target
	open, isOpen := target.(cloud.ToUnknown)
	box, isBox := target.(cloud.ToInterface)
	switch {
	case isBox:
		w.missing(table.Name, "route-table", "return egress", boxGap(table, targetText{w.m, box}.String()))
	case target != nil && wanted(target):
		w.hop(table.Name, "route-table", "return egress", "forward", "the reply: %s goes to %s", destText{f.route}, targetText{w.m, target})
		return target, true
	case isOpen:
		w.missing(table.Name, "route-table", "return egress", open.Gap)
	default:
		code, detail := NoRoute, fmt.Sprintf("the reply to %s finds no route in %s (it would have to go through %s)", src.addr, table.Name, via)
		if _, gone := target.(cloud.ToBlackhole); gone {
			code = BadStateRoute
		}
		if target != nil {
			detail = fmt.Sprintf("%s sends the reply to %s to %s, not through %s", table.Name, src.addr, targetText{w.m, target}, via)
		}
		w.block("route-table", "return egress", Reason{code, table.Name, detail, Return, table.At})
	}
	return nil, false
}

// enter takes the packet through the destination subnet's network ACL, the
// interface's groups, and to whatever owns the interface.
func (w *walk) enter(e cloud.ENI, src party, same *cloud.Subnet) {
	sub, _ := w.m.Subnet(e.Subnet)
	if same == nil {
		// The entries see the address that the VPC sees: a public one has
		// become private at the gateway.
		arrived := w.flow
		arrived.Src, arrived.Dst = withAddr(w.flow.Src, src.addr), withAddr(w.flow.Dst, e.AddrLike(w.flow.Dst.Addr()))
		w.during(arrived, func() { w.acl(sub, ingress, Forward) })
		w.later(func() { w.during(arrived, func() { w.acl(sub, egress, Return) }) })
	}
	w.owner(e)
	for _, gap := range e.Open {
		w.missing(e.Name, "eni", "ingress", gap)
	}
	if len(e.Open) == 0 {
		w.groups(e, ingress, src)
	}
	w.deliver(e, src)
}

// owner notes what an interface refuses because of what owns it.
func (w *walk) owner(e cloud.ENI) {
	own := e.AddrLike(w.flow.Dst.Addr())
	if !own.IsValid() {
		own = w.flow.Dst.Addr()
	}
	switch e.Kind {
	case cloud.FunctionENI:
		w.block("eni", "ingress", Reason{LambdaNoInbound, e.Name,
			fmt.Sprintf("%s is %s's interface: Lambda's interfaces carry connections that the function opens, never ones to it", own, e.Name), Forward, w.whereOf(e)})
	case cloud.NATENI:
		w.block("eni", "ingress", Reason{NATNoInbound, e.Name,
			fmt.Sprintf("%s is NAT gateway %s's: it takes no connection from outside", own, e.Name), Forward, e.At})
	case cloud.EndpointENI:
		ep, _ := w.m.Endpoint(e.Endpoint)
		w.inState(ep.Meta, ep.State, "eni", "ingress", BadState, Forward)
		if zone, outside := w.m.Outside(e); outside {
			w.block("eni", "ingress", Reason{ServiceNotInZone, e.Name, fmt.Sprintf("%s is not offered in %s, so %s has no interface there", ep.Service, zone, e.Name), Forward, e.At})
		}
		if e.Answers == nil && !ep.Customers() && (w.flow.Proto != netset.TCP || w.flow.Dst.Port() != 443) {
			w.block("eni", "ingress", Reason{EndpointPort, e.Name,
				fmt.Sprintf("%s is an endpoint of an AWS service, which answers on tcp 443, not %s", e.Name, w.service()), Forward, e.At})
		}
	}
	w.listener(e)
}

// listener notes a port on which an interface takes no connection.
func (w *walk) listener(e cloud.ENI) {
	if e.Answers == nil || slices.Contains(e.Answers, cloud.Opening{Proto: w.flow.Proto, Port: w.flow.Dst.Port()}) {
		return
	}
	var on []string
	for _, o := range e.Answers {
		on = append(on, fmt.Sprintf("%s %d", o.Proto, o.Port))
	}
	code := NoListener
	if b, ok := w.m.LoadBalancer(e.Name); ok {
		code = ListenersMismatch
		if b.Kind == "classic" {
			code = ClassicListenersMismatch
		}
	}
	w.block("eni", "ingress", Reason{code, e.Name, fmt.Sprintf("%s takes connections on %s, not on %s", e.Name, strings.Join(on, ", "), w.service()), Forward, e.At})
}

// deliver says where a packet that has passed comes out.
func (w *walk) deliver(e cloud.ENI, src party) {
	d := &w.res.Delivery
	d.Src, d.Dst = src.addr, e.AddrLike(w.flow.Dst.Addr())
	if e.Kind != cloud.EndpointENI {
		d.To, d.ENI = ToENI, e.ID
		return
	}
	ep, _ := w.m.Endpoint(e.Endpoint)
	w.endpointPolicy(ep)
	d.To, d.Service, d.Endpoint = ToService, ep.Service, ep.ID
}

// endpointPolicy notes an endpoint whose policy lets nothing through at all.
// What a policy says of single calls is for the call: package iam decides it.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func (w *walk) endpointPolicy(e cloud.Endpoint) {
	if e.Policy == nil || allowsSomething(e.Policy.Doc) {
		return
	}
	w.block("endpoint-policy", "ingress", Reason{EndpointPolicyDeniesAll, e.Name,
		fmt.Sprintf("the policy of %s allows nothing", e.Name), Forward, e.Policy.At})
}

// allowsSomething reports whether a policy has an Allow statement, or a part
// that is not known and may be one.
func allowsSomething(doc source.Node) bool {
	statements, ok := doc.Get("Statement")
	if !ok {
		_, open := doc.FirstUnknown()
		return open
	}
	for s := range statements.Each() {
		effect, _ := s.Get("Effect")
		if s.Kind == source.Unknown || effect.Kind == source.Unknown || effect.Text == "Allow" {
			return true
		}
	}
	return false
}

// whereOf is the place that a person edits to change an interface: a
// function's VpcConfig, or the owner itself.
func (w *walk) whereOf(e cloud.ENI) source.Span {
	if f, ok := w.m.Function(e.Name); ok && f.Network != nil {
		return f.Network.At
	}
	return e.At
}

// exhausted is the reason for which an interface does not come about: AWS
// keeps the first four addresses of a subnet and the last, and each interface
// takes one of the rest.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func exhausted(m *cloud.Model, e cloud.ENI, at source.Span) Reason {
	sub, _ := m.Subnet(e.Subnet)
	return Reason{SubnetExhausted, sub.Name, fmt.Sprintf("%s (%s) has no free address left for %s", sub.Name, sub.CIDR.Or(netip.Prefix{}), e.Name), Forward, at}
}
