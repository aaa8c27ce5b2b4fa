package path

import (
	"fmt"
	"net/netip"
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
	Blockers []Reason         // why nothing answers: DNS_SUPPORT_DISABLED
	Notes    []Reason         // why a public address came back although an endpoint is there
	Missing  []cloud.Gap
}

// Resolve answers a host name as the resolver of a VPC does, or, for an empty
// vpc, as any public resolver. The private DNS of an interface endpoint comes
// before the public answer, and needs both DNS attributes of the VPC.
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
func Resolve(m *cloud.Model, vpc cloud.VPCID, host string) Answer {
	if addr, err := netip.ParseAddr(host); err == nil {
		return Answer{Addrs: []netip.Addr{addr}, Public: isPublic(addr)}
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	v, inside := m.VPC(vpc)
	if inside {
		if a, done := resolveInside(m, v, host); done {
			return a
		}
	}
	a := Answer{Addrs: []netip.Addr{cloud.PublicAddr(host, m.Region())}, Public: true}
	if svc, ok := cloud.ServiceOfHost(host, m.Region()); ok {
		a.Service = svc.Name
		if inside {
			a.Notes, a.Missing = endpointsPassedOver(m, v, host)
		}
	}
	return a
}

// resolveInside gives the answers that only the VPC's own resolver has.
func resolveInside(m *cloud.Model, v cloud.VPC, host string) (Answer, bool) {
	support, known := v.DNSSupport.Get()
	if gap, open := v.DNSSupport.Gap(); open {
		return Answer{Missing: []cloud.Gap{gap}}, true
	}
	if known && !support {
		return Answer{Blockers: []Reason{dnsSupportOff(v)}}, true
	}
	for e := range m.Endpoints() {
		if e.VPC == v.ID && e.Kind == cloud.InterfaceEndpoint && endpointAnswers(m, v, e, host) {
			return Answer{Addrs: endpointAddrs(m, e), Endpoint: e.ID, Service: e.Service}, true
		}
	}
	return Answer{}, false
}

// endpointAnswers reports whether e's own names or its private DNS cover host.
func endpointAnswers(m *cloud.Model, v cloud.VPC, e cloud.Endpoint, host string) bool {
	if strings.HasPrefix(host, string(e.ID)+".") || strings.HasPrefix(host, string(e.ID)+"-") {
		return strings.HasSuffix(host, ".vpce."+cloud.DNSSuffix(m.Region()))
	}
	svc, ok := cloud.ServiceByName(e.Service)
	return ok && svc.Covers(host, m.Region()) && e.PrivateDNS.Or(false) && v.DNSHostnames.Or(false)
}

func endpointAddrs(m *cloud.Model, e cloud.Endpoint) []netip.Addr {
	var out []netip.Addr
	for _, eni := range m.ENIsOf(e.Name) {
		if eni.Endpoint == e.ID && eni.PrivateIP.IsValid() {
			out = append(out, eni.PrivateIP)
		}
	}
	return out
}

// endpointsPassedOver says why an endpoint of the VPC did not answer although
// it is for the service.
func endpointsPassedOver(m *cloud.Model, v cloud.VPC, host string) (notes []Reason, missing []cloud.Gap) {
	for e := range m.Endpoints() {
		svc, ok := cloud.ServiceByName(e.Service)
		if e.VPC != v.ID || e.Kind != cloud.InterfaceEndpoint || !ok || !svc.Covers(host, m.Region()) {
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
