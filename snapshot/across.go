package snapshot

import (
	"slices"

	"bailey/cloud"
	"bailey/source"
)

// What is described of other accounts and regions comes in where it is joined to
// this one: the VPCs on the far side of a peering, and those that are attached to
// the same transit gateway. They come with all that packets meet in them, under
// names that begin with their environment's; their functions do not, since those
// take nothing from a network and are asked about in their own environment.

// beyond finds the other environment that describes a VPC.
func (r *reader) beyond(vpc string) (*environment, bool) {
	for _, e := range r.others {
		if slices.ContainsFunc(e.lists["Vpcs"], func(it item) bool { v, _ := it.n.Get("VpcId"); return v.Text == vpc }) {
			return e, true
		}
	}
	return nil, false
}

// join brings in a VPC of another environment, if one describes it.
func (r *reader) join(vpc string) bool {
	e, ok := r.beyond(vpc)
	if !ok || vpc == "" {
		return false
	}
	if !r.vpcs[vpc] {
		r.vpcs[vpc] = true
		r.joined[e] = append(r.joined[e], cloud.VPCID(vpc))
	}
	return true
}

// shared are the items of a kind that are of transit gateways which this
// environment has too: the account that owns a gateway lists more of it than those
// that it is shared with.
func (r *reader) shared(key string) []item {
	own := map[string]bool{}
	for _, kind := range []string{"TransitGateways", "TransitGatewayVpcAttachments", "TransitGatewayAttachments"} {
		for _, it := range r.list(kind) {
			own[it.text("TransitGatewayId")] = true
		}
	}
	at := map[string]int{}
	out := slices.Clone(r.list(key))
	for i, it := range out {
		at[kindOf[key].identity(it)] = i
	}
	for _, e := range r.others {
		for _, it := range e.lists[key] {
			it.r = r
			if !own[it.text("TransitGatewayId")] {
				continue
			}
			id := kindOf[key].identity(it)
			if i, twice := at[id]; !twice {
				at[id] = len(out)
				out = append(out, it)
			} else if !out[i].has("Association") && it.has("Association") {
				out[i] = it
			}
		}
	}
	return out
}

// joinAll adds the parts of what was joined.
func (r *reader) joinAll(all []*environment) {
	for _, e := range r.others {
		vpcs := r.joined[e]
		if len(vpcs) == 0 {
			continue
		}
		other := e.reader(cloud.Spec{}, all)
		for _, d := range other.diags {
			if d.Severity == source.Error {
				r.diags.Add(d)
			}
		}
		told := e.told()
		f := far{from: *other.spec, vpcs: vpcs, prefix: told.Account + "/" + told.Region + "/", to: r.spec, subnets: map[cloud.SubnetID]bool{}}
		f.networks()
		f.owners()
		f.names()
	}
}

// far copies the parts of one environment that are in a few of its VPCs.
type far struct {
	from    cloud.Spec
	vpcs    []cloud.VPCID
	subnets map[cloud.SubnetID]bool
	prefix  string
	to      *cloud.Spec
}

func (f far) in(vpc cloud.VPCID) bool { return slices.Contains(f.vpcs, vpc) }

// add copies those of a list that are wanted, under their new names.
func add[T any](f far, to *[]T, from []T, meta func(*T) *cloud.Meta, wanted func(T) bool) {
	for _, v := range from {
		if wanted(v) {
			m := meta(&v)
			m.Name = f.prefix + m.Name
			*to = append(slices.Clip(*to), v)
		}
	}
}

// networks copies VPCs and what makes them up.
func (f far) networks() {
	for i := range f.from.VPCs {
		f.from.VPCs[i].Default = false // of this account and region there is one at most
		if f.from.Region != f.to.Region {
			f.from.VPCs[i].Region = f.from.Region
		}
	}
	for _, s := range f.from.Subnets {
		f.subnets[s.ID] = f.in(s.VPC)
	}
	add(f, &f.to.VPCs, f.from.VPCs, func(v *cloud.VPC) *cloud.Meta { return &v.Meta }, func(v cloud.VPC) bool { return f.in(v.ID) })
	add(f, &f.to.Subnets, f.from.Subnets, func(v *cloud.Subnet) *cloud.Meta { return &v.Meta }, func(v cloud.Subnet) bool { return f.in(v.VPC) })
	add(f, &f.to.InternetGateways, f.from.InternetGateways, func(v *cloud.InternetGateway) *cloud.Meta { return &v.Meta }, func(v cloud.InternetGateway) bool { return f.in(v.VPC) })
	add(f, &f.to.EgressOnlyGateways, f.from.EgressOnlyGateways, func(v *cloud.EgressOnlyGateway) *cloud.Meta { return &v.Meta }, func(v cloud.EgressOnlyGateway) bool { return f.in(v.VPC) })
	add(f, &f.to.NATGateways, f.from.NATGateways, func(v *cloud.NATGateway) *cloud.Meta { return &v.Meta }, func(v cloud.NATGateway) bool { return f.subnets[v.Subnet] })
	add(f, &f.to.VPNGateways, f.from.VPNGateways, func(v *cloud.VPNGateway) *cloud.Meta { return &v.Meta }, func(v cloud.VPNGateway) bool { return f.in(v.VPC) })
	add(f, &f.to.SecurityGroups, f.from.SecurityGroups, func(v *cloud.SecurityGroup) *cloud.Meta { return &v.Meta }, func(v cloud.SecurityGroup) bool { return f.in(v.VPC) })
	add(f, &f.to.NetworkACLs, f.from.NetworkACLs, func(v *cloud.NetworkACL) *cloud.Meta { return &v.Meta }, func(v cloud.NetworkACL) bool { return f.in(v.VPC) })
	add(f, &f.to.PrefixLists, f.from.PrefixLists, func(v *cloud.PrefixList) *cloud.Meta { return &v.Meta }, func(v cloud.PrefixList) bool {
		return !slices.ContainsFunc(f.to.PrefixLists, func(own cloud.PrefixList) bool { return own.ID == v.ID })
	})
	f.routes()
}

// routes copies route tables. What leads on from there over a peering or a
// transit gateway that is not here is another environment's to answer.
func (f far) routes() {
	here := func(t cloud.RouteTarget) bool {
		switch t := t.(type) {
		case cloud.ToPeering:
			return slices.ContainsFunc(f.to.Peerings, func(p cloud.Peering) bool { return p.ID == t.ID })
		case cloud.ToTransitGateway:
			return slices.ContainsFunc(f.to.TransitGateways, func(g cloud.TransitGateway) bool { return g.ID == t.ID })
		}
		return true
	}
	for i, t := range f.from.RouteTables {
		f.from.RouteTables[i].Routes = slices.Clone(t.Routes)
		for k, route := range f.from.RouteTables[i].Routes {
			if !here(route.Target) {
				gap := cloud.Gap{Because: "where " + f.prefix + t.Name + " leads on to is asked in the environment of its own", At: route.At}
				f.from.RouteTables[i].Routes[k].Target = cloud.ToUnknown{Gap: gap}
			}
		}
	}
	add(f, &f.to.RouteTables, f.from.RouteTables, func(v *cloud.RouteTable) *cloud.Meta { return &v.Meta }, func(v cloud.RouteTable) bool { return f.in(v.VPC) })
}

// anyOf reports whether one of the subnets is in what is copied.
func (f far) anyOf(subnets cloud.Value[[]cloud.SubnetID]) bool {
	return slices.ContainsFunc(subnets.Or(nil), func(s cloud.SubnetID) bool { return f.subnets[s] })
}

// owners copies what has interfaces there.
func (f far) owners() {
	add(f, &f.to.Endpoints, f.from.Endpoints, func(v *cloud.Endpoint) *cloud.Meta { return &v.Meta }, func(v cloud.Endpoint) bool { return f.in(v.VPC) })
	add(f, &f.to.Instances, f.from.Instances, func(v *cloud.Instance) *cloud.Meta { return &v.Meta }, func(v cloud.Instance) bool { return f.subnets[v.Subnet.Or("")] })
	add(f, &f.to.NetworkInterfaces, f.from.NetworkInterfaces, func(v *cloud.NetworkInterface) *cloud.Meta { return &v.Meta }, func(v cloud.NetworkInterface) bool { return f.subnets[v.Subnet.Or("")] })
	add(f, &f.to.Stores, f.from.Stores, func(v *cloud.Store) *cloud.Meta { return &v.Meta }, func(v cloud.Store) bool {
		return f.anyOf(v.Subnets) || slices.ContainsFunc(f.from.Stores, func(m cloud.Store) bool { return m.Of == v.ID && v.Bare && f.anyOf(m.Subnets) })
	})
	add(f, &f.to.LoadBalancers, f.from.LoadBalancers, func(v *cloud.LoadBalancer) *cloud.Meta { return &v.Meta }, func(v cloud.LoadBalancer) bool { return f.anyOf(v.Subnets) })
	add(f, &f.to.TargetGroups, f.from.TargetGroups, func(v *cloud.TargetGroup) *cloud.Meta { return &v.Meta }, func(v cloud.TargetGroup) bool { return true })
	for _, p := range f.from.Placements {
		if f.subnets[p.Subnet] {
			if p.Owner != "" {
				p.Owner = f.prefix + p.Owner
			}
			f.to.Placements = append(slices.Clip(f.to.Placements), p)
		}
	}
}

// names copies what resolves names there, and the private zones of that account
// that answer in VPCs of this one.
func (f far) names() {
	known := func(vpc cloud.VPCID) bool {
		return slices.ContainsFunc(f.to.VPCs, func(v cloud.VPC) bool { return v.ID == vpc })
	}
	add(f, &f.to.DHCPOptions, f.from.DHCPOptions, func(v *cloud.DHCPOptions) *cloud.Meta { return &v.Meta }, func(v cloud.DHCPOptions) bool { return slices.ContainsFunc(v.VPCs, f.in) })
	add(f, &f.to.ResolverRules, f.from.ResolverRules, func(v *cloud.ResolverRule) *cloud.Meta { return &v.Meta }, func(v cloud.ResolverRule) bool { return slices.ContainsFunc(v.VPCs, known) })
	add(f, &f.to.HostedZones, f.from.HostedZones, func(v *cloud.HostedZone) *cloud.Meta { return &v.Meta }, func(v cloud.HostedZone) bool {
		return slices.ContainsFunc(v.VPCs, known) && !slices.ContainsFunc(f.to.HostedZones, func(own cloud.HostedZone) bool { return own.ID == v.ID })
	})
}
