package diff

import (
	"cmp"
	"slices"

	"bailey/cloud"
	"bailey/reach"
)

// A CostChange is a resource whose price for a year is another.
type CostChange struct {
	cloud.Meta
	Was, Now float64 // US dollars a year; 0: it is not there, or costs nothing
	// Open says why a price is not known; Was and Now are then what is certain.
	Open []cloud.Gap
}

// Delta is how much more a year costs.
func (c CostChange) Delta() float64 { return c.Now - c.Was }

// costs compares prices, the greatest difference first.
func costs(old, now *cloud.Model) []CostChange {
	var out []CostChange
	index := map[string]int{}
	at := func(c reach.Cost) *CostChange {
		key := c.Type + " " + c.Name
		if _, ok := index[key]; !ok {
			index[key] = len(out)
			out = append(out, CostChange{Meta: c.Meta})
		}
		return &out[index[key]]
	}
	for _, c := range reach.Costs(old) {
		change := at(c)
		change.Was, change.Open = c.USDPerYear(), c.Open
	}
	for _, c := range reach.Costs(now) {
		change := at(c)
		change.Now, change.Meta = c.USDPerYear(), c.Meta
		change.Open = append(change.Open, c.Open...)
	}
	out = slices.DeleteFunc(out, func(c CostChange) bool { return c.Was == c.Now })
	slices.SortStableFunc(out, func(a, b CostChange) int {
		return cmp.Or(cmp.Compare(max(b.Delta(), -b.Delta()), max(a.Delta(), -a.Delta())), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// USDPerYear is how much more a year costs in all.
func (r Report) USDPerYear() float64 {
	total := 0.0
	for _, c := range r.Costs {
		total += c.Delta()
	}
	return total
}
