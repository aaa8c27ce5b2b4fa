//go:build linux

package main

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
)

// A fleet is a VPC of instances, spread over subnets and over groups: each has
// the group of all and one of a tier, which admits itself on a port of its own
// and the tier before it on 443.
type fleet struct{ instances, subnets, tiers int }

func (f fleet) spec() cloud.Spec {
	s := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "fleet"}
	s.VPCs = []cloud.VPC{{Meta: cloud.Meta{Name: "vpc"}, ID: "vpc", CIDRs: cloud.Known([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}),
		DNSSupport: cloud.Known(true), DNSHostnames: cloud.Known(true)}}
	s.RouteTables = []cloud.RouteTable{{Meta: cloud.Meta{Name: "main"}, ID: "rtb", VPC: "vpc", Main: true}}
	for i := range f.subnets {
		id := cloud.SubnetID(fmt.Sprintf("subnet-%03d", i))
		s.Subnets = append(s.Subnets, cloud.Subnet{Meta: cloud.Meta{Name: string(id)}, ID: id, VPC: "vpc", CIDR: cloud.Known(f.block(i))})
	}
	everything := cloud.Rule{Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerCIDR{Prefix: netip.MustParsePrefix("0.0.0.0/0")}}
	s.SecurityGroups = []cloud.SecurityGroup{{Meta: cloud.Meta{Name: "all"}, ID: "sg-all", VPC: "vpc", Egress: []cloud.Rule{everything},
		Ingress: []cloud.Rule{f.admits(22, cloud.PeerCIDR{Prefix: f.block(0)})}}}
	for i := range f.tiers {
		s.SecurityGroups = append(s.SecurityGroups, f.tier(i))
	}
	for i := range f.instances {
		s.Instances = append(s.Instances, f.instance(i))
	}
	return s
}

// block is the /16 of a subnet.
func (f fleet) block(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16)
}

func (f fleet) admits(port uint16, peer cloud.Peer) cloud.Rule {
	return cloud.Rule{Proto: netset.TCP, Ports: netset.Port(port), Peer: peer}
}

func (f fleet) tierID(i int) cloud.SecurityGroupID {
	return cloud.SecurityGroupID(fmt.Sprintf("sg-%03d", i))
}

func (f fleet) tier(i int) cloud.SecurityGroup {
	return cloud.SecurityGroup{Meta: cloud.Meta{Name: string(f.tierID(i))}, ID: f.tierID(i), VPC: "vpc", Ingress: []cloud.Rule{
		f.admits(uint16(8000+i), cloud.PeerGroup{ID: f.tierID(i)}),
		f.admits(443, cloud.PeerGroup{ID: f.tierID((i + f.tiers - 1) % f.tiers)}),
		f.admits(uint16(9000+i%7), cloud.PeerCIDR{Prefix: netip.MustParsePrefix("10.0.0.0/8")}),
		f.admits(5432, cloud.PeerCIDR{Prefix: f.block(i % f.subnets)}),
	}}
}

// instance gives every subnet instances of every tier, one after another.
func (f fleet) instance(i int) cloud.Instance {
	sub, host := i%f.subnets, 10+i/f.subnets
	name := fmt.Sprintf("i-%06d", i)
	return cloud.Instance{Meta: cloud.Meta{Name: name}, ID: name, Subnet: cloud.Known(cloud.SubnetID(fmt.Sprintf("subnet-%03d", sub))),
		Groups:    cloud.Known([]cloud.SecurityGroupID{"sg-all", f.tierID((i/f.subnets + sub*7) % f.tiers)}),
		PrivateIP: netip.AddrFrom4([4]byte{10, byte(sub), byte(host / 250), byte(1 + host%250)})}
}
