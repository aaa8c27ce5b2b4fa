package path

import (
	"net/netip"

	"bailey/cloud"
)

// An Answer is what a host name means to someone: its addresses, and through
// which endpoint's private DNS it got them.
type Answer struct {
	Addrs    []netip.Addr
	Endpoint cloud.EndpointID // set where private DNS answered
	Service  string           // the AWS service behind the name, if it is one
	Public   bool             // the addresses are public ones
	Blockers []Reason         // why nothing answers: DNS_SUPPORT_DISABLED
	Notes    []Reason         // why a public address came back although an endpoint is there
	Missing  []cloud.Gap
}
