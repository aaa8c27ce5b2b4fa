package cloud

import (
	"iter"
	"net/netip"
	"slices"
	"strings"
)

// A HostedZone is one of Route 53's. A private one answers in its VPCs only.
type HostedZone struct {
	Meta
	ID      string // Z...
	Domain  string // in lower case, without the last dot
	Private bool
	VPCs    []VPCID
	Records []Record
	Open    []Gap // records of it that the template leaves open
}

// A Record is one record set, with every value that any routing policy may
// give: which one that is, Route 53 decides by weight, health or place.
type Record struct {
	Meta
	Host   string // in lower case, without the last dot; *.example.com for a wildcard
	Kind   string // A, AAAA, CNAME, ...
	Values Value[[]string]
	Alias  bool // Values are the names that it stands for
}

// DHCPOptions are what a VPC tells its machines about name servers.
type DHCPOptions struct {
	Meta
	ID      string // dopt-...
	Servers Value[[]string]
	VPCs    []VPCID
}

// A ResolverRule tells the resolver of its VPCs whom to ask for names of a
// domain. One of type SYSTEM leaves a domain below another rule's to AWS.
type ResolverRule struct {
	Meta
	ID      string // rslvr-rr-...
	Domain  Value[string]
	Forward bool
	VPCs    []VPCID
}

// AmazonDNS is how DHCP options name the VPC's own resolver.
const AmazonDNS = "AmazonProvidedDNS"

// CanonicalHost is a host name as zones and look-ups spell it.
func CanonicalHost(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(strings.ToLower(name), "."), `\052`, "*")
}

// InDomain reports whether host is domain or below it.
func InDomain(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// HostedZones are all hosted zones.
func (m *Model) HostedZones() iter.Seq[HostedZone] { return slices.Values(m.spec.HostedZones) }

// OpenNames is why there may be private zones and resolver rules of which
// nothing is known. AWS's own names are taken to mean what AWS makes of them.
func (m *Model) OpenNames() (Gap, bool) {
	if m.spec.OpenNames == nil {
		return Gap{}, false
	}
	return *m.spec.OpenNames, true
}

// ResolverRules are all rules of the Route 53 Resolver.
func (m *Model) ResolverRules() iter.Seq[ResolverRule] { return slices.Values(m.spec.ResolverRules) }

// DHCPOptionsOf are the DHCP options of a VPC; false where it has the default
// ones, which name the VPC's own resolver.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html
func (m *Model) DHCPOptionsOf(vpc VPCID) (DHCPOptions, bool) {
	for _, d := range m.spec.DHCPOptions {
		if slices.Contains(d.VPCs, vpc) {
			return d, true
		}
	}
	return DHCPOptions{}, false
}

// PrivateHost is the host name that AWS gives an interface by its address.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
func PrivateHost(a netip.Addr, region string) string {
	return "ip-" + dashed(a) + "." + privateDomain(region)
}

// PublicHost is the host name of a public address in a VPC with DNS host names.
func PublicHost(a netip.Addr, region string) string {
	return "ec2-" + dashed(a) + "." + publicDomain(region)
}

// EC2Host reads a host name of PrivateHost or PublicHost.
func EC2Host(host, region string) (addr netip.Addr, public, ok bool) {
	if rest, found := strings.CutSuffix(host, "."+privateDomain(region)); found {
		addr, ok = undashed(rest, "ip-")
		return addr, false, ok
	}
	if rest, found := strings.CutSuffix(host, "."+publicDomain(region)); found {
		addr, ok = undashed(rest, "ec2-")
		return addr, true, ok
	}
	return netip.Addr{}, false, false
}

func privateDomain(region string) string {
	if region == "us-east-1" {
		return "ec2.internal"
	}
	return region + ".compute.internal"
}

func publicDomain(region string) string {
	if region == "us-east-1" {
		return "compute-1.amazonaws.com"
	}
	return region + ".compute." + DNSSuffix(region)
}

func dashed(a netip.Addr) string { return strings.ReplaceAll(a.String(), ".", "-") }

func undashed(label, prefix string) (netip.Addr, bool) {
	text, ok := strings.CutPrefix(label, prefix)
	a, err := netip.ParseAddr(strings.ReplaceAll(text, "-", "."))
	return a, ok && err == nil && a.Is4()
}
