package cfn_test

import (
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/diff"
	"bailey/path"
	"bailey/reach"
)

// storeWorld is a machine and what it may reach in its subnet, all of one group.
const storeWorld = `Parameters:
  Switch: {Type: String}
Conditions:
  Maybe: !Equals [!Ref Switch, "on"]
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  NetA: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-west-2a}}
  NetB: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: us-west-2b}}
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  Group: {Type: "AWS::EC2::SecurityGroup", Properties: {VpcId: !Ref Vpc, GroupDescription: g, SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/16}]}}
  Box: {Type: "AWS::EC2::Instance", Properties: {ImageId: ami-1, SubnetId: !Ref NetA, SecurityGroupIds: [!Ref Group]}}
  Sql: {Type: "AWS::RDS::DBInstance", Properties: {Engine: postgres, DBInstanceClass: db.t3.micro, AvailabilityZone: us-west-2a, DBSubnetGroupName: !Ref SqlNets, VPCSecurityGroups: [!Ref Group], MasterUsername: a, MasterUserPassword: b}}
  SqlNets: {Type: "AWS::RDS::DBSubnetGroup", Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref NetA, !Ref NetB]}}
  Docs: {Type: "AWS::DocDB::DBCluster", Properties: {DBSubnetGroupName: !Ref DocNets, VpcSecurityGroupIds: [!Ref Group], MasterUsername: a, MasterUserPassword: b}}
  Doc: {Type: "AWS::DocDB::DBInstance", Properties: {DBClusterIdentifier: !Ref Docs, DBInstanceClass: db.t3.medium}}
  DocNets: {Type: "AWS::DocDB::DBSubnetGroup", Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref NetB]}}
  Files: {Type: "AWS::EFS::FileSystem"}
  Mount: {Type: "AWS::EFS::MountTarget", Properties: {FileSystemId: !Ref Files, SubnetId: !Ref NetB, SecurityGroups: [!Ref Group]}}
  Balancer: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: {Type: network, Scheme: internal, Subnets: [!Ref NetB], SecurityGroups: [!Ref Group]}}
  Listener: {Type: "AWS::ElasticLoadBalancingV2::Listener", Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, Protocol: TCP, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]}}
  Targets: {Type: "AWS::ElasticLoadBalancingV2::TargetGroup", Properties: {VpcId: !Ref Vpc, Port: 80, Protocol: TCP, TargetType: instance, Targets: [{Id: !Ref Box}]}}
`

func modelOf(t *testing.T, template string) *cloud.Model {
	t.Helper()
	spec, diags := load(template)
	m, more := cloud.New(spec)
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	return m
}

// edge is what Box sends to another resource.
func edge(m *cloud.Model, to string) (out reach.Edge, found bool) {
	for e := range reach.Compile(m).Pairs() {
		if slices.Contains(e.From.Owners, "Box") && slices.Contains(e.To.Owners, to) && !e.Public {
			return e, true
		}
	}
	return out, false
}

// What may not be there is reached by nobody for certain, and by Box if it is
// there: reach says so as path does, and a diff names the fact.
func TestReachAndDiffSeeWhatMayNotBeThere(t *testing.T) {
	certain := modelOf(t, storeWorld)
	for _, to := range []string{"Sql", "Doc", "Mount", "Balancer"} {
		if e, ok := edge(certain, to); !ok || e.Open().IsEmpty() {
			t.Fatalf("Box does not reach %s: %v", to, e.Unknown())
		}
	}
	for _, c := range []struct{ open, to, at string }{
		{"Sql", "Sql", "Sql:5432"}, {"SqlNets", "Sql", "Sql:5432"}, {"Doc", "Doc", "Docs"}, {"Mount", "Mount", "Files"}, {"Balancer", "Balancer", "Balancer:80"},
	} {
		m := modelOf(t, doubtful(storeWorld, c.open))
		because := "whether " + c.open + " exists is open"
		e, ok := edge(m, c.to)
		if ok && (!e.Open().IsEmpty() || !strings.Contains(unknownOf(e), because)) {
			t.Errorf("%s: reach says %v, unknown %v", c.open, e.Open(), unknownOf(e))
		}
		if r, err := path.Why(m, path.Question{From: "Box", To: c.at}); err != nil || r.Verdict != path.Unknown {
			t.Errorf("%s: path says %v %v", c.open, r.Verdict, err)
		}
		if got := lostTrack(diff.Between(diff.Side{Model: certain}, diff.Side{Model: m}), c.to); !strings.Contains(got, because) {
			t.Errorf("%s: the diff says %q of Box -> %s", c.open, got, c.to)
		}
	}
	if e, ok := edge(modelOf(t, doubtful(storeWorld, "Doc")), "Mount"); !ok || e.Open().IsEmpty() {
		t.Error("Box reaches Mount, whether Doc is there or not")
	}
}

func unknownOf(e reach.Edge) string {
	var out []string
	for _, d := range e.Unknown() {
		out = append(out, d.Gap.Because)
	}
	return strings.Join(out, ", ")
}

// lostTrack is why a diff no longer knows whether Box reaches something.
func lostTrack(r diff.Report, to string) string {
	var out []string
	for _, c := range r.Changes {
		if slices.Contains(c.From.Names, "Box") && slices.Contains(c.To.Names, to) && c.Now == path.Unknown {
			for _, g := range c.New.Missing {
				out = append(out, g.Because)
			}
		}
	}
	return strings.Join(out, ", ")
}
