package wire

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Authorize decides whether the call's identity may do action on all of
// resources, coming from where it comes from; no resources stands for "*". Its
// refusal is an [AccessDenied].
type Authorize func(ctx context.Context, c *Call, action string, resources []string) error

// A Config is what a Router is made of.
type Config struct {
	Services  []*Service
	Verifier  *Verifier
	Authorize Authorize
	Region    string        // where the services stand; a call for another is refused. Empty: in all
	RequestID func() string // nil: random UUIDs
	MaxBody   int64         // bytes; 0: DefaultMaxBody
}

// A Router is the one HTTP handler of all services. It keeps no state; a change
// of the services is a new Router.
type Router struct{ cfg Config }

// New checks the tables and returns their Router. Verifier and Authorize must
// be there: nothing is open by default.
func New(cfg Config) (*Router, error) {
	if cfg.Verifier == nil || cfg.Verifier.Secret == nil {
		return nil, errors.New("wire: Config has no Verifier with a Secret")
	}
	if cfg.Authorize == nil {
		return nil, errors.New("wire: Config has no Authorize")
	}
	names := map[string]bool{}
	cfg.Services = slices.Clone(cfg.Services)
	for i, s := range cfg.Services {
		var err error
		if cfg.Services[i], err = s.ready(); err != nil {
			return nil, fmt.Errorf("wire: %w", err)
		}
		key := s.Name + " " + s.Version
		if names[key] {
			return nil, fmt.Errorf("wire: service %s is there twice", key)
		}
		names[key] = true
	}
	if cfg.RequestID == nil {
		cfg.RequestID = NewRequestID
	}
	cfg.MaxBody = cmp.Or(cfg.MaxBody, DefaultMaxBody)
	return &Router{cfg}, nil
}

// NewRequestID returns a random UUID.
func NewRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// ServeHTTP answers one request.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &reply{w: w, requestID: rt.cfg.RequestID(), protocol: looksLike(r)}
	call, err := rt.accept(out, r)
	if err != nil {
		out.error(err)
		return
	}
	value, failure := rt.perform(r.Context(), call)
	if failure != nil {
		out.error(failure)
		return
	}
	out.result(value)
}

// accept turns a request into a verified Call. It tells out what it learns on
// the way, so that a refusal speaks the service's protocol.
func (rt *Router) accept(out *reply, r *http.Request) (*Call, *Error) {
	endpoint, _ := ParseHost(r.Host)
	service, err := rt.route(endpoint, r)
	if err != nil {
		return nil, err
	}
	limit := rt.cfg.MaxBody
	if service != nil {
		out.service, out.protocol = service, service.Protocol
		limit = cmp.Or(service.MaxBody, limit)
	}
	raw, err := readBody(out.w, r, limit)
	if err != nil {
		return nil, err
	}
	body, err := decodeBody(r.Header.Get("Content-Encoding"), raw, limit)
	if err != nil {
		return nil, err
	}
	if service == nil {
		if service = rt.byForm(r, body); service == nil {
			return nil, unroutable(r)
		}
		out.service, out.protocol = service, service.Protocol
	}
	c := newCall(service, endpoint, out.requestID, r, body)
	if err := c.findOperation(r); err != nil {
		return nil, err
	}
	out.operation = c.Operation
	if err := rt.verify(c, r, raw); err != nil {
		return nil, err
	}
	c.Region = cmp.Or(c.Identity.Region, endpoint.Region, rt.cfg.Region)
	c.authorize = rt.cfg.Authorize
	return c, rt.checkRegion(c)
}

// checkRegion refuses by name what AWS would answer from another region, where
// nothing of this one is.
func (rt *Router) checkRegion(c *Call) *Error {
	if here := rt.cfg.Region; here != "" && c.Region != here && !c.Service.AnyRegion {
		return common(invalidSignature, "Credential should be scoped to a valid region, not '%s'. "+
			"bailey's world stands in %s: set AWS_REGION to it", printable(c.Region), here)
	}
	return nil
}

func newCall(s *Service, e Endpoint, requestID string, r *http.Request, body []byte) *Call {
	origin, _ := OriginFrom(r.Context())
	return &Call{
		Service: s, Endpoint: e, Origin: origin, RequestID: requestID, TLS: r.TLS != nil,
		Method: r.Method, Header: r.Header, Query: r.URL.Query(), Body: body,
	}
}

// verify proves who calls. What may come without a signature may also come
// with one, which then must be right.
func (rt *Router) verify(c *Call, r *http.Request, raw []byte) *Error {
	identity, err := rt.cfg.Verifier.Verify(r, raw)
	var failure *Error
	switch errors.As(err, &failure); {
	case failure != nil && failure.kind == missingToken && c.Operation.Unsigned:
		return nil
	case failure != nil:
		return failure
	}
	c.Identity = identity
	return checkScope(c)
}

// checkScope holds the signature's scope against the endpoint it came to.
func checkScope(c *Call) *Error {
	if want := c.Service.signingName(); c.Identity.Service != want {
		return common(invalidSignature, "Credential should be scoped to correct service: '%s'. ", want)
	}
	if want := c.Endpoint.Region; want != "" && c.Identity.Region != want {
		return common(invalidSignature, "Credential should be scoped to a valid region, not '%s'. ", c.Identity.Region)
	}
	return nil
}

// perform authorizes the call, then hands it to its operation.
func (rt *Router) perform(ctx context.Context, c *Call) (any, error) {
	op := c.Operation
	if !op.NoPermission && !op.Unsigned {
		var resources []string
		if op.Resources != nil {
			var err error
			if resources, err = op.Resources(c); err != nil {
				return nil, err
			}
		}
		if err := rt.cfg.Authorize(ctx, c, c.Action(), resources); err != nil {
			return nil, err
		}
	}
	return op.Handle(ctx, c)
}
