package reach

import (
	"cmp"
	"slices"

	"bailey/cloud"
)

// priceDay is the day of the list, and priceRegion the region whose prices it
// holds. Other regions differ, most by less than a third: a project states its
// own under prices.
const (
	priceDay    = "2026-09-01"
	priceRegion = "us-east-1"
)

// A price is one entry of the list: on demand, in US dollars an hour.
type price struct {
	name string
	usd  float64
	what string
	page string
}

// prices are all that an hour of something costs. Data that flows is not
// counted: nobody knows it beforehand.
var prices = []price{
	{cloud.PriceNATGateway, 0.045, "a NAT gateway", "https://aws.amazon.com/vpc/pricing/"},
	{cloud.PriceInterfaceEndpoint, 0.01, "an interface endpoint, in each Availability Zone", "https://aws.amazon.com/privatelink/pricing/"},
	{cloud.PricePublicIPv4, 0.005, "a public IPv4 address, in use or idle", "https://aws.amazon.com/vpc/pricing/"},
}

const hoursPerYear = 8760

// hourly is what an hour costs: what the project says, or else the list.
func hourly(m *cloud.Model, name string) float64 {
	if p, stated := m.Price(name); stated {
		return p.USDPerHour
	}
	i := slices.IndexFunc(prices, func(p price) bool { return p.name == name })
	return prices[i].usd
}

// yearly is what a year of one each of names costs.
func yearly(m *cloud.Model, names ...string) float64 {
	sum := 0.0
	for _, n := range names {
		sum += hourly(m, n)
	}
	return usd(sum)
}

// PriceNote says whose prices the model's costs are: the list's day and region,
// and that of the model where it is another one, unless the project states all.
func PriceNote(m *cloud.Model) string {
	stated := 0
	for _, p := range prices {
		if _, ok := m.Price(p.name); ok {
			stated++
		}
	}
	if stated == len(prices) {
		return "prices as bailey.yaml states them, without data"
	}
	note := "prices of " + priceRegion + " as of " + priceDay + ", without data"
	if m.Region() != priceRegion {
		note += "; " + m.Region() + " may differ (state it under prices)"
	}
	return note
}

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
		c.Hours = hourly(m, cloud.PriceInterfaceEndpoint) * float64(len(subnets))
		out = append(out, c)
	}
	for n := range m.NATGateways() {
		c := Cost{Meta: n.Meta, Hours: hourly(m, cloud.PriceNATGateway)}
		c.Hours += hourly(m, cloud.PricePublicIPv4) * float64(len(n.PublicIPs()))
		if n.Regional() {
			c.Open = append(c.Open, cloud.Gap{Because: n.Name + " costs that in each Availability Zone that it is in, which AWS decides", At: n.At})
		}
		out = append(out, c)
	}
	for i := range m.Instances() {
		if i.PublicIP.IsValid() {
			out = append(out, Cost{Meta: i.Meta, Hours: hourly(m, cloud.PricePublicIPv4)})
		}
	}
	slices.SortStableFunc(out, func(a, b Cost) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
