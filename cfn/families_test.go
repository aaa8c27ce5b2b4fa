package cfn_test

import (
	"strings"
	"testing"

	"bailey/cloud"
)

const familiesTemplate = `
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-west-2a}}
  Other: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: us-west-2b}}
  Where: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref Subnet, !Ref Other]}}
  Both: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, DBSubnetGroupName: !Ref Where, NetworkType: DUAL}}
  Four: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, DBSubnetGroupName: !Ref Where, NetworkType: IPV4}}
  Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql, DBSubnetGroupName: !Ref Where, NetworkType: DUAL}}
  Member: {Type: AWS::RDS::DBInstance, Properties: {Engine: aurora-postgresql, DBClusterIdentifier: !Ref Cluster}}
  Files: {Type: AWS::EFS::FileSystem}
  Mount: {Type: AWS::EFS::MountTarget, Properties: {FileSystemId: !Ref Files, SubnetId: !Ref Subnet, SecurityGroups: [], IpAddressType: IPV6_ONLY}}
  Front: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref Subnet, !Ref Other], IpAddressType: dualstack-without-public-ipv4}}
  Plain: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [!Ref Subnet, !Ref Other]}}
  Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: !Ref Vpc, Protocol: HTTP, Port: 80, IpAddressType: ipv6}}
  Hub: {Type: AWS::EC2::TransitGateway}
  Attached: {Type: AWS::EC2::TransitGatewayAttachment, Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref Vpc, SubnetIds: [!Ref Subnet], Options: {Ipv6Support: enable}}}
`

// Which addresses a thing has is its network type; a member has its cluster's.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
func TestFamiliesOfAddresses(t *testing.T) {
	spec, diags := load(familiesTemplate)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	got := map[string]cloud.Families{}
	for _, s := range spec.Stores {
		got[s.Name] = s.Addresses
	}
	for _, b := range spec.LoadBalancers {
		got[b.Name] = b.Addresses
		if b.NoPublic4 != (b.Name == "Front") {
			t.Errorf("%s without a public IPv4 address: %v", b.Name, b.NoPublic4)
		}
	}
	for name, want := range map[string]cloud.Families{"Both": cloud.DualStack, "Four": cloud.IPv4Only, "Cluster": cloud.DualStack, "Member": cloud.DualStack,
		"Mount": cloud.IPv6Only, "Front": cloud.DualStack, "Plain": cloud.IPv4Only} {
		if got[name] != want {
			t.Errorf("%s has %v, want %v", name, got[name], want)
		}
	}
	if !spec.TargetGroups[0].IPv6 || !spec.TransitGatewayAttachments[0].IPv6 {
		t.Errorf("%+v %+v", spec.TargetGroups[0], spec.TransitGatewayAttachments[0])
	}
	_, diags = load(strings.Replace(familiesTemplate, "NetworkType: IPV4", "NetworkType: IPV5", 1))
	if len(diags) == 0 || !strings.Contains(diags[0].Summary, "IPV5 is no network type") {
		t.Errorf("a mistake is said to be %v", diags)
	}
}
