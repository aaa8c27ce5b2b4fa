package project

import (
	"bailey/cloud"
	"bailey/source"
)

// quotas reads the account's quotas, which no template states and AWS raises on
// request.
func (d *decoder) quotas(n source.Node) cloud.Quotas {
	q := cloud.Quotas{At: n.At}
	d.object(n, "facts.quotas", []field{
		{key: "vpc-interfaces", read: func(n source.Node) { q.VPCInterfaces = d.number(n, 1, 1_000_000) }},
	})
	return q
}
