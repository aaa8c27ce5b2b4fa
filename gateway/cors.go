package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
)

// preflight reports whether the request is a browser's question before a
// cross-origin request, which an HTTP API with CORS answers itself. Where a
// route catches the method, as $default and ANY do, its authorizer comes first
// and refuses what browsers send without a token.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
func (x *exchange) preflight() bool {
	return x.http() && x.api.CORS != nil && x.method == http.MethodOptions &&
		x.r.Header.Get("Origin") != "" && x.r.Header.Get("Access-Control-Request-Method") != ""
}

// answerPreflight is 204 with what the API allows; an origin that is not
// allowed learns nothing.
func (x *exchange) answerPreflight() *answer {
	c := x.api.CORS
	a := &answer{status: http.StatusNoContent, header: http.Header{}, own: true}
	if !x.originAllowed(a.header) {
		return a
	}
	list := func(name string, values []string) {
		if len(values) > 0 {
			a.header[name] = []string{strings.Join(values, ",")}
		}
	}
	list("Access-Control-Allow-Methods", c.Methods)
	list("Access-Control-Allow-Headers", c.Headers)
	if c.MaxAge >= 0 {
		a.header["Access-Control-Max-Age"] = []string{strconv.Itoa(c.MaxAge)}
	}
	return a
}

// addCORS puts the API's headers on an answer of the integration, whose own it
// ignores.
func (x *exchange) addCORS(h http.Header, a *answer) {
	if x.api.CORS == nil || a.own {
		return
	}
	for name := range h {
		if strings.HasPrefix(http.CanonicalHeaderKey(name), "Access-Control-") {
			delete(h, name)
		}
	}
	if x.originAllowed(h) && len(x.api.CORS.Expose) > 0 {
		h["Access-Control-Expose-Headers"] = []string{strings.Join(x.api.CORS.Expose, ",")}
	}
}

// originAllowed sets the headers that name the origin, if it is allowed.
func (x *exchange) originAllowed(h http.Header) bool {
	c, origin := x.api.CORS, x.r.Header.Get("Origin")
	switch {
	case origin == "":
		return false
	case slices.Contains(c.Origins, "*"):
		h["Access-Control-Allow-Origin"] = []string{"*"}
	case allows(c, origin):
		h["Access-Control-Allow-Origin"] = []string{origin}
		h["Vary"] = append(h["Vary"], "Origin")
	default:
		return false
	}
	if c.Credentials {
		h["Access-Control-Allow-Credentials"] = []string{"true"}
	}
	return true
}

// allows compares an origin with those of the API, of which http://* and
// https://* stand for all of their scheme.
// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html#apis-apiid-model-cors
func allows(c *cloud.CORS, origin string) bool {
	return slices.ContainsFunc(c.Origins, func(o string) bool {
		scheme, all := strings.CutSuffix(o, "*")
		return strings.EqualFold(o, origin) || all && strings.HasSuffix(scheme, "://") && strings.HasPrefix(strings.ToLower(origin), scheme)
	})
}

// integrate asks what stands behind the route.
func (x *exchange) integrate() (*answer, error) {
	if x.preflight() {
		return x.answerPreflight(), nil
	}
	i := x.route.Integration
	if i == nil {
		return nil, x.misconfigured("the method has no integration")
	}
	switch i.Kind {
	case cloud.LambdaProxy:
		return x.throughCache(i, x.invoke)
	case cloud.HTTPProxy:
		return x.throughCache(i, x.forward)
	case cloud.Mock, cloud.LambdaCustom, cloud.HTTPCustom:
		return x.throughCache(i, x.custom)
	}
	return nil, notHere("bailey does not have " + i.Kind.String() + " integrations")
}
