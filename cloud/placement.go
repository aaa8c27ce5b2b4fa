package cloud

import "net/netip"

// A Placement says of one interface that New derives which one it is: the ID
// and the addresses that AWS has given it. It is for what describes a network
// as it is; a template has none, and New chooses.
type Placement struct {
	Owner     string // the name of what the interface is of; empty: of nothing described
	Subnet    SubnetID
	ID        ENIID
	PrivateIP netip.Addr
	PublicIP  netip.Addr // zero: none
	IPv6      netip.Addr // zero: none
}

type placeKey struct {
	owner  string
	subnet SubnetID
}

// indexPlacements files the Placements by what New looks for, and keeps their
// addresses from all others.
func (m *Model) indexPlacements() {
	m.places, m.kept = map[placeKey]Placement{}, map[vpcAddr]bool{}
	for _, p := range m.spec.Placements {
		if p.Owner != "" {
			m.places[placeKey{p.Owner, p.Subnet}] = p
		}
		m.kept[vpcAddr{m.subnets[p.Subnet].VPC, p.PrivateIP}] = true
	}
}

// place makes e the interface that its Placement says it is.
func (m *Model) place(e *ENI) {
	p, ok := m.places[placeKey{e.Name, e.Subnet}]
	if !ok || e.ID != "" {
		return
	}
	e.ID, e.PublicIP = p.ID, p.PublicIP
	if p.PrivateIP.IsValid() {
		e.PrivateIP = p.PrivateIP
	}
	if p.IPv6.IsValid() {
		e.IPv6, e.OpenIPv6 = p.IPv6, nil
	}
}
