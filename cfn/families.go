package cfn

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// storeFamilies reads the network type of what AWS runs in subnets.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.IP_addressing
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html
// https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html
func (o object) storeFamilies(r *resource) cloud.Families {
	for _, key := range []string{"NetworkType", "EndpointNetworkType", "IpAddressType"} {
		if v, stated := o.get(key); stated && slices.Contains(strings.Fields(r.row.properties), key) {
			text, g, missing := o.knownOr(key)
			f, ok := familyTypes[strings.ToLower(text)]
			switch {
			case missing:
				o.l.sayOpen(key, r.Name, g, "until then it is taken to have IPv4 addresses only")
			case !ok:
				o.bad(key, v, text+" is no network type")
			}
			return f
		}
	}
	return cloud.IPv4Only
}

var familyTypes = map[string]cloud.Families{"ipv4": cloud.IPv4Only, "ipv4_only": cloud.IPv4Only, "ipv6": cloud.IPv6Only, "ipv6_only": cloud.IPv6Only,
	"dual": cloud.DualStack, "dual_stack": cloud.DualStack}

// balancerFamilies reads the IpAddressType of a load balancer.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
func (o object) balancerFamilies(b *cloud.LoadBalancer) {
	switch text := o.known("IpAddressType"); text {
	case "", "ipv4":
	case "dualstack", "dualstack-without-public-ipv4":
		b.Addresses, b.NoPublic4 = cloud.DualStack, text != "dualstack"
	default:
		n, _ := o.get("IpAddressType")
		o.bad("IpAddressType", n, text+" is none of ipv4, dualstack, dualstack-without-public-ipv4")
	}
}
