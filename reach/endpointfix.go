package reach

import (
	"fmt"
	"slices"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach/patch"
)

// service is the AWS service that the question is about, if it is one.
func (p *proposal) service() (cloud.Service, bool) {
	return cloud.ServiceOfHost(p.r.Host, p.m.Region())
}

// endpoint proposes a VPC endpoint for the service: the gateway endpoint that is
// there for more tables, a new one, which costs nothing, and an interface
// endpoint in one subnet.
func (p *proposal) endpoint(f cloud.Function) [][]change {
	svc, ok := p.service()
	subnets, known := f.Network.Subnets.Get()
	if !ok || !known || len(subnets) == 0 || !p.exists(svc) {
		return nil
	}
	sub, ok := p.m.Subnet(subnets[0])
	if !ok {
		return nil
	}
	var out [][]change
	if svc.Gateway {
		tables := p.tablesOf(subnets)
		if e, there := p.gatewayFor(svc, sub.VPC); there {
			out = append(out, []change{associated(e, tables)})
		} else {
			out = append(out, []change{p.gatewayEndpoint(svc, tables, sub.VPC)})
		}
	}
	if svc.Interface && !p.hasEndpoint(svc, sub.VPC) {
		out = append(out, []change{p.interfaceEndpoint(f, svc, sub, len(subnets))})
	}
	return out
}

// exists reports whether the endpoint service existed on the model's day.
func (p *proposal) exists(svc cloud.Service) bool {
	day := p.m.Catalogue()
	return day == "" || svc.Since == "" || svc.Since <= day
}

func (p *proposal) hasEndpoint(svc cloud.Service, vpc cloud.VPCID) bool {
	for e := range p.m.Endpoints() {
		if e.VPC == vpc && e.Service == svc.Name && e.Kind == cloud.InterfaceEndpoint {
			return true
		}
	}
	return false
}

func (p *proposal) gatewayFor(svc cloud.Service, vpc cloud.VPCID) (cloud.Endpoint, bool) {
	for e := range p.m.Endpoints() {
		if e.VPC == vpc && e.Service == svc.Name && e.Kind == cloud.GatewayEndpoint {
			return e, true
		}
	}
	return cloud.Endpoint{}, false
}

// tablesOf are the route tables that subnets use, each once.
func (p *proposal) tablesOf(subnets []cloud.SubnetID) []cloud.RouteTable {
	var out []cloud.RouteTable
	for _, id := range subnets {
		sub, _ := p.m.Subnet(id)
		t, ok := p.m.RouteTableOf(sub)
		if ok && !slices.ContainsFunc(out, func(o cloud.RouteTable) bool { return o.ID == t.ID }) {
			out = append(out, t)
		}
	}
	return out
}

// associated proposes to give tables the route of a gateway endpoint that is
// there. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func associated(e cloud.Endpoint, tables []cloud.RouteTable) change {
	var add []cloud.RouteTableID
	var refs []patch.Resource
	names := ""
	for _, t := range tables {
		if slices.Contains(e.RouteTables, t.ID) {
			continue
		}
		if names != "" {
			names += ", "
		}
		add, refs, names = append(add, t.ID), append(refs, table(t)), names+t.Name
	}
	return change{
		summary: fmt.Sprintf("associate %s with %s", e.Name, names), opens: anyPort,
		edits: append(patch.Patch{patch.Append{Of: resource(e.Meta, string(e.ID), typeEndpoint), Property: "RouteTableIds", Items: patch.Refs(refs...), Have: len(e.RouteTables)}}, standIns(refs...)...),
		apply: func(s *cloud.Spec) {
			for i := range s.Endpoints {
				if s.Endpoints[i].ID == e.ID {
					s.Endpoints[i].RouteTables = slices.Concat(s.Endpoints[i].RouteTables, add)
				}
			}
		},
	}
}

func (p *proposal) gatewayEndpoint(svc cloud.Service, tables []cloud.RouteTable, vpc cloud.VPCID) change {
	var ids []cloud.RouteTableID
	var refs []patch.Resource
	for _, t := range tables {
		ids, refs = append(ids, t.ID), append(refs, table(t))
	}
	own := proposed(p.fresh(logical(svc.Name, "GatewayEndpoint")), typeEndpoint)
	e := cloud.Endpoint{Meta: metaOf(own), ID: cloud.EndpointID(cloud.PhysicalID("vpce", p.m.Stack(), own.Name)),
		VPC: vpc, Kind: cloud.GatewayEndpoint, Service: svc.Name, RouteTables: ids}
	return change{
		summary: "add a gateway endpoint for " + svc.Name, opens: anyPort,
		edits: append(patch.Patch{patch.Add{Resource: own, Properties: props("VpcEndpointType", "Gateway", "VpcId", ref(p.vpc(vpc)),
			"ServiceName", svc.EndpointService(p.m.Region()), "RouteTableIds", patch.Refs(refs...))}}, standIns(refs...)...),
		apply: func(s *cloud.Spec) { s.Endpoints = append(s.Endpoints, e) },
	}
}

// interfaceEndpoint proposes one in the function's first subnet: the cheapest
// that works, since every subnet of the VPC reaches it.
func (p *proposal) interfaceEndpoint(f cloud.Function, svc cloud.Service, sub cloud.Subnet, zones int) change {
	own := proposed(p.fresh(logical(svc.Name, "InterfaceEndpoint")), typeEndpoint)
	guard := proposed(p.fresh(logical(svc.Name, "InterfaceEndpointGroup")), typeGroup)
	sg, rules := p.endpointGroup(f, guard, sub.VPC)
	e := cloud.Endpoint{Meta: metaOf(own), ID: cloud.EndpointID(cloud.PhysicalID("vpce", p.m.Stack(), own.Name)),
		VPC: sub.VPC, Kind: cloud.InterfaceEndpoint, Service: svc.Name, Subnets: cloud.Known([]cloud.SubnetID{sub.ID}),
		Groups: cloud.Known([]cloud.SecurityGroupID{sg.ID}), PrivateDNS: cloud.Known(true)}
	summary := fmt.Sprintf("add an interface endpoint for %s in %s", svc.Name, sub.Name)
	cost := yearly(p.m, cloud.PriceInterfaceEndpoint)
	if zones > 1 {
		summary += fmt.Sprintf(" (one zone; in all %d: $%.2f)", zones, cost*float64(zones))
	}
	return change{
		summary: summary, usd: cost, zones: zones, opens: onePort,
		edits: patch.Patch{
			patch.Add{Resource: guard, Properties: props("GroupDescription", "HTTPS to "+svc.Name, "VpcId", ref(p.vpc(sub.VPC)), "SecurityGroupIngress", rules)},
			patch.Add{Resource: own, Properties: props("VpcEndpointType", "Interface", "VpcId", ref(p.vpc(sub.VPC)), "ServiceName", svc.EndpointService(p.m.Region()),
				"PrivateDnsEnabled", patch.Bool(true), "SubnetIds", patch.Refs(p.subnet(sub.ID)), "SecurityGroupIds", patch.Refs(guard))},
		},
		apply: func(s *cloud.Spec) {
			s.SecurityGroups = append(s.SecurityGroups, sg)
			s.Endpoints = append(s.Endpoints, e)
		},
	}
}

// endpointGroup is a new endpoint's security group: HTTPS from the function's.
func (p *proposal) endpointGroup(f cloud.Function, own patch.Resource, vpc cloud.VPCID) (cloud.SecurityGroup, patch.List) {
	groups, _ := f.Network.Groups.Get()
	sg := cloud.SecurityGroup{Meta: metaOf(own), ID: cloud.SecurityGroupID(cloud.PhysicalID("sg", p.m.Stack(), own.Name)), VPC: vpc, Egress: cloud.AllowAllEgress(f.At)}
	var rules patch.List
	for _, g := range groups {
		sg.Ingress = append(sg.Ingress, cloud.Rule{Meta: metaOf(own), Proto: netset.TCP, Ports: netset.Port(443), Peer: cloud.PeerGroup{ID: g}})
		rules = append(rules, props("IpProtocol", "tcp", "FromPort", patch.Number(443), "ToPort", patch.Number(443), "SourceSecurityGroupId", ref(p.group(g))))
	}
	return sg, rules
}

// dns proposes to turn on the one thing that keeps an endpoint's private name,
// or every name, from answering.
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func (p *proposal) dns(b path.Reason) []change {
	if b.Code == path.PrivateDNSOff {
		return p.privateDNS(b)
	}
	for v := range p.m.VPCs() {
		if v.Name != b.Component {
			continue
		}
		attribute, set := "EnableDnsHostnames", func(v *cloud.VPC) { v.DNSHostnames = cloud.Known(true) }
		if b.Code == path.DNSSupportOff {
			attribute, set = "EnableDnsSupport", func(v *cloud.VPC) { v.DNSSupport = cloud.Known(true) }
		}
		return []change{{
			summary: fmt.Sprintf("turn on %s of %s", attribute, v.Name), opens: onePort,
			edits: patch.Patch{patch.Set{Of: p.vpc(v.ID), Property: attribute, Value: patch.Bool(true)}},
			apply: func(s *cloud.Spec) {
				for i := range s.VPCs {
					if s.VPCs[i].ID == v.ID {
						set(&s.VPCs[i])
					}
				}
			},
		}}
	}
	return nil
}

func (p *proposal) privateDNS(b path.Reason) []change {
	return p.endpointEdit(b.Component, "turn on private DNS of "+b.Component, "PrivateDnsEnabled", patch.Bool(true),
		func(e *cloud.Endpoint) { e.PrivateDNS = cloud.Known(true) })
}

// endpointEdit proposes to set a property of an endpoint; nil removes it.
func (p *proposal) endpointEdit(name, summary, property string, value patch.Value, edit func(*cloud.Endpoint)) []change {
	for e := range p.m.Endpoints() {
		if e.Name != name {
			continue
		}
		of := resource(e.Meta, string(e.ID), typeEndpoint)
		step := patch.Edit(patch.Set{Of: of, Property: property, Value: value})
		if value == nil {
			step = patch.Remove{Of: of, Property: property}
		}
		return []change{{summary: summary, opens: onePort, edits: patch.Patch{step}, apply: func(s *cloud.Spec) {
			for i := range s.Endpoints {
				if s.Endpoints[i].ID == e.ID {
					edit(&s.Endpoints[i])
				}
			}
		}}}
	}
	return nil
}

// endpointPolicy proposes to drop a policy that denies everything: an endpoint
// without one allows what IAM and the service allow.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func (p *proposal) endpointPolicy(b path.Reason) []change {
	return p.endpointEdit(b.Component, "remove the policy of "+b.Component+", which allows nothing", "PolicyDocument", nil,
		func(e *cloud.Endpoint) { e.Policy = nil })
}

// uncaptured proposes that an execute-api endpoint no longer answers for the
// names of public APIs.
func (p *proposal) uncaptured(b path.Reason) []change {
	return p.endpointEdit(b.Component, "turn private DNS of "+b.Component+" off (private APIs are then called by the endpoint's own names)",
		"PrivateDnsEnabled", patch.Bool(false), func(e *cloud.Endpoint) { e.PrivateDNS = cloud.Known(false) })
}
