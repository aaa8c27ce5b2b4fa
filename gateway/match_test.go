package gateway_test

import (
	"testing"

	"bailey/cloud"
)

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
func TestAnHTTPAPIChoosesTheMostSpecificRoute(t *testing.T) {
	pets := []string{"GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"}
	tests := []struct {
		routes []string
		call   string
		want   string // the route key; empty: Not Found
	}{
		{pets, "GET /pets/dog/1", "GET /pets/dog/1"},
		{pets, "GET /pets/dog/2", "GET /pets/dog/{id}"},
		{pets, "GET /pets/cat/1", "GET /pets/{proxy+}"},
		{pets, "POST /test/5", "ANY /{proxy+}"},
		{pets, "POST /pets/dog/1", "ANY /{proxy+}"},
		{pets, "GET /", "$default"},
		{[]string{"ANY /pets", "GET /pets"}, "GET /pets", "GET /pets"},
		{[]string{"ANY /pets", "GET /pets"}, "PUT /pets", "ANY /pets"},
		{[]string{"ANY /pets", "GET /{proxy+}"}, "GET /pets", "ANY /pets"},
		{[]string{"GET /a/b/d", "GET /a/{proxy+}"}, "GET /a/b/c", "GET /a/{proxy+}"},
		{[]string{"GET /a/{x}/z", "GET /a/b/{y}"}, "GET /a/b/z", "GET /a/b/{y}"},
		{[]string{"GET /a/{x}/z", "GET /a/b/{y}"}, "GET /a/c/z", "GET /a/{x}/z"},
		{[]string{"GET /pets"}, "GET /pets/", ""},
		{[]string{"GET /pets"}, "GET /Pets", ""},
		{[]string{"GET /pets"}, "POST /pets", ""},
		{[]string{"GET /pets/{proxy+}"}, "GET /pets", ""},
		{[]string{"GET /pets/{id}"}, "GET /pets/", ""},
		{[]string{"GET /"}, "GET /", "GET /"},
		{[]string{"GET /a b"}, "GET /a%20b", "GET /a b"},
	}
	for _, test := range tests {
		a := httpAPI()
		for _, key := range test.routes {
			a.Routes = append(a.Routes, route(key))
		}
		s := stood(t, a).on("f", says(fine))
		if test.want == "" {
			s.gets(test.call, nil, `404 {"message":"Not Found"}`)
			continue
		}
		s.gets(test.call, nil, "200 fine")
		if got := s.event()["routeKey"]; got != test.want {
			t.Errorf("%s over %q: route %v, want %s", test.call, test.routes, got, test.want)
		}
	}
}

// A REST API chooses the resource first. A method that the resource lacks is
// looked for nowhere else.
func TestARESTAPIChoosesTheResourceThenTheMethod(t *testing.T) {
	const missing = `403 {"message":"Missing Authentication Token"}`
	tests := []struct {
		routes []string
		call   string
		want   string // the resource; else the refusal
	}{
		{[]string{"GET /pets", "GET /{id}", "ANY /{proxy+}"}, "GET /prod/pets", "/pets"},
		{[]string{"GET /pets", "GET /{id}", "ANY /{proxy+}"}, "GET /prod/cats", "/{id}"},
		{[]string{"GET /pets", "GET /{id}", "ANY /{proxy+}"}, "GET /prod/cats/1", "/{proxy+}"},
		{[]string{"GET /pets", "ANY /{proxy+}"}, "POST /prod/pets", missing},
		{[]string{"GET /pets"}, "GET /prod/pets/", "/pets"},
		{[]string{"GET /pets"}, "GET /prod/other", missing},
		{[]string{"GET /pets"}, "GET /prod", missing},
		{[]string{"GET /hardcoded", "ANY /{proxy+}"}, "GET /prod//hardcoded", "/hardcoded"},
		{[]string{"ANY /pets"}, "TRACE /prod/pets", missing}, // ANY stands for the methods that a REST API has
		{[]string{"ANY /pets"}, "PURGE /prod/pets", missing},
		{[]string{"GET /"}, "GET /prod", "/"},
		{[]string{"GET /"}, "GET /prod/", "/"},
		{[]string{"GET /a/b/d", "GET /a/{proxy+}"}, "GET /prod/a/b/c", "/a/{proxy+}"},
		{[]string{"GET /pets"}, "GET /test/pets", `403 {"message":"Forbidden"}`},
		{[]string{"GET /pets"}, "GET /pets", `403 {"message":"Forbidden"}`},
	}
	for _, test := range tests {
		a := restAPI()
		for _, key := range test.routes {
			a.Routes = append(a.Routes, route(key))
		}
		s := stood(t, a).on("f", says(fine))
		if test.want[0] == '/' {
			s.gets(test.call, nil, "200 fine")
			if got := s.event()["resource"]; got != test.want {
				t.Errorf("%s over %q: resource %v, want %s", test.call, test.routes, got, test.want)
			}
			continue
		}
		s.gets(test.call, nil, test.want)
	}
}

// A REST API's client may name another method than it sends: that one is
// matched, authorized and told to the function, and the header goes no further
// unless the integration maps it.
func TestAMethodThatIsOverridden(t *testing.T) {
	override := func(method string) headers { return headers{"X-HTTP-Method-Override": method} }
	a := restAPI(route("GET /pets"), route("DELETE /pets", func(r *cloud.APIRoute) {
		r.Integration.Params = map[string]string{"integration.request.header.X-HTTP-Method-Override": "method.request.header.X-HTTP-Method-Override"}
	}))
	s := stood(t, a).on("f", says(fine))
	s.gets("POST /prod/pets", nil, `403 {"message":"Missing Authentication Token"}`)
	s.gets("POST /prod/pets", override("GET"), "200 fine")
	e := s.event()
	if e["httpMethod"] != "GET" || at(e, "requestContext.httpMethod") != "GET" || at(e, "headers.X-Http-Method-Override") != nil {
		t.Errorf("the function got %v", e)
	}
	s.gets("POST /prod/pets", override("DELETE"), "200 fine")
	if e = s.event(); e["httpMethod"] != "DELETE" || at(e, "headers.X-HTTP-Method-Override") != "DELETE" {
		t.Errorf("the function got %v", e)
	}
	// What is no method says nothing: it would stand in the method's ARN.
	s.gets("GET /prod/pets", override("GET/pets"), "200 fine")
	s.gets("GET /prod/pets", override("PUT"), `403 {"message":"Missing Authentication Token"}`)

	under := stood(t, under(t, restAPI(route("ANY /pets")), `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"execute-api:/prod/GET/*"}`)).on("f", says(fine))
	if res := under.call("GET /prod/pets", override("DELETE")); res.StatusCode != 403 {
		t.Errorf("a policy for GET lets DELETE through: %d", res.StatusCode)
	}

	http := stood(t, httpAPI(route("GET /pets"))).on("f", says(fine))
	http.gets("POST /pets", override("GET"), `404 {"message":"Not Found"}`)
}

func TestStagesAndNames(t *testing.T) {
	a := httpAPI(route("GET /pets"))
	a.Stages = append(a.Stages, cloud.Stage{StageName: "test", Variables: map[string]cloud.Value[string]{"v": cloud.Known("7")}})
	rest := restAPI(route("GET /pets"))
	rest.ID, rest.Name, rest.Endpoint, rest.DefaultHost, rest.MinCompression = "rest567890", "Rest", cloud.RegionalEndpoint, cloud.Known(true), -1
	s := stood(t, a, func(spec *cloud.Spec) {
		spec.APIs = append(spec.APIs, rest)
		spec.DomainNames = []cloud.DomainName{
			{Host: "api.example.com", Mappings: []cloud.DomainMapping{{API: apiID, Stage: "test"}, {Path: "v1/orders", API: "rest567890", Stage: "prod"}, {Path: "v1", API: apiID, Stage: "$default"}}},
			{Host: "*.example.org", Mappings: []cloud.DomainMapping{{Path: "any", API: "rest567890"}}},
		}
	}).on("f", says(fine))
	tests := []struct{ host, call, stage, path string }{
		{host, "GET /pets", "$default", "/pets"},
		{host, "GET /test/pets", "test", "/test/pets"},
		{host + ":443", "GET /pets", "$default", "/pets"},
		{apiID + ".execute-api.localhost:4566", "GET /test/pets", "test", "/test/pets"},
		{"localhost:4566", "GET /restapis/" + apiID + "/test/_user_request_/pets", "test", "/test/pets"},
		{"127.0.0.1:4566", "GET /restapis/rest567890/prod/_user_request_/pets", "prod", "/pets"},
		{"api.example.com", "GET /pets", "test", "/test/pets"},
		{"API.example.com", "GET /v1/pets", "$default", "/pets"},
		{"api.example.com", "GET /v1/orders/pets", "prod", "/v1/orders/pets"},
		{"x.example.org", "GET /any/prod/pets", "prod", "/any/prod/pets"},
	}
	for _, test := range tests {
		s.gets(test.call, headers{"Host": test.host}, "200 fine")
		e := s.event()
		path, _ := e["rawPath"].(string)
		if path == "" {
			path, _ = e["path"].(string)
		}
		if stage := at(e, "requestContext.stage"); stage != test.stage || path != test.path {
			t.Errorf("%s %s: stage %v path %s, want %s %s", test.host, test.call, stage, path, test.stage, test.path)
		}
	}
	for host, want := range map[string]string{
		"other12345.execute-api.us-east-1.amazonaws.com": `403 {"message":"Forbidden"}`,
		"other12345.execute-api.localhost":               `403 {"message":"Forbidden"}`,
		"api.example.com":                                `404 {"message":"Not Found"}`,
	} {
		s.gets("GET /v1x", headers{"Host": host}, want)
	}
}

func TestNamesThatAreOff(t *testing.T) {
	off := func(a cloud.API) *stand {
		m := model(t, a, func(s *cloud.Spec) { s.APIs[0].DefaultHost = cloud.Known(false) })
		return standing(t, m).on("f", says(fine))
	}
	off(httpAPI(route("GET /"))).gets("GET /", nil, `404 {"message":"Not Found"}`)
	off(restAPI(route("GET /"))).gets("GET /prod", nil, `403 {"message":"Forbidden"}`)
}

func TestStageVariablesChooseTheFunction(t *testing.T) {
	a := httpAPI(route("GET /", leads("f:${stageVariables.alias}")))
	a.Stages[0].Variables = map[string]cloud.Value[string]{"alias": cloud.Known("live")}
	s := stood(t, a).on("f:live", says(fine))
	s.gets("GET /", nil, "200 fine")
	if got := at(s.event(), "stageVariables.alias"); got != "live" {
		t.Errorf("stageVariables: %v", got)
	}
}
