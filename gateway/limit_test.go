package gateway_test

import (
	"testing"
	"time"

	"bailey/cloud"
)

const (
	tooMany = `429 {"message":"Too Many Requests"}`
	noKey   = `403 {"message":"Forbidden"}`
)

// allowed counts how many of n calls pass.
func (s *stand) allowed(n int, what string, h headers) int {
	passed := 0
	for range n {
		if s.call(what, h).StatusCode == 200 {
			passed++
		}
	}
	return passed
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
func TestThrottlingOfStageAndRoute(t *testing.T) {
	a := httpAPI(route("GET /a"), route("GET /b"))
	a.Stages[0].Default = &cloud.Throttle{Rate: 2, Burst: 5}
	a.Stages[0].Routes = map[string]cloud.StageRule{"GET /b": {Throttle: &cloud.Throttle{Rate: 1, Burst: 1}}}
	s := stood(t, a).on("f", says(fine))
	if n := s.allowed(10, "GET /a", nil); n != 5 {
		t.Errorf("%d of a burst of 5 passed", n)
	}
	s.gets("GET /a", nil, tooMany)
	if n := s.allowed(3, "GET /b", nil); n != 1 {
		t.Errorf("%d of a burst of 1 passed", n)
	}
	s.pass(time.Second)
	if n := s.allowed(5, "GET /a", nil); n != 2 {
		t.Errorf("%d after a second at 2 a second", n)
	}
	s.pass(250 * time.Millisecond)
	s.gets("GET /a", nil, tooMany)
	s.pass(250 * time.Millisecond)
	s.gets("GET /a", nil, "200 fine")
	s.pass(time.Hour)
	if n := s.allowed(10, "GET /a", nil); n != 5 {
		t.Errorf("%d after an hour", n)
	}
	s.gateway.Swap(s.config.Model)
	s.gets("GET /a", nil, tooMany) // a new model fills no bucket
}

func TestThrottlingOfTheAccount(t *testing.T) {
	s := stood(t, restAPI(route("GET /a"), route("GET /b"))).on("f", says(fine))
	s.config.Account = cloud.Throttle{Rate: 1, Burst: 3}
	s.restart()
	if n := s.allowed(2, "GET /prod/a", nil) + s.allowed(2, "GET /prod/b", nil); n != 3 {
		t.Errorf("%d of a burst of 3 passed", n)
	}
	res := s.gets("GET /prod/a", nil, tooMany)
	if got := asSent(res.Header, "x-amzn-ErrorType")[0]; got != "TooManyRequestsException" {
		t.Error(got)
	}
}

func TestMethodsOfARESTStage(t *testing.T) {
	a := restAPI(route("ANY /a"), route("GET /b"))
	a.Stages[0].Routes = map[string]cloud.StageRule{
		"* /*":   {Throttle: &cloud.Throttle{Rate: 0, Burst: 3}},
		"GET /a": {Throttle: &cloud.Throttle{Rate: 0, Burst: 1}},
	}
	s := stood(t, a).on("f", says(fine))
	if n := s.allowed(5, "GET /prod/b", nil); n != 3 {
		t.Errorf("* /*: %d passed", n)
	}
	if n := s.allowed(5, "GET /prod/a", nil); n != 1 {
		t.Errorf("GET /a: %d passed", n)
	}
}

// keyed is a REST API behind a usage plan.
func keyed(t *testing.T, change func(*cloud.API, *cloud.UsagePlan)) *stand {
	a := restAPI(route("GET /a", func(r *cloud.APIRoute) { r.KeyRequired = cloud.Known(true) }), route("GET /open"))
	a.Stages = append(a.Stages, cloud.Stage{StageName: "test"})
	plan := cloud.UsagePlan{ID: "plan1", PlanName: "Basic", Keys: []string{"key1", "key2", "off"}, Stages: []cloud.PlanStage{{API: apiID, Stage: "prod"}}}
	if change != nil {
		change(&a, &plan)
	}
	return stood(t, a, func(s *cloud.Spec) {
		s.UsagePlans = []cloud.UsagePlan{plan}
		for _, id := range []string{"key1", "key2", "unplanned"} {
			s.APIKeys = append(s.APIKeys, cloud.APIKey{Meta: cloud.Meta{Name: id}, ID: id, Value: cloud.Known("value-of-" + id), Enabled: true})
		}
		s.APIKeys = append(s.APIKeys, cloud.APIKey{Meta: cloud.Meta{Name: "off"}, ID: "off", Value: cloud.Known("value-of-off")})
	}).on("f", says(fine))
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
func TestAPIKeys(t *testing.T) {
	s := keyed(t, nil)
	key := func(v string) headers { return headers{"X-Api-Key": v} }
	s.gets("GET /prod/a", key("value-of-key1"), "200 fine")
	if got := at(s.event(), "requestContext.identity.apiKeyId"); got != "key1" {
		t.Errorf("apiKeyId %v", got)
	}
	s.gets("GET /prod/open", nil, "200 fine")
	for _, v := range []string{"", "value-of-", "value-of-unplanned", "value-of-off", "key1"} {
		s.gets("GET /prod/a", key(v), noKey)
	}
	s.gets("GET /prod/a", nil, noKey)
	s.gets("GET /test/a", key("value-of-key1"), noKey) // the plan is not of this stage
}

func TestTheKeyThatAnAuthorizerNames(t *testing.T) {
	s := keyed(t, func(a *cloud.API, _ *cloud.UsagePlan) {
		a.KeySource = "AUTHORIZER"
		a.Routes[0].Auth = cloud.RouteAuth{Kind: cloud.AuthCustom, Authorizer: "z"}
		a.Authorizers = []cloud.Authorizer{{ID: "z", Kind: cloud.TokenAuthorizer, Function: arn("auth"), Identity: []string{"method.request.header.T"}}}
	}).on("auth", func(e map[string]any) (any, error) {
		return with(policy("Allow", "*"), "usageIdentifierKey", e["authorizationToken"]), nil
	})
	s.gets("GET /prod/a", headers{"T": "value-of-key2"}, "200 fine")
	s.gets("GET /prod/a", headers{"T": "other", "X-Api-Key": "value-of-key1"}, noKey)
}

func TestThrottleAndQuotaOfAPlan(t *testing.T) {
	s := keyed(t, func(_ *cloud.API, p *cloud.UsagePlan) {
		p.Throttle = &cloud.Throttle{Rate: 10, Burst: 2}
		p.Quota = &cloud.Quota{Limit: 3, Period: "DAY"}
	})
	one, two := headers{"X-Api-Key": "value-of-key1"}, headers{"X-Api-Key": "value-of-key2"}
	if n := s.allowed(4, "GET /prod/a", one); n != 2 {
		t.Errorf("%d of a burst of 2", n)
	}
	s.gets("GET /prod/a", one, tooMany)
	s.gets("GET /prod/a", two, "200 fine") // each client has its own
	s.pass(time.Second)
	s.gets("GET /prod/a", one, "200 fine")
	res := s.gets("GET /prod/a", one, `429 {"message":"Limit Exceeded"}`)
	if got := asSent(res.Header, "x-amzn-ErrorType")[0]; got != "LimitExceededException" {
		t.Error(got)
	}
	s.pass(12*time.Hour - 2*time.Second)
	s.gets("GET /prod/a", one, `429 {"message":"Limit Exceeded"}`)
	s.pass(time.Second) // midnight
	s.gets("GET /prod/a", one, "200 fine")
}

func TestTheThrottleOfAPlansMethod(t *testing.T) {
	s := keyed(t, func(_ *cloud.API, p *cloud.UsagePlan) {
		p.Throttle = &cloud.Throttle{Rate: 0, Burst: 100}
		p.Stages[0].Routes = map[string]cloud.Throttle{"GET /a": {Rate: 0, Burst: 1}}
	})
	if n := s.allowed(3, "GET /prod/a", headers{"X-Api-Key": "value-of-key1"}); n != 1 {
		t.Errorf("%d passed", n)
	}
}

// A key is asked for behind the authorizer: who is not authorized uses nothing
// up.
func TestWhoIsNotAuthorizedUsesNothingUp(t *testing.T) {
	a := byToken(0)
	a.Stages[0].Routes = map[string]cloud.StageRule{"* /*": {Throttle: &cloud.Throttle{Rate: 0, Burst: 1}}}
	s := stood(t, a).on("f", says(fine)).on("auth", says(policy("Allow", "*")))
	for range 3 {
		s.gets("GET /prod/a", nil, restUnauthorized)
	}
	s.gets("GET /prod/a", headers{"Authorization": "token"}, "200 fine")
	s.gets("GET /prod/a", headers{"Authorization": "token"}, tooMany)
}
