package snapshot

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// A reader makes the Spec of one environment.
type reader struct {
	env    *environment
	others []*environment                 // of which it takes what is joined to it
	joined map[*environment][]cloud.VPCID // what that is
	spec   *cloud.Spec
	diags  source.Diags
	called map[string]string // names, by kind and ID

	vpcs, subnets map[string]bool // that are described, or stand for those that are not
	openTargets   map[string]cloud.Gap
	gone          map[string]string             // what routes lead to that is not in use: its state
	regional      map[string]cloud.NATGatewayID // NAT gateways, by their own route tables
	interfaces    map[string]item               // by ID
	claimed       map[string]bool               // interfaces that something described owns
	groups        map[string]string             // subnet groups: their subnets
	peers         map[string]cloud.PeeringID    // Lightsail's
	managed       map[string]item               // policies
	hyperplane    map[string][]string           // the interfaces of Lambda's, by subnet and groups
}

// Environments are the accounts and regions that the snapshot describes.
func (s *Snapshot) Environments() []Environment {
	var out []Environment
	for _, e := range s.environments {
		out = append(out, e.told())
	}
	return out
}

// Spec adds what is described of one environment to base, whose facts say what
// no call tells. The account and region are the folders', else those that the
// items themselves name; base's are for what neither tells. It is of use only if
// no diagnostic is an error.
func (s *Snapshot) Spec(of Environment, base cloud.Spec) (cloud.Spec, source.Diags) {
	spec, diags := cloud.Spec{}, source.Diags{}
	for _, e := range s.environments {
		if told := e.told(); told == of {
			r := e.reader(base, s.environments)
			r.joinAll(s.environments)
			spec, diags = *r.spec, r.diags
		}
	}
	return spec, diags.Sorted()
}

// told is the environment with what its items tell of it.
func (e *environment) told() Environment {
	if e.whose == nil {
		told := e.tell()
		e.whose = &told
	}
	return *e.whose
}

func (e *environment) tell() Environment {
	out := e.Environment
	for _, it := range e.lists["Snapshot"] {
		head, _ := it.n.Get("Snapshot")
		account, _ := head.Get("Account")
		region, _ := head.Get("Region")
		out.Account, out.Region = cmp.Or(out.Account, account.Text), cmp.Or(out.Region, region.Text)
	}
	account, region := map[string]int{}, map[string]int{}
	for key, list := range e.lists {
		for _, it := range list {
			if it.n.Kind != source.Map {
				continue
			}
			for _, field := range []string{"FunctionArn", "DBInstanceArn", "LoadBalancerArn", "RoleArn", "QueueArn"} {
				v, _ := it.n.Get(field)
				if arn, err := cloud.ParseARN(v.Text); err == nil {
					account[arn.Account]++
					region[arn.Region]++
				}
			}
			if v, ok := it.n.Get("OwnerId"); ok && key != "NetworkInterfaces" && accountForm.MatchString(v.Text) {
				account[v.Text]++
			}
			if v, ok := it.n.Get("AvailabilityZone"); ok && key == "Subnets" {
				region[strings.TrimRight(v.Text, "abcdefghijklmnopqrstuvwxyz")]++
			}
		}
	}
	return Environment{cmp.Or(out.Account, most(account)), cmp.Or(out.Region, most(region))}
}

// most is the key that was counted most often; empty where none was.
func most(count map[string]int) string {
	best := ""
	for k, n := range count {
		if k != "" && (best == "" || n > count[best] || n == count[best] && k < best) {
			best = k
		}
	}
	return best
}

// readers are what reads each part, in an order in which what others refer to
// comes first.
var readers = []func(*reader){
	(*reader).readInterfaces, (*reader).readVPCs, (*reader).readSubnets, (*reader).readGateways, (*reader).readNATGateways, (*reader).readPeerings, (*reader).readPrefixLists,
	(*reader).readEndpoints, (*reader).readTransit, (*reader).readVPN, (*reader).readRouteTables, (*reader).readACLs, (*reader).readGroups, (*reader).readDHCP, (*reader).readPublicAccess,
	(*reader).readInstances, (*reader).readDatabases, (*reader).readCaches, (*reader).readFileSystems, (*reader).readBalancers, (*reader).readLightsail,
	(*reader).readFunctions, (*reader).readInvocations, (*reader).readRestAPIs, (*reader).readHTTPAPIs, (*reader).readSchedules, (*reader).readUserPools, (*reader).readKeys, (*reader).readTables, (*reader).readLogGroups, (*reader).readIdentities, (*reader).readZones, (*reader).readStored, (*reader).readOtherInterfaces, (*reader).undescribed, (*reader).unknowns,
}

// reader reads an environment into a Spec, all of which are others that may be
// joined to it.
func (e *environment) reader(base cloud.Spec, all []*environment) *reader {
	spec := base.Clone()
	told := e.told()
	if told.Account != "" {
		spec.Account = told.Account
	}
	if told.Region != "" {
		spec.Region = told.Region
	}
	others := slices.DeleteFunc(slices.Clone(all), func(o *environment) bool { return o == e })
	r := &reader{env: e, others: others, joined: map[*environment][]cloud.VPCID{}, spec: &spec, called: map[string]string{}, vpcs: map[string]bool{}, subnets: map[string]bool{}, openTargets: map[string]cloud.Gap{}, gone: map[string]string{},
		regional: map[string]cloud.NATGatewayID{}, interfaces: map[string]item{}, claimed: map[string]bool{}, groups: map[string]string{}, peers: map[string]cloud.PeeringID{}}
	for key, list := range e.lists {
		for i := range list {
			e.lists[key][i].r = r
		}
	}
	r.names()
	r.withoutFacts()
	for _, part := range readers {
		part(r)
	}
	return r
}

// withoutFacts takes away the default VPC that the project states where the
// snapshot describes the account's VPCs: what was seen counts.
func (r *reader) withoutFacts() {
	if !r.described("Vpcs") {
		return
	}
	facts := func(vpc cloud.VPCID) bool {
		return slices.ContainsFunc(r.spec.VPCs, func(v cloud.VPC) bool { return v.Default && v.ID == vpc })
	}
	r.spec.Subnets = slices.DeleteFunc(r.spec.Subnets, func(s cloud.Subnet) bool { return facts(s.VPC) })
	r.spec.RouteTables = slices.DeleteFunc(r.spec.RouteTables, func(t cloud.RouteTable) bool { return facts(t.VPC) })
	r.spec.InternetGateways = slices.DeleteFunc(r.spec.InternetGateways, func(g cloud.InternetGateway) bool { return facts(g.VPC) })
	r.spec.VPCs = slices.DeleteFunc(r.spec.VPCs, func(v cloud.VPC) bool { return v.Default })
}

// list are the items of a kind.
func (r *reader) list(key string) []item { return r.env.lists[key] }

// described reports whether a kind is listed to its end.
func (r *reader) described(key string) bool {
	_, more := r.env.more[key]
	return r.env.said[key] != nil && !more
}

// describedOf is described for a kind of which there is a list for each owner.
func (r *reader) describedOf(key, owner string) bool {
	_, more := r.env.more[key]
	return r.env.said[key][owner] && !more
}

// gap says that nobody lists a kind, and which call would.
func (r *reader) gap(key string) cloud.Gap {
	k := kindOf[key]
	if at, more := r.env.more[key]; more {
		return cloud.Gap{Because: "the list of " + key + " ends before its last page (aws " + k.call + ")", At: at}
	}
	return cloud.Gap{Because: "no file has " + key + " (aws " + k.call + ")", At: source.Span{File: r.env.folder}}
}

// gapOf is gap for one owner.
func (r *reader) gapOf(key, owner string) cloud.Gap {
	k := kindOf[key]
	return cloud.Gap{Because: "no file has " + key + " of " + owner + " (aws " + k.call + ", saved as " + key + "." + strings.ReplaceAll(owner, "/", "%2F") + ".json)", At: source.Span{File: r.env.folder}}
}

// missing is the gap of one thing that something refers to.
func (r *reader) missing(key, id string, at source.Span) cloud.Gap {
	if r.described(key) {
		return cloud.Gap{Because: id + " is not among the " + key + " that are listed", At: at}
	}
	g := r.gap(key)
	g.Because = id + " is not described: " + g.Because
	return g
}

// note says what of an item is not in the answers.
func (r *reader) note(m cloud.Meta, why string) {
	r.spec.Unmodelled = append(r.spec.Unmodelled, m)
	r.diags.Add(source.Diag{Code: "SNAPSHOT_NOT_MODELLED", Severity: source.Note, At: m.At, Summary: m.Name + " is not modelled: " + why, Hint: "answers that depend on it are unknown"})
}

// notInUse says that something is there that does not work, and why.
func (r *reader) notInUse(m cloud.Meta, state string) {
	r.diags.Add(source.Diag{Code: "SNAPSHOT_NOT_IN_USE", Severity: source.Note, At: m.At, Summary: m.Name + " is " + state + ": it is not in the answers"})
}

// vpc gives a VPC's ID, and where nothing describes the VPC makes one of which
// no more is known than the local routes in its route tables, its blocks.
// https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html
func (r *reader) vpc(id string, at source.Span) cloud.VPCID {
	if id == "" || r.vpcs[id] {
		return cloud.VPCID(id)
	}
	r.vpcs[id] = true
	g := r.missing("Vpcs", id, at)
	v := cloud.VPC{Meta: cloud.Meta{Name: id, Type: "AWS::EC2::VPC", At: at}, ID: cloud.VPCID(id), CIDRs: cloud.Unknown[[]netip.Prefix](g.Because, g.At),
		DNSSupport: cloud.Unknown[bool](g.Because, g.At), DNSHostnames: cloud.Unknown[bool](g.Because, g.At)}
	if v4, v6 := r.local(id); len(v4) > 0 {
		v.CIDRs, v.IPv6 = cloud.Known(v4), cloud.Known(v6)
	}
	r.spec.VPCs = append(r.spec.VPCs, v)
	return v.ID
}

// local are the blocks of a VPC, as its route tables have them.
func (r *reader) local(vpc string) (v4, v6 []netip.Prefix) {
	for _, t := range r.list("RouteTables") {
		if t.text("VpcId") != vpc {
			continue
		}
		for _, route := range t.items("Routes") {
			if p := route.cidr("DestinationCidrBlock"); route.text("GatewayId") == "local" && p.IsValid() && !slices.Contains(v4, p) {
				v4 = append(v4, p)
			}
			if p := route.cidr("DestinationIpv6CidrBlock"); route.text("GatewayId") == "local" && p.IsValid() && !slices.Contains(v6, p) {
				v6 = append(v6, p)
			}
		}
	}
	return v4, v6
}
