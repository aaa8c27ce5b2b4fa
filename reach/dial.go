package reach

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
)

// dialInstead proposes another host name where the one that is dialled is a
// service's, but not one that private DNS of its endpoint covers: the regional
// name, or that of the cell which an endpoint is for. It costs nothing.
func (p *proposal) dialInstead() []change {
	var out []change
	try := func(svc cloud.Service, how string) {
		host := svc.HostIn(p.m.Region())
		out = append(out, change{
			Fix:     Fix{Summary: fmt.Sprintf("dial %s, which its endpoint covers: %s", host, how), Patch: fmt.Sprintf("  # %s: %s\n", p.q.From, how)},
			apply:   func(*cloud.Spec) {},
			instead: host,
		})
	}
	if svc, ok := cloud.Uncovered(p.r.Host, p.m.Region()); ok {
		try(svc, regionalSetting(svc, p.m.Region()))
	}
	if svc, ok := p.service(); ok && !svc.Interface {
		for e := range p.m.Endpoints() {
			if cell, ok := cloud.ServiceByName(e.Service); ok && strings.HasPrefix(cell.Name, svc.Name+"-cell") {
				try(cell, "endpoint_url https://"+cell.HostIn(p.m.Region())+" of the client, without endpoint discovery")
			}
		}
	}
	return out
}

// regionalSetting is how a client is told to dial a service's regional name.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func regionalSetting(svc cloud.Service, region string) string {
	switch svc.Name {
	case "sts":
		return "AWS_STS_REGIONAL_ENDPOINTS=regional"
	case "s3":
		return "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT=regional, and the region of the client"
	}
	return "a newer SDK, or endpoint_url https://" + svc.HostIn(region)
}

// peeringDNS proposes to let names be resolved over a peering, which no
// template can say: CloudFormation has no property for it.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
func (p *proposal) peeringDNS(b path.Reason) []change {
	i := slices.IndexFunc(slices.Collect(p.m.Peerings()), func(v cloud.Peering) bool { return v.Name == b.Component })
	if i < 0 {
		return nil
	}
	peering := slices.Collect(p.m.Peerings())[i]
	return []change{{
		Fix: Fix{Summary: "allow DNS resolution over peering " + peering.Name, opens: 1,
			Patch: "  # aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id " + string(peering.ID) +
				" --requester-peering-connection-options AllowDnsResolutionFromRemoteVpc=true --accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true\n"},
		apply: func(s *cloud.Spec) {
			for i := range s.Peerings {
				if s.Peerings[i].ID == peering.ID {
					s.Peerings[i].ADNS, s.Peerings[i].BDNS = true, true
				}
			}
			for i, v := range s.VPCs {
				if v.ID == peering.A || v.ID == peering.B {
					s.VPCs[i].DNSSupport, s.VPCs[i].DNSHostnames = cloud.Known(true), cloud.Known(true)
				}
			}
		},
	}}
}

// associateZone proposes to let a private zone answer in the asker's VPC.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-associate-vpcs.html
func (p *proposal) associateZone(b path.Reason) []change {
	enis := p.m.ENIsOf(p.q.From)
	if len(enis) == 0 {
		return nil
	}
	vpc, ok := p.m.VPC(enis[0].VPC)
	if !ok {
		return nil
	}
	return []change{{
		Fix: Fix{Summary: fmt.Sprintf("associate %s with %s", b.Component, vpc.Name), USDPerYear: 0, opens: 1,
			Patch: fmt.Sprintf("  # %s: VPCs: add {VPCId: %s, VPCRegion: %s}\n", b.Component, p.referVPC(vpc.ID), p.m.Region())},
		apply: func(s *cloud.Spec) {
			for i, z := range s.HostedZones {
				if z.Name == b.Component {
					s.HostedZones[i].VPCs = append(slices.Clip(z.VPCs), vpc.ID)
				}
			}
			for i, v := range s.VPCs {
				if v.ID == vpc.ID {
					s.VPCs[i].DNSSupport, s.VPCs[i].DNSHostnames = cloud.Known(true), cloud.Known(true)
				}
			}
		},
	}}
}
