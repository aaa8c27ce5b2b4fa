package reach

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
)

// dialInstead proposes another host name where the one that is dialled is a
// service's, but not one that private DNS of its endpoint covers: the regional
// name, or that of the cell which an endpoint is for. It costs nothing; where
// there is no endpoint yet, together with one.
func (p *proposal) dialInstead() [][]change {
	var out [][]change
	try := func(svc cloud.Service, how string) {
		host := svc.HostIn(p.m.Region())
		c := change{summary: fmt.Sprintf("dial %s, which its endpoint covers: %s", host, how), dials: host, edits: p.setting(svc, how)}
		out = append(out, []change{c})
		regionally := *p
		regionally.r.Host = host
		if f, ok := p.m.Function(p.q.From); ok && f.Network != nil {
			for _, way := range regionally.endpoint(f) {
				out = append(out, append([]change{c}, way...))
			}
		}
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

// setting is an environment variable where the SDKs read one, else a word of
// advice.
func (p *proposal) setting(svc cloud.Service, how string) patch.Patch {
	if _, ok := p.m.Function(p.q.From); !ok || svc.Name != "sts" {
		return patch.Patch{patch.Advice(p.q.From + ": " + how)}
	}
	var out patch.Patch
	for _, name := range append([]string{p.q.From}, p.also...) {
		out = append(out, p.variable(name, "AWS_STS_REGIONAL_ENDPOINTS", "regional"))
	}
	return out
}

// variable sets an environment variable of a function.
func (p *proposal) variable(function, name, value string) patch.Edit {
	if f, _ := p.m.Function(function); len(f.Env) == 0 {
		return patch.Set{Of: p.function(function), Property: "Environment", Value: props("Variables", props(name, value))}
	}
	return patch.Set{Of: p.function(function), Property: "Environment.Variables." + name, Value: text(value)}
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

// acceptPeering proposes to accept a peering that waits for it.
// https://docs.aws.amazon.com/vpc/latest/peering/accept-vpc-peering-connection.html
func (p *proposal) acceptPeering(b path.Reason) []change {
	for peering := range p.m.Peerings() {
		if peering.Name != b.Component || !peering.Pending() {
			continue
		}
		return []change{{
			summary: "accept peering " + peering.Name, opens: onePort,
			edits: patch.Patch{patch.Advice("aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id " + string(peering.ID))},
			apply: func(s *cloud.Spec) {
				for i := range s.Peerings {
					if s.Peerings[i].ID == peering.ID {
						s.Peerings[i].Active, s.Peerings[i].State = true, ""
					}
				}
			},
		}}
	}
	return nil
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
		summary: "allow DNS resolution over peering " + peering.Name, opens: onePort,
		edits: patch.Patch{patch.Advice("aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id " + string(peering.ID) +
			" --requester-peering-connection-options AllowDnsResolutionFromRemoteVpc=true --accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true")},
		apply: func(s *cloud.Spec) {
			for i := range s.Peerings {
				if s.Peerings[i].ID == peering.ID {
					s.Peerings[i].ADNS, s.Peerings[i].BDNS = true, true
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
	i := slices.IndexFunc(slices.Collect(p.m.HostedZones()), func(z cloud.HostedZone) bool { return z.Name == b.Component })
	if i < 0 {
		return nil
	}
	zone := slices.Collect(p.m.HostedZones())[i]
	item := props("VPCId", ref(p.vpc(vpc.ID)), "VPCRegion", p.m.Region())
	return []change{{
		summary: fmt.Sprintf("associate %s with %s", b.Component, vpc.Name), opens: onePort,
		edits: patch.Patch{patch.Append{Of: resource(zone.Meta, string(zone.ID), "AWS::Route53::HostedZone"), Property: "VPCs", Items: patch.List{item}, Have: len(zone.VPCs)}},
		apply: func(s *cloud.Spec) {
			for i, z := range s.HostedZones {
				if z.Name == b.Component {
					s.HostedZones[i].VPCs = append(slices.Clip(z.VPCs), vpc.ID)
				}
			}
		},
	}}
}
