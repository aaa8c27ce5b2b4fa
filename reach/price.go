package reach

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
