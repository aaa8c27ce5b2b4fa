package path

import (
	"net/netip"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// The tests build their worlds from these small constructors: a VPC 10.0.0.0/16
// with a public and a private subnet, one function F in the private one.

func at(line int) source.Span { return source.Span{File: "t.yaml", Line: line} }

func meta(name string, line int) cloud.Meta { return cloud.Meta{Name: name, At: at(line)} }

func cidr(s string) netip.Prefix { return netip.MustParsePrefix(s) }

func known[T any](v ...T) cloud.Value[[]T] { return cloud.Known(v) }

func vpc(id cloud.VPCID, block string) cloud.VPC {
	return cloud.VPC{Meta: meta(string(id), 1), ID: id, CIDRs: known(cidr(block)),
		DNSSupport: cloud.Known(true), DNSHostnames: cloud.Known(true)}
}

func subnet(id cloud.SubnetID, in cloud.VPCID, block string, table cloud.RouteTableID) cloud.Subnet {
	return cloud.Subnet{Meta: meta(string(id), 2), ID: id, VPC: in, CIDR: cloud.Known(cidr(block)),
		AZ: cloud.Known("us-west-2a"), RouteTable: table}
}

func table(id cloud.RouteTableID, in cloud.VPCID, routes ...cloud.Route) cloud.RouteTable {
	return cloud.RouteTable{Meta: meta(string(id), 3), ID: id, VPC: in, Routes: routes}
}

func route(dest string, to cloud.RouteTarget) cloud.Route {
	return cloud.Route{Meta: meta("route "+dest, 4), Dest: cloud.PrefixDest{Prefix: cidr(dest)}, Target: to}
}

func group(id cloud.SecurityGroupID, in cloud.VPCID, ingress, egress []cloud.Rule) cloud.SecurityGroup {
	return cloud.SecurityGroup{Meta: meta(string(id), 5), ID: id, VPC: in, Ingress: ingress, Egress: egress}
}

func rules(r ...cloud.Rule) []cloud.Rule { return r }

func tcp(port uint16, peer cloud.Peer) cloud.Rule {
	return cloud.Rule{Meta: meta("rule", 6), Proto: netset.TCP, Ports: netset.Port(port), Peer: peer}
}

func everything(peer cloud.Peer) cloud.Rule {
	return cloud.Rule{Meta: meta("rule", 6), Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: peer}
}

func from(block string) cloud.Peer { return cloud.PeerCIDR{Prefix: cidr(block)} }

var anywhere = from("0.0.0.0/0")

func inGroup(id cloud.SecurityGroupID) cloud.Peer { return cloud.PeerGroup{ID: id} }

func function(name string, groups []cloud.SecurityGroupID, subnets ...cloud.SubnetID) cloud.Function {
	return cloud.Function{Meta: meta(name, 7), FunctionName: name,
		Network: &cloud.Attachment{Subnets: known(subnets...), Groups: cloud.Known(groups), At: at(8)}}
}

func instance(name, ip string, groups []cloud.SecurityGroupID, in cloud.SubnetID) cloud.Instance {
	return cloud.Instance{Meta: meta(name, 9), ID: "i-" + name, Subnet: cloud.Known(in),
		Groups: cloud.Known(groups), PrivateIP: netip.MustParseAddr(ip)}
}

func entry(n int, allow bool, ports netset.PortRange, block string) cloud.ACLEntry {
	return cloud.ACLEntry{Meta: meta("entry", 10+n), Number: n, Allow: allow, Proto: netset.TCP, Ports: ports,
		CIDR: cloud.Known(cidr(block))}
}

func sgs(ids ...cloud.SecurityGroupID) []cloud.SecurityGroupID { return ids }

// base is the world that most tests start from: F in the private subnet, Box
// in the public one, both groups wide open.
func base() cloud.Spec {
	return cloud.Spec{
		Region: "us-west-2", Account: "123456789012", Stack: "t",
		VPCs:             []cloud.VPC{vpc("vpc-a", "10.0.0.0/16")},
		InternetGateways: []cloud.InternetGateway{{Meta: meta("IGW", 1), ID: "igw-a", VPC: "vpc-a"}},
		RouteTables: []cloud.RouteTable{
			table("rtb-public", "vpc-a", route("0.0.0.0/0", cloud.ToInternetGateway{ID: "igw-a"})),
			table("rtb-private", "vpc-a"),
		},
		Subnets: []cloud.Subnet{
			subnet("subnet-public", "vpc-a", "10.0.1.0/24", "rtb-public"),
			subnet("subnet-private", "vpc-a", "10.0.2.0/24", "rtb-private"),
		},
		SecurityGroups: []cloud.SecurityGroup{
			group("sg-f", "vpc-a", nil, rules(everything(anywhere))),
			group("sg-box", "vpc-a", rules(tcp(80, inGroup("sg-f"))), rules(everything(anywhere))),
		},
		Functions: []cloud.Function{function("F", sgs("sg-f"), "subnet-private")},
		Instances: []cloud.Instance{instance("Box", "10.0.1.50", sgs("sg-box"), "subnet-public")},
	}
}

// change applies edits to base and builds the model.
func change(t testing.TB, edits ...func(*cloud.Spec)) *cloud.Model {
	t.Helper()
	s := base()
	for _, e := range edits {
		e(&s)
	}
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return m
}

// why asks and renders the answer as one line: the verdict, then each blocker
// as CODE(component)@line, with "<" for one on the way back, then what is
// missing after a "?".
func why(t testing.TB, m *cloud.Model, from, to string) string {
	t.Helper()
	r, err := Why(m, Question{From: from, To: to})
	if err != nil {
		t.Fatalf("%s -> %s: %v", from, to, err)
	}
	parts := []string{r.Verdict.String()}
	for _, b := range r.Blockers {
		way := ""
		if b.Direction == Return {
			way = "<"
		}
		parts = append(parts, way+string(b.Code)+"("+b.Component+")")
	}
	for _, g := range r.Missing {
		parts = append(parts, "?"+g.Because)
	}
	return strings.Join(parts, " ")
}
