package project

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

// Facts are what no template states. A nil pointer is a fact not stated.
type Facts struct {
	At         source.Span // of the key facts; zero where it is absent
	DefaultVPC *DefaultVPC
	Peerings   *Peerings
	Lightsail  *Lightsail
	SSM        []cloud.Parameter // of Systems Manager, made by hand or by another stack
	OnPremises []OnPremises
	// PrefixLists are lists that no template describes: AWS's, or shared ones.
	PrefixLists []PrefixList
	// NATInstances are the instances that translate what they forward.
	NATInstances []NATInstance
	Catalogue    string // a day as 2006-01-02; empty: today's AWS
	Quotas       cloud.Quotas
}

// DefaultVPC is the region's default VPC, as AWS makes one.
type DefaultVPC struct {
	ID      cloud.VPCID
	Name    string // default-vpc where none is stated
	Subnets []cloud.DefaultSubnet
	At      source.Span
}

// Peerings are the VPC peerings made by hand; an empty list states that there
// is none.
type Peerings struct {
	List []Peering
	At   source.Span
}

// A Peering between two networks of the facts.
type Peering struct {
	Between []string // default-vpc and lightsail
	DNS     bool     // private names resolve across it
	At      source.Span
}

// Lightsail is the network that Lightsail keeps for the account.
type Lightsail struct {
	CIDR netip.Prefix
	At   source.Span
}

func (d *decoder) facts(n source.Node) Facts {
	f := Facts{At: n.At}
	d.object(n, "facts", []field{
		{key: "default-vpc", read: func(n source.Node) { v := d.defaultVPC(n); f.DefaultVPC = &v }},
		{key: "peerings", read: func(n source.Node) { f.Peerings = &Peerings{each(d, n, d.peering), n.At} }},
		{key: "lightsail", read: func(n source.Node) { f.Lightsail = d.lightsail(n) }},
		{key: "on-premises", read: func(n source.Node) { f.OnPremises = each(d, n, d.onPremises) }},
		{key: "nat-instances", read: func(n source.Node) { f.NATInstances = each(d, n, d.natInstance) }},
		{key: "prefix-lists", read: func(n source.Node) { f.PrefixLists = each(d, n, d.prefixList) }},
		{key: "ssm", read: func(n source.Node) { f.SSM = entries(d, n, d.parameter) }},
		{key: "catalogue", read: func(n source.Node) { f.Catalogue = d.day(n) }},
		{key: "quotas", read: func(n source.Node) { f.Quotas = d.quotas(n) }},
	})
	return f
}

var (
	vpcForm    = regexp.MustCompile(`^vpc-[0-9a-zA-Z-]+$`)
	subnetForm = regexp.MustCompile(`^subnet-[0-9a-zA-Z-]+$`)
	zoneForm   = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]+)+-[0-9]+[a-z]$`)
)

func (d *decoder) defaultVPC(n source.Node) DefaultVPC {
	v := DefaultVPC{Name: "default-vpc", At: n.At}
	d.object(n, "facts.default-vpc", []field{
		{key: "id", required: true, read: func(n source.Node) { v.ID = cloud.VPCID(d.form(n, vpcForm, "a VPC's ID")) }},
		{key: "name", read: func(n source.Node) { v.Name = d.text(n) }},
		{key: "subnets", read: func(n source.Node) { v.Subnets = each(d, n, d.defaultSubnet) }},
	})
	d.distinct(v)
	return v
}

func (d *decoder) defaultSubnet(n source.Node) cloud.DefaultSubnet {
	s := cloud.DefaultSubnet{At: n.At}
	d.object(n, "a subnet", []field{
		{key: "id", required: true, read: func(n source.Node) { s.ID = cloud.SubnetID(d.form(n, subnetForm, "a subnet's ID")) }},
		{key: "az", required: true, read: func(n source.Node) { s.AZ = d.form(n, zoneForm, "an Availability Zone such as us-west-2a") }},
		{key: "cidr", read: func(n source.Node) { s.CIDR = d.cidr(n) }},
	})
	return s
}

var defaultRange = netip.MustParsePrefix("172.31.0.0/16")

// distinct reports subnets that are stated twice, overlap, or lie outside the
// default VPC.
func (d *decoder) distinct(v DefaultVPC) {
	for i, s := range v.Subnets {
		if s.CIDR.IsValid() && (!defaultRange.Contains(s.CIDR.Addr()) || s.CIDR.Bits() < 16) {
			d.fail("PROJECT_BAD_VALUE", s.At, "", fmt.Sprintf("%s is outside the default VPC's %s", s.CIDR, defaultRange))
		}
		for _, o := range v.Subnets[:i] {
			switch {
			case s.ID == o.ID && s.ID != "":
				d.fail("PROJECT_BAD_VALUE", s.At, "", fmt.Sprintf("subnet %s is stated twice", s.ID))
			case s.CIDR.IsValid() && o.CIDR.IsValid() && s.CIDR.Overlaps(o.CIDR):
				d.fail("PROJECT_BAD_VALUE", s.At, "", fmt.Sprintf("subnet %s overlaps %s", s.ID, o.ID))
			}
		}
	}
}

func (d *decoder) peering(n source.Node) Peering {
	p := Peering{At: n.At}
	d.object(n, "a peering", []field{
		{key: "between", required: true, read: func(n source.Node) { p.Between = each(d, n, d.text); d.between(n, p.Between) }},
		{key: "dns", read: func(n source.Node) { p.DNS = d.flag(n) }},
	})
	return p
}

// between allows the one peering that is no template's: Lightsail peers with
// the region's default VPC and no other.
// https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_PeerVpc.html
func (d *decoder) between(n source.Node, names []string) {
	if n.Kind == source.List && !slices.Equal(slices.Sorted(slices.Values(names)), []string{"default-vpc", "lightsail"}) {
		d.fail("PROJECT_BAD_VALUE", n.At, "a peering of other VPCs belongs in the template", "a stated peering is between default-vpc and lightsail")
	}
}

func (d *decoder) lightsail(n source.Node) *Lightsail {
	l := &Lightsail{At: n.At}
	d.object(n, "facts.lightsail", []field{
		{key: "cidr", required: true, read: func(n source.Node) { l.CIDR, l.At = d.cidr(n), n.At }},
	})
	return l
}

// parameter reads the name and value of a parameter of Systems Manager; a list
// is a StringList.
func (d *decoder) parameter(e source.Entry) cloud.Parameter {
	p := cloud.Parameter{Meta: cloud.Meta{Name: e.Key, Type: "AWS::SSM::Parameter", At: e.KeyAt}, ParamName: e.Key, Kind: "String"}
	if e.Value.Kind == source.List {
		p.Kind = "StringList"
		p.Value = cloud.Known(strings.Join(each(d, e.Value, d.text), ","))
		return p
	}
	p.Value = cloud.Known(d.text(e.Value))
	return p
}

func (d *decoder) day(n source.Node) string {
	s := d.text(n)
	if _, err := time.Parse(time.DateOnly, s); n.IsScalar() && err != nil {
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%q is not a day such as 2022-04-02", s))
	}
	return s
}

// Apply puts the project's facts into a Spec, before the template's resources.
func (p Project) Apply(s *cloud.Spec) source.Diags {
	var diags source.Diags
	s.Region, s.Account, s.Stack = p.Region, p.Account, p.Stack
	s.Catalogue, s.Quotas, s.Prices = p.Facts.Catalogue, p.Facts.Quotas, p.Prices
	s.Parameters = append(s.Parameters[:len(s.Parameters):len(s.Parameters)], p.Facts.SSM...)
	for _, h := range p.Internet {
		s.InternetHosts = append(s.InternetHosts, h.Name)
		if h.IPv6 {
			s.IPv6Hosts = append(s.IPv6Hosts, h.Name)
		}
	}
	if v := p.Facts.DefaultVPC; v != nil {
		s.AddDefaultVPC(v.ID, v.Name, v.Subnets, v.At)
		for _, sub := range v.Subnets {
			if sub.AZ[:max(len(sub.AZ)-1, 0)] != p.Region {
				diags.Add(source.Diag{Code: "PROJECT_BAD_VALUE", At: sub.At,
					Summary: fmt.Sprintf("subnet %s is in %s, the project in %s", sub.ID, sub.AZ, p.Region), Hint: "facts describe one region"})
			}
		}
	}
	p.applyOutside(s)
	p.applyLists(s, &diags)
	s.Lightsail = p.lightsail(&diags)
	return diags
}

// factsAt is where a missing fact would be stated.
func (p Project) factsAt() source.Span {
	if !p.Facts.At.IsZero() {
		return p.Facts.At
	}
	return source.Span{File: p.File}
}

func (p Project) lightsail(diags *source.Diags) cloud.LightsailNetwork {
	at := p.factsAt()
	net := cloud.LightsailNetwork{At: at,
		CIDR:   cloud.Unknown[netip.Prefix]("the CIDR of Lightsail's network is not stated (facts.lightsail.cidr in "+FileName+")", at),
		Peered: cloud.Unknown[bool]("whether the default VPC is peered with Lightsail's is not stated (facts.peerings in "+FileName+")", at)}
	if l := p.Facts.Lightsail; l != nil {
		net.CIDR, net.At = cloud.Known(l.CIDR), l.At
	}
	peerings := p.Facts.Peerings
	if peerings == nil {
		return net
	}
	net.Peered = cloud.Known(len(peerings.List) > 0)
	for _, peer := range peerings.List {
		net.DNS, net.At = peer.DNS, peer.At
		if p.Facts.DefaultVPC == nil {
			diags.Add(source.Diag{Code: "PROJECT_MISSING_FACT", At: peer.At, Summary: "a peering with default-vpc is stated, and the default VPC is not",
				Hint: "add facts.default-vpc with its id and subnets"})
		}
	}
	return net
}
