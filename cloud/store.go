package cloud

import (
	"iter"
	"net/netip"
	"slices"
	"strings"

	"bailey/netset"
)

// A Store is something that AWS runs behind interfaces in its owner's subnets
// and that is dialled by the name that AWS gives it: a database, a proxy in
// front of one, a cache, a search domain, a broker, a mount target of a file
// system. A cluster has no interface of its own: its names lead to those of
// its members.
type Store struct {
	Meta
	ID      string // the physical identifier: app-database-1x2y, fsmt-...
	Engine  string // postgres, aurora-mysql, redis, efs
	Ports   Value[[]uint16]
	Subnets Value[[]SubnetID] // where its interfaces are
	// OneOf: it is in one of Subnets only, and AWS chooses in which.
	OneOf     bool
	Groups    Value[[]SecurityGroupID] // the VPC's default group if none was given
	Public    Value[bool]              // its names mean public addresses outside its VPC
	PrivateIP netip.Addr               // zero: the model gives it one
	Addresses Families                 // its network type; internet gateways lead to none of its IPv6 addresses
	Hosts     []string                 // its names, the one that clients dial first
	Bare      bool                     // a cluster or file system: it has no interface but its members'
	Of        string                   // the ID of the cluster or file system that it is a member of
	// AccessPoints are the ARNs by which a file system is mounted.
	AccessPoints []string
	Targets      []string // of a proxy: the IDs of the Stores that it dials
	Down         string   // why it does not answer: it is stopped; empty: it does
	Login        *Login   // of a database: whom AWS makes it with; nil: not read
}

// A Login is the master user with whom AWS makes a database, and the database's
// own name. An open part is one that no template states.
type Login struct {
	User, Password, Database Value[string]
}

// EFS is the Engine of file systems, whose name means the mount target in the
// Availability Zone of who asks, and of mount targets.
const EFS = "efs"

// An Opening is where an interface takes connections.
type Opening struct {
	Proto netset.Protocol
	Port  uint16
}

// openings are the ports of a Store; nil where they are not known.
func (s Store) openings() []Opening {
	ports, known := s.Ports.Get()
	if !known {
		return nil
	}
	out := make([]Opening, 0, len(ports))
	for _, p := range ports {
		out = append(out, Opening{netset.TCP, p})
	}
	return out
}

// addStoreENIs gives a Store an interface in each of its subnets, in those
// among which AWS chooses too: it may be there.
func (m *Model) addStoreENIs(s Store) {
	subnets, _ := s.Subnets.Get()
	groups, open := groupsOr(m, s.Groups, subnets)
	if gap, ok := s.Ports.Gap(); ok {
		open = append(open, gap)
	}
	if gap, ok := s.Public.Gap(); ok {
		open = append(open, gap)
	}
	for _, sub := range slices.Sorted(slices.Values(subnets)) {
		e := ENI{Meta: s.Meta, Kind: StoreENI, Subnet: sub, Groups: groups, Open: slices.Clone(open), Answers: s.openings(), PrivateIP: s.PrivateIP, DenyIGW: true, Down: s.Down}
		m.giveFamilies(&e, s.Addresses)
		if s.Public.Or(false) && s.Addresses.IPv4() {
			e.PublicIP = ElasticAddr(m.spec.Stack, s.Name+"/"+string(sub))
		}
		m.addENI(e)
	}
}

// groupsOr gives the groups that are stated, the default group of the subnets'
// VPC where none is, and what is left open about them.
func groupsOr(m *Model, stated Value[[]SecurityGroupID], subnets []SubnetID) ([]SecurityGroupID, []Gap) {
	groups, _ := stated.Get()
	if gap, open := stated.Gap(); open {
		return nil, []Gap{gap}
	}
	if len(groups) == 0 && len(subnets) > 0 {
		if sub, ok := m.subnets[subnets[0]]; ok {
			groups = m.defaultGroups[sub.VPC]
		}
	}
	return groups, nil
}

// Stores are all databases, caches and the like.
func (m *Model) Stores() iter.Seq[Store] { return slices.Values(m.spec.Stores) }

// Store finds a Store by the name its author gave it.
func (m *Model) Store(name string) (Store, bool) {
	for _, s := range m.spec.Stores {
		if s.Name == name {
			return s, true
		}
	}
	return Store{}, false
}

// StoresOfHost finds the Stores that answer to a host name: one, the members
// of a cluster, or the mount targets of a file system.
func (m *Model) StoresOfHost(host string) []Store {
	var out []Store
	for _, i := range m.storeHosts[strings.ToLower(host)] {
		out = append(out, m.MembersOf(m.spec.Stores[i])...)
	}
	return out
}

// MembersOf are the Stores with interfaces that a Store stands for: itself, or
// what a cluster or a file system consists of.
func (m *Model) MembersOf(s Store) []Store {
	var out []Store
	for _, member := range m.spec.Stores {
		if s.ID != "" && member.Of == s.ID {
			out = append(out, member)
		}
	}
	if len(out) == 0 && !s.Bare {
		out = append(out, s)
	}
	return out
}

// StoreOfID finds a Store by its physical identifier.
func (m *Model) StoreOfID(id string) (Store, bool) {
	for _, s := range m.spec.Stores {
		if s.ID == id && id != "" {
			return s, true
		}
	}
	return Store{}, false
}

// indexStores notes which Stores have which names.
func (m *Model) indexStores() {
	m.storeHosts = map[string][]int{}
	for i, s := range m.spec.Stores {
		for _, h := range s.Hosts {
			h = strings.ToLower(h)
			m.storeHosts[h] = append(m.storeHosts[h], i)
		}
	}
}
