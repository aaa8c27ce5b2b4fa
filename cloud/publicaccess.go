package cloud

import (
	"slices"
)

// PublicAccess is VPC Block Public Access: what the account keeps from its
// internet gateways in the region, whatever routes and groups say.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
type PublicAccess struct {
	Meta
	Mode Value[string] // block-bidirectional, block-ingress; empty or off: nothing is blocked
}

// A PublicAccessExclusion excepts a VPC or a subnet from it.
type PublicAccessExclusion struct {
	Meta
	VPC    VPCID // or
	Subnet SubnetID
	Mode   string // allow-bidirectional, allow-egress
	Open   *Gap   // why it may not be there, be another's or let through something else
}

// PublicAccessOf says what Block Public Access does to a VPC: its mode, empty
// where it blocks nothing, or why that is not known.
func (m *Model) PublicAccessOf(vpc VPCID) (by PublicAccess, mode string, gap *Gap) {
	by = m.spec.PublicAccess
	mode, _ = by.Mode.Get()
	if open, missing := by.Mode.Gap(); missing {
		return by, "", &open
	}
	if mode != "block-bidirectional" && mode != "block-ingress" {
		return by, "", nil
	}
	for _, e := range m.spec.PublicAccessExclusions {
		switch {
		case e.Open != nil:
			gap = e.Open
		case e.VPC == vpc && e.Mode == "allow-bidirectional":
			return by, "", nil
		case e.VPC == vpc || slices.ContainsFunc(m.spec.Subnets, func(s Subnet) bool { return s.VPC == vpc && s.ID == e.Subnet }):
			gap = &Gap{"what the exclusion " + e.Name + " from Block Public Access lets through is not modelled", e.At}
		}
	}
	if gap != nil {
		return by, "", gap
	}
	return by, mode, nil
}
