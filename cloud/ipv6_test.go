package cloud

import (
	"net/netip"
	"testing"
)

// Made-up addresses are the same for the same name, of AWS's ranges, and never
// of another family.
func TestMadeUpIPv6(t *testing.T) {
	a, b := AmazonBlock("app", "Six"), AmazonBlock("app", "Seven")
	if a != AmazonBlock("app", "Six") || a == b || a.Bits() != 56 || a.Masked() != a || !vpcRangeIPv6.Contains(a.Addr()) {
		t.Errorf("blocks %v and %v", a, b)
	}
	m, diags := New(Spec{Region: "us-west-2", IPv6Hosts: []string{"Both.example.com"}, InternetHosts: []string{"Both.example.com", "four.example.com"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, c := range []struct {
		host    string
		has     bool
		service string
		stated  bool
	}{
		{"ssm.us-west-2.amazonaws.com", false, "ssm", true},
		{"ssm.us-west-2.api.aws", true, "ssm", true},
		{"sqs.us-west-2.amazonaws.com", true, "sqs", true},
		{"b.s3.us-west-2.amazonaws.com", false, "s3", true},
		{"b.s3.dualstack.us-west-2.amazonaws.com", true, "s3", true},
		{"dynamodb.us-west-2.api.aws", true, "dynamodb", true},
		{"both.example.com", true, "", true},
		{"four.example.com", false, "", true},
		{"other.example.com", false, "", false},
	} {
		addr, has := m.PublicIPv6(c.host)
		service, _ := m.ServiceAt(addr)
		if has != c.has || service != c.service || m.StatesAddresses(c.host) != c.stated || !addr.Is6() {
			t.Errorf("%s: %v %v %q, want %v %q", c.host, addr, has, service, c.has, c.service)
		}
	}
}

// NAT64 and back. https://www.rfc-editor.org/rfc/rfc6052#section-2.4
func TestNAT64Addresses(t *testing.T) {
	v4 := netip.MustParseAddr("192.0.2.33")
	six := Synthesized(v4)
	if six != netip.MustParseAddr("64:ff9b::192.0.2.33") {
		t.Errorf("got %v", six)
	}
	if back, ok := Translated(six); !ok || back != v4 {
		t.Errorf("%v is %v", six, back)
	}
	if _, ok := Translated(netip.MustParseAddr("64:ff9b:1::1")); ok {
		t.Error("an address outside the prefix is translated")
	}
}

// Interfaces count downwards from the top of their subnet's block and pass by
// addresses that are taken; functions that may use IPv6 share no interface with
// those that may not.
func TestInterfacesGetIPv6(t *testing.T) {
	block := netip.MustParsePrefix("2600:1f00::/64")
	sub := Subnet{Meta: Meta{Name: "s"}, ID: "subnet-s", VPC: "vpc-v", CIDR: Known(netip.MustParsePrefix("10.0.0.0/24")), IPv6: Known(block), AssignIPv6: Known(true)}
	f := func(name string, ipv6 bool) Function {
		return Function{Meta: Meta{Name: name}, Network: &Attachment{Subnets: Known([]SubnetID{"subnet-s"}), IPv6: Known(ipv6)}}
	}
	m, diags := New(Spec{VPCs: []VPC{{ID: "vpc-v", CIDRs: Known(prefixes(netip.MustParsePrefix("10.0.0.0/16"))), IPv6: Known(prefixes(block))}},
		Subnets: []Subnet{sub}, Functions: []Function{f("a", true), f("b", false), f("c", true)},
		Instances: []Instance{{Meta: Meta{Name: "assigned"}, Subnet: Known[SubnetID]("subnet-s")},
			{Meta: Meta{Name: "top"}, Subnet: Known[SubnetID]("subnet-s"), PrivateIP: netip.MustParseAddr("10.0.0.9"), IPv6: netip.MustParseAddr("2600:1f00::ffff:ffff:ffff:fffe")}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for name, want := range map[string]string{"top": "2600:1f00::ffff:ffff:ffff:fffe", "assigned": "2600:1f00::ffff:ffff:ffff:fffd",
		"a": "2600:1f00::ffff:ffff:ffff:fffc", "c": "2600:1f00::ffff:ffff:ffff:fffc", "b": "invalid IP"} {
		if got := m.ENIsOf(name)[0].IPv6.String(); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
	}
	if e, ok := m.ENIAt("vpc-v", netip.MustParseAddr("2600:1f00::ffff:ffff:ffff:fffd")); !ok || e.Name != "assigned" {
		t.Errorf("at the address is %q", e.Name)
	}
}
