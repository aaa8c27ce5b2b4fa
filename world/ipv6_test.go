package world

import (
	"net/netip"
	"testing"

	"github.com/miekg/dns"

	"bailey/cloud"
)

// The resolver has AAAA records for what has IPv6 addresses, and makes some up
// for a subnet with DNS64.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
func TestAnswerOverIPv6(t *testing.T) {
	six := netip.MustParsePrefix("2600:1f00::/56")
	subnet := func(id cloud.SubnetID, third byte, dns64 bool) cloud.Subnet {
		return cloud.Subnet{Meta: cloud.Meta{Name: string(id)}, ID: id, VPC: "vpc-a", DNS64: cloud.Known(dns64),
			CIDR: cloud.Known(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, third, 0}), 24)), IPv6: cloud.Known(netip.PrefixFrom(six.Addr(), 64))}
	}
	m, diags := cloud.New(cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t",
		VPCs: []cloud.VPC{{Meta: cloud.Meta{Name: "v"}, ID: "vpc-a", CIDRs: cloud.Known([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}),
			IPv6: cloud.Known([]netip.Prefix{six}), DNSSupport: cloud.Known(true)}},
		Subnets:       []cloud.Subnet{subnet("subnet-plain", 1, false), subnet("subnet-64", 2, true)},
		InternetHosts: []string{"four.example.com", "both.example.com"}, IPv6Hosts: []string{"both.example.com"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, c := range []struct {
		subnet cloud.SubnetID
		name   string
		want   string // a prefix of the addresses; empty: no record
	}{
		{"subnet-plain", "both.example.com", "2001:2::/48"},
		{"subnet-plain", "four.example.com", ""},
		{"subnet-plain", "ssm.us-west-2.api.aws", "2600:1fc0::/32"},
		{"subnet-64", "four.example.com", "64:ff9b::/96"},
		{"subnet-64", "both.example.com", "2001:2::/48"},
		{"", "both.example.com", "2001:2::/48"},
	} {
		q := new(dns.Msg)
		q.SetQuestion(dns.Fqdn(c.name), dns.TypeAAAA)
		r, addrs := answer(m, c.subnet, q)
		if c.want == "" {
			if len(r.Answer) != 0 || r.Rcode != dns.RcodeSuccess {
				t.Errorf("%s for %q: %v", c.name, c.subnet, r)
			}
			continue
		}
		if len(r.Answer) != 1 || !netip.MustParsePrefix(c.want).Contains(addrs[0]) || !r.Answer[0].(*dns.AAAA).AAAA.Equal(addrs[0].AsSlice()) {
			t.Errorf("%s for %q: %v %v, want one of %s", c.name, c.subnet, addrs, r.Answer, c.want)
		}
	}
}

// An instance without IPv4 asks its resolver over IPv6.
func TestResolverOfAnIPv6OnlyInstance(t *testing.T) {
	e := cloud.ENI{VPC: "vpc-a", IPv6: netip.MustParseAddr("2600:1f00::9")}
	if got := resolverAt(nil, e); got != cloud.ResolverIPv6 {
		t.Errorf("it asks %v", got)
	}
	if got := hostname(e); got != "ip-2600-1f00--9" {
		t.Errorf("it is called %s", got)
	}
}
