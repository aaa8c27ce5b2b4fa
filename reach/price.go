package reach

import (
	"cmp"
	"slices"

	"bailey/cloud"
)

// Prices in US dollars an hour, on demand, in US regions, as of 2026-09. Data
// that flows is not counted: nobody knows it beforehand.
//
// https://aws.amazon.com/vpc/pricing/
// https://aws.amazon.com/privatelink/pricing/
const (
	hoursPerYear        = 8760
	natGatewayHour      = 0.045
	publicIPv4Hour      = 0.005
	interfaceEndpointAZ = 0.01
)

// usd gives dollars a year for dollars an hour, to the cent.
func usd(hour float64) float64 {
	return float64(int(hour*hoursPerYear*100+0.5)) / 100
}

// A Cost is what one resource of the network costs by merely being there.
type Cost struct {
	cloud.Meta
	Hours float64     // dollars an hour
	Open  []cloud.Gap // what the price depends on and nobody stated; then Hours is what is certain
}

// USDPerYear is the cost of a year, to the cent.
func (c Cost) USDPerYear() float64 { return usd(c.Hours) }

// Costs are those of everything in the model that is charged by the hour,
// whatever goes through it, and that this price list has: interface endpoints
// by their zones, NAT gateways, and the public addresses of these and of EC2
// instances. By name.
// https://aws.amazon.com/vpc/pricing/
func Costs(m *cloud.Model) []Cost {
	var out []Cost
	for e := range m.Endpoints() {
		if e.Kind != cloud.InterfaceEndpoint {
			continue
		}
		c := Cost{Meta: e.Meta}
		subnets, _ := e.Subnets.Get()
		if gap, open := e.Subnets.Gap(); open {
			c.Open = append(c.Open, gap)
		}
		c.Hours = interfaceEndpointAZ * float64(len(subnets))
		out = append(out, c)
	}
	for n := range m.NATGateways() {
		c := Cost{Meta: n.Meta, Hours: natGatewayHour}
		if n.Public {
			c.Hours += publicIPv4Hour
		}
		out = append(out, c)
	}
	for i := range m.Instances() {
		if i.PublicIP.IsValid() {
			out = append(out, Cost{Meta: i.Meta, Hours: publicIPv4Hour})
		}
	}
	slices.SortStableFunc(out, func(a, b Cost) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
