package conform

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"bailey/cloud"
	"bailey/netset"
	"bailey/sandbox"
)

// outsidePlace is every host in a network outside of AWS.
const outsidePlace = "outside of AWS"

// A port is where a VPC is joined to a transit gateway: the subnet of the
// attachment in one Availability Zone.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
type port struct {
	dev    string // in the VPC's namespace
	gw     cloud.TransitGatewayID
	subnet cloud.Subnet
	out    hop // towards the transit gateway
}

// A hub is a transit gateway's namespace.
type hub struct {
	*sandbox.Namespace
	gw   cloud.TransitGateway
	ways map[cloud.TransitGatewayAttachmentID][]way // by attachment
}

// A way leads from a hub to a subnet of a VPC, or to a network outside of AWS.
type way struct {
	dev, zone string
	to        hop
}

// addHub makes a transit gateway: a namespace that routes what comes from an
// attachment by the one table that the attachment is associated with.
func (w *kernelWorld) addHub(t fataler, g cloud.TransitGateway) {
	ns, err := sandbox.NewNamespace()
	if !w.try("transit gateway "+g.Name, err) {
		return
	}
	w.done = append(w.done, func() { ns.Close() })
	h := &hub{Namespace: ns, gw: g, ways: map[cloud.TransitGatewayAttachmentID][]way{}}
	file := w.prepare(ns, true)
	for a := range w.m.TransitGatewayAttachments() {
		if a.Gateway != g.ID || w.err != nil {
			continue
		}
		switch r := w.routers[a.VPC]; {
		case a.Kind == cloud.TransitOnPremises:
			to := w.addOutside(t, string(a.ID), ns, file)
			h.ways[a.ID] = append(h.ways[a.ID], way{dev: to.dev, to: to})
		case a.Kind == cloud.TransitVPC && r != nil:
			for _, id := range a.Subnets.Or(nil) {
				sub, _ := w.m.Subnet(id)
				name := fmt.Sprint("t", w.links)
				out, in := w.transfer(r.Namespace, name, ns, file, name)
				r.ports = append(r.ports, port{name, g.ID, sub, out})
				h.ways[a.ID] = append(h.ways[a.ID], way{in.dev, sub.AZ.Or(""), in})
			}
		}
	}
	w.routeHub(h)
}

// routeHub gives each way into a transit gateway the table of its attachment,
// for the zone that it comes from.
func (w *kernelWorld) routeHub(h *hub) {
	w.within(h.Namespace, "routes of "+h.gw.Name, func() error {
		table := 200
		for a := range w.m.TransitGatewayAttachments() {
			for _, from := range h.ways[a.ID] {
				table++
				if err := rule(from.dev, table); err != nil {
					return err
				}
				if err := fill(table, w.hubTable(h, a.Table, from.zone)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// hubTable is a transit gateway's route table as a zone sees it: static routes
// count before propagated ones, and what nothing covers is dropped.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func (w *kernelWorld) hubTable(h *hub, id cloud.TransitGatewayRouteTableID, zone string) map[netip.Prefix]hop {
	out := map[netip.Prefix]hop{anyIPv4: {}, anyIPv6: {}}
	table, _ := w.m.TransitGatewayRouteTable(id)
	for _, propagated := range []bool{true, false} {
		for _, r := range table.Routes {
			if p, known := r.Dest.Get(); known && r.Propagated == propagated {
				out[p.Masked()] = h.leads(r.Attachment, zone)
			}
		}
	}
	return out
}

// leads is the way to an attachment: by its subnet in the zone, or by any.
func (h *hub) leads(a cloud.TransitGatewayAttachmentID, zone string) hop {
	ways := h.ways[a]
	for _, w := range ways {
		if w.zone == zone {
			return w.to
		}
	}
	if len(ways) > 0 {
		return ways[0].to
	}
	return hop{}
}

// addOutside makes a network outside of AWS and gives the hop that leads there
// from the namespace that it is joined to.
func (w *kernelWorld) addOutside(t fataler, over string, from *sandbox.Namespace, file *os.File) hop {
	h := w.newHost(t, outsidePlace, false)
	name := fmt.Sprint("o", w.links)
	back, to := w.transfer(h.Namespace, "eth0", from, file, name)
	w.within(h.Namespace, "outside of AWS", func() error {
		if err := fill(unix.RT_TABLE_MAIN, map[netip.Prefix]hop{anyIPv4: back, anyIPv6: back}); err != nil {
			return err
		}
		lo, err := netlink.LinkByName("lo")
		for _, p := range w.m.OnPremisesBehind(over) {
			if err != nil {
				break
			}
			r := &netlink.Route{Dst: ipNet(p.Masked()), LinkIndex: lo.Attrs().Index, Type: unix.RTN_LOCAL, Table: unix.RT_TABLE_MAIN}
			if p.Addr().Is4() {
				r.Scope = unix.RT_SCOPE_HOST
			}
			err = netlink.RouteReplace(r)
		}
		return err
	})
	return to
}

// addVPN joins a VPC to what is behind its virtual private gateway.
// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
func (w *kernelWorld) addVPN(t fataler, g cloud.VPNGateway) {
	if r := w.routers[g.VPC]; r != nil && w.err == nil {
		r.vpn[g.ID] = w.addOutside(t, string(g.ID), r.Namespace, r.ns)
	}
}

// portOf is where packets from a subnet enter a transit gateway: in the subnet
// itself, or in that of its zone.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (r *router) portOf(s cloud.Subnet, g cloud.TransitGatewayID) hop {
	var found hop
	for _, p := range r.ports {
		switch {
		case p.gw != g:
		case p.subnet.ID == s.ID:
			return p.out
		case p.subnet.AZ.Or("") == s.AZ.Or(""):
			found = p.out
		}
	}
	return found
}

// portRules are the network ACLs of attachments' subnets: both directions are
// asked for what goes to the transit gateway, and for what comes from it to
// another subnet; none for what comes from it to the same one. What is not of
// the VPC leaves by no peering, gateway endpoint or virtual private gateway.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
func (r *router) portRules() string {
	var b strings.Builder
	closed := []string{"\"ep\""}
	for _, h := range r.peers {
		closed = append(closed, fmt.Sprintf("%q", h.dev))
	}
	for _, h := range r.vpn {
		closed = append(closed, fmt.Sprintf("%q", h.dev))
	}
	slices.Sort(closed)
	for _, p := range r.ports {
		fmt.Fprintf(&b, "iifname %q oifname %q accept\niifname %q oifname { %s } drop\n", p.dev, r.subnets[p.subnet.ID], p.dev, strings.Join(closed, ", "))
	}
	for _, p := range r.ports {
		dev := r.subnets[p.subnet.ID]
		fmt.Fprintf(&b, "iifname %q jump %s_out\noifname %q jump %s_in\n", p.dev, dev, p.dev, dev)
	}
	return b.String()
}

// boxRules let a NAT instance forward what its groups let in and let out again,
// under its own address.
// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
func (w *kernelWorld) boxRules(e cloud.ENI) string {
	var in, out strings.Builder
	for _, id := range e.Groups {
		g, _ := w.m.SecurityGroup(id)
		in.WriteString(w.allows(ip4, e, g.Ingress, "saddr"))
		out.WriteString(w.allows(ip4, e, g.Egress, "daddr"))
	}
	const chain = "chain %s { type filter hook forward priority %s; policy drop; ct state established,related accept\n%s}\n"
	return "table ip box {\n" + fmt.Sprintf(chain, "taken", "filter", in.String()) + fmt.Sprintf(chain, "sent", "filter + 1", out.String()) + `
chain translate { type nat hook postrouting priority srcnat; iifname "eth0" meta l4proto { tcp, udp } masquerade to :1024-65535 fully-random; }
}
table ip6 box {
chain forward { type filter hook forward priority filter; policy drop; }
}
`
}

// sees reports whether a rule of an interface may name the groups of another:
// they are in one VPC, or in two that are peered; inbound rules also where a
// transit gateway that supports it joins them.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (w *kernelWorld) sees(e, o cloud.ENI, inbound bool) bool {
	if e.VPC == o.VPC {
		return true
	}
	for p := range w.m.Peerings() {
		if far, ok := p.Other(e.VPC); ok && far == o.VPC && p.Active {
			return true
		}
	}
	for g := range w.m.TransitGateways() {
		_, one := w.m.AttachmentTo(g.ID, e.VPC)
		_, two := w.m.AttachmentTo(g.ID, o.VPC)
		if inbound && one && two {
			return true
		}
	}
	return false
}

// referring lets every transit gateway carry references to groups: which way a
// packet came a rule of the kernel's cannot tell.
func referring(s cloud.Spec) cloud.Spec {
	s.TransitGateways = each(s.TransitGateways, func(g *cloud.TransitGateway) { g.GroupReferences = true })
	s.TransitGatewayAttachments = each(s.TransitGatewayAttachments, func(a *cloud.TransitGatewayAttachment) { a.GroupReferences = true })
	return s
}

// hops reports whether packets may be translated on their way to other VPCs.
func hops(m *cloud.Model) bool {
	boxed := slices.ContainsFunc(slices.Collect(m.ENIs()), func(e cloud.ENI) bool { return e.NATs })
	return boxed || len(slices.Collect(m.TransitGateways())) > 0
}

// lucky reports whether the network ACL of a translator's subnet lets replies to
// some of its ports pass and others not.
func lucky(m *cloud.Model, sub cloud.Subnet) bool {
	acl, _ := m.ACLOf(sub)
	return slices.ContainsFunc(acl.Ingress, func(e cloud.ACLEntry) bool {
		return e.Ports != netset.AllPorts && (e.Ports.Lo > 1024 || 1024 <= e.Ports.Hi && e.Ports.Hi < 65535)
	})
}
