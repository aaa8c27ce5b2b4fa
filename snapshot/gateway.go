package snapshot

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// readGateways. An attachment of an internet gateway is in state available, as
// EC2 prints it, while it lasts.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html
func (r *reader) readGateways() {
	for _, it := range r.list("InternetGateways") {
		g := cloud.InternetGateway{Meta: r.meta("InternetGateways", it), ID: cloud.InternetGatewayID(it.text("InternetGatewayId"))}
		g.VPC = r.attachedTo(it, "Attachments")
		r.spec.InternetGateways = append(r.spec.InternetGateways, g)
	}
	for _, it := range r.list("EgressOnlyInternetGateways") {
		g := cloud.EgressOnlyGateway{Meta: r.meta("EgressOnlyInternetGateways", it), ID: cloud.EgressOnlyGatewayID(it.text("EgressOnlyInternetGatewayId"))}
		g.VPC = r.attachedTo(it, "Attachments")
		r.spec.EgressOnlyGateways = append(r.spec.EgressOnlyGateways, g)
	}
}

// attachedTo is the VPC that a gateway is attached to; empty: none.
func (r *reader) attachedTo(it item, key string) cloud.VPCID {
	for _, a := range it.items(key) {
		if s := a.text("State"); s == "available" || s == "attached" {
			return r.vpc(a.text("VpcId"), a.at())
		}
	}
	return ""
}

// readNATGateways. One that failed forwards nothing, whatever state the routes to
// it are in.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
func (r *reader) readNATGateways() {
	for _, it := range r.list("NatGateways") {
		m, id, state := r.meta("NatGateways", it), it.text("NatGatewayId"), it.text("State")
		if isIn(state, "deleted", "deleting") {
			r.gone[id] = state
			r.notInUse(m, state)
			continue
		}
		n := cloud.NATGateway{Meta: m, ID: cloud.NATGatewayID(id), Subnet: cloud.SubnetID(it.text("SubnetId")), Public: it.text("ConnectivityType") != "private", State: stateOf(state)}
		if it.text("AvailabilityMode") == "regional" {
			n.Subnet, n.VPC = "", r.vpc(it.text("VpcId"), it.at())
			r.regional[it.text("RouteTableId")] = n.ID
		} else if !r.subnets[string(n.Subnet)] {
			g := r.missing("Subnets", string(n.Subnet), it.at())
			r.openTargets[id] = g
			r.note(m, g.Because)
			continue
		}
		r.natAddresses(it, &n)
		r.spec.NATGateways = append(r.spec.NATGateways, n)
	}
}

// natAddresses reads the addresses of a NAT gateway, the primary one first.
func (r *reader) natAddresses(it item, n *cloud.NATGateway) {
	list := it.items("NatGatewayAddresses")
	slices.SortStableFunc(list, func(a, b item) int {
		return cmp.Compare(order(b.flag("IsPrimary", false)), order(a.flag("IsPrimary", false)))
	})
	for i, a := range list {
		eni, private, public := a.text("NetworkInterfaceId"), a.addr("PrivateIp"), a.addr("PublicIp")
		r.claimed[eni] = true
		if i == 0 {
			n.PublicIP, n.PrivateIP = public, private
			if eni != "" && !n.Regional() {
				r.spec.Placements = append(r.spec.Placements, cloud.Placement{Owner: n.Name, Subnet: n.Subnet, ID: cloud.ENIID(eni), PrivateIP: private, PublicIP: public})
			}
			continue
		}
		if public.IsValid() {
			n.MorePublic = append(n.MorePublic, public)
		}
		if private.IsValid() {
			n.MorePrivate = append(n.MorePrivate, private)
		}
	}
	if n.Regional() { // it has public addresses only
		n.PrivateIP, n.MorePrivate = netip.Addr{}, nil
	}
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// readPeerings.
func (r *reader) readPeerings() {
	for _, it := range r.list("VpcPeeringConnections") {
		m, id := r.meta("VpcPeeringConnections", it), it.text("VpcPeeringConnectionId")
		a, b, status := it.child("RequesterVpcInfo"), it.child("AccepterVpcInfo"), it.child("Status").text("Code")
		if r.withLightsail(it, a, b, status) {
			continue
		}
		p := cloud.Peering{Meta: m, ID: cloud.PeeringID(id), A: cloud.VPCID(a.text("VpcId")), B: cloud.VPCID(b.text("VpcId")), Active: status == "active", State: stateOf(status),
			ADNS: a.child("PeeringOptions").flag("AllowDnsResolutionFromRemoteVpc", false), BDNS: b.child("PeeringOptions").flag("AllowDnsResolutionFromRemoteVpc", false)}
		if !r.vpcs[string(p.A)] && !r.vpcs[string(p.B)] {
			continue // it joins two VPCs that are not here
		}
		for _, side := range []item{a, b} {
			if vpc := side.text("VpcId"); !r.vpcs[vpc] && !r.join(vpc) {
				r.far(id, side, m)
			}
		}
		if _, open := r.openTargets[id]; open && p.Active {
			r.note(m, r.openTargets[id].Because)
			continue
		}
		if open, ok := r.openTargets[id]; ok { // nobody needs to know the far side of what does not forward
			delete(r.openTargets, id)
			for _, vpc := range []cloud.VPCID{p.A, p.B} {
				if !r.vpcs[string(vpc)] {
					r.farVPC(vpc, open)
				}
			}
		}
		r.spec.Peerings = append(r.spec.Peerings, p)
	}
}

// far leaves open what a peering leads to whose other VPC is not described.
func (r *reader) far(id string, side item, m cloud.Meta) {
	where := side.text("OwnerId") + "/" + side.text("Region")
	r.openTargets[id] = cloud.Gap{Because: "the other VPC of " + m.Name + ", " + side.text("VpcId") + " of " + where + ", is not described (a folder aws_configs/" + where + " would)", At: side.at()}
}

// farVPC adds a VPC of which nothing is known.
func (r *reader) farVPC(id cloud.VPCID, g cloud.Gap) {
	r.vpcs[string(id)] = true
	r.spec.VPCs = append(r.spec.VPCs, cloud.VPC{Meta: cloud.Meta{Name: string(id), Type: "AWS::EC2::VPC", At: g.At}, ID: id, CIDRs: cloud.Unknown[[]netip.Prefix](g.Because, g.At),
		DNSSupport: cloud.Unknown[bool](g.Because, g.At), DNSHostnames: cloud.Unknown[bool](g.Because, g.At)})
}

// fullAccess is the policy of an endpoint to which nobody gave one.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
var fullAccess = map[string]bool{"Action": true, "Effect": true, "Principal": true, "Resource": true}

// isFullAccess reports whether a policy allows everything to everybody.
func isFullAccess(p *cloud.Policy) bool {
	statements, _ := p.Doc.Get("Statement")
	if len(statements.Items) != 1 {
		return false
	}
	for _, e := range statements.Items[0].Entries {
		want := "*"
		if e.Key == "Effect" {
			want = "Allow"
		}
		if !fullAccess[e.Key] || e.Value.Text != want {
			return false
		}
	}
	return len(statements.Items[0].Entries) == len(fullAccess)
}

// readEndpoints. Only one that is available answers, and private names mean no
// other.
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
func (r *reader) readEndpoints() {
	for _, it := range r.list("VpcEndpoints") {
		m, id, state := r.meta("VpcEndpoints", it), it.text("VpcEndpointId"), it.text("State")
		for _, eni := range it.texts("NetworkInterfaceIds") {
			r.claimed[eni] = true
		}
		if isIn(strings.ToLower(state), "deleted", "deleting") {
			r.gone[id] = state
			r.notInUse(m, state)
			continue
		}
		if why := r.endpoint(m, id, it); why != "" {
			r.note(m, why)
			r.openTargets[id] = cloud.Gap{Because: m.Name + " is not modelled: " + why, At: it.at()}
		}
	}
}

// endpoint adds an endpoint, or says why the model does not have it.
func (r *reader) endpoint(m cloud.Meta, id string, it item) string {
	e := cloud.Endpoint{Meta: m, ID: cloud.EndpointID(id), VPC: r.vpc(it.text("VpcId"), it.at()), RouteTables: textsAs[cloud.RouteTableID](it, "RouteTableIds"),
		Policy: it.policy(m.Name, "PolicyDocument"), State: stateOf(it.text("State"))}
	if e.Policy != nil && isFullAccess(e.Policy) {
		e.Policy = nil
	}
	switch kind := it.text("VpcEndpointType"); kind {
	case "Gateway":
		e.Kind = cloud.GatewayEndpoint
	case "Interface":
		e.Kind = cloud.InterfaceEndpoint
		e.PrivateDNS = cloud.Known((e.State.Available() || e.State.Partial()) && it.flag("PrivateDnsEnabled", false) && it.child("DnsOptions").text("PrivateDnsOnlyForInboundResolverEndpoint") != "true")
		e.Subnets, e.Groups = cloud.Known(textsAs[cloud.SubnetID](it, "SubnetIds")), cloud.Known(each[cloud.SecurityGroupID](it, "Groups", "GroupId"))
		e.Addresses = map[string]cloud.Families{"dualstack": cloud.DualStack, "ipv6": cloud.IPv6Only}[it.text("IpAddressType")]
		if rec := it.child("DnsOptions").text("DnsRecordIpType"); rec != "" && rec != "service-defined" && rec != "not-specified" && e.Addresses != cloud.IPv4Only {
			e.Records = cloud.Known(rec)
		}
	default:
		return "it is an endpoint of type " + kind
	}
	name := it.text("ServiceName")
	service, known := cloud.ServiceOfEndpoint(name, r.spec.Region)
	switch {
	case known:
		e.Service = service.Name
	case e.Kind == cloud.InterfaceEndpoint && len(name) > 0 && (cloud.Endpoint{Service: name}).Customers():
		e.Service, e.Balancers = name, r.balancersOf(name)
	default:
		return "its service " + name + " is not in the catalogue"
	}
	r.placements(m.Name, it.texts("NetworkInterfaceIds"))
	r.spec.Endpoints = append(r.spec.Endpoints, e)
	return ""
}

// balancersOf are the load balancers behind a service of the account's own.
func (r *reader) balancersOf(name string) []string {
	for _, it := range r.list("ServiceConfigurations") {
		if it.text("ServiceName") == name {
			return it.texts("NetworkLoadBalancerArns")
		}
	}
	return nil
}

// placements says which interfaces those of an owner are.
func (r *reader) placements(owner string, ids []string) {
	for _, id := range ids {
		it, ok := r.interfaces[id]
		if !ok {
			continue
		}
		r.claimed[id] = true
		r.placed(owner, it)
	}
}

// placed says of one interface whose it is. An address that is not of the
// interface's subnet cannot be, and is not taken.
func (r *reader) placed(owner string, it item) {
	p := placement(owner, it)
	for _, s := range r.spec.Subnets {
		if cidr, known := s.CIDR.Get(); s.ID == p.Subnet && known && p.PrivateIP.IsValid() && !cidr.Contains(p.PrivateIP) {
			r.diags.Add(source.Diag{Code: "SNAPSHOT_BAD_ADDRESS", Severity: source.Warning, At: it.at(), Summary: string(p.ID) + " has the address " + p.PrivateIP.String() + ", which is not of its subnet " + cidr.String(), Hint: "another address of the subnet is taken in its place"})
			p.PrivateIP = netip.Addr{}
		}
	}
	r.spec.Placements = append(r.spec.Placements, p)
}

// placement is where an interface is.
func placement(owner string, it item) cloud.Placement {
	p := cloud.Placement{Owner: owner, Subnet: cloud.SubnetID(it.text("SubnetId")), ID: cloud.ENIID(it.text("NetworkInterfaceId")), PrivateIP: it.addr("PrivateIpAddress"),
		PublicIP: it.child("Association").addr("PublicIp")}
	if v6 := it.items("Ipv6Addresses"); len(v6) > 0 {
		p.IPv6 = v6[0].addr("Ipv6Address")
	}
	return p
}

// stateOf is a state that is not the one in which a thing is in use; empty for
// that one, as where nobody states it.
func stateOf(state string) cloud.State {
	if s := cloud.State(state); !s.Available() {
		return s
	}
	return ""
}

// isIn reports whether a text is one of a few.
func isIn(s string, words ...string) bool { return slices.Contains(words, s) }
