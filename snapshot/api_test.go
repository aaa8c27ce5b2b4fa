package snapshot

import (
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"bailey/cloud"
)

// specOf is the Spec of a world.
func specOf(t *testing.T, world string) cloud.Spec {
	t.Helper()
	a, err := txtar.ParseFile("testdata/worlds/" + world + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filesOf(a)
	s, diags := Read("snap", files)
	spec, found := s.Spec(s.Environments()[0], cloud.Spec{})
	if diags.HasErrors() || found.HasErrors() {
		t.Fatal(diags, found)
	}
	return spec
}

func TestRestAPI(t *testing.T) {
	apis := specOf(t, "rest_api").APIs
	if len(apis) != 2 || len(apis[1].Routes) != 0 {
		t.Fatalf("the APIs are %+v", apis)
	}
	a := apis[0]
	if a.Name != "Shop" || a.APIName != "shop" || a.Kind != cloud.RESTAPI || a.Endpoint != cloud.RegionalEndpoint || a.Policy == nil || len(a.Routes) != 1 || len(a.Stages) != 1 || len(a.Open) > 0 {
		t.Fatalf("the API is %+v", a)
	}
	r := a.Routes[0]
	if fn := r.Integration.Function.Or(cloud.ARN{}); r.Method != "GET" || r.Path != "/items" || r.Auth.Kind != cloud.AuthNone || r.Integration.Kind != cloud.LambdaProxy || fn.Resource != "function:fn" ||
		r.Integration.Timeout != 29*time.Second || len(r.Integration.Responses) != 1 || r.Responses[0].Models["application/json"] != "Empty" || r.At.Line == 0 {
		t.Errorf("the route is %+v, behind it %+v", r, r.Integration)
	}
	if rule := a.Stages[0].Routes["GET /items"]; rule.Throttle == nil || *rule.Throttle != (cloud.Throttle{Rate: 10.5, Burst: 5}) {
		t.Errorf("the stage is %+v", a.Stages[0])
	}
}

func TestHTTPAPI(t *testing.T) {
	apis := specOf(t, "http_api").APIs
	if len(apis) != 1 || len(apis[0].Routes) != 2 || len(apis[0].Authorizers) != 1 || len(apis[0].Open) > 0 {
		t.Fatalf("the APIs are %+v", apis)
	}
	z, get, rest := apis[0].Authorizers[0], apis[0].Routes[0], apis[0].Routes[1]
	if z.Kind != cloud.JWTAuthorizer || z.Issuer.Or("") != "https://issuer.example" || len(z.Audience.Or(nil)) != 1 || len(z.Identity) != 1 {
		t.Errorf("the authorizer is %+v", z)
	}
	if get.Method != "GET" || get.Path != "/items" || get.Auth.Kind != cloud.AuthJWT || get.Auth.Authorizer != z.ID || len(get.Auth.Scopes) != 1 || get.Integration.Payload != "2.0" {
		t.Errorf("the route is %+v", get)
	}
	if rest.Method != "ANY" || rest.Path != "$default" || rest.Auth.Kind != cloud.AuthNone || rest.Integration.Kind != cloud.HTTPProxy || rest.Integration.URL.Or("") != "https://example.com" {
		t.Errorf("the route is %+v", rest)
	}
	if s := apis[0].Stages[0]; !s.AutoDeploy || s.Routes["GET /items"].Throttle.Rate != 2.5 {
		t.Errorf("the stage is %+v", s)
	}
}
