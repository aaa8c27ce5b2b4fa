package world

import (
	"testing"

	"github.com/miekg/dns"
)

// The resolver answers as a VPC's does: endpoints' names with private
// addresses, names without a domain not at all.
func TestAnswer(t *testing.T) {
	_, m := load(t, "../examples/rootski/states")
	subnet := m.ENIsOf("PingFunction")[0].Subnet
	ask := func(name string, kind uint16) (int, int, string) {
		q := new(dns.Msg)
		q.SetQuestion(dns.Fqdn(name), kind)
		r, addrs := answer(m, subnet, q)
		first := ""
		if len(addrs) > 0 {
			first = addrs[0].String()
		}
		return r.Rcode, len(r.Answer), first
	}
	for _, c := range []struct {
		name  string
		kind  uint16
		rcode int
		n     int
		first string
	}{
		{"ssm.us-west-2.amazonaws.com", dns.TypeA, dns.RcodeSuccess, 4, "172.31.15.254"},
		{"SSM.US-WEST-2.amazonaws.com", dns.TypeA, dns.RcodeSuccess, 4, "172.31.15.254"},
		{"ssm.us-west-2.amazonaws.com", dns.TypeAAAA, dns.RcodeSuccess, 0, "172.31.15.254"},
		{"sqs.us-west-2.amazonaws.com", dns.TypeAAAA, dns.RcodeSuccess, 1, ""},
		{"ssm.us-west-2.api.aws", dns.TypeAAAA, dns.RcodeServerFailure, 0, ""}, // whether the endpoint's private DNS covers it is not known
		{"sqs.us-west-2.amazonaws.com", dns.TypeA, dns.RcodeSuccess, 1, ""},
		{"web", dns.TypeA, dns.RcodeNameError, 0, ""},
		{"printer.local", dns.TypeA, dns.RcodeNameError, 0, ""},
		{"2.0.31.172.in-addr.arpa", dns.TypePTR, dns.RcodeNameError, 0, ""},
	} {
		rcode, n, first := ask(c.name, c.kind)
		if rcode != c.rcode || n != c.n || c.kind == dns.TypeA && c.n > 1 && first != c.first {
			t.Errorf("%s %s: rcode %d, %d answers, first %s", c.name, dns.TypeToString[c.kind], rcode, n, first)
		}
	}
}
