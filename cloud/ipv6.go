package cloud

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"
)

// Families are the address families that something has. The zero Families is
// IPv4 alone, as everything had before there was another.
type Families uint8

// The families of an endpoint's addresses and of its DNS records.
const (
	IPv4Only Families = iota
	IPv6Only
	DualStack
)

// IPv4 reports whether IPv4 is among them.
func (f Families) IPv4() bool { return f != IPv6Only }

// IPv6 reports whether IPv6 is among them.
func (f Families) IPv6() bool { return f != IPv4Only }

// NAT64 is the range behind which DNS64 puts the IPv4 addresses of names that
// have no other; a NAT gateway translates what is sent there.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
var NAT64 = netip.MustParsePrefix("64:ff9b::/96")

// Translated is the IPv4 address that an address of NAT64 stands for.
func Translated(a netip.Addr) (netip.Addr, bool) {
	if !NAT64.Contains(a) {
		return netip.Addr{}, false
	}
	b := a.As16()
	return netip.AddrFrom4([4]byte(b[12:])), true
}

// Synthesized is the address that DNS64 makes of an IPv4 address.
func Synthesized(a netip.Addr) netip.Addr {
	b, v4 := NAT64.Addr().As16(), a.As4()
	copy(b[12:], v4[:])
	return netip.AddrFrom16(b)
}

// ResolverIPv6 is the address of every VPC's resolver over IPv6.
// https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
var ResolverIPv6 = netip.MustParseAddr("fd00:ec2::253")

// Made-up addresses, as in catalogue.go: VPCs and services get some of ranges
// that AWS announces, everything else some of the range that RFC 5180 gives to
// benchmarks, as RFC 2544 does for IPv4.
var (
	vpcRangeIPv6      = netip.MustParsePrefix("2600:1f00::/25")
	awsRangeIPv6      = netip.MustParsePrefix("2600:1fc0::/32")
	s3RangeIPv6       = netip.MustParsePrefix("2600:1fa0::/32")
	dynamoRangeIPv6   = netip.MustParsePrefix("2600:1fb0::/32")
	internetRangeIPv6 = netip.MustParsePrefix("2001:2::/48")
)

// AmazonBlock is the /56 that AWS would allocate to a VPC that asks for an
// Amazon-provided block, the same for the same name.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
func AmazonBlock(stack, name string) netip.Prefix {
	return netip.PrefixFrom(addrInIPv6(vpcRangeIPv6, stack+"\x00"+name), 56).Masked()
}

// addrInIPv6 picks an address of a range by a hash of key.
func addrInIPv6(p netip.Prefix, key string) netip.Addr {
	h := fnv.New128a()
	h.Write([]byte(key))
	sum, base := h.Sum(nil), p.Masked().Addr().As16()
	for i := range base {
		fixed := max(0, min(8, p.Bits()-8*i))
		base[i] |= sum[i] & (0xff >> fixed)
	}
	return netip.AddrFrom16(base)
}

// DualStackHostIn is the regional name that has IPv6 addresses too where the
// ordinary one has not; empty for a service with one name for its partition.
// https://docs.aws.amazon.com/general/latest/gr/rande.html#dual-stack-endpoints
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/dual-stack-endpoints.html
func (s Service) DualStackHostIn(region string) string {
	switch {
	case s.Global:
		return ""
	case s.Name == "s3":
		return "s3.dualstack." + region + "." + DNSSuffix(region)
	case strings.HasPrefix(region, "cn-"):
		return s.Host + "." + region + ".api.amazonwebservices.com.cn"
	}
	return s.Host + "." + region + ".api.aws"
}

// PublicIPv6 is the public IPv6 address behind a host name, if the name has
// one. An ordinary regional name of AWS's has none, but for those of services
// whose pages say so (SQS, SNS); their dual-stack names have. The names of the
// simulated internet have what bailey.yaml states.
// https://docs.aws.amazon.com/general/latest/gr/rande.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dual-stack.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-dual-stack.html
func (m *Model) PublicIPv6(host string) (netip.Addr, bool) {
	region := m.spec.Region
	if s, ok := ServiceOfHost(host, region); ok {
		dual := s.DualStackHostIn(region)
		has := dual != "" && (host == dual || strings.HasSuffix(host, "."+dual)) || s.IPv6 && host == s.HostIn(region)
		return serviceIPv6(s, host), has
	}
	for _, name := range m.spec.IPv6Hosts {
		if strings.EqualFold(name, host) {
			return addrInIPv6(internetRangeIPv6, host), true
		}
	}
	return addrInIPv6(internetRangeIPv6, host), false
}

// StatesAddresses reports whether it is known which addresses a name has: of
// AWS's own names, and of those that bailey.yaml lists under internet.
func (m *Model) StatesAddresses(host string) bool {
	if strings.HasSuffix(host, "."+DNSSuffix(m.spec.Region)) || strings.HasSuffix(host, ".aws") {
		return true
	}
	for _, name := range m.spec.InternetHosts {
		if strings.EqualFold(name, host) {
			return true
		}
	}
	return false
}

func serviceIPv6(s Service, host string) netip.Addr {
	switch s.Name {
	case "s3":
		return addrInIPv6(s3RangeIPv6, host)
	case "dynamodb":
		return addrInIPv6(dynamoRangeIPv6, host)
	}
	return addrInIPv6(awsRangeIPv6, host)
}

// serviceAtIPv6 finds the AWS service behind a public IPv6 address.
func (m *Model) serviceAtIPv6(addr netip.Addr) (string, bool) {
	switch {
	case s3RangeIPv6.Contains(addr):
		return "s3", true
	case dynamoRangeIPv6.Contains(addr):
		return "dynamodb", true
	case !awsRangeIPv6.Contains(addr):
		return "", false
	}
	for _, s := range services {
		for _, host := range []string{s.HostIn(m.spec.Region), s.DualStackHostIn(m.spec.Region)} {
			if serviceIPv6(s, host) == addr {
				return s.Name, true
			}
		}
	}
	return "aws", true
}

// BlocksLike are the VPC's blocks of the family of addr.
func (v VPC) BlocksLike(addr netip.Addr) []netip.Prefix {
	if addr.Is4() {
		return v.CIDRs.Or(nil)
	}
	return v.IPv6.Or(nil)
}

// CIDRLike is the subnet's block of the family of addr; the zero Prefix where
// it has none.
func (s Subnet) CIDRLike(addr netip.Addr) netip.Prefix {
	if addr.Is4() {
		return s.CIDR.Or(netip.Prefix{})
	}
	return s.IPv6.Or(netip.Prefix{})
}

// IPv6Only reports whether the subnet is known to have no IPv4 block.
func (s Subnet) IPv6Only() bool {
	p, known := s.CIDR.Get()
	return known && !p.IsValid()
}

// AddrLike is the interface's address of the family of addr within its VPC;
// the zero Addr where it has none.
func (e ENI) AddrLike(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return e.PrivateIP
	}
	return e.IPv6
}

// giveFamilies gives an interface that AWS makes the families that its owner
// asks for.
func (m *Model) giveFamilies(e *ENI, f Families) {
	if e.OnlyIPv6 = !f.IPv4(); f.IPv6() {
		m.giveIPv6(e)
	}
}

// giveIPv6 gives an interface an address of its subnet's block: the highest
// free one, as for IPv4. Nothing is given where the subnet has no block.
func (m *Model) giveIPv6(e *ENI) {
	sub := m.subnets[e.Subnet]
	if gap, open := sub.IPv6.Gap(); open {
		e.OpenIPv6 = &gap
		return
	}
	if block := sub.IPv6.Or(netip.Prefix{}); block.IsValid() {
		e.IPv6 = m.freeIPv6(sub, block)
	}
}

// freeIPv6 counts downwards from the top of a block, of which AWS keeps the
// last address. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func (m *Model) freeIPv6(sub Subnet, block netip.Prefix) netip.Addr {
	top := block.Masked().Addr().As16()
	for i := range top {
		top[i] |= 0xff >> max(0, min(8, block.Bits()-8*i))
	}
	a := netip.AddrFrom16(top).Prev()
	for taken := true; taken; a = a.Prev() {
		if _, taken = m.byAddr[vpcAddr{sub.VPC, a}]; !taken {
			return a
		}
	}
	return a
}

// instanceIPv6 gives an instance the address that it or its subnet asks for.
// https://docs.aws.amazon.com/vpc/latest/userguide/modify-subnets.html#subnet-ipv6
func (m *Model) instanceIPv6(e *ENI, in Instance) {
	sub := m.subnets[e.Subnet]
	gap, open := sub.AssignIPv6.Gap()
	switch {
	case e.IPv6.IsValid():
	case in.WantsIPv6, sub.IPv6Only(), sub.AssignIPv6.Or(false):
		m.giveIPv6(e)
	case open:
		e.OpenIPv6 = &gap
	}
}

// functionIPv6 gives a function's interface an IPv6 address if its VpcConfig
// allows IPv6 and all its subnets are dual-stack: "To allow outbound IPv6
// traffic in a VPC, all of the subnets that are connected to the function must
// be dual-stack subnets." One that is not settles it, whatever else is open.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6
func (m *Model) functionIPv6(e *ENI, f Function) {
	allowed, known := f.Network.IPv6.Get()
	if known && !allowed {
		return
	}
	var gaps []Gap
	if gap, open := f.Network.IPv6.Gap(); open {
		gaps = append(gaps, gap)
	}
	for _, id := range slices.Sorted(slices.Values(f.Network.Subnets.Or(nil))) {
		sub, ok := m.subnets[id]
		block, stated := sub.IPv6.Get()
		gap, open := sub.IPv6.Gap()
		switch {
		case !ok:
			gaps = append(gaps, Gap{fmt.Sprintf("nothing here describes subnet %s", id), f.Network.At})
		case open:
			gaps = append(gaps, gap)
		case stated && !block.IsValid(), sub.IPv6Only():
			return
		}
	}
	if len(gaps) > 0 {
		e.OpenIPv6 = &gaps[0]
		return
	}
	m.giveIPv6(e)
}

// RecordsOf are the families of the DNS records that an interface endpoint
// has, for its own names (vpce-...) or for the service's: IPv4 and IPv6 as
// DnsRecordIpType says, and with service-defined, AAAA records for its own names
// alone. Where none is stated for a dual-stack endpoint, only the A records are
// certain.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DnsOptionsSpecification.html
// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ec2.VpcEndpointDnsRecordIpType.html
func (e Endpoint) RecordsOf(own bool) (f Families, certain bool) {
	switch stated, _ := e.Records.Get(); {
	case stated == "dualstack", stated == "service-defined" && own:
		return DualStack, true
	case stated == "ipv6":
		return IPv6Only, true
	case stated == "ipv4", stated == "service-defined":
		return IPv4Only, true
	}
	if e.Addresses == DualStack {
		return IPv4Only, false
	}
	return e.Addresses, true
}
