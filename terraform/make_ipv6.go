package terraform

import (
	"github.com/zclconf/go-cty/cty"

	"bailey/cloud"
	"bailey/source"
)

// vpcWithBlock may ask for an IPv6 block, which CloudFormation has as a resource of its
// own.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc
func vpcWithBlock(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	if block := t.ipv6Block(i.body); len(block) > 0 {
		t.emit(i, ipv6Part, "AWS::EC2::VPCCidrBlock", append(block, entry("VpcId", ref(i, i.at))))
	}
}

// ipv6Part is what of a VPC its IPv6 block is.
const ipv6Part = "ipv6block"

func ipv6Association(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, append(t.one(i, "VpcId", "vpc_id"), t.ipv6Block(i.body)...))
}

// ipv6From are the arguments that say where an IPv6 block comes from.
var ipv6From = (&parser{text: "Ipv6CidrBlock Ipv6IpamPoolId Ipv6NetmaskLength Ipv6Pool"}).properties()

// ipv6Block says which IPv6 block a VPC has, nothing where it has none.
func (t *translator) ipv6Block(b body) []source.Entry {
	asked, ok := b.get("assign_generated_ipv6_cidr_block")
	if ok {
		if bare, _ := asked.value.Unmark(); !bare.IsKnown() || b.flag("assign_generated_ipv6_cidr_block", false) {
			return []source.Entry{entry("AmazonProvidedIpv6CidrBlock", t.node(asked.value, asked.at))}
		}
	}
	return t.properties(ipv6From, b)
}

// amazonBlock is the attribute ipv6_cidr_block of what asks for a block of
// Amazon's, which subnets' blocks are computed from: the one that cfn makes up.
func (e *evaluator) amazonBlock(i *instance) map[string]cty.Value {
	name := i.addr
	switch i.b.typ {
	case "aws_vpc":
		name += "." + ipv6Part
	case "aws_vpc_ipv6_cidr_block_association":
	default:
		return nil
	}
	if hasToken(name) || !i.body.flag("assign_generated_ipv6_cidr_block", false) {
		return nil
	}
	return map[string]cty.Value{"ipv6_cidr_block": cty.StringVal(cloud.AmazonBlock(e.stackName(), name).String())}
}

// ipv6Addresses are those that an interface asks for.
func (t *translator) ipv6Addresses(b body) []source.Entry {
	var out []source.Entry
	if f, ok := b.get("ipv6_address_count"); ok {
		out = append(out, entry("Ipv6AddressCount", t.node(f.value, f.at)))
	}
	for _, name := range []string{"ipv6_addresses", "ipv6_address_list"} {
		f, ok := b.get(name)
		if !ok {
			continue
		}
		all := t.node(f.value, f.at)
		if all.Kind == source.Unknown {
			return append(out, entry("Ipv6Addresses", all))
		}
		var items []source.Node
		for a := range all.Each() {
			items = append(items, object(f.at, entry("Ipv6Address", a)))
		}
		return append(out, entry("Ipv6Addresses", list(f.at, items...)))
	}
	return out
}
