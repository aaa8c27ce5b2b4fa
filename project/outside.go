package project

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

// OnPremises is a network outside of AWS: its blocks, and the name or ID of
// what joins it, a virtual private gateway, a VPN connection or a transit
// gateway. No template tells what is behind those.
// https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html
type OnPremises struct {
	Name  string
	CIDRs []netip.Prefix
	Over  string
	At    source.Span
}

// A NATInstance is an instance that translates the addresses of what it
// forwards: what software does is in no template.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
type NATInstance struct {
	Name string
	At   source.Span
}

func (d *decoder) onPremises(n source.Node) OnPremises {
	o := OnPremises{At: n.At}
	d.object(n, "a network", []field{
		{key: "name", required: true, read: func(n source.Node) { o.Name = d.text(n) }},
		{key: "cidrs", required: true, read: func(n source.Node) {
			if o.CIDRs = each(d, n, d.cidr); len(o.CIDRs) == 0 && n.Kind == source.List {
				d.fail("PROJECT_BAD_VALUE", n.At, "", "a network has at least one range")
			}
		}},
		{key: "over", required: true, read: func(n source.Node) { o.Over = d.text(n) }},
	})
	o.CIDRs = slices.DeleteFunc(o.CIDRs, func(p netip.Prefix) bool { return !p.IsValid() })
	return o
}

func (d *decoder) natInstance(n source.Node) NATInstance { return NATInstance{d.text(n), n.At} }

// applyOutside puts what is stated of networks and instances into a Spec.
func (p Project) applyOutside(s *cloud.Spec) {
	for _, o := range p.Facts.OnPremises {
		s.OnPremises = append(s.OnPremises, cloud.OnPremises{Meta: cloud.Meta{Name: o.Name, Type: "facts.on-premises", At: o.At}, CIDRs: o.CIDRs, Over: o.Over})
	}
	for _, in := range p.Facts.NATInstances {
		s.NATInstances = append(s.NATInstances, cloud.NATInstance(in))
	}
}
