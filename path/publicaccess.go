package path

import (
	"fmt"

	"bailey/cloud"
)

// publicAccess asks VPC Block Public Access about traffic between a VPC and its
// internet gateways. Blocking what comes in leaves NAT gateways and egress-only
// gateways (outOnly) their way out, and nothing else.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func (w *walk) publicAccess(vpc cloud.VPC, dir way, outOnly bool) {
	by, mode, gap := w.m.PublicAccessOf(vpc.ID)
	switch {
	case gap != nil:
		w.missing(by.Name, "block-public-access", dir.String(), *gap)
	case mode == "block-bidirectional" || mode == "block-ingress" && !(outOnly && dir == egress):
		w.block("block-public-access", dir.String(), Reason{PublicAccessBlocked, by.Name,
			fmt.Sprintf("Block Public Access (%s) keeps %s from its internet gateway", mode, vpc.Name), Forward, by.At})
	}
}
