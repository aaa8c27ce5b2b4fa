package path

import (
	"fmt"

	"bailey/cloud"
	"bailey/netset"
)

// transitHome takes a reply from a subnet across a transit gateway to where
// the flow came from.
func (w *walk) transitHome(vpc cloud.VPC, sub cloud.Subnet, id cloud.TransitGatewayID, src party, flow netset.Flow) {
	if own, ok := w.board(id, vpc, sub, Return, flow); ok {
		w.switchHome(own, sub.AZ, src, flow)
	}
}

// switchHome takes a reply from an attachment to where the flow came from.
func (w *walk) switchHome(from cloud.TransitGatewayAttachment, zone cloud.Value[string], src party, flow netset.Flow) {
	next, ok := w.switchTo(from, src.addr, Return)
	switch {
	case !ok:
	case next.Kind == cloud.TransitElsewhere:
		w.missing(next.Name, "transit-gateway", "return egress", elsewhereGap(next))
	case src.over != "":
		if string(next.ID) != src.over {
			w.strays(next, src)
		}
	case src.eni == nil || next.VPC != src.eni.VPC:
		w.strays(next, src)
	default:
		w.homeFromTransit(next, zone, *src.eni, src, flow)
	}
}

func (w *walk) strays(next cloud.TransitGatewayAttachment, src party) {
	w.block("transit-gateway", "return egress", Reason{TransitNoRoute, next.Name,
		fmt.Sprintf("the reply to %s goes to %s, not back to where the flow came from", src.addr, next.Name), Return, next.At})
}

// homeFromTransit takes a reply from the transit gateway to the sender.
func (w *walk) homeFromTransit(by cloud.TransitGatewayAttachment, zone cloud.Value[string], e cloud.ENI, src party, flow netset.Flow) {
	vpc, _ := w.m.VPC(by.VPC)
	subnets, ok := w.alighting(by, zone, "return ingress")
	if !ok {
		return
	}
	home, _ := w.m.Subnet(e.Subnet)
	for _, s := range subnets {
		t, _ := w.m.RouteTableOf(s)
		if f := lookup(w.m, vpc, t, src.addr); !f.local || len(f.open) > 0 {
			w.missing(by.Name, "transit-gateway", "return ingress", cloud.Gap{At: t.At,
				Because: fmt.Sprintf("%s, by which the reply enters %s, has a route of its own for %s", t.Name, vpc.Name, home.Name)})
			return
		}
	}
	w.fromAttachment(by, subnets, home, Return, flow, true)
	*src.home = true
}
