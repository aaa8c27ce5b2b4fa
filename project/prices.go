package project

import (
	"fmt"
	"strconv"

	"bailey/cloud"
	"bailey/source"
)

// prices reads what the project says that an hour of something costs, in US
// dollars: another region's price, or one that was agreed on.
func (d *decoder) prices(n source.Node) cloud.Prices {
	out := cloud.Prices{}
	var fields []field
	for _, name := range cloud.PriceNames() {
		fields = append(fields, field{key: name, read: func(n source.Node) { out[name] = cloud.Price{USDPerHour: d.dollars(n), At: n.At} }})
	}
	d.object(n, "prices", fields)
	return out
}

// dollars reads an amount that is not negative.
func (d *decoder) dollars(n source.Node) float64 {
	v, err := strconv.ParseFloat(n.Text, 64)
	switch {
	case n.Kind != source.Number:
		d.wrong(n, "a number")
	case err != nil || !(v >= 0 && v <= 1000):
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%s is not a price in dollars an hour, from 0 to 1000", n.Text))
	}
	return v
}
