package cloud

import "strings"

// A State is AWS's own word for where it is with a resource that has a life of
// its own: pending-acceptance, rejected, failed. Templates state none, so empty
// is there and in use.
type State string

// Available reports whether the resource is there and in use.
func (s State) Available() bool {
	return s == "" || s.is("available") || s.is("active") || s.is("modifying")
}

// is compares as AWS's own tools do, which write pendingAcceptance in one
// answer and PendingAcceptance in another.
func (s State) is(word string) bool { return strings.EqualFold(string(s), word) }

// Partial is the state of an endpoint of which a part is there; which one is
// not told.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
func (s State) Partial() bool { return s.is("partial") }

// Pending reports whether a peering waits for its accepter: those whose State
// is not stated and are not active do.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle
func (p Peering) Pending() bool {
	return !p.Active && (p.State == "" || p.State.is("pending-acceptance") || p.State.is("initiating-request"))
}

// Standing is the state of a peering in AWS's word.
func (p Peering) Standing() State {
	switch {
	case p.Active:
		return "active"
	case p.State == "":
		return "pending-acceptance"
	}
	return p.State
}

// InterRegion reports whether a peering joins VPCs of two regions. Rules cannot
// name groups across such a one.
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
func (m *Model) InterRegion(p Peering) bool {
	return m.RegionOf(m.vpcs[p.A]) != m.RegionOf(m.vpcs[p.B])
}

// RegionOf is the region that a VPC is in.
func (m *Model) RegionOf(v VPC) string {
	if v.Region == "" {
		return m.spec.Region
	}
	return v.Region
}
