package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

const rdsHost = "db.c0ffee.us-west-2.rds.amazonaws.com"

// database adds a PostgreSQL database in the given subnets, its group open to F.
func database(public bool, in ...cloud.SubnetID) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Stores = append(s.Stores, cloud.Store{Meta: meta("DB", 20), ID: "db", Engine: "postgres", Ports: known[uint16](5432), Subnets: known(in...),
			Groups: cloud.Known(sgs("sg-db")), Public: cloud.Known(public), Hosts: []string{rdsHost}})
		s.SecurityGroups = append(s.SecurityGroups, group("sg-db", "vpc-a", rules(tcp(5432, inGroup("sg-f"))), rules(everything(anywhere))))
	}
}

func editStore(edit func(*cloud.Store)) func(*cloud.Spec) {
	return func(s *cloud.Spec) { edit(&s.Stores[0]) }
}

// balancer adds a load balancer in the public subnet, its port 80 open to F,
// with targets NAME:PORT or ADDRESS:PORT.
func balancer(internal bool, targets ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		g := cloud.TargetGroup{Meta: meta("Targets", 31), ARN: "arn:tg", Kind: "instance"}
		for _, t := range targets {
			host, port, _ := strings.Cut(t, ":")
			n, _ := strconv.Atoi(port)
			if !strings.Contains(host, ".") {
				host = "i-" + host
			}
			g.Targets = append(g.Targets, cloud.Target{ID: host, Port: uint16(n)})
		}
		s.TargetGroups = append(s.TargetGroups, g)
		s.LoadBalancers = append(s.LoadBalancers, cloud.LoadBalancer{Meta: meta("LB", 32), ARN: "arn:lb", Kind: "application", Internal: cloud.Known(internal),
			Host: "lb-1.us-west-2.elb.amazonaws.com", Subnets: known[cloud.SubnetID]("subnet-public"), Groups: cloud.Known(sgs("sg-lb")),
			Listeners: []cloud.Listener{{Meta: meta("Listener", 33), Opening: cloud.Opening{Proto: 6, Port: 80}, Groups: []string{"arn:tg"}}}})
		s.SecurityGroups = append(s.SecurityGroups, group("sg-lb", "vpc-a", rules(tcp(80, inGroup("sg-f"))), rules(everything(anywhere))))
	}
}

// service adds an endpoint for a customer's service, open to F.
func service(balancers ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Endpoints = append(s.Endpoints, cloud.Endpoint{Meta: meta("Theirs", 34), ID: "vpce-theirs", VPC: "vpc-a", Kind: cloud.InterfaceEndpoint, Service: "com.amazonaws.vpce.us-west-2.vpce-svc-1",
			Subnets: known[cloud.SubnetID]("subnet-private"), Groups: cloud.Known(sgs("sg-theirs")), Balancers: balancers})
		s.SecurityGroups = append(s.SecurityGroups, group("sg-theirs", "vpc-a", rules(everything(inGroup("sg-f"))), nil))
	}
}

// statement is a policy of one statement.
func statement(effect, action, resource string) source.Node {
	doc, diags := document.Read("policy.json", fmt.Appendf(nil, `{"Version": "2012-10-17", "Statement": [{"Effect": %q, "Principal": "*", "Action": %q, "Resource": %q}]}`, effect, action, resource))
	if diags.HasErrors() {
		panic(diags)
	}
	return doc
}

// mayCall gives F a role that may make one call.
func mayCall(action, resource string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		arn := cloud.ARN{Partition: "aws", Service: "iam", Account: s.Account, Resource: "role/f"}
		doc := statement("Allow", action, resource)
		doc.Entries[1].Value.Items[0].Entries = slices.DeleteFunc(doc.Entries[1].Value.Items[0].Entries, func(e source.Entry) bool { return e.Key == "Principal" })
		s.Roles = append(s.Roles, cloud.Role{Meta: meta("Role", 29), ARN: arn, RoleName: "f", Policies: []cloud.Policy{{Name: "calls", Doc: doc}},
			Managed: []string{"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}})
		s.Functions[0].Role = cloud.Known(arn.String())
	}
}

// endpointPolicy gives the endpoint a policy of one statement.
func endpointPolicy(effect, action, resource string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Endpoints[0].Policy = &cloud.Policy{Name: "policy", Doc: statement(effect, action, resource), At: at(30)}
	}
}

// proxy adds an RDS proxy, open to F, that leads to the database with an ID.
func proxy(to string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.SecurityGroups = append(s.SecurityGroups, group("sg-proxy", "vpc-a", rules(tcp(5432, inGroup("sg-f"))), rules(everything(anywhere))))
		s.Stores = append(s.Stores, cloud.Store{Meta: meta("Proxy", 28), ID: "pool", Ports: known[uint16](5432), Subnets: known[cloud.SubnetID]("subnet-private"),
			Groups: cloud.Known(sgs("sg-proxy")), Hosts: []string{"pool.proxy-c0ffee.us-west-2.rds.amazonaws.com"}, Targets: []string{to}})
	}
}

func ingressOfDB(r ...cloud.Rule) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = r }
}

func oneOf(s *cloud.Store) { s.OneOf = true }

// fileSystem adds a file system with one mount target, in the private subnet,
// which is in us-west-2a.
func fileSystem(s *cloud.Spec) {
	s.Stores = append(s.Stores,
		cloud.Store{Meta: meta("Files", 21), ID: "fs-1", Engine: cloud.EFS, Bare: true, Ports: known[uint16](2049), Hosts: []string{"fs-1.efs.us-west-2.amazonaws.com"}},
		cloud.Store{Meta: meta("Target", 22), ID: "fsmt-1", Of: "fs-1", Engine: cloud.EFS, Ports: known[uint16](2049),
			Subnets: known[cloud.SubnetID]("subnet-private"), Groups: cloud.Known(sgs("sg-box"))})
	s.SecurityGroups[1].Ingress = rules(tcp(2049, inGroup("sg-f")))
}

func inZone(subnet cloud.SubnetID, az string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for i := range s.Subnets {
			if s.Subnets[i].ID == subnet {
				s.Subnets[i].AZ = cloud.Known(az)
			}
		}
	}
}

// hostedZone adds a hosted zone; a private one answers in the VPCs given.
func hostedZone(domain string, vpcs []cloud.VPCID, records ...cloud.Record) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.HostedZones = append(s.HostedZones, cloud.HostedZone{Meta: meta("Zone "+domain, 23), ID: "Z" + domain, Domain: domain,
			Private: vpcs != nil, VPCs: vpcs, Records: records})
	}
}

func vpcs(ids ...cloud.VPCID) []cloud.VPCID { return append([]cloud.VPCID{}, ids...) }

func record(host, kind string, values ...string) cloud.Record {
	return cloud.Record{Meta: meta("record "+host, 24), Host: host, Kind: kind, Values: known(values...)}
}

func dhcp(servers ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.DHCPOptions = append(s.DHCPOptions, cloud.DHCPOptions{Meta: meta("DHCP", 25), ID: "dopt-1", Servers: known(servers...), VPCs: vpcs("vpc-a")})
	}
}

func rule(domain string, forward bool) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.ResolverRules = append(s.ResolverRules, cloud.ResolverRule{Meta: meta("Rule", 26), ID: "rslvr-rr-" + domain, Domain: cloud.Known(domain), Forward: forward, VPCs: vpcs("vpc-a")})
	}
}

func publicIP(name, addr string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for i := range s.Instances {
			if s.Instances[i].Name == name {
				s.Instances[i].PublicIP = netip.MustParseAddr(addr)
			}
		}
	}
}

func noVPC(s *cloud.Spec) { s.Functions[0].Network = nil }

func peeringDNS(s *cloud.Spec) { s.Peerings[0].ADNS, s.Peerings[0].BDNS = true, true }

// farFunction moves F's peer: a function in the far VPC of peer.
func farFunction(s *cloud.Spec) {
	s.SecurityGroups = append(s.SecurityGroups, group("sg-ff", "vpc-b", nil, rules(everything(anywhere))))
	s.Functions = append(s.Functions, function("FarF", sgs("sg-ff"), "subnet-far"))
}

// Each case is one fact of AWS's documentation about names and about what is
// behind the names that AWS gives.
func TestWhatNamesMean(t *testing.T) {
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
		{"a database is dialled by its name on its port", edits(database(false, "subnet-private")), "F", "DB", "reachable"},
		{"its name is a public one, for a private address", edits(database(false, "subnet-private"), noVPC), "F", rdsHost + ":5432",
			"blocked SOURCE_NOT_IN_VPC(Lambda service network)"},
		{"without the resolver not even its name is there", edits(database(false, "subnet-private"), vpcDNS(false, true)), "F", "DB", "blocked DNS_SUPPORT_DISABLED(vpc-a)"},
		{"it takes connections on its own port only", edits(database(false, "subnet-private"), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = rules(everything(anywhere)) }),
			"F", "DB:3306", "blocked NOTHING_LISTENS_ON_PORT(DB)"},
		{"without groups it has the VPC's default one", edits(database(false, "subnet-private"), editStore(func(s *cloud.Store) { s.Groups = cloud.Known(sgs()) })), "F", "DB",
			"blocked ENI_SG_RULES_MISMATCH(vpc-a default security group)"},
		{"its group must admit the function's", edits(database(false, "subnet-private"), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = nil }), "F", "DB",
			"blocked SG_HAS_NO_RULES(sg-db)"},
		{"a private one cannot be reached from the internet", edits(database(false, "subnet-public")), "internet", "DB", "blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(DB)"},
		{"a public one can, where its group admits", edits(database(true, "subnet-public"), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = rules(tcp(5432, anywhere)) }),
			"internet", "DB", "reachable"},
		{"but not in a subnet without an internet gateway", edits(database(true, "subnet-private"), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = rules(tcp(5432, anywhere)) }),
			"internet", "DB", "blocked <NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"within its VPC a public one's name means the private address", edits(database(true, "subnet-public")), "F", "DB", "reachable"},
		{"in several zones it fails over, so each counts",
			edits(database(false, "subnet-private", "subnet-public"), acl("subnet-public", nil, nil)), "F", "DB",
			"partial SUBNET_ACL_RESTRICTION(acl-subnet-public) <SUBNET_ACL_RESTRICTION(acl-subnet-public)"},
		{"in which of several zones one is that states none, AWS chooses",
			edits(database(false, "subnet-private", "subnet-public"), editStore(oneOf), acl("subnet-public", nil, nil)), "F", "DB",
			"unknown SUBNET_ACL_RESTRICTION(acl-subnet-public) <SUBNET_ACL_RESTRICTION(acl-subnet-public) ?AWS chooses in which of its 2 subnets DB is"},
		{"which does not matter where all are alike", edits(database(false, "subnet-private", "subnet-public"), editStore(oneOf)), "F", "DB", "reachable"},
		{"subnets that are left open are unknown", edits(database(false), editStore(func(s *cloud.Store) {
			s.Subnets = cloud.Unknown[[]cloud.SubnetID]("parameter Subnets has no value", at(1))
		})), "F", "DB", "unknown ?parameter Subnets has no value"},
		{"so is a port", edits(database(false, "subnet-private"), editStore(func(s *cloud.Store) { s.Ports = cloud.Unknown[[]uint16]("parameter Port has no value", at(1)) })),
			"F", "DB:5432", "unknown ?parameter Port has no value"},
		{"a database dials too, if its group lets it", edits(database(false, "subnet-private"), ingressOfBox(tcp(80, inGroup("sg-db")))), "DB", "Box:80", "reachable"},
		{"a cluster's name means its instances", edits(database(false, "subnet-private"), editStore(func(s *cloud.Store) { s.Of, s.Hosts = "cluster", nil }), func(s *cloud.Spec) {
			s.Stores = append(s.Stores, cloud.Store{Meta: meta("Cluster", 27), ID: "cluster", Bare: true, Ports: known[uint16](5432), Hosts: []string{rdsHost}})
		}), "F", "Cluster", "reachable"},
		{"and without any, nothing that is known", edits(func(s *cloud.Spec) {
			s.Stores = append(s.Stores, cloud.Store{Meta: meta("Cluster", 27), ID: "cluster", Bare: true, Ports: known[uint16](5432), Hosts: []string{rdsHost}})
		}), "F", "Cluster", "unknown ?Cluster has no instance or mount target here"},

		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html
		{"a proxy asks its database over a way of its own", edits(database(false, "subnet-private"), proxy("db"), ingressOfDB(tcp(5432, inGroup("sg-proxy")))), "F", "Proxy", "reachable"},
		{"on which the database must admit the proxy's group", edits(database(false, "subnet-private"), proxy("db")), "F", "Proxy", "blocked ENI_SG_RULES_MISMATCH(sg-db)"},
		{"a database of a proxy that is not described is unknown", edits(database(false, "subnet-private"), proxy("other")), "F", "Proxy", "unknown ?nothing here describes other, to which Proxy leads"},

		// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
		{"an internal load balancer is reached at its private addresses", edits(balancer(true, "Box:80"), ingressOfBox(tcp(80, inGroup("sg-lb")))), "F", "LB", "reachable"},
		{"it dials its targets itself, whose group must admit it", edits(balancer(true, "Box:80"), ingressOfBox(tcp(80, inGroup("sg-f")))), "F", "LB", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},
		{"it takes connections where it listens", edits(balancer(true, "Box:80"), ingressOfBox(tcp(80, anywhere)), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = rules(everything(anywhere)) }), "F", "LB:8080",
			"blocked ELBV2_LISTENERS_MISMATCH(LB)"},
		{"a classic one too", edits(balancer(true, "Box:80"), func(s *cloud.Spec) {
			s.LoadBalancers[0].Kind = "classic"
			s.SecurityGroups[2].Ingress = rules(everything(anywhere))
		}), "F", "LB:8080",
			"blocked ELB_LISTENERS_MISMATCH(LB)"},
		{"an internet-facing one has public addresses, within the VPC too", edits(balancer(false, "Box:80"), ingressOfBox(tcp(80, inGroup("sg-lb")))), "F", "LB", "blocked NO_ROUTE_TO_DESTINATION(rtb-private) ENI_SG_RULES_MISMATCH(sg-lb)"},
		{"and is reached from the internet", edits(balancer(false, "Box:80"), ingressOfBox(tcp(80, inGroup("sg-lb"))), func(s *cloud.Spec) { s.SecurityGroups[2].Ingress = rules(tcp(80, anywhere)) }), "internet", "LB", "reachable"},
		{"an internal one is not", edits(balancer(true, "Box:80")), "internet", "LB", "blocked IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS(LB) ENI_SG_RULES_MISMATCH(sg-box)"},
		{"one target that it reaches is enough", edits(balancer(true, "10.0.1.99:80", "Box:80"), ingressOfBox(tcp(80, inGroup("sg-lb")))), "F", "LB", "reachable"},
		{"without targets it answers with errors", edits(balancer(true)), "F", "LB", "blocked ELBV2_LISTENER_HAS_NO_TG(Listener)"},
		{"targets that something else registers are not known", edits(balancer(true), func(s *cloud.Spec) { s.TargetGroups[0].Open = []cloud.Gap{{Because: "a service registers targets"}} }), "F", "LB",
			"unknown ?a service registers targets"},
		{"a target in a zone that it is not in gets nothing", edits(balancer(true, "Box:80"), inZone("subnet-public", "us-west-2b"), func(s *cloud.Spec) { s.LoadBalancers[0].Subnets = known[cloud.SubnetID]("subnet-private") }), "F", "LB",
			"blocked ELB_INSTALLED_AZ_RESTRICTION(LB)"},
		{"a Network Load Balancer without groups filters nothing", edits(balancer(true, "Box:80"), ingressOfBox(tcp(80, anywhere)), func(s *cloud.Spec) {
			s.LoadBalancers[0].Ungrouped, s.SecurityGroups[2].Ingress = true, nil
		}), "F", "LB", "reachable"},
		{"where targets see the client, the way of the client decides", edits(balancer(true, "Box:80"), func(s *cloud.Spec) { s.TargetGroups[0].KeepsClient = true }, ingressOfBox(tcp(80, anywhere))), "F", "LB",
			"unknown ?Targets keeps the client's address, so i-Box must admit the client itself: ask for that way"},

		// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html
		{"an endpoint for a customer's service leads to its load balancer's targets", edits(balancer(true, "Box:80"), service("arn:lb"), ingressOfBox(tcp(80, inGroup("sg-lb")))), "F", "Theirs", "reachable"},
		{"on the ports of which it answers", edits(balancer(true, "Box:80"), service("arn:lb")), "F", "Theirs:443", "blocked NOTHING_LISTENS_ON_PORT(Theirs)"},
		{"those of a service that is not described are not known", edits(service()), "F", "Theirs:9200",
			"unknown ?on which ports com.amazonaws.vpce.us-west-2.vpce-svc-1 answers is not described"},

		// https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
		{"a file system is its mount target in one's own zone", edits(fileSystem), "F", "Files", "reachable"},
		{"where there is none, its name is not there", edits(fileSystem, inZone("subnet-private", "us-west-2b"), moveF("subnet-public")), "F", "Files",
			"blocked NO_MOUNT_TARGET_IN_AVAILABILITY_ZONE(Target)"},
		{"nor outside the VPC", edits(fileSystem, noVPC), "F", "Files", "blocked NO_MOUNT_TARGET_IN_AVAILABILITY_ZONE(Target)"},
		{"a mount target's group must admit 2049", edits(fileSystem, ingressOfBox(tcp(80, anywhere))), "F", "Files", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
		{"a private host name means the address in it", nil, "F", "ip-10-0-1-50.us-west-2.compute.internal:80", "reachable"},
		{"and exists in its VPC only", edits(noVPC), "F", "ip-10-0-1-50.us-west-2.compute.internal:80", "blocked DNS_NO_SUCH_NAME(public DNS)"},
		{"a public host name means the private address in the VPC", edits(publicIP("Box", "198.19.1.1")), "F", "ec2-198-19-1-1.us-west-2.compute.amazonaws.com:80", "reachable"},
		{"and the public one outside", edits(publicIP("Box", "198.19.1.1"), noVPC), "F", "ec2-198-19-1-1.us-west-2.compute.amazonaws.com:80", "blocked ENI_SG_RULES_MISMATCH(sg-box)"},

		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
		{"in a peer VPC too, unless the peering resolves names", edits(peer(true, true, true), publicIP("Far", "198.19.1.2")), "F", "ec2-198-19-1-2.us-west-2.compute.amazonaws.com:5432",
			"blocked PEERING_DNS_RESOLUTION_DISABLED(Peering) NO_ROUTE_TO_DESTINATION(rtb-private) BAD_STATE(vpc-b) ENI_SG_RULES_MISMATCH(sg-far) <NO_ROUTE_TO_DESTINATION(rtb-far)"},
		{"if it does, the private one is meant", edits(peer(true, true, true), peeringDNS, publicIP("Far", "198.19.1.2")), "F", "ec2-198-19-1-2.us-west-2.compute.amazonaws.com:5432", "reachable"},

		// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
		{"a private zone answers in its VPC", edits(hostedZone("corp.example", vpcs("vpc-a"), record("box.corp.example", "A", "10.0.1.50"))), "F", "box.corp.example:80", "reachable"},
		{"and in no other", edits(peer(true, true, true), farFunction, hostedZone("corp.example", vpcs("vpc-a"), record("box.corp.example", "A", "10.0.1.50"))), "FarF", "box.corp.example:80",
			"blocked PRIVATE_ZONE_NOT_ASSOCIATED(Zone corp.example)"},
		{"a private zone needs enableDnsHostnames", edits(vpcDNS(true, false), hostedZone("corp.example", vpcs("vpc-a"), record("box.corp.example", "A", "10.0.1.50"))), "F", "box.corp.example:80",
			"blocked DNS_HOSTNAMES_DISABLED(vpc-a)"},
		{"a private zone without the record hides the public name", edits(nat("subnet-public", true), hostedZone("example.com", vpcs("vpc-a"), record("box.example.com", "A", "10.0.1.50"))), "F", "www.example.com",
			"blocked DNS_NO_SUCH_NAME(Zone example.com)"},
		{"the most specific zone answers alone", edits(hostedZone("example.com", vpcs("vpc-a"), record("box.corp.example.com", "A", "10.0.1.50")), hostedZone("corp.example.com", vpcs("vpc-a"))), "F", "box.corp.example.com:80",
			"blocked DNS_NO_SUCH_NAME(Zone corp.example.com)"},
		{"split horizon: inside the private zone, outside the public one", edits(noVPC, publicIP("Box", "198.19.1.1"), ingressOfBox(tcp(80, anywhere)),
			hostedZone("example.com", vpcs("vpc-a"), record("box.example.com", "A", "10.0.1.50")), hostedZone("example.com", nil, record("box.example.com", "A", "198.19.1.1"))), "F", "box.example.com:80", "reachable"},
		{"a wildcard answers what has no record", edits(hostedZone("corp.example", vpcs("vpc-a"), record("*.corp.example", "A", "10.0.1.50"))), "F", "any.thing.corp.example:80", "reachable"},
		{"a CNAME is followed", edits(database(false, "subnet-private"), hostedZone("corp.example", vpcs("vpc-a"), record("db.corp.example", "CNAME", rdsHost))), "F", "db.corp.example:5432", "reachable"},
		{"in a circle it leads nowhere", edits(hostedZone("corp.example", vpcs("vpc-a"), record("a.corp.example", "CNAME", "b.corp.example"), record("b.corp.example", "CNAME", "a.corp.example"))), "F", "a.corp.example:80",
			"blocked DNS_NAMES_IN_A_CIRCLE(a.corp.example)"},
		{"of several records any may be given", edits(hostedZone("corp.example", vpcs("vpc-a"), record("box.corp.example", "A", "10.0.1.50"), record("box.corp.example", "A", "10.0.1.51"))), "F", "box.corp.example:80",
			"partial UNKNOWN_DESTINATION(vpc-a)"},
		{"a rule of the resolver comes before the zone of that domain", edits(rule("corp.example", true), hostedZone("corp.example", vpcs("vpc-a"), record("box.corp.example", "A", "10.0.1.50"))), "F", "box.corp.example:80",
			"unknown ?resolver rule Rule sends box.corp.example elsewhere, and nothing here says what is answered there"},
		{"and one for the system leaves a domain to AWS", edits(rule("example", true), rule("corp.example", false), hostedZone("corp.example", vpcs("vpc-a"), record("box.corp.example", "A", "10.0.1.50"))), "F", "box.corp.example:80", "reachable"},
		{"a private zone may stand in for a service's name", edits(endpoint(false, "sg-endpoint"), hostedZone("ssm.us-west-2.amazonaws.com", vpcs("vpc-a"), record("ssm.us-west-2.amazonaws.com", "A", "10.0.2.254"))), "F", "aws:ssm", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html
		{"DHCP options with AWS's own server change nothing", edits(database(false, "subnet-private"), dhcp(cloud.AmazonDNS)), "F", "DB", "reachable"},
		{"nor does its address", edits(database(false, "subnet-private"), dhcp("10.0.0.2")), "F", "DB", "reachable"},
		{"what another server answers is not known", edits(database(false, "subnet-private"), dhcp("10.0.1.50"), ingressOfBox(func() cloud.Rule { r := tcp(53, anywhere); r.Proto = 17; return r }())), "F", "DB",
			"unknown ?DHCP sends names to 10.0.1.50, and nothing here says what it answers for " + rdsHost},
		{"one that cannot be reached answers nothing", edits(database(false, "subnet-private"), dhcp("10.0.1.50")), "F", "DB",
			"blocked DNS_SERVER_UNREACHABLE(10.0.1.50) ?DHCP sends names to 10.0.1.50, and nothing here says what it answers for " + rdsHost},

		// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
		{"an endpoint's policy may allow nothing of what the caller may do", edits(endpoint(true, "sg-endpoint"), mayCall("ssm:GetParameter", "arn:aws:ssm:us-west-2:123456789012:parameter/app/*"),
			endpointPolicy("Allow", "ssm:PutParameter", "*")), "F", "aws:ssm", "blocked ENDPOINT_POLICY_DENIES_CALLER(Endpoint)"},
		{"or other resources only", edits(endpoint(true, "sg-endpoint"), mayCall("ssm:GetParameter", "arn:aws:ssm:us-west-2:123456789012:parameter/app/*"),
			endpointPolicy("Allow", "*", "arn:aws:ssm:us-west-2:123456789012:parameter/other/*")), "F", "aws:ssm", "blocked ENDPOINT_POLICY_DENIES_CALLER(Endpoint)"},
		{"what it allows in part gets through", edits(endpoint(true, "sg-endpoint"), mayCall("ssm:Get*", "*"), endpointPolicy("Allow", "ssm:GetParameter", "arn:aws:ssm:us-west-2:123456789012:parameter/app/*")), "F", "aws:ssm", "reachable"},
		{"nothing is known of a role that is not here", edits(endpoint(true, "sg-endpoint"), endpointPolicy("Allow", "ssm:PutParameter", "*")), "F", "aws:ssm", "reachable"},

		// https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
		{"an endpoint's own names work without private DNS", edits(endpoint(false, "sg-endpoint")), "F", "vpce-ssm-0abc.ssm.us-west-2.vpce.amazonaws.com", "reachable"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

func TestPatternsOverlap(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"ssm:get*", "ssm:getparameter", true}, {"ssm:get*", "ssm:put*", false}, {"*", "", true}, {"", "", true}, {"a", "", false},
		{"a*c", "ab*", true}, {"a*c", "*b", false}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"*a*", "*b*", true}, {"x*y", "x*z", false},
	} {
		if got := overlap(c.a, c.b); got != c.want || overlap(c.b, c.a) != got {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
