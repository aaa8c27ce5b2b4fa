package gateway

import (
	"context"
	"net"
	"net/http"
	"time"

	"bailey/cloud"
	"bailey/iam"
	"bailey/lambda"
	"bailey/services/wire"
)

// Config is what a Gateway is made of. Model, Invoke and Permissions are
// required.
type Config struct {
	Model       *cloud.Model
	Invoke      Invoker
	Permissions Permissions
	Callers     Callers // nil: nobody's signature is known
	Logs        Logs    // nil: no log is kept

	// Fetch reaches the issuers of tokens. Nil: no token can be verified.
	Fetch http.RoundTripper
	// Internet carries HTTP integrations. Nil: they fail as an address that
	// does not answer.
	Internet http.RoundTripper
	// Dial connects through a VPC link. Nil: no link leads anywhere.
	Dial func(ctx context.Context, link cloud.VPCLink, address string) (net.Conn, error)

	Now func() time.Time // nil: time.Now
	// Account is the throttle of all APIs together. Zero: 10,000 requests a
	// second and a burst of 5,000.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
	Account cloud.Throttle
	// Refused hears of every request that the gateway itself refuses. Nil:
	// nobody listens. It must not block.
	Refused func(Refusal)
}

// An Invoker runs functions.
type Invoker interface {
	Invoke(context.Context, lambda.Request) (lambda.Response, error)
}

// Permissions say whether the gateway may invoke a function.
type Permissions interface {
	// Permitted reports whether the resource policy of the function, version
	// or alias lets apigateway.amazonaws.com invoke it for sourceARN, and if
	// not, why.
	Permitted(function cloud.ARN, sourceARN string) (ok bool, why string)
	// RoleMay reports whether a role that an integration or authorizer names
	// may invoke the function.
	RoleMay(role string, function cloud.ARN) (ok bool, why string)
}

// Callers know who signs requests, and what they may.
type Callers interface {
	// Verify proves who signed a request; its error is a *wire.Error.
	Verify(r *http.Request, body []byte) (wire.Identity, error)
	// PoliciesOf gives the caller's identity policies and boundary, and the
	// condition keys that belong to the caller.
	PoliciesOf(wire.Identity) (iam.Policies, map[string][]string)
}

// Logs keep lines.
type Logs interface {
	Put(group, stream string, t time.Time, line string)
}

// A Refusal is a request that the gateway itself answered, for a person.
type Refusal struct {
	API, Stage, Route string // the API's name in the template; the route as METHOD /path
	Status            int
	Type              string // the gateway response type: UNAUTHORIZED
	Layer             string // which part refused: authorizer, resource policy, ...
	Why               string // one sentence
	RequestID         string
}
