package conform

import (
	"fmt"
	"net/netip"
	"slices"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// odd changes a Spec into one that the plain generator does not make up: what
// AWS allows and people rarely do, and what is known only in part.
func odd(t *rapid.T, s cloud.Spec) cloud.Spec {
	for _, o := range oddities {
		if chance(t, 25, o.what) {
			o.make(t, &s)
		}
	}
	return s
}

// reachModel is a model for reach, odd ones among them.
func reachModel(t *rapid.T) *cloud.Model { return build(t, reachSpec(t)) }

func reachSpec(t *rapid.T) cloud.Spec {
	open := chance(t, 60, "open facts")
	s := plainSpec(t, open)
	if chance(t, 50, "stores") {
		s = withStores(t, s)
	}
	if chance(t, 50, "transit") {
		s = connected(t, s, open)
	}
	if chance(t, 35, "middleboxes") {
		s = boxed(t, s)
	}
	if chance(t, 50, "IPv6") {
		s = withIPv6(t, s, open)
	}
	if chance(t, 50, "odd") {
		s = odd(t, s)
	}
	return legal(s)
}

// legal is s without the routes that AWS would not take.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
func legal(s cloud.Spec) cloud.Spec {
	own := map[cloud.VPCID]cloud.VPC{}
	for _, v := range s.VPCs {
		own[v.ID] = v
	}
	stands := map[cloud.NATGatewayID]cloud.VPCID{} // a route leads to one of its own VPC
	for _, n := range s.NATGateways {
		stands[n.ID] = n.VPC
		for _, sub := range s.Subnets {
			if sub.ID == n.Subnet {
				stands[n.ID] = sub.VPC
			}
		}
	}
	s.RouteTables = each(s.RouteTables, func(t *cloud.RouteTable) {
		seen := map[cloud.RouteDest]bool{}
		t.Routes = slices.DeleteFunc(slices.Clone(t.Routes), func(r cloud.Route) bool {
			p, ok := r.Dest.(cloud.PrefixDest)
			if _, open := r.Dest.(cloud.UnknownDest); open {
				return false
			}
			inside := ok && slices.ContainsFunc(cidrsOf(own[t.VPC]), func(c netip.Prefix) bool { return c.Bits() <= p.Bits() && c.Contains(p.Addr()) })
			to, nat := r.Target.(cloud.ToNATGateway)
			if home, described := stands[to.ID]; nat && described && home != t.VPC {
				return true
			}
			whole := slices.ContainsFunc(s.Subnets, func(sub cloud.Subnet) bool { return sub.VPC == t.VPC && sub.CIDR.Or(p.Prefix) == p.Prefix })
			twice := seen[r.Dest]
			seen[r.Dest] = true
			return twice || inside && !(nat && whole)
		})
	})
	return s
}

var oddities = []struct {
	what string
	make func(*rapid.T, *cloud.Spec)
}{
	// "You can replace the target of each local route with a network interface,
	// NAT gateway or Gateway Load Balancer endpoint", or name a whole subnet:
	// https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
	{"a route to a NAT gateway within the VPC", func(t *rapid.T, s *cloud.Spec) {
		if len(s.NATGateways) == 0 || len(s.Subnets) == 0 {
			return
		}
		nat, sub := pick(t, "NAT", s.NATGateways...), pick(t, "subnet", s.Subnets...)
		change(t, &s.RouteTables, func(r *cloud.RouteTable) {
			if sub.VPC != r.VPC {
				return
			}
			r.Routes = append(r.Routes[:len(r.Routes):len(r.Routes)], cloud.Route{Meta: cloud.Meta{Name: "within"},
				Dest: cloud.PrefixDest{Prefix: sub.CIDR.Or(cidr("10.0.1.0/24"))}, Target: cloud.ToNATGateway{ID: nat.ID}})
		})
	}},
	// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
	{"replies to a NAT gateway on its own ports only", func(t *rapid.T, s *cloud.Spec) {
		all := cidr("0.0.0.0/0")
		entry := func(ports netset.PortRange) cloud.ACLEntry {
			return cloud.ACLEntry{Meta: cloud.Meta{Name: "entry"}, Number: 1 + int(ports.Lo), Allow: true, Proto: netset.TCP, Ports: ports, CIDR: cloud.Known(all)}
		}
		for _, n := range s.NATGateways {
			a := cloud.NetworkACL{Meta: cloud.Meta{Name: "acl-nat"}, ID: cloud.NetworkACLID("acl-" + n.ID),
				Ingress: []cloud.ACLEntry{entry(netset.Port(443)), entry(netset.PortRange{Lo: 1024, Hi: 65535})}, Egress: []cloud.ACLEntry{entry(netset.AllPorts)}}
			s.NetworkACLs = append(s.NetworkACLs[:len(s.NetworkACLs):len(s.NetworkACLs)], a)
			s.Subnets = each(s.Subnets, func(sub *cloud.Subnet) {
				if sub.ID == n.Subnet {
					sub.ACL = a.ID
				}
			})
		}
	}},
	// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle
	// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
	{"states, and VPCs of another region", func(t *rapid.T, s *cloud.Spec) {
		state := func() cloud.State {
			return cloud.State(pick(t, "state", "", "available", "available", "pendingAcceptance", "failed", "partial", "deleting"))
		}
		change(t, &s.VPCs, func(v *cloud.VPC) {
			attached := slices.ContainsFunc(s.TransitGatewayAttachments, func(a cloud.TransitGatewayAttachment) bool { return a.VPC == v.ID })
			if !v.Default && !v.Managed && !attached { // a transit gateway is of one region
				v.Region = "eu-west-1"
			}
		})
		change(t, &s.NATGateways, func(n *cloud.NATGateway) { n.State = state() })
		change(t, &s.Endpoints, func(e *cloud.Endpoint) { e.State = state() })
		change(t, &s.TransitGatewayAttachments, func(a *cloud.TransitGatewayAttachment) { a.State = state() })
		change(t, &s.Peerings, func(p *cloud.Peering) { p.Active, p.State = false, "expired" })
	}},
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
	{"regional NAT gateways", func(t *rapid.T, s *cloud.Spec) {
		home := map[cloud.SubnetID]cloud.VPCID{}
		for _, sub := range s.Subnets {
			home[sub.ID] = sub.VPC
		}
		change(t, &s.NATGateways, func(n *cloud.NATGateway) {
			if n.Public {
				n.VPC, n.Subnet = home[n.Subnet], ""
			}
		})
	}},
	// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html
	{"NAT gateways with several public addresses, which rules tell apart", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.NATGateways, func(n *cloud.NATGateway) {
			if !n.Public {
				return
			}
			a := n.PublicIP.As4()
			n.PublicIP = netip.AddrFrom4([4]byte{198, 19, 8, 2 * a[3]})
			n.MorePublic = []netip.Addr{n.PublicIP.Next()}
			peer := cloud.PeerCIDR{Prefix: netip.PrefixFrom(pick(t, "of them", n.PublicIP, n.PublicIP.Next()), pick(t, "bits", 32, 31)).Masked()}
			change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) {
				g.Ingress = []cloud.Rule{{Meta: cloud.Meta{Name: "told apart"}, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: peer}}
			})
		})
	}},
	// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
	{"groups that admit those across a peering, and nothing else", func(t *rapid.T, s *cloud.Spec) {
		egress := chance(t, 30, "the other way too")
		s.SecurityGroups = each(s.SecurityGroups, func(g *cloud.SecurityGroup) {
			var rules []cloud.Rule
			for _, o := range s.SecurityGroups {
				if o.VPC != g.VPC {
					rules = append(rules, cloud.Rule{Meta: cloud.Meta{Name: "across"}, Proto: netset.AnyProtocol, Ports: netset.AllPorts, Peer: cloud.PeerGroup{ID: o.ID}})
				}
			}
			if g.Ingress = rules; egress {
				g.Egress = rules
			}
		})
	}},
	{"echo requests of any code", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) {
			change(t, &g.Ingress, func(r *cloud.Rule) { r.Proto, r.Ports = netset.ICMP, netset.PortRange{Lo: 8, Hi: 65535} })
		})
	}},
	{"rules for less than a subnet", func(t *rapid.T, s *cloud.Spec) {
		small := pick(t, "block", cidr("10.0.1.254/32"), cidr("10.0.1.128/25"), cidr("10.0.1.8/31"), cidr("172.31.0.0/29"), cidr("198.19.7.1/32"), cidr("198.19.7.2/31"))
		change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) {
			change(t, either(t, &g.Egress, &g.Ingress), func(r *cloud.Rule) { r.Peer = cloud.PeerCIDR{Prefix: small} })
		})
		change(t, &s.NetworkACLs, func(a *cloud.NetworkACL) {
			change(t, either(t, &a.Egress, &a.Ingress), func(e *cloud.ACLEntry) { e.CIDR = cloud.Known(small) })
		})
	}},
	{"a VPC of public addresses", func(t *rapid.T, s *cloud.Spec) {
		for i, v := range s.VPCs {
			if !v.Default && len(cidrsOf(v)) == 1 {
				moveVPC(s, i, pick(t, "block", cidr("198.18.0.0/16"), cidr("198.19.0.0/16"), cidr("52.94.0.0/16")))
				return
			}
		}
	}},
	{"a list that nothing describes", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) {
			change(t, either(t, &g.Egress, &g.Ingress), func(r *cloud.Rule) { r.Peer = cloud.PeerPrefixList{ID: "pl-elsewhere"} })
		})
	}},
	{"lists of which nobody knows all", func(t *rapid.T, s *cloud.Spec) {
		gap := cloud.Gap{Because: "what is in the list is not known", At: source.Span{Line: 9000}}
		pl := cloud.PrefixList{Meta: cloud.Meta{Name: "list"}, ID: "pl-open", Open: &gap, Public: chance(t, 50, "public")}
		if chance(t, 50, "some is known") {
			pl.Prefixes = []netip.Prefix{pick(t, "known", cidr("198.18.0.0/16"), cidr("52.94.0.0/16"))}
		}
		s.PrefixLists = append(s.PrefixLists[:len(s.PrefixLists):len(s.PrefixLists)], pl)
		change(t, &s.SecurityGroups, func(g *cloud.SecurityGroup) {
			change(t, either(t, &g.Egress, &g.Ingress), func(r *cloud.Rule) { r.Peer = cloud.PeerPrefixList{ID: pl.ID} })
		})
		change(t, &s.RouteTables, func(t *cloud.RouteTable) {
			change1(&t.Routes, func(r *cloud.Route) { r.Dest = cloud.PrefixListDest{ID: pl.ID} })
		})
	}},
	// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
	{"Block Public Access", func(t *rapid.T, s *cloud.Spec) {
		s.PublicAccess = cloud.PublicAccess{Meta: cloud.Meta{Name: "bpa"}, Mode: cloud.Known(pick(t, "mode", "block-ingress", "block-bidirectional"))}
		for _, v := range s.VPCs {
			if chance(t, 30, "excepted") {
				e := cloud.PublicAccessExclusion{Meta: cloud.Meta{Name: "except " + v.Name}, VPC: v.ID, Mode: pick(t, "exception", "allow-bidirectional", "allow-egress")}
				s.PublicAccessExclusions = append(s.PublicAccessExclusions[:len(s.PublicAccessExclusions):len(s.PublicAccessExclusions)], e)
			}
		}
	}},
	{"a route to a list that nothing describes", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.RouteTables, func(t *cloud.RouteTable) {
			change1(&t.Routes, func(r *cloud.Route) { r.Dest = cloud.PrefixListDest{ID: "pl-elsewhere"} })
		})
	}},
	{"a subnet that is full", func(t *rapid.T, s *cloud.Spec) {
		if len(s.Subnets) == 0 {
			return
		}
		sub := pick(t, "subnet", s.Subnets...)
		block, known := sub.CIDR.Get()
		if !known {
			return
		}
		s.Subnets = each(s.Subnets, func(o *cloud.Subnet) {
			if o.ID == sub.ID {
				o.CIDR = cloud.Known(netip.PrefixFrom(block.Addr(), 28))
			}
		})
		s.Instances = each(s.Instances, func(in *cloud.Instance) {
			if in.Subnet.Or("") == sub.ID {
				in.PrivateIP = netip.Addr{}
			}
		})
		for range 9 + roll(t, 4, "instances") {
			n := len(s.Instances)
			s.Instances = append(s.Instances[:n:n], cloud.Instance{Meta: cloud.Meta{Name: fmt.Sprint("filler", n), At: source.Span{Line: 9100 + n}}, ID: fmt.Sprint("i-filler", n), Subnet: cloud.Known(sub.ID)})
		}
	}},
	{"targets that nothing describes", func(t *rapid.T, s *cloud.Spec) {
		to := pick[cloud.RouteTarget](t, "target", cloud.ToNATGateway{ID: "nat-elsewhere"}, cloud.ToEndpoint{ID: "vpce-elsewhere"},
			cloud.ToPeering{ID: "pcx-elsewhere"}, cloud.ToInternetGateway{ID: "igw-elsewhere"})
		change(t, &s.RouteTables, func(r *cloud.RouteTable) { change(t, &r.Routes, func(r *cloud.Route) { r.Target = to }) })
	}},
	{"an instance in a subnet that is not known", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Instances, func(in *cloud.Instance) {
			in.Subnet, in.PrivateIP = cloud.Unknown[cloud.SubnetID]("the subnet is left open", source.Span{}), netip.Addr{}
		})
	}},
	{"a subnet whose block is not known", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Subnets, func(sub *cloud.Subnet) {
			sub.CIDR = cloud.Unknown[netip.Prefix]("the block is left open", source.Span{})
			for i := range s.Instances {
				if s.Instances[i].Subnet.Or("") == sub.ID {
					s.Instances = each(s.Instances, func(in *cloud.Instance) { in.PrivateIP = netip.Addr{} })
				}
			}
		})
	}},
	{"Lightsail's block is not known", func(t *rapid.T, s *cloud.Spec) {
		s.Lightsail.CIDR = unknown[netip.Prefix]()
		s.LightsailInstances = each(s.LightsailInstances, func(in *cloud.LightsailInstance) { in.PrivateIP = netip.Addr{} })
	}},
	{"groups that nothing describes", func(t *rapid.T, s *cloud.Spec) {
		change(t, &s.Instances, func(in *cloud.Instance) { in.Groups = cloud.Known([]cloud.SecurityGroupID{"sg-elsewhere"}) })
	}},
}

// change1 changes the first of a list.
func change1[T any](list *[]T, f func(*T)) {
	if len(*list) > 0 {
		*list = append([]T{}, *list...)
		f(&(*list)[0])
	}
}

// moveVPC gives a VPC another block, and its subnets and instances theirs in it.
func moveVPC(s *cloud.Spec, i int, to netip.Prefix) {
	s.VPCs = append([]cloud.VPC{}, s.VPCs...)
	own := cidrsOf(s.VPCs[i])[0]
	s.VPCs[i].CIDRs = cloud.Known([]netip.Prefix{to})
	moved := func(a netip.Addr) netip.Addr {
		if !a.IsValid() || !own.Contains(a) {
			return a
		}
		b, base := a.As4(), to.Addr().As4()
		b[0], b[1] = base[0], base[1]
		return netip.AddrFrom4(b)
	}
	in := map[cloud.SubnetID]bool{}
	s.Subnets = each(s.Subnets, func(sub *cloud.Subnet) {
		if c, ok := sub.CIDR.Get(); ok && sub.VPC == s.VPCs[i].ID {
			in[sub.ID] = true
			sub.CIDR = cloud.Known(netip.PrefixFrom(moved(c.Addr()), c.Bits()))
		}
	})
	s.Instances = each(s.Instances, func(inst *cloud.Instance) {
		if in[inst.Subnet.Or("")] {
			inst.PrivateIP = moved(inst.PrivateIP)
		}
	})
}
