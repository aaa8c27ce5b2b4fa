package cloud

import "bailey/source"

// Prices replace single entries of the price list, in US dollars an hour, by
// the names that the list has in package reach. Nil: none.
type Prices map[string]Price

// A Price is what the project says that something costs.
type Price struct {
	USDPerHour float64
	At         source.Span
}

// Price is what the project says that name costs, where it says so.
func (m *Model) Price(name string) (Price, bool) { p, ok := m.spec.Prices[name]; return p, ok }

// PriceNames are the things whose price a project may state. What they cost
// where it does not is for package reach to say.
func PriceNames() []string {
	return []string{PriceNATGateway, PriceInterfaceEndpoint, PricePublicIPv4}
}

// The names of prices.
const (
	PriceNATGateway        = "nat-gateway-hour"
	PriceInterfaceEndpoint = "interface-endpoint-hour" // in one Availability Zone
	PricePublicIPv4        = "public-ipv4-hour"
)
