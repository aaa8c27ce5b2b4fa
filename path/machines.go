package path

import (
	"fmt"
	"net/netip"
	"strings"

	"bailey/cloud"
)

// ec2Host answers the host names that AWS gives to addresses. A public one
// means the private address to who is in the VPC, and to a peer if the far side
// of the peering lets it.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
func (r resolver) ec2Host(host string, _ []string) (Answer, bool) {
	addr, public, ok := cloud.EC2Host(host, r.m.Region())
	switch {
	case !ok:
		return Answer{}, false
	case public:
		a := Answer{Addrs: []netip.Addr{addr}, Public: true}
		if e, known := r.m.ENIByPublicIP(addr); known {
			a = r.addressOf(e)
		}
		return a, true
	case r.inside && r.vpc.Contains(addr):
		return Answer{Addrs: []netip.Addr{addr}, Declared: true}, true
	case !r.inside:
		return Answer{Blockers: []Reason{{Code: NoSuchName, Component: "public DNS", Detail: host + " is a private host name, which only the resolver of its VPC answers"}}}, true
	}
	return r.peerHost(host, addr), true
}

// peerHost answers for the private host name of a machine in a peer VPC: where
// the address is outside of RFC 1918, or the peer in another region, only if
// the peering's DNS option lets it.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
func (r resolver) peerHost(host string, addr netip.Addr) Answer {
	for p := range r.m.Peerings() {
		far, ok := p.Other(r.vpc.ID)
		v, _ := r.m.VPC(far)
		switch {
		case !ok || !p.Active || !v.Contains(addr):
		case r.lets(p, far) || addr.IsPrivate() && !r.m.InterRegion(p):
			return Answer{Addrs: []netip.Addr{addr}, Declared: true}
		default:
			return Answer{Blockers: []Reason{{PeeringDNSOff, p.Name, fmt.Sprintf("DNS resolution is not allowed over peering %s, so %s means nothing here", p.Name, host), Forward, p.At}}}
		}
	}
	return Answer{Missing: []cloud.Gap{{Because: fmt.Sprintf("whether the resolver of %s answers for %s, a private host name of another VPC, is not on AWS's pages", r.vpc.Name, host)}}}
}

// lets reports whether a peering lets names of its far VPC be resolved.
func (r resolver) lets(p cloud.Peering, far cloud.VPCID) bool {
	return (p.A == far && p.ADNS || p.B == far && p.BDNS) && r.resolves(far)
}

// addressOf is the address of an interface as the name of its owner gives it
// to the asker: the private one in its own VPC, or where it has no other.
func (r resolver) addressOf(e cloud.ENI) Answer {
	a := Answer{Addrs: []netip.Addr{e.PrivateIP}, Declared: true}
	if !e.PublicIP.IsValid() || r.inside && r.vpc.ID == e.VPC {
		return a
	}
	for p := range r.m.Peerings() {
		far, ok := p.Other(r.vpc.ID)
		if !r.inside || !ok || far != e.VPC || !p.Active {
			continue
		}
		if r.lets(p, far) {
			return a
		}
		a.Notes = []Reason{{PeeringDNSOff, p.Name, fmt.Sprintf("DNS resolution is not allowed over peering %s, so the name of %s means its public address %s here", p.Name, e.Name, e.PublicIP), Forward, p.At}}
	}
	a.Addrs, a.Public = []netip.Addr{e.PublicIP}, true
	return a
}

// resolves reports whether both VPCs of a peering have both DNS attributes,
// which its DNS option needs.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
func (r resolver) resolves(far cloud.VPCID) bool {
	other, _ := r.m.VPC(far)
	return r.vpc.DNSHostnames.Or(false) && other.DNSHostnames.Or(false) && other.DNSSupport.Or(false)
}

// awsName answers the names that AWS gives to what it runs in subnets: they
// are public names, answered everywhere, mostly with private addresses.
func (r resolver) awsName(host string, _ []string) (Answer, bool) {
	if stores := r.m.StoresOfHost(host); len(stores) > 0 {
		return r.storeAnswer(host, stores), true
	}
	if a, ok := r.emptyStore(host); ok {
		return a, true
	}
	if b, ok := r.m.LoadBalancerOfHost(host); ok {
		return r.balancerAnswer(b), true
	}
	for api := range r.m.APIs() {
		if e, ok := endpointOfAlias(r.m, api, host); ok {
			a := endpointAnswer(r.m, e, host)
			a.Declared = true
			return a, true
		}
	}
	if !strings.HasSuffix(host, ".vpce."+cloud.DNSSuffix(r.m.Region())) {
		return Answer{}, false
	}
	for e := range r.m.Endpoints() {
		if label := string(e.ID); e.Kind == cloud.InterfaceEndpoint && (strings.HasPrefix(host, label+".") || strings.HasPrefix(host, label+"-")) {
			a := endpointAnswer(r.m, e, host)
			a.Declared = true
			return a, true
		}
	}
	return Answer{}, false
}

// balancerAnswer gives the addresses of a load balancer: public ones of an
// internet-facing one, whoever asks.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
func (r resolver) balancerAnswer(b cloud.LoadBalancer) Answer {
	a := Answer{Declared: true}
	if gap, open := b.Internal.Gap(); open {
		a.Missing = append(a.Missing, gap)
		return a
	}
	a.Public = !b.Internal.Or(true)
	for _, e := range r.m.ENIsOf(b.Name) {
		if e.IPv6.IsValid() {
			a.Addrs = append(a.Addrs, e.IPv6)
		}
		switch {
		case a.Public && b.NoPublic4:
		case a.Public && e.PublicIP.IsValid():
			a.Addrs = append(a.Addrs, e.PublicIP)
		case !a.Public && e.PrivateIP.IsValid():
			a.Addrs = append(a.Addrs, e.PrivateIP)
		default:
			a.Missing = append(a.Missing, openAddress(r.m, b.Name))
		}
	}
	if gap, open := b.Subnets.Gap(); open {
		a.Missing = append(a.Missing, gap)
	}
	return a
}

// emptyStore is the answer for a cluster or file system without members.
func (r resolver) emptyStore(host string) (Answer, bool) {
	for s := range r.m.Stores() {
		for _, h := range s.Hosts {
			if strings.EqualFold(h, host) {
				return Answer{Declared: true, Missing: []cloud.Gap{{Because: s.Name + " has no instance or mount target here", At: s.At}}}, true
			}
		}
	}
	return Answer{}, false
}

// storeAnswer gives the addresses behind the name of a Store.
func (r resolver) storeAnswer(host string, stores []cloud.Store) Answer {
	if stores[0].Engine == cloud.EFS {
		var none *Reason
		if stores, none = r.mountTargets(host, stores); none != nil {
			return Answer{Declared: true, Blockers: []Reason{*none}}
		}
	}
	a := Answer{Declared: true}
	for _, s := range stores {
		enis := r.m.ENIsOf(s.Name)
		if len(enis) == 0 {
			a.Missing = append(a.Missing, whereOpen(s))
		}
		for _, e := range enis {
			switch {
			case e.PrivateIP.IsValid():
				a = merge(a, r.addressOf(e))
			case !e.OnlyIPv6:
				a.Missing = append(a.Missing, openAddress(r.m, s.Name))
			}
			if e.IPv6.IsValid() {
				a.Addrs = append(a.Addrs, e.IPv6)
			}
		}
		if s.OneOf && len(enis) > 1 {
			a.Choice = cloud.Gap{Because: fmt.Sprintf("AWS chooses in which of its %d subnets %s is", len(enis), s.Name), At: s.At}
		}
	}
	return a
}

// whereOpen says why a Store has no interface in the model.
func whereOpen(s cloud.Store) cloud.Gap {
	if gap, open := s.Subnets.Gap(); open {
		return gap
	}
	return cloud.Gap{Because: "the subnets of " + s.Name + " are not known", At: s.At}
}

// mountTargets are those that a file system's name means to the asker: of its
// own Availability Zone, in its own VPC.
// https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
func (r resolver) mountTargets(host string, all []cloud.Store) ([]cloud.Store, *Reason) {
	*r.zonal = true
	var here []cloud.Store
	for _, s := range all {
		subnets, known := s.Subnets.Get()
		if !known || len(subnets) == 0 {
			here = append(here, s)
			continue
		}
		sub, ok := r.m.Subnet(subnets[0])
		az, stated := sub.AZ.Get()
		if !ok || r.inside && sub.VPC == r.vpc.ID && (!stated || r.who.AZ == "" || az == r.who.AZ) {
			here = append(here, s)
		}
	}
	if len(here) > 0 {
		return here, nil
	}
	where := "outside its VPC"
	if r.inside {
		where = strings.TrimSpace(r.vpc.Name + " " + r.who.AZ)
	}
	return nil, &Reason{NoMountTarget, all[0].Name, fmt.Sprintf("%s has no mount target for who asks from %s", host, where), Forward, all[0].At}
}
