package cfn_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"bailey/cloud"
)

// describeIPv6 writes what the Spec says of IPv6, nothing where it says nothing.
func describeIPv6(b *strings.Builder, s cloud.Spec) {
	for _, v := range s.VPCs {
		if blocks, known := v.IPv6.Get(); !known || len(blocks) > 0 {
			fmt.Fprintf(b, "IPv6 of %s: %s\n", v.Name, show(v.IPv6))
		}
	}
	for _, v := range s.Subnets {
		if p, known := v.IPv6.Get(); !known || p.IsValid() {
			fmt.Fprintf(b, "IPv6 of %s: %s only %v DNS64 %s assigned %s\n", v.Name, show(v.IPv6), v.IPv6Only(), show(v.DNS64), show(v.AssignIPv6))
		}
	}
	for _, g := range s.EgressOnlyGateways {
		fmt.Fprintf(b, "%s %s of %s\n", g.Name, g.ID, g.VPC)
	}
	for _, e := range s.Endpoints {
		if e.Addresses != cloud.IPv4Only {
			fmt.Fprintf(b, "IPv6 of %s: families %d records %s\n", e.Name, e.Addresses, show(e.Records))
		}
	}
	for _, f := range s.Functions {
		if f.Network != nil && f.Network.IPv6 != cloud.Known(false) {
			fmt.Fprintf(b, "IPv6 of %s: %s\n", f.Name, show(f.Network.IPv6))
		}
	}
	for _, in := range s.Instances {
		if in.IPv6.IsValid() || in.WantsIPv6 {
			fmt.Fprintf(b, "IPv6 of %s: %s asked %v\n", in.Name, in.IPv6, in.WantsIPv6)
		}
	}
}

// The usual way to number subnets: AWS gives the VPC a /56, the template cuts
// it into /64s before anyone knows it.
const numbered = `Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Six: {Type: "AWS::EC2::VPCCidrBlock", Properties: {VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true}}
  A:
    Type: AWS::EC2::Subnet
    DependsOn: Six
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.0.0/24
      Ipv6CidrBlock: !Select [3, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 8, 64]]
  Shown: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !Select [0, !GetAtt A.Ipv6CidrBlocks]}}
`

func TestAmazonProvidedBlockCanBeCut(t *testing.T) {
	spec, diags := load(numbered)
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	whole, part := spec.VPCs[0].IPv6.Or(nil)[0], spec.Subnets[0].IPv6.Or(netip.Prefix{})
	if whole.Bits() != 56 || !netip.MustParsePrefix("2600:1f00::/25").Contains(whole.Addr()) {
		t.Errorf("the VPC has %v, want a /56 of those that AWS gives", whole)
	}
	if b := part.Addr().As16(); part.Bits() != 64 || !whole.Contains(part.Addr()) || b[7]&0xff != 3 {
		t.Errorf("the subnet has %v, want the fourth /64 of %v", part, whole)
	}
	if got := spec.Parameters[0].Value.Or(""); got != part.String() {
		t.Errorf("its attribute is %q, want %v", got, part)
	}
	again, _ := load(numbered)
	if again.VPCs[0].IPv6.Or(nil)[0] != whole {
		t.Error("the block changes from one reading to the next")
	}
}

// What AWS would refuse, and what it decides itself.
func TestMistakesWithIPv6(t *testing.T) {
	for _, c := range []struct{ what, change, to, want string }{
		{"an IPv4 block where IPv6 belongs", "AmazonProvidedIpv6CidrBlock: true", "Ipv6CidrBlock: 10.1.0.0/16, Ipv6Pool: p", "10.1.0.0/16 is of the other address family"},
		{"an IPv6 block where IPv4 belongs", "CidrBlock: 10.0.0.0/24", "CidrBlock: 2600::/64", "2600::/64 is not an IPv4 block"},
		{"a subnet outside its VPC's block", "!Select [3, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 8, 64]]", "2600:1:2:3::/64", "subnet A has 2600:1:2:3::/64, outside 2600:1f"},
		{"a block of a size that AWS refuses", "!Select [3, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 8, 64]]", "2600:1:2:3::/66", "is not between /44 and /64"},
		{"an IPv6-only subnet with IPv4", "CidrBlock: 10.0.0.0/24", "CidrBlock: 10.0.0.0/24\n      Ipv6Native: true", "an IPv6-only subnet (Ipv6Native) has no IPv4 block"},
		{"more blocks than were associated", "!Select [0, !GetAtt Vpc", "!Select [1, !GetAtt Vpc", "index 1 of a list of 1"},
	} {
		_, diags := load(strings.Replace(numbered, c.change, c.to, 1))
		if !diags.HasErrors() || !strings.Contains(diags.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.what, diags.Error(), c.want)
		}
	}
}

// A block that IPAM allocates is a fact that is missing, and so is what is cut
// from it.
func TestAllocatedBlockIsUnknown(t *testing.T) {
	spec, diags := load(strings.Replace(numbered, "AmazonProvidedIpv6CidrBlock: true", "Ipv6IpamPoolId: pool, Ipv6NetmaskLength: 56", 1))
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	gap, open := spec.Subnets[0].IPv6.Gap()
	if !open || gap.Because != "the IPv6 block of Six is allocated by IPAM" {
		t.Errorf("the subnet's block: %v", show(spec.Subnets[0].IPv6))
	}
}

// A network interface states an address, or asks for one.
func TestNetworkInterfaceHasIPv6(t *testing.T) {
	spec, diags := load(numbered + `  Stated: {Type: "AWS::EC2::NetworkInterface", Properties: {SubnetId: !Ref A, Ipv6Addresses: [{Ipv6Address: "2600:1f00::9"}]}}
  Asks: {Type: "AWS::EC2::NetworkInterface", Properties: {SubnetId: !Ref A, Ipv6AddressCount: 1}}
  Not: {Type: "AWS::EC2::NetworkInterface", Properties: {SubnetId: !Ref A}}
`)
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	for _, n := range spec.NetworkInterfaces {
		if n.IPv6.IsValid() != (n.Name == "Stated") || n.WantsIPv6 != (n.Name == "Asks") {
			t.Errorf("%s has the address %v, and asks for one: %v", n.Name, n.IPv6, n.WantsIPv6)
		}
	}
}

// A block that may not be there leaves the VPC's blocks of its family open.
func TestDoubtfulBlock(t *testing.T) {
	spec, diags := load("Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}\n" +
		strings.Replace(numbered, `Six: {Type: "AWS::EC2::VPCCidrBlock",`, `Six: {Type: "AWS::EC2::VPCCidrBlock", Condition: Prod,`, 1))
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	_, four := spec.VPCs[0].CIDRs.Gap()
	_, six := spec.VPCs[0].IPv6.Gap()
	if four || !six {
		t.Errorf("IPv4 blocks open: %v, IPv6 blocks open: %v", four, six)
	}
}
