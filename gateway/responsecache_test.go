package gateway_test

import (
	"fmt"
	"testing"
	"time"

	"bailey/cloud"
)

// cached is an API whose stage has a cache, with settings by method and path.
func cached(t *testing.T, settings map[string]cloud.StageRule, routes ...cloud.APIRoute) *stand {
	a := restAPI(routes...)
	a.Stages[0].CacheSizeGB, a.Stages[0].Routes = "0.5", settings
	n := 0
	return stood(t, a).on("f", func(map[string]any) (any, error) {
		n++
		return map[string]any{"statusCode": 200, "body": fmt.Sprint(n)}, nil
	})
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
func TestResponseCaches(t *testing.T) {
	keyed := func(names ...string) func(*cloud.APIRoute) {
		return func(r *cloud.APIRoute) { r.Integration.CacheKeys = names }
	}
	on := cloud.StageRule{Caching: true, CacheTTL: 5 * time.Minute}
	s := cached(t, map[string]cloud.StageRule{"* /*": on, "POST /asked": on, "GET /never": {Caching: true}, "GET /off": {}},
		route("GET /pets/{id}"), route("GET /by/{id}", keyed("method.request.path.id", "method.request.querystring.q", "method.request.header.X-Who")),
		route("POST /posted"), route("POST /asked"), route("GET /never"), route("GET /off"))
	s.gets("GET /prod/pets/1", nil, "200 1")
	s.gets("GET /prod/pets/1", nil, "200 1")
	s.gets("GET /prod/pets/2", nil, "200 1") // the path is no key by itself
	s.gets("GET /prod/by/1?q=a", nil, "200 2")
	s.gets("GET /prod/by/1?q=a&r=b", nil, "200 2")
	s.gets("GET /prod/by/2?q=a", nil, "200 3")
	s.gets("GET /prod/by/1?q=b", nil, "200 4")
	s.gets("GET /prod/by/1?q=a", headers{"X-Who": "ada"}, "200 5")
	s.gets("POST /prod/posted", nil, "200 6")
	s.gets("POST /prod/posted", nil, "200 7") // a setting for everything is for GET
	s.gets("POST /prod/asked", nil, "200 8")
	s.gets("POST /prod/asked", nil, "200 8")
	s.gets("GET /prod/never", nil, "200 9")
	s.gets("GET /prod/never", nil, "200 10") // a time to live of 0
	s.gets("GET /prod/off", nil, "200 11")
	s.gets("GET /prod/off", nil, "200 12")
	s.gets("GET /prod/pets/1", headers{"Cache-Control": "max-age=0"}, "200 13")
	s.gets("GET /prod/pets/1", nil, "200 13")
	s.pass(5 * time.Minute)
	s.gets("GET /prod/pets/1", nil, "200 14")
	if refused := s.gateway.Refused(); len(refused) > 0 {
		t.Error(refused)
	}
}

// The layers before the integration are asked of a cached answer too, a failure
// of the gateway's own is not kept, and an error of the endpoint's is.
func TestWhatACacheKeeps(t *testing.T) {
	on := map[string]cloud.StageRule{"* /*": {Caching: true, CacheTTL: time.Minute}}
	s := cached(t, on, route("GET /f", func(r *cloud.APIRoute) { r.KeyRequired = cloud.Known(false) }))
	s.denied["f"] = "no permission"
	s.gets("GET /prod/f", nil, `500 {"message": "Internal server error"}`)
	delete(s.denied, "f")
	s.on("f", says(map[string]any{"statusCode": 429, "body": "later"}))
	s.gets("GET /prod/f", nil, "429 later")
	s.on("f", says(fine))
	s.gets("GET /prod/f", nil, "429 later")
	s.gets("GET /prod/g", nil, `403 {"message":"Missing Authentication Token"}`)
}

// Without a cluster no setting caches anything.
func TestNoCacheCluster(t *testing.T) {
	s := cached(t, map[string]cloud.StageRule{"* /*": {Caching: true, CacheTTL: time.Minute}}, route("GET /f"))
	s.config.Model = model(t, func() cloud.API {
		a := restAPI(route("GET /f"))
		a.Stages[0].Routes = map[string]cloud.StageRule{"* /*": {Caching: true, CacheTTL: time.Minute}}
		return a
	}())
	s.restart()
	s.gets("GET /prod/f", nil, "200 1")
	s.gets("GET /prod/f", nil, "200 2")
}
