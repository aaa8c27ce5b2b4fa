package reach

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// mendable shows, for each code that a change of the model mends, a world that
// has it and the fix that proves itself there.
var mendable = []struct {
	code     path.Code
	edit     func(*cloud.Spec)
	from, to string
	want     string // how one of the fixes begins
}{
	{path.NoRoute, func(*cloud.Spec) {}, "F", "aws:ssm", "add an interface endpoint for ssm"},
	{path.NoRoute, func(s *cloud.Spec) { s.RouteTables[1].Routes = nil }, "App", "Db:5432", "add a route to 10.1.0.0/16 through peering in rtb-private"},
	{path.NoRoute, publicNAT, "F", "internet", "route to the NAT gateway nat in rtb-private"},
	{path.BadStateRoute, func(s *cloud.Spec) {
		s.RouteTables[1].Routes = []cloud.Route{to("0.0.0.0/0", cloud.ToBlackhole{Was: "nat-old"})}
	}, "F", "aws:ssm", "add an interface endpoint for ssm"},
	{path.BadState, func(s *cloud.Spec) { s.InternetGateways[0].VPC = "" }, "Box", "internet", "attach igw to vpc-a"},
	{path.BadState, func(s *cloud.Spec) { s.Peerings[0].Active = false }, "App", "Db:5432", "accept peering peering"},
	{path.SGRulesMismatch, func(*cloud.Spec) {}, "F", "App:81", "allow tcp 81 into sg-app"},
	{path.SGHasNoRules, func(s *cloud.Spec) { s.SecurityGroups[0].Egress = nil }, "F", "App:8080", "allow tcp 8080 out of sg-f"},
	{path.SubnetACL, withACL(1, nil, []cloud.ACLEntry{allow(1, netset.AllPorts)}), "F", "Box:80", "let tcp 1024-65535 into the subnets of acl"},
	{path.SubnetACL, withACL(0, []cloud.ACLEntry{{Meta: meta("deny"), Number: 100, Proto: netset.TCP, Ports: netset.AllPorts, CIDR: cloud.Known(netip.MustParsePrefix("0.0.0.0/0"))}}, []cloud.ACLEntry{allow(1, netset.AllPorts)}),
		"F", "Box:80", "let tcp 80 into the subnets of acl"},
	{path.IGWNoPublicIP, func(s *cloud.Spec) { s.Instances[1].PublicIP = netip.Addr{} }, "Box", "internet", "give Box a public address"},
	{path.IGWPrivateDest, func(s *cloud.Spec) {
		s.RouteTables[1].Routes = []cloud.Route{to("0.0.0.0/0", cloud.ToInternetGateway{ID: "igw-a"})}
	}, "App", "Db:5432", "add a route to 10.1.0.0/16 through peering"},
	{path.NATInPrivateSubnet, withNAT("subnet-private"), "F", "internet", "move the NAT gateway nat into subnet-public"},
	{path.PrivateNATToIGW, func(s *cloud.Spec) {
		withNAT("subnet-public")(s)
		s.NATGateways[0].Public, s.NATGateways[0].PublicIP = false, netip.Addr{}
	}, "F", "internet", "make the NAT gateway nat public"},
	{path.PeeringAddress, func(s *cloud.Spec) {
		s.RouteTables[1].Routes = []cloud.Route{to("0.0.0.0/0", cloud.ToPeering{ID: "pcx"})}
	}, "F", "aws:ssm", "add an interface endpoint for ssm"},
	{path.DNSSupportOff, func(s *cloud.Spec) {
		ssm(s)
		s.VPCs[0].DNSSupport = cloud.Known(false)
	}, "F", "aws:ssm", "turn on EnableDnsSupport of vpc-a"},
	{path.DNSHostnamesOff, func(s *cloud.Spec) {
		ssm(s)
		s.VPCs[0].DNSHostnames = cloud.Known(false)
	}, "F", "aws:ssm", "turn on EnableDnsHostnames of vpc-a"},
	{path.PrivateDNSOff, func(s *cloud.Spec) {
		ssm(s)
		s.Endpoints[0].PrivateDNS = cloud.Known(false)
	}, "F", "aws:ssm", "turn on private DNS of ssm"},
	{path.EndpointPolicyDeniesAll, func(s *cloud.Spec) {
		ssm(s)
		s.Endpoints[0].Policy = &cloud.Policy{Name: "nothing"}
	}, "F", "aws:ssm", "remove the policy of ssm"},
	{path.ZoneNotAssociated, func(s *cloud.Spec) {
		s.HostedZones = []cloud.HostedZone{{Meta: meta("corp"), ID: "Z1", Domain: "corp.internal", Private: true, VPCs: []cloud.VPCID{"vpc-far"},
			Records: []cloud.Record{{Meta: meta("record"), Host: "app.corp.internal", Kind: "A", Values: cloud.Known([]string{"10.0.2.8"})}}}}
	}, "F", "app.corp.internal:8080", "associate corp with vpc-a"},
	{path.NotInVPC, func(s *cloud.Spec) { s.Functions[0].Network = nil }, "F", "App:8080", "put F into subnet-private, and allow tcp 8080 into sg-app"},
	{path.NoConcurrency, func(s *cloud.Spec) { invoking(s); none := 0; s.Functions[1].Reserved = &none }, "ARole", "B", "remove ReservedConcurrentExecutions of B"},
	{path.InvokeDenied, func(s *cloud.Spec) { invoking(s); s.Roles[0].Policies = nil }, "ARole", "B", "let ARole invoke B"},
}

// shown are codes that other tests of this package or the known failures show.
var shown = map[path.Code]string{
	path.TransitZone: "TestFixesOfTransitGateways", path.TransitNoAssociation: "TestFixesOfTransitGateways", path.TransitNoRoute: "TestFixesOfTransitGateways",
	path.SGReferencing: "TestFixesOfTransitGateways", path.ENISourceDestCheck: "TestTheCheckOfAMiddleboxCanBeSwitchedOff",
	path.NoIPv6:            "TestEgressOnlyGatewayIsTheCheapestWayOutOverIPv6",
	path.PermissionMissing: "26-no-permission", path.RoleCannotCreateENI: "17-role-without-interfaces", path.InterfaceQuota: "16-a-group-for-each-function",
	path.PublicAPIByEndpoint: "20-public-api-captured", path.PeeringDNSOff: "19-peering-dns",
}

// unmendable says of every other code why no change that could be proposed
// mends it.
var unmendable = map[path.Code]string{
	path.UnknownDestination:       "nothing has the address: the question is wrong, not the network",
	path.IGWSharedDest:            "a way to 100.64.0.0/10 is somebody's own network, which nothing here has",
	path.IGWPrivateIngress:        "nobody is advised to let the internet in",
	path.IGWPrivateSource:         "nothing on the internet sends so",
	path.IGWSharedSource:          "nothing on the internet sends so",
	path.NATProtocol:              "no way out carries another protocol",
	path.NATNoInbound:             "a NAT gateway never takes connections",
	path.GatewayEndpointProto:     "the service speaks TCP only",
	path.GatewayEndpointSource:    "an endpoint in the sender's VPC is what the path's own candidates are",
	path.EndpointPort:             "the service answers on 443 only: the question has to change",
	path.NoIPv4:                   "its owner made the subnet IPv6-only: the way over IPv6 is another question",
	path.EgressOnlyNoInbound:      "nobody is advised to let the internet in",
	path.NATNoIPv6:                "a NAT gateway never carries IPv6: which way is meant instead nobody says",
	path.NAT64Target:              "which NAT gateway is to translate nobody says",
	path.LambdaNoInbound:          "a function is invoked, never connected to",
	path.NotExposed:               "nobody is advised to let the internet in",
	path.URLNeedsIAM:              "nobody is advised to let the internet in",
	path.URLPermissionMissing:     "nobody is advised to let the internet in",
	path.APIPrivate:               "nobody is advised to let the internet in",
	path.APIPolicyDenies:          "whom a policy is to let in is its owner's decision",
	path.EndpointPolicyDenies:     "whom a policy is to let through is its owner's decision",
	path.BadStateAttachment:       "an attachment in another account is for the two owners to accept",
	path.TransitBlackhole:         "a blackhole is put there on purpose",
	path.VGWEgress:                "traffic that only passes through never leaves by a virtual private gateway",
	path.VGWIngress:               "a virtual private gateway leads to its own VPC only",
	path.PublicAccessBlocked:      "the account's own lock is for its administrator to open",
	path.SubnetExhausted:          "which subnet has room, and in which zone, is not a matter of one setting",
	path.RoutingLoop:              "which of the routes is meant cannot be told",
	path.NoListener:               "nothing serves that port",
	path.ListenersMismatch:        "nothing serves that port",
	path.ClassicListenersMismatch: "nothing serves that port",
	path.ListenerWithoutTargets:   "what it is to lead to nobody says",
	path.NotInBalancersZones:      "which zone is meant nobody says",
	path.NoMountTarget:            "a mount target needs a subnet and groups that nobody states",
	path.NoSuchName:               "what the name is to mean nobody says",
	path.DNSLoop:                  "which of the names is meant cannot be told",
	path.ServiceNotInZone:         "in which zone the service is to be is its owner's decision",
	path.DNSServerLost:            "the server is somebody's own",
	path.APIHostOff:               "from where an API is called by its own name is for its owner to open",
}

// Each code has a fix that proves itself, or a reason why there is none.
func TestEveryCodeHasAFixOrAReason(t *testing.T) {
	spoken := map[path.Code]int{}
	for _, c := range mendable {
		spoken[c.code] = 1
	}
	for code := range shown {
		spoken[code]++
	}
	for code := range unmendable {
		spoken[code]++
	}
	for _, e := range path.Explanations() {
		if spoken[e.Code] != 1 {
			t.Errorf("%s is spoken of %d times", e.Code, spoken[e.Code])
		}
		delete(spoken, e.Code)
	}
	for code := range spoken {
		t.Errorf("there is no code %s", code)
	}
}

func TestFixesOfCodes(t *testing.T) {
	for _, c := range mendable {
		t.Run(string(c.code), func(t *testing.T) {
			m := model(t, yard(c.edit))
			q := path.Question{From: c.from, To: c.to}
			r, err := path.Why(m, q)
			if err != nil || !slices.ContainsFunc(r.Blockers, func(b path.Reason) bool { return b.Code == c.code }) {
				t.Fatalf("%s -> %s is %v: %v, %v", c.from, c.to, r.Verdict, r.Blockers, err)
			}
			if got := fixes(t, m, q); !slices.ContainsFunc(strings.Split(got, "\n"), func(line string) bool {
				_, summary, _ := strings.Cut(line, " ")
				return strings.HasPrefix(summary, c.want)
			}) {
				t.Errorf("%q is not among\n%s", c.want, got)
			}
		})
	}
}

// publicNAT adds a NAT gateway that no private table routes to.
func publicNAT(s *cloud.Spec) {
	s.NATGateways = []cloud.NATGateway{{Meta: meta("nat"), ID: "nat", Subnet: "subnet-public", Public: true, PublicIP: netip.MustParseAddr("198.19.0.9")}}
}

// ssm adds an interface endpoint for ssm that F reaches.
func ssm(s *cloud.Spec) {
	withEndpoint(cloud.InterfaceEndpoint)(s)
	e := &s.Endpoints[0]
	e.Name, e.Service, e.PrivateDNS = "ssm", "ssm", cloud.Known(true)
}

// invoking adds a function B and a role that may invoke it.
func invoking(s *cloud.Spec) {
	arn := cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:B"}
	s.Functions = append(s.Functions, cloud.Function{Meta: meta("B"), FunctionName: "B", ARN: arn})
	doc, _ := document.Read("p", []byte(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}}`))
	s.Roles = append(s.Roles, cloud.Role{Meta: meta("ARole"), RoleName: "ARole", ARN: cloud.ARN{Partition: "aws", Service: "iam", Account: "123456789012", Resource: "role/ARole"},
		Policies: []cloud.Policy{{Name: "p", Doc: doc}}})
}

// A fix of several steps needs every one of them: without any of them the path
// stays shut.
func TestNoStepCanBeLeftOut(t *testing.T) {
	m := model(t, yard(func(s *cloud.Spec) {
		s.VPCs[0].DNSSupport, s.VPCs[0].DNSHostnames = cloud.Known(false), cloud.Known(false)
		s.SecurityGroups[0].Egress = nil
	}))
	q := path.Question{From: "F", To: "aws:ssm"}
	r, _ := path.Why(m, q)
	several := 0
	for _, f := range Fixes(m, q, r, nil) {
		for i := range f.steps {
			if len(f.steps) < 2 || i+1 < len(f.steps) && f.steps[i+1].joined || f.steps[i].joined {
				continue
			}
			several++
			next, diags := m.With(applying(slices.Delete(slices.Clone(f.steps), i, i+1)))
			if diags.HasErrors() {
				continue
			}
			if after, _ := path.Why(next, q); after.Verdict == path.Reachable {
				t.Errorf("%s: not needed: %s", f.Summary, f.steps[i].summary)
			}
		}
	}
	if several < 4 {
		t.Errorf("only %d steps were left out", several)
	}
}
