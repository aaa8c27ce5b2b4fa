package gateway

import (
	"net/http"
	"strings"
)

// A segment is one part of a route's path: static text, {name} or {name+}.
type segment struct {
	text   string // static text, or the parameter's name
	param  bool
	greedy bool
}

func segmentsOf(path string) []segment {
	var out []segment
	for _, part := range split(path) {
		name, ok := strings.CutPrefix(part, "{")
		name, closed := strings.CutSuffix(name, "}")
		if !ok || !closed {
			out = append(out, segment{text: part})
			continue
		}
		name, greedy := strings.CutSuffix(name, "+")
		out = append(out, segment{text: name, param: true, greedy: greedy})
	}
	return out
}

// split cuts a path into its segments; the root has none.
func split(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// A tree finds the most specific route of a path.
type tree struct {
	static  map[string]*tree
	param   *tree
	methods map[string]*route // that end here
	greedy  map[string]*route // that end here in {name+}
}

func (t *tree) add(r *route) {
	r.segments = segmentsOf(r.Path)
	for _, s := range r.segments {
		switch {
		case s.greedy:
			if t.greedy == nil {
				t.greedy = map[string]*route{}
			}
			t.greedy[r.Method] = r
			return
		case s.param:
			if t.param == nil {
				t.param = &tree{}
			}
			t = t.param
		default:
			if t.static == nil {
				t.static = map[string]*tree{}
			}
			if t.static[s.text] == nil {
				t.static[s.text] = &tree{}
			}
			t = t.static[s.text]
		}
	}
	if t.methods == nil {
		t.methods = map[string]*route{}
	}
	t.methods[r.Method] = r
}

// byMethod is the route of a method, else that of ANY.
func byMethod(routes map[string]*route, method string) *route {
	if r := routes[method]; r != nil {
		return r
	}
	return routes["ANY"]
}

// full finds the route that fits every segment: static text before a
// parameter. pick chooses among what ends at one place.
func (t *tree) full(parts []string, pick func(map[string]*route) *route) *route {
	if len(parts) == 0 {
		return pick(t.methods)
	}
	if next := t.static[parts[0]]; next != nil {
		if r := next.full(parts[1:], pick); r != nil {
			return r
		}
	}
	if t.param != nil && parts[0] != "" {
		return t.param.full(parts[1:], pick)
	}
	return nil
}

// longest finds the greedy route with the longest path before {name+}, which
// takes at least one segment.
func (t *tree) longest(parts []string, pick func(map[string]*route) *route) *route {
	if len(parts) == 0 {
		return nil
	}
	if next := t.static[parts[0]]; next != nil {
		if r := next.longest(parts[1:], pick); r != nil {
			return r
		}
	}
	if t.param != nil && parts[0] != "" {
		if r := t.param.longest(parts[1:], pick); r != nil {
			return r
		}
	}
	if len(parts) == 1 && parts[0] == "" {
		return nil
	}
	return pick(t.greedy)
}

// matchHTTP is the route of an HTTP API: a full match of path and method, then
// a greedy one, then $default. ANY stands for the methods that a path does not
// define itself.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
func (a *api) matchHTTP(method, path string) *route {
	parts := split(path)
	pick := func(routes map[string]*route) *route { return byMethod(routes, method) }
	if r := a.routes.full(parts, pick); r != nil {
		return r
	}
	if r := a.routes.longest(parts, pick); r != nil {
		return r
	}
	return a.fallback
}

// restMethods are those that a REST API has; ANY stands for them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
var restMethods = map[string]bool{http.MethodDelete: true, http.MethodGet: true, http.MethodHead: true, http.MethodOptions: true,
	http.MethodPatch: true, http.MethodPost: true, http.MethodPut: true}

// methodOverride is the header by which a REST API's client names another
// method than it sends. It goes no further by itself.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
const methodOverride = "X-Http-Method-Override"

// overrideMethod takes the method from its header. What is none of a REST
// API's methods would stand in the method's ARN as the client likes, and
// overrides nothing.
func (x *exchange) overrideMethod() {
	if m := x.r.Header.Get(methodOverride); restMethods[m] {
		x.method = m
	}
}

// matchREST is the method of a REST API: the resource is chosen by the path
// alone, and a resource without the method has no other to fall back on. A
// slash at the end does not count.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-method-settings.html
func (a *api) matchREST(method, path string) *route {
	parts := split(strings.TrimSuffix(path, "/"))
	var resource map[string]*route
	pick := func(routes map[string]*route) *route {
		for _, r := range routes {
			resource = routes
			return r
		}
		return nil
	}
	if a.routes.full(parts, pick) == nil && a.routes.longest(parts, pick) == nil {
		return nil
	}
	if !restMethods[method] {
		return nil
	}
	return byMethod(resource, method)
}

// pathParams are the values of a route's path parameters, as they stand in
// path: a REST API's function gets them as they were sent, an HTTP API's decoded.
func (r *route) pathParams(path string) map[string]string {
	var out map[string]string
	parts := split(path)
	for i, s := range r.segments {
		if !s.param || i >= len(parts) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		value := parts[i]
		if s.greedy {
			value = strings.Join(parts[i:], "/")
		}
		out[s.text] = value
	}
	return out
}
