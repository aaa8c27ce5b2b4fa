package cloud

import "slices"

// ZonesOf are the Availability Zones in which the service of an interface
// endpoint is offered; false where that is not known. A customer's service is
// where its load balancers have subnets; of AWS's own no template tells, so they
// are known where somebody listed them (DescribeVpcEndpointServices does).
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
func (m *Model) ZonesOf(e Endpoint) ([]string, bool) {
	if zones, listed := m.spec.ServiceZones[e.Service]; listed {
		return zones, true
	}
	var out []string
	for _, arn := range e.Balancers {
		b, ok := m.balancer(func(b LoadBalancer) bool { return b.ARN == arn })
		subnets, known := b.Subnets.Get()
		if !ok || !known {
			return nil, false
		}
		for _, id := range subnets {
			az, stated := m.subnets[id].AZ.Get()
			if _, here := m.subnets[id]; !here || !stated {
				return nil, false
			}
			out = append(out, az)
		}
	}
	return out, len(out) > 0
}

// Outside reports whether an endpoint's interface is in a zone for certain in
// which its service is not offered: AWS does not make it.
func (m *Model) Outside(e ENI) (zone string, outside bool) {
	ep, ok := m.endpoints[e.Endpoint]
	az, stated := m.subnets[e.Subnet].AZ.Get()
	if !ok || !stated || az == "" {
		return "", false
	}
	zones, known := m.ZonesOf(ep)
	return az, known && !slices.Contains(zones, az)
}
