package path

import (
	"fmt"

	"bailey/cloud"
)

// inState notes what AWS has not made, or not any more: it carries nothing. Of
// what is there in part nobody knows which part.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html
func (w *walk) inState(of cloud.Meta, s cloud.State, kind, way string, code Code, dir Direction) {
	switch {
	case s.Available():
	case s.Partial():
		w.missing(of.Name, kind, way, partialGap(of))
	default:
		w.block(kind, way, Reason{code, of.Name, fmt.Sprintf("%s is %s, so it carries nothing", of.Name, s), dir, of.At})
	}
}

func partialGap(of cloud.Meta) cloud.Gap {
	return cloud.Gap{Because: fmt.Sprintf("%s is there in part, and which part is not told", of.Name), At: of.At}
}
