package cloud

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
)

// IDs of what joins a VPC to networks outside of AWS.
type (
	VPNGatewayID    string // vgw-...
	VPNConnectionID string // vpn-...
)

// A VPNGateway is a virtual private gateway, attached to VPC where that is not
// empty: the VPC's side of VPN connections and of Direct Connect.
// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
type VPNGateway struct {
	Meta
	ID   VPNGatewayID
	VPC  VPCID
	Edge string // as an internet gateway's
	Open *Gap   // as an internet gateway's
	// Propagates are the route tables into which it puts what it learns.
	Propagates []RouteTableID
}

// A VPNConnection leads from a virtual private gateway or a transit gateway to
// a customer gateway. StaticOnly ones know the routes stated, others learn
// theirs by BGP, which no template tells.
type VPNConnection struct {
	Meta
	ID         VPNConnectionID
	Gateway    VPNGatewayID     // or
	Transit    TransitGatewayID //
	StaticOnly bool
	Routes     []netip.Prefix
}

// OnPremises is a network outside of AWS that a person stated: its blocks, and
// by what it is joined, the name or ID of a virtual private gateway, a VPN
// connection or a transit gateway.
type OnPremises struct {
	Meta
	CIDRs []netip.Prefix
	Over  string
}

// Hosts are addresses that stand for any host of the network, one a block.
func (o OnPremises) Hosts() []netip.Addr {
	var out []netip.Addr
	for _, p := range o.CIDRs {
		host := p.Masked().Addr()
		if p.Addr().Is4() && p.Bits() <= 24 {
			host = addAddr(host, 10)
		}
		out = append(out, host)
	}
	return out
}

// VPNAttachmentID is the attachment of a VPN connection, or of what a stated
// network is joined by, to a transit gateway.
func VPNAttachmentID(over string) TransitGatewayAttachmentID {
	return TransitGatewayAttachmentID(PhysicalID("tgw-attach", over, "on-premises"))
}

func unstatedOnPremises(by Meta) Gap {
	return Gap{fmt.Sprintf("what networks are behind %s is not stated (facts.on-premises in bailey.yaml)", by.Name), by.At}
}

// completeOnPremises attaches VPN connections to their transit gateways, finds
// out by what the stated networks are joined, and adds the routes that virtual
// private gateways propagate.
func (s *Spec) completeOnPremises() {
	attach := func(meta Meta, over string, to TransitGatewayID) {
		id := VPNAttachmentID(over)
		if to != "" && !slices.ContainsFunc(s.TransitGatewayAttachments, func(a TransitGatewayAttachment) bool { return a.ID == id }) {
			s.TransitGatewayAttachments = append(s.TransitGatewayAttachments, TransitGatewayAttachment{Meta: meta, ID: id, Gateway: to, Kind: TransitOnPremises})
		}
	}
	for _, c := range s.VPNConnections {
		attach(c.Meta, string(c.ID), c.Transit)
	}
	for _, g := range s.TransitGateways {
		for _, o := range s.OnPremises {
			if o.Over == g.Name || o.Over == string(g.ID) {
				attach(o.Meta, string(g.ID), g.ID)
			}
		}
	}
}

// propagateVPN adds the routes that a virtual private gateway propagates: the
// static ones of its VPN connections, and the networks stated behind it.
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
func (s *Spec) propagateVPN() {
	for _, g := range s.VPNGateways {
		for _, t := range g.Propagates {
			for _, p := range s.onPremisesBehind(string(g.ID)) {
				s.addRoute(t, Route{Meta: g.Meta, Dest: PrefixDest{p}, Target: ToVPNGateway{g.ID}, Propagated: true})
			}
			if s.learns(g) {
				s.addRoute(t, Route{Meta: g.Meta, Dest: UnknownDest{unstatedOnPremises(g.Meta)}, Target: ToVPNGateway{g.ID}, Propagated: true})
			}
		}
	}
}

// learns reports whether a gateway may know routes that nobody stated: by BGP,
// with no network stated behind it.
func (s *Spec) learns(g VPNGateway) bool {
	static := false
	for _, c := range s.VPNConnections {
		if c.Gateway == g.ID {
			static = c.StaticOnly
			if !static {
				break
			}
		}
	}
	return !static && len(s.onPremisesBehind(string(g.ID))) == 0
}

// onPremisesBehind are the blocks behind a virtual private gateway or an
// attachment: those stated, else the static routes of VPN connections.
func (s *Spec) onPremisesBehind(id string) []netip.Prefix {
	var out []netip.Prefix
	for _, o := range s.OnPremises {
		if s.joins(o.Over, id) {
			out = append(out, o.CIDRs...)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, c := range s.VPNConnections {
		if string(c.Gateway) == id || c.Transit != "" && string(VPNAttachmentID(string(c.ID))) == id {
			out = append(out, c.Routes...)
		}
	}
	return out
}

// joins reports whether "over" means the virtual private gateway or the
// attachment with that ID.
func (s *Spec) joins(over, id string) bool {
	for _, g := range s.VPNGateways {
		if (over == g.Name || over == string(g.ID)) && string(g.ID) == id {
			return true
		}
	}
	for _, c := range s.VPNConnections {
		if (over == c.Name || over == string(c.ID)) && (string(c.Gateway) == id || string(VPNAttachmentID(string(c.ID))) == id) {
			return true
		}
	}
	for _, g := range s.TransitGateways {
		if (over == g.Name || over == string(g.ID)) && string(VPNAttachmentID(string(g.ID))) == id {
			return true
		}
	}
	return false
}

// VPNGateways are all virtual private gateways.
func (m *Model) VPNGateways() iter.Seq[VPNGateway] { return slices.Values(m.spec.VPNGateways) }

// VPNGateway finds a virtual private gateway.
func (m *Model) VPNGateway(id VPNGatewayID) (VPNGateway, bool) {
	return find(m.spec.VPNGateways, func(g VPNGateway) bool { return g.ID == id })
}

// OnPremises are the networks outside of AWS that were stated.
func (m *Model) OnPremises() iter.Seq[OnPremises] { return slices.Values(m.spec.OnPremises) }

// OnPremisesBehind are the stated networks, and what VPN connections state,
// behind a virtual private gateway or an attachment to a transit gateway.
func (m *Model) OnPremisesBehind(id string) []netip.Prefix { return m.spec.onPremisesBehind(id) }

// OnPremisesAt finds the stated network that holds an address and is behind a
// virtual private gateway or an attachment.
func (m *Model) OnPremisesAt(addr netip.Addr, id string) (OnPremises, bool) {
	return find(m.spec.OnPremises, func(o OnPremises) bool {
		return m.spec.joins(o.Over, id) && slices.ContainsFunc(o.CIDRs, func(p netip.Prefix) bool { return p.Contains(addr) })
	})
}

// VPNGatewayOver is the virtual private gateway by which a network is joined.
func (m *Model) VPNGatewayOver(o OnPremises) (VPNGateway, bool) {
	return find(m.spec.VPNGateways, func(g VPNGateway) bool { return m.spec.joins(o.Over, string(g.ID)) })
}

// AttachmentOver is the attachment by which a network is joined to a transit
// gateway.
func (m *Model) AttachmentOver(o OnPremises) (TransitGatewayAttachment, bool) {
	return find(m.spec.TransitGatewayAttachments, func(a TransitGatewayAttachment) bool {
		return a.Kind == TransitOnPremises && m.spec.joins(o.Over, string(a.ID))
	})
}
