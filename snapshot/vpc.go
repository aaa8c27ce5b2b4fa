package snapshot

import (
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
)

// readVPCs. The two DNS attributes are not in the list: each is an answer of its
// own, which `describe-vpc-attribute` gives with the VPC's ID.
// https://docs.aws.amazon.com/cli/latest/reference/ec2/describe-vpc-attribute.html
func (r *reader) readVPCs() {
	for _, it := range r.list("Vpcs") {
		id := it.text("VpcId")
		r.vpcs[id] = true
		v := cloud.VPC{Meta: r.meta("Vpcs", it), ID: cloud.VPCID(id), Default: it.flag("IsDefault", false),
			DNSSupport: r.attribute("EnableDnsSupport", id), DNSHostnames: r.attribute("EnableDnsHostnames", id)}
		v.CIDRs = cloud.Known(blocks(it, "CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"))
		if len(it.list("CidrBlockAssociationSet")) == 0 {
			v.CIDRs = cloud.Known([]netip.Prefix{it.cidr("CidrBlock")})
		}
		v.IPv6 = cloud.Known(blocks(it, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"))
		if !r.described("VpcEndpoints") { // one with private DNS may answer any of AWS's names
			g := r.gap("VpcEndpoints")
			v.DNSSupport = cloud.Unknown[bool](g.Because, g.At)
		}
		r.spec.VPCs = append(r.spec.VPCs, v)
	}
}

// blocks are the associated blocks of a VPC or a subnet.
func blocks(it item, key, block, state string) []netip.Prefix {
	var out []netip.Prefix
	for _, c := range it.items(key) {
		if s := c.child(state).text("State"); s != "" && s != "associated" {
			continue
		}
		if p := c.cidr(block); p.IsValid() && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// attribute is one attribute of a VPC.
func (r *reader) attribute(key, vpc string) cloud.Value[bool] {
	for _, it := range r.list(key) {
		if it.text("VpcId") == vpc {
			return cloud.Known(it.child(key).flag("Value", false))
		}
	}
	g := r.gap(key)
	return cloud.Unknown[bool]("whether "+vpc+" has "+key+": "+g.Because, g.At)
}

func (r *reader) readSubnets() {
	for _, it := range r.list("Subnets") {
		id := it.text("SubnetId")
		r.subnets[id] = true
		s := cloud.Subnet{Meta: r.meta("Subnets", it), ID: cloud.SubnetID(id), VPC: r.vpc(it.text("VpcId"), it.at()), CIDR: cloud.Known(it.cidr("CidrBlock")),
			AZ: cloud.Known(it.text("AvailabilityZone")), DNS64: cloud.Known(it.flag("EnableDns64", false)), AssignIPv6: cloud.Known(it.flag("AssignIpv6AddressOnCreation", false)),
			IPv6: cloud.Known(netip.Prefix{})}
		if v6 := blocks(it, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"); len(v6) > 0 {
			s.IPv6 = cloud.Known(v6[0])
		}
		r.spec.Subnets = append(r.spec.Subnets, s)
	}
}

// readDHCP joins DHCP options to the VPCs that have them. A VPC with the default
// set, or whose set is AWS's own resolver, needs none.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html
func (r *reader) readDHCP() {
	sets := map[string]*cloud.DHCPOptions{}
	var order []string
	for _, it := range r.list("DhcpOptions") {
		d := &cloud.DHCPOptions{Meta: r.meta("DhcpOptions", it), ID: it.text("DhcpOptionsId")}
		for _, c := range it.items("DhcpConfigurations") {
			if c.text("Key") == "domain-name-servers" {
				d.Servers = cloud.Known(each[string](c, "Values", "Value"))
			}
		}
		sets[d.ID] = d
		order = append(order, d.ID)
	}
	for _, it := range r.list("Vpcs") {
		id := it.text("DhcpOptionsId")
		if id == "" || id == "default" {
			continue
		}
		if sets[id] == nil {
			g := r.missing("DhcpOptions", id, it.at())
			sets[id] = &cloud.DHCPOptions{Meta: cloud.Meta{Name: id, Type: "AWS::EC2::DHCPOptions", At: it.at()}, ID: id, Servers: cloud.Unknown[[]string](g.Because, g.At)}
			order = append(order, id)
		}
		sets[id].VPCs = append(sets[id].VPCs, cloud.VPCID(it.text("VpcId")))
	}
	for _, id := range order {
		if servers, known := sets[id].Servers.Get(); len(sets[id].VPCs) > 0 && (!known || !slices.Equal(servers, []string{cloud.AmazonDNS})) {
			r.spec.DHCPOptions = append(r.spec.DHCPOptions, *sets[id])
		}
	}
}

// readPublicAccess.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func (r *reader) readPublicAccess() {
	for _, it := range r.list("VpcBlockPublicAccessOptions") {
		o := it.child("VpcBlockPublicAccessOptions")
		r.spec.PublicAccess = cloud.PublicAccess{Meta: r.meta("VpcBlockPublicAccessOptions", it), Mode: cloud.Known(o.text("InternetGatewayBlockMode"))}
		r.spec.PublicAccess.Name = "Block Public Access"
	}
	if !r.described("VpcBlockPublicAccessOptions") {
		g := r.gap("VpcBlockPublicAccessOptions")
		r.spec.PublicAccess.Mode = cloud.Unknown[string]("whether VPC Block Public Access is on: "+g.Because, g.At)
	} else if mode := r.spec.PublicAccess.Mode.Or(""); mode == "" || mode == "off" {
		r.spec.PublicAccess = cloud.PublicAccess{}
	}
	for _, it := range r.list("VpcBlockPublicAccessExclusions") {
		arn := it.arn("ResourceArn").Resource
		e := cloud.PublicAccessExclusion{Meta: r.meta("VpcBlockPublicAccessExclusions", it), Mode: it.text("InternetGatewayExclusionMode")}
		if id, ok := strings.CutPrefix(arn, "vpc/"); ok {
			e.VPC = cloud.VPCID(id)
		} else if id, ok := strings.CutPrefix(arn, "subnet/"); ok {
			e.Subnet = cloud.SubnetID(id)
		}
		if state := it.text("State"); state == "create-complete" || state == "update-complete" {
			r.spec.PublicAccessExclusions = append(r.spec.PublicAccessExclusions, e)
		}
	}
}
