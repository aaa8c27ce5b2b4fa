package cfn_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// facts are a default VPC with two subnets, and Lightsail's CIDR.
func facts() cloud.Spec {
	s := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app",
		Lightsail: cloud.LightsailNetwork{CIDR: cloud.Known(netip.MustParsePrefix("172.26.0.0/16")), Peered: cloud.Known(true)}}
	s.AddDefaultVPC("vpc-1", "home", []cloud.DefaultSubnet{{ID: "subnet-1", AZ: "us-west-2b"}, {ID: "subnet-2", AZ: "us-west-2c"}}, source.Span{})
	return s
}

func with(spec cloud.Spec, template string) (cloud.Spec, source.Diags) {
	return cfn.Load(cfn.Input{File: "template.yaml", Data: []byte(template), Spec: spec})
}

const onFacts = `Resources:
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: vpc-1}}
  Association: {Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: {SubnetId: subnet-1, RouteTableId: !Ref Table}}
  Group: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: in the default VPC}}
  Rule: {Type: "AWS::EC2::SecurityGroupIngress", Properties: {GroupId: GROUP, IpProtocol: "-1", CidrIp: 10.0.0.0/8}}
  Server: {Type: "AWS::EC2::Instance", Properties: {SubnetId: subnet-2}}
  Zones: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !Join [" ", !GetAZs ""]}}
  Web: {Type: "AWS::Lightsail::Instance", Properties: {InstanceName: web, BlueprintId: b, BundleId: n}}
  Ap: {Type: "AWS::Lightsail::Instance", Properties: {InstanceName: ap, BlueprintId: b, BundleId: n}}
  Address: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !GetAtt Web.PrivateIpAddress}}
`

func TestTemplateBuildsOnFacts(t *testing.T) {
	before := facts()
	kept := fmt.Sprint(before)
	text := strings.Replace(onFacts, "GROUP", string(cloud.DefaultGroupID("vpc-1")), 1)
	spec, diags := with(before, text)
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	if after := fmt.Sprint(before); after != kept {
		t.Errorf("loading changed the facts: %s", after)
	}
	m, diags := cloud.New(spec)
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	if sub, _ := m.Subnet("subnet-1"); sub.RouteTable == "" {
		t.Error("subnet-1 has no table of its own")
	}
	if g, _ := m.SecurityGroup(cloud.DefaultGroupID("vpc-1")); len(g.Ingress) != 2 || len(g.Egress) != 2 {
		t.Errorf("the default group has rules %v and %v, want AWS's own and one more", g.Ingress, g.Egress)
	}
	if e := m.ENIsOf("Server"); len(e) != 1 || e[0].PrivateIP.String() != "172.31.16.8" || !e[0].PublicIP.IsValid() {
		t.Errorf("the instance has %v, want 172.31.16.8 and a public address, as in every default subnet", e)
	}
	got := map[string]string{}
	for p := range m.Parameters() {
		got[p.Name] = p.Value.Or("?")
	}
	if got["Zones"] != "us-west-2b us-west-2c" || got["Address"] != "172.26.0.17" {
		t.Errorf("got %v", got)
	}
	for g := range m.SecurityGroups() {
		if g.Name == "Group" && g.VPC != "vpc-1" {
			t.Errorf("the group without a VpcId is in %q", g.VPC)
		}
	}
}

func TestChangesToWhatIsNotDescribedAreWarnings(t *testing.T) {
	_, diags := with(facts(), strings.Replace(onFacts, "GROUP", "sg-elsewhere", 1))
	if len(diags) != 1 || diags[0].Code != "CFN_TARGET_UNKNOWN" || diags[0].Severity != source.Warning || diags[0].At.Line != 5 {
		t.Errorf("got %v", diags)
	}
}

func TestWithoutFactsTheGapNamesTheFact(t *testing.T) {
	spec, diags := load("Resources:\n  Web: {Type: 'AWS::Lightsail::Instance', Properties: {InstanceName: web, BlueprintId: b, BundleId: n}}\n" +
		"  A: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: !Sub '${Web.PrivateIpAddress}:80'}}\n")
	if g, missing := spec.Parameters[0].Value.Gap(); len(diags) > 0 || !missing || !strings.Contains(g.Because, "facts.lightsail.cidr") {
		t.Errorf("got gap %v, %v", g, diags)
	}
	_, diags = load("Resources: {G: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: g}}}")
	if len(diags) != 1 || !strings.Contains(diags[0].Hint, "facts.default-vpc") {
		t.Errorf("got %v", diags)
	}
}

func TestEndpoints(t *testing.T) {
	for _, c := range []struct{ name, properties, want string }{
		{"gateway by default", "{ServiceName: com.amazonaws.us-west-2.s3, VpcId: vpc-1}", "Gateway s3 false"},
		{"private DNS is off by default", "{VpcEndpointType: Interface, ServiceName: com.amazonaws.us-west-2.ssm, VpcId: vpc-1, SubnetIds: [subnet-1]}", "Interface ssm false"},
		{"private DNS on", "{VpcEndpointType: Interface, ServiceName: com.amazonaws.us-west-2.ssm, VpcId: vpc-1, SubnetIds: [subnet-1], PrivateDnsEnabled: 'true'}", "Interface ssm true"},
		{"private DNS for the inbound resolver alone", "{VpcEndpointType: Interface, ServiceName: com.amazonaws.us-west-2.s3, VpcId: vpc-1, SubnetIds: [subnet-1], PrivateDnsEnabled: true, " +
			"DnsOptions: {PrivateDnsOnlyForInboundResolverEndpoint: OnlyInboundResolver}}", "Interface s3 false"},
		{"no such gateway", "{ServiceName: com.amazonaws.us-west-2.ssm, VpcId: vpc-1}", "2:62 CFN_BAD_VALUE"},
		{"no subnets", "{VpcEndpointType: Interface, ServiceName: com.amazonaws.us-west-2.ssm, VpcId: vpc-1}", "2:3 CFN_MISSING_PROPERTY"},
		{"no service", "{VpcId: vpc-1}", "2:3 CFN_MISSING_PROPERTY"},
		{"another's service", "{VpcEndpointType: Interface, ServiceName: com.amazonaws.vpce.us-west-2.vpce-svc-1, VpcId: vpc-1, SubnetIds: [subnet-1]}", "Interface com.amazonaws.vpce.us-west-2.vpce-svc-1 false"},
		{"a load balancer's", "{VpcEndpointType: GatewayLoadBalancer, VpcId: vpc-1}", "not modelled"},
	} {
		spec, diags := with(facts(), "Resources:\n  E: {Type: AWS::EC2::VPCEndpoint, Properties: "+c.properties+"}\n")
		got := errorsOf(diags)
		switch {
		case got != "":
		case len(spec.Unmodelled) > 0:
			got = "not modelled"
		default:
			e := spec.Endpoints[0]
			got = fmt.Sprint(e.Kind, " ", e.Service, " ", e.PrivateDNS.Or(false))
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// TestEgress: rules in the group replace the one that allows everything; an
// empty list and a rule in a resource of its own do not.
func TestEgress(t *testing.T) {
	for _, c := range []struct {
		properties string
		want       int
	}{{"", 2}, {", SecurityGroupEgress: []", 2}, {", SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}]", 1}} {
		spec, diags := with(facts(), "Resources: {G: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: g"+c.properties+"}}}")
		if len(diags) > 0 || len(spec.SecurityGroups[0].Egress) != c.want {
			t.Errorf("%q: got %v, %v", c.properties, spec.SecurityGroups[0].Egress, diags)
		}
	}
}

func TestFirewallOfALightsailInstance(t *testing.T) {
	for _, c := range []struct{ networking, want string }{
		{"", "[] true"},
		{", Networking: {Ports: []}", "[] false"},
		{", Networking: {Ports: [{Protocol: tcp, FromPort: 22, ToPort: 22}, {Protocol: udp, FromPort: 1, ToPort: 9, Cidrs: [10.0.0.0/8]}]}", "[tcp 22 [] udp 1-9 [10.0.0.0/8]] false"},
		{", Networking: {Ports: [{Protocol: tcp, FromPort: 22, ToPort: 22, CidrListAliases: [lightsail-connect]}]}", "[] false"},
	} {
		spec, diags := with(facts(), "Resources: {W: {Type: 'AWS::Lightsail::Instance', Properties: {InstanceName: w, BlueprintId: b, BundleId: n"+c.networking+"}}}")
		var got []string
		for _, p := range spec.LightsailInstances[0].Firewall {
			got = append(got, fmt.Sprint(p.Proto, " ", p.Ports, " ", p.CIDRs))
		}
		if s := fmt.Sprint(got, spec.LightsailInstances[0].Firewall == nil); diags.HasErrors() || s != c.want {
			t.Errorf("%q: got %s, %v, want %s", c.networking, s, diags, c.want)
		}
	}
}
