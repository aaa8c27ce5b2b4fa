package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
)

// An Answer is what a host name means to someone: its addresses, and through
// which endpoint's private DNS it got them.
type Answer struct {
	Addrs    []netip.Addr
	Endpoint cloud.EndpointID // set where private DNS answered
	Service  string           // the AWS service behind the name, if it is one
	Public   bool             // the addresses are public ones
	Via      []string         // the names that the first one led to, by CNAME or alias
	Blockers []Reason         // why nothing answers: DNS_SUPPORT_DISABLED
	Notes    []Reason         // why a public address came back although there is a private one
	Missing  []cloud.Gap
	// Maybe are addresses that the name has only if a fact that is not stated,
	// MaybeIf, says so.
	Maybe   []netip.Addr
	MaybeIf cloud.Gap
	// Choice is set where the name means one of Addrs and nobody said which.
	Choice cloud.Gap
	// Servers are the name servers that the VPC's DHCP options name in place of
	// AWS's resolver; what they answer is not known.
	Servers []netip.Addr
	// Declared: the model itself has the name, in a zone or for a resource.
	Declared bool
}

// An Asker is who asks for a name. The zero Asker is outside any VPC.
type Asker struct {
	VPC    cloud.VPCID
	Subnet cloud.SubnetID // its DNS64 counts
	AZ     string         // where it is known: names of file systems mean what is there
}

// Resolve answers a host name as the resolver of a VPC does, or, for an empty
// vpc, as any public resolver.
func Resolve(m *cloud.Model, vpc cloud.VPCID, host string) Answer {
	return ResolveFor(m, Asker{VPC: vpc}, host)
}

// ResolveFor is Resolve for one asker. Inside a VPC come first the private
// zones, the endpoints' private DNS and the resolver's rules, whichever is the
// most specific; then the names that AWS gives to machines; then the public.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
func ResolveFor(m *cloud.Model, who Asker, host string) Answer {
	if addr, err := netip.ParseAddr(host); err == nil {
		return Answer{Addrs: []netip.Addr{addr}, Public: isPublic(addr)}
	}
	a, _ := answerFor(m, who, host)
	return withDNS64(m, who.Subnet, a)
}

// answerFor is the answer to a name before DNS64; zonal tells that it hangs on
// the zone of who asks.
func answerFor(m *cloud.Model, who Asker, host string) (a Answer, zonal bool) {
	r := resolver{m: m, who: who, zonal: &zonal}
	r.vpc, r.inside = m.VPC(who.VPC)
	return r.answer(cloud.CanonicalHost(host), nil), zonal
}

// A resolver answers one asker.
type resolver struct {
	m      *cloud.Model
	who    Asker
	vpc    cloud.VPC
	inside bool
	zonal  *bool // set where the asker's zone decides
}

// answer follows a name; via are the names that led to it.
func (r resolver) answer(host string, via []string) Answer {
	if slices.Contains(via, host) {
		return Answer{Via: via, Blockers: []Reason{{Code: DNSLoop, Component: host, Detail: fmt.Sprintf("%s leads back to itself", strings.Join(append(via, host), " -> "))}}}
	}
	steps := []func(string, []string) (Answer, bool){r.ec2Host, r.awsName, r.publicZone, r.zonePassedOver}
	if r.inside {
		steps = append([]func(string, []string) (Answer, bool){r.nameServers, r.vpcNames}, steps...)
	}
	for _, step := range steps {
		if a, ok := step(host, via); ok {
			return a.along(host, via)
		}
	}
	return r.internet(host).along(host, via)
}

// along notes the names that led to host.
func (a Answer) along(host string, via []string) Answer {
	if len(a.Via) == 0 && len(via) > 0 {
		a.Via = append(slices.Clone(via), host)
	}
	return a
}

// internet is the public answer for a name that the model does not declare.
func (r resolver) internet(host string) Answer {
	a := publicAnswer(r.m, host)
	if gap, open := r.m.OpenNames(); open && r.inside && !cloud.InDomain(host, cloud.DNSSuffix(r.m.Region())) {
		return Answer{Missing: []cloud.Gap{gap}}
	}
	if svc, ok := cloud.ServiceOfHost(host, r.m.Region()); ok {
		a.Service = svc.Name
		if r.inside {
			a.Notes, a.Missing = endpointsPassedOver(r.m, r.vpc, host)
		}
	}
	return a
}

// nameServers is the answer where the VPC has no resolver of AWS's: it is off,
// or its DHCP options name other servers, which functions use too.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html
func (r resolver) nameServers(host string, _ []string) (Answer, bool) {
	if d, ok := r.m.DHCPOptionsOf(r.vpc.ID); ok {
		servers, known := d.Servers.Get()
		if gap, open := d.Servers.Gap(); open {
			return Answer{Missing: []cloud.Gap{gap}}, true
		}
		if known && len(servers) > 0 && !r.isAmazons(servers[0]) {
			a := Answer{Missing: []cloud.Gap{{At: d.At,
				Because: fmt.Sprintf("%s sends names to %s, and nothing here says what it answers for %s", d.Name, strings.Join(servers, ", "), host)}}}
			for _, s := range servers {
				if addr, err := netip.ParseAddr(s); err == nil {
					a.Servers = append(a.Servers, addr)
				}
			}
			return a, true
		}
	}
	support, known := r.vpc.DNSSupport.Get()
	if gap, open := r.vpc.DNSSupport.Gap(); open {
		return Answer{Missing: []cloud.Gap{gap}}, true
	}
	if known && !support {
		return Answer{Blockers: []Reason{dnsSupportOff(r.vpc)}}, true
	}
	return Answer{}, false
}

// isAmazons reports whether a name server is the VPC's own resolver.
func (r resolver) isAmazons(server string) bool {
	own, _ := r.vpc.Resolver()
	addr, err := netip.ParseAddr(server)
	return strings.EqualFold(server, cloud.AmazonDNS) || err == nil && (addr == linkLocalResolver || addr == cloud.ResolverIPv6 || addr == own)
}

// endpointAnswers reports whether e's private DNS covers host. It needs both
// DNS attributes of the VPC.
func endpointAnswers(m *cloud.Model, v cloud.VPC, e cloud.Endpoint, host string) bool {
	svc, ok := cloud.ServiceByName(e.Service)
	return ok && svc.Covers(host, m.Region()) && e.PrivateDNS.Or(false) && v.DNSHostnames.Or(false)
}

// endpointsPassedOver says why an endpoint of the VPC did not answer although
// it is for the service.
func endpointsPassedOver(m *cloud.Model, v cloud.VPC, host string) (notes []Reason, missing []cloud.Gap) {
	for e := range m.Endpoints() {
		svc, ok := cloud.ServiceByName(e.Service)
		if e.VPC != v.ID || e.Kind != cloud.InterfaceEndpoint || !ok {
			continue
		}
		if host == svc.DualStackHostIn(m.Region()) && e.PrivateDNS.Or(false) {
			missing = append(missing, cloud.Gap{At: e.At,
				Because: fmt.Sprintf("whether private DNS of %s covers the dual-stack name %s is not on AWS's pages", e.Name, host)})
		}
		if !svc.Covers(host, m.Region()) {
			continue
		}
		on, known := e.PrivateDNS.Get()
		if gap, open := e.PrivateDNS.Gap(); open {
			missing = append(missing, gap)
		} else if known && !on {
			notes = append(notes, Reason{PrivateDNSOff, e.Name,
				fmt.Sprintf("endpoint %s is there, but its private DNS is off: %s still resolves to public addresses", e.Name, host), Forward, e.At})
		}
		if gap, open := v.DNSHostnames.Gap(); open {
			missing = append(missing, gap)
		} else if !v.DNSHostnames.Or(false) {
			notes = append(notes, Reason{DNSHostnamesOff, v.Name,
				fmt.Sprintf("endpoint %s is there, but enableDnsHostnames is off in %s: %s still resolves to public addresses", e.Name, v.Name, host), Forward, v.At})
		}
	}
	return notes, missing
}
