package cfn

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// What only one part of an API can have is refused to the second, and settings
// of a route that is not there are refused too. What may not be there takes
// nothing from others.

// A slot is what one part of an API has and no other can have.
type slot struct {
	of   string // API, resource or parent, by ID
	what string
}

// A taker is the part that has a slot.
type taker struct {
	name, text string
	at         source.Span
}

// take gives a slot to a resource, or says who has it.
func (l *loader) take(r *resource, s slot, n source.Node) (first taker, taken bool) {
	if _, doubtful := l.doubt(r); doubtful || s.of == "" || n.Kind != source.String {
		return taker{}, false
	}
	if first, taken = l.apis.taken[s]; !taken {
		l.apis.taken[s] = taker{r.Name, n.Text, n.At}
	}
	return first, taken
}

// conflict reports the second of two.
func (o object) conflict(key, hint string, n source.Node, first taker, why string) {
	o.l.fail("CFN_CONFLICT", n.At, hint, "%s of %s: %s (%s at %s)", key, o.of, why, first.name, first.at)
}

// checkOneRoute: a route key is one route's; AWS answers ConflictException.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
func (o object) checkOneRoute(r *resource, api string) {
	n, _ := o.get("RouteKey")
	if first, taken := o.l.take(r, slot{api, "route " + n.Text}, n); taken {
		o.conflict("RouteKey", "remove one of the two, or give it another key", n, first, fmt.Sprintf("the API has a route with the key %q already", n.Text))
	}
}

// checkOneMethod: AWS answers ConflictException, Method already exists for this
// resource. https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html
func (o object) checkOneMethod(r *resource, resourceID string) {
	n, _ := o.get("HttpMethod")
	if first, taken := o.l.take(r, slot{resourceID, "method " + n.Text}, n); taken {
		o.conflict("HttpMethod", "remove one of the two, or give it another method", n, first, "the resource has a method "+n.Text+" already")
	}
}

// checkSiblings: AWS answers ConflictException, Another resource with the same
// parent already has this name; and of path parameters, greedy ones with them,
// BadRequestException, A sibling ({a}) of this resource already has a variable
// path part -- only one is allowed.
// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html
func (o object) checkSiblings(r *resource, parent string) {
	n, _ := o.get("PathPart")
	what := "part " + n.Text
	if strings.HasPrefix(n.Text, "{") {
		what = "parameter"
	}
	first, taken := o.l.take(r, slot{parent, what}, n)
	switch {
	case !taken:
	case first.text == n.Text:
		o.conflict("PathPart", "use one resource for the methods and parts of both", n, first, fmt.Sprintf("its parent has a part %q already", n.Text))
	default:
		o.conflict("PathPart", "use "+first.text+" for both: a request cannot tell them apart", n, first, fmt.Sprintf("its parent has the path parameter %s already, and only one is allowed", first.text))
	}
}

// checkRouteSettings: settings are for a route that the API has; AWS answers
// NotFoundException, Unable to find Route by key ... within the provided
// RouteSettings. A route for ANY is found by ANY alone.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html
func (o object) checkRouteSettings(r *resource, a *cloud.API) {
	settings, _ := o.get("RouteSettings")
	_, doubtful := o.l.doubt(r)
	var keys []string
	for _, route := range a.Routes {
		if route.Path == "" { // its key is open
			return
		}
		keys = append(keys, keyOf(route))
	}
	if doubtful || len(a.Open) > 0 || o.l.apis.strayRoute {
		return
	}
	for _, e := range settings.Entries {
		if !slices.Contains(keys, e.Key) {
			o.l.fail("CFN_BAD_VALUE", e.KeyAt, source.DidYouMean(e.Key, keys, "add the route, or remove its settings"), "RouteSettings of %s: %s has no route with the key %q", o.of, a.Name, e.Key)
		}
	}
}

// keyOf is the route key that routeKey takes apart.
func keyOf(r cloud.APIRoute) string {
	if r.Path == "$default" {
		return r.Path
	}
	return r.Method + " " + r.Path
}
