package gateway

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// apis are a model's APIs, ready to answer. They do not change.
type apis struct {
	model   *cloud.Model
	byID    map[string]*api
	domains map[string]*domain
	keys    map[string]*apiKey // by value
	account *bucket
	suffix  string // of the APIs' own host names: .execute-api.REGION.amazonaws.com
	refused source.Diags
}

type api struct {
	cloud.API
	arn         string // arn:aws:execute-api:REGION:ACCOUNT:ID
	stages      map[string]*stage
	routes      tree
	fallback    *route // $default
	authorizers map[string]*authorizer
	policy      []iam.Policy // nil: none
	responses   map[string]cloud.GatewayResponse
	binary      mediaTypes
}

type stage struct {
	cloud.Stage
	variables map[string]string
	log       *accessLog // nil: none
	logGroup  string
	logStream string
}

type route struct {
	cloud.APIRoute
	key        string // "GET /pets/{id}", or $default
	resourceID string
	auth       *authorizer
	segments   []segment
	bodies     map[string]*jsonschema.Schema // by content type
	refused    string                        // what is not here; empty: nothing
	mappings   *mappings                     // of an integration that is no proxy
}

type authorizer struct {
	cloud.Authorizer
	expression func(string) bool
	roots      []string // issuers of Cognito pools
	audience   []string
}

type domain struct {
	cloud.DomainName
	mappings []cloud.DomainMapping // longest first
}

func (g *Gateway) compile(m *cloud.Model) *apis {
	out := &apis{model: m, byID: map[string]*api{}, account: g.limits.bucket("account", g.config.Account),
		suffix: ".execute-api." + m.Region() + "." + cloud.DNSSuffix(m.Region())}
	for declared := range m.APIs() {
		a := out.api(declared)
		out.byID[a.ID] = a
	}
	out.domains = compileDomains(m)
	out.keys = g.compileKeys(m)
	return out
}

// refuse notes what is not here, and gives the words for whoever asks for it.
func (s *apis) refuse(at source.Span, format string, args ...any) string {
	what := "bailey does not have " + fmt.Sprintf(format, args...)
	s.refused.Add(source.Diag{Code: "GATEWAY_NOT_HERE", Severity: source.Warning, At: at, Summary: what})
	return what
}

func (s *apis) api(declared cloud.API) *api {
	m := s.model
	arn := cloud.ARN{Partition: cloud.Partition(m.Region()), Service: "execute-api", Region: m.Region(), Account: m.Account(), Resource: declared.ID}
	a := &api{API: declared, arn: arn.String(), stages: map[string]*stage{}, authorizers: map[string]*authorizer{},
		responses: map[string]cloud.GatewayResponse{}, binary: mediaTypes(declared.BinaryTypes)}
	for _, r := range declared.Responses {
		a.responses[r.Kind] = r
	}
	if declared.Policy != nil {
		a.policy = []iam.Policy{resourcePolicy(a, *declared.Policy)}
	}
	for _, z := range declared.Authorizers {
		a.authorizers[z.ID] = s.authorizer(z)
	}
	schemas := newSchemas(a)
	for _, r := range declared.Routes {
		s.route(a, r, schemas)
	}
	for _, st := range declared.Stages {
		a.stages[st.StageName] = s.stage(a, st)
	}
	for _, gap := range declared.Open {
		s.refuse(gap.At, "what is open of the API %s: %s", a.Name, gap)
	}
	return a
}

func (s *apis) stage(a *api, declared cloud.Stage) *stage {
	st := &stage{Stage: declared, variables: map[string]string{}}
	for name, v := range declared.Variables {
		st.variables[name] = v.Or("")
	}
	if acl, known := declared.WebACL.Get(); !known || acl != "" {
		s.refuse(declared.At, "web ACLs: requests to the stage %s of %s are not filtered", declared.StageName, a.Name)
	}
	if declared.AccessLog != nil {
		st.log = compileLog(declared.AccessLog.Format)
		arn, known := declared.AccessLog.Destination.Get()
		group, isGroup := strings.CutPrefix(arn.Resource, "log-group:")
		switch {
		case !known || !isGroup:
			s.refuse(declared.AccessLog.At, "access logs to anything but a log group (stage %s of %s)", declared.StageName, a.Name)
			st.log = nil
		default:
			st.logGroup = strings.TrimSuffix(group, ":*")
			st.logStream = cloud.MadeID("0123456789abcdef", 32, a.ID, declared.StageName)
		}
	}
	return st
}

func (s *apis) route(a *api, declared cloud.APIRoute, schemas *schemas) {
	r := &route{APIRoute: declared, key: routeKey(declared), auth: a.authorizers[declared.Auth.Authorizer],
		resourceID: cloud.MadeID(cloud.LowerAlnum, 6, a.ID, declared.Path)}
	r.refused = s.unserved(a, r)
	if declared.ValidateBody {
		var err error
		if r.bodies, err = schemas.of(declared); err != nil {
			r.refused = cmp.Or(r.refused, s.refuse(declared.At, "the model of %s in %s: %v", r.key, a.Name, err))
		}
	}
	if declared.Path == "$default" {
		a.fallback = r
		return
	}
	a.routes.add(r)
}

// routeKey is how AWS writes a route: GET /pets, or $default.
func routeKey(r cloud.APIRoute) string {
	if r.Path == "$default" {
		return r.Path
	}
	return r.Method + " " + r.Path
}

// unserved says what a route needs that is not here.
func (s *apis) unserved(a *api, r *route) string {
	i := r.Integration
	name := r.key + " of " + a.Name
	switch {
	case r.Auth.Open != nil:
		return s.refuse(r.Auth.At, "the authorization of %s: %s", name, r.Auth.Open)
	case r.Auth.Kind > cloud.AuthIAM && r.auth == nil:
		return s.refuse(r.Auth.At, "the authorizer of %s: it is not in the template", name)
	case i == nil:
		return ""
	case a.Kind == cloud.HTTPAPI && i.Kind == cloud.LambdaProxy && mapsMore(i.Params):
		return s.refuse(i.At, "the mapping of path and query string for a function (%s)", name)
	case i.Kind == cloud.ServiceCall:
		return s.refuse(i.At, "direct integrations with AWS services (%s for %s)", i.Service, name)
	case i.Kind == cloud.LambdaCustom || i.Kind == cloud.HTTPCustom || i.Kind == cloud.Mock:
		var err error
		if r.mappings, err = compileMappings(i); err != nil {
			return s.refuse(i.At, "the mapping of %s: %v", name, err)
		}
	}
	return ""
}
