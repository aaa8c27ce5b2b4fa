package path

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
)

// middlebox goes to the interface of an instance that is to forward it. AWS
// lets it have what is not its own only with the source/destination check off;
// its groups and its subnet's network ACL filter. What it then does is its own
// business, unless somebody stated that it translates: then it dials itself.
// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
func (w *walk) middlebox(vpc cloud.VPC, from cloud.Subnet, t cloud.ToInterface, r cloud.Route, src party) {
	if w.looped() {
		return
	}
	e, ok := w.m.RouterOf(t)
	if !ok || e.VPC != vpc.ID {
		w.missing(string(t.ID)+t.Instance, "eni", "egress", cloud.Gap{Because: fmt.Sprintf("nothing in %s is described that has the ID %s", vpc.Name, string(t.ID)+t.Instance), At: r.At})
		return
	}
	if kind, why, absent := w.absent(e); absent {
		w.block(kind, "egress", why)
		return
	}
	sub, _ := w.m.Subnet(e.Subnet)
	if w.flow.Dst.Addr().Is4() && !e.PrivateIP.IsValid() && sub.IPv6Only() {
		w.block("eni", "ingress", Reason{NoIPv4, e.Name, fmt.Sprintf("%s has no IPv4 address in %s, so it gets nothing that is for %s", e.Name, sub.Name, w.flow.Dst.Addr()), Forward, e.At})
		return
	}
	w.intoBox(vpc, from, sub, e, src)
	switch {
	case !e.Forwards:
		w.block("eni", "ingress", Reason{ENISourceDestCheck, e.Name,
			fmt.Sprintf("the source/destination check of %s is on, so it gets nothing that is for %s", e.Name, w.flow.Dst.Addr()), Forward, e.At})
	case w.flow.Dst.Addr().Is6():
		w.missing(e.Name, "eni", "ingress", cloud.Gap{At: e.At, Because: fmt.Sprintf("whether %s forwards IPv6 is not stated", e.Name)})
	case !e.NATs:
		w.missing(e.Name, "eni", "ingress", cloud.Gap{At: e.At,
			Because: fmt.Sprintf("whether %s forwards, and as a NAT instance, is not stated (facts.nat-instances in bailey.yaml)", e.Name)})
		return
	}
	if len(e.Open) == 0 && w.flow.Dst.Addr().Is4() {
		w.outOfBox(vpc, sub, e)
	}
}

// intoBox asks what filters between a subnet and the middlebox.
func (w *walk) intoBox(vpc cloud.VPC, from, sub cloud.Subnet, e cloud.ENI, src party) {
	before := w.flow
	w.later(func() { w.replyHome(vpc, sub, src, before) })
	if sub.ID != from.ID {
		w.acl(sub, ingress, Forward)
	}
	if sub.ID != from.ID || !vpc.Contains(src.addr) {
		w.later(func() { w.acl(sub, egress, Return) })
	}
	open := e.Open
	if w.flow.Dst.Addr().Is6() && !e.IPv6.IsValid() && e.OpenIPv6 != nil {
		open = []cloud.Gap{*e.OpenIPv6}
	}
	for _, gap := range open {
		w.missing(e.Name, "eni", "ingress", gap)
	}
	if len(open) == 0 {
		w.groups(e, ingress, src)
	}
}

// outOfBox sends on what a NAT instance has translated, as its own.
func (w *walk) outOfBox(vpc cloud.VPC, sub cloud.Subnet, e cloud.ENI) {
	inside := w.flow
	port := max(w.flow.Src.Port(), 1024)
	if w.natPort != 0 {
		port = w.natPort
	}
	w.viaNAT = true
	w.flow.Src = netip.AddrPortFrom(e.PrivateIP, port)
	w.later(func() { w.flow = inside })
	outside, out := w.flow, party{addr: e.PrivateIP, eni: &e, home: new(bool)}
	dst := w.flow.Dst.Addr()
	w.groups(e, egress, party{addr: dst})
	w.hop(e.Name, "nat-instance", "egress", "forward", "leaves as %s", e.PrivateIP)
	if cidr, _ := sub.CIDR.Get(); cidr.Contains(dst) {
		w.arrive(vpc, out, &sub)
	} else {
		w.acl(sub, egress, Forward)
		w.later(func() {
			w.flow = outside
			if !*out.home {
				w.acl(sub, ingress, Return)
			}
		})
		w.route(vpc, sub, e, out)
	}
	w.res.Delivery.NATPort, w.res.Delivery.Through = true, e.Name
	w.flow = inside
}

// boxGap is why nobody knows what becomes of a reply that is sent to a middlebox.
func boxGap(table cloud.RouteTable, box string) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("%s sends the reply to %s, which may forward it or not", table.Name, box), At: table.At}
}
