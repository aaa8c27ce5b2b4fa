package path

import (
	"net/netip"
	"testing"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// listed routes the private subnet to a prefix list.
func listed(id cloud.PrefixListID, to cloud.RouteTarget) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.RouteTables[1].Routes = append(s.RouteTables[1].Routes, cloud.Route{Meta: meta("listed", 21), Dest: cloud.PrefixListDest{ID: id}, Target: to})
	}
}

func list(id cloud.PrefixListID, blocks ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		pl := cloud.PrefixList{Meta: meta(string(id), 20), ID: id}
		for _, b := range blocks {
			pl.Prefixes = append(pl.Prefixes, cidr(b))
		}
		s.PrefixLists = append(s.PrefixLists, pl)
	}
}

// managed describes a list that AWS keeps.
func managed(id cloud.PrefixListID, name string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		pl, _ := cloud.NamedPrefixList(id, name, s.Region, source.Span{})
		s.PrefixLists = append(s.PrefixLists, pl)
	}
}

func TestPrefixLists(t *testing.T) {
	edits := func(e ...func(*cloud.Spec)) []func(*cloud.Spec) { return e }
	cloudfront := managed("pl-cf", "com.amazonaws.global.cloudfront.origin-facing")
	publicBox := func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1") }
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html
		{"a route to a list that nothing describes may be for anything", edits(listed("pl-x", cloud.ToBlackhole{Was: "nat"})), "F", "internet", "unknown ?nothing here describes prefix list pl-x"},
		{"but not for the VPC's own addresses", edits(listed("pl-x", cloud.ToInternetGateway{ID: "igw-a"})), "F", "Box:80", "reachable"},
		{"nor does it hide a list that is described", edits(list("pl-y", "192.0.2.0/24"), listed("pl-y", cloud.ToBlackhole{Was: "nat"}), nat("subnet-public", true)), "F", "internet", "reachable"},
		{"a rule for a list that nothing describes may admit anybody", edits(ingressOfBox(tcp(80, cloud.PeerPrefixList{ID: "pl-x"}))), "F", "Box:80", "unknown ?nothing here describes prefix list pl-x"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
		{"a static route comes before a list's", edits(list("pl-y", "198.18.0.0/15"), listed("pl-y", cloud.ToBlackhole{Was: "x"}), privateRoute("198.18.0.0/15", cloud.ToNATGateway{ID: "nat-a"}), nat("subnet-public", true)), "F", "internet", "reachable"},
		{"a longer entry of a list before a static route", edits(list("pl-y", "198.18.0.0/16"), listed("pl-y", cloud.ToBlackhole{Was: "x"}), nat("subnet-public", true)), "F", "internet", "blocked BAD_STATE_ROUTE(rtb-private)"},
		{"a whole subnet may be routed by a middlebox", edits(privateRoute("10.0.1.0/24", cloud.ToNATGateway{ID: "nat-a"}), nat("subnet-public", true), ingressOfBox(tcp(80, from("10.0.1.254/32")))), "F", "Box:80", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
		{"what is in a list of AWS's is not known", edits(cloudfront, publicBox, ingressOfBox(tcp(80, cloud.PeerPrefixList{ID: "pl-cf"}))), "internet", "Box:80",
			"unknown ?what is in AWS's prefix list com.amazonaws.global.cloudfront.origin-facing is not known"},
		{"but private addresses are not", edits(cloudfront, ingressOfBox(tcp(80, cloud.PeerPrefixList{ID: "pl-cf"}))), "F", "Box:80", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		{"S3's is known under any ID", edits(managed("pl-68a54001", "com.amazonaws.us-west-2.s3"), s3Endpoint, egressOfF(tcp(443, cloud.PeerPrefixList{ID: "pl-68a54001"}))), "F", "aws:s3", "reachable"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

// An entry whose block is not known matters where it would decide otherwise
// than what follows.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func TestAnEntryOfWhichTheBlockIsOpen(t *testing.T) {
	unstated := func(n int, allow bool) cloud.ACLEntry {
		e := entry(n, allow, netset.AllPorts, "0.0.0.0/0")
		e.CIDR = cloud.Unknown[netip.Prefix]("parameter Block has no value", at(10))
		return e
	}
	all := func(n int, allow bool) cloud.ACLEntry { return entry(n, allow, netset.AllPorts, "0.0.0.0/0") }
	for _, c := range []struct {
		entries []cloud.ACLEntry
		want    string
	}{
		{[]cloud.ACLEntry{unstated(1, true), all(2, true)}, "reachable"},
		{[]cloud.ACLEntry{all(1, true), unstated(2, false)}, "reachable"},
		{[]cloud.ACLEntry{unstated(1, false)}, "blocked SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{[]cloud.ACLEntry{unstated(1, true)}, "unknown ?parameter Block has no value"},
		{[]cloud.ACLEntry{unstated(1, false), all(2, true)}, "unknown ?parameter Block has no value"},
	} {
		m := change(t, acl("subnet-public", c.entries, []cloud.ACLEntry{all(1, true)}))
		if got := why(t, m, "F", "Box:80"); got != c.want {
			t.Errorf("%v\n got %s\nwant %s", c.entries, got, c.want)
		}
	}
}

// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func TestASubnetMayBeFull(t *testing.T) {
	full := func(s *cloud.Spec) {
		s.Subnets[1].CIDR = cloud.Known(cidr("10.0.2.0/28"))
		for i := range 11 {
			s.Instances = append(s.Instances, instance("n"+string(rune(0x61+i)), "10.0.2."+[]string{"4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"}[i], sgs("sg-box"), "subnet-private"))
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{"F", "Box:80", "blocked SUBNET_ADDRESS_EXHAUSTION(subnet-private)"},
		{"na", "Box:80", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		{"F", "internet", "blocked SUBNET_ADDRESS_EXHAUSTION(subnet-private)"},
	} {
		if got := why(t, change(t, full), c.from, c.to); got != c.want {
			t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
		}
	}
	late := func(s *cloud.Spec) {
		full(s)
		in := instance("Late", "10.0.2.9", sgs("sg-box"), "subnet-private")
		in.PrivateIP = netip.Addr{}
		s.Instances = append(s.Instances, in)
	}
	if got, want := why(t, change(t, late), "Box", "Late:80"), "blocked SUBNET_ADDRESS_EXHAUSTION(subnet-private)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
func TestNobodyOnTheInternetSendsFromAPrivateAddress(t *testing.T) {
	m := change(t, ingressOfBox(tcp(80, anywhere)), func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.1.1") })
	for src, want := range map[string]Code{"10.9.9.9": "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS", "100.64.9.9": "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS"} {
		r := Trace(m, FromInternet{}, netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(netip.MustParseAddr(src), 40000), Dst: netip.MustParseAddrPort("198.19.1.1:80")})
		if r.Verdict != Blocked || r.Blockers[0].Code != want {
			t.Errorf("from %s: %v %v", src, r.Verdict, r.Blockers)
		}
	}
}
