package cloud

// edgeGap is why nobody knows where what comes in by a gateway goes.
func edgeGap(open *Gap, edge string, by Meta) *Gap {
	if open != nil || edge == "" {
		return open
	}
	return &Gap{"where " + edge + ", a route table of " + by.Name + ", sends what comes in is not modelled", by.At}
}

// EdgeGap is why nobody knows where what comes in by the gateway goes: it is
// open whether it is attached, or a route table is associated with it. Without
// either it is nil.
func (g InternetGateway) EdgeGap() *Gap { return edgeGap(g.Open, g.Edge, g.Meta) }

// EdgeGap is as an internet gateway's.
func (g VPNGateway) EdgeGap() *Gap { return edgeGap(g.Open, g.Edge, g.Meta) }
