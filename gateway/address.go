package gateway

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/services/wire"
)

// A place is where a request goes: an API, one of its stages, and the path
// that is left for the routes. Paths are as they were sent, not decoded.
type place struct {
	api   *api
	stage *stage
	path  string // behind stage or mapping, beginning with /
	// full is the path as the client sees it, with stage or mapping.
	full    string
	domain  *domain // nil: the API's own name
	mapping string  // the part of the path that the domain's mapping took
}

// Serves reports whether a request is for an API: by the host name
// ID.execute-api.REGION.amazonaws.com or that of an execute-api endpoint, by a
// domain name of the model, or, on the host's port, by ID.execute-api.localhost
// or the path /restapis/ID/STAGE/_user_request_/.
func (g *Gateway) Serves(r *http.Request) bool {
	if _, ok := executeAPI(r); ok {
		return true
	}
	if _, _, _, ok := userRequest(r.URL.EscapedPath()); ok {
		return true
	}
	return g.apis.Load().domain(hostOf(r)) != nil
}

func hostOf(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// executeAPI takes the API's ID from the host name. A private API with an
// associated endpoint has the name ID-VPCE too; by the endpoint's own name the
// ID stands in the header x-apigw-api-id.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
func executeAPI(r *http.Request) (id string, ok bool) {
	host := hostOf(r)
	if id, ok := strings.CutSuffix(host, ".execute-api.localhost"); ok {
		return id, true
	}
	if !strings.Contains(host, "execute-api.") {
		return "", false
	}
	e, aws := wire.ParseHost(host)
	if !aws {
		return "", false
	}
	if e.Service == "execute-api" {
		return r.Header.Get("X-Apigw-Api-Id"), true
	}
	id, ok = strings.CutSuffix(e.Service, ".execute-api")
	id, _, _ = strings.Cut(id, "-vpce-")
	return id, ok
}

// named is executeAPI, at once for the name that most requests have.
func (s *apis) named(r *http.Request) (id string, ok bool) {
	if id, ok := strings.CutSuffix(r.Host, s.suffix); ok && s.byID[id] != nil {
		return id, true
	}
	return executeAPI(r)
}

// userRequest takes /restapis/ID/STAGE/_user_request_/PATH apart, the form
// that emulators have made a convention.
func userRequest(path string) (id, stage, rest string, ok bool) {
	path, ok = strings.CutPrefix(path, "/restapis/")
	if !ok {
		return "", "", "", false
	}
	head, rest, ok := strings.Cut(path, "/_user_request_")
	if !ok || rest != "" && rest[0] != '/' {
		return "", "", "", false
	}
	id, stage, ok = strings.Cut(head, "/")
	return id, stage, cmp.Or(rest, "/"), ok && !strings.Contains(stage, "/")
}

// find says where a request goes. A nil API or stage: nowhere.
func (s *apis) find(r *http.Request) place {
	path := cmp.Or(r.URL.EscapedPath(), "/")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if id, name, rest, ok := userRequest(path); ok {
		p := place{api: s.byID[id], path: rest, full: rest}
		if p.api != nil {
			p.stage = p.api.stages[name]
			p.full = stagePath(name, rest)
		}
		return p
	}
	if id, ok := s.named(r); ok {
		p := place{api: s.byID[id], path: path, full: path}
		if p.api != nil {
			p.chooseStage()
		}
		return p
	}
	if d := s.domain(hostOf(r)); d != nil {
		return s.mapped(d, path)
	}
	return place{path: path, full: path}
}

func stagePath(stage, rest string) string {
	if stage == "$default" {
		return rest
	}
	return "/" + stage + rest
}

// chooseStage takes the stage from the front of the path; an HTTP API serves
// all else from $default.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
func (p *place) chooseStage() {
	first, rest, _ := strings.Cut(p.path[1:], "/")
	if st := p.api.stages[first]; st != nil && first != "$default" {
		p.stage, p.path = st, "/"+rest
		return
	}
	if p.api.Kind == cloud.HTTPAPI {
		p.stage = p.api.stages["$default"]
	}
}

func compileDomains(m *cloud.Model) map[string]*domain {
	out := map[string]*domain{}
	for declared := range m.DomainNames() {
		d := &domain{DomainName: declared, mappings: slices.Clone(declared.Mappings)}
		for i := range d.mappings {
			d.mappings[i].Path = strings.Trim(d.mappings[i].Path, "/")
			if d.mappings[i].Path == "(none)" {
				d.mappings[i].Path = ""
			}
		}
		slices.SortStableFunc(d.mappings, func(a, b cloud.DomainMapping) int { return len(b.Path) - len(a.Path) })
		out[strings.ToLower(declared.Host)] = d
	}
	return out
}

// domain finds a custom domain name, the exact one before *.rest.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html
func (s *apis) domain(host string) *domain {
	if d := s.domains[host]; d != nil {
		return d
	}
	if _, rest, ok := strings.Cut(host, "."); ok {
		return s.domains["*."+rest]
	}
	return nil
}

// mapped follows the mapping with the longest path. One that names no stage
// takes it from the path.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
func (s *apis) mapped(d *domain, path string) place {
	for _, m := range d.mappings {
		rest, ok := path, true
		if m.Path != "" {
			rest, ok = strings.CutPrefix(path, "/"+m.Path)
		}
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		p := place{api: s.byID[m.API], domain: d, mapping: m.Path, path: cmp.Or(rest, "/"), full: path}
		switch {
		case p.api == nil:
		case m.Stage == "":
			p.chooseStage()
		default:
			p.stage = p.api.stages[m.Stage]
		}
		return p
	}
	return place{domain: d, path: path, full: path}
}
