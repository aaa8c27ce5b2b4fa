package cloud

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"
)

// A transit gateway is a router of the region. What is attached to it sends
// by the one route table that its attachment is associated with, and can be
// reached by the tables into which its blocks are propagated or routed.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html

// IDs of transit gateways and their parts.
type (
	TransitGatewayID           string // tgw-...
	TransitGatewayAttachmentID string // tgw-attach-...
	TransitGatewayRouteTableID string // tgw-rtb-...
)

// A TransitGateway. Associate and Propagate are its defaults for attachments
// that say nothing themselves.
type TransitGateway struct {
	Meta
	ID        TransitGatewayID
	Associate bool // DefaultRouteTableAssociation
	Propagate bool // DefaultRouteTablePropagation
	// GroupReferences is SecurityGroupReferencingSupport, off by default. Both
	// attachments need it too, where it is on by default.
	GroupReferences bool
}

// AttachmentKind says what is attached to a transit gateway.
type AttachmentKind uint8

// The kinds of attachment. What is behind a TransitElsewhere is not known.
const (
	TransitVPC        AttachmentKind = iota + 1
	TransitOnPremises                // a VPN connection or a Direct Connect gateway
	TransitElsewhere                 // another transit gateway
)

// A TransitGatewayAttachment joins something to a transit gateway. A VPC has at
// most one to each.
type TransitGatewayAttachment struct {
	Meta
	ID              TransitGatewayAttachmentID
	Gateway         TransitGatewayID
	Kind            AttachmentKind
	VPC             VPCID             // TransitVPC
	Subnets         Value[[]SubnetID] // TransitVPC: at most one a zone
	ApplianceMode   bool              // TransitVPC: either zone may be used
	GroupReferences bool              // TransitVPC
	// IPv6 is Ipv6Support, off by default: with it the VPC's IPv6 blocks are
	// propagated too. It filters nothing.
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachmentRequestOptions.html
	IPv6 bool
	// Table is the route table that what comes from here is routed by; empty:
	// the gateway's default one, if it associates by default.
	Table TransitGatewayRouteTableID
	State State // what is not Available carries nothing
	// NotAssociated and NotPropagated are set where it is taken out of the
	// gateway's default route table once it is made.
	NotAssociated, NotPropagated bool
}

// A TransitGatewayRouteTable with its own routes and the attachments whose
// blocks are propagated into it.
type TransitGatewayRouteTable struct {
	Meta
	ID           TransitGatewayRouteTableID
	Gateway      TransitGatewayID
	Routes       []TransitGatewayRoute
	Propagations []TransitGatewayAttachmentID
}

// A TransitGatewayRoute sends what Dest covers to an attachment, or drops it.
// New adds those that are propagated.
type TransitGatewayRoute struct {
	Meta
	Dest       Value[netip.Prefix]
	Attachment TransitGatewayAttachmentID
	Blackhole  bool
	Propagated bool
	OnlyIPv6   bool // where Dest is open: it is an IPv6 block
	Which      *Gap // why nobody knows whether Attachment has it or another
}

// OpenFor is why nobody knows whether the route covers an address of a family.
func (r TransitGatewayRoute) OpenFor(v6 bool) (Gap, bool) {
	gap, open := r.Dest.Gap()
	return gap, open && (v6 || !r.OnlyIPv6)
}

// DefaultTransitTableID is the default route table of a transit gateway.
func DefaultTransitTableID(id TransitGatewayID) TransitGatewayRouteTableID {
	return TransitGatewayRouteTableID(PhysicalID("tgw-rtb", string(id), "default"))
}

// completeTransit adds the default route tables, the associations and
// propagations that transit gateways make by themselves, and the routes that
// propagation makes.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html
func (s *Spec) completeTransit() {
	for _, g := range s.TransitGateways {
		id := DefaultTransitTableID(g.ID)
		own := slices.ContainsFunc(s.TransitGatewayRouteTables, func(t TransitGatewayRouteTable) bool { return t.ID == id })
		if (g.Associate || g.Propagate) && !own {
			meta := Meta{Name: g.Name + " default route table", Type: g.Type, At: g.At}
			s.TransitGatewayRouteTables = append(s.TransitGatewayRouteTables, TransitGatewayRouteTable{Meta: meta, ID: id, Gateway: g.ID})
		}
		for i, a := range s.TransitGatewayAttachments {
			if a.Gateway != g.ID || a.Kind == TransitElsewhere {
				continue // a peering attachment is associated and never propagates
			}
			if g.Associate && a.Table == "" && !a.NotAssociated {
				s.TransitGatewayAttachments[i].Table = id
			}
			if g.Propagate && !a.NotPropagated {
				s.propagate(id, a.ID)
			}
		}
	}
	for i, t := range s.TransitGatewayRouteTables {
		s.TransitGatewayRouteTables[i].Routes = append(slices.Clone(t.Routes), s.propagated(t)...)
	}
}

func (s *Spec) propagate(table TransitGatewayRouteTableID, a TransitGatewayAttachmentID) {
	for i, t := range s.TransitGatewayRouteTables {
		if t.ID == table && !slices.Contains(t.Propagations, a) {
			s.TransitGatewayRouteTables[i].Propagations = append(slices.Clone(t.Propagations), a)
		}
	}
}

// propagated are the routes that attachments put into a table: a VPC its
// blocks, an on-premises network what is stated of it. A block that overlaps
// one of another VPC is propagated by the one that was attached first, which
// nobody states: such a route is not known.
// https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
func (s *Spec) propagated(t TransitGatewayRouteTable) []TransitGatewayRoute {
	var out []TransitGatewayRoute
	for _, a := range s.TransitGatewayAttachments {
		if !slices.Contains(t.Propagations, a.ID) {
			continue
		}
		for _, dest := range s.behind(a) {
			r := TransitGatewayRoute{Meta: a.Meta, Dest: dest, Attachment: a.ID, Propagated: true}
			if p, known := dest.Get(); known && s.overlapsOther(t, a, p) {
				r.Which = &Gap{"which of the overlapping VPCs was attached first, and so has " + p.String() + " propagated into " + t.Name, a.At}
			}
			out = append(out, r)
		}
		if gap, open := s.openIPv6Behind(a); open {
			out = append(out, TransitGatewayRoute{Meta: a.Meta, Dest: Unknown[netip.Prefix](gap.Because, gap.At), Attachment: a.ID, Propagated: true, OnlyIPv6: true})
		}
	}
	return out
}

// openIPv6Behind is why the IPv6 blocks that an attachment propagates are not
// known.
func (s *Spec) openIPv6Behind(a TransitGatewayAttachment) (Gap, bool) {
	v, described := find(s.VPCs, func(v VPC) bool { return v.ID == a.VPC })
	gap, open := v.IPv6.Gap()
	return gap, open && described && a.IPv6 && a.Kind == TransitVPC
}

// behind are the blocks to which an attachment leads.
func (s *Spec) behind(a TransitGatewayAttachment) []Value[netip.Prefix] {
	var out []Value[netip.Prefix]
	switch a.Kind {
	case TransitVPC:
		v, described := find(s.VPCs, func(v VPC) bool { return v.ID == a.VPC })
		if gap, open := v.CIDRs.Gap(); open {
			return []Value[netip.Prefix]{Unknown[netip.Prefix](gap.Because, gap.At)}
		}
		if !described {
			return []Value[netip.Prefix]{Unknown[netip.Prefix]("nothing here describes VPC "+string(a.VPC)+", which "+a.Name+" attaches", a.At)}
		}
		for _, c := range v.CIDRs.Or(nil) {
			out = append(out, Known(c))
		}
		for _, c := range v.IPv6.Or(nil) {
			if a.IPv6 {
				out = append(out, Known(c))
			}
		}
	case TransitOnPremises:
		for _, c := range s.onPremisesBehind(string(a.ID)) {
			out = append(out, Known(c))
		}
		if len(out) == 0 {
			gap := unstatedOnPremises(a.Meta)
			return []Value[netip.Prefix]{Unknown[netip.Prefix](gap.Because, gap.At)}
		}
	}
	return out
}

func (s *Spec) overlapsOther(t TransitGatewayRouteTable, own TransitGatewayAttachment, p netip.Prefix) bool {
	for _, a := range s.TransitGatewayAttachments {
		if a.ID == own.ID || a.Kind != TransitVPC || own.Kind != TransitVPC || !slices.Contains(t.Propagations, a.ID) {
			continue
		}
		for _, dest := range s.behind(a) {
			if o, known := dest.Get(); known && o.Overlaps(p) {
				return true
			}
		}
	}
	return false
}

func (s *Spec) sortTransit() {
	byName(s.TransitGateways, func(v TransitGateway) Meta { return v.Meta }, func(v TransitGateway) string { return string(v.ID) })
	byName(s.TransitGatewayAttachments, func(v TransitGatewayAttachment) Meta { return v.Meta }, func(v TransitGatewayAttachment) string { return string(v.ID) })
	byName(s.TransitGatewayRouteTables, func(v TransitGatewayRouteTable) Meta { return v.Meta }, func(v TransitGatewayRouteTable) string { return string(v.ID) })
}

// TransitGateways are all transit gateways.
func (m *Model) TransitGateways() iter.Seq[TransitGateway] {
	return slices.Values(m.spec.TransitGateways)
}

// TransitGatewayAttachments are all attachments to transit gateways.
func (m *Model) TransitGatewayAttachments() iter.Seq[TransitGatewayAttachment] {
	return slices.Values(m.spec.TransitGatewayAttachments)
}

// TransitGatewayRouteTables are all route tables of transit gateways, with the
// routes that are propagated into them.
func (m *Model) TransitGatewayRouteTables() iter.Seq[TransitGatewayRouteTable] {
	return slices.Values(m.spec.TransitGatewayRouteTables)
}

// TransitGateway finds a transit gateway.
func (m *Model) TransitGateway(id TransitGatewayID) (TransitGateway, bool) {
	return find(m.spec.TransitGateways, func(g TransitGateway) bool { return g.ID == id })
}

// TransitGatewayAttachment finds an attachment.
func (m *Model) TransitGatewayAttachment(id TransitGatewayAttachmentID) (TransitGatewayAttachment, bool) {
	return find(m.spec.TransitGatewayAttachments, func(a TransitGatewayAttachment) bool { return a.ID == id })
}

// TransitGatewayRouteTable finds a route table of a transit gateway.
func (m *Model) TransitGatewayRouteTable(id TransitGatewayRouteTableID) (TransitGatewayRouteTable, bool) {
	return find(m.spec.TransitGatewayRouteTables, func(t TransitGatewayRouteTable) bool { return t.ID == id })
}

// AttachmentTo is the attachment of a VPC to a transit gateway.
func (m *Model) AttachmentTo(id TransitGatewayID, vpc VPCID) (TransitGatewayAttachment, bool) {
	return find(m.spec.TransitGatewayAttachments, func(a TransitGatewayAttachment) bool {
		return a.Gateway == id && a.Kind == TransitVPC && a.VPC == vpc
	})
}

func find[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var zero T
	return zero, false
}

// ZoneSubnets are the subnets of a VPC attachment through which a packet may
// pass that is in, or comes from, an Availability Zone: the one in that zone,
// else whichever. Where zones are not known they are all that may be it; exact
// tells whether the subnet is certain to be in the zone.
// https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
func (m *Model) ZoneSubnets(a TransitGatewayAttachment, zone Value[string]) (subnets []Subnet, exact bool) {
	var may []Subnet
	ids := slices.Clone(a.Subnets.Or(nil))
	slices.SortFunc(ids, func(x, y SubnetID) int {
		return cmp.Or(cmp.Compare(m.subnets[x].Name, m.subnets[y].Name), cmp.Compare(x, y))
	})
	want, known := zone.Get()
	for _, id := range ids {
		s, ok := m.subnets[id]
		if !ok {
			continue
		}
		az, stated := s.AZ.Get()
		if known && stated && az == want {
			return []Subnet{s}, true
		}
		if !known || !stated {
			may = append(may, s)
		}
		subnets = append(subnets, s)
	}
	if len(may) > 0 {
		return may, false
	}
	return subnets, false
}
