package path

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
)

// A network outside of AWS is joined by a virtual private gateway, or by an
// attachment to a transit gateway. What it does inside is its own business:
// what is stated of it gets there, and answers.
// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html

// toVPN leaves a VPC by its virtual private gateway.
func (w *walk) toVPN(vpc cloud.VPC, id cloud.VPNGatewayID, r cloud.Route, src party) {
	g, ok := w.m.VPNGateway(id)
	switch {
	case !ok:
		w.missing(string(id), "vpn-gateway", "egress", cloud.Gap{Because: fmt.Sprintf("nothing here describes virtual private gateway %s", id), At: r.At})
		return
	case g.VPC != vpc.ID:
		w.block("vpn-gateway", "egress", Reason{BadState, g.Name, fmt.Sprintf("virtual private gateway %s is not attached to %s", g.Name, vpc.Name), Forward, r.At})
	case g.EdgeGap() != nil:
		w.missing(g.Name, "vpn-gateway", "egress", *g.EdgeGap())
	}
	w.leaveAWS(string(id), g.Meta, src)
}

// leaveAWS hands a packet to the network behind a virtual private gateway or
// an attachment.
func (w *walk) leaveAWS(over string, by cloud.Meta, src party) {
	dst := w.flow.Dst.Addr()
	for _, p := range w.m.OnPremisesBehind(over) {
		if !p.Contains(dst) {
			continue
		}
		name := by.Name
		if o, ok := w.m.OnPremisesAt(dst, over); ok {
			name = o.Name
		}
		w.hop(name, "on-premises", "ingress", "allow", "%s is in %s", dst, p)
		w.res.Delivery.To, w.res.Delivery.Src, w.res.Delivery.Dst = ToOnPremises, src.addr, dst
		return
	}
	if len(w.m.OnPremisesBehind(over)) == 0 {
		w.missing(by.Name, "on-premises", "egress", cloud.Gap{At: by.At,
			Because: fmt.Sprintf("what networks are behind %s is not stated (facts.on-premises in bailey.yaml)", by.Name)})
		return
	}
	w.block("on-premises", "egress", Reason{UnknownDestination, by.Name, fmt.Sprintf("no network behind %s has the address %s", by.Name, dst), Forward, by.At})
}

// fromOnPremises walks from a network outside of AWS.
func (w *walk) fromOnPremises(name string) {
	if o, ok := w.m.OnPremisesCalled(name); ok {
		if host, ok := hostLike(o, w.flow.Dst.Addr()); !w.flow.Src.Addr().IsValid() && ok {
			w.flow.Src = withAddr(w.flow.Src, host)
		}
		src := party{addr: w.flow.Src.Addr(), lost: true}
		g, vpn := w.m.VPNGatewayOver(o)
		a, transit := w.m.AttachmentOver(o)
		switch {
		case vpn:
			src.over = string(g.ID)
			w.enterVPN(g, src)
		case transit:
			src.over = string(a.ID)
			if next, ok := w.switchTo(a, w.flow.Dst.Addr(), Forward); ok {
				w.alight(next, cloud.Unknown[string]("it comes from outside", o.At), src)
			}
		default:
			w.missing(o.Name, "on-premises", "egress", cloud.Gap{Because: fmt.Sprintf("nothing here describes %s, over which %s is said to be joined", o.Over, o.Name), At: o.At})
		}
		return
	}
	w.missing(name, "on-premises", "egress", cloud.Gap{Because: fmt.Sprintf("no network is stated that is called %s", name)})
}

// hostLike is a host of a stated network with an address of the family of dst.
func hostLike(o cloud.OnPremises, dst netip.Addr) (netip.Addr, bool) {
	for _, host := range o.Hosts() {
		if host.Is6() == dst.Is6() {
			return host, true
		}
	}
	return netip.Addr{}, false
}

// enterVPN comes into a VPC by its virtual private gateway, which leads to the
// VPC's own addresses and no further.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
func (w *walk) enterVPN(g cloud.VPNGateway, src party) {
	vpc, ok := w.m.VPC(g.VPC)
	switch {
	case !ok:
		w.block("vpn-gateway", "ingress", Reason{BadState, g.Name, fmt.Sprintf("virtual private gateway %s is attached to no VPC", g.Name), Forward, g.At})
	case !vpc.Contains(w.flow.Dst.Addr()):
		w.block("vpn-gateway", "ingress", Reason{VGWIngress, g.Name, fmt.Sprintf("%s is not an address of %s: a virtual private gateway leads to the VPC itself and no further", w.flow.Dst.Addr(), vpc.Name), Forward, g.At})
	default:
		w.hop(g.Name, "vpn-gateway", "ingress", "forward", "into %s", vpc.Name)
		if g.EdgeGap() != nil {
			w.missing(g.Name, "vpn-gateway", "ingress", *g.EdgeGap())
		}
		w.arrive(vpc, src, nil)
	}
}
