package gateway

import (
	"slices"
	"sync"
	"time"

	"bailey/cloud"
)

// An apiKey is an API key with the usage plans that it belongs to.
type apiKey struct {
	cloud.APIKey
	value string
	plans []cloud.UsagePlan
}

func (g *Gateway) compileKeys(m *cloud.Model) map[string]*apiKey {
	out := map[string]*apiKey{}
	for declared := range m.APIKeys() {
		value, known := declared.Value.Get()
		if !known || value == "" {
			continue
		}
		k := &apiKey{APIKey: declared, value: value}
		for plan := range m.UsagePlans() {
			if slices.Contains(plan.Keys, declared.ID) {
				k.plans = append(k.plans, plan)
			}
		}
		out[value] = k
	}
	return out
}

// checkPlan finds the API key that the method requires, and asks its usage
// plan. A key alone is no authorization: it must be of a plan of this stage.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
func (x *exchange) checkPlan() error {
	required, known := x.route.KeyRequired.Get()
	if !known {
		gap, _ := x.route.KeyRequired.Gap()
		return notHere("bailey does not know whether " + x.route.key + " needs an API key: " + gap.Because)
	}
	if !required {
		return nil
	}
	value := x.r.Header.Get("X-Api-Key")
	if x.api.KeySource == "AUTHORIZER" {
		value = x.granted.usageKey
	}
	k := x.apis.keys[value]
	switch {
	case value == "":
		return refuse(invalidAPIKey, "api key", "the method needs an API key, and there is none")
	case k == nil:
		return refuse(invalidAPIKey, "api key", "there is no such API key")
	case !k.Enabled:
		return refuse(invalidAPIKey, "api key", "the API key %s is not enabled", k.KeyName)
	}
	for _, plan := range k.plans {
		for _, s := range plan.Stages {
			if s.API == x.api.ID && s.Stage == x.stage.StageName {
				x.key = k
				return x.use(k, plan, s)
			}
		}
	}
	return refuse(invalidAPIKey, "api key", "the API key %s is of no usage plan for the stage %s", k.KeyName, x.stage.StageName)
}

// use counts a request against a plan: the throttle of the method, else of the
// plan, then the quota.
func (x *exchange) use(k *apiKey, plan cloud.UsagePlan, s cloud.PlanStage) error {
	limit, key := plan.Throttle, "plan/"+plan.ID+"/"+k.ID
	if t, ok := s.Routes[x.planRoute()]; ok {
		limit, key = &t, key+"/"+x.api.ID+"/"+s.Stage+"/"+x.planRoute()
	}
	if limit != nil {
		b := x.g.limits.bucket(key, within(*limit, x.g.config.Account))
		if !b.take(x.now) {
			return refuse(throttled, "usage plan", "the plan %s gives the API key %s %g requests a second with a burst of %d",
				plan.PlanName, k.KeyName, b.limit.Rate, b.limit.Burst)
		}
	}
	if plan.Quota == nil || x.g.limits.quota("plan/"+plan.ID+"/"+k.ID).take(*plan.Quota, x.now) {
		return nil
	}
	return refuse(quotaExceeded, "usage plan", "the plan %s gives the API key %s %d requests a %s", plan.PlanName, k.KeyName, plan.Quota.Limit, plan.Quota.Period)
}

// A quota counts requests within a period.
type quota struct {
	mu    sync.Mutex
	begun time.Time
	used  int
}

func (l *limits) quota(key string) *quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.quotas[key] == nil {
		l.quotas[key] = &quota{}
	}
	return l.quotas[key]
}

func (q *quota) take(limit cloud.Quota, now time.Time) bool {
	begun := periodOf(limit, now.UTC())
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.begun.Equal(begun) {
		q.begun, q.used = begun, 0
	}
	if q.used >= limit.Limit {
		return false
	}
	q.used++
	return true
}

// periodOf is when the period of a moment began: at midnight UTC, of a week on
// Sunday and of a month on its first day, Offset days later.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-usageplan-quotasettings.html
func periodOf(q cloud.Quota, now time.Time) time.Time {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch q.Period {
	case "WEEK":
		return day.AddDate(0, 0, -((int(day.Weekday())-q.Offset)%7+7)%7)
	case "MONTH":
		first := time.Date(now.Year(), now.Month(), 1+q.Offset, 0, 0, 0, 0, time.UTC)
		if first.After(now) {
			first = time.Date(now.Year(), now.Month()-1, 1+q.Offset, 0, 0, 0, 0, time.UTC)
		}
		return first
	}
	return day
}
