package path

import (
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
)

// From is where a flow starts: FromENI, FromInternet, FromLambda or
// FromOnPremises.
type From interface{ isFrom() }

type (
	// FromENI is an interface in a subnet. The flow's source address is its
	// private one; New fills it in where it is left zero.
	FromENI struct{ ID cloud.ENIID }
	// FromInternet is a host somewhere on the internet.
	FromInternet struct{}
	// FromLambda is a function outside any VPC: it dials from addresses of
	// Lambda's own and reaches what is public.
	FromLambda struct{}
	// FromOnPremises is a host in a stated network outside of AWS.
	FromOnPremises struct{ Name string }
)

func (FromENI) isFrom()        {}
func (FromInternet) isFrom()   {}
func (FromLambda) isFrom()     {}
func (FromOnPremises) isFrom() {}

// A Hop is one thing that looked at the flow, in the order in which it did.
type Hop struct {
	Component string
	Kind      string // security-group, network-acl, route-table, internet-gateway, ...
	Direction string // egress, ingress, or the return of either
	Verdict   string // allow, deny, forward, skip
	Detail    string
}

// To is where a flow that passes arrives.
type To uint8

// The places where a flow can arrive.
const (
	ToNowhere    To = iota
	ToENI           // a workload behind an interface of the model
	ToService       // an AWS service, through Endpoint or by its public address
	ToResolver      // the VPC's DNS resolver
	ToInternet      // a host on the internet
	ToOnPremises    // a host in a stated network outside of AWS
)

// A Delivery is what the network does with a flow that passes: where it comes
// out and with which addresses. fabric carries it out.
type Delivery struct {
	To       To
	ENI      cloud.ENIID      // ToENI
	Service  string           // ToService: the short name; empty where only the address is known
	Endpoint cloud.EndpointID // ToService: the endpoint it goes through; empty for the public address
	Src      netip.Addr       // the source address that the far side sees
	Dst      netip.Addr       // the destination address that the far side sees
	// NATPort is set where the network gives the flow a new source port too:
	// a NAT gateway, and Lambda's own translation.
	NATPort bool
	// Through names the NAT gateway or internet gateway that translates.
	Through string
}

// A Result is everything about one flow.
type Result struct {
	Verdict  Verdict
	Flow     netset.Flow // as sent: the witness
	Hops     []Hop
	Blockers []Reason
	Missing  []cloud.Gap
	Delivery Delivery // meaningful where Verdict is Reachable
}
