package cloud

import (
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Services gives the catalogue in the order of its names.
func Services() []Service { return append([]Service(nil), services...) }

// ServiceByName finds a service by the short name of its endpoint.
func ServiceByName(name string) (Service, bool) {
	for _, s := range services {
		if s.Name == name {
			return s, true
		}
	}
	return Service{}, false
}

// ServicesByIAM finds the services behind an IAM action prefix.
func ServicesByIAM(prefix string) []Service {
	var out []Service
	for _, s := range services {
		if s.IAM == prefix {
			out = append(out, s)
		}
	}
	return out
}

// ServicesForAction finds the services that a client dials for an IAM action:
// of several behind a prefix the one that the action is for. A pattern may mean
// all of them.
func ServicesForAction(action string) []Service {
	prefix, name, _ := strings.Cut(action, ":")
	var special, general []Service
	for _, s := range services {
		switch {
		case !strings.EqualFold(s.IAM, prefix):
		case len(s.Actions) == 0:
			general = append(general, s)
		case slices.ContainsFunc(s.Actions, func(a string) bool { return meansAction(name, a) }):
			special = append(special, s)
		}
	}
	if len(special) > 0 && !strings.HasSuffix(name, "*") {
		return special
	}
	return append(general, special...)
}

// meansAction reports whether an action, or a pattern that ends in *, begins
// as a listed one does.
func meansAction(name, listed string) bool {
	name, listed = strings.ToLower(name), strings.ToLower(listed)
	head, pattern := strings.CutSuffix(name, "*")
	return strings.HasPrefix(name, listed) || pattern && strings.HasPrefix(listed, head)
}

// HostIn is the host name that a client dials: the regional one, unless the
// service has only one for its partition.
func (s Service) HostIn(region string) string {
	if s.Global {
		return s.Host + "." + DNSSuffix(region)
	}
	return s.Host + "." + region + "." + DNSSuffix(region)
}

// EndpointService is the full name that an endpoint resource states.
func (s Service) EndpointService(region string) string {
	if strings.HasPrefix(region, "cn-") && !s.Gateway {
		return "cn.com.amazonaws." + region + "." + s.Name
	}
	return "com.amazonaws." + region + "." + s.Name
}

// Covers reports whether private DNS of the service's endpoint answers for host.
func (s Service) Covers(host, region string) bool { return s.namesIn(region).cover(host) }

// serviceNames are the names of a service in a region.
type serviceNames struct {
	own, dual string // dual: "" if it has none
	wildcard  bool   // names in own too
	also      []string
}

func (s Service) namesIn(region string) serviceNames {
	n := serviceNames{s.HostIn(region), s.DualStackHostIn(region), s.Wildcard, make([]string, len(s.Also))}
	for i, also := range s.Also {
		n.also[i] = also + "." + region + "." + DNSSuffix(region)
	}
	return n
}

// cover reports whether private DNS of the service's endpoint answers for host.
func (n serviceNames) cover(host string) bool {
	if host == n.own || n.wildcard && under(host, n.own) {
		return true
	}
	for _, name := range n.also {
		if rest, wild := strings.CutPrefix(name, "*"); host == name || wild && strings.HasSuffix(host, rest) {
			return true
		}
	}
	return false
}

// namesInRegion are the names of all services, in their order.
func namesInRegion(region string) []serviceNames {
	if known, ok := namesOfRegion.Load(region); ok {
		return known.([]serviceNames)
	}
	out := make([]serviceNames, len(services))
	for i, s := range services {
		out[i] = s.namesIn(region)
	}
	known, _ := namesOfRegion.LoadOrStore(region, out)
	return known.([]serviceNames)
}

// namesOfRegion keeps what namesInRegion works out, which the catalogue alone
// decides: every name that is resolved is looked for there.
var namesOfRegion sync.Map

// Uncovered finds the service behind a host name that old or global clients
// dial and that private DNS of its endpoint does not cover.
func Uncovered(host, region string) (Service, bool) {
	for _, s := range services {
		for _, alias := range s.Aliases {
			if host == strings.ReplaceAll(alias, "{region}", region)+"."+DNSSuffix(region) {
				return s, true
			}
		}
	}
	return Service{}, false
}

// ServiceOfHost finds the service that answers at a public host name. Names of
// single buckets, APIs and registries belong to their service.
func ServiceOfHost(host, region string) (Service, bool) {
	best, longest := -1, 0
	for i, names := range namesInRegion(region) {
		covered := names.cover(host)
		for _, own := range [2]string{names.own, names.dual} {
			if len(own) > longest && (covered || under(host, own)) {
				best, longest = i, len(own)
			}
		}
	}
	if best < 0 {
		return Service{}, false
	}
	return services[best], true
}

// under reports whether host is a name or of a domain.
func under(host, domain string) bool {
	return strings.HasSuffix(host, domain) && (len(host) == len(domain) || host[len(host)-len(domain)-1] == '.')
}

// ServiceOfEndpoint finds the service of a ServiceName such as
// com.amazonaws.us-west-2.ssm.
func ServiceOfEndpoint(serviceName, region string) (Service, bool) {
	for _, s := range services {
		if s.EndpointService(region) == serviceName || "com.amazonaws."+region+"."+s.Name == serviceName {
			return s, true
		}
	}
	return Service{}, false
}

// Partition is the partition of a region.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// DNSSuffix is the domain of a region's partition.
func DNSSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Public addresses are made up, the same for the same name: inside a world
// nobody must meet a stranger's real host. AWS's services get addresses of
// AWS's own ranges, so that rules written for those ranges mean what they say;
// everything else gets addresses that RFC 2544 gives to nobody.
var (
	s3Range       = netip.MustParsePrefix("52.92.128.0/17")
	dynamoRange   = netip.MustParsePrefix("52.119.224.0/20")
	awsRange      = netip.MustParsePrefix("52.94.0.0/16")
	elasticRange  = netip.MustParsePrefix("198.19.0.0/16")
	internetRange = netip.MustParsePrefix("198.18.0.0/16")
)

// PublicAddr is the public IPv4 address behind a host name.
func PublicAddr(host, region string) netip.Addr {
	if s, ok := ServiceOfHost(host, region); ok {
		switch s.Name {
		case "s3":
			return addrIn(s3Range, host)
		case "dynamodb":
			return addrIn(dynamoRange, host)
		}
		return addrIn(awsRange, host)
	}
	if strings.HasSuffix(host, "."+DNSSuffix(region)) {
		return addrIn(awsRange, host)
	}
	return addrIn(internetRange, host)
}

// ElasticAddr is the public IPv4 address that AWS would allocate to name.
func ElasticAddr(stack, name string) netip.Addr { return addrIn(elasticRange, stack+"\x00"+name) }

// ManagedPrefixList gives AWS's own prefix list for a gateway endpoint.
func ManagedPrefixList(service, region string) (PrefixList, bool) {
	pl := PrefixList{
		Meta: Meta{Name: "com.amazonaws." + region + "." + service, Type: "AWS::EC2::PrefixList"},
		ID:   PrefixListID("pl-" + service),
	}
	switch service {
	case "s3":
		pl.Prefixes = []netip.Prefix{s3Range}
	case "dynamodb":
		pl.Prefixes = []netip.Prefix{dynamoRange}
	default:
		return PrefixList{}, false
	}
	return pl, true
}

// addrIn picks an address of an IPv4 range by a hash of key, never the first
// or the last.
func addrIn(p netip.Prefix, key string) netip.Addr {
	h := fnv.New32a()
	h.Write([]byte(key))
	size := uint32(1) << (32 - p.Bits())
	return addAddr(p.Masked().Addr(), 1+h.Sum32()%(size-2))
}

// addAddr adds n to an IPv4 address.
func addAddr(a netip.Addr, n uint32) netip.Addr {
	b := a.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	v += n
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}
