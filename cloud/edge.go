package cloud

// edgeGap is why nobody knows where what comes in by a gateway goes.
func edgeGap(edge string, by Meta) *Gap {
	if edge == "" {
		return nil
	}
	return &Gap{"where " + edge + ", a route table of " + by.Name + ", sends what comes in is not modelled", by.At}
}

// EdgeGap is why nobody knows where what comes in by the gateway goes: a route
// table is associated with it. Without one it is nil.
func (g InternetGateway) EdgeGap() *Gap { return edgeGap(g.Edge, g.Meta) }

// EdgeGap is as an internet gateway's.
func (g VPNGateway) EdgeGap() *Gap { return edgeGap(g.Edge, g.Meta) }
