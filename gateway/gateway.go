package gateway

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"bailey/cloud"
	"bailey/source"
)

// A Gateway is the handler of all APIs. It is safe for concurrent use.
type Gateway struct {
	config Config
	apis   atomic.Pointer[apis]

	limits *limits  // token buckets and quotas
	kept   *kept    // authorizers' answers
	tokens *issuers // keys of issuers, verified tokens

	responses *responses // cached answers
}

// New compiles the APIs of a model.
func New(c Config) (*Gateway, error) {
	if c.Model == nil || c.Invoke == nil || c.Permissions == nil {
		return nil, errors.New("gateway: Config needs a Model, an Invoker and Permissions")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Account == (cloud.Throttle{}) {
		c.Account = cloud.Throttle{Rate: 10000, Burst: 5000}
	}
	g := &Gateway{config: c, limits: newLimits(), kept: newKept(), responses: newResponses()}
	g.tokens = newIssuers(c.Fetch, c.Now)
	g.Swap(c.Model)
	return g, nil
}

// Swap answers from the next model on. Requests under way end with the one
// under which they began.
func (g *Gateway) Swap(next *cloud.Model) {
	g.apis.Store(g.compile(next))
}

// Refused lists what the model's APIs ask for that is not here, each with its
// place. Requests to a route that needs it are answered 500 with its name; a
// web ACL and an access log to elsewhere are only told.
func (g *Gateway) Refused() source.Diags { return g.apis.Load().refused }

// ServeHTTP answers one request to an API.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := g.begin(w, r)
	a, err := x.pass()
	if err != nil {
		a = x.refused(err)
	}
	x.send(a)
	x.record()
}
